"""What an administrator may rely on when things happen at the same time, twice, or in another order than expected."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from connectors.errors import ConnectorError, Unavailable
from lms_plc.communities.memberships import Because, pause
from lms_plc.core.ids import new_id
from lms_plc.rostersync.changes import GONE, SUSPENDED, Kind
from lms_plc.rostersync.models import SyncPage
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.pull import pull_course
from lms_plc.rostersync.run import apply_sync
from lms_plc.rostersync.steps import begin_run, make_plan, pull_next
from lms_plc.rostersync.twins import possible_twins
from lms_plc.rostersync.undo import NothingToUndo, undo_sync
from lms_plc.rostersync.waiting import PlanIsOld
from lms_plc.sites.arrivals import arrive
from lms_plc.sites.models import Platform
from lti.claims import LTI, ResourceLinkRequest
from lti.jose import read_key_set, verify
from lti.launch import Launch
from lti.roles import read_roles
from lti.testing import PlatformInMemory

World = Any
"""An LMS in memory and its site; see conftest.py."""

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


def people(*numbers: int) -> dict[str, str]:
    return {f"p{number}": "active" for number in numbers}


def stored_pages(world: World, run_id: UUID, course: str) -> list[int]:
    """How many rows each stored page of a roster has."""
    pages = select(SyncPage.rows).where(SyncPage.run_id == run_id, SyncPage.course == course).order_by(SyncPage.number)
    with world.database.read() as connection:
        return [len(rows) for rows in connection.execute(pages).scalars()]


def begin(world: World) -> UUID:
    return begin_run(world.database, world.site_id, "apply", Options(), clock=world.clock).run_id


def pull_all(world: World, run_id: UUID) -> None:
    while pull_next(world.database, run_id, world.source, world.clock):
        pass


def go_on(world: World, run_id: UUID) -> Any:
    """From wherever its rosters are to the end of the run."""
    pull_all(world, run_id)
    make_plan(world.database, run_id, world.clock)
    assert world.judge(run_id) == "applying"
    return world.carry_out(run_id)


@pytest.fixture
def shared(world: World) -> UUID:
    """A community of course 1 that a rule shall bring course 2 to, which has people and a community of its own."""
    world.source.put("1", ann="active")
    world.source.put("2", ben="active", cem="active")
    world.rule("courses", "each")
    world.sync()
    world.remove_rules()
    community_id: UUID = world.community_of("1")
    world.rule("courses", "one", community_id=community_id, named=("1", "2"))
    return community_id


class TestACourseThatIsNotBroughtHere:
    def test_lets_none_of_its_people_in(self, world: World, shared: UUID) -> None:
        world.source.enrol("2", "dea")
        came = world.plan()
        world.approve(came, without=[world.number(came, Kind.PLACE_COURSE, course="2")])
        assert world.members(shared) == {"ann": "active"}
        assert world.opens("2") != shared

    def test_lets_those_in_who_are_in_the_other_course_too(self, world: World, shared: UUID) -> None:
        world.source.enrol("1", "ben")
        came = world.plan()
        world.approve(came, without=[world.number(came, Kind.PLACE_COURSE, course="2")])
        assert world.members(shared) == {"ann": "active", "ben": "active"}

    def test_lets_all_of_them_in_while_the_tick_is_there(self, world: World, shared: UUID) -> None:
        world.approve(world.plan())
        assert world.members(shared) == dict.fromkeys(("ann", "ben", "cem"), "active")


class TestAGroup:
    @pytest.fixture
    def group(self, world: World) -> UUID:
        """The community of a group of twenty, whose course fills four pages."""
        world.source.page_size = 5
        world.source.put("1", **people(*range(20)))
        world.source.put_group("1", "7", *people(*range(20)))
        world.rule("groups", "each")
        world.sync()
        [community_id] = world.communities().values()
        assert len(world.members(community_id)) == 20
        return community_id

    def test_is_not_stored_while_another_worker_walks_its_course(self, world: World, group: UUID) -> None:
        run_id = begin(world)
        assert pull_next(world.database, run_id, world.source, world.clock)
        slow = replace(world.source, pages_given=0, breaks_off_at=2)

        def another_stores_this_page() -> None:
            world.source.before_page = lambda: None
            with pytest.raises(ConnectorError):  # as far as this worker has come when ours goes on
                pull_course(world.database, run_id, "1", slow, world.clock, lambda rows: None)

        world.source.before_page = another_stores_this_page
        world.source.courses_at_once = 2  # both rosters in one call
        assert pull_next(world.database, run_id, world.source, world.clock)
        assert stored_pages(world, run_id, "1") == [5]
        assert stored_pages(world, run_id, "group:7") == []
        assert go_on(world, run_id).counts == {}
        assert len(world.members(group)) == 20

    def test_is_stored_once_its_course_is_whole(self, world: World, group: UUID) -> None:
        run_id = begin(world)
        pull_all(world, run_id)
        assert stored_pages(world, run_id, "1") == [5, 5, 5, 5]
        assert sum(stored_pages(world, run_id, "group:7")) == 20


class TestAHeldPlan:
    @pytest.fixture
    def held(self, world: World) -> Any:
        """Nine of ten would lose their access; another course has nobody missing."""
        world.source.put("1", **people(*range(10)))
        world.source.put("2", q="active")
        world.sync()
        world.source.put("1", **people(0))
        came = world.sync_twice()
        assert (came.state, came.counts) == ("held", {"rest": 9})
        return came

    def test_keeps_its_lines_when_a_sync_of_one_course_ends(self, world: World, held: Any) -> None:
        ended = apply_sync(
            world.database, world.site_id, world.source, Options(("2",), as_ruled=True), world.clock, asked_by="launch"
        )
        assert ended.state == "done"
        assert len(world.changes(held)) == 9

    def test_still_needs_a_word_about_removals_after_that(self, world: World, held: Any) -> None:
        world.sync("2")
        with pytest.raises(PlanIsOld, match="9 of 10 members would lose their access"):
            world.approve(held)
        assert len(world.members("1")) == 10
        assert world.approve(held, allow_removals=True).counts == {"rest": 9}
        assert list(world.members("1").values()).count("paused") == 9


class TestAnUndo:
    @pytest.fixture
    def run(self, world: World) -> Any:
        """A sync that let cem and dea rest."""
        world.source.put("1", ann="active", ben="active", cem="active", dea="active")
        world.sync()
        world.source.put("1", ann="active", ben="active")
        came = world.sync_twice()
        assert came.counts == {"rest": 2}
        return came

    def test_leaves_whom_the_lms_has_suspended_since(self, world: World, run: Any) -> None:
        world.source.enrol("1", "cem", suspended=True)
        world.sync()
        assert world.why("1", "cem") == ("paused", SUSPENDED)
        assert undo_sync(world.database, run.run_id, world.clock).counts == {"resume": 1}
        assert world.why("1", "cem") == ("paused", SUSPENDED)
        assert world.enrolments("1")["cem"][0] == "suspended"
        assert world.why("1", "dea") == ("active", None)

    def test_leaves_whom_a_later_sync_let_go_again(self, world: World, run: Any) -> None:
        world.source.enrol("1", "cem")
        world.source.enrol("1", "dea")
        assert world.sync().counts == {"resume": 2}
        world.wait(days=100)
        world.source.put("1", ann="active", ben="active", dea="active")
        later = world.sync_twice()
        assert later.counts == {"rest": 1}
        with pytest.raises(NothingToUndo, match="nothing to undo"):
            undo_sync(world.database, run.run_id, world.clock)
        assert world.why("1", "cem") == ("paused", GONE)
        assert undo_sync(world.database, later.run_id, world.clock).counts == {"resume": 1}
        assert world.why("1", "cem") == ("active", None)

    def test_is_refused_the_second_time_and_counts_no_absence_anew(self, world: World, run: Any) -> None:
        assert undo_sync(world.database, run.run_id, world.clock).counts == {"resume": 2}
        world.sync()
        since = world.missing_since("1", "cem")
        assert since is not None
        with pytest.raises(NothingToUndo, match="nothing to undo"):
            undo_sync(world.database, run.run_id, world.clock)
        assert world.missing_since("1", "cem") == since


class TestAPauseByHand:
    def test_stays_as_it_is_when_a_plan_made_before_it_is_applied(self, world: World) -> None:
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        world.source.put("1", ann="active", ben="suspended", cem="suspended")
        came = world.plan()
        with world.database.write() as session:
            because = Because(at=world.now, via="page", reason="by_hand")
            pause(session, world.site_id, world.community_of("1"), [world.person("ben")], because)
        world.approve(came)
        assert world.why("1", "ben") == ("paused", "by_hand")
        assert world.why("1", "cem") == ("paused", SUSPENDED)
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        assert world.why("1", "ben") == ("paused", "by_hand")
        assert world.why("1", "cem") == ("active", None)


def arrives(world: World, subject: str, course: str) -> None:
    """A verified launch from a course, as the door takes it in."""
    platform = PlatformInMemory(issuer=f"https://{world.site_id}.example.org", clock=lambda: world.now)
    platform_id, registered = new_id(), platform.registration
    with world.database.write() as session:
        session.add(
            Platform(
                id=platform_id,
                site_id=world.site_id,
                issuer=registered.issuer,
                client_id=registered.client_id,
                auth_url=registered.auth_url,
                token_url=registered.token_url,
                jwks_url=registered.jwks_url,
                created_at=world.now,
            )
        )
    context = {"id": course, "label": f"C{course}", "title": f"Course {course}", "type": ["CourseSection"]}
    said = {"sub": subject, "name": f"Name of {subject}", LTI + "roles": [LEARNER], LTI + "context": context}
    claims = platform.claims("nonce", **said)
    launch = Launch(
        platform=replace(registered, id=str(platform_id)),
        deployment_id="1",
        subject=subject,
        message=ResourceLinkRequest.model_validate(claims),
        roles=read_roles(claims[LTI + "roles"]),
        target_link_uri=claims[LTI + "target_link_uri"],
        mark=None,
        claims=verify(platform.sign(claims), read_key_set(platform.jwks())[platform.kid]),
    )
    settings = SimpleNamespace(lms_administrators="technical")
    house: Any = SimpleNamespace(database=world.database, clock=lambda: world.now, settings=settings)
    assert arrive(house, launch).to == "community"


class TestALaunch:
    @pytest.fixture(autouse=True)
    def gone(self, world: World) -> datetime:
        """When ben and cem, who have both launched, were missed for the first time."""
        world.source.put("1", ann="active", ben="active", cem="active")
        world.sync()
        world.source.put("1", ann="active")
        assert world.sync().counts == {"missing": 2}
        since: datetime = world.missing_since("1", "ben")
        return since

    def test_begins_the_count_of_absences_anew(self, world: World, gone: datetime) -> None:
        world.wait(hours=23)
        arrives(world, "ben", "1")
        assert world.missing_since("1", "ben") is None
        world.wait(hours=2)
        assert world.sync().counts == {"missing": 1, "rest": 1}
        assert world.why("1", "ben") == ("active", None)
        assert world.why("1", "cem") == ("paused", GONE)
        assert world.missing_since("1", "ben") > gone + timedelta(hours=24)

    def test_keeps_somebody_in_whom_a_plan_made_before_it_would_let_rest(self, world: World) -> None:
        world.wait(days=1)
        came = world.plan()
        assert came.counts == {"rest": 2}
        world.wait(minutes=5)
        arrives(world, "ben", "1")
        world.approve(came)
        assert world.why("1", "ben") == ("active", None)
        assert world.enrolments("1")["ben"][0] == "active"
        assert world.why("1", "cem") == ("paused", GONE)


class TestALargeCohort:
    def test_is_stored_in_pages_of_a_thousand_and_gone_on_with_at_a_page(self, world: World) -> None:
        members = [f"m{number:04}" for number in range(2500)]
        asked: list[list[str]] = []

        def people_of(ids: Any) -> Any:
            asked.append(list(ids))
            if len(asked) == 2:
                raise Unavailable("The site does not answer.", "Try again later.", code="slow")
            return iter(())

        world.source.put_cohort("5", *members)
        world.source.people = people_of
        world.rule("cohorts", "each")
        run_id = begin(world)
        with pytest.raises(Unavailable):
            pull_all(world, run_id)
        assert stored_pages(world, run_id, "cohort:5") == [1000]
        asked.append([])  # the second call is over
        pull_all(world, run_id)
        assert stored_pages(world, run_id, "cohort:5") == [1000, 1000, 500]
        assert [len(ids) for ids in asked] == [1000, 1000, 0, 1000, 500]
        assert [one for ids in (asked[0], *asked[3:]) for one in ids] == members


class TestANumberOfTheRegister:
    @pytest.fixture
    def other(self, world: World, new_world: Any) -> World:
        """Another site of the register; at the first one, n1 is a facilitator and n2 has no role."""
        other = new_world()
        for one in (world, other):
            one.count_people_by("state")
        world.source.put_course("1")
        world.source.enrol("1", "teacher", number="n1")
        world.source.enrol("1", "student", number="n2")
        world.sync()
        world.lead(world.community_of("1"), "teacher")
        other.source.put_course("9")
        other.wait_until(world.now)
        return other

    def test_makes_nobody_a_person_who_leads_a_community_elsewhere(self, world: World, other: World) -> None:
        other.source.enrol("9", "newcomer", number="n1")
        assert other.sync().counts == {"found_community": 1, "join": 1}
        assert other.person("newcomer") != world.person("teacher")
        assert other.sync().counts == {}
        with world.database.read() as connection:
            [pair] = possible_twins(connection, world.now).pairs
        assert {pair.one.id, pair.other.id} == {world.person("teacher"), other.person("newcomer")}
        assert pair.numbers == ["n1"]

    def test_makes_somebody_the_person_who_has_no_role(self, world: World, other: World) -> None:
        other.source.enrol("9", "newcomer", number="n2")
        other.sync()
        assert other.person("newcomer") == world.person("student")
        with world.database.read() as connection:
            assert possible_twins(connection, world.now).pairs == []


def test_a_plan_of_one_course_keeps_its_lines_when_another_course_is_synced(world: World) -> None:
    world.source.put("1", ann="active")
    world.source.put("2", ben="active")
    plan = world.plan("1")
    world.sync("2")
    assert world.changes(plan) == [(Kind.FOUND_COMMUNITY, None), (Kind.JOIN, "ann")]
