"""What may come in when somebody asks for help, and when somebody decides."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from lms_plc.web.form_fields import MaybeId, TypedForm


class Step(StrEnum):
    """What can happen in a case. Talking comes first; hiding can be undone, removing cannot."""

    REPORTED = "reported"
    TALKED = "talked"
    ANSWERED = "answered"
    HIDDEN = "hidden"
    SETTLED = "settled"
    RESTORED = "restored"
    REMOVED = "removed"
    APPEALED = "appealed"
    UPHELD = "upheld"
    FINISHED = "finished"


LONGEST = 4000
Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class ReportForm(TypedForm):
    """``known_to`` is who may know the name: those who lead, or nobody; the author never does. ``community_id`` says
    whom to ask about a thing that is of no community."""

    text: Words
    norm_id: MaybeId = None
    known_to: Annotated[str, Field(pattern="^(leaders|nobody)$")] = "leaders"
    community_id: MaybeId = None

    @property
    def unnamed(self) -> bool:
        return self.known_to == "nobody"


class DecisionForm(TypedForm):
    """``text`` is for the author, who reads it as it stands."""

    step: Step
    text: Words
    norm_id: MaybeId = None


class AnswerForm(TypedForm):
    """The author's own words: an answer, or an objection (``appeal``)."""

    text: Words
    appeal: Annotated[bool, BeforeValidator(lambda value: value == "yes")] = False
