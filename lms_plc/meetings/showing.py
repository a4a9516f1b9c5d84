"""A meeting's page: what is next in one look, then the parts of every room, with the agenda in their middle."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template
from sqlalchemy import Connection

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, allows
from lms_plc.house import house
from lms_plc.meetings import queries, spoken_of
from lms_plc.meetings.forms import ItemForm
from lms_plc.meetings.moment import Step, next_step
from lms_plc.meetings.page import Part, parts
from lms_plc.meetings.queries import ItemSeen, MeetingSeen
from lms_plc.meetings.shares import shares
from lms_plc.meetings.states import COMING, OPEN, State, is_taken_back, may_become
from lms_plc.meetings.wording import MODES_IN_SHORT, kind_names, kinds, roles_to_take, states
from lms_plc.protocols.queries import protocol_for
from lms_plc.protocols.wording import in_language
from lms_plc.web.form_errors import Answer
from lms_plc.web.i18n import gettext

ABOVE_THE_AGENDA = 50
"""Parts with a smaller number stand above it."""
BEGINNING = 10
"""The part that leads into the run of a protocol, or to its beginning."""


def meeting_page(
    connection: Connection, who: Actor, seen: MeetingSeen, answer: Answer[ItemForm], said: str | None = None
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    items = queries.agenda(connection, seen.community_id, seen.id)
    things = spoken_of.pointed_at(connection, who, items)
    items = [spoken_of.as_shown(item, things) for item in items]
    open_things = spoken_of.unsettled(connection, list(things))
    protocol = protocol_for(connection, seen.community_id, seen.protocol) if seen.protocol else None
    content = in_language(protocol.content) if protocol else None
    added = parts(connection, who, seen)
    begins = next((part for order, part in added if order == BEGINNING and _only_begins(part)), None)
    rows = [_row(who, seen, item, things, item.thing in open_things) for item in items]
    return render_template(
        "meetings/meeting.html",
        page_title=seen.title,
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        meeting=seen,
        **_now(who, seen, items),
        protocol=content,
        role_names=roles_to_take(content),
        rows=rows,
        left=[row for row in rows if row["is_left"]] if State(seen.state) not in OPEN else [],
        shares=shares(items),
        length=int((seen.ends_at - seen.starts_at).total_seconds() // 60),
        begins=begins,
        above=[part for order, part in added if order < ABOVE_THE_AGENDA and part is not begins],
        below=[part for order, part in added if order >= ABOVE_THE_AGENDA],
        kinds=kinds(),
        kind_names=kind_names(),
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
        notice={"text": said, "tone": "warn"} if said else None,
    )


def _only_begins(part: Part) -> bool:
    """Whether all that a part says is that a run can be begun: the page has one place for that."""
    given = part.given
    return bool(given.get("may_begin")) and not given.get("live") and not given.get("others")


def _now(who: Actor, seen: MeetingSeen, items: Sequence[ItemSeen]) -> dict[str, Any]:
    """What stands at the top, and which buttons there are."""
    state = State(seen.state)
    has_points = bool(items) or seen.points_asked_at is not None
    step = next_step(
        state, seen.starts_at, seen.ends_at, who.at, has_points=has_points, has_minutes=seen.minutes_version > 0
    )
    may_change = allows(seen.roles, "meeting.change")
    return {
        "state": states()[seen.state],
        "step": step.value if may_change or step in (Step.WRITE, Step.READ) else "",
        "mode": gettext(MODES_IN_SHORT[seen.mode]) if seen.mode in MODES_IN_SHORT else "",
        "there": _on_the_wall_there(seen),
        "is_coming": state in COMING,
        "is_open": state in OPEN,
        "is_over": seen.ends_at < who.at,
        "may_change": may_change,
        "may_propose": allows(seen.roles, "meeting.propose_item") and state in OPEN,
        "may_write": allows(seen.roles, "meeting.write_minutes"),
        "may_ask": state in COMING and seen.points_asked_at is None and seen.ends_at >= who.at,
        "may_confirm": may_become(state, State.CONFIRMED) and seen.ends_at >= who.at,
        "may_begin": state in COMING and seen.ends_at >= who.at,
        "may_cancel": may_become(state, State.CANCELLED),
        "may_plan_again": may_become(state, State.PLANNED)
        and (allows(seen.roles, "meeting.take_back") or not is_taken_back(state, State.PLANNED)),
        "may_say_held": state is State.NOT_HELD,
        "may_say_not_held": state is State.HELD and not seen.minutes_version,
    }


def _on_the_wall_there(seen: MeetingSeen) -> tuple[datetime, str] | None:
    """When it begins by the clock where it is, if that is another than ours."""
    if not seen.zone or seen.zone == house().settings.timezone:
        return None
    there = seen.starts_at.astimezone(ZoneInfo(seen.zone))
    if there.utcoffset() == seen.starts_at.astimezone(ZoneInfo(house().settings.timezone)).utcoffset():
        return None
    return there, seen.zone.rpartition("/")[2].replace("_", " ")


def _row(who: Actor, seen: MeetingSeen, item: ItemSeen, things: Mapping[Any, Any], is_open: bool) -> dict[str, Any]:
    thing = things.get(item.thing) if item.thing else None
    is_settled = thing is not None and not is_open and spoken_of.can_be_settled(thing.reference)
    return {
        "item": item,
        "thing": thing,
        "is_open": is_open,
        "is_left": item.dealt_at is None and not is_settled,
        "may_change": item.proposer_id == who.person_id or allows(seen.roles, "agenda_item.change"),
    }


def item_page(
    connection: Connection,
    who: Actor,
    community: CommunitySeen,
    item: queries.ItemLoaded,
    answer: Answer[Any],
    outcome: Answer[Any],
) -> str:
    title = item.title
    if item.thing is not None:
        title = spoken_of.title_of(connection, who, item.thing, title)
    is_open = item.thing is not None and item.thing in spoken_of.unsettled(connection, [item.thing])
    return render_template(
        "meetings/item.html",
        page_title=title,
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        item=item,
        is_open=is_open,
        may_note=item.state is not None and item.state not in COMING and allows(item.roles, "meeting.write_minutes"),
        may_change=allows(item.roles, "agenda_item.change") and (item.state is None or State(item.state) in OPEN),
        kinds=kinds(),
        answer=answer,
        outcome=outcome,
        errors=answer.errors + outcome.errors,
    )
