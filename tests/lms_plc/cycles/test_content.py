"""What a cycle is made of, in whichever language it is read, and what a form makes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from lms_plc.cycles import forms, showing
from lms_plc.cycles.content import Content, shipped
from lms_plc.cycles.extracting import collect
from lms_plc.cycles.queries import steps_with
from lms_plc.cycles.wording import OUTPUTS, STAGE, in_language, mapped
from lms_plc.protocols.content import shipped as protocols
from lms_plc.web import i18n
from lms_plc.web.form_parts import Pressed
from lms_plc.web.i18n import Bound

TLDW = shipped()["tldw"].content

presses = some.builds(
    Pressed, some.sampled_from(["up", "down", "remove", "add"]), some.just("stage"), some.integers(0, 12)
)


class Translated:
    """A catalogue in which everything has been translated."""

    def ugettext(self, message: str) -> str:
        return f"{message}!"

    def ungettext(self, one: str, many: str, count: int) -> str:
        return one if count == 1 else many

    def upgettext(self, context: str, message: str) -> str:
        return f"{message} ({context})"


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = i18n._UNBOUND
    monkeypatch.setattr(i18n, "_UNBOUND", Bound(bound.locale, bound.zone, Translated()))  # type: ignore[arg-type]


def test_what_is_shipped_holds_together() -> None:
    assert [*shipped()] == ["tldw", "reflect_improve_repeat", "inquiry_spiral", "four_questions"]
    assert [len(one.content.stages) for one in shipped().values()] == [8, 5, 6, 4]
    for one in shipped().values():
        for stage in one.content.stages:
            assert {*stage.protocols} <= protocols().keys()
            assert {*stage.outputs} <= OUTPUTS.keys()
            assert stage.prompts
            assert stage.exit
    assert steps_with("plan_negotiation") == ["Talking it through", "Action plan"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"stages": []},
        {"owner": "the head"},
        {"stages": [TLDW.stages[0].model_dump()] * 2},
        {"stages": [TLDW.stages[0].model_dump() | {"loop_to": "nowhere"}]},
        {"score": 5},
    ],
)
def test_what_is_no_cycle_is_refused(wrong: dict[str, Any]) -> None:
    assert Content.model_validate(TLDW.model_dump(mode="json")) == TLDW
    with pytest.raises(ValidationError):
        Content.model_validate(TLDW.model_dump() | wrong)


@pytest.mark.parametrize("key", [*shipped()])
def test_a_cycle_comes_back_from_its_form_as_it_was(key: str) -> None:
    content = shipped()[key].content
    assert forms.read_cycle(forms.filled(content), content).form == content
    assert showing.differences(content, content) == []


@given(some.sampled_from([*shipped()]), some.lists(presses, max_size=6))
def test_whatever_is_moved_added_or_taken_out_the_form_holds_together(key: str, buttons: list[Pressed]) -> None:
    content = shipped()[key].content
    typed = forms.filled(content)
    for button in buttons:
        typed = forms.rearranged(typed, button)
        assert 1 <= len(forms.rows(typed, "stage")) <= 12
    for number, stage in enumerate(forms.rows(typed, "stage"), 1):
        if not stage["name"]:
            new = {"name": "New", "purpose": "Why not", "typical_weeks": "2"}
            typed |= {f"stage-{number}-{name}": value for name, value in new.items()}
    made = forms.read_cycle(typed, content).form
    assert made is not None
    assert Content.model_validate(made.model_dump(mode="json")) == made
    kept = {stage["id"] for stage in forms.rows(typed, "stage")}
    assert not {stage.id for stage in made.stages} & {stage.id for stage in content.stages} - kept


def test_a_stage_that_is_gone_is_led_to_no_more() -> None:
    typed = forms.rearranged(forms.filled(shipped()["reflect_improve_repeat"].content), Pressed("remove", "stage", 1))
    made = forms.read_cycle(typed, shipped()["reflect_improve_repeat"].content).form
    assert made is not None
    assert made.stages[-1].loop_to is None
    assert made.stages[-1].outputs == ("Decision", "Story")


def test_every_text_is_brought_to_the_translators_and_said_in_their_words(translated: None) -> None:
    told = {message for _, _, message, _ in collect()}
    assert {TLDW.short, (STAGE, "Check"), TLDW.stages[0].exit[0]} <= told
    seen: list[str] = []
    for one in shipped().values():
        mapped(in_language(one.content), lambda text, context: seen.append(text) or text)
    assert all(not text or text.endswith(("!", ")")) for text in seen)


def test_what_was_left_as_it_was_stays_translated(translated: None) -> None:
    typed = forms.filled(TLDW)
    assert typed["stage-1-name"] == f"What matters and what troubles me ({STAGE})"
    made = forms.read_cycle(typed | {"stage-2-name": "Она што го сакам"}, TLDW).form
    assert made is not None
    assert [stage.name for stage in made.stages[:2]] == [TLDW.stages[0].name, "Она што го сакам"]
    assert "Она што го сакам" in str(showing.differences(TLDW, made))
