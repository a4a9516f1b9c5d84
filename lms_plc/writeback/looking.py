"""What should stand in the LMS, and what stands there by us? The difference, line by line; nothing is written.

What we know of the LMS is what we wrote ourselves: a plan asks no LMS. Applying it looks before it writes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from lms_plc.communities.brake import is_too_many
from lms_plc.people.models import Identity
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_
from lms_plc.writeback import ours  # noqa: F401 - what this room itself offers is registered by that
from lms_plc.writeback.lines import HAVE_PEOPLE, Kind, Line, Verb
from lms_plc.writeback.models import WrittenMember, WrittenThing
from lms_plc.writeback.offers import (
    Asked,
    EventOffer,
    MessageOffer,
    PeopleOffer,
    offers_cohorts,
    offers_events,
    offers_groups,
    offers_messages,
)

INVITATIONS_A_DAY = 50
"""So many people of a site are invited within a day: what comes at once looks like a flood, and fills mailboxes."""

_NAMED = 5
"""Cohorts and groups named in the sentence an admin reads; the plan names all."""

_CHUNK = 500

Things = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Crowd:
    """A cohort or group of ours: its name, and how many people are in it as far as we know."""

    name: str
    inside: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The lines of a plan, and how many invitations wait for another day. ``crowds`` are the cohorts and groups by
    their keys, ``known`` the number of our things of each kind."""

    lines: Sequence[Line]
    delayed: int = 0
    crowds: Mapping[str, Crowd] = field(default_factory=dict)
    known: Mapping[Kind, int] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """The same for the same lines, on any machine."""
        told = json.dumps([line.told() for line in self.lines], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def look(connection: Connection, site_id: UUID, at: datetime, kinds: Collection[Kind]) -> Seen:
    """What would be written now, of these kinds."""
    url = connection.execute(select(Site.url).where(Site.id == site_id)).scalar_one()
    asked = Asked(site_id, url.rstrip("/"), at)
    lines: list[Line] = []
    crowds: dict[str, Crowd] = {}
    counts: dict[Kind, int] = {}
    delayed = 0
    for kind in (kind for kind in Kind if kind in kinds):
        known = _things(connection, site_id, kind)
        counts[kind] = len(known)
        if kind in HAVE_PEOPLE:
            lines += _crowds(connection, asked, kind, known, crowds)
        elif kind is Kind.CALENDAR:
            lines += _events(connection, asked, known)
        else:
            found, delayed = _messages(connection, asked, known)
            lines += found
    return Seen(lines, delayed, crowds, counts)


def look_back(connection: Connection, site_id: UUID, at: datetime, kinds: Collection[Kind]) -> Seen:
    """What would be taken back of these kinds. A message that was sent cannot be; an event that is over stays."""
    reason = N_("An administrator takes back what this tool made.")
    lines: list[Line] = []
    for kind in (kind for kind in Kind if kind in kinds):
        for key, thing in _things(connection, site_id, kind).items():
            lines += _removal(connection, kind, key, thing, at, reason)
    return Seen(lines)


def objections(seen: Seen, left_out: Collection[int] = ()) -> list[str]:
    """The sentences that say why these lines, but for those with the numbers ``left_out``, should not be applied.

    What is too many taken out of one cohort or group, or removed of one kind, is what a sync's brake takes for it.
    """
    lines = [line for number, line in enumerate(seen.lines, 1) if number not in left_out]
    going = Counter(line.key for line in lines if line.verb is Verb.TAKE_OUT)
    over = [
        N_("%(going)d of %(there)d people would be taken out of “%(name)s”.")
        % {"going": going[key], "there": crowd.inside, "name": crowd.name}
        for key, crowd in seen.crowds.items()
        if is_too_many(going[key], crowd.inside)
    ]
    sentences = over[:_NAMED]
    if len(over) > _NAMED:
        sentences.append(N_("So it is with %(count)d more.") % {"count": len(over) - _NAMED})
    removed = Counter(line.kind for line in lines if line.verb is Verb.REMOVE)
    sentences += [
        N_("%(going)d of %(there)d things of the kind “%(kind)s” would be removed from the LMS.")
        % {"going": removed[kind], "there": there, "kind": kind.value}
        for kind, there in seen.known.items()
        if is_too_many(removed[kind], there)
    ]
    return sentences


def _crowds(
    connection: Connection, asked: Asked, kind: Kind, known: Things, crowds: dict[str, Crowd]
) -> Iterator[Line]:
    """The lines of all cohorts, or of all groups; adds to ``crowds``."""
    door = offers_cohorts if kind is Kind.COHORTS else offers_groups
    offered = set()
    for offer in door.offered(connection, asked):
        if offer.course is not None and not is_number(offer.course):
            continue
        key = f"{kind}:{offer.id}"
        offered.add(key)
        thing = known.get(key)
        members = _members(connection, thing.id) if thing is not None else {}
        crowds[key] = Crowd(offer.name, sum(state != "trying" for state in members.values()))
        yield from _one_crowd(kind, key, offer, thing, members)
    for key, thing in known.items():
        if key not in offered:
            crowds[key] = Crowd(thing.version or key, len(_members(connection, thing.id)))
            yield from _removal(connection, kind, key, thing, asked.at, N_("The community is no longer there."))


def _one_crowd(
    kind: Kind, key: str, offer: PeopleOffer, thing: Row[*tuple[Any, ...]] | None, members: Mapping[str, str]
) -> Iterator[Line]:
    people = {subject: person for subject, person in offer.people.items() if is_number(subject)}
    if thing is None and not people:
        return
    about: dict[str, Any] = {"key": key, "community_id": offer.community_id, "course": offer.course}
    given = {"name": offer.name, "version": offer.version}
    if thing is None or thing.lms_id is None:
        yield Line(kind, Verb.MAKE, reason=N_("The community is not there yet."), given=given, **about)
    elif thing.version != offer.version and thing.made:
        yield Line(kind, Verb.CHANGE, reason=N_("The community has another name now."), given=given, **about)
    inside = {subject for subject, state in members.items() if state != "trying"}
    for subject in sorted(people.keys() - inside, key=int):
        person = {"person": str(people[subject])}
        yield Line(
            kind, Verb.ADD, subject=subject, reason=N_("They are a member of the community."), given=person, **about
        )
    gone = [subject for subject, state in members.items() if state != "theirs" and subject not in people]
    for subject in sorted(gone, key=int):
        reason = N_("They are no longer an active member, or no longer enrolled.")
        yield Line(kind, Verb.TAKE_OUT, subject=subject, reason=reason, **about)


def _removal(
    connection: Connection, kind: Kind, key: str, thing: Row[*tuple[Any, ...]], at: datetime, reason: str
) -> list[Line]:
    if kind is Kind.MESSAGES or (thing.until is not None and thing.until <= at):
        return []
    about: dict[str, Any] = {"key": key, "community_id": thing.community_id, "course": thing.course, "reason": reason}
    members = _members(connection, thing.id) if kind in HAVE_PEOPLE else {}
    going = sorted((subject for subject, state in members.items() if state != "theirs"), key=int)
    return [
        *(Line(kind, Verb.TAKE_OUT, subject=subject, **about) for subject in going),
        Line(kind, Verb.REMOVE, **about),
    ]


def _events(connection: Connection, asked: Asked, known: Things) -> Iterator[Line]:
    offered = set()
    for offer in offers_events.offered(connection, asked):
        key = f"{Kind.CALENDAR}:{offer.id}"
        offered.add(key)
        thing = known.get(key)
        over = offer.starts_at + offer.lasts <= asked.at
        if (
            over
            or not is_number(offer.course)
            or (thing is not None and thing.state == "there" and thing.version == offer.version)
        ):
            continue
        is_new = thing is None or thing.lms_id is None
        yield Line(
            Kind.CALENDAR,
            Verb.MAKE if is_new else Verb.CHANGE,
            key,
            offer.community_id,
            N_("The meeting is not in the calendar yet.") if is_new else N_("The meeting has changed."),
            course=offer.course,
            given=_event(offer),
        )
    for key, thing in known.items():
        if key not in offered:
            yield from _removal(connection, Kind.CALENDAR, key, thing, asked.at, N_("The meeting was called off."))


def _event(offer: EventOffer) -> dict[str, Any]:
    return {
        "title": offer.title,
        "text": offer.text,
        "starts_at": int(offer.starts_at.timestamp()),
        "seconds": int(offer.lasts.total_seconds()),
        "version": offer.version,
    }


def _messages(connection: Connection, asked: Asked, known: Things) -> tuple[list[Line], int]:
    """The messages to send now, and the number of invitations for another day."""
    recent = sum(1 for thing in known.values() if thing.version == "invitation" and thing.at > asked.at - timedelta(1))
    left, delayed = max(0, INVITATIONS_A_DAY - recent), 0
    invited = {(thing.community_id, thing.person_id) for thing in known.values() if thing.version == "invitation"}
    chosen: list[MessageOffer] = []
    for offer in offers_messages.offered(connection, asked):
        if f"{Kind.MESSAGES}:{offer.id}" in known:
            continue
        if offer.is_invitation:
            whom = (offer.community_id, offer.person_id)
            if whom in invited:
                continue
            invited.add(whom)
            if left == 0:
                delayed += 1
                continue
            left -= 1
        chosen.append(offer)
    subjects = _subjects(connection, asked.site_id, [offer.person_id for offer in chosen])
    lines = [
        Line(
            Kind.MESSAGES,
            Verb.SEND,
            f"{Kind.MESSAGES}:{offer.id}",
            offer.community_id,
            N_("A sync brought them in, and they have never opened the community.")
            if offer.is_invitation
            else N_("The community has something to tell them."),
            subject=subjects[offer.person_id],
            given={
                "text": offer.text,
                "person": str(offer.person_id),
                "version": "invitation" if offer.is_invitation else None,
            },
        )
        for offer in chosen
        if offer.person_id in subjects
    ]
    return lines, delayed


def _subjects(connection: Connection, site_id: UUID, people: Sequence[UUID]) -> dict[UUID, str]:
    """Person → the account the site has known them by for longest; whoever it does not know is left out."""
    found: dict[UUID, str] = {}
    for begin in range(0, len(people), _CHUNK):
        rows = connection.execute(
            select(Identity.person_id, Identity.subject)
            .where(Identity.site_id == site_id, Identity.person_id.in_(people[begin : begin + _CHUNK]))
            .order_by(Identity.id)
        )
        for row in rows:
            if is_number(row.subject):
                found.setdefault(row.person_id, row.subject)
    return found


def _things(connection: Connection, site_id: UUID, kind: Kind) -> Things:
    rows = connection.execute(
        select(
            WrittenThing.id,
            WrittenThing.key,
            WrittenThing.community_id,
            WrittenThing.person_id,
            WrittenThing.course,
            WrittenThing.lms_id,
            WrittenThing.made,
            WrittenThing.state,
            WrittenThing.version,
            WrittenThing.until,
            WrittenThing.at,
        )
        .where(WrittenThing.site_id == site_id, WrittenThing.kind == kind.value)
        .order_by(WrittenThing.id)
    )
    return {row.key: row for row in rows}


def _members(connection: Connection, thing_id: UUID) -> dict[str, str]:
    """Subject → state, of everybody we know to be in a cohort or group."""
    rows = connection.execute(
        select(WrittenMember.subject, WrittenMember.state).where(WrittenMember.thing_id == thing_id)
    )
    return {row.subject: row.state for row in rows}


def is_number(subject: str) -> bool:
    """Whether somebody's id can be one of Moodle's."""
    return subject.isascii() and subject.isdigit()


def count_things(connection: Connection, site_id: UUID) -> dict[Kind, int]:
    """How many cohorts, groups, events and messages of ours are in the LMS."""
    rows = connection.execute(
        select(WrittenThing.kind, func.count().label("n"))
        .where(WrittenThing.site_id == site_id, WrittenThing.state == "there")
        .group_by(WrittenThing.kind)
    )
    return {Kind(row.kind): row.n for row in rows}
