"""Which courses there are and who is in them on the first day, quirks included.

Ten are school learning communities, one is a university module for future teachers, one is a hidden draft;
one of the ten was copied from another. What people do later is kept by ``state``.
"""

from dataclasses import dataclass, replace
from typing import Any

from lms_plc.practice_lms.people import FIRST_TEACHER, MENTOR, SCHOOLS, STAFF, Person, crowd_person

DAY = 86_400
YEAR_START = 1_788_220_800
"""1 September 2026, 00:00 UTC; every date of the seed counts from here."""

ROLE_IDS = {"manager": 1, "editingteacher": 3, "teacher": 4, "student": 5}
"""Moodle's standard roles: short name → role id."""

BIG_COURSE = 900
BIG_FIRST_PERSON = 100_000
_BIG_GROUP = 250


@dataclass(frozen=True, slots=True)
class Category:
    """``parent`` is the number of the category it stands in, 0 at the top; a number need not be after its parent's."""

    id: int
    name: str
    idnumber: str = ""
    parent: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """``original`` is the course this one was copied from; ``started`` is in Unix seconds."""

    id: int
    shortname: str
    fullname: str
    category: Category
    idnumber: str
    summary: str
    visible: bool = True
    original: int | None = None
    started: int = YEAR_START

    @property
    def link_id(self) -> str:
        """The resource link id of its activity: the number of the LTI instance, which is not the cmid."""
        return str(self.id + 20)

    @property
    def cmid(self) -> int:
        return self.id + 60


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody's place in a course. ``starts`` and ``ends`` are Unix seconds, 0 for no bound."""

    user_id: int
    roles: tuple[str, ...]
    suspended: bool = False
    starts: int = 0
    ends: int = 0

    def active(self, now: float) -> bool:
        return not self.suspended and self.starts <= now and (self.ends == 0 or now < self.ends)


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    course_id: int
    name: str
    idnumber: str
    members: tuple[int, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """``groups`` are the numbers of its groups; one without groups is an ordinary thing on Moodle."""

    id: int
    course_id: int
    name: str
    idnumber: str
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """``category`` is the category it belongs to, 0 for the whole site; ``description`` is HTML."""

    id: int
    name: str
    idnumber: str
    members: tuple[int, ...]
    visible: bool = True
    description: str = ""
    category: int = 0


_SCHOOLS_CATEGORY = 7
TURKEY, SERBIA, MACEDONIA, BOSNIA, KAZAKHSTAN = (
    Category(number, name, f"CAT-{land}", _SCHOOLS_CATEGORY)
    for number, (land, name) in enumerate(
        (
            ("TR", "Türkiye · Okul öğrenme toplulukları"),
            ("RS", "Србија · Заједнице учења"),
            ("MK", "Македонија · Заедници за учење"),
            ("BA", "Bosna i Hercegovina · Zajednice učenja"),
            ("KZ", "Қазақстан · Кәсіби қауымдастықтар"),
        ),
        start=1,
    )
)
UNIVERSITY = Category(6, "Педагошки факултет & пракса", "CAT-UNI")
SCHOOLS_OF_THE_NETWORK = Category(_SCHOOLS_CATEGORY, "Училишта · Okullar · Škole & мектептер", "CAT-SCHOOLS")
ARCHIVE = Category(8, "Архива", "CAT-ARCHIVE", UNIVERSITY.id)
CATEGORIES = {
    category.id: category
    for category in (
        SCHOOLS_OF_THE_NETWORK,
        TURKEY,
        SERBIA,
        MACEDONIA,
        BOSNIA,
        KAZAKHSTAN,
        UNIVERSITY,
        ARCHIVE,
    )
}
"""Category id → category, each before those that stand in it; in this order the site sorts them."""

_MEETS = "<p>{}</p>"
_COURSES = (
    (
        2,
        "KONYA-MAT",
        "Matematik Öğretmenleri Öğrenme Topluluğu – Konya",
        TURKEY,
        "Her iki haftada bir salı günü buluşuruz.",
    ),
    (
        3,
        "BURSA-GOZLEM",
        "Ders Gözlemi & Geri Bildirim – Bursa",
        TURKEY,
        "Birbirimizin dersini izler, birlikte düşünürüz.",
    ),
    (4, "UZICE-ZU", "Заједница учења наставника – Ужице", SERBIA, "Састајемо се сваке друге среде."),
    (
        5,
        "VELES-ZPU",
        "Заедница за професионално учење – Велес",
        MACEDONIA,
        "Секој втор четврток, во библиотеката.",
    ),
    (
        6,
        "NOVISAD-ZU",
        "Zajednica učenja nastavnika – Novi Sad",
        SERBIA,
        "Prvi ponedeljak u mesecu, u zbornici.",
    ),
    (7, "ZENICA-ZU", "Zajednica učenja nastavnika – Zenica", BOSNIA, "Sastajemo se svake druge srijede."),
    (
        8,
        "BITOLA-PN",
        "Наставници по природни науки – Битола",
        MACEDONIA,
        "Истражуваме како учениците поставуваат прашања.",
    ),
    (
        9,
        "TALGAR-MAT",
        "Математика мұғалімдерінің кәсіби қоғамдастығы – Талғар",
        KAZAKHSTAN,
        "Бейсенбі сайын кездесеміз.",
    ),
    (
        10,
        "KOKSHE-LS",
        "Lesson Study: сабақты бірлесіп жоспарлау – Көкшетау",
        KAZAKHSTAN,
        "Үш сабақ, бір сұрақ.",
    ),
    (
        11,
        "PF-PRAKSA",
        "Педагошка практика: рефлексивен наставник",
        UNIVERSITY,
        "Модул за идни одделенски наставници.",
    ),
    (12, "IZMIR-TASLAK", "Taslak: Kapsayıcı sınıflar – İzmir", TURKEY, "Henüz açılmadı."),
    (
        13,
        "VELES-ZPU-2",
        "Заедница за професионално учење – Велес, втора група",
        MACEDONIA,
        "Втора група, иста рамка.",
    ),
)
_SCHOOL_OF = {
    **{2: "konya", 3: "bursa", 4: "uzice", 5: "veles", 6: "novisad", 7: "zenica"},
    **{8: "bitola", 9: "talgar", 10: "kokshetau", 11: "skopje", 12: "izmir", 13: "veles"},
}
_MENTORED = (5, 8, 13)
_VISITORS = {8: 5, 9: 2, 10: 6, 11: 12, 12: 8}
_GROUP_NAMES = ("Mathematics & Science", "Languages")


def first_day_courses() -> dict[int, Course]:
    return {
        number: Course(
            id=number,
            shortname=short,
            fullname=full,
            category=category,
            idnumber=f"PLC/{short}",
            summary=_MEETS.format(summary),
            visible=number != 12,
            original=5 if number == 13 else None,
        )
        for number, short, full, category, summary in _COURSES
    }


def staff_ids(key: str) -> range:
    first = FIRST_TEACHER
    for school in SCHOOLS:
        if school.key == key:
            return range(first, first + STAFF[key])
        first += STAFF[school.key]
    raise KeyError(key)


def _school_roster(course_id: int) -> list[Enrolment]:
    """One leading teacher edits, two assist, the others take part."""
    ids = staff_ids(_SCHOOL_OF[course_id])
    if course_id == 13:
        ids = ids[7:]
    roles = [("editingteacher",), ("teacher",), ("teacher",), *[("student",)] * (len(ids) - 3)]
    return [Enrolment(user_id, role) for user_id, role in zip(ids, roles, strict=True)]


def first_day_enrolments() -> dict[int, dict[int, Enrolment]]:
    """Course id → user id → enrolment."""
    rosters = {course_id: {e.user_id: e for e in _school_roster(course_id)} for course_id in _SCHOOL_OF}
    students = staff_ids("skopje")
    rosters[11] = {7: Enrolment(7, ("editingteacher",))} | {i: Enrolment(i, ("student",)) for i in students}
    for course_id in _MENTORED:
        rosters[course_id][MENTOR] = Enrolment(MENTOR, ("editingteacher",))
    rosters[2][6] = Enrolment(6, ("teacher",))
    for user_id, course_id in _VISITORS.items():
        rosters[course_id][user_id] = Enrolment(user_id, ("student",))

    def odd(course_id: int, place: int, **what: Any) -> None:
        user_id = staff_ids(_SCHOOL_OF[course_id])[place]
        rosters[course_id][user_id] = replace(rosters[course_id][user_id], **what)

    odd(5, 9, suspended=True)
    odd(2, 10, suspended=True)
    odd(9, 8, suspended=True)
    odd(4, 1, roles=("teacher", "student"))
    odd(6, 12, roles=())
    odd(7, 11, starts=YEAR_START + 400 * DAY)
    odd(8, 12, ends=YEAR_START + 14 * DAY)
    return rosters


def first_day_groups() -> dict[int, Group]:
    """Two groups in every school community; the ampersand is there because Moodle escapes it."""
    groups = {}
    for course_id, roster in first_day_enrolments().items():
        people = [e.user_id for e in roster.values() if "editingteacher" not in e.roles]
        for half, name in enumerate(_GROUP_NAMES):
            number = 100 + course_id * 2 + half
            groups[number] = Group(number, course_id, name, f"G-{course_id}-{half + 1}", tuple(people[half::2]))
    return groups


def first_day_groupings() -> dict[int, Grouping]:
    """In Veles one of both groups and one without any, at the university one of the first group only."""
    first, second = (100 + 5 * 2 + half for half in range(2))
    return {
        1: Grouping(1, 5, "Subjects & languages", "GG-5-1", (first, second)),
        2: Grouping(2, 5, "Pairs for visits", "GG-5-2"),
        3: Grouping(3, 11, "Practice in spring", "", (100 + 11 * 2,)),
    }


def first_day_cohorts() -> dict[int, Cohort]:
    macedonian = (*staff_ids("veles"), *staff_ids("bitola"))
    psychologists = tuple(staff_ids(school.key)[3] for school in SCHOOLS if school.key != "skopje")
    return {
        1: Cohort(1, "Велес & Битола 2026", "COH-MK", macedonian),
        2: Cohort(2, "School psychologists and pedagogues", "COH-SUPPORT", psychologists),
        3: Cohort(3, "Next year", "", (), visible=False),
    }


def big_course(size: int) -> tuple[Course, dict[int, Person], dict[int, Enrolment], dict[int, Group]]:
    """A course of ``size`` people for measuring: every 83rd suspended, groups of 250, one leading teacher."""
    course = Course(BIG_COURSE, "BIG", f"Measuring course ({size})", UNIVERSITY, "PLC/BIG", "<p>Big</p>")
    persons = {BIG_FIRST_PERSON + n: crowd_person(n, BIG_FIRST_PERSON) for n in range(size)}
    enrolments = {
        user_id: Enrolment(user_id, ("editingteacher",) if n == 0 else ("student",), suspended=n % 83 == 82)
        for n, user_id in enumerate(persons)
    }
    ids = list(persons)
    groups = {
        BIG_FIRST_PERSON + n: Group(
            BIG_FIRST_PERSON + n,
            BIG_COURSE,
            f"Group {n + 1}",
            f"BIG-{n + 1}",
            tuple(ids[n * _BIG_GROUP : (n + 1) * _BIG_GROUP]),
        )
        for n in range((size + _BIG_GROUP - 1) // _BIG_GROUP)
    }
    return course, persons, enrolments, groups
