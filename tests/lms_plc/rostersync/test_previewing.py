"""What a preview says the rules make is what a sync then makes; and it is bounded."""

import random

import pytest
from sqlalchemy import event, update

from connectors.errors import Unavailable
from lms_plc.core.ids import new_id
from lms_plc.core.policy import NotThere
from lms_plc.rostersync import previewing
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.previewing import MOST_NAMED, as_dict, preview, standing, words, words_about_others
from lms_plc.rostersync.rules import Rule
from lms_plc.sites.models import Site


def look(world, rules=None, **options):
    with world.database.read() as connection:
        now = standing(connection, world.site_id, rules)
    return preview(world.source, now, **options)


def named(comes):
    return {fed.name for fed in comes.fed}


def test_each_rule_tells_what_it_makes_and_what_exists(world):
    for course in ("1", "2", "3"):
        world.source.put_course(course, category="7")
    world.source.put_course("4")
    world.source.put_course("5", visible=False)
    world.source.put_category("7")
    world.place("2")
    world.rule(category="7", named=("C1", "C2"))
    world.rule(makes="none", named=("3",))
    seen = look(world)
    each, none = seen.rules
    assert (each.communities, each.new, each.rosters, each.people) == (2, 1, 2, None)
    assert {(fed.name, fed.is_new) for fed in each.fed} == {("Course 1", True), ("Course 2", False)}
    assert (none.rosters, none.left_out, none.communities) == (1, ("Course 3",), 0)
    assert (seen.others_kept, seen.others_new, seen.others_none, seen.hidden) == (0, 0, 1, 1)
    assert seen.named_none == ("Course 4",)
    assert seen.categories == {"7": "Category 7"}
    assert " ".join(words(each)) == "This rule makes these 2 communities; 1 of them is new."
    assert words(none) == ["Left out of syncs: 1 course."]
    assert "No rule is about 1 course; nothing happens to it." in words_about_others(seen)


def test_people_of_groups_and_cohorts_are_counted_once(world):
    world.source.put_course("1")
    world.source.put_group("1", "a", "p1", "p2")
    world.source.put_group("1", "b", "p2", "p3")
    world.source.put_grouping("1", "g", "a", "b")
    world.source.put_cohort("c", "p1", "p9")
    world.source.put_cohort("d", "p9")
    world.rule("groups")
    world.rule("groupings", "one", name="All of them")
    world.rule("cohorts", "one", name="Cohorts")
    groups, groupings, cohorts = look(world).rules
    assert (groups.communities, groups.people, named(groups)) == (2, 3, {"Course 1: Group a", "Course 1: Group b"})
    assert (groupings.communities, groupings.people, named(groupings)) == (1, 3, {"All of them"})
    assert (cohorts.rosters, cohorts.people, cohorts.new) == (2, 2, 1)
    assert " ".join(words(cohorts)) == (
        "The people of these come together in the new community “Cohorts”: 2 cohorts. People in them: 2."
    )


def test_courses_brought_together_keep_the_communities_they_have(world, new_world):
    elsewhere = new_world().place("9")
    for course in ("1", "2"):
        world.source.put_course(course)
    world.place("1")
    world.rule(makes="one", community_id=elsewhere)
    (comes,) = look(world).rules
    assert (comes.communities, comes.new, comes.rosters, comes.keep_own) == (1, 0, 2, 1)
    assert named(comes) == {"Course 9"}
    assert "1 of them has a community already, and keeps it too." in words(comes)


def test_an_empty_group_makes_no_community_yet(world):
    world.source.put_course("1")
    world.source.put_group("1", "a")
    world.rule("groups")
    (comes,) = look(world).rules
    assert (comes.rosters, comes.communities, comes.empty) == (1, 0, 1)
    assert words(comes) == ["1 that fits is empty; it becomes a community once somebody is in it."]


def test_a_rule_that_fits_nothing_says_so(world):
    world.source.put_course("1")
    world.rule()
    world.rule(named=("1",))
    first, second = look(world).rules
    assert (first.rosters, second.rosters) == (1, 0)
    assert "Nothing in the LMS fits" in words(second)[0]


