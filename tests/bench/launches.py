"""Launches a second: the whole launch (login, launch, arrive, redirect) against PyLTI1p3's Flask flow, and against an
empty view plus one verification.

All of them stand behind the same server with one worker and are asked by the same client in turns. The platform's
signing is not measured: all logins are asked first, then every token is signed, then all launches are posted. A
launch's time is the time of its login plus the time of its launch.

Ours is measured twice: people who have been here before, and people whom nobody has seen, where the launch writes the
person, the enrolment and the membership in one transaction.
"""

import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlencode

from lms_plc.house import open_house
from lms_plc.preparation import prepare
from lti.browser import new_secret
from lti.testing import PlatformInMemory
from tests.bench.installation import environment, platform_with_keys, register, settings
from tests.bench.wire import Answer, ask_all, free_port, post, served

LAUNCHES = 1000
PEOPLE = 100
COURSE = "5"
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        ours, empty, pylti = free_port(), free_port(), free_port()
        platform, keys = platform_with_keys(ours)
        registered = platform.registration
        names = ("issuer", "client_id", "auth_url", "token_url", "jwks_url")
        known = json.dumps({name: getattr(registered, name) for name in names})
        told = {"BENCH_PLATFORM": known, "BENCH_TOOL": platform.tool_url, "BENCH_KEYS": json.dumps(platform.jwks())}
        house = open_house(settings(folder, platform.tool_url))
        prepare(house)
        register(house, platform, COURSE)
        servers.enter_context(served("lms_plc.app:create_served_app", ours, environment(folder, platform.tool_url)))
        servers.enter_context(served("tests.bench.peers:pylti1p3_flow", pylti, told))
        servers.enter_context(served("tests.bench.peers:empty_view_with_one_verification", empty, told))
        bench = Launcher(platform)
        bench.launches(ours, PEOPLE, bench.somebody_known)  # everybody has been here before
        bench.launches(pylti, PEOPLE, bench.somebody_known)
        figures: dict[str, list[float]] = {"known": [], "new": [], "pylti": [], "empty": []}
        for _ in range(ROUNDS):
            took, forms = bench.launches(ours, LAUNCHES, bench.somebody_known)
            figures["known"].append(LAUNCHES / took)
            figures["new"].append(LAUNCHES / bench.launches(ours, LAUNCHES, bench.somebody_new)[0])
            figures["pylti"].append(LAUNCHES / bench.launches(pylti, LAUNCHES, bench.somebody_known)[0])
            alone, answers = ask_all(empty, [post("/lti/launch", urlencode(form)) for form in forms])
            assert all(answer.status == 204 for answer in answers), "the peer refused a token"
            figures["empty"].append(LAUNCHES / alone)
        keys.shutdown()
        keys.server_close()
        house.database.dispose()
    median = {name: sorted(values)[ROUNDS // 2] for name, values in figures.items()}
    print("launches a second, one worker each, SQLite, median of", ROUNDS)
    print(f"  ours, people known (two requests)                       {median['known']:8.0f}")
    print(f"  ours, people new: person, enrolment, membership written {median['new']:8.0f}")
    print(f"  PyLTI1p3, key set cached, nothing written               {median['pylti']:8.0f}")
    print(f"  empty view + one RS256 verification (one request)       {median['empty']:8.0f}")
    for name in ("known", "new"):
        against_pylti, against_empty = median[name] / median["pylti"], median[name] / median["empty"]
        print(f"  ratio, people {name:5}:  {against_pylti:5.2f} × PyLTI1p3   {against_empty:5.2f} × empty view")


class Launcher:
    """One client, and the people it launches as."""

    def __init__(self, platform: PlatformInMemory) -> None:
        self._platform = platform
        self._strangers = 0

    def somebody_known(self, number: int) -> str:
        return str(number % PEOPLE)

    def somebody_new(self, number: int) -> str:
        self._strangers += 1
        return f"new-{self._strangers}"

    def launches(self, port: int, many: int, who: Callable[[int], str]) -> tuple[float, list[dict[str, str]]]:
        """Seconds that ``many`` whole launches took, and the forms they were made with."""
        login = urlencode(self._platform.login_form())
        marks = [f"plc_browser={new_secret()}" for _ in range(many)]
        took_login, begun = ask_all(port, [post("/lti/login", login, mark) for mark in marks])
        people = [who(number) for number in range(many)]
        forms = [self._signed(person, answer) for person, answer in zip(people, begun, strict=True)]
        # what a browser brings back: our own mark, which is kept, or the cookies the login set
        brought = [f"{mark}; {answer.cookies}" for mark, answer in zip(marks, begun, strict=True)]
        requests = [post("/lti/launch", urlencode(form), cookie) for form, cookie in zip(forms, brought, strict=True)]
        took_launch, answers = ask_all(port, requests)
        refused = [answer for answer in answers if answer.status != 303 or "/communities/" not in answer.location]
        if refused:
            raise RuntimeError(f"{len(refused)} launches did not arrive, the first with status {refused[0].status}")
        return took_login + took_launch, forms

    def _signed(self, person: str, login: Answer) -> dict[str, str]:
        return self._platform.launch_form(login.location, sub=person, name=f"Person {person}")
