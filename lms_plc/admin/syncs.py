"""The desk's console of syncs: a site's past and next ones, a plan and its ticks, a run at work, an undo."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Response, g, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from lms_plc import jobs
from lms_plc.admin import seats, sync_actions
from lms_plc.admin import sync_words as words
from lms_plc.admin.pages import desk_blueprint, trail
from lms_plc.admin.sync_forms import LINES, ApplyForm, AskForm, CourseForm, TicksForm, with_course_checked
from lms_plc.core.database import Database
from lms_plc.core.paging import key_from
from lms_plc.core.policy import NotThere
from lms_plc.house import house
from lms_plc.rostersync import queries
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.checkpoint import AnotherSyncRuns
from lms_plc.rostersync.guard import MOST_NEW
from lms_plc.rostersync.queries import RunLine
from lms_plc.rostersync.report import as_dict
from lms_plc.rostersync.steps import Outcome, outcome
from lms_plc.rostersync.undo import UNDONE, NothingToUndo
from lms_plc.rostersync.waiting import PlanIsOld, overtaken, tick
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import N_, format_datetime, gettext, ngettext

syncs = desk_blueprint("syncs")

REFRESH = 5
"""Seconds after which a page about work under way asks again, unless it was told not to (``?still=1``)."""

RUNS = 20
"""Runs of the history on one page."""

ASKED_LATELY = timedelta(hours=1)
"""What was asked for longer ago is not waited for any more."""

_NOTHING: Answer[Any] = Answer(None, [], {})
_UNREADABLE = N_("These ticks could not be read. Load the page again.")


@dataclass(frozen=True, slots=True)
class Look:
    """Which lines of a plan somebody looks at: only of a kind or a community, and from where."""

    kind: Kind | None = None
    community: UUID | None = None
    after: int = 0
    before: int | None = None

    @staticmethod
    def asked_for() -> "Look":
        """As the address says; nonsense means everything, from the start."""
        given = request.args
        kind = given.get("kind", "")
        return Look(
            Kind(kind) if kind in set(Kind) else None,
            key_from(given, "community"),
            _number(given.get("after")) or 0,
            _number(given.get("before")),
        )

    def only(self) -> dict[str, str]:
        """The part of the address that says which lines, from the start."""
        said = {"kind": self.kind, "community": self.community}
        return {name: str(value) for name, value in said.items() if value is not None}

    def here(self) -> dict[str, str]:
        """The whole of it: this very page."""
        where = {"after": self.after or None, "before": self.before}
        return self.only() | {name: str(value) for name, value in where.items() if value is not None}


@syncs.get("/syncs/sites/<uuid:site_id>")
def site(site_id: UUID) -> AnyResponse:
    """A site's syncs. What was asked for a moment ago is waited for here, and leads to its run once there is one."""
    return _site_page(site_id, _NOTHING)


@syncs.post("/syncs/sites/<uuid:site_id>/ask")
def ask(site_id: UUID) -> AnyResponse:
    answer = read_form(AskForm, request.form)
    if answer.form is None:
        return _site_page(site_id, answer, 422)
    return _ask(site_id, answer.form.mode)


@syncs.post("/syncs/sites/<uuid:site_id>/course")
def ask_for_course(site_id: UUID) -> AnyResponse:
    answer = with_course_checked(read_form(CourseForm, request.form))
    if answer.form is None:
        return _site_page(site_id, answer, 422)
    return _ask(site_id, answer.form.mode, (answer.form.course,))


@syncs.get("/syncs/<uuid:run_id>")
def run(run_id: UUID) -> AnyResponse:
    return _run_page(run_id)


@syncs.post("/syncs/<uuid:run_id>/again")
def again(run_id: UUID) -> AnyResponse:
    """Asks for what the run was about once more: a plan is looked at anew, what failed is gone on with."""
    with house().database.read() as connection:
        seen = _seen(connection, run_id)
    courses, as_ruled = tuple(seen.options.get("courses", ())), bool(seen.options.get("as_ruled"))
    mode = "apply" if seen.mode == "apply" and seen.state == "failed" else "plan"
    return _ask(seen.site_id, mode, courses, as_ruled=as_ruled)


@syncs.get("/syncs/<uuid:run_id>/communities")
def communities(run_id: UUID) -> str:
    with house().database.read() as connection:
        seen = _seen(connection, run_id)
        page = queries.communities(connection, run_id, after=key_from(request.args, "after"))
    title = gettext("Communities of this sync")
    return render_template(
        "admin/sync_communities.html",
        page_title=title,
        breadcrumbs=_trail(seen, title),
        run=seen,
        page=page,
        counted=lambda line: words.counted(line.counts, done=seen.state == "done"),
    )


