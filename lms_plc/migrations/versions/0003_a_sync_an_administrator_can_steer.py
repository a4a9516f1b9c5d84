"""A sync an administrator can steer: rules, plans to approve, absences, registers"""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_kept_apart",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["plc_person.id"], name=op.f("fk_plc_kept_apart_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_kept_apart_person_id")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_plc_kept_apart")),
    )
    op.create_table(
        "plc_write_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("delayed", sa.Integer(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("alive_at", Moment(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_write_plan_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_write_plan")),
    )
    with op.batch_alter_table("plc_write_plan", schema=None) as batch_op:
        batch_op.create_index("ix_plc_write_plan_site_id_id", ["site_id", "id"], unique=False)

    op.create_table(
        "plc_sync_look",
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_sync_look_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_plc_sync_look")),
    )
    op.create_table(
        "plc_sync_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("parts_named", sa.JSON(), nullable=False),
        sa.Column("makes", sa.String(length=10), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_sync_rule_community_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_sync_rule_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_sync_rule")),
    )
    with op.batch_alter_table("plc_sync_rule", schema=None) as batch_op:
        batch_op.create_index("ix_plc_sync_rule_site_id_number", ["site_id", "number"], unique=False)

    op.create_table(
        "plc_write_line",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("verb", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_write_line_community_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plc_write_plan.id"], name=op.f("fk_plc_write_line_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_plc_write_line")),
    )
    with op.batch_alter_table("plc_write_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_write_line_open",
            ["plan_id", "number"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'trying')"),
            postgresql_where=sa.text("state IN ('waiting', 'trying')"),
        )

    op.create_table(
        "plc_write_thing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("course", sa.String(length=255), nullable=True),
        sa.Column("lms_id", sa.String(length=64), nullable=True),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_write_thing_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_write_thing_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_write_thing_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_write_thing")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_plc_write_thing_site_id_key")),
    )
    with op.batch_alter_table("plc_write_thing", schema=None) as batch_op:
        batch_op.create_index("ix_plc_write_thing_community_id", ["community_id"], unique=False)
        batch_op.create_index("ix_plc_write_thing_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_write_member",
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_write_member_person_id")),
        sa.ForeignKeyConstraint(["thing_id"], ["plc_write_thing.id"], name=op.f("fk_plc_write_member_thing_id")),
        sa.PrimaryKeyConstraint("thing_id", "subject", name=op.f("pk_plc_write_member")),
    )
    with op.batch_alter_table("plc_write_member", schema=None) as batch_op:
        batch_op.create_index("ix_plc_write_member_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_plc_course_parent_id", ["parent_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_plc_course_parent_id"), "plc_course", ["parent_id"], ["id"])

    with op.batch_alter_table("plc_enrolment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("missing_since", Moment(), nullable=True))

    with op.batch_alter_table("plc_identity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sourced_id", sa.String(length=255), nullable=True))
        batch_op.create_index("ix_plc_identity_sourced_id", ["sourced_id"], unique=False)

    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", Moment(), nullable=True))
        batch_op.create_index("ix_plc_membership_community_id_state", ["community_id", "state"], unique=False)

    with op.batch_alter_table("plc_operator_seat", schema=None) as batch_op:
        batch_op.add_column(sa.Column("who", sa.String(length=80), nullable=True))

    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("post_type", sa.String(length=20), nullable=True))

    with op.batch_alter_table("plc_site", schema=None) as batch_op:
        batch_op.add_column(sa.Column("syncs", sa.String(length=10), nullable=False, server_default="apply"))
        batch_op.add_column(sa.Column("sync_every", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sync_revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("sync_failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("register", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("writes", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("plc_sync_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_as", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("left_out", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_index(batch_op.f("ix_plc_sync_change_run_id_subject"))
        batch_op.create_index("ix_plc_sync_change_subject_run_id", ["subject", "run_id"], unique=False)
        batch_op.drop_constraint(batch_op.f("fk_plc_sync_change_community_id"), type_="foreignkey")

    with op.batch_alter_table("plc_sync_course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("community_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("founds", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("together", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("parent", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("members", sa.JSON(), nullable=True))
        batch_op.create_index("ix_plc_sync_course_run_id_community_id", ["run_id", "community_id"], unique=False)

    with op.batch_alter_table("plc_sync_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("approved_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        batch_op.alter_column(
            "asked_by", existing_type=sa.VARCHAR(length=20), type_=sa.String(length=120), existing_nullable=False
        )
        batch_op.create_foreign_key(batch_op.f("fk_plc_sync_run_undoes_id"), "plc_sync_run", ["undoes_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("plc_sync_run", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plc_sync_run_undoes_id"), type_="foreignkey")
        batch_op.alter_column(
            "asked_by", existing_type=sa.String(length=120), type_=sa.VARCHAR(length=20), existing_nullable=False
        )
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("approved_at")
        batch_op.drop_column("approved_by")
        batch_op.drop_column("revision")

    with op.batch_alter_table("plc_sync_course", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_sync_course_run_id_community_id")
        batch_op.drop_column("members")
        batch_op.drop_column("parent")
        batch_op.drop_column("together")
        batch_op.drop_column("founds")
        batch_op.drop_column("community_id")

    with op.batch_alter_table("plc_sync_change", schema=None) as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_plc_sync_change_community_id"), "plc_community", ["community_id"], ["id"]
        )
        batch_op.drop_index("ix_plc_sync_change_subject_run_id")
        batch_op.create_index(batch_op.f("ix_plc_sync_change_run_id_subject"), ["run_id", "subject"], unique=False)
        batch_op.drop_column("left_out")
        batch_op.drop_column("known_as")

    with op.batch_alter_table("plc_site", schema=None) as batch_op:
        batch_op.drop_column("writes")
        batch_op.drop_column("register")
        batch_op.drop_column("sync_failures")
        batch_op.drop_column("sync_revision")
        batch_op.drop_column("sync_every")
        batch_op.drop_column("syncs")

    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.drop_column("post_type")

    with op.batch_alter_table("plc_operator_seat", schema=None) as batch_op:
        batch_op.drop_column("who")

    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_membership_community_id_state")
        batch_op.drop_column("paused_at")

    with op.batch_alter_table("plc_identity", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_identity_sourced_id")
        batch_op.drop_column("sourced_id")

    with op.batch_alter_table("plc_enrolment", schema=None) as batch_op:
        batch_op.drop_column("missing_since")

    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plc_course_parent_id"), type_="foreignkey")
        batch_op.drop_index("ix_plc_course_parent_id")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("plc_write_member", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_write_member_person_id")

    op.drop_table("plc_write_member")
    with op.batch_alter_table("plc_write_thing", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_write_thing_person_id")
        batch_op.drop_index("ix_plc_write_thing_community_id")

    op.drop_table("plc_write_thing")
    with op.batch_alter_table("plc_write_line", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_plc_write_line_open",
            sqlite_where=sa.text("state IN ('waiting', 'trying')"),
            postgresql_where=sa.text("state IN ('waiting', 'trying')"),
        )

    op.drop_table("plc_write_line")
    with op.batch_alter_table("plc_sync_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_sync_rule_site_id_number")

    op.drop_table("plc_sync_rule")
    op.drop_table("plc_sync_look")
    with op.batch_alter_table("plc_write_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_write_plan_site_id_id")

    op.drop_table("plc_write_plan")
    op.drop_table("plc_kept_apart")
