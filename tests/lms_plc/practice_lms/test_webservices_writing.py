"""What the web services change: groups, cohorts, enrolments, dates and messages; as the recorded Moodle does it."""

from collections.abc import Callable
from typing import Any

import pytest

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.people import CONNECTOR, MENTOR
from lms_plc.practice_lms.school_year import staff_ids
from tests.lms_plc.practice_lms.comparing import shape, xml_keys

VELES = 5
LEARNER = staff_ids("veles")[4]
STRANGER = staff_ids("konya")[0]
SHY = 12


def listed(name: str, *items: dict[str, Any]) -> dict[str, Any]:
    """The fields of a list of records; a key may go deeper: ``type[value]``."""
    return {f"{name}[{place}]{_path(key)}": value for place, item in enumerate(items) for key, value in item.items()}


def _path(key: str) -> str:
    first, deeper, rest = key.partition("[")
    return f"[{first}]{deeper}{rest}"


def cohort(name: str, number: str, **more: Any) -> dict[str, Any]:
    return {"categorytype[type]": "system", "categorytype[value]": "", "name": name, "idnumber": number} | more


def event(**more: Any) -> dict[str, Any]:
    given = {"name": "Кездесу & observation", "description": "<p>x</p>", "format": 1, "courseid": 5, "groupid": 0}
    given |= {"repeats": 0, "eventtype": "course", "timestart": 1_796_000_000, "timeduration": 3600}
    return given | {"visible": 1, "sequence": 1} | more


def member(cohort_by: tuple[str, object], user_by: tuple[str, object]) -> dict[str, Any]:
    pairs = (("cohorttype", cohort_by), ("usertype", user_by))
    return {f"{who}[{key}]": value for who, by in pairs for key, value in zip(("type", "value"), by, strict=True)}


@pytest.fixture
def again(practice: Practice) -> Callable[[], Practice]:
    """The same site after a restart."""
    return lambda: Practice(practice.settings.data_dir, now=practice.state.now)


def test_a_group_is_made_filled_emptied_and_deleted(ask, practice: Practice, again, moodle_says):
    new = {"courseid": VELES, "name": " Readers & co ", "description": "<p>x</p>", "idnumber": "R-1"}
    (made,) = ask("core_group_create_groups", **listed("groups", new))
    assert shape(made) == shape(moodle_says("core_group_create_groups", "ok")[0])
    assert (made["id"], made["name"]) == (128, "Readers & co")
    names = [group["name"] for group in ask("core_group_get_course_groups", courseid=VELES)]
    assert "Readers &amp; co" in names

    entry = {"groupid": 128, "userid": LEARNER}
    for function, inside in (("add", (LEARNER,)), ("add", (LEARNER,)), ("delete", ()), ("delete", ())):
        assert ask(f"core_group_{function}_group_members", **listed("members", entry)) is None
        assert practice.state.groups[128].members == inside
    assert again().state.groups == practice.state.groups

    assert ask("core_group_delete_groups", **{"groupids[0]": 128, "groupids[1]": 4_711}) is None
    assert 128 not in again().state.groups
    (later,) = ask("core_group_create_groups", **listed("groups", new))
    assert later["id"] == 129, "a number is not given again"


def test_deleting_a_group_takes_it_out_of_its_groupings_and_takes_its_dates_along(ask, practice: Practice):
    ask("core_calendar_create_calendar_events", **listed("events", event(eventtype="group", groupid=110)))
    assert len(practice.state.events) == 1
    ask("core_group_delete_groups", **{"groupids[0]": 110})
    assert practice.state.groupings[1].groups == (111,)
    assert practice.state.events == {}


