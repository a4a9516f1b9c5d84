"""Does a Moodle, as recorded, come out as the roster it is?"""

import json
import threading
from urllib.parse import parse_qsl

import pytest

from connectors import (
    BadAnswer,
    Course,
    Grouping,
    NotAllowed,
    NotFound,
    Person,
    Refused,
    RosterSource,
    Site,
    Unavailable,
    open_source,
)
from connectors.moodle.client import MoodleClient
from connectors.moodle.needs import CAPABILITIES, REQUIRED_FUNCTIONS
from connectors.moodle.source import MoodleSource
from connectors.pace import Pace

USERS = "core_enrol_get_enrolled_users"
BY_FIELD = "core_course_get_courses_by_field"
REFUSED = '{"exception":"moodle_exception","errorcode":"%s","message":"No"}'


@pytest.fixture
def source(moodle, transport, token) -> RosterSource:
    return open_source("moodle", moodle.url, token, transport)


def options_of(form):
    """The options of a call, by name."""
    names = {key: value for key, value in form.items() if key.startswith("options[")}
    return {value: names[key.replace("[name]", "[value]")] for key, value in names.items() if "[name]" in key}


def people(active=(), suspended=()):
    """An answer of the participants function for these ids."""

    def answer(form):
        options = options_of(form)
        assert {"onlyactive", "onlysuspended"} & options.keys()
        ids = sorted(active if options.get("onlyactive") == "1" else suspended)
        start, number = int(options["limitfrom"]), int(options["limitnumber"])
        ids = ids[start : start + number] if number else ids[start:]
        return [{"id": one, "fullname": f"Person {one}", "roles": [{"shortname": "student"}]} for one in ids]

    return answer


def test_the_site_introduces_itself(moodle, source):
    moodle.recorded("core_webservice_get_site_info", "ok")
    assert source.site() == Site(
        url="http://127.0.0.1:8080",
        name="PLC Test Moodle & Өрлеу sandbox",
        release="4.5.6 (Build: 20250811)",
        user_id="3",
    )


class TestCourses:
    def test_they_come_with_plain_titles_hidden_ones_marked_and_without_the_front_page(self, moodle, source):
        moodle.recorded(BY_FIELD, "all")
        courses = {course.id: course for course in source.courses()}
        assert len(courses) == 13
        assert "1" not in courses
        assert courses["5"] == Course(
            id="5",
            short_name="LSFA-EN-1",
            title="Lesson Study & Formative Assessment ",
            visible=True,
            id_number=None,
            category_id="10",
        )
        assert courses["10"].title == 'Coaching & Mentoring for School Leaders: "the first 90 days"'
        assert [course.id for course in courses.values() if not course.visible] == ["12"]

    def test_titles_are_unescaped_once(self, moodle, source):
        course = {"id": 7, "shortname": "A&amp;B", "fullname": "How to write &amp;amp;", "idnumber": ""}
        moodle.answers[BY_FIELD] = json.dumps({"courses": [course], "warnings": []})
        (course,) = source.courses()
        assert (course.short_name, course.title, course.id_number) == ("A&B", "How to write &amp;", None)

    def test_an_account_without_settings_sees_every_course_as_visible(self, moodle, source):
        moodle.recorded(BY_FIELD, "visible_course_restricted")
        assert [course.visible for course in source.courses()] == [True]

    def test_the_id_number_is_given_where_it_may_be_read(self, moodle, source):
        moodle.recorded(BY_FIELD, "as_admin")
        (course,) = source.courses()
        assert course.id_number
        assert [course] == [source.course("5")]

    def test_one_is_found_by_its_id(self, moodle, source):
        moodle.recorded(BY_FIELD, "by_id")
        assert source.course("5").short_name == "LSFA-EN-1"
        assert {k: moodle.forms[0][k] for k in ("field", "value")} == {"field": "id", "value": "5"}

    def test_one_that_is_gone_is_none(self, moodle, source):
        moodle.recorded(BY_FIELD, "none_found")
        assert source.course("99") is None

    @pytest.mark.parametrize("course_id", ["x'; --", "", "-5", "٥", "1", "01"])
    def test_the_front_page_and_a_foreign_id_are_none_without_a_call(self, moodle, source, course_id):
        assert source.course(course_id) is None
        assert not moodle.forms

    def test_the_older_function_is_asked_where_the_newer_is_not_in_the_service(self, moodle, source):
        moodle.answers[BY_FIELD] = REFUSED % "accessexception"
        moodle.recorded("core_course_get_courses", "all")
        assert len(list(source.courses())) == 13

    def test_another_refusal_stays_a_refusal(self, moodle, source):
        moodle.answers[BY_FIELD] = REFUSED % "nopermissions"
        moodle.recorded("core_course_get_courses", "all")
        with pytest.raises(NotAllowed) as caught:
            list(source.courses())
        assert caught.value.function == BY_FIELD

    def test_a_list_with_warnings_is_not_taken_for_all(self, moodle, source):
        moodle.answers[BY_FIELD] = '{"courses":[],"warnings":[{"warningcode":"1","message":"x"}]}'
        with pytest.raises(BadAnswer) as caught:
            list(source.courses())
        assert caught.value.code == "partial"


