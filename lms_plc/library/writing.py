"""The pages of the library that are written: adding, changing, adapting, saying that one tried it, taking back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities import queries as community_queries
from lms_plc.communities import readers
from lms_plc.communities.audiences import Audience
from lms_plc.communities.next_steps import Draft, draft_from
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.text import LONGEST
from lms_plc.files import queries as file_queries
from lms_plc.files.queries import FileSeen
from lms_plc.files.views import from_form, preview_of, takes_files
from lms_plc.house import house
from lms_plc.library import actions, adapting, showing
from lms_plc.library.blueprint import library
from lms_plc.library.forms import FORMS, ItemForm, PlaceForm
from lms_plc.library.queries import KIND, ItemSeen, Origin
from lms_plc.library.shapes import (
    LANGUAGES,
    LICENCES,
    ROOMS,
    SHAPE_OF_ROOM,
    SHAPES,
    STORY_KINDS,
    SUBJECTS,
    Licence,
    Shape,
    StoryKind,
    within,
)
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import gettext, html_language

LIST = "library.item_list"

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form to be shown: for which shape, in which community, of which item if it is changed or adapted."""

    shape: Shape
    community: CommunitySeen | None
    action: str
    title: str
    place: str
    place_id: UUID
    item: ItemSeen | None = None
    adapts: bool = False


@library.get("/communities/<uuid:community_id>/library/new")
def choose(community_id: UUID) -> str:
    """What do you bring?"""
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "library.add")
    return _choosing(community, gettext("What do you bring?"), list(Shape))


def _begun_at() -> dict[str, str]:
    """As the address has it; carried along through the questions that come before the page."""
    return {name: request.args[name] for name in ("from_kind", "from") if name in request.args}


def _choosing(community: CommunitySeen, title: str, shapes: Sequence[Shape]) -> str:
    return render_template(
        "library/choose.html",
        page_title=title,
        community=frame(community, LIST),
        seen=community,
        shapes=[(shape, SHAPES[shape]) for shape in shapes],
        story_kinds=[(kind, *(gettext(words) for words in STORY_KINDS[kind])) for kind in StoryKind],
        begun=_begun_at(),
    )


@library.get("/communities/<uuid:community_id>/stories/new")
def new_story(community_id: UUID) -> str:
    """First which kind of story; for a flop then who may read it; then the page. From an aha it is one step."""
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "library.add")
        begun = things.thing_named(connection, who, request.args, "from_kind", "from")
        from_topic = begun is not None and begun.reference.kind == "topic"
        kind = request.args.get("kind") or (StoryKind.AHA.value if from_topic else "")
        if kind not in {one.value for one in StoryKind}:
            return _choosing(community, gettext("What kind of story?"), [Shape.STORY])
        if kind == StoryKind.FLOP and request.args.get("audience") not in {one.value for one in Audience}:
            return _who_first(community)
        draft = draft_from(connection, who, begun.reference) if begun else None
        usual = Audience.ONLY_ME if draft and draft.for_few and draft.words else Audience.COMMUNITY
        audience = request.args.get("audience") or usual.value
        given = {"story_kind": kind, "audience": audience, **_words_of(begun, Shape.STORY)}
        if draft is not None:
            given["page"] = draft.words[:LONGEST]
        return _form(connection, who, _new_sheet(community, Shape.STORY), Answer(None, [], given), draft=draft)


def _who_first(community: CommunitySeen) -> str:
    asked = "audience" in request.args or "next" in request.args
    errors = [{"field": "audience", "message": gettext("Please choose one of these.")}] if asked else []
    return render_template(
        "library/flop_first.html",
        page_title=gettext("First: who may read it?"),
        community=frame(community, LIST),
        seen=community,
        audiences=readers.audience_options(within(None)),
        begun=_begun_at(),
        errors=errors,
        labels={"audience": gettext("Who may read it?")},
    )


@library.get(f"/communities/<uuid:community_id>/<{ROOMS}:room>/new")
def new_item(community_id: UUID, room: str) -> str:
    who, shape = actor(), SHAPE_OF_ROOM[room]
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "library.add")
        begun = things.thing_named(connection, who, request.args, "from_kind", "from")
        given = {"audience": Audience.COMMUNITY.value, **_words_of(begun, shape)}
        return _form(connection, who, _new_sheet(community, shape), Answer(None, [], given))


