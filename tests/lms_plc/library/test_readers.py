"""Who reads what stands in a library, who took it on, and what does its author learn of it?"""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core import things
from lms_plc.core.accesses import Access
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, Role
from lms_plc.files.models import File
from lms_plc.library.models import Item, Tried

TOOL = "https://plc.example.org"


def id_of(location: str) -> UUID:
    return UUID(urlsplit(location).path.rpartition("/")[2])


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("only_me", ""),
        ("named_people", "3"),
        ("facilitator", "1"),
        ("community", "1 3"),
        ("platform", "1 3 41"),
        ("world", "1 3 41"),
    ],
)
def test_an_item_is_read_by_its_audience_and_looks_absent_to_all_others(
    circle: Any, shelf: Any, next_door: Any, house: Any, audience: str, readers: str
) -> None:
    people = {"1": circle.facilitator, "3": circle.joined("3"), "41": next_door.leader}
    item = shelf.put(circle.member, audience=audience, people=str(circle.person("3")), title="Only for some")
    reference = Reference("library_item", item)
    for subject, person in people.items():
        may = subject in readers.split()
        pages = [f"/library/{item}", f"/library/{item}/history", f"/library/{item}/adapt"]
        assert [person.get(page).status_code == 200 for page in pages] == [may] * 3
        with house.database.read() as connection:
            who = Actor(circle.person(subject), circle.site_id, "", house.clock())
            assert (reference in things.shown(connection, who, [reference])) is may
        listed = person.get(f"/communities/{next_door.id if subject == '41' else circle.id}/library?where=all").text
        assert ("Only for some" in listed) is (audience in ("platform", "world"))
    assert circle.member.get(f"/library/{item}").status_code == 200
    assert ("Only for some" in circle.facilitator.get(f"{circle.home}/library").text) is ("1" in readers.split())
    anybody = circle.visitor().client.get(f"/open/library/{item}", base_url=TOOL)
    assert (anybody.status_code == 200) is (audience == "world")


def test_whoever_is_named_no_more_reads_it_no_more_and_nobody_sees_who_is_named(
    circle: Any, shelf: Any, said: Any
) -> None:
    one, other = circle.joined("3"), circle.joined("4")
    people = [str(circle.person("3")), str(circle.person("4"))]
    item = shelf.put(circle.member, audience="named_people", people=people)
    assert "Person 4" not in said(one.get(f"/library/{item}"))
    assert "Person 3 and Person 4" in said(circle.member.get(f"/library/{item}"))
    assert circle.member.get(f"/library/{item}/edit").text.count('name="people"') == 3
    shelf.change(circle.member, item, audience="named_people", people=people[:1])
    assert [who.get(f"/library/{item}").status_code for who in (one, other)] == [200, 404]


def test_a_flop_is_asked_first_who_may_read_it(circle: Any, shelf: Any, said: Any) -> None:
    new = f"{circle.home}/stories/new?kind=flop"
    first = circle.member.get(new)
    assert "First: who may read it?" in said(first)
    assert "Nobody else can open it, also no administrator" in said(first)
    assert 'name="page"' not in first.text
    assert "Please choose one of these." in said(circle.member.get(f"{new}&next=1"))
    form = circle.member.get(f"{new}&next=1&audience=facilitator").text
    assert form.index('name="audience"') < form.index('name="title"')
    assert 'value="facilitator" checked' in form
    item = shelf.put(circle.member, "stories", story_kind="flop", audience="only_me")
    assert "It flopped" in said(circle.member.get(f"/library/{item}"))
    assert circle.facilitator.get(f"/library/{item}").status_code == 404


def test_its_author_sees_who_opened_it_and_nobody_else_does(
    circle: Any, shelf: Any, stored: Any, clock: Any, said: Any
) -> None:
    item = shelf.put(circle.member)
    circle.member.get(f"/library/{item}")
    assert stored(select(Access.person_id)) == []
    began = clock()
    for hours in (0, 5, 30):
        clock.move(hours=hours)
        circle.facilitator.launch("1")
        page = said(circle.facilitator.get(f"/library/{item}"))
    assert "Opened by" not in page
    assert "Person 2 can see that you opened it." in page
    [access] = stored(select(Access.first_at, Access.last_at))
    assert (access.first_at, access.last_at) == (began, clock())
    circle.member.launch("2")
    assert "Opened by Person 1" in said(circle.member.get(f"/library/{item}"))


