"""``lms-plc sync rules …``: how what an LMS knows becomes communities."""

import json
from collections.abc import Sequence
from uuid import UUID

import click

from lms_plc.command_options import CommandProblem, as_json, pass_house, site_option
from lms_plc.communities.queries import communities_called
from lms_plc.core.ids import new_id
from lms_plc.house import House
from lms_plc.rostersync import ruling
from lms_plc.rostersync.previewing import Preview, as_dict, preview, standing, words, words_about_others
from lms_plc.rostersync.rules import ABOUT, Rule
from lms_plc.sites.commands import require_site
from lms_plc.sites.queries import site_named
from lms_plc.sites.sources import open_roster

SHOWN = 20
"""Communities named on a terminal under each rule; ``--json`` names more."""

VIA = "cli"


@click.group("rules")
def rule_commands() -> None:
    """Which courses, groups and cohorts become which communities."""


@rule_commands.command("list")
@site_option
@as_json
@pass_house
def list_rules(house: House, site_name: str | None, wants_json: bool) -> None:
    """The rules of a site, in the order in which they are read."""
    site = _site(house, site_name)
    names = _names(house, site.rules)
    if wants_json:
        rules = [_as_dict(number, rule) for number, rule in enumerate(site.rules, start=1)]
        click.echo(json.dumps({"rules": rules, "others": site.covers}, indent=2, ensure_ascii=False))
        return
    for number, rule in enumerate(site.rules, start=1):
        click.echo(f"{number:3}. {' '.join(ruling.sentences(rule, names))}")
    click.echo(f"     {ruling.others_sentence(site)}")


@rule_commands.command("add")
@site_option
@click.option("--courses", multiple=True, metavar="NAME", help="Courses called so; * stands for any letters.")
@click.option("--category", metavar="ID", help="Courses in this category, or below it.")
@click.option("--groups", is_flag=True, help="Not the courses, but their groups.")
@click.option("--groupings", is_flag=True, help="Not the courses, but their groupings.")
@click.option("--called", multiple=True, metavar="NAME", help="Of the groups or groupings only those called so.")
@click.option("--cohorts", multiple=True, metavar="NAME", help="Cohorts called so; '*' for all of them.")
@click.option("--each", is_flag=True, help="Each becomes a community of its own.")
@click.option("--together", metavar="NAME", help="All together become one community of this name.")
@click.option("--into", metavar="COMMUNITY", help="All come into this community, by its id or exact name; of any site.")
@click.option("--leave-out", is_flag=True, help="They are left out of syncs.")
@click.option("--yes", is_flag=True, help="Store it without looking first at what it makes.")
@as_json
@pass_house
def add_rule(
    house: House,
    site_name: str | None,
    courses: tuple[str, ...],
    category: str | None,
    groups: bool,
    groupings: bool,
    called: tuple[str, ...],
    cohorts: tuple[str, ...],
    each: bool,
    together: str | None,
    into: str | None,
    leave_out: bool,
    yes: bool,
    wants_json: bool,
) -> None:
    """Add a rule behind the others. The LMS is looked at first, and what the rule makes is said.

    Without --courses and --category it is about every course. With --json nothing is asked.
    """
    site = _site(house, site_name)
    about = _one_of("--groups, --groupings and --cohorts", groups=groups, groupings=groupings, cohorts=bool(cohorts))
    if about == "cohorts" and courses:
        raise click.UsageError("A rule is about courses or about cohorts; give two rules.")
    how = _one_of("--each, --together, --into and --leave-out", each=each, together=together, into=into, out=leave_out)
    if how is None:
        raise click.UsageError("Say what comes of it: --each, --together NAME, --into COMMUNITY or --leave-out.")
    rule = Rule(
        id=new_id(),
        about=about or ABOUT[0],
        makes={"each": "each", "out": "none"}.get(how, "one"),
        category=category,
        named=() if cohorts == ("*",) else cohorts or courses,
        parts_named=called,
        community_id=_community(house, into) if into else None,
        name=together,
    )
    _require_right(house, rule)
    seen = None if yes else _look(house, site.site_id, (*site.rules, rule))
    if seen is not None and not wants_json:
        _tell(seen, (rule,), _names(house, (rule,)))
        click.confirm("Store this rule?", abort=True, err=True)
    with house.database.write() as session:
        ruling.add_rule(session, site.site_id, rule, house.clock(), via=VIA)
    if wants_json:
        told = next((one for one in as_dict(seen)["rules"] if one["id"] == str(rule.id)), None) if seen else None
        click.echo(json.dumps({"rule": _as_dict(len(site.rules) + 1, rule), "makes": told}, indent=2))
        return
    click.echo(f"Stored as rule {len(site.rules) + 1}. See what a sync would change with: lms-plc sync plan")


