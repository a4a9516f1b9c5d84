"""What can be read of thoughts and of what led to what. Each function is one statement; each asks who may read."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, SelectBase, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.audiences import Audience, Readable, may_read, stands_for
from lms_plc.communities.models import Community
from lms_plc.communities.sealed_words import lost
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Event, Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.core.things import Thing, shows
from lms_plc.evidence.covering import cover_of, covered_by, stays_as_said
from lms_plc.evidence.forms import KeepForm
from lms_plc.evidence.kinds import FILES_OF_PEOPLE, KINDS, NODE, SHOWS_PEOPLE, ItemState, Strength
from lms_plc.evidence.models import ConsentCheck, EvidenceItem, EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.files import queries as files
from lms_plc.files.models import File
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_, gettext

NODES_A_PAGE = 20
OF_ONE_ORIGIN = 100
LINKS_SHOWN = 50
CHECKS_SHOWN = 10
LATELY = 60
PROJECT = "inquiry"
EVENTS_SEEN = 300
EVENTS_READ = 3000


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """What a piece of evidence has besides its words. ``state`` is one of ``kinds.ItemState``."""

    sort: str
    taken_on: date | None
    link: str
    shows: str
    does_not_show: str
    state: str


@dataclass(frozen=True, slots=True)
class ClaimSeen:
    """What an outcome has besides its words. ``n`` is None where nobody counted."""

    level: str
    before: str
    after: str
    n: int | None
    strength: str
    state: str
    reviewer: str | None
    reviewed_at: datetime | None

    @property
    def is_impression(self) -> bool:
        return self.strength == Strength.IMPRESSION


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A thought, as somebody in its audience sees it; ``item`` and ``claim`` where it is evidence or an outcome.

    One that is ``sealed`` has no words before it was ``opened``; ``is_lost`` when it was sealed under another key. One
    that is ``covered`` (``evidence.covering``) has, instead of its own words, what says so. ``stays``, of one that was
    loaded: its words are not changed any more.
    """

    id: UUID
    community_id: UUID
    site_id: UUID
    kind: str
    text: str
    author_id: UUID
    author: str
    audience: str
    origin: Reference
    created_at: datetime
    hidden_at: datetime | None
    roles: frozenset[Role] = frozenset()
    sealed: bool = False
    item: ItemSeen | None = None
    claim: ClaimSeen | None = None
    is_lost: bool = False
    covered: bool = False
    stays: bool = False
    closed: str = field(default="", repr=False)

    @property
    def reference(self) -> Reference:
        return Reference(NODE, self.id)

    @property
    def is_own(self) -> bool:
        return Role.AUTHOR in self.roles

    def opened(self, seal: Seal) -> "NodeSeen":
        """With its words. Only its author, or who is named in a project still private, is given one that is sealed."""
        if not self.sealed or not self.closed:
            return self
        try:
            words: dict[str, str] = json.loads(seal.open(self.closed))
        except CannotUnseal:
            return replace(self, is_lost=True, closed="")
        item, claim = self.item, self.claim
        if item is not None:
            item = replace(item, shows=words["shows"], does_not_show=words["does_not_show"], link=words["link"])
        if claim is not None:
            claim = replace(claim, before=words["before"], after=words["after"])
        return replace(self, text=words["text"], item=item, claim=claim, closed="")


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """What somebody said who looked whether a piece of evidence may be used."""

    people_visible: bool
    names_removed: bool
    permission: str
    usable: bool
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """``forwards``: it goes from the thing asked for to ``other``."""

    type: str
    other: Reference
    forwards: bool
    linked_by_id: UUID


_READABLE = Readable(
    NODE, KnowledgeNode.id, KnowledgeNode.audience, KnowledgeNode.author_id, KnowledgeNode.community_id
)
_REVIEWER = aliased(Person)


