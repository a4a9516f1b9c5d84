"""In which words does a page tell of a sync: of what happens next, of a run, of a line of its plan?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lms_plc.rostersync.changes import REPORT_ONLY, Kind
from lms_plc.rostersync.queries import ChangeLine, RunLine, SiteSyncs
from lms_plc.web.i18n import N_, format_datetime, format_list, format_time, gettext, ngettext, pgettext
from lms_plc.web.i18n import translate as as_it_is

SILENT = timedelta(minutes=1)
"""A run at work writes a sign of life with every page it reads; after so long a page says that there was none."""


@dataclass(frozen=True, slots=True)
class Words:
    """A kind of change on a line, counted in a plan, and counted when it has been done; a badge's tone."""

    line: str
    planned: Callable[[int], str]
    done: Callable[[int], str]
    tone: str = "neutral"


_MISSING = Words(
    N_("missing"),
    lambda n: ngettext("%(num)s missing for the first time", "%(num)s missing for the first time", n),
    lambda n: ngettext("%(num)s missing for the first time", "%(num)s missing for the first time", n),
    "warn",
)
_STILL_MISSING = Words(
    N_("still missing"),
    lambda n: ngettext("%(num)s still missing", "%(num)s still missing", n),
    lambda n: ngettext("%(num)s still missing", "%(num)s still missing", n),
    "warn",
)
_KEPT_LEADER = Words(
    N_("kept"),
    lambda n: ngettext("%(num)s stays to lead", "%(num)s stay to lead", n),
    lambda n: ngettext("%(num)s stays to lead", "%(num)s stay to lead", n),
    "warn",
)
_COURSE_GONE = Words(
    N_("course not visible"),
    lambda n: ngettext("%(num)s course not visible", "%(num)s courses not visible", n),
    lambda n: ngettext("%(num)s course not visible", "%(num)s courses not visible", n),
    "warn",
)
KINDS: Mapping[Kind, Words] = {
    Kind.FOUND_COMMUNITY: Words(
        N_("founds a community"),
        lambda n: ngettext("%(num)s new community", "%(num)s new communities", n),
        lambda n: ngettext("%(num)s community founded", "%(num)s communities founded", n),
        "good",
    ),
    Kind.PLACE_COURSE: Words(
        N_("brings its people here"),
        lambda n: ngettext("%(num)s course brings its people", "%(num)s courses bring their people", n),
        lambda n: ngettext("%(num)s course brought its people", "%(num)s courses brought their people", n),
        "good",
    ),
    Kind.RENAME_COURSE: Words(
        N_("another title"),
        lambda n: ngettext("%(num)s course takes another title", "%(num)s courses take another title", n),
        lambda n: ngettext("%(num)s course took another title", "%(num)s courses took another title", n),
    ),
    Kind.JOIN: Words(
        N_("joins"),
        lambda n: ngettext("%(num)s joins", "%(num)s join", n),
        lambda n: ngettext("%(num)s joined", "%(num)s joined", n),
        "good",
    ),
    Kind.RESUME: Words(
        N_("comes back"),
        lambda n: ngettext("%(num)s comes back", "%(num)s come back", n),
        lambda n: ngettext("%(num)s came back", "%(num)s came back", n),
        "good",
    ),
    Kind.PAUSE: Words(
        N_("is suspended"),
        lambda n: ngettext("%(num)s is suspended", "%(num)s are suspended", n),
        lambda n: ngettext("%(num)s was suspended", "%(num)s were suspended", n),
        "warn",
    ),
    Kind.REST: Words(
        N_("loses access"),
        lambda n: ngettext("%(num)s loses access", "%(num)s lose access", n),
        lambda n: ngettext("%(num)s lost access", "%(num)s lost access", n),
        "danger",
    ),
    Kind.END: Words(
        N_("leaves"),
        lambda n: ngettext("%(num)s leaves", "%(num)s leave", n),
        lambda n: ngettext("%(num)s left", "%(num)s left", n),
        "danger",
    ),
    Kind.MISSING: _MISSING,
    Kind.CHANGE_ENROLMENT: Words(
        N_("enrolment noted"),
        lambda n: ngettext("%(num)s enrolment to note", "%(num)s enrolments to note", n),
        lambda n: ngettext("%(num)s enrolment noted", "%(num)s enrolments noted", n),
    ),
    Kind.CHANGE_ROLES: Words(
        N_("other roles in the LMS"),
        lambda n: ngettext("%(num)s with other roles in the LMS", "%(num)s with other roles in the LMS", n),
        lambda n: ngettext("%(num)s with other roles in the LMS", "%(num)s with other roles in the LMS", n),
    ),
    Kind.RENAME_PERSON: Words(
        N_("another name"),
        lambda n: ngettext("%(num)s takes another name", "%(num)s take another name", n),
        lambda n: ngettext("%(num)s took another name", "%(num)s took another name", n),
    ),
    Kind.NOTE_PERSON: Words(
        N_("another number or post"),
        lambda n: ngettext("%(num)s with another number or post", "%(num)s with another number or post", n),
        lambda n: ngettext("%(num)s with another number or post", "%(num)s with another number or post", n),
    ),
    Kind.STILL_MISSING: _STILL_MISSING,
    Kind.KEPT_LEADER: _KEPT_LEADER,
    Kind.COURSE_GONE: _COURSE_GONE,
}

