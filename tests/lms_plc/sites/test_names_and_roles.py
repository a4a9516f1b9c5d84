"""Is the service of a site's launches a roster source like any other, and careful with what only it may say?"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
import stamina
from sqlalchemy import select, update

from connectors import BadAnswer, NotAllowed, NotFound, Refused, RosterSource, Transport, Unavailable
from connectors.scratch import Position
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.practice_lms import Practice
from lms_plc.sites import models
from lms_plc.sites.actions import Registration, add_platform, connect_by_launches
from lms_plc.sites.names_and_roles import KIND, LARGE_PAGE, NamesAndRoles
from lms_plc.sites.services import open_services
from lms_plc.sites.sources import open_roster
from lms_plc.sites.stores import StoredToolKeys
from lti.http import BoundedHttp
from lti.services import memberships
from lti.services.calls import Caller, Patience
from lti.services.memberships import MEDIA_TYPE
from lti.services.token import AccessToken
from lti.toolkeys import public_jwks
from tests.conftest import LMS, LaunchingLms
from tests.connectors.conformance import NetworkConformance, School, Stand, walk
from tests.connectors.conftest import bad_server, limits, local_transport, seconds  # noqa: F401

RECORDED = json.loads((Path(__file__).parents[2] / "recordings" / "moodle" / "lti" / "nrps.json").read_text())
TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


@pytest.fixture(autouse=True)
def _retries_are_quiet() -> Iterator[None]:
    hooks = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(hooks)


def service(course_id: str) -> str:
    return f"{LMS}/mod/lti/services.php/CourseSection/{course_id}/bindings/1/memberships"


def launched(house: House, site_id: Any, course_id: str, platform_id: Any, url: str | None) -> None:
    """A course as a launch leaves it."""
    said = {"platform": str(platform_id), "deployment": "1", **({"memberships": url} if url else {})}
    with house.database.write() as session:
        session.add(
            models.Course(
                id=new_id(),
                site_id=site_id,
                lms_id=course_id,
                title=f"As launched {course_id}",
                services=said,
                created_at=house.clock(),
            )
        )


def platform_of(house: House, site_id: Any) -> Any:
    with house.database.read() as connection:
        return connection.execute(
            select(models.Platform.id).where(models.Platform.site_id == site_id).limit(1)
        ).scalar_one()


@dataclass
class Service:
    """The membership service of the LMS at the edge of the network: what it answers, and what it was asked."""

    edge: responses.RequestsMock
    lms: LaunchingLms
    answers: dict[str, Callable[[Mapping[str, str]], tuple[int, dict[str, str], Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    grants: str = memberships.SCOPE

    def __post_init__(self) -> None:
        self.edge.add_callback("POST", self.lms.platform.registration.token_url, self._token)
        self.edge.add_callback("GET", re.compile(re.escape(f"{LMS}/mod/lti/services.php/") + ".*"), self._reply)

    def _token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.edge.calls.reset()
        told = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600, "scope": self.grants}
        return 200, {"Content-Type": "text/html"}, json.dumps(told)

    def _reply(self, request: Any) -> tuple[int, dict[str, str], Any]:
        self.asked.append(request.url)
        # the stub keeps every reply; a source must not pay for that
        self.edge.calls.reset()
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["Accept"] == MEDIA_TYPE
        course_id = urlsplit(request.url).path.split("/")[-4]
        if course_id not in self.answers:
            return 404, {}, "gone"
        query = dict(parse_qsl(urlsplit(request.url).query))
        status, headers, body = self.answers[course_id](query)
        return status, headers, body if isinstance(body, bytes) else json.dumps(body)

    def says(self, course_id: str, *members: dict[str, Any], status: int = 200, **headers: str) -> None:
        """The course has these members, in one answer to any question."""
        told = container(course_id, *members)
        self.answers[course_id] = lambda query: (status, headers, told)

    def course(self, course_id: str, url: str | None = None) -> None:
        house = self.lms.house
        launched(house, self.lms.site_id, course_id, platform_of(house, self.lms.site_id), url or service(course_id))

    def source(self, **how: Any) -> NamesAndRoles:
        house = self.lms.house
        caller = Caller(open_services(house)._http, open_services(house)._tokens, patience=Patience(1.0, 2, 0.01, 0.02))
        return NamesAndRoles(house, self.lms.site_id, caller, **how)


def container(course_id: str, *members: dict[str, Any], title: str = "Lesson study") -> dict[str, Any]:
    return {"id": service(course_id), "context": {"id": course_id, "title": title, "label": "LS"}, "members": members}


def member(user_id: str, name: str = "Ana", **more: Any) -> dict[str, Any]:
    return {"user_id": user_id, "status": "Active", "roles": ["Learner"], "name": name, **more}


@pytest.fixture
def told(edge: responses.RequestsMock, lms: LaunchingLms) -> Service:
    return Service(edge, lms)


class _OneToken:
    """Gives a token without asking, so that only the service itself is spoiled."""

    def get(self, platform: object, scopes: object) -> AccessToken:
        return AccessToken(TOKEN, frozenset({memberships.SCOPE}), None)  # type: ignore[arg-type]

    def forget(self, *_: object) -> None:
        """There is no other."""


class TestConformance(NetworkConformance):
    good = json.dumps({"id": "x", "context": {"id": "5"}, "members": []}).encode()

    @pytest.fixture(autouse=True)
    def _at_home(self, house: House) -> None:
        self.house = house

    def opened(self, url: str, transport: Transport) -> RosterSource:
        there, at = "https://lms.example.net", self.house.clock()
        with self.house.database.write() as session:
            addresses = (f"{there}/auth", f"{url}/token", f"{there}/keys")
            site_id = add_platform(session, "s", Registration(there, "c", *addresses), at, allow_http=True)
        launched(self.house, site_id, "5", platform_of(self.house, site_id), f"{url}/members")
        known = transport._limits
        http = BoundedHttp(
            requests.Session,
            connect_seconds=known.connect_seconds,
            read_seconds=known.read_seconds,
            total_seconds=known.total_seconds,
            max_bytes=known.max_bytes,
        )
        caller = Caller(http, _OneToken(), patience=Patience(known.total_seconds, 3, 0.01, 0.05))  # type: ignore[arg-type]
        return NamesAndRoles(self.house, site_id, caller, page_size=5)

    @pytest.fixture
    def stand(self, told: Service) -> Stand:
        school = School()
        known: set[str] = set()

        def answer(course_id: str, query: Mapping[str, str]) -> tuple[int, dict[str, str], Any]:
            if course_id not in school.courses:
                return 404, {}, "gone"
            members = [
                member(
                    one,
                    escape(school.people[one]),
                    status="Inactive" if suspended else "Active",
                    lis_person_sourcedid=school.numbers.get(one, ""),
                )
                for one, suspended in school.enrolled[course_id].items()
            ]
            return 200, {}, container(course_id, *members, title=school.courses[course_id])

        def opened() -> RosterSource:
            for course_id in school.courses.keys() - known:
                told.course(course_id)
                told.answers[course_id] = lambda query, here=course_id: answer(here, query)
                known.add(course_id)
            return told.source(page_size=5)

        return Stand(school, opened, TOKEN, lambda: told.asked, knows_categories=False)


class TestReading:
    def test_a_recorded_roster_of_moodle_comes_whole_and_in_plain_letters(self, told: Service) -> None:
        told.course("5")
        told.answers["5"] = lambda query: (200, {}, RECORDED["full"]["json"])
        source = told.source()
        rows = {row.person.id: row for page in walk(source, "5") for row in page.rows}
        assert list(rows) == sorted(rows, key=lambda one: (len(one), one))
        assert len(rows) == len(RECORDED["full"]["json"]["members"])
        assert rows["9"].person.name == "Seán O'Brien & Co"
        assert (rows["143"].person.id_number, rows["14"].person.id_number) == ("KZ100124", None)
        assert {role for row in rows.values() for role in row.roles} == {"Instructor", "Learner"}
        assert not any(row.suspended for row in rows.values())
        assert told.asked == [service("5")], "one request, without a limit"
        [course] = source.courses()
        assert (course.id, course.short_name, course.title) == ("5", "LSFA-EN-1", "Lesson Study & Formative Assessment")

    def test_names_of_other_platforms_are_left_as_they_are(self, told: Service) -> None:
        told.course("5")
        with told.lms.house.database.write() as session:
            session.execute(update(models.Platform).values(family="canvas"))
        told.says("5", member("1", "A &amp; B"))
        assert walk(told.source(), "5")[0].rows[0].person.name == "A &amp; B"

    def test_states_become_active_suspended_or_absent(self, told: Service) -> None:
        told.course("5")
        states = {"1": "Active", "2": "Inactive", "3": "Deleted", "4": "Something new"}
        told.says("5", *(member(one, status=state) for one, state in states.items()))
        rows = walk(told.source(), "5")[0].rows
        assert {row.person.id: row.suspended for row in rows} == {"1": False, "2": True, "4": True}

    def test_roles_are_short_and_of_the_course_alone(self, told: Service) -> None:
        told.course("5")
        uris = [
            f"{MEMBERSHIP}#Instructor",
            f"{MEMBERSHIP}/Instructor#TeachingAssistant",
            "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
            "http://purl.imsglobal.org/vocab/lis/v2/system/person#User",
            "Mentor",
        ]
        told.says("5", member("1", roles=uris))
        assert walk(told.source(), "5")[0].rows[0].roles == ("Instructor", "Mentor", "TeachingAssistant")

    def test_a_name_is_put_together_or_left_empty(self, told: Service) -> None:
        told.course("5")
        told.says("5", {"user_id": "1", "given_name": "Ana", "family_name": "Ilieva"}, {"user_id": "2"})
        assert [row.person.name for row in walk(told.source(), "5")[0].rows] == ["Ana Ilieva", ""]

    def test_somebody_named_twice_is_there_once_as_active_as_either_says(self, told: Service) -> None:
        told.course("5")
        told.says(
            "5",
            member("1", status="Inactive", roles=["Mentor"]),
            member("1"),
            member("1", roles=["Instructor"]),
            member("1", status="Inactive"),
        )
        [row] = walk(told.source(), "5")[0].rows
        assert (row.suspended, row.roles) == (False, ("Instructor", "Learner"))

    def test_a_course_that_says_nothing_of_itself_is_called_as_its_launches_did(self, told: Service) -> None:
        told.course("5")
        told.answers["5"] = lambda query: (200, {}, {"members": []})
        course = told.source().course("5")
        assert course is not None
        assert (course.title, course.short_name, course.visible) == ("As launched 5", "", True)

    def test_courses_of_other_sites_and_without_a_service_are_none_of_it(self, told: Service) -> None:
        house = told.lms.house
        told.course("5")
        told.says("5")
        launched(house, told.lms.site_id, "6", platform_of(house, told.lms.site_id), None)
        launched(house, told.lms.site_id, "7", new_id(), service("7"))
        with house.database.write() as session:
            addresses = ("https://x.example.net/a", "https://x.example.net/t", "https://x.example.net/k")
            other = add_platform(
                session,
                "other",
                Registration("https://x.example.net", "c", *addresses),
                house.clock(),
                allow_http=False,
            )
        launched(house, other, "8", platform_of(house, other), service("8"))
        source = told.source()
        assert [course.id for course in source.courses()] == ["5"]
        assert all(source.course(one) is None for one in ("6", "7", "8"))
        for question in (source.groups, source.groupings, source.enrolment_pages):
            with pytest.raises(NotFound):
                list(question("8"))

    def test_a_roster_too_large_for_one_answer_comes_in_pages(
        self, told: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told.course("5")
        monkeypatch.setattr("lms_plc.sites.outgoing.LARGEST_PAGE", 2000)
        everybody = [member(str(n)) for n in range(60)]

        def answer(query: Mapping[str, str]) -> tuple[int, dict[str, str], Any]:
            if "limit" not in query:
                return 200, {}, container("5", *everybody)
            assert query["limit"] == str(LARGE_PAGE)
            at = int(query.get("from", "0"))
            link = {"Link": f'<{service("5")}?limit={LARGE_PAGE}&from={at + 10}>; rel="next"'} if at < 50 else {}
            return 200, link, container("5", *everybody[at : at + 10])

        told.answers["5"] = answer
        assert sum(len(page.rows) for page in walk(told.source(), "5")) == 60

    def test_people_are_looked_for_only_until_they_are_found(self, told: Service) -> None:
        for course_id in ("5", "6", "7"):
            told.course(course_id)
        told.says("6", member("1", "Ana"))
        told.says("7", member("2", "Bo"))
        assert [one.name for one in told.source().people(["1"])] == ["Ana"]
        assert told.asked == [service("5"), service("6")]

    def test_a_site_of_many_courses_is_listed_piece_by_piece(
        self, told: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lms_plc.sites.names_and_roles._AT_ONCE", 2)
        for course_id in ("1", "2", "3", "4", "5"):
            told.course(course_id)
            told.says(course_id)
        source = told.source()
        assert sorted(course.id for course in source.courses()) == ["1", "2", "3", "4", "5"]
        assert list(source.groups("5")) == []

    def test_the_repr_names_nobody(self, told: Service) -> None:
        assert repr(told.source()) == f"NamesAndRoles('{told.lms.site_id}')"
        assert list(told.source().cohorts()) == []


class TestDifferences:
    """Two pages, and what is said to have changed since the first."""

    @pytest.fixture
    def paged(self, told: Service) -> Callable[..., Service]:
        def make(changes: Callable[[], tuple[int, dict[str, str], Any]], pages: int = 2) -> Service:
            told.course("5")
            since = f'<{service("5")}?since=1>; rel="differences"'

            def answer(query: Mapping[str, str]) -> tuple[int, dict[str, str], Any]:
                if "since" in query:
                    return changes()
                if query.get("page") == "2":
                    return 200, {"Link": since}, container("5", member("3"), member("4"))
                more = f', <{service("5")}?page=2>; rel="next"' if pages == 2 else ""
                return 200, {"Link": since + more}, container("5", member("1"), member("2"))

            told.answers["5"] = answer
            return told

        return make

    def there(self, told: Service) -> dict[str, bool]:
        return {row.person.id: row.suspended for page in walk(told.source(), "5") for row in page.rows}

    def test_what_moved_while_pages_were_read_is_put_right(self, paged: Any) -> None:
        changed = container("5", member("2", status="Deleted"), member("5"), member("4", status="Inactive"))
        told = paged(lambda: (200, {}, changed))
        assert self.there(told) == {"1": False, "3": False, "4": True, "5": False}

    def test_whoever_is_not_in_them_stays(self, paged: Any) -> None:
        told = paged(lambda: (200, {}, container("5")))
        assert self.there(told).keys() == {"1", "2", "3", "4"}

    @pytest.mark.parametrize("answer", [(404, {}, "gone"), (200, {}, b"<html>"), (200, {}, {"members": "all"})])
    def test_a_platform_that_cannot_say_so_after_all_changes_nothing(self, paged: Any, answer: Any) -> None:
        assert self.there(paged(lambda: answer)).keys() == {"1", "2", "3", "4"}

    def test_one_that_is_away_has_not_finished_its_answer(self, paged: Any) -> None:
        with pytest.raises(Unavailable):
            self.there(paged(lambda: (503, {}, b"")))

    def test_one_answer_needs_no_second_question(self, paged: Any) -> None:
        told = paged(lambda: (200, {}, container("5", member("2", status="Deleted"))), pages=1)
        assert self.there(told).keys() == {"1", "2"}
        assert told.asked == [service("5")]

    def test_whether_reading_is_worth_it_is_asked_cheaply(self, paged: Any) -> None:
        changes = [container("5")]
        told = paged(lambda: (200, {}, changes[0]), pages=1)
        source = told.source()
        walk(source, "5")
        since = source.differences["5"]
        assert source.has_changed("5", since) is False
        changes[0] = container("5", member("2", status="Deleted"))
        assert source.has_changed("5", since) is True
        assert source.has_changed("5", "https://elsewhere.example.net/?since=1") is True
        assert "elsewhere" not in "".join(told.asked)
        with pytest.raises(NotFound):
            source.has_changed("404", since)

    @pytest.mark.parametrize(("status", "raised"), [(410, None), (503, Unavailable)])
    def test_only_a_plain_no_makes_a_reading_needless(self, paged: Any, status: int, raised: Any) -> None:
        source = paged(lambda: (status, {}, b""), pages=1).source()
        if raised is None:
            assert source.has_changed("5", f"{service('5')}?since=1") is True
            return
        with pytest.raises(raised):
            source.has_changed("5", f"{service('5')}?since=1")

    def test_a_platform_without_them_leaves_none_behind(self, paged: Any) -> None:
        told = paged(lambda: (200, {}, container("5")), pages=1)
        source = told.source()
        walk(source, "5")
        told.says("5")
        walk(source, "5")
        assert source.differences == {}


class TestResuming:
    def test_an_untouched_roster_goes_on_behind_the_last_page(self, told: Service) -> None:
        told.course("5")
        told.says("5", *(member(str(n)) for n in range(1, 8)))
        first = walk(told.source(page_size=3), "5")[0]
        assert Position.read(str(first.next)).after == "3"
        rest = walk(told.source(page_size=3), "5", first.next)
        assert [row.person.id for page in rest for row in page.rows] == ["4", "5", "6", "7"]


class TestFailing:
    def test_a_course_closed_to_the_tool_is_out_of_sight_and_the_others_are_not(self, told: Service) -> None:
        told.course("5")
        told.course("6")
        told.says("5", status=403)
        told.says("6")
        source = told.source()
        assert [course.id for course in source.courses()] == ["6"]
        assert source.course("5") is None
        with pytest.raises(NotAllowed):
            walk(source, "5")
        assert list(source.people(["1"])) == []

    def test_all_of_them_closed_is_not_about_a_course(self, told: Service) -> None:
        told.course("5")
        told.says("5", status=403)
        with pytest.raises(NotAllowed):
            list(told.source().courses())

    @pytest.mark.parametrize(
        ("status", "kind"), [(401, Refused), (400, Refused), (404, NotFound), (302, BadAnswer), (500, Unavailable)]
    )
    def test_every_failure_is_typed_and_says_what_to_do(self, told: Service, status: int, kind: Any) -> None:
        told.course("5")
        told.says("5", status=status)
        with pytest.raises(kind) as caught:
            walk(told.source(), "5")
        assert caught.value.code
        assert "%(" not in str(caught.value)
        assert TOKEN not in str(caught.value) + repr(caught.value)

    def test_half_an_answer_is_asked_for_again(self, told: Service) -> None:
        told.course("5")
        halves = [b'{"members": [{"user_', b"<!DOCTYPE html>"]
        told.answers["5"] = lambda query: (200, {}, halves.pop() if halves else container("5", member("1")))
        assert len(walk(told.source(), "5")[0].rows) == 1


class TestLooking:
    """What the probe finds missing, and what it says to click."""

    def test_all_is_well(self, told: Service) -> None:
        told.course("5")
        told.says("5")
        probe = told.source().probe()
        assert probe.ready
        assert (probe.site.url, probe.site.name) == (LMS, "moodle")

    def test_without_a_registration(self, told: Service) -> None:
        with told.lms.house.database.write() as session:
            other = models.Site(id=new_id(), name="x", url="https://x.example", created_at=told.lms.house.clock())
            session.add(other)
            site_id = other.id
        source = NamesAndRoles(told.lms.house, site_id, open_services(told.lms.house))
        assert "Register this tool" in source.probe().missing[0].todo
        assert source.site().name == "x"

    def test_without_a_course(self, told: Service) -> None:
        [missing] = told.source().probe().missing
        assert "open the activity in each course once" in missing.todo

    def test_with_launches_that_did_not_say_where_the_members_are(
        self, told: Service, visitor: Callable[[], Any]
    ) -> None:
        visitor().launch("1", **{"https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": None})
        [missing] = told.source().probe().missing
        assert "Site administration > Plugins" in missing.todo

    def test_with_a_registration_that_was_not_granted_it(self, told: Service) -> None:
        with told.lms.house.database.write() as session:
            session.execute(update(models.Platform).values(granted=["https://x.example/scope"], family="canvas"))
        [missing] = told.source().probe().missing
        assert "Developer Keys" in missing.todo

    def test_with_a_token_that_lacks_it(self, told: Service) -> None:
        told.course("5")
        told.says("5")
        told.grants = "https://x.example/scope"
        [missing] = told.source().probe().missing
        assert "IMS LTI Names and Role Provisioning" in missing.todo

    def test_with_courses_that_are_closed(self, told: Service) -> None:
        told.course("5")
        told.says("5", status=403)
        [refused] = told.source().probe().refused
        assert refused.code == "forbidden"

    def test_with_courses_that_are_all_gone(self, told: Service) -> None:
        told.course("5")
        assert not told.source().probe().ready


class TestWithThePracticeLms:
    """The whole way: a token for our signed assertion, the roster at a launch's address, and what changed in it."""

    @pytest.fixture
    def practice(self, house: House, edge: responses.RequestsMock, tmp_path: Path) -> Practice:
        there, here = "https://practice.example.org", "https://plc.example.org"
        made = Practice(tmp_path / "practice", there, here, now=lambda: house.clock().timestamp())
        client = made.app.test_client()

        def reply(request: Any) -> tuple[int, dict[str, str], bytes]:
            answer = client.open(
                request.path_url, method=request.method, headers=dict(request.headers), data=request.body
            )
            return answer.status_code, dict(answer.headers), answer.data

        for method in ("GET", "POST"):
            edge.add_callback(method, re.compile(re.escape(there) + "/.*"), reply)
        edge.get(f"{here}/lti/jwks", json=public_jwks(StoredToolKeys(house.database, house.seal, house.clock).load()))
        return made

    def test_the_roster_and_what_changed_in_it_are_read(self, house: House, practice: Practice) -> None:
        practice.turn("differences", on=True)
        with house.database.write() as session:
            said = Registration(**practice.registration)
            site_id = add_platform(session, "practice", said, house.clock(), allow_http=False)
            connect_by_launches(session, site_id, KIND, "x", house.clock())
        url = f"{practice.settings.base_url}/mod/lti/services.php/CourseSection/5/bindings/1/memberships"
        launched(house, site_id, "5", platform_of(house, site_id), url)
        with open_roster(house, site_id) as source:
            assert isinstance(source, NamesAndRoles)
            assert source.probe().ready
            before = {row.person.id for page in walk(source, "5") for row in page.rows}
            now = house.clock().timestamp()
            assert before == {str(one.user_id) for one in practice.state.roster(5) if one.active(now)}
            since = source.differences["5"]
            assert not source.has_changed("5", since)
            left = min(before, key=int)
            practice.unenrol(5, int(left))
            assert source.has_changed("5", since)
            assert {row.person.id for page in walk(source, "5") for row in page.rows} == before - {left}
