"""Is a Canvas read along its own links, in its own words, and no faster than it likes?"""

import json
import re

import pytest
import responses

from connectors import (
    BadAnswer,
    Group,
    Grouping,
    NotAllowed,
    NotFound,
    Person,
    Refused,
    Transport,
    Unavailable,
    open_source,
)
from connectors.canvas.source import CanvasSource, UserRecord
from connectors.roster import Enrolment

LMS = "https://canvas.example.org"
API = f"{LMS}/api/v1"


class Canvas:
    """A stubbed Canvas: path → replies in turn, the last one for ever."""

    def __init__(self, http):
        self.http = http
        self.replies = {}
        http.add_callback(responses.GET, re.compile(re.escape(API) + "/.*"), self.reply)

    def says(self, path, *replies):
        self.replies[path] = list(replies)

    def reply(self, request):
        queue = self.replies[request.url.removeprefix(API).partition("?")[0]]
        status, headers, body = queue.pop(0) if len(queue) > 1 else queue[0]
        return status, headers, body if isinstance(body, str) else json.dumps(body)

    def urls(self):
        return [call.request.url for call in self.http.calls]


def ok(body, **headers):
    return 200, {name.replace("_", "-"): value for name, value in headers.items()}, body


@pytest.fixture
def canvas():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        stub = Canvas(http)
        stub.says("/users/self", ok({"id": 3, "name": "Reader"}))
        stub.says("/courses/5", ok({"id": 5, "name": "Lesson study", "course_code": "LS"}))
        yield stub


@pytest.fixture
def naps():
    return []


@pytest.fixture
def source(canvas, limits, token, naps):
    with Transport(limits=limits, sleep=naps.append) as line:
        yield CanvasSource(LMS, token, line)


def enrolment(number, user, state="active", kind="StudentEnrollment", role=None):
    return {
        "id": number,
        "user_id": user,
        "type": kind,
        "role": role or kind,
        "enrollment_state": state,
        "user": {"id": user, "name": f"Person {user}"},
    }


def rows_of(source):
    return [row for page in source.enrolment_pages("5") for row in page.rows]


def test_the_site_is_named_by_its_host(canvas, transport, token):
    site = open_source("canvas", LMS + "/", token, transport).site()
    assert (site.url, site.name, site.user_id) == (LMS, "canvas.example.org", "3")


class TestCourses:
    def test_they_come_from_the_whole_account_with_unpublished_ones_marked(self, canvas, source):
        records = [
            {"id": 6, "name": "B", "course_code": "b", "workflow_state": "unpublished", "account_id": 1},
            {"id": 5, "name": "A", "course_code": "a", "sis_course_id": "SIS-5"},
            {"id": 7, "workflow_state": "deleted"},
            {"id": 8, "access_restricted_by_date": True},
        ]
        canvas.says("/accounts/self/courses", ok(records))
        courses = list(source.courses())
        assert [(one.id, one.title, one.visible, one.id_number, one.category_id) for one in courses] == [
            ("5", "A", True, "SIS-5", None),
            ("6", "B", False, None, "1"),
            ("8", "", True, None, None),
        ]

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_teachers_token_lists_its_own(self, canvas, source, status):
        canvas.says("/accounts/self/courses", (status, {}, {"status": "unauthorized"}))
        canvas.says("/courses", ok([{"id": 5, "name": "A"}]))
        assert [course.id for course in source.courses()] == ["5"]

    def test_a_deleted_one_is_none(self, canvas, source):
        canvas.says("/courses/5", ok({"id": 5, "name": "A", "workflow_state": "deleted"}))
        assert source.course("5") is None

    @pytest.mark.parametrize("course_id", ["", "../1", "sis_course_id:5", "٥"])
    def test_a_foreign_id_is_none_without_a_call(self, canvas, source, course_id):
        assert source.course(course_id) is None
        with pytest.raises(NotFound):
            list(source.groups(course_id))
        assert not canvas.urls()


