"""``lms-plc sync rules …``, as an admin types it, over an LMS that answers over the network."""

import json
from pathlib import Path
from typing import Any

import pytest
import stamina

COURSES = {
    "courses": [
        {"id": 5, "shortname": "PLC-A", "fullname": "Circle A", "visible": 1, "categoryid": 7},
        {"id": 6, "shortname": "PLC-B", "fullname": "Circle B", "visible": 1, "categoryid": 8},
        {"id": 9, "shortname": "DRAFT", "fullname": "A draft", "visible": 1, "categoryid": 8},
    ],
    "warnings": [],
}
GROUPS = [{"id": 70, "courseid": 5, "name": "North"}]
CATEGORIES = [
    {"id": n, "name": name, "parent": 0, "depth": 1, "path": f"/{n}"} for n, name in ((7, "Circles"), (8, "Others"))
]


@pytest.fixture(autouse=True)
def site(installed: Path, moodle: Any, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Moodle with three courses, connected under the name ``school``."""
    monkeypatch.setenv("PLC_LMS_TOKEN", "5f9c1e0b7a6d4c3388aa00ffeedd1122")
    moodle.answers |= {
        "core_course_get_categories": json.dumps(CATEGORIES).encode(),
        "core_group_get_course_groups": b"[]",
        "core_group_get_group_members": b'[{"groupid": 70, "userids": [2, 3]}]',
        "core_enrol_get_enrolled_users": b"[]",
        "core_group_get_course_groupings": b'[{"id": 80, "courseid": 5, "name": "Half"}]',
        "core_group_get_groupings": b'[{"id": 80, "courseid": 5, "name": "Half", "groups": [{"id": 70}]}]',
        "core_cohort_get_cohorts": b'[{"id": 1, "name": "Leaders", "idnumber": "L"}]',
        "core_cohort_get_cohort_members": b'[{"cohortid": 1, "userids": [2, 3, 4]}]',
    }
    assert typed("sites", "connect", "https://moodle.example.org", "--name", "school").code == 0
    moodle.answers |= {
        "core_course_get_courses_by_field": json.dumps(COURSES).encode(),
        "core_group_get_course_groups": json.dumps(GROUPS).encode(),
    }


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whoever is asked says yes; the questions."""
    asked: list[str] = []

    def answer(prompt: str, **_: object) -> str:
        asked.append(prompt)
        return "y"

    monkeypatch.setattr("click.termui.visible_prompt_func", answer)
    return asked


def test_a_rule_is_shown_with_what_it_makes_before_it_is_stored(typed: Any, yes: list[str]) -> None:
    added = typed("sync", "rules", "add", "--courses", "PLC-*", "--each")
    assert added.code == 0, added.err
    assert "Every course called PLC-* becomes a community of its own." in added.out
    assert "This rule makes these 2 communities; all of them are new." in added.out
    assert "    Circle B" in added.out
    assert added.out.index("Circle B") < added.out.index("Stored as rule 1.")
    assert "Store this rule?" in yes[0]
    listed = typed("sync", "rules", "list").out
    assert "  1. Every course called PLC-* becomes a community of its own." in listed
    assert "Of all other courses only those that have a community are synced." in listed


def test_a_rule_somebody_does_not_want_after_all_is_not_stored(typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt, **_: "n")
    assert typed("sync", "rules", "add", "--each").code == 130
    assert json.loads(typed("sync", "rules", "list", "--json").out)["rules"] == []


def test_with_yes_the_lms_is_not_asked(typed: Any, moodle: Any) -> None:
    asked = len(moodle.tokens)
    assert typed("sync", "rules", "add", "--category", "7", "--leave-out", "--yes").code == 0
    assert len(moodle.tokens) == asked
    assert "Every course in category 7 is left out of syncs." in typed("sync", "rules", "list").out


def test_every_kind_of_rule_can_be_typed_and_previewed(typed: Any) -> None:
    for words in (
        ("--groups", "--courses", "PLC-A", "--called", "N*", "--each"),
        ("--groupings", "--together", "All groupings"),
        ("--cohorts", "*", "--together", "Leaders"),
        ("--courses", "DRAFT", "--leave-out"),
        ("--category", "7", "--each"),
    ):
        added = typed("sync", "rules", "add", *words, "--yes", "--json")
        assert added.code == 0, added.err
    rules = json.loads(typed("sync", "rules", "list", "--json").out)
    assert [(rule["about"], rule["makes"], rule["named"]) for rule in rules["rules"]] == [
        ("groups", "each", ["PLC-A"]),
        ("groupings", "one", []),
        ("cohorts", "one", []),
        ("courses", "none", ["DRAFT"]),
        ("courses", "each", []),
    ]
    assert rules["others"] == "placed"
    told = json.loads(typed("sync", "rules", "preview", "--json").out)
    assert [(rule["rosters"], rule["people"]) for rule in told["rules"]] == [
        (1, 2),
        (1, 2),
        (1, 3),
        (1, None),
        (1, None),
    ]


def test_a_preview_tells_of_every_rule_and_of_the_rest(typed: Any) -> None:
    for words in (
        ("--groups", "--courses", "PLC-A", "--each"),
        ("--cohorts", "L*", "--together", "All leaders"),
        ("--courses", "DRAFT", "--leave-out"),
        ("--category", "7", "--each"),
    ):
        assert typed("sync", "rules", "add", *words, "--yes").code == 0
    seen = typed("sync", "rules", "preview")
    assert seen.code == 0, seen.err
    for said in (
        "    Circle A: North",
        "People in them: 2.",
        "in the new community “All leaders”: 1 cohort. People in them: 3.",
        "Left out of syncs: 1 course.",
        "    A draft",
        "Every course in category “Circles” becomes a community of its own.",
        "No rule is about 1 course; nothing happens to it.",
    ):
        assert said in seen.out
    told = json.loads(typed("sync", "rules", "preview", "--json").out)
    assert [rule["communities"] for rule in told["rules"]] == [1, 1, 0, 1]
    assert told["others"]["named_none"] == ["Circle B"]


def test_with_json_nothing_is_asked_and_what_it_makes_is_told(typed: Any) -> None:
    added = json.loads(typed("sync", "rules", "add", "--courses", "PLC-*", "--together", "Circles", "--json").out)
    assert (added["rule"]["number"], added["rule"]["name"]) == (1, "Circles")
    assert (added["makes"]["rosters"], added["makes"]["new"]) == (2, 1)


def test_people_can_be_brought_into_a_community_there_is(typed: Any) -> None:
    assert typed("sync", "apply", "--course", "PLC-A").code == 0
    assert typed("sync", "rules", "add", "--courses", "PLC-*", "--into", "Circle A", "--yes").code == 0
    assert "brings its people into a community there is: “Circle A”." in typed("sync", "rules", "list").out
    wrong = typed("sync", "rules", "add", "--into", "Circle Z", "--yes")
    assert (wrong.code, "There is no community called Circle Z." in wrong.err) == (1, True)


def test_of_many_communities_some_are_named_and_the_rest_counted(typed: Any, yes: list[str], moodle: Any) -> None:
    listed = [{**COURSES["courses"][0], "id": n, "fullname": "Same"} for n in range(10, 35)]
    moodle.answers["core_course_get_courses_by_field"] = json.dumps({"courses": listed, "warnings": []}).encode()
    added = typed("sync", "rules", "add", "--each")
    assert (added.out.count("    Same"), "    … and 5 more" in added.out) == (20, True)
    assert typed("sync", "apply").code == 0
    several = typed("sync", "rules", "add", "--into", "Same", "--yes")
    assert (several.code, "More than one community is called Same" in several.err) == (1, True)


def test_rules_are_moved_and_removed_by_their_number(typed: Any, events: Any) -> None:
    for name in ("A", "B", "C"):
        typed("sync", "rules", "add", "--courses", name, "--each", "--yes")
    assert typed("sync", "rules", "move", "3", "up").code == 0
    assert typed("sync", "rules", "remove", "1").code == 0
    rules = json.loads(typed("sync", "rules", "list", "--json").out)["rules"]
    assert [(rule["number"], rule["named"]) for rule in rules] == [(1, ["C"]), (2, ["B"])]
    for words in (("remove", "3"), ("move", "0", "down"), ("remove", "-1")):
        assert typed("sync", "rules", *words).code in (1, 2)
    assert "There is no rule 3." in typed("sync", "rules", "remove", "3").err
    assert [one.verb for one in events("rule.moved", "rule.removed")] == ["rule.moved", "rule.removed"]


def test_other_courses_are_decided_about(typed: Any) -> None:
    typed("sync", "rules", "add", "--courses", "A", "--each", "--yes")
    assert "Every other visible course" in typed("sync", "rules", "others", "all").out
    assert "only those that have a community" in typed("sync", "rules", "others", "placed").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--each", "--leave-out"), 2, "Only one of --each"),
        (("--groups", "--cohorts", "A", "--each"), 2, "Only one of --groups"),
        (("--courses", "A"), 2, "Say what comes of it"),
        (("--cohorts", "A", "--courses", "B", "--each"), 2, "give two rules"),
        (("--cohorts", "A", "--category", "7", "--each", "--yes"), 1, "Cohorts belong to no category"),
        (("--called", "A", "--each", "--yes"), 1, "for rules about groups"),
        (("--together", "A" * 201, "--yes"), 1, "at most 200"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(typed: Any, words: Any, code: int, said: str) -> None:
    refused = typed("sync", "rules", "add", *words)
    assert (refused.code, said in refused.err) == (code, True), refused.err


def test_an_lms_that_is_silent_is_said_to_be_and_nothing_is_stored(typed: Any, moodle: Any) -> None:
    moodle.answers["core_course_get_courses_by_field"] = b"<html>Down</html>"
    with stamina.set_testing(True, attempts=2):  # how long it is tried is told where calls are
        refused = typed("sync", "rules", "add", "--each")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err
    assert json.loads(typed("sync", "rules", "list", "--json").out)["rules"] == []
