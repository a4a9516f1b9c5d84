"""Where the links of a letter lead, before anybody knows who presses them: nothing of anybody is shown here.

A signed link can do one thing, for the person it was written to: less mail, or confirming an address. It does so by a
button, because mail programs open links to look at them; the one press of RFC 8058 comes as a POST as well.
"""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from lms_plc.house import house
from lms_plc.notifications import actions, tokens
from lms_plc.notifications.forms import LessForm
from lms_plc.notifications.letters import CONFIRM, UNSUBSCRIBE
from lms_plc.notifications.models import MailAddress
from lms_plc.people.models import Person
from lms_plc.people.seats import Seated, cookie_browser, find_seat
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import gettext
from lti.browser import BrowserCookie

mailed = Blueprint("mailed", __name__, template_folder="templates")


@mailed.get("/to/<kind>/<uuid:thing_id>")
def to(kind: str, thing_id: UUID) -> str | Response:
    """Whoever sits at this browser goes on to the thing; anybody else is told the way, whatever stands there."""
    seat = _seat_of_this_browser()
    if seat is not None:
        return redirect(url_for("notifications.to", seat=seat.address, kind=kind, thing_id=thing_id), 303)
    return _come_in_through_the_course()


@mailed.get("/mail/settings")
def settings() -> str | Response:
    seat = _seat_of_this_browser()
    if seat is not None:
        return redirect(url_for("notifications.settings", seat=seat.address), 303)
    return _come_in_through_the_course()


@mailed.get("/mail/less/<token>")
def less_form(token: str) -> str:
    _person_of(token)
    return render_template("notifications/less.html", page_title=gettext("Less mail"), token=token)


@mailed.post("/mail/less/<token>")
def less(token: str) -> str:
    person_id = _person_of(token)
    answer = read_form(LessForm, request.form)
    weekly = answer.form is not None and answer.form.choice == "weekly"
    with house().database.write() as session:
        change = actions.slow_down if weekly else actions.silence
        change(session, person_id, house().clock())
    return render_template("notifications/less_done.html", page_title=gettext("Done"), weekly=weekly, token=token)


@mailed.get("/mail/confirm/<token>")
def confirm_form(token: str) -> str:
    _address_of(token)
    return render_template(
        "notifications/confirm.html", page_title=gettext("Is this your address?"), token=token, done=False
    )


@mailed.post("/mail/confirm/<token>")
def confirm(token: str) -> str:
    person_id, address = _address_of(token)
    with house().database.write() as session:
        if not actions.confirm_address(session, person_id, address, house().clock()):
            abort(404)
    return render_template("notifications/confirm.html", page_title=gettext("Thank you"), token=token, done=True)


def _come_in_through_the_course() -> str:
    return render_template("notifications/come_in.html", page_title=gettext("Please open it from your course"))


def _key() -> str:
    return house().settings.secret_key.get_secret_value()


def _person_of(token: str) -> UUID:
    """Whose letter it was; 404 for a link that is not ours, and for one of somebody who is no longer kept."""
    person_id = tokens.person_of(_key(), UNSUBSCRIBE, token)
    with house().database.read() as connection:
        known = person_id and connection.execute(select(Person.id).where(Person.id == person_id)).one_or_none()
    if person_id is None or known is None:
        abort(404)
    return person_id


def _address_of(token: str) -> tuple[UUID, str]:
    """Who asked for which address; 404 once it is confirmed, or another one was asked for."""
    person_id = tokens.claimed(token)
    with house().database.read() as connection:
        address = connection.execute(
            select(MailAddress.address).where(MailAddress.person_id == person_id)
        ).scalar_one_or_none()
    if address is None or tokens.person_of(_key(), f"{CONFIRM}|{address}", token) != person_id or person_id is None:
        abort(404)
    return person_id, address


def _seat_of_this_browser() -> Seated | None:
    mark = BrowserCookie(house().settings.base_url).read(request)
    if mark is None:
        return None
    with house().database.read() as connection:
        return find_seat(connection, cookie_browser(mark), None, house().clock())