def is_open_to_others() -> ColumnElement[bool]:
    """Of a row of evidence: others may see it. Not what is blocked, nor what could show somebody, by its sort or by a
    file, and was looked at by nobody yet."""
    of_people = exists().where(
        File.thing_kind == NODE, File.thing_id == EvidenceItem.node_id, File.media_type.in_(FILES_OF_PEOPLE)
    )
    return or_(
        EvidenceItem.state == ItemState.USABLE.value,
        and_(
            EvidenceItem.state == ItemState.ADDED.value,
            EvidenceItem.sort.not_in([one.value for one in SHOWS_PEOPLE]),
            ~of_people.correlate(EvidenceItem),
        ),
    )


def _nodes(actor: Actor, *more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        KnowledgeNode.id,
        KnowledgeNode.community_id,
        Community.site_id,
        KnowledgeNode.kind,
        KnowledgeNode.text,
        KnowledgeNode.sealed,
        KnowledgeNode.author_id,
        Person.display_name,
        KnowledgeNode.audience,
        KnowledgeNode.origin_kind,
        KnowledgeNode.origin_id,
        KnowledgeNode.created_at,
        KnowledgeNode.hidden_at,
        EvidenceItem.sort,
        EvidenceItem.taken_on,
        EvidenceItem.link,
        EvidenceItem.shows,
        EvidenceItem.does_not_show,
        EvidenceItem.state.label("item_state"),
        OutcomeClaim.level,
        OutcomeClaim.before,
        OutcomeClaim.after,
        OutcomeClaim.n,
        OutcomeClaim.strength,
        OutcomeClaim.state.label("claim_state"),
        OutcomeClaim.reviewed_at,
        _REVIEWER.display_name.label("reviewer"),
        covered_by(actor).label("covered_by"),
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == KnowledgeNode.community_id)
        .join(Person, Person.id == KnowledgeNode.author_id)
        .outerjoin(EvidenceItem, EvidenceItem.node_id == KnowledgeNode.id)
        .outerjoin(OutcomeClaim, OutcomeClaim.node_id == KnowledgeNode.id)
        .outerjoin(_REVIEWER, _REVIEWER.id == OutcomeClaim.reviewed_by_id)
    )


def _node(row: Any, roles: frozenset[Role] = frozenset()) -> NodeSeen:
    item = claim = None
    cover = cover_of(row.origin_kind) if row.covered_by is not None else None
    if row.sort is not None and cover is None:
        item = ItemSeen(row.sort, row.taken_on, row.link, row.shows, row.does_not_show, row.item_state)
    if row.level is not None and cover is None:
        what = (row.level, row.before, row.after, row.n, row.strength, row.claim_state)
        claim = ClaimSeen(*what, row.reviewer, row.reviewed_at)
    return NodeSeen(
        id=row.id,
        community_id=row.community_id,
        site_id=row.site_id,
        kind=row.kind,
        text=gettext(cover.said, title=row.covered_by) if cover else "" if row.sealed else row.text,
        author_id=row.author_id,
        author=row.display_name,
        audience=row.audience,
        origin=Reference(row.origin_kind, row.origin_id),
        created_at=row.created_at,
        hidden_at=row.hidden_at,
        roles=roles,
        sealed=row.sealed and cover is None,
        item=item,
        claim=claim,
        covered=cover is not None,
        closed=row.text if row.sealed and cover is None else "",
    )


def _is_shown(actor: Actor) -> ColumnElement[bool]:
    """In its audience, and, of evidence, fit for others' eyes. Whoever is not in the community has no part in its
    projects, and in what was thought for a project's people neither, as long as they are away."""
    own = KnowledgeNode.author_id == actor.person_id
    fit = or_(EvidenceItem.node_id.is_(None), is_open_to_others(), own)
    of_a_project = and_(
        KnowledgeNode.origin_kind == PROJECT, KnowledgeNode.audience == Audience.NAMED_PEOPLE.value, ~own
    )
    inside = is_inside(actor.person_id, KnowledgeNode.community_id, actor.at)
    return and_(may_read(actor, _READABLE), fit, or_(~of_a_project, inside))


@loads(NODE, known_by="node.read")
def load_node(connection: Connection, actor: Actor, node_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        _nodes(
            actor,
            stays_as_said().label("stays"),
            *roles_of(actor.person_id, KnowledgeNode.community_id, actor.at),
        ).where(KnowledgeNode.id == node_id, _is_shown(actor), stands_for(actor, _READABLE, KnowledgeNode.hidden_at))
    ).one_or_none()
    if row is None:
        return None
    own = {Role.AUTHOR} if row.author_id == actor.person_id else set()
    roles = read_roles(row.membership_state, row.assigned_roles) | {Role.READER} | own
    return Loaded(replace(_node(row, roles), stays=bool(row.stays)), roles)


