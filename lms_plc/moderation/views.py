"""When somebody is hurt: report, talk, hide, remove, appeal; and blocking."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import home
from lms_plc.communities.norms import Promise, promises
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, allows, load
from lms_plc.core.text import excerpt
from lms_plc.house import house
from lms_plc.moderation import actions, queries, wording
from lms_plc.moderation.actions import MovedOn, Reason
from lms_plc.moderation.forms import AnswerForm, DecisionForm, ReportForm, Step
from lms_plc.moderation.queries import CaseSeen
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_quiet_entry
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext, ngettext

open_quiet_entry(10, "moderation.mine", N_("Help and reports"))

moderation = Blueprint("moderation", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROMISE_SHOWN = 280


@moderation.get("/report/<kind>/<uuid:thing_id>")
def report_form(kind: str, thing_id: UUID) -> str | Response:
    who = actor()
    with house().database.read() as connection:
        thing = _reportable(connection, who, Reference(kind, thing_id))
        if queries.has_reported(connection, who, thing.reference):
            return redirect(url_for("moderation.mine", again=1))
        return _report_page(connection, who, thing, Answer(None, [], {}))


@moderation.post("/report/<kind>/<uuid:thing_id>")
def report(kind: str, thing_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ReportForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        thing = _reportable(connection, who, Reference(kind, thing_id))
        places = _places(connection, who, thing)
        asked = answer.form.community_id if answer.form else None
        place = places[0][0] if len(places) == 1 else next((one for one, _ in places if one == asked), None)
        if answer.form is not None and place is None:
            answer = answer.refused("community_id")
        if answer.form is None or place is None:
            return _report_page(connection, who, thing, answer), 422
        _, site_id = queries.community_called(connection, place)
        reason = Reason(answer.form.text, _cited(promises(connection, place), answer.form.norm_id))
        words = _words(connection, thing.reference) or thing.excerpt
        actions.report(session, who, thing, words, (place, site_id), reason, unnamed=answer.form.unnamed)
    return redirect(url_for("moderation.mine", sent=1), 303)


@moderation.get("/care")
def mine() -> str:
    """What I asked for help with, and what somebody wants to talk with me about."""
    who = actor()
    with house().database.read() as connection:
        about_mine = queries.about_mine(connection, who)
        reported = queries.reported_by(connection, who)
    return render_template(
        "moderation/mine.html",
        page_title=gettext("Help and reports"),
        about_mine=[(one, _state(one.state, final=one.final)) for one in about_mine],
        reported=[(one, gettext(wording.TO_REPORTER[one.state])) for one in reported],
        kinds=_kinds(),
        notice=_thanks(),
    )


@moderation.get("/communities/<uuid:community_id>/care")
def cases(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "case.list")
        page = queries.cases(connection, who, community.id, before=key_from(request.args, "before"))
    return render_template(
        "moderation/cases.html",
        page_title=gettext("Asked for help"),
        community=frame(community, "communities.member_list"),
        seen=community,
        page=page,
        rows=[(one, _state(one.state, final=one.final), one.state in queries.WAITING) for one in page.items],
        kinds=_kinds(),
    )


@moderation.get("/care/<uuid:case_id>")
def case(case_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _case(connection, who, case_id, "case.see")
        return _case_page(connection, who, seen, Answer(None, [], {}))


@moderation.post("/care/<uuid:case_id>/decide")
def decide(case_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(DecisionForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _case(connection, who, case_id, "case.decide")
        if answer.form is None or answer.form.step not in wording.DECISIONS:
            return _case_page(connection, who, seen, _without_step(answer)), 422
        if seen.state == Step.APPEALED and not seen.answers_appeal:
            raise NotAllowed("case.decide")
        try:
            norm = _cited(promises(connection, seen.community_id), answer.form.norm_id)
            actions.decide(session, who, seen, answer.form.step, Reason(answer.form.text, norm))
        except MovedOn:
            return _moved_on(connection, who, case_id, answer), 409
    return redirect(url_for("moderation.case", case_id=case_id, done=answer.form.step.value), 303)


@moderation.post("/care/<uuid:case_id>/answer")
def answer_case(case_id: UUID) -> str | Response | tuple[str, int]:
    who, given = actor(), read_form(AnswerForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _case(connection, who, case_id, "case.answer")
        if given.form is None:
            return _case_page(connection, who, seen, given), 422
        try:
            if given.form.appeal:
                actions.appeal(session, who, seen, given.form.text)
            else:
                actions.answer(session, who, seen, given.form.text)
        except MovedOn:
            return _moved_on(connection, who, case_id, given), 409
    return redirect(url_for("moderation.case", case_id=case_id, done="said"), 303)


@home.contributes_to_home(70, {"waiting": queries.waiting_on_home()}, when=lambda _, here: _leads(here))
def care_on_home(_: Actor, community: CommunitySeen, found: home.Found) -> home.Part:
    """For those who lead: somebody asked for help."""
    count = found["waiting"][0].number if found["waiting"] else 0
    if not count:
        return home.Part()
    step = home.Step(
        text=ngettext("Somebody asks for your help.", "%(num)s cases wait for you.", count),
        label=gettext("Look at it"),
        url=url_for("moderation.cases", community_id=community.id),
        weight=1,
    )
    return home.Part(steps=(step,))


def _leads(community: CommunitySeen) -> bool:
    return allows(community.roles, "case.list")


def _reportable(connection: Connection, who: Actor, reference: Reference) -> things.Thing:
    """A thing the actor sees now, of a kind that can be hidden. One's own is taken back, not reported."""
    if reference.kind not in things.kinds() or things.keeper_of(reference.kind) is None:
        raise NotThere(reference.kind)
    thing = things.shown(connection, who, [reference]).get(reference)
    if thing is None:
        raise NotThere(reference.kind)
    if thing.author_id == who.person_id:
        raise NotAllowed("case.report")
    return thing