class TestAdapting:
    def test_an_adaptation_names_its_origin_and_what_was_changed_and_both_stay_linked(
        self, circle: Any, shelf: Any, next_door: Any, events: Any, stored: Any, said: Any
    ) -> None:
        item = shelf.put(circle.member, audience="platform")
        form = next_door.leader.get(f"/library/{item}/adapt")
        assert "I wait a minute before" in form.text
        assert "It will stand in “Next door”." in said(form)
        sent = shelf.adapt(next_door.leader, item, next_door.id, what="I wait an hour before the talk begins.")
        new = id_of(sent.location)
        page = said(next_door.leader.get(f"/library/{new}"))
        assert "Adapted from A minute of silence of Person 2, Maths circle (version of" in page
        assert "[taken out: a minute][put in: an hour]" in page
        assert "The original has changed since." not in page
        assert "Adapted by" not in said(circle.member.get(f"/library/{item}"))
        shelf.change(next_door.leader, new, what="I wait an hour before the talk begins.", audience="platform")
        assert "Adapted by" in said(circle.member.get(f"/library/{item}"))
        [event] = events("library_item.adapted")
        assert event.facts["origin_id"] == str(item)
        assert event.facts["origin_author"] == str(circle.person("2"))
        shelf.change(circle.member, item, audience="platform", how="1. Only wait")
        page = said(next_door.leader.get(f"/library/{new}"))
        assert "The original has changed since." in page
        assert "[put in: Only wait]" in page or "Only wait" in page
        shelf.change(circle.member, item, audience="only_me", how="1. Only wait")
        page = said(next_door.leader.get(f"/library/{new}"))
        assert "Adapted from" not in page
        assert "something you cannot open" in page

    @pytest.mark.parametrize(
        ("licence", "audience", "said_there"),
        [
            ("within", "platform", "Person 2 keeps this within “Maths circle”."),
            ("ask", "platform", "Person 2 wants to be asked before this is used elsewhere."),
        ],
    )
    def test_what_stays_within_is_not_carried_into_another_community(
        self,
        circle: Any,
        shelf: Any,
        next_door: Any,
        stored: Any,
        said: Any,
        licence: str,
        audience: str,
        said_there: str,
    ) -> None:
        item = shelf.put(circle.member, licence=licence, audience=audience)
        assert said_there in said(next_door.leader.get(f"/library/{item}"))
        assert said_there in said(next_door.leader.get(f"/library/{item}/adapt"))
        refused = shelf.adapt(next_door.leader, item, next_door.id)
        assert (refused.status_code, said_there in said(refused)) == (403, True)
        here = shelf.adapt(circle.facilitator, item, circle.id, licence=licence)
        assert here.status_code == 303
        assert len(stored(select(Item.id))) == 2

    @pytest.mark.parametrize(
        ("original", "wrong", "words"),
        [
            ({"audience": "community"}, {"audience": "platform"}, "This may reach no further than the original does."),
            ({"audience": "platform", "licence": "cc-by-sa"}, {"licence": "cc0"}, "asks that this stays the same"),
            ({"audience": "platform", "licence": "cc-by-nc"}, {"licence": "cc-by"}, "asks that this stays the same"),
            ({"audience": "platform"}, {"community_id": "nonsense"}, "Please choose one of your communities."),
            (
                {"audience": "platform"},
                {"community_id": "00000000-0000-7000-8000-000000000000"},
                "Please choose one of",
            ),
        ],
    )
    def test_an_adaptation_keeps_to_what_its_original_allows(
        self,
        circle: Any,
        shelf: Any,
        stored: Any,
        said: Any,
        original: dict[str, str],
        wrong: dict[str, str],
        words: str,
    ) -> None:
        item = shelf.put(circle.member, **original)
        licence = {"licence": original.get("licence", "cc-by")}
        refused = shelf.adapt(circle.facilitator, item, circle.id, **{**licence, **wrong})
        assert (refused.status_code, words in said(refused)) == (422, True)
        assert len(stored(select(Item.id))) == 1
        right = shelf.adapt(circle.facilitator, item, circle.id, **licence)
        assert right.status_code == 303
        wider = shelf.change(circle.facilitator, id_of(right.location), audience="world", **licence)
        assert wider.status_code == 422

    def test_who_is_in_two_communities_carries_on_only_what_is_open_to_both(
        self, circle: Any, shelf: Any, next_door: Any, said: Any
    ) -> None:
        next_door.leader.launch("41", course="5")
        inside = shelf.put(circle.member, audience="community")
        refused = shelf.adapt(next_door.leader, inside, next_door.id)
        assert (refused.status_code, "Please choose one of your communities." in said(refused)) == (422, True)
        wide = shelf.put(circle.member, audience="platform")
        assert "Please choose" in said(next_door.leader.get(f"/library/{wide}/adapt"))
        assert shelf.adapt(next_door.leader, wide, next_door.id).status_code == 303
        own = shelf.put(next_door.leader, audience="only_me")
        assert shelf.adapt(next_door.leader, own, next_door.id, audience="world").status_code == 303

    def test_an_adaptation_of_ones_adaptation_is_no_way_round(
        self, circle: Any, shelf: Any, next_door: Any, stored: Any, said: Any
    ) -> None:
        next_door.leader.launch("41", course="5")
        item = shelf.put(circle.member, licence="cc-by-nc")
        licence = {"licence": "cc-by-nc"}
        first = id_of(shelf.adapt(next_door.leader, item, circle.id, **licence).location)
        for wrong in ({"audience": "world"}, {"community_id": str(next_door.id)}, {"licence": "cc0"}):
            again = shelf.adapt(next_door.leader, first, circle.id, **{**licence, **wrong})
            assert again.status_code == 422, wrong
        assert shelf.change(next_door.leader, first, licence="cc0").status_code == 422
        second = id_of(shelf.adapt(next_door.leader, first, circle.id, **licence).location)
        assert shelf.change(next_door.leader, second, audience="world", **licence).status_code == 422
        assert {row.reach for row in stored(select(Item.reach))} == {None, "community"}

    def test_the_files_of_the_original_go_along_if_they_are_wanted(
        self, circle: Any, shelf: Any, stored: Any, events: Any
    ) -> None:
        item = shelf.put(circle.member, "resources", files=(BytesIO(b"one"), "sheet.txt"))
        keys = {"with": "a" * 24, "without": "b" * 24}
        for _ in range(2):
            new = id_of(
                shelf.adapt(
                    circle.facilitator, item, circle.id, "resources", take_files="yes", form_key=keys["with"]
                ).location
            )
        assert "sheet.txt" in circle.facilitator.get(f"/library/{new}").text
        assert len(stored(select(File.id))) == 2
        bare = id_of(shelf.adapt(circle.facilitator, item, circle.id, "resources", form_key=keys["without"]).location)
        assert "sheet.txt" not in circle.facilitator.get(f"/library/{bare}").text

    def test_a_story_is_somebodys_own(self, circle: Any, shelf: Any) -> None:
        item = shelf.put(circle.member, "stories")
        assert circle.facilitator.get(f"/library/{item}/adapt").status_code == 404
        assert "/adapt" not in circle.facilitator.get(f"/library/{item}").text