class TestEnrolments:
    def test_active_and_suspended_people_are_asked_for_apart_and_in_the_order_of_ids(self, moodle, source):
        moodle.answers[USERS] = people(active=[5, 8], suspended=[9])
        rows = [row for page in source.enrolment_pages("5") for row in page.rows]
        assert [(row.person.id, row.suspended) for row in rows] == [("5", False), ("8", False), ("9", True)]
        for form in moodle.calls(USERS):
            options = options_of(form)
            assert form["courseid"] == "5"
            assert len({"onlyactive", "onlysuspended"} & options.keys()) == 1
            assert (options["sortby"], options["sortdirection"]) == ("id", "ASC")
            assert options["userfields"] in ("id,fullname,roles,idnumber", "id")

    @pytest.mark.parametrize(
        ("kind", "numbers"),
        [("all", {"5": "T-0001", "7": "NT-0001", "9": None}), ("as_teacher", {"5": "T-0001", "7": None, "9": None})],
    )
    def test_a_token_that_may_not_see_id_numbers_sees_its_own_alone(self, moodle, source, recording, kind, numbers):
        rows = json.loads(recording(f"{USERS}/{kind}.json"))
        moodle.answers[USERS] = lambda form: (
            rows[int(options_of(form)["limitfrom"]) :] if options_of(form).get("onlyactive") else []
        )
        found = {row.person.id: row.person.id_number for page in source.enrolment_pages("5") for row in page.rows}
        assert numbers.items() <= found.items()
        assert len(found) == len(rows)

    def test_the_recorded_course_is_read(self, moodle, source, recording):
        suspended = {str(user["id"]) for user in json.loads(recording(f"{USERS}/onlysuspended.json"))}
        everybody = json.loads(recording(f"{USERS}/all.json"))

        def reply(form):
            options = options_of(form)
            wanted = [user for user in everybody if (str(user["id"]) in suspended) == ("onlysuspended" in options)]
            return wanted[int(options["limitfrom"]) :]

        moodle.answers[USERS] = reply
        rows = {row.person.id: row for page in source.enrolment_pages("5") for row in page.rows}
        assert rows.keys() == {str(user["id"]) for user in everybody}
        assert {person for person, row in rows.items() if row.suspended} == suspended
        assert rows["9"].person.name == "Seán O'Brien & Co"
        assert all(list(row.roles) == sorted(set(row.roles)) for row in rows.values())

    def test_a_walk_goes_on_in_another_source(self, moodle, transport, token):
        moodle.answers[USERS] = people(active=range(2, 30), suspended=range(30, 40))
        small = MoodleSource(MoodleClient(moodle.url, token, transport), 5)
        pages = small.enrolment_pages("5")
        seen = [next(pages) for _ in range(3)]
        pages.close()
        other = MoodleSource(MoodleClient(moodle.url, token, transport), 5)
        seen += other.enrolment_pages("5", seen[-1].next)
        assert [row.person.id for page in seen for row in page.rows] == [str(one) for one in range(2, 40)]

    def test_the_next_page_is_on_its_way_while_this_one_is_worked_on(self, moodle, transport, token):
        asked_again = threading.Event()
        answer = people(active=range(2, 30))

        def slow(form):
            if options_of(form)["limitfrom"] != "0":
                asked_again.set()
            return answer(form)

        moodle.answers[USERS] = slow
        pages = MoodleSource(MoodleClient(moodle.url, token, transport), 5).enrolment_pages("5")
        next(pages)
        assert asked_again.wait(5)
        pages.close()

    def test_several_connections_to_a_real_server_that_fails_now_and_then_lose_nobody(
        self, bad_server, local_transport, token
    ):
        answer = people(active=range(2, 402), suspended=range(402, 420))
        busy, most = [], []

        def behave(handler, n):
            busy.append(n)
            most.append(len(busy))
            form = dict(parse_qsl(bad_server.bodies[n].decode()))
            bad_server.ended.wait(0.005)
            busy.remove(n)
            if n % 7 == 3:
                bad_server.send(handler, b"", 429, {"Retry-After": "0"})
            elif n % 7 == 5:
                bad_server.send(handler, b'[{"id": 2, "full')
            else:
                bad_server.send(handler, json.dumps(answer(form)).encode())

        bad_server.behave = behave
        source = MoodleSource(MoodleClient(bad_server.url, token, local_transport), Pace.steady(20, lanes=3))
        rows = [row for page in source.enrolment_pages("5") for row in page.rows]
        assert [int(row.person.id) for row in rows] == list(range(2, 420))
        assert max(most) > 1
        assert local_transport.refusals > 0

    def test_a_missing_right_to_see_suspensions_is_said(self, moodle, source, recording):
        moodle.answers[USERS] = recording(f"{USERS}/onlysuspended_as_student.json")
        with pytest.raises(NotAllowed) as caught:
            list(source.enrolment_pages("5"))
        assert "moodle/course:enrolreview" in str(caught.value)

    @pytest.mark.parametrize("course_id", ["../5", "1"])
    def test_an_id_that_no_course_can_have_is_not_found(self, moodle, source, course_id):
        with pytest.raises(NotFound):
            source.enrolment_pages(course_id)
        with pytest.raises(NotFound):
            list(source.groups(course_id))
        assert not moodle.forms

    def test_a_start_of_another_kind_is_refused(self, source):
        with pytest.raises(ValueError, match="not a position"):
            next(source.enrolment_pages("5", "page 2"))


