"""What members can do with something new. A card goes on only from the state it was seen in, and never without a
note."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.agendas import Settler, settles
from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import search
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeps
from lms_plc.innovations.forms import CardForm, Verdict
from lms_plc.innovations.models import Innovation, InnovationNote
from lms_plc.innovations.queries import DISCUSS, JUDGED, KIND, CardSeen, load_card, unsettled, was_sent
from lms_plc.web.i18n import N_, gettext

GO_ON = "go_on"

OUTCOMES = {
    GO_ON: N_("We go on to the next step"),
    Verdict.KEEP.value: N_("We keep it"),
    Verdict.ADAPT.value: N_("We adapt it"),
    Verdict.NOT_FOR_US.value: N_("Not for us"),
}
"""What a meeting can say of a card."""


def raise_card(session: Session, actor: Actor, community: CommunitySeen, form: CardForm) -> UUID:
    """Brings something new before the others. The same form sent twice is one card."""
    card_id, is_new = once(
        session,
        Innovation,
        ("raised_by_id", "form_key"),
        community_id=community.id,
        raised_by_id=actor.person_id,
        title=form.title,
        text=form.text,
        state=DISCUSS,
        verdict=None,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return card_id
    _record(session, actor, "raised", card_id, community.site_id, community.id)
    FOUND.find(session, card_id)
    return card_id


def add_note(session: Session, actor: Actor, card: CardSeen, text: str, form_key: str) -> bool:
    """Says something of it where it stands now; False when this form was sent before."""
    noted = _note(session, actor, card, text, None, form_key)
    if noted:
        _record(session, actor, "noted", card.id, card.site_id, card.community_id)
    return noted


def move_on(session: Session, actor: Actor, card: CardSeen, text: str, form_key: str) -> bool:
    """Goes on to the next state, with a note on this one. False when it is not there any more."""
    if card.following is None:
        return False
    return _become(session, actor, card, card.following, None, text, form_key)


def judge(session: Session, actor: Actor, card: CardSeen, verdict: Verdict, because: str, form_key: str) -> bool:
    """Says what they make of it, and why: each verdict is as good as the others. False when it is judged already."""
    return not card.is_judged and _become(session, actor, card, JUDGED, verdict, because, form_key)


def look_again(session: Session, actor: Actor, card: CardSeen, text: str, form_key: str) -> bool:
    """A verdict is not for ever. False when it is open already."""
    return card.is_judged and _become(session, actor, card, DISCUSS, None, text, form_key)


def _settle(session: Session, actor: Actor, card_id: UUID, outcome: str, note: str, meeting: Reference) -> None:
    """Asked by the minutes of a meeting, which has seen to it that the actor may know of the card. The form of the
    minutes may have no words: then they stand in the minutes."""
    loaded = load_card(session.connection(), actor, card_id)
    if loaded is None:
        return
    card, text = loaded.thing, note or gettext("Decided in our meeting; its minutes say more.")
    form_key = new_id().hex
    if outcome == GO_ON:
        move_on(session, actor, card, text, form_key)
    else:
        judge(session, actor, card, Verdict(outcome), text, form_key)


settles(KIND, Settler(list(OUTCOMES.items()), unsettled, _settle))


def _become(
    session: Session, actor: Actor, card: CardSeen, state: str, verdict: Verdict | None, text: str, form_key: str
) -> bool:
    if was_sent(session.connection(), actor, form_key):
        return False  # its note stands already: the card would go on without one
    moved = session.execute(
        update(Innovation)
        .where(Innovation.id == card.id, Innovation.state == card.state)
        .values(state=state, verdict=verdict.value if verdict else None, changed_at=actor.at)
        .returning(Innovation.id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if moved is None:
        return False
    _note(session, actor, card, text, verdict.value if verdict else state, form_key)
    what = "judged" if verdict else "moved"
    _record(session, actor, what, card.id, card.site_id, card.community_id, {"became": verdict or state})
    return True


def _note(session: Session, actor: Actor, card: CardSeen, text: str, became: str | None, form_key: str) -> bool:
    stored = session.execute(
        upsert(session, InnovationNote)
        .values(
            id=new_id(),
            innovation_id=card.id,
            author_id=actor.person_id,
            state=card.state,
            became=became,
            text=text,
            form_key=form_key,
            at=actor.at,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(InnovationNote.id)
    ).one_or_none()
    return stored is not None


def _record(
    session: Session,
    actor: Actor,
    what: str,
    card_id: UUID,
    site_id: UUID,
    community_id: UUID,
    facts: Mapping[str, Any] | None = None,
) -> None:
    record_by(
        session,
        actor,
        f"innovation.{what}",
        Reference(KIND, card_id),
        site_id=site_id,
        community_id=community_id,
        facts=facts,
    )


def _remove(session: Session, card_id: UUID, at: datetime) -> None:
    session.execute(delete(InnovationNote).where(InnovationNote.innovation_id == card_id))
    session.execute(delete(Innovation).where(Innovation.id == card_id))
    search.forget(session, Reference(KIND, card_id))


def _findable() -> Any:
    return (
        select(
            Innovation.id,
            Community.site_id,
            Innovation.community_id,
            Innovation.raised_by_id,
            Innovation.title,
            Innovation.text,
            Innovation.created_at,
        )
        .join(Community, Community.id == Innovation.community_id)
        .where(Innovation.hidden_at.is_(None))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(KIND, row.id),
        row.site_id,
        row.community_id,
        row.raised_by_id,
        Audience.COMMUNITY.value,
        row.title,
        row.text,
        row.created_at,
    )


FOUND = search.findable(KIND, Innovation.id, _findable, _entry)
keeps(KIND, row_keeper(Innovation, _remove, found=FOUND))
