"""What somebody can do with the school news: tell the school, and take it back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.activity import Reference, record_by
from lms_plc.core.database import once, table_of
from lms_plc.core.keeping import row_keeper
from lms_plc.core.policy import Actor
from lms_plc.core.text import RENDERER, render
from lms_plc.core.things import keeps
from lms_plc.schoolnews.forms import ItemForm
from lms_plc.schoolnews.models import SchoolItem, SchoolItemSchool
from lms_plc.schoolnews.queries import KIND, Told


def tell(session: Session, actor: Actor, community: CommunitySeen, form: ItemForm, schools: Collection[UUID]) -> UUID:
    """Tells these schools. The same form sent twice is one item."""
    pointing = form.kind is not None and form.thing is not None
    item_id, is_new = once(
        session,
        SchoolItem,
        ("author_id", "form_key"),
        site_id=community.site_id,
        community_id=community.id,
        author_id=actor.person_id,
        title=form.title,
        body=form.body,
        html=render(form.body).html,
        renderer=RENDERER,
        thing_kind=form.kind if pointing else None,
        thing_id=form.thing if pointing else None,
        form_key=form.form_key,
        created_at=actor.at,
    )
    if not is_new:
        return item_id
    rows = [{"item_id": item_id, "school_id": school} for school in schools]
    session.execute(insert(table_of(SchoolItemSchool)), rows)
    record_by(
        session,
        actor,
        "school_item.told",
        Reference(KIND, item_id),
        site_id=community.site_id,
        community_id=community.id,
        facts={"schools": [str(school) for school in schools]},
    )
    return item_id


def withdraw(session: Session, actor: Actor, item: Told) -> None:
    """Takes an item back for good; its words are gone."""
    if not _remove(session, item.id, actor.at):
        return
    record_by(
        session,
        actor,
        "school_item.withdrawn",
        Reference(KIND, item.id),
        community_id=item.community_id,
        facts={"by_author": actor.person_id == item.author_id},
    )


def _remove(session: Session, item_id: UUID, at: datetime) -> bool:
    standing = update(SchoolItem).where(SchoolItem.id == item_id, SchoolItem.withdrawn_at.is_(None))
    emptied = {"title": "", "body": "", "html": "", "thing_kind": None, "thing_id": None}
    taken = session.execute(
        standing.values(withdrawn_at=at, **emptied).returning(SchoolItem.id),
        execution_options={"synchronize_session": False},
    )
    return taken.one_or_none() is not None


keeps(KIND, row_keeper(SchoolItem, _remove))
