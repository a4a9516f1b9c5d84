"""Is it known afterwards which things a letter spoke of? And does a letter about a part of a notebook have no word of
it?"""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select

from lms_plc.core.activity import Reference
from lms_plc.core.exports import Export, exports_of
from lms_plc.notifications.actions import keep_choice
from lms_plc.notifications.models import Digest

from .conftest import FRIDAY, Letters, part

ANA = "ana@example.org"


@pytest.mark.parametrize(("channel", "way"), [("mail", "letter"), ("lms", "lms")])
def test_what_a_letter_spoke_of_is_noted_and_of_a_notebook_it_says_no_word(
    circle: Any, post: Letters, stored: Any, channel: str, way: str
) -> None:
    circle.joined("3", name="Ana Petrovska", email=ANA)
    with post.house.database.write() as session:
        keep_choice(session, circle.person("3"), post.house.clock(), {"channel": channel})
    topic = circle.start(circle.facilitator, "A minute of silence", "They write more.", purpose="insight")
    key = secrets.token_urlsafe(18)
    page = urlsplit(circle.member.post("/journal/new", {"text": "Mine", "form_key": key}).location).path[-36:]
    told = {"text": "Of the quinces", "community_id": str(circle.id), "audience": "named_people", "form_key": key}
    released = circle.member.post(f"/journal/{page}/release", {**told, "people": str(circle.person("3"))})
    thing = Reference("journal_part", UUID(urlsplit(released.location).path[-36:]))
    post.pass_by(FRIDAY)
    if channel == "lms":
        words = "".join(row.text for row in stored(select(Digest.text)))
    else:
        words = "".join(part(letter, kind) for letter in post.to(ANA) for kind in ("plain", "html"))
    assert "lets you read a part of their notebook" in words
    assert "quinces" not in words
    with post.house.database.read() as connection:
        assert [(one.way.value, one.times) for one in exports_of(connection, thing)] == [(way, 1)]
        assert way in {one.way.value for one in exports_of(connection, Reference("topic", topic))}
    assert stored(select(Export.thing_kind).where(Export.thing_kind.not_in(("topic", "post", "journal_part")))) == []
    before = stored(select(Export.__table__))
    post.pass_by(FRIDAY + timedelta(hours=1))
    assert stored(select(Export.__table__)) == before
