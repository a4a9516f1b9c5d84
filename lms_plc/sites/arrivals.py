"""What a launch makes of people and places: person, course, enrolment, membership, in one transaction.

A launch that brings nothing new is one look and no write. An LMS role is kept as the LMS says it and gives no role in
a community: whoever is in the course is a member; what an LMS administrator who is not may do is a setting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.communities.founding import found_twin, link_twin
from lms_plc.communities.memberships import Because, bring_in, bring_in_newcomer
from lms_plc.communities.models import Membership, PlacedLink, Placement
from lms_plc.core.activity import Reference, record
from lms_plc.core.database import Prepared, upsert
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.people import registry
from lms_plc.people.models import Identity, Person
from lms_plc.sites import said
from lms_plc.sites.looking import look
from lms_plc.sites.models import Course, DeepLinkRequest, Enrolment, Platform
from lms_plc.sites.registers import register_of
from lms_plc.sites.syncing import course_came_up
from lms_plc.web.i18n import N_
from lti.claims import DataPrivacyLaunchRequest, DeepLinkingRequest, SubmissionReviewRequest
from lti.launch import Launch
from lti.login import origin_of
from lti.refusals import Reason, Refusal

CHOOSING_FOR = timedelta(hours=1)
"""So long the LMS's page waits for what is chosen; Moodle's own session is not much longer."""

NO_COURSE = Reason(
    "course_missing",
    400,
    N_("This link was not opened from a course. Please open it from a course of yours."),
    N_("The launch of %(issuer)s, client ID %(client_id)s, has no context claim; place the activity in a course."),
)
NOT_PLACING = Reason(
    "placing_refused",
    403,
    N_("Activities are added to a course by those who lead it. Nothing was changed."),
    N_("The deep linking request of %(issuer)s, client ID %(client_id)s, names no role that edits the course."),
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where somebody has come to. ``to`` is ``community`` (its page ``part``, there the ``thing``), ``found`` (they may
    found one), ``waiting`` (nobody has yet), ``left`` (they left by themselves, and may come back in), ``technical``
    (an LMS administrator from outside), ``outside`` (no part in this course), ``pick`` (choosing what to place: the
    request ``thing``), ``review`` (one person's completion of the placed link ``thing``: ``about``), ``mine`` (several
    communities of the course's groups), ``privacy`` (what is kept about them) or ``guest`` (nobody the LMS names)."""

    person_id: UUID | None
    site_id: UUID
    course_id: UUID | None
    community_id: UUID | None
    to: str
    frame_origin: str
    part: str | None = None
    thing: UUID | None = None
    about: UUID | None = None

    def passage(self) -> dict[str, str]:
        """As ``lti`` keeps it while a new window opens."""
        return {
            "person": str(self.person_id or ""),
            "site": str(self.site_id),
            "course": str(self.course_id or ""),
            "community": str(self.community_id or ""),
            "to": self.to,
            "frame_origin": self.frame_origin,
            "part": self.part or "",
            "thing": str(self.thing or ""),
            "about": str(self.about or ""),
        }


def arrive(house: House, launch: Launch) -> Arrived:
    """Makes what a verified launch needs and says where it leads. Raises Refusal without a course, or for a choice that
    is not theirs to make."""
    at, message = house.clock(), launch.message
    is_about_oneself = isinstance(message, DataPrivacyLaunchRequest) and launch.subject is not None
    if launch.context is None and not is_about_oneself:
        raise Refusal(NO_COURSE, issuer=launch.platform.issuer, client_id=launch.platform.client_id)
    if isinstance(message, DeepLinkingRequest) and not (launch.subject and said.may_place(launch)):
        raise Refusal(NOT_PLACING, issuer=launch.platform.issuer, client_id=launch.platform.client_id)
    if isinstance(message, DeepLinkingRequest) and _leaves_https(launch, message):
        raise Refusal("deep_linking_settings_malformed")
    arrival = _Arrival(house, launch, at)
    seen = look(house.database.send, launch, at)
    if launch.subject is None:
        return arrival.led(seen, "guest")
    if not arrival.brings_nothing_new(seen):
        seen = arrival.welcomed(seen) or arrival.settled(seen)
    if is_about_oneself:
        return arrival.led(seen, "privacy")
    if isinstance(message, DeepLinkingRequest):
        return arrival.led(seen, "pick", thing=_begin_choosing(house, seen, launch, message, at))
    # what stands in a copy of the course counts nothing here: there, the way is to the copy's community
    if isinstance(message, SubmissionReviewRequest) and seen.placed_here:
        about = _person_called(house, seen.site_id, message.for_user.user_id)
        return arrival.led(seen, "review", thing=seen.placed_link_id, about=about)
    to = arrival.leads_to(seen)
    if seen.course_id is not None and seen.community_id is None and to != "technical":
        seen, to = _groups_of_the_course(house, seen, to)
    return arrival.led(seen, to)


