"""What can be read of feedback. Each function is one statement.

A request is read by who asks and by those who were asked; an answer by who wrote it and by who asked, nobody else: not
by the others who were asked, and by no role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.attached import AT, ME, THING, endpoint_of, hangs_on
from lms_plc.communities.lines import line
from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_inside, read_roles, roles_of
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, cut
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.core.text import excerpt
from lms_plc.core.things import Thing, shows
from lms_plc.feedback.models import FeedbackAnswer, FeedbackAsked, FeedbackRequest
from lms_plc.people.blocks import are_apart
from lms_plc.people.connections import are_connected
from lms_plc.people.models import Identity, Person
from lms_plc.web.i18n import N_

KIND, ANSWER = "feedback_request", "feedback_answer"
A_PAGE = 20
CHOOSABLE = 400
HANGING = 20


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """A request, as who asks or who was asked sees it. ``asked_at`` and ``declined_at`` are the actor's own."""

    id: UUID
    community_id: UUID
    site_id: UUID
    author_id: UUID
    author: str
    question: str
    text: str
    thing: Reference | None
    due: date | None
    created_at: datetime
    closed_at: datetime | None
    asked_at: datetime | None
    declined_at: datetime | None
    roles: frozenset[Role]

    @property
    def reference(self) -> Reference:
        return Reference(KIND, self.id)

    @property
    def is_mine(self) -> bool:
        return Role.AUTHOR in self.roles

    @property
    def is_inside(self) -> bool:
        """Colleagues of other communities see the request, and not the rooms around it."""
        return bool(self.roles - {Role.AUTHOR, Role.READER})

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """An answer, to who asked or to who wrote it."""

    id: UUID
    person_id: UUID
    name: str
    saw: str
    asks: str
    idea: str
    at: datetime
    changed_at: datetime
    hidden_at: datetime | None


@dataclass(frozen=True, slots=True)
class AskedSeen:
    """Somebody who was asked, for who asks; ``answered``: there is an answer of theirs."""

    person_id: UUID
    name: str
    declined: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class RequestListed:
    """``is_answered``: somebody answered one of mine; I answered one I was asked."""

    id: UUID
    question: str
    author: str
    due: date | None
    created_at: datetime
    closed_at: datetime | None
    is_answered: bool
    is_declined: bool


@dataclass(frozen=True, slots=True)
class Choosable:
    """Somebody who can be asked; ``is_elsewhere``: a colleague of another community."""

    id: UUID
    name: str
    is_elsewhere: bool


@loads(KIND, known_by="feedback.read")
def load_request(connection: Connection, actor: Actor, request_id: UUID) -> Loaded | None:
    """Who asks has their right from being in the community, who was asked from having been asked."""
    mine = aliased(FeedbackAsked)
    columns: tuple[Any, ...] = (
        FeedbackRequest.id,
        FeedbackRequest.community_id,
        Community.site_id,
        FeedbackRequest.author_id,
        Person.display_name,
        FeedbackRequest.question,
        FeedbackRequest.text,
        FeedbackRequest.thing_kind,
        FeedbackRequest.thing_id,
        FeedbackRequest.due,
        FeedbackRequest.created_at,
        FeedbackRequest.closed_at,
        mine.asked_at,
        mine.declined_at,
        *roles_of(actor.person_id, FeedbackRequest.community_id, actor.at),
    )
    row: Any = connection.execute(
        select(*columns)
        .join(Community, Community.id == FeedbackRequest.community_id)
        .join(Person, Person.id == FeedbackRequest.author_id)
        .outerjoin(mine, and_(mine.request_id == FeedbackRequest.id, mine.person_id == actor.person_id))
        .where(FeedbackRequest.id == request_id, _may_see(actor.person_id, actor.at))
    ).one_or_none()
    if row is None:
        return None
    inside = read_roles(row.membership_state, row.assigned_roles)
    own = {Role.AUTHOR} if row.author_id == actor.person_id else {Role.READER}
    seen = RequestSeen(
        id=row.id,
        community_id=row.community_id,
        site_id=row.site_id,
        author_id=row.author_id,
        author=row.display_name,
        question=row.question,
        text=row.text,
        thing=Reference(row.thing_kind, row.thing_id) if row.thing_kind and row.thing_id else None,
        due=row.due,
        created_at=row.created_at,
        closed_at=row.closed_at,
        asked_at=row.asked_at,
        declined_at=row.declined_at,
        roles=inside | own,
    )
    return Loaded(seen, seen.roles)


