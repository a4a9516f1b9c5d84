"""The routes, in a small host."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from threading import Barrier

import pytest
from flask import Flask, Response

from lti.blueprint import LARGEST_NOTICES, Onward, lti_blueprint
from lti.browser import digest, is_secret
from lti.jose import read_key_set
from lti.refusals import LaunchContext, Reason, Refusal
from lti.testing import SPOILED, TOOL_URL, PlatformsInMemory

HERE = {"Origin": TOOL_URL}
COOKIE = "__Host-plc_browser"
STORAGE = {"lti_storage_target": "_parent"}
ENTERED = {"entered": {"person": "person-5"}, "in_frame": False}
ENTERED_IN_THE_FRAME = {"entered": {"person": "person-5"}, "in_frame": True}


def log_in(browser, form) -> str:
    response = browser.post("/lti/login", data=form, base_url=TOOL_URL)
    assert response.status_code == 302
    return response.headers["Location"]


def launch(browser, form):
    return browser.post("/lti/launch", data=form, base_url=TOOL_URL)


def go_on(browser, ticket: str, headers=HERE, **proof: str):
    return browser.post("/lti/continue", data={"ticket": ticket} | proof, headers=headers, base_url=TOOL_URL)


def mark_of(browser) -> str | None:
    cookie = browser.get_cookie(COOKIE, domain="plc.example.org")
    return cookie.value if cookie else None


def kept(browser, lms, **changes) -> dict[str, str]:
    """What a browser without our cookie is told to put into the platform's page, and where to go then."""
    response = browser.post("/lti/login", data=lms.login_form(**STORAGE | changes), base_url=TOOL_URL)
    assert response.status_code == 200
    return response.json


def offered_with_proof(host, lms) -> tuple[str, str]:
    """The ticket and the proof of a login whose browser keeps no cookie."""
    drawer = kept(host.browser(), lms)
    response = launch(host.browser(), lms.launch_form(drawer["next"]))
    assert response.json["key"] == drawer["key"]
    return response.json["ticket"], drawer["value"]


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

    assert response.json == ENTERED
    assert response.headers["Cache-Control"] == "no-store"
    assert len(host.entered) == 1


def test_a_browser_keeps_its_mark_from_launch_to_launch(host, lms):
    browser = host.browser()
    log_in_and_launch(browser, lms)
    log_in_and_launch(browser, lms)
    log_in_and_launch(host.browser(), lms)

    marks = [mark for _, mark in host.entered]
    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize("value", ["", "short", "M" * 129, "M" * 42 + "!", "M" * 42 + "ж"])
def test_a_cookie_that_is_not_ours_is_no_mark(host, lms, value):
    browser = host.browser()
    browser.set_cookie(COOKIE, value, domain="plc.example.org")
    log_in(browser, lms.login_form())

    assert mark_of(browser) not in (value, None)


def test_a_login_goes_to_a_platform_whose_name_is_not_in_ascii(host, lms):
    far = replace(lms.registration, id="platform-2", issuer="https://мектеп.қаз", auth_url="https://мектеп.қаз/auth")
    platforms = PlatformsInMemory(lms.registration, far)
    app = Flask("another host")
    app.register_blueprint(lti_blueprint(replace(host.tool, platforms=platforms)))
    host_name = "мектеп.қаз".encode("idna").decode()

    asked = {"data": lms.login_form(iss=far.issuer), "base_url": TOOL_URL}
    assert app.test_client().post("/lti/login", **asked).headers["Location"].startswith(f"https://{host_name}/auth?")


def test_a_login_by_get_of_too_long_a_field_is_refused(host, lms):
    response = host.browser().get("/lti/login", query_string=lms.login_form(lti_message_hint="x" * 9000))

    assert (response.status_code, response.json["refused"]) == (400, "form_malformed")
    assert host.browser().get("/lti/login", query_string=lms.login_form(), base_url=TOOL_URL).status_code == 302


