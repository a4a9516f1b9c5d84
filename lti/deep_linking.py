"""What goes back to the platform when somebody has chosen what to place in a course (Deep Linking 2.0).

A page asks `acceptable` first what this platform takes, and offers nothing else. `answer` then signs the
choice, and the browser posts it to the platform's return address as `answer_form` says. An answer without
items is a cancelled choice. Of the specification's content item types there are the two this tool
has something for: links that are launched, and links that are only opened.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias
from urllib.parse import urlsplit

from lti.browser import new_secret
from lti.claims import DEEP_LINKING, LTI, DeepLinkingSettings, is_storable, is_web_url
from lti.jose import sign
from lti.platforms import Platform
from lti.toolkeys import ToolKey

MESSAGE_TYPE = "LtiDeepLinkingResponse"
ANSWER_LIFE = timedelta(minutes=5)

CLOCK_SLACK = timedelta(seconds=30)
"""An answer is dated this much back: Moodle refuses one from the future, be it by five seconds."""

_NOT_ACCEPTED: Mapping[str, str] = MappingProxyType(
    {
        "type": "the platform does not accept items of this type",
        "several": "the platform accepts one item only",
        "line_item": "the platform does not accept line items",
        "return_url_insecure": "the answer would leave https: the return URL is http, the platform is not",
    }
)


class NotAccepted(ValueError):
    """The platform said that it would not take this; `acceptable` tells before anybody chooses.

    `reason` is `type`, `several`, `line_item` or `return_url_insecure`.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(_NOT_ACCEPTED[reason])


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a platform takes. `media` holds media types for files; `targets` are `iframe`, `window` or
    `embed`."""

    types: tuple[str, ...]
    several: bool
    line_item: bool
    targets: tuple[str, ...]
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture by its address; sizes are pixels. Raises ValueError."""

    url: str
    width: int | None = None
    height: int | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_pixels(self.width, self.height)

    def as_json(self) -> dict[str, Any]:
        return _present(url=self.url, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True)
class Frame:
    """How large a frame in the platform's page should be, in pixels; `src` is for a `Link`, whose frame may
    show another address. Raises ValueError."""

    width: int | None = None
    height: int | None = None
    src: str | None = None

    def __post_init__(self) -> None:
        _check_url(self.src)
        _check_pixels(self.width, self.height)

    def as_json(self) -> dict[str, Any]:
        return _present(src=self.src, width=self.width, height=self.height)


@dataclass(frozen=True, slots=True)
class Window:
    """Which window to open and how; `features` as `window.open` takes them. Raises ValueError."""

    target_name: str | None = None
    width: int | None = None
    height: int | None = None
    features: str | None = None

    def __post_init__(self) -> None:
        _check_texts(self.target_name, self.features)
        _check_pixels(self.width, self.height)

    def as_json(self) -> dict[str, Any]:
        return _present(targetName=self.target_name, width=self.width, height=self.height, windowFeatures=self.features)


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when, either end open. Times are aware. Raises ValueError."""

    begins: datetime | None = None
    ends: datetime | None = None

    def __post_init__(self) -> None:
        for moment in (self.begins, self.ends):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError("a period needs times that know their zone")
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError("a period ends after it begins")

    def as_json(self) -> dict[str, Any]:
        return _present(startDateTime=_iso(self.begins), endDateTime=_iso(self.ends))


@dataclass(frozen=True, slots=True)
class SubmissionReview:
    """That a learner's work can be looked at from the gradebook (Submission Review 1.0), in the activity
    states named by `statuses`. Raises ValueError."""

    statuses: tuple[str, ...] = ()
    label: str | None = None
    url: str | None = None
    custom: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_texts(self.label, *self.statuses)
        object.__setattr__(self, "custom", _checked_custom(self.custom))

    def as_json(self) -> dict[str, Any]:
        shown = _present(label=self.label, url=self.url, custom=dict(self.custom) or None)
        return {"reviewableStatus": list(self.statuses), **shown}


@dataclass(frozen=True, slots=True)
class LineItem:
    """The gradebook column that comes with a link (Assignment and Grade Services 2.0). Raises
    ValueError."""

    score_maximum: float
    label: str | None = None
    resource_id: str | None = None
    tag: str | None = None
    submission_review: SubmissionReview | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score_maximum) and self.score_maximum > 0):
            raise ValueError("a line item needs a maximum score above nought")
        _check_texts(self.label, self.resource_id, self.tag)

    def as_json(self) -> dict[str, Any]:
        return _present(
            scoreMaximum=self.score_maximum,
            label=self.label,
            resourceId=self.resource_id,
            tag=self.tag,
            submissionReview=_json(self.submission_review),
        )


@dataclass(frozen=True, slots=True)
class ResourceLinkItem:
    """A link that is launched (“LTI Resource Link”). Without `url` the platform launches the tool's own
    address, without `title` it finds one itself.

    `available` and `submission` say when learners may open it and hand in. Raises ValueError.
    """

    type: ClassVar[str] = "ltiResourceLink"

    url: str | None = None
    title: str | None = None
    text: str | None = None
    icon: Icon | None = None
    thumbnail: Icon | None = None
    iframe: Frame | None = None
    window: Window | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    line_item: LineItem | None = None
    available: Period | None = None
    submission: Period | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_texts(self.title, self.text)
        if self.iframe is not None and self.iframe.src is not None:
            raise ValueError("the frame of a launched link has no address of its own")
        object.__setattr__(self, "custom", _checked_custom(self.custom))

    def as_json(self) -> dict[str, Any]:
        """The item as the specification writes it; what is absent is left out."""
        return {"type": self.type} | _present(
            url=self.url,
            title=self.title,
            text=self.text,
            icon=_json(self.icon),
            thumbnail=_json(self.thumbnail),
            iframe=_json(self.iframe) or None,
            window=_json(self.window) or None,
            custom=dict(self.custom) or None,
            lineItem=_json(self.line_item),
            available=_json(self.available) or None,
            submission=_json(self.submission) or None,
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is opened, not launched (“Link”). Raises ValueError."""

    type: ClassVar[str] = "link"

    url: str
    title: str | None = None
    text: str | None = None
    icon: Icon | None = None
    thumbnail: Icon | None = None
    iframe: Frame | None = None
    window: Window | None = None

    def __post_init__(self) -> None:
        _check_url(self.url)
        _check_texts(self.title, self.text)

    def as_json(self) -> dict[str, Any]:
        """The item as the specification writes it; what is absent is left out."""
        return {"type": self.type} | _present(
            url=self.url,
            title=self.title,
            text=self.text,
            icon=_json(self.icon),
            thumbnail=_json(self.thumbnail),
            iframe=_json(self.iframe) or None,
            window=_json(self.window) or None,
        )


