"""What can be read of a notebook: by its author, and by nobody else; and of a part, by those its author released it to.

Every select of the notebook names the author. Words are opened only after a row was found that the actor may read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, exists, func, or_, select

from lms_plc.communities.audiences import Readable, may_read
from lms_plc.communities.models import Community
from lms_plc.core import accesses
from lms_plc.core.activity import Reference
from lms_plc.core.exports import tells_of
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.core.search import fold
from lms_plc.core.things import Thing, shows
from lms_plc.journal.models import JournalEntry, JournalVoice, ReleasedPart, SharedPart
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_, gettext

ENTRY, PART = "journal_entry", "journal_part"
tells_of(PART)

ENTRIES_A_PAGE = 20
AT_ONCE = 500
SHOWN = 50
SEARCHED = 500
"""Entries looked through for a word, the newest first: they are sealed, so each has to be opened."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of one's own notebook. ``text`` is None where it was sealed under another secret key. ``shared``: others
    may read something of it now; ``spoken``: it has a recording."""

    id: UUID
    day: date
    prompt: str | None
    community_id: UUID | None
    community: str | None
    created_at: datetime
    changed_at: datetime
    shared: bool
    spoken: bool
    text: str | None
    mood: str | None

    @property
    def reference(self) -> Reference:
        return Reference(ENTRY, self.id)

    def __repr__(self) -> str:
        return f"Entry(id={self.id})"


@dataclass(frozen=True, slots=True)
class Sealed:
    """As ``Entry``, still closed: what a loader answers, which has no key."""

    row: Any

    @property
    def id(self) -> UUID:
        entry_id: UUID = self.row.id
        return entry_id

    def opened(self, seal: Seal) -> Entry:
        return _opened(self.row, seal)


@dataclass(frozen=True, slots=True)
class Shared:
    """Where a part of an entry stands, or stood."""

    id: UUID
    way: str
    thing: Reference
    community: str
    shared_at: datetime
    withdrawn_at: datetime | None


_ENTRY = select(
    JournalEntry.id,
    JournalEntry.day,
    JournalEntry.prompt,
    JournalEntry.community_id,
    Community.name.label("community"),
    JournalEntry.created_at,
    JournalEntry.changed_at,
    or_(
        exists().where(SharedPart.entry_id == JournalEntry.id, SharedPart.withdrawn_at.is_(None)),
        exists().where(ReleasedPart.entry_id == JournalEntry.id, ReleasedPart.withdrawn_at.is_(None)),
    ).label("shared"),
    exists().where(JournalVoice.entry_id == JournalEntry.id).label("spoken"),
    JournalEntry.sealed,
    JournalEntry.sealed_mood,
).outerjoin(Community, Community.id == JournalEntry.community_id)


@dataclass(frozen=True, slots=True)
class VoiceSeen:
    id: UUID
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PartSeen:
    """A released part, still closed, as its author or one of its readers sees it. ``noted_at``: when it was last noted
    that the actor opened it."""

    id: UUID
    entry_id: UUID
    author_id: UUID
    author: str
    community_id: UUID | None
    community: str | None
    audience: str
    released_at: datetime
    withdrawn_at: datetime | None
    noted_at: datetime | None
    sealed: str
    roles: frozenset[Role] = frozenset()

    @property
    def reference(self) -> Reference:
        return Reference(PART, self.id)

    def opened(self, seal: Seal) -> str | None:
        return _open(self.sealed, seal)

    def __repr__(self) -> str:
        return f"PartSeen(id={self.id})"


@loads(ENTRY, known_by="journal.read")
def load_entry(connection: Connection, actor: Actor, entry_id: UUID) -> Loaded | None:
    row = connection.execute(
        _ENTRY.where(JournalEntry.id == entry_id, JournalEntry.person_id == actor.person_id)
    ).one_or_none()
    return Loaded(Sealed(row), frozenset({Role.AUTHOR})) if row else None


def entries(
    connection: Connection, actor: Actor, seal: Seal, *, before: UUID | None = None, size: int = ENTRIES_A_PAGE
) -> Page[Entry]:
    """The newest first."""
    query = _mine(actor).limit(size + 1)
    if before is not None:
        query = query.where(JournalEntry.id < before)
    return cut([_opened(row, seal) for row in connection.execute(query)], size, lambda entry: entry.id)


def search(
    connection: Connection, actor: Actor, seal: Seal, asked: str, size: int = ENTRIES_A_PAGE
) -> tuple[Sequence[Entry], bool]:
    """One's own entries with all of these words, the newest first; and whether there may be more."""
    words = fold(asked).split()
    found: list[Entry] = []
    looked_through = 0
    for row in connection.execute(_mine(actor).limit(SEARCHED)):
        looked_through += 1
        entry = _opened(row, seal)
        folded = fold(entry.text or "")
        if words and all(word in folded for word in words):
            found.append(entry)
            if len(found) == size:
                return found, True
    return found, looked_through == SEARCHED


