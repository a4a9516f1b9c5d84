"""What comes of a change that consists of many: what was made, what Moodle warned of, what was left out, and why?

Moodle says no more than `invalidparameter` for a name that is taken, a person who is not enrolled or a course
that does not exist, and then drops the whole call. So whatever writes looks first, leaves out what cannot work
or is there already, and says so. Groups, cohorts and enrolments asked for a second time are not written again;
messages and events are, for Moodle has no way to find the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter

from connectors.errors import N_, ConnectorError
from connectors.moodle.client import Argument, MoodleClient, portions
from connectors.moodle.records import CallWarning

T = TypeVar("T")

Why = Literal[
    "already_enrolled",
    "already_member",
    "asked_twice",
    "id_number_taken",
    "name_taken",
    "no_such_course",
    "no_such_group",
    "not_active",
    "not_enrolled",
]

HTML = 1
PLAIN = 2
"""Moodle's numbers for the kinds of text."""

NOTHING: TypeAdapter[None] = TypeAdapter(None)
"""The answer of a function that says only that it is done."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something asked for that was not sent: its place in the list, why, and the id of what is there instead."""

    index: int
    why: Why
    existing_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """What came of a change. A warning of Moodle's means that its part of the change did not happen."""

    records: tuple[T, ...] = ()
    warnings: tuple[CallWarning, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class PartlyWritten(ConnectorError):
    """A change too long for one call broke off between two of them.

    `done` items were sent and answered, with `answers`; `cause` is the error of the call that came next.
    """

    def __init__(
        self,
        what: str,
        todo: str,
        *,
        cause: ConnectorError | None = None,
        done: int = 0,
        answers: Sequence[Any] = (),
        code: str | None = None,
        function: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what, todo, code=code, function=function, params=params)
        self.cause = cause
        self.done = done
        self.answers = tuple(answers)


def write(
    client: MoodleClient, function: str, name: str, items: Sequence[Argument], returns: TypeAdapter[T]
) -> list[T]:
    """The answers of `function` to the `items`, sent as the list `name` in as many calls as needed; none for no items.

    Each call is all or nothing in Moodle. Raises `PartlyWritten` when one fails after others were done.
    """
    answers: list[T] = []
    done = 0
    for some in portions(items):
        try:
            answers.append(client.change(function, {name: some}, returns))
        except ConnectorError as error:
            if not done:
                raise
            raise PartlyWritten(
                N_("Moodle made the first %(done)s of %(all)s changes, then it stopped."),
                error.todo,
                cause=error,
                done=done,
                answers=answers,
                code=error.code,
                function=function,
                params={**error.params, "done": str(done), "all": str(len(items))},
            ) from error
        done += len(some)
    return answers
