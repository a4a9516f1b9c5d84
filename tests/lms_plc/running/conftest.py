"""What do tests of runs share? A meeting to come, a run begun in it, and what its page says by the clock."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

FORM = {"title": "Wednesday", "day": "2026-11-25", "starts": "14:00", "ends": "15:15", "place": "Room 3"}


def path_of(answer: Any) -> str:
    assert answer.status_code in (302, 303), answer.text
    return re.sub(r"^/s/[^/]+", "", urlsplit(answer.location).path)


@dataclass
class Run:
    """A run as people go through it; ``at`` is its address."""

    circle: Any
    meeting: str
    at: str

    @property
    def id(self) -> UUID:
        return UUID(self.at.rpartition("/")[2])

    def steer(self, who: Any, what: str, saw: int = 0, **more: object) -> Any:
        return who.post(f"{self.at}/steer", {"what": what, "saw": saw, **more})

    def write(self, who: Any, text: str, step: int = 0, kind: str = "AgendaNote", **more: object) -> str:
        note = str(more.pop("id", uuid4()))
        answer = who.post(f"{self.at}/notes", {"id": note, "step": step, "kind": kind, "text": text, **more})
        assert answer.status_code in (204, 303), answer.text
        return note

    def now(self, who: Any, since: int = 0) -> dict[str, Any]:
        answer = who.get(f"{self.at}/now?since={since}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)


@pytest.fixture
def meeting(circle: Any) -> str:
    """Planned by the member, who therefore leads it."""
    return path_of(circle.member.post(f"{circle.home}/meetings/new", FORM))


@pytest.fixture
def run_of(circle: Any, meeting: str) -> Callable[..., Run]:
    """``run_of("useful_flop")``: begun by the member, and started unless told otherwise."""

    def begin(protocol: str = "useful_flop", *, start: bool = True) -> Run:
        form = {"protocol": protocol, "form_key": secrets.token_urlsafe(18)}
        run = Run(circle, meeting, path_of(circle.member.post(f"{meeting}/run", form)))
        if start:
            assert run.steer(circle.member, "start").status_code == 303
        return run

    return begin
