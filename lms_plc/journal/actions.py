"""What somebody can do with their own notebook. The events say that it was written in, never what, nor about which
community; the words are sealed before they are stored."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience, name_people
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.sharing import Given, Way
from lms_plc.core import accesses
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.core.things import keeps
from lms_plc.evidence import actions as evidence
from lms_plc.evidence.kinds import NODE
from lms_plc.journal.forms import ConcernForm, EntryForm, ReleaseForm, ShareForm
from lms_plc.journal.models import JournalEntry, JournalVoice, ReleasedPart, SharedPart
from lms_plc.journal.queries import ENTRY, PART, PartSeen, Shared
from lms_plc.journal.voices import Voice


def write_entry(
    session: Session, actor: Actor, seal: Seal, form: EntryForm, today: date, voice: Voice | None = None
) -> UUID:
    """Writes a page, or says it. The same form sent twice is one page."""
    written, is_new = once(
        session,
        JournalEntry,
        ("person_id", "form_key"),
        person_id=actor.person_id,
        community_id=form.community_id,
        prompt=form.prompt.value if form.prompt else None,
        day=form.day or today,
        sealed=seal.close(form.text),
        sealed_mood=seal.close(form.mood.value) if form.mood else None,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return written
    if voice is not None:
        _keep_voice(session, actor, seal, written, voice)
    _tell(session, actor, "entry.written", written)
    return written


def change_entry(
    session: Session,
    actor: Actor,
    seal: Seal,
    entry_id: UUID,
    form: EntryForm,
    today: date,
    *,
    voice: Voice | None = None,
    dropped: Collection[UUID] = (),
) -> None:
    """Changes a page; it is a notebook, so how it read before is not kept, and a dropped recording is gone."""
    session.execute(
        update(JournalEntry)
        .where(JournalEntry.id == entry_id)
        .values(
            community_id=form.community_id,
            prompt=form.prompt.value if form.prompt else None,
            day=form.day or today,
            sealed=seal.close(form.text),
            sealed_mood=seal.close(form.mood.value) if form.mood else None,
            changed_at=actor.at,
        )
    )
    if dropped:
        session.execute(
            delete(JournalVoice).where(JournalVoice.entry_id == entry_id, JournalVoice.id.in_(dropped)),
            execution_options={"synchronize_session": False},
        )
    if voice is not None:
        _keep_voice(session, actor, seal, entry_id, voice)
    _tell(session, actor, "entry.changed", entry_id)


def add_voice(session: Session, actor: Actor, seal: Seal, entry_id: UUID, voice: Voice) -> None:
    """Keeps a recording of a page whose form is not right yet."""
    _keep_voice(session, actor, seal, entry_id, voice)
    _tell(session, actor, "entry.changed", entry_id)


def delete_entry(session: Session, actor: Actor, entry_id: UUID) -> None:
    """Tears a page out, for good, with what was said into it and what others could read of it here. Copies it was the
    beginning of stay where they are."""
    released = session.execute(select(ReleasedPart.id).where(ReleasedPart.entry_id == entry_id)).scalars().all()
    for part_id in released:
        name_people(session, PART, part_id, [])
        accesses.forget(session, Reference(PART, part_id))
    session.execute(delete(ReleasedPart).where(ReleasedPart.entry_id == entry_id))
    session.execute(delete(JournalVoice).where(JournalVoice.entry_id == entry_id))
    evidence.cut_loose(session, Reference(ENTRY, entry_id))
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


def release_part(session: Session, actor: Actor, seal: Seal, entry_id: UUID, form: ReleaseForm) -> UUID:
    """Lets those its author chose read a part, here and nowhere else; at rest it stays sealed. The same form sent twice
    is one part."""
    released, is_new = once(
        session,
        ReleasedPart,
        ("author_id", "form_key"),
        entry_id=entry_id,
        author_id=actor.person_id,
        community_id=form.community_id,
        audience=form.audience.value,
        sealed=seal.close(form.text),
        form_key=form.form_key,
        released_at=actor.at,
    )
    if not is_new:
        return released
    if form.audience is Audience.NAMED_PEOPLE:
        name_people(session, PART, released, form.people)
    _tell(session, actor, "journal_part.released", released, PART)
    return released


def take_back_part(session: Session, actor: Actor, part: PartSeen) -> None:
    """Nobody but its author reads it from now on."""
    taken = session.execute(
        update(ReleasedPart)
        .where(ReleasedPart.id == part.id, ReleasedPart.withdrawn_at.is_(None))
        .values(withdrawn_at=actor.at)
        .returning(ReleasedPart.id)
    ).one_or_none()
    if taken is not None:
        name_people(session, PART, part.id, [])
        _tell(session, actor, "journal_part.withdrawn", part.id, PART)


def _remove(session: Session, part_id: UUID, at: datetime) -> None:
    """For everybody but its author: it stays a page of their notebook."""
    part = (ReleasedPart.id == part_id) & ReleasedPart.withdrawn_at.is_(None)
    session.execute(update(ReleasedPart).where(part).values(withdrawn_at=at))
    name_people(session, PART, part_id, [])


keeps(PART, row_keeper(ReleasedPart, _remove))  # without its words: who decides about it reads what the reporter says


def keep_concern(
    session: Session, actor: Actor, seal: Seal, entry_id: UUID, community: CommunitySeen, form: ConcernForm
) -> UUID:
    """A concern of one's own that the page gave rise to. The same form sent twice is one concern."""
    node_id = evidence.keep_node(
        session,
        actor,
        community_id=community.id,
        site_id=community.site_id,
        kind="Concern",
        text=form.text,
        author_id=actor.person_id,
        origin=Reference(ENTRY, entry_id),
        form_key=form.form_key,
        audience=form.audience.value,
        seal=seal,
    )
    evidence.draw(session, actor, Reference(ENTRY, entry_id), "prompted", Reference(NODE, node_id))
    return node_id


def link_change(session: Session, actor: Actor, entry_id: UUID, change: Reference) -> None:
    """Says that the page led to what one does differently now. Said twice it is said once."""
    evidence.link(session, actor, Reference(ENTRY, entry_id), "prompted", change)


def take_along(session: Session, actor: Actor) -> None:
    """Somebody takes their own notebook along as a file; from now on it is where they put it."""
    record_by(session, actor, "notebook.taken_along", Reference("person", actor.person_id), site_id=actor.site_id)


def _keep_voice(session: Session, actor: Actor, seal: Seal, entry_id: UUID, voice: Voice) -> None:
    session.execute(
        insert(JournalVoice).values(
            id=new_id(),
            entry_id=entry_id,
            media_type=voice.media_type,
            size=len(voice.content),
            sealed=seal.close_bytes(voice.content),
            created_at=actor.at,
        )
    )


def _tell(session: Session, actor: Actor, verb: str, thing_id: UUID, kind: str = ENTRY) -> None:
    record_by(session, actor, verb, Reference(kind, thing_id), site_id=actor.site_id)
