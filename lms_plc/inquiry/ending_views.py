"""How an inquiry rests, goes round again, and ends."""

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.sealed_words import unsealed
from lms_plc.core.policy import Actor
from lms_plc.cycles.content import Stage
from lms_plc.house import house
from lms_plc.inquiry import ending as ending_of
from lms_plc.inquiry import forms, queries, showing, written
from lms_plc.inquiry.blueprint import Page, inquiry, inquiry_here, to_inquiry
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.inquiry.showing import small_page
from lms_plc.inquiry.telling import held
from lms_plc.inquiry.wording import AT_THE_END, OF_THE_ROUND, options
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext


@inquiry.post("/projects/<uuid:inquiry_id>/pause")
def pause(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        ending_of.pause(session, who, inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead"))
    return to_inquiry(inquiry_id)


@inquiry.post("/projects/<uuid:inquiry_id>/resume")
def resume(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        ending_of.resume(session, who, inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead"))
    return to_inquiry(inquiry_id)


@inquiry.get("/projects/<uuid:inquiry_id>/round")
def round_end(inquiry_id: UUID) -> Page:
    who = actor()
    with house().database.read() as connection:
        seen = inquiry_here(connection, who, inquiry_id, "inquiry.lead")
        if _loop_end(seen) is None or not seen.is_under_way:
            return to_inquiry(inquiry_id)
        return _round_page(connection, who, seen, showing.NOTHING)


@inquiry.post("/projects/<uuid:inquiry_id>/round")
def decide_round(inquiry_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.RoundForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        last = _loop_end(seen)
        if last is None:
            return to_inquiry(inquiry_id)
        if answer.form is None:
            return _round_page(session.connection(), who, seen, answer), 422
        decided = seen.is_under_way and ending_of.decide_round(session, who, house().seal, seen, last, answer.form)
        if not decided and not _is_said_of_a_round(session.connection(), seen, answer.form.changes):
            said = gettext("Somebody moved it on meanwhile. What you wrote is below, ready to be copied.")
            return _round_page(session.connection(), who, seen, answer, said), 409
    return to_inquiry(inquiry_id)


@inquiry.get("/projects/<uuid:inquiry_id>/end")
def ending(inquiry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = inquiry_here(connection, who, inquiry_id, "inquiry.lead")
        house().seal.check(seen.sealed_learned, seen.sealed_successor)
        given = {"learned": seen.learned, "successor": seen.successor}
        return _ending_page(connection, who, seen, Answer(None, [], given))


@inquiry.post("/projects/<uuid:inquiry_id>/conclude")
def conclude(inquiry_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.ConcludeForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is None:
            return _ending_page(session.connection(), who, seen, answer), 422
        concluded = ending_of.conclude(session, who, seen, answer.form, house().seal)
        if not concluded and not _is_said(seen, answer.form.learned, answer.form.successor):
            return _ending_page(session.connection(), who, seen, answer, too_late=True), 409
    return to_inquiry(inquiry_id)


@inquiry.post("/projects/<uuid:inquiry_id>/drop")
def drop(inquiry_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.DropForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is None:
            errors = [error | {"id": "f-dropped"} for error in answer.errors]
            again: Answer[Any] = Answer(None, errors, answer.given)
            return _ending_page(session.connection(), who, seen, again, dropping=True), 422
        dropped = ending_of.drop(session, who, seen, answer.form, house().seal)
        if not dropped and not _is_said(seen, answer.form.learned):
            return _ending_page(session.connection(), who, seen, answer, dropping=True, too_late=True), 409
    return to_inquiry(inquiry_id)


def _loop_end(seen: InquirySeen) -> Stage | None:
    """The stage at whose end it is decided whether to go round again."""
    return next((one for one in reversed(seen.content.stages) if one.loop_to), None)


def _is_said(seen: InquirySeen, *words: str) -> bool:
    """Whether it ended with these words, so that none are lost."""
    return all(one in ("", seen.learned, seen.successor) for one in words)


def _is_said_of_a_round(connection: Connection, seen: InquirySeen, words: str) -> bool:
    decided = (one.changes for one in written.rounds(connection, seen.id) if one.decision)
    return words in (unsealed(house().seal, one) if one and seen.is_sealed else one for one in decided)


def _round_page(
    connection: Connection, who: Actor, seen: InquirySeen, answer: Answer[Any], said: str | None = None
) -> str:
    return small_page(
        connection,
        who,
        seen,
        "round.html",
        gettext("The end of this round"),
        answer,
        choices_given=options(OF_THE_ROUND),
        notice={"text": said, "tone": "warn"} if said else None,
    )


def _ending_page(
    connection: Connection,
    who: Actor,
    seen: InquirySeen,
    answer: Answer[Any],
    *,
    dropping: bool = False,
    too_late: bool = False,
) -> str:
    at_the_end = [(value, gettext(name)) for value, name in AT_THE_END.items()]
    said = gettext("Somebody closed it meanwhile. What you wrote is below, ready to be copied.")
    return small_page(
        connection,
        who,
        seen,
        "ending.html",
        gettext("What stays"),
        answer,
        at_the_end=at_the_end,
        dropping=dropping,
        has_ended=seen.state in queries.ENDED,
        too_late=too_late,
        notice={"text": said, "tone": "warn"} if too_late else None,
    )
