"""Building the index anew: by a command, or by a worker where there is no index yet but something to be found."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community
from lms_plc.core.database import Database
from lms_plc.core.search import SearchEntry, reindex_some, sources
from lms_plc.house import House
from lms_plc.jobs import Steps, announce, enqueue, job

REINDEX = "reindex-search"

announce(REINDEX, one_per=())


def register(house: House) -> None:
    """Makes the job known to this worker."""

    @job(REINDEX, one_per=())
    def reindex_in_steps(steps: Steps) -> None:
        began = steps.run("look at the clock", lambda: house.clock().isoformat())
        for kind in steps.run("list the kinds", lambda: sorted(sources())):
            after: str | None = None
            while True:
                after = steps.commit(f"{kind} behind {after}", _some, kind, after, began)
                if after is None:
                    break


def _some(session: Session, kind: str, after: str | None, began: str) -> str | None:
    batch = reindex_some(session, kind, UUID(after) if after else None, datetime.fromisoformat(began))
    return str(batch.last) if batch.last else None


def reindex(database: Database, clock: Callable[[], datetime]) -> Iterator[tuple[str, int]]:
    """Reads everything there is once more, batch by batch; tells each kind and how many are in it so far."""
    began = clock()
    for kind in sorted(sources()):
        after, count = None, 0
        while True:
            with database.write() as session:
                batch = reindex_some(session, kind, after, began)
            count += len(batch.entries)
            yield kind, count
            after = batch.last
            if after is None:
                break


def reindex_what_is_old(database: Database) -> bool:
    """Asks for the job where there are communities and nothing in the index: they are older than the index. Whether
    it was asked for."""
    with database.read() as connection:
        indexed = connection.execute(select(SearchEntry.place).limit(1)).one_or_none()
        there = connection.execute(select(Community.id).limit(1)).one_or_none()
    if indexed is not None or there is None:
        return False
    with database.write() as session:
        return enqueue(session, REINDEX)
