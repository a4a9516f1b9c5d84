"""What is pressed and typed where, LMS by LMS: in the words of each LMS's own English menus.

Menus move; each guide says which menu it means, and the values are the same everywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lms_plc.sites.registration import DESCRIPTION, NAME, OTHER, PRODUCTS, custom_lines, tool_values
from lms_plc.web.i18n import N_

Values = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Guide:
    """How one LMS is connected. Texts are message ids. ``by_link`` is empty where the LMS knows no registration links;
    ``values`` are (its name of the field, what goes in), and ``returned`` (its name, our field) what it shows then."""

    by_link: Sequence[str]
    by_hand: Sequence[str]
    values: Callable[[str], Values]
    returned: Values
    limits: Sequence[str]


def guide_name(family: str) -> str:
    return PRODUCTS.get(family, N_("Another learning platform"))


def _canvas(base: str) -> Values:
    return [
        (N_("Key Name"), NAME),
        (N_("Redirect URIs"), f"{base}/lti/launch"),
        (N_("Title"), NAME),
        (N_("Description"), DESCRIPTION),
        (N_("Target Link URI"), f"{base}/lti/launch"),
        (N_("OpenID Connect Initiation Url"), f"{base}/lti/login"),
        (N_("Public JWK URL"), f"{base}/lti/jwks"),
        (N_("Custom Fields"), custom_lines()),
    ]


def _sakai(base: str) -> Values:
    return [
        (N_("Title"), NAME),
        (N_("Launch URL"), f"{base}/lti/launch"),
        (N_("LTI 1.3 Tool Keyset URL"), f"{base}/lti/jwks"),
        (N_("LTI 1.3 Tool OpenID Connect/Initialization Endpoint"), f"{base}/lti/login"),
        (N_("LTI 1.3 Tool Redirect Endpoint"), f"{base}/lti/launch"),
        (N_("Custom parameters"), custom_lines()),
    ]


def _blackboard(base: str) -> Values:
    return [
        (N_("Application Name"), NAME),
        (N_("Description"), DESCRIPTION),
        (N_("Domain(s)"), base.partition("://")[2]),
        (N_("Login Initiation URL"), f"{base}/lti/login"),
        (N_("Tool Redirect URL(s)"), f"{base}/lti/launch"),
        (N_("Tool JWKS URL"), f"{base}/lti/jwks"),
        (N_("Signing Algorithm"), "RS256"),
        (N_("Custom Parameters"), custom_lines()),
    ]


def _brightspace(base: str) -> Values:
    return [
        (N_("Name"), NAME),
        (N_("Description"), DESCRIPTION),
        (N_("Domain"), base),
        (N_("Redirect URLs"), f"{base}/lti/launch"),
        (N_("OpenID Connect Login URL"), f"{base}/lti/login"),
        (N_("Target Link URI"), f"{base}/lti/launch"),
        (N_("Keyset URL"), f"{base}/lti/jwks"),
        (N_("Custom Parameters"), custom_lines()),
    ]


def _other(base: str) -> Values:
    return [
        (N_("Tool name"), NAME),
        (N_("Target link URI, launch URL"), f"{base}/lti/launch"),
        (N_("Initiate login URL, OIDC login URL"), f"{base}/lti/login"),
        (N_("Redirect URI"), f"{base}/lti/launch"),
        (N_("Public keyset, JWKS URL"), f"{base}/lti/jwks"),
        (N_("Deep linking URL, content selection URL"), f"{base}/lti/launch"),
        (N_("Custom parameters"), custom_lines()),
    ]


GUIDES: Mapping[str, Guide] = MappingProxyType(
    {
        "moodle": Guide(
            by_link=(
                N_("Open Site administration > Plugins > Activity modules > External tool > Manage tools."),
                N_("Paste the registration link into “Tool URL…” and press “Add LTI Advantage”."),
                N_("Press “Connect” on the page that opens. Then press “Activate” on the new tool."),
                N_("Open the tool's settings and choose “Show in activity chooser and as a preconfigured tool”."),
            ),
            by_hand=(
                N_("Open Site administration > Plugins > Activity modules > External tool > Manage tools."),
                N_("Press “configure a tool manually”, fill in the fields below, and save."),
                N_("Press “View configuration details” on the new tool: these values go into this tool."),
            ),
            values=tool_values,
            returned=(
                (N_("Platform ID"), N_("Issuer")),
                (N_("Client ID"), N_("Client ID")),
                (N_("Deployment ID"), N_("Deployment ID")),
                (N_("Public keyset URL"), N_("Key set URL")),
                (N_("Access token URL"), N_("Token URL")),
                (N_("Authentication request URL"), N_("Sign-in URL")),
            ),
            limits=(
                N_("A teacher without editing rights comes as a teacher by a launch, and as a student by the roster."),
                N_("Moodle does not say when a course is copied. The copy is known by its first launch."),
                N_("Names of groups come by web services only: lms-plc sites connect"),
            ),
        ),
        "canvas": Guide(
            by_link=(
                N_("Open Admin > your account > Developer Keys, or Apps where your Canvas has that page."),
                N_("Press “+ Developer Key” and choose “+ LTI Registration”; paste the registration link there."),
                N_("Press “Connect” on the page that opens, look through what Canvas shows, and “Enable & Close”."),
                N_("Not every Canvas offers this. Where there is no “+ LTI Registration”, go by hand."),
            ),
            by_hand=(
                N_("Open Admin > your account > Developer Keys, press “+ Developer Key” and choose “+ LTI Key”."),
                N_("Choose the method “Manual Entry” and “Public JWK URL”, and fill in the fields below."),
                N_(
                    "Under “LTI Advantage Services” turn on what reads the members of a course, and what makes and"
                    " scores assignments."
                ),
                N_(
                    "As placements choose “Course Navigation” (LtiResourceLinkRequest) and “Link Selection”"
                    " (LtiDeepLinkingRequest). Under “Additional Settings” set the privacy level to “Name Only”."
                ),
                N_("Save, and turn the key's state on. The number in its “Details” column is the client ID."),
                N_(
                    "Open Settings > Apps > View App Configurations > + App, choose “By Client ID” and install it. Its"
                    " menu then shows the deployment ID."
                ),
            ),
            values=_canvas,
            returned=(
                ("https://canvas.instructure.com", N_("Issuer")),
                (N_("Number in the “Details” column"), N_("Client ID")),
                (N_("Deployment ID"), N_("Deployment ID")),
                ("https://sso.canvaslms.com/api/lti/security/jwks", N_("Key set URL")),
                ("https://sso.canvaslms.com/login/oauth2/token", N_("Token URL")),
                ("https://sso.canvaslms.com/api/lti/authorize_redirect", N_("Sign-in URL")),
            ),
            limits=(
                N_("A Canvas of your own has addresses of its own; the ones above are Instructure's."),
                N_("All hosted schools have the same issuer, so this tool takes them for one site."),
            ),
        ),
        "sakai": Guide(
            by_link=(
                N_("Open Administration Workspace > External Tools and choose “LTI Dynamic Registration”."),
                N_("Give the tool a title, paste the registration link, and start the registration."),
                N_("Press “Connect” on the page that opens, then look through the tool's form in Sakai and save it."),
                N_("Sakai 20.3, 21.1 and later have this; for an older one go by hand."),
            ),
            by_hand=(
                N_("Open Administration Workspace > External Tools > Install LTI 1.x Tool."),
                N_("Fill in the fields below. Let it send names, turn on all services, and no e-mail."),
                N_("Turn on “Tool supports LTI 1.3” and that it can receive a deep link launch."),
                N_("Save. The page that follows shows the values for this tool."),
            ),
            values=_sakai,
            returned=(
                (N_("LTI 1.3 Platform Issuer"), N_("Issuer")),
                (N_("LTI 1.3 Client Id"), N_("Client ID")),
                (N_("LTI 1.3 Deployment Id"), N_("Deployment ID")),
                (N_("LTI 1.3 Platform OAuth2 Well-Known/KeySet URL"), N_("Key set URL")),
                (N_("LTI 1.3 Platform OAuth2 Bearer Token Retrieval URL"), N_("Token URL")),
                (N_("LTI 1.3 Platform OIDC Authentication URL"), N_("Sign-in URL")),
            ),
            limits=(N_("Sites can have deployment IDs of their own; each waits for your approval once."),),
        ),
        "blackboard": Guide(
            by_link=(),
            by_hand=(
                N_(
                    "Whoever runs this tool registers it once, for all schools, at developer.anthology.com: “Register a"
                    " REST or LTI application”, with “My integration supports LTI 1.3” turned on."
                ),
                N_("Fill in the fields below. The application ID it shows is the client ID."),
                N_("In each Blackboard open Administrator Panel > LTI Tool Providers > Register LTI 1.3 Tool."),
                N_(
                    "Enter the client ID, approve the tool, and let it have roles, names and the membership and grade"
                    " services. The deployment ID is on that page."
                ),
                N_("Under “Manage Placements” make a deep linking content tool and a course tool."),
            ),
            values=_blackboard,
            returned=(
                (N_("Issuer"), N_("Issuer")),
                (N_("Application ID"), N_("Client ID")),
                (N_("Deployment ID"), N_("Deployment ID")),
                (N_("Public keyset URL"), N_("Key set URL")),
                (N_("Auth token endpoint"), N_("Token URL")),
                (N_("OIDC auth request endpoint"), N_("Sign-in URL")),
            ),
            limits=(
                N_("A Blackboard of a school starts no registration by link; the developer portal is for tool makers."),
                N_("All schools have the same issuer, so this tool takes them for one site with many deployments."),
            ),
        ),
        "brightspace": Guide(
            by_link=(
                N_("Open Admin Tools > Manage Extensibility > LTI Advantage and press “Register Tool”."),
                N_("Choose “Dynamic”, paste the registration link, and let it make the deployment if it offers to."),
                N_("Press “Connect” on the page that opens in a new tab. Then turn the registration on."),
                N_("Without a deployment make one: Admin Tools > External Learning Tools > New Deployment."),
            ),
            by_hand=(
                N_("Open Admin Tools > Manage Extensibility > LTI Advantage and press “Register Tool”."),
                N_("Choose “Standard” and fill in the fields below."),
                N_(
                    "Turn on the extensions “Assignment and Grade Services”, “Deep Linking” and “Names and Role"
                    " Provisioning Services”."
                ),
                N_("Make a deployment: Admin Tools > External Learning Tools > LTI Advantage > New Deployment."),
                N_("In the deployment's security settings let it send names, but no e-mail address."),
            ),
            values=_brightspace,
            returned=(
                (N_("Issuer"), N_("Issuer")),
                (N_("Client Id"), N_("Client ID")),
                (N_("Deployment Id"), N_("Deployment ID")),
                (N_("Brightspace Keyset URL"), N_("Key set URL")),
                (N_("Brightspace OAuth2 Access Token URL"), N_("Token URL")),
                (N_("OpenID Connect Authentication Endpoint"), N_("Sign-in URL")),
                (N_("Brightspace OAuth2 Audience"), N_("Token audience")),
            ),
            limits=(
                N_("Its token audience is not its token URL, and without it no service of Brightspace can be used."),
                N_("One address of this tool can be in one enabled registration only."),
            ),
        ),
        OTHER: Guide(
            by_link=(
                N_("Look where your platform's administrators add external tools: “LTI Advantage” or “LTI 1.3”."),
                N_("If it asks for a registration URL (dynamic registration), paste the registration link there."),
            ),
            by_hand=(
                N_("Choose LTI 1.3, and a key set URL as the kind of key. Fill in the fields below."),
                N_("Turn on deep linking, names and roles, and assignments and grades. Share names, but no e-mail."),
                N_("Then give this tool the values your platform shows."),
            ),
            values=_other,
            returned=(
                (N_("Platform ID, issuer"), N_("Issuer")),
                (N_("Client ID"), N_("Client ID")),
                (N_("Deployment ID"), N_("Deployment ID")),
                (N_("Public keyset, JWKS URL"), N_("Key set URL")),
                (N_("Access token URL"), N_("Token URL")),
                (N_("Authentication request URL, OIDC authorization endpoint"), N_("Sign-in URL")),
            ),
            limits=(N_("The platform has to speak LTI 1.3; one that knows LTI 1.1 only cannot be connected."),),
        ),
    }
)
