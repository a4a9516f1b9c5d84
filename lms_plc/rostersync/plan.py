"""What would have to change, and why? The rosters as pulled, compared with what is stored, circle by circle.

The rules, in the order a person would ask for them:

- Enrolled and active in a course: a member of each community placed in it. A membership that a sync paused
  or ended comes back; one that its owner ended does not.
- Enrolled and suspended wherever enrolled: the membership rests. That holds for facilitators too: a
  suspension is something the LMS says, an absence only something it does not say.
- In none of the rosters, though one vouched for them before: noted. Still in none when every roster has been read
  again, at least a day later: the membership rests. Still in none when it has rested for thirty days: it ends.
  Facilitators and mentors stay and are reported, so that no community loses its lead to a slip in the LMS.
- A course that was not pulled (hidden, gone, not asked for) counts with what is stored of it, so it lets nobody go.
  Neither does a course without anybody that had somebody: emptied by mistake or for a new term, it proves nothing.
- The LMS that knew somebody first decides their name. It gives nobody a role in a community.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.database import table_of
from lms_plc.rostersync.changes import BY_SYNC, GONE, MISSED_FOR, RESTS_FOR, SUSPENDED, Change, Kind
from lms_plc.rostersync.circle import (
    Circle,
    CircleCourse,
    Entry,
    Known,
    Look,
    Member,
    People,
    Reader,
    Stored,
    next_circle,
    pulled,
    some,
)
from lms_plc.rostersync.models import SyncChange, SyncCourse
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.rules import FOR_ITS_PARTS
from lms_plc.web.i18n import N_

REASONS = {
    Kind.FOUND_COMMUNITY: N_("The course has no community yet."),
    Kind.PLACE_COURSE: N_("A rule brings the people of this course here."),
    Kind.RENAME_COURSE: N_("The course has another name in the LMS."),
    Kind.JOIN: N_("Enrolled in the LMS."),
    Kind.RESUME: N_("Active in the LMS again."),
    Kind.PAUSE: N_("The enrolment is suspended in the LMS."),
    Kind.REST: N_("Not enrolled in the LMS any more, as two complete looks a day apart found."),
    Kind.END: N_("Not enrolled in the LMS any more, for thirty days since the membership rests."),
    Kind.MISSING: N_(
        "Not in the roster any more. That counts once a second complete look, a day later, finds the same."
    ),
    Kind.CHANGE_ENROLMENT: N_("The roster says something new of the enrolment; the membership stays as it is."),
    Kind.CHANGE_ROLES: N_("Other roles in the LMS; they give no role in a community."),
    Kind.RENAME_PERSON: N_("Another name in the LMS."),
    Kind.NOTE_PERSON: N_("Another number in the register, or another post."),
    Kind.STILL_MISSING: N_(
        "Still not in the roster; it counts when a complete look a day after the first finds the same."
    ),
    Kind.KEPT_LEADER: N_("No longer enrolled in the LMS, but facilitator or mentor here; the membership stays."),
}
NOT_VISIBLE = {
    "gone": N_("The course is no longer in the LMS; its members stay."),
    "hidden": N_("The course is hidden in the LMS; its members stay."),
    "emptied": N_("Nobody is enrolled in the course any more; its members stay until removals are allowed."),
    "unruled": N_("No rule asks for this any more, or it is no longer in the LMS; its members stay."),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes of one circle. ``courses`` are the LMS ids of those of its courses that the run covers."""

    run_id: UUID
    site_id: UUID
    courses: tuple[str, ...]
    changes: tuple[Change, ...]


def plan_next(session: Reader, run: Look, at: datetime) -> Plan | None:
    """The plan of the first circle that has none yet; None when every course of the run has been planned.
    Only reads."""
    circle = next_circle(session, run, at, empty_counts=Options.read(dict(run.options)).allow_removals)
    if circle is None:
        return None
    renames = _renames(circle)
    told = _told(session, run.id, [change.subject for change in renames if change.subject])
    changes = [*compare(circle, run.started_at, at), *(change for change in renames if change.subject not in told)]
    covered = tuple(course.lms_id for course in circle.courses if course.listed)
    return Plan(run.id, run.site_id, covered, tuple(changes))


