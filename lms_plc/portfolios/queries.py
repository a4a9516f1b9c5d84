"""What can be read of portfolios. Each function is one statement, and nobody reads but who leads the project and whom
they ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased

from lms_plc.actionitems.models import ActionItem
from lms_plc.communities.attached import AT, ME, THING, endpoint_of, hangs_on
from lms_plc.communities.lines import line
from lms_plc.communities.models import Community
from lms_plc.communities.sealed_words import unsealed
from lms_plc.communities.standing import is_inside
from lms_plc.core.activity import Reference
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor, Loaded, Role, allows, loads
from lms_plc.core.sealing import Seal
from lms_plc.core.things import Thing, kinds, shows
from lms_plc.cycles.content import Content
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceItem, EvidenceLink, KnowledgeNode
from lms_plc.inquiry import queries as inquiries
from lms_plc.inquiry.models import Inquiry, InquiryPerson, InquiryStage
from lms_plc.journal.models import ReleasedPart
from lms_plc.people.models import Person
from lms_plc.portfolios.models import Portfolio, PortfolioItem, PortfolioReview
from lms_plc.practicechanges.models import PracticeChange
from lms_plc.web.form_fields import written_there as written_there
from lms_plc.web.i18n import N_, gettext

KIND = "portfolio"
_CHANGE = "practice_change"

COLLECTING, SUBMITTED, IN_REVIEW, RETURNED, CERTIFIED = "collecting", "submitted", "in_review", "returned", "certified"
AT_WORK = (COLLECTING, RETURNED)
HANDED_IN = (SUBMITTED, IN_REVIEW)
READ, WITHDRAWN = "read", "withdrawn"
IDLE = (inquiries.NOT_STARTED, inquiries.SKIPPED)

MOST_ITEMS = 40
MOST_READERS = 12
OFFERED = 200
HANGING = 5
_BLANK: Any = literal_column("' '")


@dataclass(frozen=True, slots=True)
class PortfolioSeen:
    """A portfolio as who leads its project or one of its readers sees it; ``author`` is who began it. As long as the
    project is private its title is not in here; ``sealed_title`` is opened for its leads, on its own pages."""

    id: UUID
    inquiry_id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    foreword: str
    state: str
    created_at: datetime
    changed_at: datetime
    submitted_at: datetime | None
    certified_at: datetime | None
    certified_by: str | None
    certified_by_id: UUID | None
    title: str
    sealed_title: str
    is_private: bool
    content: Content
    cycle: str
    round: int
    origin: Reference | None
    begun: frozenset[str]
    """Stages in which something has happened, in whichever round; since it was approved, none."""
    lead_ids: tuple[UUID, ...]
    roles: frozenset[Role]

    def __repr__(self) -> str:
        return f"PortfolioSeen(id={self.id})"

    def foreword_in(self, seal: Seal) -> str:
        return unsealed(seal, self.foreword) if self.foreword else ""

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_mine(self) -> bool:
        return allows(self.roles, "portfolio.edit")

    @property
    def is_open(self) -> bool:
        """Whether the one who looks may change it now."""
        return self.is_mine and self.state in AT_WORK

    def title_for(self, seal: Seal) -> str:
        return unsealed(seal, self.sealed_title) if self.sealed_title and self.is_mine else self.title


@dataclass(frozen=True, slots=True)
class ItemSeen:
    reference: Reference
    stage: str
    position: int
    shows: str
    does_not_show: str
    sort: str
    """What a thought is."""
    consent: bool
    """False for evidence of which nobody has said yet that it may be used."""
    sealed_words: tuple[str, str] = field(default=("", ""), repr=False)
    at: datetime | None = None
    """When it was chosen; words written in a stage are shown as they stood then."""

    @property
    def based_on(self) -> str:
        return written_there(self.stage, self.shows, self.does_not_show)


@dataclass(frozen=True, slots=True)
class ReviewSeen:
    """``is_outside``: whoever reads neither leads the project nor works on it, nor ever did."""

    id: UUID
    reader_id: UUID
    name: str
    asked_at: datetime
    withdrawn_at: datetime | None
    learned: str
    question: str
    advice: str
    verdict: str | None
    answered_at: datetime | None
    is_outside: bool


def _reads(person_id: Any) -> ColumnElement[bool]:
    """They were asked to, and its project is not hidden."""
    asked, project = aliased(PortfolioReview), aliased(Inquiry)
    return exists().where(
        asked.portfolio_id == Portfolio.id,
        asked.reader_id == person_id,
        asked.withdrawn_at.is_(None),
        project.id == Portfolio.inquiry_id,
        project.hidden_at.is_(None),
    )


def _leads(person_id: Any, at: Any) -> ColumnElement[bool]:
    """They lead its project now, whoever of its leads began the portfolio; of one that is hidden, only who began it.
    Who took the lead without having been asked in (``inquiry.taking_part``) reads none but their own."""
    lead, project = aliased(InquiryPerson), aliased(Inquiry)
    return exists().where(
        lead.inquiry_id == Portfolio.inquiry_id,
        lead.person_id == person_id,
        lead.part == inquiries.LEAD,
        lead.state == inquiries.ACTIVE,
        or_(lead.since.is_not(None), Portfolio.author_id == person_id),
        project.id == Portfolio.inquiry_id,
        or_(project.hidden_at.is_(None), Portfolio.author_id == person_id),
        is_inside(person_id, Portfolio.community_id, at),
    )


def _lead_ids() -> Any:
    return (
        select(func.aggregate_strings(cast(InquiryPerson.person_id, String()), _BLANK))
        .where(
            InquiryPerson.inquiry_id == Inquiry.id,
            InquiryPerson.part == inquiries.LEAD,
            InquiryPerson.state == inquiries.ACTIVE,
        )
        .correlate(Inquiry)
        .scalar_subquery()
    )


@loads(KIND, known_by="portfolio.read")
def load_portfolio(connection: Connection, actor: Actor, portfolio_id: UUID) -> Loaded | None:
    author, approver = aliased(Person), aliased(Person)
    row: Any = connection.execute(
        select(
            *Portfolio.__table__.columns,
            Community.site_id,
            author.display_name.label("author"),
            approver.display_name.label("approver"),
            Inquiry.title,
            Inquiry.sealed,
            Inquiry.opened_at,
            Inquiry.content,
            Inquiry.cycle,
            Inquiry.round,
            Inquiry.origin_kind,
            Inquiry.origin_id,
            _begun().label("begun"),
            _lead_ids().label("lead_ids"),
            _reads(actor.person_id).label("reads"),
            _leads(actor.person_id, actor.at).label("leads"),
        )
        .join(Inquiry, Inquiry.id == Portfolio.inquiry_id)
        .join(Community, Community.id == Portfolio.community_id)
        .join(author, author.id == Portfolio.author_id)
        .outerjoin(approver, approver.id == Portfolio.certified_by_id)
        .where(Portfolio.id == portfolio_id)
    ).one_or_none()
    if row is None:
        return None
    given = {Role.AUTHOR: bool(row.leads), Role.READER: bool(row.reads)}
    roles = frozenset(role for role, has in given.items() if has)
    seen = PortfolioSeen(
        id=row.id,
        inquiry_id=row.inquiry_id,
        community_id=row.community_id,
        site_id=row.site_id,
        author_id=row.author_id,
        author=row.author,
        foreword=row.foreword,
        state=row.state,
        created_at=row.created_at,
        changed_at=row.changed_at,
        submitted_at=row.submitted_at,
        certified_at=row.certified_at,
        certified_by=row.approver,
        certified_by_id=row.certified_by_id,
        title=_title(row),
        sealed_title=row.title if row.sealed else "",
        is_private=row.opened_at is None,
        content=Content.model_validate(row.content),
        cycle=row.cycle,
        round=row.round,
        origin=Reference(row.origin_kind, row.origin_id) if row.origin_kind and row.origin_id else None,
        begun=frozenset((row.begun or "").split()),
        lead_ids=tuple(sorted(UUID(one) for one in (row.lead_ids or "").split())),
        roles=roles,
    )
    return Loaded(seen, roles)


def _begun() -> Any:
    """One that was approved tells of what had begun by then."""
    since = and_(Portfolio.state == CERTIFIED, InquiryStage.entered_at >= Portfolio.certified_at)
    return (
        select(func.aggregate_strings(InquiryStage.stage, _BLANK))
        .where(InquiryStage.inquiry_id == Inquiry.id, InquiryStage.state.not_in(IDLE), ~func.coalesce(since, false()))
        .correlate(Inquiry, Portfolio)
        .scalar_subquery()
    )


def _title(row: Any) -> str:
    title: str = gettext("A project that is still private") if row.sealed else row.title
    return title


def items(connection: Connection, portfolio_id: UUID, seal: Seal) -> list[ItemSeen]:
    """In their order; what each thing is, and whether somebody may open it, ``core.things`` says."""
    rows = connection.execute(
        select(*PortfolioItem.__table__.columns, KnowledgeNode.kind, EvidenceItem.state)
        .outerjoin(KnowledgeNode, and_(KnowledgeNode.id == PortfolioItem.thing_id, PortfolioItem.thing_kind == NODE))
        .outerjoin(EvidenceItem, EvidenceItem.node_id == KnowledgeNode.id)
        .where(PortfolioItem.portfolio_id == portfolio_id)
        .order_by(PortfolioItem.position, PortfolioItem.at, PortfolioItem.thing_id)
        .limit(MOST_ITEMS)
    )
    return [
        ItemSeen(
            Reference(row.thing_kind, row.thing_id),
            row.stage,
            row.position,
            unsealed(seal, row.shows) if row.shows else "",
            unsealed(seal, row.does_not_show) if row.does_not_show else "",
            row.kind or "",
            row.state in (None, "usable"),
            (row.shows, row.does_not_show),
            row.at,
        )
        for row in rows
    ]


def is_outside(inquiry_id: Any, author_id: Any) -> ColumnElement[bool]:
    """Of a row of what readers say: whoever reads neither leads the project nor works on it, nor ever did."""
    person = aliased(InquiryPerson)
    theirs = and_(person.inquiry_id == inquiry_id, person.person_id == PortfolioReview.reader_id)
    works = exists().where(
        theirs,
        one_of(person.part, (inquiries.LEAD, inquiries.CO_WORKER)),
        or_(person.state == inquiries.ACTIVE, person.since.is_not(None)),
    )
    worked = exists().where(theirs, person.since < person.asked_at)
    return and_(~works, ~worked, PortfolioReview.reader_id != author_id)


def reviews(connection: Connection, portfolio: PortfolioSeen, only: UUID | None = None) -> list[ReviewSeen]:
    """Who was asked to read it and what they said, in the order they were asked; ``only`` one reader's."""
    query = (
        select(
            PortfolioReview.id,
            PortfolioReview.reader_id,
            Person.display_name,
            PortfolioReview.asked_at,
            PortfolioReview.withdrawn_at,
            PortfolioReview.learned,
            PortfolioReview.question,
            PortfolioReview.advice,
            PortfolioReview.verdict,
            PortfolioReview.answered_at,
            is_outside(portfolio.inquiry_id, portfolio.author_id),
        )
        .join(Person, Person.id == PortfolioReview.reader_id)
        .where(PortfolioReview.portfolio_id == portfolio.id)
        .order_by(PortfolioReview.id)
        .limit(MOST_ITEMS)
    )
    if only is not None:
        query = query.where(PortfolioReview.reader_id == only)
    return [ReviewSeen(*row) for row in connection.execute(query)]


