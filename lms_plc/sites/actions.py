"""What an admin does with an LMS: register the tool by hand, connect its web services, approve a deployment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.founding import found_community, record_founding
from lms_plc.communities.memberships import Because, assign_role, bring_in
from lms_plc.communities.standing import is_led
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role
from lms_plc.core.sealing import Seal
from lms_plc.sites.forms import FoundingForm
from lms_plc.sites.models import Deployment, Platform, Site
from lms_plc.sites.queries import CourseSeen
from lms_plc.sites.syncing import course_came_up

LONGEST_NAME = 80
LONGEST_ADDRESS = 500


class SiteProblem(Exception):
    """What an admin asked cannot be done; the text is one clear sentence."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The values a platform and this tool agree on (LTI 1.3 core §3.1.3)."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployment_id: str | None = None


def site_address(url: str, *, allow_http: bool) -> str:
    """An LMS's address in its one spelling. Raises SiteProblem."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise SiteProblem(f"{url} is no web address; it looks like https://moodle.example.org")
    if parts.scheme == "http" and not allow_http:
        raise SiteProblem(
            f"{url} is not https. Tokens would cross the network in the clear; "
            "for an LMS on this machine or a private network set PLC_ALLOW_PRIVATE_HOSTS=1."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def is_file(address: str) -> bool:
    """Whether a site is a file of people, and no LMS that could be called."""
    return address.startswith("file:")


def add_platform(session: Session, name: str, registration: Registration, at: datetime, *, allow_http: bool) -> UUID:
    """Registers this tool at a platform by hand. The same issuer and client id again brings the rest up to date.

    The site is the one of that name, or the one connected under the issuer's address, or a new one. Raises SiteProblem.
    """
    for label in ("issuer", "auth_url", "token_url", "jwks_url"):
        site_address(getattr(registration, label), allow_http=allow_http)
    if not registration.client_id:
        raise SiteProblem("The client ID is empty.")
    site_id = _site(session, name, registration.issuer, at, _has_no_registration)
    platform = upsert(session, Platform).values(
        id=new_id(),
        site_id=site_id,
        issuer=registration.issuer,
        client_id=registration.client_id,
        auth_url=registration.auth_url,
        token_url=registration.token_url,
        jwks_url=registration.jwks_url,
        created_at=at,
    )
    platform_id, owner = session.execute(
        platform.on_conflict_do_update(
            index_elements=["issuer", "client_id"],
            set_={field: platform.excluded[field] for field in ("auth_url", "token_url", "jwks_url")},
        ).returning(Platform.id, Platform.site_id)
    ).one()
    if owner != site_id:
        raise SiteProblem(
            f"The client ID {registration.client_id} of {registration.issuer} belongs to another site already."
        )
    _record(session, "platform.registered", "site", site_id, site_id, at, {"client_id": registration.client_id})
    if registration.deployment_id:
        approve_deployment(session, platform_id, registration.deployment_id, at)
    return site_id


def approve_deployment(
    session: Session, platform_id: UUID, deployment_id: str, at: datetime, *, via: str = "cli"
) -> None:
    """Lets launches of this deployment in, whether it knocked already or is announced by the admin."""
    deployment = upsert(session, Deployment).values(
        id=new_id(), platform_id=platform_id, deployment_id=deployment_id, first_seen_at=at, approved_at=at
    )
    approved = session.execute(
        deployment.on_conflict_do_update(
            index_elements=["platform_id", "deployment_id"],
            set_={"approved_at": at},
            where=Deployment.approved_at.is_(None),
        ).returning(Deployment.id)
    ).scalar_one_or_none()
    if approved is not None:
        site_id = session.execute(select(Platform.site_id).where(Platform.id == platform_id)).scalar_one()
        _record(
            session,
            "deployment.approved",
            "deployment",
            approved,
            site_id,
            at,
            {"deployment_id": deployment_id},
            via,
        )


def connect_site(
    session: Session,
    *,
    name: str | None,
    url: str,
    connector: str,
    token: str | None,
    seal: Seal,
    title: str,
    release: str,
    ws_user: str,
    at: datetime,
    via: str = "cli",
) -> UUID:
    """Adds the rosters of a site, found by its address or its name; the token is stored sealed, a file has none.

    Raises SiteProblem where the site's rosters come by another connector: people may have other ids there.
    """
    site_id = _site(session, name, url, at, _has_no_web_services)
    sealed = seal.close(token) if token is not None else None
    told: dict[str, Any] = {"url": url, "title": title[:500], "release": release[:100], "ws_user": ws_user}
    _connect(session, site_id, connector, at, {**told, "ws_token": sealed}, via=via)
    return site_id


def connect_by_launches(session: Session, site_id: UUID, connector: str, release: str, at: datetime) -> None:
    """The rosters of a site that is known by its launches are read by their own service, with its registration.

    Raises SiteProblem as connect_site does.
    """
    _connect(session, site_id, connector, at, {"release": release[:100], "ws_token": None, "ws_user": None})


def disconnect_site(session: Session, site_id: UUID, at: datetime) -> bool:
    """Forgets the token of a site and how its rosters were read; False if there was nothing to forget.

    Nothing else changes: courses, communities and whoever is in them stay, and launches go on.
    """
    forgotten = session.execute(
        update(Site)
        .where(Site.id == site_id, Site.connector.is_not(None))
        .values(connector=None, ws_token=None, ws_user=None, release=None, connected_at=None)
        .returning(Site.id)
    ).one_or_none()
    if forgotten is not None:
        _record(session, "site.disconnected", "site", site_id, site_id, at, {})
    return forgotten is not None


def _connect(
    session: Session, site_id: UUID, connector: str, at: datetime, values: dict[str, Any], *, via: str = "cli"
) -> None:
    site = session.execute(select(Site.name, Site.connector).where(Site.id == site_id)).one()
    if site.connector not in (None, connector):
        raise SiteProblem(
            f"{site.name} is connected by {site.connector}, which may know people by other ids. To read it by"
            f" {connector} from now on: lms-plc sites disconnect {site.name}"
        )
    session.execute(update(Site).where(Site.id == site_id).values(connector=connector, connected_at=at, **values))
    _record(session, "site.connected", "site", site_id, site_id, at, {"connector": connector}, via=via)


def found_from_course(
    session: Session, actor: Actor, course: CourseSeen, form: FoundingForm, *, community_id: UUID | None = None
) -> UUID:
    """Somebody who leads a course founds its community, and is its first member and facilitator. How it began is
    written down with it, if they say.

    Whoever comes second, even at the same moment, joins the community of the first and is given no role; who must know
    whether it was theirs gives the id the new one would have.
    """
    new = community_id or new_id()
    community_id = found_community(
        session,
        community_id=new,
        site_id=course.site_id,
        course_id=course.id,
        name=form.name,
        at=actor.at,
        via="page",
        actor_id=actor.person_id,
    )
    because = Because(actor.at, "page", actor_id=actor.person_id)
    bring_in(session, course.site_id, community_id, [actor.person_id], because)
    if community_id == new:
        assign_role(session, course.site_id, community_id, actor.person_id, Role.FACILITATOR, because)
        course_came_up(session, course.id)
        if form.says_something:
            record_founding(session, actor, community_id, course.site_id, form)
    return community_id


def come_back(session: Session, actor: Actor, community_id: UUID) -> None:
    """Somebody who left by themselves is a member again, because they said so."""
    because = Because(actor.at, "page", actor_id=actor.person_id)
    bring_in(session, actor.site_id, community_id, [actor.person_id], because)


def take_up_facilitation(session: Session, actor: Actor, course: CourseSeen) -> UUID | None:
    """Whoever leads a course takes up its community, if it has no facilitator now; its id, None if it has none.

    An LMS role gives no role in a community by itself: this one is taken, by somebody who was asked.
    """
    if course.community_id is None:
        return None
    is_free = not session.execute(select(is_led(course.community_id, actor.at))).scalar_one()
    if is_free:
        because = Because(actor.at, "page", actor_id=actor.person_id)
        bring_in(session, course.site_id, course.community_id, [actor.person_id], because)
        assign_role(session, course.site_id, course.community_id, actor.person_id, Role.FACILITATOR, because)
    return course.community_id


def _site(
    session: Session, name: str | None, url: str, at: datetime, may_gain: Callable[[Session, UUID], bool]
) -> UUID:
    """The site of this address (its own, or an issuer's of its launches), or of this name; made if there is neither.

    A hosted LMS's issuer is not its address: a site known by one side of it only may gain the other under any
    address, which ``may_gain`` decides. Raises SiteProblem when the address and the name are those of two sites.
    """
    address = url.rstrip("/")
    issued = select(Platform.site_id).where(Platform.issuer.in_((url, address)))
    known_as = or_(Site.url == address, Site.id.in_(issued))
    by_url = session.execute(select(Site.id, Site.name).where(known_as).order_by(Site.id).limit(1)).one_or_none()
    by_name = session.execute(select(Site.id, Site.url).where(Site.name == name)).one_or_none() if name else None
    if by_url and name and not by_name and by_url.name == _own_name(address):
        # connected without a name, it was called by its host or its file; now it is given one
        session.execute(update(Site).where(Site.id == by_url.id).values(name=name))
        return by_url.id
    if by_url and name and by_url.name != name:
        raise SiteProblem(f"{address} is known already, under the name {by_url.name}.")
    if by_url:
        return by_url.id
    if by_name:
        if not may_gain(session, by_name.id):
            raise SiteProblem(f"The name {name} belongs to {by_name.url}; choose another name.")
        return by_name.id
    site_id = new_id()
    site_name = name or _free_name(session, address)
    if len(site_name) > LONGEST_NAME:
        raise SiteProblem(f"The name of a site has at most {LONGEST_NAME} characters; give a shorter one.")
    session.add(Site(id=site_id, name=site_name, url=address, covers="placed", created_at=at))
    session.flush()
    _record(session, "site.added", "site", site_id, site_id, at, {})
    return site_id


def _free_name(session: Session, address: str) -> str:
    """The host, or with its path where two LMSs share a host; of a file its name, numbered where two are called so."""
    own = _own_name(address)
    if not _is_taken(session, own):
        return own
    if not is_file(address):
        return address.partition("://")[2]
    return next(name for n in count(2) if not _is_taken(session, name := f"{own} {n}"))


def _own_name(address: str) -> str:
    if not is_file(address):
        return urlsplit(address).netloc
    return PurePosixPath(unquote(urlsplit(address).path)).stem[: LONGEST_NAME - 4]


def _is_taken(session: Session, name: str) -> bool:
    return session.execute(select(Site.id).where(Site.name == name)).one_or_none() is not None


def _has_no_registration(session: Session, site_id: UUID) -> bool:
    return session.execute(select(Platform.id).where(Platform.site_id == site_id).limit(1)).one_or_none() is None


def _has_no_web_services(session: Session, site_id: UUID) -> bool:
    return session.execute(select(Site.connected_at).where(Site.id == site_id)).scalar_one() is None


def _record(
    session: Session,
    verb: str,
    kind: str,
    thing_id: UUID,
    site_id: UUID,
    at: datetime,
    facts: dict[str, str],
    via: str = "cli",
) -> None:
    record(
        session,
        verb,
        Reference(kind, thing_id),
        at=at,
        actor_id=None,
        via=via,
        site_id=site_id,
        facts=facts,
    )
