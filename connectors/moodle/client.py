"""How is one web service function of a Moodle called, and what counts as an answer?

The protocol is REST over a form (https://docs.moodle.org/dev/Web_services): nested arguments become
`a[0][b]`, errors come with HTTP 200, and JSON is only a request that the other side may miss. The token
travels in the body alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors.errors import N_, BadAnswer, ConnectorError, NotAllowed, Refused, Unavailable
from connectors.moodle.faults import TELL_US, WHERE_REST, error_of
from connectors.moodle.records import Fault
from connectors.moodle.xml import BrokenXml, ForeignXml, read_xml
from connectors.transport import Reply, Transport

T = TypeVar("T")

Argument = str | int | float | bool | None | Sequence["Argument"] | Mapping[str, "Argument"]

A = TypeVar("A", bound=Argument)

ARGUMENT_LIMIT = 900
"""Most arguments of one list: PHP drops what lies beyond max_input_vars, by default 1000, without a word."""

_LEFT_OPEN = ("odd_shape", "php_error", "silent", "too_big")
"""Errors that no second try would mend, and that do not say whether Moodle did what it was asked."""

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

    @property
    def refusals(self) -> int:
        """How often the site asked us to come back later."""
        return self._transport.refusals

    def call(
        self,
        function: str,
        arguments: Mapping[str, Argument],
        returns: TypeAdapter[T],
        xml: bool = False,
        raw: bool = False,
    ) -> T:
        """Call `function` and return its answer in the shape `returns`.

        `xml` asks for XML instead of JSON; an answer in XML is understood in any case. `raw` asks for titles as they
        were typed, unescaped and in all languages, to compare them with what is about to be written. Only for functions
        that read: a call may be repeated.

        Raises any `ConnectorError`.
        """
        form = SecretStr(self._form(function, arguments, xml, raw))
        return self._transport.post(self._endpoint, form, lambda reply: _read(function, reply, returns))

    def change(self, function: str, arguments: Mapping[str, Argument], returns: TypeAdapter[T]) -> T:
        """Call a `function` that writes. It is sent once: a second message or event is worse than none.

        Raises any `ConnectorError`; `Unavailable` with the code `unsure` when the answer was lost or cannot be read, so
        that nobody can say whether Moodle did it.
        """
        form = _SentOnce(self._form(function, arguments), function)
        try:
            return self._transport.post(self._endpoint, form, lambda reply: _read(function, reply, returns))
        except (Unavailable, BadAnswer) as error:
            if not error.worth_retrying and error.code not in _LEFT_OPEN:
                raise
            raise _unsure(function) from error

    def _form(self, function: str, arguments: Mapping[str, Argument], xml: bool = False, raw: bool = False) -> str:
        # What must not get lost comes first: past max_input_vars PHP drops arguments without a word.
        form = [
            ("wstoken", self._token.get_secret_value()),
            ("wsfunction", function),
            ("moodlewsrestformat", "xml" if xml else "json"),
            # Names in several languages come in the account's language instead of all of them joined.
            ("moodlewssettingraw", "1") if raw else ("moodlewssettingfilter", "1"),
            *flatten(arguments),
        ]
        return urlencode(form)


class _SentOnce(SecretStr):
    """A form that may be taken once. The line takes it anew for every try, so the second try ends here."""

    def __init__(self, form: str, function: str) -> None:
        super().__init__(form)
        self._function = function
        self._taken = False

    def get_secret_value(self) -> str:
        if self._taken:
            raise _unsure(self._function)
        self._taken = True
        return super().get_secret_value()


def _unsure(function: str) -> Unavailable:
    return Unavailable(
        N_("Moodle was to change something, and its answer was lost. Nobody can say whether it did."),
        N_("Look into Moodle whether the change is there before you try again."),
        code="unsure",
        function=function,
    )


def portions(items: Sequence[A]) -> Iterator[Sequence[A]]:
    """The items in runs that PHP accepts as one list: no run flattens to more than `ARGUMENT_LIMIT` arguments."""
    begin = size = 0
    for end, item in enumerate(items):
        arguments = sum(1 for _ in _flatten("", item))
        if size + arguments > ARGUMENT_LIMIT and end > begin:
            yield items[begin:end]
            begin, size = end, 0
        size += arguments
    if begin < len(items):
        yield items[begin:]


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
    elif isinstance(value, str | int | float):
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
