"""The pages of a person's own sitting here: what is kept about them, and leaving."""

from flask import Blueprint, Response, g, make_response, render_template

from lms_plc.house import house
from lms_plc.people.guards import current_browser, current_seat
from lms_plc.people.kept import told_about
from lms_plc.people.seats import leave
from lms_plc.web.i18n import gettext
from lti.browser import BrowserCookie

people = Blueprint("people", __name__, url_prefix="/s/<seat>")


@people.get("/kept")
def kept() -> str:
    """What this tool keeps about whoever asks; of anybody else it tells nothing (Data Privacy Launch 1.0)."""
    seat = current_seat()
    with house().database.read() as connection:
        rows = told_about(connection, seat.person_id)
    return render_template("kept.html", page_title=gettext("What is kept about you"), name=seat.name, rows=rows)


@people.post("/leave")
def leave_seat() -> Response:
    """For computers that others use too: the seat ends, and with the last one this browser is forgotten."""
    cookie, browser = BrowserCookie(house().settings.base_url), current_browser()
    with house().database.write() as session:
        was_last = leave(session, current_seat(), browser, house().clock())
    del g.seat
    page = make_response(render_template("left.html", page_title=gettext("You have left")))
    if was_last and not browser.carried:  # the cookie of a browser with a carried seat is somebody else's
        cookie.forget(page)
    return page
