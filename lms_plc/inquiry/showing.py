"""How is an inquiry shown: where it is, what is missing, what is next; and one stage of it, with all that is in it?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from sqlalchemy import Connection, Uuid, literal

from lms_plc.actionitems import queries as actions_agreed
from lms_plc.communities.attached import hanging
from lms_plc.communities.audiences import Audience
from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.sealed_words import unsealed
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, allows
from lms_plc.core.things import one_shown
from lms_plc.cycles.content import Content, Stage
from lms_plc.cycles.wording import in_language
from lms_plc.evidence import queries as thoughts
from lms_plc.evidence.kinds import KINDS
from lms_plc.house import house
from lms_plc.inquiry import queries, ways
from lms_plc.inquiry import written as in_it
from lms_plc.inquiry.exits import OF_A_PORTFOLIO, Leaving, Looked, leaving, to_be_told
from lms_plc.inquiry.following import readers_of
from lms_plc.inquiry.forms import OfTheRound
from lms_plc.inquiry.queries import AT_WORK, BEHIND, NOT_STARTED, InquirySeen, StageState, may_read_stage
from lms_plc.inquiry.situation import Situation, its_origins, situation
from lms_plc.inquiry.wording import NEEDS, PART_NAMES, READS, STAGES, needs, options, states
from lms_plc.practicechanges import queries as changes_made
from lms_plc.protocols.content import shipped as shipped_protocols
from lms_plc.protocols.wording import said as protocol_said
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import gettext

HERE = "inquiry.inquiry_list"

CAME_OF_IT = ("OutcomeClaim", "Evidence", "FocusStatement")
"""Kinds of nodes that stand beside what was changed; the others are what was thought."""

NOTHING: Answer[Any] = Answer(None, [], {})


@dataclass(frozen=True, slots=True)
class OnPath:
    """A stage on the way: ``sign`` and ``word`` say how it stands, ``missing`` how much there is left to leave it by.
    ``may_read``: whoever looks reads what is in it."""

    id: str
    name: str
    purpose: str
    state: str
    sign: str
    word: str
    reads: str
    is_here: bool
    may_read: bool
    is_private: bool
    missing: int
    reason: str


def path(seen: InquirySeen, now: Situation, said: Content) -> list[OnPath]:
    """Its stages in their order, in the language of the page."""
    found = []
    for stage in said.stages:
        state = now.stages.get(stage.id)
        if state is None:
            continue
        may_read = may_read_stage(seen, state)
        sign, word = STAGES[state.state]
        left = leaving_of(seen, now, said, stage.id)
        found.append(
            OnPath(
                stage.id,
                stage.name,
                stage.purpose,
                state.state,
                sign,
                gettext(word),
                gettext(READS[state.audience][0]),
                stage.id == seen.stage and seen.is_under_way,
                may_read,
                state.audience == Audience.ONLY_ME.value,
                len(left.missing) if may_read else 0,
                unsealed(house().seal, state.reason) if may_read and state.reason else "",
            )
        )
    return found


def leaving_of(seen: InquirySeen, now: Situation, said: Content, stage_id: str) -> Leaving:
    written, words = seen.content.stage(stage_id), said.stage(stage_id)
    assert written is not None
    assert words is not None
    to_tell = to_be_told(seen.content, now.begun)
    looked = Looked(now.facts, stage_id, seen.decision is not None, now.round_decision is not None, to_tell)
    unsaid = frozenset() if seen.may_lead else OF_A_PORTFOLIO
    return leaving(written.exit, words.exit, now.ticked.get(stage_id, frozenset()), looked, unsaid)


def inquiry_page(connection: Connection, who: Actor, seen: InquirySeen, notice: str | None = None) -> str:
    """At most seven statements, with the seat's: the inquiry, its community, its situation, what hangs on it, where it
    came from."""
    community = load_here(connection, who, seen.community_id, "community.read")
    now = situation(connection, who, house().seal, seen.id, seen.round)
    said = in_language(seen.content)
    steps = path(seen, now, said)
    origin = one_shown(connection, who, seen.origin)
    offers = next_steps(connection, who, "inquiry", seen.reference, seen.community_id).offers if seen.is_mine else ()
    return render_template(
        "inquiry/inquiry.html",
        page_title=seen.title,
        community=frame(community, HERE),
        seen=community,
        inquiry=seen,
        cycle=said,
        states=states(),
        path=steps,
        differently=_differently(seen, now),
        next=_next(seen, now, steps, said),
        people=[one for one in now.people if one.state == queries.ACTIVE],
        asked=[one for one in now.people if one.state == queries.ASKED],
        part_names={part: gettext(name) for part, name in PART_NAMES.items()},
        my_part=gettext(PART_NAMES[seen.my_part]) if seen.my_part else "",
        hanging=hanging(connection, who, seen.reference),
        origin=origin,
        offers=offers,
        unled=not seen.lead_ids and seen.state not in queries.ENDED and seen.hidden_at is None,
        graph=way_to("evidence.graph", kind="inquiry", thing_id=seen.id),
        school_news=way_to("schoolnews.my_school"),
        report=way_to("moderation.report_form", kind="inquiry", thing_id=seen.id)
        if not seen.is_mine and not seen.is_asked
        else None,
        portfolio="portfolios.begin" in current_app.view_functions
        and seen.content.portfolio
        and seen.may_lead
        and seen.my_since is not None,
        may_put_on_agenda=not seen.is_private and seen.is_under_way and allows(community.roles, "meeting.propose_item"),
        form_key=new_form_key(),
        notice={"text": notice, "tone": "warn"} if notice else None,
    )


def _differently(seen: InquirySeen, now: Situation) -> str:
    """What the round before was to change in this one."""
    return _said_of_a_round(seen, now.differently)


def _said_of_a_round(seen: InquirySeen, words: str) -> str:
    """For its people, and for who knows of it once it is open; whoever is only asked in does not read it yet."""
    if not words or (seen.is_private and not seen.is_mine):
        return ""
    return unsealed(house().seal, words) if seen.is_sealed else words


def _next(seen: InquirySeen, now: Situation, steps: Sequence[OnPath], said: Content) -> dict[str, str] | None:
    """The one thing to do next, for who works on it."""
    if not seen.may_write or not seen.is_under_way:
        return None
    here = next((one for one in steps if one.is_here), None)
    if here is None:
        return None
    if here.state in BEHIND:
        if said.stages[-1].loop_to and now.round_decision is None:
            return {
                "text": gettext("Every stage is behind you. Again, tell others, or leave it?"),
                "label": gettext("Decide"),
                "url": url_for("inquiry.round_end", inquiry_id=seen.id),
            }
        return {
            "text": gettext("Every stage is behind you. What stays of it?"),
            "label": gettext("What stays"),
            "url": url_for("inquiry.ending", inquiry_id=seen.id),
        }
    if not here.may_read:
        return None
    return {
        "text": here.purpose,
        "label": gettext("Go on: %(stage)s", stage=here.name),
        "url": url_for("inquiry.stage", inquiry_id=seen.id, stage=here.id),
    }


def stage_page(
    connection: Connection,
    who: Actor,
    seen: InquirySeen,
    stage_id: str,
    answer: Answer[Any] = NOTHING,
    *,
    form: str = "",
    now: Situation | None = None,
    notice: str | None = None,
) -> str:
    """Four statements and the seat's, one for what was written, and one for each sort of thing the stage brings forth
    (at most three). ``form`` names the form that was rejected: its words stand in it again."""
    community = load_here(connection, who, seen.community_id, "community.read")
    now = now or situation(connection, who, house().seal, seen.id, seen.round)
    said = in_language(seen.content)
    stage, state = said.stage(stage_id), now.stages[stage_id]
    assert stage is not None
    written = in_it.notes(connection, who, seen.id, seal=house().seal, stages=[stage_id], round=seen.round)
    works = seen.may_write and seen.is_under_way and state.state in AT_WORK
    sign, word = STAGES[state.state]
    left = leaving_of(seen, now, said, stage_id)
    names = [one.id for one in said.stages if one.id in now.stages]
    following = names[names.index(stage_id) + 1] if stage_id != names[-1] else None
    return render_template(
        "inquiry/stage.html",
        page_title=stage.name,
        community=frame(community, HERE),
        seen=community,
        inquiry=seen,
        breadcrumbs=[
            {"label": gettext("Projects"), "url": url_for(HERE, community_id=seen.community_id)},
            {"label": seen.title, "url": url_for("inquiry.inquiry", inquiry_id=seen.id)},
            {"label": stage.name},
        ],
        stage=stage,
        state=state,
        differently=_differently(seen, now) if stage_id == names[0] else "",
        reason=unsealed(house().seal, state.reason) if state.reason else "",
        sign=sign,
        word=gettext(word),
        reads=(gettext(READS[state.audience][0]), gettext(READS[state.audience][1])),
        read_by=queries.read_by(seen, state),
        is_private=state.audience == Audience.ONLY_ME.value,
        reads_choices=options(READS, Audience.ONLY_ME.value),
        always_ask=said.always_ask,
        prompts=_prompts(stage, written),
        notes=[one for one in written if one.prompt is None or one.prompt >= len(stage.prompts)],
        leaving=left,
        done_at={
            one.number: ways.where_met(seen, stage, state, now.facts, one.sentence) for one in left.missing if works
        },
        works=works,
        may_lead=seen.may_lead and seen.is_under_way,
        may_enter=seen.may_write and seen.is_under_way and state.state in (NOT_STARTED, *BEHIND),
        may_ask=allows(seen.roles, "inquiry.ask") and seen.is_under_way and state.state in AT_WORK,
        is_friend=seen.my_part == queries.FRIEND,
        following=said.stage(following) if following else None,
        protocols=_protocols(stage, seen),
        is_loop_end=bool(stage.loop_to) and now.round_decision is None,
        ways=ways.ways_of(seen, stage.outputs) if works else [],
        thoughts=ways.thoughts_of(stage.outputs),
        stays_mine=_stays_mine(who, seen, now, state),
        needs=needs(),
        need_names={value: gettext(name) for value, name in NEEDS.items()},
        answer=answer,
        at_form=form,
        errors=answer.errors,
        form_key=new_form_key(),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **_brought_forth(connection, who, seen, stage, state),
    )


def _stays_mine(who: Actor, seen: InquirySeen, now: Situation, state: StageState) -> bool:
    others = [one.id for one in now.people if one.state == queries.ACTIVE and one.id != who.person_id]
    return readers_of(seen, state.audience, others) is Audience.ONLY_ME


def _prompts(stage: Stage, written: Sequence[in_it.NoteSeen]) -> list[dict[str, Any]]:
    return [
        {"number": number, "text": text, "notes": [one for one in written if one.prompt == number]}
        for number, text in enumerate(stage.prompts)
    ]


def _brought_forth(
    connection: Connection, who: Actor, seen: InquirySeen, stage: Stage, state: StageState
) -> dict[str, Any]:
    """What has come of a stage: only of the sorts that belong to it."""
    outputs, for_people = set(stage.outputs), ways.is_for_people(state)
    kept = {*outputs} & {*KINDS}
    found: dict[str, Any] = {
        "with_talks": for_people and outputs & ways.TALKS,
        "with_plans": for_people and outputs & ways.PLANS,
    }
    if found["with_talks"]:
        talks = in_it.talks(connection, seen.id, house().seal, seen.round)
        found["held"] = [one for one in talks if one.day]
        found["meant"] = [one for one in talks if not one.day]
    if found["with_plans"]:
        found["plans"] = in_it.plans(connection, seen.id, house().seal, seen.round)
    if outputs & ways.STEPS:
        found["steps"] = actions_agreed.of_origin(connection, seen.reference)
    if outputs & ways.CHANGES:
        found["changes"] = changes_made.of_origin(connection, who, seen.reference, seen.round, seal=house().seal)
    if kept:
        found["nodes"] = [(gettext(KINDS[one.kind].name), one) for one in nodes_of(connection, who, seen, kept)]
    return found


def nodes_of(
    connection: Connection, who: Actor, seen: InquirySeen, sorts: Collection[str] = ()
) -> Sequence[thoughts.NodeSeen]:
    """What was thought of it, of its changes, and of what was kept to show either."""
    return thoughts.of_origins(connection, who, its_origins(literal(seen.id, Uuid())), house().seal, sorts)


def _protocols(stage: Stage, seen: InquirySeen) -> list[tuple[str, str]]:
    """Those that fit a stage: name and page; there it is one press into the next meeting."""
    return [
        (
            protocol_said(shipped_protocols()[key].content.name),
            url_for("protocols.protocol", community_id=seen.community_id, key=key),
        )
        for key in stage.protocols
        if key in shipped_protocols()
    ]


def rounds_page(connection: Connection, who: Actor, seen: InquirySeen, before: UUID | None = None) -> str:
    """The rounds beside each other: what was decided, what was written of each stage one may read, what was changed
    and what came of it. Much that was written is several pages, the newest first; older ones show their rounds only."""
    community = load_here(connection, who, seen.community_id, "community.read")
    said = in_language(seen.content)
    gone = in_it.rounds(connection, seen.id)
    by_round = in_it.stages_of_rounds(connection, seen.id)
    readable = {
        (number, stage)
        for number, stages in by_round.items()
        for stage, state in stages.items()
        if may_read_stage(seen, state)
    }
    page = in_it.all_notes(
        connection, who, seen.id, seal=house().seal, stages=sorted({stage for _, stage in readable}), before=before
    )
    written = page.items[::-1]
    changes = changes_made.of_origin(connection, who, seen.reference, seal=house().seal)
    nodes = nodes_of(connection, who, seen)
    rows = []
    again = {one.round + 1: one.changes for one in gone if one.decision == OfTheRound.AGAIN.value}
    for one in gone:
        if before and all(note.round != one.round for note in written):
            continue
        ended = one.ended_at
        here = [
            node for node in nodes if node.created_at >= one.began_at and (ended is None or node.created_at < ended)
        ]
        rows.append(
            {
                "round": one,
                "differently": _said_of_a_round(seen, again.get(one.round, "")),
                "changes_said": _said_of_a_round(seen, one.changes),
                "stages": [
                    (
                        stage.name,
                        answers(stage, [n for n in written if n.round == one.round and n.stage == stage.id]),
                    )
                    for stage in said.stages
                    if (one.round, stage.id) in readable
                ],
                "changes": [change for change in changes if change.round == one.round],
                "claims": [node for node in here if node.kind in CAME_OF_IT],
                "thoughts": [node for node in here if node.kind not in CAME_OF_IT],
            }
        )
    return render_template(
        "inquiry/rounds.html",
        page_title=gettext("Round by round"),
        community=frame(community, HERE),
        seen=community,
        inquiry=seen,
        rounds=list(reversed(rows)),
        older=page.next_key,
        kind_names={kind: gettext(words.name) for kind, words in KINDS.items()},
        breadcrumbs=crumbs(seen, gettext("Round by round")),
    )


def answers(stage: Stage, written: Sequence[in_it.NoteSeen]) -> list[tuple[str, in_it.NoteSeen]]:
    return [
        (stage.prompts[one.prompt] if one.prompt is not None and one.prompt < len(stage.prompts) else "", one)
        for one in written
    ]


def crumbs(seen: InquirySeen, here: str) -> list[dict[str, str]]:
    return [
        {"label": gettext("Projects"), "url": url_for(HERE, community_id=seen.community_id)},
        {"label": seen.title, "url": url_for("inquiry.inquiry", inquiry_id=seen.id)},
        {"label": here},
    ]


def small_page(
    connection: Connection,
    who: Actor,
    seen: InquirySeen,
    template: str,
    title: str,
    answer: Answer[Any] = NOTHING,
    **given: Any,
) -> str:
    """A page with one form."""
    community: CommunitySeen = load_here(connection, who, seen.community_id, "community.read")
    return render_template(
        f"inquiry/{template}",
        page_title=title,
        community=frame(community, HERE),
        seen=community,
        inquiry=seen,
        breadcrumbs=crumbs(seen, title),
        answer=answer,
        errors=answer.errors,
        **given,
    )
