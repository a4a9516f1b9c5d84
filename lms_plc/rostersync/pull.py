"""What does the LMS say? Its courses that a run covers and their rosters, page by page, each page a
checkpoint.

Nothing here looks at a community except to know which courses have one, and no transaction is open during a
call.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.orm import Session

from connectors import roster
from connectors.errors import BadAnswer, NotFound
from connectors.source import Page, RosterSource
from lms_plc.communities.models import Placement
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.rostersync.checkpoint import hold, writing
from lms_plc.rostersync.models import SyncCourse, SyncPage, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.rules import ABOUT_PARTS, FOR_ITS_PARTS, Wanted, cohorts_wanted, laid_over, rules_of
from lms_plc.sites.models import Course, Site
from lms_plc.web.i18n import N_

_LONGEST_ID = 255


PART_ROWS = 1000
"""People in a page of a group or cohort."""

SIGN_EVERY = 60.0
"""Seconds between two signs of life while rosters are listed."""


def list_courses(database: Database, run_id: UUID, source: RosterSource, clock: Clock) -> int:
    """Writes down which rosters the run covers, whole or not at all; returns how many.

    Named courses, and only they; or what the site's rules want. Where no rule speaks: every visible course, when all
    were asked for, the site covers all, or nothing is placed yet and there are no rules; or else those that have a
    community. A course with a community that is hidden or gone is listed too, to be reported.

    Raises ConnectorError; with the code ``no_such_course`` for a name that no visible course has.
    """
    with database.read() as connection:
        run = connection.execute(select(SyncRun.site_id, SyncRun.options).where(SyncRun.id == run_id)).one()
        covers = connection.execute(select(Site.covers).where(Site.id == run.site_id)).scalar_one()
        placed = _placed(connection, run.site_id)
        rules = rules_of(connection, run.site_id)
    options, alive = Options.read(run.options), partial(_with_signs_of_life, database, run_id, clock)
    if options.courses:
        named = _named(source.courses(), options.courses, all_of_them=not options.as_ruled)
        asked_for = not options.as_ruled or covers == "all"
        wanted = alive(laid_over(source, named, rules, lambda course: asked_for or course.id in placed))
        listed = {one.id: _entry(one, placed) for one in wanted}
    else:
        everything = covers == "all" or options.all_courses or not (placed or rules)
        courses = list(source.courses())
        wanted = alive(laid_over(source, courses, rules, lambda c: c.id in placed or (everything and c.visible)))
        listed = {one.id: _entry(one, placed) for one in (*wanted, *cohorts_wanted(source, rules))}
        there = {course.id for course in courses}
        listed |= {row.lms_id: _missing(row) for row in placed.values() if row.lms_id not in {*listed, *there}}
    with writing(database) as session:
        held = hold(session, run_id, clock())
        if _is_listed(session, run_id):
            return len(listed)
        held.state, held.message = "pulling", None
        if listed:
            session.execute(
                insert(SyncCourse),
                [{"run_id": run_id, "number": n, **entry} for n, entry in enumerate(listed.values(), start=1)],
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
        listed = connection.execute(
            select(SyncCourse.parent, SyncCourse.members, Site.register)
            .join(SyncRun, SyncRun.id == SyncCourse.run_id)
            .join(Site, Site.id == SyncRun.site_id)
            .where(SyncCourse.run_id == run_id, SyncCourse.course == course)
        ).one()
        last = connection.execute(
            select(SyncPage.number, SyncPage.next)
            .where(SyncPage.run_id == run_id, SyncPage.course == course)
            .order_by(SyncPage.number.desc())
            .limit(1)
        ).one_or_none()
    if last and last.next is None:  # another worker has just stored the last page
        return
    numbered = listed.register is not None
    if listed.members is not None:
        if listed.parent is not None and not _is_read(database, run_id, listed.parent):
            return  # another worker is still at its course; a group of half a course would look whole
        pages = -(-len(listed.members) // PART_ROWS) or 1
        for number in range(last.number + 1 if last else 1, pages + 1):
            members = listed.members[(number - 1) * PART_ROWS : number * PART_ROWS]
            rows = _part_rows(database, run_id, listed.parent, members, source, numbered=numbered)
            if not _keep(database, run_id, course, number, rows, str(number) if number < pages else None, clock):
                return
            on_page(len(rows))
        return
    number, start = (last.number, last.next) if last else (0, None)
    for page in source.enrolment_pages(course, start=start):
        number += 1
        if not _keep(database, run_id, course, number, _rows(page, numbered=numbered), page.next, clock):
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


def _rows(page: Page, *, numbered: bool) -> list[list[Any]]:
    return [_row(row.person, sorted(set(row.roles)), row.suspended, numbered=numbered) for row in page.rows]


def _row(person: roster.Person, roles: list[str], suspended: bool, *, numbered: bool) -> list[Any]:
    """As ``SyncPage`` keeps it; the register's number only where an admin named a register.

    Raises BadAnswer for somebody with an id that no LMS gives.
    """
    number = person.id_number if numbered and len(person.id_number or "") <= _LONGEST_ID else None
    post = person.post_type if person.post_type in roster.POST_TYPES else None
    return [_id(person.id), person.name, roles, suspended, number or None, post]


def _id(said: str) -> str:
    if 0 < len(said) <= _LONGEST_ID and "\0" not in said:
        return said
    raise BadAnswer(
        N_("The LMS gave a course or a person an id that is empty, or longer than %(most)s letters."),
        N_("Nothing was changed. Mend that id where it comes from, and start the sync again."),
        code="bad_id",
        params={"most": str(_LONGEST_ID)},
    )


def _is_read(database: Database, run_id: UUID, course: str) -> bool:
    with database.read() as connection:
        state = connection.execute(
            select(SyncCourse.state).where(SyncCourse.run_id == run_id, SyncCourse.course == course)
        ).scalar_one()
    return state != "waiting"


def _part_rows(
    database: Database, run_id: UUID, parent: str | None, members: list[str], source: RosterSource, *, numbered: bool
) -> list[list[Any]]:
    """A group's people are those of its course who are in it; a cohort's are everybody in it, named where the LMS
    says who they are."""
    wanted = set(members)
    if parent is None:
        known = {person.id: person for person in source.people(members)}
        people = [known.get(member) or roster.Person(member, "") for member in members]
        return [_row(one, [], False, numbered=numbered) for one in people]
    with database.read() as connection:
        pages = connection.execute(
            select(SyncPage.rows).where(SyncPage.run_id == run_id, SyncPage.course == parent).order_by(SyncPage.number)
        ).scalars()
        return [row for rows in pages for row in rows if row[0] in wanted]


def _keep(
    database: Database,
    run_id: UUID,
    course: str,
    number: int,
    rows: list[list[Any]],
    following: str | None,
    clock: Clock,
) -> bool:
    """Stores one page; False when another worker was faster, who then goes on with this course."""
    with writing(database) as session:
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
                rows=rows,
                next=following,
            )
        )
        if following is None:
            session.execute(
                update(SyncCourse)
                .where(SyncCourse.run_id == run_id, SyncCourse.course == course)
                .values(state="pulled")
            )
    return True


def _with_signs_of_life(database: Database, run_id: UUID, clock: Clock, wanted: Iterator[Wanted]) -> Iterator[Wanted]:
    """The same, and a sign of life every minute: with rules about groups each course is asked for its own."""
    signed = time.monotonic()
    for one in wanted:
        if time.monotonic() - signed > SIGN_EVERY:
            with writing(database) as session:
                hold(session, run_id, clock())
            signed = time.monotonic()
        yield one


def _named(courses: Iterator[roster.Course], names: tuple[str, ...], *, all_of_them: bool) -> list[roster.Course]:
    wanted = set(names)
    found = [c for c in courses if c.visible and (c.id in wanted or c.short_name in wanted)]
    missing = wanted - {c.id for c in found} - {c.short_name for c in found}
    if missing and all_of_them:
        raise NotFound(
            N_("The LMS shows no visible course with this short name or id: %(course)s."),
            N_("Nothing was changed. Check the spelling, or make the course visible."),
            code="no_such_course",
            params={"course": ", ".join(sorted(missing))},
        )
    return found


_NOTHING: Mapping[str, Any] = {
    "presence": "gone",
    "state": "pulled",
    "community_id": None,
    "founds": None,
    "together": False,
    "parent": None,
    "members": None,
}


def _entry(wanted: Wanted, placed: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the run: with the community it shall belong to, unless it belongs to one already, or is a group or
    cohort of nobody: a community begins with somebody."""
    entry = {
        **_NOTHING,
        "course": _id(wanted.id),
        "title": wanted.title[:500],
        "short_name": wanted.short_name[:255],
        "presence": FOR_ITS_PARTS if wanted.for_its_parts else "visible" if wanted.visible else "hidden",
        "state": "waiting" if wanted.visible else "pulled",
        "parent": wanted.parent,
        "members": list(wanted.members) if wanted.members is not None else None,
    }
    if wanted.community_id is not None:
        entry |= {"community_id": wanted.community_id, "founds": wanted.founds, "together": True}
    elif wanted.visible and wanted.founds is not None and wanted.id not in placed and wanted.members != ():
        entry |= {"community_id": new_id(), "founds": wanted.founds}
    return entry


def _missing(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """A row of the run for what has a community and was not given: a course is gone, and of a group or cohort one
    cannot tell whether it is, or no rule asks for it any more."""
    presence = "unruled" if row.lms_id.partition(":")[0] in ABOUT_PARTS else "gone"
    return {**_NOTHING, "course": row.lms_id, "title": row.title, "short_name": row.short_name, "presence": presence}


def _placed(connection: Connection, site_id: UUID) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """What the site has that some community opens from or has its people from, by the LMS's id."""
    rows = connection.execute(
        select(Course.lms_id, Course.title, Course.short_name)
        .where(Course.site_id == site_id, Course.id.in_(select(Placement.course_id)))
        .order_by(Course.id)
    )
    return {row.lms_id: row for row in rows}


def _is_listed(session: Session, run_id: UUID) -> bool:
    return session.execute(select(SyncCourse.course).where(SyncCourse.run_id == run_id).limit(1)).first() is not None
