"""What becomes of a registration link: Moodle's recorded answers, what is stored of them, and who is kept out."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import responses
from sqlalchemy import select

from lms_plc.core.ids import new_id
from lms_plc.sites import registration_pages
from lms_plc.sites.actions import Registration, SiteProblem
from lms_plc.sites.models import Deployment, Platform, RegistrationLink, Site
from lms_plc.sites.registering import (
    LINK_LIFE,
    Agreed,
    LinkSpent,
    NameTaken,
    make_link,
    open_link,
    open_links,
    register,
    register_by_link,
    withdraw_link,
)
from lms_plc.sites.registration import CUSTOM_PARAMETERS, SCOPES, family_of, tool_profile, tool_values
from lti.browser import digest
from lti.claims import MESSAGES
from lti.testing import PlatformInMemory

TOOL = "https://plc.example.org"
LMS = "https://moodle.example.org"
OWN_PAGE = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
CONFIGURATION = f"{LMS}/mod/lti/openid-configuration.php"
ENDPOINT = f"{LMS}/mod/lti/openid-registration.php"
TOKEN = "eyJ0eXAiOiJKV1Qi.canary-of-the-registration.token"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
RECORDED = json.loads(
    (Path(__file__).parents[2] / "recordings" / "moodle" / "lti" / "dynamic_registration.json")
    .read_text()
    .replace("http://127.0.0.1:8080", LMS)
    .replace("http:\\/\\/127.0.0.1:8080", LMS)
)


class Moodle:
    """A Moodle at the edge of the network that answers a registration as the recorded one did."""

    def __init__(self, edge: responses.RequestsMock) -> None:
        self.edge = edge
        self.asked: list[Any] = []
        self.answer: tuple[int, str] = (200, json.dumps(RECORDED["registration_response"]["json"]))
        self.configuration: dict[str, Any] = RECORDED["openid_configuration"]
        edge.add_callback(responses.GET, CONFIGURATION, lambda _: (200, {}, json.dumps(self.configuration)))
        edge.add_callback(responses.POST, ENDPOINT, self._registered)

    def _registered(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.asked.append(request)
        return self.answer[0], {"Content-Type": "application/json"}, self.answer[1]

    def refuses(self, case: str) -> None:
        self.answer = (RECORDED[case]["status"], RECORDED[case]["text"])


@pytest.fixture
def moodle(edge: responses.RequestsMock) -> Moodle:
    return Moodle(edge)


@pytest.fixture
def link(house: Any) -> Callable[..., str]:
    """``link("School")``: the secret of a new link."""

    def made(name: str | None = None) -> str:
        with house.database.write() as session:
            return make_link(session, house.clock(), name, via="desk")

    return made


@pytest.fixture
def admin(app: Any) -> Any:
    """The browser of the LMS's administrator."""
    return Admin(app.test_client())


class Admin:
    def __init__(self, client: Any) -> None:
        self.client = client

    def opens(self, secret: str, configuration: str = CONFIGURATION, token: str | None = TOKEN) -> Any:
        query = {"openid_configuration": configuration} | ({"registration_token": token} if token else {})
        headers = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Referer": LMS + "/"}
        return self.client.get(f"/lti/register/{secret}?{urlencode(query)}", base_url=TOOL, headers=headers)

    def presses(self, page: Any, name: str | None = None, headers: dict[str, str] | None = None) -> Any:
        """Sends the page's own form."""
        form = dict(re.findall(r'<input [^>]*?name="([^"]+)" value="([^"]*)"', page.text))
        if name is not None:
            form["site_name"] = name
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action is not None, page.text
        return self.client.post(action[1], data=form, base_url=TOOL, headers=headers or OWN_PAGE)


