"""What happens to files. They have no event of their own: the one of the thing they hang on says that it was made or
changed, and what hangs on nothing yet is as private as a draft."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference
from lms_plc.core.database import table_of, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.files.arrivals import MOST_AT_ONCE, Brought
from lms_plc.files.kinds import Refused
from lms_plc.files.models import LONGEST_ALT, File, FileContent
from lms_plc.web.i18n import N_

UNATTACHED_FOR = timedelta(days=2)
"""So long a file waits for the form it was chosen in."""

_AT_ONCE = 100

NO_ROOM = N_(
    "There is no room left for “%(name)s”: this community has used up its place for files. Put it elsewhere and write"
    " the link, or ask whoever runs this tool for more room."
)


def take_in(
    session: Session, actor: Actor, community: CommunitySeen | None, brought: Brought, *, quota: int, alt: str = ""
) -> UUID:
    """Keeps a file that hangs on nothing yet. ``quota`` is in bytes, of the community, or of the person where there is
    none. Raises Refused."""
    size = len(brought.content) + len(brought.small or b"")
    if _used(session, actor, community) + size > quota:
        raise Refused(NO_ROOM)
    file_id = new_id()
    session.execute(
        insert(File).values(
            id=file_id,
            site_id=community.site_id if community else actor.site_id,
            community_id=community.id if community else None,
            owner_id=actor.person_id,
            name=brought.name,
            media_type=brought.kind.media_type,
            digest=_keep(session, brought.content),
            small_digest=_keep(session, brought.small) if brought.small else None,
            size=len(brought.content),
            width=brought.width,
            height=brought.height,
            alt=" ".join(alt.split())[:LONGEST_ALT] if brought.kind.is_picture else "",
            created_at=actor.at,
        )
    )
    return file_id


def attach(session: Session, actor: Actor, file_ids: Sequence[UUID], reference: Reference) -> None:
    """Hangs files on a thing the actor has just made or changed, behind those it has.

    Only the actor's own that hang on nothing; the same form sent twice leaves one of each; the eleventh stays off.
    """
    if not file_ids:
        return
    hanging = _hanging(session, reference)
    there = {(row.digest, row.name) for row in hanging}
    position = max((row.position for row in hanging), default=-1) + 1
    waiting = select(File.id, File.digest, File.name).where(
        File.id.in_(file_ids), File.owner_id == actor.person_id, File.position.is_(None)
    )
    own = {row.id: row for row in session.execute(waiting.with_for_update()).all()}
    for file_id in dict.fromkeys(file_ids):
        row = own.get(file_id)
        if row is None or (row.digest, row.name) in there or len(there) >= MOST_AT_ONCE:
            continue
        there.add((row.digest, row.name))
        values = {"thing_kind": reference.kind, "thing_id": reference.id, "position": position}
        session.execute(update(File).where(File.id == file_id).values(values))
        position += 1


def detach(session: Session, file_ids: Collection[UUID], reference: Reference) -> None:
    """Takes files off a thing; they are forgotten soon."""
    session.execute(
        update(File)
        .where(File.thing_kind == reference.kind, File.thing_id == reference.id, File.id.in_(file_ids))
        .values(thing_kind=None, thing_id=None, position=None)
    )


def keep_only(session: Session, actor: Actor, file_ids: Sequence[UUID], reference: Reference) -> None:
    """For a form that changes a thing: what is not among the files any more is taken off, what is new is attached."""
    wanted = set(file_ids)
    gone = [row.id for row in _hanging(session, reference) if row.id not in wanted]
    if gone:
        detach(session, gone, reference)
    attach(session, actor, file_ids, reference)


def take_away(session: Session, reference: Reference) -> None:
    """For a thing that is taken back or removed: its files go with it, at once."""
    _delete(session, [row.id for row in _hanging(session, reference)])


def forget_unattached(session: Session, before: datetime) -> int:
    """Forgets some of the files that have hung on nothing since ``before``; how many."""
    old = select(File.id).where(File.position.is_(None), File.created_at < before).limit(_AT_ONCE)
    return _delete(session, list(session.execute(old).scalars()))


def _hanging(session: Session, reference: Reference) -> Sequence[Any]:
    on_it = (File.thing_kind == reference.kind, File.thing_id == reference.id)
    return session.execute(select(File.id, File.digest, File.name, File.position).where(*on_it)).all()


def _used(session: Session, actor: Actor, community: CommunitySeen | None) -> int:
    whose = (
        File.community_id == community.id
        if community
        else (File.owner_id == actor.person_id) & File.community_id.is_(None)
    )
    return int(session.execute(select(func.coalesce(func.sum(File.size), 0)).where(whose)).scalar_one())


def _keep(session: Session, content: bytes) -> str:
    """The digest of bytes that are kept now. A row that is there is touched, so that nobody forgets it meanwhile."""
    digest = hashlib.sha256(content).hexdigest()
    kept = upsert(session, table_of(FileContent)).values(digest=digest, size=len(content), content=content)
    session.execute(kept.on_conflict_do_update(index_elements=["digest"], set_={"size": len(content)}))
    return digest


def _delete(session: Session, file_ids: Sequence[UUID]) -> int:
    """Files, and those bytes that no other file has. The bytes are held first: whoever is about to keep the same ones
    waits for us, and makes them anew."""
    if not file_ids:
        return 0
    rows = session.execute(select(File.digest, File.small_digest).where(File.id.in_(file_ids))).all()
    session.execute(delete(File).where(File.id.in_(file_ids)))
    digests = {digest for row in rows for digest in row if digest}
    held = select(FileContent.digest).where(FileContent.digest.in_(digests)).order_by(FileContent.digest)
    session.execute(held.with_for_update()).all()
    needed = select(File.id).where(or_(File.digest == FileContent.digest, File.small_digest == FileContent.digest))
    session.execute(delete(FileContent).where(FileContent.digest.in_(digests), ~needed.exists()))
    return len(file_ids)
