"""Protocol runs: begin one, go through its steps by one clock, write down what comes of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.actionitems import actions as action_items
from lms_plc.actionitems.queries import ActionSeen, open_ones
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, Role, allows, load
from lms_plc.core.things import Thing, kinds, shown
from lms_plc.evidence.covering import GUESS, guesses_stay
from lms_plc.house import house
from lms_plc.meetings import actions as meeting_actions
from lms_plc.meetings.actions import CannotBecome
from lms_plc.meetings.paperwork import count_paperwork, took
from lms_plc.meetings.queries import FACILITATOR, MeetingSeen, RoleTaken, roles_of_meeting
from lms_plc.meetings.states import TOOK_PLACE
from lms_plc.people.guards import actor, current_seat
from lms_plc.protocols.content import Content, ProtocolRole, Step
from lms_plc.protocols.queries import choices, protocol_for
from lms_plc.protocols.wording import in_language, role_name, speaks
from lms_plc.running import actions, on_meeting, queries
from lms_plc.running.brief import nothing_new
from lms_plc.running.captures import PLAIN, Way, capture_of, kinds_written
from lms_plc.running.clock import RunState, StepState, ends_at, remaining
from lms_plc.running.forms import (
    LONGEST_NOTE,
    BeginForm,
    ChangeForm,
    NoteForm,
    PulseForm,
    RoleForm,
    Steering,
    SteeringForm,
    UpdateForm,
)
from lms_plc.running.queries import NoteLoaded, NoteSeen, RunSeen, StepSeen, is_hidden, protocol_of
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext

__all__ = ["on_meeting", "running"]

running = Blueprint("running", __name__, url_prefix="/s/<seat>", template_folder="templates")

MEETINGS = "meetings.meeting_list"
"""The tab these pages stand under."""

STILL_TOGETHER = timedelta(hours=3)

BETWEEN = "\x1e"
"""Parts one list from the next; nobody can type it, as ``read_form`` takes it out."""


@running.get("/meetings/<uuid:meeting_id>/run")
def begin_form(meeting_id: UUID) -> str | Response:
    who = actor()
    with house().database.read() as connection:
        meeting: MeetingSeen = load(connection, who, "meeting", meeting_id, "run.begin")
        live = next((run for run in queries.runs_of(connection, meeting_id) if run.is_live), None)
        if live is not None:
            return redirect(url_for("running.run", protocol_run_id=live.id))
        return _begin_page(connection, who, meeting, Answer(None, [], {}))


@running.post("/meetings/<uuid:meeting_id>/run")
def begin(meeting_id: UUID) -> str | Response | tuple[str, int]:
    """A meeting that was cancelled meanwhile, or took place already, begins nothing: its page says what it is."""
    try:
        return _begun(meeting_id)
    except CannotBecome:
        return redirect(url_for("meetings.meeting", meeting_id=meeting_id), 303)


def _begun(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(BeginForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        meeting: MeetingSeen = load(connection, who, "meeting", meeting_id, "run.begin")
        if answer.form is None:
            return _begin_page(connection, who, meeting, answer), 422
        protocol = protocol_for(connection, meeting.community_id, answer.form.protocol)
        if protocol is None:
            return _begin_page(connection, who, meeting, answer.refused("protocol")), 422
        run_id = actions.begin(session, who, meeting, protocol, answer.form.form_key)
    return _to_run(run_id)


@running.get("/runs/<uuid:protocol_run_id>")
def run(protocol_run_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: RunSeen = load(connection, who, "run", protocol_run_id, "community.read")
        return _run_page(connection, who, seen, Answer(None, [], {}))


@running.get("/runs/<uuid:protocol_run_id>/now")
def now(protocol_run_id: UUID) -> Response:
    """What has changed since a number of the run; asked every few seconds by every page that shows it."""
    who, since = actor(), request.args.get("since", 0, type=int)
    with house().database.read() as connection:
        seen: RunSeen = load(connection, who, "run", protocol_run_id, "community.read")
        if since == seen.number:
            return nothing_new(_milliseconds(house().clock()))
        notes = queries.notes_since(connection, protocol_run_id, max(0, min(since, 2**31 - 1)))
        stay = _guesses_stay(connection, who, seen.meeting_id, chain.from_iterable(notes.values()))
    steps = protocol_of(seen).steps
    readable = [_readable(who, seen, steps[place], place, of_step) for place, of_step in notes.items()]
    html = _lists_html([[_note(who, seen, note, stay=stay) for note in of_step] for of_step in readable])
    lists = dict(zip((f"notes-{place}" for place in notes), html, strict=True))
    clock = {**_clock(seen, house().clock()), "notes": lists}
    return Response(json.dumps(clock, separators=(",", ":")), mimetype="application/json")


@running.post("/runs/<uuid:protocol_run_id>/steer")
def steer(protocol_run_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(SteeringForm, request.form)
    with house().database.write() as session:
        seen: RunSeen = load(session.connection(), who, "run", protocol_run_id, "run.steer")
        if answer.form is None:
            return _run_page(session.connection(), who, seen, answer, "steer"), 422
        if _steered(session, who, seen, answer.form):
            return redirect(url_for("meetings.meeting", meeting_id=seen.meeting_id, _anchor="minutes"), 303)
    return _to_run(protocol_run_id)


@running.post("/runs/<uuid:protocol_run_id>/roles")
def take_role(protocol_run_id: UUID) -> Response:
    """Somebody takes a part of the protocol, or is given one; whoever takes the facilitation steers."""
    who, answer = actor(), read_form(RoleForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: RunSeen = load(connection, who, "run", protocol_run_id, "run.take_part")
        meeting: MeetingSeen = load(connection, who, "meeting", seen.meeting_id, "meeting.give_roles")
        known = {role.id for role in _parts(protocol_of(seen)) if meeting_actions.ROLE.fullmatch(role.id)}
        is_on = seen.is_live and _still_together(meeting, who)
        if answer.form is not None and answer.form.role in known and is_on:
            meeting_actions.give_role(session, who, meeting, answer.form.role, answer.form.person_id)
    return _to_run(protocol_run_id, "roles")


@running.post("/runs/<uuid:protocol_run_id>/notes")
def write_note(protocol_run_id: UUID) -> str | Response | tuple[str, int]:
    """Taken as often as it is sent, stored once. A script is answered without a page."""
    who, answer = actor(), read_form(NoteForm, request.form)
    is_script = bool(request.form.get("at")) and request.headers.get("Sec-Fetch-Mode") != "navigate"
    with house().database.write() as session:
        connection = session.connection()
        seen: RunSeen = load(connection, who, "run", protocol_run_id, "run.take_part")
        if answer.form is None:
            return Response(status=422) if is_script else (_run_page(connection, who, seen, answer, "note"), 422)
        owner_id = _member_or_none(connection, seen.community_id, answer.form.owner_id)
        form = answer.form.model_copy(update={"owner_id": owner_id})
        actions.write_note(session, who, seen, form, house().seal, _today(who.at))
        count_paperwork(session, seen.meeting_id, "note", took(request.form))
    if is_script:
        return Response(status=204)
    return _to_run(protocol_run_id, "write" if seen.is_live else f"n-{form.id}")


@running.get("/run-notes/<uuid:note_id>/edit")
def change_form(note_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        note: NoteLoaded = load(connection, who, "run_note", note_id, "run_note.change")
        given = {
            "text": note.text,
            "owner_id": str(note.owner_id or ""),
            "due": note.due.isoformat() if note.due else "",
        }
        return _change_page(connection, who, note, Answer(None, [], given))


@running.post("/run-notes/<uuid:note_id>/edit")
def change(note_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ChangeForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        note: NoteLoaded = load(connection, who, "run_note", note_id, "run_note.change")
        if _stays(connection, note):
            answer = Answer(None, [], answer.given)  # its page says why
        if answer.form is None:
            return _change_page(connection, who, note, answer), 422
        owner_id = _member_or_none(connection, note.community_id, answer.form.owner_id)
        seen: RunSeen = load(connection, who, "run", note.run_id, "run.take_part")
        actions.change_note(session, who, seen, note, answer.form.model_copy(update={"owner_id": owner_id}))
    return _to_run(note.run_id, f"n-{note_id}")


@running.post("/run-notes/<uuid:note_id>/remove")
def remove(note_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        note: NoteLoaded = load(session.connection(), who, "run_note", note_id, "run_note.change")
        seen: RunSeen = load(session.connection(), who, "run", note.run_id, "run.take_part")
        actions.remove_note(session, who, seen, note)
    return _to_run(note.run_id)


@running.post("/runs/<uuid:protocol_run_id>/pulse")
def give_pulse(protocol_run_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(PulseForm, request.form)
    with house().database.write() as session:
        seen: RunSeen = load(session.connection(), who, "run", protocol_run_id, "run.take_part")
        if answer.form is None:
            return _run_page(session.connection(), who, seen, answer, "pulse"), 422
        actions.give_pulse(session, who, seen, answer.form)
    return _to_run(protocol_run_id, "pulse")


@running.post("/runs/<uuid:protocol_run_id>/actions/<uuid:action_item_id>")
def update_action(protocol_run_id: UUID, action_item_id: UUID) -> str | Response | tuple[str, int]:
    """What became of an open action, said in the meeting."""
    who, answer = actor(), read_form(UpdateForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: RunSeen = load(connection, who, "run", protocol_run_id, "run.take_part")
        item: ActionSeen = load(connection, who, "action_item", action_item_id, "action_item.update")
        if item.community_id != seen.community_id:
            raise NotThere("action_item")
        if answer.form is None:
            errors = [{**error, "id": f"u-{error['field']}-{item.id}"} for error in answer.errors]
            return _run_page(connection, who, seen, Answer(None, errors, answer.given), str(item.id)), 422
        form, said_in = answer.form, Reference("meeting", seen.meeting_id)
        action_items.update_action(session, who, item, form.became.value, text=form.text, due=form.due, said_in=said_in)
    return _to_run(protocol_run_id, "open-actions")


def _steered(session: Session, who: Actor, seen: RunSeen, form: SteeringForm) -> bool:
    """Does it; whether the run ended with it."""
    is_last = form.saw + 1 >= seen.steps
    match form.what:
        case Steering.START:
            actions.start(session, who, seen)
        case Steering.LEAVE_OUT if not is_last:
            actions.next_step(session, who, seen, form.saw, form.reason)
        case Steering.NEXT:
            actions.next_step(session, who, seen, form.saw)
        case Steering.BACK:
            actions.step_back(session, who, seen, form.saw)
        case Steering.EXTEND:
            actions.extend(session, who, seen, form.saw, form.had, form.minutes)
        case Steering.PAUSE:
            actions.pause(session, who, seen)
        case Steering.GO_ON:
            actions.go_on(session, who, seen)
        case Steering.BREAK_OFF:
            actions.break_off(session, who, seen)
        case Steering.TAKE_UP:
            actions.take_up(session, who, seen)
        case Steering.END | Steering.LEAVE_OUT:
            meeting: MeetingSeen = load(session.connection(), who, "meeting", seen.meeting_id, "community.read")
            actions.end(session, who, seen, meeting, form.reason or None)
            return True
    return False


def _still_together(meeting: MeetingSeen, who: Actor) -> bool:
    """A second protocol may follow when the first has closed the meeting. In a run that was forgotten nobody takes the
    lead days later: they would see who was there."""
    return meeting.state not in TOOK_PLACE or (meeting.closed_at or who.at) > who.at - STILL_TOGETHER


def _to_run(run_id: UUID, anchor: str | None = None) -> Response:
    return redirect(url_for("running.run", protocol_run_id=run_id, _anchor=anchor), 303)


def _member_or_none(connection: Connection, community_id: UUID, person_id: UUID | None) -> UUID | None:
    """Whose an action is: a member's, or nobody's yet. A note that waited on a phone is not lost because its owner has
    left meanwhile."""
    if person_id is None or person_id in {member for member, _ in queries.owners(connection, community_id)}:
        return person_id
    return None


def _today(at: datetime) -> Any:
    return at.astimezone(ZoneInfo(house().settings.timezone)).date()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _clock(seen: RunSeen, at: datetime) -> dict[str, Any]:
    """What a page needs to show the same time as every other: when the step ends, or what is left while it is paused.
    ``shown`` changes with everything that needs the page anew."""
    until = ends_at(seen.clock)
    is_running = seen.state == RunState.RUNNING
    return {
        "number": seen.number,
        "at": _milliseconds(at),
        "shown": f"{seen.state}.{seen.step}.{seen.clock.extended}",
        "ends": _milliseconds(until) if is_running and until else "",
        "left": remaining(seen.clock, seen.paused_at, at),
        "live": "yes" if seen.is_live else "",
    }


def _begin_page(connection: Connection, who: Actor, meeting: MeetingSeen, answer: Answer[BeginForm]) -> str:
    community = load_here(connection, who, meeting.community_id, "community.read")
    offered = choices(connection, meeting.community_id)
    chosen = answer.given.get("protocol") or meeting.protocol or ""
    first = [one for one in offered if one.starter or one.is_own or one.key == chosen]
    return render_template(
        "running/begin.html",
        page_title=gettext("Begin the meeting"),
        community=frame(community, MEETINGS),
        meeting=meeting,
        chosen=next((one for one in offered if one.key == chosen), None),
        first=[_choice(one) for one in first],
        others=[_choice(one) for one in offered if one not in first],
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _choice(one: Any) -> tuple[str, str, str]:
    hint = gettext(
        "%(minutes)s minutes, %(smallest)s to %(largest)s people",
        minutes=one.minutes,
        smallest=one.smallest,
        largest=one.largest,
    )
    return one.key, one.name, hint


def _run_page(connection: Connection, who: Actor, seen: RunSeen, answer: Answer[Any], wrong: str = "") -> str:
    """``wrong`` says which of its forms the answer is about."""
    community = load_here(connection, who, seen.community_id, "community.read")
    protocol = protocol_of(seen)
    content = in_language(protocol)
    taken = roles_of_meeting(connection, seen.meeting_id)
    steps = queries.steps_of(connection, seen.id)
    notes = queries.notes_by_step(connection, seen.id)
    about = queries.spoken_of(connection, seen.meeting_id)
    stay = guesses_stay(about)
    at = house().clock()
    open_step = steps[seen.step]
    pinned = request.args.get("step", type=int)
    place = pinned if pinned is not None and 0 <= pinned < len(steps) else seen.step
    produces = content.steps[place].produces
    ways = {capture_of(word).way for word in produces} if place == seen.step else set()
    is_open = seen.state in (RunState.RUNNING, RunState.PAUSED)
    may_take_part = allows(seen.roles, "run.take_part")
    wants_people = seen.state == RunState.READY or (Way.ACTION in {capture_of(word).way for word in produces})
    members = queries.owners(connection, seen.community_id) if wants_people and may_take_part else []
    pulse_asked = (is_open and Way.PULSE in ways) or (not seen.is_live and _has(content, Way.PULSE))
    return render_template(
        "running/run.html",
        page_title=content.name,
        community=frame(community, MEETINGS),
        run=seen,
        content=content,
        roles=_roles(content, taken),
        leaders=[one.name for one in taken if one.role == FACILITATOR],
        clock=_clock(seen, at),
        now=at,
        left=remaining(seen.clock, seen.paused_at, at),
        open_step=open_step,
        speaker=_speaker(content.steps[seen.step].speaks, protocol.steps[seen.step].speaks, taken),
        is_silent=is_hidden(seen, protocol.steps[seen.step], seen.step),
        rows=[
            _row(
                who,
                seen,
                content,
                one,
                _readable(who, seen, protocol.steps[one.step], one.step, notes.get(one.step, [])),
                stay=stay,
            )
            for one in steps
        ],
        about=_about(connection, who, about),
        is_open=is_open,
        may_steer=allows(seen.roles, "run.steer"),
        may_take_part=may_take_part,
        me_id=who.person_id,
        leads=Role.HOLDING in seen.roles,
        writing=_writing(content, place, pinned is not None and place != seen.step, answer),
        members=members,
        links=_links(seen, produces) if place == seen.step else [],
        open_actions=open_ones(connection, who, seen.community_id) if is_open and Way.ACTION_UPDATE in ways else None,
        pulse=queries.pulse_of(connection, who, seen.meeting_id) if pulse_asked and may_take_part else None,
        box=f"{current_seat().word}:{seen.id}",
        answer=answer,
        errors=answer.errors,
        wrong=wrong,
        longest_note=LONGEST_NOTE,
    )


def _about(connection: Connection, who: Actor, things: Sequence[Reference]) -> list[Thing]:
    """What the meeting speaks of, to be looked at meanwhile: what of it this actor may see, in the agenda's order."""
    known = [one for one in things if one.kind in kinds()]
    there = shown(connection, who, known)
    return [there[one] for one in known if one in there]


