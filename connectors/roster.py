"""Which words does every LMS's roster come in?

Ids are text, whatever the LMS counts with. Titles are plain text: no markup, no escapes. People are an id, a
full name and the number that a register knows them by, and nothing else, because nothing else is needed to know who
belongs to a course and who is who in another LMS. Only a table made for the purpose says a post type too; an LMS does
not know it.
"""

from dataclasses import dataclass, field

POST_TYPES = ("teacher", "support_service", "leader", "teacher_educator", "official", "other")
"""What somebody's post may be. Posts are counted; no right comes from one."""


@dataclass(frozen=True, slots=True)
class Site:
    """An LMS installation, as it introduces itself.

    `url` is the address the LMS believes it has, `release` its version in its own words, `user_id` the
    account that reads it.
    """

    url: str
    name: str
    release: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Course:
    """A course. `visible` is False where students do not see it yet.

    `id_number` is None where we may not read it.
    """

    id: str
    short_name: str
    title: str
    visible: bool
    id_number: str | None = None
    category_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. Name and number stay out of the repr, so that they cannot wander into a log.

    `post_type` is one of `POST_TYPES`, or None where nobody said it. `id_number` is what a register of people calls
    this person; None where there is none or we may not read it.
    """

    id: str
    name: str = field(repr=False)
    post_type: str | None = None
    id_number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person in one course, with the LMS's own short names of their roles, sorted, each once.

    Maybe none.
    """

    course_id: str
    person: Person
    roles: tuple[str, ...]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group of one course and the ids of its members, sorted. `id_number` is None where we may not read it."""

    id: str
    course_id: str
    name: str
    member_ids: tuple[str, ...]
    id_number: str | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of one course taken together, and their ids, sorted."""

    id: str
    course_id: str
    name: str
    group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """Where courses are sorted in: a faculty, a school. `parent_id` is None at the top.

    A parent may be out of sight: then it is named here, and not among the categories.
    """

    id: str
    name: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """A set of people known to the whole site, and the ids of its members, sorted."""

    id: str
    name: str
    id_number: str | None
    member_ids: tuple[str, ...]
