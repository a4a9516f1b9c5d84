"""What a tool is told about the content somebody wants to choose (Deep Linking 2.0, 4.4)."""

import secrets
from typing import Any
from urllib.parse import urlencode

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.records import OpenReturn
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


def deep_linking_settings(
    state: State, settings: Settings, tool: Tool, person: Person, course_id: int
) -> dict[str, Any]:
    """Opens an address the choice returns to, once. Moodle sends no ``data``; with the switch on we do."""
    data = secrets.token_urlsafe(12) if state.is_on("deep_link_data") else None
    session_key = state.pending.begin_return(OpenReturn(person.id, course_id, tool.id, data))
    query = urlencode({"course": course_id, "id": tool.id, "sesskey": session_key})
    told: dict[str, Any] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": f"{settings.base_url}/mod/lti/contentitem_return.php?{query}",
        "title": "",
        "text": "",
    }
    return {f"{DL}deep_linking_settings": told | ({"data": data} if data else {})}
