"""What the web services tell of categories, groupings, contents and progress, as the recorded Moodle does."""

from typing import Any

import pytest

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import MENTOR
from lms_plc.practice_lms.records import Grade
from lms_plc.practice_lms.school_year import staff_ids
from tests.lms_plc.practice_lms.comparing import shape, without, xml_keys

VELES = 5
LEARNER = staff_ids("veles")[4]


def test_categories_have_the_recorded_shape_and_a_way_from_the_top(ask, moodle_says):
    answer = ask("core_course_get_categories")
    assert shape(answer) == shape(moodle_says("core_course_get_categories", "all"))
    ways = {one["id"]: (one["parent"], one["depth"], one["path"]) for one in answer}
    assert ways[7] == (0, 1, "/7")
    assert ways[3] == (7, 2, "/7/3")
    assert ways[8] == (6, 2, "/6/8")
    assert {one["id"]: one["coursecount"] for one in answer} == {1: 3, 2: 2, 3: 3, 4: 1, 5: 2, 6: 1, 7: 0, 8: 0}
    assert next(one["name"] for one in answer if one["id"] == 6) == "Педагошки факултет &amp; пракса"


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({"criteria[0][key]": "id", "criteria[0][value]": 7}, {7, 1, 2, 3, 4, 5}),
        ({"criteria[0][key]": "id", "criteria[0][value]": 7, "addsubcategories": 0}, {7}),
        ({"criteria[0][key]": "ids", "criteria[0][value]": "6,3"}, {6, 8, 3}),
        ({"criteria[0][key]": "parent", "criteria[0][value]": 0, "addsubcategories": 0}, {6, 7}),
        ({"criteria[0][key]": "name", "criteria[0][value]": "Архива"}, {8}),
        ({"criteria[0][key]": "id", "criteria[0][value]": 99}, set()),
    ],
)
def test_categories_are_found_by_criteria(ask, fields: dict[str, Any], ids: set[int]):
    assert {one["id"] for one in ask("core_course_get_categories", **fields)} == ids


def test_what_only_a_manager_may_search_by_is_refused_as_recorded(ask, moodle_says):
    fields = {"criteria[0][key]": "idnumber", "criteria[0][value]": "CAT-MK"}
    assert ask("core_course_get_categories", **fields) == moodle_says("core_course_get_categories", "by_idnumber")
    fields = {"criteria[0][key]": "colour", "criteria[0][value]": "red"}
    assert ask("core_course_get_categories", **fields)["errorcode"] == "criteriaerror"
    assert ask("core_course_get_categories", addsubcategories="true") == moodle_says(
        "core_course_get_categories", "error_boolean_as_true_string"
    )


def test_groupings_come_with_their_groups_and_an_empty_one_without_the_key(ask, moodle_says):
    listed = ask("core_group_get_course_groupings", courseid=VELES)
    assert shape(listed) == shape(moodle_says("core_group_get_course_groupings", "all"))
    assert [one["name"] for one in listed] == ["Pairs for visits", "Subjects &amp; languages"]
    ids = {f"groupingids[{place}]": one["id"] for place, one in enumerate(listed)}
    empty, full = ask("core_group_get_groupings", returngroups=1, **ids)
    assert "groups" not in empty
    assert [group["name"] for group in full["groups"]] == ["Mathematics &amp; Science", "Languages"]
    assert without(full, "groups") == listed[1]
    assert "groups" not in ask("core_group_get_groupings", **ids)[1]
    assert ask("core_group_get_groupings", **{"groupingids[0]": 99})["errorcode"] == "invalidrecord"
    assert ask("core_group_get_course_groupings", courseid=77)["errorcode"] == "errorcoursecontextnotvalid"


def test_groups_of_a_measuring_course_are_there_though_nobody_was_asked_for(ask, practice: Practice):
    course = practice.big_course(300)
    assert len(ask("core_group_get_course_groups", courseid=course.id)) == 2
    people = ask("core_user_get_users_by_field", field="id", **{"values[0]": 100_299, "values[1]": 5, "values[2]": 1})
    assert [one["id"] for one in people] == [5, 100_299]