def test_who_tried_it_is_told_in_the_order_of_time_and_never_counted(
    circle: Any, shelf: Any, clock: Any, stored: Any, events: Any, said: Any
) -> None:
    item = shelf.put(circle.member)
    for who, words in (
        (circle.facilitator, "They  talked more"),
        (circle.joined("3"), ""),
        (circle.facilitator, "They did"),
    ):
        clock.move(minutes=1)
        assert who.post(f"/library/{item}/tried", {"words": words}).location.endswith("#tried")
    page = said(circle.member.get(f"/library/{item}"))
    assert page.index("Person 1: They did") < page.index("Person 3")
    too_long = circle.facilitator.post(f"/library/{item}/tried", {"words": "x" * 301})
    assert (too_long.status_code, "x" * 301 in too_long.text) == (422, True)
    for _ in range(2):
        circle.facilitator.post(f"/library/{item}/tried", {"take_back": "1"})
    assert [row.person_id for row in stored(select(Tried.person_id))] == [circle.person("3")]
    assert len(events("library_item.tried_taken_back")) == 1
    assert events("library_item.tried")[0].facts == {"author": str(circle.person("2"))}


class TestLists:
    def test_filters_narrow_and_pages_go_on(self, circle: Any, shelf: Any, house: Any, said: Any) -> None:
        shelf.put(circle.member, "resources", title="Paper", subject="art", language="mk", tags="folding")
        shelf.put(circle.member, "stories", title="Soup day", language="sr_Cyrl")
        for number in range(20):
            shelf.put(circle.member, title=f"Card {number}")
        home = f"{circle.home}/library"
        first = circle.member.get(home).text
        assert ("Card 19" in first, "Card 0<" in first, "Soup day" in first) == (True, True, False)
        older = first.split('rel="next" href="')[1].split('"')[0]
        assert "Soup day" in circle.member.get(older).text
        for asked, there in (
            ("shape=resource", "Paper"),
            ("shape=story", "Soup day"),
            ("subject=art", "Paper"),
            ("language=mk", "Paper"),
            ("tag=%23Folding", "Paper"),
        ):
            page = circle.member.get(f"{home}?{asked}").text
            assert there in page
            assert "Card 19" not in page
        assert "Nothing of this kind yet" in said(circle.member.get(f"{home}?tag=unheard"))
        assert "Card 19" in circle.member.get(f"{home}?shape=x&subject=y&language=z&tag=,&before=w").text
        assert "No community has shared" in said(circle.member.get(f"{home}?where=all"))

    def test_the_lunchroom_has_our_stories_and_those_told_to_all_by_time_and_language(
        self, circle: Any, shelf: Any, next_door: Any, said: Any
    ) -> None:
        room = f"{circle.home}/stories"
        assert "No story yet" in said(circle.member.get(room))
        shelf.put(circle.member, "stories", title="Ours")
        shelf.put(next_door.leader, "stories", title="Theirs", where=next_door.id)
        shelf.put(
            next_door.leader, "stories", title="Told to all", where=next_door.id, audience="platform", language="mk"
        )
        shelf.put(circle.member)
        page = said(circle.member.get(room))
        assert page.index("Told to all") < page.index("Ours")
        assert "Theirs" not in page
        assert "A minute of silence" not in page
        assert "Ours" not in said(circle.member.get(f"{room}?language=mk"))
        assert "Ours" in said(circle.member.get(f"{room}?language=nonsense"))

    def test_pages_send_few_statements_whatever_the_number_of_items(
        self, circle: Any, shelf: Any, statements: list[str]
    ) -> None:
        item = shelf.put(circle.member, audience="platform")
        adapted = id_of(shelf.adapt(circle.facilitator, item, circle.id).location)

        def sent() -> list[int]:
            counts = []
            for path in (f"{circle.home}/library", f"{circle.home}/stories", f"/library/{item}", f"/library/{adapted}"):
                circle.facilitator.get(path)
                statements.clear()
                circle.facilitator.get(path)
                counts.append(len(statements))
            return counts

        few = sent()
        for _ in range(4):
            shelf.adapt(circle.facilitator, item, circle.id)
            shelf.put(circle.member, "stories")
        circle.facilitator.post(f"/library/{item}/tried")
        assert sent() == few
        assert max(few) <= 8


