"""What does a difference say? Both texts, whole, and in little time."""

from hypothesis import given
from hypothesis import strategies as some

from lms_plc.core.differences import Piece, compared

text = some.text(alphabet="ab \n.ж", max_size=40)


@given(text, text)
def test_without_what_is_new_it_is_the_one_and_without_what_is_gone_the_other(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.how != "new") == before
    assert "".join(piece.text for piece in pieces if piece.how != "gone") == after


def test_whole_words_are_told_apart() -> None:
    assert compared("I wait a minute.", "I wait an hour.") == [
        Piece("same", "I wait "),
        Piece("gone", "a minute"),
        Piece("new", "an hour"),
        Piece("same", "."),
    ]


def test_long_texts_are_compared_by_lines_or_told_as_replaced() -> None:
    lines = [f"line {number}\n" for number in range(1, 600)]
    by_lines = compared("a\n" + "".join(lines) + "z", "b\n" + "".join(lines[:300] + ["new\n"] + lines[300:]) + "y")
    assert Piece("new", "new\n") in by_lines
    replaced = compared("x " * 9_000, "y " * 9_000)
    assert [piece.how for piece in replaced][:2] == ["gone", "new"]
