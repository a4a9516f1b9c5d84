"""Who may do what? One table of every route; a route that is not in it fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from lms_plc.actionitems.actions import record_action
from lms_plc.agreements.actions import add_norm, adopt_goal
from lms_plc.agreements.models import Goal
from lms_plc.board.actions import raise_issue
from lms_plc.board.forms import IssueForm
from lms_plc.classdata.actions import add_data_set, begin_talk
from lms_plc.classdata.tables import Column, Table, Use
from lms_plc.communities.consent import Proposal, open_round
from lms_plc.communities.memberships import Because, end, pause
from lms_plc.communities.models import PlacedLink, Placement
from lms_plc.core.activity import Reference
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, Role, load
from lms_plc.core.things import shown
from lms_plc.cycles.content import shipped as cycles
from lms_plc.cycles.forms import filled
from lms_plc.evidence.actions import keep_node
from lms_plc.files.actions import attach, take_in
from lms_plc.files.arrivals import Brought
from lms_plc.files.kinds import PNG
from lms_plc.innovations.actions import raise_card
from lms_plc.innovations.forms import CardForm
from lms_plc.journal.models import JournalEntry
from lms_plc.meetings.actions import plan_meeting
from lms_plc.meetings.agenda import put_on_agenda
from lms_plc.meetings.forms import MeetingForm
from lms_plc.meetings.models import AgendaItem
from lms_plc.minutes.actions import decide, write_minutes
from lms_plc.minutes.forms import MinutesForm
from lms_plc.moderation.models import ModerationCase
from lms_plc.people.models import Identity
from lms_plc.practicechanges.actions import keep_change
from lms_plc.protocols.actions import adapt
from lms_plc.protocols.content import shipped
from lms_plc.protocols.queries import ProtocolSeen
from lms_plc.running import actions as running
from lms_plc.running.forms import NoteForm
from lms_plc.series.models import SchoolHoliday
from lms_plc.sites.actions import Registration, add_platform
from lms_plc.sites.models import DeepLinkRequest
from lti.testing import PlatformInMemory
from tests.conftest import LaunchingLms, Visitor

TOOL = "https://plc.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
WATCHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"

NOBODY = "no seat"
STRANGER = "in another course, without a community"
NEIGHBOUR = "a member of another community"
PAUSED = "paused"
LEFT = "left"
MEMBER = "member"
MENTOR = "mentor by role"
FORMER_MENTOR = "mentor whose date has passed"
ADMIN = "LMS administrator"
FACILITATOR = "facilitator"
ELSEWHERE = "a member of a community of another LMS"
EVERYBODY = (
    *(NOBODY, STRANGER, NEIGHBOUR, PAUSED, LEFT, MEMBER, MENTOR, FORMER_MENTOR, ADMIN, FACILITATOR),
    ELSEWHERE,
)


def only(**allowed: int) -> dict[str, int]:
    """These people get this answer; others who are seated do not learn that there is anything; nobody gets 401."""
    named = {"member": MEMBER, "mentor": MENTOR, "stranger": STRANGER, "admin": ADMIN, "former_mentor": FORMER_MENTOR}
    named["facilitator"] = FACILITATOR
    said = {named[name]: code for name, code in allowed.items()}
    return _row(dict.fromkeys(EVERYBODY, 404) | {NOBODY: 401} | said) | said


def every(code: int, **others: int) -> dict[str, int]:
    named = {"neighbour": NEIGHBOUR, "member": MEMBER, "mentor": MENTOR, "nobody": NOBODY}
    return _row(dict.fromkeys(EVERYBODY, code) | {named[name]: other for name, other in others.items()})


def _row(said: dict[str, int]) -> dict[str, int]:
    """Who facilitates may what a mentor may; another LMS's people are neighbours, and nothing more."""
    return said | {FACILITATOR: said[MENTOR], ELSEWHERE: said[NEIGHBOUR]}


INSIDE = only(member=200, mentor=200)
DOES = only(member=303, mentor=303)
"""The thing belongs to somebody else inside; what a mentor may that a member may not is told below."""

OUTSIDE = dict.fromkeys((STRANGER, NEIGHBOUR, LEFT, PAUSED, ELSEWHERE), 404)
"""Who is not enrolled in the course."""

DESK = every(403)
"""The operator's desk is closed to everybody who comes from an LMS, whoever they are there."""

