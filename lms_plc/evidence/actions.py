"""What can be done with thoughts, evidence and outcomes: keep one, change it, say what it led to, look at it together.

What is for its author alone, or for the people of a private project, is stored under one seal, its words and those of
the rows that hang on it; its events say neither where it stands nor anything else of it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, case, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience, name_people, name_people_of_all
from lms_plc.communities.models import Community, RoleAssignment
from lms_plc.communities.readers import named
from lms_plc.communities.standing import is_leading
from lms_plc.core import search
from lms_plc.core.activity import MAY_BE_PRIVATE, Reference, began_at, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor, NotThere
from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.core.things import keeps
from lms_plc.evidence.forms import ClaimForm, KeepForm, Look, NodeForm
from lms_plc.evidence.kinds import (
    KINDS,
    NODE,
    ClaimState,
    ItemState,
    Level,
    Sort,
    Strength,
    may_link,
)
from lms_plc.evidence.models import ConsentCheck, EvidenceItem, EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.evidence.queries import NodeSeen, beginning, has_more_to_look_at, is_open_to_others
from lms_plc.files import actions as files

EVIDENCE, CLAIM, QUESTION, CAVEAT = "Evidence", "OutcomeClaim", "Question", "Caveat"


class NoSuchLink(ValueError):
    """A link of this type between these kinds says nothing."""


def keep_node(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    kind: str,
    text: str,
    author_id: UUID,
    origin: Reference,
    form_key: str,
    audience: str = Audience.COMMUNITY.value,
    seal: Seal | None = None,
    people: Sequence[UUID] = (),
    closed: bool = False,
) -> UUID:
    """Keeps a thought of ``author_id``, and where it was said. The same form sent twice is one thought. ``closed``: it
    is sealed, and its event says nothing, also where others are named to read it. Raises KeyError for a kind that is
    none, ValueError for such an audience, and where what is to be sealed comes without a seal."""
    node_id, is_new = _keep(
        *(session, actor, community_id, kind, {"text": text}, author_id),
        *(origin, form_key, audience, seal, people),
        closed=closed,
    )
    if is_new:
        _tell_kept(session, actor, node_id, kind, origin, site_id, community_id, audience, closed=closed)
    return node_id


def give_readers(
    session: Session,
    node_ids: Sequence[UUID],
    audience: Audience,
    people: Sequence[UUID],
    seal: Seal | None = None,
    *,
    closed: bool = False,
) -> None:
    """From now on these read some thoughts. What was sealed of them stands open, but for what is to stay ``closed``;
    what cannot be opened stays as it is. Part of the verb by which somebody opens where they were kept, so without an
    event."""
    columns = (KnowledgeNode.id, KnowledgeNode.text, KnowledgeNode.sealed, KnowledgeNode.audience)
    given: list[UUID] = []
    to_find: list[UUID] = []
    for row in session.execute(select(*columns).where(KnowledgeNode.id.in_(node_ids))).all():
        if row.sealed and not closed:
            if seal is None:
                continue
            try:
                text = json.loads(seal.open(row.text))["text"]
            except CannotUnseal:
                continue
            session.execute(update(KnowledgeNode).where(KnowledgeNode.id == row.id).values(text=text, sealed=False))
        given.append(row.id)
        if (row.sealed and not closed) or (not row.sealed and row.audience != audience.value):
            to_find.append(row.id)
    if not given:
        return
    session.execute(update(KnowledgeNode).where(KnowledgeNode.id.in_(given)).values(audience=audience.value))
    name_people_of_all(session, NODE, given, people if audience is Audience.NAMED_PEOPLE else ())
    for node_id in to_find:
        FOUND.find(session, node_id)


def keep_evidence(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    sort: str,
    text: str,
    shows: str = "",
    does_not_show: str = "",
    taken_on: date | None = None,
    link: str = "",
    origin: Reference,
    form_key: str,
    audience: str = Audience.COMMUNITY.value,
    seal: Seal | None = None,
    people: Sequence[UUID] = (),
    file_ids: Sequence[UUID] = (),
    look: Look | None = None,
) -> UUID:
    """Keeps what shows something, and what it does not show. What it was kept for is shown by it from now on. ``look``
    is the consent check, where whoever keeps it has looked already."""
    hung = {"shows": shows, "does_not_show": does_not_show, "link": link}
    words = {"text": text, **hung}
    node_id, is_new = _keep(
        *(session, actor, community_id, EVIDENCE, words, actor.person_id),
        *(origin, form_key, audience, seal, people),
    )
    if not is_new:
        return node_id
    _tell_kept(session, actor, node_id, EVIDENCE, origin, site_id, community_id, audience)
    closed = audience == Audience.ONLY_ME.value
    session.execute(
        insert(EvidenceItem).values(
            node_id=node_id,
            sort=Sort(sort).value,
            taken_on=taken_on,
            state=ItemState.ADDED.value,
            **_plain(hung, closed=closed),
        )
    )
    if look is not None and look.is_said and not closed:
        _note_check(session, actor, node_id, look)
    files.attach(session, actor, file_ids, Reference(NODE, node_id))
    _draw_from_origin(session, actor, origin, Reference(NODE, node_id), EVIDENCE)
    FOUND.find(session, node_id)
    return node_id


def state_claim(
    session: Session,
    actor: Actor,
    *,
    community_id: UUID,
    site_id: UUID,
    level: str,
    text: str,
    before: str = "",
    after: str = "",
    n: int | None = None,
    strength: str = Strength.IMPRESSION.value,
    origin: Reference,
    form_key: str,
    audience: str = Audience.COMMUNITY.value,
    seal: Seal | None = None,
    people: Sequence[UUID] = (),
) -> UUID:
    """States that something has changed, and how sure one is. Stated from a change, it is its result; stated from
    evidence, it is shown by it. ``n`` is None for an impression only."""
    hung = {"before": before, "after": after}
    words = {"text": text, **hung}
    node_id, is_new = _keep(
        *(session, actor, community_id, CLAIM, words, actor.person_id),
        *(origin, form_key, audience, seal, people),
    )
    if not is_new:
        return node_id
    _tell_kept(session, actor, node_id, CLAIM, origin, site_id, community_id, audience)
    session.execute(
        insert(OutcomeClaim).values(
            node_id=node_id,
            level=Level(level).value,
            n=n,
            strength=Strength(strength).value,
            state=ClaimState.STATED.value,
            **_plain(hung, closed=audience == Audience.ONLY_ME.value),
        )
    )
    _draw_from_origin(session, actor, origin, Reference(NODE, node_id), CLAIM)
    return node_id


def change_node(
    session: Session, actor: Actor, node: NodeSeen, form: NodeForm, seal: Seal, file_ids: Sequence[UUID] = ()
) -> None:
    """Changes one's own words, and who reads them: what is opened to others is unsealed, what one takes back to oneself
    is sealed, and what lies sealed for those one named stays so for them. The event says so where others read it now.
    Raises NotThere for what was taken away meanwhile."""
    columns = (KnowledgeNode.audience, KnowledgeNode.sealed)
    was = session.execute(select(*columns).where(KnowledgeNode.id == node.id).with_for_update()).one_or_none()
    if was is None:
        raise NotThere(NODE)
    for_named = form.audience is Audience.NAMED_PEOPLE and was.audience == form.audience.value
    closed = form.audience is Audience.ONLY_ME or (for_named and was.sealed)
    are_others = was.audience != form.audience.value
    if for_named:
        were = named(session.connection(), node.reference)
        are_others = were.keys() - {node.author_id} != {*form.people} - {node.author_id}
    words = {"text": form.text}
    if isinstance(form, KeepForm):
        hung = {"shows": form.shows, "does_not_show": form.does_not_show, "link": form.link}
        words |= hung
        session.execute(
            update(EvidenceItem)
            .where(EvidenceItem.node_id == node.id)
            .values(sort=form.sort.value, taken_on=form.taken_on, **_plain(hung, closed=closed))
        )
        if form.is_said and not closed:
            _note_check(session, actor, node.id, form)
        elif has_more_to_look_at(session.connection(), node, form, file_ids):
            _forget_look(session, node.id)
        files.keep_only(session, actor, file_ids, node.reference)
    elif isinstance(form, ClaimForm):
        hung = {"before": form.before, "after": form.after}
        words |= hung
        values = {"level": form.level.value, "n": form.n, "strength": form.strength.value}
        _forget_review(session, node, {"text": form.text, "before": form.before, "after": form.after, **values})
        session.execute(
            update(OutcomeClaim).where(OutcomeClaim.node_id == node.id).values(**values, **_plain(hung, closed=closed))
        )
    session.execute(
        update(KnowledgeNode)
        .where(KnowledgeNode.id == node.id)
        .values(text=_sealed(words, seal) if closed else form.text, sealed=closed, audience=form.audience.value)
    )
    _name(session, node.id, form.audience, form.people)
    FOUND.find(session, node.id)
    said = {"readers": True} if are_others and form.audience is not Audience.ONLY_ME else {}
    _tell(session, actor, "knowledge_node.changed", node, said, closed=closed)


def remove_node(session: Session, actor: Actor, node: NodeSeen) -> None:
    """Takes away one's own: its words, its links and its files are gone. What others asked about it stays theirs."""
    _remove(session, node.id, actor.at)
    _tell(session, actor, "knowledge_node.removed", node, closed=node.sealed)


