"""The notebook's pages, and how one of its pages is opened: by its author, with the key of the house."""

from uuid import UUID

from flask import Blueprint
from sqlalchemy import Connection

from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.house import house
from lms_plc.journal.queries import Entry, Sealed

journal = Blueprint("journal", __name__, url_prefix="/s/<seat>", template_folder="templates")


def entry_of(connection: Connection, who: Actor, entry_id: UUID) -> Entry:
    sealed: Sealed = load(connection, who, "journal_entry", entry_id, "journal.read")
    return sealed.opened(house().seal)


def readable(seen: Entry) -> Entry:
    """An entry sealed under another key can be torn out or waited with, not changed: that would lose its words."""
    if seen.text is None:
        raise NotThere("journal_entry")
    return seen