@syncs.post("/syncs/<uuid:run_id>/ticks")
def keep_ticks(run_id: UUID) -> AnyResponse:
    """Keeps the ticks of a page and goes where its button leads: to the same page, or to one beside it."""
    answer = read_form(TicksForm, _with_ticks())
    with house().database.read() as connection:
        seen = _seen(connection, run_id)
    if answer.form is None:
        return _run_page(run_id, 422, problem=gettext(_UNREADABLE))
    if not _waits(seen):
        return redirect(url_for(".run", run_id=run_id, done="too-late"), 303)
    tick(house().database, run_id, shown=answer.form.shown, ticked=answer.form.wanted)
    where: dict[str, Any] = Look.asked_for().here()
    return redirect(url_for(".run", run_id=run_id, done="kept", **where), 303)


@syncs.post("/syncs/<uuid:run_id>/apply")
def apply(run_id: UUID) -> AnyResponse:
    """Keeps the ticks of the page, and lets the whole plan be applied as it is ticked."""
    inside, answer = house(), read_form(ApplyForm, _with_ticks())
    with inside.database.read() as connection:
        seen = _seen(connection, run_id)
        by = seats.who_sits(connection, g.desk)
    if not _waits(seen):
        return redirect(url_for(".run", run_id=run_id), 303)
    if answer.form is None:
        return _run_page(run_id, 422, problem=gettext(_UNREADABLE))
    tick(inside.database, run_id, shown=answer.form.shown, ticked=answer.form.wanted)
    with inside.database.read() as connection:
        counts = queries.tally(connection, run_id)
        held = bool(queries.brake(connection, run_id))
    if wrong := _not_yet(counts, answer.form.looked, held=held):
        return _run_page(run_id, 422, errors=[wrong])
    try:
        sync_actions.apply_plan(inside.database, seen.site_id, run_id, inside.clock, by=by, allow_removals=held)
    except PlanIsOld as old:
        return _run_page(run_id, 409, problem=str(old))
    except AnotherSyncRuns as other:
        return _run_page(run_id, 409, other=other.run_id)
    return redirect(url_for(".run", run_id=run_id), 303)


@syncs.post("/syncs/<uuid:run_id>/go-on")
def go_on(run_id: UUID) -> AnyResponse:
    with house().database.write() as session:
        seen = _seen(session.connection(), run_id)
        if seen.state == "applying" and seen.finished_at is None:
            sync_actions.go_on(session, run_id)
    return redirect(url_for(".run", run_id=run_id), 303)


@syncs.get("/syncs/<uuid:run_id>/undo")
def confirm_undo(run_id: UUID) -> str:
    return _undo_page(run_id)


@syncs.post("/syncs/<uuid:run_id>/undo")
def undo(run_id: UUID) -> AnyResponse | tuple[str, int]:
    inside = house()
    with inside.database.read() as connection:
        seen = _seen(connection, run_id)
        by = seats.who_sits(connection, g.desk)
    try:
        undo_id = sync_actions.take_back(inside.database, seen.site_id, run_id, inside.clock, by=by)
    except NothingToUndo:
        raise NotThere("sync run to undo") from None
    except AnotherSyncRuns as other:
        return _undo_page(run_id, other=other.run_id), 409
    return redirect(url_for(".run", run_id=undo_id), 303)


@syncs.get("/syncs/<uuid:run_id>/plan.json")
def plan_as_json(run_id: UUID) -> Response:
    """The whole plan or report, however long, line by line as it is read."""
    database = house().database
    with database.read() as connection:
        _seen(connection, run_id)
    told = Response(_streamed(database, outcome(database, run_id)), mimetype="application/json")
    told.headers["Content-Disposition"] = f'attachment; filename="sync-{run_id}.json"'
    return told


def _streamed(database: Database, came: Outcome) -> Iterator[str]:
    """`report.as_dict` in pieces: what it says of the run, then a page of changes at a time."""
    head = json.dumps({**as_dict(came, ()), "changes": None}, ensure_ascii=False)
    yield head.removesuffix("null}") + "["
    between, after = "", 0
    while True:
        with database.read() as connection:
            page = queries.changes(connection, came.run_id, after=after)
        if not page:
            break
        yield between + ",\n".join(json.dumps(one, ensure_ascii=False) for one in as_dict(came, page)["changes"])
        between, after = ",\n", page[-1].number
    yield "]}\n"


def _ask(site_id: UUID, mode: str, courses: tuple[str, ...] = (), *, as_ruled: bool = False) -> AnyResponse:
    with house().database.write() as session:
        by = seats.who_sits(session.connection(), g.desk)
        at = house().clock()
        sync_actions.ask(session, site_id, at, by=by, mode=mode, courses=courses, as_ruled=as_ruled)
        running = queries.under_way(session.connection(), site_id)
    if running is not None and running.mode == mode and running.state != "failed":
        return redirect(url_for(".run", run_id=running.id), 303)
    return redirect(url_for(".site", site_id=site_id, done="asked"), 303)


