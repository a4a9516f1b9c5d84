"""Do machines that watch this tool read true figures, and nobody else any?"""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select, update

from lms_plc import __version__, jobs
from lms_plc.communities.memberships import Because, end, pause
from lms_plc.config import SettingsError, read_settings
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.metrics import Family, written
from lms_plc.rostersync.models import SyncRun
from lms_plc.sites.models import Site

TOOL = "https://plc.example.org"
TOKEN = "a token for machines, long enough to be one"

STATEMENTS = 8

_LINE = re.compile(
    r'(?P<name>[a-z_][a-z0-9_]*)(?:\{(?P<labels>(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (?P<value>\S+)'
)
"""A sample, as the text format 0.0.4 has it."""


@pytest.fixture
def open_page(app: Any, house: House) -> None:
    """The page of figures is open to whoever has the token."""
    whole = app.extensions["plc"]
    opened = whole.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    app.extensions["plc"] = replace(whole, settings=opened)


def ask(app: Any, authorization: str | None = f"Bearer {TOKEN}") -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return app.test_client().get("/metrics", base_url=TOOL, headers=headers)


def read(page: str) -> dict[str, float]:
    """The samples of a page, which has to be one by the rules of the format."""
    samples: dict[str, float] = {}
    told: set[str] = set()
    assert page.endswith("\n")
    for line in page.splitlines():
        if line.startswith("# HELP "):
            name = line.split()[2]
            assert name not in told, "a family is told once, in one piece"
            told.add(name)
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {name} gauge"
        else:
            sample = _LINE.fullmatch(line)
            assert sample is not None, line
            assert sample["name"] == name, line
            key = line.rpartition(" ")[0]
            assert key not in samples, line
            samples[key] = float(sample["value"])
    return samples


def ran(house: House, site_id: UUID, state: str, *, ago: timedelta, took: float = 12.5, **more: Any) -> None:
    """A sync that began so long ago."""
    began = house.clock() - ago
    over = state in ("done", "held", "failed")
    values = {
        "id": new_id(),
        "site_id": site_id,
        "mode": "apply",
        "asked_by": "schedule",
        "options": {},
        "state": state,
        "started_at": began,
        "alive_at": began,
        "finished_at": began + timedelta(seconds=took) if over else None,
        "counts": {},
        **more,
    }
    with house.database.write() as session:
        session.execute(insert(SyncRun).values(values))


class TestDoor:
    def test_there_is_no_such_page_until_a_token_is_set(self, app: Any) -> None:
        for authorization in (None, "Bearer", "Bearer ", f"Bearer {TOKEN}"):
            closed = ask(app, authorization)
            assert closed.status_code == 404
            assert "plc_" not in closed.text

    @pytest.mark.usefixtures("open_page")
    def test_it_is_there_for_whoever_sends_the_token_alone(self, app: Any) -> None:
        for wrong in (
            None,
            "",
            TOKEN,
            "Bearer",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Basic {TOKEN}",
            "Bearer ü",
        ):
            assert ask(app, wrong).status_code == 404, wrong
        for right in (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} "):
            assert ask(app, right).status_code == 200, right

    @pytest.mark.usefixtures("open_page")
    def test_a_closed_page_looks_like_one_that_is_not(self, app: Any) -> None:
        nowhere = app.test_client().get("/nowhere", base_url=TOOL)
        closed = ask(app, "Bearer wrong")
        assert [page.text.split("reference")[0] for page in (closed, nowhere)] == [
            nowhere.text.split("reference")[0]
        ] * 2

    @pytest.mark.usefixtures("open_page")
    def test_it_is_text_that_nobody_keeps(self, app: Any) -> None:
        page = ask(app)
        assert page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert page.headers["Cache-Control"] == "no-store"

    def test_a_token_too_short_does_not_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_METRICS_TOKEN", "canary")
        with pytest.raises(SettingsError, match="PLC_METRICS_TOKEN must have 32 characters") as refused:
            read_settings(from_file=False, base_url=TOOL, secret_key="k" * 32)
        assert "canary" not in str(refused.value)
        monkeypatch.setenv("PLC_METRICS_TOKEN", TOKEN)
        assert TOKEN not in repr(read_settings(from_file=False, base_url=TOOL, secret_key="k" * 32))


