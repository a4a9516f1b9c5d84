"""What does a community show of itself, who is in it, and what did it promise itself?"""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from lms_plc.communities.memberships import Because, bring_in, end, pause
from lms_plc.communities.models import Community, Membership
from lms_plc.communities.queries import mine
from lms_plc.core.policy import Actor, Role


def save(who: Any, circle: Any, charter: str, based_on: object) -> Any:
    return who.post(f"{circle.home}/charter/edit", {"charter": charter, "based_on": str(based_on)})


class TestTheCharter:
    def test_any_member_writes_it_and_it_is_shown(self, circle: Any, stored: Any, events: Any) -> None:
        assert "Nothing is agreed in writing yet" in circle.member.get(f"{circle.home}/charter").text
        assert "Nobody has written down yet" in circle.member.get(circle.home).text
        assert save(circle.member, circle, "We **listen**.", 0).status_code == 303
        page = circle.facilitator.get(f"{circle.home}/charter").text
        assert "We <strong>listen</strong>." in page
        assert "Nobody has written down yet" not in circle.member.get(circle.home).text
        assert events("charter.written")[0].facts == {"version": 1}
        assert "We **listen**." in circle.member.get(f"{circle.home}/charter/edit").text

    def test_who_wrote_on_an_old_version_sees_both_texts_and_overwrites_nothing(
        self, circle: Any, stored: Any, events: Any
    ) -> None:
        save(circle.facilitator, circle, "Theirs *stands*.", 0)
        late = save(circle.member, circle, "Mine came later.", 0)
        assert late.status_code == 409
        assert "Mine came later.</textarea>" in late.text
        assert "Theirs <em>stands</em>." in late.text
        assert stored(select(Community.charter, Community.charter_version))[0] == ("Theirs *stands*.", 1)
        assert len(events("charter.written")) == 1
        based_on = re.search(r'name="based_on" value="(\d+)"', late.text)
        assert based_on is not None
        assert save(circle.member, circle, "Both, together.", based_on[1]).status_code == 303
        assert stored(select(Community.charter_version))[0][0] == 2

    @pytest.mark.parametrize("based_on", ["", "-1", "x", str(2**31), str(10**40)])
    def test_a_version_that_is_none_is_refused_and_the_text_kept(self, circle: Any, stored: Any, based_on: str) -> None:
        refused = save(circle.member, circle, "My words", based_on)
        assert refused.status_code == 422
        assert "My words</textarea>" in refused.text
        assert stored(select(Community.charter_version))[0][0] == 0

    def test_one_too_long_is_refused_and_kept(self, circle: Any) -> None:
        refused = save(circle.member, circle, "x" * 20_001, 0)
        assert refused.status_code == 422
        assert "x" * 20_001 in refused.text