def _groups_of_the_course(house: House, seen: Row[Any], to: str) -> tuple[Row[Any], str]:
    """Where a course opens no community, it may be that its groups do: one's own, or the list of them. Whoever left
    the only one they had is asked whether they come back."""
    with house.database.read() as connection:
        known = connection.execute(
            select(Membership.community_id, Membership.state)
            .join(Placement, Placement.community_id == Membership.community_id)
            .join(Course, Course.id == Placement.course_id)
            .where(
                Course.parent_id == seen.course_id,
                Membership.person_id == seen.person_id,
                or_(Membership.state == "active", and_(Membership.state == "left", Membership.reason.is_(None))),
            )
            .distinct()
            .order_by(Membership.state)
            .limit(2)
        ).all()
    communities = [row.community_id for row in known if row.state == "active"]
    if not communities and len(known) == 1:
        return seen._replace(community_id=known[0].community_id), "left"
    if not communities:
        return seen, to
    if len(communities) > 1:
        return seen, "mine"
    return seen._replace(community_id=communities[0]), "community"


@dataclass(frozen=True)
class _Arrival:
    """One launch on its way in, and what is made of what was known before (``seen``, a row of `looking`)."""

    house: House
    launch: Launch
    at: datetime

    def led(self, seen: Row[Any], to: str, *, thing: UUID | None = None, about: UUID | None = None) -> Arrived:
        return Arrived(
            person_id=seen.person_id if self.launch.subject else None,
            site_id=seen.site_id,
            course_id=seen.course_id,
            community_id=seen.community_id,
            to=to,
            frame_origin=origin_of(self.launch.platform.auth_url) or "",
            part=seen.part,
            thing=seen.placed_thing_id if to == "community" else thing,
            about=about,
        )

    def brings_nothing_new(self, seen: Row[Any]) -> bool:
        launch = self.launch
        return (
            seen.proved_at is not None
            and seen.person_id is not None
            and seen.first_launched_at is not None
            and said.name(seen, launch) == seen.display_name
            and (said.locale(launch) in (None, seen.locale))
            and said.email(seen, launch) == seen.email
            and said.notice_service(seen, launch) is None
            and (launch.context is None or self._course_is_as_known(seen))
        )

    def _course_is_as_known(self, seen: Row[Any]) -> bool:
        launch = self.launch
        return (
            _course_is_described(seen, launch)
            and seen.launch_roles == said.roles(launch)
            and ((seen.enrolment_state == "active" and not seen.missing_since) or said.is_administrator(launch))
            and not (seen.community_id is None and seen.original_community_id is not None)
            and not (seen.community_id is not None and self.joins(seen) and self._is_to_be_member(seen))
            and not said.link_facts(seen, launch)
        )

    def welcomed(self, seen: Row[Any]) -> Any:
        """What is known once somebody new has joined a community that is there already, the commonest of all first
        launches: six statements, and no second look, because nothing else can be new. None when it is another case.
        """
        launch, at = self.launch, self.at
        if not self._brings_only_a_newcomer(seen):
            return None
        assert launch.subject is not None
        said_name, locale, roles = said.name(seen, launch), said.locale(launch), said.roles(launch)
        email = said.email(seen, launch)
        try:
            with self.house.database.together() as send:
                person_id = registry.greet(send, seen.site_id, launch.subject, said_name, locale, at, email=email)
                enrolment = {"id": new_id(), "course_id": seen.course_id, "person_id": person_id, "changed_at": at}
                send(
                    _ENROL, {**enrolment, "launch_roles": roles, "lms_roles": [], "state": "active", "from_sync": False}
                )
                because = Because(at, "launch", actor_id=person_id)
                bring_in_newcomer(send, seen.site_id, seen.community_id, person_id, because)
        except registry.MetMeanwhile:
            return None
        return seen._replace(
            person_id=person_id,
            first_launched_at=at,
            display_name=said_name,
            locale=locale,
            email=email,
            launch_roles=roles,
            enrolment_state="active",
            missing_since=None,
            membership_state="active",
        )

    def _brings_only_a_newcomer(self, seen: Row[Any]) -> bool:
        launch = self.launch
        return (
            seen.person_id is None
            and said.sourced_id(seen, launch) is None  # another site of the register may know them
            and seen.proved_at is not None
            and said.notice_service(seen, launch) is None
            and launch.context is not None
            and _course_is_described(seen, launch)
            and seen.community_id is not None
            and seen.original_community_id is None
            and self.joins(seen)
            and not said.link_facts(seen, launch)
        )

    def settled(self, seen: Row[Any]) -> Any:
        """What is known once everything new is written."""
        with self.house.database.write(durably=False) as session:
            send = self.house.database.sending_in(session)
            self.settle(session, seen)
            seen = look(send, self.launch, self.at)
            if not self.brings_nothing_new(seen):  # somebody else wrote between our two looks
                self.settle(session, seen)
                seen = look(send, self.launch, self.at)
        return seen

    def settle(self, session: Session, seen: Row[Any]) -> None:
        """Writes what is new. Everything is an upsert: a sync, or a second tab, may be doing the same right now."""
        launch, at = self.launch, self.at
        assert launch.subject is not None
        _remember_platform(session, seen, launch, at)
        person_id = seen.person_id
        if person_id is None or said.name(seen, launch) != seen.display_name:
            names = {launch.subject: said.name(seen, launch)}
            number = said.sourced_id(seen, launch)
            register = registry.NO_REGISTER
            if number is not None:
                register = register_of(session, seen.site_id, {launch.subject: number}, at)
            met = registry.meet(session, seen.site_id, names, at, via="launch", register=register)
            person_id = met[launch.subject]
        _remember_person(session, seen, person_id, launch, at)
        if launch.context is None:
            return
        course_id = seen.course_id
        if not _course_is_described(seen, launch):
            course_id = _remember_course(session, seen, launch, at)
        if seen.course_id is None:
            course_came_up(session, course_id)
        _remember_enrolment(session, course_id, person_id, launch, at)
        if link_facts := said.link_facts(seen, launch):
            session.execute(update(PlacedLink).where(PlacedLink.id == seen.placed_link_id).values(link_facts))
        community_id = self._settle_community(session, seen, course_id)
        if community_id is not None and self.joins(seen) and not seen.left_by_wish:
            because = Because(at, "launch", actor_id=person_id)
            bring_in(session, seen.site_id, community_id, [person_id], because)

    def _settle_community(self, session: Session, seen: Row[Any], course_id: UUID) -> UUID | None:
        """The community this opens, with the course's history in mind."""
        if seen.original_community_id is None:
            return seen.community_id
        if seen.own_community_id is None and seen.community_id is None:
            return found_twin(
                session,
                original_id=seen.original_community_id,
                # the course's history comes through the course's own settings: no proof of knowing the original
                with_charter=bool(seen.knows_original),
                course_id=course_id,
                site_id=seen.site_id,
                name=said.title(seen, self.launch),
                at=self.at,
                via="launch",
            )
        if seen.own_community_id == seen.community_id and seen.twin_of_id is None:
            original = seen.original_community_id
            link_twin(session, seen.community_id, original, site_id=seen.site_id, at=self.at, via="launch")
        return seen.community_id

    def leads_to(self, seen: Row[Any]) -> str:
        may_enter = seen.membership_state == "active" or (seen.mentor and seen.membership_state is None)
        if seen.community_id is not None and may_enter:
            return "community"
        if seen.left_by_wish and self.joins(seen):
            return "left"
        if self._administers_only(seen):
            return {"technical": "technical", "nothing": "outside"}.get(self._administrators, "waiting")
        if seen.community_id is not None or not said.takes_part(self.launch):
            return "outside"
        return "found" if said.has(self.launch, "Instructor") else "waiting"

    def joins(self, seen: Row[Any]) -> bool:
        """An administrator is an Instructor to Moodle in every course; only the roster says whether they take part,
        or the setting. Who only chooses, reviews or asks does not join by it."""
        if self.launch.resource_link is None or isinstance(self.launch.message, SubmissionReviewRequest):
            return False
        return said.takes_part(self.launch) and (not self._administers_only(seen) or self._administrators == "member")

    def _is_to_be_member(self, seen: Row[Any]) -> bool:
        """Whoever left by themselves is asked; nothing brings them back."""
        return seen.membership_state != "active" and not seen.left_by_wish

    def _administers_only(self, seen: Row[Any]) -> bool:
        return said.is_administrator(self.launch) and not seen.on_roster

    @property
    def _administrators(self) -> str:
        return self.house.settings.lms_administrators


