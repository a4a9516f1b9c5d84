"""Does a sync grow only as its roster grows? 10,000, 100,000 and 1,000,000 enrolments into PostgreSQL, each from a
school made up in the process of the sync, each into a database of its own. The million takes minutes.
"""

import sys

from tests.bench import postgres
from tests.bench.measured import measured
from tests.bench.school import School
from tests.bench.syncing import new_site

SCHOOLS = (School(20, 1_000, 500), School(200, 10_000, 500), School(2_000, 100_000, 500))

MEMORY_GOAL = 200
GROWTH_GOAL = 20


def main() -> None:
    programs = postgres.tools()
    if programs is None:
        sys.exit("PostgreSQL is missing; run: apt-get install postgresql")
    walls: list[float] = []
    cpus: list[float] = []
    print("a first sync into PostgreSQL, in a process of its own")
    with postgres.server(programs) as server:
        for school in SCHOOLS:
            url = postgres.new_database(server)
            numbers = (school.courses_many, school.people_many, school.each)
            cost = measured("tests.bench.syncing:from_school", *numbers, url, new_site(url))
            walls.append(cost.wall / school.enrolments)
            cpus.append(cost.cpu / school.enrolments)
            phases = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in cost.gave["phases"].items())
            print(f"  {school.enrolments:9} enrolments  {cost} at most   (goal: {MEMORY_GOAL} MiB)")
            print(f"    {1e6 * walls[-1]:.0f} µs an enrolment; {phases}", flush=True)
    wall, cpu = (100 * (each[-1] / each[0] - 1) for each in (walls, cpus))
    print("  time an enrolment, the largest against the smallest:")
    print(f"    {wall:+.0f} % by the wall, {cpu:+.0f} % of the sync's own CPU (goal: within {GROWTH_GOAL} %)")
