"""What happens when a sheet is entered: each thing that was written on it goes to the room it belongs to.

The same sheet entered twice adds nothing twice, whoever enters it: what is there already in the same words stays.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lms_plc.actionitems.actions import record_action
from lms_plc.actionitems.queries import ActionSeen
from lms_plc.attendance import actions as attending
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, load
from lms_plc.meetings.actions import close, state_of
from lms_plc.meetings.agenda import say_outcome
from lms_plc.meetings.forms import OutcomeForm
from lms_plc.meetings.queries import ItemLoaded, MeetingSeen
from lms_plc.meetings.states import COMING, State
from lms_plc.minutes.actions import decide, draft
from lms_plc.minutes.forms import LONGEST_MINUTES
from lms_plc.minutes.words import put_together
from lms_plc.sheets.forms import Agreed, Noted, Written
from lms_plc.sheets.queries import Sheet


class NoRoomInMinutes(Exception):
    """The minutes would become longer than minutes can be; nothing was written."""


def enter_sheet(
    session: Session,
    actor: Actor,
    sheet: Sheet,
    written: Written,
    standing: Sequence[ActionSeen],
    *,
    guests: Sequence[str],
    language: str,
) -> None:
    """Writes down what the paper says. ``standing`` are the actions that were agreed in this meeting, as far as they
    are known; ``guests`` the digests of names. Every room tells of what is its own. Raises NoRoomInMinutes."""
    meeting = sheet.meeting
    words = new_words(sheet, written.notes)
    if len(meeting.minutes) + len(words) > LONGEST_MINUTES - 2:
        raise NoRoomInMinutes
    _was_held(session, actor, meeting)
    if sheet.names is not None:
        attending.mark(session, actor, meeting, written.ticked.marks, attending.Method.SHEET)
        attending.write_guests(session, actor, meeting, guests)
    for item_id in written.dealt_with:
        item: ItemLoaded = load(session.connection(), actor, "agenda_item", item_id, "meeting.write_minutes")
        say_outcome(session, actor, item, OutcomeForm(outcome=item.outcome, dealt_with=True))
    for decision in written.decisions:
        decide(session, actor, meeting, decision)
    known = {_plain(action.text) for action in standing}
    for agreed in written.actions:
        if _plain(agreed.text) not in known:
            known.add(_plain(agreed.text))
            _record(session, actor, meeting, agreed)
    if words:
        draft(session, actor, meeting, words, language, actor.person_id)


def new_words(sheet: Sheet, notes: Sequence[Noted]) -> str:
    """What the notes add to the minutes: a heading for each thing that was spoken about, its lines below it. A line
    that stands below the same heading already is left out."""
    there = _lines_by_heading(sheet.meeting.minutes)
    of_steps = {part.key for part in sheet.steps}
    parts, protocol = [], f"## {_one_line(sheet.protocol or '')}"
    for note in notes:
        heading = f"### {_one_line(note.part.title)}"
        new = [line for line in map(_point, note.text.splitlines()) if line and line not in there.get(heading, ())]
        if not new:
            continue
        if note.part.key in of_steps and protocol not in there and protocol not in parts:
            parts.append(protocol)
        parts += [heading, "\n".join(dict.fromkeys(new))]
    return put_together(*parts)


def _lines_by_heading(minutes: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    heading = ""
    for line in minutes.splitlines():
        if line.startswith("#"):
            heading = line.strip()
            found.setdefault(heading, set())
        elif line.strip():
            found.setdefault(heading, set()).add(line.strip())
    return found


def _point(line: str) -> str:
    text = _one_line(line).removeprefix("- ")
    return f"- {text}" if text else ""


def _was_held(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """Who has its sheet in hand knows that it took place; one that is under way goes on until its time is over."""
    state = state_of(session, meeting.id)
    is_over = state is State.RUNNING and meeting.ends_at <= actor.at
    if state in COMING | {State.NOT_HELD} or is_over:
        close(session, actor, meeting)


def _record(session: Session, actor: Actor, meeting: MeetingSeen, agreed: Agreed) -> None:
    record_action(
        session,
        actor,
        community_id=meeting.community_id,
        site_id=meeting.site_id,
        text=agreed.text,
        owner_id=agreed.owner_id,
        due=agreed.due,
        origin=Reference("meeting", meeting.id),
        form_key=_key_of(meeting.id, agreed.text),
    )


def _key_of(meeting_id: UUID, text: str) -> str:
    """The same for the same words of one meeting: two phones that send one sheet at once make one action."""
    return hashlib.sha256(f"sheet|{meeting_id}|{_plain(text)}".encode()).hexdigest()[:48]


def _plain(text: str) -> str:
    return _one_line(text).casefold().rstrip(".")


def _one_line(text: str) -> str:
    return " ".join(text.split())
