"""How is the next page fetched while the caller still works on this one?"""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()


def read_ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """The same items in the same order, each fetched in a thread while the one before is in use.

    Never more than one item ahead. An exception surfaces where its item would have come. Closing the
    generator waits for the call under way, ends the thread and closes `items`; nothing is fetched before the first
    item is asked for.
    """
    with closing(items), ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as thread:
        coming = thread.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(next, items, _END)
            yield item
