"""Does the grade book learn who is done: once, in order, and however long the LMS is away?"""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from lms_plc import jobs
from lms_plc.communities.models import PlacedLink
from lms_plc.people.models import Identity
from lms_plc.placing import telling
from lms_plc.placing.models import Completion
from lms_plc.placing.telling import FIRST_WAIT, LONGEST_WAIT, links_waiting, tell_completions
from lms_plc.sites.models import Course, Platform

LMS = "https://moodle.example.org"
COLUMN = f"{LMS}/mod/lti/services.php/5/lineitems/9/lineitem?type_id=1"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@pytest.fixture
def link(circle: Any, place: Any, opens: Any, grades: Any) -> UUID:
    """Something that counts, and that a member has opened; the launch named no column."""
    placed: UUID = place(circle.facilitator, "1", counts="yes", title="Lesson study")
    circle.member.launch("2", **opens(placed, **grades(lineitem=None)))
    return placed


def confirm(circle: Any, link: UUID, subject: str = "2", done: str = "yes") -> None:
    form = {"person_id": str(circle.person(subject)), "done": done}
    assert circle.facilitator.post(f"/placed/{link}/completions", form).status_code == 303


@pytest.fixture
def kept(stored: Any) -> Any:
    """``kept()``: the only completion there is."""
    return lambda: stored(select(Completion.__table__))[0]


class TestTheColumn:
    def test_one_made_by_the_lms_for_the_placed_item_is_found(
        self, circle: Any, house: Any, book: Any, link: UUID, stored: Any, kept: Any
    ) -> None:
        book.add(label="Another", scoreMaximum=100, tag="done", resourceId="x", resourceLinkId="2")
        ours = book.add(label="Lesson study", scoreMaximum=1, tag="done", resourceId=str(link), resourceLinkId="1")
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 1
        assert len(book.columns) == 2
        assert stored(select(PlacedLink.line_item_url)) == [(ours["id"],)]
        assert [score["column"] for score in book.scores] == ["2"]
        assert kept().state == "told"

    def test_one_of_the_same_link_and_tag_is_found_where_the_lms_keeps_no_resource_id(
        self, circle: Any, house: Any, book: Any, link: UUID
    ) -> None:
        book.add(label="Lesson study", scoreMaximum=1, tag="done", resourceLinkId="1")
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 1
        assert len(book.columns) == 1

    def test_where_there_is_none_it_is_made_once(
        self, circle: Any, house: Any, book: Any, link: UUID, clock: Any
    ) -> None:
        for done in ("yes", "no", "yes"):
            confirm(circle, link, done=done)
            assert tell_completions(house, str(link)) == 1
            clock.move(minutes=1)
        assert [{**column, "id": None} for column in book.columns] == [
            {
                "id": None,
                "label": "Lesson study",
                "scoreMaximum": 1,
                "resourceLinkId": "1",
                "tag": "done",
                "resourceId": str(link),
            }
        ]
        assert [path for method, path in book.asked if method == "POST"].count("/5/lineitems") == 1

    def test_the_one_a_launch_names_is_used_without_looking(
        self, circle: Any, house: Any, book: Any, link: UUID, opens: Any, grades: Any
    ) -> None:
        circle.member.launch("2", **opens(link, **grades(lineitem=COLUMN)))
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 1
        assert book.asked == [("POST", "/5/lineitems/9/lineitem/scores")]

    def test_two_that_nobody_has_opened_yet_never_share_a_column(
        self, circle: Any, house: Any, book: Any, place: Any, grades: Any, opens: Any, clock: Any, stored: Any
    ) -> None:
        circle.member.launch("2", **grades(lineitem=None))
        first, second = (place(circle.facilitator, "1", counts="yes", title=title) for title in ("One", "Two"))
        for link in (first, second):
            confirm(circle, link)
            assert tell_completions(house, str(link)) == 0
        assert book.columns == book.scores == []
        assert (
            stored(select(Completion.state, Completion.tries, Completion.problem))
            == [("waiting", 1, "not_opened_yet")] * 2
        )
        resource = "https://purl.imsglobal.org/spec/lti/claim/resource_link"
        for number, link in (("11", first), ("12", second)):
            circle.member.launch("2", **opens(link, **{resource: {"id": number}}, **grades(lineitem=None)))
        clock.move(minutes=2)
        assert [tell_completions(house, str(link)) for link in (first, second)] == [1, 1]
        assert [column["resourceLinkId"] for column in book.columns] == ["11", "12"]

    def test_a_column_elsewhere_is_not_believed(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any
    ) -> None:
        book.add(id="https://evil.example.net/1", label="x", scoreMaximum=1, tag="done", resourceId=str(link))
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem) == ("refused", "foreign")
        assert book.scores == []


