"""Is every answer of a Moodle read for what it is, in either format?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from connectors import BadAnswer, ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.moodle import functions
from connectors.moodle.client import MoodleClient, flatten
from connectors.moodle.faults import MEANINGS, error_of
from connectors.moodle.records import CallWarning, CoursesByField, EnrolledUser, SiteInfo
from connectors.moodle.xml import BrokenXml, ForeignXml, read_xml

RECORDINGS = Path(__file__).parents[1] / "recordings" / "moodle"
ANYTHING = TypeAdapter(Any)


@pytest.fixture
def client(moodle, transport, token):
    return MoodleClient(moodle.url, token, transport)


def answers_of(folder):
    """The recorded cases of a function that are no error report."""
    return sorted(
        path.stem
        for path in (RECORDINGS / "ws" / folder).glob("*.json")
        if not path.name.endswith(".request.json") and not path.read_bytes().startswith(b'{"exception"')
    )


def error_reports():
    """Every recorded error report, as (path, expected kind); some cases named so got an ordinary answer."""
    kinds = {
        "invalidtoken": Refused,
        "accessexception": NotAllowed,
        "nopermissions": NotAllowed,
        "errorcoursecontextnotvalid": NotAllowed,
        "requireloginerror": NotAllowed,
        "wsusercannotassign": NotAllowed,
        "criteriaerror": NotAllowed,
        "invalidrecord": NotFound,
        "invaliduser": NotFound,
        "nocriteriaset": NotFound,
        "usernotenroled": NotFound,
        "invalidcoursemodule": NotFound,
        "invalidparameter": BadAnswer,
        "errorinvalidparam": BadAnswer,
        "invaliduserfield": BadAnswer,
        "keyalreadyset": BadAnswer,
        "codingerror": BadAnswer,
    }
    exceptions = {
        "core_webservice_get_site_info/error_ip_restricted_token": Refused,
        "core_no_such_function/error_unknown_function": NotAllowed,
    }
    for path in sorted((RECORDINGS / "ws").glob("*/*")):
        if path.name.endswith(".request.json"):
            continue
        code = re.search(rb'"errorcode":"(\w+)"|<ERRORCODE>(\w+)</ERRORCODE>', path.read_bytes())
        if code:
            name = f"{path.parent.name}/{path.stem}"
            kind = exceptions.get(name) or kinds[(code[1] or code[2]).decode()]
            yield pytest.param(path, kind, (code[1] or code[2]).decode(), id=f"{name}{path.suffix}")


@pytest.mark.parametrize(("path", "kind", "code"), list(error_reports()))
def test_every_recorded_error_report_becomes_the_right_error(moodle, client, path, kind, code):
    moodle.answers[path.parent.name] = path.read_bytes()
    with pytest.raises(ConnectorError) as caught:
        client.call(path.parent.name, {}, ANYTHING)
    error = caught.value
    assert (type(error), error.code, error.function) == (kind, code, path.parent.name)
    assert str(error).endswith(f"[{code}, {path.parent.name}]")
    assert "%(" not in str(error)
    with pytest.raises(kind) as caught:
        client.change(path.parent.name, {}, ANYTHING)
    assert caught.value.code == code
    assert len(moodle.forms) == 2


def protocol_cases():
    cases = json.loads((RECORDINGS / "ws_protocol_cases.json").read_bytes())
    expected = {
        "debug_on_invalid_parameter": (BadAnswer, "invalidparameter"),
        "debug_on_missing_parameter": (BadAnswer, "invalidparameter"),
        "debug_on_duplicate_username": (BadAnswer, "invalidparameter"),
        "debug_on_invalid_token": (Refused, "invalidtoken"),
        "debug_on_expired_token": (Refused, "invalidtoken"),
        "debug_on_ip": (Refused, "accessexception"),
        "debug_on_function_not_in_service": (NotAllowed, "accessexception"),
        "debug_on_unknown_function": (NotAllowed, "invalidrecord"),
        "debug_on_not_enrolled": (NotAllowed, "errorcoursecontextnotvalid"),
        "webservices_disabled": (NotAllowed, "rest_off"),
        "rest_protocol_disabled": (NotAllowed, "rest_off"),
        "maintenance_mode": (Unavailable, "sitemaintenance"),
        "token_of_suspended_user": (Refused, "wsaccessusersuspended"),
        "token_of_nologin_user": (Refused, "wsaccessusernologin"),
        "token_of_unconfirmed_user": (Refused, "wsaccessuserunconfirmed"),
    }
    for name, (kind, code) in expected.items():
        for form in ("json", "xml"):
            reply = cases[name][form]
            yield pytest.param(cases[name]["function"], reply, kind, code, id=f"{name}-{form}")


@pytest.mark.parametrize(("function", "reply", "kind", "code"), list(protocol_cases()))
def test_every_recorded_state_of_a_site_becomes_the_right_error(moodle, client, function, reply, kind, code):
    moodle.http.reset()
    moodle.http.post(
        f"{moodle.url}/webservice/rest/server.php",
        body=reply["body"],
        status=reply["http_status"],
        content_type=reply["content_type"],
    )
    with pytest.raises(ConnectorError) as caught:
        client.call(function, {}, ANYTHING)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert "suspended1" not in str(caught.value)
    assert len(moodle.http.calls) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"error":"Invalid token","errorcode":"invalidtoken","stacktrace":null}', "invalidtoken"),
        ('{"exception":"moodle_exception","errorcode":"invalidtoken","message":"x"}', "invalidtoken"),
        ('{"exception":"Error","message":"Call to a member function on null"}', "php_error"),
        ('{"exception":"x","errorcode":"neverheardof","message":"x"}', "neverheardof"),
        ('{"exception":"x","errorcode":"<b>odd</b>","message":"x"}', "odd_code"),
        ('{"exception":"x","errorcode":"5f9c1e0b7a6d4c3388aa00ffeedd1122","message":"x"}', "odd_code"),
    ],
)
def test_error_reports_of_other_shapes_are_understood(moodle, client, body, code):
    moodle.answers["core_webservice_get_site_info"] = body
    with pytest.raises(ConnectorError) as caught:
        functions.get_site_info(client)
    assert caught.value.code == code
    assert not caught.value.worth_retrying


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (404, "Not found", BadAnswer, "http_404"),
        (404, "<html></html>", BadAnswer, "http_404"),
        (404, "", BadAnswer, "http_404"),
        (401, "<html></html>", Refused, "http_401"),
        (414, "<html><br></html>", BadAnswer, "http_414"),
        (400, '{"exception":"x","errorcode":"invalidtoken","message":"x"}', Refused, "invalidtoken"),
        (400, '<?xml version="1.0"?><RESPONSE><VALUE>1</VALUE></RESPONSE>', None, None),
        (200, "", BadAnswer, "half"),
        (200, '<?xml version="1.0"?><RESPONSE><MULTI', BadAnswer, "half"),
        (200, "<?xml version='1.0'?><html><p>Hello</html>", BadAnswer, "web_page"),
        (200, "<b>Warning</b>: Undefined variable", BadAnswer, "web_page"),
    ],
)
def test_what_is_no_answer_of_a_web_service_is_said_to_be_none(moodle, client, status, body, kind, code):
    moodle.http.reset()
    moodle.http.post(f"{moodle.url}/webservice/rest/server.php", body=body, status=status)
    if kind is None:
        assert client.call("core_any", {}, ANYTHING) == "1"
        return
    with pytest.raises(kind) as caught:
        client.call("core_any", {}, ANYTHING)
    assert caught.value.code == code


def test_another_shape_is_named_by_its_place_and_not_by_its_content(moodle, client):
    moodle.answers["core_course_get_courses_by_field"] = '{"courses":[{"id":"Ada","shortname":"x"}]}'
    with pytest.raises(BadAnswer) as caught:
        functions.get_courses_by_field(client)
    assert caught.value.code == "odd_shape"
    assert caught.value.params == {"place": "courses.0.id"}
    assert "Ada" not in str(caught.value)
    assert len(moodle.forms) == 1


def test_a_list_where_an_object_belongs_is_named_by_the_root(moodle, client):
    moodle.answers["core_webservice_get_site_info"] = "[]"
    with pytest.raises(BadAnswer) as caught:
        functions.get_site_info(client)
    assert caught.value.params == {"place": "/"}


def test_a_byte_order_mark_before_json_is_passed_over(moodle, client, recording):
    moodle.answers["core_webservice_get_site_info"] = b"\xef\xbb\xbf \n" + recording(
        "core_webservice_get_site_info/ok.json"
    )
    assert functions.get_site_info(client).userid == 3


ANSWERS = {
    "core_webservice_get_site_info": functions._SITE_INFO,
    "core_course_get_courses": functions._COURSES,
    "core_course_get_courses_by_field": functions._COURSES_BY_FIELD,
    "core_enrol_get_enrolled_users": functions._ENROLLED_USERS,
    "core_group_get_course_groups": functions._GROUPS,
    "core_group_get_group_members": functions._GROUP_MEMBERS,
    "core_cohort_get_cohorts": functions._COHORTS,
    "core_cohort_get_cohort_members": functions._COHORT_MEMBERS,
}


@pytest.mark.parametrize(
    ("function", "case"), [(function, case) for function in ANSWERS for case in answers_of(function)]
)
def test_json_and_xml_of_every_recorded_answer_give_equal_records(moodle, client, recording, function, case):
    moodle.recorded(function, case, "json")
    from_json = client.call(function, {}, ANSWERS[function])
    moodle.recorded(function, case, "xml")
    from_xml = client.call(function, {}, ANSWERS[function], xml=True)
    assert from_json or recording(f"{function}/{case}.json").strip() == b"[]"
    assert from_json == from_xml
    assert [form["moodlewsrestformat"] for form in moodle.forms] == ["json", "xml"]


def test_the_records_hold_what_was_recorded(moodle, client):
    moodle.recorded("core_enrol_get_enrolled_users", "all")
    users = functions.get_enrolled_users(client, 5, "active", start=0, number=0)
    raw = json.loads((RECORDINGS / "ws/core_enrol_get_enrolled_users/all.json").read_bytes())
    assert [(user.id, user.fullname, [role.shortname for role in user.roles]) for user in users] == [
        (user["id"], user["fullname"], [role["shortname"] for role in user["roles"]]) for user in raw
    ]
    assert len(users) > 50
    assert not hasattr(users[0], "email")


def test_a_warning_is_kept_without_its_message():
    text = '{"courses":[],"warnings":[{"item":"course","itemid":7,"warningcode":"1","message":"#0 /var/www"}]}'
    warnings = CoursesByField.model_validate_json(text).warnings
    assert warnings == [CallWarning(item="course", itemid=7, warningcode="1")]
    assert "/var/www" not in repr(warnings)


def test_records_keep_names_out_of_their_repr():
    user = EnrolledUser(id=5, fullname="Ada Lovelace")
    assert "Ada" not in f"{user!r}{user!s}{[user]}"


KEYS = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=5)
LEAVES = st.booleans() | st.integers() | st.text()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(KEYS, inner, min_size=1),
    max_leaves=20,
)


class TestArguments:
    def unflatten(self, pairs):
        """What PHP makes of a form, as nested dicts with text keys."""
        tree = {}
        for name, value in pairs:
            path = re.findall(r"[^\[\]]+", name)
            here = tree
            for key in path[:-1]:
                here = here.setdefault(key, {})
            here[path[-1]] = value
        return tree

    def as_php(self, value):
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, list):
            return {str(key): self.as_php(item) for key, item in enumerate(value)}
        if isinstance(value, dict):
            return {key: self.as_php(item) for key, item in value.items()}
        return str(value)

    @given(st.dictionaries(KEYS, TREES, max_size=4))
    def test_arguments_arrive_as_they_were_meant(self, arguments):
        assert self.unflatten(flatten(arguments)) == self.as_php(arguments)

    def test_the_recorded_calls_flatten_to_what_was_recorded(self):
        seen = 0
        for path in (RECORDINGS / "ws").glob("*/*.request.json"):
            request = json.loads(path.read_bytes())
            flat = request["json"]["flattened_arguments"]
            arguments = request["arguments"]
            if isinstance(arguments, dict):
                expected = {k: v for k, v in flat.items() if not k.startswith(("ws", "moodlews"))}
                ours = {k: v for k, v in arguments.items() if not k.startswith("moodlews")}
                assert dict(flatten(ours)) == {k: str(v) for k, v in expected.items()}, path.name
                seen += bool(expected)
        assert seen > 50

    def test_nothing_is_sent_for_none(self):
        assert list(flatten({"a": None, "b": [None, 1]})) == [("b[1]", "1")]

    def test_what_php_must_not_drop_goes_first(self, moodle, client):
        moodle.recorded("core_webservice_get_site_info", "ok")
        functions.get_site_info(client)
        assert list(moodle.forms[0])[:3] == ["wstoken", "wsfunction", "moodlewsrestformat"]
        assert moodle.forms[0]["moodlewssettingfilter"] == "1"

    @pytest.mark.parametrize("count", [0, 1, 900, 901, 2000])
    def test_long_lists_go_in_portions_that_php_accepts(self, moodle, client, count):
        def members(form):
            ids = [int(value) for key, value in form.items() if key.startswith("groupids[")]
            assert len(ids) <= 900
            return [{"groupid": group, "userids": []} for group in ids]

        moodle.answers["core_group_get_group_members"] = members
        answers = list(functions.get_group_members(client, range(count)))
        assert [answer.groupid for answer in answers] == list(range(count))
        assert len(moodle.forms) == -(-count // 900)


WRITING = re.compile(r"_(create|add|delete|send|update|upload|enrol|unenrol)_?")
"""Functions that were called twice for their two recordings, so that the second call made another thing."""

OF_ANOTHER_RUN = {
    "id", "msgid", "itemid", "name", "idnumber", "username", "filename", "url",
    "timecreated", "timemodified", "conversationid",
}  # fmt: skip

OTHERWISE_IN_XML = {
    "core_cohort_add_cohort_members/ok": "the second run found the first one's member",
    "gradereport_user_get_grade_items/all_users": "the recording was cut",
}


def xml_answers():
    for path in sorted((RECORDINGS / "ws").glob("*/*.xml")):
        name = f"{path.parent.name}/{path.stem}"
        if b"EXCEPTION" not in path.read_bytes() and name not in OTHERWISE_IN_XML:
            yield pytest.param(path, id=name)


class TestXml:
    @pytest.mark.parametrize("path", list(xml_answers()))
    def test_every_recorded_answer_says_all_that_its_json_says(self, path):
        # The two replies were recorded some seconds apart.
        passing = {"lastaccess", "lastcourseaccess", "preferences"}
        if WRITING.search(path.parent.name):
            passing |= OF_ANOTHER_RUN
        self.check(read_xml(path.read_bytes()), json.loads(path.with_suffix(".json").read_bytes()), passing)

    def check(self, said, meant, passing):
        """XML also has the keys that JSON leaves out, as nothing or as empty lists; PHP's empty object is a list."""
        if isinstance(meant, dict):
            for key, value in meant.items():
                if value is not None and key not in passing:
                    self.check(said[key], value, passing)
        elif isinstance(meant, list) and not (isinstance(said, dict) and not meant):
            assert len(said) == len(meant)
            for one, two in zip(said, meant, strict=True):
                self.check(one, two, passing)
        elif isinstance(meant, list):
            assert not any(said.values())
        elif meant is None:
            assert said is None
        elif isinstance(meant, bool):
            assert said == str(int(meant))
        else:
            assert said == str(meant).replace("\r\n", "\n")

    @pytest.mark.parametrize(
        "body",
        [
            b"<html><body></body></html>",
            b'<!DOCTYPE RESPONSE [<!ENTITY a "b">]><RESPONSE><VALUE>&a;</VALUE></RESPONSE>',
            b'<!DOCTYPE RESPONSE SYSTEM "file:///etc/passwd"><RESPONSE></RESPONSE>',
            b"<RESPONSE><SINGLE><VALUE>1</VALUE></SINGLE></RESPONSE>",
            b"<RESPONSE><SINGLE><SINGLE></SINGLE></SINGLE></RESPONSE>",
            b"<EXCEPTION><VALUE>1</VALUE></EXCEPTION>",
        ],
    )
    def test_foreign_markup_is_told_apart(self, body):
        with pytest.raises(ForeignXml):
            read_xml(body)

    @pytest.mark.parametrize("body", [b"<RESPONSE>", b"<RESPONSE><VALUE>1</RESPONSE>", b"<"])
    def test_broken_markup_is_told_apart(self, body):
        with pytest.raises(BrokenXml):
            read_xml(body)

    @given(st.binary(max_size=200))
    def test_no_bytes_bring_it_down(self, noise):
        try:
            read_xml(b"<RESPONSE>" + noise)
        except (BrokenXml, ForeignXml):
            return
        raise AssertionError("an unclosed reply was taken for an answer")

    def test_a_deep_nest_of_markup_is_broken(self):
        with pytest.raises((BrokenXml, ForeignXml)):
            read_xml(b"<RESPONSE>" + b"<MULTIPLE>" * 10_000)


