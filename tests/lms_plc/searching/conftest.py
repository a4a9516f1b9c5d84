"""A town to search in: communities of two sites, people in and out of them, and things for every kind of reader."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lms_plc.communities.audiences import AudiencePerson
from lms_plc.communities.models import Community, Membership, RoleAssignment
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.search import Entry, put
from lms_plc.house import House
from lms_plc.people.models import Person
from lms_plc.searching import queries
from lms_plc.searching.asking import Asked, read_terms
from lms_plc.sites.models import Site


@dataclass
class Town:
    """Made of rows, without pages: what may be read follows from them alone."""

    house: House
    sites: list[UUID] = field(default_factory=list)
    communities: dict[UUID, UUID] = field(default_factory=dict)
    people: dict[UUID, UUID] = field(default_factory=dict)
    states: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    roles: set[tuple[UUID, UUID, str]] = field(default_factory=set)
    named: set[tuple[UUID, UUID]] = field(default_factory=set)

    def site(self) -> UUID:
        self.sites.append(new_id())
        name = f"site{len(self.sites)}"
        self._add(Site(id=self.sites[-1], name=name, url=f"https://{name}.example.org", created_at=self.now))
        return self.sites[-1]

    def community(self, site_id: UUID, name: str = "Maths circle") -> UUID:
        community_id = new_id()
        self.communities[community_id] = site_id
        self._add(Community(id=community_id, site_id=site_id, name=name, created_at=self.now))
        return community_id

    def person(self, site_id: UUID, name: str = "Ana") -> UUID:
        person_id = new_id()
        self.people[person_id] = site_id
        self._add(Person(id=person_id, display_name=name, created_at=self.now))
        return person_id

    def join(self, person_id: UUID, community_id: UUID, state: str = "active") -> None:
        self.states[person_id, community_id] = state
        given = {"id": new_id(), "person_id": person_id, "community_id": community_id, "state": state}
        self._add(Membership(**given, source="sync", joined_at=self.now))

    def appoint(self, person_id: UUID, community_id: UUID, role: str, *, over: bool = False) -> None:
        ends = self.now - timedelta(days=1) if over else None
        given = {"id": new_id(), "person_id": person_id, "community_id": community_id, "role": role, "ends_at": ends}
        self._add(RoleAssignment(**given, starts_at=self.now - timedelta(days=9)))
        if not over:
            self.roles.add((person_id, community_id, role))

    def name(self, person_id: UUID, entry: Entry) -> None:
        self.named.add((person_id, entry.reference.id))
        given = {"thing_kind": entry.reference.kind, "thing_id": entry.reference.id, "person_id": person_id}
        self._add(AudiencePerson(**given))

    def entry(self, community_id: UUID | None, author_id: UUID | None, text: str = "Dobar dan", **more: Any) -> Entry:
        site_id = self.communities[community_id] if community_id else self.people[author_id]  # type: ignore[index]
        given = {"audience": "community", "title": "", "at": self.now, **more}
        reference = Reference(given.pop("kind", "note"), new_id())
        return self.put(Entry(reference, site_id, community_id, author_id, text=text, **given))

    def put(self, entry: Entry) -> Entry:
        with self.house.database.write() as session:
            put(session, entry)
        return entry

    def actor(self, person_id: UUID) -> Actor:
        return Actor(person_id, self.people[person_id], "Somebody", self.now)

    def find(self, person_id: UUID, typed: str, size: int = 20, **asked: Any) -> list[UUID]:
        """The ids of everything found, page after page, in its order."""
        actor, found, after = self.actor(person_id), [], None
        with self.house.database.read() as connection:
            places = queries.my_places(connection, actor)
            while True:
                wanted = Asked(read_terms(typed), **asked)
                hits = queries.find(connection, actor, wanted, places, after=after, size=size)
                found += [hit.reference.id for hit in hits.items]
                if hits.next_key is None:
                    return found
                after = queries.read_after(str(hits.next_key))
                assert after == hits.next_key

    @property
    def now(self) -> datetime:
        return self.house.clock()

    def _add(self, row: Any) -> None:
        with self.house.database.write(durably=False) as session:
            session.add(row)

    # The rules once more, in plain words.

    def _inside(self, person_id: UUID, community_id: UUID | None) -> bool:
        state = self.states.get((person_id, community_id))  # type: ignore[arg-type]
        mentor = (person_id, community_id, "mentor") in self.roles
        return state == "active" or (state is None and mentor)

    def _leads(self, person_id: UUID, community_id: UUID | None) -> bool:
        inside = self._inside(person_id, community_id)
        return inside and any((person_id, community_id, role) in self.roles for role in ("facilitator", "mentor"))

    def may_read(self, person_id: UUID, entry: Entry) -> bool:
        in_any = any(who == person_id and state == "active" for (who, _), state in self.states.items())
        here = entry.community_id and self.communities[entry.community_id] == self.people[person_id]
        inside = self._inside(person_id, entry.community_id)
        return (
            entry.author_id == person_id
            or {
                "only_me": False,
                "named_people": (person_id, entry.reference.id) in self.named,
                "facilitator": self._leads(person_id, entry.community_id),
                "community": inside,
                "platform": inside or bool(in_any and here),
                "world": True,
            }[entry.audience]
        )


@pytest.fixture
def town(house: House) -> Town:
    return Town(house)


@pytest.fixture
def one_community(town: Town) -> tuple[Town, UUID, UUID]:
    """A town with a community and a member."""
    site = town.site()
    community, person = town.community(site), town.person(site)
    town.join(person, community)
    return town, community, person


@pytest.fixture
def crowded(town: Town) -> Callable[[int], tuple[Town, list[Entry]]]:
    """``crowded(seed)``: everybody somewhere by chance, and things of the same words for all kinds of readers."""

    def fill(seed: int) -> tuple[Town, list[Entry]]:
        dice = random.Random(seed)  # noqa: S311 - chance, not secrets
        sites = [town.site(), town.site()]
        communities = [town.community(dice.choice(sites)) for _ in range(5)]
        people = [town.person(dice.choice(sites)) for _ in range(9)]
        for person in people:
            for community in communities:
                if dice.random() < 0.35:
                    town.join(person, community, dice.choice(["active", "active", "paused", "left"]))
                if dice.random() < 0.25:
                    role = dice.choice(["mentor", "facilitator", "teacher_leader"])
                    town.appoint(person, community, role, over=dice.random() < 0.3)
        entries = []
        for number in range(120):
            given = {
                "audience": dice.choice(["only_me", "named_people", "facilitator", "community", "platform", "world"]),
                "title": dice.choice(["", "Dobar dan", "Utro"]),
                "text": dice.choice(["Добар дан свима", "dobar vek", "dan dobar"]),
                "kind": dice.choice(["note", "card"]),
                "at": town.now - timedelta(hours=dice.randrange(200)),
            }
            community_id = dice.choice([*communities, None])
            entry = town.entry(community_id, dice.choice(people if community_id is None else [*people, None]), **given)
            for person in dice.sample(people, 2) if number % 3 else ():
                town.name(person, entry)
            entries.append(entry)
        return town, entries

    return fill
