"""How does a OneRoster REST service give a roster?

OneRoster calls a taught course a class, and an enrolment names a user by id alone; names come with the students and
teachers of the class (OneRoster 1.1 §3.4 and 1.2 Rostering Service §4). Lists are paged by limit and offset; the total
is in X-Total-Count, or a Link leads on. A record with the status `tobedeleted` is gone, and of two versions of a record
the later `dateLastModified` counts.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from connectors.asking import TELL_US, Answer, Asking, Walked, no_paging, pull_whole, shaped
from connectors.errors import N_, BadAnswer, ConnectorError, NotFound, Refused
from connectors.roster import Category, Cohort, Course, Group, Grouping, Person, Site
from connectors.scratch import PAGE_SIZE, Scratch, dangling, unknown_course
from connectors.source import Page, Probe, probe_by_reading
from connectors.transport import Transport

T = TypeVar("T")

LIMIT = 500
"""Rows asked for in a page."""

MOST_PAGES = 20_000

SCOPES = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"

_NO_IDS = ("", ".", "..")
"""What would lead to another address than that of a thing with this id."""

PATH_1P2 = "/ims/oneroster/rostering/v1p2"


class Record(BaseModel):
    """A part of a reply; what we do not name is dropped while parsing, and the content stays out of the repr."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Reference(Record):
    """What a record says of another one."""

    sourced_id: str = Field(alias="sourcedId", min_length=1)


class Listed(Record):
    """What every record has."""

    sourced_id: str = Field(alias="sourcedId", min_length=1)
    status: str = "active"
    modified: datetime | None = Field(default=None, alias="dateLastModified")

    @property
    def gone(self) -> bool:
        """Whether the record is only left to say that it was there; 1.1 drafts said `inactive`."""
        return self.status.lower() in ("tobedeleted", "inactive")

    @property
    def version(self) -> str:
        """When it changed last, in UTC, so that it sorts as text."""
        if self.modified is None:
            return ""
        moment = self.modified if self.modified.tzinfo else self.modified.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


class ClassRecord(Listed):
    """A class: a course as it is taught to certain people."""

    title: str = ""
    class_code: str | None = Field(default=None, alias="classCode")
    school: Reference | None = None


class OrgRecord(Listed):
    """A school, a district, a department."""

    name: str = ""
    parent: Reference | None = None


class UserRecord(Listed):
    """A person."""

    given: str | None = Field(default=None, alias="givenName", repr=False)
    middle: str | None = Field(default=None, alias="middleName", repr=False)
    family: str | None = Field(default=None, alias="familyName", repr=False)
    preferred_given: str | None = Field(default=None, alias="preferredFirstName", repr=False)
    enabled: bool | None = Field(default=None, alias="enabledUser")


class EnrollmentRecord(Listed):
    """A person in a class, by one role, maybe for some time."""

    role: str = ""
    user: Reference
    klass: Reference = Field(alias="class")
    begins: date | None = Field(default=None, alias="beginDate")
    ends: date | None = Field(default=None, alias="endDate")


_ORGS = TypeAdapter(dict[str, Any])


class _Token(Record):
    access_token: SecretStr = Field(min_length=1)


_TOKEN = TypeAdapter(_Token)


def open_oneroster(url: str, token: str, transport: Transport) -> "OneRosterSource":
    """A source for the service at `url`, which ends in `/v1p1` or `/v1p2`; without either, 1.2's own path is added.

    `token` is a bearer token, or three words: the address that gives tokens, the client id and the client secret
    (OAuth 2 client credentials).

    Raises `Unavailable` for an address we would not call.
    """
    return OneRosterSource(url, token, transport)


