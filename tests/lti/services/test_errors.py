"""Every trouble is said with what an admin can do about it."""

from __future__ import annotations

import re

import pytest

from lti.services.errors import TROUBLES, BadAnswer, Earlier, NotGranted, Refused, ServiceError, Unavailable


@pytest.mark.parametrize("code", TROUBLES)
def test_every_trouble_has_a_whole_sentence_and_a_whole_advice(code):
    trouble = TROUBLES[code]

    for text in (trouble.what, trouble.todo):
        assert re.fullmatch(r"(?:[A-Z]|%\(host\)s|The).+\.", text)
    assert "%(" not in str(ServiceError(code))


def test_a_code_that_does_not_exist_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        ServiceError("invented")


def test_errors_are_told_apart_by_kind_and_carry_what_a_caller_acts_on():
    assert Unavailable("busy", retry_after=3).retry_after == 3
    assert isinstance(Earlier("score_earlier", status=409), Refused)
    assert NotGranted("scope_missing", missing=["b", "a"]).values["missing"] == "a, b"
    assert str(BadAnswer("foreign", host="https://a.example.org")).startswith("https://a.example.org sends us on")
    assert repr(Refused("gone", status=404, reason="Not\nFound")) == "Refused('gone')"
    assert Refused("gone", status=404, reason="Not\nFound").reason == "Not\N{REPLACEMENT CHARACTER}Found"
