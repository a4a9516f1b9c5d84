"""``lms-plc demo``: a practice LMS and this tool on one machine, connected the way an admin would connect them.

The two are different sites to a browser (``127.0.0.1`` and ``localhost``), so the frame is as foreign as in a school.
Only this file of the product knows the practice LMS.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.source import open_source
from connectors.transport import Transport
from lms_plc.communities.memberships import Because, assign_role
from lms_plc.communities.models import Placement
from lms_plc.config import read_settings
from lms_plc.core.policy import Role
from lms_plc.demo_content import live_a_little
from lms_plc.demo_people import LEADER
from lms_plc.house import House, open_house
from lms_plc.people.models import Identity
from lms_plc.preparation import prepare
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.report import summary
from lms_plc.rostersync.run import apply_sync
from lms_plc.sites.actions import Registration, SiteProblem, add_platform, connect_site
from lms_plc.sites.models import Course, Site
from lms_plc.sites.sources import open_roster

SITE = "practice"
MENTORED = ("5", "8", "13")
MENTOR = "5"
ELSEWHERE = "6"
"""The course of another school, where somebody wrote what is adapted in the first mentored one."""

_UP_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the two run. The addresses are kept in the folder's settings, so another port needs a fresh demo."""

    folder: Path
    tool_port: int = 8000
    lms_port: int = 8001

    @property
    def tool(self) -> str:
        return f"http://localhost:{self.tool_port}"

    @property
    def practice(self) -> str:
        return f"http://127.0.0.1:{self.lms_port}"

    @property
    def lms_folder(self) -> Path:
        return self.folder / "practice-lms"


def run_demo(demo: Demo, *, fresh: bool) -> None:
    """Runs until ctrl-C. A second call continues where the first one was; ``fresh`` starts over."""
    for port in (demo.tool_port, demo.lms_port):
        _require_free(port)
    if fresh:
        shutil.rmtree(demo.folder, ignore_errors=True)
    demo.folder.mkdir(parents=True, exist_ok=True)
    house = _open(demo)
    command = [sys.executable, "-m", "lms_plc.practice_lms", "--port", str(demo.lms_port)]
    practice = subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--data", str(demo.lms_folder), "--tool", demo.tool],
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # ctrl-C is ours to pass on, in order
    )
    try:
        _wait_for(demo.practice, practice)
        if not _is_connected(house):
            _connect(house, demo)
        _serve(house, demo)
    finally:
        practice.send_signal(signal.SIGTERM)
        try:
            practice.wait(timeout=10)
        except subprocess.TimeoutExpired:
            practice.kill()
        house.database.dispose()


def _open(demo: Demo) -> House:
    """The demo's own settings, whatever else the environment says."""
    file = demo.folder / "plc.env"
    if not file.exists():
        lines = {
            "PLC_BASE_URL": demo.tool,
            "PLC_LISTEN": f"127.0.0.1:{demo.tool_port}",
            "PLC_SECRET_KEY": secrets.token_urlsafe(48),
            "PLC_DATA_DIR": str(demo.folder.resolve()),
            "PLC_ALLOW_PRIVATE_HOSTS": "1",
            "PLC_TIMEZONE": "Europe/Skopje",
        }
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        file.chmod(0o600)
    for name in [name for name in os.environ if name.startswith("PLC_")]:
        del os.environ[name]
    os.environ["PLC_ENV_FILE"] = str(file.resolve())
    house = open_house(read_settings())
    prepare(house)
    return house


def _connect(house: House, demo: Demo) -> None:
    """What an admin does once: register the tool, connect the web services, sync; and a few words to read."""
    from lms_plc.practice_lms.practice import web_service_token
    from lms_plc.practice_lms.settings import Settings as PracticeSettings
    from lms_plc.practice_lms.settings import registration
    from lms_plc.practice_lms.state import State

    values = registration(PracticeSettings(demo.lms_folder, demo.practice, demo.tool))
    token = web_service_token(State(demo.lms_folder))
    with house.database.write() as session:
        add_platform(session, SITE, Registration(**values), house.clock(), allow_http=True)
    with Transport(allow_private_hosts=True) as transport:
        probe = open_source("moodle", demo.practice, token, transport).probe()
    if not probe.ready:
        raise SiteProblem("The practice LMS does not let its own token read everything.")
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name=SITE,
            url=demo.practice,
            connector="moodle",
            token=token,
            seal=house.seal,
            title=probe.site.name,
            release=probe.site.release,
            ws_user=probe.site.user_id,
            at=house.clock(),
        )
    with open_roster(house, site_id) as source:
        outcome = apply_sync(house.database, site_id, source, Options(all_courses=True), house.clock)
    click.echo(f"First sync. {summary(outcome)}")
    with house.database.write() as session:
        _appoint(session, house, site_id)
        here, elsewhere = (_placed(session, site_id, course) for course in (MENTORED[0], ELSEWHERE))
    live_a_little(house, site_id, here, elsewhere)


def _is_connected(house: House) -> bool:
    with house.database.read() as connection:
        return connection.execute(select(Site.connected_at).where(Site.name == SITE)).scalar_one_or_none() is not None


def _serve(house: House, demo: Demo) -> None:
    from lms_plc.serving import serve

    click.echo(
        f"""
  The practice LMS:   {demo.practice}
  This tool:          {demo.tool}

  To try: open the practice LMS, choose who you are today, open a course and click “Our learning community”.
  The one in Veles has been at it for a while; Aoife O'Mahony, a teacher there, reads English.
  Write something. Then open the practice LMS in a second tab as somebody else of the same course, and answer.
  As the practice LMS's admin you can enrol, suspend or rename people; bring that over with
      PLC_ENV_FILE={_near(os.environ["PLC_ENV_FILE"])} {_near(sys.argv[0])} sync plan      (then: sync apply)

  ctrl-C stops both. The next `make demo` goes on where you were; `make demo FRESH=1` starts over.
"""
    )
    house.database.dispose()
    serve(with_worker=True)


def _near(path: str) -> str:
    """As one would type it from here."""
    return os.path.relpath(path)


def _placed(session: Session, site_id: UUID, course: str) -> UUID:
    """The community of one of the practice LMS's courses."""
    return session.execute(
        select(Placement.community_id)
        .join(Course, Course.id == Placement.course_id)
        .where(Course.site_id == site_id, Course.lms_id == course)
    ).scalar_one()


def _appoint(session: Session, house: House, site_id: UUID) -> None:
    """Who leads the first community, and a programme's mentor, with an end date; no LMS knows such roles."""
    because = Because(house.clock(), "cli")
    leader, mentor = (_person(session, site_id, subject) for subject in (LEADER, MENTOR))
    assign_role(session, site_id, _placed(session, site_id, MENTORED[0]), leader, Role.FACILITATOR, because)
    until = because.at + timedelta(days=240)
    for course in MENTORED:
        assign_role(session, site_id, _placed(session, site_id, course), mentor, Role.MENTOR, because, until=until)


def _person(session: Session, site_id: UUID, subject: str) -> UUID:
    return session.execute(
        select(Identity.person_id).where(Identity.site_id == site_id, Identity.subject == subject)
    ).scalar_one()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SiteProblem(
                f"Something is running on port {port} already. Stop it, or choose other ports: lms-plc demo --help"
            )


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _UP_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            requests.get(address, timeout=2)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise SiteProblem(f"{address} did not come up.")