@pytest.mark.usefixtures("open_page")
class TestFigures:
    def test_a_new_installation_has_few(self, app: Any) -> None:
        assert read(ask(app).text) == {
            f'plc_build_info{{version="{__version__}"}}': 1,
            'plc_jobs{state="waiting"}': 0,
            'plc_jobs{state="running"}': 0,
            'plc_jobs{state="failed"}': 0,
        }

    def test_the_last_sync_of_each_site_is_told(self, app: Any, house: House, lms: Any) -> None:
        ran(house, lms.site_id, "done", ago=timedelta(hours=3), counts={"join": 7, "leave": 2})
        ran(house, lms.site_id, "planned", ago=timedelta(hours=1), mode="plan", counts={"join": 99})
        seen = read(ask(app).text)
        assert seen['plc_sync_done_age_seconds{site="moodle"}'] == 3 * 3600 - 12.5
        assert seen['plc_sync_last_state{site="moodle",state="done"}'] == 1
        assert seen['plc_sync_last_duration_seconds{site="moodle"}'] == 12.5
        assert seen['plc_sync_last_changes{site="moodle",kind="join"}'] == 7
        assert seen['plc_sync_last_changes{site="moodle",kind="leave"}'] == 2

    def test_one_that_is_held_or_under_way_makes_the_last_good_one_no_younger(
        self, app: Any, house: House, lms: Any
    ) -> None:
        ran(house, lms.site_id, "done", ago=timedelta(hours=3), counts={"join": 7})
        ran(house, lms.site_id, "held", ago=timedelta(hours=2), took=30, counts={"leave": 40})
        ran(house, lms.site_id, "pulling", ago=timedelta(minutes=1))
        seen = read(ask(app).text)
        assert seen['plc_sync_done_age_seconds{site="moodle"}'] == 3 * 3600 - 12.5
        assert {key for key in seen if "last_state" in key} == {'plc_sync_last_state{site="moodle",state="pulling"}'}
        assert seen['plc_sync_last_duration_seconds{site="moodle"}'] == 30
        assert {key for key in seen if "last_changes" in key} == {'plc_sync_last_changes{site="moodle",kind="leave"}'}

    def test_a_plan_that_was_approved_and_applied_is_a_sync(self, app: Any, house: House, lms: Any) -> None:
        ran(house, lms.site_id, "done", ago=timedelta(hours=1), mode="plan", counts={"join": 3})
        assert read(ask(app).text)['plc_sync_last_changes{site="moodle",kind="join"}'] == 3

    def test_runs_that_stopped_are_counted_for_a_day(self, app: Any, house: House, lms: Any) -> None:
        other = another_site(house, "canvas")
        for hours in (30, 25):
            ran(house, lms.site_id, "failed", ago=timedelta(hours=hours))
        assert stopped(app) == {
            ("moodle", "held"): 0,
            ("moodle", "failed"): 0,
            ("canvas", "held"): 0,
            ("canvas", "failed"): 0,
        }
        for hours in (23, 20, 1):
            ran(house, lms.site_id, "failed", ago=timedelta(hours=hours))
        ran(house, lms.site_id, "held", ago=timedelta(hours=2))
        ran(house, lms.site_id, "done", ago=timedelta(hours=1))
        ran(house, other, "held", ago=timedelta(hours=2))
        assert stopped(app) == {
            ("moodle", "held"): 1,
            ("moodle", "failed"): 3,
            ("canvas", "held"): 1,
            ("canvas", "failed"): 0,
        }

    def test_members_are_counted_by_what_they_are_now(self, app: Any, circle: Any, house: House, clock: Any) -> None:
        for subject in ("3", "4", "5"):
            circle.joined(subject)
        because = Because(clock(), "sync")
        with house.database.write() as session:
            pause(session, circle.site_id, circle.id, [circle.person("3")], because)
            end(session, circle.site_id, circle.id, [circle.person("4")], because)
        seen = read(ask(app).text)
        assert seen['plc_memberships{site="moodle",state="active"}'] == 3
        assert seen['plc_memberships{site="moodle",state="paused"}'] == 1
        assert not any("left" in key for key in seen)

    def test_jobs_that_wait_are_counted(self, app: Any, house: House) -> None:
        with house.database.write() as session:
            jobs.enqueue(session, "forget-finished-jobs")
        assert read(ask(app).text)['plc_jobs{state="waiting"}'] == 1

    def test_no_person_and_no_community_is_named(self, app: Any, circle: Any, house: House) -> None:
        ran(
            house,
            circle.site_id,
            "done",
            ago=timedelta(hours=1),
            asked_by="schedule",
            message="Person 2 of Maths circle",
        )
        page = ask(app).text
        for name in ("Maths", "Person", str(circle.id), str(circle.person("2"))):
            assert name not in page

    def test_a_site_of_any_name_keeps_the_page_whole(self, app: Any, house: House, lms: Any) -> None:
        with house.database.write() as session:
            session.execute(update(Site).values(name='a "b" \\ c\nд 🙂'))
        ran(house, lms.site_id, "done", ago=timedelta(hours=1))
        seen = read(ask(app).text)
        assert r'plc_sync_last_state{site="a \"b\" \\ c\nд 🙂",state="done"}' in seen

    def test_many_sites_and_runs_cost_as_many_statements_as_none(
        self, app: Any, house: House, lms: Any, statements: list[str]
    ) -> None:
        ask(app)
        none = len(statements)
        for number in range(8):
            site = another_site(house, f"site {number}")
            for hours in range(5):
                ran(house, site, "failed", ago=timedelta(hours=hours))
        statements.clear()
        ask(app)
        assert len(statements) == none == STATEMENTS


def test_large_figures_lose_no_digit_and_empty_families_are_left_out() -> None:
    assert written(Family("plc_x", "Much.", [({}, 1_234_567_891), ({"site": "a"}, 0.125)])) == (
        '# HELP plc_x Much.\n# TYPE plc_x gauge\nplc_x 1234567891\nplc_x{site="a"} 0.125\n'
    )
    assert written(Family("plc_x", "Nothing.", [])) == ""


def stopped(app: Any) -> dict[tuple[str, str], float]:
    told = read(ask(app).text).items()
    pattern = r'plc_sync_runs_stopped_24h\{site="(.*)",state="(.*)"\}'
    return {(found[1], found[2]): value for key, value in told if (found := re.fullmatch(pattern, key))}


def another_site(house: House, name: str) -> UUID:
    with house.database.write() as session:
        session.add(
            Site(id=new_id(), name=name, url=f"https://{name.replace(' ', '-')}.example.org", created_at=house.clock())
        )
    with house.database.read() as connection:
        return connection.execute(select(Site.id).where(Site.name == name)).scalar_one()
