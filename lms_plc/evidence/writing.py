"""The forms of evidence and outcomes: keeping, stating, changing, taking away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lms_plc.communities import readers
from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.things import Thing, thing_named
from lms_plc.evidence import actions, queries
from lms_plc.evidence.blueprint import TAB, evidence
from lms_plc.evidence.forms import ClaimForm, KeepForm, NodeForm
from lms_plc.evidence.kinds import (
    KINDS,
    LEVELS,
    NODE,
    SHOWS_PEOPLE,
    SORTS,
    STRENGTHS,
    ItemState,
    Sort,
    Strength,
    shows_people,
)
from lms_plc.evidence.queries import NodeSeen
from lms_plc.files import queries as file_queries
from lms_plc.files.queries import FileSeen
from lms_plc.files.views import from_form, takes_files
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import gettext, pgettext

Page = str | Response | tuple[str, int]

BEGINS_AS: Mapping[str, Sort] = {"data_set": Sort.TOTALS, "visit": Sort.NOTE}
"""Kind of a thing → the sort of evidence its form begins with."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form to be shown: of which sort, in which community, for which thing, of which node if it is changed."""

    model: type[NodeForm]
    title: str
    action: str
    community: CommunitySeen | None
    origin: Thing | None = None
    node: NodeSeen | None = None


@evidence.get("/communities/<uuid:community_id>/evidence/new")
def keep_form(community_id: UUID) -> str:
    return _new(community_id, KeepForm)


@evidence.post("/communities/<uuid:community_id>/evidence/new")
@takes_files
def keep(community_id: UUID) -> Page:
    who, answer = actor(), _read(KeepForm)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "evidence.keep")
        sheet = _new_sheet(connection, who, community, KeepForm, request.form)
        answer, file_ids = _checked(session, who, sheet, answer)
        form = answer.form
        if not isinstance(form, KeepForm):
            return _again(connection, who, sheet, answer, file_ids)
        node_id = actions.keep_evidence(
            session,
            who,
            community_id=community.id,
            site_id=community.site_id,
            sort=form.sort.value,
            text=form.text,
            shows=form.shows,
            does_not_show=form.does_not_show,
            taken_on=form.taken_on,
            link=form.link,
            origin=_origin(sheet, community),
            form_key=form.form_key,
            audience=form.audience.value,
            seal=house().seal,
            people=form.people,
            file_ids=file_ids,
            look=form,
        )
    return redirect(url_for("evidence.node", node_id=node_id), 303)


@evidence.get("/communities/<uuid:community_id>/outcomes/new")
def claim_form(community_id: UUID) -> str:
    return _new(community_id, ClaimForm)


@evidence.post("/communities/<uuid:community_id>/outcomes/new")
def state_claim(community_id: UUID) -> Page:
    who, answer = actor(), _read(ClaimForm)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "evidence.keep")
        sheet = _new_sheet(connection, who, community, ClaimForm, request.form)
        answer, _ = _checked(session, who, sheet, answer)
        form = answer.form
        if not isinstance(form, ClaimForm):
            return _again(connection, who, sheet, answer)
        node_id = actions.state_claim(
            session,
            who,
            community_id=community.id,
            site_id=community.site_id,
            level=form.level.value,
            text=form.text,
            before=form.before,
            after=form.after,
            n=form.n,
            strength=form.strength.value,
            origin=_origin(sheet, community),
            form_key=form.form_key,
            audience=form.audience.value,
            seal=house().seal,
            people=form.people,
        )
    return redirect(url_for("evidence.node", node_id=node_id), 303)


@evidence.get("/thoughts/<uuid:node_id>/edit")
def change_form(node_id: UUID) -> str | Response:
    who = actor()
    with house().database.read() as connection:
        sheet, seen = _edit_sheet(connection, who, node_id)
        if seen.stays:  # its own page says why
            return redirect(url_for("evidence.node", node_id=seen.id))
        given = {"text": seen.text, "audience": seen.audience}
        given["people"] = " ".join(str(person) for person in readers.named(connection, seen.reference))
        for part in (seen.item, seen.claim):
            if part is not None:
                said = {name: getattr(part, name) for name in sheet.model.model_fields if hasattr(part, name)}
                given |= {name: "" if value is None else str(value) for name, value in said.items()}
        kept = file_queries.attached(connection, [seen.reference]).get(seen.reference, ()) if seen.item else ()
        return _form(connection, who, sheet, Answer(None, [], given), kept)


