"""The grades page and the work behind a grade; a person's own page and what it leads to."""

import pytest

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN
from lms_plc.practice_lms.records import Grade
from lms_plc.practice_lms.school_year import BIG_FIRST_PERSON, staff_ids
from tests.lms_plc.practice_lms.forms import asked, form_of, opened

VELES = 5
LEADER, ASSISTANT, _, TEACHER, *_ = staff_ids("veles")
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
GRADES = f"/as/{LEADER}/course/{VELES}/grades"
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Mobile Safari/537.36"}


def test_who_teaches_sees_grades_and_a_way_to_each_students_work(practice: Practice):
    practice.state.put_grade(305, Grade(TEACHER, "2026-11-22T05:00:00+00:00", 87.5))
    browser = practice.browser(LEADER, ASSISTANT, TEACHER)
    assert GRADES in browser.get(f"/as/{LEADER}/course/{VELES}").text
    assert "/grades" not in browser.get(f"/as/{TEACHER}/course/{VELES}").text
    page = browser.get(GRADES).text
    name = practice.state.person(TEACHER).fullname
    assert f'aria-label="Review: {name}, Our learning community"' in page
    assert f"view.php?id=65&amp;action=gradeReport&amp;user={TEACHER}" in page
    assert "87.5" in page
    assert practice.state.person(LEADER).fullname not in page.partition("<tbody>")[2]
    assert browser.get(f"/as/{ASSISTANT}/course/{VELES}/grades").status_code == 200
    assert browser.get(f"/as/{TEACHER}/course/{VELES}/grades").status_code == 403


def test_a_course_without_students_has_nothing_to_grade(practice: Practice):
    copied = practice.copy_course(VELES)
    page = practice.browser(ADMIN).get(f"/as/{ADMIN}/course/{copied.id}/grades").text
    assert "There is nothing to grade here yet." in page


def test_the_grades_of_a_big_course_come_page_by_page(practice: Practice):
    course = practice.big_course(120)
    browser = practice.browser(BIG_FIRST_PERSON)
    at = f"/as/{BIG_FIRST_PERSON}/course/{course.id}/grades"
    assert "Next page" in browser.get(at).text
    assert "Next page" not in browser.get(f"{at}?from=100").text


def test_a_review_says_whose_work_it_is_about(practice: Practice, recorded):
    real = recorded("lti/submission_review.json")
    browser = practice.browser(LEADER)
    at = f"/as/{LEADER}/mod/lti/{{}}?id=65&action=gradeReport&user={TEACHER}"
    page = browser.get(at.format("view.php")).text
    assert f"launch.php?id=65&amp;triggerview=0&amp;action=gradeReport&amp;user={TEACHER}" in page
    assert practice.state.person(TEACHER).fullname in page
    _, login = form_of(browser.get(at.format("launch.php")).text)
    assert list(login) == list(real["form_fields"])
    claims = opened(practice, browser, at.format("launch.php"))
    assert list(claims) == list(real["payload"])
    assert claims[f"{LTI}message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{LTI}for_user"] == {"user_id": str(TEACHER)}
    assert claims["sub"] == str(LEADER)
    on_phone = browser.get(at.format("view.php"), headers=PHONE)
    assert on_phone.location.endswith(f"container=5&action=gradeReport&user={TEACHER}")


def test_a_review_of_chosen_content_opens_the_address_it_named(practice: Practice, recorded):
    real = recorded("lti/submission_review_deeplinked_item.json")["payload"]
    review = "http://localhost:8000/lti/review"
    fields = {"custom": {"page_id": "7", "Camel": "X"}, "review_url": review, "review_custom": {"a": "b"}}
    added = practice.state.add_activity(VELES, 1, "Plan 7", text="Plan text", **fields)
    practice.state.add_line_item(course_id=VELES, label="Plan 7", maximum=20, link_id=added.link_id)
    way = f"/as/{LEADER}/mod/lti/launch.php?id={added.cmid}&action=gradeReport&user={TEACHER}"
    claims = opened(practice, practice.browser(LEADER), way)
    assert list(claims) == list(real)
    assert claims[f"{LTI}target_link_uri"] == review
    assert claims[f"{LTI}custom"]["a"] == "b"
    plain = opened(practice, practice.browser(LEADER), f"/as/{LEADER}/mod/lti/launch.php?id={added.cmid}")
    assert "a" not in plain[f"{LTI}custom"]
    assert plain[f"{LTI}target_link_uri"] == practice.settings.launch_url


@pytest.mark.parametrize(
    ("who", "whose", "status"), [(TEACHER, LEADER, 403), (LEADER, 999_999, 404), (LEADER, "x", 404)]
)
def test_a_review_needs_a_teacher_and_a_student_of_the_course(practice: Practice, who: int, whose: object, status: int):
    browser = practice.browser(who)
    for page in ("view.php", "launch.php"):
        answer = browser.get(f"/as/{who}/mod/lti/{page}?id=65&action=gradeReport&user={whose}")
        assert answer.status_code == status


def test_the_profile_has_no_link_to_the_tool_unless_switched_on(practice: Practice):
    browser = practice.browser(TEACHER)
    at = f"/as/{TEACHER}/profile/"
    assert at in browser.get(f"/as/{TEACHER}/").text
    assert "My data at" not in browser.get(at).text
    assert browser.get(f"{at}privacy/1").status_code == 404
    description = "/mod/lti/openid-configuration.php"
    assert "LtiDataPrivacyLaunchRequest" not in browser.get(description).text
    practice.turn("privacy", on=True)
    assert "LtiDataPrivacyLaunchRequest" in browser.get(description).text
    page = browser.get(at).text
    assert "My data at Learning communities" in page
    assert "Moodle has no such links" in page
    assert browser.get(f"{at}privacy/9").status_code == 404


def test_a_privacy_launch_is_about_the_person_and_no_course(practice: Practice):
    practice.turn("privacy", on=True)
    claims = opened(practice, practice.browser(TEACHER), f"/as/{TEACHER}/profile/privacy/1")
    assert claims[f"{LTI}message_type"] == "LtiDataPrivacyLaunchRequest"
    assert claims["sub"] == claims[f"{LTI}for_user"]["user_id"] == str(TEACHER)
    assert claims[f"{LTI}roles"] == []
    assert not {f"{LTI}context", f"{LTI}resource_link"} & claims.keys()
    assert claims[f"{LTI}custom"]["context_id_history"] == "$Context.id.history"
    admin = opened(practice, practice.browser(ADMIN), f"/as/{ADMIN}/profile/privacy/1")
    assert any(role.endswith("system/person#Administrator") for role in admin[f"{LTI}roles"])


def test_an_activity_gone_while_it_was_opened_ends_on_the_error_page(practice: Practice):
    added = practice.state.add_activity(VELES, 1, "Short-lived")
    browser = practice.browser(LEADER)
    _, login = form_of(browser.get(f"/as/{LEADER}/mod/lti/launch.php?id={added.cmid}").text)
    practice.state.placed = {}
    assert browser.get("/mod/lti/auth.php", query_string=asked(login)).status_code == 404
