"""Where does an inquiry stand in one round? Everything its pages are drawn from, in one statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from lms_plc.actionitems.models import ActionItem
from lms_plc.communities.audiences import Audience
from lms_plc.core.database import Moment, Prepared, fetch, one_of
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.evidence.queries import begun_at
from lms_plc.inquiry.forms import OfTheRound
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    Inquiry,
    InquiryExit,
    InquiryNote,
    InquiryPerson,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.queries import (
    ACTIVE,
    CO_WORKER,
    FRIEND,
    KIND,
    LEAD,
    NOT_STARTED,
    PARTS,
    SKIPPED,
    StageState,
    has_gone,
)
from lms_plc.people.models import Person
from lms_plc.practicechanges.models import PracticeChange, PracticeTry
from lms_plc.practicechanges.queries import KIND as CHANGE


@dataclass(frozen=True, slots=True)
class PersonSeen:
    id: UUID
    name: str
    part: str
    state: str
    has_gone: bool
    """They left the community: what is theirs in it comes back with them."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where an inquiry stands in one round: stages by id, its people, what is ticked by stage, and the
    facts its exits are read from; ``begun`` are the stages in which something has happened, in whichever round.
    ``differently`` is what was said, at the end of the round before, to change in this one; sealed as its title is."""

    stages: Mapping[str, StageState]
    people: Sequence[PersonSeen]
    ticked: Mapping[str, frozenset[int]]
    facts: Mapping[str, int]
    round_decision: str | None
    begun: frozenset[str] = frozenset()
    differently: str = ""


IT: BindParameter[UUID] = bindparam("inquiry", type_=Uuid())


ROUND: BindParameter[int] = bindparam("round", type_=Integer())


ME: BindParameter[UUID] = bindparam("me", type_=Uuid())


AT: Any = bindparam("at", type_=Moment())


_SEALED_WORDS = {"changes_to_watch": ("sign",), "claims_compared": ("before", "after")}
"""Fact → the words that make it one, where they stand under a seal."""


_COLUMNS: Mapping[str, Any] = {
    "id": Uuid(),
    "a": String(),
    "b": String(),
    "c": String(),
    "d": String(),
    "at": Moment(),
    "until": Moment(),
    "number": Integer(),
}


_facts_told: list[Any] = []


def tells_facts(*facts: Any) -> None:
    """Registers facts another room has of an inquiry, for exits to be read from: each selects names and numbers, and is
    made of IT and ROUND."""
    _facts_told.extend(facts)
    _prepared.cache_clear()


def _row(word: str, **given: Any) -> list[Any]:
    return [
        literal(word, String()).label("word"),
        *(given.get(name, cast(null(), kind)).label(name) for name, kind in _COLUMNS.items()),
    ]


def _fact(name: str, counted: Any) -> Select[Any]:
    return select(*_row("fact", a=literal(name, String()), number=counted.scalar_subquery()))


def _here(model: Any) -> Any:
    return and_(model.inquiry_id == IT, model.round == ROUND)


def _since_this_round(moment: Any) -> Any:
    """What is of no round itself belongs to the one under way when it was made."""
    began = (
        select(InquiryRound.began_at)
        .where(InquiryRound.inquiry_id == IT, InquiryRound.round == ROUND)
        .scalar_subquery()
    )
    return moment >= began


def _count(*where: Any, of: Any = None) -> Select[Any]:
    return select(func.count() if of is None else func.count(distinct(of))).where(*where)


def _situation() -> Any:
    person = aliased(Person)
    stages = select(
        *_row(
            "stage",
            a=InquiryStage.stage,
            b=InquiryStage.state,
            c=InquiryStage.audience,
            d=InquiryStage.reason,
            at=InquiryStage.entered_at,
            until=InquiryStage.left_at,
        )
    ).where(_here(InquiryStage))
    people = (
        select(
            *_row(
                "person",
                id=person.id,
                a=person.display_name,
                b=InquiryPerson.part,
                c=InquiryPerson.state,
                number=case((has_gone(person.id, Inquiry.community_id, AT), 1), else_=0),
            )
        )
        .join(person, person.id == InquiryPerson.person_id)
        .join(Inquiry, Inquiry.id == InquiryPerson.inquiry_id)
        .where(InquiryPerson.inquiry_id == IT)
    )
    ticks = select(*_row("tick", a=InquiryExit.stage, number=InquiryExit.number)).where(_here(InquiryExit))
    rounds = select(*_row("round", a=InquiryRound.decision)).where(_here(InquiryRound))
    before = select(*_row("before", d=InquiryRound.changes)).where(
        InquiryRound.inquiry_id == IT, InquiryRound.round == ROUND - 1, InquiryRound.decision == OfTheRound.AGAIN.value
    )
    idle = (NOT_STARTED, SKIPPED)
    begun = (
        select(*_row("begun", a=InquiryStage.stage))
        .where(InquiryStage.inquiry_id == IT, ~one_of(InquiryStage.state, idle))
        .distinct()
    )
    told = [select(*_row("fact", a=one.c[0], number=one.c[1])) for one in (more.subquery() for more in _facts_told)]
    return union_all(stages, people, ticks, rounds, before, begun, *_by_stage(), *_facts(), *_sealed(), *told)


def _by_stage() -> list[Select[Any]]:
    """Notes of each stage: all, questions of critical friends, and what anybody but the leads said."""
    role = aliased(InquiryPerson)

    def is_by(*where: Any) -> Any:
        return exists().where(
            role.inquiry_id == InquiryNote.inquiry_id, role.person_id == InquiryNote.author_id, *where
        )

    def counted(name: str, *where: Any) -> Select[Any]:
        return (
            select(*_row("fact", a=literal(f"{name}:", String()) + InquiryNote.stage, number=func.count()))
            .where(_here(InquiryNote), *where)
            .group_by(InquiryNote.stage)
        )

    return [
        counted("written"),
        counted("asked", is_by(role.part == FRIEND)),
        counted("replied", ~is_by(role.part == LEAD)),
    ]


def _facts() -> list[Select[Any]]:
    talk, plan, change, tried = Consultation, EvidencePlan, PracticeChange, PracticeTry
    held = and_(_here(talk), talk.day.is_not(None))
    steps = and_(
        ActionItem.origin_kind == KIND,
        ActionItem.origin_id == IT,
        ActionItem.state != "dropped",
        _since_this_round(ActionItem.created_at),
    )
    changes = and_(
        *(change.origin_kind == KIND, change.origin_id == IT, change.round == ROUND, change.hidden_at.is_(None)),
        or_(change.audience != Audience.ONLY_ME.value, change.author_id == ME),
    )
    tries = and_(tried.practice_change_id == change.id, changes)
    lead = aliased(InquiryPerson)
    is_lead = exists().where(lead.inquiry_id == IT, lead.person_id == tried.person_id, lead.part == LEAD)
    works = and_(
        InquiryPerson.inquiry_id == IT, InquiryPerson.state == ACTIVE, one_of(InquiryPerson.part, (LEAD, CO_WORKER))
    )
    nodes = _is_thought_of_it()
    hunches = and_(nodes, KnowledgeNode.kind == "Hunch")
    claims = and_(nodes, OutcomeClaim.node_id == KnowledgeNode.id, OutcomeClaim.state != "withdrawn")
    is_checked = exists().where(
        EvidenceLink.from_kind == "knowledge_node",
        EvidenceLink.from_id == KnowledgeNode.id,
        one_of(EvidenceLink.type, ("shown_by", "questioned_by")),
    )
    return [
        _fact("talks", _count(held, of=talk.id)),
        _fact("talks_with_means", _count(held, talk.holds.is_(True), of=talk.id)),
        _fact("talks_that_changed", _count(held, talk.changed != "", of=talk.id)),
        _fact("steps", _count(steps, of=ActionItem.id)),
        _fact(
            "steps_dated",
            _count(steps, ActionItem.owner_id.is_not(None), ActionItem.due.is_not(None), of=ActionItem.id),
        ),
        _fact("plans", _count(_here(plan), of=plan.id)),
        _fact("plans_checked", _count(_here(plan), plan.checked_at.is_not(None), of=plan.id)),
        _fact("changes", _count(changes, of=change.id)),
        _fact("changes_to_watch", _count(changes, change.first_try.is_not(None), change.sign != "", of=change.id)),
        _fact("tries", _count(tries, tried.happened != "", of=tried.id)),
        _fact("tries_of_others", _count(tries, ~is_lead, of=tried.id)),
        _fact("triers", _count(tries, works, InquiryPerson.person_id == tried.person_id, of=tried.person_id)),
        _fact("people", _count(works, of=InquiryPerson.person_id)),
        _fact("hunches", _count(hunches, of=KnowledgeNode.id)),
        _fact("hunches_checked", _count(hunches, is_checked, of=KnowledgeNode.id)),
        _fact("claims", _count(claims, OutcomeClaim.strength != "", of=KnowledgeNode.id)),
        _fact(
            "claims_compared",
            _count(claims, OutcomeClaim.before != "", OutcomeClaim.after != "", of=KnowledgeNode.id),
        ),
    ]


def _sealed() -> list[Select[Any]]:
    """What is for its author alone has its words under a seal: theirs are opened, to see which of them are there."""
    change, node = PracticeChange, KnowledgeNode
    return [
        select(*_row("sealed", a=literal("changes_to_watch", String()), b=change.what)).where(
            *(change.origin_kind == KIND, change.origin_id == IT, change.round == ROUND, change.hidden_at.is_(None)),
            *(change.author_id == ME, change.sealed.is_(True), change.first_try.is_not(None)),
        ),
        select(*_row("sealed", a=literal("claims_compared", String()), b=node.text)).where(
            *(_is_thought_of_it(), node.kind == "OutcomeClaim", node.author_id == ME, node.sealed.is_(True)),
            *(OutcomeClaim.node_id == node.id, OutcomeClaim.state != "withdrawn"),
        ),
    ]


def _has(seal: Seal, sealed: str, words: Sequence[str]) -> bool:
    try:
        said = json.loads(seal.open(sealed))
    except CannotUnseal:
        return False
    return all(said.get(word) for word in words)


def _is_thought_of_it() -> Any:
    """What is for its author alone counts for its author alone."""
    return and_(
        KnowledgeNode.id.in_(begun_at(its_origins(IT))),
        KnowledgeNode.hidden_at.is_(None),
        or_(KnowledgeNode.audience != Audience.ONLY_ME.value, KnowledgeNode.author_id == ME),
        _since_this_round(KnowledgeNode.created_at),
    )


def its_origins(inquiry_id: Any) -> CompoundSelect[Any]:
    """What is thought of an inquiry is thought of itself, of what is done differently because of it, or of what was
    kept to show either: kinds and ids."""
    change, shows = aliased(PracticeChange), aliased(KnowledgeNode)

    def one(kind: str, id_: Any) -> Select[Any]:
        return select(literal(kind, String(30)).label("kind"), id_.label("id"))

    changes = one(CHANGE, change.id).where(
        change.origin_kind == KIND, change.origin_id == inquiry_id, change.hidden_at.is_(None)
    )
    either = union_all(one(KIND, cast(inquiry_id, Uuid())), changes)
    kept = one(NODE, shows.id).where(
        shows.id.in_(begun_at(either)), shows.kind == "Evidence", shows.hidden_at.is_(None)
    )
    return union_all(one(KIND, cast(inquiry_id, Uuid())), changes, kept)


@cache
def _prepared() -> Prepared:
    return Prepared(lambda _: _situation())


def situation(connection: Connection, actor: Actor, seal: Seal, inquiry_id: UUID, round: int) -> Situation:  # noqa: A002
    """Whoever asks has loaded the inquiry, and shows of each stage only what may be read of it."""
    stages: dict[str, StageState] = {}
    people: list[PersonSeen] = []
    ticked: dict[str, set[int]] = {}
    facts: dict[str, int] = {}
    begun: set[str] = set()
    decision, differently = None, ""
    for row in fetch(
        connection, _prepared(), {"inquiry": inquiry_id, "round": round, "me": actor.person_id, "at": actor.at}
    ):
        match row.word:
            case "stage":
                stages[row.a] = StageState(row.a, row.b, row.c, row.at, row.until, row.d or "")
            case "person":
                people.append(PersonSeen(row.id, row.a, row.b, row.c, bool(row.number)))
            case "tick":
                ticked.setdefault(row.a, set()).add(row.number)
            case "begun":
                begun.add(row.a)
            case "round":
                decision = row.a
            case "before":
                differently = row.d or ""
            case "sealed":
                facts[row.a] = facts.get(row.a, 0) + _has(seal, row.b, _SEALED_WORDS[row.a])
            case _:
                facts[row.a] = facts.get(row.a, 0) + row.number
    return Situation(
        stages,
        sorted(people, key=lambda one: (list(PARTS).index(one.part), one.name)),
        {stage: frozenset(numbers) for stage, numbers in ticked.items()},
        facts,
        decision,
        frozenset(begun),
        differently,
    )
