"""What someone can choose about a practice LMS: where it keeps its file and answers, which tool it opens."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lms_plc.practice_lms.faults import Fault
from lms_plc.practice_lms.switches import SWITCHES

CLIENT_ID = "practice-communities"
"""The client id under which the tool is registered here; also the ``aud`` of every launch."""

DEPLOYMENT_ID = "1"
"""Moodle's deployment id is the number of the tool type: one for the site, not one a course."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Both addresses are origins without a trailing slash.

    They should be different sites (``127.0.0.1`` and ``localhost``), as a real LMS and tool are: only then do
    browsers treat the tool's cookies in the frame as they will in a school. ``faults`` are set from the start;
    ``big_course`` adds a measuring course of that many people, 0 none. Without ``preset_tool`` the site knows no tool
    until one registers, and its courses have no activity. ``beyond`` names the switches that are on, see ``SWITCHES``.
    """

    data_dir: Path
    base_url: str = "http://127.0.0.1:8001"
    tool_url: str = "http://localhost:8000"
    faults: tuple[Fault, ...] = ()
    big_course: int = 0
    preset_tool: bool = True
    beyond: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("base_url", "tool_url"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
                raise ValueError(f"{name} must be only scheme, host and port")
        if unknown := sorted(self.beyond.difference(SWITCHES)):
            raise ValueError(f"there is no switch {', '.join(unknown)}")

    @property
    def login_url(self) -> str:
        return f"{self.tool_url}/lti/login"

    @property
    def launch_url(self) -> str:
        return f"{self.tool_url}/lti/launch"

    @property
    def tool_keys_url(self) -> str:
        return f"{self.tool_url}/lti/jwks"


def registration(settings: Settings) -> dict[str, str]:
    """What an admin copies into the tool: issuer, client id, deployment id and the three addresses."""
    return {
        "issuer": settings.base_url,
        "client_id": CLIENT_ID,
        "deployment_id": DEPLOYMENT_ID,
        "auth_url": f"{settings.base_url}/mod/lti/auth.php",
        "token_url": f"{settings.base_url}/mod/lti/token.php",
        "jwks_url": f"{settings.base_url}/mod/lti/certs.php",
    }
