"""What may come in from a sheet that somebody holds in their hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from lms_plc.attendance.forms import Ticked, read_list
from lms_plc.minutes.forms import LONGEST_ACTION, LONGEST_DECISION
from lms_plc.sheets.queries import PartOfSheet, Sheet
from lms_plc.web.i18n import gettext, ngettext

ROWS = 6
"""Actions on one sheet of paper, and so in the form; whoever has more saves, and goes on."""
LONGEST_NOTE = 4000
MOST_DECISIONS = 20
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action as it was written: who may stay open, and so may the day."""

    text: str
    owner_id: UUID | None
    due: date | None


@dataclass(frozen=True, slots=True)
class Noted:
    part: PartOfSheet
    text: str


@dataclass(slots=True)
class Written:
    """Everything the paper says; with ``errors`` nothing of it is kept yet."""

    ticked: Ticked = field(default_factory=Ticked)
    guests: list[str] = field(default_factory=list)
    notes: list[Noted] = field(default_factory=list)
    dealt_with: list[UUID] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    actions: list[Agreed] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        said = (self.ticked.marks, self.guests, self.notes, self.dealt_with, self.decisions, self.actions)
        return any(said)


def read_sheet(given: Mapping[str, str], sheet: Sheet, owners: Sequence[UUID]) -> Written:
    """``given`` has been cleaned as ``web.form_errors.cleaned`` does."""
    written = Written()
    if sheet.names is not None:
        written.ticked = read_list(given, sheet.names)
        written.guests = given.get("guests", "").splitlines()
        written.errors += written.ticked.errors
    for part in sheet.parts:
        if text := given.get(f"n-{part.key}", "").strip():
            written.notes.append(Noted(part, text))
            _bounded(written, f"n-{part.key}", text, LONGEST_NOTE)
        if part.item_id and not part.is_dealt_with and given.get(f"dealt-{part.key}"):
            written.dealt_with.append(part.item_id)
    lines = (" ".join(line.split()).removeprefix("- ") for line in given.get("decisions", "").splitlines())
    written.decisions = list(dict.fromkeys(line for line in lines if line))[:MOST_DECISIONS]
    for decision in written.decisions:
        _bounded(written, "decisions", decision, LONGEST_DECISION)
    for row in range(1, ROWS + 1):
        _read_action(written, given, row, owners)
    return written


def _read_action(written: Written, given: Mapping[str, str], row: int, owners: Sequence[UUID]) -> None:
    text, due = " ".join(given.get(f"what-{row}", "").split()), given.get(f"until-{row}", "").strip()
    owner = next((one for one in owners if str(one) == given.get(f"who-{row}")), None)
    if not text:
        if owner or due:
            written.errors.append({"field": f"what-{row}", "message": gettext("What is to be done?")})
        return
    _bounded(written, f"what-{row}", text, LONGEST_ACTION)
    try:
        day = date.fromisoformat(due) if due else None
    except ValueError:
        day = date.min
    if day is not None and not _FIRST <= day <= _LAST:
        written.errors.append(
            {"field": f"until-{row}", "message": gettext("Please give a day, as in %(day)s.", day="2026-11-22")}
        )
        return
    written.actions.append(Agreed(text, owner, day))


def _bounded(written: Written, name: str, text: str, most: int) -> None:
    if len(text) > most:
        message = ngettext(
            "This is too long: at most %(num)s character.", "This is too long: at most %(num)s characters.", most
        )
        written.errors.append({"field": name, "message": message})
