"""What can be put into a library, and what becomes of it?"""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from lms_plc.core import search, things
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.library.models import Item, ItemVersion, Tag

from .conftest import FORMS, new_key


def actor(circle: Any, subject: str) -> Actor:
    return Actor(circle.person(subject), circle.site_id, "", circle.house.clock())


@pytest.mark.parametrize("room", FORMS)
def test_every_shape_is_written_in_its_form_and_read_on_its_page(
    circle: Any, shelf: Any, events: Any, said: Any, room: str
) -> None:
    assert circle.member.get(f"{circle.home}/{room}/new?kind=mixed").status_code == 200
    item = shelf.put(circle.member, room, tags="Fractions, group  work,fractions")
    page = circle.facilitator.get(f"/library/{item}")
    for word in (FORMS[room]["title"], "Person 2", "Everybody in “Maths circle”", "fractions", "group work"):
        assert word in said(page)
    [event] = events("library_item.added")
    assert (event.thing_id, event.actor_id, event.community_id) == (item, circle.person("2"), circle.id)
    assert FORMS[room]["title"] not in str(event.facts)
    assert FORMS[room]["title"] in circle.facilitator.get(f"{circle.home}/library").text
    assert FORMS[room]["title"] in circle.facilitator.get(circle.home).text


def test_what_is_written_is_rendered_and_made_harmless(circle: Any, shelf: Any) -> None:
    item = shelf.put(
        circle.member, "resources", about="**bold** <script>alert(1)</script>", link="https://e.example/a?b=1"
    )
    page = circle.facilitator.get(f"/library/{item}").text
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="https://e.example/a?b=1"' in page


@pytest.mark.parametrize(
    ("room", "wrong", "field", "words"),
    [
        ("practices", {"title": " "}, "title", "Please fill this in."),
        ("practices", {"how": ""}, "how", "Please fill this in."),
        ("practices", {"licence": "mine"}, "licence", "Please choose one of these."),
        ("practices", {"audience": "all"}, "audience", "Please choose one of these."),
        ("practices", {"audience": "named_people"}, "audience", "Please choose at least one person"),
        ("practices", {"audience": "named_people", "people": str(uuid4())}, "audience", "at least one person"),
        ("practices", {"people": "nonsense"}, "people", "could not be understood"),
        ("practices", {"language": "xx"}, "language", "could not be understood"),
        ("practices", {"tags": "a,b,c,d,e,f,g,h,i"}, "tags", "could not be understood"),
        ("practices", {"what": "x" * 20_001}, "what", "at most"),
        ("resources", {"about": ""}, "about", "Describe it, give a link or attach a file."),
        ("resources", {"link": "javascript:alert(1)"}, "link", "could not be understood"),
        ("resources", {"link": "http://["}, "link", "could not be understood"),
        ("stories", {"story_kind": "win"}, "story_kind", "Please choose one of these."),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_was_typed(
    circle: Any, shelf: Any, stored: Any, said: Any, room: str, wrong: dict[str, str], field: str, words: str
) -> None:
    again = shelf.send(circle.member, room, **wrong, form_key="k" * 24)
    assert again.status_code == 422
    assert words in said(again)
    kept = {"title": FORMS[room]["title"]} | wrong
    assert kept["title"].strip() in again.text
    assert stored(select(Item.id)) == []
    assert shelf.send(circle.member, room).status_code == 303


def test_the_same_form_sent_twice_or_at_once_is_one_item(
    circle: Any, shelf: Any, stored: Any, events: Any, app: Any
) -> None:
    key, begin = new_key(), Barrier(2)
    form = {**FORMS["practices"], "language": "en", "audience": "community", "form_key": key, "tags": "a"}
    token = circle.member.token()

    def send(_: int) -> str:
        begin.wait()
        client = app.test_client()
        client._cookies = circle.member.client._cookies
        headers = {"Origin": "https://plc.example.org", "Sec-Fetch-Site": "same-origin"}
        path = f"/s/{circle.member.seat}{circle.home}/practices/new"
        answer = client.post(
            path, data={**form, "csrf_token": token}, base_url="https://plc.example.org", headers=headers
        )
        return str(answer.location)

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(send, range(2)))) == 1
    shelf.put(circle.member, form_key=key)
    assert len(stored(select(Item.id))) == len(stored(select(Tag.tag))) == len(events("library_item.added")) == 1
    assert shelf.put(circle.facilitator, form_key=key)


