"""How is each kind of line done? Mark, look, ask the LMS; what came of it is given back to be noted.

Whoever finds a mark without a note looks into the LMS, by our number or our mark in an event, before writing.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, NotAllowed, NotFound
from lms_plc.communities.models import Membership
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.sites.syncing import id_number_of
from lms_plc.web.i18n import N_
from lms_plc.writeback.lines import HAVE_PEOPLE, Kind, Verb
from lms_plc.writeback.lms import Crowds, NameIsTaken, Told, WritableLms
from lms_plc.writeback.marks import (
    begin_member,
    begin_thing,
    end_lines,
    forget_keys,
    forget_thing,
    mark_lines,
    set_thing,
    thing_of,
)
from lms_plc.writeback.models import WriteLine, WrittenMember, WrittenThing
from lms_plc.writeback.plan import MAYBE_SENT, hold

NOT_MADE = N_("It was not made, so there is nothing to change.")
ALREADY_THERE = N_("They were in it already, and not by this tool.")
NOT_PUT_IN = N_("Moodle did not take them: not enrolled in the course, or an account it does not know or show.")
HAS_OTHERS = N_("Other people are in it, so it stays in the LMS. This tool no longer looks after it.")
STILL_OURS = N_("People of ours are still in it.")
FOUND_THERE = N_("It was there before this tool, so it stays.")
NAME_TAKEN = N_("Something else in this course has the same name. Rename one of the two, and look again.")
CLOSED = N_("Their account or their membership is suspended or gone.")
NOT_TAKEN = N_("The LMS did not take the message; most often the person takes none from strangers. It is not repeated.")


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines to be done by one call: of one kind, one verb and one thing, or some messages."""

    site_id: UUID
    plan_id: UUID
    kind: Kind
    verb: Verb
    lines: Sequence[WriteLine] = field(repr=False)

    @property
    def first(self) -> WriteLine:
        return self.lines[0]

    @property
    def number(self) -> str:
        """The ID number of a community's cohort and groups."""
        assert self.first.community_id is not None
        return id_number_of(self.first.community_id)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a batch: line number → (state, problem), and what to store in the same transaction."""

    outcomes: dict[int, tuple[str, str | None]]
    store: Callable[[Session, datetime], None] = lambda session, at: None


class InDoubt(Exception):
    """Messages were sent, or were not: ``came`` says so of each, ``error`` why nobody knows."""

    def __init__(self, error: ConnectorError, came: Came) -> None:
        super().__init__("messages may or may not have been sent")
        self.error, self.came = error, came


def mark_of(key: str, version: str | None = None) -> str:
    """What is written into an event's text so that it is found again; without a version, what all of them share."""
    mark = f"plc-{sha256(key.encode()).hexdigest()[:20]}"
    return mark if version is None else f"{mark}-{sha256(version.encode()).hexdigest()[:8]}"


