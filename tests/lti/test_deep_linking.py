"""What goes back to a platform when something was chosen, and what is never sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti import jose
from lti.claims import DEEP_LINKING, LTI, DeepLinkingSettings
from lti.deep_linking import (
    Acceptance,
    ContentItem,
    DeepLinkingAnswer,
    Frame,
    Icon,
    LineItem,
    Link,
    NotAccepted,
    Period,
    ResourceLinkItem,
    SubmissionReview,
    Window,
    acceptable,
    answer,
    answer_form,
)
from lti.platforms import Platform
from lti.testing import FrozenClock
from lti.toolkeys import ToolKey, current_key

RECORDINGS = Path(__file__).parents[1] / "recordings" / "moodle" / "lti"
TOOL = "http://127.0.0.1:5000"
MOODLE = Platform(
    id="moodle",
    issuer="http://127.0.0.1:8080",
    client_id="plclabclient01",
    auth_url="http://127.0.0.1:8080/mod/lti/auth.php",
    token_url="http://127.0.0.1:8080/mod/lti/token.php",
    jwks_url="http://127.0.0.1:8080/mod/lti/certs.php",
    name="Moodle 4.5",
)
SETTINGS = {
    "deep_link_return_url": "https://lms.example.org/return?sesskey=cI44ScggfG",
    "accept_types": ["ltiResourceLink", "link"],
    "accept_presentation_document_targets": ["iframe", "window"],
    "accept_multiple": True,
}
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
LINE = st.text(alphabet=st.characters(categories=["L", "N", "P", "S"], exclude_characters="="), min_size=1, max_size=10)
PIXELS = st.none() | st.integers(min_value=1, max_value=4000)
URLS = st.sampled_from([f"{TOOL}/lti/launch", f"{TOOL}/lti/launch?page=7", "https://example.org/a%20b"])
ICONS = st.none() | st.builds(Icon, URLS, PIXELS, PIXELS)
MOMENTS = st.none() | st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
PERIODS = st.none() | st.tuples(MOMENTS, MOMENTS).map(
    lambda ends: Period(*sorted(ends)) if None not in ends else Period(*ends)
)
CUSTOM = st.dictionaries(LINE, LINE, max_size=3)
LINE_ITEMS = st.none() | st.builds(
    LineItem,
    score_maximum=st.integers(min_value=1, max_value=1000) | st.floats(min_value=0.5, max_value=100),
    label=st.none() | TEXT,
    resource_id=st.none() | TEXT,
    tag=st.none() | TEXT,
    submission_review=st.none()
    | st.builds(SubmissionReview, st.lists(LINE).map(tuple), st.none() | TEXT, st.none() | URLS, CUSTOM),
)
RESOURCE_LINKS = st.builds(
    ResourceLinkItem,
    url=st.none() | URLS,
    title=st.none() | TEXT,
    text=st.none() | TEXT,
    icon=ICONS,
    thumbnail=ICONS,
    iframe=st.none() | st.builds(Frame, PIXELS, PIXELS),
    window=st.none() | st.builds(Window, st.none() | TEXT, PIXELS, PIXELS, st.none() | TEXT),
    custom=CUSTOM,
    line_item=LINE_ITEMS,
    available=PERIODS,
    submission=PERIODS,
)
LINKS = st.builds(
    Link, url=URLS, title=st.none() | TEXT, icon=ICONS, iframe=st.none() | st.builds(Frame, PIXELS, PIXELS, URLS)
)
ITEMS = st.lists(RESOURCE_LINKS | LINKS, max_size=3)


def recording(name: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / name).read_text(encoding="utf-8"))


def settings(**changes: Any) -> DeepLinkingSettings:
    return DeepLinkingSettings.model_validate(SETTINGS | changes)


def secure(platform: Platform) -> Platform:
    return replace(platform, auth_url="https://lms.example.org/auth")


def reply(
    wanted: DeepLinkingSettings, items: Sequence[ContentItem], key: ToolKey, platform: Platform = MOODLE, **said: Any
) -> DeepLinkingAnswer:
    return answer(wanted, items, platform=platform, deployment_id="1", key=key, clock=FrozenClock(), **said)


def claims_of(answered: DeepLinkingAnswer, key: ToolKey) -> dict[str, Any]:
    """What the platform reads, with the key we publish."""
    return jose.verify(answered.jwt, jose.read_key_set({"keys": [dict(key.public)]})[key.kid]).as_json()


@pytest.fixture
def key(ring) -> ToolKey:
    return current_key(ring)


def shape(value: Any) -> Any:
    """Names and kinds of values, without the values."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def test_an_answer_to_moodles_recorded_request_carries_the_items_moodle_took(key):
    recorded = recording("deeplink/deeplink_instructor.json")
    wanted = DeepLinkingSettings.model_validate(recorded["payload"][DEEP_LINKING + "deep_linking_settings"])
    plan = ResourceLinkItem(
        url=f"{TOOL}/lti/launch?page=7",
        title="Сабақ жоспары #7 & notes",
        text="Plan text",
        icon=Icon(f"{TOOL}/i.png", 16, 16),
        iframe=Frame(800, 600),
        custom={"page_id": "7", "Camel": "X"},
        line_item=LineItem(
            20, "Plan 7", "plan-7", "plan", SubmissionReview(url=f"{TOOL}/lti/review", custom={"a": "b"})
        ),
        available=Period(datetime(2026, 12, 1, tzinfo=UTC)),
    )

    answered = reply(wanted, [plan, ResourceLinkItem(title="Second link")], key)

    claims, taken = claims_of(answered, key), recorded["deep_link_response"]["jwt_payload"]
    review = claims[DEEP_LINKING + "content_items"][0]["lineItem"]["submissionReview"]
    assert review.pop("reviewableStatus") == []
    assert claims[DEEP_LINKING + "content_items"] == taken[DEEP_LINKING + "content_items"]
    assert shape(claims) == shape(taken)
    assert (claims["iss"], claims["aud"]) == (taken["iss"], taken["aud"])
    assert claims["exp"] - claims["iat"] == taken["exp"] - taken["iat"] == 300
    assert answered.return_url == recorded["payload"][DEEP_LINKING + "deep_linking_settings"]["deep_link_return_url"]
    assert dict(answer_form(answered).fields) == {"JWT": answered.jwt}
    assert answer_form(answered).action == answered.return_url


