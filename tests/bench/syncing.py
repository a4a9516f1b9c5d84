"""One sync in a process of its own, for measuring: from a Moodle over HTTP, or from a school made up in it."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event

from connectors.source import RosterSource, open_source
from connectors.transport import Transport
from lms_plc.core.clock import system_clock
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.migrations import upgrade
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_sync
from lms_plc.sites.models import Site
from tests.bench.moodle import TOKEN
from tests.bench.school import School

BOOKKEEPING = "plc_sync_"
"""How the names of the tables begin in which a run writes down what it does itself."""


def new_site(database_url: str) -> str:
    """Brings a database to the present schema and puts an LMS in it that was never synced; the site's id."""
    database = Database(database_url)
    upgrade(database)
    site_id = new_id()
    with database.write() as session:
        session.add(Site(id=site_id, name="bench", url="https://lms.example.org", created_at=datetime.now(UTC)))
    database.dispose()
    return str(site_id)


def from_moodle(address: str, database_url: str, site: str) -> dict[str, Any]:
    """Syncs every course of the Moodle at ``address``; see ``_sync``."""
    with Transport(allow_private_hosts=True) as line:
        return _sync(open_source("moodle", address, TOKEN, line), database_url, site, tell=False)


def from_school(courses: int, people: int, each: int, database_url: str, site: str) -> dict[str, Any]:
    """Syncs every course of a school, and prints each phase as it begins; see ``_sync``."""
    return _sync(School(courses, people, each), database_url, site, tell=True)


def _sync(source: RosterSource, database_url: str, site: str, *, tell: bool) -> dict[str, Any]:
    """Gives the seconds of each ``phases``, the rows ``written`` by table and the ``counts`` of changes."""
    database = Database(database_url)
    clock = _Phases(tell)
    with _rows_written(database) as written:
        options = Options(all_courses=True)
        came = apply_sync(database, UUID(site), source, options, system_clock, clock.hear)
        clock.hear("", 0, None, "")
    database.dispose()
    assert came.state == "done", came.message
    return {"phases": clock.seconds, "written": dict(written), "counts": dict(came.counts)}


class _Phases:
    """How long each phase of a sync took, from hearing of it first to hearing of the next."""

    def __init__(self, tell: bool) -> None:
        self.seconds: dict[str, float] = {}
        self._tell = tell
        self._phase = ""
        self._since = time.perf_counter()

    def hear(self, phase: str, _done: int, _total: int | None, _label: str) -> None:
        if phase == self._phase:
            return
        now = time.perf_counter()
        if self._phase:
            self.seconds[self._phase] = self.seconds.get(self._phase, 0) + now - self._since
        self._phase, self._since = phase, now
        if self._tell and phase:
            print(phase, flush=True)


@contextmanager
def _rows_written(database: Database) -> Iterator[Counter[str]]:
    """Table → rows inserted, updated and deleted, as the driver counts them."""
    written: Counter[str] = Counter()

    def count(_conn: object, cursor: Any, statement: str, *_: object) -> None:
        words = statement.split(None, 3)
        verb = words[0].upper()
        if verb in ("INSERT", "UPDATE", "DELETE"):
            table = words[1] if verb == "UPDATE" else words[2]
            # a driver that cannot say how many is taken to have written one
            written[table.strip('"')] += 1 if cursor.rowcount < 0 else cursor.rowcount

    for engine in database.engines:
        event.listen(engine, "after_cursor_execute", count)
    yield written
