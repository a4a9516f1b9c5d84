"""How is a protocol shown: its steps in time, and what was changed in it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lms_plc.core.differences import Piece, compared
from lms_plc.protocols.content import Content, Step, development_steps
from lms_plc.protocols.wording import MODES, in_language, produced_name, role_name, said, speaks
from lms_plc.web.i18n import format_list, gettext, ngettext


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step in its place: ``begins`` and ``ends`` are minutes from the beginning."""

    number: int
    title: str
    minutes: int
    begins: int
    ends: int
    speaks: str
    do: str
    produces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A part of a protocol that says something else now."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Apart:
    """A part that two people wrote differently at the same time."""

    label: str
    mine: str
    theirs: str


def page_of(content: Content) -> dict[str, Any]:
    """What every page of a protocol shows, in the language of the page."""
    shown = in_language(content)
    return {
        "content": shown,
        "steps": timeline(shown),
        "roles": [(role_name(role.id), role.duty) for role in shown.roles],
        "modes": format_list([gettext(MODES[mode]) for mode in shown.modes]),
        "minutes": minutes(shown.total_minutes),
        "people": people(shown.group_size.min, shown.group_size.max),
    }


def timeline(content: Content) -> list[StepShown]:
    found: list[StepShown] = []
    begins = 0
    for number, step in enumerate(content.steps, 1):
        ends = begins + step.minutes
        produces = tuple(produced_name(word) for word in step.produces)
        words = (speaks(step.speaks), step.do, produces)
        found.append(StepShown(number, step.title, step.minutes, begins, ends, *words))
        begins = ends
    return found


def minutes(count: int) -> str:
    return ngettext("%(num)s minute", "%(num)s minutes", count)


def people(smallest: int, largest: int) -> str:
    if smallest == largest:
        return ngettext("%(num)s person", "%(num)s people", smallest)
    return gettext("%(least)s to %(most)s people", least=smallest, most=largest)


def fits_steps(key: str) -> list[str]:
    """The steps of a development project that a shipped protocol helps with."""
    return [said(step.name) for step in development_steps() if key in step.protocols]


def differences(before: Content, after: Content) -> list[Changed]:
    """Part by part; one that was added or taken out is new or gone as a whole."""
    old, new = _parts(before), _parts(after)
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        label = (new.get(key) or old[key])[0]
        one, other = old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]
        if one != other:
            found.append(Changed(label, compared(one, other)))
    return found


def apart(mine: Content, theirs: Content) -> list[Apart]:
    own, others = _parts(mine), _parts(theirs)
    return [
        Apart((own.get(key) or others[key])[0], own.get(key, ("", ""))[1], others.get(key, ("", ""))[1])
        for key in [*own, *(key for key in others if key not in own)]
        if own.get(key) != others.get(key)
    ]


def _parts(content: Content) -> Mapping[str, tuple[str, str]]:
    """Key → label and words of each part of a protocol, in reading order."""
    shown = in_language(content)
    parts = {
        "name": (gettext("Name"), shown.name),
        "purpose": (gettext("What it is for"), shown.purpose),
        "use_when": (gettext("Use it when"), "\n".join(shown.use_when)),
        "people": (gettext("How many people"), people(shown.group_size.min, shown.group_size.max)),
        "modes": (gettext("Where"), format_list([gettext(MODES[mode]) for mode in shown.modes])),
    }
    for role in shown.roles:
        parts[f"role {role.id}"] = (gettext("Role “%(name)s”", name=role_name(role.id)), role.duty)
    parts["bring"] = (gettext("Bring along"), "\n".join(shown.bring))
    parts["order"] = (gettext("Steps"), "\n".join(f"{step.title} ({step.minutes})" for step in shown.steps))
    for step in shown.steps:
        parts[f"step {step.id}"] = (gettext("Step “%(title)s”", title=step.title), _words(step))
    parts["guard_rails"] = (gettext("What we hold to"), "\n".join(shown.guard_rails))
    return parts


def _words(step: Step) -> str:
    produces = format_list([produced_name(word) for word in step.produces]) if step.produces else ""
    return "\n".join(line for line in (speaks(step.speaks), step.do, produces) if line)
