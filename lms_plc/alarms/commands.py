"""``lms-plc alarms …``: see whether alarms would arrive, before there is one."""

import click

from lms_plc.alarms.alarm import Alarm, NotSent
from lms_plc.alarms.channels import NONE, channels
from lms_plc.alarms.webhook import webhook_key
from lms_plc.command_options import CommandProblem, pass_house
from lms_plc.house import House


@click.group("alarms")
def alarms_commands() -> None:
    """How you are told that a sync needs you."""


@alarms_commands.command("try")
@pass_house
def try_channels(house: House) -> None:
    """Send a test alarm by every channel, now, and say what came of it."""
    ways = channels(house.settings)
    if not ways:
        raise CommandProblem(f"Alarms are told to nobody. {NONE}")
    text = "This is a test. An alarm would have come the same way; there is nothing to do."
    alarm = Alarm("test", "A test alarm of your communities tool", text, at=house.clock())
    failed = 0
    for channel, send in ways.items():
        try:
            click.echo(f"ok   {channel}: {send(house.settings, alarm)}")
        except NotSent as problem:
            failed += 1
            click.echo(f"BAD  {channel}: {problem}")
    if failed:
        raise CommandProblem(f"{failed} of {len(ways)} channels did not take the test alarm.")


@alarms_commands.command("key")
@pass_house
def print_key(house: House) -> None:
    """Print the key that the receiver of PLC_ALARM_WEBHOOK checks signatures with."""
    click.echo(webhook_key(house.settings.secret_key.get_secret_value()))
    click.echo(
        "PLC-Signature is sha256= and the HMAC-SHA256 of the body under this key, in hex. Keep it secret.", err=True
    )
