"""What colleagues can do for each other's work: ask, answer, say not this time, and close with thanks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeps
from lms_plc.feedback.forms import AnswerForm, AskForm
from lms_plc.feedback.models import FeedbackAnswer, FeedbackAsked, FeedbackRequest
from lms_plc.feedback.queries import ANSWER, KIND, RequestSeen, all_words


class StillHidden(Exception):
    """The answer is hidden; whoever was asked for help has not decided yet."""


def ask(
    session: Session,
    actor: Actor,
    community: CommunitySeen,
    form: AskForm,
    people: Sequence[UUID],
    about: Reference | None,
) -> UUID:
    """Asks ``people``, who were looked up before. The same form sent twice is one request."""
    request_id, is_new = once(
        session,
        FeedbackRequest,
        ("author_id", "form_key"),
        community_id=community.id,
        author_id=actor.person_id,
        question=form.question,
        text=form.text,
        thing_kind=about.kind if about else None,
        thing_id=about.id if about else None,
        due=form.due,
        form_key=form.form_key,
        created_at=actor.at,
    )
    if not is_new:
        return request_id
    rows = [{"request_id": request_id, "person_id": one, "asked_at": actor.at} for one in people]
    session.execute(insert(FeedbackAsked), rows)
    _record(session, actor, "asked", request_id, community.id, {"to": [str(one) for one in people]})
    return request_id


def answer(session: Session, actor: Actor, seen: RequestSeen, form: AnswerForm) -> bool:
    """What one saw, would ask and might try; said again it replaces what was said before. False for what is closed by
    now. Raises StillHidden: who asked is to read nothing that nobody has looked at."""
    if not _is_open(session, seen.id):
        return False
    before = session.execute(
        select(
            FeedbackAnswer.id,
            FeedbackAnswer.saw,
            FeedbackAnswer.asks,
            FeedbackAnswer.idea,
            FeedbackAnswer.hidden_at,
        ).where(FeedbackAnswer.request_id == seen.id, FeedbackAnswer.person_id == actor.person_id)
    ).one_or_none()
    words = {"saw": form.saw, "asks": form.asks, "idea": form.idea}
    if before is not None and words == {name: getattr(before, name) for name in words}:
        return True
    if before is not None and before.hidden_at is not None:
        raise StillHidden
    session.execute(
        upsert(session, FeedbackAnswer)
        .values(
            id=new_id(),
            request_id=seen.id,
            person_id=actor.person_id,
            **words,
            at=actor.at,
            changed_at=actor.at,
        )
        .on_conflict_do_update(index_elements=["request_id", "person_id"], set_={**words, "changed_at": actor.at})
    )
    session.execute(_mine(seen, actor).values(declined_at=None))
    what = "answered" if before is None else "answer_changed"
    _record(session, actor, what, seen.id, seen.community_id, {"to": str(seen.author_id)})
    return True


def decline(session: Session, actor: Actor, seen: RequestSeen) -> bool:
    """Not this time; nobody is asked why. What one had answered is taken back with it; of a hidden answer the words,
    so that it is not said once more past those who decide."""
    if not _is_open(session, seen.id):
        return False
    declined = session.execute(
        _mine(seen, actor)
        .where(FeedbackAsked.declined_at.is_(None))
        .values(declined_at=actor.at)
        .returning(FeedbackAsked.person_id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if declined is None:
        return False
    own = and_(FeedbackAnswer.request_id == seen.id, FeedbackAnswer.person_id == actor.person_id)
    session.execute(delete(FeedbackAnswer).where(own, FeedbackAnswer.hidden_at.is_(None)))
    session.execute(update(FeedbackAnswer).where(own).values(saw="", asks="", idea=""))
    _record(session, actor, "declined", seen.id, seen.community_id, {})
    return True


def close(session: Session, actor: Actor, seen: RequestSeen) -> bool:
    """Thanks who answered; nobody answers any more."""
    closed = session.execute(
        update(FeedbackRequest)
        .where(FeedbackRequest.id == seen.id, FeedbackRequest.closed_at.is_(None))
        .values(closed_at=actor.at)
        .returning(FeedbackRequest.id)
    ).one_or_none()
    if closed is None:
        return False
    answered = session.execute(
        select(FeedbackAnswer.person_id).where(FeedbackAnswer.request_id == seen.id).order_by(FeedbackAnswer.id)
    ).scalars()
    _record(session, actor, "closed", seen.id, seen.community_id, {"to": [str(one) for one in answered]})
    return True


def _remove(session: Session, answer_id: UUID, at: datetime) -> None:
    session.execute(delete(FeedbackAnswer).where(FeedbackAnswer.id == answer_id))


def _words(connection: Connection, answer_id: UUID) -> str | None:
    row = connection.execute(
        select(FeedbackAnswer.saw, FeedbackAnswer.asks, FeedbackAnswer.idea).where(FeedbackAnswer.id == answer_id)
    ).one_or_none()
    return all_words(*row) if row is not None else None


keeps(ANSWER, row_keeper(FeedbackAnswer, _remove, _words))


def _is_open(session: Session, request_id: UUID) -> bool:
    """As it stands in this transaction; whoever closes meanwhile waits for us."""
    closed_at = session.execute(
        select(FeedbackRequest.closed_at).where(FeedbackRequest.id == request_id).with_for_update()
    ).scalar_one()
    return closed_at is None


def _mine(seen: RequestSeen, actor: Actor) -> Any:
    return update(FeedbackAsked).where(FeedbackAsked.request_id == seen.id, FeedbackAsked.person_id == actor.person_id)


def _record(
    session: Session, actor: Actor, what: str, request_id: UUID, community_id: UUID, facts: dict[str, Any]
) -> None:
    record_by(
        session,
        actor,
        f"feedback.{what}",
        Reference(KIND, request_id),
        site_id=actor.site_id,
        community_id=community_id,
        facts=facts,
    )