MODES = {"plan": N_("A look"), "apply": N_("A sync"), "undo": N_("An undo")}

STATES: Mapping[str, tuple[str, str]] = {
    "listing": (N_("at work"), "accent"),
    "pulling": (N_("at work"), "accent"),
    "planning": (N_("at work"), "accent"),
    "applying": (N_("at work"), "accent"),
    "planned": (N_("planned"), "neutral"),
    "held": (N_("held"), "warn"),
    "done": (N_("done"), "good"),
    "failed": (N_("failed"), "danger"),
}
"""State of a run → word and tone of its badge."""

PHASES = {
    "listing": N_("The LMS is asked which courses it has."),
    "pulling": N_("Rosters are read."),
    "planning": N_("Rosters are compared with the communities."),
    "applying": N_("Changes are made."),
}

OVERTAKEN = {
    "newer": N_("The rosters were looked at again since then, so this plan is out of date."),
    "old": N_("This plan is more than a day old; the rosters may say something else by now."),
    "changed": N_("Something has changed since this plan was made: another sync, an undo, a rule or a person."),
}
"""Why a plan cannot be applied any more; see `rostersync.waiting.overtaken`."""

_MEMBERSHIP = {None: N_("no member"), "active": N_("member"), "paused": N_("paused"), "left": N_("left")}
_ENROLMENT = {None: N_("none"), "active": N_("active"), "suspended": N_("suspended"), "gone": N_("none any more")}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a line changes: of what, and the values before (None: there was nothing to say) and after."""

    what: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a plan as a page shows it. ``who`` is a person's or a course's name, ``known_to`` how the LMS knows
    them. ``ticked`` is None for what cannot be ticked. ``not_done``: the run ended before its turn came."""

    number: int
    kind: str
    tone: str
    who: str
    known_to: str
    facts: list[Fact]
    why: str
    ticked: bool | None
    founds: bool
    left_out: bool
    only_told: bool
    not_done: bool


def counted(counts: Mapping[str, int], *, done: bool = False) -> list[str]:
    """``3 join``, ``1 leaves``, in the order of the kinds; when ``done``, ``3 joined``."""
    return [(words.done if done else words.planned)(counts[kind]) for kind, words in KINDS.items() if counts.get(kind)]


def tell_line(line: ChangeLine, founded: Mapping[Any, str], *, waits: bool, broke_off: bool = False) -> Told:
    """``founded`` are names of communities that the plan has yet to found; ``waits``: it can be ticked; ``broke_off``:
    its run ended before its end."""
    words, only_told = KINDS[line.kind], line.kind in REPORT_ONLY
    if line.subject is not None:
        who = line.name or f"#{line.subject}"
        known_to = gettext("LMS id %(id)s", id=line.subject)
    else:
        who = line.course_title or line.after.get("title") or line.before.get("title") or line.course
        known_to = gettext("course %(id)s", id=line.course)
    return Told(
        number=line.number,
        kind=gettext(words.line),
        tone=words.tone,
        who=who,
        known_to=known_to,
        facts=list(_facts(line, founded)),
        why=as_it_is(line.reason),
        ticked=None if only_told or not waits else not line.left_out,
        founds=line.kind is Kind.FOUND_COMMUNITY,
        left_out=line.left_out and not only_told,
        only_told=only_told,
        not_done=broke_off and line.applied_at is None and not line.left_out and not only_told,
    )


