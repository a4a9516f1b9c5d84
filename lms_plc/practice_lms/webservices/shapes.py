"""Which keys an XML answer of each web service names, in Moodle 4.5's order."""

from typing import Any

USER_FIELDS = (
    *("id", "username", "firstname", "lastname", "fullname", "email", "address", "phone1", "phone2"),
    *("department", "institution", "idnumber", "interests", "firstaccess", "lastaccess", "lastcourseaccess"),
    *("description", "descriptionformat", "city", "country", "profileimageurlsmall", "profileimageurl"),
    *("customfields", "groups", "roles", "preferences", "enrolledcourses"),
)


def _record(names: str, **inner: Any) -> dict[str, Any]:
    """A structure of single values, in this order; a name in ``inner`` has its own structure."""
    return {name: inner.get(name) for name in names.split()}


SITE_SHAPE = _record(
    "sitename username firstname lastname fullname lang userid siteurl userpictureurl functions "
    "downloadfiles uploadfiles release version mobilecssurl advancedfeatures usercanmanageownfiles "
    "userquota usermaxuploadfilesize userhomepage userhomepageurl userprivateaccesskey siteid "
    "sitecalendartype usercalendartype userissiteadmin theme limitconcurrentlogins usersessionscount "
    "policyagreed",
    functions=[_record("name version")],
    advancedfeatures=[_record("name value")],
)
COURSE_SHAPE = _record(
    "id shortname categoryid categorysortorder fullname displayname idnumber summary summaryformat "
    "format showgrades newsitems startdate enddate numsections maxbytes showreports visible "
    "hiddensections groupmode groupmodeforce defaultgroupingid timecreated timemodified "
    "enablecompletion completionnotify lang forcetheme courseformatoptions showactivitydates "
    "showcompletionconditions customfields",
    courseformatoptions=[None],
    customfields=[None],
)
_FIELD_COURSE_SHAPE = _record(
    "id fullname displayname shortname courseimage categoryid categoryname sortorder summary "
    "summaryformat summaryfiles overviewfiles showactivitydates showcompletionconditions contacts "
    "enrollmentmethods customfields idnumber format showgrades newsitems startdate enddate maxbytes "
    "showreports visible groupmode groupmodeforce defaultgroupingid enablecompletion completionnotify "
    "lang theme marker legacyfiles calendartype timecreated timemodified requested cacherev filters "
    "courseformatoptions communicationroomname communicationroomurl",
    **dict.fromkeys(("summaryfiles", "overviewfiles", "enrollmentmethods", "customfields"), [None]),
    contacts=[_record("id fullname")],
    filters=[_record("filter localstate inheritedstate")],
    courseformatoptions=[_record("name value")],
)
ENROLLED_SHAPE = _record(
    " ".join(USER_FIELDS),
    customfields=[_record("type value name shortname")],
    groups=[_record("id name description descriptionformat")],
    roles=[_record("roleid name shortname sortorder")],
    preferences=[_record("name value")],
    enrolledcourses=[_record("id fullname shortname")],
)
ACCOUNT_SHAPE = _record(
    "id username firstname lastname fullname email address phone1 phone2 department institution "
    "idnumber interests firstaccess lastaccess auth suspended confirmed lang calendartype theme "
    "timezone mailformat trackforums description descriptionformat city country profileimageurlsmall "
    "profileimageurl customfields preferences",
    customfields=[_record("type value displayvalue name shortname")],
    preferences=[_record("name value")],
)
GROUP_SHAPE = _record("id courseid name description descriptionformat enrolmentkey idnumber visibility participation")
COHORT_SHAPE = _record("id name idnumber description descriptionformat visible theme customfields", customfields=[None])
COURSES_SHAPE = {"courses": [_FIELD_COURSE_SHAPE], "warnings": [_record("item itemid warningcode message")]}
GROUP_MEMBERS_SHAPE = {"groupid": None, "userids": [None]}
COHORT_MEMBERS_SHAPE = {"cohortid": None, "userids": [None]}
