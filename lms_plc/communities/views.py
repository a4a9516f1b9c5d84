"""The pages of a community itself: home, members, charter; and the list of mine."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import home, queries
from lms_plc.communities.actions import CharterMovedOn, write_charter
from lms_plc.communities.forms import CharterForm
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, Role, allows, load
from lms_plc.core.text import shown
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

communities = Blueprint("communities", __name__, url_prefix="/s/<seat>", template_folder="templates")

MEMBERS_ON_HOME = 12
ROLE_NAMES = {
    Role.MENTOR.value: N_("Mentor"),
    Role.FACILITATOR.value: N_("Facilitator"),
    Role.TEACHER_LEADER.value: N_("Teacher leader"),
}

home.open_room(10, "communities.community_home", N_("Home"))
home.open_room(30, "communities.member_list", N_("Members"))
home.open_room(40, "communities.charter", N_("Agreements"))


def frame(community: CommunitySeen, current: str) -> dict[str, Any]:
    """What the layout shows of a community on each of its pages: its name and its rooms."""
    address: dict[str, Any] = {"community_id": community.id}
    return {
        "name": community.name,
        "url": url_for("communities.community_home", **address),
        "all_url": url_for("communities.mine", all=1),
        "tabs": [
            {
                "label": gettext(room.label),
                "url": url_for(room.endpoint, **address),
                "current": room.endpoint == current,
            }
            for room in home.rooms()
        ],
    }


def load_here(connection: Connection, who: Actor, community_id: UUID, permission: str) -> CommunitySeen:
    found: CommunitySeen = load(connection, who, "community", community_id, permission)
    return found


@communities.get("/")
def mine() -> str | Response:
    with house().database.read() as connection:
        page = queries.mine(connection, actor(), after=key_from(request.args, "after"))
    if len(page.items) == 1 and not page.next_key and not request.args.keys() & {"after", "all"}:
        return redirect(url_for("communities.community_home", community_id=page.items[0].id))
    return render_template("communities/mine.html", page_title=gettext("My communities"), page=page)


@communities.get("/communities/<uuid:community_id>")
def community_home(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        some = queries.members(connection, community.id, size=MEMBERS_ON_HOME)
        leaders = queries.leaders(connection, community.id, who.at)
        count = queries.count_members(connection, community.id)
        parts = home.parts(connection, who, community)
    steps = sorted((step for part in parts for step in part.steps), key=lambda step: step.weight)
    if not community.charter and allows(community.roles, "community.edit_charter"):
        steps.append(_write_charter_step(community))
    return render_template(
        "communities/home.html",
        page_title=community.name,
        community=frame(community, "communities.community_home"),
        seen=community,
        members=some.items,
        leaders=_named_roles(leaders),
        count=count,
        parts=parts,
        steps=steps[:4],
    )


@communities.get("/communities/<uuid:community_id>/members")
def member_list(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.members(connection, community.id, after=key_from(request.args, "after"))
        leaders = queries.leaders(connection, community.id, who.at)
        count = queries.count_members(connection, community.id)
    return render_template(
        "communities/members.html",
        page_title=gettext("Members"),
        community=frame(community, "communities.member_list"),
        page=page,
        first="after" not in request.args,
        leaders=_named_roles(leaders),
        count=count,
    )


@communities.get("/communities/<uuid:community_id>/charter")
def charter(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
    return render_template(
        "communities/charter.html",
        page_title=gettext("Our agreements"),
        community=frame(community, "communities.charter"),
        seen=community,
        charter=_shown_charter(community),
    )


@communities.get("/communities/<uuid:community_id>/charter/edit")
def charter_form(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.edit_charter")
    given = {"charter": community.charter or "", "based_on": str(community.charter_version)}
    return _charter_page(community, Answer(None, [], given))


@communities.post("/communities/<uuid:community_id>/charter/edit")
def save_charter(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(CharterForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "community.edit_charter")
        if answer.form is None:
            return _charter_page(community, answer), 422
        try:
            write_charter(session, who, community, answer.form)
        except CharterMovedOn:
            community = load_here(session.connection(), who, community_id, "community.edit_charter")
            return _charter_page(community, answer, moved_on=True), 409
    return redirect(url_for("communities.charter", community_id=community.id), 303)


def _charter_page(community: CommunitySeen, answer: Answer[CharterForm], *, moved_on: bool = False) -> str:
    errors = answer.errors
    if moved_on:
        message = gettext("Somebody changed the agreements while you were writing. Below yours you see theirs.")
        errors = [{"field": "charter", "message": message}]
    return render_template(
        "communities/charter_form.html",
        page_title=gettext("Write our agreements"),
        community=frame(community, "communities.charter"),
        seen=community,
        answer=answer,
        errors=errors,
        based_on=community.charter_version,
        theirs=_shown_charter(community) if moved_on else None,
    )


def _shown_charter(community: CommunitySeen) -> object:
    if not community.charter:
        return None
    return shown(community.charter, community.charter_html or "", community.charter_renderer)


def _write_charter_step(community: CommunitySeen) -> home.Step:
    return home.Step(
        text=gettext("Nobody has written down yet what this community promised itself."),
        label=gettext("Write our agreements"),
        url=url_for("communities.charter_form", community_id=community.id),
        weight=90,
    )


def _named_roles(leaders: Any) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person_id,
            "name": name,
            "roles": [gettext(ROLE_NAMES[role]) for role in dict.fromkeys(roles.split()) if role in ROLE_NAMES],
        }
        for person_id, (name, roles) in leaders.items()
    ]
