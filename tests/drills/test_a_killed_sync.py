"""Kill −9 of a worker in mid-sync: another one goes on at the page, nothing is repeated, nothing is lost."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from lms_plc import jobs
from lms_plc.communities.founding import found_community
from lms_plc.communities.models import Membership
from lms_plc.core.activity import Event
from lms_plc.core.ids import new_id
from lms_plc.house import House, open_house
from lms_plc.practice_lms import Practice
from lms_plc.rostersync import job as roster_job
from lms_plc.rostersync.models import SyncPage, SyncRun
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Course
from lms_plc.sites.syncing import ask_for_sync
from tests.conftest import settings_for

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("drills")]

PEOPLE = 4000
ACTIVE = sum(n % 83 != 82 for n in range(PEOPLE))
"""The practice LMS suspends every 83rd person of its big course."""

SLOWLY = 0.15
"""Seconds the LMS takes for a page, so that there is a middle to be killed in."""


Drilled = tuple[House, dict[str, str]]


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Not a word."""


class SlowLms:
    """A practice LMS on a real socket that takes its time and remembers which pages it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str, str]] = []
        self.practice = Practice(folder)
        self.course = self.practice.big_course(PEOPLE)

    def __call__(self, environ: dict[str, object], start: Callable[..., object]) -> object:
        body = Request(environ).get_data(cache=False)
        environ["wsgi.input"] = BytesIO(body)
        form = dict(parse_qsl(body.decode()))
        if form.get("wsfunction") == "core_enrol_get_enrolled_users":
            self.asked.append(_page(form))
            time.sleep(SLOWLY)
        return self.practice.app(environ, start)  # type: ignore[arg-type]


@contextmanager
def served(lms: SlowLms) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lms, threaded=True, request_handler=_Quiet)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _page(form: dict[str, str]) -> tuple[str, str]:
    """Which walk, from where: the options of a call, read from Moodle's flattened arguments."""
    names = {form[key]: form[key.replace("[name]", "[value]")] for key in form if key.endswith("[name]")}
    walk = "active" if names.get("onlyactive") == "1" else "suspended"
    return f"{walk} {names.get('userfields', '')}", names.get("limitfrom", "0")


@pytest.fixture
def drilled(
    prepared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, dict[str, str]]]:
    """The house, and the environment a worker process of it needs."""
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})
    settings = settings_for(
        prepared_url, tmp_path, base_url="http://localhost:8000", allow_private_hosts=True, sync_every_minutes=10_000
    )
    house = open_house(settings)
    roster_job.register(house)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PLC_")},
        "PLC_BASE_URL": settings.base_url,
        "PLC_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PLC_DATA_DIR": str(tmp_path),
        "PLC_DATABASE_URL": prepared_url,
        "PLC_ALLOW_PRIVATE_HOSTS": "1",
        "PLC_SYNC_EVERY_MINUTES": "10000",
    }
    yield house, environment
    house.database.dispose()


def _worker(environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "lms_plc", "worker"], env=environment, cwd=folder)


def _until(what: str, true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.02)


def test_a_sync_whose_worker_is_killed_goes_on_at_the_page_and_ends_as_if_nothing_had_happened(
    drilled: Drilled, tmp_path: Path
) -> None:
    house, environment = drilled
    lms = SlowLms(tmp_path / "lms")
    with served(lms) as address:
        site_id = _connected(house, lms, address)
        with house.database.write() as session:
            ask_for_sync(session, site_id, asked_by="desk")

        first = _worker(environment, tmp_path)
        try:
            _until("three pages are stored", lambda: _count(house, SyncPage) >= 3)
        finally:
            first.kill()
            first.wait()
        stored = _count(house, SyncPage)
        asked_before = list(lms.asked)
        assert _count(house, Membership) == 0, "nothing is applied before everything is read"

        second = _worker(environment, tmp_path)
        try:
            _until("the run is done", lambda: _states(house) == ["done"])
            _until("pages are forgotten", lambda: _count(house, SyncPage) == 0)
        finally:
            second.terminate()
            second.wait()

    assert stored >= 3
    asked_after = lms.asked[len(asked_before) :]
    first_page = asked_before[0]
    assert first_page not in asked_after, "the second worker began at the page, not at the beginning"
    assert _states(house) == ["done"], "one run, taken up, not two"
    assert _count(house, Membership) == ACTIVE, "everybody who is active is a member, nobody twice"
    assert _events(house) == ACTIVE, "each membership began once"


def _connected(house: House, lms: SlowLms, address: str) -> UUID:
    """A site whose web services are connected, with a community placed in its big course."""
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name="practice",
            url=address,
            connector="moodle",
            token=lms.practice.web_service_token,
            seal=house.seal,
            title="Practice",
            release="4.5",
            ws_user="3",
            at=house.clock(),
        )
        course = Course(id=new_id(), site_id=site_id, lms_id=str(lms.course.id), title="Big", created_at=house.clock())
        session.add(course)
        session.flush()
        found_community(session, site_id=site_id, course_id=course.id, name="Big", at=house.clock(), via="cli")
    return site_id


def _count(house: House, row: type) -> int:
    with house.database.read() as connection:
        return connection.execute(select(func.count()).select_from(row)).scalar_one()


def _states(house: House) -> list[str]:
    with house.database.read() as connection:
        return list(connection.execute(select(SyncRun.state).order_by(SyncRun.id)).scalars())


def _events(house: House) -> int:
    with house.database.read() as connection:
        began = select(func.count(Event.thing_id.distinct())).where(Event.verb == "membership.started")
        total = select(func.count()).where(Event.verb == "membership.started")
        distinct, every = connection.execute(began).scalar_one(), connection.execute(total).scalar_one()
    assert distinct == every
    return every
