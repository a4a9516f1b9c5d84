"""What launches, tokens and the platform's description say more while a switch is on; with all off, nothing."""

from typing import Any

from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.scopes import BEYOND_SCOPES, GRADE_SCOPES, GROUP_SCOPE, NOTICE_SCOPE, NRPS_SCOPE
from lms_plc.practice_lms.service_addresses import group_sets_url, groups_url, notice_handlers_url
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

HELLO, CONTEXT_COPY = NOTICE_TYPES = ("LtiHelloWorldNotice", "LtiContextCopyNotice")


def known_scopes(state: State) -> list[str]:
    """Every scope this site can grant now."""
    return [*GRADE_SCOPES, NRPS_SCOPE, *(scope for scope, switch in BEYOND_SCOPES.items() if state.is_on(switch))]


def beyond_claims(state: State, settings: Settings, tool: Tool, course: Course | None) -> dict[str, Any]:
    """The claims of the notification service and the groups service, for a tool that may use them."""
    found: dict[str, Any] = {}
    if state.is_on("notices") and NOTICE_SCOPE in tool.scopes:
        found["https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice"] = {
            "platform_notification_service_url": notice_handlers_url(settings, tool),
            "service_versions": ["1.0"],
            "scope": [NOTICE_SCOPE],
            "notice_types_supported": list(NOTICE_TYPES),
        }
    if state.is_on("groups") and GROUP_SCOPE in tool.scopes and course:
        found["https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"] = {
            "scope": [GROUP_SCOPE],
            "context_groups_url": groups_url(settings, course, tool),
            "context_group_sets_url": group_sets_url(settings, course, tool),
            "service_versions": ["1.0"],
        }
    return found
