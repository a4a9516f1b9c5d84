"""What else happens when a portfolio is approved? Rooms above this one add it; this one imports none of them."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor

Approved = Callable[[Session, Actor, UUID, Sequence[UUID], UUID], None]
"""Takes the portfolio, who leads the project, and their community; in the transaction of who approved."""

_approved: list[Approved] = []


def when_certified(then: Approved) -> Approved:
    """Registers what is done when one is approved."""
    _approved.append(then)
    return then


def tell_of_approval(
    session: Session, actor: Actor, portfolio_id: UUID, person_ids: Sequence[UUID], community_id: UUID
) -> None:
    for then in _approved:
        then(session, actor, portfolio_id, person_ids, community_id)