def test_wrong_changes_of_groups_are_refused_as_recorded_and_change_nothing(ask, practice: Practice, moodle_says):
    before = practice.state.groups
    free = {"courseid": VELES, "name": "Free", "description": ""}
    taken = free | {"name": "Languages"}
    real = moodle_says("core_group_create_groups", "error_duplicate_name")
    assert ask("core_group_create_groups", **listed("groups", free, taken)) == real
    assert ask("core_group_create_groups", **listed("groups", free, free)) == real
    assert ask("core_group_create_groups", **listed("groups", free | {"name": " "})) == real
    assert ask("core_group_create_groups", **listed("groups", {"courseid": VELES, "name": "X"})) == real
    numbered = free | {"idnumber": "G-5-1"}
    assert ask("core_group_create_groups", **listed("groups", numbered))["errorcode"] == "idnumbertaken"
    gone = free | {"courseid": 77}
    assert ask("core_group_create_groups", **listed("groups", gone))["errorcode"] == "errorcoursecontextnotvalid"

    add = "core_group_add_group_members"
    inside, outside = {"groupid": 110, "userid": LEARNER}, {"groupid": 110, "userid": STRANGER}
    assert ask(add, **listed("members", inside, outside)) == moodle_says(add, "error_not_enrolled")
    assert ask(add, **listed("members", inside | {"groupid": 99_999})) == moodle_says(add, "error_unknown_group")
    assert ask(add, **listed("members", inside | {"userid": 99_999}))["errorcode"] == "invaliduser"
    assert practice.state.groups == before


def test_cohorts_are_made_renamed_and_deleted(ask, practice: Practice, again, moodle_says):
    made = ask(
        "core_cohort_create_cohorts",
        **listed(
            "cohorts",
            cohort("Readers & co", "PLC-1", description="<p>x</p>", visible=1),
            cohort("Of a category", "PLC-2") | {"categorytype[type]": "idnumber", "categorytype[value]": "CAT-MK"},
            cohort("By number", "PLC-3", visible=0) | {"categorytype[type]": "id", "categorytype[value]": 7},
        ),
    )
    assert shape(made[0]) == shape(moodle_says("core_cohort_create_cohorts", "ok")[0])
    assert [(one["id"], one["visible"]) for one in made] == [(4, True), (5, True), (6, False)]
    assert [practice.state.cohorts[number].category for number in (4, 5, 6)] == [0, 3, 7]
    assert ask("core_cohort_get_cohorts", **{"cohortids[0]": 4})[0]["name"] == "Readers & co"

    renamed = cohort("Readers", "PLC-1", id=4)
    assert ask("core_cohort_update_cohorts", **listed("cohorts", renamed)) is None
    assert (again().state.cohorts[4].name, again().state.cohorts[4].description) == ("Readers", "<p>x</p>")
    assert ask("core_cohort_delete_cohorts", **{"cohortids[0]": 4, "cohortids[1]": 6}) is None
    assert sorted(again().state.cohorts) == [1, 2, 3, 5]
    ask("core_cohort_create_cohorts", **listed("cohorts", cohort("Next", "PLC-4")))
    assert sorted(again().state.cohorts) == [1, 2, 3, 5, 7]


@pytest.mark.parametrize(
    ("wrong", "recording"),
    [
        (cohort("dup", "COH-MK"), "error_duplicate_idnumber"),
        (cohort("another without a number", ""), "error_duplicate_idnumber"),
        (cohort("x", "x") | {"categorytype[type]": "nosuch"}, "error_bad_category_type"),
        (cohort("x", "x") | {"categorytype[type]": "id", "categorytype[value]": "99"}, "error_bad_category_type"),
        (cohort(" ", "x"), "error_bad_category_type"),
        (cohort("x", "x", colour="red"), "error_bad_category_type"),
    ],
)
def test_a_cohort_that_cannot_be_made_makes_none(ask, practice: Practice, wrong, recording: str, moodle_says):
    answer = ask("core_cohort_create_cohorts", **listed("cohorts", cohort("fine", "fine"), wrong))
    assert answer == moodle_says("core_cohort_create_cohorts", recording)
    assert sorted(practice.state.cohorts) == [1, 2, 3]


