"""How is a protocol said in somebody's language?

What is shipped is translated, also where a community's copy still says it; what a community wrote stays as written.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from lms_plc.protocols.content import FAMILIES, PRODUCES, Content, shipped
from lms_plc.web.i18n import N_, gettext, translate, translate_in_context

SPEAKS = "who speaks"
STEP = "step of a conversation"
"""Contexts of words like “open” and “Close” in the catalogues."""

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "facilitator": N_("Facilitator"),
        "scribe": N_("Scribe"),
        "timekeeper": N_("Timekeeper"),
        "presenter": N_("Presenter"),
        "consultants": N_("Consultants"),
        "author": N_("Author"),
        "readers": N_("Readers"),
        "presenting_teacher": N_("Presenting teacher"),
        "data_keeper": N_("Keeper of the numbers"),
        "storyteller": N_("Storyteller"),
        "listeners": N_("Listeners"),
        "teller": N_("Teller"),
        "planner": N_("Planner"),
        "teacher_facilitator": N_("Teacher who led"),
        "mentor": N_("Mentor"),
        "observers": N_("Observers"),
        "interviewer": N_("Interviewer"),
        "hosts": N_("Hosts"),
        "visitors": N_("Visitors"),
        "event_host": N_("Host of the event"),
        "table_host": N_("Host of a table"),
    }
)

MODES: Mapping[str, str] = MappingProxyType(
    {"in_person": N_("in one room"), "online": N_("online"), "hybrid": N_("some here, some online")}
)


def in_language(content: Content) -> Content:
    return mapped(content, _said)


def role_name(role_id: str) -> str:
    """A community's own role is called what it is called."""
    return gettext(ROLES[role_id]) if role_id in ROLES else role_id


def speaks(text: str) -> str:
    """Who has the word, as one reads it: a role's name, or the words that say it."""
    return role_name(text) if text in ROLES else _said(text, SPEAKS)


def family_name(family: str) -> str:
    return gettext(FAMILIES[family])


def produced_name(word: str) -> str:
    return gettext(PRODUCES[word])


def said(text: str) -> str:
    """A shipped text in the language of the page; any other as it is."""
    return _said(text, None)


def step_title(text: str) -> str:
    """As ``said``, of a step's title."""
    return _said(text, STEP)


def as_written(content: Content, began_with: Content) -> Content:
    """What somebody sends back of a protocol they were shown in their language: what they left as it was is kept as it
    stands in ``began_with``, so that everybody goes on reading it in their own language."""
    known: dict[tuple[str, str | None], str] = {(role_name(role), SPEAKS): role for role in ROLES}

    def note(text: str, context: str | None) -> str:
        known[speaks(text) if context == SPEAKS else _said(text, context), context] = text
        return text

    mapped(began_with, note)
    return mapped(content, lambda text, context: known.get((text, context), text))


def role_called(name: str) -> str:
    """The id of a role somebody calls by its name in their language; a role of their own is called what it is."""
    wanted = name.casefold()
    return next((role for role in ROLES if wanted in (role, role_name(role).casefold())), name)


def mapped(content: Content, put: Callable[[str, str | None], str]) -> Content:
    """The same protocol with each of its texts put through a function, which is told the text's context."""

    def each(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(put(line, None) for line in lines)

    steps = [
        {"title": put(step.title, STEP), "speaks": put(step.speaks, SPEAKS), "do": put(step.do, None)}
        for step in content.steps
    ]
    return content.model_copy(
        update={
            "name": put(content.name, None),
            "purpose": put(content.purpose, None),
            "use_when": each(content.use_when),
            "roles": tuple(role.model_copy(update={"duty": put(role.duty, None)}) for role in content.roles),
            "bring": each(content.bring),
            "steps": tuple(step.model_copy(update=new) for step, new in zip(content.steps, steps, strict=True)),
            "guard_rails": each(content.guard_rails),
            "lineage": put(content.lineage, None),
        }
    )


def _said(text: str, context: str | None) -> str:
    if (text, context) not in shipped_texts():
        return text
    return translate_in_context(context, text) if context else translate(text)


@cache
def shipped_texts() -> Mapping[tuple[str, str | None], None]:
    """What the catalogues know: texts with their context. A role that speaks is called by its name instead."""
    found: dict[tuple[str, str | None], None] = {}

    def note(text: str, context: str | None) -> str:
        if text and not (context == SPEAKS and text in ROLES):
            found[text, context] = None
        return text

    for protocol in shipped().values():
        mapped(protocol.content, note)
    return found
