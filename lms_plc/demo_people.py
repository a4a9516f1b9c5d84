"""Who lives in the demo's community, and when they did what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor, load
from lms_plc.core.sealing import Seal

# by the ids the practice LMS knows them by
LEADER, GORAN, MARIJA, ZORAN, DJURDJICA, DEJAN, LJUBICA, IGOR = (str(number) for number in range(85, 93))
GUEST = "8"
ELSEWHERE = "10"


@dataclass(frozen=True, slots=True)
class Stage:
    """Who speaks where: everybody the LMS knows, by its ids; ``at`` is now."""

    session: Session
    site_id: UUID
    people: Mapping[str, tuple[UUID, str]]
    at: datetime
    zone: ZoneInfo = field(repr=False)
    seal: Seal = field(repr=False)

    def actor(self, who: str, hours: float) -> Actor:
        """Somebody, so many hours ago."""
        return self.actor_at(who, self.at - timedelta(hours=hours))

    def actor_at(self, who: str, at: datetime) -> Actor:
        person_id, name = self.people[who]
        return Actor(person_id, self.site_id, name, at)

    def load(self, who: Actor, kind: str, thing_id: UUID, permission: str) -> Any:
        return load(self.session.connection(), who, kind, thing_id, permission)
