"""Brings the texts of the shipped cycles to the translators; ``web/babel.cfg`` names it."""

from collections.abc import Iterator
from typing import Any

from lms_plc.cycles.wording import shipped_texts
from lms_plc.web.shipped_texts import Found, collected


def collect(*_: Any, **__: Any) -> Iterator[Found]:
    return collected(shipped_texts())
