"""When somebody is hurt: they ask for help, somebody talks first; and leaving takes one page and one button."""

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

HURT = "People like you should not teach."


def path_of(frame: Frame | Page, path: str) -> str:
    return "/".join(frame.url.split("/")[:5]) + path


def start_topic(frame: Frame, title: str, words: str) -> str:
    frame.goto(path_of(frame, f"/communities/{frame.url.partition('/communities/')[2][:36]}/topics/new"))
    frame.get_by_label("What is it about?").fill(title)
    frame.get_by_label("Your words").fill(words)
    frame.get_by_role("button", name="Post", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(title)
    return frame.locator(".post").first.get_attribute("id").removeprefix("p-")


@pytest.mark.parametrize("width", [360, 1280])
def test_somebody_asks_for_help_and_is_never_named_to_the_author(width, browser, come_in, school):
    size = {"viewport": {"width": width, "height": 800}}
    author = come_in(browser(**size).new_page(), school.teacher)
    post = start_topic(author, f"Thursday {width}", HURT)
    hurt = come_in(browser(**size).new_page(), school.student)
    hurt.goto(path_of(hurt, f"/report/post/{post}"))
    expect(hurt.get_by_text(school.mentor.name)).to_be_visible()
    hurt.get_by_label("What happened, and what do you wish for?").fill("It made me small.")
    hurt.get_by_role("button", name="Ask for help").click()
    expect(hurt.get_by_text("Thank you. It is in good hands")).to_be_visible()

    leads = come_in(browser(**size).new_page(), school.mentor)
    leads.locator(".steps a[href$='/care']").click()
    expect(leads.get_by_role("heading", level=1)).to_have_text("Asked for help")
    leads.get_by_role("link", name=f"Thursday {width}").click()
    expect(leads.get_by_text("It made me small.")).to_be_visible()
    leads.get_by_label("Your words to").fill("Could you say that without “people like you”?")
    leads.get_by_role("button", name="Talk first: send this").click()
    expect(leads.get_by_text("The author reads it and can answer here.")).to_be_visible()

    author.get_by_role("link", name="Help and reports").click()
    author.get_by_role("link", name=f"Thursday {width}").click()
    expect(author.get_by_text("without “people like you”")).to_be_visible()
    assert school.student.name not in author.locator("main").inner_text()
    author.get_by_label("Your words").fill("I did not see that. I change it.")
    author.get_by_role("button", name="Answer").click()
    expect(author.get_by_text("Sent to those who decide.")).to_be_visible()

    leads.goto(leads.url.partition("?")[0])
    expect(leads.get_by_text("I did not see that.")).to_be_visible()
    leads.get_by_label("Your words to").fill("Thank you.")
    leads.get_by_role("button", name="It is settled").click()
    expect(leads.get_by_role("status").get_by_text("Settled.")).to_be_visible()
    hurt.goto(path_of(hurt, "/care"))
    expect(hurt.get_by_text("It was looked at and settled.").first).to_be_visible()


def test_somebody_leaves_and_comes_back_by_their_own_word_only(browser, come_in, open_activity, school):
    context = browser()
    frame = come_in(context.new_page(), school.serbian, school.novi_sad)
    frame.get_by_role("link", name="Чланови").or_(frame.get_by_role("link", name="Članovi")).first.click()
    frame.wait_for_url("**/members")
    home = frame.url.removesuffix("/members")
    frame.goto(f"{home}/leave")
    frame.locator("main form button[type=submit]").click()
    frame.wait_for_url("**/?*left=1")
    again = open_activity(context.new_page(), school.serbian, school.novi_sad)
    again.wait_for_url("**/left")
    again.locator("main form button[type=submit]").click()
    again.wait_for_url(f"**/communities/{home.rpartition('/')[2]}")


def test_every_page_of_trust_is_readable_for_everybody(browser, come_in, own_window, flaws, school):
    context: BrowserContext = browser(viewport={"width": 320, "height": 800})
    author_frame = come_in(context.new_page(), school.teacher)
    post = start_topic(author_frame, "Friday", HURT)
    hurt = own_window(come_in(context.new_page(), school.student))
    leads = own_window(come_in(context.new_page(), school.mentor))
    home = leads.url.partition("?")[0]

    def look(page: Page) -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    hurt.goto(path_of(hurt, "/care"))
    look(hurt)
    hurt.goto(home.replace(home.split("/")[4], hurt.url.split("/")[4]) + "/leave")
    look(hurt)
    hurt.goto(path_of(hurt, f"/report/post/{post}"))
    look(hurt)
    hurt.locator("main form").evaluate("form => (form.noValidate = true)")
    hurt.get_by_role("button", name="Ask for help").click()
    hurt.get_by_role("alert").wait_for()
    look(hurt)
    hurt.get_by_label("What happened, and what do you wish for?").fill("It made me small.")
    hurt.get_by_role("button", name="Ask for help").click()
    look(hurt)
    leads.goto(f"{home}/care")
    look(leads)
    leads.get_by_role("link", name="Friday").click()
    leads.locator("summary").last.click()
    look(leads)
    case = leads.url.partition("/care/")[2]
    leads.get_by_label("Your words to").fill("Please read it again as somebody else.")
    leads.get_by_role("button", name="Hide it for now").click()
    look(leads)
    author_frame.goto(path_of(author_frame, f"/care/{case}"))
    author_frame.get_by_role("heading", level=1).wait_for()
    assert flaws(author_frame) == []
