"""The console of syncs: what an operator sees of a site's syncs, decides about a plan, and can take back."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from connectors.errors import Unavailable
from connectors.roster import Course, Enrolment, Person
from connectors.source import Page
from lms_plc import jobs
from lms_plc.admin import sync_words
from lms_plc.admin.sync_forms import LINES
from lms_plc.admin.syncs import RUNS
from lms_plc.communities.models import Membership
from lms_plc.house import House
from lms_plc.people.models import Identity
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.queries import ChangeLine, changes
from lms_plc.rostersync.report import as_dict
from lms_plc.rostersync.run import apply_approved, apply_sync, plan_sync
from lms_plc.rostersync.steps import Outcome, apply_next, begin_run, judge, make_plan, outcome, pull_next
from lms_plc.rostersync.waiting import approve
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Site

NOWHERE = "00000000-0000-7000-8000-000000000000"
SITE_INFO = "core_webservice_get_site_info"


@dataclass
class Rosters:
    """An LMS in memory: course → subject → name; whoever is in ``suspended`` is so everywhere."""

    people: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    fails: bool = False
    at_once: int = 1000

    def courses(self) -> Iterator[Course]:
        if self.fails:
            raise Unavailable("The site does not answer.", "Try again later.", code="slow")
        for course in self.people:
            yield Course(course, f"C{course}", self.titles.get(course, f"Course {course}"), True)

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Iterator[Page]:
        rows = [
            Enrolment(course_id, Person(subject, name), ("student",), subject in self.suspended)
            for subject, name in self.people[course_id].items()
        ]
        begin = int(start or 0)
        for first in range(begin, max(len(rows), 1), self.at_once):
            end = first + self.at_once
            yield Page(tuple(rows[first:end]), str(end) if end < len(rows) else None)


@dataclass
class Desk:
    """An operator, the house, and a connected site with its rosters."""

    operator: Any
    house: House
    clock: Any
    site_id: UUID
    rosters: Any

    @property
    def site(self) -> str:
        return f"/admin/syncs/sites/{self.site_id}"

    def plan(self, *courses: str, all_courses: bool = False, by: str = "cli: root") -> UUID:
        options = Options(courses, all_courses)
        came = plan_sync(self.house.database, self.site_id, self.rosters, options, self.house.clock, asked_by=by)
        return came.run_id

    def sync(self, *, all_courses: bool = False, allow_removals: bool = False, by: str = "schedule") -> Outcome:
        options = Options((), all_courses, allow_removals)
        return apply_sync(self.house.database, self.site_id, self.rosters, options, self.house.clock, asked_by=by)

    def half_done(self) -> UUID:
        """A run that has read one of its courses and stopped there."""
        run_id = begin_run(self.house.database, self.site_id, "apply", Options(), clock=self.house.clock).run_id
        for _ in range(2):
            pull_next(self.house.database, run_id, self.rosters, self.house.clock)
        return run_id

    def let_go(self, course: str, *subjects: str) -> None:
        """The LMS drops them, and a first complete look has noticed; the next one counts."""
        for subject in subjects:
            del self.rosters.people[course][subject]
        assert self.sync().state == "done"
        self.clock.move(hours=25)
        assert self.operator.come_in().status_code == 303

    def at(self, run_id: UUID, **look: Any) -> TestResponse:
        return self.operator.get(f"/admin/syncs/{run_id}", query_string=look)

    def send(self, run_id: UUID, what: str, ticked: Any = (), **form: Any) -> TestResponse:
        """Sends a form of a run's page; every ticked box is a field of its own."""
        return self.operator.post(f"/admin/syncs/{run_id}/{what}", {"tick": list(ticked), **form})

    def apply(self, run_id: UUID, **form: Any) -> TestResponse:
        """Presses “Apply” on the first page as it stands."""
        shown, ticked = boxes(self.at(run_id))
        return self.send(run_id, "apply", ticked, shown=" ".join(shown), **form)

    def members(self) -> dict[str, str]:
        """Subject → state of membership; the tests here have each person in one community."""
        with self.house.database.read() as connection:
            rows = connection.execute(
                select(Identity.subject, Membership.state).join(Membership, Membership.person_id == Identity.person_id)
            )
            return {row.subject: row.state for row in rows}

    def left_out(self, run_id: UUID) -> set[int]:
        with self.house.database.read() as connection:
            query = select(SyncChange.number).where(SyncChange.run_id == run_id, SyncChange.left_out.is_(True))
            return set(connection.execute(query).scalars())

    def number(self, run_id: UUID, kind: Kind) -> int:
        with self.house.database.read() as connection:
            query = select(func.min(SyncChange.number)).where(
                SyncChange.run_id == run_id, SyncChange.kind == kind.value
            )
            return int(connection.execute(query).scalar_one())


