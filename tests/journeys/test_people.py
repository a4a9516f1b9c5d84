"""Who somebody is to their colleagues: written, found, written to, blocked, and met elsewhere."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import delete, select

from lms_plc.peers import quiet
from lms_plc.peers.models import PeerOffer
from lms_plc.people.models import Identity, LastContact, Profile

from .conftest import Someone

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

NOVICE, PRINCIPAL = Someone(86, "veles02", ""), Someone(87, "veles03", "")
PHONE = {"width": 360, "height": 740}


def go(frame: Frame, name: str) -> None:
    frame.get_by_role("link", name=name, exact=True).first.click()


def write_profile(frame: Frame, subject: str, school: str, *, found: bool = False) -> None:
    """In whatever language the person reads."""
    frame.locator("nav.mine a[href$='/me']").click()
    frame.locator("#f-school").wait_for()
    frame.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    frame.locator(f"#f-subjects-{subject}").check()
    frame.locator("#f-school").fill(school)
    frame.locator("#f-may_be_found").set_checked(found)
    frame.locator("main button.primary").click()
    expect(frame.locator(".notice-good")).to_be_visible()


def forget(school) -> None:
    """The school is shared by all journeys: the next one begins without peers."""
    with school.house.database.write() as session:
        for table in (PeerOffer, LastContact, Profile):
            session.execute(delete(table))


def person(school, someone):
    with school.house.database.read() as connection:
        query = select(Identity.person_id).where(Identity.subject == str(someone.id))
        return connection.execute(query).scalar_one()


def test_a_profile_is_written_found_in_the_directory_and_answered_by_a_message(browser, come_in, school):
    writes = come_in(browser(viewport=PHONE).new_page(), school.student)
    write_profile(writes, "music", "ОУ „Гоце Делчев“")
    reads = come_in(browser().new_page(), school.teacher)
    go(reads, "Members")
    reads.get_by_label("Name or school").fill("goce delcev")
    reads.get_by_role("button", name="Find").click()
    reads.get_by_role("link", name=school.student.name).click()
    expect(reads.get_by_role("heading", level=1)).to_have_text(school.student.name)
    expect(reads.get_by_text("ОУ „Гоце Делчев“")).to_be_visible()
    reads.get_by_role("link", name="Write a message").click()
    reads.get_by_label("Your message").fill("Shall we sing together on Friday?")
    reads.get_by_role("button", name="Send").click()
    expect(reads.get_by_role("heading", level=1)).to_have_text(school.student.name)

    go(writes, "Messages")
    expect(writes.get_by_role("listitem").filter(has_text=school.teacher.name)).to_contain_text("new")
    writes.get_by_role("link", name=school.teacher.name).click()
    writes.get_by_label("Your message").fill("Gladly.")
    writes.get_by_role("button", name="Send").click()
    expect(writes.locator(".post").last).to_contain_text("Gladly.")

    other = come_in(browser().new_page(), school.mentor)
    there = other.goto(writes.url.partition("#")[0].partition("?")[0].replace(_seat(writes), _seat(other)))
    assert there is not None
    assert there.status == 404, "also a mentor of the community reads no message of others"


def test_a_block_is_one_press_and_one_press_back(browser, come_in, school):
    blocks = come_in(browser().new_page(), school.mentor)
    go(blocks, "Members")
    blocks.get_by_label("Name or school").fill(school.student.name)
    blocks.get_by_role("button", name="Find").click()
    blocks.get_by_role("link", name=school.student.name).click()
    blocks.locator("summary", has_text="More about").click()
    blocks.get_by_role("button", name="Block").click()
    expect(blocks.get_by_text("You have blocked")).to_be_visible()
    expect(blocks.get_by_role("link", name="Write a message")).to_have_count(0)
    blocks.get_by_role("button", name="Undo").click()
    expect(blocks.get_by_role("link", name="Write a message")).to_be_visible()


def test_who_has_had_no_contact_for_45_days_is_offered_a_peer_of_the_same_subject(browser, come_in, school):
    """S3-11: noticed kindly; nobody else sees a name."""
    forget(school)
    away = come_in(browser().new_page(), school.serbian, school.novi_sad)
    write_profile(away, "physics", "Gimnazija", found=True)
    alone = come_in(browser(viewport=PHONE).new_page(), school.student)
    write_profile(alone, "physics", "ОУ „Гоце Делчев“")
    quiet.note_contacts(school.house)
    school.clock.ahead = timedelta(days=46)
    assert quiet.offer_to_some(school.house, None) is None
    school.clock.ahead = timedelta()  # launches of that day would be signed on that day

    others = come_in(browser().new_page(), school.teacher)
    expect(others.get_by_text("Who is here")).to_be_visible()
    expect(others.get_by_text("It has been quiet")).to_have_count(0)
    alone = come_in(browser(viewport=PHONE).new_page(), school.student)
    expect(alone.get_by_role("heading", name="It has been quiet")).to_be_visible()
    expect(alone.get_by_text(school.serbian.name)).to_have_count(0)
    alone.get_by_role("button", name="Yes, show me").click()
    expect(alone.locator("main")).to_contain_text(school.serbian.name)
    alone.get_by_role("link", name="Say hello").click()
    alone.get_by_label("Your hello").fill("I teach physics in Veles. How do you begin with waves?")
    alone.get_by_role("button", name="Say hello").click()
    expect(alone.get_by_text("Your hello is on its way.")).to_be_visible()

    away = come_in(browser().new_page(), school.serbian, school.novi_sad)
    away.locator(".steps a[href*='/peers#hello']").click()
    expect(away.get_by_text("How do you begin with waves?")).to_be_visible()
    away.locator("form[action$='/accept'] button").click()
    away.locator("textarea[name=body]").fill("With a rope.")
    away.locator("#write button.primary").click()
    expect(away.locator(".post").last).to_contain_text("With a rope.")
    go(alone, "Messages")
    alone.get_by_role("link", name=school.serbian.name).click()
    expect(alone.locator(".post").last).to_contain_text("With a rope.")
    forget(school)


def test_a_novice_and_a_principal_see_the_same_buttons(browser, come_in, school):
    """S0-6: rights by role, not by post."""
    seen = []
    for someone, post in ((NOVICE, "teacher"), (PRINCIPAL, "leader")):
        frame = come_in(browser().new_page(), someone)
        home = frame.url
        frame.locator("nav.mine a[href$='/me']").click()
        frame.locator("#f-post_type").select_option(value=post)
        frame.locator("main button.primary").click()
        expect(frame.locator(".notice-good")).to_be_visible()
        pages = []
        for room in ("", "/members", "/topics"):
            frame.goto(home + room)
            buttons = frame.locator("header.top, main").locator("a.button, button, nav a")
            pages.append([re.sub(r"\s+", " ", text) for text in buttons.all_inner_texts()])
        seen.append(pages)
    assert seen[0] == seen[1]
    assert all(seen[0])
    forget(school)


def test_every_page_about_people_is_readable_for_everybody(browser, come_in, own_window, school, flaws):
    other = come_in(browser().new_page(), school.serbian, school.novi_sad)
    write_profile(other, "physics", "Gimnazija „Jovan Jovanović Zmaj“, Novi Sad", found=True)
    context = browser(viewport={"width": 320, "height": 800})
    page = own_window(come_in(context.new_page(), school.student))
    home = page.url
    seat = home.partition("/communities/")[0]
    teacher = person(school, school.teacher)

    def look(page: Page) -> None:
        page.get_by_role("heading", level=1).wait_for()
        assert (page.url, flaws(page)) == (page.url, [])
        assert (page.url, page.evaluate("document.documentElement.scrollWidth")) == (page.url, 320)

    write_profile(page, "physics", "ОУ „Гоце Делчев“")
    look(page)
    for path in (
        f"{home}/members",
        f"{home}/members?words=zzz",
        f"{seat}/people/{teacher}",
        f"{seat}/people/{person(school, school.student)}",
        f"{seat}/messages",
        f"{seat}/messages/new",
        f"{seat}/messages/write?to={person(school, school.mentor)}&to={teacher}",
    ):
        page.goto(path)
        look(page)
    page.get_by_label("Your message").fill("To both of you, with an address: https://example.org/a/very/long/way/to/it")
    page.get_by_role("button", name="Send").click()
    page.locator("summary", has_text="More about").first.click()
    look(page)
    page.get_by_role("link", name="Leave this talk").click()
    look(page)
    page.goto(f"{seat}/people/{teacher}")
    page.locator("summary", has_text="More about").click()
    page.get_by_role("button", name="Block").click()
    look(page)
    page.goto(f"{seat}/me")
    look(page)
    page.get_by_role("button", name=f"Undo {school.teacher.name}").click()
    page.goto(f"{seat}/peers")
    look(page)
    page.goto(f"{seat}/peers?subject=art")
    look(page)
    forget(school)


def _seat(frame: Frame) -> str:
    return frame.url.partition("/s/")[2].partition("/")[0]
