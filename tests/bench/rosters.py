"""A roster of 10,000 people and 50,000 enrolments, from a fast Moodle into SQLite: the first sync, the second, and the
same by moodlepy with one statement a row. All of them ask the same server, each in a process of its own.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.measured import Cost, measured
from tests.bench.row_by_row import MOODLEPY, moodlepy_at_work
from tests.bench.school import School
from tests.bench.syncing import BOOKKEEPING, new_site
from tests.bench.wire import free_port, served

SCHOOL = School(courses_many=100, people_many=10_000, each=500)

SECONDS_GOAL = 20
AGAIN_GOAL = 40
PEER_GOAL = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        school = f"{SCHOOL.courses_many},{SCHOOL.people_many},{SCHOOL.each}"
        with served("tests.bench.moodle:web_services", port, {"BENCH_SCHOOL": school}):
            address = f"http://127.0.0.1:{port}"
            _print(*_ours(address, folder), _theirs(address, folder))


def _ours(address: str, folder: str) -> tuple[Cost, Cost]:
    url = f"sqlite:///{Path(folder) / 'ours.db'}"
    site = new_site(url)
    first = measured("tests.bench.syncing:from_moodle", address, url, site)
    return first, measured("tests.bench.syncing:from_moodle", address, url, site)


def _theirs(address: str, folder: str) -> tuple[Cost, Cost] | None:
    url = f"sqlite:///{Path(folder) / 'theirs.db'}"
    site, at = new_site(url), datetime.now(UTC).isoformat()
    first = moodlepy_at_work("tests.bench.row_by_row:moodlepy_row_by_row", address, url, site, at)
    again = first and moodlepy_at_work("tests.bench.row_by_row:moodlepy_row_by_row", address, url, site, at)
    return (first, again) if first and again else None


def _print(first: Cost, again: Cost, theirs: tuple[Cost, Cost] | None) -> None:
    print(f"a sync of {SCHOOL.people_many} people, {SCHOOL.enrolments} enrolments, a fast Moodle, SQLite")
    print(f"  ours, the first      {first}   (goal: {SECONDS_GOAL} s)")
    print(f"    {_phases(first)}; changes: {sum(first.gave['counts'].values())}")
    share = 100 * again.wall / first.wall
    print(f"  ours, nothing new    {again}   {share:.0f} % of the first (goal: {AGAIN_GOAL} %)")
    print(f"    {_phases(again)}; rows written: {_rows(again)}")
    if theirs is None:
        print(f"  {MOODLEPY}")
        return
    for name, ours, cost in (("the first", first, theirs[0]), ("nothing new", again, theirs[1])):
        ratio = f"{cost.wall / ours.wall:.2f} × ours by the wall, {cost.cpu / ours.cpu:.2f} × by CPU"
        print(f"  moodlepy, row by row, {name:12}{cost}   {ratio} (goal: {PEER_GOAL})")


def _phases(cost: Cost) -> str:
    return ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in cost.gave["phases"].items())


def _rows(cost: Cost) -> str:
    """Of the communities' tables each by name; the run's own bookkeeping in one number."""
    written = cost.gave["written"]
    own = sum(rows for table, rows in written.items() if table.startswith(BOOKKEEPING))
    others = {table: rows for table, rows in written.items() if rows and not table.startswith(BOOKKEEPING)}
    named = ", ".join(f"{rows} in {table}" for table, rows in sorted(others.items())) or "none (goal: none)"
    return f"{named}; its own bookkeeping: {own}"
