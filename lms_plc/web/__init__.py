"""What do all pages share? The layout, the components, the static files and the languages.

This package knows no community: it shows what it is given. The host calls `init_web(app)` once and
`i18n.bind(locale, timezone)` before each request.
"""

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for
from flask_compress import Compress
from jinja2 import Environment

from lms_plc.web import avatars, i18n
from lms_plc.web.static_files import answer, read_static_files

_HERE = Path(__file__).parent
_YEAR = 31_536_000

STATIC_ENDPOINT = "web.static_file"
"""The one route of this package; it is open to everybody."""


def init_web(app: Flask, *, static_max_age: int = _YEAR) -> None:
    """Give `app` the layout, the components, `/static/<name>` and translated templates.

    `static_max_age` is in seconds. Raises ValueError where Flask's own static route would answer instead.
    """
    if app.has_static_folder:
        raise ValueError("make the app with static_folder=None: lms_plc.web serves /static/ itself")
    speak_in_templates(app.jinja_env)
    _serve_static_files(app, static_max_age)
    _compress_pages(app)


def speak_in_templates(environment: Environment) -> None:
    """Gives templates the languages and filters of the pages; letters have an environment of their own."""
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.translate,
        i18n.translate_count,
        newstyle=True,
        pgettext=i18n.translate_in_context,
        npgettext=i18n.translate_count_in_context,
    )
    environment.globals.update(html_language=i18n.html_language, text_direction=i18n.text_direction)
    environment.filters.update(
        ago=i18n.format_ago,
        date=i18n.format_date,
        datetime=i18n.format_datetime,
        day=i18n.format_day,
        time=i18n.format_time,
        timedelta=i18n.format_timedelta,
        number=i18n.format_number,
        sentence_list=i18n.format_list,
        iso_moment=i18n.iso_moment,
        initials=lambda name: avatars.initials(name, i18n.html_language()),
        tone=avatars.tone,
    )


def _serve_static_files(app: Flask, max_age: int) -> None:
    files = read_static_files(_HERE / "static")
    blueprint = Blueprint("web", __name__, template_folder="templates")

    @blueprint.get("/static/<name>")
    def static_file(name: str) -> Response:
        return answer(files[name], request, max_age) if name in files else abort(404)

    def static_url(name: str) -> str:
        """The address of a static file, changing with its content. Raises KeyError for an unknown name."""
        return url_for(STATIC_ENDPOINT, name=name, v=files[name].digest)

    app.register_blueprint(blueprint)
    app.jinja_env.globals["static_url"] = static_url


def _compress_pages(app: Flask) -> None:
    app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    # 5 costs a fifth of a millisecond a page and saves a tenth of what 4 sends; 11 would cost thirty
    app.config.setdefault("COMPRESS_BR_LEVEL", 5)
    Compress(app)
