"""What people try who want in, want more, or want it to stop; each test names what they get instead."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lms_plc.communities.memberships import Because, bring_in, end
from lms_plc.communities.models import Community
from lms_plc.core.text import excerpt, render
from lms_plc.discussions.models import Draft
from lms_plc.people.models import Identity, Person
from lms_plc.sites import outgoing
from lms_plc.sites.models import Deployment, Enrolment
from lms_plc.sites.outgoing import Fetcher
from lms_plc.sites.stores import MOST_WAITING
from lti.http import NoAnswer

TOOL = "https://plc.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
RUNS_THE_LMS = {"roles": [ADMINISTRATOR, INSTRUCTOR]}

Circle = Any


@pytest.fixture
def dropped(circle: Circle, house: Any, clock: Any, visitor: Callable[[], Any]) -> Any:
    """An LMS administrator whom the roster once listed in the course, and then no longer."""
    admin = visitor()
    admin.launch("9", **RUNS_THE_LMS)
    because = Because(clock(), "sync", reason="enrolment_gone")
    with house.database.write() as session:
        person = session.execute(select(Identity.person_id).where(Identity.subject == "9")).scalar_one()
        session.execute(update(Enrolment).where(Enrolment.person_id == person).values(from_sync=True, state="gone"))
        bring_in(session, circle.site_id, circle.id, [person], because)
        end(session, circle.site_id, circle.id, [person], because)
    return admin


def test_an_administrator_the_roster_has_dropped_stays_outside_however_often_they_launch(
    circle: Circle, dropped: Any
) -> None:
    for _ in range(2):
        assert urlsplit(dropped.launch("9", **RUNS_THE_LMS).location).path.endswith("/technical")
        assert dropped.get(circle.home).status_code == 404


def test_an_assistant_is_not_offered_to_found_a_community(visitor: Callable[[], Any]) -> None:
    assistant, teacher = visitor(), visitor()
    assert assistant.launch("1", roles=[ASSISTANT]).location.endswith("/waiting")
    assert teacher.launch("2", roles=[INSTRUCTOR]).location.endswith("/found")


def test_a_made_up_course_history_gives_away_neither_charter_nor_name(
    circle: Circle, visitor: Callable[[], Any]
) -> None:
    circle.member.post(f"{circle.home}/charter/edit", {"charter": "We begin with silence", "based_on": "0"})
    stranger = visitor()
    landed = urlsplit(stranger.launch("7", "77", custom={"context_id_history": "5"}).location).path
    assert "/communities/" in landed, "a copied course has its own community all the same"
    assert "Maths circle" not in stranger.get(landed).text
    assert "We begin with silence" not in stranger.get(f"{landed}/charter").text

    member = visitor()
    landed = urlsplit(member.launch("2", "78", custom={"context_id_history": "5"}).location).path
    assert "Maths circle" in member.get(landed).text
    assert "We begin with silence" in member.get(f"{landed}/charter").text


def test_a_course_is_never_its_own_copy(circle: Circle, stored: Any, visitor: Callable[[], Any]) -> None:
    visitor().launch("3", "5", custom={"context_id_history": "5"})
    assert [row.twin_of_id for row in stored(select(Community.twin_of_id))] == [None]


@pytest.mark.parametrize("origin", ["http://[", "http://a:b:c", "null", "https://plc.example.org.evil.example", "\\"])
def test_an_origin_that_is_none_is_answered_with_a_page(circle: Circle, app: Any, origin: str) -> None:
    for path in ("/nothing", f"/s/{circle.member.seat}/new-window", "/lti/continue"):
        answer = app.test_client().post(path, base_url=TOOL, headers={"Origin": origin})
        assert 400 <= answer.status_code < 500
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("word", ["a%00b", "..", "'--", "x" * 200, "%ED%A0%80"])
def test_a_seat_that_cannot_be_is_nobodys(circle: Circle, word: str) -> None:
    answer = circle.member.client.get(f"/s/{word}/communities/{uuid4()}", base_url=TOOL)
    assert answer.status_code in (302, 401, 404)


def test_a_version_no_charter_can_have_is_refused_at_its_field(circle: Circle) -> None:
    edit = f"{circle.home}/charter/edit"
    assert circle.member.post(edit, {"charter": "x", "based_on": str(2**31 - 1)}).status_code == 422
    assert circle.member.post(edit, {"charter": "x", "based_on": "0"}).status_code == 303


def test_a_draft_is_kept_only_for_a_place_its_writer_may_write_in(circle: Circle, stored: Any, visitor: Any) -> None:
    me, topic = circle.person("2"), circle.start(circle.member)
    other = visitor()
    other_home = urlsplit(other.launch("8", "6", roles=[INSTRUCTOR]).location).path.replace("/found", "")
    assert other_home
    kept = f"{circle.home}/drafts"
    for place in (f"topic:{uuid4()}", f"community:{uuid4()}", f"post:{uuid4()}"):
        assert circle.member.post(kept, {"key": f"{me}/{place}", "text": "t"}).status_code == 404
    assert circle.member.post(kept, {"key": f"{circle.person('1')}/topic:{topic}", "text": "t"}).status_code == 404
    assert stored(select(Draft.place)) == []
    assert circle.member.post(kept, {"key": f"{me}/topic:{topic}", "text": "t"}).status_code == 204
    assert [row.place for row in stored(select(Draft.place))] == [f"topic:{topic}"]


def test_who_leaves_a_shared_computer_leaves_nothing_to_go_on_with(circle: Circle) -> None:
    left = circle.member.post("/leave")
    assert left.status_code == 200
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert circle.member.client.get(f"/s/{circle.member.seat}{circle.home}", base_url=TOOL).status_code == 401
    assert circle.facilitator.get(circle.home).status_code == 200


def test_leaving_one_tab_keeps_the_other_persons(circle: Circle) -> None:
    first = circle.member.seat
    circle.member.launch("1")
    assert circle.member.post("/leave").headers.get("Set-Cookie") is None
    assert circle.member.client.get(f"/s/{first}{circle.home}", base_url=TOOL).status_code == 200


def test_names_that_turn_a_page_round_or_hide_a_letter_are_kept_plain(stored: Any, visitor: Callable[[], Any]) -> None:
    visitor().launch("1", name="Ana\N{RIGHT-TO-LEFT OVERRIDE} Kova\N{ZERO WIDTH SPACE}c\N{POP DIRECTIONAL ISOLATE}")
    visitor().launch("2", name="\N{ZERO WIDTH SPACE}")
    assert sorted(row.display_name for row in stored(select(Person.display_name))) == ["#2", "Ana Kovac"]


def test_a_post_full_of_tables_costs_neither_its_page_nor_the_home_page_much() -> None:
    wide = "|".join("ab" * 400)
    bomb = "\n\n".join(f"|{wide}|\n|{'-|' * 800}\n" + "|a|\n" * 60 for _ in range(8))[:20_000]
    began = time.process_time()
    html = render(bomb).html
    shown = excerpt(bomb)
    assert time.process_time() - began < 5
    assert len(html) < 2_000_000
    assert len(shown) < 400


def test_a_server_that_sends_a_byte_a_second_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "LONGEST", 0.5)
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not stop.wait(0.1):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="in time"):
            Fetcher(allow_private_hosts=True)(f"http://127.0.0.1:{server.getsockname()[1]}/keys")
        assert time.monotonic() - began < 5
        stop.set()
        thread.join(5)


def test_a_login_that_wants_to_fill_the_database_is_refused(app: Any, lms: Any) -> None:
    form = lms.platform.login_form()
    long = {**form, "target_link_uri": f"{TOOL}/lti/launch?" + "x" * 2000}
    assert app.test_client().post("/lti/login", data=long, base_url=TOOL).status_code == 400
    assert app.test_client().post("/lti/login", data=form, base_url=TOOL).status_code == 302


def test_a_mark_copied_at_a_schools_computer_opens_nothing_of_whoever_comes_next(
    app: Any, lms: Any, circle: Any
) -> None:
    """A pupil begins a login, notes the cookie, and leaves; a teacher opens her activity at the same browser."""
    shared = circle.visitor()
    shared.client.post("/lti/login", data=lms.platform.login_form(), base_url=TOOL)
    noted = shared.client.get_cookie("__Host-plc_browser", domain="plc.example.org").value
    shared.launch("2")
    now = shared.client.get_cookie("__Host-plc_browser", domain="plc.example.org").value
    assert now != noted
    assert shared.get(circle.home).status_code == 200
    at_home = app.test_client()
    at_home.set_cookie("__Host-plc_browser", noted, domain="plc.example.org", secure=True)
    for path in (f"/s/{shared.seat}{circle.home}", "/s/anything/"):
        assert at_home.get(path, base_url=TOOL).status_code == 401


def test_a_second_person_at_a_browser_leaves_the_first_their_seat(circle: Any) -> None:
    shared = circle.visitor()
    shared.launch("2")
    first = shared.seat
    shared.launch("1")
    assert shared.get(f"/s/{first}{circle.home}").status_code == 200
    assert shared.get(circle.home).status_code == 200
    marks = shared.client.get_cookie("__Host-plc_browser", domain="plc.example.org").value
    shared.launch("1")
    assert shared.client.get_cookie("__Host-plc_browser", domain="plc.example.org").value == marks


def test_an_lms_that_invents_deployments_fills_no_list(lms: Any, circle: Any, stored: Any) -> None:
    visitor = circle.visitor()
    for number in range(MOST_WAITING + 5):
        form = lms.platform.login_form(lti_deployment_id=None)
        login = visitor.client.post("/lti/login", data=form, base_url=TOOL)
        claims = lms.claims("2", "5", deployment_id=f"invented-{number}")
        fields = lms.platform.launch_form(login.location, **claims)
        assert visitor.client.post("/lti/launch", data=fields, base_url=TOOL).status_code == 403
    assert len(stored(select(Deployment.id).where(Deployment.approved_at.is_(None)))) == MOST_WAITING
