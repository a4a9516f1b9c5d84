"""A sync in a process of its own that is killed before a chosen statement: the other half of the drill.

``killed_sync.py URL SITE ROSTER WORDS N``: before the N-th statement that contains WORDS, the process gets
SIGKILL.
"""

import json
import os
import signal
import sys
from uuid import UUID

from conftest import MemorySource
from sqlalchemy import event

from lms_plc.core.database import Database
from lms_plc.rostersync.run import apply_sync


def main(url: str, site_id: str, roster: str, words: str, number: str) -> None:
    source = MemorySource(page_size=40)
    with open(roster) as file:
        for course, people in json.load(file).items():
            source.put(course, **people)
    database = Database(url)
    seen = 0

    def kill(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        seen += words in statement
        if seen == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", kill)
    apply_sync(database, UUID(site_id), source)


if __name__ == "__main__":
    main(*sys.argv[1:])
