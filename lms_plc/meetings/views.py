"""Meetings: when and where they are, and what becomes of them. What is spoken about: ``agenda_views.py``."""

from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.home import open_room
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.paging import key_from
from lms_plc.core.policy import allows, load
from lms_plc.house import house
from lms_plc.meetings import actions, agenda_views, by_protocol, carried, on_home, queries, role_views, spoken_of
from lms_plc.meetings.actions import CannotBecome
from lms_plc.meetings.blueprint import meetings
from lms_plc.meetings.calendar_file import calendar_file
from lms_plc.meetings.forms import MeetingForm, StateForm
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.showing import meeting_page
from lms_plc.meetings.states import COMING, State, is_taken_back
from lms_plc.meetings.wording import MEETING_KINDS, MODES, STATES, states
from lms_plc.people.guards import actor
from lms_plc.protocols import queries as protocols
from lms_plc.protocols.wording import family_name
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext, ngettext

__all__ = ["agenda_views", "by_protocol", "carried", "meetings", "on_home", "role_views"]

open_room(22, "meetings.meeting_list", N_("Meetings"))

BESIDE = (
    ("series.series_list", N_("Regular meetings")),
    ("actionitems.action_list", N_("What we agreed to do")),
    ("evidence.nodes", N_("What we thought")),
    ("protocols.protocol_list", N_("Conversation protocols")),
    ("rhythm.rhythm_of", N_("Our rhythm")),
)
"""Pages of other rooms that are reached from the list of meetings, where there are such rooms."""


@meetings.get("/communities/<uuid:community_id>/meetings")
def meeting_list(community_id: UUID) -> str:
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        upcoming = queries.upcoming(connection, community.id, who.at)
        waiting = spoken_of.named(connection, who, queries.agenda(connection, community.id, None))
        past = queries.past(connection, community.id, who.at, before=before)
    return render_template(
        "meetings/meetings.html",
        page_title=gettext("Meetings"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        upcoming=upcoming if before is None else [],
        waiting=waiting if before is None else [],
        past=past,
        states=states(),
        coming=COMING,
        may_plan=allows(community.roles, "meeting.plan"),
        beside=[
            (gettext(label), url_for(endpoint, community_id=community.id))
            for endpoint, label in BESIDE
            if endpoint in current_app.view_functions
        ],
    )


@meetings.get("/communities/<uuid:community_id>/meetings/new")
def plan_form(community_id: UUID) -> str:
    """``protocol`` in the address is what a page of another room proposes to talk by."""
    given = {"title": gettext("Our meeting"), "protocol": request.args.get("protocol", "")}
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "meeting.plan")
        return _meeting_form(connection, community, Answer(None, [], given))


@meetings.post("/communities/<uuid:community_id>/meetings/new")
def plan(community_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "meeting.plan")
        answer = _read_meeting(session.connection(), community.id)
        if answer.form is None:
            return _meeting_form(session.connection(), community, answer), 422
        meeting_id = actions.plan_meeting(session, who, community, answer.form, _zone())
    return _to_meeting(meeting_id)


@meetings.get("/meetings/<uuid:meeting_id>")
def meeting(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "community.read")
        return meeting_page(connection, who, seen, Answer(None, [], {}))


