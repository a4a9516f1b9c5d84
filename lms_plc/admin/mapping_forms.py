"""What may come in about rules, a token and switches; and how a form becomes a rule."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from lms_plc.admin.forms import Optional
from lms_plc.communities.queries import communities_called
from lms_plc.rostersync.rules import Rule
from lms_plc.rostersync.ruling import RuleProblem, Switches, problems, wrong_switches
from lms_plc.web.form_errors import Answer, Form
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import N_, gettext

LONGEST_TOKEN = 1000


class About(StrEnum):
    COURSES = "courses"
    GROUPS = "groups"
    GROUPINGS = "groupings"
    COHORTS = "cohorts"


class Makes(StrEnum):
    """As a rule's, but that all together may come ``into`` a community there is."""

    EACH = "each"
    ONE = "one"
    INTO = "into"
    NONE = "none"


class Covers(StrEnum):
    PLACED = "placed"
    ALL = "all"


class Syncs(StrEnum):
    APPLY = "apply"
    ASK = "ask"
    OFF = "off"


def _lines(text: object) -> object:
    """One name a line; empty lines mean nothing."""
    if not isinstance(text, str):
        return text
    return [line.strip() for line in text.split("\n") if line.strip()]


def _typed(text: object) -> object:
    """Without what was copied around it. Raises as for a field that was left empty."""
    stripped = text.strip() if isinstance(text, str) else ""
    if not stripped:
        raise PydanticCustomError("missing", "empty")
    if len(stripped) > LONGEST_TOKEN:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": LONGEST_TOKEN})
    return stripped


Names = Annotated[list[str], BeforeValidator(_lines)]
Text = Annotated[Annotated[str, Field(max_length=255)] | None, Optional]


class RuleForm(TypedForm):
    about: About
    category: Text = None
    named: Names = []
    parts_named: Names = []
    makes: Makes
    name: Text = None
    community: Text = None


class OthersForm(TypedForm):
    covers: Covers


class MoveForm(TypedForm):
    where: Annotated[str, Field(pattern="^(up|down)$")]


class TokenForm(TypedForm):
    """What is typed here is never shown again, not even on a page that says what is wrong with it."""

    token: Annotated[SecretStr, BeforeValidator(_typed)]


class SwitchesForm(TypedForm):
    """A box that is not ticked sends nothing."""

    syncs: Syncs
    sync_every: Annotated[int | None, Optional] = None
    register_name: Text = None
    write_cohorts: bool = False
    write_groups: bool = False
    write_calendar: bool = False
    write_messages: bool = False

    def switches(self) -> Switches:
        ticked = {
            "cohorts": self.write_cohorts,
            "groups": self.write_groups,
            "calendar": self.write_calendar,
            "messages": self.write_messages,
        }
        writes = tuple(name for name, is_ticked in ticked.items() if is_ticked)
        return Switches(self.syncs.value, self.sync_every, self.register_name, writes)


LABELS = {
    "about": N_("What is it about?"),
    "category": N_("Only courses in this category"),
    "named": N_("Only those of these names"),
    "parts_named": N_("Only groups or groupings of these names"),
    "makes": N_("What comes of it?"),
    "name": N_("Name of the new community"),
    "community": N_("The community there is"),
    "covers": N_("Other courses"),
    "token": N_("Token"),
    "syncs": N_("What happens by the clock?"),
    "sync_every": N_("Every so many minutes"),
    "register_name": N_("Name of the register"),
}

NO_COMMUNITY = N_("There is no community of this name or ID.")
SEVERAL = N_("Several communities are called so. Give the ID of one: %(ids)s")
SAY_WHICH = N_("Please fill this in: the exact name, or the ID.")


def rule_from(answer: Answer[RuleForm], rule_id: UUID, connection: Connection) -> tuple[Answer[RuleForm], Rule | None]:
    """The rule that a form asks for; or the form's answer with everything that is wrong with it said at its field."""
    form = answer.form
    if form is None:
        return answer, None
    community_id, wrong = _community(form, connection) if form.makes is Makes.INTO else (None, None)
    rule = Rule(
        id=rule_id,
        about=form.about.value,
        makes="one" if form.makes is Makes.INTO else form.makes.value,
        category=form.category,
        named=tuple(form.named),
        parts_named=tuple(form.parts_named),
        community_id=community_id,
        name=form.name if form.makes is Makes.ONE else None,
    )
    found = [wrong] if wrong is not None else []
    found += [one for one in problems(connection, rule) if not (wrong is not None and one.field == "name")]
    if found:
        return with_problems(answer, found), None
    return answer, rule


def with_switches_checked(answer: Answer[SwitchesForm]) -> Answer[SwitchesForm]:
    if answer.form is None:
        return answer
    found = wrong_switches(answer.form.switches())
    return with_problems(answer, found, {"register": "register_name"}) if found else answer


def with_problems(
    answer: Answer[Form], found: Iterable[RuleProblem], fields: dict[str, str] | None = None
) -> Answer[Form]:
    """The same answer, refused; the first problem of each field is said there."""
    said: dict[str, str] = {}
    for one in found:
        said.setdefault((fields or {}).get(one.field, one.field), gettext(one.what, **one.params))
    errors = [{"field": field, "message": said[field]} for field in LABELS if field in said]
    return Answer(None, errors, answer.given)


def _community(form: RuleForm, connection: Connection) -> tuple[UUID | None, RuleProblem | None]:
    if form.community is None:
        return None, RuleProblem("community", SAY_WHICH)
    found = communities_called(connection, form.community)
    if len(found) == 1:
        return found[0].id, None
    if not found:
        return None, RuleProblem("community", NO_COMMUNITY)
    return None, RuleProblem("community", SEVERAL, ids=_listed(one.id for one in found))


def _listed(ids: Iterable[UUID]) -> str:
    return ", ".join(map(str, ids))


def given_of(rule: Rule) -> dict[str, str]:
    """A stored rule as a form would have given it."""
    makes = "into" if rule.makes == "one" and rule.community_id is not None else rule.makes
    return {
        "about": rule.about,
        "category": rule.category or "",
        "named": _as_lines(rule.named),
        "parts_named": _as_lines(rule.parts_named),
        "makes": makes,
        "name": rule.name or "",
        "community": str(rule.community_id or ""),
    }


def _as_lines(names: Sequence[str]) -> str:
    return "\n".join(names)
