"""What may be linked to a thing, and how? The choices of a form, and what one of them means."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lms_plc.core.activity import Reference
from lms_plc.core.things import Thing
from lms_plc.evidence.kinds import LINKS, WORDS, may_link

OFFERED = ("practice_change", "inquiry", "data_set", "visit", "action_item", "meeting", "library_item", "innovation")
"""Kinds of other rooms that a form offers."""

THOUGHTS = 40
"""Thoughts of a community that a form offers, the newest."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """``forwards``: from the thing the form is about to ``other``."""

    type: str
    forwards: bool
    other: Reference

    @property
    def word(self) -> str:
        return f"{self.type}.{'to' if self.forwards else 'from'}.{self.other.kind}.{self.other.id}"


@dataclass(frozen=True, slots=True)
class Group:
    """``label`` is a message id: how the things of the group belong to the one the form is about."""

    label: str
    options: Sequence[tuple[str, Thing]]


def read(word: str) -> Chosen | None:
    """What a choice of the form means; None for nonsense."""
    type_, direction, kind, thing_id = [*word.split("."), "", "", "", ""][:4]
    try:
        other = Reference(kind, UUID(thing_id))
    except ValueError:
        return None
    return Chosen(type_, direction == "to", other) if type_ in LINKS and direction in ("to", "from") else None


def groups(kind: str, others: Sequence[tuple[Thing, str]], known: set[str]) -> list[Group]:
    """The things by how they may be linked to one of this kind, without what is ``known`` (``Chosen.word``) already."""
    found = []
    for type_, words in WORDS.items():
        for forwards in (False, True):
            options = []
            for thing, other in others:
                ends = (kind, other) if forwards else (other, kind)
                chosen = Chosen(type_, forwards, thing.reference)
                if may_link(ends[0], type_, ends[1]) and chosen.word not in known:
                    options.append((chosen.word, thing))
            if options:
                found.append(Group(words[0 if forwards else 1], options))
    return found
