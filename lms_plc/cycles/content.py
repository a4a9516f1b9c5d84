"""What is a cycle of inquiry made of? One shape for those that are shipped and for what communities make of them.

A ``Content`` is never changed: whoever adapts one, or begins to work by it, keeps the one there was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Owner = Literal["individual", "individual_or_pair", "pair", "community"]
Visible = Literal["only_me", "named_people", "facilitator", "community"]

MOST_STAGES = 12
MOST_LINES = 8
LONGEST_LINE = 300
LONGEST_WEEKS = 60
STAGE_ID = r"^[a-z][a-z0-9_]{0,39}$"

Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]
Lines = Annotated[tuple[Line, ...], Field(max_length=MOST_LINES)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,60}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Stage(_Frozen):
    """``prompts`` help to think, ``exit`` says when it is time to go on; ``outputs`` and ``protocols`` are keys.
    ``loop_to`` and ``runs_alongside`` are ids of other stages; ``loops``: it is gone through again and again."""

    id: str = Field(pattern=STAGE_ID)
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(min_length=1, max_length=400)
    typical_weeks: int = Field(ge=0, le=LONGEST_WEEKS)
    visible_by_default_to: Visible = "community"
    loops: bool = False
    loop_to: str | None = None
    runs_alongside: str | None = None
    prompts: Lines = ()
    outputs: Annotated[tuple[Key, ...], Field(max_length=MOST_LINES)] = ()
    exit: Lines = ()
    protocols: Annotated[tuple[Key, ...], Field(max_length=MOST_LINES)] = ()


class Content(_Frozen):
    name: str = Field(min_length=1, max_length=120)
    short: str = Field(min_length=1, max_length=400)
    lineage: str = Field(default="", max_length=300)
    owner: Owner
    lead_rule: str = Field(default="", max_length=300)
    typical_months: int = Field(ge=1, le=36)
    portfolio: bool = False
    certificate_on_completion: Key | None = None
    always_ask: Lines = ()
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=MOST_STAGES)

    def stage(self, stage_id: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = [stage.id for stage in self.stages]
        if len(set(ids)) < len(ids):
            raise ValueError("two stages have the same id")
        for stage in self.stages:
            if {stage.loop_to, stage.runs_alongside} - {None, *ids}:
                raise ValueError(f"{stage.id} leads to a stage that is not there")
        return self


@dataclass(frozen=True, slots=True)
class Shipped:
    """A cycle that comes with the program."""

    id: str
    version: int
    content: Content


FILE = Path(__file__).with_name("cycles.yaml")


@cache
def shipped() -> Mapping[str, Shipped]:
    """Every cycle that comes with the program, by its id, in the order of the file."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))["cycles"]
    found = {one.id: one for one in map(_shipped, written)}
    if len(found) < len(written):
        raise ValueError("two cycles have the same id")
    return MappingProxyType(found)


def _shipped(written: dict[str, Any]) -> Shipped:
    key, version = written.pop("id"), written.pop("version")
    return Shipped(key, version, Content.model_validate(written))