def _site_page(site_id: UUID, answer: Answer[Any], status: int = 200) -> AnyResponse:
    inside, before = house(), key_from(request.args, "before")
    now = inside.clock()
    with inside.database.read() as connection:
        seen = queries.site_syncs(connection, site_id)
        if seen is None:
            raise NotThere("site")
        history = queries.runs(connection, site_id, before=before, limit=RUNS + 1)
        running = queries.under_way(connection, site_id)
        work = jobs.state(connection)
    asked_lately = seen.asked_at is not None and seen.asked_at > now - ASKED_LATELY
    begun = next((one for one in history if seen.asked_at and one.alive_at >= seen.asked_at), None)
    if request.args.get("done") == "asked" and begun is not None and begun.mode == seen.asked_mode:
        return redirect(url_for(".run", run_id=begun.id), 303)
    pending = asked_lately and begun is None and before is None
    waiting = pending and work.waiting + work.running > 0
    page = render_template(
        "admin/sync_site.html",
        page_title=gettext("Syncs of %(site)s", site=seen.name),
        breadcrumbs=trail(None, gettext("Syncs of %(site)s", site=seen.name)),
        site=seen,
        next=words.what_happens_next(seen, now, inside.settings.sync_every_minutes),
        history=[_told_run(one) for one in history[:RUNS]],
        older=history[RUNS - 1].id if len(history) > RUNS else None,
        running=running if running is not None and running.state != "failed" else None,
        waiting=waiting,
        waits_long=waiting and seen.asked_at is not None and now - seen.asked_at > words.SILENT,
        could_not_begin=pending and not waiting,
        nobody_works=work.workers == 0,
        answer=answer,
        errors=answer.errors,
        labels={"course": gettext("Course")},
    )
    return _refreshing(page) if waiting else Response(page, status)


def _told_run(one: RunLine) -> dict[str, Any]:
    """A run as the history shows it."""
    word, tone = words.STATES[one.state]
    return {
        "run": one,
        "what": words.what_it_is(one),
        "asked_by": words.asked_by(one.asked_by),
        "approved_by": words.asked_by(one.approved_by) if one.approved_by else None,
        "state": gettext(word),
        "tone": tone,
        "counts": words.counted(one.counts, done=one.state == "done"),
    }


def _run_page(
    run_id: UUID,
    status: int = 200,
    *,
    problem: str | None = None,
    other: UUID | None = None,
    errors: list[dict[str, str]] | None = None,
) -> AnyResponse:
    """Whichever page the state of a run asks for. ``problem`` and ``other`` (a run that is in the way) say why a form
    was refused."""
    with house().database.read() as connection:
        seen = _seen(connection, run_id)
        what = gettext("%(what)s, %(day)s", what=words.what_it_is(seen), day=format_datetime(seen.started_at, "short"))
        common = {
            "page_title": what,
            "breadcrumbs": _trail(seen, what),
            "told": _told_run(seen),
            "run": seen,
            "problem": problem,
            "other": other,
            "nobody_works": False,
        }
        if seen.finished_at is None:
            return _page_at_work(connection, seen, common)
        if _waits(seen):
            return Response(_page_of_a_plan(connection, seen, common, errors or []), status)
        return Response(_page_of_what_came(connection, seen, common), status)


def _page_at_work(connection: Connection, seen: RunLine, common: Mapping[str, Any]) -> AnyResponse:
    """A run that works, or that failed and keeps what it has read."""
    far, silent = queries.progress(connection, seen), house().clock() - seen.alive_at > words.SILENT
    works = seen.state != "failed"
    page = render_template(
        "admin/sync_progress.html",
        **{**common, "nobody_works": works and jobs.state(connection).workers == 0},
        far=far,
        phase=gettext(words.PHASES[seen.state]) if works else None,
        silent=silent and works,
        still=request.args.get("still") is not None,
    )
    return _refreshing(page) if works else Response(page)


def _page_of_a_plan(
    connection: Connection, seen: RunLine, common: Mapping[str, Any], errors: list[dict[str, str]]
) -> str:
    over = overtaken(connection, seen, house().clock())
    counts = queries.tally(connection, seen.id)
    may_be_held = counts.going or counts.ticked.get(Kind.FOUND_COMMUNITY.value, 0) > MOST_NEW
    held = queries.brake(connection, seen.id) if may_be_held and over is None else []
    return render_template(
        "admin/sync_plan.html",
        **common,
        **_lines(connection, seen, waits=over is None),
        over=gettext(words.OVERTAKEN[over]) if over else None,
        planned=words.counted(seen.counts),
        counts=counts,
        brake=held,
        looked=_looked(counts.going) if held else None,
        errors=errors,
    )


