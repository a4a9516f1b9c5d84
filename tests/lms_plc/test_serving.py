"""Does the tool serve and work as processes, clear what has expired, and start a fallen worker again?"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from lms_plc import jobs, serving
from lms_plc.app import create_served_app
from lms_plc.people.models import Seat
from lms_plc.sites.models import Login


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_serves_until_it_is_told_to_stop(installed: Path) -> None:
    port = free_port()
    environment = {**os.environ, "PLC_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "lms_plc", "serve", "--no-worker"], env=environment, stderr=subprocess.PIPE
    )
    try:
        until = time.monotonic() + 90
        while True:
            try:
                answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                assert time.monotonic() < until
                assert process.poll() is None
                time.sleep(0.1)
        assert answer.json() == {"status": "up"}
        assert requests.get(f"http://127.0.0.1:{port}/lti/jwks", timeout=5).json()["keys"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)


def test_what_a_serving_app_is_made_of_is_not_looked_through_again(installed: Path) -> None:
    app = create_served_app()
    try:
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
        app.extensions["plc"].database.dispose()


def test_ctrl_c_at_the_terminal_stops_pages_and_jobs_together(installed: Path) -> None:
    port = free_port()
    environment = {**os.environ, "PLC_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "lms_plc", "serve"], env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """``programs(body)``: what our programs do instead; answers the file in which each start is a line."""

    def write(body: str) -> Path:
        program, lines = tmp_path / "program", tmp_path / "lines"
        program.write_text(f"#!/bin/sh\necho $3 >> {lines}\n{body}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        return lines

    return write


def served_until(seconds: float, **options: bool) -> None:
    """``serve`` in this process, told to stop by SIGTERM after some seconds."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    try:
        serving.serve(**options)
    finally:
        timer.cancel()
        timer.join()


def test_a_worker_that_falls_is_started_again_and_the_pages_stay(
    programs: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "RESTART_AFTER", 0.2)
    lines = programs('[ "$3" = worker ] || exec sleep 60')
    served_until(1.5, with_worker=True)
    started = lines.read_text().split()
    assert started.count("web") == 1
    assert started.count("worker") >= 2


def test_without_a_worker_none_is_started(programs: Callable[[str], Path]) -> None:
    lines = programs("exec sleep 60")
    served_until(0.5, with_worker=False)
    assert lines.read_text().split() == ["web"]


def test_pages_that_cannot_be_served_are_not_tried_for_ever(programs: Callable[[str], Path]) -> None:
    lines = programs("exit 1")
    with pytest.raises(serving.CannotServe):
        serving.serve(with_worker=False)
    assert lines.read_text().split() == ["web"]


def test_a_program_that_does_not_listen_is_killed_in_the_end(
    programs: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", 0.3)
    programs("trap '' TERM; while true; do sleep 1; done")
    began = time.monotonic()
    served_until(0.5, with_worker=False)
    assert time.monotonic() - began < 10


def test_every_job_of_the_house_is_registered_and_clears_what_expired(
    house: Any, lms: Any, visitor: Any, app: Any, stored: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor().launch("1")
    app.test_client().post("/lti/login", data=lms.platform.login_form(), base_url="https://plc.example.org")
    clock.move(minutes=5)
    serving._clear_logins(house)
    serving._clear_seats(house)
    assert (len(stored(select(Login.state_digest))), len(stored(select(Seat.id)))) == (1, 1)
    clock.move(hours=13)
    serving._clear_logins(house)
    clock.move(days=30)
    serving._clear_seats(house)
    assert (stored(select(Login.state_digest)), stored(select(Seat.id))) == ([], [])

    ran: list[Any] = []
    registered: dict[str, Any] = {}
    scheduled: dict[str, Any] = {}

    def job(name: str, **_: Any) -> Any:
        return lambda function: registered.setdefault(name, function)

    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})
    monkeypatch.setattr(serving, "job", job)
    monkeypatch.setattr(serving, "schedule", lambda name, **how: scheduled.setdefault(name, how))
    for room in ("roster_job", "push_job", "ringing", "telling", "notices"):
        register = partial(registered.setdefault, room)
        monkeypatch.setattr(getattr(serving, room), "register", register)
    monkeypatch.setattr(serving, "run_worker", ran.append)
    serving.work(house)
    rooms = {"roster_job", "push_job", "ringing", "telling", "notices"}
    assert set(registered) == rooms | {"clear-expired", "rotate-tool-keys"}
    assert set(scheduled) == {"clear-expired", "rotate-tool-keys"}
    assert ran == [house.database]

    class Steps:
        def run(self, name: str, function: Any, *given: Any) -> Any:
            ran.append(name)
            return function(*given)

    registered["clear-expired"](Steps())
    registered["rotate-tool-keys"](Steps())
    assert ran[1:] == ["logins and tickets", "seats", "rotate what is old"]
    assert jobs.schedule is not serving.schedule
