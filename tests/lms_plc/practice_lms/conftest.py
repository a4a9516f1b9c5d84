"""A practice LMS for each test, a tool beside it, and recorded answers to compare with."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from joserfc import jwt
from joserfc.jwk import RSAKey
from lxml import etree

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.settings import CLIENT_ID
from lms_plc.practice_lms.state import FILE_NAME
from tests.lms_plc.practice_lms.choosing import Choice

RECORDINGS = Path(__file__).parents[2] / "recordings" / "practice_lms"
MOODLE = Path(__file__).parents[2] / "recordings" / "moodle" / "ws"
NOW = 1_795_323_264.0
"""22 November 2026: inside the school year of the seed."""


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """Read a recorded answer of a real Moodle 4.5: JSON decoded, XML as an element."""

    def read(name: str) -> Any:
        data = (RECORDINGS / name).read_bytes()
        return json.loads(data) if name.endswith(".json") else etree.fromstring(data)

    return read


@pytest.fixture
def moodle_says() -> Callable[..., Any]:
    """``moodle_says(function, case)``: what a real Moodle 4.5 answered there, decoded; with ``"xml"`` the element."""

    def read(function: str, case: str, kind: str = "json") -> Any:
        data = (MOODLE / function / f"{case}.{kind}").read_bytes()
        return json.loads(data) if kind == "json" else etree.fromstring(data)

    return read


@pytest.fixture
def ask(practice: Practice):
    """Call a function with PHP-style fields; the decoded JSON."""
    client = practice.app.test_client()

    def call(function: str, _format: str = "json", **fields: Any) -> Any:
        protocol = {
            "wstoken": practice.web_service_token,
            "wsfunction": function,
            "moodlewsrestformat": _format,
        }
        answer = client.post("/webservice/rest/server.php", data=protocol | fields)
        assert answer.status_code == 200
        return answer.json if _format == "json" else etree.fromstring(answer.data)

    return call


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with its keys made, to copy from: making an RSA key is the slow part."""
    folder = tmp_path_factory.mktemp("practice")
    Practice(folder)
    return folder


@pytest.fixture
def practice(shared_dir: Path, tmp_path: Path) -> Practice:
    shutil.copy(shared_dir / FILE_NAME, tmp_path / FILE_NAME)
    return Practice(tmp_path, now=lambda: NOW)


@pytest.fixture(scope="session")
def tool_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "tool-1", "use": "sig", "alg": "RS256"})


@pytest.fixture
def tool_keys(practice: Practice, tool_key: RSAKey) -> Iterator[responses.RequestsMock]:
    """The tool's key set, answered at the network edge."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as edge:
        edge.get(practice.settings.tool_keys_url, json={"keys": [tool_key.as_dict(private=False)]})
        yield edge


class Tool:
    """The tool's side of the services: gets tokens and calls."""

    def __init__(self, practice: Practice, key: RSAKey) -> None:
        self.practice = practice
        self.key = key
        self.client = practice.app.test_client()

    def assertion(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        body = {"iss": CLIENT_ID, "sub": CLIENT_ID, "iat": int(NOW) - 5, "exp": int(NOW) + 60} | claims
        return jwt.encode({"alg": "RS256", "kid": "tool-1"} if header is None else header, body, self.key)

    def ask_token(self, scope: str, assertion: str | None = None, **form: str) -> Any:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            "scope": scope,
        }
        return self.client.post("/mod/lti/token.php", data=fields | form)

    def bearer(self, scope: str) -> dict[str, str]:
        answer = json.loads(self.ask_token(scope).text)
        return {"Authorization": f"Bearer {answer['access_token']}"}


@pytest.fixture
def tool(practice: Practice, tool_key: RSAKey, tool_keys: responses.RequestsMock) -> Tool:
    return Tool(practice, tool_key)


@pytest.fixture
def sign(tool_key: RSAKey) -> Callable[[dict[str, Any]], str]:
    """``sign(claims)``: a JWT by the tool's key."""
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "tool-1"}, claims, tool_key)


@pytest.fixture
def sent(recorded: Callable[[str], Any]) -> dict[str, Any]:
    """What a recorded tool posted to register itself."""
    return recorded("lti/dynamic_registration.json")["registration_request"]["body"]


@pytest.fixture
def choice(practice: Practice, sign: Callable[[dict[str, Any]], str], tool_keys: responses.RequestsMock) -> Choice:
    return Choice(practice, sign)
