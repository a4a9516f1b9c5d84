"""What does a platform tell while nobody is there, what comes of it, and how is it asked to?"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import responses
import stamina
from sqlalchemy import select, update

from lms_plc.communities.models import Community, Membership, Placement
from lms_plc.core.ids import new_id
from lms_plc.sites import notices
from lms_plc.sites.actions import Registration, add_platform
from lms_plc.sites.models import Course, Deployment, Platform
from lms_plc.sites.notices import ask_for_notices
from lti.claims import LTI
from lti.testing import PlatformInMemory

TOOL, LMS = "https://plc.example.org", "https://moodle.example.org"
HANDLER, SERVICE = f"{TOOL}/lti/notices", f"{LMS}/notice-handlers"
COPY, HELLO = "LtiContextCopyNotice", "LtiHelloWorldNotice"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
FORGED = (
    *("signed_by_a_stranger", "claims_changed_after_signing", "algorithm_none"),
    *("audience_of_another_tool", "expired"),
)
OF_A_LAUNCH = ("message_type", "roles", "resource_link", "target_link_uri", "lis", "ext", "custom")


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Calls are tried once."""
    stamina.set_testing(True)
    yield
    stamina.set_testing(False)


@pytest.fixture
def signed(lms: Any, clock: Any) -> Callable[..., str]:
    """``signed(COPY, context={…})``: a notice signed by the platform; ``by`` another one, ``spoil`` as launches are."""

    def made(kind: str, *, by: Any = None, spoil: str | None = None, **said: Any) -> str:
        claims: dict[str, Any] = {LTI + name: None for name in OF_A_LAUNCH}
        notice = {"id": "n1", "timestamp": clock().isoformat(), "type": kind}
        claims |= {"sub": None, "name": None, LTI + "context": None, LTI + "notice": notice}
        claims |= {LTI + name: value for name, value in said.items()}
        form = (by or lms.platform).launch_form(f"{LMS}/?nonce=n&state=s", spoil=spoil, **claims)
        return str(form["id_token"])

    return made


@pytest.fixture
def copied(signed: Any) -> Callable[..., str]:
    """``copied()``: course 6 is a copy of course 5."""

    def notice(context: str = "6", origins: tuple[str, ...] = ("5",), title: str | None = "Copy", **how: Any) -> str:
        said = {"id": context, "label": "C-6", **({"title": title} if title else {})}
        return str(signed(COPY, context=said, origin_contexts=list(origins), **how))

    return notice


@pytest.fixture
def post(app: Any) -> Callable[..., int]:
    def send(*tokens: str) -> int:
        body = json.dumps({"notices": [{"jwt": token} for token in tokens]})
        answer = app.test_client().post(
            "/lti/notices", data=body, content_type="application/json", base_url=TOOL, headers={"Origin": LMS}
        )
        assert answer.headers["Cache-Control"] == "no-store"
        return int(answer.status_code)

    return send


