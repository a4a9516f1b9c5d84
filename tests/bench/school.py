"""A school of any size, made up as it is asked for: who is in which course follows from the numbers alone.

Nothing is kept for a person or an enrolment, so that what is measured beside it is not the school's own memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.roster import Category, Cohort, Course, Enrolment, Group, Grouping, Person, Site
from connectors.source import Page, Probe

FIRST_COURSE = 2
"""Moodle's own front page is course 1."""

FIRST_PERSON = 100

_GIVEN = ("Гүлнар", "John", "Ayşe", "Қайрат", "Milena", "İpek", "Lejla", "Иван", "Marijke", "Ана")
_FAMILY = ("Әбдірахманова", "Садыков", "Yıldız", "O'Brien", "Petrović", "Jansen", "Ахметов", "Hodžić", "Стојанов")


@dataclass(frozen=True, slots=True)
class School:
    """``courses`` of ``each`` people out of ``people``; every eightieth enrolment is suspended.

    A `RosterSource`, for measuring without an LMS.
    """

    courses_many: int
    people_many: int
    each: int
    page_size: int = 500

    @property
    def enrolments(self) -> int:
        return self.courses_many * self.each

    def members(self, course: int) -> list[int]:
        """Everybody enrolled in a course, in the order of their ids."""
        start = (course - FIRST_COURSE) * self.each
        return sorted(FIRST_PERSON + (start + k) % self.people_many for k in range(self.each))

    @staticmethod
    def is_suspended(course: int, person: int) -> bool:
        return (course + person) % 80 == 79

    @staticmethod
    def name(person: int) -> str:
        return f"{_GIVEN[person % len(_GIVEN)]} {_FAMILY[person // len(_GIVEN) % len(_FAMILY)]} {person}"

    @staticmethod
    def role(person: int) -> str:
        return "editingteacher" if person % 25 == 0 else "student"

    @property
    def course_numbers(self) -> range:
        return range(FIRST_COURSE, FIRST_COURSE + self.courses_many)

    def site(self) -> Site:
        return Site("http://localhost", "School", "4.5", "3")

    def courses(self) -> Iterator[Course]:
        for number in self.course_numbers:
            yield Course(str(number), f"C{number}", f"Course {number}", visible=True, category_id="1")

    def course(self, course_id: str) -> Course | None:
        return next((course for course in self.courses() if course.id == course_id), None)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        course, begin = int(course_id), int(start or 0)
        members = self.members(course)
        while True:
            end = begin + self.page_size
            rows = tuple(
                Enrolment(
                    course_id,
                    Person(str(person), self.name(person)),
                    (self.role(person),),
                    self.is_suspended(course, person),
                )
                for person in members[begin:end]
            )
            yield Page(rows, str(end) if end < len(members) else None)
            if end >= len(members):
                return
            begin = end

    def groups(self, course_id: str) -> Iterator[Group]:
        """None; nor is anything else here that courses are not made of."""
        yield from ()

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        yield from ()

    def categories(self) -> Iterator[Category]:
        yield Category("1", "School", None)

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        for one in dict.fromkeys(ids):
            yield Person(one, self.name(int(one)))

    def probe(self) -> Probe:
        return Probe(self.site(), (), (), ())
