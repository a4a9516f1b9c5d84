"""Speaking to one person in one language."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from lms_plc.web import i18n

NOW = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)


def test_unbound_code_speaks_english_in_utc():
    assert i18n.gettext("Saved") == "Saved"
    assert i18n.html_language() == "en"
    assert "12:30" in i18n.format_datetime(NOW)


def test_a_bound_request_speaks_its_language_and_the_next_one_does_not(app: Flask):
    with app.test_request_context():
        i18n.bind("sr_lt", "Europe/Belgrade")
        assert i18n.gettext("Saved") == "Sačuvano"
        assert i18n.html_language() == "sr-Latn"
    with app.test_request_context():
        assert i18n.gettext("Saved") == "Saved"


def test_a_mail_is_spoken_in_its_readers_language_inside_anothers_request(app: Flask):
    with app.test_request_context():
        i18n.bind("ru")
        with i18n.speaking("kk", "Asia/Almaty"):
            assert i18n.gettext("Saved") == "Сақталды"
        assert i18n.gettext("Saved") == "Сохранено"


def test_the_language_is_given_back_even_after_an_error():
    with pytest.raises(RuntimeError), i18n.speaking("ru"):
        raise RuntimeError
    assert i18n.gettext("Saved") == "Saved"


@given(
    st.one_of(st.text(), st.none(), st.integers()),
    st.one_of(st.text(), st.none(), st.just("Europe"), st.just("99")),
)
def test_no_locale_and_no_zone_of_an_lms_makes_binding_fail(locale, zone):
    with i18n.speaking(locale, zone):
        assert i18n.gettext("Saved")
        assert i18n.format_datetime(NOW)


def test_a_zone_may_be_given_as_such():
    with i18n.speaking("en", ZoneInfo("Asia/Almaty")):
        assert "5:30" in i18n.format_time(NOW)


def test_variables_are_filled_in_and_a_doubled_percent_sign_is_one():
    assert i18n.gettext("%(name)s has done %(done)s %%", name="Ana", done=40) == "Ana has done 40 %"
    assert i18n.ngettext("%(num)s reply", "%(num)s replies", 2) == "2 replies"
    assert i18n.pgettext("verb", "Open %(what)s", what="it") == "Open it"
    assert i18n.npgettext("posts", "%(num)s is new", "%(num)s are new", 1) == "1 is new"


def test_a_lazy_text_speaks_the_language_of_the_moment_it_is_shown(app: Flask):
    saved = i18n.lazy("Saved")
    greeting = i18n.lazy("You are here as <strong><bdi>%(name)s</bdi></strong>", name="Ana")
    with app.test_request_context():
        i18n.bind("nl")
        assert str(saved) == "Bewaard"
        assert render_template_string("{{ saved }}", saved=saved) == "Bewaard"
        assert render_template_string("{{ greeting }}", greeting=greeting).startswith("Je bent hier als &lt;strong")
    assert str(saved) == "Saved"
    assert "Ana" not in repr(greeting)


def test_a_marked_message_is_only_marked():
    with i18n.speaking("nl"):
        assert i18n.N_("Saved") == "Saved"


def test_templates_and_python_say_the_same(app: Flask):
    with app.test_request_context():
        i18n.bind("ru")
        assert render_template_string("{{ _('Saved') }}") == "Сохранено" == i18n.gettext("Saved")
        assert render_template_string("{{ pgettext('verb', 'Unknown') }}") == "Unknown"
        assert render_template_string("{{ npgettext('posts', 'one', '%(num)s', 3) }}") == "3"
        said = render_template_string("{{ ngettext('%(num)s %% here', '%(num)s %% there', 3) }}")
        assert said == "3 % there"


def test_a_name_in_a_translated_sentence_is_escaped(app: Flask):
    with app.test_request_context():
        i18n.bind("mk")
        said = render_template_string(
            "{% trans name=n %}You are here as <strong><bdi>{{ name }}</bdi></strong>{% endtrans %}", n="<b>"
        )
    assert said == "Тука сте како <strong><bdi>&lt;b&gt;</bdi></strong>"


def test_the_translator_is_looked_up_once_however_many_messages_a_page_has(app: Flask, monkeypatch):
    looked_up = []
    genuine = i18n._catalogues

    class Counting:
        def __getitem__(self, locale):
            looked_up.append(locale)
            return genuine[locale]

    monkeypatch.setattr(i18n, "_catalogues", Counting())
    with app.test_request_context():
        i18n.bind("ru")
        assert render_template_string("{% for one in range(50) %}{{ _('Saved') }}{% endfor %}").count("Сохранено") == 50
    assert looked_up == ["ru"]


@pytest.mark.parametrize(
    ("locale", "direction"),
    [("en", "ltr"), ("kk", "ltr"), ("sr_Cyrl", "ltr"), ("ar", "rtl"), ("AR-EG", "ltr")],
)
def test_only_the_right_to_left_locale_turns_the_page_round(locale, direction):
    with i18n.speaking(locale):
        assert i18n.text_direction() == direction


@pytest.mark.parametrize("locale", [*i18n.LOCALES, "ar"])
def test_every_locale_formats_all_there_is_to_format(locale):
    with i18n.speaking(locale, "Europe/Skopje", now=NOW):
        assert "2026" in i18n.format_date(NOW) or locale == "ar"
        assert i18n.format_datetime(NOW, "long") != i18n.format_datetime(NOW, "short")
        assert i18n.format_number(1234.5) != "1234.5"
        assert i18n.format_list(["Ana", "Bojan", "Vesna"]).count("Bojan") == 1
        assert i18n.format_timedelta(timedelta(hours=2))
        assert i18n.format_ago(NOW - timedelta(hours=3)) != i18n.format_ago(NOW + timedelta(hours=3))


def test_a_moment_is_shown_on_the_day_and_hour_it_is_where_the_person_is():
    late = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    with i18n.speaking("nl", "Asia/Almaty"):
        assert i18n.format_date(late) == "29 mrt 2026"
        assert i18n.format_time(late) == "03:30"
    with i18n.speaking("nl"):
        assert i18n.format_date(late) == "28 mrt 2026"


def test_a_plain_day_is_the_same_day_everywhere():
    with i18n.speaking("nl", "Asia/Almaty"):
        assert i18n.format_date(date(2026, 3, 28)) == "28 mrt 2026"


def test_a_stored_moment_without_a_zone_is_utc():
    stored = NOW.replace(tzinfo=None)
    with i18n.speaking("nl", "Europe/Skopje"):
        assert i18n.format_time(stored) == i18n.format_time(NOW) == "14:30"
    assert i18n.iso_moment(stored) == "2026-03-29T12:30:00Z"


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-20), "just now"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=60), "Jan 28, 2026"),
    ],
)
def test_a_moment_is_near_in_words_and_far_as_a_day(passed, said):
    with i18n.speaking("en", now=NOW):
        assert i18n.format_ago(NOW - passed) == said


def test_without_an_injected_clock_ago_counts_from_the_present():
    assert i18n.format_ago(datetime.now(UTC) - timedelta(hours=5)) == "5 hours ago"
