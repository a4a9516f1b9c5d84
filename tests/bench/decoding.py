"""How much does it cost to read 10,000 people as Moodle sends them, in pages of 500, into the words of `connectors`?

Twice: what is done with the answers alone, the Moodle standing at hand in the same process; and the whole way over
HTTP to a server in another process, where the pages grow as they come fast. The peers are the least anybody must do,
`json.loads`, and moodlepy.
"""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable

from connectors.moodle.client import MoodleClient
from connectors.moodle.source import MoodleSource, open_moodle
from connectors.source import RosterSource
from connectors.transport import Transport
from tests.bench.measured import Cost, measured
from tests.bench.moodle import TOKEN, AtHand, Moodle
from tests.bench.row_by_row import moodlepy_at_work
from tests.bench.school import FIRST_COURSE, School
from tests.bench.wire import free_port, served

PEOPLE = 10_000
PAGE = 500
ROUNDS = 5

CPU_GOAL = 0.2
MEMORY_GOAL = 8


def main() -> None:
    alone, traced = measured("tests.bench.decoding:at_hand"), measured("tests.bench.decoding:traced")
    port = free_port()
    with served("tests.bench.moodle:web_services", port, {"BENCH_SCHOOL": f"1,{PEOPLE},{PEOPLE}"}):
        address = f"http://127.0.0.1:{port}"
        whole = measured("tests.bench.decoding:over_http", address)
        moodlepy = moodlepy_at_work("tests.bench.row_by_row:moodlepy_reads", address, FIRST_COURSE, ROUNDS)
    ours, least = alone.gave["cpu"], alone.gave["json"]
    print(f"reading {PEOPLE} people in pages of {PAGE}: CPU seconds, median of {ROUNDS}")
    print(f"  ours, from the answers to enrolments     {ours:8.3f}   (goal: {CPU_GOAL})")
    print(f"  json.loads of the same answers           {least:8.3f}   ratio: {ours / least:5.2f} × json.loads")
    print(f"  ours, over HTTP, at its own pace         {whole.gave['cpu']:8.3f}")
    if moodlepy is not None:
        theirs = moodlepy.gave["cpu"]
        ratio = theirs / whole.gave["cpu"]
        print(f"  moodlepy, over HTTP                      {theirs:8.3f}   ratio: {ratio:5.2f} × ours")
    print(f"  memory of one walk by Python's count: {traced.gave['mib']:.1f} MiB (goal: {MEMORY_GOAL})")
    print(f"  memory of the process, over HTTP, all {ROUNDS}: {_grown(whole)}")


def at_hand() -> dict[str, float]:
    """CPU seconds from the answers to enrolments, and for `json.loads` of the same answers."""
    line = AtHand(Moodle(School(1, PEOPLE, PEOPLE)))
    source = _source(line)
    _walk(source)

    def parse() -> None:
        for answer in line.answers.values():
            json.loads(answer)

    return {"cpu": median_cpu(lambda: _walk(source)), "json": median_cpu(parse)}


def traced() -> dict[str, float]:
    """How many MiB a walk holds at most beyond what was there before it; the answers are."""
    source = _source(AtHand(Moodle(School(1, PEOPLE, PEOPLE))))
    _walk(source)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    _walk(source)
    return {"mib": (tracemalloc.get_traced_memory()[1] - before) / 2**20}


def over_http(address: str) -> dict[str, float]:
    """CPU seconds of this process for a whole walk, with the line."""
    with Transport(allow_private_hosts=True) as line:
        source = open_moodle(address, TOKEN, line)
        return {"cpu": median_cpu(lambda: _walk(source))}


def median_cpu(work: Callable[[], object]) -> float:
    """CPU seconds of all threads, the median of some rounds."""
    took = []
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        took.append(time.process_time() - before)
    return sorted(took)[ROUNDS // 2]


def _source(line: AtHand) -> RosterSource:
    return MoodleSource(MoodleClient("http://localhost", TOKEN, line), PAGE)  # type: ignore[arg-type]


def _walk(source: RosterSource) -> None:
    people = sum(len(page.rows) for page in source.enrolment_pages(str(FIRST_COURSE)))
    assert people == PEOPLE, f"{people} people came instead of {PEOPLE}"


def _grown(cost: Cost) -> str:
    return f"{cost.rss_grown:.1f} MiB more than before the first"
