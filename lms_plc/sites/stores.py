"""What ``lti`` asks of a database: registrations, logins under way, tickets, and the tool's own keys.

Each method is its own short transaction: a login taken stays taken, whatever becomes of the launch it belonged to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from lms_plc.core.activity import Reference, record
from lms_plc.core.clock import Clock
from lms_plc.core.database import Database, Prepared, Send, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.sealing import Seal
from lms_plc.house import House
from lms_plc.sites import models
from lti.browser import Ticket, digest
from lti.login import Login
from lti.platforms import Deployment, Platform
from lti.toolkeys import KeyState, ToolKey, is_due, rotate

MOST_WAITING = 50
"""Deployments of one registration that may wait for approval."""

REMEMBERED_FOR = timedelta(seconds=10)
"""A registration read for a login serves its launch too. A change by the admin reaches every process so soon."""


class StoredPlatforms:
    """Registrations. Implements ``lti.platforms.Platforms``. Only what was found is remembered, never an absence."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._remembered: dict[tuple[str, str], tuple[datetime, Sequence[Platform]]] = {}
        self._approved: dict[tuple[str, str], datetime] = {}

    def by_issuer(self, issuer: str) -> Sequence[Platform]:
        return self._find("issuer", issuer, lambda: models.Platform.issuer == issuer)

    def get(self, platform_id: str) -> Platform | None:
        found = self._find("id", platform_id, lambda: models.Platform.id == UUID(platform_id))
        return found[0] if found else None

    def _find(self, by: str, value: str, which: Callable[[], ColumnElement[bool]]) -> Sequence[Platform]:
        read_at, found = self._remembered.get((by, value), (None, ()))
        if read_at is not None and self._clock() - read_at < REMEMBERED_FOR:
            return found
        with self._database.read() as connection:
            found = [_platform(row) for row in connection.execute(_PLATFORMS.where(which()).limit(50))]
        self._remembered.pop((by, value), None)
        if found:
            self._remembered[(by, value)] = (self._clock(), found)
        if by == "issuer":  # the launch that follows this login asks by id
            self._remembered |= {("id", one.id): (self._clock(), [one]) for one in found}
        return found

    def expects_deployment(self, platform_id: str, deployment_id: str) -> bool:
        if self._was_approved(platform_id, deployment_id):
            return True
        given = {"platform": UUID(platform_id), "deployment": deployment_id}
        with self._database.alone() as connection:
            expected, approved = connection.execute(_EXPECTED, given).one()
        if approved:
            self._approved[platform_id, deployment_id] = self._clock()
        return bool(expected)

    def _was_approved(self, platform_id: str, deployment_id: str) -> bool:
        """Remembered as registrations are: an approval that is taken back closes the door as soon."""
        read_at = self._approved.get((platform_id, deployment_id))
        return read_at is not None and self._clock() - read_at < REMEMBERED_FOR

    def meet_deployment(self, platform_id: str, deployment_id: str) -> Deployment:
        if self._was_approved(platform_id, deployment_id):
            return Deployment(deployment_id, approved=True)
        platform = UUID(platform_id)
        with self._database.read() as connection:
            row = connection.execute(_DEPLOYMENT, {"platform": platform, "deployment": deployment_id}).one_or_none()
        if row is not None and row.approved_at is not None:
            self._approved[platform_id, deployment_id] = self._clock()
        if row is not None:
            return Deployment(deployment_id, approved=row.approved_at is not None)
        with self._database.write() as session:
            waiting = select(func.count()).where(
                models.Deployment.platform_id == platform, models.Deployment.approved_at.is_(None)
            )
            if session.execute(waiting).scalar_one() >= MOST_WAITING:  # a platform invents them: none of it is kept
                return Deployment(deployment_id, approved=False)
            waiting_id = session.execute(
                upsert(session, models.Deployment)
                .values(
                    id=new_id(),
                    platform_id=platform,
                    deployment_id=deployment_id,
                    first_seen_at=self._clock(),
                )
                .on_conflict_do_nothing(index_elements=["platform_id", "deployment_id"])
                .returning(models.Deployment.id)
            ).scalar_one_or_none()
            if waiting_id is not None:
                site_id = session.execute(select(models.Platform.site_id).where(models.Platform.id == platform))
                record(
                    session,
                    "deployment.appeared",
                    Reference("deployment", waiting_id),
                    at=self._clock(),
                    actor_id=None,
                    via="launch",
                    site_id=site_id.scalar_one(),
                    facts={"deployment_id": deployment_id},
                )
        return Deployment(deployment_id, approved=False)


class StoredLogins:
    """Logins under way. Implements ``lti.platforms.Logins``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, login: Login) -> None:
        self._database.send(_PUT_LOGIN, {name: getattr(login, name) for name in _LOGIN})

    def take(self, state: str) -> Login | None:
        row = self._database.send(_TAKE_LOGIN, {"digest": digest(state)})
        return Login(*row) if row else None


def move_logins(send: Send, mark: str, to: str) -> None:
    """Logins under way in other tabs of a browser whose mark changes."""
    send(_MOVE_LOGINS, {"mark": digest(mark), "to": digest(to)})


class StoredTickets:
    """Launches waiting for their new window. Implements ``lti.platforms.Tickets``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, ticket: Ticket) -> None:
        with self._database.alone() as connection:
            connection.execute(
                insert(models.Ticket).values(
                    ticket_digest=ticket.ticket_digest,
                    passage=dict(ticket.passage),
                    storage_digest=ticket.proof_digest,
                    expires_at=ticket.expires_at,
                )
            )

    def take(self, ticket_secret: str) -> Ticket | None:
        with self._database.alone() as connection:
            row = connection.execute(
                delete(models.Ticket)
                .where(models.Ticket.ticket_digest == digest(ticket_secret))
                .returning(
                    models.Ticket.ticket_digest,
                    models.Ticket.passage,
                    models.Ticket.expires_at,
                    models.Ticket.storage_digest,
                )
            ).one_or_none()
        return Ticket(*row) if row else None


