"""Pages on which somebody who teaches a course asks for the totals of its grade book, and sees how far that is."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from lms_plc.classdata import gradebook
from lms_plc.classdata.blueprint import PROJECTS, classdata
from lms_plc.classdata.gradebook import AS_ONE, BY_GROUPS, DONE, IN_LEVELS, MEAN, PROBLEMS, PullForm, PullSeen
from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, load
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext

AGAIN = ("question", "item", "shape", "rows")


@classdata.get("/communities/<uuid:community_id>/class-results/grade-book")
def pull_form(community_id: UUID) -> str:
    """What was asked for comes along from a pull that failed."""
    who = actor()
    given = {name: request.args.get(name, "")[:300] for name in AGAIN}
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "data_set.add")
        return _page(connection, who, community, Answer(None, [], given))


@classdata.post("/communities/<uuid:community_id>/class-results/grade-book")
def ask_for_grades(community_id: UUID) -> Response | tuple[str, int]:
    who, given = actor(), read_form(PullForm, request.form)
    with house().database.write() as session:
        community = load_here(session.connection(), who, community_id, "data_set.add")
        if given.form is None:
            return _page(session.connection(), who, community, given), 422
        pull_id = gradebook.ask_for_grades(session, who, community.id, given.form)
    return redirect(url_for("classdata.grade_pull", pull_id=pull_id), 303)


@classdata.get("/grade-pulls/<uuid:pull_id>")
def grade_pull(pull_id: UUID) -> str | Response:
    """Still under way, or why nothing came; else on to what came."""
    who = actor()
    with house().database.read() as connection:
        pull: PullSeen = load(connection, who, "grade_pull", pull_id, "grade_pull.see")
        community = load_here(connection, who, pull.community_id, "community.read")
    if pull.data_set_id is not None:
        return redirect(url_for("classdata.data_set", data_set_id=pull.data_set_id), 303)
    if pull.state == DONE:  # what came was taken away since
        return redirect(url_for("classdata.data_list", community_id=community.id), 303)
    again: dict[str, Any] = {name: getattr(pull, name) for name in AGAIN}
    return render_template(
        "classdata/grade_pull.html",
        page_title=gettext("From the grade book"),
        community=frame(community, PROJECTS),
        seen=community,
        pull=pull,
        why=gettext(PROBLEMS[pull.problem]) if pull.problem else None,
        again_url=url_for("classdata.pull_form", community_id=community.id, **again),
    )


def _page(connection: Connection, who: Actor, community: CommunitySeen, given: Answer[PullForm]) -> str:
    courses = gradebook.courses_taught(connection, who.person_id, community.id)
    return render_template(
        "classdata/pull_form.html",
        page_title=gettext("Totals from the grade book"),
        community=frame(community, PROJECTS),
        seen=community,
        courses=[(str(course_id), title) for course_id, title in courses],
        chosen=given.given.get("course_id") or (str(courses[0][0]) if courses else ""),
        shapes=[
            (
                IN_LEVELS,
                gettext("How many reached what"),
                gettext("In four steps: under a quarter, under half, under three quarters, above."),
            ),
            (MEAN, gettext("The average"), gettext("Of each group, in percent.")),
        ],
        shape=given.given.get("shape") or IN_LEVELS,
        ways=[
            (
                BY_GROUPS,
                gettext("By groups"),
                gettext(
                    "A row for each group of the course; who is in none is not in it. Where all groups are too small to"
                    " be shown, the whole course comes as one."
                ),
            ),
            (
                AS_ONE,
                gettext("The whole course as one"),
                gettext("Of a column you can have either the groups or the whole course: both would tell of a few."),
            ),
        ],
        way=given.given.get("rows") or BY_GROUPS,
        form_key=given.form_key,
        answer=given,
        errors=given.errors,
        labels={
            "question": gettext("What do you want to know?"),
            "course_id": gettext("Which course?"),
            "item": gettext("Which column of the grade book?"),
            "shape": gettext("As what?"),
            "rows": gettext("By groups, or as one?"),
        },
    )
