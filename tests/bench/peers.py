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


def plain_topic_page() -> Flask:
    """The same twenty posts on a plain Flask page: typed Core selects over our own tables, a template without texts to
    translate, a person, a topic, their posts and reactions; no forms, no rights, nothing else."""
    from uuid import UUID

    from sqlalchemy import create_engine, select

    from lms_plc.discussions.models import Post, Reaction, Topic
    from lms_plc.people.models import Person

    app = Flask("plain", static_folder=None)
    engine = create_engine(os.environ["BENCH_DATABASE"])
    page = app.jinja_env.from_string(_PLAIN)
    person_id = UUID(os.environ["BENCH_PERSON"])

    @app.get("/topics/<uuid:topic_id>")
    def topic(topic_id: UUID) -> str:
        with engine.connect() as connection:
            me = connection.execute(select(Person.display_name).where(Person.id == person_id)).one()
            seen = connection.execute(select(Topic.title, Topic.purpose).where(Topic.id == topic_id)).one()
            posts = connection.execute(
                select(Post.id, Post.html, Post.created_at, Person.display_name)
                .join(Person, Person.id == Post.author_id)
                .where(Post.topic_id == topic_id)
                .order_by(Post.id)
                .limit(21)
            ).all()
            ids = [post.id for post in posts]
            reacted = connection.execute(select(Reaction.post_id, Reaction.kind).where(Reaction.post_id.in_(ids))).all()
        return page.render(me=me, topic=seen, posts=posts[:20], reacted=reacted)

    return app


_PLAIN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ topic.title }}</title>
<link rel="stylesheet" href="/plc.css"></head><body><header><p>{{ me.display_name }}</p></header><main>
<h1>{{ topic.title }}</h1><p>{{ topic.purpose }}</p><ol>
{% for post in posts %}<li id="p-{{ post.id }}"><article><header><b>{{ post.display_name }}</b>
<a href="/topics/x#p-{{ post.id }}">
<time datetime="{{ post.created_at.isoformat() }}">{{ post.created_at }}</time></a></header>
<div class="prose">{{ post.html|safe }}</div>
<form method="post" action="/posts/{{ post.id }}/reactions"><button name="reaction" value="tried">Tried it</button>
<button name="reaction" value="want_to_try">Want to try</button>
<button name="reaction" value="thank_you">Thank you</button></form>
<p><a href="/posts/{{ post.id }}/answer">Answer</a></p></article></li>
{% endfor %}</ol><form method="post"><textarea name="body" rows="4"></textarea><button>Post</button></form>
</main></body></html>"""
