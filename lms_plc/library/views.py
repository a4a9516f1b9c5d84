"""The pages of the library that are read: its lists, the lunchroom, an item and its history, what is open to all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import readers
from lms_plc.communities.attached import ME_HERE, THING, endpoint_of, hangs_on
from lms_plc.communities.audiences import Audience
from lms_plc.communities.home import open_room
from lms_plc.communities.next_steps import offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core import accesses, things
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import INSIDE, Actor, NotThere, allows, load
from lms_plc.files import queries as file_queries
from lms_plc.files.views import sent
from lms_plc.house import house
from lms_plc.library import actions, adapting, queries, showing
from lms_plc.library import happened as happened
from lms_plc.library import on_home as on_home
from lms_plc.library import writing as writing
from lms_plc.library.blueprint import library as library
from lms_plc.library.blueprint import library_open as library_open
from lms_plc.library.forms import TriedForm, tags_in
from lms_plc.library.queries import KIND, Asked, ItemListed, ItemSeen, Origin, OriginSeen
from lms_plc.library.shapes import LANGUAGES, LICENCE_PAGES, LICENCES, SHAPES, SUBJECTS, Licence, Shape
from lms_plc.library.writing import draft_keys
from lms_plc.people.guards import actor
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext

JUST_SENT = timedelta(minutes=2)
LIST = "library.item_list"

open_room(25, LIST, N_("Library"))


def _grown(connection: Connection, who: Actor, thing: Reference) -> list[things.Thing]:
    return [queries.thing_of(one) for one in queries.made_of(connection, who, thing)]


offers_step("aha", N_("Make a story of it"), "library.new_story", grown=_grown)
offers_step("aha", N_("Talk by a protocol, in a meeting"), "protocols.protocol", key=happened.PROTOCOLS["aha"])
for _kind in ("inquiry", "portfolio"):
    offers_step(_kind, N_("Tell the story"), "library.new_story")
    _lines = queries.told_of(ME_HERE, _kind, THING)
    hangs_on(_kind, "story", N_("Told in the library"), _lines, endpoint_of("library.item", "item_id"))


@library.get("/communities/<uuid:community_id>/library")
def item_list(community_id: UUID) -> str:
    who, asked = actor(), _asked(request.args)
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.items(connection, who, community.id, asked, before=key_from(request.args, "before"))
    address: dict[str, Any] = {"community_id": community.id, **_as_address(asked)}
    return render_template(
        "library/items.html",
        page_title=gettext("Library"),
        community=frame(community, LIST),
        seen=community,
        asked=asked,
        narrowed=bool(asked.subject or asked.language or asked.tag),
        items=[_listed(one) for one in page.items],
        older=url_for(LIST, **address, before=page.next_key) if page.next_key else None,
        places=_choices("where", {"": gettext("From us"), "all": gettext("From all communities here")}, address),
        shapes=_choices("shape", {"": gettext("Everything"), **_shape_names()}, address),
        subjects=_options(gettext("Any subject"), {key: gettext(name) for key, name in SUBJECTS.items()}),
        languages=_options(gettext("Any language"), LANGUAGES),
        may_add=allows(community.roles, "library.add"),
        taken_back="taken_back" in request.args,
    )


@library.get("/communities/<uuid:community_id>/stories")
def lunchroom(community_id: UUID) -> str:
    who, language = actor(), request.args.get("language", "")
    language = language if language in LANGUAGES else ""
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        page = queries.stories(connection, who, community.id, language, before=key_from(request.args, "before"))
    address: dict[str, Any] = {"community_id": community.id, "language": language or None}
    return render_template(
        "library/lunchroom.html",
        page_title=gettext("Lunchroom"),
        community=frame(community, LIST),
        seen=community,
        language=language,
        languages=_options(gettext("Any language"), LANGUAGES),
        stories=[_listed(one) | {"parts": showing.parts(one, long=True)} for one in page.items],
        older=url_for("library.lunchroom", **address, before=page.next_key) if page.next_key else None,
        may_add=allows(community.roles, "library.add"),
    )


@library.get("/library/<uuid:item_id>")
def item(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.read")
        page = item_page(connection, who, seen, Answer(None, [], {}))
    if not adapting.is_own(who, seen) and accesses.is_due(who, seen.noted_at):
        with house().database.write() as session:
            accesses.note(session, who, seen.reference)
    return page


def item_page(connection: Connection, who: Actor, seen: ItemSeen, answer: Answer[TriedForm]) -> str:
    own = allows(seen.roles, "library_item.edit")
    community = around(connection, who, seen)
    tried = queries.tried(connection, seen.id)
    made = queries.made_of(connection, who, seen.reference)
    files = file_queries.attached(connection, [seen.reference]).get(seen.reference, [])
    chosen = seen.audience == Audience.NAMED_PEOPLE.value
    return render_template(
        "library/item.html",
        page_title=seen.title,
        community=frame(community, LIST) if community else None,
        breadcrumbs=_way_back(seen, community),
        here=community.id if community else None,
        item=seen,
        **_shown(seen),
        files=files,
        origin=_origin(connection, who, seen),
        made=[_listed(one) for one in made],
        tried=tried,
        my_words=next((one for one in tried if one.person_id == who.person_id), None),
        answer=answer,
        errors=answer.errors,
        own=own,
        opened=readers.opened_by(connection, seen.reference) if own else (),
        named=readers.named(connection, seen.reference) if own and chosen else {},
        may_adapt=adapting.is_adaptable(who, seen),
        why_not=adapting.why_not_outside(seen) if SHAPES[Shape(seen.shape)].filed else None,
        public=url_for("library_open.item", item_id=seen.id, _external=True)
        if own and seen.audience == Audience.WORLD.value
        else None,
        report=way_to("moderation.report_form", kind=KIND, thing_id=seen.id),
        ways=happened.ways_on(connection, who, seen, community),
        form_key=new_form_key(),
        drafts_done=_drafts_sent(who, seen),
    )


@library.post("/library/<uuid:item_id>/tried")
def try_item(item_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(TriedForm, request.form)
    with house().database.write() as session:
        seen: ItemSeen = load(session.connection(), who, KIND, item_id, "library_item.try")
        if "take_back" in request.form:
            actions.untry(session, who, seen)
        elif answer.form is None:
            return item_page(session.connection(), who, seen, answer), 422
        else:
            actions.try_it(session, who, seen, answer.form)
    return redirect(url_for("library.item", item_id=seen.id, _anchor="tried"), 303)


@library.get("/library/<uuid:item_id>/history")
def history(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.read")
        community = around(connection, who, seen)
        versions = queries.versions(connection, who, seen.id)
    before = [*versions[1:], None]
    return render_template(
        "library/history.html",
        page_title=gettext("How this read before"),
        community=frame(community, LIST) if community else None,
        breadcrumbs=[
            *_way_back(seen, community)[:-1],
            {"label": seen.title, "url": url_for("library.item", item_id=seen.id)},
            {"label": gettext("How this read before")},
        ],
        item=seen,
        versions=[
            (version, showing.differences(earlier.content, version.content) if earlier else None)
            for version, earlier in zip(versions, before, strict=True)
        ],
    )


@library_open.get("/<uuid:item_id>", endpoint="item")
def open_item(item_id: UUID) -> Response:
    """For anybody who has the address: the item, and its author's name only if they said so."""
    with house().database.read() as connection:
        seen = _open(connection, item_id)
        files = file_queries.attached(connection, [seen.reference]).get(seen.reference, [])
    page = render_template("library/open.html", page_title=seen.title, item=seen, **_shown(seen), files=files)
    answer = make_response(page)
    if not seen.findable:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@library_open.get("/<uuid:item_id>/files/<uuid:file_id>")
