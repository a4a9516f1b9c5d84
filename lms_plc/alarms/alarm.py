"""What is an alarm? A few words for whoever runs this tool, that may name communities and counts and never people."""

import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from lms_plc.core.clock import system_clock
from lms_plc.core.ids import new_id

LONGEST_TITLE = 200
LONGEST_TEXT = 4000


class NotSent(Exception):
    """A channel did not take an alarm. The text says why in a few words, without address and without secret."""


@dataclass(frozen=True, slots=True)
class About:
    """What an alarm is about: a site, by the name its admin gave it, and a sync run there."""

    site: str | None = None
    run: UUID | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """``key`` is the kind of alarm, a colon, and the occasion: ``sync-held:<run id>``. What is too long is cut, and
    what no page shows is left out.

    ``id`` is the same however often a channel is told. Raises ValueError for a moment without a time zone.
    """

    key: str
    title: str
    text: str
    about: About = About()
    at: datetime = field(default_factory=system_clock)
    id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the moment of an alarm needs a time zone")
        object.__setattr__(self, "title", _cut(_one_line(self.title), LONGEST_TITLE))
        object.__setattr__(self, "text", _cut(_shown(self.text).strip(), LONGEST_TEXT))

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]

    def told(self) -> dict[str, str | None]:
        """What the world is told, every value a text or None: id, kind, title, text, site, run, at (UTC)."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "site": _one_line(self.about.site) if self.about.site else None,
            "run": str(self.about.run) if self.about.run else None,
            "at": self.at.astimezone(UTC).isoformat(),
        }

    def stored(self) -> dict[str, str | None]:
        """As a job keeps it; ``read`` takes it back."""
        return {**self.told(), "key": self.key}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        run = stored["run"]
        return cls(
            stored["key"],
            stored["title"],
            stored["text"],
            About(stored["site"], UUID(run) if run else None),
            datetime.fromisoformat(stored["at"]),
            UUID(stored["id"]),
        )


def _one_line(text: str) -> str:
    return " ".join(_shown(text).split())


def _shown(text: str) -> str:
    """Without control characters and halves of characters: titles become a mail's header, and a database's JSON."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
