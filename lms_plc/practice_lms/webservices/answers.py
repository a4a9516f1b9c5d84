"""How Moodle's web services write an answer or an error: JSON as PHP does, and XML by a declared structure.

In a structure ``None`` is one value, a dict is a record, a list of one is a list of that. XML names every
declared key, also those the answer leaves out; JSON leaves them out.
"""

import json
from typing import Any
from xml.sax.saxutils import escape

_QUOTES = {'"': "&quot;"}
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'


class WebServiceError(Exception):
    """An error Moodle answers with HTTP 200. ``code`` is '' for an error of PHP itself, which has none."""

    def __init__(self, exception: str, code: str, message: str) -> None:
        super().__init__(message)
        self.exception = exception
        self.code = code
        self.message = message


def moodle_error(code: str, message: str, kind: str = "core\\exception\\moodle_exception") -> WebServiceError:
    return WebServiceError(kind, code, message)


def invalid_parameter() -> WebServiceError:
    kind = "core\\exception\\invalid_parameter_exception"
    return moodle_error("invalidparameter", "Invalid parameter value detected", kind)


def missing_record(table: str) -> WebServiceError:
    message = f"Can't find data record in database table {table}."
    return moodle_error("invalidrecord", message, "dml_missing_record_exception")


def invalid_user() -> WebServiceError:
    """A person who is not there, asked for to change something about them."""
    return moodle_error("invaliduser", "Invalid user", "dml_missing_record_exception")


def course_out_of_reach(course_id: int) -> WebServiceError:
    """A course that the account cannot open; one that does not exist looks the same."""
    message = (
        f"You cannot execute functions in the course context (course id:{course_id}). "
        "The context error message was: Course or activity not accessible."
    )
    return moodle_error("errorcoursecontextnotvalid", message)


def coding_error(what: str) -> WebServiceError:
    message = f"Coding error detected, it must be fixed by a programmer: {what}"
    return moodle_error("codingerror", message, "core\\exception\\coding_exception")


def as_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def _xml_value(value: Any, shape: Any) -> str:
    if isinstance(shape, list):
        items = "".join(_xml_value(item, shape[0]) for item in value or [])
        return f"<MULTIPLE>\n{items}</MULTIPLE>\n"
    if isinstance(shape, dict):
        record = value or {}
        keys = (f'<KEY name="{key}">{_xml_value(record.get(key), inner)}</KEY>\n' for key, inner in shape.items())
        return f"<SINGLE>\n{''.join(keys)}</SINGLE>\n"
    if value is None:
        return '<VALUE null="null"/>\n'
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return f"<VALUE>{escape(text, _QUOTES)}</VALUE>\n"


def as_xml(value: Any, shape: Any) -> str:
    """Without a shape, a call that says only that it is done: an empty response."""
    if shape is None:
        return f"{_XML_HEAD}<RESPONSE>\n</RESPONSE>\n"
    return f"{_XML_HEAD}<RESPONSE>\n{_xml_value(value, shape)}</RESPONSE>\n"


def error_as_json(error: WebServiceError) -> str:
    body = {"exception": error.exception}
    if error.code:
        body["errorcode"] = error.code
    return as_json(body | {"message": error.message})


def error_as_xml(error: WebServiceError) -> str:
    code = f"<ERRORCODE>{escape(error.code)}</ERRORCODE>\n" if error.code else ""
    message = f"<MESSAGE>{escape(error.message, _QUOTES)}</MESSAGE>\n"
    return f'{_XML_HEAD}<EXCEPTION class="{escape(error.exception)}">\n{code}{message}</EXCEPTION>\n'
