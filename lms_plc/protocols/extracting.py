"""Brings the texts of the shipped protocols to the translators; ``web/babel.cfg`` names it."""

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from lms_plc.protocols.wording import shipped_texts

Found = tuple[int, str | None, str | tuple[str, str], list[str]]


def collect(
    _: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """Every text of the file, whatever is asked for. A role's name is collected where ``wording`` has it."""
    for text, context in shipped_texts():
        if context:
            yield 1, "pgettext", (context, text), []
        else:
            yield 1, None, text, []