def test_without_rules_every_visible_course_is_told_of(world):
    world.source.put_course("1")
    world.source.put_course("2", visible=False)
    seen = look(world)
    assert (seen.rules, seen.others_new, seen.named_new, seen.hidden) == ((), 1, ("Course 1",), 1)
    assert "1 other course becomes a community of its own." in words_about_others(seen)
    world.place("3")
    assert (look(world).others_new, look(world).others_none) == (0, 1)
    world.source.put_course("3")
    assert "1 other course has a community already and is synced." in words_about_others(look(world))


def test_a_rule_about_what_is_there_already_says_so(world):
    world.source.put_course("1")
    world.place("1")
    world.rule()
    (comes,) = look(world).rules
    assert words(comes) == ["This rule makes 1 community, which is there already."]


def test_a_rule_that_is_not_stored_can_be_looked_at_and_leaves_nothing_behind(world, writes):
    world.source.put_course("1")
    with writes() as written:
        (comes,) = look(world, [Rule(new_id(), "courses", "each")]).rules
    assert (comes.new, written) == (1, {})
    assert look(world).rules == ()


def test_nothing_is_read_of_ours_while_the_lms_is_asked(world):
    world.source.put_course("1")
    world.rule("groups")
    with world.database.read() as connection:
        now = standing(connection, world.site_id)
    sent = []

    def hear(*said):
        sent.append(said)

    for engine in world.database.engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        preview(world.source, now)
    finally:
        for engine in world.database.engines:
            event.remove(engine, "before_cursor_execute", hear)
    assert sent == []


def test_a_site_that_is_not_there_is_not_looked_at(world):
    with world.database.read() as connection, pytest.raises(NotThere):
        standing(connection, new_id())


def test_an_lms_that_fails_is_not_told_as_an_empty_one(world):
    world.source.listing_fails = True
    with pytest.raises(Unavailable):
        look(world)


def test_names_are_bounded_and_counts_are_of_all(world):
    for number in range(MOST_NAMED + 50):
        world.source.put_course(f"a{number}")
        world.source.put_course(f"b{number}")
        world.source.put_course(f"c{number}")
    world.rule(named=("a*",))
    world.rule(makes="none", named=("b*",))
    seen = look(world)
    each, none = seen.rules
    assert (each.communities, len(each.fed)) == (MOST_NAMED + 50, MOST_NAMED)
    assert (none.rosters, len(none.left_out)) == (MOST_NAMED + 50, MOST_NAMED)
    assert (seen.others_none, len(seen.named_none)) == (MOST_NAMED + 50, MOST_NAMED)


class Waiting:
    """A source and its time: every course and every look at groups takes as many seconds as it is told."""

    def __init__(self, world, monkeypatch, *, course=0.0, groups=0.0):
        self.now = 0.0
        monkeypatch.setattr(previewing.time, "monotonic", lambda: self.now)
        listed, asked = list(world.source.courses()), world.source.groups

        def courses():
            for one in listed:
                self.now += course
                yield one

        def groups_of(course_id):
            self.now += groups
            return asked(course_id)

        world.source.courses, world.source.groups = courses, groups_of


def four_courses_with_groups(world):
    for course in ("1", "2", "3", "4"):
        world.source.put_course(course)
        world.source.put_group(course, f"g{course}", "p")
        world.source.put_grouping(course, f"k{course}", f"g{course}")
    world.rule("groups")
    world.rule("groupings")


def test_groups_are_asked_for_as_long_as_patience_lasts_and_the_rest_is_said(world, monkeypatch):
    four_courses_with_groups(world)
    Waiting(world, monkeypatch, groups=10)
    seen = look(world, patience=15)
    assert (seen.rules[0].rosters, seen.rules[1].rosters, seen.unasked, seen.is_cut) == (2, 1, 3, False)
    assert "The groups of 3 courses were not looked at" in words_about_others(seen)[-1]
    assert look(world).unasked == 0


