"""Is a change looked at first, sent once, in portions that PHP accepts, and is everything said that came of it?"""

import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import BadAnswer, NotAllowed, NotFound, Transport, Unavailable
from connectors.moodle import functions
from connectors.moodle.calendar import NewEvent, create_calendar_events, get_calendar_events
from connectors.moodle.changing_cohorts import (
    CohortMember,
    NewCohort,
    add_cohort_members,
    create_cohorts,
    delete_cohort_members,
)
from connectors.moodle.changing_enrolments import NewEnrolment, enrol_users, unenrol_users
from connectors.moodle.changing_groups import (
    GroupMember,
    NewGroup,
    add_group_members,
    create_groups,
    delete_group_members,
)
from connectors.moodle.client import ARGUMENT_LIMIT, MoodleClient, portions
from connectors.moodle.messages import NewMessage, send_instant_messages
from connectors.moodle.writing import LeftOut, PartlyWritten, Written

USERS = "core_enrol_get_enrolled_users"
ENROL = "enrol_manual_enrol_users"
UNENROL = "enrol_manual_unenrol_users"
GROUPS = "core_group_get_course_groups"
GROUP_MEMBERS = "core_group_get_group_members"
ADD_TO_GROUP = "core_group_add_group_members"
CREATE_GROUPS = "core_group_create_groups"
COHORTS = "core_cohort_get_cohorts"
CREATE_COHORTS = "core_cohort_create_cohorts"
ADD_TO_COHORT = "core_cohort_add_cohort_members"
SEND = "core_message_send_instant_messages"
EVENTS = "core_calendar_create_calendar_events"
REFUSED = '{"exception":"moodle_exception","errorcode":"%s","message":"No"}'


@pytest.fixture
def client(moodle, transport, token):
    return MoodleClient(moodle.url, token, transport)


def sent(form, name):
    """The entries of the list `name` in a form, as dicts."""
    entries = {}
    for key, value in form.items():
        if key.startswith(f"{name}["):
            index, _, rest = key.removeprefix(f"{name}[").partition("]")
            entries.setdefault(int(index), {})[rest.strip("[]")] = value
    return [entries[index] for index in sorted(entries)]


