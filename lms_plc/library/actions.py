"""What can be done with the things of the library. Each verb checks nothing twice: the view loaded the thing through
the policy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lms_plc.communities.audiences import Audience, name_people
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import accesses
from lms_plc.core.activity import Reference, began_at, record_by
from lms_plc.core.database import once, upsert
from lms_plc.core.ids import new_id
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.core.things import keeps
from lms_plc.files import actions as files
from lms_plc.files.models import File
from lms_plc.library.adapting import reach_for
from lms_plc.library.finding import FOUND
from lms_plc.library.forms import ItemForm, TriedForm
from lms_plc.library.models import Item, ItemVersion, Tag, Tried
from lms_plc.library.queries import KIND, ItemSeen, Origin
from lms_plc.library.shapes import SHAPES, Shape


def add(
    session: Session,
    actor: Actor,
    community: CommunitySeen,
    shape: Shape,
    form: ItemForm,
    *,
    file_ids: Sequence[UUID] = (),
    origin: Origin | None = None,
    adapted: ItemSeen | None = None,
) -> UUID:
    """Puts a thing into a community's library. The same form sent twice answers the item of the first time.

    ``adapted`` is the item it was made of; what is not all its author's own reaches no further than it did.
    """
    content = _content(shape, form)
    reach = reach_for(actor, adapted) if adapted else None
    item_id, is_new = once(
        session,
        Item,
        ("author_id", "form_key"),
        community_id=community.id,
        author_id=actor.person_id,
        shape=shape.value,
        **_columns(shape, content),
        version=1,
        audience=form.audience.value,
        reach=reach,
        show_name=form.show_name,
        findable=form.findable,
        origin_kind=origin.kind if origin else None,
        origin_id=origin.id if origin else None,
        origin_version=origin.version if origin else None,
        form_key=form.form_key,
        created_at=actor.at,
        changed_at=actor.at,
    )
    if not is_new:
        return item_id
    _keep_version(session, item_id, 1, content, form.audience, actor.at)
    _tag(session, item_id, content["tags"])
    _name(session, item_id, form)
    files.attach(session, actor, file_ids, Reference(KIND, item_id))
    FOUND.find(session, item_id)
    facts: dict[str, object] = {"shape": shape.value, "story_kind": content["story_kind"]}
    if origin:
        facts |= began_at(Reference(origin.kind, origin.id))
    if adapted:
        facts |= {"origin_version": adapted.version, "origin_author": str(adapted.author_id)}
    _record(session, "library_item.adapted" if adapted else "library_item.added", actor, item_id, community, facts)
    return item_id


def change(session: Session, actor: Actor, item: ItemSeen, form: ItemForm, file_ids: Sequence[UUID]) -> None:
    """Changes one's own item, and who reads it. How it read before stays, for those who could read it then."""
    stands = session.execute(select(Item.version).where(Item.id == item.id).with_for_update()).scalar_one()
    before = session.execute(
        select(ItemVersion.content).where(ItemVersion.item_id == item.id, ItemVersion.version == stands)
    ).scalar_one()
    content = _content(Shape(item.shape), form)
    version = stands if content == before else stands + 1
    session.execute(
        update(Item)
        .where(Item.id == item.id)
        .values(
            **_columns(Shape(item.shape), content),
            version=version,
            audience=form.audience.value,
            show_name=form.show_name,
            findable=form.findable,
            changed_at=actor.at if version != stands else Item.changed_at,
        )
    )
    if version == stands:
        session.execute(
            update(ItemVersion)
            .where(ItemVersion.item_id == item.id, ItemVersion.version == stands)
            .values(audience=form.audience.value)
        )
    else:
        _keep_version(session, item.id, version, content, form.audience, actor.at)
        session.execute(delete(Tag).where(Tag.item_id == item.id))
        _tag(session, item.id, content["tags"])
    _name(session, item.id, form)
    files.keep_only(session, actor, file_ids, item.reference)
    FOUND.find(session, item.id)
    _record(session, "library_item.changed", actor, item.id, item, {"shape": item.shape, "version": version})