@pytest.mark.parametrize(
    ("case", "items", "said"),
    [
        ("empty_items", [], {}),
        ("with_msg", [ResourceLinkItem(f"{TOOL}/lti/launch?x=1", "T")], {"message": "Added <b>one</b>"}),
        ("errormsg", [], {"error_message": "Cancelled"}),
        ("link_type_item", [Link("https://example.org/", "A link")], {}),
        ("item_without_title", [ResourceLinkItem()], {}),
    ],
)
def test_answers_have_the_shape_moodle_took(key, case, items, said):
    taken = recording("deeplink_response_cases.json")[case]

    claims = claims_of(reply(settings(), items, key, secure(MOODLE), **said), key)

    assert taken["status"] == 200
    assert claims.keys() == taken["payload"].keys()
    varies = ("iat", "exp", "nonce")
    assert {n: v for n, v in claims.items() if n not in varies} == {
        n: v for n, v in taken["payload"].items() if n not in varies
    }


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ("wrong_iss", lambda ours, refused: ours["iss"] != refused["iss"]),
        ("expired", lambda ours, refused: ours["exp"] > ours["iat"] and refused["exp"] < refused["iat"]),
    ],
)
def test_what_moodle_refused_is_not_what_is_sent(key, case, problem):
    refused = recording("deeplink_response_cases.json")[case]
    ours = claims_of(reply(settings(), [], key, secure(MOODLE)), key)

    assert refused["status"] == 404
    assert problem(ours, refused["payload"])


def test_an_answer_is_dated_a_little_back_and_lives_five_minutes(key):
    claims = claims_of(reply(settings(), [], key, secure(MOODLE)), key)
    now = FrozenClock().now.timestamp()

    assert now - 60 < claims["iat"] < now - 5
    assert now + 240 < claims["exp"] <= claims["iat"] + 600


def test_every_answer_has_a_nonce_of_its_own(key):
    nonces = {claims_of(reply(settings(), [], key, secure(MOODLE)), key)["nonce"] for _ in range(3)}

    assert len(nonces) == 3
    assert min(map(len, nonces)) >= 32


