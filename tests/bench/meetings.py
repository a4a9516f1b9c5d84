"""How long does the server take for the pages of meetings, with 1,000 communities and 50,000 meetings? On SQLite and on
PostgreSQL, one worker, one client that asks one page after the other. No peer: the goal is a p95 of 100 ms.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from lms_plc.actionitems.models import ActionItem
from lms_plc.attendance.models import Attendance
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import Community
from lms_plc.core.database import Row, table_of
from lms_plc.core.ids import new_id
from lms_plc.core.text import RENDERER, render
from lms_plc.house import House
from lms_plc.meetings.models import AgendaItem, Meeting, MeetingRole
from lms_plc.meetings.states import State
from lms_plc.minutes.models import Decision
from lms_plc.people.registry import meet
from lms_plc.protocols.content import shipped
from lms_plc.running.models import ProtocolRun, RunNote, RunStep
from lms_plc.series.models import MeetingSeries
from tests.bench import talk
from tests.bench.looking import Filled, look, print_times
from tests.bench.postgres import on_both

COMMUNITIES, MEETINGS, PEOPLE = 1_000, 50, 12
ITEMS, ACTIONS, NOTES = 5, 3, 24
PROTOCOL = "useful_flop"

MINUTES = (
    "## What we saw\n\n- the quiet ones ask when they may write first\n\n## What we agreed\n\n- slips of paper in 6b"
)
TABLES = (Meeting, MeetingSeries, AgendaItem, MeetingRole, Attendance, ActionItem, Decision, ProtocolRun, RunNote)

PLACES = ("", "/meetings", "/meetings/new", "/rhythm", "/actions", "/protocols", "/series/new", "/holidays")


def main() -> None:
    on_both(_measure)


def _measure(name: str, folder: str, database_url: str | None) -> None:
    what = f"pages of meetings, {COMMUNITIES} communities and {COMMUNITIES * MEETINGS} meetings, {name}"
    print_times(what, look(folder, database_url, fill))


def fill(house: House, site_id: UUID) -> Filled:
    """Every community met every week, has one meeting to come, and its last one was by protocol; in the first
    community a run is under way."""
    start = house.clock() - timedelta(weeks=MEETINGS)
    first: list[dict[str, Any]] = []
    seat = ""
    run_id = new_id()
    for number in range(COMMUNITIES):
        with house.database.write() as session:
            community_id = new_id()
            session.add(Community(id=community_id, site_id=site_id, name=f"Community {number}", created_at=start))
            session.flush()
            names = {f"{number}-{n}": f"Member {n} of {number}" for n in range(PEOPLE)}
            met = list(meet(session, site_id, names, start).values())
            bring_in(session, site_id, community_id, met, Because(start, "sync"))
            series_id = new_id()
            _put(session, MeetingSeries, [_series(series_id, community_id, met[0], start)])
            meetings = [_meeting(n, community_id, series_id, met[0], start) for n in range(MEETINGS)]
            _put(session, Meeting, meetings)
            for row_type, rows in _around(community_id, meetings, met, start):
                _put(session, row_type, rows)
            if not first:
                first, seat = meetings, talk.sit(house, session, site_id, met[1])
                _put(session, ProtocolRun, [_run(run_id, community_id, meetings[-2]["id"], met[1], start)])
                _put(session, RunStep, _steps(run_id, start))
                _put(session, RunNote, _notes(run_id, met, start))
    house.database.learn_sizes(*TABLES)
    here, last, coming = f"/s/{seat}", first[-2]["id"], first[-1]["id"]
    community = first[0]["community_id"]
    paths = [
        *(f"{here}/communities/{community}{place}" for place in PLACES),
        *(f"{here}/meetings/{one}" for one in (coming, last, first[3]["id"])),
        f"{here}/meetings/{last}/minutes",
        f"{here}/runs/{run_id}",
        f"{here}/runs/{run_id}/now?since=0",
        f"{here}/runs/{run_id}/now?since={NOTES}",
    ]
    return Filled(seat, paths, (community, last, coming, first[3]["id"], run_id))


def _put(session: Any, row_type: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(table_of(row_type)), rows)


def _series(series_id: UUID, community_id: UUID, by: UUID, start: datetime) -> dict[str, Any]:
    return {
        "id": series_id,
        "community_id": community_id,
        "planned_by_id": by,
        "title": "Wednesdays",
        "rule": "FREQ=WEEKLY",
        "first_day": start.date(),
        "starts": time(14, 0),
        "minutes": 75,
        "zone": "Europe/Skopje",
        "mode": "in_person",
        "place": "Room 12",
        "link": "",
        "in_working_time": True,
        "form_key": series_id.hex,
        "created_at": start,
        "changed_at": start,
    }


def _meeting(number: int, community_id: UUID, series_id: UUID, by: UUID, start: datetime) -> dict[str, Any]:
    begins = start.astimezone(UTC) + timedelta(weeks=number + 1, hours=1)
    is_coming = number == MEETINGS - 1
    state = State.AGENDA_OPEN if is_coming else State.NOT_HELD if number % 7 == 6 else State.MINUTES_APPROVED
    said = "" if is_coming or state is State.NOT_HELD else MINUTES
    return {
        "id": (meeting_id := new_id()),
        "community_id": community_id,
        "planned_by_id": by,
        "series_id": series_id,
        "occurrence": begins.date(),
        "kind": "community",
        "title": "Wednesdays",
        "starts_at": begins,
        "ends_at": begins + timedelta(minutes=75),
        "zone": "Europe/Skopje",
        "mode": "in_person",
        "place": "Room 12",
        "link": "",
        "in_working_time": True,
        "protocol": PROTOCOL if number >= MEETINGS - 2 else None,
        "state": state.value,
        "revision": 1,
        "minutes": said,
        "minutes_html": render(said).html,
        "minutes_renderer": RENDERER,
        "minutes_version": 1 if said else 0,
        "minutes_by_id": by if said else None,
        "minutes_at": begins if said else None,
        "form_key": meeting_id.hex,
        "created_at": start,
        "changed_at": start,
    }


def _around(
    community_id: UUID, meetings: Sequence[dict[str, Any]], met: Sequence[UUID], start: datetime
) -> Iterator[tuple[type[Row], list[dict[str, Any]]]]:
    """What hangs on meetings: agenda, parts, attendance, decisions and actions."""
    held = [one for one in meetings if one["state"] == State.MINUTES_APPROVED.value]
    yield (
        AgendaItem,
        [
            {
                "id": (item_id := new_id()),
                "community_id": community_id,
                "meeting_id": one["id"],
                "title": "How do the quiet ones come to ask?",
                "kind": ("learning", "organising", "notice")[n % 3],
                "minutes": 10,
                "proposer_id": met[n],
                "position": n,
                "outcome": "",
                "form_key": item_id.hex,
                "created_at": start,
            }
            for one in meetings
            for n in range(ITEMS)
        ],
    )
    yield (
        MeetingRole,
        [
            {
                "meeting_id": one["id"],
                "role": role,
                "person_id": met[(n + m) % PEOPLE],
                "given_by_id": met[0],
                "at": start,
            }
            for n, one in enumerate(meetings)
            for m, role in enumerate(("facilitator", "scribe", "timekeeper"))
        ],
    )
    yield (
        Attendance,
        [
            {
                "meeting_id": one["id"],
                "person_id": person,
                "status": "present",
                "method": "list",
                "confirmed_by_id": met[0],
                "at": start,
            }
            for one in held
            for person in met[:10]
        ],
    )
    yield (
        Decision,
        [
            {
                "id": new_id(),
                "community_id": community_id,
                "meeting_id": one["id"],
                "text": "Slips of paper in 6b",
                "for_school": False,
                "recorded_by_id": met[0],
                "created_at": start,
            }
            for one in held
        ],
    )
    yield (
        ActionItem,
        [
            {
                "id": (action_id := new_id()),
                "community_id": community_id,
                "text": "Try the slips in one lesson",
                "owner_id": met[n],
                "due": one["starts_at"].date() + timedelta(days=14),
                "state": "done" if one is not held[-1] else "open",
                "moved": 0,
                "origin_kind": "meeting",
                "origin_id": one["id"],
                "recorded_by_id": met[0],
                "form_key": action_id.hex,
                "created_at": start,
            }
            for one in held
            for n in range(ACTIONS)
        ],
    )


def _run(run_id: UUID, community_id: UUID, meeting_id: UUID, by: UUID, start: datetime) -> dict[str, Any]:
    protocol = shipped()[PROTOCOL]
    return {
        "id": run_id,
        "community_id": community_id,
        "meeting_id": meeting_id,
        "protocol": PROTOCOL,
        "protocol_version": protocol.version,
        "content": protocol.content.model_dump(mode="json"),
        "state": "running",
        "step": 3,
        "number": NOTES,
        "begun_by_id": by,
        "form_key": run_id.hex,
        "created_at": start,
        "started_at": start,
    }


def _steps(run_id: UUID, start: datetime) -> list[dict[str, Any]]:
    return [
        {
            "run_id": run_id,
            "step": n,
            "state": "done" if n < 3 else "open" if n == 3 else "waiting",
            "planned": 60 * step.minutes,
            "extended": 0,
            "paused": 0,
            "started_at": start if n <= 3 else None,
            "ended_at": start if n < 3 else None,
            "reason": "",
        }
        for n, step in enumerate(shipped()[PROTOCOL].content.steps)
    ]


def _notes(run_id: UUID, met: Sequence[UUID], start: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "run_id": run_id,
            "step": n % 4,
            "kind": "note",
            "text": "The moment it turned was when I asked them to be quiet.",
            "author_id": met[n % PEOPLE],
            "written_at": start + timedelta(seconds=n),
            "received_at": start + timedelta(seconds=n),
            "number": n + 1,
        }
        for n in range(NOTES)
    ]
