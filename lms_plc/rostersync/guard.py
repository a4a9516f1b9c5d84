"""Would this plan do more than anybody can have meant? Then it is held: nothing is applied until somebody
says so.

What counts is who would lose their access for want of an enrolment. A pause for a suspension does not: the LMS says
it of each person, the next sync takes it back, and a term that ends may well suspend a whole course on one day; a brake
that trips every term is a brake people learn to switch off. An end does not either: whoever it is about lost their
access thirty days ago, before this brake.
"""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from lms_plc.communities.brake import is_too_many
from lms_plc.communities.models import Community, Membership, Placement
from lms_plc.people.models import Identity
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.rostersync.rules import rules_of
from lms_plc.sites.models import Course, Site
from lms_plc.web.i18n import N_

FEWEST_OF_A_SITE = 5
SHARE_OF_A_SITE = 5
"""A site may lose so many per cent of its active memberships at once; so many always, however small it is."""

MOST_NEW = 50
"""Communities a first sync founds without being told to take every course."""

_NAMED = 5
"""Communities named in the sentence an admin reads; the plan names all."""


def objections(session: Session, run: SyncRun) -> list[str]:
    """The sentences that say why this run's plan should not be applied as it is; empty when nothing speaks
    against it.

    A community objects when more than 20 of its members, and more than 10 %, would lose their access, or more than half
    of them and at least 5. The site objects to more than 5 %, and to more than 50 new communities, unless somebody
    chose: by naming courses, by rules or by asking for all.
    """
    options = Options.read(run.options)
    found = [] if options.allow_removals else _too_many_going(session, run)
    return found + _too_many_communities(session, run, options)


def _too_many_going(session: Session, run: SyncRun) -> list[str]:
    going = (
        select(SyncChange.community_id, func.count().label("going"))
        .where(
            SyncChange.run_id == run.id,
            SyncChange.kind == Kind.REST.value,
            SyncChange.left_out.is_(False),
            SyncChange.before["membership"].as_string() == "active",
        )
        .group_by(SyncChange.community_id)
        .subquery()
    )
    active = (
        select(func.count())
        .where(Membership.community_id == going.c.community_id, Membership.state == "active")
        .scalar_subquery()
    )
    rows = session.execute(
        select(Community.name, going.c.going, active.label("active"))
        .join(going, going.c.community_id == Community.id)
        .order_by(Community.id)
    ).all()
    over = [row for row in rows if is_too_many(row.going, row.active)]
    sentences = [
        N_("In “%(community)s”, %(going)d of %(active)d members would lose their access.")
        % {"community": row.name, "going": row.going, "active": row.active}
        for row in over[:_NAMED]
    ]
    if len(over) > _NAMED:
        sentences.append(N_("So it is in %(count)d more communities.") % {"count": len(over) - _NAMED})
    sentences += _site_objects(session, run, sum(row.going for row in rows))
    if sentences:
        sentences.append(
            N_(
                "Nothing was applied. Look at the plan at the desk, or with: lms-plc sync show %(run)s. "
                "If it is right, approve it there, or look again and apply with: lms-plc sync apply --allow-removals"
            )
            % {"run": run.id}
        )
    return sentences


def _site_objects(session: Session, run: SyncRun, going: int) -> list[str]:
    if going <= FEWEST_OF_A_SITE:
        return []
    # its people, wherever it brings them: a community it shares may be another site's, with many of that one's people
    its_own = select(Placement.community_id).join(Course, Course.id == Placement.course_id)
    knows = exists().where(Identity.person_id == Membership.person_id, Identity.site_id == run.site_id)
    active = session.execute(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.community_id.in_(its_own.where(Course.site_id == run.site_id)),
            Membership.state == "active",
            knows,
        )
    ).scalar_one()
    if going * 100 <= active * SHARE_OF_A_SITE:
        return []
    return [
        N_("At this site, %(going)d of %(active)d memberships would rest.") % {"going": going, "active": active},
    ]


def _too_many_communities(session: Session, run: SyncRun, options: Options) -> list[str]:
    covers = session.execute(select(Site.covers).where(Site.id == run.site_id)).scalar_one()
    if options.all_courses or options.courses or covers == "all" or rules_of(session, run.site_id):
        return []
    new = session.execute(
        select(func.count()).where(
            SyncChange.run_id == run.id, SyncChange.kind == Kind.FOUND_COMMUNITY.value, SyncChange.left_out.is_(False)
        )
    ).scalar_one()
    if new <= MOST_NEW:
        return []
    return [
        N_(
            "%(count)d new communities would be founded, one for each visible course. "
            "Name the courses you want, or ask for all courses."
        )
        % {"count": new}
    ]
