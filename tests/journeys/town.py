"""A town in which everything there can be has been made, as people write it: long words, two alphabets, Arabic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import requests
from playwright.sync_api import Page
from sqlalchemy import select, update

from lms_plc.actionitems.actions import record_action
from lms_plc.admin import seats as desk_seats
from lms_plc.classdata.models import GradePull
from lms_plc.communities.models import Membership, PlacedLink
from lms_plc.core.activity import Reference
from lms_plc.core.database import fetch
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, load
from lms_plc.evidence.actions import keep_node
from lms_plc.meetings.actions import plan_meeting
from lms_plc.meetings.forms import MeetingForm
from lms_plc.notifications import actions as mail_actions
from lms_plc.notifications import listening, tokens
from lms_plc.notifications.letters import CONFIRM, UNSUBSCRIBE
from lms_plc.people.models import Identity
from lms_plc.people.registry import meet
from lms_plc.people.seats import cookie_browser, find_seat, form_token, open_seat
from lms_plc.protocols.queries import protocol_for
from lms_plc.running import actions as running
from lms_plc.running.forms import NoteForm
from lms_plc.sites.models import Course, DeepLinkRequest, Site
from lti.browser import BrowserCookie, new_secret
from lti.claims import DeepLinkingSettings
from tests.scribbling import File, Scribbler, Sent
from tests.vectors import Supply

from .conftest import NOVI_SAD, SERBIAN, TALGAR, VELES, ZENICA, School, Someone, walk_in

NOVICE = Someone(86, "veles02", "")
LINES = (
    "A minute of silence before anybody answers",
    "Излазне картице на крају часа",
    "جرّبت ذلك في صفي اليوم",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "OŠ „Jovan Jovanović Zmaj“ & Гимназија „Гоце Делчев“ 🌻",
    "x" * 120,
)
WHOLE = """Here is who asked, and what came of it. We wait a whole minute, then they write, then they talk.

| Class | Before | With a minute of silence |
|---|---|---|
| 6a | 4 | 11 |

> They write first

- then they **ask** 🙋
- then `print("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")`

1. Прво питам
2. потоа чекам

جرّبت ذلك في صفي اليوم. طلب مني ثلاثة طلاب هادئين وقتاً أطول.

### And then

Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
https://example.org/a/very/long/address/that/goes/on/and/on/and/on/for/ever/and/ever/and/a/day

