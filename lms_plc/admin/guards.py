"""Who gets to the desk? Whoever was let in from the command line, for an hour; and only from its own pages."""

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from lms_plc.admin.seats import DeskCookie, form_token, is_form_token, is_open
from lms_plc.house import house
from lms_plc.people.guards import comes_from_our_own_page, open_to_all
from lms_plc.web.i18n import gettext
from lti.browser import digest

ENTRANCE = frozenset({"admin.entrance", "admin.enter"})
"""Open to whoever has a one-time address; everything else at the desk needs a seat."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def at_the_desk() -> Response | None:
    """Lets a request through that comes from an open seat, or to the entrance; answers 403 in place of the others."""
    open_to_all()
    writes = request.method not in _SAFE
    if request.endpoint in ENTRANCE:
        return _form_refused() if writes and not comes_from_our_own_page() else None
    g.desk = _seat_of_this_browser()
    if g.desk is None:
        return closed()
    return _form_refused() if writes and not _is_own_form(g.desk) else None


def form_token_of_the_desk() -> str:
    """For the forms of the desk's pages; only behind ``at_the_desk``."""
    return form_token(house().settings.secret_key.get_secret_value(), g.desk)


def desk_cookie() -> DeskCookie:
    return DeskCookie(house().settings.base_url)


def closed() -> Response:
    """Whoever has no seat here: the way to one is the command line."""
    return make_response(render_template("admin/closed.html", page_title=gettext("The desk is closed")), 403)


def is_at_the_desk(*, may_be: bool = False) -> bool:
    """Whether an operator sits at the desk in this browser; ``may_be``: whether it says so, without looking it up."""
    if may_be:
        return desk_cookie().read(request) is not None
    return (g.desk if "desk" in g else _seat_of_this_browser()) is not None


def _seat_of_this_browser() -> str | None:
    """The digest under which this browser's seat is kept."""
    secret = desk_cookie().read(request)
    if secret is None:
        return None
    with house().database.read() as connection:
        return digest(secret) if is_open(connection, digest(secret), house().clock()) else None


def _is_own_form(seat: str) -> bool:
    secret_key = house().settings.secret_key.get_secret_value()
    return comes_from_our_own_page() and is_form_token(secret_key, seat, request.form.get("csrf_token", ""))


def _form_refused() -> Response:
    page = render_template("admin/form_refused.html", page_title=gettext("This form was not sent from the desk"))
    return make_response(page, 403)
