"""Meeting a person an LMS speaks of: the one place where a person is made, for a launch and for a sync alike."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, Person

_AT_ONCE = 500
"""Identities looked up in one statement; SQLite and PostgreSQL both bound the parameters of one."""


def meet(session: Session, site_id: UUID, names: Mapping[str, str], at: datetime) -> dict[str, UUID]:
    """The persons behind these subjects (subject → name), made where the site never spoke of them before.

    Safe against a launch and a sync meeting the same person at the same moment: the unique (site, subject) decides
    and both get the same person. The LMS decides names: a changed one is taken over.
    """
    met: dict[str, UUID] = {}
    subjects = list(names)
    for start in range(0, len(subjects), _AT_ONCE):
        some = subjects[start : start + _AT_ONCE]
        known = _known(session, site_id, some)
        for subject, (person_id, name) in known.items():
            met[subject] = person_id
            if names[subject] and names[subject][:300] != name:
                rename(session, person_id, names[subject])
        fresh = {subject: new_id() for subject in some if subject not in known}
        if fresh:
            met |= _make(session, site_id, {s: (fresh[s], names[s]) for s in fresh}, at)
    return met


def rename(session: Session, person_id: UUID, name: str) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(display_name=name[:300]))


def _known(session: Session, site_id: UUID, subjects: list[str]) -> dict[str, tuple[UUID, str]]:
    return {
        row.subject: (row.person_id, row.display_name)
        for row in session.execute(
            select(Identity.subject, Identity.person_id, Person.display_name)
            .join(Person, Person.id == Identity.person_id)
            .where(Identity.site_id == site_id, Identity.subject.in_(subjects))
        )
    }


def _make(session: Session, site_id: UUID, fresh: Mapping[str, tuple[UUID, str]], at: datetime) -> dict[str, UUID]:
    session.execute(
        insert(Person),
        [{"id": pid, "display_name": (name or "")[:300], "created_at": at} for pid, name in fresh.values()],
    )
    made = {
        row.subject: row.person_id
        for row in session.execute(
            upsert(session, Identity)
            .values(
                [
                    {
                        "id": new_id(),
                        "site_id": site_id,
                        "subject": subject,
                        "person_id": pid,
                        "first_seen_at": at,
                    }
                    for subject, (pid, _) in fresh.items()
                ]
            )
            .on_conflict_do_nothing(index_elements=["site_id", "subject"])
            .returning(Identity.subject, Identity.person_id)
        )
    }
    lost = [subject for subject in fresh if subject not in made]
    if lost:  # somebody else met them between our look and our insert; theirs stands
        session.execute(Person.__table__.delete().where(Person.id.in_([fresh[s][0] for s in lost])))  # type: ignore[attr-defined]
        made |= {subject: person_id for subject, (person_id, _) in _known(session, site_id, lost).items()}
    return made
