"""What was changed? Two texts compared word by word, as pieces in reading order.

Comparing is bounded: what two long texts have in common at both ends is cut off first, and what is left and still too
much is compared by lines, or told as replaced.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_COMPARED = 400_000
"""Words of the one text times words of the other."""

_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    how: Literal["same", "gone", "new"]
    text: str


def compared(before: str, after: str) -> list[Piece]:
    """The pieces of both texts; joined without what is new they are the one, without what is gone the other."""
    if before == after:
        return [Piece("same", before)] if before else []
    start, end = _same_ends(before, after)
    middle = (before[start : len(before) - end], after[start : len(after) - end])
    pieces = [Piece("same", before[:start]), *_compared_middle(*middle), Piece("same", before[len(before) - end :])]
    return _joined([piece for piece in pieces if piece.text])


def _same_ends(before: str, after: str) -> tuple[int, int]:
    """How many characters are the same at the beginning and at the end, cut back to whole words."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    while start and not (before[start - 1]).isspace():
        start -= 1
    left = shorter - start
    end = next((at for at in range(left) if before[-1 - at] != after[-1 - at]), left)
    while end and not before[-end].isspace():
        end -= 1
    return start, end


def _compared_middle(before: str, after: str) -> list[Piece]:
    splits: tuple[Callable[[str], list[str]], ...] = (_WORDS.findall, lambda text: text.splitlines(keepends=True))
    for split in splits:
        old, new = split(before), split(after)
        if len(old) * len(new) <= MOST_COMPARED:
            return _pieces(old, new)
    return [Piece("gone", before), Piece("new", after)]


def _pieces(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        pieces += [Piece("gone", "".join(old[a:b])), Piece("new", "".join(new[c:d]))]
    return pieces


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Single blanks between changes belong to them: whole changed phrases read better than changed words."""
    joined: list[Piece] = []
    gone = new = ""
    for at, piece in enumerate(pieces):
        if piece.how == "same" and not ((gone or new) and piece.text == " " and at + 1 < len(pieces)):
            joined += _changed(gone, new)
            joined.append(piece)
            gone = new = ""
            continue
        gone += piece.text if piece.how != "new" else ""
        new += piece.text if piece.how != "gone" else ""
    return [*joined, *_changed(gone, new)]


def _changed(gone: str, new: str) -> list[Piece]:
    return [piece for piece in (Piece("gone", gone), Piece("new", new)) if piece.text]
