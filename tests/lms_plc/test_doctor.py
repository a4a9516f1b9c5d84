"""Does the doctor find what is wrong, say what to do about it, and find nothing where all is well?"""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from sqlalchemy import update

from lms_plc import doctor, jobs
from lms_plc.core.clock import system_clock
from lms_plc.core.sealing import Seal
from lms_plc.sites.actions import Registration, add_platform, connect_site
from lms_plc.sites.models import Platform, Site
from lms_plc.sites.stores import StoredPlatforms
from lti.testing import PlatformInMemory

MOODLE = "https://moodle.example.org"
TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing gives a sign of life here, and the doctor need not wait three seconds to see that."""
    monkeypatch.setattr(jobs, "living_workers", partial(jobs.living_workers, beat=0.01))


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch, nobody_works: None) -> None:
    """A worker is alive."""
    monkeypatch.setattr(jobs, "living_workers", lambda database: 1)


@pytest.fixture
def well(installed: Path, working: None, house: Any, moodle: Any, edge: responses.RequestsMock) -> Any:
    """An installation where nothing is wrong."""
    registered = PlatformInMemory(issuer=MOODLE, client_id="abc").registration
    addresses = (registered.auth_url, registered.token_url, registered.jwks_url)
    with house.database.write() as session:
        add_platform(session, "school", Registration(MOODLE, "abc", *addresses, "1"), house.clock(), allow_http=False)
        connect_site(
            session,
            name="school",
            url=MOODLE,
            connector="moodle",
            token=TOKEN,
            seal=house.seal,
            title="School",
            release="4.5",
            ws_user="2",
            at=house.clock(),
        )
    edge.get(registered.jwks_url, json=PlatformInMemory(issuer=MOODLE).jwks())
    edge.get(MOODLE, headers={"Date": format_datetime(system_clock())})
    return house


def findings(typed: Any) -> dict[str, dict[str, Any]]:
    return {finding["what"]: finding for finding in json.loads(typed("doctor", "--json").out)}


def bad(typed: Any) -> dict[str, str]:
    return {what: f"{one['said']} | {one['todo']}" for what, one in findings(typed).items() if not one["well"]}


def test_where_all_is_well_it_says_so(well: Any, typed: Any) -> None:
    looked = typed("doctor")
    assert looked.code == 0, looked.out + looked.err
    assert "BAD" not in looked.out
    for what in ("settings", "database", "jobs", "keys", "school: reached", "school: launches", "school: web services"):
        assert what in looked.out
    assert bad(typed) == {}
    assert TOKEN not in looked.out


def test_where_something_is_wrong_the_code_is_one(well: Any, typed: Any, edge: responses.RequestsMock) -> None:
    edge.replace(responses.GET, f"{MOODLE}/mod/lti/certs.php", status=500)
    looked = typed("doctor")
    assert looked.code == 1
    assert looked.err.endswith("1 of 8 checks found something to mend.\n")
    assert f"→ Open {MOODLE}/mod/lti/certs.php from this machine." in looked.out
    assert typed("doctor", "--json").code == 1


def test_a_new_installation_is_told_its_next_steps(installed: Path, typed: Any) -> None:
    found = bad(typed)
    assert set(found) == {"jobs", "sites"}
    assert "lms-plc worker" in found["jobs"]
    assert "lms-plc sites connect" in found["sites"]


def test_an_old_database_is_found(installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLC_DATABASE_URL", f"sqlite:///{installed / 'empty.db'}")
    assert list(bad(typed)) == ["database"]
    assert "Run: lms-plc db upgrade" in bad(typed)["database"]


def test_a_database_that_does_not_answer_is_found(installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLC_DATABASE_URL", "postgresql://plc:canary@/plc?host=/nonexistent&connect_timeout=2")
    looked = typed("doctor")
    assert looked.code == 1
    assert "PostgreSQL cannot be reached" in looked.out
    assert "canary" not in looked.out + looked.err


def test_another_secret_key_is_found(well: Any, typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLC_SECRET_KEY", "another key for tests, also long enough")
    found = bad(typed)
    assert set(found) == {"keys", "school: web services"}
    assert "Put the old PLC_SECRET_KEY back." in found["keys"]


def test_a_ring_without_keys_is_found(well: Any, typed: Any) -> None:
    from sqlalchemy import delete

    from lms_plc.sites.models import ToolKey

    with well.database.write() as session:
        session.execute(delete(ToolKey))
    assert "Run: lms-plc db upgrade" in bad(typed)["keys"]


@pytest.mark.parametrize("seconds", [-45, 45])
def test_clocks_that_differ_are_found(well: Any, typed: Any, edge: responses.RequestsMock, seconds: int) -> None:
    date = format_datetime(system_clock() + timedelta(seconds=seconds))
    edge.replace(responses.GET, MOODLE, headers={"Date": date})
    found = bad(typed)
    assert list(found) == ["school: clock"]
    assert "differ by 4" in found["school: clock"]


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_an_lms_that_tells_no_time_is_reached_all_the_same(
    well: Any, typed: Any, edge: responses.RequestsMock, date: str | None
) -> None:
    edge.replace(responses.GET, MOODLE, headers={} if date is None else {"Date": date})
    assert findings(typed)["school: reached"]["said"] == "answers, without telling the time"


def test_an_lms_that_does_not_answer_is_found(well: Any, typed: Any, edge: responses.RequestsMock) -> None:
    edge.replace(responses.GET, MOODLE, body=requests.ConnectionError("canary"))
    assert bad(typed) == {
        "school: reached": f"no answer (no connection (ConnectionError)) | Open {MOODLE} from this machine."
    }


def test_a_waiting_deployment_is_found(well: Any, typed: Any) -> None:
    from sqlalchemy import select

    with well.database.read() as connection:
        platform_id = connection.execute(select(Platform.id)).scalar_one()
    StoredPlatforms(well.database, well.clock).meet_deployment(str(platform_id), "77")
    found = bad(typed)
    assert list(found) == ["school: launches, client ID abc"]
    assert "lms-plc sites approve 77 --site school" in found["school: launches, client ID abc"]


def test_a_token_that_lost_a_right_is_found(well: Any, typed: Any, moodle: Any) -> None:
    info = json.loads(moodle.answers["core_webservice_get_site_info"])
    whole = info["functions"]
    info["functions"] = [one for one in whole if one["name"] != "core_cohort_get_cohorts"]
    moodle.answers["core_webservice_get_site_info"] = json.dumps(info).encode()
    assert "core_cohort_get_cohorts" in bad(typed)["school: web services"]
    info["functions"] = whole
    moodle.answers["core_webservice_get_site_info"] = json.dumps(info).encode()
    refused = {"exception": "required_capability_exception", "errorcode": "nopermissions", "message": "x"}
    moodle.answers["core_cohort_get_cohorts"] = json.dumps(refused).encode()
    assert "nopermissions" in bad(typed)["school: web services"]


def test_a_token_that_is_no_longer_good_is_found(well: Any, typed: Any, moodle: Any) -> None:
    moodle.recorded("core_webservice_get_site_info", "error_invalid_token")
    found = bad(typed)
    assert list(found) == ["school: web services"]
    assert TOKEN not in str(found)


def test_half_a_site_is_told_as_what_it_is(well: Any, typed: Any) -> None:
    from sqlalchemy import delete

    from lms_plc.sites.models import Deployment

    with well.database.write() as session:
        session.execute(update(Site).values(connector=None, ws_token=None))
        session.execute(delete(Deployment))
        session.execute(delete(Platform))
    found = findings(typed)
    assert found["school: web services"]["said"] == "not connected; members come by launches only"
    assert "lms-plc sites show school" in found["school: launches"]["todo"]


def test_a_finding_is_well_only_without_something_to_do() -> None:
    assert doctor.Finding("x", True, "y").todo == ""
    assert Seal("one key of thirty-two characters").close("x") != "x"
    assert isinstance(system_clock(), datetime)
