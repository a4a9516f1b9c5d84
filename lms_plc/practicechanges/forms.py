"""What may come in about changes in practice."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from lms_plc.communities.audiences import Audience
from lms_plc.web.form_fields import Day, FormKey, MaybeDay, MaybeId, TypedForm

WORDS = 2000
"""Characters of what happened, and of why."""

MOST_ROUNDS = 99

READERS = (Audience.COMMUNITY, Audience.FACILITATOR, Audience.PLATFORM, Audience.ONLY_ME)
"""Who can be chosen to read it, in the order of the form."""


class About(StrEnum):
    TEACHING = "teaching"
    SCHOOL = "school"


class Became(StrEnum):
    ADOPTED = "adopted"
    ADAPTED = "adapted"
    DROPPED = "dropped"
    TRYING = "trying"


def _offered(value: object) -> object:
    if value not in {one.value for one in READERS}:
        raise ValueError("not one of these")
    return value


class WordsForm(TypedForm):
    what: str = Field(min_length=1, max_length=WORDS)
    place: str = Field(default="", max_length=200)
    sign: str = Field(default="", max_length=500)
    about: About = About.TEACHING
    first_try: MaybeDay = None
    audience: Annotated[Audience, BeforeValidator(_offered)] = Audience.COMMUNITY


class KeepForm(WordsForm):
    """``round`` is that of the inquiry it was decided in."""

    from_kind: str = Field(default="", max_length=30)
    from_id: MaybeId = None
    round: int = Field(default=1, ge=1, le=MOST_ROUNDS)
    form_key: FormKey


class TryForm(TypedForm):
    day: Day
    happened: str = Field(min_length=1, max_length=WORDS)
    form_key: FormKey


class TurnForm(TypedForm):
    """What others learn from it is why."""

    state: Became
    why: str = Field(default="", max_length=WORDS)
