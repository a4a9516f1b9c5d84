"""Ways of working: choosing a cycle of inquiry, reading it, printing it, making it one's own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.adapted import Apart, CopySeen, Made, MovedOn, as_copy
from lms_plc.communities.adapting import Adapting
from lms_plc.communities.home import tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, NotThere, allows, load
from lms_plc.cycles import actions, forms, queries, showing
from lms_plc.cycles.content import MOST_STAGES, Content, shipped
from lms_plc.cycles.queries import KIND, SHELF
from lms_plc.cycles.wording import OWNERS, VISIBLE, owner_name, said
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.form_parts import Pressed
from lms_plc.web.i18n import N_, gettext, ngettext, pgettext

Page = str | Response | tuple[str, int]

cycles = Blueprint("cycles", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROJECTS = "inquiry.inquiry_list"
"""The tab these pages stand under."""

WORK_BY = "inquiry.open_form"

tells_news(
    "cycle.adapted",
    "cycles.cycle_list",
    lambda count: ngettext("%(num)s new way of working of our own", "%(num)s new ways of working of our own", count),
)

_LABELS = {
    "name": N_("What it is called"),
    "short": N_("What it is"),
    "owner": N_("Who does it"),
    "lead_rule": N_("Who may begin"),
    "typical_months": N_("How many months"),
    "portfolio": N_("It ends with a portfolio"),
    "always_ask": N_("Always ask"),
}
_STAGE_LABELS = {
    "name": N_("What it is called"),
    "purpose": N_("What it is for"),
    "typical_weeks": N_("Weeks"),
    "prompts": N_("Questions that help"),
    "exit": N_("When is it time to go on?"),
    "visible_by_default_to": N_("Who reads it at first"),
    "loops": N_("Gone through again and again"),
    "protocols-1": N_("A conversation that fits"),
    **{f"protocols-{at}": N_("And also") for at in range(2, forms.MOST_PROTOCOLS + 1)},
}


def _address(community_id: UUID, key: str | UUID) -> str:
    endpoint, values = queries.address(community_id, str(key))
    return url_for(endpoint, **values)


COPIES = Adapting(SHELF, shipped, _address, showing.differences, said)


@cycles.get("/communities/<uuid:community_id>/cycles")
def cycle_list(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
        own = SHELF.copies(connection, community.id)
    listed = queries.offered(own)
    shelves = (
        (gettext("Our own"), [one for one in listed if one.is_own]),
        (gettext("Ready to use"), [one for one in listed if not one.is_own]),
    )
    return render_template(
        "cycles/cycles.html",
        page_title=gettext("Ways of working"),
        community=frame(community, PROJECTS),
        seen=community,
        shelves=[(label, [_line(community.id, one) for one in ones]) for label, ones in shelves if ones],
        gone=[(_address(community.id, one.id), said(one.content.name)) for one in own if one.retired_at is not None],
        projects=way_to(PROJECTS, community_id=community.id),
    )


@cycles.get("/cycles/<uuid:cycle_id>")
def cycle(cycle_id: UUID) -> str:
    """A community's own copy."""
    who = actor()
    with house().database.read() as connection:
        copy: CopySeen[Content] = load(connection, who, KIND, cycle_id, "community.read")
        community = load_here(connection, who, copy.community_id, "community.read")
        origin = COPIES.origin(connection, who, copy)
        elsewhere = COPIES.elsewhere(connection, who, community.id)
    return _page(
        "cycles/cycle.html",
        community,
        COPIES.made(copy),
        copy=copy,
        origin=origin,
        elsewhere=[
            (name, url_for("cycles.adapt_form", community_id=at, cycle_key=str(copy.id))) for at, name in elsewhere
        ],
    )


@cycles.get("/communities/<uuid:community_id>/cycles/<cycle_key>")
def shipped_cycle(community_id: UUID, cycle_key: str) -> Page:
    """One that comes with the program; a copy has an address of its own."""
    if as_copy(cycle_key) is not None:
        return redirect(url_for("cycles.cycle", cycle_id=as_copy(cycle_key)), 303)
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
    return _page("cycles/cycle.html", community, _shipped(cycle_key), copy=None, origin=None)


