"""Who reads a thought that was kept in a stage? Whoever reads the stage, until its author chooses somebody else.

As the page says where it is written: it stays yours alone as long as the stage does. A stage is somebody's alone where
it is for who began the project, or nobody else is in the project. As long as the project is private its thoughts lie
sealed, as its notes do, whoever of its people reads them. Nothing that was opened is closed here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.core.activity import Event
from lms_plc.core.sealing import Seal
from lms_plc.evidence.actions import give_readers
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.inquiry.models import InquiryPerson, InquiryRound, InquiryStage
from lms_plc.inquiry.queries import ACTIVE, KIND, NARROW_FIRST, InquirySeen, StageState
from lms_plc.inquiry.ways import THOUGHTS

KEPT, CHANGED = "knowledge_node.kept", "knowledge_node.changed"


def readers_of(seen: InquirySeen, stage_audience: str, others: Sequence[UUID]) -> Audience:
    """Who reads what is kept now in a stage for these. The project's people are nobody but its writer as long as there
    are no ``others``: then it is sealed."""
    if stage_audience == Audience.COMMUNITY.value and not seen.is_private:
        return Audience.COMMUNITY
    if stage_audience == Audience.ONLY_ME.value or not others:
        return Audience.ONLY_ME
    return Audience.NAMED_PEOPLE


def its_people(session: Session, inquiry_id: UUID) -> list[UUID]:
    """Whoever is away from the community among them reads nothing of it until they are back (``evidence.queries``);
    who took the lead unasked does not learn that way what was thought before."""
    active = select(InquiryPerson.person_id).where(
        InquiryPerson.inquiry_id == inquiry_id, InquiryPerson.state == ACTIVE, InquiryPerson.since.is_not(None)
    )
    return sorted(session.execute(active).scalars())


def follow(session: Session, seen: InquirySeen, seal: Seal | None = None, *, opened: StageState | None = None) -> None:
    """Thoughts are read by who reads their stages now; with ``opened``, those of that stage. Without the seal, what is
    sealed stays so. Part of the verb by which the readers changed, so without an event."""
    kinds = {kind for one in seen.content.stages if opened is None or one.id == opened.stage for kind in one.outputs}
    readers = (Audience.NAMED_PEOPLE.value, *((Audience.ONLY_ME.value,) if seal else ()))
    columns = (KnowledgeNode.id, KnowledgeNode.kind, KnowledgeNode.audience, KnowledgeNode.author_id)
    kept = session.execute(
        select(*columns, KnowledgeNode.created_at)
        .where(
            KnowledgeNode.origin_kind == KIND,
            KnowledgeNode.origin_id == seen.id,
            KnowledgeNode.kind.in_(kinds & THOUGHTS),
            KnowledgeNode.audience.in_(readers),
        )
        .with_for_update()
    ).all()
    if not kept:
        return
    for_one = {row.id for row in kept if row.audience == Audience.ONLY_ME.value}
    was_for_one = opened is not None and opened.audience == Audience.ONLY_ME.value
    chosen = _chosen_by_their_authors(session, [row.id for row in kept], for_one, was_for_one=was_for_one)
    people, stages = its_people(session, seen.id), _stages(session, seen)
    by_readers: dict[Audience, list[UUID]] = {}
    for row in kept:
        reads_stage = _narrowest(seen, stages, row)
        if row.id in chosen or reads_stage is None or (row.id in for_one and row.author_id not in people):
            continue
        now = readers_of(seen, reads_stage, [one for one in people if one != row.author_id])
        if now is not Audience.ONLY_ME:
            by_readers.setdefault(now, []).append(row.id)
        elif row.id not in for_one:  # the others are gone; what was opened is not closed
            by_readers.setdefault(Audience.NAMED_PEOPLE, []).append(row.id)
    for now, ids in by_readers.items():
        give_readers(session, ids, now, people, seal, closed=seen.is_private)


def _chosen_by_their_authors(
    session: Session, ids: Sequence[UUID], for_one: Collection[UUID], *, was_for_one: bool
) -> set[UUID]:
    """Those whose authors have said themselves who reads them since they were kept, as the event says. That of what is
    for its author alone says nothing: of such a thought any change may have been a choice, but in a stage that was for
    one alone."""
    about = (Event.thing_kind == NODE, Event.thing_id.in_(ids), Event.verb.in_((KEPT, CHANGED)))
    events = session.execute(select(Event.thing_id, Event.verb, Event.facts).where(*about)).all()
    changed = {one.thing_id for one in events if one.verb == CHANGED and one.facts.get("readers")}
    narrowed = {one.thing_id for one in events if one.verb == KEPT and one.facts and one.thing_id in for_one}
    maybe = {one.thing_id for one in events if one.verb == CHANGED and one.thing_id in for_one and not was_for_one}
    return changed | narrowed | maybe


def _stages(session: Session, seen: InquirySeen) -> list[tuple[datetime, Mapping[str, str]]]:
    """Of each round when it began, and who reads its stages; what it does not go through stands as it was before."""
    rounds = select(InquiryRound.round, InquiryRound.began_at).where(InquiryRound.inquiry_id == seen.id)
    rows = select(InquiryStage.round, InquiryStage.stage, InquiryStage.audience).where(
        InquiryStage.inquiry_id == seen.id
    )
    audiences = session.execute(rows).all()
    found: list[tuple[datetime, Mapping[str, str]]] = []
    for one in session.execute(rounds.order_by(InquiryRound.round)):
        before = found[-1][1] if found else {}
        found.append(
            (one.began_at, {**before, **{row.stage: row.audience for row in audiences if row.round == one.round}})
        )
    return found


def _narrowest(seen: InquirySeen, stages: Sequence[tuple[datetime, Mapping[str, str]]], row: Any) -> str | None:
    """Who reads the stage of its round that brings such thoughts forth: where there are several, the fewest."""
    here = next((its for began_at, its in reversed(stages) if began_at <= row.created_at), {})
    its = [here[stage.id] for stage in seen.content.stages if row.kind in stage.outputs and stage.id in here]
    return min(its, key=NARROW_FIRST.index, default=None)
