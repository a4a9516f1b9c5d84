"""What do all tests share? Fresh databases of both kinds, the house open on one, and an LMS that launches into it."""

import gc
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import hypothesis
import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, NullPool, create_engine, event, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms_plc import jobs, migrations
from lms_plc.app import create_app
from lms_plc.config import Settings
from lms_plc.core import database as core_database
from lms_plc.house import House, open_house
from lms_plc.preparation import prepare
from lms_plc.sites.actions import Registration, add_platform
from lti.claims import DEEP_LINKING, LTI
from lti.testing import PlatformInMemory

# the machine is shared: how long an example takes says nothing about the code
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


AS_SHIPPED = {"LASTING": core_database.LASTING, "BRIEF": core_database.BRIEF}
core_database.LASTING = core_database.BRIEF = "OFF"  # disks are slow, and a test's database need not survive the test


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end. Looking through all of them for rubbish again and again would take a
    quarter of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is measured on SQLite. It takes a third of a test's time, and on PostgreSQL the same lines run."""
    known = {item.nodeid for item in items}
    for item in items:
        if "postgresql" in item.nodeid and item.nodeid.replace("postgresql", "sqlite") in known:
            item.add_marker("no_cover")


class KeptInMemory(BytecodeCache):
    """Templates as they were compiled first: nearly every test has an app of its own, and all have the same pages."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(f"{bucket.key}{bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._code[f"{bucket.key}{bucket.checksum}"] = bucket.code


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptInMemory()}

_compile = Rule.compile
_routes: dict[object, Rule] = {}


def _compiled_once(self: Rule) -> None:
    """A route as it was compiled for the first app: making an app is mostly this."""
    assert self.map is not None
    defaults = tuple(sorted((self.defaults or {}).items()))
    key = (self.rule, self.host, self.subdomain, self.merge_slashes, self.map.host_matching, defaults)
    known = _routes.get(key)
    if known is None:
        _compile(self)
        _routes[key] = self
        return
    self._parts, self._trace, self._converters = known._parts, known._trace, known._converters
    self.arguments = known.arguments
    self._build = known._build.__func__.__get__(self)  # type: ignore[attr-defined]
    self._build_unknown = known._build_unknown.__func__.__get__(self)  # type: ignore[attr-defined]


Rule.compile = _compiled_once  # type: ignore[method-assign]

TOOL = "https://plc.example.org"
LMS = "https://moodle.example.org"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BACKENDS = ("sqlite", "postgresql")

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


def postgresql_tools() -> Path:
    """Where PostgreSQL's programs are; the tests need a real server and say so when there is none."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.fail("PostgreSQL is missing; run: apt-get install postgresql", pytrace=False)
    return found[-1]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A server of our own on a socket in a new folder; gives its URL up to the name of the database."""
    tools = postgresql_tools()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_postgres: list[str] = []
    if os.geteuid() == 0:  # the server refuses to be root
        shutil.chown(folder, "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", str(20000 + os.getpid() % 20000)
    options = f"-k {folder} -p {port} -c listen_addresses='' -c fsync=off -c max_connections=200"

    def tool(name: str, *args: str) -> None:
        command = [*as_postgres, str(tools / name), *args]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    tool("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    tool("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}&port={port}"
    finally:
        tool("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def _create_database(server: str, template: str = "template1") -> str:
    name = f"t{uuid4().hex}"
    engine = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return name


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'plc.db'}"
    server: str = request.getfixturevalue("postgresql_server")
    return server.format(_create_database(server))


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy: migrating anew for every test would take most of the suite's time."""
    folder = tmp_path_factory.mktemp("prepared")
    house = open_house(settings_for(f"sqlite:///{folder / 'plc.db'}", folder))
    prepare(house)
    house.database.dispose()
    return folder / "plc.db"


@pytest.fixture(scope="session")
def prepared_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = _create_database(postgresql_server)
    house = open_house(settings_for(postgresql_server.format(name), tmp_path_factory.mktemp("prepared")))
    prepare(house)
    house.database.dispose()
    return name