class TestACopiedCourse:
    @pytest.fixture(autouse=True)
    def agreed(self, circle: Any) -> None:
        circle.facilitator.post(f"{circle.home}/charter/edit", {"charter": "We *listen*.", "based_on": "0"})
        circle.start(circle.member, body="Only for us")

    def test_it_gets_its_own_empty_community_with_the_charter_before_anybody_has_opened_it(
        self, circle: Any, post: Any, copied: Any, stored: Any, events: Any, said: Any
    ) -> None:
        assert post(copied()) == 200
        twin = stored(select(Community.__table__).where(Community.id != circle.id))[0]
        assert (twin.name, twin.twin_of_id, twin.charter, twin.charter_version) == (
            "Copy",
            circle.id,
            "We *listen*.",
            1,
        )
        assert "<em>listen</em>" in twin.charter_html
        assert stored(select(Membership.id).where(Membership.community_id == twin.id)) == []
        rows = {row.lms_id: row for row in stored(select(Course.__table__))}
        assert (rows["6"].copied_from_id, rows["6"].title) == (rows["5"].id, "Copy")
        founded = events("community.founded")[-1]
        assert (founded.via, founded.actor_id, founded.facts["twin_of"]) == ("notice", None, str(circle.id))
        stranger = circle.visitor()
        landed = stranger.launch("70", "6", roles=[INSTRUCTOR]).location
        assert landed.endswith(f"/communities/{twin.id}")
        page = stranger.get(landed)
        assert "Only for us" not in page.text
        assert "Maths circle" not in page.text, "the original is named to those who know it only"
        assert "facilitator" in said(page), "whoever leads the copy is offered to"

    def test_told_twice_or_at_once_it_is_one(self, post: Any, copied: Any, stored: Any, events: Any) -> None:
        token = copied()
        assert [post(token), post(token), post(token, token), post(copied())] == [200] * 4
        assert len(stored(select(Community.id))) == 2
        assert len(stored(select(Placement.id))) == 2
        assert len(events("community.founded")) == 2

    def test_where_a_launch_was_first_its_community_stays(
        self, circle: Any, post: Any, copied: Any, stored: Any
    ) -> None:
        teacher = circle.visitor()
        found = teacher.launch("1", "6", roles=[INSTRUCTOR]).location
        teacher.post(found, {"name": "Founded by hand"})
        assert post(copied()) == 200
        assert sorted(row.name for row in stored(select(Community.name))) == ["Founded by hand", "Maths circle"]
        titles = {row.lms_id: row.title for row in stored(select(Course.lms_id, Course.title))}
        assert titles["6"] == "Course 6"

    def test_a_title_it_does_not_say_is_the_label_or_the_originals(
        self, circle: Any, post: Any, copied: Any, signed: Any, stored: Any
    ) -> None:
        assert post(copied(title=None)) == 200
        assert post(signed(COPY, context={"id": "7"}, origin_contexts=["5"])) == 200
        titles = {row.lms_id: row.title for row in stored(select(Course.lms_id, Course.title))}
        assert (titles["6"], titles["7"]) == ("C-6", "Course 5")

    @pytest.mark.parametrize("origins", [(), ("404",), ("6", "5"), ("6",)])
    def test_a_copy_of_nothing_known_or_of_itself_makes_nothing(
        self, post: Any, copied: Any, stored: Any, origins: tuple[str, ...]
    ) -> None:
        assert post(copied(origins=origins)) == 200
        assert len(stored(select(Community.id))) == 1
        assert [row.lms_id for row in stored(select(Course.lms_id))] == ["5"]

    def test_a_course_of_the_same_number_at_another_site_is_another_course(
        self, post: Any, copied: Any, stored: Any, house: Any, clock: Any, edge: Any
    ) -> None:
        other = registered_elsewhere(house, clock, edge)
        assert post(copied(by=other)) == 200
        assert len(stored(select(Community.id))) == 1

    @pytest.mark.parametrize(
        "spoil",
        [
            "signed_by_a_stranger",
            "claims_changed_after_signing",
            "algorithm_none",
            "audience_of_another_tool",
            "expired",
        ],
    )
    def test_one_that_is_not_the_platforms_makes_nothing(
        self, post: Any, copied: Any, stored: Any, spoil: str, capsys: Any
    ) -> None:
        assert 400 <= post(copied(spoil=spoil)) < 500
        assert len(stored(select(Community.id))) == 1
        assert "notice refused" in capsys.readouterr().err
        assert post(copied()) == 200

    def test_one_bad_notice_spoils_the_whole_post(self, post: Any, copied: Any, stored: Any) -> None:
        assert 400 <= post(copied(), copied("7", spoil="signed_by_a_stranger")) < 500
        assert len(stored(select(Community.id))) == 1

    def test_one_of_a_platform_nobody_registered_is_refused(
        self, post: Any, copied: Any, stored: Any, clock: Any
    ) -> None:
        stranger = PlatformInMemory("https://stranger.example.net", "x", tool_url=TOOL, clock=clock)
        assert post(copied(by=stranger)) == 403
        assert len(stored(select(Community.id))) == 1

    def test_one_of_a_deployment_that_waits_is_refused_and_the_deployment_kept_waiting(
        self, post: Any, copied: Any, stored: Any
    ) -> None:
        assert post(copied(deployment_id="77")) == 403
        assert len(stored(select(Community.id))) == 1
        kept = stored(select(Deployment.approved_at).where(Deployment.deployment_id == "77"))
        assert kept == [(None,)]


def registered_elsewhere(house: Any, clock: Any, edge: Any) -> PlatformInMemory:
    other = PlatformInMemory("https://other.example.org", "plc-other", tool_url=TOOL, clock=clock)
    its = other.registration
    with house.database.write() as session:
        registration = Registration(
            its.issuer, its.client_id, its.auth_url, its.token_url, its.jwks_url, deployment_id="1"
        )
        add_platform(session, "other", registration, clock(), allow_http=False)
    edge.get(its.jwks_url, json=other.jwks())
    return other


class TestOtherNotices:
    def test_hello_and_what_we_do_not_know_are_taken_and_change_nothing(
        self, circle: Any, post: Any, signed: Any, events: Any
    ) -> None:
        before = len(events())
        assert post(signed(HELLO), signed("LtiSomethingNewNotice")) == 200
        assert len(events()) == before

    @pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"notices": 1}', b'{"notices": [{"jwt": "a.b"}]}', b"\xff"])
    def test_what_is_no_list_of_notices_is_refused(self, app: Any, lms: Any, body: bytes) -> None:
        answer = app.test_client().post("/lti/notices", data=body, base_url=TOOL)
        assert 400 <= answer.status_code < 500

    def test_more_than_anybody_sends_is_not_read(self, app: Any, lms: Any) -> None:
        answer = app.test_client().post("/lti/notices", data=b"x" * (256 * 1024 + 1), base_url=TOOL)
        assert answer.status_code == 413


