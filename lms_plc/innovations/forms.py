"""What may come in about something new."""

from enum import StrEnum

from pydantic import Field

from lms_plc.web.form_fields import FormKey, TypedForm

WORDS = 4000
"""Characters of what it is, and of a note."""


class Verdict(StrEnum):
    KEEP = "keep"
    ADAPT = "adapt"
    NOT_FOR_US = "not_for_us"


class _Form(TypedForm):
    form_key: FormKey


class CardForm(_Form):
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(default="", max_length=WORDS)


class NoteForm(_Form):
    """``move`` says to which state the card goes on with this note; empty, it stays where it is."""

    text: str = Field(min_length=1, max_length=WORDS)
    move: str = Field(default="", max_length=10)


class VerdictForm(_Form):
    """No verdict without its because."""

    verdict: Verdict
    because: str = Field(min_length=1, max_length=WORDS)


class AgainForm(_Form):
    again: str = Field(min_length=1, max_length=WORDS)
