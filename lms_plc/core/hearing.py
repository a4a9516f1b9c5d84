"""Who should hear of an event, and why? One register of rules; rooms above this one add theirs.

A rule reads events as they stand in the log and answers with hearings. Whether the person may see the thing now, has
blocked who did it, or wants to hear nothing of it is asked of every hearing afterwards, so a rule need not.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection

from lms_plc.core.activity import Reference

log = structlog.get_logger("lms_plc.hearing")


class Why(StrEnum):
    """Why somebody hears of it; of two reasons the first one here counts."""

    MENTION = "mention"
    MESSAGE = "message"
    ASKED = "asked"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    REPLY = "reply"
    MODERATION = "moderation"
    ADAPTED = "adapted"
    TRIED = "tried"
    CONNECTION = "connection"
    CHANGED = "changed"
    FOLLOWED = "followed"


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as rules see it."""

    id: UUID
    at: datetime
    verb: str
    site_id: UUID | None
    community_id: UUID | None
    actor_id: UUID | None
    thing: Reference
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hearing:
    """Somebody should hear of an event. ``thing`` is what opens; lines of one ``about`` are shown as one."""

    event_id: UUID
    person_id: UUID
    why: Why
    thing: Reference
    about: Reference


Rule = Callable[[Connection, Sequence[Heard]], Iterable[Hearing]]
"""Gets all events of its verbs at once, and answers in a statement or two, whatever their number."""

_rules: dict[Rule, frozenset[str]] = {}


def hears(*verbs: str) -> Callable[[Rule], Rule]:
    """Registers who hears of events of these verbs."""

    def register(rule: Rule) -> Rule:
        _rules[rule] = frozenset(verbs)
        return rule

    return register


def verbs() -> Collection[str]:
    return frozenset().union(*_rules.values())


def hearings(connection: Connection, events: Sequence[Heard]) -> list[Hearing]:
    """One for each person and event, never for whoever did it, in the order of the events."""
    by_verb: dict[str, list[Heard]] = defaultdict(list)
    for event in events:
        by_verb[event.verb].append(event)
    actors = {event.id: event.actor_id for event in events}
    strength = list(Why)
    found: dict[tuple[UUID, UUID], Hearing] = {}
    for rule, its_verbs in _rules.items():
        its = [event for verb in sorted(its_verbs & by_verb.keys()) for event in by_verb[verb]]
        for hearing in _answers(rule, connection, its) if its else ():
            key = (hearing.event_id, hearing.person_id)
            known = found.get(key)
            if actors[hearing.event_id] == hearing.person_id:
                continue
            if known is None or strength.index(hearing.why) < strength.index(known.why):
                found[key] = hearing
    return sorted(found.values(), key=lambda hearing: (hearing.event_id, hearing.person_id))


def _answers(rule: Rule, connection: Connection, events: Sequence[Heard]) -> list[Hearing]:
    """What a rule says; facts it cannot read hold up nobody else."""
    try:
        return list(rule(connection, events))
    except (LookupError, TypeError, ValueError) as error:
        log.error("a rule could not read its events", rule=rule.__name__, kind=type(error).__name__)
        return []


def persons_in(facts: Mapping[str, Any], name: str) -> list[UUID]:
    """The persons whose ids stand in a fact: one, several or none. What is no id is left out."""
    said = facts.get(name)
    found: list[UUID] = []
    for one in said if isinstance(said, list) else [said]:
        try:
            found.append(UUID(str(one)))
        except ValueError:
            continue
    return found


def named_in(events: Sequence[Heard], why: Why, *facts: str) -> Iterator[Hearing]:
    """For verbs whose events say themselves, in these facts, who should hear of them."""
    for event in events:
        for fact in facts or ("to",):
            for person in persons_in(event.facts, fact):
                yield Hearing(event.id, person, why, event.thing, event.thing)
