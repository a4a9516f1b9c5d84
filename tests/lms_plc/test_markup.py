"""Does a text of somebody's ever become a part of a page? Every vector goes through every field, and every page that
shows them is read: nothing runs, nothing is loaded from elsewhere, nothing of theirs has a name, a style or a handler.
"""

import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import lxml.html
import pytest
from pydantic import BaseModel
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

import lms_plc
from lms_plc.admin import seats
from lms_plc.communities.models import Community
from lms_plc.core import mail
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor
from lms_plc.core.text import render
from lms_plc.evidence.actions import keep_node
from lms_plc.files.kinds import TEXT, clean_name
from lms_plc.meetings.calendar_file import calendar_file
from lms_plc.notifications import rounds
from lms_plc.people.models import Identity
from tests.lms_plc.notifications.conftest import FRIDAY, Letters
from tests.scribbling import ALL, LINES, File, Scribbler, Sent
from tests.vectors import FAMILIES, MARK, STRANGER, VECTORS, Supply, in_lines

TOOL = "https://plc.example.org"
LMS = "https://moodle.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"

PAGES = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "nav", "main", "footer", "section"),
    *("article", "aside", "div", "p", "span", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("dl", "dt", "dd", "a", "b", "i", "em", "strong", "s", "small", "bdi", "time", "mark", "ins", "del", "code"),
    *("pre", "blockquote", "table", "caption", "thead", "tbody", "tr", "th", "td", "img", "svg", "path", "form"),
    *("fieldset", "legend", "label", "input", "button", "textarea", "select", "optgroup", "option", "datalist"),
    *("details", "summary", "search", "output", "figure", "figcaption", "q"),
}
"""All that pages of ours are made of; of these, people write PROSE."""

DRAWN = {"g", "path", "rect", "line", "circle", "text", "defs", "pattern", "marker"}
"""What drawings of ours are made of, in an ``svg`` and nowhere else."""

PROSE = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
OF_PROSE = {"a": {"href", "title", "target", "rel"}, "ol": {"start"}, "span": {"class"}}
ELSEWHERE = {
    "web",
    "health",
    "metrics",
    "lti",
    "admin",
    "explaining",
    "twins",
    "mapping",
    "connection",
    "switches",
    "syncs",
} | {*("writing", "mailed", "placed", "placing", "sites", "library_open", "feeds_open", "opening")}
"""Rooms without a text of a member; the desk and the open pages are walked by themselves."""

UNLINKED = {"files.small", "notifications.to", "founding.found", "journal.voice", "classdata.grade_pull"}
"""A smaller picture than the smallest, the way from a letter, and where a launch leads that finds no community; a
sound, and what only a grade book can have answered."""

SAYS = {"value", "href", "title", "alt", "aria-label", "content", "data-link-text"}
"""Attributes in which words of theirs may stand."""

UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Signs that steer a terminal or a printer; no line of a letter or a calendar has one."""

LEADS_AWAY = {
    "href",
    "src",
    "action",
    "formaction",
    "cite",
    "data",
    "poster",
    "background",
    "ping",
    "srcset",
    "longdesc",
}
NAMES = re.compile(r"[\w:. -]*")
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
UNREAD = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
"""What browsers leave out of an address before they read it."""


def flaws(html: str) -> list[str]:
    """What a page has that no page may have."""
    tree = lxml.html.document_fromstring(html)
    found = [flaw for one in tree.iter() for flaw in _of(one)]
    for prose in tree.xpath("//*[contains(concat(' ', @class, ' '), ' prose ')]"):
        for one in prose.iterdescendants():
            if one.tag not in PROSE or not set(one.attrib) <= OF_PROSE.get(one.tag, set()):
                found.append(f"in words: {_shown(one)}")
    return found


def _of(one: Any) -> Iterator[str]:
    if not isinstance(one.tag, str):
        yield f"a comment or instruction: {str(one)[:80]}"
        return
    if one.tag not in PAGES and not (one.tag in DRAWN and next(one.iterancestors("svg"), None) is not None):
        yield f"no element of ours: {_shown(one)}"
    if one.tag in ("script", "link") and not re.match(r"/static/|data:,$", one.get("src") or one.get("href") or ""):
        yield f"not from here: {_shown(one)}"
    if one.tag in ("script", "style") and (one.text or "").strip():
        yield f"runs: {_shown(one)}"
    if one.tag == "meta" and (one.get("http-equiv") or "utf-8").lower() not in ("utf-8",):
        yield f"orders: {_shown(one)}"
    if one.tag == "img" and not re.match(r"/(s|open|world|library)/", one.get("src") or ""):
        yield f"a picture from elsewhere: {_shown(one)}"
    for name, value in one.attrib.items():
        if name.startswith("on") or name in ("style", "srcdoc", "srcset", "ping", "background"):
            yield f"does something: {_shown(one)}"
        if name in LEADS_AWAY and not _leads_well(one, value):
            yield f"leads away: {_shown(one)}"
        if MARK in value and name not in SAYS:
            yield f"theirs in {name}: {_shown(one)}"
        if name in ("id", "name", "class", "for", "role", "target", "rel") and not NAMES.fullmatch(value):
            yield f"an odd {name}: {_shown(one)}"


def _leads_well(one: Any, value: str) -> bool:
    read = UNREAD.sub("", value).replace("\\", "/")
    scheme = SCHEME.match(read)
    if one.tag != "a":
        return scheme is None and not read.startswith("//")
    return scheme is None or scheme[1].lower() in ("http", "https", "mailto")


def _shown(one: Any) -> str:
    return lxml.html.tostring(one, encoding="unicode", with_tail=False)[:160]


@dataclass
class ByClient:
    """A person of the tests, as somebody who writes and looks."""

    visitor: Any
    number: str = ""
    written: dict[str, dict[str, Any]] = field(default_factory=dict)

    def look(self, path: str) -> str:
        answer = self.visitor.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return str(answer.text)

    def send(self, path: str, form: Mapping[str, str | Sequence[str]], files: Sequence[File] = ()) -> Sent:
        data: dict[str, Any] = {name: value if isinstance(value, str) else list(value) for name, value in form.items()}
        self.written[re.sub(r"[0-9a-f-]{36}", "…", path)] = {"path": path, **data}
        if files:
            data["files"] = [FileStorage(BytesIO(content), filename=name) for name, content in files]
        answer = self.visitor.post(path, data, **({"content_type": "multipart/form-data"} if files else {}))
        led = urlsplit(answer.location or "")
        behind = re.sub(r"^/s/[^/]+", "", led.path) + (f"?{led.query}" if led.query else "")
        return Sent(answer.status_code, behind, "" if answer.location else answer.text)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Form → its fields that had a vector in them."""
    told: dict[str, set[str]] = {}
    whole = BaseModel.model_validate.__func__  # type: ignore[attr-defined]

    def listening(cls: type[BaseModel], given: Any, **options: Any) -> Any:
        if isinstance(given, Mapping):
            said = {name for name, value in given.items() if isinstance(value, str) and len(value) > 20}
            for kind in cls.__mro__:
                told.setdefault(f"{kind.__module__}.{kind.__name__}", set()).update(said)
        return whole(cls, given, **options)

    monkeypatch.setattr(BaseModel, "model_validate", classmethod(listening))
    return told


@pytest.fixture
def letters(house: Any, post_office: Any, clock: Any) -> Letters:
    server = post_office.open()
    settings = house.settings.model_copy(update={"smtp_url": server.url, "mail_from": "plc@example.org"})
    opened = Letters(replace(house, settings=settings), server, clock)
    rounds.go_round(opened.house)
    return opened


