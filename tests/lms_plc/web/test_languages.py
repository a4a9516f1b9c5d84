"""Codes of an LMS, a browser or nobody in particular, read into an offered locale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.web.languages import LOCALES, negotiate, normalise


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("sr_lt", "sr_Latn"),
        ("sr_cr", "sr_Cyrl"),
        ("sr", "sr_Cyrl"),
        ("SR-latn-rs", "sr_Latn"),
        ("sr_RS@latin", "sr_Latn"),
        ("sr-ME", "sr_Latn"),
        ("sr-Cyrl-ME", "sr_Cyrl"),
        ("en_us_k12", "en"),
        ("en-GB", "en"),
        ("nl_wp", "nl"),
        ("ru_kids", "ru"),
        ("mk_MK.UTF-8", "mk"),
        (" kk-Cyrl-KZ ", "kk"),
        ("BS", "bs"),
        ("tr_TR", "tr"),
    ],
)
def test_a_code_means_the_locale_it_was_made_for(code, locale):
    assert normalise(code) == locale


@pytest.mark.parametrize("code", ["", "_", "99", "xx_kids", "english", "ar", None, 7, ["en"], b"en", "e" * 5000])
def test_a_code_that_means_nothing_here_gives_none(code):
    assert normalise(code) is None


@given(st.one_of(st.text(), st.binary(), st.integers(), st.none()))
def test_no_code_at_all_raises(code):
    assert normalise(code) in {None, *LOCALES}


@given(st.sampled_from(sorted(LOCALES)), st.text(alphabet="abXY_-.@09"))
def test_a_pack_made_from_another_means_its_parent(locale, suffix):
    assert normalise(f"{locale}_{suffix}") is not None


def test_the_first_candidate_that_means_something_wins():
    assert negotiate(None, "xx", "sr_lt", "ru", accept_language="nl") == "sr_Latn"


def test_without_a_candidate_the_browser_is_heard_by_weight():
    assert negotiate(None, accept_language="de, en;q=0.5, kk-KZ;q=0.9, ru;q=0") == "kk"


def test_a_language_the_browser_refuses_is_not_taken():
    assert negotiate(accept_language="ru;q=0") == "en"


@given(st.text())
def test_any_header_gives_an_offered_locale(header):
    assert negotiate(accept_language=header) in LOCALES
