"""The readers an author chooses: whom one can name, whom one has named, and who came. For the author alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select, union

from lms_plc.communities.audiences import AUDIENCE_NAMES, Audience, AudiencePerson
from lms_plc.communities.forms import MOST_NAMED
from lms_plc.communities.models import Membership
from lms_plc.core.accesses import Access
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.people.models import Person
from lms_plc.web.i18n import gettext

CAME = 50


def audience_options(offered: Iterable[Audience]) -> list[tuple[str, str, str]]:
    """For choosing one: its value, its name and what it means."""
    said = ((one, *AUDIENCE_NAMES[one]) for one in offered)
    return [(one.value, gettext(name), gettext(meaning)) for one, name, meaning in said]


def choosable(
    connection: Connection, actor: Actor, community_id: UUID | None, about: Reference | None = None
) -> dict[UUID, str]:
    """Whom an author can name: the first members by name, and whoever is named for the thing already; nobody new where
    there is no community, or its author is not in it any more."""
    wanted: list[Select[Any]] = []
    if community_id is not None:
        member = (Membership.community_id == community_id, Membership.state == "active")
        wanted.append(select(Membership.person_id).where(*member))
    if about is not None:
        wanted.append(_chosen(about))
    if not wanted:
        return {}
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(Person.id.in_(union(*wanted)), Person.id != actor.person_id)
        .order_by(Person.display_name, Person.id)
        .limit(MOST_NAMED)
    )
    return {row.id: row.display_name for row in rows}


def named(connection: Connection, thing: Reference) -> dict[UUID, str]:
    """The people its author chose, by name."""
    rows = connection.execute(
        select(Person.id, Person.display_name)
        .where(Person.id.in_(_chosen(thing)))
        .order_by(Person.display_name, Person.id)
    )
    return {row.id: row.display_name for row in rows}


def _chosen(thing: Reference) -> Select[Any]:
    return select(AudiencePerson.person_id).where(
        AudiencePerson.thing_kind == thing.kind, AudiencePerson.thing_id == thing.id
    )


def opened_by(connection: Connection, thing: Reference) -> list[tuple[str, datetime]]:
    """Who has opened it, the latest first."""
    rows = connection.execute(
        select(Person.display_name, Access.last_at)
        .join(Person, Person.id == Access.person_id)
        .where(Access.thing_kind == thing.kind, Access.thing_id == thing.id)
        .order_by(Access.last_at.desc(), Person.id)
        .limit(CAME)
    )
    return [(name, at) for name, at in rows]
