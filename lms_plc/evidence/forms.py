"""What may come in of thoughts, evidence and outcomes."""

import re
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from lms_plc.communities.audiences import Audience
from lms_plc.communities.forms import NamedPeople
from lms_plc.core.text import LONGEST
from lms_plc.evidence.kinds import Level, Sort, Strength
from lms_plc.web.form_fields import FormKey, TypedForm

LONGEST_LINK = 500


def _a_link(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value)):
        raise ValueError("not a web address")
    return value


def _none_if_empty(typed: object) -> object:
    return None if isinstance(typed, str) and not typed.strip() else typed


YesNo = Annotated[Literal["yes", "no"] | None, BeforeValidator(_none_if_empty)]
Day = Annotated[date | None, BeforeValidator(_none_if_empty)]
Text = Annotated[str, Field(max_length=LONGEST)]
NeededText = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class NodeForm(TypedForm):
    """A thought, and who reads it."""

    text: NeededText
    audience: Audience = Audience.COMMUNITY
    people: NamedPeople = []
    form_key: FormKey


class Look(TypedForm):
    """What somebody says who looked whether a piece of evidence may be used."""

    people_visible: YesNo = None
    names_removed: YesNo = None
    permission: Annotated[str, Field(max_length=300)] = ""

    @property
    def is_said(self) -> bool:
        return self.people_visible is not None and self.names_removed is not None

    @property
    def is_usable(self) -> bool:
        return self.names_removed == "yes" and (self.people_visible == "no" or bool(self.permission))


class KeepForm(NodeForm, Look):
    sort: Sort
    shows: Text = ""
    does_not_show: Text = ""
    taken_on: Day = None
    link: Annotated[str, Field(max_length=LONGEST_LINK), AfterValidator(_a_link)] = ""


class ClaimForm(NodeForm):
    level: Level
    before: Text = ""
    after: Text = ""
    n: Annotated[Annotated[int, Field(ge=1, le=1_000_000)] | None, BeforeValidator(_none_if_empty)] = None
    strength: Strength = Strength.IMPRESSION


class AskForm(TypedForm):
    text: NeededText
    form_key: FormKey


class ReviewForm(TypedForm):
    """``text`` is what else could explain it, if the colleague thinks of something."""

    text: Text = ""
    form_key: FormKey


class LinkForm(TypedForm):
    """``link`` is made of a type, a direction and the other thing (``linking.word_of``)."""

    link: Annotated[str, Field(min_length=1, max_length=120)]
