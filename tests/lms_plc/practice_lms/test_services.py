"""The token endpoint, the roster and the grade book answer as the recorded Moodle 4.5 does."""

import json
from typing import Any

import pytest
import requests

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.gradebook import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, SCORE_TYPE
from lms_plc.practice_lms.memberships import MEMBERS_TYPE
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.scopes import AGS_SCOPE, GRADE_SCOPES, NRPS_SCOPE

NOW = 1_795_323_264
MEMBERS = "/mod/lti/services.php/CourseSection/5/bindings/1/memberships"
ITEMS = "/mod/lti/services.php/5/lineitems?type_id=1"
LEADER, ASSISTANT, _, TEACHER, *_ = staff_ids("veles")


# Tokens


def test_a_signed_assertion_gets_a_token_under_the_wrong_content_type(tool, practice: Practice):
    answer = tool.ask_token(NRPS_SCOPE)
    granted = json.loads(answer.text)
    assert answer.content_type == "text/html; charset=utf-8"
    assert granted.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert practice.state.token_scopes(granted["access_token"]) == [NRPS_SCOPE]


def test_unknown_scopes_are_dropped_from_the_grant(tool):
    granted = json.loads(tool.ask_token(f"{NRPS_SCOPE} https://example.org/scope/x").text)
    assert granted["scope"] == NRPS_SCOPE


def test_audience_issuer_and_a_replayed_id_are_not_looked_at(tool):
    assertion = tool.assertion(aud="https://example.org", iss="somebody", jti="1")
    assert tool.ask_token(NRPS_SCOPE, assertion).status_code == 200
    assert tool.ask_token(NRPS_SCOPE, assertion).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "https://example.org/scope/x"}, "invalid_scope"),
        ({"scope": ""}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion": "garbage"}, "Wrong number of segments"),
    ],
)
def test_a_wrong_request_gets_the_recorded_error(tool, form: dict[str, str], error: str):
    answer = tool.client.post(
        "/mod/lti/token.php",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": tool.assertion(),
            "scope": NRPS_SCOPE,
        }
        | form,
    )
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": error})
    assert tool.ask_token(NRPS_SCOPE).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"sub": "nope"}, "invalid_client"),
        ({"exp": NOW - 1}, "Expired token"),
        ({"iat": NOW + 5}, "Cannot handle token with iat prior to 2026-11-22T04:54:29+0000"),
        ({"iat": 10**18}, "Cannot handle token with iat prior to 9999-12-31T23:59:59+0000"),
    ],
)
def test_a_wrong_assertion_gets_the_recorded_error(tool, claims: dict[str, Any], error: str):
    answer = tool.ask_token(NRPS_SCOPE, tool.assertion(**claims))
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": error})


def test_an_assertion_without_a_key_id_is_refused(tool):
    answer = tool.ask_token(NRPS_SCOPE, tool.assertion(header={"alg": "RS256"}))
    assert json.loads(answer.text) == {"error": "error/Error: kid must be provided in JWT header."}


def test_an_unknown_key_id_is_answered_with_broken_json(tool):
    answer = tool.ask_token(NRPS_SCOPE, tool.assertion(header={"alg": "RS256", "kid": "zzz"}))
    assert answer.status_code == 400
    assert answer.text == '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'


def test_a_spoiled_signature_is_refused(tool):
    head, body, signature = tool.assertion().split(".")
    spoiled = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    assert json.loads(tool.ask_token(NRPS_SCOPE, spoiled).text) == {"error": "Signature verification failed"}


def test_a_tool_whose_keys_cannot_be_read_gets_no_token(tool, tool_keys, practice: Practice):
    tool_keys.replace("GET", practice.settings.tool_keys_url, body=requests.ConnectionError("refused"))
    assert tool.ask_token(NRPS_SCOPE).status_code == 400
    tool_keys.replace("GET", practice.settings.tool_keys_url, json={"no": "keys"})
    assert tool.ask_token(NRPS_SCOPE).status_code == 400


