"""What an operator does with a registration: approve where it was deployed, mend it, take it away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc.core.activity import Reference, record
from lms_plc.core.policy import NotThere
from lms_plc.people.models import Seat
from lms_plc.sites.actions import approve_deployment as approve
from lms_plc.sites.models import Course, DeepLinkRequest, Deployment, Login, Platform, RegistrationLink

VIA = "desk"


def approve_deployment(session: Session, deployment: UUID, at: datetime) -> UUID:
    """Lets the launches of a deployment in; answers its registration. Raises NotThere."""
    of = select(Deployment.platform_id, Deployment.deployment_id).where(Deployment.id == deployment)
    row = session.execute(of).one_or_none()
    if row is None:
        raise NotThere("deployment")
    approve(session, row.platform_id, row.deployment_id, at, via=VIA)
    return row.platform_id


def take_back_approval(session: Session, deployment: UUID, at: datetime) -> UUID:
    """Keeps the launches of a deployment out again; who is in stays in. Answers its registration. Raises NotThere."""
    platform_id = session.execute(
        select(Deployment.platform_id).where(Deployment.id == deployment)
    ).scalar_one_or_none()
    if platform_id is None:
        raise NotThere("deployment")
    approved = update(Deployment).where(Deployment.id == deployment, Deployment.approved_at.is_not(None))
    taken = session.execute(approved.values(approved_at=None).returning(Deployment.deployment_id)).scalar_one_or_none()
    if taken is not None:
        facts = {"deployment_id": taken}
        _record(session, "deployment.taken_back", Reference("deployment", deployment), platform_id, at, facts)
    return platform_id


def change_token_audience(session: Session, platform_id: UUID, audience: str | None, at: datetime) -> None:
    """Sets what the platform wants as ``aud`` of a token request; None for its token URL. Raises NotThere."""
    mended = update(Platform).where(Platform.id == platform_id).values(token_audience=audience)
    if session.execute(mended.returning(Platform.id)).scalar_one_or_none() is None:
        raise NotThere("platform")
    _record(session, "platform.changed", Reference("platform", platform_id), platform_id, at, {})


def remove_registration(session: Session, platform_id: UUID, at: datetime) -> None:
    """Forgets a registration, its deployments and whatever is under way through it. The site, its people and their
    communities stay, and open again with the next registration of the same LMS. Raises NotThere."""
    platform = session.execute(
        select(Platform.site_id, Platform.client_id).where(Platform.id == platform_id)
    ).one_or_none()
    if platform is None:
        raise NotThere("platform")
    facts = {"client_id": platform.client_id}
    _record(session, "platform.removed", Reference("platform", platform_id), platform_id, at, facts)
    session.flush()
    session.execute(delete(Deployment).where(Deployment.platform_id == platform_id))
    session.execute(delete(DeepLinkRequest).where(DeepLinkRequest.platform_id == platform_id))
    session.execute(delete(Login).where(Login.platform_id == str(platform_id)))
    # seats do not say by which registration they were opened: everybody of the site comes in once more
    session.execute(delete(Seat).where(Seat.site_id == platform.site_id))
    session.execute(
        update(RegistrationLink).where(RegistrationLink.platform_id == platform_id).values(platform_id=None)
    )
    # addresses that only this registration's key opens; the next launch brings new ones
    session.execute(
        update(Course)
        .where(Course.site_id == platform.site_id, Course.services["platform"].as_string() == str(platform_id))
        .values(services={})
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Platform).where(Platform.id == platform_id))


def _record(
    session: Session, verb: str, thing: Reference, platform_id: UUID, at: datetime, facts: dict[str, str]
) -> None:
    site_id = session.execute(select(Platform.site_id).where(Platform.id == platform_id)).scalar_one()
    record(session, verb, thing, at=at, actor_id=None, via=VIA, site_id=site_id, facts=facts)
