"""Who is in the courses that a site's launches came from? A roster source over Names and Roles 2.0.

It stands here because ``lti`` and ``connectors`` do not know each other. It needs no address and no token of its own: a
registration that may read names and roles, and courses whose launches said where their members are.

A roster is asked for in one request without a limit: platforms read the whole course for every page, so pages only
cost. It is then given in the order of ids, and a walk that goes on on another day reads it anew and proves that nobody
came or went before its position.

*Differences.* Some platforms tell what has changed since an answer. That alone is never made a roster: what we keep of
a course is what syncs applied, not what the platform last said, and the two part wherever a plan was only looked at,
was held or undone, or lay under a rule; one difference lost on the way would be lost for good. So every roster is read
whole, and differences serve twice where they cannot hurt: what moved while several pages were read is put right with
them, and `NamesAndRoles.has_changed` asks cheaply whether reading is worth it. Whoever is not in such an answer has not
changed, and stays; only an explicit ``Deleted`` takes somebody out.

Moodle names active enrolments only: somebody suspended there is absent here. Groups, cohorts and categories are unknown
to this service.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import stamina
from sqlalchemy import ColumnElement, select, true

from connectors.errors import BadAnswer, ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.roster import Category, Cohort, Course, Enrolment, Group, Grouping, Person, Site
from connectors.scratch import PAGE_SIZE, Position, fingerprint, unknown_course
from connectors.source import Missing, Page, Probe
from lms_plc.house import House
from lms_plc.sites import models
from lms_plc.sites.registration import family_of
from lms_plc.sites.stores import StoredPlatforms
from lms_plc.web.i18n import N_
from lti.claims import Context
from lti.platforms import Platform
from lti.roles import Scope
from lti.services import errors as trouble
from lti.services import memberships
from lti.services.calls import Caller
from lti.services.memberships import Member, Status
from lti.services.pages import same_origin

T = TypeVar("T")

KIND = "names-and-roles"
"""What ``Site.connector`` says of a site that is read this way."""

RELEASE = "LTI Names and Roles 2.0"
SERVICE = "Names and Role Provisioning Services"

LARGE_PAGE = 2000
"""Members a page, where a roster is too large for one answer."""

_AT_ONCE = 500
_TRIES = 3

_WHY = N_("Who is in a course is read by it, with the registration of the launches.")
_REGISTER = N_("Register this tool in the LMS first; lms-plc sites show says what to enter where.")
_OPEN_ONCE = N_(
    "Let somebody open the activity in each course once: the launch says where the members of the course are. Then try"
    " again."
)
_ALLOW: dict[str, str] = {
    "moodle": N_(
        "In Moodle: Site administration > Plugins > Activity modules > External tool > Manage tools > the tool's wheel"
        " > Services > IMS LTI Names and Role Provisioning: choose “Use this service to retrieve members' information"
        " as per privacy settings”. Then open the activity once more."
    ),
    "canvas": N_(
        "In Canvas: Admin > Developer Keys > the tool's key > Scopes: allow “Can retrieve user data associated with the"
        " context the tool is installed in”. Then open the activity once more."
    ),
}
_ALLOW_ANYWHERE = N_(
    "In the LMS, allow the tool the service Names and Role Provisioning, then open the activity once more."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A course, and where the platform of its launches tells its members."""

    course_id: str
    short_name: str
    title: str
    url: str
    platform: Platform
    names_are_escaped: bool


@dataclass(frozen=True, slots=True)
class _Registered:
    """A registration of the site: its product family, and whether it was granted scopes and this one not."""

    family: str
    denies: bool