@meetings.get("/meetings/<uuid:meeting_id>/edit")
def change_form(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.change")
        community = load_here(connection, who, seen.community_id, "community.read")
        zone = ZoneInfo(seen.zone) if seen.zone else _zone()
        starts, ends = seen.starts_at.astimezone(zone), seen.ends_at.astimezone(zone)
        given = {
            "title": seen.title,
            "kind": seen.kind,
            "day": f"{starts:%Y-%m-%d}",
            "starts": f"{starts:%H:%M}",
            "ends": f"{ends:%H:%M}",
            "zone": seen.zone if seen.zone != house().settings.timezone else "",
            "mode": seen.mode,
            "place": seen.place,
            "link": seen.link,
            "in_working_time": "yes" if seen.in_working_time else "",
            "protocol": seen.protocol or "",
            "saw": str(seen.revision),
        }
        return _meeting_form(connection, community, Answer(None, [], given), seen)


@meetings.post("/meetings/<uuid:meeting_id>/edit")
def change(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.change")
        answer = _read_meeting(session.connection(), seen.community_id)
        if answer.form is None:
            community = load_here(session.connection(), who, seen.community_id, "community.read")
            return _meeting_form(session.connection(), community, answer, seen), 422
        has_moved_on = answer.given.get("saw", str(seen.revision)) != str(seen.revision)
        if has_moved_on and actions.would_change(seen, answer.form, _zone()):
            community = load_here(session.connection(), who, seen.community_id, "community.read")
            kept: Answer[MeetingForm] = Answer(None, [], {**answer.given, "saw": str(seen.revision)})
            return _meeting_form(session.connection(), community, kept, seen, has_moved_on=True), 409
        actions.change_meeting(session, who, seen, answer.form, _zone())
    return _to_meeting(meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/state")
def say_state(meeting_id: UUID) -> Response:
    """One button of the meeting's page. What does not follow from where the meeting is now is answered with 409."""
    who, answer = actor(), read_form(StateForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.change")
        if answer.form is not None:
            if is_taken_back(State(seen.state), answer.form.state):
                load(session.connection(), who, "meeting", meeting_id, "meeting.take_back")
            actions.say_state(session, who, seen, answer.form.state, answer.form.reason)
    return _to_meeting(meeting_id)


@meetings.app_errorhandler(CannotBecome)
def cannot_become(error: CannotBecome) -> tuple[str, int]:
    """Whichever room asked for it: the meeting's page as it is now, with a word on why nothing was done."""
    who, now = actor(), gettext(STATES[error.now.value][0])
    said = gettext(
        "That does not fit any more: this meeting is “%(state)s” now. Below you see how it stands.", state=now
    )
    if error.too_early:
        said = gettext("This meeting has not begun yet. You can begin it, move it or cancel it.")
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", error.meeting_id, "community.read")
        return meeting_page(connection, who, seen, Answer(None, [], {}), said), 409


@meetings.get("/meetings/<uuid:meeting_id>/meeting.ics")
def calendar(meeting_id: UUID) -> Response:
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, actor(), "meeting", meeting_id, "community.read")
    settings = house().settings
    content = calendar_file([seen], urlsplit(settings.base_url).hostname or "", settings.timezone)
    answer = Response(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return answer


def _zone() -> ZoneInfo:
    return ZoneInfo(house().settings.timezone)


def _to_meeting(meeting_id: UUID) -> Response:
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id), 303)


def _read_meeting(connection: Connection, community_id: UUID) -> Answer[MeetingForm]:
    answer = read_form(MeetingForm, request.form)
    words = {
        "day": gettext("Please give a day, as in 2026-11-22."),
        "starts": gettext("Please give a time, as in 14:30."),
        "ends": gettext("Please give a time after the beginning, as in 15:45."),
        "link": gettext("Please give the whole address, beginning with https://"),
        "zone": gettext("Please give a zone as in Europe/Skopje, or leave it empty."),
    }
    errors = answer.worded(words).errors
    form = answer.form
    if form is not None and form.protocol and not protocols.protocol_for(connection, community_id, form.protocol):
        errors, form = [{"field": "protocol", "message": gettext("Please choose one of these.")}], None
    return Answer(form, errors, answer.given)


def _meeting_form(
    connection: Connection,
    community: CommunitySeen,
    answer: Answer[MeetingForm],
    seen: MeetingSeen | None = None,
    *,
    has_moved_on: bool = False,
) -> str:
    listed = protocols.choices(connection, community.id)
    known = [(one.key, f"{family_name(one.family)}: {one.name}", one.minutes) for one in listed]
    chosen = answer.given.get("protocol", "")
    if seen is not None and chosen and chosen == seen.protocol and chosen not in {one.key for one in listed}:
        kept = protocols.protocol_for(connection, community.id, chosen)
        known += [(chosen, kept.content.name, kept.content.total_minutes)] if kept else []
    return render_template(
        "meetings/meeting_form.html",
        page_title=gettext("Change the meeting") if seen else gettext("Plan a meeting"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        meeting=seen,
        answer=answer,
        errors=answer.errors,
        has_moved_on=has_moved_on,
        protocols=[("", gettext("None yet")), *((key, _with_minutes(name, num)) for key, name, num in known)],
        kinds=[(kind.value, gettext(name)) for kind, name in MEETING_KINDS.items()],
        modes=[(mode.value, gettext(name)) for mode, name in MODES.items()],
        zone=house().settings.timezone,
        form_key=answer.form_key,
    )


def _with_minutes(name: str, minutes: int) -> str:
    return ngettext("%(name)s (%(num)s minute)", "%(name)s (%(num)s minutes)", minutes, name=name)
