"""What can be read of inquiries. Each function is one statement.

Two things are asked of whoever reads: may they know of the inquiry, and of each stage, who reads it. What a stage that
is for its author alone holds is answered to nobody else here, whatever their role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from lms_plc.communities.attached import ME_HERE, SCHOOLS_OF, THING, endpoint_of, hangs_on
from lms_plc.communities.audiences import Audience
from lms_plc.communities.lines import line
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.sealed_words import unsealed
from lms_plc.communities.standing import is_inside, is_leading, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import DATED, Actor, Loaded, Role, allows, loads
from lms_plc.core.sealing import Seal
from lms_plc.core.things import Thing, shows
from lms_plc.cycles.content import Content
from lms_plc.evidence.tracing import begins_somewhere
from lms_plc.inquiry.models import (
    Inquiry,
    InquiryPerson,
)
from lms_plc.people.models import Person, PersonSchool
from lms_plc.web.i18n import N_, gettext

KIND = "inquiry"

begins_somewhere(KIND, Inquiry.id, Inquiry.origin_kind, Inquiry.origin_id)

PRIVATE, OPEN, SHARING, CONCLUDED, PAUSED, DROPPED = (
    "private_draft",
    "open",
    "sharing",
    "concluded",
    "paused",
    "dropped",
)


UNDER_WAY = (PRIVATE, OPEN, SHARING)


ENDED = (CONCLUDED, DROPPED)


LEAD, CO_WORKER, FRIEND = "lead", "co_worker", "critical_friend"


ASKED, ACTIVE, LEFT = "asked", "active", "left"


PARTS: Mapping[str, Role] = {LEAD: Role.AUTHOR, CO_WORKER: Role.TAKING_PART, FRIEND: Role.CRITICAL_FRIEND}


NOT_STARTED, BEGUN, DONE, SKIPPED, REOPENED = "not_started", "open", "done", "skipped", "reopened"


AT_WORK = (BEGUN, REOPENED)


BEHIND = (DONE, SKIPPED)


NARROW_FIRST = (Audience.ONLY_ME.value, Audience.NAMED_PEOPLE.value, Audience.COMMUNITY.value)
"""Who can read a stage, the fewest first."""


INQUIRIES_A_PAGE = 20


MINE = 20


TOLD = 20


@dataclass(frozen=True, slots=True)
class InquirySeen:
    """An inquiry as somebody who may know of it sees it. As long as it ``is_sealed`` its title is not in here: it is
    opened for its own people, on its own pages, with ``opened``. ``lead_ids`` and ``lead_names`` are who leads it and
    has not gone from the community; ``has_co_worker``: somebody there works on it."""

    id: UUID
    community_id: UUID
    site_id: UUID
    opened_by_id: UUID
    title: str
    is_sealed: bool
    cycle: str
    cycle_version: int
    content: Content
    state: str
    state_before: str | None
    stage: str
    round: int
    told_to_school: bool
    origin: Reference | None
    learned: str
    decision: str | None
    successor: str
    created_at: datetime
    changed_at: datetime
    opened_at: datetime | None
    concluded_at: datetime | None
    hidden_at: datetime | None
    lead_ids: tuple[UUID, ...]
    lead_names: tuple[str, ...]
    my_part: str | None
    my_state: str | None
    roles: frozenset[Role]
    me: UUID
    my_since: datetime | None = None
    my_asked_at: datetime | None = None
    has_co_worker: bool = False
    sealed_title: str = ""
    sealed_learned: str = ""
    sealed_successor: str = ""

    def __repr__(self) -> str:
        return f"InquirySeen(id={self.id})"

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_private(self) -> bool:
        """Whether its community does not know of it yet."""
        return self.opened_at is None

    @property
    def is_mine(self) -> bool:
        return self.my_state == ACTIVE

    @property
    def is_asked(self) -> bool:
        return self.my_state == ASKED

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def may_lead(self) -> bool:
        return allows(self.roles, "inquiry.lead")

    @property
    def may_take_lead(self) -> bool:
        """Nobody leads it any more: whoever works on it may; and where nobody does, whoever facilitates."""
        if self.lead_ids or self.state in ENDED or self.hidden_at is not None:
            return False
        works = Role.TAKING_PART in self.roles
        return works or (not self.has_co_worker and bool(self.roles & {Role.FACILITATOR, Role.MENTOR}))

    @property
    def may_write(self) -> bool:
        return allows(self.roles, "inquiry.write")

    def opened(self, seal: Seal) -> "InquirySeen":
        """With its title; whoever calls this shows it to its own people only."""
        if not self.is_sealed:
            return self
        learned = unsealed(seal, self.sealed_learned) if self.sealed_learned else ""
        successor = unsealed(seal, self.sealed_successor) if self.sealed_successor else ""
        return replace(self, title=unsealed(seal, self.sealed_title), learned=learned, successor=successor)


@dataclass(frozen=True, slots=True)
class InquiryListed:
    id: UUID
    title: str
    is_sealed: bool
    state: str
    stage: str
    round: int
    cycle: Content
    leads: Sequence[str]
    changed_at: datetime
    my_part: str | None
    my_state: str | None

    def opened(self, seal: Seal) -> "InquiryListed":
        return replace(self, title=unsealed(seal, self.title)) if self.is_sealed else self


@dataclass(frozen=True, slots=True)
class StageState:
    stage: str
    state: str
    audience: str
    entered_at: datetime | None
    left_at: datetime | None
    reason: str


def has_gone(person_id: Any, community_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether somebody is in the community no more. Who rests is expected back, and has not gone."""
    rests = exists().where(
        Membership.community_id == community_id, Membership.person_id == person_id, Membership.state == "paused"
    )
    return and_(~is_inside(person_id, community_id, at), ~rests)