ContentItem: TypeAlias = ResourceLinkItem | Link


@dataclass(frozen=True, slots=True)
class DeepLinkingAnswer:
    """A signed answer. Moodle's return URL holds a key of the person's session, so no repr shows either."""

    return_url: str = field(repr=False)
    jwt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form that carries an answer: the browser posts `fields` to `action`."""

    action: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


def acceptable(settings: DeepLinkingSettings) -> Acceptance:
    """What the platform takes, for the page that offers a choice.

    A platform that says nothing of several items gets one. One that says nothing of line items may get them
    (Moodle says nothing, and keeps them).
    """
    listed = (settings.accept_media_types or "").split(",")
    return Acceptance(
        types=settings.accept_types,
        several=settings.accept_multiple is True,
        line_item=settings.accept_lineitem is not False,
        targets=settings.accept_presentation_document_targets,
        media=tuple(media.strip() for media in listed if media.strip()),
    )


def answer(
    settings: DeepLinkingSettings,
    items: Sequence[ContentItem],
    *,
    platform: Platform,
    deployment_id: str,
    key: ToolKey,
    clock: Callable[[], datetime],
    message: str | None = None,
    log: str | None = None,
    error_message: str | None = None,
    error_log: str | None = None,
    with_party: bool = False,
) -> DeepLinkingAnswer:
    """The answer to a deep linking request (“Deep Linking Response Message”), signed with `key`; without
    items, the choice was cancelled.

    `message` and `error_message` are shown to the person by the platform, `log` and `error_log` are for its
    log. `clock` gives aware UTC. `with_party` names the platform in `azp` as well, for platforms that want
    it. Raises NotAccepted.
    """
    _check_accepted(acceptable(settings), items)
    if _is_plain(settings.deep_link_return_url) and not _is_plain(platform.auth_url):
        raise NotAccepted("return_url_insecure")
    issued = clock() - CLOCK_SLACK
    claims = _present(
        iss=platform.client_id,
        aud=[platform.issuer],
        azp=platform.issuer if with_party else None,
        iat=int(issued.timestamp()),
        exp=int((issued + ANSWER_LIFE).timestamp()),
        nonce=new_secret(),
    )
    said = {
        LTI + "deployment_id": deployment_id,
        LTI + "message_type": MESSAGE_TYPE,
        LTI + "version": "1.3.0",
        DEEP_LINKING + "content_items": [item.as_json() for item in items],
        DEEP_LINKING + "data": settings.data,
        DEEP_LINKING + "msg": message,
        DEEP_LINKING + "log": log,
        DEEP_LINKING + "errormsg": error_message,
        DEEP_LINKING + "errorlog": error_log,
    }
    return DeepLinkingAnswer(settings.deep_link_return_url, sign(claims | _present(**said), key.private_pem, key.kid))


def answer_form(answer: DeepLinkingAnswer) -> AnswerForm:
    """How the browser brings `answer` to the platform."""
    return AnswerForm(answer.return_url, MappingProxyType({"JWT": answer.jwt}))


def _check_accepted(accepted: Acceptance, items: Sequence[ContentItem]) -> None:
    if any(item.type not in accepted.types for item in items):
        raise NotAccepted("type")
    if len(items) > 1 and not accepted.several:
        raise NotAccepted("several")
    has_line_item = any(isinstance(item, ResourceLinkItem) and item.line_item is not None for item in items)
    if has_line_item and not accepted.line_item:
        raise NotAccepted("line_item")


def _is_plain(url: str) -> bool:
    return urlsplit(url).scheme == "http"


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _json(part: Icon | Frame | Window | Period | SubmissionReview | LineItem | None) -> dict[str, Any] | None:
    return part.as_json() if part is not None else None


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment is not None else None


def _check_url(url: str | None) -> None:
    if url is not None and not is_web_url(url):
        raise ValueError("an item's address is an absolute http or https URL")


def _check_pixels(*sizes: int | None) -> None:
    if any(size is not None and size <= 0 for size in sizes):
        raise ValueError("a size in pixels is above nought")


def _check_texts(*texts: str | None) -> None:
    if any(text is not None and not is_storable(text) for text in texts):
        raise ValueError("a text holds characters no platform can store")


def _checked_custom(custom: Mapping[str, str]) -> Mapping[str, str]:
    """A copy that does not change. Line breaks are refused: platforms keep one parameter a line, and the rest
    of a value would become a parameter of its own."""
    for name, value in custom.items():
        if not name or "=" in name or not is_storable(name + value) or (name + value).splitlines() != [name + value]:
            raise ValueError("a custom parameter has a name without = and stands on one line")
    return MappingProxyType(dict(custom))