def compare(circle: Circle, looked_at: datetime, at: datetime) -> Iterator[Change]:
    """The changes of one circle but for people's names. Courses come first: a community is founded before
    it is joined. ``looked_at`` is when the look at the rosters began that is compared here."""
    founded: set[UUID] = set()
    for course in circle.courses:
        yield from _course_changes(course, circle.existing, founded)
    deltas = _Deltas(circle, looked_at, at)
    for community_id, members in circle.members.items():
        inside = [course for course in circle.courses if community_id in course.communities]
        yield from _membership_changes(community_id, inside, members, circle.people, deltas, looked_at, at)
    yield from deltas.left_over()


def keep(session: Session, plan: Plan) -> bool:
    """Writes the plan of a circle down and marks its courses as planned; False when another worker was faster."""
    for courses in some(plan.courses):
        still = select(SyncCourse.course).where(
            SyncCourse.run_id == plan.run_id, SyncCourse.course.in_(courses), SyncCourse.state == "planned"
        )
        if session.execute(still.limit(1)).first() is not None:
            return False
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
            "known_as": dict(change.known_as) if change.known_as else None,
            "before": dict(change.before),
            "after": dict(change.after),
            "reason": change.reason,
        }
        for number, change in enumerate(plan.changes, start=last + 1)
    ]
    if rows:
        session.execute(insert(table_of(SyncChange)), rows)
    for courses in some(plan.courses):
        session.execute(
            update(SyncCourse)
            .where(SyncCourse.run_id == plan.run_id, SyncCourse.course.in_(courses))
            .values(state="planned")
        )
    return True


Delta = tuple[dict[str, Any], dict[str, Any]]
"""An enrolment before and after: its state and roles."""


class _Deltas:
    """What the rosters change about enrolments. A change of membership takes the one it follows from with
    it, so that somebody's joining is one change and not two; those left over are changes of their own.
    """

    def __init__(self, circle: Circle, looked_at: datetime, at: datetime) -> None:
        self._people = circle.people
        self._courses = {course.lms_id: course for course in pulled(circle.courses)}
        self._of: dict[str, dict[str, Delta]] = {}
        for course in self._courses.values():
            for subject, delta in _enrolment_changes(course, circle.people, looked_at, at):
                self._of.setdefault(subject, {})[course.lms_id] = delta

    def take(self, subject: str, courses: Iterable[str]) -> tuple[str | None, Delta]:
        mine = self._of.get(subject, {})
        course = next((one for one in courses if one in mine and "missing_since" not in mine[one][1]), None)
        return (course, mine.pop(course)) if course is not None else (None, ({}, {}))

    def left_over(self) -> Iterator[Change]:
        for subject, mine in self._of.items():
            for lms_id, (before, after) in mine.items():
                course = self._courses[lms_id]
                entry = (course.roster or {}).get(subject)
                kind = _kind_of(before, after)
                said = _said_of(subject, entry if not before else None, self._people)
                yield Change(kind, lms_id, _first_of(course), subject, before, after, REASONS[kind], *said)


def _kind_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Kind:
    if "waits" in after:
        return Kind.STILL_MISSING
    if "missing_since" in after:
        return Kind.MISSING
    only_roles = before.get("enrolment") == after["enrolment"] and before["vouched"] and "missing_since" not in before
    return Kind.CHANGE_ROLES if only_roles else Kind.CHANGE_ENROLMENT


