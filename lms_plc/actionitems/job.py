"""Asking after actions whose day has passed: in a worker, by day, once for each."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from lms_plc.actionitems.actions import remind
from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule

EVERY = timedelta(hours=1)
FROM, UNTIL = 7, 20
"""Hours of the day between which somebody is asked."""

LOOKED_BACK = timedelta(days=7)
"""What is older when a worker first looks is not brought up again."""

AT_ONCE = 200


def ask_after_what_is_past(house: House) -> int:
    """How many were asked after."""
    at = house.clock()
    here = at.astimezone(ZoneInfo(house.settings.timezone))
    if not FROM <= here.hour < UNTIL:
        return 0
    asked = 0
    while True:
        with house.database.write() as session:
            some = remind(session, here.date(), at, earliest=here.date() - LOOKED_BACK, size=AT_ONCE)
        asked += some
        if some < AT_ONCE:
            return asked


def register(house: House) -> None:
    @job("ask-after-actions", one_per=())
    def ask(steps: Steps) -> None:
        steps.run("ask", ask_after_what_is_past, house)

    schedule("ask-after-actions", every=EVERY)
