"""What feedback adds to a community's first page: that a colleague waits for a few words. No statement of its own."""

from flask import url_for
from sqlalchemy import exists, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.feedback.models import FeedbackAnswer, FeedbackAsked, FeedbackRequest
from lms_plc.people.models import Person
from lms_plc.web.i18n import gettext

SHOWN = 2

_ANSWERED = exists().where(FeedbackAnswer.request_id == FeedbackRequest.id, FeedbackAnswer.person_id == HERE.person_id)
_ASKED = (
    select(*line(id=FeedbackRequest.id, title=FeedbackRequest.question, name=Person.display_name))
    .join(FeedbackAsked, FeedbackAsked.request_id == FeedbackRequest.id)
    .join(Person, Person.id == FeedbackRequest.author_id)
    .where(
        FeedbackAsked.person_id == HERE.person_id,
        FeedbackAsked.declined_at.is_(None),
        FeedbackRequest.community_id == HERE.community_id,
        FeedbackRequest.closed_at.is_(None),
        ~_ANSWERED,
    )
    .order_by(FeedbackRequest.id)
    .limit(SHOWN)
)


@contributes_to_home(11, {"asked": _ASKED})
def feedback_on_home(actor: Actor, community: CommunitySeen, found: Found) -> Part:
    return Part(
        steps=[
            Step(
                text=gettext("%(name)s asks you: “%(title)s”", name=one.name, title=one.title),
                label=gettext("Look at it"),
                url=url_for("feedback.request", feedback_request_id=one.id),
                weight=14,
            )
            for one in found["asked"]
        ]
    )
