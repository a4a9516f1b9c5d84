"""What is found, by whom, and in which order."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from lms_plc.core.activity import Reference
from lms_plc.core.folding import fold
from lms_plc.core.search import LARGEST_PLACE, Entry, first_place, forget
from lms_plc.people.twins import join
from lms_plc.searching import queries


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_finds_what_they_may_read_and_nothing_else(crowded: Callable[..., Any], seed: int) -> None:
    town, entries = crowded(seed)
    dice = random.Random(seed)  # noqa: S311
    for person in town.people:
        asked: dict[str, Any] = {}
        for _ in range(3):
            both = {id for entry in entries if _fits(town, person, entry, asked) for id in [entry.reference.id]}
            found = town.find(person, "dan DOBAR", size=dice.choice([3, 50]), **asked)
            assert len(found) == len(set(found))
            assert set(found) == both, asked
            asked = _narrower(dice, town)


def _fits(town: Any, person: UUID, entry: Entry, asked: dict[str, Any]) -> bool:
    there = f"{fold(entry.title)} {fold(entry.text)}".split()
    return (
        town.may_read(person, entry)
        and {"dan", "dobar"} <= {*there}
        and asked.get("community_id") in (None, entry.community_id)
        and asked.get("kind") in (None, entry.reference.kind)
        and ("authors" not in asked or entry.author_id in asked["authors"])
        and ("since" not in asked or entry.at >= asked["since"])
        and ("until" not in asked or entry.at < asked["until"])
    )


def _narrower(dice: random.Random, town: Any) -> dict[str, Any]:
    ways: dict[str, Any] = {
        "community_id": dice.choice(list(town.communities)),
        "kind": dice.choice(["note", "card", "nothing"]),
        "authors": tuple(dice.sample(list(town.people), 4)),
        "since": town.now - timedelta(hours=dice.randrange(100, 200)),
        "until": town.now - timedelta(hours=dice.randrange(100)),
    }
    return {name: ways[name] for name in dice.sample(list(ways), 2)}


FOUND = {
    "odeljenje": "Одељењe у ком се учи",
    "ОДЕЉЕЊЕ": "naše odjeljenje",
    "istanbul": "İSTANBUL'da",
    "ISIK": "ışık",
    "Qazaq": "Қазақстан",
    "одел": "odeljenje",
    "uči naše": "Naše odjeljenje uči.",
    '"dobar dan"': "Rekoh: dobar   dan!",
    '"dobar da': "dan, dobar",
    "1e5 x2": "(1e5; x²)",
    "a' OR NEAR(b": "a or near b",
}
NOT_FOUND = {
    "dan noć": "Dobar dan",
    "da noć": "Dobar dan, noći",
    '"dan dobar"': "Dobar dan",
    '"dobar da"': "Dobar dan",
    "e": "Eva",
    "’": "’",
    "- * : ^ { } & | ! <->": "- * : ^",
}


def test_words_are_found_however_they_are_written(one_community: Any) -> None:
    town, community, person = one_community
    for typed, written in (FOUND | NOT_FOUND).items():
        entry = town.entry(community, person, written)
        assert town.find(person, typed) == ([entry.reference.id] if typed in FOUND else []), typed
        with town.house.database.write() as session:
            forget(session, entry.reference)


def test_title_hits_come_first_then_the_newest_and_no_phrase_runs_from_title_to_text(one_community: Any) -> None:
    town, community, person = one_community
    old = town.entry(community, person, "…", title="Izlazna karta", at=town.now - timedelta(days=90))
    newest = town.entry(community, person, "karta, izlazna")
    newer = town.entry(community, person, "Izlazna", title="Karta", at=town.now - timedelta(days=1))
    order = [old.reference.id, newest.reference.id, newer.reference.id]
    assert town.find(person, "izlazna karta") == order
    assert town.find(person, "izlazna kar", size=1) == order
    assert town.find(person, '"karta izlazna"') == [newest.reference.id]


def test_what_changes_is_found_by_its_new_words_and_what_is_gone_by_none(one_community: Any) -> None:
    town, community, person = one_community
    entry = town.entry(community, person, "before")
    other = town.entry(community, person, "after", at=town.now - timedelta(days=1))
    town.put(replace(entry, text="after"))
    town.put(replace(entry, text="after"))
    assert town.find(person, "before") == []
    assert town.find(person, "after") == [entry.reference.id, other.reference.id]
    town.put(replace(entry, text="after", at=town.now - timedelta(days=2)))
    assert town.find(person, "after") == [other.reference.id, entry.reference.id]
    with town.house.database.write() as session:
        for _ in range(2):
            forget(session, other.reference)
        forget(session, Reference("card", entry.reference.id))
    assert town.find(person, "after") == [entry.reference.id]
    with town.house.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM plc_search_words")).scalar_one() == 1


def test_two_things_of_one_moment_never_have_one_place(one_community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town, community, person = one_community
    places = iter([7, 7, 7, 8])
    monkeypatch.setattr("lms_plc.core.search.secrets.randbits", lambda _: next(places))
    both = [town.entry(community, person).reference.id for _ in range(2)]
    assert town.find(person, "dobar") == both[::-1]


def test_a_text_of_any_length_and_kind_is_taken(one_community: Any) -> None:
    town, community, person = one_community
    long = town.entry(community, person, "needle " + "dan \x00 noć " * 20_000 + "x" * 3000 + " 'q\\' :*")
    assert town.find(person, "needle noc") == [long.reference.id]


def test_only_the_newest_are_ranked(one_community: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town, community, person = one_community
    monkeypatch.setattr(queries, "RANKED", 3)
    town.entry(community, person, title="Dobar dan", at=town.now - timedelta(days=1))
    newer = [town.entry(community, person, at=town.now + timedelta(seconds=n)).reference.id for n in range(4)]
    assert town.find(person, "dobar", size=2) == newer[:0:-1]


def test_who_is_in_very_many_communities_finds_the_same(crowded: Callable[..., Any], monkeypatch: Any) -> None:
    town, entries = crowded(3)
    wanted = {person: town.find(person, "dobar") for person in list(town.people)[:3]}
    monkeypatch.setattr(queries, "MOST_SCOPES", 0)
    assert {person: town.find(person, "dobar") for person in wanted} == wanted
    assert any(wanted.values())


def test_two_persons_who_become_one_find_what_both_wrote_for_themselves(one_community: Any) -> None:
    town, community, person = one_community
    other = town.person(town.sites[0], "Ana P.")
    for author in (person, other):
        town.entry(None, author, audience="only_me")
    with town.house.database.write() as session:
        join(session, person, other, town.now, via="cli")
    assert len(town.find(person, "dobar")) == 2
    assert len(town.find(person, "dobar", authors=(person,))) == 2


def test_people_are_found_by_the_beginnings_of_their_names(one_community: Any) -> None:
    town, community, person = one_community
    names = {person: "Ana"}
    for name, state in (("Đurđa Ђурић", "left"), ("Ајше", "active")):
        somebody = town.person(town.sites[0], name)
        names[somebody] = name
        town.join(somebody, community, state)
    town.person(town.sites[0], "Ana of another community")
    called = {"dju": {"Đurđa Ђурић"}, "ђурић ђ": {"Đurđa Ђурић"}, "a": {"Ana", "Ајше"}, "...": set(), "zz": set()}
    with town.house.database.read() as connection:
        places = queries.my_places(connection, town.actor(person))
        for typed, wanted in called.items():
            found = queries.people_called(connection, town.actor(person), places, typed)
            assert {names[one] for one in found} == wanted


@pytest.mark.parametrize("typed", [None, "", "x", "2-1", "0-", "0-x", "1-²", "0--1", "1-" + "9" * 20])
def test_a_key_of_nonsense_means_the_first_page(typed: str | None) -> None:
    assert queries.read_after(typed) is None


def test_moments_far_away_have_places_too(town: Any) -> None:
    assert first_place(town.now.replace(year=1)) == 0
    assert 0 < first_place(town.now) < first_place(town.now.replace(year=9999)) <= LARGEST_PLACE
    assert queries.read_after("1-" + "9" * 19) == queries.After(1, LARGEST_PLACE)
