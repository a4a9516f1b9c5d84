"""What there is on this practice LMS right now: people, courses, tools, activities, and what is switched on.

Readers take no lock: a change puts a new dict in the place of the one it changes. ``changes`` has the verbs, ``state``
keeps them.
"""

import time
from collections.abc import Callable, Iterable
from threading import RLock

from lms_plc.practice_lms import people, school_year
from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.records import Activity, Event, Message
from lms_plc.practice_lms.school_year import Cohort, Course, Enrolment, Group, Grouping
from lms_plc.practice_lms.site import ACTIVITY, ACTIVITY_TEXT
from lms_plc.practice_lms.tools import PRESET, Tool


class School:
    """As on the first day, until changes are played over it."""

    def __init__(
        self, *, now: Callable[[], float] = time.time, preset: Tool | None = None, beyond: Iterable[str] = ()
    ) -> None:
        """``preset`` is the tool this start brings along, ``beyond`` the switches on until an admin turns them."""
        self.now = now
        self.preset = preset
        self.courses: dict[int, Course] = school_year.first_day_courses()
        self.groups: dict[int, Group] = school_year.first_day_groups()
        self.groupings: dict[int, Grouping] = school_year.first_day_groupings()
        self.cohorts: dict[int, Cohort] = school_year.first_day_cohorts()
        self.events: dict[int, Event] = {}
        self.messages: dict[int, Message] = {}
        self.last_numbers: dict[str, int] = {}
        self.accounts: dict[int, Person] = people.everyone()
        self.rosters: dict[int, dict[int, Enrolment]] = school_year.first_day_enrolments()
        self.placed: dict[int, Activity] = {}
        self.registered: dict[int, Tool] = {}
        self.last_tool_id = PRESET
        self.switches: dict[str, bool] = dict.fromkeys(beyond, True)
        self.closed: frozenset[str] = frozenset()
        self.handlers: dict[tuple[int, str], str] = {}
        self.crowd_size = 0
        self.lock = RLock()

    # People and courses

    def person(self, user_id: int) -> Person | None:
        if user_id >= school_year.BIG_FIRST_PERSON:
            self._gather_crowd()
        return self.accounts.get(user_id)

    def people(self) -> list[Person]:
        """Everybody in the order of ids, without the crowd of a measuring course."""
        return [p for i, p in self.accounts.items() if i < school_year.BIG_FIRST_PERSON]

    def roster(self, course_id: int) -> list[Enrolment]:
        """All enrolments of a course by user id, whatever their state; [] for an unknown course."""
        if course_id == school_year.BIG_COURSE:
            self._gather_crowd()
        return [e for _, e in sorted(self.rosters.get(course_id, {}).items())]

    def enrolment(self, course_id: int, user_id: int) -> Enrolment | None:
        if course_id == school_year.BIG_COURSE:
            self._gather_crowd()
        return self.rosters.get(course_id, {}).get(user_id)

    def courses_of(self, user_id: int) -> list[Course]:
        """The visible courses somebody takes part in now; a hidden one only for those who may edit it."""
        found = []
        for course in self.courses.values():
            place = self.enrolment(course.id, user_id)
            if place and place.active(self.now()) and (course.visible or "editingteacher" in place.roles):
                found.append(course)
        return found

    def course_groups(self, course_id: int) -> list[Group]:
        if course_id == school_year.BIG_COURSE:
            self._gather_crowd()
        return sorted((g for g in self.groups.values() if g.course_id == course_id), key=lambda g: g.name)

    def group(self, group_id: int) -> Group | None:
        if group_id >= school_year.BIG_FIRST_PERSON:
            self._gather_crowd()
        return self.groups.get(group_id)

    def course_groupings(self, course_id: int) -> list[Grouping]:
        return sorted((g for g in self.groupings.values() if g.course_id == course_id), key=lambda g: g.name)

    def calendar(self, course_id: int) -> list[Event]:
        """The dates of a course and of its groups that people may see, the earliest first."""
        shown = (e for e in self.events.values() if e.kind in ("course", "group") and e.visible)
        return sorted((e for e in shown if e.course_id == course_id), key=lambda e: (e.starts, e.id))

    def messages_to(self, user_id: int) -> list[Message]:
        """The latest first."""
        return [message for message in reversed(self.messages.values()) if message.user_id == user_id]

    def next_number(self, kind: str, there: Iterable[int]) -> int:
        """The number of the next thing of a kind of which these are there; that of a deleted one is not given again."""
        own = (number for number in there if number < school_year.BIG_FIRST_PERSON)
        return max(self.last_numbers.get(kind, 0), *own, 0) + 1

    def history(self, course: Course) -> list[int]:
        """The courses this one descends from, the nearest first."""
        found: list[int] = []
        while course.original and course.original not in found:
            found.append(course.original)
            if course.original not in self.courses:
                break
            course = self.courses[course.original]
        return found

    # Tools, their activities, and what is switched on

    def tools(self) -> list[Tool]:
        """The tool of this start first, then those that registered, pending ones too."""
        return [*([self.preset] if self.preset else []), *self.registered.values()]

    def tool(self, tool_id: int) -> Tool | None:
        return next((tool for tool in self.tools() if tool.id == tool_id), None)

    def next_tool_id(self) -> int:
        return max([self.last_tool_id, *self.registered]) + 1

    def added_activities(self, course_id: int) -> list[Activity]:
        """Without the one every course has from the start."""
        return [activity for activity in self.placed.values() if activity.course_id == course_id]

    def activities(self, course_id: int) -> list[Activity]:
        """Raises KeyError for an unknown course."""
        course = self.courses[course_id]
        own = Activity(int(course.link_id), course.cmid, course.id, PRESET, ACTIVITY, ACTIVITY_TEXT)
        return [*([own] if self.preset else []), *self.added_activities(course_id)]

    def activity(self, cmid: int) -> Activity | None:
        found = (a for course_id in self.courses for a in self.activities(course_id) if a.cmid == cmid)
        return next(found, None)

    def may_call(self, function: str) -> bool:
        """Whether the token's service holds this web service function; all until an admin takes one out."""
        return function not in self.closed

    def is_on(self, switch: str) -> bool:
        return self.switches.get(switch, False)

    def _gather_crowd(self) -> None:
        with self.lock:
            if not self.crowd_size or school_year.BIG_COURSE in self.rosters:
                return
            _, crowd, roster, groups = school_year.big_course(self.crowd_size)
            self.accounts = self.accounts | crowd
            self.groups = self.groups | groups
            self.rosters[school_year.BIG_COURSE] = roster
