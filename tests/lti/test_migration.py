"""Whose older identity is believed, and whose is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti import jose
from lti.claims import LTI
from lti.jose import VerifiedClaims
from lti.migration import CLAIM, Migration, MigrationUnbelieved, read_migration
from lti.toolkeys import current_key

KEY = "179248902"
SECRET = "my-lti11-secret"
# The example of the LTI 1.3 Migration Guide, its signature included.
EXAMPLE = {
    "nonce": "172we8671fd8z",
    "iat": 1551290796,
    "exp": 1551290856,
    "iss": "https://lmsvendor.com",
    "aud": "PM48OJSfGDTAzAo",
    "sub": "3",
    LTI + "deployment_id": "689302",
    CLAIM: {
        "user_id": "34212",
        "oauth_consumer_key": KEY,
        "oauth_consumer_key_sign": "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps=",
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def secrets(key: str) -> str | None:
    return {KEY: SECRET}.get(key)


def signature(*parts: object, secret: str = SECRET) -> str:
    base = "&".join(map(str, parts))
    return base64.b64encode(hmac.new(secret.encode(), base.encode(), hashlib.sha256).digest()).decode()


@pytest.fixture(scope="session")
def verified(ring):
    """A function: claims as a platform sent and signed them → what the launch makes of them."""
    key = current_key(ring)
    public = jose.read_key_set({"keys": [dict(key.public)]})[key.kid]

    def verified(claims: Mapping[str, Any]) -> VerifiedClaims:
        return jose.verify(jose.sign(claims, key.private_pem, key.kid), public)

    return verified


def changed(claims: Mapping[str, Any] | None = None, **claim: Any) -> dict[str, Any]:
    """The example with other claims of the launch, and other members of its migration claim; ... leaves one
    out."""
    inner = {name: value for name, value in (EXAMPLE[CLAIM] | claim).items() if value is not ...}
    outer = EXAMPLE | {CLAIM: inner} | dict(claims or {})
    return {name: value for name, value in outer.items() if value is not ...}


def test_the_example_of_the_guide_is_believed(verified):
    assert read_migration(verified(EXAMPLE), secrets) == Migration(oauth_consumer_key=KEY, user_id="34212")


@pytest.mark.parametrize("claims", [{CLAIM: ...}, {CLAIM: None}])
def test_a_launch_without_the_claim_tells_of_no_migration_and_asks_for_no_secret(verified, claims):
    assert read_migration(verified(changed(claims)), lambda key: pytest.fail("asked")) is None


def test_every_older_id_is_read(verified):
    older = {"context_id": "c1", "tool_consumer_instance_guid": "lms.example.org", "resource_link_id": "rl9"}

    assert read_migration(verified(changed(**older)), secrets) == Migration(KEY, "34212", **older)


@pytest.mark.parametrize("user_id", [..., None, ""])
def test_the_user_keeps_the_id_of_the_launch_where_no_older_one_is_named(verified, user_id):
    assert read_migration(verified(changed(user_id=user_id)), secrets).user_id == "3"
    assert read_migration(verified(changed({"sub": ...}, user_id=user_id)), secrets).user_id is None


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({CLAIM: "34212"}, "claim_malformed"),
        ({CLAIM: [EXAMPLE[CLAIM]]}, "claim_malformed"),
        ({CLAIM: {}}, "key_missing"),
        ({CLAIM: {"user_id": "34212"}}, "key_missing"),
        ({"exp": ...}, "launch_incomplete"),
        ({"exp": True}, "launch_incomplete"),
        ({"exp": 1551290856.5}, "launch_incomplete"),
        ({"exp": "1551290856"}, "launch_incomplete"),
        ({"nonce": ...}, "launch_incomplete"),
        ({"nonce": ""}, "launch_incomplete"),
        ({"nonce": "half a pair \ud83c"}, "launch_incomplete"),
        ({"iss": 5}, "launch_incomplete"),
        ({"aud": []}, "launch_incomplete"),
        ({"aud": ["PM48OJSfGDTAzAo", "another-tool"]}, "launch_incomplete"),
        ({LTI + "deployment_id": ...}, "launch_incomplete"),
        ({"exp": 1551290857}, "signature_wrong"),
        ({"nonce": "172we8671fd8y"}, "signature_wrong"),
        ({"iss": "https://lmsvendor.com/"}, "signature_wrong"),
        ({"aud": "another-tool"}, "signature_wrong"),
        ({LTI + "deployment_id": "689303"}, "signature_wrong"),
    ],
)
def test_a_claim_that_does_not_fit_its_launch_is_not_believed(verified, claims, reason):
    with pytest.raises(MigrationUnbelieved) as caught:
        read_migration(verified(changed(claims)), secrets)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ({"oauth_consumer_key": 179248902}, "claim_malformed"),
        ({"oauth_consumer_key": "a\0"}, "claim_malformed"),
        ({"oauth_consumer_key": ""}, "key_missing"),
        ({"oauth_consumer_key": "179248903"}, "key_unknown"),
        ({"oauth_consumer_key_sign": ...}, "signature_missing"),
        ({"oauth_consumer_key_sign": ""}, "signature_missing"),
        ({"oauth_consumer_key_sign": ["x"]}, "claim_malformed"),
        ({"oauth_consumer_key_sign": EXAMPLE[CLAIM]["oauth_consumer_key_sign"].rstrip("=")}, "signature_wrong"),
        ({"oauth_consumer_key_sign": signature("179248902")}, "signature_wrong"),
        ({"oauth_consumer_key_sign": "подпись"}, "signature_wrong"),
        ({"user_id": 34212}, "claim_malformed"),
        ({"context_id": {"id": "c1"}}, "claim_malformed"),
        ({"resource_link_id": "\ud83c"}, "claim_malformed"),
    ],
)
def test_a_claim_that_is_wrong_in_itself_is_not_believed(verified, claim, reason):
    with pytest.raises(MigrationUnbelieved) as caught:
        read_migration(verified(changed(**claim)), secrets)

    assert caught.value.reason == reason
    assert read_migration(verified(EXAMPLE), secrets).user_id == "34212"


def test_nobody_gets_in_with_an_empty_secret(verified):
    parts = (KEY, "689302", "https://lmsvendor.com", "PM48OJSfGDTAzAo", 1551290856, "172we8671fd8z")
    forged = changed(oauth_consumer_key_sign=signature(*parts, secret=""))

    with pytest.raises(MigrationUnbelieved) as caught:
        read_migration(verified(forged), lambda key: "")

    assert caught.value.reason == "key_unknown"


@pytest.mark.parametrize(
    "audience", [{"aud": ["PM48OJSfGDTAzAo"]}, {"aud": ["another", "PM48OJSfGDTAzAo"], "azp": "PM48OJSfGDTAzAo"}]
)
def test_the_client_id_is_found_in_a_list_of_audiences(verified, audience):
    assert read_migration(verified(changed(audience)), secrets).oauth_consumer_key == KEY


def test_a_time_written_with_a_point_counts_as_its_whole_seconds(verified):
    assert read_migration(verified(changed({"exp": 1551290856.0})), secrets).oauth_consumer_key == KEY


@given(
    key=TEXTS,
    secret=TEXTS,
    deployment_id=TEXTS,
    nonce=TEXTS,
    expires=st.integers(min_value=0, max_value=2**40),
    user_id=TEXTS,
)
def test_whatever_is_signed_with_the_secret_is_believed_and_with_no_other(
    verified, key, secret, deployment_id, nonce, expires, user_id
):
    outer = {"nonce": nonce, "exp": expires, LTI + "deployment_id": deployment_id}
    parts = (key, deployment_id, EXAMPLE["iss"], EXAMPLE["aud"], expires, nonce)
    sign = signature(*parts, secret=secret)
    claims = verified(changed(outer, oauth_consumer_key=key, oauth_consumer_key_sign=sign, user_id=user_id))

    assert read_migration(claims, {key: secret}.get) == Migration(key, user_id)
    with pytest.raises(MigrationUnbelieved) as caught:
        read_migration(claims, {key: secret + "x"}.get)
    assert caught.value.reason == "signature_wrong"


@given(claim=JSON | st.dictionaries(st.sampled_from([*EXAMPLE[CLAIM], "context_id"]), JSON))
def test_no_claim_whatever_it_holds_does_more_than_be_unbelieved(verified, claim):
    with suppress(MigrationUnbelieved):
        assert read_migration(verified(changed({CLAIM: claim})), lambda key: SECRET) is None


def test_neither_an_error_nor_a_repr_shows_a_person_or_a_secret(verified):
    with pytest.raises(MigrationUnbelieved) as caught:
        read_migration(verified(changed(oauth_consumer_key_sign="x")), secrets)

    shown = repr(caught.value) + str(caught.value) + repr(read_migration(verified(EXAMPLE), secrets))
    assert not any(hidden in shown for hidden in (SECRET, "34212", "lWd54"))
