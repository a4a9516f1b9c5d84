"""The routes, in a small host."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Response

from lti.blueprint import lti_blueprint
from lti.browser import BrowserCookie, digest, new_ticket
from lti.jose import read_key_set
from lti.refusals import LaunchContext, Reason, Refusal
from lti.testing import SPOILED, TOOL_URL

HERE = {"Origin": TOOL_URL}


def log_in(browser, form) -> str:
    response = browser.post("/lti/login", data=form, base_url=TOOL_URL)
    assert response.status_code == 302
    return response.headers["Location"]


def launch(browser, form):
    return browser.post("/lti/launch", data=form, base_url=TOOL_URL)


def go_on(browser, ticket: str, headers=HERE):
    return browser.post("/lti/continue", data={"ticket": ticket}, headers=headers, base_url=TOOL_URL)


def log_in_and_launch(browser, lms, **options):
    return launch(browser, lms.launch_form(log_in(browser, lms.login_form()), **options))


def offered(host, lms) -> str:
    """The ticket offered to a browser that lost its cookie between login and launch."""
    redirect = log_in(host.browser(), lms.login_form())
    response = launch(host.browser(), lms.launch_form(redirect))
    assert response.status_code == 200
    return response.json["ticket"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_login_may_come_as_get_or_post(host, lms, method):
    where = {"query_string" if method == "get" else "data": lms.login_form()}
    response = getattr(host.browser(), method)("/lti/login", base_url=TOOL_URL, **where)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("https://lms.example.org/mod/lti/auth.php?scope=openid&")
    assert response.headers["Cache-Control"] == "no-store"


def test_a_launch_in_the_browser_of_its_login_enters(host, lms):
    response = log_in_and_launch(host.browser(), lms)

    assert response.json == {"entered": {"person": "person-5"}}
    assert response.headers["Cache-Control"] == "no-store"
    assert len(host.entered) == 1


def test_a_browser_keeps_its_mark_from_launch_to_launch(host, lms):
    browser = host.browser()
    log_in_and_launch(browser, lms)
    log_in_and_launch(browser, lms)
    log_in_and_launch(host.browser(), lms)

    marks = [mark for _, mark in host.entered]
    assert marks[0] == marks[1] != marks[2]


def cookie_of(response) -> tuple[str, dict[str, str]]:
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    said = dict(attribute.partition("=")[::2] for attribute in attributes)
    return name, said | {"value": value}


@pytest.mark.parametrize(
    ("base_url", "name"),
    [("https://plc.example.org", "__Host-plc_browser"), ("http://localhost:5000", "plc_browser")],
)
def test_the_mark_is_a_partitioned_cookie_of_this_host_alone(base_url, name):
    response = Response()
    cookie = BrowserCookie(base_url)
    cookie.write(response, "M" * 43)

    found, said = cookie_of(response)

    assert found == cookie.name == name
    assert said["value"] == "M" * 43
    assert said["Path"] == "/"
    assert said["SameSite"] == "None"
    assert said["Max-Age"] == str(12 * 3600)
    assert {"Secure", "HttpOnly", "Partitioned"} <= said.keys()
    assert "Domain" not in said


@pytest.mark.parametrize("value", ["", "short", "M" * 129, "M" * 42 + "!", "M" * 42 + "ж"])
def test_a_cookie_that_is_not_ours_is_no_mark(host, lms, value):
    browser = host.browser()
    browser.set_cookie("__Host-plc_browser", value, domain="plc.example.org")
    log_in(browser, lms.login_form())

    assert browser.get_cookie("__Host-plc_browser", domain="plc.example.org").value != value


def test_a_login_and_its_launch_in_two_browsers_are_refused(host, lms):
    victim = host.browser()
    log_in(victim, lms.login_form())
    stranger = log_in(host.browser(), lms.login_form())

    response = launch(victim, lms.launch_form(stranger))

    assert (response.status_code, response.json["refused"]) == (403, "browser_changed")
    assert host.entered == []


def test_without_a_cookie_nobody_enters_until_the_new_window_did(host, lms):
    ticket = offered(host, lms)
    assert host.entered == []
    assert len(host.arrived) == 1

    window = host.browser()
    response = go_on(window, ticket)

    assert response.json == {"entered": {"person": "person-5"}}
    assert response.headers["Cache-Control"] == "no-store"
    assert cookie_of(response)[0] == "__Host-plc_browser"
    assert host.entered == [({"person": "person-5"}, cookie_of(response)[1]["value"])]
    assert log_in_and_launch(window, lms).json["entered"]


def test_a_new_window_that_has_a_mark_keeps_it(host, lms):
    window = host.browser()
    log_in_and_launch(window, lms)
    go_on(window, offered(host, lms))

    assert host.entered[0][1] == host.entered[1][1]


def test_a_ticket_is_good_once(host, lms):
    ticket = offered(host, lms)

    assert go_on(host.browser(), ticket).status_code == 200
    assert go_on(host.browser(), ticket).json["refused"] == "ticket_unknown"
    assert (len(host.entered), len(host.tickets)) == (1, 0)


def test_of_eight_windows_with_one_ticket_exactly_one_enters(host, lms):
    ticket = offered(host, lms)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: go_on(host.browser(), ticket).status_code, range(8)))

    assert sorted(codes) == [200] + [403] * 7


@pytest.mark.parametrize(("seconds", "code"), [(299, None), (300, "ticket_expired")])
def test_a_ticket_is_good_for_five_minutes(host, lms, clock, seconds, code):
    ticket = offered(host, lms)
    clock.forward(seconds=seconds)

    assert go_on(host.browser(), ticket).json.get("refused") == code


@pytest.mark.parametrize(
    ("ticket", "code"), [("", "ticket_missing"), ("x", "ticket_unknown"), ("T" * 43, "ticket_unknown")]
)
def test_an_invented_ticket_is_refused(host, ticket, code):
    assert go_on(host.browser(), ticket).json["refused"] == code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://elsewhere.example.net"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": TOOL_URL, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://elsewhere.example.net", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://plc.example.org"},
        {"Origin": "https://[half"},
    ],
    ids=str,
)
def test_going_on_is_refused_from_a_page_that_is_not_ours_and_the_ticket_stays_good(host, lms, headers):
    ticket = offered(host, lms)

    assert go_on(host.browser(), ticket, headers).json["refused"] == "origin_foreign"
    assert go_on(host.browser(), ticket).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, HERE],
    ids=str,
)
def test_going_on_works_however_a_browser_says_that_the_page_is_ours(host, lms, headers):
    assert go_on(host.browser(), offered(host, lms), headers).status_code == 200


def test_a_ticket_is_kept_by_digest_and_shows_no_passage(host, clock):
    secret, ticket = new_ticket({"person": "person-5"}, clock())

    assert ticket.ticket_digest == digest(secret)
    assert secret not in repr(ticket)
    assert "person-5" not in repr(ticket)


def test_a_host_may_refuse_a_launch_that_passed(host, lms):
    closed = Reason("course_closed", 409, "Closed.", "Closed.")

    def arriving(_launch):
        raise Refusal(closed)

    host.arriving = arriving
    response = log_in_and_launch(host.browser(), lms)

    assert (response.status_code, response.json["refused"]) == (409, "course_closed")
    seen = host.refusals[0][1]
    assert (seen.issuer, seen.client_id) == ("https://lms.example.org", "plc-client-1")
    assert seen.return_url.startswith("https://lms.example.org/mod/lti/return.php")


@pytest.mark.parametrize("name", ["expired", "signed_by_a_stranger", "deployment_new", "too_large"])
def test_a_refusal_is_answered_by_the_host_with_the_status_of_its_code(host, lms, name):
    response = log_in_and_launch(host.browser(), lms, spoil=name)

    refusal, context = host.refusals[0]
    assert response.json["refused"] == refusal.code == SPOILED[name].code
    assert response.status_code == refusal.status
    assert response.headers["Cache-Control"] == "no-store"
    assert context == refusal.seen
    assert context != LaunchContext() or name == "too_large"
    assert (host.arrived, host.entered) == ([], [])


def test_a_field_that_comes_twice_is_refused(host, lms):
    browser = host.browser()
    form = lms.launch_form(log_in(browser, lms.login_form()))
    twice = {"id_token": [form["id_token"], form["id_token"]], "state": form["state"]}

    assert launch(browser, twice).json["refused"] == "form_malformed"
    assert launch(browser, form).status_code == 200


def test_a_form_of_too_many_parts_is_refused(host):
    parts = {f"field{number}": "x" for number in range(1500)}
    response = host.browser().post("/lti/launch", data=parts, content_type="multipart/form-data", base_url=TOOL_URL)

    assert response.json["refused"] == "request_too_large"


def test_a_body_shorter_than_it_says_is_refused(host):
    response = host.browser().post(
        "/lti/launch",
        data=b"state=x",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"CONTENT_LENGTH": "500"},
        base_url=TOOL_URL,
    )

    assert (response.status_code, response.json["refused"]) == (400, "form_malformed")


def test_our_public_keys_are_published_and_may_be_kept_for_an_hour(host, ring):
    response = host.browser().get("/lti/jwks")

    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert set(read_key_set(response.data)) == {key.kid for key in ring}
    assert "Set-Cookie" not in response.headers
    assert b'"d"' not in response.data


def test_the_launch_address_answers_a_visit_without_a_login(host):
    response = host.browser().get("/lti/launch")

    assert (response.status_code, response.text) == (200, "This address receives launches.")
    assert "Set-Cookie" not in response.headers


def test_the_registration_page_is_the_hosts(host):
    assert host.browser().get("/lti/register").text == "Paste this address into your platform."


@pytest.mark.parametrize("path", ["/lti/jwks", "/lti/register"])
def test_addresses_that_only_show_take_no_post(host, path):
    assert host.browser().post(path).status_code == 405
    assert host.browser().get(path).status_code == 200


def test_a_blueprint_needs_a_proper_address(host):
    assert lti_blueprint(host.tool).url_prefix == "/lti"
    with pytest.raises(ValueError, match="base URL"):
        lti_blueprint(replace(host.tool, base_url="plc.example.org"))
