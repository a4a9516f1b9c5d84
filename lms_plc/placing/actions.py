"""What can somebody do with a course from here? Place parts of a community in it, and confirm that members are done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc import jobs
from lms_plc.communities.founding import found_beside
from lms_plc.communities.memberships import Because, assign_role, bring_in
from lms_plc.communities.models import Membership, PlacedLink
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record, record_by
from lms_plc.core.database import upsert
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotAllowed, NotThere, Role, load
from lms_plc.placing.forms import NEW, ChoiceForm, CompletionForm, DoneBy, DoneByForm
from lms_plc.placing.models import Completion
from lms_plc.placing.queries import ChoiceSeen, CountedLink, LinkSeen
from lms_plc.sites.models import DeepLinkRequest

TELLING, SETTLING = "tell-completions", "settle-completions"

jobs.announce(TELLING, one_per=("placed_link_id",))
jobs.announce(SETTLING, one_per=("placed_link_id",))


def place(
    session: Session, actor: Actor, choice: ChoiceSeen, form: ChoiceForm, part_names: Mapping[str, str]
) -> Sequence[PlacedLink]:
    """One link a part; the choice is used up. ``part_names`` are the parts there are, with their titles.

    Raises NotThere for a community the actor does not know, and for a choice that was made meanwhile; NotAllowed for a
    community they do not lead, or where only who leads the course may found one.
    """
    community_id, community_name = _community(session, actor, choice, form)
    links: list[PlacedLink] = []
    for part in dict.fromkeys(form.parts):
        if part not in part_names:
            raise NotThere("part")
        endpoint, _, thing_id = part.partition(":")
        title = form.title if form.title and len(form.parts) == 1 else f"{part_names[part]} – {community_name}"
        link = PlacedLink(
            id=new_id(),
            course_id=choice.course_id,
            community_id=community_id,
            part=endpoint,
            thing_id=UUID(thing_id) if thing_id else None,
            title=title[:200],
            counts=form.counts and not links,  # one column for the choice, not one a part
            done_by=form.done_by.value,
            done_hours=form.hours,
            placed_by=actor.person_id,
            created_at=actor.at,
        )
        links.append(link)
    session.add_all(links)
    session.flush()
    for link in links:
        record_by(
            session,
            actor,
            "link.placed",
            Reference("placed_link", link.id),
            site_id=choice.site_id,
            community_id=community_id,
            facts={"course_id": str(choice.course_id), "part": link.part, "counts": link.counts},
        )
        if link.done_by != DoneBy.HAND:
            jobs.enqueue(session, SETTLING, placed_link_id=str(link.id))
    end_choice(session, choice)
    return links


def end_choice(session: Session, choice: ChoiceSeen) -> None:
    """Raises NotThere if it was answered meanwhile."""
    ended = delete(DeepLinkRequest).where(DeepLinkRequest.id == choice.id).returning(DeepLinkRequest.id)
    if session.execute(ended).one_or_none() is None:
        raise NotThere("choice")


def _community(session: Session, actor: Actor, choice: ChoiceSeen, form: ChoiceForm) -> tuple[UUID | None, str]:
    """(its id, or None for each course's own; what the titles call it)"""
    if form.which == NEW:
        if not choice.may_found:
            raise NotAllowed("community.found")
        community_id = found_beside(
            session,
            site_id=choice.site_id,
            course_id=choice.course_id,
            name=form.name,
            at=actor.at,
            actor_id=actor.person_id,
        )
        because = Because(actor.at, "page", actor_id=actor.person_id)
        bring_in(session, choice.site_id, community_id, [actor.person_id], because)
        assign_role(session, choice.site_id, community_id, actor.person_id, Role.FACILITATOR, because)
        return community_id, form.name
    if form.community_id is not None:
        community: CommunitySeen = load(session.connection(), actor, "community", form.community_id, "community.place")
        return community.id, community.name
    return None, choice.own_community or choice.course_title


def confirm(session: Session, actor: Actor, link: LinkSeen, form: CompletionForm) -> None:
    """Says that a member is done, or is not after all; the LMS is told by a job. Raises NotThere for a stranger, and
    NotAllowed where not somebody's word makes done.

    The same said twice is said once.
    """
    if link.done_by != DoneBy.HAND:
        raise NotAllowed("completion.confirm")
    is_member = select(Membership.id).where(
        Membership.community_id == link.community_id,
        Membership.person_id == form.person_id,
        Membership.state.in_(("active", "paused")),
    )
    if session.execute(is_member).one_or_none() is None:
        raise NotThere("person")
    if say(session, link, form.person_id, done=form.done, at=actor.at, by=actor.person_id) and link.counts:
        jobs.enqueue(session, TELLING, placed_link_id=str(link.id))


def say(session: Session, link: CountedLink, person_id: UUID, *, done: bool, at: datetime, by: UUID | None) -> bool:
    """Keeps that somebody is done or not, for the LMS to be told; False if that was said already. ``by`` is None where
    nobody said it but what they did."""
    said = upsert(session, Completion).values(
        id=new_id(),
        placed_link_id=link.id,
        person_id=person_id,
        done=done,
        confirmed_by=by,
        confirmed_at=at,
        state="waiting" if link.counts else "untold",
        next_try_at=at if link.counts else None,
    )
    changed = ("done", "confirmed_by", "confirmed_at", "state", "next_try_at")
    completion_id = session.execute(
        said.on_conflict_do_update(
            index_elements=["placed_link_id", "person_id"],
            set_={name: said.excluded[name] for name in changed} | {"tries": 0, "problem": None},
            where=Completion.done != said.excluded.done,
        ).returning(Completion.id)
    ).scalar_one_or_none()
    if completion_id is None:
        return False
    record(
        session,
        "completion.confirmed" if done else "completion.withdrawn",
        Reference("completion", completion_id),
        at=at,
        actor_id=by,
        via="page" if by else "clock",
        site_id=link.site_id,
        community_id=link.community_id,
        facts={"placed_link_id": str(link.id), "person_id": str(person_id)},
    )
    return True


def change_done_by(session: Session, actor: Actor, link: LinkSeen, form: DoneByForm) -> None:
    """Says what makes somebody done there from now on. Who was confirmed by hand stays done."""
    if (link.done_by, link.done_hours) == (form.done_by.value, form.hours):
        return
    session.execute(
        update(PlacedLink).where(PlacedLink.id == link.id).values(done_by=form.done_by.value, done_hours=form.hours)
    )
    record_by(
        session,
        actor,
        "link.done_by_changed",
        Reference("placed_link", link.id),
        site_id=link.site_id,
        community_id=link.community_id,
        facts={"done_by": form.done_by.value, "done_hours": form.hours},
    )
    jobs.enqueue(session, SETTLING, placed_link_id=str(link.id))
