"""Does the pace find what a site can do, and no more?"""

import threading
from collections import Counter

import pytest

from connectors import BadAnswer, ConnectorError, NotAllowed, Unavailable
from connectors.pace import (
    FIRST_ROWS,
    LEAST_ROWS,
    LONG_SECONDS,
    MOST_LANES,
    MOST_ROWS,
    REST_PAGES,
    SHORT_SECONDS,
    TRIAL_PAGES,
    Pace,
)


class PretendSite:
    """Takes `fixed + rows × each` seconds a page by a clock of its own, and has so many hands for pages at once."""

    def __init__(self, fixed=0.1, each=0.002, hands=1, **options):
        self.fixed, self.each, self.hands = fixed, each, hands
        self.now = 0.0
        self.refusals = 0
        self.asked = []
        self.pace = Pace(clock=lambda: self.now, refusals=lambda: self.refusals, **options)

    def seconds(self, rows):
        return self.fixed + rows * self.each

    def page(self, error=None, came=None):
        """One page asked alone, whole unless said otherwise."""
        rows = self.pace.rows
        self.asked.append(rows)

        def question():
            self.now += self.seconds(rows)
            if error is not None:
                raise error
            return [None] * (rows if came is None else came)

        return self.pace.ask(rows, question)

    def pages(self, count):
        """So many whole pages, `lanes` of them at a time."""
        for _ in range(count):
            lanes, rows = self.pace.lanes, self.pace.rows
            began = [self.pace._set_out() for _ in range(lanes)]
            self.now += self.seconds(rows) * max(1, lanes / self.hands)
            for one in began:
                self.pace._arrived(rows, rows, self.pace._come_back(one))
            for _ in range(lanes):
                self.pace.kept(rows)


def silent():
    return Unavailable("What", "Todo", code="silent", worth_retrying=False)


class TestPageSize:
    def test_it_begins_in_the_middle(self):
        assert LEAST_ROWS < Pace().rows == FIRST_ROWS < MOST_ROWS

    @pytest.mark.parametrize("each", [0.00001, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.02])
    def test_it_settles_where_a_page_takes_one_to_four_seconds_as_far_as_the_bounds_allow(self, each):
        site = PretendSite(each=each)
        for _ in range(20):
            site.page()
        seconds = site.seconds(site.pace.rows)
        assert seconds >= SHORT_SECONDS or site.pace.rows == MOST_ROWS
        assert seconds <= LONG_SECONDS * 1.1
        assert LEAST_ROWS <= site.pace.rows <= MOST_ROWS

    def test_it_is_never_more_than_twice_what_went_well(self):
        site = PretendSite(each=0.00001)
        for _ in range(5):
            site.page()
        assert site.asked == [500, 1000, 2000, 2000, 2000]

    @pytest.mark.parametrize("each", [0.1, 1.0])
    def test_it_never_goes_below_the_least(self, each):
        site = PretendSite(each=each)
        for _ in range(5):
            site.page()
        assert site.pace.rows == LEAST_ROWS

    def test_a_page_that_is_mostly_empty_says_nothing(self):
        site = PretendSite(fixed=9, each=0)
        site.page(came=20)
        site = PretendSite(each=0)
        site.page(came=20)
        assert site.pace.rows == FIRST_ROWS

    @pytest.mark.parametrize("code", ["silent", "slow", "too_big", "half", "http_408", "http_500", "http_504"])
    def test_it_halves_after_a_page_that_did_not_come_and_stays_below_that(self, code):
        site = PretendSite(each=0.00001)
        error = Unavailable("What", "Todo", code=code)
        with pytest.raises(Unavailable):
            site.page(error)
        assert site.pace.smaller(error, 500) == site.pace.rows == 250
        for _ in range(10):
            site.page()
        assert site.pace.rows == 375

    def test_pages_that_fail_together_halve_it_once(self):
        site = PretendSite()
        for _ in range(3):
            with pytest.raises(Unavailable):
                site.pace.ask(500, lambda: (_ for _ in ()).throw(silent()))
        assert site.pace.rows == 250

    def test_at_the_least_there_is_nothing_smaller(self):
        site = PretendSite(first=LEAST_ROWS)
        with pytest.raises(Unavailable):
            site.page(silent())
        assert site.pace.smaller(silent(), LEAST_ROWS) is None

    @pytest.mark.parametrize(
        "error",
        [
            NotAllowed("What", "Todo", code="nopermissions"),
            BadAnswer("What", "Todo", code="odd_shape"),
            Unavailable("What", "Todo", code="http_429"),
            Unavailable("What", "Todo", code="http_503", wait_seconds=60),
            Unavailable("What", "Todo"),
        ],
    )
    def test_an_error_that_has_nothing_to_do_with_size_changes_none(self, error):
        site = PretendSite()
        with pytest.raises(ConnectorError):
            site.page(error)
        assert site.pace.rows == FIRST_ROWS
        assert site.pace.smaller(error, 1000) is None