class NamesAndRoles:
    """A `RosterSource` over the courses of one site.

    Its courses are those whose launches named a membership service. Each is asked for one member when it is listed:
    that tells its title of today, and whether it is still there.
    """

    def __init__(self, house: House, site_id: UUID, caller: Caller, *, page_size: int = PAGE_SIZE) -> None:
        self._house = house
        self._site_id = site_id
        self._caller = caller
        self._page_size = page_size
        self.differences: dict[str, str] = {}
        """Course → the address that tells what has changed since its roster was last read whole, where there is one."""

    def __repr__(self) -> str:
        return f"NamesAndRoles({str(self._site_id)!r})"

    def site(self) -> Site:
        """See `RosterSource`; the first course is asked, if there is one."""
        if (place := next(self._places(), None)) is not None:
            self._glance(place)
        return self._introduced()

    def courses(self) -> Iterator[Course]:
        """See `RosterSource`. Courses that are gone or closed to the tool are left out.

        Raises `NotAllowed` when every course is closed to it: then it is not about a course.
        """
        closed: NotAllowed | None = None
        none_seen = True
        for place in self._places():
            course, refusal = self._glance(place)
            closed = closed or refusal
            if course is not None:
                none_seen = False
                yield course
        if closed is not None and none_seen:
            raise closed

    def course(self, course_id: str) -> Course | None:
        """See `RosterSource`."""
        place = self._place(course_id)
        return None if place is None else self._glance(place)[0]

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        """See `RosterSource`. The roster is read whole before its first page is given."""
        at = Position() if start is None else Position.read(start)
        rows = self._roster(self._known(course_id))
        before = [row.person.id for row in rows if _order(row.person.id) <= _order(at.after)]
        if (at.given, at.fingerprint) != (len(before), fingerprint(before)):
            at, before = Position(), []
        rows = rows[len(before) :]
        while True:
            page, rows = rows[: self._page_size], rows[self._page_size :]
            ids = [row.person.id for row in page]
            at = Position(at.given + len(ids), fingerprint(ids, at.fingerprint), ids[-1] if ids else at.after)
            yield Page(tuple(page), str(at) if rows else None)
            if not rows:
                return

    def groups(self, course_id: str) -> Iterator[Group]:
        """See `RosterSource`; there are none."""
        self._known(course_id)
        yield from ()

    def groupings(self, course_id: str) -> Iterator[Grouping]:
        """See `RosterSource`; there are none."""
        self._known(course_id)
        yield from ()

    def cohorts(self) -> Iterator[Cohort]:
        """See `RosterSource`; there are none."""
        return iter(())

    def categories(self) -> Iterator[Category]:
        """See `RosterSource`; there are none."""
        return iter(())

    def people(self, ids: Sequence[str]) -> Iterator[Person]:
        """See `RosterSource`. Nobody can be asked for by id, so rosters are read until all are found."""
        wanted = set(ids)
        for place in self._places():
            if not wanted:
                return
            try:
                rows = self._roster(place)
            except (NotFound, NotAllowed):
                continue
            for row in rows:
                if row.person.id in wanted:
                    wanted.remove(row.person.id)
                    yield row.person

    def probe(self) -> Probe:
        """See `RosterSource`."""
        registrations = self._registrations()
        if not registrations:
            return self._lacking(N_("an LTI registration"), _REGISTER)
        allow = next((_ALLOW[one.family] for one in registrations if one.family in _ALLOW), _ALLOW_ANYWHERE)
        if next(self._places(), None) is None:
            is_denied = all(one.denies for one in registrations) or self._was_launched()
            return self._lacking(SERVICE, allow if is_denied else _OPEN_ONCE)
        try:
            first = next(self.courses(), None)
        except NotAllowed as error:
            if error.code == "scope_missing":
                return self._lacking(SERVICE, allow)
            return Probe(self._introduced(), (), (error,), ())
        if first is None:
            return self._lacking(SERVICE, _OPEN_ONCE)
        return Probe(self._introduced(), (), (), ())

    def has_changed(self, course_id: str, since: str) -> bool:
        """Whether the platform tells of any change since it gave ``since`` (one of `differences`).

        True also where it does not say: only a plain No makes a reading needless. Raises `Unavailable`, and `NotFound`
        for a course that is none of ours.
        """
        place = self._known(course_id)
        if not same_origin(since, place.url):
            return True
        try:
            return any(page.members for page in self._changes(place, since))
        except Unavailable:
            raise
        except ConnectorError:
            return True

    def _roster(self, place: _Place) -> list[Enrolment]:
        """Everybody, in the order of ids."""
        members = _asked_again(lambda: self._members(place))
        rows = [_enrolment(place.course_id, member) for member in members.values()]
        return sorted(rows, key=lambda row: _order(row.person.id))

    def _members(self, place: _Place) -> dict[str, Member]:
        try:
            return self._walked(place, limit=None)
        except BadAnswer as error:
            if error.code != "too_large":
                raise
        return self._walked(place, limit=LARGE_PAGE)

    def _walked(self, place: _Place, limit: int | None) -> dict[str, Member]:
        members: dict[str, Member] = {}
        links: list[str] = []
        pages = 0
        for page in self._pages(place, limit):
            pages += 1
            links += [page.differences_url] if page.differences_url else []
            for member in page.members:
                known = members.get(member.user_id)
                if member.status is not Status.DELETED:
                    members[member.user_id] = _joined(known, member) if known else member
        if pages > 1 and links:
            members = self._settled(place, members, links[0])
        self.differences.pop(place.course_id, None)
        if links:
            self.differences[place.course_id] = links[-1]
        return members

    def _settled(self, place: _Place, members: dict[str, Member], since: str) -> dict[str, Member]:
        """The members with what changed while their pages were read. A platform that cannot say so after all leaves
        them as they are; one that is away has not finished its answer."""
        settled = dict(members)
        try:
            for page in self._changes(place, since):
                for member in page.members:
                    if member.status is Status.DELETED:
                        settled.pop(member.user_id, None)
                    else:
                        settled[member.user_id] = member
        except Unavailable:
            raise
        except ConnectorError:
            return members
        return settled

    def _glance(self, place: _Place) -> tuple[Course | None, NotAllowed | None]:
        """The course as it is called today, or None when it is gone or, with the refusal, closed to the tool."""
        try:
            return _course(place, _asked_again(lambda: next(self._pages(place, 1)).context)), None
        except NotFound:
            return None, None
        except NotAllowed as error:
            if error.code != "forbidden":
                raise
            return None, error

    def _pages(self, place: _Place, limit: int | None) -> Iterator[memberships.Page]:
        escaped = place.names_are_escaped
        yield from _in_our_words(
            memberships.read_members(self._caller, place.platform, place.url, limit=limit, names_are_escaped=escaped)
        )

    def _changes(self, place: _Place, since: str) -> Iterator[memberships.Page]:
        escaped = place.names_are_escaped
        yield from _in_our_words(
            memberships.read_differences(self._caller, place.platform, since, names_are_escaped=escaped)
        )

    def _lacking(self, function: str, todo: str) -> Probe:
        return Probe(self._introduced(), (Missing(function, _WHY, todo),), (), ())

    def _introduced(self) -> Site:
        with self._house.database.read() as connection:
            site = connection.execute(
                select(models.Site.url, models.Site.name, models.Site.title).where(models.Site.id == self._site_id)
            ).one()
        return Site(url=site.url, name=site.title or site.name, release=RELEASE, user_id="")

    def _registrations(self) -> list[_Registered]:
        columns = (models.Platform.family, models.Platform.token_url, models.Platform.granted)
        with self._house.database.read() as connection:
            rows = connection.execute(
                select(*columns).where(models.Platform.site_id == self._site_id).order_by(models.Platform.id).limit(50)
            ).all()
        return [
            _Registered(_family(row.family, row.token_url), bool(row.granted) and memberships.SCOPE not in row.granted)
            for row in rows
        ]

    def _was_launched(self) -> bool:
        """Whether a launch ever came from a course: then it did not say where the members are."""
        launched = select(models.Enrolment.id).join(models.Course, models.Course.id == models.Enrolment.course_id)
        here = launched.where(models.Course.site_id == self._site_id, models.Enrolment.from_sync.is_(False))
        with self._house.database.read() as connection:
            return connection.execute(here.limit(1)).one_or_none() is not None

    def _known(self, course_id: str) -> _Place:
        place = self._place(course_id)
        if place is None:
            raise unknown_course()
        return place

    def _place(self, course_id: str) -> _Place | None:
        return next(iter(self._placed(models.Course.lms_id == course_id, after=None)[1]), None)

    def _places(self) -> Iterator[_Place]:
        """Every course whose members can be asked for. No transaction is open while somebody works with one."""
        after: UUID | None = None
        while True:
            after, places = self._placed(true(), after)
            yield from places
            if after is None:
                return

    def _placed(self, which: ColumnElement[bool], after: UUID | None) -> tuple[UUID | None, list[_Place]]:
        """Some of these courses and the id to go on behind, None behind the last."""
        course = models.Course
        query = select(course.id, course.lms_id, course.short_name, course.title, course.services).where(
            course.site_id == self._site_id, which
        )
        if after is not None:
            query = query.where(course.id > after)
        with self._house.database.read() as connection:
            rows = connection.execute(query.order_by(course.id).limit(_AT_ONCE)).all()
            families = {
                str(row.id): _family(row.family, row.token_url)
                for row in connection.execute(
                    select(models.Platform.id, models.Platform.family, models.Platform.token_url).where(
                        models.Platform.site_id == self._site_id
                    )
                )
            }
        platforms = StoredPlatforms(self._house.database, self._house.clock)
        places = []
        for row in rows:
            url, platform_id = row.services.get("memberships"), row.services.get("platform")
            platform = platforms.get(platform_id) if url and platform_id in families else None
            if platform is not None:
                escaped = families[platform_id] == "moodle"
                places.append(_Place(row.lms_id, row.short_name or "", row.title, url, platform, escaped))
        return (rows[-1].id if len(rows) == _AT_ONCE else None), places


