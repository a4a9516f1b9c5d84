"""Which letters and which colour stand for a person who has no picture?

Names come in every script, and some hold no letter at all.
"""

import unicodedata
import zlib
from functools import lru_cache

TONES = 8
"""How many avatar colours the style sheet has: `tone-0` to `tone-7`."""

_DOTTED_I = frozenset({"tr", "az"})
_JOINER = "\u200d"
_NON_JOINER = "\u200c"


@lru_cache(4096)
def initials(name: str, language: str = "en") -> str:
    """One or two letters for `name`: of its first and of its last word that has any.

    A letter keeps the marks written on it. Letters are capitals by the rules of `language`, where the
    script has capitals. A name of symbols alone gives its first symbol, one with nothing to see a
    middle dot.
    """
    composed = unicodedata.normalize("NFC", name)
    letters = [letter for letter in map(_first_letter, composed.split()) if letter]
    if not letters:
        return _first_symbol(composed)
    ends = [letters[0], letters[-1]] if len(letters) > 1 else letters
    # Arabic letters side by side would join into one word
    between = _NON_JOINER if unicodedata.bidirectional(ends[0][0]) == "AL" else ""
    return between.join(_capital(letter, language) for letter in ends)


@lru_cache(4096)
def tone(name: str) -> int:
    """The colour of `name`, 0 to 7: the same on every page, machine and day."""
    return zlib.crc32(unicodedata.normalize("NFC", name).casefold().encode("utf-8", "replace")) % TONES


def _first_letter(word: str) -> str:
    start = next((at for at, sign in enumerate(word) if sign.isalnum()), None)
    return "" if start is None else _grapheme(word[start:])


def _first_symbol(text: str) -> str:
    start = next((at for at, sign in enumerate(text) if _can_be_seen(sign)), None)
    return "·" if start is None else _grapheme(text[start:])


def _can_be_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CZ"


def _grapheme(text: str) -> str:
    """The first sign of `text` with its marks, and with what a joiner or a skin tone ties to it."""
    end = 1
    while end < len(text) and (
        unicodedata.category(text[end]).startswith("M")
        or text[end] == _JOINER
        or text[end - 1] == _JOINER
        or "\U0001f3fb" <= text[end] <= "\U0001f3ff"
    ):
        end += 1
    return text[:end].rstrip(_JOINER)


def _capital(letter: str, language: str) -> str:
    if letter[0] == "i" and language in _DOTTED_I:
        return "İ" + letter[1:]
    capital = letter.upper()
    # ß would become two letters
    return capital if len(capital) == len(letter) else letter