def _may_see(person_id: Any, at: Any) -> ColumnElement[bool]:
    """Who asks, as long as they are in the community; who was asked, as long as they are in it or know who asks."""
    one = aliased(FeedbackAsked)  # whoever asks may select from it themselves
    was_asked = exists().where(one.request_id == FeedbackRequest.id, one.person_id == person_id)
    inside = is_inside(person_id, FeedbackRequest.community_id, at)
    return or_(
        and_(FeedbackRequest.author_id == person_id, inside),
        and_(was_asked, or_(inside, are_connected(person_id, FeedbackRequest.author_id))),
    )


def answer_of(connection: Connection, request_id: UUID, person_id: UUID) -> AnswerSeen | None:
    """One's own."""
    return next(iter(_answers(connection, request_id, FeedbackAnswer.person_id == person_id)), None)


def answers_to(connection: Connection, seen: RequestSeen) -> list[AnswerSeen]:
    """For who asks, of hidden ones no word. Raises PermissionError for everybody else: whoever calls this has looked
    before."""
    if not seen.is_mine:
        raise PermissionError("answers are for who asks")
    found = _answers(connection, seen.id)
    return [one if one.hidden_at is None else replace(one, saw="", asks="", idea="") for one in found]


def _answers(connection: Connection, request_id: UUID, *more: ColumnElement[bool]) -> list[AnswerSeen]:
    columns = (
        FeedbackAnswer.id,
        FeedbackAnswer.person_id,
        Person.display_name,
        FeedbackAnswer.saw,
        FeedbackAnswer.asks,
        FeedbackAnswer.idea,
        FeedbackAnswer.at,
        FeedbackAnswer.changed_at,
        FeedbackAnswer.hidden_at,
    )
    rows = connection.execute(
        select(*columns)
        .join(Person, Person.id == FeedbackAnswer.person_id)
        .where(FeedbackAnswer.request_id == request_id, *more)
        .order_by(FeedbackAnswer.id)
        .limit(CHOOSABLE)
    )
    return [AnswerSeen(*row) for row in rows]


def asked(connection: Connection, request_id: UUID) -> list[AskedSeen]:
    """Who was asked, for who asks."""
    answered = exists().where(
        FeedbackAnswer.request_id == FeedbackAsked.request_id, FeedbackAnswer.person_id == FeedbackAsked.person_id
    )
    rows = connection.execute(
        select(FeedbackAsked.person_id, Person.display_name, FeedbackAsked.declined_at.is_not(None), answered)
        .join(Person, Person.id == FeedbackAsked.person_id)
        .where(FeedbackAsked.request_id == request_id)
        .order_by(func.lower(Person.display_name), Person.id)
        .limit(CHOOSABLE)
    )
    return [AskedSeen(*row) for row in rows]


def asked_by_me(connection: Connection, actor: Actor, community_id: UUID, *, before: UUID | None = None) -> Page[Any]:
    """My requests in a community, the newest first."""
    answered = exists().where(FeedbackAnswer.request_id == FeedbackRequest.id)
    query = _listed(answered, FeedbackRequest.id.is_(None)).where(
        FeedbackRequest.community_id == community_id, FeedbackRequest.author_id == actor.person_id
    )
    return _page(connection, query, before)


def i_am_asked(connection: Connection, actor: Actor, community_id: UUID, *, before: UUID | None = None) -> Page[Any]:
    """What I was asked in a community or by colleagues of others, the newest first."""
    answered = exists().where(
        FeedbackAnswer.request_id == FeedbackRequest.id, FeedbackAnswer.person_id == actor.person_id
    )
    query = (
        _listed(answered, FeedbackAsked.declined_at.is_not(None))
        .join(FeedbackAsked, FeedbackAsked.request_id == FeedbackRequest.id)
        .where(FeedbackAsked.person_id == actor.person_id, _may_see(actor.person_id, actor.at))
        .where(
            or_(
                FeedbackRequest.community_id == community_id,
                ~is_inside(actor.person_id, FeedbackRequest.community_id, actor.at),
            )
        )
    )
    return _page(connection, query, before)


def _listed(answered: Any, declined: Any) -> Select[Any]:
    return (
        select(
            FeedbackRequest.id,
            FeedbackRequest.question,
            Person.display_name,
            FeedbackRequest.due,
            FeedbackRequest.created_at,
            FeedbackRequest.closed_at,
            answered.label("is_answered"),
            declined.label("is_declined"),
        )
        .select_from(FeedbackRequest)
        .join(Person, Person.id == FeedbackRequest.author_id)
        .order_by(FeedbackRequest.id.desc())
        .limit(A_PAGE + 1)
    )


