"""What do tests of the library share? A shelf of a community that two people put things on."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.communities.models import Community

INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"

CARD = {
    "title": "A minute of silence",
    "what": "I wait a minute before the talk begins.",
    "how": "1. Ask\n2. Wait\n3. Listen",
    "before": "A class that never asks",
    "school": "village school",
    "licence": "cc-by",
    "subject": "maths",
}
RESOURCE = {
    "title": "Fractions with paper",
    "about": "Fold it **twice**.",
    "licence": "cc-by",
    "ages": "grade 5",
    "subject": "",
}
STORY = {"title": "The day nothing worked", "page": "I had planned it well.", "story_kind": "mixed"}
FORMS = {"resources": RESOURCE, "practices": CARD, "stories": STORY}


@dataclass
class Shelf:
    circle: Any

    def put(self, who: Any, room: str = "practices", *, where: UUID | None = None, **more: Any) -> UUID:
        """As the page's form would; answers the item's id."""
        answer = self.send(who, room, where=where, **more)
        assert answer.status_code == 303, answer.text
        return UUID(urlsplit(answer.location).path.rpartition("/")[2])

    def send(self, who: Any, room: str = "practices", *, where: UUID | None = None, **more: Any) -> Any:
        form = {**FORMS[room], "language": "en", "audience": "community", "form_key": new_key(), **more}
        return who.post(f"/communities/{where or self.circle.id}/{room}/new", form)

    def change(self, who: Any, item: UUID, room: str = "practices", **more: Any) -> Any:
        form = {**FORMS[room], "language": "en", "audience": "community", "form_key": new_key(), **more}
        return who.post(f"/library/{item}/edit", form)

    def adapt(self, who: Any, item: UUID, where: UUID, room: str = "practices", **more: Any) -> Any:
        given = {"language": "en", "audience": "community", "community_id": str(where), "form_key": new_key()}
        return who.post(f"/library/{item}/adapt", {**FORMS[room], **given, **more})


def new_key() -> str:
    return secrets.token_urlsafe(18)


@pytest.fixture
def shelf(circle: Any) -> Shelf:
    return Shelf(circle)


@dataclass
class NextDoor:
    """Another community of the same platform, and somebody who leads it."""

    id: UUID
    leader: Any


@pytest.fixture
def next_door(circle: Any, house: Any) -> NextDoor:
    leader = circle.visitor()
    leader.post(leader.launch("41", course="9", roles=[INSTRUCTOR]).location, {"name": "Next door"})
    with house.database.read() as connection:
        where = connection.execute(select(Community.id).where(Community.name == "Next door")).scalar_one()
    return NextDoor(where, leader)
