"""What can be read of class results, and of talks about them. Each function is one statement."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Connection, and_, exists, or_, select, union
from sqlalchemy.orm import aliased

from lms_plc.classdata.hiding import Earlier
from lms_plc.classdata.models import DataCell, DataConversation, DataSet
from lms_plc.classdata.tables import LEVELS, Use
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside, is_leading, knows_of, read_roles, roles_of, towards, while_hidden
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.things import Thing, shows
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.meetings.models import AgendaItem
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

KIND = "data_set"
TALK = "data_conversation"
MEETING = "meeting"
THOUGHTS = ("Prediction", "Finding", "Caveat", "Hunch")
"""Kinds of thoughts a talk about class results has, in its order."""

SETS_A_PAGE = 20
COMPARED, MOST_ALIKE = 200, 20
"""Of the latest tables of one community so many are looked through, and of those a new one is compared with so many."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a table stands in no cell: the names of its groups, the names and uses of its columns, and how many
    pupils there are together, where that may be shown."""

    groups: Sequence[str]
    columns: Sequence[tuple[str, Use]]
    total: int | None
    hidden: AbstractSet[int]

    @property
    def has_levels(self) -> bool:
        return any(use is Use.LEVEL for _, use in self.columns)

    def written(self) -> dict[str, Any]:
        return {
            "kind": LEVELS if self.has_levels else "measures",
            "groups": list(self.groups),
            "columns": [{"name": name, "use": use.value} for name, use in self.columns],
            "total": self.total,
            "hidden": sorted(self.hidden),
        }


def read_shape(written: Mapping[str, Any]) -> Shape:
    columns = [(one["name"], Use(one["use"])) for one in written["columns"]]
    return Shape(written["groups"], columns, written["total"], frozenset(written["hidden"]))


@dataclass(frozen=True, slots=True)
class SetListed:
    id: UUID
    question: str
    source: str
    day: date
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SetSeen:
    """A data set; ``roles`` has READER for somebody of another community here who was let in."""

    id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    question: str
    source: str
    day: date
    shape: Shape
    threshold: int
    came: str
    told_to_school: bool
    created_at: datetime
    hidden_at: datetime | None
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)


@dataclass(frozen=True, slots=True)
class Row:
    """A group as it may be shown: ``pupils`` is None where the row is hidden."""

    group: str
    pupils: int | None
    values: Sequence[float | None]

    @property
    def is_hidden(self) -> bool:
        return self.pupils is None


@dataclass(frozen=True, slots=True)
class TalkSeen:
    """A conversation about a data set; AUTHOR is who began it."""

    id: UUID
    data_set_id: UUID
    community_id: UUID
    site_id: UUID
    begun_by_id: UUID
    begun_by: str
    begun_at: datetime
    question: str
    meeting_id: UUID | None
    opened_at: datetime | None
    opened_by: str | None
    decision: str
    decided_at: datetime | None
    decided_by: str | None
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(TALK, self.id)


@loads(KIND, known_by="data_set.see")
def load_set(connection: Connection, actor: Actor, data_set_id: UUID) -> Loaded | None:
    """One that is hidden is there for whoever leads the community, and for nobody else."""
    row: Any = connection.execute(
        select(
            DataSet.id,
            DataSet.community_id,
            Community.site_id,
            DataSet.author_id,
            Person.display_name,
            DataSet.question,
            DataSet.source,
            DataSet.day,
            DataSet.shape,
            DataSet.threshold,
            DataSet.came,
            DataSet.told_to_school,
            DataSet.created_at,
            DataSet.hidden_at,
            _is_let_in(actor).label("let_in"),
            *roles_of(actor.person_id, DataSet.community_id, actor.at),
        )
        .join(Community, Community.id == DataSet.community_id)
        .join(Person, Person.id == DataSet.author_id)
        .where(DataSet.id == data_set_id)
    ).one_or_none()
    if row is None:
        return None
    *values, let_in, membership_state, assigned_roles = row
    roles = while_hidden(read_roles(membership_state, assigned_roles), row.hidden_at)
    if let_in and not roles and row.hidden_at is None:
        roles = frozenset({Role.READER})
    roles = towards(roles, is_author=row.author_id == actor.person_id and Role.READER not in roles)
    values[8] = read_shape(row.shape)
    return Loaded(SetSeen(*(*values, roles)), roles)


@loads(TALK, known_by="data_set.talk")
def load_talk(connection: Connection, actor: Actor, data_conversation_id: UUID) -> Loaded | None:
    opener, decider = aliased(Person), aliased(Person)
    row: Any = connection.execute(
        select(
            DataConversation.id,
            DataConversation.data_set_id,
            DataConversation.community_id,
            Community.site_id,
            DataConversation.begun_by_id,
            Person.display_name,
            DataConversation.begun_at,
            DataSet.question,
            DataConversation.meeting_id,
            DataConversation.opened_at,
            opener.display_name,
            DataConversation.decision,
            DataConversation.decided_at,
            decider.display_name,
            DataSet.hidden_at,
            *roles_of(actor.person_id, DataConversation.community_id, actor.at),
        )
        .join(DataSet, DataSet.id == DataConversation.data_set_id)
        .join(Community, Community.id == DataConversation.community_id)
        .join(Person, Person.id == DataConversation.begun_by_id)
        .outerjoin(opener, opener.id == DataConversation.opened_by_id)
        .outerjoin(decider, decider.id == DataConversation.decided_by_id)
        .where(DataConversation.id == data_conversation_id)
    ).one_or_none()
    if row is None:
        return None
    *values, hidden_at, membership_state, assigned_roles = row
    roles = while_hidden(read_roles(membership_state, assigned_roles), hidden_at)
    roles = towards(roles, is_author=row.begun_by_id == actor.person_id)
    return Loaded(TalkSeen(*(*values, roles)), roles)


def sets(
    connection: Connection, community_id: UUID, *, before: UUID | None = None, size: int = SETS_A_PAGE
) -> Page[SetListed]:
    """A community's, the newest first."""
    query = (
        select(DataSet.id, DataSet.question, DataSet.source, DataSet.day, Person.display_name, DataSet.created_at)
        .join(Person, Person.id == DataSet.author_id)
        .where(DataSet.community_id == community_id, DataSet.hidden_at.is_(None))
        .order_by(DataSet.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(DataSet.id < before)
    return cut([SetListed(*row) for row in connection.execute(query)], size, lambda one: one.id)


@dataclass(frozen=True, slots=True)
class Shown:
    """Another table of the community, as a new one is compared with it."""

    id: UUID
    question: str
    day: date
    earlier: Earlier


def shown_alike(connection: Connection, community_id: UUID, question: str, day: date) -> list[Shown]:
    """Tables of that day or for the same question; withdrawn ones were seen too. Two statements."""
    rows = connection.execute(
        select(DataSet.id, DataSet.question, DataSet.day, DataSet.shape, DataSet.hidden_at)
        .where(DataSet.community_id == community_id)
        .order_by(DataSet.id.desc())
        .limit(COMPARED)
    )
    alike = [row for row in rows if row.day == day or row.question.casefold() == question.casefold()][:MOST_ALIKE]
    cells = connection.execute(
        select(DataCell.data_set_id, DataCell.row, DataCell.n).where(
            DataCell.data_set_id.in_([row.id for row in alike]), DataCell.column == 0
        )
    )
    pupils = {(cell.data_set_id, cell.row): cell.n for cell in cells}
    return [Shown(row.id, row.question, row.day, _earlier(row, pupils)) for row in alike]


def _earlier(row: Any, pupils: Mapping[tuple[UUID, int], int | None]) -> Earlier:
    groups = tuple(row.shape["groups"])
    sizes = tuple(pupils.get((row.id, place)) for place, _ in enumerate(groups))
    return Earlier(groups, sizes, row.hidden_at is None)


def rows_of(connection: Connection, data_set_id: UUID, shape: Shape) -> list[Row]:
    """The table, group by group."""
    found = connection.execute(
        select(DataCell.row, DataCell.column, DataCell.n, DataCell.value).where(DataCell.data_set_id == data_set_id)
    )
    cells = {(cell.row, cell.column): cell.n if cell.value is None else cell.value for cell in found}
    return [
        Row(group, cells.get((index, 0)), [cells.get((index, place)) for place in range(1, len(shape.columns) + 1)])
        for index, group in enumerate(shape.groups)
    ]


def talk_of(connection: Connection, data_set_id: UUID) -> tuple[UUID, datetime | None] | None:
    """The conversation about a data set, and when its numbers were uncovered."""
    row = connection.execute(
        select(DataConversation.id, DataConversation.opened_at)
        .where(DataConversation.data_set_id == data_set_id)
        .order_by(DataConversation.id)
        .limit(1)
    ).one_or_none()
    return (row.id, row.opened_at) if row else None


def is_said(connection: Connection, actor: Actor, form_key: str) -> bool:
    """What this form says is kept already."""
    sent = exists().where(KnowledgeNode.author_id == actor.person_id, KnowledgeNode.form_key == form_key)
    return bool(connection.execute(select(sent)).scalar_one())


def meetings_of(connection: Connection, data_set_id: UUID) -> list[Reference]:
    """Meetings that speak of it, or did."""
    return [Reference(MEETING, one) for one in connection.execute(_meetings_of(data_set_id)).scalars()]


def _meetings_of(data_set_id: UUID) -> CompoundSelect[Any]:
    about = (AgendaItem.thing_kind == KIND, AgendaItem.thing_id == data_set_id)
    return union(
        select(AgendaItem.meeting_id).where(*about, AgendaItem.meeting_id.is_not(None)),
        select(DataConversation.meeting_id).where(
            DataConversation.data_set_id == data_set_id, DataConversation.meeting_id.is_not(None)
        ),
    )


def unsettled(connection: Connection, ids: Sequence[UUID]) -> AbstractSet[UUID]:
    """Those nothing has been decided about."""
    decided = exists().where(DataConversation.data_set_id == DataSet.id, DataConversation.decided_at.is_not(None))
    found = select(DataSet.id).where(DataSet.id.in_(ids), DataSet.hidden_at.is_(None), ~decided)
    return set(connection.execute(found).scalars())


def _is_let_in(actor: Actor) -> ColumnElement[bool]:
    """Its author let everybody in who is in a community of this learning platform."""
    member, home = aliased(Membership), aliased(Community)
    same_platform = exists().where(home.id == DataSet.community_id, home.site_id == actor.site_id)
    somewhere = exists().where(member.person_id == actor.person_id, member.state == "active")
    return and_(DataSet.told_to_school.is_(True), same_platform, somewhere)


def _may_see(actor: Actor) -> ColumnElement[bool]:
    inside = is_inside(actor.person_id, DataSet.community_id, actor.at)
    stands = and_(DataSet.hidden_at.is_(None), or_(inside, _is_let_in(actor)))
    return or_(stands, is_leading(actor.person_id, DataSet.community_id, actor.at))


@shows(KIND, N_("Class results"))
def show_sets(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            DataSet.id,
            DataSet.question,
            DataSet.source,
            DataSet.author_id,
            Person.display_name,
            DataSet.community_id,
            DataSet.created_at,
            DataSet.day,
        )
        .join(Person, Person.id == DataSet.author_id)
        .where(DataSet.id.in_(ids), _may_see(actor))
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=row.question,
            excerpt=row.source,
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="classdata.data_set",
            values={"data_set_id": row.id},
        )
        for row in rows
    }


@shows(TALK, N_("Talk about class results"))
def show_talks(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            DataConversation.id,
            DataSet.question,
            DataConversation.begun_by_id,
            Person.display_name,
            DataConversation.community_id,
            DataConversation.begun_at,
        )
        .join(DataSet, DataSet.id == DataConversation.data_set_id)
        .join(Person, Person.id == DataConversation.begun_by_id)
        .where(DataConversation.id.in_(ids), knows_of(actor, DataConversation.community_id, DataSet.hidden_at))
    )
    return {
        row.id: Thing(
            reference=Reference(TALK, row.id),
            title=row.question,
            excerpt="",
            author_id=row.begun_by_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.begun_at,
            endpoint="classdata.conversation",
            values={"data_conversation_id": row.id},
        )
        for row in rows
    }
