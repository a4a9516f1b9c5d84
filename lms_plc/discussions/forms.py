"""What may come in to a discussion."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey, MaybeId, TypedForm, empty_is_none


class Purpose(StrEnum):
    """Why somebody speaks: readers see at once what is wanted of them."""

    QUESTION = "question"
    INSIGHT = "insight"
    STRATEGY = "strategy"
    NOTICE = "notice"
    AHA = "aha"


class Level(StrEnum):
    """How much somebody wants to hear of a topic."""

    FOLLOWING = "following"
    MUTED = "muted"


class ReactionKind(StrEnum):
    TRIED = "tried"
    WANT_TO_TRY = "want_to_try"
    THANK_YOU = "thank_you"


def _on_one_line(value: object) -> object:
    return " ".join(str(value).split())


Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
"""Made when the form was rendered; the same form sent twice is one post."""


class TopicForm(TypedForm):
    title: str = Field(min_length=1, max_length=200)
    purpose: Purpose
    body: Text
    form_key: FormKey


class PostForm(TypedForm):
    body: Text
    reply_to: MaybeId = None
    form_key: FormKey


class EditForm(TypedForm):
    body: Text


class AhaForm(TypedForm):
    """One line, which is title and words at once."""

    line: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_on_one_line)]
    form_key: FormKey


class ReactionForm(BaseModel):
    reaction: ReactionKind


class AnsweredForm(BaseModel):
    """The post that answered the question; empty takes the mark back."""

    post_id: MaybeId = None


class FollowForm(BaseModel):
    """Empty: neither followed nor muted."""

    level: Annotated[Level | None, BeforeValidator(empty_is_none)] = None


class WantedForm(BaseModel):
    """What a page asked: pin or let go, close or open again. Said out loud, so that an old page does not turn it
    round."""

    wanted: bool = True


class MoveForm(BaseModel):
    to: UUID


class MergeForm(BaseModel):
    into: UUID


class SplitForm(TypedForm):
    title: str = Field(min_length=1, max_length=200)
    purpose: Purpose


UUID_TEXT = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class DraftForm(BaseModel):
    """``text`` is kept as it is typed, unstripped."""

    place: str = Field(pattern=f"^(community|topic|post):{UUID_TEXT}$")
    text: str = Field(max_length=LONGEST)
    title: str = Field(default="", max_length=200)
