"""Writing into an LMS in a worker: what was approved, batch by batch.

A plan keeps its own checkpoints (`apply`). The job engine only makes sure that somebody goes on after a crash.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import House
from lms_plc.jobs import Queue, Steps, Transaction, enqueue, job, schedule
from lms_plc.writeback.apply import apply_next
from lms_plc.writeback.models import WritePlan
from lms_plc.writeback.opening import open_writable
from lms_plc.writeback.plan import approve_in, forget_texts, stop
from lms_plc.writeback.problems import CannotWrite, PlanIsOver

log = structlog.get_logger("lms_plc.writeback")

_PUSH = "push-plan"
_QUEUE = Queue("push", at_once=1)
_ONE_PER = ("plan_id",)

jobs.announce(_PUSH, queue=_QUEUE, one_per=_ONE_PER)


def register(house: House) -> None:
    """Makes the jobs known to this worker, and puts the one that forgets on the timetable."""

    @job(_PUSH, queue=_QUEUE, one_per=_ONE_PER)
    def push_plan(steps: Steps, plan_id: str) -> None:
        batch = 1
        while steps.run(f"write batch {batch}", push_next, house, UUID(plan_id)):
            batch += 1

    @job("forget-written-words", one_per=())
    def forget(steps: Steps) -> None:
        steps.run("forget", _forget, house)

    schedule("forget-written-words", every=timedelta(hours=6))


def ask_to_push(transaction: Transaction, plan_id: UUID) -> bool:
    """Has a worker write an approved plan, once the caller's transaction has committed. False if one is at it."""
    return enqueue(transaction, _PUSH, plan_id=str(plan_id))


def let_push(
    session: Session, plan_id: UUID, at: datetime, *, by: str, left_out: Collection[int] | None, allow_removals: bool
) -> None:
    """Approves a plan and has a worker write it, both or neither. Raises as `plan.approve_in`."""
    approve_in(session, plan_id, at, by=by, left_out=left_out, allow_removals=allow_removals)
    ask_to_push(session, plan_id)


def push_next(house: House, plan_id: UUID) -> bool:
    """Writes one batch of an approved plan; False when it is over. A site that cannot be opened stops it."""
    try:
        with open_writable(house, site_of(house, plan_id)) as lms:
            return apply_next(house.database, plan_id, lms, house.clock)
    except PlanIsOver:
        return False
    except (CannotWrite, CannotUnseal) as problem:
        log.warning("writing could not begin", plan_id=str(plan_id), problem=type(problem).__name__)
        stop(house.database, plan_id, str(problem), house.clock)
        return False


def push_all(house: House, plan_id: UUID) -> None:
    """Writes an approved plan to its end, over one connection. Raises CannotWrite, CannotUnseal."""
    with open_writable(house, site_of(house, plan_id)) as lms:
        try:
            while apply_next(house.database, plan_id, lms, house.clock):
                pass
        except PlanIsOver:
            return


def site_of(house: House, plan_id: UUID) -> UUID:
    """The site a plan is about."""
    with house.database.read() as connection:
        return connection.execute(select(WritePlan.site_id).where(WritePlan.id == plan_id)).scalar_one()


def _forget(house: House) -> int:
    return forget_texts(house.database, house.clock)