def test_the_platform_is_named_as_authorized_party_only_on_request(key):
    plain = claims_of(reply(settings(), [], key, secure(MOODLE)), key)
    named = claims_of(reply(settings(), [], key, secure(MOODLE), with_party=True), key)

    assert "azp" not in plain
    assert named["azp"] == MOODLE.issuer


def test_messages_and_logs_go_to_the_claims_of_their_own(key):
    claims = claims_of(
        reply(
            settings(), [], key, secure(MOODLE), message="Done", log="2 kept", error_message="Sorry", error_log="full"
        ),
        key,
    )

    told = {name: claims[DEEP_LINKING + name] for name in ("msg", "log", "errormsg", "errorlog")}
    assert told == {"msg": "Done", "log": "2 kept", "errormsg": "Sorry", "errorlog": "full"}


@given(data=TEXT)
def test_data_comes_back_as_it_was_given(ring, data):
    key = current_key(ring)
    claims = claims_of(reply(settings(data=data), [], key, secure(MOODLE)), key)

    assert claims[DEEP_LINKING + "data"] == data


def test_no_data_comes_back_where_none_was_given(key):
    assert DEEP_LINKING + "data" not in claims_of(reply(settings(), [], key, secure(MOODLE)), key)


@pytest.mark.parametrize(
    ("changes", "items", "reason"),
    [
        ({"accept_types": ["link"]}, [ResourceLinkItem()], "type"),
        ({"accept_types": ["html"]}, [Link("https://example.org/")], "type"),
        ({"accept_multiple": False}, [ResourceLinkItem(), ResourceLinkItem()], "several"),
        ({"accept_multiple": None}, [ResourceLinkItem(), ResourceLinkItem()], "several"),
        ({"accept_lineitem": False}, [ResourceLinkItem(line_item=LineItem(10))], "line_item"),
        ({"deep_link_return_url": "http://lms.example.org/return"}, [], "return_url_insecure"),
    ],
)
def test_what_the_platform_would_not_take_is_not_sent(key, changes, items, reason):
    with pytest.raises(NotAccepted) as caught:
        reply(settings(**changes), items, key, secure(MOODLE))

    assert caught.value.reason == reason
    assert " " in str(caught.value)
    assert reply(settings(), items, key, secure(MOODLE)).jwt


def test_nothing_needs_to_be_accepted_for_a_cancelled_choice(key):
    nothing = settings(accept_types=[], accept_multiple=False, accept_lineitem=False)

    assert claims_of(reply(nothing, [], key, secure(MOODLE)), key)[DEEP_LINKING + "content_items"] == []


@given(
    items=ITEMS,
    types=st.lists(st.sampled_from(["ltiResourceLink", "link", "html"])),
    multiple=st.none() | st.booleans(),
    lineitem=st.none() | st.booleans(),
)
def test_whatever_a_page_was_told_is_acceptable_is_accepted_and_nothing_else(ring, items, types, multiple, lineitem):
    key = current_key(ring)
    wanted = settings(accept_types=types, accept_multiple=multiple, accept_lineitem=lineitem)
    told = acceptable(wanted)
    may_go = (
        all(item.type in told.types for item in items)
        and (told.several or len(items) <= 1)
        and (told.line_item or all(getattr(item, "line_item", None) is None for item in items))
    )

    try:
        claims = claims_of(reply(wanted, items, key, secure(MOODLE)), key)
    except NotAccepted:
        assert not may_go
    else:
        assert may_go
        assert claims[DEEP_LINKING + "content_items"] == json.loads(json.dumps([item.as_json() for item in items]))
        assert (claims[LTI + "version"], claims[LTI + "deployment_id"]) == ("1.3.0", "1")


def test_a_platform_that_says_little_gets_one_item_with_or_without_a_column():
    assert acceptable(settings(accept_multiple=None, accept_media_types=" image/png, , text/html")) == Acceptance(
        types=("ltiResourceLink", "link"),
        several=False,
        line_item=True,
        targets=("iframe", "window"),
        media=("image/png", "text/html"),
    )
    assert acceptable(settings()).media == ()


