"""Asking after what somebody does differently: in a worker, when it has been quiet for two months."""

from datetime import timedelta

from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule
from lms_plc.practicechanges.actions import ask_again

EVERY = timedelta(hours=6)
QUIET = timedelta(days=60)
AT_ONCE = 200


def ask_after_changes(house: House) -> int:
    """How many were asked after."""
    asked, at = 0, house.clock()
    while True:
        with house.database.write() as session:
            some = ask_again(session, at, after=QUIET, size=AT_ONCE)
        asked += some
        if some < AT_ONCE:
            return asked


def register(house: House) -> None:
    @job("ask-after-changes", one_per=())
    def ask(steps: Steps) -> None:
        steps.run("ask", ask_after_changes, house)

    schedule("ask-after-changes", every=EVERY)
