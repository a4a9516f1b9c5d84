"""What somebody keeps for themselves: no role opens it by a page, an export, a letter or a command, and whoever holds
the database, or a backup of it, but not the secret key, reads nothing."""

import io
import logging
import re
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import LargeBinary, select, text

from lms_plc.admin import seats
from lms_plc.core.activity import Reference
from lms_plc.core.database import Row
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.evidence.actions import keep_evidence, keep_node
from lms_plc.inquiry.models import Consultation, EvidencePlan, InquiryNote
from lms_plc.journal.models import JournalEntry, JournalVoice, ReleasedPart
from lms_plc.logs import write_logs
from lms_plc.notifications import listening
from lms_plc.people.kept import kept_about
from lms_plc.practicechanges.actions import keep_change
from tests.lms_plc.test_access import ADMIN, FACILITATOR, MEMBER, MENTOR, TOOL, Town
from tests.lms_plc.test_access import town as town

CANARY = "quincecanary"
"""Stands in every word that is kept private here, and nowhere else."""

MOOD = "worried"


@pytest.fixture(autouse=True)
def _text_again() -> Iterator[None]:
    yield
    write_logs("text")


def written_by(who: Any, circle: Any) -> dict[str, UUID]:
    """By pages: an entry with a mood and a recording, a part that was released and withdrawn, and a concern of it."""
    sound = (io.BytesIO(b"OggS" + CANARY.encode() * 9), "note.ogg")
    form = {"text": f"{CANARY} in words", "mood": MOOD, "form_key": secrets.token_urlsafe(18)}
    entry = urlsplit(who.post("/journal/new", {**form, "voice": sound}).location).path[-36:]
    voice = re.search(r"/voices/([0-9a-f-]{36})", who.get(f"/journal/{entry}").text)
    assert voice is not None
    place = {"community_id": str(circle.id), "form_key": secrets.token_urlsafe(18)}
    told = {"text": f"{CANARY} for others", "audience": "community", **place}
    part = urlsplit(who.post(f"/journal/{entry}/release", told).location).path[-36:]
    listening.listen(circle.house)
    assert who.post(f"/journal/parts/{part}/withdraw").status_code == 303
    worry = {"text": f"{CANARY} as a concern", "audience": "only_me", **place}
    node = urlsplit(who.post(f"/journal/{entry}/concern", worry).location).path[-36:]
    named = {"entry_id": entry, "voice_id": voice[1], "part_id": part, "node_id": node}
    return {name: UUID(one) for name, one in named.items()}


def led_by(who: Any, circle: Any) -> dict[str, Any]:
    """By pages: a project still private, with a note of its concern, a talk, what is to be collected, and why a stage
    was left out."""

    def sent(path: str, **form: str) -> str:
        answer = who.post(path, {**form, "form_key": secrets.token_urlsafe(18)})
        assert answer.status_code == 303, (path, answer.text)
        return str(answer.location)

    begun = sent(f"{circle.home}/projects/new", title=f"{CANARY} title", cycle="tldw")
    inquiry = UUID(re.findall(r"/projects/([0-9a-f-]{36})", begun)[0])
    stages = f"/projects/{inquiry}/stages"
    sent(f"{stages}/concerns/notes", text=f"{CANARY} note", prompt="0")
    for stage in ("consult", "plan"):
        sent(f"{stages}/{stage}/enter")
    heard = {"said": f"{CANARY} said", "promised": f"{CANARY} promised", "changed": f"{CANARY} changed"}
    sent(f"{stages}/consult/talks", who=f"{CANARY} whom", need="help", **heard)
    collected = {"how": f"{CANARY} how", "protection": f"{CANARY} protection"}
    sent(f"{stages}/plan/evidence-plan", what=f"{CANARY} what", **collected)
    sent(f"{stages}/lead/skip", reason=f"{CANARY} reason")
    ids = {"inquiry_note_id": InquiryNote, "talk_id": Consultation, "plan_id": EvidencePlan}
    with circle.house.database.read() as connection:
        return {"inquiry_id": inquiry, "stage": "concerns"} | {
            name: connection.execute(select(model.id).where(model.inquiry_id == inquiry)).scalar_one()
            for name, model in ids.items()
        }


def kept_by(circle: Any, subject: str, inquiry: UUID) -> dict[str, UUID]:
    """By the verbs of the rooms: a thought of a project, what shows it, and a change, all for oneself."""
    house = circle.house
    who = Actor(circle.person(subject), circle.site_id, "", house.clock())
    with house.database.write() as session:
        place: dict[str, Any] = {"community_id": circle.id, "site_id": circle.site_id}
        sealed = {"audience": "only_me", "seal": house.seal, "origin": Reference("inquiry", inquiry)}
        keep_node(
            session,
            who,
            **place,
            **sealed,
            kind="Question",
            text=f"{CANARY}?",
            author_id=who.person_id,
            form_key=new_id().hex,
        )
        shown = {"sort": "note", "text": f"{CANARY} seen", "shows": f"{CANARY} a", "does_not_show": f"{CANARY} b"}
        keep_evidence(session, who, **place, **sealed, **shown, form_key=new_id().hex)
        words = {"what": f"{CANARY} what", "place": f"{CANARY} where", "sign": f"{CANARY} sign"}
        change = keep_change(session, who, **place, **sealed, **words, form_key=new_id().hex)
    return {"practice_change_id": change}


def kept_alone(who: Any, circle: Any, subject: str) -> dict[str, Any]:
    """All somebody can keep for themselves; answers its ids by the names addresses have for them."""
    led = led_by(who, circle)
    return {**written_by(who, circle), **led, **kept_by(circle, subject, led["inquiry_id"])}


