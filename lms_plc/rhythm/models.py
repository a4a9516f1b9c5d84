"""What is stored of turns in leading."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms_plc.core.database import Row


class RoleWish(Row):
    """That somebody would rather not be proposed for leading now. Nobody else sees it."""

    __tablename__ = "plc_role_wish"

    community_id: Mapped[UUID] = mapped_column(ForeignKey("plc_community.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("plc_person.id"), primary_key=True)
    at: Mapped[datetime]