class TestEnrolling:
    @pytest.fixture(autouse=True)
    def course(self, moodle):
        """Course 8: person 5 is active, person 6 suspended. There is no other."""

        def people(form):
            ids = [5] if "onlyactive" in form.values() else [6] if "onlysuspended" in form.values() else [5, 6]
            return [{"id": one} for one in ids]

        def courses(form):
            known = form["value"] == "8"
            return {"courses": [{"id": 8, "shortname": "A", "fullname": "B"}] if known else [], "warnings": []}

        moodle.answers |= {USERS: people, "core_course_get_courses_by_field": courses, ENROL: "null", UNENROL: "null"}

    def test_somebody_new_is_enrolled_and_whether_suspended_is_always_sent(self, moodle, client):
        new = NewEnrolment(8, 18, 5, suspended=False)
        assert enrol_users(client, [new, replace(new, user_id=19, suspended=True)]) == Written()
        (form,) = moodle.calls(ENROL)
        assert [(one["userid"], one["suspend"]) for one in sent(form, "enrolments")] == [("18", "0"), ("19", "1")]

    def test_nobody_is_reactivated_suspended_or_given_other_dates_in_passing(self, moodle, client):
        asked = [NewEnrolment(8, user_id, 5, suspended) for user_id in (5, 6) for suspended in (False, True)]
        assert enrol_users(client, asked).left_out == (
            LeftOut(0, "already_enrolled"),
            LeftOut(1, "already_enrolled"),
            LeftOut(2, "not_active"),
            LeftOut(3, "not_active"),
        )
        assert not moodle.calls(ENROL)

    def test_on_purpose_somebody_is_reactivated(self, moodle, client):
        assert enrol_users(client, [NewEnrolment(8, 6, 5, suspended=False)], change_existing=True) == Written()
        (form,) = moodle.calls(ENROL)
        assert sent(form, "enrolments")[0]["suspend"] == "0"
        assert not moodle.calls(USERS)

    def test_a_course_that_is_not_there_does_not_cost_the_others(self, moodle, client):
        asked = [NewEnrolment(99, 18, 5, suspended=False), NewEnrolment(8, 18, 5, suspended=False)]
        assert enrol_users(client, asked).left_out == (LeftOut(0, "no_such_course"),)
        (form,) = moodle.calls(ENROL)
        assert [one["courseid"] for one in sent(form, "enrolments")] == ["8"]

    def test_one_asked_for_twice_is_enrolled_as_first_said(self, moodle, client):
        asked = [NewEnrolment(8, 18, 5, suspended=True), NewEnrolment(8, 18, 5, suspended=False)]
        assert enrol_users(client, asked, change_existing=True).left_out == (LeftOut(1, "asked_twice"),)
        (form,) = moodle.calls(ENROL)
        assert [one["suspend"] for one in sent(form, "enrolments")] == ["1"]

    def test_without_the_right_to_see_suspensions_nobody_is_enrolled(self, moodle, client):
        moodle.answers[USERS] = REFUSED % "nopermissions"
        with pytest.raises(NotAllowed) as caught:
            enrol_users(client, [NewEnrolment(8, 18, 5, suspended=False)])
        assert "moodle/course:enrolreview" in str(caught.value)
        assert not moodle.calls(ENROL)

    def test_only_participants_are_taken_out(self, moodle, client):
        assert unenrol_users(client, 8, [5, 18, 6, 5]).left_out == (
            LeftOut(1, "not_enrolled"),
            LeftOut(3, "asked_twice"),
        )
        (form,) = moodle.calls(UNENROL)
        assert [one["userid"] for one in sent(form, "enrolments")] == ["5", "6"]

    def test_nobody_means_no_call(self, moodle, client):
        assert enrol_users(client, []) == unenrol_users(client, 8, []) == Written()
        assert not moodle.forms


class TestGroups:
    @pytest.fixture(autouse=True)
    def course(self, moodle):
        """Course 5, as recorded, where 7 is in group 10 and 7 and 8 take part."""
        moodle.recorded(GROUPS, "all")
        moodle.answers |= {
            GROUP_MEMBERS: lambda form: [
                {"groupid": int(value), "userids": [7]} for key, value in form.items() if key.startswith("groupids[")
            ],
            USERS: '[{"id":7},{"id":8}]',
            ADD_TO_GROUP: "null",
            "core_group_delete_group_members": "null",
            CREATE_GROUPS: lambda form: [
                {"id": 100 + index, "courseid": int(one["courseid"]), "name": one["name"]}
                for index, one in enumerate(sent(form, "groups"))
            ],
        }

    def test_a_name_or_number_that_is_taken_is_left_out_with_whose_it_is(self, moodle, client):
        moodle.answers[GROUPS] = '[{"id":10,"courseid":5,"name":"PLC-B & Co","idnumber":"G-10"}]'
        asked = [
            NewGroup(5, " PLC-B & Co "),
            NewGroup(5, "New", id_number="G-10"),
            NewGroup(5, "New"),
            NewGroup(5, "New"),
            NewGroup(5, "Newer"),
        ]
        written = create_groups(client, asked)
        assert written.left_out == (
            LeftOut(0, "name_taken", 10),
            LeftOut(1, "id_number_taken", 10),
            LeftOut(3, "name_taken"),
        )
        assert [record.name for record in written.records] == ["New", "Newer"]

    def test_names_are_compared_as_they_were_typed(self, moodle, client):
        create_groups(client, [NewGroup(5, "A")])
        (form,) = moodle.calls(GROUPS)
        assert form["moodlewssettingraw"] == "1"
        assert "moodlewssettingfilter" not in form

    def test_the_same_name_is_free_in_another_course(self, moodle, client):
        moodle.answers[GROUPS] = lambda form: (
            [{"id": 10, "courseid": 5, "name": "A"}] if form["courseid"] == "5" else []
        )
        assert create_groups(client, [NewGroup(5, "A"), NewGroup(6, "A")]).left_out == (LeftOut(0, "name_taken", 10),)

    def test_people_who_do_not_take_part_do_not_cost_the_others(self, moodle, client):
        asked = [GroupMember(10, 7), GroupMember(10, 8), GroupMember(10, 99), GroupMember(777, 8), GroupMember(10, 8)]
        assert add_group_members(client, 5, asked).left_out == (
            LeftOut(0, "already_member"),
            LeftOut(2, "not_enrolled"),
            LeftOut(3, "no_such_group"),
            LeftOut(4, "already_member"),
        )
        (form,) = moodle.calls(ADD_TO_GROUP)
        assert sent(form, "members") == [{"groupid": "10", "userid": "8"}]

    def test_everybody_there_already_means_no_change(self, moodle, client):
        add_group_members(client, 5, [GroupMember(10, 7)])
        assert not moodle.calls(ADD_TO_GROUP)
        assert add_group_members(client, 5, []) == Written()

    def test_people_are_taken_out_once(self, moodle, client):
        delete_group_members(client, [GroupMember(10, 7), GroupMember(10, 7)])
        (form,) = moodle.calls("core_group_delete_group_members")
        assert sent(form, "members") == [{"groupid": "10", "userid": "7"}]

    def test_everybodys_groups_take_two_calls(self, moodle, client):
        groups = functions.get_groups_of_everybody(client, 5)
        assert groups.keys() == {7}
        assert groups[7] == sorted(groups[7])
        assert {10, 37} <= set(groups[7])
        assert len(moodle.forms) == 2


