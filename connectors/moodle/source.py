"""How does a Moodle give a roster?

Titles of courses, groups and the site pass Moodle's `format_string` and come escaped; names of people and
cohorts do not. So titles are unescaped here, once and by field, and names are left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from html import unescape

from connectors.ahead import read_ahead
from connectors.errors import N_, BadAnswer, ConnectorError, NotAllowed
from connectors.moodle import functions
from connectors.moodle.client import MoodleClient, portions
from connectors.moodle.enrolments import read_enrolments
from connectors.moodle.faults import TELL_US, WHERE_FUNCTIONS, error_of
from connectors.moodle.grading import add_up_grades
from connectors.moodle.needs import REQUIRED_FUNCTIONS
from connectors.moodle.records import CategoryRecord, CourseRecord, EnrolledUser, SiteInfo
from connectors.outcomes import Outcome
from connectors.pace import Pace
from connectors.roster import Category, Cohort, Course, Group, Grouping, Person, Site
from connectors.source import Missing, Page, Probe
from connectors.transport import Transport

SITE_HOME = 1
"""The course id of Moodle's front page, in which everybody with an account takes part."""


def open_moodle(url: str, token: str, transport: Transport) -> "MoodleSource":
    """A source for the Moodle at `url`. Raises `Unavailable` for an address we would not call."""
    return MoodleSource(MoodleClient(url, token, transport))


