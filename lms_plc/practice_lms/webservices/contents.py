"""What the web services tell of a course's contents: one section, and in it the activities of tools."""

from typing import Any

from lms_plc.practice_lms.records import Activity
from lms_plc.practice_lms.webservices.answers import missing_record, moodle_error
from lms_plc.practice_lms.webservices.call import Call

_OPTIONS = (
    *("excludemodules", "excludecontents", "includestealthmodules"),
    *("sectionid", "sectionnumber", "cmid", "modname", "modid"),
)


def get_contents(call: Call) -> list[dict[str, Any]]:
    course_id = call.number("courseid")
    given = call.records("options", "name value") if "options" in call.arguments else []
    options = {option.text("name"): option for option in given}
    for name in options:
        if name not in _OPTIONS:
            raise moodle_error("errorinvalidparam", f'The param "{name}" is invalid.')
    course = call.state.courses.get(course_id)
    if course is None:
        raise missing_record("course")
    modules = [] if _is_on(options, "excludemodules") else call.state.activities(course.id)
    if "modname" in options and options["modname"].text("value") != "lti":
        modules = []
    for name, number_of in (("cmid", lambda one: one.cmid), ("modid", lambda one: one.id)):
        if name in options:
            modules = [one for one in modules if number_of(one) == options[name].number("value")]
    section = {
        "id": 1_000 + course.id,
        "name": "General",
        "visible": 1,
        "summary": "",
        "summaryformat": 1,
        "section": 0,
        "hiddenbynumsections": 0,
        "uservisible": True,
        "component": None,
        "itemid": None,
        "modules": [_module(call, one) for one in modules],
    }
    wanted = (("sectionid", section["id"]), ("sectionnumber", 0))
    return [section] if all(options[name].number("value") == own for name, own in wanted if name in options) else []


def _is_on(options: dict[str, Any], name: str) -> bool:
    return name in options and options[name].flag("value", False)


def _module(call: Call, activity: Activity) -> dict[str, Any]:
    base = call.settings.base_url
    return {
        "id": activity.cmid,
        "url": f"{base}/mod/lti/view.php?id={activity.cmid}",
        "name": call.name(activity.title),
        "instance": activity.id,
        "contextid": 20_000 + activity.cmid,
        "visible": 1,
        "uservisible": True,
        "visibleoncoursepage": 1,
        "modicon": f"{base}/theme/image.php/boost/lti/1788220800/monologo?filtericon=1",
        "modname": "lti",
        "purpose": "other",
        "branded": False,
        "modplural": "External tools",
        "availability": None,
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        "customdata": '""',
        "noviewlink": False,
        "completion": 0,
        "downloadcontent": 1,
        "dates": [],
        "groupmode": 0,
    }