class TestOpenToEverybody:
    def ask(self, circle: Any, path: str) -> Any:
        return circle.visitor().client.get(path, base_url=TOOL)

    def test_the_public_page_names_nobody_unless_its_author_wants_it(self, circle: Any, shelf: Any, said: Any) -> None:
        item = shelf.put(circle.member, audience="world")
        circle.facilitator.post(f"/library/{item}/tried", {"words": "Fine"})
        page = self.ask(circle, f"/open/library/{item}")
        assert "I wait a minute" in page.text
        assert "Person" not in said(page)
        assert "Maths circle" not in said(page)
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert 'content="noindex"' in page.text
        assert f"/open/library/{item}" in circle.member.get(f"/library/{item}").text
        shelf.change(circle.member, item, audience="world", show_name="yes", findable="yes")
        page = self.ask(circle, f"/open/library/{item}")
        assert "Person 2" in said(page)
        assert "noindex" not in f"{page.headers}{page.text}"
        shelf.change(circle.member, item, audience="community", show_name="yes")
        assert self.ask(circle, f"/open/library/{item}").status_code == 404

    def test_its_files_go_with_it_and_no_others(self, circle: Any, shelf: Any, stored: Any) -> None:
        item = shelf.put(circle.member, "resources", audience="world", files=(BytesIO(b"one"), "sheet.txt"))
        other = shelf.put(circle.member, "resources", files=(BytesIO(b"two"), "secret.txt"))
        open_file, kept = (row.id for row in stored(select(File.id).order_by(File.name.desc())))
        page = self.ask(circle, f"/open/library/{item}").text
        assert f"/open/library/{item}/files/{open_file}" in page
        got = self.ask(circle, f"/open/library/{item}/files/{open_file}")
        assert (got.data, got.headers["Content-Disposition"][:10]) == (b"one", "attachment")
        for path in (f"{item}/files/{kept}", f"{other}/files/{kept}", f"{other}"):
            assert self.ask(circle, f"/open/library/{path}").status_code == 404


