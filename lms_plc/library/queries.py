"""What can be read of the library. Each function is one statement; every one asks who may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select

from lms_plc.communities.audiences import Audience, Readable, may_read, stands_for
from lms_plc.communities.lines import Here, line
from lms_plc.communities.models import Community
from lms_plc.communities.standing import read_roles, roles_of
from lms_plc.core import accesses
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.evidence.tracing import begins_somewhere
from lms_plc.files.models import File
from lms_plc.library.models import Item, ItemVersion, Tag, Tried
from lms_plc.library.shapes import Shape
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

KIND = "library_item"
TOLD_OF_ONE = 20
ITEMS_A_PAGE = 20
STORIES_A_PAGE = 10
SHOWN = 50

begins_somewhere(KIND, Item.id, Item.origin_kind, Item.origin_id)


@dataclass(frozen=True, slots=True)
class Origin:
    """What an item was made of: in which version, if it is an item."""

    kind: str
    id: UUID
    version: int | None


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """An item as a reader sees it; ``noted_at`` is when this reader's opening was noted last."""

    id: UUID
    community_id: UUID
    community: str
    site_id: UUID
    author_id: UUID
    author: str
    shape: str
    story_kind: str | None
    title: str
    texts: Mapping[str, str]
    html: Mapping[str, str]
    renderer: int
    subject: str | None
    language: str
    licence: str | None
    tags: Sequence[str]
    version: int
    audience: str
    reach: str | None
    show_name: bool
    findable: bool
    origin_kind: str | None
    origin_id: UUID | None
    origin_version: int | None
    created_at: datetime
    changed_at: datetime
    hidden_at: datetime | None
    noted_at: datetime | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def origin(self) -> Origin | None:
        if self.origin_kind is None or self.origin_id is None:
            return None
        return Origin(self.origin_kind, self.origin_id, self.origin_version)


@dataclass(frozen=True, slots=True)
class ItemListed:
    """An item as a line of a list."""

    id: UUID
    community_id: UUID
    community: str
    author_id: UUID
    author: str
    shape: str
    story_kind: str | None
    title: str
    texts: Mapping[str, str]
    html: Mapping[str, str]
    renderer: int
    subject: str | None
    language: str
    tags: Sequence[str]
    audience: str
    created_at: datetime

    @property
    def beginning(self) -> str:
        return next((text for text in (self.texts.get(name) for name in _FIRST) if text), "")


_FIRST = ("about", "what", "page")


@dataclass(frozen=True, slots=True)
class VersionSeen:
    item_id: UUID
    version: int
    content: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class OriginSeen:
    """The item another one was made of, as far as the actor may read it; ``versions`` are those it needs."""

    id: UUID
    title: str
    author: str
    community: str
    version: int
    versions: Mapping[int, VersionSeen]


@dataclass(frozen=True, slots=True)
class TriedSeen:
    person_id: UUID
    name: str
    words: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FileSent:
    name: str
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for. ``everywhere``: what all communities of this platform may read, not only this one."""

    everywhere: bool = False
    shape: str = ""
    subject: str = ""
    language: str = ""
    tag: str = ""


_READABLE = Readable(KIND, Item.id, Item.audience, Item.author_id, Item.community_id)
_VERSION_READABLE = replace(_READABLE, audience=ItemVersion.audience)
_STANDS = and_(Item.hidden_at.is_(None), Item.deleted_at.is_(None))
_SEEN = (
    *(Item.id, Item.community_id, Community.name.label("community"), Community.site_id, Item.author_id),
    *(Person.display_name.label("author"), Item.shape, Item.story_kind, Item.title, Item.texts, Item.html),
    *(Item.renderer, Item.subject, Item.language, Item.licence, Item.tags, Item.version, Item.audience, Item.reach),
    *(Item.show_name, Item.findable, Item.origin_kind, Item.origin_id, Item.origin_version, Item.created_at),
    *(Item.changed_at, Item.hidden_at),
)
_LISTED = (
    *(Item.id, Item.community_id, Community.name.label("community"), Item.author_id),
    *(Person.display_name.label("author"), Item.shape, Item.story_kind, Item.title, Item.texts, Item.html),
    *(Item.renderer, Item.subject, Item.language, Item.tags, Item.audience, Item.created_at),
)


def _from_items(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Item)
        .join(Person, Person.id == Item.author_id)
        .join(Community, Community.id == Item.community_id)
    )


@loads(KIND, known_by="library_item.read")
def load_item(connection: Connection, actor: Actor, item_id: UUID) -> Loaded | None:
    """A hidden item stays its author's, and that of who leads its community and could read it."""
    row: Any = connection.execute(
        _from_items(
            *_SEEN,
            accesses.noted_at(actor, KIND, Item.id).label("noted_at"),
            *roles_of(actor.person_id, Item.community_id, actor.at),
        ).where(
            Item.id == item_id,
            Item.deleted_at.is_(None),
            may_read(actor, _READABLE),
            stands_for(actor, _READABLE, Item.hidden_at),
        )
    ).one_or_none()
    if row is None:
        return None
    *values, membership_state, assigned_roles = row
    own = {Role.AUTHOR} if row.author_id == actor.person_id else set()
    roles = read_roles(membership_state, assigned_roles) | {Role.READER} | own
    return Loaded(ItemSeen(*(*values, roles)), roles)


def open_item(connection: Connection, item_id: UUID) -> ItemSeen | None:
    """An item its author opened to everybody, for whoever has the address."""
    row: Any = connection.execute(
        _from_items(*_SEEN).where(Item.id == item_id, Item.audience == Audience.WORLD.value, _STANDS)
    ).one_or_none()
    return ItemSeen(*row) if row else None


