"""One page after the other, asked of a served installation by one client: how long does each take?"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from lms_plc.house import House, open_house
from lms_plc.preparation import prepare
from tests.bench.installation import environment, platform_with_keys, register, settings
from tests.bench.talk import MARK
from tests.bench.wire import Browser, free_port, get, served

ASKED = 60
GOAL = 100.0
"""Milliseconds 95 of 100 answers stay below."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in: whose ``seat`` looks at which ``paths``; ``ids`` are left out of what is printed."""

    seat: str
    paths: Sequence[str]
    ids: Sequence[UUID]


Times = Mapping[str, list[float]]


def look(folder: str, database_url: str | None, fill: Callable[[House, UUID], Filled]) -> Times:
    """Serves a new installation, filled by ``fill(house, site)``; milliseconds by page."""
    port = free_port()
    platform, keys = platform_with_keys(port)
    house = open_house(settings(folder, platform.tool_url, database_url))
    prepare(house)
    filled = fill(house, register(house, platform, "5"))
    house.database.dispose()
    with ExitStack() as stack:
        here = environment(folder, platform.tool_url, database_url)
        stack.enter_context(served("lms_plc.app:create_served_app", port, here))
        browser = stack.enter_context(Browser(port))
        took = {_told(path, filled): _ask(browser, path) for path in filled.paths}
    keys.shutdown()
    keys.server_close()
    return took


def print_times(what: str, took: Times) -> None:
    print(f"{what}: milliseconds, p50 and p95 of {ASKED}")
    for path, times in sorted(took.items(), key=lambda one: -_at(one[1], 95)):
        late = "   OVER THE GOAL" if _at(times, 95) > GOAL else ""
        print(f"  {_at(times, 50):7.1f} {_at(times, 95):7.1f}  {path}{late}")


def _told(path: str, filled: Filled) -> str:
    told = path.partition(f"/s/{filled.seat}")[2]
    for thing in filled.ids:
        told = told.replace(str(thing), "…")
    return told


def _ask(browser: Browser, path: str) -> list[float]:
    request = get(path, f"plc_browser={MARK}")
    times = []
    for number in range(ASKED + 5):
        seconds, answer = browser.ask(request)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        if number >= 5:  # the first answers of a server are no measure
            times.append(1000 * seconds)
    return times


def _at(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]