def _page_of_what_came(connection: Connection, seen: RunLine, common: Mapping[str, Any]) -> str:
    undone = queries.undone_by(connection, seen)
    return render_template(
        "admin/sync_done.html",
        **common,
        **_lines(connection, seen, waits=False),
        undone=undone,
        can_be_undone=undone is None and _let_go(connection, seen) > 0,
    )


def _lines(connection: Connection, seen: RunLine, *, waits: bool) -> dict[str, Any]:
    """A page of lines, by community in the order of the plan, with the addresses around it."""
    look = Look.asked_for()
    page = queries.change_page(
        connection,
        seen.id,
        after=look.after,
        before=look.before,
        kind=look.kind,
        community_id=look.community,
        limit=LINES,
    )
    groups: dict[Any, dict[str, Any]] = {}
    for line in page.lines:
        key = line.community_id or line.course
        name = line.community_name or page.founded.get(line.community_id or UUID(int=0))
        titles: dict[str, Any] = {
            "name": name or line.course_title or line.course,
            "community_id": line.community_id,
            "lines": [],
        }
        group = groups.setdefault(key, titles)
        told = words.tell_line(line, page.founded, waits=waits, broke_off=seen.state == "failed")
        group["lines"].append(told)
    lines = chain.from_iterable(group["lines"] for group in groups.values())
    others = {name: value for name, value in look.only().items() if name != "kind"}
    named = next((group["name"] for group in groups.values() if group["community_id"] == look.community), None)
    return {
        "groups": list(groups.values()),
        "shown": [line.number for line in lines if line.ticked is not None],
        "look": look,
        "only_community": named if look.community else None,
        "kinds": [(kind, gettext(words.KINDS[kind].line)) for kind in Kind if seen.counts.get(kind.value)],
        "here": look.here(),
        "all_kinds": others,
        "next_page": look.only() | {"after": str(page.after)} if page.after else None,
        "previous_page": look.only() | {"before": str(page.before)} if page.before else None,
    }


def _undo_page(run_id: UUID, other: UUID | None = None) -> str:
    with house().database.read() as connection:
        seen = _seen(connection, run_id)
        let_go = _let_go(connection, seen)
    if not let_go:
        raise NotThere("sync run to undo")
    return render_template(
        "admin/sync_undo.html",
        page_title=gettext("Undo this sync?"),
        breadcrumbs=_trail(seen, gettext("Undo")),
        run=seen,
        let_go=let_go,
        other=other,
    )


def _let_go(connection: Connection, seen: RunLine) -> int:
    """How many memberships an undo of this run would bring back; 0 for what is no sync that is over."""
    # one that broke off has not been counted
    may_have = seen.state == "failed" or any(seen.counts.get(kind) for kind in UNDONE)
    if seen.mode != "apply" or seen.finished_at is None or seen.state not in ("done", "failed") or not may_have:
        return 0
    return queries.let_go(connection, seen.id)


def _not_yet(counts: queries.Tally, looked: int | None, *, held: bool) -> dict[str, str] | None:
    """What is missing before this plan may be applied."""
    if counts.to_apply == 0:
        return {"field": "apply", "message": gettext("Nothing is ticked, so there is nothing to apply.")}
    if held and looked is None:
        return {"field": "looked", "message": gettext("The brake holds this plan. If it is right, tick this box too.")}
    if held and looked is not None and looked < counts.going:
        more = gettext("More members would lose their access than when you looked. Look again, and tick the box anew.")
        return {"field": "looked", "message": more}
    return None


def _looked(going: int) -> str:
    """What somebody says by ticking the box of the brake."""
    if not going:
        return gettext("I have looked: all these communities shall be founded.")
    return ngettext(
        "I have looked: %(num)s member loses their access.",
        "I have looked: %(num)s members lose their access.",
        going,
    )


def _with_ticks() -> dict[str, str]:
    """The form with every tick of the page, not only the first one."""
    return {**request.form.to_dict(), "ticked": " ".join(request.form.getlist("tick"))}


def _waits(seen: RunLine) -> bool:
    return seen.state in ("planned", "held") and seen.finished_at is not None


def _seen(connection: Connection, run_id: UUID) -> RunLine:
    """Raises NotThere."""
    seen = queries.run(connection, run_id)
    if seen is None:
        raise NotThere("sync run")
    return seen


def _refreshing(page: str) -> AnyResponse:
    """The page, asked for again in a few seconds, also where no script runs; unless its link said to stop that."""
    told = Response(page)
    if request.method == "GET" and request.args.get("still") is None:
        told.headers["Refresh"] = str(REFRESH)
    return told


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else None


def _trail(seen: RunLine, here: str) -> list[dict[str, str]]:
    between = (url_for(".site", site_id=seen.site_id), gettext("Syncs of %(site)s", site=seen.site_name))
    return trail(between, here)
