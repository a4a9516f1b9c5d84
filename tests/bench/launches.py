"""Launches a second: the whole launch (login, launch, arrive, redirect) against an empty view plus one verification.

The platform's signing is not measured: all logins are asked first, then every token is signed, then all launches are
posted. A launch's time is the time of its login plus the time of its launch.
"""

import json
import tempfile
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

from lms_plc.communities.founding import found_community
from lms_plc.config import Settings
from lms_plc.core.ids import new_id
from lms_plc.house import House, open_house
from lms_plc.preparation import prepare
from lms_plc.sites.actions import Registration, add_platform
from lms_plc.sites.models import Course
from lti.browser import new_secret
from lti.testing import PlatformInMemory
from tests.bench.wire import ask_all, free_port, post, served

LAUNCHES = 1500
PEOPLE = 100
COURSE = "5"
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tool_port, peer_port = free_port(), free_port()
        platform, keys = _platform(tool_port)
        settings = {
            "PLC_BASE_URL": platform.tool_url,
            "PLC_SECRET_KEY": "a key for measuring, long enough to be one",
            "PLC_DATA_DIR": folder,
            "PLC_ALLOW_PRIVATE_HOSTS": "1",
            "PLC_ENV_FILE": "",
        }
        house = open_house(_settings(folder, platform.tool_url))
        prepare(house)
        _register(house, platform)
        with (
            served("lms_plc.app:create_app", tool_port, settings),
            served(
                "tests.bench.peers:empty_view_with_one_verification",
                peer_port,
                {"BENCH_KEYS": json.dumps(platform.jwks())},
            ),
        ):
            _whole_launches(platform, tool_port, PEOPLE)  # everybody has been here before
            ours, peers = [], []
            for _ in range(ROUNDS):
                took, tokens = _whole_launches(platform, tool_port, LAUNCHES)
                ours.append(LAUNCHES / took)
                alone, answers = ask_all(peer_port, [post("/lti/launch", urlencode(form)) for form in tokens])
                assert all(answer.status == 204 for answer in answers), "the peer refused a token"
                peers.append(LAUNCHES / alone)
        keys.shutdown()
        keys.server_close()
        house.database.dispose()
    mine, theirs = sorted(ours)[ROUNDS // 2], sorted(peers)[ROUNDS // 2]
    print("launches a second, one worker, SQLite, median of", ROUNDS)
    print(f"  whole launch (two requests, three commits)     {mine:8.0f}")
    print(f"  empty view + one RS256 verification (one)      {theirs:8.0f}")
    print(f"  ratio                                          {mine / theirs:8.2f}")


def _whole_launches(platform: PlatformInMemory, port: int, many: int) -> tuple[float, list[dict[str, str]]]:
    """Seconds that ``many`` whole launches took, and the forms they were made with."""
    marks = [new_secret() for _ in range(many)]
    login = urlencode(platform.login_form())
    took_login, redirects = ask_all(port, [post("/lti/login", login, f"plc_browser={mark}") for mark in marks])
    forms = [_signed(platform, number, redirect.location) for number, redirect in enumerate(redirects)]
    launches = [
        post("/lti/launch", urlencode(form), f"plc_browser={mark}") for form, mark in zip(forms, marks, strict=True)
    ]
    took_launch, answers = ask_all(port, launches)
    refused = [answer for answer in answers if answer.status != 303 or "/communities/" not in answer.location]
    if refused:
        raise RuntimeError(f"{len(refused)} launches did not arrive, the first with status {refused[0].status}")
    return took_login + took_launch, forms


def _signed(platform: PlatformInMemory, number: int, location: str) -> dict[str, str]:
    person = str(number % PEOPLE)
    return platform.launch_form(location, sub=person, name=f"Person {person}")


def _platform(tool_port: int) -> tuple[PlatformInMemory, ThreadingHTTPServer]:
    """A platform whose key set is really served, on this machine."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(platform.jwks()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    issuer = f"http://127.0.0.1:{server.server_port}"
    platform = PlatformInMemory(issuer=issuer, tool_url=f"http://localhost:{tool_port}")
    return platform, server


def _settings(folder: str, tool_url: str) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        base_url=tool_url,
        secret_key="a key for measuring, long enough to be one",  # type: ignore[arg-type]
        data_dir=Path(folder),
        allow_private_hosts=True,
    )


def _register(house: House, platform: PlatformInMemory) -> None:
    at, known = datetime.now(UTC), platform.registration
    registration = Registration(
        known.issuer, known.client_id, known.auth_url, known.token_url, known.jwks_url, deployment_id="1"
    )
    with house.database.write() as session:
        site_id = add_platform(session, "bench", registration, at, allow_http=True)
        course_id = new_id()
        session.add(Course(id=course_id, site_id=site_id, lms_id=COURSE, title="Course", created_at=at))
        session.flush()
        found_community(session, site_id=site_id, course_id=course_id, name="Community", at=at, via="cli")
