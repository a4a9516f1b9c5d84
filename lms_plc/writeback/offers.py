"""What could an LMS be told? The door through which rooms say it; this room imports none of them.

A function that offers is asked anew for every plan and yields everything that should stand in the LMS at that moment:
what it no longer yields is withdrawn there, what it yields with another version is changed::

    @offers_events
    def meetings(connection: Connection, asked: Asked) -> Iterator[EventOffer]: ...

An offer's id is its own for good. A message is sent once an id, whatever is yielded later.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection

LONGEST_ID = 150


@dataclass(frozen=True, slots=True)
class Asked:
    """Which site is asked about, and when. ``url`` is the LMS's address."""

    site_id: UUID
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PeopleOffer:
    """A cohort, or a group of ``course`` (the LMS's id): its ``name`` and its people, LMS id → person."""

    id: str
    community_id: UUID
    name: str
    people: Mapping[str, UUID] = field(repr=False)
    course: str | None = None

    @property
    def version(self) -> str:
        """The name is all that can change of it, but for its people."""
        return self.name


@dataclass(frozen=True, slots=True)
class EventOffer:
    """An event in the calendar of ``course`` (the LMS's id). ``text`` is plain; ``version`` grows with any change."""

    id: str
    community_id: UUID
    course: str
    title: str = field(repr=False)
    starts_at: datetime
    version: str
    lasts: timedelta = timedelta(hours=1)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MessageOffer:
    """A message to one person, in plain text.

    ``is_invitation``: it counts for the day's limit, and nobody gets a second one about the same community.
    """

    id: str
    community_id: UUID
    person_id: UUID
    text: str = field(repr=False)
    is_invitation: bool = False


Offer = TypeVar("Offer", PeopleOffer, EventOffer, MessageOffer)


class Door(Generic[Offer]):
    """One kind of offers; called with a function it registers it, as a decorator does."""

    def __init__(self) -> None:
        self._offering: list[Callable[[Connection, Asked], Iterable[Offer]]] = []

    def __call__(
        self, offering: Callable[[Connection, Asked], Iterable[Offer]]
    ) -> Callable[[Connection, Asked], Iterable[Offer]]:
        self._offering.append(offering)
        return offering

    def offered(self, connection: Connection, asked: Asked) -> Iterator[Offer]:
        """Everything offered now. Raises ValueError for an id that is empty, too long or there twice."""
        seen: set[str] = set()
        for offering in self._offering:
            for offer in offering(connection, asked):
                if not 0 < len(offer.id) <= LONGEST_ID or offer.id in seen:
                    raise ValueError(f"the id of an offer is empty, too long or there twice: {offer.id[:200]!r}")
                seen.add(offer.id)
                yield offer

    def close(self, offering: Callable[[Connection, Asked], Iterable[Offer]]) -> None:
        """Takes a function back, for tests."""
        self._offering.remove(offering)


offers_cohorts: Door[PeopleOffer] = Door()
offers_groups: Door[PeopleOffer] = Door()
offers_events: Door[EventOffer] = Door()
offers_messages: Door[MessageOffer] = Door()