TABLE: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "web.static_file"): every(200),
    ("GET", "health.healthz"): every(200),
    ("GET", "metrics.figures"): every(404),
    ("GET", "lti.about"): every(200),
    ("GET", "lti.keys"): every(200),
    ("GET", "lti.register"): every(403),
    ("GET", "lti.register_by_link"): every(403),
    ("POST", "lti.register_by_link"): every(403),
    ("GET", "lti.login"): every(400),
    ("POST", "lti.login"): every(400),
    ("POST", "lti.launch"): every(400),
    ("POST", "lti.go_on"): every(400),
    ("POST", "lti.notices"): every(400),
    ("GET", "admin.entrance"): DESK,
    ("POST", "admin.enter"): DESK,
    ("POST", "admin.leave"): DESK,
    ("GET", "admin.overview"): DESK,
    ("GET", "admin.connect"): DESK,
    ("POST", "admin.make_link"): DESK,
    ("POST", "admin.withdraw_link"): DESK,
    ("GET", "admin.by_hand"): DESK,
    ("POST", "admin.register_by_hand"): DESK,
    ("GET", "admin.guide"): DESK,
    ("GET", "admin.registration"): DESK,
    ("POST", "admin.change_audience"): DESK,
    ("GET", "admin.removal"): DESK,
    ("POST", "admin.remove"): DESK,
    ("POST", "admin.approve"): DESK,
    ("POST", "admin.take_back"): DESK,
    ("GET", "explaining.ask"): DESK,
    ("POST", "explaining.find"): DESK,
    ("GET", "twins.pairs"): DESK,
    ("GET", "twins.pair"): DESK,
    ("POST", "twins.join"): DESK,
    ("POST", "twins.apart"): DESK,
    ("GET", "mapping.rules"): DESK,
    ("POST", "mapping.change_others"): DESK,
    ("GET", "mapping.new_rule"): DESK,
    ("POST", "mapping.add_rule"): DESK,
    ("GET", "mapping.rule"): DESK,
    ("POST", "mapping.change_rule"): DESK,
    ("POST", "mapping.move_rule"): DESK,
    ("GET", "mapping.removal"): DESK,
    ("POST", "mapping.remove_rule"): DESK,
    ("GET", "connection.check"): DESK,
    ("POST", "connection.change_token"): DESK,
    ("GET", "switches.show"): DESK,
    ("POST", "switches.change"): DESK,
    ("GET", "syncs.site"): DESK,
    ("POST", "syncs.ask"): DESK,
    ("POST", "syncs.ask_for_course"): DESK,
    ("GET", "syncs.run"): DESK,
    ("POST", "syncs.again"): DESK,
    ("GET", "syncs.communities"): DESK,
    ("POST", "syncs.keep_ticks"): DESK,
    ("POST", "syncs.apply"): DESK,
    ("POST", "syncs.go_on"): DESK,
    ("GET", "syncs.confirm_undo"): DESK,
    ("POST", "syncs.undo"): DESK,
    ("GET", "syncs.plan_as_json"): DESK,
    ("GET", "writing.site"): DESK,
    ("POST", "writing.look"): DESK,
    ("POST", "writing.withdraw"): DESK,
    ("GET", "writing.check"): DESK,
    ("GET", "writing.plan"): DESK,
    ("POST", "writing.keep_ticks"): DESK,
    ("POST", "writing.apply"): DESK,
    ("POST", "sites.new_window"): every(200, nobody=401),
    ("POST", "people.leave_seat"): every(200, nobody=401),
    ("GET", "people.kept"): every(200, nobody=401),
    ("GET", "searching.search_page"): every(200, nobody=401),
    ("GET", "communities.mine"): every(200, nobody=401, member=302, mentor=302, neighbour=302),
    ("GET", "founding.found"): every(303, nobody=401) | OUTSIDE,
    ("GET", "sites.waiting"): every(303, nobody=401) | OUTSIDE,
    ("GET", "sites.outside"): every(200, nobody=401) | OUTSIDE,
    ("POST", "founding.open_community"): every(403, nobody=401) | OUTSIDE,
    ("GET", "founding.size_form"): only(member=403, mentor=200),
    ("POST", "founding.set_size"): only(member=403, mentor=303),
    ("POST", "sites.take_up"): every(403, nobody=401) | OUTSIDE,
    ("GET", "sites.technical"): only(admin=200),
    ("GET", "classdata.data_list"): INSIDE,
    ("GET", "classdata.add_form"): INSIDE,
    ("POST", "classdata.look"): only(member=422, mentor=422),
    ("POST", "classdata.add"): only(member=422, mentor=422),
    ("GET", "classdata.data_set"): INSIDE,
    ("POST", "classdata.say"): only(member=422, mentor=422),
    ("POST", "classdata.look_without_guess"): DOES,
    ("POST", "classdata.begin"): DOES,
    ("POST", "classdata.tell"): only(member=403, mentor=403),
    ("GET", "classdata.conversation"): INSIDE,
    ("POST", "classdata.uncover"): only(member=403, mentor=303),
    ("POST", "classdata.meet"): DOES,
    ("POST", "classdata.decide"): only(member=422, mentor=422),
    ("POST", "classdata.withdraw"): only(member=403, mentor=303),
    ("GET", "classdata.pull_form"): only(member=200, mentor=200),
    ("POST", "classdata.ask_for_grades"): only(member=422, mentor=422),
    ("GET", "classdata.grade_pull"): only(),
    ("GET", "placed.by_hand"): every(200),
    ("GET", "placing.pick"): only(),
    ("POST", "placing.answer_choice"): only(),
    ("GET", "placing.completions"): only(member=200, mentor=200),
    ("POST", "placing.confirm_completion"): only(member=403, mentor=303),
    ("GET", "placing.done_by_form"): only(member=403, mentor=200),
    ("POST", "placing.change_what_counts"): only(member=403, mentor=303),
    ("GET", "opening.now"): DOES,
    ("GET", "opening.next_meeting"): DOES,
    ("GET", "opening.meeting"): DOES,
    ("GET", "opening.series"): DOES,
    ("GET", "opening.inquiry"): DOES,
    ("GET", "opening.data_set"): DOES,
    ("GET", "opening.data_conversation"): DOES,
    ("GET", "rhythm.rhythm_of"): INSIDE,
    ("POST", "rhythm.say_turn"): only(member=303, mentor=403, facilitator=303),
    ("GET", "communities.community_home"): INSIDE,
    ("POST", "communities.settled"): DOES,
    ("GET", "communities.member_list"): INSIDE,
    ("GET", "agreements.charter"): INSIDE,
    ("GET", "agreements.history"): INSIDE,
    ("GET", "agreements.charter_form"): INSIDE,
    ("POST", "agreements.save_charter"): DOES,
    ("GET", "agreements.founding_form"): INSIDE,
    ("POST", "agreements.save_founding"): DOES,
    ("GET", "agreements.norm"): INSIDE,
    ("POST", "agreements.review_norm"): DOES,
    ("POST", "agreements.end_norm"): DOES,
    ("GET", "agreements.propose_form"): INSIDE,
    ("POST", "agreements.propose"): only(member=422, mentor=422),
    ("GET", "agreements.past_rounds"): INSIDE,
    ("GET", "agreements.consent_round"): INSIDE,
    ("POST", "agreements.answer_round"): only(member=422, mentor=403, facilitator=422),
    ("POST", "agreements.adopt_round"): only(member=409, mentor=403, facilitator=409),
    ("POST", "agreements.withdraw_round"): only(member=403, mentor=303),
    ("GET", "agreements.goal"): INSIDE,
    ("POST", "agreements.close_goal"): only(member=422, mentor=422),
    ("GET", "board.issues"): INSIDE,
    ("GET", "board.new_issue"): INSIDE,
    ("POST", "board.raise_issue"): DOES,
    ("GET", "board.issue"): INSIDE,
    ("GET", "board.edit_form"): only(member=403, mentor=403),
    ("POST", "board.change_issue"): only(member=403, mentor=403),
    ("POST", "board.take_on"): DOES,
    ("POST", "board.let_go"): DOES,
    ("POST", "board.close"): only(member=422, mentor=422),
    ("POST", "board.reopen"): DOES,
    ("GET", "actionitems.action_list"): INSIDE,
    ("GET", "actionitems.mine"): every(200, nobody=401),
    ("GET", "actionitems.new_form"): INSIDE,
    ("POST", "actionitems.record"): DOES,
    ("GET", "actionitems.action"): INSIDE,
    ("POST", "actionitems.take_on"): DOES,
    ("POST", "actionitems.done"): only(member=403, mentor=303),
    ("POST", "actionitems.reopen"): only(member=403, mentor=303),
    ("POST", "actionitems.move"): only(member=403, mentor=422),
    ("POST", "actionitems.drop"): only(member=403, mentor=422),
    ("POST", "actionitems.hand_over"): only(member=403, mentor=303),
    ("GET", "inquiry.inquiry_list"): INSIDE,
    ("GET", "inquiry.open_form"): INSIDE,
    ("POST", "inquiry.begin"): only(member=422, mentor=422),
    ("GET", "inquiry.inquiry"): INSIDE,
    ("GET", "inquiry.stage"): INSIDE,
    ("GET", "inquiry.rounds"): INSIDE,
    ("GET", "inquiry.people"): INSIDE,
    ("POST", "inquiry.say"): DOES,
    ("POST", "inquiry.take_lead"): only(member=403, mentor=303),
    ("GET", "inquiry.own_words"): every(404, nobody=401),
    **{
        ("GET", f"inquiry.{view}"): only(member=403, mentor=403)
        for view in ("change_form", "note_form", "talk_form", "check_form", "opening", "round_end", "ending")
    },
    **{
        ("POST", f"inquiry.{view}"): only(member=403, mentor=403)
        for view in (
            *("change", "write_note", "change_note", "keep_thought", "tick", "enter", "leave", "skip", "let_read"),
            *("log_talk", "change_talk", "plan_evidence", "check_plan", "take_plan_back", "ask", "take_off"),
            "share_lead",
            *("leave_people", "open_to_community", "tell_school", "pause", "resume", "decide_round"),
            *("conclude", "drop"),
        )
    },
    ("GET", "practicechanges.change_list"): INSIDE,
    ("GET", "practicechanges.keep_form"): INSIDE,
    ("POST", "practicechanges.keep"): only(member=422, mentor=422),
    ("GET", "practicechanges.change"): INSIDE,
    ("GET", "practicechanges.edit_form"): only(member=403, mentor=403),
    ("POST", "practicechanges.edit"): only(member=403, mentor=403),
    ("POST", "practicechanges.add_try"): only(member=422, mentor=422),
    ("POST", "practicechanges.turn"): only(member=403, mentor=403),
    ("GET", "innovations.card_list"): INSIDE,
    ("GET", "innovations.new_card"): INSIDE,
    ("POST", "innovations.raise_card"): DOES,
    ("GET", "innovations.card"): INSIDE,
    ("POST", "innovations.note"): DOES,
    ("POST", "innovations.judge"): only(member=422, mentor=422),
    ("POST", "innovations.look_again"): only(member=422, mentor=422),
    ("GET", "library.happened"): INSIDE,
    ("GET", "evidence.nodes"): INSIDE,
    ("GET", "evidence.node"): INSIDE,
    ("GET", "evidence.keep_form"): INSIDE,
    ("POST", "evidence.keep"): only(member=422, mentor=422),
    ("GET", "evidence.claim_form"): INSIDE,
    ("POST", "evidence.state_claim"): only(member=422, mentor=422),
    ("GET", "evidence.change_form"): only(member=403, mentor=403),
    ("POST", "evidence.change"): only(member=403, mentor=403),
    ("GET", "evidence.remove_form"): only(member=403, mentor=403),
    ("POST", "evidence.remove"): only(member=403, mentor=403),
    ("POST", "evidence.check"): only(),  # it is a question, and neither evidence nor an outcome
    ("POST", "evidence.ask"): only(),
    ("POST", "evidence.review"): only(),
    ("POST", "evidence.let_stand"): only(member=403, mentor=403),
    ("POST", "evidence.withdraw"): only(member=403, mentor=403),
    ("GET", "evidence.links"): INSIDE,
    ("POST", "evidence.add_link"): only(member=422, mentor=422),
    ("POST", "evidence.remove_link"): DOES,
    ("GET", "evidence.graph"): INSIDE,
    ("GET", "meetings.meeting_list"): INSIDE,
    ("GET", "meetings.plan_form"): INSIDE,
    ("POST", "meetings.plan"): only(member=422, mentor=422),
    ("POST", "meetings.put_on_agenda"): only(),
    ("GET", "meetings.meeting"): INSIDE,
    ("GET", "meetings.change_form"): INSIDE,
    ("POST", "meetings.change"): only(member=422, mentor=422),
    ("POST", "meetings.say_state"): DOES,
    ("POST", "meetings.propose_item"): DOES,
    ("POST", "meetings.remove_item"): only(member=403, mentor=303),
    ("POST", "meetings.carry_over"): DOES,
    ("GET", "meetings.agenda_item"): INSIDE,
    ("POST", "meetings.change_item"): only(member=403, mentor=303),
    ("POST", "meetings.move_item"): DOES,
    ("POST", "meetings.say_outcome"): DOES,
    ("GET", "meetings.roles"): INSIDE,
    ("POST", "meetings.give_role"): DOES,
    ("POST", "meetings.take_role_back"): DOES,
    ("GET", "meetings.settle_form"): INSIDE,
    ("POST", "meetings.settle"): only(member=422, mentor=422),
    ("GET", "minutes.minutes_form"): INSIDE,
    ("POST", "minutes.write_minutes"): only(member=409, mentor=409),
    ("GET", "minutes.minutes_page"): INSIDE,
    ("GET", "minutes.printable"): INSIDE,
    ("POST", "minutes.answer"): only(member=422, mentor=403, facilitator=422),
    ("POST", "minutes.decide"): only(member=422, mentor=422),
    ("POST", "minutes.withdraw"): DOES,
    ("POST", "minutes.mark"): DOES,
    ("POST", "minutes.add_action"): only(member=422, mentor=422),
    ("GET", "minutes.version_form"): INSIDE,
    ("POST", "minutes.write_version"): only(member=422, mentor=422),
    ("GET", "running.begin_form"): INSIDE,
    ("POST", "running.begin"): only(member=422, mentor=422),
    ("GET", "running.run"): INSIDE,
    ("GET", "running.now"): INSIDE,
    ("POST", "running.steer"): only(member=403, mentor=422),
    ("POST", "running.take_role"): DOES,
    ("POST", "running.write_note"): only(member=422, mentor=422),
    ("GET", "running.change_form"): only(member=403, mentor=403),
    ("POST", "running.change"): only(member=403, mentor=403),
    ("POST", "running.remove"): only(member=403, mentor=403),
    ("POST", "running.give_pulse"): only(member=422, mentor=422),
    ("POST", "running.update_action"): only(member=403, mentor=422),
    ("GET", "meetings.calendar"): INSIDE,
    ("GET", "series.series_list"): INSIDE,
    ("GET", "series.plan_form"): INSIDE,
    ("POST", "series.plan"): only(member=422, mentor=422),
    ("GET", "series.show"): INSIDE,
    ("GET", "series.change_form"): INSIDE,
    ("POST", "series.change"): only(member=422, mentor=422),
    ("POST", "series.skip"): only(),  # a meeting of no series
    ("POST", "series.end"): DOES,
    ("GET", "series.calendar"): INSIDE,
    ("POST", "series.add"): only(member=422, mentor=422),
    ("POST", "series.read_file"): only(member=422, mentor=422),
    ("GET", "series.take_over"): only(),
    ("POST", "series.remove"): DOES,
    ("GET", "feeds.my_calendar"): every(200, nobody=401),
    ("POST", "feeds.make"): every(200, nobody=401),
    ("POST", "feeds.end"): every(303, nobody=401),
    ("GET", "feeds_open.feed"): every(404),
    ("GET", "protocols.protocol_list"): INSIDE,
    ("GET", "protocols.protocol"): INSIDE,
    ("GET", "protocols.print_protocol"): INSIDE,
    ("GET", "protocols.adapt_form"): INSIDE,
    ("POST", "protocols.adapt"): only(member=422, mentor=422),
    ("POST", "protocols.use"): DOES,
    ("GET", "protocols.change_form"): INSIDE,
    ("POST", "protocols.change"): only(member=422, mentor=422),
    ("GET", "protocols.history"): INSIDE,
    ("POST", "protocols.retire"): DOES,
    ("POST", "protocols.bring_back"): DOES,
    ("GET", "cycles.cycle_list"): INSIDE,
    ("GET", "cycles.shipped_cycle"): INSIDE,
    ("GET", "cycles.print_shipped"): INSIDE,
    ("GET", "cycles.cycle"): INSIDE,
    ("GET", "cycles.print_cycle"): INSIDE,
    ("GET", "cycles.adapt_form"): INSIDE,
    ("POST", "cycles.adapt"): only(member=422, mentor=422),
    ("GET", "cycles.change_form"): INSIDE,
    ("POST", "cycles.change"): only(member=422, mentor=422),
    ("GET", "cycles.history"): INSIDE,
    ("POST", "cycles.retire"): DOES,
    ("POST", "cycles.bring_back"): DOES,
    # somebody else's, who has asked nobody to read it
    ("POST", "portfolios.begin"): only(member=403, mentor=403),
    ("GET", "portfolios.portfolio"): only(),
    ("GET", "portfolios.print_portfolio"): only(),
    ("GET", "portfolios.item_choices"): only(),
    ("GET", "portfolios.item_form"): only(),
    ("POST", "portfolios.choose"): only(),
    ("POST", "portfolios.take_out"): only(),
    ("POST", "portfolios.move"): only(),
    ("GET", "portfolios.foreword_form"): only(),
    ("POST", "portfolios.foreword"): only(),
    ("POST", "portfolios.submit"): only(),
    ("POST", "portfolios.take_back"): only(),
    ("GET", "portfolios.readers_form"): only(),
    ("POST", "portfolios.ask_readers"): only(),
    ("POST", "portfolios.withdraw_reader"): only(),
    ("POST", "portfolios.review"): only(),
    ("POST", "portfolios.withdraw_approval"): only(),
    ("GET", "attendance.show"): INSIDE,
    ("POST", "attendance.tick"): only(member=403, mentor=303),
    ("POST", "attendance.type_code"): only(member=422, mentor=422),
    ("POST", "attendance.make_code"): only(member=403, mentor=303),
    ("POST", "attendance.say_own"): DOES,
    ("GET", "sheets.sheet"): INSIDE,
    ("GET", "sheets.enter_form"): only(member=403, mentor=403),  # it has not begun
    ("POST", "sheets.add_photos"): only(member=403, mentor=403),
    ("POST", "sheets.enter"): only(member=403, mentor=403),
    ("GET", "files.seen"): INSIDE,
    ("GET", "files.content"): INSIDE,
    ("GET", "files.small"): INSIDE,
    ("POST", "files.preview"): every(200, nobody=401),
    ("GET", "notifications.inbox"): every(200, nobody=401),
    ("GET", "notifications.open_line"): only(),
    ("POST", "notifications.mark_read"): only(),
    ("POST", "notifications.mark_all_read"): every(303, nobody=401),
    ("GET", "notifications.to"): only(member=303, mentor=303),
    ("GET", "notifications.settings"): every(200, nobody=401),
    ("POST", "notifications.save_settings"): every(303, nobody=401),
    ("POST", "notifications.save_address"): every(303, nobody=401),
    ("GET", "mailed.to"): every(303, nobody=200),
    ("GET", "mailed.settings"): every(303, nobody=200),
    ("GET", "mailed.less_form"): every(404),
    ("POST", "mailed.less"): every(404),
    ("GET", "mailed.confirm_form"): every(404),
    ("POST", "mailed.confirm"): every(404),
    ("GET", "schoolnews.my_school"): every(200, nobody=401),
    ("GET", "schoolnews.told"): INSIDE,
    ("GET", "schoolnews.item_form"): INSIDE,
    ("POST", "schoolnews.tell"): only(member=422, mentor=422),
    ("GET", "schoolnews.item"): only(),
    ("POST", "schoolnews.withdraw"): only(),
    ("GET", "discussions.topic_list"): INSIDE,
    ("GET", "discussions.post"): only(member=302, mentor=302),
    ("POST", "discussions.mark_all_read"): DOES,
    ("POST", "discussions.share_aha"): DOES,
    ("GET", "discussions.print_topic"): INSIDE,
    ("POST", "discussions.follow"): DOES,
    ("POST", "discussions.mark_answer"): only(member=403, mentor=303),
    ("GET", "discussions.pin_form"): only(member=403, mentor=200),
    ("POST", "discussions.pin"): only(member=403, mentor=303),
    ("GET", "discussions.close_form"): only(member=403, mentor=200),
    ("POST", "discussions.close"): only(member=403, mentor=303),
    ("GET", "discussions.move_form"): only(member=403, mentor=200),
    ("POST", "discussions.move"): only(member=403, mentor=422),  # it is not said where to
    ("GET", "discussions.merge_form"): only(member=403, mentor=200),
    ("POST", "discussions.merge"): only(member=403, mentor=422),
    ("GET", "discussions.split_form"): only(member=403, mentor=302),  # the conversation begins with that post
    ("POST", "discussions.split"): only(member=403, mentor=303),
    ("GET", "discussions.new_topic"): INSIDE,
    ("POST", "discussions.start_topic"): DOES,
    ("GET", "discussions.topic"): INSIDE,
    ("POST", "discussions.write_post"): DOES,
    ("POST", "discussions.keep_draft"): only(member=204, mentor=204),
    ("GET", "discussions.post_history"): INSIDE,
    ("POST", "discussions.react"): DOES,
    ("GET", "discussions.edit_form"): only(member=403, mentor=403),
    ("POST", "discussions.edit_post"): only(member=403, mentor=403),
    ("GET", "discussions.delete_form"): only(member=403, mentor=200),
    ("GET", "leaving.leave_form"): INSIDE,
    ("POST", "leaving.leave"): DOES,
    ("GET", "sites.left"): only(member=303, facilitator=303),
    ("POST", "sites.come_back_in"): only(member=303, facilitator=303),
    ("GET", "feedback.requests"): INSIDE,
    ("GET", "feedback.request_form"): INSIDE,
    ("POST", "feedback.ask"): only(member=422, mentor=422),
    ("GET", "feedback.request"): only(),
    ("POST", "feedback.answer"): only(),
    ("POST", "feedback.decline"): only(),
    ("POST", "feedback.close"): only(),
    ("GET", "visits.visit_list"): INSIDE,
    ("GET", "visits.propose_form"): INSIDE,
    ("POST", "visits.propose"): only(member=422, mentor=422),
    ("GET", "visits.visit"): only(),
    ("POST", "visits.agree"): only(),
    ("POST", "visits.decline"): only(),
    ("POST", "visits.plan"): only(),
    ("POST", "visits.cancel"): only(),
    ("POST", "visits.bring"): only(),
    ("POST", "visits.step_back"): only(),
    ("GET", "visits.notes"): only(),
    ("POST", "visits.write_note"): only(),
    ("POST", "visits.take_out"): only(),
    ("POST", "visits.debrief"): only(),
    ("GET", "visits.talk"): only(),
    ("POST", "visits.report"): only(),
    ("POST", "visits.keep"): only(),
    ("POST", "visits.share"): only(),
    ("GET", "visits.sheet"): only(),
    ("GET", "journal.entries"): every(200, nobody=401),
    ("GET", "journal.new_entry"): every(200, nobody=401),
    ("POST", "journal.write_entry"): every(422, nobody=401, member=303, mentor=303),
    ("GET", "journal.entry"): only(),
    ("GET", "journal.edit_form"): only(),
    ("POST", "journal.change_entry"): only(),
    ("GET", "journal.delete_form"): only(),
    ("POST", "journal.delete_entry"): only(),
    ("GET", "journal.share_form"): only(),
    ("POST", "journal.share_part"): only(),
    ("GET", "journal.withdraw_form"): only(),
    ("POST", "journal.withdraw_part"): only(),
    ("GET", "journal.voice"): only(),
    ("GET", "journal.release_form"): only(),
    ("POST", "journal.release_part"): only(),
    ("GET", "journal.part"): INSIDE,
    ("GET", "journal.take_back_form"): only(member=403, mentor=403),
    ("POST", "journal.take_back"): only(member=403, mentor=403),
    ("GET", "journal.concern_form"): only(),
    ("POST", "journal.keep_concern"): only(),
    ("GET", "journal.link_form"): only(),
    ("POST", "journal.link_change"): only(),
    ("GET", "journal.download_form"): every(200, nobody=401),
    ("POST", "journal.download"): every(422, nobody=401),
    ("GET", "moderation.report_form"): INSIDE,
    ("POST", "moderation.report"): DOES,
    ("GET", "moderation.mine"): every(200, nobody=401),
    ("GET", "moderation.cases"): only(member=403, mentor=200),
    ("GET", "moderation.case"): only(mentor=200),
    ("POST", "moderation.decide"): only(mentor=303),
    ("POST", "moderation.answer_case"): only(mentor=403),
    ("POST", "discussions.delete_post"): only(member=403, mentor=303),
    ("GET", "library.item_list"): INSIDE,
    ("GET", "library.lunchroom"): INSIDE,
    ("GET", "library.choose"): INSIDE,
    ("GET", "library.new_story"): INSIDE,
    ("GET", "library.new_item"): INSIDE,
    ("POST", "library.add_item"): DOES,
    ("GET", "library.item"): INSIDE,
    ("GET", "library.history"): INSIDE,
    ("GET", "library.adapt_form"): INSIDE,
    ("POST", "library.adapt_item"): DOES,
    ("POST", "library.try_item"): DOES,
    ("GET", "library.edit_form"): only(member=403, mentor=403),
    ("POST", "library.change_item"): only(member=403, mentor=403),
    ("GET", "library.delete_form"): only(member=403, mentor=403),
    ("POST", "library.delete_item"): only(member=403, mentor=403),
    ("GET", "library_open.item"): every(404),
    ("GET", "library_open.file"): every(404),
    ("GET", "profiles.me"): every(200, nobody=401),
    ("POST", "profiles.write"): every(303, nobody=401),
    ("GET", "profiles.profile"): INSIDE,
    ("POST", "profiles.block"): DOES,
    ("POST", "profiles.unblock"): DOES,
    ("GET", "messages.thread_list"): every(200, nobody=401),
    ("GET", "messages.choose"): every(200, nobody=401),
    ("GET", "messages.compose"): every(404, nobody=401),
    ("POST", "messages.begin"): every(404, nobody=401),
    ("GET", "messages.thread"): only(),
    ("POST", "messages.write"): only(),
    ("POST", "messages.mute"): only(),
    ("GET", "messages.leave_form"): only(),
    ("POST", "messages.leave"): only(),
    ("POST", "messages.block"): only(),
    ("GET", "peers.search"): every(200, nobody=401),
    ("GET", "peers.hello_form"): only(),
    ("POST", "peers.say_hello"): only(),
    ("POST", "peers.accept"): only(),
    ("POST", "peers.let_rest"): only(),
    ("POST", "peers.answer_offer"): every(303, nobody=401),
}


