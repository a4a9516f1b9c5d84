"""What would have to change, and why? The rosters as pulled, compared with what is stored, circle by circle.

The rules, in the order a person would ask for them:

- Enrolled and active in a course: a member of each community placed in it. A membership that a sync paused
  or ended comes back; one that its owner ended does not.
- Enrolled and suspended wherever enrolled: the membership rests. That holds for facilitators too: a
  suspension is something the LMS says, an absence only something it does not say.
- In none of the rosters: the membership ends, if a roster vouched for it before. Facilitators and mentors
  stay and are reported, so that no community loses its lead to a slip in the LMS.
- A course that was not pulled (hidden, gone, not asked for) counts with what is stored of it, so it ends
  nobody.
- The LMS decides names. It gives nobody a role in a community.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.rostersync.changes import BY_SYNC, Change, Kind
from lms_plc.rostersync.circle import Circle, CircleCourse, Entry, Member, People, next_circle, pulled, some
from lms_plc.rostersync.models import SyncChange, SyncCourse
from lms_plc.web.i18n import N_

REASONS = {
    Kind.FOUND_COMMUNITY: N_("The course has no community yet."),
    Kind.RENAME_COURSE: N_("The course has another name in the LMS."),
    Kind.JOIN: N_("Enrolled in the LMS."),
    Kind.RESUME: N_("Active in the LMS again."),
    Kind.PAUSE: N_("The enrolment is suspended in the LMS."),
    Kind.END: N_("No longer enrolled in the LMS."),
    Kind.CHANGE_ENROLMENT: N_("The roster says something new of the enrolment; the membership stays as it is."),
    Kind.CHANGE_ROLES: N_("Other roles in the LMS; they give no role in a community."),
    Kind.RENAME_PERSON: N_("Another name in the LMS."),
    Kind.KEPT_LEADER: N_("No longer enrolled in the LMS, but facilitator or mentor here; the membership stays."),
}
NOT_VISIBLE = {
    "gone": N_("The course is no longer in the LMS; its members stay."),
    "hidden": N_("The course is hidden in the LMS; its members stay."),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of one circle. ``courses`` are the LMS ids of those of its courses that the run covers."""

    run_id: UUID
    site_id: UUID
    courses: tuple[str, ...]
    changes: tuple[Change, ...]


def plan_next(session: Session, run_id: UUID, site_id: UUID, at: datetime) -> Plan | None:
    """The plan of the first circle that has none yet; None when every course of the run has been planned.
    Only reads."""
    circle = next_circle(session, run_id, site_id, at)
    if circle is None:
        return None
    renames = _renames(circle)
    told = _told(session, run_id, [change.subject for change in renames if change.subject])
    changes = [*compare(circle), *(change for change in renames if change.subject not in told)]
    covered = tuple(course.lms_id for course in circle.courses if course.listed)
    return Plan(run_id, site_id, covered, tuple(changes))


def compare(circle: Circle) -> Iterator[Change]:
    """The changes of one circle but for people's names. Courses come first: a community is founded before
    it is joined."""
    for course in circle.courses:
        yield from _course_changes(course)
    deltas = _Deltas(circle)
    for community_id, members in circle.members.items():
        inside = [course for course in circle.courses if community_id in course.communities]
        yield from _membership_changes(community_id, inside, members, circle.people, deltas)
    for course in pulled(circle.courses):
        if not course.communities:
            yield from _membership_changes(None, [course], {}, circle.people, deltas)
    yield from deltas.left_over()


