"""Who hears of a case: the author when somebody spoke to them, who decides when something waits for them. And the job
that ends what nobody objected to."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from lms_plc import jobs
from lms_plc.core.hearing import Heard, Hearing, Why, hears, named_in
from lms_plc.house import House
from lms_plc.jobs import Steps
from lms_plc.moderation.actions import finish
from lms_plc.moderation.forms import Step
from lms_plc.moderation.queries import removed_before


@hears(*(f"case.{step.value}" for step in Step if step != Step.FINISHED))
def somebody_waits_for_a_word(_: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    return named_in(events, Why.MODERATION)


def register(house: House) -> None:
    """Makes the job known to this worker."""

    @jobs.job("finish-removals", one_per=())
    def finish_removals(steps: Steps) -> None:
        steps.run("remove for good", finish_what_is_due, house)

    jobs.schedule("finish-removals", every=timedelta(days=1))


def finish_what_is_due(house: House) -> int:
    """A transaction a case, so that one of them keeps no other waiting."""
    with house.database.read() as connection:
        due = removed_before(connection, house.clock())
    for case_id in due:
        with house.database.write() as session:
            finish(session, case_id, house.clock())
    return len(due)
