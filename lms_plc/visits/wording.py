"""What visits, their states and their notes are called."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms_plc.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """Message ids, and the conversation protocol that fits the talk afterwards."""

    name: str
    meant: str
    protocol: str


KINDS: Mapping[str, Kind] = {
    "peer_observation": Kind(
        N_("Visit to a lesson"), N_("One or two colleagues look at what the host wants looked at"), "visit_debrief"
    ),
    "research_lesson": Kind(
        N_("Research lesson"),
        N_("We planned the lesson together, and watch what the pupils do with it"),
        "research_lesson_debrief",
    ),
    "learning_walk": Kind(
        N_("Learning walk"), N_("Some minutes in a lesson, with one question we agreed on"), "visit_debrief"
    ),
}

STATES: Mapping[str, str] = {
    "proposed": N_("the host has not answered yet"),
    "agreed_by_host": N_("the host agrees"),
    "planned": N_("planned"),
    "running": N_("under way"),
    "debriefed": N_("talked over"),
    "reported": N_("done"),
    "declined": N_("not now"),
    "cancelled": N_("called off"),
}

SORTS: Mapping[str, str] = {"seen": N_("seen"), "heard": N_("heard"), "guess": N_("my guess")}