class TestCohorts:
    @pytest.fixture(autouse=True)
    def site(self, moodle):
        moodle.recorded(COHORTS, "all")
        moodle.answers |= {
            "core_cohort_get_cohort_members": '[{"cohortid":2,"userids":[6]}]',
            CREATE_COHORTS: lambda form: [
                {"id": 50, "name": one["name"], "idnumber": one["idnumber"]} for one in sent(form, "cohorts")
            ],
            ADD_TO_COHORT: '{"warnings":[]}',
            "core_cohort_delete_cohort_members": "null",
        }

    def test_an_id_number_that_is_taken_is_left_out(self, moodle, client):
        asked = [NewCohort("A", "COH-STEM"), NewCohort("B", "NEW"), NewCohort("C", "NEW")]
        written = create_cohorts(client, asked)
        assert written.left_out == (LeftOut(0, "id_number_taken", 2), LeftOut(2, "id_number_taken"))
        assert [record.idnumber for record in written.records] == ["NEW"]

    @pytest.mark.parametrize(
        ("category", "kind", "value"), [(None, "system", ""), (7, "id", "7"), ("TR-FEN", "idnumber", "TR-FEN")]
    )
    def test_one_stands_on_the_site_or_in_a_category(self, moodle, client, category, kind, value):
        create_cohorts(client, [NewCohort("A", "N", category=category)])
        (form,) = moodle.calls(CREATE_COHORTS)
        assert form["cohorts[0][categorytype][type]"] == kind
        assert form["cohorts[0][categorytype][value]"] == value

    def test_one_without_an_id_number_cannot_be_asked_for(self):
        with pytest.raises(ValueError, match="needs an ID number"):
            NewCohort("A", "")

    def test_members_already_there_are_left_out_and_warnings_are_kept(self, moodle, client):
        moodle.recorded(ADD_TO_COHORT, "unknown_user_warning")
        written = add_cohort_members(client, [CohortMember(2, 6), CohortMember(2, 999)])
        assert written.left_out == (LeftOut(0, "already_member"),)
        assert [warning.warningcode for warning in written.warnings] == ["2"]
        assert "nobody" not in repr(written)
        (form,) = moodle.calls(ADD_TO_COHORT)
        assert form["members[0][usertype][value]"] == "999"

    def test_a_cohort_that_is_gone_is_not_found(self, moodle, client, recording):
        moodle.answers["core_cohort_get_cohort_members"] = recording(
            "core_cohort_get_cohort_members/error_unknown.json"
        )
        with pytest.raises(NotFound):
            add_cohort_members(client, [CohortMember(99999, 6)])
        assert not moodle.calls(ADD_TO_COHORT)

    def test_people_are_taken_out_once(self, moodle, client):
        delete_cohort_members(client, [CohortMember(2, 6), CohortMember(2, 6)])
        (form,) = moodle.calls("core_cohort_delete_cohort_members")
        assert sent(form, "members") == [{"cohortid": "2", "userid": "6"}]

    def test_nothing_means_no_call(self, moodle, client):
        assert create_cohorts(client, []) == add_cohort_members(client, []) == Written()
        assert not moodle.forms


