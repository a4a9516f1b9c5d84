"""What members can do with what was agreed. Each verb changes an action only from a state it fits, whoever else is at
it, and says whether it did."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, insert, not_, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.actionitems.models import ActionItem, ActionItemUpdate
from lms_plc.actionitems.queries import CLOSED, DONE, DROPPED, KIND, MOVED, OPEN, ActionSeen
from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.standing import is_inside
from lms_plc.core import search
from lms_plc.core.activity import Reference, began_at, record, record_by
from lms_plc.core.database import once
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor

LONGEST = 500
"""Characters of an action: what does not fit is a text beside it."""

BECAME = (DONE, MOVED, DROPPED, OPEN)
"""What ``update_action`` can say became of an action."""


def record_action(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    text: str,
    owner_id: UUID | None,
    due: date | None,
    origin: Reference,
    form_key: str,
) -> UUID:
    """Writes down what was agreed, and where. Somebody who is not in the community has nothing to do there: then it is
    nobody's yet. The same form sent twice is one action."""
    owner_id = owner_id if owner_id and _is_here(session, community_id, owner_id, actor.at) else None
    action_id, is_new = once(
        session,
        ActionItem,
        ("recorded_by_id", "form_key"),
        community_id=community_id,
        text=text[:LONGEST],
        owner_id=owner_id,
        due=due,
        state=OPEN,
        moved=0,
        origin_kind=origin.kind,
        origin_id=origin.id,
        recorded_by_id=actor.person_id,
        form_key=form_key,
        created_at=actor.at,
    )
    if not is_new:
        return action_id
    facts = began_at(origin) | ({"to": str(owner_id)} if owner_id else {})
    _record(session, actor, "recorded", action_id, site_id, community_id, facts)
    FOUND.find(session, action_id)
    return action_id


def update_action(
    session: Session,
    actor: Actor,
    item: ActionSeen,
    became: str,
    *,
    text: str = "",
    due: date | None = None,
    said_in: Reference | None = None,
) -> bool:
    """Says what became of an action: ``done``, ``moved`` (to ``due``), ``dropped`` (``text`` says why), or ``open``
    again. ``said_in`` is the meeting it was said in. False when it is so already, or does not fit any more."""
    if became == MOVED:
        return _move(session, actor, item, due, text, said_in)
    if became == OPEN:
        changed = _change(session, item.id, CLOSED, state=OPEN, closed_at=None)
    elif became in CLOSED:
        changed = _change(session, item.id, (OPEN,), state=became, closed_at=actor.at)
    else:
        raise ValueError(f"nothing becomes {became} of an action")
    if changed:
        _note(session, actor, item, became, text=text, said_in=said_in)
        what = "reopened" if became == OPEN else became
        _record(session, actor, what, item.id, item.site_id, item.community_id, _to_owner(item))
    return changed


def take_on(session: Session, actor: Actor, item: ActionSeen) -> bool:
    """Somebody says: I do it. False when somebody else who is here has it by now."""
    owner_is_here = is_inside(ActionItem.owner_id, ActionItem.community_id, actor.at)  # type: ignore[arg-type]
    free = or_(ActionItem.owner_id.is_(None), not_(owner_is_here))
    taken = _change(session, item.id, (OPEN,), free, owner_id=actor.person_id)
    if taken:
        _note(session, actor, item, "taken")
        _record(session, actor, "taken", item.id, item.site_id, item.community_id)
    return taken


def hand_over(session: Session, actor: Actor, item: ActionSeen, to: UUID, *, said_in: Reference | None = None) -> bool:
    """Somebody else has it from now on. False for who is not in the community, or has it already."""
    if not _is_here(session, item.community_id, to, actor.at):
        return False
    other = or_(ActionItem.owner_id.is_(None), ActionItem.owner_id != to)
    handed = _change(session, item.id, (OPEN,), other, owner_id=to)
    if handed:
        _note(session, actor, item, "handed", said_in=said_in)
        _record(session, actor, "handed", item.id, item.site_id, item.community_id, {"to": str(to)})
    return handed


