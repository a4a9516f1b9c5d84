"""What states, kinds and parts of a meeting are called."""

from collections.abc import Mapping

from lms_plc.meetings.forms import ItemKind, MeetingKind, Mode
from lms_plc.meetings.queries import FACILITATOR
from lms_plc.meetings.states import State
from lms_plc.protocols.content import Content
from lms_plc.protocols.wording import role_name
from lms_plc.web.i18n import N_, gettext

STATES: Mapping[str, tuple[str, str]] = {
    State.PLANNED.value: (N_("planned"), "accent"),
    State.AGENDA_OPEN.value: (N_("agenda open"), "accent"),
    State.CONFIRMED.value: (N_("confirmed"), "good"),
    State.MOVED.value: (N_("moved"), "warn"),
    State.RUNNING.value: (N_("under way"), "good"),
    State.HELD.value: (N_("took place"), "good"),
    State.MINUTES_DRAFT.value: (N_("held, minutes to read"), "accent"),
    State.MINUTES_APPROVED.value: (N_("held, minutes agreed"), "good"),
    State.NOT_HELD.value: (N_("did not take place"), "neutral"),
    State.CANCELLED.value: (N_("cancelled"), "danger"),
}
KINDS: Mapping[ItemKind, tuple[str, str]] = {
    ItemKind.LEARNING: (N_("Learning"), N_("Our teaching and our pupils’ learning")),
    ItemKind.ORGANISING: (N_("Organising"), N_("Who does what, and until when")),
    ItemKind.NOTICE: (N_("Notice"), N_("To know, nothing to discuss")),
}
MEETING_KINDS: Mapping[MeetingKind, str] = {
    MeetingKind.COMMUNITY: N_("An ordinary meeting of ours"),
    MeetingKind.MENTORING: N_("With our mentor"),
    MeetingKind.FOUNDING: N_("Our founding meeting"),
    MeetingKind.JOINT: N_("Together with another community"),
}
MODES: Mapping[Mode, str] = {
    Mode.IN_PERSON: N_("In person"),
    Mode.ONLINE: N_("Online"),
    Mode.BOTH: N_("Both: some in the room, some online"),
}
MODES_IN_SHORT: Mapping[str, str] = {Mode.ONLINE.value: N_("online"), Mode.BOTH.value: N_("in person and online")}
ROLES: Mapping[str, tuple[str, str]] = {
    FACILITATOR: (N_("Facilitator"), N_("Opens and closes, and sees that everybody is heard")),
    "scribe": (N_("Scribe"), N_("Writes down what is decided; a few lines are enough")),
    "timekeeper": (N_("Timekeeper"), N_("Says when a step is over")),
}
"""Parts that every meeting has; its protocol may have more."""


def states() -> dict[str, tuple[str, str]]:
    return {state: (gettext(name), tone) for state, (name, tone) in STATES.items()}


def kinds() -> list[tuple[str, str, str]]:
    return [(kind.value, gettext(name), gettext(hint)) for kind, (name, hint) in KINDS.items()]


def kind_names() -> dict[str, str]:
    return {kind.value: gettext(name) for kind, (name, _) in KINDS.items()}


def roles_to_take(content: Content | None) -> dict[str, tuple[str, str]]:
    """Role → its name and what it does: those of every meeting, then those of this protocol, given in the reader's
    language. A role the protocol has too is described as it describes it."""
    known = {role: (gettext(name), gettext(duty)) for role, (name, duty) in ROLES.items()}
    for role in content.roles if content else ():
        known[role.id] = (known[role.id][0] if role.id in known else role_name(role.id), role.duty)
    return known
