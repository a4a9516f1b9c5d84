"""The desk's pages: coming in and leaving, the learning platforms, and connecting another one."""

from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms_plc.admin import actions, queries, seats
from lms_plc.admin.checks import judge, look_outside
from lms_plc.admin.forms import LABELS, AudienceForm, LinkForm, RegistrationForm, with_addresses_checked
from lms_plc.admin.guards import closed, desk_cookie
from lms_plc.admin.guides import GUIDES, guide_name
from lms_plc.admin.pages import desk_blueprint, trail
from lms_plc.core.policy import NotThere
from lms_plc.house import house
from lms_plc.sites import registering
from lms_plc.sites.actions import Registration
from lms_plc.sites.outgoing import fetcher
from lms_plc.sites.registering import Agreed, NameTaken
from lms_plc.sites.registration import PRODUCTS, family_of
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext

desk = desk_blueprint("admin")


@desk.get("/enter/<secret>")
def entrance(secret: str) -> str | AnyResponse:
    """One button: whatever looks at an address before a person does (a mail's preview) uses nothing up."""
    with house().database.read() as connection:
        offered = seats.is_offered(connection, secret, house().clock())
    if not offered:
        return closed()
    return render_template("admin/entrance.html", page_title=gettext("The operator's desk"))


@desk.post("/enter/<secret>")
def enter(secret: str) -> AnyResponse:
    with house().database.write() as session:
        cookie = seats.take(session, secret, house().clock())
    if cookie is None:
        return closed()
    entered = redirect(url_for(".overview"), 303)
    desk_cookie().write(entered, cookie)
    return entered


@desk.post("/leave")
def leave() -> Response:
    with house().database.write() as session:
        seats.leave(session, g.pop("desk"))
    page = make_response(render_template("admin/left.html", page_title=gettext("You have left the desk")))
    desk_cookie().forget(page)
    return page


@desk.get("/")
def overview() -> str:
    with house().database.read() as connection:
        sites = queries.overview(connection)
    return render_template("admin/overview.html", page_title=gettext("Learning platforms"), sites=sites)


@desk.get("/connect")
def connect() -> str:
    return _connect_page(Answer(None, [], {}))


@desk.post("/links")
def make_link() -> str | tuple[str, int]:
    """The address is on this page only: we keep its digest."""
    answer = read_form(LinkForm, request.form)
    if answer.form is None:
        return _connect_page(answer), 422
    at = house().clock()
    with house().database.write() as session:
        secret = registering.make_link(session, at, answer.form.site_name, via=actions.VIA)
    return render_template(
        "admin/link.html",
        page_title=gettext("A registration link"),
        address=f"{house().settings.base_url}/lti/register/{secret}",
        until=at + registering.LINK_LIFE,
        guides=_guides(),
    )


@desk.post("/links/<uuid:link_id>/withdraw")
def withdraw_link(link_id: UUID) -> AnyResponse:
    with house().database.write() as session:
        if not registering.withdraw_link(session, link_id, house().clock(), via=actions.VIA):
            raise NotThere("registration link")
    return redirect(url_for(".connect", done="withdrawn"), 303)


@desk.get("/connect/by-hand")
def by_hand() -> str:
    return _by_hand_page(Answer(None, [], {}))


@desk.post("/connect/by-hand")
def register_by_hand() -> AnyResponse | tuple[str, int]:
    allow_http = house().settings.allow_private_hosts
    answer = with_addresses_checked(read_form(RegistrationForm, request.form), allow_http=allow_http)
    if answer.form is None:
        return _by_hand_page(answer), 422
    form = answer.form
    values = Registration(form.issuer, form.client_id, form.auth_url, form.token_url, form.jwks_url, form.deployment_id)
    try:
        with house().database.write() as session:
            stored = registering.register(
                session,
                Agreed(values, token_audience=form.token_audience),
                form.name,
                house().clock(),
                via=actions.VIA,
                allow_http=allow_http,
            )
    except NameTaken:
        taken = gettext("Another learning platform is called so here. Please choose another name.")
        return _by_hand_page(answer.refused("name", taken)), 422
    return redirect(url_for(".registration", platform_id=stored.platform_id, done="registered"), 303)


