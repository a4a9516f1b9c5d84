"""Totals from an LMS's grade book: who may ask for them, and what they become. Pure of the LMS: ``job`` calls it.

A grade is added up where it is read (``connectors.outcomes``); what comes here are totals of groups already, and they
go through the same hiding as a table somebody pastes before anything of them is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from pydantic import BeforeValidator, Field
from sqlalchemy import Connection, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from connectors.outcomes import LEVELS, Outcome, OutcomeSource
from connectors.roster import Group
from connectors.source import RosterSource
from lms_plc import jobs
from lms_plc.classdata import tables
from lms_plc.classdata.actions import add_data_set
from lms_plc.classdata.hiding import THRESHOLD, cover, folded
from lms_plc.classdata.models import DataCell, DataSet, GradePull
from lms_plc.communities.models import Community, PlacedLink, Placement
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once
from lms_plc.core.policy import Actor, Loaded, NotThere, Role, loads
from lms_plc.jobs import Queue
from lms_plc.people.models import Person
from lms_plc.sites.models import Course, Enrolment
from lms_plc.sites.queries import teaches
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import N_

PULLING = "pull-grades"
QUEUE = Queue("grades", at_once=1)
ONE_PER = ("grade_pull_id",)

jobs.announce(PULLING, queue=QUEUE, one_per=ONE_PER)

WAITING, DONE, FAILED = "waiting", "done", "failed"
MEAN, IN_LEVELS = "mean", "levels"
BY_GROUPS, AS_ONE = "groups", "course"
MOST_COURSES = 20
COMPARED = 2_000
"""Groups of earlier tables of a column, the latest first."""
LARGE = 10
"""Groups of fewer are taken last: they will be hidden."""

NOT_TEACHING, NO_TOTALS, NOT_CONNECTED = "not_teaching", "no_totals", "not_connected"
NO_ITEM, NO_GRADES, GROUPS, A_FEW_MORE = "no_item", "no_grades", "groups", "a_few_more"
SILENT, REFUSED, NOT_ALLOWED, GONE, ODD = "silent", "refused", "not_allowed", "gone", "odd"

PROBLEMS: Mapping[str, str] = {
    NOT_TEACHING: N_("You do not teach this course any more, as far as the learning platform says."),
    NO_TOTALS: N_("Grade books of this learning platform cannot be read. You can paste a table instead."),
    NOT_CONNECTED: N_(
        "The learning platform is not connected in a way that lets us read. Its administrator can connect it; until"
        " then you can paste a table."
    ),
    NO_ITEM: N_("The grade book has no column with this title."),
    NO_GRADES: N_("There are no grades in it yet."),
    GROUPS: N_(
        "The groups of the course cannot be told apart by their names, or are named like people. Call them like your"
        " classes in the learning platform, take the whole course as one, or paste a table."
    ),
    A_FEW_MORE: N_(
        "Since these totals were fetched before, only a few pupils have been added, or the groups have changed. Both"
        " tables side by side would say what those few have. Please wait until more pupils have been graded. What was"
        " taken by groups cannot be taken as one course, and the other way round."
    ),
    SILENT: N_("The learning platform did not answer. Please try again later."),
    REFUSED: N_("The learning platform does not let us in. Its administrator can renew the connection."),
    NOT_ALLOWED: N_(
        "The learning platform does not let us read grades of this course. Its administrator can allow it; until then"
        " you can paste a table."
    ),
    GONE: N_("The course is not in the learning platform any more."),
    ODD: N_("The learning platform gave an answer that could not be understood. You can paste a table instead."),
}
"""Why a pull failed → what the page says (message ids)."""


class CannotPull(Exception):
    """Nothing came of it; ``problem`` is one of `PROBLEMS`, with the titles there are where a title was wrong."""

    def __init__(self, problem: str, titles: Iterable[str] = ()) -> None:
        super().__init__(problem)
        self.problem = _with_titles(problem, titles)


def _with_titles(problem: str, titles: Iterable[str]) -> str:
    said = problem
    for title in titles:
        if len(said) + 1 + len(title) > 200:
            break
        said += f"\n{title}"
    return said


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


class PullForm(TypedForm):
    course_id: UUID
    question: str = Field(min_length=1, max_length=300)
    item: Annotated[str, BeforeValidator(_one_line)] = Field(default="", max_length=200)
    shape: str = Field(default=IN_LEVELS, pattern=f"^({MEAN}|{IN_LEVELS})$")
    rows: str = Field(default=BY_GROUPS, pattern=f"^({BY_GROUPS}|{AS_ONE})$")
    form_key: str = Field(min_length=16, max_length=64)


@dataclass(frozen=True, slots=True)
class PullSeen:
    """A pull, for who asked for it. ``problem`` is one of `PROBLEMS`; ``titles`` are the columns there are, where the
    one that was asked for is not."""

    id: UUID
    community_id: UUID
    site_id: UUID
    course_id: UUID
    course_title: str
    question: str
    item: str
    shape: str
    rows: str
    state: str
    asked_at: datetime
    problem: str | None
    titles: Sequence[str]
    data_set_id: UUID | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A pull as the job knows it."""

    id: UUID
    community_id: UUID
    site_id: UUID
    course_id: UUID
    lms_id: str
    course_title: str
    asked_by_id: UUID
    question: str
    item: str
    shape: str
    rows: str
    asked_at: datetime