def _leads(inquiry_id: Any, at: datetime) -> Any:
    """Its leads who have not gone: a line each, of the id and the name."""
    one, who = aliased(InquiryPerson), aliased(Person)
    return (
        select(func.aggregate_strings(cast(who.id, String()) + " " + who.display_name, "\n"))
        .join(one, one.person_id == who.id)
        .where(one.inquiry_id == inquiry_id, one.part == LEAD, one.state == ACTIVE)
        .where(~has_gone(who.id, Inquiry.community_id, at))
        .correlate(Inquiry)
        .scalar_subquery()
        .label("leads")
    )


def _has_co_worker(at: datetime) -> Any:
    one = aliased(InquiryPerson)
    works = and_(one.inquiry_id == Inquiry.id, one.part == CO_WORKER, one.state == ACTIVE)
    return exists().where(works, ~has_gone(one.person_id, Inquiry.community_id, at)).label("has_co_worker")


def _as_leads(lines: str | None) -> list[tuple[UUID, str]]:
    found = [line.partition(" ") for line in (lines or "").split("\n") if line]
    return sorted(((UUID(one), name) for one, _, name in found), key=lambda lead: lead[1])


@loads(KIND, known_by="inquiry.read")
def load_inquiry(connection: Connection, actor: Actor, inquiry_id: UUID) -> Loaded | None:
    """Before it is opened it is there for who works on it, and for who was asked to. One that is hidden is there for
    whoever leads the community, and for nobody else."""
    mine = aliased(InquiryPerson)
    row: Any = connection.execute(
        select(
            *Inquiry.__table__.columns,
            Community.site_id,
            _leads(Inquiry.id, actor.at),
            _has_co_worker(actor.at),
            mine.part.label("my_part"),
            mine.state.label("my_state"),
            mine.since.label("my_since"),
            mine.asked_at.label("my_asked_at"),
            *roles_of(actor.person_id, Inquiry.community_id, actor.at),
        )
        .join(Community, Community.id == Inquiry.community_id)
        .outerjoin(mine, and_(mine.inquiry_id == Inquiry.id, mine.person_id == actor.person_id))
        .where(Inquiry.id == inquiry_id)
    ).one_or_none()
    if row is None:
        return None
    inside = read_roles(row.membership_state, row.assigned_roles)
    roles = _roles(row, inside)
    leads = _as_leads(row.leads)
    seen = InquirySeen(
        id=row.id,
        community_id=row.community_id,
        site_id=row.site_id,
        opened_by_id=row.opened_by_id,
        title=gettext("A project that is still private") if row.sealed else row.title,
        is_sealed=row.sealed,
        cycle=row.cycle,
        cycle_version=row.cycle_version,
        content=Content.model_validate(row.content),
        state=row.state,
        state_before=row.state_before,
        stage=row.stage,
        round=row.round,
        told_to_school=row.told_to_school,
        origin=Reference(row.origin_kind, row.origin_id) if row.origin_kind and row.origin_id else None,
        learned="" if row.sealed else row.learned or "",
        decision=row.decision,
        successor="" if row.sealed else row.successor or "",
        created_at=row.created_at,
        changed_at=row.changed_at,
        opened_at=row.opened_at,
        concluded_at=row.concluded_at,
        hidden_at=row.hidden_at,
        lead_ids=tuple(one for one, _ in leads),
        lead_names=tuple(name for _, name in leads),
        my_part=row.my_part if row.my_state in (ASKED, ACTIVE) else None,
        my_state=row.my_state,
        roles=roles,
        me=actor.person_id,
        my_since=row.my_since,
        my_asked_at=row.my_asked_at,
        has_co_worker=bool(row.has_co_worker),
        sealed_title=row.title if row.sealed else "",
        sealed_learned=row.learned or "" if row.sealed else "",
        sealed_successor=row.successor or "" if row.sealed else "",
    )
    return Loaded(seen, roles)


