"""What may come in to a notebook."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from lms_plc.communities.audiences import Audience
from lms_plc.communities.forms import NamedPeople
from lms_plc.core.text import LONGEST
from lms_plc.web.form_fields import FormKey, MaybeId, TypedForm, empty_is_none
from lms_plc.web.i18n import N_


class Prompt(StrEnum):
    """A question to begin with, for whoever does not know how."""

    WORKED = "worked"
    SURPRISED = "surprised"
    STUDENT = "student"
    HARD = "hard"
    DIFFERENTLY = "differently"
    ASK = "ask"


PROMPTS = {
    Prompt.WORKED: N_("What went well, and what did I do that helped it?"),
    Prompt.SURPRISED: N_("What surprised me today?"),
    Prompt.STUDENT: N_("Which pupil do I keep thinking about, and why?"),
    Prompt.HARD: N_("What was hard, and what made it so?"),
    Prompt.DIFFERENTLY: N_("What would I do differently, and how will I notice that it is better?"),
    Prompt.ASK: N_("What would I like to ask somebody who has done this before?"),
}


class Mood(StrEnum):
    """How the day felt, in one word; for its author alone, never counted, never drawn."""

    GLAD = "glad"
    CALM = "calm"
    CURIOUS = "curious"
    TIRED = "tired"
    WORRIED = "worried"
    ANNOYED = "annoyed"


MOODS = {
    Mood.GLAD: N_("Glad"),
    Mood.CALM: N_("Calm"),
    Mood.CURIOUS: N_("Curious"),
    Mood.TIRED: N_("Tired"),
    Mood.WORRIED: N_("Worried"),
    Mood.ANNOYED: N_("Annoyed"),
}

RELEASED_TO = (Audience.NAMED_PEOPLE, Audience.FACILITATOR, Audience.COMMUNITY)
"""Whom a part can be released to; never further than one community."""

CONCERN_FOR = (Audience.ONLY_ME, Audience.FACILITATOR, Audience.COMMUNITY)


Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2200, 1, 1))]


class EntryForm(TypedForm):
    """``day`` is the one it is about; empty means today. Whether something was said at all, in words or aloud, is asked
    where a recording can be (``voices``)."""

    text: str = Field(default="", max_length=LONGEST)
    prompt: Annotated[Prompt | None, BeforeValidator(empty_is_none)] = None
    mood: Annotated[Mood | None, BeforeValidator(empty_is_none)] = None
    day: Annotated[Day | None, BeforeValidator(empty_is_none)] = None
    community_id: MaybeId = None
    form_key: FormKey


class ShareForm(TypedForm):
    """``text`` is what others will read, as its author left it; nothing else of the entry goes along."""

    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=LONGEST)
    community_id: UUID
    way: str = Field(max_length=30)
    form_key: FormKey


class ReleaseForm(TypedForm):
    """``text`` is what the readers will see, and all they will see; ``people`` counts for people one names only."""

    text: str = Field(min_length=1, max_length=LONGEST)
    community_id: UUID
    audience: Literal[Audience.NAMED_PEOPLE, Audience.FACILITATOR, Audience.COMMUNITY]
    people: NamedPeople = []
    form_key: FormKey


class ConcernForm(TypedForm):
    """What one worries about, in a sentence or two of its own."""

    text: str = Field(min_length=1, max_length=2000)
    community_id: UUID
    audience: Literal[Audience.ONLY_ME, Audience.FACILITATOR, Audience.COMMUNITY] = Audience.ONLY_ME
    form_key: FormKey


class LinkForm(BaseModel):
    """A change of one's own."""

    change_id: UUID


class DownloadForm(BaseModel):
    """``known``: that the file is not sealed any more."""

    known: Literal["yes"]
    form: Literal["html", "markdown"] = "html"
