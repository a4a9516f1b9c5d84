"""The Flask routes under /lti: read the request, ask `lti`, answer. The only file here that knows Flask.

The host gives stores and handlers in one `Tool`. Handlers make pages and rows, this file decides which of
them is called: `arrive` for a launch that passed, then `enter` if the browser proved to be the login's, else
`offer_new_window`; `refuse` for everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Request, Response, jsonify, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lti.browser import BrowserCookie, is_same, is_secret, new_secret, new_ticket
from lti.keysets import KeySets
from lti.launch import LARGEST_REQUEST, Launch, LaunchRules, read_launch
from lti.login import LoginRedirect, ToolAddress, begin_login, shown_origin
from lti.platforms import Logins, Platforms, Tickets
from lti.refusals import LaunchContext, Refusal
from lti.toolkeys import ToolKeys

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Passage = Mapping[str, str]
"""What the host made of a launch: ids and addresses, no names, ready for JSON."""

_LOGIN_FIELDS = (
    *("iss", "login_hint", "target_link_uri", "client_id", "lti_message_hint"),
    *("lti_deployment_id", "lti_storage_target"),
)
_REGISTRATION_FIELDS = ("openid_configuration", "registration_token", "site_name")
_LAUNCH_FIELDS = ("id_token", "state", "error")
_KEYS_LIFE_SECONDS = 3600
LARGEST_NOTICES = 256 * 1024
_URI = re.compile(r"[\w!#$%&'()*+,./:;=?@\[\]~-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tool:
    """All a host gives. `clock` returns aware UTC.

    `arrive(launch)` makes people and places of a verified launch and may raise Refusal with a reason of its
    own. `enter(passage, mark, in_frame)` answers with the way in and with the mark the browser has from now on,
    which may be a new one; `in_frame` means that no cookie comes back, so the mark has to be carried in addresses.

    `keep_in_platform(redirect)` answers with a page whose script puts `redirect.storage` into the platform's
    page and goes on to `redirect.url`, with or without an answer. `offer_ways_in(passage, ticket_secret, launch)`
    answers with one page with one form (`method=post action=<base>/lti/continue target=_blank`, field `ticket`)
    that says for whom and for which course it is, because this browser has not proved to be the login's; where
    there is `launch.storage`, its script reads the secret from the platform's page, and posts it as `proof` with
    the ticket to the same address, in the frame.

    `notified(body)` takes what a platform posts to /lti/notices (Platform Notification Service 1.0) and answers
    the status. `refuse` makes the page and the log line. `about` answers whoever opens the launch address by
    hand (Moodle does when an activity is added), `register(link, method, fields)` is a dynamic registration, by a
    link of the host's or without one.
    """

    base_url: str
    platforms: Platforms
    logins: Logins
    tickets: Tickets
    key_sets: KeySets
    tool_keys: ToolKeys
    clock: Callable[[], datetime]
    arrive: Callable[[Launch], Passage]
    enter: Callable[[Passage, str, bool], tuple[Response, str]]
    keep_in_platform: Callable[[LoginRedirect], Response]
    offer_ways_in: Callable[[Passage, str, Launch], Response]
    notified: Callable[[bytes], int]
    refuse: Callable[[Refusal, LaunchContext], Response]
    about: Callable[[], Response]
    register: Callable[[str | None, str, Mapping[str, str]], Response]
    settings: LaunchRules = field(default_factory=LaunchRules)


class Onward(Response):
    """A redirect without the page it usually carries, which nobody sees. Most addresses are URIs already, and werkzeug
    would take them apart and put them together again."""

    def __init__(self, address: str, status: int) -> None:
        super().__init__(status=status, headers={"Location": address, "Content-Length": "0"})

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        return self.headers if _URI.fullmatch(self.headers["Location"]) else super().get_wsgi_headers(environ)


def lti_blueprint(tool: Tool) -> Blueprint:
    """The blueprint for `tool`, to be registered without a prefix. Raises ValueError when its base URL is
    none."""
    routes = Blueprint("lti", __name__, url_prefix="/lti")
    address = ToolAddress(tool.base_url)
    cookie = BrowserCookie(tool.base_url)

    @routes.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return tool.refuse(refusal, refusal.seen)

    @routes.after_request
    def never_stored(response: Response) -> Response:
        if request.endpoint != "lti.keys":
            response.headers["Cache-Control"] = "no-store"
        return response

    @routes.route("/login", methods=["GET", "POST"])
    def login() -> Response:
        form = _fields(request, _LOGIN_FIELDS)
        known = cookie.read(request)
        mark = known or new_secret()
        redirect = begin_login(
            form, tool.platforms, tool.logins, tool.clock, mark, address, is_new_browser=known is None
        )
        if redirect.storage is None:
            response: Response = Onward(redirect.url, 302)
        else:
            response = tool.keep_in_platform(redirect)
        cookie.write(response, mark)
        return response

    @routes.post("/launch")
    def launch() -> Response:
        arrived = read_launch(
            _fields(request, _LAUNCH_FIELDS),
            platforms=tool.platforms,
            logins=tool.logins,
            key_sets=tool.key_sets,
            tool=address,
            rules=tool.settings,
            clock=tool.clock,
            mark=cookie.read(request),
        )
        try:
            passage = tool.arrive(arrived)
        except Refusal as refusal:
            refusal.seen = arrived.seen
            raise
        if arrived.mark is not None:
            return entered(passage, arrived.mark)
        secret, ticket = new_ticket(passage, tool.clock(), arrived.proof_digest)
        tool.tickets.put(ticket)
        return tool.offer_ways_in(passage, secret, arrived)

    @routes.post("/continue")
    def go_on() -> Response:
        _check_origin(request, address)
        form = _fields(request, ("ticket", "proof"))
        secret, proof = form.get("ticket", ""), form.get("proof")
        if not secret:
            raise Refusal("ticket_missing")
        ticket = tool.tickets.take(secret) if is_secret(secret) else None
        if ticket is None:
            raise Refusal("ticket_unknown")
        if tool.clock() >= ticket.expires_at:
            raise Refusal("ticket_expired", until=ticket.expires_at.isoformat())
        # A script sends the proof, nobody has read whose visit it is: a wrong one is refused even beside a cookie.
        if proof is not None and not (ticket.proof_digest and is_same(proof, ticket.proof_digest)):
            raise Refusal("proof_differs")
        known = cookie.read(request)
        if proof is None or known is not None:
            return entered(ticket.passage, known or new_secret())
        return tool.enter(ticket.passage, new_secret(), True)[0]

    @routes.get("/launch")
    def about() -> Response:
        return tool.about()

    @routes.get("/jwks")
    def keys() -> Response:
        response = jsonify(keys=[dict(key) for key in tool.tool_keys.published()])
        response.cache_control.public = True
        response.cache_control.max_age = _KEYS_LIFE_SECONDS
        return response

    @routes.post("/notices")
    def notices() -> Response:
        request.max_content_length = LARGEST_NOTICES
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            return Response(status=413)
        return Response(status=tool.notified(body))

    @routes.get("/register")
    def register() -> Response:
        return tool.register(None, "GET", _fields(request, _REGISTRATION_FIELDS))

    @routes.route("/register/<link>", methods=["GET", "POST"])
    def register_by_link(link: str) -> Response:
        return tool.register(
            link, "POST" if request.method == "POST" else "GET", _fields(request, _REGISTRATION_FIELDS)
        )

    def entered(passage: Passage, mark: str) -> Response:
        response, mark = tool.enter(passage, mark, False)
        cookie.write(response, mark)
        return response

    return routes


def _fields(request: Request, names: Iterable[str]) -> Mapping[str, str]:
    """The named fields of a form post, or of the query of a GET, each at most once. Raises Refusal."""
    request.max_content_length = LARGEST_REQUEST
    request.max_form_memory_size = LARGEST_REQUEST
    try:
        sent = request.form if request.method == "POST" else request.args
    except RequestEntityTooLarge:
        raise Refusal("request_too_large", size=request.content_length) from None
    except HTTPException:
        raise Refusal("form_malformed", field="*") from None
    found = {name: sent.getlist(name) for name in names if name in sent}
    for name, values in found.items():
        if len(values) > 1:
            raise Refusal("form_malformed", field=name)
    return {name: values[0] for name, values in found.items()}


def _check_origin(request: Request, address: ToolAddress) -> None:
    """The form is on a page of our own. Browsers say so in Sec-Fetch-Site; older ones only in Origin, which a
    strict referrer policy turns into `null`."""
    origin, fetch_site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    is_foreign = origin not in (None, "null") and not address.owns(origin)
    is_ours = fetch_site == "same-origin" if fetch_site else origin is not None and address.owns(origin)
    if is_foreign or not is_ours:
        raise Refusal("origin_foreign", origin=shown_origin(origin or ""))
