"""Does a draft say all that was written down, in order, and nobody's name?"""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from lms_plc.minutes import words
from lms_plc.minutes.forms import LONGEST_MINUTES
from lms_plc.running.actions import ENDED
from lms_plc.running.queries import NoteSeen, StepNotes
from lms_plc.web.i18n import speaking

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def note(text: str, kind: str = "AgendaNote") -> NoteSeen:
    return NoteSeen(UUID(int=1), 0, kind, text, UUID(int=2), "Ana", None, None, None, NOW, 1, None)


def step(title: str, *notes: NoteSeen, state: str = "done", reason: str = "", run: int = 1) -> StepNotes:
    name = {1: "Learning from a flop", 2: "Ours"}[run]
    return StepNotes(UUID(int=run), name, 0, title, state, reason, list(notes))


def test_a_heading_for_each_step_with_something_in_it() -> None:
    steps = [
        step("Set up"),
        step("Facts", note("Ten of us\nsaw  it"), note("# It rained")),
        step("Reasons", note("A hunch", "Hunch"), note("We stop", "Decision"), note("Ask", "ActionItem")),
        step("Checked", note("No names", "ConsentCheck")),
        step("Left", state="skipped", reason="no\ntime"),
        step("Later", note("still said", "Comment"), state="skipped", reason=ENDED),
        step("Silent", state="skipped"),
        step("Anew", note("again"), run=2),
    ]
    text = words.of_runs(steps)
    assert text == (
        "## Learning from a flop\n\n### Facts\n\n- Ten of us\n  saw  it\n- \\# It rained\n\n"
        "### Checked\n\n- ✓ No names\n\n### Left\n\n*Left out: no time*\n\n"
        "### Later\n\n*We did not get to it.*\n\n- still said\n\n### Silent\n\n*Left out.*\n\n"
        "## Ours\n\n### Anew\n\n- again"
    )
    assert "Ana" not in text
    assert "- We stop" in words.of_runs(steps, whole=True)
    assert words.of_runs([]) == ""


def test_what_is_shipped_stands_in_the_language_of_the_minutes() -> None:
    run = StepNotes(UUID(int=1), "Five-beat working session", 0, "On your feet", "done", "", [note("Се јави")])
    with speaking("mk"):
        assert words.of_runs([run]) == "## Работна средба во пет такта\n\n### На нозе\n\n- Се јави"


def test_what_is_too_long_for_its_own_place_stands_in_the_words() -> None:
    assert words.becomes_words(note("x" * 1001, "Decision"))
    assert words.becomes_words(note("x" * 501, "ActionItem"))
    assert not words.becomes_words(note("x" * 5000, "Finding"))


def test_there_is_no_more_than_minutes_have_room_for() -> None:
    text = words.of_runs([step("A", note("x" * 2000)) for _ in range(40)])
    assert len(text) <= LONGEST_MINUTES
    assert text.endswith("There is more in the notes of the run.")


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([], ""),
        ([("Printer", "A new\none comes"), ("Keys", "")], "## Agenda\n\n- Printer: A new\n  one comes\n- Keys"),
    ],
)
def test_of_the_agenda_what_came_of_it(points: list[tuple[str, str]], text: str) -> None:
    with speaking("en"):
        assert words.of_agenda(points) == text
        assert words.put_together(text, "", " ") == text
