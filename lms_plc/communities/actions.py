"""What members can do to their community."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms_plc.communities.forms import CharterForm
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render


class CharterMovedOn(Exception):
    """Somebody else changed the charter meanwhile; nothing was overwritten."""


def write_charter(session: Session, actor: Actor, community: CommunitySeen, form: CharterForm) -> None:
    """Any member may write down what the community promised itself. Raises CharterMovedOn."""
    written = session.execute(
        update(Community)
        .where(Community.id == community.id, Community.charter_version == form.based_on)
        .values(
            charter=form.charter,
            charter_html=render(form.charter).html,
            charter_renderer=RENDERER,
            charter_version=form.based_on + 1,
            charter_changed_at=actor.at,
        )
        .returning(Community.id)
    ).one_or_none()
    if written is None:
        raise CharterMovedOn
    record(
        session,
        "charter.written",
        Reference("community", community.id),
        at=actor.at,
        actor_id=actor.person_id,
        site_id=community.site_id,
        community_id=community.id,
        facts={"version": form.based_on + 1},
    )