@dataclass
class NoticeService:
    """A platform's notification service at the edge of the network."""

    kept: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    away: bool = False

    def token(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        body = request.body if isinstance(request.body, str) else request.body.decode()
        self.scopes.append(body)
        return 200, {"Content-Type": "application/json"}, b'{"access_token": "t", "expires_in": 60}'

    def answer(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(request.method)
        if self.away:
            return 503, {}, b""
        if request.method == "PUT":
            wanted = json.loads(request.body)
            self.kept[wanted["notice_type"]] = wanted["handler"]
        listed = [{"notice_type": kind, "handler": handler} for kind, handler in self.kept.items()]
        said = {"client_id": "plc-client", "notice_handlers": listed}
        return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()


class TestAskingForThem:
    @pytest.fixture
    def service(self, edge: responses.RequestsMock, lms: Any) -> NoticeService:
        stub = NoticeService()
        edge.add_callback(responses.POST, f"{LMS}/mod/lti/token.php", stub.token)
        for method in (responses.GET, responses.PUT):
            edge.add_callback(method, SERVICE, stub.answer)
        return stub

    @pytest.fixture
    def platform_id(self, visitor: Any, stored: Any) -> str:
        """The platform, after a launch that offered what we want and something else."""
        offered = {"platform_notification_service_url": SERVICE, "notice_types_supported": [COPY, HELLO, "Other"]}
        visitor().launch("1", **{LTI + "platformnotificationservice": offered})
        return str(stored(select(Platform.id))[0].id)

    def test_a_worker_subscribes_to_those_we_act_on(
        self, house: Any, service: NoticeService, platform_id: str, stored: Any, events: Any, at_work: Any
    ) -> None:
        at_work(notices.register)
        assert service.kept == {COPY: HANDLER, HELLO: HANDLER}
        assert stored(select(Platform.notices))[0].notices["subscribed"] == {COPY: HANDLER, HELLO: HANDLER}
        event = events("notices.subscribed")
        assert [(one.via, one.facts) for one in event] == [("job", {"types": sorted([COPY, HELLO])})]
        assert any("noticehandlers" in scopes for scopes in service.scopes)

    def test_what_is_sent_already_is_not_asked_for_again(
        self, house: Any, service: NoticeService, platform_id: str, events: Any
    ) -> None:
        for _ in range(2):
            ask_for_notices(house, platform_id)
        assert service.asked == ["GET", "PUT", "PUT", "GET"]
        assert len(events("notices.subscribed")) == 1

    def test_one_that_was_turned_elsewhere_is_turned_back(
        self, house: Any, service: NoticeService, platform_id: str
    ) -> None:
        ask_for_notices(house, platform_id)
        service.kept[COPY] = "https://elsewhere.example.net/"
        ask_for_notices(house, platform_id)
        assert service.kept[COPY] == HANDLER

    def test_only_what_the_platform_has_is_asked_for(
        self, house: Any, service: NoticeService, platform_id: str, stored: Any
    ) -> None:
        with house.database.write() as session:
            offered = {"url": SERVICE, "offered": [COPY], "subscribed": {}}
            session.execute(update(Platform).values(notices=offered))
        ask_for_notices(house, platform_id)
        assert service.kept == {COPY: HANDLER}

    def test_a_platform_that_is_away_is_asked_another_day(
        self, house: Any, service: NoticeService, platform_id: str, stored: Any, capsys: Any
    ) -> None:
        service.away = True
        ask_for_notices(house, platform_id)
        assert "notices not asked for" in capsys.readouterr().err
        assert stored(select(Platform.notices))[0].notices["subscribed"] == {}
        service.away = False
        ask_for_notices(house, platform_id)
        assert service.kept == {COPY: HANDLER, HELLO: HANDLER}

    def test_a_platform_without_the_service_or_one_that_is_gone_is_not_asked(
        self, house: Any, service: NoticeService, lms: Any, stored: Any
    ) -> None:
        ask_for_notices(house, str(stored(select(Platform.id))[0].id))
        ask_for_notices(house, str(new_id()))
        assert service.asked == []

    def test_every_day_each_platform_that_has_it_is_looked_at(
        self, house: Any, service: NoticeService, platform_id: str, clock: Any, edge: Any, at_work: Any
    ) -> None:
        registered_elsewhere(house, clock, edge)
        ask_for_notices(house, platform_id)
        service.kept.clear()
        at_work(notices.register)  # a worker that begins makes up for the look that was missed
        assert service.kept == {COPY: HANDLER, HELLO: HANDLER}
        assert not re.search("other", " ".join(service.asked))
