"""What can two colleagues of different communities do until they know each other?"""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.peers.forms import HelloForm
from lms_plc.peers.models import Hello, PeerOffer
from lms_plc.peers.queries import HelloSeen, PeerSeen
from lms_plc.people.blocks import blockers_of
from lms_plc.people.connections import connect


def say_hello(session: Session, actor: Actor, peer: PeerSeen, form: HelloForm) -> None:
    """Once; a second hello to the same person changes nothing, and says nothing of what became of the first."""
    made = session.execute(
        upsert(session, Hello)
        .values(id=new_id(), person_id=actor.person_id, other_id=peer.id, note=form.note, created_at=actor.at)
        .on_conflict_do_nothing(index_elements=["person_id", "other_id"])
        .returning(Hello.id)
    ).one_or_none()
    if made is not None:
        _record(session, "hello.said", actor, made.id, {"to": [str(peer.id)]})


def accept(session: Session, actor: Actor, hello: HelloSeen) -> None:
    """Both know each other from now on, and the hello is the first word of their talk."""
    accepted = session.execute(
        update(Hello)
        .where(Hello.id == hello.id, Hello.accepted_at.is_(None))
        .values(accepted_at=actor.at)
        .returning(Hello.id)
    ).one_or_none()
    if accepted is None:
        return
    thread_id = connect(session, actor, hello.person_id, hello.note)
    to = [] if blockers_of(session.connection(), actor.person_id, [hello.person_id]) else [str(hello.person_id)]
    _record(session, "hello.accepted", actor, hello.id, {"to": to, "thread_id": str(thread_id)})


def let_rest(session: Session, actor: Actor, hello: HelloSeen) -> None:
    """Not now. Whoever said hello is not told, so there is no event either."""
    session.execute(update(Hello).where(Hello.id == hello.id, Hello.rests_at.is_(None)).values(rests_at=actor.at))


def answer_offer(session: Session, actor: Actor) -> None:
    """Yes or not now: it is not asked again soon. No event: that one was asked is nobody's business."""
    session.execute(
        update(PeerOffer)
        .where(PeerOffer.person_id == actor.person_id, PeerOffer.dismissed_at.is_(None))
        .values(dismissed_at=actor.at)
    )


def _record(session: Session, verb: str, actor: Actor, hello_id: UUID, facts: dict[str, object]) -> None:
    reference = Reference("hello", hello_id)
    record_by(session, actor, verb, reference, site_id=actor.site_id, facts=facts)
