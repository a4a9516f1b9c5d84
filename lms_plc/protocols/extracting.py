"""Brings the texts of the shipped protocols to the translators; ``web/babel.cfg`` names it."""

from collections.abc import Iterator
from typing import Any

from lms_plc.protocols.wording import shipped_texts
from lms_plc.web.shipped_texts import Found, collected


def collect(*_: Any, **__: Any) -> Iterator[Found]:
    """A role's name is collected where ``wording`` has it."""
    return collected(shipped_texts())
