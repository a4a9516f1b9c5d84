"""What a sync is measured against: moodlepy, the client of Moodle's web services that most would take, and behind it
one look and one statement a row, as one would write it down in an hour."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from lms_plc.communities.models import Community, Membership, Placement
from lms_plc.core.activity import Event
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, Person
from lms_plc.sites.models import Course, Enrolment
from tests.bench.measured import Cost, measured
from tests.bench.moodle import TOKEN

MOODLEPY = (
    "moodlepy is not installed and not measured; pip install --target FOLDER moodlepy, then BENCH_MOODLEPY=FOLDER"
)


def moodlepy_at_work(work: str, *arguments: Any) -> Cost | None:
    """The cost of ``work``, a function here that needs moodlepy, in a process of its own; None if there is no moodlepy.

    It wants versions of its own of what we use too, so it may live in a folder apart, named by BENCH_MOODLEPY.
    """
    folder = os.environ.get("BENCH_MOODLEPY", "")
    if not (Path(folder, "moodle").is_dir() if folder else find_spec("moodle")):
        return None
    return measured(work, *arguments, environment={"PYTHONPATH": folder} if folder else None)


def moodlepy_reads(address: str, course: int, rounds: int) -> dict[str, float]:
    """CPU seconds for one course's people in pages of 500, as moodlepy's own types; median of some rounds."""
    moodle = _moodlepy(address)
    took = []
    for _ in range(rounds):
        before = time.process_time()
        assert sum(1 for _ in _enrolled(moodle, course)) > 0
        took.append(time.process_time() - before)
    return {"cpu": sorted(took)[rounds // 2]}


def moodlepy_row_by_row(address: str, database_url: str, site: str, at: str) -> dict[str, int]:
    """Brings communities in line with Moodle as one would write it down in an hour: moodlepy, and for every enrolment
    a look and a statement for each row, with SQLAlchemy Core. A transaction a course, nothing planned, nobody let go.
    """
    moodle, site_id, now = _moodlepy(address), UUID(site), datetime.fromisoformat(at)
    database = Database(database_url)
    written: Counter[str] = Counter()
    for listed in moodle.core.course.get_courses_by_field():
        with database.write() as session:
            rows = _RowByRow(session.connection(), site_id, now, written)
            course_id, community_id = rows.course(str(listed.id), listed.fullname, listed.shortname)
            for user, state in _enrolled(moodle, listed.id):
                person_id = rows.person(str(user.id), user.fullname)
                rows.enrolment(course_id, person_id, state, sorted({role.shortname for role in user.roles}))
                if state == "active":
                    rows.membership(community_id, person_id)
    database.dispose()
    return dict(written)


def _moodlepy(address: str) -> Any:
    from moodle import Moodle  # type: ignore[import-not-found]

    return Moodle(f"{address}/webservice/rest/server.php", TOKEN)


def _enrolled(moodle: Any, course: int) -> Iterator[tuple[Any, str]]:
    """Everybody of a course with the state of their enrolment, read to the first empty page of either list.

    moodlepy reads nobody without their pictures, so the addresses of those are asked for.
    """
    from moodle.base.general import GeneralNameValue  # type: ignore[import-not-found]

    for only, state in (("onlyactive", "active"), ("onlysuspended", "suspended")):
        fields = "id,fullname,roles,profileimageurl,profileimageurlsmall"
        asked = {only: "1", "userfields": fields, "sortby": "id", "limitnumber": "500"}
        first = 0
        while True:
            options = [GeneralNameValue(name, value) for name, value in {**asked, "limitfrom": str(first)}.items()]
            users = moodle.core.enrol.get_enrolled_users(course, options)
            if not users:
                break
            yield from ((user, state) for user in users)
            first += 500


class _RowByRow:
    """One look and one statement a row, each changed only where it differs."""

    def __init__(self, connection: Connection, site_id: UUID, at: datetime, written: "Counter[str]") -> None:
        self._connection, self._site_id, self._at, self._written = connection, site_id, at, written

    def _insert(self, table: Any, **values: Any) -> None:
        self._connection.execute(insert(table).values(**values))
        self._written[table.__tablename__] += 1

    def _tell(self, verb: str, kind: str, thing_id: UUID, community_id: UUID, facts: dict[str, str]) -> None:
        self._insert(
            Event,
            id=new_id(),
            at=self._at,
            site_id=self._site_id,
            community_id=community_id,
            via="sync",
            verb=verb,
            thing_kind=kind,
            thing_id=thing_id,
            facts=facts,
        )

    def course(self, lms_id: str, title: str, short_name: str) -> tuple[UUID, UUID]:
        """Its id and that of its community, both made where they are missing."""
        known = self._connection.execute(
            select(Course.id, Placement.community_id)
            .join(Placement, Placement.course_id == Course.id)
            .where(Course.site_id == self._site_id, Course.lms_id == lms_id)
        ).one_or_none()
        if known is not None:
            return known.id, known.community_id
        course_id, community_id, at = new_id(), new_id(), self._at
        course = {"lms_id": lms_id, "title": title, "short_name": short_name}
        self._insert(Course, id=course_id, site_id=self._site_id, created_at=at, services={}, **course)
        self._insert(Community, id=community_id, site_id=self._site_id, name=title, created_at=at)
        placed = {"course_id": course_id, "community_id": community_id, "link_id": ""}
        self._insert(Placement, id=new_id(), created_at=at, **placed)
        self._tell("community.founded", "community", community_id, community_id, {"course_id": str(course_id)})
        return course_id, community_id

    def person(self, subject: str, name: str) -> UUID:
        known = self._connection.execute(
            select(Identity.person_id, Person.display_name)
            .join(Person, Person.id == Identity.person_id)
            .where(Identity.site_id == self._site_id, Identity.subject == subject)
        ).one_or_none()
        if known is not None:
            if known.display_name != name:
                renamed = update(Person).where(Person.id == known.person_id).values(display_name=name)
                self._connection.execute(renamed)
                self._written["plc_person"] += 1
            return known.person_id
        person_id, at = new_id(), self._at
        self._insert(Person, id=person_id, display_name=name, created_at=at)
        seen = {"site_id": self._site_id, "subject": subject, "first_seen_at": at}
        self._insert(Identity, id=new_id(), person_id=person_id, **seen)
        return person_id

    def enrolment(self, course_id: UUID, person_id: UUID, state: str, roles: list[str]) -> None:
        known = self._connection.execute(
            select(Enrolment.id, Enrolment.state, Enrolment.lms_roles).where(
                Enrolment.course_id == course_id, Enrolment.person_id == person_id
            )
        ).one_or_none()
        said = {"state": state, "lms_roles": roles}
        if known is None:
            whose = {"course_id": course_id, "person_id": person_id, "launch_roles": [], "from_sync": True}
            self._insert(Enrolment, id=new_id(), changed_at=self._at, **whose, **said)
        elif (known.state, known.lms_roles) != (state, roles):
            changed = update(Enrolment).where(Enrolment.id == known.id).values(changed_at=self._at, **said)
            self._connection.execute(changed)
            self._written["plc_enrolment"] += 1

    def membership(self, community_id: UUID, person_id: UUID) -> None:
        known = self._connection.execute(
            select(Membership.id).where(Membership.community_id == community_id, Membership.person_id == person_id)
        ).one_or_none()
        if known is not None:
            return
        membership_id = new_id()
        joined = {"state": "active", "source": "sync", "joined_at": self._at}
        self._insert(Membership, id=membership_id, community_id=community_id, person_id=person_id, **joined)
        self._tell("membership.started", "membership", membership_id, community_id, {"person_id": str(person_id)})
