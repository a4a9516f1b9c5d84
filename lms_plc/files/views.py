"""Files people attach: looked at, made small, kept once, read by whoever may read what they hang on."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeGuard, TypeVar
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Request, Response, current_app, g, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lms_plc.communities.queries import CommunitySeen
from lms_plc.core import things
from lms_plc.core.activity import Reference
from lms_plc.core.policy import Actor, NotThere, load
from lms_plc.core.text import LONGEST, render
from lms_plc.files import actions, queries
from lms_plc.files.arrivals import MOST_AT_ONCE, TOGETHER, Brought, look_at
from lms_plc.files.kinds import ACCEPTED, Refused, clean_name
from lms_plc.files.queries import FileLoaded
from lms_plc.house import house
from lms_plc.people.guards import actor
from lms_plc.web.i18n import N_, format_number, gettext, ngettext

files = Blueprint("files", __name__, url_prefix="/s/<seat>", template_folder="templates")

_MEGA = 1024 * 1024
_FORM = 256 * 1024
"""What a form may hold beside its files."""

TOO_LARGE = N_("“%(name)s” is too large. One file may have up to %(limit)s MB.")

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: Callable[..., Any]) -> Callable[..., Any]:
    """For an endpoint whose form has files: it may be large. Stands between the route and the view.

    The files are looked at before the view begins, because that takes time: no transaction waits for it.
    """

    @wraps(view)
    def looking_first(*args: Any, **values: Any) -> Any:
        if request.method == "POST":
            g.brought = _look_at_all()
        return view(*args, **values)

    return may_be_large(largest_form)(looking_first)


def may_be_large(largest: Callable[[], int]) -> Callable[[View], View]:
    """For an endpoint whose form may be larger than others; ``largest`` says how many bytes. Stands between the route
    and the view."""

    def marked(view: View) -> View:
        view.largest_form = largest  # type: ignore[attr-defined]
        return view

    return marked


def largest_form() -> int:
    """Bytes of a form with files."""
    return TOGETHER * _limit() + _FORM


def largest_form_of(endpoint: str | None) -> int | None:
    """Bytes that may come to this endpoint, if it takes files."""
    ask = getattr(current_app.view_functions.get(endpoint or ""), "largest_form", None)
    return ask() if ask else None


def words_for_too_large() -> str:
    return gettext(
        "One file may have up to %(one)s MB, and all of a form together %(all)s MB. Go back, and choose fewer or"
        " smaller ones.",
        one=format_number(house().settings.file_limit_mb),
        all=format_number(TOGETHER * house().settings.file_limit_mb),
    )


def from_form(
    session: Session, who: Actor, community: CommunitySeen | None, about: Reference | None = None
) -> tuple[list[UUID], list[dict[str, str]]]:
    """The files of the form under way: those kept from its last try, without what was dropped, and the new ones, which
    are stored now. Hand the ids to ``actions.attach`` when the thing is there, or to ``picker`` when the form is
    rejected. ``about`` is the thing that a form changes, loaded by the view: what hangs on it may stay
    (``actions.keep_only``).

    What is wrong with files is at most one line; those that are fine are kept.
    """
    dropped = {one for one in map(_id, request.form.getlist("drop_file")) if one}
    named = [one for one in map(_id, request.form.getlist("file_ids")) if one and one not in dropped]
    connection = session.connection()
    ids = [one.id for one in queries.kept(connection, who, named[: 2 * MOST_AT_ONCE], about)]
    brought, problems = g.pop("brought", None) or _look_at_all()
    quota = house().settings.files_quota_mb * _MEGA
    alt = request.form.get("file_alt", "").replace("\x00", "")
    for one in brought:
        if len(ids) >= MOST_AT_ONCE:
            problems = [*problems, ngettext("At most %(num)s file.", "At most %(num)s files.", MOST_AT_ONCE)]
            break
        try:
            ids.append(actions.take_in(session, who, community, one, quota=quota, alt=alt))
        except Refused as refused:
            problems = [*problems, gettext(refused.words, name=one.name)]
    return ids[:MOST_AT_ONCE], [{"field": "files", "message": " ".join(dict.fromkeys(problems))}] if problems else []


def _look_at_all() -> tuple[list[Brought], list[str]]:
    brought: list[Brought] = []
    problems: list[str] = []
    settings = house().settings
    chosen = [one for one in request.files.getlist("files") if one.filename]
    for one in chosen[: MOST_AT_ONCE + 1]:
        name = clean_name(one.filename or "")
        content = one.stream.read(_limit() + 1)
        one.close()
        if len(content) > _limit():
            problems.append(gettext(TOO_LARGE, name=name, limit=format_number(settings.file_limit_mb)))
            continue
        try:
            brought.append(look_at(one.filename or "", content, scan_command=settings.scan_command))
        except Refused as refused:
            problems.append(gettext(refused.words, name=name))
    return brought, problems


def _limit() -> int:
    return house().settings.file_limit_mb * _MEGA


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def preview_of(asked: Request) -> Markup:
    """How a text of the form will look, if its button “Preview” was pressed; else empty. A view that gets one shows
    the form again and does nothing else. The button's value names the field."""
    field = asked.form.get("preview") if asked.method == "POST" else None
    return _rendered(asked.form.get(field, "")) if field else Markup()


