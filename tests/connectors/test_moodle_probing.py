"""Is it said of every function whether a Moodle has it, whether the token may call it, and what to click?"""

import json

import pytest

from connectors import NotAllowed, Refused, Unavailable
from connectors.moodle.client import MoodleClient
from connectors.moodle.needs import NEEDS, REQUIRED_FUNCTIONS, SITE_INFO
from connectors.moodle.probing import probe_functions

MESSAGES = "core_message_send_instant_messages"
REFUSED = '{"exception":"moodle_exception","errorcode":"%s","message":"No"}'


@pytest.fixture
def client(moodle, transport, token):
    return MoodleClient(moodle.url, token, transport)


def introduce(moodle, *allowed):
    info = {
        "sitename": "M",
        "siteurl": "https://m.example.org",
        "userid": 3,
        "functions": [{"name": name} for name in allowed],
    }
    moodle.answers[SITE_INFO] = json.dumps(info)


def test_what_the_token_may_call_is_not_called_to_see_it(moodle, client):
    introduce(moodle, *NEEDS)
    found = probe_functions(client)
    assert [one.function for one in found] == list(NEEDS)
    assert {one.state for one in found} == {"callable"}
    assert {one.todo for one in found} == {None}
    assert len(moodle.forms) == 1


def test_the_recorded_service_lacks_two_functions_and_says_where_to_add_it(moodle, client, recording):
    moodle.recorded(SITE_INFO, "ok")
    lacking = {"core_cohort_delete_cohort_members", "core_group_get_groupings"}
    refusal = recording("core_role_assign_roles/error_function_not_in_service.json")
    moodle.answers |= dict.fromkeys(lacking, refusal)
    found = {one.function: one for one in probe_functions(client)}
    assert {one.function for one in found.values() if one.state != "callable"} == lacking
    for function in lacking:
        assert found[function].state == "not_in_service"
        assert "External services > Functions" in found[function].todo


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_function_moodle_does_not_have_is_told_from_one_it_does_not_offer(moodle, client, recording, kind):
    introduce(moodle, SITE_INFO)
    moodle.answers[MESSAGES] = recording(f"core_no_such_function/error_unknown_function.{kind}")
    (found,) = probe_functions(client, [MESSAGES])
    assert found.state == "not_there"
    assert "supported version" in found.todo


def test_one_not_listed_is_asked_once_and_without_arguments(moodle, client):
    introduce(moodle, SITE_INFO)
    moodle.answers[MESSAGES] = REFUSED % "accessexception"
    probe_functions(client, [MESSAGES])
    (form,) = moodle.calls(MESSAGES)
    assert not any("[" in key for key in form)


@pytest.mark.parametrize("answer", ["[]", REFUSED % "invalidparameter", REFUSED % "nopermissions"])
def test_one_that_was_allowed_in_this_moment_can_be_called(moodle, client, answer):
    introduce(moodle, SITE_INFO)
    moodle.answers[MESSAGES] = answer
    assert [one.state for one in probe_functions(client, [MESSAGES])] == ["callable"]


@pytest.mark.parametrize(("code", "kind"), [("invalidtoken", Refused), ("sitemaintenance", Unavailable)])
def test_a_site_that_shuts_in_the_middle_is_no_matter_of_functions(moodle, client, code, kind):
    introduce(moodle, SITE_INFO)
    moodle.answers[MESSAGES] = REFUSED % code
    with pytest.raises(kind):
        probe_functions(client, [MESSAGES])


def test_web_services_switched_off_in_the_middle_are_said_to_be(moodle, client):
    introduce(moodle, SITE_INFO)
    reply = moodle.reply
    moodle.http.reset()
    moodle.http.add_callback(
        "POST",
        f"{moodle.url}/webservice/rest/server.php",
        lambda request: (403, {}, "") if MESSAGES in request.body else reply(request),
    )
    with pytest.raises(NotAllowed) as caught:
        probe_functions(client, [MESSAGES])
    assert caught.value.code == "rest_off"


@pytest.mark.parametrize("function", NEEDS)
def test_every_function_has_its_reason_its_rights_and_the_way_to_give_them(moodle, client, function):
    introduce(moodle, *NEEDS)
    (found,) = probe_functions(client, [function])
    assert found.need.why.startswith("to ")
    assert found.need.capabilities
    sentences = [text % found.params for text in found.if_refused]
    assert found.need.capabilities[0] in sentences[0]
    assert all(" > " in sentence for sentence in sentences)
    assert len(sentences) == (2 if found.need.switch else 1)


def test_a_roster_needs_only_what_reads():
    assert REQUIRED_FUNCTIONS.keys() < NEEDS.keys()
    assert all("_get_" in function for function in REQUIRED_FUNCTIONS)
