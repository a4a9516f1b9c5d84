"""The one address of the LTI services: which path, method and media type leads where, and who may go there.

The exact media type matters, as on Moodle 4.5: a list in ``Accept`` or plain JSON finds no handler.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from flask import Blueprint, Response, request

from lms_plc.practice_lms import gradebook
from lms_plc.practice_lms.claims import AGS_SCOPE, NRPS_SCOPE
from lms_plc.practice_lms.gradebook import LINE_ITEM_TYPE, LINE_ITEMS_TYPE, RESULTS_TYPE, SCORE_TYPE
from lms_plc.practice_lms.memberships import MEMBERS_TYPE, memberships
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.service_answers import ServiceError, answer
from lms_plc.practice_lms.settings import DEPLOYMENT_ID
from lms_plc.practice_lms.tokens import bearer_scopes

blueprint = Blueprint("services", __name__)


@dataclass(frozen=True, slots=True)
class _Way:
    path: re.Pattern[str]
    method: str
    media_type: str | None
    scopes: tuple[str, ...]
    call: Callable[..., Response]


def _ags(*names: str) -> tuple[str, ...]:
    return tuple(f"{AGS_SCOPE}{name}" for name in names)


_MEMBERS = re.compile(r"CourseSection/(\d{1,18})/bindings/(\d{1,18})/memberships")
_ITEMS = re.compile(r"(\d{1,18})/lineitems")
_ITEM = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem")
_SCORES = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem/scores")
_RESULTS = re.compile(r"(\d{1,18})/lineitems/(\d{1,18})/lineitem/results")
_WAYS = (
    _Way(_MEMBERS, "GET", MEMBERS_TYPE, (NRPS_SCOPE,), memberships),
    _Way(_ITEMS, "GET", LINE_ITEMS_TYPE, _ags("lineitem", "lineitem.readonly"), gradebook.line_items),
    _Way(_ITEMS, "POST", LINE_ITEM_TYPE, _ags("lineitem"), gradebook.create_line_item),
    _Way(_ITEM, "GET", LINE_ITEM_TYPE, _ags("lineitem", "lineitem.readonly"), gradebook.get_line_item),
    _Way(_ITEM, "PUT", LINE_ITEM_TYPE, _ags("lineitem"), gradebook.put_line_item),
    _Way(_ITEM, "DELETE", None, _ags("lineitem"), gradebook.delete_line_item),
    _Way(_SCORES, "POST", SCORE_TYPE, _ags("score"), gradebook.score),
    _Way(_RESULTS, "GET", RESULTS_TYPE, _ags("result.readonly"), gradebook.results),
)


def _find_way(path: str) -> tuple[_Way, tuple[str, ...]]:
    accept = request.headers.get("Accept", "*/*")
    sent = request.headers.get("Content-Type", "")
    known = [(way, match.groups()) for way in _WAYS if (match := way.path.fullmatch(path))]
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
        way, parts = _find_way(path)
        type_id = request.args.get("type_id", DEPLOYMENT_ID)
        if type_id != DEPLOYMENT_ID or set(way.scopes).isdisjoint(bearer_scopes(state)):
            raise ServiceError(401, "Unauthorized")
        return way.call(state, settings, *parts)
    except ServiceError as error:
        return _refusal(error)