class OneRosterSource:
    """A `RosterSource` over one OneRoster service."""

    def __init__(
        self,
        url: str,
        token: str,
        transport: Transport,
        *,
        limit: int = LIMIT,
        page_size: int = PAGE_SIZE,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        transport.check_address(url)
        self._url = _service(url)
        self._key = _key(token, transport)
        self._asking = Asking(transport, self._key.authorization)
        self._limit = limit
        self._page_size = page_size
        self._today = today

    def __repr__(self) -> str:
        return f"OneRosterSource({self._url!r})"

    def site(self) -> Site:
        """See `RosterSource`. A service does not introduce itself; one organisation is asked for, as a ping."""
        self._ask(f"{self._url}/orgs?limit=1", lambda answer: shaped(answer, _ORGS))
        version = "1.1" if self._url.endswith("/v1p1") else "1.2"
        return Site(self._url, urlsplit(self._url).hostname or "", f"OneRoster {version}", self._key.account)

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`: every class."""
        scratch = Scratch()

        def take(record: ClassRecord) -> None:
            if not record.gone:
                scratch.add_course(_course(record))

        pull_whole(scratch, lambda: self._walk(scratch, "/classes", "classes", ClassRecord, take))
        yield from scratch.courses()

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        if course_id in _NO_IDS:
            return None
        record = self._one(f"/classes/{quote(course_id, safe='')}", "class", ClassRecord)
        return None if record is None or record.gone else _course(record)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`. Enrolments and people are two lists, so the class is read first, then given."""
        if self.course(course_id) is None:
            raise unknown_course()
        scratch, people = Scratch(), Scratch()
        today = self._today()

        def take(record: EnrollmentRecord) -> None:
            # A service that ignores the filter sends everybody's.
            if record.klass.sourced_id == course_id:
                outside = (record.begins is not None and today < record.begins) or (
                    record.ends is not None and today >= record.ends
                )
                scratch.add_enrolment(
                    record.sourced_id,
                    course_id,
                    record.user.sourced_id,
                    record.role,
                    suspended=outside,
                    gone=record.gone,
                    modified=record.version,
                )

        def meet(record: UserRecord) -> None:
            scratch.add_person(
                _person(record),
                suspended=record.enabled is False,
                gone=record.gone,
                modified=record.version,
            )

        wanted = {"filter": "class.sourcedId='{}'".format(course_id.replace("'", "''"))}
        pull_whole(scratch, lambda: self._walk(scratch, "/enrollments", "enrollments", EnrollmentRecord, take, wanted))
        for kind in ("students", "teachers"):
            path = f"/classes/{quote(course_id, safe='')}/{kind}"
            # Names only: whoever is not in these lists is asked for by id, so nobody gets lost here.
            with suppress(NotFound):
                self._walk(people, path, "users", UserRecord, meet)
            people.forget()
        for person_id in scratch.nameless():
            user = self._one(f"/users/{quote(person_id, safe='')}", "user", UserRecord)
            if user is None:
                raise dangling()
            meet(user)
        people.close()
        yield from scratch.pages(course_id, start, self._page_size)

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`; OneRoster has none."""
        if self.course(course_id) is None:
            raise unknown_course()
        yield from ()

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`; OneRoster has none."""
        if self.course(course_id) is None:
            raise unknown_course()
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`; OneRoster has none."""
        return iter(())

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`: the organisations."""
        scratch = Scratch()

        def take(record: OrgRecord) -> None:
            if not record.gone:
                above = None if record.parent is None else record.parent.sourced_id
                scratch.add_category(Category(record.sourced_id, record.name, above))

        pull_whole(scratch, lambda: self._walk(scratch, "/orgs", "orgs", OrgRecord, take))
        yield from scratch.categories()

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`. OneRoster tells of one person a question."""
        for one in dict.fromkeys(ids):
            record = None if one in _NO_IDS else self._one(f"/users/{quote(one, safe='')}", "user", UserRecord)
            if record is not None and not record.gone:
                yield _person(record)

    def probe(self) -> Probe:
        """See `RosterSource`. Reads the first class, if there is one."""
        return probe_by_reading(self)

    def _walk(
        self,
        scratch: Scratch,
        path: str,
        key: str,
        kind: type[T],
        take: Callable[[T], None],
        query: Mapping[str, str] | None = None,
    ) -> Walked:
        """Walk once; stop early where the total moves."""
        returns: TypeAdapter[dict[str, list[T]]] = _envelope(key, kind)
        first_total: int | None = None
        offset = pages = 0
        following: str | None = None
        for _ in range(MOST_PAGES):
            window = {"limit": str(self._limit), "offset": str(offset), "sort": "sourcedId", "orderBy": "asc"}
            url = following or f"{self._url}{path}?{urlencode({**(query or {}), **window})}"
            rows, total, following, linked = self._ask(url, lambda answer: _page(answer, key, returns))
            if pages == 0:
                first_total = total
            elif total != first_total:
                return Walked(first_total, False, pages)
            new = [scratch.sees(row.sourced_id) for row in rows]  # type: ignore[attr-defined]
            for row in rows:
                take(row)
            if rows and not any(new):
                raise no_paging()
            offset += len(rows)
            pages += bool(rows)
            if not rows or (linked and following is None) or (total is not None and offset >= total):
                return Walked(first_total, True, pages)
        raise no_paging()

    def _one(self, path: str, key: str, kind: type[T]) -> T | None:
        returns: TypeAdapter[dict[str, T]] = TypeAdapter(dict[str, kind])  # type: ignore[valid-type]
        try:
            return self._ask(f"{self._url}{path}", lambda answer: _part(shaped(answer, returns), key))
        except NotFound:
            return None

    def _ask(self, url: str, read: Callable[[Answer], T]) -> T:
        # The token is fetched before, not inside of the question: each has one deadline and its own tries.
        self._key.authorization()
        try:
            return self._asking.ask(url, read)
        except Refused:
            # A token of client credentials lives an hour or less; one of an administrator's making is asked once.
            if not self._key.renew():
                raise
        self._key.authorization()
        return self._asking.ask(url, read)


def _page(
    answer: Answer, key: str, returns: TypeAdapter[dict[str, list[T]]]
) -> tuple[list[T], int | None, str | None, bool]:
    """Rows, total if named, address of the next page, and whether there were links at all."""
    rows = _part(shaped(answer, returns), key)
    total = answer.headers.get("X-Total-Count", "").strip()
    named = int(total) if total.isascii() and total.isdigit() else None
    return rows, named, answer.next_url(), bool(answer.headers.get("Link"))


def _part(parts: dict[str, T], key: str) -> T:
    if key not in parts:
        raise _no_list(key)
    return parts[key]


def _envelope(key: str, kind: type[T]) -> TypeAdapter[dict[str, list[T]]]:
    return TypeAdapter(dict[str, list[kind]])  # type: ignore[valid-type]


def _no_list(key: str) -> ConnectorError:
    return BadAnswer(
        N_("The answer has another shape than expected, at: %(place)s."),
        TELL_US,
        code="odd_shape",
        params={"place": key},
    )


class _Bearer:
    """A token that an administrator made."""

    account = ""

    def __init__(self, token: str) -> None:
        self._header = SecretStr(f"Bearer {token}")

    def authorization(self) -> SecretStr:
        return self._header

    def renew(self) -> bool:
        return False


class _Credentials:
    """A client id and a secret, exchanged for a token when first needed (RFC 6749 §4.4)."""

    def __init__(self, url: str, client_id: str, secret: str, transport: Transport) -> None:
        transport.check_address(url)
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        basic = SecretStr("Basic " + base64.b64encode(pair.encode()).decode())
        self.account = client_id
        self._url = url
        self._asking = Asking(transport, lambda: basic)
        self._header: SecretStr | None = None

    def authorization(self) -> SecretStr:
        if self._header is None:
            form = SecretStr(urlencode({"grant_type": "client_credentials", "scope": SCOPES}))
            token = self._asking.ask(self._url, _read_token, form)
            self._header = SecretStr(f"Bearer {token.access_token.get_secret_value()}")
        return self._header

    def renew(self) -> bool:
        had_one, self._header = self._header is not None, None
        return had_one


def _read_token(answer: Answer) -> _Token:
    if answer.status in (400, 401, 403):
        raise Refused(
            N_("The service gives no token for this client id and secret."),
            N_("Check both, and that the client may read rosters (roster-core.readonly)."),
            code="no_token",
        )
    return shaped(answer, _TOKEN)


def _key(token: str, transport: Transport) -> _Bearer | _Credentials:
    words = token.split()
    if len(words) == 3:
        return _Credentials(words[0], words[1], words[2], transport)
    if len(words) != 1:
        raise Refused(
            N_("This is neither a token nor client credentials."),
            N_("Enter a token, or three words: the address that gives tokens, the client id and the client secret."),
            code="odd_token",
        )
    return _Bearer(words[0])


def _service(url: str) -> str:
    url = url.rstrip("/")
    return url if url.endswith(("/v1p1", "/v1p2")) else url + PATH_1P2


def _course(record: ClassRecord) -> Course:
    return Course(
        id=record.sourced_id,
        short_name=record.class_code or "",
        title=record.title,
        visible=True,
        id_number=record.class_code or None,
        category_id=None if record.school is None else record.school.sourced_id,
    )


def _person(record: UserRecord) -> Person:
    """The id is the register's own name for the person, and what LTI calls the sourcedid of a person."""
    name = " ".join(filter(None, (record.preferred_given or record.given, record.middle, record.family)))
    return Person(record.sourced_id, name, id_number=record.sourced_id)
