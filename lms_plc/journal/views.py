"""A private notebook; its author may share a part."""

import re
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.queries import CommunitySeen, mine
from lms_plc.communities.sharing import way_called, ways
from lms_plc.core import things
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.text import excerpt
from lms_plc.core.text import shown as shown_text
from lms_plc.house import house
from lms_plc.journal import actions, queries
from lms_plc.journal.forms import PROMPTS, EntryForm, ShareForm
from lms_plc.journal.queries import Entry, Sealed, Shared
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, format_date, gettext

open_entry(40, "journal.entries", N_("My notebook"))

journal = Blueprint("journal", __name__, url_prefix="/s/<seat>", template_folder="templates")

JUST_SAVED = timedelta(minutes=2)
LONGEST_SEARCH = 200
SHARE_LABELS = {
    "title": N_("What is it about?"),
    "text": N_("What others will read"),
    "community_id": N_("In which community?"),
    "way": N_("As what?"),
}


@journal.get("/journal")
def entries() -> str:
    who, asked = actor(), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with house().database.read() as connection:
        if asked:
            found, more = queries.search(connection, who, house().seal, asked)
            page: Page[Entry] = Page(found, None)
        else:
            page, more = queries.entries(connection, who, house().seal, before=key_from(request.args, "before")), False
    return render_template(
        "journal/entries.html",
        page_title=gettext("My notebook"),
        page=page,
        asked=asked,
        more=more,
        searched=queries.SEARCHED,
        excerpts={one.id: excerpt(one.text) for one in page.items if one.text is not None},
        prompts=_prompts(),
        first="before" not in request.args,
    )


@journal.get("/journal/new")
def new_entry() -> str:
    who = actor()
    with house().database.read() as connection:
        return _entry_form(connection, who, None, Answer(None, [], {"prompt": request.args.get("prompt", "")}))


@journal.post("/journal/new")
def write_entry() -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(EntryForm, request.form)
    with house().database.write() as session:
        answer = _in_one_of_mine(session.connection(), who, answer)
        if answer.form is None:
            return _entry_form(session.connection(), who, None, answer), 422
        entry_id = actions.write_entry(session, who, house().seal, answer.form, _today(who))
    return redirect(url_for("journal.entry", entry_id=entry_id, saved="new"), 303)


