"""Minutes: written, read, approved, and what was decided."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from lms_plc.actionitems.actions import record_action
from lms_plc.actionitems.queries import of_origin as actions_of
from lms_plc.communities.agendas import settler_of
from lms_plc.communities.next_steps import Link, next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.differences import compared
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.text import shown
from lms_plc.core.things import kinds
from lms_plc.core.things import shown as shown_things
from lms_plc.evidence.kinds import KINDS
from lms_plc.evidence.queries import of_origin as nodes_of
from lms_plc.house import house
from lms_plc.meetings import spoken_of
from lms_plc.meetings.paperwork import count_paperwork, took
from lms_plc.meetings.queries import MeetingSeen, agenda
from lms_plc.meetings.states import COMING, State
from lms_plc.minutes import actions, drafting, hearing, noted, on_home, on_meeting
from lms_plc.minutes.actions import MinutesMovedOn
from lms_plc.minutes.drafting import page_language
from lms_plc.minutes.forms import (
    LONGEST_MINUTES,
    ActionForm,
    Answered,
    AnswerForm,
    DecisionForm,
    MarkForm,
    MinutesForm,
    VersionForm,
)
from lms_plc.minutes.queries import DECISION, DecisionLoaded, Point, Record, record_of
from lms_plc.people.guards import actor
from lms_plc.protocols.wording import role_name
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext
from lms_plc.web.languages import ENGLISH, LOCALES

__all__ = ["drafting", "hearing", "minutes", "noted", "on_home", "on_meeting"]

minutes = Blueprint("minutes", __name__, url_prefix="/s/<seat>", template_folder="templates")

LABELS = {
    "body": N_("Minutes"),
    "decision": N_("What was decided?"),
    "action": N_("What is to be done?"),
    "due": N_("Until when?"),
    "text": N_("What is not right?"),
}
_EMPTY: Answer[Any] = Answer(None, [], {})


@minutes.get("/meetings/<uuid:meeting_id>/minutes")
def minutes_page(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _load(connection, who, meeting_id, "community.read")
        return _page(connection, who, seen, _EMPTY)


@minutes.get("/meetings/<uuid:meeting_id>/minutes/print")
def printable(meeting_id: UUID) -> str:
    """On paper: nothing but the minutes."""
    who = actor()
    with house().database.read() as connection:
        seen = _load(connection, who, meeting_id, "community.read")
        community = load_here(connection, who, seen.community_id, "community.read")
        record = record_of(connection, seen.id, _wanted())
        given = _record_given(connection, who, seen, record)
    return render_template("minutes/print.html", page_title=_title(seen), community_name=community.name, **given)


@minutes.get("/meetings/<uuid:meeting_id>/minutes/write")
def minutes_form(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _load(connection, who, meeting_id, "meeting.write_minutes")
        begins = drafting.proposed(connection, who, seen)
        return _form_page(connection, who, seen, Answer(None, [], {"body": begins}))


@minutes.post("/meetings/<uuid:meeting_id>/minutes/write")
def write_minutes(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(MinutesForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _load(connection, who, meeting_id, "meeting.write_minutes")
        if answer.form is None:
            return _form_page(connection, who, seen, answer), 422
        try:
            actions.write_minutes(session, who, seen, answer.form, page_language())
        except MinutesMovedOn:
            seen = _load(connection, who, meeting_id, "meeting.write_minutes")
            return _form_page(connection, who, seen, answer, moved_on=True), 409
        count_paperwork(session, seen.id, "minutes", took(request.form))
    return _to(meeting_id)


@minutes.post("/meetings/<uuid:meeting_id>/minutes/answer")
def answer(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(AnswerForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _load(connection, who, meeting_id, "minutes.approve")
        if answer.form is None:
            return _page(connection, who, seen, answer), 422
        try:
            if not _can_be_answered(seen):
                raise MinutesMovedOn
            actions.answer_minutes(session, who, seen, answer.form)
        except MinutesMovedOn:
            seen = _load(connection, who, meeting_id, "minutes.approve")
            message = gettext("Somebody has changed the minutes meanwhile. Please read them again.")
            return _page(connection, who, seen, answer, notice=message), 409
        count_paperwork(session, seen.id, "minutes", took(request.form))
    return _to(meeting_id, "answer")


@minutes.post("/meetings/<uuid:meeting_id>/decisions")
def decide(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(DecisionForm, request.form)
    with house().database.write() as session:
        seen = _load(session.connection(), who, meeting_id, "meeting.write_minutes")
        if answer.form is None:
            return _page(session.connection(), who, seen, answer), 422
        actions.decide(session, who, seen, answer.form.decision)
        count_paperwork(session, seen.id, "minutes", took(request.form))
    return _to(meeting_id, "decisions")


@minutes.post("/decisions/<uuid:decision_id>/withdraw")
def withdraw(decision_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        decision = _load_decision(session.connection(), who, decision_id)
        seen = _load(session.connection(), who, decision.meeting_id, "meeting.write_minutes")
        actions.withdraw_decision(session, who, seen, decision)
    return _to(decision.meeting_id, "decisions")


@minutes.post("/decisions/<uuid:decision_id>/for-school")
def mark(decision_id: UUID) -> Response:
    who, answer = actor(), read_form(MarkForm, request.form)
    with house().database.write() as session:
        decision = _load_decision(session.connection(), who, decision_id)
        if answer.form is not None:
            actions.mark_for_school(session, who, decision, answer.form.for_school)
    return _to(decision.meeting_id, "decisions")


@minutes.post("/meetings/<uuid:meeting_id>/actions")
def add_action(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ActionForm, request.form)
    with house().database.write() as session:
        seen = _load(session.connection(), who, meeting_id, "action_item.record")
        if answer.form is None:
            return _page(session.connection(), who, seen, _worded(answer)), 422
        record_action(
            session,
            who,
            community_id=seen.community_id,
            site_id=seen.site_id,
            text=answer.form.action,
            owner_id=answer.form.owner,
            due=answer.form.due,
            origin=Reference("meeting", seen.id),
            form_key=answer.form.form_key,
        )
        count_paperwork(session, seen.id, "minutes", took(request.form))
    return _to(meeting_id, "actions")


@minutes.get("/meetings/<uuid:meeting_id>/minutes/in/<language>")
def version_form(meeting_id: UUID, language: str) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _load_for_version(connection, who, meeting_id, language)
        record = record_of(connection, seen.id, language)
        given = {"body": record.version.body} if record.version else {}
        return _version_page(connection, who, seen, record, language, Answer(None, [], given))


@minutes.post("/meetings/<uuid:meeting_id>/minutes/in/<language>")
def write_version(meeting_id: UUID, language: str) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(VersionForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _load_for_version(connection, who, meeting_id, language)
        moved_on = False
        if answer.form is not None:
            try:
                actions.write_version(session, who, seen, language, answer.form)
            except MinutesMovedOn:
                moved_on = True
        if answer.form is None or moved_on:
            record = record_of(connection, seen.id, language)
            page = _version_page(connection, who, seen, record, language, answer, moved_on=moved_on)
            return page, 409 if moved_on else 422
        count_paperwork(session, seen.id, "minutes", took(request.form))
    return redirect(url_for("minutes.minutes_page", meeting_id=meeting_id, language=language), 303)


def _load(connection: Connection, who: Actor, meeting_id: UUID, permission: str) -> MeetingSeen:
    seen: MeetingSeen = load(connection, who, "meeting", meeting_id, permission)
    return seen


def _load_decision(connection: Connection, who: Actor, decision_id: UUID) -> DecisionLoaded:
    decision: DecisionLoaded = load(connection, who, DECISION, decision_id, "meeting.write_minutes")
    return decision


def _load_for_version(connection: Connection, who: Actor, meeting_id: UUID, language: str) -> MeetingSeen:
    """There is something to translate, into another of the languages that are offered."""
    seen = _load(connection, who, meeting_id, "meeting.write_minutes")
    if language not in LOCALES or not seen.minutes or language == _language_of(seen):
        raise NotFound
    return seen


def _to(meeting_id: UUID, anchor: str | None = None) -> Response:
    return redirect(url_for("minutes.minutes_page", meeting_id=meeting_id, _anchor=anchor), 303)


def _title(seen: MeetingSeen) -> str:
    return gettext("Minutes: %(title)s", title=seen.title)


def _language_of(seen: MeetingSeen) -> str:
    return seen.minutes_language or ENGLISH


def _wanted() -> str:
    """Which language somebody wants to read: the one they chose, or that of their pages."""
    chosen = request.args.get("language", "")
    return chosen if chosen in LOCALES else page_language()


def _can_be_answered(seen: MeetingSeen) -> bool:
    """What can be right or not: words of a meeting that is over."""
    return seen.minutes_version > 0 and seen.state in (
        State.HELD,
        State.MINUTES_DRAFT,
        State.MINUTES_APPROVED,
    )


def _worded(answer: Answer[ActionForm]) -> Answer[ActionForm]:
    words = {"due": gettext("Please give a day, as in 2026-11-22."), "owner": gettext("Please choose one of these.")}
    return answer.worded(words)


def _page(
    connection: Connection, who: Actor, seen: MeetingSeen, answer: Answer[Any], *, notice: str | None = None
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    record = record_of(connection, seen.id, _wanted())
    given = _record_given(connection, who, seen, record)
    is_asked = _can_be_answered(seen) and allows(seen.roles, "minutes.approve")
    return render_template(
        "minutes/minutes.html",
        page_title=_title(seen),
        community=frame(community, "meetings.meeting_list"),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **given,
        state=_state(seen),
        record=record,
        mine=record.answer_of(who.person_id),
        is_asked=is_asked,
        objects=answer.given.get("answer") == Answered.WRONG,
        objections=record.objections,
        points=_open_points(connection, who, record),
        may_write=allows(seen.roles, "meeting.write_minutes"),
        may_record=allows(seen.roles, "action_item.record"),
        has_begun=seen.state not in COMING or seen.starts_at <= who.at,
        tell_school=_tell_school(connection, who, community, record),
        steps=next_steps(connection, who, "meeting", Reference("meeting", seen.id), community.id),
        other_languages=[(code, name) for code, name in LOCALES.items() if code != _language_of(seen)],
        owners=[("", gettext("Nobody yet")), *((str(one), name) for one, name in record.members.items())],
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
        form_key=answer.form_key,
    )


def _record_given(connection: Connection, who: Actor, seen: MeetingSeen, record: Record) -> dict[str, Any]:
    """What page and paper both show."""
    version = record.version
    return {
        "meeting": seen,
        "words": shown(seen.minutes, seen.minutes_html, seen.minutes_renderer) if seen.minutes else None,
        "language": _called(_language_of(seen)),
        "version": version and {**_called(version.language), "words": _rendered(version.body), "of": version},
        "changes": _changes(seen, record),
        "languages": [_called(code) for code in record.languages if version is None or code != version.language],
        "decisions": record.decisions,
        "agreed": actions_of(connection, Reference("meeting", seen.id)),
        "found": [
            (gettext(KINDS[node.kind].name), node) for node in nodes_of(connection, who, Reference("meeting", seen.id))
        ],
        "roles": [(role_name(role), name) for role, name in record.roles],
        "number_present": record.number_present,
    }


def _changes(seen: MeetingSeen, record: Record) -> list[dict[str, Any]]:
    """What was changed in the original since the version in another language was written from it."""
    version = record.version
    if version is None or version.of_body == seen.minutes:
        return []
    return [{"label": gettext("Minutes"), "pieces": compared(version.of_body, seen.minutes)}]


def _rendered(source: str) -> Any:
    return shown(source, "", 0)


def _called(code: str) -> dict[str, str]:
    """A language: its name in itself, and its code as HTML wants it."""
    return {"code": code, "name": LOCALES.get(code, code), "tag": code.replace("_", "-")}


def _state(seen: MeetingSeen) -> tuple[str, str] | None:
    if seen.state == State.MINUTES_APPROVED:
        return gettext("approved"), "good"
    return (gettext("draft"), "warn") if seen.minutes_version else None


def _open_points(connection: Connection, who: Actor, record: Record) -> list[Point]:
    """What stood on the agenda, is another room's, and can still be closed."""
    settleable = [
        point.thing for point in record.points if settler_of(point.thing.kind) and point.thing.kind in kinds()
    ]
    seen = shown_things(connection, who, settleable) if settleable else {}
    still_open = spoken_of.unsettled(connection, list(seen))
    return [point for point in record.points if point.thing in still_open]


