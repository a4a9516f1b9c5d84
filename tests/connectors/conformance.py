"""What must any roster source keep? Derive from `Conformance`, give it a `stand`, and run it."""

import gzip
import logging
import random
import socket
import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from connectors import (
    BadAnswer,
    Category,
    ConnectorError,
    Course,
    Grouping,
    NotAllowed,
    NotFound,
    Page,
    RosterSource,
    Transport,
)

EMOJI, RTL, LONG = "Nesrin 🌻👩‍🏫", "ليلى الحدّاد", "Ö" * 300


@dataclass
class School:
    """What stands in an LMS: titles of courses, names of people, and who is where."""

    courses: dict[str, str] = field(default_factory=lambda: {"5": "Lesson study", "6": "Nobody here"})
    people: dict[str, str] = field(default_factory=lambda: {"7": EMOJI, "9": RTL, "10": LONG, "100": "Ana"})
    enrolled: dict[str, dict[str, bool]] = field(
        default_factory=lambda: {"5": {"100": False, "9": True, "10": False, "7": False}, "6": {}}
    )
    """Course → person → whether suspended."""

    numbers: dict[str, str] = field(default_factory=lambda: {"7": "T-0007", "100": "T-0100 é"})
    """Person → the number a register knows them by."""

    groupings: dict[str, tuple[str, tuple[str, ...]]] = field(
        default_factory=lambda: {"8": ("Triads", ("10", "11")), "9": ("Nobody yet", ())}
    )
    """Grouping of course 5 → its name and groups."""

    categories: dict[str, tuple[str, str | None]] = field(
        default_factory=lambda: {"3": ("Teacher education", None), "4": ("Schools of Veles", "3"), "12": ("STEM", "3")}
    )
    """Category → its name and the one above it."""

    def fill(self, course_id: str, count: int) -> None:
        """Enrol so many people in a course, in no order."""
        ids = [str(number) for number in range(1000, 1000 + count)]
        random.Random(5).shuffle(ids)
        self.people |= {one: f"Person {one}" for one in ids}
        self.enrolled[course_id] = dict.fromkeys(ids, False)


@dataclass
class Stand:
    """A source over a school. `open` builds it anew, small pages; `secret` must show nowhere.

    `number` says what the number of a person should be, where it is not simply the school's.
    """

    school: School
    open: Callable[[], RosterSource]
    secret: str = ""
    urls: Callable[[], list[str]] = lambda: []
    lists_empty_courses: bool = True
    knows_groupings: bool = False
    knows_categories: bool = True
    number: Callable[[str], str] | None = None


def order(person_id: str) -> tuple[int, str]:
    """Numbers count up, other ids by length and letter."""
    return len(person_id), person_id


def walk(source: object, course_id: str, start: str | None = None) -> list[Page]:
    return list(source.enrolment_pages(course_id, start))


