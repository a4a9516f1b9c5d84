"""Who looks like one person and is two here? For somebody to look at: nothing is joined because of it.

A pair has the same number in a register, or the same name in the same community. What is beyond doubt (one number, two
sites of one register) was settled when they were met (`lms_plc.people.registry.known_by_number`). Nobody is found by an
e-mail address: none is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, Connection, Select, and_, delete, exists, func, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from lms_plc.communities.models import Community, Membership
from lms_plc.people import twins
from lms_plc.people.models import Identity, KeptApart, Person, Seat
from lms_plc.sites.models import Site, Ticket

PAIRS_A_PAGE = 20
MOST_ALIKE = 20
"""A number or a name that more than so many bear in one place says nothing of any two of them."""

JUST_NOW = timedelta(hours=1)
_MOST_ROWS = 2000

Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Account:
    """How a site knows somebody; ``last_launched_at`` is that of the last sitting we remember."""

    site_id: UUID
    site: str
    register: str | None
    subject: str
    sourced_id: str | None = field(repr=False)
    first_seen_at: datetime
    first_launched_at: datetime | None
    last_launched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with their accounts, the first one first, and (name, state) by community."""

    id: UUID
    name: str = field(repr=False)
    accounts: Sequence[Account] = ()
    communities: Mapping[UUID, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons; ``one`` is whom an LMS knew first. ``numbers`` are those both have, ``registers`` the registers
    that gave them; ``together`` are the communities both are in. ``met_both_at`` are the sites where both came in
    during the last hour: they are hardly one."""

    one: Somebody
    other: Somebody
    same_name: bool
    numbers: Sequence[str] = field(repr=False)
    registers: Sequence[str]
    together: Sequence[str]
    met_both_at: Sequence[str]
    kept_apart: bool = False


@dataclass(frozen=True, slots=True)
class PairPage:
    """Some pairs, and the key after which the next page begins (None: that was all)."""

    pairs: Sequence[Pair]
    next_key: Key | None


def possible_twins(
    connection: Connection, at: datetime, *, after: Key | None = None, size: int = PAIRS_A_PAGE
) -> PairPage:
    """The pairs that somebody should look at, in the order of their ids, in a fixed number of statements."""
    found = union(_alike(_numbered()), _alike(_named())).subquery()
    query = (
        select(found.c.a, found.c.b)
        .where(~exists().where(KeptApart.person_id == found.c.a, KeptApart.other_id == found.c.b))
        .order_by(found.c.a, found.c.b)
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(or_(found.c.a > after[0], and_(found.c.a == after[0], found.c.b > after[1])))
    keys = [(row.a, row.b) for row in connection.execute(query)]
    known = _who(connection, {one for key in keys[:size] for one in key})
    pairs = [_pair(known[a], known[b], at) for a, b in keys[:size] if a in known and b in known]
    return PairPage(pairs, keys[size - 1] if len(keys) > size else None)


def pair_of(connection: Connection, a: UUID, b: UUID, at: datetime) -> Pair | None:
    """These two, whether or not they look alike; None when one of them is not there, or both are one."""
    known = _who(connection, {a, b})
    if len(known) < 2:
        return None
    smaller, greater = sorted((a, b))
    note = select(KeptApart.at).where(KeptApart.person_id == smaller, KeptApart.other_id == greater)
    return _pair(known[a], known[b], at, kept_apart=connection.execute(note).one_or_none() is not None)


def join_persons(
    session: Session, keep: UUID, other: UUID, at: datetime, *, via: str, actor: UUID | None = None
) -> None:
    """As `people.twins.join`, and every plan is untrue that was made while they were two, at every site of either.

    Raises NotThere, ValueError for one and the same.
    """
    sites = select(Identity.site_id).where(Identity.person_id.in_((keep, other)))
    session.execute(
        update(Site)
        .where(Site.id.in_(sites))
        .values(sync_revision=Site.sync_revision + 1)
        .execution_options(synchronize_session=False)
    )
    # a launch that waits for its new window would open a seat of somebody who is not there
    session.execute(delete(Ticket).where(Ticket.passage["person"].as_string() == str(other)))
    twins.join(session, keep, other, at, via=via, actor=actor)


def _numbered() -> CTE:
    key = Identity.sourced_id
    many = func.count().over(partition_by=key)
    return _few(
        select(Identity.person_id, key.label("place"), key.label("key"), many.label("many")).where(key.is_not(None)),
        "numbered",
    )


def _named() -> CTE:
    """Whoever an LMS gave no name is called by its number, which is nobody else's."""
    many = func.count().over(partition_by=(Membership.community_id, Person.display_name))
    return _few(
        select(
            Membership.person_id,
            Membership.community_id.label("place"),
            Person.display_name.label("key"),
            many.label("many"),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(~Person.display_name.startswith("#")),
        "named",
    )


def _few(query: Select[*tuple[object, ...]], name: str) -> CTE:
    counted = query.subquery()
    return select(counted).where(counted.c.many.between(2, MOST_ALIKE)).cte(name)


def _alike(same: CTE) -> Select[*tuple[object, ...]]:
    other = same.alias()
    return select(same.c.person_id.label("a"), other.c.person_id.label("b")).join(
        other,
        and_(same.c.place == other.c.place, same.c.key == other.c.key, same.c.person_id < other.c.person_id),
    )


def _who(connection: Connection, persons: Collection[UUID]) -> dict[UUID, Somebody]:
    """These persons with their accounts and communities; whoever has no account is not among them."""
    seat = aliased(Seat)
    last = (
        select(func.max(seat.opened_at))
        .where(seat.person_id == Identity.person_id, seat.site_id == Identity.site_id)
        .scalar_subquery()
    )
    accounts: dict[UUID, list[Account]] = {}
    names: dict[UUID, str] = {}
    for row in connection.execute(
        select(
            Identity.person_id,
            Person.display_name,
            Identity.site_id,
            Site.name,
            Site.register,
            Identity.subject,
            Identity.sourced_id,
            Identity.first_seen_at,
            Identity.first_launched_at,
            last.label("last_launched_at"),
        )
        .join(Person, Person.id == Identity.person_id)
        .join(Site, Site.id == Identity.site_id)
        .where(Identity.person_id.in_(persons))
        .order_by(Identity.id)
        .limit(_MOST_ROWS)
    ):
        person_id, names[person_id], *account = row
        accounts.setdefault(person_id, []).append(Account(*account))
    communities: dict[UUID, dict[UUID, tuple[str, str]]] = {}
    for member in connection.execute(
        select(Membership.person_id, Community.id, Community.name, Membership.state)
        .join(Community, Community.id == Membership.community_id)
        .where(Membership.person_id.in_(persons))
        .order_by(Membership.id)
        .limit(_MOST_ROWS)
    ):
        communities.setdefault(member.person_id, {})[member.id] = (member.name, member.state)
    return {one: Somebody(one, names[one], its, communities.get(one, {})) for one, its in accounts.items()}


def _pair(a: Somebody, b: Somebody, at: datetime, *, kept_apart: bool = False) -> Pair:
    one, other = sorted((a, b), key=lambda who: (who.accounts[0].first_seen_at, who.id))
    numbers = {its.sourced_id for its in one.accounts} & {its.sourced_id for its in other.accounts} - {None}
    registers = {its.register for who in (one, other) for its in who.accounts if its.sourced_id in numbers}
    came = [
        {its.site for its in who.accounts if its.last_launched_at is not None and at - its.last_launched_at < JUST_NOW}
        for who in (one, other)
    ]
    return Pair(
        one,
        other,
        same_name=one.name == other.name,
        numbers=sorted(number for number in numbers if number is not None),
        registers=sorted(register for register in registers if register),
        together=[name for community, (name, _) in one.communities.items() if community in other.communities],
        met_both_at=sorted(came[0] & came[1]),
        kept_apart=kept_apart,
    )