def test_people_come_into_a_cohort_and_out_and_what_cannot_be_is_a_warning(ask, practice: Practice, moodle_says):
    add = "core_cohort_add_cohort_members"
    right = member(("idnumber", "COH-SUPPORT"), ("username", "mentor"))
    assert ask(add, **listed("members", right)) == moodle_says(add, "ok")
    assert MENTOR in practice.state.cohorts[2].members
    repeated = ask(add, **listed("members", member(("id", 2), ("id", MENTOR))))
    assert repeated["warnings"] == [{"warningcode": "3", "message": "record already exists: cohort(id=2 id=5)"}]
    unknown = listed("members", member(("id", 2), ("username", "nobody")))
    assert ask(add, **unknown) == moodle_says(add, "unknown_user_warning")
    assert ask(add, **listed("members", member(("id", 2), ("id", 99_999))))["warnings"][0]["warningcode"] == "2"
    nowhere = member(("idnumber", "NOSUCH"), ("id", MENTOR))
    assert ask(add, **listed("members", nowhere))["warnings"][0]["warningcode"] == "1"
    assert ask(add, **listed("members", member(("id", 99), ("id", 6))))["errorcode"] == "invalidrecord"
    for odd in (member(("colour", 2), ("id", 5)), member(("id", 2), ("email", "x"))):
        assert ask(add, **listed("members", odd))["errorcode"] == "invalidparameter"

    out = "core_cohort_delete_cohort_members"
    for _ in range(2):
        assert ask(out, **listed("members", {"cohortid": 2, "userid": MENTOR})) is None
        assert MENTOR not in practice.state.cohorts[2].members
    assert ask(out, **listed("members", {"cohortid": 99, "userid": 5}))["errorcode"] == "invalidrecord"
    assert ask(out, **listed("members", {"cohortid": 2, "userid": 99_999}))["errorcode"] == "invaliduser"
    assert ask("core_cohort_delete_cohorts", **{"cohortids[0]": 99})["errorcode"] == "invalidrecord"


def test_an_enrolment_by_hand_is_an_order_that_a_second_one_changes(ask, practice: Practice, again, moodle_says):
    function = "enrol_manual_enrol_users"
    plain = {"roleid": 5, "userid": STRANGER, "courseid": VELES}
    assert ask(function, **listed("enrolments", plain)) is None
    assert practice.state.enrolment(VELES, STRANGER).roles == ("student",)
    ask(function, **listed("enrolments", plain | {"suspend": 1, "timestart": 10, "timeend": 20}))
    place = again().state.enrolment(VELES, STRANGER)
    assert (place.suspended, place.starts, place.ends) == (True, 10, 20)
    ask(function, **listed("enrolments", plain))
    assert practice.state.enrolment(VELES, STRANGER).active(practice.state.now())

    leave = listed("enrolments", {"userid": STRANGER, "courseid": VELES})
    for recording in ("ok", "not_enrolled"):
        assert ask("enrol_manual_unenrol_users", **leave) == moodle_says("enrol_manual_unenrol_users", recording)
        assert practice.state.enrolment(VELES, STRANGER) is None


@pytest.mark.parametrize(
    ("wrong", "recording"),
    [
        ({"courseid": 99_999}, "error_unknown_course"),
        ({"userid": 999_999}, "error_unknown_user"),
        ({"roleid": ""}, "error_missing_roleid"),
    ],
)
def test_an_enrolment_that_cannot_be_loses_the_whole_call(ask, practice: Practice, wrong, recording: str, moodle_says):
    fine = {"roleid": 5, "userid": STRANGER, "courseid": VELES}
    answer = ask("enrol_manual_enrol_users", **listed("enrolments", fine, fine | wrong))
    assert answer == moodle_says("enrol_manual_enrol_users", recording)
    assert practice.state.enrolment(VELES, STRANGER) is None
    refused = ask("enrol_manual_enrol_users", **listed("enrolments", fine | {"roleid": 1}))
    assert (refused["errorcode"], refused["message"]) == (
        "wsusercannotassign",
        f"You don't have the permission to assign this role (1) to this user ({STRANGER}) in this course (5).",
    )
    for bad in ({"userid": 5, "courseid": 77}, {"userid": 99_999, "courseid": 5}):
        assert "errorcode" in ask("enrol_manual_unenrol_users", **listed("enrolments", bad))