@journal.get("/journal/<uuid:entry_id>")
def entry(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _entry(connection, who, entry_id)
        parts = queries.shared_parts(connection, who, seen.id)
        known = [part.thing for part in parts if part.withdrawn_at is None and part.thing.kind in things.kinds()]
        shown = things.shown(connection, who, known)
    saved = request.args.get("saved")
    just_saved = seen.changed_at >= who.at - JUST_SAVED
    return render_template(
        "journal/entry.html",
        page_title=_day_and_prompt(seen)[0],
        entry=seen,
        prompt=_day_and_prompt(seen)[1],
        html=shown_text(seen.text, "", 0) if seen.text is not None else None,
        parts=[(part, _address(shown.get(part.thing))) for part in parts],
        draft_done=_draft_key(who, "new" if saved == "new" else str(seen.id)) if saved and just_saved else None,
    )


@journal.get("/journal/<uuid:entry_id>/edit")
def edit_form(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _readable(_entry(connection, who, entry_id))
        given = {
            "text": seen.text or "",
            "prompt": seen.prompt or "",
            "day": seen.day.isoformat(),
            "community_id": str(seen.community_id or ""),
        }
        return _entry_form(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/edit")
def change_entry(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(EntryForm, request.form)
    with house().database.write() as session:
        seen = _readable(_entry(session.connection(), who, entry_id))
        answer = _in_one_of_mine(session.connection(), who, answer, kept=seen.community_id)
        if answer.form is None:
            return _entry_form(session.connection(), who, seen, answer), 422
        actions.change_entry(session, who, house().seal, seen.id, answer.form, _today(who))
    return redirect(url_for("journal.entry", entry_id=entry_id, saved="changed"), 303)


@journal.get("/journal/<uuid:entry_id>/delete")
def delete_form(entry_id: UUID) -> str:
    with house().database.read() as connection:
        seen = _entry(connection, actor(), entry_id)
    return render_template(
        "journal/delete.html",
        page_title=gettext("Tear this page out?"),
        entry=seen,
        excerpt=excerpt(seen.text) if seen.text is not None else None,
    )


@journal.post("/journal/<uuid:entry_id>/delete")
def delete_entry(entry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        actions.delete_entry(session, who, _entry(session.connection(), who, entry_id).id)
    return redirect(url_for("journal.entries"), 303)


@journal.get("/journal/<uuid:entry_id>/share")
def share_form(entry_id: UUID) -> str:
    """First which paragraphs, then how they shall read. Their numbers stand in the address, their words never."""
    who = actor()
    with house().database.read() as connection:
        seen = _readable(_entry(connection, who, entry_id))
        paragraphs = _paragraphs(seen.text or "")
        chosen = [paragraphs[number] for number in _numbers("part") if number < len(paragraphs)]
        if not chosen:
            return _choosing_page(seen, paragraphs, unchosen="chosen" in request.args)
        given = {"text": "\n\n".join(chosen), "community_id": str(seen.community_id or "")}
        return _sharing_page(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/share")
def share_part(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ShareForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = _entry(connection, who, entry_id)
        way = way_called(answer.form.way) if answer.form else None
        if answer.form is None:
            return _sharing_page(connection, who, seen, answer), 422
        try:
            if way is None:
                raise NotThere("way")
            community: CommunitySeen = load(connection, who, "community", answer.form.community_id, way.permission)
        except (NotThere, NotAllowed):
            return _sharing_page(connection, who, seen, _wrong(answer, "community_id")), 422
        actions.share_part(session, who, seen.id, community, way, answer.form)
    return redirect(url_for("journal.entry", entry_id=entry_id), 303)


@journal.get("/journal/<uuid:entry_id>/shared/<uuid:part_id>/withdraw")
def withdraw_form(entry_id: UUID, part_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _entry(connection, who, entry_id)
        part = _part(connection, who, seen, part_id)
    return render_template(
        "journal/withdraw.html", page_title=gettext("Withdraw this part?"), entry=seen, part=part, now=who.at
    )


@journal.post("/journal/<uuid:entry_id>/shared/<uuid:part_id>/withdraw")
def withdraw_part(entry_id: UUID, part_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = _entry(session.connection(), who, entry_id)
        part = _part(session.connection(), who, seen, part_id)
        way = way_called(part.way)
        if way is None:
            raise NotThere("way")
        actions.withdraw_part(session, who, seen.id, part, way)
    return redirect(url_for("journal.entry", entry_id=entry_id), 303)


def _entry(connection: Connection, who: Actor, entry_id: UUID) -> Entry:
    sealed: Sealed = load(connection, who, "journal_entry", entry_id, "journal.read")
    return sealed.opened(house().seal)


def _readable(seen: Entry) -> Entry:
    """An entry sealed under another key can be torn out or waited with, not changed: that would lose its words."""
    if seen.text is None:
        raise NotThere("journal_entry")
    return seen


def _part(connection: Connection, who: Actor, seen: Entry, part_id: UUID) -> Shared:
    found = [part for part in queries.shared_parts(connection, who, seen.id) if part.id == part_id]
    if not found:
        raise NotThere("shared_part")
    return found[0]


def _today(who: Actor) -> date:
    return who.at.astimezone(ZoneInfo(house().settings.timezone)).date()


def _prompts() -> dict[str, str]:
    return {prompt.value: gettext(words) for prompt, words in PROMPTS.items()}


def _day_and_prompt(seen: Entry) -> tuple[str, str | None]:
    return format_date(seen.day, "long"), _prompts().get(seen.prompt or "")


def _draft_key(who: Actor, place: str) -> str:
    return f"{who.person_id}/journal:{place}"


def _in_one_of_mine(
    connection: Connection, who: Actor, answer: Answer[EntryForm], kept: UUID | None = None
) -> Answer[EntryForm]:
    """A page may be about a community of mine, or stay about the one it was about; another one is no choice."""
    asked = answer.form.community_id if answer.form else None
    if asked is None or asked == kept or any(one.id == asked for one in mine(connection, who).items):
        return answer
    return _wrong(answer, "community_id")


def _wrong(answer: Answer[Any], field: str) -> Answer[Any]:
    return Answer(None, [{"field": field, "message": gettext("Please choose one of these.")}], answer.given)


def _entry_form(connection: Connection, who: Actor, seen: Entry | None, answer: Answer[EntryForm]) -> str:
    communities = {str(one.id): one.name for one in mine(connection, who).items}
    if seen is not None and seen.community_id is not None:
        communities.setdefault(str(seen.community_id), seen.community or "")
    return render_template(
        "journal/entry_form.html",
        page_title=gettext("Change this page") if seen else gettext("A new page"),
        entry=seen,
        answer=answer,
        errors=answer.errors,
        labels={"text": gettext("Your words"), "day": gettext("Day"), "community_id": gettext("About a community")},
        prompts=[("", gettext("No question, just write")), *_prompts().items()],
        communities=[("", gettext("None")), *communities.items()],
        today=_today(who),
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
        draft_key=_draft_key(who, str(seen.id) if seen else "new"),
        draft_at=seen.changed_at if seen else None,
    )


def _paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def _numbers(name: str) -> list[int]:
    given = (one for one in request.args.getlist(name) if one.isascii() and one.isdigit() and len(one) < 6)
    return sorted({int(one) for one in given})[:500]


def _choosing_page(seen: Entry, paragraphs: Sequence[str], *, unchosen: bool) -> str:
    message = gettext("Please choose at least one.")
    return render_template(
        "journal/choose.html",
        page_title=gettext("Which part do you want to share?"),
        entry=seen,
        paragraphs=[excerpt(one, 400) for one in paragraphs],
        errors=[{"field": "part", "message": message}] if unchosen else [],
    )


def _sharing_page(connection: Connection, who: Actor, seen: Entry, answer: Answer[ShareForm]) -> str:
    offered = [(way.name, gettext(way.label)) for way in ways()]
    return render_template(
        "journal/share.html",
        page_title=gettext("This is what others will read"),
        entry=seen,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in SHARE_LABELS.items()},
        communities=[(str(one.id), one.name) for one in mine(connection, who).items],
        ways=offered,
        form_key=answer.given.get("form_key") or secrets.token_urlsafe(18),
    )


def _address(thing: things.Thing | None) -> str | None:
    return url_for(thing.endpoint, **thing.values, _anchor=thing.anchor) if thing else None
