"""Is a site asked no faster than it likes, by all threads together, and soon as fast as before?"""

import math
import threading

import pytest
import responses
from pydantic import SecretStr

from connectors import Limits, Transport, Unavailable
from connectors.rate import LONGEST_SECONDS, LOW_WATER, Rate

URL = "https://lms.example.org/"
FORM = SecretStr("a=b")


class Clock:
    def __init__(self):
        self.now = 100.0
        self.naps = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rate(clock):
    return Rate(0.25, 5.0, clock)


class TestTheMoment:
    def test_nobody_waits_before_anything_is_said(self, rate):
        assert [rate.turn(), rate.turn()] == [0, 0]

    def test_a_time_that_the_site_names_holds_for_everybody_and_then_for_nobody(self, rate, clock):
        rate.refused(7, too_fast=False)
        assert [rate.turn(), rate.turn()] == [7, 7]
        clock.now += 7
        assert [rate.turn(), rate.turn()] == [0, 0]
        assert rate.refusals == 1

    def test_a_time_beyond_reason_is_not_kept(self, rate):
        rate.refused(1e9, too_fast=False)
        assert rate.turn() == LONGEST_SECONDS

    def test_the_later_of_two_moments_counts(self, rate):
        rate.refused(7, too_fast=False)
        rate.refused(2, too_fast=False)
        assert rate.turn() == 7

    def test_refusals_spread_the_questions_and_answers_bring_them_together_again(self, rate, clock):
        gaps = []
        for _ in range(7):
            rate.refused(None, too_fast=True)
            clock.now += rate.turn()
            gaps.append(rate.turn())
            clock.now += 100
        assert gaps == [0.25, 0.5, 1, 2, 4, 5, 5]
        answers = 0
        while rate.turn() or rate.turn():
            rate.answered()
            clock.now += 100
            answers += 1
        assert answers == 6

    def test_turns_are_handed_out_one_gap_apart(self, rate, clock):
        rate.refused(0, too_fast=True)
        assert [rate.turn() for _ in range(3)] == [0, 0.25, 0.5]


class TestTheAllowance:
    @pytest.mark.parametrize(
        ("left", "cost", "wait"),
        [
            ("699.5", "12", 0),
            (str(LOW_WATER), "12", 0),
            ("90", "5", 0.6),
            ("0", "5", 1.5),
            ("0.0", None, 1.0),
            ("0", "600", 5.0),
            ("plenty", "5", 0),
            ("nan", "5", 0),
            ("-inf", "5", 0),
            ("90", "inf", 0.1),
            (None, "5", 0),
        ],
    )
    def test_the_less_is_left_the_longer_the_pause(self, rate, left, cost, wait):
        headers = {"X-Rate-Limit-Remaining": left, "X-Request-Cost": cost}
        rate.note_allowance({name: value for name, value in headers.items() if value is not None})
        assert math.isclose(rate.turn(), wait, abs_tol=1e-9)

    def test_it_is_no_refusal(self, rate):
        rate.note_allowance({"X-Rate-Limit-Remaining": "1"})
        assert rate.refusals == 0


class TestTheLine:
    @pytest.fixture
    def line(self, clock):
        limits = Limits(total_seconds=60, first_wait_seconds=0.01, longest_wait_seconds=0.05, tries=3)
        with Transport(limits=limits, clock=clock, sleep=clock.sleep) as line:
            yield line

    @pytest.fixture
    def http(self):
        with responses.RequestsMock() as http:
            yield http

    def ask(self, line):
        return line.post(URL, FORM, lambda reply: reply.body)

    def test_after_too_many_calls_the_next_question_waits_too(self, line, http, clock):
        http.post(URL, status=429)
        http.post(URL, body=b"[]")
        assert self.ask(line) == b"[]"
        assert line.refusals == 1
        assert [nap < 1 for nap in clock.naps] == [True]

    def test_retry_after_holds_back_every_question_of_the_line(self, line, http, clock):
        http.post(URL, status=503, headers={"Retry-After": "300"})
        with pytest.raises(Unavailable) as caught:
            self.ask(line)
        assert caught.value.code == "http_503"
        with pytest.raises(Unavailable) as caught:
            self.ask(line)
        assert (caught.value.code, caught.value.params) == ("not_before", {"seconds": "300"})
        assert len(http.calls) == 1
        clock.now += 250
        http.post(URL, body=b"[]")
        assert self.ask(line) == b"[]"
        assert clock.naps == [50]

    def test_a_dwindling_allowance_makes_the_next_question_wait_even_if_the_answer_was_an_error(
        self, line, http, clock
    ):
        http.post(URL, status=500, headers={"X-Rate-Limit-Remaining": "0"})
        http.post(URL, body=b"[]")
        assert self.ask(line) == b"[]"
        assert clock.naps == [pytest.approx(0.05)]
        assert line.refusals == 0

    def test_a_server_error_without_a_time_holds_back_no_other_question(self, line, http, clock):
        http.post(URL, status=500)
        http.post(URL, body=b"[]")
        assert self.ask(line) == b"[]"
        assert (clock.naps, line.refusals) == ([], 0)


def test_all_threads_of_a_line_wait_for_the_same_moment(bad_server, limits):
    told_off = threading.Event()
    times = []

    def behave(handler, n):
        if n == 0:
            bad_server.send(handler, b"", 429, {"Retry-After": "1"})
            told_off.set()
        else:
            times.append(n)
            bad_server.send(handler, b"[]")

    bad_server.behave = behave
    with Transport(limits=limits, allow_private_hosts=True) as line:
        first = threading.Thread(target=line.post, args=(bad_server.url, FORM, lambda reply: reply.body))
        first.start()
        assert told_off.wait(5)
        for _ in range(500):
            if line.refusals:
                break
            bad_server.ended.wait(0.01)
        began = line._clock()
        line.post(bad_server.url, FORM, lambda reply: reply.body)
        assert line._clock() - began > 0.7
        first.join()
    assert bad_server.requests == 3
