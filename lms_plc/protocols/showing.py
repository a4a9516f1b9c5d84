"""How is a protocol shown: its steps in time, and what was changed in it?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lms_plc.communities import adapted
from lms_plc.communities.adapted import Apart, Changed, Parts
from lms_plc.protocols.content import Content, Step
from lms_plc.protocols.wording import MODES, in_language, produced_name, role_name, speaks
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


_helping: list[Callable[[str], list[str]]] = []


def helps_with(steps: Callable[[str], list[str]]) -> None:
    """Registers who knows the steps of a development project that a shipped protocol helps with, as people read them:
    the cycles know their protocols, and a protocol no cycle."""
    _helping.append(steps)


def fits_steps(key: str) -> list[str]:
    """The steps of a development project that a shipped protocol helps with."""
    return [step for steps in _helping for step in steps(key)]


def differences(before: Content, after: Content) -> list[Changed]:
    return adapted.differences(_parts(before), _parts(after))


def apart(mine: Content, theirs: Content) -> list[Apart]:
    return adapted.apart(_parts(mine), _parts(theirs))


def _parts(content: Content) -> Parts:
    """Key → label and words of each part of a protocol, in reading order."""
    shown = in_language(content)
    parts = {
        "name": (gettext("What it is called"), shown.name),
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
