"""An LMS in memory, and a site with its communities, on either database."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, delete, event, func, select, text, update
from sqlalchemy.exc import IntegrityError

from connectors.errors import Unavailable
from connectors.roster import Category, Cohort, Group, Grouping
from connectors.roster import Course as LmsCourse
from connectors.roster import Enrolment as LmsEnrolment
from connectors.roster import Person as LmsPerson
from connectors.roster import Site as LmsSite
from connectors.source import Page, Probe
from lms_plc.communities.founding import found_community
from lms_plc.communities.memberships import Because, assign_role, bring_in
from lms_plc.communities.models import Community, Membership, Placement
from lms_plc.core.activity import Event
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role
from lms_plc.migrations import METADATA, upgrade
from lms_plc.people.models import Identity, Person
from lms_plc.people.registry import meet
from lms_plc.rostersync import queries
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncRule
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.queries import RunLine
from lms_plc.rostersync.run import apply_approved, apply_sync, plan_sync
from lms_plc.rostersync.steps import (
    Outcome,
    Progress,
    apply_next,
    begin_run,
    finish,
    judge,
    make_plan,
    outcome,
    pull_next,
)
from lms_plc.rostersync.waiting import approve
from lms_plc.sites.models import Course, Enrolment, Site

START = datetime(2026, 9, 1, 8, tzinfo=UTC)


@dataclass
class MemorySource:
    """A roster source over plain dicts, with pages of ``page_size`` and a switch to fail before a call's
    k-th page.

    ``asked`` are the walks begun: (course, start). ``fails_at`` counts pages over all walks, from 1.
    """

    courses_by_id: dict[str, LmsCourse] = field(default_factory=dict)
    rosters: dict[str, list[LmsEnrolment]] = field(default_factory=dict)
    categories_by_id: dict[str, Category] = field(default_factory=dict)
    groups_by_id: dict[str, Group] = field(default_factory=dict)
    groupings_by_id: dict[str, Grouping] = field(default_factory=dict)
    cohorts_by_id: dict[str, Cohort] = field(default_factory=dict)
    page_size: int = 3
    fails_at: int | None = None
    breaks_off_at: int | None = None
    listing_fails: bool = False
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    pages_given: int = 0
    before_page: Callable[[], None] = lambda: None

    def put_course(
        self,
        course: str,
        *,
        title: str | None = None,
        short_name: str | None = None,
        visible: bool = True,
        id_number: str | None = None,
        category: str | None = None,
    ) -> None:
        short_name, title = short_name or f"C{course}", title or f"Course {course}"
        self.courses_by_id[course] = LmsCourse(course, short_name, title, visible, id_number, category)
        self.rosters.setdefault(course, [])

    def put_category(self, category: str, parent: str | None = None) -> None:
        self.categories_by_id[category] = Category(category, f"Category {category}", parent)

    def put_group(self, course: str, group: str, *members: str, name: str | None = None) -> None:
        self.groups_by_id[group] = Group(group, course, name or f"Group {group}", tuple(sorted(members)))

    def put_grouping(self, course: str, grouping: str, *groups: str) -> None:
        self.groupings_by_id[grouping] = Grouping(grouping, course, f"Grouping {grouping}", tuple(sorted(groups)))

    def put_cohort(self, cohort: str, *members: str, id_number: str | None = None) -> None:
        self.cohorts_by_id[cohort] = Cohort(cohort, f"Cohort {cohort}", id_number, tuple(sorted(members)))

    def put(self, course: str, **people: str) -> None:
        """The whole roster of a course: ``p1="active"``, ``p2="suspended"``, ``p3="active
        editingteacher"``."""
        if course not in self.courses_by_id:
            self.put_course(course)
        self.rosters[course] = []
        for subject, words in people.items():
            state, *roles = words.split()
            self.enrol(course, subject, roles=tuple(roles), suspended=state == "suspended")

    def enrol(
        self,
        course: str,
        subject: str,
        *,
        name: str | None = None,
        roles: tuple[str, ...] = (),
        suspended: bool = False,
        number: str | None = None,
        post: str | None = None,
    ) -> None:
        person = LmsPerson(subject, name if name is not None else f"Name of {subject}", post, number)
        self.rosters[course].append(LmsEnrolment(course, person, roles, suspended))

    def site(self) -> LmsSite:
        return LmsSite("https://lms.example.org", "An LMS in memory", "1", "0")

    def probe(self) -> Probe:
        return Probe(self.site(), (), (), ())

    def courses(self) -> Iterator[LmsCourse]:
        if self.listing_fails:
            raise Unavailable("The site does not answer.", "Try again later.", code="slow")
        yield from self.courses_by_id.values()

    def course(self, course_id: str) -> LmsCourse | None:
        return self.courses_by_id.get(course_id)

    def groups(self, course_id: str) -> Iterator[Group]:
        yield from (group for group in self.groups_by_id.values() if group.course_id == course_id)

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        yield from (grouping for grouping in self.groupings_by_id.values() if grouping.course_id == course_id)

    def cohorts(self) -> Iterator[Cohort]:
        yield from self.cohorts_by_id.values()

    def categories(self) -> Iterator[Category]:
        yield from self.categories_by_id.values()

    def people(self, ids: Sequence[str]) -> Iterator[LmsPerson]:
        """Whoever is in a roster; others are out of sight."""
        known = {one.person.id: one.person for roster in self.rosters.values() for one in roster}
        yield from (known[subject] for subject in ids if subject in known)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        self.asked.append((course_id, start))
        rows = self.rosters[course_id]
        position = int(start or 0)
        while True:
            self.before_page()
            self.pages_given += 1
            if self.pages_given == self.fails_at:
                raise Unavailable("The site does not answer.", "Try again later.", code="slow")
            if self.pages_given == self.breaks_off_at:
                return
            end = position + self.page_size
            last = end >= len(rows)
            yield Page(tuple(rows[position:end]), None if last else str(end))
            if last:
                return
            position = end


