"""A virus scanner of the house, asked before a file comes in. What it cannot answer for stays outside."""

import shlex
import subprocess

import structlog

from lms_plc.files.kinds import Refused
from lms_plc.web.i18n import N_

PATIENCE = 30
"""Seconds a scanner may take for one file."""

INFECTED = N_("“%(name)s” has something harmful in it, says our virus scanner. Nothing of it was kept.")
UNCHECKED = N_("“%(name)s” cannot be checked for viruses right now. Please try again in a few minutes.")

log = structlog.get_logger("lms_plc.files")


def scan(content: bytes, command: str | None) -> None:
    """Hands the bytes to the scanner: 0 says clean, 1 infected; anything else, and silence, is no answer.

    Raises Refused. Without a command everything passes.
    """
    if command is None:
        return
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            shlex.split(command),
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        log.error("the virus scanner gave no answer", problem=type(problem).__name__)
        raise Refused(UNCHECKED) from None
    if done.returncode == 1:
        log.warning("the virus scanner refused a file")
        raise Refused(INFECTED)
    if done.returncode != 0:
        log.error("the virus scanner gave no answer", exit=done.returncode)
        raise Refused(UNCHECKED)