```
a line of a program that is a good deal longer than any telephone of anybody in the whole town is wide
```
"""


class Lines(Supply):
    """What people write in one line, one after the other."""

    def __init__(self) -> None:
        self._next = cycle(LINES)

    def line(self, longest: int) -> str:
        return next(self._next)[:longest].strip()


@dataclass
class ByPost:
    """Somebody who sends forms as their browser would."""

    number: str
    at: str
    word: str
    headers: dict[str, str] = field(repr=False)
    token: str = field(repr=False)

    def look(self, path: str) -> str:
        answer = requests.get(self._here(path), headers=self.headers, timeout=30)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def send(self, path: str, form: Mapping[str, str | Sequence[str]], files: Sequence[File] = ()) -> Sent:
        answer = requests.post(
            self._here(path),
            data={"csrf_token": self.token, **form},
            files=[("files", one) for one in files] or None,
            headers=self.headers,
            allow_redirects=False,
            timeout=30,
        )
        led = re.sub(r"^(https?://[^/]+)?/s/[^/]+", "", answer.headers.get("Location", "")).partition("#")[0]
        return Sent(answer.status_code, led, "" if led else answer.text)

    def _here(self, path: str) -> str:
        return f"{self.at}/s/{self.word}{path}"


@dataclass
class Town:
    """``values``: what stands in the addresses. ``cookies`` seat all ``people`` and the operator at one browser."""

    school: School
    people: dict[str, ByPost]
    cookies: dict[str, str]
    values: dict[str, Any]


def fill(school: School, page: Page) -> Town:
    """Who opens an activity where there is no community yet comes through the LMS, on ``page``."""
    leads, member, third = school.teacher, school.student, school.mentor
    school.practice.enrol(ZENICA, third.id, "student")
    for who, course in ((leads, ZENICA), (leads, TALGAR), (member, TALGAR), (school.admin, TALGAR)):
        walk_in(school, page, who, course)
    mark = new_secret()
    cookie = BrowserCookie(school.tool).name
    accounts = {
        "leads": leads.id,
        "member": member.id,
        "third": third.id,
        "novice": NOVICE.id,
        "admin": school.admin.id,
        "neighbour": SERBIAN.id,
        "gone": _other_member(school, school.communities[NOVI_SAD]),
    }
    people = {name: _seated(school, str(account), mark, cookie) for name, account in accounts.items()}
    found = {"name": LINES[3], "founded_by": "project", "by_whom": LINES[4], "first_purpose": WHOLE}
    home = people["leads"].send(f"/courses/{_course(school, ZENICA)}/found", found).path
    for who in (member, third):
        walk_in(school, page, who, ZENICA)
    listening.listen(school.house)
    made = Scribbler(
        *(home, people["leads"], people["member"], people["third"]),
        supply=Lines(),
        whole=WHOLE,
        parts=(WHOLE, LINES[1], LINES[2]),
    )
    made.write_everywhere(LINES)
    profile = {"subjects": ["physics"], "languages": ["mk"], "may_be_found": "yes", "school": LINES[4]}
    made.put(people["neighbour"], "/me", profile)
    made.put(people["neighbour"], f"/peers/{people['member'].number}/hello", {"note": LINES[0]})
    made.put(people["member"], f"/people/{people['novice'].number}/block", {})
    made.put(people["gone"], f"/communities/{school.communities[NOVI_SAD]}/leave", {})
    listening.listen(school.house)
    values = {
        "community_id": home.rpartition("/")[2],
        "bare": school.communities[VELES],
        "left": school.communities[NOVI_SAD],
        "left_course": _course(school, NOVI_SAD),
        **{name: who.number for name, who in people.items()},
        **_values(school, made, people),
        **_of_the_desk(school),
    }
    return Town(school, people, {cookie: mark, "plc_desk": values.pop("desk")}, values)


def _seated(school: School, subject: str, mark: str, cookie: str) -> ByPost:
    browser, at = cookie_browser(mark), school.house.clock()
    with school.house.database.write() as session:
        query = select(Identity.person_id).where(Identity.subject == subject)
        person_id = session.execute(query).scalar_one()

        def send(prepared: Any, given: Any) -> Any:
            return fetch(session.connection(), prepared, given)[0]

        opened = open_seat(send, browser=browser, person_id=person_id, site_id=school.site_id, frame_origin=None, at=at)
        seat = find_seat(session.connection(), browser, opened.address, at)
    assert seat is not None
    headers = {"Cookie": f"{cookie}={mark}", "Origin": school.tool, "Sec-Fetch-Site": "same-origin"}
    token = form_token(school.house.settings.secret_key.get_secret_value(), seat)
    return ByPost(str(person_id), school.tool, opened.address, headers, token)


def _other_member(school: School, community_id: UUID) -> int:
    with school.house.database.read() as connection:
        query = (
            select(Identity.subject)
            .join(Membership, Membership.person_id == Identity.person_id)
            .where(Membership.community_id == community_id, Identity.subject != str(SERBIAN.id))
            .order_by(Identity.subject)
        )
        return int(connection.execute(query).scalars().first() or 0)


def _course(school: School, lms_id: int) -> UUID:
    with school.house.database.read() as connection:
        return connection.execute(select(Course.id).where(Course.lms_id == str(lms_id))).scalar_one()


def _values(school: School, made: Scribbler, people: dict[str, ByPost]) -> dict[str, Any]:
    """All that stands in an address between its slashes."""
    leads, member = people["leads"], people["member"]

    def of(path: str) -> str:
        return re.findall(r"[0-9a-f-]{36}", path)[-1]

    def first(who: ByPost, path: str, pattern: str) -> str:
        found = re.search(pattern.replace("…", "([0-9a-f-]{36})"), who.look(path))
        assert found is not None, (path, pattern)
        return found[1]

    home = made.home
    secret_key = school.house.settings.secret_key.get_secret_value()
    with school.house.database.write() as session:
        who = Actor(UUID(member.number), school.site_id, "", school.house.clock())
        mail_actions.ask_for_address(session, who, "someone@example.org")
        place = {"community_id": UUID(of(home)), "site_id": school.site_id, "form_key": new_id().hex}
        origin = Reference("meeting", UUID(of(made.made["meeting"])))
        action = record_action(session, who, **place, text="Ask", owner_id=who.person_id, due=None, origin=origin)
        node = keep_node(session, who, **place, kind="Question", text="Why?", author_id=who.person_id, origin=origin)
    person = UUID(member.number)
    run_id, note_id = _talked_through(school, UUID(leads.number), UUID(of(home)))
    return {
        "protocol_run_id": run_id,
        "note_id": note_id,
        "topic_id": of(made.made["topic"]),
        "post_id": of(made.made["post"]),
        "own_post": of(made.made["answer"]),
        "round_id": of(made.made["decision round"]),
        "adopted_round": of(made.made["norm round"]),
        "norm_id": first(leads, f"{home}/charter", "/norms/…"),
        "goal_id": first(leads, f"{home}/charter", "/goals/…"),
        "issue_id": of(made.made["issue"]),
        "meeting_id": of(made.made["meeting"]),
        "series_id": of(made.made["series"]),
        "held": of(made.made["sheet"]),
        "decision_id": of(made.made["decision"]),
        "language": "nl",
        "agenda_item_id": first(leads, made.made["meeting"], "/agenda-items/…/settle"),
        "key": of(made.made["protocol"]),
        "protocol_id": of(made.made["protocol"]),
        "cycle_id": of(made.made["cycle"]),
        "cycle_key": "tldw",
        "portfolio_id": of(made.made["portfolio"]),
        "feedback_request_id": of(made.made["feedback"]),
        "visit_id": of(made.made["visit"]),
        "item_id": of(made.made["practice"]),
        "adapted": of(made.made["adapted"]),
        "story": of(made.made["story"]),
        "told": of(made.made["told"]),
        "room": "practices",
        "entry_id": of(made.made["entry"]),
        "part_id": first(member, made.made["entry"], "/shared/…"),
        "released": of(made.made["released part"]),
        "thread_id": of(made.made["talk"]),
        "case_id": of(made.made["case"]),
        "kind": "post",
        "thing_id": of(made.made["post"]),
        "file_id": first(leads, made.made["topic"], 'src="/s/[^/]+/files/…'),
        "action_item_id": action,
        "practice_change_id": of(made.made["change"]),
        "inquiry_id": of(made.made["project"]),
        "private_project": of(made.made["private project"]),
        "stage": "plan",
        "inquiry_note_id": of(made.made["project note"]),
        "talk_id": of(made.made["talk about it"]),
        "plan_to_check": of(made.made["plan to check"]),
        "innovation_id": of(made.made["something new"]),
        "data_set_id": of(made.made["class results"]),
        "data_conversation_id": of(made.made["class talk"]),
        "node_id": node,
        "person_id": member.number,
        "request_id": _choice(school, leads),
        "link_id": _placed(school, leads),
        "pull_id": _grades_asked_for(school, leads, UUID(of(home))),
        "course_id": _course(school, TALGAR),
        "token": tokens.token(secret_key, UNSUBSCRIBE, person),
        "confirm": tokens.token(secret_key, f"{CONFIRM}|someone@example.org", person),
    }


def _talked_through(school: School, person_id: UUID, community_id: UUID) -> tuple[UUID, UUID]:
    """A protocol under way in a meeting of its own, and a note of who leads it."""
    who = Actor(person_id, school.site_id, "", school.house.clock())
    with school.house.database.write() as session:
        connection = session.connection()
        community = load(connection, who, "community", community_id, "meeting.plan")
        form = MeetingForm(title=LINES[3], day=who.at.date(), starts=time(8), ends=time(9))
        meeting_id = plan_meeting(session, who, community, form, ZoneInfo("UTC"))
        meeting = load(connection, who, "meeting", meeting_id, "run.begin")
        protocol = protocol_for(connection, community_id, "five_beat_session")
        assert protocol is not None
        run_id = running.begin(session, who, meeting, protocol, new_id().hex)
        run = load(connection, who, "run", run_id, "run.steer")
        running.start(session, who, run)
        note = NoteForm(id=new_id(), step=0, kind="Decision", text=WHOLE)
        running.write_note(session, who, run, note, school.house.seal, who.at.date())
    return run_id, note.id


def _choice(school: School, who: ByPost) -> UUID:
    settings = DeepLinkingSettings(
        deep_link_return_url=f"{school.lms}/return",
        accept_types=["ltiResourceLink"],
        accept_presentation_document_targets=["iframe", "window"],
        accept_multiple=True,
    )
    request_id, at = new_id(), school.house.clock()
    with school.house.database.write() as session:
        session.add(
            DeepLinkRequest(
                id=request_id,
                person_id=UUID(who.number),
                platform_id=school.platform_id(),
                deployment_id="1",
                course_id=_course(school, TALGAR),
                settings=school.house.seal.close(settings.model_dump_json()),
                expires_at=at + timedelta(hours=1),
            )
        )
    return request_id


def _placed(school: School, who: ByPost) -> UUID:
    link_id = new_id()
    with school.house.database.write() as session:
        session.add(
            PlacedLink(
                id=link_id,
                course_id=_course(school, VELES),
                part="communities.community_home",
                title=LINES[3],
                counts=True,
                placed_by=UUID(who.number),
                created_at=school.house.clock(),
            )
        )
    return link_id


def _grades_asked_for(school: School, who: ByPost, community_id: UUID) -> UUID:
    """In vain: the column they named is not there."""
    pull_id = new_id()
    with school.house.database.write() as session:
        session.add(
            GradePull(
                id=pull_id,
                community_id=community_id,
                course_id=_course(school, ZENICA),
                asked_by_id=UUID(who.number),
                question=LINES[3],
                item=LINES[4],
                shape="levels",
                asked_at=school.house.clock(),
                state="failed",
                problem=f"no_item\n{LINES[3]}",
                form_key=pull_id.hex,
            )
        )
    return pull_id


def _of_the_desk(school: School) -> dict[str, Any]:
    """An operator has made a rule and looked at what would be written; two people have one name."""
    house, at = school.house, school.house.clock()
    with house.database.write() as session:
        met = meet(session, school.site_id, {"90001": LINES[4], "90002": LINES[4]}, at)
        cookie = desk_seats.take(session, desk_seats.offer(session, at), at)
        secret = desk_seats.offer(session, at)
        session.execute(update(Site).values(writes=["cohorts", "groups", "messages"]))
    assert cookie is not None
    headers = {"Cookie": f"plc_desk={cookie}", "Origin": school.tool, "Sec-Fetch-Site": "same-origin"}
    at_desk = f"{school.tool}/admin"

    def look(path: str) -> str:
        answer = requests.get(f"{at_desk}{path}", headers=headers, timeout=30)
        assert answer.status_code == 200, path
        return answer.text

    def found(pattern: str, text: str) -> str:
        match = re.search(pattern, text)
        assert match is not None, pattern
        return match[1]

    def send(path: str, form: Mapping[str, str | list[str]]) -> requests.Response:
        token = found(r'name="csrf_token" value="([^"]+)"', look("/connect"))
        answer = requests.post(
            f"{at_desk}{path}", data={"csrf_token": token, **form}, headers=headers, timeout=30, allow_redirects=False
        )
        assert answer.status_code < 400, (path, answer.status_code, answer.text[:3000])
        return answer

    site = school.site_id
    any_id = r"([0-9a-f-]{36})"
    link = send("/links", {"site_name": LINES[3]}).text
    send(f"/mapping/{site}/new", {"about": "courses", "named": "*", "makes": "each", "save": "yes"})
    plan = send(f"/writing/{site}/plan", {}).headers["Location"]
    return {
        "desk": cookie,
        "site_id": site,
        "secret": secret,
        "platform_id": school.platform_id(),
        "link": found(r"/lti/register/([\w-]+)", link),
        "family": "moodle",
        "rule_id": found(rf"/rules/{any_id}", look(f"/mapping/{site}")),
        "run_id": found(rf"/syncs/{any_id}", look(f"/syncs/sites/{site}")),
        "plan_id": found(any_id, plan),
        "one": str(met["90001"]),
        "other_id": str(met["90002"]),
    }