def shared_parts(connection: Connection, actor: Actor, entry_id: UUID, size: int = 50) -> list[Shared]:
    rows = connection.execute(
        select(
            SharedPart.id,
            SharedPart.way,
            SharedPart.thing_kind,
            SharedPart.thing_id,
            Community.name,
            SharedPart.shared_at,
            SharedPart.withdrawn_at,
        )
        .join(JournalEntry, JournalEntry.id == SharedPart.entry_id)
        .join(Community, Community.id == SharedPart.community_id)
        .where(SharedPart.entry_id == entry_id, JournalEntry.person_id == actor.person_id)
        .order_by(SharedPart.id.desc())
        .limit(size)
    )
    return [
        Shared(row.id, row.way, Reference(row.thing_kind, row.thing_id), row.name, row.shared_at, row.withdrawn_at)
        for row in rows
    ]


def whole(connection: Connection, actor: Actor, seal: Seal) -> Iterator[Entry]:
    """All of one's notebook, the newest first, some at a time."""
    before: UUID | None = None
    while True:
        page = entries(connection, actor, seal, before=before, size=AT_ONCE)
        yield from page.items
        before = page.next_key
        if before is None:
            return


def voices(connection: Connection, actor: Actor, entry_id: UUID) -> list[VoiceSeen]:
    rows = connection.execute(
        select(JournalVoice.id, JournalVoice.size, JournalVoice.created_at)
        .join(JournalEntry, JournalEntry.id == JournalVoice.entry_id)
        .where(JournalVoice.entry_id == entry_id, JournalEntry.person_id == actor.person_id)
        .order_by(JournalVoice.id)
        .limit(SHOWN)
    )
    return [VoiceSeen(*row) for row in rows]


def voice(connection: Connection, actor: Actor, entry_id: UUID, voice_id: UUID) -> tuple[str, bytes] | None:
    """Its media type and its sealed bytes."""
    row = connection.execute(
        select(JournalVoice.media_type, JournalVoice.sealed)
        .join(JournalEntry, JournalEntry.id == JournalVoice.entry_id)
        .where(
            JournalVoice.id == voice_id,
            JournalVoice.entry_id == entry_id,
            JournalEntry.person_id == actor.person_id,
        )
    ).one_or_none()
    return (row.media_type, row.sealed) if row else None


_READABLE = Readable(PART, ReleasedPart.id, ReleasedPart.audience, ReleasedPart.author_id, ReleasedPart.community_id)


def _parts(actor: Actor) -> Select[Any]:
    columns: tuple[Any, ...] = (
        *(ReleasedPart.id, ReleasedPart.entry_id, ReleasedPart.author_id, Person.display_name),
        *(ReleasedPart.community_id, Community.name, ReleasedPart.audience),
        *(ReleasedPart.released_at, ReleasedPart.withdrawn_at),
        accesses.noted_at(actor, PART, ReleasedPart.id),
        ReleasedPart.sealed,
    )
    return (
        select(*columns)
        .join(Person, Person.id == ReleasedPart.author_id)
        .outerjoin(Community, Community.id == ReleasedPart.community_id)
    )