@evidence.post("/thoughts/<uuid:node_id>/edit")
@takes_files
def change(node_id: UUID) -> Page:
    who = actor()
    with house().database.write() as session:
        connection = session.connection()
        sheet, seen = _edit_sheet(connection, who, node_id)
        answer, file_ids = _checked(session, who, sheet, _read(sheet.model))
        if answer.form is None:
            return _again(connection, who, sheet, answer, file_ids)
        actions.change_node(session, who, seen, answer.form, house().seal, file_ids)
    return redirect(url_for("evidence.node", node_id=seen.id), 303)


@evidence.get("/thoughts/<uuid:node_id>/remove")
def remove_form(node_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        sheet, seen = _edit_sheet(connection, who, node_id)
    return render_template(
        "evidence/remove.html",
        page_title=gettext("Take it away?"),
        community=frame(sheet.community, TAB) if sheet.community else None,
        node=seen,
        name=gettext(KINDS[seen.kind].name),
    )


@evidence.post("/thoughts/<uuid:node_id>/remove")
def remove(node_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        sheet, seen = _edit_sheet(session.connection(), who, node_id)
        actions.remove_node(session, who, seen)
    if sheet.community is None:
        return redirect(url_for("communities.mine", all=1), 303)
    return redirect(url_for("evidence.nodes", community_id=seen.community_id), 303)


def _new(community_id: UUID, model: type[NodeForm]) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "evidence.keep")
        sheet = _new_sheet(connection, who, community, model, request.args)
        for_me = sheet.origin is not None and sheet.origin.is_private
        given = {"audience": (Audience.ONLY_ME if for_me else Audience.COMMUNITY).value, "strength": "impression"}
        if sheet.origin is not None:
            given["sort"] = BEGINS_AS.get(sheet.origin.reference.kind, Sort.NOTE).value
        return _form(connection, who, sheet, Answer(None, [], given))


def _new_sheet(
    connection: Connection, who: Actor, community: CommunitySeen, model: type[NodeForm], given: Mapping[str, str]
) -> Sheet:
    named = thing_named(connection, who, given, "from_kind", "from")
    origin = named.opened(house().seal) if named else None
    if model is KeepForm:
        action = url_for("evidence.keep", community_id=community.id)
        return Sheet(model, gettext("Keep what shows it"), action, community, origin)
    action = url_for("evidence.state_claim", community_id=community.id)
    return Sheet(model, gettext("Say what has changed"), action, community, origin)


def _edit_sheet(connection: Connection, who: Actor, node_id: UUID) -> tuple[Sheet, NodeSeen]:
    found: NodeSeen = load(connection, who, NODE, node_id, "node.change")
    seen = found.opened(house().seal)
    model = KeepForm if seen.item else ClaimForm if seen.claim else NodeForm
    try:
        community = load_here(connection, who, seen.community_id, "community.read")
    except NotThere:
        community = None
    title = gettext("Change: %(what)s", what=gettext(KINDS[seen.kind].name))
    return Sheet(model, title, url_for("evidence.change", node_id=seen.id), community, node=seen), seen


def _origin(sheet: Sheet, community: CommunitySeen) -> Reference:
    return sheet.origin.reference if sheet.origin else Reference("community", community.id)


def _read(model: type[NodeForm]) -> Answer[Any]:
    return read_form(model, with_lists(request.form, "people"))


def _checked(session: Session, who: Actor, sheet: Sheet, answer: Answer[Any]) -> tuple[Answer[Any], list[UUID]]:
    """The form with what is wrong with it as a whole, and its files. What was brought is kept either way."""
    file_ids: list[UUID] = []
    errors: list[dict[str, str]] = []
    form = answer.form
    if sheet.model is KeepForm:
        about = sheet.node.reference if sheet.node else None
        file_ids, errors = from_form(session, who, sheet.community, about)
    if form is not None:
        known = _choosable(session.connection(), who, sheet)
        form = form.model_copy(update={"people": [person for person in form.people if person in known]})
        errors += _problems(session.connection(), who, form, sheet.node, file_ids)
    if sheet.node is not None and sheet.node.stays:
        errors = [{"field": "text", "message": why_it_stays()}]
    return Answer(None if errors else form, [*answer.errors, *errors], answer.given), file_ids


def why_it_stays() -> str:
    return gettext("It was said before looking at the numbers, so it stays as it was said. You can take it away.")


def _problems(
    connection: Connection, who: Actor, form: NodeForm, node: NodeSeen | None, file_ids: Sequence[UUID]
) -> list[dict[str, str]]:
    if isinstance(form, ClaimForm):
        return _numbers_missing(form)
    if not isinstance(form, KeepForm):
        return []
    if form.audience is Audience.ONLY_ME:
        said = gettext(
            "Words that are for you alone are sealed; a file cannot be. Leave the file out, or choose who may see it."
        )
        return [{"field": "files", "message": said}] if file_ids else []
    state = node.item.state if node and node.item else ItemState.ADDED
    is_looked_at = state == ItemState.BLOCKED or (
        state == ItemState.USABLE and node and not queries.has_more_to_look_at(connection, node, form, file_ids)
    )
    there = file_queries.kept(connection, who, file_ids, node.reference if node else None)
    if shows_people(form.sort, [one.media_type for one in there]) and not is_looked_at and not form.is_said:
        said = gettext("Somebody could be recognised in this. Please say so before others see it.")
        missing = [name for name in ("people_visible", "names_removed") if getattr(form, name) is None]
        return [{"field": name, "message": said} for name in missing]
    return []


def _numbers_missing(form: ClaimForm) -> list[dict[str, str]]:
    """Who says that it was counted before and after is asked for the numbers, not told so afterwards."""
    if form.strength is not Strength.BEFORE_AFTER_NUMBERS:
        return []
    said = {
        "before": gettext("You chose “Numbers before and after”. How many was it before?"),
        "after": gettext("You chose “Numbers before and after”. How many is it now?"),
        "n": gettext("You chose “Numbers before and after”. Of how many was it counted?"),
    }
    return [{"field": name, "message": words} for name, words in said.items() if not getattr(form, name)]


def _choosable(connection: Connection, who: Actor, sheet: Sheet) -> dict[UUID, str]:
    """Whom an author may name: nobody new, for one who is not in the community any more."""
    here, node = sheet.community, sheet.node
    return readers.choosable(connection, who, here.id if here else None, node.reference if node else None)


def _again(
    connection: Connection, who: Actor, sheet: Sheet, answer: Answer[Any], file_ids: Sequence[UUID] = ()
) -> tuple[str, int]:
    kept = file_queries.kept(connection, who, file_ids, sheet.node.reference if sheet.node else None)
    return _form(connection, who, sheet, answer, kept), 422


def _form(connection: Connection, who: Actor, sheet: Sheet, answer: Answer[Any], kept: Sequence[FileSeen] = ()) -> str:
    return render_template(
        "evidence/form.html",
        page_title=sheet.title,
        community=frame(sheet.community, TAB) if sheet.community else None,
        sheet=sheet,
        kind="item" if sheet.model is KeepForm else "claim" if sheet.model is ClaimForm else "node",
        given=answer.given,
        answer=answer,
        errors=answer.errors,
        labels=_labels(),
        sorts=[(sort.value, gettext(name)) for sort, name in SORTS.items()],
        shows_people=SHOWS_PEOPLE,
        levels=[(level.value, gettext(name)) for level, name in LEVELS.items()],
        strengths=[(one.value, *(gettext(words) for words in said)) for one, said in STRENGTHS.items()],
        audiences=readers.audience_options(one for one in Audience if one is not Audience.WORLD),
        people=_choosable(connection, who, sheet),
        chosen=(answer.given.get("people") or "").split(),
        kept=kept,
        form_key=answer.form_key,
        draft_key=f"{who.person_id}/evidence:{sheet.action.rpartition('/s/')[2].partition('/')[2]}",
    )


def _labels() -> dict[str, str]:
    return {
        "text": gettext("In a few words"),
        "sort": gettext("What is it?"),
        "link": gettext("Its address, if it stands elsewhere"),
        "files": gettext("Photos or files"),
        "shows": gettext("What does it show?"),
        "does_not_show": gettext("What does it not show?"),
        "taken_on": gettext("When was it?"),
        "people_visible": gettext("Can somebody be recognised?"),
        "names_removed": gettext("Are all names gone?"),
        "permission": gettext("Who allowed it?"),
        "level": gettext("Where has something changed?"),
        "before": pgettext("outcome", "Before"),
        "after": gettext("Now"),
        "n": gettext("Of how many?"),
        "strength": gettext("How sure can one be?"),
        "audience": gettext("Who may read it?"),
    }
