"""Colleagues in each other's lessons, by agreement: proposing, agreeing, noting on a phone, talking it over."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities.next_steps import next_steps, offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, allows, load
from lms_plc.core.things import Thing, one_shown, shown, thing_named
from lms_plc.evidence.kinds import NODE
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.visits import actions, leavers, on_home, queries
from lms_plc.visits.forms import (
    AT_ONCE,
    AgreeForm,
    LearnedForm,
    NoteForm,
    PersonForm,
    PlanForm,
    ProposeForm,
    ShareForm,
)
from lms_plc.visits.queries import KIND, OVER, PROPOSED, TO_NOTE, TO_PLAN, PersonListed, VisitSeen
from lms_plc.visits.wording import KINDS, SORTS, STATES
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, gettext, ngettext

__all__ = ["leavers", "on_home", "visits"]

visits = Blueprint("visits", __name__, url_prefix="/s/<seat>", template_folder="templates")

ROOM = "inquiry.inquiry_list"
"""The tab these pages stand under."""

LINES_ON_PAPER = 15

for _kind in ("inquiry", "practice_change"):
    offers_step(_kind, N_("Let a colleague visit a lesson"), "visits.propose_form")
offers_step(KIND, N_("Try something because of it"), "practicechanges.keep_form")
offers_step(KIND, N_("Agree on something to do"), "actionitems.new_form")

Form = TypeVar("Form", bound=BaseModel)

NOTHING: Answer[Any] = Answer(None, [], {})


@visits.get("/communities/<uuid:community_id>/visits")
def visit_list(community_id: UUID) -> str:
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.visits(connection, who, community.id, before=before)
    return render_template(
        "visits/visits.html",
        page_title=gettext("Visits"),
        community=frame(community, ROOM),
        seen=community,
        page=page,
        first=before is None,
        may_propose=allows(community.roles, "visit.propose"),
        kinds={name: gettext(one.name) for name, one in KINDS.items()},
        states={name: gettext(one) for name, one in STATES.items()},
    )


@visits.get("/communities/<uuid:community_id>/visits/new")
def propose_form(community_id: UUID) -> str:
    who = actor()
    given = {"from_kind": request.args.get("from_kind", ""), "from_id": request.args.get("from", "")}
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "visit.propose")
        return _propose_page(connection, who, community, Answer(None, [], given))


@visits.post("/communities/<uuid:community_id>/visits/new")
def propose(community_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    answer = read_form(ProposeForm, with_lists(request.form, "people"))
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "visit.propose")
        visitors: list[UUID] = []
        if answer.form is not None:
            visitors, errors = _visitors(connection, who, community, answer.form)
            answer = Answer(None if errors else answer.form, errors, answer.given)
        if answer.form is None:
            return _propose_page(connection, who, community, answer), 422
        origin = _thing(connection, who, community.id, answer.given)
        visit_id = actions.propose(session, who, community, answer.form, visitors, origin.reference if origin else None)
    return _to_visit(visit_id)


@visits.get("/visits/<uuid:visit_id>")
def visit(visit_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.see")
        return _visit_page(connection, who, seen, NOTHING)


@visits.post("/visits/<uuid:visit_id>/agree")
def agree(visit_id: UUID) -> str | Response | tuple[str, int]:
    def said(session: Session, who: Actor, seen: VisitSeen, form: AgreeForm) -> bool:
        if seen.state == PROPOSED:
            return actions.agree(session, who, seen, form.focus)
        return actions.set_focus(session, who, seen, form.focus)

    return _write(visit_id, "visit.agree", AgreeForm, said)


@visits.post("/visits/<uuid:visit_id>/not-now")
def decline(visit_id: UUID) -> Response:
    return _do(visit_id, "visit.agree", actions.decline)


@visits.post("/visits/<uuid:visit_id>/plan")
def plan(visit_id: UUID) -> str | Response | tuple[str, int]:
    zone = ZoneInfo(house().settings.timezone)
    return _write(
        visit_id, "visit.plan", PlanForm, lambda session, who, seen, form: actions.plan(session, who, seen, form, zone)
    )


@visits.post("/visits/<uuid:visit_id>/cancel")
def cancel(visit_id: UUID) -> Response:
    return _do(visit_id, "visit.plan", actions.cancel)


@visits.post("/visits/<uuid:visit_id>/visitors")
def bring(visit_id: UUID) -> str | Response | tuple[str, int]:
    """Nothing was typed, so nothing can be lost: who cannot be brought is not among the visitors."""

    def brought(session: Session, who: Actor, seen: VisitSeen, form: PersonForm) -> bool:
        known = {one.id for one in queries.choosable(session.connection(), who, seen.community_id, seen.host_id)}
        if form.person_id in known:
            actions.bring(session, who, seen, form.person_id)
        return True

    return _write(visit_id, "visit.plan", PersonForm, brought)


@visits.post("/visits/<uuid:visit_id>/not-coming")
def step_back(visit_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: VisitSeen = load(session.connection(), who, KIND, visit_id, "visit.note")
        gone = actions.step_back(session, who, seen)
    return redirect(url_for("visits.visit_list", community_id=seen.community_id), 303) if gone else _to_visit(visit_id)


@visits.get("/visits/<uuid:visit_id>/notes")
def notes(visit_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.note")
        return _notes_page(connection, who, seen, NOTHING)


@visits.post("/visits/<uuid:visit_id>/notes")
def write_note(visit_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(NoteForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.note")
        if answer.form is None:
            return _notes_page(connection, who, seen, answer), 422
        if not actions.note(session, who, seen, answer.form):
            message = gettext("The talk has begun, so this was not kept. Copy it if you want to bring it in.")
            late = answer.refused("text", message)
            return _notes_page(connection, who, seen, late), 422
    return redirect(url_for("visits.notes", visit_id=visit_id, place=answer.form.place or None), 303)


@visits.post("/visits/<uuid:visit_id>/notes/<uuid:observation_note_id>/take-out")
def take_out(visit_id: UUID, observation_note_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: VisitSeen = load(session.connection(), who, KIND, visit_id, "visit.note")
        actions.take_out(session, who, seen, observation_note_id)
    return redirect(url_for("visits.notes", visit_id=visit_id), 303)


@visits.post("/visits/<uuid:visit_id>/talk")
def debrief(visit_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: VisitSeen = load(session.connection(), who, KIND, visit_id, "visit.note")
        actions.debrief(session, who, seen)
    return redirect(url_for("visits.talk", visit_id=visit_id), 303)


@visits.get("/visits/<uuid:visit_id>/talk")
def talk(visit_id: UUID) -> str:
    """The notes side by side; before the talk the visitors' alone."""
    who = actor()
    with house().database.read() as connection:
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.plan")
        return _talk_page(connection, who, seen, NOTHING)


