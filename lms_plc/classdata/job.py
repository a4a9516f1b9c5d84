"""Fetching the totals of a grade book, in a worker: no page waits for an LMS.

What comes is kept, or why nothing came is said, in one transaction with the pull's state. A worker that is killed in
between has stored nothing, and the next one asks the LMS again.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Connection

from connectors.errors import ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.outcomes import Outcome, OutcomeSource
from lms_plc import jobs
from lms_plc.classdata import gradebook, tables
from lms_plc.classdata.gradebook import ONE_PER, PULLING, QUEUE, Asked, CannotPull
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.policy import NotAllowed as Forbidden
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import House
from lms_plc.jobs import Steps
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.sources import open_roster

log = structlog.get_logger("lms_plc.classdata")

_PROBLEM_OF: tuple[tuple[type[ConnectorError], str], ...] = (
    (Unavailable, gradebook.SILENT),
    (Refused, gradebook.REFUSED),
    (NotAllowed, gradebook.NOT_ALLOWED),
    (NotFound, gradebook.GONE),
    (ConnectorError, gradebook.ODD),
)


def register(house: House) -> None:
    """Makes the job known to this worker."""

    @jobs.job(PULLING, queue=QUEUE, one_per=ONE_PER)
    def pull(steps: Steps, grade_pull_id: str) -> None:
        steps.run("pull", pull_grades, house, grade_pull_id)


def pull_grades(house: House, grade_pull_id: str) -> str | None:
    """Does what was asked for; the id of the data set, or None where nothing came of it or it was done before."""
    with house.database.read() as connection:
        pull = gradebook.asked(connection, UUID(grade_pull_id))
        if pull is None:
            return None
        taught = dict(gradebook.courses_taught(connection, pull.asked_by_id, pull.community_id))
        may_add = _may_add(connection, pull, house.clock())
    try:
        if pull.course_id not in taught or not may_add:
            raise CannotPull(gradebook.NOT_TEACHING)
        table, total = _read(house, pull)
    except CannotPull as failed:
        _fail(house, pull, failed.problem)
        return None
    return _keep(house, pull, table, total)


def _may_add(connection: Connection, pull: Asked, at: datetime) -> bool:
    """Whether who asked is still in the community; whoever is not brings nothing there any more, and no page tells
    them why."""
    try:
        load(connection, Actor(pull.asked_by_id, pull.site_id, "", at), "community", pull.community_id, "data_set.add")
    except (NotThere, Forbidden):
        return False
    return True


def _read(house: House, pull: Asked) -> tuple[tables.Table, Outcome]:
    """Raises CannotPull."""
    try:
        with open_roster(house, pull.site_id) as source:
            if not isinstance(source, OutcomeSource):
                raise CannotPull(gradebook.NO_TOTALS)
            return gradebook.add_up(source, pull)
    except (SiteProblem, CannotUnseal) as problem:
        log.warning("grades could not be asked for", pull_id=str(pull.id), problem=type(problem).__name__)
        raise CannotPull(gradebook.NOT_CONNECTED) from None
    except ConnectorError as error:
        log.warning("grades not given", pull_id=str(pull.id), code=error.code, function=error.function)
        raise CannotPull(next(said for kind, said in _PROBLEM_OF if isinstance(error, kind))) from None


def _keep(house: House, pull: Asked, table: tables.Table, total: Outcome) -> str | None:
    with house.database.write() as session:
        data_set_id = gradebook.keep(session, pull, table, total, house.clock())
    return str(data_set_id) if data_set_id is not None else None


def _fail(house: House, pull: Asked, problem: str) -> None:
    with house.database.write() as session:
        gradebook.fail(session, pull.id, problem)
