"""Why is somebody in a community, or why not? Told from what is stored: which source said what, when, and what the
rules make of it next.

Nothing that anybody wrote in a community is read for it. What the LMS says at this moment is asked elsewhere
(`explain_now`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lms_plc.core.policy import Role
from lms_plc.rostersync.changes import BY_SYNC, GONE, MISSED_FOR, REPORT_ONLY, RESTS_FOR, SUSPENDED, Kind
from lms_plc.rostersync.circle import KEPT_ROLES
from lms_plc.rostersync.explain_facts import Changed, CourseSeen, Enrolled, Facts, Happened
from lms_plc.rostersync.explain_words import (
    BECAUSE,
    HEADLINES,
    KINDS,
    NEXT,
    ROLES,
    STATES,
    TODO,
    UNDO,
    VERBS,
    VIA,
    WOULD,
    Verdict,
)
from lms_plc.sites.models import ADMINISTRATORS
from lms_plc.sites.said import JOINING
from lms_plc.web.i18n import format_date, format_datetime, format_list, gettext, ngettext


@dataclass(frozen=True, slots=True)
class Line:
    """What one source said, and when; ``at`` is None for what is so now. ``run_id`` is of the sync that did it."""

    at: datetime | None
    source: str
    text: str
    detail: str = ""
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence, the story behind it, oldest first, what the rules say next, and what can be done."""

    person: str = field(repr=False)
    subjects: Sequence[str]
    site: str
    place: str
    is_in: bool
    verdict: Verdict
    headline: str = field(repr=False)
    lines: Sequence[Line] = field(repr=False)
    next: Sequence[str]
    todo: Sequence[str]


def explain(facts: Facts) -> Explanation:
    """The answer in the language spoken at the moment."""
    verdict, course = _judge(facts)
    words = _words(facts, course)
    return Explanation(
        person=facts.name or facts.asked,
        subjects=facts.subjects,
        site=facts.site,
        place=facts.place.name,
        is_in=facts.member is not None and facts.member.state == "active",
        verdict=verdict,
        headline=gettext(HEADLINES[verdict], **words),
        lines=_lines(facts),
        next=[gettext(one, **words) for one in NEXT[verdict]] + _also_next(facts, verdict),
        todo=_todo(facts, verdict, words),
    )


def as_dict(told: Explanation) -> dict[str, Any]:
    """Everything, in types that JSON has."""
    return {
        "person": told.person,
        "subjects": list(told.subjects),
        "site": told.site,
        "place": told.place,
        "is_in": told.is_in,
        "verdict": told.verdict.value,
        "headline": told.headline,
        "lines": [
            {
                "at": line.at.isoformat() if line.at else None,
                "source": line.source,
                "text": line.text,
                "detail": line.detail,
                "run": str(line.run_id) if line.run_id else None,
            }
            for line in told.lines
        ],
        "next": list(told.next),
        "todo": list(told.todo),
    }


def _judge(facts: Facts) -> tuple[Verdict, CourseSeen | None]:
    """How it stands, and the course that decides it."""
    if not facts.place.has_community:
        return Verdict.NO_COMMUNITY, None
    member, (course, enrolled) = facts.member, _best(facts)
    if member is None:
        return _absent(facts, course, enrolled)
    if member.state == "active":
        return _present(facts, enrolled), course
    if member.state == "paused":
        return {GONE: Verdict.RESTS_MISSING, SUSPENDED: Verdict.RESTS_SUSPENDED}.get(
            member.reason or "", Verdict.RESTS
        ), course
    return (Verdict.ENDED if member.reason in BY_SYNC else Verdict.LEFT), course


def _best(facts: Facts) -> tuple[CourseSeen | None, Enrolled | None]:
    """The enrolment that holds somebody most: active before suspended before gone, in a roster and not missing."""
    states = {"active": 0, "suspended": 1, "gone": 2}
    found = [(facts.enrolments[course.id], course) for course in facts.courses if course.id in facts.enrolments]
    if not found:
        return None, None
    one, course = min(
        found, key=lambda pair: (states[pair[0].state], pair[0].missing_since is not None, not pair[0].from_sync)
    )
    return course, one