def of_the_project(connection: Connection, actor: Actor, portfolio: PortfolioSeen) -> list[tuple[Reference, str]]:
    """What has come of the project, from whichever room, with what a stage calls such a thing, and the thoughts that
    its changes and their outcomes led to; and what the actor let others read of their notebook. Whether it may be
    seen, ``core.things`` says."""
    here = (inquiries.KIND, portfolio.inquiry_id)
    linked = EvidenceLink
    changes = union(
        select(PracticeChange.id).where(PracticeChange.origin_kind == here[0], PracticeChange.origin_id == here[1]),
        *_linked(_CHANGE, inquiries.KIND, [portfolio.inquiry_id]),
    ).cte("changes")
    thoughts = [_thoughts_around(_CHANGE, select(changes.c.id)).cte("near")]
    for farther in ("outcomes", "what_shows_them"):
        thoughts.append(_thoughts_around(NODE, select(thoughts[-1].c.id)).cte(farther))
    rows: Any = connection.execute(
        union(
            _of(KnowledgeNode, NODE, KnowledgeNode.kind, here),
            _of(PracticeChange, _CHANGE, literal("PracticeChange"), here),
            _of(ActionItem, "action_item", literal("ActionItem"), here),
            select(linked.to_kind, linked.to_id, literal("")).where(
                linked.from_kind == here[0], linked.from_id == here[1]
            ),
            select(linked.from_kind, linked.from_id, literal("")).where(
                linked.to_kind == here[0], linked.to_id == here[1]
            ),
            *(
                select(literal(NODE), KnowledgeNode.id, KnowledgeNode.kind).where(
                    KnowledgeNode.id.in_(select(some.c.id))
                )
                for some in thoughts
            ),
            select(literal("journal_part"), ReleasedPart.id, literal("JournalEntry")).where(
                ReleasedPart.author_id == actor.person_id,
                ReleasedPart.community_id == portfolio.community_id,
                ReleasedPart.withdrawn_at.is_(None),
            ),
        ).limit(OFFERED)
    )
    found: dict[Reference, str] = {}
    for kind, thing_id, word in rows:
        one = Reference(kind, thing_id)
        found[one] = word or found.get(one, "")
    if portfolio.origin is not None:
        found.setdefault(portfolio.origin, "")
    leave_out = (KIND, inquiries.KIND)
    return [(one, word) for one, word in found.items() if one.kind not in leave_out and one.kind in kinds()]


