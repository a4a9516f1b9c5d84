"""What went wrong with the LMS, and what can a person do about it?

Five kinds, because a caller acts in five ways: come back later, ask for another token, ask for a right,
report a broken site, or drop a thing that is gone. `what` and `todo` are message ids in plain words;
translate them, then fill in `params`. They never hold a token, a person's name, an LMS's own message or a
stack trace: an LMS puts user names and server paths into its messages.
"""

from collections.abc import Mapping


def N_(msgid: str) -> str:
    """Mark a text for the message catalogues and leave it as it is; whoever shows it translates it."""
    return msgid


class ConnectorError(Exception):
    """A call to an LMS gave no usable answer.

    `code` names the case for logs and tests (the LMS's own error code where it sent one), `function` the
    call. `worth_retrying` says that the same call may succeed by itself soon; `wait_seconds` is how long the
    LMS asked us to wait first.
    """

    def __init__(
        self,
        what: str,
        todo: str,
        *,
        code: str | None = None,
        function: str | None = None,
        params: Mapping[str, str] | None = None,
        worth_retrying: bool = False,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(what, todo)
        self.what = what
        self.todo = todo
        self.code = code
        self.function = function
        self.params = dict(params or {})
        self.worth_retrying = worth_retrying
        self.wait_seconds = wait_seconds

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.code, self.function) if part)
        return f"{self.what % self.params} {self.todo % self.params}" + (f" [{where}]" if where else "")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, function={self.function!r})"


class Unavailable(ConnectorError):
    """No answer: the network, the address, a server error, maintenance, silence."""


class Refused(ConnectorError):
    """The LMS does not let this token or this account in at all."""


class NotAllowed(ConnectorError):
    """The account is let in, but a function or a capability is missing."""


class BadAnswer(ConnectorError):
    """An answer that cannot be used.

    A web page, half a reply, another shape, too much, a crash on the other side.
    """


class NotFound(ConnectorError):
    """The thing asked for is not there, or no longer."""
