"""The desk's pages about writing into an LMS: what would be written, with ticks, what was, and taking it back.

They name people, and show no word that anybody wrote: neither what a meeting is called nor what a message says.
"""

from typing import Any, Literal
from uuid import UUID

from flask import Response, g, redirect, render_template, request, url_for
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import ConnectorError
from lms_plc import jobs
from lms_plc.admin import seats
from lms_plc.admin.asking import trouble_of
from lms_plc.admin.pages import DONE, desk_blueprint, trail
from lms_plc.admin.sync_forms import TicksForm
from lms_plc.admin.sync_words import asked_by
from lms_plc.core.paging import key_from
from lms_plc.core.policy import NotThere
from lms_plc.core.sealing import CannotUnseal
from lms_plc.house import house
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import N_, gettext, pgettext
from lms_plc.writeback import queries
from lms_plc.writeback.job import let_push
from lms_plc.writeback.lines import NAMES, OUTCOMES, WORDS, Kind
from lms_plc.writeback.opening import WRITABLE, open_writable
from lms_plc.writeback.plan import make_plan, plan_withdrawal, tick
from lms_plc.writeback.problems import AnotherPushRuns, CannotWrite, PlanIsHeld, PlanIsOld
from lms_plc.writeback.queries import LINES_A_PAGE, PlanSeen, SiteWriting
from lms_plc.writeback.report import STATES

writing = desk_blueprint("writing")

REFRESH = 5
"""Seconds after which the page of a plan under way asks again, unless it was told not to (``?still=1``)."""

PLANS = 20
"""Plans of the history on one page."""

TONES = {"planned": "accent", "held": "warn", "applying": "accent", "done": "good", "stopped": "danger"}
LINE_TONES = {"done": "good", "failed": "danger", "unsure": "warn", "trying": "accent"}
LEFT_OUT = N_("left out")

DONE["write-approved"] = N_("A worker writes what is ticked.")


class PushForm(TicksForm):
    """``looked``: the brake's sentences were read, and the removals are meant."""

    looked: Literal["yes"] | None = None


class WithdrawalForm(BaseModel):
    kind: Literal["cohorts", "groups", "calendar"]


@writing.get("/writing/<uuid:site_id>")
def site(site_id: UUID) -> AnyResponse:
    return _site_page(site_id)


@writing.post("/writing/<uuid:site_id>/plan")
def look(site_id: UUID) -> AnyResponse:
    inside = house()
    _site(site_id)
    try:
        plan_id = make_plan(inside.database, site_id, inside.clock, asked_by=_who())
    except (CannotWrite, AnotherPushRuns) as problem:
        return _site_page(site_id, 409, problem=str(problem))
    return redirect(url_for(".plan", plan_id=plan_id), 303)


@writing.post("/writing/<uuid:site_id>/withdraw")
def withdraw(site_id: UUID) -> AnyResponse:
    """Plans to take back what was made of a kind; nothing is taken back before that plan is applied."""
    inside = house()
    _site(site_id)
    answer = read_form(WithdrawalForm, request.form)
    if answer.form is None:
        return _site_page(site_id, 422, problem=gettext("Choose what is to be taken back."))
    try:
        plan_id = plan_withdrawal(inside.database, site_id, Kind(answer.form.kind), inside.clock, asked_by=_who())
    except (CannotWrite, AnotherPushRuns) as problem:
        return _site_page(site_id, 409, problem=str(problem))
    return redirect(url_for(".plan", plan_id=plan_id), 303)


@writing.get("/writing/<uuid:site_id>/check")
def check(site_id: UUID) -> str:
    """Which functions writing needs, asked of the LMS now. Nothing is written."""
    seen = _site(site_id)
    found, trouble = [], None
    try:
        with open_writable(house(), site_id) as lms:
            found = lms.probe([kind.value for kind in Kind])
    except ConnectorError as error:
        said = trouble_of(error)
        trouble = " ".join(filter(None, [said.what, said.todo]))
    except (CannotWrite, CannotUnseal) as problem:
        trouble = str(problem)
    title = gettext("What writing needs")
    return render_template(
        "admin/writing_check.html",
        page_title=title,
        breadcrumbs=_trail(seen.id, seen.name, title),
        found=[
            {
                "function": one.function,
                "why": gettext(one.why),
                "missing": one.missing,
                "todo": [gettext(text, **one.params) for text in ([one.todo] if one.todo else one.rights)],
            }
            for one in found
        ],
        trouble=trouble,
    )


@writing.get("/writing/plans/<uuid:plan_id>")
def plan(plan_id: UUID) -> AnyResponse:
    return _plan_page(plan_id)


@writing.post("/writing/plans/<uuid:plan_id>/ticks")
def keep_ticks(plan_id: UUID) -> AnyResponse:
    """Keeps the ticks of a page and goes where its button leads."""
    seen, answer = _plan(plan_id), read_form(TicksForm, _with_ticks())
    if answer.form is None:
        return _plan_page(plan_id, 422, problem=gettext("These ticks could not be read. Load the page again."))
    if not seen.waits:
        return redirect(url_for(".plan", plan_id=plan_id, done="too-late"), 303)
    tick(house().database, plan_id, shown=answer.form.shown, ticked=answer.form.wanted)
    return redirect(url_for(".plan", plan_id=plan_id, after=_after() or None, done="kept"), 303)


