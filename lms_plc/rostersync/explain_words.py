"""In which words is it told why somebody is, or is not, in a community? Each verdict, and each thing that was said."""

from collections.abc import Mapping
from enum import StrEnum

from lms_plc.core.policy import Role
from lms_plc.rostersync.changes import GONE, SUSPENDED, Kind
from lms_plc.web.i18n import N_


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

NEXT: Mapping[Verdict, tuple[str, ...]] = {
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

ENROL = N_("If they belong here, enrol them in the course in the LMS, and let the site be synced.")
LAUNCH = N_("Ask them to open the activity in the course once.")
UNDO = N_("If the sync was wrong, mend the roster and undo it, for everybody it let go: lms-plc sync undo %(run)s")
SAME_NUMBER = N_(
    "If they use another account or another number there, look for the name, and at possible twins at the desk."
)
TODO: Mapping[Verdict, tuple[str, ...]] = {
    Verdict.MISSING: (ENROL, N_("If they shall go, nothing needs to be done.")),
    Verdict.KEPT_LEADER: (N_("If they shall go, let their role in the community end first."),),
    Verdict.RESTS_MISSING: (ENROL,),
    Verdict.RESTS_SUSPENDED: (N_("Make the enrolment active again in the LMS."),),
    Verdict.RESTS: (LAUNCH,),
    Verdict.ENDED: (ENROL,),
    Verdict.LEFT: (LAUNCH,),
    Verdict.WAITS: (N_("Look at the plan, and approve it."),),
    Verdict.LEFT_OUT: (N_("Look at the rosters again, and leave the tick where it is."),),
    Verdict.JOINS_NEXT: (N_("Let the site be synced now."),),
    Verdict.ABSENT_BEFORE_JOINING: (ENROL,),
    Verdict.SUSPENDED: (N_("Make the enrolment active again in the LMS."),),
    Verdict.GONE: (ENROL,),
    Verdict.ADMINISTRATOR: (ENROL,),
    Verdict.NO_PART: (ENROL,),
    Verdict.LAUNCHED_ONLY: (LAUNCH,),
    Verdict.NOT_LISTED: (ENROL, SAME_NUMBER),
    Verdict.NEVER_READ: (LAUNCH, N_("Let the site be synced, if it has rosters connected.")),
    Verdict.NOT_MET: (ENROL, SAME_NUMBER),
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

STATES = {
    "active": N_("enrolled and active"),
    "suspended": N_("enrolled, but suspended"),
    "gone": N_("not enrolled any more"),
}

VERBS = {
    "membership.started": N_("Became a member."),
    "membership.resumed": N_("Became an active member again."),
    "membership.paused": N_("The membership began to rest."),
    "membership.ended": N_("The membership ended."),
}
KINDS = {
    Kind.JOIN: VERBS["membership.started"],
    Kind.RESUME: VERBS["membership.resumed"],
    Kind.PAUSE: VERBS["membership.paused"],
    Kind.REST: VERBS["membership.paused"],
    Kind.END: VERBS["membership.ended"],
    Kind.MISSING: N_("The roster lacked them for the first time."),
    Kind.CHANGE_ENROLMENT: N_("The enrolment was noted: %(state)s."),
    Kind.CHANGE_ROLES: N_("Other roles in the LMS were noted."),
    Kind.RENAME_PERSON: N_("They took the name the LMS gives them."),
    Kind.NOTE_PERSON: N_("Their number in the register, or their post, was noted."),
    Kind.STILL_MISSING: N_("Reported: the roster still lacks them."),
    Kind.KEPT_LEADER: N_("Reported: not enrolled, and kept because they lead."),
}
WOULD = {
    Kind.JOIN: N_("A plan would make them a member."),
    Kind.RESUME: N_("A plan would make them an active member again."),
    Kind.PAUSE: N_("A plan would let the membership rest: suspended."),
    Kind.REST: N_("A plan would let the membership rest: not enrolled."),
    Kind.END: N_("A plan would end the membership."),
}
BECAUSE = {SUSPENDED: N_("The enrolment is suspended."), GONE: N_("They are not enrolled any more.")}
VIA = {
    "launch": N_("by a launch"),
    "sync": N_("by a sync"),
    "page": N_("on a page of the community"),
    "cli": N_("from the command line"),
    "desk": N_("at the desk"),
}

ROLES = {
    Role.FACILITATOR.value: N_("Facilitator"),
    Role.MENTOR.value: N_("Mentor"),
    Role.TEACHER_LEADER.value: N_("Teacher leader"),
}
