"""Is whoever runs this tool told what cannot wait: once for a commit, never for a rollback, whatever breaks?"""

import hashlib
import hmac
import json
import os
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import responses
import structlog
from click.testing import CliRunner, Result

from lms_plc import jobs
from lms_plc.alarms import mail, ringing, webhook
from lms_plc.alarms.alarm import LONGEST_TEXT, LONGEST_TITLE, About, Alarm, NotSent
from lms_plc.alarms.commands import alarms_commands
from lms_plc.config import SettingsError, read_settings
from lms_plc.core import mail as core_mail
from lms_plc.house import House
from tests.post_office import PASSWORD, PostOffice, free_port

HOOK = "https://alarms.example.org/plc/canary-of-the-address"
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
RUN = UUID("01990000-0000-7000-8000-000000000001")

HELD = Alarm(
    f"sync-held:{RUN}",
    "The sync of moodle is held",
    "31 people would leave “Maths circle”. Nothing was changed.\nLook at the plan: lms-plc sync runs",
    About("moodle", RUN),
    NOON,
)


@pytest.fixture
def at_noon(house: House) -> House:
    return replace(house, clock=lambda: NOON)


@pytest.fixture
def hooked(at_noon: House) -> House:
    """A house that tells alarms over the web."""
    return with_settings(at_noon, alarm_webhook=HOOK)


@pytest.fixture
def work(at_work: Callable[..., None]) -> Callable[[House], None]:
    """``work(house)``: a worker of that house tells what waits."""
    return lambda house: at_work(lambda _: ringing.register(house))


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as caught:
        yield caught


def with_settings(house: House, **values: object) -> House:
    return replace(house, settings=house.settings.model_copy(update=values))


def rung(house: House, alarm: Alarm = HELD) -> bool:
    with house.database.write() as session:
        return ringing.ring(session, alarm)


def bodies(edge: responses.RequestsMock) -> list[dict[str, Any]]:
    return [json.loads(call.request.body or "{}") for call in edge.calls]