class Spares:
    """Prepared databases of PostgreSQL, each used by one test after the other: making one takes 300 times as long as
    emptying it. One whose schema a test has changed is thrown away."""

    USES = 100
    """So often a database is used; what was deleted stays in its files."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[tuple[str, int]] = []
        with self._engine(template).connect() as connection:
            tables = connection.execute(text(_TABLES)).scalars().all()
            self._schema = connection.execute(text(_SCHEMA)).scalar_one()
            rows = {one: connection.execute(text(f"SELECT r::text FROM {one} r")).scalars().all() for one in tables}
        self._filled = {table: [{"row": row} for row in written] for table, written in rows.items() if written}
        self._empty = "SET session_replication_role = replica; " + "; ".join(f"DELETE FROM {name}" for name in tables)

    def take(self) -> tuple[str, int]:
        return self._free.pop() if self._free else (_create_database(self._server, self._template), 0)

    def give_back(self, name: str, uses: int) -> None:
        with self._engine(name).begin() as connection:
            connection.execute(text(_HANG_UP), {"name": name})
            if uses >= self.USES or connection.execute(text(_SCHEMA)).scalar_one() != self._schema:
                return
            connection.execute(text(self._empty))
            for table, rows in self._filled.items():
                connection.execute(text(f"INSERT INTO {table} SELECT (CAST(:row AS {table})).*"), rows)
        self._free.append((name, uses + 1))

    def _engine(self, name: str) -> Engine:
        return create_engine(self._server.format(name), poolclass=NullPool)


_OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
_TABLES = f"""
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND {_OURS}
"""
_SCHEMA = f"""
    SELECT md5(string_agg(concat_ws(' ', n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY 1))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND {_OURS}
"""
_HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"


@pytest.fixture(scope="session")
def spares(postgresql_server: str, prepared_postgresql: str) -> Spares:
    return Spares(postgresql_server, prepared_postgresql)


@pytest.fixture(params=BACKENDS)
def prepared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the current schema, once of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("prepared_sqlite"), tmp_path / "plc.db")
        yield f"sqlite:///{tmp_path / 'plc.db'}"
        return
    spares: Spares = request.getfixturevalue("spares")
    name, uses = spares.take()
    server: str = request.getfixturevalue("postgresql_server")
    yield server.format(name)
    spares.give_back(name, uses)


def settings_for(url: str, folder: Path, **more: object) -> Settings:
    given = {"base_url": TOOL, "secret_key": "a key for tests, long enough to be one", "data_dir": folder, **more}
    return Settings(_env_file=None, database_url=url, **given)  # type: ignore[call-arg,arg-type]


class MovingClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def house(prepared_url: str, tmp_path: Path, clock: MovingClock) -> Iterator[House]:
    """The house, open on a prepared database of either kind."""
    opened = open_house(settings_for(prepared_url, tmp_path), clock=clock)
    yield opened
    opened.database.dispose()


@pytest.fixture
def app(house: House, clock: MovingClock) -> Iterator[Flask]:
    """The web side of that house."""
    made = create_app(house.settings, clock=clock)
    made.config["TESTING"] = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    yield made
    made.extensions["plc"].database.dispose()


@pytest.fixture
def edge() -> Iterator[responses.RequestsMock]:
    """The edge of the network: what is not stubbed here is refused."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stubbed:
        yield stubbed


@dataclass
class Visitor:
    """Somebody at a browser of their own, who comes by real launches of ``lms``."""

    lms: "LaunchingLms"
    client: FlaskClient
    seat: str = ""
    pages: dict[str, str] = field(default_factory=dict)

    def launch(self, subject: str, course: str = "5", **claims: object) -> TestResponse:
        """Login, authorisation and launch; the answer is the last one, before its redirect is followed."""
        form = self.lms.platform.login_form(login_hint=subject)
        login = self.client.post("/lti/login", data=form, base_url=TOOL)
        assert login.status_code == 302, login.text
        fields = self.lms.platform.launch_form(login.location, **self.lms.claims(subject, course, **claims))
        answer = self.client.post("/lti/launch", data=fields, base_url=TOOL, headers={"Origin": LMS})
        if answer.status_code == 303:
            self.seat = urlsplit(answer.location).path.split("/")[2]
        return answer

    def choose(
        self, subject: str, course: str = "5", *, asked: dict[str, object] | None = None, **claims: object
    ) -> TestResponse:
        """Begins to choose what to place in a course; ``asked`` adds to what the platform says it takes."""
        settings = {
            "deep_link_return_url": f"{LMS}/mod/lti/contentitem_return.php?course={course}&sesskey=EXAMPLE",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
            **(asked or {}),
        }
        said = {
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "resource_link": None,
            DEEP_LINKING + "deep_linking_settings": settings,
        }
        return self.launch(subject, course, **{"roles": [INSTRUCTOR], **said, **claims})

    def review(self, subject: str, about: str, course: str = "5", *, placed: object, **claims: object) -> TestResponse:
        """Opens what somebody did with a placed link, out of the grade book."""
        said = {
            LTI + "message_type": "LtiSubmissionReviewRequest",
            LTI + "for_user": {"user_id": about},
            LTI + "target_link_uri": f"{TOOL}/placed/{placed}",
        }
        return self.launch(subject, course, **{"roles": [INSTRUCTOR], **said, **claims})

    def get(self, path: str, **options: object) -> TestResponse:
        """A page of this person; ``path`` begins after the seat."""
        return self.client.get(self._here(path), base_url=TOOL, **options)  # type: ignore[arg-type]

    def post(self, path: str, data: dict[str, object] | None = None, **options: object) -> TestResponse:
        """Sends a form as the page would, with its token and the browser's headers."""
        headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}  # type: ignore[dict-item]
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(self._here(path), data=form, base_url=TOOL, headers=headers, **options)  # type: ignore[arg-type]

    def token(self) -> str:
        """The token the pages of this seat carry."""
        house: House = self.client.application.extensions["plc"]
        from lms_plc.people.seats import cookie_browser, find_seat, form_token

        cookie = self.client.get_cookie("__Host-plc_browser", domain=urlsplit(TOOL).hostname or "")
        assert cookie is not None
        with house.database.read() as connection:
            seat = find_seat(connection, cookie_browser(cookie.value), self.seat, house.clock())
        assert seat is not None
        return form_token(house.settings.secret_key.get_secret_value(), seat)

    def _here(self, path: str) -> str:
        return path if path.startswith(("/s/", "/lti/", "http")) else f"/s/{self.seat}{path}"