def _enrolment_changes(
    course: CircleCourse, people: People, looked_at: datetime, at: datetime
) -> Iterator[tuple[str, Delta]]:
    roster = course.roster or {}
    present = set()
    for subject, entry in roster.items():
        person = people.person.get(subject)
        present.add(person)
        stored = course.enrolments.get(person) if person else None
        state = "suspended" if entry.suspended else "active"
        if stored != Stored(state, entry.roles, vouched=True):
            before = _told_of(stored) if stored else {}
            yield subject, (before, {"enrolment": state, "roles": list(entry.roles)})
    for person, stored in course.enrolments.items():
        if person in present or person not in people.subject or not stored.vouched or stored.state == "gone":
            continue
        after: dict[str, Any] = {"enrolment": stored.state, "roles": list(stored.roles)}
        if stored.missing_since is None:
            after["missing_since"] = at.isoformat()
        elif is_missed(stored, looked_at):
            after = {"enrolment": "gone", "roles": []}
        else:
            after |= {"missing_since": stored.missing_since.isoformat(), "waits": True}
        yield people.subject[person], (_told_of(stored), after)


def is_missed(stored: Stored, looked_at: datetime) -> bool:
    """Whether an absence counts by now: a complete look lacked somebody, and so does one that began a day later."""
    return stored.missing_since is not None and looked_at - stored.missing_since >= MISSED_FOR


def _told_of(stored: Stored) -> dict[str, Any]:
    told = {"enrolment": stored.state, "roles": list(stored.roles), "vouched": stored.vouched}
    return told | ({"missing_since": stored.missing_since.isoformat()} if stored.missing_since else {})


def _course_changes(course: CircleCourse, existing: frozenset[UUID], founded: set[UUID]) -> Iterator[Change]:
    """``founded`` are the communities that the plan founds already."""
    if course.listed is None or not course.communities:
        return

    def change(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any], reason: str) -> Change:
        return Change(kind, course.lms_id, course.new_place or _first_of(course), None, before, after, reason)

    listed = asdict(course.listed)
    if course.presence == FOR_ITS_PARTS:
        return
    if course.presence in NOT_VISIBLE:
        yield change(Kind.COURSE_GONE, listed, {}, NOT_VISIBLE[course.presence])
        return
    if course.known and course.known != course.listed:
        yield change(Kind.RENAME_COURSE, asdict(course.known), listed, REASONS[Kind.RENAME_COURSE])
    if course.new_place is not None:
        is_new = course.new_place not in existing and course.new_place not in founded
        founded.add(course.new_place)
        kind = Kind.FOUND_COMMUNITY if is_new else Kind.PLACE_COURSE
        parent = {"parent": asdict(course.parent) | {"id": course.parent_id}} if course.parent else {}
        yield change(kind, {}, listed | {"name": course.founds, "together": course.together} | parent, REASONS[kind])


def _membership_changes(
    community_id: UUID,
    courses: Sequence[CircleCourse],
    members: Mapping[UUID, Member],
    people: People,
    deltas: _Deltas,
    looked_at: datetime,
    at: datetime,
) -> Iterator[Change]:
    """The changes in one community, from all its courses together: somebody stays while any of them has
    them."""
    lms_ids = [course.lms_id for course in pulled(courses)]
    held = _held(courses, people, looked_at)
    listed_by = _listed_by(courses)

    def change(kind: Kind, subject: str, before: str | None, after: str, entry: Entry | None = None) -> Change:
        course, (enrolment_before, enrolment_after) = deltas.take(subject, lms_ids)
        return Change(
            kind,
            course or listed_by.get(subject, lms_ids[0]),
            community_id,
            subject,
            {"membership": before, **enrolment_before},
            {"membership": after, **enrolment_after},
            REASONS[kind],
            *_said_of(subject, entry, people),
        )

    for subject, entry in _entries(courses, people).items():
        person = people.person.get(subject)
        member = members.get(person) if person else None
        if entry.suspended:
            pausable = member and (member.state == "active" or (member.state, member.reason) == ("paused", GONE))
            if person and member and pausable and held[person] == "suspended":
                yield change(Kind.PAUSE, subject, member.state, "paused")
        elif member is None:
            yield change(Kind.JOIN, subject, None, "active", entry)
        elif member.state != "active" and member.reason in BY_SYNC:
            yield change(Kind.RESUME, subject, member.state, "active")

    vouched = {person for course in courses for person, row in course.enrolments.items() if row.vouched}
    for person, member in members.items():
        # whom no roster of these courses ever had, none of them can lack
        if member.state == "left" or member.subject is None or person in held or person not in vouched:
            continue
        if member.leads:
            state, reason = {"membership": member.state}, REASONS[Kind.KEPT_LEADER]
            yield Change(Kind.KEPT_LEADER, lms_ids[0], community_id, member.subject, state, state, reason)
        elif member.state == "active" or member.reason == SUSPENDED:
            yield change(Kind.REST, member.subject, member.state, "paused")
        elif member.reason == GONE and member.paused_at is not None and at - member.paused_at >= RESTS_FOR:
            yield change(Kind.END, member.subject, member.state, "left")


