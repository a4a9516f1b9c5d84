"""How is everybody in a course read, when Moodle pages by row number, hides people and changes meanwhile?

Moodle gives rows `limitfrom` to `limitfrom + limitnumber` in the order of user ids and then takes out whoever
the account may not see. So a short page need not be the last, an empty one neither, and when somebody leaves,
everybody after them moves up a row, over the edge of a page already read. Three rules make a walk complete
all the same:

* **Overlap.** A page is asked from before its beginning. If its first person is one we have, or it begins at
  row 0, nobody can have slipped out between; if not, people have left, and it is asked again from further
  back.
* **Proof of the end.** The end is where a call for *all* rows from there on, ids only, shows nobody new.
* **A last look.** Active and suspended people are two lists, read one after the other; somebody who changes
  lists in between is in neither. So at the end the active list is read once more, ids only; if it holds
  somebody not given, it is walked again for them. A walk resumed after a crash no longer knows whom it gave,
  but it knows how many and a fingerprint of their ids, and compares these with both lists.

In a long course pages may be asked **ahead**, on further connections, before it is known where the page in front of
them ends. The overlap proves them as it proves any other: whoever stays and comes after the last one given is in the
page, or after all of it, whenever it was asked. A page without the proof is thrown away and asked again.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b

from connectors.errors import N_, BadAnswer, ConnectorError
from connectors.moodle.functions import Enrolled
from connectors.moodle.records import EnrolledUser
from connectors.pace import MOST_LANES, Pace
from connectors.roster import Enrolment, Person
from connectors.source import Page

Ask = Callable[[Enrolled, int, int, Sequence[str]], Sequence[EnrolledUser]]
"""(list, first row, number of rows or 0 for all, fields) → people in the order of their ids."""

FULL = ("id", "fullname", "roles", "idnumber")
"""The ID number is a column of its own; it costs Moodle no further query."""

IDS = ("id",)

MOST_ROWS = 1_000_000
"""More rows than this in one page means that the other side does not page as it should."""

SPARE_ROWS = 8
"""A page asked ahead begins so many rows early, so that a few who leave or are out of sight do not spoil its proof."""

SMALLER = 2
"""So often a page that did not come is asked for again in a smaller size, before the error counts."""

_LISTS: dict[str, Enrolled] = {"active": "active", "suspended": "suspended", "again": "active"}
"""The walks in their order, and the list that each one reads."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a walk stands.

    `rows` of the list are known to lie at or before user id `after`; `given` people came so far, in all walks, and
    `fingerprint` is that of their ids.
    """

    walk: str = "active"
    rows: int = 0
    after: int = 0
    given: int = 0
    fingerprint: int = 0

    @classmethod
    def read(cls, text: str) -> "Position":
        """The position that `text` says; raises ValueError if it says none."""
        walk, *numbers = text.split(":")
        if walk not in _LISTS or len(numbers) != 4 or not all(n.isascii() and n.isdigit() for n in numbers):
            raise ValueError("not a position of a walk through enrolments")
        return cls(walk, *map(int, numbers))

    def __str__(self) -> str:
        return f"{self.walk}:{self.rows}:{self.after}:{self.given}:{self.fingerprint}"


def read_enrolments(ask: Ask, course_id: str, pace: Pace, start: str | None = None) -> Generator[Page, None, None]:
    """Every enrolment of a course, each person once; the page with `next=None` comes when everybody has been given.

    `ask` is called from several threads at once if the pace has more than one lane.

    Raises ValueError for a `start` that is no position, and `BadAnswer` if the other side cannot page.
    """
    return _Reading(ask, course_id, pace, None if start is None else Position.read(start)).pages()


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A page on its way: the rows asked for, and what will come."""

    first_row: int
    number: int
    users: "Future[Sequence[EnrolledUser]]"


