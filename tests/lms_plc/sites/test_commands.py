"""What does an admin get told who registers, connects, approves and looks, and what is stored of it?"""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lms_plc.core.sealing import Seal
from lms_plc.sites.models import Deployment, Platform, Site

MOODLE = "https://moodle.example.org"
TOKEN = "5f9c1e0b7a6d4c3388aa00ffeedd1122"
VALUES = ("--issuer", MOODLE, "--client-id", "abc123", "--auth-url", f"{MOODLE}/mod/lti/auth.php") + (
    "--token-url",
    f"{MOODLE}/mod/lti/token.php",
    "--jwks-url",
    f"{MOODLE}/mod/lti/certs.php",
)


@pytest.fixture(autouse=True)
def _installed(installed: Path) -> None:
    """Every command here runs in a whole installation."""


class TestAdding:
    def test_a_platform_is_registered_and_its_deployment_opens(self, typed: Any, stored: Any, events: Any) -> None:
        added = typed("sites", "add", "school", *VALUES, "--deployment-id", "1")
        assert (added.code, added.err) == (0, "")
        assert "Launches of deployment 1 open now." in added.out
        assert stored(select(Platform.issuer, Platform.client_id, Platform.jwks_url)) == [
            (MOODLE, "abc123", f"{MOODLE}/mod/lti/certs.php")
        ]
        assert stored(select(Deployment.approved_at))[0].approved_at is not None
        told = [event.verb for event in events() if event.verb != "keys.changed"]
        assert told == ["site.added", "platform.registered", "deployment.approved"]

    def test_without_a_deployment_the_first_launch_waits(self, typed: Any, stored: Any) -> None:
        added = typed("sites", "add", "school", *VALUES)
        assert "lms-plc sites approve DEPLOYMENT_ID --site school" in added.out
        assert stored(select(Deployment.id)) == []

    def test_adding_twice_is_an_update(self, typed: Any, stored: Any) -> None:
        typed("sites", "add", "school", *VALUES)
        assert typed("sites", "add", "school", *VALUES[:-1], f"{MOODLE}/new/certs.php").code == 0
        assert stored(select(Platform.jwks_url)) == [(f"{MOODLE}/new/certs.php",)]
        assert len(stored(select(Site.id))) == 1

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            (("--issuer", "http://moodle.example.org"), "is not https"),
            (("--jwks-url", "moodle.example.org"), "is no web address"),
            (("--auth-url", "https://user@moodle.example.org/"), "is no web address"),
            (("--client-id", ""), "The client ID is empty."),
        ],
    )
    def test_a_wrong_value_is_one_sentence_and_nothing_is_stored(
        self, typed: Any, stored: Any, changed: tuple[str, str], sentence: str
    ) -> None:
        refused = typed("sites", "add", "school", *VALUES, *changed)
        assert (refused.code, refused.out) == (1, "")
        assert sentence in refused.err
        assert "Traceback" not in refused.err
        assert stored(select(Site.id)) == []

    def test_a_name_of_another_site_is_refused(self, typed: Any, stored: Any) -> None:
        typed("sites", "add", "school", *VALUES)
        other = [value.replace("moodle.", "other.") for value in VALUES]
        assert "choose another name" in typed("sites", "add", "school", *other).err
        assert "is known already, under the name school" in typed("sites", "add", "again", *VALUES).err
        assert "at most 80 characters" in typed("sites", "add", "n" * 81, *other).err
        assert typed("sites", "add", "other", *other).code == 0
        assert len(stored(select(Site.id))) == 2

    def test_two_registrations_at_one_site_share_it(self, typed: Any, stored: Any) -> None:
        typed("sites", "add", "school", *VALUES)
        assert typed("sites", "add", "school", *VALUES, "--client-id", "second").code == 0
        assert len(stored(select(Platform.id))) == 2
        assert len(stored(select(Site.id))) == 1

    def test_a_missing_option_is_wrong_usage(self, typed: Any) -> None:
        wrong = typed("sites", "add", "school")
        assert wrong.code == 2
        assert "--issuer" in wrong.err