class TestTheScore:
    def test_done_is_one_of_one_and_not_done_takes_it_away(
        self, circle: Any, house: Any, book: Any, link: UUID, clock: Any, kept: Any
    ) -> None:
        confirm(circle, link)
        tell_completions(house, str(link))
        clock.move(minutes=1)
        confirm(circle, link, done="no")
        tell_completions(house, str(link))
        first, second = book.of("2")
        assert {name: first.get(name) for name in PARTS} == dict(
            zip(PARTS, ("Completed", "FullyGraded", 1, 1, None), strict=True)
        )
        assert {name: second.get(name) for name in PARTS} == dict(
            zip(PARTS, ("InProgress", "NotReady", None, None, None), strict=True)
        )
        assert kept().told_at == datetime.fromisoformat(second["timestamp"])

    def test_timestamps_only_grow_also_when_two_are_told_in_one_second(
        self, circle: Any, house: Any, book: Any, link: UUID, clock: Any
    ) -> None:
        for turn in range(6):
            confirm(circle, link, done="yes" if turn % 2 == 0 else "no")
            assert tell_completions(house, str(link)) == 1
        with house.database.write() as session:  # told by a clock that went an hour ahead, and was set right
            session.execute(update(Completion).values(told_at=clock() + timedelta(hours=1)))
        confirm(circle, link, done="yes")
        assert tell_completions(house, str(link)) == 1
        times = [datetime.fromisoformat(score["timestamp"]) for score in book.of("2")]
        assert len(times) == 7
        assert times[-1] == clock() + timedelta(hours=1, seconds=1)
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in zip(times, times[1:], strict=False))

    def test_what_is_told_is_not_told_again(self, circle: Any, house: Any, book: Any, link: UUID) -> None:
        confirm(circle, link)
        assert [tell_completions(house, str(link)) for _ in range(3)] == [1, 0, 0]
        assert len(book.scores) == 1
        assert links_waiting(house) == []

    def test_everybody_due_is_told_at_one_go(self, circle: Any, house: Any, book: Any, link: UUID, grades: Any) -> None:
        circle.joined("3", **grades())
        for subject in ("1", "2", "3"):
            confirm(circle, link, subject)
        assert tell_completions(house, str(link)) == 3
        assert {score["userId"] for score in book.scores} == {"1", "2", "3"}
        assert book.tokens == 2, "one for the columns and one for the scores"

    def test_a_later_score_in_the_grade_book_is_gone_past_with_the_next_try(
        self, circle: Any, house: Any, book: Any, link: UUID, clock: Any, kept: Any
    ) -> None:
        later = (clock() + timedelta(seconds=30)).isoformat()
        book.scores.append({"userId": "2", "timestamp": later, "column": "1"})
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem, kept().tries) == ("waiting", "score_earlier", 1)
        assert tell_completions(house, str(link)) == 0, "not before its time"
        clock.move(minutes=1)
        assert tell_completions(house, str(link)) == 1
        assert (kept().state, kept().problem, kept().tries) == ("told", None, 0)

    def test_whoever_is_not_graded_is_refused_once_and_the_others_are_told(
        self, circle: Any, house: Any, book: Any, link: UUID, stored: Any
    ) -> None:
        book.ungraded.add("1")
        for subject in ("1", "2"):
            confirm(circle, link, subject)
        assert tell_completions(house, str(link)) == 1
        states = {row.person_id: (row.state, row.problem) for row in stored(select(Completion.__table__))}
        assert states == {circle.person("1"): ("refused", "score_refused"), circle.person("2"): ("told", None)}
        assert links_waiting(house) == []

    def test_a_column_that_somebody_deleted_is_looked_for_anew_with_the_next_confirmation(
        self, circle: Any, house: Any, book: Any, link: UUID, clock: Any, kept: Any
    ) -> None:
        confirm(circle, link)
        tell_completions(house, str(link))
        book.columns.clear()
        clock.move(minutes=1)
        confirm(circle, link, done="no")
        book.not_now.append((404, {}, b""))
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem) == ("refused", "gone")
        clock.move(minutes=1)
        confirm(circle, link, done="yes")
        assert tell_completions(house, str(link)) == 1
        assert kept().state == "told"

    def test_moodles_success_that_is_a_no_is_a_no(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any, opens: Any, grades: Any
    ) -> None:
        circle.member.launch("2", **opens(link, **grades(lineitem=COLUMN)))
        book.not_now.append((200, {"Content-Type": "application/json"}, b"[]"))
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem) == ("refused", "score_refused")

    def test_somebody_the_lms_no_longer_knows_is_not_told(self, circle: Any, house: Any, book: Any, link: UUID) -> None:
        confirm(circle, link)
        with house.database.write() as session:
            other = update(Identity).where(Identity.subject == "2")
            session.execute(other.values(person_id=circle.person("1")))
        assert tell_completions(house, str(link)) == 0
        assert book.scores == []


