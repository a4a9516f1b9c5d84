"""What we are measured against: the least that any tool must do for a launch, and what the best-known one does."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

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


def pylti1p3_flow() -> Flask:
    """PyLTI1p3's Flask flow as its documentation has it: login, launch, a redirect. Launch data and the platform's key
    set are cached in memory, and nothing is written to a database."""
    from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
    from pylti1p3.tool_config import ToolConfDict

    platform = json.loads(os.environ["BENCH_PLATFORM"])
    settings = {
        "default": True,
        "client_id": platform["client_id"],
        "auth_login_url": platform["auth_url"],
        "auth_token_url": platform["token_url"],
        "key_set_url": platform["jwks_url"],
        "deployment_ids": ["1"],
    }
    config = ToolConfDict({platform["issuer"]: [settings]})
    storage_of = _Cache()
    app = Flask("pylti1p3", static_folder=None)
    app.secret_key = "a key for measuring, long enough to be one"

    @app.post("/lti/login")
    def login() -> Response:
        storage = FlaskCacheDataStorage(storage_of)
        flow = FlaskOIDCLogin(FlaskRequest(), config, launch_data_storage=storage)
        return flow.redirect(f"{os.environ['BENCH_TOOL']}/lti/launch")

    @app.post("/lti/launch")
    def launch() -> Response:
        storage = FlaskCacheDataStorage(storage_of)
        message = FlaskMessageLaunch(FlaskRequest(), config, launch_data_storage=storage)
        message.set_public_key_caching(storage, cache_lifetime=7200)
        who = message.get_launch_data()["sub"]
        return redirect(f"/communities/{who}", 303)

    return app


class _Cache:
    """What PyLTI1p3 asks of a cache; its documentation uses Flask-Caching's simple one."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, datetime | None]] = {}

    def get(self, key: str) -> Any:
        value, until = self._kept.get(key, (None, None))
        return value if until is None or until > datetime.now(UTC) else None

    def set(self, key: str, value: Any, seconds: int | None = None) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
        self._kept[key] = (value, until)
