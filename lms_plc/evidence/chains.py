"""What led to a thing and what came of it: said by hand, and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import MAY_BE_PRIVATE, Reference
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.things import Thing, kinds, one_shown, shown, shown_open
from lms_plc.evidence import actions, drawing, linking, queries, tracing
from lms_plc.evidence.blueprint import TAB, evidence
from lms_plc.evidence.drawing import Gap, Station
from lms_plc.evidence.forms import LinkForm
from lms_plc.evidence.kinds import KINDS, NODE, WORDS, ItemState, may_link
from lms_plc.evidence.linking import Chosen
from lms_plc.evidence.queries import LinkSeen
from lms_plc.evidence.tracing import CAME_FROM, Traced
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext, pgettext

STATION_NAMES: Mapping[Station, str] = {
    Station.REFLECTION: N_("Reflected"),
    Station.THOUGHT: N_("Thought and decided"),
    Station.CHANGE: N_("Done differently"),
    Station.SEEN: N_("Seen"),
    Station.OUTCOME: N_("Has changed"),
    Station.AFTER: N_("Told and asked"),
}

MISSING: Mapping[Station, tuple[str, str]] = {
    Station.REFLECTION: (
        N_("No reflection yet"),
        N_("No page of a notebook is linked. Whoever wrote where it began can say so there; its words stay closed."),
    ),
    Station.CHANGE: (N_("No change yet"), N_("It does not say yet what is done differently.")),
    Station.SEEN: (N_("No evidence yet"), N_("Nothing is kept yet that shows it.")),
    Station.OUTCOME: (N_("No outcome yet"), N_("Nobody has said yet what has changed, and for whom.")),
}
"""Station → what its empty box says, and a sentence."""

NOT_LINKED: Mapping[Station, str] = {
    Station.CHANGE: N_("There is a change, but nothing links the reflection to it."),
    Station.SEEN: N_("There is evidence, but nothing links it to the change."),
    Station.OUTCOME: N_("An outcome is stated, but nothing links the evidence to it."),
}

WAYS: Mapping[Station, tuple[str, str]] = {
    Station.REFLECTION: (N_("My notebook"), "journal.entries"),
    Station.CHANGE: (N_("Say what you do differently"), "practicechanges.keep_form"),
    Station.SEEN: (N_("Keep what shows it"), "evidence.keep_form"),
    Station.OUTCOME: (N_("Say what has changed"), "evidence.claim_form"),
}
"""Station → where what is missing can be written; it takes the community and the thing it is for, one's notebook
neither."""

COMPLETE_FOR = ("inquiry", "practice_change", "OutcomeClaim")
"""Of these one may ask whether the whole chain is there."""

PAGE_TO_CHANGE = "journal.link_form"
"""Where one's own page of a notebook is linked to a change."""

UNKNOWN = frozenset({"inquiry", "portfolio", "library_item"})
"""Kinds of which nobody is told that there is one: to whom it is closed it is neither listed nor drawn, nor what only
it leads to."""

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Spot:
    """How one thing is drawn and listed; closed, without title and address. ``mark``: its place in the list."""

    mark: str
    word: str
    title: str | None = None
    url: str | None = None


