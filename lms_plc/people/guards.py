"""Who gets past the door of a page? Every blueprint stands in ``app`` next to one of these guards.

A guarded request has an actor, a language, and, when it writes, proof that its form was rendered here for this very
person. The seat's word stands in the address, so a second tab as somebody else stays somebody else.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms_plc.core.policy import Actor
from lms_plc.house import house
from lms_plc.people.seats import (
    Browser,
    Seated,
    carried_browser,
    cookie_browser,
    find_seat,
    form_token,
    is_form_token,
    parts_of,
)
from lms_plc.web import i18n
from lti.browser import BrowserCookie, is_secret

Guard = Callable[[], AnyResponse | None]
"""Runs before every request of a blueprint: lets it through, answers in its place, or raises."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NoSeat(Exception):
    """Nobody sits here: the seat ended, or this browser never had it."""


class ForeignForm(Exception):
    """A form that was not rendered here for this person; nothing of it was done."""


def open_to_all() -> AnyResponse | None:
    """Anybody may ask; the language is the browser's. For LTI, health and static files."""
    i18n.bind(_browser_locale(), house().settings.timezone, now=house().clock())
    return None


def seated() -> AnyResponse | None:
    """Only somebody who came by a launch. Loading things through ``policy.load`` decides the rest."""
    return _take_seat()


def actor() -> Actor:
    """Who acts in this request; only behind ``seated``."""
    seat = current_seat()
    return Actor(seat.person_id, seat.site_id, seat.name, house().clock())


def current_seat() -> Seated:
    return g.seat


def put_seat_into_addresses(app: Flask) -> None:
    """``url_for`` writes the current seat's word wherever a route has ``<seat>``, and views need not mention it."""

    @app.url_defaults
    def give(endpoint: str, values: dict[str, object]) -> None:
        if "seat" in values or "seat" not in g:
            return
        if app.url_map.is_endpoint_expecting(endpoint, "seat"):
            values["seat"] = g.seat.address

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, object] | None) -> None:
        address = values.pop("seat", None) if values else None
        g.seat_word, g.carried = (None, "") if address is None else parts_of(str(address))


def form_token_of_this_seat() -> str:
    return form_token(house().settings.secret_key.get_secret_value(), current_seat())


def _take_seat() -> AnyResponse | None:
    open_to_all()
    settings = house().settings
    browser = _browser(settings.base_url)
    with house().database.read() as connection:
        seat = find_seat(connection, browser, g.seat_word, house().clock())
        if seat is None and g.seat_word is not None and request.method in _SAFE:
            # an address copied from a colleague, or kept from yesterday: the same page, as the person who sits here
            seat = find_seat(connection, browser, None, house().clock())
            if seat is not None:
                return redirect(_same_page(seat), 302)
    if seat is None:
        raise NoSeat
    g.seat, g.browser = seat, browser
    i18n.bind(seat.locale or _browser_locale(), settings.timezone, now=house().clock())
    if request.method not in _SAFE:
        _require_own_form(seat)
    return None


def current_browser() -> Browser:
    return g.browser


def _browser(base_url: str) -> Browser:
    """Which browser asks. A carried secret counts only on the way from a page of the same sitting, or from the launch
    that began it: not where an address was typed, sent, kept, or pasted into a post. Raises NoSeat."""
    if g.carried and is_secret(g.carried) and _comes_from_the_same_sitting(base_url):
        return carried_browser(g.carried)
    mark = BrowserCookie(base_url).read(request)
    if mark is None:
        raise NoSeat
    return cookie_browser(mark)


def _comes_from_the_same_sitting(base_url: str) -> bool:
    """Browsers say both things: that the way began on this origin, and on which page (our pages allow them to say it to
    ourselves; links that people write do not)."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return False
    before = request.headers.get("Referer", "")
    return before.startswith((f"{base_url}/s/{g.seat_word}.{g.carried}/", f"{base_url}/lti/"))


def _same_page(seat: Seated) -> str:
    assert request.endpoint is not None
    path = url_for(request.endpoint, **{**(request.view_args or {}), "seat": seat.address})
    # the query as it came, not through url_for, where ``_scheme`` or ``community_id`` would mean something
    query = request.query_string.decode("ascii", "ignore")
    return f"{path}?{query}" if query else path


def _require_own_form(seat: Seated) -> None:
    """Browsers say where a form came from; the token says for whom it was rendered. Both must be right."""
    token = request.form.get("csrf_token", "")
    secret_key = house().settings.secret_key.get_secret_value()
    if not comes_from_our_own_page() or not is_form_token(secret_key, seat, token):
        raise ForeignForm


def comes_from_our_own_page() -> bool:
    """Whether nothing the browser says speaks against it. No Referer is asked for: forms in strict frames send none."""
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from not in (None, "same-origin"):
        return False
    origin = request.headers.get("Origin")
    if origin in (None, "null"):
        return origin is None or fetched_from is not None
    return _origin(origin) == _origin(house().settings.base_url)


def _origin(address: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


def _browser_locale() -> str:
    asked_for = request.headers.get("Accept-Language")
    return i18n.negotiate(accept_language=asked_for) if asked_for else house().settings.default_locale


def no_store(response: Response) -> Response:
    """Pages hold people's words: no cache on the way keeps them."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
