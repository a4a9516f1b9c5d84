"""Who leads a meeting in which agreed actions are spoken of? Rooms above this one that hold meetings say it here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

Leads = Callable[[UUID, Any, datetime], ColumnElement[bool]]
"""Whether the person leads a meeting of that community which is to come, under way, or only just over."""

_leads: list[Leads] = []


def leads_meetings(leads: Leads) -> Leads:
    _leads.append(leads)
    return leads


def is_holding(person_id: UUID, community_id: Any, at: datetime) -> ColumnElement[bool]:
    return or_(false(), *(leads(person_id, community_id, at) for leads in _leads))
