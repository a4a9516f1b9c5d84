"""Serbian Cyrillic by rule into Latin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.web.transliteration import to_latin


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Сачувано на овом уређају", "Sačuvano na ovom uređaju"),
        ("Професионална заједница учења", "Profesionalna zajednica učenja"),
        ("Критички пријатељ", "Kritički prijatelj"),
        ("Љубав и Његош, Џеп", "Ljubav i Njegoš, Džep"),
        ("ЉУБАВ, КОЊ, ЏЕП", "LJUBAV, KONJ, DŽEP"),
        ("Ђак жваће ћевап", "Đak žvaće ćevap"),
    ],
)
def test_a_text_is_written_as_serbs_write_it_in_latin(cyrillic, latin):
    assert to_latin(cyrillic) == latin


def test_placeholders_and_markup_stay_as_they_are():
    assert to_latin("Овде сте као <strong>%(name)s</strong>") == "Ovde ste kao <strong>%(name)s</strong>"


@given(st.text(alphabet="абвгдђежзијклљмнњопрстћуфхцчџшАБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ "))
def test_no_cyrillic_letter_is_left_and_none_is_lost(text):
    latin = to_latin(text)
    assert not any("\u0400" <= letter <= "\u04ff" for letter in latin)
    assert len(latin) == len(text) + sum(letter in "љњџЉЊЏ" for letter in text)


@given(st.text(alphabet=st.characters(max_codepoint=0x3FF)))
def test_whatever_is_not_cyrillic_is_untouched(text):
    assert to_latin(text) == text
