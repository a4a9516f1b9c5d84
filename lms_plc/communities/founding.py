"""How a community begins: founded from a course, or as the twin of one when its course was copied."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.forms import FoundingForm
from lms_plc.communities.models import PEOPLE_ONLY, Community, Founding, Placement
from lms_plc.core.activity import Reference, record, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor

Traveller = Callable[[Session, UUID, UUID, datetime], None]
"""Copies what belongs to a charter from one community to its twin, at a moment."""

_travellers: list[Traveller] = []


def travels_with_charter(traveller: Traveller) -> Traveller:
    """Registers what a twin is given beside the charter's text, where it is given that."""
    _travellers.append(traveller)
    return traveller


def record_founding(session: Session, actor: Actor, community_id: UUID, site_id: UUID, form: FoundingForm) -> None:
    """Writes down how a community began; what was written before is replaced."""
    told = {
        "founded_by": form.founded_by.value if form.founded_by else None,
        "by_whom": form.by_whom,
        "founded_on": form.founded_on,
        "first_purpose": form.first_purpose,
        "recorded_by": actor.person_id,
        "recorded_at": actor.at,
    }
    row = upsert(session, Founding).values(community_id=community_id, **told)
    session.execute(row.on_conflict_do_update(index_elements=["community_id"], set_=told))
    record_by(
        session,
        actor,
        "founding.recorded",
        Reference("community", community_id),
        site_id=site_id,
        community_id=community_id,
        facts={"founded_by": told["founded_by"]},
    )


def founded_by(connection: Connection, site_id: UUID) -> dict[str | None, int]:
    """How many communities of a site began by mandate, by a project, from a need of their own; under None those that
    nobody has told it of."""
    rows = connection.execute(
        select(Founding.founded_by, func.count())
        .select_from(Community)
        .outerjoin(Founding, Founding.community_id == Community.id)
        .where(Community.site_id == site_id)
        .group_by(Founding.founded_by)
    )
    return {row[0]: row[1] for row in rows}


def how_each_began(connection: Connection, size: int = 5000) -> dict[UUID, str | None]:
    """Community → by what it was founded, for those of whom it was told."""
    rows = connection.execute(
        select(Founding.community_id, Founding.founded_by).where(Founding.founded_by.is_not(None)).limit(size)
    )
    return {row[0]: row[1] for row in rows}


def found_community(
    session: Session,
    *,
    site_id: UUID,
    course_id: UUID,
    name: str,
    at: datetime,
    via: str,
    actor_id: UUID | None = None,
    community_id: UUID | None = None,
    opens: bool = True,
) -> UUID:
    """Founds the community of a course and places it there. A course has one: a second call answers the first's id.

    Whoever must know whether it was theirs gives the id the new one would have. With ``opens=False`` the course keeps
    what it opens, and the new community only has its people.
    """
    community_id = community_id or new_id()
    session.add(Community(id=community_id, site_id=site_id, name=name[:200], created_at=at))
    session.flush()
    link_id = "" if opens else _people_only(community_id)
    return _place(session, community_id, course_id, at, site_id, via, actor_id, {}, link_id)


def found_beside(session: Session, *, site_id: UUID, course_id: UUID, name: str, at: datetime, actor_id: UUID) -> UUID:
    """Founds a community that one link in a course opens, beside the course's own."""
    community_id = new_id()
    session.add(Community(id=community_id, site_id=site_id, name=name[:200], created_at=at))
    session.flush()
    _tell(session, community_id, course_id, at, site_id, "page", actor_id, {})
    return community_id


def found_twin(
    session: Session,
    *,
    original_id: UUID,
    with_charter: bool,
    course_id: UUID,
    site_id: UUID,
    name: str,
    at: datetime,
    via: str,
) -> UUID:
    """A copied course gets its own community, linked to the first, without its people and talk.

    It begins with the same charter if whoever opens it knows the original (``with_charter``).
    """
    original = session.execute(select(Community).where(Community.id == original_id)).scalar_one()
    copied = with_charter and bool(original.charter)
    community_id = new_id()
    session.add(
        Community(
            id=community_id,
            site_id=site_id,
            name=name[:200],
            charter=original.charter if copied else None,
            charter_html=original.charter_html if copied else None,
            charter_renderer=original.charter_renderer if copied else 0,
            charter_version=1 if copied else 0,
            charter_changed_at=at if copied else None,
            twin_of_id=original_id,
            created_at=at,
        )
    )
    session.flush()
    placed = _place(session, community_id, course_id, at, site_id, via, None, {"twin_of": str(original_id)})
    if copied and placed == community_id:
        for traveller in _travellers:
            traveller(session, original_id, community_id, at)
    return placed


def place_community(
    session: Session, community_id: UUID, course_id: UUID, *, site_id: UUID, at: datetime, opens: bool
) -> None:
    """A rule brings the people of a course into a community there is. ``opens``: the course opens it too."""
    placed = session.execute(
        upsert(session, Placement)
        .values(
            id=new_id(),
            course_id=course_id,
            link_id="" if opens else _people_only(community_id),
            community_id=community_id,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["course_id", "link_id"])
        .returning(Placement.id)
    ).scalar_one_or_none()
    if placed is not None:
        record(
            session,
            "community.placed",
            Reference("community", community_id),
            at=at,
            actor_id=None,
            via="sync",
            site_id=site_id,
            community_id=community_id,
            facts={"course_id": str(course_id)},
        )


def link_twin(
    session: Session, community_id: UUID, original_id: UUID, *, site_id: UUID, at: datetime, via: str
) -> None:
    """A community turns out to be a twin: a sync founded it before a launch told of its course's history."""
    linked = session.execute(
        update(Community)
        .where(Community.id == community_id, Community.twin_of_id.is_(None), Community.id != original_id)
        .values(twin_of_id=original_id)
        .returning(Community.id)
    ).one_or_none()
    if linked is not None:
        record(
            session,
            "community.linked",
            Reference("community", community_id),
            at=at,
            actor_id=None,
            via=via,
            site_id=site_id,
            community_id=community_id,
            facts={"twin_of": str(original_id)},
        )


def _people_only(community_id: UUID) -> str:
    return f"{PEOPLE_ONLY}{community_id}"


def _place(
    session: Session,
    community_id: UUID,
    course_id: UUID,
    at: datetime,
    site_id: UUID,
    via: str,
    actor_id: UUID | None,
    facts: dict[str, str],
    link_id: str = "",
) -> UUID:
    placed = session.execute(
        upsert(session, Placement)
        .values(id=new_id(), course_id=course_id, link_id=link_id, community_id=community_id, created_at=at)
        .on_conflict_do_nothing(index_elements=["course_id", "link_id"])
        .returning(Placement.community_id)
    ).scalar_one_or_none()
    if placed is None:  # two founded at the same moment: the first one stands, this one never was
        session.delete(session.get_one(Community, community_id))
        return session.execute(
            select(Placement.community_id).where(Placement.course_id == course_id, Placement.link_id == link_id)
        ).scalar_one()
    _tell(session, community_id, course_id, at, site_id, via, actor_id, facts)
    return community_id


def _tell(
    session: Session,
    community_id: UUID,
    course_id: UUID,
    at: datetime,
    site_id: UUID,
    via: str,
    actor_id: UUID | None,
    facts: dict[str, str],
) -> None:
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
