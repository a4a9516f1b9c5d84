"""The sheet of a meeting: a page made for paper, and the page on which what was written there is entered."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import BaseModel
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.attendance import guests
from lms_plc.attendance.forms import as_seen
from lms_plc.attendance.on_meeting import STATUSES
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotAllowed, load
from lms_plc.files.actions import attach, detach
from lms_plc.files.views import from_form, takes_files
from lms_plc.house import house
from lms_plc.meetings.paperwork import count_paperwork, took
from lms_plc.meetings.queries import MeetingSeen
from lms_plc.people.guards import actor
from lms_plc.sheets import on_meeting, queries
from lms_plc.sheets.entering import NoRoomInMinutes, enter_sheet
from lms_plc.sheets.forms import ROWS, Written, read_sheet
from lms_plc.sheets.queries import Entered, Sheet
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import gettext, html_language
from lms_plc.web.languages import ENGLISH, normalise

__all__ = ["on_meeting", "sheets"]

sheets = Blueprint("sheets", __name__, url_prefix="/s/<seat>", template_folder="templates")

LINES = 3
DECISIONS = 5
NAMES = 12
"""Empty lines on the paper: below each point, for decisions, and for names where none are printed."""


class _Anything(BaseModel):
    """Which fields there are, the sheet says; here they are only cleaned."""


@sheets.get("/meetings/<uuid:meeting_id>/sheet")
def sheet(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        meeting: MeetingSeen = load(connection, who, "meeting", meeting_id, "community.read")
        community = load_here(connection, who, meeting.community_id, "community.read")
        paper = queries.sheet_of(connection, who, meeting)
    return render_template(
        "sheets/sheet.html",
        page_title=meeting.title,
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        sheet=paper,
        lines=LINES,
        decisions=DECISIONS,
        actions=ROWS,
        names=NAMES,
        statuses=[gettext(word) for word in STATUSES.values()],
    )


@sheets.get("/meetings/<uuid:meeting_id>/sheet/enter")
def enter_form(meeting_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        paper = _paper(connection, who, meeting_id)
        notice = {"text": gettext("Saved. Here is room for more.")} if request.args.get("said") else None
        return _page(connection, who, paper, queries.known_of(connection, paper.meeting), notice=notice)


@sheets.post("/meetings/<uuid:meeting_id>/sheet/photos")
@takes_files
def add_photos(meeting_id: UUID) -> str | Response | tuple[str, int]:
    """Photos of the paper hang on the meeting: whoever reads its minutes can look them up there."""
    who, reference = actor(), Reference("meeting", meeting_id)
    with house().database.write() as session:
        connection = session.connection()
        paper = _paper(connection, who, meeting_id)
        community = load_here(connection, who, paper.meeting.community_id, "community.read")
        file_ids, errors = from_form(session, who, community, reference)
        dropped = {str(one.id): one.id for one in queries.known_of(connection, paper.meeting).photos}
        detach(session, [dropped[one] for one in request.form.getlist("drop_file") if one in dropped], reference)
        attach(session, who, file_ids, reference)
        if errors:
            return _page(connection, who, paper, queries.known_of(connection, paper.meeting), errors=errors), 422
    return redirect(url_for("sheets.enter_form", meeting_id=meeting_id), 303)


@sheets.post("/meetings/<uuid:meeting_id>/sheet/enter")
def enter(meeting_id: UUID) -> str | Response | tuple[str, int]:
    who, given = actor(), read_form(_Anything, request.form).given
    with house().database.write() as session:
        connection = session.connection()
        paper = _paper(connection, who, meeting_id)
        known = queries.known_of(connection, paper.meeting)
        written = read_sheet(given, paper, list(known.owners))
        if not written.errors:
            written.errors = _enter(session, who, paper, written, known)
        if written.errors:
            return _page(connection, who, paper, known, given=given, errors=written.errors), 422
        count_paperwork(session, meeting_id, "sheet", took(request.form))
    if given.get("more"):
        return redirect(url_for("sheets.enter_form", meeting_id=meeting_id, said=1), 303)
    return redirect(url_for("meetings.meeting", meeting_id=meeting_id, _anchor="minutes"), 303)


def _enter(session: Any, who: Actor, paper: Sheet, written: Written, known: Entered) -> list[dict[str, str]]:
    if not written.says_something:
        return []
    names = guests.digests(house().settings.secret_key.get_secret_value(), paper.meeting.site_id, written.guests)
    language = normalise(html_language()) or ENGLISH
    try:
        enter_sheet(session, who, paper, written, known.actions, guests=names, language=language)
    except NoRoomInMinutes:
        message = gettext("These notes are more than the minutes have room for. Please shorten them.")
        return [{"field": f"n-{written.notes[0].part.key}", "message": message}]
    return []


def _paper(connection: Connection, who: Actor, meeting_id: UUID) -> Sheet:
    """The sheet of a meeting that has begun: before, there is nothing to enter."""
    meeting: MeetingSeen = load(connection, who, "meeting", meeting_id, "meeting.write_minutes")
    if not on_meeting.can_be_entered(who, meeting):
        raise NotAllowed("meeting.write_minutes")
    return queries.sheet_of(connection, who, meeting, with_roles=False)


def _page(
    connection: Connection,
    who: Actor,
    paper: Sheet,
    known: Entered,
    *,
    given: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    notice: Mapping[str, str] | None = None,
) -> str:
    community = load_here(connection, who, paper.meeting.community_id, "community.read")
    typed = given or {}
    return render_template(
        "sheets/enter.html",
        page_title=gettext("Enter the sheet"),
        community=frame(community, "meetings.meeting_list"),
        sheet=paper,
        meeting=paper.meeting,
        known=known,
        typed=typed,
        rows=[_row(one, typed) for one in paper.names or ()],
        statuses=[(value, gettext(word)) for value, word in STATUSES.items()],
        actions=range(1, ROWS + 1),
        opens_more=any(typed.get(f"{field}-{row}") for field in ("what", "who", "until") for row in range(4, ROWS + 1)),
        owners=[("", gettext("nobody yet")), *((str(one), name) for one, name in known.owners.items())],
        error_of={error["field"]: error["message"] for error in errors},
        errors=list(errors),
        labels={f"n-{part.key}": part.title for part in paper.parts},
        notice=notice,
    )


def _row(one: Any, typed: Mapping[str, str]) -> dict[str, Any]:
    key = one.id.hex
    saw = typed.get(f"saw-{key}") or as_seen(one)
    return {"key": key, "name": one.name, "status": typed.get(f"s-{key}") or one.status, "minutes": "", "saw": saw}
