"""The page one searches on."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Connection

from lms_plc.core import search, things
from lms_plc.core.policy import Actor
from lms_plc.core.search import Term
from lms_plc.core.things import Thing
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.searching import queries
from lms_plc.searching.asking import Asked, marked, read_terms, snippet
from lms_plc.searching.forms import SearchForm
from lms_plc.searching.queries import Hit, Hits, Place
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

open_entry(20, "searching.search_page", N_("Search"))

searching = Blueprint("searching", __name__, url_prefix="/s/<seat>", template_folder="templates")

LABELS = {
    "q": N_("Words to look for"),
    "community": N_("Community"),
    "kind": N_("What it is"),
    "written_by": N_("Written by"),
    "since": N_("From"),
    "until": N_("Until"),
}


@searching.get("/search")
def search_page() -> str | tuple[str, int]:
    who, answer = actor(), read_form(SearchForm, request.args)
    terms = read_terms(answer.form.q) if answer.form else ()
    hits, rows = Hits((), None), []
    with house().database.read() as connection:
        places = queries.my_places(connection, who)
        if answer.form is not None and terms:
            asked = _asked(answer.form, terms, _authors(connection, who, answer.form, places))
            hits = queries.find(connection, who, asked, places, after=queries.read_after(request.args.get("after")))
            rows = [_row(hit, thing, terms) for hit, thing in queries.still_shown(connection, who, hits.items)]
    page = render_template(
        "searching/search.html",
        page_title=gettext("Search"),
        answer=answer,
        errors=answer.errors,
        labels={name: gettext(label) for name, label in LABELS.items()},
        asked_something=bool(terms),
        rows=rows,
        further=bool(terms) and "after" in request.args,
        places=[("", gettext("All of mine")), *((str(place.id), place.name) for place in places)],
        kinds=[("", gettext("Everything")), *_kinds()],
        **_addresses(answer, hits),
    )
    return page if answer.form is not None else (page, 422)


def _authors(connection: Connection, who: Actor, form: SearchForm, places: Sequence[Place]) -> tuple[UUID, ...] | None:
    if form.mine:
        return (who.person_id,)
    return queries.people_called(connection, who, places, form.written_by) if form.written_by else None


def _asked(form: SearchForm, terms: tuple[Term, ...], authors: tuple[UUID, ...] | None) -> Asked:
    return Asked(
        terms,
        community_id=form.community,
        kind=form.kind or None,
        authors=authors,
        since=_beginning(form.since) if form.since else None,
        until=_beginning(form.until, days=1) if form.until else None,
    )


def _beginning(day: date, days: int = 0) -> datetime | None:
    """When a day begins where this tool is at home; None behind the end of all calendars."""
    try:
        return datetime.combine(day + timedelta(days=days), time(), ZoneInfo(house().settings.timezone))
    except OverflowError:
        return None


def _row(hit: Hit, thing: Thing, terms: Sequence[Term]) -> dict[str, Any]:
    return {
        "title": marked(thing.title, terms),
        "url": url_for(thing.endpoint, **thing.values, _anchor=thing.anchor),
        "kind": gettext(things.kinds()[hit.reference.kind].label),
        "snippet": snippet(hit.text, terms),
        "community": hit.community,
        "author": thing.author,
        "at": thing.at,
    }


def _kinds() -> list[tuple[str, str]]:
    told = search.sources()
    named = ((gettext(kind.label), name) for name, kind in things.kinds().items() if name in told)
    return [(name, label) for label, name in sorted(named)]


def _addresses(answer: Answer[SearchForm], hits: Hits) -> dict[str, Any]:
    """What was typed, as the form shows it again, and the ways to more of it and to less narrow ones."""
    given = {name: answer.given.get(name, "") for name in SearchForm.model_fields}
    asked: dict[str, Any] = {name: value for name, value in given.items() if value}
    narrows = answer.form is None or answer.form.narrows
    more, wider = {**asked, "after": str(hits.next_key)}, {name: asked[name] for name in ("q",) if name in asked}
    return {
        "given": given,
        "narrows": narrows,
        "more_url": url_for("searching.search_page", **more) if hits.next_key else None,
        "wider_url": url_for("searching.search_page", **wider) if narrows else None,
    }
