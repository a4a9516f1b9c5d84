"""Class results: totals somebody brings, hidden where they are few, and read together: guess first, then look."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.actionitems import queries as action_queries
from lms_plc.classdata import actions, bringing_views, gradebook_views, knowing, queries
from lms_plc.classdata.blueprint import PROJECTS, classdata
from lms_plc.classdata.forms import BeginForm, DecisionForm, LookForm, TellForm, ThoughtForm
from lms_plc.classdata.queries import KIND, MEETING, TALK, THOUGHTS, SetSeen, TalkSeen
from lms_plc.classdata.showing import shown_table
from lms_plc.communities.agendas import its_meeting
from lms_plc.communities.home import tells_news
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, Role, allows, load
from lms_plc.core.things import shown as shown_things
from lms_plc.evidence import queries as evidence_queries
from lms_plc.house import house
from lms_plc.meetings.agenda import put_on_agenda
from lms_plc.people.guards import actor
from lms_plc.protocols import using
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext, ngettext

__all__ = ["bringing_views", "classdata", "gradebook_views"]

Page = str | Response | tuple[str, int]

PROTOCOL = "numbers_first"
"""How class results are talked about: guesses, facts, doubts, and only then reasons."""

GUESS, *SEEN = THOUGHTS
tells_news(
    "data_set.added",
    "classdata.data_list",
    lambda number: ngettext("New class results", "New class results, %(num)s tables", number),
)

_PARTS = {
    "Finding": (N_("Only facts"), N_("Nothing yet. What does the table show, without “because”?")),
    "Caveat": (N_("Doubt the table"), N_("Nothing yet. Who is missing? Would another task show the same?")),
    "Hunch": (N_("What may be behind it"), N_("Nothing yet. At least two reasons, one that we can change ourselves.")),
}
"""Kind of thought → its heading in a talk, and what stands there while there is none."""

_FIELDS = {
    "Finding": (
        N_("One thing the table shows"),
        N_("Only what can be seen. If “because” slips in, it belongs further down."),
    ),
    "Caveat": (N_("What the table does not show"), N_("Who is missing, how large the groups are, what was asked.")),
    "Hunch": (N_("One reason it may have"), N_("A reason in our own hands helps most.")),
}


@classdata.get("/communities/<uuid:community_id>/class-results")
def data_list(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.sets(connection, community.id, before=key_from(request.args, "before"))
    return render_template(
        "classdata/sets.html",
        page_title=gettext("Class results"),
        community=frame(community, PROJECTS),
        seen=community,
        page=page,
        may_add=allows(community.roles, "data_set.add"),
    )


@classdata.get("/class-results/<uuid:data_set_id>")
def data_set(data_set_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: SetSeen = load(connection, who, KIND, data_set_id, "data_set.see")
        return _set_page(connection, who, seen, Answer(None, [], {}))


@classdata.post("/class-results/<uuid:data_set_id>/say")
def say(data_set_id: UUID) -> Page:
    """A guess, of who has not seen the numbers; or a fact, a doubt, a reason."""
    who, answer = actor(), read_form(ThoughtForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: SetSeen = load(connection, who, KIND, data_set_id, "data_set.talk")
        talk = queries.talk_of(connection, seen.id)
        if answer.given.get("kind") == GUESS and _comes_late(connection, who, seen, talk, answer.given):
            late = gettext("The numbers are uncovered by now. Write what you see as a fact.")
            answer = Answer(None, [{"field": "text", "message": late}], {**answer.given, "kind": "Finding"})
        if answer.form is None:
            if talk is None:
                return _set_page(connection, who, seen, answer), 422
            loaded: TalkSeen = load(connection, who, TALK, talk[0], "data_set.talk")
            return _talk_page(connection, who, seen, loaded, answer), 422
        actions.say(session, who, seen, answer.form.kind, answer.form.text, answer.form.form_key)
    if talk is None:
        return _to_set(seen.id)
    return _to_talk(talk[0], anchor=answer.form.kind)


@classdata.post("/class-results/<uuid:data_set_id>/see")
def look_without_guess(data_set_id: UUID) -> Response:
    """Somebody wants to see the numbers, and guesses no more."""
    who, answer = actor(), read_form(LookForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: SetSeen = load(connection, who, KIND, data_set_id, "data_set.talk")
        actions.look(session, who, seen)
        talk = queries.talk_of(connection, seen.id) if answer.form and answer.form.in_talk else None
    return _to_talk(talk[0]) if talk else _to_set(seen.id)


@classdata.post("/class-results/<uuid:data_set_id>/conversation")
def begin(data_set_id: UUID) -> Page:
    who, answer = actor(), read_form(BeginForm, request.form)
    with house().database.write() as session:
        seen: SetSeen = load(session.connection(), who, KIND, data_set_id, "data_set.talk")
        if answer.form is None:
            return _set_page(session.connection(), who, seen, Answer(None, [], {})), 422
        talk_id = actions.begin_talk(session, who, seen, answer.form.form_key)
    return _to_talk(talk_id)


@classdata.post("/class-results/<uuid:data_set_id>/withdraw")
def withdraw(data_set_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: SetSeen = load(session.connection(), who, KIND, data_set_id, "data_set.withdraw")
        actions.withdraw(session, who, seen)
    return redirect(url_for("classdata.data_list", community_id=seen.community_id), 303)


@classdata.post("/class-results/<uuid:data_set_id>/tell")
def tell(data_set_id: UUID) -> Response:
    """Its author lets colleagues of other communities here see it, or not any more."""
    who, answer = actor(), read_form(TellForm, request.form)
    with house().database.write() as session:
        seen: SetSeen = load(session.connection(), who, KIND, data_set_id, "data_set.tell")
        if answer.form is not None:
            actions.tell_school(session, who, seen, told=answer.form.told)
    return _to_set(data_set_id)


@classdata.get("/class-conversations/<uuid:data_conversation_id>")
def conversation(data_conversation_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        talk: TalkSeen = load(connection, who, TALK, data_conversation_id, "data_set.talk")
        seen: SetSeen = load(connection, who, KIND, talk.data_set_id, "data_set.read")
        return _talk_page(connection, who, seen, talk, Answer(None, [], {}))


@classdata.post("/class-conversations/<uuid:data_conversation_id>/look")
def uncover(data_conversation_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        talk: TalkSeen = load(session.connection(), who, TALK, data_conversation_id, "data_set.uncover")
        actions.uncover(session, who, talk)
    return _to_talk(talk.id)


@classdata.post("/class-conversations/<uuid:data_conversation_id>/meeting")
def meet(data_conversation_id: UUID) -> Page:
    """The next meeting has it on its agenda, and talks by the protocol for it; where there is none, one is planned."""
    who, answer = actor(), read_form(BeginForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        talk: TalkSeen = load(connection, who, TALK, data_conversation_id, "data_set.talk")
        community = load_here(connection, who, talk.community_id, "meeting.propose_item")
        about = Reference(KIND, talk.data_set_id)
        thing = shown_things(connection, who, [about])[about]
        form_key = answer.form.form_key if answer.form else new_form_key()
        put_on_agenda(session, who, community, thing, form_key)
        meeting = using.coming(connection, community.id, who.at)
        if meeting is not None:
            using.take(session, who, meeting, PROTOCOL)
            actions.meet(session, who, talk, Reference(MEETING, meeting.id))
    if meeting is None:
        return redirect(url_for("meetings.plan_form", community_id=community.id, protocol=PROTOCOL), 303)
    return redirect(url_for(meeting.endpoint, meeting_id=meeting.id), 303)


@classdata.post("/class-conversations/<uuid:data_conversation_id>/decision")
def decide(data_conversation_id: UUID) -> Page:
    who, answer = actor(), read_form(DecisionForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        talk: TalkSeen = load(connection, who, TALK, data_conversation_id, "data_set.talk")
        if answer.form is None:
            seen: SetSeen = load(connection, who, KIND, talk.data_set_id, "data_set.read")
            return _talk_page(connection, who, seen, talk, answer), 422
        actions.decide(session, who, talk, answer.form.decision)
    return _to_talk(talk.id, anchor="decision")


def _to_set(data_set_id: UUID) -> Response:
    return redirect(url_for("classdata.data_set", data_set_id=data_set_id), 303)


def _to_talk(talk_id: UUID, *, anchor: str | None = None) -> Response:
    return redirect(url_for("classdata.conversation", data_conversation_id=talk_id, _anchor=anchor), 303)


def _set_page(connection: Connection, who: Actor, seen: SetSeen, answer: Answer[Any]) -> str:
    """Readers of other communities see the table, and not the rooms around it."""
    inside = allows(seen.roles, "data_set.read")
    community = load_here(connection, who, seen.community_id, "community.read") if inside else None
    talk = queries.talk_of(connection, seen.id) if inside else None
    covered = inside and not _knows(connection, who, seen, talk)
    rows = queries.rows_of(connection, seen.id, seen.shape)
    on_agenda, waits = its_meeting(connection, who, seen.reference) if inside else (None, False)
    kind = answer.given.get("kind", "")
    may_report = inside and Role.AUTHOR not in seen.roles
    return render_template(
        "classdata/set.html",
        page_title=seen.question,
        community=frame(community, PROJECTS) if community else None,
        seen=community,
        data=seen,
        table=shown_table(seen.shape, rows),
        covered=covered,
        talk_url=url_for("classdata.conversation", data_conversation_id=talk[0]) if talk else None,
        may_talk=allows(seen.roles, "data_set.talk") and seen.hidden_at is None,
        may_withdraw=allows(seen.roles, "data_set.withdraw") and seen.hidden_at is None,
        may_tell=allows(seen.roles, "data_set.tell") and seen.hidden_at is None,
        on_agenda=on_agenda,
        waits=waits,
        fact=_part(kind, (), answer) if kind in SEEN else None,
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
        report=way_to("moderation.report_form", kind=KIND, thing_id=seen.id) if may_report else None,
    )


def _knows(connection: Connection, who: Actor, seen: SetSeen, talk: tuple[UUID, datetime | None] | None) -> bool:
    """Numbers are covered until somebody has guessed, or wants to look without; who brought the table knows it."""
    if (talk and talk[1]) or seen.author_id == who.person_id:
        return True
    return knowing.knows(connection, who, seen.id)


def _comes_late(
    connection: Connection,
    who: Actor,
    seen: SetSeen,
    talk: tuple[UUID, datetime | None] | None,
    given: Mapping[str, str],
) -> bool:
    """Who knows the numbers guesses no more; the same form sent twice is still one guess."""
    return _knows(connection, who, seen, talk) and not queries.is_said(connection, who, given.get("form_key", ""))


def _talk_page(connection: Connection, who: Actor, seen: SetSeen, talk: TalkSeen, answer: Answer[Any]) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    rows = queries.rows_of(connection, seen.id, seen.shape)
    held = queries.meetings_of(connection, seen.id)
    thoughts = evidence_queries.of_origins(connection, who, [seen.reference, *held], kinds=THOUGHTS)
    spoke = who.person_id in {one.author_id for one in thoughts}
    is_known = spoke or _knows(connection, who, seen, (talk.id, talk.opened_at))
    actions_agreed = action_queries.of_origin(connection, seen.reference)
    meetings = shown_things(connection, who, held)
    latest = max(meetings.values(), key=lambda one: one.at, default=None)
    kind = answer.given.get("kind", "")
    return render_template(
        "classdata/conversation.html",
        page_title=seen.question,
        community=frame(community, PROJECTS),
        seen=community,
        data=seen,
        talk=talk,
        table=shown_table(seen.shape, rows),
        covered=not is_known,
        guesses=[one for one in thoughts if one.kind == GUESS],
        parts=[_part(name, thoughts, answer if kind == name else None) for name in SEEN],
        guess=answer if kind == GUESS else Answer(None, [], {}),
        decision=answer if not kind and answer.given else Answer(None, [], {"decision": talk.decision}),
        errors=[{**one, "id": f"f-{kind}" if kind else f"f-{one['field']}"} for one in answer.errors],
        agreed=actions_agreed,
        meetings=meetings,
        meeting=meetings.get(Reference(MEETING, talk.meeting_id)) if talk.meeting_id else latest,
        may_uncover=allows(talk.roles, "data_set.uncover") and talk.opened_at is None,
        next_urls=_next_urls(seen),
        form_key=new_form_key(),
    )


def _part(name: str, thoughts: Sequence[Any], answer: Answer[Any] | None) -> Mapping[str, Any]:
    title, none_yet = _PARTS[name]
    label, hint = _FIELDS[name]
    return {
        "kind": name,
        "title": gettext(title),
        "none_yet": gettext(none_yet),
        "label": gettext(label),
        "hint": gettext(hint),
        "thoughts": [one for one in thoughts if one.kind == name],
        "text": answer.given.get("text", "") if answer else "",
        "error": answer.error("text") if answer else None,
    }


def _next_urls(seen: SetSeen) -> list[tuple[str, str]]:
    """From a decision: who does what, and what we do differently from now on."""
    steps = (
        ("actionitems.new_form", gettext("Agree who does what")),
        ("practicechanges.keep_form", gettext("What we do differently")),
        ("inquiry.open_form", gettext("Look into it as a project")),
    )
    origin: dict[str, Any] = {"community_id": seen.community_id, "from_kind": KIND, "from": seen.id}
    found = [(label, way_to(name, **origin)) for name, label in steps]
    return [(label, url) for label, url in found if url is not None]
