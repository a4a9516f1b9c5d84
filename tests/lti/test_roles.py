"""Role URIs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.roles import Role, Scope, read_role, read_roles

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"


@pytest.mark.parametrize(
    ("uri", "scope", "name", "sub_role"),
    [
        (LIS + "membership#Instructor", Scope.CONTEXT, "Instructor", None),
        (LIS + "membership/Instructor#TeachingAssistant", Scope.CONTEXT, "Instructor", "TeachingAssistant"),
        (LIS + "institution/person#Administrator", Scope.INSTITUTION, "Administrator", None),
        (LIS + "system/person#SysAdmin", Scope.SYSTEM, "SysAdmin", None),
        ("http://purl.imsglobal.org/vocab/lti/system/person#TestUser", Scope.SYSTEM, "TestUser", None),
        ("Learner", Scope.CONTEXT, "Learner", None),
        ("Instructor", Scope.CONTEXT, "Instructor", None),
    ],
)
def test_a_role_of_the_vocabulary_says_where_it_holds(uri, scope, name, sub_role):
    assert read_role(uri) == Role(scope, name, sub_role, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "Dean",
        "learner",
        LIS + "membership",
        LIS + "membership#",
        LIS + "membership/#Grader",
        LIS + "memberships#Instructor",
        LIS + "system/person/Administrator#Support",
        "https://lms.example.org/roles#Coach",
    ],
)
def test_an_unknown_role_is_kept_as_it_is(uri):
    assert read_role(uri) == Role(Scope.UNKNOWN, uri, None, uri)


def test_a_role_sent_twice_is_read_once_in_the_order_sent():
    roles = read_roles(["Learner", LIS + "membership#Instructor", "Learner"])

    assert [role.name for role in roles] == ["Learner", "Instructor"]


@given(st.text())
def test_any_text_is_some_role(uri):
    assert read_role(uri).uri == uri
    assert read_role(LIS + "membership" + uri).uri.endswith(uri)
