"""Which sites are synced by the clock, and what an admin is left with when a run is overtaken."""

from typing import Any

from sqlalchemy import func, select, update

from lms_plc.core.activity import Event
from lms_plc.house import House
from lms_plc.rostersync.job import sites_to_sync
from lms_plc.rostersync.models import SyncChange
from lms_plc.sites.actions import connect_site
from lms_plc.sites.models import Site

World = Any
"""An LMS in memory and its site; see conftest.py."""


def test_a_site_nobody_has_chosen_anything_of_is_not_synced_by_the_clock(house: House) -> None:
    with house.database.write() as session:
        site_id = connect_site(
            session,
            name="moodle",
            url="https://moodle.example.org",
            connector="moodle",
            token="token",
            seal=house.seal,
            title="Moodle",
            release="4.5",
            ws_user="2",
            at=house.clock(),
        )
    assert sites_to_sync(house) == []

    with house.database.write() as session:
        session.execute(update(Site).where(Site.id == site_id).values(covers="all"))
    assert sites_to_sync(house) == [str(site_id)]


def test_what_a_run_planned_and_did_not_do_is_forgotten_when_a_later_one_ends(world: World) -> None:
    world.source.put("5", p1="active", p2="active")
    world.plan("5")
    assert _changes(world) > 0
    world.sync("5")
    applied = _changes(world)
    world.source.put_course("5", visible=False)
    for _ in range(3):
        world.sync()
    assert _changes(world) <= applied + 1, "a course that stays hidden is not written down anew with every run"


def test_covering_every_course_is_told_once_as_an_event(world: World) -> None:
    world.source.put("5", p1="active")
    world.sync(all_courses=True)
    world.sync(all_courses=True)
    with world.database.read() as connection:
        told = connection.execute(select(func.count()).where(Event.verb == "site.covers_all")).scalar_one()
    assert told == 1


def _changes(world: World) -> int:
    with world.database.read() as connection:
        return connection.execute(select(func.count()).select_from(SyncChange)).scalar_one()
