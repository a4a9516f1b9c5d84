"""Pages of a portfolio: putting it together, asking somebody to read it, reading and answering, paper."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.communities.attached import hanging
from lms_plc.communities.next_steps import next_steps
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.exports import Left, note_export
from lms_plc.core.policy import Actor, NotAllowed, NotThere, load
from lms_plc.core.things import Thing, one_shown
from lms_plc.house import house
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.messages.queries import people_to_write_to, writable
from lms_plc.people.guards import actor
from lms_plc.portfolios import actions, facts, forms, queries, showing, stories
from lms_plc.portfolios.actions import Meanwhile, NotApprover, NotNow, NotOutside, TooMany
from lms_plc.portfolios.forms import Verdict
from lms_plc.portfolios.queries import HANDED_IN, KIND, ItemSeen, PortfolioSeen, ReviewSeen
from lms_plc.portfolios.written import WRITTEN, Words, own
from lms_plc.web.form_errors import Answer, read_form, with_lists
from lms_plc.web.i18n import N_, gettext

Page = str | Response | tuple[str, int]

__all__ = ["facts", "portfolios", "stories"]

portfolios = Blueprint("portfolios", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROJECTS = "inquiry.inquiry_list"
"""The tab these pages stand under."""

_LABELS = {
    "stage": N_("Of which stage does it tell?"),
    "shows": N_("What does it show?"),
    "does_not_show": N_("What does it not show?"),
    "foreword": N_("Foreword"),
    "people": N_("Whom do you ask?"),
    "learned": N_("What I learned"),
    "question": N_("A question"),
    "advice": N_("Advice"),
    "verdict": N_("What you say in the end"),
    "why": N_("Why?"),
}


@portfolios.post("/projects/<uuid:inquiry_id>/portfolio")
def begin(inquiry_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        inquiry: InquirySeen = load(session.connection(), who, "inquiry", inquiry_id, "inquiry.lead")
        portfolio_id = actions.begin(session, who, inquiry)  # another lead may have begun it: there is one
    return _to(portfolio_id)


@portfolios.get("/portfolios/<uuid:portfolio_id>")
def portfolio(portfolio_id: UUID) -> str:
    with house().database.read() as connection:
        return _portfolio_page(connection, actor(), portfolio_id)


@portfolios.get("/portfolios/<uuid:portfolio_id>/print")
def print_portfolio(portfolio_id: UUID) -> str:
    """On paper; of what is in it and was let out of a notebook, that it left is noted for its author, not for whom."""
    who = actor()
    with house().database.read() as connection:
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.read")
        items = queries.items(connection, seen.id, house().seal)
        stages = showing.stages_of(connection, who, seen, items)
        community = _frame(connection, who, seen)
        things = [one.reference for stage in stages for one in stage.items if one.url]
    if things:
        with house().database.write() as session:
            note_export(session, things, Left.PRINT, who.at)
    return render_template(
        "portfolios/print.html",
        page_title=seen.title_for(house().seal),
        portfolio=seen,
        foreword=seen.foreword_in(house().seal),
        stages=[stage for stage in stages if stage.items],
        **community,
    )


@portfolios.get("/portfolios/<uuid:portfolio_id>/items")
def item_choices(portfolio_id: UUID) -> str:
    """What there is of the project, to choose from."""
    who = actor()
    with house().database.read() as connection:
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        offered = showing.offered(connection, who, seen, queries.items(connection, seen.id, house().seal))
        community = _frame(connection, who, seen)
    return render_template(
        "portfolios/choices.html",
        page_title=gettext("Choose what tells the story"),
        portfolio=seen,
        offered=offered,
        **community,
    )


@portfolios.get("/portfolios/<uuid:portfolio_id>/items/<kind>/<uuid:thing_id>")
def item_form(portfolio_id: UUID, kind: str, thing_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        thing, item = _item(connection, who, seen, Reference(kind, thing_id))
        given = {"stage": request.args.get("stage", "")}
        if item is not None:
            house().seal.check(*item.sealed_words)
            given = {**_words_of(item), "based_on": item.based_on}
        return _item_page(connection, who, seen, Reference(kind, thing_id), thing, item, Answer(None, [], given))


@portfolios.post("/portfolios/<uuid:portfolio_id>/items/<kind>/<uuid:thing_id>")
def choose(portfolio_id: UUID, kind: str, thing_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.ItemForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        reference = Reference(kind, thing_id)
        thing, item = _item(connection, who, seen, reference)
        if answer.form is not None and seen.content.stage(answer.form.stage) is None:
            answer = answer.refused("stage")
        if answer.form is None:
            return _item_page(connection, who, seen, reference, thing, item, answer), 422
        try:
            anew = thing is not None and reference.kind == WRITTEN
            actions.choose(session, who, house().seal, seen, reference, answer.form, anew=anew)
        except (NotNow, TooMany) as cause:
            return _item_page(connection, who, seen, reference, thing, item, answer, _why(cause)), 409
        except Meanwhile as cause:
            item = _item(connection, who, seen, reference)[1]
            return _item_page(connection, who, seen, reference, thing, item, answer, _why(cause), theirs=item), 409
    return _to(portfolio_id, f"stage-{answer.form.stage}")


@portfolios.post("/portfolios/<uuid:portfolio_id>/items/<kind>/<uuid:thing_id>/take-out")
def take_out(portfolio_id: UUID, kind: str, thing_id: UUID) -> Page:
    return _do(portfolio_id, lambda session, who, seen: actions.take_out(session, who, seen, Reference(kind, thing_id)))


@portfolios.post("/portfolios/<uuid:portfolio_id>/items/<kind>/<uuid:thing_id>/move")
def move(portfolio_id: UUID, kind: str, thing_id: UUID) -> Page:
    by = -1 if request.form.get("way") == "up" else 1

    def moved(session: Any, who: Actor, seen: PortfolioSeen) -> None:
        items = queries.items(session.connection(), seen.id, house().seal)
        actions.move(session, who, seen, items, Reference(kind, thing_id), by)

    return _do(portfolio_id, moved)


@portfolios.get("/portfolios/<uuid:portfolio_id>/foreword")
def foreword_form(portfolio_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        house().seal.check(seen.foreword)
        words = seen.foreword_in(house().seal)
        given = {"foreword": words, "based_on": queries.written_there(words)}
        return _foreword_page(connection, who, seen, Answer(None, [], given))


@portfolios.post("/portfolios/<uuid:portfolio_id>/foreword")
def foreword(portfolio_id: UUID) -> Page:
    who, answer = actor(), read_form(forms.ForewordForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        if answer.form is None:
            return _foreword_page(connection, who, seen, answer), 422
        try:
            actions.write_foreword(session, who, house().seal, seen, answer.form)
        except NotNow as cause:
            return _foreword_page(connection, who, seen, answer, _why(cause)), 409
        except Meanwhile as cause:
            seen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
            theirs = seen.foreword_in(house().seal)
            return _foreword_page(connection, who, seen, answer, _why(cause), theirs=theirs), 409
    return _to(portfolio_id)


@portfolios.post("/portfolios/<uuid:portfolio_id>/submit")
def submit(portfolio_id: UUID) -> Page:
    def submitted(session: Any, who: Actor, seen: PortfolioSeen) -> None:
        if not queries.items(session.connection(), seen.id, house().seal):
            raise _Empty
        actions.submit(session, who, seen, queries.reviews(session.connection(), seen))

    return _do(portfolio_id, submitted)


@portfolios.post("/portfolios/<uuid:portfolio_id>/take-back")
def take_back(portfolio_id: UUID) -> Page:
    return _do(portfolio_id, actions.take_back)


@portfolios.get("/portfolios/<uuid:portfolio_id>/readers")
def readers_form(portfolio_id: UUID) -> str:
    who, words = actor(), request.args.get("name", "").strip()[:100]
    with house().database.read() as connection:
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        return _readers_page(connection, who, seen, Answer(None, [], {"name": words}))


@portfolios.post("/portfolios/<uuid:portfolio_id>/readers")
def ask_readers(portfolio_id: UUID) -> Page:
    who = actor()
    given = with_lists(request.form, "people")
    answer = read_form(forms.ReadersForm, given)
    with house().database.write() as session:
        connection = session.connection()
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.edit")
        people = [one for one, _ in writable(connection, who, answer.form.people)] if answer.form else []
        if not people:
            wrong = {"field": "people", "message": gettext("Please choose at least one.")}
            return _readers_page(connection, who, seen, Answer(None, [wrong], given)), 422
        try:
            actions.ask_readers(session, who, seen, people)
        except (NotNow, TooMany) as cause:
            return _readers_page(connection, who, seen, Answer(None, [], given), _why(cause)), 409
    return _to(portfolio_id, "readers-h")


@portfolios.post("/portfolios/<uuid:portfolio_id>/readers/<uuid:review_id>/withdraw")
def withdraw_reader(portfolio_id: UUID, review_id: UUID) -> Page:
    def withdrawn(session: Any, who: Actor, seen: PortfolioSeen) -> None:
        asked = queries.reviews(session.connection(), seen)
        review = next((one for one in asked if one.id == review_id), None)
        if review is None:
            raise NotThere(KIND)
        actions.withdraw_reader(session, who, seen, review)

    return _do(portfolio_id, withdrawn, "readers-h")


@portfolios.post("/portfolios/<uuid:portfolio_id>/review")
def review(portfolio_id: UUID) -> Page:
    """What a reader says."""
    who, answer = actor(), read_form(forms.ReviewForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.review")
        mine = _my_review(connection, who, seen)
        if answer.form and answer.form.verdict is Verdict.RETURNED and not answer.form.advice:
            answer = answer.refused("advice", gettext("Please say what would help."))
        if answer.form is None:
            return _portfolio_page(connection, who, portfolio_id, review=answer), 422
        try:
            actions.answer(session, who, seen, mine, answer.form)
        except NotOutside:
            raise NotAllowed("portfolio.review") from None
        except NotNow as cause:
            return _portfolio_page(connection, who, portfolio_id, notice=_why(cause), review=answer), 409
    return _to(portfolio_id, "review-h")


@portfolios.post("/portfolios/<uuid:portfolio_id>/review/withdraw")
def withdraw_approval(portfolio_id: UUID) -> Page:
    """An approval that was a mistake is withdrawn by who gave it, with a line why."""
    who, answer = actor(), read_form(forms.WithdrawalForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.review")
        mine = _my_review(connection, who, seen)
        if answer.form is None:
            return _portfolio_page(connection, who, portfolio_id, withdrawal=answer), 422
        try:
            actions.withdraw_approval(session, who, seen, mine, answer.form)
        except NotApprover:
            raise NotAllowed("portfolio.review") from None
        except NotNow as cause:
            return _portfolio_page(connection, who, portfolio_id, notice=_why(cause), withdrawal=answer), 409
    return _to(portfolio_id, "review-h")


class _Empty(Exception):
    """There is nothing in it yet."""


def _do(portfolio_id: UUID, what: Any, anchor: str | None = None) -> Page:
    """One press of a lead's; where it stands elsewhere meanwhile, the page says so."""
    who = actor()
    with house().database.write() as session:
        seen: PortfolioSeen = load(session.connection(), who, KIND, portfolio_id, "portfolio.edit")
        try:
            what(session, who, seen)
        except (NotNow, TooMany, _Empty) as cause:
            return _portfolio_page(session.connection(), who, portfolio_id, notice=_why(cause)), 409
    return _to(portfolio_id, anchor)