def _course(place: _Place, context: Context | None) -> Course:
    """The course as the platform calls it today; as its launches called it, where it says nothing."""
    title = (context.title if context else None) or place.title
    short_name = (context.label if context else None) or place.short_name
    return Course(place.course_id, short_name, title, visible=True)


def _enrolment(course_id: str, member: Member) -> Enrolment:
    name = member.name or " ".join(filter(None, (member.given_name, member.family_name)))
    person = Person(member.user_id, name, id_number=member.sourced_id)
    return Enrolment(course_id, person, _short_names(member), suspended=member.status is not Status.ACTIVE)


def _short_names(member: Member) -> tuple[str, ...]:
    """Roles in the course, a part of a role by the name of the part; what somebody is to the institution or the system
    says nothing of the course."""
    here = (role for role in member.roles if role.scope in (Scope.CONTEXT, Scope.UNKNOWN))
    return tuple(sorted({role.sub_role or role.name for role in here}))


def _joined(known: Member, again: Member) -> Member:
    """Somebody who is named twice is there as active as either says, with the roles of both."""
    if known.status is not again.status:
        return known if known.status is Status.ACTIVE else again
    return replace(again, roles=tuple(dict.fromkeys((*known.roles, *again.roles))))


def _order(person_id: str) -> tuple[int, str]:
    return len(person_id), person_id