@dataclass
class World:
    """A site of a database with its LMS, and words to arrange and to look."""

    database: Database
    site_id: UUID
    source: MemorySource = field(default_factory=MemorySource)
    now: datetime = START

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def wait(self, **by: float) -> None:
        self.now += timedelta(**by)

    def wait_until(self, moment: datetime) -> None:
        """The next thing that asks for the time is told this one."""
        self.now = moment - timedelta(seconds=1)

    def sync(self, *courses: str, all_courses: bool = False, allow_removals: bool = False) -> Outcome:
        options = Options(courses, all_courses, allow_removals)
        return apply_sync(self.database, self.site_id, self.source, options, self.clock)

    def plan(self, *courses: str, all_courses: bool = False, allow_removals: bool = False) -> Outcome:
        options = Options(courses, all_courses, allow_removals)
        return plan_sync(self.database, self.site_id, self.source, options, self.clock)

    def sync_twice(self, *courses: str, allow_removals: bool = False) -> Outcome:
        """Two looks a day apart, and what came of the second: from now on, an absence counts."""
        assert self.sync(*courses, allow_removals=allow_removals).state == "done"
        self.wait(days=1)
        return self.sync(*courses, allow_removals=allow_removals)

    def approve(self, came: Outcome, *, without: Collection[int] = (), allow_removals: bool = False) -> Outcome:
        """An admin approves a plan, and it is applied."""
        approve(self.database, came.run_id, self.clock, by="desk", left_out=without, allow_removals=allow_removals)
        return apply_approved(self.database, came.run_id, self.clock)

    def rule(self, about: str = "courses", makes: str = "each", **more: Any) -> UUID:
        """The next rule of the site."""
        rule_id = new_id()
        with self.database.write() as session:
            number = session.execute(select(func.count()).where(SyncRule.site_id == self.site_id)).scalar_one()
            session.add(
                SyncRule(
                    id=rule_id,
                    site_id=self.site_id,
                    number=number + 1,
                    about=about,
                    makes=makes,
                    created_at=self.now,
                    **{what: list(value) if isinstance(value, tuple) else value for what, value in more.items()},
                )
            )
        return rule_id

    def remove_rules(self) -> None:
        with self.database.write() as session:
            session.execute(delete(SyncRule).where(SyncRule.site_id == self.site_id))

    def count_people_by(self, register: str) -> None:
        with self.database.write() as session:
            session.execute(update(Site).where(Site.id == self.site_id).values(register=register))

    def join_accounts(self, subject: str, *others: str) -> UUID:
        """One person from now on, as a human found; for accounts that have done nothing yet but be in rosters."""
        person = self.person(subject)
        with self.database.write() as session:
            for other in others:
                session.execute(
                    update(Identity)
                    .where(Identity.site_id == self.site_id, Identity.subject == other)
                    .values(person_id=person)
                )
        return person

    def place(self, course: str, community_id: UUID | None = None, *, link_id: str = "") -> UUID:
        """Founds the course's community, or places an existing one there too, as launches do."""
        with self.database.write() as session:
            row = session.execute(
                select(Course).where(Course.site_id == self.site_id, Course.lms_id == course)
            ).scalar_one_or_none()
            if row is None:
                row = Course(
                    id=new_id(),
                    site_id=self.site_id,
                    lms_id=course,
                    title=f"Course {course}",
                    short_name=f"C{course}",
                    created_at=self.now,
                )
                session.add(row)
                session.flush()
            if community_id is None:
                return found_community(
                    session,
                    site_id=self.site_id,
                    course_id=row.id,
                    name=row.title,
                    at=self.now,
                    via="launch",
                )
            session.add(
                Placement(
                    id=new_id(),
                    course_id=row.id,
                    link_id=link_id,
                    community_id=community_id,
                    created_at=self.now,
                )
            )
            return community_id

    def launch(self, course: str, community_id: UUID, subject: str, *, via: str = "launch") -> UUID:
        """Somebody arrives from a course, unseen by any roster so far."""
        with self.database.write() as session:
            person = meet(session, self.site_id, {subject: f"Name of {subject}"}, self.now)[subject]
            bring_in(session, self.site_id, community_id, [person], Because(at=self.now, via=via))
            course_id = session.execute(
                select(Course.id).where(Course.site_id == self.site_id, Course.lms_id == course)
            ).scalar_one()
            session.add(
                Enrolment(id=new_id(), course_id=course_id, person_id=person, state="active", changed_at=self.now)
            )
        return person

    def launch_again(self, course: str, community_id: UUID, subject: str) -> None:
        """Somebody arrives who may have been here before, or be met by a sync at this very moment."""
        with self.database.write() as session:
            person = meet(session, self.site_id, {subject: f"Name of {subject}"}, self.now)[subject]
        for attempt in range(5):
            try:
                with self.database.write() as session:
                    because = Because(at=self.now, via="launch")
                    bring_in(session, self.site_id, community_id, [person], because)
                return
            except IntegrityError:
                assert attempt < 4

    def lead(
        self, community_id: UUID, subject: str, role: Role = Role.FACILITATOR, until: datetime | None = None
    ) -> None:
        with self.database.write() as session:
            person = meet(session, self.site_id, {subject: ""}, self.now)[subject]
            because = Because(at=self.now, via="page")
            assign_role(session, self.site_id, community_id, person, role, because, until=until)

    def person(self, subject: str) -> UUID:
        with self.database.read() as connection:
            return connection.execute(
                select(Identity.person_id).where(Identity.site_id == self.site_id, Identity.subject == subject)
            ).scalar_one()

    def covers(self) -> str:
        with self.database.read() as connection:
            return connection.execute(select(Site.covers).where(Site.id == self.site_id)).scalar_one()

    def rename_community(self, community_id: UUID, name: str) -> None:
        with self.database.write() as session:
            session.execute(update(Community).where(Community.id == community_id).values(name=name))

    def displace(self, course: str) -> None:
        """The course opens no community any more."""
        which = select(Course.id).where(Course.site_id == self.site_id, Course.lms_id == course)
        with self.database.write() as session:
            session.execute(delete(Placement).where(Placement.course_id.in_(which)))

    def remove_placements(self) -> None:
        with self.database.write() as session:
            session.execute(delete(Placement))

    def planned_run(self) -> UUID:
        """A run that is about to apply."""
        run_id = begin_run(self.database, self.site_id, "apply", Options(), clock=self.clock).run_id
        while pull_next(self.database, run_id, self.source, self.clock):
            pass
        make_plan(self.database, run_id, self.clock)
        assert judge(self.database, run_id, self.clock) == "applying"
        return run_id

    def carry_out(self, run_id: UUID) -> Outcome:
        while apply_next(self.database, run_id, self.clock):
            pass
        return finish(self.database, run_id, self.clock)

    def judge(self, run_id: UUID) -> str:
        return judge(self.database, run_id, self.clock)

    def sync_telling(self, progress: Progress) -> Outcome:
        return apply_sync(self.database, self.site_id, self.source, Options(), self.clock, progress)

    def run_of(self, came: Outcome) -> RunLine:
        with self.database.read() as connection:
            run = queries.run(connection, came.run_id)
        assert run is not None
        return run

    def latest(self) -> Outcome:
        with self.database.read() as connection:
            (run,) = queries.runs(connection, self.site_id, limit=1)
        return outcome(self.database, run.id)

    def last_sign_of_life(self) -> datetime:
        return self.run_of(self.latest()).alive_at

    def community_of(self, course: str) -> UUID:
        with self.database.read() as connection:
            return connection.execute(
                select(Placement.community_id)
                .join(Course, Course.id == Placement.course_id)
                .where(Course.site_id == self.site_id, Course.lms_id == course)
                .order_by(Placement.id)
                .limit(1)
            ).scalar_one()

    def opens(self, course: str) -> UUID:
        """The community that a launch from this course leads to."""
        with self.database.read() as connection:
            return connection.execute(
                select(Placement.community_id)
                .join(Course, Course.id == Placement.course_id)
                .where(Course.site_id == self.site_id, Course.lms_id == course, Placement.link_id == "")
            ).scalar_one()

    def planned_communities(self, run_id: UUID) -> set[UUID | None]:
        with self.database.read() as connection:
            return set(connection.execute(select(SyncChange.community_id).where(SyncChange.run_id == run_id)).scalars())

    def communities(self) -> dict[str, UUID]:
        with self.database.read() as connection:
            rows = connection.execute(select(Community.name, Community.id).where(Community.site_id == self.site_id))
            return {row.name: row.id for row in rows}

    def members(self, where: str | UUID) -> dict[str, str]:
        """Subject → state of membership, of a community or of a course's community."""
        community_id = self.community_of(where) if isinstance(where, str) else where
        with self.database.read() as connection:
            rows = connection.execute(
                select(Identity.subject, Membership.state)
                .join(Identity, Identity.person_id == Membership.person_id)
                .where(Membership.community_id == community_id, Identity.site_id == self.site_id)
                .order_by(Identity.subject)
            )
            return {row.subject: row.state for row in rows}

    def enrolments(self, course: str) -> dict[str, tuple[str, tuple[str, ...], bool]]:
        """Subject → (state, roles, vouched for by a roster)."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(Identity.subject, Enrolment.state, Enrolment.lms_roles, Enrolment.from_sync)
                .join(Course, Course.id == Enrolment.course_id)
                .join(Identity, Identity.person_id == Enrolment.person_id)
                .where(Course.site_id == self.site_id, Course.lms_id == course)
                .order_by(Identity.subject)
            )
            return {row.subject: (row.state, tuple(row.lms_roles), row.from_sync) for row in rows}

    def names(self) -> dict[str, str]:
        with self.database.read() as connection:
            rows = connection.execute(
                select(Identity.subject, Person.display_name)
                .join(Person, Person.id == Identity.person_id)
                .where(Identity.site_id == self.site_id)
            )
            return {row.subject: row.display_name for row in rows}

    def events(self, via: str = "sync") -> Counter[tuple[str, str]]:
        """How often each (verb, name of the community or subject) was recorded."""
        with self.database.read() as connection:
            subjects = {
                str(row.person_id): row.subject
                for row in connection.execute(
                    select(Identity.person_id, Identity.subject).where(Identity.site_id == self.site_id)
                )
            }
            rows = connection.execute(
                select(Event.verb, Event.facts).where(Event.site_id == self.site_id, Event.via == via)
            )
            return Counter((row.verb, subjects.get(row.facts.get("person_id", ""), "")) for row in rows)

    def missing_since(self, course: str, subject: str) -> datetime | None:
        with self.database.read() as connection:
            return connection.execute(
                select(Enrolment.missing_since)
                .join(Course, Course.id == Enrolment.course_id)
                .where(
                    Course.site_id == self.site_id,
                    Course.lms_id == course,
                    Enrolment.person_id == self.person(subject),
                )
            ).scalar_one()

    def why(self, where: str | UUID, subject: str) -> tuple[str, str | None]:
        """State of somebody's membership, and the reason kept with it."""
        community_id = self.community_of(where) if isinstance(where, str) else where
        with self.database.read() as connection:
            row = connection.execute(
                select(Membership.state, Membership.reason).where(
                    Membership.community_id == community_id, Membership.person_id == self.person(subject)
                )
            ).one()
            return row.state, row.reason

    def posts(self) -> dict[str, str | None]:
        with self.database.read() as connection:
            rows = connection.execute(
                select(Identity.subject, Person.post_type)
                .join(Person, Person.id == Identity.person_id)
                .where(Identity.site_id == self.site_id)
            )
            return {row.subject: row.post_type for row in rows}

    def number(self, came: Outcome, kind: Kind, subject: str | None = None, course: str | None = None) -> int:
        """The number of a line of a plan."""
        which = [SyncChange.course == course] if course else []
        with self.database.read() as connection:
            return connection.execute(
                select(SyncChange.number).where(
                    SyncChange.run_id == came.run_id,
                    SyncChange.kind == kind.value,
                    SyncChange.subject == subject if subject else SyncChange.subject.is_(None),
                    *which,
                )
            ).scalar_one()

    def reasons(self, came: Outcome) -> dict[Kind, str]:
        with self.database.read() as connection:
            rows = connection.execute(
                select(SyncChange.kind, SyncChange.reason).where(SyncChange.run_id == came.run_id)
            )
            return {Kind(row.kind): row.reason for row in rows}

    def changes(self, outcome: Outcome) -> list[tuple[Kind, str | None]]:
        with self.database.read() as connection:
            rows = connection.execute(
                select(SyncChange.kind, SyncChange.subject)
                .where(SyncChange.run_id == outcome.run_id)
                .order_by(SyncChange.number)
            )
            return [(Kind(row.kind), row.subject) for row in rows]

    def state(self) -> dict[str, object]:
        """Everything a sync may have changed, without ids and moments: for comparing two worlds."""
        return {
            "names": self.names(),
            "members": {name: self.members(community) for name, community in self.communities().items()},
            "enrolments": {course: self.enrolments(course) for course in self.source.courses_by_id},
            "events": self.events(),
        }


