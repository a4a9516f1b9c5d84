"""What the web services tell of people: who is enrolled, and what an account holds."""

from collections.abc import Callable
from typing import Any

from flask import g

from lms_plc.practice_lms.people import Person
from lms_plc.practice_lms.school_year import ROLE_IDS, Enrolment
from lms_plc.practice_lms.webservices.answers import (
    coding_error,
    invalid_parameter,
    missing_record,
    moodle_error,
)
from lms_plc.practice_lms.webservices.arguments import whole_number
from lms_plc.practice_lms.webservices.call import SITE_HOME, Call
from lms_plc.practice_lms.webservices.shapes import USER_FIELDS

_ALWAYS = ("id", "fullname")


def _present(record: dict[str, Any]) -> dict[str, Any]:
    """Moodle leaves empty city, country, institution and number out; an empty department stays."""
    return {
        key: value
        for key, value in record.items()
        if value != "" or key not in ("city", "country", "institution", "idnumber")
    }


def _account(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "username": person.username,
        "firstname": person.firstname,
        "lastname": person.lastname,
        "fullname": person.fullname,
        "email": person.email,
        "department": person.department,
        "institution": person.institution,
        "idnumber": person.idnumber,
        "firstaccess": 0,
        "lastaccess": 0,
    }


def _pictures(call: Call) -> dict[str, Any]:
    return {"profileimageurlsmall": call.picture(2), "profileimageurl": call.picture(1)}


def _enrolled_user(call: Call, course_id: int, person: Person, place: Enrolment, wanted: set[str]) -> dict[str, Any]:
    record = _account(person) | {"lastcourseaccess": 0, "city": person.city, "country": person.country}
    record |= _pictures(call)
    if "groups" in wanted:
        record["groups"] = [
            {"id": group.id, "name": call.name(group.name), "description": "", "descriptionformat": 1}
            for group in _groups_by_member(call, course_id).get(person.id, [])
        ]
    record["roles"] = [
        {"roleid": ROLE_IDS[role], "name": "", "shortname": role, "sortorder": 0} for role in place.roles
    ]
    if "enrolledcourses" in wanted:
        record["enrolledcourses"] = [
            {
                "id": course.id,
                "fullname": call.name(course.fullname),
                "shortname": call.name(course.shortname),
            }
            for course in call.state.courses_of(person.id)
        ]
    return {key: value for key, value in _present(record).items() if key in wanted}


def _groups_by_member(call: Call, course_id: int) -> dict[int, list[Any]]:
    if "groups_by_member" not in g:
        g.groups_by_member = {}
        for group in call.state.course_groups(course_id):
            for member in group.members:
                g.groups_by_member.setdefault(member, []).append(group)
    return g.groups_by_member


def _options(call: Call) -> dict[str, str]:
    """Name → value; names nobody knows are kept and never looked at."""
    found = {}
    listed = call.arguments.get("options", {})
    if not isinstance(listed, dict):
        raise invalid_parameter()
    for option in listed.values():
        if not isinstance(option, dict) or set(option) != {"name", "value"}:
            raise invalid_parameter()
        if not all(isinstance(text, str) for text in option.values()):
            raise invalid_parameter()
        found[option["name"]] = option["value"]
    return found


_SORTS: dict[str, Callable[[Person], Any]] = {
    "id": lambda person: person.id,
    "firstname": lambda person: person.firstname.casefold(),
    "lastname": lambda person: person.lastname.casefold(),
    "siteorder": lambda person: (person.lastname.casefold(), person.firstname.casefold(), person.id),
}


def _places(call: Call, course_id: int) -> list[Enrolment]:
    if course_id == SITE_HOME:
        return [Enrolment(person.id, ()) for person in call.state.people()]
    if course_id not in call.state.courses:
        raise missing_record("course")
    return call.state.roster(course_id)


def get_enrolled_users(call: Call) -> list[dict[str, Any]]:
    """Active and suspended alike unless asked otherwise, and nothing in the answer tells which."""
    course_id = whole_number(call.text("courseid"))
    options = _options(call)
    places = _places(call, course_id)
    flags = {name: options.get(name, "0") for name in ("onlyactive", "onlysuspended")}
    if not set(flags.values()) <= {"0", "1"}:
        raise invalid_parameter()
    if set(flags.values()) == {"1"}:
        raise coding_error("Both onlyactive and onlysuspended are set, this is probably not what you want!")
    now = call.state.now()
    if flags["onlyactive"] == "1":
        places = [place for place in places if place.active(now)]
    if flags["onlysuspended"] == "1":
        places = [place for place in places if not place.active(now)]
    wanted = {name for name in options.get("userfields", "").split(",") if name}
    for name in sorted(wanted - set(USER_FIELDS)):
        raise moodle_error("invaliduserfield", f"Invalid user field: {name}")
    wanted = wanted | set(_ALWAYS) if wanted else set(USER_FIELDS)
    group = call.state.group(whole_number(options.get("groupid", "0")))
    if group:
        members = set(group.members)
        places = [place for place in places if place.user_id in members]
    order = options.get("sortby", "id")
    if order not in _SORTS or options.get("sortdirection", "ASC").upper() not in ("ASC", "DESC"):
        raise invalid_parameter()
    people = [(person, place) for place in places if (person := call.state.person(place.user_id))]
    people.sort(key=lambda one: _SORTS[order](one[0]), reverse=options.get("sortdirection", "").upper() == "DESC")
    start, count = (max(0, whole_number(options.get(name, "0"))) for name in ("limitfrom", "limitnumber"))
    page = people[start : start + count] if count else people[start:]
    return [_enrolled_user(call, course_id, person, place, wanted) for person, place in page]


_LOOKUPS: dict[str, Callable[[Person], str]] = {
    "idnumber": lambda person: person.idnumber,
    "username": lambda person: person.username,
    "email": lambda person: person.email,
}


def get_users_by_field(call: Call) -> list[dict[str, Any]]:
    """The one function that tells whether an account is suspended."""
    field, values = call.text("field"), call.texts("values")
    if field != "id" and field not in _LOOKUPS:
        raise coding_error("invalid field parameter")
    if field == "username" and any(value != value.lower() for value in values):
        raise invalid_parameter()
    # By number the people of a measuring course are found too; they are in no list of everybody.
    if field == "id":
        people = [person for number in sorted(set(map(whole_number, values))) if (person := call.state.person(number))]
    else:
        people = [person for person in call.state.people() if _LOOKUPS[field](person) in values]
    found = []
    for person in people:
        record = _account(person) | {
            "auth": "manual",
            "suspended": person.suspended,
            "confirmed": True,
            "lang": person.lang,
            "theme": "",
            "timezone": "99",
            "mailformat": 1,
            "trackforums": 0,
            "city": person.city,
            "country": person.country,
        }
        found.append(_present(record | _pictures(call)))
    return found