def _entries(courses: Sequence[CircleCourse], people: People) -> dict[str, Entry]:
    """The rosters of these courses as one; somebody active in any of them is active, with whichever account."""
    entries: dict[UUID | str, tuple[str, Entry]] = {}
    for course in courses:
        for subject, entry in (course.roster or {}).items():
            who = people.person.get(subject, subject)
            if who not in entries or (entries[who][1].suspended and not entry.suspended):
                entries[who] = subject, entry
    return dict(entries.values())


def _listed_by(courses: Sequence[CircleCourse]) -> dict[str, str]:
    """Subject → the course whose roster brings them, rather one that has them active."""
    found: dict[str, tuple[bool, str]] = {}
    for course in courses:
        for subject, entry in (course.roster or {}).items():
            if subject not in found or (found[subject][0] and not entry.suspended):
                found[subject] = (entry.suspended, course.lms_id)
    return {subject: course for subject, (_, course) in found.items()}


def _said_of(subject: str, entry: Entry | None, people: People) -> tuple[str | None, dict[str, str] | None]:
    """The name, number and post with which the site introduces somebody; of those it has met, `_renames` tells."""
    return (None, None) if entry is None or subject in people.known else (entry.name, entry.known_as())


def _held(courses: Sequence[CircleCourse], people: People, looked_at: datetime) -> dict[UUID, str]:
    """Which persons these courses hold, ``active`` or ``suspended``; the better word of any course counts.

    A pulled course holds its roster, whoever is missing from it and whose absence does not count yet, and whoever came
    by launch without ever being in a roster (an administrator, a guest). A course that was not pulled holds whom it
    held when last seen.
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
            counts = stored.vouched and is_missed(stored, looked_at)
            speaks = course.roster is None or not (counts or person in rostered)
            if speaks and stored.state != "gone":
                add(person, stored.state)
    return held


def _renames(circle: Circle) -> list[Change]:
    """Everybody whom the LMS calls by another name or number now, or of whom it says another post, once."""
    renames: dict[str, Change] = {}
    for course in pulled(circle.courses):
        for subject, entry in (course.roster or {}).items():
            known = circle.people.known.get(subject)
            if known is None:
                continue
            if known.first and entry.name not in ("", known.name):
                kind, name = Kind.RENAME_PERSON, entry.name
            elif entry.sourced_id not in (None, known.sourced_id) or _says_post(entry, known):
                kind, name = Kind.NOTE_PERSON, None
            else:
                continue
            where = (course.lms_id, _first_of(course), subject)
            renames[subject] = Change(kind, *where, {}, {}, REASONS[kind], name, entry.known_as())
    return list(renames.values())


def _says_post(entry: Entry, known: Known) -> bool:
    """Whether the site says a post that is to be kept: of two sites that do, the first decides, as with names."""
    return entry.post_type not in (None, known.post_type) and (known.first or known.post_type is None)


def _told(session: Reader, run_id: UUID, subjects: Sequence[str]) -> set[str | None]:
    """Of these, whose new name the run's plan has already: one may be in many circles."""
    told: set[str | None] = set()
    for chunk in some(subjects):
        told.update(
            session.execute(
                select(SyncChange.subject).where(
                    SyncChange.run_id == run_id,
                    SyncChange.subject.in_(chunk),
                    SyncChange.kind.in_([Kind.RENAME_PERSON.value, Kind.NOTE_PERSON.value]),
                )
            ).scalars()
        )
    return told


def _first_of(course: CircleCourse) -> UUID | None:
    return course.communities[0] if course.communities else None
