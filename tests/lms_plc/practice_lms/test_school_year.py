"""What the first day holds, and what survives a restart."""

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lms_plc.practice_lms import Practice, people, school_year
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import FILE_NAME


def test_the_seed_is_the_same_every_time_and_every_name_is_different():
    persons = people.everyone()
    assert persons == people.everyone()
    assert len(persons) >= 140
    assert len({p.fullname for p in persons.values()}) == len(persons)
    assert len({p.email for p in persons.values()}) == len(persons)
    assert {p.lang for p in persons.values()} == {"mk", "tr", "sr_cr", "sr_lt", "bs", "kk", "en"}


def test_there_are_twelve_courses_of_which_one_is_hidden_and_one_copied():
    courses = school_year.first_day_courses()
    assert len(courses) == 12
    assert [c.id for c in courses.values() if not c.visible] == [12]
    assert [(c.id, c.original) for c in courses.values() if c.original] == [(13, 5)]
    assert any("&" in c.fullname for c in courses.values())


def test_the_names_a_roster_must_survive_are_all_there():
    names = [p.fullname for p in people.everyone().values()]
    assert any("'" in name for name in names)
    assert any("🌻" in name for name in names)
    assert any(name != unicodedata.normalize("NFC", name) for name in names)
    assert any(unicodedata.bidirectional(name[0]) == "AL" for name in names)


def test_the_odd_enrolments_are_all_there(practice: Practice):
    now = practice.state.now()
    places = [(c, e) for c in practice.state.courses for e in practice.state.roster(c)]
    assert sum(e.suspended for _, e in places) >= 3
    assert [c for c, e in places if len(e.roles) > 1] == [4]
    assert [c for c, e in places if not e.roles] == [6]
    assert [c for c, e in places if e.starts > now] == [7]
    assert [c for c, e in places if 0 < e.ends < now] == [8]
    assert sum(p.suspended for p in practice.state.people()) == 1
    assert [c.id for c in practice.state.courses_of(people.MENTOR)] == [5, 8, 13]
    assert practice.state.courses_of(people.ADMIN) == []


def test_changes_keys_and_tokens_survive_a_restart(practice: Practice):
    outsider = people.CONNECTOR
    practice.enrol(5, outsider, "teacher")
    practice.suspend(5, people.MENTOR)
    practice.rename(people.MENTOR, "Нова", "Име")
    practice.unenrol(2, 6)
    copy = practice.copy_course(13, with_people=True)
    token = practice.state.issue_token(["a"])

    again = Practice(practice.settings.data_dir, now=practice.state.now)

    assert again.state.enrolment(5, outsider).roles == ("teacher",)
    assert again.state.enrolment(5, people.MENTOR).suspended
    assert again.state.person(people.MENTOR).fullname == "Нова Име"
    assert again.state.enrolment(2, 6) is None
    assert again.state.history(again.state.courses[copy.id]) == [13, 5]
    assert again.state.roster(copy.id) == practice.state.roster(13)
    assert again.web_service_token == practice.web_service_token
    assert again.state.key.kid == practice.state.key.kid
    assert again.state.token_scopes(token) == ["a"]


def test_enrolling_again_ends_a_suspension_and_adds_the_role(practice: Practice):
    practice.suspend(5, people.MENTOR)
    practice.enrol(5, people.MENTOR, "student")
    place = practice.state.enrolment(5, people.MENTOR)
    assert (place.suspended, place.roles) == (False, ("editingteacher", "student"))
    practice.suspend(5, people.MENTOR)
    practice.reactivate(5, people.MENTOR)
    assert not practice.state.enrolment(5, people.MENTOR).suspended


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("enrol", (5, 999_9)),
        ("enrol", (99, people.MENTOR)),
        ("enrol", (5, people.MENTOR, "captain")),
        ("unenrol", (5, people.ADMIN)),
        ("suspend", (5, people.ADMIN)),
        ("rename", (9_999, "A", "B")),
    ],
)
def test_a_change_of_what_is_not_there_is_refused_and_not_kept(practice: Practice, verb: str, arguments):
    with pytest.raises(KeyError):
        getattr(practice, verb)(*arguments)
    assert json.loads((practice.settings.data_dir / FILE_NAME).read_text())["changes"] == []


def test_an_empty_name_is_refused(practice: Practice):
    with pytest.raises(ValueError, match="1 to 100"):
        practice.rename(people.MENTOR, " ", "Име")
    assert practice.state.person(people.MENTOR).lastname == "Чаловска"


def test_a_name_with_a_control_character_is_refused_and_one_with_joined_emoji_is_not(practice: Practice):
    practice.rename(people.MENTOR, "Ана 👩\u200d🏫", "Име")
    with pytest.raises(ValueError, match="control"):
        practice.rename(people.MENTOR, "Ана\x01", "Име")
    assert practice.state.person(people.MENTOR).firstname == "Ана 👩\u200d🏫"


def test_changes_from_several_threads_are_all_kept_and_never_disturb_readers(practice: Practice):
    ids = [place.user_id for place in practice.state.roster(11)]

    def work(user_id: int) -> int:
        practice.suspend(11, user_id)
        practice.unenrol(11, user_id)
        practice.enrol(11, user_id, "teacher")
        return len(practice.state.roster(11)) + len(practice.state.course_groups(11))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, ids))
    again = Practice(practice.settings.data_dir)
    assert [e.roles for e in again.state.roster(11)] == [("teacher",)] * len(ids)


def test_the_file_is_readable_by_its_owner_only(practice: Practice):
    practice.rename(people.MENTOR, "Нова", "Име")
    assert (practice.settings.data_dir / FILE_NAME).stat().st_mode & 0o077 == 0


def test_leaving_a_course_leaves_its_groups(practice: Practice):
    group = practice.state.course_groups(5)[0]
    practice.unenrol(5, group.members[0])
    assert practice.state.groups[group.id].members == group.members[1:]


def test_a_measuring_course_is_made_only_when_it_is_read(practice: Practice):
    before = len(practice.state.people())
    course = practice.big_course(1_000)
    assert not any(g.course_id == course.id for g in practice.state.groups.values())
    roster = practice.state.roster(course.id)
    assert len(roster) == 1_000
    assert sum(e.suspended for e in roster) == 1_000 // 83
    assert [len(g.members) for g in practice.state.course_groups(course.id)] == [250] * 4
    assert practice.state.person(roster[-1].user_id).username == "crowd000999"
    assert len(practice.state.people()) == before


def test_changes_of_a_measuring_course_are_not_kept(practice: Practice):
    course = practice.big_course(10)
    somebody = practice.state.roster(course.id)[3].user_id
    practice.unenrol(course.id, somebody)
    practice.enrol(5, somebody)
    practice.rename(somebody, "Аа", "Бб")
    assert len(practice.state.roster(course.id)) == 9
    assert practice.state.enrolment(5, somebody) is not None

    again = Practice(practice.settings.data_dir)

    assert again.state.roster(course.id) == []
    assert again.state.enrolment(5, somebody) is None


@pytest.mark.parametrize("wrong", ["localhost:8000", "http://localhost:8000/lti", "ftp://localhost", ""])
def test_settings_want_an_origin(tmp_path: Path, wrong: str):
    assert Settings(tmp_path, tool_url="https://plc.example.org").launch_url == "https://plc.example.org/lti/launch"
    with pytest.raises(ValueError, match="tool_url"):
        Settings(tmp_path, tool_url=wrong)
