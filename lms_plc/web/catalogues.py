"""Where do the translated messages of a locale come from?

From the `.po` text a translator edits: it is compiled in memory, once per process and locale, so there
is no compiled file to forget. Serbian Latin has no text of its own; it is derived from the Cyrillic one.
"""

from io import BytesIO
from pathlib import Path
from threading import Lock

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from lms_plc.web.transliteration import to_latin

_DERIVED = {"sr_Latn": "sr_Cyrl"}


class Catalogues:
    """The catalogues of one directory, `<locale>/LC_MESSAGES/messages.po` each; safe for threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._compiled: dict[str, NullTranslations] = {}
        self._lock = Lock()

    def __getitem__(self, locale: str) -> NullTranslations:
        """Messages of `locale`; a locale without a catalogue answers every message with itself.

        Raises babel's PoFileError for text that is no catalogue: a half-read one would hide its fault.
        """
        compiled = self._compiled.get(locale)
        if compiled is not None:
            return compiled
        with self._lock:
            if locale not in self._compiled:
                self._compiled[locale] = self._compile(locale)
            return self._compiled[locale]

    def _compile(self, locale: str) -> NullTranslations:
        written = _DERIVED.get(locale, locale)
        path = self._directory / written / "LC_MESSAGES" / "messages.po"
        if not path.is_file():
            return NullTranslations()
        with path.open("rb") as lines:
            catalogue = read_po(lines, locale=written, abort_invalid=True)
        if locale in _DERIVED:
            _write_in_latin(catalogue)
        machine = BytesIO()
        write_mo(machine, catalogue)
        machine.seek(0)
        return Translations(machine)


def _write_in_latin(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.string, str):
            message.string = to_latin(message.string)
        elif message.string:
            message.string = tuple(to_latin(form) for form in message.string)
