"""Which of the functions we call does a Moodle have, and which may the token call?"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from connectors.errors import ConnectorError, NotAllowed, Refused, Unavailable
from connectors.moodle.client import MoodleClient
from connectors.moodle.faults import WHERE_CAPABILITIES, WHERE_FUNCTIONS, WHERE_VERSION
from connectors.moodle.functions import get_site_info
from connectors.moodle.needs import NEEDS, Need

State = Literal["callable", "not_in_service", "not_there"]

_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)

_TODO = {"callable": None, "not_in_service": WHERE_FUNCTIONS, "not_there": WHERE_VERSION}


@dataclass(frozen=True, slots=True)
class Found:
    """What a look showed of one function.

    `callable` says that the token may call it; whether the account has the rights shows only in each course.
    """

    function: str
    need: Need
    state: State

    @property
    def todo(self) -> str | None:
        """Where to click so that it can be called (a message id); None when it can."""
        return _TODO[self.state]

    @property
    def if_refused(self) -> tuple[str, ...]:
        """Where to click if it is refused all the same: message ids, to be filled in with `params`."""
        return (WHERE_CAPABILITIES, *([self.need.switch] if self.need.switch else []))

    @property
    def params(self) -> dict[str, str]:
        """What the message ids leave open."""
        return {"capabilities": ", ".join(self.need.capabilities)}


def probe_functions(client: MoodleClient, functions: Collection[str] = tuple(NEEDS)) -> tuple[Found, ...]:
    """Look for each of the `functions`, all of `NEEDS`.

    What the token may call, Moodle lists. What it does not list is called without arguments: Moodle refuses it before
    it does anything, and says whether it has it. Should somebody have allowed it in this moment, it reads, or it
    misses its arguments.

    Raises `Refused` and `Unavailable`, and whatever the introduction of the site raises.
    """
    allowed = {function.name for function in get_site_info(client).functions}
    return tuple(
        Found(function, NEEDS[function], "callable" if function in allowed else _look(client, function))
        for function in functions
    )


def _look(client: MoodleClient, function: str) -> State:
    try:
        client.call(function, {}, _ANYTHING)
    except (Refused, Unavailable):
        raise
    except NotAllowed as error:
        if error.code == "rest_off":
            raise
        states: dict[str | None, State] = {"accessexception": "not_in_service", "invalidrecord": "not_there"}
        return states.get(error.code, "callable")
    except ConnectorError:
        return "callable"
    return "callable"