def _leaves_https(launch: Launch, message: DeepLinkingRequest) -> bool:
    """Whether the answer would travel in the open; better said now than after somebody has chosen."""
    back = urlsplit(message.settings.deep_link_return_url).scheme
    return back == "http" and urlsplit(launch.platform.auth_url).scheme == "https"


def _begin_choosing(house: House, seen: Row[Any], launch: Launch, message: DeepLinkingRequest, at: datetime) -> UUID:
    request_id = new_id()
    with house.database.write() as session:
        session.add(
            DeepLinkRequest(
                id=request_id,
                person_id=seen.person_id,
                platform_id=UUID(launch.platform.id),
                deployment_id=launch.deployment_id,
                course_id=seen.course_id,
                settings=house.seal.close(message.settings.model_dump_json()),
                expires_at=at + CHOOSING_FOR,
            )
        )
    return request_id


def _person_called(house: House, site_id: UUID, subject: str) -> UUID | None:
    with house.database.read() as connection:
        return connection.execute(
            select(Identity.person_id).where(Identity.site_id == site_id, Identity.subject == subject)
        ).scalar_one_or_none()


def _remember_platform(session: Session, seen: Row[Any], launch: Launch, at: datetime) -> None:
    """The first launch whose signature holds proves a registration; any launch may bring a notification service."""
    platform_id = UUID(launch.platform.id)
    if seen.proved_at is None:
        unproved = update(Platform).where(Platform.id == platform_id, Platform.proved_at.is_(None))
        if session.execute(unproved.values(proved_at=at).returning(Platform.id)).one_or_none() is not None:
            record(
                session,
                "platform.proved",
                Reference("platform", platform_id),
                at=at,
                actor_id=None,
                via="launch",
                site_id=seen.site_id,
            )
    service = said.notice_service(seen, launch)
    if service is not None:
        session.execute(update(Platform).where(Platform.id == platform_id).values(notices=service))
        jobs.enqueue(session, "ask-for-notices", platform_id=str(platform_id))