def _leads(facts: Facts) -> bool:
    return any(role.role in KEPT_ROLES for role in facts.roles)


def _present(facts: Facts, enrolled: Enrolled | None) -> Verdict:
    assert facts.member is not None
    if enrolled is None:
        return Verdict.BY_LAUNCH if facts.member.source == "launch" else Verdict.BROUGHT_IN
    is_gone = enrolled.state == "gone" or (enrolled.from_sync and enrolled.missing_since is not None)
    if is_gone and _leads(facts):
        return Verdict.KEPT_LEADER
    if enrolled.state == "gone":
        return Verdict.NOT_ENROLLED_BUT_IN
    if enrolled.state == "suspended":
        return Verdict.SUSPENDED_BUT_IN
    if is_gone:
        return Verdict.MISSING
    return Verdict.ENROLLED if enrolled.from_sync else Verdict.BY_LAUNCH


def _absent(facts: Facts, course: CourseSeen | None, enrolled: Enrolled | None) -> tuple[Verdict, CourseSeen | None]:
    planned = _planned(facts)
    if planned is not None:
        return (Verdict.LEFT_OUT if planned.left_out else Verdict.WAITS), course
    if any(role.role == Role.MENTOR.value for role in facts.roles):
        return Verdict.MENTOR, course
    if enrolled is not None:
        return _enrolled_outside(enrolled), course
    read = max((one for one in facts.courses if one.rostered_at), key=_read_at, default=None)
    if facts.person_id is None:
        return Verdict.NOT_MET, read
    return (Verdict.NOT_LISTED if read else Verdict.NEVER_READ), read


def _read_at(course: CourseSeen) -> datetime:
    assert course.rostered_at is not None
    return course.rostered_at


def _enrolled_outside(enrolled: Enrolled) -> Verdict:
    if enrolled.state != "active":
        return Verdict.SUSPENDED if enrolled.state == "suspended" else Verdict.GONE
    if enrolled.from_sync:
        return Verdict.ABSENT_BEFORE_JOINING if enrolled.missing_since else Verdict.JOINS_NEXT
    if ADMINISTRATORS & set(enrolled.launch_roles):
        return Verdict.ADMINISTRATOR
    return Verdict.LAUNCHED_ONLY if JOINING & set(enrolled.launch_roles) else Verdict.NO_PART


def _planned(facts: Facts) -> Changed | None:
    """The newest line of a plan that would bring them in and was not applied."""
    joins = (one for one in facts.changes if one.kind in (Kind.JOIN, Kind.RESUME))
    newest = next(joins, None)
    return newest if newest is not None and newest.applied_at is None and (newest.waits or newest.left_out) else None


def _words(facts: Facts, course: CourseSeen | None) -> dict[str, str]:
    """All that a headline or a rule may name."""
    member, planned = facts.member, _planned(facts)
    missing = [one.missing_since for one in facts.enrolments.values() if one.missing_since]
    gone = [one.changed_at for one in facts.enrolments.values() if one.state == "gone"]
    since = max(missing or gone, default=None)
    paused = member.paused_at if member else None
    return {
        "who": facts.name or facts.asked,
        "site": facts.site,
        "place": facts.place.name,
        "course": course.title if course else facts.place.name,
        "joined": _day(member.joined_at if member else None),
        "left": _day(member.left_at if member else None),
        "paused": _day(paused),
        "ends": _day(paused + RESTS_FOR if paused else None),
        "missing": _day(_missed_from(facts) or since or paused),
        "counts": format_datetime(max(missing) + MISSED_FOR, "short") if missing else "–",
        "read": _day(course.rostered_at if course else None),
        "planned": _day(planned.started_at if planned else None),
        "how": _by(member.source) if member else "–",
        "run": str(_let_go_by(facts) or "–"),
    }


def _missed_from(facts: Facts) -> datetime | None:
    """When the roster first lacked somebody who is noted as gone by now: a sync that said so may still be known."""
    first = (one.applied_at for one in facts.changes if one.kind is Kind.MISSING and one.applied_at)
    return next(first, None) if facts.member and facts.member.state != "active" else None


