"""The platforms' key sets: read when needed, kept when the platform is silent."""

from __future__ import annotations

import threading

import pytest

from lti.keysets import KeySets, KeysUnavailable
from lti.testing import FrozenClock, public_jwk, rsa_key

URL = "https://lms.example.org/mod/lti/certs.php"


class Answers:
    """A platform whose next answer is `answer` (an exception is raised); counts how often it is asked."""

    def __init__(self, *kids: str) -> None:
        self.reads = 0
        self.publish(*kids)

    def publish(self, *kids: str) -> None:
        self.answer = {"keys": [public_jwk(rsa_key("platform"), kid) for kid in kids]}

    def __call__(self, url: str):
        self.reads += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def answers() -> Answers:
    return Answers("one")


@pytest.fixture
def key_sets(answers, clock) -> KeySets:
    return KeySets(answers, clock)


def test_a_key_set_is_read_once_for_many_launches(key_sets, answers):
    for _ in range(5):
        assert key_sets.key(URL, "one").kid == "one"
    assert answers.reads == 1


def test_a_rotated_key_is_found_by_one_more_read(key_sets, answers):
    key_sets.key(URL, "one")
    answers.publish("two")

    assert key_sets.key(URL, "two").kid == "two"
    assert key_sets.key(URL, "one") is None
    assert answers.reads == 2


def test_invented_kids_cause_one_read_a_minute(key_sets, answers, clock):
    key_sets.key(URL, "one")
    for number in range(10):
        assert key_sets.key(URL, f"invented-{number}") is None
    assert answers.reads == 2

    clock.forward(seconds=59)
    assert key_sets.key(URL, "invented") is None
    assert answers.reads == 2
    clock.forward(seconds=1)
    answers.publish("one", "two")
    assert key_sets.key(URL, "two").kid == "two"
    assert answers.reads == 3


def test_the_first_read_is_not_repeated_for_a_kid_that_is_not_in_it(key_sets, answers):
    assert key_sets.key(URL, "invented") is None
    assert answers.reads == 1


def test_an_aged_key_set_is_read_again_when_it_is_used(key_sets, answers, clock):
    key_sets.key(URL, "one")
    clock.forward(minutes=59)
    key_sets.key(URL, "one")
    assert answers.reads == 1

    clock.forward(minutes=1)
    answers.publish("two")
    assert key_sets.key(URL, "one") is None
    assert answers.reads == 2


@pytest.mark.parametrize(
    "bad", [{"keys": []}, b"<html>503</html>", {}, TimeoutError(), ConnectionError(), ValueError("bad URL")]
)
def test_an_empty_broken_or_missing_answer_never_replaces_good_keys(key_sets, answers, clock, bad, caplog):
    key_sets.key(URL, "one")
    answers.answer = bad
    clock.forward(hours=2)

    for _ in range(3):
        assert key_sets.key(URL, "one").kid == "one"
    assert answers.reads == 2
    assert "key set not read" in caplog.text

    clock.forward(seconds=60)
    answers.publish("one", "two")
    assert key_sets.key(URL, "two").kid == "two"


def test_a_platform_that_never_answered_is_unavailable_and_asked_once_a_minute(key_sets, answers, clock):
    answers.answer = TimeoutError()
    for _ in range(3):
        with pytest.raises(KeysUnavailable) as caught:
            key_sets.key(URL, "one")
        assert caught.value.failure == "TimeoutError"
    assert answers.reads == 1

    clock.forward(seconds=60)
    answers.publish("one")
    assert key_sets.key(URL, "one").kid == "one"


def test_each_platform_has_its_own_set(clock):
    sets = {
        "https://a.example.org": {"keys": [public_jwk(rsa_key("platform"), "a")]},
        "https://b.example.org": {"keys": [public_jwk(rsa_key("stranger"), "b")]},
    }
    key_sets = KeySets(sets.__getitem__, clock)

    assert key_sets.key("https://a.example.org", "a").kid == "a"
    assert key_sets.key("https://b.example.org", "a") is None


def test_while_one_thread_reads_an_aged_set_others_use_what_is_kept():
    clock = FrozenClock()
    reading, may_answer = threading.Event(), threading.Event()
    document = {"keys": [public_jwk(rsa_key("platform"), "one")]}

    def slow(url):
        reading.set()
        assert may_answer.wait(5)
        return document

    may_answer.set()
    key_sets = KeySets(slow, clock)
    key_sets.key(URL, "one")
    may_answer.clear()
    reading.clear()
    clock.forward(hours=2)

    found = []
    reader = threading.Thread(target=lambda: found.append(key_sets.key(URL, "one").kid))
    reader.start()
    assert reading.wait(5)
    assert key_sets.key(URL, "one").kid == "one"
    assert found == []
    may_answer.set()
    reader.join(5)
    assert found == ["one"]


def test_eight_threads_read_a_new_platform_once(clock, answers):
    key_sets = KeySets(answers, clock)
    start = threading.Barrier(8)
    found = []

    def launch() -> None:
        start.wait()
        found.append(key_sets.key(URL, "one").kid)

    threads = [threading.Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (found, answers.reads) == (["one"] * 8, 1)
