"""Who knows the numbers of class results already? Whoever brought them, said what they expect or see, or looked.

Guesses come before numbers: so what others said about a table stays covered for whoever does not know it yet, and a
guess stays as it was said, for saying it uncovers the table.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select
from sqlalchemy.orm import aliased

from lms_plc.classdata.models import DataConversation, DataSet
from lms_plc.classdata.queries import KIND, MEETING, THOUGHTS
from lms_plc.communities.standing import is_inside
from lms_plc.core.accesses import Access
from lms_plc.core.policy import Actor
from lms_plc.evidence.covering import GUESS, Cover, covers, lasts
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.meetings.models import AgendaItem
from lms_plc.web.i18n import N_

LOOKED = "data_set_looked"
"""As what it is noted that somebody knows the numbers of a data set; shown to nobody. A guess is noted too: it may be
taken away, and then there is no second one."""

Noted = Callable[[Actor, Any], ColumnElement[bool]]
"""Whether this actor noted one of the ``THOUGHTS`` in the meeting that a column names."""

_noted: list[Noted] = []


def counts_as_said(noted: Noted) -> Noted:
    """Registers where such thoughts stand before they are kept."""
    _noted.append(noted)
    return noted


def knows(connection: Connection, actor: Actor, data_set_id: UUID) -> bool:
    """Whether they said something about it, here or in a meeting about it, or chose to look without. Taken away or
    hidden, it was said. Who brought it, and whether it was uncovered for all, the caller has loaded already."""
    return bool(connection.execute(select(_knows(actor, data_set_id))).scalar_one())


def _knows(actor: Actor, data_set_id: Any) -> ColumnElement[bool]:
    looked = exists().where(
        Access.thing_kind == LOOKED, Access.thing_id == data_set_id, Access.person_id == actor.person_id
    )
    spoken_of = exists().where(
        AgendaItem.thing_kind == KIND, AgendaItem.thing_id == data_set_id, _spoke_in(actor, AgendaItem.meeting_id)
    )
    planned = exists().where(DataConversation.data_set_id == data_set_id, _spoke_in(actor, DataConversation.meeting_id))
    return or_(looked, _said(actor, KIND, data_set_id), spoken_of, planned)


def _spoke_in(actor: Actor, meeting_id: Any) -> ColumnElement[bool]:
    return or_(_said(actor, MEETING, meeting_id), *(noted(actor, meeting_id) for noted in _noted))


def _said(actor: Actor, kind: str, thing_id: Any) -> ColumnElement[bool]:
    node = aliased(KnowledgeNode)
    return exists().where(
        node.author_id == actor.person_id,
        node.kind.in_(THOUGHTS),
        node.origin_kind == kind,
        node.origin_id == thing_id,
    )


def _title_of_covered(actor: Actor) -> Any:
    """Of a table this actor could still guess about. Colleagues elsewhere, who see it or not, are asked for no guess;
    one that is withdrawn has no numbers that could be looked at first."""
    opened = exists().where(DataConversation.data_set_id == DataSet.id, DataConversation.opened_at.is_not(None))
    return (
        select(DataSet.question)
        .where(
            DataSet.id == KnowledgeNode.origin_id,
            DataSet.hidden_at.is_(None),
            DataSet.author_id != actor.person_id,
            is_inside(actor.person_id, DataSet.community_id, actor.at),
            ~opened,
            ~_knows(actor, DataSet.id),
        )
        .correlate(KnowledgeNode)
        .scalar_subquery()
    )


def _is_about_results(meeting_id: Any) -> ColumnElement[bool]:
    item, talk = aliased(AgendaItem), aliased(DataConversation)
    on_agenda = exists().where(item.meeting_id == meeting_id, item.thing_kind == KIND)
    return or_(on_agenda, exists().where(talk.meeting_id == meeting_id))


covers(
    Cover(
        KIND,
        _title_of_covered,
        N_("Something about the class results “%(title)s”, shown when you have guessed or looked"),
        "classdata.data_set",
        "data_set_id",
    )
)
lasts(
    and_(
        KnowledgeNode.kind == GUESS,
        or_(
            KnowledgeNode.origin_kind == KIND,
            and_(KnowledgeNode.origin_kind == MEETING, _is_about_results(KnowledgeNode.origin_id)),
        ),
    )
)
