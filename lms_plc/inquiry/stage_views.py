"""One stage of an inquiry: what is written, talked over and planned in it, and going in and out of it."""

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.sealed_words import unsealed
from lms_plc.core.policy import Actor, NotThere
from lms_plc.cycles.content import Stage
from lms_plc.house import house
from lms_plc.inquiry import actions, forms, planning, queries, showing, ways, written
from lms_plc.inquiry.blueprint import Page, inquiry, inquiry_here, its_content, stage_here, to_inquiry, to_stage
from lms_plc.inquiry.queries import InquirySeen, StageState
from lms_plc.inquiry.showing import small_page, stage_page
from lms_plc.inquiry.situation import Situation
from lms_plc.inquiry.telling import held
from lms_plc.inquiry.wording import needs
from lms_plc.inquiry.written import Meanwhile, NoteSeen, PlanSeen, TalkSeen
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext


@inquiry.get("/projects/<uuid:inquiry_id>/stages/<stage>")
def stage(inquiry_id: UUID, stage: str) -> str:
    """``write`` in the address says which of its forms is open."""
    who = actor()
    with house().database.read() as connection:
        seen, now, _, state = stage_here(connection, who, inquiry_id, stage, "inquiry.read")
        return stage_page(connection, who, seen, state.stage, form=request.args.get("write", ""), now=now)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/notes")
def write_note(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.NoteForm, request.form)
    with house().database.write() as session:
        seen, now, _, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.ask")
        form = f"note-{answer.given.get('prompt', '')}"
        if answer.form is None:
            return stage_page(session.connection(), who, seen, stage, answer, form=form, now=now), 422
        if not seen.is_under_way or state.state not in queries.AT_WORK:
            said = gettext("This stage is closed. What you wrote is below, ready to be copied.")
            return stage_page(session.connection(), who, seen, stage, answer, form="note-", now=now, notice=said), 409
        if _reads_more(answer, seen, state):
            return _once_more(session.connection(), who, seen, now, stage, answer, form)
        actions.write_note(session, who, house().seal, seen, state, answer.form)
    prompt = answer.form.prompt
    return to_stage(inquiry_id, stage, f"prompt-{prompt}" if prompt is not None else "notes")


