"""What is stored about an LMS. Registration → deployment (waiting until approved) → course → enrolment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row

ADMINISTRATORS = frozenset({"Administrator", "SysAdmin", "AccountAdmin"})
"""Names of system and institution roles (LTI 1.3 core, appendix A.2.1 and A.2.2) that run the LMS."""


class Site(Row):
    """One LMS installation, by its address. Everything stored belongs to a site.

    ``ws_token`` is sealed. ``covers`` says which courses a sync may turn into communities where no rule speaks:
    ``placed`` (those that already have one) or ``all``. ``syncs`` says what happens by the clock, every
    ``sync_every`` minutes (None: as the settings say): ``apply``, ``ask`` (plan, and wait for an admin) or ``off``.
    ``sync_revision`` grows with whatever makes an older plan untrue; ``sync_failures`` are the attempts in a row that
    failed. Sites with the same ``register`` count people by
    the same numbers: one sourced id there is one person. ``writes`` are the things this tool may write into the LMS.
    """

    __tablename__ = "plc_site"
    __table_args__ = (UniqueConstraint("name"), UniqueConstraint("url"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str] = mapped_column(String(500))
    title: Mapped[str | None] = mapped_column(String(500))
    connector: Mapped[str | None] = mapped_column(String(40))
    ws_token: Mapped[str | None] = mapped_column(Text)
    ws_user: Mapped[str | None] = mapped_column(String(64))
    release: Mapped[str | None] = mapped_column(String(100))
    covers: Mapped[str] = mapped_column(String(10), default="placed")
    syncs: Mapped[str] = mapped_column(String(10), default="apply")
    sync_every: Mapped[int | None]
    sync_revision: Mapped[int] = mapped_column(default=0)
    sync_failures: Mapped[int] = mapped_column(default=0)
    register: Mapped[str | None] = mapped_column(String(80))
    writes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]


class Platform(Row):
    """A registration of this tool at a site (LTI 1.3 core §3.1.3): issuer and client id together are unique.

    It is pending until ``proved_at``, the first launch whose signature held. ``registered_by`` is ``hand`` or ``link``.
    ``granted`` and ``custom`` are what the platform answered to a dynamic registration: scopes, and the custom
    parameters it took. ``notices`` is its notification service: ``url``, ``offered`` types, ``subscribed`` ones.
    """

    __tablename__ = "plc_platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"), Index("ix_plc_platform_site_id", "site_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_url: Mapped[str] = mapped_column(String(1000))
    token_url: Mapped[str] = mapped_column(String(1000))
    jwks_url: Mapped[str] = mapped_column(String(1000))
    token_audience: Mapped[str | None] = mapped_column(String(1000))
    family: Mapped[str | None] = mapped_column(String(60))
    registered_by: Mapped[str] = mapped_column(String(10), default="hand")
    granted: Mapped[list[str]] = mapped_column(JSON, default=list)
    custom: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    notices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    proved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RegistrationLink(Row):
    """An address for one dynamic registration, made by an operator; the LMS's admin pastes it there.

    Kept by digest. ``site_name`` is what the new site shall be called, None for its host. ``platform_id`` says what
    came of it.
    """

    __tablename__ = "plc_registration_link"
    __table_args__ = (UniqueConstraint("secret_digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_digest: Mapped[str] = mapped_column(String(64))
    site_name: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    platform_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_platform.id"))


class Deployment(Row):
    """Where in the platform the tool was deployed (core §3.1.3). An unknown one is kept and waits for the admin."""

    __tablename__ = "plc_deployment"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("plc_platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    first_seen_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]


class Course(Row):
    """A course of the site: the ``context`` of a launch (core §5.4.1) and the course of its web services.

    Or a part of the LMS with people of its own that a rule made a community: a group or grouping of the course
    ``parent_id``, a cohort (``lms_id`` then begins with ``group:``, ``grouping:``, ``cohort:``).

    ``services`` are the addresses its launches gave: ``platform``, ``deployment``, ``memberships``, ``line_items``,
    ``scopes``.
    """

    __tablename__ = "plc_course"
    __table_args__ = (
        UniqueConstraint("site_id", "lms_id"),
        Index("ix_plc_course_copied_from_id", "copied_from_id"),
        Index("ix_plc_course_parent_id", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(500))
    short_name: Mapped[str | None] = mapped_column(String(255))
    copied_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_course.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_course.id"))
    services: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]


class Enrolment(Row):
    """What the LMS says of a person in a course, kept as it says it.

    ``launch_roles`` are LTI role URIs with their scope (system, institution, context); ``lms_roles`` are the LMS's
    own short names from its web services. Neither gives a role in a community. ``missing_since`` is when a roster read
    whole first lacked somebody it had vouched for (``from_sync``); one such look ends nothing yet.
    """

    __tablename__ = "plc_enrolment"
    __table_args__ = (
        UniqueConstraint("course_id", "person_id"),
        Index("ix_plc_enrolment_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    launch_roles: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    lms_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(10))  # active, suspended, gone
    from_sync: Mapped[bool] = mapped_column(default=False)
    missing_since: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class ToolKey(Row):
    """A key of this tool's ring; the private half is sealed."""

    __tablename__ = "plc_tool_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))  # next, current, retired
    public: Mapped[dict[str, str]] = mapped_column(JSON)
    sealed_pem: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Login(Row):
    """A login under way (OIDC third-party initiated): taken once, minutes old at most. Digests, not secrets."""

    __tablename__ = "plc_login"
    __table_args__ = (
        Index("ix_plc_login_expires_at", "expires_at"),
        Index("ix_plc_login_mark_digest", "mark_digest"),
    )

    state_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce_digest: Mapped[str] = mapped_column(String(64))
    mark_digest: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(String(36))
    target_link_uri: Mapped[str] = mapped_column(Text)
    storage_digest: Mapped[str | None] = mapped_column(String(64))
    storage_frame: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime]


class Ticket(Row):
    """A verified launch waiting for its new window: taken once, minutes old at most. Ids only."""

    __tablename__ = "plc_ticket"
    __table_args__ = (Index("ix_plc_ticket_expires_at", "expires_at"),)

    ticket_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    passage: Mapped[dict[str, str]] = mapped_column(JSON)
    storage_digest: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class DeepLinkRequest(Row):
    """Somebody is choosing what to place in a course (Deep Linking 2.0 §4.4), and the LMS waits for the answer.

    ``settings`` are the request's, sealed: its return address may hold a key of the person's session.
    """

    __tablename__ = "plc_deep_link_request"
    __table_args__ = (Index("ix_plc_deep_link_request_expires_at", "expires_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    platform_id: Mapped[UUID] = mapped_column(ForeignKey("plc_platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("plc_course.id"))
    settings: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