@dataclass
class Town:
    """One of everybody, and one of everything."""

    app: Any
    circle: Any
    people: dict[str, Any]
    values: dict[str, Any]

    def ask(self, who: str, method: str, endpoint: str) -> int:
        rule = next(r for r in self.app.url_map.iter_rules(endpoint) if method in (r.methods or ()))
        person = self.people[who]
        seat = person.seat or "abcdefgh"
        with self.app.test_request_context(base_url=TOOL):
            path = self.app.url_for(endpoint, _method=method, **self.needed(rule, seat))
        path = path.removeprefix(TOOL)
        if method == "GET":
            return int(person.client.get(path, base_url=TOOL).status_code)
        form: dict[str, Any] = {
            "title": "T",
            "line": "L",
            "body": "B",
            "purpose": "aha",
            "form_key": "k" * 24,
            "reaction": "tried",
            "charter": "C",
            "based_on": "0",
            "name": "N",
            "text": "D",
            "person_id": str(self.circle.person("2")),
            "done": "yes",
            "step": "talked",
            "about": "A",
            "language": "en",
            "licence": "cc-by",
            "audience": "community",
            "community_id": str(self.circle.id),
            "which": "own",
            "channel": "mail",
            "address": "me@example.org",
            "parts": "communities.community_home",
            "outcome": "nothing that is one",
        }
        if person.seat:
            form["key"] = f"{self.person_id(who)}/topic:{self.values['topic_id']}"
            form["csrf_token"] = person.token()
        headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
        return int(person.client.post(path, data=form, base_url=TOOL, headers=headers).status_code)

    def needed(self, rule: Rule, seat: str) -> dict[str, Any]:
        return {name: value for name, value in {**self.values, "seat": seat}.items() if name in rule.arguments}

    def person_id(self, who: str) -> UUID:
        person = self.people[who]
        with self.circle.house.database.read() as connection:
            asked = select(Identity.person_id).where(
                Identity.site_id == person.lms.site_id, Identity.subject == self.people_subjects[who]
            )
            return connection.execute(asked).scalar_one()

    @property
    def people_subjects(self) -> dict[str, str]:
        return {who: str(30 + number) for number, who in enumerate(EVERYBODY[1:])}