def of_origin(
    connection: Connection, actor: Actor, origin: Reference, seal: Seal | None = None, kinds: Collection[str] = ()
) -> list[NodeSeen]:
    """What was thought there, in its order, the last of it if there is much, as far as the actor may read it; only of
    these ``kinds``, where some are named. What is sealed is opened, for its author, where the seal is given."""
    from_there = and_(KnowledgeNode.origin_kind == origin.kind, KnowledgeNode.origin_id == origin.id)
    return _some_of(connection, actor, from_there, seal, kinds)


def of_origins(
    connection: Connection,
    actor: Actor,
    origins: Sequence[Reference] | SelectBase,
    seal: Seal | None = None,
    kinds: Collection[str] = (),
) -> list[NodeSeen]:
    """As ``of_origin``, of several things at once: these, or those whose ``kind`` and ``id`` are selected."""
    if isinstance(origins, SelectBase):
        return _some_of(connection, actor, KnowledgeNode.id.in_(begun_at(origins)), seal, kinds)
    there = [and_(KnowledgeNode.origin_kind == one.kind, KnowledgeNode.origin_id == one.id) for one in origins]
    return _some_of(connection, actor, or_(false(), *there), seal, kinds)


def begun_at(origins: SelectBase) -> Select[Any]:
    """The ids of thoughts that were begun at a thing whose ``kind`` and ``id`` are selected. By a join: SQLite looks up
    pairs out of a subquery by no index."""
    there, begun = origins.subquery(), aliased(KnowledgeNode)
    is_there = and_(begun.origin_kind == there.c.kind, begun.origin_id == there.c.id)
    return select(begun.id).select_from(there).join(begun, is_there)


def _some_of(
    connection: Connection, actor: Actor, wanted: ColumnElement[bool], seal: Seal | None, kinds: Collection[str]
) -> list[NodeSeen]:
    query = _nodes(actor).where(wanted, KnowledgeNode.hidden_at.is_(None), _is_shown(actor))
    if kinds:
        query = query.where(KnowledgeNode.kind.in_(kinds))
    rows = connection.execute(query.order_by(KnowledgeNode.id.desc()).limit(OF_ONE_ORIGIN)).all()
    return [_opened(_node(row), seal) for row in reversed(rows)]


def _opened(node: NodeSeen, seal: Seal | None) -> NodeSeen:
    return node.opened(seal) if seal else node


def nodes(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    kind: str = "",
    before: UUID | None = None,
    size: int = NODES_A_PAGE,
    seal: Seal | None = None,
) -> Page[NodeSeen]:
    """A community's, the newest first."""
    query = (
        _nodes(actor)
        .where(KnowledgeNode.community_id == community_id, KnowledgeNode.hidden_at.is_(None), _is_shown(actor))
        .order_by(KnowledgeNode.id.desc())
        .limit(size + 1)
    )
    if kind:
        query = query.where(KnowledgeNode.kind == kind)
    if before is not None:
        query = query.where(KnowledgeNode.id < before)
    return cut([_opened(_node(row), seal) for row in connection.execute(query)], size, lambda node: node.id)


def links_of(connection: Connection, thing: Reference) -> list[LinkSeen]:
    """What leads to a thing and what it leads to, whoever may read the other ends: ``core.things`` says that."""
    starts = and_(EvidenceLink.from_kind == thing.kind, EvidenceLink.from_id == thing.id)
    ends = and_(EvidenceLink.to_kind == thing.kind, EvidenceLink.to_id == thing.id)
    rows = connection.execute(
        select(EvidenceLink.__table__)
        .where(or_(starts, ends))
        .order_by(EvidenceLink.at, EvidenceLink.type)
        .limit(LINKS_SHOWN)
    )
    found = []
    for row in rows:
        forwards = Reference(row.from_kind, row.from_id) == thing
        other = Reference(row.to_kind, row.to_id) if forwards else Reference(row.from_kind, row.from_id)
        found.append(LinkSeen(row.type, other, forwards, row.linked_by_id))
    return found


