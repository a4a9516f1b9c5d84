"""Is it said of every part of a connection whether it works and how to mend it, and is a token never shown?"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from connectors.moodle.needs import CAPABILITIES, NEEDS, REQUIRED_FUNCTIONS
from lms_plc.house import House
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Site

TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
NEW_TOKEN = "0123456789abcdef0123456789abcdef"
SITE_INFO = "core_webservice_get_site_info"
COURSES = "core_course_get_courses_by_field"
NOT_OFFERED = b'{"exception": "x", "errorcode": "accessexception", "message": "No"}'
FORBIDDEN = b'{"exception": "x", "errorcode": "nopermissions", "message": "No"}'
UNKNOWN = b'{"exception": "x", "errorcode": "invalidrecord", "message": "external_functions"}'


def connected(house: House, connector: str, url: str, token: str | None) -> UUID:
    with house.database.write() as session:
        return connect_site(
            session,
            name="Highland",
            url=url,
            connector=connector,
            token=token,
            seal=house.seal,
            title="Highland",
            release="1",
            ws_user="2",
            at=house.clock(),
        )


@pytest.fixture
def site(house: House, moodle: Any) -> UUID:
    """A Moodle with a visible and a hidden course, whose token may do everything."""
    functions = [{"name": name} for name in NEEDS]
    info = {"sitename": "Highland", "siteurl": "https://moodle.example.org", "userid": 2, "functions": functions}
    listed = [
        {"id": 5, "shortname": "A", "fullname": "Circle A", "visible": 1},
        {"id": 6, "shortname": "B", "fullname": "Circle B", "visible": 0},
    ]
    moodle.answers |= {
        SITE_INFO: json.dumps({**info, "release": "4.5"}).encode(),
        COURSES: json.dumps({"courses": listed, "warnings": []}).encode(),
        "core_enrol_get_enrolled_users": b"[]",
        "core_group_get_course_groups": b"[]",
    }
    return connected(house, "moodle", "https://moodle.example.org", TOKEN)


@pytest.fixture
def offers(moodle: Any, site: UUID) -> Any:
    """``offers(function, …)``: only these are in the token's service, and the others are refused."""

    def offer(*functions: str) -> None:
        info = json.loads(moodle.answers[SITE_INFO])
        info["functions"] = [{"name": name} for name in functions]
        moodle.answers |= {name: NOT_OFFERED for name in NEEDS if name not in functions}
        moodle.answers[SITE_INFO] = json.dumps(info).encode()

    return offer


@pytest.fixture
def looked(operator: Any, site: UUID, said: Any) -> Any:
    """The words of the page after a look."""
    return lambda: said(operator.get(f"/admin/connection/{site}?look=yes"))


