"""A private notebook; its author may share a part."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.queries import CommunitySeen, mine
from lms_plc.communities.sharing import way_called, ways
from lms_plc.core import things
from lms_plc.core.exports import exports_of
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.sealing import CannotUnseal
from lms_plc.core.text import excerpt
from lms_plc.core.text import shown as shown_text
from lms_plc.files.views import largest_form, may_be_large
from lms_plc.house import house
from lms_plc.journal import actions, queries, showing, voices
from lms_plc.journal import growing as growing
from lms_plc.journal import releasing as releasing
from lms_plc.journal import taking_along as taking_along
from lms_plc.journal.blueprint import entry_of, journal, readable
from lms_plc.journal.forms import MOODS, EntryForm, ShareForm
from lms_plc.journal.queries import Entry, Shared
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext

__all__ = ["journal"]

open_entry(40, "journal.entries", N_("My notebook"))

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
        prompts=showing.prompts(),
        first="before" not in request.args,
    )


@journal.get("/journal/new")
def new_entry() -> str:
    who = actor()
    with house().database.read() as connection:
        return _entry_form(connection, who, None, Answer(None, [], {"prompt": request.args.get("prompt", "")}))


@journal.post("/journal/new")
@may_be_large(largest_form)
def write_entry() -> str | Response | tuple[str, int]:
    """A recording is kept even if something else of the form is wrong: nobody says it twice in the same way."""
    who, answer = actor(), read_form(EntryForm, request.form)
    voice, errors = voices.brought()
    with house().database.write() as session:
        connection = session.connection()
        voice, errors = _with_room(connection, who, voice, errors)
        answer = _said(_in_one_of_mine(connection, who, answer), errors, is_spoken=voice is not None)
        if answer.form is None:
            kept = _keep_recording(session, who, answer, voice) if voice else None
            return _entry_form(connection, who, kept, answer), 422
        entry_id = actions.write_entry(session, who, house().seal, answer.form, house().today(), voice)
    return redirect(url_for("journal.entry", entry_id=entry_id, saved="new"), 303)


@journal.get("/journal/<uuid:entry_id>")
def entry(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = entry_of(connection, who, entry_id)
        parts = queries.shared_parts(connection, who, seen.id)
        known = [part.thing for part in parts if part.withdrawn_at is None and part.thing.kind in things.kinds()]
        shown = things.shown(connection, who, known)
        released = queries.parts_of(connection, who, seen.id)
        recordings = queries.voices(connection, who, seen.id) if seen.spoken else []
        grown = growing.grown(connection, who, seen)
        about = seen.community_id
        steps = next_steps(connection, who, queries.ENTRY, seen.reference, about) if about else None
    saved = request.args.get("saved")
    just_saved = seen.changed_at >= who.at - JUST_SAVED
    day, prompt = showing.day_and_prompt(seen)
    return render_template(
        "journal/entry.html",
        page_title=day,
        entry=seen,
        prompt=prompt,
        mood=showing.mood(seen),
        html=shown_text(seen.text, "", 0) if seen.text is not None else None,
        parts=[(part, _address(shown.get(part.thing))) for part in parts],
        released=[(part, showing.audience(part)) for part in released],
        recordings=recordings,
        grown=[(label, thing.title, _address(thing)) for label, thing in grown],
        steps=steps,
        draft_done=_draft_key(who, "new" if saved == "new" else str(seen.id)) if saved and just_saved else None,
    )


@journal.get("/journal/<uuid:entry_id>/voices/<uuid:voice_id>")
def voice(entry_id: UUID, voice_id: UUID) -> FlaskResponse:
    """A recording, for its author's ears alone; nothing on the way keeps it."""
    who = actor()
    with house().database.read() as connection:
        found = queries.voice(connection, who, entry_id, voice_id)
    if found is None:
        raise NotThere("journal_voice")
    try:
        content = house().seal.open_bytes(found[1])
    except CannotUnseal:
        raise NotThere("journal_voice") from None
    answer = FlaskResponse(content, mimetype=found[0])
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    # players of phones ask for a piece before they play the whole
    answer.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return answer


