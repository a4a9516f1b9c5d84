"""The way an admin goes: connect, plan, apply, look back; against a practice LMS on a real socket."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import stamina
from sqlalchemy import Engine, event, select, update
from werkzeug.serving import WSGIRequestHandler, make_server

from lms_plc.house import House
from lms_plc.practice_lms import Fault, Practice
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.sites.models import Enrolment


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Not a word."""


@pytest.fixture
def practice(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """A practice LMS, and its token where `sites connect` looks for it."""
    lms = Practice(tmp_path / "lms")
    server = make_server("127.0.0.1", 0, lms.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("PLC_ALLOW_PRIVATE_HOSTS", "1")
    monkeypatch.setenv("PLC_LMS_TOKEN", lms.web_service_token)
    monkeypatch.setenv("PRACTICE", f"http://127.0.0.1:{server.server_port}")
    yield lms
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connected(practice: Practice, typed: Any) -> Practice:
    answer = typed("sites", "connect", os.environ["PRACTICE"], "--name", "practice")
    assert answer.code == 0, answer.err
    return practice


@pytest.fixture
def writes() -> Iterator["Counter[str]"]:
    """How often each table is written to, by anybody in this process."""
    seen: Counter[str] = Counter()

    def hear(*said: Any) -> None:
        verb, *rest = str(said[2]).split()
        if verb in ("INSERT", "UPDATE", "DELETE"):
            seen[rest[1] if rest[0] in ("INTO", "FROM") else rest[0]] += 1

    event.listen(Engine, "before_cursor_execute", hear)
    yield seen
    event.remove(Engine, "before_cursor_execute", hear)


def test_a_plan_shows_what_would_change_and_changes_nothing(
    connected: Practice, typed: Any, writes: "Counter[str]"
) -> None:
    planned = typed("sync", "plan")
    assert planned.code == 0
    assert "communities founded (11), joined (151)" in planned.out
    assert "Заедница за професионално учење – Велес" in planned.out
    assert all(table.startswith("plc_sync_") or table == "plc_site" for table in writes)
    assert "plc_site" not in writes


def test_apply_does_it_and_the_second_time_writes_nothing(
    connected: Practice, typed: Any, writes: "Counter[str]"
) -> None:
    applied = typed("sync", "apply", "--all-courses")
    assert applied.code == 0, applied.err
    assert "Done: communities founded (11), joined (151)" in applied.out
    assert writes["plc_membership"] > 0

    writes.clear()
    again = typed("sync", "apply")
    assert (again.code, again.out.strip()) == (0, "Done: no differences.")
    assert {table for table in writes if not table.startswith("plc_sync_")} == set(), "but that there was a run"

    runs = json.loads(typed("sync", "runs", "--json").out)
    assert [(run["mode"], run["state"]) for run in runs] == [("apply", "done"), ("apply", "done")]
    assert "no differences" in typed("sync", "runs", "--site", "practice").out


def test_only_the_courses_that_were_named_become_communities(connected: Practice, typed: Any) -> None:
    told = json.loads(typed("sync", "apply", "--course", "VELES-ZPU", "--json").out)
    assert (told["state"], told["counts"]["found_community"]) == ("done", 1)
    assert json.loads(typed("sync", "plan", "--json").out)["counts"] == {}


def test_the_brake_holds_until_the_plan_is_approved_and_an_undo_brings_everybody_back(
    connected: Practice, typed: Any, house: House
) -> None:
    assert typed("sync", "apply", "--course", "VELES-ZPU").code == 0
    for person in list(staff_ids("veles"))[:8]:
        connected.unenrol(5, person)
    first = typed("sync", "apply")
    assert "missing for the first time (8)" in first.out
    assert "still missing (8)" in typed("sync", "apply").out
    a_day_passes(house)

    held = typed("sync", "apply")
    assert held.code == 1
    assert "Held, nothing changed" in held.err
    assert "members would lose their access" in held.err
    run = json.loads(typed("sync", "runs", "--json").out)[0]["run"]
    assert run in held.err, "the sentence says what to type"
    assert "lose their access" in typed("sync", "apply", "--plan", run).err
    numbers = [line["number"] for line in json.loads(typed("sync", "show", run, "--json").out)["changes"]]
    allowed = typed("sync", "apply", "--plan", run, "--allow-removals", "--leave-out", str(numbers[0]))
    assert allowed.code == 0, allowed.err
    assert "resting (7)" in allowed.out
    assert "no plan that waits" in typed("sync", "apply", "--plan", run, "--allow-removals").err

    assert "came back (7)" in typed("sync", "undo", run).out
    assert typed("sync", "undo", run).out.count("rest") == 0
    last = json.loads(typed("sync", "runs", "--json").out)[0]
    assert last["mode"] == "undo"
    assert last["asked_by"].startswith("cli")
    planned = typed("sync", "plan")
    assert "missing for the first time (7)" in planned.out, "whoever is still not enrolled is counted anew"


def test_a_plan_is_applied_as_it_was_shown_or_not_at_all(connected: Practice, typed: Any) -> None:
    planned = json.loads(typed("sync", "plan", "--course", "VELES-ZPU", "--json").out)
    other = json.loads(typed("sync", "plan", "--course", "VELES-ZPU", "--json").out)
    applied = typed("sync", "apply", "--plan", planned["run"])
    assert applied.code == 0, applied.err
    assert json.loads(typed("sync", "plan", "--json").out)["counts"] == {}
    stale = typed("sync", "apply", "--plan", other["run"])
    assert stale.code == 1
    assert "has changed since this plan was made" in stale.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("apply", "--leave-out", "1"), "--leave-out needs --plan"),
        (("apply", "--plan", str(UUID(int=1)), "--all-courses"), "--plan is a plan already"),
        (("apply", "--plan", str(UUID(int=1))), "There is no sync"),
        (("undo", str(UUID(int=1))), "There is no sync"),
        (("show", str(UUID(int=1))), "There is no sync"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(connected: Practice, typed: Any, words: Any, said: str) -> None:
    refused = typed("sync", *words)
    assert refused.code != 0
    assert said in refused.err


def test_a_sync_that_let_nobody_go_has_nothing_to_undo(connected: Practice, typed: Any) -> None:
    run = json.loads(typed("sync", "apply", "--course", "VELES-ZPU", "--json").out)["run"]
    assert "nothing to undo" in typed("sync", "undo", run).err


def a_day_passes(house: House) -> None:
    """For absences: the command line has the clock of the machine."""
    with house.database.write() as session:
        earlier = select(Enrolment.id, Enrolment.missing_since).where(Enrolment.missing_since.is_not(None))
        for row in session.execute(earlier).all():
            moved = row.missing_since - timedelta(hours=25)
            session.execute(update(Enrolment).where(Enrolment.id == row.id).values(missing_since=moved))


def test_an_lms_that_is_down_is_told_in_one_sentence(connected: Practice, typed: Any) -> None:
    connected.state.faults.set([Fault("*", "html", nth=0)])
    with stamina.set_testing(True, attempts=2):  # how long it is tried is told where calls are
        failed = typed("sync", "plan", "--course", "VELES-ZPU")
    assert failed.code == 1
    assert failed.err.count("\n") == 1
    connected.state.faults.set([])
    assert typed("sync", "plan", "--course", "VELES-ZPU").code == 0
