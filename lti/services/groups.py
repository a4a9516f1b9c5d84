"""Which groups does this course have, and in which sets? Course Groups Service 1.0.

Who is in a group is said by the roster: `Member.group_ids` of `lti.services.memberships`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, StrictBool, TypeAdapter

from lti.claims import Forgiving, Text
from lti.login import shown_origin
from lti.platforms import Platform
from lti.services.answers import IdText, read_json
from lti.services.calls import Caller
from lti.services.pages import follow, with_query

SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
GROUP_SETS = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the course. A hidden one is not shown to its members."""

    id: str
    name: str
    set_ids: tuple[str, ...] = ()
    tag: str | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class GroupSet:
    """Groups made together, as “project teams” are."""

    id: str
    name: str
    tag: str | None = None
    is_hidden: bool = False


def read_groups(
    caller: Caller, platform: Platform, groups_url: str, *, user_id: str | None = None, limit: int | None = None
) -> Iterator[Group]:
    """The groups at `context_groups_url`, of everybody or of one person, from all pages; `limit` is a wish for the
    size of a page. Raises a ServiceError."""
    kept = {} if user_id is None else {"user_id": user_id}
    url = with_query(groups_url, **kept, limit=limit)
    for page in follow(caller, platform, (SCOPE,), url, accept=GROUPS, kept=kept):
        for record in read_json(page.answer, _GROUPS, shown_origin(url)).groups:
            yield Group(record.id, record.name, record.sets(), record.tag, record.hidden is True)


def read_group_sets(
    caller: Caller, platform: Platform, group_sets_url: str, *, limit: int | None = None
) -> Iterator[GroupSet]:
    """The sets at `context_group_sets_url`; otherwise as `read_groups`."""
    url = with_query(group_sets_url, limit=limit)
    for page in follow(caller, platform, (SCOPE,), url, accept=GROUP_SETS):
        for record in read_json(page.answer, _GROUP_SETS, shown_origin(url)).sets:
            yield GroupSet(record.id, record.name, record.tag, record.hidden is True)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _SetRecord(_Record):
    id: IdText
    name: Text
    tag: Forgiving[Text] = None
    hidden: Forgiving[StrictBool] = None


class _GroupRecord(_SetRecord):
    set_id: Forgiving[IdText] = None
    set_ids: Forgiving[tuple[IdText, ...]] = None

    def sets(self) -> tuple[str, ...]:
        """A group says its set or its sets, by the age of the platform."""
        named = (*(self.set_ids or ()), *((self.set_id,) if self.set_id else ()))
        return tuple(dict.fromkeys(named))


class _GroupContainer(_Record):
    groups: list[_GroupRecord]


class _SetContainer(_Record):
    sets: list[_SetRecord]


_GROUPS = TypeAdapter(_GroupContainer)
_GROUP_SETS = TypeAdapter(_SetContainer)
