"""Which languages are offered, and which of them does somebody's language code mean?

Codes come from an LMS, a browser, a roster file or a stored choice, and none of them is to be trusted:
a code that means nothing here gives None, never an error, so that no launch fails over a language.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

ENGLISH = "en"

LOCALES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "mk": "Македонски",
        "tr": "Türkçe",
        "sr_Cyrl": "Српски (ћирилица)",
        "sr_Latn": "Srpski (latinica)",
        "bs": "Bosanski",
        "kk": "Қазақша",
        "ru": "Русский",
        "nl": "Nederlands",
    }
)
"""Every language offered, with its name in itself, in the order in which a person chooses."""

_SEPARATORS = re.compile(r"[-_.@]")
_LONGEST_CODE = 64

# Moodle calls the Latin pack sr_lt, POSIX calls it sr@latin; Montenegro writes Latin unless told otherwise.
_LATIN_MARKS = frozenset({"latn", "lt", "latin", "me"})
_CYRILLIC_MARKS = frozenset({"cyrl", "cr"})


def normalise(code: object) -> str | None:
    """The offered locale that `code` means, or None.

    `code` may be a Moodle pack (`sr_lt`, `en_us_k12`, `nl_wp`), a BCP 47 tag (`sr-Latn-RS`), a POSIX
    locale (`mk_MK.UTF-8`) or anything else; a pack made from another one gives its parent.
    """
    if not isinstance(code, str):
        return None
    language, *marks = _SEPARATORS.split(code.strip()[:_LONGEST_CODE].lower())
    if language == "sr":
        latin = not _LATIN_MARKS.isdisjoint(marks) and _CYRILLIC_MARKS.isdisjoint(marks)
        return "sr_Latn" if latin else "sr_Cyrl"
    return language if language in LOCALES else None


def negotiate(*candidates: object, accept_language: str | None = None) -> str:
    """The first candidate that means an offered locale, else the browser's best, else English.

    Candidates come in order of weight: the person's own choice, the LMS's locale of the launch.
    `accept_language` is the raw header (RFC 9110 §12.5.4).
    """
    browser = parse_accept_header(accept_language, LanguageAccept)
    wanted = [*candidates, *(code for code, quality in browser if quality > 0)]
    return next((locale for locale in map(normalise, wanted) if locale), ENGLISH)
