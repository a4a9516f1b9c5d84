"""Is this the same word? Every word in one plain form, whatever script, marks and capitals it was written with.

Engines fold letters each in their own way, and in none that knows Serbian; so we fold before they see anything, and
both find the same. What comes out is for comparing only: small Latin letters, digits, letters of scripts not named
here, one space between words. Nobody reads it.

- Marks are dropped: ``č`` is ``c``, ``ö`` is ``o``, ``й`` is ``i`` as ``и`` is. ``İ I ı i`` are one letter.
- Cyrillic goes to Latin letter by letter, as Serbian does it (``љ`` lj, ``њ`` nj, ``џ`` dz as ``dž``, ``х`` h,
  ``ц`` c); what Serbian has not as Kazakhstan writes it (``я`` ia, ``ы`` y, ``қ`` k, ``ә`` a).
- ``ђ``, ``đ`` and ``dj`` are all ``d``: people who have no ``đ`` on their keyboard write ``dj`` or ``d``. (So is
  ``odjeljenje`` the same as ``odeljenje``, which it is.) ``q`` is ``k``, so that ``Қазақстан`` is ``Qazaqstan``.
- An apostrophe inside a word is dropped; everything that is neither letter nor digit parts words.

Whatever one types of the beginning of a word folds to the beginning of the folded word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 60
"""Letters of a word that count; what is longer is an address or no word at all."""

_SAME = {
    **dict(zip("абвгдежзиклмнопрстуфхцчш", "abvgdezziklmnoprstufhccs", strict=True)),
    **{"ђ": "d", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ѕ": "dz"},
    **{"щ": "sc", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "є": "e", "і": "i", "ґ": "g"},
    **{"ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h"},
    **{"đ": "d", "ð": "d", "ı": "i", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"},
    **{"q": "k", "ŧ": "t", "ŋ": "n"},
}
_APOSTROPHES = frozenset("'`´‘’‛ʹʺʻʼʽˈ′＇")
_WORD = re.compile(r"[^ ']+(?:'+[^ ']+)*")
_DJ = re.compile("dj+")


class _Letters(dict[int, str]):
    """Character → what it is folded to: an apostrophe, a space, nothing, or letters. Filled as they come."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_letter(chr(code))
        return folded


def _fold_letter(letter: str) -> str:
    if letter in _APOSTROPHES:
        return "'"
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold())
    return "".join(map(_fold_part, plain))


def _fold_part(part: str) -> str:
    if part in _SAME:
        return _SAME[part]
    if part in _APOSTROPHES:
        return "'"
    if unicodedata.category(part).startswith("M"):
        return ""
    digit = unicodedata.decimal(part, None)
    if digit is not None:
        return str(digit)
    return part if part.isalnum() else " "


_letters = _Letters()


def fold(text: str) -> str:
    """The words of a text as they are compared, with one space between them. Folding twice is folding once."""
    return " ".join(_clean(word) for word in _WORD.findall(text.translate(_letters)))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: folded, and where it stands in the text."""

    folded: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """As ``fold``, word by word, with the place of each."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = _letters[ord(letter)]
        letters.append(folded)
        places.extend([place] * len(folded))
    for word in _WORD.finditer("".join(letters)):
        end = places[word.end() - 1] + 1
        while end < len(text) and not letters[end]:  # the marks of its last letter
            end += 1
        yield Word(_clean(word[0]), places[word.start()], end)


def _clean(word: str) -> str:
    return _DJ.sub("d", word.replace("'", ""))[:LONGEST_WORD]