def open_file(connection: Connection, item_id: UUID, file_id: UUID) -> FileSent | None:
    """A file that hangs on an item its author opened to everybody."""
    row = connection.execute(
        select(File.name, File.media_type, File.digest)
        .join(Item, and_(File.thing_kind == KIND, File.thing_id == Item.id))
        .where(File.id == file_id, Item.id == item_id, Item.audience == Audience.WORLD.value, _STANDS)
    ).one_or_none()
    return FileSent(*row) if row else None


def newest(actor: Actor | Here, *columns: Any) -> Select[Any]:
    """What the actor may read, the newest first: every list is made of this."""
    return _from_items(*columns).where(_STANDS, may_read(actor, _READABLE)).order_by(Item.id.desc())


def told_of(actor: Any, kind: str, thing_id: Any) -> Select[Any]:
    """Lines of what was told of another room's thing."""
    columns = line(id=Item.id, title=Item.title, name=Person.display_name, at=Item.created_at)
    return newest(actor, *columns).where(Item.origin_kind == kind, Item.origin_id == thing_id).limit(TOLD_OF_ONE)


def items(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    asked: Asked,
    *,
    before: UUID | None = None,
    size: int = ITEMS_A_PAGE,
) -> Page[ItemListed]:
    """In the order of time, the newest first; never by use."""
    here = Item.community_id == community_id
    where = _everywhere(actor) if asked.everywhere else here
    query = newest(actor, *_LISTED).where(where)
    for column, wanted in ((Item.shape, asked.shape), (Item.subject, asked.subject), (Item.language, asked.language)):
        if wanted:
            query = query.where(column == wanted)
    if asked.tag:
        query = query.where(exists().where(Tag.item_id == Item.id, Tag.tag == asked.tag))
    return _page(connection, query, before, size)


def stories(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    language: str = "",
    *,
    before: UUID | None = None,
    size: int = STORIES_A_PAGE,
) -> Page[ItemListed]:
    """Stories of this community, and those of others that are told to all, in the order of time."""
    query = newest(actor, *_LISTED).where(
        or_(Item.community_id == community_id, _everywhere(actor)), Item.shape == Shape.STORY.value
    )
    if language:
        query = query.where(Item.language == language)
    return _page(connection, query, before, size)


def _everywhere(actor: Actor) -> ColumnElement[bool]:
    return and_(Item.audience.in_((Audience.PLATFORM.value, Audience.WORLD.value)), Community.site_id == actor.site_id)


def _page(connection: Connection, query: Select[Any], before: UUID | None, size: int) -> Page[ItemListed]:
    if before is not None:
        query = query.where(Item.id < before)
    rows = [ItemListed(*row) for row in connection.execute(query.limit(size + 1))]
    return cut(rows, size, lambda item: item.id)


def versions(connection: Connection, actor: Actor, item_id: UUID, size: int = SHOWN) -> list[VersionSeen]:
    """How an item read, the latest first: those versions the actor could have read at their time."""
    rows = connection.execute(
        select(ItemVersion.item_id, ItemVersion.version, ItemVersion.content, ItemVersion.at)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(ItemVersion.item_id == item_id, may_read(actor, _VERSION_READABLE))
        .order_by(ItemVersion.version.desc())
        .limit(size)
    )
    return [VersionSeen(*row) for row in rows]


def origin_item(connection: Connection, actor: Actor, origin: Origin) -> OriginSeen | None:
    """The item something was adapted from, with the version then and the version now."""
    rows = connection.execute(
        _from_items(
            *(Item.id, Item.title, Person.display_name, Community.name, Item.version),
            *(ItemVersion.version, ItemVersion.content, ItemVersion.at),
        )
        .outerjoin(
            ItemVersion,
            and_(
                ItemVersion.item_id == Item.id,
                or_(ItemVersion.version == origin.version, ItemVersion.version == Item.version),
                may_read(actor, _VERSION_READABLE),
            ),
        )
        .where(Item.id == origin.id, _STANDS, may_read(actor, _READABLE))
    ).all()
    if not rows:
        return None
    item_id, title, author, community, version = rows[0][:5]
    found = {row[5]: VersionSeen(item_id, *row[5:]) for row in rows if row[5] is not None}
    return OriginSeen(item_id, title, author, community, version, found)


def made_of(connection: Connection, actor: Actor, origin: Reference, size: int = SHOWN) -> list[ItemListed]:
    """What was made of a thing, as far as the actor may read it, in the order of time."""
    rows = connection.execute(
        _from_items(*_LISTED)
        .where(
            Item.origin_kind == origin.kind,
            Item.origin_id == origin.id,
            _STANDS,
            may_read(actor, _READABLE),
        )
        .order_by(Item.id)
        .limit(size)
    )
    return [ItemListed(*row) for row in rows]


def tried(connection: Connection, item_id: UUID, size: int = 100) -> list[TriedSeen]:
    """Who tried it, in the order of time."""
    rows = connection.execute(
        select(Tried.person_id, Person.display_name, Tried.words, Tried.at)
        .join(Person, Person.id == Tried.person_id)
        .where(Tried.item_id == item_id)
        .order_by(Tried.at, Tried.person_id)
        .limit(size)
    )
    return [TriedSeen(*row) for row in rows]


@shows(KIND, N_("Library"))
def show_items(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(_from_items(*_LISTED).where(Item.id.in_(ids), _STANDS, may_read(actor, _READABLE)))
    return {one.id: thing_of(one) for one in (ItemListed(*row) for row in rows)}


def thing_of(one: ItemListed) -> Thing:
    return Thing(
        Reference(KIND, one.id),
        one.title,
        excerpt(one.beginning),
        one.author_id,
        one.author,
        one.community_id,
        one.created_at,
        "library.item",
        {"item_id": one.id},
    )