@pytest.fixture
def scribbled(house: Any, lms: Any, visitor: Callable[[], Any], heard: Any, letters: Letters) -> Scribbler:
    """A community in which everything that can be written has been written with vectors, its people's names too."""
    names = Supply()
    lms.titles["5"], lms.titles["9"] = names.line(200), names.line(200)
    people = [visitor() for _ in range(3)]
    opened = people[0].launch("1", roles=[INSTRUCTOR], name=names.line(200), email="leads@example.org")
    opened = people[0].post(
        opened.location,
        {"name": names.line(200), "school": names.line(200), "by_whom": LINES[0], "first_purpose": ALL[:1900]},
    )
    assert opened.status_code == 303
    for number, person in enumerate(people[1:], start=2):
        person.launch(str(number), name=names.line(200), email=f"m{number}@example.org")
    with house.database.read() as connection:
        ids = {row.subject: str(row.person_id) for row in connection.execute(select(Identity.__table__))}  # type: ignore[attr-defined]
    hands = [ByClient(person, ids[str(number)]) for number, person in enumerate(people, start=1)]
    home = re.sub(r"^/s/[^/]+", "", urlsplit(opened.location).path)
    scribbler = Scribbler(home, *hands)
    # each as a title: once, as no database reads them otherwise
    scribbler.write_everywhere(LINES if house.settings.database_url.startswith("sqlite") else LINES[::6])
    keep_a_thought(scribbler, house)
    peer = visitor()
    founded = peer.launch("9", course="9", roles=[INSTRUCTOR], name=names.line(200))
    peer.post(founded.location, {"name": names.line(200)})
    peer_hand = ByClient(peer, "")
    peer_hand.send("/me", {"subjects": ["physics"], "languages": ["mk"], "may_be_found": "yes", "school": LINES[1]})
    found = re.search(r"/peers/[0-9a-f-]{36}/hello", scribbler.member.look("/peers?subject=physics"))
    assert found is not None
    scribbler.put(scribbler.member, found[0], {"note": ALL[:990]})
    scribbler.made["peer"] = "/peers"
    return scribbler


def keep_a_thought(scribbler: Scribbler, house: Any) -> None:
    """What is kept while people talk by a protocol: no form of its own."""
    author, community = UUID(scribbler.member.number), UUID(scribbler.home.rpartition("/")[2])
    origin = Reference("meeting", UUID(scribbler.made["meeting"].rpartition("/")[2].partition("?")[0]))
    with house.database.write() as session:
        site_id = session.execute(select(Community.site_id).where(Community.id == community)).scalar_one()
        who = Actor(author, site_id, "", house.clock())
        place = {"community_id": community, "site_id": site_id, "origin": origin, "form_key": "k" * 24}
        as_forms_hand_it_on = ALL.replace("\0", "")
        node = keep_node(session, who, kind="Question", text=as_forms_hand_it_on, author_id=author, **place)
    scribbler.made["thought"] = f"/thoughts/{node}"


def text_fields() -> dict[str, set[str]]:
    """Form → its fields in which people write as they like: all in the rooms' own ``forms``, the desk's aside."""
    fields: dict[str, set[str]] = {}
    for path in sorted(Path(lms_plc.__path__[0]).glob("*/forms.py")):
        if path.parent.name == "admin":
            continue
        module = importlib.import_module(f"lms_plc.{path.parent.name}.forms")
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__:
                free = {name for name, one in kind.model_fields.items() if _is_free(one)}
                if free:
                    fields[f"{kind.__module__}.{kind.__name__}"] = free
    return fields


def _is_free(one: Any) -> bool:
    longest = [part.max_length for part in one.metadata if hasattr(part, "max_length")]
    is_closed = any(getattr(part, "pattern", None) for part in one.metadata)
    return one.annotation is str and not is_closed and any(length is None or length > 40 for length in longest)


@dataclass
class Walk:
    """Follows every link of every page it is shown, two of each kind, and more where it was sent there."""

    visitor: Any
    app: Any
    each: int = 2
    seen: dict[str, str] = field(default_factory=dict)
    endpoints: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def begin(self, *paths: str) -> dict[str, str]:
        waiting = [path if path.startswith("/admin") else self.visitor._here(path) for path in paths]
        asked_for = frozenset(waiting)
        while waiting:
            path = waiting.pop()
            if path in self.seen or not (self._wanted(path) or path in asked_for):
                continue
            answer = self.visitor.client.get(path, base_url=TOOL)
            self.seen[path] = ""
            assert answer.status_code < 500, path
            assert answer.status_code in (200, 302, 303, 403, 404), (path, answer.status_code)
            check_headers(answer)
            if answer.location:
                waiting.append(urlsplit(answer.location)._replace(scheme="", netloc="", fragment="").geturl())
            elif answer.mimetype == "text/html":
                self.seen[path] = answer.text
                tree = lxml.html.fromstring(answer.text)
                waiting += [_bare(href) for href in tree.xpath("//a/@href | //img/@src")]
            else:
                self.files.append(path)
        return {path: page for path, page in self.seen.items() if page}

    def _wanted(self, path: str) -> bool:
        if not path.startswith(("/s/", "/admin", "/open", "/world")):
            return False
        try:
            endpoint, _ = self.app.url_map.bind("plc.example.org", url_scheme="https").match(urlsplit(path).path)
        except HTTPException:
            return False
        self.endpoints[endpoint] += 1
        self.first.setdefault(endpoint, path)
        return self.endpoints[endpoint] <= self.each


