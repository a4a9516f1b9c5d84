"""What is stored of a file. The bytes live in the database: several machines share them, and one backup has all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row

LONGEST_NAME = 120
LONGEST_ALT = 300


class FileContent(Row):
    """Bytes, kept once however often they are attached. ``digest`` is their SHA-256."""

    __tablename__ = "plc_file_content"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class File(Row):
    """A file somebody brought. Until it hangs on a thing (``position`` is None) only its owner knows of it.

    ``small_digest`` is a smaller picture of a large one; ``width`` and ``height`` are a picture's only. Without a
    community it is for something between persons.
    """

    __tablename__ = "plc_file"
    __table_args__ = (
        Index("ix_plc_file_thing_kind_thing_id_position", "thing_kind", "thing_id", "position"),
        Index("ix_plc_file_community_id_size", "community_id", "size"),
        Index("ix_plc_file_owner_id_position", "owner_id", "position"),
        Index("ix_plc_file_digest", "digest"),
        Index("ix_plc_file_small_digest", "small_digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("plc_site.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("plc_community.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    media_type: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(ForeignKey("plc_file_content.digest"))
    small_digest: Mapped[str | None] = mapped_column(ForeignKey("plc_file_content.digest"))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    alt: Mapped[str] = mapped_column(String(LONGEST_ALT))
    created_at: Mapped[datetime]
    thing_kind: Mapped[str | None] = mapped_column(String(30))
    thing_id: Mapped[UUID | None]
    position: Mapped[int | None]
