"""Where is what a stage brings forth made? One table: a word of a stage's ``outputs`` → its way.

Some is written on the stage's own page; the rest on a page of another room, which this one knows by its name only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from lms_plc.communities.audiences import Audience
from lms_plc.evidence.kinds import KINDS
from lms_plc.inquiry.queries import InquirySeen, StageState
from lms_plc.web.i18n import N_, gettext

TALKS = frozenset({"StakeholderMap", "NegotiationLog"})
STEPS = frozenset({"ActionPlan", "ActionItem"})
PLANS = frozenset({"EvidencePlan"})
CHANGES = frozenset({"PracticeChange"})
THOUGHTS = frozenset(KINDS) - {"Evidence", "OutcomeClaim", "ObservationNote"}


@dataclass(frozen=True, slots=True)
class Way:
    """``with_origin``: the page is told which inquiry it is for."""

    label: str
    endpoint: str
    with_origin: bool = True
    with_community: bool = True


_STORY = Way(N_("Tell the story"), "library.new_story")

WAYS: Mapping[str, Way] = {
    "JournalEntry": Way(N_("Write in my notebook"), "journal.new_entry", with_origin=False, with_community=False),
    "ActionItem": Way(N_("Agree on a step"), "actionitems.new_form"),
    "ActionPlan": Way(N_("Agree on a step"), "actionitems.new_form"),
    "PracticeChange": Way(N_("Keep a change"), "practicechanges.keep_form"),
    "Evidence": Way(N_("Add evidence"), "evidence.keep_form"),
    "OutcomeClaim": Way(N_("Say what has changed"), "evidence.claim_form"),
    "EvidenceLink": Way(N_("What led to what"), "evidence.graph", with_community=False),
    "Story": _STORY,
    "EventPresentation": _STORY,
    "Contribution": _STORY,
    "Resource": Way(N_("Add material"), "library.choose", with_origin=False),
    "SchoolVisit": Way(N_("Propose a visit"), "visits.propose_form"),
    "DataSet": Way(N_("To the class results"), "classdata.data_list", with_origin=False),
    "DataConversation": Way(N_("To the class results"), "classdata.data_list", with_origin=False),
    "Decision": Way(N_("To our agreements"), "agreements.charter", with_origin=False),
    "Successor": Way(N_("What stays"), "inquiry.ending"),
}


def ways_of(seen: InquirySeen, outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Label and address of every page on which something of this stage is made; each once."""
    found: dict[str, str] = {}
    for word in outputs:
        way = WAYS.get(word)
        if way is not None and way.endpoint in current_app.view_functions:
            found.setdefault(_address(seen, way), gettext(way.label))
    return [(label, url) for url, label in found.items()]


def thoughts_of(outputs: Sequence[str]) -> list[tuple[str, str]]:
    """What of a stage is kept as a thought: kind and name."""
    return [(word, gettext(KINDS[word].name)) for word in outputs if word in THOUGHTS]


def is_for_people(stage: StageState) -> bool:
    """Talks and plans concern others: they are written down where the project's people can read them."""
    return stage.audience != Audience.ONLY_ME.value


def _address(seen: InquirySeen, way: Way) -> str:
    given: dict[str, Any] = {}
    if way.endpoint == "inquiry.ending":
        return url_for(way.endpoint, inquiry_id=seen.id)
    if way.endpoint == "evidence.graph":
        return url_for(way.endpoint, kind="inquiry", thing_id=seen.id)
    if way.with_community:
        given["community_id"] = seen.community_id
    if way.with_origin:
        given |= {"from_kind": "inquiry", "from": seen.id}
    if way.endpoint == "practicechanges.keep_form":
        given["round"] = seen.round
    return url_for(way.endpoint, **given)
