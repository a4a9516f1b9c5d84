"""What the pages of adapted things have in common: finding one by its key, and telling where a copy comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.communities import queries
from lms_plc.communities.adapted import Changed, CopySeen, Made, Shelf, VersionSeen, as_copy
from lms_plc.communities.queries import CommunitySeen
from lms_plc.core.policy import Actor, NotThere, knows, load

COMMUNITIES_TOLD = 20

Model = TypeVar("Model", bound=Any)


class Shipping(Protocol):
    """What comes with the program, as the rooms know it."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def content(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Adapting(Generic[Model]):
    """``address`` of the page of a community's key; ``said`` is a text in the language of the page."""

    shelf: Shelf[Model]
    shipped: Callable[[], Mapping[str, Any]]
    address: Callable[[UUID, str], str]
    differences: Callable[[Model, Model], list[Changed]]
    said: Callable[[str], str]

    def here(
        self, connection: Connection, who: Actor, community: CommunitySeen, key: str
    ) -> tuple[Made[Model], CopySeen[Model] | None]:
        """One that this community has: a shipped one, or its own."""
        if key in self.shipped():
            one: Shipping = self.shipped()[key]
            return Made(key, one.version, one.content), None
        copy = self._copy(connection, who, key)
        if copy.community_id != community.id:
            raise NotThere(self.shelf.kind)
        return self.made(copy), copy

    def anywhere(self, connection: Connection, who: Actor, community: CommunitySeen, key: str) -> Made[Model]:
        """One that may be taken into this community: also the copy of another one the actor is in."""
        if key in self.shipped():
            return self.here(connection, who, community, key)[0]
        return self.made(self._copy(connection, who, key))

    def made(self, copy: CopySeen[Model]) -> Made[Model]:
        return Made(str(copy.id), copy.version, copy.content)

    def origin(self, connection: Connection, who: Actor, copy: CopySeen[Model]) -> dict[str, Any]:
        """What a copy was made of, what is different in it, and what changed in the original since."""
        given: dict[str, Any] = {
            "name": self.said(copy.origin_content.name),
            "version": copy.origin_version,
            "changed": self.differences(copy.origin_content, copy.content),
            "since": [],
            "url": None,
            "community": None,
            "chain": [self._ancestor(*one) for one in self.shelf.chain(connection, copy)],
        }
        if copy.origin in self.shipped():
            given["url"] = self.address(copy.community_id, copy.origin)
            given["since"] = self.differences(copy.origin_content, self.shipped()[copy.origin].content)
            return given
        copy_id = as_copy(copy.origin)
        if copy_id is not None and knows(connection, who, self.shelf.kind, copy_id):
            original: CopySeen[Model] = load(connection, who, self.shelf.kind, copy_id, "community.read")
            given["url"] = self.address(original.community_id, copy.origin)
            given["community"] = original.community
            given["since"] = self.differences(copy.origin_content, original.content)
        return given

    def steps(
        self, copy: CopySeen[Model], earlier: Sequence[VersionSeen[Model]]
    ) -> list[tuple[int, datetime, list[Changed]]]:
        """Version by version, the latest first: when it came to be, and what was different from the one before."""
        contents = [copy.content, *(one.content for one in earlier)]
        return [
            (before.version + 1, before.at, self.differences(before.content, after))
            for after, before in zip(contents, earlier, strict=False)
        ]

    def elsewhere(self, connection: Connection, who: Actor, here: UUID) -> list[tuple[UUID, str]]:
        """My other communities, which can take a copy over."""
        mine = queries.mine(connection, who, size=COMMUNITIES_TOLD).items
        return [(one.id, one.name) for one in mine if one.id != here]

    def _ancestor(self, key: str, version: int) -> tuple[str | None, int]:
        """The name of what was shipped; what another community calls its copy is its own affair."""
        return (self.said(self.shipped()[key].content.name) if key in self.shipped() else None), version

    def _copy(self, connection: Connection, who: Actor, key: str) -> CopySeen[Model]:
        copy_id = as_copy(key)
        if copy_id is None:
            raise NotThere(self.shelf.kind)
        found: CopySeen[Model] = load(connection, who, self.shelf.kind, copy_id, "community.read")
        return found
