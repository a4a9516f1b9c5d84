"""The page: what is asked, what is shown, and to whom."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from lms_plc.core import search, things
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.search import Entry, SearchEntry, put
from lms_plc.core.things import Thing
from lms_plc.searching import queries


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> set[UUID]:
    """A room of notes that shows all but those in here."""
    out: set[UUID] = set()

    def show(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
        rows = connection.execute(select(SearchEntry).where(SearchEntry.thing_id.in_(ids)))
        address = {"endpoint": "communities.community_home", "anchor": "here"}
        return {
            row.thing_id: Thing(
                reference=Reference("note", row.thing_id),
                title=row.title,
                excerpt="",
                author_id=row.author_id,
                author="Ana Anić",
                community_id=row.community_id,
                at=row.at,
                values={"community_id": row.community_id},
                **address,
            )
            for row in rows
            if row.thing_id not in out
        }

    monkeypatch.setattr(things, "_kinds", {})
    monkeypatch.setattr(search, "_sources", {})
    for kind, label in (("note", "Note"), ("card", "Card"), ("secret", "Secret")):
        things.shows(kind, label)(show)
    for kind in ("note", "card"):
        search.reindexes(kind)(lambda *_: ())
    return out


@pytest.fixture
def write(circle: Any, hidden: set[UUID]) -> Callable[..., UUID]:
    def write(title: str = "Izlazna karta", text: str = "Добар <b>дан</b>", by: str = "2", **more: Any) -> UUID:
        given = {"audience": "community", "at": circle.house.clock(), "kind": "note", **more}
        reference = Reference(given.pop("kind"), new_id())
        with circle.house.database.write() as session:
            author = circle.person(by)
            put(session, Entry(reference, circle.site_id, circle.id, author, title=title, text=text, **given))
        return reference.id

    return write


def test_hits_are_shown_with_their_words_marked_and_lead_to_the_thing(
    circle: Any, write: Callable[..., UUID], said: Any, statements: list[str]
) -> None:
    for number in range(6):
        write(title=f"Izlazna karta {number}", at=circle.house.clock() - timedelta(hours=number))
    circle.member.get("/search?q=dan")
    statements.clear()
    page = circle.member.get("/search?q=dobar+dan")
    assert len(statements) == 4, statements  # the seat, my communities, the hits, the notes
    assert "<mark>Добар</mark> &lt;b&gt;<mark>дан</mark>&lt;/b&gt;" in page.text
    assert f'/communities/{circle.id}#here"' in page.text
    assert "Izlazna karta 0 Note Добар" in said(page)
    assert "Maths circle · Ana Anić" in said(page)
    assert said(page).index("Izlazna karta 0") < said(page).index("Izlazna karta 5")
    assert "That is all." in said(page)
    assert circle.member.get("/search?q=karta").text.count("<mark>karta</mark>") == 6


def test_a_stranger_finds_nothing_and_a_room_that_hides_a_thing_has_the_last_word(
    circle: Any, write: Callable[..., UUID], hidden: set[UUID], said: Any
) -> None:
    thing = write()
    stranger = circle.joined("9", course="8")
    assert "Nothing found" in said(stranger.get("/search?q=dobar"))
    assert "Maths circle" not in stranger.get(f"/search?q=dobar&community={circle.id}").text
    hidden.add(thing)
    assert "Nothing found" in said(circle.member.get("/search?q=dobar"))
    write(kind="of a room that is gone")
    assert "Nothing found" in said(circle.member.get("/search?q=dobar"))


def test_it_can_be_narrowed_down_by_place_kind_person_and_day(
    circle: Any, write: Callable[..., UUID], clock: Any, said: Any
) -> None:
    write("Mine")
    write("Theirs", by="1", kind="card")
    write("Old", by="1", at=clock() - timedelta(days=40))

    def found(**asked: Any) -> set[str]:
        page = circle.member.get("/search", query_string={"q": "dobar", **asked})
        return set(re.findall(r"<bdi>(Mine|Theirs|Old)</bdi>", page.text))

    assert found() == {"Mine", "Theirs", "Old"}
    assert found(mine="yes") == {"Mine"}
    assert found(written_by="person 1") == {"Theirs", "Old"}
    assert found(written_by="nobody") == set()
    assert found(kind="card") == {"Theirs"}
    assert found(kind="nothing") == set()
    assert found(community=str(circle.id)) == {"Mine", "Theirs", "Old"}
    assert found(community=str(new_id())) == set()
    assert found(since=clock().date().isoformat()) == {"Mine", "Theirs"}
    assert found(until=(clock() - timedelta(days=40)).date().isoformat()) == {"Old"}
    assert found(since="0001-01-01", until="9999-12-31") == {"Mine", "Theirs", "Old"}
    page = circle.member.get(f"/search?q=dobar&kind=nothing&community={circle.id}")
    assert "Nothing found here" in said(page)
    assert "Look everywhere" in page.text
    assert "<details open>" in page.text
    assert '<option value="card">Card</option>' in page.text
    assert "Secret" not in page.text


def test_more_is_a_page_further(circle: Any, write: Callable[..., UUID], monkeypatch: Any, said: Any) -> None:
    monkeypatch.setattr(queries.find, "__kwdefaults__", {"after": None, "size": 2})
    for number in range(3):
        write(f"Number {number}", at=circle.house.clock() - timedelta(hours=number))
    first = circle.member.get("/search?q=dobar&mine=yes")
    assert ("Number 1" in said(first), "Number 2" in said(first)) == (True, False)
    more = re.search(r'href="([^"]*after=[^"]*)"', first.text)
    assert more is not None
    second = circle.member.get(unquote(more[1]).replace("&amp;", "&"))
    assert ("Number 1" in said(second), "Number 2" in said(second)) == (False, True)
    assert "mine=yes" in more[1]
    assert "That was all" in said(circle.member.get("/search?q=dobar&after=1-1"))
    assert "Number 0" in said(circle.member.get("/search?q=dobar&after=x"))


def test_what_cannot_be_understood_is_said_at_its_field(circle: Any) -> None:
    for asked in ("since=soon", "community=mine", "q=" + "x" * 201, "until=2026-13-01&q=dobar"):
        page = circle.member.get(f"/search?{asked}")
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
        assert "<details open>" in page.text


def test_before_anything_is_asked_the_page_says_how(circle: Any, said: Any) -> None:
    for asked in ("", "?q=", "?q=%20…", "?q=%00", "?after=1-1"):
        page = circle.member.get(f"/search{asked}")
        assert page.status_code == 200
        assert "In everything you may read." in said(page)
    assert '<a href="' in circle.member.get(circle.home).text
    assert "/search" in circle.member.get(circle.home).text
