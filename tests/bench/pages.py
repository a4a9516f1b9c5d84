"""How long does the server take for each page of a community of 10,000 members and 100,000 posts? On SQLite and on
PostgreSQL, one worker, one client that asks one page after the other.

There is no peer here: the goal is a p95 of 100 ms on every page, as the best forums say of theirs.
"""

import tempfile
from contextlib import ExitStack
from uuid import UUID

from lms_plc.house import House, open_house
from lms_plc.people.models import Person
from lms_plc.preparation import prepare
from tests.bench import postgres, talk
from tests.bench.installation import environment, platform_with_keys, register, settings
from tests.bench.wire import Browser, free_port, get, served

PEOPLE, TOPICS, POSTS = 10_000, 4_990, 20
LONG = 200
"""One topic is that long, besides."""

ASKED = 60
GOAL = 100.0

PLACES = (
    *("", "/topics", "/topics?show=open", "/topics/new", "/members", "/members?name=Member+77", "/library", "/stories"),
    *("/board", "/meetings", "/charter", "/proposals", "/founding", "/school", "/leave"),
)
OWN = (
    *("/?all=1", "/inbox", "/inbox/settings", "/messages", "/messages/new", "/journal", "/journal/new", "/me"),
    *("/peers", "/search", "/search?q=silence", "/school", "/care", "/kept"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", folder, None)
    programs = postgres.tools()
    if programs is None:
        print("PostgreSQL is missing and not measured; apt-get install postgresql")
        return
    with tempfile.TemporaryDirectory() as folder, postgres.server(programs) as server:
        _measure("PostgreSQL", folder, postgres.new_database(server))


def _measure(name: str, folder: str, database_url: str | None) -> None:
    port = free_port()
    platform, keys = platform_with_keys(port)
    house = open_house(settings(folder, platform.tool_url, database_url))
    prepare(house)
    site_id = register(house, platform, "5")
    made = talk.fill(house, site_id, communities=1, people=PEOPLE, topics=TOPICS, posts=POSTS)
    long = talk.fill_one(house, made, posts=LONG)
    house.database.learn_sizes(*talk.TABLES)
    paths = _paths(house, made, long)
    house.database.dispose()
    with ExitStack() as stack:
        stack.enter_context(
            served("lms_plc.app:create_app", port, environment(folder, platform.tool_url, database_url))
        )
        browser = stack.enter_context(Browser(port))
        took = {path: _ask(browser, path) for path in paths}
    keys.shutdown()
    keys.server_close()
    print(
        f"every page, {PEOPLE} members and {TOPICS * POSTS + LONG} posts, {name}: milliseconds, p50 and p95 of {ASKED}"
    )
    for path, times in sorted(took.items(), key=lambda one: -_at(one[1], 95)):
        told = path.partition(f"/s/{made.seat}")[2]
        for thing in (*made.communities, long, *(one for topics in made.topics for one in topics[:2])):
            told = told.replace(str(thing), "…")
        late = "   OVER THE GOAL" if _at(times, 95) > GOAL else ""
        print(f"  {_at(times, 50):7.1f} {_at(times, 95):7.1f}  {told}{late}")


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


def _ask(browser: Browser, path: str) -> list[float]:
    request = get(path, f"plc_browser={talk.MARK}")
    times = []
    for number in range(ASKED + 5):
        seconds, answer = browser.ask(request)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        if number >= 5:  # the first answers of a server are no measure
            times.append(1000 * seconds)
    return times


def _at(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]
