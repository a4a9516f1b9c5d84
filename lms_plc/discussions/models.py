"""What is stored of a conversation. Ids are ordered in time, so they are also the key every list is paged by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class Topic(Row):
    """A conversation with a purpose. ``last_post_id`` orders the list: the one spoken in last stands first.

    ``answer_id`` is the post that answered a question. What was merged into another topic keeps its row, so that its
    address leads there. Hidden, it is there for its author and for who leads; deleted, for nobody.
    """

    __tablename__ = "plc_topic"
    __table_args__ = (
        Index("ix_plc_topic_community_id_last_post_id", "community_id", "last_post_id"),
        Index("ix_plc_topic_community_id_pinned_at", "community_id", "pinned_at"),
        Index("ix_plc_topic_merged_into_id", "merged_into_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    last_post_id: Mapped[UUID]
    posts: Mapped[int] = mapped_column(default=1)
    pinned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    answer_id: Mapped[UUID | None]
    hidden_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_topic.id"))


class Post(Row):
    """One thing said. A deleted post leaves its place and when it was taken back, and loses its text; a hidden one
    keeps it, for its author alone."""

    __tablename__ = "plc_post"
    __table_args__ = (
        Index("ix_plc_post_topic_id_id", "topic_id", "id"),
        Index("ix_plc_post_community_id_id", "community_id", "id"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("plc_topic.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    reply_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_post.id"))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    renderer: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_person.id"))
    hidden_at: Mapped[datetime | None]


class PostVersion(Row):
    """How a post read before an edit."""

    __tablename__ = "plc_post_version"
    __table_args__ = (Index("ix_plc_post_version_post_id_id", "post_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("plc_post.id"))
    body: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]


class Reaction(Row):
    """An answer without words that means something in practice: tried it, want to try, thank you."""

    __tablename__ = "plc_reaction"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("plc_post.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    created_at: Mapped[datetime]


class Draft(Row):
    """A text not yet sent, by person and place. Nobody but its writer can read it."""

    __tablename__ = "plc_draft"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"))
    title: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class ReadMark(Row):
    """How far a person has read a topic."""

    __tablename__ = "plc_read_mark"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("plc_topic.id"), primary_key=True)
    last_post_id: Mapped[UUID]


class TopicFollow(Row):
    """How much a person wants to hear of a topic: ``following`` it, or ``muted``. Nobody else can see it."""

    __tablename__ = "plc_topic_follow"
    __table_args__ = (Index("ix_plc_topic_follow_topic_id", "topic_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("plc_topic.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime]
