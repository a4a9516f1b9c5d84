"""Whom the sites mean by their people: accounts, registers, names and posts."""

import pytest
from sqlalchemy import func, select

from lms_plc.people.models import Identity, Person
from lms_plc.rostersync.changes import Kind


def roster(world, course, *people):
    """The whole roster of a course: a subject and what its enrolment says."""
    world.source.put(course)
    for subject, said in people:
        world.source.enrol(course, subject, **said)


def persons(world):
    with world.database.read() as connection:
        return connection.execute(select(func.count()).select_from(Person)).scalar_one()


class TestTwoSitesWithOneRegister:
    @pytest.fixture
    def sites(self, new_world):
        """Ann is 4711 at the first, which has been synced."""
        first, second = new_world(), new_world()
        for world in (first, second):
            world.count_people_by("national")
        roster(first, "1", ("ann", {"number": "4711"}), ("ben", {"number": "4712"}))
        assert first.sync().state == "done"
        return first, second

    def test_know_somebody_of_the_same_number_as_one_person(self, sites):
        first, second = sites
        roster(second, "1", ("a-17", {"number": "4711"}), ("a-18", {"number": "4713"}))
        assert second.sync().counts == {"found_community": 1, "join": 2}
        assert second.person("a-17") == first.person("ann")
        assert persons(first) == 3
        assert second.changes(second.sync()) == []

    def test_find_the_member_who_is_there_already_instead_of_a_newcomer(self, sites):
        first, second = sites
        second.rule("courses", "one", community_id=first.community_of("1"))
        roster(second, "1", ("a-17", {"number": "4711"}))
        came = second.sync()
        assert came.counts == {"place_course": 1, "change_enrolment": 1}
        assert second.members(first.community_of("1")) == {"a-17": "active"}
        assert second.changes(second.sync()) == []

    def test_do_not_match_a_number_that_two_have_at_the_other(self, sites):
        first, second = sites
        roster(first, "2", ("cem", {"number": "4711"}))
        first.sync("C2")
        roster(second, "1", ("a-17", {"number": "4711"}))
        second.sync()
        assert second.person("a-17") not in (first.person("ann"), first.person("cem"))

    def test_do_not_match_a_number_given_twice_here(self, sites):
        first, second = sites
        roster(second, "1", ("a-17", {"number": "4711"}), ("a-18", {"number": "4711"}))
        second.sync()
        assert first.person("ann") not in (second.person("a-17"), second.person("a-18"))
        assert second.person("a-17") != second.person("a-18")
        assert second.changes(second.sync()) == []

    def test_do_not_match_a_number_given_twice_here_however_far_apart(self, sites):
        first, second = sites
        others = [(f"p{n}", {"number": f"n{n}"}) for n in range(650)]
        twice = {"number": "4711"}
        second.source.page_size = 300
        roster(second, "1", ("a-17", twice), *others, ("a-18", twice))
        second.sync()
        assert first.person("ann") not in (second.person("a-17"), second.person("a-18"))

    def test_do_not_match_a_number_that_somebody_known_here_has_too(self, sites):
        first, second = sites
        roster(second, "1", ("a-17", {}))
        second.sync()
        roster(second, "1", ("a-17", {"number": "4711"}))
        assert second.changes(second.sync()) == [(Kind.NOTE_PERSON, "a-17")]
        roster(second, "2", ("a-18", {"number": "4711"}))
        second.sync("C2")
        assert len({first.person("ann"), second.person("a-17"), second.person("a-18")}) == 3

    def test_do_not_match_whom_they_have_met_already(self, sites):
        first, second = sites
        roster(second, "1", ("a-17", {"number": "9"}))
        second.sync()
        stranger = second.person("a-17")
        roster(second, "1", ("a-17", {"number": "4711"}))
        assert second.changes(second.sync()) == [(Kind.NOTE_PERSON, "a-17")]
        assert second.person("a-17") == stranger != first.person("ann")

    def test_do_not_match_an_empty_number(self, sites):
        first, second = sites
        roster(first, "1", ("ann", {"number": ""}))
        first.sync()
        roster(second, "1", ("a-17", {"number": ""}))
        second.sync()
        assert second.person("a-17") != first.person("ann")

    def test_a_site_of_another_register_or_none_matches_nobody_and_keeps_no_number(self, sites, new_world):
        first, _ = sites
        for register in ("municipal", None):
            other = new_world()
            if register:
                other.count_people_by(register)
            roster(other, "1", ("a-17", {"number": "4711"}))
            other.sync()
            assert other.person("a-17") != first.person("ann")
            with other.database.read() as connection:
                number = connection.execute(
                    select(Identity.sourced_id).where(Identity.site_id == other.site_id)
                ).scalar_one()
            assert number == ("4711" if register else None)

    def test_people_known_before_the_register_was_named_get_their_numbers(self, new_world):
        first, second = new_world(), new_world()
        roster(first, "1", ("ann", {"number": "4711"}))
        first.sync()
        first.count_people_by("national")
        assert first.changes(first.sync()) == [(Kind.NOTE_PERSON, "ann")]
        assert first.changes(first.sync()) == []
        second.count_people_by("national")
        roster(second, "1", ("a-17", {"number": "4711"}))
        second.sync()
        assert second.person("a-17") == first.person("ann")

    def test_a_number_longer_than_any_register_has_is_no_number(self, sites):
        _, second = sites
        roster(second, "1", ("a-17", {"number": "9" * 256}), ("a-18", {"number": "9" * 255}))
        assert second.sync().state == "done"
        with second.database.read() as connection:
            numbers = connection.execute(
                select(Identity.subject, Identity.sourced_id).where(Identity.site_id == second.site_id)
            )
            assert {row.subject: row.sourced_id for row in numbers} == {"a-17": None, "a-18": "9" * 255}
        assert second.changes(second.sync()) == []


