"""The table of refusals."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract

from lti import refusals
from lti.refusals import REASONS, Reason, Refusal

SOURCE = Path(refusals.__file__)


@pytest.mark.parametrize("code", REASONS)
def test_every_refusal_can_be_told_without_a_single_value(code):
    refusal = Refusal(code)

    assert re.fullmatch(r"[a-z][a-z0-9_]+", refusal.code)
    assert 400 <= refusal.status < 500
    assert refusal.person % refusal.values
    assert refusal.admin % refusal.values
    assert str(refusal) == code


@pytest.mark.parametrize("code", REASONS)
def test_what_a_person_is_told_says_what_to_do_and_holds_no_jargon(code):
    told = Refusal(code).person

    assert re.search(r"open|tell|Sign in|does not lead", told)
    assert not re.search(r"token|state|nonce|LTI|JSON|issuer|%", told)


def test_every_text_is_found_by_the_extractor():
    found = {message for _, message, _, _ in extract("python", io.BytesIO(SOURCE.read_bytes()))}

    assert {reason.person for reason in REASONS.values()} <= found
    assert {reason.admin for reason in REASONS.values()} <= found


def test_codes_are_not_given_twice():
    assert len(REASONS) == len(refusals._TABLE)


def test_values_are_short_and_on_one_line():
    refusal = Refusal("issuer_differs", issuer="x\n[admin] all is well" + "y" * 500, expected=["a", "b"])

    assert "\n" not in refusal.values["issuer"]
    assert len(refusal.values["issuer"]) == 201
    assert refusal.values["expected"] == "a, b"


def test_a_host_may_refuse_for_its_own_reason():
    refusal = Refusal(Reason("course_closed", 403, "Closed.", "The course %(course)s is closed."), course=5)

    assert refusal.code == "course_closed"
    assert refusal.admin % refusal.values == "The course 5 is closed."
    with pytest.raises(KeyError):
        Refusal("no_such_code")
