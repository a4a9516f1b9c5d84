"""Who is in a community, as its members look somebody up: by name, school or subject."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, exists, func, select

from lms_plc.communities.models import Membership
from lms_plc.core.folding import fold
from lms_plc.core.paging import Page, cut
from lms_plc.people.models import Identity, Person, PersonSchool, PersonSubject, Profile, School

MEMBERS_A_PAGE = 50
LOOKED_THROUGH = 5000
"""Members whose names are compared with what somebody types: more than any community has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; ``words`` are of a name or a school, as typed."""

    words: str = ""
    subject: str | None = None

    def __bool__(self) -> bool:
        return bool(self.words or self.subject)


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """Somebody in a community. ``launched`` tells whether they ever came here themselves."""

    membership_id: UUID
    person_id: UUID
    name: str
    state: str
    launched: bool
    post_type: str | None


def members(
    connection: Connection,
    community_id: UUID,
    wanted: Wanted,
    *,
    after: UUID | None = None,
    size: int = MEMBERS_A_PAGE,
) -> Page[MemberSeen]:
    """In the order they joined. Names are folded here and not by the database, which knows no Serbian."""
    launched = exists().where(Identity.person_id == Membership.person_id, Identity.first_launched_at.is_not(None))
    schools = (
        select(func.aggregate_strings(School.folded, " "))
        .join(PersonSchool, PersonSchool.school_id == School.id)
        .where(PersonSchool.person_id == Membership.person_id)
        .scalar_subquery()
    )
    words = fold(wanted.words).split()
    query = (
        select(
            Membership.id,
            Membership.person_id,
            Person.display_name,
            Membership.state,
            launched,
            func.coalesce(Profile.post_type, Person.post_type),
            *([schools] if words else []),
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Profile, Profile.person_id == Membership.person_id)
        .where(Membership.community_id == community_id, Membership.state.in_(("active", "paused")))
        .order_by(Membership.id)
        .limit(LOOKED_THROUGH if words else size + 1)
    )
    if wanted.subject is not None:
        teaches = exists().where(
            PersonSubject.person_id == Membership.person_id, PersonSubject.subject == wanted.subject
        )
        query = query.where(teaches)
    if after is not None:
        query = query.where(Membership.id > after)
    found: list[MemberSeen] = []
    for row in connection.execute(query):
        if words:
            known_by = f"{fold(row[2])} {row[6] or ''}"
            if not all(word in known_by for word in words):
                continue
        found.append(MemberSeen(*row[:6]))
        if len(found) > size:
            break
    return cut(found, size, lambda member: member.membership_id)