class TestGroupsAndCohorts:
    def members(self, key):
        def answer(form):
            return [
                {f"{key}id": int(value), "userids": [12, 7, 7] if value in ("10", "2") else []}
                for name, value in form.items()
                if name.startswith(f"{key}ids[")
            ]

        return answer

    def test_groups_come_with_plain_names_and_sorted_members(self, moodle, source):
        moodle.recorded("core_group_get_course_groups", "all")
        moodle.answers["core_group_get_group_members"] = self.members("group")
        groups = {group.id: group for group in source.groups("5")}
        assert groups["10"].member_ids == ("7", "12")
        assert groups["37"].member_ids == ()
        assert groups["11"].name == "PLC-B & Co"
        assert {group.course_id for group in groups.values()} == {"5"}

    def test_groupings_come_with_plain_names_and_sorted_groups(self, moodle, source):
        moodle.recorded("core_group_get_course_groupings", "all")
        moodle.answers["core_group_get_groupings"] = json.dumps(
            [{"id": 4, "courseid": 5, "name": "Lesson study triads", "groups": [{"id": 12}, {"id": 7}]}]
        )
        assert list(source.groupings("5")) == [Grouping("4", "5", "Lesson study triads", ("7", "12"))]
        (form,) = moodle.calls("core_group_get_groupings")
        assert (form["groupingids[0]"], form["returngroups"]) == ("4", "1")

    def test_a_grouping_without_an_answer_is_not_taken_for_empty(self, moodle, source):
        moodle.recorded("core_group_get_course_groupings", "all")
        moodle.answers["core_group_get_groupings"] = "[]"
        with pytest.raises(BadAnswer) as caught:
            list(source.groupings("5"))
        assert (caught.value.code, caught.value.function) == ("partial", "core_group_get_groupings")

    def test_a_course_without_groupings_is_asked_for_no_groups(self, moodle, source):
        moodle.answers["core_group_get_course_groupings"] = "[]"
        assert list(source.groupings("5")) == []
        assert len(moodle.forms) == 1

    def test_cohorts_come_with_their_names_as_given(self, moodle, source):
        moodle.recorded("core_cohort_get_cohorts", "all")
        moodle.answers["core_cohort_get_cohort_members"] = self.members("cohort")
        cohorts = {cohort.id: cohort for cohort in source.cohorts()}
        assert (cohorts["2"].name, cohorts["2"].member_ids) == ("STEM & Inquiry cohort", ("7", "12"))
        assert (cohorts["1"].id_number, cohorts["3"].id_number) == ("COH-TAL-MATH", None)

    def test_a_cohort_named_like_an_escape_keeps_its_name(self, moodle, source):
        moodle.answers["core_cohort_get_cohorts"] = '[{"id":2,"name":"Writing &amp; reading HTML"}]'
        moodle.answers["core_cohort_get_cohort_members"] = self.members("cohort")
        assert [cohort.name for cohort in source.cohorts()] == ["Writing &amp; reading HTML"]

    def test_a_cohort_without_an_answer_is_not_taken_for_empty(self, moodle, source):
        moodle.recorded("core_cohort_get_cohorts", "all")
        moodle.answers["core_cohort_get_cohort_members"] = "[]"
        with pytest.raises(BadAnswer) as caught:
            list(source.cohorts())
        assert (caught.value.code, caught.value.function) == ("partial", "core_cohort_get_cohort_members")

    def test_a_course_without_groups_asks_for_no_members(self, moodle, source):
        moodle.answers["core_group_get_course_groups"] = "[]"
        assert list(source.groups("5")) == []
        assert len(moodle.forms) == 1

    def test_a_group_without_an_answer_is_not_taken_for_empty(self, moodle, source):
        moodle.recorded("core_group_get_course_groups", "all")
        moodle.recorded("core_group_get_group_members", "two_groups")
        with pytest.raises(BadAnswer) as caught:
            list(source.groups("5"))
        assert caught.value.code == "partial"


