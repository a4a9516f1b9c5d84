"""Who takes which part in a meeting: by oneself with one press, or given by whoever plans."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from lms_plc.communities.lines import line
from lms_plc.communities.queries import members_by_name
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.house import house
from lms_plc.meetings import actions, queries
from lms_plc.meetings.blueprint import meetings
from lms_plc.meetings.forms import RoleForm
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.meetings.page import MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import FACILITATOR, MEMBERS, ROLES, MeetingSeen
from lms_plc.meetings.states import COMING, OPEN, TOOK_PLACE
from lms_plc.meetings.wording import roles_to_take
from lms_plc.people.guards import actor
from lms_plc.people.models import Person
from lms_plc.protocols.queries import protocol_for
from lms_plc.protocols.wording import in_language
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import gettext


def _taken() -> Select[Any]:
    return (
        select(*line(id=MeetingRole.person_id, name=Person.display_name, kind=MeetingRole.role))
        .join(Person, Person.id == MeetingRole.person_id)
        .where(MeetingRole.meeting_id == MEETING)
        .order_by(MeetingRole.at, MeetingRole.role)
        .limit(ROLES)
    )


def _planner() -> Select[Any]:
    return (
        select(*line(id=Person.id, name=Person.display_name))
        .join(Meeting, Meeting.planned_by_id == Person.id)
        .where(Meeting.id == MEETING)
    )


@contributes_to_meeting(20, {"taken": _taken(), "planner": _planner()})
def roles_on_meeting(actor: Actor, meeting: MeetingSeen, found: Found) -> Part:
    taken = defaultdict(list)
    for one in found["taken"]:
        taken[one.kind].append({"id": one.id, "name": one.name, "is_mine": one.id == actor.person_id})
    if meeting.state not in OPEN and not taken:
        return Part()
    given = {
        "taken": taken,
        "planner": found["planner"][0].name if found["planner"] and FACILITATOR not in taken else None,
        "may_take": meeting.state in OPEN and allows(meeting.roles, "meeting.give_roles"),
    }
    return Part("meetings/roles_part.html", given)


@meetings.get("/meetings/<uuid:meeting_id>/roles")
def roles(meeting_id: UUID) -> str:
    """Asking somebody else to take a part."""
    who = actor()
    with house().database.read() as connection:
        seen: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.give_roles")
        community = load_here(connection, who, seen.community_id, "community.read")
        members = members_by_name(connection, seen.community_id, MEMBERS)
        taken = queries.roles_of_meeting(connection, seen.id)
        protocol = protocol_for(connection, seen.community_id, seen.protocol) if seen.protocol else None
    known = roles_to_take(in_language(protocol.content) if protocol else None)
    return render_template(
        "meetings/roles.html",
        page_title=gettext("Who does what"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        meeting=seen,
        is_open=seen.state in COMING | OPEN,
        roles=[(role, name) for role, (name, _) in known.items()],
        taken=[(known[one.role][0] if one.role in known else one.role, one) for one in taken],
        members=[("", gettext("Please choose")), *((str(person_id), name) for person_id, name in members)],
        asked_for=request.args.get("role", ""),
    )


@meetings.post("/meetings/<uuid:meeting_id>/roles")
def give_role(meeting_id: UUID) -> Response:
    who, answer = actor(), read_form(RoleForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.give_roles")
        if answer.form is None and "person_id" in request.form:  # nobody was chosen yet
            return redirect(url_for("meetings.roles", meeting_id=meeting_id, role=request.form.get("role")), 303)
        if answer.form is None:
            raise NotThere("role")
        _may_be_changed(seen)
        protocol = protocol_for(session.connection(), seen.community_id, seen.protocol) if seen.protocol else None
        if answer.form.role not in roles_to_take(protocol.content if protocol else None):
            raise NotThere("role")
        actions.give_role(session, who, seen, answer.form.role, answer.form.person_id or who.person_id)
    return _to_roles(meeting_id)


@meetings.post("/meetings/<uuid:meeting_id>/roles/back")
def take_role_back(meeting_id: UUID) -> Response:
    who, answer = actor(), read_form(RoleForm, request.form)
    with house().database.write() as session:
        seen: MeetingSeen = load(session.connection(), who, "meeting", meeting_id, "meeting.give_roles")
        if answer.form is not None:
            _may_be_changed(seen)
            actions.take_role_back(session, who, seen, answer.form.role, answer.form.person_id or who.person_id)
    return _to_roles(meeting_id)


def _may_be_changed(seen: MeetingSeen) -> None:
    """Who led a meeting that was held is the group's record, and stays."""
    if seen.state in TOOK_PLACE:
        raise actions.CannotBecome(seen.id, actions.State(seen.state), actions.State(seen.state))


def _to_roles(meeting_id: UUID) -> Response:
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="roles"), 303)
