"""Meeting a person an LMS speaks of: the one place where a person is made, for a launch and for a sync alike."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import category
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record, send_event
from lms_plc.core.database import Prepared, Send, table_of, upsert
from lms_plc.core.ids import new_id
from lms_plc.people.models import Identity, Person

_KEPT = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\t\n\r"
_AT_ONCE = 500
"""Identities looked up in one statement; SQLite and PostgreSQL both bound the parameters of one."""


@dataclass(frozen=True, slots=True)
class Register:
    """The numbers by which several sites count the same people: ``sites`` share them, ``number`` is by subject.

    ``doubtful`` are numbers that more than one subject of the site has.
    """

    sites: Sequence[UUID] = ()
    number: Mapping[str, str] = field(default_factory=dict, repr=False)
    doubtful: frozenset[str] = field(default=frozenset(), repr=False)


NO_REGISTER = Register()


class MetMeanwhile(Exception):
    """Somebody else met this person between our look and our insert; theirs stands."""


def greet(
    send: Send, site_id: UUID, subject: str, name: str, locale: str | None, at: datetime, *, email: str | None = None
) -> UUID:
    """Meets somebody whom nobody has met, who comes by a launch. Raises MetMeanwhile: then nothing of it may be kept.

    What ``meet`` and a first launch do, in three prepared statements.
    """
    person_id = new_id()
    kept = as_kept(name) or f"#{subject}"
    source = "lms" if email else None
    told = {"locale": locale, "email": email, "email_source": source, "created_at": at}
    send(_MAKE, {"id": person_id, "display_name": kept, **told})
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


_MAKE = Prepared(
    lambda insert: insert(Person),
    given=("id", "display_name", "locale", "email", "email_source", "created_at"),
)
_KNOW = Prepared(
    lambda insert: (
        insert(Identity).on_conflict_do_nothing(index_elements=["site_id", "subject"]).returning(Identity.id)
    ),
    given=("id", "site_id", "subject", "person_id", "first_seen_at", "first_launched_at"),
)


def meet(
    session: Session,
    site_id: UUID,
    names: Mapping[str, str],
    at: datetime,
    *,
    via: str = "sync",
    register: Register = NO_REGISTER,
) -> dict[str, UUID]:
    """The persons behind these subjects (subject → name), made where nobody spoke of them before.

    Safe against a launch and a sync meeting the same person at the same moment: the unique (site, subject) decides
    and both get the same person. The LMS decides names: a changed one is taken over. Somebody new at this site whom
    another site of the same register knows by the same number is that person; nothing else makes two persons one.
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
        fresh = [subject for subject in some if subject not in known]
        if fresh:
            elsewhere = known_by_number(session, site_id, fresh, register)
            strangers = {subject: (new_id(), names[subject]) for subject in fresh if subject not in elsewhere}
            _make(session, strangers, at)
            persons = elsewhere | {subject: person_id for subject, (person_id, _) in strangers.items()}
            met |= _recognise(session, site_id, persons, set(strangers), register, at)
        _number(session, site_id, [subject for subject in some if subject in known], register)
    return met


def known_by_number(
    session: Session | Connection, site_id: UUID, subjects: Sequence[str], register: Register
) -> dict[str, UUID]:
    """Which of these subjects, new at this site, other sites of the register know (subject → person).

    Only where it is beyond doubt: one person of that number, one subject of that number here, and no other account of
    that person at this site. What is in doubt is for people to decide (`lms_plc.people.twins`).
    """
    numbers = {subject: register.number[subject] for subject in subjects if register.number.get(subject)}
    if not numbers:
        return {}
    times = Counter(numbers.values())
    doubtful = register.doubtful | {number for number in times if times[number] > 1}
    persons: dict[str, set[UUID]] = {}
    present: set[UUID] = set()
    for row in session.execute(
        select(Identity.sourced_id, Identity.person_id, Identity.site_id).where(
            Identity.sourced_id.in_(times), Identity.site_id.in_([*register.sites, site_id])
        )
    ):
        if row.site_id == site_id:  # somebody else's, as these subjects are new here
            doubtful |= {row.sourced_id}
        else:
            persons.setdefault(row.sourced_id, set()).add(row.person_id)
    somewhere = {person for found in persons.values() for person in found}
    if somewhere:
        present.update(
            session.execute(
                select(Identity.person_id).where(Identity.site_id == site_id, Identity.person_id.in_(somewhere))
            ).scalars()
        )
    sure = {
        number: next(iter(found))
        for number, found in persons.items()
        if len(found) == 1 and number not in doubtful and not found & present
    }
    return {subject: sure[number] for subject, number in numbers.items() if number in sure}


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


def _make(session: Session, strangers: Mapping[str, tuple[UUID, str]], at: datetime) -> None:
    if strangers:
        session.execute(
            insert(table_of(Person)),
            [
                {"id": person_id, "display_name": as_kept(name) or f"#{subject}", "created_at": at}
                for subject, (person_id, name) in strangers.items()
            ],
        )


def _recognise(
    session: Session, site_id: UUID, persons: Mapping[str, UUID], made: set[str], register: Register, at: datetime
) -> dict[str, UUID]:
    """Writes down as whom the site knows these persons; subject → person, whoever came first."""
    table = table_of(Identity)
    known = {
        row.subject: row.person_id
        for row in session.execute(
            upsert(session, table)
            .on_conflict_do_nothing(index_elements=["site_id", "subject"])
            .returning(table.c.subject, table.c.person_id),
            [
                {
                    "id": new_id(),
                    "site_id": site_id,
                    "subject": subject,
                    "person_id": person_id,
                    "sourced_id": register.number.get(subject),
                    "first_seen_at": at,
                }
                for subject, person_id in persons.items()
            ],
        )
    }
    lost = [subject for subject in persons if subject not in known]
    if lost:  # somebody else met them between our look and our insert; theirs stands
        unneeded = [persons[subject] for subject in lost if subject in made]
        session.execute(delete(table_of(Person)).where(Person.id.in_(unneeded)))
        known |= {subject: person_id for subject, (person_id, _) in _known(session, site_id, lost).items()}
    return known


def _number(session: Session, site_id: UUID, subjects: Sequence[str], register: Register) -> None:
    """The numbers of people known before a register was named, or renumbered since."""
    numbers = {subject: register.number[subject] for subject in subjects if register.number.get(subject)}
    if not numbers:
        return
    table = table_of(Identity)
    session.execute(
        table.update()
        .where(
            table.c.site_id == bindparam("site"),
            table.c.subject == bindparam("whom"),
            table.c.sourced_id.is_distinct_from(bindparam("number")),
        )
        .values(sourced_id=bindparam("number")),
        [{"site": site_id, "whom": subject, "number": number} for subject, number in numbers.items()],
    )
