"""What can be done with an inquiry. Each verb changes it only from a state it fits, whoever else is at it.

What is for its author alone is sealed before it is stored, and an event of an inquiry that is still private names no
community: nobody is told that there is one. Opening is its people's own verb, and unseals what it opens.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.database import once, upsert
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.cycles.content import Stage
from lms_plc.cycles.queries import CycleSeen
from lms_plc.evidence.actions import keep_node
from lms_plc.inquiry.exits import told_by_words
from lms_plc.inquiry.following import follow, its_people, readers_of
from lms_plc.inquiry.forms import (
    BeginForm,
    NoteForm,
    Part,
    Reads,
    ThoughtForm,
    WordsForm,
)
from lms_plc.inquiry.models import (
    Inquiry,
    InquiryExit,
    InquiryNote,
    InquiryPerson,
    InquiryStage,
)
from lms_plc.inquiry.queries import (
    ACTIVE,
    AT_WORK,
    BEGUN,
    DONE,
    LEAD,
    NOT_STARTED,
    OPEN,
    PRIVATE,
    SHARING,
    SKIPPED,
    InquirySeen,
    StageState,
)
from lms_plc.inquiry.stages import (
    begin_round,
    enter_stage,
    is_sealed,
    move_stage,
    of_round,
    set_audience,
    unseal_notes,
    unseal_rounds,
    unseal_talks_and_plans,
)
from lms_plc.inquiry.telling import FOUND, move, tell, tell_of, touch
from lms_plc.inquiry.written import Meanwhile, NoteSeen

TELLS = frozenset({"Story", "EventPresentation"})
"""What a stage brings forth in which the work is told to others."""


def open_inquiry(
    session: Session,
    actor: Actor,
    seal: Seal,
    community: CommunitySeen,
    form: BeginForm,
    cycle: CycleSeen,
    origin: Reference | None = None,
) -> UUID:
    """Begins one, which is private until its lead opens it. The same form sent twice is one inquiry."""
    first = cycle.content.stages[0]
    inquiry_id, is_new = once(
        session,
        Inquiry,
        ("opened_by_id", "form_key"),
        community_id=community.id,
        opened_by_id=actor.person_id,
        title=seal.close(form.title),
        sealed=True,
        cycle=cycle.key,
        cycle_version=cycle.version,
        content=cycle.content.model_dump(mode="json"),
        state=PRIVATE,
        stage=first.id,
        round=1,
        told_to_school=False,
        origin_kind=origin.kind if origin else None,
        origin_id=origin.id if origin else None,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return inquiry_id
    session.execute(
        insert(InquiryPerson).values(
            inquiry_id=inquiry_id, person_id=actor.person_id, part=LEAD, state=ACTIVE, asked_at=actor.at, since=actor.at
        )
    )
    begin_round(session, inquiry_id, 1, cycle.content, first.id, {}, actor.at)
    tell_of(session, actor, "begun", inquiry_id, community.site_id, None)
    return inquiry_id


def change_title(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, title: str) -> None:
    """Raises WordsLost, as everything here that would write over what nobody can open any more."""
    seal.check(seen.sealed_title)
    session.execute(
        update(Inquiry)
        .where(Inquiry.id == seen.id)
        .values(title=seal.close(title) if seen.is_sealed else title, changed_at=actor.at)
    )
    tell(session, actor, "renamed", seen)
    FOUND.find(session, seen.id)


def write_note(
    session: Session, actor: Actor, seal: Seal, seen: InquirySeen, stage: StageState, form: NoteForm
) -> UUID:
    """Writes an answer to a prompt, a note, or a friend's question. The same form sent twice is one note."""
    sealed = is_sealed(seen, stage)
    note_id, is_new = once(
        session,
        InquiryNote,
        ("author_id", "form_key"),
        inquiry_id=seen.id,
        round=seen.round,
        stage=stage.stage,
        prompt=form.prompt,
        text=seal.close(form.text) if sealed else form.text,
        sealed=sealed,
        author_id=actor.person_id,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return note_id
    _see_in_words(session, actor, seen, stage.stage, form.text)
    touch(session, seen, actor.at)
    is_question = seen.my_part == Part.CRITICAL_FRIEND.value
    tell(session, actor, "question_asked" if is_question else "note_written", seen, {"stage": stage.stage})
    return note_id


def change_note(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, note: NoteSeen, form: WordsForm) -> None:
    """Changes one's own words; without any the note is gone. Raises WordsLost, and Meanwhile where one wrote others in
    another window."""
    seal.check(note.sealed_text)
    text = form.text
    if text != note.text and form.based_on != note.based_on:
        raise Meanwhile
    if text:
        words = seal.close(text) if note.is_sealed else text
        session.execute(update(InquiryNote).where(InquiryNote.id == note.id).values(text=words, changed_at=actor.at))
        _see_in_words(session, actor, seen, note.stage, text)
    else:
        session.execute(delete(InquiryNote).where(InquiryNote.id == note.id))
    touch(session, seen, actor.at)
    tell(session, actor, "note_changed" if text else "note_taken_back", seen, {"stage": note.stage})


def keep_thought(
    session: Session, actor: Actor, seal: Seal, seen: InquirySeen, stage: StageState, form: ThoughtForm
) -> UUID:
    """Keeps what the stage is to bring forth, a concern or a hunch, as a thought; it is read by who reads the stage."""
    people = its_people(session, seen.id)
    readers = readers_of(seen, stage.audience, [one for one in people if one != actor.person_id])
    node_id = keep_node(
        session,
        actor,
        community_id=seen.community_id,
        site_id=seen.site_id,
        kind=form.kind,
        text=form.thought,
        author_id=actor.person_id,
        origin=seen.reference,
        form_key=form.form_key,
        audience=readers.value,
        seal=seal,
        people=people,
        closed=seen.is_private,
    )
    _see_in_words(session, actor, seen, stage.stage, form.thought)
    touch(session, seen, actor.at)
    return node_id


def tick(session: Session, actor: Actor, seen: InquirySeen, stage: str, number: int, *, met: bool) -> None:
    """Says that a condition is met where the tool cannot see it, or that it is not after all."""
    if met:
        _add_tick(session, actor, seen, stage, number)
    else:
        session.execute(
            delete(InquiryExit).where(
                InquiryExit.inquiry_id == seen.id,
                InquiryExit.round == seen.round,
                InquiryExit.stage == stage,
                InquiryExit.number == number,
            )
        )
    tell(session, actor, "exit_ticked" if met else "exit_unticked", seen, {"stage": stage, "number": number})


def enter(session: Session, actor: Actor, seen: InquirySeen, stage: Stage) -> bool:
    """A stage is begun, or gone into again; what runs alongside it begins with it. False when it is open already."""
    entered = enter_stage(session, seen, stage.id, actor.at)
    if not entered:
        return False
    _stand_at(session, seen, stage, actor.at)
    tell(session, actor, "stage_entered", seen, {"stage": stage.id, "round": seen.round})
    return True


def leave(session: Session, actor: Actor, seen: InquirySeen, stage: Stage, missing: int) -> Stage | None:
    """Leaves a stage, also where something is missing, and begins the next that has not been; answers that one."""
    left = move_stage(session, seen.id, seen.round, stage.id, AT_WORK, state=DONE, left_at=actor.at, reason=None)
    if not left:
        return None
    facts = {"stage": stage.id, "round": seen.round, "missing": missing}
    return _go_on(session, actor, seen, stage, "stage_left", facts)


def skip(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, stage: Stage, reason: str) -> Stage | None:
    """Goes past a stage, with a reason; answers the next one."""
    skipped = move_stage(
        session,
        seen.id,
        seen.round,
        stage.id,
        (NOT_STARTED, *AT_WORK),
        state=SKIPPED,
        left_at=actor.at,
        reason=seal.close(reason),
    )
    if not skipped:
        return None
    return _go_on(session, actor, seen, stage, "stage_skipped", {"stage": stage.id, "round": seen.round})


def let_read(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, stage: StageState, reads: Reads) -> bool:
    """Opens a stage that was for its author alone, or changes who of the others reads it; what is in it is unsealed
    if the community knows of the inquiry. Raises WordsLost."""
    changed = session.execute(
        update(InquiryStage)
        .where(
            InquiryStage.inquiry_id == seen.id,
            InquiryStage.round == seen.round,
            InquiryStage.stage == stage.stage,
            InquiryStage.audience == stage.audience,
            InquiryStage.audience != reads.value,
        )
        .values(audience=reads.value)
        .returning(InquiryStage.stage)
    ).one_or_none()
    if changed is None:
        return False
    if not seen.is_private:
        unseal_notes(session, seal, seen.id, [(seen.round, stage.stage)])
    follow(session, seen, seal, opened=stage)
    touch(session, seen, actor.at)
    tell(session, actor, "stage_opened", seen, {"stage": stage.stage, "audience": reads.value})
    return True


def open_to_community(session: Session, actor: Actor, seal: Seal, seen: InquirySeen, shown: Collection[str]) -> bool:
    """From now on the community knows of it. ``shown`` are the stages it reads at once, each of one round
    (``stages.of_round``); of those that were begun the others stay with its people, and what was for its author alone
    stays there. False when it knows already. Raises WordsLost."""
    closed = session.execute(
        select(Inquiry.title, Inquiry.learned, Inquiry.successor).where(
            Inquiry.id == seen.id, Inquiry.opened_at.is_(None)
        )
    ).one_or_none()
    if closed is None:
        return False
    words = {
        "title": seal.words(closed.title),
        "learned": seal.words(closed.learned) if closed.learned else None,
        "successor": seal.words(closed.successor) if closed.successor else None,
    }
    state = {"state": OPEN} if seen.state == PRIVATE else {"state_before": OPEN}
    session.execute(
        update(Inquiry)
        .where(Inquiry.id == seen.id)
        .values(sealed=False, opened_at=actor.at, changed_at=actor.at, **words, **state)
    )
    unseal_rounds(session, seal, seen.id)
    unseal_talks_and_plans(session, seal, seen.id)
    begun = session.execute(
        select(InquiryStage.round, InquiryStage.stage, InquiryStage.state, InquiryStage.audience).where(
            InquiryStage.inquiry_id == seen.id, InquiryStage.audience != Audience.ONLY_ME.value
        )
    ).all()
    for row in begun:
        if row.state != NOT_STARTED:
            audience = Audience.COMMUNITY if of_round(row.round, row.stage) in shown else Audience.NAMED_PEOPLE
            set_audience(session, seen.id, row.round, row.stage, audience.value)
    unseal_notes(session, seal, seen.id, [(row.round, row.stage) for row in begun])
    opened = replace(seen, opened_at=actor.at)
    follow(session, opened, seal)
    tell(session, actor, "opened", opened)
    FOUND.find(session, seen.id)
    return True


def tell_school(session: Session, actor: Actor, seen: InquirySeen, *, told: bool) -> bool:
    """The title, and nothing else, may be seen by the school; or no longer. Only of one its community knows of."""
    changed = move(
        session,
        seen.id,
        Inquiry.opened_at.is_not(None),
        Inquiry.told_to_school.is_(not told),
        told_to_school=told,
        changed_at=actor.at,
    )
    if changed:
        tell(session, actor, "told_to_school" if told else "not_told_to_school", seen)
    return changed


def _see_in_words(session: Session, actor: Actor, seen: InquirySeen, stage_id: str, text: str) -> None:
    stage = seen.content.stage(stage_id)
    told = told_by_words(text) if stage else []
    for number, sentence in enumerate(stage.exit if stage else ()):
        if sentence in told:
            _add_tick(session, actor, seen, stage_id, number)


def _add_tick(session: Session, actor: Actor, seen: InquirySeen, stage: str, number: int) -> None:
    session.execute(
        upsert(session, InquiryExit)
        .values(
            inquiry_id=seen.id,
            round=seen.round,
            stage=stage,
            number=number,
            ticked_by_id=actor.person_id,
            at=actor.at,
        )
        .on_conflict_do_nothing()
    )


def _stand_at(session: Session, seen: InquirySeen, stage: Stage, at: datetime) -> None:
    tells = TELLS & set(stage.outputs) and seen.state == OPEN
    session.execute(
        update(Inquiry)
        .where(Inquiry.id == seen.id)
        .values(stage=stage.id, changed_at=at, **({"state": SHARING} if tells else {}))
    )
    for one in seen.content.stages:
        if one.runs_alongside == stage.id:
            move_stage(session, seen.id, seen.round, one.id, (NOT_STARTED,), state=BEGUN, entered_at=at)


def _go_on(
    session: Session, actor: Actor, seen: InquirySeen, stage: Stage, verb: str, facts: Mapping[str, Any]
) -> Stage | None:
    """To the next stage that is open or was not begun: behind this one first, then from the beginning."""
    rows = session.execute(
        select(InquiryStage.stage, InquiryStage.state).where(
            InquiryStage.inquiry_id == seen.id, InquiryStage.round == seen.round
        )
    )
    states = {row.stage: row.state for row in rows}
    ids = [one.id for one in seen.content.stages]
    place = ids.index(stage.id)
    ahead = [one for one in ids[place + 1 :] + ids[:place] if states.get(one) in (NOT_STARTED, *AT_WORK)]
    following = seen.content.stage(ahead[0]) if ahead else None
    if following is not None:
        enter_stage(session, seen, following.id, actor.at)
        _stand_at(session, seen, following, actor.at)
    else:
        touch(session, seen, actor.at)
    tell(session, actor, verb, seen, facts)
    return following
