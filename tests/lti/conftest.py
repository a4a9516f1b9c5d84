"""A tool with stores in memory, a platform in memory, and a small Flask host around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient

from lti.blueprint import Tool, lti_blueprint
from lti.keysets import KeySets
from lti.launch import Launch, LaunchRules, read_launch
from lti.login import LoginRedirect, ToolAddress, begin_login
from lti.refusals import LaunchContext, Refusal
from lti.testing import (
    TOOL_URL,
    FrozenClock,
    LoginsInMemory,
    PlatformInMemory,
    PlatformsInMemory,
    TicketsInMemory,
    ToolKeysInMemory,
)
from lti.toolkeys import first_ring

MARK = "M" * 43


@dataclass(repr=False)
class House:
    """Everything between the platform and the host, with short ways to log in and launch without Flask."""

    clock: FrozenClock
    lms: PlatformInMemory
    platforms: PlatformsInMemory
    logins: LoginsInMemory
    key_sets: KeySets
    address: ToolAddress
    rules: LaunchRules
    mark: str = MARK

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As Hypothesis shows it beside an example that fails: all of it would bury the example."""
        printer.text("<House>")

    def log_in(self, mark: str = MARK, form: Mapping[str, str] | None = None) -> str:
        return self.begin(self.lms.login_form() if form is None else form, mark).url

    def begin(self, form: Mapping[str, str], mark: str = MARK, *, is_new_browser: bool = True) -> LoginRedirect:
        return begin_login(
            form, self.platforms, self.logins, self.clock, mark, self.address, is_new_browser=is_new_browser
        )

    def launch(self, form: Mapping[str, str], mark: str | None = MARK, rules: LaunchRules | None = None) -> Launch:
        return read_launch(
            form,
            platforms=self.platforms,
            logins=self.logins,
            key_sets=self.key_sets,
            tool=self.address,
            rules=rules or self.rules,
            clock=self.clock,
            mark=mark,
        )

    def log_in_and_launch(self, **options: Any) -> Launch:
        return self.launch(self.lms.launch_form(self.log_in(), **options))


@dataclass(repr=False)
class Host:
    """A host that answers everything with JSON and remembers what it was asked."""

    app: Flask
    tickets: TicketsInMemory
    tool: Tool | None = None
    refusals: list[tuple[Refusal, LaunchContext]] = field(default_factory=list)
    arrived: list[Launch] = field(default_factory=list)
    entered: list[tuple[dict[str, str], str]] = field(default_factory=list)
    arriving: Callable[[Launch], Mapping[str, str]] | None = None
    new_mark: str | None = None
    posted_notices: list[bytes] = field(default_factory=list)
    notifying: Callable[[bytes], int] | None = None

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<Host>")

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def arrive(self, launch: Launch) -> Mapping[str, str]:
        if self.arriving is not None:
            return self.arriving(launch)
        self.arrived.append(launch)
        return {"person": f"person-{launch.subject}"}

    def enter(self, passage: Mapping[str, str], mark: str, in_frame: bool) -> tuple[Response, str]:
        self.entered.append((dict(passage), mark))
        return jsonify(entered=dict(passage), in_frame=in_frame), self.new_mark or mark

    def notified(self, body: bytes) -> int:
        if self.notifying is not None:
            return self.notifying(body)
        self.posted_notices.append(body)
        return 200

    def keep_in_platform(self, redirect: LoginRedirect) -> Response:
        assert redirect.storage is not None
        storage = redirect.storage
        return jsonify(
            next=redirect.url,
            frame=storage.frame,
            origin=storage.origin,
            key=storage.key,
            value=storage.value,
        )

    def offer_ways_in(self, passage: Mapping[str, str], ticket_secret: str, launch: Launch) -> Response:
        return jsonify(ticket=ticket_secret, key=launch.storage.key if launch.storage else None)

    def refuse(self, refusal: Refusal, context: LaunchContext) -> Response:
        self.refusals.append((refusal, context))
        response = jsonify(refused=refusal.code, admin=refusal.admin % refusal.values)
        response.status_code = refusal.status
        return response


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def lms(clock: FrozenClock) -> PlatformInMemory:
    return PlatformInMemory(clock=clock)


@pytest.fixture
def house(clock: FrozenClock, lms: PlatformInMemory) -> House:
    return House(
        clock=clock,
        lms=lms,
        platforms=PlatformsInMemory(lms.registration),
        logins=LoginsInMemory(),
        key_sets=KeySets(lms.fetch, clock),
        address=ToolAddress(TOOL_URL),
        rules=LaunchRules(),
    )


@pytest.fixture(scope="session")
def ring() -> tuple:
    return first_ring(FrozenClock().now)


@pytest.fixture
def host(house: House, ring: tuple) -> Host:
    app = Flask("host")
    app.testing = True
    host = Host(app, TicketsInMemory())
    tool = Tool(
        base_url=TOOL_URL,
        platforms=house.platforms,
        logins=house.logins,
        tickets=host.tickets,
        key_sets=house.key_sets,
        tool_keys=ToolKeysInMemory(ring),
        clock=house.clock,
        arrive=host.arrive,
        enter=host.enter,
        keep_in_platform=host.keep_in_platform,
        offer_ways_in=host.offer_ways_in,
        notified=host.notified,
        refuse=host.refuse,
        about=lambda: Response("This address receives launches."),
        register=lambda link, method, fields: jsonify(link=link, method=method, fields=dict(fields)),
        settings=house.rules,
    )
    host.tool = tool
    app.register_blueprint(lti_blueprint(tool))
    return host
