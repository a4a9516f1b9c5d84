"""What do these tests share? A house whose letters leave, and what happens in it by the clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.house import House
from lms_plc.notifications import job, listening, rounds, sending
from lms_plc.notifications.models import Notification
from lms_plc.people.models import Person
from tests.post_office import MailServer, PostOffice

assert job.ROOMS

FRIDAY = datetime(2026, 11, 27, 7, 31, tzinfo=UTC)
"""A minute behind the first round of weekly letters after the tests' Sunday."""


@dataclass
class Letters:
    """The worker's side of the house, and the server that takes its letters."""

    house: House
    server: MailServer
    clock: Any

    def hear(self) -> int:
        new = listening.listen(self.house)
        listening.notice_what_was_read(self.house)
        return new

    def pass_by(self, at: datetime) -> int:
        """All that the clock would have had done at that moment; how many letters were sent."""
        self.clock.now = at
        self.hear()
        rounds.tell_at_once(self.house)
        rounds.go_round(self.house)
        return sending.send_waiting(self.house)

    def to(self, address: str) -> list[Any]:
        return [letter for _, receivers, letter in self.server.letters if address in receivers]


@pytest.fixture
def wired(house: House, post_office: PostOffice) -> tuple[House, MailServer]:
    server = post_office.open()
    settings = house.settings.model_copy(update={"smtp_url": server.url, "mail_from": "plc@example.org"})
    return replace(house, settings=settings), server


@pytest.fixture
def post(wired: tuple[House, MailServer], clock: Any) -> Letters:
    """The first round of an installation passes without letters; it has passed here."""
    letters = Letters(*wired, clock)
    rounds.go_round(letters.house)
    return letters


@pytest.fixture
def waiting(stored: Any) -> Callable[[Any], list[Any]]:
    """``waiting(person_id)``: what stands in somebody's inbox: (why, kind of thing, read)."""

    def of(person_id: Any) -> list[Any]:
        rows = stored(
            select(Notification.__table__).where(Notification.person_id == person_id).order_by(Notification.event_id)
        )
        return [(row.why, row.thing_kind, row.read_at is not None) for row in rows]

    return of


@pytest.fixture
def unread(stored: Any) -> Callable[[Any], int]:
    return lambda person_id: stored(select(Person.unread).where(Person.id == person_id))[0].unread


def part(letter: Any, kind: str) -> str:
    """The words of one form of a letter, a line's length aside."""
    return re.sub(r"\r\n", "\n", letter.get_body((kind,)).get_content())
