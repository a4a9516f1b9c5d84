"""Who may send launches, and what the host stores for this package.

The records are plain and frozen; the protocols are all this package asks of a database. Secrets never reach a
store: a login and a ticket are kept and looked up by digest (see `lti.browser.digest`), and the host passes
the secret only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lti.browser import Ticket
    from lti.login import Login


@dataclass(frozen=True, slots=True)
class Platform:
    """One registration of this tool on one LMS: an issuer may have several, each with its own client id.

    `token_audience` is what the platform wants as `aud` of a token request where that is not `token_url`.
    """

    id: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    name: str
    token_audience: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One place of a platform where the tool was put (LTI Core 1.3, §3.1.3). It waits until a person approves
    it."""

    deployment_id: str
    approved: bool


class Platforms(Protocol):
    def by_issuer(self, issuer: str) -> Sequence[Platform]:
        """Every registration of this issuer; empty when there is none."""

    def get(self, platform_id: str) -> Platform | None: ...

    def expects_deployment(self, platform_id: str, deployment_id: str) -> bool:
        """Whether a login that announces this deployment goes on: it is known (approved or waiting), or no
        deployment of this platform is approved yet. Nothing is stored: a login proves nothing."""

    def meet_deployment(self, platform_id: str, deployment_id: str) -> Deployment:
        """The deployment, stored as waiting when it is new. Called with verified claims only."""


class Logins(Protocol):
    def put(self, login: Login) -> None: ...

    def take(self, state: str) -> Login | None:
        """The login with this state, which nobody can take again: one atomic `DELETE … RETURNING` by the
        state's digest, committed even when the launch is refused afterwards."""


class Tickets(Protocol):
    def put(self, ticket: Ticket) -> None: ...

    def take(self, ticket_secret: str) -> Ticket | None:
        """As `Logins.take`."""