@pytest.mark.parametrize(
    ("more", "recording"),
    [
        ({}, "ok_course"),
        ({"eventtype": "group", "groupid": 110}, "ok_group"),
        ({"eventtype": "user", "courseid": 0}, "ok_user"),
        ({"eventtype": "site", "courseid": 1}, "site_event_warning"),
    ],
)
def test_a_date_of_each_kind_is_made_as_recorded(ask, practice: Practice, more, recording: str, moodle_says):
    answer = ask("core_calendar_create_calendar_events", **listed("events", event(**more)))
    real = moodle_says("core_calendar_create_calendar_events", recording)
    own = {"id": 1, "userid": CONNECTOR, "timemodified": int(practice.state.now())} | (
        {"groupid": 110} if "groupid" in more else {}
    )
    assert list(answer["events"][0]) == list(real["events"][0])
    assert answer == {"events": [real["events"][0] | own], "warnings": []}


def test_a_date_nobody_may_make_is_a_warning_and_the_others_are_made(ask, practice: Practice, again, moodle_says):
    function = "core_calendar_create_calendar_events"
    odd = [event(eventtype=kind) for kind in ("group", "site", "due")]
    answer = ask(function, **listed("events", *odd, event(name="Fine")))
    assert answer["warnings"] == moodle_says(function, "restricted_warning")["warnings"] * 3
    assert [one["name"] for one in answer["events"]] == ["Fine"]
    assert ask(function, **listed("events", event(courseid=77)))["errorcode"] == "invalidrecord"
    assert ask(function, **listed("events", event(timestart=10**15)))["errorcode"] == "invalidparameter"
    assert len(again().state.events) == 1


def test_dates_are_read_by_course_group_and_time_and_deleted(ask, practice: Practice, moodle_says):
    function = "core_calendar_get_calendar_events"
    made = (
        event(),
        event(eventtype="group", groupid=110, timestart=1_796_000_100),
        event(eventtype="user", courseid=0),
        event(eventtype="site", courseid=1),
    )
    ask("core_calendar_create_calendar_events", **listed("events", *made))
    quiet = {"options[userevents]": 0, "options[siteevents]": 0}

    def read(**fields: Any) -> list[int]:
        return [one["id"] for one in ask(function, **quiet | fields)["events"]]

    course = {"events[courseids][0]": VELES}
    (told,) = ask(function, **quiet | course)["events"]
    real = moodle_says(function, "course")["events"][1]
    same = {"id": 1, "userid": CONNECTOR, "timemodified": told["timemodified"]}
    assert told == real | same
    assert ask(function)["events"][0]["eventtype"] == "user"
    assert [one["id"] for one in ask(function)["events"]] == [3, 4]
    assert read(**{"events[groupids][0]": 110}) == [2]
    assert read(**{"events[eventids][0]": 4}) == [4]
    assert read(**course, **{"options[timestart]": 1_796_003_601}) == []
    assert read(**course, **{"options[timestart]": 1_796_003_600}) == [1]
    assert read(**course, **{"options[timeend]": 1_795_999_999}) == []

    gone = {"eventid": 1, "repeat": 0}
    unknown = gone | {"eventid": 99}
    delete = "core_calendar_delete_calendar_events"
    assert ask(delete, **listed("events", gone, unknown))["errorcode"] == "invalidrecord"
    assert read(**course) == [1]
    assert ask(delete, **listed("events", gone)) is None
    assert read(**course) == []


