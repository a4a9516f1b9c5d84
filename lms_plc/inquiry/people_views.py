"""Who works on an inquiry, and who knows of it."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.audiences import Audience
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, load
from lms_plc.cycles.wording import in_language
from lms_plc.house import house
from lms_plc.inquiry import actions, forms, queries, showing, taking_part
from lms_plc.inquiry import written as in_it
from lms_plc.inquiry.blueprint import Page, inquiry, inquiry_here, its_content, to_inquiry, to_list
from lms_plc.inquiry.leavers import OWN, OwnWords
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.inquiry.showing import small_page
from lms_plc.inquiry.situation import situation
from lms_plc.inquiry.stages import of_round
from lms_plc.inquiry.telling import held
from lms_plc.inquiry.wording import PART_NAMES, PARTS, options
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext


@inquiry.get("/projects/<uuid:inquiry_id>/people")
def people(inquiry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        return _people_page(connection, who, inquiry_here(connection, who, inquiry_id, "inquiry.read"), showing.NOTHING)


@inquiry.post("/projects/<uuid:inquiry_id>/people")
def ask(inquiry_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.AskForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is None:
            return _people_page(session.connection(), who, seen, answer), 422
        taking_part.ask(session, who, seen, answer.form.person_id, answer.form.part)
    return redirect(url_for("inquiry.people", inquiry_id=inquiry_id), 303)


@inquiry.post("/projects/<uuid:inquiry_id>/people/take-off")
def take_off(inquiry_id: UUID) -> Response:
    who, answer = actor(), read_form(forms.PersonForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is not None:
            taking_part.take_off(session, who, seen, answer.form.person_id)
    return redirect(url_for("inquiry.people", inquiry_id=inquiry_id), 303)


@inquiry.post("/projects/<uuid:inquiry_id>/answer")
def say(inquiry_id: UUID) -> Response:
    """``yes`` is ``yes``, or else one would rather not."""
    who, yes = actor(), request.form.get("yes") == "yes"
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.read")
        taking_part.answer(session, who, house().seal, seen, yes=yes)
    return to_inquiry(inquiry_id) if yes or not seen.is_private else to_list(seen.community_id)


@inquiry.post("/projects/<uuid:inquiry_id>/people/leave")
def leave_people(inquiry_id: UUID) -> Page:
    who = actor()
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.ask")
        if not taking_part.leave_people(session, who, seen):
            said = gettext("Somebody has to lead it. Ask somebody to lead it with you first, or conclude it.")
            return _people_page(session.connection(), who, seen, showing.NOTHING, said), 409
    return to_list(seen.community_id)


@inquiry.post("/projects/<uuid:inquiry_id>/people/lead")
def share_lead(inquiry_id: UUID) -> Response:
    who, answer = actor(), read_form(forms.PersonForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is not None:
            taking_part.share_lead(session, who, seen, answer.form.person_id)
    return redirect(url_for("inquiry.people", inquiry_id=inquiry_id), 303)


@inquiry.post("/projects/<uuid:inquiry_id>/lead")
def take_lead(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.take_lead")
        taking_part.take_lead(session, who, seen)
    return to_inquiry(inquiry_id)


@inquiry.get("/projects/<uuid:inquiry_id>/my-words")
def own_words(inquiry_id: UUID) -> str:
    """In no community's frame: whoever wrote them reads them wherever they are."""
    who, seal = actor(), house().seal
    with house().database.read() as connection:
        own: OwnWords = load(connection, who, OWN, inquiry_id, "inquiry.own_words")
        before = key_from(request.args, "before")
        page = in_it.own_notes(connection, who, own.id, seal, before)
        talks = [] if before else in_it.own_talks(connection, who, own.id, seal)
        plans = [] if before else in_it.own_plans(connection, who, own.id, seal)
    said = in_language(own.content)
    stages = [
        (stage.name, showing.answers(stage, [one for one in page.items[::-1] if one.stage == stage.id]))
        for stage in said.stages
    ]
    return render_template(
        "inquiry/own_words.html",
        page_title=own.title,
        inquiry=own,
        stages=[(name, here) for name, here in stages if here],
        talks=talks,
        plans=plans,
        older=page.next_key,
    )


@inquiry.get("/projects/<uuid:inquiry_id>/open")
def opening(inquiry_id: UUID) -> Page:
    who = actor()
    with house().database.read() as connection:
        seen = inquiry_here(connection, who, inquiry_id, "inquiry.lead")
        if not seen.is_private:
            return to_inquiry(inquiry_id)
        now = situation(connection, who, house().seal, seen.id, seen.round)
        by_round = in_it.stages_of_rounds(connection, seen.id)
        every = [
            (number, stages[its.id], its.name)
            for number, stages in by_round.items()
            for its in its_content(seen).stages
            if its.id in stages
        ]
        begun = [
            (number, of_round(number, one.stage), name)
            for number, one, name in every
            if one.state != queries.NOT_STARTED and one.audience != Audience.ONLY_ME.value
        ]
        return small_page(
            connection,
            who,
            seen,
            "opening.html",
            gettext("Open it to your community"),
            is_said_of_rounds=seen.round > 1 or now.round_decision is not None,
            begun=[
                (number, [(key, name) for of, key, name in begun if of == number])
                for number in sorted({of for of, _, _ in begun}, reverse=True)
            ],
            stays=list(dict.fromkeys(name for _, one, name in every if one.audience == Audience.ONLY_ME.value)),
            later=[
                name
                for number, one, name in every
                if number == seen.round
                and one.state == queries.NOT_STARTED
                and one.audience == Audience.COMMUNITY.value
            ],
            people=[one for one in now.people if one.state == queries.ACTIVE],
        )


@inquiry.post("/projects/<uuid:inquiry_id>/open")
def open_to_community(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        actions.open_to_community(session, who, house().seal, seen, request.form.getlist("shown"))
    return to_inquiry(inquiry_id)


@inquiry.post("/projects/<uuid:inquiry_id>/school")
def tell_school(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        actions.tell_school(session, who, seen, told=request.form.get("told") == "yes")
    return to_inquiry(inquiry_id)


def _people_page(
    connection: Connection, who: Actor, seen: InquirySeen, answer: Answer[Any], said: str | None = None
) -> str:
    now = situation(connection, who, house().seal, seen.id, seen.round)
    free = queries.can_be_asked(connection, seen) if seen.may_lead else []
    return small_page(
        connection,
        who,
        seen,
        "people.html",
        gettext("The project’s people"),
        answer,
        people=[one for one in now.people if one.state != queries.LEFT],
        part_names={part: gettext(name) for part, name in PART_NAMES.items()},
        free=[("", gettext("Choose")), *((str(one), name) for one, name in free)],
        parts=options(PARTS),
        me_id=who.person_id,
        notice={"text": said, "tone": "warn"} if said else None,
    )
