"""Running: web processes, workers, and one command for both."""

import signal
import subprocess
import sys
import time
from datetime import timedelta

import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lms_plc.actionitems import job as actionitems_job
from lms_plc.alarms import ringing
from lms_plc.classdata import job as grades_job
from lms_plc.files import job as files_job
from lms_plc.house import House
from lms_plc.jobs import Steps, job, run_worker, schedule
from lms_plc.logs import write_logs
from lms_plc.meetings import asking as meetings_asking
from lms_plc.moderation import telling as moderation_job
from lms_plc.notifications import job as notification_job
from lms_plc.peers import quiet
from lms_plc.people.seats import clear_expired as clear_seats
from lms_plc.placing import settling, telling
from lms_plc.practicechanges import job as practicechanges_job
from lms_plc.rostersync import job as roster_job
from lms_plc.searching import reindexing
from lms_plc.series import laying
from lms_plc.sites import notices
from lms_plc.sites.stores import clear_expired as clear_logins
from lms_plc.sites.stores import rotate_when_old
from lms_plc.writeback import job as push_job

log = structlog.get_logger("lms_plc.serving")

RESTART_AFTER = 2.0
"""Seconds before a program that fell over is started again."""

TOO_SOON = 5.0
"""A web side that ends so soon after its start (seconds) will not do better the next time."""

PATIENCE = 20.0
"""Seconds a program has to finish what it is in before it is killed; nothing is lost by that."""


class CannotServe(Exception):
    """The web side does not start; it has said why."""


def serve(*, with_worker: bool) -> None:
    """Serves pages until ctrl-C or SIGTERM, with a worker beside it; both stop cleanly. Raises CannotServe.

    Each is a program of its own, so that a crash in a job takes no page with it, and in a session of its own: a ctrl-C
    at the terminal would otherwise reach the server's processes and their parent at once, which they do not bear.
    """
    told: list[int] = []
    before = {number: signal.signal(number, lambda told_by, _: told.append(told_by)) for number in _STOPS}
    running = {name: _Running(name) for name in ("web", *(["worker"] if with_worker else []))}
    try:
        while not told:
            time.sleep(0.1)
            for one in running.values():
                one.look_after()
    finally:
        for one in running.values():
            one.process.terminate()
        for one in running.values():
            one.end()
        for number, handler in before.items():
            signal.signal(number, handler)


_STOPS = (signal.SIGINT, signal.SIGTERM)


class _Running:
    """One of our programs, started again when it falls."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "lms_plc", self.name]
        self.process = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program
        self.started = time.monotonic()

    def look_after(self) -> None:
        code = self.process.poll()
        if code is None:
            return
        lived = time.monotonic() - self.started
        if self.name == "web" and lived < TOO_SOON:
            raise CannotServe("The web side ended as soon as it was started; the lines above say why.")
        if lived >= RESTART_AFTER:
            log.warning("ended and is started again", program=self.name, code=code)
            self._start()

    def end(self) -> None:
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve_pages(house: House) -> None:
    """The web side alone, until SIGTERM."""
    address, _, port = house.settings.listen.rpartition(":")
    write_logs(house.settings.log_format)
    Granian(
        "lms_plc.app:create_served_app",
        factory=True,
        address=address,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=house.settings.web_workers,
        # LMS calls happen in workers, so a page never waits; but a photo takes minutes to come in over a slow line, and
        # whoever reads meanwhile must not wait for it
        blocking_threads=16,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


def work(house: House) -> None:
    """Does jobs until SIGTERM or SIGINT."""
    write_logs(house.settings.log_format)
    register_jobs(house)
    run_worker(house.database)


def register_jobs(house: House) -> None:
    """Every job of the house."""
    roster_job.register(house)
    push_job.register(house)
    ringing.register(house)
    telling.register(house)
    settling.register(house)
    notices.register(house)
    moderation_job.register(house)
    quiet.register(house)
    notification_job.register(house)
    actionitems_job.register(house)
    practicechanges_job.register(house)
    meetings_asking.register(house)
    laying.register(house)
    files_job.register(house)
    reindexing.register(house)
    grades_job.register(house)

    @job("clear-expired", one_per=())
    def clear(steps: Steps) -> None:
        steps.run("logins and tickets", _clear_logins, house)
        steps.run("seats", _clear_seats, house)

    @job("rotate-tool-keys", one_per=())
    def rotate(steps: Steps) -> None:
        steps.run("rotate what is old", rotate_when_old, house)

    schedule("clear-expired", every=timedelta(minutes=15))
    schedule("rotate-tool-keys", every=timedelta(days=1))


def _clear_logins(house: House) -> None:
    clear_logins(house.database, house.clock)


def _clear_seats(house: House) -> None:
    with house.database.write() as session:
        clear_seats(session, house.clock())
