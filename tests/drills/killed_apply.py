"""Syncs that are killed before a chosen statement or commit: the other half of the drill.

``python -m tests.drills.killed_apply`` reads one sync a line and answers each with a line, both JSON. What takes long,
the imports, is done once; a sync that is to die has a process of its own, a fork, which gets a real SIGKILL.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event

from connectors.roster import Category, Cohort, Course, Enrolment, Group, Grouping, Person, Site
from connectors.source import Page, Probe
from lms_plc.core.database import Database
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_sync

EVERY_COURSE = Options(all_courses=True)


@dataclass(frozen=True, slots=True)
class Roster:
    """A `RosterSource` over plain data: course → title and people, subject → name, state and roles."""

    listed: Mapping[str, Mapping[str, Any]]
    page_size: int = 5

    def site(self) -> Site:
        return Site("https://lms.example.org", "LMS", "1", "3")

    def courses(self) -> Iterator[Course]:
        for course_id, course in self.listed.items():
            yield Course(course_id, f"C{course_id}", course["title"], visible=True)

    def course(self, course_id: str) -> Course | None:
        return next((course for course in self.courses() if course.id == course_id), None)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        rows = [
            Enrolment(course_id, Person(subject, name), tuple(roles), state == "suspended")
            for subject, (name, state, *roles) in self.listed[course_id]["people"].items()
        ]
        begin = int(start or 0)
        while True:
            end = begin + self.page_size
            yield Page(tuple(rows[begin:end]), str(end) if end < len(rows) else None)
            if end >= len(rows):
                return
            begin = end

    def groups(self, course_id: str) -> Iterator[Group]:
        yield from ()

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        yield from ()

    def categories(self) -> Iterator[Category]:
        yield from ()

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        yield from ()

    def probe(self) -> Probe:
        return Probe(self.site(), (), (), ())


def ticking(start: datetime) -> Callable[[], datetime]:
    """A clock that is a second further at every look."""
    now = start

    def look() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    return look


def main() -> None:
    """The whole sync is done here, which compiles every statement once; one that is to die, in a fork."""
    ways: dict[str, _Way] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        way = ways.setdefault(asked["url"], _Way(asked["url"]))
        if asked["dies_at"] is None:
            print(json.dumps(way.walk(asked)), flush=True)
            continue
        child = os.fork()
        if child == 0:
            way.walk(asked)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"died_of": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}), flush=True)


class _Way:
    """Syncs into one database, with a look at every statement and commit on the way, the points of it.

    No connection is open between two syncs, so that a fork inherits none.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._database.hear = self._pass
        event.listen(
            self._database.engine, "before_cursor_execute", lambda _c, _r, statement, *_: self._pass(statement)
        )
        event.listen(self._database.engine, "commit", lambda _: self._pass("COMMIT"))

    def walk(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One sync, dead before the point ``dies_at``, counted from 1.

        Gives how many ``points`` there were, at which of them a table that is not of the sync's own bookkeeping was
        first ``touched``, and what came of it.
        """
        self._dies_at, self._points, self._touched = asked["dies_at"], 0, 0
        clock = ticking(datetime.fromisoformat(asked["at"]))
        came = apply_sync(self._database, UUID(asked["site"]), Roster(asked["roster"]), EVERY_COURSE, clock)
        self._database.dispose()
        counts = dict(came.counts)
        return {"points": self._points, "touched": self._touched, "state": came.state, "counts": counts}

    def _pass(self, statement: str) -> None:
        self._points += 1
        if self._points == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self._touched and _writes_to_a_community(statement):
            self._touched = self._points


def _writes_to_a_community(statement: str) -> bool:
    words = statement.replace('"', "").split(None, 3)
    table = {"INSERT": 2, "DELETE": 2, "UPDATE": 1}.get(words[0])
    return table is not None and not words[table].startswith("plc_sync_")


if __name__ == "__main__":
    main()
