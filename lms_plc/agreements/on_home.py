"""What the agreements add to a community's first page: what waits for an answer, and what is not written down."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, exists, func, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.models import ConsentAnswer, ConsentRound, Founding
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, allows
from lms_plc.core.text import excerpt
from lms_plc.web.i18n import gettext, ngettext

tells_news(
    "consent.opened",
    "agreements.charter",
    lambda number: ngettext("One new proposal", "%(num)s new proposals", number),
)
tells_news(
    "consent.adopted",
    "agreements.charter",
    lambda number: ngettext("One proposal was adopted", "%(num)s proposals were adopted", number),
)


_ANSWERED = exists().where(ConsentAnswer.round_id == ConsentRound.id, ConsentAnswer.person_id == HERE.person_id)
_WAITING = (
    select(*line(id=ConsentRound.id, text=func.substr(ConsentRound.proposal, 1, 300)))
    .where(ConsentRound.community_id == HERE.community_id, ConsentRound.state == "open", ~_ANSWERED)
    .order_by(ConsentRound.id)
    .limit(5)
)
_TOLD = select(*line(id=Founding.community_id)).where(Founding.community_id == HERE.community_id).limit(1)


def _waiting() -> Select[Any]:
    answered = exists().where(ConsentAnswer.round_id == ConsentRound.id, ConsentAnswer.person_id == HERE.person_id)
    return (
        select(*line(id=ConsentRound.id, text=func.substr(ConsentRound.proposal, 1, 300)))
        .where(ConsentRound.community_id == HERE.community_id, ConsentRound.state == "open", ~answered)
        .order_by(ConsentRound.id)
        .limit(1)
    )


def _told() -> Select[Any]:
    return select(*line(id=Founding.community_id)).where(Founding.community_id == HERE.community_id).limit(1)


@contributes_to_home(40, {"waiting": _waiting(), "told": _told()})
def agreements_on_home(_: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    steps = []
    if found["waiting"] and allows(community.roles, "consent.answer"):
        first = found["waiting"][0]
        steps.append(
            Step(
                text=gettext("A proposal waits for your answer: “%(text)s”", text=excerpt(first.text or "", 80)),
                label=gettext("Read and answer"),
                url=url_for("agreements.consent_round", round_id=first.id),
                weight=15,
            )
        )
    if not community.charter and allows(community.roles, "community.edit_charter"):
        steps.append(
            Step(
                text=gettext("Nobody has written down yet what this community promised itself."),
                label=gettext("Write our agreements"),
                url=url_for("agreements.charter_form", community_id=community.id),
                weight=90,
            )
        )
    if not found["told"] and allows(community.roles, "community.record_founding"):
        steps.append(
            Step(
                text=gettext("How did this community begin? It is not written down yet."),
                label=gettext("Say how we began"),
                url=url_for("agreements.founding_form", community_id=community.id),
                weight=95,
            )
        )
    return Part("", {}, tuple(steps))
