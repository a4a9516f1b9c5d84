"""What does somebody look for? The words they typed, as the index is asked for them, and marked where found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup, escape

from lms_plc.core.folding import Word, fold, words
from lms_plc.core.search import Term

MOST_TERMS = 8
"""So many words are looked for; more of them make nothing clearer."""

BEGINS_FROM = 2
"""So many letters of the last word are enough for its beginning."""

LONGEST_SNIPPET = 240
_LEAD = 60
"""So much of a text stands before the first hit."""

_QUOTED = re.compile(r"""["“”„«»]([^"“”„«»]*)["“”„«»]""")


@dataclass(frozen=True, slots=True)
class Asked:
    """``authors`` is None for anybody; moments are from (with) and until (without)."""

    terms: tuple[Term, ...]
    community_id: UUID | None = None
    kind: str | None = None
    authors: tuple[UUID, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


def read_terms(typed: str) -> tuple[Term, ...]:
    """All words must be there, in any order; those in quotation marks side by side. Of the last word its beginning is
    enough, unless it stands in quotation marks."""
    found: list[Term] = []
    end = 0
    for quoted in _QUOTED.finditer(typed):
        found += _single(typed[end : quoted.start()])
        if phrase := fold(quoted[1]).split():
            found.append(Term(tuple(phrase[:MOST_TERMS])))
        end = quoted.end()
    rest = _single(typed[end:])
    if rest and len(rest[-1].words[0]) >= BEGINS_FROM:
        rest[-1] = Term(rest[-1].words, begins=True)
    found += rest
    if len(found) > MOST_TERMS:
        found = [*found[: MOST_TERMS - 1], found[-1]]
    return tuple(dict.fromkeys(found))


def _single(typed: str) -> list[Term]:
    return [Term((word,)) for word in fold(typed).split()]


def marked(text: str, terms: Sequence[Term]) -> Markup:
    """The text with what was looked for marked in it; everything else is escaped."""
    return _mark(text, [(start, end) for start, end, _ in _hits(list(words(text)), terms)])


def snippet(text: str, terms: Sequence[Term], length: int = LONGEST_SNIPPET) -> Markup:
    """The part of a text where most of the words stand, marked; without any, its beginning."""
    hits = _hits(list(words(text)), terms)
    start = _best_start(hits, length)
    end = min(len(text), start + length)
    if start > 0:
        start = text.find(" ", start, end) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", start, end), start) if " " in text[start:end] else end
    within = [(max(a, start) - start, min(b, end) - start) for a, b, _ in hits if a < end and b > start]
    before, after = "… " if start > 0 else "", " …" if end < len(text) else ""
    return Markup("{}{}{}").format(before, _mark(text[start:end], within), after)


def _best_start(hits: Sequence[tuple[int, int, int]], length: int) -> int:
    """Where a window of this length sees most of the terms; the first such place."""
    best, most = 0, 0
    for place, (start, _, _) in enumerate(hits):
        begins = max(0, start - _LEAD)
        seen = {term for a, b, term in hits[place : place + 50] if b <= begins + length}
        if len(seen) > most:
            best, most = begins, len(seen)
    return best


def _hits(there: Sequence[Word], terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """(start, end, term) of everything found, in the order of the text."""
    found = []
    for place in range(len(there)):
        for number, term in enumerate(terms):
            side_by_side = there[place : place + len(term.words)]
            if len(side_by_side) == len(term.words) and all(
                word.folded.startswith(asked) if term.begins else word.folded == asked
                for word, asked in zip(side_by_side, term.words, strict=True)
            ):
                found.append((side_by_side[0].start, side_by_side[-1].end, number))
    return found


def _mark(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    parts, end = [], 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        begins = max(start, end)
        parts += [escape(text[end:begins]), Markup("<mark>{}</mark>").format(text[begins:stop])]
        end = stop
    return Markup("").join([*parts, escape(text[end:])])
