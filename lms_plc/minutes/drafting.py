"""From what was written down in a meeting to a draft of its minutes, without anybody writing it twice."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.actionitems.actions import record_action
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.evidence.actions import keep_node
from lms_plc.evidence.kinds import NODE
from lms_plc.meetings import spoken_of
from lms_plc.meetings.queries import MeetingSeen, agenda, load_meeting, roles_of_meeting
from lms_plc.minutes import actions, words
from lms_plc.minutes.queries import DECISION, record_of
from lms_plc.running.actions import become_thing
from lms_plc.running.captures import Way, capture_of
from lms_plc.running.endings import when_a_run_ends
from lms_plc.running.queries import NoteSeen, RunSeen, StepNotes, notes_of
from lms_plc.web.i18n import html_language, speaking
from lms_plc.web.languages import ENGLISH, normalise

SCRIBE = "scribe"


@when_a_run_ends
def draft_from_run(session: Session, actor: Actor, run: RunSeen, steps: Sequence[StepNotes]) -> None:
    """Decisions, actions and thoughts get their places; all else becomes the words of the draft."""
    loaded = load_meeting(session.connection(), actor, run.meeting_id)
    assert loaded is not None
    meeting: MeetingSeen = loaded.thing
    for note in (note for step in steps for note in step.notes if note.became is None):
        made = _make(session, actor, meeting, note)
        if made is not None:
            become_thing(session, note.id, made)
    language = meeting.minutes_language or page_language()
    with speaking(language):
        # what a meeting spoke of stands in its minutes once, with the first run
        points = "" if meeting.minutes else _points(session.connection(), actor, meeting)
        draft = words.as_much_as_fits(words.put_together(points, words.of_runs(steps)), len(meeting.minutes))
    actions.draft(session, actor, meeting, draft, language, _scribe(session.connection(), actor, meeting))


def proposed(connection: Connection, actor: Actor, meeting: MeetingSeen) -> str:
    """What somebody who writes minutes begins with: as they stand, with the notes that came in since; where there are
    none, what came of the agenda, and the notes of runs that were broken off."""
    if meeting.minutes_version:
        late = record_of(connection, meeting.id).late
        added = words.as_much_as_fits(words.of_late_notes(late), len(meeting.minutes))
        return f"{meeting.minutes}\n\n{added}".strip() if added else meeting.minutes
    points = _points(connection, actor, meeting)
    return words.put_together(points, words.of_runs(notes_of(connection, meeting.id), whole=True))


def page_language() -> str:
    """The language this page is in."""
    return normalise(html_language()) or ENGLISH


def _make(session: Session, actor: Actor, meeting: MeetingSeen, note: NoteSeen) -> Reference | None:
    """The thing of its own that a note becomes, if it does."""
    way, form_key = capture_of(note.kind).way, f"note-{note.id.hex}"
    origin = Reference("meeting", meeting.id)
    if way is Way.DECISION:
        return Reference(DECISION, actions.decide(session, actor, meeting, note.text))
    if way is Way.ACTION:
        action_id = record_action(
            session,
            actor,
            community_id=meeting.community_id,
            site_id=meeting.site_id,
            text=note.text,
            owner_id=note.owner_id,
            due=note.due,
            origin=origin,
            form_key=form_key,
        )
        return Reference("action_item", action_id)
    if way is Way.NODE:
        node_id = keep_node(
            session,
            actor,
            community_id=meeting.community_id,
            site_id=meeting.site_id,
            kind=note.kind,
            text=note.text,
            author_id=note.author_id,
            origin=origin,
            form_key=form_key,
        )
        return Reference(NODE, node_id)
    return None


def _points(connection: Connection, actor: Actor, meeting: MeetingSeen) -> str:
    """What was dealt with; what was not is carried over, and stands there."""
    dealt = [item for item in agenda(connection, meeting.community_id, meeting.id) if item.dealt_at or item.outcome]
    return words.of_agenda([(item.title, item.outcome) for item in spoken_of.named(connection, actor, dealt)])


def _scribe(connection: Connection, actor: Actor, meeting: MeetingSeen) -> UUID:
    """Who keeps the minutes: who took that part, or else whoever ended the run."""
    taken = [one.person_id for one in roles_of_meeting(connection, meeting.id) if one.role == SCRIBE]
    return actor.person_id if not taken or actor.person_id in taken else taken[0]
