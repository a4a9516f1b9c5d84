"""In which language, script and zone is this person spoken to?

The host binds a locale and a zone once per request (`bind`), or for a stretch of code outside one
(`speaking`, for mails). Everything here then answers in it; where nothing is bound, in English and UTC.
The translator is looked up at binding, not per message: a page holds a hundred messages, and the look-up
would be half of its CPU time.

A percent sign in a message is written twice, in Python and in templates alike, because every message is
formatted: `gettext("%(done)s %% done", done=40)`.

Messages are collected from all three packages, and brought to the translators, with

    pybabel extract -F lms_plc/web/babel.cfg -k lazy --add-location=file --omit-header \
        -o lms_plc/web/translations/messages.pot .
    pybabel update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
        -i lms_plc/web/translations/messages.pot -d lms_plc/web/translations -l LOCALE

for each locale but `en`, which is the source, and `sr_Latn`, which is derived.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers
from babel.support import NullTranslations
from flask import g, has_app_context

from lms_plc.web.catalogues import Catalogues
from lms_plc.web.languages import ENGLISH, LOCALES, negotiate, normalise

__all__ = [
    "LOCALES",
    "N_",
    "Bound",
    "LazyText",
    "bind",
    "format_ago",
    "format_date",
    "format_datetime",
    "format_day",
    "format_list",
    "format_number",
    "format_time",
    "format_timedelta",
    "gettext",
    "html_language",
    "iso_moment",
    "lazy",
    "negotiate",
    "ngettext",
    "normalise",
    "npgettext",
    "pgettext",
    "speaking",
    "text_direction",
]

Length = Literal["short", "medium", "long", "full"]

RIGHT_TO_LEFT = "ar"
"""Not offered to anybody: it proves that pages can be turned round before a language needs it."""

_AGO_UNTIL = timedelta(days=28)
_JUST_NOW = timedelta(minutes=1)

_catalogues = Catalogues(Path(__file__).parent / "translations")


@dataclass(frozen=True, slots=True)
class Bound:
    """One person's language: locale, zone, messages, and the moment that "3 hours ago" counts from."""

    locale: Locale
    zone: tzinfo
    messages: NullTranslations
    now: datetime | None = None


_UNBOUND = Bound(Locale(ENGLISH), UTC, NullTranslations())
_spoken: ContextVar[Bound | None] = ContextVar("spoken", default=None)


def bind(locale: object, timezone: object = None, *, now: datetime | None = None) -> None:
    """Speak `locale` in `timezone` for the rest of this request (needs Flask's application context).

    Both are forgiven: an unknown locale becomes English, an unknown zone (Moodle says `99` for "the
    server's") becomes UTC. `now` is the request's moment where the host injects its clock.
    """
    # read when something is said: a redirect says nothing
    g.web_bound = lambda: _read(locale, timezone, now)


@contextmanager
def speaking(locale: object, timezone: object = None, *, now: datetime | None = None) -> Iterator[Bound]:
    """Speak `locale` in `timezone` inside the block, with or without a request: for mails and reports."""
    bound = _read(locale, timezone, now)
    token = _spoken.set(bound)
    try:
        yield bound
    finally:
        _spoken.reset(token)


def _read(locale: object, timezone: object, now: datetime | None) -> Bound:
    code = RIGHT_TO_LEFT if locale == RIGHT_TO_LEFT else normalise(locale) or ENGLISH
    return Bound(_locale(code), _zone(timezone), _catalogues[code], now)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def _zone(timezone: object) -> tzinfo:
    if isinstance(timezone, tzinfo):
        return timezone
    if not isinstance(timezone, str):
        return UTC
    try:
        return ZoneInfo(timezone)
    # a key may also name a directory ("Europe") or hold what no path can
    except (KeyError, ValueError, OSError):
        return UTC


def _bound() -> Bound:
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    bound = g.get("web_bound", _UNBOUND) if has_app_context() else _UNBOUND
    if not isinstance(bound, Bound):
        bound = g.web_bound = bound()
    return bound


def N_(message: str) -> str:
    """Mark `message` for the translators and leave it as it is; whoever shows it calls `gettext`."""
    return message


def gettext(message: str, /, **variables: object) -> str:
    """`message` in the bound language, its `%(name)s` filled from `variables`."""
    return _bound().messages.ugettext(message) % variables


def ngettext(one: str, many: str, count: int, /, **variables: object) -> str:
    """The form of the message that fits `count`, which is also `%(num)s`."""
    return _bound().messages.ungettext(one, many, count) % {"num": count, **variables}


def pgettext(context: str, message: str, /, **variables: object) -> str:
    """`message` as it is meant in `context` ("Open" the verb, "Open" the state)."""
    return str(_bound().messages.upgettext(context, message)) % variables


