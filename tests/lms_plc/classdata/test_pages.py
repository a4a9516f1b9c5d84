"""Can a table be brought, read together, decided about and withdrawn, and is nothing kept that should not be?"""

import io
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.actionitems.actions import record_action
from lms_plc.classdata.actions import FOUND, add_data_set
from lms_plc.classdata.models import DataCell, DataConversation, DataSet
from lms_plc.classdata.queries import show_sets, show_talks
from lms_plc.classdata.tables import Column, Table, Use
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.things import keeper_of
from lms_plc.evidence.actions import keep_node

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
PASTED = "Class\tPupils\tAverage\n8a\t28\t7.4\n8b\t12\t6.1\n8c\t4\t5.3"
ABOUT = {"question": "Who can take a text apart?", "source": "Test in May", "day": "2026-05-20", "threshold": "10"}
KEY = "k" * 24
MEETING = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3"}


def bring(circle: Any, who: Any, table: str = PASTED, **more: str) -> str:
    """Pastes a table, looks at it and keeps it; the address of its page."""
    looked = who.post(f"{circle.home}/class-results/new", {**ABOUT, "table": table, **more})
    assert looked.status_code == 200, looked.text
    answer = who.post(f"{circle.home}/class-results", {**ABOUT, "table": table, "form_key": KEY, **more})
    assert answer.status_code == 303, answer.text
    return of_all(answer.location)


def begin(who: Any, page: str) -> str:
    return of_all(who.post(f"{page}/conversation", {"form_key": KEY}).location)


def of_all(address: str) -> str:
    """An address without whose it is."""
    return re.sub(r"^/s/[^/]+", "", urlsplit(address).path)


