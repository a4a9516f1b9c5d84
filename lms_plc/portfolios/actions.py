"""What can be done with portfolios: rows and exactly one event each, in the transaction of who asks.

As long as the project is private the event names no community: nobody is told that there is one.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.sealed_words import unsealed
from lms_plc.core.activity import MAY_BE_PRIVATE, Reference, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor
from lms_plc.core.sealing import Seal
from lms_plc.inquiry.queries import InquirySeen
from lms_plc.portfolios.endings import tell_of_decision
from lms_plc.portfolios.forms import ForewordForm, ItemForm, ReviewForm, Verdict, WithdrawalForm
from lms_plc.portfolios.models import Portfolio, PortfolioItem, PortfolioLead, PortfolioReview
from lms_plc.portfolios.queries import (
    AT_WORK,
    CERTIFIED,
    COLLECTING,
    HANDED_IN,
    IN_REVIEW,
    KIND,
    MOST_ITEMS,
    MOST_READERS,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    ItemSeen,
    PortfolioSeen,
    ReviewSeen,
    of_inquiry,
    written_there,
)


class NotNow(Exception):
    """It stands elsewhere meanwhile: handed in, taken back, approved."""


class Meanwhile(Exception):
    """Somebody else who leads the project wrote it anew meanwhile."""


class TooMany(Exception):
    """As many as there can be are there already."""


class NotOutside(Exception):
    """Whoever works on a project does not approve its portfolio."""


class NotApprover(Exception):
    """An approval is withdrawn by whoever gave it, and by nobody else."""


def begin(session: Session, actor: Actor, inquiry: InquirySeen) -> UUID:
    """The portfolio of a project; there is one, whoever of its leads begins it."""
    portfolio_id = new_id()
    stored = session.execute(
        upsert(session, Portfolio)
        .values(
            id=portfolio_id,
            inquiry_id=inquiry.id,
            community_id=inquiry.community_id,
            author_id=actor.person_id,
            foreword="",
            state=COLLECTING,
            created_at=actor.at,
            changed_at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["inquiry_id"])
        .returning(Portfolio.id)
    ).one_or_none()
    if stored is None:
        there = of_inquiry(session.connection(), inquiry.id)
        assert there is not None
        return there
    facts = {"inquiry_id": str(inquiry.id)}
    community_id = None if inquiry.is_private else inquiry.community_id
    _record(session, "portfolio.begun", actor, portfolio_id, inquiry.site_id, community_id, facts)
    return portfolio_id


def choose(
    session: Session,
    actor: Actor,
    seal: Seal,
    portfolio: PortfolioSeen,
    thing: Reference,
    form: ItemForm,
    *,
    anew: bool = False,
) -> None:
    """Puts a thing in, at the end; one that is there gets these words, if it reads as ``based_on`` says. ``anew``: its
    author shows it as it stands now. Raises NotNow, Meanwhile, TooMany, WordsLost."""
    _hold(session, portfolio)
    before = select(PortfolioItem.stage, PortfolioItem.shows, PortfolioItem.does_not_show)
    written = (form.stage, form.shows, form.does_not_show)
    for stage, *sealed in session.execute(before.where(*_is(portfolio, thing))).all():
        seal.check(*sealed)
        stands = (stage, *(_opened(seal, one) for one in sealed))
        if stands != written and written_there(*stands) != form.based_on:
            raise Meanwhile
    _touch(session, actor, portfolio, AT_WORK)
    words = {
        "stage": form.stage,
        "shows": _closed(seal, form.shows),
        "does_not_show": _closed(seal, form.does_not_show),
    }
    as_of = {"at": actor.at} if anew else {}
    there = session.execute(
        update(PortfolioItem).where(*_is(portfolio, thing)).values(**words, **as_of).returning(PortfolioItem.position)
    ).one_or_none()
    if there is None:
        last, count = session.execute(
            select(func.max(PortfolioItem.position), func.count()).where(PortfolioItem.portfolio_id == portfolio.id)
        ).one()
        if count >= MOST_ITEMS:
            raise TooMany
        session.add(
            PortfolioItem(
                portfolio_id=portfolio.id,
                thing_kind=thing.kind,
                thing_id=thing.id,
                position=(last or 0) + 1,
                at=actor.at,
                **words,
            )
        )
        session.flush()
    verb = "portfolio.item_chosen" if there is None else "portfolio.item_changed"
    _record_of(session, verb, actor, portfolio, _named(thing))


def take_out(session: Session, actor: Actor, portfolio: PortfolioSeen, thing: Reference) -> None:
    """The thing itself stays where it is. Raises NotNow."""
    _touch(session, actor, portfolio, AT_WORK)
    gone = session.execute(
        delete(PortfolioItem).where(*_is(portfolio, thing)).returning(PortfolioItem.thing_id)
    ).one_or_none()
    if gone is not None:
        _record_of(session, "portfolio.item_taken_out", actor, portfolio, _named(thing))


def move(
    session: Session, actor: Actor, portfolio: PortfolioSeen, items: Sequence[ItemSeen], thing: Reference, by: int
) -> None:
    """Up (-1) or down (+1) among those of its stage; at the end of them nothing happens. Raises NotNow."""
    _touch(session, actor, portfolio, AT_WORK)
    mine = next((one for one in items if one.reference == thing), None)
    beside = [one for one in items if mine is not None and one.stage == mine.stage]
    at = beside.index(mine) + by if mine is not None else -1
    if mine is None or at not in range(len(beside)):
        return
    order = list(items)
    here, there = order.index(mine), order.index(beside[at])
    order[here], order[there] = order[there], order[here]
    for position, one in enumerate(order, 1):
        if one.position != position:
            session.execute(update(PortfolioItem).where(*_is(portfolio, one.reference)).values(position=position))
    _record_of(session, "portfolio.item_moved", actor, portfolio, _named(thing))


def write_foreword(session: Session, actor: Actor, seal: Seal, portfolio: PortfolioSeen, form: ForewordForm) -> None:
    """Raises NotNow, Meanwhile, WordsLost."""
    sealed = _hold(session, portfolio)
    seal.check(sealed)
    there = _opened(seal, sealed)
    if there != form.foreword and written_there(there) != form.based_on:
        raise Meanwhile
    _touch(session, actor, portfolio, AT_WORK, foreword=_closed(seal, form.foreword))
    _record_of(session, "portfolio.foreword_written", actor, portfolio, {})


def submit(session: Session, actor: Actor, portfolio: PortfolioSeen, readers: Sequence[ReviewSeen]) -> None:
    """It is ready; who is asked to read it hears of it. Raises NotNow."""
    asked = [str(one.reader_id) for one in readers if one.withdrawn_at is None]
    state = IN_REVIEW if asked else SUBMITTED
    _touch(session, actor, portfolio, AT_WORK, state=state, submitted_at=actor.at)
    _record_of(session, "portfolio.submitted", actor, portfolio, {"to": asked})


def take_back(session: Session, actor: Actor, portfolio: PortfolioSeen) -> None:
    """To go on with it. Raises NotNow."""
    _touch(session, actor, portfolio, HANDED_IN, state=COLLECTING)
    _record_of(session, "portfolio.taken_back", actor, portfolio, {})


def ask_readers(session: Session, actor: Actor, portfolio: PortfolioSeen, people: Sequence[UUID]) -> None:
    """They may read it from now on. Who was asked before is asked once; who was withdrawn reads again.

    Raises NotNow for a project that is still private, TooMany.
    """
    if portfolio.is_private:
        raise NotNow
    reading = set(
        session.execute(
            select(PortfolioReview.reader_id).where(
                PortfolioReview.portfolio_id == portfolio.id, PortfolioReview.withdrawn_at.is_(None)
            )
        ).scalars()
    )
    fresh = [one for one in dict.fromkeys(people) if one not in reading]
    if len(reading) + len(fresh) > MOST_READERS:
        raise TooMany
    if not fresh:
        return
    rows = [
        {
            "id": new_id(),
            "portfolio_id": portfolio.id,
            "reader_id": person_id,
            "asked_at": actor.at,
            "learned": "",
            "question": "",
            "advice": "",
        }
        for person_id in fresh
    ]
    session.execute(
        upsert(session, PortfolioReview.__table__).on_conflict_do_update(
            index_elements=["portfolio_id", "reader_id"], set_={"withdrawn_at": None, "asked_at": actor.at}
        ),
        rows,
    )
    if portfolio.state == SUBMITTED:
        _touch(session, actor, portfolio, (SUBMITTED,), state=IN_REVIEW)
    _record_of(session, "portfolio.reader_asked", actor, portfolio, {"to": [str(one) for one in fresh]})


def withdraw_reader(session: Session, actor: Actor, portfolio: PortfolioSeen, review: ReviewSeen) -> None:
    """They read it no more; what they said stays. Twice is once."""
    gone = session.execute(
        update(PortfolioReview)
        .where(PortfolioReview.id == review.id, PortfolioReview.withdrawn_at.is_(None))
        .values(withdrawn_at=actor.at)
        .returning(PortfolioReview.id)
    ).one_or_none()
    if gone is not None:
        _record_of(session, "portfolio.reader_withdrawn", actor, portfolio, {"review_id": str(review.id)})


def answer(session: Session, actor: Actor, portfolio: PortfolioSeen, review: ReviewSeen, form: ReviewForm) -> None:
    """What a reader says, in words; a later answer takes the place of their earlier one. Raises NotNow, NotOutside."""
    if form.verdict is Verdict.CERTIFIED and not review.is_outside:
        raise NotOutside
    states: Mapping[Verdict, dict[str, Any]] = {
        Verdict.READ: {"state": IN_REVIEW},
        Verdict.RETURNED: {"state": RETURNED},
        Verdict.CERTIFIED: {"state": CERTIFIED, "certified_at": actor.at, "certified_by_id": actor.person_id},
    }
    _touch(session, actor, portfolio, HANDED_IN, **states[form.verdict])
    session.execute(
        update(PortfolioReview)
        .where(PortfolioReview.id == review.id)
        .values(
            learned=form.learned,
            question=form.question,
            advice=form.advice,
            verdict=form.verdict.value,
            answered_at=actor.at,
        )
    )
    to = [str(one) for one in portfolio.lead_ids if one != actor.person_id]
    facts = {"to": to, "inquiry_id": str(portfolio.inquiry_id), "cycle": portfolio.cycle}
    _record_of(session, f"portfolio.{form.verdict.value}", actor, portfolio, facts)
    if form.verdict is Verdict.CERTIFIED:
        for person_id in portfolio.lead_ids:
            session.add(PortfolioLead(portfolio_id=portfolio.id, person_id=person_id))
        session.flush()
        tell_of_decision(session, actor, portfolio.id, portfolio.lead_ids, portfolio.community_id)


def withdraw_approval(
    session: Session, actor: Actor, portfolio: PortfolioSeen, review: ReviewSeen, form: WithdrawalForm
) -> None:
    """Given by mistake: it stands where it was handed in, its readers can answer anew, and who counted as done by it
    does no more. What they said stays, and why it is withdrawn stands below it. Raises NotNow, NotApprover."""
    if portfolio.state == CERTIFIED and portfolio.certified_by_id != actor.person_id:
        raise NotApprover
    _touch(session, actor, portfolio, (CERTIFIED,), state=IN_REVIEW, certified_at=None, certified_by_id=None)
    session.execute(
        update(PortfolioReview)
        .where(PortfolioReview.id == review.id)
        .values(advice="\n\n".join(filter(None, (review.advice, form.why))), verdict=WITHDRAWN, answered_at=actor.at)
    )
    led = delete(PortfolioLead).where(PortfolioLead.portfolio_id == portfolio.id).returning(PortfolioLead.person_id)
    leads = session.execute(led).scalars().all()
    to = [str(one) for one in portfolio.lead_ids if one != actor.person_id]
    facts = {"to": to, "inquiry_id": str(portfolio.inquiry_id), "cycle": portfolio.cycle}
    _record_of(session, "portfolio.approval_withdrawn", actor, portfolio, facts)
    tell_of_decision(session, actor, portfolio.id, leads, portfolio.community_id)


def _touch(session: Session, actor: Actor, portfolio: PortfolioSeen, states: Sequence[str], **values: Any) -> None:
    """Changes it where it still stands; whoever was faster counts."""
    changed = session.execute(
        update(Portfolio)
        .where(Portfolio.id == portfolio.id, Portfolio.state.in_(states))
        .values(changed_at=actor.at, **values)
        .returning(Portfolio.id)
    ).one_or_none()
    if changed is None:
        raise NotNow


def _hold(session: Session, portfolio: PortfolioSeen) -> str:
    """Nobody else writes in it until this is done; its foreword as it stands, sealed."""
    query = select(Portfolio.foreword).where(Portfolio.id == portfolio.id).with_for_update()
    return session.execute(query).scalar_one()


def _closed(seal: Seal, text: str) -> str:
    return seal.close(text) if text else ""


def _opened(seal: Seal, sealed: str) -> str:
    return unsealed(seal, sealed) if sealed else ""


def _is(portfolio: PortfolioSeen, thing: Reference) -> tuple[Any, ...]:
    return (
        PortfolioItem.portfolio_id == portfolio.id,
        PortfolioItem.thing_kind == thing.kind,
        PortfolioItem.thing_id == thing.id,
    )


def _named(thing: Reference) -> dict[str, str]:
    return {} if thing.kind in MAY_BE_PRIVATE else {"of_kind": thing.kind, "of_id": str(thing.id)}


def _record_of(session: Session, verb: str, actor: Actor, portfolio: PortfolioSeen, facts: Mapping[str, Any]) -> None:
    community_id = None if portfolio.is_private else portfolio.community_id
    _record(session, verb, actor, portfolio.id, portfolio.site_id, community_id, facts)


def _record(
    session: Session,
    verb: str,
    actor: Actor,
    portfolio_id: UUID,
    site_id: UUID,
    community_id: UUID | None,
    facts: Mapping[str, Any],
) -> None:
    record_by(
        session, actor, verb, Reference(KIND, portfolio_id), site_id=site_id, community_id=community_id, facts=facts
    )
