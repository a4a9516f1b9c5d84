"""The one address of the web services: the token, the functions it may call and their arguments, JSON or XML.

Every error is HTTP 200 with a code in the body; XML is the answer to whoever does not ask for JSON.
"""

from typing import Any

from flask import Blueprint, Response, request

from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.webservices.answers import (
    WebServiceError,
    as_json,
    as_xml,
    error_as_json,
    error_as_xml,
    invalid_parameter,
    missing_record,
    moodle_error,
)
from lms_plc.practice_lms.webservices.call import Call
from lms_plc.practice_lms.webservices.functions import FUNCTIONS
from lms_plc.practice_lms.webservices.php_form import form_tree

blueprint = Blueprint("webservices", __name__)

_PROTOCOL = ("wstoken", "wsfunction", "moodlewsrestformat", "moodlewssettingraw", "moodlewssettingfilter")


def _run(state: State, settings: Settings, tree: dict[str, Any]) -> tuple[Any, Any]:
    """Answer and structure of a call. Raises WebServiceError."""
    if tree.get("wstoken") != state.ws_token:
        raise moodle_error("invalidtoken", "Invalid token - token not found")
    name = str(tree.get("wsfunction"))
    function = FUNCTIONS.get(name)
    if function is None:
        raise missing_record("external_functions")
    if not state.may_call(name):
        raise moodle_error("accessexception", "Access control exception", "webservice_access_exception")
    arguments = {name: value for name, value in tree.items() if name not in _PROTOCOL}
    if not set(arguments) <= set(function.takes):
        raise invalid_parameter()
    call = Call(arguments, state, settings, raw=tree.get("moodlewssettingraw") == "1")
    return function.call(call), function.shape


@blueprint.route("/webservice/rest/server.php", methods=["GET", "POST"])
def rest() -> Response:
    """Arguments come as form fields or in the query, never as JSON; an unknown format means XML."""
    state, settings = here()
    fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
    tree = form_tree(fields)
    wants_json = tree.get("moodlewsrestformat") == "json"
    try:
        value, shape = _run(state, settings, tree)
        text = as_json(value) if wants_json else as_xml(value, shape)
    except WebServiceError as error:
        text = error_as_json(error) if wants_json else error_as_xml(error)
    content_type = "application/json" if wants_json else "application/xml; charset=utf-8"
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "private, must-revalidate, pre-check=0, post-check=0, max-age=0"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
