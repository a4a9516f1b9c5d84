"""A plan of what to write: made, looked through with ticks, approved, or overtaken by a newer one.

    plan_id = make_plan(database, site_id, clock, asked_by="desk")
    tick(database, plan_id, shown=…, ticked=…)
    approve(database, plan_id, clock, by="desk: Ana")

Approving writes nothing into the LMS; `apply.apply_next` does, in a worker.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.core.ids import new_id
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_
from lms_plc.writeback.lines import Kind, Verb
from lms_plc.writeback.looking import Seen, look, look_back, objections
from lms_plc.writeback.models import WriteLine, WritePlan, WrittenThing
from lms_plc.writeback.opening import require_writable
from lms_plc.writeback.problems import AnotherPushRuns, CannotWrite, PlanIsHeld, PlanIsOld, PlanIsOver

PLAN_LASTS = timedelta(hours=24)
"""So long a plan may be approved; what it was made from may be otherwise afterwards."""

SILENT_AFTER = timedelta(minutes=15)
"""A plan under way without a sign of life for so long has nobody at work. Far beyond the longest call."""

_AT_ONCE = 500
"""Lines stored in one statement, and numbers in one comparison."""


def make_plan(database: Database, site_id: UUID, clock: Clock, *, asked_by: str) -> UUID:
    """Plans what would be written into the site's LMS, of the kinds that are switched on. Nothing is written.

    Raises CannotWrite, AnotherPushRuns.
    """
    return _plan(database, site_id, clock, asked_by, "push", None)


def plan_withdrawal(database: Database, site_id: UUID, kind: Kind, clock: Clock, *, asked_by: str) -> UUID:
    """Plans to take back whatever this tool made of a kind. Once that is done the kind's switch goes off.

    Raises CannotWrite, for a kind that is switched off too: then nothing of it is touched. Raises AnotherPushRuns.
    """
    if kind is Kind.MESSAGES:
        raise CannotWrite(
            N_("A message that was sent cannot be taken back. Switch messages off, and no more are sent.")
        )
    return _plan(database, site_id, clock, asked_by, "withdraw", kind)


def tick(database: Database, plan_id: UUID, *, shown: Collection[int], ticked: Collection[int]) -> None:
    """Of the lines shown, those ticked are to be written and the others are not. Changes nothing but a plan that
    waits."""
    with database.write() as session:
        plan = _locked(session, plan_id)
        if plan.state not in ("planned", "held"):
            return
        for numbers, left_out in ((set(ticked) & set(shown), False), (set(shown) - set(ticked), True)):
            for chunk in _chunks(sorted(numbers)):
                session.execute(
                    update(WriteLine)
                    .where(WriteLine.plan_id == plan_id, WriteLine.number.in_(chunk))
                    .values(left_out=left_out)
                )


def approve(
    database: Database,
    plan_id: UUID,
    clock: Clock,
    *,
    by: str,
    left_out: Collection[int] | None = None,
    allow_removals: bool = False,
) -> None:
    """As `approve_in`, in a transaction of its own."""
    with database.write() as session:
        approve_in(session, plan_id, clock(), by=by, left_out=left_out, allow_removals=allow_removals)


def approve_in(
    session: Session,
    plan_id: UUID,
    at: datetime,
    *,
    by: str,
    left_out: Collection[int] | None = None,
    allow_removals: bool = False,
) -> None:
    """Lets a plan be applied, but for the lines with these numbers, or, without any given, for those whose tick was
    taken away. A plan that stopped goes on.

    Who would join a cohort whose making is left out is left out too. Raises PlanIsOld for a plan older than a day or
    than what it was made from, PlanIsHeld unless ``allow_removals`` where the brake objects, AnotherPushRuns.
    """
    site = _hold_site(session, session.execute(select(WritePlan.site_id).where(WritePlan.id == plan_id)).scalar_one())
    plan = _locked(session, plan_id)
    _require_nobody_at_work(session, plan.site_id, at)
    if plan.state == "stopped":
        _require_young(plan, at)
        plan.state, plan.finished_at, plan.message = "applying", None, None
        plan.alive_at = at
        return
    if plan.state not in ("planned", "held"):
        raise PlanIsOld(N_("This plan is %(state)s, no plan that waits.") % {"state": plan.state})
    _require_young(plan, at)
    seen = _look(session.connection(), plan.site_id, at, plan.purpose, _kinds(plan, site))
    if seen.basis != plan.basis:
        raise PlanIsOld(N_("Something has changed since this plan was made. Look again."))
    _leave_out(session, plan_id, left_out)
    kept_out = set(
        session.execute(
            select(WriteLine.number).where(WriteLine.plan_id == plan_id, WriteLine.left_out.is_(True))
        ).scalars()
    )
    if not allow_removals and (sentences := objections(seen, kept_out)):
        raise PlanIsHeld(" ".join(sentences))
    plan.state, plan.message = "applying", None
    plan.approved_by, plan.approved_at, plan.alive_at = by, at, at
    record(
        session,
        "push.approved",
        Reference("write_plan", plan_id),
        at=at,
        actor_id=None,
        via="push",
        site_id=plan.site_id,
        facts={"purpose": plan.purpose, "lines": len(seen.lines) - len(kept_out)},
    )


def forget_texts(database: Database, clock: Clock) -> int:
    """Drops the words of plans that can no longer be applied; how many lines that were."""
    before = clock() - PLAN_LASTS
    old = select(WritePlan.id).where(
        WritePlan.state.not_in(("applying",)), func.coalesce(WritePlan.approved_at, WritePlan.made_at) < before
    )
    with database.write() as session:
        dropped = session.execute(
            update(WriteLine)
            .where(WriteLine.given.is_not(None), WriteLine.plan_id.in_(old))
            .values(given=None)
            .returning(WriteLine.number)
            .execution_options(synchronize_session=False)
        ).all()
    return len(dropped)


def hold(session: Session, plan_id: UUID, at: datetime) -> WritePlan:
    """The plan, locked until the transaction ends, with a fresh sign of life. Raises PlanIsOver."""
    plan = _locked(session, plan_id)
    if plan.state != "applying":
        raise PlanIsOver(f"write plan {plan_id} is {plan.state}")
    plan.alive_at = at
    return plan


def stop(database: Database, plan_id: UUID, why: str, clock: Clock) -> None:
    """Stops a plan under way; what is not written yet waits until somebody says go on."""
    with database.write() as session:
        plan = _locked(session, plan_id)
        if plan.state == "applying":
            close(session, plan, "stopped", clock(), why)


def close(session: Session, plan: WritePlan, state: str, at: datetime, message: str | None = None) -> None:
    """Ends a plan: counts its lines, and drops the words of them that nobody needs any more.

    A message that may be on its way is noted as unsure, for good.
    """
    if state != "stopped":
        _give_up_messages(session, plan, at)
        session.execute(
            update(WriteLine).where(WriteLine.plan_id == plan.id, WriteLine.given.is_not(None)).values(given=None)
        )
    plan.counts = count_lines(session, plan.id)
    plan.state, plan.finished_at, plan.message = state, at, message


def count_lines(session: Session | Connection, plan_id: UUID) -> dict[str, int]:
    """Lines by their state; those left out by that word."""
    rows = session.execute(
        select(WriteLine.state, WriteLine.left_out, func.count().label("n"))
        .where(WriteLine.plan_id == plan_id)
        .group_by(WriteLine.state, WriteLine.left_out)
    )
    counts: dict[str, int] = {}
    for row in rows:
        outcome = "left_out" if row.left_out else row.state
        counts[outcome] = counts.get(outcome, 0) + row.n
    return dict(sorted(counts.items()))


def _plan(database: Database, site_id: UUID, clock: Clock, asked_by: str, purpose: str, only: Kind | None) -> UUID:
    at = clock()
    with database.read() as connection:
        site = connection.execute(select(Site.name, Site.connector, Site.writes).where(Site.id == site_id)).one()
        require_writable(site.name, site.connector)
        kinds = _switched_on(site.writes) if only is None else [only]
        if not kinds:
            raise CannotWrite(
                N_("Nothing may be written into %(site)s. Switch on at the desk what this tool may write.")
                % {"site": site.name}
            )
        if only is not None and only not in _switched_on(site.writes):
            raise CannotWrite(
                N_(
                    "Writing %(kind)s is switched off for %(site)s, so nothing of that kind is touched. Switch it on, "
                    "and take everything back before anything new is applied; the switch then goes off by itself."
                )
                % {"kind": only.value, "site": site.name}
            )
        seen = _look(connection, site_id, at, purpose, kinds)
    with database.write() as session:
        _hold_site(session, site_id)
        _require_nobody_at_work(session, site_id, at)
        _overtake(session, site_id, at)
        plan_id = new_id()
        sentences = objections(seen)
        session.add(
            WritePlan(
                id=plan_id,
                site_id=site_id,
                purpose=purpose,
                kinds=[kind.value for kind in kinds],
                state="held" if sentences else "planned",
                asked_by=asked_by,
                basis=seen.basis,
                delayed=seen.delayed,
                made_at=at,
                alive_at=at,
                counts={"waiting": len(seen.lines)} if seen.lines else {},
                message=" ".join(sentences) or None,
            )
        )
        session.flush()
        _keep(session, plan_id, seen)
    return plan_id


def _look(connection: Connection, site_id: UUID, at: datetime, purpose: str, kinds: Sequence[Kind]) -> Seen:
    return (look if purpose == "push" else look_back)(connection, site_id, at, kinds)


def _kinds(plan: WritePlan, site: Site) -> list[Kind]:
    """What a plan would be about if it were made now."""
    switched_on = _switched_on(site.writes)
    return switched_on if plan.purpose == "push" else [kind for kind in map(Kind, plan.kinds) if kind in switched_on]


def _switched_on(writes: Sequence[str]) -> list[Kind]:
    return [kind for kind in Kind if kind.value in writes]


def _keep(session: Session, plan_id: UUID, seen: Seen) -> None:
    rows = [
        {
            "plan_id": plan_id,
            "number": number,
            "kind": line.kind.value,
            "verb": line.verb.value,
            "key": line.key,
            "community_id": line.community_id,
            "course": line.course,
            "subject": line.subject,
            "given": dict(line.given) if line.given is not None else None,
            "reason": line.reason,
            "state": "waiting",
        }
        for number, line in enumerate(seen.lines, 1)
    ]
    for chunk in _chunks(rows):
        session.execute(insert(WriteLine), chunk)


def _leave_out(session: Session, plan_id: UUID, numbers: Collection[int] | None) -> None:
    if numbers is not None:
        session.execute(update(WriteLine).where(WriteLine.plan_id == plan_id).values(left_out=False))
    for chunk in _chunks(sorted(numbers or ())):
        session.execute(
            update(WriteLine).where(WriteLine.plan_id == plan_id, WriteLine.number.in_(chunk)).values(left_out=True)
        )
    unmade = select(WriteLine.key).where(
        WriteLine.plan_id == plan_id, WriteLine.verb == Verb.MAKE.value, WriteLine.left_out.is_(True)
    )
    keys = list(session.execute(unmade).scalars())
    for some in _chunks(keys):
        session.execute(
            update(WriteLine).where(WriteLine.plan_id == plan_id, WriteLine.key.in_(some)).values(left_out=True)
        )


def _overtake(session: Session, site_id: UUID, at: datetime) -> None:
    """Plans that wait or stopped are no longer to be applied: a newer look says how things are now."""
    waiting = select(WritePlan).where(
        WritePlan.site_id == site_id, WritePlan.state.in_(("planned", "held", "stopped", "applying"))
    )
    for plan in session.execute(waiting.order_by(WritePlan.id)).scalars():
        close(session, plan, "overtaken", at, plan.message)


def _give_up_messages(session: Session, plan: WritePlan, at: datetime) -> None:
    trying = (
        WriteLine.plan_id == plan.id,
        WriteLine.kind == Kind.MESSAGES.value,
        WriteLine.state == "trying",
    )
    keys = list(session.execute(select(WriteLine.key).where(*trying)).scalars())
    session.execute(update(WriteLine).where(*trying).values(state="unsure", problem=MAYBE_SENT, ended_at=at))
    for chunk in _chunks(keys):
        session.execute(
            update(WrittenThing)
            .where(WrittenThing.site_id == plan.site_id, WrittenThing.key.in_(chunk))
            .values(state="unsure")
        )


MAYBE_SENT = N_(
    "Whether this message was sent is not known, and it is not sent again. Look into the LMS, or tell them yourself."
)


def _require_nobody_at_work(session: Session, site_id: UUID, at: datetime) -> None:
    at_work = select(WritePlan.alive_at).where(
        WritePlan.site_id == site_id, WritePlan.state == "applying", WritePlan.alive_at > at - SILENT_AFTER
    )
    alive_at = session.execute(at_work.limit(1)).scalar_one_or_none()
    if alive_at is not None:
        raise AnotherPushRuns(alive_at)


def _require_young(plan: WritePlan, at: datetime) -> None:
    if plan.made_at < at - PLAN_LASTS:
        raise PlanIsOld(N_("The plan is more than a day old; things may be otherwise by now. Look again."))


def _hold_site(session: Session, site_id: UUID) -> Site:
    """The site, locked: plans of one site begin one after the other. Always taken before a plan's own lock."""
    return session.execute(select(Site).where(Site.id == site_id).with_for_update(key_share=True)).scalar_one()


def _locked(session: Session, plan_id: UUID) -> WritePlan:
    return session.execute(select(WritePlan).where(WritePlan.id == plan_id).with_for_update()).scalar_one()


def _chunks(rows: Sequence[Any]) -> Sequence[Sequence[Any]]:
    return [rows[begin : begin + _AT_ONCE] for begin in range(0, len(rows), _AT_ONCE)]
