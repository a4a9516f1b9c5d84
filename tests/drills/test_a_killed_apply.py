"""Kill −9 at any point of an apply: the next sync takes it up, and it ends where an undisturbed one ends."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, func, select, text

from lms_plc.communities.models import Community, Membership
from lms_plc.core.activity import Event
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.migrations import METADATA
from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.models import SyncRun
from lms_plc.rostersync.run import apply_sync
from lms_plc.sites.models import Course, Enrolment, Site
from tests.drills.killed_apply import EVERY_COURSE, Roster, ticking

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("drills")]

START = datetime(2026, 9, 1, 8, tzinfo=UTC)
LAST_DAY = 40

Listed = dict[str, dict[str, Any]]


def everybody() -> Listed:
    """Three courses of twelve; p5 is in all of them."""
    return {
        course: {
            "title": f"Course {course}",
            "people": {subject: [f"Name of {subject}", "active", "student"] for subject in _twelve(course)},
        }
        for course in "123"
    }


def _twelve(course: str) -> list[str]:
    return ["p5", *(f"{course}-{n}" for n in range(11))]


def without(listed: Listed, *subjects: str) -> Listed:
    for course in listed.values():
        course["people"] = {who: said for who, said in course["people"].items() if who not in subjects}
    return listed


def last_roster() -> Listed:
    """Everything a sync may have to change, at once. Who leaves does so long ago, lately or now: how long the sync
    waits with whom is not what is looked at here."""
    listed = without(everybody(), "1-0", "1-1", "2-0", "2-1", "3-0", "3-1")
    listed["1"]["people"]["1-2"] = ["Another name", "active", "student"]
    listed["1"]["people"]["1-3"][1] = "suspended"
    listed["2"]["people"]["2-2"].append("editingteacher")
    listed["2"]["title"] = "Another title"
    listed["3"]["people"] |= {f"new-{n}": [f"Name of {n}", "active", "student"] for n in range(5)}
    for course in "456":
        people = {f"{course}-{n}": [f"Name of {n}", "active"] for n in range(6)}
        listed[course] = {"title": f"Course {course}", "people": {"p5": ["Name of p5", "active"], **people}}
    return listed


def arrange(database: Database) -> UUID:
    """A site that has been synced for weeks, up to the days before the last roster. No connection stays open."""
    site_id = new_id()
    with database.write() as session:
        session.add(Site(id=site_id, name="LMS", url="https://lms.example.org", created_at=START))
    rested = everybody()
    rested["1"]["people"]["1-4"][1] = "suspended"
    history = {
        0: everybody(),
        1: without(everybody(), "1-0", "1-1"),
        3: without(everybody(), "1-0", "1-1"),
        38: without(rested, "1-0", "1-1", "2-0", "2-1"),
    }
    for day, listed in history.items():
        clock = ticking(START + timedelta(days=day))
        assert apply_sync(database, site_id, Roster(listed), EVERY_COURSE, clock).state == "done"
    database.dispose()
    return site_id


@dataclass(frozen=True)
class Arranged:
    """A database in which the last roster is yet to come; ``again()`` puts it back to that moment.

    It stays under one URL, so that no statement needs to be compiled twice.
    """

    database: Database
    site_id: UUID
    again: Callable[[], None]


@pytest.fixture
def on_sqlite(prepared_sqlite: Path, tmp_path: Path) -> Iterator[Arranged]:
    kept, file = tmp_path / "kept.db", tmp_path / "plc.db"
    shutil.copy(prepared_sqlite, file)
    database = Database(f"sqlite:///{file}")
    site_id = arrange(database)
    shutil.copy(file, kept)

    def again() -> None:
        database.dispose()
        for old in tmp_path.glob("plc.db*"):
            old.unlink()
        shutil.copy(kept, file)

    yield Arranged(database, site_id, again)
    database.dispose()


@pytest.fixture
def on_postgresql(postgresql_server: str, prepared_postgresql: str) -> Iterator[Arranged]:
    kept, name = f"t{uuid4().hex}", f"t{uuid4().hex}"
    server = create_engine(postgresql_server.format("postgres"), isolation_level="AUTOCOMMIT")

    def send(statement: str) -> None:
        with server.connect() as connection:
            connection.execute(text(statement))

    send(f"CREATE DATABASE {name} TEMPLATE {prepared_postgresql}")
    database = Database(postgresql_server.format(name))
    site_id = arrange(database)
    send(f"CREATE DATABASE {kept} TEMPLATE {name}")

    def again() -> None:
        database.dispose()
        send(f"DROP DATABASE {name} WITH (FORCE)")
        send(f"CREATE DATABASE {name} TEMPLATE {kept}")

    yield Arranged(database, site_id, again)
    database.dispose()
    server.dispose()


Sync = Callable[[Arranged, int | None], dict[str, Any]]
"""Syncs the last roster in another process, which is killed before this statement or commit, if there is one."""


@pytest.fixture
def sync() -> Iterator[Sync]:
    command, root = [sys.executable, "-m", "tests.drills.killed_apply"], Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, answers = process.stdin, process.stdout

        def ask(arranged: Arranged, dies_at: int | None) -> dict[str, Any]:
            at = (START + timedelta(days=LAST_DAY)).isoformat()
            asked = {"url": arranged.database.url, "site": str(arranged.site_id), "roster": last_roster(), "at": at}
            print(json.dumps({**asked, "dies_at": dies_at}), file=asks, flush=True)
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        asks.close()


def stored(database: Database) -> dict[str, Any]:
    """All that a sync changes, without ids and moments, and how many rows there are of everything."""
    with database.read() as connection:
        named = select(Identity.person_id, Identity.subject, Person.display_name).join(Person)
        people = {row.person_id: row for row in connection.execute(named)}
        communities = {row.id: row.name for row in connection.execute(select(Community.id, Community.name))}
        memberships = connection.execute(
            select(Membership.community_id, Membership.person_id, Membership.state, Membership.reason)
        )
        enrolments = connection.execute(
            select(Course.lms_id, Course.title, Enrolment.person_id, Enrolment.state, Enrolment.lms_roles).join(Course)
        )
        events = connection.execute(select(Event.verb, Event.community_id, Event.facts))
        subjects = {str(person_id): row.subject for person_id, row in people.items()}
        return {
            "names": sorted((row.subject, row.display_name) for row in people.values()),
            "members": sorted(
                (communities[row.community_id], people[row.person_id].subject, row.state, row.reason or "")
                for row in memberships
            ),
            "enrolments": sorted(
                (row.lms_id, row.title, people[row.person_id].subject, row.state, *row.lms_roles) for row in enrolments
            ),
            "events": Counter(
                (row.verb, communities.get(row.community_id), subjects.get(row.facts.get("person_id", "")))
                for row in events
            ),
            "rows": {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
                if not table.name.startswith("plc_sync_")
            },
        }


def take_up(arranged: Arranged, counts: dict[str, int]) -> None:
    """The next sync goes on with the run that was killed, unless that one's last word was already said."""
    unfinished = select(func.count()).select_from(SyncRun).where(SyncRun.finished_at.is_(None))
    with arranged.database.read() as connection:
        killed = connection.execute(unfinished).scalar_one()
    clock = ticking(START + timedelta(days=LAST_DAY, minutes=5))
    came = apply_sync(arranged.database, arranged.site_id, Roster(last_roster()), EVERY_COURSE, clock)
    assert (came.state, came.resumed) == ("done", bool(killed))
    assert not killed or dict(came.counts) == counts


