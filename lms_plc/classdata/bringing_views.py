"""Pages on which somebody brings class results: a table that is read, looked at, and kept without its small groups."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.classdata import actions, queries
from lms_plc.classdata.blueprint import PROJECTS, classdata
from lms_plc.classdata.forms import AboutForm, KeepForm
from lms_plc.classdata.hiding import THRESHOLD, Covered, cover, may_be_the_same
from lms_plc.classdata.overlaps import apart
from lms_plc.classdata.queries import Row, Shape, Shown
from lms_plc.classdata.showing import shown_table
from lms_plc.classdata.tables import (
    LARGEST_FILE,
    NOT_SAID,
    USES,
    Grid,
    Refused,
    Table,
    Use,
    guess,
    look_for_people,
    read_file,
    read_paste,
    says_how_many,
    table_of,
    without_total,
    write_grid,
)
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.files.views import largest_form, may_be_large
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext, html_language

Page = str | Response | tuple[str, int]


@classdata.get("/communities/<uuid:community_id>/class-results/new")
def add_form(community_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "data_set.add")
    return _add_page(community, Answer(None, [], {"day": who.at.date().isoformat(), "threshold": str(THRESHOLD)}))


@classdata.post("/communities/<uuid:community_id>/class-results/new")
@may_be_large(largest_form)
def look(community_id: UUID) -> Page:
    """Reads what was brought, and asks what its columns are. Nothing of it is kept. A file that is too large may come
    here, to be refused with the limit of tables and without the loss of what was typed."""
    who, answer = actor(), read_form(AboutForm, request.form)
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "data_set.add")
        grid, came, problem = _brought()
        if answer.form is None or grid is None:
            errors = [*answer.errors, *([{"field": "table", "message": problem}] if problem else [])]
            return _add_page(community, Answer(None, errors, answer.given)), 422
        before = queries.shown_alike(connection, community.id, answer.form.question, answer.form.day)
    given = {**answer.given, "table": write_grid(grid), "came": came}
    return _look_page(community, Answer(answer.form, [], given), grid, guess(grid), before)


@classdata.post("/communities/<uuid:community_id>/class-results")
def add(community_id: UUID) -> Page:
    """Keeps the table, or shows again what would be kept of it."""
    who, answer = actor(), read_form(KeepForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "data_set.add")
        grid, _, problem = _brought()
        if answer.form is None or grid is None:
            errors = [*answer.errors, *([{"field": "table", "message": problem}] if problem else [])]
            return _add_page(community, Answer(None, errors, answer.given)), 422
        form = answer.form
        actions.one_at_a_time(session, community.id)
        before = queries.shown_alike(connection, community.id, form.question, form.day)
        uses = _uses(grid)
        table, _, _ = _read_table(grid, uses)
        is_open = table is not None and bool(_doubts(table, form, before)) and not form.sure
        is_open = is_open or not (form.is_count or says_how_many(grid, uses))
        if table is None or is_open or "again" in request.form:
            asked_again = "again" in request.form and table is not None
            page = _look_page(community, answer, grid, uses, before, asked=not asked_again)
            return page if asked_again else (page, 422)
        data_set_id = actions.add_data_set(
            session,
            who,
            community_id=community.id,
            site_id=community.site_id,
            table=table,
            question=form.question,
            source=form.source,
            day=form.day,
            came=form.came,
            form_key=form.form_key,
            threshold=form.threshold,
        )
    return redirect(url_for("classdata.data_set", data_set_id=data_set_id), 303)


def _brought() -> tuple[Grid | None, str, str]:
    """The table of this form, how it came, or what is wrong with it in words."""
    file = request.files.get("file")
    try:
        if file is not None and file.filename:
            content = file.stream.read(LARGEST_FILE + 1)
            file.close()
            grid, came = read_file(content, html_language()), "file"
        else:
            grid, came = read_paste(request.form.get("table", "")), "paste"
        look_for_people(grid)
    except Refused as refused:
        return None, "", gettext(refused.words, **refused.values)
    return grid, came, ""


def _uses(grid: Grid) -> list[Use]:
    uses = []
    for place, guessed in enumerate(guess(grid)):
        said_of = request.form.get(f"use-{place}", "")
        uses.append(Use(said_of) if said_of in set(Use) else guessed)
    return uses


def _read_table(grid: Grid, uses: Sequence[Use]) -> tuple[Table | None, Sequence[str], str]:
    """The table as it would be, the groups that were left out because they add up others, or what is wrong with it in
    words. Whether its numbers count pupils is asked beside it."""
    try:
        return (*apart(table_of(grid, uses, is_count=True)), "")
    except Refused as refused:
        return None, (), gettext(refused.words, **refused.values)


def _doubts(table: Table, form: AboutForm, before: Sequence[Shown]) -> list[Shown]:
    """Other tables of that day, or for the same question, from which together with this one a few could be told."""
    return [one for one in before if may_be_the_same(table, form.threshold, one.earlier)][:3]


def _look_page(
    community: CommunitySeen,
    answer: Answer[Any],
    grid: Grid,
    uses: Sequence[Use],
    before: Sequence[Shown],
    *,
    asked: bool = False,
) -> str:
    table, left_out, problem = _read_table(grid, uses)
    form = answer.form
    doubts = _doubts(table, form, before) if table and form else []
    covered = cover(table, form.threshold, [one.earlier for one in before]) if table and form else None
    rows, total = without_total(grid)
    errors = [{"field": "use-0", "message": problem}] if problem else []
    asks_count = table is not None and not says_how_many(grid, uses)
    if asked and not errors:
        if asks_count and not answer.given.get("is_count"):
            errors.append({"field": "is_count", "message": gettext(NOT_SAID)})
        if doubts and not answer.given.get("sure"):
            errors.append({"field": "sure", "message": gettext("Please say that these are other pupils, or leave it.")})
    return render_template(
        "classdata/look.html",
        page_title=gettext("What is in this table?"),
        community=frame(community, PROJECTS),
        seen=community,
        answer=Answer(None, errors, answer.given),
        errors=errors,
        columns=[
            (place, head or str(place + 1), [row[place] for row in rows[:3] if row[place]], uses[place].value)
            for place, head in enumerate(grid[0])
        ],
        options=[(use.value, gettext(label)) for use, label in USES.items()],
        has_total=total is not None,
        left_out=left_out,
        asks_count=asks_count,
        doubts=doubts,
        result=shown_table(*_as_kept(table, covered)) if table and covered else None,
        threshold=form.threshold if form else THRESHOLD,
        form_key=answer.form_key,
    )


def _as_kept(table: Table, covered: Covered) -> tuple[Shape, list[Row]]:
    """A table as it would be, without having been stored."""
    shape = Shape(table.groups, [(one.name, one.use) for one in table.columns], covered.total, covered.hidden)
    rows = zip(table.groups, covered.pupils, covered.values, strict=True)
    return shape, [Row(group, pupils, values) for group, pupils, values in rows]


def _add_page(community: CommunitySeen, answer: Answer[Any]) -> str:
    return render_template(
        "classdata/add_form.html",
        page_title=gettext("Bring class results"),
        community=frame(community, PROJECTS),
        seen=community,
        answer=answer,
        errors=answer.errors,
        least=THRESHOLD,
    )
