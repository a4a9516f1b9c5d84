"""How long does the server take for each page of a community of 10,000 members and 100,000 posts? On SQLite and on
PostgreSQL, one worker, one client that asks one page after the other.

There is no peer here: the goal is a p95 of 100 ms on every page, as the best forums say of theirs.
"""

from uuid import UUID

from lms_plc.house import House
from lms_plc.people.models import Person
from tests.bench import talk
from tests.bench.looking import Filled, look, print_times
from tests.bench.postgres import on_both

PEOPLE, TOPICS, POSTS = 10_000, 4_990, 20
LONG = 200
"""One topic is that long, besides."""

PLACES = (
    *("", "/topics", "/topics?show=open", "/topics/new", "/members", "/members?name=Member+77", "/library", "/stories"),
    *("/board", "/meetings", "/charter", "/proposals", "/founding", "/school", "/leave"),
)
OWN = (
    *("/?all=1", "/inbox", "/inbox/settings", "/messages", "/messages/new", "/journal", "/journal/new", "/me"),
    *("/peers", "/search", "/search?q=silence", "/school", "/care", "/kept"),
)


def main() -> None:
    on_both(_measure)


def _measure(name: str, folder: str, database_url: str | None) -> None:
    def fill(house: House, site_id: UUID) -> Filled:
        made = talk.fill(house, site_id, communities=1, people=PEOPLE, topics=TOPICS, posts=POSTS)
        long = talk.fill_one(house, made, posts=LONG)
        house.database.learn_sizes(*talk.TABLES)
        ids = (*made.communities, long, *(one for topics in made.topics for one in topics[:2]))
        return Filled(made.seat, _paths(house, made, long), ids)

    what = f"every page, {PEOPLE} members and {TOPICS * POSTS + LONG} posts, {name}"
    print_times(what, look(folder, database_url, fill))


def _paths(house: House, made: talk.Talk, long: UUID) -> list[str]:
    here, [community], topic = f"/s/{made.seat}", made.communities, made.topics[0][1]
    with house.database.read() as connection:
        row = connection.execute(Person.__table__.select().where(Person.id != made.person_id).limit(1)).one()
    return [
        *(f"{here}/communities/{community}{place}" for place in PLACES),
        *(f"{here}{place}" for place in OWN),
        f"{here}/topics/{topic}",
        f"{here}/topics/{topic}/print",
        f"{here}/topics/{long}",
        f"{here}/topics/{long}/print",
        f"{here}/people/{row.id}",
    ]