def points_of(whole: dict[str, Any], many: int) -> list[int]:
    """So many points, evenly from shortly before the first community is touched to the end; all, if there are fewer."""
    points = range(whole["touched"] - 3, whole["points"] + 1)
    return sorted({points[round(n * (len(points) - 1) / (many - 1))] for n in range(many)})


def kill_at_many_points(arranged: Arranged, sync: Sync, many: int) -> int:
    """Kills an apply at ``many`` points, each time from the same beginning; at how many it was."""
    before = stored(arranged.database)
    arranged.again()
    whole = sync(arranged, None)
    assert whole["state"] == "done"
    after = stored(arranged.database)
    assert active(before) - active(after), "somebody leaves in this sync"
    assert len(after["names"]) > len(before["names"]), "somebody joins"
    points = points_of(whole, many)
    for point in points:
        arranged.again()
        assert sync(arranged, point)["died_of"] == signal.SIGKILL, f"at point {point}"
        take_up(arranged, whole["counts"])
        assert stored(arranged.database) == after, f"killed at point {point}"
    return len(points)


def active(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(community, subject) for community, subject, state, _ in found["members"] if state == "active"}


def test_an_apply_killed_at_any_of_fifty_points_loses_nobody_and_does_nothing_twice(
    on_sqlite: Arranged, sync: Sync
) -> None:
    assert kill_at_many_points(on_sqlite, sync, 60) >= 50


def test_on_postgresql_too_an_apply_killed_midway_is_taken_up(on_postgresql: Arranged, sync: Sync) -> None:
    assert kill_at_many_points(on_postgresql, sync, 6) == 6
