"""Where a tool says which notices it wants, and where to (Platform Notification Service 1.0)."""

from flask import Response, request

from lms_plc.practice_lms.beyond_moodle import HELLO, NOTICE_TYPES
from lms_plc.practice_lms.notices import send_notice
from lms_plc.practice_lms.service_answers import ServiceError, answer
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool, domain_of, is_web_address

_JSON = "application/json"


def _own(tool: Tool, type_id: str) -> None:
    if type_id != tool.deployment_id:
        raise ServiceError(401, "Unauthorized")


def show(state: State, settings: Settings, tool: Tool, type_id: str) -> Response:
    """Every type of notice; '' where the tool wants none."""
    _own(tool, type_id)
    handlers = [{"notice_type": name, "handler": state.handlers.get((tool.id, name), "")} for name in NOTICE_TYPES]
    body = {"client_id": tool.client_id, "deployment_id": tool.deployment_id, "notice_handlers": handlers}
    return answer(body, _JSON)


def put(state: State, settings: Settings, tool: Tool, type_id: str) -> Response:
    """One type at a time, '' to want it no more. Whoever asks for greetings is greeted once it has its answer."""
    _own(tool, type_id)
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("handler"), str):
        raise ServiceError(400, "A handler and a notice type are needed")
    notice_type, handler = sent.get("notice_type"), sent["handler"]
    if notice_type not in NOTICE_TYPES:
        raise ServiceError(400, "Unknown notice type")
    if handler and (not is_web_address(handler) or domain_of(handler) != tool.domain):
        raise ServiceError(400, "The handler must be an address on the domain of the tool")
    state.set_handler(tool.id, notice_type, handler)
    response = answer({"notice_type": notice_type, "handler": handler}, _JSON)
    if notice_type == HELLO and handler:
        response.call_on_close(lambda: send_notice(state, settings, tool, HELLO))
    return response
