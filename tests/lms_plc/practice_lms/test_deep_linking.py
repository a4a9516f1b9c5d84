"""Choosing content of a tool: the request, the way back, what it makes in the course, and courses copied with it."""

from typing import Any

import pytest
import requests

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import ADMIN, MENTOR
from lms_plc.practice_lms.records import OpenReturn
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.settings import CLIENT_ID
from tests.lms_plc.practice_lms.choosing import BEGIN, DL, LEADER, LTI, NOW, SETTINGS, VELES, Choice
from tests.lms_plc.practice_lms.forms import asked, form_of, opened

_, ASSISTANT, _, TEACHER, *_ = staff_ids("veles")
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


@pytest.fixture
def items(recorded) -> list[dict[str, Any]]:
    """What a recorded tool sent: an item with everything, and one with a title only."""
    sent = recorded("lti/deeplink_instructor.json")["deep_link_response"]["jwt_payload"][f"{DL}content_items"]
    sent[0]["url"] = "http://localhost:8000/lti/launch?page=7"
    return sent


def test_teachers_and_admins_see_where_to_add_from_the_tool(practice: Practice):
    browser = practice.browser(LEADER, ADMIN, ASSISTANT, TEACHER)
    for person, sees in ((LEADER, True), (ADMIN, True), (ASSISTANT, False), (TEACHER, False)):
        page = browser.get(f"/as/{person}/course/{VELES}").text
        assert ("Add from Learning communities…" in page) is sees
        assert browser.get(f"/as/{person}/course/{VELES}/add/1").status_code == (200 if sees else 404)
    page = browser.get(f"/as/{LEADER}/course/{VELES}/add/1").text
    assert 'width="770" height="578"' in page
    assert browser.get(f"/as/{LEADER}/course/{VELES}/add/9").status_code == 404
    assert browser.post(f"/as/{TEACHER}/course/{VELES}/add/1").status_code == 404


def test_the_request_has_the_recorded_form_and_claims(practice: Practice, recorded):
    real = recorded("lti/deeplink_instructor.json")
    browser = practice.browser(LEADER)
    _, login = form_of(browser.get(BEGIN).text)
    assert list(login) == list(real["form_fields"])
    assert "cmid" not in login["lti_message_hint"]
    claims = opened(practice, browser, BEGIN)
    assert list(claims) == list(real["payload"])
    for name, value in real["payload"].items():
        if isinstance(value, dict) and name != f"{LTI}custom":
            assert list(claims[name]) == list(value), name
    assert list(claims[f"{LTI}custom"])[-3:] == list(real["payload"][f"{LTI}custom"])[-3:]
    ours, theirs = claims[SETTINGS], real["payload"][SETTINGS]
    different = {"deep_link_return_url", "title", "text"}
    assert {k: v for k, v in ours.items() if k not in different} == {
        k: v for k, v in theirs.items() if k not in different
    }


def test_a_student_ends_on_moodles_page_when_the_tool_comes_back(practice: Practice, recorded):
    real = recorded("lti/deeplink_student_denied.json")
    browser = practice.browser(TEACHER)
    _, login = form_of(browser.get(f"/as/{TEACHER}/mod/lti/contentitem.php?id=1&course={VELES}").text)
    assert list(login) == list(real["form_fields"])
    page = browser.get("/mod/lti/auth.php", query_string=asked(login))
    assert page.status_code == real["status"]
    words = "Sorry, but you do not currently have permissions to do that (Manage activities)."
    assert words in real["page_text"]
    assert words in page.text


def test_what_was_chosen_becomes_activities_with_columns(choice: Choice, items, recorded, practice: Practice):
    page = choice.send(items)
    assert page.status_code == 200
    assert f"/as/{LEADER}/course/{VELES}" in page.text
    first, second = practice.state.added_activities(VELES)
    made = recorded("lti/deeplink_instructor.json")["deep_link_response"]["platform_form_data"]["multiple"]
    assert [a.title for a in (first, second)] == [one["name"] for one in made]
    assert (first.text, first.url, first.custom) == ("Plan text", items[0]["url"], items[0]["custom"])
    columns = [item for item in practice.state.line_items(VELES) if item.link_id != "25"]
    assert [(c.label, c.maximum, c.resource_id, c.tag, c.link_id) for c in columns] == [
        (made[0]["name"], made[0]["grade_modgrade_point"], "plan-7", "plan", first.link_id),
        (made[1]["name"], made[1]["grade_modgrade_point"], "", "", second.link_id),
    ]
    shown = choice.browser.get(f"/as/{LEADER}/course/{VELES}").text
    assert "Сабақ жоспары #7 &amp; notes" in shown
    assert "Plan text" in shown


