"""What pages call the parts of an agreement, the answers to a proposal, and how far one is."""

from lms_plc.agreements.forms import Proposed
from lms_plc.communities.consent import RoundSeen, Stand
from lms_plc.web.i18n import N_, gettext, ngettext

PARTS = {
    "definition": N_("What we mean by a learning community"),
    "rhythm": N_("Our rhythm"),
    "leaves_room": N_("What leaves the room, and to whom"),
    "photos": N_("Photos and recordings"),
    "languages": N_("Languages"),
}
"""Part of a charter beside its purpose → its heading, in the order of the page."""

QUESTIONS = {
    "charter": N_("What do we meet for?"),
    "text": N_("What changes, and why?"),
    **PARTS,
}
PROPOSED = {
    Proposed.GOAL: (N_("A goal"), N_("Something we want to reach together")),
    Proposed.NORM: (N_("A promise to each other"), N_("How we treat each other, one sentence at a time")),
    Proposed.DECISION: (N_("A decision"), N_("Anything else that concerns all of us")),
}
STANDS = {
    Stand.YES: (N_("Yes"), N_("I can go along with it")),
    Stand.YES_WITH_WORRY: (N_("Yes, with a worry"), N_("It may go ahead; my worry stays beside it")),
    Stand.NOT_YET: (N_("Not yet"), N_("Something has to change first; it waits for me")),
}
GOAL_STATES = {
    "agreed": (N_("agreed"), "accent"),
    "reached": (N_("reached"), "good"),
    "set_aside": (N_("set aside"), "neutral"),
}


def question_of(name: str) -> str:
    return gettext(QUESTIONS[name])


def stand_names() -> dict[str, str]:
    return {stand.value: gettext(name) for stand, (name, _) in STANDS.items()}


def how_far(seen: RoundSeen) -> str:
    """How far a proposal is, and what it waits for: no count of who is for it."""
    if seen.state == "adopted":
        return gettext("This stands since everybody could go along with it.")
    if seen.state == "withdrawn":
        return gettext("This was taken off the table.")
    answered = ngettext(
        "%(num)s of %(members)s has answered.",
        "%(num)s of %(members)s have answered.",
        seen.answered,
        members=seen.members,
    )
    if seen.not_yet:
        waits = ngettext(
            "One says “not yet”: talk about what has to change.",
            "%(num)s say “not yet”: talk about what has to change.",
            seen.not_yet,
        )
    elif not seen.agreed:
        missing = seen.needed - seen.answered
        waits = ngettext(
            "One more answer is needed before it can be adopted.",
            "%(num)s more answers are needed before it can be adopted.",
            missing,
        )
    else:
        waits = gettext("Nobody holds it back: it can be adopted.")
    return f"{answered} {waits}"
