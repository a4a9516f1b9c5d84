"""Messages from .po text, compiled once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError, read_po

from lms_plc.web import catalogues
from lms_plc.web.catalogues import Catalogues
from lms_plc.web.languages import LOCALES

TRANSLATIONS = Path(catalogues.__file__).parent / "translations"
WRITTEN = sorted(set(LOCALES) - {"en", "sr_Latn"})
THINGS = ("%(count)s thing needs your attention", "%(count)s things need your attention")


@pytest.fixture
def shipped() -> Catalogues:
    return Catalogues(TRANSLATIONS)


@pytest.mark.parametrize(
    ("locale", "counted"),
    [
        ("sr_Cyrl", {1: "ставка", 3: "ставке", 5: "ставки", 11: "ставки", 21: "ставка", 22: "ставке"}),
        ("sr_Latn", {1: "stavka", 3: "stavke", 5: "stavki", 12: "stavki", 101: "stavka"}),
        ("bs", {1: "stavka", 4: "stavke", 14: "stavki"}),
        ("ru", {1: "пункт", 2: "пункта", 5: "пунктов", 11: "пунктов", 21: "пункт", 112: "пунктов"}),
        ("mk", {1: "работа", 2: "работи", 11: "работи", 21: "работа"}),
        ("nl", {0: "punten", 1: "punt", 2: "punten"}),
        ("tr", {1: "konu", 2: "konu"}),
    ],
)
def test_a_counted_thing_takes_the_form_of_its_number(shipped, locale, counted):
    said = {number: shipped[locale].ungettext(*THINGS, number).split()[1] for number in counted}
    assert said == counted


def test_serbian_latin_is_derived_from_the_cyrillic_text(shipped):
    assert shipped["sr_Cyrl"].ugettext("Older") == "Старије"
    assert shipped["sr_Latn"].ugettext("Older") == "Starije"
    assert not (TRANSLATIONS / "sr_Latn").exists()


def test_a_message_nobody_has_translated_stays_english(shipped):
    assert shipped["ru"].ugettext("Nobody wrote this") == "Nobody wrote this"
    assert shipped["ru"].ugettext("Saved") == "Сохранено"


def test_a_locale_without_a_catalogue_answers_in_english(shipped):
    assert shipped["en"].ugettext("Saved") == "Saved"
    assert shipped["ar"].ungettext(*THINGS, 2) == THINGS[1]


def test_many_threads_compile_a_locale_once(shipped, monkeypatch):
    compiled = []
    genuine = catalogues.read_po
    monkeypatch.setattr(catalogues, "read_po", lambda *a, **k: compiled.append(1) or genuine(*a, **k))
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda _: shipped["ru"], range(32)))
    assert len(compiled) == 1
    assert {id(one) for one in given} == {id(given[0])}


def test_a_broken_catalogue_is_refused_rather_than_read_in_part(tmp_path):
    home = tmp_path / "nl" / "LC_MESSAGES"
    home.mkdir(parents=True)
    (home / "messages.po").write_text('msgid "Saved"\nmsgstr "Bewaard"\nmsgid Older\n', encoding="utf-8")
    with pytest.raises(PoFileError, match="missing msgstr"):
        Catalogues(tmp_path)["nl"]


@pytest.mark.parametrize("locale", WRITTEN)
def test_every_shipped_translation_keeps_the_placeholders_of_its_message(locale):
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as text:
        catalogue = read_po(text, locale=locale)
    faults = [(message.id, str(error)) for message, errors in catalogue.check() for error in errors]
    assert faults == []
    assert len(catalogue) > 10
