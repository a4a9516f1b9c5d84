"""Does this tool fetch only what it may, and only so much of it?"""

import pytest
import responses
from requests import RequestException

from lms_plc.sites.outgoing import LARGEST_ANSWER, Fetcher, NotFetched
from lti.http import NoAnswer

JWKS = "https://moodle.example.org/certs"


def test_a_small_document_is_fetched(edge: responses.RequestsMock) -> None:
    edge.get(JWKS, body=b'{"keys": []}')
    assert Fetcher(allow_private_hosts=False)(JWKS) == b'{"keys": []}'


def test_a_large_one_is_not(edge: responses.RequestsMock) -> None:
    edge.get(JWKS, body=b"x" * LARGEST_ANSWER)
    assert len(Fetcher(allow_private_hosts=False)(JWKS)) == LARGEST_ANSWER
    edge.replace(responses.GET, JWKS, body=b"x" * (LARGEST_ANSWER + 1))
    with pytest.raises(NoAnswer, match="too large"):
        Fetcher(allow_private_hosts=False)(JWKS)


@pytest.mark.parametrize("status", [204, 301, 302, 404, 500])
def test_only_a_plain_answer_counts(edge: responses.RequestsMock, status: int) -> None:
    edge.get(JWKS, status=status, headers={"Location": "https://elsewhere.example.net/"})
    with pytest.raises(NotFetched, match=f"answered {status}"):
        Fetcher(allow_private_hosts=False)(JWKS)


def test_plain_http_needs_the_admins_leave(edge: responses.RequestsMock) -> None:
    plain = JWKS.replace("https:", "http:")
    edge.get(plain, body=b"{}")
    with pytest.raises(NotFetched, match="not https"):
        Fetcher(allow_private_hosts=False)(plain)
    assert Fetcher(allow_private_hosts=True)(plain) == b"{}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "localhost", "[::127.0.0.1]", "[fec0::1]"]
)
def test_addresses_inside_are_never_called(host: str) -> None:
    with pytest.raises((RequestException, ValueError, OSError)) as refused:
        Fetcher(allow_private_hosts=False)(f"https://{host}:9/")
    assert "refused" not in str(refused.value).lower()
