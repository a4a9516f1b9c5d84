"""How long does a search take in a large installation? A promise of our own, without a peer: 95 of 100 within 100 ms.

100,000 posts of 60 words in 200 communities, 10,000 members in five communities each. Words are as frequent as words
are: the first stand in nearly every post, the last in one of some hundreds. Measured is everything the page asks for
but the rooms' own second look: my communities, the hits, and their snippets.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from sqlalchemy import insert, text

from lms_plc import migrations
from lms_plc.communities.models import Community, Membership
from lms_plc.core.activity import Reference
from lms_plc.core.database import Database, table_of
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.search import Entry, put
from lms_plc.people.models import Person
from lms_plc.searching import queries
from lms_plc.searching.asking import Asked, read_terms, snippet
from lms_plc.sites.models import Site
from tests.bench.postgres import on_both

POSTS, MEMBERS, COMMUNITIES, EACH = 100_000, 10_000, 200, 5
WORDS_A_POST, VOCABULARY = 60, 20_000
QUERIES = 300
PROMISED_MS = 100

_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_SYLLABLES = [one + other for one in "bdgklmnprstvz" for other in "aeiou"]


@dataclass(frozen=True, slots=True)
class Town:
    site_id: UUID
    people: Sequence[UUID]
    words: Sequence[str]


def _vocabulary(dice: random.Random) -> list[str]:
    found = {"".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(3 * VOCABULARY)}
    return sorted(found, key=lambda word: (len(word), dice.random()))[:VOCABULARY]


def fill(database: Database) -> Town:
    """Everybody and everything, posts by the door every room uses."""
    dice = random.Random(7)  # noqa: S311 - the same town every time
    words = _vocabulary(dice)
    frequencies = [1 / (rank + 3) for rank in range(len(words))]
    site_id, people = new_id(), [new_id() for _ in range(MEMBERS)]
    communities = [new_id() for _ in range(COMMUNITIES)]
    with database.write() as session:
        session.add(Site(id=site_id, name="school", url="https://school.example.org", created_at=_NOW))
        session.flush()
        named = [{"id": one, "display_name": f"Person {n}", "created_at": _NOW} for n, one in enumerate(people)]
        session.execute(insert(table_of(Person)), named)
        founded = [
            {"id": one, "site_id": site_id, "name": f"Community {n}", "created_at": _NOW}
            for n, one in enumerate(communities)
        ]
        session.execute(insert(table_of(Community)), founded)
        session.execute(
            insert(table_of(Membership)),
            [
                {
                    "id": new_id(),
                    "community_id": communities[(n + 37 * k) % COMMUNITIES],
                    "person_id": person,
                    "state": "active",
                    "source": "sync",
                    "joined_at": _NOW,
                }
                for n, person in enumerate(people)
                for k in range(EACH)
            ],
        )
    for start in range(0, POSTS, 1000):
        with database.write(durably=False) as session:
            for number in range(start, start + 1000):
                said = dice.choices(words, frequencies, k=WORDS_A_POST + 4)
                put(
                    session,
                    Entry(
                        Reference("post", new_id()),
                        site_id,
                        communities[number % COMMUNITIES],
                        people[dice.randrange(MEMBERS)],
                        "community",
                        " ".join(said[:4]),
                        " ".join(said[4:]),
                        _NOW - timedelta(minutes=POSTS - number),
                    ),
                )
    database.learn_sizes(Person, Community, Membership)
    if not database.is_sqlite:
        with database.write() as session:
            session.execute(text("ANALYZE plc_search_entry, plc_search_words"))
    return Town(site_id, people, words)


def _kinds(words: Sequence[str], dice: random.Random) -> dict[str, Callable[[], str]]:
    def common() -> str:
        return words[dice.randrange(20)]

    def middling() -> str:
        return words[dice.randrange(200, 2000)]

    return {
        "one word": lambda: middling() + " ",
        "two words": lambda: f"{common()} {middling()}",
        "prefix": lambda: dice.choice(_SYLLABLES),
        "phrase": lambda: f'"{common()} {common()}"',
        "rare": lambda: words[-dice.randrange(1, 2000)],
        "common": lambda: f'"{common()}"',
    }


def measure(database: Database, town: Town) -> dict[str, list[float]]:
    """Kind of query → milliseconds of each."""
    dice = random.Random(8)  # noqa: S311
    kinds = _kinds(town.words, dice)
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(QUERIES):
        kind = list(kinds)[number % len(kinds)]
        terms = read_terms(kinds[kind]())
        actor = Actor(dice.choice(town.people), town.site_id, "Somebody", _NOW)
        began = time.perf_counter()
        with database.read() as connection:
            places = queries.my_places(connection, actor)
            hits = queries.find(connection, actor, Asked(terms), places)
        for hit in hits.items:
            snippet(hit.text, terms)
        took[kind].append(1000 * (time.perf_counter() - began))
        assert len(places) == EACH
    return took


def _tell(engine: str, took: dict[str, list[float]], filled: float) -> None:
    print(f"\nSearching on {engine}: {POSTS:,} posts, {MEMBERS:,} members, {COMMUNITIES} communities")
    print(f"  putting a post into the index: {1000 * filled / POSTS:.2f} ms")
    for kind, each in took.items():
        print(f"  {kind:12} median {median(each):6.1f} ms   95 of 100 within {_p95(each):6.1f} ms")
    everything = [one for each in took.values() for one in each]
    held = "held" if _p95(everything) < PROMISED_MS else "NOT held"
    middle, most = median(everything), _p95(everything)
    print(f"  all {len(everything)}      median {middle:6.1f} ms   95 of 100 within {most:6.1f} ms", end="")
    print(f"   (promised: {PROMISED_MS} ms, {held})")


def _p95(each: Sequence[float]) -> float:
    return quantiles(each, n=20)[-1]


def _run(engine: str, folder: str, url: str | None) -> None:
    database = Database(url or f"sqlite:///{Path(folder) / 'plc.db'}")
    migrations.upgrade(database)
    began = time.perf_counter()
    town = fill(database)
    filled = time.perf_counter() - began
    _tell(engine, measure(database, town), filled)
    database.dispose()


def main() -> None:
    on_both(_run)
