"""``lms-plc communities …``: which there are, and who leads them for how long."""

import json
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lms_plc.command_options import CommandProblem, as_json, pass_house
from lms_plc.communities import queries
from lms_plc.communities.founding import how_each_began
from lms_plc.communities.memberships import Because, assign_role
from lms_plc.core.policy import DATED, Role
from lms_plc.house import House


@click.group("communities")
def communities_commands() -> None:
    """The communities and who leads them."""


@communities_commands.command("list")
@as_json
@pass_house
def list_communities(house: House, wants_json: bool) -> None:
    """Every community with its number of members and by what it was founded, where somebody said so."""
    with house.database.read() as connection:
        found = queries.everywhere(connection)
        began = how_each_began(connection)
    if wants_json:
        rows = [
            {"id": str(one.id), "name": one.name, "members": one.members, "founded_by": began.get(one.id)}
            for one in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table("community", "members", "founded by", "id")
    for one in found:
        how = (began.get(one.id) or "").replace("_", " ")
        table.add_row(escape(one.name), str(one.members), how, str(one.id))
    Console().print(table)


@communities_commands.command("appoint")
@click.argument("community")
@click.argument("person")
@click.argument("role", type=click.Choice(sorted(role.value for role in DATED)))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; the role ends by itself.")
@pass_house
def appoint(house: House, community: str, person: str, role: str, until: datetime | None) -> None:
    """Give PERSON a role in COMMUNITY.

    COMMUNITY is its id or its exact name, PERSON the number the LMS has for them or their exact name. A mentor need not
    be a member. No role comes from the LMS.
    """
    with house.database.write() as session:
        connection = session.connection()
        where = _only(queries.communities_called(connection, community), "community", community)
        who = _only(queries.persons_called(connection, where.site_id, person), "person", person)
        ends = until.replace(hour=23, minute=59, second=59, tzinfo=UTC) if until else None
        assign_role(session, where.site_id, where.id, who.id, Role(role), Because(house.clock(), "cli"), until=ends)
    click.echo(
        f"{who.name} is {role.replace('_', ' ')} of {where.name}" + (f" until {until:%Y-%m-%d}." if until else ".")
    )


def _only(found: list[queries.Called], what: str, asked: str) -> queries.Called:
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandProblem(f"There is no {what} called {asked}.")
    ids = ", ".join(str(one.id) for one in found)
    raise CommandProblem(f"More than one {what} is called {asked}: {ids}. Say the id instead.")