class TestEnrolments:
    def test_every_state_is_asked_for_and_said(self, canvas, source):
        records = [
            enrolment(1, 7),
            enrolment(2, 8, "invited"),
            enrolment(3, 9, "inactive"),
            enrolment(4, 10, "completed"),
            enrolment(5, 11, "rejected"),
            enrolment(6, 12, kind="StudentViewEnrollment"),
        ]
        canvas.says("/courses/5/enrollments", ok(records))
        assert {row.person.id: row.suspended for row in rows_of(source)} == {
            "7": False,
            "8": True,
            "9": True,
            "10": True,
        }
        asked = canvas.urls()[-1]
        assert all(f"state%5B%5D={state}" in asked for state in ("active", "invited", "inactive", "completed"))
        assert "per_page=100" in asked

    def test_somebody_in_several_sections_is_one_with_the_roles_that_are_active(self, canvas, source):
        records = [
            enrolment(1, 7, "completed", "StudentEnrollment"),
            enrolment(2, 7, "active", "TeacherEnrollment", "Mentor"),
            enrolment(3, 7, "active", "TaEnrollment"),
            enrolment(4, 8, "completed", "TaEnrollment"),
        ]
        canvas.says("/courses/5/enrollments", ok(records))
        assert rows_of(source) == [
            Enrolment("5", Person("7", "Person 7"), ("Mentor", "TaEnrollment"), suspended=False),
            Enrolment("5", Person("8", "Person 8"), ("TaEnrollment",), suspended=True),
        ]

    def linked(self, *pages):
        """Pages that lead to each other."""
        replies = []
        for n, records in enumerate(pages):
            link = f'<{API}/courses/5/enrollments?page=bookmark:{n}>; rel="next"'
            replies.append(ok(records, Link=link) if n < len(pages) - 1 else ok(records))
        return replies

    def test_bookmarks_are_followed_and_the_list_is_walked_twice(self, canvas, source):
        pages = self.linked([enrolment(1, 7)], [enrolment(2, 8)], [enrolment(3, 9)])
        canvas.says("/courses/5/enrollments", *pages, *pages)
        assert [row.person.id for row in rows_of(source)] == ["7", "8", "9"]
        assert sum("bookmark" in url for url in canvas.urls()) == 4

    def test_somebody_who_slipped_over_the_edge_of_a_page_is_found(self, canvas, source):
        first = self.linked([enrolment(1, 7)], [enrolment(3, 9)])
        then = self.linked([enrolment(1, 7)], [enrolment(2, 8), enrolment(3, 9)])
        canvas.says("/courses/5/enrollments", *first, *then, *then)
        assert [row.person.id for row in rows_of(source)] == ["7", "8", "9"]

    def test_a_list_that_never_holds_still_is_no_roster(self, canvas, source):
        walks = [self.linked([enrolment(1, 7)], [enrolment(n, n)]) for n in range(20, 26)]
        canvas.says("/courses/5/enrollments", *(page for pages in walks for page in pages))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "moving"

    def test_the_same_page_for_ever_is_noticed(self, canvas, source):
        link = f'<{API}/courses/5/enrollments?page=bookmark:1>; rel="next"'
        canvas.says("/courses/5/enrollments", ok([enrolment(1, 7)], Link=link))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "no_paging"

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example.org/api/v1/courses/5/enrollments?page=2",
            "http://canvas.example.org/api/v1/courses/5/enrollments?page=2",
            f"{API}/users/self?page=2",
            "https://canvas.example.org:99999/api/v1/courses/5/enrollments?page=2",
            "https://canvas.example.org:8443/api/v1/courses/5/enrollments?page=2",
            "https://[bad/api",
        ],
    )
    def test_a_token_follows_no_link_that_leads_elsewhere(self, canvas, source, url):
        canvas.says("/courses/5/enrollments", ok([enrolment(1, 7)], Link=f'<{url}>; rel="next"'))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "foreign_link"
        assert len(canvas.urls()) == 2

    def test_a_list_that_never_ends_is_noticed(self, canvas, source, monkeypatch):
        monkeypatch.setattr("connectors.canvas.source.MOST_PAGES", 2)
        pages = [[enrolment(n, n)] for n in range(3)]
        canvas.says("/courses/5/enrollments", *self.linked(*pages))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "no_paging"

    def test_a_full_page_without_links_is_not_taken_for_the_last(self, canvas, source):
        canvas.says("/courses/5/enrollments", ok([enrolment(n, n) for n in range(1, 101)]))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "no_links"

    def test_an_enrolment_without_a_person_is_no_roster(self, canvas, source):
        canvas.says("/courses/5/enrollments", ok([{k: v for k, v in enrolment(1, 7).items() if k != "user"}]))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "dangling"


