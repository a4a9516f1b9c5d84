"""What can be read of changes in practice. Each function is one statement; each asks who may read.

What is for its author alone is stored sealed. A reading function that is given the seal opens it, and finds it for its
author only; one that is not answers without its words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from lms_plc.communities.audiences import Audience, Readable, may_read, stands_for
from lms_plc.communities.models import Community
from lms_plc.communities.sealed_words import lost
from lms_plc.communities.standing import read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, allows, loads
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.people.models import Person
from lms_plc.practicechanges.models import PracticeChange, PracticeTry, PracticeTurn
from lms_plc.web.i18n import N_, gettext

KIND = "practice_change"
NOTEBOOK = "journal_entry"
"""Pages nobody else can open: that a change came from one is drawn, closed, and its events do not say so."""

TRYING, ADAPTED, ADOPTED, DROPPED = "trying", "adapted", "adopted", "dropped"
STATES = (TRYING, ADAPTED, ADOPTED, DROPPED)
ON_THE_WAY = (TRYING, ADAPTED)
CHANGES_A_PAGE = 20
OF_ONE_ORIGIN = 50
TOLD = 200


@dataclass(frozen=True, slots=True)
class ChangeSeen:
    """A change, as somebody in its audience sees it. One that is ``sealed`` has its words, all under one seal in
    ``what``, once it was ``opened``; one that ``is_lost`` was sealed under another key, and says so in their place."""

    id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    what: str
    place: str
    sign: str
    about: str
    why: str
    state: str
    audience: str
    sealed: bool
    first_try: date | None
    origin: Reference
    round: int
    created_at: datetime
    changed_at: datetime
    asked_at: datetime | None
    hidden_at: datetime | None
    roles: frozenset[Role] = frozenset()
    is_lost: bool = False

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_on_the_way(self) -> bool:
        return self.state in ON_THE_WAY

    @property
    def may_change(self) -> bool:
        return allows(self.roles, "practice_change.change")

    @property
    def is_asked_after(self) -> bool:
        return self.is_on_the_way and self.asked_at is not None and self.asked_at > self.changed_at


@dataclass(frozen=True, slots=True)
class TrySeen:
    name: str
    day: date
    happened: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnSeen:
    name: str
    state: str
    why: str
    at: datetime


_READABLE = Readable(
    KIND, PracticeChange.id, PracticeChange.audience, PracticeChange.author_id, PracticeChange.community_id
)


def _changes(*more: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (
        PracticeChange.id,
        PracticeChange.community_id,
        Community.site_id,
        PracticeChange.author_id,
        Person.display_name.label("author"),
        PracticeChange.what,
        PracticeChange.place,
        PracticeChange.sign,
        PracticeChange.about,
        PracticeChange.why,
        PracticeChange.state,
        PracticeChange.audience,
        PracticeChange.sealed,
        PracticeChange.first_try,
        PracticeChange.origin_kind,
        PracticeChange.origin_id,
        PracticeChange.round,
        PracticeChange.created_at,
        PracticeChange.changed_at,
        PracticeChange.asked_at,
        PracticeChange.hidden_at,
    )
    return (
        select(*columns, *more)
        .join(Community, Community.id == PracticeChange.community_id)
        .join(Person, Person.id == PracticeChange.author_id)
    )


_PLAIN = (
    *("id", "community_id", "site_id", "author_id", "author", "what", "place", "sign", "about", "why", "state"),
    *("audience", "sealed", "first_try", "round", "created_at", "changed_at", "asked_at", "hidden_at"),
)


def _change(row: Any, roles: frozenset[Role] = frozenset()) -> ChangeSeen:
    plain = {name: getattr(row, name) for name in _PLAIN}
    return ChangeSeen(**plain, origin=Reference(row.origin_kind, row.origin_id), roles=roles)


def opened(change: ChangeSeen, seal: Seal | None) -> ChangeSeen:
    """With its words, if it is sealed and this is the seal; without them, if there is none."""
    if not change.sealed:
        return change
    if seal is None:
        return replace(change, what="")
    try:
        words: Mapping[str, Any] = json.loads(seal.open(change.what))
    except CannotUnseal:
        return replace(change, what=lost(), is_lost=True)
    return replace(change, **words)


@loads(KIND, known_by="practice_change.read")
def load_change(connection: Connection, actor: Actor, change_id: UUID) -> Loaded | None:
    row: Any = connection.execute(
        _changes(*roles_of(actor.person_id, PracticeChange.community_id, actor.at)).where(
            PracticeChange.id == change_id,
            may_read(actor, _READABLE),
            stands_for(actor, _READABLE, PracticeChange.hidden_at),
        )
    ).one_or_none()
    if row is None:
        return None
    own = {Role.AUTHOR} if row.author_id == actor.person_id else set()
    roles = read_roles(row.membership_state, row.assigned_roles) | {Role.READER} | own
    return Loaded(_change(row, roles), roles)


def changes(
    connection: Connection,
    actor: Actor,
    community_id: UUID,
    *,
    seal: Seal | None = None,
    of: UUID | None = None,
    before: UUID | None = None,
    size: int = CHANGES_A_PAGE,
) -> Page[ChangeSeen]:
    """A community's, the newest first; ``of`` asks for one person's."""
    query = (
        _changes()
        .where(
            PracticeChange.community_id == community_id,
            PracticeChange.hidden_at.is_(None),
            may_read(actor, _READABLE),
        )
        .order_by(PracticeChange.id.desc())
        .limit(size + 1)
    )
    if of is not None:
        query = query.where(PracticeChange.author_id == of)
    if before is not None:
        query = query.where(PracticeChange.id < before)
    found = [opened(_change(row), seal) for row in connection.execute(query)]
    return cut(found, size, lambda change: change.id)


def of_origin(
    connection: Connection, actor: Actor, origin: Reference, round: int | None = None, *, seal: Seal | None = None
) -> list[ChangeSeen]:
    """What was decided there, in its order, as far as the actor may read it; of one round of an inquiry, or of all."""
    query = (
        _changes()
        .where(
            PracticeChange.origin_kind == origin.kind,
            PracticeChange.origin_id == origin.id,
            PracticeChange.hidden_at.is_(None),
            may_read(actor, _READABLE),
        )
        .order_by(PracticeChange.id)
        .limit(OF_ONE_ORIGIN)
    )
    if round is not None:
        query = query.where(PracticeChange.round == round)
    return [opened(_change(row), seal) for row in connection.execute(query)]


def tries(connection: Connection, change: ChangeSeen, seal: Seal | None) -> list[TrySeen]:
    """Who tried it when, in the order of the days. Whoever asks has loaded the change."""
    rows = connection.execute(
        select(Person.display_name, PracticeTry.day, PracticeTry.happened, PracticeTry.at)
        .join(Person, Person.id == PracticeTry.person_id)
        .where(PracticeTry.practice_change_id == change.id)
        .order_by(PracticeTry.day, PracticeTry.id)
        .limit(TOLD)
    )
    return [TrySeen(row[0], row.day, _opened(row.happened, change, seal), row.at) for row in rows]


def turns(connection: Connection, change: ChangeSeen, seal: Seal | None) -> list[TurnSeen]:
    """What became of it, in its order."""
    rows = connection.execute(
        select(Person.display_name, PracticeTurn.state, PracticeTurn.why, PracticeTurn.at)
        .join(Person, Person.id == PracticeTurn.person_id)
        .where(PracticeTurn.practice_change_id == change.id)
        .order_by(PracticeTurn.id)
        .limit(TOLD)
    )
    return [TurnSeen(row[0], row.state, _opened(row.why, change, seal), row.at) for row in rows]


def _opened(words: str, change: ChangeSeen, seal: Seal | None) -> str:
    if not change.sealed or not words:
        return words
    try:
        return seal.open(words) if seal else ""
    except CannotUnseal:
        return lost()


@shows(KIND, N_("Change in practice"))
def show_changes(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """What is sealed has no words here: lists and letters do not open it, and a page of its author's may."""
    rows = connection.execute(
        _changes().where(
            PracticeChange.id.in_(ids),
            may_read(actor, _READABLE),
            stands_for(actor, _READABLE, PracticeChange.hidden_at),
        )
    )
    return {change.id: _thing(change) for change in map(_change, rows)}


def _thing(change: ChangeSeen, words: str | None = None) -> Thing:
    """``words`` are those of one that is sealed, where somebody opens it."""
    what = words if change.sealed else change.what
    return Thing(
        reference=change.reference,
        title=gettext("Something only you can read") if what is None else excerpt(what, 80),
        excerpt=excerpt(what or ""),
        author_id=change.author_id,
        author=change.author,
        community_id=change.community_id,
        at=change.created_at,
        endpoint="practicechanges.change",
        values={"practice_change_id": change.id},
        is_private=change.audience == Audience.ONLY_ME.value,
        unsealing=(lambda seal: _thing(change, opened(change, seal).what)) if what is None else None,
    )
