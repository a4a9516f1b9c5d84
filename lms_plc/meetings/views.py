"""Meetings: when and where, what is on the agenda, what was decided."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.agendas import Settler, settler_of
from lms_plc.communities.home import open_room
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.core.text import shown
from lms_plc.core.things import Thing, kinds
from lms_plc.core.things import shown as shown_things
from lms_plc.house import house
from lms_plc.meetings import actions, on_home, queries
from lms_plc.meetings.actions import MinutesMovedOn
from lms_plc.meetings.calendar_file import calendar_file
from lms_plc.meetings.forms import (
    ItemForm,
    ItemKind,
    MeetingForm,
    MinutesForm,
    SettlingForm,
    StateForm,
    ThingForm,
)
from lms_plc.meetings.queries import ItemLoaded, ItemSeen, MeetingSeen
from lms_plc.meetings.states import State
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["meetings", "on_home"]

open_room(22, "meetings.meeting_list", N_("Meetings"))

meetings = Blueprint("meetings", __name__, url_prefix="/s/<seat>", template_folder="templates")

STATES = {
    State.PLANNED.value: (N_("planned"), "accent"),
    State.HELD.value: (N_("held"), "good"),
    State.NOT_HELD.value: (N_("did not take place"), "neutral"),
    State.CANCELLED.value: (N_("cancelled"), "danger"),
}
KINDS = {
    ItemKind.LEARNING: (N_("Learning"), N_("Our teaching and our pupils’ learning")),
    ItemKind.ORGANISING: (N_("Organising"), N_("Who does what, and until when")),
    ItemKind.NOTICE: (N_("Notice"), N_("To know, nothing to discuss")),
}


@meetings.get("/communities/<uuid:community_id>/meetings")
def meeting_list(community_id: UUID) -> str:
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        upcoming = queries.upcoming(connection, community.id, who.at)
        waiting = _named(connection, who, queries.agenda(connection, community.id, None))
        past = queries.past(connection, community.id, who.at, before=before)
    return render_template(
        "meetings/meetings.html",
        page_title=gettext("Meetings"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        upcoming=upcoming if before is None else [],
        waiting=waiting if before is None else [],
        past=past,
        states=_states(),
        may_plan=allows(community.roles, "meeting.plan"),
    )


@meetings.get("/communities/<uuid:community_id>/meetings/new")
def plan_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "meeting.plan")
    return _meeting_form(community, Answer(None, [], {"title": gettext("Our meeting")}))


@meetings.post("/communities/<uuid:community_id>/meetings/new")
def plan(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read_meeting()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "meeting.plan")
        if answer.form is None:
            return _meeting_form(community, answer), 422
        meeting_id = actions.plan_meeting(session, who, community, answer.form, _zone())
    return _to_meeting(meeting_id)


@meetings.post("/communities/<uuid:community_id>/agenda")
def put_on_agenda(community_id: UUID) -> Response:
    """Asked by pages of other rooms: brings what they show onto the next agenda."""
    who, answer = actor(), read_form(ThingForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "meeting.propose_item")
        if answer.form is None or answer.form.thing_kind not in kinds():
            raise NotThere("thing")
        reference = Reference(answer.form.thing_kind, answer.form.thing_id)
        thing = shown_things(session.connection(), who, [reference]).get(reference)
        if thing is None or thing.community_id != community.id:
            raise NotThere("thing")
        meeting_id = actions.put_on_agenda(session, who, community, thing, answer.form.form_key)
    if meeting_id is None:
        return redirect(url_for("meetings.meeting_list", community_id=community.id, _anchor="waiting"), 303)
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="agenda"), 303)


@meetings.get("/meetings/<uuid:meeting_id>")
def meeting(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "community.read")
        return _meeting_page(connection, who, seen, Answer(None, [], {}))


@meetings.get("/meetings/<uuid:meeting_id>/edit")
def change_form(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.change")
        community = load_here(connection, who, seen.community_id, "community.read")
    starts, ends = seen.starts_at.astimezone(_zone()), seen.ends_at.astimezone(_zone())
    given = {
        "title": seen.title,
        "day": f"{starts:%Y-%m-%d}",
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "place": seen.place,
        "link": seen.link,
    }
    return _meeting_form(community, Answer(None, [], given), seen)


@meetings.post("/meetings/<uuid:meeting_id>/edit")
def change(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read_meeting()
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.change")
        if answer.form is None:
            community = load_here(session.connection(), who, seen.community_id, "community.read")
            return _meeting_form(community, answer, seen), 422
        actions.change_meeting(session, who, seen, answer.form, _zone())
    return _to_meeting(meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/state")
def say_state(meeting_id: UUID) -> Response:
    who, answer = actor(), read_form(StateForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.change")
        if answer.form is not None:
            actions.say_state(session, who, seen, answer.form.state)
    return _to_meeting(meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/agenda")
def propose_item(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ItemForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.propose_item")
        if answer.form is None:
            return _meeting_page(session.connection(), who, seen, answer), 422
        actions.propose_item(session, who, seen, answer.form)
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="agenda"), 303)


@meetings.post("/agenda-items/<uuid:agenda_item_id>/remove")
def remove_item(agenda_item_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        item: ItemLoaded = load(session.connection(), who, "agenda_item", agenda_item_id, "meeting.propose_item")
        community = load_here(session.connection(), who, item.community_id, "community.read")
        actions.remove_item(session, who, community.site_id, item)
    if item.meeting_id is None:
        return redirect(url_for("meetings.meeting_list", community_id=item.community_id), 303)
    return _to_meeting(item.meeting_id)


@meetings.get("/agenda-items/<uuid:agenda_item_id>/settle")
def settle_form(agenda_item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        item, settler = _settleable(connection, who, agenda_item_id)
        community = load_here(connection, who, item.community_id, "community.read")
    return _settle_page(community, item, settler, Answer(None, [], {}))


@meetings.post("/agenda-items/<uuid:agenda_item_id>/settle")
def settle(agenda_item_id: UUID) -> str | Response | tuple[str, int]:
    """What became of it, said from the minutes."""
    who, answer = actor(), read_form(SettlingForm, request.form)
    with house().database.write() as session:
        item, settler = _settleable(session.connection(), who, agenda_item_id)
        if answer.form is None or answer.form.outcome not in {value for value, _ in settler.outcomes}:
            community = load_here(session.connection(), who, item.community_id, "community.read")
            message = {"field": "outcome", "message": gettext("Please choose one of these.")}
            return _settle_page(community, item, settler, Answer(None, answer.errors or [message], answer.given)), 422
        actions.settle_item(session, who, item, settler, answer.form)
    assert item.meeting_id is not None
    return _to_meeting(item.meeting_id)


@meetings.get("/meetings/<uuid:meeting_id>/minutes")
def minutes_form(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.write_minutes")
        items = _named(connection, who, queries.agenda(connection, seen.community_id, seen.id))
        community = load_here(connection, who, seen.community_id, "community.read")
    return _minutes_page(community, seen, items, Answer(None, [], {"body": seen.minutes}))


@meetings.post("/meetings/<uuid:meeting_id>/minutes")
def write_minutes(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(MinutesForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.write_minutes")
        items = _named(connection, who, queries.agenda(connection, seen.community_id, seen.id))
        community = load_here(connection, who, seen.community_id, "community.read")
        if answer.form is None:
            return _minutes_page(community, seen, items, answer), 422
        try:
            actions.write_minutes(session, who, seen, answer.form)
        except MinutesMovedOn:
            seen = load(connection, who, "meeting", meeting_id, "meeting.write_minutes")
            return _minutes_page(community, seen, items, answer, moved_on=True), 409
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="minutes"), 303)


@meetings.get("/meetings/<uuid:meeting_id>/meeting.ics")
def calendar(meeting_id: UUID) -> Response:
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, actor(), "meeting", meeting_id, "community.read")
    text = calendar_file(seen, urlsplit(house().settings.base_url).hostname or "")
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return answer


def _zone() -> ZoneInfo:
    return ZoneInfo(house().settings.timezone)


def _to_meeting(meeting_id: UUID) -> Response:
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id), 303)


def _states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(name), tone) for state, (name, tone) in STATES.items()}


def _read_meeting() -> Answer[MeetingForm]:
    answer = read_form(MeetingForm, request.form)
    words = {
        "day": gettext("Please give a day, as in 2026-11-22."),
        "starts": gettext("Please give a time, as in 14:30."),
        "ends": gettext("Please give a time after the beginning, as in 15:45."),
        "link": gettext("Please give the whole address, beginning with https://"),
    }
    errors = [{**error, "message": words.get(error["field"], error["message"])} for error in answer.errors]
    return Answer(answer.form, errors, answer.given)


def _settleable(connection: Connection, who: Actor, agenda_item_id: UUID) -> tuple[ItemLoaded, Settler]:
    """An item of a meeting about a thing that this actor may see and that is still open."""
    item: ItemLoaded = load(connection, who, "agenda_item", agenda_item_id, "meeting.write_minutes")
    settler = settler_of(item.thing.kind) if item.thing else None
    if settler is None or item.thing is None or item.meeting_id is None:
        raise NotThere("agenda_item")
    seen = shown_things(connection, who, [item.thing])
    if item.thing not in seen or item.thing.id not in settler.unsettled(connection, [item.thing.id]):
        raise NotThere("agenda_item")
    return item, settler


def _meeting_form(community: CommunitySeen, answer: Answer[MeetingForm], seen: MeetingSeen | None = None) -> str:
    return render_template(
        "meetings/meeting_form.html",
        page_title=gettext("Change the meeting") if seen else gettext("Plan a meeting"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        meeting=seen,
        answer=answer,
        errors=answer.errors,
        zone=house().settings.timezone,
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
    )


def _settle_page(community: CommunitySeen, item: ItemLoaded, settler: Settler, answer: Answer[SettlingForm]) -> str:
    return render_template(
        "meetings/settle_form.html",
        page_title=gettext("What became of it?"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        item=item,
        outcomes=[(value, gettext(label)) for value, label in settler.outcomes],
        answer=answer,
        errors=answer.errors,
    )


def _minutes_page(
    community: CommunitySeen,
    seen: MeetingSeen,
    items: Sequence[ItemSeen],
    answer: Answer[MinutesForm],
    *,
    moved_on: bool = False,
) -> str:
    errors = answer.errors
    if moved_on:
        message = gettext("Somebody wrote minutes while you were writing. Below yours you see theirs.")
        errors = [{"field": "body", "message": message}]
    return render_template(
        "meetings/minutes_form.html",
        page_title=gettext("Write the minutes"),
        community=frame(community, "meetings.meeting_list"),
        meeting=seen,
        items=items,
        answer=answer,
        errors=errors,
        based_on=seen.minutes_version,
        theirs=shown(seen.minutes, seen.minutes_html, seen.minutes_renderer) if moved_on else None,
    )


def _meeting_page(connection: Connection, who: Actor, seen: MeetingSeen, answer: Answer[ItemForm]) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    items = queries.agenda(connection, seen.community_id, seen.id)
    things = _pointed_at(connection, who, items)
    items = [_as_shown(item, things) for item in items]
    open_things = _unsettled(connection, list(things))
    return render_template(
        "meetings/meeting.html",
        page_title=seen.title,
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        meeting=seen,
        state=_states()[seen.state],
        rows=[_row(item, things.get(item.thing) if item.thing else None, item.thing in open_things) for item in items],
        total=sum(item.minutes for item in items),
        learning=sum(item.minutes for item in items if item.kind == ItemKind.LEARNING.value),
        minutes=shown(seen.minutes, seen.minutes_html, seen.minutes_renderer) if seen.minutes else None,
        has_begun=seen.starts_at <= who.at,
        asks_whether_held=seen.state == State.PLANNED.value and seen.ends_at < who.at,
        may_change=allows(seen.roles, "meeting.change"),
        may_propose=allows(seen.roles, "meeting.propose_item") and seen.state == State.PLANNED.value,
        may_write=allows(seen.roles, "meeting.write_minutes"),
        kinds=[(kind.value, gettext(name), gettext(hint)) for kind, (name, hint) in KINDS.items()],
        kind_names={kind.value: gettext(name) for kind, (name, _) in KINDS.items()},
        answer=answer,
        errors=answer.errors,
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
    )


def _unsettled(connection: Connection, references: Sequence[Reference]) -> set[Reference]:
    """Those of the things that can be closed from the minutes: one statement a kind."""
    found = set()
    for kind in {reference.kind for reference in references}:
        settler, ids = settler_of(kind), [reference.id for reference in references if reference.kind == kind]
        if settler is not None:
            found |= {Reference(kind, thing_id) for thing_id in settler.unsettled(connection, ids)}
    return found


def _pointed_at(connection: Connection, who: Actor, items: Sequence[ItemSeen]) -> Mapping[Reference, Thing]:
    references = [item.thing for item in items if item.thing is not None and item.thing.kind in kinds()]
    return shown_things(connection, who, references)


def _as_shown(item: ItemSeen, things: Mapping[Reference, Thing]) -> ItemSeen:
    """The words of a thing that has been hidden or taken back stand on no agenda either."""
    if item.thing is None or item.thing in things:
        return item
    return replace(item, title=gettext("Something that cannot be seen any more"))


def _named(connection: Connection, who: Actor, items: Sequence[ItemSeen]) -> list[ItemSeen]:
    things = _pointed_at(connection, who, items)
    return [_as_shown(item, things) for item in items]


def _row(item: ItemSeen, thing: Any, is_open: bool) -> dict[str, Any]:
    return {"item": item, "thing": thing, "is_open": is_open}
