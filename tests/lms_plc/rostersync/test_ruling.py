"""What an admin decides of a site's syncs: rules in an order, other courses, switches; each with one event."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Event
from lms_plc.core.ids import new_id
from lms_plc.core.policy import NotThere
from lms_plc.rostersync import ruling
from lms_plc.rostersync.rules import Rule
from lms_plc.rostersync.ruling import MOST_PATTERNS, MOST_RULES, RuleProblem, Switches, sentences
from lms_plc.rostersync.waiting import PlanIsOld, approve
from lms_plc.sites.models import Site

NOWHERE = new_id()
AS_IT_IS = Switches("apply", None, None, ())


def rule(about="courses", makes="each", **more):
    return Rule(new_id(), about, makes, **more)


class Desk:
    """The verbs for one site, and a look at what is stored."""

    def __init__(self, world):
        self.world = world

    def do(self, verb, *args, **options):
        with self.world.database.write() as session:
            verb(session, self.world.site_id, *args, self.world.clock(), via="desk", **options)

    def add(self, *rules):
        for one in rules:
            self.do(ruling.add_rule, one)
        return rules

    def now(self):
        with self.world.database.read() as connection:
            return ruling.decided(connection, self.world.site_id)

    def wrong(self, wanted):
        with self.world.database.read() as connection:
            return [(one.field, str(one)) for one in ruling.problems(connection, wanted)]

    def revision(self):
        with self.world.database.read() as connection:
            return connection.execute(select(Site.sync_revision).where(Site.id == self.world.site_id)).scalar_one()

    def events(self):
        with self.world.database.read() as connection:
            rows = connection.execute(select(Event.verb, Event.via, Event.facts).order_by(Event.id)).all()
        return [(row.verb, row.via, row.facts) for row in rows]


@pytest.fixture
def desk(world):
    return Desk(world)


class TestRules:
    def test_a_rule_is_stored_behind_the_others_and_told_as_it_was_said(self, desk):
        first = rule(category="7", named=("PLC-*", "5"))
        second = rule("groups", "one", parts_named=("A*",), name="All the As")
        desk.add(first, second)
        assert desk.now().rules == (first, second)
        assert desk.events() == [
            ("rule.added", "desk", {"about": "courses", "makes": "each"}),
            ("rule.added", "desk", {"about": "groups", "makes": "one"}),
        ]
        assert desk.revision() == 2

    def test_a_plan_made_before_a_rule_is_not_applied_any_more(self, desk, world):
        world.source.put("1", ann="active")
        came = world.plan("1")
        desk.add(rule())
        with pytest.raises(PlanIsOld):
            approve(world.database, came.run_id, world.clock, by="desk")
        assert world.approve(world.plan("1")).state == "done"

    def test_a_changed_rule_stays_in_its_place_and_keeps_its_community(self, desk):
        first, second = desk.add(rule(makes="one", name="Maths"), rule("cohorts"))
        other = replace(first, name="Mathematics", named=("M*",))
        desk.do(ruling.change_rule, other)
        assert desk.now().rules == (other, second)
        assert desk.events()[-1] == ("rule.changed", "desk", {"about": "courses", "makes": "one"})

    def test_the_same_once_more_changes_nothing(self, desk):
        (only,) = desk.add(rule())
        revision, events = desk.revision(), desk.events()
        desk.do(ruling.change_rule, only)
        desk.do(ruling.cover, "placed")
        desk.do(ruling.switch, AS_IT_IS)
        desk.do(ruling.move_rule, only.id, up=True)
        desk.do(ruling.move_rule, only.id, up=False)
        assert (desk.revision(), desk.events()) == (revision, events)

    def test_a_rule_moves_one_place_and_the_ends_are_ends(self, desk):
        one, two, three = desk.add(rule(), rule("groups"), rule("cohorts"))
        desk.do(ruling.move_rule, three.id, up=True)
        assert desk.now().rules == (one, three, two)
        assert desk.events()[-1] == ("rule.moved", "desk", {"number": 2})
        desk.do(ruling.move_rule, one.id, up=False)
        assert desk.now().rules == (three, one, two)
        desk.do(ruling.move_rule, three.id, up=True)
        assert desk.now().rules == (three, one, two)

    def test_a_removed_rule_leaves_its_community_and_who_is_in_it(self, desk, world):
        (only,) = desk.add(rule(makes="one", name="Everybody"))
        world.source.put("1", ann="active")
        world.sync()
        desk.do(ruling.remove_rule, only.id)
        assert desk.now().rules == ()
        assert world.members(only.id) == {"ann": "active"}
        world.source.put("1", ann="active", bo="active")
        world.sync()
        assert world.members(only.id) == {"ann": "active", "bo": "active"}
        assert ("rule.removed", "desk", {}) in desk.events()

    def test_a_rule_of_another_site_is_not_there(self, desk, new_world):
        (only,) = Desk(new_world()).add(rule())
        for verb in (ruling.remove_rule, ruling.change_rule):
            with pytest.raises(NotThere):
                desk.do(verb, only if verb is ruling.change_rule else only.id)
        with pytest.raises(NotThere):
            desk.do(ruling.move_rule, only.id, up=True)

    def test_a_site_that_is_not_there_has_no_rules(self, world):
        with world.database.read() as connection:
            assert ruling.decided(connection, NOWHERE) is None
        with world.database.write() as session, pytest.raises(NotThere):
            ruling.add_rule(session, NOWHERE, rule(), world.clock(), via="cli")

    def test_too_many_rules_are_refused_in_a_sentence(self, desk):
        desk.add(*(rule() for _ in range(MOST_RULES)))
        with pytest.raises(RuleProblem, match="at most 50 rules"):
            desk.add(rule())


class TestWhatIsWrongWithARule:
    @pytest.mark.parametrize(
        ("wanted", "field", "said"),
        [
            (rule("pupils"), "about", "Choose one of: courses, groups, groupings, cohorts."),
            (rule(makes="two"), "makes", "Choose one of: each, one, none."),
            (rule("cohorts", category="7"), "category", "Cohorts belong to no category"),
            (rule(category="7" * 256), "category", "at most 255"),
            (rule(category=""), "category", "at most 255"),
            (rule(parts_named=("A",)), "parts_named", "for rules about groups"),
            (rule(named=("A",) * (MOST_PATTERNS + 1)), "named", "At most 50 names"),
            (rule(named=("A" * 256,)), "named", "at most 255 characters"),
            (rule(named=("",)), "named", "at least one"),
            (rule("groups", parts_named=("a\x1bb",)), "parts_named", "cannot be shown"),
            (rule(category="a\udc80"), "category", "cannot be shown"),
            (rule(makes="one"), "name", "what the community of all together is called"),
            (rule(makes="one", name="A", community_id=NOWHERE), "name", "and not both"),
            (rule(makes="one", name="A" * 201), "name", "at most 200"),
            (rule(makes="one", name="A\x07"), "name", "cannot be shown"),
            (rule(makes="one", community_id=NOWHERE), "community", "no such community"),
            (rule(name="A"), "makes", "Only what is brought together"),
            (rule(makes="none", community_id=NOWHERE), "makes", "Only what is brought together"),
        ],
    )
    def test_it_is_said_where_and_what(self, desk, wanted, field, said):
        ((where, why),) = desk.wrong(wanted)
        assert (where, said in why) == (field, True)
        with pytest.raises(RuleProblem, match=r"\w"):
            desk.add(wanted)
        assert desk.now().rules == ()

    def test_everything_is_said_at_once(self, desk):
        found = desk.wrong(rule("cohorts", "one", category="7", named=("",)))
        assert [field for field, _ in found] == ["category", "named", "name"]

    def test_what_is_right_is_stored_also_with_a_community_of_another_site(self, desk, new_world):
        elsewhere = new_world().place("1")
        right = [
            rule("groupings", parts_named=("A" * 255,), named=("☃",) * MOST_PATTERNS, category="7"),
            rule("cohorts", "one", community_id=elsewhere),
            rule(makes="none"),
        ]
        assert [desk.wrong(one) for one in right] == [[], [], []]
        desk.add(*right)
        assert desk.now().rules == tuple(right)


class TestInPlainWords:
    @pytest.mark.parametrize(
        ("of", "said"),
        [
            (rule(), "Every course becomes a community of its own."),
            (rule(category="7"), "Every course in category “PLC” becomes a community of its own."),
            (rule(category="8"), "Every course in category 8 becomes a community of its own."),
            (rule(named=("A*", "B")), "Every course called A*, B becomes a community of its own."),
            (rule(category="7", named=("A",), makes="none"), "Every course in category “PLC” called A is left out"),
            (rule("groups"), "Every group of every course becomes a community of its own."),
            (
                rule("groups", named=("M 100%",), parts_named=("x",), makes="none"),
                "Every group of the courses called M 100% is left out of syncs. Of these only those called x.",
            ),
            (rule("groupings", category="7"), "Every grouping of the courses in category “PLC” becomes"),
            (rule("cohorts", "one", name="All"), "Every cohort brings its people into one community: “All”."),
            (rule("cohorts", named=("C",)), "Every cohort called C becomes a community of its own."),
            (
                rule(makes="one", community_id=NOWHERE),
                "Every course brings its people into a community there is: “Maths”.",
            ),
        ],
    )
    def test_a_rule_is_a_sentence(self, of, said):
        assert " ".join(sentences(of, {NOWHERE: "Maths"}, {"7": "PLC"})).startswith(said)

    @pytest.mark.parametrize("about", ["courses", "groups", "groupings", "cohorts"])
    @pytest.mark.parametrize("makes", ["each", "none"])
    def test_every_kind_of_rule_has_its_words(self, about, makes):
        for category in (None, *(["7"] if about != "cohorts" else [])):
            for named in ((), ("A",)):
                said = " ".join(sentences(rule(about, makes, category=category, named=named), {}))
                assert ("7" in said, "A" in said, "%" in said) == (category is not None, bool(named), False)

    def test_what_becomes_of_other_courses_is_the_last_line(self, desk, world):
        assert "no rule and no community yet" in ruling.others_sentence(desk.now())
        desk.add(rule(named=("A",)))
        assert "only those that have a community" in ruling.others_sentence(desk.now())
        desk.do(ruling.cover, "all")
        assert "Every other visible course" in ruling.others_sentence(desk.now())
        assert desk.events()[-1] == ("site.covered", "desk", {"covers": "all"})
        assert world.covers() == "all"

    def test_other_courses_are_one_thing_or_the_other(self, desk):
        with pytest.raises(RuleProblem, match="Choose one of: placed, all"):
            desk.do(ruling.cover, "some")


class TestSwitches:
    def test_they_are_kept_with_one_event(self, desk):
        to = Switches("ask", 30, "State register", ("messages", "cohorts"))
        desk.do(ruling.switch, to)
        now = desk.now()
        assert (now.syncs, now.sync_every, now.register) == ("ask", 30, "State register")
        assert now.writes == ("cohorts", "messages")
        ((verb, via, facts),) = desk.events()
        assert (verb, via) == ("site.switched", "desk")
        assert facts == {"syncs": "ask", "every": 30, "has_register": True, "writes": ["cohorts", "messages"]}

    def test_another_register_makes_older_plans_untrue_and_another_hour_does_not(self, desk):
        desk.do(ruling.switch, replace(AS_IT_IS, sync_every=5))
        assert desk.revision() == 0
        desk.do(ruling.switch, replace(AS_IT_IS, register="R"))
        assert desk.revision() == 1

    @pytest.mark.parametrize(
        ("to", "field"),
        [
            (replace(AS_IT_IS, syncs="now"), "syncs"),
            (replace(AS_IT_IS, sync_every=4), "sync_every"),
            (replace(AS_IT_IS, sync_every=10_081), "sync_every"),
            (replace(AS_IT_IS, register="R" * 81), "register"),
            (replace(AS_IT_IS, register="R\x00"), "register"),
            (replace(AS_IT_IS, writes=("grades",)), "writes"),
        ],
    )
    def test_what_cannot_be_is_refused(self, desk, to, field):
        with pytest.raises(RuleProblem) as caught:
            desk.do(ruling.switch, to)
        assert caught.value.field == field
        assert desk.events() == []