def test_a_token_ends_after_an_hour(practice: Practice):
    token = practice.state.issue_token([NRPS_SCOPE])
    practice.state.now = lambda: NOW + 3_599
    assert practice.state.token_scopes(token) == [NRPS_SCOPE]
    practice.state.now = lambda: NOW + 3_600
    assert practice.state.token_scopes(token) == []


# Names and roles


@pytest.fixture
def members(tool):
    headers = tool.bearer(NRPS_SCOPE)

    def get(query: str = "", path: str = MEMBERS, accept: str = MEMBERS_TYPE) -> Any:
        return tool.client.get(path + query, headers=headers | {"Accept": accept})

    return get


def test_the_roster_holds_active_people_by_last_name_with_short_roles(members, practice: Practice):
    answer = members()
    assert answer.content_type == f"{MEMBERS_TYPE}; charset=utf-8"
    assert answer.json.keys() == {"id", "context", "members"}
    active = [place.user_id for place in practice.state.roster(5) if place.active(NOW)]
    listed = answer.json["members"]
    assert sorted(int(one["user_id"]) for one in listed) == sorted(active)
    assert [one["family_name"].casefold() for one in listed] == sorted(one["family_name"].casefold() for one in listed)
    assert list(listed[0]) == [
        *("status", "roles", "user_id", "lis_person_sourcedid", "name", "given_name", "family_name"),
        *("email", "ext_user_username"),
    ]


def test_an_assisting_teacher_is_a_learner_in_the_roster(members):
    roles = {one["user_id"]: one["roles"] for one in members().json["members"]}
    assert roles[str(LEADER)] == ["Instructor"]
    assert roles[str(ASSISTANT)] == ["Learner"]


def test_names_in_the_roster_are_escaped(members):
    names = [one["name"] for one in members().json["members"]]
    assert "Aoife O'Mahony &amp; Co" in names


def test_pages_follow_each_other_to_the_end_and_lose_the_role(members):
    whole = [one["user_id"] for one in members().json["members"]]
    first = members("?limit=6")
    assert first.headers["Link"] == f'<http://127.0.0.1:8001{MEMBERS}?limit=6&from=6>; rel="next"'
    seen, start = [], 0
    while page := members(f"?limit=6&from={start}").json["members"]:
        seen += [one["user_id"] for one in page]
        start += 6
    assert seen == whole
    assert "role" not in members("?role=Learner&limit=3").headers["Link"]
    assert "Link" not in members("?limit=6&from=999").headers
    assert len(members("?from=10").json["members"]) == len(whole)


@pytest.mark.parametrize("role", ["Instructor", "http%3A//purl.imsglobal.org/vocab/lis/v2/membership%23Instructor"])
def test_a_known_role_filters_and_an_unknown_one_does_not(members, role: str):
    assert all(one["roles"] == ["Instructor"] for one in members(f"?role={role}").json["members"])
    assert len(members("?role=Mentor").json["members"]) == len(members().json["members"])


def test_a_link_adds_its_message_and_a_cmid_is_no_link(members):
    answer = members("?rlid=25&limit=2")
    assert all("message" in one for one in answer.json["members"])
    assert "rlid=25" in answer.headers["Link"]
    refused = members("?rlid=65")
    assert refused.status == "404 Not Found: LTI link 65 doesn't exist"
    assert refused.json.keys() == {"status", "reason", "request"}


def test_a_hidden_course_answers_and_an_unknown_one_is_not_found(members):
    assert members(path=MEMBERS.replace("/5/", "/12/")).status_code == 200
    assert members(path=MEMBERS.replace("/5/", "/77/")).status == "404 Not Found: Course 77 doesn't exist"


@pytest.mark.parametrize("accept", ["application/json", f"{MEMBERS_TYPE}, application/json"])
def test_another_or_a_listed_media_type_finds_no_handler(members, accept: str):
    assert members(accept=accept).status_code == 400
    assert members(accept="*/*").status_code == 200


def test_a_roster_needs_the_right_scope_the_right_tool_and_a_token(members, tool):
    assert tool.client.get(MEMBERS).status_code == 401
    wrong = tool.bearer(GRADE_SCOPES[0])
    assert tool.client.get(MEMBERS, headers=wrong).json["reason"] == "Unauthorized"
    assert members(path=MEMBERS.replace("bindings/1", "bindings/2")).status_code == 401
    assert members().status_code == 200


