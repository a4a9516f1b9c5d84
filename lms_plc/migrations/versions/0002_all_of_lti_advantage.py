"""All of LTI Advantage: registrations by link, deep links, completions, the desk"""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_operator_seat",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_plc_operator_seat")),
    )
    with op.batch_alter_table("plc_operator_seat", schema=None) as batch_op:
        batch_op.create_index("ix_plc_operator_seat_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "plc_deep_link_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_deep_link_request_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_deep_link_request_person_id")),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["plc_platform.id"], name=op.f("fk_plc_deep_link_request_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_deep_link_request")),
    )
    with op.batch_alter_table("plc_deep_link_request", schema=None) as batch_op:
        batch_op.create_index("ix_plc_deep_link_request_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "plc_placed_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("resource_link_id", sa.String(length=255), nullable=True),
        sa.Column("line_item_url", sa.String(length=1000), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_placed_link_community_id")),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_placed_link_course_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["plc_person.id"], name=op.f("fk_plc_placed_link_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_placed_link")),
    )
    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.create_index("ix_plc_placed_link_community_id", ["community_id"], unique=False)
        batch_op.create_index("ix_plc_placed_link_course_id", ["course_id"], unique=False)

    op.create_table(
        "plc_registration_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("site_name", sa.String(length=80), nullable=True),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("platform_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["plc_platform.id"], name=op.f("fk_plc_registration_link_platform_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_registration_link")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_plc_registration_link_secret_digest")),
    )
    op.create_table(
        "plc_completion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("placed_link_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", Moment(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["plc_person.id"], name=op.f("fk_plc_completion_confirmed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_completion_person_id")),
        sa.ForeignKeyConstraint(
            ["placed_link_id"], ["plc_placed_link.id"], name=op.f("fk_plc_completion_placed_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_completion")),
        sa.UniqueConstraint("placed_link_id", "person_id", name=op.f("uq_plc_completion_placed_link_id_person_id")),
    )
    with op.batch_alter_table("plc_completion", schema=None) as batch_op:
        batch_op.create_index("ix_plc_completion_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_plc_completion_state_next_try_at", ["state", "next_try_at"], unique=False)

    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("services", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("plc_login", schema=None) as batch_op:
        batch_op.add_column(sa.Column("storage_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("storage_frame", sa.String(length=255), nullable=True))
        batch_op.create_index("ix_plc_login_mark_digest", ["mark_digest"], unique=False)

    with op.batch_alter_table("plc_platform", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token_audience", sa.String(length=1000), nullable=True))
        batch_op.add_column(sa.Column("family", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("registered_by", sa.String(length=10), nullable=False, server_default="hand"))
        batch_op.add_column(sa.Column("granted", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("custom", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("notices", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("proved_at", Moment(), nullable=True))

    with op.batch_alter_table("plc_ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("storage_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("plc_ticket", schema=None) as batch_op:
        batch_op.drop_column("storage_digest")

    with op.batch_alter_table("plc_platform", schema=None) as batch_op:
        batch_op.drop_column("proved_at")
        batch_op.drop_column("notices")
        batch_op.drop_column("custom")
        batch_op.drop_column("granted")
        batch_op.drop_column("registered_by")
        batch_op.drop_column("family")
        batch_op.drop_column("token_audience")

    with op.batch_alter_table("plc_login", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_login_mark_digest")
        batch_op.drop_column("storage_frame")
        batch_op.drop_column("storage_digest")

    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.drop_column("services")

    with op.batch_alter_table("plc_completion", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_completion_state_next_try_at")
        batch_op.drop_index("ix_plc_completion_person_id")

    op.drop_table("plc_completion")
    op.drop_table("plc_registration_link")
    with op.batch_alter_table("plc_placed_link", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_placed_link_course_id")
        batch_op.drop_index("ix_plc_placed_link_community_id")

    op.drop_table("plc_placed_link")
    with op.batch_alter_table("plc_deep_link_request", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_deep_link_request_expires_at")

    op.drop_table("plc_deep_link_request")
    with op.batch_alter_table("plc_operator_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_operator_seat_expires_at")

    op.drop_table("plc_operator_seat")
