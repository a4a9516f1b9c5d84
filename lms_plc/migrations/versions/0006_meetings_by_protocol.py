"""Meetings by protocol: series, attendance, runs, minutes, actions and what they leave behind."""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_calendar_feed",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_calendar_feed")),
        sa.UniqueConstraint("digest", name=op.f("uq_plc_calendar_feed_digest")),
    )
    op.create_table(
        "plc_evidence_link",
        sa.Column("from_kind", sa.String(length=30), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("to_kind", sa.String(length=30), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("linked_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["linked_by_id"], ["plc_person.id"], name=op.f("fk_plc_evidence_link_linked_by_id")),
        sa.PrimaryKeyConstraint("from_kind", "from_id", "type", "to_kind", "to_id", name=op.f("pk_plc_evidence_link")),
    )
    with op.batch_alter_table("plc_evidence_link", schema=None) as batch_op:
        batch_op.create_index("ix_plc_evidence_link_to_kind_to_id", ["to_kind", "to_id"], unique=False)

    op.create_table(
        "plc_action_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("origin_kind", sa.String(length=30), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("reminded_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_action_item_community_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["plc_person.id"], name=op.f("fk_plc_action_item_owner_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["plc_person.id"], name=op.f("fk_plc_action_item_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_action_item")),
        sa.UniqueConstraint("recorded_by_id", "form_key", name=op.f("uq_plc_action_item_recorded_by_id_form_key")),
    )
    with op.batch_alter_table("plc_action_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_action_item_community_id_state_due_id", ["community_id", "state", "due", "id"], unique=False
        )
        batch_op.create_index(
            "ix_plc_action_item_origin_kind_origin_id_id", ["origin_kind", "origin_id", "id"], unique=False
        )
        batch_op.create_index("ix_plc_action_item_owner_id_state_due", ["owner_id", "state", "due"], unique=False)

    op.create_table(
        "plc_knowledge_node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("origin_kind", sa.String(length=30), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_knowledge_node_author_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_knowledge_node_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_knowledge_node")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_knowledge_node_author_id_form_key")),
    )
    with op.batch_alter_table("plc_knowledge_node", schema=None) as batch_op:
        batch_op.create_index("ix_plc_knowledge_node_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index(
            "ix_plc_knowledge_node_origin_kind_origin_id_id", ["origin_kind", "origin_id", "id"], unique=False
        )

    op.create_table(
        "plc_meeting_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("planned_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("in_working_time", sa.Boolean(), nullable=False),
        sa.Column("laid_until", sa.Date(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_meeting_series_community_id")
        ),
        sa.ForeignKeyConstraint(["planned_by_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_series_planned_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_meeting_series")),
        sa.UniqueConstraint("planned_by_id", "form_key", name=op.f("uq_plc_meeting_series_planned_by_id_form_key")),
    )
    with op.batch_alter_table("plc_meeting_series", schema=None) as batch_op:
        batch_op.create_index("ix_plc_meeting_series_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_protocol",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("origin_version", sa.Integer(), nullable=False),
        sa.Column("origin_content", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.Column("adapted_by_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["adapted_by_id"], ["plc_person.id"], name=op.f("fk_plc_protocol_adapted_by_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_protocol_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_protocol")),
        sa.UniqueConstraint("adapted_by_id", "form_key", name=op.f("uq_plc_protocol_adapted_by_id_form_key")),
    )
    with op.batch_alter_table("plc_protocol", schema=None) as batch_op:
        batch_op.create_index("ix_plc_protocol_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_role_wish",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_role_wish_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_role_wish_person_id")),
        sa.PrimaryKeyConstraint("community_id", "person_id", name=op.f("pk_plc_role_wish")),
    )
    op.create_table(
        "plc_school_holiday",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["plc_person.id"], name=op.f("fk_plc_school_holiday_added_by_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_school_holiday_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_school_holiday")),
    )
    with op.batch_alter_table("plc_school_holiday", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_school_holiday_community_id_first_day", ["community_id", "first_day"], unique=False
        )

    op.create_table(
        "plc_action_item_update",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due_after", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_kind", sa.String(length=30), nullable=True),
        sa.Column("said_id", sa.Uuid(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_item_id"], ["plc_action_item.id"], name=op.f("fk_plc_action_item_update_action_item_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_action_item_update_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_action_item_update")),
    )
    with op.batch_alter_table("plc_action_item_update", schema=None) as batch_op:
        batch_op.create_index("ix_plc_action_item_update_action_item_id_id", ["action_item_id", "id"], unique=False)

    op.create_table(
        "plc_protocol_version",
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["plc_person.id"], name=op.f("fk_plc_protocol_version_changed_by_id")
        ),
        sa.ForeignKeyConstraint(["protocol_id"], ["plc_protocol.id"], name=op.f("fk_plc_protocol_version_protocol_id")),
        sa.PrimaryKeyConstraint("protocol_id", "version", name=op.f("pk_plc_protocol_version")),
    )
    op.create_table(
        "plc_attendance",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["plc_person.id"], name=op.f("fk_plc_attendance_confirmed_by_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_attendance_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_attendance_person_id")),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_plc_attendance")),
    )
    with op.batch_alter_table("plc_attendance", schema=None) as batch_op:
        batch_op.create_index("ix_plc_attendance_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("for_school", sa.Boolean(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_decision_community_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_decision_meeting_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["plc_person.id"], name=op.f("fk_plc_decision_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_decision")),
    )
    with op.batch_alter_table("plc_decision", schema=None) as batch_op:
        batch_op.create_index("ix_plc_decision_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_decision_meeting_id_id", ["meeting_id", "id"], unique=False)

    op.create_table(
        "plc_meeting_guest",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_guest_added_by_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_meeting_guest_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "digest", name=op.f("pk_plc_meeting_guest")),
    )
    op.create_table(
        "plc_meeting_pulse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("worth", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_meeting_pulse_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_meeting_pulse")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("plc_meeting_pulse", schema=None) as batch_op:
        batch_op.create_index("ix_plc_meeting_pulse_meeting_id", ["meeting_id"], unique=False)

    op.create_table(
        "plc_meeting_role",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.String(length=10), nullable=True),
        sa.Column("given_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["given_by_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_role_given_by_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_meeting_role_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_role_person_id")),
        sa.PrimaryKeyConstraint("meeting_id", "role", "person_id", name=op.f("pk_plc_meeting_role")),
    )
    with op.batch_alter_table("plc_meeting_role", schema=None) as batch_op:
        batch_op.create_index("ix_plc_meeting_role_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_minutes_answer",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_minutes_answer_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_minutes_answer_person_id")),
        sa.PrimaryKeyConstraint("meeting_id", "version", "person_id", name=op.f("pk_plc_minutes_answer")),
    )
    op.create_table(
        "plc_minutes_version",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_renderer", sa.Integer(), nullable=False),
        sa.Column("of_version", sa.Integer(), nullable=False),
        sa.Column("of_body", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_minutes_version_meeting_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["plc_person.id"], name=op.f("fk_plc_minutes_version_written_by_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "language", name=op.f("pk_plc_minutes_version")),
    )
    op.create_table(
        "plc_paperwork",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_paperwork_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", "form", name=op.f("pk_plc_paperwork")),
    )
    op.create_table(
        "plc_protocol_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("protocol", sa.String(length=60), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paused_at", Moment(), nullable=True),
        sa.Column("begun_by_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["begun_by_id"], ["plc_person.id"], name=op.f("fk_plc_protocol_run_begun_by_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_protocol_run_community_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_protocol_run_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_protocol_run")),
        sa.UniqueConstraint("begun_by_id", "form_key", name=op.f("uq_plc_protocol_run_begun_by_id_form_key")),
    )
    with op.batch_alter_table("plc_protocol_run", schema=None) as batch_op:
        batch_op.create_index("ix_plc_protocol_run_community_id_state", ["community_id", "state"], unique=False)
        batch_op.create_index("ix_plc_protocol_run_meeting_id_id", ["meeting_id", "id"], unique=False)

    op.create_table(
        "plc_pulse_given",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_pulse_given_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_pulse_given_person_id")),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_plc_pulse_given")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "plc_run_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("became_kind", sa.String(length=30), nullable=True),
        sa.Column("became_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_run_note_author_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["plc_person.id"], name=op.f("fk_plc_run_note_owner_id")),
        sa.ForeignKeyConstraint(["run_id"], ["plc_protocol_run.id"], name=op.f("fk_plc_run_note_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_run_note")),
    )
    with op.batch_alter_table("plc_run_note", schema=None) as batch_op:
        batch_op.create_index("ix_plc_run_note_run_id_number", ["run_id", "number"], unique=False)
        batch_op.create_index(
            "ix_plc_run_note_run_id_step_written_at_id", ["run_id", "step", "written_at", "id"], unique=False
        )

    op.create_table(
        "plc_run_step",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["plc_protocol_run.id"], name=op.f("fk_plc_run_step_run_id")),
        sa.PrimaryKeyConstraint("run_id", "step", name=op.f("pk_plc_run_step")),
    )
    with op.batch_alter_table("plc_agenda_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("dealt_at", Moment(), nullable=True))
        batch_op.create_index("ix_plc_agenda_item_meeting_id", ["meeting_id"], unique=False)

    with op.batch_alter_table("plc_community", schema=None) as batch_op:
        batch_op.add_column(sa.Column("school_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("seats", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_plc_community_school_id"), "plc_school", ["school_id"], ["id"])

    with op.batch_alter_table("plc_digest", schema=None) as batch_op:
        batch_op.add_column(sa.Column("meetings", sa.JSON(), nullable=True))

    with op.batch_alter_table("plc_meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("occurrence", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.String(length=10), server_default="community", nullable=False))
        batch_op.add_column(sa.Column("zone", sa.String(length=60), server_default="", nullable=False))
        batch_op.add_column(sa.Column("mode", sa.String(length=10), server_default="in_person", nullable=False))
        batch_op.add_column(sa.Column("in_working_time", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("protocol", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=300), server_default="", nullable=False))
        batch_op.add_column(sa.Column("moved_from", Moment(), nullable=True))
        batch_op.add_column(sa.Column("points_asked_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("begun_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("asked_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("attendance_code", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("minutes_language", sa.String(length=20), nullable=True))
        batch_op.alter_column(
            "state", existing_type=sa.VARCHAR(length=10), type_=sa.String(length=20), existing_nullable=False
        )
        batch_op.create_index("ix_plc_meeting_state_ends_at", ["state", "ends_at"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_plc_meeting_series_id_occurrence"), ["series_id", "occurrence"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_plc_meeting_series_id"), "plc_meeting_series", ["series_id"], ["id"])

    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("thing_id", sa.Uuid(), nullable=True))

    op.execute("UPDATE plc_meeting SET state = 'minutes_draft' WHERE state = 'held' AND minutes_version > 0")


def downgrade() -> None:
    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.drop_column("thing_id")

    with op.batch_alter_table("plc_meeting", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plc_meeting_series_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_plc_meeting_series_id_occurrence"), type_="unique")
        batch_op.drop_index("ix_plc_meeting_state_ends_at")
        batch_op.alter_column(
            "state", existing_type=sa.String(length=20), type_=sa.VARCHAR(length=10), existing_nullable=False
        )
        batch_op.drop_column("minutes_language")
        batch_op.drop_column("attendance_code")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("begun_at")
        batch_op.drop_column("points_asked_at")
        batch_op.drop_column("moved_from")
        batch_op.drop_column("reason")
        batch_op.drop_column("protocol")
        batch_op.drop_column("in_working_time")
        batch_op.drop_column("mode")
        batch_op.drop_column("zone")
        batch_op.drop_column("kind")
        batch_op.drop_column("occurrence")
        batch_op.drop_column("series_id")

    with op.batch_alter_table("plc_digest", schema=None) as batch_op:
        batch_op.drop_column("meetings")

    with op.batch_alter_table("plc_community", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plc_community_school_id"), type_="foreignkey")
        batch_op.drop_column("seats")
        batch_op.drop_column("school_id")

    with op.batch_alter_table("plc_agenda_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_agenda_item_meeting_id")
        batch_op.drop_column("dealt_at")
        batch_op.drop_column("outcome")

    op.drop_table("plc_run_step")
    with op.batch_alter_table("plc_run_note", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_run_note_run_id_step_written_at_id")
        batch_op.drop_index("ix_plc_run_note_run_id_number")

    op.drop_table("plc_run_note")
    op.drop_table("plc_pulse_given")
    with op.batch_alter_table("plc_protocol_run", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_protocol_run_meeting_id_id")
        batch_op.drop_index("ix_plc_protocol_run_community_id_state")

    op.drop_table("plc_protocol_run")
    op.drop_table("plc_paperwork")
    op.drop_table("plc_minutes_version")
    op.drop_table("plc_minutes_answer")
    with op.batch_alter_table("plc_meeting_role", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_meeting_role_person_id")

    op.drop_table("plc_meeting_role")
    with op.batch_alter_table("plc_meeting_pulse", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_meeting_pulse_meeting_id")

    op.drop_table("plc_meeting_pulse")
    op.drop_table("plc_meeting_guest")
    with op.batch_alter_table("plc_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_decision_meeting_id_id")
        batch_op.drop_index("ix_plc_decision_community_id_id")

    op.drop_table("plc_decision")
    with op.batch_alter_table("plc_attendance", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_attendance_person_id")

    op.drop_table("plc_attendance")
    op.drop_table("plc_protocol_version")
    with op.batch_alter_table("plc_action_item_update", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_action_item_update_action_item_id_id")

    op.drop_table("plc_action_item_update")
    with op.batch_alter_table("plc_school_holiday", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_school_holiday_community_id_first_day")

    op.drop_table("plc_school_holiday")
    op.drop_table("plc_role_wish")
    with op.batch_alter_table("plc_protocol", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_protocol_community_id_id")

    op.drop_table("plc_protocol")
    with op.batch_alter_table("plc_meeting_series", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_meeting_series_community_id_id")

    op.drop_table("plc_meeting_series")
    with op.batch_alter_table("plc_knowledge_node", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_knowledge_node_origin_kind_origin_id_id")
        batch_op.drop_index("ix_plc_knowledge_node_community_id_id")

    op.drop_table("plc_knowledge_node")
    with op.batch_alter_table("plc_action_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_action_item_owner_id_state_due")
        batch_op.drop_index("ix_plc_action_item_origin_kind_origin_id_id")
        batch_op.drop_index("ix_plc_action_item_community_id_state_due_id")

    op.drop_table("plc_action_item")
    with op.batch_alter_table("plc_evidence_link", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_evidence_link_to_kind_to_id")

    op.drop_table("plc_evidence_link")
    op.drop_table("plc_calendar_feed")
