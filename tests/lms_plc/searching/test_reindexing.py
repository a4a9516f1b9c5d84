"""What is older than the index, or was changed beside it, is read into it once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, delete, text

from lms_plc.core import search
from lms_plc.core.search import Entry, SearchEntry
from lms_plc.house import House
from lms_plc.preparation import prepare
from lms_plc.searching import reindexing


@dataclass
class Shelf:
    """A room with things in it."""

    entries: list[Entry] = field(default_factory=list)

    def read(self, _: Connection, after: UUID | None) -> Sequence[Entry]:
        behind = [entry for entry in self.entries if after is None or entry.reference.id > after]
        return sorted(behind, key=lambda entry: entry.reference.id)[:2]


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    made = Shelf()
    monkeypatch.setattr(search, "_sources", {})
    search.reindexes("note")(made.read)
    return made


def empty(house: House) -> None:
    with house.database.write() as session:
        session.execute(delete(SearchEntry))
        session.execute(text("DELETE FROM plc_search_words"))


def test_what_is_there_is_found_and_what_is_no_more_is_forgotten(one_community: Any, shelf: Shelf) -> None:
    town, community, person = one_community
    entries = [town.entry(community, person, f"dobar dan {n}") for n in range(5)]
    card = town.entry(community, person, kind="card")
    shelf.entries = [entries[0], entries[2], entries[3]]
    town.house.clock.move(minutes=1)
    new = town.entry(community, person)
    told = list(reindexing.reindex(town.house.database, town.house.clock))
    assert told == [("note", 2), ("note", 3), ("note", 3)]
    # what came while it was under way was put by whoever made it
    still = {card.reference.id, *(entry.reference.id for entry in shelf.entries)}
    assert set(town.find(person, "dobar")) - {new.reference.id} == still


def test_a_command_does_it(installed: Any, one_community: Any, shelf: Shelf, typed: Callable[..., Any]) -> None:
    town, community, person = one_community
    shelf.entries = [town.entry(community, person) for _ in range(3)]
    empty(town.house)
    assert town.find(person, "dobar") == []
    answer = typed("search", "reindex")
    assert (answer.code, answer.out) == (0, "note: 3\nThe search knows everything there is.\n")
    assert len(town.find(person, "dobar")) == 3


def test_an_installation_older_than_the_index_has_a_worker_fill_it(
    one_community: Any, shelf: Shelf, at_work: Callable[..., None]
) -> None:
    town, community, person = one_community
    shelf.entries = [town.entry(community, person) for _ in range(3)]
    empty(town.house)
    prepare(town.house)
    assert not reindexing.reindex_what_is_old(town.house.database)  # it waits already
    at_work(reindexing.register)
    assert len(town.find(person, "dobar")) == 3
    assert not reindexing.reindex_what_is_old(town.house.database)


def test_an_empty_installation_has_nothing_to_fill(house: House) -> None:
    assert not reindexing.reindex_what_is_old(house.database)
