"""Secrets, marks, drawers and tickets: what binds a login to the browser it began in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Request, Response

from lti.browser import (
    TICKET_LIFE,
    BrowserCookie,
    PlatformStorage,
    digest,
    is_same,
    is_secret,
    new_secret,
    new_ticket,
    storage_key,
)
from lti.testing import FrozenClock

MARK = "M" * 43
NOW = FrozenClock().now


def cookie_of(response) -> tuple[str, dict[str, str]]:
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    said = dict(attribute.partition("=")[::2] for attribute in attributes)
    return name, said | {"value": value}


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://plc.example.org", "__Host-plc_browser"),
        ("HTTPS://plc.example.org", "__Host-plc_browser"),
        ("http://localhost:5000", "plc_browser"),
    ],
)
def test_the_mark_is_a_partitioned_cookie_of_this_host_alone(base_url, name):
    response = Response()
    cookie = BrowserCookie(base_url)
    cookie.write(response, MARK)

    found, said = cookie_of(response)

    assert found == cookie.name == name
    assert said["value"] == MARK
    assert said["Path"] == "/"
    assert said["SameSite"] == "None"
    assert said["Max-Age"] == str(12 * 3600)
    assert {"Secure", "HttpOnly", "Partitioned"} <= said.keys()
    assert "Domain" not in said


def test_a_browser_that_is_left_keeps_no_mark():
    response = Response()
    BrowserCookie("https://plc.example.org").forget(response)

    name, said = cookie_of(response)

    assert (name, said["value"], said["Max-Age"]) == ("__Host-plc_browser", "", "0")
    assert {"Secure", "HttpOnly", "Partitioned"} <= said.keys()


@pytest.mark.parametrize(
    ("sent", "mark"),
    [
        (f"__Host-plc_browser={MARK}", MARK),
        (f"other=1; __Host-plc_browser={MARK}", MARK),
        (f"plc_browser={MARK}", None),
        ("__Host-plc_browser=short", None),
        ("__Host-plc_browser=", None),
        ("", None),
    ],
)
def test_only_a_cookie_of_our_name_and_form_is_a_mark(sent, mark):
    request = Request({"HTTP_COOKIE": sent})

    assert BrowserCookie("https://plc.example.org").read(request) == mark


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (MARK, True),
        ("A" * 16, True),
        ("A" * 15, False),
        ("A" * 128, True),
        ("A" * 129, False),
        (MARK[:-1] + "!", False),
        (MARK[:-1] + "ж", False),
        (MARK + "\n", False),
        ("", False),
    ],
)
def test_only_what_looks_like_a_secret_of_ours_is_looked_up(text, is_one):
    assert is_secret(text) is is_one


def test_a_new_secret_looks_like_one_and_is_like_no_other():
    made = {new_secret() for _ in range(50)}

    assert len(made) == 50
    assert all(is_secret(one) and len(one) == 43 for one in made)


@pytest.mark.parametrize("other", ["", "x", MARK.lower(), MARK + " ", "half a pair \ud83c", "ж"])
def test_a_secret_is_recognised_by_its_digest_and_nothing_else_is(other):
    assert is_same(MARK, digest(MARK))
    assert not is_same(other, digest(MARK))
    assert not is_same(digest(MARK), digest(MARK))
    assert MARK not in digest(MARK)


def test_a_drawer_shows_no_secret_and_its_key_names_one_login_only():
    drawer = PlatformStorage("_parent", "https://lms.example.org", storage_key(digest("state")), value=MARK)

    assert MARK not in repr(drawer)
    assert drawer.key == storage_key(digest("state")) != storage_key(digest("another state"))
    assert "state" not in drawer.key


@pytest.mark.parametrize("proof_digest", [None, digest("P" * 43)])
def test_a_ticket_is_kept_by_digest_and_shows_no_passage(proof_digest):
    passage = {"person": "person-5"}
    secret, ticket = new_ticket(passage, NOW, proof_digest)
    passage["person"] = "person-2"

    assert ticket.ticket_digest == digest(secret)
    assert ticket.passage == {"person": "person-5"}
    assert ticket.expires_at == NOW + TICKET_LIFE
    assert timedelta(minutes=5) >= TICKET_LIFE
    assert ticket.proof_digest == proof_digest
    assert secret not in repr(ticket)
    assert "person-5" not in repr(ticket)
