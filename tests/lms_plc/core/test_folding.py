"""The same word, however it is written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.core.folding import LONGEST_WORD, fold, words
from lms_plc.web.transliteration import to_latin

SERBIAN = "абвгдђежзијклљмнњопрстћуфхцчџш"


@pytest.mark.parametrize(
    "ways",
    [
        ["Ђорђе", "Đorđe", "Djordje", "Dorde", "ЂОРЂЕ"],
        ["Њежна љубав и џеп", "Nježna ljubav i džep", "NJEZNA LJUBAV I DZEP", "ǌežna ǉubav i ǆep"],
        ["Одељење", "odeljenje", "odjeljenje", "Одјељење"],
        ["ćevapčići", "cevapcici", "ЋЕВАПЧИЋИ"],
        ["Ѓорче, ќе одам", "gorče, ke odam", "ГОРЧЕ КЕ ОДАМ"],
        ["ѕвезда", "dzvezda"],
        ["Ёлка, моя!", "елка моя", "elka moia"],
        ["объявление", "обьявление", "obiavlenie"],
        ["Қазақстан", "Казакстан", "Qazaqstan"],
        ["әлемнің өңірі, ғұмыр үйі, һәм", "алемнин онири гумыр уии хам", "álemniń óńiri, ǵumyr úii, ham"],
        ["İSTANBUL'da ışık", "istanbul’da isik", "Istanbulda IŞIK"],
        ["Über Straße Ærø Łódź cœur", "uber strasse aero lodz coeur"],
        ["geïnteresseerd, één", "geinteresseerd een"],
        ["don't", "don’t", "dont"],
        ["e-learning (2.0)", "E learning 2 0"],
        ["９ ٣ x²", "9 3 x2"],
    ],
)
def test_one_word_written_in_many_ways_is_one_word(ways: list[str]) -> None:
    assert len({fold(way) for way in ways}) == 1
    assert len({fold(unicodedata.normalize("NFD", way)) for way in ways}) == 1


def test_what_is_no_letter_and_no_digit_parts_words() -> None:
    assert fold("  'a_b'—c\x00d\n“e”, %f%  ") == "a b c d e f"
    assert fold("!?…") == fold("") == ""
    assert fold("日本 한국어 العَرَبِيّة") == unicodedata.normalize("NFKD", "日本 한국어 العربية")
    assert fold("a" * 500) == "a" * LONGEST_WORD
    assert fold("ŉ") == "n"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from(SERBIAN + SERBIAN.upper() + " .,-'’12abcđžćčš")))
def test_both_serbian_scripts_fold_alike(text: str) -> None:
    assert fold(to_latin(text)) == fold(text)


@given(st.text(st.characters(categories=["L"])), st.integers(0, 30))
def test_the_beginning_of_a_word_folds_to_the_beginning_of_the_word(word: str, cut: int) -> None:
    whole, beginning = fold(word), fold(word[:cut])
    assert whole.startswith(beginning)


@given(st.text(), st.text())
def test_words_know_where_they_stand(before: str, text: str) -> None:
    found = list(words(text))
    assert " ".join(word.folded for word in found) == fold(text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    moved = list(words(f"{before} {text}"))[-len(found) :] if found else []
    assert [word.start - len(before) - 1 for word in moved] == [word.start for word in found]
