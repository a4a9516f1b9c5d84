"""The arguments of a web service, read as strictly as Moodle reads them: whatever is odd is an invalid parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms_plc.practice_lms.webservices.answers import invalid_parameter


@dataclass(frozen=True, slots=True)
class Arguments:
    """Name → text, or a dict of such: a record by names, a list by indexes."""

    arguments: Mapping[str, Any]

    def text(self, name: str, default: str | None = None) -> str:
        """Without a default it has to be there, and may be empty."""
        value = self.arguments.get(name, default)
        if not isinstance(value, str):
            raise invalid_parameter()
        return value

    def texts(self, name: str) -> list[str]:
        value = self.arguments.get(name)
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise invalid_parameter()
        return list(value.values())

    def number(self, name: str, default: int | None = None) -> int:
        return whole_number(self.text(name, None if default is None else str(default)))

    def numbers(self, name: str) -> list[int]:
        return [whole_number(one) for one in self.texts(name)]

    def some_numbers(self, name: str) -> list[int]:
        """[] for a list that was left out, which is the only way a form can say an empty one."""
        return self.numbers(name) if name in self.arguments else []

    def flag(self, name: str, default: bool) -> bool:
        """Only 1 and 0 are a yes and a no."""
        value = self.text(name, str(int(default)))
        if value not in ("0", "1"):
            raise invalid_parameter()
        return value == "1"

    def record(self, name: str, needs: str = "", may: str = "") -> "Arguments":
        """The record ``name``, empty when it was left out, with the names it has to have and those it may have."""
        return _record(self.arguments.get(name, {}), needs, may)

    def records(self, name: str, needs: str, may: str = "") -> list["Arguments"]:
        """A list of such records; it has to be there."""
        value = self.arguments.get(name)
        if not isinstance(value, dict):
            raise invalid_parameter()
        return [_record(one, needs, may) for one in value.values()]


def whole_number(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        raise invalid_parameter() from None


def _record(value: object, needs: str, may: str) -> Arguments:
    needed = set(needs.split())
    if not isinstance(value, dict) or not needed <= set(value) <= needed | set(may.split()):
        raise invalid_parameter()
    return Arguments(value)
