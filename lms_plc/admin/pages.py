"""What the pages of the desk have in common, whichever file their views are in: headers, form token, trail."""

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from lms_plc.admin.guards import form_token_of_the_desk
from lms_plc.web.i18n import N_, gettext

DONE = {
    "approved": N_("The deployment is approved. Its launches open now."),
    "taken-back": N_("The approval is taken back. Launches of this deployment wait again."),
    "changed": N_("Saved."),
    "removed": N_("The registration is removed."),
    "withdrawn": N_("The link is withdrawn. Nobody can use it any more."),
    "registered": N_("The registration is stored."),
    "asked": N_("A worker is asked to do it."),
    "kept": N_("Your ticks are kept."),
    "too-late": N_("This plan does not wait any more, so its ticks were left as they are."),
}
"""What just happened, by a word in the address."""


def desk_blueprint(name: str) -> Blueprint:
    """Some pages of the desk. They are never shown inside another page, and their addresses go into no Referer."""
    blueprint = Blueprint(name, __name__, url_prefix="/admin", template_folder="templates")
    blueprint.after_request(_keep_out_of_frames)
    blueprint.context_processor(_at_the_desk)
    return blueprint


def trail(between: tuple[str, str] | None, here: str) -> list[dict[str, str]]:
    """From the overview, over at most one page (address, name), to this one."""
    crumbs = [{"label": gettext("Learning platforms"), "url": url_for("admin.overview")}]
    if between is not None:
        crumbs.append({"url": between[0], "label": between[1]})
    return [*crumbs, {"label": here}]


def _keep_out_of_frames(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _at_the_desk() -> dict[str, object]:
    """What a page needs; nothing before a seat is open."""
    if g.get("desk") is None:
        return {}
    done = DONE.get(request.args.get("done", ""))
    notice = {"notice": {"text": gettext(done)}} if done else {}
    return {"csrf_token": form_token_of_the_desk(), "leave_desk_url": url_for("admin.leave"), **notice}
