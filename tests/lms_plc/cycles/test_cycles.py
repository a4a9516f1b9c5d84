"""What members do with ways of working: read one, print it, make it their own, take it to another community."""

import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lms_plc.communities.models import Community
from lms_plc.core import search
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import shown
from lms_plc.cycles import forms, queries
from lms_plc.cycles.content import shipped
from lms_plc.cycles.models import CycleTemplate, CycleVersion

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
TLDW = shipped()["tldw"].content


def sent(**more: str) -> dict[str, str]:
    """A form as the browser sends it."""
    return forms.filled(TLDW) | {"name": "Наш пат", "form_key": secrets.token_urlsafe(18)} | more


def adapt(who: Any, community_id: UUID, key: str = "tldw", **more: str) -> UUID:
    answer = who.post(f"/communities/{community_id}/cycles/{key}/adapt", sent(**more))
    assert answer.status_code == 303, answer.text
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def test_every_shipped_one_is_read_printed_and_can_be_adapted(circle: Any, said: Any) -> None:
    every = said(circle.member.get(f"{circle.home}/cycles"))
    for key, one in shipped().items():
        assert one.content.name in every
        page, sheet = (circle.member.get(f"{circle.home}/cycles/{key}{end}") for end in ("", "/print"))
        for stage in one.content.stages:
            for words in (stage.name, stage.purpose, *stage.prompts, *stage.exit):
                assert words in said(page)
                assert words in said(sheet)
        assert circle.member.get(f"{circle.home}/cycles/{key}/adapt").status_code == 200
    assert "Runs alongside “Leading the work”" in said(circle.member.get(f"{circle.home}/cycles/tldw"))
    for path in (f"{circle.home}/cycles/no_such_one", f"/cycles/{uuid4()}", f"{circle.home}/cycles/x/print"):
        assert circle.member.get(path).status_code == 404


def test_s0_5_a_copy_shows_what_it_was_made_of_and_what_is_different(circle: Any, said: Any, events: Any) -> None:
    address = f"{circle.home}/cycles/tldw/adapt"
    without = circle.member.post(address, sent(press="remove-stage-6"))
    assert without.status_code == 200
    assert "6. Sharing the story" in said(without)
    typed = forms.rearranged(sent(), forms.pressed({"press": "remove-stage-6"}))  # type: ignore[arg-type]
    names = {"stage-1-name": "Што е важно и што ме мачи", "stage-2-name": "Мојот приоритет"}
    answer = circle.member.post(address, typed | names)
    copy = UUID(answer.location.rpartition("/")[2])
    page = said(circle.facilitator.get(f"/cycles/{copy}"))
    for words in ("Наш пат", *names.values(), "Adapted from Teacher-led development work, version 1", "Person 2"):
        assert words in page
    assert "Portfolio" in page  # as what was taken out
    assert "Stage “Portfolio”" in page
    [event] = events("cycle.adapted")
    assert event.facts == {"origin": "tldw", "origin_version": 1, "stages": 7}
    with circle.house.database.read() as connection:
        seen = queries.cycle_for(connection, circle.id, str(copy))
        assert seen is not None
        assert [stage.id for stage in seen.content.stages] == [
            stage.id for stage in TLDW.stages if stage.id != "portfolio"
        ]
        assert [one.key for one in queries.choices(connection, circle.id)] == [str(copy), *shipped()]
        assert queries.cycle_for(connection, uuid4(), str(copy)) is None
        who = Actor(circle.person("2"), circle.site_id, "", circle.house.clock())
        thing = Reference("cycle", copy)
        assert shown(connection, who, [thing])[thing].title == "Наш пат"
    assert circle.member.get(f"{circle.home}/cycles/{copy}").status_code == 303


def test_the_same_form_twice_is_one_copy(circle: Any, stored: Any) -> None:
    key = secrets.token_urlsafe(18)
    assert adapt(circle.member, circle.id, form_key=key) == adapt(circle.member, circle.id, form_key=key)
    assert len(stored(select(CycleTemplate.id))) == 1


WRONG = [
    ({"name": ""}, "What it is called – Please fill this in."),
    ({"owner": "the head"}, "Who does it – "),
    ({"always_ask": "a\n" * 9}, "At most 8 lines"),
    ({"stage-3-name": ""}, "Stage 3, What it is called – Please fill this in."),
    ({"stage-3-typical_weeks": "many"}, "Stage 3, Weeks – "),
    ({"stage-2-prompts": "a\n" * 9}, "Stage 2, Questions that help – At most 8 lines"),
    ({"stage-2-protocols-1": "gossip"}, "Please choose one of these."),
    ({"stage-2-id": "../x"}, "could not be understood"),
    ({"form_key": "x"}, "could not be understood"),
]


