"""What is read from a message: strict in what it requires, forgiving in the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lti.claims import (
    ASSIGNMENT_AND_GRADE,
    LTI,
    NAMES_AND_ROLES,
    ResourceLinkRequest,
    is_identifier,
    is_web_url,
)

REQUIRED = {
    LTI + "roles": ["Learner"],
    LTI + "resource_link": {"id": "1"},
    LTI + "target_link_uri": "https://plc.example.org/lti/launch",
}
OPTIONAL = (
    "name",
    "given_name",
    "family_name",
    "email",
    "locale",
    LTI + "context",
    LTI + "launch_presentation",
    LTI + "lis",
    LTI + "tool_platform",
    LTI + "custom",
    LTI + "ext",
    LTI + "role_scope_mentor",
    NAMES_AND_ROLES + "namesroleservice",
    ASSIGNMENT_AND_GRADE + "endpoint",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(**changes) -> ResourceLinkRequest:
    return ResourceLinkRequest.model_validate(REQUIRED | changes)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(OPTIONAL, JSON)))
def test_no_optional_claim_whatever_it_holds_refuses_a_launch(claims):
    message = read(**claims)

    assert message.resource_link.id == "1"
    assert message.name is None or "\0" not in message.name


def test_an_optional_claim_that_is_wrong_counts_as_absent_and_its_neighbours_stay():
    message = read(
        name=7,
        given_name="half a pair \ud83c",
        family_name="Үсенова",
        **{
            LTI + "context": {"id": "5", "label": ["x"], "title": "Course", "type": "CourseSection"},
            LTI + "lis": "T-0001",
            LTI + "launch_presentation": {"width": "wide", "height": 480, "return_url": "ftp://x/"},
        },
    )

    assert (message.name, message.given_name, message.family_name) == (None, None, "Үсенова")
    assert (message.context.id, message.context.label, message.context.title) == ("5", None, "Course")
    assert message.context.type == ()
    assert message.sourced_ids is None
    assert (message.presentation.width, message.presentation.height) == (None, 480)
    assert message.presentation.return_url is None


@pytest.mark.parametrize("context_id", ["", "x" * 256, 5, None, "5\0"])
def test_a_context_without_a_usable_id_is_no_context(context_id):
    assert read(**{LTI + "context": {"id": context_id, "title": "Course"}}).context is None
    assert read(**{LTI + "context": {"id": "5", "title": "Course"}}).context.title == "Course"


def test_custom_parameters_are_texts_and_whole_numbers_become_text():
    sent = {
        "a": "1",
        "b": 2,
        "c": None,
        "d": True,
        "e": 1.5,
        "f": ["x"],
        "g": {"h": "i"},
        "j\0": "k",
        "l": "m\0",
    }

    assert dict(read(**{LTI + "custom": sent}).custom) == {"a": "1", "b": "2"}
    assert dict(read(**{LTI + "custom": ["x"]}).custom) == {}
    assert dict(read().custom) == {}


def test_nothing_of_a_message_can_be_changed():
    message = read(name="Ada", **{LTI + "custom": {"a": "1"}})

    with pytest.raises(ValidationError):
        message.name = "Eve"
    with pytest.raises(TypeError):
        message.custom["a"] = "2"
    assert message.name == "Ada"


def test_a_claim_is_known_by_its_full_name_only():
    message = read(context={"id": "5"}, custom={"a": "1"}, **{LTI + "name": "Eve"})

    assert (message.context, dict(message.custom), message.name) == (None, {}, None)


def test_errors_of_a_model_show_no_value():
    with pytest.raises(ValidationError) as caught:
        ResourceLinkRequest.model_validate(REQUIRED | {LTI + "resource_link": {"id": ["Ada Teacher"]}})

    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://lms.example.org/return?a=b", True),
        ("http://127.0.0.1:8080/", True),
        ("https://lms.example.org/" + "a" * 8000, False),
        ("https://lms.example.org/a b", False),
        ("https://lms.example.org\\@example.net", False),
        ('https://lms.example.org/"><script>', False),
        ("https:///path", False),
        ("https://[::1", False),
        ("data:text/html,x", False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_are_followed(url, is_one):
    assert is_web_url(url) is is_one


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("5", True),
        ("x" * 255, True),
        ("x" * 256, False),
        ("", False),
        (5, False),
        ("ж", False),
        ("5\n", False),
    ],
)
def test_an_identifier_is_up_to_255_ascii_characters(value, is_one):
    assert is_identifier(value) is is_one
