"""What does the LMS say of somebody at this very moment, and is that what is stored?

Read only, and bounded: so many courses, so much time. A roster that was not read to its end proves no absence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import Connection, select

from connectors import roster
from connectors.errors import ConnectorError
from connectors.source import RosterSource
from lms_plc.rostersync.explain_facts import CourseSeen, Facts
from lms_plc.rostersync.rules import COHORT, GROUP, GROUPING, Rule, laid_over, rules_of
from lms_plc.sites.models import Site
from lms_plc.web.i18n import format_list, gettext

MOST_COURSES = 10
MOST_ALIKE = 5
FOR_A_PAGE = timedelta(seconds=20)
"""So long somebody waits for a page; the command line waits as long as the LMS takes."""


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody as the LMS lists them at this moment; ``roles`` None where a group or cohort says none."""

    subject: str
    name: str = field(repr=False)
    suspended: bool = False
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the LMS said of one course: whether it is there, and who of it was meant.

    ``is_whole``: read to the end, so whoever is not in ``found`` is not in the course. ``problem`` is the sentence of
    an LMS that could not be read.
    """

    course: CourseSeen
    presence: str
    found: Sequence[Here] = ()
    is_whole: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about now; ``differs`` from what is stored."""

    text: str = field(repr=False)
    differs: bool = False


Patience = Callable[[], bool]
"""Whether to go on waiting."""


def patience(within: timedelta | None) -> Patience:
    """From now on; without an end for None."""
    until = None if within is None else monotonic() + within.total_seconds()
    return lambda: until is None or monotonic() < until


def ask_now(source: RosterSource, facts: Facts, goes_on: Patience) -> list[Answer]:
    """Looks for the person in the courses of the place, at the site that was asked about. Raises nothing."""
    here = [course for course in facts.courses if course.site_id == facts.site_id]
    answers = []
    for course in here[:MOST_COURSES]:
        if not goes_on():
            break
        try:
            answers.append(_ask(source, course, facts, goes_on))
        except ConnectorError as error:
            answers.append(Answer(course, "", problem=said_of(error)))
    return answers


def told_now(facts: Facts, answers: Sequence[Answer]) -> list[Said]:
    """The answers in sentences, compared with what is stored."""
    here = sum(course.site_id == facts.site_id for course in facts.courses)
    said = [one for answer in answers for one in _told(facts, answer)]
    if len(answers) < here:
        said.append(Said(gettext("Not every course of this community was asked: it would have taken too long.")))
    if not here:
        said.append(Said(gettext("This community has no course at %(site)s to ask about.", site=facts.site)))
    return said


@dataclass(frozen=True, slots=True)
class Covers:
    """What the syncs of a site cover: by its rules, and where none speaks."""

    rules: Sequence[Rule]
    everything: bool


def covered(connection: Connection, site_id: UUID) -> Covers:
    """Read before the LMS is asked: no transaction is open during a call."""
    covers = connection.execute(select(Site.covers).where(Site.id == site_id)).scalar_one()
    return Covers(rules_of(connection, site_id), covers == "all")


def find_course_now(source: RosterSource, covers: Covers, asked: str, goes_on: Patience) -> list[Said]:
    """What the LMS has by this short name, id or part of a title, for a course that is not known here.

    Raises ConnectorError.
    """
    found: list[roster.Course] = []
    whole = True
    for course in source.courses():
        if not goes_on() or len(found) == MOST_ALIKE:
            whole = False
            break
        if asked in (course.id, course.short_name) or asked.casefold() in course.title.casefold():
            found.append(course)
    said = [one for course in found for one in _course_told(source, course, covers)]
    if not found and whole:
        return [
            Said(gettext("The LMS shows no course with this short name, id or title to the account that reads it."))
        ]
    if not whole:
        said.append(Said(gettext("Not every course of the LMS was looked at.")))
    return said


def _ask(source: RosterSource, course: CourseSeen, facts: Facts, goes_on: Patience) -> Answer:
    for beginning, ask in ((GROUP, _of_group), (GROUPING, _of_grouping), (COHORT, _of_cohort)):
        if course.lms_id.startswith(beginning):
            members = ask(source, course.lms_id.removeprefix(beginning), course.parent or "")
            if members is None:
                return Answer(course, "gone")
            found = [Here(one, "") for one in members if one in facts.subjects]
            return Answer(course, "visible", found, is_whole=True)
    seen = source.course(course.lms_id)
    if seen is None or not seen.visible:
        return Answer(course, "gone" if seen is None else "hidden")
    found = []
    for page in source.enrolment_pages(course.lms_id):
        found += [_here(row) for row in page.rows if _is_meant(row.person, facts)]
        if page.next is None:
            return Answer(course, "visible", found[:MOST_ALIKE], is_whole=True)
        if not goes_on():
            break
    return Answer(course, "visible", found[:MOST_ALIKE])


