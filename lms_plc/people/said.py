"""What do people say of themselves: where, what and in which languages do they teach?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, literal, select, union_all

from lms_plc.people.models import PersonLanguage, PersonSchool, PersonSubject, School


@dataclass(frozen=True, slots=True)
class Said:
    """``schools`` by name, the main one first; ``subjects`` and ``languages`` are keys of ``teaching``."""

    schools: Sequence[str] = ()
    subjects: Sequence[str] = ()
    languages: Sequence[str] = ()


def said_by(connection: Connection, person_ids: Sequence[UUID]) -> Mapping[UUID, Said]:
    """Of each of these people, in one statement."""
    if not person_ids:
        return {}
    rows = connection.execute(
        union_all(
            select(
                PersonSchool.person_id.label("person_id"),
                literal("schools").label("kind"),
                School.name.label("value"),
                PersonSchool.place.label("place"),
            )
            .join(School, School.id == PersonSchool.school_id)
            .where(PersonSchool.person_id.in_(person_ids)),
            select(PersonSubject.person_id, literal("subjects"), PersonSubject.subject, literal(0)).where(
                PersonSubject.person_id.in_(person_ids)
            ),
            select(PersonLanguage.person_id, literal("languages"), PersonLanguage.language, literal(0)).where(
                PersonLanguage.person_id.in_(person_ids)
            ),
        ).order_by("place", "value")
    )
    found: dict[UUID, dict[str, list[str]]] = {person_id: {} for person_id in person_ids}
    for person_id, kind, value, _ in rows:
        found[person_id].setdefault(kind, []).append(value)
    return {person_id: Said(**kinds) for person_id, kinds in found.items()}
