"""The pages of a dynamic registration, which an LMS opens for its administrator (Dynamic Registration 1.0 §3).

The address holds a one-time link of ours and the query a token of the LMS's: neither is ever logged, and neither goes
into a Referer. A registration that the LMS refuses leaves the link as it was.
"""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from flask import Response, g, make_response, render_template
from pydantic import BeforeValidator, Field

from lms_plc.core.ids import new_reference
from lms_plc.house import house
from lms_plc.people.guards import comes_from_our_own_page
from lms_plc.people.registry import as_kept
from lms_plc.sites import registering
from lms_plc.sites.actions import LONGEST_NAME, Registration, SiteProblem
from lms_plc.sites.outgoing import registration_http
from lms_plc.sites.registering import Agreed, LinkSpent, NameTaken, NotTheirs, OpenLink, Stored
from lms_plc.sites.registration import (
    CUSTOM_PARAMETERS,
    FINISHING,
    PRODUCTS,
    SCOPES,
    family_of,
    tool_profile,
    tool_values,
)
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import N_, gettext
from lti import registration as lti_registration
from lti.http import Http
from lti.login import origin_of
from lti.refusals import Reason, Refusal
from lti.registration import PlatformConfiguration, Registered, RegistrationRefused

log = structlog.get_logger("lms_plc.registration")

LONGEST_FAMILY = 60
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+", re.ASCII)

LINK_UNKNOWN = Reason(
    "registration_link_unknown",
    403,
    N_(
        "This registration link does not work any more: it was used, or it ran out. Ask whoever runs this tool for"
        " another."
    ),
    N_("No open registration link has this address. Make a new one at the desk, or with: lms-plc lti links make"),
)
FOREIGN_PAGE = Reason(
    "registration_from_elsewhere",
    403,
    N_("This was not sent from this page. Go back to your learning platform and start the registration there again."),
    N_("The form came from another site, or the browser says nothing of where it came from."),
)
USED_MEANWHILE = Reason(
    "registration_link_used_meanwhile",
    409,
    N_(
        "Somebody else used this registration link a moment ago. Your learning platform has an entry for this tool now"
        " that leads nowhere: remove it there, and ask whoever runs this tool for another link."
    ),
    N_("The link was used while the platform %(issuer)s answered; its client ID %(client_id)s is not known here."),
)
NOT_STORED = Reason(
    "registration_not_stored",
    409,
    N_(
        "Your learning platform took this tool, but its answer could not be kept here. Remove the new entry there, then"
        " start again with the same link."
    ),
    N_("The answer of %(issuer)s, client ID %(client_id)s, could not be stored: %(problem)s"),
)


NOT_THEIRS = Reason(
    "registration_not_theirs",
    403,
    N_(
        "This address belongs to a learning platform that is known here, and what was said of it just now is different."
        " Nothing was changed. Please ask whoever runs this tool."
    ),
    N_("The configuration of %(issuer)s was not accepted: %(problem)s"),
)


class SiteNameForm(TypedForm):
    """What the LMS's administrator calls their site here."""

    site_name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(as_kept)]


def register(link: str | None, method: str, fields: Mapping[str, str]) -> Response:
    """Answers /lti/register, with a link or without one. ``fields`` are openid_configuration, registration_token and
    site_name, as far as they came."""
    if link is None:
        return _quietly(_without_link())
    with house().database.read() as connection:
        found = registering.open_link(connection, link, house().clock())
    if found is None:
        return _quietly(_refuse(Refusal(LINK_UNKNOWN)))
    if method == "POST" and not comes_from_our_own_page():
        return _quietly(_refuse(Refusal(FOREIGN_PAGE)))
    g.frame_origin = _frames(fields.get("openid_configuration", ""))
    try:
        return _quietly(_with_link(link, found, method, fields))
    except Refusal as refusal:
        return _quietly(_refuse(refusal))


def _with_link(link: str, found: OpenLink, method: str, fields: Mapping[str, str]) -> Response:
    """The question, or what came of the answer. Raises Refusal."""
    settings = house().settings
    http = registration_http(settings)
    configuration = lti_registration.fetch_configuration(
        http,
        fields.get("openid_configuration", ""),
        fields.get("registration_token") or None,
        allow_http=settings.allow_private_hosts,
    )
    # a hosted LMS shows us in the frame of the school's own address, where its registration endpoint is too
    g.frame_origin = _frames(fields["openid_configuration"], configuration.registration_url)
    with house().database.read() as connection:
        known = registering.is_known(connection, configuration.issuer)
        try:
            registering.require_theirs(connection, _values(configuration, client_id=""), found.site_name)
        except NotTheirs as problem:
            raise Refusal(NOT_THEIRS, issuer=configuration.issuer, problem=problem) from None
    if method == "GET":
        name = found.site_name or urlsplit(configuration.issuer).netloc
        return _ask(configuration, fields, known, Answer(None, [], {"site_name": name}))
    answer = Answer(None, [], fields) if known else _read_name(found, fields)
    if answer.errors:
        return _ask(configuration, fields, known, answer)
    return _connect(http, link, configuration, fields, answer.form.site_name if answer.form else None)


