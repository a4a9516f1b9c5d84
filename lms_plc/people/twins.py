"""Two persons who turn out to be one, or who only look like one: joined or kept apart, always by somebody's word.

Nothing is joined by itself here. Every column that points at the other person points at the kept one afterwards, in
whichever room's table it stands; where both had a row for the same thing, one row of both is left. It cannot be undone:
afterwards nobody can tell whose a row was.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    Connection,
    PrimaryKeyConstraint,
    RowMapping,
    Table,
    UniqueConstraint,
    and_,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from lms_plc.core.activity import Event, Reference, record
from lms_plc.core.database import Row, upsert
from lms_plc.core.policy import NotThere
from lms_plc.core.search import author_became
from lms_plc.people.kept import LABELS, Kept, columns, kept_about
from lms_plc.people.models import Identity, KeptApart, Person, Seat
from lms_plc.web.i18n import N_

MOVES: Mapping[str, str] = {
    "plc_identity.person_id": N_("Accounts in learning platforms"),
    "plc_seat.person_id": N_("Sittings at a browser (they end; the person comes in again)"),
    "plc_enrolment.person_id": N_("Courses"),
    "plc_membership.person_id": N_("Communities"),
    "plc_role_assignment.person_id": N_("Roles they have or had"),
    "plc_role_assignment.assigned_by": N_("Roles they gave"),
    "plc_topic.author_id": N_("Conversations they began"),
    "plc_topic.closed_by_id": N_("Conversations they closed"),
    "plc_topic_follow.person_id": N_("Conversations they follow or muted"),
    "plc_post.author_id": N_("Posts"),
    "plc_post.deleted_by_id": N_("Posts they took back"),
    "plc_reaction.person_id": N_("Reactions"),
    "plc_read_mark.person_id": N_("Marks of how far they have read"),
    "plc_draft.person_id": N_("Drafts"),
    "plc_placed_link.placed_by": N_("Activities they placed in a course"),
    "plc_deep_link_request.person_id": N_("Unfinished choices for a course"),
    "plc_completion.person_id": N_("Completions"),
    "plc_completion.confirmed_by": N_("Completions they confirmed"),
    "plc_kept_apart.person_id": N_("Notes that they are not somebody of a similar name"),
    "plc_kept_apart.other_id": N_("Notes that somebody of a similar name is not them"),
    "plc_write_thing.person_id": N_("Messages they were sent in a learning platform"),
    "plc_write_member.person_id": N_("Cohorts and groups of a learning platform they were put into"),
    "plc_search_entry.author_id": N_("Things they wrote that can be searched for"),
    "plc_audience_person.person_id": N_("Things somebody chose them as a reader of"),
    "plc_profile.person_id": N_("What they say of themselves"),
    "plc_person_school.person_id": N_("Schools they named"),
    "plc_person_subject.person_id": N_("Subjects they named"),
    "plc_person_language.person_id": N_("Languages they named"),
    "plc_block.person_id": N_("People they blocked"),
    "plc_block.blocked_id": N_("People who blocked them"),
    "plc_connection.person_id": N_("Colleagues elsewhere they said hello to, and who answered"),
    "plc_connection.other_id": N_("Colleagues elsewhere whose hello they answered"),
    "plc_hello.person_id": N_("Hellos they said to colleagues elsewhere"),
    "plc_hello.other_id": N_("Hellos colleagues elsewhere said to them"),
    "plc_peer_offer.person_id": N_("Offers to meet a colleague elsewhere"),
    "plc_last_contact.person_id": N_("The day they were last here"),
    "plc_message_participant.person_id": N_("Talks by message they are or were in"),
    "plc_message.author_id": N_("Messages they wrote"),
    "plc_journal_entry.person_id": N_("Pages of their notebook"),
    "plc_released_part.author_id": N_("Parts of their notebook they let others read"),
    "plc_moderation_case.author_id": N_("Reports about something they wrote"),
    "plc_moderation_case.decided_by_id": N_("Reports they decided about"),
    "plc_report.person_id": N_("Reports they made"),
    "plc_case_step.person_id": N_("What they said or decided about a report"),
    "plc_notification.person_id": N_("Lines of their inbox"),
    "plc_notification.actor_id": N_("Lines of others' inboxes about them"),
    "plc_mail_choice.person_id": N_("How they want to be reached"),
    "plc_mail_pace.person_id": N_("How often they want to hear from a community"),
    "plc_mail_address.person_id": N_("Mail addresses they have not confirmed"),
    "plc_digest.person_id": N_("Letters to them"),
    "plc_digest_mark.person_id": N_("Marks of what they were told"),
    "plc_school_item.author_id": N_("School news they wrote"),
    "plc_file.owner_id": N_("Files and pictures they attached"),
    "plc_charter_version.written_by": N_("Versions of agreements they wrote"),
    "plc_norm.added_by": N_("Promises they proposed"),
    "plc_norm.reviewed_by": N_("Promises they looked at again"),
    "plc_goal.closed_by": N_("Goals they said the outcome of"),
    "plc_consent_round.opened_by": N_("Proposals they made"),
    "plc_consent_round.decided_by": N_("Proposals they adopted or withdrew"),
    "plc_consent_answer.person_id": N_("Answers to proposals"),
    "plc_founding.recorded_by": N_("Beginnings of communities they wrote down"),
    "plc_issue.author_id": N_("Issues they raised"),
    "plc_issue.owner_id": N_("Issues they took on"),
    "plc_issue_step.person_id": N_("What they did about issues"),
    "plc_meeting.planned_by_id": N_("Meetings they planned"),
    "plc_meeting.minutes_by_id": N_("Minutes they wrote last"),
    "plc_agenda_item.proposer_id": N_("Things they proposed for an agenda"),
    "plc_meeting_series.planned_by_id": N_("Rhythms of meetings they planned"),
    "plc_school_holiday.added_by_id": N_("Days without school they wrote down"),
    "plc_meeting_role.person_id": N_("Parts they took in meetings"),
    "plc_meeting_role.given_by_id": N_("Parts in meetings they gave to somebody"),
    "plc_role_wish.person_id": N_("Wishes not to lead now"),
    "plc_attendance.person_id": N_("Whether they were at meetings"),
    "plc_attendance.confirmed_by_id": N_("Attendance they wrote down or confirmed"),
    "plc_meeting_guest.added_by_id": N_("Guests of meetings they counted"),
    "plc_calendar_feed.person_id": N_("Addresses for their calendar"),
    "plc_protocol_run.begun_by_id": N_("Protocols they began in meetings"),
    "plc_run_note.author_id": N_("Notes they wrote in meetings"),
    "plc_run_note.owner_id": N_("Notes of meetings that say what they will do"),
    "plc_pulse_given.person_id": N_("That they said what a meeting was worth"),
    "plc_decision.recorded_by_id": N_("Decisions they wrote down"),
    "plc_minutes_answer.person_id": N_("Answers to minutes"),
    "plc_minutes_version.written_by_id": N_("Minutes they wrote in another language"),
    "plc_action_item.owner_id": N_("What they have agreed to do"),
    "plc_action_item.recorded_by_id": N_("Agreed actions they wrote down"),
    "plc_action_item_update.person_id": N_("What they said became of agreed actions"),
    "plc_inquiry.opened_by_id": N_("Projects they began"),
    "plc_inquiry_person.person_id": N_("Projects they work on or were asked into"),
    "plc_inquiry_note.author_id": N_("What they wrote in projects"),
    "plc_inquiry_exit.ticked_by_id": N_("What they ticked in projects"),
    "plc_consultation.author_id": N_("Talks about projects they wrote down"),
    "plc_evidence_plan.author_id": N_("What they planned to collect for projects"),
    "plc_evidence_plan.checked_by_id": N_("Plans of what to collect that they checked"),
    "plc_knowledge_node.author_id": N_("Thoughts of theirs that were kept"),
    "plc_evidence_link.linked_by_id": N_("Links they drew from one thing to another"),
    "plc_consent_check.checked_by_id": N_("That they looked whether evidence may be used"),
    "plc_outcome_claim.reviewed_by_id": N_("Outcomes of colleagues they looked at"),
    "plc_practice_change.author_id": N_("What they do differently"),
    "plc_practice_try.person_id": N_("When they tried something new"),
    "plc_practice_turn.person_id": N_("What they said became of what they do differently"),
    "plc_innovation.raised_by_id": N_("New things they brought up"),
    "plc_innovation_note.author_id": N_("What they said about new things"),
    "plc_data_set.author_id": N_("Class results they brought"),
    "plc_data_conversation.begun_by_id": N_("Talks about class results they began"),
    "plc_data_conversation.opened_by_id": N_("Talks in which they uncovered the numbers"),
    "plc_data_conversation.decided_by_id": N_("What they wrote was decided about class results"),
    "plc_library_item.author_id": N_("Things they put into a library"),
    "plc_library_tried.person_id": N_("Things of a library they tried"),
    "plc_access.person_id": N_("Things they opened, as their authors can see"),
    "plc_protocol.adapted_by_id": N_("Conversation protocols they adapted"),
    "plc_protocol_version.changed_by_id": N_("Changes they made to conversation protocols"),
    "plc_cycle_template.adapted_by_id": N_("Ways of working they adapted"),
    "plc_cycle_version.changed_by_id": N_("Changes they made to ways of working"),
    "plc_portfolio.author_id": N_("Portfolios of theirs"),
    "plc_portfolio.certified_by_id": N_("Portfolios they approved"),
    "plc_portfolio_lead.person_id": N_("Portfolios approved while they led"),
    "plc_portfolio_review.reader_id": N_("Portfolios they were asked to read"),
    "plc_feedback_request.author_id": N_("Questions about their work they asked colleagues"),
    "plc_feedback_asked.person_id": N_("Questions colleagues asked them about their work"),
    "plc_feedback_answer.person_id": N_("Feedback they gave to colleagues"),
    "plc_visit.proposed_by_id": N_("Visits to a lesson they proposed"),
    "plc_visit.host_id": N_("Visits to lessons of theirs"),
    "plc_visit_person.person_id": N_("Lessons of colleagues they visited, or mean to"),
    "plc_observation_note.author_id": N_("Notes they wrote at visits"),
    "plc_grade_pull.asked_by_id": N_("Times they asked for totals of a grade book"),
    "plc_event.actor_id": N_("Lines of the log"),
}
"""As ``kept.LABELS``, in the words for whoever runs the tool."""

_AT_ONCE = 500

_Settle: TypeAlias = Callable[[RowMapping, RowMapping], dict[str, Any]]


def moves(connection: Connection, person_id: UUID) -> list[Kept]:
    """What would move away from this person, counted, in one statement; what there is none of is left out."""
    words = {label: MOVES[place] for place, label in LABELS.items()}
    return [Kept(words[one.label], one.count) for one in kept_about(connection, person_id)]


def keep_apart(session: Session, a: UUID, b: UUID, at: datetime, *, via: str, actor: UUID | None = None) -> bool:
    """Somebody looked, and they are two; False when that was known. Raises NotThere, ValueError for one and the same
    id."""
    smaller, greater = _hold(session, a, b)
    noted = session.execute(
        upsert(session, KeptApart)
        .values(person_id=smaller, other_id=greater, at=at)
        .on_conflict_do_nothing(index_elements=["person_id", "other_id"])
        .returning(KeptApart.person_id)
    ).one_or_none()
    if noted is not None:
        facts = {"other_id": str(greater)}
        record(session, "person.kept_apart", Reference("person", smaller), at=at, actor_id=actor, via=via, facts=facts)
    return noted is not None


def join(session: Session, keep: UUID, other: UUID, at: datetime, *, via: str, actor: UUID | None = None) -> None:
    """Makes ``other`` and ``keep`` one person, ``keep``; the name stays that of whom an LMS knew first.

    What plans and tickets say of ``other`` is the caller's affair (`lms_plc.rostersync.twins.join_persons`). Raises
    NotThere, ValueError for one and the same.
    """
    _hold(session, keep, other)
    session.flush()
    _describe(session, keep, other)
    # whoever sits there comes in once more, as the one they are now
    session.execute(delete(_table(Seat)).where(Seat.person_id == other))
    _move_notes(session, keep, other)
    _forget_between(session, keep, other)
    _retell(session, keep, other)
    pointing = [(table, name) for table, name in columns() if table not in (_table(Seat), _table(KeptApart))]
    for table, name in pointing:
        for beside in _unique_beside(table, name):
            _settle(session, table, name, beside, keep, other)
    for table, name in pointing:
        session.execute(update(table).where(table.c[name] == other).values({name: keep}))
    author_became(session, keep)
    session.execute(delete(_table(Person)).where(Person.id == other))
    session.expire_all()
    facts = {"other_id": str(other)}
    record(session, "person.joined", Reference("person", keep), at=at, actor_id=actor, via=via, facts=facts)


def _hold(session: Session, a: UUID, b: UUID) -> tuple[UUID, UUID]:
    """Both persons, locked, the smaller id first: whoever wants to point at one of them meanwhile waits for us."""
    if a == b:
        raise ValueError("one person is no pair of twins")
    smaller, greater = sorted((a, b))
    held = select(Person.id).where(Person.id.in_((smaller, greater))).order_by(Person.id).with_for_update()
    if len(session.execute(held).all()) < 2:
        raise NotThere("person")
    return smaller, greater


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _describe(session: Session, keep: UUID, other: UUID) -> None:
    """Name, language and post of both in one row. A number in the place of a name is none."""
    rows = session.execute(
        select(
            Person.id,
            Person.display_name,
            Person.locale,
            Person.post_type,
            Person.email,
            Person.email_source,
            Person.created_at,
            Identity.subject,
        )
        .outerjoin(Identity, Identity.person_id == Person.id)
        .where(Person.id.in_((keep, other)))
        .order_by(Identity.id)
    ).all()
    named = [row for row in rows if row.display_name != f"#{row.subject}"] or rows
    mine_first = sorted(rows, key=lambda row: row.id != keep)
    # an address somebody confirmed goes before one an LMS said
    reached = sorted((row for row in mine_first if row.email), key=lambda row: row.email_source != "own")
    session.execute(
        update(_table(Person))
        .where(Person.id == keep)
        .values(
            display_name=named[0].display_name,
            locale=next((row.locale for row in mine_first if row.locale), None),
            post_type=next((row.post_type for row in mine_first if row.post_type), None),
            email=reached[0].email if reached else None,
            email_source=reached[0].email_source if reached else None,
            created_at=min(row.created_at for row in rows),
        )
    )


def _move_notes(session: Session, keep: UUID, other: UUID) -> None:
    """The pairs that ``other`` was kept apart in; each is kept with its smaller id first, so none can simply move."""
    mine = or_(KeptApart.person_id == other, KeptApart.other_id == other)
    rows = session.execute(select(KeptApart.person_id, KeptApart.other_id, KeptApart.at).where(mine)).all()
    session.execute(delete(_table(KeptApart)).where(mine))
    for row in rows:
        third = row.other_id if row.person_id == other else row.person_id
        if third == keep:
            continue
        smaller, greater = sorted((keep, third))
        session.execute(
            upsert(session, KeptApart)
            .values(person_id=smaller, other_id=greater, at=row.at)
            .on_conflict_do_nothing(index_elements=["person_id", "other_id"])
        )


_BETWEEN = (("plc_block", "blocked_id"), ("plc_connection", "other_id"), ("plc_hello", "other_id"))
"""Tables of what one person is to another: nobody is that to themselves."""


def _forget_between(session: Session, keep: UUID, other: UUID) -> None:
    for name, second in _BETWEEN:
        table = _table(Event).metadata.tables[name]
        both = (keep, other)
        session.execute(delete(table).where(table.c.person_id.in_(both), table.c[second].in_(both)))


_TOLD_OF = ("plc_membership", "plc_completion")
"""Tables of which the log says whose the row is."""


def _retell(session: Session, keep: UUID, other: UUID) -> None:
    """The log speaks of ``keep`` where it spoke of ``other``: whoever reads it finds nobody who is not there."""
    person = and_(Event.thing_kind == "person", Event.thing_id == other)
    session.execute(update(_table(Event)).where(person).values(thing_id=keep))
    for name in _TOLD_OF:
        table = _table(Event).metadata.tables[name]
        theirs = session.execute(select(table.c.id).where(table.c.person_id == other)).scalars().all()
        for ids in _some(theirs):
            told = session.execute(
                select(Event.id, Event.facts).where(Event.thing_kind == _kind(table), Event.thing_id.in_(ids))
            )
            for row in told.all():
                if row.facts.get("person_id") == str(other):
                    facts = {**row.facts, "person_id": str(keep)}
                    session.execute(update(_table(Event)).where(Event.id == row.id).values(facts=facts))


def _some(ids: Any) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield list(ids[start : start + _AT_ONCE])


def _kind(table: Table) -> str:
    """What the log calls a row of this table."""
    return table.name.removeprefix("plc_")


def _unique_beside(table: Table, name: str) -> list[list[str]]:
    """The columns that are unique together with this one: where both have a row with the same, only one can stay."""
    sets = [
        *(one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)),
        *(index for index in table.indexes if index.unique),
    ]
    return [[column.name for column in one.columns if column.name != name] for one in sets if name in one.columns]


def _settle(session: Session, table: Table, name: str, beside: list[str], keep: UUID, other: UUID) -> None:
    """One row where both have one. Raises KeyError for a table that nobody has thought of, before anything is lost."""
    mine, theirs = table.alias("mine"), table.alias("theirs")
    same = and_(*(mine.c[one] == theirs.c[one] for one in beside), mine.c[name] == keep, theirs.c[name] == other)
    pairs = mine.join(theirs, same)
    ordered = [mine.c[one] for one in beside]
    kept, moved = (
        session.execute(select(whose).select_from(pairs).order_by(*ordered)).mappings().all()
        for whose in (mine, theirs)
    )
    for ours, its in zip(kept, moved, strict=True):
        if table.name in _BOTH_STAY:
            session.execute(update(table).where(*_is(table, its)).values(_BOTH_STAY[table.name](ours, its)))
            continue
        values = _ONE_STAYS[table.name](ours, its)
        session.execute(delete(table).where(*_is(table, its)))
        if values:
            session.execute(update(table).where(*_is(table, ours)).values(values))
        if "id" in table.c:
            about = and_(Event.thing_kind == _kind(table), Event.thing_id == its["id"])
            session.execute(update(_table(Event)).where(about).values(thing_id=ours["id"]))
            _carry_case(session, _kind(table), ours["id"], its["id"])


def _carry_case(session: Session, kind: str, keep: UUID, other: UUID) -> None:
    """What is decided about a row that is gone is decided about the one that stays, unless that has a case already."""
    case = Row.metadata.tables["plc_moderation_case"]
    there = select(case.c.id).where(case.c.thing_kind == kind, case.c.thing_id == keep)
    if session.execute(there).first() is None:
        session.execute(update(case).where(case.c.thing_kind == kind, case.c.thing_id == other).values(thing_id=keep))


def _is(table: Table, row: RowMapping) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]


_MEMBERSHIPS = {"active": 0, "paused": 1, "left": 2}
_ATTENDED = {"present": 3, "late": 2, "excused": 1}
_ENROLMENTS = {"active": 0, "suspended": 1, "gone": 2}


def _membership(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Whoever is a member by either is one. Of two who have left, the one without a reason left on their own, and
    that stands: no sync fetches them back."""
    better = min(mine, theirs, key=lambda row: (_MEMBERSHIPS[row["state"]], row["reason"] is not None))
    same = {name: better[name] for name in ("state", "source", "left_at", "paused_at", "reason")}
    return same | {"joined_at": min(mine["joined_at"], theirs["joined_at"])}