def copy_files(session: Session, actor: Actor, community: CommunitySeen, of: Reference, to: Reference) -> None:
    """An adaptation begins with what hung on its original; the bytes are kept once."""
    columns = ("name", "media_type", "digest", "small_digest", "size", "width", "height", "alt", "position")
    hung = (File.thing_kind == of.kind, File.thing_id == of.id)
    if session.execute(select(File.id).where(File.thing_kind == to.kind, File.thing_id == to.id)).first():
        return
    for row in session.execute(select(*(getattr(File, name) for name in columns)).where(*hung)).all():
        session.execute(
            insert(File).values(
                id=new_id(),
                site_id=community.site_id,
                community_id=community.id,
                owner_id=actor.person_id,
                created_at=actor.at,
                thing_kind=to.kind,
                thing_id=to.id,
                **row._mapping,
            )
        )


def try_it(session: Session, actor: Actor, item: ItemSeen, form: TriedForm) -> None:
    """Says that one tried it; said again, it is the line that changes."""
    tried = upsert(session, Tried).values(
        item_id=item.id, person_id=actor.person_id, words=form.words or None, at=actor.at
    )
    session.execute(
        tried.on_conflict_do_update(index_elements=["item_id", "person_id"], set_={"words": tried.excluded.words})
    )
    _record(session, "library_item.tried", actor, item.id, item, {"author": str(item.author_id)})


def untry(session: Session, actor: Actor, item: ItemSeen) -> None:
    """Takes it back; what is not there any more is no news."""
    gone = session.execute(
        delete(Tried).where(Tried.item_id == item.id, Tried.person_id == actor.person_id).returning(Tried.item_id)
    ).one_or_none()
    if gone:
        _record(session, "library_item.tried_taken_back", actor, item.id, item, {})


def take_back(session: Session, actor: Actor, item: ItemSeen) -> None:
    """Takes one's own item out of the library: its words, its versions and its files are gone; what others made of it
    is theirs and stays."""
    remove(session, item.id, actor.at)
    _record(session, "library_item.taken_back", actor, item.id, item, {"shape": item.shape})


def remove(session: Session, item_id: UUID, at: datetime) -> None:
    """The row stays without a word, so that the same form sent once more does not bring it back."""
    empty: dict[str, Any] = {"title": "", "texts": {}, "html": {}, "tags": [], "audience": Audience.ONLY_ME.value}
    session.execute(update(Item).where(Item.id == item_id, Item.deleted_at.is_(None)).values(deleted_at=at, **empty))
    for model in (ItemVersion, Tag, Tried):
        session.execute(delete(model).where(model.item_id == item_id))
    name_people(session, KIND, item_id, [])
    files.take_away(session, Reference(KIND, item_id))
    accesses.forget(session, Reference(KIND, item_id))
    FOUND.find(session, item_id)


keeps(KIND, row_keeper(Item, remove, found=FOUND))


def _content(shape: Shape, form: ItemForm) -> dict[str, Any]:
    """All that a reader reads of an item, as its versions keep it."""
    given = form.model_dump(mode="json")
    return {
        "title": form.title,
        "texts": {field.name: given[field.name] for field in SHAPES[shape].fields},
        **{name: given.get(name) for name in ("story_kind", "subject", "language", "licence", "tags")},
    }


def _columns(shape: Shape, content: Mapping[str, Any]) -> dict[str, Any]:
    texts = content["texts"]
    long = [field.name for field in SHAPES[shape].fields if field.long and texts[field.name]]
    return {**content, "html": {name: render(texts[name]).html for name in long}, "renderer": RENDERER}


def _keep_version(
    session: Session, item_id: UUID, version: int, content: Mapping[str, Any], audience: Audience, at: datetime
) -> None:
    session.execute(
        insert(ItemVersion).values(
            item_id=item_id, version=version, content=dict(content), audience=audience.value, at=at
        )
    )


def _tag(session: Session, item_id: UUID, tags: Sequence[str]) -> None:
    if tags:
        session.execute(insert(Tag), [{"item_id": item_id, "tag": tag} for tag in tags])


def _name(session: Session, item_id: UUID, form: ItemForm) -> None:
    """Names stay only with the audience they are for: whoever was named once reads nothing that is for others now."""
    name_people(session, KIND, item_id, form.people if form.audience is Audience.NAMED_PEOPLE else [])


def _record(
    session: Session,
    verb: str,
    actor: Actor,
    item_id: UUID,
    where: CommunitySeen | ItemSeen,
    facts: Mapping[str, object],
) -> None:
    record_by(
        session,
        actor,
        verb,
        Reference(KIND, item_id),
        site_id=where.site_id,
        community_id=where.id if isinstance(where, CommunitySeen) else where.community_id,
        facts=facts,
    )
