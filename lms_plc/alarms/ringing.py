"""How does an alarm get to whoever runs this tool, whatever breaks on the way?

It is rung inside the caller's transaction: after a rollback it never was. A worker gives every channel a job of its
own, so that one that is silent keeps no other waiting. A channel that does not take it is tried again, later each time,
for a day. A worker killed between a channel's yes and its own note of it tells the channel a second time.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.alarms.alarm import Alarm, NotSent
from lms_plc.alarms.channels import NONE, channels
from lms_plc.house import House
from lms_plc.jobs import Scalar, Steps, Transaction

log = structlog.get_logger("lms_plc.alarms")

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
GIVEN_UP_AFTER = timedelta(days=1)

_RING, _TELL = "ring-alarm", "tell-alarm"
_ONE = ("key",)
_QUEUE = jobs.Queue("alarms", at_once=2)
"""Of their own: a mail server that takes its time holds up no sync, and no sync an alarm."""

jobs.announce(_RING, queue=_QUEUE, one_per=_ONE)


def ring(transaction: Transaction, alarm: Alarm) -> bool:
    """Has the alarm told by every configured channel once the caller's transaction has committed.

    False if one of the same key waits to be told already.
    """
    return jobs.enqueue(transaction, _RING, **alarm.stored())


def register(house: House) -> None:
    """Makes the jobs known to this worker."""

    @jobs.job(_RING, queue=_QUEUE, one_per=_ONE)
    def ring_alarm(steps: Steps, **alarm: Scalar) -> None:
        for channel in steps.run("which channels there are", _which, house, alarm):
            steps.commit(f"ask for {channel}", _ask, timedelta(0), channel, 0, alarm)

    @jobs.job(_TELL, queue=_QUEUE)
    def tell_alarm(steps: Steps, channel: str, tries: int, **alarm: Scalar) -> None:
        wait = steps.run("tell", _tell, house, channel, tries, alarm)
        if wait is not None:
            steps.commit("ask again", _ask, timedelta(seconds=wait), channel, tries + 1, alarm)


def _which(house: House, stored: dict[str, Any]) -> list[str]:
    ways = list(channels(house.settings))
    if not ways:
        alarm = Alarm.read(stored)
        log.warning("an alarm, and no channel to tell it by", kind=alarm.kind, title=alarm.title, todo=NONE)
    return ways


def _ask(session: Session, wait: timedelta, channel: str, tries: int, stored: dict[str, Any]) -> None:
    jobs.enqueue_later(session, wait, _TELL, channel=channel, tries=tries, **stored)


def _tell(house: House, channel: str, tries: int, stored: dict[str, Any]) -> float | None:
    """Tells one channel. The seconds after which it is to be tried again; None when there is no more to do."""
    alarm = Alarm.read(stored)
    line = log.bind(channel=channel, alarm_id=str(alarm.id), kind=alarm.kind, tries=tries + 1)
    send = channels(house.settings).get(channel)
    if send is None:  # taken out of the settings since
        line.warning("alarm not told: the channel is no longer set")
        return None
    try:
        line.info("alarm told", said=send(house.settings, alarm))
        return None
    except NotSent as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, an alarm is not lost by it
        problem = type(error).__name__
    left = alarm.at + GIVEN_UP_AFTER - house.clock()
    if left <= timedelta(0):
        line.error("alarm given up", problem=problem)
        return None
    line.warning("alarm not told yet", problem=problem)
    return min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT, left).total_seconds()