class TestConnecting:
    def test_the_token_is_asked_for_by_environment_and_stored_sealed(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", f" {TOKEN}\n")
        connected = typed("sites", "connect", MOODLE + "/")
        assert connected.code == 0, connected.err
        assert "Connected: " in connected.out
        assert "lms-plc sync plan --site moodle.example.org" in connected.out
        assert TOKEN not in connected.out + connected.err
        assert set(moodle.tokens) == {TOKEN}
        [site] = stored(select(Site.__table__))
        assert TOKEN not in site.ws_token
        assert Seal("a key for tests, long enough to be one").open(site.ws_token) == TOKEN
        assert (site.name, site.url, site.connector) == ("moodle.example.org", MOODLE, "moodle")

    def test_the_token_is_asked_for_at_the_terminal_and_not_echoed(
        self, typed: Any, moodle: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = []

        def answer(prompt: str) -> str:
            asked.append(prompt)
            return TOKEN

        monkeypatch.setattr("click.termui.hidden_prompt_func", answer)
        connected = typed("sites", "connect", MOODLE, "--name", "school")
        assert connected.code == 0, connected.err
        assert len(asked) == 1
        assert TOKEN not in connected.out + connected.err

    def test_there_is_no_option_for_it(self, typed: Any) -> None:
        assert typed("sites", "connect", MOODLE, "--token", TOKEN).code == 2

    def test_missing_functions_are_named_and_nothing_is_stored(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        info = json.loads(moodle.answers["core_webservice_get_site_info"])
        gone = {"core_enrol_get_enrolled_users", "core_cohort_get_cohorts"}
        info["functions"] = [one for one in info["functions"] if one["name"] not in gone]
        moodle.answers["core_webservice_get_site_info"] = json.dumps(info).encode()
        refused = typed("sites", "connect", MOODLE)
        assert (refused.code, refused.out) == (1, "")
        assert {line.split()[1] for line in refused.err.splitlines() if "missing:" in line} == gone
        assert "Nothing was stored." in refused.err
        assert TOKEN not in refused.err
        assert stored(select(Site.id)) == []

    def test_a_right_refused_when_tried_is_named(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        moodle.answers["core_cohort_get_cohorts"] = json.dumps(
            {"exception": "required_capability_exception", "errorcode": "nopermissions", "message": "x"}
        ).encode()
        refused = typed("sites", "connect", MOODLE)
        assert refused.code == 1
        assert "refused:" in refused.err
        assert stored(select(Site.id)) == []

    def test_a_wrong_token_is_one_sentence(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        moodle.recorded("core_webservice_get_site_info", "error_invalid_token")
        refused = typed("sites", "connect", MOODLE)
        assert refused.code == 1
        assert "invalidtoken" in refused.err
        assert "Traceback" not in refused.err
        assert TOKEN not in refused.err
        assert stored(select(Site.id)) == []

    def test_an_unknown_kind_of_lms_is_told(self, typed: Any, stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        assert "no connector for 'abacus'" in typed("sites", "connect", MOODLE, "--connector", "abacus").err
        assert stored(select(Site.id)) == []

    def test_a_site_known_by_its_launches_gains_its_web_services(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        typed("sites", "add", "school", *VALUES)
        assert typed("sites", "connect", MOODLE).code == 0
        assert len(stored(select(Site.id))) == 1

    def test_a_hosted_lms_is_read_at_its_own_address_not_its_issuers(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        hosted = ("--issuer", "https://cloud.example.net")
        typed("sites", "add", "school", *VALUES, *hosted)
        assert typed("sites", "connect", MOODLE, "--name", "school").code == 0
        assert stored(select(Site.name, Site.url)) == [("school", MOODLE)]
        assert typed("sites", "add", "school", *VALUES, *hosted, "--client-id", "second").code == 0
        assert (
            "choose another name" in typed("sites", "add", "school", *VALUES, "--issuer", "https://x.example.net").err
        )
        assert len(stored(select(Site.id))) == 1

    def test_and_the_other_way_round(
        self, typed: Any, moodle: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        typed("sites", "connect", MOODLE, "--name", "school")
        assert typed("sites", "add", "school", *VALUES, "--issuer", "https://cloud.example.net").code == 0
        assert stored(select(Site.name, Site.url)) == [("school", MOODLE)]

    def test_two_on_one_host_get_two_names(
        self, typed: Any, moodle: Any, edge: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_LMS_TOKEN", TOKEN)
        edge.add_callback("POST", f"{MOODLE}/second/webservice/rest/server.php", moodle.reply)
        typed("sites", "connect", MOODLE)
        assert typed("sites", "connect", f"{MOODLE}/second").code == 0
        assert {row.name for row in stored(select(Site.name))} == {
            "moodle.example.org",
            "moodle.example.org/second",
        }


class TestLooking:
    def test_before_there_is_a_site_the_way_to_one_is_told(self, typed: Any) -> None:
        assert "Begin with: lms-plc sites connect" in typed("sites", "list").out
        assert json.loads(typed("sites", "list", "--json").out) == []

    def test_show_prints_the_exact_values_to_give_the_lms(self, typed: Any) -> None:
        shown = typed("sites", "show")
        assert shown.code == 0
        for value in (
            "https://plc.example.org/lti/launch",
            "https://plc.example.org/lti/login",
            "https://plc.example.org/lti/jwks",
            "context_id_history=$Context.id.history",
        ):
            assert f"      {value}\n" in shown.out
        values = dict(json.loads(typed("sites", "show", "--json").out)["tool"])
        assert values["Initiate login URL"] == "https://plc.example.org/lti/login"
        assert values["Redirection URI(s)"] == values["Tool URL"] == "https://plc.example.org/lti/launch"

    def test_list_and_show_tell_what_waits(self, typed: Any, house: Any, stored: Any) -> None:
        from lms_plc.sites.stores import StoredPlatforms

        typed("sites", "add", "school", *VALUES, "--deployment-id", "1")
        platform_id = str(stored(select(Platform.id))[0].id)
        StoredPlatforms(house.database, house.clock).meet_deployment(platform_id, "77")
        listed = typed("sites", "list").out
        assert "school" in listed
        assert MOODLE in listed
        assert "waiting: lms-plc sites approve 77" in typed("sites", "show").out
        [site] = json.loads(typed("sites", "list", "--json").out)
        assert site["platforms"][0]["deployments"] == [
            {"deployment_id": "1", "approved": True},
            {"deployment_id": "77", "approved": False},
        ]
        assert json.loads(typed("sites", "show", "school", "--json").out)["site"] == site
        approved = typed("sites", "approve", "77")
        assert (approved.code, "is approved" in approved.out) == (0, True)
        assert "waiting" not in typed("sites", "show", MOODLE).out.partition("This tool knows")[2]

    def test_a_site_or_deployment_nobody_knows_is_told(self, typed: Any) -> None:
        assert "no site called x" in typed("sites", "show", "x").err
        assert "no site called x" in typed("sites", "approve", "1", "--site", "x").err
        assert "Say which site with --site" in typed("sites", "approve", "1").err
        typed("sites", "add", "school", *VALUES)
        refused = typed("sites", "approve", "9")
        assert (refused.code, "school has no deployment 9" in refused.err) == (1, True)
        typed("sites", "add", "other", *[value.replace("moodle.", "other.") for value in VALUES])
        assert "name one to see" in typed("sites", "show").out

    def test_keys_are_listed_and_turned_over(self, typed: Any) -> None:
        before = {key["kid"]: key["state"] for key in json.loads(typed("lti", "keys", "list", "--json").out)}
        assert sorted(before.values()) == ["current", "next"]
        assert typed("lti", "keys", "rotate").code == 0
        after = {key["kid"]: key["state"] for key in json.loads(typed("lti", "keys", "list", "--json").out)}
        for kid, state in before.items():
            assert after[kid] == {"current": "retired", "next": "current"}[state]
        listed = typed("lti", "keys", "list").out
        assert "retired" in listed
        assert "PRIVATE" not in listed
