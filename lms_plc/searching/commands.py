"""``lms-plc search …``: the index of what can be found."""

import click

from lms_plc.command_options import pass_house
from lms_plc.house import House
from lms_plc.searching.reindexing import reindex


@click.group("search")
def search_commands() -> None:
    """What can be found by its words."""


@search_commands.command("reindex")
@pass_house
def reindex_everything(house: House) -> None:
    """Read everything there is into the search once more.

    Nothing is lost when it is stopped, and people can search meanwhile. It is needed only after rows were changed
    by hand, or when an upgrade says so.
    """
    counts: dict[str, int] = {}
    for kind, count in reindex(house.database, house.clock):
        counts[kind] = count
    for kind, count in counts.items():
        click.echo(f"{kind}: {count}")
    click.echo("The search knows everything there is.")
