"""What states, parts and answers are called."""

from collections.abc import Mapping

from lms_plc.communities.audiences import Audience
from lms_plc.inquiry import queries
from lms_plc.inquiry.forms import AtTheEnd, Need, OfTheRound, Part, Reads
from lms_plc.web.i18n import N_, gettext

STATES: Mapping[str, tuple[str, str]] = {
    queries.PRIVATE: (N_("private"), "neutral"),
    queries.OPEN: (N_("under way"), "accent"),
    queries.SHARING: (N_("being told"), "accent"),
    queries.CONCLUDED: (N_("concluded"), "good"),
    queries.PAUSED: (N_("resting"), "neutral"),
    queries.DROPPED: (N_("left aside"), "neutral"),
}

STAGES: Mapping[str, tuple[str, str]] = {
    queries.NOT_STARTED: ("○", N_("not begun")),
    queries.BEGUN: ("◐", N_("open")),
    queries.REOPENED: ("◐", N_("open again")),
    queries.DONE: ("●", N_("done")),
    queries.SKIPPED: ("–", N_("skipped")),
}
"""State of a stage → a sign for the eye, and the word that always stands beside it."""

PARTS: Mapping[str, tuple[str, str]] = {
    Part.CO_WORKER.value: (N_("Works on it with us"), N_("Writes, tries things out, and sees all but what is private")),
    Part.CRITICAL_FRIEND.value: (
        N_("Critical friend"),
        N_("Reads what you open to the project’s people, and asks questions"),
    ),
    Part.LEAD.value: (N_("Leads it with me"), N_("May do all that you may")),
}

PART_NAMES: Mapping[str, str] = {
    Part.LEAD.value: N_("leads"),
    Part.CO_WORKER.value: N_("works on it"),
    Part.CRITICAL_FRIEND.value: N_("critical friend"),
}

READS: Mapping[str, tuple[str, str]] = {
    Audience.ONLY_ME.value: (N_("Only who began the project"), N_("Nobody else can open it, also no administrator")),
    Reads.NAMED_PEOPLE.value: (N_("The project’s people"), N_("Who leads it, works on it, or is its critical friend")),
    Reads.COMMUNITY.value: (N_("My community"), N_("Everybody who is in it, once the project is open to it")),
}

NEEDS: Mapping[str, str] = {
    Need.AGREE.value: N_("has to agree"),
    Need.KNOW.value: N_("has to know"),
    Need.JOIN.value: N_("could join in"),
    Need.HELP.value: N_("could help"),
}

AT_THE_END: Mapping[str, str] = {
    AtTheEnd.KEEP.value: N_("We keep it"),
    AtTheEnd.ADAPT.value: N_("We keep it, but differently"),
    AtTheEnd.DROP.value: N_("We do not keep it"),
}

OF_THE_ROUND: Mapping[str, tuple[str, str]] = {
    OfTheRound.AGAIN.value: (N_("Again, with a change"), N_("A new round begins; this one stays beside it")),
    OfTheRound.SHARE.value: (N_("Tell others"), N_("It has become something worth telling")),
    OfTheRound.DROP.value: (N_("Leave it"), N_("Also that is something learned")),
}


def states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(name), tone) for state, (name, tone) in STATES.items()}


def options(words: Mapping[str, tuple[str, str]], *but: str) -> list[tuple[str, str, str]]:
    return [(value, gettext(name), gettext(hint)) for value, (name, hint) in words.items() if value not in but]


def needs() -> list[tuple[str, str]]:
    return [(value, gettext(name)) for value, name in NEEDS.items()]