class TestCategoriesAndPeople:
    def test_the_recorded_categories_have_plain_names_and_their_parents(self, moodle, source, recording):
        moodle.recorded("core_course_get_categories", "all")
        categories = {category.id: category for category in source.categories()}
        said = json.loads(recording("core_course_get_categories/all.json"))
        assert {one.id: one.parent_id for one in categories.values()} == {
            str(row["id"]): str(row["parent"]) if row["parent"] else None for row in said
        }
        assert not any("&amp;" in one.name for one in categories.values())
        assert any("&" in one.name for one in categories.values())

    def test_people_are_asked_for_by_id_in_lists_that_php_takes(self, moodle, source):
        def users(form):
            ids = [int(value) for key, value in form.items() if key.startswith("values[")]
            return [{"id": one, "fullname": f"P {one}", "idnumber": ""} for one in ids]

        moodle.answers["core_user_get_users_by_field"] = users
        assert len(list(source.people([*map(str, range(2, 2_002)), "x", "", "-5", "2"]))) == 2_000
        assert [sum(key.startswith("values[") for key in form) for form in moodle.forms] == [900, 900, 200]
        assert {form["field"] for form in moodle.forms} == {"id"}

    def test_a_person_without_a_number_has_none(self, moodle, source):
        moodle.answers["core_user_get_users_by_field"] = '[{"id": 7, "fullname": "Ana", "idnumber": ""}]'
        assert list(source.people(["7"])) == [Person("7", "Ana")]


class TestProbe:
    @pytest.fixture
    def ready(self, moodle):
        """A Moodle where everything works."""
        moodle.recorded(BY_FIELD, "all")
        moodle.recorded("core_cohort_get_cohorts", "all")
        moodle.recorded("core_group_get_course_groups", "all")
        moodle.answers[USERS] = people(active=[5])
        self.introduce(moodle)
        return moodle

    def introduce(self, moodle, without=(), **changes):
        allowed = [{"name": name} for name in REQUIRED_FUNCTIONS if name not in without]
        info = {"sitename": "M", "siteurl": "https://m.example.org", "userid": 3, "functions": allowed}
        moodle.answers["core_webservice_get_site_info"] = json.dumps(info | changes)

    def test_a_site_that_lacks_nothing_is_ready(self, ready, source):
        probe = source.probe()
        assert probe.ready
        assert (probe.missing, probe.refused, probe.advice) == ((), (), ())
        assert probe.site.url == "https://m.example.org"

    def test_exactly_the_missing_functions_are_named_with_their_reason_and_place(self, ready, source):
        lacking = ("core_cohort_get_cohorts", "core_group_get_group_members")
        self.introduce(ready, without=lacking)
        probe = source.probe()
        assert not probe.ready
        assert {missing.function for missing in probe.missing} == set(lacking)
        for missing in probe.missing:
            assert missing.why_needed == REQUIRED_FUNCTIONS[missing.function]
            assert "External services > Functions" in missing.todo
        assert len(ready.forms) == 1

    def test_the_recorded_service_lacks_nothing_we_need(self, ready, source):
        ready.recorded("core_webservice_get_site_info", "ok")
        assert source.probe().missing == ()

    def test_a_missing_right_is_found_by_trying(self, ready, source):
        ready.answers[USERS] = REFUSED % "nopermissions"
        ready.answers["core_cohort_get_cohorts"] = REFUSED % "nopermissions"
        probe = source.probe()
        assert not probe.ready
        assert [error.function for error in probe.refused] == ["core_cohort_get_cohorts", USERS, USERS]

    def test_advice_is_given_on_what_works_but_should_not_stay(self, ready, source):
        self.introduce(ready, siteurl="http://m.example.org", userissiteadmin=True)
        ready.answers[BY_FIELD] = '{"courses":[],"warnings":[]}'
        probe = source.probe()
        assert [text.split(".")[0] for text in probe.advice] == [
            "The token belongs to an administrator",
            "The account sees no course",
            "Moodle calls itself by an address without https",
        ]

    def test_a_wrong_token_is_no_matter_of_functions(self, ready, source):
        ready.answers["core_webservice_get_site_info"] = REFUSED % "invalidtoken"
        with pytest.raises(Refused):
            source.probe()

    def test_maintenance_in_the_middle_is_no_matter_of_rights(self, ready, source):
        ready.answers["core_cohort_get_cohorts"] = REFUSED % "sitemaintenance"
        with pytest.raises(Unavailable):
            source.probe()

    def test_every_function_needed_has_its_rights_listed(self):
        assert REQUIRED_FUNCTIONS.keys() <= CAPABILITIES.keys()
