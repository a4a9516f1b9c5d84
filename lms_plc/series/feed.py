"""All my meetings in my own calendar: an address that a calendar program comes back to, and the page that makes it.

Whoever has the address reads the feed, so it says little: no person, no agenda. Only its digest is kept, so nobody can
look the address up, and a new one ends the old.
"""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import Response as Answer
from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.house import house
from lms_plc.meetings.calendar_file import calendar_file
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_quiet_entry
from lms_plc.series.models import CalendarFeed
from lms_plc.series.queries import Entered, calendar_of
from lms_plc.web.i18n import N_, gettext

feeds = Blueprint("feeds", __name__, url_prefix="/s/<seat>", template_folder="templates")
feeds_open = Blueprint("feeds_open", __name__)

open_quiet_entry(30, "feeds.my_calendar", N_("My calendar"))


def renew(session: Session, actor: Actor) -> str:
    """The secret of a new address; the old one, if there was one, leads nowhere from now on."""
    secret = secrets.token_urlsafe(32)
    feed = upsert(session, CalendarFeed).values(person_id=actor.person_id, digest=_digest(secret), created_at=actor.at)
    changed = {"digest": feed.excluded.digest, "created_at": feed.excluded.created_at}
    session.execute(feed.on_conflict_do_update(index_elements=["person_id"], set_=changed))
    return secret


def stop(session: Session, actor: Actor) -> None:
    session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == actor.person_id))


def made_at(connection: Connection, actor: Actor) -> datetime | None:
    """When the address was made that holds now."""
    query = select(CalendarFeed.created_at).where(CalendarFeed.person_id == actor.person_id)
    return connection.execute(query).scalar_one_or_none()


def whose(connection: Connection, secret: str) -> UUID | None:
    query = select(CalendarFeed.person_id).where(CalendarFeed.digest == _digest(secret))
    return connection.execute(query).scalar_one_or_none()


@feeds.get("/calendar")
def my_calendar() -> str:
    with house().database.read() as connection:
        return _page(made_at(connection, actor()))


@feeds.post("/calendar")
def make() -> str:
    """Shown once, in the answer itself: nobody could look it up for a second page."""
    who = actor()
    with house().database.write() as session:
        secret = renew(session, who)
    address = f"{house().settings.base_url}{url_for('feeds_open.feed', secret=secret)}"
    return _page(who.at, address)


@feeds.post("/calendar/end")
def end() -> Response:
    with house().database.write() as session:
        stop(session, actor())
    return redirect(url_for("feeds.my_calendar"), 303)


@feeds_open.get("/calendar/<secret>.ics")
def feed(secret: str) -> Response:
    """For calendar programs. One that has not changed since is not sent again."""
    at, settings = house().clock(), house().settings
    with house().database.read() as connection:
        person_id = whose(connection, secret)
        if person_id is None:
            abort(404)
        meetings = [_with_community(one) for one in calendar_of(connection, person_id, at)]
    host = urlsplit(settings.base_url).hostname or ""
    answer = Answer(
        calendar_file(meetings, host, settings.timezone, name=gettext("Learning communities")),
        mimetype="text/calendar",
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
    return answer.make_conditional(request)


def _with_community(meeting: Entered) -> Entered:
    """In one's own calendar several communities meet, and all call it “Our meeting”."""
    return replace(meeting, title=f"{meeting.title} · {meeting.community}")


def _page(since: datetime | None, address: str | None = None) -> str:
    return render_template(
        "series/my_calendar.html",
        page_title=gettext("Meetings in my own calendar"),
        since=since,
        address=address,
        webcal=f"webcal://{address.partition('://')[2]}" if address else None,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
