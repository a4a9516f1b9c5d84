"""The one page of a person's own sitting here: leaving."""

from flask import Blueprint, Response, g, make_response, render_template, request

from lms_plc.house import house
from lms_plc.people.guards import current_seat
from lms_plc.people.seats import leave
from lms_plc.web.i18n import gettext
from lti.browser import BrowserCookie, digest

people = Blueprint("people", __name__, url_prefix="/s/<seat>")


@people.post("/leave")
def leave_seat() -> Response:
    """For computers that others use too: the seat ends, and with the last one this browser is forgotten."""
    cookie = BrowserCookie(house().settings.base_url)
    with house().database.write() as session:
        was_last = leave(session, current_seat(), digest(cookie.read(request) or ""), house().clock())
    del g.seat
    page = make_response(render_template("left.html", page_title=gettext("You have left")))
    if was_last:
        cookie.forget(page)
    return page
