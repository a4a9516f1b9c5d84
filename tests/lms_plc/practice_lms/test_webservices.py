"""The web services answer as the recorded Moodle 4.5 does: shapes, errors, paging, XML."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.webservices.answers import as_json, as_xml
from lms_plc.practice_lms.webservices.functions import FUNCTIONS
from lms_plc.practice_lms.webservices.php_form import MAX_FIELDS, form_tree
from tests.lms_plc.practice_lms.comparing import shape, without, xml_keys

VELES = 5


def options(**named: Any) -> dict[str, Any]:
    pairs = list(named.items())
    return {f"options[{n}][name]": name for n, (name, _) in enumerate(pairs)} | {
        f"options[{n}][value]": value for n, (_, value) in enumerate(pairs)
    }


def test_site_info_has_the_recorded_shape_and_names_the_functions(ask, recorded):
    answer, real = ask("core_webservice_get_site_info"), recorded("ws/core_webservice_get_site_info.ok.json")
    assert shape(answer) == shape(real)
    assert list(answer) == list(real)
    assert answer["sitename"] == "Practice LMS &amp; school network"
    assert {one["name"] for one in answer["functions"]} == set(FUNCTIONS)


def test_courses_have_the_recorded_shape_and_escaped_names(ask, recorded):
    answer = ask("core_course_get_courses", **{"options[ids][0]": 3, "options[ids][1]": 5, "options[ids][2]": 77})
    assert shape(answer[0]) == shape(recorded("ws/core_course_get_courses.ids.json")[0])
    assert [course["id"] for course in answer] == [3, 5]
    assert answer[0]["fullname"] == "Ders Gözlemi &amp; Geri Bildirim – Bursa"
    assert [c["id"] for c in ask("core_course_get_courses")] == list(range(1, 14))


def test_raw_names_come_unescaped_when_asked_for(ask):
    answer = ask("core_course_get_courses", moodlewssettingraw=1, **{"options[ids][0]": 3})
    assert answer[0]["fullname"] == "Ders Gözlemi & Geri Bildirim – Bursa"


def test_courses_by_field_have_the_recorded_shape(ask, recorded):
    answer = ask("core_course_get_courses_by_field", field="id", value=5)
    real = recorded("ws/core_course_get_courses_by_field.by_id.json")
    assert list(answer["courses"][0]) == list(real["courses"][0])
    assert shape(answer["courses"][0]) == shape(real["courses"][0])


@pytest.mark.parametrize(
    ("field", "value", "ids"),
    [
        ("shortname", "VELES-ZPU", [5]),
        ("idnumber", "PLC/VELES-ZPU", [5]),
        ("ids", "5,12", [5, 12]),
        ("category", "3", [5, 8, 13]),
        ("id", "99", []),
    ],
)
def test_courses_are_found_by_field(ask, field: str, value: str, ids: list[int]):
    answer = ask("core_course_get_courses_by_field", field=field, value=value)
    assert [course["id"] for course in answer["courses"]] == ids
    assert answer["warnings"] == []


def test_one_unknown_id_loses_the_whole_list_with_an_error_without_code(ask):
    answer = ask("core_course_get_courses_by_field", field="ids", value="5,99")
    assert answer["exception"] == "Error"
    assert "errorcode" not in answer


def test_enrolled_users_have_the_recorded_shape(ask, recorded):
    answer = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(limitnumber=5))
    real = recorded("ws/core_enrol_get_enrolled_users.page_0_5_sort_id.json")
    user = next(user for user in answer if user["groups"] and "idnumber" in user)
    expected = next(one for one in real if one["groups"] and "institution" in one)
    assert list(user) == list(without(expected, "customfields"))
    assert shape(user) == shape(without(expected, "customfields"))


def test_the_default_list_mixes_suspended_in_without_a_mark(ask, practice: Practice):
    everyone = ask("core_enrol_get_enrolled_users", courseid=VELES)
    active = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(onlyactive=1))
    suspended = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(onlysuspended=1))
    assert len(everyone) == len(practice.state.roster(VELES))
    assert len(suspended) == 1
    assert len(active) + len(suspended) == len(everyone)
    assert "suspended" not in everyone[0]


def test_future_and_ended_places_are_not_active(ask):
    for course in (7, 8):
        assert len(ask("core_enrol_get_enrolled_users", courseid=course, **options(onlysuspended=1))) == 1


def test_asked_fields_come_with_id_and_full_name_always(ask, recorded):
    answer = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(userfields="email,roles"))
    assert all(set(user) == {"id", "fullname", "email", "roles"} for user in answer)
    real = recorded("ws/core_enrol_get_enrolled_users.big_course_first_20_fields.json")[0]
    answer = ask(
        "core_enrol_get_enrolled_users",
        courseid=VELES,
        **options(userfields="id,username,fullname,email,roles"),
    )
    assert shape(answer[0]) == shape(real)


def test_pages_by_id_give_everyone_once_and_then_nothing(ask, practice: Practice):
    seen: list[int] = []
    for start in range(0, 40, 4):
        page = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(limitfrom=start, limitnumber=4))
        seen += [user["id"] for user in page]
    assert seen == [place.user_id for place in practice.state.roster(VELES)]
    assert ask("core_enrol_get_enrolled_users", courseid=VELES, **options(limitfrom=99)) == []


def test_a_big_course_is_paged_to_its_end(ask, practice: Practice):
    course = practice.big_course(1_200)
    asked = options(userfields="id,groups", limitfrom=1_000, limitnumber=500)
    page = ask("core_enrol_get_enrolled_users", courseid=course.id, **asked)
    assert len(page) == 200
    assert page[0]["groups"][0]["name"] == "Group 5"


def test_people_are_sorted_and_filtered_by_group_as_asked(ask, practice: Practice):
    names = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(sortby="lastname", sortdirection="DESC"))
    assert [u["lastname"].casefold() for u in names] == sorted((u["lastname"].casefold() for u in names), reverse=True)
    group = practice.state.course_groups(VELES)[0]
    members = ask("core_enrol_get_enrolled_users", courseid=VELES, **options(groupid=group.id))
    assert {u["id"] for u in members} == set(group.members)


def test_site_home_answers_with_everybody(ask, practice: Practice):
    answer = ask("core_enrol_get_enrolled_users", courseid=1, **options(userfields="id,roles"))
    assert len(answer) == len(practice.state.people())
    assert all(user["roles"] == [] for user in answer)


@pytest.mark.parametrize(
    ("fields", "recording"),
    [
        (options(onlyactive=1, onlysuspended=1), "error_active_and_suspended"),
        (options(userfields="nosuch"), "userfields_unknown"),
    ],
)
def test_refused_options_answer_with_the_recorded_error(ask, fields: dict[str, Any], recording: str, recorded):
    real = recorded(f"ws/core_enrol_get_enrolled_users.{recording}.json")
    assert ask("core_enrol_get_enrolled_users", courseid=VELES, **fields) == real
    assert isinstance(ask("core_enrol_get_enrolled_users", courseid=VELES, **options(nosuch=1)), list)


@pytest.mark.parametrize(
    ("function", "fields", "code"),
    [
        ("core_enrol_get_enrolled_users", {}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": "five"}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": 5, **options(onlyactive="true")}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": 5, **options(sortby="email")}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": 5, "options": "x"}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": 5, "options[0][name]": "x"}, "invalidparameter"),
        ("core_enrol_get_enrolled_users", {"courseid": 77}, "invalidrecord"),
        ("core_course_get_courses", {"options[colour][0]": 1}, "invalidparameter"),
        ("core_course_get_courses", {"options[ids]": 1}, "invalidparameter"),
        ("core_course_get_courses", {"options": 1}, "invalidparameter"),
        ("core_course_get_courses_by_field", {"field[0]": "id", "value": 1}, "invalidparameter"),
        (
            "core_enrol_get_enrolled_users",
            {"courseid": 5, "options[0][name][0]": "x", "options[0][value]": 1},
            "invalidparameter",
        ),
        ("core_course_get_courses_by_field", {"field": "colour", "value": 1}, "invalidparameter"),
        ("core_group_get_course_groups", {"courseid": 77}, "errorcoursecontextnotvalid"),
        ("core_user_get_users_by_field", {"field": "username", "values[0]": "Mentor"}, "invalidparameter"),
        ("core_cohort_get_cohort_members", {"cohortids": "1,2"}, "invalidparameter"),
        ("core_no_such_function", {}, "invalidrecord"),
    ],
)
def test_a_wrong_call_gets_its_code(ask, function: str, fields: dict[str, Any], code: str):
    assert ask(function, **fields)["errorcode"] == code
    assert "errorcode" not in ask("core_webservice_get_site_info")


@pytest.mark.parametrize(
    ("function", "fields", "recording"),
    [
        ("core_group_get_group_members", {"groupids[0]": 99_999}, "error_unknown_group"),
        ("core_cohort_get_cohort_members", {"cohortids[0]": 99_999}, "error_unknown"),
        ("core_user_get_users_by_field", {"field": "colour", "values[0]": "x"}, "error_bad_field"),
        ("core_webservice_get_site_info", {"nosuch": 1}, "error_unexpected_parameter"),
        ("core_webservice_get_site_info", {"wstoken": "wrong"}, "error_invalid_token"),
    ],
)
def test_errors_are_the_recorded_ones_in_json_and_xml(ask, function: str, fields, recording: str, recorded):
    assert ask(function, **fields) == recorded(f"ws/{function}.{recording}.json")
    real = recorded(f"ws/{function}.{recording}.xml")
    answer = ask(function, _format="xml", **fields)
    assert [(e.tag, (e.text or "").strip(), dict(e.attrib)) for e in answer.iter()] == [
        (e.tag, (e.text or "").strip(), dict(e.attrib)) for e in real.iter()
    ]


@pytest.mark.parametrize(
    ("function", "fields", "recording"),
    [
        ("core_group_get_course_groups", {"courseid": 5}, "all"),
        ("core_group_get_group_members", {"groupids[0]": 110, "groupids[7]": 111}, "two_groups"),
        ("core_cohort_get_cohorts", {}, "all"),
        ("core_cohort_get_cohort_members", {"cohortids[]": 1}, "two"),
    ],
)
def test_groups_and_cohorts_have_the_recorded_shape(ask, function: str, fields, recording: str, recorded):
    answer, real = ask(function, **fields), recorded(f"ws/{function}.{recording}.json")
    assert shape(answer) == shape(real)
    assert answer


def test_cohorts_are_found_by_id_and_their_names_are_not_escaped(ask):
    assert [c["name"] for c in ask("core_cohort_get_cohorts", **{"cohortids[0]": 1})] == ["Велес & Битола 2026"]
    assert ask("core_cohort_get_cohorts", **{"cohortids[0]": 99}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", "5"), ("idnumber", "MENTOR-1"), ("username", "mentor"), ("email", "mentor@example.org")],
)
def test_an_account_is_found_by_each_field(ask, field: str, value: str, recorded):
    answer = ask("core_user_get_users_by_field", field=field, **{"values[0]": value})
    real = recorded("ws/core_user_get_users_by_field.idnumber.json")[0]
    assert [user["id"] for user in answer] == [5]
    assert shape(answer[0]) == shape(without(real, "customfields"))


def test_only_the_account_tells_that_it_is_suspended(ask, practice: Practice):
    gone = next(p for p in practice.state.people() if p.suspended)
    assert ask("core_user_get_users_by_field", field="id", **{"values[0]": gone.id})[0]["suspended"] is True
    active = ask("core_enrol_get_enrolled_users", courseid=3, **options(onlyactive=1))
    assert gone.id in [user["id"] for user in active]


@pytest.mark.parametrize(
    ("function", "fields", "recording"),
    [
        ("core_webservice_get_site_info", {}, "ok"),
        ("core_course_get_courses", {"options[ids][0]": 5}, "ids"),
        ("core_enrol_get_enrolled_users", {"courseid": 5}, "page_0_5_sort_id"),
        ("core_group_get_course_groups", {"courseid": 5}, "all"),
        ("core_cohort_get_cohorts", {}, "all"),
        ("core_user_get_users_by_field", {"field": "id", "values[0]": 5}, "idnumber"),
    ],
)
def test_xml_names_every_declared_key_in_the_recorded_order(ask, function: str, fields, recording: str, recorded):
    real = recorded(f"ws/{function}.{recording}.xml")
    assert xml_keys(ask(function, _format="xml", **fields)) == xml_keys(real)


def test_xml_of_a_course_by_field_escapes_twice_and_nulls_what_is_missing(ask, recorded):
    real = recorded("ws/core_course_get_courses_by_field.by_id.xml")
    answer = ask("core_course_get_courses_by_field", _format="nonsense", field="id", value=3)
    course, expected = answer.find(".//KEY[@name='courses']/*/*"), real.find(".//KEY[@name='courses']/*/*")
    assert xml_keys(course) == xml_keys(expected)
    assert course.findtext("KEY[@name='fullname']/VALUE") == "Ders Gözlemi &amp; Geri Bildirim – Bursa"
    assert course.find("KEY[@name='idnumber']/VALUE").get("null") == "null"
    assert course.findtext("KEY[@name='showactivitydates']/VALUE") == "1"


def test_json_is_written_as_php_writes_it(practice: Practice):
    query = {"wstoken": practice.web_service_token, "wsfunction": "core_webservice_get_site_info"}
    answer = practice.app.test_client().get(
        "/webservice/rest/server.php", query_string=query | {"moodlewsrestformat": "json"}
    )
    assert answer.content_type == "application/json"
    assert b'"siteurl":"http:\\/\\/127.0.0.1:8001"' in answer.data
    assert (
        practice.app.test_client().get("/webservice/rest/server.php").content_type == "application/xml; charset=utf-8"
    )


def test_a_json_body_is_not_read(practice: Practice):
    fields = {"wstoken": practice.web_service_token, "wsfunction": "core_webservice_get_site_info"}
    answer = practice.app.test_client().post("/webservice/rest/server.php", json=fields)
    assert b"<ERRORCODE>invalidtoken</ERRORCODE>" in answer.data


def test_fields_beyond_the_limit_are_dropped_without_a_word():
    fields = [(f"values[{n}]", str(n)) for n in range(MAX_FIELDS + 100)]
    assert len(form_tree(fields)["values"]) == MAX_FIELDS


def test_form_names_php_would_not_understand_stay_as_they_are():
    assert form_tree([("a]b", "1"), ("c", "2"), ("c[0]", "3"), ("d[]", "4"), ("d[]", "5")]) == {
        "a]b": "1",
        "c": {"0": "3"},
        "d": {"0": "4", "1": "5"},
    }


NAMES = st.text("ab[]0_ ", max_size=12)


@given(st.lists(st.tuples(NAMES, st.text(max_size=4)), max_size=12))
def test_any_form_becomes_a_tree_of_texts(fields: list[tuple[str, str]]):
    def leaves(tree: Any) -> list[Any]:
        return [leaf for inner in tree.values() for leaf in leaves(inner)] if isinstance(tree, dict) else [tree]

    found = leaves(form_tree(fields))
    assert len(found) <= len(fields)
    assert set(found) <= {value for _, value in fields}


VALUES = st.one_of(st.integers(), st.booleans(), st.text(st.characters(exclude_categories=["Cs", "Cc"])))


@given(VALUES)
def test_any_value_reads_the_same_in_json_and_xml(value: Any):
    text = etree.fromstring(as_xml({"a": value}, {"a": None, "b": None}).encode()).findtext(".//KEY[@name='a']/VALUE")
    assert json.loads(as_json(value)) == value
    assert text == (str(int(value)) if isinstance(value, bool) else str(value))