def test_messages_are_taken_or_answered_with_a_reason_each(ask, practice: Practice, again, moodle_says):
    function = "core_message_send_instant_messages"
    text = "Сәлем <b>PLC</b> & co"
    answer = ask(
        function,
        **listed(
            "messages",
            {"touserid": MENTOR, "text": text, "textformat": 1, "clientmsgid": "m1"},
            {"touserid": 999_999, "text": "x", "textformat": 1, "clientmsgid": "m2"},
            {"touserid": SHY, "text": "x", "textformat": 1},
            {"touserid": MENTOR, "text": "a < b\nc", "textformat": 2, "clientmsgid": "m4"},
        ),
    )
    (real,) = moodle_says(function, "ok")
    assert answer[0] == real | {"msgid": 1, "timecreated": int(practice.state.now()), "conversationid": MENTOR}
    assert answer[1:3] == [*moodle_says(function, "unknown_user"), *moodle_says(function, "restricted")]
    assert (answer[3]["msgid"], answer[3]["text"]) == (2, "<p>a &lt; b<br />c</p>")
    assert [message.id for message in again().state.messages_to(MENTOR)] == [2, 1]
    missing = ask(function, **listed("messages", {"touserid": MENTOR}))
    assert missing == moodle_says(function, "error_missing_text")


@pytest.mark.parametrize(
    ("function", "fields", "recording"),
    [
        ("core_group_create_groups", listed("groups", {"courseid": 5, "name": "N", "description": ""}), "ok"),
        ("core_cohort_create_cohorts", listed("cohorts", cohort("N", "N")), "ok"),
        ("core_calendar_create_calendar_events", listed("events", event()), "ok_course"),
        ("core_message_send_instant_messages", listed("messages", {"touserid": 5, "text": "x"}), "ok"),
        (
            "core_cohort_add_cohort_members",
            listed("members", member(("id", 2), ("id", 99_999))),
            "unknown_user_warning",
        ),
        ("core_group_add_group_members", listed("members", {"groupid": 110, "userid": LEARNER}), "ok"),
        ("enrol_manual_enrol_users", listed("enrolments", {"roleid": 5, "userid": LEARNER, "courseid": 5}), "ok"),
    ],
)
def test_xml_answers_name_the_recorded_keys_or_nothing(ask, function: str, fields, recording: str, moodle_says):
    answer, real = ask(function, _format="xml", **fields), moodle_says(function, recording, "xml")
    if len(real) == 0:
        assert (answer.tag, len(answer)) == (real.tag, 0)
    else:
        assert [xml_keys(one) for one in answer.iter("SINGLE")] == [xml_keys(one) for one in real.iter("SINGLE")]


def test_a_list_that_is_missing_makes_the_call_invalid(ask):
    for function, name in (("core_group_create_groups", "groups"), ("core_group_delete_groups", "groupids")):
        assert ask(function)["errorcode"] == "invalidparameter"
        assert ask(function, **{name: "x"})["errorcode"] == "invalidparameter"


def test_what_is_changed_in_a_measuring_course_is_not_kept(ask, practice: Practice, again):
    course = practice.big_course(20)
    new = {"courseid": course.id, "name": "N", "description": ""}
    (made,) = ask("core_group_create_groups", **listed("groups", new))
    entries = [{"groupid": made["id"], "userid": 100_003}, {"groupid": 100_000, "userid": 100_003}]
    assert ask("core_group_delete_group_members", **listed("members", *entries)) is None
    ask("core_group_add_group_members", **listed("members", entries[0]))
    assert practice.state.groups[made["id"]].members == (100_003,)
    assert 100_003 not in practice.state.groups[100_000].members
    assert made["id"] not in again().state.groups


def test_a_function_taken_from_the_token_is_refused_and_no_longer_named(ask, practice: Practice, again, moodle_says):
    practice.allow_function("core_cohort_get_cohorts", allowed=False)
    real = moodle_says("core_course_get_courses", "error_function_not_in_token_service")
    assert ask("core_cohort_get_cohorts") == real
    names = [one["name"] for one in ask("core_webservice_get_site_info")["functions"]]
    assert "core_cohort_get_cohorts" not in names
    assert not again().state.may_call("core_cohort_get_cohorts")
    practice.allow_function("core_cohort_get_cohorts", allowed=True)
    assert len(ask("core_cohort_get_cohorts")) == 3
