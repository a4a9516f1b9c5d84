"""What do these tests share? Meetings to agree something in, and actions that were agreed."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.actionitems.models import ActionItem
from tests.lms_plc.conftest import new_key


@pytest.fixture
def plan(circle: Any) -> Callable[..., UUID]:
    """``plan(who)``: somebody plans a meeting on the Wednesday after the tests' Sunday."""

    def planned(who: Any, title: str = "Wednesday", day: str = "2026-11-25") -> UUID:
        form = {"title": title, "day": day, "starts": "14:00", "ends": "15:15", "form_key": new_key()}
        answer = who.post(f"{circle.home}/meetings/new", form)
        assert answer.status_code == 303, answer.text
        return UUID(urlsplit(answer.location).path.rpartition("/")[2])

    return planned


@pytest.fixture
def agree(circle: Any, stored: Any) -> Callable[..., UUID]:
    """``agree(who, "Bring three notebooks", owner="2", due=…)``: as the page's form would."""

    def agreed(
        who: Any, text: str = "Bring three notebooks", owner: str = "", due: date | None = None, meeting: Any = None
    ) -> UUID:
        asked = f"?from_kind=meeting&from={meeting}" if meeting else ""
        page = who.get(f"{circle.home}/actions/new{asked}").text
        form = dict(re.findall(r'<input type="hidden" name="(form_key|from_kind|from_id)" value="([^"]+)">', page))
        form |= {"text": text, "owner_id": str(circle.person(owner)) if owner else "", "due": str(due or "")}
        answer = who.post(f"{circle.home}/actions/new", form)
        assert answer.status_code == 303, answer.text
        found: UUID = stored(select(ActionItem.id).order_by(ActionItem.id.desc()).limit(1))[0].id
        return found

    return agreed