@writing.post("/writing/plans/<uuid:plan_id>/apply")
def apply(plan_id: UUID) -> AnyResponse:
    """Keeps the ticks of the page, and has a worker write the whole plan as it is ticked; or go on with it."""
    inside, seen, answer = house(), _plan(plan_id), read_form(PushForm, _with_ticks())
    if answer.form is None:
        return _plan_page(plan_id, 422, problem=gettext("These ticks could not be read. Load the page again."))
    if seen.waits:
        tick(inside.database, plan_id, shown=answer.form.shown, ticked=answer.form.wanted)
    by = _who()
    try:
        with inside.database.write() as session:
            looked = answer.form.looked is not None
            let_push(session, plan_id, inside.clock(), by=by, left_out=None, allow_removals=looked)
    except PlanIsHeld as held:
        unseen = {"field": "looked", "message": gettext("Please confirm that you have looked at this.")}
        return _plan_page(plan_id, 422, errors=[unseen], brake=str(held))
    except (PlanIsOld, AnotherPushRuns) as problem:
        return _plan_page(plan_id, 409, problem=str(problem))
    return redirect(url_for(".plan", plan_id=plan_id, done="write-approved"), 303)


def _site_page(site_id: UUID, status: int = 200, *, problem: str | None = None) -> AnyResponse:
    seen, before = _site(site_id), key_from(request.args, "before")
    with house().database.read() as connection:
        history = queries.plans(connection, site_id, before=before, limit=PLANS + 1)
        nobody_works = jobs.state(connection).workers == 0
    title = gettext("Writing into %(site)s", site=seen.name)
    page = render_template(
        "admin/writing_site.html",
        page_title=title,
        breadcrumbs=trail(None, title),
        site=seen,
        may_write=seen.connector in WRITABLE,
        kinds=[
            {"name": gettext(NAMES[kind]), "is_on": kind.value in seen.writes, "count": seen.things.get(kind, 0)}
            for kind in Kind
        ],
        withdrawable=[
            (kind.value, gettext(NAMES[kind]))
            for kind in Kind
            if kind is not Kind.MESSAGES and kind.value in seen.writes and seen.things.get(kind)
        ],
        history=[_told_plan(one) for one in history[:PLANS]],
        older=history[PLANS - 1].id if len(history) > PLANS else None,
        nobody_works=nobody_works,
        problem=problem,
    )
    return Response(page, status)


def _plan_page(
    plan_id: UUID,
    status: int = 200,
    *,
    problem: str | None = None,
    brake: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> AnyResponse:
    seen, after = _plan(plan_id), _after()
    only = request.args.get("only") if request.args.get("only") in OUTCOMES else None
    with house().database.read() as connection:
        lines = queries.lines(connection, plan_id, after=after, limit=LINES_A_PAGE + 1, only=only)
        nobody_works = seen.state == "applying" and jobs.state(connection).workers == 0
    shown = lines[:LINES_A_PAGE]
    told = _told_plan(seen)
    title = gettext("Plan of writing")
    page = render_template(
        "admin/writing_plan.html",
        page_title=title,
        breadcrumbs=_trail(seen.site_id, seen.site_name, title),
        told=told,
        plan=seen,
        lines=[_told_line(line) for line in shown],
        shown=" ".join(str(line.number) for line in shown),
        next_after=shown[-1].number if len(lines) > LINES_A_PAGE else None,
        after=after,
        only=only,
        outcomes=[(state, gettext(OUTCOMES[state]), n) for state, n in seen.counts.items() if state in OUTCOMES],
        brake=brake or (seen.message if seen.state == "held" else None),
        problem=problem,
        errors=errors or [],
        labels={},
        nobody_works=nobody_works,
        still=request.args.get("still"),
    )
    answer = Response(page, status)
    if seen.state == "applying" and request.method == "GET" and request.args.get("still") is None:
        answer.headers["Refresh"] = str(REFRESH)
    return answer


def _told_plan(one: PlanSeen) -> dict[str, Any]:
    """A plan as pages show it."""
    counted = {**OUTCOMES, "left_out": LEFT_OUT}
    return {
        "plan": one,
        "what": gettext("Take back") if one.purpose == "withdraw" else pgettext("plan", "Write"),
        "kinds": [gettext(NAMES[Kind(kind)]) for kind in one.kinds],
        "state": gettext(STATES[one.state]),
        "tone": TONES.get(one.state, "neutral"),
        "asked_by": asked_by(one.asked_by),
        "approved_by": asked_by(one.approved_by) if one.approved_by else None,
        "counts": [
            gettext("%(what)s: %(count)s", what=gettext(counted[state]), count=n) for state, n in one.counts.items()
        ],
    }


def _told_line(line: queries.LineSeen) -> dict[str, Any]:
    return {
        "line": line,
        "what": gettext(WORDS[line.kind, line.verb]),
        "who": line.name or line.subject,
        "why": gettext(line.reason),
        "outcome": gettext(LEFT_OUT) if line.left_out else gettext(OUTCOMES[line.state]),
        "tone": LINE_TONES.get(line.state, "neutral"),
    }


def _site(site_id: UUID) -> SiteWriting:
    """Raises NotThere."""
    with house().database.read() as connection:
        seen = queries.site_writing(connection, site_id)
    if seen is None:
        raise NotThere("site")
    return seen


def _plan(plan_id: UUID) -> PlanSeen:
    """Raises NotThere."""
    with house().database.read() as connection:
        seen = queries.plan(connection, plan_id)
    if seen is None:
        raise NotThere("plan of writing")
    return seen


def _who() -> str:
    with house().database.read() as connection:
        return seats.who_sits(connection, g.desk)


def _after() -> int:
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _with_ticks() -> dict[str, str]:
    """The form with every tick of the page, not only the first one."""
    return {**request.form.to_dict(), "ticked": " ".join(request.form.getlist("tick"))}


def _trail(site_id: UUID, site_name: str, here: str) -> list[dict[str, str]]:
    return trail((url_for(".site", site_id=site_id), gettext("Writing into %(site)s", site=site_name)), here)