def tells_of_a_few(connection: Connection, course_id: UUID, item_id: str, table: tables.Table) -> bool:
    """Whether one of the tables that were made of this column before, in whatever community and whatever course and
    column were called then, and this one would say by their difference what fewer than ``hiding.THRESHOLD`` pupils
    have. One statement."""
    rows = connection.execute(
        select(DataSet.id, DataSet.shape, DataCell.row, DataCell.n)
        .join(GradePull, GradePull.data_set_id == DataSet.id)
        .outerjoin(DataCell, and_(DataCell.data_set_id == DataSet.id, DataCell.column == 0))
        .where(GradePull.course_id == course_id, GradePull.item_id == item_id)
        .order_by(DataSet.id.desc(), DataCell.row)
        .limit(COMPARED)
    )
    now = dict(zip(map(folded, table.groups), table.pupils, strict=True))
    together = sum(table.pupils)
    for row in rows:
        groups = [folded(one) for one in row.shape["groups"]]
        then = row.shape["total"]
        if set(groups) != now.keys() or (then is not None and _is_few(together - then)):
            return True
        if row.n is not None and _is_few(now[groups[row.row]] - row.n):
            return True
    return False


def _is_few(difference: int) -> bool:
    return 0 < abs(difference) < THRESHOLD


def courses_taught(connection: Connection, person_id: UUID, community_id: UUID) -> list[tuple[UUID, str]]:
    """The courses that open this community and that somebody teaches now, as (id, title), by title."""
    opens = or_(
        exists().where(Placement.course_id == Course.id, Placement.community_id == community_id),
        exists().where(PlacedLink.course_id == Course.id, PlacedLink.community_id == community_id),
    )
    rows = connection.execute(
        select(Course.id, Course.title, Enrolment.launch_roles, Enrolment.from_sync)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.person_id == person_id, Enrolment.state == "active", Course.parent_id.is_(None), opens)
        .order_by(Course.title, Course.id)
        .limit(MOST_COURSES)
    )
    return [(row.id, row.title) for row in rows if teaches(row.launch_roles, row.from_sync)]


@loads("grade_pull", known_by="grade_pull.see")
def load_pull(connection: Connection, actor: Actor, pull_id: UUID) -> Loaded | None:
    """Known to who asked for it alone."""
    row = connection.execute(
        select(
            GradePull.id,
            GradePull.community_id,
            Community.site_id,
            GradePull.course_id,
            Course.title,
            GradePull.question,
            GradePull.item,
            GradePull.shape,
            GradePull.rows,
            GradePull.state,
            GradePull.asked_at,
            GradePull.problem,
            GradePull.data_set_id,
        )
        .join(Community, Community.id == GradePull.community_id)
        .join(Course, Course.id == GradePull.course_id)
        .where(GradePull.id == pull_id, GradePull.asked_by_id == actor.person_id)
    ).one_or_none()
    if row is None:
        return None
    *values, said, data_set_id = row
    problem, *titles = (said or "").split("\n")
    return Loaded(PullSeen(*(*values, problem or None, titles, data_set_id)), frozenset({Role.AUTHOR}))


