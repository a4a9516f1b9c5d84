"""What stands on a meeting's sheet, in the order of the paper: the page that is printed and the form it is entered into
are made of the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from lms_plc.actionitems.queries import ActionSeen, of_origin
from lms_plc.attendance.queries import Attender, attenders
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, allows
from lms_plc.files.queries import FileSeen, attached
from lms_plc.meetings import spoken_of, wording
from lms_plc.meetings.codes import sheet_code
from lms_plc.meetings.queries import MeetingSeen, agenda, roles_of_meeting
from lms_plc.minutes.queries import DecisionSeen, record_of
from lms_plc.protocols.content import Content
from lms_plc.protocols.queries import protocol_for
from lms_plc.protocols.wording import in_language, speaks


@dataclass(frozen=True, slots=True)
class PartOfSheet:
    """One thing that is spoken about: a point of the agenda, or a step of the protocol. ``about`` says what it is,
    ``is_written`` whether something to keep is meant to come of it."""

    key: str
    title: str
    minutes: int
    about: str
    do: str = ""
    item_id: UUID | None = None
    is_written: bool = True
    is_dealt_with: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """``names`` are for whoever may see who was there; for others the paper has empty lines."""

    meeting: MeetingSeen
    code: str
    roles: Sequence[tuple[str, str]]
    items: Sequence[PartOfSheet]
    protocol: str | None
    guard_rails: Sequence[str]
    steps: Sequence[PartOfSheet]
    names: Sequence[Attender] | None

    @property
    def parts(self) -> list[PartOfSheet]:
        return [*self.items, *self.steps]


@dataclass(frozen=True, slots=True)
class Entered:
    """What is known already of what the paper may say, and whom an action can be given to: id and name."""

    photos: Sequence[FileSeen]
    decisions: Sequence[DecisionSeen]
    actions: Sequence[ActionSeen]
    owners: Mapping[UUID, str]


def sheet_of(connection: Connection, who: Actor, meeting: MeetingSeen, *, with_roles: bool = True) -> Sheet:
    """At most four statements, and one for each kind of thing on the agenda."""
    items = spoken_of.named(connection, who, agenda(connection, meeting.community_id, meeting.id))
    kinds = wording.kind_names()
    protocol = protocol_for(connection, meeting.community_id, meeting.protocol) if meeting.protocol else None
    content = in_language(protocol.content) if protocol else None
    return Sheet(
        meeting=meeting,
        code=sheet_code(meeting.id),
        roles=_roles(connection, meeting, content) if with_roles else (),
        items=[
            PartOfSheet(
                f"item-{item.id.hex}",
                item.title,
                item.minutes,
                kinds.get(item.kind, ""),
                item_id=item.id,
                is_dealt_with=item.dealt_at is not None,
            )
            for item in items
        ],
        protocol=content.name if content else None,
        guard_rails=content.guard_rails if content else (),
        steps=_steps(content),
        names=attenders(connection, meeting, who.at) if allows(meeting.roles, "meeting.mark_attendance") else None,
    )


def known_of(connection: Connection, meeting: MeetingSeen) -> Entered:
    """Three statements."""
    here = Reference("meeting", meeting.id)
    record = record_of(connection, meeting.id)
    return Entered(
        photos=attached(connection, [here]).get(here, []),
        decisions=[one for one in record.decisions if not one.is_withdrawn],
        actions=of_origin(connection, here),
        owners=record.members,
    )


def _steps(content: Content | None) -> list[PartOfSheet]:
    return [
        PartOfSheet(
            f"step-{number}",
            step.title,
            step.minutes,
            speaks(step.speaks),
            step.do,
            is_written=bool(step.produces),
        )
        for number, step in enumerate(content.steps if content else (), start=1)
    ]


def _roles(connection: Connection, meeting: MeetingSeen, content: Content | None) -> list[tuple[str, str]]:
    """What each role is called, and who takes it so far."""
    taken: dict[str, list[str]] = {}
    for one in roles_of_meeting(connection, meeting.id):
        taken.setdefault(one.role, []).append(one.name)
    names: Mapping[str, Any] = wording.roles_to_take(content)
    wanted = [*names, *(role for role in taken if role not in names)]
    return [(names[role][0] if role in names else role, ", ".join(taken.get(role, ()))) for role in wanted]