def another_lms(house: Any, clock: Any, edge: Any) -> LaunchingLms:
    """Its people have the same numbers as ours."""
    platform = PlatformInMemory(issuer="https://canvas.example.org", client_id="plc-there", tool_url=TOOL, clock=clock)
    known = platform.registration
    addresses = (known.issuer, known.client_id, known.auth_url, known.token_url, known.jwks_url)
    with house.database.write() as session:
        site_id = add_platform(
            session, "canvas", Registration(*addresses, deployment_id="1"), clock(), allow_http=False
        )
    edge.get(known.jwks_url, json=platform.fetch(known.jwks_url))
    return LaunchingLms(platform, house, site_id)


def placed_by_the_facilitator(circle: Any, course_id: UUID, house: Any) -> UUID:
    link = PlacedLink(
        id=new_id(),
        course_id=course_id,
        part="communities.community_home",
        title="Ours",
        counts=True,
        placed_by=circle.person("1"),
        created_at=house.clock(),
    )
    with house.database.write() as session:
        session.add(link)
        session.flush()
        return link.id


def choice_of_the_facilitator(circle: Any, stored: Any) -> UUID:
    """Known to nobody else; what the facilitator may do with it is told beside the choice itself."""
    circle.facilitator.choose("1")
    return UUID(str(stored(select(DeepLinkRequest.id))[0].id))


