"""How is an approved plan written into the LMS? In small batches, each of which can be begun again after a crash.

    while apply_next(database, plan_id, lms, clock): ...

What is about to be written is marked in a committed row first, then the LMS is asked, then it is noted what came of it.
Whoever finds a mark without a note looks into the LMS, by our number or mark, before writing. A message cannot be
looked for: one that was marked and not noted is never sent again, and is for a person to look at.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_
from lms_plc.writeback.doing import DO, Batch, Came, InDoubt, all_of, fail_likewise, lost
from lms_plc.writeback.lines import Kind, Verb
from lms_plc.writeback.lms import WritableLms
from lms_plc.writeback.marks import end_lines, mark_lines, open_lines, set_thing
from lms_plc.writeback.models import WriteLine, WritePlan
from lms_plc.writeback.plan import MAYBE_SENT, close, hold, stop

PEOPLE_AT_ONCE = 200
"""People put into a cohort or taken out by one call: four arguments each stay below what PHP accepts."""

MESSAGES_AT_ONCE = 10
"""Messages of one call; so many at most are in doubt when its answer is lost."""

SWITCHED_OFF = N_("Writing this kind was switched off.")


def apply_next(database: Database, plan_id: UUID, lms: WritableLms, clock: Clock) -> bool:
    """Writes one batch; False when the plan is over: done, or stopped because the LMS does not let us go on.

    Raises PlanIsOver for a plan that is not being applied.
    """
    batch = _take(database, plan_id, clock)
    if batch is None:
        return False
    try:
        came = DO[batch.verb](database, batch, lms, clock)
    except InDoubt as doubt:
        _note(database, batch, doubt.came, clock)
        stop(database, plan_id, str(doubt.error), clock)
        return False
    except (Unavailable, Refused) as error:
        stop(database, plan_id, str(error), clock)
        return False
    except NotFound as error:
        came = Came(all_of(batch, "failed", str(error)), partial(lost, batch))
    except NotAllowed as error:
        came = Came(all_of(batch, "failed", str(error)), partial(fail_likewise, batch, error))
    except ConnectorError as error:
        came = Came(all_of(batch, "failed", str(error)))
    _note(database, batch, came, clock)
    return True


def _take(database: Database, plan_id: UUID, clock: Clock) -> Batch | None:
    """The next lines to do, marked; None when there are none, and then the plan is closed."""
    with database.write() as session:
        at = clock()
        plan = hold(session, plan_id, at)
        site_writes = session.execute(select(Site.writes).where(Site.id == plan.site_id)).scalar_one()
        off = [kind for kind in plan.kinds if kind not in site_writes]
        if off:
            end_lines(session, plan_id, "skipped", SWITCHED_OFF, at, WriteLine.kind.in_(off))
        in_doubt = (WriteLine.kind == Kind.MESSAGES.value) & (WriteLine.state == "trying")
        for key in end_lines(session, plan_id, "unsure", MAYBE_SENT, at, in_doubt):
            set_thing(session, plan.site_id, key, state="unsure", at=at)
        first = session.execute(open_lines(plan_id).limit(1)).scalar_one_or_none()
        if first is None:
            _finish(session, plan, at)
            return None
        kind, verb = Kind(first.kind), Verb(first.verb)
        alike: tuple[ColumnElement[bool], ...] = (WriteLine.kind == first.kind, WriteLine.verb == first.verb)
        if verb is not Verb.SEND:
            alike = (*alike, WriteLine.key == first.key)
        most = MESSAGES_AT_ONCE if verb is Verb.SEND else PEOPLE_AT_ONCE
        lines = list(session.execute(open_lines(plan_id).where(*alike).limit(most)).scalars())
        if verb is not Verb.SEND:  # a message's mark says that it may be on its way, so it is set at the last moment
            mark_lines(session, plan_id, [line.number for line in lines])
        return Batch(plan.site_id, plan_id, kind, verb, lines)


def _note(database: Database, batch: Batch, came: Came, clock: Clock) -> None:
    """What came of a batch, its rows and its event, in one transaction."""
    with database.write() as session:
        at = clock()
        plan = session.execute(select(WritePlan).where(WritePlan.id == batch.plan_id).with_for_update()).scalar_one()
        plan.alive_at = at
        came.store(session, at)
        ended: dict[tuple[str, str | None], list[int]] = {}
        for number, outcome in came.outcomes.items():
            ended.setdefault(outcome, []).append(number)
        for (state, problem), numbers in ended.items():
            session.execute(
                update(WriteLine)
                .where(WriteLine.plan_id == batch.plan_id, WriteLine.number.in_(numbers))
                .values(state=state, problem=problem, ended_at=at, given=None)
            )
        communities = {line.community_id for line in batch.lines}
        counts = {state: sum(one[0] == state for one in came.outcomes.values()) for state, _ in ended}
        record(
            session,
            f"push.{batch.kind}",
            Reference("write_plan", batch.plan_id),
            at=at,
            actor_id=None,
            via="push",
            site_id=batch.site_id,
            community_id=communities.pop() if len(communities) == 1 else None,
            facts={"verb": batch.verb.value, **counts},
        )


def _finish(session: Session, plan: WritePlan, at: datetime) -> None:
    close(session, plan, "done", at)
    complete = not plan.counts.keys() & {"failed", "unsure", "left_out", "skipped"}
    if plan.purpose != "withdraw" or not complete:
        return
    site = session.execute(select(Site).where(Site.id == plan.site_id).with_for_update(key_share=True)).scalar_one()
    site.writes = [kind for kind in site.writes if kind not in plan.kinds]
    record(
        session,
        "site.writes_changed",
        Reference("site", site.id),
        at=at,
        actor_id=None,
        via="push",
        site_id=site.id,
        facts={"writes": site.writes},
    )
