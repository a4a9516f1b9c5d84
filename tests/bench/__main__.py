"""``make bench``: every figure stands beside a named peer, measured in the same run on the same server, as a ratio.

Absolute figures hold only for the machine they were taken on; nothing here fails a build. ``python -m tests.bench
launches`` measures that alone, ``topics`` a page of a conversation, ``pages`` every page of a very large community,
``meetings`` those of 50,000 meetings, ``inquiry`` those of 20,000 projects, ``runs`` twelve who ask every five seconds,
``searching`` the search; ``rosters`` is everything about syncs, with ``--million`` only what takes minutes.
"""

import sys
from collections.abc import Sequence
from types import ModuleType

from tests.bench import (
    decoding,
    graph,
    inquiry,
    launches,
    meanwhile,
    meetings,
    million,
    pages,
    rosters,
    runs,
    searching,
    topics,
)

BENCHES: dict[str, tuple[ModuleType, ...]] = {
    "launches": (launches,),
    "topics": (topics,),
    "pages": (pages,),
    "meetings": (meetings,),
    "inquiry": (inquiry, graph),
    "runs": (runs,),
    "searching": (searching,),
    "rosters": (decoding, rosters, meanwhile),
    "rosters --million": (million,),
}
BY_ITSELF = ("launches", "topics", "pages", "meetings", "inquiry", "runs", "searching", "rosters")
"""What is measured when nothing is named."""


def main(words: Sequence[str]) -> None:
    chosen = (" ".join(words),) if words else BY_ITSELF
    if unknown := [name for name in chosen if name not in BENCHES]:
        sys.exit(f"There is no benchmark {unknown[0]!r}; there is: {', '.join(BENCHES)}.")
    for name in chosen:
        for bench in BENCHES[name]:
            bench.main()


main(sys.argv[1:])
