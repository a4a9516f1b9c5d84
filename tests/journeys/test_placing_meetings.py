"""Meetings stand in the course: one of them, a series, and whatever is on; each opens right there."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .conftest import School, Someone, tool_frame

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

TOOL = "Learning communities"


@pytest.fixture
def opened(browser: Any, sign_in: Callable[..., None]) -> Callable[..., Frame]:
    """``opened(person, course, name)``: by an activity of the course to where it leads."""

    def go(person: Someone, course: int, name: str) -> Frame:
        page: Page = browser().new_page()
        sign_in(page, person, course)
        page.get_by_role("link", name=name).click()
        frame = tool_frame(page)
        frame.get_by_role("heading", level=1).wait_for()
        return frame

    return go


def test_a_meeting_a_series_and_a_running_protocol_open_from_the_course(
    browser, come_in, sign_in, opened, school: School, flaws
) -> None:
    course = school.practice.copy_course(school.talgar).id
    school.practice.enrol(course, school.teacher.id, "editingteacher")
    school.practice.enrol(course, school.student.id, "student")
    page = browser().new_page()
    teacher = come_in(page, school.teacher, course)
    teacher.get_by_label("Name of the community").fill("Circle of the course")
    teacher.get_by_role("radio", name=re.compile("Every second week")).check()
    teacher.get_by_role("button", name="Open the community").click()
    teacher.get_by_role("link", name="Our founding meeting").wait_for()

    sign_in(page, school.teacher, course)
    page.get_by_role("link", name=f"Add from {TOOL}").click()
    picker = tool_frame(page)
    picker.wait_for_url(f"{school.tool}/s/*/choices/**")
    assert flaws(picker) == []
    picker.get_by_role("checkbox", name="Home", exact=True).uncheck()
    picker.get_by_role("checkbox", name="What is on now").check()
    for part in ("One meeting: Our founding meeting", "A series of meetings: Our meeting"):
        ours = picker.locator(".choice", has_text=part).filter(has_text="Circle of the course")
        ours.get_by_role("checkbox").check()
    picker.get_by_role("button", name="Place it in the course").click()
    page.wait_for_url("**/as/*/course/*")

    student = opened(school.student, course, "Our founding meeting – ")
    expect(student.get_by_role("heading", level=1)).to_have_text("Our founding meeting")
    series = opened(school.student, course, "Our meeting – ")
    expect(series.get_by_role("heading", level=1)).to_have_text("Our meeting")
    nothing_runs = opened(school.student, course, "What is on now – ")
    expect(nothing_runs.get_by_role("heading", level=1)).to_have_text("Our founding meeting")

    leads = opened(school.teacher, course, "Our founding meeting – ")
    leads.goto(leads.url.partition("?")[0] + "/run")
    leads.get_by_role("button", name="Begin with this").click()
    leads.wait_for_url("**/runs/*")
    for name in ("What is on now – ", "Our founding meeting – "):
        opened(school.student, course, name).wait_for_url("**/runs/*")

    copy = school.practice.copy_course(course, with_people=True).id
    own = opened(school.teacher, copy, "What is on now – ")
    own.wait_for_url("**/communities/*/meetings")
    expect(own.get_by_text("No meeting yet")).to_be_visible()
    own = opened(school.teacher, copy, "Our founding meeting – ")
    own.wait_for_url("**/communities/*/meetings")
