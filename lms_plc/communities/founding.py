"""How a community begins: founded from a course, or as the twin of one when its course was copied."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community, Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id


def found(
    session: Session,
    *,
    site_id: UUID,
    course_id: UUID,
    name: str,
    at: datetime,
    via: str,
    actor_id: UUID | None = None,
    community_id: UUID | None = None,
) -> UUID:
    """Founds the community of a course and places it there. A course has one: a second call answers the first's id.

    Whoever must know whether it was theirs gives the id the new one would have.
    """
    community_id = community_id or new_id()
    session.add(Community(id=community_id, site_id=site_id, name=name[:200], working_langs=[], created_at=at))
    session.flush()
    return _place(session, community_id, course_id, at, site_id, via, actor_id, {})


def found_twin(
    session: Session, *, original_id: UUID, course_id: UUID, site_id: UUID, name: str, at: datetime, via: str
) -> UUID:
    """A copied course gets its own community: same charter, linked to the first, without its people and talk."""
    original = session.execute(select(Community).where(Community.id == original_id)).scalar_one()
    community_id = new_id()
    session.add(
        Community(
            id=community_id,
            site_id=site_id,
            name=name[:200],
            working_langs=original.working_langs,
            charter=original.charter,
            charter_html=original.charter_html,
            charter_renderer=original.charter_renderer,
            charter_version=1 if original.charter else 0,
            charter_changed_at=at if original.charter else None,
            twin_of_id=original_id,
            created_at=at,
        )
    )
    session.flush()
    return _place(session, community_id, course_id, at, site_id, via, None, {"twin_of": str(original_id)})


def _place(
    session: Session,
    community_id: UUID,
    course_id: UUID,
    at: datetime,
    site_id: UUID,
    via: str,
    actor_id: UUID | None,
    facts: dict[str, str],
) -> UUID:
    placed = session.execute(
        upsert(session, Placement)
        .values(id=new_id(), course_id=course_id, link_id="", community_id=community_id, created_at=at)
        .on_conflict_do_nothing(index_elements=["course_id", "link_id"])
        .returning(Placement.community_id)
    ).scalar_one_or_none()
    if placed is None:  # two founded at the same moment: the first one stands, this one never was
        session.delete(session.get_one(Community, community_id))
        return session.execute(
            select(Placement.community_id).where(Placement.course_id == course_id, Placement.link_id == "")
        ).scalar_one()
    record(
        session,
        "community.founded",
        Reference("community", community_id),
        at=at,
        actor_id=actor_id,
        via=via,
        site_id=site_id,
        community_id=community_id,
        facts={"course_id": str(course_id), **facts},
    )
    return community_id
