"""What purposes, reactions and fields are called."""

from lms_plc.discussions.forms import Purpose, ReactionKind
from lms_plc.web.i18n import N_, gettext

PURPOSES = {
    Purpose.QUESTION: (N_("Question"), N_("I would like to know how others do it")),
    Purpose.INSIGHT: (N_("Insight"), N_("I understood something worth sharing")),
    Purpose.STRATEGY: (N_("Strategy"), N_("This is how I do it")),
    Purpose.NOTICE: (N_("Notice"), N_("Something to know, nothing to discuss")),
    Purpose.AHA: (N_("Aha!"), N_("One line, just happened")),
}
TOPIC_LABELS = {
    "title": N_("What is it about?"),
    "body": N_("Your words"),
    "purpose": N_("What do you wish for?"),
}
AHA_LABEL = N_("An aha of today, in one line")
REACTIONS = {
    ReactionKind.TRIED: (N_("Tried it"), "✓"),
    ReactionKind.WANT_TO_TRY: (N_("Want to try"), "→"),
    ReactionKind.THANK_YOU: (N_("Thank you"), "♥"),
}


def purpose_names() -> dict[str, str]:
    """Purpose → its name in the language of the page."""
    return {purpose.value: gettext(name) for purpose, (name, _) in PURPOSES.items()}
