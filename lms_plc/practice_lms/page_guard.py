"""The headers of every page: what it may load, run, frame and post to."""

import secrets

from flask import Response, g

from lms_plc.practice_lms.state import State


def nonce() -> str:
    """The word under which this page's own script may run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def allow_frames_of(origin: str) -> None:
    """This page may frame, and post to, an origin that belongs to no tool yet."""
    g.framed_too = origin


def guard(answer: Response, state: State) -> Response:
    """Pages may frame and post to this site and its tools, run one script by nonce, and load nothing else."""
    origins = [origin for tool in state.tools() for origin in tool.origins]
    reach = " ".join(dict.fromkeys(["'self'", *origins, *([g.framed_too] if "framed_too" in g else [])]))
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'nonce-{nonce()}'; "
        f"frame-src {reach}; form-action {reach}; frame-ancestors 'self'; base-uri 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    if answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"
    return answer
