"""A form with as many of something as somebody wants: steps, roles, stages.

Without a script every one is there as fields with its number in their names: ``step-3-title``. Buttons that move, add
and take out send the whole form, and get it back rearranged.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that rearranges the form: ``what`` is up, down, remove or add, ``number`` counts from 1."""

    what: str
    part: str
    number: int

    @property
    def landing(self) -> int:
        """Which one is looked at after it was pressed."""
        return self.number + {"up": -1, "down": 1}.get(self.what, 0)


class FormParts:
    """``parts``: what there may be several of → its fields, the one that is always sent, and how many."""

    def __init__(self, parts: Mapping[str, tuple[Iterable[str], str, int]]) -> None:
        self._parts = {name: (tuple(fields), always, most) for name, (fields, always, most) in parts.items()}
        self._press = re.compile(rf"(up|down|remove|add)-({'|'.join(self._parts)})-([0-9]{{1,2}})")

    def rows(self, given: Given, part: str) -> list[dict[str, str]]:
        """Those of a form as they were typed, in their order."""
        fields, always, most = self._parts[part]
        found: list[dict[str, str]] = []
        while len(found) < most and f"{part}-{len(found) + 1}-{always}" in given:
            found.append({name: given.get(f"{part}-{len(found) + 1}-{name}", "") for name in fields})
        return found

    def pressed(self, given: Given) -> Pressed | None:
        """Which button was pressed, if it was not the one that saves."""
        match = self._press.fullmatch(given.get("press", ""))
        return Pressed(match[1], match[2], int(match[3])) if match else None

    def rearranged(self, given: Given, button: Pressed) -> dict[str, str]:
        """The form as the button wants it; what cannot be done leaves it as it is."""
        fields, _, most = self._parts[button.part]
        parts, at = self.rows(given, button.part), button.number - 1
        if button.what == "add" and len(parts) < most and at <= len(parts):
            parts.insert(at, dict.fromkeys(fields, ""))
        elif button.what == "remove" and at in range(len(parts)) and len(parts) > 1:
            del parts[at]
        elif button.what in ("up", "down"):
            to = button.landing - 1
            if at in range(len(parts)) and to in range(len(parts)):
                parts[at], parts[to] = parts[to], parts[at]
        others = {name: value for name, value in given.items() if not name.startswith(f"{button.part}-")}
        return others | {
            f"{button.part}-{number}-{name}": value
            for number, one in enumerate(parts, 1)
            for name, value in one.items()
        }


def numbered(part: str, number: int, errors: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Errors of one of them as errors of the whole form."""
    return [{**error, "field": f"{part}-{number}-{error['field']}"} for error in errors]
