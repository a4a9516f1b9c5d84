"""When is a worker taken for dead?"""

from hypothesis import given
from hypothesis import strategies as st

from lms_plc.jobs import BEAT, MISSED, Watch


def looks(watch: Watch, *beats: int | None) -> list[list[str]]:
    return [watch.dead({"other": beat}) for beat in beats]


def test_a_number_that_stood_still_too_long_is_a_dead_worker() -> None:
    assert looks(Watch(missed=3), 7, 7, 7, 7) == [[], [], [], ["other"]]


def test_a_number_that_moves_in_time_is_a_living_worker() -> None:
    assert looks(Watch(missed=3), 7, 7, 7, 8, 8, 8, 9) == [[]] * 7


def test_a_worker_that_signed_off_is_dead_at_the_first_look() -> None:
    assert looks(Watch(missed=3), -1) == [["other"]]


def test_jobs_of_a_worker_without_a_number_wait_as_long_as_those_of_a_silent_one() -> None:
    assert looks(Watch(missed=3), None, None, None, None) == [[], [], [], ["other"]]


def test_a_worker_taken_for_dead_is_watched_anew() -> None:
    assert looks(Watch(missed=2), 7, 7, 7, 7, 7, 7) == [[], [], ["other"], [], [], ["other"]]


def test_workers_that_are_gone_from_the_list_are_forgotten() -> None:
    watch = Watch(missed=2)
    looks(watch, 7, 7)
    watch.dead({})
    assert looks(watch, 7, 7, 7) == [[], [], ["other"]]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_no_worker_is_taken_for_dead_while_its_number_moved_within_the_missed_looks(beats: list[int]) -> None:
    for look, dead in enumerate(looks(Watch(missed=4), *beats)):
        if dead:
            assert len(set(beats[look - 4 : look + 1])) == 1


def test_a_killed_workers_jobs_go_on_within_fifteen_seconds() -> None:
    last_sign_to_first_look, looks_missed, queue_poll = BEAT, MISSED * BEAT, BEAT / 2 * 1.05
    assert last_sign_to_first_look + looks_missed + queue_poll <= 15
