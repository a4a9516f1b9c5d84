"""A whole practice LMS in one object, for demos and tests that build it in their own process."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from flask.testing import FlaskClient

from lms_plc.practice_lms import platform
from lms_plc.practice_lms.app import create_app, open_state
from lms_plc.practice_lms.claims import IN_FRAME
from lms_plc.practice_lms.faults import Fault
from lms_plc.practice_lms.notices import announce_copy
from lms_plc.practice_lms.school_year import Course
from lms_plc.practice_lms.settings import Settings, registration
from lms_plc.practice_lms.state import State


def web_service_token(state: State) -> str:
    """The token of the connector's account, good for every web service function that no admin took from it."""
    return state.ws_token


class Practice:
    """``app`` serves it; ``state`` holds it; the verbs change it as the admin pages do.

    ``now`` gives Unix seconds and can be replaced to travel in time.
    """

    def __init__(
        self,
        data_dir: Path,
        base_url: str = "http://127.0.0.1:8001",
        tool_url: str = "http://localhost:8000",
        *,
        faults: Iterable[Fault] = (),
        now: Callable[[], float] = time.time,
        preset_tool: bool = True,
        beyond: Iterable[str] = (),
    ) -> None:
        self.settings = Settings(
            data_dir, base_url, tool_url, tuple(faults), preset_tool=preset_tool, beyond=frozenset(beyond)
        )
        self.state = open_state(self.settings, now)
        self.app = create_app(self.settings, self.state)
        self.enrol = self.state.enrol
        self.unenrol = self.state.unenrol
        self.suspend = self.state.suspend
        self.reactivate = self.state.reactivate
        self.rename = self.state.rename
        self.turn = self.state.turn
        self.allow_function = self.state.allow_function

    @property
    def registration(self) -> dict[str, str]:
        return registration(self.settings)

    @property
    def web_service_token(self) -> str:
        return web_service_token(self.state)

    def copy_course(self, course_id: int, *, with_people: bool = False) -> Course:
        """The new course; tools that asked for it get a notice. Raises KeyError for an unknown course."""
        course = self.state.copy_course(course_id, with_people=with_people)
        announce_copy(self.state, self.settings, course)
        return course

    def big_course(self, size: int) -> Course:
        """A course of ``size`` people, made when it is first read."""
        return self.state.add_big_course(size)

    def browser(self, *user_ids: int) -> FlaskClient:
        """A test client in which these people are signed in."""
        client = self.app.test_client()
        for user_id in user_ids:
            client.post("/signin", data={"person": user_id})
        return client

    def launch_form(self, user_id: int, course_id: int, container: int = IN_FRAME) -> dict[str, str]:
        """The fields the LMS posts to the tool's login address for the first activity of a course.

        Raises KeyError for an unknown course, IndexError for one without activities.
        """
        activity = self.state.activities(course_id)[0]
        tool = self.state.tool(activity.tool_id)
        assert tool is not None
        launch = platform.activity_launch(user_id, activity, tool, container)
        return platform.login_initiation(self.state, self.settings, tool, launch)

    def authorise(self, user_id: int, asked: dict[str, str]) -> dict[str, str]:
        """The fields posted to the tool's launch address, for the query of the tool's redirect.

        Raises platform.InvalidRequest where a browser would see an error page.
        """
        return platform.authorise(self.state, self.settings, asked, [user_id])