def rows_of(page: Any) -> list[list[str]]:
    """The table of a page, as it is read."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page.text, re.DOTALL)
    return [re.findall(r">([^<>]+)<", one) for one in rows]


def id_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def acting(circle: Any, visitor: Any) -> Actor:
    house = circle.house
    from lms_plc.people.models import Person

    name = "Person 2" if visitor is circle.member else "Person 1"
    with house.database.read() as connection:
        found = connection.execute(select(Person.id).where(Person.display_name == name)).scalar_one()
    return Actor(found, circle.site_id, name, house.clock())


def test_of_three_classes_the_small_one_and_one_more_are_hidden_for_good(
    circle: Any, said: Any, stored: Any, events: Any, caplog: Any
) -> None:
    add = said(circle.member.get(f"{circle.home}/class-results/new"))
    assert "Totals only" in add
    looked = circle.member.post(f"{circle.home}/class-results/new", {**ABOUT, "table": PASTED})
    assert "Nothing is kept yet" in looked.text
    assert stored(select(DataSet.id)) == []
    page = bring(circle, circle.member)
    assert bring(circle, circle.member) == page
    words = said(circle.member.get(page))
    assert "Hidden: groups of fewer than 10 pupils" in words
    assert rows_of(circle.member.get(page))[1:] == [
        ["8a", "28", "7.4"],
        ["8b", "hidden", "hidden"],
        ["8c", "hidden", "hidden"],
    ]
    cells = stored(select(DataCell.row, DataCell.column, DataCell.n, DataCell.value, DataCell.suppressed))
    assert sorted(map(tuple, cells)) == [
        (0, 0, 28, None, None),
        (0, 1, None, 7.4, None),
        *((row, column, None, None, "hidden") for row in (1, 2) for column in (0, 1)),
    ]
    (row,) = stored(select(DataSet.shape, DataSet.came))
    assert row.shape["total"] is None
    assert not re.search(r"\b(12|44|6\.1|5\.3)\b", str(row.shape))
    assert [event.facts for event in events("data_set.added")] == [{"came": "paste"}]
    assert not re.search(r"8c|6\.1", caplog.text)
    assert "Who can take a text apart?" in said(circle.facilitator.get(f"{circle.home}/class-results"))


def test_a_file_is_read_and_its_columns_are_what_somebody_says(circle: Any, said: Any) -> None:
    content = "Разред;Прошло;Није прошло;Белешка\n8а;20;8;x\n8б;7;6;y\nУкупно;27;14;\n".encode("cp1251")
    form = {**ABOUT, "file": (io.BytesIO(content), "rezultati.csv")}
    looked = circle.member.post(f"{circle.home}/class-results/new", form, content_type="multipart/form-data")
    assert looked.status_code == 200
    words = said(looked)
    assert "The last row is a total" in words
    table = re.search(r'name="table" value="([^"]+)"', looked.text)
    assert table is not None
    form = {**ABOUT, "came": "file", "table": table[1], "form_key": KEY, "again": "yes"}
    uses = {"use-0": "group", "use-1": "level", "use-2": "leave", "use-3": "leave"}
    problem = circle.member.post(f"{circle.home}/class-results", form | uses)
    assert problem.status_code == 422
    assert "at least two columns" in problem.text
    again = circle.member.post(f"{circle.home}/class-results", form | uses | {"use-2": "level"})
    assert again.status_code == 200
    assert rows_of(again)[1:3] == [["8а", "28", "20", "8"], ["8б", "13", "7", "6"]]
    form.pop("again")
    assert "These numbers count pupils" in said(again)
    asked = circle.member.post(f"{circle.home}/class-results", form | uses | {"use-2": "level"})
    assert asked.status_code == 422
    assert "Please say that these numbers count pupils" in said(asked)
    uses["is_count"] = "yes"
    kept = circle.member.post(f"{circle.home}/class-results", form | uses | {"use-2": "level"})
    assert rows_of(circle.member.get(kept.location))[-1] == ["All together", "41", "27", "14"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"table": "Name\tPoints\nAna Kovac\t7\nIvo Maric\t5"}, "looks as if it said who the pupils are"),
        ({"table": ""}, "no table in it yet"),
        ({"question": ""}, "Please fill this in"),
        ({"threshold": "5"}, "could not be understood"),
        ({"day": "yesterday"}, "could not be understood"),
    ],
)
@pytest.mark.parametrize("place", ["/class-results/new", "/class-results"])
def test_what_cannot_be_taken_says_why_and_keeps_what_was_typed(
    circle: Any, said: Any, stored: Any, place: str, more: dict[str, str], words: str
) -> None:
    answer = circle.member.post(circle.home + place, {**ABOUT, "table": PASTED, "form_key": KEY, **more})
    assert answer.status_code == 422
    assert words in said(answer)
    assert "Test in May" in answer.text
    assert stored(select(DataSet.id)) == []


def test_a_file_that_is_too_large_says_the_limit_of_tables_and_keeps_what_was_typed(circle: Any, said: Any) -> None:
    content = b"Class;Pupils;Average\n" + b"8a;28;7.4\n" * 180_000
    form = {**ABOUT, "file": (io.BytesIO(content), "results.csv")}
    answer = circle.member.post(f"{circle.home}/class-results/new", form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "too large: it may have up to 1 MB" in said(answer)
    for typed in ("Who can take a text apart?", "Test in May", "2026-05-20"):
        assert typed in answer.text
    answer.request.input_stream.close()  # what the browser of the test wrote to a file, to send it


def test_where_a_heading_says_how_many_pupils_nothing_is_asked(circle: Any, said: Any) -> None:
    looked = circle.member.post(f"{circle.home}/class-results/new", {**ABOUT, "table": PASTED})
    assert "These numbers count pupils" not in said(looked)


def test_a_table_that_may_have_the_same_pupils_is_asked_about(circle: Any, said: Any) -> None:
    bring(circle, circle.member)
    other = "Class\tPupils\tAverage\n8ab\t40\t7"
    looked = circle.member.post(f"{circle.home}/class-results/new", {**ABOUT, "table": other})
    assert "may have the same pupils" in said(looked)
    form = {**ABOUT, "table": other, "form_key": "o" * 24}
    asked = circle.member.post(f"{circle.home}/class-results", form)
    assert asked.status_code == 422
    assert "Please say that these are other pupils" in said(asked)
    assert circle.member.post(f"{circle.home}/class-results", {**form, "sure": "yes"}).status_code == 303


def test_a_group_hidden_in_one_table_is_hidden_in_another_of_that_day_until_it_is_withdrawn(
    circle: Any, said: Any
) -> None:
    page = bring(circle, circle.member)
    two = "Class\tPupils\tAverage\n8a\t28\t7.4\n8b\t12\t6.1"
    form = {**ABOUT, "table": two, "form_key": "o" * 24, "sure": "yes"}
    again = circle.facilitator.post(f"{circle.home}/class-results", form).location
    words = said(circle.facilitator.get(again))
    assert rows_of(circle.facilitator.get(again))[2:] == [["8b", "hidden", "hidden"]]
    assert "So is how many pupils there are altogether." in words
    later = {**form, "question": "A month later", "day": "2026-06-20", "form_key": "p" * 24}
    later_on = circle.facilitator.post(f"{circle.home}/class-results", later).location
    assert rows_of(circle.facilitator.get(later_on))[2][:2] == ["8b", "12"]
    circle.member.post(f"{page}/withdraw")
    circle.facilitator.post(f"{again}/withdraw")
    right = circle.facilitator.post(f"{circle.home}/class-results", {**form, "form_key": "q" * 24}).location
    assert rows_of(circle.facilitator.get(right))[2][:2] == ["8b", "12"]


def test_a_table_with_subtotals_is_kept_without_them(circle: Any, said: Any) -> None:
    table = "Class\tPupils\tGrade\n8a\t28\t3,9\n8b\t12\t3,5\n8c\t4\t2,25\nGrade 8\t44\t3,64\n9a\t30\t4\n9b\t11\t3"
    looked = circle.member.post(f"{circle.home}/class-results/new", {**ABOUT, "table": table})
    assert "Left out, because they add up other rows: Grade 8." in said(looked)
    kept = circle.member.post(f"{circle.home}/class-results", {**ABOUT, "table": table, "form_key": "s" * 24})
    assert [row[0] for row in rows_of(circle.member.get(kept.location))[1:6]] == ["8a", "8b", "8c", "9a", "9b"]
    parts = "Class\tPupils\tGrade\n2a\t28\t3,9\n2a girls\t20\t4\n2a boys\t8\t3\n2b\t15\t3"
    refused = circle.member.post(f"{circle.home}/class-results", {**ABOUT, "table": parts, "form_key": "t" * 24})
    assert refused.status_code == 422
    assert "“2a girls” seems to be a part of “2a”" in said(refused)


def test_a_table_with_one_pupil_more_is_asked_about(circle: Any, said: Any) -> None:
    one, more = "Class\tPupils\tAverage\n6a\t27\t71,41", "Class\tPupils\tAverage\n6a\t28\t70,29"
    form = {**ABOUT, "table": one, "form_key": "u" * 24}
    assert circle.member.post(f"{circle.home}/class-results", form).status_code == 303
    asked = circle.member.post(f"{circle.home}/class-results", {**form, "table": more, "form_key": "v" * 24})
    assert asked.status_code == 422
    assert "There is a table that may have the same pupils" in said(asked)
    few = "Class\tPupils\tAverage\n6b\t4\t71,41"
    looked = circle.member.post(f"{circle.home}/class-results/new", {**ABOUT, "table": few})
    assert "Nothing of it would be shown" in said(looked)


def test_numbers_are_covered_until_one_has_guessed_or_all_look(
    circle: Any, said: Any, events: Any, stored: Any
) -> None:
    page = bring(circle, circle.member)
    covered = circle.facilitator.get(page)
    assert "Guess first" in covered.text
    assert "7.4" not in covered.text
    assert "<svg" not in covered.text
    talk = begin(circle.member, page)
    assert begin(circle.facilitator, page) == talk
    assert "7.4" not in circle.facilitator.get(talk).text
    guess = {"kind": "Prediction", "text": "8b is behind.", "form_key": "g" * 24}
    assert circle.facilitator.post(f"{page}/say", {**guess, "text": ""}).status_code == 422
    answer = circle.facilitator.post(f"{page}/say", guess)
    assert answer.location.endswith(f"{talk}#Prediction")
    words = said(circle.facilitator.get(talk))
    assert "8b is behind." in words
    assert "7.4" in circle.facilitator.get(talk).text
    assert circle.facilitator.post(f"{page}/say", guess).status_code == 303  # the same form, sent twice
    again = circle.facilitator.post(f"{page}/say", {**guess, "text": "8a is ahead.", "form_key": "h" * 24})
    assert again.status_code == 422  # she has seen the numbers by now
    third = circle.joined("4")
    assert "8b is behind." not in third.get(talk).text  # who has not guessed may still guess freely
    assert circle.member.post(f"{talk}/look").status_code == 303
    assert circle.member.post(f"{talk}/look").status_code == 303
    assert len(events("data_conversation.opened")) == 1
    assert "8b is behind." in circle.member.get(talk).text
    late = circle.member.post(f"{page}/say", {**guess, "text": "I knew it", "form_key": "l" * 24})
    assert late.status_code == 422
    assert "Write what you see as a fact" in said(late)
    assert "I knew it" in late.text
    for kind, text in (("Finding", "Most can."), ("Caveat", "Four were ill."), ("Hunch", "We read aloud.")):
        circle.member.post(f"{page}/say", {"kind": kind, "text": text, "form_key": kind * 4})
        assert text in circle.facilitator.get(talk).text
    assert circle.member.post(f"{page}/say", {"kind": "Hunch", "text": "", "form_key": KEY}).status_code == 422
    assert circle.member.post(f"{talk}/decision", {"decision": ""}).status_code == 422
    decided = circle.member.post(f"{talk}/decision", {"decision": "Two weeks of silent reading."})
    assert decided.location.endswith("#decision")
    circle.member.post(f"{talk}/decision", {"decision": "Two weeks of silent reading."})
    assert len(events("data_conversation.decided")) == 1
    with circle.house.database.write() as session:
        me = acting(circle, circle.member)
        record_action(
            session,
            me,
            community_id=circle.id,
            site_id=circle.site_id,
            text="Bring the books",
            owner_id=me.person_id,
            due=None,
            origin=Reference("data_set", id_of(page)),
            form_key=KEY,
        )
    words = said(circle.facilitator.get(talk))
    assert "Agree who does what" in words
    assert "Bring the books" in words
    assert stored(select(DataConversation.decided_at))[0].decided_at is not None


def test_a_guess_before_any_talk_uncovers_the_table(circle: Any) -> None:
    page = bring(circle, circle.member)
    guess = {"kind": "Prediction", "text": "8b is behind.", "form_key": "g" * 24}
    assert circle.facilitator.post(f"{page}/say", {**guess, "text": " "}).status_code == 422
    assert circle.facilitator.post(f"{page}/say", guess).location.endswith(page)
    assert "7.4" in circle.facilitator.get(page).text
    assert circle.facilitator.post(f"{page}/conversation").status_code == 422


@pytest.mark.parametrize("begun", [True, False])
def test_who_brought_the_table_does_not_guess(circle: Any, said: Any, begun: bool) -> None:
    page = bring(circle, circle.member)
    there = begin(circle.member, page) if begun else page
    assert "What do you expect to see" not in circle.member.get(there).text
    guess = {"kind": "Prediction", "text": "8b is behind.", "form_key": "g" * 24}
    late = circle.member.post(f"{page}/say", guess)
    assert late.status_code == 422
    assert "Write what you see as a fact" in said(late)
    assert "8b is behind." in late.text
    if not begun:
        assert "One thing the table shows" in said(late)
        fields = dict(re.findall(r'name="(kind|form_key)" value="([^"]+)"', late.text.partition("<textarea")[0]))
        assert circle.member.post(f"{page}/say", {**fields, "text": "8b is behind."}).status_code == 303
        circle.facilitator.post(f"{page}/see")
        assert "8b is behind." in said(circle.facilitator.get(begin(circle.member, page)))


def test_what_was_said_of_it_in_a_meeting_stands_in_the_conversation(circle: Any, said: Any, house: Any) -> None:
    page = bring(circle, circle.member)
    talk = begin(circle.member, page)
    circle.member.post(f"{talk}/meeting", {"form_key": KEY})
    meeting = of_all(circle.member.post(f"{circle.home}/meetings/new", MEETING).location)
    assert "In the meeting: Wednesday" in said(circle.member.get(talk)), "also where it waited for one to be planned"
    place = {"community_id": circle.id, "site_id": circle.site_id, "origin": Reference("meeting", id_of(meeting))}
    me = acting(circle, circle.facilitator)
    with house.database.write() as session:
        for kind in ("Prediction", "Finding", "Caveat", "Hunch", "Dilemma"):
            text, key = f"A {kind} of Wednesday", f"note-{kind}"
            keep_node(session, me, **place, kind=kind, text=text, author_id=me.person_id, form_key=key)
    words = said(circle.facilitator.get(talk))
    for kind in ("Prediction", "Finding", "Caveat", "Hunch"):
        assert f"A {kind} of Wednesday" in words
    assert "A Dilemma" not in words
    assert "Nobody guessed" not in words
    assert circle.facilitator.get(talk).text.count(f'{meeting}"') == 5
    assert "7.4" in circle.facilitator.get(page).text, "a guess of the meeting is one"
    other = circle.joined("4")
    assert "of Wednesday" not in other.get(talk).text, "covered like the others' guesses"
    circle.member.post(f"{talk}/look")
    assert "A Hunch of Wednesday" in other.get(talk).text


def test_the_conversation_comes_into_the_next_meeting_with_its_protocol(circle: Any, said: Any, events: Any) -> None:
    page = bring(circle, circle.member)
    talk = begin(circle.member, page)
    answer = circle.member.post(f"{talk}/meeting", {"form_key": KEY})
    assert "protocol=numbers_first" in answer.location
    assert "It waits for the next meeting" in said(circle.member.get(page))
    meeting = of_all(circle.member.post(f"{circle.home}/meetings/new", MEETING).location)
    assert of_all(circle.member.post(f"{talk}/meeting", {"form_key": KEY}).location) == meeting
    circle.member.post(f"{talk}/meeting")
    assert len(events("data_conversation.planned")) == 1
    words = said(circle.member.get(meeting))
    assert "Who can take a text apart?" in words
    assert "Facts before reasons" in words
    assert "In the meeting: Wednesday" in said(circle.member.get(talk))
    assert "On the agenda: Wednesday" in said(circle.member.get(page))
    item = re.search(r"/agenda-items/([0-9a-f-]{36})/settle", circle.member.get(meeting).text)
    assert item is not None
    circle.member.post(f"/agenda-items/{item[1]}/settle", {"outcome": "looked", "text": ""})
    assert "We looked at it, and leave it there" in said(circle.member.get(talk))
    assert circle.member.post(f"/agenda-items/{item[1]}/settle", {"outcome": "looked"}).status_code == 404


def test_settling_begins_the_talk_where_there_was_none(circle: Any, stored: Any) -> None:
    page = bring(circle, circle.member)
    meeting = of_all(circle.member.post(f"{circle.home}/meetings/new", MEETING).location)
    thing = {"thing_kind": "data_set", "thing_id": str(id_of(page)), "form_key": KEY}
    circle.member.post(f"{circle.home}/agenda", thing)
    item = re.search(r"/agenda-items/([0-9a-f-]{36})/settle", circle.member.get(meeting).text)
    assert item is not None
    circle.member.post(f"/agenda-items/{item[1]}/settle", {"outcome": "decided", "text": "Read more."})
    (row,) = stored(select(DataConversation.decision, DataConversation.meeting_id))
    assert tuple(row) == ("Read more.", id_of(meeting))


def test_only_its_author_lets_colleagues_elsewhere_see_it_and_they_see_the_table_alone(circle: Any, said: Any) -> None:
    page = bring(circle, circle.member)
    elsewhere = circle.joined("31", course="9", roles=[INSTRUCTOR])
    elsewhere.post(elsewhere.launch("31", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    assert elsewhere.get(page).status_code == 404
    assert circle.facilitator.post(f"{page}/tell", {"told": "yes"}).status_code == 403
    assert circle.member.post(f"{page}/tell", {"told": "perhaps"}).status_code == 303
    circle.member.post(f"{page}/tell", {"told": "yes"})
    circle.member.post(f"{page}/tell", {"told": "yes"})
    words = said(elsewhere.get(page))
    assert rows_of(elsewhere.get(page))[1] == ["8a", "28", "7.4"]
    assert "Begin the conversation" not in words
    assert elsewhere.post(f"{page}/say", {}).status_code == 403
    circle.member.post(f"{page}/tell", {"told": "no"})
    assert elsewhere.get(page).status_code == 404


def test_what_is_withdrawn_is_gone_and_what_is_hidden_comes_back(
    circle: Any, said: Any, events: Any, stored: Any
) -> None:
    page = bring(circle, circle.member)
    talk = begin(circle.member, page)
    with circle.house.database.read() as connection:
        (entry,) = FOUND.some(connection, None)
        assert (entry.title, entry.reference.kind) == (ABOUT["question"], "data_set")
        assert FOUND.some(connection, entry.reference.id) == []
    assert circle.facilitator.post(f"{page}/withdraw").status_code == 303
    assert [event.verb for event in events("data_set.withdrawn")] == ["data_set.withdrawn"]
    for path in (page, talk):
        assert circle.member.get(path).status_code == 404
    assert "This is withdrawn" in said(circle.facilitator.get(page))
    circle.facilitator.post(f"{page}/withdraw")
    assert len(events("data_set.withdrawn")) == 1
    keeper, number = keeper_of("data_set"), id_of(page)
    assert keeper is not None
    with circle.house.database.write() as session:
        keeper.restore(session, number, circle.house.clock())
    me = acting(circle, circle.member)
    with circle.house.database.read() as connection:
        assert show_sets(connection, me, [number])[number].title == ABOUT["question"]
        assert list(show_talks(connection, me, [id_of(talk)])) == [id_of(talk)]
    with circle.house.database.write() as session:
        keeper.hide(session, number, circle.house.clock())
    with circle.house.database.read() as connection:
        assert show_sets(connection, me, [number]) == {}
        assert show_talks(connection, me, [id_of(talk)]) == {}
    with circle.house.database.write() as session:
        keeper.remove(session, number, circle.house.clock())
    assert stored(select(DataCell.row)) == stored(select(DataConversation.id)) == []


def test_a_table_of_percentages_is_told_in_words(circle: Any) -> None:
    page = bring(circle, circle.member, "Class\tPupils\tPassed %\n8a\t28\t100\n8b\t12\t3\n8c\t20\t55\n8d\t30\t")
    assert rows_of(circle.member.get(page))[1:] == [
        ["8a", "28", "92 % or more"],
        ["8b", "12", "17 % or less"],
        ["8c", "20", "55 %"],
        ["8d", "30", "–"],
        ["All together", "90", "–"],
    ]


def test_no_page_of_the_room_asks_the_database_often(circle: Any, statements: list[str]) -> None:
    page = bring(circle, circle.member)
    talk = begin(circle.member, page)
    for path in (f"{circle.home}/class-results", page, talk):
        circle.facilitator.get(path)
        statements.clear()
        circle.facilitator.get(path)
        asked = [one for one in statements if one.lstrip().upper().startswith(("SELECT", "WITH"))]
        assert len(asked) <= 9, asked


def test_a_threshold_can_be_raised_and_never_lowered(circle: Any) -> None:
    page = bring(circle, circle.member, threshold="30")
    assert [row[1:] for row in rows_of(circle.member.get(page))[1:4]] == [["hidden", "hidden"]] * 3
    table = Table(("8a",), (28,), (Column("x", Use.MEAN),), ((1.0,),))
    given = {"question": "x", "source": "", "day": circle.house.clock().date(), "came": "lms", "form_key": KEY}
    me = acting(circle, circle.member)
    place = {"community_id": circle.id, "site_id": circle.site_id}
    with circle.house.database.write() as session, pytest.raises(ValueError, match="never lowered"):
        add_data_set(session, me, **place, table=table, threshold=5, **given)
