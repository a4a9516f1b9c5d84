"""What does a piece of work cost, in a process of its own?

``measured("module:function", …)`` calls the function there, with everything imported before the clock starts. The
function takes and gives what JSON can say, and may print lines meanwhile.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the wall and on a CPU (all threads of the process), memory in MiB before the work and at its highest,
    and what the work gave."""

    wall: float
    cpu: float
    rss_before: float
    rss_peak: float
    gave: Any

    @property
    def rss_grown(self) -> float:
        return self.rss_peak - self.rss_before

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s wall {self.cpu:8.2f} s CPU {self.rss_peak:5.0f} MiB"


class Failed(Exception):
    """The work ended with an error; it has said which on its own standard error."""


class UnderWay:
    """Work that has begun."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._cost: str | None = None

    def lines(self) -> Iterator[str]:
        """What the work tells, as it tells it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_COST):
                self._cost = line.removeprefix(_COST)
            else:
                yield line.strip()

    def end(self) -> Cost:
        """Waits for it. Raises Failed."""
        for _ in self.lines():
            pass
        self._process.wait()
        if self._process.returncode or self._cost is None:
            raise Failed(f"the measured process ended with {self._process.returncode}")
        return Cost(**json.loads(self._cost))


@contextmanager
def begun(work: str, *arguments: Any, environment: Mapping[str, str] | None = None) -> Iterator[UnderWay]:
    """As ``measured``, while something else is done; the process ends with the block."""
    command = [sys.executable, "-m", "tests.bench.measured", work, json.dumps(arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    try:
        yield UnderWay(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def measured(work: str, *arguments: Any, environment: Mapping[str, str] | None = None) -> Cost:
    """The cost of ``work`` (``module:function``). Raises Failed."""
    with begun(work, *arguments, environment=environment) as under_way:
        return under_way.end()


_COST = "cost: "


def _main(work: str, arguments: str) -> None:
    module, name = work.split(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    before = _rss_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    gave = function(*json.loads(arguments))
    cost = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "rss_before": before,
        "rss_peak": _rss_peak(),
        "gave": gave,
    }
    print(_COST + json.dumps(cost), flush=True)


def _rss_peak() -> float:
    """Of this program alone: what ``getrusage`` says on Linux counts the one it was started from too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on a Mac


if __name__ == "__main__":
    _main(*sys.argv[1:])
