"""How is Serbian Cyrillic written in Latin letters?

One letter for one letter, with three that take two (lj, nj, dž). The other way is not a rule but a
guess (`nj` in `injekcija` is two letters), so it does not exist here.
"""

import re

_SINGLE = str.maketrans(
    "абвгдђежзијклмнопрстћуфхцчшАБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ",
    "abvgdđežzijklmnoprstćufhcčšABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠ",
)
_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
_DIGRAPH = re.compile("[љњџЉЊЏ]")


def to_latin(text: str) -> str:
    """`text` in Serbian Latin; everything that is not a Serbian Cyrillic letter stays as it is.

    A capital digraph is written in full capitals inside a word of capitals: `ЉУБАВ` → `LJUBAV`, but
    `Љубав` → `Ljubav`. Placeholders such as `%(name)s` are Latin already and so never change.
    """
    return _DIGRAPH.sub(lambda match: _digraph(match, text), text).translate(_SINGLE)


def _digraph(match: re.Match[str], text: str) -> str:
    letter = match.group()
    latin = _DIGRAPHS[letter.lower()]
    if letter.islower():
        return latin
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    in_capitals = after.isupper() or (before.isupper() and not after.islower())
    return latin.upper() if in_capitals else latin.capitalize()
