"""The first tables"""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_login",
        sa.Column("state_digest", sa.String(length=64), nullable=False),
        sa.Column("nonce_digest", sa.String(length=64), nullable=False),
        sa.Column("mark_digest", sa.String(length=64), nullable=False),
        sa.Column("platform_id", sa.String(length=36), nullable=False),
        sa.Column("target_link_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_plc_login")),
    )
    with op.batch_alter_table("plc_login", schema=None) as batch_op:
        batch_op.create_index("ix_plc_login_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "plc_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=300), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_person")),
    )
    op.create_table(
        "plc_site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=True),
        sa.Column("connector", sa.String(length=40), nullable=True),
        sa.Column("ws_token", sa.Text(), nullable=True),
        sa.Column("ws_user", sa.String(length=64), nullable=True),
        sa.Column("release", sa.String(length=100), nullable=True),
        sa.Column("covers", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("connected_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_site")),
        sa.UniqueConstraint("name", name=op.f("uq_plc_site_name")),
        sa.UniqueConstraint("url", name=op.f("uq_plc_site_url")),
    )
    op.create_table(
        "plc_ticket",
        sa.Column("ticket_digest", sa.String(length=64), nullable=False),
        sa.Column("passage", sa.JSON(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_digest", name=op.f("pk_plc_ticket")),
    )
    with op.batch_alter_table("plc_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_plc_ticket_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "plc_tool_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        sa.Column("sealed_pem", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_plc_tool_key")),
    )
    op.create_table(
        "plc_community",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("charter", sa.Text(), nullable=True),
        sa.Column("charter_html", sa.Text(), nullable=True),
        sa.Column("charter_renderer", sa.Integer(), nullable=False),
        sa.Column("charter_version", sa.Integer(), nullable=False),
        sa.Column("charter_changed_at", Moment(), nullable=True),
        sa.Column("twin_of_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_community_site_id")),
        sa.ForeignKeyConstraint(["twin_of_id"], ["plc_community.id"], name=op.f("fk_plc_community_twin_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_community")),
    )
    op.create_table(
        "plc_course",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("lms_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("short_name", sa.String(length=255), nullable=True),
        sa.Column("copied_from_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["copied_from_id"], ["plc_course.id"], name=op.f("fk_plc_course_copied_from_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_course_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_course")),
        sa.UniqueConstraint("site_id", "lms_id", name=op.f("uq_plc_course_site_id_lms_id")),
    )
    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.create_index("ix_plc_course_copied_from_id", ["copied_from_id"], unique=False)

    op.create_table(
        "plc_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("first_launched_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_identity_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_identity_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_identity")),
        sa.UniqueConstraint("site_id", "subject", name=op.f("uq_plc_identity_site_id_subject")),
    )
    with op.batch_alter_table("plc_identity", schema=None) as batch_op:
        batch_op.create_index("ix_plc_identity_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_platform",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("auth_url", sa.String(length=1000), nullable=False),
        sa.Column("token_url", sa.String(length=1000), nullable=False),
        sa.Column("jwks_url", sa.String(length=1000), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_platform_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_platform")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_plc_platform_issuer_client_id")),
    )
    with op.batch_alter_table("plc_platform", schema=None) as batch_op:
        batch_op.create_index("ix_plc_platform_site_id", ["site_id"], unique=False)

    op.create_table(
        "plc_seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.Column("browser_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("frame_origin", sa.String(length=255), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_seat_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_seat_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_seat")),
        sa.UniqueConstraint("browser_digest", "person_id", name=op.f("uq_plc_seat_browser_digest_person_id")),
        sa.UniqueConstraint("word", name=op.f("uq_plc_seat_word")),
    )
    with op.batch_alter_table("plc_seat", schema=None) as batch_op:
        batch_op.create_index("ix_plc_seat_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "plc_sync_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("alive_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_sync_run_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_sync_run")),
    )
    with op.batch_alter_table("plc_sync_run", schema=None) as batch_op:
        batch_op.create_index("ix_plc_sync_run_site_id_id", ["site_id", "id"], unique=False)
        batch_op.create_index(
            "ix_plc_sync_run_unfinished",
            ["site_id"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "plc_deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform_id", sa.Uuid(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["platform_id"], ["plc_platform.id"], name=op.f("fk_plc_deployment_platform_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_deployment")),
        sa.UniqueConstraint("platform_id", "deployment_id", name=op.f("uq_plc_deployment_platform_id_deployment_id")),
    )
    op.create_table(
        "plc_draft",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_draft_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_draft_person_id")),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_plc_draft")),
    )
    op.create_table(
        "plc_enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("launch_roles", sa.JSON(), nullable=False),
        sa.Column("lms_roles", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("from_sync", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_enrolment_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_enrolment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_enrolment")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_plc_enrolment_course_id_person_id")),
    )
    with op.batch_alter_table("plc_enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_plc_enrolment_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["plc_person.id"], name=op.f("fk_plc_event_actor_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_event_community_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_event_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_event")),
    )
    with op.batch_alter_table("plc_event", schema=None) as batch_op:
        batch_op.create_index("ix_plc_event_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_event_thing_kind_thing_id_id", ["thing_kind", "thing_id", "id"], unique=False)

    op.create_table(
        "plc_membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("joined_at", Moment(), nullable=False),
        sa.Column("left_at", Moment(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_membership_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_membership")),
        sa.UniqueConstraint("community_id", "person_id", name=op.f("uq_plc_membership_community_id_person_id")),
    )
    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.create_index("ix_plc_membership_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_membership_person_id_state", ["person_id", "state"], unique=False)

    op.create_table(
        "plc_placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.String(length=255), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_placement_community_id")),
        sa.ForeignKeyConstraint(["course_id"], ["plc_course.id"], name=op.f("fk_plc_placement_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_placement")),
        sa.UniqueConstraint("course_id", "link_id", name=op.f("uq_plc_placement_course_id_link_id")),
    )
    with op.batch_alter_table("plc_placement", schema=None) as batch_op:
        batch_op.create_index("ix_plc_placement_community_id", ["community_id"], unique=False)

    op.create_table(
        "plc_role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["assigned_by"], ["plc_person.id"], name=op.f("fk_plc_role_assignment_assigned_by")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_role_assignment_community_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_role_assignment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_role_assignment")),
    )
    with op.batch_alter_table("plc_role_assignment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_role_assignment_community_id_person_id", ["community_id", "person_id"], unique=False
        )
        batch_op.create_index("ix_plc_role_assignment_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_sync_change",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applied_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_sync_change_community_id")),
        sa.ForeignKeyConstraint(["run_id"], ["plc_sync_run.id"], name=op.f("fk_plc_sync_change_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_plc_sync_change")),
    )
    with op.batch_alter_table("plc_sync_change", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_sync_change_named",
            ["run_id"],
            unique=False,
            sqlite_where=sa.text("name IS NOT NULL"),
            postgresql_where=sa.text("name IS NOT NULL"),
        )
        batch_op.create_index("ix_plc_sync_change_run_id_course", ["run_id", "course"], unique=False)
        batch_op.create_index("ix_plc_sync_change_run_id_subject", ["run_id", "subject"], unique=False)
        batch_op.create_index(
            "ix_plc_sync_change_waiting",
            ["run_id", "number"],
            unique=False,
            sqlite_where=sa.text("applied_at IS NULL"),
            postgresql_where=sa.text("applied_at IS NULL"),
        )

    op.create_table(
        "plc_sync_course",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("short_name", sa.String(length=255), nullable=True),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["plc_sync_run.id"], name=op.f("fk_plc_sync_course_run_id")),
        sa.PrimaryKeyConstraint("run_id", "course", name=op.f("pk_plc_sync_course")),
    )
    with op.batch_alter_table("plc_sync_course", schema=None) as batch_op:
        batch_op.create_index("ix_plc_sync_course_run_id_state_number", ["run_id", "state", "number"], unique=False)

    op.create_table(
        "plc_sync_page",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("next", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["plc_sync_run.id"], name=op.f("fk_plc_sync_page_run_id")),
        sa.PrimaryKeyConstraint("run_id", "course", "number", name=op.f("pk_plc_sync_page")),
    )
    op.create_table(
        "plc_topic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_post_id", sa.Uuid(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_topic_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_topic_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_topic")),
    )
    with op.batch_alter_table("plc_topic", schema=None) as batch_op:
        batch_op.create_index("ix_plc_topic_community_id_last_post_id", ["community_id", "last_post_id"], unique=False)

    op.create_table(
        "plc_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("edited_at", Moment(), nullable=True),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_post_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_post_community_id")),
        sa.ForeignKeyConstraint(["deleted_by_id"], ["plc_person.id"], name=op.f("fk_plc_post_deleted_by_id")),
        sa.ForeignKeyConstraint(["reply_to_id"], ["plc_post.id"], name=op.f("fk_plc_post_reply_to_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["plc_topic.id"], name=op.f("fk_plc_post_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_post")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_post_author_id_form_key")),
    )
    with op.batch_alter_table("plc_post", schema=None) as batch_op:
        batch_op.create_index("ix_plc_post_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_post_topic_id_id", ["topic_id", "id"], unique=False)

    op.create_table(
        "plc_read_mark",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("last_post_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_read_mark_person_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["plc_topic.id"], name=op.f("fk_plc_read_mark_topic_id")),
        sa.PrimaryKeyConstraint("person_id", "topic_id", name=op.f("pk_plc_read_mark")),
    )
    op.create_table(
        "plc_post_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["plc_post.id"], name=op.f("fk_plc_post_version_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_post_version")),
    )
    with op.batch_alter_table("plc_post_version", schema=None) as batch_op:
        batch_op.create_index("ix_plc_post_version_post_id_id", ["post_id", "id"], unique=False)

    op.create_table(
        "plc_reaction",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_reaction_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["plc_post.id"], name=op.f("fk_plc_reaction_post_id")),
        sa.PrimaryKeyConstraint("post_id", "person_id", "kind", name=op.f("pk_plc_reaction")),
    )


