"""What becomes of a registration: the one-time links an operator hands out, and the site and platform that are stored.

Life of a link: made for seven days, kept by digest; its page may be opened as often as somebody likes; it is used up in
the same transaction that stores what the platform answered, so whoever comes second finds it used; withdrawn, it is
gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.sites.actions import LONGEST_NAME, Registration, SiteProblem, approve_deployment, site_address
from lms_plc.sites.models import Platform, RegistrationLink, Site
from lti.browser import digest, is_secret, new_secret

LINK_LIFE = timedelta(days=7)


class LinkSpent(Exception):
    """The link was used, withdrawn or ran out, perhaps a moment ago. Nothing was stored."""


class NameTaken(SiteProblem):
    """Another site is called so."""


class NotTheirs(SiteProblem):
    """A link's registration speaks for an LMS that is known here, and says something else of it."""


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that can still be used. ``site_name`` is what the operator wants the new site to be called."""

    id: UUID
    site_name: str | None
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """All a platform and this tool agree on. ``granted`` scopes and ``custom`` parameters are the platform's answer to
    a dynamic registration; by hand there is none."""

    values: Registration
    registered_by: str = "hand"
    token_audience: str | None = None
    family: str | None = None
    granted: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a registration was put, and what the site is called here."""

    site_id: UUID
    platform_id: UUID
    site_name: str


def make_link(session: Session, at: datetime, site_name: str | None, *, via: str) -> str:
    """Makes a link; the secret of its address, which nobody can be shown again."""
    secret, link_id = new_secret(), new_id()
    session.add(
        RegistrationLink(
            id=link_id, secret_digest=digest(secret), site_name=site_name, made_at=at, expires_at=at + LINK_LIFE
        )
    )
    record(session, "link.made", Reference("registration_link", link_id), at=at, actor_id=None, via=via)
    return secret


def open_link(connection: Connection, secret: str, at: datetime) -> OpenLink | None:
    """The link of this address, if it can still be used."""
    if not is_secret(secret):
        return None
    row = connection.execute(_open(at).where(RegistrationLink.secret_digest == digest(secret))).one_or_none()
    return OpenLink(*row) if row else None


def open_links(connection: Connection, at: datetime) -> list[OpenLink]:
    """The links that can still be used, the newest first; a hundred at most."""
    return [OpenLink(*row) for row in connection.execute(_open(at).order_by(RegistrationLink.id.desc()).limit(100))]


def withdraw_link(session: Session, link_id: UUID, at: datetime, *, via: str) -> bool:
    """Takes a link back that nobody has used; whether there was one."""
    unused = delete(RegistrationLink).where(RegistrationLink.id == link_id, RegistrationLink.used_at.is_(None))
    if session.execute(unused.returning(RegistrationLink.id)).scalar_one_or_none() is None:
        return False
    record(session, "link.withdrawn", Reference("registration_link", link_id), at=at, actor_id=None, via=via)
    return True


def register_by_link(
    session: Session, secret: str, agreed: Agreed, site_name: str | None, at: datetime, *, allow_http: bool
) -> Stored:
    """Uses the link up and stores what the platform agreed to. ``site_name`` is what the LMS's admin calls the site.

    Raises LinkSpent, NameTaken, NotTheirs, SiteProblem; then nothing is stored and the link is as it was.
    """
    taking = (
        update(RegistrationLink)
        .where(
            RegistrationLink.secret_digest == digest(secret),
            RegistrationLink.used_at.is_(None),
            RegistrationLink.expires_at > at,
        )
        .values(used_at=at)
        .returning(RegistrationLink.id, RegistrationLink.site_name)
        .execution_options(synchronize_session=False)
    )
    link = session.execute(taking).one_or_none()
    if link is None:
        raise LinkSpent
    require_theirs(session.connection(), agreed.values, link.site_name)
    # only the operator's own word joins a registration to a site that is here already under that name
    stored = register(
        session, agreed, site_name, at, via="link", joins=site_name == link.site_name, allow_http=allow_http
    )
    session.execute(
        update(RegistrationLink).where(RegistrationLink.id == link.id).values(platform_id=stored.platform_id)
    )
    return stored


def register(
    session: Session,
    agreed: Agreed,
    site_name: str | None,
    at: datetime,
    *,
    via: str,
    joins: bool = True,
    allow_http: bool = False,
) -> Stored:
    """Stores a registration; the same issuer and client id again brings it up to date, and it is pending once more.

    The site is the one that has this issuer, or with ``joins`` the one of this name that has no registration yet, or a
    new one. Raises NameTaken, SiteProblem.
    """
    for label in ("issuer", "auth_url", "token_url", "jwks_url"):
        site_address(getattr(agreed.values, label), allow_http=allow_http)
    if not agreed.values.client_id:
        raise SiteProblem("The client ID is empty.")
    site_id, name = _site(session, agreed.values, site_name, at, via=via, joins=joins)
    platform_id = session.execute(_putting(session, agreed, site_id, at)).scalar_one()
    _record(session, "platform.registered", "site", site_id, site_id, at, via, {"client_id": agreed.values.client_id})
    if agreed.values.deployment_id:
        approve_deployment(session, platform_id, agreed.values.deployment_id, at, via=via)
    return Stored(site_id, platform_id, name)


