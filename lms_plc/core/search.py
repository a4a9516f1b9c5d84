"""What can be found by its words, and by whom? Rooms say it here, in the transaction of the verb that changes it.

A room calls ``put`` when a thing is written or changed (its words, readers, place or moment), and ``forget`` when it is
hidden, taken back or removed; what is shown again is put again. ``reindexes`` registers how the room tells of all it
has, so that what is older than the index is found too. ``searching`` asks; it shows a hit only if the room's own
``core.things`` shows it to whoever asks.

Words are folded by ``core.folding`` on the way in and out. Beside them stand *scopes*, words nobody can write: whose a
thing is, where it stands, of what kind it is. So the engine looks only among what the reader may be shown, and looking
through five communities costs the same whatever else there is.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import nh3
from markupsafe import Markup
from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms_plc.core.activity import Reference
from lms_plc.core.database import Row, dialect_of, upsert
from lms_plc.core.folding import fold as fold

LONGEST = 100_000
"""Characters of a text that are looked through."""

FOUND_AT_ONCE = 200
"""Things a room tells of at once when the index is built anew."""

_RANDOM_BITS = 21
LARGEST_PLACE = 2**63 - 1


class SearchEntry(Row):
    """A thing as search knows it. Its words stand once more, folded, in the engine's own index (``plc_search_words``).

    ``place`` is when the thing was made, to the millisecond, and a number to tell it from others of that moment: so
    the engine gives the newest first without sorting. ``title`` and ``text`` are as people wrote them, for snippets.
    """

    __tablename__ = "plc_search_entry"
    __table_args__ = (
        UniqueConstraint("kind", "thing_id"),
        Index("ix_plc_search_entry_author_id", "author_id"),
        Index("ix_plc_search_entry_community_id", "community_id"),
    )

    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[UUID]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    audience: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    folded_title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing to be found. ``audience`` is a value of ``communities.audiences.Audience``; what stands in a community
    for all its members is ``community``. ``title`` and ``text`` are plain; ``plain`` makes them of stored HTML."""

    reference: Reference
    site_id: UUID
    community_id: UUID | None
    author_id: UUID | None
    audience: str
    title: str
    text: str
    at: datetime


def plain(html: str) -> str:
    """The words of rendered HTML, for ``Entry.text``."""
    bare = nh3.clean(html, tags=set())
    return " ".join(Markup(bare).unescape().split())  # noqa: S704 - no tag is left in it


def put(session: Session, entry: Entry) -> None:
    """Makes a thing findable as it is now, in the transaction that made it so. Putting it twice is putting it once."""
    values = {
        "kind": entry.reference.kind,
        "thing_id": entry.reference.id,
        "site_id": entry.site_id,
        "community_id": entry.community_id,
        "author_id": entry.author_id,
        "audience": entry.audience,
        "title": entry.title.replace("\x00", ""),
        "folded_title": fold(entry.title),
        "text": entry.text[:LONGEST].replace("\x00", ""),
        "at": entry.at,
    }
    place = None
    while place is None:
        place = _add(session, values) or _change(session, values)
    _write_words(session, place, values)