def test_a_login_that_is_refused_is_answered_by_the_host_and_leaves_no_cookie(host, lms):
    for changes, code in (
        ({"iss": None}, "login_incomplete"),
        ({"iss": "https://elsewhere.example.net"}, "platform_unknown"),
        ({"client_id": "another"}, "client_unknown"),
        ({"target_link_uri": "https://elsewhere.example.net"}, "target_foreign"),
        ({"lti_deployment_id": "unheard-of"}, "deployment_unknown"),
    ):
        response = host.browser().post("/lti/login", data=lms.login_form(**changes), base_url=TOOL_URL)
        assert response.json["refused"] == code
        assert response.status_code == host.refusals[-1][0].status
        assert "Set-Cookie" not in response.headers
        assert log_in(host.browser(), lms.login_form())


def test_of_eight_parallel_posts_of_one_launch_exactly_one_enters(host, lms):
    browser = host.browser()
    form = lms.launch_form(log_in(browser, lms.login_form()))
    mark, start = mark_of(browser), Barrier(8)

    def replay(_) -> tuple[int, str | None]:
        tab = host.browser()
        tab.set_cookie(COOKIE, mark, domain="plc.example.org")
        start.wait()
        response = launch(tab, form)
        return response.status_code, response.json.get("refused")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(replay, range(8)))

    assert sorted(answers, key=str) == [(200, None)] + [(403, "state_unknown")] * 7
    assert len(host.entered) == len(host.arrived) == 1


def test_of_eight_parallel_posts_without_a_cookie_exactly_one_is_offered_a_ticket(host, lms):
    form = lms.launch_form(log_in(host.browser(), lms.login_form()))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: launch(host.browser(), form).json, range(8)))

    assert sum("ticket" in answer for answer in answers) == len(host.tickets) == 1
    assert host.entered == []


def test_a_browser_without_our_cookie_keeps_a_secret_in_the_platforms_page_and_goes_on(host, lms):
    browser = host.browser()
    drawer = kept(browser, lms)

    assert drawer["next"].startswith("https://lms.example.org/mod/lti/auth.php?scope=openid&")
    assert (drawer["frame"], drawer["origin"]) == ("_parent", "https://lms.example.org")
    assert drawer["value"] not in (mark_of(browser), drawer["next"], None)
    assert launch(browser, lms.launch_form(drawer["next"])).json == ENTERED


def test_a_browser_with_our_cookie_is_shown_no_storage_page(host, lms):
    browser = host.browser()
    log_in_and_launch(browser, lms)

    assert log_in(browser, lms.login_form(**STORAGE)).startswith("https://lms.example.org/mod/lti/auth.php?")


def test_a_platform_without_a_drawer_gets_the_browser_at_once(host, lms):
    assert log_in(host.browser(), lms.login_form())
    assert log_in(host.browser(), lms.login_form(lti_storage_target="two words"))


def test_who_proves_to_be_the_logins_browser_enters_in_the_frame_without_a_cookie(host, lms):
    ticket, proof = offered_with_proof(host, lms)
    frame = host.browser()
    response = go_on(frame, ticket, proof=proof)

    assert response.json == ENTERED_IN_THE_FRAME
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert mark_of(frame) is None
    assert is_secret(host.entered[0][1])
    assert host.entered[0][1] not in (proof, ticket)


def test_every_entry_in_a_frame_has_a_mark_of_its_own(host, lms):
    for _ in range(2):
        ticket, proof = offered_with_proof(host, lms)
        go_on(host.browser(), ticket, proof=proof)

    assert len({mark for _, mark in host.entered}) == 2


def test_a_launch_without_a_proof_still_has_its_new_window(host, lms):
    ticket, _ = offered_with_proof(host, lms)

    assert go_on(host.browser(), ticket).json == ENTERED


def test_with_the_cookie_and_a_right_proof_the_way_in_is_the_ordinary_one(host, lms):
    browser = host.browser()
    log_in_and_launch(browser, lms)
    ticket, proof = offered_with_proof(host, lms)
    response = go_on(browser, ticket, proof=proof)

    assert response.json == ENTERED
    assert host.entered[0][1] == host.entered[1][1] == mark_of(browser)


