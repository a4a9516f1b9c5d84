"""The admin's list of tools: registering one by its address, saying yes to it, taking it away.

Forms need no token of their own: the session cookie is SameSite=Lax, so no other site can post them.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.practice_lms.admin_pages import admin
from lms_plc.practice_lms.page_guard import allow_frames_of
from lms_plc.practice_lms.registration import new_token
from lms_plc.practice_lms.running import here
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tools import Tool, domain_of, is_web_address, origin_of

blueprint = Blueprint("tool_pages", __name__, url_prefix="/as/<int:user_id>/admin/tools")


def registration_url(state: State, base_url: str, url: str, tool: Tool | None) -> str:
    """The tool's registration page with where we are described and the token; a query it has is kept."""
    parts = urlsplit(url)
    added = [
        ("openid_configuration", f"{base_url}/mod/lti/openid-configuration.php"),
        ("registration_token", new_token(state, tool)),
    ]
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _list(user_id: int, url: str = "", mistake: str = "") -> str:
    state, _ = here()
    person = admin(user_id)
    return render_template("tools.html", person=person, tools=state.tools(), state=state, url=url, mistake=mistake)


@blueprint.get("/")
def overview(user_id: int) -> str:
    return _list(user_id)


@blueprint.get("/register")
def register(user_id: int) -> tuple[str, int] | str:
    """The tool's own page in a frame. When the site knows tools of that domain it asks first, as Moodle does."""
    state, _ = here()
    person = admin(user_id)
    url = request.args.get("url", "").strip()
    if not is_web_address(url):
        mistake = "That is no web address. It begins with https:// or http://."
        return _list(user_id, url, mistake), 400
    known = [tool for tool in state.tools() if tool.domain == domain_of(url)]
    if known and "tool" not in request.args:
        return render_template("tool_known.html", person=person, url=url, known=known, state=state)
    allow_frames_of(origin_of(url))
    number = request.args.get("tool", 0, type=int)
    start = url_for(".start", user_id=user_id, url=url, tool=number)
    return render_template("tool_register.html", person=person, start=start, url=url)


@blueprint.get("/start")
def start(user_id: int) -> Response:
    """Leads on to the tool with a fresh token; ``tool`` is the number of one that registers again, or 0."""
    state, settings = here()
    admin(user_id)
    url = request.args.get("url", "")
    number = request.args.get("tool", 0, type=int)
    if not is_web_address(url) or (number and number not in state.registered):
        abort(404, "There is no such tool.")
    return redirect(registration_url(state, settings.base_url, url, state.registered.get(number)), 302)


@blueprint.post("/<int:tool_id>/<any(activate, delete):verb>")
def change(user_id: int, tool_id: int, verb: str) -> Response:
    state, _ = here()
    admin(user_id)
    try:
        (state.activate_tool if verb == "activate" else state.delete_tool)(tool_id)
    except KeyError:
        abort(404, "There is no such tool, or it came with the site.")
    return redirect(url_for(".overview", user_id=user_id), 303)
