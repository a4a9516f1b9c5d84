"""What members can do with an issue. Each verb changes its state only from one it fits, whoever else is at it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.board.forms import ChangeForm, ClosingForm, IssueForm, Outcome
from lms_plc.board.models import Issue, IssueStep
from lms_plc.board.queries import SETTLED, UNSETTLED, IssueSeen, load_issue, unsettled
from lms_plc.communities.agendas import Settler, settles
from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.core.things import keeps
from lms_plc.web.i18n import N_

OUTCOMES = {Outcome.SOLVED: N_("Solved"), Outcome.SET_ASIDE: N_("Set aside")}


def raise_issue(session: Session, actor: Actor, community: CommunitySeen, form: IssueForm) -> UUID:
    """Puts an issue on the board. The same form sent twice is one issue."""
    issue_id, is_new = once(
        session,
        Issue,
        ("author_id", "form_key"),
        community_id=community.id,
        author_id=actor.person_id,
        title=form.title,
        body=form.body,
        html=render(form.body).html,
        renderer=RENDERER,
        state="open",
        note="",
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return issue_id
    _step(session, actor, issue_id, community.site_id, community.id, "raised", {})
    FOUND.find(session, issue_id)
    return issue_id


def change_issue(session: Session, actor: Actor, issue: IssueSeen, form: ChangeForm) -> None:
    """Changes the words of one's own issue."""
    words = {"title": form.title, "body": form.body, "html": render(form.body).html, "renderer": RENDERER}
    session.execute(update(Issue).where(Issue.id == issue.id).values(**words, edited_at=actor.at))
    _step(session, actor, issue.id, issue.site_id, issue.community_id, "changed", {})
    FOUND.find(session, issue.id)


def take_on(session: Session, actor: Actor, issue: IssueSeen) -> bool:
    """Somebody says: mine. False when somebody else has, or it is closed meanwhile."""
    taken = _move(session, issue.id, ("open",), state="taken", owner_id=actor.person_id, changed_at=actor.at)
    if taken:
        _step(session, actor, issue.id, issue.site_id, issue.community_id, "taken", {})
    return taken


def let_go(session: Session, actor: Actor, issue: IssueSeen) -> bool:
    """Nobody has it any more, and somebody else may take it on."""
    free = _move(session, issue.id, ("taken",), state="open", owner_id=None, changed_at=actor.at)
    if free:
        _step(session, actor, issue.id, issue.site_id, issue.community_id, "let_go", {})
    return free


def close(
    session: Session, actor: Actor, issue: IssueSeen, form: ClosingForm, meeting: Reference | None = None
) -> bool:
    """Solved, or set aside, with a note; ``meeting`` is where that was said. False when it is closed already."""
    meeting_id = meeting.id if meeting else None
    closed = _move(
        session,
        issue.id,
        UNSETTLED,
        state=form.outcome.value,
        note=form.text,
        settled_in_id=meeting_id,
        changed_at=actor.at,
    )
    if closed:
        facts = {"meeting_id": str(meeting_id)} if meeting_id else {}
        place = (issue.site_id, issue.community_id)
        _step(session, actor, issue.id, *place, form.outcome.value, facts, form.text, meeting_id)
    return closed


def reopen(session: Session, actor: Actor, issue: IssueSeen) -> bool:
    """It is in the way again. Whoever had it need not have it still."""
    opened = _move(
        session, issue.id, SETTLED, state="open", owner_id=None, note="", settled_in_id=None, changed_at=actor.at
    )
    if opened:
        _step(session, actor, issue.id, issue.site_id, issue.community_id, "reopened", {})
    return opened


def _settle(session: Session, actor: Actor, issue_id: UUID, outcome: str, note: str, meeting: Reference) -> None:
    """Asked by the minutes of a meeting, which has seen to it that the actor may know of the issue."""
    loaded = load_issue(session.connection(), actor, issue_id)
    if loaded is not None:
        close(session, actor, loaded.thing, ClosingForm(outcome=Outcome(outcome), text=note), meeting)


settles("issue", Settler([(one.value, label) for one, label in OUTCOMES.items()], unsettled, _settle))


def _remove(session: Session, issue_id: UUID, at: datetime) -> None:
    session.execute(delete(IssueStep).where(IssueStep.issue_id == issue_id))
    session.execute(delete(Issue).where(Issue.id == issue_id))
    search.forget(session, Reference("issue", issue_id))


def _findable() -> Any:
    return (
        select(
            Issue.id,
            Community.site_id,
            Issue.community_id,
            Issue.author_id,
            Issue.title,
            Issue.html,
            Issue.created_at,
        )
        .join(Community, Community.id == Issue.community_id)
        .where(Issue.hidden_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference("issue", row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        Audience.COMMUNITY.value,
        row.title,
        search.plain(row.html),
        row.created_at,
    )


FOUND = search.findable("issue", Issue.id, _findable, _entry)
keeps("issue", row_keeper(Issue, _remove, found=FOUND))


def _move(session: Session, issue_id: UUID, states: Sequence[str], **values: Any) -> bool:
    moved = session.execute(
        update(Issue).where(Issue.id == issue_id, Issue.state.in_(states)).values(**values).returning(Issue.id)
    )
    return moved.one_or_none() is not None


def _step(
    session: Session,
    actor: Actor,
    issue_id: UUID,
    site_id: UUID,
    community_id: UUID,
    step: str,
    facts: Mapping[str, Any],
    note: str = "",
    meeting_id: UUID | None = None,
) -> None:
    session.execute(
        insert(IssueStep).values(
            id=new_id(),
            issue_id=issue_id,
            person_id=actor.person_id,
            step=step,
            note=note,
            meeting_id=meeting_id,
            at=actor.at,
        )
    )
    record_by(
        session,
        actor,
        f"issue.{step}",
        Reference("issue", issue_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )
