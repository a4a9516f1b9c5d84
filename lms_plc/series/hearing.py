"""Who hears of what becomes of a series?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.communities.hearing import all_members
from lms_plc.core.hearing import Heard, Hearing, Why, hears
from lms_plc.series import queries as series_queries

__all__ = ["series_queries"]


@hears("series.changed", "series.ended")
def a_series_changed(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Everybody, once for the series and not once for each of its meetings."""
    return all_members(connection, events, Why.CHANGED)