def picture_on(circle: Any, post_id: UUID, house: Any) -> UUID:
    """Attached by the facilitator; large enough to have a small one beside it."""
    who = Actor(circle.person("1"), circle.site_id, "", house.clock())
    brought = Brought("board.png", PNG, b"large", b"small", 600, 400)
    with house.database.write() as session:
        community = load(session.connection(), who, "community", circle.id, "community.read")
        file_id = take_in(session, who, community, brought, quota=100)
        attach(session, who, [file_id], Reference("post", post_id))
    return file_id


def between_two(circle: Any) -> dict[str, UUID]:
    """A question and a visit of the facilitator's and the first member's; nobody of the table has a part in them."""
    to = str(circle.person("2"))
    question = {"question": "Q", "people": to, "form_key": "f" * 24}
    asked = circle.facilitator.post(f"{circle.home}/feedback/new", question)
    visit = {"kind": "peer_observation", "host_id": to, "focus": "F", "form_key": "v" * 24}
    proposed = circle.facilitator.post(f"{circle.home}/visits/new", visit)
    return {
        "feedback_request_id": UUID(asked.location[-36:]),
        "visit_id": UUID(proposed.location[-36:]),
        "observation_note_id": circle.site_id,
    }


def talk_of_others(circle: Any) -> UUID:
    """Nobody of the table is in it."""
    to = str(circle.person("1"))
    answer = circle.member.post("/messages/write", {"to": to, "body": "B", "form_key": "k" * 24})
    return UUID(answer.location.partition("/messages/")[2][:36])


