"""A tool's public keys, read from its key set address each time they are needed."""

import requests
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from lms_plc.practice_lms.tools import Tool

_FETCH_SECONDS = 5


class NoKey(Exception):
    """The tool's keys cannot be read."""


def key_of(tool: Tool, kid: str) -> Key | None:
    """The key of that id, None when the set has none. Raises NoKey when there is no set to read."""
    try:
        answer = requests.get(tool.keys_url, timeout=_FETCH_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        keys = KeySet.import_key_set(answer.json()).keys
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise NoKey from None
    return next((key for key in keys if key.kid == kid), None)
