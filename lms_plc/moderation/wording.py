"""In which words is a case told? Short ones, that blame nobody."""

from dataclasses import dataclass

from lms_plc.moderation.forms import Step
from lms_plc.web.i18n import N_, gettext

STATES: dict[Step, tuple[str, str]] = {
    Step.REPORTED: (N_("waits for a first look"), "warn"),
    Step.TALKED: (N_("being talked about"), "accent"),
    Step.HIDDEN: (N_("hidden for now"), "warn"),
    Step.SETTLED: (N_("settled"), "good"),
    Step.RESTORED: (N_("visible again"), "good"),
    Step.REMOVED: (N_("removed"), "neutral"),
    Step.APPEALED: (N_("its author objects"), "warn"),
}
"""State → what it is called, and its tone."""

TO_REPORTER: dict[Step, str] = {
    Step.REPORTED: N_("It waits for a first look."),
    Step.TALKED: N_("Somebody who leads talks with the author."),
    Step.HIDDEN: N_("It is hidden from others for now."),
    Step.SETTLED: N_("It was looked at and settled. It stays where it is."),
    Step.RESTORED: N_("It was looked at again and is visible."),
    Step.REMOVED: N_("It was removed."),
    Step.APPEALED: N_("It is being looked at once more."),
}

STEPS: dict[Step, str] = {
    Step.REPORTED: N_("asked for help"),
    Step.TALKED: N_("wrote to the author"),
    Step.ANSWERED: N_("answered"),
    Step.HIDDEN: N_("hid it for now"),
    Step.SETTLED: N_("settled it"),
    Step.RESTORED: N_("showed it again"),
    Step.REMOVED: N_("removed it"),
    Step.APPEALED: N_("objected"),
    Step.UPHELD: N_("looked again and let it stand"),
    Step.FINISHED: N_("It is gone for good: nobody objected in fourteen days."),
}

DONE = {
    Step.TALKED.value: N_("Sent. The author reads it and can answer here."),
    Step.HIDDEN.value: N_("Hidden. The author was told why."),
    Step.SETTLED.value: N_("Settled."),
    Step.RESTORED.value: N_("It is visible again."),
    Step.REMOVED.value: N_("Removed. For fourteen days its author can object; then it is gone for good."),
    Step.UPHELD.value: N_("Answered. That was the last word."),
    "said": N_("Sent to those who decide."),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A button: the step it takes, and how it looks."""

    step: str
    label: str
    kind: str


_TALK = (Step.TALKED, N_("Talk first: send this"), "primary")
_HIDE = (Step.HIDDEN, N_("Hide it for now"), "plain")
_SETTLE = (Step.SETTLED, N_("It is settled"), "quiet")
_SHOW = (Step.RESTORED, N_("Show it again"), "plain")
_REMOVE = (Step.REMOVED, N_("Remove it"), "danger")
_STANDS = (Step.UPHELD, N_("It stays as decided"), "plain")

_OFFERED = {
    Step.REPORTED: (_TALK, _HIDE, _SETTLE),
    Step.TALKED: (_TALK, _HIDE, _SETTLE),
    Step.HIDDEN: (_TALK, _SHOW, _REMOVE),
    Step.REMOVED: (_SHOW,),
    Step.APPEALED: (_SHOW, _STANDS),
}
DECISIONS = frozenset({Step.TALKED, Step.HIDDEN, Step.SETTLED, Step.RESTORED, Step.REMOVED, Step.UPHELD})
"""What one who leads can decide; the other steps are the author's, or nobody's."""


def decisions(state: Step, *, answers_appeal: bool) -> list[Decision]:
    """The buttons of a state, the mildest first."""
    if state == Step.APPEALED and not answers_appeal:
        return []
    return [Decision(step.value, gettext(label), kind) for step, label, kind in _OFFERED.get(state, ())]