@library.post(f"/communities/<uuid:community_id>/<{ROOMS}:room>/new")
@takes_files
def add_item(community_id: UUID, room: str) -> Page:
    who, shape = actor(), SHAPE_OF_ROOM[room]
    answer = _read(shape)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "library.add")
        begun = things.thing_named(connection, who, request.form, "from_kind", "from")
        file_ids, answer = _checked(session, who, community, shape, answer)
        if answer.form is None or _is_preview():
            return _again(connection, who, _new_sheet(community, shape), answer, file_ids)
        origin = Origin(begun.reference.kind, begun.reference.id, None) if begun else None
        item_id = actions.add(session, who, community, shape, answer.form, file_ids=file_ids, origin=origin)
    return redirect(url_for("library.item", item_id=item_id, sent="new"), 303)


@library.get("/library/<uuid:item_id>/edit")
def edit_form(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.edit")
        sheet = _edit_sheet(connection, who, seen)
        given = showing.as_given(showing.content_of(seen)) | {"audience": seen.audience}
        given["people"] = " ".join(str(person) for person in readers.named(connection, seen.reference))
        given |= {name: "yes" for name in ("show_name", "findable") if getattr(seen, name)}
        kept = file_queries.attached(connection, [seen.reference]).get(seen.reference, [])
        return _form(connection, who, sheet, Answer(None, [], given), kept)


@library.post("/library/<uuid:item_id>/edit")
@takes_files
def change_item(item_id: UUID) -> Page:
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.edit")
        shape = Shape(seen.shape)
        sheet = _edit_sheet(connection, who, seen)
        file_ids, answer = _checked(session, who, sheet.community, shape, _read(shape), about=seen)
        if answer.form is None or _is_preview():
            return _again(connection, who, sheet, answer, file_ids)
        actions.change(session, who, seen, answer.form, file_ids)
    return redirect(url_for("library.item", item_id=seen.id, sent="change"), 303)


@library.get("/library/<uuid:item_id>/adapt")
def adapt_form(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = _adaptable(connection, who, item_id)
        if not adapting.is_adaptable(who, seen):
            return _stays(seen)
        reach = adapting.reach_for(who, seen)
        given = showing.as_given(showing.content_of(seen)) | {"take_files": "yes"}
        given["audience"] = (Audience.COMMUNITY if Audience.COMMUNITY in within(reach) else Audience.ONLY_ME).value
        given["community_id"] = request.args.get("in", "")
        return _form(connection, who, _adapt_sheet(seen), Answer(None, [], given))


@library.post("/library/<uuid:item_id>/adapt")
@takes_files
def adapt_item(item_id: UUID) -> Page:
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        seen = _adaptable(connection, who, item_id)
        if not adapting.is_adaptable(who, seen):
            return _stays(seen), 403
        shape = Shape(seen.shape)
        place = read_form(PlaceForm, request.form)
        community = _wanted(connection, who, seen, place)
        file_ids, answer = _checked(session, who, community, shape, _read(shape), adapts=seen)
        if community is None:
            said = gettext("Please choose one of your communities.")
            answer = replace(answer, form=None, errors=[{"field": "community_id", "message": said}, *answer.errors])
        if answer.form is None or community is None or _is_preview():
            return _again(connection, who, _adapt_sheet(seen), answer, file_ids)
        origin = Origin(KIND, seen.id, seen.version)
        new = actions.add(session, who, community, shape, answer.form, file_ids=file_ids, origin=origin, adapted=seen)
        if "take_files" in request.form and not file_ids:
            actions.copy_files(session, who, community, seen.reference, Reference(KIND, new))
    return redirect(url_for("library.item", item_id=new, sent="adapt"), 303)


@library.get("/library/<uuid:item_id>/delete")
def delete_form(item_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.edit")
        community = _own_community(connection, who, seen)
    return render_template(
        "library/delete.html",
        page_title=gettext("Take it out of the library?"),
        community=frame(community, LIST) if community else None,
        item=seen,
    )


@library.post("/library/<uuid:item_id>/delete")
def delete_item(item_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: ItemSeen = load(session.connection(), who, KIND, item_id, "library_item.edit")
        community = _own_community(session.connection(), who, seen)
        actions.take_back(session, who, seen)
    if community is None:
        return redirect(url_for("communities.mine", all=1), 303)
    return redirect(url_for(LIST, community_id=community.id, taken_back=1), 303)


def draft_keys(who: Actor, place: str, thing_id: UUID, shape: Shape) -> dict[str, str]:
    """Field → where its draft is kept on the device: by person and place, and for no stranger to read."""
    fields = (field.name for field in SHAPES[shape].fields if field.long)
    return {name: f"{who.person_id}/library-{place}:{thing_id}:{shape.value}:{name}" for name in fields}


def _new_sheet(community: CommunitySeen, shape: Shape) -> Sheet:
    words = SHAPES[shape]
    action = url_for("library.add_item", community_id=community.id, room=words.room)
    return Sheet(shape, community, action, gettext(words.write), "new", community.id)


def _edit_sheet(connection: Connection, who: Actor, seen: ItemSeen) -> Sheet:
    shape = Shape(seen.shape)
    action = url_for("library.change_item", item_id=seen.id)
    community = _own_community(connection, who, seen)
    return Sheet(shape, community, action, gettext(SHAPES[shape].change), "change", seen.id, seen)


def _adapt_sheet(seen: ItemSeen) -> Sheet:
    action = url_for("library.adapt_item", item_id=seen.id)
    title = gettext("Adapt “%(title)s”", title=seen.title)
    return Sheet(Shape(seen.shape), None, action, title, "adapt", seen.id, seen, adapts=True)


def _own_community(connection: Connection, who: Actor, seen: ItemSeen) -> CommunitySeen | None:
    """The item's community, for an author who is still in it."""
    try:
        return load_here(connection, who, seen.community_id, "community.read")
    except NotThere:
        return None


def _adaptable(connection: Connection, who: Actor, item_id: UUID) -> ItemSeen:
    seen: ItemSeen = load(connection, who, KIND, item_id, "library_item.adapt")
    if not SHAPES[Shape(seen.shape)].filed:
        raise NotThere(KIND)
    return seen


def _stays(seen: ItemSeen) -> str:
    return render_template(
        "library/stays.html",
        page_title=gettext("This stays where it is"),
        item=seen,
        why=adapting.why_not_outside(seen),
    )


def _wanted(connection: Connection, who: Actor, seen: ItemSeen, place: Answer[PlaceForm]) -> CommunitySeen | None:
    """The community somebody chose for an adaptation, if it may stand there."""
    if place.form is None or not adapting.may_go_to(who, seen, place.form.community_id):
        return None
    try:
        return load_here(connection, who, place.form.community_id, "library.add")
    except NotThere:
        return None


def _words_of(begun: things.Thing | None, shape: Shape) -> dict[str, str]:
    """A form's first words; what it begins with goes into the first long field of the shape."""
    if begun is None:
        return {}
    told = begun.excerpt or begun.title
    begun_at = {"from_kind": begun.reference.kind, "from": str(begun.reference.id)}
    first = next(field.name for field in SHAPES[shape].fields if field.long)
    return {"title": begun.title, first: f"{told}\n\n", **begun_at}


def _read(shape: Shape) -> Answer[ItemForm]:
    given = with_lists(request.form, "people")
    return read_form(FORMS[shape], given)


def _is_preview() -> bool:
    return "preview" in request.form


def _checked(
    session: Session,
    who: Actor,
    community: CommunitySeen | None,
    shape: Shape,
    answer: Answer[ItemForm],
    *,
    about: ItemSeen | None = None,
    adapts: ItemSeen | None = None,
) -> tuple[list[UUID], Answer[ItemForm]]:
    """The form's files, and the form with what is wrong with it as a whole. What was brought is kept either way."""
    file_ids, errors = from_form(session, who, community, about.reference if about else None)
    form = answer.form
    if form is not None:
        place, there = community.id if community else None, about.reference if about else None
        known = readers.choosable(session.connection(), who, place, there)
        form = form.model_copy(update={"people": [person for person in form.people if person in known]})
        reach = _reach(who, about, adapts)
        made_of = adapts or about
        bound_by = made_of.licence if made_of and reach is not None else None
        taken = bool(file_ids) or (adapts is not None and "take_files" in request.form)
        wrong = adapting.problems(form, has_files=taken, reach=reach, bound_by=bound_by)
        errors = [*wrong, *errors]
    return file_ids, Answer(None if errors else form, [*answer.errors, *errors], answer.given)


def _reach(who: Actor, changed: ItemSeen | None, adapted: ItemSeen | None) -> str | None:
    """The widest audience a form may choose."""
    if adapted is not None:
        return adapting.reach_for(who, adapted)
    return changed.reach if changed else None


def _again(
    connection: Connection, who: Actor, sheet: Sheet, answer: Answer[ItemForm], file_ids: Sequence[UUID]
) -> tuple[str, int]:
    about = sheet.item.reference if sheet.item and not sheet.adapts else None
    kept = file_queries.kept(connection, who, file_ids, about)
    if _is_preview():
        return _form(connection, who, sheet, Answer(None, [], answer.given), kept), 200
    return _form(connection, who, sheet, answer, kept), 422


def _form(
    connection: Connection,
    who: Actor,
    sheet: Sheet,
    answer: Answer[ItemForm],
    kept: Sequence[FileSeen] = (),
    *,
    draft: Draft | None = None,
) -> str:
    adapted = sheet.item if sheet.adapts else None
    reach = _reach(who, sheet.item, adapted)
    places = _places(connection, who, adapted) if adapted else []
    home_id = sheet.community.id if sheet.community else None
    if len(places) == 1:
        home_id = places[0][0]
    elif places:
        home_id = next((one for one, _ in places if str(one) == answer.given.get("community_id")), None)
    around = sheet.community
    if around is None and home_id is not None and sheet.adapts:
        around = load_here(connection, who, home_id, "community.read")
    about = sheet.item.reference if sheet.item and not sheet.adapts else None
    people = readers.choosable(connection, who, home_id, about)
    given = {"language": _page_language(), "licence": Licence.BY.value, **answer.given}
    bound_by = sheet.item.licence if sheet.item and reach is not None else None
    return render_template(
        "library/form.html",
        page_title=sheet.title,
        community=frame(around, LIST) if around else None,
        sheet=sheet,
        words=SHAPES[sheet.shape],
        given=given,
        answer=answer,
        errors=answer.errors,
        labels=showing.labels(sheet.shape),
        subjects=[("", gettext("None in particular")), *((key, gettext(name)) for key, name in SUBJECTS.items())],
        languages=list(LANGUAGES.items()),
        licences=[
            (one.value, *(gettext(text) for text in texts))
            for one, texts in LICENCES.items()
            if not bound_by or adapting.licence_fits(one, bound_by)
        ],
        story_kinds=[(kind.value, gettext(STORY_KINDS[kind][0])) for kind in StoryKind],
        story_kind=showing.story_kind(given.get("story_kind") or None) if sheet.place == "new" else None,
        is_flop=given.get("story_kind") == StoryKind.FLOP.value,
        audiences=readers.audience_options(within(reach)),
        people=people,
        chosen=(answer.given.get("people") or "").split(),
        places=places,
        places_offered=[("", gettext("Please choose")), *((str(one), name) for one, name in places)],
        adapted=adapted,
        draft=draft,
        original_files=file_queries.attached(connection, [adapted.reference]).get(adapted.reference)
        if adapted
        else None,
        context_given=any(given.get(field.name) for field in SHAPES[sheet.shape].fields if field.context),
        kept=kept,
        form_key=given.get("form_key") or new_form_key(),
        draft_keys=draft_keys(who, sheet.place, sheet.place_id, sheet.shape),
        previewed=preview_of(request),
        preview_field=request.form.get("preview"),
    )


def _places(connection: Connection, who: Actor, seen: ItemSeen) -> list[tuple[UUID, str]]:
    """Those of my communities that an adaptation may stand in."""
    mine = community_queries.mine(connection, who, size=100).items
    return [(one.id, one.name) for one in mine if adapting.may_go_to(who, seen, one.id)]


def _page_language() -> str:
    spoken = html_language().replace("-", "_")
    return spoken if spoken in LANGUAGES else "en"
