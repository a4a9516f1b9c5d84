"""A title or summary as a launch gives it."""

import re
from html import unescape


def plain(markup: str) -> str:
    """Tags gone, entities read."""
    return unescape(re.sub(r"<[^>]*>", "", markup)).strip()
