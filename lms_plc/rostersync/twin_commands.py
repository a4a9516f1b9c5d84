"""``lms-plc people twins …``: persons who may be one, joined or kept apart by whoever looks."""

import json
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lms_plc.command_options import CommandProblem, as_json, pass_house
from lms_plc.core.policy import NotThere
from lms_plc.house import House
from lms_plc.people import twins
from lms_plc.rostersync.twins import Key, Pair, Somebody, join_persons, pair_of, possible_twins

_VIA = "cli"


@click.group("people")
def people_commands() -> None:
    """The people that learning platforms have brought here."""


@people_commands.group("twins")
def twin_commands() -> None:
    """Persons who may be one and the same. Nobody is joined without your word."""


@twin_commands.command("list")
@click.option("--after", "after", help="Where the list before ended.")
@as_json
@pass_house
def list_twins(house: House, after: str | None, wants_json: bool) -> None:
    """Pairs with the same number in a register, or the same name in one community."""
    with house.database.read() as connection:
        page = possible_twins(connection, house.clock(), after=_key(after))
    following = "/".join(map(str, page.next_key)) if page.next_key else None
    if wants_json:
        told = {"pairs": [_as_dict(pair) for pair in page.pairs], "next": following}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if not page.pairs:
        click.echo("No two persons look like one.")
        return
    table = Table("person", "known as", "communities", "why")
    for pair in page.pairs:
        for somebody, why in ((pair.one, _why(pair)), (pair.other, "")):
            known = "; ".join(f"{one.site}: {one.subject}" for one in somebody.accounts)
            communities = ", ".join(name for name, _ in somebody.communities.values())
            table.add_row(f"{escape(somebody.name)}\n{somebody.id}", escape(known), escape(communities), escape(why))
        table.add_section()
    Console().print(table)
    if following:
        click.echo(f"More: lms-plc people twins list --after {following}")


@twin_commands.command("join")
@click.argument("keep", type=click.UUID)
@click.argument("other", type=click.UUID)
@click.option("--yes", is_flag=True, help="Do not ask again.")
@pass_house
def join(house: House, keep: UUID, other: UUID, yes: bool) -> None:
    """Make OTHER and KEEP one person. All that OTHER has is KEEP's afterwards. It cannot be undone."""
    with house.database.read() as connection:
        pair = pair_of(connection, keep, other, house.clock())
        moving = twins.moves(connection, other)
    if pair is None:
        raise CommandProblem("These are not two persons that are known here. See: lms-plc people twins list")
    for site in pair.met_both_at:
        click.echo(f"Both came in from {site} during the last hour: they are hardly one person.")
    click.echo("These move:")
    for one in moving:
        click.echo(f"  {one.label}: {one.count}")
    if not yes:
        click.confirm("It cannot be undone. Join them", abort=True)
    with house.database.write() as session:
        try:
            join_persons(session, keep, other, house.clock(), via=_VIA)
        except NotThere:
            raise CommandProblem("One of them is not there any more. See: lms-plc people twins list") from None
    click.echo("They are one person now.")


@twin_commands.command("keep-apart")
@click.argument("one", type=click.UUID)
@click.argument("other", type=click.UUID)
@pass_house
def keep_apart(house: House, one: UUID, other: UUID) -> None:
    """Note that ONE and OTHER are two persons; they are not listed again."""
    with house.database.write() as session:
        try:
            twins.keep_apart(session, one, other, house.clock(), via=_VIA)
        except (NotThere, ValueError):
            raise CommandProblem(
                "These are not two persons that are known here. See: lms-plc people twins list"
            ) from None
    click.echo("Noted: they are two persons.")


def _key(given: str | None) -> Key | None:
    if given is None:
        return None
    try:
        first, second = given.split("/")
        return UUID(first), UUID(second)
    except ValueError:
        raise CommandProblem("--after takes what the end of a list says, two ids with a slash between.") from None


def _why(pair: Pair) -> str:
    why = []
    if pair.numbers:
        by = f" in {', '.join(pair.registers)}" if pair.registers else ""
        why.append(f"the same number{by}: {', '.join(pair.numbers)}")
    if pair.same_name and pair.together:
        why.append(f"the same name in {', '.join(pair.together)}")
    return "; ".join(why)


def _as_dict(pair: Pair) -> dict[str, Any]:
    return {
        "why": {
            "numbers": list(pair.numbers),
            "registers": list(pair.registers),
            "same_name_in": list(pair.together) if pair.same_name else [],
        },
        "met_both_at": list(pair.met_both_at),
        "persons": [_person(pair.one), _person(pair.other)],
    }


def _person(somebody: Somebody) -> dict[str, Any]:
    return {
        "id": str(somebody.id),
        "name": somebody.name,
        "accounts": [
            {
                "site": one.site,
                "number": one.subject,
                "first_seen_at": one.first_seen_at.isoformat(),
                "first_launched_at": one.first_launched_at.isoformat() if one.first_launched_at else None,
            }
            for one in somebody.accounts
        ],
        "communities": [{"name": name, "state": state} for name, state in somebody.communities.values()],
    }
