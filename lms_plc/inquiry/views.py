"""Pages of inquiries: a community's, beginning one, and one. Its stages: ``stage_views.py``."""

from typing import Any
from uuid import UUID

from flask import current_app, render_template, request, url_for
from sqlalchemy import Connection

from lms_plc.communities.home import open_room
from lms_plc.communities.next_steps import offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.paging import Page as Paged
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotThere, allows
from lms_plc.core.things import thing_named
from lms_plc.cycles.queries import choices, cycle_for
from lms_plc.cycles.wording import in_language
from lms_plc.house import house
from lms_plc.inquiry import (
    actions,
    ending_views,
    forms,
    hearing,
    on_home,
    people_views,
    queries,
    stage_views,
    stories,
)
from lms_plc.inquiry.blueprint import (
    Page,
    inquiry,
    inquiry_here,
    to_inquiry,
    to_stage,
)
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.inquiry.showing import HERE, inquiry_page, rounds_page, small_page
from lms_plc.inquiry.telling import held
from lms_plc.inquiry.wording import states
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["ending_views", "hearing", "inquiry", "on_home", "people_views", "stage_views", "stories"]

open_room(23, HERE, N_("Projects"))
for _kind, _label in (
    ("aha", N_("Begin a project with it")),
    ("library_item", N_("Begin a project with it")),
    ("Concern", N_("Begin a project with it")),
    ("Dilemma", N_("Begin a project with it")),
    ("Question", N_("Begin a project with it")),
    ("decision", N_("Begin a project with it")),
):
    offers_step(_kind, _label, "inquiry.open_form")

BESIDE = (
    ("practicechanges.change_list", N_("What we do differently")),
    ("innovations.card_list", N_("Something new")),
    ("classdata.data_list", N_("Class results")),
    ("visits.visit_list", N_("Visits")),
    ("feedback.requests", N_("Feedback")),
    ("library.happened", N_("Something happened")),
    ("cycles.cycle_list", N_("Ways of working")),
)
"""Pages of other rooms that are reached from the list of projects, where there are such rooms."""

FIRST = "tldw"
"""The cycle that is chosen when nobody has said which."""


@inquiry.get("/communities/<uuid:community_id>/projects")
def inquiry_list(community_id: UUID) -> str:
    """``before`` and ``mine`` are the keys its two lists go on from: the one that goes on stands alone."""
    who, ended = actor(), request.args.get("show") == "ended"
    before, mine_before = key_from(request.args, "before"), key_from(request.args, "mine")
    nothing: Paged[Any] = Paged([], None)
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        mine = nothing if before else queries.mine(connection, who, community.id, ended=ended, before=mine_before)
        page = nothing if mine_before else queries.inquiries(connection, who, community.id, ended=ended, before=before)
    return render_template(
        "inquiry/inquiries.html",
        page_title=gettext("Projects"),
        community=frame(community, HERE),
        seen=community,
        mine=[_row(one.opened(house().seal)) for one in mine.items],
        mine_next=mine.next_key,
        page=page,
        rows=[_row(one) for one in page.items],
        ended=ended,
        states=states(),
        may_open=allows(community.roles, "inquiry.open"),
        beside=[
            (gettext(label), url_for(endpoint, community_id=community.id))
            for endpoint, label in BESIDE
            if endpoint in current_app.view_functions
        ],
    )


def _row(one: queries.InquiryListed) -> dict[str, Any]:
    content = in_language(one.cycle)
    stage = content.stage(one.stage)
    return {
        "one": one,
        "stage": stage.name if stage else "",
        "cycle": content.name,
        "is_asked": one.my_state == queries.ASKED,
        "is_under_way": one.state in queries.UNDER_WAY,
    }


@inquiry.get("/communities/<uuid:community_id>/projects/new")
def open_form(community_id: UUID) -> str:
    """``cycle`` is what a page of another room proposes to work by, ``from_kind`` and ``from`` what it begins with."""
    who = actor()
    given = {
        "cycle": request.args.get("cycle", FIRST),
        "from_kind": request.args.get("from_kind", ""),
        "from_id": request.args.get("from", ""),
        "title": request.args.get("title", "")[: forms.TITLE],
    }
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "inquiry.open")
        return _open_page(connection, who, community, Answer(None, [], given))


@inquiry.post("/communities/<uuid:community_id>/projects/new")
def begin(community_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.BeginForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "inquiry.open")
        form = answer.form
        cycle = cycle_for(connection, community.id, form.cycle) if form else None
        if form is None or cycle is None:
            wrong = [] if form is None else [{"field": "cycle", "message": gettext("Please choose one of these.")}]
            again: Answer[Any] = Answer(None, [*answer.errors, *wrong], answer.given)
            return _open_page(connection, who, community, again), 422
        origin = thing_named(connection, who, answer.given, "from_kind", "from_id")
        inquiry_id = actions.open_inquiry(
            session, who, house().seal, community, form, cycle, origin.reference if origin else None
        )
    return to_stage(inquiry_id, cycle.content.stages[0].id)


@inquiry.get("/projects/<uuid:inquiry_id>", endpoint="inquiry")
def one_inquiry(inquiry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        try:
            seen = inquiry_here(connection, who, inquiry_id, "inquiry.read")
        except NotThere:
            title = queries.told_title(connection, who, inquiry_id)
            if title is None:
                raise
            return render_template("inquiry/told.html", page_title=title)
        return inquiry_page(connection, who, seen)


@inquiry.get("/projects/<uuid:inquiry_id>/edit")
def change_form(inquiry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = inquiry_here(connection, who, inquiry_id, "inquiry.lead")
        house().seal.check(seen.sealed_title)
        return _title_page(connection, who, seen, Answer(None, [], {"title": seen.title}))


@inquiry.post("/projects/<uuid:inquiry_id>/edit")
def change(inquiry_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.TitleForm, request.form)
    with house().database.write() as session:
        seen = inquiry_here(held(session, inquiry_id), who, inquiry_id, "inquiry.lead")
        if answer.form is None:
            return _title_page(session.connection(), who, seen, answer), 422
        actions.change_title(session, who, house().seal, seen, answer.form.title)
    return to_inquiry(inquiry_id)


@inquiry.get("/projects/<uuid:inquiry_id>/rounds")
def rounds(inquiry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = inquiry_here(connection, who, inquiry_id, "inquiry.read")
        return rounds_page(connection, who, seen, key_from(request.args, "before"))


def _open_page(connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[Any]) -> str:
    offered = choices(connection, community.id)
    origin = thing_named(connection, who, answer.given, "from_kind", "from_id")
    return render_template(
        "inquiry/open.html",
        page_title=gettext("Begin a project"),
        community=frame(community, HERE),
        seen=community,
        cycles=[(one.key, one.name, one.short) for one in offered],
        origin=origin,
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _title_page(connection: Connection, who: Actor, seen: InquirySeen, answer: Answer[Any]) -> str:
    return small_page(connection, who, seen, "title.html", gettext("Change the title"), answer)