def _why(cause: Exception) -> str:
    if isinstance(cause, TooMany):
        return gettext("There are as many as there can be. Take one out first.")
    if isinstance(cause, Meanwhile):
        return gettext("Something changed meanwhile. Please look again; your words are still here.")
    if isinstance(cause, _Empty):
        return gettext("Choose at least one thing first.")
    return gettext("This cannot be done now. Below you see how it stands.")


def _item(
    connection: Connection, who: Actor, seen: PortfolioSeen, reference: Reference
) -> tuple[Thing | None, ItemSeen | None]:
    """The thing as its author sees it, and its place in the portfolio; one of the two is there."""
    item = next((one for one in queries.items(connection, seen.id, house().seal) if one.reference == reference), None)
    thing = None
    if reference.kind == WRITTEN:
        mine = own(connection, who, seen, house().seal).get(reference)
        thing = mine.thing(seen.inquiry_id) if mine else None
    elif reference.kind != KIND:
        thing = one_shown(connection, who, reference)
    if thing is None and item is None:
        raise NotThere(reference.kind)
    return thing, item


def _my_review(connection: Connection, who: Actor, seen: PortfolioSeen) -> ReviewSeen:
    found = queries.reviews(connection, seen, only=who.person_id)
    if not found:
        raise NotThere(KIND)
    return found[0]


