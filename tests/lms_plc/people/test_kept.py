"""Is somebody told all that is kept about them, in numbers that are right, and nothing of anybody else?"""

import re
from typing import Any

from sqlalchemy import func, literal, select, update

from lms_plc.people.kept import LABELS, columns, kept_about
from lms_plc.people.models import Person


def numbers(page: Any) -> dict[str, int]:
    rows = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(\d+)</dd>", page.text)
    return {label: int(count) for label, count in rows}


def test_every_column_that_points_at_a_person_has_its_words() -> None:
    assert set(LABELS) == {f"{table.name}.{column}" for table, column in columns()}
    assert len(set(LABELS.values())) == len(LABELS)


def test_the_numbers_are_those_of_the_tables_and_of_nobody_else(circle: Any, house: Any, said: Any) -> None:
    topic = circle.start(circle.member)
    post = circle.say(circle.facilitator, topic)
    circle.say(circle.member, topic)
    circle.member.post(f"/posts/{post}/reactions", {"reaction": "tried"})
    circle.member.get(f"/topics/{topic}")
    told = numbers(circle.member.get("/kept"))
    assert {
        LABELS[name]: told[LABELS[name]]
        for name in ("plc_identity.person_id", "plc_membership.person_id", "plc_topic.author_id", "plc_post.author_id")
    } == {
        LABELS["plc_identity.person_id"]: 1,
        LABELS["plc_membership.person_id"]: 1,
        LABELS["plc_topic.author_id"]: 1,
        LABELS["plc_post.author_id"]: 2,
    }
    assert told[LABELS["plc_reaction.person_id"]] == 1
    assert LABELS["plc_role_assignment.person_id"] not in told, "what there is none of is left out"
    me = circle.person("2")
    with house.database.read() as connection:
        counted = {
            LABELS[f"{table.name}.{name}"]: connection.execute(
                select(func.count()).select_from(table).where(table.c[name] == me)
            ).scalar_one()
            for table, name in columns()
        }
        assert kept_about(connection, me) != []
    assert told == {label: count for label, count in counted.items() if count}
    assert "Person 1" not in said(circle.member.get("/kept"))


def test_somebody_nobody_knows_has_nothing_kept(circle: Any, house: Any) -> None:
    with house.database.read() as connection:
        assert kept_about(connection, circle.id) == []


def test_it_is_told_in_the_persons_language_and_in_the_order_of_the_page(circle: Any, house: Any) -> None:
    page = circle.facilitator.get("/kept")
    shown = list(numbers(page))
    assert shown == [label for label in LABELS.values() if label in shown]
    assert shown[0] == LABELS["plc_identity.person_id"]
    with house.database.write() as session:
        session.execute(update(Person).values(locale="mk"))
    assert 'lang="mk"' in circle.facilitator.get("/kept").text


def test_it_is_one_statement_however_many_tables_there_are(circle: Any, statements: list[str]) -> None:
    statements.clear()
    assert circle.member.get("/kept").status_code == 200
    assert len(statements) == 2, "the seat, and the numbers"


def test_a_name_is_shown_as_text(circle: Any, house: Any) -> None:
    with house.database.write() as session:
        session.execute(update(Person).values(display_name=literal("<i>Ana</i>")))
    page = circle.member.get("/kept")
    assert "&lt;i&gt;Ana&lt;/i&gt;" in page.text
    assert "<i>Ana" not in page.text
