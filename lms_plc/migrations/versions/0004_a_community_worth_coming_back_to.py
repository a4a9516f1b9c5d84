"""What a community needs to be worth coming back to: rooms, profiles, files, notifications."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_audience_person",
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_audience_person_person_id")),
        sa.PrimaryKeyConstraint("thing_kind", "thing_id", "person_id", name=op.f("pk_plc_audience_person")),
    )
    with op.batch_alter_table("plc_audience_person", schema=None) as batch_op:
        batch_op.create_index("ix_plc_audience_person_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unread", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.drop_column("unread")

    with op.batch_alter_table("plc_audience_person", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_audience_person_person_id")

    op.drop_table("plc_audience_person")