@pytest.mark.parametrize("has_cookie", [False, True])
@pytest.mark.parametrize("wrong", ["", "x", "P" * 43, "half a pair"])
def test_a_wrong_proof_is_refused_and_its_ticket_is_used_up(host, lms, has_cookie, wrong):
    browser = host.browser()
    if has_cookie:
        log_in_and_launch(browser, lms)
    ticket, proof = offered_with_proof(host, lms)
    before = len(host.entered)

    response = go_on(browser, ticket, proof=wrong)
    assert (response.status_code, response.json["refused"]) == (403, "proof_differs")
    assert go_on(browser, ticket, proof=proof).json["refused"] == "ticket_unknown"
    assert len(host.entered) == before

    ticket, proof = offered_with_proof(host, lms)
    assert go_on(browser, ticket, proof=proof).status_code == 200


def test_a_proof_of_another_login_is_refused(host, lms):
    ticket, _ = offered_with_proof(host, lms)
    _, of_another = offered_with_proof(host, lms)

    assert go_on(host.browser(), ticket, proof=of_another).json["refused"] == "proof_differs"
    assert host.entered == []


def test_neither_the_mark_nor_the_ticket_nor_the_digest_is_a_proof(host, lms):
    for wrong in (
        lambda browser, ticket, proof: mark_of(browser),
        lambda browser, ticket, proof: ticket,
        lambda browser, ticket, proof: digest(proof),
    ):
        browser = host.browser()
        drawer = kept(browser, lms)
        ticket = launch(host.browser(), lms.launch_form(drawer["next"])).json["ticket"]
        refused = go_on(host.browser(), ticket, proof=wrong(browser, ticket, drawer["value"]))
        assert refused.json["refused"] == "proof_differs"


def test_a_ticket_of_a_login_without_storage_takes_no_proof(host, lms):
    assert go_on(host.browser(), offered(host, lms), proof="P" * 43).json["refused"] == "proof_differs"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://lms.example.org"},
        {"Origin": "null"},
        {"Origin": TOOL_URL, "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_a_right_proof_from_a_page_that_is_not_ours_is_refused_and_its_ticket_stays_good(host, lms, headers):
    ticket, proof = offered_with_proof(host, lms)

    assert go_on(host.browser(), ticket, headers, proof=proof).json["refused"] == "origin_foreign"
    assert go_on(host.browser(), ticket, proof=proof).json == ENTERED_IN_THE_FRAME


def test_of_eight_right_proofs_exactly_one_enters(host, lms):
    ticket, proof = offered_with_proof(host, lms)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: go_on(host.browser(), ticket, proof=proof).status_code, range(8)))

    assert sorted(codes) == [200] + [403] * 7
    assert len(host.entered) == 1


def test_a_proof_that_comes_late_is_refused(host, lms, clock):
    ticket, proof = offered_with_proof(host, lms)
    clock.forward(minutes=5)

    assert go_on(host.browser(), ticket, proof=proof).json["refused"] == "ticket_expired"


def test_a_proof_that_comes_twice_is_refused(host, lms):
    ticket, proof = offered_with_proof(host, lms)
    twice = {"ticket": ticket, "proof": [proof, proof]}
    response = host.browser().post("/lti/continue", data=twice, headers=HERE, base_url=TOOL_URL)

    assert response.json["refused"] == "form_malformed"
    assert go_on(host.browser(), ticket, proof=proof).status_code == 200


def test_the_store_of_tickets_holds_no_secret(host, lms):
    put = []
    host.tickets.put = put.append
    ticket, proof = offered_with_proof(host, lms)

    (stored,) = put
    assert (stored.ticket_digest, stored.proof_digest) == (digest(ticket), digest(proof))
    assert not {ticket, proof} & {str(getattr(stored, field.name)) for field in fields(stored)}


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

    assert response.json == ENTERED
    assert response.headers["Cache-Control"] == "no-store"
    assert host.entered == [({"person": "person-5"}, mark_of(window))]
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


REGISTRATION = {
    "openid_configuration": "https://lms.example.org/openid-configuration?a=b",
    "registration_token": "eyJ0.eyJ1.c2ln",
    "site_name": "Мектеп",
}