@cycles.get("/cycles/<uuid:cycle_id>/print")
def print_cycle(cycle_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        copy: CopySeen[Content] = load(connection, who, KIND, cycle_id, "community.read")
        community = load_here(connection, who, copy.community_id, "community.read")
    return _page("cycles/print.html", community, COPIES.made(copy))


@cycles.get("/communities/<uuid:community_id>/cycles/<cycle_key>/print")
def print_shipped(community_id: UUID, cycle_key: str) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
    return _page("cycles/print.html", community, _shipped(cycle_key))


@cycles.get("/communities/<uuid:community_id>/cycles/<cycle_key>/adapt")
def adapt_form(community_id: UUID, cycle_key: str) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "cycle.adapt")
        seen = COPIES.anywhere(connection, who, community, cycle_key)
    return _form(_to_adapt(community, seen), Answer(None, [], forms.filled(seen.content)))


@cycles.post("/communities/<uuid:community_id>/cycles/<cycle_key>/adapt")
def adapt(community_id: UUID, cycle_key: str) -> Page:
    who, given = actor(), request.form.to_dict()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "cycle.adapt")
        seen = COPIES.anywhere(session.connection(), who, community, cycle_key)
        sheet = _to_adapt(community, seen)
        button = forms.pressed(given)
        if button:
            return _form(sheet, Answer(None, [], forms.rearranged(given, button)), button)
        answer, sent = forms.read_cycle(given, seen.content), read_form(forms.NewForm, given)
        if answer.form is None or sent.form is None:
            return _form(sheet, Answer(None, [*answer.errors, *sent.errors], given)), 422
        copy_id = actions.adapt(session, who, community, seen, answer.form, sent.form.form_key)
    return _to_copy(copy_id)


