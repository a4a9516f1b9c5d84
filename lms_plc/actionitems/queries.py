"""What can be read of agreed actions. Each function is one statement.

How often a date was put off, and that it has passed, is told to the owner and to whoever facilitates; to everybody else
an action is its words, whose it is, and until when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, case, func, not_, or_, select

from lms_plc.actionitems.holding import is_holding
from lms_plc.actionitems.models import ActionItem, ActionItemUpdate
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, allows, loads
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

KIND = "action_item"
OPEN, DONE, DROPPED = "open", "done", "dropped"
CLOSED = (DONE, DROPPED)
MOVED = "moved"
OPEN_ONES = 100
CLOSED_A_PAGE = 20
UPDATES = 100
OWNERS = 400

FACILITATING = frozenset({Role.FACILITATOR, Role.MENTOR, Role.HOLDING})


@dataclass(frozen=True, slots=True)
class ActionSeen:
    """An action for an actor. ``moved`` and ``is_overdue`` are for its owner and whoever facilitates (None and False
    for everybody else). ``is_free``: nobody has it, or nobody who is still here. ``result`` is what was said when it
    was closed."""

    id: UUID
    community_id: UUID
    site_id: UUID
    community: str
    text: str
    owner_id: UUID | None
    owner: str | None
    due: date | None
    state: str
    moved: int | None
    origin: Reference
    created_at: datetime
    closed_at: datetime | None
    result: str
    is_mine: bool
    is_free: bool
    is_overdue: bool
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def may_update(self) -> bool:
        return allows(self.roles, "action_item.update")

    @property
    def may_take(self) -> bool:
        return self.is_open and self.is_free and allows(self.roles, "action_item.take")


@dataclass(frozen=True, slots=True)
class UpdateSeen:
    became: str
    name: str
    due_after: date | None
    text: str
    said_in: Reference | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerListed:
    """Somebody who can have an action."""

    id: UUID
    name: str


def _seen(*more: Any) -> Select[Any]:
    said = (
        select(ActionItemUpdate.text)
        .where(ActionItemUpdate.action_item_id == ActionItem.id, ActionItemUpdate.became.in_(CLOSED))
        .order_by(ActionItemUpdate.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        ActionItem.id,
        ActionItem.community_id,
        Community.site_id,
        Community.name.label("community"),
        ActionItem.text,
        ActionItem.owner_id,
        Person.display_name.label("owner"),
        ActionItem.due,
        ActionItem.state,
        ActionItem.moved,
        ActionItem.origin_kind,
        ActionItem.origin_id,
        ActionItem.created_at,
        ActionItem.closed_at,
        said.label("result"),
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == ActionItem.community_id)
        .outerjoin(Person, Person.id == ActionItem.owner_id)
    )


def _for(actor: Actor) -> Select[Any]:
    owner_is_here = is_inside(ActionItem.owner_id, ActionItem.community_id, actor.at)  # type: ignore[arg-type]
    return _seen(
        or_(ActionItem.owner_id.is_(None), not_(owner_is_here)).label("is_free"),
        is_holding(actor.person_id, ActionItem.community_id, actor.at).label("is_holding"),
        *roles_of(actor.person_id, ActionItem.community_id, actor.at),
    )


def _action(row: Any, actor: Actor, today: date | None) -> ActionSeen:
    roles = read_roles(row.membership_state, row.assigned_roles)
    is_mine = row.owner_id == actor.person_id
    if roles and is_mine:
        roles |= {Role.AUTHOR}
    if roles and row.is_holding:
        roles |= {Role.HOLDING}
    told = is_mine or bool(roles & FACILITATING)
    past = row.state == OPEN and row.due is not None and row.due < (today or actor.at.date())
    return ActionSeen(
        **_plain(row),
        moved=row.moved if told else None,
        is_mine=is_mine,
        is_free=row.is_free,
        is_overdue=told and past,
        roles=roles,
    )


def _plain(row: Any) -> dict[str, Any]:
    names = ("id", "community_id", "site_id", "community", "text", "owner_id", "owner", "due", "state")
    plain = {name: getattr(row, name) for name in (*names, "created_at", "closed_at")}
    closing = row.result or "" if row.state in CLOSED else ""
    return plain | {"origin": Reference(row.origin_kind, row.origin_id), "result": closing}


@loads(KIND, known_by="community.read")
def load_action(connection: Connection, actor: Actor, action_id: UUID) -> Loaded | None:
    """The owner is its author: whoever wrote it down has no more to say in it than others."""
    row = connection.execute(_for(actor).where(ActionItem.id == action_id)).one_or_none()
    if row is None:
        return None
    seen = _action(row, actor, None)
    return Loaded(seen, seen.roles)


def open_ones(
    connection: Connection, actor: Actor, community_id: UUID, *, today: date | None = None
) -> list[ActionSeen]:
    """What is open in a community: the actor's own first, then what nobody has, each by its date. ``today`` is the day
    where the community is."""
    place = case((ActionItem.owner_id == actor.person_id, 0), (ActionItem.owner_id.is_(None), 1), else_=2)
    rows = connection.execute(
        _for(actor)
        .where(ActionItem.community_id == community_id, ActionItem.state == OPEN)
        .order_by(place, *_by_date())
        .limit(OPEN_ONES)
    )
    return [_action(row, actor, today) for row in rows]


def _by_date() -> tuple[Any, ...]:
    return (ActionItem.due.is_(None), ActionItem.due, ActionItem.id)


def closed_ones(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    before: UUID | None = None,
    size: int = CLOSED_A_PAGE,
) -> Page[ActionSeen]:
    """Done and dropped, what was agreed last first."""
    return _closed(connection, actor, _for(actor).where(ActionItem.community_id == community_id), before, size)


def mine_open(connection: Connection, actor: Actor, *, today: date | None = None) -> list[ActionSeen]:
    """What the actor has agreed to, in every community they are in."""
    rows = connection.execute(_mine(actor).where(ActionItem.state == OPEN).order_by(*_by_date()).limit(OPEN_ONES))
    return [_action(row, actor, today) for row in rows]


def mine_closed(
    connection: Connection, actor: Actor, *, before: UUID | None = None, size: int = CLOSED_A_PAGE
) -> Page[ActionSeen]:
    return _closed(connection, actor, _mine(actor), before, size)


def _mine(actor: Actor) -> Select[Any]:
    inside = is_inside(actor.person_id, ActionItem.community_id, actor.at)
    return _for(actor).where(ActionItem.owner_id == actor.person_id, inside)


def _closed(
    connection: Connection, actor: Actor, query: Select[Any], before: UUID | None, size: int
) -> Page[ActionSeen]:
    query = query.where(ActionItem.state.in_(CLOSED)).order_by(ActionItem.id.desc()).limit(size + 1)
    if before is not None:
        query = query.where(ActionItem.id < before)
    return cut([_action(row, actor, None) for row in connection.execute(query)], size, lambda one: one.id)


def of_origin(connection: Connection, origin: Reference) -> list[ActionSeen]:
    """What was agreed there, in the order it was agreed: as the group's record has it, for no actor in particular."""
    rows = connection.execute(
        _seen()
        .where(ActionItem.origin_kind == origin.kind, ActionItem.origin_id == origin.id)
        .order_by(ActionItem.id)
        .limit(OPEN_ONES)
    )
    nobody: frozenset[Role] = frozenset()
    return [
        ActionSeen(
            **_plain(row), moved=None, is_mine=False, is_free=row.owner_id is None, is_overdue=False, roles=nobody
        )
        for row in rows
    ]


