"""One call of a web service: its arguments, read as strictly as Moodle reads them."""

from dataclasses import dataclass
from html import escape
from typing import Any

from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.webservices.answers import invalid_parameter

SITE_HOME = 1
"""The course id of the front page, in which everybody is."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: where, and with which arguments; ``raw`` asks for names as typed."""

    state: State
    settings: Settings
    arguments: dict[str, Any]
    raw: bool = False

    def text(self, name: str) -> str:
        value = self.arguments.get(name)
        if not isinstance(value, str):
            raise invalid_parameter()
        return value

    def texts(self, name: str) -> list[str]:
        value = self.arguments.get(name)
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise invalid_parameter()
        return list(value.values())

    def numbers(self, name: str) -> list[int]:
        return [whole_number(one) for one in self.texts(name)]

    def name(self, text: str) -> str:
        """A course, category, group or site name as ``format_string`` gives it."""
        return text if self.raw else escape(text, quote=False)

    def picture(self, size: int) -> str:
        """The address of an avatar; 1 is the larger one."""
        return f"{self.settings.base_url}/theme/image.php/boost/core/1788220800/u/f{size}"


def whole_number(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        raise invalid_parameter() from None
