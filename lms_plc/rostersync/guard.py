"""Would this plan do more than anybody can have meant? Then it is held: nothing is applied until somebody
says so.

Only endings count. A pause is undone by the next sync when the LMS says so, and a term that ends may well
suspend a whole course on one day; a brake that trips every term is a brake people learn to switch off.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms_plc.communities.models import Community, Membership
from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.models import SyncChange, SyncRun
from lms_plc.rostersync.options import Options
from lms_plc.sites.models import Site
from lms_plc.web.i18n import N_

FEWEST_ENDINGS = 5
"""So many may not end without more than a share: three of a circle of ten leaving is an ordinary month."""

LARGEST_SHARE = 20
"""Per cent of a community's active memberships that may end at once."""

MOST_NEW = 50
"""Communities a first sync founds without being told to take every course."""

_NAMED = 5
"""Communities named in the sentence an admin reads; the plan names all."""


def objections(session: Session, run: SyncRun) -> list[str]:
    """The sentences that say why this run's plan should not be applied as it is; empty when nothing speaks
    against it.

    A community objects when more than 20 % of its active memberships, and at least 5, would end. The site
    objects to more than 50 new communities, unless somebody chose: by naming courses or by asking for all.
    """
    options = Options.read(run.options)
    found = [] if options.allow_removals else _too_many_endings(session, run)
    return found + _too_many_communities(session, run, options)


def _too_many_endings(session: Session, run: SyncRun) -> list[str]:
    endings = (
        select(SyncChange.community_id, func.count().label("ending"))
        .where(
            SyncChange.run_id == run.id,
            SyncChange.kind == Kind.END.value,
            SyncChange.before["membership"].as_string() == "active",
        )
        .group_by(SyncChange.community_id)
        .having(func.count() >= FEWEST_ENDINGS)
        .subquery()
    )
    active = (
        select(func.count())
        .where(Membership.community_id == endings.c.community_id, Membership.state == "active")
        .scalar_subquery()
    )
    rows = session.execute(
        select(Community.name, endings.c.ending, active.label("active"))
        .join(endings, endings.c.community_id == Community.id)
        .order_by(Community.id)
    )
    over = [row for row in rows if row.ending * 100 > row.active * LARGEST_SHARE]
    sentences = [
        N_("In “%(community)s”, %(ending)d of %(active)d members would leave.")
        % {"community": row.name, "ending": row.ending, "active": row.active}
        for row in over[:_NAMED]
    ]
    if len(over) > _NAMED:
        sentences.append(N_("So it is in %(count)d more communities.") % {"count": len(over) - _NAMED})
    if sentences:
        sentences.append(N_("If that is right, sync again and allow removals."))
    return sentences


def _too_many_communities(session: Session, run: SyncRun, options: Options) -> list[str]:
    covers = session.execute(select(Site.covers).where(Site.id == run.site_id)).scalar_one()
    if options.all_courses or options.courses or covers == "all":
        return []
    new = session.execute(
        select(func.count()).where(SyncChange.run_id == run.id, SyncChange.kind == Kind.FOUND_COMMUNITY.value)
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