def test_a_change_keeps_how_it_read_before_and_says_what_is_different(
    circle: Any, shelf: Any, clock: Any, stored: Any, events: Any, said: Any
) -> None:
    item = shelf.put(circle.member, tags="old")
    form = circle.member.get(f"/library/{item}/edit").text
    assert "I wait a minute before" in form
    clock.move(minutes=5)
    assert (
        shelf.change(circle.member, item, what="I wait two minutes before the talk begins.", tags="new").status_code
        == 303
    )
    shelf.change(circle.member, item, what="I wait two minutes before the talk begins.", tags="new")
    assert len(stored(select(ItemVersion.version))) == 2
    assert [row.tag for row in stored(select(Tag.tag))] == ["new"]
    assert [event.facts["version"] for event in events("library_item.changed")] == [2, 2]
    history = said(circle.facilitator.get(f"/library/{item}/history"))
    assert "[taken out: a minute]" in history
    assert "[put in: two minutes]" in history
    refused = shelf.change(circle.facilitator, item, what="Put in their mouth")
    assert refused.status_code == 403


def test_words_written_for_oneself_do_not_show_when_it_is_opened_to_others(circle: Any, shelf: Any, said: Any) -> None:
    item = shelf.put(circle.member, what="Ali did not understand it", audience="only_me")
    assert circle.facilitator.get(f"/library/{item}").status_code == 404
    shelf.change(circle.member, item, what="One pupil did not understand it", audience="community")
    assert "Ali" not in circle.facilitator.get(f"/library/{item}/history").text
    assert "Ali" in circle.member.get(f"/library/{item}/history").text
    new = shelf.adapt(circle.facilitator, item, circle.id).location
    shelf.change(circle.member, item, what="Nobody understood it", audience="community")
    page = said(circle.facilitator.get(new))
    assert "The original has changed since." in page
    assert "Ali" not in page


def test_taking_it_back_leaves_nothing_of_it_but_what_others_made(
    circle: Any, shelf: Any, stored: Any, events: Any, said: Any, house: Any
) -> None:
    item = shelf.put(circle.member, tags="a")
    adapted = shelf.adapt(circle.facilitator, item, circle.id, title="Mine").location
    circle.facilitator.post(f"/library/{item}/tried", {"words": "It works"})
    assert "cannot be brought back" in circle.member.get(f"/library/{item}/delete").text
    assert circle.facilitator.post(f"/library/{item}/delete").status_code == 403
    gone = circle.member.post(f"/library/{item}/delete")
    assert "It is out of the library." in circle.member.get(gone.location).text
    assert circle.member.get(f"/library/{item}").status_code == 404
    assert stored(select(Item.title).where(Item.id == item))[0].title == ""
    assert stored(select(ItemVersion.version).where(ItemVersion.item_id == item)) == []
    assert "something you cannot open" in said(circle.facilitator.get(adapted))
    assert [event.thing_id for event in events("library_item.taken_back")] == [item]
    with house.database.write() as session:
        entries = session.execute(select(func.count()).select_from(search.SearchEntry)).scalar_one()
    assert entries == 1


def test_what_is_hidden_is_seen_by_its_author_and_who_leads_and_by_nobody_else(
    circle: Any, shelf: Any, house: Any, said: Any
) -> None:
    item = shelf.put(circle.member)
    other = circle.joined("3")
    keeper = things.keeper_of("library_item")
    assert keeper is not None

    def seen_by() -> list[int]:
        return [who.get(f"/library/{item}").status_code for who in (circle.member, circle.facilitator, other)]

    def shown(subject: str) -> bool:
        reference = Reference("library_item", item)
        with house.database.read() as connection:
            return reference in things.shown(connection, actor(circle, subject), [reference])

    with house.database.write() as session:
        keeper.hide(session, item, house.clock())
        keeper.hide(session, item, house.clock())
    circle.give_role("1", Role.FACILITATOR)
    assert seen_by() == [200, 200, 404]
    assert "This is hidden for now" in said(circle.member.get(f"/library/{item}"))
    assert not shown("2")
    assert "A minute of silence" not in other.get(f"{circle.home}/library").text
    with house.database.write() as session:
        keeper.restore(session, item, house.clock())
    assert seen_by() == [200, 200, 200]
    assert shown("3")
    with house.database.write() as session:
        keeper.remove(session, item, house.clock())
    assert seen_by() == [404, 404, 404]


def test_files_hang_on_an_item_and_stay_when_the_form_is_wrong(circle: Any, shelf: Any, said: Any) -> None:
    sheet = (BytesIO(b"Fold the paper\nand again"), "sheet.txt")
    again = shelf.send(circle.member, "resources", title="", files=sheet, about="")
    assert again.status_code == 422
    assert "sheet.txt" in again.text
    kept = again.text.split('name="file_ids" value="')[1].split('"')[0]
    item = shelf.put(circle.member, "resources", about="", file_ids=kept)
    assert "sheet.txt" in circle.facilitator.get(f"/library/{item}").text
    assert circle.facilitator.get(f"/files/{kept}").data == b"Fold the paper\nand again"
    shelf.change(circle.member, item, "resources", file_ids=kept, drop_file=kept)
    assert "sheet.txt" not in circle.facilitator.get(f"/library/{item}").text


def test_a_look_before_saving_saves_nothing(circle: Any, shelf: Any, stored: Any) -> None:
    looked = shelf.send(circle.member, preview="how", how="So **bold**", title="")
    assert looked.status_code == 200
    assert "<strong>bold</strong>" in looked.text
    assert stored(select(Item.id)) == []


def test_drafts_are_forgotten_only_by_whoever_just_saved(circle: Any, shelf: Any, clock: Any) -> None:
    item = shelf.put(circle.member)
    mark = 'name="plc-draft-done"'
    assert circle.member.get(f"/library/{item}?sent=new").text.count(mark) == 5
    assert mark not in circle.facilitator.get(f"/library/{item}?sent=new").text
    assert mark not in circle.member.get(f"/library/{item}?sent=nonsense").text
    assert mark not in circle.member.get(f"/library/{item}?sent=adapt").text
    clock.move(minutes=5)
    assert mark not in circle.member.get(f"/library/{item}?sent=new").text


def test_what_stands_in_the_library_is_found_by_its_words(circle: Any, shelf: Any, house: Any, stored: Any) -> None:
    item = shelf.put(circle.member, tags="patience")
    [entry] = stored(select(search.SearchEntry.__table__))
    assert (entry.thing_id, entry.audience, entry.title) == (item, "community", "A minute of silence")
    assert "patience" in entry.text
    with house.database.read() as connection:
        [one] = search.sources()["library_item"](connection, None)
        assert (one.reference.id, search.sources()["library_item"](connection, item)) == (item, [])


def test_an_author_who_has_left_keeps_what_is_theirs(circle: Any, shelf: Any, house: Any) -> None:
    from lms_plc.communities.memberships import Because, end

    item = shelf.put(circle.member)
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("2")], Because(house.clock(), "page"))
    for page in ("", "/edit", "/history", "/delete"):
        assert circle.member.get(f"/library/{item}{page}").status_code == 200
    assert circle.member.get(f"{circle.home}/library").status_code == 404
    assert circle.member.post(f"/library/{item}/delete").location.endswith("/?all=1")


def test_choosing_leads_to_every_form(circle: Any, said: Any) -> None:
    page = circle.member.get(f"{circle.home}/library/new")
    for words in ("Add a resource", "Write a practice card", "It flopped", "Aha!"):
        assert words in said(page)
    kinds = circle.member.get(f"{circle.home}/stories/new?kind=nonsense")
    assert "What kind of story?" in said(kinds)
