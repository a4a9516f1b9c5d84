"""Somebody in the middle of choosing content of a tool."""

from collections.abc import Callable
from typing import Any

from lms_plc.practice_lms import Practice
from lms_plc.practice_lms.school_year import staff_ids
from lms_plc.practice_lms.settings import CLIENT_ID
from tests.lms_plc.practice_lms.forms import opened

NOW = 1_795_323_264
VELES = 5
LEADER = staff_ids("veles")[0]
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = f"{DL}deep_linking_settings"
BEGIN = f"/as/{LEADER}/mod/lti/contentitem.php?id=1&course={VELES}"


class Choice:
    """A tool in whose frame the leader of Veles is choosing."""

    def __init__(self, practice: Practice, sign: Callable[[dict[str, Any]], str]) -> None:
        self.practice = practice
        self.sign = sign
        self.browser = practice.browser(LEADER)
        self.request = opened(practice, self.browser, BEGIN)
        self.nonce = 0

    @property
    def way_back(self) -> str:
        return self.request[SETTINGS]["deep_link_return_url"].removeprefix(self.practice.settings.base_url)

    def answer(self, items: Any, **claims: Any) -> dict[str, Any]:
        self.nonce += 1
        return {
            "iss": CLIENT_ID,
            "aud": [self.practice.settings.base_url],
            "iat": NOW,
            "exp": NOW + 300,
            "nonce": f"n-{self.nonce}",
            f"{LTI}message_type": "LtiDeepLinkingResponse",
            f"{LTI}version": "1.3.0",
            f"{LTI}deployment_id": "1",
            f"{DL}content_items": items,
        } | claims

    def send(self, items: Any, **claims: Any) -> Any:
        return self.post(self.sign(self.answer(items, **claims)))

    def post(self, token: str) -> Any:
        return self.browser.post(self.way_back, data={"JWT": token})