def test_courses_that_come_one_by_one_are_waited_for_as_long_as_patience_lasts(world, monkeypatch):
    four_courses_with_groups(world)
    Waiting(world, monkeypatch, course=10)
    seen = look(world, patience=15)
    assert (seen.courses, seen.is_cut) == (2, True)
    assert "Only 2 courses were looked at" in " ".join(words_about_others(seen))
    assert as_dict(seen)["more_courses_not_looked_at"] is True
    assert (look(world).courses, look(world).is_cut) == (4, False)


def test_a_long_answer_with_all_courses_is_not_cut(world, monkeypatch):
    four_courses_with_groups(world)
    waiting = Waiting(world, monkeypatch)
    given = world.source.courses

    def after_a_minute():
        waiting.now += 60
        yield from given()

    world.source.courses = after_a_minute
    seen = look(world, patience=15)
    assert (seen.courses, seen.is_cut, seen.unasked, seen.rules[0].rosters) == (4, False, 0, 4)


def test_it_can_be_told_to_a_program(world):
    world.source.put_course("1")
    rule = world.rule()
    told = as_dict(look(world))
    assert told["rules"] == [
        {
            "id": str(rule),
            "rosters": 1,
            "communities": 1,
            "new": 1,
            "keep_own": 0,
            "empty": 0,
            "people": None,
            "named": [{"name": "Course 1", "new": True, "rosters": 1, "people": None}],
            "left_out": [],
        }
    ]
    assert (told["courses"], told["hidden"], told["groups_not_looked_at"]) == (1, 0, 0)


NAMES = ("A*", "*1", "C2", "C?", "*x*")


def a_world_of_its_own(world, chance):
    """Courses, some placed or hidden, with groups; cohorts; rules as they come."""
    world.source.put_category("7")
    world.source.put_category("8", "7")
    for number in range(8):
        course = f"{chance.choice('Ax')}{number}"
        shown = chance.random() < 0.85
        world.source.put_course(course, visible=shown, category=chance.choice(("7", "8", None)))
        world.source.put(course, **{f"p{n}": "active" for n in range(3)})
        for group in range(chance.randrange(3)):
            world.source.put_group(course, f"{number}{group}", *chance.choice((("p0", "p1"), ())))
        if chance.random() < 0.3:
            world.source.put_grouping(course, f"k{number}", f"{number}0")
        if chance.random() < 0.3:
            world.place(course)
    for cohort in ("c1", "c2"):
        world.source.put_cohort(cohort, *chance.choice((("p0",), ())))
    for _ in range(chance.randrange(5)):
        about = chance.choice(("courses", "courses", "groups", "groupings", "cohorts"))
        makes = chance.choice(("each", "one", "none"))
        world.rule(
            about,
            makes,
            category=chance.choice((None, "7", "8")) if about != "cohorts" else None,
            named=tuple(chance.sample(NAMES, chance.randrange(3))),
            name="Together" if makes == "one" else None,
        )


@pytest.mark.parametrize("seed", range(25))
def test_what_it_says_is_new_is_what_a_sync_founds(world, seed):
    chance = random.Random(seed)
    a_world_of_its_own(world, chance)
    all_courses = chance.random() < 0.2
    if all_courses:
        with world.database.write() as session:
            session.execute(update(Site).where(Site.id == world.site_id).values(covers="all"))
    seen = look(world)
    before = set(world.communities().values())
    came = world.sync(allow_removals=True)
    assert came.state == "done"
    founded = {name: one for name, one in world.communities().items() if one not in before}
    new = [fed.name for comes in seen.rules for fed in comes.fed if fed.is_new]
    assert sorted({*new, *seen.named_new}) == sorted(founded)
    assert came.counts.get(Kind.FOUND_COMMUNITY, 0) == sum(comes.new for comes in seen.rules) + seen.others_new
    again = look(world)
    assert sum(comes.new for comes in again.rules) + again.others_new == 0
