"""Running: web processes, workers, and one command for both."""

import subprocess
import sys
import threading
from datetime import timedelta

import structlog
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lms_plc.house import House
from lms_plc.jobs import Steps, job, run_worker, schedule
from lms_plc.logs import write_logs
from lms_plc.people.seats import clear_expired as clear_seats
from lms_plc.rostersync import job as roster_job
from lms_plc.sites.stores import clear_expired as clear_logins

log = structlog.get_logger("lms_plc.serving")

_RESTART_AFTER = 2.0
"""Seconds before a worker that fell over is started again."""


def serve(house: House, *, with_worker: bool) -> None:
    """Serves pages until ctrl-C or SIGTERM, with a worker beside it; both stop cleanly."""
    address, _, port = house.settings.listen.rpartition(":")
    write_logs(house.settings.log_format)
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stop,), daemon=True) if with_worker else None
    if keeper:
        keeper.start()
    try:
        Granian(
            "lms_plc.app:create_app",
            factory=True,
            address=address or "127.0.0.1",
            port=int(port),
            interface=Interfaces.WSGI,
            workers=house.settings.web_workers,
            # LMS calls happen in workers, so a page never waits: one thread is fastest
            blocking_threads=1,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            log_access=False,
        ).serve()
    finally:
        stop.set()
        if keeper:
            keeper.join(timeout=30)


def work(house: House) -> None:
    """Does jobs until SIGTERM or SIGINT."""
    write_logs(house.settings.log_format)
    register_jobs(house)
    run_worker(house.database)


def register_jobs(house: House) -> None:
    """Every job of the house."""
    roster_job.register(house)

    @job("clear-expired", one_per=())
    def clear(steps: Steps) -> None:
        steps.run("logins and tickets", _clear_logins, house)
        steps.run("seats", _clear_seats, house)

    schedule("clear-expired", every=timedelta(minutes=15))


def _clear_logins(house: House) -> None:
    clear_logins(house.database, house.clock)


def _clear_seats(house: House) -> None:
    with house.database.write() as session:
        clear_seats(session, house.clock())


def _keep_worker(stop: threading.Event) -> None:
    """A worker in a process of its own: a crash in a job takes no page with it."""
    while not stop.is_set():
        process = subprocess.Popen([sys.executable, "-m", "lms_plc", "worker"])  # noqa: S603 - our own program
        while process.poll() is None and not stop.wait(0.2):
            pass
        if stop.is_set():
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
            return
        log.warning("the worker ended and is started again", code=process.returncode)
        stop.wait(_RESTART_AFTER)
