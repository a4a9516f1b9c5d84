"""Keys and signatures."""

from __future__ import annotations

import ast
import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lti
from lti import jose
from lti.testing import PlatformInMemory, hs256, public_jwk, rsa_key


@pytest.fixture(scope="module")
def private_pem() -> str:
    return jose.generate_private_pem()


def platform_key(kid: str = "platform-key-1") -> jose.PublicKey:
    return jose.read_key_set({"keys": [public_jwk(rsa_key("platform"), kid)]})[kid]


def test_what_we_sign_verifies_with_the_key_we_publish(private_pem):
    jwk = jose.public_jwk(private_pem)
    token = jose.sign({"sub": "5", "title": "Сабақ"}, private_pem, jwk["kid"])

    claims = jose.verify(token, jose.read_key_set({"keys": [jwk]})[jwk["kid"]])

    assert dict(claims) == {"sub": "5", "title": "Сабақ"}
    assert jose.read_header(token) == jose.TokenHeader("RS256", jwk["kid"], frozenset({"alg", "kid", "typ"}))


def test_a_published_key_holds_nothing_private(private_pem):
    jwk = jose.public_jwk(private_pem)

    assert jwk.keys() == {"kty", "n", "e", "use", "alg", "kid"}
    assert (jwk["kty"], jwk["use"], jwk["alg"]) == ("RSA", "sig", "RS256")


def test_verified_claims_cannot_be_made_or_changed_by_hand():
    token = PlatformInMemory().sign({"sub": "5", "list": [{"a": 1}]})
    claims = jose.verify(token, platform_key())

    with pytest.raises(TypeError):
        jose.VerifiedClaims()
    with pytest.raises(AttributeError):
        claims.sub = "2"
    with pytest.raises(TypeError):
        claims["sub"] = "2"
    with pytest.raises(TypeError):
        claims["list"][0]["a"] = 2
    claims.as_json()["sub"] = "2"
    assert claims["sub"] == claims.as_json()["sub"] == "5"
    assert repr(claims) == "<VerifiedClaims: 2 claims>"


def importing(package: str) -> set[str]:
    """The files of `lti` that import `package`."""
    found = set()
    for path in Path(lti.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(module.split(".")[0] == package for module in modules):
                found.add(path.name)
    return found


@pytest.mark.parametrize(
    ("package", "file"), [("joserfc", "jose.py"), ("flask", "blueprint.py"), ("werkzeug", "blueprint.py")]
)
def test_each_big_dependency_is_known_to_one_file(package, file):
    assert importing(package) == {file}


def test_verifying_refuses_other_algorithms_even_when_nobody_asked_before():
    lms = PlatformInMemory()

    assert jose.verify(lms.sign({"sub": "5"}), platform_key())["sub"] == "5"
    for algorithm in ("RS384", "none", "HS256", "nonsense"):
        with pytest.raises(jose.SignatureWrong):
            jose.verify(lms.sign({"sub": "5"}, alg=algorithm), platform_key())
    with pytest.raises(jose.SignatureWrong):
        jose.verify(lms.sign({"sub": "5"}, crit=["b64"], b64=False), platform_key())


def test_a_signature_written_in_another_way_is_refused():
    token = PlatformInMemory().sign({"sub": "5"})
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    same_bytes = token[:-1] + alphabet[last ^ 1]

    assert base64.urlsafe_b64decode(token.split(".")[2] + "==") == base64.urlsafe_b64decode(
        same_bytes.split(".")[2] + "=="
    )
    with pytest.raises(jose.SignatureWrong):
        jose.verify(same_bytes, platform_key())


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,9}\.[A-Za-z0-9_-]{1,9}\.[A-Za-z0-9_-]{1,9}", fullmatch=True))
def test_no_text_makes_more_than_a_malformed_token(text):
    for read in (jose.read_header, lambda token: jose.verify(token, platform_key())):
        with pytest.raises((jose.TokenMalformed, jose.SignatureWrong)):
            read(text)


def jwk(**members) -> dict:
    return public_jwk(rsa_key("platform"), "k") | members


def without(*names: str) -> dict:
    return {name: value for name, value in jwk().items() if name not in names}


UNUSABLE = {
    "an elliptic curve": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k"},
    "a shared secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
    "too short": public_jwk(rsa_key("short", 1024), "k"),
    "too long": jwk(n="_" * 1500),
    "for encryption": jwk(use="enc"),
    "not for verifying": jwk(key_ops=["encrypt"]),
    "without a kid": without("kid"),
    "with an empty kid": jwk(kid=""),
    "with a number as kid": jwk(kid=1),
    "with a number as algorithm": jwk(alg=1),
    "without a modulus": without("n"),
    "without an exponent": without("e"),
    "with a modulus that is no number": jwk(n="ж" * 400),
    "with half a character": jwk(n="A"),
    "with an even exponent": jwk(e="Ag"),
    "with a modulus in other letters": jwk(n=jwk()["n"][:-3] + "+/="),
    "a text": "key",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_key_is_left_out_and_the_good_one_beside_it_stays(name):
    good = public_jwk(rsa_key("platform"), "good")

    assert list(jose.read_key_set({"keys": [UNUSABLE[name], good]})) == ["good"]
    with pytest.raises(jose.KeySetMalformed):
        jose.read_key_set({"keys": [UNUSABLE[name]]})


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys":null}',
        b'{"keys":[]}',
        b'{"keys":{}}',
        b"\xff\xfe",
        "null",
        {},
        [],
        None,
    ],
)
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(jose.KeySetMalformed):
        jose.read_key_set(document)


def test_a_key_set_is_read_from_bytes_text_or_json():
    document = {"keys": [without("alg", "use")]}

    for form in (document, json.dumps(document), json.dumps(document).encode()):
        assert jose.read_key_set(form)["k"].algorithm == "RS256"


def test_of_two_keys_with_one_kid_the_first_counts():
    first, second = public_jwk(rsa_key("platform"), "k"), public_jwk(rsa_key("stranger"), "k")
    token = PlatformInMemory().sign({"sub": "5"})

    assert jose.verify(token, jose.read_key_set({"keys": [first, second]})["k"])["sub"] == "5"
    with pytest.raises(jose.SignatureWrong):
        jose.verify(token, jose.read_key_set({"keys": [second, first]})["k"])


def test_a_shared_secret_signature_is_the_platforms_in_no_case():
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(b'{"sub":"1"}').rstrip(b"=").decode()
    signature = hs256(jwk()["n"].encode())(f"{header}.{body}".encode())
    token = f"{header}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with pytest.raises(jose.SignatureWrong):
        jose.verify(token, platform_key())
