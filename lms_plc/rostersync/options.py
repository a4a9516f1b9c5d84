"""What did the person ask for who started a sync?"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """``courses``: only these, by short name or LMS id; they are covered from then on.

    ``all_courses``: every visible course, now and in later runs. ``allow_removals``: let go as many members
    as the rosters say, without the brake.
    """

    courses: tuple[str, ...] = ()
    all_courses: bool = False
    allow_removals: bool = False

    def stored(self) -> dict[str, Any]:
        return asdict(self) | {"courses": sorted(set(self.courses))}

    @staticmethod
    def read(stored: dict[str, Any]) -> "Options":
        return Options(tuple(stored["courses"]), stored["all_courses"], stored["allow_removals"])