def _read_name(found: OpenLink, fields: Mapping[str, str]) -> Answer[SiteNameForm]:
    answer = read_form(SiteNameForm, {"site_name": "", **fields})
    if answer.form is None:
        return answer
    name = answer.form.site_name
    with house().database.read() as connection:
        if registering.name_is_free(connection, name, joins=name == found.site_name):
            return answer
    taken = gettext("Another learning platform is called so here. Please choose another name.")
    return answer.refused("site_name", taken)


def _connect(
    http: Http, link: str, configuration: PlatformConfiguration, fields: Mapping[str, str], site_name: str | None
) -> Response:
    settings, at = house().settings, house().clock()
    profile = tool_profile(settings.base_url)
    registered = lti_registration.register(http, configuration, profile, fields.get("registration_token") or None)
    said = {"issuer": configuration.issuer, "client_id": registered.client_id}
    try:
        with house().database.write() as session:
            stored = registering.register_by_link(
                session,
                link,
                _agreed(configuration, registered),
                site_name,
                at,
                allow_http=settings.allow_private_hosts,
            )
    except LinkSpent:
        raise Refusal(USED_MEANWHILE, **said) from None
    except NameTaken:
        raise Refusal(NOT_STORED, **said, problem="the name was given away meanwhile") from None
    except SiteProblem as problem:
        raise Refusal(NOT_STORED, **said, problem=problem) from None
    return _done(configuration, registered, stored)


def _agreed(configuration: PlatformConfiguration, registered: Registered) -> Agreed:
    """Of the platform's answer, what this tool asked for: an answer has no bounds, and a row should have some."""
    return Agreed(
        _values(configuration, registered.client_id, registered.deployment_id),
        registered_by="link",
        token_audience=configuration.token_audience,
        family=(configuration.product_family_code or "")[:LONGEST_FAMILY] or None,
        granted=[scope for scope in SCOPES if scope in registered.scopes],
        custom={name: registered.custom[name] for name in CUSTOM_PARAMETERS if name in registered.custom},
    )


def _values(configuration: PlatformConfiguration, client_id: str, deployment_id: str | None = None) -> Registration:
    return Registration(
        configuration.issuer,
        client_id,
        configuration.auth_url,
        configuration.token_url,
        configuration.jwks_url,
        deployment_id,
    )


def _without_link() -> Response:
    page = render_template(
        "sites/register.html",
        page_title=gettext("Register this tool in your learning platform"),
        values=[(gettext(label), value) for label, value in tool_values(house().settings.base_url)],
    )
    return make_response(page, 403)


def _ask(
    configuration: PlatformConfiguration, fields: Mapping[str, str], known: bool, answer: Answer[SiteNameForm]
) -> Response:
    page = render_template(
        "sites/register_connect.html",
        page_title=gettext("Connect %(host)s?", host=urlsplit(configuration.issuer).netloc),
        product=_product(configuration),
        known=known,
        carried={name: fields[name] for name in ("openid_configuration", "registration_token") if name in fields},
        answer=answer,
        errors=answer.errors,
    )
    return make_response(page, 422 if answer.errors else 200)


def _done(configuration: PlatformConfiguration, registered: Registered, stored: Stored) -> Response:
    log.info("registered by link", site=str(stored.site_id), platform=str(stored.platform_id))
    page = render_template(
        "sites/register_done.html",
        page_title=gettext("%(site)s is connected", site=stored.site_name),
        client_id=registered.client_id,
        waits=registered.deployment_id is None,
        next_step=gettext(FINISHING[family_of(configuration.product_family_code)]),
    )
    return make_response(page)


def _refuse(refusal: Refusal) -> Response:
    """Whoever reads this runs an LMS, so both texts are for them; the reference is the log's."""
    reference = new_reference()
    log.warning(
        "registration refused",
        code=refusal.code,
        reference=reference,
        **{f"said_{name}": value for name, value in refusal.values.items()},
    )
    page = render_template(
        "sites/register_refused.html",
        page_title=gettext("The learning platform was not connected"),
        person=gettext(refusal.person, **refusal.values),
        admin=gettext(refusal.admin, **refusal.values),
        again=isinstance(refusal, RegistrationRefused),
        code=refusal.code,
        reference=reference,
    )
    return make_response(page, refusal.status)


def _product(configuration: PlatformConfiguration) -> str | None:
    """“Moodle 4.5.6”: what the platform calls itself, without its build."""
    name = PRODUCTS.get(family_of(configuration.product_family_code), configuration.product_family_code)
    version = (configuration.version or "").partition(" (")[0]
    return f"{name} {version}".strip() if name else None


def _frames(*addresses: str) -> str:
    """Their origins as a policy names them; what is none is left out."""
    origins = [origin_of(address) or "" for address in addresses]
    return " ".join(dict.fromkeys(origin for origin in origins if _ORIGIN.fullmatch(origin)))


def _quietly(page: Response) -> Response:
    """The page's address is a secret: what it loads is told the host only."""
    page.headers["Referrer-Policy"] = "strict-origin"
    return page
