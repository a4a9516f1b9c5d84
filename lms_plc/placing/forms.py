"""What may come in when something is placed in a course, and when somebody is confirmed to be done."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

OWN, NEW = "own", "new"


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


class ChoiceForm(BaseModel):
    """``which`` is ``own`` (the course's community; each copy of the course its own), ``new``, or a community's id.
    ``parts`` are endpoints of its rooms and ways in; behind a colon the id of the one thing that is shown there."""

    model_config = ConfigDict(str_strip_whitespace=True)

    which: str = Field(pattern=r"^(own|new|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
    name: str = Field(default="", max_length=200)
    parts: Annotated[list[str], BeforeValidator(_words)] = Field(min_length=1, max_length=20)
    title: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=1000)
    counts: bool = False

    @property
    def community_id(self) -> UUID | None:
        return None if self.which in (OWN, NEW) else UUID(self.which)


class CompletionForm(BaseModel):
    person_id: UUID
    done: bool
