"""What has happened on this practice LMS since its first day, and its secrets; kept in one JSON file.

People and courses of the first day are code. The file holds the signing key, the tokens, the grades, and the
list of changes someone made (enrolled, renamed, added a tool, …), which are played again over the first day at every
start.
"""

import json
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from joserfc.jwk import KeyParameters, RSAKey

from lms_plc.practice_lms import school_year
from lms_plc.practice_lms.changes import VERBS, of_the_crowd
from lms_plc.practice_lms.faults import Fault, FaultSwitch
from lms_plc.practice_lms.pending import Pending
from lms_plc.practice_lms.records import Activity, Delivery, Grade, LineItem
from lms_plc.practice_lms.school import School
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.site import ACTIVITY
from lms_plc.practice_lms.switches import SWITCHES
from lms_plc.practice_lms.tools import PRESET, Tool

FILE_NAME = "practice.json"
TOKEN_LIFE = 3600
"""Seconds an access token of the LTI services lives."""

_FIRST_LINE_ITEM = 1_001
_DELIVERIES_SHOWN = 20


class State(School):
    """One site in memory, safe for several threads. Only the methods below change it."""

    def __init__(
        self,
        data_dir: Path,
        *,
        faults: Iterable[Fault] = (),
        now: Callable[[], float] = time.time,
        preset: Tool | None = None,
        beyond: Iterable[str] = (),
    ) -> None:
        super().__init__(now=now, preset=preset, beyond=beyond)
        self.faults = FaultSwitch(faults)
        self.pending = Pending()
        self.deliveries: deque[Delivery] = deque(maxlen=_DELIVERIES_SHOWN)
        self._tokens: dict[str, dict[str, Any]] = {}
        self._line_items: dict[int, LineItem] = {}
        self._grades: dict[int, dict[int, Grade]] = {}
        self._changes: list[dict[str, Any]] = []
        self._file = data_dir / FILE_NAME
        data_dir.mkdir(parents=True, exist_ok=True)
        self._load()

    @cached_property
    def key(self) -> RSAKey:
        """The private key that signs launches; read when first needed, as checking it takes a while."""
        return RSAKey.import_key(self._key)

    # Changes an admin makes; each is kept and played again at the next start

    def enrol(self, course_id: int, user_id: int, role: str = "student") -> None:
        """Raises KeyError for an unknown course, person or role. A repeat also ends a suspension."""
        self._change("enrol", course_id=course_id, user_id=user_id, role=role)

    def unenrol(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled; leaves the groups of the course too."""
        self._change("unenrol", course_id=course_id, user_id=user_id)

    def suspend(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled."""
        self._change("set_suspended", course_id=course_id, user_id=user_id, suspended=True)

    def reactivate(self, course_id: int, user_id: int) -> None:
        """Raises KeyError when the person is not enrolled."""
        self._change("set_suspended", course_id=course_id, user_id=user_id, suspended=False)

    def rename(self, user_id: int, firstname: str, lastname: str) -> None:
        """Raises KeyError for an unknown person, ValueError for an empty or very long name."""
        self._change("rename", user_id=user_id, firstname=firstname, lastname=lastname)

    def copy_course(self, course_id: int, *, with_people: bool = False) -> Course:
        """The new course, which remembers its original and has columns for its activities, without grades.

        Raises KeyError for an unknown course.
        """
        with self.lock:
            number = max(i for i in self.courses if i != school_year.BIG_COURSE) + 1
            self._change(
                "copy_course",
                course_id=course_id,
                number=number,
                started=int(self.now()),
                with_people=with_people,
            )
            columns = self.line_items(course_id)
            pairs = zip(self.added_activities(course_id), self.added_activities(number), strict=True)
            for old, new in pairs:
                for column in (item for item in columns if item.link_id == old.link_id):
                    fields = asdict(column) | {"course_id": number, "link_id": new.link_id}
                    self.add_line_item(**{name: value for name, value in fields.items() if name != "id"})
        return self.courses[number]

    def add_big_course(self, size: int) -> Course:
        """A measuring course of ``size`` people, made when first read; not kept for the next start."""
        with self.lock:
            course = school_year.big_course(0)[0]
            self.courses = self.courses | {course.id: course}
            self.crowd_size = size
            self.rosters.pop(course.id, None)
        return course

    # Tools, their activities, and what is switched on

    def put_tool(self, tool: Tool) -> None:
        self._change("add_tool", **asdict(tool))

    def activate_tool(self, tool_id: int) -> None:
        """Raises KeyError for a tool that did not register here."""
        self._change("activate_tool", tool_id=tool_id)

    def delete_tool(self, tool_id: int) -> None:
        """Raises KeyError for a tool that did not register here."""
        self._change("delete_tool", tool_id=tool_id)

    def add_activity(self, course_id: int, tool_id: int, title: str, **fields: Any) -> Activity:
        """``fields`` are those of ``Activity``. Raises KeyError for an unknown course."""
        with self.lock:
            self._change("add_activity", course_id=course_id, tool_id=tool_id, title=title, **fields)
            return self.placed[max(self.placed)]

    def turn(self, switch: str, *, on: bool) -> None:
        """Raises KeyError for what is no switch, see ``SWITCHES``."""
        if switch not in SWITCHES:
            raise KeyError(switch)
        self._change("switch", name=switch, on=on)

    def set_handler(self, tool_id: int, notice_type: str, handler: str) -> None:
        self._change("set_handler", tool_id=tool_id, notice_type=notice_type, handler=handler)

    def allow_function(self, function: str, *, allowed: bool) -> None:
        """Whether the connector's token may call a web service function. Takes any name."""
        self._change("allow_function", function=function, allowed=allowed)

    def change_all(self, verb: str, changes: Iterable[dict[str, Any]]) -> None:
        """One verb of ``VERBS`` many times, written to the file once; what a web service changes in one call.

        Raises KeyError at the first that is about something unknown; those before it stay done.
        """
        with self.lock:
            kept = len(self._changes)
            try:
                for what in changes:
                    VERBS[verb](self, **what)
                    if not of_the_crowd(what):
                        self._changes.append({"verb": verb, **what})
            finally:
                if len(self._changes) > kept:
                    self._save()

    def changes_since(self, number: int) -> list[dict[str, Any]]:
        """What was changed after the first ``number`` changes."""
        return self._changes[number:]

    def count_of_changes(self) -> int:
        return len(self._changes)

    # Access tokens of the LTI services

    def issue_token(self, scopes: list[str], tool_id: int = PRESET) -> str:
        token = secrets.token_hex(16)
        now = self.now()
        with self.lock:
            alive = {t: v for t, v in self._tokens.items() if v["until"] > now}
            self._tokens = alive | {token: {"scopes": scopes, "until": now + TOKEN_LIFE, "tool": tool_id}}
            self._save()
        return token

    def token_scopes(self, token: str) -> list[str]:
        """[] for an unknown or expired token."""
        found = self._tokens.get(token)
        return found["scopes"] if found and found["until"] > self.now() else []

    def token_tool(self, token: str) -> Tool | None:
        """Whose token this is; None also when the tool is gone."""
        found = self._tokens.get(token)
        return self.tool(found.get("tool", PRESET)) if found else None

    # Grade book

    def line_items(self, course_id: int) -> list[LineItem]:
        """The column of the first activity first, then the others. Raises KeyError for an unknown course."""
        course = self.courses[course_id]
        own = LineItem(course.id + 300, course.id, ACTIVITY, 100, link_id=course.link_id)
        made = [item for item in self._line_items.values() if item.course_id == course_id]
        return ([] if own.id in self._line_items or not self.preset else [own]) + made

    def put_line_item(self, item: LineItem) -> None:
        with self.lock:
            self._line_items = self._line_items | {item.id: item}
            self._save()

    def add_line_item(self, **fields: Any) -> LineItem:
        with self.lock:
            item = LineItem(max([_FIRST_LINE_ITEM - 1, *self._line_items]) + 1, **fields)
            self.put_line_item(item)
        return item

    def delete_line_item(self, item_id: int) -> None:
        """Deletes a column the tool made, with its grades; that of the activity itself stays."""
        with self.lock:
            self._line_items = {i: item for i, item in self._line_items.items() if i != item_id}
            self._grades = {i: grades for i, grades in self._grades.items() if i != item_id}
            self._save()

    def grades(self, item_id: int) -> list[Grade]:
        return list(self._grades.get(item_id, {}).values())

    def put_grade(self, item_id: int, grade: Grade) -> None:
        with self.lock:
            grades = self._grades.get(item_id, {}) | {grade.user_id: grade}
            self._grades = self._grades | {item_id: grades}
            self._save()

    # The file

    def _load(self) -> None:
        kept = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self._key = kept.get("key") or _new_key()
        self.session_secret: str = kept.get("session_secret") or secrets.token_hex(32)
        self.ws_token: str = kept.get("ws_token") or secrets.token_hex(16)
        self._tokens = kept.get("tokens", {})
        self._line_items = {i["id"]: LineItem(**i) for i in kept.get("line_items", [])}
        self._grades = {
            int(item): {g["user_id"]: Grade(**g) for g in grades} for item, grades in kept.get("grades", {}).items()
        }
        for change in kept.get("changes", []):
            VERBS[change["verb"]](self, **{name: value for name, value in change.items() if name != "verb"})
            self._changes.append(change)
        if not kept:
            self._save()

    def _save(self) -> None:
        kept = {
            "key": self._key,
            "session_secret": self.session_secret,
            "ws_token": self.ws_token,
            "tokens": self._tokens,
            "changes": self._changes,
            "line_items": [asdict(item) for item in self._line_items.values()],
            "grades": {item: [asdict(g) for g in grades.values()] for item, grades in self._grades.items()},
        }
        part = self._file.with_suffix(".part")
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8") as out:
            json.dump(kept, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self._file)

    def _change(self, verb: str, **what: Any) -> None:
        self.change_all(verb, [what])


def _new_key() -> dict[str, Any]:
    parameters: KeyParameters = {"use": "sig", "alg": "RS256", "kid": secrets.token_hex(10)}
    return RSAKey.generate_key(2048, parameters).as_dict(private=True)
