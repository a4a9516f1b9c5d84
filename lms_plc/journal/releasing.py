"""A part of a page that others read: choosing it and its readers, reading it, taking it back."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import readers
from lms_plc.communities.audiences import Audience
from lms_plc.communities.queries import mine
from lms_plc.core import accesses
from lms_plc.core.exports import Left, exports_of
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, NotAllowed, NotThere, Role, load
from lms_plc.core.text import excerpt
from lms_plc.core.text import shown as shown_text
from lms_plc.house import house
from lms_plc.journal import actions, queries, showing
from lms_plc.journal.blueprint import entry_of, journal, readable
from lms_plc.journal.forms import RELEASED_TO, ReleaseForm
from lms_plc.journal.queries import Entry, PartSeen
from lms_plc.people.guards import actor
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, gettext

LABELS = {
    "text": N_("What they will read"),
    "community_id": N_("In which community?"),
    "audience": N_("Who may read it?"),
}


def _called(field: str) -> str:
    return gettext(LABELS[field])


@journal.get("/journal/<uuid:entry_id>/release")
def release_form(entry_id: UUID) -> str:
    """First which paragraphs and among whom, then how they shall read and who. The words never stand in the address."""
    who = actor()
    with house().database.read() as connection:
        seen = readable(entry_of(connection, who, entry_id))
        communities = my_communities(connection, who)
        paragraphs = showing.paragraphs(seen.text or "")
        chosen = [paragraphs[number] for number in showing.numbers("part") if number < len(paragraphs)]
        asked = str(key_from(request.args, "community_id") or "")
        place = asked if asked in communities else (next(iter(communities)) if len(communities) == 1 else None)
        if not (chosen or "own" in request.args) or place is None:
            return _choosing_page(seen, paragraphs, communities, with_nothing=not chosen)
        given = {"text": "\n\n".join(chosen), "community_id": place, "audience": Audience.NAMED_PEOPLE.value}
        return _releasing_page(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/release")
def release_part(entry_id: UUID) -> str | Response | tuple[str, int]:
    who = actor()
    answer = read_form(ReleaseForm, with_lists(request.form, "people"))
    with house().database.write() as session:
        connection = session.connection()
        seen = entry_of(connection, who, entry_id)
        answer = _checked(connection, who, answer)
        if answer.form is None:
            return _releasing_page(connection, who, seen, answer), 422
        part_id = actions.release_part(session, who, house().seal, seen.id, answer.form)
    return redirect(url_for("journal.part", part_id=part_id), 303)


@journal.get("/journal/parts/<uuid:part_id>")
def part(part_id: UUID) -> str:
    """What its readers see, and nothing of where it comes from; its author sees who they were."""
    who = actor()
    with house().database.read() as connection:
        seen: PartSeen = load(connection, who, queries.PART, part_id, "journal_part.read")
        own = Role.AUTHOR in seen.roles
        opened = readers.opened_by(connection, seen.reference) if own else []
        chosen = own and seen.audience == Audience.NAMED_PEOPLE.value
        named = readers.named(connection, seen.reference) if chosen else {}
    if not own and accesses.is_due(who, seen.noted_at):
        with house().database.write() as session:
            accesses.note(session, who, seen.reference)
    text = seen.opened(house().seal)
    return render_template(
        "journal/part.html",
        page_title=gettext("A part of your notebook")
        if own
        else gettext("From the notebook of %(name)s", name=seen.author),
        part=seen,
        html=shown_text(text, "", 0) if text is not None else None,
        own=own,
        report=None if own else way_to("moderation.report_form", kind=queries.PART, thing_id=seen.id),
        audience=showing.audience(seen),
        named=named,
        opened=opened,
    )


@journal.get("/journal/parts/<uuid:part_id>/withdraw")
def take_back_form(part_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: PartSeen = load(connection, who, queries.PART, part_id, "journal_part.withdraw")
        left = exports_of(connection, seen.reference)
        opened = readers.opened_by(connection, seen.reference)
    return render_template(
        "journal/take_back.html",
        page_title=gettext("Withdraw this part?"),
        part=seen,
        opened=opened,
        told=showing.left([one for one in left if one.way in (Left.LETTER, Left.LMS)]),
        taken=showing.left([one for one in left if one.way is Left.PRINT]),
    )


@journal.post("/journal/parts/<uuid:part_id>/withdraw")
def take_back(part_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        seen: PartSeen = load(session.connection(), who, queries.PART, part_id, "journal_part.withdraw")
        actions.take_back_part(session, who, seen)
    return redirect(url_for("journal.entry", entry_id=seen.entry_id), 303)


def my_communities(connection: Connection, who: Actor) -> dict[str, str]:
    return {str(one.id): one.name for one in mine(connection, who).items}


def only_one(connection: Connection, who: Actor) -> UUID | None:
    """The community of somebody who is in no other; else nobody can say which one is meant."""
    mine_all = mine(connection, who, size=1)
    return mine_all.items[0].id if len(mine_all.items) == 1 and not mine_all.next_key else None


def _checked(connection: Connection, who: Actor, answer: Answer[ReleaseForm]) -> Answer[ReleaseForm]:
    """Readers are of a community of one's own, and somebody who names people names one at least."""
    form = answer.form
    if form is None:
        return answer
    try:
        load(connection, who, "community", form.community_id, "community.read")
    except (NotThere, NotAllowed):
        return answer.refused("community_id")
    known = readers.choosable(connection, who, form.community_id)
    form = form.model_copy(update={"people": [person for person in form.people if person in known]})
    if form.audience is Audience.NAMED_PEOPLE and not form.people:
        return answer.refused("audience", gettext("Please choose at least one person below."))
    return Answer(form, [], answer.given)


def _choosing_page(seen: Entry, paragraphs: list[str], communities: dict[str, str], *, with_nothing: bool) -> str:
    errors = []
    if "chosen" in request.args and with_nothing and "own" not in request.args:
        errors.append({"field": "part", "message": gettext("Please choose at least one.")})
    if "chosen" in request.args and "community_id" not in request.args:
        errors.append({"field": "community_id", "message": gettext("Please choose one of these.")})
    return render_template(
        "journal/choose_readers.html",
        page_title=gettext("Which part shall somebody read?"),
        entry=seen,
        paragraphs=[excerpt(one, 400) for one in paragraphs],
        chosen=showing.numbers("part"),
        communities=list(communities.items()),
        label=_called("community_id"),
        errors=errors,
    )


def _releasing_page(connection: Connection, who: Actor, seen: Entry, answer: Answer[ReleaseForm]) -> str:
    communities = my_communities(connection, who)
    place = answer.given.get("community_id", "")
    people: dict[Any, str] = {}
    if place in communities:
        people = readers.choosable(connection, who, UUID(place))
    return render_template(
        "journal/release.html",
        page_title=gettext("This is what they will read"),
        entry=seen,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
        communities=communities,
        audiences=readers.audience_options(RELEASED_TO),
        people=people,
        chosen=(answer.given.get("people") or "").split(),
        form_key=answer.form_key,
    )
