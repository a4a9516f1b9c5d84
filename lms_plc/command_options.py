"""What commands share: the house they work in, ``--json`` and ``--site``."""

import click

from lms_plc.house import House

pass_house = click.make_pass_decorator(House)
as_json = click.option("--json", "wants_json", is_flag=True, help="Answer in JSON, for programs.")
site_option = click.option("--site", "site_name", help="Name or address of the site; not needed when there is one.")


class CommandProblem(Exception):
    """What an admin asked cannot be done; the text is one clear sentence."""
