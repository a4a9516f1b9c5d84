"""How do texts that are shipped as content come to the translators?"""

from collections.abc import Iterable, Iterator

Found = tuple[int, str | None, str | tuple[str, str], list[str]]


def collected(texts: Iterable[tuple[str, str | None]]) -> Iterator[Found]:
    """Every text with its context as an extractor of Babel answers it, whatever is asked for."""
    for text, context in texts:
        if context:
            yield 1, "pgettext", (context, text), []
        else:
            yield 1, None, text, []