def ask_for_grades(session: Session, actor: Actor, community_id: UUID, form: PullForm) -> UUID:
    """Has a worker fetch the totals of a course; the id of the pull. The same form sent twice asks once.

    Raises NotThere for a course that does not open this community or that the actor does not teach.
    """
    if form.course_id not in dict(courses_taught(session.connection(), actor.person_id, community_id)):
        raise NotThere("course")
    pull_id, is_new = once(
        session,
        GradePull,
        ("asked_by_id", "form_key"),
        community_id=community_id,
        course_id=form.course_id,
        asked_by_id=actor.person_id,
        question=form.question,
        item=form.item,
        shape=form.shape,
        rows=form.rows,
        asked_at=actor.at,
        state=WAITING,
        form_key=form.form_key,
    )
    if not is_new:
        return pull_id
    record_by(
        session,
        actor,
        "grades.asked_for",
        Reference("grade_pull", pull_id),
        site_id=actor.site_id,
        community_id=community_id,
        facts={"course_id": str(form.course_id)},
    )
    jobs.enqueue(session, PULLING, grade_pull_id=str(pull_id))
    return pull_id


def keep(session: Session, pull: Asked, table: tables.Table, total: Outcome, at: datetime) -> UUID | None:
    """Keeps what came; None where it is no longer waited for, or would tell of a few."""
    taken = update(GradePull).where(GradePull.id == pull.id, GradePull.state == WAITING)
    if session.execute(taken.values(state=DONE).returning(GradePull.id)).one_or_none() is None:
        return None  # another worker, taken for dead, was only slow
    # whoever fetches the same column meanwhile, for another community, waits here
    session.execute(select(Course.id).where(Course.id == pull.course_id).with_for_update())
    if tells_of_a_few(session.connection(), pull.course_id, total.item_id, table):
        failed = {"state": FAILED, "problem": A_FEW_MORE}
        session.execute(update(GradePull).where(GradePull.id == pull.id).values(**failed))
        return None
    name = session.execute(select(Person.display_name).where(Person.id == pull.asked_by_id)).scalar_one()
    data_set_id = add_data_set(
        session,
        Actor(pull.asked_by_id, pull.site_id, name, at),
        community_id=pull.community_id,
        site_id=pull.site_id,
        table=table,
        question=pull.question,
        source=(f"{total.item} – {pull.course_title}" if total.item else pull.course_title)[:200],
        day=at.date(),
        came="lms",
        form_key=f"pull-{pull.id}",
    )
    came = {"data_set_id": data_set_id, "item_id": total.item_id}
    session.execute(update(GradePull).where(GradePull.id == pull.id).values(**came))
    return data_set_id


def fail(session: Session, pull_id: UUID, problem: str) -> None:
    """Says why nothing came, if it is still waited for."""
    waiting = update(GradePull).where(GradePull.id == pull_id, GradePull.state == WAITING)
    session.execute(waiting.values(state=FAILED, problem=problem))


def asked(connection: Connection, pull_id: UUID) -> Asked | None:
    """A pull that still waits."""
    row: Any = connection.execute(
        select(
            GradePull.id,
            GradePull.community_id,
            Course.site_id,
            GradePull.course_id,
            Course.lms_id,
            Course.title,
            GradePull.asked_by_id,
            GradePull.question,
            GradePull.item,
            GradePull.shape,
            GradePull.rows,
            GradePull.asked_at,
        )
        .join(Course, Course.id == GradePull.course_id)
        .where(GradePull.id == pull_id, GradePull.state == WAITING)
    ).one_or_none()
    return Asked(*row) if row else None


class GradedRosters(RosterSource, OutcomeSource, Protocol):
    """An LMS that knows its groups and whose grade books can be added up."""