@rule_commands.command("remove")
@click.argument("number", type=int)
@site_option
@pass_house
def remove_rule(house: House, number: int, site_name: str | None) -> None:
    """Forget rule NUMBER. The communities it made stay, with everybody who is in them."""
    site = _site(house, site_name)
    rule = _numbered(site.rules, number)
    with house.database.write() as session:
        ruling.remove_rule(session, site.site_id, rule.id, house.clock(), via=VIA)
    click.echo("The rule is removed. What it made stays; groups and cohorts bring nobody there any more.")


@rule_commands.command("move")
@click.argument("number", type=int)
@click.argument("where", type=click.Choice(["up", "down"]))
@site_option
@pass_house
def move_rule(house: House, number: int, where: str, site_name: str | None) -> None:
    """Move rule NUMBER one place up or down. Of two rules about a course the upper one counts."""
    site = _site(house, site_name)
    rule = _numbered(site.rules, number)
    with house.database.write() as session:
        ruling.move_rule(session, site.site_id, rule.id, house.clock(), up=where == "up", via=VIA)
    click.echo("Moved. See: lms-plc sync rules list")


@rule_commands.command("others")
@click.argument("covers", type=click.Choice(ruling.COVERS))
@site_option
@pass_house
def others(house: House, covers: str, site_name: str | None) -> None:
    """Decide about courses that no rule is about: all of them become communities, or only those placed are synced."""
    site = _site(house, site_name)
    with house.database.write() as session:
        ruling.cover(session, site.site_id, covers, house.clock(), via=VIA)
    click.echo(ruling.others_sentence(_site(house, site.name)))


@rule_commands.command("preview")
@site_option
@as_json
@pass_house
def preview_rules(house: House, site_name: str | None, wants_json: bool) -> None:
    """What each rule makes of what the LMS has now. Nothing is changed."""
    site = _site(house, site_name)
    seen = _look(house, site.site_id, site.rules)
    if wants_json:
        click.echo(json.dumps(as_dict(seen), indent=2, ensure_ascii=False))
        return
    _tell(seen, site.rules, _names(house, site.rules))
    for sentence in words_about_others(seen):
        click.echo(sentence)


def _site(house: House, site_name: str | None) -> ruling.Decided:
    with house.database.read() as connection:
        site = require_site(site_named(connection, site_name), site_name)
        found = ruling.decided(connection, site.id)
    assert found is not None
    return found


def _names(house: House, rules: Sequence[Rule]) -> dict[UUID, str]:
    with house.database.read() as connection:
        return dict(ruling.names_of_communities(connection, rules))


def _look(house: House, site_id: UUID, rules: Sequence[Rule]) -> Preview:
    with house.database.read() as connection:
        now = standing(connection, site_id, rules)
    with open_roster(house, site_id) as source:
        return preview(source, now)


def _tell(seen: Preview, rules: Sequence[Rule], names: dict[UUID, str]) -> None:
    of = {comes.rule.id: comes for comes in seen.rules}
    for rule in rules:
        comes = of[rule.id]
        click.echo(" ".join(ruling.sentences(rule, names, seen.categories)))
        click.echo("  " + " ".join(words(comes)))
        for name in [fed.name for fed in comes.fed[:SHOWN]] or comes.left_out[:SHOWN]:
            click.echo(f"    {name}")
        more = (comes.communities or comes.rosters) - SHOWN
        if more > 0:
            click.echo(f"    … and {more} more")


def _one_of(options: str, **given: object) -> str | None:
    said = [name for name, value in given.items() if value]
    if len(said) > 1:
        raise click.UsageError(f"Only one of {options} can be said.")
    return said[0] if said else None


def _community(house: House, asked: str) -> UUID:
    with house.database.read() as connection:
        found = communities_called(connection, asked)
    if len(found) == 1:
        return found[0].id
    if not found:
        raise CommandProblem(f"There is no community called {asked}. See: lms-plc communities list")
    ids = ", ".join(str(one.id) for one in found)
    raise CommandProblem(f"More than one community is called {asked}: {ids}. Say the id instead.")


def _require_right(house: House, rule: Rule) -> None:
    with house.database.read() as connection:
        for wrong in ruling.problems(connection, rule):
            raise wrong


def _numbered(rules: Sequence[Rule], number: int) -> Rule:
    if not 0 < number <= len(rules):
        raise CommandProblem(f"There is no rule {number}. See: lms-plc sync rules list")
    return rules[number - 1]


def _as_dict(number: int, rule: Rule) -> dict[str, object]:
    return {
        "number": number,
        "id": str(rule.id),
        "about": rule.about,
        "category": rule.category,
        "named": list(rule.named),
        "parts_named": list(rule.parts_named),
        "makes": rule.makes,
        "community": str(rule.community_id) if rule.community_id else None,
        "name": rule.name,
    }