@visits.post("/visits/<uuid:visit_id>/learned")
def report(visit_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(LearnedForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.plan")
        if answer.form is None:
            return _talk_page(connection, who, seen, answer), 422
        if not actions.report(session, who, seen, answer.form.learned, based_on=answer.form.based_on):
            seen = load(connection, who, KIND, visit_id, "visit.plan")
            late = answer.refused("learned", _meanwhile())
            return _talk_page(connection, who, seen, late, moved_on=True), 409
    return _to_visit(visit_id)


@visits.post("/visits/<uuid:visit_id>/notes/<uuid:observation_note_id>/keep")
def keep(visit_id: UUID, observation_note_id: UUID) -> Response:
    """Host or visitor keeps a note for both; it stays the words of who wrote it."""
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.plan")
        if not seen.is_talked_over:
            raise NotAllowed("visit.plan")
        kept = next((one for one in queries.notes(connection, who, seen) if one.id == observation_note_id), None)
        if kept is None or kept.is_hidden:
            raise NotThere("observation_note")
        people = [seen.host_id, *(one.id for one in queries.visitors(connection, seen.id))]
        node = Reference(NODE, actions.keep(session, who, seen, kept, people))
        is_readable = node in shown(connection, who, [node])
    if not is_readable:  # kept before, and its writer has chosen other readers since
        return redirect(url_for("visits.talk", visit_id=visit_id), 303)
    return redirect(url_for("evidence.node", node_id=node.id), 303)


@visits.post("/visits/<uuid:visit_id>/share")
def share(visit_id: UUID) -> str | Response | tuple[str, int]:
    return _write(
        visit_id,
        "visit.agree",
        ShareForm,
        lambda session, who, seen, form: (
            form.shared == (seen.shared_at is not None) or actions.share(session, who, seen, shared=form.shared)
        ),
    )


@visits.get("/visits/<uuid:visit_id>/sheet")
def sheet(visit_id: UUID) -> str:
    """Three empty columns on paper, for lessons in which a phone would disturb."""
    who = actor()
    with house().database.read() as connection:
        seen: VisitSeen = load(connection, who, KIND, visit_id, "visit.plan")
        community = load_here(connection, who, seen.community_id, "community.read")
    return render_template(
        "visits/sheet.html",
        page_title=gettext(KINDS[seen.kind].name),
        community=frame(community, ROOM),
        visit=seen,
        lines=LINES_ON_PAPER,
    )


def _do(visit_id: UUID, permission: str, verb: Callable[[Session, Actor, VisitSeen], object]) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: VisitSeen = load(session.connection(), who, KIND, visit_id, permission)
        verb(session, who, seen)
    return _to_visit(visit_id)


def _write(
    visit_id: UUID,
    permission: str,
    model: type[Form],
    verb: Callable[[Session, Actor, VisitSeen, Form], bool],
) -> str | Response | tuple[str, int]:
    """What came too late to be said of it stands on the page, to be copied."""
    who, answer = actor(), _in_our_words(read_form(model, request.form))
    with house().database.write() as session:
        seen: VisitSeen = load(session.connection(), who, KIND, visit_id, permission)
        if answer.form is None:
            return _visit_page(session.connection(), who, seen, answer), 422
        if not verb(session, who, seen, answer.form):
            seen = load(session.connection(), who, KIND, visit_id, permission)
            words = [answer.given[name] for name in ("focus", "day", "starts", "place") if answer.given.get(name)]
            return _visit_page(session.connection(), who, seen, NOTHING, words), 409
    return _to_visit(visit_id)


def _meanwhile() -> str:
    return gettext("Something changed meanwhile. Please look again; your words are still here.")


def _in_our_words(answer: Answer[Form]) -> Answer[Form]:
    words = {
        "day": gettext("Please give a day, as in 2026-11-22."),
        "starts": gettext("Please give a time, as in 14:30."),
        "minutes": gettext("Please choose one of these."),
        "person_id": gettext("Please choose one of these."),
    }
    return answer.worded(words)


def _to_visit(visit_id: UUID) -> Response:
    return redirect(url_for("visits.visit", visit_id=visit_id), 303)


def _visitors(
    connection: Connection, who: Actor, community: CommunitySeen, form: ProposeForm
) -> tuple[list[UUID], list[dict[str, str]]]:
    """All who visit, each once, and what speaks against it."""
    known = {one.id for one in queries.choosable(connection, who, community.id)}
    wrong = gettext("Please choose one of these.")
    if form.host_id != who.person_id and form.host_id not in known:
        return [], [{"field": "host_id", "message": wrong}]
    people = [one for one in dict.fromkeys(form.people) if one != form.host_id]
    if not set(people) <= known:
        return [], [{"field": "people", "message": wrong}]
    if form.host_id == who.person_id:
        if people:
            return people, []
        return [], [{"field": "people", "message": gettext("Please choose who may come.")}]
    return [who.person_id, *people], []


def _thing(connection: Connection, who: Actor, community_id: UUID, given: Any) -> Thing | None:
    """What the visit belongs to, if the actor may see it and it is of this community; nonsense is nothing."""
    thing = thing_named(connection, who, given, "from_kind", "from_id")
    return thing if thing is not None and thing.community_id == community_id else None


def _propose_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[ProposeForm]) -> str:
    people = queries.choosable(connection, who, community.id)
    return render_template(
        "visits/propose.html",
        page_title=gettext("Propose a visit"),
        community=frame(community, ROOM),
        seen=community,
        about=_thing(connection, who, community.id, answer.given),
        kinds=[(name, gettext(one.name), gettext(one.meant)) for name, one in KINDS.items()],
        hosts=[("", gettext("Choose")), (str(who.person_id), gettext("Mine")), *_options(people)],
        people=people,
        chosen=answer.given.get("people", "").split(),
        at_once=AT_ONCE,
        answer=answer,
        errors=answer.errors,
        labels={
            "kind": gettext("What sort of visit?"),
            "host_id": gettext("Whose lesson?"),
            "people": gettext("Who else comes?"),
        },
        form_key=answer.form_key,
    )


def _options(people: Sequence[PersonListed]) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in people]


