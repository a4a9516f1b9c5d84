"""Pages of what was thought: a community's, a meeting's, and one thought with what led to it and what it led to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities.audiences import AUDIENCE_NAMES, Audience
from lms_plc.communities.leaving import made_untold
from lms_plc.communities.next_steps import next_steps, offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.core.things import Thing, kinds, shown, shown_open
from lms_plc.evidence import actions, queries, strength
from lms_plc.evidence import chains as chains
from lms_plc.evidence import writing as writing
from lms_plc.evidence.blueprint import TAB
from lms_plc.evidence.blueprint import evidence as evidence
from lms_plc.evidence.covering import cover_of
from lms_plc.evidence.forms import AskForm, Look, ReviewForm
from lms_plc.evidence.kinds import (
    CLAIM_STATES,
    KINDS,
    LEVELS,
    NODE,
    SORTS,
    STRENGTHS,
    WORDS,
    ClaimState,
    ItemState,
    Level,
    Sort,
    Strength,
    shows_people,
)
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.evidence.queries import LinkSeen, NodeSeen
from lms_plc.files import queries as file_queries
from lms_plc.files.queries import FileSeen
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

NO_ANSWER: Answer[Any] = Answer(None, [], {})

for _kind in ("practice_change", "inquiry", "action_item", "AdaptationIntent", "Evidence"):
    offers_step(_kind, N_("Say what has changed"), "evidence.claim_form")
for _kind in ("practice_change", "inquiry", "data_set", "visit", "OutcomeClaim", "Hunch", "Prediction"):
    offers_step(_kind, N_("Keep what shows it"), "evidence.keep_form")

made_untold(
    NODE,
    KnowledgeNode.id,
    KnowledgeNode.author_id,
    KnowledgeNode.community_id,
    KnowledgeNode.audience != Audience.ONLY_ME.value,
)


@evidence.get("/communities/<uuid:community_id>/thoughts")
def nodes(community_id: UUID) -> str:
    """A community's, or those of one meeting (``from_kind`` and ``from``)."""
    who, seal = actor(), house().seal
    kind = request.args.get("kind", "")
    origin = _origin_asked()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        place = shown(connection, who, [origin]).get(origin) if origin else None
        if origin is not None and place is not None and place.community_id == community.id:
            page: Page[NodeSeen] = Page(queries.of_origin(connection, who, origin, seal), None)
        else:
            place = None
            before = key_from(request.args, "before")
            kind = kind if kind in KINDS else ""
            page = queries.nodes(connection, who, community.id, kind=kind, before=before, seal=seal)
    return render_template(
        "evidence/nodes.html",
        page_title=gettext("What we thought"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        place=place,
        page=page,
        kind=kind if kind in KINDS else "",
        names={name: gettext(one.name) for name, one in KINDS.items()},
        uncover={one.id: _where_it_opens(one) for one in page.items if one.covered},
    )


@evidence.get("/thoughts/<uuid:node_id>")
def node(node_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        return _page(connection, who, _load(connection, who, node_id, "node.read"))


@evidence.post("/thoughts/<uuid:node_id>/check")
def check(node_id: UUID) -> str | Response | tuple[str, int]:
    """Whether a piece of evidence may be used."""
    who, answer = actor(), read_form(Look, request.form)
    with house().database.write() as session:
        seen = _load(session.connection(), who, node_id, "evidence.check")
        if seen.item is None or seen.sealed:
            raise NotThere(NODE)
        if answer.form is None or not answer.form.is_said:
            missing = [
                {"field": name, "message": gettext("Please choose one of these.")}
                for name in ("people_visible", "names_removed")
                if not answer.given.get(name)
            ]
            answer = Answer(None, [*answer.errors, *missing], answer.given)
            return _page(session.connection(), who, seen, answer, "check"), 422
        actions.check_evidence(session, who, seen, answer.form)
    if answer.form.is_usable or seen.is_own:
        return _back(seen.id)
    if not _is_inside(seen):
        return redirect(url_for("communities.mine", all=1), 303)
    return redirect(url_for("evidence.nodes", community_id=seen.community_id), 303)


@evidence.post("/thoughts/<uuid:node_id>/questions")
def ask(node_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(AskForm, request.form)
    with house().database.write() as session:
        seen = _claim_of_another(session, who, node_id, "claim.question")
        if answer.form is None:
            return _page(session.connection(), who, seen, answer, "ask"), 422
        actions.ask_about(session, who, seen, answer.form.text, answer.form.form_key)
    return _back(seen.id)


@evidence.post("/thoughts/<uuid:node_id>/review")
def review(node_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ReviewForm, request.form)
    with house().database.write() as session:
        seen = _claim_of_another(session, who, node_id, "claim.review")
        if answer.form is None:
            return _page(session.connection(), who, seen, answer, "review"), 422
        actions.review(session, who, seen, answer.form.text, answer.form.form_key)
    return _back(seen.id)


@evidence.post("/thoughts/<uuid:node_id>/stand")
def let_stand(node_id: UUID) -> Response:
    """Once a colleague has looked at it."""
    who = actor()
    with house().database.write() as session:
        seen = _load(session.connection(), who, node_id, "node.change")
        if seen.claim is None:
            raise NotThere(NODE)
        actions.let_stand(session, who, seen)
    return _back(node_id)


@evidence.post("/thoughts/<uuid:node_id>/withdraw")
def withdraw(node_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = _load(session.connection(), who, node_id, "node.change")
        if seen.claim is None:
            raise NotThere(NODE)
        actions.withdraw(session, who, seen)
    return _back(node_id)


def _load(connection: Connection, who: Actor, node_id: UUID, permission: str) -> NodeSeen:
    found: NodeSeen = load(connection, who, NODE, node_id, permission)
    return found.opened(house().seal)


def _claim_of_another(session: Session, who: Actor, node_id: UUID, permission: str) -> NodeSeen:
    """An outcome that still is one; one's own is for others to ask about."""
    seen = _load(session.connection(), who, node_id, permission)
    if seen.claim is None or seen.is_own or seen.claim.state == ClaimState.WITHDRAWN:
        raise NotThere(NODE)
    return seen


def _back(node_id: UUID) -> Response:
    return redirect(url_for("evidence.node", node_id=node_id), 303)


def _page(connection: Connection, who: Actor, seen: NodeSeen, answer: Answer[Any] = NO_ANSWER, form: str = "") -> str:
    community = load_here(connection, who, seen.community_id, "community.read") if _is_inside(seen) else None
    links = queries.links_of(connection, seen.reference)
    wanted = [one for one in (seen.origin, *(link.other for link in links)) if one.kind in kinds()]
    things = shown_open(connection, who, house().seal, wanted)
    fit = community and not (seen.item and seen.item.state == ItemState.BLOCKED)
    steps = next_steps(connection, who, seen.kind, seen.reference, seen.community_id) if fit else None
    files = file_queries.attached(connection, [seen.reference]).get(seen.reference, ()) if seen.item else ()
    checks = queries.checks_of(connection, seen.id) if seen.item and not seen.sealed else []
    return render_template(
        "evidence/node.html",
        **_given(seen, community, links, things),
        steps=steps,
        files=files,
        item=_item(seen, checks, files),
        claim=_claim(seen, links, things),
        answer=answer,
        form=form,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _is_inside(seen: NodeSeen) -> bool:
    """Readers of other communities see the thought, and not the rooms around it."""
    return allows(seen.roles, "community.read")


def _given(
    seen: NodeSeen, community: CommunitySeen | None, links: list[LinkSeen], things: Mapping[Reference, Thing]
) -> dict[str, Any]:
    audience = AUDIENCE_NAMES[Audience(seen.audience)]
    said = [one for one in chains.told_of(links, things) if not _is_doubt(one)]
    return {
        "page_title": gettext(KINDS[seen.kind].name),
        "community": frame(community, TAB) if community else None,
        "seen": community,
        "node": seen,
        "meant": gettext(KINDS[seen.kind].meant),
        "audience": (gettext(audience[0]), gettext(audience[1])),
        "origin": things.get(seen.origin),
        "links": [(gettext(WORDS[one.type][0 if one.forwards else 1]), things.get(one.other)) for one in said],
        "doubts": [things[one.other] for one in links if _is_doubt(one) and one.other in things],
        "uncover": _where_it_opens(seen),
        "why_it_stays": writing.why_it_stays() if seen.stays and seen.is_own else None,
        "report": None if seen.is_own else way_to("moderation.report_form", kind=NODE, thing_id=seen.id),
    }


def _where_it_opens(seen: NodeSeen) -> str | None:
    """Of a thought that is covered: the page on which one comes to it."""
    cover = cover_of(seen.origin.kind) if seen.covered else None
    return way_to(cover.endpoint, **{cover.key: seen.origin.id}) if cover else None


def _is_doubt(one: LinkSeen) -> bool:
    return one.type == "questioned_by" and one.forwards


def _item(seen: NodeSeen, checks: Sequence[queries.CheckSeen], files: Sequence[FileSeen]) -> dict[str, Any] | None:
    if seen.item is None:
        return None
    is_waiting = seen.item.state == ItemState.ADDED
    last = checks[0] if checks and not is_waiting else None  # a look was at what it was then
    what_to_do = None
    if last is not None and not last.usable:
        what_to_do = (
            gettext("Names can still be read or heard in it. Take them out, and look once more.")
            if not last.names_removed
            else gettext(
                "People can be recognised, and nobody has allowed it. Ask them, for pupils their parents, or keep a"
                " picture without them."
            )
        )
    sort = Sort(seen.item.sort)
    return {
        "sort": gettext(SORTS[sort]),
        "is_blocked": seen.item.state == ItemState.BLOCKED,
        "is_waiting": is_waiting,
        "shows_people": shows_people(sort, [one.media_type for one in files]),
        "what_to_do": what_to_do,
        "check": last,
        "seen": seen.item,
    }


def _claim(seen: NodeSeen, links: Sequence[LinkSeen], things: Mapping[Reference, Thing]) -> dict[str, Any] | None:
    if seen.claim is None:
        return None
    showing = [one.other for one in links if one.type == "shown_by" and one.forwards]
    authors = [things[one].author_id if one in things else None for one in showing]
    missing = strength.missing(seen.claim, seen.author_id, authors)
    name, sentence = STRENGTHS[Strength(seen.claim.strength)]
    return {
        "seen": seen.claim,
        "level": gettext(LEVELS[Level(seen.claim.level)]),
        "strength": gettext(name),
        "sentence": gettext(sentence),
        "state": gettext(CLAIM_STATES[ClaimState(seen.claim.state)]),
        "missing": gettext(missing) if missing else None,
        "is_withdrawn": seen.claim.state == ClaimState.WITHDRAWN,
        "may_stand": seen.is_own and seen.claim.state == ClaimState.REVIEWED,
        "may_ask": not seen.is_own and seen.claim.state != ClaimState.WITHDRAWN,
        "is_reviewed": seen.claim.reviewed_at is not None,
    }


def _origin_asked() -> Reference | None:
    thing_id, kind = key_from(request.args, "from"), request.args.get("from_kind", "")
    return Reference(kind, thing_id) if thing_id and kind in kinds() else None