def _guesses_stay(connection: Connection, who: Actor, meeting_id: UUID, notes: Iterable[NoteSeen]) -> bool:
    """Asked only where one of these notes is a guess of theirs: every phone asks every few seconds."""
    has_guessed = any(note.kind == GUESS and note.author_id == who.person_id for note in notes)
    return has_guessed and guesses_stay(queries.spoken_of(connection, meeting_id))


def _stays(connection: Connection, note: NoteLoaded) -> bool:
    """Who has guessed about class results sees them, and rewrites the guess no more."""
    return note.kind == GUESS and guesses_stay(queries.spoken_of(connection, note.meeting_id))


def _why_it_stays() -> str:
    return gettext("A guess stays as it was said, for whoever has guessed may see the numbers. You can take it back.")


def _has(content: Content, way: Way) -> bool:
    return any(capture_of(word).way is way for step in content.steps for word in step.produces)


def _roles(content: Content, taken: Sequence[RoleTaken]) -> list[dict[str, Any]]:
    """The parts of the protocol, the facilitation always among them, and who has them."""
    return [
        {
            "id": role.id,
            "name": role_name(role.id),
            "duty": role.duty,
            "may_be_given": meeting_actions.ROLE.fullmatch(role.id) is not None,
            "people": [one.name for one in taken if one.role == role.id],
            "ids": {one.person_id for one in taken if one.role == role.id},
        }
        for role in _parts(content)
    ]


