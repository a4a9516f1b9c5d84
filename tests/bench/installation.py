"""A tool set up for measuring, and a platform whose people can launch into it; both know of each other by hand."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

from lms_plc.communities.founding import found_community
from lms_plc.config import Settings
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.sites.actions import Registration, add_platform
from lms_plc.sites.models import Course
from lti.testing import PlatformInMemory

SECRET_KEY = "a key for measuring, long enough to be one"


def platform_with_keys(tool_port: int) -> tuple[PlatformInMemory, ThreadingHTTPServer]:
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


def settings(folder: str, tool_url: str, database_url: str | None = None) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        base_url=tool_url,
        secret_key=SECRET_KEY,  # type: ignore[arg-type]
        data_dir=Path(folder),
        database_url=database_url,
        allow_private_hosts=True,
    )


def environment(folder: str, tool_url: str, database_url: str | None = None) -> dict[str, str]:
    """The same settings for a process of its own."""
    said = {
        "PLC_BASE_URL": tool_url,
        "PLC_SECRET_KEY": SECRET_KEY,
        "PLC_DATA_DIR": folder,
        "PLC_ALLOW_PRIVATE_HOSTS": "1",
        "PLC_ENV_FILE": "",
    }
    return said if database_url is None else {**said, "PLC_DATABASE_URL": database_url}


def register(house: House, platform: PlatformInMemory, course: str) -> UUID:
    """Makes the platform known, with a community in one of its courses; the site's id."""
    at, known = datetime.now(UTC), platform.registration
    registration = Registration(
        known.issuer, known.client_id, known.auth_url, known.token_url, known.jwks_url, deployment_id="1"
    )
    with house.database.write() as session:
        site_id = add_platform(session, "bench", registration, at, allow_http=True)
        course_id = new_id()
        session.add(Course(id=course_id, site_id=site_id, lms_id=course, title="Course", created_at=at))
        session.flush()
        found_community(session, site_id=site_id, course_id=course_id, name="Community", at=at, via="cli")
    return site_id
