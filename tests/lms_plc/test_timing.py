"""Who is told how long a page took?"""

import re
from datetime import timedelta
from typing import Any

import pytest

from lms_plc.admin import seats

TOOL = "https://plc.example.org"


@pytest.fixture
def operator(circle: Any, house: Any) -> Any:
    """A member in whose browser an operator has also gone to the desk."""
    with house.database.write() as session:
        secret = seats.offer(session, house.clock(), timedelta(minutes=15))
    answer = circle.member.client.post(
        f"/admin/enter/{secret}", base_url=TOOL, headers={"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 303
    return circle.member


def test_an_operator_sees_what_a_page_took_and_how_many_statements(circle: Any, operator: Any) -> None:
    told = operator.get(circle.home).headers["Server-Timing"]
    found = re.fullmatch(r'total;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+) statements"', told)
    assert found is not None
    assert float(found[1]) >= float(found[2]) > 0
    assert int(found[3]) >= 3
    assert "Server-Timing" in operator.client.get("/admin/", base_url=TOOL).headers


def test_nobody_else_is_told(circle: Any, clock: Any, operator: Any) -> None:
    assert "Server-Timing" not in circle.facilitator.get(circle.home).headers
    circle.facilitator.client.set_cookie("__Host-plc_desk", "s" * 43, domain="plc.example.org")
    assert "Server-Timing" not in circle.facilitator.get(circle.home).headers
    clock.move(hours=2)
    assert "Server-Timing" not in operator.get(circle.home).headers
