"""What the web services tell of course categories: to an account that sees hidden ones and may manage none."""

from collections.abc import Callable
from typing import Any

from lms_plc.practice_lms.school_year import CATEGORIES, Category
from lms_plc.practice_lms.webservices.answers import moodle_error
from lms_plc.practice_lms.webservices.arguments import whole_number
from lms_plc.practice_lms.webservices.call import Call

_FOR_MANAGERS = ("idnumber", "visible", "theme")
_CRITERIA: dict[str, Callable[[Category, str], bool]] = {
    "id": lambda category, value: category.id == whole_number(value),
    "ids": lambda category, value: category.id in {whole_number(one) for one in value.split(",")},
    "name": lambda category, value: category.name == value,
    "parent": lambda category, value: category.parent == whole_number(value),
}


def get_categories(call: Call) -> list[dict[str, Any]]:
    """All that meet every criterion, with what stands in them unless that is not wanted."""
    with_inner = call.flag("addsubcategories", True)
    criteria = call.records("criteria", "key value") if "criteria" in call.arguments else []
    found = list(CATEGORIES.values())
    for criterion in criteria:
        key, value = criterion.text("key"), criterion.text("value")
        if key in _FOR_MANAGERS:
            raise moodle_error("criteriaerror", "Missing permissions to search on a criterion.")
        if key not in _CRITERIA:
            raise moodle_error("criteriaerror", f"You can not search on this criteria: {key}")
        found = [category for category in found if _CRITERIA[key](category, value)]
    if with_inner:
        outer = {category.id for category in found}
        found = [category for category in CATEGORIES.values() if outer & set(_way_to(category))]
    # Moodle compares these numbers as texts.
    return sorted((_category(call, category) for category in found), key=lambda one: str(one["sortorder"]))


def _category(call: Call, category: Category) -> dict[str, Any]:
    way = _way_to(category)
    return {
        "id": category.id,
        "name": call.name(category.name),
        "description": "",
        "descriptionformat": 1,
        "parent": category.parent,
        "sortorder": 10_000 * (1 + list(CATEGORIES).index(category.id)),
        "coursecount": sum(course.category.id == category.id for course in call.state.courses.values()),
        "depth": len(way),
        "path": "".join(f"/{number}" for number in way),
    }


def _way_to(category: Category) -> list[int]:
    """The numbers from the top down to this one."""
    outer = CATEGORIES.get(category.parent)
    return [*(_way_to(outer) if outer else []), category.id]
