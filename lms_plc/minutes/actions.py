"""What members can do about minutes: draft, write, approve, translate; and the decisions in them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, excerpt, render
from lms_plc.meetings import actions as meetings
from lms_plc.meetings.models import Meeting
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, State
from lms_plc.minutes.forms import LONGEST_DECISION, Answered, AnswerForm, MinutesForm, VersionForm
from lms_plc.minutes.models import Decision, MinutesAnswer, MinutesVersion
from lms_plc.minutes.queries import DECISION, KIND, DecisionLoaded, record_of


class MinutesMovedOn(Exception):
    """Somebody else wrote meanwhile; nothing was overwritten."""


def draft(session: Session, actor: Actor, meeting: MeetingSeen, words: str, language: str, scribe_id: UUID) -> None:
    """Puts what was written down in a meeting that took place below what its minutes say already. Written by the house,
    in the name of whoever keeps the minutes."""
    before = session.execute(
        select(Meeting.minutes, Meeting.minutes_version, Meeting.minutes_language)
        .where(Meeting.id == meeting.id)
        .with_for_update()
    ).one()
    body = f"{before.minutes}\n\n{words}" if before.minutes and words else before.minutes or words
    _store(session, actor, meeting, body, before.minutes_version, before.minutes_language or language, scribe_id)
    _tell(session, _into_draft(session, actor, meeting), actor, meeting, {"version": before.minutes_version + 1})


def write_minutes(session: Session, actor: Actor, meeting: MeetingSeen, form: MinutesForm, language: str) -> None:
    """Writes down what was said, in ``language`` if none was chosen or known; a meeting that has begun was held then.
    What was approved is a draft again. Raises MinutesMovedOn."""
    chosen = form.language or meeting.minutes_language or language
    _store(session, actor, meeting, form.body, form.based_on, chosen, actor.person_id)
    _tell(session, _into_draft(session, actor, meeting), actor, meeting, {"version": form.based_on + 1})


def answer_minutes(session: Session, actor: Actor, meeting: MeetingSeen, form: AnswerForm) -> None:
    """Says of the version one has read that it is right, or what is not. When enough have read it, it is approved; what
    is not right makes approved minutes a draft again. Raises MinutesMovedOn."""
    version = session.execute(
        select(Meeting.minutes_version).where(Meeting.id == meeting.id).with_for_update()
    ).scalar_one()
    if version != form.version or version == 0:
        raise MinutesMovedOn
    objects = form.answer is Answered.WRONG
    said = upsert(session, MinutesAnswer).values(
        meeting_id=meeting.id,
        version=version,
        person_id=actor.person_id,
        answer=form.answer.value,
        text=form.text if objects else "",
        at=actor.at,
    )
    new = {name: said.excluded[name] for name in ("answer", "text", "at")}
    session.execute(said.on_conflict_do_update(index_elements=["meeting_id", "version", "person_id"], set_=new))
    if objects:
        _into_draft(session, actor, meeting)
        _tell(session, "minutes.objected", actor, meeting, {"version": version})
        return
    record = record_of(session.connection(), meeting.id)
    if record.weighed.is_approved and meetings.state_of(session, meeting.id) is not State.MINUTES_APPROVED:
        _into_draft(session, actor, meeting)
        meetings.become(session, actor, meeting, State.MINUTES_APPROVED)
        facts = {"version": version, "right": record.weighed.said, "asked": record.weighed.asked}
        _tell(session, "minutes.approved", actor, meeting, facts)


def write_version(session: Session, actor: Actor, meeting: MeetingSeen, language: str, form: VersionForm) -> None:
    """Writes the minutes in another language, beside the original as it stands. Raises MinutesMovedOn when somebody
    wrote that version, or the original, meanwhile."""
    now = session.execute(
        select(Meeting.minutes, Meeting.minutes_version).where(Meeting.id == meeting.id).with_for_update()
    ).one()
    values = {
        "body": form.body,
        "body_html": render(form.body).html,
        "body_renderer": RENDERER,
        "of_version": now.minutes_version,
        "of_body": now.minutes,
        "version": form.based_on + 1,
        "written_by_id": actor.person_id,
        "at": actor.at,
    }
    key = (MinutesVersion.meeting_id == meeting.id, MinutesVersion.language == language)
    if now.minutes_version != form.of_version:
        raise MinutesMovedOn
    if form.based_on:
        changed = update(MinutesVersion).where(*key, MinutesVersion.version == form.based_on).values(**values)
    else:
        adding = upsert(session, MinutesVersion).values(meeting_id=meeting.id, language=language, **values)
        changed = adding.on_conflict_do_nothing(index_elements=["meeting_id", "language"])
    if session.execute(changed.returning(MinutesVersion.version)).one_or_none() is None:
        raise MinutesMovedOn
    facts = {"language": language, "of_version": now.minutes_version}
    _tell(session, "minutes.translated", actor, meeting, facts)


def decide(session: Session, actor: Actor, meeting: MeetingSeen, text: str) -> UUID:
    """Writes down what was decided. A meeting does not decide the same twice: the same words are one decision."""
    _hold(session, meeting.id)
    text = text[:LONGEST_DECISION]
    standing = select(Decision.id).where(
        Decision.meeting_id == meeting.id, Decision.text == text, Decision.withdrawn_at.is_(None)
    )
    known = session.execute(standing.limit(1)).scalar_one_or_none()
    if known is not None:
        return known
    decision_id = new_id()
    session.add(
        Decision(
            id=decision_id,
            community_id=meeting.community_id,
            meeting_id=meeting.id,
            text=text,
            for_school=False,
            recorded_by_id=actor.person_id,
            created_at=actor.at,
            withdrawn_at=None,
        )
    )
    session.flush()
    _read_anew(session, actor, meeting)
    place = (meeting.site_id, meeting.community_id)
    facts = {"meeting_id": str(meeting.id)}
    meetings.tell(session, "decision.recorded", actor, Reference(DECISION, decision_id), *place, facts)
    FOUND.find(session, decision_id)
    return decision_id


def withdraw_decision(session: Session, actor: Actor, meeting: MeetingSeen, decision: DecisionLoaded) -> None:
    """It was not decided, or is not any more: it stands in the record as withdrawn."""
    _hold(session, meeting.id)
    gone = session.execute(
        update(Decision)
        .where(Decision.id == decision.id, Decision.withdrawn_at.is_(None))
        .values(withdrawn_at=actor.at)
        .returning(Decision.id)
    ).one_or_none()
    if gone is None:
        return
    _read_anew(session, actor, meeting)
    search.forget(session, Reference(DECISION, decision.id))
    place = (Reference(DECISION, decision.id), meeting.site_id, meeting.community_id)
    meetings.tell(session, "decision.withdrawn", actor, *place)


def mark_for_school(session: Session, actor: Actor, decision: DecisionLoaded, for_school: bool) -> None:
    """Whether the members said that the school may know of it. Nobody is told by that."""
    changed = session.execute(
        update(Decision)
        .where(Decision.id == decision.id, Decision.for_school != for_school, Decision.withdrawn_at.is_(None))
        .values(for_school=for_school)
        .returning(Decision.id)
    ).one_or_none()
    if changed is not None:
        place = (Reference(DECISION, decision.id), decision.site_id, decision.community_id)
        meetings.tell(session, "decision.marked", actor, *place, {"for_school": for_school})


def _store(
    session: Session,
    actor: Actor,
    meeting: MeetingSeen,
    body: str,
    based_on: int,
    language: str,
    scribe_id: UUID,
) -> None:
    written = session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id, Meeting.minutes_version == based_on)
        .values(
            minutes=body,
            minutes_html=render(body).html,
            minutes_renderer=RENDERER,
            minutes_version=based_on + 1,
            minutes_language=language,
            minutes_by_id=scribe_id,
            minutes_at=actor.at,
        )
        .returning(Meeting.id)
    ).one_or_none()
    if written is None:
        raise MinutesMovedOn
    meetings.FOUND.find(session, meeting.id)


def _into_draft(session: Session, actor: Actor, meeting: MeetingSeen) -> str:
    """Brings a meeting that is over to where its minutes are read; answers what is to be told: that there is a draft
    now, or that it was written in. Before a meeting ends its minutes are no draft yet, and one that was called off has
    none."""
    now = meetings.state_of(session, meeting.id)
    has_begun = meeting.starts_at <= actor.at
    if now is State.NOT_HELD or (now in COMING and has_begun):
        meetings.close(session, actor, meeting)
        now = State.HELD
    if now is State.HELD:
        meetings.become(session, actor, meeting, State.MINUTES_DRAFT)
        return "minutes.drafted"
    if now is State.MINUTES_APPROVED:
        meetings.become(session, actor, meeting, State.MINUTES_DRAFT)
    return "minutes.written"


def _read_anew(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """What somebody found right has changed: it is another version now, with the same words."""
    read = select(MinutesAnswer.person_id).where(
        MinutesAnswer.meeting_id == meeting.id, MinutesAnswer.version == Meeting.minutes_version
    )
    moved = session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id, read.exists())
        .values(minutes_version=Meeting.minutes_version + 1)
        .returning(Meeting.id)
    ).one_or_none()
    if moved is not None:
        _into_draft(session, actor, meeting)


def _hold(session: Session, meeting_id: UUID) -> None:
    """One at a time: the meeting's row stays as it is until we are done."""
    session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update())


def _tell(session: Session, verb: str, actor: Actor, meeting: MeetingSeen, facts: Mapping[str, Any]) -> None:
    meetings.tell(session, verb, actor, Reference(KIND, meeting.id), meeting.site_id, meeting.community_id, facts)


def _findable() -> Any:
    return (
        select(Decision.id, Community.site_id, Decision.community_id, Decision.text, Decision.created_at)
        .join(Community, Community.id == Decision.community_id)
        .where(Decision.withdrawn_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(DECISION, row.id),
        row.site_id,
        row.community_id,
        None,
        Audience.COMMUNITY.value,
        excerpt(row.text, 80),
        row.text,
        row.created_at,
    )


FOUND = search.findable(DECISION, Decision.id, _findable, _entry)
