"""What has happened on this practice LMS since its first day, and its secrets; kept in one JSON file.

People and courses of the first day are code. The file holds the signing key, the tokens, the grades, and the
list of changes someone made (enrolled, renamed, …), which are played again over the first day at every start.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any
from unicodedata import category

from joserfc.jwk import KeyParameters, RSAKey

from lms_plc.practice_lms import people, school_year
from lms_plc.practice_lms.faults import Fault, FaultSwitch
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.school_year import Cohort, Course, Enrolment, Group

FILE_NAME = "practice.json"
TOKEN_LIFE = 3600
"""Seconds an access token of the LTI services lives."""

_OPEN_LAUNCHES = 2_000
_FIRST_LINE_ITEM = 1_001


@dataclass(frozen=True, slots=True)
class OpenLaunch:
    """A launch the person has begun and the tool has not yet asked for."""

    user_id: int
    course_id: int
    container: int


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column of the grade book; ``link_id`` is '' when it hangs on no activity."""

    id: int
    course_id: int
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """``score`` is None when a later report erased it; ``at`` is the ISO 8601 time the tool gave."""

    user_id: int
    at: str
    score: float | None = None
    comment: str = ""


class State:
    """One site in memory, safe for several threads. Only the methods below change it.

    Readers take no lock: a change puts a new dict in the place of the one it changes.
    """

    def __init__(self, data_dir: Path, *, faults: Iterable[Fault] = (), now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.faults = FaultSwitch(faults)
        self.courses: dict[int, Course] = school_year.first_day_courses()
        self.groups: dict[int, Group] = school_year.first_day_groups()
        self.cohorts: dict[int, Cohort] = school_year.first_day_cohorts()
        self._people = people.everyone()
        self._rosters = school_year.first_day_enrolments()
        self._crowd_size = 0
        self._launches: dict[str, OpenLaunch] = {}
        self._tokens: dict[str, dict[str, Any]] = {}
        self._line_items: dict[int, LineItem] = {}
        self._grades: dict[int, dict[int, Grade]] = {}
        self._changes: list[dict[str, Any]] = []
        self._lock = RLock()
        self._file = data_dir / FILE_NAME
        data_dir.mkdir(parents=True, exist_ok=True)
        self._load()

    @cached_property
    def key(self) -> RSAKey:
        """The private key that signs launches; read when first needed, as checking it takes a while."""
        return RSAKey.import_key(self._key)

    # People and courses

    def person(self, user_id: int) -> Person | None:
        if user_id >= school_year.BIG_FIRST_PERSON:
            self._gather_crowd()
        return self._people.get(user_id)

    def people(self) -> list[Person]:
        """Everybody in the order of ids, without the crowd of a measuring course."""
        return [p for i, p in self._people.items() if i < school_year.BIG_FIRST_PERSON]

    def roster(self, course_id: int) -> list[Enrolment]:
        """All enrolments of a course by user id, whatever their state; [] for an unknown course."""
        if course_id == school_year.BIG_COURSE:
            self._gather_crowd()
        return [e for _, e in sorted(self._rosters.get(course_id, {}).items())]

    def enrolment(self, course_id: int, user_id: int) -> Enrolment | None:
        if course_id == school_year.BIG_COURSE:
            self._gather_crowd()
        return self._rosters.get(course_id, {}).get(user_id)

    def courses_of(self, user_id: int) -> list[Course]:
        """The visible courses somebody takes part in now; a hidden one only for those who may edit it."""
        found = []
        for course in self.courses.values():
            place = self.enrolment(course.id, user_id)
            if place and place.active(self.now()) and (course.visible or "editingteacher" in place.roles):
                found.append(course)
        return found

    def course_groups(self, course_id: int) -> list[Group]:
        return sorted((g for g in self.groups.values() if g.course_id == course_id), key=lambda g: g.name)

    def course_of_activity(self, cmid: int) -> Course | None:
        return next((c for c in self.courses.values() if c.cmid == cmid), None)

    def history(self, course: Course) -> list[int]:
        """The courses this one descends from, the nearest first."""
        found: list[int] = []
        while course.original and course.original not in found:
            found.append(course.original)
            if course.original not in self.courses:
                break
            course = self.courses[course.original]
        return found

    # Changes an admin makes; each is kept and played again at the next start

    def enrol(self, course_id: int, user_id: int, role: str = "student") -> None:
        """Raises KeyError for an unknown course, person or role. A repeat also ends a suspension."""
        self._change("enrol", course_id=course_id, user_id=user_id, role=role)

    def unenrol(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled; leaves the groups of the course too."""
        self._change("unenrol", course_id=course_id, user_id=user_id)

    def suspend(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled."""
        self._change("set_suspended", course_id=course_id, user_id=user_id, suspended=True)

    def reactivate(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled."""
        self._change("set_suspended", course_id=course_id, user_id=user_id, suspended=False)

    def rename(self, user_id: int, firstname: str, lastname: str) -> None:
        """Raises KeyError for an unknown person, ValueError for an empty or very long name."""
        self._change("rename", user_id=user_id, firstname=firstname, lastname=lastname)

    def copy_course(self, course_id: int, *, with_people: bool = False) -> Course:
        """The new course, which remembers its original. Raises KeyError for an unknown course."""
        number = max(i for i in self.courses if i != school_year.BIG_COURSE) + 1
        self._change(
            "copy_course",
            course_id=course_id,
            number=number,
            started=int(self.now()),
            with_people=with_people,
        )
        return self.courses[number]

    def add_big_course(self, size: int) -> Course:
        """A measuring course of ``size`` people, made when first read; not kept for the next start."""
        with self._lock:
            course = school_year.big_course(0)[0]
            self.courses = self.courses | {course.id: course}
            self._crowd_size = size
            self._rosters.pop(course.id, None)
        return course

    # Launches

    def begin_launch(self, user_id: int, course: Course, container: int) -> str:
        """The launch id for the tool's message hint; it works once."""
        launch_id = f"ltilaunch{course.link_id}_{secrets.randbelow(10**10)}"
        with self._lock:
            self._launches[launch_id] = OpenLaunch(user_id, course.id, container)
            while len(self._launches) > _OPEN_LAUNCHES:
                del self._launches[next(iter(self._launches))]
        return launch_id

    def take_launch(self, launch_id: str) -> OpenLaunch | None:
        with self._lock:
            return self._launches.pop(launch_id, None)

    # Access tokens of the LTI services

    def issue_token(self, scopes: list[str]) -> str:
        token = secrets.token_hex(16)
        now = self.now()
        with self._lock:
            alive = {t: v for t, v in self._tokens.items() if v["until"] > now}
            self._tokens = alive | {token: {"scopes": scopes, "until": now + TOKEN_LIFE}}
            self._save()
        return token

    def token_scopes(self, token: str) -> list[str]:
        """[] for an unknown or expired token."""
        found = self._tokens.get(token)
        return found["scopes"] if found and found["until"] > self.now() else []

    # Grade book

    def line_items(self, course_id: int) -> list[LineItem]:
        """The column of the activity first, then those the tool made."""
        course = self.courses[course_id]
        own = LineItem(course.id + 300, course.id, "Our learning community", 100, link_id=course.link_id)
        made = [item for item in self._line_items.values() if item.course_id == course_id]
        return ([] if own.id in self._line_items else [own]) + made

    def put_line_item(self, item: LineItem) -> None:
        with self._lock:
            self._line_items = self._line_items | {item.id: item}
            self._save()

    def add_line_item(self, **fields: Any) -> LineItem:
        with self._lock:
            item = LineItem(max([_FIRST_LINE_ITEM - 1, *self._line_items]) + 1, **fields)
            self.put_line_item(item)
        return item

    def delete_line_item(self, item_id: int) -> None:
        """Deletes a column the tool made, with its grades; that of the activity itself stays."""
        with self._lock:
            self._line_items = {i: item for i, item in self._line_items.items() if i != item_id}
            self._grades = {i: grades for i, grades in self._grades.items() if i != item_id}
            self._save()

    def grades(self, item_id: int) -> list[Grade]:
        return list(self._grades.get(item_id, {}).values())

    def put_grade(self, item_id: int, grade: Grade) -> None:
        with self._lock:
            grades = self._grades.get(item_id, {}) | {grade.user_id: grade}
            self._grades = self._grades | {item_id: grades}
            self._save()

    # The file

    def _load(self) -> None:
        kept = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self._key = kept.get("key") or _new_key()
        self.session_secret: str = kept.get("session_secret") or secrets.token_hex(32)
        self.ws_token: str = kept.get("ws_token") or secrets.token_hex(16)
        self._tokens = kept.get("tokens", {})
        self._line_items = {i["id"]: LineItem(**i) for i in kept.get("line_items", [])}
        self._grades = {
            int(item): {g["user_id"]: Grade(**g) for g in grades} for item, grades in kept.get("grades", {}).items()
        }
        for change in kept.get("changes", []):
            self._apply(**change)
            self._changes.append(change)
        if not kept:
            self._save()

    def _save(self) -> None:
        kept = {
            "key": self._key,
            "session_secret": self.session_secret,
            "ws_token": self.ws_token,
            "tokens": self._tokens,
            "changes": self._changes,
            "line_items": [asdict(item) for item in self._line_items.values()],
            "grades": {item: [asdict(g) for g in grades.values()] for item, grades in self._grades.items()},
        }
        part = self._file.with_suffix(".part")
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8") as out:
            json.dump(kept, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._file)

    def _change(self, verb: str, **what: Any) -> None:
        with self._lock:
            self._apply(verb, **what)
            if not _of_the_crowd(what):
                self._changes.append({"verb": verb, **what})
                self._save()

    def _apply(self, verb: str, **what: Any) -> None:
        _VERBS[verb](self, **what)

    def _gather_crowd(self) -> None:
        with self._lock:
            if not self._crowd_size or school_year.BIG_COURSE in self._rosters:
                return
            _, crowd, roster, groups = school_year.big_course(self._crowd_size)
            self._people = self._people | crowd
            self.groups = self.groups | groups
            self._rosters[school_year.BIG_COURSE] = roster


def _of_the_crowd(what: dict[str, Any]) -> bool:
    """Whether a change is about the measuring course or its people, who are not there after a restart."""
    return what.get("course_id") == school_year.BIG_COURSE or what.get("user_id", 0) >= school_year.BIG_FIRST_PERSON


def _new_key() -> dict[str, Any]:
    parameters: KeyParameters = {"use": "sig", "alg": "RS256", "kid": secrets.token_hex(10)}
    return RSAKey.generate_key(2048, parameters).as_dict(private=True)


def _enrol(state: State, course_id: int, user_id: int, role: str) -> None:
    if course_id not in state.courses or state.person(user_id) is None or role not in school_year.ROLE_IDS:
        raise KeyError("unknown course, person or role")
    before = state.enrolment(course_id, user_id)
    roles = (role,) if before is None or role in before.roles else (*before.roles, role)
    state._rosters[course_id] = state._rosters.get(course_id, {}) | {user_id: Enrolment(user_id, roles)}


def _unenrol(state: State, course_id: int, user_id: int) -> None:
    if state.enrolment(course_id, user_id) is None:
        raise KeyError("not enrolled")
    state._rosters[course_id] = {i: e for i, e in state._rosters[course_id].items() if i != user_id}
    left = {
        group.id: replace(group, members=tuple(m for m in group.members if m != user_id))
        for group in state.course_groups(course_id)
    }
    state.groups = state.groups | left


def _set_suspended(state: State, course_id: int, user_id: int, suspended: bool) -> None:
    place = state.enrolment(course_id, user_id)
    if place is None:
        raise KeyError("not enrolled")
    state._rosters[course_id] = state._rosters[course_id] | {user_id: replace(place, suspended=suspended)}


def _rename(state: State, user_id: int, firstname: str, lastname: str) -> None:
    person = state.person(user_id)
    if person is None:
        raise KeyError("unknown person")
    names = firstname.strip(), lastname.strip()
    if not all(names) or max(map(len, names)) > 100 or any(category(c) == "Cc" for c in "".join(names)):
        raise ValueError("a name needs 1 to 100 characters and no control characters")
    renamed = replace(person, firstname=names[0], lastname=names[1])
    state._people = state._people | {user_id: renamed}


def _copy_course(state: State, course_id: int, number: int, started: int, with_people: bool) -> None:
    source = state.courses[course_id]
    copied = replace(
        source,
        id=number,
        shortname=f"{source.shortname} copy {number}",
        fullname=f"{source.fullname} copy {number}",
        idnumber="",
        original=source.id,
        started=started,
        visible=True,
    )
    state.courses = state.courses | {number: copied}
    state._rosters[number] = {e.user_id: e for e in state.roster(course_id)} if with_people else {}


_VERBS: dict[str, Callable[..., None]] = {
    "enrol": _enrol,
    "unenrol": _unenrol,
    "set_suspended": _set_suspended,
    "rename": _rename,
    "copy_course": _copy_course,
}