# Grade book


class Book:
    """Calls on the grade book with all its scopes."""

    def __init__(self, tool: Any) -> None:
        self.client = tool.client
        self.headers = tool.bearer(" ".join(GRADE_SCOPES))

    def get(self, url: str, accept: str) -> Any:
        return self.client.get(url, headers=self.headers | {"Accept": accept})

    def send(self, url: str, body: Any, media_type: str = LINE_ITEM_TYPE, method: str = "POST") -> Any:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        return self.client.open(url, method=method, data=text.encode(), headers=self.headers, content_type=media_type)

    def score(self, item: str, **fields: Any) -> Any:
        body = {
            "userId": str(TEACHER),
            "timestamp": "2026-11-22T05:00:00Z",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 9,
            "scoreMaximum": 10,
        } | fields
        return self.send(item.replace("/lineitem?", "/lineitem/scores?"), body, SCORE_TYPE)

    def results(self, item: str) -> list[dict[str, Any]]:
        return self.get(item.replace("/lineitem?", "/lineitem/results?"), "*/*").json


@pytest.fixture
def book(tool) -> Book:
    return Book(tool)


@pytest.fixture
def column(book: Book) -> str:
    made = book.send(ITEMS, {"label": "Читање", "scoreMaximum": 50, "resourceId": "r", "tag": "t"})
    return made.json["id"].removeprefix("http://127.0.0.1:8001")


def test_the_activity_has_a_column_of_its_own(book: Book):
    (own,) = book.get(ITEMS, LINE_ITEMS_TYPE).json
    assert own == {
        "id": "http://127.0.0.1:8001/mod/lti/services.php/5/lineitems/305/lineitem?type_id=1",
        "label": "Our learning community",
        "scoreMaximum": 100,
        "resourceId": "",
        "tag": "",
        "resourceLinkId": "25",
        "ltiLinkId": "25",
    }


def test_a_column_is_made_found_changed_and_deleted(book: Book, column: str):
    assert book.get(column, LINE_ITEM_TYPE).json["tag"] == "t"
    assert [i["label"] for i in book.get(f"{ITEMS}&tag=t&resource_id=r", LINE_ITEMS_TYPE).json] == ["Читање"]
    assert len(book.get(f"{ITEMS}&resource_link_id=25", LINE_ITEMS_TYPE).json) == 1
    book.send(column, {"label": "Ново", "scoreMaximum": 60}, method="PUT")
    changed = book.get(column, LINE_ITEM_TYPE).json
    assert (changed["label"], changed["scoreMaximum"], changed["tag"], changed["resourceId"]) == (
        "Ново",
        60,
        "",
        "",
    )
    assert book.client.delete(column, headers=book.headers).status_code == 204
    assert book.get(column, LINE_ITEM_TYPE).status == "404 Not Found: Grade item 1001 doesn't exist"


def test_the_same_column_can_be_made_twice_and_pages_are_linked_with_odd_quotes(book: Book, column: str):
    book.send(ITEMS, {"label": "Читање", "scoreMaximum": 50, "resourceId": "r", "tag": "t"})
    assert len(book.get(f"{ITEMS}&tag=t", LINE_ITEMS_TYPE).json) == 2
    link = book.get(f"{ITEMS}&limit=2", LINE_ITEMS_TYPE).headers["Link"].encode("latin-1").decode()
    assert "&amp;limit=2&amp;from=2>; rel=“next”" in link


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ({"scoreMaximum": 5}, LINE_ITEM_TYPE, "400 No label or Score Maximum"),
        ("[]", LINE_ITEM_TYPE, "400 No label or Score Maximum"),
        ({"label": "x", "scoreMaximum": 5, "resourceLinkId": "9"}, LINE_ITEM_TYPE, "403 Forbidden"),
        (
            {"label": "x", "scoreMaximum": 5},
            "application/json",
            "400 No handler found for /5/lineitems  application/json",
        ),
    ],
)
def test_a_wrong_column_is_refused_with_its_reason(book: Book, body: Any, media_type: str, status: str):
    assert book.send(ITEMS, body, media_type).status == status
    assert book.send(ITEMS, {"label": "x", "scoreMaximum": 5, "resourceLinkId": "25"}).status_code == 201