def _bare(address: str) -> str:
    """Ours without its anchor; of a link somebody wrote, nothing that could be mistaken for one."""
    try:
        return urlsplit(address)._replace(fragment="").geturl()
    except ValueError:
        return ""


def check_headers(answer: Any) -> None:
    policy = answer.headers.get("Content-Security-Policy", "")
    if not 300 <= answer.status_code < 400:
        assert policy.startswith("default-src 'none'"), answer.request.path
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name, value in answer.headers:
        assert not re.search(r"[\r\n]", value), name
        assert name.lower() not in ("x-bad", "bcc")
    assert MARK not in str(answer.headers.get("Set-Cookie"))


def test_there_are_enough_of_them_and_each_is_another() -> None:
    assert len(VECTORS) >= 200
    assert len(set(VECTORS)) == len(VECTORS) == sum(len(family) for family in FAMILIES.values())
    assert all(vector[:200] in text for vector in VECTORS for text in [ALL])


def test_the_reader_of_pages_sees_what_is_wrong() -> None:
    """Put into a page as they stand, most of them are seen; the others mean nothing to this parser or are words."""
    page = '<!doctype html><title>x</title><div class="prose">{}</div><input value="{}">'
    assert sum(bool(flaws(page.format(vector, vector))) for vector in VECTORS) > 250
    for odd in (
        "<a href=' java\nscript:1'>a</a>",
        "<button formaction=//evil.example>b</button>",
        "<p id=a onclick=b>",
    ):
        assert flaws(page.format(odd, "")) != []


@pytest.mark.parametrize("family", [*FAMILIES, "all at once"])
def test_words_become_words(family: str) -> None:
    for text in FAMILIES.get(family, [ALL]):
        page = f'<!doctype html><title>x</title><div class="prose">{render(text).html}</div>'
        assert flaws(page) == [], text


ASKED = (
    *("q", "kind", "in", "where", "tag", "language", "subject", "words", "name", "to", "show", "sent", "saved", "done"),
    *("prompt", "audience", "from", "from_kind", "before", "after", "reply_to", "quote", "part", "written_by", "since"),
    *("until", "community", "mine", "kept", "again", "still", "only", "page", "type", "shape", "draft", "new", "place"),
)
"""Names by which pages are asked for something, and some that nobody has."""


def test_every_page_shows_them_as_words(
    scribbled: Scribbler, app: Any, heard: dict[str, set[str]], letters: Letters, house: Any, visitor: Callable[[], Any]
) -> None:
    leads, member, third = scribbled.leads, scribbled.member, scribbled.third
    for written_by in ("", LINES[0][:100]):
        member.look("/search?" + urlencode({"q": LINES[0], "written_by": written_by}))
    place_in_the_course(leads)
    missing = {form: fields - heard.get(form, set()) for form, fields in text_fields().items()}
    assert {form: fields for form, fields in missing.items() if fields} == {}
    letters.hear()
    starts = (scribbled.home, "/", "/inbox", "/me", "/peers", "/care", "/kept", "/search?q=script", "/search?q=onerror")
    wrong: dict[str, list[str]] = {}
    reached: dict[str, str] = {}
    for hand in (leads, member, third):
        walk = Walk(hand.visitor, app)
        pages = walk.begin(*starts, *scribbled.made.values())
        wrong |= {path: found for path, page in pages.items() if (found := flaws(page))}
        reached |= walk.first
    assert wrong == {}
    assert MARK in "".join(pages.values())
    never = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - set(reached)
    assert {one for one in never if one.partition(".")[0] not in ELSEWHERE} <= UNLINKED
    asked_oddly(member.visitor, reached)
    the_world_and_the_desk_see_words_too(scribbled, app, house, visitor())
    what_leaves_the_pages(scribbled, app)
    said_no_to(leads, member, third)
    assert letters.pass_by(FRIDAY) >= 2
    for _, receivers, letter in letters.server.letters:
        assert_is_a_letter(letter, receivers)


