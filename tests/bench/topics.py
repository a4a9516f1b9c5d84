"""A topic page of twenty posts, among 10,000: requests a second, ours against django-machina and against a plain Flask
page of the same posts.

Each stands behind the same server with one worker and is asked by the same client, in turns. django-machina runs on its
own models and templates, with cached loaders; it writes a view count on every reading, as it ships. Where it is not
installed (``BENCH_MACHINA`` names a folder it was installed into), only the plain page is measured beside ours.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from urllib.request import Request, urlopen

from lms_plc.house import open_house
from lms_plc.preparation import prepare
from tests.bench import talk
from tests.bench.installation import environment, platform_with_keys, register, settings
from tests.bench.wire import ask_all, free_port, get, served

TOPICS, POSTS, PEOPLE = 500, 20, 60
ASKED = 400
WARMING = 40
ROUNDS = 5
GOALS = {"machina": 8.0, "plain": 0.6}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ports = {name: free_port() for name in ("ours", "plain", "machina")}
        platform, keys = platform_with_keys(ports["ours"])
        house = open_house(settings(folder, platform.tool_url))
        prepare(house)
        site_id = register(house, platform, "5")
        made = talk.fill(house, site_id, communities=1, people=PEOPLE, topics=TOPICS, posts=POSTS)
        topic = made.topics[0][TOPICS // 2]
        stack.enter_context(
            served("lms_plc.app:create_served_app", ports["ours"], environment(folder, platform.tool_url))
        )
        told = {"BENCH_DATABASE": house.database.url, "BENCH_PERSON": str(made.person_id)}
        stack.enter_context(served("tests.bench.peers:plain_topic_page", ports["plain"], told))
        asked = {
            "ours": (f"/s/{made.seat}/topics/{topic}", f"plc_browser={talk.MARK}"),
            "plain": (f"/topics/{topic}", ""),
        }
        if (machina := _machina(folder)) is not None:
            path = {"PYTHONPATH": _machina_path(), "BENCH_FOLDER": folder}
            stack.enter_context(served("tests.bench.machina:application", ports["machina"], path))
            asked["machina"] = (machina["path"], machina["cookie"])
        sizes = {name: _looked_at(ports[name], *where) for name, where in asked.items()}
        figures: dict[str, list[float]] = {name: [] for name in asked}
        for name, where in asked.items():
            ask_all(ports[name], [get(*where)] * WARMING)
        for _ in range(ROUNDS):
            for name, where in asked.items():
                many = ASKED if name != "machina" else ASKED // 8
                took, answers = ask_all(ports[name], [get(*where)] * many)
                assert all(answer.status == 200 for answer in answers), name
                figures[name].append(many / took)
        keys.shutdown()
        keys.server_close()
        house.database.dispose()
    median = {name: sorted(values)[ROUNDS // 2] for name, values in figures.items()}
    print(
        f"a topic page of {POSTS} posts among {TOPICS * POSTS}, requests a second, one worker each, median of {ROUNDS}"
    )
    for name, value in median.items():
        print(f"  {name:8} {value:8.1f}   {sizes[name] / 1000:6.1f} kB of HTML")
    for name, goal in GOALS.items():
        if name in median:
            print(f"  ratio to {name:8} {median['ours'] / median[name]:6.2f} ×  (goal: {goal})")


def _looked_at(port: int, path: str, cookie: str) -> int:
    """Its size; it must really show the posts."""
    request = Request(f"http://localhost:{port}{path}", headers={"Cookie": cookie})  # noqa: S310 - our own server
    with urlopen(request) as answer:  # noqa: S310
        page = answer.read()
    assert page.count(b"minute of silence") >= POSTS // len(talk.BODIES), page[:500]
    return len(page)


def _machina_path() -> str:
    return os.pathsep.join(filter(None, (os.environ.get("BENCH_MACHINA"), os.getcwd())))


def _machina(folder: str) -> dict[str, str] | None:
    """Its database, filled in a process of its own; None where it is not installed."""
    if not os.environ.get("BENCH_MACHINA") and find_spec("machina") is None:
        print("django-machina is missing and not measured; make bench installs it")
        return None
    size = {"topics": TOPICS, "posts": POSTS, "people": PEOPLE, "bodies": list(talk.BODIES)}
    here = {**os.environ, "PYTHONPATH": _machina_path(), "BENCH_FOLDER": folder, "BENCH_SIZE": json.dumps(size)}
    done = subprocess.run([sys.executable, "-m", "tests.bench.machina"], env=here, check=True, stdout=subprocess.PIPE)
    answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return answer
