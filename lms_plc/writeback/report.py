"""How is a plan told: to a person at a terminal, to a program, in one sentence?

Both name people, for the admin who asked, and no word that people wrote.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from lms_plc.web.i18n import N_
from lms_plc.writeback.lines import OUTCOMES, WORDS
from lms_plc.writeback.queries import LineSeen, PlanSeen

STATES: Mapping[str, str] = {
    "planned": N_("Planned, nothing written"),
    "held": N_("Held, nothing written"),
    "applying": N_("Being written"),
    "done": N_("Done"),
    "stopped": N_("Stopped"),
    "overtaken": N_("Overtaken by a newer plan"),
}
"""A plan's state as a sentence begins; message ids."""


def summary(plan: PlanSeen) -> str:
    """One sentence in English, and the reason behind it where there is one."""
    told = {**OUTCOMES, "left_out": N_("left out")}
    counts = ", ".join(f"{told[outcome]} ({count})" for outcome, count in plan.counts.items())
    parts = [f"{STATES[plan.state]}: {counts or N_('nothing to write')}."]
    if plan.delayed:
        parts.append(N_("%(count)d invitations wait for another day.") % {"count": plan.delayed})
    return " ".join([*parts, *filter(None, [plan.message])])


def table(lines: Iterable[LineSeen]) -> Table:
    """A row a line, with the number by which it can be left out."""
    drawn = Table("№", "what", "community", "course", "who", "why", "what came of it")
    for line in lines:
        outcome = "left out" if line.left_out else OUTCOMES[line.state]
        drawn.add_row(
            str(line.number),
            WORDS[line.kind, line.verb],
            escape(line.community_name or ""),
            escape(line.course or ""),
            escape(line.name or line.subject or ""),
            line.reason,
            escape(" ".join(filter(None, [outcome, line.problem]))),
        )
    return drawn


def as_dict(plan: PlanSeen, lines: Iterable[LineSeen]) -> dict[str, Any]:
    """Everything, in types that JSON has."""
    return {
        "plan": str(plan.id),
        "site": str(plan.site_id),
        "purpose": plan.purpose,
        "kinds": list(plan.kinds),
        "state": plan.state,
        "made_at": plan.made_at.isoformat(),
        "approved_by": plan.approved_by,
        "counts": dict(plan.counts),
        "delayed_invitations": plan.delayed,
        "message": plan.message,
        "lines": [
            {
                "number": line.number,
                "kind": line.kind.value,
                "verb": line.verb.value,
                "community": str(line.community_id) if line.community_id else None,
                "course": line.course,
                "subject": line.subject,
                "name": line.name,
                "reason": line.reason,
                "left_out": line.left_out,
                "state": line.state,
                "problem": line.problem,
            }
            for line in lines
        ],
    }
