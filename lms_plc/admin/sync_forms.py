"""What may come in about syncs: which one is asked for, which lines of a plan are ticked, that the brake was seen."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from lms_plc.web.form_errors import Answer
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import gettext

LINES = 200
"""Lines of a plan on one page."""

Mode = Literal["plan", "apply"]


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


Numbers = Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], BeforeValidator(_words), Field(max_length=LINES)]
"""Numbers of lines, with blanks between them."""


class AskForm(BaseModel):
    mode: Mode


class CourseForm(TypedForm):
    """One course, by its short name or the LMS's id."""

    mode: Mode
    course: str = Field(min_length=1, max_length=255)


class TicksForm(BaseModel):
    """``shown`` are the lines of the page that can be ticked, ``ticked`` those that are; ``do`` says what becomes of
    them: kept as they are, or all or none of them ticked."""

    shown: Numbers = []
    ticked: Numbers = []
    do: Literal["keep", "all", "none"] = "keep"

    @property
    def wanted(self) -> list[int]:
        return {"keep": self.ticked, "all": self.shown, "none": []}[self.do]


class ApplyForm(TicksForm):
    """``looked`` is the number of members who lose their access, as the page said it beside the box."""

    looked: int | None = None


def with_course_checked(answer: Answer[CourseForm]) -> Answer[CourseForm]:
    """The same answer, or one that says why this can be no course."""
    if answer.form is None or "," not in answer.form.course:
        return answer
    message = gettext("Name one course only, without a comma.")
    return answer.refused("course", message)