def test_a_chosen_activity_launches_its_own_address_with_its_own_parameters(choice, items, recorded, practice):
    choice.send(items)
    first, second = practice.state.added_activities(VELES)
    browser = practice.browser(TEACHER)
    claims = opened(practice, browser, f"/as/{TEACHER}/mod/lti/launch.php?id={first.cmid}")
    real = recorded("lti/launch_student_deeplinked_item.json")["payload"]
    assert list(claims) == list(real)
    assert claims[f"{LTI}target_link_uri"] == items[0]["url"]
    assert claims[f"{LTI}resource_link"] == real[f"{LTI}resource_link"] | {"id": first.link_id}
    custom = claims[f"{LTI}custom"]
    assert list(custom)[:3] == list(real[f"{LTI}custom"])[:3] == ["page_id", "camel", "Camel"]
    column = next(item for item in practice.state.line_items(VELES) if item.link_id == first.link_id)
    assert f"/lineitems/{column.id}/" in claims[AGS]["lineitem"]
    plain = opened(practice, browser, f"/as/{TEACHER}/mod/lti/launch.php?id={second.cmid}")
    assert plain[f"{LTI}target_link_uri"] == practice.settings.launch_url


def test_the_admins_parameters_win_and_variables_are_filled_in(choice: Choice, practice: Practice):
    custom = {"group_ids": "mine", "who": "$Person.name.full", "Where": "$Context.title", "odd": "$Unknown.one", "n": 7}
    choice.send([{"type": "ltiResourceLink", "title": "T", "custom": custom}])
    (added,) = practice.state.added_activities(VELES)
    claims = opened(practice, practice.browser(TEACHER), f"/as/{TEACHER}/mod/lti/launch.php?id={added.cmid}")
    got = claims[f"{LTI}custom"]
    assert got["group_ids"] != "mine"
    assert got["who"] == practice.state.person(TEACHER).fullname
    assert got["where"] == got["Where"] == practice.state.courses[VELES].fullname
    assert (got["odd"], got["n"]) == ("$Unknown.one", "7")


def test_other_types_become_links_and_an_unknown_address_leads_nowhere(choice: Choice, practice: Practice):
    choice.send(
        [
            {"type": "link", "title": "A link", "url": "https://example.org/"},
            {"type": "html", "html": "<b>x</b>", "title": "H"},
            {"type": "ltiResourceLink", "url": "javascript:alert(1)", "lineItem": {"scoreMaximum": "many"}},
            "no item",
        ]
    )
    link, html, bare = practice.state.added_activities(VELES)
    assert (link.tool_id, link.url) == (0, "https://example.org/")
    assert (html.tool_id, html.text) == (1, "<b>x</b>")
    assert (bare.title, bare.url) == ("Learning communities", "")
    page = choice.browser.get(f"/as/{LEADER}/mod/lti/view.php?id={link.cmid}")
    assert (page.status_code, "No tool is known" in page.text) == (404, True)
    assert "&lt;b&gt;x&lt;/b&gt;" in choice.browser.get(f"/as/{LEADER}/course/{VELES}").text
    assert {item.maximum for item in practice.state.line_items(VELES)} == {100}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "nobody"}, "Consumer key is incorrect."),
        ({"exp": NOW - 1}, "Exception - Expired token"),
        ({"exp": None}, "Exception - Expired token"),
        ({"aud": "https://example.org"}, "The audience is not this site."),
        ({"nonce": ""}, "The nonce is missing or used."),
        ({f"{LTI}message_type": "LtiResourceLinkRequest"}, "The message type is incorrect."),
        ({f"{LTI}version": "1.1"}, "The version is incorrect."),
        ({f"{LTI}deployment_id": "2"}, "The deployment is incorrect."),
        ({f"{DL}content_items": "x"}, "The content items are no list."),
    ],
)
def test_a_wrong_answer_adds_nothing_and_ends_on_a_page(choice: Choice, practice: Practice, claims, words: str):
    item = {"type": "ltiResourceLink", "title": "T"}
    answer = choice.send([item], **claims)
    assert answer.status_code == 404
    assert words in answer.text
    assert practice.state.added_activities(VELES) == []
    assert choice.send([item]).status_code == 200
    assert len(practice.state.added_activities(VELES)) == 1


RECORDED = ("empty_items", "with_msg", "errormsg", "wrong_iss", "expired", "link_type_item", "html_type_item")


@pytest.mark.parametrize("case", [*RECORDED, "item_without_title"])
def test_a_recorded_answer_does_here_what_it_did_to_moodle(choice: Choice, practice: Practice, recorded, case: str):
    real = recorded("lti/deeplink_response_cases.json")[case]
    sent, made = real["payload"], real["platform_form_data"]
    items = sent.pop(f"{DL}content_items")
    practice.state.now = lambda: sent["iat"]
    here = {} if case == "wrong_iss" else {"iss": CLIENT_ID}
    page = choice.send(items, **(sent | here | {"aud": [practice.settings.base_url]}))
    assert page.status_code == real["status"]
    assert (real["error_text"] or "") in page.text
    added = practice.state.added_activities(VELES)
    if made is None:
        assert added == []
        return
    (activity,) = added
    named = "Learning communities" if case == "item_without_title" else made["name"]
    assert (activity.title, activity.text) == (named, made["introeditor"]["text"])
    assert activity.url == made.get("toolurl", "")
    assert practice.state.line_items(VELES)[-1].maximum == made["grade_modgrade_point"]


