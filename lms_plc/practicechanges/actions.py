"""What can be done with changes in practice: keep one, say that one tried it, say what became of it.

What is for its author alone is sealed before it is stored, with all that was said about it, and its events name no
community; opening it to others is its author's verb.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience
from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference, began_at, record, record_by
from lms_plc.core.database import once
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.sealing import Seal, WordsLost
from lms_plc.core.text import excerpt
from lms_plc.core.things import keeps
from lms_plc.evidence.actions import NoSuchLink, cut_loose, draw
from lms_plc.practicechanges.models import PracticeChange, PracticeTry, PracticeTurn
from lms_plc.practicechanges.queries import KIND, NOTEBOOK, ON_THE_WAY, STATES, TRYING, ChangeSeen, opened

_TOLD_TO_ALL = (Audience.COMMUNITY.value, Audience.PLATFORM.value)


def keep_change(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    what: str,
    place: str = "",
    sign: str = "",
    about: str = "teaching",
    first_try: date | None = None,
    origin: Reference,
    round: int = 1,
    audience: str = Audience.COMMUNITY.value,
    seal: Seal,
    form_key: str,
) -> UUID:
    """Keeps what the actor does differently from now on, and where that was decided. The same form sent twice is one
    change. Raises ValueError for an audience that is none."""
    change_id, is_new = once(
        session,
        PracticeChange,
        ("author_id", "form_key"),
        community_id=community_id,
        author_id=actor.person_id,
        **_words(seal, Audience(audience), {"what": what, "place": place, "sign": sign, "why": ""}),
        about=about,
        state=TRYING,
        first_try=first_try,
        origin_kind=origin.kind,
        origin_id=origin.id,
        round=round,
        form_key=form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return change_id
    _tell(session, actor, "kept", change_id, site_id, community_id, audience, origin)
    _lead_back(session, actor, change_id, origin)
    FOUND.find(session, change_id)
    return change_id


def change_words(
    session: Session,
    actor: Actor,
    change: ChangeSeen,
    *,
    what: str,
    place: str,
    sign: str,
    about: str,
    first_try: date | None,
    audience: str,
    seal: Seal,
) -> None:
    """Changes one's own words, and who reads them: what is opened to others is unsealed, what is taken back to oneself
    is sealed, with its tries and reasons. Raises WordsLost for what nobody can open any more."""
    change = _readable(_as_it_stands(session, change, seal))
    words = {"what": what, "place": place, "sign": sign, "why": change.why}
    now_sealed = audience == Audience.ONLY_ME.value
    session.execute(
        update(PracticeChange)
        .where(PracticeChange.id == change.id)
        .values(**_words(seal, Audience(audience), words), about=about, first_try=first_try, changed_at=actor.at)
    )
    if now_sealed != change.sealed:
        turned = seal.close if now_sealed else seal.words
        _reseal(session, PracticeTry.__table__, "happened", change.id, turned)
        _reseal(session, PracticeTurn.__table__, "why", change.id, turned)
    _tell(session, actor, "changed", change.id, change.site_id, change.community_id, audience)
    search.forget(session, change.reference)
    FOUND.find(session, change.id)


def add_try(
    session: Session, actor: Actor, change: ChangeSeen, *, day: date, happened: str, seal: Seal, form_key: str
) -> UUID:
    """Somebody tried it: when, and what happened. The same form sent twice is one try."""
    change = _as_it_stands(session, change, seal)
    try_id, is_new = once(
        session,
        PracticeTry,
        ("person_id", "form_key"),
        practice_change_id=change.id,
        person_id=actor.person_id,
        day=day,
        happened=seal.close(happened) if change.sealed else happened,
        form_key=form_key,
        at=actor.at,
    )
    if not is_new:
        return try_id
    session.execute(update(PracticeChange).where(PracticeChange.id == change.id).values(changed_at=actor.at))
    _tell(session, actor, "tried", change.id, change.site_id, change.community_id, change.audience, to=change.author_id)
    return try_id


def turn(session: Session, actor: Actor, change: ChangeSeen, state: str, *, why: str, seal: Seal) -> bool:
    """Says what became of it: ``adapted``, ``adopted``, ``dropped``, or ``trying`` again; ``why`` is what others learn
    from it. False when it is so already, for the same reason. Raises WordsLost for what nobody can open any more."""
    if state not in STATES:
        raise ValueError(f"nothing becomes {state} of a change")
    change = _readable(_as_it_stands(session, change, seal))
    words = {"what": change.what, "place": change.place, "sign": change.sign, "why": why}
    turned = session.execute(
        update(PracticeChange)
        .where(PracticeChange.id == change.id, *([] if why and why != change.why else [PracticeChange.state != state]))
        .values(**_words(seal, Audience(change.audience), words), state=state, changed_at=actor.at)
        .returning(PracticeChange.id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if turned is None:
        return False
    session.execute(
        insert(PracticeTurn).values(
            id=new_id(),
            practice_change_id=change.id,
            person_id=actor.person_id,
            state=state,
            why=seal.close(why) if change.sealed and why else why,
            at=actor.at,
        )
    )
    _tell(session, actor, state, change.id, change.site_id, change.community_id, change.audience)
    return True


def ask_again(session: Session, at: datetime, *, after: timedelta, size: int) -> int:
    """Asks after what is on the way and was not touched for so long: how many. Nobody did it, so the event has no
    actor; what is for its author alone has no event, and is asked after on its author's first page only."""
    asked = 0
    for row in session.execute(to_ask_after(at - after, size)).all():
        noted = session.execute(
            update(PracticeChange)
            .where(PracticeChange.id == row.id, _is_not_asked_after())
            .values(asked_at=at)
            .returning(PracticeChange.id),
            execution_options={"synchronize_session": False},
        ).one_or_none()
        asked += noted is not None
        if noted is not None and not row.sealed:
            record(
                session,
                "practice_change.asked_after",
                Reference(KIND, row.id),
                at=at,
                actor_id=None,
                via="clock",
                site_id=row.site_id,
                community_id=row.community_id,
                facts={"to": str(row.author_id)},
            )
    return asked


