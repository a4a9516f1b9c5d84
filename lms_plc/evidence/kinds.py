"""What sorts of thoughts are kept, and what can lead to what? The whole of the evidence graph's grammar."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms_plc.files.kinds import KINDS as FILE_KINDS
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
_SEEN = ("Evidence", "ObservationNote", "Finding", "data_set", "visit")
_DECIDED = ("meeting", "minutes", "data_conversation", "decision", "topic", "issue", "innovation", "feedback_request")

LINKS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "prompted": (
        frozenset({"journal_entry", "journal_part", "ObservationNote", "Finding", "visit", "data_set", "meeting"}),
        frozenset({*_STARTED, "inquiry", "practice_change"}),
    ),
    "led_to": (
        frozenset({*_STARTED, *_GUESSED, *_SEEN, *_DECIDED, "AdaptationIntent", "inquiry", "action_item"}),
        frozenset(
            {*_STARTED, *_GUESSED, "AdaptationIntent", "practice_change", "action_item", "Finding", "inquiry", "visit"}
        ),
    ),
    "tried_in": (frozenset({"practice_change", "AdaptationIntent"}), frozenset({"OutcomeClaim", "inquiry"})),
    "shown_by": (frozenset({*_GUESSED, "OutcomeClaim", "practice_change", "Evidence"}), frozenset(_SEEN)),
    "questioned_by": (frozenset({*_GUESSED, "OutcomeClaim", "Finding"}), frozenset({"Caveat", "Question", *_SEEN})),
    "resulted_in": (
        frozenset({"practice_change", "action_item", "inquiry", "AdaptationIntent", "visit"}),
        frozenset({"OutcomeClaim", "Finding", "Evidence"}),
    ),
    "adapted_from": (
        frozenset({"practice_change", "library_item", "AdaptationIntent"}),
        frozenset({"practice_change", "library_item"}),
    ),
    "told_in": (frozenset({ANYTHING}), frozenset({"library_item", "school_item", "topic"})),
    "cited_in": (frozenset({ANYTHING}), frozenset({"contribution", "section", "minutes", "portfolio"})),
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


class Sort(StrEnum):
    """What a piece of evidence is."""

    DOCUMENT = "document"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    PUPIL_WORK = "pupil_work"
    TOTALS = "totals"
    LINK = "link"
    NOTE = "note"
    QUOTE = "quote"


SORTS: Mapping[Sort, str] = {
    Sort.NOTE: N_("What I saw or heard"),
    Sort.QUOTE: N_("What somebody said, without the name"),
    Sort.PUPIL_WORK: N_("Pupils’ work"),
    Sort.PHOTO: N_("A photo"),
    Sort.VOICE: N_("A voice note"),
    Sort.VIDEO: N_("A video, by its link"),
    Sort.DOCUMENT: N_("A document"),
    Sort.TOTALS: N_("Totals of a class"),
    Sort.LINK: N_("Something on the web"),
}
"""Sort → what people call it, in the order of the form."""

SHOWS_PEOPLE = frozenset({Sort.PHOTO, Sort.VOICE, Sort.VIDEO, Sort.PUPIL_WORK})
"""Somebody could be recognised in these: nobody else sees one before somebody has looked."""

FILES_OF_PEOPLE = tuple(
    kind.media_type for kind in FILE_KINDS if kind.media_type.partition("/")[0] in ("image", "audio", "video")
)
"""The same of files, whatever their evidence is called: pictures, sounds and films."""


def shows_people(sort: str, media_types: Iterable[str]) -> bool:
    """Whether somebody could be recognised in evidence of this sort, with files of these types."""
    return sort in SHOWS_PEOPLE or any(one in FILES_OF_PEOPLE for one in media_types)


class Level(StrEnum):
    """Where something has changed."""

    TEACHER = "teacher"
    PRACTICE = "practice"
    PUPILS = "pupils"
    SCHOOL = "school"


LEVELS: Mapping[Level, str] = {
    Level.TEACHER: N_("In me: what I know and think"),
    Level.PRACTICE: N_("In what I do in class"),
    Level.PUPILS: N_("In what pupils do or can"),
    Level.SCHOOL: N_("In how our school works"),
}


class Strength(StrEnum):
    """How strongly something is said."""

    IMPRESSION = "impression"
    OBSERVED_BY_TWO = "observed_by_two"
    BEFORE_AFTER_NUMBERS = "before_after_numbers"
    COMPARED = "compared"


STRENGTHS: Mapping[Strength, tuple[str, str]] = {
    Strength.IMPRESSION: (N_("An impression"), N_("I noticed it. That is where it begins.")),
    Strength.OBSERVED_BY_TWO: (N_("Two of us saw it"), N_("Somebody else looked too, and saw the same.")),
    Strength.BEFORE_AFTER_NUMBERS: (N_("Numbers before and after"), N_("The same thing was counted twice.")),
    Strength.COMPARED: (
        N_("Compared with another group"),
        N_("A group without the change was looked at in the same way."),
    ),
}
"""Strength → its name and one sentence on what it says. None is better for a person; each says how sure one may be."""


class ClaimState(StrEnum):
    STATED = "stated"
    QUESTIONED = "questioned"
    REVIEWED = "reviewed"
    STANDING = "standing"
    WITHDRAWN = "withdrawn"


CLAIM_STATES: Mapping[ClaimState, str] = {
    ClaimState.STATED: N_("Stated"),
    ClaimState.QUESTIONED: N_("Questions were asked"),
    ClaimState.REVIEWED: N_("Looked at by a colleague"),
    ClaimState.STANDING: N_("Stands"),
    ClaimState.WITHDRAWN: N_("Withdrawn"),
}


class ItemState(StrEnum):
    ADDED = "added"
    USABLE = "usable"
    BLOCKED = "blocked"
