"""Which web service functions and rights does reading a roster need, and why?"""

from connectors.errors import N_

SITE_INFO = "core_webservice_get_site_info"

REQUIRED_FUNCTIONS: dict[str, str] = {
    SITE_INFO: N_("to greet the site and see what the token may do"),
    "core_course_get_courses_by_field": N_("to list the courses"),
    "core_enrol_get_enrolled_users": N_("to see who is enrolled in a course, and who is suspended"),
    "core_group_get_course_groups": N_("to list the groups of a course"),
    "core_group_get_group_members": N_("to see who is in a group"),
    "core_cohort_get_cohorts": N_("to list the cohorts"),
    "core_cohort_get_cohort_members": N_("to see who is in a cohort"),
}
"""Function → why it is needed (a message id)."""

CAPABILITIES: dict[str, tuple[str, ...]] = {
    SITE_INFO: ("webservice/rest:use",),
    "core_course_get_courses": ("moodle/course:view", "moodle/course:viewhiddencourses"),
    "core_course_get_courses_by_field": ("moodle/course:view", "moodle/course:viewhiddencourses"),
    "core_enrol_get_enrolled_users": (
        "moodle/course:enrolreview",
        "moodle/course:viewparticipants",
        "moodle/site:accessallgroups",
    ),
    "core_group_get_course_groups": ("moodle/course:managegroups", "moodle/course:viewhiddengroups"),
    "core_group_get_group_members": ("moodle/course:managegroups", "moodle/course:viewhiddengroups"),
    "core_cohort_get_cohorts": ("moodle/cohort:view",),
    "core_cohort_get_cohort_members": ("moodle/cohort:view",),
}
"""Function → the capabilities it asks for, the one most often missing first."""
