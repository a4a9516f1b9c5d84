"""When was somebody here last? Noted for one purpose: to notice for whom it has been quiet. No page shows it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms_plc.core.database import upsert
from lms_plc.people.models import LastContact

_AT_ONCE = 500


def note_contact(session: Session, moments: Mapping[UUID, datetime]) -> None:
    """Person → moment; an earlier one than is known changes nothing."""
    rows = [{"person_id": person, "at": at} for person, at in moments.items()]
    for start in range(0, len(rows), _AT_ONCE):
        contact = upsert(session, LastContact).values(rows[start : start + _AT_ONCE])
        session.execute(
            contact.on_conflict_do_update(
                index_elements=["person_id"],
                set_={"at": contact.excluded.at},
                where=LastContact.at < contact.excluded.at,
            )
        )