def _let_go_by(facts: Facts) -> UUID | None:
    """The sync that let them go, if it was the last thing that a sync did."""
    moved = (
        one for one in facts.changes if one.applied_at and one.kind in (Kind.JOIN, Kind.RESUME, Kind.REST, Kind.END)
    )
    last = next(moved, None)
    return last.run_id if last is not None and last.kind in (Kind.REST, Kind.END) else None


def _day(moment: datetime | None) -> str:
    return format_date(moment) if moment else "–"


def _also_next(facts: Facts, verdict: Verdict) -> list[str]:
    """What the site and the courses add to it."""
    told = [f"{course.title}: {gettext(course.gone)}" for course in facts.courses if course.gone]
    if verdict is Verdict.NO_COMMUNITY:
        told.append(_would_be_founded(facts))
    if verdict in (Verdict.RESTS_MISSING, Verdict.RESTS_SUSPENDED, Verdict.ENDED) and _leads(facts):
        told.append(gettext("They have a role here; it opens nothing while the membership rests or has ended."))
    if facts.connector is None:
        told.append(gettext("%(site)s has no rosters connected: nobody joins there but by launches.", site=facts.site))
    elif facts.syncs == "off":
        told.append(gettext("%(site)s is not synced by the clock; somebody has to ask for it.", site=facts.site))
    elif facts.syncs == "ask":
        told.append(gettext("At %(site)s every plan waits for an administrator to approve it.", site=facts.site))
    return told


def _would_be_founded(facts: Facts) -> str:
    if facts.covers == "all":
        return gettext("Every visible course of this site becomes a community with the next sync.")
    if facts.rules:
        return ngettext(
            "%(num)s rule says what becomes a community; whether it wants this course, the LMS has to be asked.",
            "%(num)s rules say what becomes a community; whether one wants this course, the LMS has to be asked.",
            facts.rules,
        )
    return gettext("No rule of this site asks for it; only courses that have a community are synced.")


def _todo(facts: Facts, verdict: Verdict, words: Mapping[str, str]) -> list[str]:
    told = [gettext(one, **words) for one in TODO.get(verdict, ())]
    if verdict is Verdict.NO_COMMUNITY:
        told.append(gettext("A teacher founds its community by opening the activity in the course."))
        told.append(gettext("Or write a rule for it, or name it: lms-plc sync plan --course SHORT_NAME"))
    if any(course.gone for course in facts.courses) and not (facts.member and facts.member.state == "active"):
        told.append(gettext("Look at the course in the LMS: what is not visible there is not read."))
    if verdict in (Verdict.RESTS_MISSING, Verdict.ENDED) and _let_go_by(facts) is not None:
        told.append(gettext(UNDO, **words))
    return told


def _lines(facts: Facts) -> list[Line]:
    """Oldest first; what has no date is so now, and stands last."""
    titles = {course.lms_id: course.title for course in facts.courses}
    told = [
        *_of_accounts(facts),
        *_of_enrolments(facts),
        *_of_membership(facts),
        *(_of_change(one, titles) for one in facts.changes if _is_told(one, facts)),
        *_of_roles(facts),
    ]
    return sorted(told, key=lambda line: (line.at is None, line.at or facts.at))


def _of_accounts(facts: Facts) -> Iterator[Line]:
    for one in facts.accounts:
        known = gettext("There they are number %(number)s.", number=one.subject)
        if one.first_seen_at != one.first_launched_at:
            yield Line(one.first_seen_at, "roster", gettext("First named by %(site)s.", site=one.site), known)
        if one.first_launched_at is not None:
            yield Line(
                one.first_launched_at, "launch", gettext("First came from %(site)s by a launch.", site=one.site), known
            )
    if facts.accounts and not any(one.first_launched_at for one in facts.accounts):
        yield Line(None, "launch", gettext("They have never come by a launch."))