def place_in_the_course(leads: Any) -> None:
    """What stands in a course has a title and words of its own; the answer goes back through a form of the LMS's."""
    choice = leads.visitor.choose("1")
    path = urlsplit(choice.location).path
    form = {"which": "own", "parts": "discussions.topic_list", "title": LINES[0], "text": ALL[:990], "counts": "yes"}
    answer = leads.visitor.post(path, form)
    assert (answer.status_code, flaws(answer.text.replace(LMS, ""))) == (200, [])
    again = leads.visitor.choose("1")
    refused = leads.visitor.post(urlsplit(again.location).path, {**form, "which": "new", "name": LINES[1], "parts": ""})
    assert (refused.status_code, flaws(refused.text)) == (422, [])
    address = leads.visitor.post("/inbox/settings/address", {"address": LINES[0]})
    assert (address.status_code, flaws(address.text)) == (422, [])


def asked_oddly(visitor: Any, reached: Mapping[str, str]) -> None:
    """What stands in an address is somebody's as well: anybody can send a link."""
    for endpoint, path in reached.items():
        asked = {name: LINES[place % len(LINES)] for place, name in enumerate(ASKED)}
        answer = visitor.client.get(f"{path.partition('?')[0]}?{urlencode(asked)}", base_url=TOOL)
        assert answer.status_code < 500, endpoint
        check_headers(answer)
        if answer.mimetype == "text/html" and not answer.location:
            assert flaws(answer.text) == [], endpoint


def said_no_to(*hands: Any) -> None:
    """A form that is not taken shows what was typed, whatever the reason; so does a look before sending."""
    shown = 0
    for hand in hands:
        for given in hand.written.values():
            form = {name: value for name, value in given.items() if name not in ("path", "form_key")}
            texts = [name for name, value in form.items() if len(value) > 100]
            for more in ({}, {"form_key": LINES[0]}, {"preview": (texts or [""])[0]}, {"csrf_token": LINES[1]}):
                answer = hand.visitor.post(given["path"], {**form, **more})
                assert answer.status_code < 500, given["path"]
                check_headers(answer)
                if not answer.location and answer.text:
                    shown += MARK in answer.text
                    assert flaws(answer.text) == [], given["path"]
    assert shown > 60


def what_leaves_the_pages(scribbled: Scribbler, app: Any) -> None:
    """A calendar line by line, the name of a file."""
    walk = Walk(scribbled.third.visitor, app, each=1)  # type: ignore[attr-defined]
    walk.begin(scribbled.made["meeting"], scribbled.made["topic"], scribbled.made["item"])
    for path in walk.files:
        answer = walk.visitor.client.get(path, base_url=TOOL)
        check_headers(answer)
        if answer.mimetype == "text/calendar":
            assert_is_a_calendar(answer.data)
        else:
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer.mimetype in ("text/plain", "image/png")
            named = answer.headers["Content-Disposition"]
            assert re.fullmatch(r"""(attachment|inline); filename="[^"\\\r\n]+"; filename\*=UTF-8''[\w.%~-]+""", named)
            assert not answer.mimetype.startswith("text/") or named.startswith("attachment")
    assert set(walk.first) >= {"meetings.calendar", "files.seen", "files.content"}


