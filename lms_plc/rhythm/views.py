"""How regularly a community meets, and who might lead next. Nothing here is a figure of a person."""

from collections import Counter
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms_plc.communities.queries import CommunitySeen
from lms_plc.communities.views import frame, load_here
from lms_plc.core.policy import Actor, NotThere, Role, allows, load
from lms_plc.house import house
from lms_plc.meetings.page import AT, ME, MEETING, Found, Part, contributes_to_meeting
from lms_plc.meetings.queries import FACILITATOR, MeetingSeen
from lms_plc.meetings.states import COMING
from lms_plc.people.guards import actor
from lms_plc.rhythm import actions, figures, queries
from lms_plc.rhythm.figures import Balance, Member, Met
from lms_plc.rhythm.forms import Answer, TurnForm
from lms_plc.rhythm.queries import Facts
from lms_plc.web.form_errors import read_form
from lms_plc.web.i18n import N_, gettext

rhythm = Blueprint("rhythm", __name__, url_prefix="/s/<seat>", template_folder="templates")

YEAR, TWELVE = "year", "twelve"
TAKEN_FROM = 6
"""The page shows who took which part in so many of the last meetings."""
NAMED = 12
SIGNS = {
    "held": ("●", N_("took place")),
    "not_held": ("○", N_("not held")),
    "cancelled": ("⊘", N_("cancelled")),
    "unsaid": ("?", N_("nobody has said yet whether it was held")),
    "holiday": ("▒", N_("school holidays")),
}
"""A meeting on the strip → its sign, and what it means."""
VOICES = {
    Balance.MANY: N_("Many carry your meetings: what is proposed, noted and led comes from most of you."),
    Balance.SOME: N_("Some of you bring more to the meetings than others. Who else would like to, if asked?"),
    Balance.FEW: N_("A few of you carry most of it. What would make it easier for the others to bring something?"),
}


@rhythm.get("/communities/<uuid:community_id>/rhythm")
def rhythm_of(community_id: UUID) -> str:
    """Three statements beside the community's own, however many meetings there were."""
    who, over = actor(), TWELVE if request.args.get("over") == TWELVE else YEAR
    zone = ZoneInfo(house().settings.timezone)
    today = who.at.astimezone(zone).date()
    since = None if over == TWELVE else datetime.combine(figures.year_began(today), time(), zone)
    with house().database.read() as connection:
        community = load_here(connection, who, community_id, "community.read")
        met = queries.meetings_over(connection, community_id, who.at, zone, since)
        first_day = met[0].day if met else today
        since = since or datetime.combine(first_day, time(), zone)
        facts = queries.facts(connection, community_id, who.at, zone, since)
        members = queries.members(connection, community_id, who.at)
    return render_template(
        "rhythm/rhythm.html",
        page_title=gettext("Our rhythm"),
        community=frame(community, "meetings.meeting_list"),
        seen=community,
        over=over,
        spans=((YEAR, gettext("This school year")), (TWELVE, gettext("The last twelve"))),
        strip=figures.strip(met, facts.holidays),
        signs={kind: (sign, gettext(words)) for kind, (sign, words) in SIGNS.items()},
        kept=figures.kept(met),
        gap=figures.longest_gap(met, facts.holidays, today),
        inside=figures.inside_working_time(met),
        minutes=facts.minutes,
        learning=figures.learning(facts.minutes),
        paperwork=figures.usual_minutes(facts.paperwork),
        too_much=_too_much(community, facts),
        done=figures.in_time(facts.actions, today),
        taken=_taken(met, facts),
        sharing=_sharing(facts),
        **_turns(who, community, facts, members),
        **_voices(who, facts, members),
    )


@rhythm.post("/communities/<uuid:community_id>/turn")
def say_turn(community_id: UUID) -> Response:
    who, answer = actor(), read_form(TurnForm, request.form)
    with house().database.write() as session:
        connection = session.connection()
        community = load_here(connection, who, community_id, "meeting.lead_next")
        form = answer.form
        if form is not None and form.answer is Answer.YES and form.meeting_id:
            meeting: MeetingSeen = load(connection, who, "meeting", form.meeting_id, "meeting.give_roles")
            if meeting.community_id != community.id:
                raise NotThere("meeting")
            actions.lead_next(session, who, meeting)
        elif form is not None and form.answer is Answer.NOT_NOW:
            actions.not_now(session, who, community.id)
        elif form is not None and form.answer is Answer.ASK_AGAIN:
            actions.ask_again(session, who, community.id)
    if form is not None and form.meeting_id:
        return redirect(url_for("meetings.meeting", meeting_id=form.meeting_id), 303)
    return redirect(url_for("rhythm.rhythm_of", community_id=community_id, _anchor="turns"), 303)


@contributes_to_meeting(22, {"me": queries.to_be_asked(MEETING, ME, AT)})
def would_you(_: Actor, meeting: MeetingSeen, found: Found) -> Part:
    """For who never led, on the page of a meeting that nobody leads yet: only they see that they are asked."""
    return Part("rhythm/would_you.html") if found["me"] and meeting.state in COMING else Part()


def _too_much(community: CommunitySeen, facts: Facts) -> tuple[int, int] | None:
    """(minutes a member and month, the ceiling), for whoever organises, once forms take too much of people's time."""
    each, ceiling = facts.month / 60 / max(1, facts.members), house().settings.paperwork_ceiling
    organises = community.roles & {Role.FACILITATOR, Role.MENTOR}
    return (round(each), ceiling) if organises and each > ceiling else None


def _taken(met: list[Met], facts: Facts) -> list[dict[str, Any]]:
    """The last meetings, the latest first, with the names of those who took a part in them."""
    rows = []
    for meeting in [one for one in reversed(met) if one.took_place][:TAKEN_FROM]:
        names: dict[str, list[str]] = {}
        for one in facts.taken:
            if one.meeting_id == meeting.id:
                names.setdefault(one.role, []).append(one.name)
        rows.append({"meeting": meeting, "names": names})
    return rows


def _sharing(facts: Facts) -> float | None:
    led = Counter(one.person for one in facts.taken if one.role == FACILITATOR and not one.by_mentor)
    return figures.who_shares_leading(led, facts.held)


def _turns(who: Actor, community: CommunitySeen, facts: Facts, members: list[Member]) -> dict[str, Any]:
    """Who has not led yet, and who might be asked for the next meeting. Whoever would rather not be is not named."""
    often_enough = facts.held >= figures.HELD_BEFORE_TURNS
    free = facts.coming is not None and facts.coming.leader is None
    asked = figures.whose_turn(members) if often_enough and free else None
    not_led = figures.not_led_yet(members) if often_enough else []
    if asked is not None and asked.id == who.person_id:  # they are asked already
        not_led = [member for member in not_led if member.id != who.person_id]
    return {
        "often_enough": often_enough,
        "coming": facts.coming,
        "not_led": not_led[:NAMED],
        "asked": asked,
        "me_id": who.person_id,
        "i_wish_not": any(member.wishes_not for member in members if member.id == who.person_id),
        "may_lead": allows(community.roles, "meeting.lead_next"),
        "may_plan": allows(community.roles, "meeting.plan"),
    }


def _voices(who: Actor, facts: Facts, members: list[Member]) -> dict[str, Any]:
    balance = figures.balance(facts.brought, {member.id for member in members if member.is_active})
    return {
        "voices": gettext(VOICES[balance]) if balance else None,
        "mine": figures.share_of(who.person_id, facts.brought) if balance else None,
    }
