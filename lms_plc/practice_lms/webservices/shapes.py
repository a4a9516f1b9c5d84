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
MADE_GROUP_SHAPE = GROUP_SHAPE | {"customfields": [None]}
GROUPING_SHAPE = _record("id courseid name description descriptionformat idnumber")
GROUPING_WITH_GROUPS_SHAPE = GROUPING_SHAPE | {
    "groups": [_record("id courseid name description descriptionformat enrolmentkey idnumber")]
}
MADE_COHORT_SHAPE = _record("id name idnumber description descriptionformat visible theme")
COHORT_SHAPE = MADE_COHORT_SHAPE | {"customfields": [None]}
CATEGORY_SHAPE = _record(
    "id name idnumber description descriptionformat parent sortorder coursecount visible visibleold "
    "timemodified depth path theme"
)
_WARNING_SHAPE = _record("item itemid warningcode message")
COURSES_SHAPE = {"courses": [_FIELD_COURSE_SHAPE], "warnings": [_WARNING_SHAPE]}
GROUP_MEMBERS_SHAPE = {"groupid": None, "userids": [None]}
COHORT_MEMBERS_SHAPE = {"cohortid": None, "userids": [None]}
USERS_COURSE_SHAPE = _record(
    "id shortname fullname displayname enrolledusercount idnumber visible summary summaryformat format "
    "courseimage showgrades lang enablecompletion completionhascriteria completionusertracked category "
    "progress completed startdate enddate marker lastaccess isfavourite hidden overviewfiles "
    "showactivitydates showcompletionconditions timemodified",
    overviewfiles=[None],
)
_DETAILS = [{"rulename": None, "rulevalue": _record("status description")}]
_MODULE_SHAPE = _record(
    "id url name instance contextid description visible uservisible availabilityinfo visibleoncoursepage "
    "modicon modname purpose branded modplural availability indent onclick afterlink activitybadge "
    "customdata noviewlink completion completiondata downloadcontent dates groupmode contents contentsinfo",
    activitybadge=_record(
        "badgecontent badgestyle badgeurl badgeelementid badgeextraattributes", badgeextraattributes=[None]
    ),
    completiondata=_record(
        "state timecompleted overrideby valueused hascompletion isautomatic istrackeduser uservisible "
        "details isoverallcomplete",
        details=_DETAILS,
    ),
    dates=[None],
    contents=[None],
    contentsinfo=_record("filescount filessize lastmodified mimetypes repositorytype", mimetypes=[None]),
)
SECTION_SHAPE = _record(
    "id name visible summary summaryformat section hiddenbynumsections uservisible availabilityinfo "
    "component itemid modules",
    modules=[_MODULE_SHAPE],
)
ACTIVITIES_COMPLETION_SHAPE = {
    "statuses": [
        _record(
            "cmid modname instance state timecompleted tracking overrideby valueused hascompletion "
            "isautomatic istrackeduser uservisible details isoverallcomplete",
            details=_DETAILS,
        )
    ],
    "warnings": [_WARNING_SHAPE],
}
COURSE_COMPLETION_SHAPE = {
    "completionstatus": _record(
        "completed aggregation completions",
        completions=[
            _record(
                "type title status complete timecompleted details",
                details=_record("type criteria requirement status"),
            )
        ],
    ),
    "warnings": [_WARNING_SHAPE],
}
_GRADES_SHAPE = _record(
    "courseid courseidnumber userid userfullname useridnumber maxdepth gradeitems",
    gradeitems=[
        _record(
            "id itemname itemtype itemmodule iteminstance itemnumber idnumber categoryid outcomeid scaleid "
            "locked cmid weightraw weightformatted status graderaw gradedatesubmitted gradedategraded "
            "gradehiddenbydate gradeneedsupdate gradeishidden gradeislocked gradeisoverridden "
            "gradeformatted grademin grademax rangeformatted percentageformatted lettergradeformatted "
            "rank numusers averageformatted feedback feedbackformat"
        )
    ],
)
GRADES_SHAPE = {"usergrades": [_GRADES_SHAPE], "warnings": [_WARNING_SHAPE]}
_EVENT = "id name description format courseid {}groupid userid repeatid modulename instance eventtype timestart "
_EVENT_END = "timeduration visible uuid sequence timemodified subscriptionid"
EVENTS_SHAPE = {
    "events": [_record(_EVENT.format("categoryid ") + _EVENT_END)],
    "warnings": [_WARNING_SHAPE],
}
MADE_EVENTS_SHAPE = {"events": [_record(_EVENT.format("") + _EVENT_END)], "warnings": [_WARNING_SHAPE]}
SENT_SHAPE = _record(
    "msgid clientmsgid errormessage text timecreated conversationid useridfrom candeletemessagesforallusers"
)
WARNINGS_SHAPE = {"warnings": [_WARNING_SHAPE]}
