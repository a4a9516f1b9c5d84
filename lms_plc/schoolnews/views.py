"""The pages of the school news: what my school is told, and telling it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import queries as communities
from lms_plc.communities.attached import SCHOOLS_OF, hanging
from lms_plc.communities.next_steps import offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.paging import Page, key_from
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.text import excerpt, shown
from lms_plc.core.things import Thing
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.people.navigation import open_entry
from lms_plc.schoolnews import actions, queries
from lms_plc.schoolnews.forms import ItemForm
from lms_plc.schoolnews.queries import SchoolOffered, Told
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, gettext

schoolnews = Blueprint("schoolnews", __name__, url_prefix="/s/<seat>", template_folder="templates")

open_entry(40, "schoolnews.my_school", N_("School news"))

MY_COMMUNITIES = 30
DECIDED_BY_ALL = ("decision",)
LABELS = {
    "title": N_("In one line"),
    "body": N_("A few words"),
    "schools": N_("Which school?"),
}


@schoolnews.get("/school")
def my_school() -> str:
    """What communities tell the schools where somebody teaches, and what other rooms let them know of."""
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        page = queries.of_my_schools(connection, who, before=before)
        beside = hanging(connection, who, Reference(SCHOOLS_OF, who.person_id)) if before is None else []
        has_school = bool(page.items or beside) or queries.count_my_schools(connection, who) > 0
        mine = communities.mine(connection, who, size=MY_COMMUNITIES).items
    return render_template(
        "schoolnews/school.html",
        page_title=gettext("School news"),
        page=page,
        items=[_shown(item) for item in page.items],
        beside=beside,
        has_school=has_school,
        profile_url=way_to("profiles.me"),
        tell=[(one.name, url_for("schoolnews.item_form", community_id=one.id)) for one in mine],
        older_url=url_for("schoolnews.my_school", before=page.next_key) if page.next_key else None,
    )


@schoolnews.get("/communities/<uuid:community_id>/school")
def told(community_id: UUID) -> str:
    """What a community has told, and whom: its own people can take it back."""
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.of_community(connection, who, community.id, before=key_from(request.args, "before"))
    return _told_page(community, page)


@schoolnews.get("/communities/<uuid:community_id>/school/new")
def item_form(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "school.tell")
        given: dict[str, str] = {}
        thing = _own_thing(connection, who, community, request.args, "from_kind", "from")
        if thing is not None:
            given = {"title": thing.title[:200], "body": thing.excerpt, **_pointing(thing)}
        return _form_page(connection, who, community, Answer(None, [], given), thing)


@schoolnews.post("/communities/<uuid:community_id>/school/new")
def tell(community_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    answer = read_form(ItemForm, with_lists(request.form, "schools"))
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "school.tell")
        offered = {school.id for school in queries.schools_of(connection, who, community.id)}
        thing = _own_thing(connection, who, community, request.form, "kind", "thing")
        if answer.form is not None and not set(answer.form.schools) <= offered:
            answer = answer.refused("schools")
        if answer.form is None:
            return _form_page(connection, who, community, answer, thing), 422
        form = answer.form
        if thing is None:  # of others, or gone since: the words stand by themselves
            form = form.model_copy(update={"kind": None, "thing": None})
        item_id = actions.tell(session, who, community, form, sorted(set(form.schools)))
    return redirect(url_for("schoolnews.item", item_id=item_id), 303)


@schoolnews.get("/school/<uuid:item_id>")
def item(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: Told = load(connection, who, queries.KIND, item_id, "school_item.read")
        roles = _roles(connection, who, item_id)
        known = [seen.thing] if seen.thing and seen.thing.kind in things.kinds() else []
        points_at = things.shown(connection, who, known)
    thing = next(iter(points_at.values()), None)
    return render_template(
        "schoolnews/item.html",
        page_title=seen.title,
        item=_shown(seen),
        may_withdraw=allows(roles, "school_item.withdraw"),
        thing=thing,
        thing_url=url_for(thing.endpoint, **thing.values, _anchor=thing.anchor) if thing else None,
        report_url=way_to("moderation.report_form", kind=queries.KIND, thing_id=seen.id),
        is_mine=seen.author_id == who.person_id,
    )


@schoolnews.post("/school/<uuid:item_id>/withdraw")
def withdraw(item_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: Told = load(session.connection(), who, queries.KIND, item_id, "school_item.withdraw")
        actions.withdraw(session, who, seen)
    return redirect(url_for("schoolnews.told", community_id=seen.community_id), 303)


for _kind in ("insight", "strategy", "aha", "decision"):
    offers_step(_kind, N_("Tell the school"), "schoolnews.item_form")


def _roles(connection: Connection, who: Actor, item_id: UUID) -> Any:
    loaded = queries.load_item(connection, who, item_id)
    return loaded.roles if loaded else frozenset()


def _told_page(community: CommunitySeen, page: Page[Told]) -> str:
    return render_template(
        "schoolnews/told.html",
        page_title=gettext("What we tell the school"),
        community=frame(community, "schoolnews.told"),
        seen=community,
        items=[_shown(item) for item in page.items],
        may_tell=allows(community.roles, "school.tell"),
        older_url=url_for("schoolnews.told", community_id=community.id, before=page.next_key)
        if page.next_key
        else None,
    )


def _form_page(
    connection: Connection, who: Actor, community: CommunitySeen, answer: Answer[ItemForm], thing: Thing | None
) -> str:
    offered = queries.schools_of(connection, who, community.id)
    return render_template(
        "schoolnews/form.html",
        page_title=gettext("Tell the school"),
        community=frame(community, "schoolnews.told"),
        seen=community,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
        schools=offered,
        chosen=_chosen(offered, answer),
        thing=thing,
        pointing=_pointing(thing) if thing else {},
        profile_url=way_to("profiles.me"),
        form_key=answer.form_key,
    )


def _chosen(offered: list[SchoolOffered], answer: Answer[ItemForm]) -> set[str]:
    """Those ticked before; on a new form where its writer teaches, or the only one there is."""
    if "schools" in answer.given:
        return set(answer.given["schools"].split())
    return {str(school.id) for school in offered if school.mine or len(offered) == 1}


def _own_thing(
    connection: Connection, who: Actor, community: CommunitySeen, given: Mapping[str, str], kind: str, id_: str
) -> Thing | None:
    """What somebody wants to point at: made by themselves, or decided by all, in this community. Of anything else the
    words would have to be asked for first."""
    thing = things.thing_named(connection, who, given, kind, id_)
    if thing is None or thing.community_id != community.id:
        return None
    return thing if thing.author_id == who.person_id or thing.reference.kind in DECIDED_BY_ALL else None


def _pointing(thing: Thing) -> dict[str, str]:
    return {"kind": thing.reference.kind, "thing": str(thing.reference.id)}


def _shown(item: Told) -> dict[str, Any]:
    return {"item": item, "html": shown(item.body, item.html, item.renderer), "words": excerpt(item.body)}
