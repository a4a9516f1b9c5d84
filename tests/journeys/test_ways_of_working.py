"""Ways of working: a community takes a shipped cycle, says it in its own words, and sees what it changed."""

import pytest
from playwright.sync_api import expect

from lms_plc.cycles.content import shipped

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

SCREENS = pytest.mark.parametrize(
    "screen",
    [{"viewport": {"width": 360, "height": 740}}, {"color_scheme": "dark"}],
    ids=["360", "1280-dark"],
)
STAGES = {"concerns": "Што е важно и што ме мачи", "priority": "Мојот развоен приоритет"}


@SCREENS
def test_s0_5_the_template_is_renamed_in_macedonian_and_shows_what_it_was_made_of(
    browser, come_in, own_window, flaws, school, screen
):
    window = own_window(come_in(browser(**screen).new_page(), school.student))
    home = window.url.split("?")[0].rstrip("/")

    def look() -> None:
        window.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        assert (window.url, flaws(window)) == (window.url, [])
        assert window.evaluate("document.documentElement.scrollWidth") <= window.viewport_size["width"]

    window.goto(f"{home}/cycles")
    look()
    window.get_by_role("link", name="Teacher-led development work", exact=True).click()
    expect(window.get_by_role("heading", level=1)).to_have_text("Teacher-led development work")
    expect(window.get_by_role("link", name="Work by this")).to_be_visible()
    for stage in shipped()["tldw"].content.stages:
        expect(window.locator("summary", has_text=stage.name)).to_be_visible()
    look()
    window.get_by_role("link", name="Adapt it").click()
    window.get_by_label("What it is called").first.fill(f"Нашиот пат {len(screen)}")
    for number, name in enumerate(STAGES.values(), 1):
        window.locator(f"#stage-{number} summary").click()
        window.locator(f"#f-stage-{number}-name").fill(name)
    window.locator("#stage-6 summary").click()
    window.locator("#stage-6").get_by_role("button", name="Take it out").click()
    expect(window.locator("#stage-1 summary")).to_contain_text(STAGES["concerns"])
    expect(window.locator("details.card")).to_have_count(7)
    look()
    window.get_by_role("button", name="Save").first.click()
    expect(window.get_by_role("heading", level=1)).to_have_text(f"Нашиот пат {len(screen)}")
    expect(window.get_by_text("Adapted from Teacher-led development work, version 1")).to_be_visible()
    window.locator("summary", has_text="What was changed").click()
    changed = window.locator(".origin")
    for words in (*STAGES.values(), "Portfolio"):
        expect(changed.locator("ins, del", has_text=words).first).to_be_visible()
    look()
    copy = window.url
    for path in ("/print", "/edit", "/history"):
        window.goto(copy + path)
        look()
    window.goto(copy)
    window.get_by_role("link", name="Work by this").click()
    expect(window.get_by_text(f"Нашиот пат {len(screen)}").first).to_be_attached()