def pages(town: Town, who: str) -> Iterator[tuple[str, Any]]:
    """Every page there is an address for, as this person."""
    person = town.people[who]
    for rule in town.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.arguments <= {*town.values, "seat"}:
            continue
        with town.app.test_request_context(base_url=TOOL):
            path = town.app.url_for(rule.endpoint, **town.needed(rule, person.seat)).removeprefix(TOOL)
        yield rule.endpoint, person.client.get(path, base_url=TOOL)


def at_the_desk(town: Town) -> Any:
    """An operator who has come in by the command line."""
    house = town.circle.house
    with house.database.write() as session:
        secret = seats.offer(session, house.clock(), timedelta(minutes=15))
    desk = town.app.test_client()
    entrance = desk.get(f"/admin/enter/{secret}", base_url=TOOL)
    token = re.search(r'name="csrf_token" value="([^"]+)"', entrance.text)
    form = {"csrf_token": token[1]} if token else {}
    own = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    desk.post(f"/admin/enter/{secret}", data=form, base_url=TOOL, headers=own)
    return desk


def dumped(house: Any) -> bytes:
    """All a backup has: every row of every table, also of those of search and of jobs."""
    if house.database.url.startswith("sqlite"):
        raw = sqlite3.connect(house.database.url.partition("///")[2])
        copy = house.database.url.partition("///")[2] + ".backup"
        raw.execute("VACUUM INTO ?", (copy,))
        raw.close()
        with open(copy, "rb") as file:
            return file.read()
    found = []
    with house.database.read() as connection:
        names = connection.execute(
            text(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
        )
        for schema, name in names.all():
            rows = connection.execute(text(f'SELECT one::text FROM "{schema}"."{name}" AS one'))  # noqa: S608
            found += [row[0] for row in rows]
        for table in Row.metadata.sorted_tables:  # PostgreSQL writes bytes as hexadecimal
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    found += [
                        bytes(one).decode("latin-1") for one in connection.execute(select(column)).scalars() if one
                    ]
    return "\n".join(found).encode()


def test_no_role_page_letter_log_or_backup_has_a_word_of_it(
    town: Town, house: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    write_logs("json")
    caplog.set_level(logging.DEBUG)
    author = town.circle.joined("50")
    mine = kept_alone(author, town.circle, "50")
    own = {MEMBER: author}
    for_author = Town(town.app, town.circle, own, {**town.values, **mine})
    seen_by_author = {name for name, page in pages(for_author, MEMBER) if CANARY in page.text}
    assert {"journal.entry", "journal.entries", "journal.part", "evidence.node", "inquiry.inquiry"} <= seen_by_author
    assert {"inquiry.stage", "inquiry.note_form", "inquiry.talk_form", "inquiry.check_form"} <= seen_by_author

    town.values.update(mine)
    listening.listen(house)
    opened = 0
    for who in (MEMBER, MENTOR, FACILITATOR, ADMIN):
        for name, page in pages(town, who):
            opened += page.status_code == 200
            assert page.status_code < 500, (who, name)
            assert CANARY not in page.text, (who, name)
    assert opened > 100
    desk, opened = at_the_desk(town), 0
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and "GET" in (rule.methods or ()) and not rule.arguments:
            page = desk.get(rule.rule, base_url=TOOL)
            opened += page.status_code == 200
            assert CANARY not in page.text
            assert house.settings.secret_key.get_secret_value() not in page.text
    assert opened > 3
    said = capfd.readouterr()
    log = said.err + said.out + caplog.text
    assert CANARY not in log
    assert house.settings.secret_key.get_secret_value() not in log
    with house.database.read() as connection:
        assert CANARY not in str(kept_about(connection, town.circle.person("50")))

    backup = dumped(house)
    assert CANARY.encode() not in backup
    assert CANARY.encode().hex().encode() not in backup
    assert house.settings.secret_key.get_secret_value().encode() not in backup


def test_without_the_key_the_database_says_nothing(circle: Any, house: Any, stored: Any) -> None:
    kept_alone(circle.member, circle, "2")
    other = Seal("another key, as long as it has to be")
    entry = stored(select(JournalEntry.sealed, JournalEntry.sealed_mood))[0]
    voice, part = stored(select(JournalVoice.sealed))[0], stored(select(ReleasedPart.sealed))[0]
    for sealed in (entry.sealed, entry.sealed_mood, part.sealed):
        assert CANARY not in sealed
        assert MOOD not in sealed
        with pytest.raises(CannotUnseal):
            other.open(sealed)
    with pytest.raises(CannotUnseal):
        other.open_bytes(voice.sealed)
    assert house.seal.open(entry.sealed) == f"{CANARY} in words"
    moods = [len(house.seal.close(word)) for word in ("glad", "worried", "annoyed", "curious")]
    assert len(set(moods)) == 1, "the length of what is sealed must not tell the word"


def test_no_command_and_no_figure_says_a_word_or_the_key(
    circle: Any, typed: Any, installed: Any, app: Any, monkeypatch: Any
) -> None:
    kept_alone(circle.member, circle, "2")
    token = "m" * 32
    whole = app.extensions["plc"]
    opened = whole.settings.model_copy(update={"metrics_token": SecretStr(token)})
    monkeypatch.setitem(app.extensions, "plc", replace(whole, settings=opened))
    person = str(circle.person("2"))
    for words in (("communities", "list", "--json"), ("doctor",), ("sites", "show"), ("sync", "explain", person, "5")):
        said = typed(*words)
        assert CANARY not in said.out + said.err
        assert "a key for tests, long enough to be one" not in said.out + said.err
    figures = app.test_client().get("/metrics", base_url=TOOL, headers={"Authorization": f"Bearer {token}"})
    assert figures.status_code == 200
    assert "plc_" in figures.text
    assert CANARY not in figures.text
