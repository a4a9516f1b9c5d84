"""What may come in to the library."""

import re
from collections.abc import Mapping
from typing import Annotated
from unicodedata import normalize
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from lms_plc.communities.audiences import Audience
from lms_plc.communities.forms import NamedPeople
from lms_plc.core.text import LONGEST
from lms_plc.library.shapes import LANGUAGES, SUBJECTS, Licence, Shape, StoryKind
from lms_plc.web.form_fields import FormKey, TypedForm

MOST_TAGS = 8
LONGEST_TAG = 40


def _one_of(known: Mapping[str, str]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError("not one of these")
        return value

    return AfterValidator(check)


def _a_link(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value)):
        raise ValueError("not a web address")
    return value


def tags_in(typed: object) -> list[str]:
    """Words between commas, in small letters, each once."""
    words = (normalize("NFC", " ".join(word.split())).lstrip("#").lower() for word in re.split(r"[,;\n]", str(typed)))
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _known_subject(typed: object) -> object:
    return typed if typed in SUBJECTS else None


Line = Annotated[str, Field(max_length=300)]
Text = Annotated[str, Field(max_length=LONGEST)]
NeededText = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Language = Annotated[str, _one_of(LANGUAGES)]
Subject = Annotated[str | None, BeforeValidator(_known_subject)]
Tags = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_TAG)]], BeforeValidator(tags_in), Field(max_length=MOST_TAGS)
]
"""Made when the form was rendered; the same form sent twice is one item."""


class ItemForm(TypedForm):
    """What every shape has. The texts of a shape are fields of its own form, named as in ``shapes.SHAPES``."""

    title: str = Field(min_length=1, max_length=200)
    language: Language
    tags: Tags = []
    audience: Audience
    people: NamedPeople = []
    show_name: bool = False
    findable: bool = False
    form_key: FormKey


class FiledForm(ItemForm):
    subject: Subject = None
    licence: Licence
    ages: Line = ""


class ResourceForm(FiledForm):
    about: Text = ""
    link: Annotated[str, Field(max_length=1000), AfterValidator(_a_link)] = ""


class PracticeForm(FiledForm):
    what: NeededText
    school: Line = ""
    size: Line = ""
    languages: Line = ""
    before: Text = ""
    how: NeededText
    happened: Text = ""
    watch: Text = ""


class StoryForm(ItemForm):
    story_kind: StoryKind
    page: NeededText


FORMS: Mapping[Shape, type[ItemForm]] = {
    Shape.RESOURCE: ResourceForm,
    Shape.PRACTICE: PracticeForm,
    Shape.STORY: StoryForm,
}


class PlaceForm(BaseModel):
    """Where an adaptation will stand."""

    community_id: UUID


class TriedForm(TypedForm):
    words: str = Field(default="", max_length=300)