def test_a_wrong_form_is_shown_again_with_what_was_typed(circle: Any, said: Any, stored: Any) -> None:
    for wrong, words in WRONG:
        answer = circle.member.post(f"{circle.home}/cycles/tldw/adapt", sent(**{"short": "Typed with care.", **wrong}))
        assert (words, answer.status_code) == (words, 422)
        assert words in said(answer)
        assert "Typed with care." in answer.text
    bare = {name: value for name, value in sent().items() if "-" not in name}
    assert "Please keep at least one stage." in said(circle.member.post(f"{circle.home}/cycles/tldw/adapt", bare))
    assert stored(select(CycleTemplate.id)) == []


def test_a_change_keeps_how_it_read_before_and_two_at_once_see_both(
    circle: Any, said: Any, events: Any, stored: Any
) -> None:
    copy = adapt(circle.member, circle.id)
    assert circle.facilitator.get(f"/cycles/{copy}/edit").status_code == 200
    theirs = sent(based_on="1", short="To learn from it.")
    assert circle.facilitator.post(f"/cycles/{copy}/edit", theirs).status_code == 303
    assert circle.facilitator.post(f"/cycles/{copy}/edit", theirs | {"based_on": "2"}).status_code == 303
    [event] = events("cycle.changed")  # the second said nothing new
    assert event.facts == {"version": 2, "stages": 8}
    assert stored(select(CycleVersion.version, CycleVersion.changed_by_id)) == [(1, circle.person("1"))]
    assert "Version 2" in said(circle.member.get(f"/cycles/{copy}/history"))
    mine = circle.member.post(f"/cycles/{copy}/edit", sent(based_on="1", short="To laugh about it."))
    assert mine.status_code == 409
    assert "YoursTo laugh about it. TheirsTo learn from it." in said(mine)
    assert circle.member.post(f"/cycles/{copy}/edit", sent(based_on="2", name="")).status_code == 422
    pressed = circle.member.post(f"/cycles/{copy}/edit", sent(based_on="2", press="add-stage-9"))
    assert "9. New stage" in said(pressed)


def test_a_copy_is_taken_out_of_use_and_brought_back(circle: Any, said: Any, events: Any) -> None:
    copy = adapt(circle.member, circle.id)
    for _ in range(2):
        assert circle.member.post(f"/cycles/{copy}/retire", {}).status_code == 303
    assert "out of use" in said(circle.member.get(f"/cycles/{copy}"))
    assert "Our own, out of use" in said(circle.member.get(f"{circle.home}/cycles"))
    with circle.house.database.read() as connection:
        assert queries.all_copies(connection, None) == []
        assert queries.cycle_for(connection, circle.id, str(copy)) is not None
    assert circle.member.post(f"/cycles/{copy}/bring-back", {}).status_code == 303
    assert len(events("cycle.retired")) == len(events("cycle.brought_back")) == 1
    with circle.house.database.read() as connection:
        [entry] = queries.all_copies(connection, None)
        assert (entry.title, "Which moment of the last weeks" in entry.text) == ("Наш пат", True)
        found = select(search.SearchEntry.title).where(search.SearchEntry.kind == "cycle")
        assert list(connection.execute(found).scalars()) == ["Наш пат"]


def test_a_copy_of_a_copy_keeps_the_chain_of_origins(circle: Any, said: Any, stored: Any) -> None:
    neighbour = circle.visitor()
    neighbour.post(neighbour.launch("41", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    neighbour_id = stored(select(Community.id).where(Community.name == "Next door"))[0][0]
    theirs = adapt(neighbour, neighbour_id, name="Next door's way")
    assert circle.member.get(f"{circle.home}/cycles/{theirs}/adapt").status_code == 404
    neighbour.launch("41", course="5")
    assert "Take it to another of my communities" in said(neighbour.get(f"/cycles/{theirs}"))
    ours = adapt(neighbour, circle.id, str(theirs), name="Our way")
    page = said(neighbour.get(f"/cycles/{ours}"))
    assert "Adapted from Next door's way of Next door, version 1" in page
    for who in (neighbour, circle.member):
        assert "And that one from “Teacher-led development work”, version 1" in said(who.get(f"/cycles/{ours}"))
    assert "of another community" in said(circle.member.get(f"/cycles/{ours}"))
    again = adapt(circle.member, circle.id, str(ours), name="Another way")
    assert "And that one from a copy of another community, version 1" in said(circle.member.get(f"/cycles/{again}"))


@pytest.mark.parametrize("page", ["list", "copy", "shipped"])
def test_the_pages_ask_little_whatever_there_is(circle: Any, statements: list[str], page: str) -> None:
    copy = adapt(circle.member, circle.id)
    path = {"list": f"{circle.home}/cycles", "copy": f"/cycles/{copy}", "shipped": f"{circle.home}/cycles/tldw"}[page]
    circle.member.get(path)
    statements.clear()
    circle.member.get(path)
    assert len(statements) <= 8
