"""What profiles add to a community's first page: one of a newcomer's first steps."""

from flask import url_for
from sqlalchemy import select

from lms_plc.communities.home import HERE, FirstStep, Found, Part, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.people.models import Profile
from lms_plc.web.i18n import gettext

_OWN = select(*line(id=Profile.person_id)).where(Profile.person_id == HERE.person_id).limit(1)


@contributes_to_home(95, {"own": _OWN})
def profile_on_home(_: Actor, __: CommunitySeen, found: Found) -> Part:
    """One of a newcomer's first steps."""
    step = FirstStep(gettext("Say what you teach, and where"), url_for("profiles.me"), done=bool(found["own"]))
    return Part(first_steps=(step,))