class TestMessagesAndEvents:
    def answer(self, *places):
        return json.dumps([{"msgid": 3, "clientmsgid": place} for place in places])

    def test_each_message_says_whether_it_was_sent(self, moodle, client):
        moodle.answers[SEND] = (
            '[{"msgid":3,"clientmsgid":"0"},{"msgid":-1,"clientmsgid":"1","errormessage":"Ada does not like you"}]'
        )
        written = send_instant_messages(client, [NewMessage(5, "Hello"), NewMessage(6, "Hello")])
        assert [record.sent for record in written.records] == [True, False]
        assert "Ada" not in str(written.records[1].model_dump())

    @pytest.mark.parametrize("places", [(), ("0",), ("1", "0"), ("0", "1", "2")])
    def test_answers_that_do_not_fit_the_messages_are_none(self, moodle, client, places):
        moodle.answers[SEND] = self.answer(*places)
        with pytest.raises(BadAnswer) as caught:
            send_instant_messages(client, [NewMessage(5, "a"), NewMessage(6, "b")])
        assert caught.value.code == "partial"

    def test_what_is_written_stays_out_of_every_repr(self):
        assert "secret" not in repr(NewMessage(5, "secret"))

    def test_events_that_were_not_made_come_back_as_warnings(self, moodle, client):
        moodle.recorded(EVENTS, "restricted_warning")
        written = create_calendar_events(client, [NewEvent("A", 1796000000, "course", course_id=5)])
        assert written.records == ()
        assert [warning.warningcode for warning in written.warnings] == ["nopermissions"]

    def test_events_of_many_courses_are_joined(self, moodle, client):
        moodle.recorded("core_calendar_get_calendar_events", "course")
        once = get_calendar_events(client, [5]).events
        assert len(get_calendar_events(client, range(1, 1000)).events) == 2 * len(once)
        assert {form["options[siteevents]"] for form in moodle.forms} == {"0"}


class TestPortions:
    @pytest.mark.parametrize(("keys", "count", "lengths"), [(1, 901, [900, 1]), (4, 500, [225, 225, 50]), (4, 0, [])])
    def test_a_portion_is_counted_in_arguments(self, keys, count, lengths):
        items = [dict.fromkeys("abcd"[:keys], index) for index in range(count)]
        runs = list(portions(items))
        assert [len(run) for run in runs] == lengths
        assert [one for run in runs for one in run] == items

    @given(st.lists(st.dictionaries(st.text("ab", max_size=3), st.integers(0, 9), max_size=7), max_size=400))
    def test_no_portion_is_too_long_and_nothing_is_lost(self, items):
        runs = list(portions(items))
        assert [one for run in runs for one in run] == items
        assert all(sum(map(len, run)) <= ARGUMENT_LIMIT for run in runs)
        assert all(runs)

    def test_one_entry_with_more_than_fits_goes_alone(self):
        big = list(range(ARGUMENT_LIMIT + 1))
        assert [len(run) for run in portions([[1], big, [2]])] == [1, 1, 1]

    def test_no_form_passes_the_limit_that_php_sets(self, moodle, client):
        moodle.answers[ADD_TO_COHORT] = '{"warnings":[{"warningcode":2,"message":"x"}]}'
        moodle.answers["core_cohort_get_cohort_members"] = '[{"cohortid":2,"userids":[]}]'
        written = add_cohort_members(client, [CohortMember(2, user_id) for user_id in range(2, 1002)])
        assert len(moodle.calls(ADD_TO_COHORT)) == len(written.warnings) == 5
        assert all(len(form) < 1000 for form in moodle.forms)