def _tell_school(
    connection: Connection, who: Actor, community: CommunitySeen, record: Record
) -> dict[UUID, Sequence[Link]]:
    """For decisions that the school may know of: the way to tell it, and what else can grow from them."""
    found = {}
    for decision in record.decisions:
        if decision.for_school and not decision.is_withdrawn and allows(community.roles, "school.tell"):
            found[decision.id] = next_steps(connection, who, DECISION, decision.reference, community.id).offers
    return found


def _form_page(
    connection: Connection, who: Actor, seen: MeetingSeen, answer: Answer[MinutesForm], *, moved_on: bool = False
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    items = spoken_of.named(connection, who, agenda(connection, seen.community_id, seen.id))
    errors = answer.errors
    if moved_on:
        message = gettext("Somebody wrote minutes while you were writing. Below yours you see theirs.")
        errors = [{"field": "body", "message": message}]
    return render_template(
        "minutes/minutes_form.html",
        page_title=gettext("Write the minutes"),
        community=frame(community, "meetings.meeting_list"),
        meeting=seen,
        items=items,
        answer=answer,
        errors=errors,
        error=errors[0]["message"] if errors else None,
        longest=LONGEST_MINUTES,
        based_on=seen.minutes_version,
        is_put_together=not errors and answer.given.get("body", "") != seen.minutes,
        was_approved=seen.state == State.MINUTES_APPROVED,
        languages=list(LOCALES.items()),
        language=answer.given.get("language") or seen.minutes_language or page_language(),
        theirs=shown(seen.minutes, seen.minutes_html, seen.minutes_renderer) if moved_on else None,
    )


def _version_page(
    connection: Connection,
    who: Actor,
    seen: MeetingSeen,
    record: Record,
    language: str,
    answer: Answer[VersionForm],
    *,
    moved_on: bool = False,
) -> str:
    """One language beside the other. ``record`` brings the version as it is stored."""
    community = load_here(connection, who, seen.community_id, "community.read")
    stored = record.version
    errors = answer.errors
    if moved_on:
        message = gettext("Somebody wrote meanwhile. You see the original as it is now, and below yours what is there.")
        errors = [{"field": "body", "message": message}]
    return render_template(
        "minutes/version_form.html",
        page_title=gettext("Minutes in another language"),
        community=frame(community, "meetings.meeting_list"),
        meeting=seen,
        original={
            **_called(_language_of(seen)),
            "words": shown(seen.minutes, seen.minutes_html, seen.minutes_renderer),
        },
        language=_called(language),
        answer=answer,
        errors=errors,
        error=errors[0]["message"] if errors else None,
        longest=LONGEST_MINUTES,
        based_on=stored.version if stored else 0,
        changes=_changes(seen, record),
        theirs=_rendered(stored.body) if moved_on and stored else None,
    )
