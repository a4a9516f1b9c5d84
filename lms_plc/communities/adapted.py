"""What is shipped and may be adapted: a community's own copy, what it was made of, and how it read before.

Protocols and cycles of inquiry are such things. Their rooms keep the tables and know what a content is made of; here
stands what is the same for both: copying with the origin, changing without losing, taking out of use, and the
differences of two contents part by part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core import search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once
from lms_plc.core.differences import Piece, compared
from lms_plc.core.policy import Actor, Loaded, Role
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing
from lms_plc.people.models import Person

MOST_COPIES = 200
VERSIONS_SHOWN = 50
LONGEST_CHAIN = 3

Model = TypeVar("Model", bound=BaseModel)
Parts = Mapping[str, tuple[str, str]]
"""Key → label and words of each part of a content, in reading order."""


class MovedOn(Exception):
    """Somebody else changed it meanwhile; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class CopyListed(Generic[Model]):
    id: UUID
    content: Model
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopySeen(Generic[Model]):
    """A community's own copy, for an actor. ``origin`` is the id of what was shipped, or of another community's copy;
    ``origin_content`` is what it said in ``origin_version``."""

    id: UUID
    community_id: UUID
    community: str
    site_id: UUID
    origin: str
    origin_version: int
    origin_content: Model
    content: Model
    version: int
    retired_at: datetime | None
    adapted_by: str
    created_at: datetime
    changed_at: datetime
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class VersionSeen(Generic[Model]):
    """How a copy read until it was changed at ``at``."""

    version: int
    content: Model
    at: datetime


@dataclass(frozen=True, slots=True)
class Made(Generic[Model]):
    """What a copy is made of: its key, its version, and what it says there."""

    key: str
    version: int
    content: Model


