"""What does an LMS have to be told of this tool? As a profile for dynamic registration, and as values to type in."""

from collections.abc import Mapping
from types import MappingProxyType

from lms_plc.sites.looking import CONTEXT_HISTORY
from lms_plc.web.i18n import LOCALES, N_, gettext, speaking
from lti.claims import (
    DataPrivacyLaunchRequest,
    DeepLinkingRequest,
    ResourceLinkRequest,
    SubmissionReviewRequest,
)
from lti.registration import ToolMessage, ToolProfile
from lti.services import grades, groups, memberships, notices

NAME = N_("Learning communities")
DESCRIPTION = N_("Communities in which teachers share what they try in class, and get better at it together.")

RARE_SCOPES = frozenset({groups.SCOPE, notices.SCOPE})
"""Few LMSs have these; nobody needs to look for what is wrong where they are absent."""

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        memberships.SCOPE: N_("reading who is in a course"),
        grades.SCOPE_LINEITEM: N_("a column in the grade book for activities that count"),
        grades.SCOPE_SCORE: N_("telling the grade book who has done an activity"),
        grades.SCOPE_RESULT_READONLY: N_("seeing what the grade book keeps"),
        groups.SCOPE: N_("reading the groups of a course"),
        notices.SCOPE: N_("being told when a course is copied"),
    }
)
"""Scopes asked for → what each is for. A platform that has not heard of one is not asked for it."""

CUSTOM_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        CONTEXT_HISTORY: "$Context.id.history",
        "resource_link_id_history": "$ResourceLink.id.history",
        "person_sourcedid": "$Person.sourcedId",
        "moodle_group_ids": "$Moodle.Person.userGroupIds",
    }
)

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        CONTEXT_HISTORY: N_("a copied course is known as a copy"),
        "resource_link_id_history": N_("a copied activity is known as a copy"),
        "person_sourcedid": N_("people of a roster file are known when they come"),
        "moodle_group_ids": N_("groups of a Moodle course are known"),
    }
)
"""Custom parameter → what works because of it."""

CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "locale")
"""Personal data asked for: a name, and nothing to write to anybody with."""

_MESSAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (ResourceLinkRequest.message_type, NAME, ("course_navigation",)),
    (
        DeepLinkingRequest.message_type,
        N_("Place a learning community in your course"),
        ("ContentArea", "link_selection", "assignment_selection"),
    ),
    (SubmissionReviewRequest.message_type, N_("See what somebody did in the learning community"), ()),
    (DataPrivacyLaunchRequest.message_type, N_("What the learning communities keep about people"), ()),
)
"""Message type, its label, and where a platform may offer it: by 1EdTech's names and by Canvas's."""


def tool_profile(base_url: str) -> ToolProfile:
    """This tool as it introduces itself, in every language it speaks."""
    return ToolProfile(
        base_url=base_url,
        name=NAME,
        localised_names=_in_every_language(NAME),
        description=DESCRIPTION,
        localised_descriptions=_in_every_language(DESCRIPTION),
        logo_url=f"{base_url}/static/plc.svg",
        client_uri=base_url,
        messages=tuple(
            ToolMessage(kind, label=label, localised_labels=_in_every_language(label), placements=placements)
            for kind, label, placements in _MESSAGES
        ),
        scopes=tuple(SCOPES),
        claims=CLAIMS,
        custom_parameters=CUSTOM_PARAMETERS,
    )


def _in_every_language(message: str) -> dict[str, str]:
    """Language tag → text, where the language has one of its own."""
    texts = {}
    for locale in LOCALES:
        with speaking(locale):
            texts[locale.replace("_", "-")] = gettext(message)
    return {tag: text for tag, text in texts.items() if text != message}


def custom_lines() -> str:
    """The custom parameters as most LMSs want them typed: one a line."""
    return "\n".join(f"{name}={variable}" for name, variable in CUSTOM_PARAMETERS.items())


def tool_values(base_url: str) -> list[tuple[str, str]]:
    """Label (a message id; Moodle's English name of the field) and value, in the order of Moodle's form."""
    return [
        (N_("Tool name"), NAME),
        (N_("Tool URL"), f"{base_url}/lti/launch"),
        (N_("LTI version"), "LTI 1.3"),
        (N_("Public key type"), "Keyset URL"),
        (N_("Public keyset"), f"{base_url}/lti/jwks"),
        (N_("Initiate login URL"), f"{base_url}/lti/login"),
        (N_("Redirection URI(s)"), f"{base_url}/lti/launch"),
        (N_("Custom parameters"), custom_lines()),
        (N_("Tool configuration usage"), "Show in activity chooser and as a preconfigured tool"),
        (N_("Default launch container"), "Embed, without blocks"),
        (N_("Supports Deep Linking (Content-Item Message)"), "Yes"),
        (N_("Content Selection URL"), f"{base_url}/lti/launch"),
        (N_("IMS LTI Assignment and Grade Services"), "Use this service for grade sync and column management"),
        (N_("IMS LTI Names and Role Provisioning"), "Use this service to retrieve members' information"),
        (N_("Share launcher's name with tool"), "Always"),
        (N_("Share launcher's email with tool"), "Never"),
        (N_("Accept grades from the tool"), "Delegate to teacher"),
    ]


PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "moodle": "Moodle",
        "canvas": "Canvas",
        "sakai": "Sakai",
        "blackboard": "Blackboard",
        "brightspace": "Brightspace",
    }
)
"""The LMSs we know the menus of → what their makers call them."""

_CODES: Mapping[str, str] = MappingProxyType(
    {
        "blackboardlearn": "blackboard",
        "blackboard learn": "blackboard",
        "desire2learn": "brightspace",
        "d2l": "brightspace",
    }
)

OTHER = "other"


def family_of(product_family_code: str | None) -> str:
    """A key of ``PRODUCTS``, or ``other``, for what an LMS calls its product family."""
    code = (product_family_code or "").lower()
    code = _CODES.get(code, code)
    return code if code in PRODUCTS else OTHER


FINISHING: Mapping[str, str] = MappingProxyType(
    {
        "moodle": N_(
            "One more step in Moodle: in “Manage tools” the new tool waits; press “Activate”. To offer it in the"
            " activity chooser, open its settings and choose so under “Tool configuration usage”."
        ),
        "canvas": N_(
            "One more step in Canvas: look through the settings it shows next and press “Enable & Close”. Then see"
            " under “Apps” that the tool is installed for your account."
        ),
        "sakai": N_(
            "One more step in Sakai: go on with the tool's form there, see that it may send names, and save it."
        ),
        "blackboard": N_(
            "One more step in Blackboard: in the Administrator Panel, under “LTI Tool Providers”, register the tool"
            " with the client ID shown below, and approve it."
        ),
        "brightspace": N_(
            "One more step in Brightspace: turn the new registration on under “Manage Extensibility”, and make a"
            " deployment of it under “External Learning Tools” that may send names."
        ),
        OTHER: N_("Some learning platforms want the new tool to be activated before it is offered in courses."),
    }
)
"""Family → what the LMS's admin does after the registration."""
