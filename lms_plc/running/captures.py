"""How is each thing a step brings forth captured? One table: a word of a protocol's ``produces`` → its way.

A note keeps the word as its ``kind``; whoever turns notes into minutes, actions and thoughts reads ``CAPTURES`` too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lms_plc.web.i18n import N_


class Way(StrEnum):
    NOTE = "note"  # words of the minutes
    DECISION = "decision"
    ACTION = "action"  # text, owner, date
    NODE = "node"  # a thought that is kept: evidence.kinds has the same word
    CHECK = "check"  # a tick with its words
    NOTEBOOK = "notebook"  # into the writer's own notebook, never into the run
    ACTION_UPDATE = "action_update"  # what became of open actions
    PULSE = "pulse"  # whether it was worth it; nobody's name
    LINK = "link"  # made on a page of its own; here a way there, and a plain note


@dataclass(frozen=True, slots=True)
class Capture:
    """``label`` names what is written; ``endpoint`` (LINK) is the page it is made on. Both are message ids or names of
    views; a view takes ``community_id``, or ``meeting_id`` where its name says so."""

    way: Way
    label: str
    endpoint: str = ""
    of_meeting: bool = False
    link_label: str = ""


PLAIN = "AgendaNote"
"""What may be written in every step."""


def _note(label: str) -> Capture:
    return Capture(Way.NOTE, label)


def _node(label: str) -> Capture:
    return Capture(Way.NODE, label)


def _link(label: str, endpoint: str, link_label: str, *, of_meeting: bool = False) -> Capture:
    return Capture(Way.LINK, label, endpoint, of_meeting, link_label)


_CHARTER = ("agreements.charter_form", N_("To our charter"))
_PROJECTS = ("inquiry.inquiry_list", N_("To our projects"))
_LIBRARY = ("library.choose", N_("Into the library"))

CAPTURES: Mapping[str, Capture] = {
    PLAIN: _note(N_("Note")),
    "Comment": _note(N_("Remark")),
    "Decision": Capture(Way.DECISION, N_("Decision")),
    "ActionItem": Capture(Way.ACTION, N_("Action: who does what, until when")),
    "ActionItemUpdate": Capture(Way.ACTION_UPDATE, N_("What became of our actions")),
    "ConsentCheck": Capture(Way.CHECK, N_("Checked: nobody can be recognised")),
    "JournalEntry": Capture(Way.NOTEBOOK, N_("For my own notebook; nobody else reads it")),
    "MeetingPulse": Capture(Way.PULSE, N_("Was it worth your time?")),
    # thoughts
    "Concern": _node(N_("Concern")),
    "Dilemma": _node(N_("Dilemma")),
    "FocusStatement": _node(N_("What we look at")),
    "Question": _node(N_("Question")),
    "Hunch": _node(N_("Hunch")),
    "Prediction": _node(N_("Prediction")),
    "Finding": _node(N_("Finding")),
    "Inference": _node(N_("Reading of it")),
    "Caveat": _node(N_("Doubt")),
    "AdaptationIntent": _node(N_("What I could use, and what would change")),
    "FeedbackRequest": _node(N_("Question to the readers")),
    "ObservationNote": _node(N_("Seen or heard")),
    "OutcomeClaim": _node(N_("What would show that it worked")),
    "Evidence": _node(N_("Evidence")),
    # made on pages of their own
    "Norm": _link(N_("Promise"), *_CHARTER),
    "Charter": _link(N_("Charter"), *_CHARTER),
    "PrivacyAgreement": _link(N_("What stays in the room"), *_CHARTER),
    "ConsentRound": _link(N_("Consent"), "agreements.charter", N_("To our agreements")),
    "MeetingSeries": _link(N_("Rhythm"), "series.plan_form", N_("Plan a series of meetings")),
    "Meeting": _link(N_("Next meeting"), "meetings.plan_form", N_("Plan a meeting")),
    "FacilitationStint": _link(N_("Who leads next"), "rhythm.rhythm_of", N_("Who has led so far")),
    "Attendance": _link(N_("Who was here"), "meetings.meeting", N_("To the meeting’s page"), of_meeting=True),
    "Resource": _link(N_("Material"), *_LIBRARY),
    "Story": _link(N_("Story"), *_LIBRARY),
    "StoryUpdate": _link(N_("What to change in the story"), *_LIBRARY),
    "Contribution": _link(N_("Contribution"), *_LIBRARY),
    # until they have rooms of their own
    "Citation": _note(N_("Sentence, and where it stands")),
    "Connection": _note(N_("Whom I will contact")),
    "ActionPlan": _link(N_("Plan"), *_PROJECTS),
    "StakeholderMap": _link(N_("Whom it touches"), *_PROJECTS),
    "NegotiationLog": _link(N_("With whom I talk first"), *_PROJECTS),
    "HandoverStep": _note(N_("Next rung")),
    "DataConversation": _link(N_("Class results"), "classdata.data_list", N_("To the class results")),
    "Inquiry": _link(N_("What we look into"), *_PROJECTS),
    "Registration": _note(N_("Who sits where")),
    "FeedbackResponse": _note(N_("Feedback")),
}

WRITTEN = frozenset({Way.NOTE, Way.DECISION, Way.ACTION, Way.NODE, Way.CHECK, Way.NOTEBOOK, Way.LINK})
"""Ways whose words are typed into the step's form."""


def capture_of(kind: str) -> Capture:
    """Of a word a community made up in its own copy of a protocol: a note."""
    return CAPTURES.get(kind, CAPTURES[PLAIN])


def kinds_written(produces: Sequence[str]) -> list[str]:
    """What can be written in a step: what it brings forth, and a plain note."""
    known = [kind for kind in dict.fromkeys(produces) if kind in CAPTURES and CAPTURES[kind].way in WRITTEN]
    return known if PLAIN in known else [*known, PLAIN]
