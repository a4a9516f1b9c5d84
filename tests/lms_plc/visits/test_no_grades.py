"""Is there no field anywhere, in feedback and visits, in which a person could be given a number?"""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import Boolean, Float, Integer, Numeric

import lms_plc
from lms_plc.core.database import Row
from lms_plc.feedback import forms as feedback_forms
from lms_plc.feedback import models as feedback_models
from lms_plc.visits import forms as visit_forms
from lms_plc.visits import models as visit_models

ROOMS = ("feedback", "visits")
TEMPLATES = sorted(path for room in ROOMS for path in Path(lms_plc.__file__).parent.glob(f"{room}/templates/**/*.html"))
JUDGING = re.compile(r"scor|rating|\brate|grade|\bmark|point|level|stars?\b|percent|rubric|rank", re.IGNORECASE)
LENGTH_OF_A_VISIT = "minutes"

FORMS = [
    one
    for module in (feedback_forms, visit_forms)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, BaseModel)
]
TABLES = sorted(
    (
        mapper.class_.__table__
        for mapper in Row.registry.mappers
        if mapper.class_.__module__ in (feedback_models.__name__, visit_models.__name__)
    ),
    key=lambda table: table.name,
)


def test_there_is_something_to_look_at() -> None:
    assert (len(TEMPLATES), len(TABLES)) == (9, 6)
    assert len(FORMS) >= 9


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_has_a_field_for_a_number_or_a_choice_of_how_good(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"type=\"?(number|range)", source)
    names = [
        *re.findall(r"(?:field|text_area|select|checkbox|choices)\(\s*\"([a-z_]+)\"", source),
        *re.findall(r"<(?:input|button|select|textarea)[^>]*\bname=\"([a-z_]+)\"", source),
    ]
    assert [name for name in names if JUDGING.search(name)] == []
    allowed = {"kind"} if path.name == "propose.html" else set()
    assert set(re.findall(r"choices\(\s*\"([a-z_]+)\"", source)) <= allowed, "radio buttons choose a sort of visit only"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_no_form_takes_one(form: type[BaseModel]) -> None:
    for name, field in form.model_fields.items():
        assert not JUDGING.search(name)
        assert field.annotation not in (int, float) or name == LENGTH_OF_A_VISIT, (form, name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_has_room_for_one(table: object) -> None:
    for column in table.columns:  # type: ignore[attr-defined]
        assert not JUDGING.search(column.name)
        if column.name != LENGTH_OF_A_VISIT:
            assert not isinstance(column.type, Integer | Float | Numeric), column
        assert not isinstance(column.type, Boolean), column