def check_evidence(session: Session, actor: Actor, node: NodeSeen, look: Look) -> None:
    """Somebody looked whether it may be used. What may not be is its author's alone until somebody looks again."""
    _note_check(session, actor, node.id, look)
    FOUND.find(session, node.id)
    _tell(session, actor, "evidence.checked", node, {"usable": look.is_usable, "to": [str(node.author_id)]})


def ask_about(session: Session, actor: Actor, claim: NodeSeen, text: str, form_key: str) -> UUID:
    """Asks about an outcome. The question is read by whoever reads the outcome."""
    node_id, is_new = _answer(session, actor, claim, QUESTION, text, form_key)
    if is_new:
        stated = and_(OutcomeClaim.node_id == claim.id, OutcomeClaim.state == ClaimState.STATED.value)
        session.execute(update(OutcomeClaim).where(stated).values(state=ClaimState.QUESTIONED.value))
        _tell_answer(session, actor, "claim.questioned", claim, node_id)
    return node_id


def review(session: Session, actor: Actor, claim: NodeSeen, text: str, form_key: str) -> None:
    """A colleague looked at an outcome; ``text`` is what else could explain it. What stands still stands. Said twice by
    the same person it is said once."""
    doubt_id, is_new = _answer(session, actor, claim, CAVEAT, text, form_key) if text else (None, False)
    waits = OutcomeClaim.state.in_((ClaimState.STATED.value, ClaimState.QUESTIONED.value))
    looked = session.execute(
        update(OutcomeClaim)
        .where(
            OutcomeClaim.node_id == claim.id,
            OutcomeClaim.state != ClaimState.WITHDRAWN.value,
            or_(waits, OutcomeClaim.reviewed_by_id.is_distinct_from(actor.person_id)),
        )
        .values(
            state=case((waits, ClaimState.REVIEWED.value), else_=OutcomeClaim.state),
            reviewed_by_id=actor.person_id,
            reviewed_at=actor.at,
        )
        .returning(OutcomeClaim.node_id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if is_new or looked is not None:
        _tell_answer(session, actor, "claim.reviewed", claim, doubt_id)


def let_stand(session: Session, actor: Actor, claim: NodeSeen) -> None:
    """Its author says that it stands, after a colleague has looked at it; otherwise nothing happens."""
    _turn(session, actor, claim, (ClaimState.REVIEWED,), ClaimState.STANDING, "claim.stands")


def withdraw(session: Session, actor: Actor, claim: NodeSeen) -> None:
    """Its author does not say so any more. That it was said stays, and that it was withdrawn. Twice is once."""
    still = [state for state in ClaimState if state != ClaimState.WITHDRAWN]
    _turn(session, actor, claim, still, ClaimState.WITHDRAWN, "claim.withdrawn")


def link(
    session: Session,
    actor: Actor,
    from_: Reference,
    type: str,  # noqa: A002
    to: Reference,
    *,
    community_id: UUID | None = None,
) -> bool:
    """Says that one thing led to another; False when that was known. Of what may be for its author alone the event says
    nothing. Raises NoSuchLink where the link says nothing, or a thought is not there or may not be used."""
    nodes = _ends(session, from_, type, to)
    if not _draw(session, actor, from_, type, to):
        return False
    private = not MAY_BE_PRIVATE.isdisjoint((from_.kind, to.kind))  # about which community is nobody's business
    closed = private or any(row.sealed for row in nodes.values())
    here = community_id or next((row.community_id for row in nodes.values()), None)
    record_by(
        session,
        actor,
        "evidence.linked",
        from_,
        site_id=actor.site_id,
        community_id=None if closed else here,
        facts={} if closed else {"type": type, "to_kind": to.kind, "to_id": str(to.id)},
    )
    return True


def draw(session: Session, actor: Actor, from_: Reference, type: str, to: Reference) -> bool:  # noqa: A002
    """As ``link``, as a part of a verb that has its own event, so without one."""
    _ends(session, from_, type, to)
    return _draw(session, actor, from_, type, to)


def unlink(session: Session, actor: Actor, from_: Reference, type: str, to: Reference) -> bool:  # noqa: A002
    """Takes back a link one drew oneself; False where there is none."""
    gone = session.execute(
        delete(EvidenceLink)
        .where(
            EvidenceLink.from_kind == from_.kind,
            EvidenceLink.from_id == from_.id,
            EvidenceLink.type == type,
            EvidenceLink.to_kind == to.kind,
            EvidenceLink.to_id == to.id,
            EvidenceLink.linked_by_id == actor.person_id,
        )
        .returning(EvidenceLink.type)
    ).one_or_none()
    if gone is not None:
        record_by(session, actor, "evidence.unlinked", from_, site_id=actor.site_id)
    return gone is not None


def _keep(
    session: Session,
    actor: Actor,
    community_id: UUID,
    kind: str,
    words: Mapping[str, str],
    author_id: UUID,
    origin: Reference,
    form_key: str,
    audience: str,
    seal: Seal | None,
    people: Sequence[UUID],
    *,
    closed: bool = False,
) -> tuple[UUID, bool]:
    """The node's id, and whether it is new; telling is its caller's, whose verb it is."""
    KINDS[kind]
    readers = Audience(audience)
    closed = closed or readers is Audience.ONLY_ME
    if closed and seal is None:
        raise ValueError("what is for its author alone is sealed")
    node_id, is_new = once(
        session,
        KnowledgeNode,
        ("author_id", "form_key"),
        community_id=community_id,
        kind=kind,
        text=_sealed(words, seal) if closed and seal else words["text"],
        sealed=closed,
        author_id=author_id,
        audience=readers.value,
        origin_kind=origin.kind,
        origin_id=origin.id,
        form_key=form_key,
        created_at=actor.at,
    )
    if not is_new:
        return node_id, False
    _name(session, node_id, readers, people)
    FOUND.find(session, node_id)
    return node_id, True


def _tell_kept(
    session: Session,
    actor: Actor,
    node_id: UUID,
    kind: str,
    origin: Reference,
    site_id: UUID,
    community_id: UUID,
    audience: str,
    *,
    closed: bool = False,
) -> None:
    closed = closed or audience == Audience.ONLY_ME.value
    record_by(
        session,
        actor,
        "knowledge_node.kept",
        Reference(NODE, node_id),
        site_id=site_id,
        community_id=None if closed else community_id,
        facts={} if closed else {"kind": kind, **began_at(origin)},
    )


def _sealed(words: Mapping[str, str], seal: Seal) -> str:
    return seal.close(json.dumps(words))


def _plain(hung: Mapping[str, str], *, closed: bool) -> dict[str, str]:
    """The words of the row that hangs on a node: none, where they stand under the node's seal."""
    return dict.fromkeys(hung, "") if closed else dict(hung)


def _name(session: Session, node_id: UUID, audience: Audience, people: Sequence[UUID]) -> None:
    name_people(session, NODE, node_id, list(people) if audience is Audience.NAMED_PEOPLE else [])


def _note_check(session: Session, actor: Actor, node_id: UUID, look: Look) -> None:
    state = ItemState.USABLE if look.is_usable else ItemState.BLOCKED
    session.execute(
        insert(ConsentCheck).values(
            id=new_id(),
            node_id=node_id,
            people_visible=look.people_visible == "yes",
            names_removed=look.names_removed == "yes",
            permission=look.permission,
            usable=look.is_usable,
            checked_by_id=actor.person_id,
            at=actor.at,
        )
    )
    session.execute(update(EvidenceItem).where(EvidenceItem.node_id == node_id).values(state=state.value))


def _forget_look(session: Session, node_id: UUID) -> None:
    """What may be used may be so as it was looked at; what may not stays so until somebody looks again."""
    usable = and_(EvidenceItem.node_id == node_id, EvidenceItem.state == ItemState.USABLE.value)
    session.execute(update(EvidenceItem).where(usable).values(state=ItemState.ADDED.value))


def _forget_review(session: Session, node: NodeSeen, said: Mapping[str, Any]) -> None:
    """What a colleague looked at was what it said then."""
    was = node.claim
    if was is None or said == {
        **{"text": node.text, "before": was.before, "after": was.after},
        **{"level": was.level, "n": was.n, "strength": was.strength},
    }:
        return
    looked_at = OutcomeClaim.state.in_((ClaimState.REVIEWED.value, ClaimState.STANDING.value))
    session.execute(
        update(OutcomeClaim)
        .where(OutcomeClaim.node_id == node.id)
        .values(
            state=case((looked_at, ClaimState.STATED.value), else_=OutcomeClaim.state),
            reviewed_by_id=None,
            reviewed_at=None,
        )
    )


def _answer(session: Session, actor: Actor, claim: NodeSeen, kind: str, text: str, form_key: str) -> tuple[UUID, bool]:
    """A question or doubt about an outcome, for those who read it: where these are few, they are named, its author too,
    who need not lead the community."""
    leaders, named = Audience.FACILITATOR.value, Audience.NAMED_PEOPLE.value
    narrow = claim.audience in (leaders, named)
    readers = _leading if claim.audience == leaders else _named
    people = {claim.author_id, *readers(session, actor, claim)} if narrow else set()
    node_id, is_new = _keep(
        *(session, actor, claim.community_id, kind, {"text": text}, actor.person_id, claim.reference, form_key),
        *(named if narrow else claim.audience, None, sorted(people)),
    )
    if is_new:
        _draw(session, actor, claim.reference, "questioned_by", Reference(NODE, node_id))
    return node_id, is_new


def _named(session: Session, actor: Actor, node: NodeSeen) -> Sequence[UUID]:
    return [*named(session.connection(), node.reference)]


def _leading(session: Session, actor: Actor, node: NodeSeen) -> Sequence[UUID]:
    given: Any = RoleAssignment.person_id
    leads = is_leading(given, node.community_id, actor.at)
    here = select(given).where(RoleAssignment.community_id == node.community_id, leads)
    return session.execute(here).scalars().all()


def _turn(
    session: Session, actor: Actor, claim: NodeSeen, before: Sequence[ClaimState], state: ClaimState, verb: str
) -> None:
    turned = session.execute(
        update(OutcomeClaim)
        .where(OutcomeClaim.node_id == claim.id, OutcomeClaim.state.in_([one.value for one in before]))
        .values(state=state.value)
        .returning(OutcomeClaim.node_id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if turned is not None:
        _tell(session, actor, verb, claim, closed=claim.sealed)


def _tell(
    session: Session,
    actor: Actor,
    verb: str,
    node: NodeSeen,
    facts: Mapping[str, Any] | None = None,
    *,
    closed: bool = False,
) -> None:
    record_by(
        session,
        actor,
        verb,
        node.reference,
        site_id=node.site_id,
        community_id=None if closed else node.community_id,
        facts={**({} if closed else {"kind": node.kind}), **(facts or {})},
    )


def _tell_answer(session: Session, actor: Actor, verb: str, claim: NodeSeen, node_id: UUID | None) -> None:
    """The event is about what was asked or doubted, where somebody said something."""
    record_by(
        session,
        actor,
        verb,
        claim.reference if node_id is None else Reference(NODE, node_id),
        site_id=claim.site_id,
        community_id=claim.community_id,
        facts={"kind": claim.kind, "claim_id": str(claim.id), "to": [str(claim.author_id)]},
    )


def _ends(session: Session, from_: Reference, type_: str, to: Reference) -> dict[UUID, Any]:
    """Those of the two that are thoughts, where the grammar has such a link."""
    nodes = _nodes(session, [one.id for one in (from_, to) if one.kind == NODE])
    named = [nodes[one.id].kind if one.id in nodes else "" if one.kind == NODE else one.kind for one in (from_, to)]
    if from_ == to or not all(named) or not may_link(named[0], type_, named[1]):
        raise NoSuchLink(f"{named[0]} {type_} {named[1]}")
    return nodes


def _draw(session: Session, actor: Actor, from_: Reference, type_: str, to: Reference) -> bool:
    drawn = session.execute(
        upsert(session, EvidenceLink)
        .values(
            from_kind=from_.kind,
            from_id=from_.id,
            type=type_,
            to_kind=to.kind,
            to_id=to.id,
            linked_by_id=actor.person_id,
            at=actor.at,
        )
        .on_conflict_do_nothing()
        .returning(EvidenceLink.from_id)
    ).one_or_none()
    return drawn is not None


def _draw_from_origin(session: Session, actor: Actor, origin: Reference, new: Reference, kind: str) -> None:
    """What a thing was kept for says how the two belong together; part of the same verb, so without an event."""
    nodes = _nodes(session, [origin.id]) if origin.kind == NODE else {}
    named = nodes[origin.id].kind if origin.id in nodes else origin.kind
    for from_, type_, to, fits in (
        (origin, "shown_by", new, kind == EVIDENCE and may_link(named, "shown_by", kind)),
        (origin, "resulted_in", new, kind == CLAIM and may_link(named, "resulted_in", kind)),
        (new, "shown_by", origin, may_link(kind, "shown_by", named)),
    ):
        if fits:
            _draw(session, actor, from_, type_, to)
            return


def _nodes(session: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Those of the thoughts that can be linked: not evidence that may not be used."""
    columns = (KnowledgeNode.id, KnowledgeNode.kind, KnowledgeNode.community_id, KnowledgeNode.sealed)
    blocked = exists().where(EvidenceItem.node_id == KnowledgeNode.id, EvidenceItem.state == ItemState.BLOCKED.value)
    return {row.id: row for row in session.execute(select(*columns).where(KnowledgeNode.id.in_(ids), ~blocked))}


def cut_loose(session: Session, thing: Reference) -> None:
    """Takes every link to and from a thing away: it is about to be gone."""
    starts = and_(EvidenceLink.from_kind == thing.kind, EvidenceLink.from_id == thing.id)
    ends = and_(EvidenceLink.to_kind == thing.kind, EvidenceLink.to_id == thing.id)
    session.execute(delete(EvidenceLink).where(or_(starts, ends)))


def _remove(session: Session, node_id: UUID, at: datetime) -> None:
    cut_loose(session, Reference(NODE, node_id))
    for model in (ConsentCheck, EvidenceItem, OutcomeClaim):
        session.execute(delete(model).where(model.node_id == node_id))
    session.execute(delete(KnowledgeNode).where(KnowledgeNode.id == node_id))
    name_people(session, NODE, node_id, [])
    files.take_away(session, Reference(NODE, node_id))
    search.forget(session, Reference(NODE, node_id))


def _words(connection: Connection, node_id: UUID) -> str | None:
    said = select(KnowledgeNode.text).where(KnowledgeNode.id == node_id, KnowledgeNode.sealed.is_(False))
    return connection.execute(said).scalar_one_or_none()


def _findable() -> Any:
    """Neither what is sealed nor what nobody but its author may see yet."""
    return (
        select(
            KnowledgeNode.id,
            Community.site_id,
            KnowledgeNode.community_id,
            KnowledgeNode.author_id,
            KnowledgeNode.audience,
            KnowledgeNode.text,
            KnowledgeNode.created_at,
        )
        .join(Community, Community.id == KnowledgeNode.community_id)
        .where(
            KnowledgeNode.hidden_at.is_(None),
            KnowledgeNode.sealed.is_(False),
            KnowledgeNode.audience != Audience.ONLY_ME.value,
            ~exists().where(EvidenceItem.node_id == KnowledgeNode.id, ~is_open_to_others()),
        )
    )


def _entry(row: Any) -> search.Entry:
    return search.Entry(
        Reference(NODE, row.id),
        row.site_id,
        row.community_id,
        row.author_id,
        row.audience,
        beginning(row.text, 80),
        row.text,
        row.created_at,
    )


FOUND = search.findable(NODE, KnowledgeNode.id, _findable, _entry)
keeps(NODE, row_keeper(KnowledgeNode, _remove, _words, found=FOUND))
