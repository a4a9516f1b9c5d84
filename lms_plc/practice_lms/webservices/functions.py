"""Which web service functions there are: their arguments, the shape of their answers, and the site's introduction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lms_plc.practice_lms.site import MOODLE_RELEASE, MOODLE_VERSION, SITE_NAME
from lms_plc.practice_lms.webservices import (
    calendar,
    categories,
    cohorts,
    contents,
    courses,
    enrolling,
    groups,
    messages,
    people,
    progress,
    shapes,
)
from lms_plc.practice_lms.webservices.call import SITE_HOME, Call

SITE_INFO = "core_webservice_get_site_info"
"""What every token may call."""

_FEATURES = {
    **{"usecomments": 1, "usetags": 1, "enablenotes": 1, "messaging": 1, "enableblogs": 1},
    **{"enablecompletion": 1, "enablebadges": 1, "messagingallusers": 0, "enablecustomreports": 1},
    **{"enableglobalsearch": 0, "mnet_dispatcher_mode": 0, "enablecompetencies": 1},
}


def _site_info(call: Call) -> dict[str, Any]:
    """Names only the functions that the token may call."""
    me = call.me
    private = hashlib.sha256(f"files:{call.state.ws_token}".encode()).hexdigest()[:32]
    return {
        "sitename": call.name(SITE_NAME),
        "username": me.username,
        "firstname": me.firstname,
        "lastname": me.lastname,
        "fullname": me.fullname,
        "lang": me.lang,
        "userid": me.id,
        "siteurl": call.settings.base_url,
        "userpictureurl": call.picture(1),
        "functions": [{"name": name, "version": MOODLE_VERSION} for name in FUNCTIONS if call.state.may_call(name)],
        "downloadfiles": 1,
        "uploadfiles": 1,
        "release": MOODLE_RELEASE,
        "version": MOODLE_VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": name, "value": value} for name, value in _FEATURES.items()],
        "usercanmanageownfiles": True,
        "userquota": 104_857_600,
        "usermaxuploadfilesize": 52_428_800,
        "userhomepage": 1,
        "userprivateaccesskey": private,
        "siteid": SITE_HOME,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` are the names of its arguments; any other name is refused. A ``shape`` of None is no answer at all."""

    call: Callable[[Call], Any]
    takes: tuple[str, ...]
    shape: Any = None


FUNCTIONS: dict[str, Function] = {
    "core_calendar_create_calendar_events": Function(calendar.create_events, ("events",), shapes.MADE_EVENTS_SHAPE),
    "core_calendar_delete_calendar_events": Function(calendar.delete_events, ("events",)),
    "core_calendar_get_calendar_events": Function(calendar.get_events, ("events", "options"), shapes.EVENTS_SHAPE),
    "core_cohort_add_cohort_members": Function(cohorts.add_cohort_members, ("members",), shapes.WARNINGS_SHAPE),
    "core_cohort_create_cohorts": Function(cohorts.create_cohorts, ("cohorts",), [shapes.MADE_COHORT_SHAPE]),
    "core_cohort_delete_cohort_members": Function(cohorts.delete_cohort_members, ("members",)),
    "core_cohort_delete_cohorts": Function(cohorts.delete_cohorts, ("cohortids",)),
    "core_cohort_get_cohort_members": Function(
        cohorts.get_cohort_members, ("cohortids",), [shapes.COHORT_MEMBERS_SHAPE]
    ),
    "core_cohort_get_cohorts": Function(cohorts.get_cohorts, ("cohortids",), [shapes.COHORT_SHAPE]),
    "core_cohort_update_cohorts": Function(cohorts.update_cohorts, ("cohorts",)),
    "core_completion_get_activities_completion_status": Function(
        progress.get_activities_completion, ("courseid", "userid"), shapes.ACTIVITIES_COMPLETION_SHAPE
    ),
    "core_completion_get_course_completion_status": Function(
        progress.get_course_completion, ("courseid", "userid"), shapes.COURSE_COMPLETION_SHAPE
    ),
    "core_course_get_categories": Function(
        categories.get_categories, ("criteria", "addsubcategories"), [shapes.CATEGORY_SHAPE]
    ),
    "core_course_get_contents": Function(contents.get_contents, ("courseid", "options"), [shapes.SECTION_SHAPE]),
    "core_course_get_courses": Function(courses.get_courses, ("options",), [shapes.COURSE_SHAPE]),
    "core_course_get_courses_by_field": Function(
        courses.get_courses_by_field, ("field", "value"), shapes.COURSES_SHAPE
    ),
    "core_enrol_get_enrolled_users": Function(
        people.get_enrolled_users, ("courseid", "options"), [shapes.ENROLLED_SHAPE]
    ),
    "core_enrol_get_users_courses": Function(
        enrolling.get_users_courses, ("userid", "returnusercount"), [shapes.USERS_COURSE_SHAPE]
    ),
    "core_group_add_group_members": Function(groups.add_group_members, ("members",)),
    "core_group_create_groups": Function(groups.create_groups, ("groups",), [shapes.MADE_GROUP_SHAPE]),
    "core_group_delete_group_members": Function(groups.delete_group_members, ("members",)),
    "core_group_delete_groups": Function(groups.delete_groups, ("groupids",)),
    "core_group_get_course_groupings": Function(groups.get_course_groupings, ("courseid",), [shapes.GROUPING_SHAPE]),
    "core_group_get_course_groups": Function(groups.get_course_groups, ("courseid",), [shapes.GROUP_SHAPE]),
    "core_group_get_group_members": Function(groups.get_group_members, ("groupids",), [shapes.GROUP_MEMBERS_SHAPE]),
    "core_group_get_groupings": Function(
        groups.get_groupings, ("groupingids", "returngroups"), [shapes.GROUPING_WITH_GROUPS_SHAPE]
    ),
    "core_message_send_instant_messages": Function(messages.send_instant_messages, ("messages",), [shapes.SENT_SHAPE]),
    "core_user_get_users_by_field": Function(people.get_users_by_field, ("field", "values"), [shapes.ACCOUNT_SHAPE]),
    SITE_INFO: Function(_site_info, (), shapes.SITE_SHAPE),
    "enrol_manual_enrol_users": Function(enrolling.enrol_users, ("enrolments",)),
    "enrol_manual_unenrol_users": Function(enrolling.unenrol_users, ("enrolments",)),
    "gradereport_user_get_grade_items": Function(
        progress.get_grade_items, ("courseid", "userid", "groupid"), shapes.GRADES_SHAPE
    ),
}
"""Every function of the site, by name; an admin may take some of them from the token."""
