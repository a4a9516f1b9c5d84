"""What keeps a plan from being made or applied? Each text is one clear sentence for an admin."""

from datetime import datetime

from lms_plc.command_options import CommandProblem
from lms_plc.web.i18n import N_


class CannotWrite(CommandProblem):
    """Nothing can be written to this site; the text says why and what to do."""


class PlanIsOld(CommandProblem):
    """A plan was approved that is not, or no longer, one to apply. The text says why and what to do."""


class PlanIsHeld(CommandProblem):
    """The brake holds the plan: it would take out or remove more than anybody can have meant."""


class AnotherPushRuns(CommandProblem):
    """Another plan is being applied at this site."""

    def __init__(self, alive_at: datetime) -> None:
        super().__init__(
            N_("Another plan is being written to this site (last sign of life %(at)s UTC); wait until it is done.")
            % {"at": f"{alive_at:%Y-%m-%d %H:%M}"}
        )


class PlanIsOver(Exception):
    """The plan has ended, or was never approved; nothing may be done for it."""