@dataclass
class LaunchingLms:
    """A platform registered in the house, whose people can launch."""

    platform: PlatformInMemory
    house: House
    site_id: UUID
    titles: dict[str, str] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def claims(self, subject: str, course: str, **claims: object) -> dict[str, object]:
        """Claims as Moodle sends them; a name follows from the subject unless given."""
        lti = "https://purl.imsglobal.org/spec/lti/claim/"
        said: dict[str, object] = {
            "sub": subject,
            "name": f"Person {subject}",
            lti + "roles": [LEARNER],
            lti + "context": {
                "id": course,
                "label": f"C-{course}",
                "title": self.titles.get(course, f"Course {course}"),
                "type": ["CourseSection"],
            },
        }
        for name in ("roles", "context", "custom", "deployment_id", "launch_presentation"):
            if name in claims:
                said[lti + name] = claims.pop(name)
        return {**said, **claims}


@pytest.fixture
def lms(house: House, clock: MovingClock, edge: responses.RequestsMock) -> LaunchingLms:
    """An LMS, registered and approved by hand, whose key set is at the edge of the network."""
    platform = PlatformInMemory(issuer=LMS, client_id="plc-client", tool_url=TOOL, clock=clock)
    registered = platform.registration
    with house.database.write() as session:
        site_id = add_platform(
            session,
            "moodle",
            Registration(
                registered.issuer,
                registered.client_id,
                registered.auth_url,
                registered.token_url,
                registered.jwks_url,
                deployment_id="1",
            ),
            clock(),
            allow_http=False,
        )
    edge.get(registered.jwks_url, json=platform.fetch(registered.jwks_url))
    return LaunchingLms(platform, house, site_id)


@pytest.fixture
def visitor(app: Flask, lms: LaunchingLms) -> Callable[[], Visitor]:
    """``visitor()``: a new browser."""
    return lambda: Visitor(lms, app.test_client())


@pytest.fixture
def at_work(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``at_work(register, …)``: a worker that knows these jobs does all that is asked for, and goes home."""
    monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
    monkeypatch.setattr(jobs, "_timetable", {})

    def work(*registers: Callable[[House], None]) -> None:
        for register in registers:
            register(house)
        stop = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            worker = thread.submit(jobs.run_worker, house.database, stop=stop, beat=0.1)
            try:
                _wait_until_idle(house)
            finally:
                stop.set()
                worker.result()

    return work


def _wait_until_idle(house: House) -> None:
    latest = time.monotonic() + 90
    looks = 0
    while looks < 2:  # what one job asks for is done as well
        with house.database.read() as connection:
            now = jobs.state(connection)
        looks = looks + 1 if now.workers and now.waiting == now.running == 0 else 0
        assert time.monotonic() < latest, f"jobs were not done in time: {now}"
        time.sleep(0.3)


@pytest.fixture
def statements(house: House, app: Flask) -> Iterator[list[str]]:
    """Every SQL statement the web side sends from now on; clear the list where counting begins."""
    sent: list[str] = []
    database = app.extensions["plc"].database

    def hear(*said: object) -> None:
        sent.append(str(said[2]))

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", hear)
    database.hear = sent.append
    yield sent
    database.hear = None
    for engine in database.engines:
        event.remove(engine, "before_cursor_execute", hear)


def require_current(house: House) -> None:
    migrations.require_current(house.database)
