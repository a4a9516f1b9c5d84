"""Is what somebody began to write kept for them, and for nobody else?"""

import re
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.communities.memberships import Because, end
from lms_plc.discussions.models import Draft

TOOL = "https://plc.example.org"


def keep(circle: Any, who: Any, key: str, text: str = "Half a thought", **more: str) -> int:
    return int(who.post(f"{circle.home}/drafts", {"key": key, "text": text, **more}).status_code)


@pytest.fixture
def place(circle: Any) -> str:
    return f"topic:{circle.start(circle.facilitator)}"


@pytest.fixture
def key(circle: Any, place: str) -> str:
    """The key the page of the member carries."""
    page = circle.member.get(f"/topics/{place.partition(':')[2]}").text
    found = re.search(r'data-draft-key="([^"]+)"', page)
    assert found is not None
    assert found[1] == f"{circle.person('2')}/{place}"
    return found[1]


def test_a_draft_is_there_when_its_writer_comes_back(circle: Any, key: str, place: str, events: Any) -> None:
    before = len(events())
    assert keep(circle, circle.member, key) == 204
    page = circle.member.get(f"/topics/{place.partition(':')[2]}").text
    assert "Half a thought" in page
    assert "You began to write: “Half a thought”" in circle.member.get(circle.home).text
    assert len(events()) == before


def test_a_later_draft_replaces_it_and_an_empty_one_forgets_it(circle: Any, key: str, stored: Any) -> None:
    for words in ("Half a thought", "A whole thought"):
        keep(circle, circle.member, key, words)
    assert [row.body for row in stored(select(Draft.body))] == ["A whole thought"]
    assert keep(circle, circle.member, key, "  ") == 204
    assert stored(select(Draft.body)) == []


def test_posting_forgets_it(circle: Any, key: str, place: str, stored: Any) -> None:
    keep(circle, circle.member, key)
    topic = place.partition(":")[2]
    answer = circle.member.post(f"/topics/{topic}", {"body": "Sent", "form_key": "k" * 24})
    assert stored(select(Draft.body)) == []
    page = circle.member.get(answer.location.partition("#")[0]).text
    assert f'<meta name="plc-draft-done" content="{key}">' in page


def test_an_address_alone_does_not_make_the_browser_forget_a_draft(circle: Any, key: str, place: str) -> None:
    topic = place.partition(":")[2]
    assert "plc-draft-done" not in circle.member.get(f"/topics/{topic}?sent={place}").text
    assert "plc-draft-done" not in circle.facilitator.get(f"/topics/{topic}?sent=elsewhere").text


def test_a_new_topic_and_a_change_have_drafts_of_their_own(circle: Any, clock: Any, stored: Any) -> None:
    form = {"title": "Begun", "body": "Half", "purpose": "aha", "form_key": "k" * 24, "keep": "1"}
    assert circle.member.post(f"{circle.home}/topics/new", form).status_code == 303
    page = circle.member.get(f"{circle.home}/topics/new").text
    assert 'value="Begun"' in page
    assert "Half</textarea>" in page
    assert "You began to write: “Begun”" in circle.member.get(circle.home).text

    topic = circle.start(circle.member)
    assert stored(select(Draft.place)) == []
    post = circle.say(circle.member, topic, "As it was")
    clock.move(minutes=1)
    circle.member.post(f"/posts/{post}/edit", {"body": "As it may be", "keep": "1"})
    assert "As it may be</textarea>" in circle.member.get(f"/posts/{post}/edit").text
    home = circle.member.get(circle.home).text
    assert f"/posts/{post}/edit" in home
    circle.member.post(f"/posts/{post}/edit", {"body": "As it was"})
    assert stored(select(Draft.place)) == []


def test_a_draft_of_an_answer_is_kept_by_the_button_too(circle: Any, place: str, stored: Any) -> None:
    topic = place.partition(":")[2]
    circle.member.post(f"/topics/{topic}", {"body": "", "keep": "1"})
    assert stored(select(Draft.place)) == []
    circle.member.post(f"/topics/{topic}", {"body": "By hand", "keep": "1"})
    assert [tuple(row) for row in stored(select(Draft.place, Draft.body))] == [(place, "By hand")]


def test_nobody_else_reads_it(circle: Any, key: str, place: str) -> None:
    keep(circle, circle.member, key)
    admin = circle.joined("99", roles=["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"])
    for other in (circle.facilitator, circle.joined("3")):
        for path in (circle.home, f"/topics/{place.partition(':')[2]}", f"{circle.home}/topics/new"):
            assert "Half a thought" not in other.get(path).text
    assert admin.get(circle.home).status_code == 404


def test_nobody_else_overwrites_it(circle: Any, key: str, stored: Any) -> None:
    keep(circle, circle.member, key)
    assert keep(circle, circle.facilitator, key, "Overwritten") == 404
    assert keep(circle, circle.facilitator, key, "") == 404
    assert [row.body for row in stored(select(Draft.body))] == ["Half a thought"]


SOME_ID = "01a2024c-0000-7000-8000-000000000000"


@pytest.mark.parametrize("place", ["", "nowhere", "topic:", "topic:1", f"post:{SOME_ID}/..", f"x:{SOME_ID}"])
def test_a_place_that_is_none_is_refused(circle: Any, place: str, stored: Any) -> None:
    assert keep(circle, circle.member, f"{circle.person('2')}/{place}") == 422
    assert stored(select(Draft.place)) == []
    assert keep(circle, circle.member, f"{circle.person('2')}/community:{circle.id}") == 204


@pytest.mark.parametrize("wrong", [{"text": "x" * 20_001}, {"title": "x" * 201}])
def test_a_draft_too_long_is_refused(circle: Any, key: str, wrong: dict[str, str], stored: Any) -> None:
    form = {"key": key, "text": "x", **wrong}
    assert circle.member.post(f"{circle.home}/drafts", form).status_code == 422
    assert stored(select(Draft.place)) == []


def test_who_left_keeps_no_draft_here(circle: Any, key: str, house: Any, stored: Any) -> None:
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("2")], Because(house.clock(), "sync"))
    assert keep(circle, circle.member, key) == 404
    assert stored(select(Draft.place)) == []


def test_a_draft_without_a_form_token_is_refused(circle: Any, key: str, stored: Any) -> None:
    path = f"/s/{circle.member.seat}{circle.home}/drafts"
    headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    refused = circle.member.client.post(path, data={"key": key, "text": "x"}, base_url=TOOL, headers=headers)
    assert refused.status_code == 403
    assert stored(select(Draft.place)) == []
