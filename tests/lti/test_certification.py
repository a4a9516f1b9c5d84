"""The launches of the 1EdTech LTI Advantage certification, by the names its suite gives them, spelling included.

Each goes through the routes of the tool as the suite sends it: login, redirect, launch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lti.claims import LTI
from lti.roles import Scope
from lti.testing import SPOILED, TOOL_URL, Draft, Spoiled

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"


def not_a_launch(draft: Draft) -> None:
    """What is signed is JSON, but nothing in it is a launch."""
    draft.claims = {"name": "badltilaunch"}


def without(*names: str) -> Callable[[Draft], None]:
    def spoil(draft: Draft) -> None:
        for name in names:
            del draft.claims[LTI + name]

    return spoil


def wrong_times(draft: Draft) -> None:
    """Both in the past, and in the wrong order."""
    draft.claims.update(iat=draft.claims["iat"] - 86_400, exp=draft.claims["iat"] - 90_000)


BAD_PAYLOADS: Mapping[str, Spoiled] = {
    "No KID Sent in JWT header": SPOILED["kid_missing"],
    "Incorrect KID in JWT header": SPOILED["kid_unknown"],
    "Wrong LTI Version": SPOILED["version_1_1"],
    "No LTI Version": SPOILED["version_missing"],
    "Invalid LTI message": Spoiled("issuer_differs", not_a_launch),
    "Missing LTI Claims": Spoiled(
        "deployment_malformed",
        without("deployment_id", "version", "message_type", "roles", "resource_link", "target_link_uri"),
    ),
    "Timestamps Incorrect": Spoiled("token_expired", wrong_times),
    "messsage_type Claim Missing": SPOILED["message_missing"],
    "role Claim Missing": SPOILED["roles_missing"],
    "deployment_id Claim Missing": SPOILED["deployment_missing"],
    "resource_link_id Claim Missing": SPOILED["resource_link_without_id"],
    "user Claim Missing": SPOILED["subject_missing"],
}

NO_NAMES: Mapping[str, Any] = dict.fromkeys(["name", "given_name", "family_name"])
NO_PERSON: Mapping[str, Any] = {**NO_NAMES, "email": None, LTI + "lis": None, LTI + "ext": None}
VARIATIONS: Mapping[str, Mapping[str, Any]] = {
    "Launch": {},
    "Launch with Roles": {"roles": "several"},
    "Launch Short Role": {"roles": "short"},
    "Launch Unknown Role": {"roles": "unknown"},
    "Launch No Role": {"roles": "none"},
    "Launch Email Only": NO_NAMES,
    "Launch Names Only": {"email": None},
    "No PII": NO_PERSON,
    "Email Without Context": NO_NAMES | {LTI + "context": None},
    "New resource_id": {LTI + "resource_link": {"id": "a-new-resource"}},
}
ROLES: Mapping[str, Mapping[str, list[str]]] = {
    "Instructor": {
        "one": [f"{MEMBERSHIP}#Instructor"],
        "several": [f"{MEMBERSHIP}#Instructor", f"{INSTITUTION}#Faculty", f"{INSTITUTION}#Administrator"],
        "short": ["Instructor"],
        "unknown": [f"{MEMBERSHIP}#UnknownInstructor", "Wizard", "https://elsewhere.example.net/roles#Teacher"],
        "none": [],
    },
    "Student": {
        "one": [f"{MEMBERSHIP}#Learner"],
        "several": [f"{MEMBERSHIP}#Learner", f"{INSTITUTION}#Student", f"{MEMBERSHIP}#Mentor"],
        "short": ["Learner"],
        "unknown": [f"{MEMBERSHIP}#UnknownLearner", "Apprentice", "https://elsewhere.example.net/roles#Pupil"],
        "none": [],
    },
}
VALID_LAUNCHES: Mapping[str, tuple[str, str]] = {
    f"Valid {who} {variation}": (who, variation) for who in ROLES for variation in VARIATIONS
}


def log_in_and_launch(host, lms, **options):
    browser = host.browser()
    redirect = browser.post("/lti/login", data=lms.login_form(), base_url=TOOL_URL).headers["Location"]
    return browser.post("/lti/launch", data=lms.launch_form(redirect, **options), base_url=TOOL_URL)


def launched(host, lms, who: str, variation: str):
    """The launch of this name, as the host is given it."""
    changes = dict(VARIATIONS[variation])
    roles = ROLES[who][changes.pop("roles", "one")]
    response = log_in_and_launch(host, lms, **{LTI + "roles": roles} | changes)

    assert response.json == {"entered": {"person": "person-5"}, "in_frame": False}
    return host.arrived[-1]


@pytest.mark.parametrize("name", BAD_PAYLOADS)
def test_a_known_bad_payload_is_refused_with_its_reason(host, lms, name):
    response = log_in_and_launch(host, lms, spoil=BAD_PAYLOADS[name])

    assert response.json["refused"] == BAD_PAYLOADS[name].code
    assert 400 <= response.status_code < 500
    assert (host.arrived, host.entered) == ([], [])
    assert log_in_and_launch(host, lms).status_code == 200


@pytest.mark.parametrize("name", VALID_LAUNCHES)
def test_a_valid_launch_comes_in(host, lms, name):
    launch = launched(host, lms, *VALID_LAUNCHES[name])

    assert launch.subject == "5"
    assert launch.target_link_uri == f"{TOOL_URL}/lti/launch"


def test_the_suite_has_twelve_bad_payloads_and_ten_launches_of_each_kind():
    assert (len(BAD_PAYLOADS), len(VARIATIONS), len(VALID_LAUNCHES)) == (12, 10, 20)
    assert {"Valid Instructor Launch with Roles", "Valid Student No PII"} <= VALID_LAUNCHES.keys()


@pytest.mark.parametrize(("who", "name"), [("Instructor", "Instructor"), ("Student", "Learner")])
def test_a_role_is_understood_in_full_and_in_short(host, lms, who, name):
    for variation in ("Launch", "Launch Short Role"):
        assert [(role.scope, role.name) for role in launched(host, lms, who, variation).roles] == [
            (Scope.CONTEXT, name)
        ]


@pytest.mark.parametrize("who", ROLES)
def test_several_roles_are_all_kept_with_their_scopes_and_in_their_order(host, lms, who):
    roles = launched(host, lms, who, "Launch with Roles").roles

    assert [role.uri for role in roles] == ROLES[who]["several"]
    assert {role.scope for role in roles} == {Scope.CONTEXT, Scope.INSTITUTION}


@pytest.mark.parametrize("who", ROLES)
def test_a_role_nobody_knows_is_kept_as_it_came_and_is_no_known_one(host, lms, who):
    roles = launched(host, lms, who, "Launch Unknown Role").roles

    assert [role.uri for role in roles] == ROLES[who]["unknown"]
    assert not {"Instructor", "Learner", "Administrator"} & {role.name for role in roles}
    assert [role.scope for role in roles][1:] == [Scope.UNKNOWN, Scope.UNKNOWN]


@pytest.mark.parametrize("who", ROLES)
def test_a_launch_may_say_no_role(host, lms, who):
    assert launched(host, lms, who, "Launch No Role").roles == ()


@pytest.mark.parametrize("who", ROLES)
def test_what_is_known_of_a_person_is_what_the_platform_says_and_no_more(host, lms, who):
    email_only = launched(host, lms, who, "Launch Email Only")
    names_only = launched(host, lms, who, "Launch Names Only")
    nothing = launched(host, lms, who, "No PII")

    assert (email_only.name, email_only.given_name, email_only.family_name) == (None, None, None)
    assert email_only.email == "teacher1@example.org"
    assert (names_only.name, names_only.email) == ("Ada Teacher", None)
    assert (nothing.name, nothing.email, nothing.sourced_ids, dict(nothing.ext)) == (None, None, None, {})
    assert email_only.subject == names_only.subject == nothing.subject == "5"


@pytest.mark.parametrize("who", ROLES)
def test_a_launch_may_come_from_outside_of_any_course(host, lms, who):
    launch = launched(host, lms, who, "Email Without Context")

    assert (launch.context, launch.email, launch.name) == (None, "teacher1@example.org", None)


@pytest.mark.parametrize("who", ROLES)
def test_a_new_resource_link_is_told_from_the_one_before(host, lms, who):
    known = launched(host, lms, who, "Launch")
    new = launched(host, lms, who, "New resource_id")

    assert (known.resource_link.id, new.resource_link.id) == ("1", "a-new-resource")
    assert known.context == new.context
