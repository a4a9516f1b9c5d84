"""Nonsense in every address and every form: an answer always, never a broken page."""

import importlib
from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any
from urllib.parse import quote_from_bytes
from uuid import UUID

import pytest
from pydantic import BaseModel
from werkzeug.routing import Rule

from lms_plc.core.ids import new_id
from tests.lms_plc.test_access import MEMBER, Town
from tests.lms_plc.test_access import town as town

TOOL = "https://plc.example.org"
ROOMS = frozenset(
    (
        *("people", "communities", "leaving", "discussions", "files", "profiles", "messages", "peers"),
        *(
            "agreements",
            "board",
            "meetings",
            "minutes",
            "library",
            "library_open",
            "journal",
            "searching",
            "schoolnews",
        ),
        *("moderation", "notifications", "mailed", "placing", "sites"),
    )
)
LEFT_OUT = frozenset({"people.leave_seat", "leaving.leave", "communities.leave"})
"""Whoever has left has nothing more to break."""

ASKED = (
    *("after", "before", "from", "from_kind", "reply_to", "quote", "sent", "show", "q", "in", "where", "shape", "tag"),
    *("subject", "language", "part", "chosen", "to", "name", "write", "saved", "done", "again", "all", "community"),
    *("kind", "written_by", "since", "until", "next", "story_kind", "audience", "prompt", "taken_back", "save", "page"),
    *("month", "state", "thing", "person", "goal", "_scheme", "_external", "_anchor", "seat", "topic_id", "endpoint"),
)
MORE_FIELDS = (
    "preview",
    "keep",
    "file_ids",
    "drop_file",
    "file_alt",
    "key",
    "pace",
    "take_back",
    "forget",
    "take_files",
)

NASTY: Sequence[bytes] = (
    *(b"", b" ", b"\0", b"a\0b", b"-1", b"0", b"9" * 5000, b"1e999", b"NaN", b"true", b"[]", b'{"a": [1]}', b"null"),
    *(b"\xff\xfe", b"\xed\xa0\x80", "\u202e\u2066\N{ZERO WIDTH SPACE}".encode(), "\N{GRINNING FACE}".encode() * 300),
    *(b"0000-00-00", b"0001-01-01", b"9999-12-31", b"2027-02-30", b"25:61", b"00:00", b"1-99999999999999999999"),
    *(b"00000000-0000-0000-0000-000000000000", b"ffffffff-ffff-ffff-ffff-ffffffffffff", b"{" + b"0" * 32 + b"}"),
    *(b"x" * 30_000, b"@" * 3000, b"[" * 3000, b"> " * 3000, b"*a_" * 3000, b"|a" * 3000, b"<" * 3000, b"\r\n" * 2000),
    *(
        b"%s%n%(name)s",
        b"../../etc/passwd",
        b"javascript:alert(1)",
        b"' OR 1=1 --",
        b'"*" NEAR(a b)',
        b"//evil.example",
    ),
)
SHORT = [one for one in NASTY if len(one) <= 5000]


def fields_of(room: str) -> list[str]:
    """Every field of every form of a room."""
    try:
        forms: ModuleType = importlib.import_module(f"lms_plc.{room}.forms")
    except ModuleNotFoundError:
        return []
    models = [one for one in vars(forms).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    return sorted({name for model in models for name in model.model_fields})


def pairs(random: Random, names: Sequence[str], values: Sequence[bytes], known: Sequence[UUID], most: int) -> list[Any]:
    """Some of the names, a few of them twice or as arrays are written elsewhere."""
    chosen = [random.choice(names) for _ in range(random.randint(1, most))]
    written = (name + random.choice(("", "", "", "", "[]", "[a]")) for name in chosen)
    return [
        (name, str(random.choice(known)).encode() if random.random() < 0.2 else random.choice(values))
        for name in written
    ]


def encoded(fields: Sequence[tuple[str, bytes]]) -> str:
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in fields)


def path_of(town: Town, rule: Rule, seat: str, random: Random, known: Sequence[UUID]) -> str:
    """The address of a rule, now and then with an id of something else, or of nothing."""
    values = town.needed(rule, seat)
    for name, value in values.items():
        if isinstance(value, UUID) and random.random() < 0.25:
            values[name] = random.choice([*known, new_id()])
    for name in rule.arguments - values.keys():
        values[name] = random.choice(known)
    with town.app.test_request_context(base_url=TOOL):
        return str(town.app.url_for(rule.endpoint, **values)).removeprefix(TOOL)


# what is read and refused is the same on both databases; once is enough for so many
@pytest.mark.parametrize("prepared_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["member", "leader"])
def test_no_garbage_breaks_a_page(town: Town, who: str) -> None:
    random = Random(f"garbage of a {who}")
    person = town.people[MEMBER] if who == "member" else town.circle.facilitator
    known = [value for value in town.values.values() if isinstance(value, UUID)]
    known += [town.circle.person(subject) for subject in ("1", "2")]
    rules = [rule for rule in town.app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in ROOMS]
    rules = sorted(
        (rule for rule in rules if rule.endpoint not in LEFT_OUT), key=lambda rule: (rule.endpoint, rule.rule)
    )
    token = person.token()
    headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
    broken = []
    for times, method in ((5, "GET"), (6, "POST")):
        for _ in range(times):
            for rule in rules:
                if method not in (rule.methods or ()):
                    continue
                path = path_of(town, rule, person.seat, random, known)
                if method == "GET":
                    asked = encoded(pairs(random, ASKED, SHORT, known, 4))
                    answer = person.client.get(f"{path}?{asked}", base_url=TOOL)
                    sent: object = asked
                else:
                    names = [*fields_of(rule.endpoint.partition(".")[0]), *MORE_FIELDS]
                    nonsense = pairs(random, names, NASTY, known, 6)
                    right = {**RIGHT, "csrf_token": token, "form_key": new_id().hex}
                    spoiled = {name for name, _ in nonsense}
                    kept = [(name, value.encode()) for name, value in right.items() if name not in spoiled]
                    sent = nonsense
                    answer = person.client.post(
                        path,
                        data=encoded([*kept, *nonsense]),
                        content_type="application/x-www-form-urlencoded",
                        base_url=TOOL,
                        headers=headers,
                    )
                if answer.status_code >= 500:
                    broken.append((answer.status_code, method, path, sent))
    assert broken == []


RIGHT = {
    **{"title": "T", "line": "L", "body": "B", "text": "D", "about": "A", "purpose": "aha", "reaction": "tried"},
    **{"language": "en", "licence": "cc-by", "audience": "community", "day": "2027-01-01", "starts": "14:00"},
    **{"ends": "15:00", "kind": "goal", "outcome": "We did it.", "channel": "mail", "address": "me@example.org"},
    **{"state": "planned", "answer": "yes", "step": "talked", "way": "conversation", "minutes": "M", "note": "N"},
}