def _family(said: str | None, token_url: str) -> str:
    """The product: as it said itself, or by the address of its token service where it was registered by hand."""
    if said is None and urlsplit(token_url).path.endswith("/mod/lti/token.php"):
        return "moodle"
    return family_of(said)


def _asked_again(ask: Callable[[], T]) -> T:
    """What is answered. Half an answer, or a web page in its place, is asked for again."""
    retrying = stamina.RetryingCaller(attempts=_TRIES, timeout=None, wait_initial=0.25, wait_jitter=0.25, wait_max=2.0)
    return retrying(_is_garbled, ask)


def _is_garbled(error: Exception) -> bool:
    return isinstance(error, BadAnswer) and error.code == "not_json"


def _in_our_words(pages: Iterator[memberships.Page]) -> Iterator[memberships.Page]:
    """The pages; whatever goes wrong with the service is a `ConnectorError`."""
    try:
        yield from pages
    except trouble.ServiceError as error:
        raise _translated(error) from None


_KINDS: tuple[tuple[type[trouble.ServiceError], type[ConnectorError]], ...] = (
    (trouble.Unavailable, Unavailable),
    (trouble.BadAnswer, BadAnswer),
    (trouble.NotGranted, NotAllowed),
)
_BY_CODE: dict[str, type[ConnectorError]] = {"gone": NotFound, "forbidden": NotAllowed}


def _translated(error: trouble.ServiceError) -> ConnectorError:
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), _BY_CODE.get(error.code, Refused))
    return kind(
        error.what,
        error.todo,
        code=error.code,
        params=error.values,
        worth_retrying=isinstance(error, trouble.Unavailable),
        wait_seconds=error.retry_after if isinstance(error, trouble.Unavailable) else None,
    )