PARTS = ("activityProgress", "gradingProgress", "scoreGiven", "scoreMaximum", "comment")


class TestAnLmsThatIsAway:
    @pytest.fixture
    def known(self, circle: Any, link: UUID, opens: Any, grades: Any) -> UUID:
        circle.member.launch("2", **opens(link, **grades(lineitem=COLUMN)))
        confirm(circle, link)
        return link

    def test_it_is_tried_later_and_later_but_never_given_up(
        self, house: Any, book: Any, known: UUID, clock: Any, kept: Any
    ) -> None:
        waits = []
        for _ in range(14):
            book.not_now = [(503, {}, b"")]
            assert links_waiting(house) == [str(known)]
            assert tell_completions(house, str(known)) == 0
            assert (kept().state, kept().problem) == ("waiting", "broken")
            waits.append(kept().next_try_at - clock())
            assert links_waiting(house) == []
            clock.now = kept().next_try_at
        assert waits[:4] == [FIRST_WAIT * 2**n for n in range(4)]
        assert waits[-1] == max(waits) == LONGEST_WAIT
        assert tell_completions(house, str(known)) == 1
        assert (kept().state, kept().tries) == ("told", 0)

    @pytest.mark.parametrize(("asked", "wait"), [("7200", timedelta(hours=2)), ("5", FIRST_WAIT)])
    def test_it_is_left_alone_for_as_long_as_it_asks(
        self, house: Any, book: Any, known: UUID, clock: Any, kept: Any, asked: str, wait: timedelta
    ) -> None:
        book.not_now = [(503, {"Retry-After": asked}, b"")]
        tell_completions(house, str(known))
        assert kept().next_try_at - clock() == wait

    def test_it_is_not_asked_for_each_of_the_others_as_well(
        self, circle: Any, house: Any, book: Any, known: UUID, stored: Any
    ) -> None:
        confirm(circle, known, "1")
        book.not_now = [(503, {}, b"")] * 2
        assert tell_completions(house, str(known)) == 0
        assert len(book.asked) == 1
        assert stored(select(Completion.state, Completion.tries)) == [("waiting", 1)] * 2

    def test_one_that_is_silent_while_the_column_is_looked_for_is_tried_again(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any, clock: Any
    ) -> None:
        book.not_now = [(503, {}, b"")]
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().tries) == ("waiting", 1)
        clock.move(minutes=1)
        assert tell_completions(house, str(link)) == 1
        assert len(book.columns) == 1

    def test_a_token_that_ran_out_is_renewed_once(self, house: Any, book: Any, known: UUID, kept: Any) -> None:
        book.not_now = [(401, {}, b"")]
        assert tell_completions(house, str(known)) == 1
        assert book.tokens == 2

    def test_one_that_takes_no_token_of_ours_is_believed(self, house: Any, book: Any, known: UUID, kept: Any) -> None:
        book.not_now = [(401, {}, b""), (401, {}, b"")]
        assert tell_completions(house, str(known)) == 0
        assert (book.tokens, kept().state, kept().problem) == (2, "refused", "unauthorized")

    def test_what_was_changed_while_it_was_told_is_told_as_well(
        self, circle: Any, house: Any, book: Any, known: UUID, kept: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remember = telling._remember

        def meanwhile(*given: Any, **values: Any) -> bool:
            monkeypatch.setattr(telling, "_remember", remember)
            confirm(circle, known, done="no")
            return remember(*given, **values)

        monkeypatch.setattr(telling, "_remember", meanwhile)
        assert tell_completions(house, str(known)) == 0
        assert (kept().done, kept().state) == (False, "waiting")
        assert kept().told_at is not None, "the next timestamp has to be later than the one that was taken"
        assert tell_completions(house, str(known)) == 1
        assert [score["activityProgress"] for score in book.of("2")] == ["Completed", "InProgress"]

    def test_what_was_changed_while_it_failed_keeps_its_own_time(
        self, circle: Any, house: Any, book: Any, known: UUID, kept: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remember = telling._remember

        def meanwhile(*given: Any, **values: Any) -> bool:
            monkeypatch.setattr(telling, "_remember", remember)
            confirm(circle, known, done="no")
            return remember(*given, **values)

        monkeypatch.setattr(telling, "_remember", meanwhile)
        book.not_now = [(503, {}, b"")]
        assert tell_completions(house, str(known)) == 0
        assert (kept().done, kept().tries, kept().problem) == (False, 0, None)


class TestWhereThereIsNoService:
    @pytest.mark.parametrize("services", [{}, {"platform": str(uuid4()), "line_items": f"{LMS}/x"}])
    def test_the_page_can_say_so(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any, services: dict[str, str]
    ) -> None:
        confirm(circle, link)
        with house.database.write() as session:
            session.execute(update(Course).values(services=services))
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem) == ("refused", "service_not_offered")
        assert book.tokens == 0

    def test_a_launch_that_may_only_read_columns_makes_none(
        self, circle: Any, house: Any, book: Any, link: UUID, opens: Any, grades: Any, kept: Any
    ) -> None:
        circle.member.launch("2", **opens(link, **grades(scopes=("lineitem.readonly", "score"), lineitem=None)))
        confirm(circle, link)
        assert tell_completions(house, str(link)) == 0
        assert (kept().state, kept().problem) == ("refused", "service_not_offered")
        assert book.columns == []

    def test_a_link_that_is_gone_or_has_nothing_to_tell_is_no_error(self, house: Any, book: Any, link: UUID) -> None:
        assert tell_completions(house, str(uuid4())) == 0
        assert tell_completions(house, str(link)) == 0
        assert book.tokens == 0


class TestTheJob:
    def test_confirming_has_the_lms_told_by_a_worker(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any, at_work: Any
    ) -> None:
        confirm(circle, link)
        at_work(telling.register)
        assert kept().state == "told"
        assert len(book.scores) == 1

    def test_what_waited_for_the_lms_is_taken_up_by_the_clock(
        self, circle: Any, house: Any, book: Any, link: UUID, kept: Any, at_work: Any, clock: Any
    ) -> None:
        confirm(circle, link)
        with house.database.write() as session:  # as if the first try had been long ago, and in vain
            session.execute(update(Completion).values(tries=3, next_try_at=clock() - timedelta(seconds=1)))
            schema = "" if house.database.is_sqlite else "jobs."
            session.connection().exec_driver_sql(f"DELETE FROM {schema}workflow_status")
        assert links_waiting(house) == [str(link)]
        at_work(telling.register)
        assert kept().state == "told"
        assert jobs._timetable["tell-what-waits"] == timedelta(minutes=5)


def test_no_log_line_holds_a_token_a_name_or_the_persons_number(
    circle: Any, house: Any, book: Any, link: UUID, capsys: Any, caplog: Any, clock: Any
) -> None:
    book.not_now = [(400, {"Content-Type": "application/json"}, b'{"reason": "Person 2 token-1"}')]
    confirm(circle, link)
    capsys.readouterr()
    tell_completions(house, str(link))
    said = capsys.readouterr()
    words = said.out + said.err + caplog.text
    assert "completion not told" in words
    assert not re.search(r"Person 2|token-\d|eyJ", words)


def test_a_site_with_two_registrations_keeps_to_the_first(
    circle: Any, house: Any, book: Any, link: UUID, stored: Any
) -> None:
    platform = stored(select(Platform.id))[0].id
    services = stored(select(Course.services).where(Course.lms_id == "5"))[0].services
    assert services["platform"] == str(platform)
    assert services["line_items"].endswith("/5/lineitems?type_id=1")
    assert services["scopes"] == sorted(services["scopes"])