class TestMoodlesRecordedRegistration:
    def test_a_link_and_one_button_connect_both_sides(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any, events: Any, house: Any, said: Any
    ) -> None:
        page = admin.opens(link())
        assert page.status_code == 200
        assert "Connect moodle.example.org?" in said(page)
        assert "Moodle 4.5.6." in said(page)
        assert "no e-mail address" in said(page)
        assert stored(select(Site.id)) == []
        done = admin.presses(page, "Lab")
        assert done.status_code == 200
        assert "Lab is connected" in said(done)
        assert "press “Activate”" in said(done)
        assert "BU24S7PNyerxiE0" in said(done)
        assert "data-lti-close" in done.text
        assert stored(select(Site.name, Site.url)) == [("Lab", LMS)]
        [platform] = stored(select(Platform.__table__))
        assert (platform.issuer, platform.client_id) == (LMS, "BU24S7PNyerxiE0")
        assert (platform.auth_url, platform.jwks_url) == (f"{LMS}/mod/lti/auth.php", f"{LMS}/mod/lti/certs.php")
        assert (platform.registered_by, platform.family, platform.proved_at) == ("link", "moodle", None)
        assert platform.token_audience is None
        assert set(platform.granted) < set(SCOPES)
        assert len(platform.granted) == 4
        assert platform.custom == {}
        [deployment] = stored(select(Deployment.deployment_id, Deployment.approved_at))
        assert (deployment.deployment_id, deployment.approved_at) == ("3", house.clock())
        told = [(event.verb, event.via) for event in events() if event.verb != "keys.changed"]
        assert told == [
            ("link.made", "desk"),
            ("site.added", "link"),
            ("platform.registered", "link"),
            ("deployment.approved", "link"),
        ]

    def test_the_lms_is_asked_for_what_it_has_and_the_answer_is_kept(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any
    ) -> None:
        answer = json.loads(moodle.answer[1])
        kept = {"context_id_history": "$Context.id.history", "somebody_elses": "$x"}
        answer[TOOL_CONFIGURATION]["custom_parameters"] = kept
        moodle.answer = (201, json.dumps(answer))
        admin.presses(admin.opens(link("Lab")))
        [asked] = moodle.asked
        assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
        sent = json.loads(asked.body)
        tool = sent[TOOL_CONFIGURATION]
        assert sent["client_name"] == "Learning communities"
        assert sent["client_name#mk"] != sent["client_name"]
        assert "email" not in tool["claims"]
        assert "name" in tool["claims"]
        assert tool["custom_parameters"] == {
            name: variable for name, variable in CUSTOM_PARAMETERS.items() if variable != "$ResourceLink.id.history"
        }
        assert [(message["type"], message.get("placements")) for message in tool["messages"]] == [
            ("LtiResourceLinkRequest", None),
            ("LtiDeepLinkingRequest", ["ContentArea"]),
        ]
        assert [row.custom for row in stored(select(Platform.custom))] == [
            {"context_id_history": "$Context.id.history"}
        ]

    def test_the_first_launch_proves_it(
        self, admin: Any, link: Any, moodle: Moodle, edge: Any, app: Any, house: Any, clock: Any, stored: Any
    ) -> None:
        admin.presses(admin.opens(link("Lab")))
        platform = PlatformInMemory(issuer=LMS, client_id="BU24S7PNyerxiE0", tool_url=TOOL, clock=clock)
        edge.get(f"{LMS}/mod/lti/certs.php", json=platform.fetch(platform.registration.jwks_url))
        client = app.test_client()
        login = client.post("/lti/login", data=platform.login_form(lti_deployment_id="3"), base_url=TOOL)
        lti = "https://purl.imsglobal.org/spec/lti/claim/"
        claims = {lti + "deployment_id": "3", lti + "context": {"id": "5", "title": "Course 5"}}
        form = platform.launch_form(login.location, **claims)
        launched = client.post("/lti/launch", data=form, base_url=TOOL, headers={"Origin": LMS})
        assert launched.status_code == 303, launched.text
        assert stored(select(Platform.proved_at))[0].proved_at == clock()

    def test_registering_again_with_the_same_addresses_brings_the_entry_up_to_date(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any, house: Any, said: Any
    ) -> None:
        admin.presses(admin.opens(link("Lab")))
        with house.database.write() as session:
            session.execute(Platform.__table__.update().values(proved_at=house.clock()))  # type: ignore[attr-defined]
        page = admin.opens(link("Lab"))
        assert "was connected before" in said(page)
        assert 'name="site_name"' not in page.text
        assert admin.presses(page).status_code == 200
        assert stored(select(Platform.proved_at)) == [(None,)]
        assert stored(select(Site.name)) == [("Lab",)]

    @pytest.mark.parametrize("address", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    @pytest.mark.parametrize("name", [None, "Lab", "Another name"])
    def test_a_document_that_says_something_else_of_a_known_lms_takes_nothing_over(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any, said: Any, address: str, name: str | None
    ) -> None:
        """Whoever can put a file onto an LMS's host must not become that LMS."""
        admin.presses(admin.opens(link("Lab")))
        before = stored(select(Platform.__table__))
        asked = len(moodle.asked)
        moodle.configuration = {**moodle.configuration, address: "https://evil.example.net/keys"}
        refused = admin.opens(link(name))
        assert refused.status_code == 403
        assert "registration_not_theirs" in said(refused)
        assert stored(select(Platform.__table__)) == before
        assert len(moodle.asked) == asked, "the platform was told nothing"

    def test_a_link_with_another_schools_name_does_not_join_a_known_site(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any, said: Any
    ) -> None:
        admin.presses(admin.opens(link("Lab")))
        assert "registration_not_theirs" in said(admin.opens(link("Another school")))
        assert stored(select(Site.name)) == [("Lab",)]

    def test_an_lms_known_by_its_web_services_only_is_joined_by_the_operators_word(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any, said: Any, house: Any
    ) -> None:
        with house.database.write() as session:
            session.add(Site(id=new_id(), name="Lab", url=LMS, covers="placed", created_at=house.clock()))
        for name in (None, "Another school"):
            assert "registration_not_theirs" in said(admin.opens(link(name)))
        assert admin.presses(admin.opens(link("Lab"))).status_code == 200
        assert len(stored(select(Platform.id))) == 1


class TestWhatIsKeptOut:
    def test_without_a_link_the_way_to_one_is_told(self, app: Any, moodle: Moodle, said: Any) -> None:
        page = app.test_client().get(f"/lti/register?openid_configuration={CONFIGURATION}", base_url=TOOL)
        assert page.status_code == 403
        assert "ask whoever runs this tool for a registration link" in said(page)
        assert [call.request.url for call in moodle.edge.calls] == []

    def test_a_link_is_used_once(self, admin: Any, link: Any, moodle: Moodle, stored: Any) -> None:
        secret = link("Lab")
        page = admin.opens(secret)
        assert admin.presses(page).status_code == 200
        for again in (admin.presses(page), admin.opens(secret)):
            assert again.status_code == 403
            assert "registration_link_unknown" in again.text
        assert len(moodle.asked) == 1
        assert len(stored(select(Platform.id))) == 1

    @pytest.mark.parametrize("secret", ["x", "a" * 43, "%00", "é" * 43])
    def test_an_invented_link_calls_nobody(self, admin: Any, moodle: Moodle, secret: str) -> None:
        assert admin.opens(secret).status_code in (403, 404)
        assert len(moodle.edge.calls) == 0

    def test_a_link_ends_after_seven_days(self, admin: Any, link: Any, moodle: Moodle, clock: Any) -> None:
        secret = link("Lab")
        clock.move(days=6, hours=23)
        page = admin.opens(secret)
        assert page.status_code == 200
        clock.move(hours=1)
        assert admin.opens(secret).status_code == 403
        assert admin.presses(page).status_code == 403
        assert moodle.asked == []

    def test_a_withdrawn_link_is_no_link(self, admin: Any, link: Any, moodle: Moodle, house: Any) -> None:
        secret = link("Lab")
        with house.database.write() as session:
            [one] = open_links(session.connection(), house.clock())
            assert withdraw_link(session, one.id, house.clock(), via="desk")
            assert not withdraw_link(session, one.id, house.clock(), via="desk")
        assert admin.opens(secret).status_code == 403

    def test_a_configuration_from_another_host_is_refused(
        self, admin: Any, link: Any, moodle: Moodle, stored: Any
    ) -> None:
        moodle.configuration = {**moodle.configuration, "issuer": "https://bank.example.net"}
        refused = admin.opens(link("Lab"))
        assert refused.status_code == 403
        assert "registration_issuer_host_differs" in refused.text
        assert stored(select(Platform.id)) == []

    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "localhost"])
    def test_a_private_address_is_not_called(self, admin: Any, link: Any, host: str) -> None:
        refused = admin.opens(link("Lab"), f"https://{host}/mod/lti/openid-configuration.php")
        assert refused.status_code == 424
        assert "registration_configuration_unreachable" in refused.text

    @pytest.mark.parametrize("address", ["", "nonsense", "javascript:alert(1)", "http://moodle.example.org/x"])
    def test_an_address_that_is_none_or_not_https_is_refused(
        self, admin: Any, link: Any, moodle: Moodle, address: str
    ) -> None:
        refused = admin.opens(link("Lab"), address)
        assert refused.status_code in (400, 403)
        assert "registration_" in refused.text
        assert len(moodle.edge.calls) == 0

    def test_a_form_of_another_site_registers_nothing(self, admin: Any, link: Any, moodle: Moodle, stored: Any) -> None:
        page = admin.opens(link("Lab"))
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.net"}):
            refused = admin.presses(page, headers=headers)
            assert (refused.status_code, "registration_from_elsewhere" in refused.text) == (403, True)
        assert moodle.asked == []
        assert admin.presses(page).status_code == 200

    def test_of_two_at_once_one_wins_and_the_other_is_told(
        self, app: Any, link: Any, moodle: Moodle, stored: Any, monkeypatch: pytest.MonkeyPatch, said: Any
    ) -> None:
        both_answered = threading.Barrier(2, timeout=30)
        real, answers = registration_pages.lti_registration.register, []

        def register_slowly(*given: Any) -> Any:
            registered = real(*given)
            both_answered.wait()
            return registered

        monkeypatch.setattr(registration_pages.lti_registration, "register", register_slowly)
        secret = link("Lab")
        admins = [Admin(app.test_client()) for _ in range(2)]
        pages = [one.opens(secret) for one in admins]
        threads = [
            threading.Thread(target=lambda one=one, page=page: answers.append(one.presses(page)))
            for one, page in zip(admins, pages, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (200, 409)
        assert "registration_link_used_meanwhile" in lost.text
        assert "remove it there" in said(lost)
        assert len(stored(select(Platform.id))) == 1

    def test_no_log_knows_the_link_or_the_token(
        self,
        admin: Any,
        link: Any,
        moodle: Moodle,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("DEBUG")
        secrets = [link("Lab"), link("Other")]
        good = moodle.answer
        moodle.answer = (400, f"what is {TOKEN}?")
        for _ in range(2):
            admin.presses(admin.opens(secrets[0]))
            moodle.answer = good
        admin.opens(secrets[0])
        admin.opens(secrets[1], "https://127.0.0.1/?secret=of-the-query")
        printed = capsys.readouterr()
        told = printed.out + printed.err + caplog.text
        assert "registration refused" in told, "something is logged"
        for canary in (*secrets, TOKEN, "canary", "of-the-query"):
            assert canary not in told

    def test_what_is_stored_is_no_link(self, admin: Any, link: Any, moodle: Moodle, stored: Any) -> None:
        secret = link("Lab")
        [row] = stored(select(RegistrationLink.secret_digest))
        assert row.secret_digest == digest(secret)
        assert admin.opens(row.secret_digest).status_code == 403


class TestTheFrame:
    def test_only_the_lms_of_a_good_link_may_frame_the_page(self, admin: Any, link: Any, moodle: Moodle) -> None:
        secret = link("Lab")
        page = admin.opens(secret)
        assert f"frame-ancestors 'self' {LMS}" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "strict-origin"
        admin.presses(page)
        spent = admin.opens(secret, "https://evil.example.net/x")
        assert "evil" not in spent.headers["Content-Security-Policy"]

    def test_a_hosted_lms_may_frame_it_from_the_schools_own_address(
        self, admin: Any, link: Any, moodle: Moodle
    ) -> None:
        school = "https://school.example.org"
        moodle.configuration = {**moodle.configuration, "registration_endpoint": f"{school}/register"}
        policy = admin.opens(link("Lab")).headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors 'self' {LMS} {school}")

    @pytest.mark.parametrize("host", ["a;script-src *", "a b", "a,b", "*"])
    def test_no_address_writes_a_policy_of_its_own(self, admin: Any, link: Any, moodle: Moodle, host: str) -> None:
        policy = admin.opens(link("Lab"), f"https://{host}/x").headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'self'")


class TestNames:
    def test_the_operators_name_stands_in_the_field_or_the_host(self, admin: Any, link: Any, moodle: Moodle) -> None:
        assert 'value="North"' in admin.opens(link("North")).text
        assert 'value="moodle.example.org"' in admin.opens(link()).text

    def test_a_wrong_name_is_said_at_its_field_and_nothing_is_lost(
        self, admin: Any, link: Any, moodle: Moodle, house: Any, said: Any
    ) -> None:
        with house.database.write() as session:
            _connected(session, house, "Taken")
        page = admin.opens(link())
        for name, sentence in (("", "Please fill this in."), ("n" * 81, "too long"), ("Taken", "is called so here")):
            again = admin.presses(page, name)
            assert again.status_code == 422
            assert sentence in said(again)
            assert f'value="{TOKEN}"' in again.text
        assert moodle.asked == []
        assert admin.presses(again, "Free").status_code == 200

    def test_only_the_operators_own_word_joins_a_site_that_is_here(
        self, admin: Any, link: Any, moodle: Moodle, house: Any, stored: Any
    ) -> None:
        with house.database.write() as session:
            _connected(session, house, "School")
        assert admin.presses(admin.opens(link()), "School").status_code == 422
        assert admin.presses(admin.opens(link("School"))).status_code == 200
        assert [row.name for row in stored(select(Site.name))] == ["School"]


def _connected(session: Any, house: Any, name: str) -> None:
    """A site known by its web services only, under another address than its issuer."""
    session.add(Site(id=new_id(), name=name, url="https://intern.example.org", created_at=house.clock()))


VALUES = Registration(LMS, "c-1", f"{LMS}/auth", f"{LMS}/token", f"{LMS}/keys", "1")


class TestStoring:
    """The rules beneath the pages, which the desk's own form shares."""

    def test_two_lmss_on_one_host_without_names_get_two(self, house: Any, stored: Any) -> None:
        with house.database.write() as session:
            for path in ("/a", "/b"):
                values = Registration(LMS + path, "c", f"{LMS}{path}/auth", f"{LMS}/t", f"{LMS}/k")
                register(session, Agreed(values), None, house.clock(), via="desk")
        assert {row.name for row in stored(select(Site.name))} == {"moodle.example.org", "moodle.example.org/b"}

    def test_a_registration_stays_with_the_site_that_has_it(self, house: Any, stored: Any) -> None:
        with house.database.write() as session:
            _connected(session, house, "School")
            first = register(session, Agreed(VALUES), "School", house.clock(), via="desk")
            again = register(session, Agreed(VALUES), "Other", house.clock(), via="desk")
        assert (first, again.site_name) == (again, "School")

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            (Registration("http://m.example.org", "c", LMS, LMS, LMS), "is not https"),
            (Registration(LMS, "", LMS, LMS, LMS), "client ID is empty"),
            (Registration(LMS, "c", LMS, LMS, "nowhere"), "no web address"),
        ],
    )
    def test_values_that_cannot_be_are_refused(
        self, house: Any, stored: Any, values: Registration, sentence: str
    ) -> None:
        with pytest.raises(SiteProblem, match=sentence), house.database.write() as session:
            register(session, Agreed(values), "School", house.clock(), via="desk")
        assert stored(select(Site.id)) == []

    def test_a_name_that_is_too_long_or_taken_is_refused(self, house: Any, stored: Any) -> None:
        elsewhere = Registration("https://x.example.org", "c", LMS, LMS, LMS)
        with house.database.write() as session:
            register(session, Agreed(VALUES), "School", house.clock(), via="desk")
        with pytest.raises(SiteProblem, match="at most 80"), house.database.write() as session:
            register(session, Agreed(elsewhere), "n" * 81, house.clock(), via="desk")
        with pytest.raises(NameTaken), house.database.write() as session:
            register(session, Agreed(elsewhere), "School", house.clock(), via="desk")
        assert len(stored(select(Site.id))) == 1

    def test_what_goes_wrong_while_storing_leaves_the_link(self, house: Any, link: Any) -> None:
        secret, at = link(), house.clock()
        bad = Agreed(Registration(LMS, "", LMS, LMS, LMS))
        with pytest.raises(SiteProblem), house.database.write() as session:
            register_by_link(session, secret, bad, "Lab", at, allow_http=False)
        with house.database.write() as session:
            assert open_link(session.connection(), secret, at) is not None
            stored = register_by_link(session, secret, Agreed(VALUES), "Lab", at, allow_http=False)
        with pytest.raises(LinkSpent), house.database.write() as session:
            register_by_link(session, secret, Agreed(VALUES), "Lab", at, allow_http=False)
        with house.database.read() as connection:
            row = connection.execute(select(RegistrationLink.platform_id, RegistrationLink.used_at)).one()
        assert (row.platform_id, row.used_at) == (stored.platform_id, at)

    def test_a_race_lost_while_storing_is_told(
        self, admin: Any, link: Any, moodle: Moodle, monkeypatch: pytest.MonkeyPatch, said: Any
    ) -> None:
        page = admin.opens(link("Lab"))
        for problem, word in (
            (NameTaken("x"), "given away meanwhile"),
            (SiteProblem("of another kind"), "another kind"),
        ):

            def fail(*_: Any, problem: Exception = problem, **__: Any) -> Any:
                raise problem

            monkeypatch.setattr(registration_pages.registering, "register_by_link", fail)
            refused = admin.presses(page)
            assert (refused.status_code, word in said(refused)) == (409, True)

    def test_links_are_listed_until_they_are_used_or_late(self, house: Any, link: Any, clock: Any) -> None:
        link("first")
        clock.move(days=1)
        link("second")
        with house.database.read() as connection:
            assert [one.site_name for one in open_links(connection, clock())] == ["second", "first"]
        clock.move(seconds=LINK_LIFE.total_seconds() - 24 * 3600)
        with house.database.read() as connection:
            assert [one.site_name for one in open_links(connection, clock())] == ["second"]


def test_the_tool_introduces_itself_in_every_language_and_for_every_message() -> None:
    profile = tool_profile(TOOL)
    assert {message.type for message in profile.messages} <= set(MESSAGES)
    assert "sr-Cyrl" in profile.localised_names
    assert profile.logo_url == f"{TOOL}/static/plc.svg"
    assert "email" not in profile.claims


def test_moodles_form_is_told_of_deep_linking_and_of_every_custom_parameter() -> None:
    values = dict(tool_values(TOOL))
    assert values["Content Selection URL"] == f"{TOOL}/lti/launch"
    assert values["Custom parameters"].splitlines() == [f"{name}={value}" for name, value in CUSTOM_PARAMETERS.items()]


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("moodle", "moodle"),
        ("Desire2Learn", "brightspace"),
        ("BlackboardLearn", "blackboard"),
        ("x", "other"),
        (None, "other"),
    ],
)
def test_a_platforms_own_code_leads_to_its_guide(code: str | None, family: str) -> None:
    assert family_of(code) == family


def test_the_logo_is_there(app: Any) -> None:
    path = urlsplit(tool_profile(TOOL).logo_url or "").path
    assert app.test_client().get(path, base_url=TOOL).status_code == 200