class TestGrowing:
    def test_an_aha_grows_into_a_story_and_both_know_of_each_other(
        self, circle: Any, shelf: Any, stored: Any, said: Any
    ) -> None:
        aha = "They ask when I stop answering"
        topic = circle.start(circle.member, aha, aha, purpose="aha")
        page = circle.facilitator.get(f"/topics/{topic}").text
        assert "Make a story of it" in page
        address = page.split('href="', page.count('href="', 0, page.index("Make a story of it")))[-1].split('"')[0]
        form = circle.facilitator.get(address.replace("&amp;", "&"))
        assert (aha in form.text, "Aha!" in said(form)) == (True, True)
        begun = {"from_kind": "topic", "from": str(topic)}
        item = shelf.put(circle.facilitator, "stories", story_kind="aha", title="When I stopped", **begun)
        row = stored(select(Item.origin_kind, Item.origin_id).where(Item.id == item))[0]
        assert tuple(row) == ("topic", topic)
        assert f"It began with: {aha}" in said(circle.member.get(f"/library/{item}"))
        assert "When I stopped" in circle.member.get(f"/topics/{topic}").text

    def test_nobody_grows_a_story_from_what_they_cannot_see(
        self, circle: Any, shelf: Any, next_door: Any, stored: Any, said: Any
    ) -> None:
        topic = circle.start(circle.member, "A secret aha", "A secret aha", purpose="aha")
        for begun in (
            {"from_kind": "topic", "from": str(topic)},
            {"from_kind": "topic", "from": "x"},
            {"from_kind": "x", "from": str(topic)},
        ):
            query = "&".join(f"{name}={value}" for name, value in begun.items())
            form = next_door.leader.get(f"/communities/{next_door.id}/stories/new?kind=aha&{query}")
            assert "secret" not in form.text
            item = shelf.put(next_door.leader, "stories", where=next_door.id, **begun)
            assert stored(select(Item.origin_id).where(Item.id == item))[0].origin_id is None
        told = shelf.put(circle.member, "stories", audience="platform", from_kind="topic", **{"from": str(topic)})
        page = said(next_door.leader.get(f"/library/{told}?in={next_door.id}"))
        assert "something you cannot open" in page
        assert "secret" not in page


def test_a_reader_from_elsewhere_keeps_the_rooms_of_their_own_community_around_them(
    circle: Any, shelf: Any, next_door: Any
) -> None:
    item = shelf.put(circle.member, audience="platform")
    with_rooms = next_door.leader.get(f"/library/{item}?in={next_door.id}").text
    assert f"/communities/{next_door.id}/library" in with_rooms
    for query in ("", f"?in={circle.id}", "?in=nonsense"):
        page = next_door.leader.get(f"/library/{item}{query}").text
        assert "My communities" in page
        assert f"/communities/{circle.id}/library" not in page


def test_a_leader_of_dates_reads_what_is_for_who_leads(circle: Any, shelf: Any, clock: Any) -> None:
    item = shelf.put(circle.member, audience="facilitator")
    mentor = circle.joined("7")
    assert mentor.get(f"/library/{item}").status_code == 404
    circle.give_role("7", Role.MENTOR)
    assert mentor.get(f"/library/{item}").status_code == 200
