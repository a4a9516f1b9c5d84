"""How is a cycle said in somebody's language?

What is shipped is translated, also where a community's copy still says it; what a community wrote stays as written.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from lms_plc.cycles.content import Content, shipped
from lms_plc.web.i18n import N_, gettext, translate, translate_in_context

STAGE = "stage of a project"
"""Context of words like “Check” and “Focus” in the catalogues."""

OWNERS: Mapping[str, str] = MappingProxyType(
    {
        "individual": N_("one person"),
        "individual_or_pair": N_("one person or two"),
        "pair": N_("two people"),
        "community": N_("the community together"),
    }
)

OUTPUTS: Mapping[str, str] = MappingProxyType(
    {
        "JournalEntry": N_("A note for oneself"),
        "Concern": N_("A concern"),
        "Inquiry": N_("Something to find out"),
        "FocusStatement": N_("What the work is about, in two sentences"),
        "StakeholderMap": N_("Whom it touches"),
        "NegotiationLog": N_("With whom to talk"),
        "ActionPlan": N_("A plan"),
        "ActionItem": N_("Who does what, until when"),
        "EvidencePlan": N_("What will be collected"),
        "PracticeChange": N_("What is done differently"),
        "Evidence": N_("Evidence"),
        "Portfolio": N_("A portfolio"),
        "EvidenceLink": N_("What led to what"),
        "Story": N_("A story"),
        "EventPresentation": N_("Something to show at an event"),
        "OutcomeClaim": N_("What changed, and how sure that is"),
        "Contribution": N_("A contribution to the handbook"),
        "Successor": N_("Who carries on"),
        "Hunch": N_("Possible reasons"),
        "Comment": N_("Remarks"),
        "Decision": N_("A decision"),
        "Finding": N_("Facts"),
        "Resource": N_("Something for the library"),
        "Citation": N_("A quotation"),
        "SchoolVisit": N_("A visit to another school"),
        "DataSet": N_("Class results"),
        "DataConversation": N_("A conversation about numbers"),
    }
)
"""What a stage may leave behind, and what people call it."""

VISIBLE: Mapping[str, str] = MappingProxyType(
    {
        "only_me": N_("Only who writes it"),
        "named_people": N_("People they choose"),
        "facilitator": N_("Who leads the community"),
        "community": N_("The community"),
    }
)


def in_language(content: Content) -> Content:
    return mapped(content, _said)


def said(text: str) -> str:
    """A shipped text in the language of the page; any other as it is."""
    return _said(text, None)


def stage_name(text: str) -> str:
    """As ``said``, of a stage's name."""
    return _said(text, STAGE)


def owner_name(owner: str) -> str:
    return gettext(OWNERS[owner])


def output_name(word: str) -> str:
    return gettext(OUTPUTS[word]) if word in OUTPUTS else word


def as_written(content: Content, began_with: Content) -> Content:
    """What somebody sends back of a cycle they were shown in their language: what they left as it was is kept as it
    stands in ``began_with``, so that everybody goes on reading it in their own language."""
    known: dict[tuple[str, str | None], str] = {}

    def note(text: str, context: str | None) -> str:
        known[_said(text, context), context] = text
        return text

    mapped(began_with, note)
    return mapped(content, lambda text, context: known.get((text, context), text))


def mapped(content: Content, put: Callable[[str, str | None], str]) -> Content:
    """The same cycle with each of its texts put through a function, which is told the text's context."""

    def each(lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(put(line, None) for line in lines)

    stages = [
        stage.model_copy(
            update={
                "name": put(stage.name, STAGE),
                "purpose": put(stage.purpose, None),
                "prompts": each(stage.prompts),
                "exit": each(stage.exit),
            }
        )
        for stage in content.stages
    ]
    return content.model_copy(
        update={
            **{name: put(getattr(content, name), None) for name in ("name", "short", "lead_rule", "lineage")},
            "always_ask": each(content.always_ask),
            "stages": tuple(stages),
        }
    )


def _said(text: str, context: str | None) -> str:
    if (text, context) not in shipped_texts():
        return text
    return translate_in_context(context, text) if context else translate(text)


@cache
def shipped_texts() -> Mapping[tuple[str, str | None], None]:
    """What the catalogues know: texts with their context."""
    found: dict[tuple[str, str | None], None] = {}

    def note(text: str, context: str | None) -> str:
        if text:
            found[text, context] = None
        return text

    for cycle in shipped().values():
        mapped(cycle.content, note)
    return found
