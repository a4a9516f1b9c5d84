"""Rosters: whole or not at all, a page at a time, with the names and roles people really have."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lti.http import BoundedHttp
from lti.roles import Scope
from lti.services.calls import Caller
from lti.services.errors import BadAnswer, Refused, ServiceError
from lti.services.memberships import MEDIA_TYPE, Member, Status, read_differences, read_members
from lti.services.token import AccessTokens
from lti.testing import ToolKeysInMemory
from tests.lti.services.conftest import MOODLE, recorded

NRPS = recorded("nrps.json")
ROSTER = "http://127.0.0.1:8080/mod/lti/services.php/CourseSection/5/bindings/1/memberships"
URL = "https://lms.example.org/roster"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"


def page(*members, **more):
    return {"id": URL, "context": {"id": "5"}, "members": list(members)} | more


def person(user_id="1", **more):
    return {"user_id": user_id, "roles": ["Learner"]} | more


def only_page(services, caller, platform, *members, **options):
    services.answers((200, {}, page(*members)))
    return next(read_members(caller, platform, URL, **options))


def test_a_recorded_roster_of_moodle_is_read_with_context_names_and_roles(moodle, moodle_caller):
    moodle.plays(NRPS["full"])

    pages = list(read_members(moodle_caller, MOODLE, ROSTER, names_are_escaped=True))

    said = NRPS["full"]["json"]["members"]
    assert len(pages) == 1
    assert (pages[0].next_url, pages[0].differences_url) == (None, None)
    assert pages[0].context.title == "Lesson Study & Formative Assessment"
    assert [member.user_id for member in pages[0].members] == [member["user_id"] for member in said]
    assert {role.scope for member in pages[0].members for role in member.roles} == {Scope.CONTEXT}
    found = next(member for member in pages[0].members if member.user_id == "9")
    assert (found.name, found.given_name, found.family_name) == ("Seán O'Brien & Co", "Seán", "O'Brien & Co")
    assert (found.email, found.sourced_id, found.status) == ("student2@example.org", None, Status.ACTIVE)
    assert {role.name for role in found.roles} == {"Instructor"}
    assert moodle.requests[0].headers["Accept"] == MEDIA_TYPE


def test_recorded_pages_of_moodle_are_followed_as_they_are_asked_for(moodle, moodle_caller):
    moodle.plays(NRPS["limit5_page1"], NRPS["limit5_page2"])

    reading = read_members(moodle_caller, MOODLE, ROSTER, limit=5)
    first, second = next(reading), next(reading)

    assert first.next_url == f"{ROSTER}?limit=5&from=5"
    assert [member.user_id for member in (*first.members, *second.members)] == [
        member["user_id"] for part in ("limit5_page1", "limit5_page2") for member in NRPS[part]["json"]["members"]
    ]
    assert len(moodle.requests) == 2


def test_a_page_behind_the_end_is_an_empty_last_page(moodle, moodle_caller):
    moodle.plays(NRPS["limit_beyond_end"])

    last = list(read_members(moodle_caller, MOODLE, f"{ROSTER}?limit=5&from=9999"))
    assert [(one.members, one.next_url) for one in last] == [((), None)]


def test_the_recorded_page_of_a_large_course_is_read(moodle, moodle_caller):
    exchange = recorded("nrps_big_course_first_20.json")
    moodle.plays(exchange)
    url = ROSTER.replace("/5/", "/14/")

    first = next(read_members(moodle_caller, MOODLE, url, limit=20))
    assert (len(first.members), first.next_url) == (20, f"{url}?limit=20&from=20")


def test_the_role_that_moodles_next_link_drops_is_asked_for_again(moodle, moodle_caller):
    moodle.plays(NRPS["role_learner_limit3"])

    first = next(read_members(moodle_caller, MOODLE, ROSTER, role="Learner", limit=3))
    assert first.next_url == f"{ROSTER}?limit=3&from=3&role=Learner"
    assert len(first.members) == 3


@pytest.mark.parametrize("role", ["Instructor", INSTRUCTOR])
def test_a_role_is_asked_for_by_its_short_name_or_its_uri(moodle, moodle_caller, role):
    case = "role_instructor_short" if role == "Instructor" else "role_instructor_uri"
    moodle.plays(NRPS[case])

    members = next(read_members(moodle_caller, MOODLE, ROSTER, role=role)).members
    assert {member.user_id for member in members} == {"9", "66", "43", "10", "5"}


def test_a_role_moodle_does_not_know_gives_nobody_and_not_everybody(moodle, moodle_caller):
    moodle.plays(NRPS["role_unknown"])

    assert next(read_members(moodle_caller, MOODLE, ROSTER, role="Mentor", limit=2)).members == ()


def test_those_who_may_open_a_link_are_asked_for_by_its_id(moodle, moodle_caller):
    moodle.plays(NRPS["rlid"])

    first = next(read_members(moodle_caller, MOODLE, ROSTER, limit=3, resource_link_id="1"))
    assert first.next_url == f"{ROSTER}?limit=3&from=3&rlid=1"
    assert len(first.members) == 3


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("rlid_cmid_instead_of_instance", "gone"),
        ("rlid_unknown", "gone"),
        ("accept_json", "refused"),
        ("no_token", "unauthorized"),
        ("bad_token", "unauthorized"),
        ("token_wrong_scope", "unauthorized"),
        ("token_of_other_tool", "unauthorized"),
        ("unknown_course", "gone"),
        ("accept_v1_jsonld", "odd_shape"),
    ],
)
def test_every_recorded_refusal_of_moodle_is_the_right_error(moodle, moodle_caller, case, code):
    moodle.plays(NRPS[case])

    with pytest.raises(ServiceError) as caught:
        list(read_members(moodle_caller, MOODLE, MOODLE.issuer + NRPS[case]["request"].removeprefix("GET ")))
    assert caught.value.code == code
    assert "doesn't exist" not in str(caught.value)


def test_a_tool_that_may_not_have_names_gets_members_without(moodle, moodle_caller):
    moodle.plays(NRPS["private_tool_no_names"])

    url = ROSTER.replace("bindings/1", "bindings/2")
    members = next(read_members(moodle_caller, MOODLE, url, limit=3)).members
    assert {(member.name, member.given_name, member.email) for member in members} == {(None, None, None)}
    assert [member.user_id for member in members] == ["14", "12", "13"]


def test_names_are_unescaped_once_and_only_when_asked(services, caller, platform):
    someone = person(name="A &amp;amp; B", given_name="A &lt;", family_name="B", email="a&amp;b@example.org")

    as_sent = only_page(services, caller, platform, someone).members[0]
    assert (as_sent.name, as_sent.given_name) == ("A &amp;amp; B", "A &lt;")
    plain = only_page(services, caller, platform, someone, names_are_escaped=True).members[0]
    assert (plain.name, plain.given_name, plain.email) == ("A &amp; B", "A <", "a&amp;b@example.org")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, Status.ACTIVE),
        ({"status": None}, Status.ACTIVE),
        ({"status": "Active"}, Status.ACTIVE),
        ({"status": "inactive"}, Status.INACTIVE),
        ({"status": "Deleted"}, Status.DELETED),
        ({"status": "Withdrawn"}, Status.INACTIVE),
        ({"status": 7}, Status.INACTIVE),
    ],
)
def test_a_status_we_do_not_know_lets_nobody_in_and_none_means_active(services, caller, platform, said, status):
    assert only_page(services, caller, platform, person(**said)).members[0].status is status


def test_ids_may_be_numbers_and_odd_particulars_count_as_missing(services, caller, platform):
    odd = person(7, name=5, email=[], roles="Learner", group_enrollments={"group_id": 1})
    grouped = person("8", group_enrollments=[{"group_id": 3}, {"group_id": "b"}], roles=["Learner", 5, "own:Role"])

    first, second = only_page(services, caller, platform, odd, grouped).members
    assert first == Member("7", Status.ACTIVE, ())
    assert (second.group_ids, [role.uri for role in second.roles]) == (("3", "b"), ["Learner", "own:Role"])


@pytest.mark.parametrize(
    ("role", "ids"),
    [
        ("Instructor", ["2", "3"]),
        (INSTRUCTOR, ["2", "3"]),
        (ASSISTANT, ["3"]),
        ("own:Role", ["4"]),
    ],
)
def test_a_role_is_looked_for_here_too_with_its_parts(services, caller, platform, role, ids):
    people = [person("1"), person("2", roles=[INSTRUCTOR]), person("3", roles=[ASSISTANT])]
    members = only_page(services, caller, platform, *people, person("4", roles=["own:Role"]), role=role).members

    assert [member.user_id for member in members] == ids


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"context": {"id": "5"}}, "members"),
        ({"members": {}}, "members"),
        ({"members": [{"name": "Somebody Private"}]}, "members.0.user_id"),
        ({"members": [person(), person("")]}, "members.1.user_id"),
        ({"members": [person(True)]}, "members.0.user_id"),
        ([], "/"),
    ],
)
def test_a_roster_of_another_shape_is_refused_by_its_place_and_without_its_names(
    services, caller, platform, body, place
):
    services.answers((200, {}, body))

    with pytest.raises(BadAnswer) as caught:
        list(read_members(caller, platform, URL))
    assert (caught.value.code, caught.value.values["place"]) == ("odd_shape", place)
    assert "Private" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"members": [', b"\xff\xfe"])
def test_what_is_no_data_is_refused(services, caller, platform, body):
    services.answers((200, {}, body))

    with pytest.raises(BadAnswer) as caught:
        list(read_members(caller, platform, URL))
    assert caught.value.code == "not_json"


def test_a_byte_order_mark_is_no_obstacle_and_a_context_may_be_missing(services, caller, platform):
    services.answers((200, {}, b'\xef\xbb\xbf{"members": []}'))

    assert list(read_members(caller, platform, URL))[0].context is None


def test_a_second_page_that_fails_makes_the_reading_fail(services, caller, platform):
    services.answers((200, {"Link": "<?from=1>; rel=next"}, page(person())), (403, {}, {}))

    reading = read_members(caller, platform, URL)
    next(reading)
    with pytest.raises(Refused):
        next(reading)


def test_differences_tell_who_left_and_where_to_ask_the_next_time(services, caller, platform):
    changes = f"{URL}?since=2"
    services.answers(
        (200, {"Link": f'<{changes}&p=2>; rel="next", <{URL}?since=3>; rel="differences"'}, page(person("1"))),
        (200, {"Link": f'<{URL}?since=4>; rel="differences"'}, page(person("2", status="Deleted", name="A &amp; B"))),
    )

    pages = list(read_differences(caller, platform, changes, names_are_escaped=True))

    members = [member for one in pages for member in one.members]
    assert [(member.user_id, member.status) for member in members] == [("1", "Active"), ("2", "Deleted")]
    assert members[1].name == "A & B"
    assert pages[-1].differences_url == f"{URL}?since=4"
    assert [asked.url for asked in services.calls] == [changes, f"{changes}&p=2"]


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("?since=1", f"{URL}?since=1"),
        ("https://elsewhere.example.net/?since=1", None),
        ("https://[/", None),
    ],
)
def test_a_differences_link_to_another_place_is_not_believed(services, caller, platform, link, found):
    services.answers((200, {"Link": f"<{link}>; rel=differences"}, page()))

    assert next(read_members(caller, platform, URL)).differences_url == found


def test_no_name_is_in_a_repr(services, caller, platform):
    only = only_page(services, caller, platform, person(name="Somebody Private", email="private@example.org"))

    assert "rivate" not in repr(only) + repr(only.members)
    assert repr(only.members[0]) == "<Member Active>"


MEMBERS = 100_000


@pytest.fixture
def large_course() -> Iterator[str]:
    """The address of a server on this machine with a course of 100,000, in pages as large as asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.say({"access_token": "a", "expires_in": 3600})

        def do_GET(self) -> None:
            asked = {name: int(values[0]) for name, values in parse_qs(urlsplit(self.path).query).items()}
            start, end = asked.get("from", 0), min(asked.get("from", 0) + asked["limit"], MEMBERS)
            people = [
                person(str(n), name=f"Person {n}", email=f"person{n}@example.org", status="Active")
                for n in range(start, end)
            ]
            link = {"Link": f"</roster?limit={asked['limit']}&from={end}>; rel=“next”".encode().decode("latin-1")}
            self.say(page(*people), link if end < MEMBERS else {})

        def say(self, body: object, headers: dict[str, str] | None = None) -> None:
            said = json.dumps(body).encode()
            self.send_response(200)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_hundred_thousand_members_are_read_in_less_than_twenty_mebibytes(large_course, ring, clock):
    platform = replace(MOODLE, token_url=f"{large_course}/token")
    http = BoundedHttp(requests.Session)
    caller = Caller(http, AccessTokens(http, ToolKeysInMemory(ring), clock))
    last, count = -1, 0

    tracemalloc.start()
    try:
        for one in read_members(caller, platform, f"{large_course}/roster", limit=2000):
            assert int(one.members[0].user_id) == last + 1
            last, count = int(one.members[-1].user_id), count + len(one.members)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (count, last) == (MEMBERS, MEMBERS - 1)
    assert peak < 20 * 1024 * 1024
