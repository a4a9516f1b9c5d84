"""What may come in about an inquiry."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import FormKey, MaybeDay, MaybeId, TypedForm, empty_is_none

TITLE = 200
WORDS = 8000
"""Characters of one answer; some six pages."""
SHORT = 2000
BASED_ON = Field(default="", max_length=40)
"""The words a form was written on, as ``form_fields.written_there`` knows them again."""


class Part(StrEnum):
    LEAD = "lead"
    CO_WORKER = "co_worker"
    CRITICAL_FRIEND = "critical_friend"


class Reads(StrEnum):
    """Whom a stage can be opened to; the narrowest is where it begins, and is never gone back to."""

    NAMED_PEOPLE = "named_people"
    COMMUNITY = "community"


class Need(StrEnum):
    AGREE = "agree"
    KNOW = "know"
    JOIN = "join"
    HELP = "help"


class AtTheEnd(StrEnum):
    KEEP = "keep"
    ADAPT = "adapt"
    DROP = "drop"


class OfTheRound(StrEnum):
    AGAIN = "again"
    SHARE = "share"
    DROP = "drop"


def _is_ticked(value: object) -> bool:
    return value == "yes"


Ticked = Annotated[bool, BeforeValidator(_is_ticked)]


class BeginForm(TypedForm):
    title: str = Field(min_length=1, max_length=TITLE)
    cycle: str = Field(min_length=1, max_length=60)
    from_kind: str = Field(default="", max_length=30)
    from_id: MaybeId = None
    form_key: FormKey


class TitleForm(TypedForm):
    title: str = Field(min_length=1, max_length=TITLE)


class NoteForm(TypedForm):
    """``prompt`` is the number of what it answers; without one it is just a note, or a friend's question."""

    text: str = Field(min_length=1, max_length=WORDS)
    prompt: Annotated[int | None, Field(ge=0, le=20), BeforeValidator(lambda value: value if value != "" else None)] = (
        None
    )
    form_key: FormKey


class WordsForm(TypedForm):
    """A note's new words; none: it is taken away."""

    text: str = Field(default="", max_length=WORDS)
    based_on: str = BASED_ON


class ThoughtForm(TypedForm):
    kind: str = Field(min_length=1, max_length=30)
    thought: str = Field(min_length=1, max_length=SHORT)
    form_key: FormKey


class SkipForm(TypedForm):
    reason: str = Field(min_length=1, max_length=500)


class ReadsForm(TypedForm):
    audience: Reads


class AskForm(TypedForm):
    person_id: UUID
    part: Part


class PersonForm(TypedForm):
    person_id: UUID


class TalkForm(TypedForm):
    """Without a day it is a talk somebody means to have."""

    who: str = Field(min_length=1, max_length=200)
    need: Need
    holds: Ticked = False
    day: MaybeDay = None
    said: str = Field(default="", max_length=SHORT)
    promised: str = Field(default="", max_length=SHORT)
    changed: str = Field(default="", max_length=SHORT)


class NewTalkForm(TalkForm):
    form_key: FormKey


class ChangedTalkForm(TalkForm):
    based_on: str = BASED_ON


class PlanForm(TypedForm):
    what: str = Field(min_length=1, max_length=300)
    how: str = Field(default="", max_length=SHORT)
    protection: str = Field(min_length=1, max_length=SHORT)
    due: MaybeDay = None
    form_key: FormKey


class CheckForm(TypedForm):
    """Each has to be ticked: that is the whole of the check."""

    nobody: Annotated[str, Field(pattern="^yes$")]
    names: Annotated[str, Field(pattern="^yes$")]
    asked: Annotated[str, Field(pattern="^yes$")]


class ConcludeForm(TypedForm):
    decision: AtTheEnd
    successor: str = Field(default="", max_length=200)
    learned: str = Field(default="", max_length=WORDS)


class DropForm(TypedForm):
    """What one has learned is what the others have of it."""

    learned: str = Field(min_length=1, max_length=WORDS)


class RoundForm(TypedForm):
    """``round`` is the one that was looked at."""

    decision: OfTheRound
    changes: str = Field(min_length=1, max_length=SHORT)
    round: Annotated[int | None, BeforeValidator(empty_is_none)] = None
