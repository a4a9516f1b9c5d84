"""What can be read of files. Each function is one statement unless it says otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, or_, select

from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.policy import DATED, Actor, Loaded, Role, knows, loads
from lms_plc.files.kinds import BY_TYPE
from lms_plc.files.models import File, FileContent


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file as a page shows it. ``has_small``: there is a smaller picture of it."""

    id: UUID
    name: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    alt: str
    has_small: bool

    @property
    def is_picture(self) -> bool:
        return BY_TYPE[self.media_type].is_picture

    @property
    def kind(self) -> str:
        """A message id: what people call such a file."""
        return BY_TYPE[self.media_type].label


@dataclass(frozen=True, slots=True)
class FileLoaded:
    """A file somebody opens, and what it hangs on."""

    seen: FileSeen
    digest: str
    small_digest: str | None
    reference: Reference | None


@loads("file", known_by="file.read")
def load_file(connection: Connection, actor: Actor, file_id: UUID) -> Loaded | None:
    """Whoever may read the thing may read what hangs on it; before it hangs anywhere, whoever brought it. Three
    statements: the file, the thing, and whether the thing is shown at this moment."""
    row: Any = connection.execute(
        _files(File.owner_id, File.digest, File.thing_kind, File.thing_id).where(File.id == file_id)
    ).one_or_none()
    if row is None:
        return None
    reference = Reference(row.thing_kind, row.thing_id) if row.thing_id else None
    own = row.owner_id == actor.person_id
    if reference is None:
        roles = {Role.AUTHOR} if own else set()
    else:
        roles = {Role.READER} if _is_readable(connection, actor, reference) else set()
    return Loaded(FileLoaded(_seen(row), row.digest, row.small_digest, reference), frozenset(roles))


def _is_readable(connection: Connection, actor: Actor, reference: Reference) -> bool:
    """What is hidden is seen by its author, and by whoever leads there: they decide about it."""
    roles = knows(connection, actor, reference.kind, reference.id)
    if not roles or roles & (DATED | {Role.AUTHOR}) or reference.kind not in things.kinds():
        return bool(roles)
    return reference in things.shown(connection, actor, [reference])


def attached(connection: Connection, references: Iterable[Reference]) -> Mapping[Reference, list[FileSeen]]:
    """Thing → what hangs on it, in its order; a thing without files is left out. Whoever asks has loaded the things."""
    wanted: dict[str, list[UUID]] = {}
    for reference in references:
        wanted.setdefault(reference.kind, []).append(reference.id)
    if not wanted:
        return {}
    on_them = or_(*((File.thing_kind == kind) & File.thing_id.in_(ids) for kind, ids in wanted.items()))
    found: dict[Reference, list[FileSeen]] = {}
    rows = connection.execute(_files(File.thing_kind, File.thing_id).where(on_them).order_by(File.position, File.id))
    for row in rows:
        found.setdefault(Reference(row.thing_kind, row.thing_id), []).append(_seen(row))
    return found


def kept(
    connection: Connection, actor: Actor, file_ids: Sequence[UUID], about: Reference | None = None
) -> list[FileSeen]:
    """Those of the files that a form may name: one's own that hang on nothing, and those of the thing it is about."""
    if not file_ids:
        return []
    mine = (File.owner_id == actor.person_id) & File.position.is_(None)
    if about is not None:
        mine = mine | ((File.thing_kind == about.kind) & (File.thing_id == about.id))
    rows = {row.id: _seen(row) for row in connection.execute(_files().where(File.id.in_(file_ids), mine))}
    return [rows[file_id] for file_id in dict.fromkeys(file_ids) if file_id in rows]


def content(connection: Connection, digest: str) -> bytes:
    return bytes(connection.execute(select(FileContent.content).where(FileContent.digest == digest)).scalar_one())


def _files(*more: Any) -> Select[Any]:
    return select(
        File.id, File.name, File.media_type, File.size, File.width, File.height, File.alt, File.small_digest, *more
    )


def _seen(row: Any) -> FileSeen:
    return FileSeen(
        row.id, row.name, row.media_type, row.size, row.width, row.height, row.alt, row.small_digest is not None
    )
