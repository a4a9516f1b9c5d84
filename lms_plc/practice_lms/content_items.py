"""What a tool sends back from a choice of content: is it really the tool's, and which activities does it make?

Refusals end on an HTML page, as on Moodle 4.5: the tool is never told.
"""

from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from lms_plc.practice_lms.claims import LTI
from lms_plc.practice_lms.deep_linking_settings import DL
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.tool_keys import NoKey, key_of
from lms_plc.practice_lms.tools import Tool, is_web_address, tool_for

_MOST_ITEMS = 100
_MOST_TITLE = 255
_MOST_TEXT = 10_000
_POINTS = 100


class RefusedContent(Exception):
    """Nothing is added; the words go on the page."""


class _LongRegistry(JWSRegistry):
    """A choice of many items is longer than a launch."""

    max_payload_length = 1_000_000


def _signed_claims(tool: Tool, token: str) -> dict[str, Any]:
    registry = _LongRegistry(algorithms=["RS256"])
    try:
        kid = jws.extract_compact(token.encode(), registry=registry).headers().get("kid")
    except (JoseError, ValueError, AttributeError):
        raise RefusedContent("Exception - Wrong number of segments") from None
    try:
        key = key_of(tool, str(kid))
    except NoKey:
        raise RefusedContent("Exception - No keys found at the tool's key set address") from None
    if key is None:
        raise RefusedContent('Exception - "kid" invalid, unable to lookup correct key')
    try:
        return jwt.decode(token, key, registry=registry).claims
    except (JoseError, ValueError):
        raise RefusedContent("Exception - Signature verification failed") from None


def _names(value: object, name: str) -> bool:
    return name in value if isinstance(value, list) else value == name


def read_response(
    state: State, settings: Settings, tool: Tool, token: str, data: str | None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The items of a Deep Linking response (4.5), and its ``msg`` and ``errormsg``.

    ``data`` is what the tool was given to send back. Raises RefusedContent.
    """
    claims = _signed_claims(tool, token)
    now = state.now()
    expires, nonce = claims.get("exp"), claims.get("nonce")
    if claims.get("iss") != tool.client_id:
        raise RefusedContent("Consumer key is incorrect.")
    if not isinstance(expires, int | float) or expires <= now:
        raise RefusedContent("Exception - Expired token")
    checks = (
        (_names(claims.get("aud"), settings.base_url), "The audience is not this site."),
        (claims.get(f"{LTI}message_type") == "LtiDeepLinkingResponse", "The message type is incorrect."),
        (claims.get(f"{LTI}version") == "1.3.0", "The version is incorrect."),
        (claims.get(f"{LTI}deployment_id") == tool.deployment_id, "The deployment is incorrect."),
        (data is None or claims.get(f"{DL}data") == data, "The data that was given has not come back."),
        (isinstance(claims.get(f"{DL}content_items", []), list), "The content items are no list."),
    )
    for well, words in checks:
        if not well:
            raise RefusedContent(words)
    if not isinstance(nonce, str) or not nonce or not state.pending.is_new(tool.id, nonce):
        raise RefusedContent("The nonce is missing or used.")
    items = [item for item in claims.get(f"{DL}content_items", []) if isinstance(item, dict)]
    said = {name: claims[f"{DL}{name}"] for name in ("msg", "errormsg") if isinstance(claims.get(f"{DL}{name}"), str)}
    return items[:_MOST_ITEMS], said


def _text(value: object, most: int) -> str:
    return value.strip()[:most] if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    """Custom parameters; what is no text is written as one."""
    if not isinstance(value, dict):
        return {}
    return {str(name)[:_MOST_TITLE]: str(entry)[:_MOST_TEXT] for name, entry in list(value.items())[:_MOST_ITEMS]}


def activity_fields(state: State, tool: Tool, item: Mapping[str, Any]) -> dict[str, Any]:
    """The activity an item of any type becomes: Moodle turns all of them into links. Sizes and dates are ignored."""
    url = item.get("url")
    line_item = item.get("lineItem")
    review = line_item.get("submissionReview") if isinstance(line_item, dict) else None
    review = review if isinstance(review, dict) else {}
    own_url = str(url) if is_web_address(url) else ""
    return {
        "tool_id": tool_for(own_url, tool, state.tools()) if own_url else tool.id,
        "title": _text(item.get("title"), _MOST_TITLE) or tool.name,
        "text": _text(item.get("text") or item.get("html"), _MOST_TEXT),
        "url": own_url,
        "custom": _texts(item.get("custom")),
        "review_url": str(review["url"]) if is_web_address(review.get("url")) else "",
        "review_custom": _texts(review.get("custom")),
    }


def column_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    """The column of an item: 100 points unless it says otherwise. Its own label is ignored; the title stands there."""
    line_item = item.get("lineItem")
    line_item = line_item if isinstance(line_item, dict) else {}
    maximum = line_item.get("scoreMaximum")
    fits = isinstance(maximum, int | float) and not isinstance(maximum, bool) and 0 < maximum < 1e9
    return {
        "maximum": maximum if fits else _POINTS,
        "resource_id": _text(line_item.get("resourceId"), _MOST_TITLE),
        "tag": _text(line_item.get("tag"), _MOST_TITLE),
    }