def keep(session: Session, plan: Plan) -> None:
    """Writes the plan of a circle down and marks its courses as planned."""
    last = session.execute(
        select(func.coalesce(func.max(SyncChange.number), 0)).where(SyncChange.run_id == plan.run_id)
    ).scalar_one()
    rows = [
        {
            "run_id": plan.run_id,
            "number": number,
            "kind": change.kind.value,
            "course": change.course,
            "community_id": change.community_id,
            "subject": change.subject,
            "name": change.name,
            "before": dict(change.before),
            "after": dict(change.after),
            "reason": change.reason,
        }
        for number, change in enumerate(plan.changes, start=last + 1)
    ]
    if rows:
        session.execute(insert(SyncChange), rows)
    for courses in some(plan.courses):
        session.execute(
            update(SyncCourse)
            .where(SyncCourse.run_id == plan.run_id, SyncCourse.course.in_(courses))
            .values(state="planned")
        )


Delta = tuple[dict[str, Any], dict[str, Any]]
"""An enrolment before and after: its state and roles."""


class _Deltas:
    """What the rosters change about enrolments. A change of membership takes the one it follows from with
    it, so that somebody's joining is one change and not two; those left over are changes of their own.
    """

    def __init__(self, circle: Circle) -> None:
        self._courses = {course.lms_id: course for course in pulled(circle.courses)}
        self._of: dict[str, dict[str, Delta]] = {}
        for course in self._courses.values():
            for subject, delta in _enrolment_changes(course, circle.people):
                self._of.setdefault(subject, {})[course.lms_id] = delta

    def take(self, subject: str, courses: Iterable[str]) -> tuple[str | None, Delta]:
        mine = self._of.get(subject, {})
        course = next((course for course in courses if course in mine), None)
        return (course, mine.pop(course)) if course is not None else (None, ({}, {}))

    def left_over(self) -> Iterator[Change]:
        for subject, mine in self._of.items():
            for lms_id, (before, after) in mine.items():
                course = self._courses[lms_id]
                only_roles = before.get("enrolment") == after["enrolment"] and before["vouched"]
                kind = Kind.CHANGE_ROLES if only_roles else Kind.CHANGE_ENROLMENT
                entry = (course.roster or {}).get(subject)
                name = entry.name if entry and not before else None
                yield Change(kind, lms_id, _first_of(course), subject, before, after, REASONS[kind], name)


def _enrolment_changes(course: CircleCourse, people: People) -> Iterator[tuple[str, Delta]]:
    roster = course.roster or {}
    present = set()
    for subject, entry in roster.items():
        person = people.person.get(subject)
        present.add(person)
        stored = course.enrolments.get(person) if person else None
        state = "suspended" if entry.suspended else "active"
        after = {"enrolment": state, "roles": list(entry.roles)}
        if stored is None:
            yield subject, ({}, after)
        elif (stored.state, stored.roles, stored.vouched) != (state, entry.roles, True):
            before = {"enrolment": stored.state, "roles": list(stored.roles), "vouched": stored.vouched}
            yield subject, (before, after)
    for person, stored in course.enrolments.items():
        if stored.vouched and stored.state != "gone" and person not in present and person in people.subject:
            before = {"enrolment": stored.state, "roles": list(stored.roles), "vouched": True}
            yield people.subject[person], (before, {"enrolment": "gone", "roles": []})


def _course_changes(course: CircleCourse) -> Iterator[Change]:
    if course.listed is None:
        return

    def change(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any], reason: str) -> Change:
        return Change(kind, course.lms_id, _first_of(course), None, before, after, reason)

    listed = asdict(course.listed)
    if course.presence in NOT_VISIBLE:
        yield change(Kind.COURSE_GONE, listed, {}, NOT_VISIBLE[course.presence])
        return
    if course.known and course.known != course.listed:
        yield change(Kind.RENAME_COURSE, asdict(course.known), listed, REASONS[Kind.RENAME_COURSE])
    if not course.communities:
        yield change(Kind.FOUND_COMMUNITY, {}, listed, REASONS[Kind.FOUND_COMMUNITY])


