"""Letters and colours for names of every script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.web.avatars import TONES, initials, tone


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Marija Petrovska", "AP"),
        ("ana", "A"),
        ("Љубица Џамбазовска", "ЉЏ"),
        ("Әсел Өтеғұлова", "ӘӨ"),
        ("Çağla ünal", "ÇÜ"),
        ("S\u030cpela Z\u030cagar", "ŠŽ"),
        ("ß-Team", "ß"),
        ("„Vuk“ (Karadžić)", "VK"),
        ("  van   der  Berg ", "VB"),
        ("山田太郎", "山"),
        ("김 민준", "김민"),
        ("नेहा शर्मा", "नेश"),
        ("\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "\u0645\u200c\u0639"),
        ("👩🏽‍🏫", "👩🏽‍🏫"),
        ("😀 Vesna", "V"),
        ("—", "—"),
        ("", "·"),
        ("   ", "·"),
        ("\u200d\u2060", "·"),
        ("7b", "7"),
    ],
)
def test_a_name_of_any_script_has_its_letters(name, letters):
    assert initials(name) == letters


def test_a_turkish_i_keeps_its_dot_and_only_there():
    assert initials("ilker ışık", "tr") == "İI"
    assert initials("ilker", "en") == "I"


@given(st.text(), st.sampled_from(["en", "tr", "kk"]))
def test_every_name_has_something_to_show(name, language):
    shown = initials(name, language)
    assert unicodedata.category(shown[0])[0] not in "CZ"


@given(st.text())
def test_a_colour_is_one_of_the_style_sheets(name):
    assert tone(name) in range(TONES)


def test_a_colour_stays_the_same_whatever_way_a_name_is_written_down():
    assert tone("Špela") == tone("S\u030cpela") == tone("ŠPELA")
    assert len({tone(f"Person {number}") for number in range(200)}) == TONES
