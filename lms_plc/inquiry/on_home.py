"""What inquiries add to a community's first page: one's own, and what one is asked into. Others learn of new ones."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, case, false, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor
from lms_plc.cycles.content import shipped
from lms_plc.cycles.wording import stage_name
from lms_plc.inquiry.models import Inquiry, InquiryPerson
from lms_plc.inquiry.queries import ACTIVE, ASKED, CO_WORKER, LEAD, UNDER_WAY
from lms_plc.web.i18n import gettext, ngettext

SHOWN = 3

tells_news(
    "inquiry.opened",
    "inquiry.inquiry_list",
    lambda number: ngettext("One new project", "%(num)s new projects", number),
)
tells_news(
    "inquiry.concluded",
    "inquiry.inquiry_list",
    lambda number: ngettext("One project is concluded", "%(num)s projects are concluded", number),
)


def _lines(state: str, *parts: str) -> Select[Any]:
    """A sealed title does not leave its row: such a project is called one's own."""
    where = [one_of(InquiryPerson.part, parts)] if parts else []
    title = case((Inquiry.sealed == false(), Inquiry.title))
    return (
        select(*line(id=Inquiry.id, title=title, text=Inquiry.cycle, kind=Inquiry.stage))
        .select_from(InquiryPerson)
        .join(Inquiry, Inquiry.id == InquiryPerson.inquiry_id)
        .where(
            InquiryPerson.person_id == HERE.person_id,
            InquiryPerson.state == state,
            Inquiry.community_id == HERE.community_id,
            Inquiry.hidden_at.is_(None),
            one_of(Inquiry.state, UNDER_WAY),
            *where,
        )
        .order_by(Inquiry.changed_at.desc(), Inquiry.id)
        .limit(SHOWN)
    )


@contributes_to_home(8, {"mine": _lines(ACTIVE, LEAD, CO_WORKER), "asked": _lines(ASKED)})
def inquiries_on_home(actor: Actor, community: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    steps = [
        Step(
            text=gettext("A colleague asks you into a project."),
            label=gettext("Look at it"),
            url=url_for("inquiry.inquiry", inquiry_id=one.id),
            weight=8,
        )
        for one in found["asked"]
    ]
    for one in found["mine"]:
        cycle = shipped().get(one.text or "")
        stage = cycle.content.stage(one.kind or "") if cycle else None
        title = one.title or gettext("Your project, still private")
        text = gettext("%(title)s. Next: %(stage)s", title=title, stage=stage_name(stage.name)) if stage else title
        url = url_for("inquiry.inquiry", inquiry_id=one.id)
        steps.append(Step(text=text, label=gettext("Go on"), url=url, weight=30))
    return Part(steps=steps)
