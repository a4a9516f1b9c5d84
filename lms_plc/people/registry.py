"""Meeting a person an LMS speaks of: the one place where a person is made, for a launch and for a sync alike."""

from collections.abc import Mapping
from datetime import datetime
from unicodedata import category
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record, send_event
from lms_plc.core.database import Prepared, Send, upsert
from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, Person

_KEPT = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\t\n\r"
_AT_ONCE = 500
"""Identities looked up in one statement; SQLite and PostgreSQL both bound the parameters of one."""


class MetMeanwhile(Exception):
    """Somebody else met this person between our look and our insert; theirs stands."""


def greet(send: Send, site_id: UUID, subject: str, name: str, locale: str | None, at: datetime) -> UUID:
    """Meets somebody whom nobody has met, who comes by a launch. Raises MetMeanwhile: then nothing of it may be kept.

    What ``meet`` and a first launch do, in three prepared statements.
    """
    person_id = new_id()
    kept = as_kept(name) or f"#{subject}"
    send(_MAKE, {"id": person_id, "display_name": kept, "locale": locale, "created_at": at})
    identity = {
        "id": new_id(),
        "site_id": site_id,
        "subject": subject,
        "person_id": person_id,
        "first_seen_at": at,
        "first_launched_at": at,
    }
    if send(_KNOW, identity) is None:
        raise MetMeanwhile
    reference = Reference("person", person_id)
    send_event(send, "person.arrived", reference, at=at, actor_id=person_id, via="launch", site_id=site_id)
    return person_id


_MAKE = Prepared(lambda insert: insert(Person), given=("id", "display_name", "locale", "created_at"))
_KNOW = Prepared(
    lambda insert: (
        insert(Identity).on_conflict_do_nothing(index_elements=["site_id", "subject"]).returning(Identity.id)
    ),
    given=("id", "site_id", "subject", "person_id", "first_seen_at", "first_launched_at"),
)


def meet(
    session: Session, site_id: UUID, names: Mapping[str, str], at: datetime, *, via: str = "sync"
) -> dict[str, UUID]:
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
            if (said := as_kept(names[subject])) and said != name:
                _rename(session, site_id, person_id, said, at, via)
        fresh = {subject: new_id() for subject in some if subject not in known}
        if fresh:
            met |= _make(session, site_id, {s: (fresh[s], names[s]) for s in fresh}, at)
    return met


def as_kept(name: str | None) -> str:
    """A name as it is kept: one line of at most 300 characters, without letters nobody sees.

    Directional marks in a name turn the rest of a page round, and two names that differ only in such letters look the
    same; the joiners that Arabic and Indic scripts write with stay.
    """
    if name and name.isascii() and name.isprintable():  # none of them among these
        return " ".join(name.split())[:300]
    seen = "".join(letter for letter in name or "" if letter in _KEPT or category(letter) not in ("Cf", "Cc"))
    return " ".join(seen.split())[:300]


def _rename(session: Session, site_id: UUID, person_id: UUID, name: str, at: datetime, via: str) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(display_name=name))
    reference = Reference("person", person_id)
    record(session, "person.renamed", reference, at=at, actor_id=None, via=via, site_id=site_id)


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
        [
            {"id": pid, "display_name": as_kept(name) or f"#{subject}", "created_at": at}
            for subject, (pid, name) in fresh.items()
        ],
    )
    made = {
        row.subject: row.person_id
        for row in session.execute(
            upsert(session, Identity)
            .on_conflict_do_nothing(index_elements=["site_id", "subject"])
            .returning(Identity.subject, Identity.person_id),
            [
                {"id": new_id(), "site_id": site_id, "subject": subject, "person_id": pid, "first_seen_at": at}
                for subject, (pid, _) in fresh.items()
            ],
        )
    }
    lost = [subject for subject in fresh if subject not in made]
    if lost:  # somebody else met them between our look and our insert; theirs stands
        session.execute(Person.__table__.delete().where(Person.id.in_([fresh[s][0] for s in lost])))  # type: ignore[attr-defined]
        made |= {subject: person_id for subject, (person_id, _) in _known(session, site_id, lost).items()}
    return made
