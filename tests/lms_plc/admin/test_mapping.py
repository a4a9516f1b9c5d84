"""The desk's pages about rules: what an operator reads, writes and looks at before it counts."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lms_plc.communities.models import Community
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.rostersync import ruling
from lms_plc.rostersync.rules import Rule
from lms_plc.rostersync.ruling import Decided
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Site

NOWHERE = "00000000-0000-7000-8000-000000000000"
TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
COURSES = "core_course_get_courses_by_field"
CATEGORIES = "core_course_get_categories"


def courses(count: int, *, category: int = 7) -> bytes:
    listed = [
        {"id": 5 + n, "shortname": f"PLC-{n}", "fullname": f"Circle {n}", "visible": 1, "categoryid": category}
        for n in range(count)
    ]
    return json.dumps({"courses": listed, "warnings": []}).encode()


@dataclass
class Desk:
    operator: Any
    house: House
    site_id: UUID

    @property
    def rules_page(self) -> str:
        return f"/admin/mapping/{self.site_id}"

    @property
    def new_page(self) -> str:
        return f"{self.rules_page}/new"

    def send(self, button: str = "", **form: str) -> TestResponse:
        """A form for a new rule, sent by the button of this name."""
        given = {"about": "courses", "makes": "each", **form, **({button: "yes"} if button else {})}
        return self.operator.post(self.new_page, given)

    def store(self, **wanted: Any) -> UUID:
        rule = Rule(**{"id": new_id(), "about": "courses", "makes": "each", **wanted})
        with self.house.database.write() as session:
            ruling.add_rule(session, self.site_id, rule, self.house.clock(), via="cli")
        return rule.id

    def now(self) -> Decided:
        with self.house.database.read() as connection:
            found = ruling.decided(connection, self.site_id)
        assert found is not None
        return found


@pytest.fixture
def desk(operator: Any, house: House, moodle: Any) -> Desk:
    """A Moodle with three courses in category 7, connected."""
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name="Highland",
            url="https://moodle.example.org",
            connector="moodle",
            token=TOKEN,
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="2",
            at=house.clock(),
        )
    moodle.answers[COURSES] = courses(3)
    return Desk(operator, house, site_id)


@pytest.fixture
def community(house: House, desk: Desk) -> UUID:
    """A community there is, called “Maths”."""
    community_id = new_id()
    with house.database.write() as session:
        session.add(Community(id=community_id, site_id=desk.site_id, name="Maths", created_at=house.clock()))
    return community_id


class TestTheList:
    def test_the_overview_leads_there(self, desk: Desk) -> None:
        page = desk.operator.get("/admin/").text
        for place in ("mapping", "connection", "switches"):
            assert f"/admin/{place}/{desk.site_id}" in page

    def test_before_there_is_a_rule_it_says_what_one_is_and_what_happens_without(self, desk: Desk, said: Any) -> None:
        words = said(desk.operator.get(desk.rules_page))
        assert "A rule says which courses, groups or cohorts" in words
        assert "every visible course would become one of its own" in words

    def test_rules_are_sentences_in_their_order(self, desk: Desk, said: Any) -> None:
        desk.store(named=("PLC-*",))
        desk.store(about="cohorts", makes="one", name="Leaders")
        words = said(desk.operator.get(desk.rules_page))
        first = words.index("Every course called PLC-* becomes a community of its own.")
        second = words.index("Every cohort brings its people into one community: “Leaders”.")
        assert first < second < words.index("Of all other courses only those that have a community are synced.")

    def test_the_lms_is_asked_only_when_somebody_wants_to_look(self, desk: Desk, moodle: Any) -> None:
        desk.store()
        desk.operator.get(desk.rules_page)
        assert moodle.tokens == []
        desk.operator.get(f"{desk.rules_page}?look=yes")
        assert moodle.tokens == [TOKEN]

    def test_a_look_says_what_each_rule_makes_and_leaves(self, desk: Desk, said: Any) -> None:
        desk.store(named=("PLC-0", "PLC-1"))
        page = desk.operator.get(f"{desk.rules_page}?look=yes")
        words = said(page)
        assert "This rule makes these 2 communities; all of them are new." in words
        assert "Circle 0 new" in words
        assert "No rule is about 1 course; nothing happens to it." in words
        assert TOKEN not in page.text

    def test_an_lms_in_trouble_is_told_with_what_to_do_and_the_rules_are_still_there(
        self, desk: Desk, moodle: Any, said: Any
    ) -> None:
        desk.store()
        moodle.answers[COURSES] = b'{"exception": "x", "errorcode": "invalidtoken", "message": "No"}'
        page = desk.operator.get(f"{desk.rules_page}?look=yes")
        assert page.status_code == 200
        assert "Moodle does not know this token, or it has expired. Make a new token" in said(page)
        assert "Every course becomes a community of its own." in said(page)

    def test_a_token_sealed_with_another_key_is_told(self, desk: Desk, house: House, said: Any) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(ws_token="sealed elsewhere"))
        assert "sealed with another PLC_SECRET_KEY" in said(desk.operator.get(f"{desk.rules_page}?look=yes"))

    def test_without_web_services_nothing_is_offered_to_look_at(self, operator: Any, school: Any, said: Any) -> None:
        page = operator.get(f"/admin/mapping/{school.site_id}")
        assert "No web services are connected" in said(page)
        assert "look=yes" not in page.text
        looked = operator.get(f"/admin/mapping/{school.site_id}?look=yes")
        assert "has no rosters connected" in said(looked)

    def test_a_site_that_is_not_there_is_not_there(self, desk: Desk) -> None:
        for path in (
            NOWHERE,
            f"{NOWHERE}/new",
            f"{desk.site_id}/rules/{NOWHERE}",
            f"{desk.site_id}/rules/{NOWHERE}/remove",
        ):
            assert desk.operator.get(f"/admin/mapping/{path}").status_code == 404
        for path in ("new", "others", f"rules/{NOWHERE}", f"rules/{NOWHERE}/move", f"rules/{NOWHERE}/remove"):
            form = {"about": "courses", "makes": "each", "covers": "all", "where": "up"}
            assert desk.operator.post(f"/admin/mapping/{NOWHERE}/{path}", form).status_code == 404
        for path in (f"rules/{NOWHERE}", f"rules/{NOWHERE}/move", f"rules/{NOWHERE}/remove"):
            form = {"about": "courses", "makes": "each", "where": "up"}
            assert desk.operator.post(f"{desk.rules_page}/{path}", form).status_code == 404

    def test_five_thousand_courses_are_told_in_two_hundred_names(self, desk: Desk, moodle: Any, said: Any) -> None:
        desk.store(named=("Circle*",))
        moodle.answers[COURSES] = courses(5000)
        page = desk.operator.get(f"{desk.rules_page}?look=yes")
        assert "makes these 5000 communities" in said(page)
        assert page.text.count("<bdi>Circle ") == 200
        assert "and 4,800 more" in said(page)

    def test_its_statements_do_not_grow_with_rules(self, desk: Desk, statements: list[str]) -> None:
        counts = []
        for _ in range(2):
            desk.store()
            desk.store(makes="one", name="A")
            desk.operator.get(desk.rules_page)
            statements.clear()
            desk.operator.get(desk.rules_page)
            counts.append(len([one for one in statements if one.startswith("SELECT")]))
        assert counts == [4, 4]


class TestWritingARule:
    def test_a_rule_is_stored_as_the_form_says(self, desk: Desk, events: Any) -> None:
        sent = desk.send(about="groups", named="PLC-*\r\n\r\n 5 ", category="7", parts_named="N*", makes="each")
        assert (sent.status_code, sent.location) == (303, f"{desk.rules_page}?done=rule-added")
        (rule,) = desk.now().rules
        assert (rule.about, rule.named, rule.category, rule.parts_named) == ("groups", ("PLC-*", "5"), "7", ("N*",))
        assert [(one.verb, one.via) for one in events("rule.added")] == [("rule.added", "desk")]
        assert "plans made before are not applied any more" in desk.operator.get(sent.location).text

    def test_what_it_would_make_is_shown_and_not_stored(self, desk: Desk, said: Any) -> None:
        page = desk.send("look", named="PLC-1")
        assert page.status_code == 200
        assert "What it would make Every course called PLC-1 becomes a community of its own." in said(page)
        assert "This rule makes 1 community, which is new." in said(page)
        assert "PLC-1</textarea>" in page.text
        assert desk.now().rules == ()

    def test_a_changed_rule_is_looked_at_in_its_place(self, desk: Desk, said: Any) -> None:
        first = desk.store(named=("PLC-1",))
        desk.store()
        page = desk.operator.post(
            f"{desk.rules_page}/rules/{first}", {"about": "courses", "makes": "each", "look": "yes"}
        )
        assert "This rule makes these 3 communities" in said(page)
        assert desk.now().rules[0].named == ("PLC-1",)

    def test_an_lms_in_trouble_keeps_the_form(self, desk: Desk, moodle: Any, said: Any) -> None:
        moodle.answers[COURSES] = b"<html>Down</html>"
        page = desk.send("look", named="PLC-1")
        assert "PLC-1</textarea>" in page.text
        assert "notice-danger" in page.text

    def test_the_categories_are_offered_by_name_and_the_form_keeps_its_text(self, desk: Desk, moodle: Any) -> None:
        listed = [{"id": n, "name": f"Faculty {n}", "parent": 0, "depth": 1, "path": f"/{n}"} for n in (8, 7)]
        moodle.answers[CATEGORIES] = json.dumps(listed).encode()
        page = desk.send("categories", named="PLC-1", category="7").text
        assert re.findall(r'<option value="(\w*)"', page) == ["", "7", "8"]
        assert '<option value="7" selected>Faculty 7 (7)</option>' in page
        assert "PLC-1</textarea>" in page
        other = desk.send("categories", category="99").text
        assert '<option value="99" selected>99</option>' in other

    def test_without_the_right_to_see_categories_their_id_can_still_be_typed(
        self, desk: Desk, moodle: Any, said: Any
    ) -> None:
        moodle.answers[CATEGORIES] = b'{"exception": "x", "errorcode": "accessexception", "message": "No"}'
        page = desk.send("categories", category="7")
        assert "may not call the function core_course_get_categories" in said(page)
        assert '<input type="text" id="f-category" name="category" value="7"' in page.text

    @pytest.mark.parametrize(
        ("form", "words"),
        [
            ({"about": ""}, "Please choose one of these."),
            ({"makes": "two"}, "Please choose one of these."),
            ({"makes": "one"}, "Say what the community of all together is called."),
            ({"makes": "into"}, "the exact name, or the ID"),
            ({"makes": "into", "community": "Nowhere"}, "There is no community of this name or ID."),
            ({"about": "cohorts", "category": "7"}, "Cohorts belong to no category"),
            ({"parts_named": "N"}, "for rules about groups or groupings"),
            ({"named": "\n".join("x" * 51)}, "At most 50 names"),
            ({"named": "x" * 256}, "at most 255 characters"),
            ({"category": "7" * 256}, "at most 255 characters"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field_and_the_text_stays(
        self, desk: Desk, said: Any, form: dict[str, str], words: str
    ) -> None:
        page = desk.send(**{"named": "A name to keep", **form})
        assert page.status_code == 422
        assert words in said(page)
        assert form.get("named", "A name to keep") in page.text
        assert 'aria-invalid="true"' in page.text or "-error" in page.text
        assert desk.now().rules == ()

    def test_a_community_is_found_by_its_name_or_its_id(self, desk: Desk, community: UUID) -> None:
        for asked in ("Maths", str(community)):
            assert desk.send(makes="into", community=asked, name="left over").status_code == 303
        assert {(rule.community_id, rule.name) for rule in desk.now().rules} == {(community, None)}

    def test_of_several_communities_of_one_name_the_ids_are_told(
        self, desk: Desk, community: UUID, house: House, said: Any
    ) -> None:
        with house.database.write() as session:
            session.add(Community(id=new_id(), site_id=desk.site_id, name="Maths", created_at=house.clock()))
        page = desk.send(makes="into", community="Maths")
        assert page.status_code == 422
        assert str(community) in said(page)

    def test_too_many_rules_are_said_on_the_form(self, desk: Desk, said: Any) -> None:
        for _ in range(ruling.MOST_RULES):
            desk.store()
        page = desk.send(named="One more")
        assert (page.status_code, "at most 50 rules" in said(page)) == (422, True)
        assert "One more</textarea>" in page.text

    def test_a_name_cannot_become_markup(self, desk: Desk, moodle: Any) -> None:
        moodle.answers[COURSES] = courses(1).replace(b"Circle 0", b"&lt;script&gt;alert(1)&lt;/script&gt;")
        desk.send(named="<b>*", makes="one", name="<i>All</i>")
        desk.store()
        page = desk.operator.get(f"{desk.rules_page}?look=yes").text
        assert "&lt;script&gt;alert(1)" in page
        for markup in ("<b>*", "<i>All", "<script>alert"):
            assert markup not in page


class TestARuleThereIs:
    def test_its_form_holds_what_is_stored_and_the_same_again_changes_nothing(
        self, desk: Desk, community: UUID, events: Any
    ) -> None:
        stored = desk.store(about="groups", makes="one", community_id=community, named=("A", "B"), category="7")
        page = desk.operator.get(f"{desk.rules_page}/rules/{stored}").text
        assert "A\nB</textarea>" in page
        assert f'value="{community}"' in page
        assert 'value="into" checked' in page
        form = {"about": "groups", "makes": "into", "community": str(community), "named": "A\r\nB", "category": "7"}
        sent = desk.operator.post(f"{desk.rules_page}/rules/{stored}", form)
        assert (sent.status_code, len(events("rule.changed"))) == (303, 0)
        assert desk.operator.post(f"{desk.rules_page}/rules/{stored}", {**form, "named": "C"}).status_code == 303
        (rule,) = desk.now().rules
        assert (rule.id, rule.named) == (stored, ("C",))
        assert len(events("rule.changed")) == 1

    def test_it_moves_by_a_button(self, desk: Desk) -> None:
        one, two = desk.store(), desk.store()
        sent = desk.operator.post(f"{desk.rules_page}/rules/{two}/move", {"where": "up"})
        assert sent.status_code == 303
        assert [rule.id for rule in desk.now().rules] == [two, one]
        assert desk.operator.post(f"{desk.rules_page}/rules/{two}/move", {"where": "sideways"}).status_code == 422
        assert [rule.id for rule in desk.now().rules] == [two, one]

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            ({}, "Courses that have a community by now are still synced."),
            ({"about": "cohorts"}, "It brings nobody to their communities any more"),
            ({"makes": "none"}, "What it left out goes by the other rules again."),
            ({"makes": "one", "name": "All"}, "The same rule added again would found another community."),
        ],
    )
    def test_before_it_is_removed_it_says_what_that_means(
        self, desk: Desk, said: Any, wanted: dict[str, str], words: str
    ) -> None:
        stored = desk.store(**wanted)
        assert words in said(desk.operator.get(f"{desk.rules_page}/rules/{stored}/remove"))
        assert len(desk.now().rules) == 1
        sent = desk.operator.post(f"{desk.rules_page}/rules/{stored}/remove")
        assert sent.location == f"{desk.rules_page}?done=rule-removed"
        assert desk.now().rules == ()


class TestOtherCourses:
    def test_they_are_decided_about(self, desk: Desk, stored: Any, said: Any) -> None:
        sent = desk.operator.post(f"{desk.rules_page}/others", {"covers": "all"})
        assert (sent.status_code, stored(select(Site.covers))[0].covers) == (303, "all")
        assert "Every other visible course becomes a community of its own." in said(desk.operator.get(desk.rules_page))

    def test_nothing_else_is_taken(self, desk: Desk, stored: Any) -> None:
        assert desk.operator.post(f"{desk.rules_page}/others", {"covers": "some"}).status_code == 422
        assert stored(select(Site.covers))[0].covers == "placed"
