"""What can somebody do when they open a community?"""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms_plc.communities.memberships import Because, assign_role, bring_in
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role, load
from lms_plc.founding.forms import MINUTES, OpeningForm, SizeForm
from lms_plc.meetings.actions import plan_meeting
from lms_plc.meetings.forms import MeetingForm, MeetingKind
from lms_plc.profiles.actions import schools_called
from lms_plc.series.actions import plan_series
from lms_plc.series.forms import SeriesForm
from lms_plc.series.recurrence import Every
from lms_plc.sites.actions import found_from_course
from lms_plc.sites.queries import CourseSeen
from lms_plc.web.i18n import gettext

FOUNDING_CHARTER = "founding_charter"
"""The protocol a community decides by why it exists, how it behaves and when it meets."""
_FREE_AFTER = {Every.WEEK: timedelta(weeks=1), Every.TWO_WEEKS: timedelta(weeks=2)}
_FREE_IN_A_MONTH = timedelta(weeks=3)


def open_community(session: Session, actor: Actor, course: CourseSeen, form: OpeningForm, zone: ZoneInfo) -> UUID:
    """Founds the community of a course with all that was said of it, and plans its founding meeting. Whoever comes
    second joins what the first founded; ``form.second`` is somebody of the course, or nobody."""
    new = new_id()
    community_id = found_from_course(session, actor, course, form, community_id=new)
    if community_id != new:
        return community_id
    if form.second is not None:
        because = Because(actor.at, "page", actor_id=actor.person_id)
        bring_in(session, course.site_id, new, [form.second], because)
        assign_role(session, course.site_id, new, form.second, Role.FACILITATOR, because)
    if form.school or form.seats:
        _keep_size(session, course.site_id, new, form.school, form.seats)
    if form.day is not None:
        session.flush()
        community: CommunitySeen = load(session.connection(), actor, "community", new, "meeting.plan")
        _plan(session, actor, community, form, form.day, zone)
    return new


def set_size(session: Session, actor: Actor, community: CommunitySeen, form: SizeForm) -> None:
    """Another school, or more or fewer seats. Nobody is turned away by it."""
    _keep_size(session, community.site_id, community.id, form.school, form.seats)
    record_by(
        session,
        actor,
        "community.size_set",
        Reference("community", community.id),
        site_id=community.site_id,
        community_id=community.id,
        facts={"seats": form.seats},
    )


def _keep_size(session: Session, site_id: UUID, community_id: UUID, school: str, seats: int | None) -> None:
    school_id = next(iter(schools_called(session, site_id, [school])), None)
    session.execute(update(Community).where(Community.id == community_id).values(school_id=school_id, seats=seats))


def _plan(
    session: Session, actor: Actor, community: CommunitySeen, form: OpeningForm, day: date, zone: ZoneInfo
) -> None:
    """The founding meeting; and from then on their rhythm, if they know it already."""
    meeting = MeetingForm(
        title=gettext("Our founding meeting"),
        kind=MeetingKind.FOUNDING,
        day=day,
        starts=form.starts,
        ends=form.ends,
        in_working_time=form.in_working_time,
        protocol=FOUNDING_CHARTER,
        form_key=form.form_key,
    )
    plan_meeting(session, actor, community, meeting, zone)
    if form.every is not None:
        series = SeriesForm(
            title=gettext("Our meeting"),
            every=form.every,
            weekday=day.weekday(),
            first=day + _FREE_AFTER.get(form.every, _FREE_IN_A_MONTH),
            starts=form.starts,
            minutes=MINUTES,
            in_working_time=form.in_working_time,
            form_key=form.form_key or new_id().hex,
        )
        plan_series(session, actor, community, series, zone.key)