class TestLanes:
    def quick(self, **options):
        """A site whose pages are of good length at once, so that only the number of connections is open."""
        return PretendSite(each=0.003, **options)

    def test_one_is_the_beginning_and_a_second_is_tried(self):
        site = self.quick()
        assert site.pace.lanes == 1
        site.pages(TRIAL_PAGES)
        assert site.pace.lanes == 2

    @pytest.mark.parametrize("hands", [1, 2, 3, 4, 9])
    def test_what_stays_is_what_brings_more_rows_a_second_and_never_more_than_four(self, hands):
        site = self.quick(hands=hands)
        lanes = []
        for _ in range(100):
            site.pages(1)
            lanes.append(site.pace.lanes)
        assert Counter(lanes[20:]).most_common(1)[0][0] == min(hands, MOST_LANES)
        assert max(lanes) <= MOST_LANES

    def test_a_refusal_leads_back_to_one_and_after_a_rest_more_are_tried_again(self):
        site = self.quick(hands=2)
        site.pages(30)
        assert site.pace.lanes == 2
        site.refusals += 1
        site.pages(1)
        assert site.pace.lanes == 1
        site.pages(REST_PAGES // 2)
        assert site.pace.lanes == 1
        site.pages(REST_PAGES)
        assert site.pace.lanes == 2

    def test_a_page_that_did_not_come_leads_back_to_one(self):
        site = self.quick(hands=2)
        site.pages(30)
        with pytest.raises(Unavailable):
            site.page(Unavailable("What", "Todo", code="connection"))
        assert site.pace.lanes == 1

    def test_another_size_of_pages_begins_the_trial_anew(self):
        site = self.quick()
        site.pages(TRIAL_PAGES - 1)
        site.each = 0.0015
        site.pages(1)
        assert site.pace.rows > FIRST_ROWS
        site.pages(TRIAL_PAGES - 2)
        assert site.pace.lanes == 1
        site.pages(1)
        assert site.pace.lanes == 2

    def test_a_trial_is_not_carried_from_one_course_into_another(self):
        site = self.quick()
        site.pages(TRIAL_PAGES - 1)
        site.pace.begin()
        site.pages(TRIAL_PAGES - 1)
        assert site.pace.lanes == 1

    def test_time_in_which_nothing_was_asked_does_not_count(self):
        site = self.quick(hands=2)
        for _ in range(30):
            site.pages(1)
            site.now += 100
        assert site.pace.lanes == 2

    def test_a_trial_judged_while_a_page_is_on_its_way_counts_its_time(self):
        site = self.quick()
        site.pages(TRIAL_PAGES)
        began = site.pace._set_out()
        site.pages(TRIAL_PAGES // 2)
        site.pace._come_back(began)
        assert site.pace.lanes == 1


def test_a_steady_pace_never_changes():
    site = PretendSite(each=0.00001)
    site.pace = Pace.steady(7, lanes=3)
    for _ in range(60):
        site.pages(1)
        with pytest.raises(Unavailable):
            site.page(silent())
    assert (site.pace.rows, site.pace.lanes) == (7, 3)


def test_threads_share_one_pace():
    pace = Pace()
    both = threading.Barrier(4, timeout=5)

    def question():
        both.wait()
        return [None] * 500

    threads = [threading.Thread(target=pace.ask, args=(500, question)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pace._on_the_way == 0
    assert pace.rows == 1000