def _is_not_asked_after() -> Any:
    """As ``models.NOT_ASKED_AFTER`` says it."""
    return or_(PracticeChange.asked_at.is_(None), PracticeChange.asked_at <= PracticeChange.changed_at)


def to_ask_after(untouched_since: datetime, size: int) -> Select[UUID, UUID, UUID, UUID, bool]:
    """Those on the way that nobody touched since then."""
    return (
        select(
            PracticeChange.id,
            PracticeChange.community_id,
            Community.site_id,
            PracticeChange.author_id,
            PracticeChange.sealed,
        )
        .join(Community, Community.id == PracticeChange.community_id)
        .where(
            PracticeChange.state.in_(ON_THE_WAY),
            PracticeChange.changed_at <= untouched_since,
            PracticeChange.hidden_at.is_(None),
            _is_not_asked_after(),
        )
        .order_by(PracticeChange.changed_at)
        .limit(size)
    )


def _as_it_stands(session: Session, change: ChangeSeen, seal: Seal) -> ChangeSeen:
    """Its words and its readers now, held until the transaction ends: its author may seal it at the same moment."""
    columns = (
        *(PracticeChange.what, PracticeChange.place, PracticeChange.sign, PracticeChange.why),
        *(PracticeChange.state, PracticeChange.audience, PracticeChange.sealed),
    )
    row = session.execute(select(*columns).where(PracticeChange.id == change.id).with_for_update()).one_or_none()
    if row is None:
        raise NotThere(KIND)
    return opened(replace(change, is_lost=False, **row._mapping), seal)


def _readable(change: ChangeSeen) -> ChangeSeen:
    """Writing over words nobody can open would lose them for good."""
    if change.is_lost:
        raise WordsLost
    return change


def _words(seal: Seal, audience: Audience, words: Mapping[str, str]) -> dict[str, Any]:
    """The columns of the words, sealed together where they are for their author alone."""
    sealed = audience is Audience.ONLY_ME
    if sealed:
        words = {**dict.fromkeys(words, ""), "what": seal.close(json.dumps(dict(words)))}
    return {**words, "audience": audience.value, "sealed": sealed}


def _reseal(session: Session, table: Any, name: str, change_id: UUID, turned: Any) -> None:
    rows = session.execute(select(table.c.id, table.c[name]).where(table.c.practice_change_id == change_id)).all()
    for row in rows:
        if row[1]:
            session.execute(update(table).where(table.c.id == row.id).values({name: turned(row[1])}))


def _lead_back(session: Session, actor: Actor, change_id: UUID, origin: Reference) -> None:
    """Draws the line from where it was decided, where the drawing has such a line. To whom an end of it is closed, that
    end is drawn closed."""
    here = Reference(KIND, change_id)
    if origin.kind in (KIND, "library_item"):
        draw(session, actor, here, "adapted_from", origin)
    elif origin.kind == NOTEBOOK:
        draw(session, actor, origin, "prompted", here)
    elif origin.kind != "community":
        with suppress(NoSuchLink):
            draw(session, actor, origin, "led_to", here)


def _tell(
    session: Session,
    actor: Actor,
    what: str,
    change_id: UUID,
    site_id: UUID,
    community_id: UUID,
    audience: str,
    origin: Reference | None = None,
    to: UUID | None = None,
) -> None:
    """The event names the community only where everybody in it may read of it."""
    for_all = audience in _TOLD_TO_ALL
    facts = began_at(origin) if origin and for_all else {}
    if to is not None and to != actor.person_id:
        facts["to"] = str(to)
    record_by(
        session,
        actor,
        f"practice_change.{what}",
        Reference(KIND, change_id),
        site_id=site_id,
        community_id=community_id if for_all else None,
        facts=facts,
    )


def _remove(session: Session, change_id: UUID, at: datetime) -> None:
    cut_loose(session, Reference(KIND, change_id))
    for table in (PracticeTry, PracticeTurn):
        session.execute(delete(table).where(table.practice_change_id == change_id))
    session.execute(delete(PracticeChange).where(PracticeChange.id == change_id))
    search.forget(session, Reference(KIND, change_id))


def _said(connection: Connection, change_id: UUID) -> str | None:
    query = select(PracticeChange.what).where(PracticeChange.id == change_id, PracticeChange.sealed.is_(False))
    return connection.execute(query).scalar_one_or_none()


def _findable() -> Any:
    return (
        select(
            PracticeChange.id,
            Community.site_id,
            PracticeChange.community_id,
            PracticeChange.author_id,
            PracticeChange.audience,
            PracticeChange.what,
            PracticeChange.place,
            PracticeChange.sign,
            PracticeChange.created_at,
        )
        .join(Community, Community.id == PracticeChange.community_id)
        .where(PracticeChange.hidden_at.is_(None), PracticeChange.sealed.is_(False))
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(KIND, row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        row.audience,
        excerpt(row.what, 80),
        "\n".join((row.what, row.place, row.sign)),
        row.created_at,
    )


FOUND = search.findable(KIND, PracticeChange.id, _findable, _entry)
keeps(KIND, row_keeper(PracticeChange, _remove, _said, found=FOUND))
