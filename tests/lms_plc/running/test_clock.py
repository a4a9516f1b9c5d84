"""Is the arithmetic of the clock the same, however a step was paused, extended and looked at?"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lms_plc.protocols.content import PRODUCES, shipped
from lms_plc.running.captures import CAPTURES, PLAIN, Way, capture_of, kinds_written
from lms_plc.running.clock import StepClock, clamped, ends_at, passed, remaining

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
seconds = st.integers(0, 7200)


@given(planned=seconds, extended=seconds, spans=st.lists(st.tuples(seconds, seconds), max_size=6))
def test_only_time_that_ran_is_counted(planned: int, extended: int, spans: list[tuple[int, int]]) -> None:
    now, paused = NOON, 0
    for ran, stood in spans:
        stopped = now + timedelta(seconds=ran)
        now = stopped + timedelta(seconds=stood)
        step = StepClock(planned, extended, paused, NOON)
        assert remaining(step, stopped, now) == remaining(step, stopped, stopped)
        paused += passed(stopped, now)
    step = StepClock(planned, extended, paused, NOON)
    assert remaining(step, None, now) == planned + extended - sum(ran for ran, _ in spans)
    until = ends_at(step)
    assert until is not None
    assert remaining(step, None, until) == 0


@given(left=st.floats(0, 3600), later=st.floats(0, 3600))
def test_time_only_runs_out(left: float, later: float) -> None:
    step, moment = StepClock(600, 0, 0, NOON), NOON + timedelta(seconds=left)
    assert remaining(step, None, moment + timedelta(seconds=later)) <= remaining(step, None, moment)


def test_before_it_begins_a_step_has_all_its_time() -> None:
    assert remaining(StepClock(300, 60, 0, None), None, NOON) == 360
    assert ends_at(StepClock(300, 0, 0, None)) is None
    assert passed(None, NOON) == 0


@given(written=st.none() | st.datetimes(timezones=st.just(UTC)))
def test_no_note_was_written_before_the_run_or_after_it_came(written: datetime | None) -> None:
    assert NOON <= clamped(written, NOON, NOON + timedelta(hours=1)) <= NOON + timedelta(hours=1)


def test_every_word_a_protocol_may_bring_forth_has_a_way_to_be_captured() -> None:
    assert PRODUCES.keys() <= CAPTURES.keys()
    written = {word for one in shipped().values() for step in one.content.steps for word in step.produces}
    assert written <= CAPTURES.keys()
    assert capture_of("Sonnet").way is Way.NOTE
    assert kinds_written(["Hunch", "MeetingPulse", "Hunch"]) == ["Hunch", PLAIN]
    assert kinds_written([PLAIN]) == [PLAIN]
