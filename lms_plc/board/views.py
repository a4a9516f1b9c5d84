"""The issue board: what is in the way at school, who takes it on, and what became of it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.board import actions, queries
from lms_plc.board.forms import ChangeForm, ClosingForm, IssueForm
from lms_plc.board.queries import SETTLED, UNSETTLED, IssueSeen
from lms_plc.communities.agendas import agendas_of
from lms_plc.communities.home import open_room, tells_news
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.activity import Reference
from lms_plc.core.paging import key_from
from lms_plc.core.policy import Actor, allows, load
from lms_plc.core.text import shown
from lms_plc.core.things import kinds
from lms_plc.core.things import shown as shown_things
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext, ngettext

open_room(28, "board.issues", N_("Issues"))
tells_news("issue.raised", "board.issues", lambda number: ngettext("One new issue", "%(num)s new issues", number))

board = Blueprint("board", __name__, url_prefix="/s/<seat>", template_folder="templates")

CLOSED_LATELY = 5
STATES = {
    "open": (N_("open"), "accent"),
    "taken": (N_("taken on"), "warn"),
    "solved": (N_("solved"), "good"),
    "set_aside": (N_("set aside"), "neutral"),
}
COLUMNS = {
    "open": N_("Open"),
    "taken": N_("Somebody is at it"),
    "closed": N_("Solved or set aside"),
    "mine": N_("Mine"),
}
STEPS = {
    "raised": N_("%(name)s raised it"),
    "changed": N_("%(name)s changed the words"),
    "taken": N_("%(name)s took it on"),
    "let_go": N_("%(name)s let it go"),
    "solved": N_("%(name)s: solved"),
    "set_aside": N_("%(name)s: set aside"),
    "reopened": N_("%(name)s opened it again"),
}
LISTS = {"open": ("open",), "taken": ("taken",), "closed": SETTLED, "mine": (*UNSETTLED, *SETTLED)}
"""What a list of the board shows → the states of its issues."""


@board.get("/communities/<uuid:community_id>/board")
def issues(community_id: UUID) -> str:
    """Three lists under each other, or one of them page by page."""
    who, asked = actor(), request.args.get("show", "")
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        names = [asked] if asked in LISTS else ["open", "taken", "closed"]
        columns = [_column(connection, who, community, name, whole=asked in LISTS) for name in names]
    return render_template(
        "board/issues.html",
        page_title=gettext("Issues"),
        community=frame(community, "board.issues"),
        seen=community,
        show=asked if asked in LISTS else "",
        columns=columns,
        is_empty=not any(column["page"].items for column in columns),
        names={name: gettext(label) for name, label in COLUMNS.items()},
        states=_states(),
        may_raise=allows(community.roles, "issue.raise"),
    )


@board.get("/communities/<uuid:community_id>/board/new")
def new_issue(community_id: UUID) -> str:
    with house().database.read() as connection:
        community = load_here(connection, actor(), community_id, "issue.raise")
    return _issue_form(community, Answer(None, [], {}))


@board.post("/communities/<uuid:community_id>/board/new")
def raise_issue(community_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(IssueForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "issue.raise")
        if answer.form is None:
            return _issue_form(community, answer), 422
        issue_id = actions.raise_issue(session, who, community, answer.form)
    return redirect(url_for("board.issue", issue_id=issue_id), 303)


@board.get("/issues/<uuid:issue_id>")
def issue(issue_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: IssueSeen = load(connection, who, "issue", issue_id, "community.read")
        return _issue_page(connection, who, seen, Answer(None, [], {}))


@board.get("/issues/<uuid:issue_id>/edit")
def edit_form(issue_id: UUID) -> str:
    who = actor()
    with house().database.read() as connection:
        seen: IssueSeen = load(connection, who, "issue", issue_id, "issue.edit")
        community = load_here(connection, who, seen.community_id, "community.read")
    return _issue_form(community, Answer(None, [], {"title": seen.title, "body": seen.body}), seen)


@board.post("/issues/<uuid:issue_id>/edit")
def change_issue(issue_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ChangeForm, request.form)
    with house().database.write() as session:
        seen: IssueSeen = load(session.connection(), who, "issue", issue_id, "issue.edit")
        if answer.form is None:
            community = load_here(session.connection(), who, seen.community_id, "community.read")
            return _issue_form(community, answer, seen), 422
        actions.change_issue(session, who, seen, answer.form)
    return _to_issue(issue_id)


@board.post("/issues/<uuid:issue_id>/take")
def take_on(issue_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        actions.take_on(session, who, load(session.connection(), who, "issue", issue_id, "issue.work_on"))
    return _to_issue(issue_id)


@board.post("/issues/<uuid:issue_id>/let-go")
def let_go(issue_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        actions.let_go(session, who, load(session.connection(), who, "issue", issue_id, "issue.work_on"))
    return _to_issue(issue_id)


@board.post("/issues/<uuid:issue_id>/close")
def close(issue_id: UUID) -> str | Response | tuple[str, int]:
    who, answer = actor(), read_form(ClosingForm, request.form)
    with house().database.write() as session:
        seen: IssueSeen = load(session.connection(), who, "issue", issue_id, "issue.work_on")
        if answer.form is None:
            return _issue_page(session.connection(), who, seen, answer), 422
        if not actions.close(session, who, seen, answer.form):
            seen = load(session.connection(), who, "issue", issue_id, "issue.work_on")
            said = gettext("Somebody closed it meanwhile. What you wrote is below, ready to be copied.")
            return _issue_page(session.connection(), who, seen, answer, said), 409
    return _to_issue(issue_id)


@board.post("/issues/<uuid:issue_id>/reopen")
def reopen(issue_id: UUID) -> Response:
    who = actor()
    with house().database.write() as session:
        actions.reopen(session, who, load(session.connection(), who, "issue", issue_id, "issue.work_on"))
    return _to_issue(issue_id)


def _to_issue(issue_id: UUID) -> Response:
    return redirect(url_for("board.issue", issue_id=issue_id), 303)


def _column(connection: Connection, who: Actor, community: CommunitySeen, name: str, *, whole: bool) -> dict[str, Any]:
    page = queries.issues(
        connection,
        community.id,
        LISTS[name],
        of=who.person_id if name == "mine" else None,
        before=key_from(request.args, "before") if whole else None,
        size=CLOSED_LATELY if name == "closed" and not whole else queries.ISSUES_A_PAGE,
    )
    return {"name": name, "label": gettext(COLUMNS[name]), "page": page}


def _states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(name), tone) for state, (name, tone) in STATES.items()}


def _issue_form(
    community: CommunitySeen, answer: Answer[IssueForm] | Answer[ChangeForm], seen: IssueSeen | None = None
) -> str:
    return render_template(
        "board/issue_form.html",
        page_title=gettext("Change the words") if seen else gettext("Raise an issue"),
        community=frame(community, "board.issues"),
        seen=community,
        issue=seen,
        answer=answer,
        errors=answer.errors,
        form_key=answer.form_key,
    )


def _issue_page(
    connection: Connection, who: Actor, seen: IssueSeen, answer: Answer[ClosingForm], said: str | None = None
) -> str:
    community = load_here(connection, who, seen.community_id, "community.read")
    steps = queries.steps(connection, seen.id)
    here = Reference("issue", seen.id)
    agendas = agendas_of(connection, [here])
    wanted = {Reference("meeting", step.meeting_id) for step in steps if step.meeting_id}
    if agendas.get(here):
        wanted.add(agendas[here])  # type: ignore[arg-type]
    meetings = shown_things(connection, who, [one for one in wanted if one.kind in kinds()])
    by_id = {reference.id: thing for reference, thing in meetings.items()}
    meeting = agendas.get(here)
    return render_template(
        "board/issue.html",
        page_title=seen.title,
        community=frame(community, "board.issues"),
        seen=community,
        issue=seen,
        body=shown(seen.body, seen.html, seen.renderer) if seen.body else None,
        states=_states(),
        steps=[(STEPS[one.step], one, by_id.get(one.meeting_id) if one.meeting_id else None) for one in steps],
        on_agenda=by_id.get(meeting.id) if meeting else None,
        waits_for_meeting=here in agendas and meeting is None,
        mine=seen.owner_id == who.person_id,
        may_work=allows(seen.roles, "issue.work_on"),
        may_edit=allows(seen.roles, "issue.edit"),
        outcomes=[(one.value, gettext(label)) for one, label in actions.OUTCOMES.items()],
        answer=answer,
        errors=answer.errors,
        form_key=new_form_key(),
        notice={"text": said, "tone": "warn"} if said else None,
    )
