"""Do the words, the errors and the reading ahead keep what they promise?"""

import pickle
import threading

import pytest

from connectors import Course, Enrolment, NotAllowed, Person, Unavailable, open_source
from connectors.ahead import read_ahead


def test_a_name_stays_out_of_every_repr():
    row = Enrolment("5", Person("7", "Ada Lovelace"), ("student",), suspended=False)
    assert row.person.name == "Ada Lovelace"
    assert "Ada" not in repr([row])


def test_words_cannot_be_changed_once_said():
    course = Course("5", "A", "B", visible=True)
    with pytest.raises(AttributeError):
        course.title = "C"


class TestErrors:
    error = NotAllowed(
        "The token may not call %(function)s.",
        "Add it.",
        code="accessexception",
        function="core_x",
        params={"function": "core_x"},
    )

    def test_one_says_what_happened_and_what_to_do(self):
        assert str(self.error) == "The token may not call core_x. Add it. [accessexception, core_x]"
        assert repr(self.error) == "NotAllowed(code='accessexception', function='core_x')"

    def test_one_without_a_code_says_no_more(self):
        assert str(Unavailable("It is 100%% off.", "Wait.")) == "It is 100% off. Wait."

    def test_one_survives_the_way_to_another_process(self):
        there = pickle.loads(pickle.dumps(self.error))
        assert (str(there), there.params, type(there)) == (str(self.error), self.error.params, NotAllowed)


class TestOpening:
    def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(self, transport):
        with pytest.raises(ValueError, match="no connector for 'sakai'; there is one for: moodle"):
            open_source("sakai", "https://lms.example.org", "t", transport)

    def test_a_known_kind_is_opened_without_a_call(self, moodle, transport, token):
        assert open_source("moodle", moodle.url, token, transport)
        assert not moodle.forms


class TestReadingAhead:
    def test_items_keep_their_order(self):
        assert list(read_ahead(one for one in range(50))) == list(range(50))

    def test_nothing_is_fetched_before_it_is_asked_for(self):
        def forbidden():
            raise AssertionError
            yield

        read_ahead(forbidden()).close()

    def test_never_more_than_one_item_is_ahead(self):
        fetched = []

        def items():
            for item in range(10):
                fetched.append(item)
                yield item

        ahead = read_ahead(items())
        for expected in range(5):
            assert next(ahead) == expected
            assert len(fetched) <= expected + 2
        ahead.close()
        assert len(fetched) <= 6

    def test_an_exception_comes_where_its_item_would_have_come(self):
        def items():
            yield 1
            yield 2
            raise Unavailable("a", "b", code="silent")

        ahead = read_ahead(items())
        assert [next(ahead), next(ahead)] == [1, 2]
        with pytest.raises(Unavailable):
            next(ahead)

    def test_closing_ends_the_thread(self):
        ahead = read_ahead(one for one in range(10))
        next(ahead)
        assert any(thread.name.startswith("read-ahead") for thread in threading.enumerate())
        ahead.close()
        assert not any(thread.name.startswith("read-ahead") for thread in threading.enumerate())

    def test_the_last_item_ends_the_thread(self):
        assert list(read_ahead(one for one in [1])) == [1]
        assert not any(thread.name.startswith("read-ahead") for thread in threading.enumerate())