def _membership_changes(
    community_id: UUID | None,
    courses: Sequence[CircleCourse],
    members: Mapping[UUID, Member],
    people: People,
    deltas: _Deltas,
) -> Iterator[Change]:
    """The changes in one community, from all its courses together: somebody stays while any of them has
    them."""
    lms_ids = [course.lms_id for course in pulled(courses)]
    held = _held(courses, people)

    def change(kind: Kind, subject: str, before: str | None, after: str, name: str | None = None) -> Change:
        course, (enrolment_before, enrolment_after) = deltas.take(subject, lms_ids)
        return Change(
            kind,
            course or lms_ids[0],
            community_id,
            subject,
            {"membership": before, **enrolment_before},
            {"membership": after, **enrolment_after},
            REASONS[kind],
            name,
        )

    for subject, entry in _entries(courses).items():
        person = people.person.get(subject)
        member = members.get(person) if person else None
        if entry.suspended:
            if person and member and member.state == "active" and held[person] == "suspended":
                yield change(Kind.PAUSE, subject, "active", "paused")
        elif member is None:
            yield change(Kind.JOIN, subject, None, "active", entry.name)
        elif member.state != "active" and member.reason in BY_SYNC:
            yield change(Kind.RESUME, subject, member.state, "active")

    vouched = {person for course in courses for person, row in course.enrolments.items() if row.vouched}
    for person, member in members.items():
        absent = member.state != "left" and member.subject is not None and person not in held
        if not absent or (member.source != "sync" and person not in vouched):
            continue
        assert member.subject is not None
        if not member.leads:
            yield change(Kind.END, member.subject, member.state, "left")
            continue
        state, reason = {"membership": member.state}, REASONS[Kind.KEPT_LEADER]
        yield Change(Kind.KEPT_LEADER, lms_ids[0], community_id, member.subject, state, state, reason)


def _entries(courses: Sequence[CircleCourse]) -> dict[str, Entry]:
    """The rosters of these courses as one; somebody active in any of them is active."""
    entries: dict[str, Entry] = {}
    for course in courses:
        for subject, entry in (course.roster or {}).items():
            if subject not in entries or entries[subject].suspended:
                entries[subject] = entry
    return entries


def _held(courses: Sequence[CircleCourse], people: People) -> dict[UUID, str]:
    """Which persons these courses hold, ``active`` or ``suspended``; the better word of any course counts.

    A pulled course holds its roster, and whoever came by launch without ever being in a roster (an
    administrator, a guest). A course that was not pulled holds whom it held when last seen.
    """
    held: dict[UUID, str] = {}

    def add(person: UUID, state: str) -> None:
        if state == "active" or person not in held:
            held[person] = state

    for course in courses:
        rostered = set()
        for subject, entry in (course.roster or {}).items():
            if person := people.person.get(subject):
                rostered.add(person)
                add(person, "suspended" if entry.suspended else "active")
        for person, stored in course.enrolments.items():
            speaks = course.roster is None or not (stored.vouched or person in rostered)
            if speaks and stored.state != "gone":
                add(person, stored.state)
    return held


def _renames(circle: Circle) -> list[Change]:
    """Everybody whom the LMS calls by another name now, once."""
    renames: dict[str, Change] = {}
    for course in pulled(circle.courses):
        for subject, entry in (course.roster or {}).items():
            if entry.name and circle.people.name.get(subject, entry.name) != entry.name:
                kind, community_id = Kind.RENAME_PERSON, _first_of(course)
                renames[subject] = Change(kind, course.lms_id, community_id, subject, {}, {}, REASONS[kind], entry.name)
    return list(renames.values())


def _told(session: Session, run_id: UUID, subjects: Sequence[str]) -> set[str | None]:
    """Of these, whose new name the run's plan has already: one may be in many circles."""
    told: set[str | None] = set()
    for chunk in some(subjects):
        told.update(
            session.execute(
                select(SyncChange.subject).where(
                    SyncChange.run_id == run_id,
                    SyncChange.subject.in_(chunk),
                    SyncChange.kind == Kind.RENAME_PERSON.value,
                )
            ).scalars()
        )
    return told


def _first_of(course: CircleCourse) -> UUID | None:
    return course.communities[0] if course.communities else None
