"""The words of a draft: what was written down during a meeting, put in order.

The record says what was said, not who said it: no name of a writer stands in it.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from lms_plc.minutes.forms import LONGEST_ACTION, LONGEST_DECISION, LONGEST_MINUTES
from lms_plc.protocols.wording import said, step_title
from lms_plc.running.actions import ENDED
from lms_plc.running.captures import Way, capture_of
from lms_plc.running.clock import StepState
from lms_plc.running.queries import NoteSeen, StepNotes
from lms_plc.web.i18n import gettext

_LONGEST = {Way.DECISION: LONGEST_DECISION, Way.ACTION: LONGEST_ACTION}


def of_runs(steps: Sequence[StepNotes], *, whole: bool = False) -> str:
    """For each run a heading with its protocol's name, and one for each step in which something was written or that was
    left out. ``whole`` brings also what has a place of its own, for runs that nothing was made of."""
    parts: list[str] = []
    for _, its in groupby(steps, key=lambda step: step.run_id):
        run = list(its)
        parts += [f"## {_line(said(run[0].protocol_name))}", *(part for step in run for part in _of_step(step, whole))]
    return _joined(parts)


def of_agenda(points: Sequence[tuple[str, str]]) -> str:
    """(title, outcome) each: what was spoken about, with what came of it."""
    if not points:
        return ""
    lines = [_item(f"{_line(title)}: {outcome}" if outcome else _line(title)) for title, outcome in points]
    return f"## {gettext('Agenda')}\n\n" + "\n".join(lines)


def of_late_notes(texts: Sequence[str]) -> str:
    """What came in when the minutes stood already."""
    if not texts:
        return ""
    return f"### {gettext('Came in later')}\n\n" + "\n".join(_item(text) for text in texts)


def put_together(*parts: str) -> str:
    return _joined([part for part in (part.strip() for part in parts) if part])


def as_much_as_fits(text: str, length: int) -> str:
    """What minutes of this length have room for: what is too long could not be saved by whoever writes on."""
    room = LONGEST_MINUTES - length - len("\n\n")
    if len(text) <= room:
        return text
    fitting = _joined(text.split("\n\n"), room)
    return fitting if len(fitting) <= room else ""


def becomes_words(note: NoteSeen) -> bool:
    """What has a place of its own (a decision, an action, a thought that is kept) does not stand in the words too,
    unless it is too long for that place."""
    way = capture_of(note.kind).way
    if way in _LONGEST:
        return len(note.text) > _LONGEST[way]
    return way is not Way.NODE


def _of_step(step: StepNotes, whole: bool) -> Iterator[str]:
    lines = [_item(_said(note)) for note in step.notes if whole or becomes_words(note)]
    is_left_out = step.state == StepState.SKIPPED.value
    if lines or is_left_out:
        yield f"### {_line(step_title(step.title))}"
    if is_left_out:
        yield f"*{_left_out(step.reason)}*"
    if lines:
        yield "\n".join(lines)


def _left_out(reason: str) -> str:
    if not reason:
        return gettext("Left out.")
    if reason == ENDED:
        return gettext("We did not get to it.")
    return gettext("Left out: %(reason)s", reason=_line(reason))


def _said(note: NoteSeen) -> str:
    return f"✓ {note.text}" if capture_of(note.kind).way is Way.CHECK else note.text


def _item(text: str) -> str:
    """One point of a list, however many lines it has; a sign at its beginning makes no heading of it."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return "- " + "\n  ".join(f"\\{line}" if line.startswith("#") else line for line in lines)


def _line(text: str) -> str:
    return " ".join(text.split())


def _joined(parts: Sequence[str], longest: int = LONGEST_MINUTES) -> str:
    """Whole parts, as many as minutes have room for; the run keeps every note."""
    text, more = "", gettext("There is more in the notes of the run.")
    for part in parts:
        if len(text) + len(part) + len(more) + 4 > longest:
            return f"{text}\n\n{more}" if text else more
        text = f"{text}\n\n{part}" if text else part
    return text
