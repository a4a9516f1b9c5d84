"""What is an answer worth? Its status, how long to wait, and its JSON.

Nothing a platform writes in an error is passed on: Moodle puts the whole score into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from lti.claims import Identifier
from lti.http import Answer, AnswerTooLarge, NoAnswer
from lti.services.errors import BadAnswer, Refused, ServiceError, Unavailable

T = TypeVar("T")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


IdText = Annotated[Identifier, BeforeValidator(_as_text)]
"""An id. They are texts; some platforms send them as the numbers they are to them."""

_LONGEST_NUMBER = 9
_REFUSALS: Mapping[int, str] = {401: "unauthorized", 403: "forbidden", 404: "gone", 410: "gone"}


def no_answer(error: OSError, host: str) -> ServiceError:
    """What `error` of an `Http` means: come back later, or never ask so again. Only a NoAnswer's own words are
    shown; other libraries put whole addresses into theirs."""
    if isinstance(error, AnswerTooLarge):
        return BadAnswer("too_large", host=host)
    return Unavailable(
        "silent", host=host, failure=error.reason if isinstance(error, NoAnswer) else type(error).__name__
    )


def check_status(answer: Answer, host: str) -> None:
    """Let 2xx through. Raises Unavailable (5xx, 408, 429), Refused (other 4xx) or BadAnswer."""
    refuse_detours(answer, host)
    if 400 <= answer.status < 500:
        code = _REFUSALS.get(answer.status, "refused")
        raise Refused(code, status=answer.status, reason=phrase(answer.status), host=host)


def refuse_detours(answer: Answer, host: str) -> None:
    """Let 2xx and refusals through. Raises Unavailable (5xx, 408, 429) or BadAnswer (redirects, unknown ones)."""
    status = answer.status
    if status in (408, 429):
        raise Unavailable("busy", retry_after=retry_after(answer.headers), host=host, status=status)
    if 500 <= status < 600:
        raise Unavailable("broken", retry_after=retry_after(answer.headers), host=host, status=status)
    if 300 <= status < 400:
        raise BadAnswer("redirected", host=host, status=status)
    if not 200 <= status < 500:
        raise BadAnswer("odd_status", host=host, status=status)


def phrase(status: int) -> str:
    """HTTP's own words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds (RFC 9110 §10.2.3: a number or a date), or None when absent or odd.

    A date is counted from the answer's own Date, where it has one, because clocks differ.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) <= _LONGEST_NUMBER else None
    until = _moment(text)
    if until is None:
        return None
    return max(0.0, (until - (_moment(headers.get("Date", "")) or datetime.now(UTC))).total_seconds())


def read_json(answer: Answer, shape: TypeAdapter[T], host: str) -> T:
    """The JSON of `answer` in `shape`, whatever its Content-Type says (Moodle's tokens are text/html).

    Raises BadAnswer, which names the place and never the value.
    """
    try:
        return shape.validate_json(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        kind, place = first["type"], ".".join(str(part) for part in first["loc"])
    # Outside of the except block: a validation error holds the answer, and an answer holds names.
    if kind == "json_invalid":
        raise BadAnswer("not_json", host=host)
    raise BadAnswer("odd_shape", host=host, place=place or "/")


def _moment(text: str) -> datetime | None:
    try:
        moment: Any = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
