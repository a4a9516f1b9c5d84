"""How is a run told: to a person at a terminal, to a program, in one sentence?

The table and the dict name people, for the admin who asked; neither belongs into a log.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from lms_plc.rostersync.changes import Kind
from lms_plc.rostersync.queries import ChangeLine
from lms_plc.rostersync.steps import Outcome
from lms_plc.web.i18n import N_

WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.FOUND_COMMUNITY: (N_("found community"), N_("communities founded")),
    Kind.PLACE_COURSE: (N_("bring people of"), N_("courses brought together")),
    Kind.RENAME_COURSE: (N_("rename course"), N_("courses renamed")),
    Kind.JOIN: (N_("join"), N_("joined")),
    Kind.RESUME: (N_("come back"), N_("came back")),
    Kind.PAUSE: (N_("pause"), N_("paused")),
    Kind.REST: (N_("rest"), N_("resting")),
    Kind.END: (N_("leave"), N_("left")),
    Kind.MISSING: (N_("missing"), N_("missing for the first time")),
    Kind.CHANGE_ENROLMENT: (N_("note enrolment"), N_("enrolments noted")),
    Kind.CHANGE_ROLES: (N_("note roles"), N_("other LMS roles")),
    Kind.RENAME_PERSON: (N_("rename person"), N_("people renamed")),
    Kind.NOTE_PERSON: (N_("note person"), N_("people noted")),
    Kind.STILL_MISSING: (N_("still missing"), N_("still missing")),
    Kind.KEPT_LEADER: (N_("kept"), N_("leaders kept")),
    Kind.COURSE_GONE: (N_("course not visible"), N_("courses not visible")),
}
"""A kind as a word in a row, and in the summary before its count; message ids."""

_OPENINGS: Mapping[str, str] = {
    "planned": N_("Planned, nothing changed: %(changes)s."),
    "held": N_("Held, nothing changed: %(changes)s."),
    "done": N_("Done: %(changes)s."),
}


COLUMNS = (N_("change"), N_("who or what"), N_("before"), N_("after"), N_("why"))


def summary(outcome: Outcome) -> str:
    """One sentence in English, and for a held or failed run the reason behind it."""
    parts = [f"{WORDS[kind][1]} ({outcome.counts[kind]})" for kind in Kind if outcome.counts.get(kind)]
    opening = _OPENINGS.get(outcome.state, N_("Not finished."))
    sentence = opening % {"changes": ", ".join(parts) or N_("no differences")}
    return " ".join(filter(None, (sentence, outcome.message)))


def as_dict(outcome: Outcome, changes: Iterable[ChangeLine]) -> dict[str, Any]:
    """Everything, in types that JSON has."""
    return {
        "run": str(outcome.run_id),
        "site": str(outcome.site_id),
        "mode": outcome.mode,
        "state": outcome.state,
        "resumed": outcome.resumed,
        "message": outcome.message,
        "counts": dict(outcome.counts),
        "changes": [
            {
                "number": change.number,
                "kind": change.kind.value,
                "course": change.course,
                "community": str(change.community_id) if change.community_id else None,
                "subject": change.subject,
                "name": change.name,
                "before": dict(change.before),
                "after": dict(change.after),
                "reason": change.reason,
                "left_out": change.left_out,
                "applied_at": change.applied_at.isoformat() if change.applied_at else None,
            }
            for change in changes
        ],
    }


def table(changes: Iterable[ChangeLine], *, numbered: bool = False) -> RenderableType:
    """One table a community, in the order of the plan; without changes, an empty group. ``numbered``: with the numbers
    by which single changes can be left out."""
    tables: dict[str, Table] = {}
    titles: dict[str, str] = {}
    for change in changes:
        if change.kind is Kind.FOUND_COMMUNITY:
            titles[change.course] = change.after["title"]
        title = change.community_name or change.course_title or titles.get(change.course, change.course)
        key = str(change.community_id or change.course)
        if key not in tables:
            tables[key] = Table(*(("№",) if numbered else ()), *COLUMNS, title=escape(title))
        tables[key].add_row(
            *((str(change.number),) if numbered else ()),
            WORDS[change.kind][0],
            escape(change.name or change.subject or change.course),
            escape(_told(change.before)),
            escape(_told(change.after)),
            change.reason,
        )
    return Group(*tables.values())


_SHOWN = ("membership", "enrolment", "roles", "title", "short_name", "name")


def _told(facts: Mapping[str, Any]) -> str:
    said = (", ".join(value) if isinstance(value, list) else value for what, value in facts.items() if what in _SHOWN)
    return " · ".join(dict.fromkeys(value for value in said if isinstance(value, str) and value))
