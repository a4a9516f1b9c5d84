"""Which promises of a community can be cited? The room that keeps them says so; whoever cites one asks here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Promise:
    id: UUID
    text: str


Promises = Callable[[Connection, UUID], Sequence[Promise]]
_told: dict[str, Promises] = {}


def tells_promises(promises: Promises) -> Promises:
    """Registers who knows the promises in force, in one statement; there is one such room."""
    _told["promises"] = promises
    return promises


def promises(connection: Connection, community_id: UUID) -> Sequence[Promise]:
    """None where nobody has registered, or none was made."""
    return _told["promises"](connection, community_id) if _told else ()