def _of(model: Any, kind: str, word: Any, here: tuple[str, UUID]) -> Select[Any]:
    return select(literal(kind), model.id, word).where(model.origin_kind == here[0], model.origin_id == here[1])


def _linked(kind: str, to_kind: str, ids: Any) -> tuple[Select[Any], Select[Any]]:
    """Things of a kind that are linked to some of these, whichever way."""
    links = EvidenceLink
    return (
        select(links.to_id).where(links.to_kind == kind, links.from_kind == to_kind, links.from_id.in_(ids)),
        select(links.from_id).where(links.from_kind == kind, links.to_kind == to_kind, links.to_id.in_(ids)),
    )


def _thoughts_around(kind: str, ids: Any) -> Any:
    """Thoughts that were kept for some of these things, or are linked to them."""
    kept_for = select(KnowledgeNode.id).where(KnowledgeNode.origin_kind == kind, KnowledgeNode.origin_id.in_(ids))
    return union(kept_for, *_linked(NODE, kind, ids))


def of_inquiry(connection: Connection, inquiry_id: UUID) -> UUID | None:
    return connection.execute(select(Portfolio.id).where(Portfolio.inquiry_id == inquiry_id)).scalar_one_or_none()


@shows(KIND, N_("Portfolio"))
def show_portfolios(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """To who leads its project and its readers, under the title of its project."""
    rows = connection.execute(
        select(
            Portfolio.id,
            Portfolio.author_id,
            Person.display_name,
            Portfolio.community_id,
            Portfolio.created_at,
            Inquiry.title,
            Inquiry.sealed,
        )
        .join(Inquiry, Inquiry.id == Portfolio.inquiry_id)
        .join(Person, Person.id == Portfolio.author_id)
        .where(
            Portfolio.id.in_(ids),
            or_(_reads(actor.person_id), _leads(actor.person_id, actor.at)),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=_title(row),
            excerpt="",
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="portfolios.portfolio",
            values={"portfolio_id": row.id},
        )
        for row in rows
    }


def _of_an_inquiry() -> Select[Any]:
    """By whose it is: its title is that of the project anyway."""
    return (
        select(*line(id=Portfolio.id, title=Person.display_name, at=Portfolio.created_at))
        .join(Person, Person.id == Portfolio.author_id)
        .where(and_(Portfolio.inquiry_id == THING, or_(_reads(ME), _leads(ME, AT))))
        .limit(HANGING)
    )


hangs_on(
    inquiries.KIND,
    KIND,
    N_("Portfolio"),
    _of_an_inquiry(),
    endpoint_of("portfolios.portfolio", "portfolio_id"),
)
