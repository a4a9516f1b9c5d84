"""Is the right reason told why somebody is in a community, or is not, with who said it and when?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from connectors.errors import Unavailable
from connectors.roster import Cohort, Group, Grouping
from lms_plc.communities.memberships import Because, bring_in, end
from lms_plc.core.policy import Role
from lms_plc.people.registry import meet
from lms_plc.people.twins import join
from lms_plc.rostersync.explain import Explanation, as_dict, explain
from lms_plc.rostersync.explain_facts import Place, find_people, find_places, gather
from lms_plc.rostersync.explain_now import Covers, ask_now, covered, find_course_now, patience, told_now
from lms_plc.rostersync.explain_words import Verdict
from lms_plc.rostersync.models import SyncRule
from lms_plc.rostersync.rules import Rule
from lms_plc.rostersync.undo import undo_sync
from lms_plc.rostersync.waiting import approve
from lms_plc.sites.models import Course, Enrolment, Site

DAY = timedelta(days=1)


@pytest.fixture
def world(world: Any) -> Any:
    connect(world)
    return world


def connect(world: Any, **more: Any) -> None:
    with world.database.write() as session:
        session.execute(update(Site).where(Site.id == world.site_id).values({"connector": "moodle", **more}))


def told(world: Any, subject: str, course: str = "1") -> Explanation:
    with world.database.read() as connection:
        [place] = find_places(connection, world.site_id, course).items
        return explain(gather(connection, world.site_id, subject, place, world.now))


def facts_of(world: Any, subject: str, course: str = "1") -> Any:
    with world.database.read() as connection:
        [place] = find_places(connection, world.site_id, course).items
        return gather(connection, world.site_id, subject, place, world.now)


def story(explanation: Explanation) -> list[str]:
    return [line.text for line in explanation.lines]


def let_go(world: Any, *left: str) -> None:
    """Two complete looks a day apart that find only these in course 1."""
    world.source.put("1", **dict.fromkeys(left, "active"))
    world.sync(allow_removals=True)
    world.now += 2 * DAY
    world.sync(allow_removals=True)


class TestSomebodyWhoIsIn:
    def test_is_listed_by_the_roster(self, world: Any) -> None:
        world.source.put("1", ann="active student")
        came = world.sync()
        answer = told(world, "ann")
        assert (answer.verdict, answer.is_in) == (Verdict.ENROLLED, True)
        assert answer.headline == "Name of ann is in this community: the roster of “Course 1” lists them."
        assert "Became a member." in story(answer)
        [joined] = [line for line in answer.lines if line.run_id == came.run_id]
        assert "asked for by: cli" in joined.detail
        assert "Enrolled in the LMS." in joined.detail
        assert any("Roles in the roster: student." in line.detail for line in answer.lines)

    def test_came_by_a_launch_and_no_roster_lists_them(self, world: Any) -> None:
        world.launch("1", world.place("1"), "ann")
        answer = told(world, "ann")
        assert (answer.verdict, answer.is_in) == (Verdict.BY_LAUNCH, True)
        assert "not let go by a sync" in answer.next[0]
        assert any("Only launches said so" in line.detail for line in answer.lines)

    def test_was_brought_in_by_hand(self, world: Any) -> None:
        community_id = world.place("1")
        with world.database.write() as session:
            person = meet(session, world.site_id, {"ann": "Ann"}, world.now)["ann"]
            bring_in(session, world.site_id, community_id, [person], Because(world.now, "cli"))
        answer = told(world, "ann")
        assert answer.verdict is Verdict.BROUGHT_IN
        assert "from the command line" in answer.headline

    def test_is_missing_in_the_roster_since_less_than_a_day(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ben="active")
        world.sync()
        answer = told(world, "ann")
        assert (answer.verdict, answer.is_in) == (Verdict.MISSING, True)
        assert "lacks them since Sep 1, 2026" in answer.headline
        assert "9/2/26" in answer.next[0], "when it counts"
        assert "The roster lacked them for the first time." in story(answer)

    def test_leads_and_is_kept_without_an_enrolment(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.lead(world.community_of("1"), "ann")
        let_go(world, "ben")
        answer = told(world, "ann")
        assert (answer.verdict, answer.is_in) == (Verdict.KEPT_LEADER, True)
        assert "Facilitator" in story(answer)
        assert any(text.startswith("Reported: not enrolled") for text in story(answer))

    def test_is_suspended_but_not_yet_resting(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()
        with world.database.write() as session:
            session.execute(update(Enrolment).values(state="suspended"))
        assert told(world, "ann").verdict is Verdict.SUSPENDED_BUT_IN

    def test_is_in_by_an_undo_and_the_next_look_will_say(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        let_go(world, "ben")
        run = world.latest().run_id
        undo_sync(world.database, run, world.clock, asked_by="cli: root")
        answer = told(world, "ann")
        assert answer.is_in
        assert any("By an undo of" in line.detail and "cli: root" in line.detail for line in answer.lines)


class TestSomebodyWhoWasLetGo:
    def test_rests_until_thirty_days_have_passed(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        let_go(world, "ben")
        answer = told(world, "ann")
        assert (answer.verdict, answer.is_in) == (Verdict.RESTS_MISSING, False)
        assert answer.headline == (
            "Name of ann is not in this community now: the enrolment is missing since Sep 1, 2026, and the membership "
            "rests since Sep 3, 2026. It ends on Oct 3, 2026 unless they are enrolled again."
        )
        assert any(f"lms-plc sync undo {world.latest().run_id}" in one for one in answer.todo)
        texts = story(answer)
        assert texts.index("Became a member.") < texts.index("The roster lacked them for the first time.")
        assert texts.index("The roster lacked them for the first time.") < texts.index("The membership began to rest.")

    def test_has_ended_after_that(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        let_go(world, "ben")
        world.now += 31 * DAY
        world.sync(allow_removals=True)
        answer = told(world, "ann")
        assert answer.verdict is Verdict.ENDED
        assert "The membership ended." in story(answer)
        assert "member again with the next sync" in answer.next[0]

    def test_is_suspended_in_the_lms(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ann="suspended", ben="active")
        world.sync()
        answer = told(world, "ann")
        assert answer.verdict is Verdict.RESTS_SUSPENDED
        assert answer.todo == ["Make the enrolment active again in the LMS."]

    def test_left_on_their_own_and_no_sync_fetches_them(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()
        with world.database.write() as session:
            because = Because(world.clock(), "page", reason="left")
            end(session, world.site_id, world.community_of("1"), [world.person("ann")], because)
        world.sync()
        answer = told(world, "ann")
        assert answer.verdict is Verdict.LEFT
        assert any("on a page of the community" in line.detail for line in answer.lines)


class TestSomebodyWhoNeverCame:
    def test_is_not_known_and_the_course_was_read(self, world: Any) -> None:
        world.source.put("1", ben="active")
        world.sync()
        answer = told(world, "nobody")
        assert (answer.verdict, answer.is_in) == (Verdict.NOT_MET, False)
        assert answer.headline.startswith("nobody is not known at site")
        assert "The roster of “Course 1” was last read whole." in story(answer)

    def test_is_known_elsewhere_and_not_listed_here(self, world: Any) -> None:
        world.source.put("1", ben="active")
        world.source.put("2", ann="active")
        world.sync()
        answer = told(world, "ann")
        assert answer.verdict is Verdict.NOT_LISTED
        assert "read whole on Sep 1, 2026" in answer.headline
        assert any("possible twins" in one for one in answer.todo)

    def test_of_a_course_that_was_never_read(self, world: Any) -> None:
        world.launch("2", world.place("2"), "ann")
        world.place("1")
        answer = told(world, "ann")
        assert answer.verdict is Verdict.NEVER_READ
        assert "The roster of “Course 1” was never read whole." in story(answer)

    def test_waits_in_a_plan_and_then_does_not(self, world: Any) -> None:
        world.source.put("1", ben="active")
        world.sync()
        world.source.put("1", ben="active", ann="active")
        plan = world.plan()
        assert told(world, "ann").verdict is Verdict.WAITS
        with world.database.read() as connection:
            [found] = find_people(connection, world.site_id, "of ann").items
        assert (found.subject, found.is_met) == ("ann", False)
        numbers = [number for number, _ in enumerate(world.changes(plan), start=1)]
        approve(world.database, plan.run_id, world.clock, by="desk: Ana", left_out=numbers)
        world.carry_out(plan.run_id)
        answer = told(world, "ann")
        assert answer.verdict is Verdict.LEFT_OUT
        assert any("approved by: desk: Ana" in line.detail for line in answer.lines)

    @pytest.mark.parametrize(
        ("roles", "verdict"),
        [
            (["Administrator", "Instructor"], Verdict.ADMINISTRATOR),
            (["Mentor"], Verdict.NO_PART),
            ([], Verdict.NO_PART),
            (["Learner"], Verdict.LAUNCHED_ONLY),
        ],
    )
    def test_opened_the_course_without_joining(self, world: Any, roles: list[str], verdict: Verdict) -> None:
        world.launch("2", world.place("2"), "ann")
        world.place("1")
        with world.database.write() as session:
            course = session.execute(select(Course.id).where(Course.lms_id == "1")).scalar_one()
            said = [{"scope": "context", "name": name, "sub_role": None} for name in roles]
            session.execute(update(Enrolment).values(course_id=course, launch_roles=said))
        assert told(world, "ann").verdict is verdict

    @pytest.mark.parametrize(
        ("values", "verdict"),
        [
            ({"state": "active"}, Verdict.JOINS_NEXT),
            ({"state": "suspended"}, Verdict.SUSPENDED),
            ({"state": "gone"}, Verdict.GONE),
        ],
    )
    def test_is_enrolled_but_no_member(self, world: Any, values: dict[str, Any], verdict: Verdict) -> None:
        world.launch("2", world.place("2"), "ann")
        world.place("1")
        with world.database.write() as session:
            course = session.execute(select(Course.id).where(Course.lms_id == "1")).scalar_one()
            session.execute(update(Enrolment).values(course_id=course, from_sync=True, **values))
        answer = told(world, "ann")
        assert answer.verdict is verdict
        assert "Course 1" in answer.headline

    def test_is_a_mentor_who_need_not_be_a_member(self, world: Any) -> None:
        community_id = world.place("1")
        world.lead(community_id, "ann", Role.MENTOR, until=world.now + DAY)
        answer = told(world, "ann")
        assert answer.verdict is Verdict.MENTOR
        assert any(line.text == "Mentor" and line.detail == "until Sep 2, 2026" for line in answer.lines)


class TestAPlace:
    def test_without_a_community_says_what_would_found_one(self, world: Any) -> None:
        with world.database.write() as session:
            session.add(Course(id=world.site_id, site_id=world.site_id, lms_id="9", title="Nine", created_at=world.now))
        answer = told(world, "ann", "9")
        assert answer.verdict is Verdict.NO_COMMUNITY
        assert answer.headline == "“Nine” has no community, so nobody is a member of it."
        assert "No rule of this site asks for it" in answer.next[0]
        connect(world, covers="all")
        assert "Every visible course" in told(world, "ann", "9").next[0]

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"connector": None}, "has no rosters connected"),
            ({"syncs": "off"}, "is not synced by the clock"),
            ({"syncs": "ask"}, "every plan waits for an administrator"),
        ],
    )
    def test_of_a_site_that_is_not_synced_by_itself_says_so(
        self, world: Any, values: dict[str, Any], words: str
    ) -> None:
        world.place("1")
        connect(world, **values)
        assert any(words in one for one in told(world, "ann").next)

    def test_without_a_community_names_the_rules_that_might_want_it(self, world: Any) -> None:
        with world.database.write() as session:
            session.add(Course(id=world.site_id, site_id=world.site_id, lms_id="9", title="Nine", created_at=world.now))
            rule = {"id": world.site_id, "site_id": world.site_id, "number": 1, "about": "courses", "makes": "each"}
            session.add(SyncRule(**rule, created_at=world.now))
        assert "1 rule says what becomes a community" in told(world, "ann", "9").next[0]

    def test_whose_course_is_hidden_says_so(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.source.put_course("1", visible=False)
        world.sync()
        answer = told(world, "ben")
        assert "Course 1: The course is hidden in the LMS; its members stay." in answer.next
        assert any("not visible there" in one for one in answer.todo)

    def test_of_several_courses_is_explained_by_the_one_that_holds_them(self, world: Any) -> None:
        community_id = world.place("1")
        world.place("2", community_id)
        world.source.put("1", ben="active")
        world.source.put("2", ann="active")
        world.sync()
        answer = told(world, "ann", str(community_id))
        assert answer.verdict is Verdict.ENROLLED
        assert "“Course 2”" in answer.headline

    def test_is_found_by_short_name_id_title_and_community(self, world: Any) -> None:
        community_id = world.place("1")
        world.place("12")
        world.rename_community(community_id, "Maths circle")
        with world.database.read() as connection:

            def found(asked: str) -> list[str]:
                return [one.name for one in find_places(connection, world.site_id, asked).items]

            for asked in ("1", "C1", "Maths circle", "maths", str(community_id)):
                assert found(asked) == ["Maths circle"]
            assert found("Course 12") == ["Course 12"]
            assert found("ourse") == ["Maths circle", "Course 12"]
            assert found("Latin") == found("%") == []

    def test_of_another_site_is_not_found(self, world: Any, new_world: Any) -> None:
        new_world().place("77")
        with world.database.read() as connection:
            assert find_places(connection, world.site_id, "77").items == []

    def test_of_another_site_counts_where_the_community_is_of_both(self, world: Any, new_world: Any) -> None:
        other = new_world()
        community_id = world.place("1")
        other.place("7", community_id)
        with world.database.read() as connection:
            place = Place(community_id, "Both", has_community=True)
            facts = gather(connection, world.site_id, "ann", place, world.now)
        assert sorted(course.lms_id for course in facts.courses) == ["1", "7"]


class TestAPerson:
    def test_is_found_by_number_before_any_name(self, world: Any) -> None:
        with world.database.write() as session:
            meet(session, world.site_id, {"7": "Agent 8", "8": "Agent 7"}, world.now)
        with world.database.read() as connection:
            assert [one.name for one in find_people(connection, world.site_id, "7").items] == ["Agent 8"]

    @pytest.mark.parametrize("asked", ["стоја", "СТОЈАНОСКА", "елена", "Елена Стојаноска"])
    def test_is_found_by_a_part_of_the_name_in_any_case_and_script(self, world: Any, asked: str) -> None:
        with world.database.write() as session:
            meet(session, world.site_id, {"7": "Елена Стојаноска", "8": "Ana"}, world.now)
        with world.database.read() as connection:
            assert [one.subject for one in find_people(connection, world.site_id, asked).items] == ["7"]

    def test_who_is_one_of_many_is_asked_for_again(self, world: Any) -> None:
        with world.database.write() as session:
            meet(session, world.site_id, {str(n): f"Ana {n}" for n in range(25)}, world.now)
        with world.database.read() as connection:
            found = find_people(connection, world.site_id, "Ana")
        assert (len(found.items), found.more) == (20, True)

    def test_who_was_joined_of_two_has_the_story_of_both(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.launch("1", world.community_of("1"), "ann2")
        with world.database.write() as session:
            join(session, world.person("ann"), world.person("ann2"), world.clock(), via="desk")
        answer = told(world, "ann2")
        assert answer.is_in
        assert sorted(answer.subjects) == ["ann", "ann2"]
        assert "Two persons were joined into this one." in story(answer)


class TestAskedNow:
    def said(self, world: Any, subject: str, course: str = "1") -> list[tuple[str, bool]]:
        facts = facts_of(world, subject, course)
        return [(one.text, one.differs) for one in told_now(facts, ask_now(world.source, facts, patience(None)))]

    def test_the_same_is_said_to_be_the_same(self, world: Any) -> None:
        world.source.put("1", ann="active student", ben="active", cem="active", dee="active")
        world.sync()
        assert self.said(world, "ann") == [
            ("“Course 1” lists them now: active, student. That is what is stored.", False)
        ]
        assert self.said(world, "eve") == [("“Course 1” does not list them now.", False)]

    def test_what_differs_is_said_to_differ(self, world: Any) -> None:
        world.source.put("1", ann="active", ben="active")
        world.sync()
        world.source.put("1", ann="suspended", eve="active")
        [(text, differs)] = self.said(world, "ann")
        assert (differs, "suspended. Something else is stored" in text) == (True, True)
        [(text, differs)] = self.said(world, "ben")
        assert (differs, "the next sync notes that they are missing" in text) == (True, True)
        [(text, differs)] = self.said(world, "of eve")
        assert (differs, "lists Name of eve (number eve) now" in text) == (True, True)

    def test_a_course_that_is_hidden_or_gone_lets_nobody_go(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()
        world.source.put_course("1", visible=False)
        assert "is hidden in the LMS" in self.said(world, "ann")[0][0]
        del world.source.courses_by_id["1"]
        assert "is not to be seen" in self.said(world, "ann")[0][0]

    def test_an_lms_that_is_silent_is_an_answer_too(self, world: Any) -> None:
        world.source.put("1", ann="active")
        world.sync()

        def silent() -> None:
            raise Unavailable("The site does not answer.", "Try again later.", code="slow")

        world.source.before_page = silent
        [(text, differs)] = self.said(world, "ann")
        assert (text, differs) == (
            "“Course 1” could not be asked about: The site does not answer. Try again later.",
            False,
        )

    def test_what_was_not_read_to_its_end_proves_no_absence(self, world: Any) -> None:
        world.source.put("1", **{f"p{n}": "active" for n in range(9)})
        world.sync()
        facts = facts_of(world, "p8")
        looks = iter([True, False])
        said = told_now(facts, ask_now(world.source, facts, lambda: next(looks)))
        assert [one.text for one in said] == ["“Course 1” was not read to its end; they are not among the first."]
        assert [one.text for one in told_now(facts, ask_now(world.source, facts, lambda: False))] == [
            "Not every course of this community was asked: it would have taken too long."
        ]

    @pytest.mark.parametrize(
        ("part", "listed", "not_listed"),
        [("group:g1", "ann", "cem"), ("grouping:w1", "ben", "cem"), ("cohort:h1", "cem", "ann")],
    )
    def test_a_group_a_grouping_and_a_cohort_are_asked_about_too(
        self, world: Any, part: str, listed: str, not_listed: str
    ) -> None:
        world.place("1")
        world.place(part)
        with world.database.write() as session:
            parent = session.execute(select(Course.id).where(Course.lms_id == "1")).scalar_one()
            session.execute(update(Course).where(Course.lms_id == part).values(parent_id=parent))
        world.source.groups = lambda course: [Group("g1", course, "A", ("ann",)), Group("g2", course, "B", ("ben",))]
        world.source.groupings = lambda course: [Grouping("w1", course, "Both", ("g1", "g2"))]
        world.source.cohorts = lambda: [Cohort("h1", "All", None, ("cem",))]
        with world.database.write() as session:
            meet(session, world.site_id, {"ann": "Ann", "ben": "Ben", "cem": "Cem"}, world.now)
        assert "lists them now: active." in self.said(world, listed, part)[0][0]
        assert "does not list them now" in self.said(world, not_listed, part)[0][0]
        world.source.groups = world.source.groupings = lambda course: []
        world.source.cohorts = list
        assert "is not to be seen" in self.said(world, listed, part)[0][0]

    def test_a_community_without_a_course_of_the_site_says_so(self, world: Any, new_world: Any) -> None:
        community_id = new_world().place("7")
        with world.database.read() as connection:
            place = Place(community_id, "Elsewhere", has_community=True)
            facts = gather(connection, world.site_id, "ann", place, world.now)
        [said] = told_now(facts, ask_now(world.source, facts, patience(None)))
        assert "has no course at site" in said.text

    def test_it_waits_no_longer_than_it_was_told_to(self, world: Any) -> None:
        for n in range(9):
            world.source.put_course(str(n), title=f"Biology {n}")
        covers = Covers((), everything=False)
        [said] = find_course_now(world.source, covers, "Latin", patience(timedelta(0)))
        assert said.text == "Not every course of the LMS was looked at."
        many = find_course_now(world.source, covers, "Bio", patience(timedelta(minutes=1)))
        assert (len(many), many[-1].text) == (6, "Not every course of the LMS was looked at.")
        with world.database.read() as connection:
            assert covered(connection, world.site_id) == covers

    def test_a_course_nobody_knows_is_looked_for_in_the_lms(self, world: Any) -> None:
        world.source.put_course("5", title="Biology", short_name="BIO")
        world.source.put_course("6", title="Hidden biology", visible=False)

        def found(covers: Covers, asked: str) -> list[str]:
            return [one.text for one in find_course_now(world.source, covers, asked, patience(None))]

        nothing = Covers((), everything=False)
        assert found(nothing, "BIO")[0] == "The LMS has “Biology” (id 5), but no rule of this site asks for it."
        assert found(Covers((), everything=True), "5")[0].endswith("the next sync founds its community.")
        rule = Rule(world.site_id, "courses", "each", named=("BIO*",))
        assert found(Covers((rule,), everything=False), "BIO")[0].endswith("founds its community.")
        assert found(nothing, "Hidden b") == [
            "The LMS has “Hidden biology” (id 6), but hidden: hidden courses are not read."
        ]
        assert found(nothing, "Latin") == [
            "The LMS shows no course with this short name, id or title to the account that reads it."
        ]


class TestWhatItCosts:
    def test_it_is_as_many_statements_with_a_long_story_as_with_a_short_one(self, world: Any) -> None:
        world.source.put("1", ann="active", **{f"p{n}": "active" for n in range(30)})
        world.sync()
        short = self.counted(world)
        for n in range(12):
            world.source.put("1", ann="suspended" if n % 2 == 0 else "active", ben="active")
            world.sync(allow_removals=True)
        assert self.counted(world) == short
        assert len(told(world, "ann").lines) > 10

    def counted(self, world: Any) -> int:
        sent: list[str] = []

        def hear(*said: Any) -> None:
            sent.append(str(said[2]))

        event.listen(world.database.engine, "before_cursor_execute", hear)
        try:
            facts_of(world, "ann")
        finally:
            event.remove(world.database.engine, "before_cursor_execute", hear)
        return len(sent)

    def test_what_is_read_of_a_person_goes_by_indexes(self, world: Any) -> None:
        """Events by their thing, changes by run and person, and so on: as either database says it would go about it."""
        world.source.put("1", ann="active")
        world.sync()
        with world.database.read() as connection:
            [place] = find_places(connection, world.site_id, "1").items
            sent: list[tuple[str, Any]] = []
            event.listen(connection, "before_cursor_execute", lambda *said: sent.append((str(said[2]), said[3])))
            gather(connection, world.site_id, "ann", place, world.now)
            asked, explain_sql = list(sent), "EXPLAIN QUERY PLAN " if world.database.is_sqlite else "EXPLAIN "
            if not world.database.is_sqlite:  # tables of a test are so small that it would read them whole
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plans = [
                " / ".join(str(row[-1]) for row in connection.exec_driver_sql(explain_sql + sql, parameters).all())
                for sql, parameters in asked
            ]
        assert len(plans) > 8
        assert [plan for plan in plans if "SCAN plc_" in plan or "Seq Scan on plc_" in plan] == []


def test_the_answer_is_data_too(world: Any) -> None:
    world.source.put("1", ann="active")
    came = world.sync()
    data = as_dict(told(world, "ann"))
    assert (data["verdict"], data["is_in"], data["person"]) == ("enrolled", True, "Name of ann")
    assert str(came.run_id) in {line["run"] for line in data["lines"]}
    assert all(line["at"] is None or line["at"].endswith("+00:00") for line in data["lines"])


def test_no_name_stands_in_a_repr(world: Any) -> None:
    world.source.put("1", ann="active")
    world.sync()
    assert "Name of ann" not in repr(facts_of(world, "ann"))
    assert "Name of ann" not in repr(told(world, "ann"))
