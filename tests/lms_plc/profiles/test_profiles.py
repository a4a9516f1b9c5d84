"""What does somebody say of themselves, who reads it, and who finds whom in the directory?"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.core.things import shown
from lms_plc.people.models import Person, PersonSubject, Profile, School
from lms_plc.people.registry import meet

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"

FORM = {
    "school": "OU Goce Delčev",
    "subjects": ["mathematics", "physics"],
    "languages": ["mk", "sq"],
    "post_type": "leader",
    "about": "I like *maps*.",
}


def write(who: Any, **more: Any) -> Any:
    return who.post("/me", {**FORM, **more})


class TestWriting:
    def test_what_is_written_is_shown_to_colleagues_and_stands_in_the_form(self, circle: Any, said: Any) -> None:
        assert write(circle.member, school_2="Second School").status_code == 303
        page = circle.facilitator.get(f"/people/{circle.person('2')}")
        for words in ("OU Goce Delčev", "Second School", "Mathematics and Physics", "Македонски", "School leader"):
            assert words in said(page)
        assert "I like <em>maps</em>." in page.text
        assert "Maths circle" in said(page)
        form = circle.member.get("/me").text
        assert 'value="OU Goce Delčev"' in form
        assert len(re.findall(r'value="(?:mathematics|physics|mk|sq|leader)" (?:checked|selected)', form)) == 5
        assert "Saved." in circle.member.get("/me?kept=yes").text

    def test_a_second_writing_replaces_the_first_and_each_is_one_event(
        self, circle: Any, stored: Any, events: Any
    ) -> None:
        write(circle.member)
        write(circle.member, school="", subjects=["music"], languages=[], about="", may_be_found="yes")
        assert stored(select(PersonSubject.subject)) == [("music",)]
        assert stored(select(Profile.about, Profile.may_be_found)) == [("", True)]
        told = events("profile.written")
        assert [event.facts for event in told] == [{"may_be_found": False}, {"may_be_found": True}]
        assert {event.actor_id for event in told} == {circle.person("2")}

    def test_one_school_is_one_however_it_is_spelt_and_is_offered_to_others(self, circle: Any, stored: Any) -> None:
        write(circle.member, school="  OU  Goce Delčev ", school_2="ou goce delcev", school_3="...")
        write(circle.facilitator, school="ОУ Гоце Делчев")
        assert stored(select(School.name)) == [("OU Goce Delčev",)]
        assert '<option value="OU Goce Delčev">' in circle.facilitator.get("/me").text
        write(circle.member, school="")
        write(circle.facilitator, school="")
        assert "<option value=" not in circle.member.get("/me").text.partition("<datalist")[2].partition("</datal")[0]

    def test_keys_that_are_none_are_left_out(self, circle: Any, stored: Any) -> None:
        assert write(circle.member, subjects=["alchemy", "art", "art"], post_type="king").status_code == 303
        assert stored(select(PersonSubject.subject)) == [("art",)]
        assert stored(select(Profile.post_type)) == [(None,)]

    def test_what_is_too_long_is_said_at_its_field_and_kept(self, circle: Any, stored: Any) -> None:
        again = write(circle.member, about="x" * 2001, school="y" * 201)
        assert again.status_code == 422
        for text in ("x" * 2001, "y" * 201, 'href="#f-about"', 'href="#f-school"', 'id="f-school-error"'):
            assert text in again.text
        assert 'value="mathematics" checked' in again.text
        assert stored(select(Profile.about)) == []

    def test_ones_own_word_for_the_post_stands_beside_the_registers(
        self, circle: Any, house: Any, stored: Any, said: Any
    ) -> None:
        me = circle.person("2")
        with house.database.write() as session:
            session.execute(update(Person).where(Person.id == me).values(post_type="teacher"))
        assert "Teacher" in said(circle.facilitator.get(f"/people/{me}"))
        write(circle.member, post_type="teacher")
        assert stored(select(Profile.post_type)) == [(None,)], "what the register says goes on to count"
        write(circle.member, post_type="teacher_educator")
        assert "Teacher educator" in said(circle.facilitator.get(f"/people/{me}"))
        assert stored(select(Person.post_type).where(Person.id == me)) == [("teacher",)]


class TestWhoReadsIt:
    def test_whoever_shares_a_community_and_nobody_else(self, circle: Any, house: Any, clock: Any) -> None:
        write(circle.member)
        page = f"/people/{circle.person('2')}"
        neighbour = circle.joined("31", course="9", roles=[INSTRUCTOR])
        neighbour.post(neighbour.launch("31", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
        admin = circle.joined("32", roles=[ADMINISTRATOR], course="10")
        mentor = circle.joined("33", course="11")
        circle.give_role("33", Role.MENTOR, until=clock() + timedelta(hours=1))
        left = circle.joined("34")
        readers = {"facilitator": circle.facilitator, "mentor": mentor, "left": left, "self": circle.member}
        assert {name: who.get(page).status_code for name, who in readers.items()} == dict.fromkeys(readers, 200)
        for stranger in (neighbour, admin):
            there, nowhere = stranger.get(page), stranger.get(f"/people/{uuid4()}")
            assert (there.status_code, nowhere.status_code) == (404, 404)
            assert there.text.split("reference")[0] == nowhere.text.split("reference")[0]
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("34")], Because(clock(), "sync"))
        clock.move(hours=1)
        for gone, subject in ((left, "34"), (mentor, "33")):
            assert gone.get(page).status_code == 404
            assert circle.facilitator.get(f"/people/{circle.person(subject)}").status_code == 404
        with house.database.write() as session:
            pause(session, circle.site_id, circle.id, [circle.person("1")], Because(clock(), "sync"))
        assert circle.facilitator.get(page).status_code == 404

    def test_a_profile_is_a_thing_to_its_readers_alone(self, circle: Any, house: Any, clock: Any) -> None:
        circle.joined("31", course="9")
        thing = Reference("person", circle.person("2"))
        for subject, seen in (("1", ["Person 2"]), ("31", [])):
            with house.database.read() as connection:
                found = shown(connection, Actor(circle.person(subject), circle.site_id, "", clock()), [thing])
            assert [one.title for one in found.values()] == seen

    def test_an_empty_profile_says_so_and_ones_own_says_who_sees_it(self, circle: Any, said: Any) -> None:
        me = f"/people/{circle.person('2')}"
        assert "Person 2 has not written anything here yet." in said(circle.facilitator.get(me))
        assert "Who shares a community with you sees this page" in said(circle.member.get(me))
        assert "Write a message" not in said(circle.member.get(me))
        assert "Write a message" in said(circle.facilitator.get(me))


class TestTheDirectory:
    @pytest.fixture
    def peopled(self, circle: Any, house: Any, clock: Any) -> Any:
        with house.database.write() as session:
            names = {"40": "Đorđe Šećerov", "41": "Елена Стојаноска", "42": "Zoë Brânză"}
            met = meet(session, circle.site_id, names, clock())
            bring_in(session, circle.site_id, circle.id, list(met.values()), Because(clock(), "sync"))
        write(circle.member, subjects=["music"], school="ОУ „Гоце Делчев“ Велес")
        write(circle.joined("43", name="Other Musician"), subjects=["music"], school="Elsewhere")
        return circle

    def test_people_are_found_by_name_school_and_subject_in_any_script(self, peopled: Any) -> None:
        asked_for: list[tuple[dict[str, str], list[str]]] = [
            ({"words": "djordje secerov"}, ["Đorđe Šećerov"]),
            ({"words": "stojan"}, ["Елена Стојаноска"]),
            ({"words": "ZOE"}, ["Zoë Brânză"]),
            ({"words": "goce veles"}, ["Person 2"]),
            ({"subject": "music"}, ["Person 2", "Other Musician"]),
            ({"subject": "music", "words": "other"}, ["Other Musician"]),
            ({"subject": "chemistry"}, []),
            ({"words": "nobody like that"}, []),
            ({"subject": "alchemy", "words": "\x00zoe"}, ["Zoë Brânză"]),
        ]
        for asked, names in asked_for:
            page = peopled.facilitator.get(f"{peopled.home}/members?{urlencode(asked)}")
            rows = page.text.partition('<ul class="rows">')[2].partition("</ul>")[0]
            assert re.findall(r"<bdi>([^<]+)</bdi></a>", rows) == names, asked
            assert ("Nobody here fits" in page.text) is (names == [])

    def test_a_row_says_what_there_is_to_know_and_leads_to_the_profile(self, peopled: Any, said: Any) -> None:
        peopled.give_role("2", Role.TEACHER_LEADER)
        page = peopled.facilitator.get(f"{peopled.home}/members?words=goce")
        for words in ("Person 2", "Teacher leader", "School leader", "Music", "ОУ „Гоце Делчев“ Велес"):
            assert words in said(page)
        assert f"/people/{peopled.person('2')}" in page.text

    def test_what_was_asked_for_is_kept_from_page_to_page(self, circle: Any, house: Any, clock: Any) -> None:
        with house.database.write() as session:
            met = meet(session, circle.site_id, {f"m{n}": f"Found {n:03}" for n in range(70)}, clock())
            bring_in(session, circle.site_id, circle.id, list(met.values()), Because(clock(), "sync"))
        first = circle.member.get(f"{circle.home}/members?words=found").text
        way_on = re.search(r'rel="next" href="/s/[^/]+([^"]+)"', first)
        assert way_on is not None
        second = circle.member.get(way_on[1].replace("&amp;", "&")).text
        seen = re.findall(r"Found \d{3}", first + second)
        assert (len(seen), len(set(seen))) == (70, 70)
        assert 'rel="next"' not in second

    @pytest.mark.parametrize("many", [1, 60])
    def test_it_costs_the_same_however_many_are_in_it(
        self, circle: Any, house: Any, clock: Any, statements: list[str], many: int
    ) -> None:
        with house.database.write() as session:
            met = meet(session, circle.site_id, {f"m{n}": f"Member {n:03}" for n in range(many)}, clock())
            bring_in(session, circle.site_id, circle.id, list(met.values()), Because(clock(), "sync"))
        write(circle.member)
        for path, most in ((f"{circle.home}/members?words=member", 6), (f"/people/{circle.person('2')}", 4)):
            statements.clear()
            assert circle.facilitator.get(path).status_code == 200
            assert len(statements) == most


class TestBlocking:
    def test_one_press_and_one_press_back_and_nobody_is_told(self, circle: Any, events: Any, said: Any) -> None:
        them = f"/people/{circle.person('1')}"
        mine = f"/people/{circle.person('2')}"
        before = said(circle.facilitator.get(mine))
        assert circle.member.post(f"{them}/block").status_code == 303
        assert circle.member.post(f"{them}/block").status_code == 303
        assert "You have blocked Person 1" in said(circle.member.get(them))
        assert "Person 1" in said(circle.member.get("/me"))
        assert said(circle.facilitator.get(mine)) == before, "the blocked one sees no difference"
        assert "blocked" not in said(circle.facilitator.get("/kept"))
        assert "People you blocked" in said(circle.member.get("/kept"))
        assert circle.member.post(f"{them}/unblock").location.endswith(them)
        assert circle.member.post(f"{them}/unblock").status_code == 404
        assert "You have blocked" not in said(circle.member.get(them))
        told = events("person.blocked", "person.unblocked")
        assert [(one.verb, one.thing_id, one.facts) for one in told] == [
            ("person.blocked", circle.person("2"), {}),
            ("person.unblocked", circle.person("2"), {}),
        ], "the log does not say whom"

    def test_it_can_be_undone_when_one_shares_nothing_any_more(self, circle: Any, house: Any, clock: Any) -> None:
        them = f"/people/{circle.person('1')}"
        circle.member.post(f"{them}/block")
        with house.database.write() as session:
            end(session, circle.site_id, circle.id, [circle.person("1")], Because(clock(), "sync"))
        assert circle.member.get(them).status_code == 404
        assert circle.member.post(f"{them}/unblock").location.endswith("/me")

    def test_nobody_blocks_themselves_or_a_stranger(self, circle: Any) -> None:
        circle.joined("31", course="9")
        assert circle.member.post(f"/people/{circle.person('2')}/block").status_code == 403
        assert circle.member.post(f"/people/{circle.person('31')}/block").status_code == 404


def test_rights_follow_from_roles_and_not_from_posts(circle: Any, house: Any) -> None:
    """S0-6: a newly qualified teacher and a principal, both plain members, see the same buttons on every page."""
    principal = circle.joined("51", name="Same Name")
    novice = circle.joined("52", name="Same Name")
    write(principal, post_type="leader")
    write(novice, post_type="teacher")
    topic = circle.start(circle.facilitator)

    def offered(who: Any, path: str) -> list[str]:
        page = who.get(path).text.replace(who.seat, "SEAT")
        found = re.findall(r'<(?:a|button|form|input|select|textarea)\b[^>]*(?:href|action|name)="([^"]*)"[^>]*>', page)
        return [one for one in found if str(circle.person("51")) not in one and str(circle.person("52")) not in one]

    for path in (
        circle.home,
        f"{circle.home}/members",
        f"{circle.home}/topics",
        f"/topics/{topic}",
        "/me",
        "/messages",
    ):
        principal.get(path)
        novice.get(path)
        assert offered(principal, path) == offered(novice, path), path
        assert offered(novice, path) != []
