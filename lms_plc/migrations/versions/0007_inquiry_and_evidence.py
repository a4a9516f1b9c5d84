"""Inquiry and evidence: cycles, projects, changes, portfolios, feedback, visits, class results, released parts."""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_export",
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("thing_kind", "thing_id", "way", name=op.f("pk_plc_export")),
    )
    op.create_table(
        "plc_cycle_template",
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
        sa.ForeignKeyConstraint(["adapted_by_id"], ["plc_person.id"], name=op.f("fk_plc_cycle_template_adapted_by_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_cycle_template_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_cycle_template")),
        sa.UniqueConstraint("adapted_by_id", "form_key", name=op.f("uq_plc_cycle_template_adapted_by_id_form_key")),
    )
    with op.batch_alter_table("plc_cycle_template", schema=None) as batch_op:
        batch_op.create_index("ix_plc_cycle_template_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_data_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("came", sa.String(length=10), nullable=False),
        sa.Column("told_to_school", sa.Boolean(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_data_set_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_data_set_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_data_set")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_data_set_author_id_form_key")),
    )
    with op.batch_alter_table("plc_data_set", schema=None) as batch_op:
        batch_op.create_index("ix_plc_data_set_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_feedback_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=True),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_feedback_request_author_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_feedback_request_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_feedback_request")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_feedback_request_author_id_form_key")),
    )
    with op.batch_alter_table("plc_feedback_request", schema=None) as batch_op:
        batch_op.create_index("ix_plc_feedback_request_author_id_id", ["author_id", "id"], unique=False)
        batch_op.create_index("ix_plc_feedback_request_thing_kind_thing_id", ["thing_kind", "thing_id"], unique=False)

    op.create_table(
        "plc_innovation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_innovation_community_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["plc_person.id"], name=op.f("fk_plc_innovation_raised_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_innovation")),
        sa.UniqueConstraint("raised_by_id", "form_key", name=op.f("uq_plc_innovation_raised_by_id_form_key")),
    )
    with op.batch_alter_table("plc_innovation", schema=None) as batch_op:
        batch_op.create_index("ix_plc_innovation_community_id_state_id", ["community_id", "state", "id"], unique=False)

    op.create_table(
        "plc_inquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("cycle", sa.String(length=60), nullable=False),
        sa.Column("cycle_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("state_before", sa.String(length=15), nullable=True),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("told_to_school", sa.Boolean(), nullable=False),
        sa.Column("origin_kind", sa.String(length=30), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("learned", sa.Text(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("concluded_at", Moment(), nullable=True),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_inquiry_community_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["plc_person.id"], name=op.f("fk_plc_inquiry_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_inquiry")),
        sa.UniqueConstraint("opened_by_id", "form_key", name=op.f("uq_plc_inquiry_opened_by_id_form_key")),
    )
    with op.batch_alter_table("plc_inquiry", schema=None) as batch_op:
        batch_op.create_index("ix_plc_inquiry_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_inquiry_origin_kind_origin_id", ["origin_kind", "origin_id"], unique=False)

    op.create_table(
        "plc_practice_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("sign", sa.String(length=500), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("first_try", sa.Date(), nullable=True),
        sa.Column("origin_kind", sa.String(length=30), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=True),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_practice_change_author_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_practice_change_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_practice_change")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_practice_change_author_id_form_key")),
    )
    with op.batch_alter_table("plc_practice_change", schema=None) as batch_op:
        batch_op.create_index("ix_plc_practice_change_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index(
            "ix_plc_practice_change_not_asked_after",
            ["state", "changed_at"],
            unique=False,
            sqlite_where=sa.text("asked_at IS NULL OR asked_at <= changed_at"),
            postgresql_where=sa.text("asked_at IS NULL OR asked_at <= changed_at"),
        )
        batch_op.create_index(
            "ix_plc_practice_change_origin_kind_origin_id_id", ["origin_kind", "origin_id", "id"], unique=False
        )

    op.create_table(
        "plc_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("starts_at", Moment(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("origin_kind", sa.String(length=30), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("agreed_at", Moment(), nullable=True),
        sa.Column("debriefed_at", Moment(), nullable=True),
        sa.Column("shared_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_visit_community_id")),
        sa.ForeignKeyConstraint(["host_id"], ["plc_person.id"], name=op.f("fk_plc_visit_host_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["plc_person.id"], name=op.f("fk_plc_visit_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_visit")),
        sa.UniqueConstraint("proposed_by_id", "form_key", name=op.f("uq_plc_visit_proposed_by_id_form_key")),
    )
    with op.batch_alter_table("plc_visit", schema=None) as batch_op:
        batch_op.create_index("ix_plc_visit_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_visit_host_id", ["host_id"], unique=False)
        batch_op.create_index("ix_plc_visit_origin_kind_origin_id", ["origin_kind", "origin_id"], unique=False)

    op.create_table(
        "plc_consent_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("people_visible", sa.Boolean(), nullable=False),
        sa.Column("names_removed", sa.Boolean(), nullable=False),
        sa.Column("permission", sa.String(length=300), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by_id"], ["plc_person.id"], name=op.f("fk_plc_consent_check_checked_by_id")),
        sa.ForeignKeyConstraint(["node_id"], ["plc_knowledge_node.id"], name=op.f("fk_plc_consent_check_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_consent_check")),
    )
    with op.batch_alter_table("plc_consent_check", schema=None) as batch_op:
        batch_op.create_index("ix_plc_consent_check_node_id_id", ["node_id", "id"], unique=False)

    op.create_table(
        "plc_consultation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("need", sa.String(length=10), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("promised", sa.Text(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_consultation_author_id")),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_consultation_inquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_consultation")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_consultation_author_id_form_key")),
    )
    with op.batch_alter_table("plc_consultation", schema=None) as batch_op:
        batch_op.create_index("ix_plc_consultation_inquiry_id_round_id", ["inquiry_id", "round", "id"], unique=False)

    op.create_table(
        "plc_cycle_version",
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["plc_person.id"], name=op.f("fk_plc_cycle_version_changed_by_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["plc_cycle_template.id"], name=op.f("fk_plc_cycle_version_cycle_id")),
        sa.PrimaryKeyConstraint("cycle_id", "version", name=op.f("pk_plc_cycle_version")),
    )
    op.create_table(
        "plc_data_cell",
        sa.Column("data_set_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("suppressed", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["data_set_id"], ["plc_data_set.id"], name=op.f("fk_plc_data_cell_data_set_id")),
        sa.PrimaryKeyConstraint("data_set_id", "row", "column", name=op.f("pk_plc_data_cell")),
    )
    op.create_table(
        "plc_evidence_item",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.String(length=12), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("does_not_show", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["plc_knowledge_node.id"], name=op.f("fk_plc_evidence_item_node_id")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_plc_evidence_item")),
    )
    op.create_table(
        "plc_evidence_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("protection", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_evidence_plan_author_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["plc_person.id"], name=op.f("fk_plc_evidence_plan_checked_by_id")),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_evidence_plan_inquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_evidence_plan")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_evidence_plan_author_id_form_key")),
    )
    with op.batch_alter_table("plc_evidence_plan", schema=None) as batch_op:
        batch_op.create_index("ix_plc_evidence_plan_inquiry_id_round_id", ["inquiry_id", "round", "id"], unique=False)

    op.create_table(
        "plc_feedback_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("saw", sa.Text(), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_feedback_answer_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["plc_feedback_request.id"], name=op.f("fk_plc_feedback_answer_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_feedback_answer")),
        sa.UniqueConstraint("request_id", "person_id", name=op.f("uq_plc_feedback_answer_request_id_person_id")),
    )
    op.create_table(
        "plc_feedback_asked",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("declined_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_feedback_asked_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["plc_feedback_request.id"], name=op.f("fk_plc_feedback_asked_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_plc_feedback_asked")),
    )
    with op.batch_alter_table("plc_feedback_asked", schema=None) as batch_op:
        batch_op.create_index("ix_plc_feedback_asked_person_id_request_id", ["person_id", "request_id"], unique=False)

    op.create_table(
        "plc_grade_pull",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("item", sa.String(length=200), server_default="", nullable=False),
        sa.Column("item_id", sa.String(length=255), nullable=True),
        sa.Column("shape", sa.String(length=10), server_default="levels", nullable=False),
        sa.Column("rows", sa.String(length=10), server_default="groups", nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("data_set_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["plc_person.id"], name=op.f("fk_plc_grade_pull_asked_by_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_grade_pull_community_id")),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_grade_pull_course_id")),
        sa.ForeignKeyConstraint(["data_set_id"], ["plc_data_set.id"], name=op.f("fk_plc_grade_pull_data_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_grade_pull")),
        sa.UniqueConstraint("asked_by_id", "form_key", name=op.f("uq_plc_grade_pull_asked_by_id_form_key")),
    )
    with op.batch_alter_table("plc_grade_pull", schema=None) as batch_op:
        batch_op.create_index("ix_plc_grade_pull_course_id_item_id", ["course_id", "item_id"], unique=False)
        batch_op.create_index("ix_plc_grade_pull_data_set_id", ["data_set_id"], unique=False)

    op.create_table(
        "plc_innovation_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("innovation_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_innovation_note_author_id")),
        sa.ForeignKeyConstraint(
            ["innovation_id"], ["plc_innovation.id"], name=op.f("fk_plc_innovation_note_innovation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_innovation_note")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_innovation_note_author_id_form_key")),
    )
    with op.batch_alter_table("plc_innovation_note", schema=None) as batch_op:
        batch_op.create_index("ix_plc_innovation_note_innovation_id_id", ["innovation_id", "id"], unique=False)

    op.create_table(
        "plc_inquiry_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("prompt", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_inquiry_note_author_id")),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_inquiry_note_inquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_inquiry_note")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_inquiry_note_author_id_form_key")),
    )
    with op.batch_alter_table("plc_inquiry_note", schema=None) as batch_op:
        batch_op.create_index("ix_plc_inquiry_note_inquiry_id_round_id", ["inquiry_id", "round", "id"], unique=False)

    op.create_table(
        "plc_inquiry_person",
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("since", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_inquiry_person_inquiry_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_inquiry_person_person_id")),
        sa.PrimaryKeyConstraint("inquiry_id", "person_id", name=op.f("pk_plc_inquiry_person")),
    )
    with op.batch_alter_table("plc_inquiry_person", schema=None) as batch_op:
        batch_op.create_index("ix_plc_inquiry_person_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_inquiry_round",
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("changes", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_inquiry_round_inquiry_id")),
        sa.PrimaryKeyConstraint("inquiry_id", "round", name=op.f("pk_plc_inquiry_round")),
    )
    op.create_table(
        "plc_journal_voice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["plc_journal_entry.id"], name=op.f("fk_plc_journal_voice_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_journal_voice")),
    )
    with op.batch_alter_table("plc_journal_voice", schema=None) as batch_op:
        batch_op.create_index("ix_plc_journal_voice_entry_id", ["entry_id"], unique=False)

    op.create_table(
        "plc_observation_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_observation_note_author_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["plc_visit.id"], name=op.f("fk_plc_observation_note_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_observation_note")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_observation_note_author_id_form_key")),
    )
    with op.batch_alter_table("plc_observation_note", schema=None) as batch_op:
        batch_op.create_index("ix_plc_observation_note_visit_id_id", ["visit_id", "id"], unique=False)

    op.create_table(
        "plc_outcome_claim",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("strength", sa.String(length=25), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["plc_knowledge_node.id"], name=op.f("fk_plc_outcome_claim_node_id")),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["plc_person.id"], name=op.f("fk_plc_outcome_claim_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_plc_outcome_claim")),
    )
    op.create_table(
        "plc_portfolio",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("foreword", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("certified_at", Moment(), nullable=True),
        sa.Column("certified_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_portfolio_author_id")),
        sa.ForeignKeyConstraint(["certified_by_id"], ["plc_person.id"], name=op.f("fk_plc_portfolio_certified_by_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_portfolio_community_id")),
        sa.ForeignKeyConstraint(["inquiry_id"], ["plc_inquiry.id"], name=op.f("fk_plc_portfolio_inquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_portfolio")),
        sa.UniqueConstraint("inquiry_id", name=op.f("uq_plc_portfolio_inquiry_id")),
    )
    with op.batch_alter_table("plc_portfolio", schema=None) as batch_op:
        batch_op.create_index("ix_plc_portfolio_author_id", ["author_id"], unique=False)

    op.create_table(
        "plc_practice_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_change_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_practice_try_person_id")),
        sa.ForeignKeyConstraint(
            ["practice_change_id"], ["plc_practice_change.id"], name=op.f("fk_plc_practice_try_practice_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_practice_try")),
        sa.UniqueConstraint("person_id", "form_key", name=op.f("uq_plc_practice_try_person_id_form_key")),
    )
    with op.batch_alter_table("plc_practice_try", schema=None) as batch_op:
        batch_op.create_index("ix_plc_practice_try_practice_change_id_id", ["practice_change_id", "id"], unique=False)

    op.create_table(
        "plc_practice_turn",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_change_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_practice_turn_person_id")),
        sa.ForeignKeyConstraint(
            ["practice_change_id"], ["plc_practice_change.id"], name=op.f("fk_plc_practice_turn_practice_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_practice_turn")),
    )
    with op.batch_alter_table("plc_practice_turn", schema=None) as batch_op:
        batch_op.create_index("ix_plc_practice_turn_practice_change_id_id", ["practice_change_id", "id"], unique=False)

    op.create_table(
        "plc_released_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("released_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_released_part_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_released_part_community_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["plc_journal_entry.id"], name=op.f("fk_plc_released_part_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_released_part")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_released_part_author_id_form_key")),
    )
    with op.batch_alter_table("plc_released_part", schema=None) as batch_op:
        batch_op.create_index("ix_plc_released_part_entry_id", ["entry_id"], unique=False)

    op.create_table(
        "plc_visit_person",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_visit_person_person_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["plc_visit.id"], name=op.f("fk_plc_visit_person_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "person_id", name=op.f("pk_plc_visit_person")),
    )
    with op.batch_alter_table("plc_visit_person", schema=None) as batch_op:
        batch_op.create_index("ix_plc_visit_person_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_data_conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("data_set_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("begun_by_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=True),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["begun_by_id"], ["plc_person.id"], name=op.f("fk_plc_data_conversation_begun_by_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_data_conversation_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["data_set_id"], ["plc_data_set.id"], name=op.f("fk_plc_data_conversation_data_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["plc_person.id"], name=op.f("fk_plc_data_conversation_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_data_conversation_meeting_id")),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["plc_person.id"], name=op.f("fk_plc_data_conversation_opened_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_data_conversation")),
        sa.UniqueConstraint("begun_by_id", "form_key", name=op.f("uq_plc_data_conversation_begun_by_id_form_key")),
    )
    with op.batch_alter_table("plc_data_conversation", schema=None) as batch_op:
        batch_op.create_index("ix_plc_data_conversation_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_data_conversation_data_set_id_id", ["data_set_id", "id"], unique=False)

    op.create_table(
        "plc_inquiry_exit",
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticked_by_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id", "round"],
            ["plc_inquiry_round.inquiry_id", "plc_inquiry_round.round"],
            name=op.f("fk_plc_inquiry_exit_inquiry_id"),
        ),
        sa.ForeignKeyConstraint(["ticked_by_id"], ["plc_person.id"], name=op.f("fk_plc_inquiry_exit_ticked_by_id")),
        sa.PrimaryKeyConstraint("inquiry_id", "round", "stage", "number", name=op.f("pk_plc_inquiry_exit")),
    )
    op.create_table(
        "plc_inquiry_stage",
        sa.Column("inquiry_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("entered_at", Moment(), nullable=True),
        sa.Column("left_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inquiry_id", "round"],
            ["plc_inquiry_round.inquiry_id", "plc_inquiry_round.round"],
            name=op.f("fk_plc_inquiry_stage_inquiry_id"),
        ),
        sa.PrimaryKeyConstraint("inquiry_id", "round", "stage", name=op.f("pk_plc_inquiry_stage")),
    )
    op.create_table(
        "plc_portfolio_item",
        sa.Column("portfolio_id", sa.Uuid(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("does_not_show", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["plc_portfolio.id"], name=op.f("fk_plc_portfolio_item_portfolio_id")
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "thing_kind", "thing_id", name=op.f("pk_plc_portfolio_item")),
    )
    op.create_table(
        "plc_portfolio_lead",
        sa.Column("portfolio_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_portfolio_lead_person_id")),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["plc_portfolio.id"], name=op.f("fk_plc_portfolio_lead_portfolio_id")
        ),
        sa.PrimaryKeyConstraint("portfolio_id", "person_id", name=op.f("pk_plc_portfolio_lead")),
    )
    with op.batch_alter_table("plc_portfolio_lead", schema=None) as batch_op:
        batch_op.create_index("ix_plc_portfolio_lead_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_portfolio_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("portfolio_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["portfolio_id"], ["plc_portfolio.id"], name=op.f("fk_plc_portfolio_review_portfolio_id")
        ),
        sa.ForeignKeyConstraint(["reader_id"], ["plc_person.id"], name=op.f("fk_plc_portfolio_review_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_portfolio_review")),
        sa.UniqueConstraint("portfolio_id", "reader_id", name=op.f("uq_plc_portfolio_review_portfolio_id_reader_id")),
    )
    with op.batch_alter_table("plc_portfolio_review", schema=None) as batch_op:
        batch_op.create_index("ix_plc_portfolio_review_reader_id", ["reader_id"], unique=False)

    with op.batch_alter_table("plc_journal_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed_mood", sa.Text(), nullable=True))

    with op.batch_alter_table("plc_knowledge_node", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("done_by", sa.String(length=10), server_default="hand", nullable=False))
        batch_op.add_column(sa.Column("done_hours", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.drop_column("done_hours")
        batch_op.drop_column("done_by")

    with op.batch_alter_table("plc_knowledge_node", schema=None) as batch_op:
        batch_op.drop_column("sealed")

    with op.batch_alter_table("plc_journal_entry", schema=None) as batch_op:
        batch_op.drop_column("sealed_mood")

    with op.batch_alter_table("plc_portfolio_review", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_portfolio_review_reader_id")

    op.drop_table("plc_portfolio_review")
    with op.batch_alter_table("plc_portfolio_lead", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_portfolio_lead_person_id")

    op.drop_table("plc_portfolio_lead")
    op.drop_table("plc_portfolio_item")
    op.drop_table("plc_inquiry_stage")
    op.drop_table("plc_inquiry_exit")
    with op.batch_alter_table("plc_data_conversation", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_data_conversation_data_set_id_id")
        batch_op.drop_index("ix_plc_data_conversation_community_id_id")

    op.drop_table("plc_data_conversation")
    with op.batch_alter_table("plc_visit_person", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_visit_person_person_id")

    op.drop_table("plc_visit_person")
    with op.batch_alter_table("plc_released_part", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_released_part_entry_id")

    op.drop_table("plc_released_part")
    with op.batch_alter_table("plc_practice_turn", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_practice_turn_practice_change_id_id")

    op.drop_table("plc_practice_turn")
    with op.batch_alter_table("plc_practice_try", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_practice_try_practice_change_id_id")

    op.drop_table("plc_practice_try")
    with op.batch_alter_table("plc_portfolio", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_portfolio_author_id")

    op.drop_table("plc_portfolio")
    op.drop_table("plc_outcome_claim")
    with op.batch_alter_table("plc_observation_note", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_observation_note_visit_id_id")

    op.drop_table("plc_observation_note")
    with op.batch_alter_table("plc_journal_voice", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_journal_voice_entry_id")

    op.drop_table("plc_journal_voice")
    op.drop_table("plc_inquiry_round")
    with op.batch_alter_table("plc_inquiry_person", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_inquiry_person_person_id")

    op.drop_table("plc_inquiry_person")
    with op.batch_alter_table("plc_inquiry_note", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_inquiry_note_inquiry_id_round_id")

    op.drop_table("plc_inquiry_note")
    with op.batch_alter_table("plc_innovation_note", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_innovation_note_innovation_id_id")

    op.drop_table("plc_innovation_note")
    with op.batch_alter_table("plc_grade_pull", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_grade_pull_data_set_id")
        batch_op.drop_index("ix_plc_grade_pull_course_id_item_id")

    op.drop_table("plc_grade_pull")
    with op.batch_alter_table("plc_feedback_asked", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_feedback_asked_person_id_request_id")

    op.drop_table("plc_feedback_asked")
    op.drop_table("plc_feedback_answer")
    with op.batch_alter_table("plc_evidence_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_evidence_plan_inquiry_id_round_id")

    op.drop_table("plc_evidence_plan")
    op.drop_table("plc_evidence_item")
    op.drop_table("plc_data_cell")
    op.drop_table("plc_cycle_version")
    with op.batch_alter_table("plc_consultation", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_consultation_inquiry_id_round_id")

    op.drop_table("plc_consultation")
    with op.batch_alter_table("plc_consent_check", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_consent_check_node_id_id")

    op.drop_table("plc_consent_check")
    with op.batch_alter_table("plc_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_visit_origin_kind_origin_id")
        batch_op.drop_index("ix_plc_visit_host_id")
        batch_op.drop_index("ix_plc_visit_community_id_id")

    op.drop_table("plc_visit")
    with op.batch_alter_table("plc_practice_change", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_practice_change_origin_kind_origin_id_id")
        batch_op.drop_index(
            "ix_plc_practice_change_not_asked_after",
            sqlite_where=sa.text("asked_at IS NULL OR asked_at <= changed_at"),
            postgresql_where=sa.text("asked_at IS NULL OR asked_at <= changed_at"),
        )
        batch_op.drop_index("ix_plc_practice_change_community_id_id")

    op.drop_table("plc_practice_change")
    with op.batch_alter_table("plc_inquiry", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_inquiry_origin_kind_origin_id")
        batch_op.drop_index("ix_plc_inquiry_community_id_id")

    op.drop_table("plc_inquiry")
    with op.batch_alter_table("plc_innovation", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_innovation_community_id_state_id")

    op.drop_table("plc_innovation")
    with op.batch_alter_table("plc_feedback_request", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_feedback_request_thing_kind_thing_id")
        batch_op.drop_index("ix_plc_feedback_request_author_id_id")

    op.drop_table("plc_feedback_request")
    with op.batch_alter_table("plc_data_set", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_data_set_community_id_id")

    op.drop_table("plc_data_set")
    with op.batch_alter_table("plc_cycle_template", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_cycle_template_community_id_id")

    op.drop_table("plc_cycle_template")
    op.drop_table("plc_export")