def _roles(row: Any, inside: frozenset[Role]) -> frozenset[Role]:
    """Whoever is not in the community has no part in it any more, and who was asked may only know of it."""
    if row.hidden_at is not None:
        return inside | {Role.READER} if inside & DATED and row.opened_at is not None else frozenset()
    part = {PARTS[row.my_part]} if inside and row.my_state == ACTIVE else set()
    if row.opened_at is None:
        return frozenset(part or ({Role.READER} if inside and row.my_state == ASKED else set()))
    return frozenset(inside | {Role.READER} | part) if inside else frozenset()


def may_read_stage(seen: InquirySeen, stage: StageState | None) -> bool:
    """Whether the one who looks reads what is written in a stage."""
    if stage is None:
        return False
    if stage.audience == Audience.ONLY_ME.value:
        return seen.is_mine and seen.me == seen.opened_by_id and Role.AUTHOR in seen.roles
    if seen.is_mine and seen.roles & {Role.AUTHOR, Role.TAKING_PART, Role.CRITICAL_FRIEND} and _was_let_in(seen, stage):
        return True
    return stage.audience == Audience.COMMUNITY.value and not seen.is_private and Role.READER in seen.roles


def _was_let_in(seen: InquirySeen, stage: StageState) -> bool:
    """Whoever took up a project that nobody worked on any more was asked in by nobody: what had been written for its
    people only stays theirs."""
    if seen.my_since is not None or stage.entered_at is None or seen.my_asked_at is None:
        return True
    return stage.entered_at >= seen.my_asked_at


def read_by(seen: InquirySeen, stage: StageState) -> str:
    """Who reads what is written in a stage now: nobody but its people, as long as it is private."""
    for_all = stage.audience == Audience.COMMUNITY.value
    return Audience.NAMED_PEOPLE.value if for_all and seen.is_private else stage.audience


def told_title(connection: Connection, actor: Actor, inquiry_id: UUID) -> str | None:
    """The title of one whose people let their school see it, for somebody who teaches there."""
    told = _is_told_to(actor.person_id, actor.site_id)
    return connection.execute(
        select(Inquiry.title)
        .join(Community, Community.id == Inquiry.community_id)
        .where(Inquiry.id == inquiry_id, told)
    ).scalar_one_or_none()


def _is_told_to(person_id: Any, site_id: Any) -> ColumnElement[bool]:
    """The school of an inquiry is where those teach who lead it."""
    mine, theirs = aliased(PersonSchool), aliased(PersonSchool)
    led_at_my_school = (
        select(InquiryPerson.inquiry_id)
        .join(theirs, theirs.person_id == InquiryPerson.person_id)
        .join(mine, mine.school_id == theirs.school_id)
        .where(mine.person_id == person_id, InquiryPerson.part == LEAD, InquiryPerson.state == ACTIVE)
    )
    return and_(
        Inquiry.told_to_school.is_(True),
        Inquiry.opened_at.is_not(None),
        Inquiry.hidden_at.is_(None),
        Inquiry.id.in_(led_at_my_school),
        Community.site_id == site_id,
    )


def _told_to_the_schools_of_somebody() -> Select[Any]:
    """Titles and nothing else, the newest first."""
    return (
        select(*line(id=Inquiry.id, title=Inquiry.title))
        .join(Community, Community.id == Inquiry.community_id)
        .where(_is_told_to(THING, ME_HERE.site_id))
        .order_by(Inquiry.id.desc())
        .limit(TOLD)
    )


hangs_on(
    SCHOOLS_OF,
    KIND,
    N_("Projects"),
    _told_to_the_schools_of_somebody(),
    endpoint_of("inquiry.inquiry", "inquiry_id"),
)


def _listed(actor: Actor, community_id: UUID) -> tuple[Select[Any], Any]:
    mine = aliased(InquiryPerson)
    query = (
        select(
            Inquiry.id,
            Inquiry.title,
            Inquiry.sealed,
            Inquiry.state,
            Inquiry.stage,
            Inquiry.round,
            Inquiry.content,
            _leads(Inquiry.id, actor.at),
            Inquiry.changed_at,
            mine.part,
            mine.state.label("my_state"),
        )
        .outerjoin(mine, and_(mine.inquiry_id == Inquiry.id, mine.person_id == actor.person_id))
        .where(Inquiry.community_id == community_id, Inquiry.hidden_at.is_(None))
        .order_by(Inquiry.id.desc())
    )
    return query, mine


