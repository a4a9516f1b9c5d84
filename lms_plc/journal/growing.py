"""What grows from a page: a concern, with which a project of one's own can begin, or something one does differently.
The page stays closed: others see at most that there was one."""

from collections.abc import Sequence
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities import readers
from lms_plc.communities.audiences import Audience
from lms_plc.communities.next_steps import offers_step
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import things
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.things import Thing
from lms_plc.evidence import queries as evidence
from lms_plc.house import house
from lms_plc.journal import actions, releasing
from lms_plc.journal.blueprint import entry_of, journal, readable
from lms_plc.journal.forms import CONCERN_FOR, ConcernForm, LinkForm
from lms_plc.journal.queries import ENTRY, Entry
from lms_plc.people.guards import actor
from lms_plc.practicechanges import queries as practicechanges
from lms_plc.practicechanges.queries import ChangeSeen
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, gettext

LABELS = {
    "text": N_("What do you worry about?"),
    "community_id": N_("In which community do you work on it?"),
    "audience": N_("Who may read it?"),
}

LOOKED_AT = 5
"""Communities whose changes are offered; hardly anybody is in more."""

offers_step(ENTRY, N_("What I do differently"), "practicechanges.keep_form")


@journal.get("/journal/<uuid:entry_id>/concern")
def concern_form(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = readable(entry_of(connection, who, entry_id))
        place = seen.community_id or releasing.only_one(connection, who)
        given = {"community_id": str(place or ""), "audience": Audience.ONLY_ME.value}
        return _page(connection, who, seen, Answer(None, [], given))


@journal.post("/journal/<uuid:entry_id>/concern")
def keep_concern(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ConcernForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = entry_of(connection, who, entry_id)
        if answer.form is None:
            return _page(connection, who, seen, answer), 422
        try:
            community: CommunitySeen = load(connection, who, "community", answer.form.community_id, "evidence.keep")
        except (NotThere, NotAllowed):
            return _page(connection, who, seen, answer.refused("community_id")), 422
        node_id = actions.keep_concern(session, who, house().seal, seen.id, community, answer.form)
    return redirect(url_for("evidence.node", node_id=node_id), 303)


@journal.get("/journal/<uuid:entry_id>/link")
def link_form(entry_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen = entry_of(connection, who, entry_id)
        return _link_page(connection, who, seen, Answer(None, [], {}))


@journal.post("/journal/<uuid:entry_id>/link")
def link_change(entry_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(LinkForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen = entry_of(connection, who, entry_id)
        try:
            if answer.form is None:
                raise NotThere("practice_change")
            kind, permission = practicechanges.KIND, "practice_change.change"
            change: ChangeSeen = load(connection, who, kind, answer.form.change_id, permission)
        except (NotThere, NotAllowed):
            return _link_page(connection, who, seen, answer.refused("change_id")), 422
        actions.link_change(session, who, seen.id, change.reference)
    return redirect(url_for("journal.entry", entry_id=entry_id), 303)


def grown(connection: Connection, who: Actor, seen: Entry) -> list[tuple[str, Thing]]:
    """What came of a page, each with what such a thing is called: what it is linked to, and changes begun from it."""
    ends = [one.other for one in evidence.links_of(connection, seen.reference)]
    ends += [one.reference for one in practicechanges.of_origin(connection, who, seen.reference)]
    kinds = things.kinds()
    shown = things.shown_open(connection, who, house().seal, [one for one in ends if one.kind in kinds])
    return [(gettext(kinds[one.kind].label), shown[one]) for one in dict.fromkeys(ends) if one in shown]


def _link_page(connection: Connection, who: Actor, seen: Entry, answer: Answer[LinkForm]) -> str:
    mine = releasing.my_communities(connection, who)
    found: Sequence[tuple[str, str]] = [
        (str(change.id), change.what[:200])
        for community_id in list(mine)[:LOOKED_AT]
        for change in practicechanges.changes(
            connection, who, UUID(community_id), seal=house().seal, of=who.person_id
        ).items
    ]
    place = seen.community_id or next((UUID(one) for one in mine if len(mine) == 1), None)
    return render_template(
        "journal/link.html",
        page_title=gettext("Link it to a change"),
        entry=seen,
        answer=answer,
        errors=answer.errors,
        labels={"change_id": gettext("Which change?")},
        changes=found,
        keep=url_for("practicechanges.keep_form", community_id=place) if place else None,
    )


def _page(connection: Connection, who: Actor, seen: Entry, answer: Answer[ConcernForm]) -> str:
    return render_template(
        "journal/concern.html",
        page_title=gettext("Make a concern of it"),
        entry=seen,
        html=seen.text,
        answer=answer,
        errors=answer.errors,
        labels={field: gettext(label) for field, label in LABELS.items()},
        communities=list(releasing.my_communities(connection, who).items()),
        audiences=readers.audience_options(CONCERN_FOR),
        form_key=answer.form_key,
    )
