"""What does this tool keep about somebody? Counted in every table that points at them, whichever room it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Table, func, literal, select, union_all

from lms_plc.core.database import Row
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

LABELS: Mapping[str, str] = {
    "plc_identity.person_id": N_("How your learning platform knows you (a number)"),
    "plc_seat.person_id": N_("Sittings at a browser, forgotten after 30 days"),
    "plc_enrolment.person_id": N_("Courses you are or were in"),
    "plc_membership.person_id": N_("Communities you are or were in"),
    "plc_role_assignment.person_id": N_("Roles you were given"),
    "plc_role_assignment.assigned_by": N_("Roles you gave"),
    "plc_topic.author_id": N_("Conversations you began"),
    "plc_post.author_id": N_("Posts you wrote"),
    "plc_post.deleted_by_id": N_("Posts you took back"),
    "plc_reaction.person_id": N_("Reactions you gave"),
    "plc_read_mark.person_id": N_("How far you have read"),
    "plc_draft.person_id": N_("Drafts only you can see"),
    "plc_placed_link.placed_by": N_("Activities you placed in a course"),
    "plc_deep_link_request.person_id": N_("Choices for a course you have not finished"),
    "plc_completion.person_id": N_("Whether you are done with an activity"),
    "plc_completion.confirmed_by": N_("Completions you confirmed"),
    "plc_kept_apart.person_id": N_("Notes that you are not somebody of a similar name"),
    "plc_kept_apart.other_id": N_("Notes that somebody of a similar name is not you"),
    "plc_write_thing.person_id": N_("Messages this tool sent you in your learning platform"),
    "plc_write_member.person_id": N_("Cohorts and groups of your learning platform this tool put you in"),
    "plc_audience_person.person_id": N_("Things somebody chose you as a reader of"),
    "plc_event.actor_id": N_("Log lines of what you did, without your words"),
}
"""Table and column → what it is, in the order of the page. Every column that points at a person stands here."""


@dataclass(frozen=True, slots=True)
class Kept:
    label: str
    count: int


def columns() -> list[tuple[Table, str]]:
    """Every column of the house that points at a person."""
    return [
        (table, column.name)
        for table in Row.metadata.sorted_tables
        for column in table.columns
        if any(key.column is Person.__table__.c.id for key in column.foreign_keys)
    ]


def kept_about(connection: Connection, person_id: UUID) -> list[Kept]:
    """Rows that point at a person, in one statement; what there is none of is left out."""
    counts = [
        select(literal(f"{table.name}.{name}").label("place"), func.count().label("count")).where(
            table.c[name] == person_id
        )
        for table, name in columns()
    ]
    found = {row.place: row[1] for row in connection.execute(union_all(*counts))}
    return [Kept(label, found[place]) for place, label in LABELS.items() if found.get(place)]
