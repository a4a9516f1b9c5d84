"""A notebook is its author's alone; a part of it becomes a post of theirs, and nothing else goes along."""

import re
import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from lms_plc.communities.memberships import Because, end
from lms_plc.core.policy import Role
from lms_plc.core.sealing import Seal
from lms_plc.core.things import keeper_of
from lms_plc.journal.models import JournalEntry, SharedPart

SECRET = "Only the notebook knows of the quinces."
PAGE = f"{SECRET}\n\nWaiting a minute **helped**.\n\nI shouted on Tuesday."


def new_key() -> str:
    return secrets.token_urlsafe(18)


def write(who: Any, words: str = PAGE, **more: str) -> str:
    answer = who.post("/journal/new", {"text": words, "form_key": new_key(), **more})
    assert answer.status_code == 303, answer.text
    return "/journal/" + urlsplit(answer.location).path.rpartition("/")[2]


def share(who: Any, page: str, circle: Any, **more: str) -> Any:
    form = {
        "title": "One minute of silence",
        "text": "Waiting a minute **helped**.",
        "community_id": str(circle.id),
        "way": "conversation",
        "form_key": new_key(),
    }
    return who.post(f"{page}/share", {**form, **more})


def test_a_page_is_written_read_changed_and_torn_out_and_the_events_say_no_word(
    circle: Any, said: Any, events: Any, stored: Any
) -> None:
    me = circle.member
    assert "Nothing written yet" in said(me.get("/journal"))
    page = write(me, prompt="hard", day="2026-11-20", community_id=str(circle.id))
    seen = said(me.get(page))
    for words in (SECRET, "What was hard", "November 20, 2026", "About Maths circle", "Only you can read this page."):
        assert words in seen
    assert "<strong>helped</strong>" in me.get(page).text
    assert SECRET in said(me.get("/journal"))
    form = me.get(f"{page}/edit").text
    assert 'value="2026-11-20"' in form
    assert SECRET in form
    changed = me.post(f"{page}/edit", {"text": "Other words", "form_key": new_key()})
    assert changed.status_code == 303
    assert "plc-draft-done" in me.get(changed.location).text
    assert SECRET not in said(me.get(page))
    assert "cannot be brought back" in said(me.get(f"{page}/delete"))
    assert me.post(f"{page}/delete").status_code == 303
    assert me.get(page).status_code == 404
    told = [event for event in events() if event.thing_kind == "journal_entry"]
    assert [event.verb for event in told] == ["entry.written", "entry.changed", "entry.deleted"]
    assert {event.community_id for event in told} == {None}
    assert all(event.facts == {} for event in told)
    assert stored(select(JournalEntry.id)) == []


def test_a_rejected_page_keeps_its_text_and_the_same_form_twice_is_one_page(circle: Any, stored: Any) -> None:
    me, key = circle.member, new_key()
    for wrong in ({"text": "  ", "day": "2026-11-20"}, {"day": "soon"}, {"community_id": str(UUID(int=7))}):
        answer = me.post("/journal/new", {"text": "Kept", "form_key": key, **wrong})
        assert answer.status_code == 422
        assert wrong["text"] in answer.text if "text" in wrong else "Kept" in answer.text
    assert write(me, form_key=key) == write(me, "Something else", form_key=key)
    assert len(stored(select(JournalEntry.id))) == 1
    page = write(me)
    assert me.post(f"{page}/edit", {"text": "", "form_key": key}).status_code == 422
    assert SECRET in me.get(page).text


def test_the_words_are_found_by_their_author_alone_and_lie_sealed_in_the_database(
    circle: Any, said: Any, stored: Any
) -> None:
    page = write(circle.member, "Čekao sam minut.\n\nQUINCES")
    write(circle.member, "Nothing of that")
    assert "QUINCES" in said(circle.member.get("/journal?q=cekao quinces"))
    assert "No page has these words" in said(circle.member.get("/journal?q=pears"))
    assert "QUINCES" not in said(circle.facilitator.get("/journal?q=quinces"))
    for row in stored(select(JournalEntry.__table__)):
        assert "QUINCES" not in str(row)
        assert "Nothing of that" not in str(row)
    for table in ("plc_event", "plc_search_entry"):
        assert "QUINCES" not in str(stored(text(f"SELECT * FROM {table}")))  # noqa: S608
    assert "QUINCES" in circle.member.get(page).text