def updates(connection: Connection, action_id: UUID, *, with_moves: bool) -> list[UpdateSeen]:
    """What became of an action, in its order; ``with_moves`` for whom it may be told that its date was moved."""
    query = (
        select(
            ActionItemUpdate.became,
            Person.display_name,
            ActionItemUpdate.due_after,
            ActionItemUpdate.text,
            ActionItemUpdate.said_kind,
            ActionItemUpdate.said_id,
            ActionItemUpdate.at,
        )
        .join(Person, Person.id == ActionItemUpdate.person_id)
        .where(ActionItemUpdate.action_item_id == action_id)
        .order_by(ActionItemUpdate.id)
        .limit(UPDATES)
    )
    if not with_moves:
        query = query.where(ActionItemUpdate.became != MOVED)
    return [
        UpdateSeen(*row[:4], Reference(row.said_kind, row.said_id) if row.said_kind and row.said_id else None, row.at)
        for row in connection.execute(query)
    ]


def owners(connection: Connection, community_id: UUID) -> list[OwnerListed]:
    """Who can have an action: the members, by their names."""
    rows = connection.execute(
        select(Membership.person_id, Person.display_name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.community_id == community_id, Membership.state == "active")
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(OWNERS)
    )
    return [OwnerListed(*row) for row in rows]


@shows(KIND, N_("Agreed action"))
def show_actions(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """``author`` is whose it is; ``day`` is until when."""
    rows = connection.execute(
        select(
            ActionItem.id,
            ActionItem.text,
            ActionItem.owner_id,
            Person.display_name,
            ActionItem.community_id,
            ActionItem.due,
            ActionItem.created_at,
        )
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .where(ActionItem.id.in_(ids), is_inside(actor.person_id, ActionItem.community_id, actor.at))
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=row.text,
            excerpt="",
            author_id=row.owner_id,
            author=row.display_name or "",
            community_id=row.community_id,
            at=row.created_at,
            endpoint="actionitems.action",
            values={"action_item_id": row.id},
            day=row.due,
        )
        for row in rows
    }
