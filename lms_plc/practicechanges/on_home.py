"""What changes in practice add to a community's first page: a kind question about one's own, two months later."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, case, null, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.database import one_of
from lms_plc.core.policy import Actor
from lms_plc.core.text import excerpt
from lms_plc.practicechanges.models import PracticeChange
from lms_plc.practicechanges.queries import ON_THE_WAY
from lms_plc.web.i18n import gettext, ngettext

SHOWN = 2

tells_news(
    "practice_change.kept",
    "practicechanges.change_list",
    lambda number: ngettext("Somebody does something differently", "%(num)s things that are done differently", number),
)


def _asked() -> Select[Any]:
    """The words of what is sealed stay there."""
    return (
        select(
            *line(
                id=PracticeChange.id, title=case((PracticeChange.sealed.is_(True), null()), else_=PracticeChange.what)
            )
        )
        .where(
            PracticeChange.community_id == HERE.community_id,
            PracticeChange.author_id == HERE.person_id,
            one_of(PracticeChange.state, ON_THE_WAY),
            PracticeChange.asked_at > PracticeChange.changed_at,
        )
        .order_by(PracticeChange.id.desc())
        .limit(SHOWN)
    )


@contributes_to_home(13, {"asked": _asked()})
def changes_on_home(_: Actor, __: CommunitySeen, found: Found) -> Part:
    """No statement of its own."""
    return Part(
        steps=[
            Step(
                text=gettext(
                    "You wanted to do this differently: “%(what)s”. How is it going?", what=excerpt(one.title, 90)
                )
                if one.title
                else gettext("There is something you wanted to do differently. How is it going?"),
                label=gettext("Say how it goes"),
                url=url_for("practicechanges.change", practice_change_id=one.id),
                weight=30,
            )
            for one in found["asked"]
        ]
    )