@cycles.get("/cycles/<uuid:cycle_id>/edit")
def change_form(cycle_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        copy, community = _own(connection, who, cycle_id)
    return _form(_to_change(community, copy), Answer(None, [], forms.filled(copy.content)))


@cycles.post("/cycles/<uuid:cycle_id>/edit")
def change(cycle_id: UUID) -> Page:
    who, given = actor(), request.form.to_dict()
    with house().database.write() as session:
        copy, community = _own(session.connection(), who, cycle_id)
        sheet = _to_change(community, copy)
        button = forms.pressed(given)
        if button:
            return _form(sheet, Answer(None, [], forms.rearranged(given, button)), button)
        answer = forms.read_cycle(given, copy.content, copy.origin_content)
        sent = read_form(forms.ChangeForm, given)
        if answer.form is None or sent.form is None:
            return _form(sheet, Answer(None, [*answer.errors, *sent.errors], given)), 422
        try:
            actions.change(session, who, copy, answer.form, sent.form.based_on)
        except MovedOn:
            return _moved_on(sheet, copy, answer.form, given), 409
    return _to_copy(copy.id)


@cycles.get("/cycles/<uuid:cycle_id>/history")
def history(cycle_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        copy: CopySeen[Content] = load(connection, who, KIND, cycle_id, "community.read")
        community = load_here(connection, who, copy.community_id, "community.read")
        earlier = SHELF.versions(connection, copy.id)
    return render_template(
        "communities/adapted_history.html",
        page_title=gettext("How “%(name)s” was changed", name=said(copy.content.name)),
        community=frame(community, PROJECTS),
        versions=COPIES.steps(copy, earlier),
        back=url_for("cycles.cycle", cycle_id=copy.id),
    )


@cycles.post("/cycles/<uuid:cycle_id>/retire")
def retire(cycle_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        copy: CopySeen[Content] = load(session.connection(), who, KIND, cycle_id, "cycle.adapt")
        actions.retire(session, who, copy)
    return _to_copy(copy.id)


@cycles.post("/cycles/<uuid:cycle_id>/bring-back")
def bring_back(cycle_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        copy: CopySeen[Content] = load(session.connection(), who, KIND, cycle_id, "cycle.adapt")
        actions.bring_back(session, who, copy)
    return _to_copy(copy.id)


def _shipped(key: str) -> Made[Content]:
    if key not in shipped():
        raise NotThere(KIND)
    one = shipped()[key]
    return Made(key, one.version, one.content)


def _own(connection: Connection, who: Actor, cycle_id: UUID) -> tuple[CopySeen[Content], CommunitySeen]:
    copy: CopySeen[Content] = load(connection, who, KIND, cycle_id, "cycle.adapt")
    return copy, load_here(connection, who, copy.community_id, "community.read")


def _page(template: str, community: CommunitySeen, one: Made[Content], **more: Any) -> str:
    copy = more.get("copy")
    works = WORK_BY in current_app.view_functions and not (copy and copy.retired_at)
    works = works and allows(community.roles, "inquiry.open")
    is_own = as_copy(one.key) is not None
    return render_template(
        template,
        page_title=said(one.content.name),
        community=frame(community, PROJECTS),
        seen=community,
        cycle=one,
        back=_address(community.id, one.key),
        print_url=url_for("cycles.print_cycle", cycle_id=one.key)
        if is_own
        else url_for("cycles.print_shipped", community_id=community.id, cycle_key=one.key),
        work_url=url_for(WORK_BY, community_id=community.id, cycle=one.key) if works else None,
        may_adapt=allows(community.roles, "cycle.adapt"),
        **showing.page_of(one.content, community.id),
        **more,
    )


def _line(community_id: UUID, one: queries.CycleListed) -> dict[str, Any]:
    return {
        "url": _address(community_id, one.key),
        "name": one.name,
        "short": one.short,
        "owner": owner_name(one.owner),
        "months": showing.months(one.months),
        "is_own": one.is_own,
    }


def _to_copy(copy_id: UUID) -> Response:
    return redirect(url_for("cycles.cycle", cycle_id=copy_id), 303)


def _to_adapt(community: CommunitySeen, seen: Made[Content]) -> dict[str, Any]:
    return {
        "community": community,
        "title": gettext("Adapt “%(title)s”", title=said(seen.content.name)),
        "action": url_for("cycles.adapt", community_id=community.id, cycle_key=seen.key),
        "back": url_for("cycles.cycle_list", community_id=community.id)
        if as_copy(seen.key)
        else _address(community.id, seen.key),
        "based_on": None,
    }


def _to_change(community: CommunitySeen, copy: CopySeen[Content]) -> dict[str, Any]:
    return {
        "community": community,
        "title": gettext("Change “%(title)s”", title=said(copy.content.name)),
        "action": url_for("cycles.change", cycle_id=copy.id),
        "back": url_for("cycles.cycle", cycle_id=copy.id),
        "based_on": copy.version,
    }


def _moved_on(sheet: Mapping[str, Any], copy: CopySeen[Content], mine: Content, given: Mapping[str, str]) -> str:
    message = gettext("Somebody changed this while you were writing. Below you see yours beside theirs.")
    errors = [{"field": "apart", "id": "apart-h", "message": message}]
    return _form(sheet, Answer(None, errors, given), apart=showing.apart(mine, copy.content))


def _form(
    sheet: Mapping[str, Any],
    answer: Answer[Content],
    button: Pressed | None = None,
    *,
    apart: Sequence[Apart] = (),
) -> str:
    """``based_on`` is what stands now: whoever was shown what others wrote has seen it."""
    given, community = answer.given, sheet["community"]
    stages = forms.rows(given, "stage")
    wrong = {"-".join(error["field"].split("-")[:2]) for error in answer.errors if "-" in error["field"]}
    return render_template(
        "cycles/form.html",
        page_title=sheet["title"],
        community=frame(community, PROJECTS),
        seen=community,
        sheet=sheet,
        answer=answer,
        given=given,
        errors=answer.errors,
        labels=_labels(len(stages)),
        stage_labels={name: gettext(label) for name, label in _STAGE_LABELS.items()},
        stages=stages,
        owners=[(owner, gettext(name)) for owner, name in OWNERS.items()],
        visible=[(audience, gettext(name)) for audience, name in VISIBLE.items()],
        protocol_fields=[name for name in _STAGE_LABELS if name.startswith("protocols-")],
        protocols=[("", pgettext("protocol", "None")), *showing.protocol_names()],
        opened={f"{button.part}-{button.landing}"} if button else wrong,
        wrong=wrong,
        may_add=len(stages) < MOST_STAGES,
        based_on=sheet["based_on"] if apart else given.get("based_on", sheet["based_on"]),
        form_key=given.get("form_key") or new_form_key(),
        apart=apart,
    )


def _labels(stages: int) -> dict[str, str]:
    """Field → what the form calls it, for the list of what needs attention."""
    found = {name: gettext(label) for name, label in _LABELS.items()}
    for number in range(1, max(stages, 1) + 1):
        for name, label in _STAGE_LABELS.items():
            words = gettext("Stage %(number)s, %(field)s", number=number, field=gettext(label))
            found[f"stage-{number}-{name}"] = words
    return found
