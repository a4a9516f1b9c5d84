"""Somebody at the desk: a browser let in from the command line, sending forms as the pages would."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import stamina
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms_plc.admin import seats
from lms_plc.house import House
from lms_plc.sites.actions import Registration
from lms_plc.sites.models import Deployment
from lms_plc.sites.registering import Agreed, Stored, register
from lms_plc.sites.stores import StoredPlatforms

TOOL = "https://plc.example.org"
OWN_PAGE = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def little_patience() -> Iterator[None]:
    """An LMS in trouble is asked twice; how long it is tried is told where calls are."""
    with stamina.set_testing(True, attempts=2):
        yield


@dataclass
class Operator:
    client: FlaskClient
    house: House

    def offered(self) -> str:
        """The path of a new one-time address."""
        with self.house.database.write() as session:
            return f"/admin/enter/{seats.offer(session, self.house.clock())}"

    def come_in(self) -> TestResponse:
        return self.client.post(self.offered(), base_url=TOOL, headers=OWN_PAGE)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=TOOL, **options)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """Sends a form with the token of the desk's first page; ``headers`` replace what the browser says."""
        form = {"csrf_token": self.token(), **(data or {})}
        return self.client.post(path, data=form, base_url=TOOL, headers=headers or OWN_PAGE)

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/admin/connect").text)
        assert found is not None, "the desk is closed"
        return found[1]


@pytest.fixture
def stranger(app: Flask, house: House) -> Operator:
    """A browser without a seat."""
    return Operator(app.test_client(), house)


@pytest.fixture
def operator(stranger: Operator) -> Operator:
    assert stranger.come_in().status_code == 303
    return stranger


SCHOOL = Registration(
    "https://lms.school.example",
    "client-7",
    "https://lms.school.example/auth",
    "https://lms.school.example/token",
    "https://lms.school.example/keys",
)


@pytest.fixture
def school(house: House) -> Stored:
    """An LMS registered by link, with no deployment yet."""
    with house.database.write() as session:
        return register(session, Agreed(SCHOOL, registered_by="link"), "School", house.clock(), via="link")


@pytest.fixture
def waiting(house: House, school: Stored) -> UUID:
    """The id of a deployment of that LMS that has knocked once."""
    StoredPlatforms(house.database, house.clock).meet_deployment(str(school.platform_id), "d-1")
    with house.database.read() as connection:
        return connection.execute(
            select(Deployment.id).where(Deployment.platform_id == school.platform_id)
        ).scalar_one()
