"""What does this tool keep about somebody? Counted in every table that points at them, whichever room it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Table, func, literal, select, union_all

from lms_plc.core.database import Row
from lms_plc.people.models import Person
from lms_plc.web.i18n import N_

LABELS: Mapping[str, str] = {
    "plc_identity.person_id": N_("How your learning platform knows you (a number)"),
    "plc_seat.person_id": N_("Sittings at a browser, forgotten after 30 days"),
    "plc_enrolment.person_id": N_("Courses you are or were in"),
    "plc_membership.person_id": N_("Communities you are or were in"),
    "plc_role_assignment.person_id": N_("Roles you were given"),
    "plc_role_assignment.assigned_by": N_("Roles you gave"),
    "plc_topic.author_id": N_("Conversations you began"),
    "plc_topic.closed_by_id": N_("Conversations you closed"),
    "plc_topic_follow.person_id": N_("Conversations you follow or muted"),
    "plc_post.author_id": N_("Posts you wrote"),
    "plc_post.deleted_by_id": N_("Posts you took back"),
    "plc_reaction.person_id": N_("Reactions you gave"),
    "plc_read_mark.person_id": N_("How far you have read"),
    "plc_draft.person_id": N_("Drafts only you can see"),
    "plc_placed_link.placed_by": N_("Activities you placed in a course"),
    "plc_deep_link_request.person_id": N_("Choices for a course you have not finished"),
    "plc_completion.person_id": N_("Whether you are done with an activity"),
    "plc_completion.confirmed_by": N_("Completions you confirmed"),
    "plc_kept_apart.person_id": N_("Notes that you are not somebody of a similar name"),
    "plc_kept_apart.other_id": N_("Notes that somebody of a similar name is not you"),
    "plc_write_thing.person_id": N_("Messages this tool sent you in your learning platform"),
    "plc_write_member.person_id": N_("Cohorts and groups of your learning platform this tool put you in"),
    "plc_search_entry.author_id": N_("Things you wrote that can be searched for"),
    "plc_audience_person.person_id": N_("Things somebody chose you as a reader of"),
    "plc_profile.person_id": N_("What you say of yourself to your colleagues"),
    "plc_person_school.person_id": N_("Schools you named"),
    "plc_person_subject.person_id": N_("Subjects you named"),
    "plc_person_language.person_id": N_("Languages you named"),
    "plc_block.person_id": N_("People you blocked"),
    "plc_block.blocked_id": N_("People who blocked you"),
    "plc_connection.person_id": N_("Colleagues elsewhere you said hello to, and who answered"),
    "plc_connection.other_id": N_("Colleagues elsewhere whose hello you answered"),
    "plc_hello.person_id": N_("Hellos you said to colleagues elsewhere"),
    "plc_hello.other_id": N_("Hellos colleagues elsewhere said to you"),
    "plc_peer_offer.person_id": N_("Offers to meet a colleague elsewhere, seen by you alone"),
    "plc_last_contact.person_id": N_("The day you were last here, shown to nobody"),
    "plc_message_participant.person_id": N_("Talks by message you are or were in"),
    "plc_message.author_id": N_("Messages you wrote"),
    "plc_journal_entry.person_id": N_("Pages of your notebook, which only you can read"),
    "plc_released_part.author_id": N_("Parts of your notebook you let others read"),
    "plc_moderation_case.author_id": N_("Reports about something you wrote"),
    "plc_moderation_case.decided_by_id": N_("Reports you decided about"),
    "plc_report.person_id": N_("Reports you made"),
    "plc_case_step.person_id": N_("What you said or decided about a report"),
    "plc_notification.person_id": N_("Lines of your inbox"),
    "plc_notification.actor_id": N_("Lines of others’ inboxes that tell what you did"),
    "plc_mail_choice.person_id": N_("How you want to be reached"),
    "plc_mail_pace.person_id": N_("How often you want to hear from a community"),
    "plc_mail_address.person_id": N_("A mail address you have not confirmed yet"),
    "plc_digest.person_id": N_("Letters to you, without their words once they are sent"),
    "plc_digest_mark.person_id": N_("Up to when you were told what is new"),
    "plc_school_item.author_id": N_("School news you wrote"),
    "plc_file.owner_id": N_("Files and pictures you attached"),
    "plc_charter_version.written_by": N_("Versions of agreements you wrote"),
    "plc_norm.added_by": N_("Promises you proposed"),
    "plc_norm.reviewed_by": N_("Promises you looked at again"),
    "plc_goal.closed_by": N_("Goals you said the outcome of"),
    "plc_consent_round.opened_by": N_("Proposals you made"),
    "plc_consent_round.decided_by": N_("Proposals you adopted or withdrew"),
    "plc_consent_answer.person_id": N_("Your answers to proposals"),
    "plc_founding.recorded_by": N_("Beginnings of communities you wrote down"),
    "plc_issue.author_id": N_("Issues you raised"),
    "plc_issue.owner_id": N_("Issues you took on"),
    "plc_issue_step.person_id": N_("What you did about issues"),
    "plc_meeting.planned_by_id": N_("Meetings you planned"),
    "plc_meeting.minutes_by_id": N_("Minutes you wrote last"),
    "plc_agenda_item.proposer_id": N_("Things you proposed for an agenda"),
    "plc_meeting_series.planned_by_id": N_("Rhythms of meetings you planned"),
    "plc_school_holiday.added_by_id": N_("Days without school you wrote down"),
    "plc_meeting_role.person_id": N_("Parts you took in meetings"),
    "plc_meeting_role.given_by_id": N_("Parts in meetings you gave to somebody"),
    "plc_role_wish.person_id": N_("That you would rather not lead now, seen by you alone"),
    "plc_attendance.person_id": N_("Whether you were at meetings"),
    "plc_attendance.confirmed_by_id": N_("Attendance you wrote down or confirmed"),
    "plc_meeting_guest.added_by_id": N_("Guests of meetings you counted, without their names"),
    "plc_calendar_feed.person_id": N_("An address under which your calendar fetches your meetings"),
    "plc_protocol_run.begun_by_id": N_("Protocols you began in meetings"),
    "plc_run_note.author_id": N_("Notes you wrote in meetings"),
    "plc_run_note.owner_id": N_("Notes of meetings that say what you will do"),
    "plc_pulse_given.person_id": N_("That you said what a meeting was worth, not what you said"),
    "plc_decision.recorded_by_id": N_("Decisions you wrote down"),
    "plc_minutes_answer.person_id": N_("Your answers to minutes"),
    "plc_minutes_version.written_by_id": N_("Minutes you wrote in another language"),
    "plc_action_item.owner_id": N_("What you have agreed to do"),
    "plc_action_item.recorded_by_id": N_("Agreed actions you wrote down"),
    "plc_action_item_update.person_id": N_("What you said became of agreed actions"),
    "plc_knowledge_node.author_id": N_("Thoughts of yours that were kept"),
    "plc_evidence_link.linked_by_id": N_("Links you drew from one thing to another"),
    "plc_consent_check.checked_by_id": N_("That you looked whether evidence may be used"),
    "plc_outcome_claim.reviewed_by_id": N_("Outcomes of colleagues you looked at"),
    "plc_practice_change.author_id": N_("What you do differently"),
    "plc_practice_try.person_id": N_("When you tried something new"),
    "plc_practice_turn.person_id": N_("What you said became of what you do differently"),
    "plc_innovation.raised_by_id": N_("New things you brought up"),
    "plc_innovation_note.author_id": N_("What you said about new things"),
    "plc_data_set.author_id": N_("Class results you brought, as totals"),
    "plc_data_conversation.begun_by_id": N_("Talks about class results you began"),
    "plc_data_conversation.opened_by_id": N_("Talks in which you uncovered the numbers"),
    "plc_data_conversation.decided_by_id": N_("What you wrote was decided about class results"),
    "plc_library_item.author_id": N_("Things you put into a library"),
    "plc_library_tried.person_id": N_("Things of a library you tried"),
    "plc_access.person_id": N_("Things you opened, as their authors can see, and class results you know"),
    "plc_protocol.adapted_by_id": N_("Conversation protocols you adapted"),
    "plc_protocol_version.changed_by_id": N_("Changes you made to conversation protocols"),
    "plc_cycle_template.adapted_by_id": N_("Ways of working you adapted"),
    "plc_cycle_version.changed_by_id": N_("Changes you made to ways of working"),
    "plc_portfolio.author_id": N_("Portfolios of yours"),
    "plc_portfolio.certified_by_id": N_("Portfolios you approved"),
    "plc_portfolio_lead.person_id": N_("Portfolios approved while you led"),
    "plc_portfolio_review.reader_id": N_("Portfolios you were asked to read"),
    "plc_feedback_request.author_id": N_("Questions about your work you asked colleagues"),
    "plc_feedback_asked.person_id": N_("Questions colleagues asked you about their work"),
    "plc_feedback_answer.person_id": N_("Feedback you gave to colleagues"),
    "plc_visit.proposed_by_id": N_("Visits to a lesson you proposed"),
    "plc_visit.host_id": N_("Visits to lessons of yours"),
    "plc_visit_person.person_id": N_("Lessons of colleagues you visited, or mean to"),
    "plc_observation_note.author_id": N_("Notes you wrote at visits"),
    "plc_grade_pull.asked_by_id": N_("Times you asked for totals of a grade book"),
    "plc_inquiry.opened_by_id": N_("Projects you began"),
    "plc_inquiry_person.person_id": N_("Projects you work on or were asked into"),
    "plc_inquiry_note.author_id": N_("What you wrote in projects"),
    "plc_inquiry_exit.ticked_by_id": N_("What you ticked in projects"),
    "plc_consultation.author_id": N_("Talks about projects you wrote down"),
    "plc_evidence_plan.author_id": N_("What you planned to collect for projects"),
    "plc_evidence_plan.checked_by_id": N_("Plans of what to collect that you checked"),
    "plc_event.actor_id": N_("Log lines of what you did, without your words"),
}
"""Table and column → what it is, in the order of the page. Every column that points at a person stands here."""

NOT_TOLD = frozenset({"plc_block.blocked_id", "plc_moderation_case.author_id"})
"""What others decided about somebody for themselves alone: counted when two persons are joined, and never told."""


@dataclass(frozen=True, slots=True)
class Kept:
    label: str
    count: int


def columns() -> list[tuple[Table, str]]:
    """Every column of the house that points at a person."""
    return [
        (table, column.name)
        for table in Row.metadata.sorted_tables
        for column in table.columns
        if any(key.column is Person.__table__.c.id for key in column.foreign_keys)
    ]


def told_about(connection: Connection, person_id: UUID) -> list[Kept]:
    """``kept_about``, as the person may see it."""
    unsaid = {LABELS[place] for place in NOT_TOLD}
    return [one for one in kept_about(connection, person_id) if one.label not in unsaid]


def kept_about(connection: Connection, person_id: UUID) -> list[Kept]:
    """Rows that point at a person, in one statement; what there is none of is left out."""
    counts = [
        select(literal(f"{table.name}.{name}").label("place"), func.count().label("count")).where(
            table.c[name] == person_id
        )
        for table, name in columns()
    ]
    found = {row.place: row[1] for row in connection.execute(union_all(*counts))}
    return [Kept(label, found[place]) for place, label in LABELS.items() if found.get(place)]
