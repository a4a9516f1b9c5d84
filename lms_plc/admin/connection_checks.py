"""Is the connection to an LMS well? Token, functions and rights one by one, each with the way to mend it.

Only what was tried is called right: a function counts when the LMS lists it for the token or was asked for it, a right
when a call that needs it was answered. What shows only in use is said to.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.errors import ConnectorError
from connectors.moodle.faults import WHERE_CAPABILITIES
from connectors.moodle.needs import CAPABILITIES, NEEDS, REQUIRED_FUNCTIONS
from connectors.moodle.probing import Found, probe_functions
from connectors.moodle.source import MoodleSource
from connectors.source import Probe, RosterSource
from lms_plc.admin.asking import Trouble, trouble_of
from lms_plc.admin.checks import Line, State
from lms_plc.web.i18n import N_, gettext

SILENT = {
    "moodle/course:viewhiddencourses": N_("Without it hidden courses look as if they were gone."),
    "moodle/site:accessallgroups": N_("Without it people of separate groups are missing from rosters."),
    "moodle/course:viewhiddengroups": N_("Without it groups with hidden membership look empty."),
}
"""Capabilities whose lack Moodle does not mention → what is missing then."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines about one matter. ``is_extra``: a roster can be read without any of it."""

    title: str
    lines: Sequence[Line]
    is_extra: bool = False

    @property
    def well(self) -> int:
        return sum(line.state is State.OK for line in self.lines)


def examine(source: RosterSource) -> list[Section]:
    """Everything that can be known of a connection from outside, in some forty small calls. Raises ConnectorError."""
    if isinstance(source, MoodleSource):
        return _moodle(source)
    return [Section(gettext("What a roster needs"), list(_probed(source.probe())))]


def shut(trouble: Trouble) -> list[Section]:
    """The one line of a connection that does not let us in."""
    asked = gettext("Does it let us in?")
    return [Section(gettext("What a roster needs"), [Line(asked, State.WRONG, trouble.what, trouble.todo)])]


def not_ready(probe: Probe) -> list[Line]:
    """What keeps a roster from being read completely."""
    return [line for line in _probed(probe) if line.state is State.WRONG]


def _probed(probe: Probe) -> Iterator[Line]:
    site = probe.site
    yield Line(gettext("Does it let us in?"), State.OK, _introduced(probe))
    for one in probe.missing:
        yield Line(one.function, State.WRONG, gettext(one.why_needed), gettext(one.todo))
    yield from _refused(probe.refused)
    if probe.ready:
        seen = gettext("What can be tried was tried at %(name)s, and answered.", name=site.name)
        yield Line(gettext("Can rosters be read?"), State.OK, seen)
    yield from _advised(probe)


def _introduced(probe: Probe) -> str:
    said = {"name": probe.site.name, "release": probe.site.release}
    if not probe.site.user_id:
        return gettext("It is %(name)s, %(release)s.", **said)
    return gettext("It is %(name)s, %(release)s. We read it as its user number %(id)s.", **said, id=probe.site.user_id)


def _refused(errors: Iterable[ConnectorError]) -> Iterator[Line]:
    for error in errors:
        trouble = trouble_of(error)
        yield Line(error.function or gettext("Can rosters be read?"), State.WRONG, trouble.what, trouble.todo)


def _advised(probe: Probe) -> Iterator[Line]:
    for advice in probe.advice:
        yield Line(gettext("Could it be better?"), State.LOOK, gettext(advice))


def _moodle(source: MoodleSource) -> list[Section]:
    probe = source.probe()
    found = probe_functions(source.client)
    courses = [] if probe.missing else list(source.courses())
    tried = _Tried(
        all_functions=not probe.missing,
        refused=frozenset(error.function for error in probe.refused),
        sees_courses=bool(courses),
        sees_hidden=any(not course.visible for course in courses),
    )
    needed = [one for one in found if one.function in REQUIRED_FUNCTIONS]
    reads = [one for one in found if one.function not in REQUIRED_FUNCTIONS and "_get_" in one.function]
    writes = [one for one in found if one.function not in REQUIRED_FUNCTIONS and "_get_" not in one.function]
    let_in = Line(gettext("Does it let us in?"), State.OK, _introduced(probe))
    return [
        Section(gettext("The token"), [let_in, *_advised(probe)]),
        Section(gettext("Functions a roster needs"), [_function(one) for one in needed]),
        Section(gettext("Rights a roster needs"), list(_rights(tried))),
        Section(gettext("Functions for more than rosters"), [_function(one) for one in reads], is_extra=True),
        Section(gettext("Functions that write into Moodle"), [_function(one) for one in writes], is_extra=True),
    ]


def _function(one: Found) -> Line:
    needed = gettext("It is needed %(why)s.", why=gettext(one.need.why))
    if one.todo is None:
        rights = ""
        if one.function not in REQUIRED_FUNCTIONS:
            rights = gettext("If a call is refused all the same: %(todo)s", todo=_join(one.if_refused, one.params))
        return Line(one.function, State.OK, needed, rights)
    is_needed = one.function in REQUIRED_FUNCTIONS
    lacks = (
        gettext("The token's service does not offer it.")
        if one.state == "not_in_service"
        else gettext("This Moodle does not have it.")
    )
    state = State.WRONG if is_needed else State.LOOK
    return Line(one.function, state, f"{lacks} {needed}", gettext(one.todo, **one.params))


def _join(messages: Iterable[str], params: dict[str, str]) -> str:
    return " ".join(gettext(message, **params) for message in messages)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of trying to read: nothing of it says anything where functions are missing."""

    all_functions: bool
    refused: frozenset[str | None]
    sees_courses: bool
    sees_hidden: bool


def _rights(tried: _Tried) -> Iterator[Line]:
    """Every capability once, with the first function that asks for it."""
    of: dict[str, str] = {}
    for function in REQUIRED_FUNCTIONS:
        for capability in CAPABILITIES[function]:
            of.setdefault(capability, function)
    for capability, function in of.items():
        state, seen = _right(capability, function, tried)
        why = gettext("It is needed %(why)s.", why=gettext(NEEDS[function].why))
        todo = gettext(WHERE_CAPABILITIES, capabilities=capability) if state is not State.OK else ""
        yield Line(capability, state, f"{seen} {why}", todo)


def _right(capability: str, function: str, tried: _Tried) -> tuple[State, str]:
    if capability == "webservice/rest:use":
        return State.OK, gettext("It was used just now.")
    if not tried.all_functions:
        return State.LOOK, gettext("It could not be tried, because functions are missing.")
    if capability == "moodle/course:view":
        seen = gettext("Courses are in sight.") if tried.sees_courses else gettext("The account sees no course.")
        return State.OK if tried.sees_courses else State.WRONG, seen
    if capability == "moodle/course:viewhiddencourses" and tried.sees_hidden:
        return State.OK, gettext("Hidden courses are in sight.")
    if function in tried.refused:
        if CAPABILITIES[function][0] == capability:
            return State.WRONG, gettext("A call that needs it was refused.")
        return State.LOOK, gettext("A call that may need it was refused.")
    if capability in SILENT:
        unsaid = gettext("Moodle does not say whether the account has it.")
        return State.LOOK, f"{unsaid} {gettext(SILENT[capability])}"
    if not tried.sees_courses and "cohort" not in capability:
        return State.LOOK, gettext("It could not be tried, because no course is in sight.")
    return State.OK, gettext("A call that needs it was answered.")
