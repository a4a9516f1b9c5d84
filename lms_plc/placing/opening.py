"""Opening from a course what is on at this moment, or one thing that was chosen: the run that is under way, the next
meeting, a project, class results and a conversation about them.

Each address leads on to a page. In a copied course the community is another, which has not what was chosen: there the
way is to its own next meeting, or to its list. Whoever may not see what was chosen is led to the list as well, with a
word about it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.home import open_way
from lms_plc.communities.views import load_here
from lms_plc.core.paging import key_from
from lms_plc.core.policy import knows
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.placing import queries
from lms_plc.web.i18n import N_, gettext

opening = Blueprint("opening", __name__, url_prefix="/s/<seat>")

open_way("opening.now", N_("What is on now"), N_("The protocol that runs at that moment; else the next meeting."))
open_way("opening.next_meeting", N_("The next meeting"), N_("Always the one that comes next."))
open_way("opening.meeting", N_("One meeting"), N_("This one, also when it is over."), kind="meeting")
open_way(
    "opening.series", N_("A series of meetings"), N_("Its next meeting, as long as it goes on."), kind="meeting_series"
)
open_way("opening.inquiry", N_("A project"), N_("This one, where it stands at that moment."), kind="inquiry")
open_way("opening.data_set", N_("Class results"), N_("This table, with its chart."), kind="data_set")
open_way(
    "opening.data_conversation",
    N_("A conversation about class results"),
    N_("This one: what you expect, what you see, what follows."),
    kind="data_conversation",
)

NOT_OPEN: Mapping[str, str] = {
    "inquiry": N_("This project is not open to you, or not yet. Here is what your community works on."),
    "data_set": N_("These results are not here any more. Here is what your community has."),
    "data_conversation": N_("This conversation is not here any more. Here is what your community has."),
}
"""Kind → what somebody is told who came for one they may not see."""


@opening.app_context_processor
def not_open() -> dict[str, object]:
    """The word that stands on the list somebody was led to instead."""
    word = NOT_OPEN.get(request.args.get("not_open", ""))
    return {"notice": {"text": gettext(word)}} if word else {}


@opening.get("/communities/<uuid:community_id>/now")
def now(community_id: UUID) -> Response:
    who = actor()
    with house().database.read() as connection:
        load_here(connection, who, community_id, "community.read")
        run_id = queries.run_here(connection, community_id, who.at)
        if run_id is not None:
            return _to("running.run", protocol_run_id=run_id)
        return _to_meeting(connection, community_id, queries.next_of(connection, community_id, who.at))


@opening.get("/communities/<uuid:community_id>/next-meeting")
def next_meeting(community_id: UUID) -> Response:
    who = actor()
    with house().database.read() as connection:
        load_here(connection, who, community_id, "community.read")
        return _to_meeting(connection, community_id, queries.next_of(connection, community_id, who.at))


@opening.get("/communities/<uuid:community_id>/one-meeting")
def meeting(community_id: UUID) -> Response:
    who, thing = actor(), key_from(request.args, "thing")
    with house().database.read() as connection:
        load_here(connection, who, community_id, "community.read")
        is_here = thing is not None and queries.is_of(connection, community_id, "meeting", thing)
        found = thing if is_here else queries.next_of(connection, community_id, who.at)
        return _to_meeting(connection, community_id, found)


@opening.get("/communities/<uuid:community_id>/one-series")
def series(community_id: UUID) -> Response:
    who, thing = actor(), key_from(request.args, "thing")
    with house().database.read() as connection:
        load_here(connection, who, community_id, "community.read")
        is_here = thing is not None and queries.is_of(connection, community_id, "meeting_series", thing)
        found = queries.next_of(connection, community_id, who.at, thing if is_here else None)
        if found is None and is_here:
            return _to("series.show", series_id=thing)
        return _to_meeting(connection, community_id, found)


@opening.get("/communities/<uuid:community_id>/one-project")
def inquiry(community_id: UUID) -> Response:
    return _to_thing(community_id, "inquiry", "inquiry.inquiry", "inquiry_id", "inquiry.inquiry_list")


@opening.get("/communities/<uuid:community_id>/one-table")
def data_set(community_id: UUID) -> Response:
    return _to_thing(community_id, "data_set", "classdata.data_set", "data_set_id", "classdata.data_list")


@opening.get("/communities/<uuid:community_id>/one-data-conversation")
def data_conversation(community_id: UUID) -> Response:
    kind = "data_conversation"
    return _to_thing(community_id, kind, "classdata.conversation", "data_conversation_id", "classdata.data_list")


def _to_thing(community_id: UUID, kind: str, endpoint: str, name: str, all_of_them: str) -> Response:
    """To the thing, or to the list of them."""
    who, thing = actor(), key_from(request.args, "thing")
    with house().database.read() as connection:
        load_here(connection, who, community_id, "community.read")
        if thing is None or not queries.is_of(connection, community_id, kind, thing):
            return _to(all_of_them, community_id=community_id)
        if not knows(connection, who, kind, thing):
            return _to(all_of_them, community_id=community_id, not_open=kind)
    return _to(endpoint, **{name: thing})


def _to_meeting(connection: Connection, community_id: UUID, meeting_id: UUID | None) -> Response:
    """To the meeting; right into its protocol, if one runs there."""
    if meeting_id is None:
        return _to("meetings.meeting_list", community_id=community_id)
    run_id = queries.run_here(connection, community_id, actor().at, meeting_id)
    return _to("running.run", protocol_run_id=run_id) if run_id else _to("meetings.meeting", meeting_id=meeting_id)


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), 303)
