"""What a protocol is made of, in whichever language it is read, and what a form makes of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from lms_plc.protocols import choosing, forms, showing
from lms_plc.protocols import content as content_module
from lms_plc.protocols.content import PRODUCES, Content, shipped
from lms_plc.protocols.extracting import collect
from lms_plc.protocols.queries import ProtocolListed
from lms_plc.protocols.wording import ROLES, SPEAKS, STEP, as_written, in_language, mapped, role_called, speaks
from lms_plc.web import i18n
from lms_plc.web.form_parts import Pressed
from lms_plc.web.i18n import Bound

FLOP = shipped()["useful_flop"].content

words = some.text(some.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
contents = some.builds(
    Content,
    name=words,
    family=some.sampled_from(["consult", "stories"]),
    purpose=words,
    use_when=some.lists(words, max_size=3).map(tuple),
    group_size=some.tuples(some.integers(2, 9), some.integers(9, 90)).map(
        lambda size: {"min": size[0], "max": size[1]}
    ),
    modes=some.just(("in_person", "online")),
    roles=some.lists(words, min_size=1, max_size=4, unique_by=role_called).map(
        lambda names: [{"id": role_called(name), "duty": name} for name in names]
    ),
    bring=some.lists(words, max_size=2).map(tuple),
    steps=some.lists(
        some.fixed_dictionaries(
            {
                "title": words,
                "minutes": some.integers(1, 120),
                "speaks": words | some.sampled_from(["facilitator", "silent", "open"]),
                "do": words,
                "produces": some.lists(some.sampled_from(sorted(PRODUCES)), max_size=2, unique=True).map(tuple),
            }
        ),
        min_size=1,
        max_size=6,
    ).map(lambda steps: [{"id": f"s{number}", **step} for number, step in enumerate(steps, 1)]),
    guard_rails=some.lists(words, max_size=2).map(tuple),
    lineage=words,
)
presses = some.builds(
    Pressed,
    some.sampled_from(["up", "down", "remove", "add"]),
    some.sampled_from(["step", "role"]),
    some.integers(0, 12),
)


class Translated:
    """A catalogue in which everything has been translated."""

    def ugettext(self, message: str) -> str:
        return f"{message}!"

    def upgettext(self, context: str, message: str) -> str:
        return f"{message} ({context})"


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = i18n._UNBOUND
    monkeypatch.setattr(i18n, "_UNBOUND", Bound(bound.locale, bound.zone, Translated()))  # type: ignore[arg-type]


def test_everything_that_is_shipped_can_be_used() -> None:
    assert len(shipped()) == 14
    assert sum(one.starter for one in shipped().values()) == 10
    for one in shipped().values():
        assert {role.id for role in one.content.roles} <= ROLES.keys()
        assert all(step.do and step.title for step in one.content.steps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": []},
        {"roles": []},
        {"family": "gossip"},
        {"group_size": {"min": 9, "max": 4}},
        {"steps": [FLOP.steps[0].model_dump() | {"produces": ["Gold"]}]},
        {"steps": [FLOP.steps[0].model_dump() | {"minutes": 0}]},
        {"steps": [FLOP.steps[0].model_dump()] * 2},
        {"roles": [FLOP.roles[0].model_dump()] * 2},
        {"total_minutes": 3},
    ],
)
def test_what_is_no_protocol_is_refused(wrong: dict[str, Any]) -> None:
    assert Content.model_validate(FLOP.model_dump()) == FLOP
    with pytest.raises(ValidationError):
        Content.model_validate(FLOP.model_dump() | wrong)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("total_minutes: 34", "the minutes of useful_flop do not add up to 34"),
        ("total_minutes: 35", "two protocols have the same id"),
    ],
)
def test_a_file_that_contradicts_itself_is_not_read(
    wrong: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = yaml.safe_dump({"id": "useful_flop", "version": 1, "starter": True, **FLOP.model_dump(mode="json")})
    lines = [f"  {line}" for line in (*one.splitlines(), wrong)]
    item = "\n".join(["-", *lines])
    (tmp_path / "protocols.yaml").write_text(f"protocols:\n{item}\n{item}\n")
    monkeypatch.setattr(content_module, "FILE", tmp_path / "protocols.yaml")
    with pytest.raises(ValueError, match=words):
        shipped.__wrapped__()


@given(contents)
def test_a_protocol_comes_back_from_store_and_from_its_form_as_it_was(content: Content) -> None:
    assert Content.model_validate(content.model_dump(mode="json")) == content
    assert forms.read_protocol(forms.filled(content), content).form == content
    assert content.total_minutes == sum(step.minutes for step in content.steps)
    assert showing.timeline(content)[-1].ends == content.total_minutes
    assert showing.differences(content, content) == []


@given(contents, some.lists(presses, max_size=8))
def test_whatever_is_moved_added_or_taken_out_the_form_holds_together(content: Content, buttons: list[Pressed]) -> None:
    given_ = forms.filled(content)
    for button in buttons:
        given_ = forms.rearranged(given_, button)
        for part, most in (("step", 20), ("role", 8)):
            assert 1 <= len(forms.rows(given_, part)) <= most
    for number, step in enumerate(forms.rows(given_, "step"), 1):
        if not step["title"]:
            new = {"title": "New", "minutes": "7", "speaks": "open", "do": "Talk"}
            given_ |= {f"step-{number}-{name}": value for name, value in new.items()}
    for number, role in enumerate(forms.rows(given_, "role"), 1):
        if not role["name"]:
            given_ |= {f"role-{number}-name": f"New one {number}", f"role-{number}-duty": "Helps"}
    made = forms.read_protocol(given_, content).form
    assert made is not None
    assert len({step.id for step in made.steps}) == len(made.steps)
    kept = {step["id"] for step in forms.rows(given_, "step")}
    assert not {step.id for step in made.steps} & {step.id for step in content.steps} - kept
    assert made.total_minutes == sum(int(step["minutes"]) for step in forms.rows(given_, "step"))
    assert Content.model_validate(made.model_dump(mode="json")) == made


def test_every_text_is_brought_to_the_translators_and_said_in_their_words(translated: None) -> None:
    found = list(collect(None, (), (), {}))  # type: ignore[arg-type]
    told = {message for _, _, message, _ in found}
    for text in (FLOP.name, FLOP.guard_rails[0], (STEP, "Close"), (SPEAKS, "open talk")):
        assert text in told
    assert (SPEAKS, "facilitator") not in told  # a role is called by its name
    seen: list[tuple[str, str | None]] = []
    for one in shipped().values():
        mapped(in_language(one.content), lambda text, context: seen.append((text, context)) or text)
    assert all(not text or text.endswith(("!", ")")) or text in ROLES for text, _ in seen)
    assert speaks("facilitator") == "Facilitator!"


def test_what_was_left_as_it_was_stays_translated_and_what_was_written_stays_as_written(translated: None) -> None:
    given_ = forms.filled(FLOP)
    assert given_["step-1-title"] == "Thanks and rule (step of a conversation)"
    assert given_["role-1-name"] == "Facilitator!"
    changed = {"step-1-do": "Merci à tous.", "step-2-speaks": "Facilitator!", "role-2-name": "Wer erzählt"}
    made = forms.read_protocol(given_ | changed, FLOP).form
    assert made is not None
    assert made.steps[0].title == FLOP.steps[0].title
    assert made.steps[0].do == "Merci à tous."
    assert made.steps[1].speaks == "facilitator"
    assert [role.id for role in made.roles] == ["facilitator", "Wer erzählt"]
    assert as_written(in_language(FLOP), FLOP) == FLOP
    changes = showing.differences(FLOP, made)
    assert "Merci" in str(changes)


def listed(key: str) -> ProtocolListed:
    one = shipped()[key].content
    size = one.group_size
    return ProtocolListed(key, one.name, one.family, one.total_minutes, size.min, size.max, True, False, one.use_when)


@pytest.mark.parametrize(
    ("asked", "fits", "with_a_reason"),
    [
        ({"when": "a member is stuck"}, ["dilemma_consultation"], []),
        ({"when": "a member is stuck", "minutes": "30"}, [], ["dilemma_consultation"]),
        ({"when": "after a common task", "people": "2"}, [], ["pupil_work_look"]),
        ({"when": "a lesson collapsed", "people": "9"}, ["success_unpacked"], ["useful_flop"]),
        ({"people": "3", "minutes": "40"}, ["success_unpacked", "useful_flop", "facilitator_handover"], []),
        ({"people": "200"}, [], []),
    ],
)
def test_the_one_that_fits_is_found(asked: dict[str, str], fits: list[str], with_a_reason: list[str]) -> None:
    found = choosing.fitting([listed(key) for key in shipped()], choosing.asked_in(asked))
    assert [one.protocol.key for one in found if not one.why_not] == fits
    assert [one.protocol.key for one in found if one.why_not] == with_a_reason


def test_nonsense_asks_for_nothing() -> None:
    assert not choosing.asked_in({"when": "never", "people": "²", "minutes": "-4"})
    assert choosing.asked_in({"people": "9" * 400}).people == 999
