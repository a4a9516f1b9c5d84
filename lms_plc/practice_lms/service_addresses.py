"""The addresses of the LTI services, which carry the course and the tool type."""

from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.tools import Tool


def services_url(settings: Settings) -> str:
    return f"{settings.base_url}/mod/lti/services.php"


def _binding(settings: Settings, course: Course, tool: Tool) -> str:
    return f"{services_url(settings)}/CourseSection/{course.id}/bindings/{tool.id}"


def memberships_url(settings: Settings, course: Course, tool: Tool) -> str:
    return f"{_binding(settings, course, tool)}/memberships"


def line_items_url(settings: Settings, course: Course, tool: Tool) -> str:
    return f"{services_url(settings)}/{course.id}/lineitems?type_id={tool.id}"


def line_item_url(settings: Settings, course: Course, tool: Tool, item_id: int) -> str:
    return f"{services_url(settings)}/{course.id}/lineitems/{item_id}/lineitem?type_id={tool.id}"


def groups_url(settings: Settings, course: Course, tool: Tool) -> str:
    return f"{_binding(settings, course, tool)}/groups"


def group_sets_url(settings: Settings, course: Course, tool: Tool) -> str:
    return f"{_binding(settings, course, tool)}/groupsets"


def notice_handlers_url(settings: Settings, tool: Tool) -> str:
    return f"{services_url(settings)}/tool/{tool.id}/noticehandlers"


def setting_urls(settings: Settings, course: Course, tool: Tool) -> dict[str, str]:
    """Addresses of Moodle's tool settings service, which launches name and this site does not answer."""
    services = services_url(settings)
    return {
        "system_setting_url": f"{services}/tool/{tool.id}/custom",
        "context_setting_url": f"{services}/CourseSection/{course.id}/bindings/tool/{tool.id}/custom",
        "link_setting_url": f"{services}/links/{{link_id}}/custom",
    }
