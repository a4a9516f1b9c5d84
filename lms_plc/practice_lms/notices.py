"""Notices to tools that asked for them (Platform Notification Service 1.0): signed, sent once, never repeated."""

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from joserfc import jwt

from lms_plc.practice_lms.beyond_moodle import CONTEXT_COPY
from lms_plc.practice_lms.claims import LTI
from lms_plc.practice_lms.plain_text import plain
from lms_plc.practice_lms.records import Delivery
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

_LIFE = 300
_SEND_SECONDS = 5


def notice_jwt(state: State, settings: Settings, tool: Tool, notice_type: str, more: dict[str, Any]) -> str:
    """One notice, signed with the key that signs launches; it names no person."""
    now = int(state.now())
    claims = {
        "iss": settings.base_url,
        "aud": tool.client_id,
        "azp": tool.client_id,
        "iat": now,
        "exp": now + _LIFE,
        "nonce": secrets.token_urlsafe(16),
        f"{LTI}version": "1.3.0",
        f"{LTI}deployment_id": tool.deployment_id,
        f"{LTI}notice": {
            "id": str(uuid4()),
            "timestamp": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "type": notice_type,
        },
        **more,
    }
    return jwt.encode({"typ": "JWT", "alg": "RS256", "kid": state.key.kid}, claims, state.key)


def send_notice(
    state: State, settings: Settings, tool: Tool, notice_type: str, more: dict[str, Any] | None = None
) -> None:
    """POSTs to the tool's handler, if it has one; what came of it is kept for the admin's page."""
    handler = state.handlers.get((tool.id, notice_type))
    if not handler or not tool.active or not state.is_on("notices"):
        return
    body = {"notices": [{"jwt": notice_jwt(state, settings, tool, notice_type, more or {})}]}
    try:
        answer = requests.post(handler, json=body, timeout=_SEND_SECONDS, allow_redirects=False, stream=True)
        answer.close()
        status = answer.status_code
    except requests.RequestException:
        status = 0
    state.deliveries.append(Delivery(notice_type, handler, status))


def announce_copy(state: State, settings: Settings, course: Course) -> None:
    """Tells every tool that asked that ``course`` was made as a copy."""
    context = {
        "id": str(course.id),
        "label": course.shortname,
        "title": plain(course.fullname),
        "type": ["CourseSection"],
    }
    about = {f"{LTI}context": context, f"{LTI}origin_contexts": [str(course.original)]}
    for tool in state.tools():
        send_notice(state, settings, tool, CONTEXT_COPY, about)
