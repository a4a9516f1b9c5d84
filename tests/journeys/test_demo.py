"""Does the demo start, connect itself, survive being stopped, and go on where it was?"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("demo")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """One run of the demo, as somebody at a terminal has it."""

    def __init__(self, folder: Path, port: int, lms_port: int) -> None:
        self.tool, self.lms = f"http://localhost:{port}", f"http://127.0.0.1:{lms_port}"
        command = [sys.executable, "-m", "lms_plc", "demo", "--dir", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--port", str(port), "--lms-port", str(lms_port)],
            env={name: value for name, value in os.environ.items() if not name.startswith("PLC_")},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_up(self) -> None:
        until = time.monotonic() + 180
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if requests.get(f"{self.tool}/healthz", timeout=2).json() == {"status": "up"}:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        pytest.fail("the demo did not come up")

    def stop(self) -> str:
        """Ctrl-C; answers what was printed."""
        os.killpg(self.process.pid, signal.SIGINT)
        printed, _ = self.process.communicate(timeout=90)
        return printed


def test_it_connects_itself_stops_cleanly_and_goes_on_where_it_was(tmp_path: Path) -> None:
    ports = free_port(), free_port()
    first = Demo(tmp_path / "demo", *ports)
    try:
        first.wait_until_up()
        assert "Who are you today?" in requests.get(first.lms, timeout=10).text
    finally:
        printed = first.stop()
    assert first.process.returncode == 0
    assert "communities founded (11)" in printed
    assert first.lms in printed
    assert first.tool in printed
    for address in (first.tool, first.lms):
        with pytest.raises(requests.ConnectionError):
            requests.get(address, timeout=2)

    second = Demo(tmp_path / "demo", *ports)
    try:
        second.wait_until_up()
    finally:
        printed = second.stop()
    assert second.process.returncode == 0
    assert "First sync" not in printed, "it went on where it was"


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "lms_plc", "demo", "--dir", str(tmp_path), "--port", str(port)]
        refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