def reported_by_a_member(circle: Any, post_id: UUID, stored: Any) -> UUID:
    """A case about the facilitator's own words: somebody else who leads decides."""
    circle.member.post(f"/report/post/{post_id}", {"text": "It hurt."})
    return UUID(str(stored(select(ModerationCase.id))[0].id))


def on_the_shelf(circle: Any) -> UUID:
    """Put there by the facilitator, for their own community."""
    form = {"title": "T", "about": "A", "language": "en", "licence": "cc-by", "audience": "community"}
    answer = circle.facilitator.post(f"{circle.home}/resources/new", {**form, "form_key": "l" * 24})
    return UUID(urlsplit(answer.location).path.rpartition("/")[2])


def page_of_the_facilitator(circle: Any, stored: Any) -> dict[str, UUID]:
    """What somebody wrote for themselves; nobody else opens it, whoever they are. A part of it is for the community."""
    circle.facilitator.post("/journal/new", {"text": "Mine", "form_key": "j" * 24})
    entry = UUID(str(stored(select(JournalEntry.id))[0].id))
    form = {"text": "Ours", "community_id": str(circle.id), "audience": "community", "form_key": "j" * 24}
    part = circle.facilitator.post(f"/journal/{entry}/release", form)
    return {"entry_id": entry, "part_id": UUID(urlsplit(part.location).path.rpartition("/")[2])}


