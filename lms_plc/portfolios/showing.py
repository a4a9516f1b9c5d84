"""How is a portfolio shown: its items stage by stage, what it still lacks, and what can be put in?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import Connection

from lms_plc.communities.attached import hanging
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import Thing, kinds, shown
from lms_plc.cycles.content import Content
from lms_plc.cycles.wording import in_language
from lms_plc.evidence.kinds import KINDS
from lms_plc.house import house
from lms_plc.inquiry.exits import to_be_told
from lms_plc.inquiry.queries import KIND as INQUIRY
from lms_plc.portfolios import queries
from lms_plc.portfolios.forms import Verdict
from lms_plc.portfolios.queries import ItemSeen, PortfolioSeen, ReviewSeen
from lms_plc.portfolios.written import WRITTEN, Words, Written, own, written
from lms_plc.web.i18n import N_, gettext, ngettext

STATES: Mapping[str, tuple[str, str]] = {
    queries.COLLECTING: (N_("being put together"), "neutral"),
    queries.SUBMITTED: (N_("ready to be read"), "accent"),
    queries.IN_REVIEW: (N_("with its readers"), "accent"),
    queries.RETURNED: (N_("came back with advice"), "warn"),
    queries.CERTIFIED: (N_("approved"), "good"),
}

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.READ: (
        N_("I have read it"),
        N_("Nothing more is needed; all who lead the project see your words, also those who join later."),
    ),
    Verdict.RETURNED: (
        N_("I give it back with advice"),
        N_("Who leads the project goes on with it and hands it in again."),
    ),
    Verdict.CERTIFIED: (N_("I approve it"), N_("The work is told honestly, and it is complete.")),
}

SAID: Mapping[str, str] = {
    Verdict.READ.value: N_("has read it"),
    Verdict.RETURNED.value: N_("gave it back with advice"),
    Verdict.CERTIFIED.value: N_("approved it"),
    queries.WITHDRAWN: N_("withdrew the approval"),
}

_KIND_OF = {"feedback": "feedback_request", "story": "library_item"}
"""What hangs on a project under another word than its kind."""

_SHOW_FOR = {
    "feedback_request": "Comment",
    "library_item": "Story",
    "data_set": "DataSet",
    "data_conversation": "DataConversation",
    "visit": "SchoolVisit",
}


@dataclass(frozen=True, slots=True)
class ItemShown:
    """``url`` is None for what the one who looks may not open: then there are only the author's words."""

    reference: Reference
    kind: str
    title: str
    url: str | None
    shows: str
    does_not_show: str
    consent: bool
    words: Sequence[Words]
    """What was written in a stage, shown here to everybody who reads the portfolio."""
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class StageShown:
    id: str
    name: str
    items: Sequence[ItemShown]
    lacks: bool


@dataclass(frozen=True, slots=True)
class Offered:
    thing: Thing
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Lack:
    met: bool
    words: str


def stages_of(
    connection: Connection, actor: Actor, portfolio: PortfolioSeen, items: Sequence[ItemSeen]
) -> list[StageShown]:
    """Every stage of the cycle, and what was chosen for it; a stage that is there no more comes last."""
    content = in_language(portfolio.content)
    known = [one.reference for one in items if one.reference.kind in kinds()]
    things = shown(connection, actor, known)
    said = written(connection, portfolio, house().seal) if _has_written(items) else {}
    names = {stage.id: stage.name for stage in content.stages}
    for one in items:
        names.setdefault(one.stage, gettext("Without a stage"))
    found = []
    for stage_id, name in names.items():
        here = [one for one in items if one.stage == stage_id]
        shown_here = [
            _item(one, things.get(one.reference), said.get(one.reference), first=one is here[0], last=one is here[-1])
            for one in here
        ]
        found.append(StageShown(stage_id, name, shown_here, not here and stage_id in _needed(portfolio)))
    return found


def _has_written(items: Sequence[ItemSeen]) -> bool:
    return any(one.reference.kind == WRITTEN for one in items)


