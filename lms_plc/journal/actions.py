"""What somebody can do with their own notebook. The events say that it was written in, never what, nor about which
community; the words are sealed before they are stored."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.sharing import Given, Way
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.journal.forms import EntryForm, ShareForm
from lms_plc.journal.models import JournalEntry, SharedPart
from lms_plc.journal.queries import Shared


def write_entry(session: Session, actor: Actor, seal: Seal, form: EntryForm, today: date) -> UUID:
    """Writes a page. The same form sent twice is one page."""
    written = session.execute(
        upsert(session, JournalEntry)
        .values(
            id=new_id(),
            person_id=actor.person_id,
            community_id=form.community_id,
            prompt=form.prompt.value if form.prompt else None,
            day=form.day or today,
            sealed=seal.close(form.text),
            form_key=form.form_key,
            created_at=actor.at,
            changed_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "form_key"])
        .returning(JournalEntry.id)
    ).scalar_one_or_none()
    if written is None:
        return session.execute(
            select(JournalEntry.id).where(
                JournalEntry.person_id == actor.person_id, JournalEntry.form_key == form.form_key
            )
        ).scalar_one()
    _tell(session, actor, "entry.written", written)
    return written


def change_entry(session: Session, actor: Actor, seal: Seal, entry_id: UUID, form: EntryForm, today: date) -> None:
    """Changes a page; it is a notebook, so how it read before is not kept."""
    session.execute(
        update(JournalEntry)
        .where(JournalEntry.id == entry_id)
        .values(
            community_id=form.community_id,
            prompt=form.prompt.value if form.prompt else None,
            day=form.day or today,
            sealed=seal.close(form.text),
            changed_at=actor.at,
        )
    )
    _tell(session, actor, "entry.changed", entry_id)


def delete_entry(session: Session, actor: Actor, entry_id: UUID) -> None:
    """Tears a page out, for good. What was shared of it stays where it is."""
    session.execute(delete(SharedPart).where(SharedPart.entry_id == entry_id))
    session.execute(delete(JournalEntry).where(JournalEntry.id == entry_id))
    _tell(session, actor, "entry.deleted", entry_id)


def share_part(
    session: Session, actor: Actor, entry_id: UUID, community: CommunitySeen, way: Way, form: ShareForm
) -> Reference:
    """Copies a part into a community. The same form sent twice is one copy."""
    copy = way.share(session, actor, community, Given(form.title, form.text, form.form_key))
    noted = session.execute(
        upsert(session, SharedPart)
        .values(
            id=new_id(),
            entry_id=entry_id,
            community_id=community.id,
            way=way.name,
            thing_kind=copy.kind,
            thing_id=copy.id,
            shared_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["thing_kind", "thing_id"])
        .returning(SharedPart.id)
    ).one_or_none()
    if noted is not None:
        _tell(session, actor, "entry.shared", entry_id)
    return copy


def withdraw_part(session: Session, actor: Actor, entry_id: UUID, part: Shared, way: Way) -> None:
    """Takes the copy back. The page in the notebook stays as it is."""
    withdrawn = session.execute(
        update(SharedPart)
        .where(SharedPart.id == part.id, SharedPart.withdrawn_at.is_(None))
        .values(withdrawn_at=actor.at)
        .returning(SharedPart.id)
    ).one_or_none()
    if withdrawn is not None:
        way.withdraw(session, actor, part.thing.id)
        _tell(session, actor, "entry.withdrawn", entry_id)


def _tell(session: Session, actor: Actor, verb: str, entry_id: UUID) -> None:
    record(
        session,
        verb,
        Reference("journal_entry", entry_id),
        at=actor.at,
        actor_id=actor.person_id,
        site_id=actor.site_id,
    )