class TestTheCheckOfAMoodle:
    def test_nothing_is_asked_until_somebody_presses_the_button(
        self, operator: Any, site: UUID, moodle: Any, said: Any
    ) -> None:
        page = operator.get(f"/admin/connection/{site}")
        assert moodle.tokens == []
        assert "It changes nothing." in said(page)
        assert f"/admin/connection/{site}?look=yes" in page.text

    def test_every_function_and_every_right_has_its_line(self, looked: Any) -> None:
        words = looked()
        for function in NEEDS:
            assert function in words
        for function in REQUIRED_FUNCTIONS:
            for capability in CAPABILITIES[function]:
                assert f" {capability} " in words
        assert "It is Highland, 4.5. We read it as its user number 2." in words
        assert "✓ all right core_enrol_get_enrolled_users It is needed to see who is enrolled" in words
        assert "✓ all right moodle/course:viewhiddencourses Hidden courses are in sight." in words
        assert "✓ all right moodle/cohort:view A call that needs it was answered." in words
        assert "✗" not in words

    def test_what_cannot_be_seen_from_outside_is_said_to_be_so(self, looked: Any) -> None:
        words = looked()
        assert "? look here moodle/site:accessallgroups Moodle does not say whether the account has it." in words
        assert "Without it people of separate groups are missing from rosters." in words

    def test_a_missing_function_is_wrong_with_the_menu_path_and_rights_are_not_guessed(
        self, looked: Any, offers: Any
    ) -> None:
        offers(*(name for name in NEEDS if name != "core_cohort_get_cohorts"))
        words = looked()
        assert "✗ wrong core_cohort_get_cohorts The token's service does not offer it." in words
        assert "Site administration > Server > Web services > External services > Functions" in words
        assert "It could not be tried, because functions are missing." in words

    def test_a_function_for_more_than_rosters_is_missed_without_alarm(
        self, looked: Any, offers: Any, moodle: Any
    ) -> None:
        offers(*REQUIRED_FUNCTIONS)
        moodle.answers["core_message_send_instant_messages"] = UNKNOWN
        words = looked()
        assert "✗ cannot be called core_message_send_instant_messages This Moodle does not have it." in words
        assert "0 of 10 can be called" in words
        assert "✗ wrong" not in words

    def test_a_refused_call_names_the_right_it_needs_and_where_to_give_it(self, looked: Any, moodle: Any) -> None:
        moodle.answers["core_enrol_get_enrolled_users"] = FORBIDDEN
        words = looked()
        assert "✗ wrong moodle/course:enrolreview A call that needs it was refused." in words
        assert "? look here moodle/course:viewparticipants A call that may need it was refused." in words
        assert "Define roles: moodle/course:enrolreview." in words

    def test_without_a_course_in_sight_the_right_to_see_one_is_missed(self, looked: Any, moodle: Any) -> None:
        moodle.answers[COURSES] = b'{"courses": [], "warnings": []}'
        words = looked()
        assert "✗ wrong moodle/course:view The account sees no course." in words
        assert "It could not be tried, because no course is in sight." in words
        assert "✓ all right moodle/cohort:view" in words

    @pytest.mark.parametrize(
        ("answer", "what"),
        [
            (b'{"exception": "x", "errorcode": "invalidtoken", "message": "No"}', "Moodle does not know this token"),
            (b'{"exception": "x", "errorcode": "sitemaintenance", "message": "No"}', "in maintenance mode"),
            (b"<html>Welcome</html>", "Does it let us in?"),
        ],
    )
    def test_a_closed_door_is_one_line_with_what_to_do(
        self, looked: Any, moodle: Any, answer: bytes, what: str
    ) -> None:
        moodle.answers[SITE_INFO] = answer
        words = looked()
        assert "✗ wrong Does it let us in?" in words
        assert what in words
        assert "core_cohort_get_cohorts" not in words

    def test_the_token_is_on_no_page(self, operator: Any, site: UUID, house: House) -> None:
        with house.database.read() as connection:
            sealed = connection.execute(select(Site.ws_token)).scalar_one()
        for query in ("", "?look=yes"):
            page = operator.get(f"/admin/connection/{site}{query}").text
            assert TOKEN not in page
            assert sealed not in page


class TestOtherSources:
    def test_a_table_is_read_and_its_bad_rows_are_told(
        self, operator: Any, house: House, tmp_path: Path, said: Any
    ) -> None:
        table = tmp_path / "people.csv"
        table.write_text("id,name,course\n7,Ana,M1\n", encoding="utf-8")
        site = connected(house, "csv", table.as_uri(), None)
        page = operator.get(f"/admin/connection/{site}?look=yes")
        assert "✓ all right Can rosters be read?" in said(page)
        assert "A new token" not in page.text
        table.write_text("id,name,course\n7,Ana,M1\n,Bo,M1\n", encoding="utf-8")
        words = said(operator.get(f"/admin/connection/{site}?look=yes"))
        assert "✗ wrong" in words
        assert "1 rows of the table cannot be used, the first in line 3." in words
        table.unlink()
        assert "The file cannot be opened." in said(operator.get(f"/admin/connection/{site}?look=yes"))

    def test_names_and_roles_say_what_is_missing(self, operator: Any, house: House, school: Any, said: Any) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(connector="names-and-roles"))
        words = said(operator.get(f"/admin/connection/{school.site_id}?look=yes"))
        assert "✗ wrong Names and Role Provisioning Services" in words
        assert "A new token" not in words

    def test_a_site_without_rosters_is_told_how_to_connect_them(self, operator: Any, school: Any, said: Any) -> None:
        for query in ("", "?look=yes"):
            words = said(operator.get(f"/admin/connection/{school.site_id}{query}"))
            assert "lms-plc sites connect https://lms.school.example" in words
            assert "✗" not in words

    def test_a_site_that_is_not_there_is_not_there(self, operator: Any, site: UUID) -> None:
        nowhere = "00000000-0000-7000-8000-000000000000"
        assert operator.get(f"/admin/connection/{nowhere}").status_code == 404
        assert operator.post(f"/admin/connection/{nowhere}/token", {"token": NEW_TOKEN}).status_code == 404


