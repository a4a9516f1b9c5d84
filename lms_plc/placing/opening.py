"""Opening from a course what is on at this moment: the run that is under way, the next meeting, one that was chosen.

Each address leads on to a page. In a copied course the community is another, which has not what was chosen: there the
way is to its own next meeting, or to its list of meetings.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.home import open_way
from lms_plc.communities.views import load_here
from lms_plc.core.paging import key_from
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.placing import queries
from lms_plc.web.i18n import N_

opening = Blueprint("opening", __name__, url_prefix="/s/<seat>")

open_way("opening.now", N_("What is on now"), N_("The protocol that runs at that moment; else the next meeting."))
open_way("opening.next_meeting", N_("The next meeting"), N_("Always the one that comes next."))
open_way("opening.meeting", N_("One meeting"), N_("This one, also when it is over."), kind="meeting")
open_way(
    "opening.series", N_("A series of meetings"), N_("Its next meeting, as long as it goes on."), kind="meeting_series"
)


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


def _to_meeting(connection: Connection, community_id: UUID, meeting_id: UUID | None) -> Response:
    """To the meeting; right into its protocol, if one runs there."""
    if meeting_id is None:
        return _to("meetings.meeting_list", community_id=community_id)
    run_id = queries.run_here(connection, community_id, actor().at, meeting_id)
    return _to("running.run", protocol_run_id=run_id) if run_id else _to("meetings.meeting", meeting_id=meeting_id)


def _to(endpoint: str, **values: Any) -> Response:
    return redirect(url_for(endpoint, **values), 303)