def _frame(connection: Connection, who: Actor, seen: PortfolioSeen) -> dict[str, Any]:
    """The community's name and rooms, for who is inside; a reader from elsewhere sees the portfolio alone."""
    try:
        community = load_here(connection, who, seen.community_id, "community.read")
    except (NotThere, NotAllowed):
        return {}
    return {"community": frame(community, PROJECTS)}


def _to(portfolio_id: UUID, anchor: str | None = None) -> Response:
    return redirect(url_for("portfolios.portfolio", portfolio_id=portfolio_id, _anchor=anchor), 303)


def _labels() -> dict[str, str]:
    return {name: gettext(label) for name, label in _LABELS.items()}


def _portfolio_page(
    connection: Connection,
    who: Actor,
    portfolio_id: UUID,
    *,
    notice: str = "",
    review: Answer[forms.ReviewForm] | None = None,
    withdrawal: Answer[forms.WithdrawalForm] | None = None,
) -> str:
    seen: PortfolioSeen = load(connection, who, KIND, portfolio_id, "portfolio.read")
    items = queries.items(connection, seen.id, house().seal)
    reviews = queries.reviews(connection, seen, only=None if seen.is_mine else who.person_id)
    mine = None if seen.is_mine else reviews[0]
    return render_template(
        "portfolios/portfolio.html",
        page_title=seen.title_for(house().seal),
        portfolio=seen,
        foreword=seen.foreword_in(house().seal),
        state=(gettext(showing.STATES[seen.state][0]), showing.STATES[seen.state][1]),
        stages=showing.stages_of(connection, who, seen, items),
        count=len(items),
        lacks=showing.lacks(seen, items, reviews) if seen.is_mine else [],
        reviews=[showing.review_of(one) for one in reviews] if seen.is_mine else [],
        mine=showing.review_of(mine) if mine else None,
        may_answer=mine is not None and seen.state in HANDED_IN,
        is_handed_in=seen.state in HANDED_IN,
        review=review or Answer(None, [], _said_before(mine)),
        may_withdraw=seen.certified_by_id == who.person_id and not seen.is_mine,
        withdrawal=withdrawal or Answer(None, [], {}),
        errors=[*(review.errors if review else []), *(withdrawal.errors if withdrawal else [])],
        labels=_labels(),
        verdicts=[
            (verdict.value, gettext(name), gettext(hint))
            for verdict, (name, hint) in showing.VERDICTS.items()
            if verdict is not Verdict.CERTIFIED or (mine and mine.is_outside)
        ],
        offers=next_steps(connection, who, KIND, seen.reference, seen.community_id).offers if seen.is_mine else (),
        hanging=hanging(connection, who, seen.reference),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **_frame(connection, who, seen),
    )


