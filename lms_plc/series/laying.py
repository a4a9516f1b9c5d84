"""Once a day: every series has its next meetings again, some series at a time."""

from datetime import timedelta
from uuid import UUID

from lms_plc.core.activity import Reference, record
from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule
from lms_plc.series.actions import lay
from lms_plc.series.queries import series_that_go_on

_NAME = "lay-meetings"

AT_ONCE = 50
"""Series of one transaction: whoever writes meanwhile waits for no more."""


def register(house: House) -> None:
    """Tells this worker when to lay."""

    @job(_NAME, one_per=())
    def lay_all(steps: Steps) -> None:
        steps.run("lay", lay_ahead, house)

    schedule(_NAME, every=timedelta(days=1))


def lay_ahead(house: House) -> int:
    """How many meetings were laid, in all communities. Interrupted anywhere, it is done anew without a trace."""
    laid, after = 0, None
    while True:
        new, after = _lay_some(house, after)
        laid += new
        if after is None:
            return laid


def _lay_some(house: House, after: UUID | None) -> tuple[int, UUID | None]:
    at = house.clock()
    with house.database.write() as session:
        some = series_that_go_on(session.connection(), after, AT_ONCE)
        by_series = lay(session, some, at)
        for series in some:
            if meetings := by_series[series.id]:
                record(
                    session,
                    "series.laid",
                    Reference("meeting_series", series.id),
                    at=at,
                    actor_id=None,
                    via="job",
                    site_id=series.site_id,
                    community_id=series.community_id,
                    facts={"meetings": [str(one) for one in meetings]},
                )
    return sum(map(len, by_series.values())), some[-1].id if len(some) == AT_ONCE else None