def _rendered(text: str) -> Markup:
    if not text.strip():
        return Markup("<p>{}</p>").format(gettext("There is nothing to show yet."))
    return Markup(render(text[:LONGEST]).html)  # noqa: S704 - sanitised by render


@files.post("/preview")
def preview() -> Response:
    """Asked by the page's script: the text as it will look."""
    return Response(_rendered(request.form.get("text", "")), mimetype="text/html")


@files.get("/files/<uuid:file_id>")
def seen(file_id: UUID) -> str | Response:
    """A picture on a page of its own, so that a frame keeps its way back; any other file itself."""
    who = actor()
    with house().database.read() as connection:
        file: FileLoaded = load(connection, who, "file", file_id, "file.read")
        if not file.seen.is_picture:
            return sent(file.seen.name, file.seen.media_type, file.digest, connection, inline=False)
        shown = things.shown(connection, who, [file.reference]) if _is_shown(file.reference) else {}
    thing = next(iter(shown.values()), None)
    return render_template(
        "files/picture.html",
        page_title=file.seen.alt or file.seen.name,
        file=file.seen,
        back=url_for(thing.endpoint, **thing.values, _anchor=thing.anchor) if thing else None,
        back_to=thing.title if thing else None,
    )


def _is_shown(reference: Reference | None) -> TypeGuard[Reference]:
    return reference is not None and reference.kind in things.kinds()


@files.get("/files/<uuid:file_id>/content")
def content(file_id: UUID) -> Response:
    """The file itself: pictures for the page, everything else to be saved."""
    who = actor()
    with house().database.read() as connection:
        file: FileLoaded = load(connection, who, "file", file_id, "file.read")
        inline = file.seen.is_picture and "save" not in request.args
        return sent(file.seen.name, file.seen.media_type, file.digest, connection, inline=inline)


@files.get("/files/<uuid:file_id>/small")
def small(file_id: UUID) -> Response:
    who = actor()
    with house().database.read() as connection:
        file: FileLoaded = load(connection, who, "file", file_id, "file.read")
        if file.small_digest is None:
            raise NotThere("file")
        return sent(file.seen.name, file.seen.media_type, file.small_digest, connection, inline=True)


def sent(name: str, media_type: str, digest: str, connection: Connection, *, inline: bool) -> Response:
    """The bytes, in a page that may do nothing. The browser keeps them, and asks each time whether they may still be
    seen: an audience can become narrower."""
    unchanged = request.if_none_match.contains_weak(digest)
    answer = Response(b"" if unchanged else queries.content(connection, digest), mimetype=media_type)
    if media_type.startswith("text/"):
        answer.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    answer.headers["Content-Disposition"] = f"{'inline' if inline else 'attachment'}; {_named(name)}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(digest)
    answer.make_conditional(request)
    return answer


def _named(name: str) -> str:
    """RFC 6266: the name in plain letters for old browsers, and as it is for all others."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    escaped = plain.replace("\\", "_").replace('"', "_").replace("%", "_")
    return f"filename=\"{escaped}\"; filename*=UTF-8''{quote(name, safe='')}"


@files.app_template_global()
def file_limits() -> dict[str, Any]:
    """What the chooser of files says and shows."""
    limit = house().settings.file_limit_mb
    return {"accepted": ACCEPTED, "each": limit, "together": TOGETHER * limit, "number": MOST_AT_ONCE}


@files.app_template_filter()
def file_size(size: int) -> str:
    """In the unit people know: 340 kB, 2.1 MB."""
    if size < _MEGA:
        return gettext("%(size)s kB", size=format_number(max(1, round(size / 1024))))
    return gettext("%(size)s MB", size=format_number(round(size / _MEGA, 1)))
