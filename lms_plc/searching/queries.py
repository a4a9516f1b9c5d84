"""What can be found, by whom? Each function is one statement unless it says otherwise.

Two walls stand before every hit. The index is asked only for what the reader's scopes name, and every row must pass
``may_read`` in the same statement; then the room whose thing it is must show it (``core.things``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, column, func, or_, select, table, union
from sqlalchemy import cast as sql_cast
from sqlalchemy import literal_column as written
from sqlalchemy.dialects.postgresql import TSQUERY

from lms_plc.communities.audiences import Readable, may_read
from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.communities.standing import in_force, is_inside
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.folding import fold
from lms_plc.core.policy import Actor, Role
from lms_plc.core.search import LARGEST_PLACE, SearchEntry, Term, first_place, matching, scope
from lms_plc.core.things import Thing
from lms_plc.people.models import Person
from lms_plc.searching.asking import Asked

HITS_A_PAGE = 20
RANKED = 1000
"""So many of the newest hits are ranked; who has more of them needs another word."""

MOST_SCOPES = 300
"""Whoever is in more communities than that is not narrowed down by the index, only by ``may_read``."""

NAMES_LOOKED_THROUGH = 5000
AUTHORS = 50
LOOKED_INTO = 8000
"""Characters of a text in which hits are marked."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of my communities."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class After:
    """Behind which hit a page begins: those with all words in the title (0) come before the others (1)."""

    rank: int
    place: int

    def __str__(self) -> str:
        return f"{self.rank}-{self.place}"


@dataclass(frozen=True, slots=True)
class Hit:
    """``text`` is the beginning of what was found, plain."""

    reference: Reference
    rank: int
    place: int
    community: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Hits:
    items: Sequence[Hit]
    next_key: After | None


def read_after(typed: str | None) -> After | None:
    """A page's key from an address; nonsense means the first page."""
    rank, _, place = (typed or "").partition("-")
    if rank in ("0", "1") and place.isascii() and place.isdigit() and len(place) < 20:
        return After(int(rank), min(int(place), LARGEST_PLACE))
    return None


def my_places(connection: Connection, actor: Actor) -> list[Place]:
    """The communities this person is in, by name; a few more than ``MOST_SCOPES`` at most."""
    member = select(Membership.community_id).where(
        Membership.person_id == actor.person_id, Membership.state == "active"
    )
    mentor = select(RoleAssignment.community_id).where(
        RoleAssignment.person_id == actor.person_id, RoleAssignment.role == Role.MENTOR.value, in_force(actor.at)
    )
    rows = connection.execute(
        select(Community.id, Community.name)
        .where(Community.id.in_(union(member, mentor)), is_inside(actor.person_id, Community.id, actor.at))
        .order_by(Community.name, Community.id)
        .limit(MOST_SCOPES + 1)
    )
    return [Place(*row) for row in rows]


def people_called(connection: Connection, actor: Actor, places: Sequence[Place], name: str) -> tuple[UUID, ...]:
    """Whoever is or was in one of these communities and has all these words at the beginning of words of their name."""
    asked = fold(name).split()
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(
            or_(
                Person.id == actor.person_id,
                Person.id.in_(
                    select(Membership.person_id).where(Membership.community_id.in_([place.id for place in places]))
                ),
            )
        )
        .order_by(Person.id.desc())
        .limit(NAMES_LOOKED_THROUGH)
    )
    found = (person_id for person_id, called in rows if asked and _has(fold(called).split(), asked))
    return tuple(person_id for person_id, _ in zip(found, range(AUTHORS), strict=False))


def _has(name: Sequence[str], asked: Sequence[str]) -> bool:
    return all(any(word.startswith(begins) for word in name) for begins in asked)


