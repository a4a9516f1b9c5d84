"""What do meetings say of a rhythm? Each figure by its table."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from lms_plc.rhythm.figures import (
    Balance,
    Gap,
    Holiday,
    Member,
    Met,
    Share,
    balance,
    in_time,
    inside_working_time,
    kept,
    learning,
    longest_gap,
    not_led_yet,
    share_of,
    strip,
    usual_minutes,
    who_shares_leading,
    whose_turn,
    year_began,
)

A, B, C, D, E = (UUID(int=number) for number in range(1, 6))


def day(month: int, of_month: int) -> date:
    return date(2026, month, of_month)


def met(on: date, state: str = "held", *, meant_for: date | None = None, inside: bool = False) -> Met:
    return Met(UUID(int=on.toordinal()), "M", on, meant_for or on, state, inside)


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 11, 22), date(2026, 8, 1)),
        (date(2026, 8, 1), date(2026, 8, 1)),
        (date(2026, 7, 31), date(2025, 8, 1)),
    ],
)
def test_a_school_year_begins_before_the_earliest_first_school_day(today, began) -> None:
    assert year_began(today) == began


@pytest.mark.parametrize(
    ("meetings", "share"),
    [
        ([], None),
        ([met(day(11, 4), "planned"), met(day(11, 5), "running")], None),
        ([met(day(11, 4)), met(day(11, 18), "cancelled")], Share(1, 2)),
        ([met(day(11, 4), "minutes_draft"), met(day(11, 18), "minutes_approved")], Share(2, 2)),
        ([met(day(11, 4), "not_held")], Share(0, 1)),
        ([met(day(11, 11), meant_for=day(11, 4))], Share(1, 1)),
        ([met(day(11, 12), meant_for=day(11, 4))], Share(0, 1)),
        ([met(day(11, 1), meant_for=day(11, 4))], Share(1, 1)),
    ],
)
def test_a_meeting_moved_by_a_week_at_most_was_held_as_planned(meetings, share) -> None:
    assert kept(meetings) == share


AUTUMN = Holiday("Autumn", day(11, 2), day(11, 8))


@pytest.mark.parametrize(
    ("meetings", "holidays", "gap"),
    [
        ([met(day(11, 4), "cancelled")], [], None),
        ([met(day(11, 4)), met(day(11, 18), "cancelled")], [], Gap(18, day(11, 4), day(11, 22), True)),
        ([met(day(11, 22))], [], None),
        ([met(day(10, 21)), met(day(11, 18))], [], Gap(28, day(10, 21), day(11, 18), False)),
        ([met(day(10, 21)), met(day(11, 18))], [AUTUMN], Gap(21, day(10, 21), day(11, 18), False)),
        (
            [met(day(10, 21)), met(day(11, 18))],
            [AUTUMN, Holiday("Mourning", day(11, 7), day(11, 9)), Holiday("Summer", day(7, 1), day(8, 31))],
            Gap(20, day(10, 21), day(11, 18), False),
        ),
        ([met(day(9, 1), "not_held"), met(day(11, 18))], [], Gap(78, day(9, 1), day(11, 18), False)),
    ],
)
def test_the_longest_gap_leaves_school_holidays_out_and_may_go_on(meetings, holidays, gap) -> None:
    assert longest_gap(meetings, holidays, day(11, 22)) == gap


def test_working_time_counts_what_was_held() -> None:
    meetings = [met(day(11, 4), inside=True), met(day(11, 11)), met(day(11, 18), "cancelled", inside=True)]
    assert inside_working_time(meetings) == Share(1, 2)
    assert inside_working_time([]) is None
    assert Share(1, 3).percent == 33


def test_learning_is_a_share_of_all_minutes() -> None:
    assert learning({"learning": 45, "notice": 15}) == Share(45, 60)
    assert learning({"notice": 15}) == Share(0, 15)
    assert learning({}) is None


@pytest.mark.parametrize(
    ("actions", "share"),
    [
        ([], None),
        ([(day(11, 20), "open", None)], None),  # its two weeks are not over
        ([(day(11, 1), "open", None)], Share(0, 1)),
        ([(day(11, 20), "done", day(11, 19))], Share(1, 1)),
        ([(day(10, 1), "done", day(10, 15)), (day(10, 1), "done", day(10, 16))], Share(1, 2)),
        ([(day(10, 1), "dropped", day(10, 1))], None),
    ],
)
def test_an_action_is_done_in_time_within_two_weeks(actions, share) -> None:
    assert in_time(actions, day(11, 22)) == share


@pytest.mark.parametrize(("seconds", "minutes"), [([], None), ([0, 0], 0), ([20], 1), ([60, 300, 600], 5)])
def test_paperwork_is_the_usual_minutes_not_the_worst(seconds, minutes) -> None:
    assert usual_minutes(seconds) == minutes


@pytest.mark.parametrize(
    ("brought", "active", "step"),
    [
        ({A: 5, B: 5, C: 5, D: 5, E: 5}, {A, B, C, D, E}, Balance.MANY),
        ({A: 10, B: 5, C: 2}, {A, B, C, D, E}, Balance.SOME),
        ({A: 20, B: 1}, {A, B, C, D, E}, Balance.FEW),
        ({A: 20, B: 1, UUID(int=9): 50}, {A, B, C, D, E}, Balance.FEW),  # who is not active any more counts for nothing
        ({A: 2, B: 2}, {A, B, C, D, E}, None),  # too little to say anything
        ({A: 9, B: 9, C: 9, D: 9}, {A, B, C, D}, None),  # too few to say anything
    ],
)
def test_the_balance_of_voices_is_said_in_words_and_only_of_five(brought, active, step) -> None:
    assert balance(brought, active) == step


def test_ones_own_share_is_of_all_that_was_brought() -> None:
    assert share_of(A, {A: 1, B: 3}) == Share(1, 4)
    assert share_of(C, {A: 1, B: 3}) == Share(0, 4)
    assert share_of(A, {}) is None


@pytest.mark.parametrize(
    ("led", "held", "people"),
    [({A: 6}, 6, 1.0), ({A: 3, B: 3}, 6, 2.0), ({A: 5, B: 1}, 6, 36 / 26), ({A: 1, B: 1}, 2, None), ({}, 6, None)],
)
def test_one_who_always_leads_counts_as_one(led, held, people) -> None:
    assert who_shares_leading(led, held) == pytest.approx(people)


def member(person: UUID, led_on: Any = None, *, wishes_not: bool = False, is_active: bool = True) -> Member:
    return Member(person, "N", led_on, wishes_not, is_active)


def test_who_said_not_now_or_is_long_gone_is_neither_named_nor_proposed() -> None:
    people = [member(A, wishes_not=True), member(B, is_active=False), member(C), member(D, day(11, 4))]
    assert [one.id for one in not_led_yet(people)] == [C]
    turn = whose_turn(people)
    assert turn is not None
    assert turn.id == C
    assert whose_turn(people[:2]) is None
    longest_ago = whose_turn([people[3]])
    assert longest_ago is not None
    assert longest_ago.id == D


def test_the_strip_has_meetings_and_the_holidays_between_them_by_their_days() -> None:
    meetings = [met(day(10, 21)), met(day(11, 4), "cancelled"), met(day(11, 18), "planned")]
    summer, winter = Holiday("Summer", day(7, 1), day(8, 31)), Holiday("Winter", day(12, 24), day(12, 31))
    assert [(mark.kind, mark.day) for mark in strip(meetings, [AUTUMN, summer, winter])] == [
        ("held", day(10, 21)),
        ("holiday", day(11, 2)),
        ("cancelled", day(11, 4)),
        ("unsaid", day(11, 18)),
    ]
    assert strip([], [AUTUMN]) == []
