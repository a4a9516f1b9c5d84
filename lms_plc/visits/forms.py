"""What may come in about visits: words, a day and a time. There is nothing to tick on somebody's teaching."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import Day, FormKey, MaybeId, TypedForm, WallTime, several

AT_ONCE = 12
"""More visitors than that are no visit."""


class VisitKind(StrEnum):
    PEER_OBSERVATION = "peer_observation"
    RESEARCH_LESSON = "research_lesson"
    LEARNING_WALK = "learning_walk"


class Sort(StrEnum):
    """What a note is: a guess is marked as one."""

    SEEN = "seen"
    HEARD = "heard"
    GUESS = "guess"


People = Annotated[list[UUID], BeforeValidator(several), Field(max_length=AT_ONCE)]


class ProposeForm(TypedForm):
    """``host_id`` is whose lesson it is; ``people`` are the visitors, besides who proposes it if it is not theirs."""

    kind: VisitKind
    host_id: UUID
    people: People = []
    focus: str = Field(default="", max_length=2000)
    from_kind: str = Field(default="", max_length=30)
    from_id: MaybeId = None
    form_key: FormKey


class AgreeForm(TypedForm):
    focus: str = Field(min_length=1, max_length=2000)


class PlanForm(TypedForm):
    """Day and time as they stand on the wall clock where this installation is."""

    day: Day
    starts: WallTime
    minutes: int = Field(ge=5, le=480)
    place: str = Field(default="", max_length=200)


class PersonForm(TypedForm):
    person_id: UUID


class NoteForm(TypedForm):
    """``place`` is a place in the room, never a person."""

    sort: Sort
    text: str = Field(min_length=1, max_length=2000)
    place: str = Field(default="", max_length=100)
    form_key: FormKey


class LearnedForm(TypedForm):
    """``based_on`` is what it was written on: ``visits.queries.learned_there``, empty where nothing was there."""

    learned: str = Field(min_length=1, max_length=4000)
    based_on: str = Field(default="", max_length=40)


class ShareForm(TypedForm):
    shared: bool = False
