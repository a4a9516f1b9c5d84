"""Where is what a stage brings forth made? One table: a word of a stage's ``outputs`` → its way.

Some is written on the stage's own page; the rest on a page of another room, which this one knows by its name only. And
what a stage says is still missing → where that is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from lms_plc.communities.audiences import Audience
from lms_plc.cycles.content import Stage
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


@dataclass(frozen=True, slots=True)
class Met:
    """By what something missing is met: ``word``, of WAYS or of what is written on the stage's own page. Where there is
    something ``begun`` (the name of a fact) the rest is done with that, at a place of the stage's page."""

    word: str
    begun: str = ""
    at: str = ""


_ASKED_IN, _GATHERED, _DECIDED, _ANSWERED = "people", "portfolio", "round", "answer"
_TALKED = Met("NegotiationLog")
_TRIED = Met("PracticeChange", "changes", "changes")
_CLAIMED = Met("OutcomeClaim")

MET_BY: Mapping[str, Met] = {
    "at least one concern written in two sentences": Met("Concern"),
    "a critical friend has read it and asked a question": Met(_ASKED_IN),
    "focus statement names pupils, practice and a sign of change": Met("FocusStatement"),
    "at least two conversations logged, one with a person who holds resources": _TALKED,
    "one change made to the plan because of them": _TALKED,
    "dated steps with owners": Met("ActionItem", "steps", "steps"),
    "evidence plan passed the privacy check": Met("EvidencePlan", "plans", "plans"),
    "at least three dated try-outs with a note": _TRIED,
    "at least one colleague besides the lead has tried it": _TRIED,
    "every stage has at least one item with a note": Met(_GATHERED),
    "consents complete": Met(_GATHERED),
    "someone outside the project has read it": Met(_GATHERED),
    "story published at least to the network or told at one event": Met("Story"),
    "at least one outcome claim with stated strength": _CLAIMED,
    "decision recorded: keep, adapt or drop": Met("Successor"),
    "one entry, written or spoken": Met(_ANSWERED),
    "at least two hunches": Met("Hunch"),
    "one other person has replied": Met(_ASKED_IN),
    "change has a date and a sign to watch": _TRIED,
    "one line of before/after with number of pupils or 'impression only'": Met("OutcomeClaim", "claims", "kept"),
    "decision: again, share, drop": Met(_DECIDED),
    "learner voices recorded without names": Met("Evidence"),
    "consent round done": Met("Decision"),
    "at least two hunches about our own practice, one of them checked": Met("Hunch"),
    "a source and a reason recorded": Met("Resource"),
    "every participating member has at least one dated try-out": _TRIED,
    "claim with strength recorded": _CLAIMED,
    "example of good work attached": Met("Resource"),
}
"""What a shipped exit says → by what it is met; what is neither here nor done elsewhere is ticked."""

FOR_LEADS = frozenset({_ASKED_IN, _GATHERED, _DECIDED, "Successor"})


def where_met(seen: InquirySeen, stage: Stage, state: StageState, facts: Mapping[str, int], exit_: str) -> str | None:
    """The address at which something missing is done, for who works on it: a form, with where it was begun from."""
    met = MET_BY.get(exit_)
    if met is None or (met.word in FOR_LEADS and not seen.may_lead):
        return None

    def here(anchor: str, write: str | None = None) -> str:
        return url_for("inquiry.stage", inquiry_id=seen.id, stage=stage.id, write=write, _anchor=anchor)

    match met.word:
        case "people":
            return url_for("inquiry.people", inquiry_id=seen.id)
        case "portfolio":
            return url_for("inquiry.inquiry", inquiry_id=seen.id, _anchor="portfolio")
        case "round":
            return url_for("inquiry.round_end", inquiry_id=seen.id)
        case "answer":
            return here("prompt-0") if stage.prompts else None
    if met.begun and facts.get(met.begun) and met.word in stage.outputs:
        return here(met.at)
    if met.word in TALKS | PLANS:
        sort, anchor = ("talk", "talks") if met.word in TALKS else ("plan", "plans")
        return here(anchor, sort) if met.word in stage.outputs and is_for_people(state) else None
    if met.word in THOUGHTS:
        return here("kept", "thought") if met.word in stage.outputs else None
    way = WAYS[met.word]
    return _address(seen, way) if way.endpoint in current_app.view_functions else None


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