def test_a_group_of_a_measuring_course_is_known_by_its_number_alone(ask, practice: Practice):
    practice.big_course(300)
    (answer,) = ask("core_group_get_group_members", **{"groupids[0]": 100_001})
    assert len(answer["userids"]) == 50


def test_contents_are_the_activities_of_tools(ask, practice: Practice, moodle_says):
    (section,) = ask("core_course_get_contents", courseid=VELES)
    real = moodle_says("core_course_get_contents", "only_lti")[1]
    assert shape(section) == shape(real)
    assert [(one["id"], one["instance"]) for one in section["modules"]] == [(65, 25)]
    practice.state.add_activity(VELES, 1, "More & more")
    assert [one["name"] for one in ask("core_course_get_contents", courseid=VELES)[0]["modules"]] == [
        "Our learning community",
        "More &amp; more",
    ]


@pytest.mark.parametrize(
    ("name", "value", "modules"),
    [
        ("excludecontents", 1, 1),
        ("excludemodules", 1, 0),
        ("excludemodules", 0, 1),
        ("modname", "lti", 1),
        ("modname", "quiz", 0),
        ("cmid", 65, 1),
        ("cmid", 66, 0),
        ("modid", 25, 1),
        ("sectionnumber", 0, 1),
        ("sectionnumber", 3, None),
        ("sectionid", 9, None),
    ],
)
def test_contents_are_narrowed_as_asked(ask, name: str, value: object, modules: int | None):
    fields = {"options[0][name]": name, "options[0][value]": value}
    answer = ask("core_course_get_contents", courseid=VELES, **fields)
    assert [len(section["modules"]) for section in answer] == ([] if modules is None else [modules])


def test_wrong_questions_about_contents_get_the_recorded_errors(ask, moodle_says):
    function = "core_course_get_contents"
    assert ask(function, courseid=99_999) == moodle_says(function, "error_unknown_course")
    assert ask(function) == moodle_says(function, "error_missing_parameter")
    bad = {"options[0][name]": "nosuch", "options[0][value]": 1}
    assert ask(function, courseid=VELES, **bad) == moodle_says(function, "error_bad_option")


def test_somebodys_courses_have_the_recorded_shape(ask, moodle_says):
    function = "core_enrol_get_users_courses"
    answer, (real, *_) = ask(function, userid=MENTOR), moodle_says(function, "student1")[-1:]
    assert [course["id"] for course in answer] == [5, 8, 13]
    assert list(answer[0]) == list(real)
    assert shape(answer[0]) | {"progress": "", "lastaccess": ""} == shape(real) | {"progress": "", "lastaccess": ""}
    assert "enrolledusercount" not in ask(function, userid=MENTOR, returnusercount=0)[0]
    assert ask(function, userid=99_999) == moodle_says(function, "error_unknown_user")


def test_no_course_asks_for_completion_and_only_learners_are_tracked(ask, moodle_says):
    function = "core_completion_get_course_completion_status"
    assert ask(function, courseid=VELES, userid=LEARNER) == moodle_says(function, "error_no_criteria")
    assert ask(function, courseid=VELES, userid=MENTOR) == moodle_says(function, "user_not_tracked")
    assert ask("core_completion_get_activities_completion_status", courseid=VELES, userid=LEARNER) == {
        "statuses": [],
        "warnings": [],
    }


def test_what_the_tool_graded_stands_in_the_grade_report(ask, practice: Practice, moodle_says):
    (column,) = practice.state.line_items(VELES)
    practice.state.put_grade(column.id, Grade(LEARNER, "2026-11-20T10:00:00Z", 80.0, "Well done & on"))
    practice.state.add_line_item(course_id=VELES, label="By hand", maximum=20)
    answer = ask("gradereport_user_get_grade_items", courseid=VELES, userid=LEARNER)
    (report,) = answer["usergrades"]
    real = moodle_says("gradereport_user_get_grade_items", "one_user")["usergrades"][0]
    assert shape(without(report, "gradeitems")) == shape(without(real, "gradeitems"))
    ours, by_hand, total = report["gradeitems"]
    assert set(ours) <= set(real["gradeitems"][0])
    assert (ours["graderaw"], ours["percentageformatted"], ours["feedback"]) == (80.0, "80.00 %", "Well done & on")
    assert (ours["itemmodule"], ours["iteminstance"], ours["cmid"]) == ("lti", 25, 65)
    assert (by_hand["itemtype"], by_hand["graderaw"], by_hand["gradeformatted"]) == ("manual", None, "-")
    assert set(total) == set(real["gradeitems"][-1])
    assert (total["itemtype"], total["graderaw"]) == ("course", 80.0)


