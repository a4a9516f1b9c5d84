"""What does the LMS say? Its courses that a run covers and their rosters, page by page, each page a
checkpoint.

Nothing here looks at a community except to know which courses have one, and no transaction is open during a
call.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from connectors import roster
from connectors.errors import BadAnswer, NotFound
from connectors.source import Page, RosterSource
from lms_plc.communities.models import Placement
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.rostersync.checkpoint import hold
from lms_plc.rostersync.models import SyncCourse, SyncPage, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.sites.models import Course, Site
from lms_plc.web.i18n import N_


def list_courses(database: Database, run_id: UUID, source: RosterSource, clock: Clock) -> int:
    """Writes down which courses the run covers, whole or not at all; returns how many.

    Named courses, and only they; or every visible one, when all were asked for, the site covers all, or
    nothing is placed yet; or else those that have a community. A course with a community that is hidden or
    gone is listed too, to be reported.

    Raises ConnectorError; with the code ``no_such_course`` for a name that no visible course has.
    """
    with database.read() as connection:
        run = connection.execute(select(SyncRun.site_id, SyncRun.options).where(SyncRun.id == run_id)).one()
        covers = connection.execute(select(Site.covers).where(Site.id == run.site_id)).scalar_one()
        placed = {
            row.lms_id: row
            for row in connection.execute(
                select(Course.lms_id, Course.title, Course.short_name)
                .where(Course.site_id == run.site_id, Course.id.in_(select(Placement.course_id)))
                .order_by(Course.id)
            )
        }
    options = Options.read(run.options)
    if options.courses:
        listed = [_entry(course) for course in _named(source.courses(), options.courses)]
    else:
        every = covers == "all" or options.all_courses or not placed
        listed = [_entry(course) for course in source.courses() if course.id in placed or (every and course.visible)]
        seen = {entry["course"] for entry in listed}
        listed += [
            {"course": row.lms_id, "title": row.title, "short_name": row.short_name, **_state("gone")}
            for row in placed.values()
            if row.lms_id not in seen
        ]
    listed = list({entry["course"]: entry for entry in listed}.values())
    with database.write() as session:
        held = hold(session, run_id, clock())
        if _is_listed(session, run_id):
            return len(listed)
        held.state, held.message = "pulling", None
        if listed:
            session.execute(
                insert(SyncCourse),
                [{"run_id": run_id, "number": number, **entry} for number, entry in enumerate(listed, start=1)],
            )
    return len(listed)


def pull_course(
    database: Database,
    run_id: UUID,
    course: str,
    source: RosterSource,
    clock: Clock,
    on_page: Callable[[int], None],
) -> None:
    """Pulls what is missing of a course's roster, from where the last stored page said to go on.

    ``on_page`` hears how many rows each page had. Raises ConnectorError; with the code ``incomplete`` for a
    walk that ends without its last page or turns in a circle.
    """
    with database.read() as connection:
        last = connection.execute(
            select(SyncPage.number, SyncPage.next)
            .where(SyncPage.run_id == run_id, SyncPage.course == course)
            .order_by(SyncPage.number.desc())
            .limit(1)
        ).one_or_none()
    if last and last.next is None:  # another worker has just stored the last page
        return
    number, start = (last.number, last.next) if last else (0, None)
    for page in source.enrolment_pages(course, start=start):
        number += 1
        if not _keep(database, run_id, course, number, page, clock):
            return
        on_page(len(page.rows))
        if page.next is None:
            return
        if page.next == start:
            break
        start = page.next
    raise BadAnswer(
        N_("The roster of a course (id %(course)s) broke off before its end."),
        N_("Nothing was changed. Start the sync again; it goes on where it stopped."),
        code="incomplete",
        params={"course": course},
    )


def _keep(database: Database, run_id: UUID, course: str, number: int, page: Page, clock: Clock) -> bool:
    """Stores one page; False when another worker was faster, who then goes on with this course."""
    with database.write() as session:
        run = hold(session, run_id, clock())
        pages = session.execute(
            select(func.count()).where(SyncPage.run_id == run_id, SyncPage.course == course)
        ).scalar_one()
        if pages >= number:
            return False
        run.state, run.message = "pulling", None
        session.execute(
            insert(SyncPage).values(
                run_id=run_id,
                course=course,
                number=number,
                rows=[[row.person.id, row.person.name, sorted(set(row.roles)), row.suspended] for row in page.rows],
                next=page.next,
            )
        )
        if page.next is None:
            session.execute(
                update(SyncCourse)
                .where(SyncCourse.run_id == run_id, SyncCourse.course == course)
                .values(state="pulled")
            )
    return True


def _named(courses: Iterator[roster.Course], names: tuple[str, ...]) -> list[roster.Course]:
    wanted = set(names)
    found = [c for c in courses if c.visible and (c.id in wanted or c.short_name in wanted)]
    missing = wanted - {c.id for c in found} - {c.short_name for c in found}
    if missing:
        raise NotFound(
            N_("The LMS shows no visible course with this short name or id: %(course)s."),
            N_("Nothing was changed. Check the spelling, or make the course visible."),
            code="no_such_course",
            params={"course": ", ".join(sorted(missing))},
        )
    return found


def _entry(course: roster.Course) -> dict[str, object]:
    return {
        "course": course.id,
        "title": (course.title or course.short_name)[:500],
        "short_name": course.short_name[:255],
        **_state("visible" if course.visible else "hidden"),
    }


def _state(presence: str) -> dict[str, str]:
    return {"presence": presence, "state": "waiting" if presence == "visible" else "pulled"}


def _is_listed(session: Session, run_id: UUID) -> bool:
    return session.execute(select(SyncCourse.course).where(SyncCourse.run_id == run_id).limit(1)).first() is not None
