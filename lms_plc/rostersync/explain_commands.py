"""``lms-plc sync explain PERSON COURSE``: why somebody is in a community, or why not."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lms_plc.command_options import CommandProblem, as_json, pass_house, site_option
from lms_plc.house import House
from lms_plc.rostersync.explain import as_dict, explain
from lms_plc.rostersync.explain_facts import (
    Facts,
    Found,
    Place,
    Someone,
    find_people,
    find_places,
    gather,
    looked_at,
)
from lms_plc.rostersync.explain_now import Said, ask_now, covered, find_course_now, patience, told_now
from lms_plc.rostersync.explain_words import SOURCES
from lms_plc.sites.commands import require_site
from lms_plc.sites.queries import SiteSeen, site_named
from lms_plc.sites.sources import open_roster


@click.command("explain")
@click.argument("person")
@click.argument("course")
@site_option
@click.option("--now", "asks_now", is_flag=True, help="Ask the LMS what it says at this moment as well.")
@as_json
@pass_house
def explain_command(
    house: House, person: str, course: str, site_name: str | None, asks_now: bool, wants_json: bool
) -> None:
    """Why PERSON is in the community of COURSE, or why not: who said what, and when.

    PERSON is the number the LMS has for them, or a part of their name. COURSE is a short name, an id or a part of the
    title, or the name or id of a community.
    """
    with house.database.read() as connection:
        site = require_site(site_named(connection, site_name), site_name)
        people = find_people(connection, site.id, person)
        places = find_places(connection, site.id, course)
    if not places.items:
        _no_place(house, site, course, asks_now=asks_now, wants_json=wants_json)
    if len(people.items) > 1 or len(places.items) > 1:
        _several(people, places, wants_json=wants_json)
    asked = people.items[0].subject if people.items else person
    with house.database.read() as connection:
        facts = gather(connection, site.id, asked, places.items[0], house.clock())
        among = None if people.items else looked_at(connection, site.id)
    said = _ask(house, facts) if asks_now else None
    told = explain(facts)
    if wants_json:
        more = {} if said is None else {"now": [_as_dict(one) for one in said]}
        looked = {} if among is None else {"looked_at": {"people": among[0], "courses": among[1]}}
        click.echo(json.dumps(as_dict(told) | more | looked, indent=2, ensure_ascii=False))
        return
    click.echo(told.headline)
    if among is not None:
        click.echo(f"Looked at the numbers and names of the {among[0]} people of {site.name}, and at its latest plans.")
    table = Table("when (UTC)", "who said it", "what", "", title=None)
    for line in told.lines:
        when = f"{line.at:%Y-%m-%d %H:%M}" if line.at else "now"
        table.add_row(when, SOURCES[line.source][0], escape(line.text), escape(line.detail))
    if told.lines:
        Console(width=None if sys.stdout.isatty() else 140).print(table)
    for heading, sentences in (
        ("The LMS at this moment", None if said is None else [one.text for one in said]),
        ("What the rules say next", told.next),
        ("What you can do", told.todo),
    ):
        if sentences:
            click.echo(f"\n{heading}:")
            for sentence in sentences:
                click.echo(f"  - {sentence}")


def _ask(house: House, facts: Facts) -> list[Said]:
    with open_roster(house, facts.site_id) as source:
        return told_now(facts, ask_now(source, facts, patience(None)))


def _no_place(house: House, site: SiteSeen, course: str, *, asks_now: bool, wants_json: bool) -> None:
    """Raises CommandProblem; what the LMS says of such a course is printed before."""
    with house.database.read() as connection:
        _, courses = looked_at(connection, site.id)
        covers = covered(connection, site.id)
    if asks_now:
        with open_roster(house, site.id) as source:
            said = find_course_now(source, covers, course, patience(None))
        if wants_json:
            click.echo(json.dumps({"now": [_as_dict(one) for one in said]}, indent=2, ensure_ascii=False))
        else:
            for one in said:
                click.echo(one.text)
    ask = "" if asks_now else " With --now the LMS itself is asked."
    raise CommandProblem(
        f"No course and no community of {site.name} is called {course}. Looked at the short names, ids and titles of "
        f"its {courses} courses and at its communities: a course is known here once somebody came from it, or a rule "
        f"or a sync asked for it.{ask}"
    )


def _several(people: Found[Someone], places: Found[Place], *, wants_json: bool) -> None:
    """Prints what there is to choose from. Raises CommandProblem."""
    if wants_json:
        told: dict[str, Any] = {}
        if len(people.items) > 1:
            told["people"] = [{"number": one.subject, "name": one.name} for one in people.items]
        if len(places.items) > 1:
            told["places"] = [{"id": str(one.id), "name": one.name} for one in places.items]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        if len(people.items) > 1:
            _print("number", "name", [(one.subject, one.name) for one in people.items], more=people.more)
        if len(places.items) > 1:
            _print("id", "name", [(str(one.id), one.name) for one in places.items], more=places.more)
    what = "Several people" if len(people.items) > 1 else "Several communities or courses"
    raise CommandProblem(f"{what} may be meant; say the {'number' if len(people.items) > 1 else 'id'} of one.")


def _print(key: str, name: str, rows: Sequence[tuple[str, str]], *, more: bool) -> None:
    table = Table(key, name)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)
    if more:
        click.echo("… and more; say more of the name.")


def _as_dict(said: Said) -> dict[str, Any]:
    return {"text": said.text, "differs": said.differs}