def assert_is_a_letter(letter: Any, receivers: Sequence[str]) -> None:
    kinds = [part.get_content_type() for part in letter.walk()]
    attached = [part.get_content_type() for part in letter.walk() if part.get_content_disposition() == "attachment"]
    body = ["multipart/alternative", "text/plain", "text/html"]
    around = ["multipart/mixed"] if attached else []
    assert set(attached) <= {"text/calendar"}
    assert [kind for kind in kinds if kind != "text/calendar"] == around + body
    expected = {"content-type", "mime-version", "subject", "from", "to", "date", "message-id", "auto-submitted"}
    assert {name.lower() for name in letter} <= expected | {"precedence", "list-unsubscribe", "list-unsubscribe-post"}
    assert letter["To"] == ", ".join(receivers)
    html = letter.get_body(("html",)).get_content()
    tree = lxml.html.document_fromstring(html)
    for one in tree.iter():
        assert one.tag in PAGES - {"script", "link", "img", "svg", "form", "input", "button"} | {"style"}, one
        assert not any(name.startswith("on") or name in ("srcset", "background", "id") for name in one.attrib)
        assert urlsplit(one.get("href") or TOOL)[:2] == ("https", "plc.example.org")
        assert STRANGER not in (one.get("style") or "")
    text = letter.get_body(("plain",)).get_content()
    assert not UNSEEN.search(text.replace("\r\n", ""))


def assert_is_a_calendar(content: bytes) -> None:
    lines = content.decode().removesuffix("\r\n").split("\r\n")
    whole: list[str] = []
    for line in lines:
        assert len(line.encode()) <= 75
        assert not UNSEEN.search(line)
        if line.startswith(" "):
            whole[-1] += line[1:]
        else:
            whole.append(line)
    names = [re.split("[:;]", line, maxsplit=1)[0] for line in whole]
    assert names.count("BEGIN") == names.count("END")
    assert [line for line in whole if line.startswith("BEGIN:VE")] == ["BEGIN:VEVENT"]
    assert set(names) <= {
        *("BEGIN", "END", "VERSION", "PRODID", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"),
        *("LOCATION", "DESCRIPTION", "STATUS", "LAST-MODIFIED", "TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO"),
    }


@pytest.mark.parametrize("longest", [60, 200])
def test_whatever_leaves_the_house_keeps_its_lines(longest: int) -> None:
    """All of them through what the walk above met some of: a calendar, the head of a letter, the name of a file."""
    at = datetime(2031, 1, 6, 14, 0, tzinfo=UTC)
    for text in in_lines(longest):
        given = {"id": "1", "state": "planned", "revision": 1, "title": text, "place": text, "link": text, "zone": ""}
        moments = dict.fromkeys(("changed_at", "starts_at", "ends_at"), at)
        seen: Any = SimpleNamespace(**given, **moments)
        assert_is_a_calendar(calendar_file([seen], "plc.example.org", "Europe/Skopje"))
        letter = mail.write(sender="a@b.org", to=["c@d.org"], subject=text, text=text, at=at, message_id="1@b.org")
        read = message_from_bytes(letter.as_bytes(), policy=default)
        assert list(read) == list(letter)
        assert read.defects == []
        assert not UNSEEN.search(str(read["Subject"]))
        name = clean_name(f"{text}.html", TEXT)
        assert name.endswith(".txt")
        assert not re.search(r'[\x00-\x1f\x7f/\\"<>\u202a-\u202e\u2066-\u2069]', name)


def the_world_and_the_desk_see_words_too(scribbled: Scribbler, app: Any, house: Any, stranger: Any) -> None:
    public = re.search(
        r'href="(https://plc.example.org/[^"]*)" target', scribbled.leads.look(scribbled.made["practice"])
    )
    assert public is not None
    shown = stranger.client.get(urlsplit(public[1]).path, base_url=TOOL)
    assert (shown.status_code, MARK in shown.text, flaws(shown.text)) == (200, True, [])
    with house.database.write() as session:
        secret = seats.offer(session, house.clock(), timedelta(minutes=15))
    page = stranger.client.get(f"/admin/enter/{secret}", base_url=TOOL)
    headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    entered = stranger.client.post(f"/admin/enter/{secret}", base_url=TOOL, headers=headers)
    assert (page.status_code, entered.status_code) == (200, 303)
    walk = Walk(stranger, app)
    pages = walk.begin("/admin/")
    assert {path: found for path, one in pages.items() if (found := flaws(one))} == {}
    assert len(pages) > 5