def said_of(error: ConnectorError) -> str:
    """What went wrong and what to do, in the language of whoever reads it."""
    return f"{gettext(error.what, **error.params)} {gettext(error.todo, **error.params)}"


def _here(row: roster.Enrolment) -> Here:
    return Here(row.person.id, row.person.name, row.suspended, row.roles)


def _is_meant(person: roster.Person, facts: Facts) -> bool:
    """By number; whoever is not known here may also have been asked for by name."""
    if person.id in facts.subjects:
        return True
    return facts.person_id is None and facts.asked.casefold() in person.name.casefold()


def _of_group(source: RosterSource, group: str, parent: str) -> Sequence[str] | None:
    return next((one.member_ids for one in source.groups(parent) if one.id == group), None)


def _of_grouping(source: RosterSource, grouping: str, parent: str) -> Sequence[str] | None:
    whole = next((one for one in source.groupings(parent) if one.id == grouping), None)
    if whole is None:
        return None
    return [who for one in source.groups(parent) if one.id in whole.group_ids for who in one.member_ids]


def _of_cohort(source: RosterSource, cohort: str, _: str) -> Sequence[str] | None:
    return next((one.member_ids for one in source.cohorts() if one.id == cohort), None)


def _told(facts: Facts, answer: Answer) -> Iterator[Said]:
    course, stored = answer.course, facts.enrolments.get(answer.course.id)
    title = course.title
    if answer.problem is not None:
        yield Said(gettext("“%(course)s” could not be asked about: %(problem)s", course=title, problem=answer.problem))
        return
    if answer.presence != "visible":
        was_read = course.rostered_at is not None and course.gone is None
        text = (
            gettext("“%(course)s” is hidden in the LMS, so it is not read; it lets nobody go.", course=title)
            if answer.presence == "hidden"
            else gettext("“%(course)s” is not to be seen in the LMS; it lets nobody go.", course=title)
        )
        yield Said(text, differs=was_read)
        return
    for one in answer.found:
        yield _found(facts, course, one)
    if answer.found:
        return
    if not answer.is_whole:
        yield Said(gettext("“%(course)s” was not read to its end; they are not among the first.", course=title))
        return
    listed = stored is not None and stored.from_sync and stored.state != "gone" and stored.missing_since is None
    text = gettext("“%(course)s” does not list them now.", course=title)
    if listed:
        text += " " + gettext("When it was last read it did; the next sync notes that they are missing.")
    yield Said(text, differs=listed)


def _found(facts: Facts, course: CourseSeen, one: Here) -> Said:
    stored = facts.enrolments.get(course.id)
    state = "suspended" if one.suspended else "active"
    told = gettext("suspended") if one.suspended else gettext("active")
    if one.roles:
        told += ", " + format_list(one.roles)
    if facts.person_id is None:
        words = {"course": course.title, "name": one.name or one.subject, "number": one.subject, "how": told}
        text = gettext("“%(course)s” lists %(name)s (number %(number)s) now: %(how)s.", **words)
        meets = gettext("The next sync meets them.")
        return Said(f"{text} {meets}", differs=True)
    text = gettext("“%(course)s” lists them now: %(how)s.", course=course.title, how=told)
    same = (
        stored is not None
        and stored.from_sync
        and stored.state == state
        and stored.missing_since is None
        and (one.roles is None or tuple(stored.lms_roles) == tuple(sorted(set(one.roles))))
    )
    rest = gettext("That is what is stored.") if same else gettext("Something else is stored; the next sync notes it.")
    return Said(f"{text} {rest}", differs=not same)


def _course_told(source: RosterSource, course: roster.Course, covers: Covers) -> Iterator[Said]:
    words = {"course": course.title or course.short_name, "number": course.id}
    if not course.visible:
        yield Said(
            gettext("The LMS has “%(course)s” (id %(number)s), but hidden: hidden courses are not read.", **words)
        )
        return
    about = [rule for rule in covers.rules if rule.about == "courses"]
    wanted = next(laid_over(source, [course], about, lambda _: covers.everything), None)
    if wanted is not None:
        text = gettext("The LMS has “%(course)s” (id %(number)s); the next sync founds its community.", **words)
    else:
        text = gettext("The LMS has “%(course)s” (id %(number)s), but no rule of this site asks for it.", **words)
    yield Said(text)
