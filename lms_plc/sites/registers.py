"""Which sites count people by the same numbers, and whom does nobody become by a number alone?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import RoleAssignment
from lms_plc.communities.standing import in_force
from lms_plc.people.models import Identity
from lms_plc.people.registry import Register
from lms_plc.sites.models import Site

_AT_ONCE = 500


def register_of(
    reader: Session | Connection,
    site_id: UUID,
    numbers: Mapping[str, str],
    at: datetime,
    doubtful: Iterable[str] = (),
) -> Register:
    """The site's register with these numbers (by subject), shared with the other sites that count people by it.

    ``doubtful`` are numbers known to be somebody else's here too; any that two of these subjects have are as well, and
    those of people with a role in a community: in some LMSs people may type their number themselves, and a role must
    not be had for that. They are shown as possible twins.
    """
    mine = select(Site.register).where(Site.id == site_id).scalar_subquery()
    others = reader.execute(select(Site.id).where(Site.register == mine, Site.id != site_id)).scalars()
    times = Counter(numbers.values())
    unsure = {*doubtful, *(number for number, often in times.items() if often > 1)}
    known = list(times)
    for start in range(0, len(known), _AT_ONCE):
        leading = (
            select(Identity.sourced_id)
            .join(RoleAssignment, RoleAssignment.person_id == Identity.person_id)
            .where(Identity.sourced_id.in_(known[start : start + _AT_ONCE]), in_force(at))
        )
        unsure.update(number for number in reader.execute(leading).scalars() if number)
    return Register(tuple(others), numbers, frozenset(unsure))