class TestMembers:
    def test_the_page_tells_who_rests_and_who_was_never_here(
        self, circle: Any, house: Any, said: Any, clock: Any
    ) -> None:
        from lms_plc.people.registry import meet

        circle.joined("3")
        because = Because(clock(), "sync")
        with house.database.write() as session:
            absent = meet(session, circle.site_id, {"4": "Never Here"}, clock())["4"]
            bring_in(session, circle.site_id, circle.id, [absent], because)
            pause(session, circle.site_id, circle.id, [circle.person("3")], because)
        page = said(circle.member.get(f"{circle.home}/members"))
        assert page.count("has not been here yet") == 1
        assert page.index("Never Here") < page.index("has not been here yet")
        assert "resting: the enrolment is suspended" in page
        assert "3 members." in page
        assert "resting" in said(circle.member.get(circle.home))

    def test_a_hundred_and_twenty_members_stand_on_three_pages(self, circle: Any, house: Any, clock: Any) -> None:
        from lms_plc.people.registry import meet

        with house.database.write() as session:
            met = meet(session, circle.site_id, {f"m{n}": f"Member {n:03}" for n in range(118)}, clock())
            bring_in(session, circle.site_id, circle.id, list(met.values()), Because(clock(), "sync"))
        seen: list[str] = []
        path, pages = f"{circle.home}/members", 0
        while path and pages < 5:
            page = circle.member.get(path).text
            seen += re.findall(r"Member \d{3}", page)
            way_on = re.search(r'href="/s/[^/]+([^"]+after=[^"]+)"', page)
            path, pages = (unescape(way_on[1]) if way_on else ""), pages + 1
        assert pages == 3
        assert sorted(seen) == [f"Member {n:03}" for n in range(118)]

    def test_who_leads_is_named_with_their_role_until_its_date(self, circle: Any, clock: Any, said: Any) -> None:
        circle.joined("3", name="Mira Mentor", course="88")
        circle.give_role("3", Role.MENTOR, until=clock() + timedelta(days=1))
        circle.give_role("2", Role.TEACHER_LEADER)
        page = said(circle.member.get(f"{circle.home}/members"))
        for words in ("Mira Mentor", "Mentor", "Facilitator", "Teacher leader"):
            assert words in page
        assert "Mira Mentor" in said(circle.member.get(circle.home))
        clock.move(days=1)
        circle.member.launch("2")
        assert "Mira Mentor" not in said(circle.member.get(f"{circle.home}/members"))

    def test_a_role_given_again_has_one_new_date(self, circle: Any, clock: Any, house: Any) -> None:
        mentor = circle.joined("3", course="88")
        circle.give_role("3", Role.MENTOR)
        clock.move(minutes=1)
        circle.give_role("3", Role.MENTOR, until=clock() + timedelta(minutes=5))
        circle.give_role("3", Role.MENTOR, until=clock() + timedelta(minutes=2))
        assert mentor.get(circle.home).status_code == 200
        clock.move(minutes=2)
        assert mentor.get(circle.home).status_code == 404

    def test_each_change_is_one_event_and_a_second_time_none(
        self, circle: Any, house: Any, clock: Any, events: Any, stored: Any
    ) -> None:
        because, people = Because(clock(), "sync", reason="suspended"), [circle.person("2")]
        for change, counts in ((pause, [1, 0]), (bring_in, [1, 0]), (end, [1, 0]), (pause, [0, 0]), (bring_in, [1, 0])):
            for count in counts:
                with house.database.write() as session:
                    assert change(session, circle.site_id, circle.id, people, because) == count
        told = [event.verb for event in events() if event.thing_kind == "membership" and event.via == "sync"]
        assert told == ["membership.paused", "membership.resumed", "membership.ended", "membership.resumed"]
        row = stored(select(Membership.__table__).where(Membership.person_id == people[0]))[0]
        assert (row.state, row.left_at, row.reason) == ("active", None, None)


class TestMine:
    def test_one_community_is_gone_into_at_once(self, circle: Any, said: Any) -> None:
        assert circle.member.get("/").location.endswith(circle.home)
        assert "in no community yet" in said(circle.joined("3", course="70").get("/"))

    def test_several_are_listed_the_newest_first_page_by_page(
        self, circle: Any, house: Any, clock: Any, said: Any
    ) -> None:
        from lms_plc.communities.founding import found_community
        from lms_plc.core.ids import new_id
        from lms_plc.sites.models import Course

        person = circle.person("2")
        for number in range(34):
            with house.database.write() as session:
                course = new_id()
                row = Course(id=course, site_id=circle.site_id, lms_id=f"c{number}", title="C", created_at=clock())
                session.add(row)
                session.flush()
                name = f"Circle {number:02}"
                made = found_community(
                    session, site_id=circle.site_id, course_id=course, name=name, at=clock(), via="sync"
                )
                bring_in(session, circle.site_id, made, [person], Because(clock(), "sync"))
        first = circle.member.get("/")
        names = re.findall(r"Circle \d\d", said(first))
        way_on = re.search(r'href="/s/[^/]+(/\?after=[^"]+)"', first.text)
        assert way_on is not None
        second = said(circle.member.get(way_on[1]))
        names += re.findall(r"Circle \d\d", second)
        assert names == [f"Circle {number:02}" for number in reversed(range(34))]
        assert "Maths circle" in second

    def test_where_one_rests_is_not_listed_even_for_a_mentor(self, circle: Any, house: Any, clock: Any) -> None:
        circle.give_role("2", Role.MENTOR)
        who = Actor(circle.person("2"), circle.site_id, "", clock())
        with house.database.read() as connection:
            assert [one.id for one in mine(connection, who).items] == [circle.id]
        with house.database.write() as session:
            session.execute(update(Membership).where(Membership.person_id == who.person_id).values(state="paused"))
        with house.database.read() as connection:
            assert mine(connection, who).items == []
        assert "Person" not in repr(who)
