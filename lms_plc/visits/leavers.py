"""Which visits come to nothing when somebody leaves the community? Those they host, or are the only visitor of."""

from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Connection, and_, exists, or_, select
from sqlalchemy.orm import aliased

from lms_plc.communities.going import Beforehand, asks_before_leaving
from lms_plc.communities.standing import is_inside
from lms_plc.core.policy import Actor
from lms_plc.visits.models import Visit, VisitPerson
from lms_plc.visits.queries import PROPOSED, TO_NOTE
from lms_plc.visits.wording import KINDS
from lms_plc.web.i18n import gettext

MOST = 20


@asks_before_leaving
def visits_that_come_to_nothing(connection: Connection, actor: Actor, community_id: UUID) -> list[Beforehand]:
    mine, other = aliased(VisitPerson), aliased(VisitPerson)
    visits_it = exists().where(mine.visit_id == Visit.id, mine.person_id == actor.person_id)
    visitor_id: Any = other.person_id
    with_others = exists().where(
        other.visit_id == Visit.id,
        visitor_id != actor.person_id,
        is_inside(visitor_id, Visit.community_id, actor.at),
    )
    rows: Any = connection.execute(
        select(Visit.id, Visit.kind, Visit.host_id)
        .where(
            Visit.community_id == community_id,
            Visit.state.in_((PROPOSED, *TO_NOTE)),
            or_(Visit.host_id == actor.person_id, and_(visits_it, ~with_others)),
        )
        .order_by(Visit.id.desc())
        .limit(MOST)
    )
    return [
        Beforehand(
            gettext(KINDS[row.kind].name),
            gettext("It is in your lesson, and will not take place without you. Call it off before you go.")
            if row.host_id == actor.person_id
            else gettext("You are the only visitor. Step back before you go, so that the host knows."),
            [(gettext("The visit"), url_for("visits.visit", visit_id=row.id))],
        )
        for row in rows
    ]
