"""How long does the server take to draw all that hangs together, 500 things in one chain, in a community that has kept
10,000 more? On SQLite and on PostgreSQL, one worker, one client. No peer: the goal is a p95 of 100 ms.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import insert

from lms_plc.core.database import Row, table_of
from lms_plc.core.ids import new_id
from lms_plc.evidence.kinds import NODE
from lms_plc.evidence.models import EvidenceItem, EvidenceLink, KnowledgeNode, OutcomeClaim
from lms_plc.house import House
from tests.bench import talk
from tests.bench.looking import Filled, look, print_times
from tests.bench.postgres import on_both

DRAWN, BESIDES = 500, 10_000
KINDS = ("Concern", "Hunch", "AdaptationIntent", "Evidence", "OutcomeClaim")
ROWS = 1_000


def main() -> None:
    on_both(_measure)


def _measure(name: str, folder: str, database_url: str | None) -> None:
    what = f"a chain of {DRAWN} things among {BESIDES}, {name}"
    print_times(what, look(folder, database_url, fill))


def fill(house: House, site_id: UUID) -> Filled:
    """A hundred small chains that begin with one dilemma, and what the same community thought in its meetings."""
    made = talk.fill(house, site_id, communities=1, people=12, topics=1, posts=1)
    here = made.communities[0]
    start = new_id()
    nodes = [_node(start, "Dilemma", here, made.person_id, house)]
    items: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for _ in range(DRAWN // len(KINDS)):
        concern, hunch, change, shown, claim = (new_id() for _ in KINDS)
        chain = zip((concern, hunch, change, shown, claim), KINDS, strict=True)
        nodes += [_node(one, kind, here, made.person_id, house) for one, kind in chain]
        items.append(
            {"node_id": shown, "sort": "note", "link": "", "shows": "S", "does_not_show": "N", "state": "added"}
        )
        said = {"before": "4", "after": "11", "n": 23, "strength": "impression", "state": "stated"}
        claims.append({"node_id": claim, "level": "pupils", **said})
        ends = ((start, "led_to", concern), (concern, "led_to", hunch), (hunch, "led_to", change))
        ends += ((change, "resulted_in", claim), (claim, "shown_by", shown))
        links += [_link(*one, made.person_id, house) for one in ends]
    meetings = [new_id() for _ in range(BESIDES // 10)]
    besides = [_node(new_id(), "Hunch", here, made.person_id, house) for _ in range(BESIDES)]
    nodes += [{**row, "origin_kind": "meeting", "origin_id": meetings[n // 10]} for n, row in enumerate(besides)]
    with house.database.write() as session:
        for model, rows in ((KnowledgeNode, nodes), (EvidenceItem, items), (OutcomeClaim, claims)):
            _put(session, model, rows)
        _put(session, EvidenceLink, links)
    house.database.learn_sizes(KnowledgeNode, EvidenceItem, OutcomeClaim, EvidenceLink)
    seat = f"/s/{made.seat}"
    paths = (f"{seat}/graph/{NODE}/{start}", f"{seat}/thoughts/{start}", f"{seat}/links/{NODE}/{start}")
    return Filled(made.seat, (*paths, f"{seat}/communities/{here}/thoughts"), (start, here))


def _put(session: Any, model: type[Row], rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), ROWS):
        session.execute(insert(table_of(model)), rows[first : first + ROWS])


def _node(node_id: UUID, kind: str, community_id: UUID, author_id: UUID, house: House) -> dict[str, Any]:
    return {
        "id": node_id,
        "community_id": community_id,
        "kind": kind,
        "text": "In 6b the same four pupils ask all the questions, and the others wait until it is over.",
        "author_id": author_id,
        "audience": "community",
        "origin_kind": "community",
        "origin_id": community_id,
        "form_key": node_id.hex,
        "created_at": house.clock(),
        "sealed": False,
    }


def _link(from_: UUID, type_: str, to: UUID, person_id: UUID, house: House) -> dict[str, Any]:
    ends = {"from_kind": NODE, "from_id": from_, "type": type_, "to_kind": NODE, "to_id": to}
    return {**ends, "linked_by_id": person_id, "at": house.clock()}


if __name__ == "__main__":
    main()
