"""Is our key changed in time, once, and without anybody being locked out? And which deployment may begin a login?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from lms_plc import jobs
from lms_plc.serving import register_jobs
from lms_plc.sites.actions import approve_deployment
from lms_plc.sites.models import Deployment, Platform, ToolKey
from lms_plc.sites.stores import StoredPlatforms, StoredToolKeys, rotate_when_old
from lti.toolkeys import SIGNS_FOR, KeyState, current_key

TOOL = "https://plc.example.org"


@pytest.fixture
def ring(house: Any, clock: Any) -> Any:
    return StoredToolKeys(house.database, house.seal, clock)


def made(house: Any, clock: Any) -> None:
    """The ring of a prepared database is as old as the preparation; here it is as old as the clock."""
    with house.database.write() as session:
        for key in session.execute(select(ToolKey)).scalars():
            key.created_at = clock()


class TestTheScheduledRotation:
    def test_a_key_signs_for_ninety_days_and_then_the_next_one_does(
        self, house: Any, clock: Any, ring: Any, events: Any, app: Any
    ) -> None:
        made(house, clock)
        before = {key.state: key.kid for key in ring.load()}
        clock.move(days=89, hours=23)
        assert not rotate_when_old(house)
        clock.move(hours=1)
        assert timedelta(days=90) == SIGNS_FOR
        assert rotate_when_old(house)
        assert current_key(ring.load()).kid == before[KeyState.NEXT]
        states = {key.kid: key.state for key in ring.load()}
        assert states[before[KeyState.CURRENT]] is KeyState.RETIRED
        published = {key["kid"] for key in app.test_client().get("/lti/jwks", base_url=TOOL).get_json()["keys"]}
        assert published == set(states), "the old one may still be looked up, the next one is known in advance"
        changed = events("keys.changed")[-1]
        assert (changed.via, changed.actor_id) == ("job", None)
        assert not rotate_when_old(house)

    def test_two_workers_at_once_rotate_once(self, house: Any, clock: Any, ring: Any, events: Any) -> None:
        made(house, clock)
        kids = {key.kid for key in ring.load()}
        already = len(events("keys.changed"))
        clock.move(days=91)
        begin = Barrier(4)

        def rotate(_: int) -> bool:
            begin.wait()
            return rotate_when_old(house)

        with ThreadPoolExecutor(4) as pool:
            assert any(pool.map(rotate, range(4)))
        assert len({key.kid for key in ring.load()} - kids) == 1
        assert len(events("keys.changed")) == already + 1

    def test_who_was_told_to_rotate_by_another_leaves_the_ring_alone(
        self, house: Any, clock: Any, ring: Any, events: Any
    ) -> None:
        already = len(events("keys.changed"))
        before = [(key.kid, key.state) for key in ring.load()]
        assert [(key.kid, key.state) for key in ring.change(tuple)] == before
        assert len(events("keys.changed")) == already

    def test_every_job_of_the_house_is_known_to_its_workers(
        self, house: Any, clock: Any, at_work: Any, ring: Any
    ) -> None:
        made(house, clock)
        clock.move(days=91)
        kid = current_key(ring.load()).kid
        at_work(register_jobs)
        assert current_key(ring.load()).kid != kid
        assert jobs._timetable["rotate-tool-keys"] == timedelta(days=1)
        assert jobs._timetable["clear-expired"] == timedelta(minutes=15)


class TestTheDeploymentALoginAnnounces:
    @pytest.fixture
    def platform_id(self, lms: Any, stored: Any) -> str:
        return str(stored(select(Platform.id))[0].id)

    def test_one_that_is_approved_or_waits_goes_on_and_a_made_up_one_does_not(
        self, house: Any, clock: Any, platform_id: str, stored: Any, visitor: Any
    ) -> None:
        platforms = StoredPlatforms(house.database, clock)
        visitor().launch("9", deployment_id="77")
        assert platforms.expects_deployment(platform_id, "1")
        assert platforms.expects_deployment(platform_id, "77")
        assert not platforms.expects_deployment(platform_id, "78")
        assert {row.deployment_id for row in stored(select(Deployment.deployment_id))} == {"1", "77"}

    def test_as_long_as_none_is_approved_every_one_may_knock(self, house: Any, clock: Any, platform_id: str) -> None:
        platforms = StoredPlatforms(house.database, clock)
        with house.database.write() as session:
            session.execute(delete(Deployment))
        assert platforms.expects_deployment(platform_id, "78")

    def test_a_login_with_a_made_up_one_is_refused_and_stores_nothing(
        self, app: Any, lms: Any, platform_id: str, stored: Any, house: Any, clock: Any
    ) -> None:
        client = app.test_client()
        refused = client.post("/lti/login", data=lms.platform.login_form(lti_deployment_id="78"), base_url=TOOL)
        assert (refused.status_code, "<code>deployment_unknown</code>" in refused.text) == (403, True)
        assert {row.deployment_id for row in stored(select(Deployment.deployment_id))} == {"1"}
        with house.database.write() as session:
            approve_deployment(session, UUID(platform_id), "78", clock())
        announced = client.post("/lti/login", data=lms.platform.login_form(lti_deployment_id="78"), base_url=TOOL)
        assert announced.status_code == 302

    def test_an_approval_that_is_taken_back_closes_the_door_within_ten_seconds(
        self, house: Any, clock: Any, platform_id: str, visitor: Any
    ) -> None:
        somebody = visitor()
        assert somebody.launch("9").status_code == 303
        with house.database.write() as session:
            session.execute(update(Deployment).values(approved_at=None))
        clock.move(seconds=10)
        refused = somebody.launch("9")
        assert (refused.status_code, "<code>deployment_waiting</code>" in refused.text) == (403, True)
