"""What may come in about protocols: a form of as many steps and roles as somebody wants (``web.form_parts``)."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from lms_plc.protocols.content import (
    FAMILIES,
    LARGEST_GROUP,
    LONGEST_STEP,
    MOST_PRODUCED,
    MOST_ROLES,
    MOST_STEPS,
    PRODUCES,
    Content,
    GroupSize,
    Mode,
    ProtocolRole,
    Step,
)
from lms_plc.protocols.wording import as_written, in_language, role_called, role_name, speaks
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import FormKey, TypedForm
from lms_plc.web.form_parts import FormParts, Given, numbered
from lms_plc.web.i18n import gettext

_STEP = {
    *("id", "title", "minutes", "speaks", "do"),
    *(f"produces-{one}" for one in range(1, MOST_PRODUCED + 1)),
}
_ROLE = {"name", "duty"}
_PARTS = FormParts({"step": (_STEP, "title", MOST_STEPS), "role": (_ROLE, "name", MOST_ROLES)})
rows, pressed, rearranged = _PARTS.rows, _PARTS.pressed, _PARTS.rearranged


def _lines(value: Any) -> Any:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


Lines = Annotated[list[Annotated[str, Field(max_length=200)]], BeforeValidator(_lines), Field(max_length=8)]


def _family(value: str) -> str:
    if value not in FAMILIES:
        raise PydanticCustomError("enum", "no such family")
    return value


class HeadForm(TypedForm):
    """All of a protocol but its steps and roles."""

    name: str = Field(min_length=1, max_length=120)
    family: Annotated[str, AfterValidator(_family)]
    purpose: str = Field(min_length=1, max_length=400)
    use_when: Lines = []
    smallest: int = Field(ge=2, le=LARGEST_GROUP)
    largest: int = Field(ge=2, le=LARGEST_GROUP)
    modes: Annotated[list[Mode], BeforeValidator(lambda given: list(dict.fromkeys(given.split())))] = Field(
        min_length=1
    )
    bring: Lines = []
    guard_rails: Lines = []


class StepForm(TypedForm):
    id: str = Field(default="", pattern=r"^(s[0-9]{1,4})?$")
    title: str = Field(min_length=1, max_length=120)
    minutes: int = Field(ge=1, le=LONGEST_STEP)
    speaks: str = Field(min_length=1, max_length=120)
    do: str = Field(min_length=1, max_length=600)


class RoleForm(TypedForm):
    name: str = Field(min_length=1, max_length=40)
    duty: str = Field(min_length=1, max_length=300)


class NewForm(TypedForm):
    form_key: FormKey


class ChangeForm(TypedForm):
    """``based_on`` is the version the writer saw."""

    based_on: int = Field(ge=1, lt=2**31 - 1)


def filled(content: Content) -> dict[str, str]:
    """A protocol as its form shows it, in the language of the page."""
    shown = in_language(content)
    given = {
        "name": shown.name,
        "family": shown.family,
        "purpose": shown.purpose,
        "use_when": "\n".join(shown.use_when),
        "smallest": str(shown.group_size.min),
        "largest": str(shown.group_size.max),
        "modes": " ".join(shown.modes),
        "bring": "\n".join(shown.bring),
        "guard_rails": "\n".join(shown.guard_rails),
    }
    for number, role in enumerate(shown.roles, 1):
        given |= {f"role-{number}-name": role_name(role.id), f"role-{number}-duty": role.duty}
    for number, step in enumerate(shown.steps, 1):
        fields = {"id": step.id, "title": step.title, "minutes": str(step.minutes), "speaks": speaks(step.speaks)}
        fields |= {"do": step.do, **{f"produces-{at}": word for at, word in enumerate(step.produces, 1)}}
        given |= {f"step-{number}-{name}": value for name, value in fields.items()}
    return given


def minutes_of(step: Given) -> int:
    """How long a step of a form is; what is no number, or far too large a one, counts for nothing."""
    typed_in = step["minutes"].strip()
    return int(typed_in) if re.fullmatch("[0-9]{1,3}", typed_in) else 0


def read_protocol(given: Given, began_with: Content, origin: Content | None = None) -> Answer[Content]:
    """The protocol a form describes. What was left as it stood in ``began_with`` is kept as it stands there. A new step
    gets an id that none had in it or in its ``origin``: what was taken out there is another step."""
    head = read_form(HeadForm, given)
    errors = [_in_lines(error) for error in head.errors]
    if head.form and head.form.largest < head.form.smallest:
        errors.append({"field": "largest", "message": gettext("This is less than the smallest group.")})
    roles, wrong_roles = _read_roles(rows(given, "role"))
    known = {step.id for content in (began_with, origin or began_with) for step in content.steps}
    steps, wrong_steps = _read_steps(rows(given, "step"), known)
    errors += wrong_roles + wrong_steps
    if head.form is None or errors:
        return Answer(None, errors, given)
    content = Content(
        **head.form.model_dump(exclude={"smallest", "largest"}),
        group_size=GroupSize(min=head.form.smallest, max=head.form.largest),
        roles=tuple(roles),
        steps=tuple(steps),
        lineage=began_with.lineage,
    )
    return Answer(as_written(content, began_with), [], given)


def _in_lines(error: dict[str, str]) -> dict[str, str]:
    if error["field"] not in ("use_when", "bring", "guard_rails"):
        return error
    return {**error, "message": gettext("At most 8 lines, each of at most 200 characters.")}


def _read_roles(given: list[dict[str, str]]) -> tuple[list[ProtocolRole], list[dict[str, str]]]:
    found: list[ProtocolRole] = []
    errors: list[dict[str, str]] = []
    for number, one in enumerate(given, 1):
        answer = read_form(RoleForm, one)
        errors += numbered("role", number, answer.errors)
        role = role_called(answer.form.name) if answer.form else ""
        if role in {other.id for other in found}:
            errors.append({"field": f"role-{number}-name", "message": gettext("This role is there already.")})
        elif answer.form:
            found.append(ProtocolRole(id=role, duty=answer.form.duty))
    if not given:
        errors.append({"field": "role-1-name", "message": gettext("Please keep at least one role.")})
    return found, errors


def _read_steps(given: list[dict[str, str]], known: set[str]) -> tuple[list[Step], list[dict[str, str]]]:
    found: list[Step] = []
    errors: list[dict[str, str]] = []
    fresh = _fresh_ids(known | {one["id"] for one in given})
    for number, one in enumerate(given, 1):
        answer = read_form(StepForm, one)
        produced = [one[f"produces-{at}"] for at in range(1, MOST_PRODUCED + 1)]
        errors += numbered("step", number, answer.errors)
        for at, word in enumerate(produced, 1):
            if word and word not in PRODUCES:
                field = f"step-{number}-produces-{at}"
                errors.append({"field": field, "message": gettext("Please choose one of these.")})
        if answer.form and not errors:
            is_new = not answer.form.id or answer.form.id in {other.id for other in found}
            step = answer.form.model_dump() | ({"id": next(fresh)} if is_new else {})
            found.append(Step(**step, produces=tuple(dict.fromkeys(word for word in produced if word))))
    if not given:
        errors.append({"field": "step-1-title", "message": gettext("Please keep at least one step.")})
    return found, errors


def _fresh_ids(taken: set[str]) -> Iterator[str]:
    return (f"s{number}" for number in count(1) if f"s{number}" not in taken)