class TestTheNameOfSomebodyKnownAtTwoSites:
    @pytest.fixture
    def sites(self, new_world):
        """Both sites know one person, whom the first met first and calls Ann."""
        first, second = new_world(), new_world()
        for world in (first, second):
            world.count_people_by("national")
        roster(first, "1", ("ann", {"number": "4711", "name": "Ann"}))
        roster(second, "1", ("a-17", {"number": "4711", "name": "A. Other"}))
        first.sync()
        second.sync()
        return first, second

    def test_is_the_first_ones_and_does_not_change_to_and_fro(self, sites, writes):
        first, second = sites
        for world in (first, second, first, second):
            assert world.changes(world.sync()) == []
        assert first.names() == {"ann": "Ann"}
        assert second.names() == {"a-17": "Ann"}

    def test_stays_the_first_ones_when_they_join_something_new_at_the_second(self, sites):
        first, second = sites
        roster(second, "2", ("a-17", {"number": "4711", "name": "A. Other"}))
        roster(second, "3", ("a-17", {"number": "4711", "name": "A. Other", "suspended": True}))
        assert second.sync("C2", "C3").counts["join"] == 1
        assert first.names() == {"ann": "Ann"}
        assert first.changes(first.sync()) == []

    def test_changes_with_the_first_one_only(self, sites):
        first, second = sites
        roster(second, "1", ("a-17", {"number": "4711", "name": "Another"}))
        assert second.changes(second.sync()) == []
        roster(first, "1", ("ann", {"number": "4711", "name": "Ann Newly-Wed"}))
        assert first.changes(first.sync()) == [(Kind.RENAME_PERSON, "ann")]
        assert second.names() == {"a-17": "Ann Newly-Wed"}


class TestTwoAccountsOfOnePerson:
    @pytest.fixture
    def world(self, world):
        """Ann has a second account, of which nobody knew before a human joined the two."""
        world.source.put("0", ann="active")
        world.place("0")
        world.sync()
        world.source.put("0", ann="active", ann2="suspended")
        world.sync()
        world.join_accounts("ann", "ann2")
        return world

    def test_in_one_roster_are_one_member_the_active_account_counting(self, world):
        world.source.put("1", ann="suspended", ann2="active student")
        assert world.sync("C1").counts == {"found_community": 1, "join": 1}
        assert set(world.members("1").values()) == {"active"}
        assert world.changes(world.sync("C1")) == []
        world.source.put("1", ann="suspended", ann2="suspended")
        assert world.changes(world.sync("C1")) == [(Kind.PAUSE, "ann")]

    @pytest.mark.parametrize("gone", ["ann", "ann2"])
    def test_the_person_stays_while_either_is_in_the_roster(self, world, gone):
        world.source.put("1", ann="active", ann2="active", ben="active")
        world.sync("C1")
        both = {"ann": "active", "ann2": "active", "ben": "active"}
        world.source.put("1", **{subject: state for subject, state in both.items() if subject != gone})
        assert world.changes(world.sync_twice("C1")) == []
        assert set(world.members("1").values()) == {"active"}

    def test_the_person_rests_once_when_both_are_gone(self, world):
        world.source.put("1", ann="active", ann2="active", ben="active")
        world.sync("C1")
        world.source.put("1", ben="active")
        assert world.changes(world.sync("C1")) == [(Kind.MISSING, "ann")]
        world.wait(days=1)
        assert world.changes(world.sync("C1")) == [(Kind.REST, "ann")]
        assert world.enrolments("1")["ann"][0] == "gone"
        assert world.changes(world.sync("C1")) == []

    def test_in_two_courses_of_one_community_are_one_member(self, world):
        shared = world.place("1")
        world.place("2", shared)
        world.source.put("1", ann="active", ben="active")
        world.source.put("2", ann2="active", ben="active")
        came = world.sync("C1", "C2")
        assert sorted(world.changes(came)) == [
            (Kind.CHANGE_ENROLMENT, "ann2"),
            (Kind.CHANGE_ENROLMENT, "ben"),
            (Kind.JOIN, "ann"),
            (Kind.JOIN, "ben"),
        ]
        world.source.put("1", ben="active")
        assert Kind.REST not in dict(world.changes(world.sync_twice("C1", "C2")))
        world.source.put("2", ann2="suspended", ben="active")
        assert world.changes(world.sync("C1", "C2")) == [(Kind.PAUSE, "ann2")]

    def test_only_the_account_met_first_decides_the_name(self, world):
        roster(world, "0", ("ann", {"name": "Ann"}), ("ann2", {"name": "Ann (admin)"}))
        assert world.changes(world.sync()) == [(Kind.RENAME_PERSON, "ann")]
        roster(world, "0", ("ann2", {"name": "Ann (admin)"}))
        world.sync_twice()
        assert set(world.names().values()) == {"Ann"}