def remind(session: Session, today: date, at: datetime, *, earliest: date, size: int) -> int:
    """Asks the owners of open actions whose day has passed, each once for good; how many. Nobody did it, so the event
    has no actor."""
    due = (
        select(ActionItem.id, ActionItem.community_id, Community.site_id, ActionItem.owner_id)
        .join(Community, Community.id == ActionItem.community_id)
        .where(
            ActionItem.state == OPEN,
            ActionItem.due < today,
            ActionItem.due >= earliest,
            ActionItem.owner_id.is_not(None),
            ActionItem.reminded_at.is_(None),
        )
        .order_by(ActionItem.id)
        .limit(size)
    )
    asked = 0
    for row in session.execute(due).all():
        if not _change(session, row.id, (OPEN,), ActionItem.reminded_at.is_(None), reminded_at=at):
            continue
        asked += 1
        record(
            session,
            "action_item.day_passed",
            Reference(KIND, row.id),
            at=at,
            actor_id=None,
            via="clock",
            site_id=row.site_id,
            community_id=row.community_id,
            facts={"to": str(row.owner_id)},
        )
    return asked


def _move(
    session: Session, actor: Actor, item: ActionSeen, due: date | None, text: str, said_in: Reference | None
) -> bool:
    """A first date, or an earlier one, puts nothing off."""
    if due is None:
        raise ValueError("an action is moved to a date")
    before = session.execute(select(ActionItem.due).where(ActionItem.id == item.id).with_for_update()).scalar_one()
    later = and_(ActionItem.due.is_not(None), ActionItem.due < due)
    other = or_(ActionItem.due.is_(None), ActionItem.due != due)
    counted = ActionItem.moved + case((later, 1), else_=0)
    moved = _change(session, item.id, (OPEN,), other, due=due, moved=counted)
    if moved:
        _note(session, actor, item, MOVED, text=text, said_in=said_in, due_before=before, due_after=due)
        _record(session, actor, MOVED, item.id, item.site_id, item.community_id, _to_owner(item))
    return moved


def _to_owner(item: ActionSeen) -> dict[str, str]:
    return {"to": str(item.owner_id)} if item.owner_id else {}


def _is_here(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> bool:
    return bool(session.execute(select(is_inside(person_id, community_id, at))).scalar_one())


def _change(session: Session, action_id: UUID, states: Sequence[str], *also: Any, **values: Any) -> bool:
    changed = session.execute(
        update(ActionItem)
        .where(ActionItem.id == action_id, ActionItem.state.in_(states), *also)
        .values(**values)
        .returning(ActionItem.id),
        execution_options={"synchronize_session": False},
    )
    return changed.one_or_none() is not None


def _note(
    session: Session,
    actor: Actor,
    item: ActionSeen,
    became: str,
    *,
    text: str = "",
    said_in: Reference | None = None,
    due_before: date | None = None,
    due_after: date | None = None,
) -> None:
    session.execute(
        insert(ActionItemUpdate).values(
            id=new_id(),
            action_item_id=item.id,
            person_id=actor.person_id,
            became=became,
            due_before=due_before,
            due_after=due_after,
            text=text,
            said_kind=said_in.kind if said_in else None,
            said_id=said_in.id if said_in else None,
            at=actor.at,
        )
    )


def _record(
    session: Session,
    actor: Actor,
    what: str,
    action_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any] | None = None,
) -> None:
    record_by(
        session,
        actor,
        f"action_item.{what}",
        Reference(KIND, action_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )


def _findable() -> Any:
    return select(
        ActionItem.id,
        Community.site_id,
        ActionItem.community_id,
        ActionItem.recorded_by_id,
        ActionItem.text,
        ActionItem.created_at,
    ).join(Community, Community.id == ActionItem.community_id)


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(KIND, row.id),
        row.site_id,
        row.community_id,
        row.recorded_by_id,
        Audience.COMMUNITY.value,
        row.text,
        "",
        row.created_at,
    )


FOUND = search.findable(KIND, ActionItem.id, _findable, _entry)