def test_pages_are_listed_the_newest_first_twenty_at_a_time(circle: Any, statements: list[str]) -> None:
    for number in range(21):
        write(circle.member, f"Page number {number}.")
    statements.clear()
    first = circle.member.get("/journal")
    assert len(statements) <= 3
    assert "Page number 20." in first.text
    assert "Page number 0." not in first.text
    older = re.search(r'href="[^"]*(\?before=[^"]+)"', first.text)
    assert older is not None
    assert "Page number 0." in circle.member.get(f"/journal{older[1]}").text


def test_what_was_sealed_under_another_key_is_said_to_be_and_not_lost(circle: Any, house: Any, said: Any) -> None:
    page = write(circle.member)
    with house.database.write() as session:
        session.execute(update(JournalEntry).values(sealed=Seal("another key, as long as it has to be").close("x")))
    assert "sealed with another secret key" in said(circle.member.get(page))
    assert "sealed with another key" in said(circle.member.get("/journal"))
    assert "No page" in said(circle.member.get("/journal?q=x"))
    for path in ("/edit", "/share"):
        assert circle.member.get(page + path).status_code == 404
    assert circle.member.get(f"{page}/delete").status_code == 200


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.MENTOR])
def test_nobody_else_opens_it_whatever_their_role(circle: Any, role: Role) -> None:
    page = write(circle.member)
    share(circle.member, page, circle)
    part = re.search(r"/shared/([0-9a-f-]{36})/withdraw", circle.member.get(page).text)
    assert part is not None
    circle.give_role("1", role)
    other = circle.facilitator
    for path in ("", "/edit", "/delete", "/share", f"/shared/{part[1]}/withdraw"):
        assert other.get(page + path).status_code == 404
    for path in ("/edit", "/delete", "/share", f"/shared/{part[1]}/withdraw"):
        answer = other.post(page + path, {"text": "T", "form_key": new_key()})
        assert answer.status_code == 404
    assert SECRET in circle.member.get(page).text


def test_no_command_and_no_desk_says_a_word_of_it(
    circle: Any, typed: Any, installed: Any, house: Any, app: Any, monkeypatch: Any
) -> None:
    write(circle.member)
    person = str(circle.person("2"))
    for words in (("communities", "list", "--json"), ("doctor",), ("sites", "show"), ("sync", "explain", person, "5")):
        said = typed(*words)
        assert SECRET not in said.out + said.err
    from datetime import timedelta

    from lms_plc.admin import seats

    with house.database.write() as session:
        secret = seats.offer(session, house.clock(), timedelta(minutes=15))
    desk = app.test_client()
    host = "https://plc.example.org"
    entrance = desk.get(f"/admin/enter/{secret}", base_url=host)
    token = re.search(r'name="csrf_token" value="([^"]+)"', entrance.text)
    form = {"csrf_token": token[1]} if token else {}
    own = {"Origin": host, "Sec-Fetch-Site": "same-origin"}
    desk.post(f"/admin/enter/{secret}", data=form, base_url=host, headers=own)
    opened = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or ()) and not rule.arguments:
            page = desk.get(rule.rule, base_url=host)
            opened += page.status_code == 200
            assert SECRET not in page.text
    assert opened > 3


