"""Where the pages of inquiries hang, how an inquiry and its stages come to them, and where they lead."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.cycles.content import Stage
from lms_plc.cycles.wording import in_language
from lms_plc.house import house
from lms_plc.inquiry import queries
from lms_plc.inquiry.queries import KIND, InquirySeen, StageState
from lms_plc.inquiry.showing import HERE
from lms_plc.inquiry.situation import Situation, situation

inquiry = Blueprint("inquiry", __name__, url_prefix="/s/<seat>", template_folder="templates")

Page = str | Response | tuple[str, int]


def inquiry_here(connection: Connection, who: Actor, inquiry_id: UUID, permission: str) -> InquirySeen:
    """With its title: on its own pages it is open to whoever may know of it."""
    seen: InquirySeen = load(connection, who, KIND, inquiry_id, permission)
    return seen.opened(house().seal)


def stage_here(
    connection: Connection, who: Actor, inquiry_id: UUID, stage_id: str, permission: str
) -> tuple[InquirySeen, Situation, Stage, StageState]:
    """A stage whoever acts may read. Raises NotThere for any other, as for one that there is not."""
    seen = inquiry_here(connection, who, inquiry_id, permission)
    now = situation(connection, who, house().seal, seen.id, seen.round)
    its, state = seen.content.stage(stage_id), now.stages.get(stage_id)
    if its is None or state is None or not queries.may_read_stage(seen, state):
        raise NotThere("stage")
    return seen, now, its, state


def to_stage(inquiry_id: UUID, stage_id: str, anchor: str | None = None) -> Response:
    return redirect(url_for("inquiry.stage", inquiry_id=inquiry_id, stage=stage_id, _anchor=anchor), 303)


def to_inquiry(inquiry_id: UUID) -> Response:
    return redirect(url_for("inquiry.inquiry", inquiry_id=inquiry_id), 303)


def to_list(community_id: UUID) -> Response:
    return redirect(url_for(HERE, community_id=community_id), 303)


def its_content(seen: InquirySeen) -> Any:
    return in_language(seen.content)
