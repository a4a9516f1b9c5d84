"""What an administrator may rely on while nobody watches: how often an LMS is asked, when an alarm rings, what is
forgotten, what is finished; and that a terminal shows what an LMS says letter by letter."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import rich.console
from rich.progress import Progress
from sqlalchemy import func, select, update

from lms_plc import jobs
from lms_plc.alarms.alarm import Alarm
from lms_plc.communities.models import Community
from lms_plc.house import House
from lms_plc.rostersync import commands, job, pull, undo
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.checkpoint import AnotherSyncRuns
from lms_plc.rostersync.forgetting import forget_at_every_site
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.run import apply_sync
from lms_plc.rostersync.steps import outcome
from lms_plc.rostersync.waiting import approve
from lms_plc.sites.models import Site
from lms_plc.sites.syncing import ask_for_sync

World = Any
"""An LMS in memory and its site; see conftest.py."""

ODD = "Maths [/b] [link=x]7"
"""A title that a terminal's markup would stumble over."""


def people(*numbers: int) -> dict[str, str]:
    return {f"p{number}": "active" for number in numbers}


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Alarm]:
    """Every alarm from now on."""
    alarms: list[Alarm] = []
    monkeypatch.setattr(job, "ring", lambda _session, alarm: alarms.append(alarm))
    return alarms