def test_everybodys_grades_are_those_of_active_learners_of_the_course_or_a_group(ask, practice: Practice):
    everybody = ask("gradereport_user_get_grade_items", courseid=VELES)["usergrades"]
    now = practice.state.now()
    learners = [e.user_id for e in practice.state.roster(VELES) if "student" in e.roles and e.active(now)]
    assert [one["userid"] for one in everybody] == learners
    group = practice.state.course_groups(VELES)[0]
    some = ask("gradereport_user_get_grade_items", courseid=VELES, groupid=group.id)["usergrades"]
    assert {one["userid"] for one in some} == set(group.members) & set(learners)


@pytest.mark.parametrize(
    ("function", "fields", "code"),
    [
        ("gradereport_user_get_grade_items", {"courseid": 77}, "invalidrecord"),
        ("gradereport_user_get_grade_items", {"courseid": 5, "userid": 99_999}, "invaliduser"),
        ("core_completion_get_activities_completion_status", {"courseid": 5, "userid": 99_999}, "invaliduser"),
        ("core_calendar_get_calendar_events", {"events[courseids]": 5}, "invalidparameter"),
        ("core_calendar_get_calendar_events", {"events[colour][0]": 5}, "invalidparameter"),
        ("core_calendar_get_calendar_events", {"options[userevents]": "no"}, "invalidparameter"),
        ("core_course_get_categories", {"criteria": "x"}, "invalidparameter"),
        ("core_course_get_categories", {"criteria[0][key]": "id"}, "invalidparameter"),
        ("core_course_get_categories", {"criteria[0][key]": "id", "criteria[0][value]": "x"}, "invalidparameter"),
        ("core_enrol_get_users_courses", {}, "invalidparameter"),
    ],
)
def test_a_wrong_question_gets_its_code(ask, function: str, fields: dict[str, Any], code: str):
    assert ask(function, **fields)["errorcode"] == code


@pytest.mark.parametrize(
    ("function", "fields", "recording"),
    [
        ("core_course_get_categories", {}, "all"),
        ("core_course_get_contents", {"courseid": 5}, "only_lti"),
        ("core_enrol_get_users_courses", {"userid": 5}, "student1"),
        ("core_group_get_course_groupings", {"courseid": 5}, "all"),
        ("core_calendar_get_calendar_events", {}, "course"),
        ("core_completion_get_activities_completion_status", {"courseid": 5, "userid": 20}, "student1"),
        ("gradereport_user_get_grade_items", {"courseid": 5, "userid": 20}, "one_user"),
    ],
)
def test_xml_names_every_declared_key_in_the_recorded_order(ask, function: str, fields, recording: str, moodle_says):
    answer, real = ask(function, _format="xml", **fields), moodle_says(function, recording, "xml")
    assert xml_keys(answer) == xml_keys(real)


def test_modules_and_grades_name_every_key_in_xml(ask, moodle_says):
    def inner(element: Any, name: str) -> list[str]:
        records = element.findall(f".//KEY[@name='{name}']/MULTIPLE/SINGLE")
        return xml_keys(records[0])

    contents = "core_course_get_contents"
    real = moodle_says(contents, "only_lti", "xml")
    assert inner(ask(contents, _format="xml", courseid=5), "modules") == inner(real, "modules")
    grades = "gradereport_user_get_grade_items"
    answer = ask(grades, _format="xml", courseid=5, userid=LEARNER)
    assert inner(answer, "gradeitems") == inner(moodle_says(grades, "one_user", "xml"), "gradeitems")
