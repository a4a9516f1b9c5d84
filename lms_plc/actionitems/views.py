"""Pages of what was agreed: a community's, one's own, and one action."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import BaseModel
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.actionitems import actions, on_home, queries
from lms_plc.actionitems.forms import DoneForm, DropForm, HandForm, MoveForm, Place, RecordForm, SaidForm
from lms_plc.actionitems.queries import KIND, ActionSeen
from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.things import Thing, kinds, shown, thing_named
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["actionitems", "on_home"]

open_entry(15, "actionitems.mine", N_("Agreed"))

actionitems = Blueprint("actionitems", __name__, url_prefix="/s/<seat>", template_folder="templates")

TITLE = 90
"""Characters of an action that stand above its page."""

BECAME = {
    "done": N_("%(name)s: done"),
    "dropped": N_("%(name)s: not after all"),
    "open": N_("%(name)s opened it again"),
    "taken": N_("%(name)s took it on"),
    "handed": N_("%(name)s gave it into other hands"),
    "moved": N_("%(name)s: another date, %(day)s"),
}
"""What became of an action → how its page tells it."""

Form = TypeVar("Form", bound=BaseModel)


@actionitems.get("/communities/<uuid:community_id>/actions")
def action_list(community_id: UUID) -> str:
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        # whoever pages through what is closed has seen what is open
        found = [] if before else queries.open_ones(connection, who, community.id, today=house().today())
        closed = queries.closed_ones(connection, who, community.id, before=before)
        origins = _origins(connection, who, [*found, *closed.items])
    return render_template(
        "actionitems/actions.html",
        page_title=gettext("Agreed actions"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        mine=[one for one in found if one.is_mine],
        free=[one for one in found if one.is_free and not one.is_mine],
        others=[one for one in found if not one.is_free and not one.is_mine],
        closed=closed,
        origins=origins,
        first=before is None,
        overdue=[one for one in found if one.is_overdue and not one.is_mine],
        may_record=allows(community.roles, "action_item.record"),
    )


@actionitems.get("/agreed")
def mine() -> str:
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        found = [] if before else queries.mine_open(connection, who, today=house().today())
        closed = queries.mine_closed(connection, who, before=before)
        origins = _origins(connection, who, [*found, *closed.items])
    return render_template(
        "actionitems/mine.html",
        page_title=gettext("What I have agreed to"),
        found=found,
        closed=closed,
        origins=origins,
        first=before is None,
    )


@actionitems.get("/communities/<uuid:community_id>/actions/new")
def new_form(community_id: UUID) -> str:
    who = actor()
    given = {"from_kind": request.args.get("from_kind", ""), "from_id": request.args.get("from", "")}
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "action_item.record")
        return _record_page(connection, who, community, Answer(None, [], given))


@actionitems.post("/communities/<uuid:community_id>/actions/new")
def record(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(RecordForm)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "action_item.record")
        if answer.form is None:
            return _record_page(connection, who, community, answer), 422
        form = answer.form
        origin = _thing(connection, who, community.id, answer.given, "from")
        actions.record_action(
            session,
            who,
            community_id=community.id,
            site_id=community.site_id,
            text=form.text,
            owner_id=form.owner_id,
            due=form.due,
            origin=origin.reference if origin else Reference("community", community.id),
            form_key=form.form_key,
        )
    if origin is not None:
        return redirect(url_for(origin.endpoint, **origin.values), 303)
    return redirect(url_for("actionitems.action_list", community_id=community.id), 303)


@actionitems.get("/actions/<uuid:action_item_id>")
def action(action_item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ActionSeen = load(connection, who, KIND, action_item_id, "community.read")
        return _action_page(connection, who, seen, Answer(None, [], {}))


@actionitems.post("/actions/<uuid:action_item_id>/done")
def done(action_item_id: UUID) -> str | Response | tuple[str, int]:
    return _became(action_item_id, "done", _read(DoneForm))


@actionitems.post("/actions/<uuid:action_item_id>/date")
def move(action_item_id: UUID) -> str | Response | tuple[str, int]:
    return _became(action_item_id, "moved", _not_past(_read(MoveForm)))


@actionitems.post("/actions/<uuid:action_item_id>/drop")
def drop(action_item_id: UUID) -> str | Response | tuple[str, int]:
    return _became(action_item_id, "dropped", _read(DropForm))


def _became(action_item_id: UUID, became: str, answer: Answer[Any]) -> str | Response | tuple[str, int]:
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        seen: ActionSeen = load(connection, who, KIND, action_item_id, "action_item.update")
        if answer.form is None:
            return _action_page(connection, who, seen, answer), 422
        place = _said_in(connection, who, seen, answer.given)
        said_in = place.reference if place else None
        actions.update_action(session, who, seen, became, **answer.form.told, said_in=said_in)
    return _back(seen, answer.form, place)


@actionitems.post("/actions/<uuid:action_item_id>/reopen")
def reopen(action_item_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: ActionSeen = load(session.connection(), who, KIND, action_item_id, "action_item.update")
        actions.update_action(session, who, seen, "open")
    return _to_action(action_item_id)


@actionitems.post("/actions/<uuid:action_item_id>/take")
def take_on(action_item_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(SaidForm)
    with house().database.write() as session:
        connection = session.connection()
        seen: ActionSeen = load(connection, who, KIND, action_item_id, "action_item.take")
        taken = actions.take_on(session, who, seen)
        place = _said_in(connection, who, seen, answer.given) if answer.form else None
    return _back(seen, answer.form, place) if taken else _to_action(action_item_id)


@actionitems.post("/actions/<uuid:action_item_id>/hand")
def hand_over(action_item_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(HandForm)
    with house().database.write() as session:
        connection = session.connection()
        seen: ActionSeen = load(connection, who, KIND, action_item_id, "action_item.update")
        if answer.form is None or not any(
            one.id == answer.form.person_id for one in queries.owners(connection, seen.community_id)
        ):
            errors = answer.errors or [{"field": "person_id", "message": gettext("Please choose one of these.")}]
            return _action_page(connection, who, seen, Answer(None, errors, answer.given)), 422
        actions.hand_over(session, who, seen, answer.form.person_id)
    return _to_action(action_item_id)


def _read(model: type[Form]) -> Answer[Form]:
    answer = read_form(model, request.form)
    words = {"due": gettext("Please give a day, as in 2026-11-22.")}
    return answer.worded(words)


def _not_past(answer: Answer[MoveForm]) -> Answer[MoveForm]:
    if answer.form is None or answer.form.due >= house().today():
        return answer
    return answer.refused("due", gettext("This day is over. Please give one that is to come."))


def _thing(
    connection: Connection, who: Actor, community_id: UUID, given: Mapping[str, str], field: str
) -> Thing | None:
    """The thing a form names, if the actor may see it and it is of this community; nonsense is nothing."""
    thing = thing_named(connection, who, given, f"{field}_kind", f"{field}_id")
    return thing if thing is not None and thing.community_id == community_id else None


def _said_in(connection: Connection, who: Actor, seen: ActionSeen, given: Mapping[str, str]) -> Thing | None:
    return _thing(connection, who, seen.community_id, given, "said")


def _back(seen: ActionSeen, form: SaidForm | None, place: Thing | None) -> Response:
    """To the page the button stood on."""
    if place is not None:
        return redirect(url_for(place.endpoint, **place.values, _anchor="carried"), 303)
    if form is not None and form.then is Place.LIST:
        return redirect(url_for("actionitems.action_list", community_id=seen.community_id), 303)
    if form is not None and form.then is Place.MINE:
        return redirect(url_for("actionitems.mine"), 303)
    return _to_action(seen.id)


def _to_action(action_item_id: UUID) -> Response:
    return redirect(url_for("actionitems.action", action_item_id=action_item_id), 303)


def _origins(connection: Connection, who: Actor, found: Sequence[ActionSeen]) -> Mapping[Reference, Thing]:
    """Where they were agreed, as far as the actor may see it."""
    return shown(connection, who, [one.origin for one in found if one.origin.kind in kinds()])


def _record_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[RecordForm]) -> str:
    people = queries.owners(connection, community.id)
    origin = _thing(connection, who, community.id, answer.given, "from")
    return render_template(
        "actionitems/action_form.html",
        page_title=gettext("Agree on something to do"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        origin=origin,
        people=[("", gettext("Nobody yet")), *((str(one.id), one.name) for one in people)],
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _action_page(connection: Connection, who: Actor, seen: ActionSeen, answer: Answer[Any]) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    told = queries.updates(connection, seen.id, with_moves=seen.moved is not None)
    places = {seen.origin, *(one.said_in for one in told if one.said_in)}
    things = shown(connection, who, [one for one in places if one.kind in kinds()])
    people = queries.owners(connection, seen.community_id) if seen.may_update and seen.is_open else []
    return render_template(
        "actionitems/action.html",
        page_title=textwrap.shorten(seen.text, TITLE, placeholder="…"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        action=seen,
        overdue=seen.is_open and seen.moved is not None and seen.due is not None and seen.due < house().today(),
        is_whole=len(seen.text) <= TITLE,
        origin=things.get(seen.origin),
        updates=[(one, BECAME[one.became], things.get(one.said_in) if one.said_in else None) for one in told],
        people=[("", gettext("Choose")), *((str(one.id), one.name) for one in people if one.id != seen.owner_id)],
        steps=next_steps(connection, who, KIND, seen.reference, seen.community_id),
        answer=answer,
        errors=answer.errors,
    )
