"""What the components promise a page: escaped values, tied labels and errors, one frame for all."""

from datetime import UTC, datetime

import pytest
from flask import Flask, render_template, render_template_string
from flask.testing import FlaskClient
from lxml import html
from markupsafe import Markup

from lms_plc.web import i18n

NOW = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)
HOSTILE = "\"><script>alert('here')</script>"


@pytest.fixture
def show(app: Flask):
    """Render one call of a component and read the answer as HTML."""

    def render(call: str, **values: object) -> html.HtmlElement:
        with app.test_request_context():
            i18n.bind("en", now=NOW)
            page = "{% import 'components.html' as ui %}<div>" + call + "</div>"
            text = render_template_string(page, **values)
            return html.fromstring(text)

    return render


@pytest.fixture
def frame(app: Flask):
    """Render the layout with the given values and read it as HTML."""

    def render(locale: str = "en", **values: object) -> html.HtmlElement:
        with app.test_request_context():
            i18n.bind(locale, now=NOW)
            return html.fromstring(render_template("layout.html", **{"page_title": "Meetings"} | values))

    return render


@pytest.mark.parametrize(
    "call",
    [
        "{{ ui.button(x, 'plain', x, x) }}",
        "{{ ui.link_button(x, x) }}",
        "{% call ui.form(x, x, x) %}{{ x }}{% endcall %}",
        "{{ ui.field(x, x, x, x, x, autocomplete=x, type=x) }}",
        "{{ ui.text_area(x, x, x, x, x, draft_key=x, draft_url=x) }}",
        "{{ ui.choices(x, x, [(x, x, x), (x, x)], x, x, x) }}",
        "{{ ui.checkbox(x, x, x, True, x, x) }}",
        "{{ ui.select(x, x, [(x, x)], x, x, x) }}",
        "{{ ui.error_summary([{'field': x, 'message': x}]) }}",
        "{{ ui.avatar(x) }}{{ ui.person(x, x, x) }}{{ ui.badge(x, x) }}",
        "{% call ui.card(x, x) %}{{ x }}{% endcall %}",
        "{% call(row) ui.list_rows([x], x) %}{{ row }}{% endcall %}",
        "{{ ui.empty_state(x, x, x, x) }}{{ ui.pager(x, x) }}{{ ui.prose(x) }}",
        "{{ ui.reaction_bar([{'label': x, 'value': x, 'symbol': x, 'count': 1}], x) }}",
        "{% call ui.details(x) %}{{ x }}{% endcall %}",
        "{{ ui.breadcrumbs([{'label': x, 'url': x}, {'label': x}]) }}",
    ],
)
def test_a_component_shows_hostile_text_as_text(show, call):
    shown = show(call, x=HOSTILE)
    assert shown.xpath("//script | //@onerror") == []
    assert "alert" in html.tostring(shown, encoding="unicode")


def test_prose_shows_markup_that_was_sanitised_and_only_that(show):
    assert show("{{ ui.prose(x) }}", x=Markup("<em>on iki</em>")).xpath("string(//em)") == "on iki"
    assert show("{{ ui.prose(x) }}", x="<em>on iki</em>").xpath("//em") == []


@pytest.mark.parametrize(
    ("call", "control"),
    [
        ("{{ ui.field('place', 'Place', hint='Where', error='Say where') }}", "input"),
        ("{{ ui.text_area('place', 'Place', hint='Where', error='Say where') }}", "textarea"),
        ("{{ ui.select('place', 'Place', [('a', 'A')], hint='Where', error='Say where') }}", "select"),
        ("{{ ui.checkbox('place', 'Place', hint='Where', error='Say where') }}", "input"),
    ],
)
def test_a_fields_label_hint_and_error_are_tied_to_it(show, call, control):
    shown = show(call)
    (field,) = shown.xpath(f"//{control}")
    assert shown.xpath(f"normalize-space(//label[@for='{field.get('id')}'])") == "Place"
    told = [shown.get_element_by_id(key).text_content() for key in field.get("aria-describedby").split()]
    assert [" ".join(text.split()) for text in told] == ["Where", "Error: Say where"]
    assert field.get("aria-invalid") == "true"


def test_a_field_without_fault_says_nothing_of_one(show):
    (field,) = show("{{ ui.field('place', 'Place', None, required=True, maxlength=9) }}").xpath("//input")
    assert {"aria-invalid", "aria-describedby"}.isdisjoint(field.keys())
    assert (field.get("value"), field.get("maxlength"), field.get("required")) == ("", "9", "")


def test_a_choice_keeps_what_was_chosen_and_its_error_leads_to_the_first(show):
    options = [("me", "Only me"), ("us", "Us", "Nine")]
    shown = show("{{ ui.choices('who', 'Who?', options, 'us', 'Choose', 'Later') }}", options=options)
    assert shown.xpath("//input[@checked]/@value") == ["us"]
    assert shown.get_element_by_id("f-who").get("value") == "me"
    (group,) = shown.xpath("//fieldset")
    told = [shown.get_element_by_id(key).text_content() for key in group.get("aria-describedby").split()]
    assert [text.split()[-1] for text in told] == ["Later", "Choose"]
    ids = shown.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_text_that_begins_with_an_empty_line_comes_back_with_it(show):
    rendered = show("{{ ui.text_area('note', 'Note', x) }}", x="\nfirst").xpath("//textarea")[0]
    # a browser drops the one line break that follows the tag
    assert rendered.text == "\n\nfirst"


