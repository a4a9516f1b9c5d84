"""A page may be said instead of written, may have a mood, and a part of it readers its author chose; what grows from it
leads back to a page that stays closed."""

import io
import re
import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.core.activity import Reference
from lms_plc.core.exports import Export, Left, note_export
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.core.things import keeper_of
from lms_plc.discussions.models import Topic
from lms_plc.evidence.models import EvidenceLink, KnowledgeNode
from lms_plc.journal import voices
from lms_plc.journal.models import JournalEntry, JournalVoice, ReleasedPart, SharedPart
from lms_plc.moderation.models import ModerationCase
from lms_plc.notifications import listening
from lms_plc.notifications.models import Notification
from lms_plc.practicechanges.actions import keep_change

SECRET = "Only the notebook knows of the quinces."
TOLD = "Waiting a minute **helped**."
PAGE = f"{SECRET}\n\n{TOLD}"
SOUND = b"OggS" + b"quinces said aloud " * 20


def new_key() -> str:
    return secrets.token_urlsafe(18)


def recording(content: bytes = SOUND, name: str = "note.ogg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def write(who: Any, words: str = PAGE, **more: Any) -> str:
    answer = who.post("/journal/new", {"text": words, "form_key": new_key(), **more})
    assert answer.status_code == 303, answer.text
    return "/journal/" + urlsplit(answer.location).path.rpartition("/")[2]


def release(who: Any, page: str, circle: Any, audience: str = "community", **more: Any) -> Any:
    form = {"text": TOLD, "community_id": str(circle.id), "audience": audience, "form_key": new_key()}
    return who.post(f"{page}/release", {**form, **more})


def released(who: Any, page: str, circle: Any, audience: str = "community", **more: Any) -> str:
    answer = release(who, page, circle, audience, **more)
    assert answer.status_code == 303, answer.text
    return "/journal/parts/" + urlsplit(answer.location).path.rpartition("/")[2]


def voice_in(page: Any) -> str:
    found = re.search(r"/journal/[0-9a-f-]{36}/voices/[0-9a-f-]{36}", page.text)
    assert found is not None
    return found[0]


def test_a_mood_is_a_word_sealed_and_shown_to_its_author_alone(circle: Any, said: Any, stored: Any) -> None:
    page = write(circle.member, mood="worried")
    assert "How the day felt: Worried" in said(circle.member.get(page))
    assert '<option value="worried" selected>' in circle.member.get(f"{page}/edit").text
    row = stored(select(JournalEntry.__table__))[0]
    assert "worried" not in str(row)
    assert circle.member.post(f"{page}/edit", {"text": PAGE, "mood": "9", "form_key": new_key()}).status_code == 422
    circle.member.post(f"{page}/edit", {"text": PAGE, "mood": "", "form_key": new_key()})
    assert stored(select(JournalEntry.sealed_mood))[0].sealed_mood is None


def test_a_page_may_be_a_recording_only_which_its_author_alone_plays_and_deletes(
    circle: Any, said: Any, stored: Any
) -> None:
    me = circle.member
    page = write(me, "", voice=recording())
    seen = me.get(page)
    address = voice_in(seen)
    played = me.get(address)
    assert (played.status_code, played.data, played.mimetype) == (200, SOUND, "audio/ogg")
    assert played.headers["Cache-Control"] == "no-store"
    assert played.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    piece = me.get(address, headers={"Range": "bytes=0-3"})
    assert (piece.status_code, piece.data) == (206, b"OggS")
    assert "media-src 'self'" in seen.headers["Content-Security-Policy"]
    assert "recording" in said(me.get("/journal"))
    assert circle.facilitator.get(address).status_code == 404
    assert me.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    assert b"quinces" not in stored(select(JournalVoice.sealed))[0].sealed
    one = address.rpartition("/")[2]
    bare = me.post(f"{page}/edit", {"text": "", "drop_voice": one, "form_key": new_key()})
    assert bare.status_code == 422
    assert "or record them" in said(bare)
    assert "Delete the recording" in said(bare)
    gone = me.post(f"{page}/edit", {"text": "Words", "drop_voice": [one, "x"], "form_key": new_key()})
    assert gone.status_code == 303
    assert stored(select(JournalVoice.id)) == []


def test_a_recording_outlives_a_form_that_was_wrong(circle: Any, stored: Any) -> None:
    me = circle.member
    wrong = me.post("/journal/new", {"text": "Kept", "day": "soon", "voice": recording(), "form_key": new_key()})
    assert wrong.status_code == 422
    assert "Kept" in wrong.text
    action = re.search(r'action="/s/[^/"]+(/journal/[0-9a-f-]{36}/edit)"', wrong.text)
    assert action is not None
    again = me.post(action[1], {"text": "Kept", "day": "never", "voice": recording(), "form_key": new_key()})
    assert again.status_code == 422
    assert me.post(action[1], {"text": "Kept", "form_key": new_key()}).status_code == 303
    assert (len(stored(select(JournalEntry.id))), len(stored(select(JournalVoice.id)))) == (1, 2)
    assert me.post(f"{action[1].removesuffix('/edit')}/delete").status_code == 303
    assert stored(select(JournalVoice.id)) == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 quinces", "a.pdf", "is no recording we can play"),
        (b"", "a.ogg", "is empty"),
        (b"#!/bin/sh", "a.mp3", "is a program"),
        (SOUND * 30, "long.ogg", "is too long"),
    ],
)
def test_what_is_no_recording_is_said_at_its_field(
    circle: Any, said: Any, stored: Any, monkeypatch: Any, content: bytes, name: str, words: str
) -> None:
    monkeypatch.setattr(voices, "LARGEST", 8_000)
    answer = circle.member.post(
        "/journal/new", {"text": "Kept", "voice": recording(content, name), "form_key": "k" * 24}
    )
    assert (answer.status_code, stored(select(JournalEntry.id))) == (422, [])
    assert words in said(answer)
    assert "Kept" in answer.text