class MoodleSource:
    """A `RosterSource` over one Moodle, and an `OutcomeSource`."""

    def __init__(self, client: MoodleClient, pace: Pace | int | None = None) -> None:
        """The pace is found out by the answers of the site unless it is given; a number is that of rows, for good."""
        self._client = client
        if isinstance(pace, int):
            pace = Pace.steady(pace)
        self._pace = pace or Pace(refusals=lambda: client.refusals)

    @property
    def client(self) -> MoodleClient:
        """What asks, for questions beyond a roster (`connectors.moodle.probing`)."""
        return self._client

    @property
    def courses_at_once(self) -> int:
        """How many courses may be walked at the same time: two connections read twice as fast as one, even where the
        site has two cores; one as soon as it has asked us to slow down."""
        return 1 if self._client.refusals else 2

    def site(self) -> Site:
        """See `RosterSource`."""
        return _site(functions.get_site_info(self._client))

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`."""
        return (_course(record) for record in self._course_records() if record.id != SITE_HOME)

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        if not _is_course_id(course_id):
            return None
        answer = functions.get_courses_by_field(self._client, "id", course_id)
        return next((_course(record) for record in answer.courses if str(record.id) == course_id), None)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`. The next pages are fetched while the caller works on this one."""
        number = _number(course_id, "core_enrol_get_enrolled_users")

        def ask(enrolled: functions.Enrolled, first_row: int, rows: int, fields: Sequence[str]) -> list[EnrolledUser]:
            return functions.get_enrolled_users(
                self._client, number, enrolled, start=first_row, number=rows, fields=fields
            )

        return read_ahead(read_enrolments(ask, course_id, self._pace, start))

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`."""
        number = _number(course_id, "core_group_get_course_groups")
        for record, members in functions.get_groups_with_members(self._client, number):
            yield Group(
                id=str(record.id),
                course_id=course_id,
                name=unescape(record.name),
                member_ids=tuple(map(str, members)),
                id_number=record.idnumber or None,
            )

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`."""
        number = _number(course_id, "core_group_get_course_groupings")
        records = functions.get_course_groupings(self._client, number)
        answers = functions.get_groupings(self._client, [record.id for record in records])
        groups = {answer.id: {group.id for group in answer.groups} for answer in answers}
        for record in records:
            if record.id not in groups:
                raise functions.left_out("core_group_get_groupings")
            yield Grouping(
                id=str(record.id),
                course_id=course_id,
                name=unescape(record.name),
                group_ids=tuple(map(str, sorted(groups[record.id]))),
            )

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`."""
        records = functions.get_cohorts(self._client)
        answers = functions.get_cohort_members(self._client, [record.id for record in records])
        members = {answer.cohortid: answer.userids for answer in answers}
        for record in records:
            yield Cohort(
                id=str(record.id),
                name=record.name,
                id_number=record.idnumber or None,
                member_ids=_member_ids(members, record.id),
            )

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`. Hidden ones only for an account that may see them."""
        return map(_category, functions.get_categories(self._client))

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`."""
        wanted = list(dict.fromkeys(int(one) for one in ids if _is_number(one)))
        for some in portions(wanted):
            for record in functions.get_users_by_field(self._client, "id", some):
                yield Person(str(record.id), record.fullname, id_number=record.idnumber or None)

    def outcomes(self, course_id: str, group_ids: Sequence[str] = ()) -> Iterator[Outcome]:
        """See `OutcomeSource`. Asks Moodle once a group."""
        function = "gradereport_user_get_grade_items"
        groups = [_number_of(group_id, function) for group_id in group_ids]
        return add_up_grades(self._client, _number(course_id, function), groups)

    def probe(self) -> Probe:
        """See `RosterSource`. Tries each kind of reading once, on one course, in small.

        Raises what `site` raises: with a wrong token or with REST switched off there is nothing to look at.
        """
        info = functions.get_site_info(self._client)
        allowed = {function.name for function in info.functions}
        missing = tuple(
            Missing(function, why, WHERE_FUNCTIONS)
            for function, why in REQUIRED_FUNCTIONS.items()
            if function not in allowed
        )
        refused, sees_courses = ((), True) if missing else self._try_out()
        advice = [text for applies, text in _advice(info, sees_courses) if applies]
        return Probe(_site(info), missing, refused, tuple(advice))

    def _try_out(self) -> tuple[tuple[ConnectorError, ...], bool]:
        course = next(self.courses(), None)
        tries: list[Callable[[], object]] = [lambda: functions.get_cohorts(self._client)]
        if course is not None:
            number = int(course.id)
            tries += [
                lambda: functions.get_enrolled_users(self._client, number, "active", start=0, number=1),
                lambda: functions.get_enrolled_users(self._client, number, "suspended", start=0, number=1),
                lambda: functions.get_course_groups(self._client, number),
            ]
        refused = []
        for attempt in tries:
            try:
                attempt()
            except NotAllowed as error:
                refused.append(error)
        return tuple(refused), course is not None

    def _course_records(self) -> list[CourseRecord]:
        try:
            answer = functions.get_courses_by_field(self._client)
        except NotAllowed as error:
            if error.code != "accessexception":
                raise
        else:
            if answer.warnings:
                raise BadAnswer(
                    N_("Moodle gave only some of the courses."),
                    TELL_US,
                    code="partial",
                    function="core_course_get_courses_by_field",
                )
            return answer.courses
        return functions.get_courses(self._client)


def _advice(info: SiteInfo, sees_courses: bool) -> tuple[tuple[bool, str], ...]:
    return (
        (
            info.userissiteadmin,
            N_(
                "The token belongs to an administrator. "
                "Make an account of its own that may only read courses and participants."
            ),
        ),
        (
            not sees_courses,
            N_("The account sees no course. Give its role moodle/course:view for the whole site."),
        ),
        (
            not info.siteurl.startswith("https://"),
            N_("Moodle calls itself by an address without https. Launches from it will be hard on phones."),
        ),
    )


def _site(info: SiteInfo) -> Site:
    return Site(url=info.siteurl, name=unescape(info.sitename), release=info.release, user_id=str(info.userid))


def _course(record: CourseRecord) -> Course:
    return Course(
        id=str(record.id),
        short_name=unescape(record.shortname),
        title=unescape(record.fullname),
        # Missing for an account that may not see the course's settings; that one sees no hidden course.
        visible=record.visible is not False,
        id_number=record.idnumber or None,
        category_id=None if record.categoryid is None else str(record.categoryid),
    )


def _category(record: CategoryRecord) -> Category:
    return Category(str(record.id), unescape(record.name), str(record.parent) if record.parent else None)


def _member_ids(members: dict[int, list[int]], cohort_id: int) -> tuple[str, ...]:
    """The members of one cohort; a cohort without an answer is not an empty one."""
    if cohort_id not in members:
        raise functions.left_out("core_cohort_get_cohort_members")
    return tuple(str(user_id) for user_id in sorted(set(members[cohort_id])))


def _is_course_id(text: str) -> bool:
    """Whether a course can have this id. The front page is none: asked for its participants it names everybody."""
    return _is_number(text) and int(text) != SITE_HOME


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _number(course_id: str, function: str) -> int:
    if not _is_course_id(course_id):
        raise error_of(function, "invalidcourseid", None)
    return int(course_id)


def _number_of(group_id: str, function: str) -> int:
    """Zero would ask for everybody instead of for a group."""
    if not _is_number(group_id) or not int(group_id):
        raise error_of(function, "invalidrecord", None)
    return int(group_id)
