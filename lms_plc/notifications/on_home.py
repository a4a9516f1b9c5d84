"""What a newcomer does first about mail: choosing how much of it."""

from flask import url_for
from sqlalchemy import select

from lms_plc.communities.home import HERE, FirstStep, Found, Part, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.notifications.models import MailChoice
from lms_plc.web.i18n import gettext

_CHOSEN = select(*line(id=MailChoice.person_id)).where(MailChoice.person_id == HERE.person_id).limit(1)


@contributes_to_home(97, {"chosen": _CHOSEN})
def choice_of_mail(_: Actor, __: CommunitySeen, found: Found) -> Part:
    step = FirstStep(gettext("Choose how you hear of news"), url_for("notifications.settings"), bool(found["chosen"]))
    return Part(first_steps=(step,))