class _Reading:
    def __init__(self, ask: Ask, course_id: str, pace: Pace, start: Position | None) -> None:
        self._ask = ask
        self._course_id = course_id
        self._pace = pace
        self._ahead: deque[_Ahead] = deque()
        self._threads: ThreadPoolExecutor | None = None
        self._is_long = False
        self._start = start or Position()
        self._resumed = start is not None
        self._given: set[int] = set()
        self._hides_people = False

    def pages(self) -> Generator[Page, None, None]:
        try:
            yield from self._pages()
        finally:
            if self._threads is not None:
                self._threads.shutdown(cancel_futures=True)

    def _pages(self) -> Iterator[Page]:
        at = self._start
        # Somebody in both lists counts as active; a walk resumed among the suspended has to learn who is.
        active = self._ids("active") if at.walk == "suspended" else set()
        while True:
            users, more, at = self._step(at)
            known = self._given | active if at.walk == "suspended" else self._given
            users = [user for user in users if user.id not in known]
            ids = {user.id for user in users}
            self._given |= ids
            at = replace(at, given=at.given + len(ids), fingerprint=_fingerprint(ids, at.fingerprint))
            following = at if more else self._next_walk(at)
            if users or following is None:
                rows = tuple(self._enrolment(user, at.walk == "suspended") for user in users)
                yield Page(rows, None if following is None else str(following))
            if following is None:
                return
            if following.walk != at.walk:
                self._is_long = False
                self._throw_away()
            at = following

    def _step(self, at: Position) -> tuple[Sequence[EnrolledUser], bool, Position]:
        """The next people after `at`, whether there may be more, and the position after them."""
        size = self._pace.rows
        while size < MOST_ROWS:
            users, first_row, full = self._page_ahead(at) or self._window(at, size, FULL)
            fresh = [user for user in users if user.id > at.after]
            if fresh:
                at = replace(at, rows=first_row + len(users), after=fresh[-1].id)
                if full:
                    self._note_full(len(fresh))
                if full or self._hides_people:
                    return fresh, True, at
            more = self._is_more(at)
            self._hides_people = self._hides_people or more
            if fresh or not more:
                return fresh, more, at
            # A whole page of people out of sight, yet somebody behind them: reach further.
            size *= 2
        raise BadAnswer(
            N_("Moodle does not give the participants page by page."),
            N_("Report this with the code in brackets and the version of Moodle."),
            code="no_paging",
            function="core_enrol_get_enrolled_users",
        )

    def _is_more(self, at: Position) -> bool:
        users, _, _ = self._window(at, 0, IDS)
        return any(user.id > at.after for user in users)

    def _note_full(self, rows: int) -> None:
        if not self._is_long:
            self._is_long = True
            self._pace.begin()
        self._pace.kept(rows)

    def _page_ahead(self, at: Position) -> tuple[Sequence[EnrolledUser], int, bool] | None:
        """The page asked ahead, as `_window` gives it, if it proves to go on from `at`."""
        if not self._ahead:
            return None
        page = self._ahead.popleft()
        self._look_ahead(at, page.first_row + page.number)
        try:
            users = page.users.result()
        except ConnectorError:
            # Asked again in its turn, it may come; if not, the error comes from there.
            users = ()
        if users and users[0].id <= at.after < users[-1].id:
            return users, page.first_row, len(users) >= page.number
        self._throw_away()
        return None

    def _look_ahead(self, at: Position, row: int) -> None:
        """Have as many pages on their way behind `row` as the pace has lanes beside the one in use."""
        while len(self._ahead) < self._pace.lanes - 1:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(MOST_LANES, thread_name_prefix="pages-ahead")
            if self._ahead:
                row = self._ahead[-1].first_row + self._ahead[-1].number
            first_row = max(0, row - SPARE_ROWS)
            number = row - first_row + self._pace.rows
            self._ahead.append(
                _Ahead(first_row, number, self._threads.submit(self._paced, _LISTS[at.walk], first_row, number, FULL))
            )

    def _throw_away(self) -> None:
        while self._ahead:
            self._ahead.pop().users.cancel()

    def _window(self, at: Position, size: int, fields: Sequence[str]) -> tuple[Sequence[EnrolledUser], int, bool]:
        """People from at or before `at` on, for `size` rows (0: all); the first row; whether no row was empty."""
        back = 1
        while True:
            first_row = max(0, at.rows - back)
            users, number = self._rows(at, first_row, size, fields)
            if first_row == 0 or (users and users[0].id <= at.after):
                return users, first_row, len(users) >= number > 0
            back *= 16

    def _rows(
        self, at: Position, first_row: int, size: int, fields: Sequence[str]
    ) -> tuple[Sequence[EnrolledUser], int]:
        """People from `first_row` to `size` rows behind `at`, or less if so many do not come; how many rows it was."""
        enrolled, overlap = _LISTS[at.walk], at.rows - first_row
        if not size:
            return self._people(enrolled, first_row, 0, fields), 0
        for _ in range(SMALLER):
            number = overlap + size
            if self._is_long:
                self._look_ahead(at, first_row + number)
            try:
                return self._paced(enrolled, first_row, number, fields), number
            except ConnectorError as error:
                self._throw_away()
                smaller = self._pace.smaller(error, size)
                if smaller is None:
                    raise
                size = smaller
        return self._paced(enrolled, first_row, overlap + size, fields), overlap + size

    def _paced(self, enrolled: Enrolled, first_row: int, number: int, fields: Sequence[str]) -> Sequence[EnrolledUser]:
        return self._pace.ask(number, partial(self._people, enrolled, first_row, number, fields))

    def _next_walk(self, at: Position) -> Position | None:
        if at.walk == "active":
            return Position("suspended", given=at.given, fingerprint=at.fingerprint)
        if at.walk == "suspended" and self._somebody_is_missing(at):
            return Position("again", given=at.given, fingerprint=at.fingerprint)
        return None

    def _somebody_is_missing(self, at: Position) -> bool:
        active = self._ids("active")
        if not self._resumed:
            return not active <= self._given
        enrolled = active | self._ids("suspended")
        return (at.given, at.fingerprint) != (len(enrolled), _fingerprint(enrolled))

    def _ids(self, enrolled: Enrolled) -> set[int]:
        return {user.id for user in self._people(enrolled, 0, 0, IDS)}

    def _people(self, enrolled: Enrolled, first_row: int, number: int, fields: Sequence[str]) -> Sequence[EnrolledUser]:
        users = self._ask(enrolled, first_row, number, fields)
        if any(one.id >= two.id for one, two in zip(users, users[1:], strict=False)):
            raise BadAnswer(
                N_("Moodle gives the participants in another order than asked for."),
                N_("Report this with the code in brackets and the version of Moodle."),
                code="odd_order",
                function="core_enrol_get_enrolled_users",
            )
        return users

    def _enrolment(self, user: EnrolledUser, suspended: bool) -> Enrolment:
        return Enrolment(
            course_id=self._course_id,
            person=Person(str(user.id), user.fullname, id_number=user.idnumber or None),
            roles=tuple(sorted({role.shortname for role in user.roles})),
            suspended=suspended,
        )


def _fingerprint(ids: Iterable[int], before: int = 0) -> int:
    """64 bits that depend on the set of ids and not on their order, so that pages can be added one by one."""
    marks = (int.from_bytes(blake2b(b"%d" % one, digest_size=8).digest()) for one in ids)
    return (before + sum(marks)) % 2**64
