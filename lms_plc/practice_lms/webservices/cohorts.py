"""What the web services tell of cohorts, and how they change them."""

from typing import Any

from lms_plc.practice_lms.school_year import CATEGORIES, Cohort
from lms_plc.practice_lms.webservices.answers import invalid_parameter, invalid_user, missing_record
from lms_plc.practice_lms.webservices.arguments import Arguments, whole_number
from lms_plc.practice_lms.webservices.call import Call


def _cohort(cohort: Cohort) -> dict[str, Any]:
    return {
        "id": cohort.id,
        "name": cohort.name,
        "idnumber": cohort.idnumber,
        "description": cohort.description,
        "descriptionformat": 1,
        "visible": cohort.visible,
        "theme": "",
    }


def get_cohorts(call: Call) -> list[dict[str, Any]]:
    wanted = call.numbers("cohortids") if call.arguments.get("cohortids") else None
    return [
        _cohort(cohort) | {"customfields": []}
        for cohort in call.state.cohorts.values()
        if wanted is None or cohort.id in wanted
    ]


def get_cohort_members(call: Call) -> list[dict[str, Any]]:
    cohorts = [_known(call, number) for number in call.numbers("cohortids")]
    return [{"cohortid": cohort.id, "userids": list(cohort.members)} for cohort in cohorts]


def create_cohorts(call: Call) -> list[dict[str, Any]]:
    """All or none. An ID number that is taken is an invalid parameter, and all empty ones count as the same."""
    items = call.records(
        "cohorts", "categorytype name idnumber", "description descriptionformat visible theme customfields"
    )
    with call.state.lock:
        taken = {cohort.idnumber for cohort in call.state.cohorts.values()}
        changes = [_fields(item) | {"idnumber": item.text("idnumber")} for item in items]
        for change in changes:
            if change["idnumber"] in taken:
                raise invalid_parameter()
            taken.add(change["idnumber"])
        before = set(call.state.cohorts)
        call.state.change_all("create_cohort", changes)
        made = [cohort for number, cohort in call.state.cohorts.items() if number not in before]
    return [_cohort(cohort) for cohort in made]


def update_cohorts(call: Call) -> None:
    """What is not given becomes what it would be in a new one, but for the description."""
    items = call.records(
        "cohorts", "id categorytype name idnumber", "description descriptionformat visible theme customfields"
    )
    with call.state.lock:
        changes = []
        for item in items:
            cohort = _known(call, item.number("id"))
            fields = _fields(item) | {"idnumber": item.text("idnumber")}
            description = item.text("description", cohort.description)
            changes.append(fields | {"description": description, "cohort_id": cohort.id})
        call.state.change_all("update_cohort", changes)


def delete_cohorts(call: Call) -> None:
    """All or none: one that is not there loses the whole call."""
    with call.state.lock:
        cohorts = dict.fromkeys(_known(call, number).id for number in call.numbers("cohortids"))
        call.state.change_all("delete_cohort", [{"cohort_id": number} for number in cohorts])


def add_cohort_members(call: Call) -> dict[str, Any]:
    """What cannot be done comes back as a warning; only a cohort's number that is not there loses the whole call."""
    warnings = []
    with call.state.lock:
        changes: dict[tuple[int, int], dict[str, Any]] = {}
        for item in call.records("members", "cohorttype usertype"):
            cohort_by, user_by = (item.record(name, "type value") for name in ("cohorttype", "usertype"))
            cohort_id, user_id = _cohort_id(call, cohort_by), _user_id(call, user_by)
            if cohort_id is None:
                warnings.append(_warning("1", f"cohort {_said(cohort_by)} not exists"))
            elif user_id is None:
                warnings.append(_warning("2", f"user {_said(user_by)} not exists"))
            elif user_id in _known(call, cohort_id).members or (cohort_id, user_id) in changes:
                said = f"cohort({_said(cohort_by)} {_said(user_by)})"
                warnings.append(_warning("3", f"record already exists: {said}"))
            else:
                changes[cohort_id, user_id] = {"cohort_id": cohort_id, "user_id": user_id, "inside": True}
        call.state.change_all("set_cohort_member", changes.values())
    return {"warnings": warnings}


def delete_cohort_members(call: Call) -> None:
    """All or none. Whoever is not in the cohort stays out of it without a word."""
    with call.state.lock:
        changes = []
        for item in call.records("members", "cohortid userid"):
            cohort, user_id = _known(call, item.number("cohortid")), item.number("userid")
            if call.state.person(user_id) is None:
                raise invalid_user()
            if user_id in cohort.members:
                changes.append({"cohort_id": cohort.id, "user_id": user_id, "inside": False})
        call.state.change_all("set_cohort_member", changes)


def _fields(item: Arguments) -> dict[str, Any]:
    name = item.text("name")
    if not name.strip():
        raise invalid_parameter()
    return {
        "name": name,
        "description": item.text("description", ""),
        "visible": item.flag("visible", True),
        "category": _category(item.record("categorytype", "type value")),
    }


def _category(asked: Arguments) -> int:
    """0 for the whole site."""
    kind, value = asked.text("type"), asked.text("value")
    if kind == "system":
        return 0
    by = {"id": lambda category: str(category.id), "idnumber": lambda category: category.idnumber}.get(kind)
    found = [category.id for category in CATEGORIES.values() if by is not None and by(category) == value]
    if not found:
        raise invalid_parameter()
    return found[0]


def _cohort_id(call: Call, by: Arguments) -> int | None:
    """None for an ID number that nobody has. A number is taken as it is."""
    kind, value = by.text("type"), by.text("value")
    if kind == "id":
        return whole_number(value)
    if kind != "idnumber":
        raise invalid_parameter()
    return next((cohort.id for cohort in call.state.cohorts.values() if cohort.idnumber == value), None)


def _user_id(call: Call, by: Arguments) -> int | None:
    kind, value = by.text("type"), by.text("value")
    if kind == "id":
        person = call.state.person(whole_number(value))
        return person.id if person else None
    if kind != "username":
        raise invalid_parameter()
    return next((person.id for person in call.state.people() if person.username == value), None)


def _said(by: Arguments) -> str:
    return f"{by.text('type')}={by.text('value')}"


def _warning(code: str, message: str) -> dict[str, str]:
    return {"warningcode": code, "message": message}


def _known(call: Call, cohort_id: int) -> Cohort:
    cohort = call.state.cohorts.get(cohort_id)
    if cohort is None:
        raise missing_record("cohort")
    return cohort
