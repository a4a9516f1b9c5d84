"""What a community needs to be worth coming back to: rooms, profiles, files, notifications."""

import sqlalchemy as sa
from alembic import op

from lms_plc.core.database import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plc_digest_round",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("paces", sa.String(length=40), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_plc_digest_round")),
    )
    op.create_table(
        "plc_file_content",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_plc_file_content")),
    )
    op.create_table(
        "plc_message_thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pair", sa.String(length=80), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_message_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_message_thread")),
        sa.UniqueConstraint("pair", name=op.f("uq_plc_message_thread_pair")),
    )
    op.create_table(
        "plc_notification_cursor",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plc_notification_cursor")),
    )
    op.create_table(
        "plc_access",
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_access_person_id")),
        sa.PrimaryKeyConstraint("thing_kind", "thing_id", "person_id", name=op.f("pk_plc_access")),
    )
    with op.batch_alter_table("plc_access", schema=None) as batch_op:
        batch_op.create_index("ix_plc_access_person_id", ["person_id"], unique=False)

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

    op.create_table(
        "plc_block",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["blocked_id"], ["plc_person.id"], name=op.f("fk_plc_block_blocked_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_block_person_id")),
        sa.PrimaryKeyConstraint("person_id", "blocked_id", name=op.f("pk_plc_block")),
    )
    with op.batch_alter_table("plc_block", schema=None) as batch_op:
        batch_op.create_index("ix_plc_block_blocked_id", ["blocked_id"], unique=False)

    op.create_table(
        "plc_connection",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["plc_person.id"], name=op.f("fk_plc_connection_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_connection_person_id")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_plc_connection")),
    )
    with op.batch_alter_table("plc_connection", schema=None) as batch_op:
        batch_op.create_index("ix_plc_connection_other_id", ["other_id"], unique=False)

    op.create_table(
        "plc_digest_mark",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=36), nullable=False),
        sa.Column("told_to", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_digest_mark_person_id")),
        sa.PrimaryKeyConstraint("person_id", "place", name=op.f("pk_plc_digest_mark")),
    )
    op.create_table(
        "plc_hello",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("accepted_at", Moment(), nullable=True),
        sa.Column("rests_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["other_id"], ["plc_person.id"], name=op.f("fk_plc_hello_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_hello_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_hello")),
        sa.UniqueConstraint("person_id", "other_id", name=op.f("uq_plc_hello_person_id_other_id")),
    )
    with op.batch_alter_table("plc_hello", schema=None) as batch_op:
        batch_op.create_index("ix_plc_hello_other_id_id", ["other_id", "id"], unique=False)

    op.create_table(
        "plc_last_contact",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_last_contact_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_last_contact")),
    )
    with op.batch_alter_table("plc_last_contact", schema=None) as batch_op:
        batch_op.create_index("ix_plc_last_contact_at", ["at"], unique=False)

    op.create_table(
        "plc_mail_address",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_mail_address_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_mail_address")),
    )
    op.create_table(
        "plc_mail_choice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("quiet_weekends", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_mail_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_mail_choice")),
    )
    op.create_table(
        "plc_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_message_author_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["plc_message_thread.id"], name=op.f("fk_plc_message_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_message")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_message_author_id_form_key")),
    )
    with op.batch_alter_table("plc_message", schema=None) as batch_op:
        batch_op.create_index("ix_plc_message_thread_id_id", ["thread_id", "id"], unique=False)

    op.create_table(
        "plc_message_participant",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("read_to", sa.Uuid(), nullable=True),
        sa.Column("muted_at", Moment(), nullable=True),
        sa.Column("left_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_message_participant_person_id")),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["plc_message_thread.id"], name=op.f("fk_plc_message_participant_thread_id")
        ),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_plc_message_participant")),
    )
    with op.batch_alter_table("plc_message_participant", schema=None) as batch_op:
        batch_op.create_index("ix_plc_message_participant_person_id_left_at", ["person_id", "left_at"], unique=False)

    op.create_table(
        "plc_peer_offer",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("offered_at", Moment(), nullable=False),
        sa.Column("dismissed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_peer_offer_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_peer_offer")),
    )
    op.create_table(
        "plc_person_language",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_person_language_person_id")),
        sa.PrimaryKeyConstraint("person_id", "language", name=op.f("pk_plc_person_language")),
    )
    op.create_table(
        "plc_person_subject",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_person_subject_person_id")),
        sa.PrimaryKeyConstraint("person_id", "subject", name=op.f("pk_plc_person_subject")),
    )
    with op.batch_alter_table("plc_person_subject", schema=None) as batch_op:
        batch_op.create_index("ix_plc_person_subject_subject_person_id", ["subject", "person_id"], unique=False)

    op.create_table(
        "plc_profile",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("post_type", sa.String(length=20), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_html", sa.Text(), nullable=False),
        sa.Column("about_renderer", sa.Integer(), nullable=False),
        sa.Column("may_be_found", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_plc_profile")),
    )
    op.create_table(
        "plc_school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_school_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_school")),
        sa.UniqueConstraint("site_id", "folded", name=op.f("uq_plc_school_site_id_folded")),
    )
    op.create_table(
        "plc_consent_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_consent_round_community_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["plc_person.id"], name=op.f("fk_plc_consent_round_decided_by")),
        sa.ForeignKeyConstraint(["opened_by"], ["plc_person.id"], name=op.f("fk_plc_consent_round_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_consent_round")),
        sa.UniqueConstraint("opened_by", "form_key", name=op.f("uq_plc_consent_round_opened_by_form_key")),
    )
    with op.batch_alter_table("plc_consent_round", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_consent_round_community_id_state_id", ["community_id", "state", "id"], unique=False
        )

    op.create_table(
        "plc_digest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("composed_at", Moment(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_digest_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_digest")),
        sa.UniqueConstraint("person_id", "period", name=op.f("uq_plc_digest_person_id_period")),
    )
    with op.batch_alter_table("plc_digest", schema=None) as batch_op:
        batch_op.create_index("ix_plc_digest_state_next_try_at", ["state", "next_try_at"], unique=False)

    op.create_table(
        "plc_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("small_digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=True),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_file_community_id")),
        sa.ForeignKeyConstraint(["digest"], ["plc_file_content.digest"], name=op.f("fk_plc_file_digest")),
        sa.ForeignKeyConstraint(["owner_id"], ["plc_person.id"], name=op.f("fk_plc_file_owner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_file_site_id")),
        sa.ForeignKeyConstraint(["small_digest"], ["plc_file_content.digest"], name=op.f("fk_plc_file_small_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_file")),
    )
    with op.batch_alter_table("plc_file", schema=None) as batch_op:
        batch_op.create_index("ix_plc_file_community_id_size", ["community_id", "size"], unique=False)
        batch_op.create_index("ix_plc_file_digest", ["digest"], unique=False)
        batch_op.create_index("ix_plc_file_owner_id_position", ["owner_id", "position"], unique=False)
        batch_op.create_index("ix_plc_file_small_digest", ["small_digest"], unique=False)
        batch_op.create_index(
            "ix_plc_file_thing_kind_thing_id_position", ["thing_kind", "thing_id", "position"], unique=False
        )

    op.create_table(
        "plc_founding",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("founded_by", sa.String(length=20), nullable=True),
        sa.Column("by_whom", sa.String(length=200), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("first_purpose", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_founding_community_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["plc_person.id"], name=op.f("fk_plc_founding_recorded_by")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_plc_founding")),
    )
    op.create_table(
        "plc_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_in_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("edited_at", Moment(), nullable=True),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_issue_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_issue_community_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["plc_person.id"], name=op.f("fk_plc_issue_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_issue")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_issue_author_id_form_key")),
    )
    with op.batch_alter_table("plc_issue", schema=None) as batch_op:
        batch_op.create_index("ix_plc_issue_community_id_state_id", ["community_id", "state", "id"], unique=False)

    op.create_table(
        "plc_journal_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("prompt", sa.String(length=30), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_journal_entry_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_journal_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_journal_entry")),
        sa.UniqueConstraint("person_id", "form_key", name=op.f("uq_plc_journal_entry_person_id_form_key")),
    )
    with op.batch_alter_table("plc_journal_entry", schema=None) as batch_op:
        batch_op.create_index("ix_plc_journal_entry_person_id_id", ["person_id", "id"], unique=False)

    op.create_table(
        "plc_library_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("shape", sa.String(length=10), nullable=False),
        sa.Column("story_kind", sa.String(length=10), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("html", sa.JSON(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("licence", sa.String(length=20), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("reach", sa.String(length=20), nullable=True),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("findable", sa.Boolean(), nullable=False),
        sa.Column("origin_kind", sa.String(length=30), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("origin_version", sa.Integer(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_library_item_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_library_item_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_library_item")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_library_item_author_id_form_key")),
    )
    with op.batch_alter_table("plc_library_item", schema=None) as batch_op:
        batch_op.create_index("ix_plc_library_item_audience_id", ["audience", "id"], unique=False)
        batch_op.create_index("ix_plc_library_item_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_library_item_origin_kind_origin_id", ["origin_kind", "origin_id"], unique=False)

    op.create_table(
        "plc_mail_pace",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_mail_pace_community_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_mail_pace_person_id")),
        sa.PrimaryKeyConstraint("person_id", "community_id", name=op.f("pk_plc_mail_pace")),
    )
    with op.batch_alter_table("plc_mail_pace", schema=None) as batch_op:
        batch_op.create_index("ix_plc_mail_pace_pace_person_id", ["pace", "person_id"], unique=False)

    op.create_table(
        "plc_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("planned_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("minutes_html", sa.Text(), nullable=False),
        sa.Column("minutes_renderer", sa.Integer(), nullable=False),
        sa.Column("minutes_version", sa.Integer(), nullable=False),
        sa.Column("minutes_by_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_at", Moment(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_meeting_community_id")),
        sa.ForeignKeyConstraint(["minutes_by_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_minutes_by_id")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["plc_person.id"], name=op.f("fk_plc_meeting_planned_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_meeting")),
        sa.UniqueConstraint("planned_by_id", "form_key", name=op.f("uq_plc_meeting_planned_by_id_form_key")),
    )
    with op.batch_alter_table("plc_meeting", schema=None) as batch_op:
        batch_op.create_index("ix_plc_meeting_changed_at", ["changed_at"], unique=False)
        batch_op.create_index(
            "ix_plc_meeting_community_id_starts_at_id", ["community_id", "starts_at", "id"], unique=False
        )

    op.create_table(
        "plc_moderation_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("as_seen", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("before_appeal", sa.String(length=12), nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("final_at", Moment(), nullable=True),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_moderation_case_author_id")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_moderation_case_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["plc_person.id"], name=op.f("fk_plc_moderation_case_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_moderation_case")),
        sa.UniqueConstraint("thing_kind", "thing_id", name=op.f("uq_plc_moderation_case_thing_kind_thing_id")),
    )
    with op.batch_alter_table("plc_moderation_case", schema=None) as batch_op:
        batch_op.create_index("ix_plc_moderation_case_author_id_id", ["author_id", "id"], unique=False)
        batch_op.create_index("ix_plc_moderation_case_community_id_id", ["community_id", "id"], unique=False)
        batch_op.create_index("ix_plc_moderation_case_state_decided_at", ["state", "decided_at"], unique=False)

    op.create_table(
        "plc_person_school",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_person_school_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["plc_school.id"], name=op.f("fk_plc_person_school_school_id")),
        sa.PrimaryKeyConstraint("person_id", "school_id", name=op.f("pk_plc_person_school")),
    )
    with op.batch_alter_table("plc_person_school", schema=None) as batch_op:
        batch_op.create_index("ix_plc_person_school_school_id", ["school_id"], unique=False)

    op.create_table(
        "plc_school_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=True),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.Column("hidden_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_school_item_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_school_item_community_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_school_item_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_school_item")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_plc_school_item_author_id_form_key")),
    )
    with op.batch_alter_table("plc_school_item", schema=None) as batch_op:
        batch_op.create_index("ix_plc_school_item_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_search_entry",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("folded_title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["plc_person.id"], name=op.f("fk_plc_search_entry_author_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_search_entry_community_id")),
        sa.ForeignKeyConstraint(["site_id"], ["plc_site.id"], name=op.f("fk_plc_search_entry_site_id")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_plc_search_entry")),
        sa.UniqueConstraint("kind", "thing_id", name=op.f("uq_plc_search_entry_kind_thing_id")),
    )
    with op.batch_alter_table("plc_search_entry", schema=None) as batch_op:
        batch_op.create_index("ix_plc_search_entry_author_id", ["author_id"], unique=False)
        batch_op.create_index("ix_plc_search_entry_community_id", ["community_id"], unique=False)

    op.create_table(
        "plc_agenda_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=True),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_agenda_item_community_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["plc_meeting.id"], name=op.f("fk_plc_agenda_item_meeting_id")),
        sa.ForeignKeyConstraint(["proposer_id"], ["plc_person.id"], name=op.f("fk_plc_agenda_item_proposer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_agenda_item")),
        sa.UniqueConstraint("proposer_id", "form_key", name=op.f("uq_plc_agenda_item_proposer_id_form_key")),
    )
    with op.batch_alter_table("plc_agenda_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plc_agenda_item_community_id_meeting_id_id", ["community_id", "meeting_id", "id"], unique=False
        )
        batch_op.create_index("ix_plc_agenda_item_thing_kind_thing_id", ["thing_kind", "thing_id"], unique=False)

    op.create_table(
        "plc_case_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("norm", sa.String(length=300), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["plc_moderation_case.id"], name=op.f("fk_plc_case_step_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_case_step_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_case_step")),
    )
    with op.batch_alter_table("plc_case_step", schema=None) as batch_op:
        batch_op.create_index("ix_plc_case_step_case_id_id", ["case_id", "id"], unique=False)

    op.create_table(
        "plc_charter_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("leaves_room", sa.Text(), nullable=False),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["plc_community.id"], name=op.f("fk_plc_charter_version_community_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["plc_consent_round.id"], name=op.f("fk_plc_charter_version_round_id")),
        sa.ForeignKeyConstraint(["written_by"], ["plc_person.id"], name=op.f("fk_plc_charter_version_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_charter_version")),
        sa.UniqueConstraint("community_id", "version", name=op.f("uq_plc_charter_version_community_id_version")),
    )
    op.create_table(
        "plc_consent_answer",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("stand", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_consent_answer_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["plc_consent_round.id"], name=op.f("fk_plc_consent_answer_round_id")),
        sa.PrimaryKeyConstraint("round_id", "person_id", name=op.f("pk_plc_consent_answer")),
    )
    with op.batch_alter_table("plc_consent_answer", schema=None) as batch_op:
        batch_op.create_index("ix_plc_consent_answer_person_id", ["person_id"], unique=False)

    op.create_table(
        "plc_goal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("agreed_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["plc_person.id"], name=op.f("fk_plc_goal_closed_by")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_goal_community_id")),
        sa.ForeignKeyConstraint(["round_id"], ["plc_consent_round.id"], name=op.f("fk_plc_goal_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_goal")),
    )
    with op.batch_alter_table("plc_goal", schema=None) as batch_op:
        batch_op.create_index("ix_plc_goal_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_issue_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["plc_issue.id"], name=op.f("fk_plc_issue_step_issue_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_issue_step_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_issue_step")),
    )
    with op.batch_alter_table("plc_issue_step", schema=None) as batch_op:
        batch_op.create_index("ix_plc_issue_step_issue_id_id", ["issue_id", "id"], unique=False)

    op.create_table(
        "plc_library_tag",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["plc_library_item.id"], name=op.f("fk_plc_library_tag_item_id")),
        sa.PrimaryKeyConstraint("item_id", "tag", name=op.f("pk_plc_library_tag")),
    )
    with op.batch_alter_table("plc_library_tag", schema=None) as batch_op:
        batch_op.create_index("ix_plc_library_tag_tag_item_id", ["tag", "item_id"], unique=False)

    op.create_table(
        "plc_library_tried",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["plc_library_item.id"], name=op.f("fk_plc_library_tried_item_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_library_tried_person_id")),
        sa.PrimaryKeyConstraint("item_id", "person_id", name=op.f("pk_plc_library_tried")),
    )
    op.create_table(
        "plc_library_version",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["plc_library_item.id"], name=op.f("fk_plc_library_version_item_id")),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_plc_library_version")),
    )
    op.create_table(
        "plc_norm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["plc_person.id"], name=op.f("fk_plc_norm_added_by")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_norm_community_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["plc_person.id"], name=op.f("fk_plc_norm_reviewed_by")),
        sa.ForeignKeyConstraint(["round_id"], ["plc_consent_round.id"], name=op.f("fk_plc_norm_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_norm")),
    )
    with op.batch_alter_table("plc_norm", schema=None) as batch_op:
        batch_op.create_index("ix_plc_norm_community_id_id", ["community_id", "id"], unique=False)

    op.create_table(
        "plc_notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("about_kind", sa.String(length=30), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("mailed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["plc_person.id"], name=op.f("fk_plc_notification_actor_id")),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_notification_community_id")),
        sa.ForeignKeyConstraint(["event_id"], ["plc_event.id"], name=op.f("fk_plc_notification_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_notification_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_notification")),
        sa.UniqueConstraint("person_id", "event_id", name=op.f("uq_plc_notification_person_id_event_id")),
    )
    with op.batch_alter_table("plc_notification", schema=None) as batch_op:
        batch_op.create_index("ix_plc_notification_person_id_read_at", ["person_id", "read_at"], unique=False)
        batch_op.create_index("ix_plc_notification_read_at", ["read_at"], unique=False)

    op.create_table(
        "plc_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("norm", sa.String(length=300), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["plc_moderation_case.id"], name=op.f("fk_plc_report_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_report_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_report")),
        sa.UniqueConstraint("case_id", "person_id", name=op.f("uq_plc_report_case_id_person_id")),
    )
    with op.batch_alter_table("plc_report", schema=None) as batch_op:
        batch_op.create_index("ix_plc_report_person_id_id", ["person_id", "id"], unique=False)

    op.create_table(
        "plc_school_item_school",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["plc_school_item.id"], name=op.f("fk_plc_school_item_school_item_id")),
        sa.ForeignKeyConstraint(["school_id"], ["plc_school.id"], name=op.f("fk_plc_school_item_school_school_id")),
        sa.PrimaryKeyConstraint("item_id", "school_id", name=op.f("pk_plc_school_item_school")),
    )
    with op.batch_alter_table("plc_school_item_school", schema=None) as batch_op:
        batch_op.create_index("ix_plc_school_item_school_school_id_item_id", ["school_id", "item_id"], unique=False)

    op.create_table(
        "plc_shared_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=30), nullable=False),
        sa.Column("thing_kind", sa.String(length=30), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("shared_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["plc_community.id"], name=op.f("fk_plc_shared_part_community_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["plc_journal_entry.id"], name=op.f("fk_plc_shared_part_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plc_shared_part")),
        sa.UniqueConstraint("thing_kind", "thing_id", name=op.f("uq_plc_shared_part_thing_kind_thing_id")),
    )
    with op.batch_alter_table("plc_shared_part", schema=None) as batch_op:
        batch_op.create_index("ix_plc_shared_part_entry_id", ["entry_id"], unique=False)

    op.create_table(
        "plc_topic_follow",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["plc_person.id"], name=op.f("fk_plc_topic_follow_person_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["plc_topic.id"], name=op.f("fk_plc_topic_follow_topic_id")),
        sa.PrimaryKeyConstraint("person_id", "topic_id", name=op.f("pk_plc_topic_follow")),
    )
    with op.batch_alter_table("plc_topic_follow", schema=None) as batch_op:
        batch_op.create_index("ix_plc_topic_follow_topic_id", ["topic_id"], unique=False)

    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("seen_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("seen_before", Moment(), nullable=True))

    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("email_source", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("unread", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("plc_post", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden_at", Moment(), nullable=True))

    with op.batch_alter_table("plc_topic", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pinned_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("closed_by_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("answer_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("hidden_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_plc_topic_community_id_pinned_at", ["community_id", "pinned_at"], unique=False)
        batch_op.create_index("ix_plc_topic_merged_into_id", ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_plc_topic_merged_into_id"), "plc_topic", ["merged_into_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_plc_topic_closed_by_id"), "plc_person", ["closed_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("plc_topic", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plc_topic_closed_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_plc_topic_merged_into_id"), type_="foreignkey")
        batch_op.drop_index("ix_plc_topic_merged_into_id")
        batch_op.drop_index("ix_plc_topic_community_id_pinned_at")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("hidden_at")
        batch_op.drop_column("answer_id")
        batch_op.drop_column("closed_by_id")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("pinned_at")

    with op.batch_alter_table("plc_post", schema=None) as batch_op:
        batch_op.drop_column("hidden_at")

    with op.batch_alter_table("plc_person", schema=None) as batch_op:
        batch_op.drop_column("unread")
        batch_op.drop_column("email_source")
        batch_op.drop_column("email")

    with op.batch_alter_table("plc_membership", schema=None) as batch_op:
        batch_op.drop_column("seen_before")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("settled_at")

    with op.batch_alter_table("plc_topic_follow", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_topic_follow_topic_id")

    op.drop_table("plc_topic_follow")
    with op.batch_alter_table("plc_shared_part", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_shared_part_entry_id")

    op.drop_table("plc_shared_part")
    with op.batch_alter_table("plc_school_item_school", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_school_item_school_school_id_item_id")

    op.drop_table("plc_school_item_school")
    with op.batch_alter_table("plc_report", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_report_person_id_id")

    op.drop_table("plc_report")
    with op.batch_alter_table("plc_notification", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_notification_read_at")
        batch_op.drop_index("ix_plc_notification_person_id_read_at")

    op.drop_table("plc_notification")
    with op.batch_alter_table("plc_norm", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_norm_community_id_id")

    op.drop_table("plc_norm")
    op.drop_table("plc_library_version")
    op.drop_table("plc_library_tried")
    with op.batch_alter_table("plc_library_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_library_tag_tag_item_id")

    op.drop_table("plc_library_tag")
    with op.batch_alter_table("plc_issue_step", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_issue_step_issue_id_id")

    op.drop_table("plc_issue_step")
    with op.batch_alter_table("plc_goal", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_goal_community_id_id")

    op.drop_table("plc_goal")
    with op.batch_alter_table("plc_consent_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_consent_answer_person_id")

    op.drop_table("plc_consent_answer")
    op.drop_table("plc_charter_version")
    with op.batch_alter_table("plc_case_step", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_case_step_case_id_id")

    op.drop_table("plc_case_step")
    with op.batch_alter_table("plc_agenda_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_agenda_item_thing_kind_thing_id")
        batch_op.drop_index("ix_plc_agenda_item_community_id_meeting_id_id")

    op.drop_table("plc_agenda_item")
    with op.batch_alter_table("plc_search_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_search_entry_community_id")
        batch_op.drop_index("ix_plc_search_entry_author_id")

    op.drop_table("plc_search_entry")
    with op.batch_alter_table("plc_school_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_school_item_community_id_id")

    op.drop_table("plc_school_item")
    with op.batch_alter_table("plc_person_school", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_person_school_school_id")

    op.drop_table("plc_person_school")
    with op.batch_alter_table("plc_moderation_case", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_moderation_case_state_decided_at")
        batch_op.drop_index("ix_plc_moderation_case_community_id_id")
        batch_op.drop_index("ix_plc_moderation_case_author_id_id")

    op.drop_table("plc_moderation_case")
    with op.batch_alter_table("plc_meeting", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_meeting_community_id_starts_at_id")
        batch_op.drop_index("ix_plc_meeting_changed_at")

    op.drop_table("plc_meeting")
    with op.batch_alter_table("plc_mail_pace", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_mail_pace_pace_person_id")

    op.drop_table("plc_mail_pace")
    with op.batch_alter_table("plc_library_item", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_library_item_origin_kind_origin_id")
        batch_op.drop_index("ix_plc_library_item_community_id_id")
        batch_op.drop_index("ix_plc_library_item_audience_id")

    op.drop_table("plc_library_item")
    with op.batch_alter_table("plc_journal_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_journal_entry_person_id_id")

    op.drop_table("plc_journal_entry")
    with op.batch_alter_table("plc_issue", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_issue_community_id_state_id")

    op.drop_table("plc_issue")
    op.drop_table("plc_founding")
    with op.batch_alter_table("plc_file", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_file_thing_kind_thing_id_position")
        batch_op.drop_index("ix_plc_file_small_digest")
        batch_op.drop_index("ix_plc_file_owner_id_position")
        batch_op.drop_index("ix_plc_file_digest")
        batch_op.drop_index("ix_plc_file_community_id_size")

    op.drop_table("plc_file")
    with op.batch_alter_table("plc_digest", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_digest_state_next_try_at")

    op.drop_table("plc_digest")
    with op.batch_alter_table("plc_consent_round", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_consent_round_community_id_state_id")

    op.drop_table("plc_consent_round")
    op.drop_table("plc_school")
    op.drop_table("plc_profile")
    with op.batch_alter_table("plc_person_subject", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_person_subject_subject_person_id")

    op.drop_table("plc_person_subject")
    op.drop_table("plc_person_language")
    op.drop_table("plc_peer_offer")
    with op.batch_alter_table("plc_message_participant", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_message_participant_person_id_left_at")

    op.drop_table("plc_message_participant")
    with op.batch_alter_table("plc_message", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_message_thread_id_id")

    op.drop_table("plc_message")
    op.drop_table("plc_mail_choice")
    op.drop_table("plc_mail_address")
    with op.batch_alter_table("plc_last_contact", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_last_contact_at")

    op.drop_table("plc_last_contact")
    with op.batch_alter_table("plc_hello", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_hello_other_id_id")

    op.drop_table("plc_hello")
    op.drop_table("plc_digest_mark")
    with op.batch_alter_table("plc_connection", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_connection_other_id")

    op.drop_table("plc_connection")
    with op.batch_alter_table("plc_block", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_block_blocked_id")

    op.drop_table("plc_block")
    with op.batch_alter_table("plc_audience_person", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_audience_person_person_id")

    op.drop_table("plc_audience_person")
    with op.batch_alter_table("plc_access", schema=None) as batch_op:
        batch_op.drop_index("ix_plc_access_person_id")

    op.drop_table("plc_access")
    op.drop_table("plc_notification_cursor")
    op.drop_table("plc_message_thread")
    op.drop_table("plc_file_content")
    op.drop_table("plc_digest_round")
