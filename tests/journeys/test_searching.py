"""Searching: what one wrote in one script, another finds in the other; on a phone, by keyboard, in light and dark."""

import pytest
from playwright.sync_api import Frame, expect

from .test_conversations import answer, start_topic

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


def search(frame: Frame, words: str) -> None:
    frame.get_by_role("link", name="Search", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Search")
    box = frame.get_by_role("searchbox", name="Words to look for")
    box.fill(words)
    box.press("Enter")


def test_what_is_written_in_cyrillic_is_found_in_latin_and_leads_to_its_place(browser, come_in, school):
    writes = come_in(browser().new_page(), school.student)
    start_topic(writes, "Излазне картице", "На крају часа питам једно питање.")
    answer(writes, "Свако одељење пише на свој начин.")

    frame = come_in(browser(viewport={"width": 360, "height": 740}).new_page(), school.teacher)
    search(frame, "pitanje casa")
    expect(frame.locator("mark").first).to_have_text("часа")
    frame.get_by_role("link", name="Излазне картице").first.click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Излазне картице")

    search(frame, "odjelj")
    expect(frame.locator(".rows > li")).to_have_count(1)
    frame.get_by_text("Narrow it down").click()
    frame.get_by_label("Only what I wrote").check()
    frame.get_by_role("button", name="Narrow down").click()
    expect(frame.get_by_role("heading", name="Nothing found here")).to_be_visible()
    frame.get_by_role("link", name="Look everywhere").click()
    expect(frame.locator(".rows > li")).to_have_count(1)

    stranger = come_in(browser().new_page(), school.serbian, school.novi_sad)
    stranger.goto(f"{stranger.url.split('/communities/')[0]}/search?q=odjelj")
    expect(stranger.locator(".empty")).to_be_visible()
    expect(stranger.locator(".rows")).to_have_count(0)


def test_every_state_of_the_page_is_fit_for_everybody(browser, come_in, school, flaws):
    page = browser(viewport={"width": 320, "height": 740}).new_page()
    frame = come_in(page, school.student)
    start_topic(frame, "Wortwörtlich " + "lang" * 20, "Ein **ganzes** Wort: " + "x" * 150)
    base = frame.url.split("/topics/")[0]
    for asked in ("", "?q=wortw", "?q=nothing+at+all", "?q=x&since=soon", "?q=wort&mine=yes&written_by=a"):
        frame.goto(f"{base}/search{asked}")
        expect(frame.get_by_role("heading", level=1)).to_have_text("Search")
        assert flaws(frame) == []
        assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