class TestANewToken:
    def kept(self, house: House) -> str:
        with house.database.read() as connection:
            return house.seal.open(connection.execute(select(Site.ws_token)).scalar_one())

    def test_it_is_tried_and_kept(self, operator: Any, site: UUID, moodle: Any, house: House, events: Any) -> None:
        sent = operator.post(f"/admin/connection/{site}/token", {"token": f" {NEW_TOKEN}\n"})
        assert (sent.status_code, sent.location) == (303, f"/admin/connection/{site}?look=yes&done=token-kept")
        assert (set(moodle.tokens), self.kept(house)) == ({NEW_TOKEN}, NEW_TOKEN)
        assert len(events("site.connected")) == 2
        assert "The new token works and is kept." in operator.get(sent.location).text

    def test_one_that_does_not_open_is_not_kept_and_not_shown(
        self, operator: Any, site: UUID, moodle: Any, house: House, said: Any
    ) -> None:
        moodle.answers[SITE_INFO] = b'{"exception": "x", "errorcode": "invalidtoken", "message": "No"}'
        page = operator.post(f"/admin/connection/{site}/token", {"token": NEW_TOKEN})
        assert page.status_code == 422
        assert "This token was not kept" in said(page)
        assert "Moodle does not know this token" in said(page)
        assert NEW_TOKEN not in page.text
        assert self.kept(house) == TOKEN

    def test_one_that_may_read_too_little_is_not_kept_and_it_says_what_is_missing(
        self, operator: Any, site: UUID, offers: Any, house: House, said: Any
    ) -> None:
        offers(*(name for name in NEEDS if name != "core_cohort_get_cohorts"))
        page = operator.post(f"/admin/connection/{site}/token", {"token": NEW_TOKEN})
        assert page.status_code == 422
        assert "✗ wrong core_cohort_get_cohorts" in said(page)
        assert self.kept(house) == TOKEN

    @pytest.mark.parametrize("token", ["", "   ", "x" * 1001])
    def test_none_and_an_endless_one_are_refused_without_asking(
        self, operator: Any, site: UUID, moodle: Any, token: str
    ) -> None:
        page = operator.post(f"/admin/connection/{site}/token", {"token": token})
        assert (page.status_code, moodle.tokens) == (422, [])
        assert "x" * 50 not in page.text

    def test_it_replaces_one_that_was_sealed_with_another_key(
        self, operator: Any, site: UUID, house: House, said: Any
    ) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(ws_token="sealed elsewhere"))
        assert "enter a new token" in said(operator.get(f"/admin/connection/{site}?look=yes"))
        assert operator.post(f"/admin/connection/{site}/token", {"token": NEW_TOKEN}).status_code == 303
        assert self.kept(house) == NEW_TOKEN

    def test_a_connector_that_is_gone_is_said_to_be(self, operator: Any, site: UUID, house: House, said: Any) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(connector="gone"))
        page = operator.post(f"/admin/connection/{site}/token", {"token": NEW_TOKEN})
        assert (page.status_code, "no connector for 'gone'" in said(page)) == (422, True)
        assert "no connector for 'gone'" in said(operator.get(f"/admin/connection/{site}?look=yes"))

    def test_a_site_without_a_token_takes_none(self, operator: Any, school: Any, moodle: Any) -> None:
        sent = operator.post(f"/admin/connection/{school.site_id}/token", {"token": NEW_TOKEN})
        assert (sent.status_code, moodle.tokens) == (422, [])
