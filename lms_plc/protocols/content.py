"""What is a protocol made of? One shape for those that are shipped and for what communities make of them.

A ``Content`` is never changed: whoever adapts one, or begins to talk by it, keeps the one there was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from lms_plc.web.i18n import N_

Mode = Literal["in_person", "online", "hybrid"]

MOST_STEPS = 20
MOST_ROLES = 8
MOST_PRODUCED = 3
LONGEST_STEP = 120
LARGEST_GROUP = 500

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "start_up": N_("Start"),
        "regular_session": N_("Ordinary meeting"),
        "consult": N_("Consult"),
        "feedback": N_("Feedback"),
        "evidence": N_("Evidence"),
        "stories": N_("Stories"),
        "development_work": N_("Development work"),
        "handover": N_("Handover"),
        "study": N_("Study"),
        "lesson_study": N_("Lesson study"),
        "visits": N_("Visits"),
        "network_event": N_("Network event"),
    }
)
"""What protocols are for, in the order they are offered in."""

PRODUCES: Mapping[str, str] = MappingProxyType(
    {
        "AgendaNote": N_("Notes"),
        "Decision": N_("A decision"),
        "ActionItem": N_("Who does what, until when"),
        "ActionItemUpdate": N_("What became of open actions"),
        "Question": N_("Questions"),
        "Concern": N_("A concern"),
        "Dilemma": N_("A dilemma"),
        "FeedbackRequest": N_("A request for feedback"),
        "Comment": N_("Remarks"),
        "ObservationNote": N_("What was seen or heard"),
        "Prediction": N_("Guesses before looking"),
        "Finding": N_("Facts"),
        "Inference": N_("Readings and explanations"),
        "Caveat": N_("Doubts"),
        "Hunch": N_("Possible reasons"),
        "Evidence": N_("Evidence"),
        "OutcomeClaim": N_("What would show that it worked"),
        "AdaptationIntent": N_("What could be used elsewhere"),
        "Inquiry": N_("Something to find out"),
        "DataConversation": N_("A conversation about numbers"),
        "Citation": N_("A quotation"),
        "Resource": N_("Something for the library"),
        "Contribution": N_("A contribution to the handbook"),
        "Story": N_("A story"),
        "StoryUpdate": N_("A story, told better"),
        "JournalEntry": N_("A note for oneself"),
        "MeetingPulse": N_("How the meeting was"),
        "ActionPlan": N_("A plan"),
        "StakeholderMap": N_("Whom it touches"),
        "NegotiationLog": N_("With whom to talk"),
        "HandoverStep": N_("A step in handing over the lead"),
        "FacilitationStint": N_("Who leads next"),
        "Norm": N_("Promises"),
        "Charter": N_("The charter"),
        "ConsentRound": N_("A round of consent"),
        "PrivacyAgreement": N_("What stays in the room"),
        "ConsentCheck": N_("A check for names"),
        "MeetingSeries": N_("A rhythm of meetings"),
        "Meeting": N_("The next meeting"),
        "Registration": N_("Who comes"),
        "Attendance": N_("Who was there"),
        "FeedbackResponse": N_("Answers to a short form"),
        "Connection": N_("Whom to contact"),
    }
)
"""What a step may leave behind, and what people call it; ordinary things first."""


def _is_produced(word: str) -> str:
    if word not in PRODUCES:
        raise ValueError("no step produces this")
    return word


def _is_family(word: str) -> str:
    if word not in FAMILIES:
        raise ValueError("no such family")
    return word


def _text(most: int, least: int = 1) -> Any:
    return Field(min_length=least, max_length=most)


Line = Annotated[str, _text(200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class GroupSize(_Frozen):
    min: int = Field(ge=2, le=LARGEST_GROUP)
    max: int = Field(ge=2, le=LARGEST_GROUP)

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.max < self.min:
            raise ValueError("the largest group is smaller than the smallest")
        return self


class ProtocolRole(_Frozen):
    """``id`` is one of ``wording.ROLES``, or the name a community gave a role of its own."""

    id: str = _text(40)
    duty: str = _text(300)


class Step(_Frozen):
    """``speaks`` says who has the word, by role or in words; ``produces`` what is written down, if anything."""

    id: str = _text(20)
    title: str = _text(120)
    minutes: int = Field(ge=1, le=LONGEST_STEP)
    speaks: str = _text(120)
    do: str = _text(600)
    produces: tuple[Annotated[str, AfterValidator(_is_produced)], ...] = Field(default=(), max_length=MOST_PRODUCED)


class Content(_Frozen):
    name: str = _text(120)
    family: Annotated[str, AfterValidator(_is_family)]
    purpose: str = _text(400)
    use_when: tuple[Line, ...] = Field(default=(), max_length=8)
    group_size: GroupSize
    modes: tuple[Mode, ...] = Field(min_length=1, max_length=3)
    roles: tuple[ProtocolRole, ...] = Field(min_length=1, max_length=MOST_ROLES)
    bring: tuple[Line, ...] = Field(default=(), max_length=8)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)
    guard_rails: tuple[Annotated[str, _text(300)], ...] = Field(default=(), max_length=8)
    lineage: str = _text(300, least=0)

    @property
    def total_minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        for things in (self.roles, self.steps):
            ids = [thing.id for thing in things]
            if len(set(ids)) < len(ids):
                raise ValueError("two have the same id")
        return self


@dataclass(frozen=True, slots=True)
class Shipped:
    """A protocol that comes with the program. ``starter``: shown first."""

    id: str
    version: int
    starter: bool
    content: Content


FILE = Path(__file__).with_name("protocols.yaml")


@cache
def shipped() -> Mapping[str, Shipped]:
    """Every protocol that comes with the program, by its id, in the order of the file."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))["protocols"]
    found = {one.id: one for one in map(_shipped, written)}
    if len(found) < len(written):
        raise ValueError("two protocols have the same id")
    return MappingProxyType(found)


def _shipped(written: dict[str, Any]) -> Shipped:
    about = {name: written.pop(name) for name in ("id", "version", "starter", "total_minutes")}
    content = Content.model_validate(written)
    if content.total_minutes != about["total_minutes"]:
        raise ValueError(f"the minutes of {about['id']} do not add up to {about['total_minutes']}")
    return Shipped(about["id"], about["version"], about["starter"], content)
