"""Are grades added up as they come, and does nothing of a person come out?"""

import json

import pytest

from connectors import BadAnswer, NotAllowed, NotFound, Outcome, OutcomeSource, open_source
from connectors.outcomes import LEVELS, Adding

FUNCTION = "gradereport_user_get_grade_items"
QUIZ = {"id": 7, "itemtype": "mod", "itemname": "Exit ticket &amp; quiz", "grademin": 0, "grademax": 20}
TOTAL = {"id": 1, "itemtype": "course", "itemname": None, "grademin": 0, "grademax": 100}
CATEGORY = {"id": 3, "itemtype": "category", "itemname": None, "graderaw": 5, "grademin": 0, "grademax": 10}


@pytest.fixture
def source(moodle, transport, token):
    return open_source("moodle", moodle.url, token, transport)


def graded(number, quiz, total, **more):
    return {
        "courseid": 5,
        "userid": number,
        "userfullname": f"Pupil {number}",
        "gradeitems": [{**QUIZ, "graderaw": quiz, **more}, CATEGORY, {**TOTAL, "graderaw": total}],
    }


def answer(moodle, *people):
    moodle.answers[FUNCTION] = json.dumps({"usergrades": people, "warnings": []})


def test_a_group_becomes_totals_by_column(moodle, source):
    answer(moodle, graded(8, 20, 100), graded(9, 5, 50), graded(10, None, None), graded(11, 0, 0))
    assert isinstance(source, OutcomeSource)
    total, quiz = source.outcomes("5", ["12"])
    assert total == Outcome("5", "1", "", "12", 3, 1, 50.0, (1, 0, 1, 1))
    assert quiz.item_id == "7"
    assert (quiz.item, quiz.n, quiz.ungraded, quiz.levels) == ("Exit ticket & quiz", 3, 1, (1, 1, 0, 1))
    assert quiz.mean == pytest.approx(125 / 3)
    assert moodle.forms[-1]["groupid"] == "12"
    assert "Pupil" not in repr((total, quiz))


def test_what_a_pupil_may_not_see_yet_counts_as_no_grade(moodle, source):
    answer(moodle, graded(8, 20, 100, gradeishidden=True), graded(9, 10, 50, gradehiddenbydate=True), graded(10, 10, 1))
    quiz = list(source.outcomes("5"))[1]
    assert (quiz.group_id, quiz.n, quiz.ungraded, quiz.mean) == (None, 1, 2, 50.0)
    assert moodle.forms[-1]["groupid"] == "0"


def test_groups_are_asked_for_one_by_one_and_say_whom_they_share(moodle, source):
    groups = {"3": [graded(8, 20, 100), graded(9, 5, 50)], "4": [graded(10, 5, 50)], "5": [graded(9, 5, 50)], "6": []}
    moodle.answers[FUNCTION] = lambda form: {"usergrades": groups[form["groupid"]], "warnings": []}
    found = [one for one in source.outcomes("5", ["3", "6", "4", "5"]) if one.item]
    assert [(one.group_id, one.n, set(one.shares_with)) for one in found] == [
        ("3", 2, set()),
        ("4", 1, set()),
        ("5", 1, {"3"}),
    ]
    assert [form["groupid"] for form in moodle.forms] == ["3", "6", "4", "5"]


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_recorded_group_in_which_nobody_learns_has_no_totals(moodle, source, kind):
    moodle.recorded(FUNCTION, "group", kind)
    assert list(source.outcomes("5", ["37"])) == []


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_recorded_report_is_added_up_the_same_from_json_and_xml(moodle, source, kind):
    moodle.recorded(FUNCTION, "one_user", kind)
    found = {one.item: (one.n, one.mean) for one in source.outcomes("5")}
    assert found["Observation report"] == (1, 87.5)
    assert found["Microteaching"] == (0, None)


def test_recorded_grades_of_several_are_added_up(moodle, source):
    moodle.recorded(FUNCTION, "all_users")
    report = next(one for one in source.outcomes("5") if one.item == "Observation report")
    assert (report.n, report.ungraded, report.mean, report.levels) == (1, 2, 100.0, (0, 0, 0, 1))


@pytest.mark.parametrize(("recorded", "error", "code"), [("error_restricted", NotAllowed, "requireloginerror")])
def test_a_refusal_says_what_to_do(moodle, source, recorded, error, code):
    moodle.recorded(FUNCTION, recorded)
    with pytest.raises(error) as refused:
        list(source.outcomes("5", ["12"]))
    assert (refused.value.code, refused.value.function) == (code, FUNCTION)


@pytest.mark.parametrize(("course", "group"), [("1", ""), ("cohort:4", ""), ("5", "0"), ("5", "grouping:3")])
def test_what_is_no_course_or_no_group_is_not_asked_for(moodle, source, course, group):
    with pytest.raises(NotFound):
        list(source.outcomes(course, [group] if group else []))
    assert not moodle.forms


def test_another_shape_is_a_bad_answer_that_names_nobody(moodle, source):
    moodle.answers[FUNCTION] = json.dumps({"usergrades": [{"userid": 8, "gradeitems": [{"id": "Pupil 8"}]}]})
    with pytest.raises(BadAnswer) as odd:
        list(source.outcomes("5", ["12"]))
    assert "Pupil" not in str(odd.value)


def test_levels_begin_where_they_say_and_hold_what_lies_outside():
    adding = Adding()
    for grade in (-3, 0, 24.9, 25, 50, 74.9, 75, 100, 130):
        adding.add(grade, 0, 100)
    adding.add(3, 5, 5)
    found = adding.total("5", "7", "Quiz", None)
    assert len(LEVELS) == len(found.levels)
    assert (found.levels, found.n, found.ungraded) == ((3, 1, 2, 3), 9, 1)


def test_other_kinds_of_lms_have_no_totals(tmp_path, transport):
    table = tmp_path / "people.csv"
    table.write_text("course,person\n", "utf-8")
    assert not isinstance(open_source("csv", table.as_uri(), "", transport), OutcomeSource)