def _consent_answer(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What was said last stands."""
    later = max(mine, theirs, key=lambda row: row["answered_at"])
    return {name: later[name] for name in ("stand", "words", "answered_at")}


def _enrolment(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """The better word counts. An absence is one only if both accounts are missing: else the next look counts anew."""

    def worth(row: RowMapping) -> tuple[int, bool, bool]:
        return _ENROLMENTS[row["state"]], not row["from_sync"], row["missing_since"] is not None

    better, lesser = sorted((mine, theirs), key=worth)
    missing = [row["missing_since"] for row in (mine, theirs)]
    return {
        "state": better["state"],
        "lms_roles": better["lms_roles"] or lesser["lms_roles"],
        "launch_roles": better["launch_roles"] or lesser["launch_roles"],
        "from_sync": mine["from_sync"] or theirs["from_sync"],
        "missing_since": max(missing) if all(missing) else None,
        "changed_at": max(mine["changed_at"], theirs["changed_at"]),
    }


def _completion(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Done by either is done. ``told_at`` only grows."""
    better = mine if mine["done"] or not theirs["done"] else theirs
    told = [row["told_at"] for row in (mine, theirs) if row["told_at"] is not None]
    names = ("done", "confirmed_by", "confirmed_at", "state", "tries", "next_try_at", "problem")
    return {name: better[name] for name in names} | {"told_at": max(told, default=None)}


def _portfolio_review(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What was said last stands; whoever may read it by either may read it."""
    later = max(mine, theirs, key=lambda row: (row["answered_at"] is not None, row["answered_at"] or row["asked_at"]))
    withdrawn = [row["withdrawn_at"] for row in (mine, theirs)]
    said = {name: later[name] for name in ("learned", "question", "advice", "verdict", "answered_at")}
    return said | {"withdrawn_at": max(withdrawn) if all(withdrawn) else None}


def _read_mark(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    return {"last_post_id": max(mine["last_post_id"], theirs["last_post_id"])}


def _draft(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """No word of an unsent text is lost: the older one stands below the newer one."""
    older, newer = sorted((mine, theirs), key=lambda row: row["changed_at"])
    bodies = dict.fromkeys(row["body"] for row in (newer, older) if row["body"])
    return {
        "title": newer["title"] or older["title"],
        "body": "\n\n".join(bodies),
        "changed_at": newer["changed_at"],
    }


def _topic_follow(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What they chose last."""
    later = max((mine, theirs), key=lambda row: row["changed_at"])
    return {"level": later["level"], "changed_at": later["changed_at"]}


def _profile(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What was said later stands; whoever would not be found by one account is not found."""
    newer = max(mine, theirs, key=lambda row: row["changed_at"])
    names = ("post_type", "about", "about_html", "about_renderer", "changed_at")
    return {name: newer[name] for name in names} | {"may_be_found": mine["may_be_found"] and theirs["may_be_found"]}


def _last_contact(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    return {"at": max(mine["at"], theirs["at"])}


def _peer_offer(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """An answer given once stands."""
    answered = [row["dismissed_at"] for row in (mine, theirs) if row["dismissed_at"] is not None]
    return {"dismissed_at": max(answered, default=None)}


def _hello(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    return {name: mine[name] or theirs[name] for name in ("accepted_at", "rests_at")}


def _participant(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """In the talk as whichever has not left it; read as far as one of them has read."""
    read = [row["read_to"] for row in (mine, theirs) if row["read_to"] is not None]
    left = [row["left_at"] for row in (mine, theirs)]
    return {
        "read_to": max(read, default=None),
        "left_at": max(left) if all(left) else None,
        "muted_at": mine["muted_at"] or theirs["muted_at"],
    }


def _notification(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Read or mailed to either is read or mailed."""
    return {name: mine[name] or theirs[name] for name in ("read_at", "mailed_at")}


def _mail_choice(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What they chose last."""
    later = max(mine, theirs, key=lambda row: row["changed_at"])
    return {name: later[name] for name in later if name != "person_id"}


def _digest_mark(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    return {"told_to": max(mine["told_to"], theirs["told_to"])}


def _attendance(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Whoever was there by either account was there; of two words of one kind the later stands."""

    def worth(row: RowMapping) -> tuple[int, Any]:
        return _ATTENDED.get(row["status"], 0), row["at"]

    better = max(mine, theirs, key=worth)
    return {name: better[name] for name in ("status", "minutes", "method", "confirmed_by_id", "at")}


def _minutes_answer(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """What was said last stands."""
    later = max(mine, theirs, key=lambda row: row["at"])
    return {name: later[name] for name in ("answer", "text", "at")}


def _nothing(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """The row there is says it already."""
    return {}


def _feedback_asked(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Not this time by one of two, and not by the other, is no answer yet."""
    both = mine["declined_at"] and theirs["declined_at"]
    return {"asked_at": min(mine["asked_at"], theirs["asked_at"]), "declined_at": mine["declined_at"] if both else None}


def _feedback_answer(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Both were sent to the same colleague: nothing of them is lost."""
    words = {name: "\n\n".join(filter(None, (mine[name], theirs[name]))) for name in ("saw", "asks", "idea")}
    hidden_at = mine["hidden_at"] or theirs["hidden_at"]
    return words | {"changed_at": max(mine["changed_at"], theirs["changed_at"]), "hidden_at": hidden_at}


def _inquiry_person(mine: RowMapping, theirs: RowMapping) -> dict[str, Any]:
    """Whoever works on a project by either does; who leads it leads it."""
    states, parts = ("active", "asked", "left"), ("lead", "co_worker", "critical_friend")
    better = min(mine, theirs, key=lambda row: (states.index(row["state"]), parts.index(row["part"])))
    return {name: better[name] for name in ("part", "state", "since")} | {
        "asked_at": min(mine["asked_at"], theirs["asked_at"])
    }


_ONE_STAYS: Mapping[str, _Settle] = {
    "plc_membership": _membership,
    "plc_consent_answer": _consent_answer,
    "plc_enrolment": _enrolment,
    "plc_completion": _completion,
    "plc_read_mark": _read_mark,
    "plc_topic_follow": _topic_follow,
    "plc_draft": _draft,
    "plc_reaction": _nothing,
    "plc_audience_person": _nothing,
    "plc_library_tried": lambda mine, theirs: {"words": mine["words"] or theirs["words"]},
    "plc_access": lambda mine, theirs: {
        "first_at": min(mine["first_at"], theirs["first_at"]),
        "last_at": max(mine["last_at"], theirs["last_at"]),
    },
    "plc_notification": _notification,
    "plc_mail_choice": _mail_choice,
    "plc_mail_pace": _nothing,
    "plc_mail_address": _nothing,
    "plc_digest": _nothing,
    "plc_digest_mark": _digest_mark,
    "plc_profile": _profile,
    "plc_person_school": _nothing,
    "plc_person_subject": _nothing,
    "plc_person_language": _nothing,
    "plc_block": _nothing,
    "plc_connection": _nothing,
    "plc_hello": _hello,
    "plc_peer_offer": _peer_offer,
    "plc_last_contact": _last_contact,
    "plc_message_participant": _participant,
    "plc_report": _nothing,
    "plc_meeting_role": lambda mine, theirs: {"capacity": mine["capacity"] or theirs["capacity"]},
    "plc_role_wish": _nothing,
    "plc_attendance": _attendance,
    "plc_minutes_answer": _minutes_answer,
    "plc_pulse_given": _nothing,
    "plc_calendar_feed": _nothing,
    "plc_portfolio_lead": _nothing,
    "plc_portfolio_review": _portfolio_review,
    "plc_inquiry_person": _inquiry_person,
    "plc_feedback_asked": _feedback_asked,
    "plc_feedback_answer": _feedback_answer,
    "plc_visit_person": _nothing,
}
"""Table → what the row of the kept person says where both have one; the other's is deleted."""

_BOTH_STAY: Mapping[str, _Settle] = {
    "plc_inquiry": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_inquiry_note": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_consultation": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_evidence_plan": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    # the key of a form is there so that one press is one post; by now both are posts
    "plc_post": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_library_item": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_practice_change": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_practice_try": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_innovation": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_innovation_note": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_school_item": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_message": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_journal_entry": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_released_part": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_consent_round": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_data_set": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_data_conversation": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_issue": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_meeting": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_agenda_item": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_meeting_series": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_protocol_run": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_action_item": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_knowledge_node": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_protocol": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_grade_pull": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_feedback_request": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_visit": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_observation_note": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
    "plc_cycle_template": lambda mine, theirs: {"form_key": f"of-{theirs['id'].hex}"},
}
"""Table → what the other's row says instead, so that both can stay."""