def _parts(content: Content) -> list[ProtocolRole]:
    """Somebody leads, also where the protocol names nobody for it."""
    roles = list(content.roles)
    if FACILITATOR not in {role.id for role in roles}:
        roles.insert(0, ProtocolRole(id=FACILITATOR, duty=gettext("Keeps the order and the time.")))
    return roles


def _speaker(said: str, role: str, taken: Sequence[RoleTaken]) -> dict[str, Any]:
    """Who has the word, and by name if it is a part that somebody took."""
    return {"words": speaks(said), "people": [one.name for one in taken if one.role == role]}


def _row(
    who: Actor, seen: RunSeen, content: Content, step: StepSeen, notes: Sequence[NoteSeen], *, stay: bool
) -> dict[str, Any]:
    about = content.steps[step.step]
    return {
        "place": step.step,
        "title": about.title,
        "minutes": about.minutes,
        "state": step.state,
        "state_name": gettext(queries.step_states()[StepState(step.state)]),
        "reason": gettext(actions.ENDED) if step.reason == actions.ENDED else step.reason,
        "notes": [_note(who, seen, note, stay=stay) for note in notes],
    }


def _note(who: Actor, seen: RunSeen, note: NoteSeen, *, stay: bool) -> dict[str, Any]:
    """``stay``: guesses stay as they were said, and can only be taken back."""
    is_mine = note.author_id == who.person_id
    return {
        "note": note,
        "kind": gettext(capture_of(note.kind).label) if note.kind != PLAIN else "",
        "at": _milliseconds(note.written_at),
        "may_change": is_mine and (seen.is_live or note.became is None),
        "stays": stay and note.kind == GUESS,
    }