def _places(connection: Connection, who: Actor, thing: things.Thing) -> list[tuple[UUID, str]]:
    """Communities whose leaders can help: the thing's own, else those both are in."""
    if thing.community_id is not None:
        return [(thing.community_id, queries.community_called(connection, thing.community_id)[0])]
    return queries.shared_communities(connection, who, thing.author_id) if thing.author_id else []


def _words(connection: Connection, reference: Reference) -> str | None:
    keeper = things.keeper_of(reference.kind)
    return keeper.words(connection, reference.id) if keeper and keeper.words else None


def _cited(norms: Sequence[Promise], norm_id: UUID | None) -> str | None:
    return next((excerpt(norm.text, PROMISE_SHOWN) for norm in norms if norm.id == norm_id), None)


def _case(connection: Connection, who: Actor, case_id: UUID, permission: str) -> CaseSeen:
    seen: CaseSeen = load(connection, who, "case", case_id, permission)
    return seen


def _report_page(connection: Connection, who: Actor, thing: things.Thing, answer: Answer[ReportForm]) -> str:
    places = _places(connection, who, thing)
    reads: list[str] = []
    author_alone = False
    norms: Sequence[Promise] = ()
    if len(places) == 1:
        reads, author_alone = queries.leaders_but(connection, places[0][0], who.at, thing.author_id)
        norms = promises(connection, places[0][0])
    return render_template(
        "moderation/report.html",
        page_title=gettext("Ask for help"),
        thing=thing,
        kind=_kinds()[thing.reference.kind],
        back=url_for(thing.endpoint, **thing.values, _anchor=thing.anchor),
        places=[(str(one), name) for one, name in places],
        reads=reads,
        author_alone=author_alone,
        norms=_norms(norms),
        answer=answer,
        errors=answer.errors,
        labels={
            "text": gettext("What happened, and what do you wish for?"),
            "community_id": gettext("Who shall help?"),
        },
    )