@given(item=RESOURCE_LINKS | LINKS)
def test_an_item_leaves_out_what_is_absent(item):
    def parts(value: Any):
        yield value
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from parts(part)

    written = item.as_json()

    assert written["type"] == item.type
    assert not any(part is None or part == {} for part in parts(written))
    assert json.loads(json.dumps(written)) == written


def test_an_item_writes_everything_under_the_names_of_the_specification():
    evening = datetime(2026, 3, 2, 18, 30, 15, 999, tzinfo=timezone(timedelta(hours=5)))
    item = ResourceLinkItem(
        url="https://plc.example.org/lti/launch",
        title="A cycle",
        text="Plan, observe, reflect",
        icon=Icon("https://plc.example.org/i.png"),
        thumbnail=Icon("https://plc.example.org/t.png", 90, 60),
        iframe=Frame(height=600),
        window=Window("plc", 800, 600, "resizable=yes"),
        custom={"cycle": "7"},
        line_item=LineItem(10.5, tag="plan", submission_review=SubmissionReview(("Completed",), "Look")),
        available=Period(evening, evening + timedelta(days=1)),
        submission=Period(ends=evening),
    )

    assert item.as_json() == {
        "type": "ltiResourceLink",
        "url": "https://plc.example.org/lti/launch",
        "title": "A cycle",
        "text": "Plan, observe, reflect",
        "icon": {"url": "https://plc.example.org/i.png"},
        "thumbnail": {"url": "https://plc.example.org/t.png", "width": 90, "height": 60},
        "iframe": {"height": 600},
        "window": {"targetName": "plc", "width": 800, "height": 600, "windowFeatures": "resizable=yes"},
        "custom": {"cycle": "7"},
        "lineItem": {
            "scoreMaximum": 10.5,
            "tag": "plan",
            "submissionReview": {"reviewableStatus": ["Completed"], "label": "Look"},
        },
        "available": {"startDateTime": "2026-03-02T13:30:15Z", "endDateTime": "2026-03-03T13:30:15Z"},
        "submission": {"endDateTime": "2026-03-02T13:30:15Z"},
    }
    assert Link("https://example.org/", iframe=Frame(src="https://example.org/embed")).as_json() == {
        "type": "link",
        "url": "https://example.org/",
        "iframe": {"src": "https://example.org/embed"},
    }


@pytest.mark.parametrize(
    "made",
    [
        lambda: ResourceLinkItem(url="/lti/launch"),
        lambda: ResourceLinkItem(title="half a pair \ud83c"),
        lambda: ResourceLinkItem(iframe=Frame(src="https://example.org/")),
        lambda: ResourceLinkItem(custom={"": "x"}),
        lambda: ResourceLinkItem(custom={"a=b": "x"}),
        lambda: ResourceLinkItem(custom={"a": "1\nrole=admin"}),
        lambda: ResourceLinkItem(custom={"a": "1\n"}),
        lambda: ResourceLinkItem(custom={"a": "1\0"}),
        lambda: Link("javascript:alert(1)"),
        lambda: Link("https://example.org/", title="\0"),
        lambda: Icon("data:image/png;base64,AA"),
        lambda: Icon("https://example.org/i.png", width=0),
        lambda: Frame(height=-1),
        lambda: Window(target_name="\0"),
        lambda: Window(width=0),
        lambda: LineItem(0),
        lambda: LineItem(float("inf")),
        lambda: LineItem(10, label="\0"),
        lambda: SubmissionReview(url="review"),
        lambda: SubmissionReview(("\0",)),
        lambda: SubmissionReview(custom={"a": "b\r"}),
        lambda: Period(datetime(2026, 3, 2)),  # noqa: DTZ001
        lambda: Period(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_an_item_no_platform_could_keep_is_not_made(made):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        made()


def test_an_item_does_not_change():
    custom = {"a": "1"}
    item = ResourceLinkItem(custom=custom)
    custom["a"] = "2"

    with pytest.raises(TypeError):
        item.custom["a"] = "3"
    with pytest.raises(FrozenInstanceError):
        item.title = "Other"
    assert item.as_json()["custom"] == {"a": "1"}


def test_no_repr_shows_an_answer(key):
    answered = reply(settings(), [], key, secure(MOODLE))

    for shown in (repr(answered), repr(answer_form(answered))):
        assert answered.jwt not in shown
        assert "sesskey" not in shown