def agreed_and_planned(circle: Any, house: Any) -> dict[str, UUID]:
    """A round, a norm, a goal, an issue, and a meeting that will speak of it; the facilitator's, all of them."""
    who = Actor(circle.person("1"), circle.site_id, "Person 1", house.clock())
    with house.database.write() as session:
        connection = session.connection()
        community = load(connection, who, "community", circle.id, "community.read")
        rounds = [open_round(session, who, community, Proposal("goal", "G"), new_id().hex) for _ in range(2)]
        norm = add_norm(session, who, community, "We listen.")
        adopt_goal(session, who, community, load(connection, who, "consent_round", rounds[0], "community.read"))
        goal = session.execute(select(Goal.id)).scalar_one()
        issue = raise_issue(session, who, community, IssueForm(title="Printer", form_key=new_id().hex))
        form = MeetingForm(title="M", day="2027-01-01", starts="14:00", ends="15:00")  # type: ignore[arg-type]
        meeting = plan_meeting(session, who, community, form, ZoneInfo("UTC"))
        reference = Reference("issue", issue)
        thing = shown(connection, who, [reference])[reference]
        put_on_agenda(session, who, community, thing, new_id().hex)
        item = session.execute(select(AgendaItem.id)).scalar_one()
        held = load(connection, who, "meeting", meeting, "meeting.write_minutes")
        write_minutes(session, who, held, MinutesForm(body="M", based_on=0), "en")
        decision = decide(session, who, held, "D")
        place = {"community_id": circle.id, "site_id": circle.site_id, "origin": Reference("meeting", meeting)}
        key = {"form_key": new_id().hex}
        action = record_action(session, who, **place, text="A", owner_id=who.person_id, due=None, **key)
        node = keep_node(session, who, **place, kind="Question", text="Why?", author_id=who.person_id, **key)
        change = keep_change(session, who, **place, what="W", seal=house.seal, **key)
        card = raise_card(session, who, community, CardForm(title="N", form_key=new_id().hex))
        table = Table(("8a",), (28,), (Column("Points", Use.MEAN),), ((7.0,),))
        about: dict[str, Any] = {"question": "Q", "source": "", "day": who.at.date(), "came": "paste", **key}
        data_set = add_data_set(session, who, community_id=circle.id, site_id=circle.site_id, table=table, **about)
        talk = begin_talk(session, who, load(connection, who, "data_set", data_set, "data_set.talk"), key["form_key"])
    return {
        "practice_change_id": change,
        "innovation_id": card,
        "data_set_id": data_set,
        "data_conversation_id": talk,
        "action_item_id": action,
        "node_id": node,
        "round_id": rounds[1],
        "norm_id": norm,
        "goal_id": goal,
        "issue_id": issue,
        "meeting_id": meeting,
        "agenda_item_id": item,
        "decision_id": decision,
        "language": "mk",
    }


def adapted_by_the_facilitator(circle: Any, house: Any) -> UUID:
    known = shipped()["useful_flop"]
    who = Actor(circle.person("1"), circle.site_id, "", house.clock())
    with house.database.write() as session:
        community = load(session.connection(), who, "community", circle.id, "protocol.adapt")
        origin = ProtocolSeen(known.id, known.version, known.content)
        return adapt(session, who, community, origin, known.content, "k" * 24)


def told_by_the_facilitator(circle: Any, stored: Any) -> dict[str, Any]:
    """A project its community knows of, with a portfolio for which nobody was asked, and a way of working of their
    own."""
    form = {"title": "P", "cycle": "tldw", "form_key": "p" * 24}
    begun = circle.facilitator.post(f"{circle.home}/projects/new", form).location
    project = UUID(begun.partition("/projects/")[2][:36])
    circle.facilitator.post(f"/projects/{project}/open", {})
    portfolio = circle.facilitator.post(f"/projects/{project}/portfolio", {}).location
    copy = {**filled(cycles()["tldw"].content), "form_key": "w" * 24}
    adapted = circle.facilitator.post(f"{circle.home}/cycles/tldw/adapt", copy).location
    return {
        "inquiry_id": project,
        "portfolio_id": UUID(portfolio.rpartition("/")[2]),
        "review_id": circle.site_id,
        "cycle_id": UUID(adapted.rpartition("/")[2]),
        "cycle_key": "tldw",
    }


def talked_through(circle: Any, house: Any) -> dict[str, UUID]:
    """A protocol under way in a meeting of its own, and what the facilitator wrote in it."""
    who = Actor(circle.person("1"), circle.site_id, "", house.clock())
    with house.database.write() as session:
        connection = session.connection()
        community = load(connection, who, "community", circle.id, "meeting.plan")
        form = MeetingForm(title="R", day="2027-01-02", starts="14:00", ends="15:00")  # type: ignore[arg-type]
        meeting_id = plan_meeting(session, who, community, form, ZoneInfo("UTC"))
        known = shipped()["useful_flop"]
        origin = ProtocolSeen(known.id, known.version, known.content)
        meeting = load(connection, who, "meeting", meeting_id, "run.begin")
        run_id = running.begin(session, who, meeting, origin, new_id().hex)
        run = load(connection, who, "run", run_id, "run.steer")
        note = NoteForm(id=new_id(), step=0, text="N")
        running.write_note(session, who, run, note, house.seal, house.clock().date())
    return {"protocol_run_id": run_id, "note_id": note.id}


def led_by_the_facilitator(circle: Any) -> dict[str, Any]:
    """A project its community knows of, at a stage it reads."""
    form = {"title": "P", "cycle": "inquiry_spiral", "form_key": "p" * 24}
    begun = circle.facilitator.post(f"{circle.home}/projects/new", form)
    inquiry_id = UUID(urlsplit(begun.location).path.split("/")[-3])
    circle.facilitator.post(f"/projects/{inquiry_id}/open", {"shown": "1-scan"})
    things = dict.fromkeys(("talk_id", "plan_id", "inquiry_note_id"), inquiry_id)
    return {"inquiry_id": inquiry_id, "stage": "scan", "number": 0, **things}


