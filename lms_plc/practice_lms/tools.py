"""The tools this site knows: the one it was started with, and those that registered themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lms_plc.practice_lms.scopes import EVERY_SCOPE
from lms_plc.practice_lms.settings import CLIENT_ID, DEPLOYMENT_ID, Settings

PRESET = int(DEPLOYMENT_ID)
"""The number of the tool of the settings; it stays free when the site is started without one."""

CUSTOM_PARAMETERS = (
    ("context_id_history", "$Context.id.history"),
    ("link_id_history", "$ResourceLink.id.history"),
    ("group_ids", "$Moodle.Person.userGroupIds"),
)
"""What the admin typed. Moodle 4.5 has no history of links and sends that line as it was typed."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool type; its number is the deployment id. ``active`` is False until the admin has said yes.

    ``deep_link_url`` and ``privacy_url`` are '' where the tool's launch address serves; ``names`` and ``emails`` say
    what the tool is told about people.
    """

    id: int
    client_id: str
    name: str
    login_url: str
    launch_url: str
    keys_url: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    description: str = ""
    logo_url: str = ""
    deep_linking: bool = False
    deep_link_url: str = ""
    privacy: bool = False
    privacy_url: str = ""
    names: bool = True
    emails: bool = True
    active: bool = True

    @property
    def deployment_id(self) -> str:
        return str(self.id)

    @property
    def domain(self) -> str:
        return domain_of(self.launch_url)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where pages of the tool may come from, that of its launches first."""
        return tuple(dict.fromkeys(map(origin_of, (self.launch_url, self.login_url, *self.redirect_uris))))


def preset_tool(settings: Settings) -> Tool | None:
    """The tool of the settings as type 1; None when the site starts with none."""
    if not settings.preset_tool:
        return None
    return Tool(
        id=PRESET,
        client_id=CLIENT_ID,
        name="Learning communities",
        login_url=settings.login_url,
        launch_url=settings.launch_url,
        keys_url=settings.tool_keys_url,
        redirect_uris=(settings.launch_url,),
        scopes=EVERY_SCOPE,
        custom=CUSTOM_PARAMETERS,
        deep_linking=True,
        privacy=True,
    )


def kept_tool(fields: Mapping[str, Any]) -> Tool:
    """A tool as it was kept in a file, where tuples are lists."""
    lists = {name: tuple(fields[name]) for name in ("redirect_uris", "scopes")}
    custom = tuple((name, value) for name, value in fields["custom"])
    return Tool(**{**fields, **lists, "custom": custom})


def is_web_address(url: object) -> bool:
    """Whether this is an absolute http or https address without anything a header could not carry."""
    if not isinstance(url, str) or len(url) > 2000 or any(ord(c) <= 32 or c in ";'\"<>" for c in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def domain_of(url: str) -> str:
    """Host and port, as Moodle compares them: lower case, without ``www.``."""
    return urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def tool_for(url: str, sender: Tool, others: Iterable[Tool]) -> int:
    """The number of the tool that opens ``url``: the sender's if it is on its domain, else another's, else 0."""
    fitting = (tool for tool in (sender, *others) if tool.active and tool.domain == domain_of(url))
    return next((tool.id for tool in fitting), 0)
