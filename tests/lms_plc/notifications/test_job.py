"""Is a worker, which has no pages, able to hear, compose and send?"""

from typing import Any

from lms_plc import jobs
from lms_plc.core import things
from lms_plc.core.hearing import verbs
from lms_plc.house import House
from lms_plc.notifications import job

from .conftest import FRIDAY, Letters


def test_the_worker_hears_composes_and_sends(circle: Any, post: Letters, at_work: Any, unread: Any) -> None:
    circle.joined("3", name="Ana", email="ana@example.org")
    circle.start(circle.member, "Chalk", "@Ana, look", purpose="insight")
    post.clock.now = FRIDAY

    def register(_: House) -> None:
        job.register(post.house)
        with post.house.database.write() as session:
            jobs.enqueue(session, "listen-to-events")

    def and_then(_: House) -> None:
        with post.house.database.write() as session:
            for name in ("send-letters", "forget-letters"):
                jobs.enqueue(session, name)

    at_work(register)
    assert unread(circle.person("3")) == 1
    at_work(and_then)
    assert len(post.to("ana@example.org")) == 1


def test_everything_the_rules_point_at_can_be_shown() -> None:
    kinds = {"topic", "post", "message", "message_thread", "hello", "consent_round", "meeting", "issue", "library_item"}
    assert {*kinds, "case", "school_item"} <= things.kinds().keys()
    assert {"post.written", "message.written", "consent.opened", "case.hidden"} <= set(verbs())
