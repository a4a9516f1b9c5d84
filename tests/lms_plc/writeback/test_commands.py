"""Does the command line say what would be written, write it, and say what came of it?"""

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import update

from lms_plc.command_options import CommandProblem
from lms_plc.house import House
from lms_plc.sites.models import Site
from lms_plc.writeback.commands import push_commands

School = Any
Typed = Callable[..., click.testing.Result]


@pytest.fixture
def typed(house: House) -> Typed:
    """``typed("plan", "--site", "moodle")``: what ``lms-plc sync push plan …`` says."""
    return lambda *words: CliRunner().invoke(push_commands, words, obj=house, env={"COLUMNS": "200"})


@pytest.fixture
def circle(school: School) -> Any:
    circle = school.community("5", "Maths circle", 11, 12)
    school.switch("cohorts", "messages")
    return circle


def test_a_plan_is_shown_with_names_and_reasons_and_how_to_go_on(typed: Typed, school: School, circle: Any) -> None:
    said = typed("plan", "--site", "moodle").output
    assert "make cohort" in said
    assert "Person 11" in said
    assert "Planned, nothing written: waiting (5)." in said
    assert "lms-plc sync push apply --site moodle" in said
    assert not school.moodle.calls


def test_the_plan_that_was_shown_is_what_is_written(typed: Typed, school: School, circle: Any) -> None:
    typed("plan")
    said = typed("apply", "--leave-out", "2")
    assert said.exit_code == 0
    assert "Done: done (4), left out (1)." in said.output
    assert school.cohort(circle)["people"] == [12]


def test_without_a_plan_nothing_is_written(typed: Typed, school: School, circle: Any) -> None:
    said = typed("apply")
    assert isinstance(said.exception, CommandProblem)
    assert str(said.exception) == "No plan waits for moodle. Make one with: lms-plc sync push plan --site moodle"


def test_json_holds_every_line_and_no_words_of_anybody(typed: Typed, school: School, circle: Any) -> None:
    told = json.loads(typed("plan", "--json").output)
    assert [line["verb"] for line in told["lines"]] == ["make", "add", "add", "send", "send"]
    assert told["lines"][1]["name"] == "Person 11"
    assert "colleagues from your course" not in json.dumps(told)
    assert json.loads(typed("apply", "--json").output)["counts"] == {"done": 5}
    runs = json.loads(typed("runs", "--json").output)
    assert [run["state"] for run in runs] == ["done"]
    shown = json.loads(typed("show", runs[0]["plan"], "--json").output)
    assert shown["counts"] == {"done": 5}


def test_what_failed_ends_the_command_with_a_sentence(typed: Typed, school: School, circle: Any) -> None:
    school.moodle.takes_none = {11}
    typed("plan")
    said = typed("apply")
    assert said.exit_code == 1
    assert isinstance(said.exception, CommandProblem)
    assert "done (4), failed (1)" in str(said.exception)
    assert "did not take the message" in " ".join(said.output.split())


def test_taking_back_is_planned_first_and_then_applied(typed: Typed, school: School, circle: Any) -> None:
    typed("plan")
    typed("apply")
    said = typed("withdraw", "--kind", "cohorts").output
    assert "remove cohort" in said
    assert school.moodle.cohorts
    assert typed("apply").exit_code == 0
    assert not school.moodle.cohorts
    assert "Done" in typed("runs").output
    assert typed("withdraw", "--kind", "messages").exit_code == 2


def test_a_held_plan_needs_to_be_meant(typed: Typed, school: School, circle: Any) -> None:
    school.join(circle, "5", *range(1000, 1025))
    school.switch("cohorts")
    typed("plan")
    typed("apply")
    school.leave(circle, *range(1000, 1025))
    assert "Held, nothing written" in " ".join(typed("plan").output.split())
    assert "25 of 27 people" in str(typed("apply").exception)
    assert typed("apply", "--allow-removals").exit_code == 0
    assert school.cohort(circle)["people"] == [11, 12]


def test_the_check_names_what_is_missing(typed: Typed, school: School, circle: Any) -> None:
    school.moodle.not_in_service = {"core_cohort_create_cohorts"}
    said = typed("check", "--kind", "cohorts").output
    assert "core_cohort_create_cohorts" in said
    assert "External services" in " ".join(said.split())
    told = json.loads(typed("check", "--json").output)
    assert [one["function"] for one in told if one["missing"]] == ["core_cohort_create_cohorts"]


def test_an_unknown_plan_or_site_is_one_sentence(typed: Typed, school: School) -> None:
    assert "There is no plan" in str(typed("show", str(school.site_id)).exception)
    assert "no site called x" in str(typed("plan", "--site", "x").exception)


def test_names_of_communities_and_sites_are_shown_letter_by_letter(typed: Typed, school: School, circle: Any) -> None:
    name = "Maths [/b] [link=x]7"
    school.rename(circle, name)
    school.join(circle, "5", *range(1000, 1025))
    school.switch("cohorts")
    school.push()
    school.leave(circle, *range(1000, 1025))
    with school.house.database.write() as session:
        session.execute(update(Site).where(Site.id == school.site_id).values(name="Site [/b]"))
    for command in (("plan",), ("runs",), ("check",)):
        said = typed(*command)
        assert said.exception is None, command
        if command != ("check",):
            assert name in " ".join(said.output.split())
