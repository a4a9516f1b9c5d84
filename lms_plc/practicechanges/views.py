"""Pages of what somebody does differently: a community's, keeping one, and one with where it came from and what came
of it."""

import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import BaseModel
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.attached import hanging
from lms_plc.communities.audiences import AUDIENCE_NAMES, Audience
from lms_plc.communities.next_steps import NextSteps, next_steps, offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.readers import audience_options
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotThere, Role, allows, load
from lms_plc.core.sealing import WordsLost
from lms_plc.core.things import Thing, kinds, one_shown, shown_open, thing_named
from lms_plc.evidence import queries as evidence
from lms_plc.evidence.kinds import KINDS, NODE
from lms_plc.evidence.kinds import WORDS as LINK_WORDS
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.practicechanges import actions, on_home, queries
from lms_plc.practicechanges.forms import READERS, About, Became, KeepForm, TryForm, TurnForm, WordsForm
from lms_plc.practicechanges.queries import KIND, NOTEBOOK, ChangeSeen
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

__all__ = ["on_home", "practicechanges"]

practicechanges = Blueprint("practicechanges", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROJECTS = "inquiry.inquiry_list"
"""The tab these pages stand under."""

TITLE = 90
STEPS_BACK = 4

STATES = {
    "trying": (N_("trying it"), "accent"),
    "adapted": (N_("changed on the way"), "accent"),
    "adopted": (N_("it stays"), "good"),
    "dropped": (N_("let go"), "neutral"),
}
BECAME = {
    Became.ADOPTED: (N_("It stays"), N_("It has become part of what I do")),
    Became.ADAPTED: (N_("I changed it on the way"), N_("Say what, so that others can follow")),
    Became.DROPPED: (N_("I let it go"), N_("Just as good to know: say why")),
    Became.TRYING: (N_("I am trying it"), N_("Still, or again")),
}
ABOUT = {
    About.TEACHING: N_("How I teach"),
    About.SCHOOL: N_("How our school works"),
}
NEEDS_WHY = (Became.ADAPTED, Became.DROPPED)

_KNOWN_BY = {"action_item": "community.read", NODE: "node.read", KIND: "practice_change.read"}
"""Kinds of things that say themselves where they come from."""

for _kind in ("meeting", "action_item", "inquiry", "innovation", "library_item", "AdaptationIntent", "Finding"):
    offers_step(_kind, N_("What I do differently"), "practicechanges.keep_form")
offers_step(KIND, N_("I do this too, in my way"), "practicechanges.keep_form")

Form = TypeVar("Form", bound=BaseModel)


@practicechanges.get("/communities/<uuid:community_id>/changes")
def change_list(community_id: UUID) -> str:
    who, mine = actor(), request.args.get("show") == "mine"
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.changes(
            connection,
            who,
            community.id,
            seal=house().seal,
            of=who.person_id if mine else None,
            before=key_from(request.args, "before"),
        )
    return render_template(
        "practicechanges/changes.html",
        page_title=gettext("What we do differently"),
        community=frame(community, PROJECTS),
        seen=community,
        page=page,
        mine=mine,
        first="before" not in request.args,
        states=_states(),
        may_keep=allows(community.roles, "practice_change.keep"),
    )


@practicechanges.get("/communities/<uuid:community_id>/changes/new")
def keep_form(community_id: UUID) -> str:
    """``from_kind`` and ``from`` in the address say where it was decided, ``round`` in which round."""
    who = actor()
    given = {
        "from_kind": request.args.get("from_kind", ""),
        "from_id": request.args.get("from", ""),
        "round": request.args.get("round", "1"),
        "audience": Audience.COMMUNITY.value,
        "about": About.TEACHING.value,
    }
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "practice_change.keep")
        origin = _origin_named(connection, who, community.id, given)
        if origin is not None and origin.is_private:
            given["audience"] = Audience.ONLY_ME.value
        if origin is not None and origin.reference.kind in (KIND, NODE):
            given["what"] = origin.excerpt or origin.title
        return _keep_page(community, origin, Answer(None, [], given))


@practicechanges.post("/communities/<uuid:community_id>/changes/new")
def keep(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(KeepForm)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "practice_change.keep")
        origin = _origin_named(connection, who, community.id, request.form)
        if answer.form is None:
            return _keep_page(community, origin, answer), 422
        form = answer.form
        change_id = actions.keep_change(
            session,
            who,
            community_id=community.id,
            site_id=community.site_id,
            **_words_of(form),
            origin=origin.reference if origin else Reference("community", community.id),
            round=form.round,
            seal=house().seal,
            form_key=form.form_key,
        )
    return _to_change(change_id)