def lacks(portfolio: PortfolioSeen, items: Sequence[ItemSeen], reviews: Sequence[ReviewSeen]) -> list[Lack]:
    """What makes a portfolio whole, and what of it is not there yet."""
    told = {one.stage for one in items if one.shows}
    content = in_language(portfolio.content)
    missing = [stage.name for stage in content.stages if stage.id in _needed(portfolio) and stage.id not in told]
    open_ = sum(not one.consent for one in items)
    read = portfolio.state == queries.CERTIFIED or any(one.is_outside and one.answered_at for one in reviews)
    return [
        Lack(not missing and bool(items), _stages_words(missing)),
        Lack(
            not open_,
            ngettext(
                "%(num)s piece of evidence still needs its check of names and permission",
                "%(num)s pieces of evidence still need their check of names and permission",
                open_,
            )
            if open_
            else gettext("Names and permissions are in order"),
        ),
        Lack(
            read,
            gettext("Somebody outside the project has read it")
            if read
            else gettext("Nobody outside the project has read it yet"),
        ),
    ]


def offered(connection: Connection, actor: Actor, portfolio: PortfolioSeen, items: Sequence[ItemSeen]) -> list[Offered]:
    """What there is of the project and is not in it yet, the newest first."""
    found = dict(queries.of_the_project(connection, actor, portfolio))
    for sort in hanging(connection, actor, Reference(INQUIRY, portfolio.inquiry_id)):
        kind = _KIND_OF.get(sort.word, sort.word)
        if kind in kinds() and kind != queries.KIND:
            for line, _ in sort.lines:
                if line.id is not None:
                    found.setdefault(Reference(kind, line.id), "")
    for one in items:
        found.pop(one.reference, None)
    things = shown(connection, actor, found)
    chosen = {one.reference for one in items}
    mine = [one for one in own(connection, actor, portfolio, house().seal).values() if one.reference not in chosen]
    stages = {one.reference: one.stage for one in mine}
    things |= {one.reference: one.thing(portfolio.inquiry_id) for one in mine}
    return [
        Offered(
            thing,
            kind_name(reference.kind, found.get(reference, "")),
            url_for(
                "portfolios.item_form",
                portfolio_id=portfolio.id,
                kind=reference.kind,
                thing_id=reference.id,
                stage=stages.get(reference)
                or stage_for(portfolio.content, found.get(reference) or _SHOW_FOR.get(reference.kind, "")),
            ),
        )
        for reference, thing in sorted(things.items(), key=lambda one: one[1].at, reverse=True)
    ]


def stage_for(content: Content, output: str) -> str | None:
    """The first stage that leaves such a thing behind."""
    return next((stage.id for stage in content.stages if output in stage.outputs), None) if output else None


def stage_choices(portfolio: PortfolioSeen) -> list[tuple[str, str]]:
    return [(stage.id, stage.name) for stage in in_language(portfolio.content).stages]


def kind_name(kind: str, sort: str = "") -> str:
    """``sort`` is what a thought is."""
    if kind == WRITTEN:
        return gettext("What was written")
    if sort in KINDS:
        return gettext(KINDS[sort].name)
    return gettext(kinds()[kind].label) if kind in kinds() else gettext("Something")


def review_of(one: ReviewSeen) -> dict[str, Any]:
    said = gettext(SAID[one.verdict]) if one.verdict else ""
    return {"review": one, "said": said}


def _needed(portfolio: PortfolioSeen) -> frozenset[str]:
    return to_be_told(portfolio.content, portfolio.begun)


def _stages_words(missing: Sequence[str]) -> str:
    if not missing:
        return gettext("Every stage that has begun is told by at least one item with a note")
    return gettext("Not told yet: %(stages)s", stages=", ".join(f"“{name}”" for name in missing))


def _item(one: ItemSeen, thing: Thing | None, said: Written | None, *, first: bool, last: bool) -> ItemShown:
    return ItemShown(
        reference=one.reference,
        kind=kind_name(one.reference.kind, one.sort if thing else ""),
        title=thing.title if thing else said.title if said else "",
        url=url_for(thing.endpoint, _anchor=thing.anchor, **thing.values) if thing else None,
        shows=one.shows,
        does_not_show=one.does_not_show,
        consent=one.consent,
        words=said.as_of(one.at) if said and one.at else (),
        first=first,
        last=last,
    )
