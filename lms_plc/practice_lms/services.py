"""The one address of the LTI services: which path, method and media type leads where, and who may go there.

The exact media type matters, as on Moodle 4.5: a list in ``Accept`` or plain JSON finds no handler.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from flask import Blueprint, Response, request

from lms_plc.practice_lms import course_groups, gradebook, notice_handlers
from lms_plc.practice_lms.gradebook import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, RESULTS_TYPE, SCORE_TYPE
from lms_plc.practice_lms.memberships import MEMBERS_TYPE, memberships
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.scopes import AGS_SCOPE, GROUP_SCOPE, NOTICE_SCOPE, NRPS_SCOPE
from lms_plc.practice_lms.service_answers import ServiceError, answer
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tokens import bearer

blueprint = Blueprint("services", __name__)


@dataclass(frozen=True, slots=True)
class _Way:
    """``media_type`` None takes any; a way with a ``switch`` is there only while that is on."""

    path: re.Pattern[str]
    method: str
    media_type: str | None
    scopes: tuple[str, ...]
    call: Callable[..., Response]
    switch: str = ""


def _ags(*names: str) -> tuple[str, ...]:
    return tuple(f"{AGS_SCOPE}{name}" for name in names)


_MEMBERS = re.compile(r"CourseSection/(\d{1,18})/bindings/(\d{1,18})/memberships")
_ITEMS = re.compile(r"(\d{1,18})/lineitems")
_ITEM = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem")
_SCORES = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem/scores")
_RESULTS = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem/results")
_GROUPS = re.compile(r"CourseSection/(\d{1,18})/bindings/(\d{1,18})/groups")
_GROUP_SETS = re.compile(r"CourseSection/(\d{1,18})/bindings/(\d{1,18})/groupsets")
_HANDLERS = re.compile(r"tool/(\d{1,18})/noticehandlers")
_WAYS = (
    _Way(_MEMBERS, "GET", MEMBERS_TYPE, (NRPS_SCOPE,), memberships),
    _Way(_ITEMS, "GET", LINE_ITEMS_TYPE, _ags("lineitem", "lineitem.readonly"), gradebook.line_items),
    _Way(_ITEMS, "POST", LINE_ITEM_TYPE, _ags("lineitem"), gradebook.create_line_item),
    _Way(_ITEM, "GET", LINE_ITEM_TYPE, _ags("lineitem", "lineitem.readonly"), gradebook.get_line_item),
    _Way(_ITEM, "PUT", LINE_ITEM_TYPE, _ags("lineitem"), gradebook.put_line_item),
    _Way(_ITEM, "DELETE", None, _ags("lineitem"), gradebook.delete_line_item),
    _Way(_SCORES, "POST", SCORE_TYPE, _ags("score"), gradebook.score),
    _Way(_RESULTS, "GET", RESULTS_TYPE, _ags("result.readonly"), gradebook.results),
    _Way(_GROUPS, "GET", course_groups.GROUPS_TYPE, (GROUP_SCOPE,), course_groups.groups, "groups"),
    _Way(_GROUP_SETS, "GET", course_groups.SETS_TYPE, (GROUP_SCOPE,), course_groups.sets, "groups"),
    _Way(_HANDLERS, "GET", None, (NOTICE_SCOPE,), notice_handlers.show, "notices"),
    _Way(_HANDLERS, "PUT", None, (NOTICE_SCOPE,), notice_handlers.put, "notices"),
)


def _find_way(state: State, path: str) -> tuple[_Way, tuple[str, ...]]:
    accept = request.headers.get("Accept", "*/*")
    sent = request.headers.get("Content-Type", "")
    there = [way for way in _WAYS if not way.switch or state.is_on(way.switch)]
    known = [(way, match.groups()) for way in there if (match := way.path.fullmatch(path))]
    if known and request.method in ("GET", "DELETE") and request.method not in {way.method for way, _ in known}:
        raise ServiceError(405, "Method Not Allowed")
    for way, parts in known:
        if way.method != request.method:
            continue
        media_type = sent if request.method in ("POST", "PUT") else accept
        if way.media_type in (None, media_type) or (request.method == "GET" and media_type == "*/*"):
            return way, parts
    if request.method in ("POST", "PUT"):
        raise ServiceError(400, f"No handler found for /{path}  {sent}")
    raise ServiceError(400, f"No handler found for /{path} {accept}")


def _refusal(error: ServiceError) -> Response:
    """A reason with line breaks fits no status line; Moodle answers such a score with 200 and ``[]``."""
    if error.empty_list and any(ord(letter) < 32 for letter in error.reason):
        return answer([], SCORE_TYPE)
    status = f"{error.status} {error.reason}".encode().decode("latin-1")
    if error.empty_list:
        return answer([], SCORE_TYPE, status)
    body = {
        "status": error.status,
        "reason": error.reason,
        "request": {
            "method": request.method,
            "url": unquote(request.full_path.rstrip("?")),
            "accept": request.headers.get("Accept", "*/*"),
            "contentType": request.headers.get("Content-Type", ""),
        },
    }
    return answer(body, "application/json", status)


@blueprint.route("/mod/lti/services.php/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def service(path: str) -> Response:
    state, settings = here()
    try:
        way, parts = _find_way(state, path)
        known = bearer(state)
        if known is None or set(way.scopes).isdisjoint(known[1]):
            raise ServiceError(401, "Unauthorized")
        tool = known[0]
        if request.args.get("type_id", tool.deployment_id) != tool.deployment_id:
            raise ServiceError(401, "Unauthorized")
        return way.call(state, settings, tool, *parts)
    except ServiceError as error:
        return _refusal(error)
