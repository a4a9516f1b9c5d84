"""What members can do about a meeting: plan it, move it, lead it, say what became of it. Its agenda: ``agenda.py``."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community, RoleAssignment
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.standing import in_force, is_inside
from lms_plc.core import search
from lms_plc.core.activity import Reference, record, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotThere, Role
from lms_plc.core.text import RENDERER
from lms_plc.meetings import codes
from lms_plc.meetings.forms import MeetingForm
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole
from lms_plc.meetings.queries import FACILITATOR, MeetingSeen
from lms_plc.meetings.states import COMING, TOOK_PLACE, State, may_become

VERBS: Mapping[State, str] = {
    State.CONFIRMED: "meeting.confirmed",
    State.MOVED: "meeting.moved",
    State.RUNNING: "meeting.begun",
    State.HELD: "meeting.held",
    State.NOT_HELD: "meeting.not_held",
    State.CANCELLED: "meeting.cancelled",
}
"""What an event is called that brought a meeting into a state; of the others it is ``meeting.state_changed``."""

ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class CannotBecome(Exception):
    """The meeting is in a state from which that does not follow, perhaps since a moment ago; nothing was changed."""

    def __init__(self, meeting_id: UUID, now: State, then: State, *, too_early: bool = False) -> None:
        super().__init__(f"{now} does not become {then}")
        self.meeting_id, self.now, self.then, self.too_early = meeting_id, now, then, too_early


def plan_meeting(session: Session, actor: Actor, community: CommunitySeen, form: MeetingForm, zone: ZoneInfo) -> UUID:
    """Plans a meeting; what waited for one comes onto its agenda. The same form sent twice is one meeting."""
    form_key = form.form_key or new_id().hex
    meeting_id, is_new = once(
        session,
        Meeting,
        ("planned_by_id", "form_key"),
        community_id=community.id,
        planned_by_id=actor.person_id,
        **_when_and_where(form, zone),
        state=State.PLANNED.value,
        revision=0,
        minutes="",
        minutes_html="",
        minutes_renderer=RENDERER,
        minutes_version=0,
        form_key=form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return meeting_id
    session.execute(
        update(AgendaItem)
        .where(AgendaItem.community_id == community.id, AgendaItem.meeting_id.is_(None))
        .values(meeting_id=meeting_id)
    )
    FOUND.find(session, meeting_id)
    tell(session, "meeting.planned", actor, Reference("meeting", meeting_id), community.site_id, community.id)
    return meeting_id


def change_meeting(session: Session, actor: Actor, meeting: MeetingSeen, form: MeetingForm, zone: ZoneInfo) -> None:
    """Other words, another place, or another time: one that is to come and gets another time has been moved."""
    new, changed = _when_and_where(form, zone), would_change(meeting, form, zone)
    if not changed:
        return
    now = state_of(session, meeting.id)
    if {"starts_at", "ends_at"} & set(changed) and now in COMING:
        before = meeting.moved_from or meeting.starts_at
        moved_from = None if new["starts_at"] == before else before  # back where it was meant to be
        new |= {"state": State.MOVED.value, "moved_from": moved_from, "asked_at": None}
        verb, facts = VERBS[State.MOVED], {"state": State.MOVED.value, "from": now.value, "changed": changed}
    else:
        verb, facts = "meeting.changed", {"changed": changed}
    _change(session, actor.at, meeting.id, new)
    FOUND.find(session, meeting.id)
    tell(session, verb, actor, Reference("meeting", meeting.id), meeting.site_id, meeting.community_id, facts)


def would_change(meeting: MeetingSeen, form: MeetingForm, zone: ZoneInfo) -> list[str]:
    """What a form says otherwise than it stands."""
    return sorted(name for name, value in _when_and_where(form, zone).items() if value != getattr(meeting, name))


def become(session: Session, actor: Actor, meeting: MeetingSeen, state: State, **values: Any) -> bool:
    """Brings a meeting into a state, with other ``values`` of its row; the one place where that is done. False when it
    was in that state already. Raises CannotBecome."""
    place = (meeting.id, meeting.site_id, meeting.community_id)
    return move_on(session, place, state, actor.at, actor.person_id, **values)


def move_on(
    session: Session,
    place: tuple[UUID, UUID, UUID],
    state: State,
    at: datetime,
    actor_id: UUID | None,
    facts: Mapping[str, Any] | None = None,
    **values: Any,
) -> bool:
    """As ``become``, of the meeting with this id, in this site and community; without an actor the clock did it."""
    meeting_id, site_id, community_id = place
    now = state_of(session, meeting_id)
    if now is state:
        return False
    if not may_become(now, state):
        raise CannotBecome(meeting_id, now, state)
    _change(session, at, meeting_id, {"state": state.value, **values})
    record(
        session,
        VERBS.get(state, "meeting.state_changed"),
        Reference("meeting", meeting_id),
        at=at,
        actor_id=actor_id,
        via="page" if actor_id else "clock",
        site_id=site_id,
        community_id=community_id,
        facts={"state": state.value, "from": now.value, **_told_as(state), **(facts or {})},
    )
    return True


def _told_as(state: State) -> dict[str, Any]:
    """What its line in the inbox says has changed."""
    return {"changed": [state.value]} if state in (State.CONFIRMED, State.CANCELLED, State.PLANNED) else {}


def say_state(session: Session, actor: Actor, meeting: MeetingSeen, state: State, reason: str = "") -> None:
    """What somebody says of a meeting by a button of its page. Raises CannotBecome."""
    if state in (State.HELD, State.NOT_HELD) and meeting.state in COMING and meeting.starts_at > actor.at:
        raise CannotBecome(meeting.id, State(meeting.state), state, too_early=True)
    if state is State.AGENDA_OPEN:
        ask_for_points(session, actor, meeting)
    elif state is State.CONFIRMED:
        become(session, actor, meeting, State.CONFIRMED)
    elif state is State.RUNNING:
        begin(session, actor, meeting)
    elif state is State.HELD:
        close(session, actor, meeting)
    elif state is State.NOT_HELD:
        not_held(session, actor, meeting, reason)
    elif state is State.CANCELLED:
        cancel(session, actor, meeting, reason)
    elif state is State.PLANNED:
        plan_again(session, actor, meeting)
    else:  # another time is given by its form, and what becomes of minutes is said on their own page
        raise CannotBecome(meeting.id, State(meeting.state), state)


def ask_for_points(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """Opens the agenda and asks everybody, once, what they want to speak about."""
    asked = session.execute(
        update(Meeting)
        .where(Meeting.id == meeting.id, Meeting.points_asked_at.is_(None), Meeting.state.in_(_values(COMING)))
        .values(points_asked_at=actor.at)
        .returning(Meeting.state)
    ).scalar_one_or_none()
    if asked is None:
        return
    if may_become(State(asked), State.AGENDA_OPEN):
        _change(session, actor.at, meeting.id, {"state": State.AGENDA_OPEN.value})
    place = (Reference("meeting", meeting.id), meeting.site_id, meeting.community_id)
    tell(session, "meeting.asked_for_points", actor, *place, {"from": asked, "changed": ["points"]})


def begin(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """It begins now. One that is under way, or has taken place, stays as it is. Raises CannotBecome."""
    if state_of(session, meeting.id) not in TOOK_PLACE:
        code = func.coalesce(Meeting.attendance_code, codes.new_code())
        values = {"begun_at": actor.at, "closed_at": None, "reason": "", "attendance_code": code}
        become(session, actor, meeting, State.RUNNING, **values)


def close(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """It is over, and was held. One that took place stays as it is. Raises CannotBecome."""
    if state_of(session, meeting.id) in TOOK_PLACE:
        return
    if become(session, actor, meeting, State.HELD, closed_at=actor.at, reason=""):
        say_who_led(session, meeting.id, meeting.community_id, meeting.planned_by_id, actor.at)


def not_held(session: Session, actor: Actor, meeting: MeetingSeen, reason: str = "") -> None:
    """Its time went by without it. Raises CannotBecome."""
    become(session, actor, meeting, State.NOT_HELD, closed_at=None, reason=reason)


def cancel(session: Session, actor: Actor, meeting: MeetingSeen, reason: str = "") -> None:
    """It will not be. Raises CannotBecome."""
    become(session, actor, meeting, State.CANCELLED, reason=reason)


def plan_again(session: Session, actor: Actor, meeting: MeetingSeen) -> None:
    """It is planned after all: cancelled, begun or said to be held by mistake. Raises CannotBecome."""
    again = {"begun_at": None, "closed_at": None, "asked_at": None, "reason": ""}
    become(session, actor, meeting, State.PLANNED, **again)


def give_role(session: Session, actor: Actor, meeting: MeetingSeen, role: str, person_id: UUID) -> bool:
    """Somebody takes a part in the meeting, or is given it. False when they have it. Raises NotThere for somebody who
    is not in the community, and ValueError for a role that cannot be one."""
    if not ROLE.fullmatch(role):
        raise ValueError("no role")
    if not session.execute(select(is_inside(person_id, meeting.community_id, actor.at))).scalar_one():
        raise NotThere("person")
    given = session.execute(
        upsert(session, MeetingRole)
        .values(meeting_id=meeting.id, role=role, person_id=person_id, given_by_id=actor.person_id, at=actor.at)
        .on_conflict_do_nothing(index_elements=["meeting_id", "role", "person_id"])
        .returning(MeetingRole.role)
    ).one_or_none()
    if given is not None:
        _tell_role(session, "role.given", actor, meeting, role, person_id)
    return given is not None


def take_role_back(session: Session, actor: Actor, meeting: MeetingSeen, role: str, person_id: UUID) -> bool:
    """Somebody does not take that part after all. False when they had not."""
    gone = session.execute(
        delete(MeetingRole)
        .where(MeetingRole.meeting_id == meeting.id, MeetingRole.role == role, MeetingRole.person_id == person_id)
        .returning(MeetingRole.role)
    ).one_or_none()
    if gone is not None:
        _tell_role(session, "role.given_back", actor, meeting, role, person_id)
    return gone is not None


def say_who_led(session: Session, meeting_id: UUID, community_id: UUID, planned_by_id: UUID, at: datetime) -> None:
    """Keeps as what those led who led a meeting that was held; where nobody was named it was whoever planned it."""
    led = _who_led(session, meeting_id, community_id, at)
    if not led:
        session.execute(
            upsert(session, MeetingRole)
            .values(meeting_id=meeting_id, role=FACILITATOR, person_id=planned_by_id, given_by_id=planned_by_id, at=at)
            .on_conflict_do_nothing(index_elements=["meeting_id", "role", "person_id"])
        )
        led = _who_led(session, meeting_id, community_id, at)
    mentors = {row.is_mentor for row in led}
    for row in led:
        capacity = "co" if len(mentors) == 2 else "mentor" if row.is_mentor else "school"
        session.execute(
            update(MeetingRole)
            .where(
                MeetingRole.meeting_id == meeting_id,
                MeetingRole.role == FACILITATOR,
                MeetingRole.person_id == row.person_id,
            )
            .values(capacity=capacity)
        )


def _who_led(session: Session, meeting_id: UUID, community_id: UUID, at: datetime) -> Sequence[Any]:
    is_mentor = exists().where(
        RoleAssignment.community_id == community_id,
        RoleAssignment.person_id == MeetingRole.person_id,
        RoleAssignment.role == Role.MENTOR.value,
        in_force(at),
    )
    return session.execute(
        select(MeetingRole.person_id, is_mentor.label("is_mentor")).where(
            MeetingRole.meeting_id == meeting_id, MeetingRole.role == FACILITATOR
        )
    ).all()


def state_of(session: Session, meeting_id: UUID) -> State:
    """Its state now; nobody else changes it before this transaction is over."""
    now = select(Meeting.state).where(Meeting.id == meeting_id).with_for_update()
    return State(session.execute(now).scalar_one())


def _values(states: frozenset[State]) -> list[str]:
    return [state.value for state in states]


def _findable() -> Any:
    return select(
        Meeting.id,
        Community.site_id,
        Meeting.community_id,
        Meeting.title,
        Meeting.minutes_html,
        Meeting.created_at,
    ).join(Community, Community.id == Meeting.community_id)


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference("meeting", row.id),
        row.site_id,
        row.community_id,
        None,
        Audience.COMMUNITY.value,
        row.title,
        search.plain(row.minutes_html),
        row.created_at,
    )


FOUND = search.findable("meeting", Meeting.id, _findable, _entry)


def _when_and_where(form: MeetingForm, zone: ZoneInfo) -> dict[str, Any]:
    there = ZoneInfo(form.zone) if form.zone else zone

    def moment(at: time) -> datetime:
        return datetime.combine(form.day, at, there).astimezone(UTC)

    starts_at, ends_at = moment(form.starts), moment(form.ends)
    if ends_at <= starts_at:  # it begins in the hour that the clock is put forward over
        ends_at = starts_at + (datetime.combine(form.day, form.ends) - datetime.combine(form.day, form.starts))
    return {
        "title": form.title,
        "kind": form.kind.value,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "zone": there.key,
        "mode": form.mode.value,
        "place": form.place,
        "link": form.link,
        "in_working_time": form.in_working_time,
        "protocol": form.protocol or None,
    }


def _change(session: Session, at: datetime, meeting_id: UUID, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Meeting).where(Meeting.id == meeting_id).values(**values, revision=Meeting.revision + 1, changed_at=at)
    )


def _tell_role(session: Session, verb: str, actor: Actor, meeting: MeetingSeen, role: str, person_id: UUID) -> None:
    place = (Reference("meeting", meeting.id), meeting.site_id, meeting.community_id)
    tell(session, verb, actor, *place, {"role": role, "person_id": str(person_id)})


def tell(
    session: Session,
    verb: str,
    actor: Actor,
    thing: Reference,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any] | None = None,
) -> None:
    record_by(session, actor, verb, thing, site_id=site_id, community_id=community_id, facts=facts or {})