@dataclass(frozen=True, slots=True)
class Changed:
    """A part that says something else now."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Apart:
    """A part that two people wrote differently at the same time."""

    label: str
    mine: str
    theirs: str


def as_copy(key: str) -> UUID | None:
    """The id of a copy, if this may be one."""
    try:
        return UUID(key)
    except ValueError:
        return None


def differences(old: Parts, new: Parts) -> list[Changed]:
    """Part by part; one that was added or taken out is new or gone as a whole."""
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        label = (new.get(key) or old[key])[0]
        one, other = old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]
        if one != other:
            found.append(Changed(label, compared(one, other)))
    return found


def apart(own: Parts, others: Parts) -> list[Apart]:
    return [
        Apart((own.get(key) or others[key])[0], own.get(key, ("", ""))[1], others.get(key, ("", ""))[1])
        for key in [*own, *(key for key in others if key not in own)]
        if own.get(key) != others.get(key)
    ]


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Model]):
    """The copies of one kind: their two tables, the column of the second that names the copy, and their content.

    ``kind`` begins the names of the events; ``copy`` and ``version`` have the columns that ``protocols.models`` shows.
    """

    kind: str
    copy: Any
    version: Any
    version_of: Any
    content: type[Model]
    findable: Callable[[Model], tuple[str, str]]
    """Title and text as search finds them."""
    facts: Callable[[Model], Mapping[str, Any]] = lambda _: {}

    def copies(self, connection: Connection, community_id: UUID) -> list[CopyListed[Model]]:
        """A community's own copies, also those out of use, the oldest first."""
        rows = connection.execute(
            select(self.copy.id, self.copy.content, self.copy.retired_at)
            .where(self.copy.community_id == community_id)
            .order_by(self.copy.id)
            .limit(MOST_COPIES)
        )
        return [CopyListed(row.id, self.content.model_validate(row.content), row.retired_at) for row in rows]

    def made(self, connection: Connection, community_id: UUID, key: str) -> Made[Model] | None:
        """The community's copy of this key as it stands, also one that is out of use."""
        copy_id = as_copy(key)
        if copy_id is None:
            return None
        row = connection.execute(
            select(self.copy.version, self.copy.content).where(
                self.copy.id == copy_id, self.copy.community_id == community_id
            )
        ).one_or_none()
        return Made(str(copy_id), row.version, self.content.model_validate(row.content)) if row else None

    def loaded(self, connection: Connection, actor: Actor, copy_id: UUID) -> Loaded | None:
        copy = self.copy
        row: Any = connection.execute(
            select(
                *(copy.id, copy.community_id, Community.name.label("community"), Community.site_id),
                *(copy.origin, copy.origin_version, copy.origin_content, copy.content, copy.version),
                *(copy.retired_at, Person.display_name, copy.created_at, copy.changed_at),
                *roles_of(actor.person_id, copy.community_id, actor.at),
            )
            .join(Community, Community.id == copy.community_id)
            .join(Person, Person.id == copy.adapted_by_id)
            .where(copy.id == copy_id)
        ).one_or_none()
        if row is None:
            return None
        *values, membership_state, assigned_roles = row
        roles = read_roles(membership_state, assigned_roles)
        values[6:8] = [self.content.model_validate(one) for one in values[6:8]]
        return Loaded(CopySeen(*(*values, roles)), roles)

    def versions(self, connection: Connection, copy_id: UUID, size: int = VERSIONS_SHOWN) -> list[VersionSeen[Model]]:
        """How a copy read before, the latest first."""
        rows = connection.execute(
            select(self.version.version, self.version.content, self.version.at)
            .where(self.version_of == copy_id)
            .order_by(self.version.version.desc())
            .limit(size)
        )
        return [VersionSeen(row.version, self.content.model_validate(row.content), row.at) for row in rows]

    def chain(self, connection: Connection, copy: CopySeen[Model]) -> list[tuple[str, int]]:
        """What its original was made of, and what that one was: (key, version), one statement a copy."""
        found: list[tuple[str, int]] = []
        key: str = copy.origin
        while (copy_id := as_copy(key)) is not None and len(found) < LONGEST_CHAIN:
            row = connection.execute(
                select(self.copy.origin, self.copy.origin_version).where(self.copy.id == copy_id)
            ).one_or_none()
            if row is None:
                break
            key = row.origin
            found.append((row.origin, row.origin_version))
        return found

    def shown(
        self,
        connection: Connection,
        actor: Actor,
        ids: Sequence[UUID],
        words: Callable[[Mapping[str, Any]], tuple[str, str]],
        address: Callable[[UUID, UUID], tuple[str, Mapping[str, Any]]],
    ) -> dict[UUID, Thing]:
        """Copies as lines of a list: ``words`` are title and text of a content, ``address`` is asked with community and
        copy."""
        copy = self.copy
        rows = connection.execute(
            select(copy.id, copy.community_id, copy.content, copy.adapted_by_id, Person.display_name, copy.created_at)
            .join(Person, Person.id == copy.adapted_by_id)
            .where(copy.id.in_(ids), is_inside(actor.person_id, copy.community_id, actor.at))
        )
        found = {}
        for copy_id, community_id, content, author_id, author, at in rows:
            title, text = words(content)
            endpoint, values = address(community_id, copy_id)
            reference = Reference(self.kind, copy_id)
            found[copy_id] = Thing(
                reference, title, excerpt(text), author_id, author, community_id, at, endpoint, values
            )
        return found

    def adapt(
        self,
        session: Session,
        actor: Actor,
        community: CommunitySeen,
        origin: Made[Model] | Any,
        content: Model,
        form_key: str,
    ) -> UUID:
        """Makes the community's own copy. The same form sent twice is one copy."""
        copy_id, is_new = once(
            session,
            self.copy,
            ("adapted_by_id", "form_key"),
            community_id=community.id,
            origin=origin.key,
            origin_version=origin.version,
            origin_content=_stored(origin.content),
            content=_stored(content),
            version=1,
            adapted_by_id=actor.person_id,
            form_key=form_key,
            created_at=actor.at,
            changed_at=actor.at,
        )
        if not is_new:
            return copy_id
        self.found.find(session, copy_id)
        facts = {"origin": origin.key, "origin_version": origin.version, **self.facts(content)}
        self._record(session, "adapted", actor, copy_id, community.site_id, community.id, facts)
        return copy_id

    def change(self, session: Session, actor: Actor, copy: CopySeen[Model], content: Model, based_on: int) -> None:
        """Changes a copy; how it read before is kept. Raises MovedOn."""
        stands = session.execute(
            select(self.copy.version, self.copy.content).where(self.copy.id == copy.id).with_for_update()
        ).one()
        if stands.version != based_on:
            raise MovedOn
        if stands.content == _stored(content):
            return
        session.execute(
            insert(self.version).values(
                {
                    self.version_of.key: copy.id,
                    "version": stands.version,
                    "content": stands.content,
                    "changed_by_id": actor.person_id,
                    "at": actor.at,
                }
            )
        )
        version = stands.version + 1
        session.execute(
            update(self.copy)
            .where(self.copy.id == copy.id)
            .values(content=_stored(content), version=version, changed_at=actor.at)
        )
        self.found.find(session, copy.id)
        facts = {"version": version, **self.facts(content)}
        self._record(session, "changed", actor, copy.id, copy.site_id, copy.community_id, facts)

    def retire(self, session: Session, actor: Actor, copy: CopySeen[Model]) -> None:
        """Takes a copy out of use: it is offered no more, and stays readable where it was used. Twice is once."""
        gone = session.execute(
            update(self.copy)
            .where(self.copy.id == copy.id, self.copy.retired_at.is_(None))
            .values(retired_at=actor.at)
            .returning(self.copy.id)
        ).one_or_none()
        if gone is not None:
            self.found.find(session, copy.id)
            self._record(session, "retired", actor, copy.id, copy.site_id, copy.community_id, {})

    def bring_back(self, session: Session, actor: Actor, copy: CopySeen[Model]) -> None:
        """Offers it again."""
        back = session.execute(
            update(self.copy)
            .where(self.copy.id == copy.id, self.copy.retired_at.is_not(None))
            .values(retired_at=None)
            .returning(self.copy.id)
        ).one_or_none()
        if back is not None:
            self.found.find(session, copy.id)
            self._record(session, "brought_back", actor, copy.id, copy.site_id, copy.community_id, {})

    @property
    def found(self) -> search.Findable:
        """Those in use. The shipped ones are few and stand in one list."""
        return search.Findable(self.kind, self.copy.id, self._in_use, self._entry)

    def _in_use(self) -> Select[Any]:
        copy = self.copy
        columns = (copy.id, Community.site_id, copy.community_id, copy.adapted_by_id, copy.content, copy.created_at)
        return select(*columns).join(Community, Community.id == copy.community_id).where(copy.retired_at.is_(None))

    def _entry(self, row: Row[Any]) -> search.Entry:
        title, text = self.findable(self.content.model_validate(row.content))
        return search.Entry(
            Reference(self.kind, row.id),
            row.site_id,
            row.community_id,
            row.adapted_by_id,
            Audience.COMMUNITY.value,
            title,
            text,
            row.created_at,
        )

    def _record(
        self,
        session: Session,
        verb: str,
        actor: Actor,
        copy_id: UUID,
        site_id: UUID,
        community_id: UUID,
        facts: Mapping[str, Any],
    ) -> None:
        record_by(
            session,
            actor,
            f"{self.kind}.{verb}",
            Reference(self.kind, copy_id),
            site_id=site_id,
            community_id=community_id,
            facts=facts,
        )


def _stored(content: BaseModel) -> dict[str, Any]:
    return content.model_dump(mode="json")
