"""For whom has it been quiet? Noticed kindly, once a day, and told to nobody but themselves.

Whoever came before and then neither came nor did anything for forty-five days is asked on their own first page whether
they would like to meet a colleague of their subject elsewhere, if one wants to be met. After "not now" it is not asked
again for ninety days. No event and no list says who was asked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, func, or_, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community, Membership
from lms_plc.core.activity import Event
from lms_plc.core.database import upsert
from lms_plc.core.policy import Actor
from lms_plc.house import House
from lms_plc.jobs import Steps, job, schedule
from lms_plc.peers.models import PeerOffer
from lms_plc.peers.queries import subject_with_a_peer
from lms_plc.people.contact import note_contact
from lms_plc.people.models import Identity, LastContact, PersonSubject, Seat

QUIET = timedelta(days=45)
NOT_AGAIN_FOR = timedelta(days=90)
OVERLAP = timedelta(days=2)
"""So far back each look begins before the last contact known: what was under way then is seen."""

AT_ONCE = 200


def register(house: House) -> None:
    @job("notice-quiet-members", one_per=())
    def notice(steps: Steps) -> None:
        steps.run("note who was here", note_contacts, house)
        after = steps.run("offer to some", offer_to_some, house, None)
        while after:
            after = steps.run(f"offer to some after {after}", offer_to_some, house, after)

    schedule("notice-quiet-members", every=timedelta(days=1))


def note_contacts(house: House) -> None:
    """Who did something or came since the last look. A seat remembers the latest launch at one browser."""
    with house.database.read() as connection:
        known = connection.execute(select(func.max(LastContact.at))).scalar_one()
        moments: dict[UUID, datetime] = {}
        for source in _sources(known - OVERLAP if known else None):
            for person_id, at in connection.execute(source):
                moments[person_id] = max(at, moments.get(person_id, at))
    with house.database.write() as session:
        note_contact(session, moments)


def _sources(since: datetime | None) -> Sequence[Any]:
    columns = (
        (Event.actor_id, Event.at),
        (Seat.person_id, Seat.opened_at),
        (Identity.person_id, Identity.first_launched_at),
    )
    return [
        select(person, func.max(at).label("at"))
        .where(person.is_not(None), at.is_not(None), *([at > since] if since else []))
        .group_by(person)
        for person, at in columns
    ]


def offer_to_some(house: House, after: str | None) -> str | None:
    """Asks the next ones; gives the id to go on behind, or None at the end."""
    at = house.clock()
    with house.database.read() as connection:
        some = _quiet(connection, at, UUID(after) if after else None)
        offers = [(one.person_id, subject_with_a_peer(connection, _as(one, at))) for one in some]
    with house.database.write() as session:
        for person_id, subject in offers:
            if subject is not None:
                _offer(session, person_id, subject, at)
    return str(some[-1].person_id) if len(some) == AT_ONCE else None


def _quiet(connection: Connection, at: datetime, after: UUID | None) -> Sequence[Any]:
    """Active members who came once, said what they teach, and have had no contact; with one site of theirs."""
    came = exists().where(Identity.person_id == LastContact.person_id, Identity.first_launched_at.is_not(None))
    teaches = exists().where(PersonSubject.person_id == LastContact.person_id)
    site = (
        select(Community.site_id)
        .join(Membership, Membership.community_id == Community.id)
        .where(Membership.person_id == LastContact.person_id, Membership.state == "active")
        .order_by(Membership.id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(LastContact.person_id, site.label("site_id"))
        .outerjoin(PeerOffer, PeerOffer.person_id == LastContact.person_id)
        .where(
            LastContact.at <= at - QUIET,
            site.is_not(None),
            came,
            teaches,
            or_(PeerOffer.person_id.is_(None), PeerOffer.dismissed_at <= at - NOT_AGAIN_FOR),
        )
        .order_by(LastContact.person_id)
        .limit(AT_ONCE)
    )
    if after is not None:
        query = query.where(LastContact.person_id > after)
    return connection.execute(query).all()


def _as(one: Any, at: datetime) -> Actor:
    return Actor(one.person_id, one.site_id, "", at)


def _offer(session: Session, person_id: UUID, subject: str, at: datetime) -> None:
    offer = upsert(session, PeerOffer).values(person_id=person_id, subject=subject, offered_at=at)
    session.execute(
        offer.on_conflict_do_update(
            index_elements=["person_id"],
            set_={"subject": offer.excluded.subject, "offered_at": offer.excluded.offered_at, "dismissed_at": None},
        )
    )
