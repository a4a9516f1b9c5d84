"""The desk's pages about persons who may be one: the pairs, and one pair side by side, to be joined or kept apart."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms_plc.admin.actions import VIA
from lms_plc.admin.pages import DONE, desk_blueprint, trail
from lms_plc.core.policy import NotThere
from lms_plc.house import house
from lms_plc.people.twins import keep_apart, moves
from lms_plc.rostersync.twins import Key, Pair, join_persons, pair_of, possible_twins
from lms_plc.web.i18n import N_, format_list, gettext

twins = desk_blueprint("twins")

DONE.update(
    {
        "joined": N_("They are one person now."),
        "kept-apart": N_("Noted: they are two persons. They are not listed again."),
    }
)

SHOWN = 5
"""Communities of a person that are named in the list; the page of a pair names more."""


@twins.get("/twins")
def pairs() -> str:
    """Persons with the same number in a register, or the same name in one community."""
    with house().database.read() as connection:
        page = possible_twins(connection, house().clock(), after=_key())
    following = "/".join(map(str, page.next_key)) if page.next_key else None
    title = _title()
    return render_template(
        "admin/twins.html",
        page_title=title,
        breadcrumbs=trail(None, title),
        pairs=page.pairs,
        why=why,
        shown=SHOWN,
        is_first="after" not in request.args,
        older_url=url_for(".pairs", after=following) if following else None,
    )


@twins.get("/twins/<uuid:person_id>/<uuid:other_id>")
def pair(person_id: UUID, other_id: UUID) -> str:
    """Both side by side, and what would become of it."""
    found = _pair(person_id, other_id)
    with house().database.read() as connection:
        moving = moves(connection, found.other.id)
    title = gettext("One person or two?")
    return render_template(
        "admin/twins_pair.html",
        page_title=title,
        breadcrumbs=trail((url_for(".pairs"), _title()), title),
        pair=found,
        moving=moving,
        why=why,
        shown=100,
        translated=gettext,
    )


@twins.post("/twins/<uuid:person_id>/<uuid:other_id>/join")
def join(person_id: UUID, other_id: UUID) -> AnyResponse:
    """Whom an LMS knew first is the one that stays."""
    found = _pair(person_id, other_id)
    with house().database.write() as session:
        join_persons(session, found.one.id, found.other.id, house().clock(), via=VIA)
    return redirect(url_for(".pairs", done="joined"), 303)


@twins.post("/twins/<uuid:person_id>/<uuid:other_id>/keep-apart")
def apart(person_id: UUID, other_id: UUID) -> AnyResponse:
    found = _pair(person_id, other_id)
    with house().database.write() as session:
        keep_apart(session, found.one.id, found.other.id, house().clock(), via=VIA)
    return redirect(url_for(".pairs", done="kept-apart"), 303)


def why(pair: Pair) -> list[str]:
    """In sentences why somebody should look at the two."""
    told = []
    if pair.numbers and pair.registers:
        registers = format_list(pair.registers)
        told.append(gettext("They have the same number in a register (%(registers)s).", registers=registers))
    elif pair.numbers:
        told.append(gettext("They have the same number in a register."))
    if pair.same_name and pair.together:
        places = format_list(pair.together[:SHOWN])
        told.append(gettext("They have the same name, and both are in: %(communities)s.", communities=places))
    return told


def _pair(person_id: UUID, other_id: UUID) -> Pair:
    """Raises NotThere."""
    with house().database.read() as connection:
        found = pair_of(connection, person_id, other_id, house().clock())
    if found is None:
        raise NotThere("person")
    return found


def _key() -> Key | None:
    """A page's key from the address; nonsense means the first page."""
    try:
        first, second = request.args.get("after", "").split("/")
        return UUID(first), UUID(second)
    except ValueError:
        return None


def _title() -> str:
    return gettext("Possible twins")