def _facts(line: ChangeLine, founded: Mapping[Any, str]) -> Iterable[Fact]:
    before, after = line.before, line.after
    if line.kind is Kind.RENAME_PERSON and line.name and line.known_name and line.name != line.known_name:
        yield Fact(pgettext("person", "Name"), line.known_name, line.name)
    if line.kind is Kind.PLACE_COURSE and line.community_id is not None:
        name = line.community_name or founded.get(line.community_id) or after.get("name") or ""
        yield Fact(gettext("Its people go to"), None, name)
    elif "name" in after:
        yield Fact(gettext("Community"), None, after["name"])
    if line.kind is Kind.RENAME_COURSE:
        for key, what in (("title", pgettext("course", "Title")), ("short_name", gettext("Short name"))):
            if before.get(key) != after.get(key):
                yield Fact(what, before.get(key) or "–", after.get(key) or "–")
    if "membership" in after and before.get("membership") != after["membership"]:
        yield Fact(gettext("Membership"), *(_state(_MEMBERSHIP, side.get("membership")) for side in (before, after)))
    if "enrolment" in after and before.get("enrolment") != after["enrolment"]:
        yield Fact(gettext("Enrolment"), *(_state(_ENROLMENT, side.get("enrolment")) for side in (before, after)))
    if "roles" in after and before.get("roles", []) != after["roles"]:
        yield Fact(gettext("Roles in the LMS"), _roles(before.get("roles")), _roles(after["roles"]))
    if since := after.get("missing_since"):
        yield Fact(gettext("Missing since"), None, format_datetime(datetime.fromisoformat(since), "short"))


def _state(words: Mapping[str | None, str], state: str | None) -> str:
    """A state in words; one that no page knows yet, as it is stored."""
    return gettext(words[state]) if state in words else str(state)


def _roles(roles: list[str] | None) -> str:
    return format_list(roles) if roles else gettext("none")


def what_it_is(run: RunLine) -> str:
    """What was asked for: a look, a sync, an undo; of which courses, if only of some."""
    courses = run.options.get("courses") or []
    name = gettext(MODES[run.mode])
    return gettext("%(what)s (only %(courses)s)", what=name, courses=format_list(courses)) if courses else name


def asked_by(who: str) -> str:
    """``schedule``, ``launch``, ``cli: root``, ``desk: Ana`` in words."""
    where, _, name = who.partition(": ")
    if where == "schedule":
        return gettext("the clock")
    if where == "launch":
        return gettext("a launch")
    if where == "desk":
        return gettext("%(name)s at the desk", name=name) if name else gettext("somebody at the desk")
    if where == "cli":
        return gettext("%(name)s at the command line", name=name) if name else gettext("the command line")
    return who


def what_happens_next(site: SiteSyncs, now: datetime, usual_minutes: int) -> str:
    """What the clock does at this site, and when it does it next."""
    if site.connector is None:
        return gettext("The rosters of this site are not connected, so there is nothing to sync.")
    if site.syncs == "off":
        return gettext("Nothing happens by the clock: it is switched off for this site.")
    if not site.chosen:
        return gettext(
            "Nothing happens by the clock yet. The first sync founds communities, so it is yours to look at: see "
            "below what it would change."
        )
    every = timedelta(minutes=site.sync_every or usual_minutes)
    often = (
        gettext("Synced by the clock, every %(time)s.", time=_span(every))
        if site.syncs == "apply"
        else gettext(
            "Looked at by the clock, every %(time)s; what it finds waits until you apply it.", time=_span(every)
        )
    )
    following = site.clocked_at + every if site.clocked_at else now
    if following <= now:
        soon = gettext("The next one begins within minutes.")
        return f"{often} {soon}"
    when = format_time(following) if following - now < timedelta(hours=20) else format_datetime(following, "short")
    then = gettext("The next one begins about %(time)s.", time=when)
    return f"{often} {then}"


def _span(every: timedelta) -> str:
    """Exactly, where Babel would round: ``90 minutes`` are not two hours."""
    minutes = round(every.total_seconds() / 60)
    if minutes % (24 * 60) == 0:
        return ngettext("day", "%(num)s days", minutes // (24 * 60))
    if minutes % 60 == 0:
        return ngettext("hour", "%(num)s hours", minutes // 60)
    return ngettext("minute", "%(num)s minutes", minutes)