def test_an_answer_not_signed_by_the_tool_is_refused(choice: Choice, practice: Practice, tool_keys):
    head, body, signature = choice.sign(choice.answer([])).split(".")
    spoiled = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    assert "Signature verification failed" in choice.post(spoiled).text
    assert "Wrong number of segments" in choice.post("garbage").text
    assert "Wrong number of segments" in choice.post("").text
    other = practice.state.key.as_dict(private=False)
    tool_keys.replace("GET", practice.settings.tool_keys_url, json={"keys": [other]})
    assert "unable to lookup correct key" in choice.send([]).text
    tool_keys.replace("GET", practice.settings.tool_keys_url, body=requests.ConnectionError("refused"))
    assert "No keys found" in choice.send([]).text


def test_a_choice_comes_back_once(choice: Choice, practice: Practice):
    token = choice.sign(choice.answer([{"type": "ltiResourceLink", "title": "T"}]))
    assert choice.post(token).status_code == 200
    assert choice.post(token).status_code == 404
    choice.request = opened(practice, choice.browser, BEGIN)
    assert "The nonce is missing or used." in choice.post(token).text
    assert len(practice.state.added_activities(VELES)) == 1


def test_the_way_back_is_the_persons_own(choice: Choice, practice: Practice):
    token = choice.sign(choice.answer([{"type": "ltiResourceLink"}]))
    assert practice.browser(MENTOR).post(choice.way_back, data={"JWT": token}).status_code == 404
    stranger = practice.app.test_client().post(choice.way_back, data={"JWT": token})
    action, fields = form_of(stranger.text)
    assert (action, fields) == (choice.way_back, {"JWT": token, "repost": "true"})
    assert practice.app.test_client().post(action, data=fields).status_code == 404
    practice.unenrol(VELES, LEADER)
    assert "Manage activities" in choice.post(token).text
    practice.enrol(VELES, LEADER, "editingteacher")
    assert choice.browser.post(action, data=fields).status_code == 200


def test_nothing_chosen_adds_nothing_and_says_what_the_tool_said(choice: Choice, practice: Practice):
    page = choice.send([], **{f"{DL}errormsg": "Cancelled", f"{DL}msg": "Added <b>one</b>"}).text
    assert "Nothing was added" in page
    assert "Cancelled" in page
    assert "Added &lt;b&gt;one&lt;/b&gt;" in page
    assert "<script" not in page
    assert practice.state.added_activities(VELES) == []


def test_no_data_is_sent_unless_switched_on_and_then_it_must_come_back(practice: Practice, sign, tool_keys):
    assert "data" not in Choice(practice, sign).request[SETTINGS]
    practice.turn("deep_link_data", on=True)
    choice = Choice(practice, sign)
    data = choice.request[SETTINGS]["data"]
    assert "has not come back" in choice.send([]).text
    assert "has not come back" in choice.send([], **{f"{DL}data": "other"}).text
    assert choice.send([], **{f"{DL}data": data}).status_code == 200


def test_a_choice_left_open_makes_room_for_two_thousand_later_ones(practice: Practice):
    begun = OpenReturn(LEADER, VELES, 1, None)
    keys = [practice.state.pending.begin_return(begun) for _ in range(2_001)]
    assert practice.state.pending.find_return(keys[0]) is None
    assert practice.state.pending.find_return(keys[1]) == begun


def test_an_activity_needs_a_course_that_is_there(practice: Practice):
    with pytest.raises(KeyError, match="unknown course"):
        practice.state.add_activity(77, 1, "T")
    assert practice.state.add_activity(VELES, 1, "T").course_id == VELES


def test_many_items_fit_in_one_answer(choice: Choice, practice: Practice):
    text = "Ћ" * 2_000
    many = [{"type": "ltiResourceLink", "title": f"T{n}", "text": text} for n in range(40)]
    assert choice.send(many).status_code == 200
    assert len(practice.state.added_activities(VELES)) == 40


def test_a_copied_course_has_the_activities_under_new_numbers(choice: Choice, items, practice: Practice):
    choice.send(items)
    old = practice.state.added_activities(VELES)
    browser = practice.browser(ADMIN)
    assert "Copy course" in browser.get(f"/as/{ADMIN}/admin/").text
    browser.post(f"/as/{ADMIN}/admin/course/{VELES}/copy")
    copied = max(practice.state.courses)
    new = practice.state.added_activities(copied)
    assert [(a.title, a.url, a.custom) for a in new] == [(a.title, a.url, a.custom) for a in old]
    assert {a.id for a in new}.isdisjoint(a.id for a in old)
    assert {a.cmid for a in new}.isdisjoint(a.cmid for a in old)
    columns = [item for item in practice.state.line_items(copied) if item.tag == "plan"]
    assert [(c.maximum, c.resource_id, c.link_id) for c in columns] == [(20, "plan-7", new[0].link_id)]
    claims = opened(practice, browser, f"/as/{ADMIN}/mod/lti/launch.php?id={new[0].cmid}")
    assert claims[f"{LTI}custom"]["context_id_history"] == str(VELES)
    again = Practice(practice.settings.data_dir)
    assert again.state.activities(copied) == practice.state.activities(copied)
    assert again.state.line_items(copied) == practice.state.line_items(copied)