def _line(row: Any) -> InquiryListed:
    return InquiryListed(
        row.id,
        row.title,
        row.sealed,
        row.state,
        row.stage,
        row.round,
        Content.model_validate(row.content),
        [name for _, name in _as_leads(row.leads)],
        row.changed_at,
        row.part,
        row.my_state,
    )


def mine(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    ended: bool = False,
    before: UUID | None = None,
    size: int = MINE,
) -> Page[InquiryListed]:
    """Those one works on, the private ones among them, and whichever one is asked into; the newest first."""
    query, part = _listed(actor, community_id)
    here = Inquiry.state.in_(ENDED) if ended else Inquiry.state.not_in(ENDED)
    query = query.where(or_(part.state == ASKED, and_(part.state == ACTIVE, here))).limit(size + 1)
    if before is not None:
        query = query.where(Inquiry.id < before)
    return cut([_line(row) for row in connection.execute(query)], size, lambda one: one.id)


def inquiries(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    ended: bool | None = None,
    before: UUID | None = None,
    size: int = INQUIRIES_A_PAGE,
) -> Page[InquiryListed]:
    """What the community knows of and one has no part in, the newest first."""
    query, part = _listed(actor, community_id)
    query = query.where(Inquiry.opened_at.is_not(None), or_(part.state.is_(None), part.state == LEFT)).limit(size + 1)
    if ended is not None:
        query = query.where(Inquiry.state.in_(ENDED) if ended else Inquiry.state.not_in(ENDED))
    if before is not None:
        query = query.where(Inquiry.id < before)
    return cut([_line(row) for row in connection.execute(query)], size, lambda one: one.id)


def can_be_asked(connection: Connection, seen: InquirySeen) -> list[tuple[UUID, str]]:
    """Members who have no part in it, by their names."""
    has_part = exists().where(
        InquiryPerson.inquiry_id == seen.id,
        InquiryPerson.person_id == Membership.person_id,
        InquiryPerson.state.in_((ASKED, ACTIVE)),
    )
    rows = connection.execute(
        select(Membership.person_id, Person.display_name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.community_id == seen.community_id, Membership.state == "active", ~has_part)
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(400)
    )
    return [(row.person_id, row.display_name) for row in rows]


def leads_of(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Who leads each of them."""
    return people_of(connection, ids, InquiryPerson.part == LEAD)


def people_of(connection: Connection, ids: Sequence[UUID], *which: ColumnElement[bool]) -> dict[UUID, list[UUID]]:
    """Who has a part in each of them."""
    found: dict[UUID, list[UUID]] = {}
    rows = connection.execute(
        select(InquiryPerson.inquiry_id, InquiryPerson.person_id).where(
            InquiryPerson.inquiry_id.in_(ids), InquiryPerson.state == ACTIVE, *which
        )
    )
    for row in rows:
        found.setdefault(row.inquiry_id, []).append(row.person_id)
    return found


@shows(KIND, N_("Project"))
def show_inquiries(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """What is still private is shown to its own people only, and without its title: no list and no letter opens it, and
    a page of theirs may."""
    mine = aliased(InquiryPerson)
    leading = is_leading(actor.person_id, Inquiry.community_id, actor.at)
    has_part = and_(mine.state.in_((ASKED, ACTIVE)), Inquiry.hidden_at.is_(None))
    known = and_(Inquiry.opened_at.is_not(None), or_(Inquiry.hidden_at.is_(None), leading))
    rows = connection.execute(
        select(
            Inquiry.id,
            Inquiry.title,
            Inquiry.sealed,
            Inquiry.opened_at,
            Inquiry.learned,
            Inquiry.opened_by_id,
            Person.display_name,
            Inquiry.community_id,
            Inquiry.created_at,
        )
        .join(Person, Person.id == Inquiry.opened_by_id)
        .outerjoin(mine, and_(mine.inquiry_id == Inquiry.id, mine.person_id == actor.person_id))
        .where(
            Inquiry.id.in_(ids),
            is_inside(actor.person_id, Inquiry.community_id, actor.at),
            or_(known, has_part),
        )
    )
    return {row.id: _thing(row) for row in rows}


def _thing(row: Any, title: str | None = None) -> Thing:
    """``title`` is that of one that is sealed, where somebody opens it."""
    return Thing(
        reference=Reference(KIND, row.id),
        title=(title or gettext("A project that is still private")) if row.sealed else row.title,
        excerpt="" if row.sealed else (row.learned or ""),
        author_id=row.opened_by_id,
        author=row.display_name,
        community_id=row.community_id,
        at=row.created_at,
        endpoint="inquiry.inquiry",
        values={"inquiry_id": row.id},
        is_private=row.opened_at is None,
        unsealing=(lambda seal: _thing(row, unsealed(seal, row.title))) if row.sealed and title is None else None,
    )
