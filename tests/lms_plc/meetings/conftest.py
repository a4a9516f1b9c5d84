"""What do tests of meetings share? One that is planned, and a way to say what becomes of it."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.meetings.models import Meeting

FORM = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3; left, top"}


def plan(circle: Any, who: Any, **more: str) -> str:
    """Plans a meeting as the page's form would; answers its address."""
    answer = who.post(f"{circle.home}/meetings/new", {**FORM, **more})
    assert answer.status_code == 303, answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


def id_of(where: str) -> UUID:
    return UUID(where.rpartition("/")[2])


@pytest.fixture
def state_of(stored: Any) -> Any:
    """``state_of(where)``: the state of the meeting at this address."""
    return lambda where: stored(select(Meeting.state).where(Meeting.id == id_of(where)))[0].state
