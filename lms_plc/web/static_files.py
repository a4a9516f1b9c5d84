"""How do the style sheet and the script reach the browser?

Read and compressed once when the app starts, kept in memory, and addressed by their content: a browser
may keep what it has for as long as it likes, because a changed file has another address.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import brotli
from flask import Request, Response

_ENCODINGS = ("br", "gzip", "identity")
_BROTLI_BEST = 11


@dataclass(frozen=True)
class StaticFile:
    """One file in each content coding (`br`, `gzip`, `identity`).

    `digest` is 12 hex digits that change with the content.
    """

    media_type: str
    digest: str
    bodies: Mapping[str, bytes]


@cache
def read_static_files(directory: Path) -> Mapping[str, StaticFile]:
    """Every file of `directory` by its name, read once in a process however many apps it makes."""
    files = {path.name: _read(path) for path in sorted(directory.iterdir()) if path.is_file()}
    return MappingProxyType(files)


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        digest=hashlib.sha256(body).hexdigest()[:12],
        bodies={
            "br": brotli.compress(body, quality=_BROTLI_BEST),
            "gzip": gzip.compress(body, mtime=0),
            "identity": body,
        },
    )


def answer(file: StaticFile, request: Request, max_age: int) -> Response:
    """`file` in the best coding the browser takes.

    Only an address that names this very content may be kept for `max_age` seconds; any other is asked
    for again, and answered 304 while nothing has changed.
    """
    coding = request.accept_encodings.best_match(_ENCODINGS, default="identity")
    response = Response(file.bodies[coding], mimetype=file.media_type)
    if coding != "identity":
        response.content_encoding = coding
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{file.digest}-{coding}")
    if request.args.get("v") == file.digest:
        response.cache_control.public = True
        response.cache_control.max_age = max_age
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
