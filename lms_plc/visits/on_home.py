"""What visits add to a community's first page: a colleague asks to come, or a visit is near. No statement of
its own."""

from flask import url_for
from sqlalchemy import exists, or_, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor
from lms_plc.people.models import Person
from lms_plc.visits.models import Visit, VisitPerson
from lms_plc.visits.queries import PLANNED, PROPOSED, RUNNING
from lms_plc.web.i18n import format_date, format_time, gettext

SHOWN = 2

_VISITS = exists().where(VisitPerson.visit_id == Visit.id, VisitPerson.person_id == HERE.person_id)
_ASKED = (
    select(*line(id=Visit.id, name=Person.display_name))
    .join(Person, Person.id == Visit.proposed_by_id)
    .where(
        Visit.host_id == HERE.person_id,
        Visit.community_id == HERE.community_id,
        Visit.state == PROPOSED,
    )
    .order_by(Visit.id)
    .limit(SHOWN)
)
_AHEAD = (
    select(*line(id=Visit.id, title=Visit.place, name=Person.display_name, at=Visit.starts_at))
    .join(Person, Person.id == Visit.host_id)
    .where(
        Visit.community_id == HERE.community_id,
        one_of(Visit.state, (PLANNED, RUNNING)),
        Visit.starts_at >= HERE.today,
        or_(Visit.host_id == HERE.person_id, _VISITS),
    )
    .order_by(Visit.starts_at, Visit.id)
    .limit(SHOWN)
)


@contributes_to_home(12, {"asked": _ASKED, "ahead": _AHEAD})
def visits_on_home(actor: Actor, community: CommunitySeen, found: Found) -> Part:
    asked = [
        Step(
            text=gettext("%(name)s would like to visit a lesson of yours.", name=one.name),
            label=gettext("Look at it"),
            url=url_for("visits.visit", visit_id=one.id),
            weight=13,
        )
        for one in found["asked"]
    ]
    ahead = [
        Step(
            text=gettext(
                "Visit with %(name)s: %(day)s, %(time)s",
                name=one.name,
                day=format_date(one.at, "full"),
                time=format_time(one.at),
            ),
            label=gettext("To the visit"),
            url=url_for("visits.visit", visit_id=one.id),
            weight=25,
        )
        for one in found["ahead"]
        if one.at is not None
    ]
    return Part(steps=[*asked, *ahead])