def _open_to(actor: Actor) -> Any:
    is_there = and_(ReleasedPart.withdrawn_at.is_(None), ReleasedPart.hidden_at.is_(None))
    return and_(is_there, may_read(actor, _READABLE))


@loads(PART, known_by="journal_part.read")
def load_part(connection: Connection, actor: Actor, part_id: UUID) -> Loaded | None:
    """Its author's always; its readers' until it is withdrawn, or hidden."""
    own = ReleasedPart.author_id == actor.person_id
    row = connection.execute(_parts(actor).where(ReleasedPart.id == part_id, or_(own, _open_to(actor)))).one_or_none()
    if row is None:
        return None
    roles = frozenset({Role.AUTHOR if row.author_id == actor.person_id else Role.READER})
    return Loaded(PartSeen(*(*row, roles)), roles)


def parts_of(connection: Connection, actor: Actor, entry_id: UUID) -> list[PartSeen]:
    """What was released of a page of one's own, the latest first."""
    rows = connection.execute(
        _parts(actor)
        .where(ReleasedPart.entry_id == entry_id, ReleasedPart.author_id == actor.person_id)
        .order_by(ReleasedPart.id.desc())
        .limit(SHOWN)
    )
    return [PartSeen(*(*row, frozenset({Role.AUTHOR}))) for row in rows]


def bytes_kept(connection: Connection, person_id: UUID) -> int:
    """Of recordings somebody keeps."""
    kept = select(func.coalesce(func.sum(JournalVoice.size), 0)).join(
        JournalEntry, JournalEntry.id == JournalVoice.entry_id
    )
    return int(connection.execute(kept.where(JournalEntry.person_id == person_id)).scalar_one())


@shows(ENTRY, N_("Page of your notebook"))
def show_entries(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """To its author, and without a word of it."""
    rows = connection.execute(
        select(JournalEntry.id, JournalEntry.community_id, JournalEntry.created_at).where(
            JournalEntry.id.in_(ids), JournalEntry.person_id == actor.person_id
        )
    )
    return {
        row.id: Thing(
            reference=Reference(ENTRY, row.id),
            title=gettext("A page of your notebook"),
            excerpt="",
            author_id=actor.person_id,
            author=actor.name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="journal.entry",
            values={"entry_id": row.id},
            is_private=True,
        )
        for row in rows
    }


@shows(PART, N_("Part of a notebook"))
def show_parts(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """To whoever may read it now, and without a word of it: inboxes and letters say only whose it is."""
    rows = connection.execute(
        select(
            ReleasedPart.id,
            ReleasedPart.author_id,
            Person.display_name,
            ReleasedPart.community_id,
            ReleasedPart.released_at,
        )
        .join(Person, Person.id == ReleasedPart.author_id)
        .where(ReleasedPart.id.in_(ids), _open_to(actor))
    )
    return {
        row.id: Thing(
            reference=Reference(PART, row.id),
            title=row.display_name,
            excerpt="",
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.released_at,
            endpoint="journal.part",
            values={"part_id": row.id},
        )
        for row in rows
    }


def _mine(actor: Actor) -> Any:
    return _ENTRY.where(JournalEntry.person_id == actor.person_id).order_by(JournalEntry.id.desc())


def _opened(row: Any, seal: Seal) -> Entry:
    values: list[Any]
    *values, sealed, sealed_mood = row
    return Entry(*(*values, _open(sealed, seal), _open(sealed_mood, seal) if sealed_mood else None))


def _open(sealed: str, seal: Seal) -> str | None:
    try:
        return seal.open(sealed)
    except CannotUnseal:
        return None
