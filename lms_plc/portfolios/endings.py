"""What else happens when a portfolio is approved, or that is withdrawn? Rooms above add it; this one imports none."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from lms_plc.core.policy import Actor

Decided = Callable[[Session, Actor, UUID, Sequence[UUID], UUID], None]
"""Takes the portfolio, who leads the project, and their community; in the transaction of who decided."""

_decided: list[Decided] = []


def when_decided(then: Decided) -> Decided:
    """Registers what is done when one is approved, and when that is withdrawn."""
    _decided.append(then)
    return then


def tell_of_decision(
    session: Session, actor: Actor, portfolio_id: UUID, person_ids: Sequence[UUID], community_id: UUID
) -> None:
    for then in _decided:
        then(session, actor, portfolio_id, person_ids, community_id)
