"""Which answer does which error get? One table; every page says what happened, what to do, and a reference."""

from dataclasses import dataclass

import structlog
from flask import Flask, render_template, request
from werkzeug.exceptions import HTTPException

from lms_plc.core.ids import new_reference
from lms_plc.core.policy import NotAllowed, NotThere
from lms_plc.core.sealing import WordsLost
from lms_plc.core.text import LONGEST
from lms_plc.discussions.actions import AlreadyTakenBack
from lms_plc.files.views import largest_form_of, words_for_too_large
from lms_plc.people.guards import ForeignForm, NoSeat, comes_from_our_own_page
from lms_plc.web.i18n import N_, gettext

log = structlog.get_logger("lms_plc.errors")

_TEXTS = (
    *("title", "body", "charter", "text"),
    *("definition", "rhythm", "leaves_room", "photos", "languages", "first_purpose"),
)
"""Fields of forms in which people write; what stands in them is shown again where it could not be saved."""


@dataclass(frozen=True, slots=True)
class Words:
    status: int
    title: str
    text: str


ERRORS: dict[type[Exception], Words] = {
    NoSeat: Words(
        401,
        N_("Please come in through your course"),
        N_(
            "Nobody is signed in at this browser, or it was too long ago. Open the activity in your course again. If"
            " that leads back here, your browser keeps no cookies for this page; please allow them."
        ),
    ),
    ForeignForm: Words(
        403,
        N_("This form was not yours to send"),
        N_(
            "The page was made for somebody else, or it is an old one. Nothing was saved. Open the activity in your"
            " course again; what you wrote is below, ready to be copied."
        ),
    ),
    NotThere: Words(
        404,
        N_("There is nothing here"),
        N_("It was moved or taken away, or it belongs to a community you are not in."),
    ),
    NotAllowed: Words(403, N_("This is not open to you"), N_("You may see this, but not change it.")),
    WordsLost: Words(
        409,
        N_("This cannot be opened like that"),
        N_("What stood here was sealed with a key this house has no more. Nobody can open it."),
    ),
    AlreadyTakenBack: Words(
        409,
        N_("The post was taken back"),
        N_("Somebody took the post back meanwhile. What you wrote is below, ready to be copied."),
    ),
}
_HTTP = {
    404: Words(
        404,
        N_("There is nothing here"),
        N_("The address leads nowhere. Go back, or open the activity again."),
    ),
    405: Words(405, N_("This cannot be opened like that"), N_("Go back and use the buttons of the page.")),
    413: Words(413, N_("That was too much at once"), N_("Please send a shorter text.")),
}
_OTHER_HTTP = Words(400, N_("This could not be understood"), N_("Go back and try again."))
_BROKEN = Words(
    500,
    N_("Something went wrong on our side"),
    N_("It is not your fault. Try again in a minute; what you wrote is below, ready to be copied."),
)


def answer_errors(app: Flask) -> None:
    for kind, words in ERRORS.items():
        app.register_error_handler(kind, lambda error, words=words: _page(words, type(error).__name__))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int, dict[str, str]]:
        words = _HTTP.get(error.code or 400, _OTHER_HTTP)
        text = words.text
        if error.code == 413 and largest_form_of(request.endpoint) is not None:
            text = words_for_too_large()
        page, status = _page(Words(error.code or 400, words.title, text), error.name)
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return page, status, {"Allow": allowed} if allowed else {}

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        return _page(_BROKEN, type(error).__name__, error)


def _page(words: Words, kind: str, error: Exception | None = None) -> tuple[str, int]:
    reference = new_reference()
    tell = log.error if error else log.info
    tell(
        "answered with an error page",
        kind=kind,
        status=words.status,
        reference=reference,
        endpoint=request.endpoint,
        exc_info=error,
    )
    page = render_template(
        "error.html",
        page_title=gettext(words.title),
        text=gettext(words.text),
        reference=reference,
        written=_what_was_written(),
    )
    return page, words.status


def _what_was_written() -> str | None:
    """A refused form keeps its text: it is shown for copying, unless another site made the browser send it."""
    if request.method != "POST" or not comes_from_our_own_page():
        return None
    try:
        texts = [request.form[name] for name in _TEXTS if request.form.get(name)]
    except HTTPException:
        return None
    return "\n\n".join(texts)[:LONGEST] or None