@practicechanges.get("/changes/<uuid:practice_change_id>")
def change(practice_change_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _load(connection, who, practice_change_id, "practice_change.read")
        return _change_page(connection, who, seen)


@practicechanges.get("/changes/<uuid:practice_change_id>/edit")
def edit_form(practice_change_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _load(connection, who, practice_change_id, "practice_change.change")
        if seen.is_lost:
            raise WordsLost
        given = {name: getattr(seen, name) for name in ("what", "place", "sign", "about", "audience")}
        given["first_try"] = str(seen.first_try or "")
        return _edit_page(connection, who, seen, Answer(None, [], given))


@practicechanges.post("/changes/<uuid:practice_change_id>/edit")
def edit(practice_change_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(WordsForm)
    with house().database.write() as session:
        seen = _load(session.connection(), who, practice_change_id, "practice_change.change")
        if answer.form is None:
            return _edit_page(session.connection(), who, seen, answer), 422
        actions.change_words(session, who, seen, **_words_of(answer.form), seal=house().seal)
    return _to_change(practice_change_id)


@practicechanges.post("/changes/<uuid:practice_change_id>/tries")
def add_try(practice_change_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(TryForm)
    if answer.form is not None and answer.form.day > house().today():
        answer = answer.refused("day", gettext("This day is still to come. When did you try it?"))
    with house().database.write() as session:
        seen = _load(session.connection(), who, practice_change_id, "practice_change.try")
        if answer.form is None:
            return _change_page(session.connection(), who, seen, tried=answer), 422
        form = answer.form
        actions.add_try(
            session, who, seen, day=form.day, happened=form.happened, seal=house().seal, form_key=form.form_key
        )
    return redirect(url_for("practicechanges.change", practice_change_id=seen.id, _anchor="tries"), 303)


@practicechanges.post("/changes/<uuid:practice_change_id>/state")
def turn(practice_change_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), _read(TurnForm)
    if answer.form is not None and answer.form.state in NEEDS_WHY and not answer.form.why:
        answer = answer.refused("why", gettext("Please say why, in a line: others learn from it."))
    with house().database.write() as session:
        seen = _load(session.connection(), who, practice_change_id, "practice_change.change")
        if answer.form is None:
            return _change_page(session.connection(), who, seen, turned=answer), 422
        actions.turn(session, who, seen, answer.form.state.value, why=answer.form.why, seal=house().seal)
    return _to_change(practice_change_id)


def _load(connection: Connection, who: Actor, change_id: UUID, permission: str) -> ChangeSeen:
    """With its words: only its author gets here with one that is sealed."""
    seen: ChangeSeen = load(connection, who, KIND, change_id, permission)
    return queries.opened(seen, house().seal)


def _read(model: type[Form]) -> Answer[Form]:
    answer = read_form(model, request.form)
    day = gettext("Please give a day, as in 2026-11-22.")
    words = {
        "day": day,
        "first_try": day,
        "audience": gettext("Please choose one of these."),
        "state": gettext("Please choose one of these."),
    }
    return answer.worded(words)


def _words_of(form: WordsForm) -> dict[str, Any]:
    return {
        "what": form.what,
        "place": form.place,
        "sign": form.sign,
        "about": form.about.value,
        "first_try": form.first_try,
        "audience": form.audience.value,
    }


def _origin_named(connection: Connection, who: Actor, community_id: UUID, given: Mapping[str, str]) -> Thing | None:
    """The thing a form names, if the actor may see it; a change or a card of the library may be another community's,
    a page of one's notebook is none's. Nonsense is nothing."""
    thing = thing_named(connection, who, given, "from_kind", "from_id")
    abroad = thing is not None and thing.reference.kind in (KIND, "library_item", NOTEBOOK)
    return thing.opened(house().seal) if thing is not None and (abroad or thing.community_id == community_id) else None


def _to_change(change_id: UUID) -> Response:
    return redirect(url_for("practicechanges.change", practice_change_id=change_id), 303)


def _states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(name), tone) for state, (name, tone) in STATES.items()}


def _offered() -> dict[str, Any]:
    """What the forms of one's words offer."""
    return {
        "abouts": [(one.value, gettext(label)) for one, label in ABOUT.items()],
        "audiences": audience_options(READERS),
    }


def _keep_page(community: CommunitySeen, origin: Thing | None, answer: Answer[KeepForm]) -> str:
    return render_template(
        "practicechanges/change_form.html",
        page_title=gettext("What I do differently"),
        community=frame(community, PROJECTS),
        seen=community,
        change=None,
        origin=origin,
        **_offered(),
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _edit_page(connection: Connection, who: Actor, seen: ChangeSeen, answer: Answer[Any]) -> str:
    community = _around(connection, who, seen)
    return render_template(
        "practicechanges/change_form.html",
        page_title=gettext("Change the words"),
        community=frame(community, PROJECTS) if community else None,
        seen=community,
        change=seen,
        origin=None,
        **_offered(),
        answer=answer,
        errors=answer.errors,
    )


def _around(connection: Connection, who: Actor, seen: ChangeSeen) -> CommunitySeen | None:
    """Readers of other communities see the change, and not the rooms around it."""
    if not allows(seen.roles, "community.read"):
        return None
    return load_here(connection, who, seen.community_id, "community.read")


def _change_page(
    connection: Connection,
    who: Actor,
    seen: ChangeSeen,
    *,
    tried: Answer[TryForm] | None = None,
    turned: Answer[TurnForm] | None = None,
) -> str:
    community = _around(connection, who, seen)
    tried, turned = tried or Answer(None, [], {}), turned or Answer(None, [], {})
    audience = AUDIENCE_NAMES[Audience(seen.audience)]
    own = Role.AUTHOR in seen.roles
    return render_template(
        "practicechanges/change.html",
        page_title=textwrap.shorten(seen.what, TITLE, placeholder="…"),
        community=frame(community, PROJECTS) if community else None,
        seen=community,
        change=seen,
        is_whole=len(seen.what) <= TITLE,
        states=_states(),
        about=gettext(ABOUT[About(seen.about)]),
        audience=(gettext(audience[0]), gettext(audience[1])),
        way=_way_back(connection, who, seen),
        came_of_it=_came_of_it(connection, who, seen),
        hanging=hanging(connection, who, seen.reference),
        tries=queries.tries(connection, seen, house().seal),
        turns=queries.turns(connection, seen, house().seal),
        became=[(one.value, *(gettext(words) for words in said)) for one, said in BECAME.items()],
        may_try=allows(seen.roles, "practice_change.try"),
        steps=_steps(connection, who, seen) if community else None,
        drawing=way_to("evidence.graph", kind=KIND, thing_id=seen.id),
        report=None if own else way_to("moderation.report_form", kind=KIND, thing_id=seen.id),
        tried=tried,
        turned=turned,
        errors=[*tried.errors, *turned.errors],
        today=house().today(),
        form_key=tried.form_key,
    )


def _steps(connection: Connection, who: Actor, seen: ChangeSeen) -> NextSteps:
    """Whoever does it already need not take it on."""
    steps = next_steps(connection, who, KIND, seen.reference, seen.community_id)
    begun: dict[str, Any] = {"from_kind": KIND, "from": seen.id}
    taking_on = url_for("practicechanges.keep_form", community_id=seen.community_id, **begun)
    return NextSteps([one for one in steps.offers if not (seen.may_change and one.url == taking_on)], steps.grown)


def _way_back(connection: Connection, who: Actor, seen: ChangeSeen) -> list[Thing]:
    """From where it was decided back to where that began, as far as this reader may see: the nearest first."""
    way: list[Thing] = []
    origin: Reference | None = seen.origin
    while origin is not None and len(way) < STEPS_BACK:
        thing = one_shown(connection, who, origin)
        if thing is None or thing.reference in {one.reference for one in way}:
            break
        way.append(thing.opened(house().seal))
        origin = _origin_of(connection, who, origin)
    return way


def _origin_of(connection: Connection, who: Actor, thing: Reference) -> Reference | None:
    if thing.kind not in _KNOWN_BY:
        return None
    with suppress(NotThere):
        found: Reference | None = load(connection, who, thing.kind, thing.id, _KNOWN_BY[thing.kind]).origin
        return found
    return None


def _came_of_it(connection: Connection, who: Actor, seen: ChangeSeen) -> Sequence[tuple[str, Thing]]:
    """Evidence, claims and further changes: what was kept with this as its origin, and what lines lead to. Each with a
    word for what it is; where it was decided stands above."""
    here = {
        node.reference: gettext(KINDS[node.kind].name) for node in evidence.of_origin(connection, who, seen.reference)
    }
    links = evidence.links_of(connection, seen.reference)
    beside = {one.other: gettext(LINK_WORDS[one.type][0 if one.forwards else 1]) for one in links}
    words = {**beside, **here}
    words.pop(seen.origin, None)
    things = shown_open(connection, who, house().seal, [one for one in words if one.kind in kinds()])
    return [(words[reference], thing) for reference, thing in things.items()]
