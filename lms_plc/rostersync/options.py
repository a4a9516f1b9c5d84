"""What did the person ask for who started a sync?"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """``courses``: only these, by short name or LMS id; they are covered from then on, unless ``as_ruled``: then only
    as far as the site's rules, or what is placed already, want them.

    ``all_courses``: every visible course, now and in later runs. ``allow_removals``: let go as many members
    as the rosters say, without the brake.
    """

    courses: tuple[str, ...] = ()
    all_courses: bool = False
    allow_removals: bool = False
    as_ruled: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "courses", tuple(sorted(set(self.courses))))

    def stored(self) -> dict[str, Any]:
        return asdict(self) | {"courses": list(self.courses)}

    @staticmethod
    def read(stored: dict[str, Any]) -> "Options":
        return Options(**{**stored, "courses": tuple(stored["courses"])})
