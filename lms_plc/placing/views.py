"""Choosing what stands in a course, and who is done with it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import home
from lms_plc.communities.models import PlacedLink
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotAllowed, Role, allows, load
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.placing import queries
from lms_plc.placing.actions import change_done_by, confirm, end_choice, place
from lms_plc.placing.forms import NEW, OWN, ChoiceForm, CompletionForm, DoneBy, DoneByForm
from lms_plc.placing.queries import ChoiceSeen, LinkSeen, PlaceableThing
from lms_plc.placing.settling import AN_HOUR, minutes_confirmed
from lms_plc.sites.looking import PLACED
from lms_plc.sites.stores import StoredPlatforms, StoredToolKeys
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, format_date, gettext, ngettext
from lti.claims import DeepLinkingSettings
from lti.deep_linking import (
    Acceptance,
    Frame,
    Icon,
    LineItem,
    NotAccepted,
    ResourceLinkItem,
    SubmissionReview,
    acceptable,
    answer,
    answer_form,
)
from lti.login import origin_of
from lti.toolkeys import current_key

placing = Blueprint("placing", __name__, url_prefix="/s/<seat>", template_folder="templates")
placed = Blueprint("placed", __name__)

Form = TypeVar("Form", bound=DoneByForm)

FRAME = Frame(width=1000, height=800)
PROBLEMS: Mapping[str, str] = {
    "service_not_offered": N_("The learning platform offers no grade book for this activity."),
    "score_refused": N_("The learning platform did not take it; is the person still a learner in the course?"),
}
_OTHER_PROBLEM = N_("The learning platform refused it (%(code)s).")


@placed.get(f"{PLACED}<uuid:link_id>")
def by_hand(link_id: UUID) -> str:
    """Whoever opens the address of something placed by hand; an LMS does, to see whether it answers."""
    return render_template("sites/about.html", page_title=gettext("Our learning community"))


@placing.get("/choices/<uuid:request_id>")
def pick(request_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        choice: ChoiceSeen = load(connection, who, "choice", request_id, "placing.choose")
        return _choice_page(connection, who, choice, Answer(None, [], _beginning(choice)))


@placing.post("/choices/<uuid:request_id>")
def answer_choice(request_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    with house().database.write() as session:
        choice: ChoiceSeen = load(session.connection(), who, "choice", request_id, "placing.choose")
        settings = _settings(choice)
        if request.form.get("act") == "cancel":
            end_choice(session, choice)
            return _answer_page(choice, settings, ())
        parts = request.form.getlist("parts")
        given = read_form(ChoiceForm, {**request.form.to_dict(), "parts": " ".join(parts)})
        things = _things(session.connection(), who, choice)
        given = _with_hours(_checked(given, acceptable(settings), choice, things))
        if given.form is None:
            return _choice_page(session.connection(), who, choice, given), 422
        names = {value: label for value, label, _ in _parts()} | {value: one.title for value, one in things.items()}
        links = place(session, who, choice, given.form, names)
        return _answer_page(choice, settings, links, given.form.text)


@placing.get("/placed/<uuid:link_id>/completions")
def completions(link_id: UUID) -> str:
    """Who is done: all for those who lead the community or the course, for a member their own line."""
    who = actor()
    with house().database.read() as connection:
        link: LinkSeen = load(connection, who, "placed_link", link_id, "placed.see")
        sees_all = allows(link.roles, "placed.see_all")
        asked = key_from(request.args, "person") if sees_all else who.person_id
        page = queries.completions(connection, link, only=asked, after=key_from(request.args, "after"))
        hours = _own_hours(connection, who, link)
        community = _community(connection, who, link)
    return render_template(
        "placing/completions.html",
        page_title=gettext("Who is done"),
        community=community,
        link=link,
        page=page,
        sees_all=sees_all,
        one=asked is not None,
        may_confirm=allows(link.roles, "completion.confirm"),
        problem=_problem,
        by_hand=link.done_by == DoneBy.HAND,
        done_by=_said_done_by(link),
        hours=hours,
    )


@placing.get("/placed/<uuid:link_id>/done-by")
def done_by_form(link_id: UUID) -> str:
    """What makes somebody done there: for those who would else say so themselves."""
    who = actor()
    with house().database.read() as connection:
        link: LinkSeen = load(connection, who, "placed_link", link_id, "completion.confirm")
        given = {"done_by": link.done_by, "done_hours": str(link.done_hours or "")}
        return _done_by_page(connection, who, link, Answer(None, [], given))


@placing.post("/placed/<uuid:link_id>/done-by")
def change_what_counts(link_id: UUID) -> Response | tuple[str, int]:
    who = actor()
    given = _with_hours(read_form(DoneByForm, request.form))
    with house().database.write() as session:
        link: LinkSeen = load(session.connection(), who, "placed_link", link_id, "completion.confirm")
        if given.form is None:
            return _done_by_page(session.connection(), who, link, given), 422
        change_done_by(session, who, link, given.form)
    return redirect(url_for("placing.completions", link_id=link_id), 303)


@placing.post("/placed/<uuid:link_id>/completions")
def confirm_completion(link_id: UUID) -> Response | tuple[str, int]:
    who, given = actor(), read_form(CompletionForm, request.form)
    with house().database.write() as session:
        link: LinkSeen = load(session.connection(), who, "placed_link", link_id, "completion.confirm")
        if given.form is not None:
            confirm(session, who, link, given.form)
    address: dict[str, Any] = {"link_id": link_id}
    if request.form.get("one") and given.form is not None:
        address["person"] = given.form.person_id
    after = key_from(request.form, "after")
    if after is not None:
        address["after"] = after
    return redirect(url_for("placing.completions", **address), 303)


@home.contributes_to_home(80, {"links": queries.counting_links()}, when=lambda _, here: _confirms(here))
def completions_on_home(_: Actor, community: CommunitySeen, found: home.Found) -> home.Part:
    """For those who lead the community: what in courses waits for their word."""
    return home.Part("placing/on_home.html", {"links": found["links"]})


def _own_hours(connection: Connection, who: Actor, link: LinkSeen) -> int | None:
    """How many whole hours of one's own are confirmed, where hours count; nobody is shown another's."""
    if link.done_by != DoneBy.HOURS or link.community_id is None:
        return None
    return minutes_confirmed(connection, link.community_id, [who.person_id]).get(who.person_id, 0) // AN_HOUR


def _said_done_by(link: LinkSeen) -> str:
    if link.done_by == DoneBy.HOURS:
        return ngettext(
            "Done is who has %(num)s confirmed hour of meetings.",
            "Done is who has %(num)s confirmed hours of meetings.",
            link.done_hours or 0,
        )
    if link.done_by == DoneBy.PORTFOLIO:
        return gettext("Done is whose portfolio in this community has been approved.")
    return gettext("A facilitator confirms who is done.")


def _with_hours(given: Answer[Form]) -> Answer[Form]:
    if given.form is None or not given.form.lacks_hours:
        return given
    message = gettext("Please say how many hours: between 1 and 500.")
    return given.refused("done_hours", message)


def _done_by_options() -> list[tuple[str, str, str]]:
    return [
        (DoneBy.HAND.value, gettext("Somebody's word"), gettext("A facilitator confirms who is done.")),
        (
            DoneBy.PORTFOLIO.value,
            gettext("An approved portfolio"),
            gettext("Whoever's portfolio in this community has been approved is done."),
        ),
        (
            DoneBy.HOURS.value,
            gettext("Hours of meetings"),
            gettext("Whoever was at meetings for so many confirmed hours is done. Please say how many."),
        ),
    ]


def _done_by_page(connection: Connection, who: Actor, link: LinkSeen, given: Answer[DoneByForm]) -> str:
    return render_template(
        "placing/done_by.html",
        page_title=gettext("What makes somebody done?"),
        community=_community(connection, who, link),
        link=link,
        done_by_options=_done_by_options(),
        answer=given,
        errors=given.errors,
        labels={"done_hours": gettext("How many hours?")},
    )


def _confirms(community: CommunitySeen) -> bool:
    return allows(community.roles, "completion.confirm")


def _parts() -> list[tuple[str, str, str | None]]:
    """What of any community can be opened from a course: (endpoint, its name, a hint)."""
    parts: list[tuple[str, str, str | None]] = [(room.endpoint, gettext(room.label), None) for room in home.rooms()]
    return parts + [(way.endpoint, gettext(way.label), gettext(way.hint)) for way in home.ways() if way.kind is None]


def _things(connection: Connection, who: Actor, choice: ChoiceSeen) -> dict[str, PlaceableThing]:
    """What of these very communities can be, as the form says it: the meetings, series, projects and class results that
    somebody may choose."""
    communities = {community_id for community_id, _ in queries.communities_to_place(connection, who)}
    if choice.own_community_id is not None:
        communities.add(choice.own_community_id)
    by_kind = {way.kind: way.endpoint for way in home.ways() if way.kind is not None}
    found = queries.things_to_place(connection, who, communities, choice.own_community_id)
    return {f"{by_kind[one.kind]}:{one.id}": one for one in found}


def _thing_option(value: str, one: PlaceableThing) -> tuple[str, str, str]:
    way = next(way for way in home.ways() if way.kind == one.kind)
    day = f", {format_date(one.starts_at)}" if one.starts_at else ""
    return value, f"{gettext(way.label)}: {one.title}{day}", f"{one.community}. {gettext(way.hint)}"


def _beginning(choice: ChoiceSeen) -> dict[str, str]:
    """What the form begins with; a title and a text that were typed in the LMS come along (Deep Linking 2.0 §4.4)."""
    settings = _settings(choice)
    return {
        "which": OWN,
        "parts": home.rooms()[0].endpoint,
        "done_by": DoneBy.HAND.value,
        "name": choice.course_title[:200],
        "title": (settings.title or "")[:200],
        "text": (settings.text or "")[:1000],
    }


def _settings(choice: ChoiceSeen) -> DeepLinkingSettings:
    return DeepLinkingSettings.model_validate_json(house().seal.open(choice.sealed))


def _checked(
    given: Answer[ChoiceForm], accepted: Acceptance, choice: ChoiceSeen, things: Mapping[str, PlaceableThing]
) -> Answer[ChoiceForm]:
    """What the form alone cannot know: how many this LMS takes, what a new community needs, whose meeting it is."""
    wrong = []
    if given.form is not None and len(given.form.parts) > 1 and not accepted.several:
        message = gettext("Your learning platform takes one at a time. Please choose one.")
        wrong.append({"field": "parts", "message": message})
    if given.form is not None and given.form.which == NEW and not given.form.name:
        wrong.append({"field": "name", "message": gettext("Please give the new community a name.")})
    if given.form is not None:
        community_id = choice.own_community_id if given.form.which == OWN else given.form.community_id
        strange = [things[part] for part in given.form.parts if part in things]
        for one in [one for one in strange if one.community_id != community_id][:1]:
            message = gettext(
                "“%(title)s” is of %(community)s; please choose that above.", title=one.title, community=one.community
            )
            wrong.append({"field": "parts", "message": message})
    return Answer(None, wrong, given.given) if wrong else given


def _choice_page(connection: Connection, who: Actor, choice: ChoiceSeen, given: Answer[ChoiceForm]) -> str:
    accepted = acceptable(_settings(choice))
    communities = queries.communities_to_place(connection, who)
    return render_template(
        "placing/pick.html",
        page_title=gettext("What shall stand in the course?"),
        choice=choice,
        options=_options(choice, communities),
        parts=_parts() + [_thing_option(*one) for one in _things(connection, who, choice).items()],
        chosen=given.given.get("parts", "").split(),
        accepted=accepted,
        takes_links="ltiResourceLink" in accepted.types,
        answer=given,
        errors=given.errors,
        done_by_options=_done_by_options(),
        new_window_url=None,  # the LMS waits in this very frame
    )


def _options(choice: ChoiceSeen, communities: Sequence[tuple[UUID, str]]) -> list[tuple[str, str, str | None]]:
    own = choice.own_community or gettext("The community of this course")
    options: list[tuple[str, str, str | None]] = [
        (OWN, own, gettext("A copy of this course gets a community of its own.")),
    ]
    for community_id, name in communities:
        if community_id != choice.own_community_id:
            options.append((str(community_id), name, gettext("Everybody in this course can come in.")))
    if choice.may_found:
        options.append((NEW, gettext("A new community"), gettext("You will be its first facilitator.")))
    return options


def _answer_page(choice: ChoiceSeen, settings: DeepLinkingSettings, links: Sequence[PlacedLink], text: str = "") -> str:
    """One form that carries the signed answer to the LMS; it goes by itself where a script may run.

    Raises NotAllowed for what this LMS said it would not take.
    """
    inside = house()
    platform = StoredPlatforms(inside.database, inside.clock).get(str(choice.platform_id))
    assert platform is not None  # a registration that is removed takes its choices with it
    key = current_key(StoredToolKeys(inside.database, inside.seal, inside.clock).load())
    try:
        signed = answer(
            settings,
            [_item(link, text) for link in links],
            platform=platform,
            deployment_id=choice.deployment_id,
            key=key,
            clock=inside.clock,
        )
    except NotAccepted:  # the page offers nothing of the kind: the form was made by hand
        raise NotAllowed("placing.choose") from None
    form = answer_form(signed)
    g.form_target = origin_of(form.action)
    return render_template(
        "placing/answer.html",
        page_title=gettext("Back to your course"),
        action=form.action,
        fields=form.fields,
        count=len(links),
        new_window_url=None,
    )


def _item(link: PlacedLink, text: str) -> ResourceLinkItem:
    base_url = house().settings.base_url
    url = f"{base_url}{PLACED}{link.id}"
    review = SubmissionReview(statuses=("Completed", "InProgress"), url=url)
    return ResourceLinkItem(
        url=url,
        title=link.title,
        text=text or None,
        icon=Icon(f"{base_url}/static/plc.svg"),
        iframe=FRAME,
        line_item=LineItem(1, label=link.title, resource_id=str(link.id), tag="done", submission_review=review)
        if link.counts
        else None,
    )


def _community(connection: Connection, who: Actor, link: LinkSeen) -> dict[str, Any] | None:
    """The community's name and tabs, for those who are in it."""
    if link.community_id is None or not link.roles - {Role.TEACHING}:
        return None
    return frame(load(connection, who, "community", link.community_id, "community.read"), "")


def _problem(code: str) -> str:
    return gettext(PROBLEMS[code]) if code in PROBLEMS else gettext(_OTHER_PROBLEM, code=code)
