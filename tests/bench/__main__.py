"""``make bench``: every figure stands beside a named peer, measured in the same run on the same server, as a ratio.

Absolute figures hold only for the machine they were taken on; nothing here fails a build.
"""

from tests.bench import launches

for bench in (launches,):
    bench.main()
