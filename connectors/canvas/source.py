"""How does a Canvas give a roster?

Canvas pages by bookmarks in the Link header and names no totals (https://canvas.instructure.com/doc/api). It throttles
with 403 in older releases and with 429 in newer ones, and says in X-Rate-Limit-Remaining how near that is; the line
listens to all three.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from connectors.asking import Answer, Asking, Walked, no_paging, pull_whole, shaped
from connectors.errors import N_, BadAnswer, NotAllowed, NotFound, Refused, Unavailable
from connectors.roster import Category, Cohort, Course, Group, Grouping, Person, Site
from connectors.scratch import PAGE_SIZE, Scratch
from connectors.source import Page, Probe, probe_by_reading
from connectors.transport import Transport

T = TypeVar("T")

PER_PAGE = 100
"""Rows in a page; Canvas gives no more than this, and ten without it."""

MOST_PAGES = 20_000

STATES: dict[str, bool] = {"active": False, "invited": True, "inactive": True, "completed": True}
"""State of an enrolment → whether that is suspended: whoever was only invited has not yet come in."""

TEST_STUDENT = "StudentViewEnrollment"


class Record(BaseModel):
    """A part of a reply; what we do not name is dropped while parsing, and the content stays out of the repr."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class UserRecord(Record):
    """A user, as the account may see one; the number of the student information system needs a right of its own."""

    id: int
    name: str = Field(default="", repr=False)
    sis_user_id: str | None = None


class CourseRecord(Record):
    """A course; one closed by its dates has no name."""

    id: int
    name: str | None = None
    course_code: str | None = None
    workflow_state: str = "available"
    sis_course_id: str | None = None
    account_id: int | None = None


class EnrollmentRecord(Record):
    """A user's enrolment in one section of a course."""

    id: int
    user_id: int
    type: str
    role: str | None = None
    enrollment_state: str
    user: UserRecord | None = None
    sis_user_id: str | None = None


class GroupRecord(Record):
    """A group of a course. Every one belongs to a set of groups, which Canvas calls a category."""

    id: int
    name: str | None = None
    group_category_id: int | None = None


class GroupSetRecord(Record):
    """A set of groups of a course."""

    id: int
    name: str = ""


class AccountRecord(Record):
    """An account: the whole Canvas, or a faculty or school in it."""

    id: int
    name: str = ""
    parent_account_id: int | None = None


_USER = TypeAdapter(UserRecord)
_USERS = TypeAdapter(list[UserRecord])
_COURSE = TypeAdapter(CourseRecord)
_COURSES = TypeAdapter(list[CourseRecord])
_ENROLLMENTS = TypeAdapter(list[EnrollmentRecord])
_GROUPS = TypeAdapter(list[GroupRecord])
_GROUP_SETS = TypeAdapter(list[GroupSetRecord])
_ACCOUNT = TypeAdapter(AccountRecord)
_ACCOUNTS = TypeAdapter(list[AccountRecord])


def open_canvas(url: str, token: str, transport: Transport) -> "CanvasSource":
    """A source for the Canvas at `url`. Raises `Unavailable` for an address we would not call."""
    return CanvasSource(url, token, transport)