class TestFaults:
    @pytest.mark.parametrize("code", sorted(MEANINGS))
    def test_every_known_code_has_two_plain_sentences(self, code):
        error = error_of("core_cohort_get_cohorts", code, "")
        assert error.what.endswith(".")
        assert error.todo.rstrip().endswith(".")
        assert error.todo % error.params
        assert error.what != error_of("core_cohort_get_cohorts", "no_such_code", "").what

    def test_a_missing_right_is_named(self):
        error = error_of("core_cohort_get_cohorts", "nopermissions", "")
        assert error.params["capabilities"] == "moodle/cohort:view"
        assert "moodle/cohort:view" in str(error)

    def test_what_a_missing_enrolreview_means_is_said(self):
        error = error_of("core_enrol_get_enrolled_users", "nopermissions", "")
        assert isinstance(error, NotAllowed)
        assert "moodle/course:enrolreview" in str(error)
        assert "suspended" in error.what

    def test_a_function_moodle_lacks_is_told_from_a_thing_it_lacks(self):
        missing = "Can't find data record in database table external_functions."
        assert isinstance(error_of("core_x", "invalidrecord", missing), NotAllowed)
        assert isinstance(error_of("core_x", "invalidrecord", "… table course."), NotFound)


def test_a_site_in_a_folder_is_called_in_its_folder(transport, token):
    client = MoodleClient("https://example.org/moodle/", token, transport)
    assert repr(client) == "MoodleClient('https://example.org/moodle/webservice/rest/server.php')"


def test_an_address_we_would_not_call_is_refused_at_once(transport, token):
    with pytest.raises(Unavailable) as caught:
        MoodleClient("http://moodle.example.org", token, transport)
    assert caught.value.code == "not_https"


def test_the_introduction_needs_no_more_than_it_must():
    info = SiteInfo.model_validate({"sitename": "A", "siteurl": "https://a.example.org", "userid": "7"})
    assert (info.userid, info.release, info.functions) == (7, "", [])