class Conformance:
    """The promises of `RosterSource`."""

    @pytest.fixture
    def stand(self) -> Stand:
        raise NotImplementedError

    def test_everybody_comes_once_and_in_the_order_of_ids(self, stand):
        stand.school.fill("5", 23)
        pages = walk(stand.open(), "5")
        ids = [row.person.id for page in pages for row in page.rows]
        assert len(pages) > 2
        assert ids == sorted(stand.school.enrolled["5"], key=order)
        assert [page.next is None for page in pages] == [False] * (len(pages) - 1) + [True]

    def test_active_and_suspended_people_are_told_apart(self, stand):
        rows = [row for page in walk(stand.open(), "5") for row in page.rows]
        assert {row.person.id: row.suspended for row in rows} == stand.school.enrolled["5"]
        assert all(row.roles == tuple(sorted(set(row.roles))) and row.course_id == "5" for row in rows)

    def test_names_come_as_they_are_and_in_no_repr(self, stand):
        rows = [row for page in walk(stand.open(), "5") for row in page.rows]
        assert {row.person.id: row.person.name for row in rows} == stand.school.people
        assert not any(name in repr(rows) for name in stand.school.people.values())

    def test_the_number_of_a_register_comes_as_it_is_and_in_no_repr(self, stand):
        rows = [row for page in walk(stand.open(), "5") for row in page.rows]
        expected = stand.number or stand.school.numbers.get
        assert {row.person.id: row.person.id_number for row in rows} == {
            one: expected(one) for one in stand.school.people
        }
        assert "T-0" not in repr(rows)

    def test_people_are_named_by_their_ids_each_once_and_the_unknown_left_out(self, stand):
        source = stand.open()
        walked = {row.person.id: row.person for page in walk(source, "5") for row in page.rows}
        people = list(source.people(["100", "7", "404", "9", "100", "", "..", "x' OR 1"]))
        assert sorted(people, key=lambda one: one.id) == [walked[one] for one in ("100", "7", "9")]

    def test_nobody_asked_for_is_nobody(self, stand):
        assert list(stand.open().people([])) == []

    def test_more_people_than_one_question_holds_are_all_named(self, stand):
        stand.school.fill("5", 1_000)
        ids = list(stand.school.enrolled["5"])
        assert sorted(one.id for one in stand.open().people(ids)) == sorted(ids)

    def test_groupings_hold_their_groups_or_there_are_none(self, stand):
        groupings = list(stand.open().groupings("5"))
        assert (
            sorted(groupings, key=lambda one: one.id)
            == [Grouping(one, "5", name, groups) for one, (name, groups) in stand.school.groupings.items()]
            * stand.knows_groupings
        )

    def test_groupings_of_an_unknown_course_are_not_none_but_refused(self, stand):
        with pytest.raises((NotFound, NotAllowed)):
            list(stand.open().groupings("404"))

    def test_categories_say_what_stands_above_them_or_there_are_none(self, stand):
        categories = sorted(stand.open().categories(), key=lambda one: order(one.id))
        assert (
            categories
            == [Category(one, name, above) for one, (name, above) in stand.school.categories.items()]
            * stand.knows_categories
        )

    def test_a_walk_goes_on_in_another_source_from_every_page(self, stand):
        stand.school.fill("5", 17)
        pages = walk(stand.open(), "5")
        everybody = {row.person.id for page in pages for row in page.rows}
        for n, page in enumerate(pages[:-1]):
            rest = walk(stand.open(), "5", page.next)
            given = {row.person.id for one in [*pages[: n + 1], *rest] for row in one.rows}
            assert given == everybody
            assert rest[-1].next is None

    def test_whoever_comes_behind_a_resumed_walk_is_still_given(self, stand):
        stand.school.fill("5", 17)
        first = walk(stand.open(), "5")[0]
        stand.school.people["1"] = "Early"
        stand.school.enrolled["5"]["1"] = False
        rest = walk(stand.open(), "5", first.next)
        assert "1" in {row.person.id for page in rest for row in page.rows}

    def test_a_start_of_another_kind_is_refused(self, stand):
        with pytest.raises(ValueError):
            walk(stand.open(), "5", "page 2")

    def test_an_unknown_course_is_none_and_has_no_roster(self, stand):
        source = stand.open()
        assert source.course("404") is None
        with pytest.raises((NotFound, NotAllowed)):
            walk(source, "404")

    def test_a_renamed_course_keeps_its_id(self, stand):
        before = stand.open().course("5")
        stand.school.courses["5"] = "Another title"
        after = stand.open().course("5")
        assert isinstance(before, Course)
        assert (before.id, before.title, after.id, after.title) == ("5", "Lesson study", "5", "Another title")

    def test_an_empty_course_has_one_empty_last_page(self, stand):
        if stand.lists_empty_courses:
            assert walk(stand.open(), "6") == [Page((), None)]
        else:
            assert stand.open().course("6") is None

    def test_a_deleted_course_is_gone_from_the_list_and_by_id(self, stand):
        assert "5" in {course.id for course in stand.open().courses()}
        del stand.school.courses["5"]
        source = stand.open()
        assert "5" not in {course.id for course in source.courses()}
        assert source.course("5") is None

    def test_many_people_take_little_memory(self, stand):
        stand.school.fill("5", 3000)
        source = stand.open()
        tracemalloc.start()
        count = sum(len(page.rows) for page in source.enrolment_pages("5"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 3000
        assert peak < 16 * 1024 * 1024, f"{peak / 1024 / 1024:.1f} MiB"

    def test_the_secret_is_in_no_repr_log_error_or_address(self, stand, caplog):
        caplog.set_level(logging.DEBUG)
        source = stand.open()
        walk(source, "5")
        with pytest.raises(ConnectorError) as caught:
            walk(source, "404")
        shown = " ".join([repr(source), str(caught.value), repr(caught.value), caplog.text, *stand.urls()])
        if stand.secret:
            assert stand.secret not in shown
        assert not any(name in shown for name in stand.school.people.values())


def _reset(server, handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


PAGE = b"<!DOCTYPE html><html><body>Log in</body></html>"
JSON = {"Content-Type": "application/json"}

# Name → how the first request, or every one, is spoiled; and whether a good answer afterwards helps.
ONCE = {
    "a healthy server": None,
    "500": lambda server, handler: server.send(handler, b"oops", 500),
    "503 with Retry-After": lambda server, handler: server.send(handler, b"", 503, {"Retry-After": "0"}),
    "429": lambda server, handler: server.send(handler, b"", 429, {"Retry-After": "0"}),
    "a reset": _reset,
    "half a JSON text": lambda server, handler: server.send(handler, b'{"id": 3, "na'),
    "a web page": lambda server, handler: server.send(handler, PAGE),
}
ALWAYS = {
    "silence": lambda server, handler: server.ended.wait(5),
    "one byte at a time": lambda server, handler: server.drip(handler, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99),
    "a token it does not know": None,
    "a gzip bomb": lambda server, handler: server.send(
        handler, gzip.compress(b" " * 20_000_000), 200, JSON | {"Content-Encoding": "gzip"}
    ),
}


class NetworkConformance(Conformance):
    """For a source over HTTP: also the eleven ways a server fails, against a real one."""

    good = b"{}"
    refusal = (401, b"{}")

    def opened(self, url: str, transport: Transport) -> object:
        raise NotImplementedError

    @pytest.fixture
    def any_server(self, bad_server):
        """The server of the tests, which answers GET as it does POST."""

        def do_get(handler):
            handler.headers["Content-Length"] = "0"
            handler.do_POST()

        bad_server.http.RequestHandlerClass.do_GET = do_get
        return bad_server

    @pytest.mark.parametrize("failure", ONCE)
    def test_a_passing_failure_is_got_over(self, any_server, local_transport, failure, seconds):
        spoil = ONCE[failure]

        def behave(handler, n):
            if n == 0 and spoil is not None:
                spoil(any_server, handler)
            else:
                any_server.send(handler, self.good)

        any_server.behave = behave
        assert self.opened(any_server.url, local_transport).site().user_id is not None
        assert any_server.requests == (1 if spoil is None else 2)
        assert seconds() < 5

    @pytest.mark.parametrize("failure", [*(name for name in ONCE if ONCE[name]), *ALWAYS])
    def test_a_failure_that_stays_ends_typed_inside_the_deadline(self, any_server, limits, failure, seconds):
        spoil = ONCE.get(failure) or ALWAYS[failure]

        def behave(handler, n):
            if spoil is None:
                any_server.send(handler, self.refusal[1], self.refusal[0])
            else:
                spoil(any_server, handler)

        any_server.behave = behave
        hasty = replace(limits, total_seconds=0.8, connect_seconds=0.5, read_seconds=0.5)
        with Transport(limits=hasty, allow_private_hosts=True) as line, pytest.raises(ConnectorError) as caught:
            self.opened(any_server.url, line).site()
        assert caught.value.code
        assert seconds() < 3


class FileConformance(Conformance):
    """For a source over a file: a broken one is a typed error at every question, never a smaller roster."""

    @pytest.mark.parametrize(
        "data", [b"", PAGE, b"PK\x03\x04" + b"\0" * 40, b"\xff\xfe\x00", b"id;name;course\n7;\xe4;5"]
    )
    def test_a_broken_file_is_a_typed_error(self, stand, tmp_path, data):
        stand.open()
        (path,) = tmp_path.glob("roster.*")
        path.write_bytes(data)
        for question in (
            lambda source: source.site(),
            lambda source: list(source.courses()),
            lambda source: walk(source, "5"),
        ):
            with pytest.raises(BadAnswer):
                question(self.over(path))

    def over(self, path) -> object:
        raise NotImplementedError