@contextmanager
def _writes(database: Database) -> Iterator[Counter[str]]:
    """How often each table was written to while the block ran, as statements name it."""
    written: Counter[str] = Counter()

    def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split()
        verb = words[0].upper()
        if verb in ("INSERT", "DELETE"):
            written[words[2].strip('"')] += 1
        elif verb == "UPDATE":
            written[words[1].strip('"')] += 1

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield written
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str) -> Iterator[Database]:
    name = f"t{new_id().hex}"
    engine = create_engine(postgresql_server.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    database = Database(postgresql_server.format(name))
    upgrade(database)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_database() -> Iterator[Database]:
    # in memory where there is such a place: what these tests look for is not whether the disk is quick
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="plc-", dir=memory) as folder:
        database = Database(f"sqlite:///{folder}/plc.db")
        upgrade(database)
        yield database
        database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty migrated database, once of each kind; the engine stays, and with it the statements it has compiled."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    tables = [table.name for table in reversed(METADATA.sorted_tables)]
    empty = [f"DELETE FROM {name}" for name in tables]
    if not database.is_sqlite:
        # as a copy of a server would take them: in any order, and a hundred times as fast as TRUNCATE
        empty = ["SET LOCAL session_replication_role = replica; " + "; ".join(empty)]
    with database.write() as session:
        for statement in empty:
            session.execute(text(statement))
    return database


@pytest.fixture
def new_world(database: Database) -> Callable[[], World]:
    """Makes another site with an LMS of its own in the same database."""

    def make() -> World:
        site_id = new_id()
        with database.write() as session:
            session.add(
                Site(
                    id=site_id,
                    name=f"site {site_id}",
                    url=f"https://{site_id}.example.org",
                    covers="placed",
                    created_at=START,
                )
            )
        return World(database, site_id)

    return make


@pytest.fixture
def lms() -> MemorySource:
    """An LMS that no site knows."""
    return MemorySource()


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    return new_world()


@pytest.fixture
def writes(database: Database) -> Callable[[], AbstractContextManager[Counter[str]]]:
    return lambda: _writes(database)
