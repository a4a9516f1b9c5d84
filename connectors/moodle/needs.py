"""Which web service functions and rights does each thing we do with a Moodle need, and why?"""

from dataclasses import dataclass

from connectors.errors import N_

SITE_INFO = "core_webservice_get_site_info"


@dataclass(frozen=True, slots=True)
class Need:
    """Why a function is needed (a message id), and the capabilities it asks for, the one most often missing first.

    `switch` says where its part of Moodle is switched on, if it can be off.
    """

    why: str
    capabilities: tuple[str, ...] = ()
    switch: str | None = None


_COMPLETION_ON = N_(
    "Switch on completion in Moodle: Site administration > Advanced features > Enable completion tracking, and in the "
    "course: Settings > Completion tracking."
)
_MESSAGES_ON = N_("Switch on messages in Moodle: Site administration > Advanced features > Enable messaging system.")
_MANUAL_ON = N_(
    "Switch on enrolment by hand in Moodle: Site administration > Plugins > Enrolments > Manage enrol plugins, and in "
    "the course: Participants > Enrolment methods > Add method > Manual enrolments."
)

_COURSES = ("moodle/course:view", "moodle/course:viewhiddencourses")
_GROUPS = ("moodle/course:managegroups", "moodle/course:viewhiddengroups")

_ROSTER: dict[str, Need] = {
    SITE_INFO: Need(N_("to greet the site and see what the token may do"), ("webservice/rest:use",)),
    "core_course_get_courses_by_field": Need(N_("to list the courses"), _COURSES),
    "core_enrol_get_enrolled_users": Need(
        N_("to see who is enrolled in a course, and who is suspended"),
        ("moodle/course:enrolreview", "moodle/course:viewparticipants", "moodle/site:accessallgroups"),
    ),
    "core_group_get_course_groups": Need(N_("to list the groups of a course"), _GROUPS),
    "core_group_get_group_members": Need(N_("to see who is in a group"), _GROUPS),
    "core_cohort_get_cohorts": Need(N_("to list the cohorts"), ("moodle/cohort:view",)),
    "core_cohort_get_cohort_members": Need(N_("to see who is in a cohort"), ("moodle/cohort:view",)),
}

NEEDS: dict[str, Need] = _ROSTER | {
    "core_course_get_courses": Need(N_("to list the courses where the newer function is not offered"), _COURSES),
    "core_course_get_categories": Need(
        N_("to see how courses are sorted into categories"), ("moodle/category:viewhiddencategories",)
    ),
    "core_course_get_contents": Need(
        N_("to see which activities a course has"), (*_COURSES, "moodle/course:viewhiddenactivities")
    ),
    "core_user_get_users_by_field": Need(
        N_("to see whether an account is suspended, and to find one by its ID number"),
        ("moodle/user:viewdetails", "moodle/user:viewalldetails"),
    ),
    "core_enrol_get_users_courses": Need(
        N_("to see in which courses somebody is"), ("moodle/course:viewparticipants", "moodle/user:viewdetails")
    ),
    "core_group_get_course_groupings": Need(N_("to list the groupings of a course"), _GROUPS),
    "core_group_get_groupings": Need(N_("to see which groups belong to a grouping"), _GROUPS),
    "core_completion_get_activities_completion_status": Need(
        N_("to see which activities somebody has completed"), ("report/progress:view",), _COMPLETION_ON
    ),
    "core_completion_get_course_completion_status": Need(
        N_("to see whether somebody has completed a course"), ("report/completion:view",), _COMPLETION_ON
    ),
    "gradereport_user_get_grade_items": Need(
        N_("to add up the grades of a class: how many, and their mean; never one pupil's"),
        ("gradereport/user:view", "moodle/grade:viewall", "moodle/site:accessallgroups"),
    ),
    "core_calendar_get_calendar_events": Need(N_("to see the events of a course"), ("moodle/course:view",)),
    "core_calendar_create_calendar_events": Need(
        N_("to put meetings into the calendar of a course"),
        ("moodle/calendar:manageentries", "moodle/calendar:managegroupentries"),
    ),
    "core_message_send_instant_messages": Need(
        N_("to send somebody a message in Moodle"), ("moodle/site:sendmessage",), _MESSAGES_ON
    ),
    "core_group_create_groups": Need(N_("to make groups in a course"), _GROUPS),
    "core_group_add_group_members": Need(N_("to put people into a group"), _GROUPS),
    "core_group_delete_group_members": Need(N_("to take people out of a group"), _GROUPS),
    "core_cohort_create_cohorts": Need(N_("to make cohorts"), ("moodle/cohort:manage",)),
    "core_cohort_add_cohort_members": Need(N_("to put people into a cohort"), ("moodle/cohort:assign",)),
    "core_cohort_delete_cohort_members": Need(N_("to take people out of a cohort"), ("moodle/cohort:assign",)),
    "enrol_manual_enrol_users": Need(
        N_("to enrol people in a course"), ("enrol/manual:enrol", "moodle/role:assign"), _MANUAL_ON
    ),
    "enrol_manual_unenrol_users": Need(N_("to take people out of a course"), ("enrol/manual:unenrol",), _MANUAL_ON),
}
"""Every function we call, those that a roster cannot do without first."""

REQUIRED_FUNCTIONS: dict[str, str] = {function: need.why for function, need in _ROSTER.items()}
"""Function that a roster cannot do without → why it is needed (a message id)."""

CAPABILITIES: dict[str, tuple[str, ...]] = {function: need.capabilities for function, need in NEEDS.items()}
"""Function → the capabilities it asks for, the one most often missing first."""
