"""Conversation protocols: choosing one, reading it, printing it, making it one's own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.adapted import Apart, CopySeen, Made, MovedOn
from lms_plc.communities.adapting import Adapting
from lms_plc.communities.home import tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, allows, load
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.protocols import actions, choosing, forms, queries, showing, using
from lms_plc.protocols.content import FAMILIES, MOST_ROLES, MOST_STEPS, PRODUCES, Content, shipped
from lms_plc.protocols.queries import KIND, SHELF, ProtocolListed
from lms_plc.protocols.wording import MODES, family_name, said
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.form_parts import Pressed
from lms_plc.web.i18n import N_, gettext, ngettext

Page = str | Response | tuple[str, int]

protocols = Blueprint("protocols", __name__, url_prefix="/s/<seat>", template_folder="templates")

MEETINGS = "meetings.meeting_list"
"""The tab these pages stand under."""

tells_news(
    "protocol.adapted",
    "protocols.protocol_list",
    lambda count: ngettext(
        "%(num)s new conversation protocol of our own", "%(num)s new conversation protocols of our own", count
    ),
)

_LABELS = {
    "name": N_("What it is called"),
    "family": N_("Kind of conversation"),
    "purpose": N_("What it is for"),
    "use_when": N_("Use it when"),
    "smallest": N_("Smallest group"),
    "largest": N_("Largest group"),
    "modes": N_("Where it works"),
    "bring": N_("Bring along"),
    "guard_rails": N_("What we hold to"),
}
_STEP_LABELS = {
    "title": N_("What it is called"),
    "minutes": N_("How many minutes"),
    "speaks": N_("Who speaks"),
    "do": N_("What to do"),
    "produces-1": N_("What is written down"),
    "produces-2": N_("And also"),
    "produces-3": N_("And also"),
}
_ROLE_LABELS = {"name": N_("Who"), "duty": N_("What they do")}


@protocols.get("/communities/<uuid:community_id>/protocols")
def protocol_list(community_id: UUID) -> str:
    asked = choosing.asked_in(request.args)
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "community.read")
        own = SHELF.copies(connection, community.id)
    listed = queries.offered(own)
    gone = [one for one in own if one.retired_at is not None]
    return render_template(
        "protocols/protocols.html",
        page_title=gettext("Conversation protocols"),
        community=frame(community, MEETINGS),
        seen=community,
        asked=asked,
        occasions=[("", gettext("Anything")), *choosing.occasion_names()],
        fitting=[(_line(one.protocol), one.why_not) for one in choosing.fitting(listed, asked)] if asked else [],
        shelves=[] if asked else _shelves(listed),
        gone=[] if asked else [(str(one.id), said(one.content.name)) for one in gone],
    )


@protocols.get("/communities/<uuid:community_id>/protocols/<key>")
def protocol(community_id: UUID, key: str) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        seen, copy = COPIES.here(connection, who, community, key)
        origin = COPIES.origin(connection, who, copy) if copy else None
        elsewhere = COPIES.elsewhere(connection, who, community.id) if copy else []
        meeting = using.coming(connection, community.id, who.at)
    return render_template(
        "protocols/protocol.html",
        page_title=said(seen.content.name),
        community=frame(community, MEETINGS),
        seen=community,
        protocol=seen,
        copy=copy,
        origin=origin,
        elsewhere=[(name, url_for("protocols.adapt_form", community_id=at, key=key)) for at, name in elsewhere],
        meeting=meeting,
        meeting_url=url_for(meeting.endpoint, meeting_id=meeting.id) if meeting else None,
        family=family_name(seen.content.family),
        fits=showing.fits_steps(copy.origin if copy else seen.key),
        may_plan=allows(community.roles, "meeting.plan"),
        may_adapt=allows(community.roles, "protocol.adapt"),
        **showing.page_of(seen.content),
    )


@protocols.post("/communities/<uuid:community_id>/protocols/<key>/use")
def use(community_id: UUID, key: str) -> Response:
    """The next meeting is to be talked by it; where there is none, one is planned."""
    who = actor()
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "meeting.plan")
        seen, _ = COPIES.here(session.connection(), who, community, key)
        meeting = using.coming(session.connection(), community.id, who.at)
        if meeting:
            using.take(session, who, meeting, seen.key)
    if meeting is None:
        return redirect(url_for("meetings.plan_form", community_id=community.id, protocol=seen.key), 303)
    return redirect(url_for(meeting.endpoint, meeting_id=meeting.id), 303)


@protocols.get("/communities/<uuid:community_id>/protocols/<key>/print")
def print_protocol(community_id: UUID, key: str) -> str:
    """The whole of it on one sheet of paper."""
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        seen, _ = COPIES.here(connection, who, community, key)
    return render_template(
        "protocols/print.html",
        page_title=said(seen.content.name),
        community=frame(community, MEETINGS),
        seen=community,
        protocol=seen,
        **showing.page_of(seen.content),
    )


@protocols.get("/communities/<uuid:community_id>/protocols/<key>/adapt")
def adapt_form(community_id: UUID, key: str) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "protocol.adapt")
        seen = COPIES.anywhere(connection, who, community, key)
    return _form(_to_adapt(community, seen), Answer(None, [], forms.filled(seen.content)))


@protocols.post("/communities/<uuid:community_id>/protocols/<key>/adapt")
def adapt(community_id: UUID, key: str) -> Page:
    who, given = actor(), with_lists(request.form, "modes")
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "protocol.adapt")
        seen = COPIES.anywhere(session.connection(), who, community, key)
        sheet = _to_adapt(community, seen)
        button = forms.pressed(given)
        if button:
            return _form(sheet, Answer(None, [], forms.rearranged(given, button)), button)
        answer, sent = forms.read_protocol(given, seen.content), read_form(forms.NewForm, given)
        if answer.form is None or sent.form is None:
            return _form(sheet, Answer(None, [*answer.errors, *sent.errors], given)), 422
        copy_id = actions.adapt(session, who, community, seen, answer.form, sent.form.form_key)
    return _to_copy(community.id, copy_id)


@protocols.get("/protocols/<uuid:protocol_id>/edit")
def change_form(protocol_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        copy, community = _own(connection, who, protocol_id)
    return _form(_to_change(community, copy), Answer(None, [], forms.filled(copy.content)))


@protocols.post("/protocols/<uuid:protocol_id>/edit")
def change(protocol_id: UUID) -> Page:
    who, given = actor(), with_lists(request.form, "modes")
    with house().database.write() as session:
        copy, community = _own(session.connection(), who, protocol_id)
        sheet = _to_change(community, copy)
        button = forms.pressed(given)
        if button:
            return _form(sheet, Answer(None, [], forms.rearranged(given, button)), button)
        answer = forms.read_protocol(given, copy.content, copy.origin_content)
        sent = read_form(forms.ChangeForm, given)
        if answer.form is None or sent.form is None:
            return _form(sheet, Answer(None, [*answer.errors, *sent.errors], given)), 422
        try:
            actions.change(session, who, copy, answer.form, sent.form.based_on)
        except MovedOn:
            return _moved_on(sheet, copy, answer.form, given), 409
    return _to_copy(copy.community_id, copy.id)


@protocols.get("/protocols/<uuid:protocol_id>/history")
def history(protocol_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        copy: CopySeen[Content] = load(connection, who, KIND, protocol_id, "community.read")
        community = load_here(connection, who, copy.community_id, "community.read")
        earlier = SHELF.versions(connection, copy.id)
    return render_template(
        "communities/adapted_history.html",
        page_title=gettext("How “%(name)s” was changed", name=said(copy.content.name)),
        community=frame(community, MEETINGS),
        versions=COPIES.steps(copy, earlier),
        back=_address(copy.community_id, copy.id),
    )


@protocols.post("/protocols/<uuid:protocol_id>/retire")
def retire(protocol_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        copy: CopySeen[Content] = load(session.connection(), who, KIND, protocol_id, "protocol.adapt")
        actions.retire(session, who, copy)
    return _to_copy(copy.community_id, copy.id)


@protocols.post("/protocols/<uuid:protocol_id>/bring-back")
def bring_back(protocol_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        copy: CopySeen[Content] = load(session.connection(), who, KIND, protocol_id, "protocol.adapt")
        actions.bring_back(session, who, copy)
    return _to_copy(copy.community_id, copy.id)


def _own(connection: Connection, who: Actor, protocol_id: UUID) -> tuple[CopySeen[Content], CommunitySeen]:
    copy: CopySeen[Content] = load(connection, who, KIND, protocol_id, "protocol.adapt")
    return copy, load_here(connection, who, copy.community_id, "community.read")


def _shelves(listed: Sequence[ProtocolListed]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What there is to choose from, each shelf in the order of the families."""
    order = list(FAMILIES)
    by_family = sorted(listed, key=lambda one: order.index(one.family))
    shelves = (
        (gettext("Our own"), [one for one in by_family if one.is_own]),
        (gettext("Good to begin with"), [one for one in by_family if one.starter and not one.is_own]),
        (gettext("More"), [one for one in by_family if not one.starter and not one.is_own]),
    )
    return [(label, [_line(one) for one in ones]) for label, ones in shelves if ones]