class CanvasSource:
    """A `RosterSource` over one Canvas."""

    def __init__(
        self,
        url: str,
        token: str,
        transport: Transport,
        *,
        page_size: int = PAGE_SIZE,
    ) -> None:
        transport.check_address(url)
        self._url = url.rstrip("/")
        secret = SecretStr(f"Bearer {token.strip()}")
        self._asking = Asking(transport, lambda: secret)
        self._page_size = page_size

    def __repr__(self) -> str:
        return f"CanvasSource({self._url!r})"

    def site(self) -> Site:
        """See `RosterSource`. Canvas says neither its name nor its release."""
        user = self._get("/users/self", _USER)
        return Site(self._url, urlsplit(self._url).hostname or "", "Canvas", str(user.id))

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`. Those of the whole account where the token may read it, else its own."""
        scratch = Scratch()
        try:
            pull_whole(scratch, lambda: self._walk_courses(scratch, "/accounts/self/courses", {}))
        except (NotAllowed, NotFound):
            states = {"state[]": ["unpublished", "available"]}
            pull_whole(scratch, lambda: self._walk_courses(scratch, "/courses", states))
        yield from scratch.courses()

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        if not _is_id(course_id):
            return None
        try:
            record = self._get(f"/courses/{course_id}", _COURSE)
        except NotFound:
            return None
        return None if record.workflow_state == "deleted" else _course(record)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`. People have an enrolment for every section, so the course is read first, then given."""
        if self.course(course_id) is None:
            raise _no_course()
        scratch = Scratch()
        pull_whole(scratch, lambda: self._walk_enrolments(scratch, course_id))
        yield from scratch.pages(course_id, start, self._page_size)

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`."""
        if not _is_id(course_id):
            raise _no_course()
        for group in self._list(f"/courses/{course_id}/groups", _GROUPS, {}):
            members = {user.id for user in self._list(f"/groups/{group.id}/users", _USERS, {})}
            yield Group(str(group.id), course_id, group.name or "", tuple(map(str, sorted(members))))

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`: the sets of groups."""
        if not _is_id(course_id):
            raise _no_course()
        sets = list(self._list(f"/courses/{course_id}/group_categories", _GROUP_SETS, {}))
        groups: dict[int | None, set[int]] = {}
        for group in self._list(f"/courses/{course_id}/groups", _GROUPS, {}):
            groups.setdefault(group.group_category_id, set()).add(group.id)
        for one in sets:
            yield Grouping(str(one.id), course_id, one.name, tuple(map(str, sorted(groups.get(one.id, ())))))

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`; Canvas has none."""
        return iter(())

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`: the account of the token and all below it. A token of a teacher sees none."""
        scratch = Scratch()
        with suppress(NotAllowed, NotFound):
            top = self._get("/accounts/self", _ACCOUNT)
            pull_whole(scratch, lambda: self._walk_accounts(scratch, top))
        yield from scratch.categories()

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`. Canvas tells of one person a question."""
        for one in dict.fromkeys(filter(_is_id, ids)):
            with suppress(NotAllowed, NotFound):
                yield _person(self._get(f"/users/{one}", _USER))

    def probe(self) -> Probe:
        """See `RosterSource`. Reads the first course, if there is one."""
        return probe_by_reading(self)

    def _walk_courses(self, scratch: Scratch, path: str, query: dict[str, list[str]]) -> Walked:
        pages = 0
        for records in self._pages(path, _COURSES, query):
            pages += 1
            self._note(scratch, [record.id for record in records])
            for record in records:
                if record.workflow_state != "deleted":
                    scratch.add_course(_course(record))
        return Walked(None, True, pages)

    def _walk_accounts(self, scratch: Scratch, top: AccountRecord) -> Walked:
        pages = 0
        scratch.add_category(_category(top))
        for records in self._pages(f"/accounts/{top.id}/sub_accounts", _ACCOUNTS, {"recursive": ["true"]}):
            pages += 1
            self._note(scratch, [record.id for record in records])
            for record in records:
                scratch.add_category(_category(record))
        return Walked(None, True, pages)

    def _walk_enrolments(self, scratch: Scratch, course_id: str) -> Walked:
        pages = 0
        path = f"/courses/{course_id}/enrollments"
        for records in self._pages(path, _ENROLLMENTS, {"state[]": list(STATES)}):
            pages += 1
            # The state belongs to the mark: somebody completed meanwhile is to be seen as such.
            self._note(scratch, [f"{record.id}:{record.enrollment_state}" for record in records])
            for record in records:
                gone = record.enrollment_state not in STATES or record.type == TEST_STUDENT
                person_id = str(record.user_id)
                if record.user is not None:
                    scratch.add_person(_person(record.user, record.sis_user_id))
                scratch.add_enrolment(
                    str(record.id),
                    course_id,
                    person_id,
                    record.role or record.type,
                    suspended=STATES.get(record.enrollment_state, True),
                    gone=gone,
                )
        return Walked(None, True, pages)

    def _note(self, scratch: Scratch, ids: list) -> None:
        new = [scratch.sees(str(one)) for one in ids]
        if ids and not any(new):
            raise no_paging()

    def _list(self, path: str, returns: TypeAdapter[list[T]], query: dict[str, list[str]]) -> Iterator[T]:
        for page in self._pages(path, returns, query):
            yield from page

    def _pages(self, path: str, returns: TypeAdapter[list[T]], query: dict[str, list[str]]) -> Iterator[list[T]]:
        url: str | None = f"{self._url}/api/v1{path}?{urlencode({**query, 'per_page': PER_PAGE}, doseq=True)}"
        for _ in range(MOST_PAGES):
            if url is None:
                return
            page, url, linked = self._ask(
                url, lambda answer: (shaped(answer, returns), answer.next_url(), bool(answer.headers.get("Link")))
            )
            if len(page) >= PER_PAGE and not linked:
                raise _no_links()
            yield page
        raise no_paging()

    def _get(self, path: str, returns: TypeAdapter[T]) -> T:
        return self._ask(f"{self._url}/api/v1{quote(path)}", lambda answer: shaped(answer, returns))

    def _ask(self, url: str, read: Callable[[Answer], T]) -> T:
        def careful(answer: Answer) -> T:
            _judge(answer)
            return read(answer)

        return self._asking.ask(url, careful)


def _judge(answer: Answer) -> None:
    """What Canvas says by a status in its own way: too many calls by 403, a missing right by 401."""
    if answer.status == 403 and b"rate limit exceeded" in answer.body[:1000].lower():
        raise Unavailable(
            N_("Canvas asks us to come back later: too many calls."),
            N_("Nothing needs to be done; the next run goes on."),
            code="throttled",
            worth_retrying=True,
        )
    if answer.status == 401:
        if "WWW-Authenticate" in answer.headers or b"invalid access token" in answer.body[:1000].lower():
            raise Refused(
                N_("Canvas does not know this token, or it has expired."),
                N_("Make a new token in Canvas and enter it here: Account > Settings > New access token."),
                code="http_401",
            )
        raise NotAllowed(
            N_("The account of the token may not read this in Canvas."),
            N_("Give its role the rights to see courses, the list of users and groups: Admin > Permissions."),
            code="http_401",
        )


def _course(record: CourseRecord) -> Course:
    return Course(
        id=str(record.id),
        short_name=record.course_code or "",
        title=record.name or record.course_code or "",
        visible=record.workflow_state != "unpublished",
        id_number=record.sis_course_id or None,
        category_id=None if record.account_id is None else str(record.account_id),
    )


def _person(user: UserRecord, sis_user_id: str | None = None) -> Person:
    return Person(str(user.id), user.name, id_number=user.sis_user_id or sis_user_id or None)


def _category(record: AccountRecord) -> Category:
    above = record.parent_account_id
    return Category(str(record.id), record.name, None if above is None else str(above))


def _no_links() -> BadAnswer:
    """A full page, and nothing says whether it is the last."""
    return BadAnswer(
        N_("Canvas does not say where the next page lies."),
        N_("Something between us and Canvas takes the Link header away; let it through."),
        code="no_links",
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _no_course() -> NotFound:
    return NotFound(
        N_("Canvas has no such course, or no longer."), N_("The next reading leaves it out."), code="no_course"
    )
