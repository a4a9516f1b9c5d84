"""Can every kind of roster be connected, and is a wrong one told whole, with what to do?"""

import io
import json
import os
import zipfile
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors import Course, Enrolment, Page, Person, Probe, Site, Transport
from connectors.csv_files.source import CsvSource
from lms_plc.house import House
from lms_plc.sites import models
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.sources import known_sources, open_roster, roster_address
from lti.services import memberships

MOODLE = "https://moodle.example.org"
TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
GOOD = "id,name,course\n7,Ана Илиева,M1\n8,Bo,M1\n"
BAD = "id;name;course;note\n7;Ana;M1;a\n;Bo;M1;b\n9;;M1;c\n10;=cmd();M1;d\n11;Eva;M1;e, f\n12;Vera;\n"
BUNDLE = {
    "manifest": "propertyName,value\noneroster.version,1.1\n"
    "file.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk\n",
    "users": "sourcedId,givenName,familyName\nu1,Ana,Ilieva\n",
    "classes": "sourcedId,title\nc1,Maths\n",
    "enrollments": "sourcedId,classSourcedId,userSourcedId,role\ne1,c1,u1,student\n",
}


@pytest.fixture(autouse=True)
def _installed(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command here runs in a whole installation, where nobody can be asked for a token."""
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: pytest.fail("a token was asked for"))


@pytest.fixture
def table(installed: Path) -> Callable[..., Path]:
    def save(text: str = GOOD, name: str = "people.csv", encoding: str = "utf-8") -> Path:
        path = installed / name
        path.write_bytes(text.encode(encoding))
        return path

    return save


@pytest.fixture
def site(stored: Any) -> Callable[[], Any]:
    """The one site there is, as it is stored."""
    return lambda: stored(select(models.Site.__table__))[0]


class TestFiles:
    def test_a_table_is_connected_by_its_path_without_a_token(
        self, typed: Any, table: Any, site: Any, events: Any, house: House
    ) -> None:
        path = table()
        connected = typed("sites", "connect", "--connector", "csv", "people.csv")
        assert connected.code == 0, connected.err
        assert "lms-plc sync plan --site people" in connected.out
        stored = site()
        assert (stored.name, stored.connector, stored.ws_token) == ("people", "csv", None)
        assert stored.url == path.as_uri()
        assert [one.facts for one in events("site.connected")] == [{"connector": "csv"}]
        with open_roster(house, stored.id) as source:
            [page] = source.enrolment_pages("M1")
        assert [row.person.name for row in page.rows] == ["Ана Илиева", "Bo"]

    def test_a_file_address_and_a_name_do_as_well(self, typed: Any, table: Any, site: Any) -> None:
        path = table(name="year 2026 – списък.csv")
        assert typed("sites", "connect", path.as_uri(), "--connector", "csv", "--name", "school").code == 0
        assert (site().name, site().url) == ("school", path.as_uri())

    def test_a_table_in_an_old_encoding_is_read_when_it_is_said(
        self, typed: Any, table: Any, site: Any, house: House
    ) -> None:
        table(encoding="windows-1251")
        refused = typed("sites", "connect", "people.csv", "--connector", "csv")
        assert (refused.code, "windows-1251" in refused.err) == (1, True)
        wrong = typed("sites", "connect", "people.csv", "--connector", "csv", "--encoding", "martian")
        assert (wrong.code, "no such choice of encoding" in wrong.err) == (1, True)
        connect = ("sites", "connect", "people.csv", "--connector", "csv", "--encoding", "windows-1251")
        assert typed(*connect).code == 0
        assert site().url.endswith("/people.csv?encoding=windows-1251")
        with open_roster(house, site().id) as source:
            [person] = source.people(["7"])
        assert person.name == "Ана Илиева"

    def test_a_oneroster_bundle_is_connected(self, typed: Any, site: Any, installed: Path, house: House) -> None:
        with zipfile.ZipFile(installed / "export.zip", "w") as bundle:
            for name, text in BUNDLE.items():
                bundle.writestr(f"{name}.csv", text)
        connected = typed("sites", "connect", "export.zip", "--connector", "oneroster-csv")
        assert connected.code == 0, connected.err
        with open_roster(house, site().id) as source:
            assert [course.title for course in source.courses()] == ["Maths"]

    def test_a_damaged_bundle_is_one_sentence(self, typed: Any, stored: Any, installed: Path) -> None:
        (installed / "export.zip").write_bytes(io.BytesIO(b"PK but not really").getvalue())
        refused = typed("sites", "connect", "export.zip", "--connector", "oneroster-csv")
        assert (refused.code, "no zip file" in refused.err, "Traceback" in refused.err) == (1, True, False)
        assert stored(select(models.Site.id)) == []

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("nowhere.csv", "--connector", "csv"), "There is no file nowhere.csv."),
            ((".", "--connector", "csv"), "There is no file"),
            (("file://elsewhere/people.csv", "--connector", "csv"), "is no address of a file on this machine"),
            (("people.csv",), "is no web address"),
            (("people.csv", "--connector", "oneroster-csv", "--encoding", "utf-16"), "is for a table"),
            ((MOODLE, "--encoding", "utf-16"), "is for a table in a file"),
        ],
    )
    def test_what_is_no_such_file_is_told(
        self, typed: Any, table: Any, stored: Any, words: tuple[str, ...], sentence: str
    ) -> None:
        table()
        refused = typed("sites", "connect", *words)
        assert (refused.code, sentence in refused.err) == (1, True), refused.err
        assert stored(select(models.Site.id)) == []

    @pytest.mark.parametrize(
        "words", [(), ("people.csv", "--connector", "csv", "--site", "x"), (MOODLE, "--keep-good", "x.csv")]
    )
    def test_wrong_usage_is_wrong_usage(
        self, typed: Any, table: Any, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table()
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        assert typed("sites", "connect", *words).code == 2

    def test_two_files_of_one_name_get_two_names(self, typed: Any, table: Any, installed: Path, stored: Any) -> None:
        for folder in ("a", "b", "c"):
            (installed / folder).mkdir()
            table(name=f"{folder}/people.csv")
            assert typed("sites", "connect", f"{folder}/people.csv", "--connector", "csv").code == 0
        assert [row.name for row in stored(select(models.Site.name).order_by(models.Site.name))] == [
            "people",
            "people 2",
            "people 3",
        ]
        renamed = typed("sites", "connect", "a/people.csv", "--connector", "csv", "--name", "school")
        assert (renamed.code, "This tool calls it school." in renamed.out) == (0, True)

    def test_a_path_too_long_to_be_kept_is_told(self, installed: Path) -> None:
        file = installed / f"{'ж' * 100}.csv"  # six characters each, in an address
        file.write_text(GOOD)
        with pytest.raises(SiteProblem, match="too long to be kept"):
            roster_address("csv", str(file), allow_http=False)

    def test_the_doctor_does_not_call_a_file(self, typed: Any, table: Any) -> None:
        table()
        typed("sites", "connect", "people.csv", "--connector", "csv")
        found = {one["what"]: one for one in json.loads(typed("doctor", "--json").out)}
        assert found["people: file"]["well"]
        assert not {"people: reached", "people: launches"} & found.keys()
        table("id,name\n")
        found = {one["what"]: one for one in json.loads(typed("doctor", "--json").out)}
        assert "lacks these columns" in found["people: file"]["said"]


class TestBadRows:
    def test_every_one_is_told_at_once_and_nothing_is_stored(self, typed: Any, table: Any, stored: Any) -> None:
        table(BAD)
        refused = typed("sites", "connect", "people.csv", "--connector", "csv")
        assert (refused.code, refused.out) == (1, "")
        assert [line.strip() for line in refused.err.splitlines()[1:-1]] == [
            "line 3: There is no id.",
            "line 4: There is no name.",
            "line 5: A cell begins like a formula.",
            "line 7: There is no course or community.",
        ]
        assert refused.err.startswith("4 rows of the table cannot be used. Nothing was stored.")
        assert "--keep-good FILE" in refused.err
        assert "Vera" not in refused.err
        assert stored(select(models.Site.id)) == []

    def test_a_row_over_several_lines_is_told_with_all_of_them(self, typed: Any, table: Any) -> None:
        table('id,name,course\n7,"Ana\nIlieva",M1\n')
        assert "lines 2-3: A line breaks" in typed("sites", "connect", "people.csv", "--connector", "csv").err

    def test_the_good_ones_are_kept_for_a_second_try(self, typed: Any, table: Any, installed: Path) -> None:
        table(BAD.replace("Eva", "Ева"))
        refused = typed("sites", "connect", "people.csv", "--connector", "csv", "--keep-good", "good.csv")
        assert refused.code == 1
        assert "2 good rows are in good.csv now" in refused.err
        kept = installed / "good.csv"
        assert kept.read_text(encoding="utf-8-sig").splitlines() == [
            "id,name,course,note",
            "7,Ana,M1,a",
            '11,Ева,M1,"e, f"',
        ]
        assert os.stat(kept).st_mode & 0o077 == 0
        assert list(CsvSource(kept).problems()) == []
        assert typed("sites", "connect", "good.csv", "--connector", "csv").code == 0

    def test_a_thousand_of_them_are_a_thousand_lines(self, typed: Any, table: Any, installed: Path) -> None:
        table("id,name,course\n" + ",Bo,M1\n7,Ana,M1\n" * 1000)
        refused = typed("sites", "connect", "people.csv", "--connector", "csv", "--keep-good", "good.csv")
        assert refused.err.count(": There is no id.\n") == 1000
        assert "line 2000: There is no id." in refused.err
        assert len((installed / "good.csv").read_text().splitlines()) == 1001

    @pytest.mark.parametrize(("target", "sentence"), [("people.csv", "is there already"), ("no/good.csv", "written")])
    def test_no_file_is_written_over(self, typed: Any, table: Any, installed: Path, target: str, sentence: str) -> None:
        table(BAD)
        refused = typed("sites", "connect", "people.csv", "--connector", "csv", "--keep-good", target)
        assert (refused.code, sentence in refused.err) == (1, True)
        assert (installed / "people.csv").read_text() == BAD


class _Abacus:
    """A source of another package, which reads whatever it is given."""

    def __init__(self, url: str, token: str, transport: Transport) -> None:
        self.url, self.token = url, token

    def probe(self) -> Probe:
        return Probe(Site(self.url, "Abacus", "1", self.token and "me"), (), (), ("Count twice.",))

    def courses(self) -> Any:
        return iter([Course("1", "A", "Abaci", visible=True)])

    def enrolment_pages(self, course_id: str, start: str | None = None) -> Any:
        yield Page((Enrolment(course_id, Person("1", "Ana"), (), suspended=False),), None)


class TestOtherPackages:
    @pytest.fixture(autouse=True)
    def _abacus(self, monkeypatch: pytest.MonkeyPatch) -> None:
        entries = [
            EntryPoint("abacus", f"{__name__}:_Abacus", "lms_plc.roster_sources"),
            EntryPoint("broken", "no_such_package:opener", "lms_plc.roster_sources"),
            EntryPoint("names-and-roles", f"{__name__}:_Abacus", "lms_plc.roster_sources"),
        ]
        monkeypatch.setattr(EntryPoint, "load", lambda self: _Abacus if self.name != "broken" else _fail())
        monkeypatch.setattr("connectors.source.entry_points", lambda group: entries)

    def test_their_kinds_are_connected_by_an_address_or_a_file(
        self, typed: Any, table: Any, stored: Any, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = table()
        assert typed("sites", "connect", path.as_uri(), "--connector", "abacus").code == 0
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        connected = typed("sites", "connect", "https://abacus.example.org", "--connector", "abacus")
        assert (connected.code, "Advice: Count twice." in connected.out) == (0, True)
        by_name = {row.name: row for row in stored(select(models.Site.__table__))}
        assert by_name["people"].ws_token is None
        with open_roster(house, by_name["abacus.example.org"].id) as source:
            assert isinstance(source, _Abacus)
            assert source.token == TOKEN

    def test_a_broken_one_is_told(self, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        refused = typed("sites", "connect", MOODLE, "--connector", "broken")
        assert (refused.code, "cannot be loaded: ModuleNotFoundError" in refused.err) == (1, True)

    def test_one_that_was_uninstalled_is_a_sentence_in_every_sync(
        self, typed: Any, table: Any, house: House, site: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        typed("sites", "connect", table().as_uri(), "--connector", "abacus")
        monkeypatch.setattr("connectors.source.entry_points", lambda group: [])
        with pytest.raises(SiteProblem, match="lms-plc sites connectors"), open_roster(house, site().id):
            pytest.fail("it opened")

    def test_all_kinds_are_listed_with_package_and_problem(self, typed: Any) -> None:
        listed = json.loads(typed("sites", "connectors", "--json").out)
        ours = [one["kind"] for one in listed if one["package"] == "lms-plc"]
        assert ours == ["moodle", "canvas", "oneroster", "oneroster-csv", "csv", "names-and-roles"]
        problems = {(one["kind"], one["package"]): one["problem"] for one in listed if one["problem"]}
        assert problems == {
            ("broken", "?"): "ModuleNotFoundError",
            ("names-and-roles", "?"): "names-and-roles is already taken",
        }
        shown = typed("sites", "connectors").out
        assert all(kind in shown for kind in (*ours, "abacus", "ModuleNotFoundError", "ready"))


def _fail() -> Any:
    raise ModuleNotFoundError("secret-canary")


def test_no_kind_of_ours_is_broken() -> None:
    assert [one for one in known_sources() if one.problem] == []


class TestNamesAndRoles:
    @pytest.fixture
    def answering(self, lms: Any, edge: Any, visitor: Any, stored: Any) -> Any:
        """The LMS, after a launch, with its service; at the clock of the machine, as commands are."""
        visitor().launch("1")
        [course] = stored(select(models.Course.services))
        granted = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600, "scope": memberships.SCOPE}
        edge.post(lms.platform.registration.token_url, json=granted)
        edge.get(
            course.services["memberships"],
            json={"context": {"id": "5", "title": "Course 5"}, "members": [{"user_id": "1", "name": "Ana"}]},
        )
        return lms

    def test_it_needs_no_address_and_no_token(
        self, typed: Any, answering: Any, site: Any, house: House, events: Any
    ) -> None:
        connected = typed("sites", "connect", "--connector", "names-and-roles", "--site", "moodle")
        assert connected.code == 0, connected.err
        assert "lms-plc sync plan --site moodle" in connected.out
        stored = site()
        assert (stored.connector, stored.ws_token, stored.url) == ("names-and-roles", None, MOODLE)
        assert stored.connected_at is not None
        assert len(events("site.connected")) == 1
        with open_roster(house, stored.id) as source:
            assert [row.person.name for page in source.enrolment_pages("5") for row in page.rows] == ["Ana"]
        planned = typed("sync", "plan")
        assert planned.code == 0, planned.err
        assert "moodle: names and roles" in typed("doctor").out

    def test_the_only_site_need_not_be_named(self, typed: Any, answering: Any) -> None:
        assert typed("sites", "connect", "--connector", "names-and-roles").code == 0

    def test_what_is_missing_is_told_and_nothing_is_stored(self, typed: Any, lms: Any, site: Any) -> None:
        refused = typed("sites", "connect", "--connector", "names-and-roles")
        assert (refused.code, refused.out) == (1, "")
        assert "open the activity in each course once" in refused.err
        assert site().connector is None

    @pytest.mark.parametrize("words", [(MOODLE,), ("--name", "x"), ("--keep-good", "x.csv"), ("--encoding", "utf-8")])
    def test_it_takes_nothing_else(self, typed: Any, words: tuple[str, ...]) -> None:
        assert typed("sites", "connect", "--connector", "names-and-roles", *words).code == 2

    def test_an_unknown_site_is_told(self, typed: Any) -> None:
        refused = typed("sites", "connect", "--connector", "names-and-roles", "--site", "x")
        assert (refused.code, "no site called x" in refused.err) == (1, True)

    def test_it_does_not_take_the_place_of_web_services_unasked(
        self, typed: Any, moodle: Any, answering: Any, site: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        assert typed("sites", "connect", MOODLE).code == 0
        refused = typed("sites", "connect", "--connector", "names-and-roles")
        assert (refused.code, "lms-plc sites disconnect moodle" in refused.err) == (1, True)
        assert site().connector == "moodle"
        assert typed("sites", "disconnect", "moodle").code == 0
        assert typed("sites", "connect", "--connector", "names-and-roles").code == 0
        assert "may know people by other ids" in typed("sites", "connect", MOODLE).err


class TestDisconnecting:
    def test_the_token_is_forgotten_and_nothing_else_changes(
        self, typed: Any, moodle: Any, circle: Any, stored: Any, events: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        assert typed("sites", "connect", MOODLE).code == 0
        tables = [table for table in models.Row.metadata.sorted_tables if table.name not in ("plc_site", "plc_event")]
        before = {table.name: stored(select(table)) for table in tables}
        gone = typed("sites", "disconnect")
        assert (gone.code, "revoke it there" in gone.out) == (0, True)
        assert {table.name: stored(select(table)) for table in tables} == before
        [site] = stored(select(models.Site.__table__))
        assert (site.connector, site.ws_token, site.ws_user, site.connected_at) == (None, None, None, None)
        assert (site.url, site.covers) == (MOODLE, "placed")
        assert len(events("site.disconnected")) == 1
        refused = typed("sync", "plan")
        assert (refused.code, f"lms-plc sites connect {MOODLE}" in refused.err) == (1, True)

    def test_a_file_has_no_token_to_revoke(self, typed: Any, table: Any) -> None:
        table()
        typed("sites", "connect", "people.csv", "--connector", "csv")
        assert "revoke" not in typed("sites", "disconnect", "people").out
        table(name="new.csv")
        moved = typed("sites", "connect", "new.csv", "--connector", "csv", "--name", "people")
        assert moved.code == 0, moved.err

    def test_what_is_not_connected_or_not_known_is_told(self, typed: Any, lms: Any) -> None:
        assert "nothing to forget" in typed("sites", "disconnect", "moodle").err
        assert "no site called x" in typed("sites", "disconnect", "x").err

    def test_of_several_sites_one_is_named(self, typed: Any) -> None:
        assert "Say which site" in typed("sites", "disconnect").err


class TestWhatIsKept:
    def test_a_token_that_was_lost_is_told(
        self, typed: Any, moodle: Any, house: House, site: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        typed("sites", "connect", MOODLE)
        with house.database.write() as session:
            session.execute(update(models.Site).values(ws_token=None))
        with pytest.raises(SiteProblem, match="Connect it again"), open_roster(house, site().id):
            pytest.fail("it opened")
        found = {one["what"]: one for one in json.loads(typed("doctor", "--json").out)}
        assert "is missing" in found["moodle.example.org: web services"]["said"]

    def test_proxy_and_authorities_of_the_settings_reach_the_line(
        self, typed: Any, table: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import certifi

        given: list[dict[str, Any]] = []

        class Line(Transport):
            def __init__(self, **how: Any) -> None:
                given.append(how)
                super().__init__(**how)

        monkeypatch.setattr("lms_plc.sites.sources.Transport", Line)
        monkeypatch.setenv("PLC_PROXY", "http://me:secret-canary@proxy.example.org:3128")
        monkeypatch.setenv("PLC_CA_BUNDLE", certifi.where())
        table()
        connected = typed("sites", "connect", "people.csv", "--connector", "csv")
        assert connected.code == 0, connected.err
        assert given == [
            {
                "allow_private_hosts": False,
                "proxy": "http://me:secret-canary@proxy.example.org:3128",
                "ca_bundle": str(Path(certifi.where()).resolve()),
            }
        ]
