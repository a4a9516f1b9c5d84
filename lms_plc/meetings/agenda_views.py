"""The agenda: what members want to speak about, in which order, and what came of it."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.agendas import Settler, settler_of
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.things import kinds
from lms_plc.core.things import shown as shown_things
from lms_plc.house import house
from lms_plc.meetings import agenda
from lms_plc.meetings.actions import CannotBecome
from lms_plc.meetings.blueprint import meetings
from lms_plc.meetings.forms import ItemForm, OutcomeForm, SettlingForm, StepForm, ThingForm, WordsForm
from lms_plc.meetings.paperwork import count_paperwork, took
from lms_plc.meetings.queries import ItemLoaded, MeetingSeen
from lms_plc.meetings.showing import item_page, meeting_page
from lms_plc.meetings.states import OPEN, State
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext


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
        meeting_id = agenda.put_on_agenda(session, who, community, thing, answer.form.form_key)
    return _to_agenda(community.id, meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/agenda")
def propose_item(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ItemForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.propose_item")
        if answer.form is None:
            return meeting_page(session.connection(), who, seen, answer), 422
        if State(seen.state) not in OPEN:
            said = gettext("This meeting is over; its agenda is closed. Below is what you wrote, ready to be copied.")
            return meeting_page(session.connection(), who, seen, Answer(None, [], answer.given), said), 409
        agenda.propose_item(session, who, seen, answer.form)
        count_paperwork(session, seen.id, "agenda", took(request.form))
    return _to_agenda(seen.community_id, meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/carry-over")
def carry_over(meeting_id: UUID) -> Response:
    """What was not spoken about goes to the next meeting."""
    who = actor()
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.propose_item")
        if State(seen.state) in OPEN:
            return _to_agenda(seen.community_id, meeting_id)
        following = agenda.carry_over(session, who, seen)
    return _to_agenda(seen.community_id, following)


@meetings.get("/agenda-items/<uuid:agenda_item_id>")
def agenda_item(agenda_item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        item: ItemLoaded = load(connection, who, "agenda_item", agenda_item_id, "community.read")
        return _item_page(connection, who, item)


@meetings.post("/agenda-items/<uuid:agenda_item_id>")
def change_item(agenda_item_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(WordsForm, request.form)
    with house().database.write() as session:
        item: ItemLoaded = load(session.connection(), who, "agenda_item", agenda_item_id, "agenda_item.change")
        if answer.form is None:
            return _item_page(session.connection(), who, item, answer=answer), 422
        _can_be_changed(item)
        agenda.change_item(session, who, item, answer.form)
    return _to_agenda(item.community_id, item.meeting_id)


@meetings.post("/agenda-items/<uuid:agenda_item_id>/move")
def move_item(agenda_item_id: UUID) -> Response:
    who, answer = actor(), read_form(StepForm, request.form)
    with house().database.write() as session:
        item: ItemLoaded = load(session.connection(), who, "agenda_item", agenda_item_id, "meeting.propose_item")
        if answer.form is not None:
            _can_be_changed(item)
            agenda.move_item(session, who, item, -1 if answer.form.step == "up" else 1)
    return _to_agenda(item.community_id, item.meeting_id)


@meetings.post("/agenda-items/<uuid:agenda_item_id>/outcome")
def say_outcome(agenda_item_id: UUID) -> str | Response | tuple[str, int]:
    """What came of it. The button beside an item says only that it is dealt with, and leaves the words as they are."""
    who = actor()
    with house().database.write() as session:
        item: ItemLoaded = load(session.connection(), who, "agenda_item", agenda_item_id, "meeting.write_minutes")
        if item.meeting_id is None:
            raise NotThere("agenda_item")
        answer = read_form(OutcomeForm, {"outcome": item.outcome, **request.form.to_dict()})
        if answer.form is None:
            return _item_page(session.connection(), who, item, outcome=answer), 422
        if _was_said_meanwhile(item, answer.form.outcome):
            message = gettext(
                "Somebody wrote meanwhile: “%(words)s” Yours is below; save what is right.", words=item.outcome
            )
            kept = answer.refused("outcome", message)
            return _item_page(session.connection(), who, item, outcome=kept), 409
        agenda.say_outcome(session, who, item, answer.form)
        count_paperwork(session, item.meeting_id, "agenda", took(request.form))
    return _to_agenda(item.community_id, item.meeting_id)


@meetings.post("/agenda-items/<uuid:agenda_item_id>/remove")
def remove_item(agenda_item_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        item: ItemLoaded = load(session.connection(), who, "agenda_item", agenda_item_id, "agenda_item.change")
        _can_be_changed(item)
        agenda.remove_item(session, who, item)
    return _to_agenda(item.community_id, item.meeting_id)


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
        agenda.settle_item(session, who, item, settler, answer.form)
        if item.meeting_id is not None:
            count_paperwork(session, item.meeting_id, "agenda", took(request.form))
    return _to_agenda(item.community_id, item.meeting_id)


def _can_be_changed(item: ItemLoaded) -> None:
    """What a meeting that is over spoke about is the group's record. Raises CannotBecome."""
    if item.meeting_id is not None and item.state is not None and State(item.state) not in OPEN:
        raise CannotBecome(item.meeting_id, State(item.state), State(item.state))


def _was_said_meanwhile(item: ItemLoaded, words: str) -> bool:
    """Whether there are other words now than those the form began with."""
    saw = request.form.get("saw")
    return saw is not None and item.outcome not in (saw.replace("\r\n", "\n").strip(), words)


def _to_agenda(community_id: UUID, meeting_id: UUID | None) -> Response:
    """Where an item stands: on the agenda of a meeting, or among what waits for one."""
    if meeting_id is None:
        return redirect(url_for("meetings.meeting_list", community_id=community_id, _anchor="waiting"), 303)
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="agenda"), 303)


def _item_page(
    connection: Connection,
    who: Actor,
    item: ItemLoaded,
    *,
    answer: Answer[Any] | None = None,
    outcome: Answer[Any] | None = None,
) -> str:
    community = load_here(connection, who, item.community_id, "community.read")
    words = {"title": item.title, "kind": item.kind, "minutes": str(item.minutes)}
    said = {"outcome": item.outcome, "dealt_with": "yes" if item.dealt_at else ""}
    answer, outcome = answer or Answer(None, [], words), outcome or Answer(None, [], said)
    return item_page(connection, who, community, item, answer, outcome)


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