def _remember_person(session: Session, seen: Row[Any], person_id: UUID, launch: Launch, at: datetime) -> None:
    if said.locale(launch) not in (None, seen.locale):
        session.execute(update(Person).where(Person.id == person_id).values(locale=said.locale(launch)))
    if (email := said.email(seen, launch)) != seen.email:
        ours = (Person.id == person_id) & Person.email_source.is_distinct_from("own")
        session.execute(update(Person).where(ours).values(email=email, email_source="lms"))
    if seen.first_launched_at is not None:
        return
    first = session.execute(
        update(Identity)
        .where(
            Identity.site_id == seen.site_id,
            Identity.subject == launch.subject,
            Identity.first_launched_at.is_(None),
        )
        .values(first_launched_at=at)
        .returning(Identity.id)
    ).one_or_none()
    if first is not None:
        record(
            session,
            "person.arrived",
            Reference("person", person_id),
            at=at,
            actor_id=person_id,
            via="launch",
            site_id=seen.site_id,
        )


def _course_is_described(seen: Row[Any], launch: Launch) -> bool:
    """Whether what is kept of the course itself is what this launch says of it."""
    return (
        seen.course_id is not None
        and said.title(seen, launch) == seen.title
        and said.services(seen, launch) == seen.services
        and (seen.copied_from_id == seen.original_id or seen.original_id is None)
    )


def _remember_course(session: Session, seen: Row[Any], launch: Launch, at: datetime) -> UUID:
    assert launch.context is not None
    course = upsert(session, Course).values(
        id=new_id(),
        site_id=seen.site_id,
        lms_id=launch.context.id,
        title=said.title(seen, launch),
        short_name=(launch.context.label or "")[:255] or None,
        copied_from_id=seen.original_id,
        services=said.services(seen, launch),
        created_at=at,
    )
    changed: dict[str, Any] = {"lms_id": course.excluded.lms_id, "services": course.excluded.services}
    if launch.context.title:
        changed["title"] = course.excluded.title
    if seen.original_id is not None:
        changed["copied_from_id"] = course.excluded.copied_from_id
    return session.execute(
        course.on_conflict_do_update(index_elements=["site_id", "lms_id"], set_=changed).returning(Course.id)
    ).scalar_one()


_ENROL = Prepared(
    lambda insert: insert(Enrolment),
    given=(
        *("id", "course_id", "person_id", "launch_roles"),
        *("lms_roles", "state", "from_sync", "changed_at"),
    ),
)


def _remember_enrolment(session: Session, course_id: UUID, person_id: UUID, launch: Launch, at: datetime) -> None:
    enrolment = upsert(session, Enrolment).values(
        id=new_id(),
        course_id=course_id,
        person_id=person_id,
        launch_roles=said.roles(launch),
        lms_roles=[],
        state="active",
        from_sync=False,
        changed_at=at,
    )
    changed: dict[str, Any] = {"launch_roles": enrolment.excluded.launch_roles, "changed_at": at}
    if not said.is_administrator(launch):  # who launches is enrolled, except that an administrator may open any course
        changed |= {"state": "active", "missing_since": None}
    session.execute(enrolment.on_conflict_do_update(index_elements=["course_id", "person_id"], set_=changed))