class StoredToolKeys:
    """The tool's ring, private halves sealed. Implements ``lti.toolkeys.ToolKeys``."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, *, via: str = "cli") -> None:
        self._database = database
        self._seal = seal
        self._clock = clock
        self._via = via

    def load(self) -> Sequence[ToolKey]:
        """Raises CannotUnseal when the keys were sealed with another ``PLC_SECRET_KEY``."""
        with self._database.read() as connection:
            return self._read(connection)

    def published(self) -> Sequence[Mapping[str, str]]:
        with self._database.read() as connection:
            return list(
                connection.execute(select(models.ToolKey.public).order_by(*_RING).limit(_LONGEST_RING)).scalars()
            )

    def change(self, step: Callable[[Sequence[ToolKey]], Sequence[ToolKey]]) -> Sequence[ToolKey]:
        """Raises CannotUnseal. Two who change at once do so one after the other."""
        with self._database.write() as session:
            if not self._database.is_sqlite:
                session.connection().exec_driver_sql("LOCK TABLE plc_tool_key IN EXCLUSIVE MODE")
            before = self._read(session.connection())
            ring = tuple(step(before))
            if [(key.kid, key.state) for key in ring] == [(key.kid, key.state) for key in before]:
                return ring
            session.execute(delete(models.ToolKey))
            session.add_all(
                models.ToolKey(
                    kid=key.kid,
                    state=key.state.value,
                    public=dict(key.public),
                    sealed_pem=self._seal.close(key.private_pem),
                    created_at=key.created_at,
                    retired_at=key.retired_at,
                )
                for key in ring
            )
            record(
                session,
                "keys.changed",
                Reference("tool", _TOOL),
                at=self._clock(),
                actor_id=None,
                via=self._via,
                facts={key.kid: key.state.value for key in ring},
            )
        return ring

    def _read(self, connection: Connection) -> Sequence[ToolKey]:
        rows = connection.execute(select(models.ToolKey.__table__).order_by(*_RING).limit(_LONGEST_RING)).all()
        return [
            ToolKey(
                row.kid,
                KeyState(row.state),
                row.public,
                self._seal.open(row.sealed_pem),
                row.created_at,
                row.retired_at,
            )
            for row in rows
        ]


_RING = (models.ToolKey.created_at, models.ToolKey.kid)
_LONGEST_RING = 20
_TOOL = UUID(int=0)
"""What an event about this tool itself points at; there is one tool."""

_LOGIN = tuple(field.name for field in fields(Login))
_PUT_LOGIN = Prepared(lambda insert: insert(models.Login), given=_LOGIN)
_TAKE_LOGIN = Prepared(
    lambda _: (
        delete(models.Login)
        .where(models.Login.state_digest == bindparam("digest"))
        .returning(*(getattr(models.Login, name) for name in _LOGIN))
    )
)
_MOVE_LOGINS = Prepared(
    lambda _: (
        update(models.Login).where(models.Login.mark_digest == bindparam("mark")).values(mark_digest=bindparam("to"))
    )
)
_DEPLOYMENT = select(models.Deployment.approved_at).where(
    models.Deployment.platform_id == bindparam("platform"),
    models.Deployment.deployment_id == bindparam("deployment"),
)
_theirs = models.Deployment.platform_id == bindparam("platform")
_this_one = and_(_theirs, models.Deployment.deployment_id == bindparam("deployment"))
_is_approved = models.Deployment.approved_at.is_not(None)
_EXPECTED = select(
    or_(exists().where(_this_one), not_(exists().where(_theirs, _is_approved))),
    exists().where(_this_one, _is_approved),
)
_PLATFORMS = select(
    models.Platform.id,
    models.Platform.issuer,
    models.Platform.client_id,
    models.Platform.auth_url,
    models.Platform.token_url,
    models.Platform.jwks_url,
    models.Platform.token_audience,
    models.Site.name,
).join(models.Site, models.Site.id == models.Platform.site_id)


def _platform(row: object) -> Platform:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Platform(**{**values, "id": str(values["id"])})


def rotate_when_old(house: House) -> bool:
    """The scheduled rotation of the tool's keys; whether it was time."""
    keys = StoredToolKeys(house.database, house.seal, house.clock, via="job")
    if not is_due(keys.load(), house.clock()):
        return False
    # looked at again inside the ring's own transaction: two workers are no reason to rotate twice
    keys.change(lambda ring: rotate(ring, house.clock()) if is_due(ring, house.clock()) else tuple(ring))
    return True


def clear_expired(database: Database, clock: Clock) -> None:
    """Logins, tickets and choices nobody came back for."""
    with database.write() as session:
        session.execute(delete(models.Login).where(models.Login.expires_at < clock()))
        session.execute(delete(models.Ticket).where(models.Ticket.expires_at < clock()))
        session.execute(delete(models.DeepLinkRequest).where(models.DeepLinkRequest.expires_at < clock()))