def _lists_html(lists: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """The items of each list, made in one go: most of what a template costs is to begin with it."""
    if not lists:
        return []
    html = render_template("running/notes.html", lists=lists, between=BETWEEN)
    return [one.strip() for one in html.split(BETWEEN)]


def _readable(who: Actor, seen: RunSeen, step: Step, place: int, notes: Sequence[NoteSeen]) -> list[NoteSeen]:
    """While a silent step is open everybody sees what they wrote themselves."""
    hidden = is_hidden(seen, step, place)
    return [note for note in notes if not hidden or note.author_id == who.person_id]


def _writing(content: Content, place: int, is_pinned: bool, answer: Answer[Any]) -> dict[str, Any]:
    kinds = [(kind, gettext(capture_of(kind).label)) for kind in kinds_written(content.steps[place].produces)]
    given = answer.given if "kind" in answer.given else {}
    return {
        "id": uuid4(),
        "place": {str(one): one for one in range(len(content.steps))}.get(given.get("step", ""), place),
        "title": content.steps[place].title,
        "kinds": kinds,
        "kind": given.get("kind") or kinds[0][0],
        "is_pinned": is_pinned,
        "has_action": any(capture_of(kind).way is Way.ACTION for kind, _ in kinds),
        "text": given.get("text", ""),
        "owner_id": given.get("owner_id", ""),
        "due": given.get("due", ""),
    }


def _links(seen: RunSeen, produces: Sequence[str]) -> list[tuple[str, str]]:
    """Ways to the pages on which some of it is made, where there are such pages."""
    found: dict[str, str] = {}
    for capture in map(capture_of, produces):
        if capture.endpoint in current_app.view_functions:
            given: Mapping[str, Any] = (
                {"meeting_id": seen.meeting_id} if capture.of_meeting else {"community_id": seen.community_id}
            )
            found[gettext(capture.link_label)] = url_for(capture.endpoint, **given)
    return list(found.items())


def _change_page(connection: Connection, who: Actor, note: NoteLoaded, answer: Answer[ChangeForm]) -> str:
    community = load_here(connection, who, note.community_id, "community.read")
    is_action = capture_of(note.kind).way is Way.ACTION
    return render_template(
        "running/note_form.html",
        page_title=gettext("Change a note"),
        community=frame(community, MEETINGS),
        note=note,
        label=gettext(capture_of(note.kind).label),
        is_action=is_action,
        why_it_stays=_why_it_stays() if _stays(connection, note) else None,
        members=queries.owners(connection, note.community_id) if is_action else [],
        answer=answer,
        errors=answer.errors,
        longest_note=LONGEST_NOTE,
    )
