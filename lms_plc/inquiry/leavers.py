"""What becomes of a project whose lead leaves its community? It is said before they go; afterwards somebody else may
take the lead, and what they wrote themselves they read wherever they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.going import Beforehand, StaysMine, asks_before_leaving, stays_ones_own
from lms_plc.communities.sealed_words import unsealed
from lms_plc.communities.standing import is_inside
from lms_plc.core.policy import Actor, Loaded, Role, loads
from lms_plc.cycles.content import Content
from lms_plc.house import house
from lms_plc.inquiry.models import Inquiry, InquiryNote, InquiryPerson
from lms_plc.inquiry.queries import ACTIVE, CO_WORKER, ENDED, LEAD, has_gone
from lms_plc.web.i18n import gettext

OWN = "inquiry_own_words"
"""A project, as far as somebody wrote it themselves."""

MOST = 50


@dataclass(frozen=True, slots=True)
class OwnWords:
    id: UUID
    title: str
    content: Content


@asks_before_leaving
def left_without_a_lead(connection: Connection, actor: Actor, community_id: UUID) -> list[Beforehand]:
    """The projects somebody alone leads there, and those that are still private."""
    me, alone = aliased(InquiryPerson), ~_somebody_else(actor, LEAD)
    is_private = Inquiry.opened_at.is_(None)
    rows: Any = connection.execute(
        select(
            *(Inquiry.id, Inquiry.title, Inquiry.sealed, is_private.label("is_private")),
            and_(me.part == LEAD, Inquiry.state.not_in(ENDED), alone).label("leads_alone"),
            _somebody_else(actor, CO_WORKER).label("has_co_worker"),
        )
        .join(me, and_(me.inquiry_id == Inquiry.id, me.person_id == actor.person_id, me.state == ACTIVE))
        .where(
            Inquiry.community_id == community_id,
            Inquiry.hidden_at.is_(None),
            or_(is_private, and_(me.part == LEAD, Inquiry.state.not_in(ENDED), alone)),
        )
        .order_by(Inquiry.id.desc())
        .limit(MOST)
    )
    return [_beforehand(row) for row in rows]


def _somebody_else(actor: Actor, part: str) -> ColumnElement[bool]:
    other = aliased(InquiryPerson)
    there = ~has_gone(other.person_id, Inquiry.community_id, actor.at)
    its = and_(other.inquiry_id == Inquiry.id, other.part == part, other.state == ACTIVE)
    return exists().where(its, other.person_id != actor.person_id, there)


def _beforehand(row: Any) -> Beforehand:
    words = []
    if row.leads_alone and row.has_co_worker:
        words.append(
            gettext(
                "You alone lead it. Give somebody the lead before you go; otherwise whoever works on it with you may"
                " take it, and its portfolio with it."
            )
        )
    elif row.leads_alone and not row.is_private:
        words.append(
            gettext(
                "You alone lead it, and nobody works on it with you. Ask somebody in or conclude it before you go;"
                " otherwise whoever facilitates here may take the lead. What you wrote for the project’s people only,"
                " and its portfolio, stay closed to them."
            )
        )
    if row.is_private:
        words.append(gettext("It is private: when you have left you can no longer open it or work on it."))
    words.append(gettext("What you wrote in it yourself you can read and take along, also afterwards."))
    links = [(gettext("What I wrote in it"), url_for("inquiry.own_words", inquiry_id=row.id))]
    if row.leads_alone:
        links.insert(0, (gettext("The project’s people"), url_for("inquiry.people", inquiry_id=row.id)))
    return Beforehand(_title(row), " ".join(words), links, stays_mine=True)


def _title(row: Any) -> str:
    return unsealed(house().seal, row.title) if row.sealed else row.title


def _is_mine(actor: Actor, mine: Any) -> ColumnElement[bool]:
    """They have a part in it, or began it; nobody's who was taken off."""
    return and_(
        mine.inquiry_id == Inquiry.id,
        mine.person_id == actor.person_id,
        or_(mine.state == ACTIVE, Inquiry.opened_by_id == actor.person_id),
        Inquiry.hidden_at.is_(None),
    )


@loads(OWN, known_by="inquiry.own_words")
def load_own_words(connection: Connection, actor: Actor, inquiry_id: UUID) -> Loaded | None:
    """Without being in the community: it is nothing but what they wrote. A private title that may have been another
    one when they had a part in it is not in here."""
    mine = aliased(InquiryPerson)
    row: Any = connection.execute(
        select(Inquiry.id, Inquiry.title, Inquiry.sealed, Inquiry.content, mine.state)
        .join(mine, _is_mine(actor, mine))
        .where(Inquiry.id == inquiry_id)
    ).one_or_none()
    if row is None:
        return None
    is_closed = row.sealed and row.state != ACTIVE
    title = gettext("A project that is still private") if is_closed else _title(row)
    return Loaded(OwnWords(row.id, title, Content.model_validate(row.content)), frozenset({Role.AUTHOR}))


@stays_ones_own
def written_where_i_am_no_more(connection: Connection, actor: Actor) -> Sequence[StaysMine]:
    mine = aliased(InquiryPerson)
    query = (
        select(Inquiry.id, Inquiry.title, Inquiry.sealed)
        .join(mine, and_(_is_mine(actor, mine), mine.state == ACTIVE))
        .where(
            ~is_inside(actor.person_id, Inquiry.community_id, actor.at),
            exists().where(InquiryNote.inquiry_id == Inquiry.id, InquiryNote.author_id == actor.person_id),
        )
        .order_by(Inquiry.id.desc())
        .limit(MOST)
    )
    return [
        StaysMine(_title(row), url_for("inquiry.own_words", inquiry_id=row.id)) for row in connection.execute(query)
    ]
