"""The desk's page that says why somebody is in a community, or why not.

What is asked for is sent, not put into an address: addresses are kept by browsers and logs, and names are no part of
them. The page of an answer is known by the LMS's number of the person and the id of the place.
"""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from flask import redirect, render_template, request, url_for
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import ConnectorError
from lms_plc.admin.pages import desk_blueprint, trail
from lms_plc.core.policy import NotThere
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import house
from lms_plc.rostersync.explain import Explanation, explain
from lms_plc.rostersync.explain_facts import (
    MOST_FOUND,
    Facts,
    Found,
    Place,
    SiteAsked,
    Someone,
    find_people,
    find_places,
    gather,
    looked_at,
    site_asked,
)
from lms_plc.rostersync.explain_now import (
    FOR_A_PAGE,
    Said,
    ask_now,
    covered,
    find_course_now,
    patience,
    said_of,
    told_now,
)
from lms_plc.rostersync.explain_words import SOURCES
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.sources import open_roster
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import N_, gettext

explaining = desk_blueprint("explaining")

_NOTHING: Answer["AskedForm"] = Answer(None, [], {})


def _unticked_if_empty(value: object) -> object:
    return value or None


class AskedForm(TypedForm):
    """Whom and where somebody asks about; ``now``: the LMS is asked too."""

    person: Annotated[str, Field(min_length=1, max_length=300)]
    place: Annotated[str, Field(min_length=1, max_length=500)]
    now: Annotated[Literal["yes"] | None, BeforeValidator(_unticked_if_empty)] = None


LABELS = {"person": N_("Person"), "place": N_("Course or community")}


@explaining.get("/explain/<uuid:site_id>")
def ask(site_id: UUID) -> str:
    """The form; with a person's number and a place in the address, the answer."""
    site = _site(site_id)
    person, place = request.args.get("person", ""), request.args.get("place", "")
    if not person or not place:
        return _page(site, _NOTHING)
    return _answer_page(site, person[:300], _place(site, place))


@explaining.post("/explain/<uuid:site_id>")
def find(site_id: UUID) -> str | AnyResponse | tuple[str, int]:
    """Leads to the answer, or asks who of several is meant."""
    site = _site(site_id)
    answer = read_form(AskedForm, request.form)
    if answer.form is None:
        return _page(site, answer), 422
    form = answer.form
    with house().database.read() as connection:
        people = find_people(connection, site.id, form.person)
        places = find_places(connection, site.id, form.place)
    if not places.items:
        return _no_place(site, form, answer), 422
    if len(people.items) > 1 or len(places.items) > 1:
        return _choice_page(site, form, people, places)
    if not people.items:  # what was typed may be a name, and stays out of the address
        return _answer_page(site, form.person, places.items[0], asks_now=form.now is not None)
    person, place = people.items[0].subject, places.items[0]
    if form.now is None:
        return redirect(url_for(".ask", site_id=site.id, person=person, place=place.id), 303)
    return _answer_page(site, person, place, asks_now=True)


def _site(site_id: UUID) -> SiteAsked:
    """Raises NotThere."""
    with house().database.read() as connection:
        site = site_asked(connection, site_id)
    if site is None:
        raise NotThere("site")
    return site


def _place(site: SiteAsked, given: str) -> Place:
    """Raises NotThere."""
    try:
        place_id = UUID(given)
    except ValueError:
        raise NotThere("place") from None
    with house().database.read() as connection:
        found = find_places(connection, site.id, str(place_id)).items
    if len(found) != 1:
        raise NotThere("place")
    return found[0]


def _answer_page(site: SiteAsked, person: str, place: Place, *, asks_now: bool = False) -> str:
    with house().database.read() as connection:
        facts = gather(connection, site.id, person, place, house().clock())
        among = looked_at(connection, site.id) if facts.person_id is None else None
    said = _ask_the_lms(facts) if asks_now else None
    return _page(site, _NOTHING, told=explain(facts), facts=facts, said=said, among=among)


def _ask_the_lms(facts: Facts) -> Sequence[Said]:
    try:
        with open_roster(house(), facts.site_id) as source:
            return told_now(facts, ask_now(source, facts, patience(FOR_A_PAGE)))
    except (SiteProblem, CannotUnseal) as problem:
        return [Said(_cannot_open(problem))]


def _cannot_open(problem: Exception) -> str:
    if isinstance(problem, CannotUnseal):
        return gettext("Its token was sealed with another key. Connect the site again.")
    return str(problem)


def _no_place(site: SiteAsked, form: AskedForm, answer: Answer[AskedForm]) -> str:
    with house().database.read() as connection:
        _, courses = looked_at(connection, site.id)
        covers = covered(connection, site.id)
    said: Sequence[Said] | None = None
    if form.now is not None:
        try:
            with open_roster(house(), site.id) as source:
                said = find_course_now(source, covers, form.place, patience(FOR_A_PAGE))
        except ConnectorError as error:
            said = [Said(said_of(error))]
        except (SiteProblem, CannotUnseal) as problem:
            said = [Said(_cannot_open(problem))]
    unknown = gettext(
        "No course and no community is called so here. Looked at short names, ids and titles of %(courses)s courses, "
        "and at the communities of %(site)s. A course is known once somebody came from it, or a rule or a sync asked "
        "for it.",
        courses=courses,
        site=site.name,
    )
    refused = answer.refused("place", unknown)
    return _page(site, refused, said=said)


def _choice_page(site: SiteAsked, form: AskedForm, people: Found[Someone], places: Found[Place]) -> str:
    title = gettext("Who or what is meant?")
    return render_template(
        "admin/explain_choice.html",
        page_title=title,
        breadcrumbs=trail((url_for(".ask", site_id=site.id), _title()), title),
        site=site,
        form=form,
        people=[(one.subject, one.name, _known_by(one)) for one in people.items],
        places=[(str(one.id), one.name, ", ".join(one.courses)) for one in places.items],
        most=MOST_FOUND,
        more=people.more or places.more,
    )


def _known_by(one: Someone) -> str:
    number = gettext("Number %(number)s", number=one.subject)
    return number if one.is_met else gettext("%(number)s; so far only a plan names them", number=number)


def _title() -> str:
    return gettext("Why is somebody here, or not?")


def _page(
    site: SiteAsked,
    answer: Answer[AskedForm],
    *,
    told: Explanation | None = None,
    facts: Facts | None = None,
    said: Sequence[Said] | None = None,
    among: tuple[int, int] | None = None,
) -> str:
    return render_template(
        "admin/explain.html",
        page_title=_title(),
        breadcrumbs=trail((url_for("syncs.site", site_id=site.id), site.name), _title()),
        site=site,
        told=told,
        facts=facts,
        said=said,
        among=among,
        sources=SOURCES,
        translated=gettext,
        labels={field: gettext(label) for field, label in LABELS.items()},
        answer=answer,
        errors=answer.errors,
    )