@evidence.get("/links/<kind>/<uuid:thing_id>")
def links(kind: str, thing_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        return _links(connection, who, _start(connection, who, kind, thing_id), Answer(None, [], {}))


@evidence.post("/links/<kind>/<uuid:thing_id>")
def add_link(kind: str, thing_id: UUID) -> Page:
    who, answer = actor(), read_form(LinkForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        start = _start(connection, who, kind, thing_id)
        chosen = linking.read(answer.form.link) if answer.form else None
        if chosen is None or not _may_choose(connection, who, chosen):
            answer = answer.refused("link")
            return _links(connection, who, start, answer), 422
        ends = (start.reference, chosen.other) if chosen.forwards else (chosen.other, start.reference)
        try:
            actions.link(session, who, ends[0], chosen.type, ends[1], community_id=start.community_id)
        except actions.NoSuchLink:
            said = gettext("These two cannot be linked in this way.")
            return _links(connection, who, start, Answer(None, [{"field": "link", "message": said}], {})), 422
    return redirect(url_for("evidence.links", kind=kind, thing_id=thing_id), 303)


@evidence.post("/links/<kind>/<uuid:thing_id>/remove")
def remove_link(kind: str, thing_id: UUID) -> Response:
    """One's own only; what others said stays."""
    who = actor()
    with house().database.write() as session:
        start = _start(session.connection(), who, kind, thing_id)
        chosen = linking.read(request.form.get("link", ""))
        if chosen is not None:
            ends = (start.reference, chosen.other) if chosen.forwards else (chosen.other, start.reference)
            actions.unlink(session, who, ends[0], chosen.type, ends[1])
    return redirect(url_for("evidence.links", kind=kind, thing_id=thing_id), 303)


@evidence.get("/graph/<kind>/<uuid:thing_id>")
def graph(kind: str, thing_id: UUID) -> str:
    """Everything that hangs together with a thing, drawn from reflection to outcome, and the same as a list."""
    who, start = actor(), Reference(kind, thing_id)
    if kind not in kinds():
        raise NotThere(kind)
    with house().database.read() as connection:
        traced = tracing.trace(connection, start)
        known = [one for one in traced.things if one.kind in kinds()]
        things = shown_open(connection, who, house().seal, known)
        thing = things.get(start)
        if thing is None:
            raise NotThere(kind)
        community = _around(connection, who, thing)
    unknown = {one for one in traced.things if one.kind in UNKNOWN and one not in things}
    traced = tracing.without(traced, start, unknown)
    own = {one: _kind_of(one, traced) for one in traced.things}
    asked = own[start] in COMPLETE_FOR
    missing = drawing.gaps(own, [(one.from_, one.type, one.to) for one in traced.edges], start) if asked else []
    spots = {one: _spot(f"t-{number}", one, own[one], traced, things) for number, one in enumerate(traced.things, 1)}
    return render_template(
        "evidence/graph.html",
        page_title=gettext("How it hangs together"),
        community=frame(community, TAB) if community else None,
        start=thing,
        start_url=url_for(thing.endpoint, **thing.values),
        is_alone=len(traced.things) == 1 and not asked,
        is_complete=asked and not missing,
        missing=[(_sentence(gap), _way(gap, thing, community, own, things)) for gap in missing],
        is_cut=traced.is_cut,
        drawn=_drawn(start, spots, own, traced, missing),
        stations=_listed(spots, own, traced),
        links_url=url_for("evidence.links", kind=kind, thing_id=thing_id),
    )


def told_of(links: Sequence[LinkSeen], things: Mapping[Reference, Thing]) -> list[LinkSeen]:
    """The links somebody to whom these things are open may know of."""
    return [one for one in links if one.other in things or one.other.kind not in UNKNOWN]


def _start(connection: Connection, who: Actor, kind: str, thing_id: UUID) -> Thing:
    found = one_shown(connection, who, Reference(kind, thing_id))
    if found is None:
        raise NotThere(kind)
    return found.opened(house().seal)


def _around(connection: Connection, who: Actor, thing: Thing) -> CommunitySeen | None:
    """The community whose rooms stand around the page, for who is in it."""
    if thing.community_id is None:
        return None
    try:
        return load_here(connection, who, thing.community_id, "community.read")
    except NotThere:
        return None


def _may_choose(connection: Connection, who: Actor, chosen: Chosen) -> bool:
    known = chosen.other.kind in kinds()
    return known and chosen.other in shown(connection, who, [chosen.other])


def _links(connection: Connection, who: Actor, start: Thing, answer: Answer[LinkForm]) -> str:
    community = _around(connection, who, start)
    there = queries.links_of(connection, start.reference)
    near: list[tuple[Thing, str]] = []
    own_kind = start.reference.kind
    if community is not None:
        recent = queries.nodes(connection, who, community.id, size=linking.THOUGHTS, seal=house().seal).items
        near = [(queries.thing_of(node), node.kind) for node in recent if not _is_blocked(node)]
        lately = queries.lately(connection, community.id, [one for one in linking.OFFERED if one in kinds()])
        near += [(one, one.reference.kind) for one in shown_open(connection, who, house().seal, lately).values()]
    if own_kind == NODE:
        own_kind = next((kind for one, kind in near if one.reference == start.reference), "")
        own_kind = own_kind or queries.kind_of(connection, start.reference.id)
    near = [(one, kind) for one, kind in near if one.reference != start.reference]
    others = shown_open(connection, who, house().seal, [one.other for one in there if one.other.kind in kinds()])
    words = [(Chosen(one.type, one.forwards, one.other), one) for one in told_of(there, others)]
    return render_template(
        "evidence/links.html",
        page_title=gettext("What led to this, what came of it"),
        community=frame(community, TAB) if community else None,
        start=start,
        start_url=url_for(start.endpoint, **start.values),
        graph_url=url_for("evidence.graph", kind=start.reference.kind, thing_id=start.reference.id),
        action=url_for("evidence.add_link", kind=start.reference.kind, thing_id=start.reference.id),
        remove=url_for("evidence.remove_link", kind=start.reference.kind, thing_id=start.reference.id),
        there=[
            (
                gettext(WORDS[one.type][0 if one.forwards else 1]),
                others.get(one.other),
                chosen.word if one.linked_by_id == who.person_id else None,
            )
            for chosen, one in words
        ],
        groups=[
            (gettext(group.label), [(word, _called(one)) for word, one in group.options])
            for group in linking.groups(own_kind, near, {chosen.word for chosen, _ in words})
        ],
        answer=answer,
        errors=answer.errors,
        given=answer.given,
    )


def _is_blocked(node: queries.NodeSeen) -> bool:
    return node.item is not None and node.item.state == ItemState.BLOCKED


def _called(thing: Thing) -> str:
    kind = gettext(kinds()[thing.reference.kind].label)
    return thing.title if thing.reference.kind == NODE else f"{kind}: {thing.title}"


def _kind_of(one: Reference, traced: Traced) -> str:
    return traced.kinds.get(one, one.kind)


def _spot(mark: str, one: Reference, kind: str, traced: Traced, things: Mapping[Reference, Thing]) -> Spot:
    thing = things.get(one)
    if thing is not None:
        return Spot(mark, _word(one, kind), thing.title, url_for(thing.endpoint, **thing.values))
    hidden = one in traced.private or one.kind in MAY_BE_PRIVATE
    return Spot(mark, pgettext("thing", "Closed") if hidden else _word(one, kind))


def _word(one: Reference, kind: str) -> str:
    if one.kind == NODE:
        return gettext(KINDS[kind].name) if kind in KINDS else gettext("Thought")
    return gettext(kinds()[one.kind].label) if one.kind in kinds() else pgettext("thing", "Closed")


def _sentence(gap: Gap) -> str:
    return gettext(NOT_LINKED[gap.station] if gap.is_there else MISSING[gap.station][1])


def _way(
    gap: Gap,
    start: Thing,
    community: CommunitySeen | None,
    own: Mapping[Reference, str],
    things: Mapping[Reference, Thing],
) -> tuple[str, str] | None:
    """What the reader can do about it: a label, and an address where it is written, or linked, so that it hangs on what
    comes before it."""
    if community is None:
        return None
    near = [things[one] for one in gap.before if one in things and things[one].community_id in (community.id, None)]
    if gap.is_there:
        return _way_to_link(gap, near, [things[one] for one in gap.of if one in things], community)
    label, endpoint = WAYS[gap.station]
    if endpoint not in current_app.view_functions:
        return None
    if gap.station is Station.REFLECTION:
        return gettext(label), url_for(endpoint)
    about = next((one for one in near if _is_drawn(gap.station, own[one.reference])), start).reference
    address: dict[str, Any] = {"community_id": community.id, "from_kind": about.kind, "from": about.id}
    return gettext(label), url_for(endpoint, **address)


def _is_drawn(station: Station, kind: str) -> bool:
    """Whether what is kept of a thing of this kind hangs on it from then on (``actions``)."""
    if station is Station.SEEN:
        return may_link(kind, "shown_by", "Evidence")
    return station is Station.OUTCOME and (
        may_link(kind, "resulted_in", "OutcomeClaim") or may_link("OutcomeClaim", "shown_by", kind)
    )


def _way_to_link(
    gap: Gap, before: Sequence[Thing], of: Sequence[Thing], community: CommunitySeen
) -> tuple[str, str] | None:
    """A notebook links its pages by itself; what shows something is chosen at what it shows."""
    pages = [one for one in before if one.reference.kind == "journal_entry"]
    if gap.station is Station.CHANGE and pages and PAGE_TO_CHANGE in current_app.view_functions:
        return gettext("Link it to a change"), url_for(PAGE_TO_CHANGE, entry_id=pages[0].reference.id)
    ends = [*before, *of] if gap.station is Station.SEEN else [*of, *before]
    for one in ends:
        if one.community_id == community.id and one.reference.kind != "journal_entry":
            address = url_for("evidence.links", kind=one.reference.kind, thing_id=one.reference.id)
            return gettext("Link “%(title)s” to something", title=one.title), address
    return None


def _drawn(
    start: Reference,
    spots: Mapping[Reference, Spot],
    own: Mapping[Reference, str],
    traced: Traced,
    missing: Sequence[Gap],
) -> dict[str, Any]:
    stations: dict[Any, Station] = {one: drawing.station_of(kind) for one, kind in own.items()}
    ghosts: dict[Any, Station] = {("missing", gap.station): gap.station for gap in missing if not gap.is_there}
    laid = drawing.lay_out({**stations, **ghosts}, [(one.from_, one.to) for one in traced.edges])
    words = _onwards()
    boxes = []
    for box in laid.boxes:
        if box.key in ghosts:
            text = gettext(MISSING[ghosts[box.key]][0])
            boxes.append((box, "ghost", Spot("", ""), drawing.in_lines(text)))
            continue
        spot = spots[box.key]
        sort = "start" if box.key == start else "open" if spot.title is not None else "shut"
        lines = drawing.in_lines(spot.title if spot.title is not None else gettext("closed to you"))
        boxes.append((box, sort, spot, lines))
    return {
        "laid": laid,
        "boxes": boxes,
        "lines": [
            (line.path, words[edge.type], spots[edge.to]) for line, edge in zip(laid.lines, traced.edges, strict=True)
        ],
        "heads": [(head.x, gettext(STATION_NAMES[head.station])) for head in laid.heads],
        "box_width": drawing.BOX_WIDTH,
        "box_height": drawing.BOX_HEIGHT,
        "middle": drawing.BOX_WIDTH // 2,
    }


def _listed(
    spots: Mapping[Reference, Spot], own: Mapping[Reference, str], traced: Traced
) -> list[tuple[str, list[tuple[Spot, list[tuple[str, Spot]]]]]]:
    """Station → its things, each with what it led to: the drawing in words."""
    onwards: dict[Reference, list[tuple[str, Spot]]] = {}
    words = _onwards()
    for edge in traced.edges:
        onwards.setdefault(edge.from_, []).append((words[edge.type], spots[edge.to]))
    found = []
    for station in Station:
        there = [one for one, kind in own.items() if drawing.station_of(kind) is station]
        if there:
            found.append((gettext(STATION_NAMES[station]), [(spots[one], onwards.get(one, [])) for one in there]))
    return found


def _onwards() -> dict[str, str]:
    """Type of an edge → its words, before what it leads to."""
    return {type_: gettext(said[0]) for type_, said in WORDS.items()} | {CAME_FROM: gettext("was where this began:")}
