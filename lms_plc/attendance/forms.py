"""What may come in about attendance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, Field

from lms_plc.attendance.actions import WAS_THERE, Mark, Status
from lms_plc.attendance.queries import Attender
from lms_plc.web.i18n import gettext

LONGEST = 24 * 60


class CodeForm(BaseModel):
    code: str = Field(min_length=1, max_length=40)


class GuestsForm(BaseModel):
    """One name a line; none of them is kept."""

    guests: str = Field(default="", max_length=4000)
    anew: str = Field(default="", max_length=3)

    @property
    def names(self) -> list[str]:
        return self.guests.splitlines()


@dataclass(slots=True)
class Ticked:
    """What changed on a list since it was shown, and which minutes cannot be."""

    marks: list[Mark] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)


def as_seen(attender: Attender) -> str:
    """What the list said of somebody when it was shown, for the form to carry."""
    return f"{attender.status or ''}:{attender.minutes if attender.minutes is not None else ''}"


def read_list(given: Mapping[str, str], attenders: Sequence[Attender]) -> Ticked:
    """Each row carries what it showed: one that was not touched says nothing, whatever was written meanwhile."""
    ticked, rest = Ticked(), _status(given.get("rest"))
    for one in attenders:
        key = one.id.hex
        seen = given.get(f"saw-{key}")
        status, minutes = _status(given.get(f"s-{key}")), given.get(f"m-{key}")
        if seen is None:
            continue
        if status is None:
            if rest and one.status is None:
                ticked.marks.append(Mark(one.id, rest))
            continue
        if minutes is None:  # the list was shown without them
            minutes = seen.partition(":")[2]
        minutes = minutes.strip() if status in WAS_THERE else ""
        if f"{status.value}:{minutes}" == seen:
            continue
        if minutes and not (minutes.isascii() and minutes.isdigit() and 0 < int(minutes[:5]) <= LONGEST):
            ticked.errors.append({"field": f"m-{key}", "message": gettext("Please give minutes, as in 45.")})
            continue
        ticked.marks.append(Mark(one.id, status, int(minutes) if minutes else None))
    return ticked


def _status(word: str | None) -> Status | None:
    return Status(word) if word in set(Status) else None
