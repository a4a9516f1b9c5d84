"""Where does a list go on? Link headers, and following them without being led astray or round in circles.

Platforms write Link headers (RFC 8288) in many ways; Moodle's grades have typographic quotes and HTML's `&amp;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, quote, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from lti.http import Answer
from lti.login import origin_of, shown_origin
from lti.platforms import Platform
from lti.services.calls import Caller
from lti.services.errors import BadAnswer

MOST_PAGES = 10_000
"""100,000 members in pages of ten, the smallest any platform sends unasked."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟″«»", '"'))
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|[;,]|[^";,]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Listed:
    """One answer of a list, and the links it came with; `next_url` is where the list goes on."""

    answer: Answer
    links: Mapping[str, str]
    next_url: str | None


def follow(
    caller: Caller,
    platform: Platform,
    scopes: Iterable[str],
    url: str,
    *,
    accept: str,
    kept: Mapping[str, str] | None = None,
) -> Iterator[Listed]:
    """Every page of the list at `url`, one call a page, each when it is asked for.

    `kept` are query parameters put back where a next link drops them. Raises BadAnswer for a next link to another
    origin and for a list without an end, and what `Caller.call` raises.
    """
    scopes, host = frozenset(scopes), shown_origin(url)
    seen: set[str] = set()
    following: str | None = url
    while following is not None:
        if following in seen or len(seen) >= MOST_PAGES:
            raise BadAnswer("endless", host=host)
        seen.add(following)
        answer = caller.call(platform, scopes, "GET", following, accept=accept)
        found = links(answer.headers.get("Link"))
        following = _next_url(found.get("next"), following, url, kept or {})
        yield Listed(answer, found, following)


def links(header: str | None) -> Mapping[str, str]:
    """A Link header as rel → URL, as sent (it may be relative); rels in lower case, the first of each counts.

    Several links, unquoted, typographic and HTML-escaped forms are understood, and so is UTF-8 that was read as
    Latin-1, as HTTP libraries do. What is no link is left out.
    """
    found: dict[str, str] = {}
    for url, parameters in _link_values(_repaired(header or "")):
        # RFC 8288 §3.3: a second rel of the same link does not count.
        for rel in next((value for name, value in parameters if name == "rel"), "").lower().split():
            found.setdefault(rel, url)
    return MappingProxyType(found)


def same_origin(url: str, other: str) -> bool:
    """Whether both are web addresses of one scheme, host and port."""
    return origin_of(url) is not None and origin_of(url) == origin_of(other)


def with_query(url: str, **parameters: str | int | None) -> str:
    """`url` with these query parameters, each once; None leaves one as it is. What is no address at all is given
    back; it is refused when it is called."""
    given = {name: str(value) for name, value in parameters.items() if value is not None}
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    # The rest of a platform's own query stays letter by letter: it may be signed, or not be what we would write.
    others = [piece for piece in parts.query.split("&") if piece and not (_names(piece) & given.keys())]
    query = "&".join([*others, *([urlencode(given, quote_via=quote)] if given else [])])
    return urlunsplit(parts._replace(query=query))


def _names(piece: str) -> set[str]:
    return {name for name, _ in parse_qsl(piece, keep_blank_values=True)}


def _next_url(link: str | None, page_url: str, first_url: str, kept: Mapping[str, str]) -> str | None:
    if link is None:
        return None
    try:
        url = urldefrag(urljoin(page_url, link)).url
    except ValueError:
        url = ""
    if not same_origin(url, first_url):
        raise BadAnswer("foreign", host=shown_origin(page_url))
    there = _names(urlsplit(url).query)
    return with_query(url, **{name: value for name, value in kept.items() if name not in there})


def _repaired(header: str) -> str:
    # What is not Latin-1, or holds no UTF-8, is what it seems to be.
    with suppress(UnicodeError):
        header = header.encode("latin-1").decode("utf-8")
    return header.translate(_QUOTES)


def _link_values(header: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """RFC 8288 §3: `<url>; name=value; name="value", <url> …`."""
    start = header.find("<")
    while start >= 0 and (end := header.find(">", start)) >= 0:
        parameters, after = _parameters(header, end + 1)
        # Only this entity: a query may hold `&copy=1`, which is no copyright sign.
        yield header[start + 1 : end].strip().replace("&amp;", "&"), parameters
        start = header.find("<", after)


def _parameters(header: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """The parameters from `at` up to a comma outside of quotes, and where that comma is."""
    texts, end = [""], len(header)
    for piece in _PIECE.finditer(header, at):
        if piece[0] == ",":
            end = piece.start()
            break
        if piece[0] == ";":
            texts.append("")
        else:
            texts[-1] += piece[0]
    return [_parameter(text) for text in texts], end


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    value = value.strip()
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'), flags=re.DOTALL)
    return name.strip().lower(), value.strip("' ")