def forget(session: Session, reference: Reference) -> None:
    """Lets nobody find the thing any more; one that is not there is no mistake."""
    gone = session.execute(
        delete(SearchEntry)
        .where(SearchEntry.kind == reference.kind, SearchEntry.thing_id == reference.id)
        .returning(SearchEntry.place)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if gone is not None:
        _delete_words(session, gone)


def author_became(session: Session, author_id: UUID) -> None:
    """Two persons were joined, and their things are now this one's: their scopes are written anew."""
    rows = session.execute(select(SearchEntry.__table__).where(SearchEntry.author_id == author_id)).mappings().all()
    for row in rows:
        _write_words(session, row["place"], row)


def _add(session: Session, values: Mapping[str, Any]) -> int | None:
    """None when the thing is there already, or (never, as good as) another has its place."""
    return session.execute(
        upsert(session, SearchEntry)
        .values(place=_place(values["at"]), **values)
        .on_conflict_do_nothing()
        .returning(SearchEntry.place)
    ).scalar_one_or_none()


def _change(session: Session, values: Mapping[str, Any]) -> int | None:
    known = (SearchEntry.kind == values["kind"], SearchEntry.thing_id == values["thing_id"])
    found = session.execute(select(SearchEntry.place, SearchEntry.at).where(*known).with_for_update()).one_or_none()
    if found is None:
        return None
    if found.at != values["at"]:
        forget(session, Reference(values["kind"], values["thing_id"]))
        return None
    session.execute(update(SearchEntry).where(*known).values(**values).execution_options(synchronize_session=False))
    return int(found.place)


def first_place(moment: datetime) -> int:
    """The smallest place of this moment."""
    return min(max(0, int(moment.timestamp() * 1000)), LARGEST_PLACE >> _RANDOM_BITS) << _RANDOM_BITS


def _place(moment: datetime) -> int:
    return first_place(moment) | secrets.randbits(_RANDOM_BITS)


# The engine's own index. SQLite has a virtual table of three columns, PostgreSQL one column of lexemes; in that the
# scopes begin with a colon, which no folded word does. Lexemes and queries are written out by us and only cast: the
# parser of neither engine has a say in what a word is.


def _write_words(session: Session, place: int, values: Mapping[str, Any] | RowMapping) -> None:
    title, words = values["folded_title"], fold(values["text"])
    scopes = scopes_of(values)
    if dialect_of(session) == "sqlite":
        _delete_words(session, place)
        given: dict[str, Any] = {"title": title, "text": words, "scope": " ".join(scopes)}
        session.execute(_SQLITE_INSERT, {"place": place, **given})
    else:
        session.execute(_POSTGRESQL_INSERT, {"place": place, "words": _vector(title, words, scopes)})


def _delete_words(session: Session, place: int) -> None:
    session.execute(_SQLITE_DELETE if dialect_of(session) == "sqlite" else _POSTGRESQL_DELETE, {"place": place})


_SQLITE_INSERT = text("INSERT INTO plc_search_words (rowid, title, text, scope) VALUES (:place, :title, :text, :scope)")
_SQLITE_DELETE = text("DELETE FROM plc_search_words WHERE rowid = :place")
_POSTGRESQL_INSERT = text(
    "INSERT INTO plc_search_words (place, words) VALUES (:place, CAST(:words AS tsvector))"
    " ON CONFLICT (place) DO UPDATE SET words = excluded.words"
).bindparams(bindparam("words", type_=String))
_POSTGRESQL_DELETE = text("DELETE FROM plc_search_words WHERE place = :place")


def scope(letter: str, thing: UUID | str = "") -> str:
    """A word of a scope: ``a`` author, ``c`` community, ``k`` kind, ``s`` a whole platform, ``n`` people who were
    named, ``w`` the world."""
    return letter + (thing.hex if isinstance(thing, UUID) else fold(thing).replace(" ", ""))


def scopes_of(values: Mapping[str, Any] | RowMapping) -> list[str]:
    found = [scope("k", values["kind"])]
    if values["author_id"] is not None:
        found.append(scope("a", values["author_id"]))
    if values["community_id"] is not None:
        found.append(scope("c", values["community_id"]))
    if values["audience"] == "platform":
        found.append(scope("s", values["site_id"]))
    elif values["audience"] == "named_people":
        found.append(scope("n"))
    elif values["audience"] == "world":
        found.append(scope("w"))
    return found


_BETWEEN = 10
"""Places left free between title and text, so that no phrase runs from one into the other."""


def _vector(title: str, words: str, scopes: Iterable[str]) -> str:
    places: dict[str, list[int]] = {}
    title_words = title.split()
    for place, word in enumerate(title_words, 1):
        places.setdefault(word, []).append(place)
    for place, word in enumerate(words.split(), len(title_words) + _BETWEEN):
        places.setdefault(word, []).append(place)
    # PostgreSQL keeps 255 places of a word, and none behind 16,383
    lexemes = [f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items() if at[0] < 16_384]
    lexemes += [f"'{word}'" for word, at in places.items() if at[0] >= 16_384]
    return " ".join([*lexemes, *(f"':{one}'" for one in scopes)])


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words that stand side by side (one, or a phrase); of the last one, ``begins`` asks for its beginning."""

    words: tuple[str, ...]
    begins: bool = False


def matching(dialect: str, terms: Sequence[Term], scopes: Sequence[Sequence[str]]) -> str:
    """What the engine is asked for: all the terms, and of every group of scopes at least one."""
    if dialect == "sqlite":
        asked = [f'"{" ".join(term.words)}"{" *" if term.begins else ""}' for term in terms]
        within = ["(" + " OR ".join(f'scope : "{one}"' for one in group) + ")" for group in scopes]
        return " AND ".join([*within, "{title text} : (" + " AND ".join(asked) + ")"])
    lexemes = [
        " <-> ".join([*(f"'{word}'" for word in term.words[:-1]), f"'{term.words[-1]}'{':*' if term.begins else ''}"])
        for term in terms
    ]
    within = ["(" + " | ".join(f"':{one}'" for one in group) + ")" for group in scopes]
    return " & ".join([*within, *(f"({lexeme})" for lexeme in lexemes)])


Source = Callable[[Connection, UUID | None], Sequence[Entry]]
"""The next few hundred things of a kind behind this id, in the order of their ids; none: that was all. What must not be
found is left out."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Things of a kind behind one id and up to another."""

    entries: Sequence[Entry]
    last: UUID | None
    """None: there are no more."""


_sources: dict[str, Source] = {}


def reindexes(kind: str) -> Callable[[Source], Source]:
    """Registers how a room tells of all things of a kind that can be found, for building the index anew."""

    def register(source: Source) -> Source:
        _sources[kind] = source
        return source

    return register


@dataclass(frozen=True, slots=True)
class Findable:
    """The things of a kind that a room keeps in one table. ``rows`` selects those that may be found, whose ``id`` is
    this column, and ``entry`` makes of a row what search knows of it."""

    kind: str
    id: Any
    rows: Callable[[], Any]
    entry: Callable[[Any], Entry]

    def find(self, session: Session, thing_id: UUID) -> None:
        """Makes a thing findable as it is now; what may not be found, or is gone, is forgotten."""
        row = session.execute(self.rows().where(self.id == thing_id)).one_or_none()
        if row is None:
            forget(session, Reference(self.kind, thing_id))
        else:
            put(session, self.entry(row))

    def some(self, connection: Connection, after: UUID | None) -> list[Entry]:
        """A ``Source``."""
        rows = self.rows().order_by(self.id).limit(FOUND_AT_ONCE)
        return [self.entry(row) for row in connection.execute(rows if after is None else rows.where(self.id > after))]


def findable(kind: str, id_: Any, rows: Callable[[], Any], entry: Callable[[Any], Entry]) -> Findable:
    """As ``reindexes``, for things that stand in one table."""
    made = Findable(kind, id_, rows, entry)
    reindexes(kind)(made.some)
    return made


def sources() -> Mapping[str, Source]:
    return _sources


def reindex_some(session: Session, kind: str, after: UUID | None, began: datetime) -> Batch:
    """Puts the next things of a kind behind ``after``, and forgets what stood among them and is no more.

    Source and index are read and written in one transaction, so nothing that changes meanwhile is put back. What was
    made after ``began`` was put by the verb that made it.
    """
    entries = _sources[kind](session.connection(), after)
    last = entries[-1].reference.id if entries else None
    among = [SearchEntry.kind == kind, SearchEntry.place < first_place(began)]
    if after is not None:
        among.append(SearchEntry.thing_id > after)
    if last is not None:
        among.append(SearchEntry.thing_id <= last)
    there = {entry.reference.id for entry in entries}
    for thing_id in session.execute(select(SearchEntry.thing_id).where(*among)).scalars().all():
        if thing_id not in there:
            forget(session, Reference(kind, thing_id))
    for entry in entries:
        put(session, entry)
    return Batch(entries, last)