def downgrade() -> None:
    op.drop_table("plc_reaction")
    with op.batch_alter_table("plc_post_version", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_post_version_post_id_id")

    op.drop_table("plc_post_version")
    op.drop_table("plc_read_mark")
    with op.batch_alter_table("plc_post", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_post_topic_id_id")
        batch_op.drop_index("ix_plc_post_community_id_id")

    op.drop_table("plc_post")
    with op.batch_alter_table("plc_topic", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_topic_community_id_last_post_id")

    op.drop_table("plc_topic")
    op.drop_table("plc_sync_page")
    with op.batch_alter_table("plc_sync_course", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_sync_course_run_id_state_number")

    op.drop_table("plc_sync_course")
    with op.batch_alter_table("plc_sync_change", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_plc_sync_change_waiting",
            sqlite_where=sa.text("applied_at IS NULL"),
            postgresql_where=sa.text("applied_at IS NULL"),
        )
        batch_op.drop_index("ix_plc_sync_change_run_id_subject")
        batch_op.drop_index("ix_plc_sync_change_run_id_course")
        batch_op.drop_index(
            "ix_plc_sync_change_named",
            sqlite_where=sa.text("name IS NOT NULL"),
            postgresql_where=sa.text("name IS NOT NULL"),
        )

    op.drop_table("plc_sync_change")
    with op.batch_alter_table("plc_role_assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_role_assignment_person_id")
        batch_op.drop_index("ix_plc_role_assignment_community_id_person_id")

    op.drop_table("plc_role_assignment")
    with op.batch_alter_table("plc_placement", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_placement_community_id")

    op.drop_table("plc_placement")
    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_membership_person_id_state")
        batch_op.drop_index("ix_plc_membership_community_id_id")

    op.drop_table("plc_membership")
    with op.batch_alter_table("plc_event", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_event_thing_kind_thing_id_id")
        batch_op.drop_index("ix_plc_event_community_id_id")

    op.drop_table("plc_event")
    with op.batch_alter_table("plc_enrolment", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_enrolment_person_id")

    op.drop_table("plc_enrolment")
    op.drop_table("plc_draft")
    op.drop_table("plc_deployment")
    with op.batch_alter_table("plc_sync_run", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_plc_sync_run_unfinished",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index("ix_plc_sync_run_site_id_id")

    op.drop_table("plc_sync_run")
    with op.batch_alter_table("plc_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_seat_expires_at")

    op.drop_table("plc_seat")
    with op.batch_alter_table("plc_platform", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_platform_site_id")

    op.drop_table("plc_platform")
    with op.batch_alter_table("plc_identity", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_identity_person_id")

    op.drop_table("plc_identity")
    with op.batch_alter_table("plc_course", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_course_copied_from_id")

    op.drop_table("plc_course")
    op.drop_table("plc_community")
    op.drop_table("plc_tool_key")
    with op.batch_alter_table("plc_ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_ticket_expires_at")

    op.drop_table("plc_ticket")
    op.drop_table("plc_site")
    op.drop_table("plc_person")
    with op.batch_alter_table("plc_login", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_login_expires_at")

    op.drop_table("plc_login")