def test_a_draft_names_its_key_its_address_and_its_moment(show):
    shown = show("{{ ui.text_area('note', 'Note', draft_key='k1', draft_url='/d', draft_at=at) }}", at=NOW)
    (area,) = shown.xpath("//textarea")
    kept = (area.get("data-draft-key"), area.get("data-draft-url"), area.get("data-draft-at"))
    assert kept == ("k1", "/d", "2026-03-29T12:30:00Z")
    (status,) = shown.xpath("//*[@role='status']")
    assert status.get("data-draft-of") == area.get("id")
    assert (status.get("data-here"), status.get("data-saved")) == ("Saved on this device", "Saved")


def test_a_form_carries_its_token_in_its_body(show):
    (form,) = show("{% call ui.form('/act', 'secret') %}<p>in</p>{% endcall %}").xpath("//form")
    assert (form.get("method"), form.get("action")) == ("post", "/act")
    assert form.xpath("input[@name='csrf_token']/@value") == ["secret"]


def test_a_button_may_carry_a_value(show):
    assert show("{{ ui.button('Keep', 'plain', 'as', 0) }}").xpath("//button/@value") == ["0"]
    assert show("{{ ui.button('Keep') }}").xpath("//button/@name") == []


def test_an_avatar_is_a_picture_beside_a_written_name(show):
    shown = show("{{ ui.person('Ana Petrovska', role='Mentor') }}")
    assert shown.xpath("string(//*[@aria-hidden='true'])") == "AP"
    assert "Ana Petrovska" in shown.xpath("string(//p)")


def test_a_moment_is_given_to_people_and_to_machines(show):
    (time,) = show("{{ ui.time_ago(at) }}", at=NOW.replace(hour=9)).xpath("//time")
    assert (time.get("datetime"), time.text) == ("2026-03-29T09:30:00Z", "3 hours ago")
    assert "March 29, 2026" in time.get("title")


def test_a_pager_offers_only_the_ways_there_are(show):
    assert show("{{ ui.pager('/older') }}").xpath("//a/@rel") == ["next"]
    assert show("{{ ui.pager('/older', '/newer') }}").xpath("//a/@rel") == ["prev", "next"]
    assert show("{{ ui.pager() }}").xpath("//nav") == []


def test_a_reaction_says_whether_it_is_mine_and_how_many_there_are(show):
    shown = show("{{ ui.reaction_bar([{'label': 'Thanks', 'value': 't', 'count': 1200, 'pressed': True}]) }}")
    (button,) = shown.xpath("//button")
    assert button.get("aria-pressed") == "true"
    assert " ".join(button.text_content().split()) == "Thanks 1,200"


def test_the_layout_has_one_heading_and_every_landmark(frame):
    page = frame(me={"name": "Ana Petrovska"}, notice={"text": "Saved", "tone": "warn"})
    assert [heading.text for heading in page.xpath("//h1")] == ["Meetings"]
    assert page.xpath("count(//header) + count(//main) + count(//footer)") == 3
    assert page.xpath("//a[@class='skip']/@href") == ["#main"]
    assert "You are here as Ana Petrovska" in " ".join(page.xpath("string(//header)").split())
    assert page.xpath("normalize-space(//*[@role='status'])") == "Saved"


def test_the_layout_asks_for_nothing_from_elsewhere_and_holds_no_inline_code(client: FlaskClient):
    page = html.fromstring(client.get("/gallery").text)
    assert all(url.startswith("/static/") for url in page.xpath("//script/@src | //link/@href | //img/@src"))
    assert page.xpath("//style | //@style | //script[not(@src)] | //@*[starts-with(name(), 'on')]") == []


def test_the_page_says_its_language_and_direction(frame):
    assert (frame("sr_Latn").get("lang"), frame("sr_Latn").get("dir")) == ("sr-Latn", "ltr")
    assert (frame("ar").get("lang"), frame("ar").get("dir")) == ("ar", "rtl")


def test_the_title_names_the_page_the_community_and_a_fault(frame):
    community = {"name": "Physics", "url": "/c", "tabs": []}
    assert frame(community=community).xpath("string(//title)") == "Meetings · Physics"
    faulty = frame(community=community, errors=[{"field": "place", "message": "Say where"}])
    assert faulty.xpath("string(//title)") == "Error: Meetings · Physics"
    assert faulty.xpath("//*[@role='alert']//a/@href") == ["#f-place"]
    assert faulty.xpath("//nav[@class='tabs']") == []


def test_faults_are_counted_in_the_persons_language(frame):
    errors = [{"field": name, "message": "Say where"} for name in "abcde"]
    assert frame("sr_lt", errors=errors).xpath("string(//h2)") == "5 stavki traži vašu pažnju"
    assert frame("ru", errors=errors[:2]).xpath("string(//h2)") == "2 пункта требуют вашего внимания"


def test_the_layout_tells_the_script_only_what_is_known(frame):
    page = frame(frame_origin="https://lms.example", draft_done="k1")
    told = {one.get("name"): one.get("content") for one in page.xpath("//meta[starts-with(@name, 'plc-')]")}
    assert told == {"plc-frame-origin": "https://lms.example", "plc-draft-done": "k1"}
    assert frame().xpath("//meta[starts-with(@name, 'plc-')]") == []
