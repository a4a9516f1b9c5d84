"""The way an admin goes: connect, plan, apply, look back; against a practice LMS on a real socket."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina
from sqlalchemy import Engine, event
from werkzeug.serving import WSGIRequestHandler, make_server

from lms_plc.practice_lms import Fault, Practice
from lms_plc.practice_lms.school_year import staff_ids


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


def test_the_brake_holds_with_one_sentence_and_exit_code_one(connected: Practice, typed: Any) -> None:
    assert typed("sync", "apply", "--course", "VELES-ZPU").code == 0
    for person in list(staff_ids("veles"))[:8]:
        connected.unenrol(5, person)
    held = typed("sync", "apply")
    assert held.code == 1
    assert "Held, nothing changed" in held.err
    allowed = typed("sync", "apply", "--allow-removals")
    assert allowed.code == 0
    assert "left (8)" in allowed.out


def test_an_lms_that_is_down_is_told_in_one_sentence(connected: Practice, typed: Any) -> None:
    connected.state.faults.set([Fault("*", "html", nth=0)])
    with stamina.set_testing(True, attempts=2):  # how long it is tried is told where calls are
        failed = typed("sync", "plan", "--course", "VELES-ZPU")
    assert failed.code == 1
    assert failed.err.count("\n") == 1
    connected.state.faults.set([])
    assert typed("sync", "plan", "--course", "VELES-ZPU").code == 0
