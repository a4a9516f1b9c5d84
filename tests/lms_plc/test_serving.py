"""Does the tool serve and work as processes, clear what has expired, and start a fallen worker again?"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from lms_plc import jobs, serving
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
        until = time.monotonic() + 30
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


class Granian:
    """Stands for the server: remembers what it was given, and serves until the worker was seen."""

    given: dict[str, Any] = {}

    def __init__(self, target: str, **given: Any) -> None:
        Granian.given = {"target": target, **given}

    def serve(self) -> None:
        time.sleep(0.5)


@pytest.fixture
def short_lived(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A worker that writes a line and ends at once; answers the file it writes to."""
    program, lines = tmp_path / "worker", tmp_path / "lines"
    program.write_text(f"#!/bin/sh\necho $@ >> {lines}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(serving, "_RESTART_AFTER", 0.01)
    return lines


def test_the_worker_beside_the_pages_is_started_again_when_it_falls(
    house: Any, monkeypatch: pytest.MonkeyPatch, short_lived: Path
) -> None:
    monkeypatch.setattr(serving, "Granian", Granian)
    serving.serve(house, with_worker=True)
    assert set(short_lived.read_text().splitlines()) == {"-m lms_plc worker"}
    assert len(short_lived.read_text().splitlines()) >= 2
    assert (Granian.given["target"], Granian.given["address"], Granian.given["port"]) == (
        "lms_plc.app:create_app",
        "127.0.0.1",
        8000,
    )
    assert Granian.given["blocking_threads"] == 1


def test_without_a_worker_none_is_started(house: Any, monkeypatch: pytest.MonkeyPatch, short_lived: Path) -> None:
    monkeypatch.setattr(serving, "Granian", Granian)
    serving.serve(house, with_worker=False)
    assert not short_lived.exists()


@pytest.mark.parametrize(("body", "patience"), [("exec sleep 60", 20), ("trap '' TERM; sleep 3", 0.1)])
def test_a_running_worker_is_stopped_even_when_it_does_not_listen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, patience: float
) -> None:
    program = tmp_path / "worker"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'up'}\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            started.append(self)

        def wait(self, timeout: float | None = None) -> int:
            return super().wait(min(timeout, patience) if timeout else None)

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    stop = threading.Event()
    keeper = threading.Thread(target=serving._keep_worker, args=(stop,))
    keeper.start()
    while not (tmp_path / "up").exists():
        time.sleep(0.02)
    stop.set()
    keeper.join(10)
    assert not keeper.is_alive()
    [worker] = started
    assert worker.wait() != 0


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

    monkeypatch.setattr(serving, "job", job)
    monkeypatch.setattr(serving, "schedule", lambda name, **how: scheduled.setdefault(name, how))
    monkeypatch.setattr(serving.roster_job, "register", lambda given: registered.setdefault("roster", given))
    monkeypatch.setattr(serving, "run_worker", ran.append)
    serving.work(house)
    assert set(registered) == {"roster", "clear-expired"}
    assert set(scheduled) == {"clear-expired"}
    assert ran == [house.database]

    class Steps:
        def run(self, name: str, function: Any, *given: Any) -> Any:
            ran.append(name)
            return function(*given)

    registered["clear-expired"](Steps())
    assert ran[1:] == ["logins and tickets", "seats"]
    assert jobs.schedule is not serving.schedule
