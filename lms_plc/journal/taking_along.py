"""A notebook as a file, for whose it is: asked once more first, because the file is not sealed."""

from datetime import date
from html import escape

from flask import Response, render_template, request

from lms_plc.core.text import render
from lms_plc.house import house
from lms_plc.journal import actions, queries, showing
from lms_plc.journal.blueprint import journal
from lms_plc.journal.forms import DownloadForm
from lms_plc.journal.queries import Entry
from lms_plc.people.guards import actor
from lms_plc.web.form_errors import Answer, read_form
from lms_plc.web.i18n import gettext, html_language


@journal.get("/journal/download")
def download_form() -> str:
    return _page(Answer(None, [], {"form": "html"}))


@journal.post("/journal/download")
def download() -> Response | tuple[str, int]:
    who, answer = actor(), read_form(DownloadForm, request.form)
    if answer.form is None:
        message = gettext("Please say that you know it.")
        errors = [{"field": one["field"], "message": message} for one in answer.errors]
        return _page(Answer(None, errors, answer.given)), 422
    as_html = answer.form.form == "html"
    with house().database.read() as connection:
        pages = list(queries.whole(connection, who, house().seal))
    with house().database.write() as session:
        actions.take_along(session, who)
    content = _html(pages) if as_html else _markdown(pages)
    sent = Response(content, mimetype="text/html" if as_html else "text/markdown")
    name = f"notebook-{_day(who.at.date())}.{'html' if as_html else 'md'}"
    sent.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    sent.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return sent


def _page(answer: Answer[DownloadForm]) -> str:
    return render_template(
        "journal/download.html",
        page_title=gettext("Take my notebook along"),
        answer=answer,
        errors=answer.errors,
        labels={"known": gettext("What I know")},
        forms=[
            ("html", gettext("A page for any browser (HTML)")),
            ("markdown", gettext("Plain text (Markdown)")),
        ],
    )


def _day(day: date) -> str:
    return day.isoformat()


def _beside(page: Entry) -> list[str]:
    """What stands above the words of a page."""
    lines = [showing.day_and_prompt(page)[1], showing.mood(page), page.community]
    lines.append(gettext("With a recording, which stays in the notebook.") if page.spoken else None)
    return [line for line in lines if line]


def _words(page: Entry) -> str:
    return page.text if page.text is not None else gettext("sealed with another key")


def _markdown(pages: list[Entry]) -> str:
    parts = [f"# {gettext('My notebook')}"]
    for page in pages:
        beside = [f"*{line}*" for line in _beside(page)]
        parts += [f"## {showing.day_and_prompt(page)[0]}", *beside, _words(page)]
    return "\n\n".join(parts) + "\n"


def _html(pages: list[Entry]) -> str:
    title = escape(gettext("My notebook"))
    parts = [
        f'<!doctype html>\n<html lang="{escape(html_language())}">\n<meta charset="utf-8">\n<title>{title}</title>',
        f"<h1>{title}</h1>",
    ]
    for page in pages:
        beside = [f"<p><em>{escape(line)}</em></p>" for line in _beside(page)]
        parts += [f"<h2>{escape(showing.day_and_prompt(page)[0])}</h2>", *beside]
        parts.append(f'<div dir="auto">{render(_words(page)).html}</div>')
    return "\n".join([*parts, "</html>"]) + "\n"
