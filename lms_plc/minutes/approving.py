"""When are minutes approved? One rule, without the database."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far the approval of one version is: ``said`` of those ``asked`` found it right, ``needed`` must."""

    asked: int
    needed: int
    said: int
    is_held_up: bool
    lacks_another: bool

    @property
    def is_approved(self) -> bool:
        return 0 < self.needed <= self.said and not self.is_held_up and not self.lacks_another


def weigh(
    members: AbstractSet[UUID],
    present: AbstractSet[UUID],
    scribe: UUID | None,
    right: AbstractSet[UUID],
    wrong: AbstractSet[UUID],
) -> Weighed:
    """Asked are the members who were there; where nobody noted who was, all of them. Half of them must have found it
    right, somebody besides the scribe among them where there is somebody else; what any member says is not right holds
    it up."""
    asked = (members & present) or members
    others = asked - {scribe}
    return Weighed(
        asked=len(asked),
        needed=(len(asked) + 1) // 2,
        said=len(right & asked),
        is_held_up=bool(wrong & members),
        lacks_another=bool(others) and not right & others,
    )