@pytest.fixture
def worker(world: World, rung: list[Alarm], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whoever works for the site: ``worker.due()``, ``worker.sync(…)`` as the clock asks, ``worker.course(…)`` as a
    launch does."""

    @contextmanager
    def open_roster(_house: House, _site_id: UUID) -> Iterator[Any]:
        yield world.source

    monkeypatch.setattr(job, "open_roster", open_roster)
    with world.database.write() as session:
        session.execute(update(Site).where(Site.id == world.site_id).values(connector="moodle"))
    settings = SimpleNamespace(sync_every_minutes=60)
    house: Any = SimpleNamespace(database=world.database, clock=world.clock, settings=settings)
    return SimpleNamespace(
        house=house,
        due=lambda: str(world.site_id) in job.sites_to_sync(house),
        sync=lambda mode="apply": job._sync(house, world.site_id, mode, Options(), "schedule"),
        course=lambda *courses: job._sync(house, world.site_id, "apply", Options(courses, as_ruled=True), "launch"),
    )


def failures(world: World) -> int:
    with world.database.read() as connection:
        return connection.execute(select(Site.sync_failures).where(Site.id == world.site_id)).scalar_one()


def keys(rung: list[Alarm]) -> list[str]:
    return [alarm.key for alarm in rung]


@pytest.fixture
def emptied(world: World) -> None:
    """Nine of the ten people of a course have been missing for a day; another course is as it was."""
    world.source.put("1", **people(*range(10)))
    world.source.put("2", q="active")
    world.sync()
    world.source.put("1", **people(0))
    world.sync()
    world.wait(days=1)


class TestAnLmsThatFails:
    @pytest.mark.parametrize("somebody_tried", [True, False], ids=["after a sync by hand", "by the clock alone"])
    def test_is_asked_no_more_often_than_its_schedule_says(
        self, world: World, worker: Any, somebody_tried: bool
    ) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.source.listing_fails = True
        if somebody_tried:
            assert world.sync().state == "failed"
        asked: list[datetime] = []
        for _ in range(48):  # four hours of looking every five minutes which sites are due
            world.wait(minutes=5)
            if worker.due():
                asked.append(world.now)
                worker.sync()
        assert 3 <= len(asked) <= 4, "it is asked, and not every time somebody looks"
        assert min((b - a).total_seconds() for a, b in zip(asked, asked[1:], strict=False)) >= 3600

    def test_is_told_of_once_though_single_courses_succeed_in_between(
        self, world: World, worker: Any, rung: list[Alarm]
    ) -> None:
        world.source.put("1", ann="active")
        world.source.put("2", ann="active")
        world.sync()
        for turn in range(1, 6):
            world.wait(hours=1)
            world.source.pages_given, world.source.fails_at = 0, 1
            worker.sync()
            world.source.fails_at = None
            worker.course("1")
            assert failures(world) == turn
        assert keys(rung) == [f"sync-failed:{world.site_id}"]

    def test_is_forgiven_by_a_whole_sync_and_told_of_again_when_it_fails_twice_more(
        self, world: World, worker: Any, rung: list[Alarm]
    ) -> None:
        world.source.put("1", ann="active")
        world.sync()
        for fails in (True, True, False, True, True):
            world.wait(hours=1)
            world.source.listing_fails = fails
            worker.sync()
        assert keys(rung) == [f"sync-failed:{world.site_id}"] * 2


class TestASyncOfOneCourse:
    def test_that_the_lms_hides_rings_no_alarm_and_counts_as_no_failure(
        self, world: World, worker: Any, rung: list[Alarm]
    ) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.source.put_course("77", visible=False)
        for _ in range(3):  # its first launches, and the founding
            worker.course("77")
        assert (failures(world), rung) == (0, [])

    def test_makes_a_site_that_is_held_ring_no_second_time(
        self, world: World, worker: Any, rung: list[Alarm], emptied: None
    ) -> None:
        for _ in range(4):
            world.wait(hours=1)
            worker.sync()
            assert world.latest().state == "held"
            worker.course("2")
            assert world.latest().state == "done"
        assert [alarm.kind for alarm in rung] == ["sync-held"]

    def test_asked_for_at_the_desk_waits_beside_one_that_a_launch_asked_for(self, house: House) -> None:
        site_id = UUID(int=7)

        def ask(**how: Any) -> bool:
            with house.database.write() as session:
                return ask_for_sync(session, site_id, courses=("5",), **how)

        assert ask(asked_by="launch", as_ruled=True)
        assert ask(asked_by="desk")
        assert not ask(asked_by="launch", as_ruled=True)
        assert not ask(asked_by="desk")
        with house.database.read() as connection:
            assert jobs.state(connection).waiting == 2


def test_a_site_that_is_held_again_after_it_was_well_rings_again(
    world: World, worker: Any, rung: list[Alarm], emptied: None
) -> None:
    worker.sync()
    world.source.put("1", **people(*range(10)))
    worker.sync()
    assert world.latest().state == "done"
    world.source.put("1", **people(0))
    worker.sync()
    world.wait(days=1)
    worker.sync()
    assert world.latest().state == "held"
    assert [alarm.kind for alarm in rung] == ["sync-held", "sync-held"]


class TestWhatNobodyBegan:
    def test_an_undo_is_finished_by_the_next_sync(self, world: World) -> None:
        world.source.put("1", **people(*range(30)))
        world.sync()
        world.source.put("1", **people(*range(29)))
        let_go = world.sync_twice()
        undo_id = undo.begin(world.database, let_go.run_id, world.clock, asked_by="desk")
        world.wait(minutes=16)
        world.sync()
        assert outcome(world.database, undo_id).state == "done"
        assert world.why("1", "p29") == ("active", None)

    def test_an_approved_plan_is_finished_by_the_next_sync(self, world: World) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.source.put("2", ben="active")
        came = world.plan("2")
        approve(world.database, came.run_id, world.clock, by="desk")
        world.wait(minutes=16)
        world.sync()
        assert outcome(world.database, came.run_id).state == "done"
        assert world.members("2") == {"ben": "active"}


@pytest.mark.parametrize("as_ruled", [True, False], ids=["of a launch", "of an administrator"])
def test_a_sync_that_takes_long_to_list_is_alive_and_refuses_one(
    world: World, monkeypatch: pytest.MonkeyPatch, as_ruled: bool
) -> None:
    for course in range(1, 7):
        world.source.put(str(course), ann="active")
        world.source.put_group(str(course), f"{course}0", "ann")
    world.sync()
    world.rule("groups", "each")
    monkeypatch.setattr(pull, "SIGN_EVERY", 0.0)
    only = Options(("1",), as_ruled=as_ruled)
    refused: list[datetime] = []
    groups = world.source.groups

    def slowly(course: str) -> Any:
        world.wait(minutes=6)
        if course == "5":
            with pytest.raises(AnotherSyncRuns):
                apply_sync(world.database, world.site_id, world.source, only, world.clock)
            refused.append(world.now)
        return groups(course)

    monkeypatch.setattr(world.source, "groups", slowly)
    assert world.sync().state == "done"
    assert refused


def count_lines(world: World) -> int:
    with world.database.read() as connection:
        return connection.execute(
            select(func.count()).select_from(SyncChange).join(SyncRun).where(SyncRun.site_id == world.site_id)
        ).scalar_one()


def kept_words(world: World) -> list[Any]:
    """Names and numbers that plans still hold."""
    with world.database.read() as connection:
        rows = connection.execute(select(SyncChange.name, SyncChange.known_as).order_by(SyncChange.number)).all()
    return [tuple(row) for row in rows if row.name is not None or row.known_as is not None]


class TestPlansMadeByTheClock:
    @pytest.fixture(autouse=True)
    def asks(self, world: World) -> None:
        with world.database.write() as session:
            values = {"covers": "all", "syncs": "ask"}
            session.execute(update(Site).where(Site.id == world.site_id).values(values))
        world.source.put("1", **people(*range(20)))

    def test_replace_each_other(self, world: World, worker: Any) -> None:
        worker.sync("plan")
        one = count_lines(world)
        assert one == 21
        for _ in range(5):
            world.wait(hours=1)
            worker.sync("plan")
        assert count_lines(world) == one
        assert len(world.changes(world.latest())) == one

    def test_leave_one_that_somebody_asked_for(self, world: World, worker: Any) -> None:
        asked_for = world.plan()
        world.wait(hours=1)
        worker.sync("plan")
        assert len(world.changes(asked_for)) == 21
        assert world.approve(asked_for).counts == {"found_community": 1, "join": 20}


class TestNamesAndNumbersOfAPlan:
    @pytest.fixture
    def planned(self, world: World) -> Any:
        """Somebody new, and somebody whose number is another one."""
        world.count_people_by("state")
        world.source.put_course("1")
        world.source.enrol("1", "ann", number="n1")
        world.sync()
        world.source.put("1")
        world.source.enrol("1", "ann", number="n2")
        world.source.enrol("1", "ben", number="n3")
        came = world.plan()
        assert came.counts == {"join": 1, "note_person": 1}
        return came

    def test_are_kept_while_it_can_be_approved(self, world: World, worker: Any, planned: Any) -> None:
        assert len(kept_words(world)) == 2
        world.wait(hours=23)
        forget_at_every_site(worker.house.database, worker.house.clock)
        assert len(kept_words(world)) == 2
        assert world.approve(planned).counts == {"join": 1, "note_person": 1}
        assert world.names()["ben"] == "Name of ben"

    def test_are_forgotten_after_a_day_without_any_sync(self, world: World, worker: Any, planned: Any) -> None:
        world.wait(hours=25)
        forget_at_every_site(worker.house.database, worker.house.clock)
        assert kept_words(world) == []
        assert sorted(world.changes(planned)) == [(Kind.JOIN, "ben"), (Kind.NOTE_PERSON, "ann")]

    def test_are_forgotten_by_a_job_of_the_timetable(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "_jobs", dict(jobs._jobs))
        monkeypatch.setattr(jobs, "_timetable", {})
        job.register(house)
        assert "forget-sync-names" in jobs._jobs
        assert "forget-sync-names" in jobs._timetable


class TestATitleWithSquareBrackets:
    def test_is_shown_while_its_course_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        screen = io.StringIO()

        class Watched(Progress):
            def stop(self) -> None:
                self.refresh()
                super().stop()

        terminal = rich.console.Console(file=screen, force_terminal=True, width=120)
        monkeypatch.setattr(commands, "Console", lambda **_: terminal)
        monkeypatch.setattr(commands, "Progress", Watched)
        with commands._progress(quiet=False) as hear:
            hear("pull", 1, 3, ODD)
        assert ODD in screen.getvalue()

    def test_is_shown_in_the_list_of_runs(self, house: House, typed: Any, installed: Any) -> None:
        at, run_id = house.clock(), UUID(int=1)
        with house.database.write() as session:
            session.add(Site(id=UUID(int=2), name=ODD, url="https://lms.example.org", created_at=at))
            session.flush()
            run = {"mode": "apply", "asked_by": "cli: [/b]", "state": "held", "options": Options().stored()}
            moments = {"started_at": at, "alive_at": at, "finished_at": at}
            session.add(SyncRun(id=run_id, site_id=UUID(int=2), message=f"In “{ODD}”, 5 of 6.", **run, **moments))
        told = typed("sync", "runs")
        assert (told.code, told.err) == (0, "")
        assert told.out.count("[/b]") == 3
        assert "[link=x]7" in told.out

    def test_is_shown_in_the_list_of_communities(self, house: House, typed: Any, installed: Any) -> None:
        at = house.clock()
        with house.database.write() as session:
            session.add(Site(id=UUID(int=2), name="lms", url="https://lms.example.org", created_at=at))
            session.flush()
            session.add(Community(id=UUID(int=3), site_id=UUID(int=2), name=ODD, created_at=at))
        told = typed("communities", "list")
        assert (told.code, told.err) == (0, "")
        assert ODD in told.out

    def test_is_shown_in_the_list_of_sites(self, house: House, typed: Any, installed: Any) -> None:
        at = house.clock()
        with house.database.write() as session:
            url = "https://lms.example.org"
            session.add(Site(id=UUID(int=2), name=ODD, url=url, release="4.5 [/b]", created_at=at))
        told = typed("sites", "list")
        assert (told.code, told.err) == (0, "")
        assert ODD in told.out
        assert "4.5 [/b]" in told.out
