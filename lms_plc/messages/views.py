"""Direct messages, one to one or in a small group."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.text import excerpt, shown
from lms_plc.house import house
from lms_plc.messages import actions, queries
from lms_plc.messages.forms import LARGEST_GROUP, MessageForm, MuteForm, TalkForm
from lms_plc.messages.queries import InThread, MessageSeen, ThreadSeen
from lms_plc.people import blocks
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, format_list, gettext

messages = Blueprint("messages", __name__, url_prefix="/s/<seat>", template_folder="templates")

open_entry(20, "messages.thread_list", N_("Messages"))

LABELS = {"body": N_("Your message"), "to": N_("To")}
JUST_SENT = timedelta(minutes=2)


@messages.get("/messages")
def thread_list() -> str:
    who = actor()
    with house().database.read() as connection:
        page = queries.threads(connection, who, before=key_from(request.args, "before"))
        names = queries.names_in(connection, who, [one.id for one in page.items])
    rows = [
        {
            "thread": one,
            "title": _title(names[one.id]),
            "excerpt": excerpt(one.body or ""),
            "unread": one.unread and not one.muted,
        }
        for one in page.items
    ]
    return render_template("messages/threads.html", page_title=gettext("Messages"), page=page, rows=rows)


@messages.get("/messages/new")
def choose() -> str | Response:
    """To whom? Works without script: what is ticked comes back ticked whenever one looks for somebody else."""
    who, words = actor(), request.args.get("name", "").strip()[:100]
    ids = _ids(request.args.getlist("to"))
    with house().database.read() as connection:
        chosen = queries.writable(connection, who, ids)
        found = queries.people_to_write_to(connection, who, words)
    if "write" in request.args and chosen:
        return redirect(url_for("messages.compose", to=[person_id for person_id, _ in chosen]), 302)
    return render_template(
        "messages/choose.html",
        page_title=gettext("Write to whom?"),
        words=words,
        chosen=chosen,
        found=[one for one in found if one not in chosen],
        most=LARGEST_GROUP - 1,
        nobody_chosen="write" in request.args,
    )


@messages.get("/messages/write")
def compose() -> str | Response:
    who, ids = actor(), _ids(request.args.getlist("to"))
    with house().database.read() as connection:
        people = _people(connection, who, ids)
        known = queries.thread_of_two(connection, who.person_id, ids[0]) if len(ids) == 1 else None
    if known is not None:
        return redirect(url_for("messages.thread", thread_id=known, _anchor="write"), 302)
    return _compose_page(who, people, Answer(None, [], {}))


@messages.post("/messages/write")
def begin() -> str | Response | tuple[str, int]:
    ids = _ids(request.form.getlist("to"))
    given = {**request.form.to_dict(), "to": " ".join(map(str, ids))}
    who, answer = actor(), read_form(TalkForm, given)
    with house().database.write() as session:
        people = _people(session.connection(), who, ids)
        if answer.form is None:
            return _compose_page(who, people, answer), 422
        thread_id = actions.begin_talk(session, who, answer.form.to, answer.form)
    return redirect(url_for("messages.thread", thread_id=thread_id, sent="new", _anchor="write"), 303)


@messages.get("/messages/<uuid:thread_id>")
def thread(thread_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ThreadSeen = load(connection, who, "message_thread", thread_id, "message.read")
        others = queries.in_thread(connection, who, seen.id)
        page = queries.messages(connection, who, seen.id, before=key_from(request.args, "before"))
    _remember_reading(who, seen)
    return _thread_page(who, seen, others, page, Answer(None, [], {}))


@messages.post("/messages/<uuid:thread_id>")
def write(thread_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(MessageForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: ThreadSeen = load(connection, who, "message_thread", thread_id, "message.read")
        others = queries.in_thread(connection, who, seen.id)
        if _is_with_blocked(seen, others):
            raise NotAllowed("message.read")
        if answer.form is None:
            page = queries.messages(connection, who, seen.id)
            return _thread_page(who, seen, others, page, answer), 422
        message_id = actions.write(session, who, seen, answer.form)
    return redirect(url_for("messages.thread", thread_id=thread_id, sent="here", _anchor=f"m-{message_id}"), 303)


@messages.post("/messages/<uuid:thread_id>/mute")
def mute(thread_id: UUID) -> Response:
    who, answer = actor(), read_form(MuteForm, request.form)
    with house().database.write() as session:
        seen: ThreadSeen = load(session.connection(), who, "message_thread", thread_id, "message.read")
        if answer.form is not None:
            actions.mute(session, who, seen, muted=answer.form.muted)
    return redirect(url_for("messages.thread", thread_id=thread_id), 303)


@messages.get("/messages/<uuid:thread_id>/leave")
def leave_form(thread_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _group(load(connection, who, "message_thread", thread_id, "message.read"))
        others = queries.in_thread(connection, who, seen.id)
    return render_template(
        "messages/leave.html", page_title=gettext("Leave this talk?"), seen=seen, title=_title(_still_in(others))
    )


@messages.post("/messages/<uuid:thread_id>/leave")
def leave(thread_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = _group(load(session.connection(), who, "message_thread", thread_id, "message.read"))
        actions.leave(session, who, seen)
    return redirect(url_for("messages.thread_list"), 303)


@messages.post("/messages/<uuid:thread_id>/block/<uuid:person_id>")
def block(thread_id: UUID, person_id: UUID) -> Response:
    """From where their words are: also for somebody one shares no community with any more."""
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        load(connection, who, "message_thread", thread_id, "message.read")
        if person_id not in {one.id for one in queries.in_thread(connection, who, thread_id)}:
            raise NotThere("person")
        blocks.block(session, who, person_id)
    return redirect(url_for("messages.thread", thread_id=thread_id), 303)


def _people(connection: Connection, who: Actor, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """All of them, or as if there were none. Raises NotThere."""
    people = queries.writable(connection, who, ids[:LARGEST_GROUP])
    if not people or len(people) < len(ids):
        raise NotThere("person")
    return people


def _ids(given: Sequence[str]) -> list[UUID]:
    """What is no id means nobody."""
    found = []
    for one in " ".join(given).split():
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _group(thread: ThreadSeen) -> ThreadSeen:
    """A talk one to one is not left: it is muted, or its other side blocked."""
    if thread.in_pair:
        raise NotThere("message_thread")
    return thread


def _still_in(others: Sequence[InThread]) -> list[str]:
    return [one.name for one in others if not one.left]


def _is_with_blocked(seen: ThreadSeen, others: Sequence[InThread]) -> bool:
    return seen.in_pair and any(one.blocked for one in others)


def _title(names: Sequence[str]) -> str:
    return format_list(names) if names else gettext("Nobody else is left here")


def _remember_reading(who: Actor, seen: ThreadSeen) -> None:
    """Writes only when there was something new; a page read again stays a read."""
    if seen.read_to is not None and seen.read_to >= seen.last_message_id:
        return
    with house().database.write() as session:
        actions.mark_read(session, who, seen.id, seen.last_message_id)


def _compose_page(who: Actor, people: list[tuple[UUID, str]], answer: Answer[TalkForm]) -> str:
    return render_template(
        "messages/compose.html",
        page_title=gettext("Write a message"),
        people=people,
        answer=answer,
        errors=answer.errors,
        labels={name: gettext(label) for name, label in LABELS.items()},
        form_key=answer.form_key,
        draft_key=_draft_key(who, "new"),
    )


def _thread_page(
    who: Actor,
    seen: ThreadSeen,
    others: Sequence[InThread],
    page: Page[MessageSeen],
    answer: Answer[MessageForm],
) -> str:
    blocked = next((one for one in others if one.blocked), None) if seen.in_pair else None
    return render_template(
        "messages/thread.html",
        page_title=_title(_still_in(others)),
        seen=seen,
        others=others,
        blocked=blocked,
        said=[_message_shown(who, seen, one) for one in page.items],
        earlier_url=url_for("messages.thread", thread_id=seen.id, before=page.next_key) if page.next_key else None,
        on_last_page="before" not in request.args,
        answer=answer,
        errors=answer.errors,
        labels={name: gettext(label) for name, label in LABELS.items()},
        form_key=answer.form_key,
        draft_key=_draft_key(who, str(seen.id)),
        draft_done=_draft_sent(who, seen, page.items),
    )


def _message_shown(who: Actor, seen: ThreadSeen, one: MessageSeen) -> dict[str, Any]:
    """A message as this reader has it: hidden ones are seen by who wrote them, and say so."""
    own = one.author_id == who.person_id
    readable = one.removed_at is None and (one.hidden_at is None or own)
    may_report = readable and not own
    return {
        "message": one,
        "own": own,
        "html": shown(one.body, one.html, one.renderer) if readable else None,
        "hidden": one.hidden_at is not None and one.removed_at is None,
        "new": not own and (seen.read_to is None or one.id > seen.read_to),
        "report_url": way_to("moderation.report_form", kind="message", thing_id=one.id) if may_report else None,
    }


def _draft_sent(who: Actor, seen: ThreadSeen, said: Sequence[MessageSeen]) -> str | None:
    """The draft the browser may forget: one just written by its writer, and on this page."""
    place = {"new": "new", "here": str(seen.id)}.get(request.args.get("sent", ""))
    if place is None or not any(
        one.author_id == who.person_id and one.created_at >= who.at - JUST_SENT for one in said
    ):
        return None
    return _draft_key(who, place)


def _draft_key(who: Actor, place: str) -> str:
    return f"{who.person_id}/message:{place}"
