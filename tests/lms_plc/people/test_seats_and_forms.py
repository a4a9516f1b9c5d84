"""Who sits at this browser, and whose form was that? Two people at one browser never mix."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.discussions.models import Post
from lms_plc.people.models import Seat
from lms_plc.people.seats import clear_expired, form_token, is_form_token

TOOL = "https://plc.example.org"
WORDS = "Twenty minutes of careful writing <b>here</b>"


@pytest.fixture
def shared(circle: Any) -> tuple[Any, Any]:
    """Two members in two tabs of one browser."""
    first, second = circle.joined("11"), circle.visitor()
    second.client = first.client
    second.launch("12")
    return first, second


def seated(page: Any) -> str:
    """Whom the page says it is for."""
    found = re.search(r'class="me">.*?(Person [0-9]+)<', page.text, re.DOTALL)
    assert found is not None, page.text
    return found[1]


def kept(page: Any) -> bool:
    return "Twenty minutes of careful writing &lt;b&gt;here&lt;/b&gt;" in page.text


class TestTwoAtOneBrowser:
    def test_each_tab_stays_who_it_was(self, circle: Any, shared: Any) -> None:
        first, second = shared
        assert first.seat != second.seat
        for _ in range(2):
            assert seated(first.get(circle.home)) == "Person 11"
            assert seated(second.get(circle.home)) == "Person 12"

    def test_a_form_of_one_is_refused_for_the_other_and_its_text_kept(
        self, circle: Any, shared: Any, stored: Any
    ) -> None:
        first, second = shared
        topic = circle.start(first)
        form = {"body": WORDS, "form_key": "k" * 24, "csrf_token": first.token()}
        refused = second.post(f"/topics/{topic}", form)
        assert refused.status_code == 403
        assert "not yours to send" in refused.text
        assert kept(refused)
        assert len(stored(select(Post.id))) == 1
        assert first.post(f"/topics/{topic}", form).status_code == 303

    def test_what_each_writes_is_theirs(self, circle: Any, shared: Any, stored: Any) -> None:
        first, second = shared
        topic = circle.start(first)
        circle.say(second, topic)
        authors = [row.author_id for row in stored(select(Post.author_id).order_by(Post.id))]
        assert authors == [circle.person("11"), circle.person("12")]

    def test_launching_again_keeps_the_address(self, shared: Any) -> None:
        first, _ = shared
        before = first.seat
        first.launch("11")
        assert first.seat == before


class TestForms:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example.net", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example.net", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://plc.example.org"},
            {"Origin": "https://plc.example.org:8443"},
            {"Origin": "https://plc.example.org:port"},
        ],
    )
    def test_a_form_from_elsewhere_is_refused_and_nothing_written(
        self, circle: Any, stored: Any, headers: dict[str, str]
    ) -> None:
        topic = circle.start(circle.member)
        form = {"body": WORDS, "form_key": "k" * 24}
        refused = circle.member.post(f"/topics/{topic}", form, headers=headers)
        assert refused.status_code == 403
        assert len(stored(select(Post.id))) == 1
        if headers.get("Sec-Fetch-Site") not in (None, "same-origin"):
            assert not kept(refused)
        assert circle.member.post(f"/topics/{topic}", form).status_code == 303

    @pytest.mark.parametrize("token", ["", "nonsense", ".", "a.b", "é.è"])
    def test_a_form_without_its_token_is_refused_and_its_text_kept(self, circle: Any, stored: Any, token: str) -> None:
        topic = circle.start(circle.member)
        refused = circle.member.post(f"/topics/{topic}", {"body": WORDS, "form_key": "k" * 24, "csrf_token": token})
        assert refused.status_code == 403
        assert kept(refused)
        assert len(stored(select(Post.id))) == 1

    def test_a_browser_that_hides_the_origin_is_believed_when_it_says_same_origin(self, circle: Any) -> None:
        topic = circle.start(circle.member)
        path = f"/s/{circle.member.seat}/topics/{topic}"
        form = {"body": "x", "form_key": "k" * 24, "csrf_token": circle.member.token()}

        def send(**headers: str) -> int:
            sent = circle.member.client.post(path, data=form, base_url=TOOL, headers=headers)
            return int(sent.status_code)

        assert send(Origin="null") == 403
        assert send(**{"Origin": "null", "Sec-Fetch-Site": "same-origin"}) == 303

    def test_an_old_browser_that_says_nothing_is_held_to_the_token(self, circle: Any) -> None:
        topic = circle.start(circle.member)
        path = f"/s/{circle.member.seat}/topics/{topic}"
        form = {"body": "x", "form_key": "k" * 24}
        client = circle.member.client
        assert client.post(path, data=form, base_url=TOOL).status_code == 403
        form["csrf_token"] = circle.member.token()
        assert client.post(path, data=form, base_url=TOOL).status_code == 303

    def test_a_token_differs_each_time_and_each_is_good(self, circle: Any, house: Any) -> None:
        from lms_plc.people.seats import cookie_browser, find_seat

        cookie = circle.member.client.get_cookie("__Host-plc_browser", domain="plc.example.org")
        with house.database.read() as connection:
            seat = find_seat(connection, cookie_browser(cookie.value), circle.member.seat, house.clock())
        assert seat is not None
        key = house.settings.secret_key.get_secret_value()
        tokens = {form_token(key, seat) for _ in range(20)}
        assert len(tokens) == 20
        assert all(is_form_token(key, seat, token) for token in tokens)
        assert not is_form_token(key + "x", seat, tokens.pop())
        assert "Person" not in repr(seat)


class TestTheEndOfASeat:
    def test_after_twelve_hours_a_form_is_refused_and_its_text_kept(self, circle: Any, clock: Any, stored: Any) -> None:
        topic = circle.start(circle.member)
        token = circle.member.token()
        clock.move(hours=12)
        form = {"body": WORDS, "form_key": "k" * 24, "csrf_token": token}
        path = f"/s/{circle.member.seat}/topics/{topic}"
        late = circle.member.client.post(path, data=form, base_url=TOOL, headers={"Origin": TOOL})
        assert late.status_code == 401
        assert "come in through your course" in late.text
        assert kept(late)
        assert len(stored(select(Post.id))) == 1

    def test_just_before_it_is_still_good(self, circle: Any, clock: Any) -> None:
        topic = circle.start(circle.member)
        clock.move(hours=11, minutes=59)
        circle.say(circle.member, topic)

    def test_a_launch_opens_it_again_at_the_same_address(self, circle: Any, clock: Any) -> None:
        clock.move(hours=13)
        assert circle.member.get(circle.home).status_code == 401
        before = circle.member.seat
        circle.member.launch("2")
        assert circle.member.seat == before
        assert circle.member.get(circle.home).status_code == 200

    def test_expired_seats_are_swept_away_and_open_ones_stay(
        self, circle: Any, clock: Any, house: Any, stored: Any
    ) -> None:
        clock.move(days=30, hours=11)
        circle.joined("3")
        clock.move(hours=2)
        with house.database.write() as session:
            clear_expired(session, clock())
        assert [row.person_id for row in stored(select(Seat.person_id))] == [circle.person("3")]

    def test_who_leaves_is_out(self, circle: Any) -> None:
        assert circle.member.post("/leave").status_code == 200
        assert circle.member.get(circle.home).status_code == 401
        assert circle.facilitator.get(circle.home).status_code == 200


class TestAnAddressOfSomebodyElse:
    def test_it_leads_to_the_same_page_at_ones_own_seat(self, circle: Any) -> None:
        copied = f"/s/{circle.facilitator.seat}{circle.home}/members?after=x&y=%C3%A9"
        led = circle.member.client.get(copied, base_url=TOOL)
        assert (led.status_code, led.location) == (
            302,
            f"/s/{circle.member.seat}{circle.home}/members?after=x&y=%C3%A9",
        )
        assert led.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        "query", ["_scheme=evil&_external=1", "seat=abcdefgh", "endpoint=x", "community_id=1", "_anchor=a&_method=b"]
    )
    def test_its_query_means_nothing_to_us(self, circle: Any, query: str) -> None:
        copied = f"/s/{circle.facilitator.seat}{circle.home}?{query}"
        led = circle.member.client.get(copied, base_url=TOOL)
        assert led.location == f"/s/{circle.member.seat}{circle.home}?{query}"

    def test_a_form_is_never_sent_on(self, circle: Any, stored: Any) -> None:
        topic = circle.start(circle.member)
        form = {"body": "x", "form_key": "k" * 24}
        refused = circle.member.post(f"/s/{circle.facilitator.seat}/topics/{topic}", form)
        assert refused.status_code == 401
        assert len(stored(select(Post.id))) == 1

    def test_a_browser_where_nobody_sits_is_asked_to_come_in(self, circle: Any, app: Any) -> None:
        stranger = app.test_client()
        path = f"/s/{circle.member.seat}{circle.home}"
        assert stranger.get(path, base_url=TOOL).status_code == 401
        stranger.set_cookie("__Host-plc_browser", "z" * 43, domain="plc.example.org", secure=True)
        assert stranger.get(path, base_url=TOOL).status_code == 401
        assert "Maths circle" not in stranger.get(path, base_url=TOOL).text