def add_up(source: GradedRosters, pull: Asked) -> tuple[tables.Table, Outcome]:
    """The table of a grade book, before anything is hidden, and one of its totals, which knows the column: a row for
    each group in which somebody has a grade; or one for the course, where that was asked for, where there are no
    groups, and where nothing of them could be shown. Never both. Raises CannotPull, ConnectorError."""
    groups = list(source.groups(pull.lms_id)) if pull.rows == BY_GROUPS else []
    if groups:
        try:
            table, total = _totals(source, groups, pull)
        except CannotPull as cause:
            if cause.problem != NO_GRADES:
                raise
        else:
            if len(cover(table).hidden) < len(table.groups):
                return table, total
    return _totals(source, (), pull)


def _totals(source: OutcomeSource, groups: Sequence[Group], pull: Asked) -> tuple[tables.Table, Outcome]:
    """By these groups, or of the course where there are none. Groups that share pupils with a larger one are left out:
    the difference of two such groups comes down to a few. Raises CannotPull, ConnectorError."""
    names = {group.id: group.name for group in groups}
    found: list[Outcome] = []
    titles: dict[str, None] = {}
    for one in source.outcomes(pull.lms_id, [group.id for group in groups]):
        titles.setdefault(one.item)
        if one.item.casefold() == pull.item.casefold() and one.n:
            found.append(one)
    if not any(title.casefold() == pull.item.casefold() for title in titles):
        raise CannotPull(NO_ITEM, filter(None, titles)) if titles else CannotPull(NO_GRADES)
    rows = apart(found)
    if not rows:
        raise CannotPull(NO_GRADES)
    return _table([(names.get(one.group_id or "", pull.course_title), one) for one in rows], pull.shape), rows[0]


def apart(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Groups of which no two share anybody: as many pupils as can be, in as many groups, small ones last."""
    sharing: dict[str | None, set[str | None]] = {one.group_id: set() for one in outcomes}
    for one in outcomes:
        for other in one.shares_with:
            sharing[one.group_id].add(other)
            sharing.setdefault(other, set()).add(one.group_id)
    each: dict[str | None, Outcome] = {}
    for one in outcomes:
        each.setdefault(one.group_id, one)  # of two columns with one title the first counts
    by_size = sorted(each.values(), key=lambda one: -one.n)
    orders = (by_size, sorted(by_size, key=lambda one: (one.n < LARGE, one.n)))
    choices = [_greedily(order, sharing) for order in orders]
    best = max(choices, key=lambda some: (sum(one.n for one in some), len(some)))
    return [one for one in each.values() if one in best]


def _greedily(order: Iterable[Outcome], sharing: Mapping[str | None, set[str | None]]) -> list[Outcome]:
    taken: list[Outcome] = []
    for one in order:
        if not any(other.group_id in sharing[one.group_id] for other in taken):
            taken.append(one)
    return taken


def _table(rows: Sequence[tuple[str, Outcome]], shape: str) -> tables.Table:
    """Built and looked through as one that is pasted would be. Raises CannotPull."""
    uses = [tables.Use.GROUP, tables.Use.PUPILS]
    if shape == MEAN:
        heads, uses = ["Ø %"], [*uses, tables.Use.MEAN]
    else:
        ends = [*(start - 1 for start in LEVELS[1:]), 100]
        heads = [f"{start}–{end} %" for start, end in zip(LEVELS, ends, strict=True)]
        uses = [*uses, *[tables.Use.LEVEL] * len(heads)]
    largest = sorted(rows, key=lambda row: -row[1].n)[: tables.MOST_ROWS]
    grid = [["", "n", *heads]]
    for name, one in (row for row in rows if row in largest):
        values = [f"{one.mean:.1f}"] if shape == MEAN else [str(count) for count in one.levels]
        grid.append([" ".join(name.split())[: tables.LONGEST_CELL], str(one.n), *values])
    try:
        return tables.table_of(grid, uses)
    except tables.Refused as cause:
        raise CannotPull(GROUPS) from cause
