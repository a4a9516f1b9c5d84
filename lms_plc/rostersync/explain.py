"""Why is somebody in a community, or why not? Told from what is stored: which source said what, when, and what the
rules make of it next.

Nothing that anybody wrote in a community is read for it. What the LMS says at this moment is asked elsewhere
(`explain_now`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from lms_plc.core.policy import Role
from lms_plc.rostersync.changes import BY_SYNC, GONE, MISSED_FOR, REPORT_ONLY, RESTS_FOR, SUSPENDED, Kind
from lms_plc.rostersync.circle import KEPT_ROLES
from lms_plc.rostersync.explain_facts import Changed, CourseSeen, Enrolled, Facts, Happened
from lms_plc.sites.models import ADMINISTRATORS
from lms_plc.sites.said import JOINING
from lms_plc.web.i18n import N_, format_date, format_datetime, format_list, gettext, ngettext


class Verdict(StrEnum):
    """How it stands, for programs; ``HEADLINES`` says it in words."""

    ENROLLED = "enrolled"
    BY_LAUNCH = "by_launch"
    BROUGHT_IN = "brought_in"
    MISSING = "missing"
    KEPT_LEADER = "kept_leader"
    NOT_ENROLLED_BUT_IN = "not_enrolled_but_in"
    SUSPENDED_BUT_IN = "suspended_but_in"
    RESTS_MISSING = "rests_missing"
    RESTS_SUSPENDED = "rests_suspended"
    RESTS = "rests"
    ENDED = "ended"
    LEFT = "left"
    WAITS = "waits"
    LEFT_OUT = "left_out"
    MENTOR = "mentor"
    JOINS_NEXT = "joins_next"
    ABSENT_BEFORE_JOINING = "absent_before_joining"
    SUSPENDED = "suspended"
    GONE = "gone"
    ADMINISTRATOR = "administrator"
    NO_PART = "no_part"
    LAUNCHED_ONLY = "launched_only"
    NOT_LISTED = "not_listed"
    NEVER_READ = "never_read"
    NOT_MET = "not_met"
    NO_COMMUNITY = "no_community"


HEADLINES: Mapping[Verdict, str] = {
    Verdict.ENROLLED: N_("%(who)s is in this community: the roster of “%(course)s” lists them."),
    Verdict.BY_LAUNCH: N_(
        "%(who)s is in this community by a launch: they came from the LMS on %(joined)s, and no roster has listed them."
    ),
    Verdict.BROUGHT_IN: N_("%(who)s is in this community since %(joined)s (%(how)s); no course of it lists them."),
    Verdict.MISSING: N_(
        "%(who)s is in this community, but the roster of “%(course)s” lacks them since %(missing)s; "
        "that does not count yet."
    ),
    Verdict.KEPT_LEADER: N_(
        "%(who)s is in this community though no roster lists them any more: facilitators and mentors are never let go "
        "by a sync."
    ),
    Verdict.NOT_ENROLLED_BUT_IN: N_(
        "%(who)s is in this community since %(joined)s (%(how)s), though not enrolled in its courses any more."
    ),
    Verdict.SUSPENDED_BUT_IN: N_(
        "%(who)s is in this community, but the enrolment is suspended in the LMS; the next sync lets the "
        "membership rest."
    ),
    Verdict.RESTS_MISSING: N_(
        "%(who)s is not in this community now: the enrolment is missing since %(missing)s, and the membership rests "
        "since %(paused)s. It ends on %(ends)s unless they are enrolled again."
    ),
    Verdict.RESTS_SUSPENDED: N_(
        "%(who)s is not in this community now: the enrolment is suspended in the LMS, and the membership rests since "
        "%(paused)s."
    ),
    Verdict.RESTS: N_("%(who)s is not in this community now: the membership rests since %(paused)s."),
    Verdict.ENDED: N_(
        "%(who)s is not in this community any more: they are not enrolled, and the membership ended on %(left)s."
    ),
    Verdict.LEFT: N_("%(who)s is not in this community any more: they left on %(left)s."),
    Verdict.WAITS: N_(
        "%(who)s is not in this community yet: a plan of %(planned)s brings them in, and waits to be approved."
    ),
    Verdict.LEFT_OUT: N_(
        "%(who)s is not in this community: a plan of %(planned)s would have brought them in, and somebody left "
        "them out."
    ),
    Verdict.MENTOR: N_("%(who)s is no member of this community, but a mentor of it, and may read here."),
    Verdict.JOINS_NEXT: N_(
        "%(who)s is not in this community yet, but enrolled in “%(course)s”: the next sync brings them in."
    ),
    Verdict.ABSENT_BEFORE_JOINING: N_(
        "%(who)s is not in this community: the roster of “%(course)s” lacks them since %(missing)s."
    ),
    Verdict.SUSPENDED: N_(
        "%(who)s is not in this community: the enrolment in “%(course)s” is suspended in the LMS, and nobody joins "
        "while it is."
    ),
    Verdict.GONE: N_("%(who)s is not in this community: they are not enrolled in “%(course)s” any more."),
    Verdict.ADMINISTRATOR: N_(
        "%(who)s is not in this community: they opened “%(course)s” as an administrator of the LMS, and no roster "
        "lists them."
    ),
    Verdict.NO_PART: N_(
        "%(who)s is not in this community: they opened “%(course)s”, but the LMS named no role of somebody who "
        "takes part."
    ),
    Verdict.LAUNCHED_ONLY: N_(
        "%(who)s is not in this community: they came from “%(course)s” once, but not into this community."
    ),
    Verdict.NOT_LISTED: N_(
        "%(who)s is not in this community: the roster of “%(course)s”, read whole on %(read)s, does not list them, and "
        "they never came from there."
    ),
    Verdict.NEVER_READ: N_(
        "%(who)s is not in this community: no roster of its courses was read whole yet, and they never came from there."
    ),
    Verdict.NOT_MET: N_(
        "%(who)s is not known at %(site)s: no launch and no roster read whole has brought anybody with this number "
        "or name."
    ),
    Verdict.NO_COMMUNITY: N_("“%(place)s” has no community, so nobody is a member of it."),
}

_NEXT: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.ENROLLED: (N_("They stay for as long as a roster of one of its courses lists them."),),
    Verdict.BY_LAUNCH: (N_("Whoever came by a launch and was never in a roster is not let go by a sync."),),
    Verdict.BROUGHT_IN: (N_("Whoever was never in a roster is not let go by a sync."),),
    Verdict.MISSING: (
        N_("If a complete look that begins after %(counts)s lacks them too, the membership rests."),
        N_("If they are in the roster again by then, nothing happens."),
    ),
    Verdict.KEPT_LEADER: (N_("Once the role has run out, the usual rules count for them again."),),
    Verdict.NOT_ENROLLED_BUT_IN: (N_("The next sync of its courses looks again."),),
    Verdict.SUSPENDED_BUT_IN: (N_("Unless another course of the community lists them as active."),),
    Verdict.RESTS_MISSING: (
        N_("Enrolled again, they are back with the next sync, or when they open the activity in the LMS."),
        N_("The first sync after %(ends)s ends the membership; what they wrote stays."),
    ),
    Verdict.RESTS_SUSPENDED: (N_("Once the LMS says active again, the next sync brings them back."),),
    Verdict.RESTS: (N_("A sync does not bring them back by itself; opening the activity in the LMS does."),),
    Verdict.ENDED: (N_("Enrolled again, they are a member again with the next sync, with all they wrote."),),
    Verdict.LEFT: (
        N_("A sync does not fetch back somebody who left on their own; opening the activity in the LMS does."),
    ),
    Verdict.WAITS: (N_("Once the plan is approved, they join. A plan is good for a day; after that, look again."),),
    Verdict.LEFT_OUT: (N_("The next look at the rosters proposes them again."),),
    Verdict.MENTOR: (N_("A mentor need not be a member."),),
    Verdict.JOINS_NEXT: (N_("If that does not happen, the history of syncs says why."),),
    Verdict.ABSENT_BEFORE_JOINING: (N_("Enrolled again, they join with the next sync."),),
    Verdict.SUSPENDED: (N_("Once the LMS says active, the next sync brings them in."),),
    Verdict.GONE: (N_("Enrolled again, they join with the next sync."),),
    Verdict.ADMINISTRATOR: (N_("Whether administrators join by a launch is a setting; being enrolled always counts."),),
    Verdict.NO_PART: (N_("Enrolled as somebody who takes part, they join by the next sync or launch."),),
    Verdict.LAUNCHED_ONLY: (N_("When they open the activity in the course again, they join."),),
    Verdict.NOT_LISTED: (N_("Once enrolled there, they join with the next sync, or when they open the activity."),),
    Verdict.NEVER_READ: (N_("They join when they open the activity in the LMS, or when a sync reads the roster."),),
    Verdict.NOT_MET: (
        N_("They join when they open the activity in the LMS, or when a sync finds them in a roster of its courses."),
    ),
    Verdict.NO_COMMUNITY: (),
}

_ENROL = N_("If they belong here, enrol them in the course in the LMS, and let the site be synced.")
_LAUNCH = N_("Ask them to open the activity in the course once.")
_UNDO = N_("If the sync was wrong, mend the roster and undo it, for everybody it let go: lms-plc sync undo %(run)s")
_SAME_NUMBER = N_(
    "If they use another account or another number there, look for the name, and at possible twins at the desk."
)
_TODO: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.MISSING: (_ENROL, N_("If they shall go, nothing needs to be done.")),
    Verdict.KEPT_LEADER: (N_("If they shall go, let their role in the community end first."),),
    Verdict.RESTS_MISSING: (_ENROL,),
    Verdict.RESTS_SUSPENDED: (N_("Make the enrolment active again in the LMS."),),
    Verdict.RESTS: (_LAUNCH,),
    Verdict.ENDED: (_ENROL,),
    Verdict.LEFT: (_LAUNCH,),
    Verdict.WAITS: (N_("Look at the plan, and approve it."),),
    Verdict.LEFT_OUT: (N_("Look at the rosters again, and leave the tick where it is."),),
    Verdict.JOINS_NEXT: (N_("Let the site be synced now."),),
    Verdict.ABSENT_BEFORE_JOINING: (_ENROL,),
    Verdict.SUSPENDED: (N_("Make the enrolment active again in the LMS."),),
    Verdict.GONE: (_ENROL,),
    Verdict.ADMINISTRATOR: (_ENROL,),
    Verdict.NO_PART: (_ENROL,),
    Verdict.LAUNCHED_ONLY: (_LAUNCH,),
    Verdict.NOT_LISTED: (_ENROL, _SAME_NUMBER),
    Verdict.NEVER_READ: (_LAUNCH, N_("Let the site be synced, if it has rosters connected.")),
    Verdict.NOT_MET: (_ENROL, _SAME_NUMBER),
}

SOURCES: Mapping[str, tuple[str, str]] = {
    "launch": (N_("launch"), "accent"),
    "roster": (N_("roster"), "neutral"),
    "membership": (N_("membership"), "good"),
    "sync": (N_("sync"), "neutral"),
    "role": (N_("role"), "neutral"),
    "person": (N_("person"), "neutral"),
}
"""Who said it → word and tone of its badge."""


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
        next=[gettext(one, **words) for one in _NEXT[verdict]] + _also_next(facts, verdict),
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
    told = [gettext(one, **words) for one in _TODO.get(verdict, ())]
    if verdict is Verdict.NO_COMMUNITY:
        told.append(gettext("A teacher founds its community by opening the activity in the course."))
        told.append(gettext("Or write a rule for it, or name it: lms-plc sync plan --course SHORT_NAME"))
    if any(course.gone for course in facts.courses) and not (facts.member and facts.member.state == "active"):
        told.append(gettext("Look at the course in the LMS: what is not visible there is not read."))
    if verdict in (Verdict.RESTS_MISSING, Verdict.ENDED) and _let_go_by(facts) is not None:
        told.append(gettext(_UNDO, **words))
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
                gettext("“%(course)s”: %(state)s.", course=course.title, state=gettext(_STATES[enrolled.state])),
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


_STATES = {
    "active": N_("enrolled and active"),
    "suspended": N_("enrolled, but suspended"),
    "gone": N_("not enrolled any more"),
}


def _enrolled_as(enrolled: Enrolled) -> str:
    told = []
    if enrolled.lms_roles:
        told.append(gettext("Roles in the roster: %(roles)s.", roles=format_list(enrolled.lms_roles)))
    if enrolled.launch_roles:
        told.append(gettext("Roles in launches: %(roles)s.", roles=format_list(enrolled.launch_roles)))
    if not enrolled.from_sync:
        told.append(gettext("Only launches said so, no roster."))
    return " ".join(told)


_VERBS = {
    "membership.started": N_("Became a member."),
    "membership.resumed": N_("Became an active member again."),
    "membership.paused": N_("The membership began to rest."),
    "membership.ended": N_("The membership ended."),
}
_KINDS = {
    Kind.JOIN: _VERBS["membership.started"],
    Kind.RESUME: _VERBS["membership.resumed"],
    Kind.PAUSE: _VERBS["membership.paused"],
    Kind.REST: _VERBS["membership.paused"],
    Kind.END: _VERBS["membership.ended"],
    Kind.MISSING: N_("The roster lacked them for the first time."),
    Kind.CHANGE_ENROLMENT: N_("The enrolment was noted: %(state)s."),
    Kind.CHANGE_ROLES: N_("Other roles in the LMS were noted."),
    Kind.RENAME_PERSON: N_("They took the name the LMS gives them."),
    Kind.NOTE_PERSON: N_("Their number in the register, or their post, was noted."),
    Kind.STILL_MISSING: N_("Reported: the roster still lacks them."),
    Kind.KEPT_LEADER: N_("Reported: not enrolled, and kept because they lead."),
}
_WOULD = {
    Kind.JOIN: N_("A plan would make them a member."),
    Kind.RESUME: N_("A plan would make them an active member again."),
    Kind.PAUSE: N_("A plan would let the membership rest: suspended."),
    Kind.REST: N_("A plan would let the membership rest: not enrolled."),
    Kind.END: N_("A plan would end the membership."),
}
_BECAUSE = {SUSPENDED: N_("The enrolment is suspended."), GONE: N_("They are not enrolled any more.")}
_VIA = {
    "launch": N_("by a launch"),
    "sync": N_("by a sync"),
    "page": N_("on a page of the community"),
    "cli": N_("from the command line"),
    "desk": N_("at the desk"),
}


def _by(via: str) -> str:
    return gettext(_VIA[via]) if via in _VIA else via


def _of_membership(facts: Facts) -> Iterator[Line]:
    """What the log says, but for what a line of a sync says better."""
    synced = {one.applied_at for one in facts.changes if one.kind in _WOULD}
    for one in facts.events:
        if one.verb == "person.joined":
            yield Line(one.at, "person", gettext("Two persons were joined into this one."), _by(one.via))
        elif one.verb in _VERBS and not (one.via == "sync" and one.at in synced):
            yield _of_event(one)
    is_told = any(one.verb == "membership.started" for one in facts.events)
    if facts.member is not None and not is_told and facts.member.joined_at not in synced:
        yield Line(facts.member.joined_at, "membership", gettext("Became a member."), _by(facts.member.source))


def _of_event(one: Happened) -> Line:
    reason = one.facts.get("reason")
    because = gettext(_BECAUSE[reason]) if reason in _BECAUSE else str(reason or "")
    return Line(one.at, "membership", gettext(_VERBS[one.verb]), " ".join(filter(None, (_by(one.via), because))))


def _is_told(change: Changed, facts: Facts) -> bool:
    """What was done, what waits, and what was left out; of plans that came to nothing only that of a leader kept."""
    if change.kind not in _KINDS:
        return False
    return change.applied_at is not None or change.waits or change.left_out or change.kind in REPORT_ONLY


def _of_change(one: Changed, titles: Mapping[str, str]) -> Line:
    state = gettext(_STATES.get(one.after.get("enrolment", ""), "–"))
    run = _run_words(one)
    reason = gettext(one.reason)
    if one.applied_at is not None or one.kind in REPORT_ONLY:
        text = gettext(_KINDS[one.kind], state=state)
        return Line(one.applied_at or one.started_at, "sync", text, f"{reason} {run}", one.run_id)
    text = gettext(_WOULD[one.kind]) if one.kind in _WOULD else gettext("A plan would note something.")
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


ROLES = {
    Role.FACILITATOR.value: N_("Facilitator"),
    Role.MENTOR.value: N_("Mentor"),
    Role.TEACHER_LEADER.value: N_("Teacher leader"),
}


def _of_roles(facts: Facts) -> Iterator[Line]:
    for one in facts.roles:
        until = gettext("until %(day)s", day=format_date(one.ends_at)) if one.ends_at else gettext("without an end")
        yield Line(one.starts_at, "role", gettext(ROLES.get(one.role, one.role)), until)
