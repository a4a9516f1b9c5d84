"""A person's own page, and from there to what a tool says about their data (Data Privacy Launch; beyond Moodle)."""

from flask import Blueprint, abort, render_template

from lms_plc.practice_lms.claims import DATA_PRIVACY, NEW_WINDOW
from lms_plc.practice_lms.pages import signed_in
from lms_plc.practice_lms.platform import login_initiation
from lms_plc.practice_lms.records import OpenLaunch
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool

blueprint = Blueprint("profile", __name__, url_prefix="/as/<int:user_id>/profile")


def _tools(state: State) -> list[Tool]:
    return [tool for tool in state.tools() if tool.active and tool.privacy] if state.is_on("privacy") else []


@blueprint.get("/")
def overview(user_id: int) -> str:
    state, _ = here()
    return render_template("profile.html", person=signed_in(user_id), tools=_tools(state))


@blueprint.get("/privacy/<int:tool_id>")
def privacy(user_id: int, tool_id: int) -> str:
    """Opens the tool outside any course, about the person themselves."""
    state, settings = here()
    person = signed_in(user_id)
    tool = next((tool for tool in _tools(state) if tool.id == tool_id), None)
    if tool is None:
        abort(404, "There is no such tool.")
    launch = OpenLaunch(
        user_id=person.id,
        tool_id=tool.id,
        message=DATA_PRIVACY,
        target=tool.privacy_url or tool.launch_url,
        container=NEW_WINDOW,
        for_user=person.id,
    )
    fields = login_initiation(state, settings, tool, launch)
    return render_template("post_on.html", action=tool.login_url, fields=fields, label=f"Open {tool.name}")