def file(item_id: UUID, file_id: UUID) -> Response:
    """What hangs on an item that is open to everybody; always to be saved."""
    with house().database.read() as connection:
        found = queries.open_file(connection, item_id, file_id)
        if found is None:
            raise NotThere("file")
        return sent(found.name, found.media_type, found.digest, connection, inline=False)


def _open(connection: Connection, item_id: UUID) -> ItemSeen:
    seen = queries.open_item(connection, item_id)
    if seen is None:
        raise NotThere(KIND)
    return seen


def around(connection: Connection, who: Actor, seen: ItemSeen) -> CommunitySeen | None:
    """The community whose rooms stand around an item: the one the reader comes from, or the item's own; neither for
    somebody who is in none of them."""
    wanted = key_from(request.args, "in")
    if wanted is None and not seen.roles & INSIDE:
        return None
    try:
        return load_here(connection, who, wanted or seen.community_id, "community.read")
    except NotThere:
        return None


def _asked(args: Mapping[str, str]) -> Asked:
    """What stands in the address; what nobody offered means everything."""
    shape, subject, language = (args.get(name, "") for name in ("shape", "subject", "language"))
    return Asked(
        everywhere=args.get("where") == "all",
        shape=shape if shape in {one.value for one in Shape} else "",
        subject=subject if subject in SUBJECTS else "",
        language=language if language in LANGUAGES else "",
        tag=next(iter(tags_in(args.get("tag", ""))), ""),
    )