@inquiry.get("/projects/<uuid:inquiry_id>/notes/<uuid:inquiry_note_id>")
def note_form(inquiry_id: UUID, inquiry_note_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, note = _note(connection, who, inquiry_id, inquiry_note_id)
        house().seal.check(note.sealed_text)
        return _note_page(connection, who, seen, note, Answer(None, [], {"text": note.text, "based_on": note.based_on}))


@inquiry.post("/projects/<uuid:inquiry_id>/notes/<uuid:inquiry_note_id>")
def change_note(inquiry_id: UUID, inquiry_note_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.WordsForm, request.form)
    with house().database.write() as session:
        seen, note = _note(held(session, inquiry_id), who, inquiry_id, inquiry_note_id)
        if answer.form is None:
            return _note_page(session.connection(), who, seen, note, answer), 422
        try:
            actions.change_note(session, who, house().seal, seen, note, answer.form)
        except Meanwhile:
            return _note_page(session.connection(), who, seen, note, answer, meanwhile=True), 409
    return to_stage(inquiry_id, note.stage) if note.round == seen.round else to_inquiry(inquiry_id)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/thoughts")
def keep_thought(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.ThoughtForm, request.form)
    with house().database.write() as session:
        seen, now, its, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        if answer.form is None or answer.form.kind not in ways.THOUGHTS & set(its.outputs):
            return stage_page(session.connection(), who, seen, stage, answer, form="thought", now=now), 422
        if _reads_more(answer, seen, state):
            return _once_more(session.connection(), who, seen, now, stage, answer, "thought")
        actions.keep_thought(session, who, house().seal, seen, state, answer.form)
    return to_stage(inquiry_id, stage, "kept")


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/exits/<int:number>")
def tick(inquiry_id: UUID, stage: str, number: int) -> Response:
    """``met`` is ``yes``, or else it is not so after all."""
    who = actor()
    with house().database.write() as session:
        seen, now, its, _ = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        its_exits = showing.leaving_of(seen, now, its_content(seen), its.id).exits
        if not any(one.number == number and one.by_hand for one in its_exits):
            raise NotThere("exit")
        actions.tick(session, who, seen, stage, number, met=request.form.get("met") == "yes")
    return to_stage(inquiry_id, stage, "leaving")


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/enter")
def enter(inquiry_id: UUID, stage: str) -> Response:
    who = actor()
    with house().database.write() as session:
        seen, _, its, _ = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        if seen.is_under_way:
            actions.enter(session, who, seen, its)
    return to_stage(inquiry_id, stage)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/leave")
def leave(inquiry_id: UUID, stage: str) -> Response:
    """Also where something is missing: the page has said what."""
    who = actor()
    with house().database.write() as session:
        seen, now, its, _ = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        missing = len(showing.leaving_of(seen, now, its_content(seen), its.id).missing)
        following = actions.leave(session, who, seen, its, missing) if seen.is_under_way else None
    return _onwards(seen, following)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/skip")
def skip(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.SkipForm, request.form)
    with house().database.write() as session:
        seen, now, its, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        if answer.form is None:
            return stage_page(session.connection(), who, seen, stage, answer, form="skip", now=now), 422
        if state.state == queries.SKIPPED and unsealed(house().seal, state.reason) == answer.form.reason:
            return to_inquiry(inquiry_id)  # the same form sent twice
        if not seen.is_under_way or state.state not in (queries.NOT_STARTED, *queries.AT_WORK):
            said = gettext("This stage is closed. What you wrote is below, ready to be copied.")
            return stage_page(session.connection(), who, seen, stage, answer, form="skip", now=now, notice=said), 409
        following = actions.skip(session, who, house().seal, seen, its, answer.form.reason)
    return _onwards(seen, following)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/audience")
def let_read(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.ReadsForm, request.form)
    with house().database.write() as session:
        seen, now, _, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.lead")
        if answer.form is None:
            return stage_page(session.connection(), who, seen, stage, answer, form="audience", now=now), 422
        actions.let_read(session, who, house().seal, seen, state, answer.form.audience)
    return to_stage(inquiry_id, stage)


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/talks")
def log_talk(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.NewTalkForm, request.form)
    with house().database.write() as session:
        seen, now, _, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        if not ways.is_for_people(state):
            raise NotThere("talk")
        if answer.form is None:
            return stage_page(session.connection(), who, seen, stage, answer, form="talk", now=now), 422
        if _reads_more(answer, seen, state):
            return _once_more(session.connection(), who, seen, now, stage, answer, "talk")
        planning.log_talk(session, who, house().seal, seen, answer.form)
    return to_stage(inquiry_id, stage, "talks")


@inquiry.get("/projects/<uuid:inquiry_id>/talks/<uuid:talk_id>")
def talk_form(inquiry_id: UUID, talk_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, talk = _talk(connection, who, inquiry_id, talk_id)
        house().seal.check(*talk.sealed_words)
        fields = ("who", "need", "day", "said", "promised", "changed")
        given = {name: str(getattr(talk, name) or "") for name in fields} | ({"holds": "yes"} if talk.holds else {})
        given["based_on"] = talk.based_on
        return _talk_page(connection, who, seen, talk, Answer(None, [], given))


@inquiry.post("/projects/<uuid:inquiry_id>/talks/<uuid:talk_id>")
def change_talk(inquiry_id: UUID, talk_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.ChangedTalkForm, request.form)
    with house().database.write() as session:
        seen, talk = _talk(held(session, inquiry_id), who, inquiry_id, talk_id)
        if answer.form is None:
            return _talk_page(session.connection(), who, seen, talk, answer), 422
        try:
            planning.change_talk(session, who, house().seal, seen, talk, answer.form)
        except Meanwhile:
            return _talk_page(session.connection(), who, seen, talk, answer, meanwhile=True), 409
    return _to_outputs(seen, ways.TALKS, "talks")


@inquiry.post("/projects/<uuid:inquiry_id>/stages/<stage>/evidence-plan")
def plan_evidence(inquiry_id: UUID, stage: str) -> Page:
    who, answer = actor(), read_form(forms.PlanForm, request.form)
    with house().database.write() as session:
        seen, now, _, state = stage_here(held(session, inquiry_id), who, inquiry_id, stage, "inquiry.write")
        if not ways.is_for_people(state):
            raise NotThere("plan")
        if answer.form is None:
            return stage_page(session.connection(), who, seen, stage, answer, form="plan", now=now), 422
        if _reads_more(answer, seen, state):
            return _once_more(session.connection(), who, seen, now, stage, answer, "plan")
        planning.plan_evidence(session, who, house().seal, seen, answer.form)
    return to_stage(inquiry_id, stage, "plans")


@inquiry.get("/projects/<uuid:inquiry_id>/evidence-plan/<uuid:plan_id>")
def check_form(inquiry_id: UUID, plan_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen, plan = _plan(connection, who, inquiry_id, plan_id)
        return _check_page(connection, who, seen, plan, Answer(None, [], {}))


@inquiry.post("/projects/<uuid:inquiry_id>/evidence-plan/<uuid:plan_id>")
def check_plan(inquiry_id: UUID, plan_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.CheckForm, request.form)
    with house().database.write() as session:
        seen, plan = _plan(held(session, inquiry_id), who, inquiry_id, plan_id)
        if answer.form is None:
            fields = [str(error["field"]) for error in answer.errors]
            said = gettext("As long as this is not so, do not collect it like this.")
            again: Answer[Any] = Answer(None, [{"field": one, "message": said} for one in fields], answer.given)
            return _check_page(session.connection(), who, seen, plan, again), 422
        planning.check_plan(session, who, seen, plan, answer.form)
    return _to_outputs(seen, ways.PLANS, "plans")


@inquiry.post("/projects/<uuid:inquiry_id>/evidence-plan/<uuid:plan_id>/take-back")
def take_plan_back(inquiry_id: UUID, plan_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen, plan = _plan(held(session, inquiry_id), who, inquiry_id, plan_id)
        planning.take_plan_back(session, who, seen, plan)
    return _to_outputs(seen, ways.PLANS, "plans")


def _reads_more(answer: Answer[Any], seen: InquirySeen, state: StageState) -> bool:
    """Whether more people read the stage than did when its page was opened to write in."""
    said = answer.given.get("reads", "")
    order = queries.NARROW_FIRST
    return said in order and order.index(queries.read_by(seen, state)) > order.index(said)


def _once_more(
    connection: Connection, who: Actor, seen: InquirySeen, now: Situation, stage: str, answer: Answer[Any], form: str
) -> tuple[str, int]:
    """With the words, and who reads them now: they are kept when this is sent."""
    said = gettext("Something changed meanwhile. Please look again; your words are still here.")
    return stage_page(connection, who, seen, stage, answer, form=form, now=now, notice=said), 409


def _note(connection: Connection, who: Actor, inquiry_id: UUID, note_id: UUID) -> tuple[InquirySeen, NoteSeen]:
    seen = inquiry_here(connection, who, inquiry_id, "inquiry.ask")
    note = written.note(connection, who, seen.id, note_id, house().seal)
    if note is None:
        raise NotThere("note")
    return seen, note


def _talk(connection: Connection, who: Actor, inquiry_id: UUID, talk_id: UUID) -> tuple[InquirySeen, TalkSeen]:
    seen = inquiry_here(connection, who, inquiry_id, "inquiry.write")
    talk = written.talk(connection, seen.id, talk_id, house().seal)
    if talk is None:
        raise NotThere("talk")
    return seen, talk


def _plan(connection: Connection, who: Actor, inquiry_id: UUID, plan_id: UUID) -> tuple[InquirySeen, PlanSeen]:
    seen = inquiry_here(connection, who, inquiry_id, "inquiry.write")
    plan = written.plan(connection, seen.id, plan_id, house().seal)
    if plan is None:
        raise NotThere("plan")
    return seen, plan


def _note_page(
    connection: Connection,
    who: Actor,
    seen: InquirySeen,
    note: NoteSeen,
    answer: Answer[Any],
    *,
    meanwhile: bool = False,
) -> str:
    """``meanwhile``: other words stand there by now, and are shown beside these."""
    its = its_content(seen).stage(note.stage)
    prompt = its.prompts[note.prompt] if note.prompt is not None and note.prompt < len(its.prompts) else ""
    return small_page(
        connection,
        who,
        seen,
        "note.html",
        gettext("Change what I wrote"),
        answer,
        note=note,
        prompt=prompt,
        **_beside(note, answer, meanwhile=meanwhile),
    )


def _talk_page(
    connection: Connection,
    who: Actor,
    seen: InquirySeen,
    talk: TalkSeen,
    answer: Answer[Any],
    *,
    meanwhile: bool = False,
) -> str:
    """``meanwhile``: other words stand there by now, and are shown beside these."""
    return small_page(
        connection,
        who,
        seen,
        "talk.html",
        gettext("A talk"),
        answer,
        talk=talk,
        needs=needs(),
        need_names=dict(needs()),
        **_beside(talk, answer, meanwhile=meanwhile),
    )


def _beside(one: NoteSeen | TalkSeen, answer: Answer[Any], *, meanwhile: bool) -> dict[str, Any]:
    """Sent again, what was written stands in the place of what is shown beside it."""
    if not meanwhile:
        return {"based_on": answer.given.get("based_on", ""), "theirs": None}
    said = gettext("Something changed meanwhile. Please look again; your words are still here.")
    return {"based_on": one.based_on, "theirs": one, "notice": {"text": said, "tone": "warn"}}


def _check_page(connection: Connection, who: Actor, seen: InquirySeen, plan: PlanSeen, answer: Answer[Any]) -> str:
    return small_page(connection, who, seen, "check.html", gettext("Is everybody protected?"), answer, plan=plan)


def _onwards(seen: InquirySeen, following: Stage | None) -> Response:
    return to_stage(seen.id, following.id) if following else to_inquiry(seen.id)


def _to_outputs(seen: InquirySeen, words: frozenset[str], anchor: str) -> Response:
    """To the stage that brings these forth."""
    its = next((one for one in seen.content.stages if words & set(one.outputs)), None)
    return to_stage(seen.id, its.id, anchor) if its else to_inquiry(seen.id)
