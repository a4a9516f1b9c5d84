"""How runs are listed and told."""

import json
from datetime import datetime
from io import StringIO

import pytest
from rich.console import Console

from lms_plc.rostersync import queries
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.plan import REASONS
from lms_plc.rostersync.report import WORDS, as_dict, summary, table


@pytest.fixture
def lines(world):
    def read(outcome, **page):
        with world.database.read() as connection:
            return queries.changes(connection, outcome.run_id, **page)

    return read


def shown(renderable):
    console = Console(file=StringIO(), width=200)
    console.print(renderable)
    return console.file.getvalue()


def test_a_plan_is_shown_by_community_with_names_and_reasons(world, lines):
    world.source.put("1", ann="active")
    world.sync()
    world.source.put("1", ann="active student", ben="active")
    world.source.put("2", cem="active [b]odd")
    world.source.put_course("2", title="Maths [x]")
    came = world.plan(all_courses=True)
    text = shown(table(lines(came)))
    places = [text.index(words) for words in ("Course 1", "Name of ben", "Maths [x]", "Name of cem")]
    assert places == sorted(places)
    assert "Enrolled in the LMS." in text
    assert "active · [b]odd" in text


def test_a_run_without_changes_shows_an_empty_table(world, lines):
    assert shown(table(lines(world.sync()))).strip() == ""


def test_the_dict_is_json_with_before_after_and_reason(world, lines):
    world.source.put("1", ann="active", ben="active")
    world.sync()
    world.source.put("1", ann="active")
    came = world.sync_twice()
    told = json.loads(json.dumps(as_dict(came, lines(came))))
    assert told["state"] == "done"
    assert told["counts"] == {"rest": 1}
    (change,) = told["changes"]
    assert (change["kind"], change["subject"], change["name"]) == ("rest", "ben", "Name of ben")
    missing_since = change["before"].pop("missing_since")
    assert change["before"] == {"membership": "active", "enrolment": "active", "roles": [], "vouched": True}
    assert datetime.fromisoformat(missing_since).tzinfo is not None
    assert change["after"] == {"membership": "paused", "enrolment": "gone", "roles": []}
    assert change["reason"] == REASONS[Kind.REST]
    assert change["applied_at"] is not None


def test_one_sentence_says_what_came_of_a_run(world):
    world.source.put("1", **{f"p{n}": "active" for n in range(6)})
    assert summary(world.plan()) == "Planned, nothing changed: communities founded (1), joined (6)."
    assert summary(world.sync()) == "Done: communities founded (1), joined (6)."
    assert summary(world.sync()) == "Done: no differences."
    world.source.put("1", p0="active")
    assert world.sync().counts == {"missing": 5}
    world.wait(days=1)
    held = summary(world.sync())
    assert held.startswith("Held, nothing changed: ")
    assert " (5). In “Course 1”, 5 of 6 members would lose their access." in held
    world.source.listing_fails = True
    assert summary(world.plan()) == "Not finished. The site does not answer. Try again later. [slow]"


def test_every_kind_of_change_has_its_words():
    assert set(WORDS) == set(Kind)


def test_runs_are_paged_newest_first(world, new_world):
    mine = [world.sync().run_id for _ in range(3)][::-1]
    other = new_world()
    theirs = other.sync("nowhere").run_id
    with world.database.read() as connection:
        assert [run.id for run in queries.runs(connection, world.site_id, limit=2)] == mine[:2]
        assert [run.id for run in queries.runs(connection, world.site_id, before=mine[1])] == mine[2:]
        assert [run.id for run in queries.runs(connection)] == [theirs, *mine]
        one = queries.run(connection, theirs)
        assert (one.state, one.asked_by, one.finished_at) == ("failed", "cli", None)
        assert Options.read(dict(one.options)) == Options(("nowhere",))
        assert queries.run(connection, world.site_id) is None


def test_changes_are_paged_in_the_order_of_the_plan(world, lines):
    world.source.put("1", ann="active", ben="active", cem="active")
    came = world.sync()
    first = lines(came, limit=3)
    rest = lines(came, after=first[-1].number)
    assert [line.subject for line in first + rest] == [None, "ann", "ben", "cem"]
    assert [line.number for line in first + rest] == [1, 2, 3, 4]
    assert {line.community_name for line in first} == {"Course 1"}


def test_names_stay_out_of_every_repr(world, lines):
    world.source.put("1", ann="active")
    came = world.plan()
    assert lines(came)[1].name == "Name of ann"
    assert "Name of" not in repr(lines(came)) + repr(came)
