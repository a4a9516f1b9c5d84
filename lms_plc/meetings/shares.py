"""What does a meeting spend its time on?"""

from collections.abc import Iterable
from dataclasses import dataclass

from lms_plc.meetings.forms import ItemKind
from lms_plc.meetings.queries import ItemSeen


@dataclass(frozen=True, slots=True)
class Shares:
    """Minutes of an agenda, by what they are for."""

    learning: int
    organising: int
    notice: int

    @property
    def total(self) -> int:
        return self.learning + self.organising + self.notice

    @property
    def is_mostly_notices(self) -> bool:
        """More than half of its time is for what could be read instead."""
        return self.notice * 2 > self.total


def shares(items: Iterable[ItemSeen]) -> Shares:
    minutes = dict.fromkeys(ItemKind, 0)
    for item in items:
        minutes[ItemKind(item.kind)] += item.minutes
    return Shares(minutes[ItemKind.LEARNING], minutes[ItemKind.ORGANISING], minutes[ItemKind.NOTICE])