def checks_of(connection: Connection, node_id: UUID) -> list[CheckSeen]:
    """The last one first; it counts."""
    rows = connection.execute(
        select(
            ConsentCheck.people_visible,
            ConsentCheck.names_removed,
            ConsentCheck.permission,
            ConsentCheck.usable,
            Person.display_name,
            ConsentCheck.at,
        )
        .join(Person, Person.id == ConsentCheck.checked_by_id)
        .where(ConsentCheck.node_id == node_id)
        .order_by(ConsentCheck.id.desc())
        .limit(CHECKS_SHOWN)
    )
    return [CheckSeen(*row) for row in rows]


def has_more_to_look_at(connection: Connection, node: NodeSeen, form: KeepForm, file_ids: Collection[UUID]) -> bool:
    """Whether evidence becomes by this form what nobody has looked at yet: of another sort, with another address or
    another file."""
    if node.item is None or (node.item.sort, node.item.link) != (form.sort.value, form.link):
        return True
    there = {one.id for one in files.attached(connection, [node.reference]).get(node.reference, ())}
    return not there.issuperset(file_ids)


def kind_of(connection: Connection, node_id: UUID) -> str:
    """Of a thought whose reader knows it; empty where there is none."""
    found = connection.execute(select(KnowledgeNode.kind).where(KnowledgeNode.id == node_id)).scalar_one_or_none()
    return found or ""


def lately(connection: Connection, community_id: UUID, kinds: Sequence[str]) -> list[Reference]:
    """Things of these kinds that something happened to in a community lately, the last first, whoever may see them.
    Where such things are rare its whole log is not read."""
    last = (
        select(Event.id, Event.thing_kind, Event.thing_id)
        .where(Event.community_id == community_id)
        .order_by(Event.id.desc())
        .limit(EVENTS_READ)
        .subquery()
    )
    rows = connection.execute(
        select(last.c.thing_kind, last.c.thing_id)
        .where(last.c.thing_kind.in_(kinds))
        .order_by(last.c.id.desc())
        .limit(EVENTS_SEEN)
    )
    return list(dict.fromkeys(Reference(row.thing_kind, row.thing_id) for row in rows))[:LATELY]


def kept_as(connection: Connection, author_id: UUID, form_key: str) -> tuple[UUID, datetime | None] | None:
    """The node that was kept of something, and since when it is hidden."""
    row = connection.execute(
        select(KnowledgeNode.id, KnowledgeNode.hidden_at).where(
            KnowledgeNode.author_id == author_id, KnowledgeNode.form_key == form_key
        )
    ).one_or_none()
    return (row.id, row.hidden_at) if row is not None else None


@shows(NODE, N_("Thought"))
def show_nodes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        _nodes(actor).where(
            KnowledgeNode.id.in_(ids), _is_shown(actor), stands_for(actor, _READABLE, KnowledgeNode.hidden_at)
        )
    )
    return {node.id: thing_of(node) for node in map(_node, rows)}


def beginning(text: str, length: int) -> str:
    """A thought is shown as it was typed, so nothing needs to be taken out of it."""
    plain = " ".join(text.split())
    return plain if len(plain) <= length else f"{plain[: length - 1].rstrip()}…"


def thing_of(node: NodeSeen) -> Thing:
    """Of what is sealed only of which kind it is, before it is opened."""
    return Thing(
        reference=node.reference,
        title=lost()
        if node.is_lost
        else beginning(node.text, 160 if node.covered else 80) or gettext(KINDS[node.kind].name),
        excerpt=beginning(node.text, 180),
        author_id=node.author_id,
        author=node.author,
        community_id=node.community_id,
        at=node.created_at,
        endpoint="evidence.node",
        values={"node_id": node.id},
        is_private=node.sealed or node.audience == Audience.ONLY_ME.value,
        is_covered=node.covered,
        unsealing=(lambda seal: thing_of(node.opened(seal))) if node.closed and not node.covered else None,
    )
