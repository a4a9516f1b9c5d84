"""Who is shown as a possible twin, and is every plan untrue that was made before two were joined?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from lms_plc.communities.memberships import Because, bring_in
from lms_plc.core.ids import new_id
from lms_plc.core.policy import NotThere
from lms_plc.people.models import Identity, Person, Seat
from lms_plc.people.registry import meet
from lms_plc.people.twins import keep_apart
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncRun
from lms_plc.rostersync.twins import MOST_ALIKE, join_persons, pair_of, possible_twins
from lms_plc.rostersync.waiting import PlanIsOld, approve
from lms_plc.sites.models import Site, Ticket


def met(world: Any, **names: str) -> dict[str, UUID]:
    with world.database.write() as session:
        return meet(session, world.site_id, names, world.now)


def number(world: Any, subject: str, number: str, register: str | None = None) -> None:
    with world.database.write() as session:
        mine = (Identity.site_id == world.site_id, Identity.subject == subject)
        session.execute(update(Identity).where(*mine).values(sourced_id=number))
        session.execute(update(Site).where(Site.id == world.site_id).values(register=register))


def members(world: Any, community_id: UUID, *persons: UUID) -> None:
    with world.database.write() as session:
        bring_in(session, world.site_id, community_id, persons, Because(world.now, "cli"))


def pairs(world: Any, **more: Any) -> Any:
    with world.database.read() as connection:
        return possible_twins(connection, world.now, **more)


def names(page: Any) -> list[set[str]]:
    return [{pair.one.name, pair.other.name} for pair in page.pairs]


class TestSomebodyIsShown:
    def test_with_the_same_number_at_another_site(self, world: Any, new_world: Any) -> None:
        other = new_world()
        met(world, a="Ana", b="Ben")
        met(other, x="Ana N.")
        number(world, "a", "N-1", "ministry")
        number(other, "x", "N-1", "ministry")
        [pair] = pairs(world).pairs
        assert ({pair.one.name, pair.other.name}, pair.numbers, pair.registers) == (
            {"Ana", "Ana N."},
            ["N-1"],
            ["ministry"],
        )
        assert not pair.same_name

    def test_with_the_same_name_in_the_same_community(self, world: Any) -> None:
        who = met(world, a="Ana", b="Ana", c="Cem")
        members(world, world.place("1"), *who.values())
        [pair] = pairs(world).pairs
        assert (pair.one.id, pair.other.id) == (who["a"], who["b"])
        assert (pair.same_name, pair.together, pair.numbers) == (True, ["Course 1"], [])
        assert [one.subject for one in pair.one.accounts] == ["a"]

    def test_but_not_with_the_same_name_in_another_community_or_without_a_name(self, world: Any) -> None:
        who = met(world, a="Ana", b="Ana", c="", d="")
        first, second = world.place("1"), world.place("2")
        members(world, first, who["a"], who["c"], who["d"])
        members(world, second, who["b"])
        with world.database.write() as session:
            session.execute(update(Person).where(Person.id.in_((who["c"], who["d"]))).values(display_name="#7"))
        assert pairs(world).pairs == []

    def test_but_not_for_a_name_that_very_many_bear(self, world: Any) -> None:
        who = met(world, **{f"p{n}": "Guest" for n in range(MOST_ALIKE + 1)})
        members(world, world.place("1"), *who.values())
        assert pairs(world).pairs == []

    def test_until_they_are_kept_apart(self, world: Any) -> None:
        who = met(world, a="Ana", b="Ana")
        members(world, world.place("1"), *who.values())
        with world.database.write() as session:
            keep_apart(session, who["b"], who["a"], world.now, via="cli")
        assert pairs(world).pairs == []
        with world.database.read() as connection:
            pair = pair_of(connection, who["b"], who["a"], world.now)
        assert pair is not None
        assert pair.kept_apart

    def test_once_however_many_reasons_there_are_and_page_by_page(self, world: Any) -> None:
        who = met(world, a="Ana", b="Ana", c="Ana", d="Ana")
        for course in ("1", "2"):
            members(world, world.place(course), *who.values())
        number(world, "a", "N-1")
        number(world, "b", "N-1")
        whole = pairs(world)
        assert (len(whole.pairs), whole.next_key) == (6, None)
        first = pairs(world, size=4)
        rest = pairs(world, size=4, after=first.next_key)
        seen = [(pair.one.id, pair.other.id) for page in (first, rest) for pair in page.pairs]
        assert len(seen) == len(set(seen)) == 6
        assert rest.next_key is None

    def test_and_a_warning_if_both_came_in_a_moment_ago(self, world: Any) -> None:
        who = met(world, a="Ana", b="Ana")
        members(world, world.place("1"), *who.values())
        with world.database.write() as session:
            for n, person in enumerate(who.values()):
                session.add(
                    Seat(
                        id=new_id(),
                        word=f"word{n}",
                        browser_digest=f"{n}",
                        person_id=person,
                        site_id=world.site_id,
                        opened_at=world.now,
                        expires_at=world.now,
                    )
                )
        assert len(pairs(world).pairs[0].met_both_at) == 1
        world.now += timedelta(hours=2)
        assert pairs(world).pairs[0].met_both_at == []


def test_the_list_costs_as_many_statements_with_many_pairs_as_with_one(world: Any) -> None:
    counts = []
    for many in (2, 12):
        who = met(world, **{f"p{many}-{n}": f"Ana {n // 2}" for n in range(many)})
        members(world, world.place(str(many)), *who.values())
        sent: list[str] = []
        with world.database.read() as connection:
            event.listen(connection, "before_cursor_execute", lambda *said, sent=sent: sent.append(str(said[2])))
            assert possible_twins(connection, world.now).pairs
        counts.append(len(sent))
    assert counts[0] == counts[1] == 3


class TestJoining:
    @pytest.fixture
    def two(self, world: Any) -> Any:
        world.source.put("1", ann="active", ben="active", new="active")
        world.sync()
        return world.person("ann"), world.person("ben")

    def test_makes_every_plan_untrue_that_was_made_before(self, world: Any, two: Any) -> None:
        world.source.put("1", ann="active", ben="active", new="active", more="active")
        plan = world.plan()
        with world.database.write() as session:
            join_persons(session, *two, world.clock(), via="cli")
        with pytest.raises(PlanIsOld, match="Something has changed"):
            approve(world.database, plan.run_id, world.clock, by="cli")

    def test_leaves_other_sites_alone(self, world: Any, two: Any, new_world: Any) -> None:
        other = new_world()
        with world.database.write() as session:
            join_persons(session, *two, world.clock(), via="cli")
        with world.database.read() as connection:
            rows = connection.execute(select(Site.id, Site.sync_revision))
            revisions = {row.id: row.sync_revision for row in rows}
        assert revisions[other.site_id] == 0 < revisions[world.site_id]

    def test_gives_a_sync_nothing_to_do_while_both_accounts_are_enrolled(self, world: Any, two: Any) -> None:
        with world.database.write() as session:
            join_persons(session, *two, world.clock(), via="cli")
        assert world.changes(world.sync()) == []
        assert world.members("1") == {"ann": "active", "ben": "active", "new": "active"}

    def test_lets_them_stay_while_one_account_is_enrolled(self, world: Any, two: Any) -> None:
        with world.database.write() as session:
            join_persons(session, *two, world.clock(), via="cli")
        world.source.put("1", ben="active", new="active")
        assert Kind.MISSING not in [kind for kind, _ in world.changes(world.sync(allow_removals=True))]

    def test_opens_no_seat_for_somebody_who_is_not_there(self, world: Any, two: Any) -> None:
        with world.database.write() as session:
            for n, person in enumerate((*two, "")):
                passage = {"person": str(person)}
                session.add(Ticket(ticket_digest=str(n), passage=passage, expires_at=world.now))
            session.flush()
            join_persons(session, *two, world.clock(), via="cli")
        with world.database.read() as connection:
            left = connection.execute(select(Ticket.ticket_digest).order_by(Ticket.ticket_digest)).scalars().all()
        assert left == ["0", "2"]

    def test_of_somebody_unknown_changes_nothing(self, world: Any, two: Any) -> None:
        with pytest.raises(NotThere), world.database.write() as session:
            join_persons(session, two[0], new_id(), world.clock(), via="cli")
        with world.database.read() as connection:
            before = connection.execute(select(SyncRun.revision)).scalars().all()
            now = connection.execute(select(Site.sync_revision).where(Site.id == world.site_id)).scalar_one()
        assert now <= max(before) + 1
