"""What lets somebody to the desk, and makes links without it, from the command line."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from lms_plc.admin.models import OperatorSeat
from lms_plc.sites.models import RegistrationLink

TOOL = "https://plc.example.org"


@pytest.fixture(autouse=True)
def _installed(installed: Path) -> None:
    """Every command here runs in a whole installation."""


def test_an_address_is_printed_and_only_its_digest_kept(typed: Any, stored: Any) -> None:
    opened = typed("admin", "open", "--minutes", "1")
    assert opened.code == 0
    assert re.fullmatch(rf"{TOOL}/admin/enter/[A-Za-z0-9_-]{{43}}\n", opened.out)
    assert "within 1 minute." in opened.err
    [row] = stored(select(OperatorSeat.digest, OperatorSeat.state))
    assert row.state == "offered"
    assert row.digest not in opened.out
    assert "within 15 minutes." in typed("admin", "open").err


def test_minutes_have_bounds(typed: Any) -> None:
    for minutes in ("0", "1441", "x"):
        assert typed("admin", "open", "--minutes", minutes).code == 2


def test_links_are_made_listed_and_withdrawn(typed: Any, stored: Any, events: Any) -> None:
    assert "No open link" in typed("lti", "links", "list").out
    made = typed("lti", "links", "make", "--name", " North ")
    assert re.fullmatch(rf"{TOOL}/lti/register/[A-Za-z0-9_-]{{43}}\n", made.out)
    assert "within 7 days" in made.err
    assert typed("lti", "links", "make").code == 0
    secret = made.out.strip().rpartition("/")[2]
    listed = typed("lti", "links", "list")
    assert "North" in listed.out
    assert secret not in listed.out
    told = json.loads(typed("lti", "links", "list", "--json").out)
    assert [one["site_name"] for one in told] == [None, "North"]
    withdrawn = typed("lti", "links", "withdraw", told[1]["id"])
    assert (withdrawn.code, "is withdrawn" in withdrawn.out) == (0, True)
    assert len(stored(select(RegistrationLink.id))) == 1
    assert [event.via for event in events("link.made", "link.withdrawn")] == ["cli"] * 3


def test_what_cannot_be_is_one_sentence(typed: Any, stored: Any) -> None:
    gone = typed("lti", "links", "withdraw", str(uuid4()))
    assert (gone.code, gone.out) == (1, "")
    assert "There is no open link" in gone.err
    assert typed("lti", "links", "withdraw", "x").code == 2
    long = typed("lti", "links", "make", "--name", "n" * 81)
    assert (long.code, "at most 80 characters" in long.err) == (1, True)
    assert stored(select(RegistrationLink.id)) == []
