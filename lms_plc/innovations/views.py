"""Something new: what we heard of, what came of trying it, and what we make of it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.agendas import its_meeting
from lms_plc.communities.home import tells_news
from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, Role, allows, load
from lms_plc.house import house
from lms_plc.innovations import actions, queries
from lms_plc.innovations.forms import AgainForm, CardForm, NoteForm, Verdict, VerdictForm
from lms_plc.innovations.queries import DISCUSS, JUDGED, KIND, ON_THE_WAY, TEST, TRANSLATE, CardSeen
from lms_plc.people.guards import actor
from lms_plc.practicechanges import queries as practicechanges
from lms_plc.web.addresses import way_to
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext, ngettext

tells_news(
    "innovation.raised",
    "innovations.card_list",
    lambda number: ngettext("Something new to look at", "%(num)s new things to look at", number),
)

innovations = Blueprint("innovations", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROJECTS = "inquiry.inquiry_list"
"""The tab these pages stand under."""

STATES: Mapping[str, tuple[str, str]] = {
    DISCUSS: (N_("We discuss it"), N_("What is it, what does it promise, what do we doubt?")),
    TEST: (N_("We test it"), N_("Somebody tries it, small: what happened?")),
    TRANSLATE: (N_("We translate it"), N_("What would it look like in our classrooms?")),
}
NOW_WE = {TEST: N_("Now we test it"), TRANSLATE: N_("Now we translate it")}

VERDICTS: Mapping[str, tuple[str, str]] = {
    Verdict.KEEP.value: (N_("We keep it"), N_("It works here as it is")),
    Verdict.ADAPT.value: (N_("We adapt it"), N_("It works here, with changes")),
    Verdict.NOT_FOR_US.value: (N_("Not for us, because…"), N_("Just as good an answer: it saves others the way")),
}
SAID = {
    Verdict.KEEP.value: N_("We keep it"),
    Verdict.ADAPT.value: N_("We adapt it"),
    Verdict.NOT_FOR_US.value: N_("Not for us"),
}


@innovations.get("/communities/<uuid:community_id>/new-things")
def card_list(community_id: UUID) -> str:
    """What is on the way, by its state; then what was judged, page by page."""
    who, before = actor(), key_from(request.args, "before")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        going = queries.cards(connection, community.id, ON_THE_WAY, size=60).items if before is None else []
        judged = queries.cards(connection, community.id, (JUDGED,), before=before)
    return render_template(
        "innovations/cards.html",
        page_title=gettext("Something new"),
        community=frame(community, PROJECTS),
        seen=community,
        columns=[(gettext(STATES[state][0]), [one for one in going if one.state == state]) for state in ON_THE_WAY],
        going=going,
        judged=judged,
        said={verdict: gettext(words) for verdict, words in SAID.items()},
        first=before is None,
        may_raise=allows(community.roles, "innovation.raise"),
    )


@innovations.get("/communities/<uuid:community_id>/new-things/new")
def new_card(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "innovation.raise")
    return _card_form(community, Answer(None, [], {}))


@innovations.post("/communities/<uuid:community_id>/new-things/new")
def raise_card(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(CardForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "innovation.raise")
        if answer.form is None:
            return _card_form(community, answer), 422
        card_id = actions.raise_card(session, who, community, answer.form)
    return _to_card(card_id)


@innovations.get("/new-things/<uuid:innovation_id>")
def card(innovation_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: CardSeen = load(connection, who, KIND, innovation_id, "community.read")
        return _card_page(connection, who, seen, Answer(None, [], {}))


@innovations.post("/new-things/<uuid:innovation_id>/notes")
def note(innovation_id: UUID) -> str | Response | tuple[str, int]:
    """A note on where it stands; with ``move`` the card goes on with it, if it is still there."""
    who, answer = actor(), read_form(NoteForm, request.form)
    with house().database.write() as session:
        seen: CardSeen = load(session.connection(), who, KIND, innovation_id, "innovation.move")
        if answer.form is None:
            return _card_page(session.connection(), who, seen, answer), 422
        form = answer.form
        if not form.move:
            actions.add_note(session, who, seen, form.text, form.form_key)
        elif form.move != seen.following or not actions.move_on(session, who, seen, form.text, form.form_key):
            return _not_moved(session.connection(), who, innovation_id, answer)
    return _to_card(innovation_id)


@innovations.post("/new-things/<uuid:innovation_id>/verdict")
def judge(innovation_id: UUID) -> str | Response | tuple[str, int]:
    """The last of the three states asks for a verdict; that it is not for us can be seen at any time."""
    who, answer = actor(), read_form(VerdictForm, request.form)
    with house().database.write() as session:
        seen: CardSeen = load(session.connection(), who, KIND, innovation_id, "innovation.move")
        form = answer.form
        if form and not seen.is_judged and form.verdict.value not in _offered(seen):
            if queries.was_sent(session.connection(), who, form.form_key):
                return _to_card(innovation_id)
            form, answer = None, answer.refused("verdict")
        if form is None:
            return _card_page(session.connection(), who, seen, answer), 422
        if not actions.judge(session, who, seen, form.verdict, form.because, form.form_key):
            return _not_moved(session.connection(), who, innovation_id, answer)
    return _to_card(innovation_id)


@innovations.post("/new-things/<uuid:innovation_id>/again")
def look_again(innovation_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(AgainForm, request.form)
    with house().database.write() as session:
        seen: CardSeen = load(session.connection(), who, KIND, innovation_id, "innovation.move")
        if answer.form is None:
            return _card_page(session.connection(), who, seen, answer), 422
        if not actions.look_again(session, who, seen, answer.form.again, answer.form.form_key):
            return _not_moved(session.connection(), who, innovation_id, answer)
    return _to_card(innovation_id)


def _to_card(card_id: UUID) -> Response:
    return redirect(url_for("innovations.card", innovation_id=card_id), 303)


def _offered(seen: CardSeen) -> list[str]:
    return list(VERDICTS) if seen.state == TRANSLATE else [Verdict.NOT_FOR_US.value]


def _not_moved(
    connection: Connection, who: Actor, card_id: UUID, answer: Answer[Any]
) -> str | Response | tuple[str, int]:
    """The same form sent twice is done already. Otherwise somebody was faster, and the words are shown: in their field,
    where the card has it still."""
    if queries.was_sent(connection, who, answer.given["form_key"]):
        return _to_card(card_id)
    seen: CardSeen = load(connection, who, KIND, card_id, "innovation.move")
    said = gettext("Somebody moved it on meanwhile. What you wrote is below, ready to be copied.")
    without_field = ("text", "because") if seen.is_judged else ("again",)
    unsent = [answer.given[name] for name in without_field if name in answer.given]
    return _card_page(connection, who, seen, answer, said, unsent), 409


def _card_form(community: CommunitySeen, answer: Answer[CardForm]) -> str:
    return render_template(
        "innovations/card_form.html",
        page_title=gettext("Something new"),
        community=frame(community, PROJECTS),
        seen=community,
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _card_page(
    connection: Connection,
    who: Actor,
    seen: CardSeen,
    answer: Answer[Any],
    said: str | None = None,
    unsent: Sequence[str] = (),
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    notes = queries.notes(connection, seen.id)
    on_agenda, waits = its_meeting(connection, who, seen.reference)
    changes = practicechanges.of_origin(connection, who, seen.reference, seal=house().seal)
    taken_on = seen.state == TRANSLATE or seen.verdict in (Verdict.KEEP, Verdict.ADAPT)
    own = Role.AUTHOR in seen.roles
    return render_template(
        "innovations/card.html",
        page_title=seen.title,
        community=frame(community, PROJECTS),
        seen=community,
        card=seen,
        states=[
            (state, gettext(name), gettext(meant), [one for one in notes if one.state == state])
            for state, (name, meant) in STATES.items()
        ],
        afterwards=[one for one in notes if one.state == JUDGED],
        said_of={verdict: gettext(words) for verdict, words in SAID.items()},
        now_we=gettext(NOW_WE[seen.following]) if seen.following else None,
        verdicts=[(one, *(gettext(words) for words in VERDICTS[one])) for one in _offered(seen)],
        on_agenda=on_agenda,
        waits_for_meeting=waits,
        may_plan="meetings.put_on_agenda" in current_app.view_functions,
        changes=changes,
        unsent=unsent,
        steps=next_steps(connection, who, KIND, seen.reference, seen.community_id) if taken_on else None,
        report=None if own else way_to("moderation.report_form", kind=KIND, thing_id=seen.id),
        answer=answer,
        errors=answer.errors,
        form_key=new_form_key(),
        notice={"text": said, "tone": "warn"} if said else None,
    )
