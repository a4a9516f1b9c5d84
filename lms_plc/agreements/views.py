"""What a community promised itself: charter, norms, rhythm, privacy, and the rounds in which it consents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.agreements import actions, on_home, queries
from lms_plc.agreements.actions import CharterMovedOn
from lms_plc.agreements.forms import AnswerForm, CharterForm, GoalForm, Outcome, ProposalForm, Proposed
from lms_plc.agreements.queries import Charter, GoalLoaded, NormLoaded
from lms_plc.agreements.wording import (
    GOAL_STATES,
    PARTS,
    PROPOSED,
    STANDS,
    how_far,
    question_of,
    stand_names,
)
from lms_plc.communities import consent
from lms_plc.communities.consent import NotAgreedYet, Proposal, RoundIsOver, RoundSeen
from lms_plc.communities.forms import FoundingForm
from lms_plc.communities.founding import record_founding
from lms_plc.communities.home import open_room
from lms_plc.communities.queries import CommunitySeen, count_members
from lms_plc.communities.views import frame, load_here
from lms_plc.communities.wording import FOUNDED_BY, founding_choices
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.text import shown
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["agreements", "on_home"]

open_room(40, "agreements.charter", N_("Agreements"))

agreements = Blueprint("agreements", __name__, url_prefix="/s/<seat>", template_folder="templates")

AT_ONE_TABLE = 2
"""A community of so few writes its agreements directly: whoever could consent is at the table."""


@agreements.get("/communities/<uuid:community_id>/charter")
def charter(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        current = queries.charter(connection, community)
        norms = queries.norms(connection, community.id)
        goals = queries.goals(connection, community.id)
        waiting = queries.rounds(connection, who, community.id, is_open=True)
        adopted = [current.round_id, *(norm.round_id for norm in norms), *(goal.round_id for goal in goals)]
        worries = queries.worries(connection, [round_id for round_id in adopted if round_id])
        founding = queries.founding(connection, community.id)
    return render_template(
        "agreements/charter.html",
        page_title=gettext("Our agreements"),
        community=frame(community, "agreements.charter"),
        seen=community,
        current=current,
        purpose=_purpose(community),
        parts=[(gettext(title), getattr(current, name)) for name, title in PARTS.items() if getattr(current, name)],
        norms=norms,
        goals=goals,
        goal_states={state: (gettext(name), tone) for state, (name, tone) in GOAL_STATES.items()},
        waiting=[_listed(one) for one in waiting.items],
        worries=worries,
        founding=founding,
        founded_by={kind.value: gettext(name) for kind, (name, _) in FOUNDED_BY.items()},
    )


@agreements.get("/communities/<uuid:community_id>/charter/history")
def history(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
        page = queries.versions(connection, community.id, before=key_from(request.args, "before"))
    return render_template(
        "agreements/history.html",
        page_title=gettext("How our agreements read before"),
        community=frame(community, "agreements.charter"),
        seen=community,
        page=page,
        versions=[(one, _parts_of(one)) for one in page.items],
    )


@agreements.get("/communities/<uuid:community_id>/charter/edit")
def charter_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.edit_charter")
        current = queries.charter(connection, community)
        members = count_members(connection, community.id)
    given = {name: getattr(current, name) for name in actions.BESIDE_THE_PURPOSE}
    answer: Answer[CharterForm] = Answer(None, [], {**given, "charter": current.purpose})
    return _charter_page(community, members, answer)


@agreements.post("/communities/<uuid:community_id>/charter/edit")
def save_charter(community_id: UUID) -> str | Response | tuple[str, int]:
    """Writes the charter, or puts the new words to a community in which more than two have to agree."""
    who, answer = actor(), read_form(CharterForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.edit_charter")
        members = count_members(session.connection(), community.id)
        needs_consent = members > AT_ONE_TABLE
        if answer.form is not None and needs_consent and not answer.form.text:
            answer = answer.refused("text", gettext("Please fill this in."))
        if answer.form is None:
            return _charter_page(community, members, answer), 422
        try:
            if needs_consent:
                round_id = actions.propose_charter(session, who, community, answer.form)
                return redirect(url_for("agreements.consent_round", round_id=round_id), 303)
            actions.write_charter(session, who, community, answer.form)
        except CharterMovedOn:
            community = load_here(session.connection(), who, community_id, "community.edit_charter")
            theirs = queries.charter(session.connection(), community)
            return _charter_page(community, members, answer, theirs), 409
    return redirect(url_for("agreements.charter", community_id=community.id), 303)


@agreements.get("/communities/<uuid:community_id>/founding")
def founding_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.record_founding")
        told = queries.founding(connection, community.id)
    given: dict[str, Any] = {}
    if told is not None:
        given = {name: getattr(told, name) or "" for name in ("founded_by", "by_whom", "founded_on", "first_purpose")}
    return _founding_page(community, Answer(None, [], given))


@agreements.post("/communities/<uuid:community_id>/founding")
def save_founding(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(FoundingForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.record_founding")
        if answer.form is None:
            return _founding_page(community, answer), 422
        record_founding(session, who, community.id, community.site_id, answer.form)
    return redirect(url_for("agreements.charter", community_id=community.id, _anchor="founding"), 303)


@agreements.get("/norms/<uuid:norm_id>")
def norm(norm_id: UUID) -> str:
    """One promise, also one that has ended: it may have been cited."""
    with house().database.read() as connection:
        seen: NormLoaded = load(connection, actor(), "norm", norm_id, "community.read")
        community = load_here(connection, actor(), seen.community_id, "community.read")
    return render_template(
        "agreements/norm.html",
        page_title=gettext("What we promised each other"),
        community=frame(community, "agreements.charter"),
        seen=community,
        norm=seen,
    )


@agreements.post("/norms/<uuid:norm_id>/review")
def review_norm(norm_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: NormLoaded = load(session.connection(), who, "norm", norm_id, "norm.review")
        community = load_here(session.connection(), who, seen.community_id, "norm.review")
        actions.review_norm(session, who, community, seen)
    return redirect(_norm_address(seen), 303)


@agreements.post("/norms/<uuid:norm_id>/end")
def end_norm(norm_id: UUID) -> Response:
    """Ends a promise, or proposes to end it where more than two have to agree."""
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        seen: NormLoaded = load(connection, who, "norm", norm_id, "agreements.propose")
        community = load_here(connection, who, seen.community_id, "agreements.propose")
        if count_members(connection, community.id) > AT_ONE_TABLE:
            proposal = Proposal("norm_end", seen.text, seen.id)
            round_id = consent.open_round(session, who, community, proposal, f"end-{seen.id}")
            return redirect(url_for("agreements.consent_round", round_id=round_id), 303)
        actions.end_norm(session, who, community, seen.id)
    return redirect(url_for("agreements.charter", community_id=community.id, _anchor="norms"), 303)


@agreements.get("/communities/<uuid:community_id>/propose")
def propose_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "agreements.propose")
    asked = request.args.get("kind", "")
    kind = asked if asked in set(Proposed) else Proposed.GOAL.value
    return _proposal_page(community, Answer(None, [], {"kind": kind}))


@agreements.post("/communities/<uuid:community_id>/propose")
def propose(community_id: UUID) -> str | Response | tuple[str, int]:
    """Puts something to the others; a promise between two is made at once."""
    who, answer = actor(), read_form(ProposalForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "agreements.propose")
        if answer.form is None:
            return _proposal_page(community, answer), 422
        form = answer.form
        if form.kind is Proposed.NORM and count_members(connection, community.id) <= AT_ONE_TABLE:
            actions.add_norm(session, who, community, form.text)
            return redirect(url_for("agreements.charter", community_id=community.id, _anchor="norms"), 303)
        proposal = Proposal(form.kind.value, form.text, answer_by=form.answer_by)
        round_id = consent.open_round(session, who, community, proposal, form.form_key)
    return redirect(url_for("agreements.consent_round", round_id=round_id), 303)


@agreements.get("/communities/<uuid:community_id>/proposals")
def past_rounds(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        before = key_from(request.args, "before")
        page = queries.rounds(connection, who, community.id, is_open=False, before=before)
    return render_template(
        "agreements/past_rounds.html",
        page_title=gettext("What was proposed before"),
        community=frame(community, "agreements.charter"),
        seen=community,
        page=page,
        rows=[_listed(one) for one in page.items],
    )


@agreements.get("/rounds/<uuid:round_id>")
def consent_round(round_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, community = _round(connection, who, round_id, "community.read")
        return _round_page(connection, who, community, seen, Answer(None, [], {}))


@agreements.post("/rounds/<uuid:round_id>/answer")
def answer_round(round_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(AnswerForm, request.form)
    with house().database.write() as session:
        seen, community = _round(session.connection(), who, round_id, "consent.answer")
        try:
            if "take_back" in request.form:
                consent.take_answer_back(session, who, community, seen)
                return _to_round(seen)
            if answer.form is None:
                return _round_page(session.connection(), who, community, seen, answer), 422
            consent.answer_round(session, who, community, seen, answer.form.stand, answer.form.text)
        except RoundIsOver:
            said = gettext("Meanwhile this was decided. Your answer was not kept.")
            return _round_page(session.connection(), who, community, seen, answer, said), 409
    return _to_round(seen)


@agreements.post("/rounds/<uuid:round_id>/adopt")
def adopt_round(round_id: UUID) -> Response | tuple[str, int]:
    who = actor()
    try:
        with house().database.write() as session:
            seen, community = _round(session.connection(), who, round_id, "consent.adopt")
            consent.adopt_round(session, who, community, seen)
    except (NotAgreedYet, RoundIsOver, CharterMovedOn) as reason:  # outside, so that nothing of it is kept
        return _refused(who, round_id, reason)
    return _to_round(seen)


@agreements.post("/rounds/<uuid:round_id>/withdraw")
def withdraw_round(round_id: UUID) -> Response | tuple[str, int]:
    who = actor()
    try:
        with house().database.write() as session:
            seen, community = _round(session.connection(), who, round_id, "consent.withdraw")
            consent.withdraw_round(session, who, community, seen)
    except RoundIsOver as reason:
        return _refused(who, round_id, reason)
    return redirect(url_for("agreements.charter", community_id=seen.community_id), 303)


@agreements.get("/goals/<uuid:goal_id>")
def goal(goal_id: UUID) -> str:
    with house().database.read() as connection:
        seen: GoalLoaded = load(connection, actor(), "goal", goal_id, "goal.close")
        community = load_here(connection, actor(), seen.community_id, "community.read")
    return _goal_page(community, seen, Answer(None, [], {}))


@agreements.post("/goals/<uuid:goal_id>")
def close_goal(goal_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(GoalForm, request.form)
    with house().database.write() as session:
        seen: GoalLoaded = load(session.connection(), who, "goal", goal_id, "goal.close")
        community = load_here(session.connection(), who, seen.community_id, "goal.close")
        if answer.form is None:
            return _goal_page(community, seen, answer), 422
        actions.close_goal(session, who, community, seen, answer.form)
    return redirect(url_for("agreements.charter", community_id=community.id, _anchor="goals"), 303)


def _round(connection: Connection, who: Actor, round_id: UUID, permission: str) -> tuple[RoundSeen, CommunitySeen]:
    seen: RoundSeen = load(connection, who, "consent_round", round_id, permission)
    return seen, load_here(connection, who, seen.community_id, "community.read")


def _to_round(seen: RoundSeen) -> Response:
    return redirect(url_for("agreements.consent_round", round_id=seen.id), 303)


def _norm_address(seen: NormLoaded) -> str:
    return url_for("agreements.charter", community_id=seen.community_id, _anchor=f"norm-{seen.id}")


def _refused(who: Actor, round_id: UUID, reason: Exception) -> tuple[str, int]:
    with house().database.read() as connection:
        seen, community = _round(connection, who, round_id, "community.read")
        return _round_page(connection, who, community, seen, Answer(None, [], {}), _why_not(reason, seen)), 409


def _why_not(reason: Exception, seen: RoundSeen) -> str:
    if isinstance(reason, CharterMovedOn):
        return gettext("The agreements were changed since this was proposed. Please propose the new words once more.")
    if isinstance(reason, RoundIsOver):
        return gettext("This was decided already.")
    return how_far(seen)


def _purpose(community: CommunitySeen) -> object:
    if not community.charter:
        return None
    return shown(community.charter, community.charter_html or "", community.charter_renderer)


def _parts_of(one: Charter) -> Sequence[tuple[str, str]]:
    named = {"purpose": question_of("charter"), **{name: gettext(title) for name, title in PARTS.items()}}
    return [(title, getattr(one, name)) for name, title in named.items() if getattr(one, name)]


def _listed(one: RoundSeen) -> dict[str, Any]:
    return {"round": one, "kind": gettext(consent.label_of(one.kind)), "how_far": how_far(one)}


def _charter_page(
    community: CommunitySeen, members: int, answer: Answer[CharterForm], theirs: Charter | None = None
) -> str:
    errors = answer.errors
    if theirs is not None:
        message = gettext("Somebody changed the agreements while you were writing. Below yours you see theirs.")
        errors = [{"field": "charter", "message": message}]
    return render_template(
        "agreements/charter_form.html",
        page_title=gettext("Write our agreements"),
        community=frame(community, "agreements.charter"),
        seen=community,
        answer=answer,
        errors=errors,
        labels={name: question_of(name) for name in ("charter", *actions.BESIDE_THE_PURPOSE, "text")},
        needs_consent=members > AT_ONE_TABLE,
        based_on=community.charter_version,
        form_key=answer.form_key,
        theirs=_parts_of(replace(theirs, purpose="")) if theirs else (),
        their_purpose=_purpose(community) if theirs else None,
    )


def _founding_page(community: CommunitySeen, answer: Answer[FoundingForm]) -> str:
    return render_template(
        "agreements/founding_form.html",
        page_title=gettext("How we began"),
        community=frame(community, "agreements.charter"),
        seen=community,
        answer=answer,
        errors=answer.errors,
        founding_kinds=founding_choices(),
    )


def _proposal_page(community: CommunitySeen, answer: Answer[ProposalForm]) -> str:
    return render_template(
        "agreements/proposal_form.html",
        page_title=gettext("Propose something"),
        community=frame(community, "agreements.charter"),
        seen=community,
        answer=answer,
        errors=answer.errors,
        kinds=[(one.value, gettext(name), gettext(hint)) for one, (name, hint) in PROPOSED.items()],
        form_key=answer.form_key,
    )


def _goal_page(community: CommunitySeen, seen: GoalLoaded, answer: Answer[GoalForm]) -> str:
    return render_template(
        "agreements/goal_form.html",
        page_title=gettext("What became of this goal?"),
        community=frame(community, "agreements.charter"),
        seen=community,
        goal=seen,
        answer=answer,
        errors=answer.errors,
        outcomes=[(one.value, gettext(GOAL_STATES[one.value][0])) for one in Outcome],
    )


def _round_page(
    connection: Connection,
    who: Actor,
    community: CommunitySeen,
    seen: RoundSeen,
    answer: Answer[AnswerForm],
    said: str | None = None,
) -> str:
    answers = queries.answers(connection, seen.id)
    mine = next((one for one in answers if one.person_id == who.person_id), None)
    given: Mapping[str, str] = answer.given
    if not given and mine is not None:
        given = {"stand": mine.stand, "text": mine.words}
    return render_template(
        "agreements/round.html",
        page_title=gettext(consent.label_of(seen.kind)),
        community=frame(community, "agreements.charter"),
        seen=community,
        round=seen,
        changes=_changes(seen),
        how_far=how_far(seen),
        answers=answers,
        mine=mine,
        stands=[(one.value, gettext(name), gettext(hint)) for one, (name, hint) in STANDS.items()],
        stand_names=stand_names(),
        tones={"yes": "good", "yes_with_worry": "warn", "not_yet": "danger"},
        may_answer=seen.is_open and allows(seen.roles, "consent.answer"),
        may_adopt=seen.is_open and seen.agreed and allows(seen.roles, "consent.adopt"),
        may_withdraw=seen.is_open and allows(seen.roles, "consent.withdraw"),
        answer=Answer(answer.form, answer.errors, given),
        errors=answer.errors,
        notice={"text": said, "tone": "warn"} if said else None,
    )


def _changes(seen: RoundSeen) -> Sequence[tuple[str, str]]:
    """The parts of a charter as they would read."""
    if seen.kind != "charter":
        return ()
    named = {"purpose": question_of("charter"), **{name: gettext(title) for name, title in PARTS.items()}}
    return [(title, seen.changes.get(name) or "–") for name, title in named.items()]
