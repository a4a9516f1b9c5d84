"""The desk's page about the connection to an LMS: is it well, and a new token for it."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import ConnectorError
from lms_plc.admin.actions import VIA
from lms_plc.admin.asking import Trouble, ask, decided_of, trouble_of
from lms_plc.admin.checks import Line, State
from lms_plc.admin.connection_checks import Section, examine, not_ready, shut
from lms_plc.admin.mapping_forms import LABELS, TokenForm
from lms_plc.admin.pages import DONE, desk_blueprint, trail
from lms_plc.house import house
from lms_plc.rostersync.ruling import Decided
from lms_plc.sites import names_and_roles
from lms_plc.sites.actions import SiteProblem, connect_site, is_file
from lms_plc.sites.sources import open_transport, opened
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

connections = desk_blueprint("connection")

DONE["token-kept"] = N_("The new token works and is kept. The old one is forgotten here; revoke it in the LMS.")


@connections.get("/connection/<uuid:site_id>")
def check(site_id: UUID) -> str:
    """What is stored; with ``?look=yes`` the LMS is asked, one thing after the other."""
    of = decided_of(site_id)
    sections = None
    if "look" in request.args and of.connector is not None:
        found = ask(site_id, examine)
        sections = shut(found) if isinstance(found, Trouble) else found
    return _page(of, Answer(None, [], {}), sections=sections)


@connections.post("/connection/<uuid:site_id>/token")
def change_token(site_id: UUID) -> AnyResponse | tuple[str, int]:
    """A new token is tried before it is kept; the old one stays until then."""
    of = decided_of(site_id)
    if of.connector is None or not _has_token(of):
        return _page(of, Answer(None, [], {})), 422
    answer = read_form(TokenForm, request.form)
    if answer.form is None:
        return _page(of, Answer(None, answer.errors, {})), 422
    lines = _tried(of, of.connector, answer.form.token.get_secret_value())
    if lines:
        unfit = gettext("This token was not kept: no roster can be read with it.")
        refused: Answer[TokenForm] = Answer(None, [{"field": "token", "message": unfit}], {})
        return _page(of, refused, unfit=lines), 422
    return redirect(url_for(".check", site_id=site_id, look="yes", done="token-kept"), 303)


def _tried(of: Decided, connector: str, token: str) -> list[Line]:
    """Keeps the token if a roster can be read with it; or what keeps it from that."""
    inside, asked = house(), gettext("Does it let us in?")
    try:
        with open_transport(inside.settings) as transport:
            probe = opened(connector, of.url, token, transport).probe()
        if probe.ready:
            with inside.database.write() as session:
                connect_site(
                    session,
                    name=of.name,
                    url=of.url,
                    connector=connector,
                    token=token,
                    seal=inside.seal,
                    title=probe.site.name,
                    release=probe.site.release,
                    ws_user=probe.site.user_id,
                    at=inside.clock(),
                    via=VIA,
                )
    except ConnectorError as error:
        trouble = trouble_of(error)
        return [Line(asked, State.WRONG, trouble.what, trouble.todo)]
    except SiteProblem as problem:
        return [Line(asked, State.WRONG, str(problem))]
    return not_ready(probe)


def _has_token(of: Decided) -> bool:
    return of.connector not in (None, names_and_roles.KIND) and not is_file(of.url)


def _page(
    of: Decided,
    answer: Answer[TokenForm],
    *,
    sections: list[Section] | None = None,
    unfit: list[Line] | None = None,
) -> str:
    title = gettext("Connection to %(site)s", site=of.name)
    return render_template(
        "admin/connection.html",
        page_title=title,
        breadcrumbs=trail(None, title),
        of=of,
        sections=sections,
        unfit=unfit,
        has_token=_has_token(of),
        answer=answer,
        errors=answer.errors,
        labels={"token": gettext(LABELS["token"])},
    )
