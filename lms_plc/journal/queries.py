"""What can be read of a notebook: by its author, and by nobody else.

Every select here names the author. The words are opened only after a row was found that is theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, select

from lms_plc.communities.models import Community
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.core.search import fold
from lms_plc.journal.models import JournalEntry, SharedPart

ENTRIES_A_PAGE = 20
SEARCHED = 500
"""Entries looked through for a word, the newest first: they are sealed, so each has to be opened."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of one's own notebook. ``text`` is None where it was sealed under another secret key."""

    id: UUID
    day: date
    prompt: str | None
    community_id: UUID | None
    community: str | None
    created_at: datetime
    changed_at: datetime
    shared: bool
    text: str | None

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
    exists().where(SharedPart.entry_id == JournalEntry.id, SharedPart.withdrawn_at.is_(None)).label("shared"),
    JournalEntry.sealed,
).outerjoin(Community, Community.id == JournalEntry.community_id)


@loads("journal_entry", known_by="journal.read")
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


def _mine(actor: Actor) -> Any:
    return _ENTRY.where(JournalEntry.person_id == actor.person_id).order_by(JournalEntry.id.desc())


def _opened(row: Any, seal: Seal) -> Entry:
    values: list[Any]
    *values, sealed = row
    try:
        text = seal.open(sealed)
    except CannotUnseal:
        text = None
    return Entry(*(*values, text))