def npgettext(context: str, one: str, many: str, count: int, /, **variables: object) -> str:
    """As `ngettext`, in `context`."""
    return _bound().messages.unpgettext(context, one, many, count) % {"num": count, **variables}


def translate(message: str) -> str:
    """`message` in the bound language, not yet formatted: what Jinja's extension asks for."""
    return _bound().messages.ugettext(message)


def translate_count(one: str, many: str, count: int) -> str:
    """As `translate`, for a count."""
    return _bound().messages.ungettext(one, many, count)


def translate_in_context(context: str, message: str) -> str:
    """As `translate`, in a context."""
    return str(_bound().messages.upgettext(context, message))


def translate_count_in_context(context: str, one: str, many: str, count: int) -> str:
    """As `translate`, for a count in a context."""
    return _bound().messages.unpgettext(context, one, many, count)


class LazyText:
    """A message that finds its language when it is shown: for tables built at import."""

    __slots__ = ("_message", "_variables")

    def __init__(self, message: str, variables: dict[str, object]) -> None:
        self._message = message
        self._variables = variables

    def __str__(self) -> str:
        return gettext(self._message, **self._variables)

    def __repr__(self) -> str:
        # without the variables, which may be somebody's name
        return f"lazy({self._message!r})"


def lazy(message: str, /, **variables: object) -> LazyText:
    """`message`, translated not now but whenever it is turned into text."""
    return LazyText(message, variables)


def html_language() -> str:
    """The bound language as HTML's `lang` wants it (BCP 47), e.g. `sr-Latn`."""
    return str(_bound().locale).replace("_", "-")


def text_direction() -> str:
    """`ltr` or `rtl`, as HTML's `dir` wants it."""
    return _bound().locale.text_direction


def iso_moment(moment: datetime) -> str:
    """`moment` for `<time datetime>`, in UTC and to the second."""
    return _in_zone(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def format_datetime(moment: datetime, length: Length = "medium") -> str:
    """Day and time in the bound zone. A moment without a zone is UTC, as storage has it."""
    bound = _bound()
    return _format_datetime(_in_zone(moment, UTC), bound.zone, length, bound.locale)


def format_date(day: date, length: Length = "medium") -> str:
    """The day alone; a moment gives the day it is in the bound zone, not the day it is in UTC."""
    bound = _bound()
    shown = _in_zone(day, bound.zone).date() if isinstance(day, datetime) else day
    return dates.format_date(shown, length, locale=bound.locale)


def format_day(day: date) -> str:
    """Day and month, where the year is clear: `8 Oct`."""
    return dates.format_skeleton("MMMd", day, locale=_bound().locale)


def format_time(moment: datetime, length: Length = "short") -> str:
    """The time of day alone, in the bound zone."""
    bound = _bound()
    return dates.format_time(_in_zone(moment, bound.zone), length, locale=bound.locale)


def format_number(number: float) -> str:
    """A number with the language's own separators."""
    return _format_number(number, _bound().locale)


def format_list(items: Iterable[object]) -> str:
    """`a, b and c`."""
    return lists.format_list([str(item) for item in items], locale=_bound().locale)


def format_timedelta(length: timedelta) -> str:
    """A length of time in its largest fitting unit: `2 hours`."""
    return dates.format_timedelta(length, locale=_bound().locale)


def format_ago(moment: datetime) -> str:
    """`3 hours ago` or `in 3 hours`; further away than four weeks, the day itself says more."""
    bound = _bound()
    passed = _in_zone(moment, UTC) - (bound.now or datetime.now(UTC))
    if abs(passed) < _JUST_NOW:
        return gettext("just now")
    if abs(passed) > _AGO_UNTIL:
        return _format_day(_in_zone(moment, bound.zone).date(), bound.locale)
    return _format_ago(round(passed.total_seconds() / 60), bound.locale)


# A page shows the same few moments over and over, and formatting one takes Babel as long as a small statement takes the
# database.


@lru_cache(8192)
def _format_datetime(moment: datetime, zone: tzinfo, length: Length, locale: Locale) -> str:
    return dates.format_datetime(moment.astimezone(zone), length, locale=locale)


@lru_cache(2048)
def _format_day(day: date, locale: Locale) -> str:
    return dates.format_date(day, locale=locale)


@lru_cache(2048)
def _format_number(number: float, locale: Locale) -> str:
    return numbers.format_decimal(number, locale=locale)


@lru_cache(8192)
def _format_ago(minutes: int, locale: Locale) -> str:
    return dates.format_timedelta(timedelta(minutes=minutes), add_direction=True, locale=locale)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(zone)