def require_theirs(connection: Connection, said: Registration, link_name: str | None) -> None:
    """That a registration by link may speak for this issuer. ``link_name`` is the operator's name on the link.

    A document on an LMS's host does not prove that the LMS wrote it: people upload files there, and a hosted LMS is
    shared by many schools. So an LMS that is registered here keeps its addresses; one known by its web services only,
    or under another name than the link's, needs the operator's own word. Raises NotTheirs.
    """
    known = _known_by_issuer(connection, said.issuer)
    if known is None:
        return
    issuers = (said.issuer, said.issuer.rstrip("/"))
    kept = connection.execute(
        select(Platform.auth_url, Platform.token_url, Platform.jwks_url).where(Platform.issuer.in_(issuers)).limit(50)
    ).all()
    if kept and (said.auth_url, said.token_url, said.jwks_url) not in {tuple(row) for row in kept}:
        raise NotTheirs(
            f"{said.issuer} is registered here with other addresses. If they have changed, remove the registration"
            " at the desk first."
        )
    if (link_name is not None or not kept) and link_name != known[1]:
        raise NotTheirs(f"{said.issuer} is known here as {known[1]}. Make the registration link with that name.")


def is_known(connection: Connection, issuer: str) -> bool:
    """Whether a site has this issuer already: another registration of it needs no name."""
    return _known_by_issuer(connection, issuer) is not None


def name_is_free(connection: Connection, site_name: str, *, joins: bool) -> bool:
    """Whether a new site may be called so; asked before the platform is told anything."""
    return _named(connection, site_name, joins=joins) is not _TAKEN


_TAKEN = object()


def _site(
    session: Session, values: Registration, site_name: str | None, at: datetime, *, via: str, joins: bool
) -> tuple[UUID, str]:
    known = _registered(session, values) or _known_by_issuer(session.connection(), values.issuer)
    if known is not None:
        return known
    host = urlsplit(values.issuer).netloc
    name = site_name or host
    named = _named(session.connection(), name, joins=joins and site_name is not None)
    if named is _TAKEN and site_name is not None:
        raise NameTaken(f"The name {name} belongs to another site; choose another name.")
    if isinstance(named, UUID):
        return named, name
    if named is _TAKEN:  # two LMSs on one host, none of them named
        name = values.issuer.partition("://")[2].rstrip("/")
    if len(name) > LONGEST_NAME:
        raise SiteProblem(f"The name of a site has at most {LONGEST_NAME} characters; give a shorter one.")
    site_id = new_id()
    session.add(Site(id=site_id, name=name, url=values.issuer.rstrip("/"), covers="placed", created_at=at))
    session.flush()
    _record(session, "site.added", "site", site_id, site_id, at, via, {})
    return site_id, name


def _registered(session: Session, values: Registration) -> tuple[UUID, str] | None:
    owner = select(Site.id, Site.name).join(Platform, Platform.site_id == Site.id)
    same = owner.where(Platform.issuer == values.issuer, Platform.client_id == values.client_id)
    row = session.execute(same).one_or_none()
    return (row.id, row.name) if row else None


def _known_by_issuer(connection: Connection, issuer: str) -> tuple[UUID, str] | None:
    address = issuer.rstrip("/")
    issued = select(Platform.site_id).where(Platform.issuer.in_((issuer, address)))
    known = select(Site.id, Site.name).where(or_(Site.url == address, Site.id.in_(issued)))
    row = connection.execute(known.order_by(Site.id).limit(1)).one_or_none()
    return (row.id, row.name) if row else None


def _named(connection: Connection, name: str, *, joins: bool) -> object:
    """The id of the site of this name that may gain its first registration, ``_TAKEN``, or None: nobody has it."""
    registered = select(Platform.id).where(Platform.site_id == Site.id).limit(1).scalar_subquery()
    row = connection.execute(select(Site.id, registered.label("registered")).where(Site.name == name)).one_or_none()
    if row is None:
        return None
    return row.id if joins and row.registered is None else _TAKEN


def _putting(session: Session, agreed: Agreed, site_id: UUID, at: datetime) -> Any:
    platform = upsert(session, Platform).values(
        id=new_id(),
        site_id=site_id,
        issuer=agreed.values.issuer,
        client_id=agreed.values.client_id,
        auth_url=agreed.values.auth_url,
        token_url=agreed.values.token_url,
        jwks_url=agreed.values.jwks_url,
        token_audience=agreed.token_audience,
        family=agreed.family,
        registered_by=agreed.registered_by,
        granted=list(agreed.granted),
        custom=dict(agreed.custom),
        notices={},
        created_at=at,
    )
    kept = {"id", "site_id", "issuer", "client_id", "notices", "created_at"}
    changing = [column.name for column in Platform.__table__.columns if column.name not in kept]
    return platform.on_conflict_do_update(
        index_elements=["issuer", "client_id"], set_={name: platform.excluded[name] for name in changing}
    ).returning(Platform.id)


def _open(at: datetime) -> Any:
    return select(
        RegistrationLink.id, RegistrationLink.site_name, RegistrationLink.made_at, RegistrationLink.expires_at
    ).where(RegistrationLink.used_at.is_(None), RegistrationLink.expires_at > at)


def _record(
    session: Session, verb: str, kind: str, thing_id: UUID, site_id: UUID, at: datetime, via: str, facts: dict[str, str]
) -> None:
    record(session, verb, Reference(kind, thing_id), at=at, actor_id=None, via=via, site_id=site_id, facts=facts)
