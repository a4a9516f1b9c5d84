"""Asking a colleague to look at one's work, and answering. Words only: there is nothing to tick, count or grade."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.next_steps import next_steps, offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotAllowed, allows, load
from lms_plc.core.things import Thing, one_shown, shown, thing_named
from lms_plc.feedback import actions, on_home, queries
from lms_plc.feedback.forms import AT_ONCE, AnswerForm, AskForm
from lms_plc.feedback.queries import KIND, RequestSeen
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, format_list, gettext, ngettext

__all__ = ["feedback", "on_home"]

feedback = Blueprint("feedback", __name__, url_prefix="/s/<seat>", template_folder="templates")

ROOM = "inquiry.inquiry_list"
"""The tab these pages stand under."""

for _kind in ("inquiry", "practice_change"):
    offers_step(_kind, N_("Ask for feedback"), "feedback.request_form")
for _kind in ("practice", "story", "aha", "flop", "Evidence", "OutcomeClaim", "Hunch"):
    offers_step(_kind, N_("Ask for feedback"), "feedback.request_form")
offers_step(KIND, N_("Agree on something to do"), "actionitems.new_form")
offers_step(KIND, N_("Try something because of it"), "practicechanges.keep_form")


@feedback.get("/communities/<uuid:community_id>/feedback")
def requests(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        mine = queries.asked_by_me(connection, who, community.id, before=key_from(request.args, "mine"))
        theirs = queries.i_am_asked(connection, who, community.id, before=key_from(request.args, "asked"))
    return render_template(
        "feedback/requests.html",
        page_title=gettext("Feedback"),
        community=frame(community, ROOM),
        seen=community,
        mine=mine,
        theirs=theirs,
        may_ask=allows(community.roles, "feedback.ask"),
    )


@feedback.get("/communities/<uuid:community_id>/feedback/new")
def request_form(community_id: UUID) -> str:
    who = actor()
    given = {"from_kind": request.args.get("from_kind", ""), "from_id": request.args.get("from", "")}
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "feedback.ask")
        return _ask_page(connection, who, community, Answer(None, [], given))


@feedback.post("/communities/<uuid:community_id>/feedback/new")
def ask(community_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    answer = _in_our_words(read_form(AskForm, with_lists(request.form, "people")))
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "feedback.ask")
        about = thing_named(connection, who, answer.given, "from_kind", "from_id")
        people: list[UUID] = []
        if answer.form is not None:
            people, errors = _people(connection, who, community, answer.form, about)
            answer = Answer(None if errors else answer.form, errors, answer.given)
        if answer.form is None:
            return _ask_page(connection, who, community, answer), 422
        request_id = actions.ask(session, who, community, answer.form, people, about.reference if about else None)
    return redirect(url_for("feedback.request", feedback_request_id=request_id), 303)


@feedback.get("/feedback/<uuid:feedback_request_id>", endpoint="request")
def one_request(feedback_request_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: RequestSeen = load(connection, who, KIND, feedback_request_id, "feedback.read")
        return _request_page(connection, who, seen, None)


@feedback.post("/feedback/<uuid:feedback_request_id>/answer")
def answer(feedback_request_id: UUID) -> str | Response | tuple[str, int]:
    who, given = actor(), read_form(AnswerForm, request.form)
    if given.form is not None and not given.form.says_something:
        message = gettext("Please write into one of the three; one is enough.")
        given = given.refused("saw", message)
    with house().database.write() as session:
        seen = _to_answer(session.connection(), who, feedback_request_id)
        if given.form is None:
            return _request_page(session.connection(), who, seen, given), 422
        message = ""
        try:
            if not actions.answer(session, who, seen, given.form):
                message = gettext(
                    "The question was closed meanwhile, so this was not sent. Copy what you want to keep."
                )
        except actions.StillHidden:
            message = gettext("Your answer is hidden for now, so this was not sent. Copy what you want to keep.")
        if message:
            late = Answer(given.form, [{"field": "saw", "message": message}], given.given)
            return _request_page(session.connection(), who, seen, late), 422
    return redirect(url_for("feedback.request", feedback_request_id=feedback_request_id, _anchor="answer"), 303)


@feedback.post("/feedback/<uuid:feedback_request_id>/decline")
def decline(feedback_request_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        actions.decline(session, who, _to_answer(session.connection(), who, feedback_request_id))
    return redirect(url_for("feedback.request", feedback_request_id=feedback_request_id), 303)


@feedback.post("/feedback/<uuid:feedback_request_id>/close")
def close(feedback_request_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: RequestSeen = load(session.connection(), who, KIND, feedback_request_id, "feedback.close")
        actions.close(session, who, seen)
    return redirect(url_for("feedback.request", feedback_request_id=feedback_request_id), 303)


def _to_answer(connection: Connection, who: Actor, request_id: UUID) -> RequestSeen:
    """Whoever asks has nothing to answer, also where two accounts became one person."""
    seen: RequestSeen = load(connection, who, KIND, request_id, "feedback.answer")
    if seen.is_mine:
        raise NotAllowed("feedback.answer")
    return seen


def _in_our_words(answer: Answer[AskForm]) -> Answer[AskForm]:
    words = {
        "due": gettext("Please give a day, as in 2026-11-22."),
        "people": ngettext("Please choose one colleague.", "Please choose one to %(num)s colleagues.", AT_ONCE),
    }
    errors = answer.worded(words).errors
    if answer.form is not None and answer.form.due is not None and answer.form.due < house().today():
        errors.append({"field": "due", "message": gettext("This day is over. Please give one that is to come.")})
    return Answer(None if errors else answer.form, errors, answer.given)


def _people(
    connection: Connection, who: Actor, community: CommunitySeen, form: AskForm, about: Thing | None
) -> tuple[list[UUID], list[dict[str, str]]]:
    """Who is asked, each once; and what speaks against it: nobody is asked about what they cannot open, unless they are
    given the words to read. A statement for each of a few people, when the form is sent."""
    names = {one.id: one.name for one in queries.choosable(connection, who, community.id)}
    people = [one for one in dict.fromkeys(form.people) if one in names]
    if len(people) < len(set(form.people)) or not people:
        return [], [{"field": "people", "message": gettext("Please choose one of these.")}]
    if about is None or form.text:
        return people, []
    closed = [
        names[one]
        for one in people
        if about.reference
        not in shown(connection, Actor(one, community.site_id, names[one], who.at), [about.reference])
    ]
    if not closed:
        return people, []
    message = gettext(
        "%(names)s cannot open “%(title)s”. Paste the part they should read below, or choose somebody else.",
        names=format_list(closed),
        title=about.title,
    )
    return people, [{"field": "people", "message": message}]


def _ask_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[AskForm]) -> str:
    people = queries.choosable(connection, who, community.id)
    return render_template(
        "feedback/request_form.html",
        page_title=gettext("Ask for feedback"),
        community=frame(community, ROOM),
        seen=community,
        about=thing_named(connection, who, answer.given, "from_kind", "from_id"),
        here=[one for one in people if not one.is_elsewhere],
        elsewhere=[one for one in people if one.is_elsewhere],
        chosen=answer.given.get("people", "").split(),
        at_once=AT_ONCE,
        answer=answer,
        errors=answer.errors,
        labels={"people": gettext("Whom do you ask?"), "question": gettext("What do you want to know?")},
        form_key=answer.form_key,
    )


def _request_page(connection: Connection, who: Actor, seen: RequestSeen, given: Answer[AnswerForm] | None) -> str:
    community = load_here(connection, who, seen.community_id, "community.read") if seen.is_inside else None
    about = one_shown(connection, who, seen.thing)
    own = None if seen.is_mine else queries.answer_of(connection, seen.id, who.person_id)
    words = {"saw": own.saw, "asks": own.asks, "idea": own.idea} if own else {}
    steps = (
        next_steps(connection, who, KIND, seen.reference, seen.community_id)
        if seen.is_mine and community is not None
        else None
    )
    return render_template(
        "feedback/request.html",
        page_title=gettext("My question") if seen.is_mine else gettext("A colleague asks you"),
        community=frame(community, ROOM) if community else None,
        seen=community,
        asked_for=seen,
        about=about,
        own=own,
        asked=queries.asked(connection, seen.id) if seen.is_mine else [],
        answers=[
            (one, way_to("moderation.report_form", kind=queries.ANSWER, thing_id=one.id))
            for one in (queries.answers_to(connection, seen) if seen.is_mine else ())
        ],
        steps=steps,
        answer=given or Answer(None, [], words),
        errors=given.errors if given else [],
        labels={"saw": gettext("What I saw")},
    )
