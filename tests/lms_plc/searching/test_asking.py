"""What was typed becomes terms, and what is found is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lms_plc.core.search import Term, plain
from lms_plc.searching.asking import LONGEST_SNIPPET, MOST_TERMS, marked, read_terms, snippet


def exact(*words: str) -> Term:
    return Term(words)


def begins(word: str) -> Term:
    return Term((word,), begins=True)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("  …! ", ()),
        ("Излазна карта", (exact("izlazna"), begins("karta"))),
        ("a", (exact("a"),)),
        ("karta „dobar dan“ če", (exact("karta"), exact("dobar", "dan"), begins("ce"))),
        ("«dobar» “ ”", (exact("dobar"),)),
        ('never "closed again', (exact("never"), exact("closed"), begins("again"))),
        ("dan dan dan", (exact("dan"), begins("dan"))),
    ],
)
def test_words_phrases_and_beginnings_are_told_apart(typed: str, terms: tuple[Term, ...]) -> None:
    assert read_terms(typed) == terms


def test_of_very_many_words_the_first_and_the_one_being_typed_count() -> None:
    terms = read_terms(" ".join(f"w{number}" for number in range(50)))
    assert len(terms) == MOST_TERMS
    assert terms[-1] == begins("w49")


def test_what_was_looked_for_is_marked_and_everything_else_escaped() -> None:
    text = "Ћевапчићи & <b>džep</b>, dobar dan. Dobar."
    assert marked(text, read_terms('"dobar dan" cevap')) == Markup(
        "<mark>Ћевапчићи</mark> &amp; &lt;b&gt;džep&lt;/b&gt;, <mark>dobar dan</mark>. Dobar."
    )
    assert marked("é", read_terms("é")) == marked("e\u0301", read_terms("e")).replace("e\u0301", "é")
    assert marked("dobar dan", (exact("dobar", "dan"), begins("dan"))) == "<mark>dobar dan</mark>"


def test_a_snippet_shows_where_most_of_the_words_stand() -> None:
    text = "karta " + "word " * 100 + "the izlazna karta of today " + "word " * 100
    found = snippet(text, read_terms("karta izlazna"))
    assert "<mark>izlazna</mark> <mark>karta</mark>" in found
    assert found.startswith("… word ")
    assert found.endswith("word …")
    assert snippet("short karta", read_terms("karta")) == "short <mark>karta</mark>"
    assert snippet("begins like this " * 40, read_terms("absent")).startswith("begins like")
    assert snippet("x" * 1000, read_terms("absent")) == "x" * LONGEST_SNIPPET + " …"


@given(st.text(), st.text(st.sampled_from('ab čя"“ ')))
def test_a_snippet_is_safe_and_adds_nothing_but_marks(text: str, typed: str) -> None:
    terms = read_terms(typed)
    whole = marked(text, terms)
    assert Markup(whole.replace("<mark>", "").replace("</mark>", "")).unescape() == text
    found = snippet(text, terms)
    bare = found.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert Markup(bare).unescape().removeprefix("… ").removesuffix(" …") in text
    assert found.count("<mark>") == found.count("</mark>")


def test_rendered_html_becomes_its_words() -> None:
    assert plain("<p>Dobar &amp; dan</p>\n<ul><li>jedan</li>\n<li>dva</li></ul>") == "Dobar & dan jedan dva"
