"""What we are measured against: the least that any tool must do for a launch."""

import os

from flask import Flask, request

from lti.jose import read_key_set, verify


def empty_view_with_one_verification() -> Flask:
    """An empty Flask view that verifies one RS256 signature and nothing else."""
    app = Flask("peer", static_folder=None)
    keys = read_key_set(os.environ["BENCH_KEYS"].encode())

    @app.post("/lti/launch")
    def launch() -> tuple[str, int]:
        key = next(iter(keys.values()))
        verify(request.form["id_token"], key)
        return "", 204

    return app