def test_one_paragraph_is_shared_and_the_rest_stays_invisible(circle: Any, said: Any, events: Any, stored: Any) -> None:
    me = circle.member
    page = write(me)
    choosing = me.get(f"{page}/share")
    assert choosing.text.count('type="checkbox"') == 3
    assert "Please choose at least one." in me.get(f"{page}/share?chosen=1").text
    sharing = me.get(f"{page}/share?chosen=1&part=1&part=99&part=x").text
    assert "Waiting a minute" in sharing
    assert SECRET not in sharing
    assert "Tuesday" not in sharing
    key = new_key()
    assert share(me, page, circle, form_key=key).status_code == 303
    assert share(me, page, circle, form_key=key).status_code == 303
    assert len(stored(select(SharedPart.id))) == 1
    assert "Shared in Maths circle on" in said(me.get(page))
    listed = circle.facilitator.get(f"{circle.home}/topics")
    topic = re.search(r"/topics/[0-9a-f-]{36}", listed.text)
    assert topic is not None
    read = circle.facilitator.get(topic[0]).text
    assert "Waiting a minute" in read
    assert SECRET not in read
    assert "journal" not in read.partition("<main")[2]
    assert len(events("entry.shared")) == 1
    assert "a part is shared" in said(me.get("/journal"))
    part = re.search(r"/shared/[0-9a-f-]{36}/withdraw", me.get(page).text)
    assert part is not None
    assert "a mail that has left cannot be fetched back" in said(me.get(page + part[0]))
    for _ in range(2):
        assert me.post(page + part[0]).status_code == 303
    read = circle.facilitator.get(topic[0]).text
    assert "Waiting a minute" not in read
    assert "One minute of silence" not in read
    assert "One minute of silence" not in circle.facilitator.get(f"{circle.home}/topics").text
    assert "withdrawn on" in said(me.get(page))
    assert len(events("entry.withdrawn")) == 1
    assert SECRET in me.get(page).text


def test_a_part_goes_only_where_its_author_may_speak_and_can_be_withdrawn_by_who_has_left(
    circle: Any, house: Any
) -> None:
    me = circle.member
    page = write(me)
    for wrong in ({"community_id": str(UUID(int=7))}, {"way": "smoke"}, {"title": " "}):
        answer = share(me, page, circle, **wrong)
        assert (answer.status_code, "Waiting a minute" in answer.text) == (422, True)
    share(me, page, circle)
    part = re.search(r"/shared/[0-9a-f-]{36}/withdraw", me.get(page).text)
    assert part is not None
    with house.database.write() as session:
        end(session, circle.site_id, circle.id, [circle.person("2")], Because(house.clock(), "sync"))
    assert me.post(page + part[0]).status_code == 303
    assert "One minute" not in circle.facilitator.get(f"{circle.home}/topics").text
    assert me.post(f"{page}/shared/{UUID(int=7)}/withdraw").status_code == 404
    assert "You are in no community yet" in me.get(f"{page}/share?part=0").text


def test_a_part_in_a_hidden_conversation_is_withdrawn_by_who_has_left(circle: Any, house: Any, said: Any) -> None:
    """It must not come back with the conversation."""
    me = circle.member
    page = write(me)
    share(me, page, circle)
    part = re.search(r"/shared/[0-9a-f-]{36}/withdraw", me.get(page).text)
    topic = re.search(r"/topics/([0-9a-f-]{36})", circle.facilitator.get(f"{circle.home}/topics").text)
    keeper = keeper_of("topic")
    assert part is not None
    assert topic is not None
    assert keeper is not None
    with house.database.write() as session:
        keeper.hide(session, UUID(topic[1]), house.clock())
        end(session, circle.site_id, circle.id, [circle.person("2")], Because(house.clock(), "sync"))
    assert me.post(page + part[0]).status_code == 303
    with house.database.write() as session:
        keeper.restore(session, UUID(topic[1]), house.clock())
    assert "Waiting a minute" not in circle.facilitator.get(topic[0]).text


def test_numbers_nobody_counts_to_choose_no_paragraph(circle: Any) -> None:
    page = write(circle.member)
    assert circle.member.get(f"{page}/share?part={'9' * 5000}&part=7").status_code == 200
