"""Browsers that keep the tool's cookie away from it inside the LMS, and the way in that is left.

What Chromium does: "Block third-party cookies" does not reach a partitioned cookie, so the frame opens as always. Only
an exception that forbids this tool its cookies inside this LMS keeps the cookie away; then a ticket leads to a window
of its own. Where the tool may have no cookie anywhere, nothing is left but to say so.
"""

from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Request, expect

from .conftest import PATIENCE

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

OPEN: dict[str, Any] = {"profile": {"block_third_party_cookies": False, "cookie_controls_mode": 0}}
THIRD_PARTY_BLOCKED: dict[str, Any] = {"profile": {"block_third_party_cookies": True, "cookie_controls_mode": 1}}


PRESSABLE = """() => {
    const form = document.querySelector("main form");
    delete form.dataset.busy;
    form.querySelector("button").removeAttribute("aria-disabled");
}"""


def forbidden(tool: str, inside: str) -> dict[str, Any]:
    """The profile of somebody who forbade ``tool`` its cookies on pages of ``inside``, as Chromium writes it down."""
    exception = {f"{tool},{inside}": {"setting": 2, "last_modified": "0", "expiration": "0"}}
    return {"profile": {"content_settings": {"exceptions": {"cookies": exception}}}}


def cookies_of_launches(context: BrowserContext) -> list[set[str]]:
    """For each launch from now on, the names of the cookies that came with it."""
    seen: list[set[str]] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/lti/launch") and request.method == "POST":
            sent = request.all_headers().get("cookie", "")
            seen.append({pair.partition("=")[0].strip() for pair in sent.split(";") if pair})

    context.on("requestfinished", hear)
    return seen


def heard(context: BrowserContext, launches: list[set[str]]) -> None:
    """Wait for the first: what a request carried is asked for only after its page may be there already."""
    until = monotonic() + PATIENCE / 1000
    while not launches and monotonic() < until:
        context.pages[-1].wait_for_timeout(50)


@pytest.mark.parametrize(
    ("settings", "sent"),
    [(OPEN, {"plc_browser", "ordinary"}), (THIRD_PARTY_BLOCKED, {"plc_browser"})],
    ids=["allowed", "blocked"],
)
def test_blocked_third_party_cookies_leave_ours_alone_and_the_frame_opens(
    profile, come_in, school, settings: dict[str, Any], sent: set[str]
):
    context = profile(settings)
    # without a partition: this one shows that the setting is at work
    ordinary = {"name": "ordinary", "value": "1", "url": "https://localhost", "sameSite": "None", "secure": True}
    context.add_cookies([ordinary])
    launches = cookies_of_launches(context)
    frame = come_in(context.new_page(), school.student)
    expect(frame.locator(".me strong")).to_have_text(school.student.name)
    heard(context, launches)
    assert launches == [sent]


def test_a_tool_forbidden_its_cookies_inside_the_lms_offers_one_button_to_a_window_that_works(
    profile, open_activity, school, flaws
):
    context = profile(forbidden(school.tool, school.lms))
    launches = cookies_of_launches(context)
    page = context.new_page()
    frame = open_activity(page, school.student)
    expect(frame.get_by_role("heading", level=1)).to_have_text("One more step")
    heard(context, launches)
    assert launches == [set()]
    expect(frame.get_by_role("button")).to_have_count(1)
    expect(frame.get_by_text("You come from the course")).to_be_visible()
    assert flaws(frame) == []
    with context.expect_page() as opened:
        frame.get_by_role("button", name=f"Continue as {school.student.name}").click()
    window = opened.value
    window.wait_for_url(f"{school.tool}/s/*/communities/{school.communities[school.veles]}")
    expect(window.locator(".me strong")).to_have_text(school.student.name)
    expect(window.get_by_role("button", name="Open in a new window")).to_have_count(0)
    window.get_by_role("link", name="Conversations", exact=True).click()
    window.get_by_role("heading", name="Conversations", level=1).wait_for()
    window.get_by_role("link", name="Start a conversation").click()
    window.get_by_label("What is it about?").fill("From a strict browser")
    window.get_by_label("Your words").fill("It took one button more.")
    window.get_by_role("button", name="Post").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("From a strict browser")


def test_the_button_works_once(profile, open_activity, school):
    context = profile(forbidden(school.tool, school.lms))
    frame = open_activity(context.new_page(), school.student)
    button = frame.get_by_role("button", name="Continue as")
    with context.expect_page() as opened:
        button.click()
    opened.value.wait_for_url(f"{school.tool}/s/**")
    # for some seconds the script holds a second press back
    frame.evaluate(PRESSABLE)
    with context.expect_page() as again:
        button.click()
    expect(again.value.locator("code")).to_have_text("ticket_unknown")


def test_a_tool_forbidden_every_cookie_says_that_nobody_is_signed_in(profile, open_activity, school):
    context = profile(forbidden(school.tool, "*"))
    frame = open_activity(context.new_page(), school.student)
    with context.expect_page() as opened:
        frame.get_by_role("button", name="Continue as").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Please come in through your course")
    expect(opened.value.locator(".me")).to_have_count(0)