def _said_before(mine: ReviewSeen | None) -> Mapping[str, str]:
    if mine is None:
        return {}
    return {"learned": mine.learned, "question": mine.question, "advice": mine.advice, "verdict": mine.verdict or ""}


def _item_page(
    connection: Connection,
    who: Actor,
    seen: PortfolioSeen,
    reference: Reference,
    thing: Thing | None,
    item: ItemSeen | None,
    answer: Answer[forms.ItemForm],
    notice: str = "",
    *,
    theirs: ItemSeen | None = None,
) -> str:
    """``theirs`` is what another lead wrote of it meanwhile."""
    return render_template(
        "portfolios/item.html",
        page_title=gettext("What it tells"),
        portfolio=seen,
        thing=thing,
        written=_written(connection, who, seen, reference),
        thing_url=url_for(thing.endpoint, **thing.values, _anchor=thing.anchor) if thing else None,
        kind=showing.kind_name(reference.kind),
        is_in=item is not None,
        action=url_for("portfolios.choose", portfolio_id=seen.id, kind=reference.kind, thing_id=reference.id),
        answer=answer,
        given=answer.given,
        based_on=theirs.based_on if theirs else answer.given.get("based_on", ""),
        theirs=_words_of(theirs) | {"stage": _stage_name(seen, theirs.stage)} if theirs else None,
        errors=answer.errors,
        labels=_labels(),
        stages=showing.stage_choices(seen),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **_frame(connection, who, seen),
    )


def _written(connection: Connection, who: Actor, seen: PortfolioSeen, reference: Reference) -> Sequence[Words]:
    """Those of one's own that readers will see."""
    mine = own(connection, who, seen, house().seal).get(reference) if reference.kind == WRITTEN else None
    return mine.words if mine else ()


def _words_of(item: ItemSeen) -> dict[str, str]:
    return {"stage": item.stage, "shows": item.shows, "does_not_show": item.does_not_show}


def _stage_name(seen: PortfolioSeen, stage: str) -> str:
    return dict(showing.stage_choices(seen)).get(stage, gettext("Without a stage"))


def _foreword_page(
    connection: Connection,
    who: Actor,
    seen: PortfolioSeen,
    answer: Answer[forms.ForewordForm],
    notice: str = "",
    *,
    theirs: str | None = None,
) -> str:
    """``theirs`` is what another lead made of it meanwhile; nothing, where they took it out."""
    return render_template(
        "portfolios/foreword.html",
        page_title=gettext("Foreword"),
        portfolio=seen,
        answer=answer,
        based_on=answer.given.get("based_on", "") if theirs is None else queries.written_there(theirs),
        theirs=theirs,
        errors=answer.errors,
        labels=_labels(),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **_frame(connection, who, seen),
    )


def _readers_page(
    connection: Connection, who: Actor, seen: PortfolioSeen, answer: Answer[forms.ReadersForm], notice: str = ""
) -> str:
    reading = {one.reader_id for one in queries.reviews(connection, seen) if one.withdrawn_at is None}
    words = answer.given.get("name", "")
    found: Sequence[tuple[UUID, str]] = people_to_write_to(connection, who, words)
    return render_template(
        "portfolios/readers.html",
        page_title=gettext("Ask somebody to read it"),
        portfolio=seen,
        words=words,
        found=[one for one in found if one[0] not in reading],
        answer=answer,
        errors=answer.errors,
        labels=_labels(),
        notice={"text": notice, "tone": "warn"} if notice else None,
        **_frame(connection, who, seen),
    )