class TestSentOnce:
    def refused_at(self, n):
        calls = []

        def answer(form):
            calls.append(form)
            if len(calls) == n:
                return {"exception": "x", "errorcode": "nopermissions", "message": "x"}
            return {"warnings": []}

        return answer

    def many(self, client):
        return add_cohort_members(client, [CohortMember(2, user_id) for user_id in range(2, 502)])

    def test_a_change_that_stops_in_the_middle_says_how_far_it_came(self, moodle, client):
        moodle.answers["core_cohort_get_cohort_members"] = "[]"
        moodle.answers[ADD_TO_COHORT] = self.refused_at(2)
        with pytest.raises(PartlyWritten) as caught:
            self.many(client)
        error = caught.value
        assert (error.done, len(error.answers), error.code) == (225, 1, "nopermissions")
        assert isinstance(error.cause, NotAllowed)
        assert "the first 225 of 500 changes" in str(error)
        assert "moodle/cohort:assign" in str(error)
        assert len(moodle.calls(ADD_TO_COHORT)) == 2

    def test_such_an_error_survives_the_way_to_another_process(self, moodle, client):
        moodle.answers["core_cohort_get_cohort_members"] = "[]"
        moodle.answers[ADD_TO_COHORT] = self.refused_at(2)
        with pytest.raises(PartlyWritten) as caught:
            self.many(client)
        there = pickle.loads(pickle.dumps(caught.value))
        assert (str(there), there.done, there.cause.code) == (str(caught.value), 225, "nopermissions")

    def test_a_change_refused_at_once_is_a_plain_refusal(self, moodle, client):
        moodle.answers["core_cohort_get_cohort_members"] = "[]"
        moodle.answers[ADD_TO_COHORT] = self.refused_at(1)
        with pytest.raises(NotAllowed):
            self.many(client)

    @pytest.mark.parametrize("way", ["hang up", "half an answer", "web page", "server error"])
    def test_a_change_whose_answer_is_lost_is_not_sent_again(self, bad_server, limits, token, caplog, way):
        def behave(handler, n):
            if way == "hang up":
                handler.connection.close()
            elif way == "server error":
                bad_server.send(handler, b"", status=500)
            else:
                bad_server.send(handler, b'[{"msgid":3,' if way == "half an answer" else b"<html></html>")

        bad_server.behave = behave
        with (
            Transport(limits=limits, allow_private_hosts=True) as line,
            pytest.raises(Unavailable) as caught,
        ):
            send_instant_messages(MoodleClient(bad_server.url, token, line), [NewMessage(5, "Hello")])
        assert (caught.value.code, caught.value.function) == ("unsure", SEND)
        assert bad_server.requests == 1
        assert bad_server.paths == ["/webservice/rest/server.php"]
        assert token.encode() in bad_server.bodies[0]
        assert token not in f"{caught.value!s}{caught.value!r}{caplog.text}"

    @pytest.mark.parametrize(
        "answer", ['{"events":[]}', '{"exception":"Error","message":"Call to a member function on null"}']
    )
    def test_a_change_whose_answer_says_nothing_is_unsure(self, moodle, client, answer):
        moodle.answers[SEND] = answer
        with pytest.raises(Unavailable) as caught:
            send_instant_messages(client, [NewMessage(5, "Hello")])
        assert caught.value.code == "unsure"
        assert len(moodle.forms) == 1

    def test_a_site_that_never_answers_a_change_leaves_it_unsure_in_time(
        self, bad_server, short_limits, token, seconds
    ):
        bad_server.behave = lambda handler, n: bad_server.ended.wait(5)
        with (
            Transport(limits=short_limits, allow_private_hosts=True) as line,
            pytest.raises(Unavailable) as caught,
        ):
            send_instant_messages(MoodleClient(bad_server.url, token, line), [NewMessage(5, "Hello")])
        assert caught.value.code == "unsure"
        assert bad_server.requests == 1
        assert seconds() < 3

    @pytest.mark.parametrize(
        ("code", "kind"), [("invalidparameter", BadAnswer), ("sitemaintenance", Unavailable), ("disabled", NotAllowed)]
    )
    def test_a_change_that_moodle_refused_is_surely_not_done(self, moodle, client, code, kind):
        moodle.answers[SEND] = REFUSED % code
        with pytest.raises(kind) as caught:
            send_instant_messages(client, [NewMessage(5, "Hello")])
        assert caught.value.code == code

    def test_a_question_whose_answer_is_lost_is_asked_again(self, bad_server, limits, token):
        bad_server.behave = lambda handler, n: bad_server.send(handler, b"[]", status=200 if n else 500)
        with Transport(limits=limits, allow_private_hosts=True) as line:
            assert functions.get_cohorts(MoodleClient(bad_server.url, token, line)) == []
        assert bad_server.requests == 2