def _line(one: ProtocolListed) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "purpose": one.purpose,
        "family": family_name(one.family),
        "minutes": showing.minutes(one.minutes),
        "people": showing.people(one.smallest, one.largest),
        "is_own": one.is_own,
    }


def _address(community_id: UUID, key: str | UUID) -> str:
    return url_for("protocols.protocol", community_id=community_id, key=str(key))


COPIES = Adapting(SHELF, shipped, _address, showing.differences, said)


def _to_copy(community_id: UUID, copy_id: UUID) -> Response:
    return redirect(_address(community_id, copy_id), 303)


def _to_adapt(community: CommunitySeen, seen: Made[Content]) -> dict[str, Any]:
    return {
        "community": community,
        "title": gettext("Adapt “%(title)s”", title=said(seen.content.name)),
        "action": url_for("protocols.adapt", community_id=community.id, key=seen.key),
        "back": url_for("protocols.protocol", community_id=community.id, key=seen.key)
        if seen.key in shipped()
        else url_for("protocols.protocol_list", community_id=community.id),
        "based_on": None,
    }


def _to_change(community: CommunitySeen, copy: CopySeen[Content]) -> dict[str, Any]:
    return {
        "community": community,
        "title": gettext("Change “%(title)s”", title=said(copy.content.name)),
        "action": url_for("protocols.change", protocol_id=copy.id),
        "back": _address(copy.community_id, copy.id),
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
    steps, roles = forms.rows(given, "step"), forms.rows(given, "role")
    shown_based_on = sheet["based_on"] if apart else given.get("based_on", sheet["based_on"])
    wrong = {error["field"].rpartition("-")[0] for error in answer.errors}
    return render_template(
        "protocols/form.html",
        page_title=sheet["title"],
        community=frame(community, MEETINGS),
        seen=community,
        sheet=sheet,
        answer=answer,
        given=given,
        errors=answer.errors,
        labels=_labels(len(steps), len(roles)),
        step_labels={name: gettext(label) for name, label in _STEP_LABELS.items()},
        role_labels={name: gettext(label) for name, label in _ROLE_LABELS.items()},
        steps=steps,
        roles=roles,
        total=showing.minutes(sum(forms.minutes_of(step) for step in steps)),
        modes_given=given.get("modes", "").split(),
        modes=[(mode, gettext(name)) for mode, name in MODES.items()],
        families=[(family, family_name(family)) for family in FAMILIES],
        produced_fields=[name for name in _STEP_LABELS if name.startswith("produces-")],
        produced=[("", gettext("Nothing")), *((word, gettext(name)) for word, name in PRODUCES.items())],
        opened={f"{button.part}-{button.landing}"} if button else {one for one in wrong if one},
        wrong=wrong,
        may_add_step=len(steps) < MOST_STEPS,
        may_add_role=len(roles) < MOST_ROLES,
        based_on=shown_based_on,
        form_key=given.get("form_key") or new_form_key(),
        apart=apart,
    )


def _labels(steps: int, roles: int) -> dict[str, str]:
    """Field → what the form calls it, for the list of what needs attention."""
    found = {name: gettext(label) for name, label in _LABELS.items()}
    for number in range(1, max(steps, 1) + 1):
        for name, label in _STEP_LABELS.items():
            words = gettext("Step %(number)s, %(field)s", number=number, field=gettext(label))
            found[f"step-{number}-{name}"] = words
    for number in range(1, max(roles, 1) + 1):
        for name, label in _ROLE_LABELS.items():
            words = gettext("Role %(number)s, %(field)s", number=number, field=gettext(label))
            found[f"role-{number}-{name}"] = words
    return found