@desk.get("/guide/<family>")
def guide(family: str) -> str:
    if family not in GUIDES:
        raise NotThere("guide")
    chosen, base_url = GUIDES[family], house().settings.base_url
    name = gettext(guide_name(family))
    return render_template(
        "admin/guide.html",
        page_title=gettext("Connect %(lms)s", lms=name),
        breadcrumbs=trail((url_for(".connect"), gettext("Connect a learning platform")), name),
        name=name,
        guide=chosen,
        values=chosen.values(base_url),
        translated=gettext,
    )


@desk.get("/registrations/<uuid:platform_id>")
def registration(platform_id: UUID) -> str:
    return _registration_page(platform_id, Answer(None, [], {}))


@desk.post("/registrations/<uuid:platform_id>/audience")
def change_audience(platform_id: UUID) -> AnyResponse | tuple[str, int]:
    answer = read_form(AudienceForm, request.form)
    if answer.form is None:
        return _registration_page(platform_id, answer), 422
    with house().database.write() as session:
        actions.change_token_audience(session, platform_id, answer.form.token_audience, house().clock())
    return redirect(url_for(".registration", platform_id=platform_id, done="changed"), 303)


@desk.get("/registrations/<uuid:platform_id>/remove")
def removal(platform_id: UUID) -> str:
    seen = _seen(platform_id)
    return render_template(
        "admin/removal.html",
        page_title=gettext("Remove this registration?"),
        breadcrumbs=trail((url_for(".registration", platform_id=seen.id), seen.site_name), gettext("Remove")),
        seen=seen,
    )


@desk.post("/registrations/<uuid:platform_id>/remove")
def remove(platform_id: UUID) -> AnyResponse:
    with house().database.write() as session:
        actions.remove_registration(session, platform_id, house().clock())
    return redirect(url_for(".overview", done="removed"), 303)


@desk.post("/deployments/<uuid:deployment>/approve")
def approve(deployment: UUID) -> AnyResponse:
    with house().database.write() as session:
        platform_id = actions.approve_deployment(session, deployment, house().clock())
    return redirect(url_for(".registration", platform_id=platform_id, done="approved"), 303)


@desk.post("/deployments/<uuid:deployment>/take-back")
def take_back(deployment: UUID) -> AnyResponse:
    with house().database.write() as session:
        platform_id = actions.take_back_approval(session, deployment, house().clock())
    return redirect(url_for(".registration", platform_id=platform_id, done="taken-back"), 303)


def _connect_page(answer: Answer[LinkForm]) -> str:
    with house().database.read() as connection:
        links = registering.open_links(connection, house().clock())
    title = gettext("Connect a learning platform")
    return render_template(
        "admin/connect.html",
        page_title=title,
        breadcrumbs=trail(None, title),
        links=links,
        guides=_guides(),
        answer=answer,
        errors=answer.errors,
    )


def _by_hand_page(answer: Answer[RegistrationForm]) -> str:
    title = gettext("Register by hand")
    return render_template(
        "admin/by_hand.html",
        page_title=title,
        breadcrumbs=trail((url_for(".connect"), gettext("Connect a learning platform")), title),
        guides=_guides(),
        labels={field: gettext(label) for field, label in LABELS.items()},
        answer=answer,
        errors=answer.errors,
    )


def _registration_page(platform_id: UUID, answer: Answer[AudienceForm]) -> str:
    seen, inside = _seen(platform_id), house()
    allow_private = inside.settings.allow_private_hosts
    outside = look_outside(seen, fetcher(inside.settings), inside.clock)
    with inside.database.read() as connection:
        traces = queries.traces(connection, seen)
    return render_template(
        "admin/registration.html",
        page_title=seen.site_name,
        breadcrumbs=trail(None, seen.site_name),
        seen=seen,
        product=PRODUCTS.get(family_of(seen.family)),
        family=family_of(seen.family),
        lines=judge(seen, traces, outside, allow_http=allow_private),
        answer=answer,
        errors=answer.errors,
    )


def _seen(platform_id: UUID) -> queries.RegistrationSeen:
    """Raises NotThere."""
    with house().database.read() as connection:
        seen = queries.registration(connection, platform_id)
    if seen is None:
        raise NotThere("platform")
    return seen


def _guides() -> list[tuple[str, str]]:
    """(address, name) of every guide."""
    return [(url_for(".guide", family=family), gettext(guide_name(family))) for family in GUIDES]