class TestThrottling:
    @pytest.mark.parametrize("status", [403, 429])
    def test_too_many_calls_are_tried_again_by_either_status(self, canvas, source, status):
        canvas.says("/users/self", (status, {}, "403 Forbidden (Rate Limit Exceeded)"), ok({"id": 3}))
        assert source.site().user_id == "3"

    def test_throttling_that_stays_is_said(self, canvas, source):
        canvas.says("/users/self", (403, {}, "403 Forbidden (Rate Limit Exceeded)"))
        with pytest.raises(Unavailable) as caught:
            source.site()
        assert caught.value.code == "throttled"

    def test_a_nearly_empty_allowance_makes_the_next_question_wait(self, canvas, source, naps, limits):
        low = ok({"id": 3}, X_Rate_Limit_Remaining="12.5", X_Request_Cost="4.2")
        canvas.says("/users/self", ok({"id": 3}, X_Rate_Limit_Remaining="699.1"), low, ok({"id": 3}))
        for _ in range(3):
            source.site()
        assert [0 < nap <= limits.longest_wait_seconds for nap in naps] == [True]

    def test_an_allowance_that_is_no_number_is_ignored(self, canvas, source, naps):
        canvas.says("/users/self", ok({"id": 3}, X_Rate_Limit_Remaining="plenty"))
        source.site()
        source.site()
        assert naps == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            ((401, {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}, {}), Refused),
            ((401, {}, {"errors": [{"message": "Invalid access token."}]}), Refused),
            ((401, {}, {"status": "unauthorized"}), NotAllowed),
            ((403, {}, {"status": "forbidden"}), NotAllowed),
            ((404, {}, {}), NotFound),
            ((400, {}, {}), BadAnswer),
            ((200, {}, {"name": "no id"}), BadAnswer),
        ],
    )
    def test_each_has_its_kind(self, canvas, source, reply, kind):
        canvas.says("/users/self", reply)
        with pytest.raises(kind):
            source.site()

    def test_an_error_shows_nothing_of_the_answer(self, canvas, source):
        canvas.says("/users/self", ok({"id": "Ana Ilieva"}))
        with pytest.raises(BadAnswer) as caught:
            source.site()
        assert caught.value.params == {"place": "id"}
        assert "Ana" not in f"{caught.value} {caught.value!r}"
        assert caught.value.__context__ is None


class TestGroupsAndProbe:
    def test_groups_come_with_sorted_members(self, canvas, source):
        canvas.says("/courses/5/groups", ok([{"id": 1, "name": "Red"}]))
        canvas.says("/groups/1/users", ok([{"id": 12, "name": "B"}, {"id": 7, "name": "A"}]))
        assert list(source.groups("5")) == [Group("1", "5", "Red", ("7", "12"))]
        assert list(source.cohorts()) == []

    def test_groupings_are_sets_of_groups(self, canvas, source):
        canvas.says("/courses/5/group_categories", ok([{"id": 2, "name": "Triads"}, {"id": 3, "name": "Empty"}]))
        canvas.says("/courses/5/groups", ok([{"id": 12, "group_category_id": 2}, {"id": 7, "group_category_id": 2}]))
        assert list(source.groupings("5")) == [
            Grouping("2", "5", "Triads", ("7", "12")),
            Grouping("3", "5", "Empty", ()),
        ]

    def test_groupings_of_a_foreign_id_are_refused_without_a_call(self, canvas, source):
        with pytest.raises(NotFound):
            list(source.groupings("../1"))
        assert not canvas.urls()

    def test_a_token_of_a_teacher_sees_no_accounts(self, canvas, source):
        canvas.says("/accounts/self", (401, {}, {"status": "unauthorized"}))
        assert list(source.categories()) == []

    def test_people_out_of_sight_are_left_out_and_a_wrong_token_is_not_taken_for_that(self, canvas, source):
        canvas.says("/users/7", ok({"id": 7, "name": "Ana", "sis_user_id": "T-7"}))
        canvas.says("/users/8", (401, {}, {"status": "unauthorized"}))
        assert list(source.people(["8", "7"])) == [Person("7", "Ana", id_number="T-7")]
        canvas.says("/users/8", (401, {"WWW-Authenticate": "Bearer"}, {}))
        with pytest.raises(Refused):
            list(source.people(["8", "7"]))

    def test_a_canvas_that_lacks_nothing_is_ready(self, canvas, source):
        canvas.says("/accounts/self/courses", ok([{"id": 5, "name": "A"}]))
        canvas.says("/courses/5/enrollments", ok([]))
        assert source.probe().ready

    def test_a_canvas_without_courses_is_ready_too(self, canvas, source):
        canvas.says("/accounts/self/courses", ok([]))
        assert source.probe().ready

    def test_a_record_shows_nothing_of_itself(self, source):
        assert "Ana" not in repr(UserRecord(id=7, name="Ana", sis_user_id="T-7"))
        assert repr(source._asking) == "Asking()"

    def test_a_missing_right_is_found_by_trying(self, canvas, source):
        canvas.says("/accounts/self/courses", ok([{"id": 5, "name": "A"}]))
        canvas.says("/courses/5/enrollments", (401, {}, {"status": "unauthorized"}))
        probe = source.probe()
        assert not probe.ready
        assert [error.code for error in probe.refused] == ["http_401"]