def _of_enrolments(facts: Facts) -> Iterator[Line]:
    missing_told = {one.after.get("missing_since") for one in facts.changes if one.kind is Kind.MISSING}
    for course in facts.courses:
        enrolled = facts.enrolments.get(course.id)
        if enrolled is not None:
            yield Line(
                enrolled.changed_at,
                "roster" if enrolled.from_sync else "launch",
                gettext("“%(course)s”: %(state)s.", course=course.title, state=gettext(STATES[enrolled.state])),
                _enrolled_as(enrolled),
            )
        since = enrolled.missing_since if enrolled else None
        if since is not None and since.isoformat() not in missing_told:
            yield Line(since, "roster", gettext("The roster of “%(course)s” lacked them.", course=course.title))
        if course.rostered_at is not None:
            listed = enrolled is not None and enrolled.from_sync and enrolled.state != "gone" and since is None
            said = gettext("It listed them.") if listed else gettext("It did not list them.")
            yield Line(
                course.rostered_at,
                "roster",
                gettext("The roster of “%(course)s” was last read whole.", course=course.title),
                said,
            )
        elif facts.connector is not None:
            yield Line(None, "roster", gettext("The roster of “%(course)s” was never read whole.", course=course.title))


def _enrolled_as(enrolled: Enrolled) -> str:
    told = []
    if enrolled.lms_roles:
        told.append(gettext("Roles in the roster: %(roles)s.", roles=format_list(enrolled.lms_roles)))
    if enrolled.launch_roles:
        told.append(gettext("Roles in launches: %(roles)s.", roles=format_list(enrolled.launch_roles)))
    if not enrolled.from_sync:
        told.append(gettext("Only launches said so, no roster."))
    return " ".join(told)


def _by(via: str) -> str:
    return gettext(VIA[via]) if via in VIA else via


def _of_membership(facts: Facts) -> Iterator[Line]:
    """What the log says, but for what a line of a sync says better."""
    synced = {one.applied_at for one in facts.changes if one.kind in WOULD}
    for one in facts.events:
        if one.verb == "person.joined":
            yield Line(one.at, "person", gettext("Two persons were joined into this one."), _by(one.via))
        elif one.verb in VERBS and not (one.via == "sync" and one.at in synced):
            yield _of_event(one)
    is_told = any(one.verb == "membership.started" for one in facts.events)
    if facts.member is not None and not is_told and facts.member.joined_at not in synced:
        yield Line(facts.member.joined_at, "membership", gettext("Became a member."), _by(facts.member.source))


def _of_event(one: Happened) -> Line:
    reason = one.facts.get("reason")
    because = gettext(BECAUSE[reason]) if reason in BECAUSE else str(reason or "")
    return Line(one.at, "membership", gettext(VERBS[one.verb]), " ".join(filter(None, (_by(one.via), because))))


def _is_told(change: Changed, facts: Facts) -> bool:
    """What was done, what waits, and what was left out; of plans that came to nothing only that of a leader kept."""
    if change.kind not in KINDS:
        return False
    return change.applied_at is not None or change.waits or change.left_out or change.kind in REPORT_ONLY


def _of_change(one: Changed, titles: Mapping[str, str]) -> Line:
    state = gettext(STATES.get(one.after.get("enrolment", ""), "–"))
    run = _run_words(one)
    reason = gettext(one.reason)
    if one.applied_at is not None or one.kind in REPORT_ONLY:
        text = gettext(KINDS[one.kind], state=state)
        return Line(one.applied_at or one.started_at, "sync", text, f"{reason} {run}", one.run_id)
    text = gettext(WOULD[one.kind]) if one.kind in WOULD else gettext("A plan would note something.")
    so = gettext("Somebody left it out.") if one.left_out else gettext("It waits to be approved.")
    return Line(one.started_at, "sync", text, f"{so} {reason} {run}", one.run_id)


def _run_words(one: Changed) -> str:
    when = format_datetime(one.started_at, "short")
    if one.mode == "undo":
        return gettext("By an undo of %(when)s, asked for by: %(who)s.", when=when, who=one.asked_by)
    if one.approved_by:
        return gettext(
            "By the sync of %(when)s, asked for by: %(who)s; approved by: %(approved)s.",
            when=when,
            who=one.asked_by,
            approved=one.approved_by,
        )
    return gettext("By the sync of %(when)s, asked for by: %(who)s.", when=when, who=one.asked_by)


def _of_roles(facts: Facts) -> Iterator[Line]:
    for one in facts.roles:
        until = gettext("until %(day)s", day=format_date(one.ends_at)) if one.ends_at else gettext("without an end")
        yield Line(one.starts_at, "role", gettext(ROLES.get(one.role, one.role)), until)
