"""What stands on somebody's first page when it has been quiet around them, or when a colleague elsewhere says hello."""

from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from lms_plc.communities.home import HERE, Found, Part, Step, contributes_to_home, line
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor
from lms_plc.peers.models import Hello, PeerOffer
from lms_plc.peers.queries import waiting_for
from lms_plc.people.models import Person
from lms_plc.people.teaching import SUBJECTS
from lms_plc.web.i18n import gettext


def _offer() -> Select[Any]:
    """Their own, whoever they are: nobody else's select has it."""
    mine = PeerOffer.person_id == HERE.person_id
    return select(*line(kind=PeerOffer.subject)).where(mine, PeerOffer.dismissed_at.is_(None)).limit(1)


def _hellos() -> Select[Any]:
    return (
        select(*line(id=Hello.id, name=Person.display_name))
        .join(Person, Person.id == Hello.person_id)
        .where(waiting_for(HERE.person_id))
        .order_by(Hello.id.desc())
        .limit(1)
    )


@contributes_to_home(80, {"offer": _offer(), "hellos": _hellos()})
def peers_on_home(who: Actor, community: CommunitySeen, found: Found) -> Part:
    steps = [
        Step(
            text=gettext("%(name)s, who teaches elsewhere, says hello to you.", name=hello.name),
            label=gettext("Read it"),
            url=url_for("peers.search", _anchor=f"hello-{hello.id}"),
            weight=30,
        )
        for hello in found["hellos"]
    ]
    offered = next((one.kind for one in found["offer"] if one.kind in SUBJECTS), None)
    if offered is None:
        return Part(steps=steps)
    return Part("peers/offer.html", {"subject": offered, "subject_name": gettext(SUBJECTS[offered])}, steps)
