"""Does every protocol we ship lead from a plan to approved minutes, as its own text says it?"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lms_plc.actionitems.models import ActionItem
from lms_plc.evidence.models import KnowledgeNode
from lms_plc.journal.models import JournalEntry
from lms_plc.meetings.models import Meeting, MeetingRole
from lms_plc.minutes.models import Decision
from lms_plc.protocols.content import Content, shipped
from lms_plc.running.captures import Way, capture_of
from lms_plc.running.models import MeetingPulse, RunNote
from tests.lms_plc.conftest import new_key

# nothing here is said differently by the two databases: they take turns
PROTOCOLS = [
    pytest.param(("sqlite", "postgresql")[turn % 2], known, id=known) for turn, known in enumerate(sorted(shipped()))
]


class Hall:
    """A meeting with its run, led by one member; another one writes down what is said."""

    def __init__(self, circle: Any, content: Content) -> None:
        self.circle, self.content = circle, content
        self.leads, self.writes = circle.member, circle.facilitator
        self.written: list[tuple[Way, str]] = []

    def plan(self, known: str, day: str) -> None:
        form = {"title": "Ours", "day": day, "starts": "14:00", "ends": "15:15", "protocol": known}
        self.meeting = self.sent(self.leads, f"{self.circle.home}/meetings/new", form)

    def begin(self, known: str) -> None:
        self.run = self.sent(self.leads, f"{self.meeting}/run", {"protocol": known, "form_key": new_key()})
        for role in self.content.roles:
            self.sent(self.leads, f"{self.run}/roles", {"role": role.id, "person_id": str(self.circle.person("2"))})
        self.steer("start")

    def steer(self, what: str, saw: int = 0) -> None:
        self.sent(self.leads, f"{self.run}/steer", {"what": what, "saw": str(saw)})

    def capture(self, place: int, produced: str) -> None:
        """Writes down what a step brings forth, in the way that is meant for it."""
        way, text = capture_of(produced).way, f"{produced} of step {place}"
        if way is Way.PULSE:
            self.sent(self.writes, f"{self.run}/pulse", {"worth": "4", "word": "calm"})
            return
        if way is Way.ACTION_UPDATE:
            self.sent(self.leads, f"{self.run}/actions/{self.action_before()}", {"became": "done"})
            return
        owner = {"owner_id": str(self.circle.person("1")), "due": "2027-01-08"} if way is Way.ACTION else {}
        note = {"id": str(uuid4()), "step": str(place), "kind": produced, "text": text, **owner}
        self.sent(self.writes, f"{self.run}/notes", note)
        self.written.append((way, text))

    def action_before(self) -> UUID:
        """What was agreed last time."""
        form = {"action": "Try it", "owner": str(self.circle.person("2")), "form_key": new_key()}
        self.sent(self.leads, f"{self.meeting}/actions", form)
        with self.circle.house.database.read() as connection:
            return connection.execute(select(ActionItem.id).where(ActionItem.text == "Try it")).scalar_one()

    def texts(self, *ways: Way) -> list[str]:
        return sorted(text for way, text in self.written if way in ways)

    def sent(self, who: Any, path: str, form: dict[str, str]) -> str:
        answer = who.post(path, form)
        assert answer.status_code == 303, (path, form, answer.text)
        return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


@pytest.mark.parametrize(("prepared_url", "known"), PROTOCOLS, indirect=["prepared_url"])
def test_a_protocol_runs_from_its_plan_to_approved_minutes(
    circle: Any, stored: Any, said: Any, clock: Any, known: str
) -> None:
    content = shipped()[known].content
    hall = Hall(circle, content)
    hall.plan(known, f"{clock() + timedelta(days=1):%Y-%m-%d}")
    clock.move(days=1)
    circle.member.launch("2")
    circle.facilitator.launch("1")
    hall.begin(known)
    assert {row.role for row in stored(select(MeetingRole.role))} >= {role.id for role in content.roles}
    assert stored(select(Meeting.state))[0].state == "running"
    last = len(content.steps) - 1
    for place, step in enumerate(content.steps):
        page = said(hall.writes.get(hall.run))
        assert step.title in page
        assert step.do in page
        for produced in step.produces:
            hall.capture(place, produced)
        clock.move(minutes=step.minutes)
        hall.steer("end" if place == last else "next", place)

    row = stored(select(Meeting.state, Meeting.minutes, Meeting.minutes_version))[0]
    assert (row.state, row.minutes_version) == ("minutes_draft", 1)
    page = said(hall.leads.get(f"{hall.meeting}/minutes"))
    for text in hall.texts(Way.NOTE, Way.LINK, Way.CHECK):
        assert text in row.minutes
        assert text in page
    for text in hall.texts(Way.DECISION, Way.ACTION, Way.NODE):
        assert text not in row.minutes, "it has a place of its own"
        assert text in page
    assert sorted(row.text for row in stored(select(Decision.text))) == hall.texts(Way.DECISION)
    actions = stored(select(ActionItem.text, ActionItem.owner_id).where(ActionItem.text != "Try it"))
    assert sorted(row.text for row in actions) == hall.texts(Way.ACTION)
    assert {row.owner_id for row in actions} <= {circle.person("1")}
    assert sorted(row.text for row in stored(select(KnowledgeNode.text))) == hall.texts(Way.NODE)
    made = stored(select(RunNote.text).where(RunNote.became_id.is_not(None)))
    assert sorted(row.text for row in made) == hall.texts(Way.DECISION, Way.ACTION, Way.NODE)
    assert len(stored(select(JournalEntry.id))) == len(hall.texts(Way.NOTEBOOK))
    assert not any(text in page for text in hall.texts(Way.NOTEBOOK)), "a notebook is nobody else's"
    kinds = [produced for step in content.steps for produced in step.produces]
    assert len(stored(select(MeetingPulse.id))) == ("MeetingPulse" in kinds)
    assert "calm" not in page

    clock.move(minutes=1)
    late = {"id": str(uuid4()), "step": "0", "kind": "AgendaNote", "text": "From the bus"}
    hall.sent(hall.writes, f"{hall.run}/notes", late)
    assert "1 note came in later" in said(hall.leads.get(f"{hall.meeting}/minutes"))
    assert "- From the bus</textarea>" in hall.leads.get(f"{hall.meeting}/minutes/write").text

    for who in (hall.leads, hall.writes):
        hall.sent(who, f"{hall.meeting}/minutes/answer", {"version": "1", "answer": "right"})
    assert stored(select(Meeting.state))[0].state == "minutes_approved"