class TestReading:
    def test_user_names_are_sent_in_lower_case(self, moodle, client):
        moodle.recorded("core_user_get_users_by_field", "username")
        functions.get_users_by_field(client, "username", ["Emoji1"])
        assert moodle.forms[0]["values[0]"] == "emoji1"

    def test_a_suspended_account_is_told_and_its_e_mail_is_not_kept(self, moodle, client):
        moodle.answers["core_user_get_users_by_field"] = (
            '[{"id":9,"fullname":"Ada","email":"ada@example.org","suspended":true}]'
        )
        (user,) = functions.get_users_by_field(client, "email", ["ada@example.org"])
        assert user.suspended
        assert "example.org" not in str(user.model_dump())

    def test_one_category_is_asked_for_by_its_id(self, moodle, client):
        moodle.recorded("core_course_get_categories", "by_id_no_sub")
        (category,) = functions.get_categories(client, 2, with_subcategories=False)
        assert (category.id, category.depth) == (2, 1)
        assert (moodle.forms[0]["criteria[0][value]"], moodle.forms[0]["addsubcategories"]) == ("2", "0")

    def test_the_activities_of_one_kind_are_asked_for_without_files(self, moodle, client):
        moodle.recorded("core_course_get_contents", "only_lti")
        sections = functions.get_course_contents(client, 5, module_name="lti")
        assert {module.modname for section in sections for module in section.modules} == {"lti"}
        options = [(one["name"], one["value"]) for one in sent(moodle.forms[0], "options")]
        assert options == [("excludecontents", "1"), ("modname", "lti")]

    def test_sections_alone_are_asked_for(self, moodle, client):
        moodle.recorded("core_course_get_contents", "excludemodules")
        assert not any(s.modules for s in functions.get_course_contents(client, 5, with_modules=False))
        assert ("excludemodules", "1") in [(o["name"], o["value"]) for o in sent(moodle.forms[0], "options")]

    def test_courses_and_cohorts_by_many_ids_are_joined(self, moodle, client):
        moodle.recorded("core_course_get_courses", "ids")
        moodle.recorded(COHORTS, "ids")
        once = len(functions.get_courses(client, [5]))
        assert len(functions.get_courses(client, range(2, 1000))) == 2 * once
        assert len(functions.get_cohorts(client, range(2, 1000))) == 2