class TestRinging:
    def test_what_is_rung_is_told_once(
        self, hooked: House, edge: responses.RequestsMock, work: Any, lines: list[Any]
    ) -> None:
        edge.post(HOOK, status=204)
        assert rung(hooked)
        assert len(edge.calls) == 0, "nobody at a page waits for it"
        work(hooked)
        assert bodies(edge) == [
            {
                "id": str(HELD.id),
                "kind": "sync-held",
                "title": HELD.title,
                "text": HELD.text,
                "site": "moodle",
                "run": str(RUN),
                "at": "2026-09-01T12:00:00+00:00",
            }
        ]
        [line] = [line for line in lines if line["event"] == "alarm told"]
        assert (line["channel"], line["said"]) == ("webhook", "the address answered 204")

    def test_what_was_rolled_back_is_never_told(self, hooked: House, edge: responses.RequestsMock, work: Any) -> None:
        edge.post(HOOK, status=204)
        with hooked.database.write() as session:
            ringing.ring(session, HELD)
            session.rollback()
        kept = replace(HELD, key="sync-failed:1", title="The other one")
        rung(hooked, kept)
        work(hooked)
        assert [body["title"] for body in bodies(edge)] == ["The other one"]

    def test_two_of_one_occasion_that_wait_are_one_and_those_of_two_are_two(
        self, hooked: House, edge: responses.RequestsMock, work: Any
    ) -> None:
        edge.post(HOOK, status=204)
        assert rung(hooked)
        assert not rung(hooked, replace(HELD, text="Again."))
        assert rung(hooked, replace(HELD, key="sync-held:2"))
        work(hooked)
        assert len(edge.calls) == 2

    def test_a_channel_that_is_busy_is_tried_again_with_the_same_id(
        self,
        hooked: House,
        edge: responses.RequestsMock,
        work: Any,
        lines: list[Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(ringing, "FIRST_WAIT", timedelta(seconds=0.2))
        for status in (503, 404, 200):
            edge.post(HOOK, status=status)
        rung(hooked)
        work(hooked)
        assert [body["id"] for body in bodies(edge)] == [str(HELD.id)] * 3
        told = [(line["event"], line["tries"], line.get("problem")) for line in lines if "tries" in line]
        assert told == [
            ("alarm not told yet", 1, "the address answered 503"),
            ("alarm not told yet", 2, "the address answered 404"),
            ("alarm told", 3, None),
        ]

    def test_after_a_day_it_is_given_up_with_a_line_that_holds_no_secret(
        self, hooked: House, edge: responses.RequestsMock, work: Any, lines: list[Any]
    ) -> None:
        edge.post(HOOK, status=500, body="canary of the answer")
        rung(hooked, replace(HELD, at=NOON - timedelta(days=1)))
        work(hooked)
        assert len(edge.calls) == 1
        [line] = [line for line in lines if line["log_level"] == "error"]
        assert (line["event"], line["channel"], line["kind"]) == ("alarm given up", "webhook", "sync-held")
        assert line["problem"] == "the address answered 500"
        assert "canary" not in str(lines)

    def test_waits_grow_and_end_with_the_day(self, hooked: House, edge: responses.RequestsMock) -> None:
        edge.post(HOOK, status=500)

        def wait(tries: int, **ago: float) -> float | None:
            alarm = replace(HELD, at=NOON - timedelta(**ago))
            return ringing._tell(hooked, "webhook", tries, alarm.stored())

        assert [wait(tries) for tries in (0, 1, 2, 7, 8, 500)] == [60, 120, 240, 7680, 14400, 14400]
        assert wait(500, hours=23) == 3600, "the last try is made when the day ends"
        assert wait(3, hours=24) is None

    def test_no_error_of_any_kind_loses_an_alarm(
        self, hooked: House, lines: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> str:
            raise LookupError("canary")

        monkeypatch.setattr(webhook, "post", broken)
        assert ringing._tell(hooked, "webhook", 0, HELD.stored()) == 60
        assert lines[-1]["problem"] == "LookupError"
        assert "canary" not in str(lines)

    def test_without_a_channel_it_is_one_line_of_the_log(
        self, at_noon: House, work: Any, edge: responses.RequestsMock, lines: list[Any]
    ) -> None:
        rung(at_noon)
        work(at_noon)
        [line] = [line for line in lines if line["log_level"] == "warning"]
        assert line["title"] == HELD.title
        assert "PLC_ALARM_WEBHOOK" in line["todo"]
        assert "PLC_ALARM_EMAIL" in line["todo"]

    def test_a_channel_taken_out_of_the_settings_is_told_nothing_more(self, at_noon: House, lines: list[Any]) -> None:
        assert ringing._tell(at_noon, "webhook", 4, HELD.stored()) is None
        assert lines[-1]["event"] == "alarm not told: the channel is no longer set"

    def test_a_silent_channel_keeps_no_other_waiting(
        self, hooked: House, post_office: PostOffice, edge: responses.RequestsMock, work: Any
    ) -> None:
        server = post_office.open()
        both = with_settings(hooked, **by_mail(server.url))
        edge.post(HOOK, status=500)
        rung(both, replace(HELD, at=NOON - timedelta(days=2)))
        work(both)
        assert len(edge.calls) == len(server.letters) == 1


class TestAlarms:
    def test_words_are_made_fit_to_be_told(self) -> None:
        alarm = Alarm("k", " A\r\nBcc: x\x00\ud800 \u2028b ", "line\nline\x1b" + "x" * LONGEST_TEXT, at=NOON)
        assert alarm.title == "A Bcc: x b"
        assert alarm.text.startswith("line\nlinexxx")
        assert (len(alarm.text), alarm.text[-1]) == (LONGEST_TEXT, "…")
        assert len(Alarm("k", "t" * 900, "").title) == LONGEST_TITLE

    def test_what_a_job_kept_is_the_alarm_again(self) -> None:
        bare = Alarm("test", "T", "x")
        assert Alarm.read(HELD.stored()) == HELD
        assert Alarm.read(json.loads(json.dumps(bare.stored()))) == bare
        assert bare.told()["run"] is None

    def test_a_moment_without_a_zone_is_the_callers_mistake(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Alarm("k", "T", "x", at=datetime(2026, 9, 1))  # noqa: DTZ001


class TestOverTheWeb:
    def test_the_receiver_can_prove_who_sent_it(self, hooked: House, edge: responses.RequestsMock) -> None:
        edge.post(HOOK, status=200)
        webhook.post(hooked.settings, HELD)
        key = run("key", hooked).stdout.strip()
        request = edge.calls[0].request
        assert request.headers["Content-Type"] == "application/json"
        expected = hmac.new(key.encode(), request.body, hashlib.sha256).hexdigest()
        assert request.headers["PLC-Signature"] == f"sha256={expected}"
        assert webhook.webhook_key("another key") != key
        assert len(key) == 64

    @pytest.mark.parametrize("status", [301, 302, 400, 401, 410, 500])
    def test_anything_but_yes_is_no(self, hooked: House, edge: responses.RequestsMock, status: int) -> None:
        edge.post(HOOK, status=status, headers={"Location": "https://elsewhere.example.net/"})
        with pytest.raises(NotSent, match=f"^the address answered {status}$"):
            webhook.post(hooked.settings, HELD)
        assert len(edge.calls) == 1

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]"])
    def test_an_address_inside_is_never_called(self, at_noon: House, host: str) -> None:
        inside = with_settings(at_noon, alarm_webhook=f"https://{host}:9/canary")
        with pytest.raises(NotSent) as refused:
            webhook.post(inside.settings, HELD)
        assert "canary" not in str(refused.value)
        assert "refused" not in str(refused.value).lower()

    def test_an_address_inside_is_called_where_an_admin_allows_it(self, at_noon: House, hook_inside: "Hook") -> None:
        inside = with_settings(at_noon, alarm_webhook=hook_inside.url, allow_private_hosts=True)
        assert webhook.post(inside.settings, HELD) == "the address answered 200"
        assert json.loads(hook_inside.bodies[0])["title"] == HELD.title


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # behind smtps the server of the tests does not see the TLS
class TestByMail:
    def test_a_letter_says_what_is_the_matter(self, at_noon: House, post_office: PostOffice) -> None:
        server = post_office.open()
        wired = with_settings(at_noon, **by_mail(server.url))
        assert mail.send(wired.settings, HELD) == "2 of 2 addresses taken"
        [(sender, receivers, letter)] = server.letters
        assert (sender, receivers) == ("plc@example.org", ["it@example.org", "help@example.org"])
        assert letter["Subject"] == HELD.title
        assert letter["From"] == "plc@example.org"
        assert letter["To"] == "it@example.org, help@example.org"
        assert letter["Message-ID"] == f"<{HELD.id}@plc.example.org>"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Date"].datetime == NOON
        body = letter.get_content()
        assert HELD.text in body.replace("\r\n", "\n")
        for said in ("Site: moodle", f"Run: {RUN}", "At: 2026-09-01 12:00 UTC", "From: https://plc.example.org"):
            assert said in body

    def test_letters_of_any_language_arrive(self, at_noon: House, post_office: PostOffice) -> None:
        server = post_office.open()
        wired = with_settings(at_noon, **by_mail(server.url))
        title = "Синхронизацијата чека 🙂 " + "مجتمع " * 20
        mail.send(wired.settings, replace(HELD, title=title, about=About()))
        [(_, _, letter)] = server.letters
        assert letter["Subject"] == title.strip()
        assert "Site:" not in letter.get_content()

    @pytest.mark.parametrize("way", ["smtps", "starttls"])
    def test_the_password_goes_to_a_server_whose_certificate_is_good(
        self, at_noon: House, post_office: PostOffice, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(post_office.certificate))
        server = post_office.open(way)
        wired = with_settings(at_noon, **by_mail(server.url))
        mail.send(wired.settings, HELD)
        assert len(server.letters) == 1
        assert server.logins == [("plc@example.org", PASSWORD)]

    def test_an_authority_of_the_schools_own_is_trusted_for_mail_too(
        self, at_noon: House, post_office: PostOffice
    ) -> None:
        server = post_office.open("starttls")
        wired = with_settings(at_noon, ca_bundle=post_office.certificate, **by_mail(server.url))
        assert mail.send(wired.settings, HELD) == "2 of 2 addresses taken"

    @pytest.mark.parametrize("way", ["smtps", "starttls"])
    def test_a_server_nobody_vouches_for_gets_no_password(
        self, at_noon: House, post_office: PostOffice, way: str
    ) -> None:
        server = post_office.open(way)
        assert refusal(at_noon, server.url) == "the mail server's certificate cannot be trusted"
        assert server.logins == server.letters == []

    def test_a_server_without_starttls_is_given_no_password(self, at_noon: House, post_office: PostOffice) -> None:
        server = post_office.open()
        asked = server.url.replace("smtp://", "smtp://plc:canary@") + "?starttls=1"
        assert refusal(at_noon, asked) == "the mail server does not offer what the settings ask for"
        assert server.logins == server.letters == []

    def test_a_wrong_password_is_told_without_it(
        self, at_noon: House, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(post_office.certificate))
        server = post_office.open("smtps")
        wrong = server.url.replace("canary%20p", "canary%20q")
        assert refusal(at_noon, wrong) == "the mail server refused user name or password (535)"

    def test_those_who_are_taken_are_not_told_twice_for_those_who_are_not(
        self, at_noon: House, post_office: PostOffice
    ) -> None:
        server = post_office.open(refuses={"help@example.org"})
        wired = with_settings(at_noon, **by_mail(server.url))
        assert mail.send(wired.settings, HELD) == "1 of 2 addresses taken"

    def test_what_the_server_says_no_to_is_told_in_our_words(self, at_noon: House, post_office: PostOffice) -> None:
        everybody = {"it@example.org", "help@example.org"}
        assert refusal(at_noon, post_office.open(refuses=everybody).url) == "the mail server refused every address"
        full = post_office.open(answer="552 canary of help@example.org is full").url
        assert refusal(at_noon, full) == "the mail server said no (552)"
        sender = post_office.open(refuses={"plc@example.org"}).url
        assert refusal(at_noon, sender) == "the mail server refused the sender (550)"

    def test_a_server_that_is_not_there_or_goes_silent_is_told(
        self, at_noon: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert refusal(at_noon, f"smtp://127.0.0.1:{free_port()}") == (
            "no connection to the mail server (ConnectionRefusedError)"
        )
        monkeypatch.setattr(core_mail, "SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
            assert refusal(at_noon, address) == "the mail server went silent or broke off"

    def test_a_bad_good_bye_changes_nothing(
        self, at_noon: House, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def quit_badly(server: smtplib.SMTP) -> None:
            server.close()
            raise smtplib.SMTPServerDisconnected("gone")

        monkeypatch.setattr(smtplib.SMTP, "quit", quit_badly)
        server = post_office.open()
        wired = with_settings(at_noon, **by_mail(server.url))
        assert mail.send(wired.settings, HELD) == "2 of 2 addresses taken"


class TestTrying:
    def test_each_channel_says_what_came_of_it(
        self, hooked: House, post_office: PostOffice, edge: responses.RequestsMock
    ) -> None:
        edge.post(HOOK, status=202)
        server = post_office.open()
        tried = run("try", with_settings(hooked, **by_mail(server.url)))
        assert tried.exception is None
        assert tried.stdout.splitlines() == [
            "ok   webhook: the address answered 202",
            "ok   email: 2 of 2 addresses taken",
        ]
        assert bodies(edge)[0]["kind"] == "test"
        assert "This is a test" in server.letters[0][2].get_content()

    def test_one_that_fails_is_told_and_the_other_tried_all_the_same(
        self, hooked: House, post_office: PostOffice, edge: responses.RequestsMock
    ) -> None:
        edge.post(HOOK, status=403)
        server = post_office.open()
        tried = run("try", with_settings(hooked, **by_mail(server.url)))
        assert "BAD  webhook: the address answered 403" in tried.stdout
        assert len(server.letters) == 1
        assert str(tried.exception) == "1 of 2 channels did not take the test alarm."
        assert "canary" not in tried.stdout

    def test_without_a_channel_it_says_how_to_have_one(self, at_noon: House) -> None:
        assert str(run("try", at_noon).exception).startswith("Alarms are told to nobody. Set PLC_ALARM_WEBHOOK")


class TestSettings:
    """A half-set way of telling does not start."""

    @pytest.fixture(autouse=True)
    def _an_empty_place(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in [name for name in os.environ if name.startswith("PLC_")]:
            monkeypatch.delenv(name)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PLC_BASE_URL", "https://plc.example.org")
        monkeypatch.setenv("PLC_SECRET_KEY", "k" * 32)

    def test_whole_ones_are_read_and_shown_to_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_ALARM_WEBHOOK", HOOK)
        monkeypatch.setenv("PLC_ALARM_EMAIL", " it@example.org, help@example.org,")
        monkeypatch.setenv("PLC_SMTP_URL", "smtp://plc:canary@mail.example.org:587?starttls=1")
        monkeypatch.setenv("PLC_MAIL_FROM", "plc@example.org")
        settings = read_settings()
        assert settings.alarm_email == ("it@example.org", "help@example.org")
        assert settings.alarm_webhook == HOOK
        for hidden in ("canary", "it@example.org"):
            assert hidden not in repr(settings)

    def test_mail_without_a_server_or_a_sender_names_both(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_ALARM_EMAIL", "it@example.org")
        with pytest.raises(SettingsError) as refused:
            read_settings()
        for name in ("PLC_SMTP_URL", "PLC_MAIL_FROM"):
            assert f"{name} is not set, and PLC_ALARM_EMAIL needs it." in str(refused.value)
        assert "Example: smtp://user:password@mail.example.org:587?starttls=1" in str(refused.value)
        monkeypatch.setenv("PLC_SMTP_URL", "smtps://mail.example.org")
        with pytest.raises(SettingsError) as refused:
            read_settings()
        assert str(refused.value).startswith("PLC_MAIL_FROM is not set")

    @pytest.mark.parametrize(
        ("name", "value", "problem"),
        [
            ("PLC_ALARM_WEBHOOK", "canary", "is no web address"),
            ("PLC_ALARM_WEBHOOK", "ftp://canary.example.org", "is no web address"),
            ("PLC_ALARM_WEBHOOK", "https://example.org:canary/", "is no web address"),
            ("PLC_ALARM_WEBHOOK", "https://example.org:0/canary", "is no web address"),
            ("PLC_ALARM_WEBHOOK", "http://example.org/canary", "must be https"),
            ("PLC_ALARM_WEBHOOK", "https://me:canary@example.org/", "must have no user name and no #"),
            ("PLC_ALARM_WEBHOOK", "https://example.org/#canary", "must have no user name and no #"),
            ("PLC_ALARM_EMAIL", "it@example.org,canary", "is no e-mail address"),
            ("PLC_ALARM_EMAIL", "Canary <it@example.org>", "is no e-mail address"),
            ("PLC_ALARM_EMAIL", "it@example.org;canary@example.org", "is no e-mail address"),
            ("PLC_ALARM_EMAIL", "it@кanary.example.org", "must be in ASCII"),
            ("PLC_MAIL_FROM", "canary", "is no e-mail address"),
            ("PLC_MAIL_FROM", "a@b\nBcc: canary", "is no e-mail address"),
            ("PLC_SMTP_URL", "canary", "is no mail server"),
            ("PLC_SMTP_URL", "http://canary.example.org", "is no mail server"),
            ("PLC_SMTP_URL", "smtp://me:canary/word@example.org", "is no mail server"),
            ("PLC_SMTP_URL", "smtp://example.org/canary", "is no mail server"),
            ("PLC_SMTP_URL", "smtp://example.org:0", "is no mail server"),
            ("PLC_SMTP_URL", "smtp://example.org?tls=canary", "takes ?starttls=1"),
            ("PLC_SMTP_URL", "smtps://example.org?starttls=1", "takes ?starttls=1"),
            ("PLC_SMTP_URL", "smtps://canary@example.org", "needs user name and password, or neither"),
            ("PLC_SMTP_URL", "smtp://me:canary@example.org", "would send its password in clear"),
        ],
    )
    def test_what_is_wrong_is_named_without_its_value(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
    ) -> None:
        read_settings()
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as refused:
            read_settings()
        assert str(refused.value).startswith(f"{name} {problem}")
        assert "canary" not in str(refused.value).lower()

    def test_what_an_admin_may_allow_on_a_private_network_is_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLC_ALLOW_PRIVATE_HOSTS", "1")
        monkeypatch.setenv("PLC_ALARM_WEBHOOK", "http://alarms.intern:8080/")
        monkeypatch.setenv("PLC_SMTP_URL", "smtp://plc:secret@localhost")
        assert read_settings().alarm_webhook == "http://alarms.intern:8080/"


class TestLater:
    """What alarms ask of the jobs."""

    def test_a_job_for_later_is_not_begun_before(self, house: House, at_work: Callable[..., None]) -> None:
        began: list[datetime] = []

        def register(_: House) -> None:
            jobs.job("note the time")(lambda steps: began.append(datetime.now(UTC)))
            with house.database.write() as session:
                assert jobs.enqueue_later(session, timedelta(seconds=1), "note the time")

        asked = datetime.now(UTC)
        at_work(register)
        assert len(began) == 1
        assert began[0] - asked >= timedelta(seconds=1)

    def test_nothing_waits_for_less_than_nothing(self, house: House) -> None:
        with house.database.write() as session, pytest.raises(ValueError, match="less than nothing"):
            jobs.enqueue_later(session, timedelta(seconds=-1), "ring-alarm", key="k")


def run(command: str, house: House) -> Result:
    return CliRunner().invoke(alarms_commands, [command], obj=house)


def by_mail(url: str) -> dict[str, object]:
    receivers = ("it@example.org", "help@example.org")
    return {"alarm_email": receivers, "smtp_url": url, "mail_from": "plc@example.org"}


def refusal(house: House, url: str) -> str:
    with pytest.raises(NotSent) as refused:
        mail.send(with_settings(house, **by_mail(url)).settings, HELD)
    assert refused.value.__cause__ is None
    return str(refused.value)


@dataclass
class Hook:
    """A receiver on this machine."""

    url: str
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture
def hook_inside() -> Iterator[Hook]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    hook = Hook(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield hook
    server.shutdown()
    thread.join()
    server.server_close()