@journal.get("/journal/<uuid:entry_id>/edit")
def edit_form(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = readable(entry_of(connection, who, entry_id))
        given = {
            "text": seen.text or "",
            "prompt": seen.prompt or "",
            "mood": seen.mood or "",
            "day": seen.day.isoformat(),
            "community_id": str(seen.community_id or ""),
        }
        return _entry_form(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/edit")
@may_be_large(largest_form)
def change_entry(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(EntryForm, request.form)
    said, errors = voices.brought()
    with house().database.write() as session:
        connection = session.connection()
        seen = readable(entry_of(connection, who, entry_id))
        said, errors = _with_room(connection, who, said, errors)
        recordings = queries.voices(connection, who, seen.id) if seen.spoken else []
        dropped = {one.id for one in recordings} & {one for one in map(_id, request.form.getlist("drop_voice")) if one}
        stays = said is not None or len(dropped) < len(recordings)
        answer = _said(_in_one_of_mine(connection, who, answer, kept=seen.community_id), errors, is_spoken=stays)
        if answer.form is None:
            if said is not None:
                actions.add_voice(session, who, house().seal, seen.id, said)
            return _entry_form(connection, who, seen, answer), 422
        today = house().today()
        actions.change_entry(session, who, house().seal, seen.id, answer.form, today, voice=said, dropped=dropped)
    return redirect(url_for("journal.entry", entry_id=entry_id, saved="changed"), 303)


@journal.get("/journal/<uuid:entry_id>/delete")
def delete_form(entry_id: UUID) -> str:
    with house().database.read() as connection:
        seen = entry_of(connection, actor(), entry_id)
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
        actions.delete_entry(session, who, entry_of(session.connection(), who, entry_id).id)
    return redirect(url_for("journal.entries"), 303)


@journal.get("/journal/<uuid:entry_id>/share")
def share_form(entry_id: UUID) -> str:
    """First which paragraphs, then how they shall read. Their numbers stand in the address, their words never."""
    who = actor()
    with house().database.read() as connection:
        seen = readable(entry_of(connection, who, entry_id))
        paragraphs = showing.paragraphs(seen.text or "")
        chosen = [paragraphs[number] for number in showing.numbers("part") if number < len(paragraphs)]
        if not chosen:
            return _choosing_page(seen, paragraphs, unchosen="chosen" in request.args)
        given = {"text": "\n\n".join(chosen), "community_id": str(seen.community_id or "")}
        return _sharing_page(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/share")
def share_part(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ShareForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = entry_of(connection, who, entry_id)
        way = way_called(answer.form.way) if answer.form else None
        if answer.form is None:
            return _sharing_page(connection, who, seen, answer), 422
        try:
            if way is None:
                raise NotThere("way")
            community: CommunitySeen = load(connection, who, "community", answer.form.community_id, way.permission)
        except (NotThere, NotAllowed):
            return _sharing_page(connection, who, seen, answer.refused("community_id")), 422
        actions.share_part(session, who, seen.id, community, way, answer.form)
    return redirect(url_for("journal.entry", entry_id=entry_id), 303)


@journal.get("/journal/<uuid:entry_id>/shared/<uuid:part_id>/withdraw")
def withdraw_form(entry_id: UUID, part_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = entry_of(connection, who, entry_id)
        part = _part(connection, who, seen, part_id)
        way = way_called(part.way)
        left = exports_of(connection, *way.names(connection, part.thing.id)) if way else []
    return render_template(
        "journal/withdraw.html",
        page_title=gettext("Withdraw this part?"),
        entry=seen,
        part=part,
        left=showing.left(left),
    )


@journal.post("/journal/<uuid:entry_id>/shared/<uuid:part_id>/withdraw")
def withdraw_part(entry_id: UUID, part_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen = entry_of(session.connection(), who, entry_id)
        part = _part(session.connection(), who, seen, part_id)
        way = way_called(part.way)
        if way is None:
            raise NotThere("way")
        actions.withdraw_part(session, who, seen.id, part, way)
    return redirect(url_for("journal.entry", entry_id=entry_id), 303)


def _part(connection: Connection, who: Actor, seen: Entry, part_id: UUID) -> Shared:
    found = [part for part in queries.shared_parts(connection, who, seen.id) if part.id == part_id]
    if not found:
        raise NotThere("shared_part")
    return found[0]


def _draft_key(who: Actor, place: str) -> str:
    return f"{who.person_id}/journal:{place}"


def _in_one_of_mine(
    connection: Connection, who: Actor, answer: Answer[EntryForm], kept: UUID | None = None
) -> Answer[EntryForm]:
    """A page may be about a community of mine, or stay about the one it was about; another one is no choice."""
    asked = answer.form.community_id if answer.form else None
    if asked is None or asked == kept or any(one.id == asked for one in mine(connection, who).items):
        return answer
    return answer.refused("community_id")


def _with_room(
    connection: Connection, who: Actor, voice: voices.Voice | None, errors: list[dict[str, str]]
) -> tuple[voices.Voice | None, list[dict[str, str]]]:
    if voice is None or queries.bytes_kept(connection, who.person_id) + len(voice.content) <= voices.room():
        return voice, errors
    return None, [voices.no_room()]


def _said(answer: Answer[EntryForm], errors: list[dict[str, str]], *, is_spoken: bool) -> Answer[EntryForm]:
    """A page has words or a recording, or both."""
    if answer.form is not None and not answer.form.text and not is_spoken and not errors:
        errors = [{"field": "text", "message": gettext("Please write a few words, or record them.")}]
    return Answer(None if errors else answer.form, [*answer.errors, *errors], answer.given)


def _keep_recording(session: Session, who: Actor, answer: Answer[EntryForm], voice: voices.Voice) -> Entry:
    """A page with nothing but the recording; the form goes on from there."""
    bare = read_form(EntryForm, {"form_key": answer.given.get("form_key", "")}).form
    bare = bare or EntryForm(form_key=new_form_key())
    entry_id = actions.write_entry(session, who, house().seal, bare, house().today(), voice)
    return entry_of(session.connection(), who, entry_id)


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


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
        labels={
            "text": gettext("Your words"),
            "day": gettext("Day"),
            "community_id": gettext("About a community"),
            "voice": gettext("Or say it"),
        },
        recordings=queries.voices(connection, who, seen.id) if seen else [],
        moods=[("", gettext("No word for it")), *((mood.value, gettext(word)) for mood, word in MOODS.items())],
        prompts=[("", gettext("No question, just write")), *showing.prompts().items()],
        communities=[("", gettext("None")), *communities.items()],
        today=house().today(),
        form_key=answer.form_key,
        draft_key=_draft_key(who, str(seen.id) if seen else "new"),
        draft_at=seen.changed_at if seen else None,
    )


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
        form_key=answer.form_key,
    )


def _address(thing: things.Thing | None) -> str | None:
    return url_for(thing.endpoint, **thing.values, _anchor=thing.anchor) if thing else None