def _case_page(connection: Connection, who: Actor, seen: CaseSeen, answer: Answer[Any]) -> str:
    there = things.shown(connection, who, [seen.thing]).get(seen.thing) if not seen.private else None
    words = seen.as_seen if seen.private or seen.gone_at else _words(connection, seen.thing) or seen.as_seen
    steps = queries.steps(connection, seen.id)
    given: dict[str, Any] = {
        "case": seen,
        "kind": _kinds().get(seen.thing.kind, ""),
        "there": url_for(there.endpoint, **there.values, _anchor=there.anchor) if there else None,
        "words": words,
        "state": _state(seen.state, final=seen.final_at is not None),
        "steps": [(one, gettext(wording.STEPS[one.step])) for one in steps],
        "answer": answer,
        "errors": answer.errors,
        "labels": {"text": gettext("Your words")},
        "notice": _done(),
    }
    if not seen.judges:
        may_object = seen.state in (Step.HIDDEN, Step.REMOVED) and not (seen.final_at or seen.gone_at)
        return render_template(
            "moderation/own_case.html",
            page_title=gettext("About something you wrote"),
            may_answer=seen.state not in actions.AGAIN and not seen.gone_at,
            may_object=may_object,
            until=seen.decided_at + queries.APPEAL_WITHIN if seen.state == Step.REMOVED and seen.decided_at else None,
            **given,
        )
    community = load_here(connection, who, seen.community_id, "community.read")
    decisions = [] if seen.gone_at else wording.decisions(seen.state, answers_appeal=seen.answers_appeal)
    return render_template(
        "moderation/case.html",
        page_title=gettext("Somebody asks for help"),
        community=frame(community, "communities.member_list"),
        reports=queries.reports(connection, who, seen),
        own_words=seen.author_id == who.person_id,
        decisions=decisions,
        at_once=seen.state in actions.OPEN and not seen.gone_at,
        waits_for_another=seen.state == Step.APPEALED and not seen.answers_appeal,
        decided_before=seen.state == Step.APPEALED and seen.answers_appeal and seen.decided_by_id == who.person_id,
        norms=_norms(promises(connection, seen.community_id)),
        **given,
    )


def _moved_on(connection: Connection, who: Actor, case_id: UUID, answer: Answer[Any]) -> str:
    """Somebody decided in between: the page as it is now, with the words that were not sent."""
    message = gettext("Something changed meanwhile. Please look again; your words are still here.")
    fresh = _case(connection, who, case_id, "case.see")
    return _case_page(connection, who, fresh, answer.refused("text", message))


def _without_step(answer: Answer[DecisionForm]) -> Answer[DecisionForm]:
    """Which button was pressed is no field: it is asked for beside the words."""
    errors = [error for error in answer.errors if error["field"] != "step"]
    if errors:
        return Answer(None, errors, answer.given)
    return answer.refused("text", gettext("Please choose one of the buttons."))


def _norms(norms: Sequence[Promise]) -> list[tuple[str, str]]:
    if not norms:
        return []
    return [("", gettext("None of them")), *((str(norm.id), excerpt(norm.text, 100)) for norm in norms)]


def _kinds() -> dict[str, str]:
    return {name: gettext(kind.label) for name, kind in things.kinds().items()}


def _state(state: Step, *, final: bool) -> tuple[str, str]:
    label, tone = wording.STATES[state]
    return (gettext(label) + (f" · {gettext('final')}" if final else ""), tone)


def _thanks() -> dict[str, str] | None:
    if "sent" in request.args:
        text = gettext("Thank you. It is in good hands; below you see how it goes on.")
        return {"text": text}
    if "again" in request.args:
        return {"text": gettext("You have asked for help with this already. Below you see how it goes on.")}
    return None


def _done() -> dict[str, str] | None:
    done = request.args.get("done", "")
    return {"text": gettext(wording.DONE[done])} if done in wording.DONE else None
