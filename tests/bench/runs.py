"""What do twelve pages cost that ask every five seconds what is new in a run? The CPU time of one answer, beside
that of an empty page behind the same guard, and the share of one core that the twelve take.

The application is called as a server would call it; what granian itself needs is in none of the figures.
"""

import tempfile
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from werkzeug.test import EnvironBuilder

from lms_plc.app import create_app
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.house import House, open_house
from lms_plc.meetings.actions import plan_meeting
from lms_plc.meetings.forms import MeetingForm
from lms_plc.preparation import prepare
from lms_plc.protocols.queries import protocol_for
from lms_plc.running import actions
from lms_plc.running.forms import NoteForm
from tests.bench import talk
from tests.bench.installation import platform_with_keys, register, settings
from tests.bench.wire import free_port

CLIENTS, EVERY = 12, 5
ASKED, ROUNDS = 300, 5
NOTES = 24
GOAL = 0.05


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        platform, _ = platform_with_keys(free_port())
        house = open_house(settings(folder, platform.tool_url))
        prepare(house)
        made = talk.fill(house, register(house, platform, "5"), communities=1, people=CLIENTS, topics=1, posts=1)
        run_id, number = _talked(house, made)
        app = create_app(house.settings)
        app.add_url_rule("/s/<seat>/empty", "running.empty", lambda: "")
        here = f"/s/{made.seat}"
        paths = {
            "an empty page": f"{here}/empty",
            "nothing new": f"{here}/runs/{run_id}/now?since={number}",
            "a note is new": f"{here}/runs/{run_id}/now?since={number - 1}",
            "the whole page": f"{here}/runs/{run_id}",
        }
        asking = {name: _asking(app, path) for name, path in paths.items()}
        sizes = {name: ask() for name, ask in asking.items()}
        best = dict.fromkeys(asking, float("inf"))
        for _ in range(ROUNDS):
            for name, ask in asking.items():
                began = time.thread_time()
                for _ in range(ASKED):
                    ask()
                best[name] = min(best[name], (time.thread_time() - began) / ASKED)
        house.database.dispose()
    for name, seconds in best.items():
        ratio = seconds / best["an empty page"]
        print(f"{name:16} {1000 * seconds:6.2f} ms CPU {ratio:5.1f} x an empty page {sizes[name]:7} bytes")
    share = best["nothing new"] * CLIENTS / EVERY
    print(f"{CLIENTS} pages that ask every {EVERY} s: {100 * share:.2f} % of one core (goal {100 * GOAL:.0f} %)")


def _talked(house: House, made: talk.Talk) -> tuple[UUID, int]:
    """A run under way with notes; its id and number."""
    community_id = made.communities[0]
    with house.database.write() as session:
        connection = session.connection()
        who = Actor(made.person_id, made.person_id, "", house.clock())
        community = load(connection, who, "community", community_id, "meeting.plan")
        form = MeetingForm(title="M", day="2030-01-02", starts="14:00", ends="15:00")  # type: ignore[arg-type]
        meeting_id = plan_meeting(session, who, community, form, ZoneInfo("UTC"))
        protocol = protocol_for(connection, community_id, "five_beat_session")
        assert protocol is not None
        meeting = load(connection, who, "meeting", meeting_id, "run.begin")
        run_id = actions.begin(session, who, meeting, protocol, new_id().hex)
        run = load(connection, who, "run", run_id, "run.steer")
        actions.start(session, who, run)
        for number in range(NOTES):
            note = NoteForm(id=new_id(), step=0, text=talk.BODIES[number % len(talk.BODIES)])
            actions.write_note(session, who, run, note, house.seal, who.at.date())
        session.flush()
        return run_id, load(connection, who, "run", run_id, "run.steer").number


def _asking(app: Flask, path: str) -> Callable[[], int]:
    """Asks once; answers how many bytes came, headers included."""
    query = path.partition("?")
    builder = EnvironBuilder(query[0], query_string=query[2], base_url=app.extensions["plc"].settings.base_url)
    environ = builder.get_environ()
    environ["HTTP_COOKIE"] = f"plc_browser={talk.MARK}"
    environ["HTTP_ACCEPT_ENCODING"] = "br, gzip"

    def ask() -> int:
        said: list[Any] = []
        body = b"".join(app(dict(environ), lambda status, headers, *_: said.extend((status, headers))))
        assert said[0].startswith("200"), said[0]
        return len(body) + sum(len(name) + len(value) + 4 for name, value in said[1])

    return ask


if __name__ == "__main__":
    main()
