"""Who hears that class results are talked about?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lms_plc.communities.hearing import all_members
from lms_plc.core.hearing import Heard, Hearing, Why, hears


@hears("data_conversation.begun")
def a_talk_began(connection: Connection, events: Sequence[Heard]) -> Iterator[Hearing]:
    """Everybody: each is asked for a guess before the numbers are looked at."""
    return all_members(connection, events, Why.ASKED)