def _visit_page(
    connection: Connection, who: Actor, seen: VisitSeen, answer: Answer[Any], too_late: Sequence[str] = ()
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    origin = one_shown(connection, who, seen.origin)
    visitors = queries.visitors(connection, seen.id)
    is_coming = seen.is_among_us and seen.state in (PROPOSED, *TO_PLAN)
    others = queries.choosable(connection, who, seen.community_id, seen.host_id) if is_coming else []
    there = {seen.host_id, *(one.id for one in visitors)}
    steps = None
    if seen.is_among_us and seen.is_talked_over:
        steps = next_steps(connection, who, KIND, seen.reference, seen.community_id)
    return render_template(
        "visits/visit.html",
        page_title=gettext(KINDS[seen.kind].name),
        community=frame(community, ROOM),
        seen=community,
        visit=seen,
        meant=gettext(KINDS[seen.kind].meant),
        state=gettext(STATES[seen.state]),
        origin=origin,
        visitors=visitors,
        others=[("", gettext("Choose")), *_options([one for one in others if one.id not in there])],
        may_bring=is_coming and len(visitors) < AT_ONCE,
        is_proposed=seen.state == PROPOSED,
        is_to_plan=seen.state in TO_PLAN,
        is_to_note=seen.state in TO_NOTE,
        is_over=seen.state in OVER,
        lengths=_lengths(seen),
        planned=_planned(seen),
        steps=steps,
        too_late=too_late,
        notice={"text": _meanwhile(), "tone": "warn"} if too_late else None,
        answer=answer,
        errors=answer.errors,
    )


def _planned(seen: VisitSeen) -> dict[str, str]:
    """Day and time as the form takes them."""
    if seen.starts_at is None:
        return {"day": "", "starts": ""}
    starts = seen.starts_at.astimezone(ZoneInfo(house().settings.timezone))
    return {"day": f"{starts:%Y-%m-%d}", "starts": f"{starts:%H:%M}"}


def _lengths(seen: VisitSeen) -> list[tuple[str, str]]:
    lengths = sorted({10, 15, 20, 30, 40, 45, 60, 90, seen.minutes or 45})
    return [(str(one), ngettext("%(num)s minute", "%(num)s minutes", one)) for one in lengths]


def _notes_page(connection: Connection, who: Actor, seen: VisitSeen, answer: Answer[Any]) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    written = queries.notes(connection, who, seen)
    return render_template(
        "visits/notes.html",
        page_title=gettext("What we see and hear"),
        community=frame(community, ROOM),
        visit=seen,
        may_note=seen.state in TO_NOTE,
        notes=list(reversed(written)),
        sorts={name: gettext(one) for name, one in SORTS.items()},
        my_id=who.person_id,
        place=answer.given.get("place", request.args.get("place", ""))[:100],
        answer=answer,
        errors=answer.errors,
        labels={"text": gettext("Note")},
        form_key=answer.form_key,
    )


def _talk_page(
    connection: Connection, who: Actor, seen: VisitSeen, answer: Answer[Any], *, moved_on: bool = False
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    written = queries.notes(connection, who, seen) if seen.reads_notes else []
    is_sent_back = bool(answer.errors) and not moved_on
    return render_template(
        "visits/talk.html",
        page_title=gettext("The talk afterwards"),
        community=frame(community, ROOM),
        visit=seen,
        told=[one for one in written if one.sort != "guess"],
        reports={
            one.id: way_to("moderation.report_form", kind=queries.NOTE, thing_id=one.id)
            for one in written
            if seen.is_talked_over and one.author_id != who.person_id
        },
        guesses=[one for one in written if one.sort == "guess"],
        has_notes=bool(written),
        is_to_note=seen.state in TO_NOTE,
        sorts={name: gettext(one) for name, one in SORTS.items()},
        protocol=way_to("meetings.plan_form", community_id=community.id, protocol=KINDS[seen.kind].protocol),
        based_on=answer.given.get("based_on", "") if is_sent_back else queries.learned_there(seen.learned),
        theirs=seen.learned if moved_on else "",
        answer=answer,
        errors=answer.errors,
        labels={"learned": gettext("What we take along")},
    )