def test_any_media_type_is_not_enough_for_the_columns(book: Book):
    assert book.get(ITEMS, "*/*").status == "400 No context or unsupported content type"
    assert book.get(ITEMS, "application/json").status_code == 400


def test_a_score_is_scaled_capped_and_never_below_zero(book: Book, column: str):
    for minute, given, stored in ((1, 9, 45), (2, 12, 50), (3, -1, 0)):
        answer = book.score(column, scoreGiven=given, timestamp=f"2026-11-22T05:{minute:02d}:00Z", comment="да & не")
        assert (answer.status_code, answer.text) == (200, "")
        (result,) = book.results(column)
        assert (result["resultScore"], result["resultMaximum"], result["comment"]) == (stored, 50, "да & не")
    assert book.score(column, scoreGiven=3, scoreMaximum=0, timestamp="2026-11-22T05:04:00").status_code == 200
    assert book.results(column)[0]["resultScore"] == 3
    filtered = column.replace("/lineitem?", "/lineitem/results?") + "&user_id=1"
    assert book.get(filtered, "*/*").json == []


def test_a_score_not_later_than_the_stored_one_conflicts(book: Book, column: str):
    assert book.score(column).status_code == 200
    answer = book.score(column)
    assert answer.status == f"409 Refusing score with an earlier timestamp for item 1001 and user {TEACHER}"
    assert answer.json == []


@pytest.mark.parametrize("fields", [{"gradingProgress": "Pending"}, {"scoreGiven": None}])
def test_an_unfinished_score_erases_the_grade(book: Book, column: str, fields: dict[str, Any]):
    book.score(column, comment="први")
    book.score(column, timestamp="2026-11-22T06:00:00Z", **fields)
    assert book.results(column) == [
        {"id": book.results(column)[0]["id"], "userId": str(TEACHER)},
    ]


@pytest.mark.parametrize(
    "fields", [{"userId": str(LEADER)}, {"userId": "999999"}, {"timestamp": None}, {"timestamp": "soon"}]
)
def test_who_cannot_be_graded_is_refused_with_the_body_in_the_reason(book: Book, column: str, fields: dict[str, Any]):
    answer = book.score(column, **fields)
    assert answer.status.startswith('400 Incorrect score received{"userId"')
    assert book.score(column, userId=TEACHER).status_code == 200


def test_a_refused_score_with_line_breaks_looks_like_a_success(book: Book, column: str):
    answer = book.send(column.replace("/lineitem?", "/lineitem/scores?"), '{\n "userId": "8"\n}', SCORE_TYPE)
    assert (answer.status_code, answer.json) == (200, [])
    assert book.results(column) == []


def test_scores_appended_after_the_query_find_no_handler(book: Book, column: str):
    assert book.send(f"{column}/scores", {}, SCORE_TYPE).status_code == 400


def test_an_unknown_place_and_a_wrong_method_are_told_apart(book: Book):
    assert book.get("/mod/lti/services.php/nowhere", "*/*").status == "400 No handler found for /nowhere */*"
    assert book.client.delete(ITEMS, headers=book.headers).status_code == 405


def test_reading_is_allowed_with_the_reading_scope_and_writing_is_not(tool):
    headers = tool.bearer(f"{AGS_SCOPE}lineitem.readonly") | {"Accept": LINE_ITEMS_TYPE}
    assert tool.client.get(ITEMS, headers=headers).status_code == 200
    body = json.dumps({"label": "x", "scoreMaximum": 1})
    assert tool.client.post(ITEMS, data=body, headers=headers, content_type=LINE_ITEM_TYPE).status_code == 401


def test_columns_and_grades_survive_a_restart(book: Book, column: str, practice: Practice):
    book.score(column)
    again = Practice(practice.settings.data_dir)
    assert [item.label for item in again.state.line_items(5)] == ["Our learning community", "Читање"]
    assert [grade.score for grade in again.state.grades(1001)] == [45]
