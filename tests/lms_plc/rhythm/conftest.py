"""What do tests of the rhythm share? Meetings that have been, in no time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lms_plc.core.ids import new_id
from lms_plc.meetings.models import Meeting, MeetingRole
from tests.conftest import NOW


@pytest.fixture
def met(circle: Any, house: Any) -> Callable[..., UUID]:
    """``met(days_ago, state="held", led_by="1", **columns)``: a meeting of an hour."""

    def hold(days_ago: float, state: str = "held", *, led_by: str | None = None, **columns: Any) -> UUID:
        starts: datetime = NOW - timedelta(days=days_ago)
        values: dict[str, Any] = {
            "id": new_id(),
            "community_id": circle.id,
            "planned_by_id": circle.person("1"),
            "title": "We met",
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=1),
            "place": "",
            "link": "",
            "in_working_time": False,
            "state": state,
            "revision": 0,
            "minutes": "",
            "minutes_html": "",
            "minutes_renderer": 0,
            "minutes_version": 0,
            "form_key": new_id().hex,
            "created_at": NOW,
            "changed_at": NOW,
            **columns,
        }
        with house.database.write() as session:
            session.add(Meeting(**values))
            session.flush()
            if led_by is not None:
                person = circle.person(led_by)
                session.add(
                    MeetingRole(
                        meeting_id=values["id"],
                        role="facilitator",
                        person_id=person,
                        capacity="school",
                        given_by_id=person,
                        at=NOW,
                    )
                )
        return UUID(str(values["id"]))

    return hold
