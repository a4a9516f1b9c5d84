"""How does a page of the desk ask an LMS something? With an answer, or with what went wrong in words that help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from connectors.errors import ConnectorError
from connectors.source import RosterSource
from lms_plc.core.policy import NotThere
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import house
from lms_plc.rostersync.ruling import Decided, decided
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.sources import open_roster
from lms_plc.web.i18n import gettext

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, and what to do about it."""

    what: str
    todo: str


def ask(site_id: UUID, question: Callable[[RosterSource], T]) -> T | Trouble:
    """What the site's LMS answers. No transaction is open meanwhile."""
    try:
        with open_roster(house(), site_id) as source:
            return question(source)
    except ConnectorError as error:
        return trouble_of(error)
    except SiteProblem as problem:
        return Trouble(str(problem), "")
    except CannotUnseal:
        return Trouble(
            gettext("The stored token was sealed with another PLC_SECRET_KEY."),
            gettext("Put the old key back, or enter a new token on the page of the connection."),
        )


def trouble_of(error: ConnectorError) -> Trouble:
    return Trouble(gettext(error.what, **error.params), gettext(error.todo, **error.params))


def decided_of(site_id: UUID) -> Decided:
    """What is decided about the site's syncs. Raises NotThere."""
    with house().database.read() as connection:
        found = decided(connection, site_id)
    if found is None:
        raise NotThere("site")
    return found
