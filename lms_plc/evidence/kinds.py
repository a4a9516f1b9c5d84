"""What sorts of thoughts are kept, and what can lead to what? The whole of the evidence graph's grammar."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms_plc.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` and ``meant`` are message ids: what people call it, and one sentence on what it is."""

    name: str
    meant: str


KINDS: Mapping[str, Kind] = {
    "Concern": Kind(N_("Concern"), N_("What somebody worries about")),
    "Dilemma": Kind(N_("Dilemma"), N_("Two goods, or two evils, that cannot both be had")),
    "FocusStatement": Kind(N_("Focus"), N_("What we look at, and what we leave out")),
    "Question": Kind(N_("Question"), N_("What we want to find out")),
    "Hunch": Kind(N_("Hunch"), N_("What might be behind it")),
    "Prediction": Kind(N_("Prediction"), N_("What we expect to see, said before looking")),
    "Finding": Kind(N_("Finding"), N_("What was seen, without why")),
    "Inference": Kind(N_("Inference"), N_("What it may mean")),
    "Caveat": Kind(N_("Caveat"), N_("What it does not show")),
    "AdaptationIntent": Kind(N_("What I will adapt"), N_("What somebody takes home, and changes for their class")),
    "FeedbackRequest": Kind(N_("What I want to hear about"), N_("On what a presenter asks for feedback")),
    "ObservationNote": Kind(N_("Observation"), N_("What was seen and heard at a visit")),
    "OutcomeClaim": Kind(N_("Outcome"), N_("What has changed, and for whom")),
    "Evidence": Kind(N_("Evidence"), N_("What shows it, and what it does not show")),
}
"""Kind of a node → its words."""

NODE = "knowledge_node"

ANYTHING = "*"

_STARTED = ("Concern", "Dilemma", "Question", "FocusStatement")
_GUESSED = ("Hunch", "Prediction", "Inference")
_SEEN = ("Evidence", "ObservationNote", "Finding", "data_set")

LINKS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "prompted": (frozenset({"journal_entry", "ObservationNote", "Finding"}), frozenset(_STARTED)),
    "led_to": (
        frozenset({*_STARTED, *_GUESSED, *_SEEN}),
        frozenset({*_STARTED, *_GUESSED, "AdaptationIntent", "practice_change", "action_item", "Finding"}),
    ),
    "tried_in": (frozenset({"practice_change", "AdaptationIntent"}), frozenset({"OutcomeClaim", "inquiry"})),
    "shown_by": (frozenset({*_GUESSED, "OutcomeClaim", "practice_change"}), frozenset(_SEEN)),
    "questioned_by": (frozenset({*_GUESSED, "OutcomeClaim", "Finding"}), frozenset({"Caveat", "Question", *_SEEN})),
    "resulted_in": (frozenset({"practice_change", "action_item", "inquiry"}), frozenset({"OutcomeClaim", "Finding"})),
    "adapted_from": (
        frozenset({"practice_change", "library_item", "AdaptationIntent"}),
        frozenset({"practice_change", "library_item"}),
    ),
    "told_in": (frozenset({ANYTHING}), frozenset({"library_item", "school_item", "topic"})),
    "cited_in": (frozenset({ANYTHING}), frozenset({"contribution", "section", "minutes"})),
}
"""Type of a link → what it can come from and go to: kinds of nodes, and kinds of other rooms' things."""

WORDS: Mapping[str, tuple[str, str]] = {
    "prompted": (N_("gave rise to"), N_("came from")),
    "led_to": (N_("led to"), N_("followed from")),
    "tried_in": (N_("was tried in"), N_("tried")),
    "shown_by": (N_("is shown by"), N_("shows")),
    "questioned_by": (N_("is questioned by"), N_("questions")),
    "resulted_in": (N_("resulted in"), N_("is a result of")),
    "adapted_from": (N_("was adapted from"), N_("was adapted in")),
    "told_in": (N_("is told in"), N_("tells")),
    "cited_in": (N_("is cited in"), N_("cites")),
}
"""Type of a link → its words read forwards and backwards."""


def may_link(from_kind: str, type_: str, to_kind: str) -> bool:
    """Whether a link of this type makes sense between these kinds (a node's own kind, or another room's kind)."""
    if type_ not in LINKS:
        return False
    starts, ends = LINKS[type_]
    return (ANYTHING in starts or from_kind in starts) and to_kind in ends