def test_a_registration_is_the_hosts_by_a_link_of_its_own_or_without_one(host):
    without = host.browser().get("/lti/register", query_string=REGISTRATION | {"more": "x"})
    opened = host.browser().get("/lti/register/L1nk-x", query_string=REGISTRATION)
    sent = host.browser().post("/lti/register/L1nk-x", data=REGISTRATION | {"more": "x"})

    assert without.json == {"link": None, "method": "GET", "fields": REGISTRATION}
    assert opened.json == {"link": "L1nk-x", "method": "GET", "fields": REGISTRATION}
    assert sent.json == {"link": "L1nk-x", "method": "POST", "fields": REGISTRATION}
    assert {one.headers["Cache-Control"] for one in (without, opened, sent)} == {"no-store"}
    assert host.browser().get("/lti/register").json["fields"] == {}


def test_looking_at_a_registration_link_registers_nothing(host):
    looked = []
    blueprint = lti_blueprint(replace(host.tool, register=lambda *said: looked.append(said) or Response("")))
    app = Flask("another host")
    app.register_blueprint(blueprint)

    app.test_client().head("/lti/register/L1nk-x", query_string=REGISTRATION)

    assert looked == [("L1nk-x", "GET", REGISTRATION)]


@pytest.mark.parametrize("path", ["/lti/register", "/lti/register/L1nk-x"])
def test_a_registration_takes_each_field_once_and_no_more_than_a_launch(host, path):
    name = "openid_configuration"
    twice = host.browser().get(path, query_string=f"{name}=a&{name}=b")
    assert twice.json["refused"] == "form_malformed"

    sent = host.browser().post("/lti/register/L1nk-x", data={name: "x" * 70_000})
    assert (sent.status_code, sent.json["refused"]) == (413, "request_too_large")


def test_what_a_platform_posts_as_notices_goes_to_the_host_as_it_came(host):
    body = b'{"notices":[{"jwt":"a.b.c"}]}\xff\0'
    for content_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = host.browser().post("/lti/notices", data=body, content_type=content_type, base_url=TOOL_URL)
        assert (response.status_code, response.data) == (200, b"")
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"

    assert host.posted_notices == [body] * 3


@pytest.mark.parametrize("status", [200, 204, 400, 403, 424])
def test_notices_are_answered_with_the_status_the_host_says(host, status):
    host.notifying = lambda body: status

    assert host.browser().post("/lti/notices", data=b"{}").status_code == status


def test_notices_that_are_too_large_do_not_reach_the_host(host):
    assert host.browser().post("/lti/notices", data=b"x" * (LARGEST_NOTICES + 1)).status_code == 413
    assert host.posted_notices == []
    assert host.browser().post("/lti/notices", data=b"x" * LARGEST_NOTICES).status_code == 200


def test_notices_shorter_than_they_say_do_not_reach_the_host(host):
    response = host.browser().post("/lti/notices", data=b"{}", environ_overrides={"CONTENT_LENGTH": "500"})

    assert response.status_code == 400
    assert host.posted_notices == []


@pytest.mark.parametrize("path", ["/lti/jwks", "/lti/register"])
def test_addresses_that_only_show_take_no_post(host, path):
    assert host.browser().post(path).status_code == 405
    assert host.browser().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/lti/continue", "/lti/notices"])
def test_addresses_that_only_take_show_nothing(host, path):
    assert host.browser().get(path).status_code == 405


def test_a_blueprint_needs_a_proper_address(host):
    assert lti_blueprint(host.tool).url_prefix == "/lti"
    with pytest.raises(ValueError, match="base URL"):
        lti_blueprint(replace(host.tool, base_url="plc.example.org"))


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://lms.example.org/auth?a=%C3%A4&b=[1]", "https://lms.example.org/auth?a=%C3%A4&b=[1]"),
        ("https://lms.example.org/\u00e4 b", "https://lms.example.org/%C3%A4%20b"),
        ("/s/x/communities/1", "/s/x/communities/1"),
    ],
)
def test_a_redirect_leads_where_it_says_in_letters_every_browser_takes(address, sent):
    headers = Onward(address, 303).get_wsgi_headers({})
    assert (headers["Location"], headers["Content-Length"]) == (sent, "0")
