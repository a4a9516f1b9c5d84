"""Does a press that got lost count as one, and does an address typed too early overtake the page before it?"""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from . import conftest

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

COUNTING = '<button onclick="n.textContent = +n.textContent + 1">More</button> <output id=n>0</output>'


@pytest.mark.parametrize(("lost", "arrives"), [(0, "1"), (1, "1"), (2, "0")])
def test_a_press_that_never_arrived_is_made_once_more_and_no_other_is(
    browser: Any, monkeypatch: pytest.MonkeyPatch, lost: int, arrives: str
) -> None:
    click, made = conftest._click, []

    def losing(place: Locator, **how: Any) -> None:
        made.append(place)
        if len(made) > lost:
            click(place, **how)

    monkeypatch.setattr(conftest, "_click", losing)
    page = browser().new_page()
    page.set_content(COUNTING)
    page.get_by_role("button").click()
    expect(page.locator("output")).to_have_text(arrives)
    assert len(made) == min(lost + 1, 2)


def test_an_address_typed_while_a_page_is_on_its_way_waits_for_it(browser: Any) -> None:
    asked, page = [], browser().new_page()

    def answer(route: Any) -> None:
        asked.append(route.request.url.rpartition("/")[2])
        if asked[-1] == "slow":
            page.wait_for_timeout(500)
        route.fulfill(body=f"<title>{asked[-1]}</title><a href='/slow'>Slow</a>", content_type="text/html")

    page.route("**/*", answer)
    page.goto("http://pages.test/first")
    page.get_by_role("link").click(no_wait_after=True)
    page.goto("http://pages.test/then")
    expect(page).to_have_title("then")
    page.go_back()
    expect(page).to_have_title("slow")
    assert asked[:3] == ["first", "slow", "then"]