class TestPosts:
    def test_of_a_table_are_kept_and_counted_and_another_one_is_noted(self, world):
        roster(world, "1", ("ann", {"post": "teacher"}), ("ben", {"post": "leader"}), ("cem", {}))
        world.sync()
        assert world.posts() == {"ann": "teacher", "ben": "leader", "cem": None}
        roster(world, "1", ("ann", {"post": "leader"}), ("ben", {"post": "leader"}), ("cem", {"post": "other"}))
        assert sorted(world.changes(world.sync())) == [(Kind.NOTE_PERSON, "ann"), (Kind.NOTE_PERSON, "cem")]
        assert world.posts() == {"ann": "leader", "ben": "leader", "cem": "other"}
        assert world.changes(world.sync()) == []

    def test_of_an_unknown_kind_are_no_posts(self, world):
        roster(world, "1", ("ann", {"post": "the one who makes the coffee"}))
        assert world.sync().state == "done"
        assert world.posts() == {"ann": None}

    def test_stay_when_a_table_says_them_no_more(self, world):
        roster(world, "1", ("ann", {"post": "teacher"}))
        world.sync()
        roster(world, "1", ("ann", {}))
        assert world.changes(world.sync()) == []
        assert world.posts() == {"ann": "teacher"}

    def test_of_a_suspended_person_are_kept_too(self, world):
        roster(world, "1", ("ann", {"post": "teacher", "suspended": True}))
        world.sync()
        assert world.posts() == {"ann": "teacher"}

    def test_said_differently_by_two_sites_are_the_first_ones(self, new_world):
        first, second = new_world(), new_world()
        for world, post in ((first, "teacher"), (second, "leader")):
            world.count_people_by("national")
            roster(world, "1", ("ann", {"number": "4711", "post": post}))
            world.sync()
        for world in (first, second, first):
            assert world.changes(world.sync()) == []
        assert first.posts() == {"ann": "teacher"}

    def test_said_by_the_second_site_alone_are_kept(self, new_world):
        first, second = new_world(), new_world()
        for world, post in ((first, None), (second, "leader")):
            world.count_people_by("national")
            roster(world, "1", ("ann", {"number": "4711", "post": post}))
            world.sync()
        assert first.posts() == {"ann": "leader"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Ann 👩🏽‍🏫 O’Hara", "Ann 👩🏽‍🏫 O’Hara"),
        ("سارة \u202eيوسف\u202c", "سارة يوسف"),
        ("می‌خواهم", "می‌خواهم"),
        ("  Ann \t Other\n", "Ann Other"),
        ("\u200b\u2060", "#ann"),
        ("A\x00B\x07", "AB"),
        ("Ä" * 301, "Ä" * 300),
        ("👩‍🚀" * 150, ("👩‍🚀" * 150)[:300]),
        ("<b>Ann</b> & co", "<b>Ann</b> & co"),
        ("#ben", "#ben"),
    ],
)
def test_any_name_is_kept_as_one_line_that_can_be_seen_and_is_no_change_the_next_time(world, said, kept):
    roster(world, "1", ("ann", {"name": said}))
    world.sync()
    assert world.names() == {"ann": kept}
    assert world.changes(world.sync()) == []


def test_two_people_of_one_name_are_two_people(world):
    roster(world, "1", ("ann", {"name": "Ann Other"}), ("ann2", {"name": "Ann Other"}))
    world.sync()
    assert world.person("ann") != world.person("ann2")
    assert len(world.members("1")) == 2


@pytest.mark.parametrize("subject", ["", "s" * 256, "a\x00b"])
def test_an_id_that_no_lms_gives_is_a_bad_answer_that_changes_nothing(world, subject):
    roster(world, "1", ("ann", {}))
    world.sync()
    roster(world, "1", (subject, {}))
    came = world.sync()
    assert came.state == "failed"
    assert "[bad_id]" in came.message
    assert world.members("1") == {"ann": "active"}
    roster(world, "1", ("ann", {}), ("s" * 255, {}))
    assert world.sync().counts == {"join": 1}