def _as_address(asked: Asked) -> dict[str, str | None]:
    found = {"shape": asked.shape, "subject": asked.subject, "language": asked.language, "tag": asked.tag}
    return {"where": "all" if asked.everywhere else None, **{name: value or None for name, value in found.items()}}


def _choices(name: str, labels: Mapping[str, str], address: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Links that change one thing of the address and leave the others."""
    now = address.get(name) or ""
    return [
        {"label": label, "url": url_for(LIST, **{**address, name: value or None}), "current": value == now}
        for value, label in labels.items()
    ]


def _options(anything: str, known: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("", anything), *known.items()]


def _shape_names() -> dict[str, str]:
    return {
        Shape.RESOURCE.value: gettext("Resources"),
        Shape.PRACTICE.value: gettext("Practice cards"),
        Shape.STORY.value: gettext("Stories"),
    }


def _listed(one: ItemListed) -> dict[str, Any]:
    return {
        "item": one,
        "name": showing.name_of(one),
        "beginning": queries.thing_of(one).excerpt,
        "subject": gettext(SUBJECTS[one.subject]) if one.subject else None,
        "language": LANGUAGES.get(one.language, one.language),
        "lang": showing.html_lang(one.language),
        "read_by": showing.read_by(one),
        "url": url_for("library.item", item_id=one.id),
    }


def _shown(seen: ItemSeen) -> dict[str, Any]:
    licence = Licence(seen.licence) if seen.licence else None
    return {
        "name": showing.name_of(seen),
        "long": showing.parts(seen, long=True),
        "short": showing.parts(seen, long=False),
        "one_text": len(SHAPES[Shape(seen.shape)].fields) == 1,
        "subject": gettext(SUBJECTS[seen.subject]) if seen.subject else None,
        "language": LANGUAGES.get(seen.language, seen.language),
        "lang": showing.html_lang(seen.language),
        "licence": tuple(gettext(words) for words in LICENCES[licence]) if licence else None,
        "licence_page": LICENCE_PAGES.get(seen.licence or ""),
        "read_by": showing.read_by(seen),
    }


def _way_back(seen: ItemSeen, community: CommunitySeen | None) -> list[dict[str, str]]:
    here = {"label": showing.name_of(seen)}
    if community is None:
        return [{"label": gettext("My communities"), "url": url_for("communities.mine", all=1)}, here]
    return [{"label": gettext("Library"), "url": url_for(LIST, community_id=community.id)}, here]


def _origin(connection: Connection, who: Actor, seen: ItemSeen) -> dict[str, Any] | None:
    """What it was made of, and what is different, as far as this reader may know."""
    if seen.origin is None:
        return None
    if seen.origin.kind != KIND:
        thing = things.one_shown(connection, who, Reference(seen.origin.kind, seen.origin.id))
        return {"thing": thing, "url": url_for(thing.endpoint, **thing.values) if thing else None}
    of = queries.origin_item(connection, who, seen.origin)
    return {"item": of, **_changes(seen, seen.origin, of)} if of else {"item": None}


def _changes(seen: ItemSeen, origin: Origin, of: OriginSeen) -> dict[str, Any]:
    then, now = of.versions.get(origin.version or 0), of.versions.get(of.version)
    return {
        "url": url_for("library.item", item_id=of.id),
        "then": then,
        "changed": showing.differences(then.content, showing.content_of(seen)) if then else None,
        "moved_on": of.version != origin.version,
        "since": showing.differences(then.content, now.content) if then and now and then is not now else None,
    }


def _drafts_sent(who: Actor, seen: ItemSeen) -> list[str]:
    """The drafts the browser may forget: those of a form whose item its writer saved just now."""
    if not adapting.is_own(who, seen) or seen.changed_at < who.at - JUST_SENT:
        return []
    places = {"new": seen.community_id, "change": seen.id, "adapt": seen.origin_id}
    place = request.args.get("sent", "")
    thing_id = places.get(place)
    return list(draft_keys(who, place, thing_id, Shape(seen.shape)).values()) if thing_id else []
