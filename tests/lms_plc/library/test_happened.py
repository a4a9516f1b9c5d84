"""Are a flop, an aha and a success told in a minute, and does each page say what can come of it?"""

import re
from typing import Any
from uuid import UUID

import pytest

from lms_plc.communities.attached import hanging
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.library.models import Item
from tests.lms_plc.conftest import new_key


def test_one_page_leads_to_a_flop_an_aha_and_a_success(circle: Any, said: Any, statements: list[str]) -> None:
    assert "Something else happened? A flop, a success" in said(circle.member.get(circle.home))
    statements.clear()
    page = circle.member.get(f"{circle.home}/happened")
    assert len(statements) <= 5
    for words in ("A flop", "An aha", "A success", "To talk about it together:"):
        assert words in said(page)
    assert said(page).count("To talk about it together:") == 3
    for address in ("kind=flop", "kind=success", "/protocols/useful_flop", "/protocols/success_unpacked"):
        assert address in page.text
    aha = {"line": "They asked better questions than I did", "form_key": new_key()}
    [address] = re.findall(r'<form method="post" action="/s/[^/]+([^"]+aha[^"]*)"', page.text)
    topic = circle.member.post(address, aha).location
    page = circle.member.get(topic)
    assert "Make a story of it" in said(page)
    assert re.search(r"/protocols/success_unpacked[^>]*>Talk by a protocol, in a meeting", page.text)


def test_s3_5_the_flop_asks_first_who_may_read_it_and_then_says_how_to_talk_about_it(
    circle: Any, said: Any, shelf: Any
) -> None:
    first = circle.member.get(f"{circle.home}/stories/new?kind=flop&from_kind=x&from=y")
    assert "First: who may read it?" in said(first)
    assert '<input type="hidden" name="from_kind" value="x">' in first.text, "what it began with is carried along"
    flop = shelf.put(circle.member, "stories", story_kind="flop", title="The group work", audience="community")
    page = circle.member.get(f"/library/{flop}")
    for words in ("What next?", "Put it on the next agenda", "Talk by this protocol", "What I do differently"):
        assert words in said(page), words
    assert "/protocols/useful_flop/use" in page.text
    success = shelf.put(circle.member, "stories", story_kind="success", title="The quiet hour")
    assert "/protocols/success_unpacked/use" in circle.facilitator.get(f"/library/{success}").text
    alone = shelf.put(circle.member, "stories", story_kind="flop", title="Mine", audience="only_me")
    assert "Put it on the next agenda" not in said(circle.member.get(f"/library/{alone}")), "an agenda is read by all"


@pytest.mark.parametrize("audience", ["community", "only_me"])
def test_what_was_told_of_an_inquiry_hangs_on_it_for_its_readers(
    app: Any, circle: Any, house: Any, shelf: Any, monkeypatch: Any, audience: str
) -> None:
    of, story = UUID(int=7), shelf.put(circle.member, "stories", story_kind="mixed", audience=audience)
    with house.database.write() as session:
        session.execute(Item.__table__.update().values(origin_kind="inquiry", origin_id=of))
    found = {}
    monkeypatch.setattr("lms_plc.communities.attached.url_for", lambda endpoint, **values: endpoint)
    for subject in ("1", "2"):
        who = Actor(circle.person(subject), circle.site_id, "", house.clock())
        with house.database.read() as connection, app.app_context():
            sorts = hanging(connection, who, Reference("inquiry", of))
            found[subject] = [line.id for sort in sorts if sort.word == "story" for line, _ in sort.lines]
    assert found["2"] == [story]
    assert found["1"] == ([story] if audience == "community" else [])
