"""How long does the server take for the pages of projects, with 1,000 communities and 20,000 projects? On SQLite and on
PostgreSQL, one worker, one client that asks one page after the other. No peer: the goal is a p95 of 100 ms.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from lms_plc.actionitems.models import ActionItem
from lms_plc.communities.memberships import Because, bring_in
from lms_plc.communities.models import Community
from lms_plc.core.database import Row, table_of
from lms_plc.core.ids import new_id
from lms_plc.cycles.content import shipped
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.house import House
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    Inquiry,
    InquiryExit,
    InquiryNote,
    InquiryPerson,
    InquiryRound,
    InquiryStage,
)
from lms_plc.people.registry import meet
from lms_plc.practicechanges.models import PracticeChange, PracticeTry
from tests.bench import talk
from tests.bench.looking import Filled, look, print_times
from tests.bench.postgres import on_both

COMMUNITIES, PROJECTS, PEOPLE = 1_000, 20, 12
CYCLE, STAGE = "tldw", "lead"
NOTES, TALKS, CHANGES, TRIES, STEPS, NODES = 3, 4, 3, 4, 4, 4

TABLES = (
    *(Inquiry, InquiryPerson, InquiryRound, InquiryStage, InquiryNote, InquiryExit, Consultation, EvidencePlan),
    *(PracticeChange, PracticeTry, ActionItem, KnowledgeNode),
)
STAGES = ("concerns", "consult", "plan", "lead", "embed")


def main() -> None:
    on_both(_measure)


def _measure(name: str, folder: str, database_url: str | None) -> None:
    what = f"pages of projects, {COMMUNITIES} communities and {COMMUNITIES * PROJECTS} projects, {name}"
    print_times(what, look(folder, database_url, fill))


def fill(house: House, site_id: UUID) -> Filled:
    """In every community everybody leads one or two, each at its fifth stage."""
    start = house.clock() - timedelta(weeks=30)
    first: list[dict[str, Any]] = []
    seat = ""
    for number in range(COMMUNITIES):
        with house.database.write() as session:
            community_id = new_id()
            session.add(Community(id=community_id, site_id=site_id, name=f"Community {number}", created_at=start))
            session.flush()
            names = {f"{number}-{n}": f"Member {n} of {number}" for n in range(PEOPLE)}
            met = list(meet(session, site_id, names, start).values())
            bring_in(session, site_id, community_id, met, Because(start, "sync"))
            projects = [_project(community_id, met[n % PEOPLE], start) for n in range(PROJECTS)]
            _put(session, Inquiry, projects)
            for row_type, rows in _around(community_id, projects, met, start):
                _put(session, row_type, rows)
            if not first:
                first, seat = projects, talk.sit(house, session, site_id, met[0])
    house.database.learn_sizes(*TABLES)
    here, mine, community = f"/s/{seat}", first[0]["id"], first[0]["community_id"]
    paths = [
        f"{here}/communities/{community}",
        f"{here}/communities/{community}/projects",
        f"{here}/communities/{community}/projects/new",
        f"{here}/projects/{mine}",
        *(f"{here}/projects/{mine}/stages/{stage}" for stage in STAGES),
        f"{here}/projects/{mine}/rounds",
        f"{here}/projects/{mine}/people",
        f"{here}/projects/{first[5]['id']}",
    ]
    return Filled(seat, paths, (community, mine, first[5]["id"]))


def _put(session: Any, row_type: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    session.execute(insert(table_of(row_type)), rows)


def _project(community_id: UUID, by: UUID, start: datetime) -> dict[str, Any]:
    known = shipped()[CYCLE]
    return {
        "id": (project_id := new_id()),
        "community_id": community_id,
        "opened_by_id": by,
        "title": "Quiet pupils ask",
        "sealed": False,
        "cycle": CYCLE,
        "cycle_version": known.version,
        "content": known.content.model_dump(mode="json"),
        "state": "open",
        "stage": STAGE,
        "round": 1,
        "told_to_school": False,
        "form_key": project_id.hex,
        "created_at": start,
        "changed_at": start,
        "opened_at": start,
    }


def _around(
    community_id: UUID, projects: Sequence[dict[str, Any]], met: Sequence[UUID], start: datetime
) -> Iterator[tuple[type[Row], list[dict[str, Any]]]]:
    """What hangs on projects: people, stages, what was written, talked over, planned and tried."""
    stages = [one.id for one in shipped()[CYCLE].content.stages]
    at = stages.index(STAGE)
    yield InquiryRound, [{"inquiry_id": one["id"], "round": 1, "began_at": start} for one in projects]
    yield (
        InquiryPerson,
        [
            {
                "inquiry_id": one["id"],
                "person_id": person,
                "part": "lead" if person == one["opened_by_id"] else "co_worker",
                "state": "active",
                "asked_at": start,
                "since": start,
            }
            for one in projects
            for person in dict.fromkeys((one["opened_by_id"], met[3], met[4]))
        ],
    )
    yield (
        InquiryStage,
        [
            {
                "inquiry_id": one["id"],
                "round": 1,
                "stage": stage,
                "state": "done" if n < at else "open",
                "audience": "community" if n else "only_me",
                "entered_at": start,
            }
            for one in projects
            for n, stage in enumerate(stages)
        ],
    )
    written = {"round": 1, "created_at": start, "changed_at": start}
    yield (
        InquiryNote,
        [
            {
                "id": (note_id := new_id()),
                "inquiry_id": one["id"],
                "stage": stage,
                "prompt": n,
                "text": "We wait a whole minute, then they write, then they talk.",
                "sealed": False,
                "author_id": one["opened_by_id"],
                "form_key": note_id.hex,
                **written,
            }
            for one in projects
            for stage in stages[1 : at + 1]
            for n in range(NOTES)
        ],
    )
    yield (
        Consultation,
        [
            {
                "id": (talk_id := new_id()),
                "inquiry_id": one["id"],
                "who": "The head",
                "need": "agree",
                "holds": True,
                "day": start.date(),
                "said": "Go on",
                "promised": "A room",
                "changed": "One class",
                "author_id": one["opened_by_id"],
                "form_key": talk_id.hex,
                **written,
            }
            for one in projects
            for _ in range(TALKS)
        ],
    )
    changes = [_change(community_id, one, start) for one in projects for _ in range(CHANGES)]
    yield PracticeChange, changes
    yield (
        PracticeTry,
        [
            {
                "id": (try_id := new_id()),
                "practice_change_id": one["id"],
                "person_id": met[n],
                "day": start.date(),
                "happened": "Eleven asked",
                "form_key": try_id.hex,
                "at": start,
            }
            for one in changes
            for n in range(TRIES)
        ],
    )
    yield (
        ActionItem,
        [
            {
                "id": (action_id := new_id()),
                "community_id": community_id,
                "text": "Ask the parents",
                "owner_id": one["opened_by_id"],
                "due": start.date(),
                "state": "done",
                "moved": 0,
                "origin_kind": "inquiry",
                "origin_id": one["id"],
                "recorded_by_id": one["opened_by_id"],
                "form_key": action_id.hex,
                "created_at": start,
            }
            for one in projects
            for _ in range(STEPS)
        ],
    )
    yield (
        KnowledgeNode,
        [
            {
                "id": (node_id := new_id()),
                "community_id": community_id,
                "kind": ("Concern", "FocusStatement", "Hunch", "Finding")[n],
                "text": "They ask more when nobody answers at once",
                "author_id": one["opened_by_id"],
                "audience": "community",
                "origin_kind": "inquiry",
                "origin_id": one["id"],
                "form_key": node_id.hex,
                "created_at": start,
                "sealed": False,
            }
            for one in projects
            for n in range(NODES)
        ],
    )


def _change(community_id: UUID, project: dict[str, Any], start: datetime) -> dict[str, Any]:
    return {
        "id": (change_id := new_id()),
        "community_id": community_id,
        "author_id": project["opened_by_id"],
        "what": "Wait a minute",
        "place": "6b",
        "sign": "Who asks",
        "about": "teaching",
        "why": "",
        "state": "trying",
        "audience": "community",
        "sealed": False,
        "first_try": start.date(),
        "origin_kind": "inquiry",
        "origin_id": project["id"],
        "round": 1,
        "form_key": change_id.hex,
        "created_at": start,
        "changed_at": start,
    }
