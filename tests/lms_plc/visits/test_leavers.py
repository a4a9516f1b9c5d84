"""Who leaves the community is told which visits would come to nothing."""

from typing import Any
from uuid import UUID

from tests.lms_plc.visits.test_visits import agreed, propose

__all__ = ["agreed", "propose"]

ALONE = "You are the only visitor."
HOSTS = "It is in your lesson"


def test_the_leave_page_names_visits_that_come_to_nothing_without_one(
    circle: Any,
    agreed: UUID,  # noqa: F811
    propose: Any,  # noqa: F811
    said: Any,
) -> None:
    third = circle.joined("3")
    page = circle.member.get(f"{circle.home}/leave")
    assert ALONE in said(page)
    assert f"/visits/{agreed}" in page.text
    assert "My communities" not in said(page).partition("What stays")[2]
    assert HOSTS in said(circle.facilitator.get(f"{circle.home}/leave"))
    assert "Before you go" not in said(third.get(f"{circle.home}/leave"))
    assert circle.member.post(f"/visits/{agreed}/visitors", {"person_id": str(circle.person("3"))}).status_code == 303
    assert ALONE not in said(circle.member.get(f"{circle.home}/leave"))
    assert circle.facilitator.post(f"/visits/{agreed}/cancel", {}).status_code == 303
    assert "Before you go" not in said(circle.facilitator.get(f"{circle.home}/leave"))