def find(
    connection: Connection,
    actor: Actor,
    asked: Asked,
    places: Sequence[Place],
    *,
    after: After | None = None,
    size: int = HITS_A_PAGE,
) -> Hits:
    """What has all these words: first where they are in the title, then the newest. ``places`` are ``my_places``.

    Only the newest ``RANKED`` are put in order, so that a short beginning of a word costs no more than a rare one.
    """
    if not asked.terms or asked.authors == ():
        return Hits((), None)
    dialect = connection.dialect.name
    place, matches = _matching(dialect, matching(dialect, asked.terms, _scopes(actor, asked, places)))
    readable = Readable(
        cast(Any, SearchEntry.kind),
        SearchEntry.thing_id,
        SearchEntry.audience,
        SearchEntry.author_id,
        SearchEntry.community_id,
    )
    newest = (
        select(
            SearchEntry.place.label("place"),
            case((_in_title(asked.terms), 0), else_=1).label("rank"),
        )
        .select_from(table("plc_search_words"))
        .join(SearchEntry, SearchEntry.place == place)
        .where(matches, may_read(actor, readable), *_filters(asked))
        .order_by(place.desc())
        .limit(RANKED)
        .subquery("newest")
    )
    query = (
        select(
            SearchEntry.kind,
            SearchEntry.thing_id,
            newest.c.rank,
            newest.c.place,
            Community.name,
            func.substr(SearchEntry.text, 1, LOOKED_INTO),
        )
        .join(newest, newest.c.place == SearchEntry.place)
        .outerjoin(Community, Community.id == SearchEntry.community_id)
        .order_by(newest.c.rank, newest.c.place.desc())
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(
            or_(
                newest.c.rank > after.rank,
                and_(newest.c.rank == after.rank, newest.c.place < after.place),
            )
        )
    rows = [Hit(Reference(kind, thing_id), *rest) for kind, thing_id, *rest in connection.execute(query)]
    if len(rows) <= size:
        return Hits(rows, None)
    return Hits(rows[:size], After(rows[size - 1].rank, rows[size - 1].place))


def still_shown(connection: Connection, actor: Actor, hits: Sequence[Hit]) -> list[tuple[Hit, Thing]]:
    """The hits whose rooms show them to the actor at this moment: one statement a kind. Words that are covered for them
    are not found by these words."""
    known = things.kinds()
    there = things.shown(connection, actor, [hit.reference for hit in hits if hit.reference.kind in known])
    open_to_them = {reference: thing for reference, thing in there.items() if not thing.is_covered}
    return [(hit, open_to_them[hit.reference]) for hit in hits if hit.reference in open_to_them]


def _matching(dialect: str, asked: str) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """The column of the places in the engine's index, and the condition that its words match."""
    if dialect == "sqlite":
        place: ColumnElement[int] = column("rowid", _selectable=table("plc_search_words"))
        return place, written("plc_search_words.plc_search_words").op("MATCH", is_comparison=True)(asked)
    place = column("place", _selectable=table("plc_search_words"))
    return place, written("plc_search_words.words").bool_op("@@")(sql_cast(asked, TSQUERY))


def _scopes(actor: Actor, asked: Asked, places: Sequence[Place]) -> list[list[str]]:
    groups = []
    if len(places) <= MOST_SCOPES:
        mine = [scope("a", actor.person_id), scope("s", actor.site_id), scope("n"), scope("w")]
        groups.append([*mine, *(scope("c", place.id) for place in places)])
    if asked.community_id is not None:
        groups.append([scope("c", asked.community_id)])
    if asked.kind is not None:
        groups.append([scope("k", asked.kind)])
    if asked.authors is not None:
        groups.append([scope("a", author) for author in asked.authors])
    return groups


def _filters(asked: Asked) -> list[ColumnElement[bool]]:
    """The scopes said it already; here it is said by the rows."""
    found = []
    if asked.community_id is not None:
        found.append(SearchEntry.community_id == asked.community_id)
    if asked.kind is not None:
        found.append(SearchEntry.kind == asked.kind)
    if asked.authors is not None:
        found.append(SearchEntry.author_id.in_(asked.authors))
    if asked.since is not None:
        found.append(SearchEntry.place >= first_place(asked.since))
    if asked.until is not None:
        found.append(SearchEntry.place < first_place(asked.until))
    return found


def _in_title(terms: Sequence[Term]) -> ColumnElement[bool]:
    """Folded words hold no sign that LIKE would read otherwise."""
    title = " " + SearchEntry.folded_title + " "
    return and_(*(title.like(f"% {' '.join(term.words)}{'%' if term.begins else ' %'}") for term in terms))
