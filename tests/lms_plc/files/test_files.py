"""A file hangs on a thing: whoever reads the thing reads the file, and nobody else learns that there is one."""

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select

from lms_plc.communities.memberships import Because, end
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.files import actions, queries, scanning, views
from lms_plc.files.job import forget_all
from lms_plc.files.models import File, FileContent
from lms_plc.files.queries import FileSeen

from .conftest import document, picture

PDF = b"%PDF-1.7\n1 0 obj"
DOCUMENT = document()


def hanging(circle: Any, **about: Any) -> list[FileSeen]:
    reference = Reference("community", circle.id) if not about else Reference(**about)
    with circle.house.database.read() as connection:
        return list(queries.attached(connection, [reference]).get(reference, []))


def test_a_photo_and_a_document_hang_on_the_thing_and_are_given_out_harmless(
    circle: Any, send: Callable[..., Any], board: str
) -> None:
    sent = send(circle.member, ("Board.PNG", picture((900, 600))), ("План <5а>.docx", DOCUMENT), file_alt=" A  board ")
    assert sent.status_code == 303
    photo, plan = hanging(circle)
    assert (photo.name, photo.alt, photo.width, photo.has_small) == ("Board.png", "A board", 900, True)
    assert (plan.name, plan.alt, plan.is_picture) == ("План _5а_.docx", "", False)
    page = circle.facilitator.get(board).text
    assert f'/files/{photo.id}/small" alt="A board" width="900" height="600" loading="lazy"' in page
    assert "План _5а_.docx" in page
    assert "Word document, 1 kB" in page

    whole = circle.facilitator.get(f"/files/{photo.id}/content")
    assert whole.headers["Content-Disposition"] == "inline; filename=\"Board.png\"; filename*=UTF-8''Board.png"
    assert whole.headers["Content-Type"] == "image/png"
    saved = circle.facilitator.get(f"/files/{photo.id}/content?save=1")
    assert saved.headers["Content-Disposition"].startswith("attachment; ")
    small = circle.facilitator.get(f"/files/{photo.id}/small")
    assert len(small.data) < len(whole.data)
    other = circle.facilitator.get(f"/files/{plan.id}")
    assert other.data == DOCUMENT
    assert other.headers["Content-Disposition"] == (
        "attachment; filename=\"____ _5__.docx\"; filename*=UTF-8''%D0%9F%D0%BB%D0%B0%D0%BD%20_5%D0%B0_.docx"
    )
    for answer in (whole, small, other):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "private, no-cache"
    again = circle.facilitator.get(f"/files/{photo.id}/content", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert circle.facilitator.get(f"/files/{plan.id}/small").status_code == 404

    shown = circle.facilitator.get(f"/files/{photo.id}").text
    assert "<h1>A board</h1>" in shown


def test_a_page_of_files_takes_one_statement_for_all_of_them(circle: Any, send: Callable[..., Any]) -> None:
    send(circle.member, ("a.pdf", PDF), ("b.pdf", PDF + b"b"))
    asked: list[str] = []
    event.listen(circle.house.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with circle.house.database.read() as connection:
        known = Reference("community", circle.id)
        found = queries.attached(connection, [known, Reference("post", new_id())])
        assert queries.attached(connection, []) == {}
        assert queries.kept(connection, Actor(circle.id, circle.site_id, "", circle.house.clock()), []) == []
    assert [one.name for one in found[known]] == ["a.pdf", "b.pdf"]
    assert list(found) == [known]
    assert len([one for one in asked if "plc_file" in one]) == 1


def test_text_says_which_letters_it_is_written_in(circle: Any, send: Callable[..., Any]) -> None:
    send(circle.member, ("ден.txt", "Ден 1".encode()))
    answer = circle.member.get(f"/files/{hanging(circle)[0].id}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "Ден 1"


def test_who_is_out_and_who_never_was_in_learn_of_no_file(circle: Any, send: Callable[..., Any]) -> None:
    send(circle.member, ("a.pdf", PDF), ("b.png", picture((600, 600))))
    stranger = circle.joined("9", course="77")
    addresses = [f"/files/{one.id}{part}" for one in hanging(circle) for part in ("", "/content", "/small")]
    nowhere = stranger.get(f"/files/{uuid4()}").text.split("reference")[0]
    for address in addresses:
        refused = stranger.get(address)
        assert (refused.status_code, refused.text.split("reference")[0]) == (404, nowhere)
    assert circle.member.get(addresses[0]).status_code == 200
    with circle.house.database.write() as session:
        because = Because(circle.house.clock(), "sync")
        end(session, circle.site_id, circle.id, [circle.person("2")], because)
    assert [circle.member.get(address).status_code for address in addresses] == [404] * 6


def test_a_rejected_form_keeps_its_files_to_their_owner_and_drops_those_that_were_left_out(
    circle: Any, send: Callable[..., Any], board: str
) -> None:
    rejected = send(circle.member, ("a.pdf", PDF), ("b.pdf", PDF + b"b"), ("c.exe", b"MZ\x90\0"), body="")
    assert rejected.status_code == 422
    assert "“c.exe” is a program" in rejected.text
    ids = re.findall(r'name="file_ids" value="([^"]+)"', rejected.text)
    assert len(ids) == 2
    assert not hanging(circle)
    assert circle.member.get(f"/files/{ids[0]}").status_code == 200
    assert circle.facilitator.get(f"/files/{ids[0]}").status_code == 404
    stolen = send(circle.facilitator, file_ids=ids[0])
    assert (stolen.status_code, hanging(circle)) == (303, [])
    sent = send(circle.member, file_ids=[*ids, "no id"], drop_file=ids[1])
    assert sent.status_code == 303
    assert [one.name for one in hanging(circle)] == ["a.pdf"]
    # the same form once more, as a slow line sends it
    send(circle.member, ("a.pdf", PDF), file_ids=ids[0])
    assert [one.name for one in hanging(circle)] == ["a.pdf"]


def test_a_form_that_changes_a_thing_takes_off_what_was_left_out(circle: Any, send: Callable[..., Any]) -> None:
    send(circle.member, ("a.pdf", PDF), ("b.pdf", PDF + b"b"))
    a, b = (str(one.id) for one in hanging(circle))
    assert send(circle.facilitator, ("c.pdf", PDF + b"c"), file_ids=[a, b], drop_file=a).status_code == 303
    assert [one.name for one in hanging(circle)] == ["b.pdf", "c.pdf"]
    assert circle.facilitator.get(f"/files/{a}").status_code == 404


def test_ten_files_a_thing(circle: Any, send: Callable[..., Any]) -> None:
    many = send(circle.member, *((f"{number}.pdf", PDF + str(number).encode()) for number in range(11)))
    assert many.status_code == 422
    assert "At most 10 files." in many.text
    with circle.house.database.write() as session:
        who = Actor(circle.person("2"), circle.site_id, "", circle.house.clock())
        ids = [one.id for one in session.execute(select(File.id)).all()]
        reference = Reference("community", circle.id)
        actions.attach(session, who, ids, reference)
        more = actions.take_in(session, who, None, views.look_at("z.pdf", PDF + b"z", scan_command=None), quota=100)
        actions.attach(session, who, [more, more], reference)
    assert len(hanging(circle)) == 10


def test_what_is_too_large_is_refused_in_words(
    circle: Any, send: Callable[..., Any], settings_of: Callable[..., None]
) -> None:
    settings_of(file_limit_mb=1)
    refused = send(circle.member, ("film.pdf", PDF + bytes(1024 * 1024)), ("a.pdf", PDF))
    assert refused.status_code == 422
    assert "“film.pdf” is too large. One file may have up to 1 MB." in refused.text
    assert refused.text.count('name="file_ids"') == 1
    whole = send(circle.member, ("film.pdf", PDF + bytes(5 * 1024 * 1024)))
    assert whole.status_code == 413
    assert "all of a form together 4 MB" in whole.text
    plain = circle.member.post("/preview", {"text": "x" * 300_000})
    assert plain.status_code == 413
    assert "shorter text" in plain.text


def test_a_community_has_room_for_so_much(
    circle: Any, send: Callable[..., Any], settings_of: Callable[..., None]
) -> None:
    settings_of(files_quota_mb=1)
    send(circle.member, ("a.pdf", PDF + bytes(600 * 1024)))
    full = send(circle.member, ("b.pdf", PDF + b"b" + bytes(600 * 1024)))
    assert full.status_code == 422
    assert "There is no room left for “b.pdf”" in full.text


def scanner(folder: Path, answer: str) -> str:
    script = folder / "scanner"
    script.write_text(f"#!/bin/sh\ncat > {folder}/seen\n{answer}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("exit 0", None),
        ("exit 1", "has something harmful in it"),
        ("exit 2", "cannot be checked for viruses right now"),
        ("exec sleep 60", "cannot be checked for viruses right now"),
    ],
)
def test_what_the_scanner_does_not_call_clean_stays_out(
    circle: Any,
    send: Callable[..., Any],
    settings_of: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    said: str | None,
) -> None:
    monkeypatch.setattr(scanning, "PATIENCE", 0.5 if "sleep" in answer else 30)
    settings_of(scan_command=scanner(tmp_path, answer))
    sent = send(circle.member, ("a.pdf", PDF))
    assert sent.status_code == (422 if said else 303)
    assert (said or "") in sent.text
    assert bool(hanging(circle)) is (said is None)
    assert (tmp_path / "seen").read_bytes() == PDF


def test_a_scanner_that_is_gone_lets_nothing_in(circle: Any, send: Callable[..., Any], settings_of: Any) -> None:
    settings_of(scan_command="/nowhere/scanner -")
    assert "cannot be checked" in send(circle.member, ("a.pdf", PDF)).text


def test_what_was_never_sent_is_forgotten_after_two_days_and_bytes_stay_while_one_file_has_them(
    circle: Any, send: Callable[..., Any], stored: Callable[..., Any], clock: Any
) -> None:
    send(circle.member, ("stays.png", picture((600, 600))))
    send(circle.member, ("same.png", picture((600, 600))), ("goes.pdf", PDF), body="")
    before = len(stored(select(FileContent.digest)))
    assert (len(stored(select(File.id))), before) == (3, 3)
    assert forget_all(circle.house.database, clock() - actions.UNATTACHED_FOR) == 0
    clock.move(days=2, minutes=1)
    assert forget_all(circle.house.database, clock() - actions.UNATTACHED_FOR) == 2
    assert [one.name for one in hanging(circle)] == ["stays.png"]
    assert len(stored(select(FileContent.digest))) == 2
    with circle.house.database.write() as session:
        actions.take_away(session, Reference("community", circle.id))
        actions.take_away(session, Reference("community", circle.id))
    assert stored(select(File.id)) == stored(select(FileContent.digest)) == []


def test_the_worker_knows_the_job(circle: Any, send: Callable[..., Any], clock: Any, at_work: Any, stored: Any) -> None:
    from lms_plc import jobs
    from lms_plc.files import job

    send(circle.member, ("goes.pdf", PDF), body="")
    clock.move(days=3)

    def ask(house: Any) -> None:
        job.register(house)
        with house.database.write() as session:
            jobs.enqueue(session, "forget-unattached-files")

    at_work(ask)
    assert stored(select(File.id)) == []


def test_a_file_follows_what_is_shown_and_whoever_leads_sees_what_is_hidden(
    circle: Any, send: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(circle.member, ("a.png", picture()))
    address = f"/files/{hanging(circle)[0].id}"
    shown = {"community": True}
    thing = things.Thing(
        Reference("community", circle.id), "Maths circle", "", None, "", circle.id, circle.house.clock(),
        "communities.community_home", {"community_id": circle.id},
    )  # fmt: skip
    monkeypatch.setitem(
        things._kinds,
        "community",
        things.Kind("community", "", lambda *_: {circle.id: thing} if shown["community"] else {}),
    )
    assert "Back to “Maths circle”" in circle.member.get(address).text
    shown["community"] = False
    assert circle.member.get(address).status_code == 404
    assert circle.facilitator.get(address).status_code == 200


def test_a_thing_of_a_kind_nobody_loads_shows_no_file(circle: Any) -> None:
    who = Actor(circle.person("2"), circle.site_id, "", circle.house.clock())
    with circle.house.database.write() as session:
        brought = views.look_at("a.pdf", PDF, scan_command=None)
        file_id = actions.take_in(session, who, None, brought, quota=100)
        actions.attach(session, who, [file_id], Reference("riddle", circle.id))
        actions.attach(session, who, [], Reference("riddle", circle.id))
    assert circle.member.get(f"/files/{file_id}").status_code == 404


def test_a_preview_shows_clean_markup_and_sends_nothing(circle: Any, send: Callable[..., Any], board: str) -> None:
    asked = circle.member.post("/preview", {"text": "**bold** <script>alert(1)</script>"})
    assert asked.text.strip() == "<p><strong>bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert circle.member.post("/preview", {"text": " "}).text == "<p>There is nothing to show yet.</p>"
    looked = send(circle.member, ("a.pdf", PDF), body="My **plan**", preview="body")
    assert looked.status_code == 200
    assert "<strong>plan</strong>" in looked.text
    assert "My **plan**</textarea>" in looked.text
    assert 'name="file_ids"' in looked.text
    assert not hanging(circle)
    assert "There is nothing to show yet." in send(circle.member, body="", preview="body").text


@pytest.fixture
def settings_of(app: Flask) -> Callable[..., None]:
    """``settings_of(file_limit_mb=1)``: the house with other settings."""
    from dataclasses import replace

    def change(**given: Any) -> None:
        house = app.extensions["plc"]
        app.extensions["plc"] = replace(house, settings=house.settings.model_copy(update=given))

    return change