def _make(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    if batch.kind is Kind.CALENDAR:
        return _put_event(database, batch, lms, clock)
    first = batch.first
    given = first.given or {}
    with database.write() as session:
        thing = thing_of(session, batch.site_id, first.key)
        tried = thing is not None and thing.state == "trying"
        if thing is None:
            begin_thing(session, batch.site_id, first, clock())
    crowds = _crowds(batch, lms)
    crowd_id = crowds.find(batch.number)
    made = crowd_id is None or tried
    if crowd_id is None:
        try:
            crowd_id = crowds.make(given["name"], batch.number)
        except NameIsTaken:
            return Came(
                all_of(batch, "failed", NAME_TAKEN),
                lambda session, at: forget_keys(session, batch.site_id, [first.key]),
            )
    found = {"lms_id": crowd_id, "made": made, "version": given["version"], "state": "there"}
    return Came(all_of(batch, "done"), lambda session, at: set_thing(session, batch.site_id, first.key, at=at, **found))


def _change(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    if batch.kind is Kind.CALENDAR:
        return _put_event(database, batch, lms, clock)
    thing = _known(database, batch)
    if thing is None or thing.lms_id is None:
        return Came(all_of(batch, "skipped", NOT_MADE))
    given = batch.first.given or {}
    try:
        _crowds(batch, lms).rename(thing.lms_id, given["name"], batch.number)
    except NameIsTaken:
        return Came(all_of(batch, "failed", NAME_TAKEN))
    version = given["version"]
    return Came(
        all_of(batch, "done"),
        lambda session, at: set_thing(session, batch.site_id, batch.first.key, at=at, version=version),
    )


def _put_event(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    """Moodle cannot change an event, so the new one is made before the old one goes: nobody looks in vain."""
    first = batch.first
    given: dict[str, Any] = first.given or {}
    with database.write() as session:
        thing = thing_of(session, batch.site_id, first.key)
        if thing is None:
            begin_thing(session, batch.site_id, first, clock())
        else:
            set_thing(session, batch.site_id, first.key, at=clock(), state="trying")
    course, mark = first.course or "", mark_of(first.key, given["version"])
    there = lms.find_events(course, mark_of(first.key))
    event_id = next((one for one, text in there.items() if mark in text), None)
    if event_id is None:
        told = Told(course, given["title"], given["text"], given["starts_at"], given["seconds"])
        event_id = lms.make_event(told, mark)
    if thing is not None and thing.lms_id is not None:
        there[thing.lms_id] = ""
    for older in sorted(there.keys() - {event_id}):
        _delete_event(lms, older)
    told_of = {
        "lms_id": event_id,
        "course": course,
        "made": True,
        "version": given["version"],
        "until": datetime.fromtimestamp(given["starts_at"] + given["seconds"], tz=UTC),
        "state": "there",
    }
    return Came(
        all_of(batch, "done"), lambda session, at: set_thing(session, batch.site_id, first.key, at=at, **told_of)
    )


def _add(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    thing = _known(database, batch)
    if thing is None or thing.lms_id is None:
        return Came(all_of(batch, "skipped", NOT_MADE))
    crowds, thing_id = _crowds(batch, lms), thing.id
    inside = crowds.members(thing.lms_id)
    lines = {str(line.subject): line for line in batch.lines}
    with database.write() as session:
        under_way = select(WrittenMember.subject).where(
            WrittenMember.thing_id == thing_id, WrittenMember.state == "trying"
        )
        begun = set(session.execute(under_way).scalars())
        for subject, line in lines.items():
            state = "theirs" if subject in inside and subject not in begun else "trying"
            begin_member(session, thing_id, subject, UUID((line.given or {})["person"]), state, clock())
    wanted = [subject for subject in lines if subject not in inside]
    out = crowds.add(thing.lms_id, wanted) if wanted else set()
    outcomes: dict[int, tuple[str, str | None]] = {}
    for subject, line in lines.items():
        if subject in out:
            outcomes[line.number] = ("failed", NOT_PUT_IN)
        elif subject in inside and subject not in begun:
            outcomes[line.number] = ("skipped", ALREADY_THERE)
        else:
            outcomes[line.number] = ("done", None)
    ours = [subject for subject, line in lines.items() if outcomes[line.number][0] == "done"]

    def store(session: Session, at: datetime) -> None:
        of_these = WrittenMember.thing_id == thing_id
        session.execute(update(WrittenMember).where(of_these, WrittenMember.subject.in_(ours)).values(state="ours"))
        session.execute(delete(WrittenMember).where(of_these, WrittenMember.subject.in_(out)))

    return Came(outcomes, store)


def _take_out(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    thing = _known(database, batch)
    if thing is None or thing.lms_id is None:
        return Came(all_of(batch, "skipped", NOT_MADE))
    crowds, crowd_id, thing_id = _crowds(batch, lms), thing.lms_id, thing.id
    subjects = [str(line.subject) for line in batch.lines]
    try:
        crowds.take_out(crowd_id, subjects)
    except NotFound:  # one account that was deleted costs Moodle the whole call
        for subject in subjects:
            _even_if_gone(partial(crowds.take_out, crowd_id, [subject]))

    def store(session: Session, at: datetime) -> None:
        session.execute(
            delete(WrittenMember).where(WrittenMember.thing_id == thing_id, WrittenMember.subject.in_(subjects))
        )

    return Came(all_of(batch, "done"), store)


def _remove(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    thing = _known(database, batch)
    if thing is None:
        return Came(all_of(batch, "skipped", NOT_MADE))
    forget = _forgetting(thing.id)
    if batch.kind is Kind.CALENDAR:
        events = {*lms.find_events(thing.course, mark_of(thing.key)), *filter(None, [thing.lms_id])}
        for event_id in sorted(events):
            _delete_event(lms, event_id)
        return Came(all_of(batch, "done"), forget)
    with database.read() as connection:
        ours = connection.execute(
            select(func.count()).where(WrittenMember.thing_id == thing.id, WrittenMember.state != "theirs")
        ).scalar_one()
    if ours:
        return Came(all_of(batch, "skipped", STILL_OURS))
    if not thing.made and thing.state != "trying":
        return Came(all_of(batch, "done", FOUND_THERE), forget)
    crowds = _crowds(batch, lms)
    try:
        crowd_id = thing.lms_id or crowds.find(batch.number)
        if crowd_id is not None and crowds.members(crowd_id):
            return Came(all_of(batch, "done", HAS_OTHERS), forget)
        if crowd_id is not None:
            crowds.delete(crowd_id)
    except NotFound:
        pass  # somebody was faster; it is gone, which is all we wanted
    return Came(all_of(batch, "done"), forget)


def _send(database: Database, batch: Batch, lms: WritableLms, clock: Clock) -> Came:
    closed = lms.closed_accounts([str(line.subject) for line in batch.lines])
    with database.write() as session:
        at = clock()
        hold(session, batch.plan_id, at)
        members = _active(session, batch.lines)
        outcomes: dict[int, tuple[str, str | None]] = {}
        going = []
        for line in batch.lines:
            person_id = UUID((line.given or {})["person"])
            if str(line.subject) in closed or (line.community_id, person_id) not in members:
                outcomes[line.number] = ("skipped", CLOSED)
            elif not begin_thing(session, batch.site_id, line, at, person_id=person_id):
                outcomes[line.number] = ("unsure", MAYBE_SENT)  # another worker is at it, or was
            else:
                going.append(line)
        mark_lines(session, batch.plan_id, [line.number for line in going])
    keys = [line.key for line in going]
    try:
        taken = lms.send([(str(line.subject), (line.given or {})["text"]) for line in going]) if going else []
    except ConnectorError as error:
        if error.code in ("unsure", "partial"):
            raise InDoubt(error, _in_doubt(going, outcomes, batch)) from error
        with database.write() as session:  # refused before it could be sent: there is nothing to be in doubt of
            forget_keys(session, batch.site_id, keys)
            mark_lines(session, batch.plan_id, [line.number for line in going], "waiting")
        raise
    states = {}
    for line, was_taken in zip(going, taken, strict=True):
        outcomes[line.number] = ("done", None) if was_taken else ("failed", NOT_TAKEN)
        states[line.key] = "there" if was_taken else "refused"

    def store(session: Session, at: datetime) -> None:
        for key, state in states.items():
            set_thing(session, batch.site_id, key, at=at, state=state)

    return Came(outcomes, store)


def _in_doubt(going: Collection[WriteLine], outcomes: dict[int, tuple[str, str | None]], batch: Batch) -> Came:
    def store(session: Session, at: datetime) -> None:
        for line in going:
            set_thing(session, batch.site_id, line.key, at=at, state="unsure")

    return Came({**outcomes, **{line.number: ("unsure", MAYBE_SENT) for line in going}}, store)


def _crowds(batch: Batch, lms: WritableLms) -> Crowds:
    return lms.cohorts() if batch.kind is Kind.COHORTS else lms.groups(batch.first.course or "")


def _known(database: Database, batch: Batch) -> Row[*tuple[Any, ...]] | None:
    with database.read() as connection:
        return connection.execute(
            select(WrittenThing.__table__).where(
                WrittenThing.site_id == batch.site_id, WrittenThing.key == batch.first.key
            )
        ).one_or_none()


def lost(batch: Batch, session: Session, at: datetime) -> None:
    """A cohort or group that somebody took away in the LMS: the next plan makes it anew."""
    thing = thing_of(session, batch.site_id, batch.first.key)
    if thing is not None and batch.kind in HAVE_PEOPLE and thing.lms_id is not None:
        forget_thing(session, thing.id)


def fail_likewise(batch: Batch, error: NotAllowed, session: Session, at: datetime) -> None:
    """What is not allowed once is not asked for a hundred times: the other lines of the same doing fail with it; of the
    same course only, where a right is missing, for rights may differ from course to course."""
    alike = (WriteLine.kind == batch.kind.value) & (WriteLine.verb == batch.verb.value)
    if error.code != "accessexception":
        alike &= WriteLine.course.is_not_distinct_from(batch.first.course)
    end_lines(session, batch.plan_id, "failed", str(error), at, alike)


def _active(session: Session, lines: Sequence[WriteLine]) -> set[tuple[UUID, UUID]]:
    """(community, person) of those who are active members now."""
    rows = session.execute(
        select(Membership.community_id, Membership.person_id).where(
            Membership.community_id.in_({line.community_id for line in lines}),
            Membership.person_id.in_({UUID((line.given or {})["person"]) for line in lines}),
            Membership.state == "active",
        )
    )
    return {(row.community_id, row.person_id) for row in rows}


def _delete_event(lms: WritableLms, event_id: str) -> None:
    _even_if_gone(partial(lms.delete_event, event_id))


def _even_if_gone(do: Callable[[], None]) -> None:
    with suppress(NotFound):
        do()


def _forgetting(thing_id: UUID) -> Callable[[Session, datetime], None]:
    return lambda session, at: forget_thing(session, thing_id)


def all_of(batch: Batch, state: str, problem: str | None = None) -> dict[int, tuple[str, str | None]]:
    return {line.number: (state, problem) for line in batch.lines}


DO: dict[Verb, Callable[[Database, Batch, WritableLms, Clock], Came]] = {
    Verb.MAKE: _make,
    Verb.CHANGE: _change,
    Verb.ADD: _add,
    Verb.TAKE_OUT: _take_out,
    Verb.REMOVE: _remove,
    Verb.SEND: _send,
}