def test_a_full_notebook_takes_words_and_no_recording(circle: Any, said: Any, stored: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(voices, "room", lambda: len(SOUND) + 1)
    write(circle.member, "", voice=recording())
    full = circle.member.post("/journal/new", {"text": "Kept", "voice": recording(), "form_key": new_key()})
    assert full.status_code == 422
    assert "no room left for recordings" in said(full)
    assert len(stored(select(JournalVoice.id))) == 1


def test_one_colleague_reads_a_part_until_it_is_withdrawn(
    circle: Any, house: Any, said: Any, events: Any, stored: Any
) -> None:
    me, other = circle.member, circle.facilitator
    third = circle.joined("3")
    page = write(me)
    assert "Which part" in said(me.get(f"{page}/release"))
    assert "Please choose at least one." in said(me.get(f"{page}/release?chosen=1"))
    choosing = me.get(f"{page}/release?chosen=1&part=1")
    assert TOLD in choosing.text
    assert SECRET not in choosing.text
    nobody = release(me, page, circle, "named_people")
    assert (nobody.status_code, TOLD in nobody.text) == (422, True)
    assert "Please choose at least one person" in said(nobody)
    key, people = new_key(), [str(circle.person("1")), str(UUID(int=7))]
    part = released(me, page, circle, "named_people", people=people, form_key=key)
    assert part == released(me, page, circle, "named_people", people=people, form_key=key)
    assert "Nobody else has opened it yet" in said(me.get(part))
    assert "Person 1" in said(me.get(part))

    listening.listen(house)
    assert {
        row.person_id for row in stored(select(Notification.person_id).where(Notification.thing_kind == "journal_part"))
    } == {circle.person("1")}
    inbox = said(other.get("/inbox"))
    assert "Person 2 lets you read a part of their notebook" in inbox
    assert "minute" not in inbox
    read = other.get(part)
    assert "<strong>helped</strong>" in read.text
    assert SECRET not in read.text
    assert page.rpartition("/")[2] not in read.text
    assert "can see that you opened it" in said(read)
    for stranger in (third, circle.joined("4", course="8")):
        assert stranger.get(part).status_code == 404
    assert "Opened by" in said(me.get(part))
    assert other.get(f"{part}/withdraw").status_code == 403
    assert "a part is shared" in said(me.get("/journal"))
    assert "People I choose" in said(me.get(page))

    asked = said(me.get(f"{part}/withdraw"))
    assert "1 person has read it already" in asked
    for _ in range(2):
        assert me.post(f"{part}/withdraw").status_code == 303
    assert other.get(part).status_code == 404
    assert "notebook" not in said(other.get("/inbox")).partition("Inbox")[2].partition("My notebook")[2]
    assert "You withdrew this" in said(me.get(part))
    assert TOLD not in str(stored(select(ReleasedPart.__table__)))
    told = events("journal_part.released", "journal_part.withdrawn")
    assert [(event.verb, event.community_id, event.facts) for event in told] == [
        ("journal_part.released", None, {}),
        ("journal_part.withdrawn", None, {}),
    ]


def test_who_leads_reads_what_is_for_who_leads_and_members_what_is_for_all(
    circle: Any, house: Any, stored: Any
) -> None:
    third = circle.joined("3")
    page = write(third)
    for_leads, for_all = (released(third, page, circle, who) for who in ("facilitator", "community"))
    assert [circle.facilitator.get(one).status_code for one in (for_leads, for_all)] == [200, 200]
    assert [circle.member.get(one).status_code for one in (for_leads, for_all)] == [404, 200]
    listening.listen(house)
    lines = stored(select(Notification.person_id).where(Notification.thing_kind == "journal_part"))
    assert sorted(row.person_id for row in lines) == sorted(
        [circle.person("1"), circle.person("1"), circle.person("2")]
    )
    third.post(f"{page}/delete")
    assert circle.facilitator.get(for_all).status_code == 404
    assert stored(select(ReleasedPart.id)) == []


def test_a_part_goes_no_further_than_a_community_of_ones_own(circle: Any) -> None:
    page = write(circle.member)
    for wrong in ({"audience": "world"}, {"audience": "platform"}, {"text": ""}, {"community_id": str(UUID(int=7))}):
        answer = release(circle.member, page, circle, **wrong)
        assert answer.status_code == 422
    alone = circle.joined("5", course="8")
    page = write(alone)
    for path in ("release", "concern", "share?part=0"):
        assert "You are in no community yet" in alone.get(f"{page}/{path}").text
    assert "You have kept no change yet" in alone.get(f"{page}/link").text


def test_withdrawing_says_what_has_left_and_cannot_be_called_back(
    circle: Any, house: Any, said: Any, stored: Any
) -> None:
    page = write(circle.member)
    part = released(circle.member, page, circle)
    thing = Reference("journal_part", UUID(part.rpartition("/")[2]))
    assert "Nobody has opened it yet" in said(circle.member.get(f"{part}/withdraw"))
    with house.database.write() as session:
        for way in (Left.LETTER, Left.LMS, Left.PRINT, Left.PRINT):
            note_export(session, [thing, thing, Reference("meeting", thing.id)], way, house.clock())
    asked = said(circle.member.get(f"{part}/withdraw"))
    assert "1 letter spoke of it" in asked
    assert "1 message in the learning platform" in asked
    assert "no word of it" in asked
    assert "printing 2 times" in asked
    kept = stored(select(Export.thing_kind, Export.way, Export.times).order_by(Export.way))
    assert kept == [("journal_part", "letter", 1), ("journal_part", "lms", 1), ("journal_part", "print", 2)]


def test_of_a_conversation_begun_with_a_part_letters_are_told_that_spoke_of_it(
    circle: Any, house: Any, said: Any, stored: Any
) -> None:
    page = write(circle.member)
    form = {"title": "Silence", "text": TOLD, "community_id": str(circle.id), "way": "conversation"}
    assert circle.member.post(f"{page}/share", {**form, "form_key": new_key()}).status_code == 303
    [(topic,)], [(shared,)] = stored(select(Topic.id)), stored(select(SharedPart.id))
    withdraw = f"{page}/shared/{shared}/withdraw"
    assert "What cannot be called back" not in said(circle.member.get(withdraw))
    with house.database.write() as session:
        note_export(session, [Reference("topic", topic)], Left.LETTER, house.clock())
    assert "1 letter spoke of it" in said(circle.member.get(withdraw))
    assert circle.facilitator.get(f"/topics/{topic}/print").status_code == 200
    assert "opened for printing 1 time" in said(circle.member.get(withdraw))


def test_a_part_sealed_under_another_key_says_so(circle: Any, house: Any, said: Any) -> None:
    page = write(circle.member, voice=recording())
    part, other = released(circle.member, page, circle), Seal("another key, as long as it has to be")
    address = voice_in(circle.member.get(page))
    with house.database.write() as session:
        session.execute(update(ReleasedPart).values(sealed=other.close("x")))
        session.execute(update(JournalVoice).values(sealed=other.close_bytes(b"x")))
    assert "another secret key" in said(circle.facilitator.get(part))
    assert circle.member.get(address).status_code == 404


def test_a_concern_grows_from_a_page_that_stays_closed(circle: Any, said: Any, stored: Any) -> None:
    me = circle.member
    page = write(me)
    assert "What do you worry about?" in said(me.get(f"{page}/concern"))
    form = {"text": "Three of them never speak.", "community_id": str(circle.id), "form_key": new_key()}
    assert me.post(f"{page}/concern", {**form, "text": ""}).status_code == 422
    assert me.post(f"{page}/concern", {**form, "community_id": str(UUID(int=7))}).status_code == 422
    kept = [me.post(f"{page}/concern", form) for _ in range(2)]
    assert [one.status_code for one in kept] == [303, 303]
    node = stored(select(KnowledgeNode.kind, KnowledgeNode.audience, KnowledgeNode.sealed, KnowledgeNode.text))
    assert [(row.kind, row.audience, row.sealed) for row in node] == [("Concern", "only_me", True)]
    assert "never speak" not in str(node)
    assert [row.type for row in stored(select(EvidenceLink.type))] == ["prompted"]
    assert "What grew from it" in said(me.get(page))
    assert "never speak" in said(me.get(urlsplit(kept[0].location).path))
    open_one = me.post(f"{page}/concern", {**form, "audience": "community", "form_key": new_key()})
    path = urlsplit(open_one.location).path.partition("/thoughts/")[2]
    read = circle.facilitator.get(f"/thoughts/{path}")
    assert "never speak" in read.text
    assert SECRET not in read.text
    assert page.rpartition("/")[2] not in read.text
    me.post(f"{page}/delete")
    assert stored(select(EvidenceLink.type)) == []


def test_a_page_is_linked_to_a_change_of_ones_own(circle: Any, house: Any, said: Any, stored: Any) -> None:
    me = circle.member
    page = write(me, community_id=str(circle.id))
    assert "What I do differently" in said(me.get(page))
    place = {"community_id": circle.id, "site_id": circle.site_id, "origin": Reference("community", circle.id)}
    changes = []
    with house.database.write() as session:
        for subject in ("2", "1"):
            who = Actor(circle.person(subject), circle.site_id, "", house.clock())
            changes.append(
                keep_change(session, who, what="I wait a minute.", seal=house.seal, form_key=new_id().hex, **place)
            )
    mine, theirs = changes
    assert "I wait a minute." in said(me.get(f"{page}/link"))
    for wrong in (str(theirs), "", str(UUID(int=7))):
        assert me.post(f"{page}/link", {"change_id": wrong}).status_code == 422
    for _ in range(2):
        assert me.post(f"{page}/link", {"change_id": str(mine)}).status_code == 303
    assert "I wait a minute." in said(me.get(page))
    links = stored(select(EvidenceLink.from_kind, EvidenceLink.type, EvidenceLink.to_kind))
    assert ("journal_entry", "prompted", "practice_change") in [tuple(row) for row in links]


@pytest.mark.parametrize(("form", "ending"), [("html", "html"), ("markdown", "md")])
def test_ones_own_notebook_is_taken_along_after_saying_that_one_knows(
    circle: Any, events: Any, stored: Any, form: str, ending: str
) -> None:
    me = circle.member
    write(me, "<script>quinces</script> & words", mood="glad", prompt="hard", community_id=str(circle.id))
    write(me, "", voice=recording())
    write(circle.facilitator, "Not mine")
    assert "Take my notebook along" in me.get("/journal").text
    assert me.get("/journal/download").status_code == 200
    refused = me.post("/journal/download", {"form": form})
    assert refused.status_code == 422
    assert "Please say that you know it." in refused.text
    sent = me.post("/journal/download", {"form": form, "known": "yes"})
    assert sent.status_code == 200
    assert sent.headers["Content-Disposition"].endswith(f'.{ending}"')
    assert sent.headers["Cache-Control"] == "no-store"
    for words in ("What was hard", "Glad", "Maths circle", "quinces", "recording"):
        assert words in sent.text
    assert ("<script>" in sent.text) == (form == "markdown")
    assert "Not mine" not in sent.text
    assert [event.facts for event in events("notebook.taken_along")] == [{}]
    assert stored(select(Export.thing_id)) == [], "a notebook is withdrawn from nobody"


def test_all_of_a_long_notebook_is_taken_along(circle: Any, monkeypatch: Any) -> None:
    from lms_plc.journal import queries

    monkeypatch.setattr(queries, "AT_ONCE", 2)
    for number in range(5):
        write(circle.member, f"Page number {number}.")
    sent = circle.member.post("/journal/download", {"form": "markdown", "known": "yes"}).text
    assert [f"Page number {number}." in sent for number in range(5)] == [True] * 5


def test_a_page_with_everything_costs_few_statements(circle: Any, statements: list[str]) -> None:
    page = write(circle.member, voice=recording(), community_id=str(circle.id))
    released(circle.member, page, circle)
    form = {"text": "They never speak.", "community_id": str(circle.id), "form_key": new_key()}
    circle.member.post(f"{page}/concern", form)
    statements.clear()
    circle.member.get(page)
    assert len(statements) <= 8, statements


def test_a_part_can_be_reported_and_hidden_without_a_word_of_it_leaving_it(circle: Any, said: Any, stored: Any) -> None:
    part = released(circle.member, write(circle.member), circle)
    thing = UUID(part.rpartition("/")[2])
    reader = circle.joined("3")
    assert f"/report/journal_part/{thing}" in reader.get(part).text
    assert "/report/" not in circle.member.get(part).text
    form = {"text": "It names my daughter.", "unnamed": ""}
    assert reader.post(f"/report/journal_part/{thing}", form).status_code == 303
    assert "helped" not in str([tuple(row) for row in stored(select(ModerationCase.__table__))])
    keeper, at = keeper_of("journal_part"), circle.house.clock()
    assert keeper is not None
    for verb, status in ((keeper.hide, 404), (keeper.restore, 200), (keeper.remove, 404), (keeper.restore, 404)):
        with circle.house.database.write() as session:
            verb(session, thing, at)
        assert reader.get(part).status_code == status
        assert "helped" in said(circle.member.get(part))
