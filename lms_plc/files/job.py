"""Once a day: files that were chosen for a form which was never sent are forgotten."""

from datetime import datetime, timedelta

from lms_plc.core.database import Database
from lms_plc.files.actions import UNATTACHED_FOR, forget_unattached
from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule

_NAME = "forget-unattached-files"


def register(house: House) -> None:
    """Tells this worker when to tidy up."""

    @job(_NAME, one_per=())
    def forget(steps: Steps) -> None:
        steps.run("forget", forget_all, steps.database, house.clock() - UNATTACHED_FOR)

    schedule(_NAME, every=timedelta(days=1))


def forget_all(database: Database, before: datetime) -> int:
    """Some at a time, so that nobody who posts meanwhile waits long."""
    forgotten = 0
    while True:
        with database.write() as session:
            some = forget_unattached(session, before)
        if not some:
            return forgotten
        forgotten += some
