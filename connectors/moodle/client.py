"""How is one web service function of a Moodle called, and what counts as an answer?

The protocol is REST over a form (https://docs.moodle.org/dev/Web_services): nested arguments become
`a[0][b]`, errors come with HTTP 200, and JSON is only a request that the other side may miss. The token
travels in the body alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors.errors import N_, BadAnswer, ConnectorError, NotAllowed, Refused
from connectors.moodle.faults import TELL_US, WHERE_REST, error_of
from connectors.moodle.records import Fault
from connectors.moodle.xml import BrokenXml, ForeignXml, read_xml
from connectors.transport import Reply, Transport

T = TypeVar("T")

Argument = str | int | bool | None | Sequence["Argument"] | Mapping[str, "Argument"]

ENDPOINT = "/webservice/rest/server.php"

_FAULT = TypeAdapter(Fault)


class MoodleClient:
    """One site and one token. Knows no function by name; `functions` does."""

    def __init__(self, url: str, token: str, transport: Transport) -> None:
        """`url` is the site's address, with or without a slash at its end.

        Raises `Unavailable` for an address we would not call.
        """
        transport.check_address(url)
        self._endpoint = url.rstrip("/") + ENDPOINT
        self._token = SecretStr(token.strip())
        self._transport = transport

    def __repr__(self) -> str:
        return f"MoodleClient({self._endpoint!r})"

    def call(self, function: str, arguments: Mapping[str, Argument], returns: TypeAdapter[T], xml: bool = False) -> T:
        """Call `function` and return its answer in the shape `returns`.

        `xml` asks for XML instead of JSON; an answer in XML is understood in any case. Only for functions that read: a
        call may be repeated.

        Raises any `ConnectorError`.
        """
        # What must not get lost comes first: past max_input_vars PHP drops arguments without a word.
        form = [
            ("wstoken", self._token.get_secret_value()),
            ("wsfunction", function),
            ("moodlewsrestformat", "xml" if xml else "json"),
            # Names in several languages come in the account's language instead of all of them joined.
            ("moodlewssettingfilter", "1"),
            *flatten(arguments),
        ]
        return self._transport.post(
            self._endpoint, SecretStr(urlencode(form)), lambda reply: _read(function, reply, returns)
        )


def flatten(arguments: Mapping[str, Argument]) -> Iterator[tuple[str, str]]:
    """Nested arguments as PHP reads them from a form: `{"a": [{"b": True}]}` → `("a[0][b]", "1")`.

    None is left out. An empty list or dict leaves nothing behind; a form cannot say it.
    """
    for name, value in arguments.items():
        yield from _flatten(name, value)


def _flatten(name: str, value: Argument) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, bool):
        yield name, "1" if value else "0"
    elif isinstance(value, str | int):
        yield name, str(value)
    else:
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, item in inner:
            yield from _flatten(f"{name}[{key}]", item)


def _read(function: str, reply: Reply, returns: TypeAdapter[T]) -> T:
    body = reply.body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise _no_body(function, reply.status)
    if body.startswith(b"<"):
        return _read_xml(function, reply.status, body, returns)
    if body.startswith((b'{"exception"', b'{"error')):
        raise _fault(function, body)
    if reply.status >= 400:
        raise _bad_status(function, reply.status)
    return _validated(function, lambda: returns.validate_json(body))


def _read_xml(function: str, status: int, body: bytes, returns: TypeAdapter[T]) -> T:
    problem: ConnectorError
    try:
        value = read_xml(body)
    except (BrokenXml, ForeignXml) as error:
        page = isinstance(error, ForeignXml) or b"<html" in body[:2000].lower()
        problem = _web_page(function) if page else _half(function)
    else:
        if isinstance(value, Fault):
            raise error_of(function, value.errorcode, value.message)
        return _validated(function, lambda: returns.validate_python(value))
    raise _bad_status(function, status) if status >= 400 else problem


def _fault(function: str, body: bytes) -> ConnectorError:
    fault = _validated(function, lambda: _FAULT.validate_json(body))
    return error_of(function, fault.errorcode, fault.message)


def _validated(function: str, validate: Callable[[], T]) -> T:
    """What `validate` returns, or `BadAnswer`: worth another try when cut off, not when shaped otherwise."""
    try:
        return validate()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        kind, place = first["type"], ".".join(str(part) for part in first["loc"])
    # Outside of the except block: a validation error holds the reply, and a reply holds names.
    if kind == "json_invalid":
        raise _half(function)
    raise BadAnswer(
        N_("Moodle's answer has another shape than expected, at: %(place)s."),
        TELL_US,
        code="odd_shape",
        function=function,
        params={"place": place or "/"},
    )


def _half(function: str) -> BadAnswer:
    return BadAnswer(
        N_("Moodle's answer broke off or is no data at all."),
        N_("Try again later. If it stays, Moodle's administrator finds the cause in the web server's log."),
        code="half",
        function=function,
        worth_retrying=True,
    )


def _web_page(function: str) -> BadAnswer:
    return BadAnswer(
        N_("A web page came back instead of data."),
        N_("Check the address; a login page, a firewall or a maintenance page may stand in front of Moodle."),
        code="web_page",
        function=function,
        worth_retrying=True,
    )


def _no_body(function: str, status: int) -> ConnectorError:
    if status == 403:
        return NotAllowed(
            N_("Web services or the REST protocol are switched off in Moodle."),
            WHERE_REST,
            code="rest_off",
            function=function,
        )
    return _bad_status(function, status) if status >= 400 else _half(function)


def _bad_status(function: str, status: int) -> ConnectorError:
    if status in (401, 403):
        return Refused(
            N_("Something in front of Moodle does not let us in (HTTP %(status)s)."),
            N_("Allow this server in the firewall, and take any password off the address of the web service."),
            code=f"http_{status}",
            function=function,
            params={"status": str(status)},
        )
    return BadAnswer(
        N_("There is no Moodle web service at this address (HTTP %(status)s)."),
        N_("Enter the address as it stands in the browser on Moodle's front page, without /login or /my."),
        code=f"http_{status}",
        function=function,
        params={"status": str(status)},
    )
