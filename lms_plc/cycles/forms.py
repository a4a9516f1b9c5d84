"""What may come in about cycles: a form of as many stages as somebody wants (``web.form_parts``)."""

from collections.abc import Iterator
from itertools import count
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from lms_plc.cycles.content import (
    LONGEST_LINE,
    LONGEST_WEEKS,
    MOST_LINES,
    MOST_STAGES,
    Content,
    Owner,
    Stage,
    Visible,
)
from lms_plc.cycles.wording import as_written, in_language
from lms_plc.protocols.content import shipped as protocols
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import FormKey, TypedForm
from lms_plc.web.form_parts import FormParts, Given, numbered
from lms_plc.web.i18n import gettext

MOST_PROTOCOLS = 4

_STAGE = (
    *("id", "name", "purpose", "typical_weeks", "prompts", "exit", "visible_by_default_to", "loops"),
    *(f"protocols-{one}" for one in range(1, MOST_PROTOCOLS + 1)),
)
_PARTS = FormParts({"stage": (_STAGE, "name", MOST_STAGES)})
rows, pressed, rearranged = _PARTS.rows, _PARTS.pressed, _PARTS.rearranged


def _lines(value: Any) -> Any:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


Lines = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_LINE)]], BeforeValidator(_lines), Field(max_length=MOST_LINES)
]


class HeadForm(TypedForm):
    """All of a cycle but its stages."""

    name: str = Field(min_length=1, max_length=120)
    short: str = Field(min_length=1, max_length=400)
    owner: Owner
    lead_rule: str = Field(default="", max_length=300)
    typical_months: int = Field(ge=1, le=36)
    portfolio: bool = False
    always_ask: Lines = []


class StageForm(TypedForm):
    id: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,39})?$")
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(min_length=1, max_length=400)
    typical_weeks: int = Field(ge=0, le=LONGEST_WEEKS)
    prompts: Lines = []
    exit: Lines = []
    visible_by_default_to: Visible = "community"
    loops: bool = False


class NewForm(TypedForm):
    form_key: FormKey


class ChangeForm(TypedForm):
    """``based_on`` is the version the writer saw."""

    based_on: int = Field(ge=1, lt=2**31 - 1)


def filled(content: Content) -> dict[str, str]:
    """A cycle as its form shows it, in the language of the page."""
    shown = in_language(content)
    given = {
        "name": shown.name,
        "short": shown.short,
        "owner": shown.owner,
        "lead_rule": shown.lead_rule,
        "typical_months": str(shown.typical_months),
        "portfolio": "yes" if shown.portfolio else "",
        "always_ask": "\n".join(shown.always_ask),
    }
    for number, stage in enumerate(shown.stages, 1):
        fields = {
            "id": stage.id,
            "name": stage.name,
            "purpose": stage.purpose,
            "typical_weeks": str(stage.typical_weeks),
            "prompts": "\n".join(stage.prompts),
            "exit": "\n".join(stage.exit),
            "visible_by_default_to": stage.visible_by_default_to,
            "loops": "yes" if stage.loops else "",
            **{f"protocols-{at}": key for at, key in enumerate(stage.protocols[:MOST_PROTOCOLS], 1)},
        }
        given |= {f"stage-{number}-{name}": value for name, value in fields.items()}
    return given


def read_cycle(given: Given, began_with: Content, origin: Content | None = None) -> Answer[Content]:
    """The cycle a form describes. What was left as it stood in ``began_with`` is kept as it stands there. A new stage
    gets an id that none had in it or in its ``origin``: what was taken out there is another stage."""
    head = read_form(HeadForm, _ticked(given, "portfolio"))
    errors = [_in_lines(error) for error in head.errors]
    stages, wrong = _read_stages(rows(given, "stage"), began_with, origin or began_with)
    errors += wrong
    if head.form is None or errors:
        return Answer(None, errors, given)
    ids = {stage.id for stage in stages}
    content = Content(
        **head.form.model_dump(),
        stages=tuple(_without_gone(stage, ids) for stage in stages),
        lineage=began_with.lineage,
        certificate_on_completion=began_with.certificate_on_completion,
    )
    return Answer(as_written(content, began_with), [], given)


def _ticked(given: Given, name: str) -> dict[str, str]:
    """A box that is not ticked is not sent; the form of a button sends it empty."""
    return {key: value for key, value in given.items() if key != name or value}


def _without_gone(stage: Stage, ids: set[str]) -> Stage:
    leads = {name: getattr(stage, name) for name in ("loop_to", "runs_alongside")}
    return stage.model_copy(update={name: to if to in ids else None for name, to in leads.items()})


def _in_lines(error: dict[str, str]) -> dict[str, str]:
    if error["field"] not in ("always_ask", "prompts", "exit"):
        return error
    words = gettext("At most %(lines)s lines, each of at most %(num)s characters.", lines=MOST_LINES, num=LONGEST_LINE)
    return {**error, "message": words}


def _read_stages(
    given: list[dict[str, str]], began_with: Content, origin: Content
) -> tuple[list[Stage], list[dict[str, str]]]:
    found: list[Stage] = []
    errors: list[dict[str, str]] = []
    fresh = _fresh_ids(
        {stage.id for one in (began_with, origin) for stage in one.stages} | {one["id"] for one in given}
    )
    for number, one in enumerate(given, 1):
        answer = read_form(StageForm, _ticked(_ticked(one, "loops"), "visible_by_default_to"))
        chosen = [one[f"protocols-{at}"] for at in range(1, MOST_PROTOCOLS + 1)]
        errors += numbered("stage", number, map(_in_lines, answer.errors))
        for at, key in enumerate(chosen, 1):
            if key and key not in protocols():
                field = f"stage-{number}-protocols-{at}"
                errors.append({"field": field, "message": gettext("Please choose one of these.")})
        if answer.form and not errors:
            is_new = not answer.form.id or answer.form.id in {other.id for other in found}
            before = None if is_new else began_with.stage(answer.form.id) or origin.stage(answer.form.id)
            kept = {name: getattr(before, name) for name in ("outputs", "loop_to", "runs_alongside")} if before else {}
            stage = answer.form.model_dump() | kept | ({"id": next(fresh)} if is_new else {})
            found.append(Stage(**stage, protocols=tuple(dict.fromkeys(key for key in chosen if key))))
    if not given:
        errors.append({"field": "stage-1-name", "message": gettext("Please keep at least one stage.")})
    return found, errors


def _fresh_ids(taken: set[str]) -> Iterator[str]:
    return (f"s{number}" for number in count(1) if f"s{number}" not in taken)