def boxes(page: TestResponse) -> tuple[list[str], list[str]]:
    """The numbers of the lines of a page that can be ticked, and of those that are."""
    found = re.findall(r'<input type="checkbox" id="l(\d+)" name="tick" value="\1"( checked)?', page.text)
    return [number for number, _ in found], [number for number, checked in found if checked]


@pytest.fixture
def desk(operator: Any, house: House, clock: Any) -> Desk:
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name="Highland",
            url="https://moodle.example.org",
            connector="moodle",
            token="token",
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="2",
            at=house.clock(),
        )
    return Desk(operator, house, clock, site_id, Rosters({"5": {"1": "Ana", "2": "Ben", "3": "Cem"}}))


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """The course has its community, with three members."""
    assert desk.sync().state == "done"
    return desk


@pytest.fixture
def change_site(house: House, desk: Desk) -> Callable[..., None]:
    def change(**values: object) -> None:
        with house.database.write() as session:
            session.execute(update(Site).where(Site.id == desk.site_id).values(**values))

    return change


class TestASite:
    def test_the_overview_leads_to_the_syncs_of_a_connected_site(self, desk: Desk, school: Any) -> None:
        page = desk.operator.get("/admin/").text
        assert page.count("/admin/syncs/sites/") == 1
        assert desk.site in page

    def test_before_anything_is_chosen_only_a_look_is_offered(self, desk: Desk, said: Any) -> None:
        page = desk.operator.get(desk.site)
        words = said(page)
        assert "Nothing happens by the clock yet. The first sync founds communities" in words
        assert "No sync has run here yet." in words
        assert "Look what a sync would change" in words
        assert 'value="apply">Sync now' not in page.text

    def test_it_says_what_the_clock_does_and_when(self, synced: Desk, change_site: Any, said: Any) -> None:
        words = said(synced.operator.get(synced.site))
        assert "Synced by the clock, every hour. The next one begins about 10:00" in words
        synced.clock.move(minutes=59, seconds=30)
        change_site(sync_every=30)
        words = said(synced.operator.get(synced.site))
        assert "every 30 minutes. The next one begins within minutes." in words
        change_site(syncs="ask", sync_every=1440)
        words = said(synced.operator.get(synced.site))
        assert "Looked at by the clock, every day; what it finds waits until you apply it." in words
        assert "The next one begins about 11/23/26, 9:00" in words
        change_site(syncs="off")
        assert "it is switched off for this site" in said(synced.operator.get(synced.site))

    def test_a_site_without_rosters_has_no_buttons(self, desk: Desk, change_site: Any, said: Any) -> None:
        change_site(connector=None)
        page = desk.operator.get(desk.site)
        assert "are not connected, so there is nothing to sync" in said(page)
        assert "Look what a sync would change" not in page.text
        assert desk.operator.post(f"{desk.site}/ask", {"mode": "plan"}).status_code == 404

    def test_the_history_says_who_when_what_and_how_long(self, synced: Desk, said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.plan("5", by="desk: Vera")
        synced.clock.move(minutes=5)
        approve(synced.house.database, run_id, synced.clock, by="cli: root")
        apply_approved(synced.house.database, run_id, synced.clock)
        page = synced.operator.get(synced.site)
        words = said(page)
        assert words.index("1 joined") < words.index("1 community founded · 3 joined")
        assert "A sync (only 5), 11/22/26, 9:00" in words
        assert "asked for by Vera at the desk · approved by root at the command line · took" in words
        assert "asked for by the clock · took" in words
        assert f"/admin/syncs/{run_id}" in page.text

    def test_what_failed_says_why(self, synced: Desk, change_site: Any, said: Any) -> None:
        synced.rosters.fails = True
        assert synced.sync().state == "failed"
        change_site(sync_failures=2)
        words = said(synced.operator.get(synced.site))
        assert "The last 2 attempts failed." in words
        assert "The site does not answer." in words

    def test_it_is_paged_and_asks_the_same_few_questions(self, synced: Desk, statements: list[str]) -> None:
        def asked() -> int:
            statements.clear()
            assert synced.operator.get(synced.site).status_code == 200
            return len(statements)

        with_one = asked()
        assert with_one <= 8
        for _ in range(RUNS + 4):
            synced.sync()
        assert asked() == with_one
        first = synced.operator.get(synced.site).text
        [older] = re.findall(rf'href="{synced.site}\?before=([0-9a-f-]+)"', first)
        second = synced.operator.get(synced.site, query_string={"before": older}).text
        runs = [re.findall(r'topic-title"><a href="/admin/syncs/([0-9a-f-]+)"', page) for page in (first, second)]
        assert [len(page) for page in runs] == [RUNS, 5]
        assert set(runs[0]).isdisjoint(runs[1])

    def test_what_is_not_there_is_404(self, desk: Desk) -> None:
        for path in (f"sites/{NOWHERE}", NOWHERE, f"{NOWHERE}/undo", f"{NOWHERE}/plan.json", f"{NOWHERE}/communities"):
            assert desk.operator.get(f"/admin/syncs/{path}").status_code == 404, path
        for path in (f"sites/{NOWHERE}/ask", f"{NOWHERE}/again", f"{NOWHERE}/go-on", f"{NOWHERE}/undo"):
            assert desk.operator.post(f"/admin/syncs/{path}", {"mode": "plan"}).status_code == 404, path
        for path in ("ticks", "apply"):
            assert desk.operator.post(f"/admin/syncs/{NOWHERE}/{path}").status_code == 404, path


class TestAsking:
    def test_a_worker_is_asked_once_and_the_page_waits_for_it(
        self, desk: Desk, house: House, events: Any, said: Any
    ) -> None:
        for _ in range(2):
            asked = desk.operator.post(f"{desk.site}/ask", {"mode": "plan"})
            assert (asked.status_code, asked.location) == (303, f"{desk.site}?done=asked")
        [event] = events("sync.asked")
        assert (event.via, event.site_id, event.facts) == ("desk", desk.site_id, {"mode": "plan", "courses": []})
        with house.database.read() as connection:
            assert jobs.state(connection).waiting == 1
        page = desk.operator.get(asked.location)
        assert page.headers["Refresh"] == "5"
        assert "No worker is alive, so nothing that was asked for will begin." in said(page)
        assert "waits for a worker to begin with it" in said(page)
        still = desk.operator.get(f"{asked.location}&still=1")
        assert "Refresh" not in still.headers
        assert "Refresh it by itself" in said(still)

    def test_once_the_run_has_begun_the_page_leads_to_it(self, desk: Desk) -> None:
        desk.operator.post(f"{desk.site}/ask", {"mode": "plan"})
        run_id = desk.plan()
        led = desk.operator.get(f"{desk.site}?done=asked")
        assert (led.status_code, led.location) == (303, f"/admin/syncs/{run_id}")
        assert desk.operator.get(desk.site).status_code == 200

    def test_what_is_at_work_already_is_shown_at_once(self, synced: Desk, said: Any) -> None:
        run_id = begin_run(synced.house.database, synced.site_id, "apply", Options(), clock=synced.clock).run_id
        asked = synced.operator.post(f"{synced.site}/ask", {"mode": "apply"})
        assert asked.location == f"/admin/syncs/{run_id}"
        assert "A sync is at work right now." in said(synced.operator.get(synced.site))

    def test_a_worker_does_what_was_asked_and_the_history_says_who_asked(
        self, desk: Desk, at_work: Any, moodle: Any, said: Any
    ) -> None:
        from lms_plc.rostersync import job

        desk.operator.post(f"{desk.site}/ask", {"mode": "plan"})
        at_work(job.register)
        led = desk.operator.get(f"{desk.site}?done=asked")
        assert led.status_code == 303
        words = said(desk.operator.get(led.location))
        assert "asked for by somebody at the desk" in words
        assert "Nothing would change" in words

    def test_what_could_not_begin_says_so(self, desk: Desk, at_work: Any, change_site: Any, said: Any) -> None:
        from lms_plc.rostersync import job

        change_site(ws_token=None)
        desk.operator.post(f"{desk.site}/ask", {"mode": "plan"})
        at_work(job.register)
        page = desk.operator.get(f"{desk.site}?done=asked")
        assert "What you asked for could not begin." in said(page)
        assert "lms-plc doctor" in page.text
        assert "Refresh" not in page.headers

    def test_one_course_is_asked_for_by_name(self, desk: Desk, events: Any) -> None:
        asked = desk.operator.post(f"{desk.site}/course", {"mode": "apply", "course": " C5 "})
        assert asked.status_code == 303
        [event] = events("sync.asked")
        assert event.facts == {"mode": "apply", "courses": ["C5"]}

    @pytest.mark.parametrize("course", ["", "C5, C6", "x" * 256])
    def test_what_can_be_no_course_is_refused_and_stays_in_the_field(
        self, desk: Desk, course: str, events: Any
    ) -> None:
        refused = desk.operator.post(f"{desk.site}/course", {"mode": "plan", "course": course})
        assert refused.status_code == 422
        assert f'value="{course}"' in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert events("sync.asked") == []

    def test_something_else_than_a_look_or_a_sync_is_refused(self, desk: Desk, events: Any) -> None:
        assert desk.operator.post(f"{desk.site}/ask", {"mode": "undo"}).status_code == 422
        assert events("sync.asked") == []


class TestARunAtWork:
    def test_it_says_how_far_it_is_and_refreshes_by_itself(self, desk: Desk, said: Any) -> None:
        desk.rosters.people |= {"6": {"9": "Eva"}}
        run_id = desk.half_done()
        page = desk.at(run_id)
        assert "1 of 2 courses" in said(page)
        assert '<progress max="2" value="1"' in page.text
        assert page.headers["Refresh"] == "5"
        assert "Refresh" not in desk.at(run_id, still=1).headers
        assert "Stop refreshing" in said(page)
        assert "No worker is alive" in said(page)

    def test_one_that_is_silent_says_since_when(self, desk: Desk, said: Any) -> None:
        run_id = desk.half_done()
        assert "last sign of life" not in said(desk.at(run_id))
        desk.clock.move(minutes=2)
        assert "The last sign of life came at 11/22/26, 9:00" in said(desk.at(run_id))

    def test_one_that_applies_counts_lines_and_a_worker_can_be_asked_again(
        self, synced: Desk, house: House, at_work: Any, said: Any
    ) -> None:
        from lms_plc.rostersync import job

        synced.rosters.people["5"] |= {"4": "Dan", "6": "Fay"}
        run_id = synced.plan()
        approve(house.database, run_id, synced.clock, by="desk")
        assert "0 of 2 lines" in said(synced.at(run_id))
        synced.clock.move(minutes=2)
        assert "Ask a worker to go on" in said(synced.at(run_id))
        assert synced.send(run_id, "go-on").location == f"/admin/syncs/{run_id}"
        at_work(job.register)
        assert "2 joined" in said(synced.at(run_id))
        assert synced.members()["4"] == "active"

    def test_a_look_that_failed_keeps_what_it_read_and_can_be_tried_again(
        self, synced: Desk, events: Any, said: Any
    ) -> None:
        synced.rosters.fails = True
        run_id = synced.sync().run_id
        page = synced.at(run_id)
        assert "The site does not answer." in said(page)
        assert "Refresh" not in page.headers
        assert synced.send(run_id, "again").location == f"{synced.site}?done=asked"
        assert events("sync.asked")[-1].facts["mode"] == "apply"


class TestAPlan:
    def test_it_says_what_would_happen_to_whom_and_why(self, synced: Desk, said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan & Co"
        synced.rosters.suspended = {"2"}
        synced.rosters.titles["5"] = "Maths, anew"
        page = synced.at(synced.plan())
        words = said(page)
        assert "1 course takes another title · 1 joins · 1 is suspended" in words
        for line in (
            "Dan & Co joins LMS id 4 · Membership: no member →becomes member · Enrolment: none →becomes active",
            "Roles in the LMS: none →becomes student Enrolled in the LMS.",
            "Membership: member →becomes paused · Enrolment: active →becomes suspended",
            "Title: Course 5 →becomes Maths, anew The course has another name in the LMS.",
        ):
            assert line in words
        shown, ticked = boxes(page)
        assert len(shown) == len(ticked) == 3

    def test_a_person_with_another_name_is_shown_with_both(self, synced: Desk, said: Any) -> None:
        synced.rosters.people["5"]["2"] = "Benedikt"
        assert "Name: Ben →becomes Benedikt" in said(synced.at(synced.plan()))

    def test_a_community_to_be_founded_has_its_name_on_every_page(self, desk: Desk, said: Any) -> None:
        desk.rosters.titles["5"] = "Physics circle"
        run_id = desk.plan()
        assert "1 new community · 3 join" in said(desk.at(run_id))
        joins = said(desk.at(run_id, kind="join"))
        assert "Physics circle" in joins
        assert "founds a community LMS" not in joins
        assert "Physics circle 1 new community · 3 join" in said(
            desk.operator.get(f"/admin/syncs/{run_id}/communities")
        )

    def test_lines_are_shown_of_one_kind_or_one_community(self, desk: Desk, said: Any) -> None:
        desk.rosters.people["6"] = {"9": "Eva"}
        desk.sync()
        desk.rosters.people["5"]["4"] = "Dan"
        desk.rosters.people["6"]["8"] = "Gil"
        run_id = desk.plan()
        listed = desk.operator.get(f"/admin/syncs/{run_id}/communities").text
        first, second = re.findall(rf"/admin/syncs/{run_id}\?community=([0-9a-f-]+)", listed)
        only = desk.at(run_id, community=second)
        assert "Gil" in only.text
        assert "Dan" not in only.text
        assert "Only Course 6." in said(only)
        assert "Dan" in desk.at(run_id, community=first, kind="join").text
        assert boxes(desk.at(run_id, community=first, kind="rest")) == ([], [])
        assert len(boxes(desk.at(run_id, community="x", kind="y", after="z"))[0]) == 2

    def test_its_communities_are_listed_a_hundred_at_a_time(self, desk: Desk) -> None:
        desk.rosters.people = {str(course): {f"p{course}": "P"} for course in range(105)}
        run_id = desk.plan(all_courses=True)
        first = desk.operator.get(f"/admin/syncs/{run_id}/communities").text
        [following] = re.findall(r'rel="next" href="([^"]+)"', first)
        second = desk.operator.get(following).text
        found = [re.findall(r"\?community=([0-9a-f-]+)", page) for page in (first, second)]
        assert [len(page) for page in found] == [100, 5]
        assert len({*found[0], *found[1]}) == 105

    def test_what_is_only_told_has_no_box(self, synced: Desk, said: Any) -> None:
        del synced.rosters.people["5"]["3"]
        synced.sync()
        run_id = synced.plan()
        page = synced.at(run_id)
        assert "1 still missing" in said(page)
        assert "only told" in said(page)
        assert boxes(page) == ([], [])
        refused = synced.send(run_id, "apply")
        assert refused.status_code == 422
        assert "Nothing is ticked, so there is nothing to apply." in said(refused)

    def test_a_plan_without_differences_says_so(self, synced: Desk, said: Any) -> None:
        assert "Nothing would change" in said(synced.at(synced.plan()))

    def test_ticks_are_kept_by_a_button_and_by_turning_the_page(self, desk: Desk, said: Any) -> None:
        desk.rosters.people["5"] = {str(number): f"P{number}" for number in range(LINES + 50)}
        run_id = desk.plan()
        shown, ticked = boxes(desk.at(run_id))
        assert len(shown) == LINES
        assert shown == ticked
        kept = desk.send(run_id, "ticks", ticked[2:], shown=" ".join(shown), do="keep")
        assert parse_qs(urlsplit(kept.location).query) == {"done": ["kept"]}
        page = desk.operator.get(kept.location)
        assert "Your ticks are kept." in said(page)
        assert boxes(page)[1] == ticked[2:]
        assert "In the whole plan, 249 changes are ticked. 2 are left out." in said(page)
        [following] = re.findall(r'formaction="([^"]+after=[^"]+)"', page.text)
        turned = desk.operator.post(following, {"tick": ticked[3:], "shown": " ".join(shown)})
        second = desk.operator.get(turned.location)
        assert len(boxes(second)[0]) == 51
        assert desk.left_out(run_id) == {int(number) for number in shown[:3]}
        [back] = re.findall(r'formaction="([^"]+before=[^"]+)"', second.text)
        there = desk.operator.post(back, {"tick": boxes(second)[1], "shown": " ".join(boxes(second)[0])})
        assert boxes(desk.operator.get(there.location)) == (shown, shown[3:])

    def test_all_or_none_of_a_page_are_ticked_by_one_press(self, synced: Desk) -> None:
        synced.rosters.people["5"] |= {"4": "Dan", "6": "Fay"}
        run_id = synced.plan()
        shown, _ = boxes(synced.at(run_id))
        synced.send(run_id, "ticks", shown, shown=" ".join(shown), do="none")
        assert boxes(synced.at(run_id)) == (shown, [])
        synced.send(run_id, "ticks", (), shown=" ".join(shown), do="all")
        assert boxes(synced.at(run_id)) == (shown, shown)

    @pytest.mark.parametrize("form", [{"shown": "one"}, {"shown": "1 " * 201}, {"do": "fly"}, {"shown": "99999999999"}])
    def test_ticks_that_no_page_sends_change_nothing(self, synced: Desk, form: dict[str, str], said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.plan()
        for what in ("ticks", "apply"):
            refused = synced.send(run_id, what, **form)
            assert refused.status_code == 422
            assert "These ticks could not be read." in said(refused)
        assert synced.left_out(run_id) == set()

    def test_it_asks_a_fixed_number_of_questions(self, desk: Desk, statements: list[str]) -> None:
        def asked(run_id: UUID) -> int:
            statements.clear()
            assert desk.at(run_id).status_code == 200
            return len(statements)

        few = asked(desk.plan())
        assert few <= 7
        desk.rosters.people = {str(course): {f"{course}-{n}": f"P{n}" for n in range(30)} for course in range(10)}
        assert asked(desk.plan(*map(str, range(10)))) == few


class TestApplying:
    def test_what_is_ticked_happens_and_what_is_not_is_left_out(
        self, synced: Desk, at_work: Any, events: Any, said: Any
    ) -> None:
        from lms_plc.rostersync import job

        synced.rosters.people["5"] |= {"4": "Dan", "6": "Fay"}
        run_id = synced.plan()
        shown, _ = boxes(synced.at(run_id))
        applied = synced.send(run_id, "apply", shown[1:], shown=" ".join(shown))
        assert (applied.status_code, applied.location) == (303, f"/admin/syncs/{run_id}")
        assert "at work" in said(synced.at(run_id))
        [event] = events("sync.approved")
        assert (event.via, event.thing_id, event.facts) == ("desk", run_id, {"allow_removals": False})
        at_work(job.register)
        assert synced.members() == {"1": "active", "2": "active", "3": "active", "6": "active"}
        page = synced.at(run_id)
        words = said(page)
        assert "asked for by root at the command line · approved by somebody at the desk" in words
        assert "1 joined" in words
        assert re.search(r"Dan joins left out|#4 joins left out", words)
        assert boxes(page) == ([], [])

    def test_who_sits_at_the_desk_is_who_approved(self, synced: Desk, app: Any, house: House) -> None:
        from lms_plc.admin import seats

        with house.database.write() as session:
            secret = seats.offer(session, house.clock(), who="Vera")
        own_page = {"Origin": "https://plc.example.org", "Sec-Fetch-Site": "same-origin"}
        synced.operator.client.post(f"/admin/enter/{secret}", base_url="https://plc.example.org", headers=own_page)
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.plan()
        synced.apply(run_id)
        with house.database.read() as connection:
            query = select(SyncRun.approved_by).where(SyncRun.id == run_id)
            assert connection.execute(query).scalar_one() == "desk: Vera"

    def test_the_brake_wants_to_be_looked_at(self, desk: Desk, at_work: Any, said: Any) -> None:
        from lms_plc.rostersync import job

        desk.rosters.people["5"] = {str(number): f"P{number}" for number in range(40)}
        desk.sync()
        desk.let_go("5", *map(str, range(30)))
        held = desk.sync()
        assert held.state == "held"
        page = desk.at(held.run_id)
        assert "The brake holds this plan." in said(page)
        assert "In “Course 5”, 30 of 40 members would lose their access." in said(page)
        assert "I have looked: 30 members lose their access." in said(page)
        refused = desk.apply(held.run_id)
        assert refused.status_code == 422
        assert "The brake holds this plan. If it is right, tick this box too." in said(refused)
        assert 'href="#f-looked"' in refused.text
        too_few = desk.apply(held.run_id, looked="29")
        assert too_few.status_code == 422
        assert "More members would lose their access than when you looked." in said(too_few)
        assert set(desk.members().values()) == {"active"}
        assert desk.apply(held.run_id, looked="30").status_code == 303
        at_work(job.register)
        assert sorted(desk.members().values()).count("paused") == 30

    def test_with_fewer_ticks_the_brake_lets_go(self, desk: Desk, said: Any) -> None:
        desk.rosters.people["5"] = {str(number): f"P{number}" for number in range(40)}
        desk.sync()
        desk.let_go("5", *map(str, range(30)))
        held = desk.sync()
        shown, ticked = boxes(desk.at(held.run_id))
        kept = desk.send(held.run_id, "ticks", ticked[:1], shown=" ".join(shown))
        page = desk.operator.get(kept.location)
        assert "As it is ticked now, the brake lets this plan pass." in said(page)
        assert "I have looked" not in said(page)
        assert desk.apply(held.run_id).status_code == 303

    def test_more_new_communities_than_anybody_meant_want_to_be_looked_at_too(self, desk: Desk, said: Any) -> None:
        desk.rosters.people = {str(course): {f"p{course}": "P"} for course in range(60)}
        run_id = desk.plan()
        page = desk.at(run_id)
        assert "60 new communities would be founded" in said(page)
        assert "I have looked: all these communities shall be founded." in said(page)
        assert desk.apply(run_id).status_code == 422
        assert desk.apply(run_id, looked="0").status_code == 303

    @pytest.mark.parametrize(
        ("why", "words"),
        [
            ("old", "This plan is more than a day old"),
            ("changed", "Something has changed since this plan was made"),
            ("newer", "The rosters were looked at again since then"),
        ],
    )
    def test_an_overtaken_plan_says_so_and_offers_a_new_look(
        self, desk: Desk, change_site: Any, events: Any, said: Any, why: str, words: str
    ) -> None:
        desk.rosters.people["5"] = {str(number): f"P{number}" for number in range(40)}
        desk.sync()
        desk.let_go("5", *map(str, range(30)))
        held = desk.sync()
        form = {"shown": "", "looked": "30"}
        if why == "old":
            desk.clock.move(hours=25)
            desk.operator.come_in()
        elif why == "changed":
            change_site(sync_revision=99)
        else:
            desk.sync()
        refused = desk.send(held.run_id, "apply", **form)
        assert refused.status_code in (409, 422)
        page = desk.at(held.run_id)
        assert words in said(page)
        assert boxes(page) == ([], [])
        assert "Apply the ticked changes" not in said(page)
        assert set(desk.members().values()) == {"active"}
        assert desk.send(held.run_id, "again").location == f"{desk.site}?done=asked"
        assert events("sync.asked")[-1].facts["mode"] == "plan"

    def test_while_another_sync_applies_nothing_is_approved(self, synced: Desk, said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.plan()
        other = begin_run(synced.house.database, synced.site_id, "apply", Options(), clock=synced.clock).run_id
        refused = synced.apply(run_id)
        assert refused.status_code == 409
        assert "another sync of this site is at work" in said(refused)
        assert f"/admin/syncs/{other}" in refused.text
        assert "4" not in synced.members()

    def test_a_second_press_changes_nothing_more(self, synced: Desk, events: Any, said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.plan()
        form = {"shown": "1", "tick": ["1"]}
        for _ in range(2):
            assert synced.send(run_id, "apply", ["1"], shown="1").status_code == 303
        assert len(events("sync.approved")) == 1
        late = synced.operator.post(f"/admin/syncs/{run_id}/ticks", {**form, "do": "none"})
        assert "done=too-late" in late.location
        assert synced.left_out(run_id) == set()
        assert "does not wait any more" in said(synced.operator.get(late.location))


class TestUndoing:
    @pytest.fixture
    def let_go(self, synced: Desk) -> Outcome:
        synced.let_go("5", "3")
        came = synced.sync()
        assert synced.members()["3"] == "paused"
        return came

    def test_a_sync_that_let_nobody_go_has_nothing_to_undo(self, synced: Desk, said: Any) -> None:
        synced.rosters.people["5"]["4"] = "Dan"
        run_id = synced.sync().run_id
        assert "Undo this sync" not in said(synced.at(run_id))
        assert synced.operator.get(f"/admin/syncs/{run_id}/undo").status_code == 404
        assert synced.send(run_id, "undo").status_code == 404

    def test_it_says_first_what_comes_back_and_what_does_not(self, synced: Desk, let_go: Outcome, said: Any) -> None:
        assert "Undo this sync" in said(synced.at(let_go.run_id))
        page = said(synced.operator.get(f"/admin/syncs/{let_go.run_id}/undo"))
        assert "let 1 member go" in page
        assert page.index("What comes back") < page.index("What does not")
        assert "Whom the LMS suspended stays paused" in page
        assert synced.members()["3"] == "paused"

    def test_one_press_brings_them_back_and_the_sync_says_so(
        self, synced: Desk, let_go: Outcome, at_work: Any, events: Any, said: Any
    ) -> None:
        from lms_plc.rostersync import job

        begun = synced.send(let_go.run_id, "undo")
        assert begun.status_code == 303
        synced.send(let_go.run_id, "undo")
        assert len(events("sync.undo_asked")) == 1
        at_work(job.register)
        assert synced.members()["3"] == "active"
        assert "It takes back another sync." in said(synced.operator.get(begun.location))
        after = said(synced.at(let_go.run_id))
        assert "This sync was undone on" in after
        assert "Undo this sync" not in after

    def test_while_another_sync_applies_it_waits(self, synced: Desk, let_go: Outcome, said: Any) -> None:
        begin_run(synced.house.database, synced.site_id, "apply", Options(), clock=synced.clock)
        refused = synced.send(let_go.run_id, "undo")
        assert refused.status_code == 409
        assert "another sync of this site is at work" in said(refused)
        assert synced.members()["3"] == "paused"

    def test_one_that_broke_off_shows_what_it_did_and_can_be_undone(
        self, synced: Desk, clock: Any, said: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("lms_plc.rostersync.apply.BATCH", 1)
        database = synced.house.database
        synced.let_go("5", "2", "3")
        run_id = begin_run(database, synced.site_id, "apply", Options(), clock=clock).run_id
        while pull_next(database, run_id, synced.rosters, clock):
            pass
        make_plan(database, run_id, clock)
        assert judge(database, run_id, clock) == "applying"
        apply_next(database, run_id, clock)
        clock.move(minutes=20)
        begin_run(database, synced.site_id, "apply", Options(("5",)), clock=clock)
        page = said(synced.at(run_id))
        assert "It was interrupted, and another sync has taken over." in page
        assert page.count("loses access") == 2
        assert page.count("not done") == 1
        assert "Undo this sync" in page
        assert "let 1 member go" in said(synced.operator.get(f"/admin/syncs/{run_id}/undo"))


class TestTheWords:
    def test_every_kind_of_change_and_every_state_has_its_words(self) -> None:
        assert set(sync_words.KINDS) == set(Kind)
        counts = {kind.value: 2 for kind in Kind}
        for told in (sync_words.counted(counts), sync_words.counted(counts, done=True)):
            assert len(told) == len(Kind)
            assert all(words.startswith("2 ") for words in told)

    @pytest.mark.parametrize(
        ("kind", "before", "after", "facts"),
        [
            (Kind.FOUND_COMMUNITY, {}, {"title": "T", "name": "Circle"}, [("Community", None, "Circle")]),
            (Kind.PLACE_COURSE, {}, {"title": "T", "name": "Other"}, [("Its people go to", None, "Circle")]),
            (Kind.RENAME_PERSON, {}, {}, [("Name", "Old", "New")]),
            (Kind.NOTE_PERSON, {}, {}, []),
            (Kind.KEPT_LEADER, {"membership": "active"}, {"membership": "active"}, []),
            (Kind.COURSE_GONE, {"title": "T", "short_name": "t"}, {}, []),
            (Kind.END, {"membership": "paused"}, {"membership": "left"}, [("Membership", "paused", "left")]),
            (Kind.END, {"membership": "asleep"}, {"membership": "left"}, [("Membership", "asleep", "left")]),
            (
                Kind.CHANGE_ROLES,
                {"enrolment": "active", "roles": ["student"]},
                {"enrolment": "active", "roles": ["student", "teacher"]},
                [("Roles in the LMS", "student", "student and teacher")],
            ),
            (
                Kind.MISSING,
                {"enrolment": "active", "roles": [], "vouched": True},
                {"enrolment": "active", "roles": [], "missing_since": "2026-11-22T09:00:00+00:00"},
                [("Missing since", None, "11/22/26, 9:00\u202fAM")],
            ),
        ],
    )
    def test_a_line_says_what_differs_and_nothing_else(
        self, kind: Kind, before: dict[str, Any], after: dict[str, Any], facts: list[Any]
    ) -> None:
        line = ChangeLine(
            1, kind, "5", None, UUID(NOWHERE), None, "7", "New", before, after, "Why 10 %.", False, None, "Old"
        )
        told = sync_words.tell_line(line, {UUID(NOWHERE): "Circle"}, waits=True)
        assert [(fact.what, fact.before, fact.after) for fact in told.facts] == facts
        assert told.why == "Why 10 %."

    @pytest.mark.parametrize(
        ("who", "words"),
        [
            ("schedule", "the clock"),
            ("launch", "a launch"),
            ("cli", "the command line"),
            ("cli: root", "root at the command line"),
            ("desk", "somebody at the desk"),
            ("desk: Vera: the second", "Vera: the second at the desk"),
            ("a robot", "a robot"),
        ],
    )
    def test_who_asked_is_said_in_words(self, who: str, words: str) -> None:
        assert sync_words.asked_by(who) == words


class TestTheJson:
    def test_it_is_the_whole_report_in_the_same_shape(self, desk: Desk, house: House) -> None:
        desk.rosters.people["5"] = {str(number): f"P“{number}" for number in range(1200)}
        run_id = desk.plan()
        answer = desk.operator.get(f"/admin/syncs/{run_id}/plan.json")
        assert answer.mimetype == "application/json"
        assert f"sync-{run_id}.json" in answer.headers["Content-Disposition"]
        with house.database.read() as connection:
            lines = changes(connection, run_id, limit=5000)
        assert json.loads(answer.text) == as_dict(outcome(house.database, run_id), lines)

    def test_a_plan_without_lines_is_json_too(self, synced: Desk) -> None:
        assert synced.operator.get(f"/admin/syncs/{synced.plan()}/plan.json").get_json()["changes"] == []
