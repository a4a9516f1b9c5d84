"""Does what is linked carry how strongly an outcome is stated? Said kindly, as what is missing; never forbidden."""

from collections.abc import Sequence
from uuid import UUID

from lms_plc.evidence.kinds import Strength
from lms_plc.evidence.queries import ClaimSeen
from lms_plc.web.i18n import N_

NOBODY_ELSE = N_("Nothing of a second person is linked yet. Ask whoever saw it too to keep what they saw.")
NO_TWO_STATES = N_("Write down how it was before and how it is now; then the numbers speak.")
NO_NUMBERS = N_("Nothing is linked yet that shows these numbers. Keep the counts, and link them.")
NO_OTHER_GROUP = N_("Nothing is linked yet that shows the other group. Keep what you saw there, and link it.")


def missing(claim: ClaimSeen, author_id: UUID, shown_by: Sequence[UUID | None]) -> str | None:
    """A message id, or None where nothing is missing. ``shown_by`` are the authors of what is linked as showing it; an
    author is None where it is closed to the reader."""
    if claim.strength == Strength.OBSERVED_BY_TWO:
        return None if any(one != author_id for one in shown_by) else NOBODY_ELSE
    if claim.strength == Strength.BEFORE_AFTER_NUMBERS:
        if not (claim.before and claim.after):
            return NO_TWO_STATES
        return None if shown_by else NO_NUMBERS
    if claim.strength == Strength.COMPARED:
        return None if shown_by else NO_OTHER_GROUP
    return None
