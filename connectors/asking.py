"""How is a REST service asked, page by page, over the careful line, until a list is proved whole?

The line is `Transport`'s, with its deadline, retries and size limit. What is added here is a secret in the
Authorization header and the walk from page to page. A secret is never in an address, and the
address of a next page is followed only where the first one was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from pydantic import SecretStr, TypeAdapter, ValidationError
from requests.utils import parse_header_links

from connectors.errors import N_, BadAnswer, ConnectorError, NotAllowed, NotFound, Refused
from connectors.scratch import Scratch
from connectors.transport import Reply, Transport

T = TypeVar("T")

RESTARTS = 3
"""How often a list is read again from its beginning because it changed meanwhile."""

TELL_US = N_("Report this with the code in brackets; the service and the connector do not understand each other.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply. The body holds names, so it stays out of the repr."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def next_url(self) -> str | None:
        """The address of the next page by the Link header (RFC 8288), None on the last.

        Raises `BadAnswer` for one that leads elsewhere: a token must not follow it.
        """
        links = parse_header_links(self.headers.get("Link", ""))
        following = next((link["url"] for link in links if link.get("rel", "").lower() == "next"), None)
        if following is None:
            return None
        url = _joined(self.url, following)
        if url is None or _place(url) != _place(self.url):
            raise BadAnswer(N_("The next page is said to lie elsewhere."), TELL_US, code="foreign_link")
        return url


def _joined(base: str, url: str) -> str | None:
    try:
        return urljoin(base, url)
    except ValueError:
        return None


def _place(url: str) -> tuple[str, str | None, int | None, str] | None:
    """Where an address leads, without its query; None for none."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme), parts.path
    except ValueError:
        return None


class Asking:
    """Questions to one service. `authorization` gives the header's value anew for every try."""

    def __init__(self, transport: Transport, authorization: Callable[[], SecretStr]) -> None:
        self._transport = transport
        self._authorization = authorization

    def __repr__(self) -> str:
        return "Asking()"

    def ask(self, url: str, read: Callable[[Answer], T], form: SecretStr | None = None) -> T:
        """What `read` makes of the reply to a GET, or to a POST of `form`; tried again as `Transport.post` does.

        Raises `Unavailable`, `BadAnswer`, and whatever `read` raises.
        """
        method, kind = ("GET", {}) if form is None else ("POST", {"Content-Type": "application/x-www-form-urlencoded"})

        def headers() -> Mapping[str, str]:
            return {"Authorization": self._authorization().get_secret_value(), "Accept": "application/json", **kind}

        return self._transport.ask(method, url, lambda reply: read(_answer(url, reply)), headers=headers, form=form)


def _answer(url: str, reply: Reply) -> Answer:
    return Answer(url, reply.status, reply.headers, reply.body)


def shaped(answer: Answer, returns: TypeAdapter[T]) -> T:
    """The reply's JSON in the shape `returns`.

    Raises `BadAnswer`, worth another try when cut off or a web page; `Refused`, `NotAllowed` or `NotFound` by status.
    """
    _judge_status(answer.status)
    body = answer.body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"<"):
        raise BadAnswer(
            N_("A web page came back instead of data."),
            N_("Check the address; a login page, a firewall or a maintenance page may stand in front of the service."),
            code="web_page",
            worth_retrying=True,
        )
    try:
        return returns.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        kind, place = first["type"], ".".join(str(part) for part in first["loc"])
    # Outside of the except block: a validation error holds the reply, and a reply holds names.
    if kind == "json_invalid":
        raise BadAnswer(
            N_("The answer broke off or is no data at all."),
            N_("Try again later. If it stays, the service's administrator finds the cause in its log."),
            code="half",
            worth_retrying=True,
        )
    raise BadAnswer(
        N_("The answer has another shape than expected, at: %(place)s."),
        TELL_US,
        code="odd_shape",
        params={"place": place or "/"},
    )


def _judge_status(status: int) -> None:
    if status < 400:
        return
    code, params = f"http_{status}", {"status": str(status)}
    if status == 401:
        raise Refused(
            N_("The service does not know this token, or it has expired."),
            N_("Make a new token or client secret and enter it here."),
            code=code,
        )
    if status == 403:
        raise NotAllowed(
            N_("The account or client may not read this."),
            N_("Give it the right to read courses, people and enrolments."),
            code=code,
        )
    if status in (404, 410):
        raise NotFound(
            N_("What was asked for is not there, or no longer."), N_("The next reading leaves it out."), code=code
        )
    raise BadAnswer(N_("The service did not accept the question (HTTP %(status)s)."), TELL_US, code=code, params=params)


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk through a list: the total that the other side named, whether that stayed, and the pages with rows."""

    total: int | None
    steady: bool
    pages: int


class Walk(Protocol):
    """Read a whole list into the scratch, each record noted by `Scratch.sees`."""

    def __call__(self) -> Walked:
        """What was walked."""
        ...


def pull_whole(scratch: Scratch, walk: Walk) -> None:
    """Walk until the list is proved whole.

    With a total: as many different records came, and the total stayed. Without: it was one page, or two walks in
    succession met the same records. What a walk stored is forgotten before the next one.

    Raises `BadAnswer` with the code `moving` after `RESTARTS` restarts.
    """
    before: tuple[int, int] | None = None
    for _ in range(1 + RESTARTS):
        scratch.forget()
        walked = walk()
        seen = scratch.seen()
        if walked.total is None:
            if walked.pages <= 1 or seen == before:
                return
            before = seen
        elif walked.steady and walked.total == seen[0]:
            return
    raise moving()


def moving() -> ConnectorError:
    """The list never held still."""
    return BadAnswer(
        N_("The list kept changing while it was read, or its total is wrong."),
        N_("Nothing needs to be done; the next run tries again. If it stays, report this with the code in brackets."),
        code="moving",
    )


def no_paging() -> ConnectorError:
    """The same page came again and again."""
    return BadAnswer(N_("The service does not give its lists page by page."), TELL_US, code="no_paging")