def said_once_for_all(circle: Any, stored: Any) -> dict[str, UUID]:
    """Regular meetings, and a break they leave out."""
    when = {"every": "week", "weekday": "2", "first": "2030-01-02", "starts": "14:00", "minutes": "60"}
    series = circle.facilitator.post(f"{circle.home}/series/new", {"title": "S", **when, "form_key": "r" * 24})
    circle.facilitator.post(f"{circle.home}/holidays", {"name": "H", "first_day": "2030-04-01"})
    series_id = UUID(urlsplit(series.location).path.rpartition("/")[2])
    return {"series_id": series_id, "holiday_id": stored(select(SchoolHoliday.id))[0].id}


@pytest.fixture
def town(
    app: Any, circle: Any, stored: Any, house: Any, clock: Any, first_post: Callable[[UUID], UUID], edge: Any
) -> Town:
    topic = circle.start(circle.facilitator)
    course = stored(select(Placement.course_id))[0].course_id
    placed = placed_by_the_facilitator(circle, course, house)
    values = {
        "name": "plc.css",
        "request_id": choice_of_the_facilitator(circle, stored),
        "notification_id": circle.site_id,
        "token": "t" * 48,
        "secret": "s" * 43,
        "link": "l" * 43,
        "family": "moodle",
        **dict.fromkeys(
            (
                "pull_id",
                "platform_id",
                "deployment",
                "site_id",
                "run_id",
                "rule_id",
                "person_id",
                "other_id",
                "plan_id",
            ),
            circle.site_id,
        ),
        "link_id": placed,
        "person_id": circle.person("1"),
        "thread_id": talk_of_others(circle),
        "hello_id": circle.site_id,
        **agreed_and_planned(circle, house),
        **led_by_the_facilitator(circle),
        **said_once_for_all(circle, stored),
        **talked_through(circle, house),
        **between_two(circle),
        "community_id": circle.id,
        "room": "resources",
        "item_id": on_the_shelf(circle),
        "kind": "post",
        "thing_id": first_post(topic),
        "case_id": reported_by_a_member(circle, first_post(topic), stored),
        **page_of_the_facilitator(circle, stored),
        "voice_id": circle.site_id,
        "course_id": course,
        "topic_id": topic,
        "post_id": first_post(topic),
        "file_id": picture_on(circle, first_post(topic), house),
        "key": "useful_flop",
        "protocol_id": adapted_by_the_facilitator(circle, house),
        **told_by_the_facilitator(circle, stored),
    }
    people = {NOBODY: circle.visitor()}
    town = Town(app, circle, people, values)
    launches: dict[str, dict[str, Any]] = {
        STRANGER: {"course": "8"},
        NEIGHBOUR: {"course": "9", "roles": [INSTRUCTOR]},
        PAUSED: {},
        LEFT: {},
        MEMBER: {},
        MENTOR: {"roles": [WATCHER]},
        FORMER_MENTOR: {"roles": [WATCHER]},
        ADMIN: {"roles": [ADMINISTRATOR, INSTRUCTOR]},
        FACILITATOR: {},
    }
    for who, how in launches.items():
        people[who] = circle.joined(town.people_subjects[who], **how)
    neighbour = people[NEIGHBOUR]
    neighbour.post(neighbour.launch("31", **launches[NEIGHBOUR]).location, {"name": "Next door"})
    elsewhere = people[ELSEWHERE] = Visitor(another_lms(house, clock, edge), app.test_client())
    found = elsewhere.launch(town.people_subjects[ELSEWHERE], roles=[INSTRUCTOR]).location
    elsewhere.post(found, {"name": "Far away"})
    subject = town.people_subjects
    circle.give_role(subject[FACILITATOR], Role.FACILITATOR)
    circle.give_role(subject[MENTOR], Role.MENTOR, until=clock() + timedelta(days=1))
    circle.give_role(subject[FORMER_MENTOR], Role.MENTOR, until=clock() + timedelta(minutes=1))
    clock.move(minutes=1)
    because = Because(clock(), "sync")
    with house.database.write() as session:
        pause(session, circle.site_id, circle.id, [circle.person(subject[PAUSED])], because)
        end(session, circle.site_id, circle.id, [circle.person(subject[LEFT])], because)
        from lms_plc.sites.models import Enrolment

        for who, state in ((PAUSED, "suspended"), (LEFT, "gone")):
            session.execute(
                Enrolment.__table__.update()  # type: ignore[attr-defined]
                .where(Enrolment.person_id == circle.person(subject[who]))
                .values(state=state)
            )
    return town


def routes(app: Any) -> set[tuple[str, str]]:
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_its_row_and_every_row_its_route(app: Any) -> None:
    assert routes(app) == set(TABLE)
    assert all(set(row) == set(EVERYBODY) for row in TABLE.values())


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_gets_what_the_table_says(town: Town, who: str) -> None:
    # what removes the thing, and then the seat itself, comes last
    last = ("meetings.remove_item", "discussions.delete_post", "leaving.leave", "people.leave_seat")
    order = sorted(TABLE, key=lambda row: (row[0] == "POST", last.index(row[1]) if row[1] in last else -1))
    said = {row: town.ask(who, *row) for row in order}
    assert said == {row: TABLE[row][who] for row in order}


def test_a_thing_that_is_not_there_looks_the_same_as_one_that_may_not_be_known(town: Town) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    for path, real in (
        ("/communities/{}", town.values["community_id"]),
        ("/topics/{}", town.values["topic_id"]),
        ("/posts/{}/history", town.values["post_id"]),
        ("/placed/{}/completions", town.values["link_id"]),
    ):
        stranger = town.people[STRANGER]
        answers = [stranger.get(path.format(thing)) for thing in (nowhere, real)]
        pages = [page.text.split("reference")[0] for page in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert pages[0] == pages[1]
        assert town.people[MEMBER].get(path.format(real)).status_code == 200


def test_an_author_who_is_out_has_no_right_left_over_their_own_words(town: Town, house: Any) -> None:
    circle = town.circle
    topic = circle.start(town.people[MEMBER], body="Mine")
    with house.database.write() as session:
        subject = circle.person(town.people_subjects[MEMBER])
        end(session, circle.site_id, circle.id, [subject], Because(house.clock(), "sync"))
    assert town.people[MEMBER].get(f"/topics/{topic}").status_code == 404
    assert "Mine" in circle.facilitator.get(f"/topics/{topic}").text
