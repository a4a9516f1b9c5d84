"""Columns, scores and results, as the specification has them and as Moodle does."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.claims import AssignmentAndGrade
from lti.services.errors import BadAnswer, Earlier, NotGranted, Refused, ServiceError, Unavailable
from lti.services.grades import (
    LINEITEM,
    LINEITEMS,
    RESULTS,
    SCOPE_LINEITEM,
    SCOPE_LINEITEM_READONLY,
    SCOPE_RESULT_READONLY,
    SCOPE_SCORE,
    SCORE,
    ActivityProgress,
    GradingProgress,
    LineItem,
    LineItems,
    Result,
    Score,
    next_timestamp,
)
from tests.lti.services.conftest import MOODLE, recorded

AGS = recorded("ags.json")
SCORES = recorded("ags_scores_and_results.json")
SERVICES = "http://127.0.0.1:8080/mod/lti/services.php/5/lineitems"
ITEM_18 = f"{SERVICES}/18/lineitem?type_id=1"
ITEM_9 = f"{SERVICES}/9/lineitem?type_id=1"
LIST = "https://lms.example.org/5/lineitems"
ITEM = f"{LIST}/1/lineitem?type_id=1"
EVERYTHING = (SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT_READONLY, SCOPE_SCORE)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def endpoint(*scopes, **urls):
    return AssignmentAndGrade.model_validate({"scope": list(scopes or EVERYTHING)} | urls)


@pytest.fixture
def columns(caller, platform) -> LineItems:
    return LineItems(caller, platform, endpoint(lineitems=LIST))


@pytest.fixture
def moodles(moodle_caller) -> LineItems:
    return LineItems(moodle_caller, MOODLE, endpoint(lineitems=f"{SERVICES}?type_id=1"))


def column(number=1, **more):
    return {"id": f"{LIST}/{number}/lineitem?type_id=1", "label": "Portfolio", "scoreMaximum": 10} | more


def score(**changes):
    return Score(**({"user_id": "8", "timestamp": NOW, "score_given": 9, "score_maximum": 10} | changes))


def scopes_of(services):
    return [call.body.decode().partition("&scope=")[2].rpartition("%2F")[2] for call in services.token_calls]


def test_recorded_columns_of_moodle_are_read(moodle, moodles):
    moodle.plays(AGS["lineitems_get"])

    found = list(moodles.find())

    assert [(one.id, one.label, one.score_maximum) for one in found] == [
        (said["id"], said["label"], said["scoreMaximum"]) for said in AGS["lineitems_get"]["json"]
    ]
    assert [(one.resource_link_id, one.tag, one.resource_id) for one in found] == [
        ("1", None, None),
        ("5", None, None),
        (None, "observation", "obs-1"),
    ]
    assert moodle.requests[0].headers["Accept"] == LINEITEMS


@pytest.mark.parametrize(
    ("case", "asked", "numbers"),
    [
        ("lineitems_filter_tag", {"tag": "observation"}, [17, 18, 20]),
        ("lineitems_filter_resource_id", {"resource_id": "obs-1"}, [17, 18, 20]),
        ("lineitems_filter_link", {"resource_link_id": "1"}, [9, 19]),
        ("lineitems_no_match", {"tag": "none"}, []),
    ],
)
def test_columns_are_looked_for_by_link_tag_and_resource(moodle, moodles, case, asked, numbers):
    moodle.plays(AGS[case])

    assert [one.id for one in moodles.find(**asked)] == [f"{SERVICES}/{n}/lineitem?type_id=1" for n in numbers]


def test_recorded_pages_with_typographic_quotes_are_followed(moodle, moodles):
    moodle.plays(AGS["lineitems_limit2"], AGS["lineitems_limit2_from2"])

    found = moodles.find(limit=2)
    assert [next(found).id for _ in range(4)] == [
        said["id"] for part in ("lineitems_limit2", "lineitems_limit2_from2") for said in AGS[part]["json"]
    ]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("lineitems_get_accept_any", "refused"),
        ("lineitems_get_wrong_type_id", "unauthorized"),
        ("no_token", "unauthorized"),
        ("no_handler", "refused"),
    ],
)
def test_every_recorded_refusal_of_columns_is_the_right_error(moodle, moodle_caller, case, code):
    moodle.plays(AGS[case])
    address = MOODLE.issuer + AGS[case]["request"].removeprefix("GET ")

    with pytest.raises(Refused) as caught:
        list(LineItems(moodle_caller, MOODLE, endpoint(lineitems=address)).find())
    assert caught.value.code == code


def test_a_platform_that_does_not_know_filters_does_not_give_us_the_wrong_column(services, columns):
    listed = [
        column(1, tag="other", resourceLinkId="7"),
        column(2, tag="ours", resourceLinkId="8"),
        column(3, tag="ours"),
        column(4, tag="ours", resourceLinkId="7", resourceId="r"),
    ]
    services.answers((200, {}, listed))

    def numbers(**asked):
        return [int(one.id.split("/")[-2]) for one in columns.find(**asked)]

    assert numbers(tag="ours", resource_link_id="7") == [3, 4]
    assert numbers(resource_id="r") == [4]


def test_a_column_is_made_only_when_there_is_none_and_under_the_lock(services, columns):
    made: list[dict] = []
    events: list[str] = []

    class Lock:
        def __enter__(self):
            events.append("locked")

        def __exit__(self, *_):
            events.append("free")

    def answer(asked):
        events.append(asked.method)
        if asked.method == "GET":
            return 200, {}, made
        made.append(column(5) | json.loads(asked.body))
        return 201, {}, made[-1]

    services.answer = answer
    first = columns.find_or_create("Portfolio", 10, "7", "portfolio", resource_id="r", lock=Lock())
    again = columns.find_or_create("Portfolio", 10, "7", "portfolio", lock=Lock())

    assert first == again
    assert events == ["locked", "GET", "POST", "free", "locked", "GET", "free"]
    posted = services.calls[1]
    assert posted.headers["Content-Type"] == LINEITEM
    assert json.loads(posted.body) == {
        "label": "Portfolio",
        "scoreMaximum": 10,
        "resourceLinkId": "7",
        "tag": "portfolio",
        "resourceId": "r",
    }


def test_of_several_columns_of_ours_the_first_is_taken(services, columns):
    services.answers((200, {}, [column(2, tag="t", resourceLinkId="7"), column(1, tag="t", resourceLinkId="7")]))

    found = columns.find_or_create("Portfolio", 10, "7", "t", lock=nullcontext())
    assert found.id == column(2)["id"]
    assert len(services.calls) == 1


def test_a_column_is_made_as_moodle_recorded_it(moodle, moodles):
    search = AGS["lineitems_no_match"] | {
        "request": "GET /mod/lti/services.php/5/lineitems?type_id=1&resource_link_id=1&tag=linked"
    }
    moodle.plays(search, AGS["lineitem_create_linked"])

    made = moodles.find_or_create("Linked column", 10, "1", "linked", "lk-1", lock=nullcontext())

    assert (made.id, made.tag, made.resource_id) == (f"{SERVICES}/19/lineitem?type_id=1", "linked", "lk-1")


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("lineitem_create_bad_link", "forbidden"),
        ("lineitem_create_no_label", "refused"),
        ("lineitem_create_readonly_tool", "unauthorized"),
    ],
)
def test_a_column_moodle_does_not_make_is_the_right_error(moodle, moodle_caller, case, code):
    moodle.plays(AGS[case])
    address = MOODLE.issuer + AGS[case]["request"].removeprefix("POST ")
    search = AGS["lineitems_no_match"] | {"request": f"GET {address.removeprefix(MOODLE.issuer)}"}
    search["request"] += "&resource_link_id=9999&tag=t"
    moodle.plays(search)

    with pytest.raises(Refused) as caught:
        LineItems(moodle_caller, MOODLE, endpoint(lineitems=address)).find_or_create(
            "x", 5, "9999", "t", lock=nullcontext()
        )
    assert caught.value.code == code


def test_a_column_that_may_have_been_made_is_not_made_twice_by_us(services, columns):
    services.answers((200, {}, []), (503, {}, b""))

    with pytest.raises(Unavailable):
        columns.find_or_create("Portfolio", 10, "7", "t", lock=nullcontext())
    assert [asked.method for asked in services.calls] == ["GET", "POST"]


def test_a_changed_column_is_sent_back_whole_so_that_nothing_is_wiped(services, columns):
    before = column(tag="t", resourceId="r", resourceLinkId="7", startDateTime="2026-11-01T00:00:00Z", own={"a": 1})

    def answer(asked):
        return 200, {}, before if asked.method == "GET" else json.loads(asked.body)

    services.answer = answer
    after = columns.update(ITEM, label="Renamed")

    assert json.loads(services.calls[1].body) == before | {"label": "Renamed"}
    assert (after.label, after.tag, after.score_maximum) == ("Renamed", "t", 10)
    assert services.calls[0].headers["Accept"] == LINEITEM
    columns.update(ITEM, score_maximum=20.5)
    assert json.loads(services.calls[3].body)["scoreMaximum"] == 20.5


def test_recorded_columns_are_read_changed_and_removed(moodle, moodles):
    moodle.plays(AGS["lineitem_get"], AGS["lineitem_put"], AGS["lineitem_delete"])

    assert moodles.get(ITEM_18).tag == "observation"
    assert moodles.update(ITEM_18, label="Renamed column", score_maximum=60).label == "Renamed column"
    put = json.loads(moodle.requests[2].body)
    assert (put["tag"], put["resourceId"], put["label"], put["scoreMaximum"]) == (
        "observation",
        "obs-1",
        "Renamed column",
        60,
    )
    moodles.delete(ITEM_18)
    assert moodle.requests[3].method == "DELETE"


def test_a_deleted_column_is_gone_and_may_be_deleted_again(moodle, moodles):
    gone = AGS["lineitem_get_deleted"]
    moodle.plays(gone, gone | {"request": gone["request"].replace("GET", "DELETE")})

    with pytest.raises(Refused) as caught:
        moodles.get(ITEM_18)
    assert caught.value.code == "gone"
    moodles.delete(ITEM_18)


def test_a_column_that_may_not_be_deleted_is_an_error(services, columns):
    services.answers((403, {}, {}))

    with pytest.raises(Refused, match="does not allow"):
        columns.delete(ITEM)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "odd_shape"),
        ([{"id": ITEM, "label": "x"}], "odd_shape"),
        ([{"id": "javascript:alert(1)", "label": "x", "scoreMaximum": 1}], "odd_shape"),
        (b'[{"id": "https://lms.example.org/1", "label": "x", "scoreMaximum": NaN}]', "odd_shape"),
        ([{"id": "https://elsewhere.example.net/1", "label": "x", "scoreMaximum": 1}], "foreign"),
        (b"<html>", "not_json"),
    ],
)
def test_columns_that_are_none_or_lie_elsewhere_are_refused(services, columns, body, code):
    services.answers((200, {}, body))

    with pytest.raises(BadAnswer) as caught:
        list(columns.find())
    assert caught.value.code == code


def test_a_made_column_that_lies_elsewhere_is_refused(services, columns):
    services.answers((200, {}, []), (201, {}, column() | {"id": "https://elsewhere.example.net/1"}))

    with pytest.raises(BadAnswer) as caught:
        columns.find_or_create("x", 1, "7", "t", lock=nullcontext())
    assert caught.value.code == "foreign"


def test_every_call_asks_for_the_scope_it_needs_only(services, columns):
    services.answer = lambda asked: (200, {}, column() if "/1/" in asked.url and "results" not in asked.url else [])
    list(columns.find())
    columns.get(ITEM)
    services.answers((200, {}, []))
    list(columns.results(ITEM))
    services.answers((200, {}, b""))
    columns.post_score(ITEM, score())

    assert scopes_of(services) == ["lineitem", "result.readonly", "score"]


def test_a_tool_that_may_only_read_reads_with_the_scope_for_reading(services, caller, platform):
    services.answers((200, {}, []))
    list(LineItems(caller, platform, endpoint(SCOPE_LINEITEM_READONLY, lineitems=LIST)).find())

    assert scopes_of(services) == ["lineitem.readonly"]


@pytest.mark.parametrize(
    ("offered", "call", "missing"),
    [
        ((SCOPE_SCORE,), lambda columns: next(columns.find()), SCOPE_LINEITEM),
        ((SCOPE_SCORE,), lambda columns: columns.get(ITEM), SCOPE_LINEITEM),
        ((SCOPE_LINEITEM_READONLY,), lambda columns: columns.update(ITEM, label="x"), SCOPE_LINEITEM),
        ((SCOPE_LINEITEM_READONLY,), lambda columns: columns.delete(ITEM), SCOPE_LINEITEM),
        (
            (SCOPE_LINEITEM_READONLY,),
            lambda columns: columns.find_or_create("x", 1, "7", "t", lock=nullcontext()),
            SCOPE_LINEITEM,
        ),
        ((SCOPE_LINEITEM,), lambda columns: columns.post_score(ITEM, score()), SCOPE_SCORE),
        ((SCOPE_SCORE,), lambda columns: next(columns.results(ITEM)), SCOPE_RESULT_READONLY),
    ],
)
def test_what_the_launch_does_not_offer_is_said_before_any_call(services, caller, platform, offered, call, missing):
    with pytest.raises(NotGranted, match="open the activity once more") as caught:
        call(LineItems(caller, platform, endpoint(*offered, lineitems=LIST)))

    assert (caught.value.code, caught.value.missing) == ("service_not_offered", {missing})
    assert services.calls == services.token_calls == []


def test_a_launch_with_one_column_only_has_no_list_and_takes_scores(services, caller, platform):
    columns = LineItems(caller, platform, endpoint(lineitem=ITEM))
    with pytest.raises(NotGranted):
        next(columns.find())
    services.answers((200, {}, column()))
    assert columns.update(ITEM, label="x").label == "Portfolio"


def test_a_score_goes_to_the_columns_scores_before_its_query_on_one_line(services, columns):
    services.answers((200, {}, b""))
    columns.post_score(ITEM, score(comment="Good.\nVery good. Жақсы"))

    asked = services.calls[0]
    assert asked.url == f"{LIST}/1/lineitem/scores?type_id=1"
    assert asked.headers["Content-Type"] == SCORE
    assert b"\n" not in asked.body
    assert json.loads(asked.body) == {
        "userId": "8",
        "timestamp": "2026-11-22T09:00:00.000Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 9,
        "scoreMaximum": 10,
        "comment": "Good.\nVery good. Жақсы",
    }


@pytest.mark.parametrize(
    "said",
    [
        exchange
        for exchange in SCORES
        if exchange["case"] not in {"negative", "scoreMaximum 0", "unknown activityProgress", "timestamp without zone"}
    ],
    ids=lambda exchange: exchange["case"],
)
def test_every_recorded_score_is_sent_as_recorded_and_taken_or_refused_as_recorded(moodle, moodles, said):
    asked = said["request"]
    address = "POST /mod/lti/services.php/5/lineitems/18/lineitem/scores?type_id=1"
    moodle.plays(
        {"request": address, "status": said["status"], "headers": {}, "text": "" if said["status"] == 200 else "[]"}
    )
    ours = Score(
        user_id=asked["userId"],
        timestamp=datetime.fromisoformat(asked["timestamp"]),
        activity_progress=ActivityProgress(asked["activityProgress"]),
        grading_progress=GradingProgress(asked["gradingProgress"]),
        score_given=asked.get("scoreGiven"),
        score_maximum=asked.get("scoreMaximum"),
        comment=asked.get("comment"),
    )
    if said["status"] == 200:
        moodles.post_score(ITEM_18, ours)
    else:
        with pytest.raises(Earlier):
            moodles.post_score(ITEM_18, ours)

    sent = json.loads(moodle.requests[0].body)
    assert datetime.fromisoformat(sent.pop("timestamp")) == ours.timestamp
    assert sent == {name: value for name, value in asked.items() if name != "timestamp"}


@pytest.mark.parametrize("said", SCORES, ids=lambda said: said["case"])
def test_every_recorded_result_is_read(moodle, moodles, said):
    address = "GET /mod/lti/services.php/5/lineitems/21/lineitem/results?type_id=1&user_id=8"
    moodle.plays({"request": address, "status": 200, "headers": {}, "json": said["results_after"]})

    found = list(moodles.results(f"{SERVICES}/21/lineitem?type_id=1", user_id="8"))

    recorded_result = said["results_after"][0]
    assert [(one.user_id, one.result_score, one.comment) for one in found] == [
        ("8", recorded_result.get("resultScore"), recorded_result.get("comment"))
    ]
    expected = recorded_result.get("timestamp")
    assert found[0].timestamp == (datetime.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("case", "kind", "code"),
    [
        ("score_ok", None, None),
        ("score_same_timestamp_409", Earlier, "score_earlier"),
        ("score_earlier_timestamp_409", Earlier, "score_earlier"),
        ("score_teacher_not_gradable", Refused, "score_refused"),
        ("score_unknown_user", Refused, "score_refused"),
        ("score_user_not_enrolled", Refused, "score_refused"),
        ("score_no_timestamp", Refused, "score_refused"),
        ("score_bad_body_pretty_printed", Refused, "score_refused"),
        ("score_suspended_enrolment", None, None),
    ],
)
def test_every_recorded_answer_to_a_score_is_told_apart(moodle, moodles, case, kind, code):
    moodle.plays(AGS[case])
    if kind is None:
        moodles.post_score(ITEM_18, score())
        return
    with pytest.raises(kind) as caught:
        moodles.post_score(ITEM_18, score())

    assert (type(caught.value), caught.value.code, caught.value.status) == (kind, code, AGS[case]["status"])
    assert "userId" not in str(caught.value)
    assert "%(" not in str(caught.value)


@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), (404, "gone")])
def test_other_refusals_of_a_score_stay_what_they_are(services, columns, status, code):
    services.answers((status, {}, b""))

    with pytest.raises(Refused) as caught:
        columns.post_score(ITEM, score())
    assert caught.value.code == code


def test_a_platform_that_says_where_the_result_is_has_taken_the_score(services, columns):
    services.answers((200, {}, {"resultUrl": f"{LIST}/1/results/4"}))
    columns.post_score(ITEM, score())


def test_a_score_is_not_sent_twice_by_itself(services, columns):
    services.answers((503, {}, b""))

    with pytest.raises(Unavailable):
        columns.post_score(ITEM, score())
    assert len(services.calls) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"user_id": ""}, "somebody's"),
        ({"timestamp": datetime(2026, 1, 1)}, "zone"),  # noqa: DTZ001
        ({"score_given": None}, "together"),
        ({"score_maximum": None}, "together"),
        ({"score_given": -1}, "from 0"),
        ({"score_given": float("nan")}, "from 0"),
        ({"score_given": float("inf")}, "from 0"),
        ({"score_maximum": 0}, "above 0"),
        ({"score_maximum": float("inf")}, "above 0"),
    ],
)
def test_a_score_that_means_nothing_cannot_be_made(changes, why):
    with pytest.raises(ValueError, match=why):
        score(**changes)


def test_a_score_without_points_says_how_far_somebody_is():
    said = json.loads(
        score(
            score_given=None,
            score_maximum=None,
            activity_progress=ActivityProgress.STARTED,
            grading_progress=GradingProgress.NOT_READY,
            timestamp=datetime(2026, 11, 22, 14, 0, 0, 999999, tzinfo=timezone(timedelta(hours=5))),
        ).as_json()
    )

    assert said == {
        "userId": "8",
        "timestamp": "2026-11-22T09:00:00.999Z",
        "activityProgress": "Started",
        "gradingProgress": "NotReady",
    }


def test_neither_scores_nor_results_show_whose_they_are():
    result = Result.model_validate({"userId": "8", "resultScore": 3})

    assert repr(score(comment="private")) == "<Score Completed FullyGraded>"
    assert repr(result) == str(result) == "<Result>"


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(now=MOMENTS, previous=st.none() | MOMENTS)
def test_the_time_of_the_next_score_is_a_second_after_the_one_before_and_never_before_now(now, previous):
    moment = next_timestamp(previous, now)

    assert moment >= now
    assert moment.microsecond % 1000 == 0
    assert previous is None or moment >= previous + timedelta(seconds=1)
    assert moment <= max(now, previous + timedelta(seconds=1) if previous else now) + timedelta(milliseconds=1)


def test_recorded_results_are_read_with_a_grade_of_zero_and_the_sites_zone(moodle, moodles):
    moodle.plays(AGS["results_coupled_zero_grade"])

    found = list(moodles.results(ITEM_9))

    assert [(one.user_id, one.result_score, one.result_maximum) for one in found] == [("8", 0, 100), ("14", 80, 100)]
    assert found[0].timestamp == datetime(2026, 11, 22, 4, 59, 25, tzinfo=UTC)
    assert moodle.requests[0].headers["Accept"] == RESULTS


def test_recorded_results_of_one_person_are_read(moodle, moodles):
    moodle.plays(AGS["results_user"])

    assert [one.result_score for one in moodles.results(ITEM_18, user_id="8")] == [48]


def test_recorded_results_in_pages_are_followed(moodle, moodles):
    first = AGS["results_limit_without_type_id"]
    second = first | {"request": first["request"] + "&from=1", "headers": {}, "json": [{"userId": "20"}]}
    moodle.plays(first, second)

    assert [one.user_id for one in moodles.results(ITEM_18.partition("?")[0], limit=1)] == ["8", "20"]


def test_the_recorded_crash_of_moodle_is_a_refusal_without_its_page(moodle, moodles):
    moodle.plays(AGS["results_limit_with_type_id"])

    with pytest.raises(ServiceError) as caught:
        list(moodles.results(ITEM_18, limit=1))
    assert (caught.value.code, "html" in str(caught.value)) == ("gone", False)


def test_results_of_others_are_left_out_and_odd_particulars_count_as_missing(services, columns):
    listed = [{"userId": "9"}, {"userId": 8, "resultScore": "many", "timestamp": "yesterday", "comment": 5}]
    services.answers((200, {}, listed))

    assert list(columns.results(ITEM, user_id="8")) == [Result(user_id="8")]
    assert services.calls[0].query == {"type_id": ["1"], "user_id": ["8"]}


def test_an_address_that_is_none_is_refused(columns):
    with pytest.raises(BadAnswer, match="cannot be called"):
        columns.post_score("https://[", score())


def test_a_column_may_be_made_by_hand():
    assert LineItem(id=ITEM, label="x", score_maximum=1).tag is None
