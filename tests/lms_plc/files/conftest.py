"""What do tests of files share? Files of every kind, made here, and a page that takes them."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response, redirect, render_template_string, request
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from lms_plc.communities.views import load_here
from lms_plc.core.activity import Reference
from lms_plc.files import actions, queries
from lms_plc.files.views import from_form, preview_of, takes_files
from lms_plc.house import house as house_here
from lms_plc.people.guards import actor

TOOL = "https://plc.example.org"

PAGE = """{% extends "layout.html" %}
{% from "components.html" import button, form, text_area %}
{% from "files/parts.html" import attached_list, picker %}
{% block content %}
{{ attached_list(hanging) }}
{% call form(here, csrf_token, "multipart/form-data") %}
{{ text_area("body", "Your words", value=body, error=error, toolbar=True, preview=look) }}
{{ picker(kept, file_error) }}
{{ button("Post") }}
{% endcall %}
{% endblock %}"""


def give_page_with_files(app: Flask) -> None:
    """``/communities/<id>/with-files``: a form for a text and files; what is sent hangs on the community itself."""

    @takes_files
    def board(community_id: UUID) -> Any:
        who, look, errors, kept = actor(), preview_of(request), [], []
        about = Reference("community", community_id)
        with house_here().database.write() as session:
            load_here(session.connection(), who, community_id, "community.read")
            if request.method == "POST":
                community = load_here(session.connection(), who, community_id, "community.read")
                ids, errors = from_form(session, who, community, about)
                if not look and not errors and request.form.get("body"):
                    actions.keep_only(session, who, ids, about)
                    return redirect(request.path, 303)
                kept = queries.kept(session.connection(), who, ids, about)
            hanging = queries.attached(session.connection(), [about]).get(about, [])
        page = render_template_string(
            PAGE,
            page_title="Board",
            here=request.path,
            hanging=hanging,
            kept=kept or hanging,
            errors=errors,
            body=request.form.get("body", ""),
            file_error=errors[0]["message"] if errors else None,
            look=look,
            error=None,
        )
        return Response(page, 200 if request.method == "GET" or look else 422)

    app.add_url_rule(
        "/s/<seat>/communities/<uuid:community_id>/with-files", "communities.with_files", board, methods=["GET", "POST"]
    )


@pytest.fixture
def app(app: Flask) -> Flask:
    """The web side, and a page of it that takes files."""
    give_page_with_files(app)
    return app


@pytest.fixture
def board(circle: Any) -> str:
    """The address of that page."""
    return f"/communities/{circle.id}/with-files"


def archive(**parts: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return out.getvalue()


def document(part: str = "word/document.xml", *more: str) -> bytes:
    return archive(**dict.fromkeys(("[Content_Types].xml", part, *more), "<x/>"))


def picture(size: tuple[int, int] = (64, 48), form: str = "PNG", mode: str = "RGB", **how: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size, (200, 30, 30, 120)[: len(mode)] if mode != "P" else 3).save(out, form, **how)
    return out.getvalue()


@pytest.fixture
def send(board: str) -> Callable[..., Any]:
    """``send(person, (name, bytes), …, body="words")``: the form of that page, as a browser sends it."""

    def go(who: Any, *files: tuple[str, bytes], **fields: Any) -> Any:
        chosen = [FileStorage(BytesIO(content), name) for name, content in files]
        form = {"csrf_token": who.token(), "body": "Look at this", **fields, "files": chosen}
        boundary, body = encode_multipart(form)  # the client itself would leave a file open behind a large one
        headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
        kind = f"multipart/form-data; boundary={boundary}"
        return who.client.post(f"/s/{who.seat}{board}", data=body, content_type=kind, base_url=TOOL, headers=headers)

    return go
