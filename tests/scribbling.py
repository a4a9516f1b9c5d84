"""Who writes the vectors into every field there is? One walk through all rooms, the same for a test client and for a
real browser.

Whoever writes is a ``Hand``. What was made is found again by its addresses, as a person finds it.
"""

import re
import secrets
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Protocol
from uuid import uuid4

from tests.vectors import Supply, in_lines, in_paragraphs

ALL = next(iter(in_paragraphs(20_000)))
"""Every vector in one long text."""

SOME = tuple(in_paragraphs(1_900))
"""Every vector in texts of two pages each."""

LINES = tuple(in_lines(200))
"""Every vector in titles."""

File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """``path`` is where the answer led, behind the seat; ``text`` what stood there or in the answer itself."""

    status: int
    path: str
    text: str

    @property
    def id(self) -> str:
        """Of the thing that was made, if the address says it."""
        return re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", self.path)[-1]


class Hand(Protocol):
    """``number`` is the id of the person in this house."""

    number: str

    def look(self, path: str) -> str: ...

    def send(self, path: str, form: Mapping[str, str | Sequence[str]], files: Sequence[File] = ()) -> Sent: ...


def drawn() -> bytes:
    """A picture of one point."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\1\2\3")) + part(b"IEND", b"")


def key() -> str:
    return secrets.token_urlsafe(18)


@dataclass
class Scribbler:
    """``leads`` has opened the community at ``home``, ``member`` and ``third`` are in it. ``whole`` is one long text,
    ``parts`` are shorter ones, ``supply`` has the lines."""

    home: str
    leads: Hand
    member: Hand
    third: Hand
    made: dict[str, str] = field(default_factory=dict)
    supply: Supply = field(default_factory=Supply)
    whole: str = ALL
    parts: Sequence[str] = SOME
    _some: int = 0

    def write_everywhere(self, titles: Sequence[str] = LINES) -> None:
        self.agreements()
        self.conversations(titles)
        self.issues_and_meetings()
        self.agreed_actions()
        self.what_is_done_differently()
        self.projects()
        self.sheet_of_paper()
        self.minutes_of(self.made["sheet"])
        self.protocols()
        self.runs()
        self.library()
        self.evidence()
        self.ways_of_working()
        self.class_results()
        self.portfolio()
        self.feedback()
        self.visit()
        self.oneself()
        self.between_people()

    def agreements(self) -> None:
        home = self.home
        founding = {"founded_by": "project", "by_whom": self.line(), "first_purpose": self.some()}
        self.put(self.leads, f"{home}/founding", founding)
        self.put(self.leads, f"{home}/size", {"school": self.line(), "seats": "2"})
        charter = {name: self.some() for name in ("definition", "rhythm", "leaves_room", "photos", "languages", "text")}
        form = {"charter": self.whole, **charter, "based_on": "0", "form_key": key()}
        proposed = self.put(self.leads, f"{home}/charter/edit", form)
        self.made["charter round"] = proposed.path
        for one in ("norm", "goal", "second goal", "decision"):
            form = {"kind": one.rpartition(" ")[2], "text": self.some(), "form_key": key()}
            self.made[f"{one} round"] = self.put(self.leads, f"{home}/propose", form).path
        for one in ("charter", "norm", "goal", "second goal"):
            path = self.made[f"{one} round"]
            for who in (self.member, self.third):
                self.put(who, f"{path}/answer", {"stand": "yes_with_worry", "text": self.some()})
            self.put(self.leads, f"{path}/adopt", {})
        self.put(self.member, f"{self.made['decision round']}/answer", {"stand": "not_yet", "text": self.some()})
        goal = re.search(r"/goals/[0-9a-f-]{36}", self.leads.look(f"{home}/charter"))
        assert goal is not None
        self.put(self.leads, goal[0], {"state": "reached", "text": self.some()})

    def conversations(self, titles: Sequence[str]) -> None:
        home = self.home
        for number, title in enumerate(titles):
            body = self.whole if number == len(titles) - 1 else title
            who = self.member if number % 2 else self.leads
            form = {"title": title, "body": body, "purpose": "question", "form_key": key()}
            self.made["topic"] = self.put(who, f"{home}/topics/new", form).path.partition("?")[0]
        self.made["aha"] = self.put(self.member, f"{home}/ahas", {"line": self.line(), "form_key": key()}).path
        topic = self.made["topic"]
        files = [(f"{self.line(120)}.txt", b"words"), (f"{self.line(120)}.png", drawn())]
        form = {"body": self.whole, "form_key": key(), "file_alt": self.line(300)}
        first = self._post_of(self.put(self.third, topic, form, files))
        self.made["post"] = f"/posts/{first}"
        self.made["split"] = f"/posts/{first}/split"
        answer = self.put(self.leads, topic, {"body": self.whole, "reply_to": first, "form_key": key()})
        self.made["answer"] = f"/posts/{self._post_of(answer)}"
        self.put(self.third, f"/posts/{first}/edit", {"body": f"{self.whole}\n\nchanged"[-20_000:]}, files)
        self.put(self.leads, f"/posts/{first}/reactions", {"reaction": "tried"})
        self.put(self.leads, f"{topic}/answer", {"post_id": first})
        split = {"title": self.line(), "purpose": "aha"}
        self.put(self.leads, f"{self.made['answer']}/split", split)
        self.put(self.member, f"{home}/drafts", self._draft(f"topic:{topic.rpartition('/')[2]}", self.whole))
        draft = self._draft(f"community:{home.rpartition('/')[2]}", self.parts[0])
        self.put(self.member, f"{home}/drafts", {**draft, "title": self.line()})

    def issues_and_meetings(self) -> None:
        home = self.home
        issues = [
            self.put(who, f"{home}/board/new", {"title": self.line(), "body": self.whole, "form_key": key()}).path
            for who in (self.leads, self.member, self.member, self.third)
        ]
        self.made["issue"] = issues[0]
        self.put(self.leads, f"{issues[0]}/edit", {"title": self.line(), "body": f"{self.whole[:-20]} changed"})
        self.put(self.member, f"{issues[0]}/take", {})
        self.put(self.member, f"{issues[1]}/close", {"outcome": "solved", "text": self.some()})
        day = {"day": "2031-01-06", "starts": "14:00", "ends": "15:00"}
        link = f"https://example.org/{self.line(470)}"[:500].replace(" ", "\t")
        form = {"title": self.line(), "place": self.line(), "link": link, "form_key": key(), **day}
        meeting = self.put(self.leads, f"{home}/meetings/new", form).path
        self.made["meeting"] = meeting
        self.put(self.leads, f"{meeting}/edit", {**form, "title": self.line(), "place": self.line()})
        item = {"title": self.line(), "kind": "learning", "minutes": "10", "form_key": key()}
        self.put(self.member, f"{meeting}/agenda", item)
        point = re.search(r"/agenda-items/[0-9a-f-]{36}", self.leads.look(meeting))
        assert point is not None
        self.put(self.leads, point[0], {"title": self.line(), "kind": "notice", "minutes": "5"})
        self.put(self.leads, f"{point[0]}/outcome", {"outcome": self.parts[0][:1900]})
        another = self.put(self.member, f"{home}/meetings/new", {**form, "title": self.line(), "form_key": key()}).path
        self.put(self.leads, f"{another.partition('?')[0]}/state", {"state": "cancelled", "reason": self.line(280)})
        self.regular_meetings(link)
        for one in issues[2:]:
            issue = {"thing_kind": "issue", "thing_id": one.rpartition("/")[2], "form_key": key()}
            comes_next = self.put(self.member, f"{home}/agenda", issue).path
        settle = re.search(r"/agenda-items/[0-9a-f-]{36}/settle", self.leads.look(comes_next.partition("#")[0]))
        assert settle is not None
        self.put(self.leads, settle[0], {"outcome": "solved", "text": self.some()})
        self.put(self.leads, f"{meeting}/minutes/write", {"body": self.whole, "based_on": "0"})

    def sheet_of_paper(self) -> None:
        """A meeting of long ago, of which somebody still had the sheet."""
        form = {"title": self.line(), "day": "2020-01-06", "starts": "14:00", "ends": "15:00", "form_key": key()}
        meeting = self.put(self.leads, f"{self.home}/meetings/new", form).path.partition("?")[0]
        self.made["sheet"] = meeting
        item = {"title": self.line(), "kind": "notice", "minutes": "10", "form_key": key()}
        self.put(self.member, f"{meeting}/agenda", item)
        picture = [(f"{self.line(110)}.png", drawn())]
        self.put(self.leads, f"{meeting}/sheet/photos", {"file_alt": self.line(300)}, picture)
        page = self.leads.look(f"{meeting}/sheet/enter")
        note = re.search(r'name="(n-item-[0-9a-f]+)"', page)
        assert note is not None
        form = {note[1]: self.parts[0][:1900], "decisions": self.line(1000), "what-1": self.line(500)}
        ticked = dict.fromkeys(re.findall(r'name="(saw-[0-9a-f]+)"', page), "")
        form |= ticked | {name.replace("saw", "s"): "present" for name in ticked}
        self.put(self.leads, f"{meeting}/sheet/enter", {**form, "guests": self.line(200)})
        self.put(self.leads, f"{meeting}/attendance", {"guests": self.line(200), "anew": "yes"})

    def minutes_of(self, meeting: str) -> None:
        version = re.search(r'name="based_on" value="([0-9]+)"', self.leads.look(f"{meeting}/minutes/write"))
        assert version is not None
        last = int(version[1])
        self.put(self.leads, f"{meeting}/minutes/write", {"body": self.whole, "based_on": version[1]})
        self.put(self.leads, f"{meeting}/decisions", {"decision": self.line(1000)})
        decision = re.search(r"/decisions/[0-9a-f-]{36}", self.leads.look(f"{meeting}/minutes"))
        assert decision is not None
        self.made["decision"] = decision[0]
        self.put(self.leads, f"{decision[0]}/for-school", {"for_school": "yes"})
        action = {"action": self.line(500), "owner": self.member.number, "form_key": key()}
        self.put(self.leads, f"{meeting}/actions", action)
        wrong = {"version": str(last + 1), "answer": "wrong", "text": self.parts[0][:900]}
        self.put(self.third, f"{meeting}/minutes/answer", wrong)
        for was, now in (("0", last + 1), ("1", last + 2)):
            self.put(
                self.leads, f"{meeting}/minutes/in/nl", {"body": self.whole, "based_on": was, "of_version": str(now)}
            )
            again = {"body": f"{self.whole[:-20]} changed", "based_on": str(now)}
            self.put(self.leads, f"{meeting}/minutes/write", again)

    def regular_meetings(self, link: str) -> None:
        home = self.home
        when = {"every": "week", "weekday": "2", "first": "2031-02-05", "starts": "14:00", "minutes": "60"}
        form = {
            **when,
            "title": self.line(),
            "place": self.line(),
            "link": link,
            "zone": "America/Argentina/Buenos_Aires",
        }
        series = self.put(self.leads, f"{home}/series/new", {**form, "form_key": key()}).path
        self.made["series"] = series
        self.put(self.member, f"{home}/holidays", {"name": self.line(), "first_day": "2031-02-12"})
        first = re.search(r'name="first"[^>]* value="([0-9-]+)"', self.leads.look(f"{series}/edit"))
        assert first is not None
        again = {**form, "first": first[1], "title": self.line(), "form_key": key()}
        self.put(self.leads, f"{series}/edit", again)
        skip = re.search(r"/meetings/[0-9a-f-]{36}/skip", self.leads.look(series))
        assert skip is not None
        self.put(self.leads, skip[0], {})
        self.made["holidays"] = f"{home}/holidays/from/{home.rpartition('/')[2]}"

    def agreed_actions(self) -> None:
        meeting = self.made["meeting"].rpartition("/")[2].partition("?")[0]

        def agree(owner: Hand) -> str:
            new = self._agree(owner, meeting)
            self.put(owner, f"{new}/date", {"due": "2031-02-20", "said_kind": "meeting", "said_id": meeting})
            return new

        agree(self.member)
        self.put(self.leads, f"{agree(self.leads)}/done", {"result": self.parts[0][:1000]})
        self.put(self.third, f"{agree(self.third)}/drop", {"reason": self.parts[0][:1000]})

    def class_results(self) -> None:
        groups = [re.sub(r"[\s@\"]+", " ", self.line(70)) for _ in range(4)]
        table = "\n".join(["Class\tPupils\t<b onclick=x>", *(f"{one}\t2{n}\t{n}" for n, one in enumerate(groups))])
        about = {"question": self.line(300), "source": self.line(), "day": "2026-01-07", "table": table}
        self.put(self.leads, f"{self.home}/class-results/new", about)
        made = self.put(self.leads, f"{self.home}/class-results", {**about, "form_key": key()}).path
        self.made["class results"] = made
        talk = self.put(self.leads, f"{made}/conversation", {"form_key": key()}).path
        for kind in ("Prediction", "Finding", "Caveat", "Hunch"):
            self.put(self.member, f"{made}/say", {"kind": kind, "text": self.whole[:2000], "form_key": key()})
        self.put(self.leads, f"{talk}/look", {})
        self.put(self.leads, f"{talk}/decision", {"decision": self.parts[1][:2000]})
        self.made["class talk"] = talk

    def what_is_done_differently(self) -> None:
        change = {"what": self.parts[0][:2000], "place": self.line(), "sign": self.line(500), "audience": "community"}
        made = self.put(self.member, f"{self.home}/changes/new", {**change, "form_key": key()}).path
        self.made["change"] = made
        tried = {"day": "2026-01-07", "happened": self.parts[1][:2000], "form_key": key()}
        self.put(self.leads, f"{made}/tries", tried)
        self.put(self.member, f"{made}/state", {"state": "adapted", "why": self.parts[2][:2000]})
        self.put(self.member, f"{made}/edit", change)
        new = {"title": self.line(), "text": self.parts[0], "form_key": key()}
        card = self.put(self.member, f"{self.home}/new-things/new", {**new, "text": new["text"][:4000]}).path
        self.made["something new"] = card
        note = {"text": self.parts[1], "move": "test", "form_key": key()}
        self.put(self.leads, f"{card}/notes", note)
        because = {"verdict": "not_for_us", "because": self.parts[2], "form_key": key()}
        self.put(self.third, f"{card}/verdict", because)
        self.put(self.leads, f"{card}/again", {"again": self.parts[0], "form_key": key()})

    def projects(self) -> None:
        """One that is gone through as far as its plan, and opened; talks, plans and people hang on it."""
        home, day = self.home, "2031-01-06"
        form = {"title": self.line(), "cycle": "tldw", "form_key": key()}
        begun = self.put(self.member, f"{home}/projects/new", form).path
        made = begun.partition("/stages/")[0]
        self.put(self.member, f"{made}/edit", {"title": self.line()})
        words = {"text": self.whole[:8000], "prompt": "0", "form_key": key()}
        self.put(self.member, f"{made}/stages/concerns/notes", words)
        note = re.search(r"/notes/[0-9a-f-]{36}", self.member.look(f"{made}/stages/concerns"))
        assert note is not None
        self.put(self.member, f"{made}{note[0]}", {"text": self.some(), **self._based_on(f"{made}{note[0]}")})
        thought = {"kind": "Concern", "thought": self.parts[0][:2000], "form_key": key()}
        self.put(self.member, f"{made}/stages/concerns/thoughts", thought)
        self.put(self.member, f"{made}/stages/concerns/leave", {})
        self.put(self.member, f"{made}/stages/priority/skip", {"reason": self.line(500)})
        talk = dict.fromkeys(("said", "promised", "changed"), self.parts[0][:2000])
        talk |= {"who": self.line(), "need": "agree", "holds": "yes", "day": day}
        self.put(self.member, f"{made}/stages/consult/talks", {**talk, "form_key": key()})
        said = re.search(r"/talks/[0-9a-f-]{36}", self.member.look(f"{made}/stages/consult"))
        assert said is not None
        self.put(self.member, f"{made}{said[0]}", {**talk, "who": self.line(), **self._based_on(f"{made}{said[0]}")})
        self.put(self.member, f"{made}/stages/plan/enter", {})
        plan = {"what": self.line(300), "how": self.parts[1][:2000], "protection": self.parts[0][:2000], "due": day}
        self.put(self.member, f"{made}/stages/plan/evidence-plan", {**plan, "form_key": key()})
        check = re.search(r"/evidence-plan/[0-9a-f-]{36}", self.member.look(f"{made}/stages/plan"))
        assert check is not None
        self.put(self.member, f"{made}/open", {"shown": ["1-consult", "1-plan"]})
        again = {"title": self.line(), "cycle": "reflect_improve_repeat", "form_key": key()}
        alone = self.put(self.member, f"{home}/projects/new", {**again, "form_key": key()}).path
        loop = self.put(self.third, f"{home}/projects/new", again).path.partition("/stages/")[0]
        self.put(self.third, f"{loop}/round", {"decision": "again", "changes": self.parts[0][:2000]})
        self.put(self.third, f"{loop}/open", {})
        ended = {"decision": "adapt", "learned": self.some()[:8000], "successor": self.line()}
        self.put(self.third, f"{loop}/conclude", ended)
        self.put(self.third, f"{loop}/resume", {})
        self.put(self.third, f"{loop}/drop", {"learned": self.some()[:8000]})
        self.made["private project"] = alone.partition("/stages/")[0]
        self.made["end of a round"] = f"{self.made['private project']}/round"
        self.made |= {f"stage {name}": f"{made}/stages/{name}" for name in ("concerns", "consult", "plan")}
        self.made.update(
            {"project": made, "project note": note[0], "talk about it": said[0], "plan to check": check[0]}
        )

    def protocols(self) -> None:
        def form() -> dict[str, str]:
            step = {"title": self.line(120), "minutes": "9", "speaks": self.line(120), "do": self.line(600)}
            role = {"name": self.line(40), "duty": self.line(300)}
            lines = {name: self.line() for name in ("use_when", "bring", "guard_rails")}
            return {
                **{"name": self.line(120), "purpose": self.line(400), "family": "consult", "modes": "online"},
                **{"smallest": "3", "largest": "12", **lines},
                **{f"step-{number}-{name}": value for number in (1, 2) for name, value in step.items()},
                **{f"role-1-{name}": value for name, value in role.items()},
            }

        made = self.put(self.member, f"{self.home}/protocols/useful_flop/adapt", {**form(), "form_key": key()}).path
        self.made["protocol"] = made
        self.put(self.leads, f"/protocols/{made.rpartition('/')[2]}/edit", {**form(), "based_on": "1"})
        self.put(self.leads, f"{made}/use", {})

    def runs(self) -> None:
        """One that has ended, with all that can be written in one, and one under way."""
        protocol = self.made["protocol"].rpartition("/")[2].partition("?")[0]

        def begin(day: str) -> str:
            form = {"title": self.line(), "day": day, "starts": "14:00", "ends": "15:00", "form_key": key()}
            meeting = self.put(self.member, f"{self.home}/meetings/new", form).path.partition("?")[0]
            run = self.put(self.member, f"{meeting}/run", {"protocol": protocol, "form_key": key()}).path
            self.put(self.member, f"{run}/steer", {"what": "start"})
            return run

        def write(who: Hand, run: str, step: int, **given: str) -> None:
            note = {"id": str(uuid4()), "step": str(step), "text": self.parts[0][:1900], **given}
            self.put(who, f"{run}/notes", note)

        ended, live = begin("2031-01-08"), begin("2031-01-09")
        action = self._agree(self.third, ended.rpartition("/")[2], "run").rpartition("/")[2]
        for run in (ended, live):
            write(self.third, run, 0)
            write(self.leads, run, 0, kind="Decision")
            write(self.third, run, 0, kind="Hunch")
            write(self.leads, run, 0, kind="ActionItem", owner_id=self.member.number, due="2031-02-20")
            self.put(self.member, f"{run}/steer", {"what": "leave_out", "saw": "0", "reason": self.line(300)})
            self.put(self.third, f"{run}/pulse", {"worth": "5", "word": self.line(40)})
        note = re.search(r"/run-notes/[0-9a-f-]{36}", self.leads.look(live))
        assert note is not None
        self.put(self.leads, f"{note[0]}/edit", {"text": f"{self.parts[1][:1800]} changed"})
        dropped = {"became": "dropped", "text": self.parts[0][:490]}
        self.put(self.third, f"{live}/actions/{action}", dropped)
        self.put(self.member, f"{ended}/steer", {"what": "end", "saw": "1", "reason": self.line(300)})
        self.made.update(ended=ended, live=live, now=f"{live}/now")

    def evidence(self) -> None:
        """What shows something, what has changed, and what colleagues ask about it."""
        home = self.home
        look = {"people_visible": "yes", "names_removed": "yes", "permission": self.line(300)}
        words = {"text": self.whole, "audience": "community", "taken_on": "2031-01-06"}
        shows = {"shows": self.some(), "does_not_show": self.some(), "link": "https://example.org/" + "a" * 400}
        picture = [(f"{self.line(110)}.png", drawn())]
        shown = self.put(
            self.member,
            f"{home}/evidence/new",
            {**words, **shows, **look, "sort": "photo", "form_key": key()},
            picture,
        ).path
        self.put(self.member, f"{shown}/edit", {**words, **shows, **look, "sort": "note", "form_key": key()})
        self.put(self.third, f"{shown}/check", look)
        stated = {"level": "pupils", "text": self.some(), "before": self.whole, "after": self.whole, "n": "23"}
        begun = {"from_kind": "knowledge_node", "from": shown.rpartition("/")[2], "form_key": key()}
        form = {**stated, **begun, "strength": "compared", "audience": "community"}
        claim = self.put(self.member, f"{home}/outcomes/new", form).path
        self.put(self.third, f"{claim}/questions", {"text": self.some(), "form_key": key()})
        self.put(self.leads, f"{claim}/review", {"text": self.some(), "form_key": key()})
        offered = f"/links/knowledge_node/{claim.rpartition('/')[2]}"
        choice = re.search(r'<option value="([^"]+)"', self.member.look(offered))
        assert choice is not None
        self.put(self.member, offered, {"link": choice[1]})
        self.made.update(evidence=shown, claim=claim, links=offered)

    def library(self) -> None:
        home = self.home
        shared = {"language": "en", "audience": "world", "show_name": "yes", "findable": "yes", "licence": "cc-by"}

        def tags() -> str:
            return ",".join(re.sub(r"[,;\n]", " ", self.line(40)) for _ in range(8))

        def resource() -> dict[str, str]:
            link = "https://example.org/" + "".join(self.line(900).split())
            return {"title": self.line(), "about": self.whole, "link": link[:1000], "ages": self.line(300)}

        def practice() -> dict[str, str]:
            lines = {name: self.line(300) for name in ("school", "size", "languages", "ages")}
            texts = dict.fromkeys(("what", "before", "how", "happened", "watch"), self.whole)
            return {"title": self.line(), **lines, **texts}

        def add(room: str, form: Mapping[str, str]) -> str:
            files = [(f"{self.line(120)}.txt", b"words")]
            made = self.put(
                self.leads, f"{home}/{room}/new", {**shared, "tags": tags(), "form_key": key(), **form}, files
            )
            return made.path.partition("?")[0]

        item = add("resources", resource())
        practised = add("practices", practice())
        story = {"title": self.line(), "page": self.whole, "story_kind": "flop", "audience": "community"}
        self.made.update(item=item, practice=practised, story=add("stories", story))
        again = {**shared, **resource(), "about": f"changed\n\n{self.whole[:-60]}", "tags": tags(), "form_key": key()}
        self.put(self.leads, f"{item}/edit", again)
        adapted = {**shared, **practice(), "how": f"adapted\n\n{self.whole[:-60]}", "tags": tags(), "form_key": key()}
        place = {"community_id": home.rpartition("/")[2], "take_files": "yes"}
        self.made["adapted"] = self.put(self.member, f"{practised}/adapt", {**adapted, **place}).path.partition("?")[0]
        for one in (item, practised, self.made["story"]):
            self.put(self.member, f"{one}/tried", {"words": self.line(300)})

    def ways_of_working(self) -> None:
        def form() -> dict[str, str]:
            stage = {"name": self.line(120), "purpose": self.line(400), "typical_weeks": "3"}
            stage |= {"prompts": self.line(), "exit": self.line()}
            head = {
                "name": self.line(120),
                "short": self.line(400),
                "lead_rule": self.line(),
                "always_ask": self.line(),
            }
            return {
                **{**head, "owner": "individual", "typical_months": "9"},
                **{f"stage-{number}-{name}": value for number in (1, 2) for name, value in stage.items()},
            }

        made = self.put(self.member, f"{self.home}/cycles/tldw/adapt", {**form(), "form_key": key()}).path
        self.made["cycle"] = made
        self.put(self.leads, f"{made}/edit", {**form(), "based_on": "1"})

    def portfolio(self) -> None:
        """Of a project that is opened, with a reader who has given it back."""
        begun = self.put(
            self.member, f"{self.home}/projects/new", {"title": self.line(), "cycle": "tldw", "form_key": key()}
        ).path
        project = "/projects/" + begun.partition("/projects/")[2][:36]
        self.put(self.member, f"{project}/open", {})
        made = self.put(self.member, f"{project}/portfolio", {}).path
        self.made["portfolio"] = made
        words = {"stage": "lead", "shows": self.parts[0][:2000], "does_not_show": self.parts[1][:2000]}
        self.put(self.member, f"{made}/items/practice_change/{self.made['change'].rpartition('/')[2]}", words)
        self.put(self.member, f"{made}/foreword", {"foreword": self.parts[0][:8000]})
        self.put(self.member, f"{made}/readers", {"people": self.leads.number})
        self.put(self.member, f"{made}/submit", {})
        said = dict.fromkeys(("learned", "question", "advice"), self.parts[2][:4000])
        self.put(self.leads, f"{made}/review", {**said, "verdict": "certified"})
        self.put(self.leads, f"{made}/review/withdraw", {"why": self.parts[2][:500]})
        self.put(self.leads, f"{made}/review", {**said, "verdict": "returned"})

    def feedback(self) -> None:
        asked = {"question": self.line(500), "text": self.whole, "people": self.leads.number, "due": "2031-01-06"}
        made = self.put(self.member, f"{self.home}/feedback/new", {**asked, "form_key": key()}).path
        self.put(self.leads, f"{made}/answer", dict.fromkeys(("saw", "asks", "idea"), self.parts[0][:4000]))
        self.made["feedback"] = made.partition("#")[0]

    def visit(self) -> None:
        form = {"kind": "peer_observation", "host_id": self.leads.number, "focus": self.some(), "form_key": key()}
        made = self.put(self.member, f"{self.home}/visits/new", form).path
        self.put(self.leads, f"{made}/agree", {"focus": self.some()})
        day = {"day": "2031-01-06", "starts": "09:00", "minutes": "45"}
        self.put(self.leads, f"{made}/plan", {**day, "place": self.line()})
        for sort in ("seen", "heard", "guess"):
            note = {"sort": sort, "text": self.some(), "place": self.line(100), "form_key": key()}
            self.put(self.member, f"{made}/notes", note)
        self.put(self.member, f"{made}/talk", {})
        self.put(self.leads, f"{made}/learned", {"learned": self.some()})
        kept = re.search(r"/notes/[0-9a-f-]{36}/keep", self.leads.look(f"{made}/talk"))
        assert kept is not None
        self.put(self.leads, f"{made}{kept[0]}", {})
        self.put(self.leads, f"{made}/share", {"shared": "yes"})
        self.made["visit"] = made
        coming = self.put(self.member, f"{self.home}/visits/new", {**form, "form_key": key()}).path
        self.put(self.leads, f"{coming}/agree", {"focus": self.some()})
        self.made["visit to come"] = coming

    def oneself(self) -> None:
        for who in (self.leads, self.member, self.third):
            schools = {name: self.line() for name in ("school", "school_2", "school_3")}
            taught = {"subjects": ["physics"], "languages": ["mk"], "may_be_found": "yes"}
            self.put(who, "/me", {**schools, **taught, "about": self.some()})
        entry = self.put(self.member, "/journal/new", {"text": self.whole, "form_key": key()})
        self.made["entry"] = f"/journal/{entry.id}"
        place = {"community_id": self.home.rpartition("/")[2]}
        part = {"title": self.line(), "text": self.whole, "way": self._way(), "form_key": key()}
        self.put(self.member, f"{self.made['entry']}/share", {**part, **place})
        released = {"text": self.whole, "audience": "community", "form_key": key()}
        part = self.put(self.member, f"{self.made['entry']}/release", {**released, **place})
        self.made["released part"] = part.path.partition("?")[0]
        concern = {"text": self.whole[:2000], "audience": "community", "form_key": key()}
        self.put(self.member, f"{self.made['entry']}/concern", {**concern, **place})

    def between_people(self) -> None:
        to = [self.member.number, self.third.number]
        talk = self.put(self.leads, "/messages/write", {"to": to, "body": self.whole, "form_key": key()})
        self.made["talk"] = talk.path.partition("?")[0]
        self.put(self.member, self.made["talk"], {"body": self.whole, "form_key": key()})
        self.put(self.member, f"/report/post/{self.made['post'].rpartition('/')[2]}", {"text": self._third(0)})
        case = re.search(r"/care/[0-9a-f-]{36}", self.leads.look(f"{self.home}/care"))
        assert case is not None
        self.made["case"] = case[0]
        self.put(self.leads, f"{case[0]}/decide", {"step": "talked", "text": self._third(1)})
        self.put(self.third, f"{case[0]}/answer", {"text": self._third(2)})
        school = re.search(r'name="schools" value="([0-9a-f-]{36})"', self.leads.look(f"{self.home}/school/new"))
        assert school is not None
        told = {"title": self.line(), "body": self.some(), "schools": school[1], "form_key": key()}
        self.made["told"] = self.put(self.leads, f"{self.home}/school/new", told).path

    def put(self, who: Hand, path: str, form: Mapping[str, str | Sequence[str]], files: Sequence[File] = ()) -> Sent:
        """What was not taken was not written, and then nothing would be tried."""
        sent = who.send(path, form, files)
        assert sent.status < 400, (path, sent.status, _wrong(sent.text))
        return sent

    def _based_on(self, form: str) -> dict[str, str]:
        """What the member's form was written on."""
        found = re.search(r'name="based_on" value="([^"]*)"', self.member.look(form))
        assert found is not None
        return {"based_on": found[1]}

    def line(self, longest: int = 200) -> str:
        return self.supply.line(longest)

    def some(self) -> str:
        self._some += 1
        return self.parts[self._some % len(self.parts)]

    def _agree(self, owner: Hand, thing_id: str, kind: str = "meeting") -> str:
        form = {"text": self.line(500), "owner_id": owner.number, "due": "2031-01-20", "form_key": key()}
        known = self._actions()
        self.put(self.leads, f"{self.home}/actions/new", {**form, "from_kind": kind, "from_id": thing_id})
        (new,) = self._actions() - known
        self.made[f"action {len(self.made)}"] = new
        return new

    def _actions(self) -> set[str]:
        return set(re.findall(r"/actions/[0-9a-f-]{36}", self.leads.look(f"{self.home}/actions")))

    def _third(self, number: int) -> str:
        """As much as a report takes."""
        size = min(3900, len(self.whole) // 3)
        return self.whole[number * size : (number + 1) * size]

    def _draft(self, place: str, text: str) -> dict[str, str]:
        return {"key": f"{self.member.number}/{place}", "text": text}

    def _way(self) -> str:
        form = self.member.look(f"{self.made['entry']}/share?part=0&chosen=1")
        way = re.search(r'name="way" value="([^"]+)"', form)
        assert way is not None
        return way[1]

    def _post_of(self, sent: Sent) -> str:
        """A post's id stands in the address the browser is sent to, or on the page it came to."""
        found = re.findall(r"from=([0-9a-f-]{36})", sent.path) or re.findall(r'id="p-([0-9a-f-]{36})"', sent.text)
        return found[-1]


def _wrong(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<p class="error"[^>]*>(.*?)</p>', page)] or [page[:300]]
