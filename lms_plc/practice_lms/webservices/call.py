"""One call of a web service: where, by whom, and with which arguments."""

from dataclasses import dataclass
from html import escape

from lms_plc.practice_lms.people import CONNECTOR, Person
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.webservices.arguments import Arguments

SITE_HOME = 1
"""The course id of the front page, in which everybody is."""


@dataclass(frozen=True, slots=True)
class Call(Arguments):
    """One call: where, and with which arguments; ``raw`` asks for names as typed."""

    state: State
    settings: Settings
    raw: bool = False

    @property
    def me(self) -> Person:
        """Whose account the token is of."""
        return self.state.accounts[CONNECTOR]

    def name(self, text: str) -> str:
        """A course, category, group, event or site name as ``format_string`` gives it."""
        return text if self.raw else escape(text, quote=False)

    def picture(self, size: int) -> str:
        """The address of an avatar; 1 is the larger one."""
        return f"{self.settings.base_url}/theme/image.php/boost/core/1788220800/u/f{size}"
