"""How is the next page fetched while the caller still works on this one?"""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

_END: Any = object()


def read_ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items in the same order, each fetched in a thread while the one before is in use.

    Never more than one item ahead. An exception surfaces where its item would have come. Closing the
    generator waits for the call under way and ends the thread; nothing is fetched before the first item is
    asked for.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as thread:
        coming = thread.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(next, items, _END)
            yield item
