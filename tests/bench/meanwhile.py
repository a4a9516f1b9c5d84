"""What does somebody at a page feel of a sync? The first page of a community, and a login (which writes), asked quietly
and while another process syncs 50,000 enrolments into the same database, on SQLite and on PostgreSQL.

The server has one worker; the client asks, rests a moment and asks again. Every answer that is not what it should be
counts as an error, a database that stays locked among them.
"""

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from lms_plc.house import open_house
from lms_plc.preparation import prepare
from lti.browser import new_secret
from lti.testing import PlatformInMemory
from tests.bench.installation import environment, platform_with_keys, register, settings
from tests.bench.measured import UnderWay, begun, measured
from tests.bench.postgres import on_both
from tests.bench.school import FIRST_COURSE, FIRST_PERSON, School
from tests.bench.wire import Browser, free_port, get, post, served

SCHOOL = School(courses_many=101, people_many=10_000, each=500)
"""The page is of the first course, which is synced beforehand; the others come meanwhile."""

PERSON = FIRST_PERSON + 1
WARMING = 100
QUIET = 400
REST = 0.01
LOGIN_EVERY = 5

GOAL = 1.5


@dataclass
class Felt:
    """Seconds a page and a login took, and how many answers were errors."""

    pages: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    errors: int = 0

    def __add__(self, other: "Felt") -> "Felt":
        return Felt(self.pages + other.pages, self.logins + other.logins, self.errors + other.errors)

    def __str__(self) -> str:
        pages = f"page p50 {_ms(self.pages, 50):6.1f}  p95 {_ms(self.pages, 95):6.1f}"
        logins = f"login p50 {_ms(self.logins, 50):6.1f}  p95 {_ms(self.logins, 95):6.1f}"
        return (
            f"{pages}   {logins}  worst {_ms(self.logins, 100):6.0f}   {len(self.pages):5} pages, {self.errors} errors"
        )


def main() -> None:
    on_both(_measure)


def _measure(name: str, folder: str, database_url: str | None) -> None:
    port = free_port()
    platform, keys = platform_with_keys(port)
    house = open_house(settings(folder, platform.tool_url, database_url))
    prepare(house)
    site, url = str(register(house, platform, str(FIRST_COURSE))), house.database.url
    house.database.dispose()
    measured("tests.bench.syncing:from_school", 1, SCHOOL.people_many, SCHOOL.each, url, site)
    here = environment(folder, platform.tool_url, database_url)
    with ExitStack() as stack:
        stack.enter_context(served("lms_plc.app:create_served_app", port, here))
        visitor = _Visitor(stack.enter_context(Browser(port)), platform)
        visitor.look(WARMING)  # the first answers of a server are no measure
        quiet = visitor.look(QUIET)
        numbers = (SCHOOL.courses_many, SCHOOL.people_many, SCHOOL.each)
        sync = stack.enter_context(begun("tests.bench.syncing:from_school", *numbers, url, site))
        felt = _ask_during(sync, visitor)
        cost = sync.end()
    keys.shutdown()
    keys.server_close()
    print(f"a community's first page while {SCHOOL.enrolments} enrolments are synced, {name}, milliseconds")
    print(f"  quiet          {quiet}")
    for phase, one in felt.items():
        print(f"  during {phase:7} {one}")
    whole = sum(felt.values(), Felt())
    ratio = _ms(whole.pages, 95) / _ms(quiet.pages, 95)
    print(f"  the whole sync {whole}")
    print(f"    page p95: {ratio:.2f} × quiet (goal: {GOAL}, and no error); the sync meanwhile: {cost}")


def _ask_during(sync: UnderWay, visitor: "_Visitor") -> dict[str, Felt]:
    """What was felt in each phase of a sync, as it tells of them; a request counts where it began."""
    felt: dict[str, Felt] = {}
    phase, is_over = "", False

    def listen() -> None:
        nonlocal phase, is_over
        for said in sync.lines():
            phase = said
        is_over = True

    listener = threading.Thread(target=listen)
    listener.start()
    while not is_over:
        if phase:
            visitor.ask(felt.setdefault(phase, Felt()))
        time.sleep(REST)
    listener.join()
    return felt


class _Visitor:
    """Somebody who has launched into the community of the first course, and looks at its page again and again."""

    def __init__(self, browser: Browser, platform: PlatformInMemory) -> None:
        self._browser, self._asked = browser, 0
        mark = f"plc_browser={new_secret()}"
        self._login = post("/lti/login", urlencode(platform.login_form()), mark)
        _, login = browser.ask(self._login)
        context = {"id": str(FIRST_COURSE), "label": "C", "title": "Course", "type": ["CourseSection"]}
        claims: dict[str, Any] = {"https://purl.imsglobal.org/spec/lti/claim/context": context}
        form = platform.launch_form(login.location, sub=str(PERSON), name=School.name(PERSON), **claims)
        _, launch = browser.ask(post("/lti/launch", urlencode(form), f"{mark}; {login.cookies}"))
        if "/communities/" not in launch.location:
            raise RuntimeError(f"the launch did not arrive: {launch.status}")
        self._page = get(urlsplit(launch.location).path, launch.cookies or mark)

    def ask(self, felt: Felt) -> None:
        """Asks for the page, and now and then for a login."""
        self._asked += 1
        took, page = self._browser.ask(self._page)
        felt.pages.append(took)
        felt.errors += page.status != 200
        if self._asked % LOGIN_EVERY == 0:
            took, login = self._browser.ask(self._login)
            felt.logins.append(took)
            felt.errors += login.status != 302

    def look(self, many: int) -> Felt:
        """So many pages, one after the other."""
        felt = Felt()
        for _ in range(many):
            self.ask(felt)
            time.sleep(REST)
        return felt


def _ms(seconds: list[float], per_cent: int) -> float:
    """Milliseconds that so many of a hundred did not exceed."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * per_cent // 100)] if ordered else 0.0