def _page(connection: Connection, query: Select[Any], before: UUID | None) -> Page[RequestListed]:
    if before is not None:
        query = query.where(FeedbackRequest.id < before)
    return cut([RequestListed(*row) for row in connection.execute(query)], A_PAGE, lambda one: one.id)


def choosable(connection: Connection, actor: Actor, community_id: UUID) -> list[Choosable]:
    """Whom one can ask: who is in the community, and colleagues of other communities of this learning platform one is
    connected with. Nobody one has blocked, and nobody who wants to hear nothing of one."""
    known = aliased(Identity)
    here = is_inside(Person.id, community_id, actor.at)  # type: ignore[arg-type]
    elsewhere = and_(
        exists().where(known.person_id == Person.id, known.site_id == actor.site_id),
        are_connected(actor.person_id, Person.id),
    )
    rows = connection.execute(
        select(Person.id, Person.display_name, here.label("is_here"))
        .where(
            or_(here, elsewhere),
            Person.id != actor.person_id,
            ~are_apart(actor.person_id, Person.id),
        )
        .order_by(here.desc(), func.lower(Person.display_name), Person.id)
        .limit(CHOOSABLE)
    )
    return [Choosable(row.id, row.display_name, not row.is_here) for row in rows]


@shows(KIND, N_("Request for feedback"))
def show_requests(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    rows = connection.execute(
        select(
            FeedbackRequest.id,
            FeedbackRequest.question,
            FeedbackRequest.text,
            FeedbackRequest.author_id,
            Person.display_name,
            FeedbackRequest.community_id,
            FeedbackRequest.due,
            FeedbackRequest.created_at,
        )
        .join(Person, Person.id == FeedbackRequest.author_id)
        .where(FeedbackRequest.id.in_(ids), _may_see(actor.person_id, actor.at))
    )
    return {
        row.id: Thing(
            reference=Reference(KIND, row.id),
            title=excerpt(row.question, 80),
            excerpt=excerpt(row.text),
            author_id=row.author_id,
            author=row.display_name,
            community_id=row.community_id,
            at=row.created_at,
            endpoint="feedback.request",
            values={"feedback_request_id": row.id},
            day=row.due,
        )
        for row in rows
    }


@shows(ANSWER, N_("Answer to a request for feedback"))
def show_answers(connection: Connection, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Thing]:
    """To who asked, unless it is hidden, and to who wrote it. It stands in no community's lists: it is between two."""
    rows = connection.execute(
        select(
            FeedbackAnswer.id,
            FeedbackAnswer.request_id,
            FeedbackAnswer.saw,
            FeedbackAnswer.asks,
            FeedbackAnswer.idea,
            FeedbackAnswer.person_id,
            Person.display_name,
            FeedbackAnswer.at,
        )
        .join(FeedbackRequest, FeedbackRequest.id == FeedbackAnswer.request_id)
        .join(Person, Person.id == FeedbackAnswer.person_id)
        .where(
            FeedbackAnswer.id.in_(ids),
            _may_see(actor.person_id, actor.at),
            or_(
                FeedbackAnswer.person_id == actor.person_id,
                and_(FeedbackRequest.author_id == actor.person_id, FeedbackAnswer.hidden_at.is_(None)),
            ),
        )
    )
    return {
        row.id: Thing(
            reference=Reference(ANSWER, row.id),
            title=row.display_name,
            excerpt=excerpt(all_words(row.saw, row.asks, row.idea)),
            author_id=row.person_id,
            author=row.display_name,
            community_id=None,
            at=row.at,
            endpoint="feedback.request",
            values={"feedback_request_id": row.request_id},
            anchor=f"a-{row.id}",
        )
        for row in rows
    }


def all_words(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _of_a_thing(kind: str) -> Select[Any]:
    return (
        select(
            *line(
                id=FeedbackRequest.id,
                title=FeedbackRequest.question,
                name=Person.display_name,
                at=FeedbackRequest.created_at,
            )
        )
        .join(Person, Person.id == FeedbackRequest.author_id)
        .where(FeedbackRequest.thing_kind == kind, FeedbackRequest.thing_id == THING, _may_see(ME, AT))
        .order_by(FeedbackRequest.id.desc())
        .limit(HANGING)
    )


for _kind in ("inquiry", "practice_change"):
    hangs_on(
        _kind,
        "feedback",
        N_("Feedback asked for"),
        _of_a_thing(_kind),
        endpoint_of("feedback.request", "feedback_request_id"),
    )
