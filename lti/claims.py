"""What a platform says in a launch: one pydantic model per message, naming what it requires.

Required claims are strict: without them the message is no message. Forgiving claims are forgiving: one that
is wrong counts as absent, because a platform's odd course label must not keep a teacher out. Claim names and
meanings are those of LTI Core 1.3 §5.3 and §5.4; each service's claim names its own specification.

No repr and no error of a model shows a value: they name people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeGuard, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/"
ASSIGNMENT_AND_GRADE = "https://purl.imsglobal.org/spec/lti-ags/claim/"
GROUPS = "https://purl.imsglobal.org/spec/lti-gs/claim/"

LONGEST_ID = 255
"""LTI Core 1.3 bounds every identifier at 255 characters."""
LONGEST_URL = 8000


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether databases and URLs can hold `text`: no NUL, no half of a surrogate pair."""
    return "\0" not in text if text.isascii() else _UNSTORABLE.search(text) is None


def is_identifier(value: object) -> TypeGuard[str]:
    """Whether `value` can be a `sub` or a deployment id: text of 1 to 255 printable ASCII characters."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isascii() and value.isprintable()


_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,4})?(?:/[!#-;=?-\[\]-~]*)?", re.ASCII)
"""Most addresses: nothing in them could be read in two ways."""


def is_web_url(text: str) -> bool:
    """Whether a browser may be sent to `text`: absolute, http or https, with nothing a browser would read
    otherwise."""
    if _PLAIN_URL.fullmatch(text):
        return len(text) <= LONGEST_URL
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port  # one that is no port raises
    except ValueError:
        return False
    return is_web and text.isprintable() and not any(letter in text for letter in ' \\"<>') and len(text) <= LONGEST_URL


def _web_url(text: str) -> str:
    if not is_web_url(text):
        raise ValueError("is not a web address")
    return text


def _texts(value: Any) -> Mapping[str, str]:
    """The texts of a JSON object; whole numbers become text (Canvas sends its ids so), anything else is left
    out."""
    if not isinstance(value, Mapping):
        return MappingProxyType({})
    texts = {
        name: str(item)
        for name, item in value.items()
        if isinstance(item, str) or (isinstance(item, int) and not isinstance(item, bool))
    }
    return MappingProxyType({n: text for n, text in texts.items() if is_storable(n) and is_storable(text)})


def _text_list(value: Any) -> tuple[str, ...]:
    items: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    return tuple(item for item in items if isinstance(item, str) and is_storable(item))


class _AbsentIfWrong:
    """What does not validate is None. Said as a schema, because a validator in Python is called for every claim."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


T = TypeVar("T")
Forgiving = Annotated[T | None, _AbsentIfWrong()]
Text = Annotated[str, StringConstraints(strict=True, pattern=r"\A[^\x00]*\z")]
"""As `is_storable` has it: pydantic itself takes no half of a surrogate pair."""
Identifier = Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_ID)]
WebUrl = Annotated[StrictStr, AfterValidator(_web_url)]
Texts = Annotated[Mapping[str, str], PlainValidator(_texts)]
TextList = Annotated[tuple[str, ...], PlainValidator(_text_list)]


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class Context(_Said):
    """The course (§5.4.1). `type` holds short names or URIs, as sent."""

    id: Identifier
    label: Forgiving[Text] = None
    title: Forgiving[Text] = None
    type: TextList = ()


class ResourceLink(_Said):
    """The place in the course the launch came from (§5.3.5)."""

    id: Identifier
    title: Forgiving[Text] = None
    description: Forgiving[Text] = None


class LaunchPresentation(_Said):
    """How the platform shows the tool (§5.4.4). Sizes are pixels."""

    document_target: Forgiving[Text] = None
    width: Forgiving[StrictInt] = None
    height: Forgiving[StrictInt] = None
    locale: Forgiving[Text] = None
    return_url: Forgiving[WebUrl] = None


class SourcedIds(_Said):
    """Ids of a student information system (§5.4.5)."""

    person_sourcedid: Forgiving[Text] = None
    course_offering_sourcedid: Forgiving[Text] = None
    course_section_sourcedid: Forgiving[Text] = None


class ToolPlatform(_Said):
    """The installation the launch came from (§5.4.2)."""

    guid: Forgiving[Text] = None
    name: Forgiving[Text] = None
    description: Forgiving[Text] = None
    product_family_code: Forgiving[Text] = None
    version: Forgiving[Text] = None
    url: Forgiving[Text] = None
    contact_email: Forgiving[Text] = None


class NamesAndRoles(_Said):
    """Where the members of the course can be read (Names and Role Provisioning Services 2.0, §3.6.1.1)."""

    context_memberships_url: WebUrl
    service_versions: TextList = ()


class AssignmentAndGrade(_Said):
    """Where grades can be written (Assignment and Grade Services 2.0, §3.1)."""

    scope: TextList = ()
    lineitems: Forgiving[WebUrl] = None
    lineitem: Forgiving[WebUrl] = None


class GroupService(_Said):
    """Where the groups of the course can be read (Course Groups Service 1.0, §3.1)."""

    context_groups_url: WebUrl
    context_group_sets_url: Forgiving[WebUrl] = None
    scope: TextList = ()
    service_versions: TextList = ()


class NoticeService(_Said):
    """Where notices of the platform can be asked for (Platform Notification Service 1.0, §3.1)."""

    platform_notification_service_url: WebUrl
    service_versions: TextList = ()
    scope: TextList = ()
    notice_types_supported: TextList = ()


class DeepLinkingSettings(_Said):
    """What a platform accepts as the answer to a deep linking request (Deep Linking 2.0, §4.4)."""

    deep_link_return_url: WebUrl
    accept_types: tuple[Text, ...]
    accept_presentation_document_targets: tuple[Text, ...]
    accept_media_types: Forgiving[Text] = None
    accept_multiple: Forgiving[StrictBool] = None
    accept_lineitem: Forgiving[StrictBool] = None
    auto_create: Forgiving[StrictBool] = None
    title: Forgiving[Text] = None
    text: Forgiving[Text] = None
    data: Forgiving[Text] = None


class ForUser(_Said):
    """Whose submission is looked at (Submission Review 1.0); not the person who launches."""

    user_id: Identifier
    name: Forgiving[Text] = None
    given_name: Forgiving[Text] = None
    family_name: Forgiving[Text] = None
    email: Forgiving[Text] = None
    roles: TextList = ()


class Message(_Said):
    """What every message says (§5.3 and §5.4)."""

    message_type: ClassVar[str]

    roles: tuple[Text, ...] = Field(validation_alias=LTI + "roles")
    target_link_uri: Forgiving[WebUrl] = Field(default=None, validation_alias=LTI + "target_link_uri")

    name: Forgiving[Text] = None
    given_name: Forgiving[Text] = None
    family_name: Forgiving[Text] = None
    email: Forgiving[Text] = None
    locale: Forgiving[Text] = None

    context: Forgiving[Context] = Field(default=None, validation_alias=LTI + "context")
    resource_link: Forgiving[ResourceLink] = Field(default=None, validation_alias=LTI + "resource_link")
    presentation: Forgiving[LaunchPresentation] = Field(default=None, validation_alias=LTI + "launch_presentation")
    sourced_ids: Forgiving[SourcedIds] = Field(default=None, validation_alias=LTI + "lis")
    tool_platform: Forgiving[ToolPlatform] = Field(default=None, validation_alias=LTI + "tool_platform")
    custom: Texts = Field(default_factory=_no_texts, validation_alias=LTI + "custom")
    ext: Texts = Field(default_factory=_no_texts, validation_alias=LTI + "ext")
    role_scope_mentor: TextList = Field(default=(), validation_alias=LTI + "role_scope_mentor")
    names_and_roles: Forgiving[NamesAndRoles] = Field(
        default=None, validation_alias=NAMES_AND_ROLES + "namesroleservice"
    )
    grades: Forgiving[AssignmentAndGrade] = Field(default=None, validation_alias=ASSIGNMENT_AND_GRADE + "endpoint")
    groups: Forgiving[GroupService] = Field(default=None, validation_alias=GROUPS + "groupsservice")
    notices: Forgiving[NoticeService] = Field(default=None, validation_alias=LTI + "platformnotificationservice")


class ResourceLinkRequest(Message):
    """Someone opens a link placed in a course (LTI Core 1.3, §5.3)."""

    message_type: ClassVar[str] = "LtiResourceLinkRequest"

    resource_link: ResourceLink = Field(validation_alias=LTI + "resource_link")
    target_link_uri: WebUrl = Field(validation_alias=LTI + "target_link_uri")


class DeepLinkingRequest(Message):
    """Someone chooses what to place in a course (Deep Linking 2.0, §4.4). It need not name a
    target."""

    message_type: ClassVar[str] = "LtiDeepLinkingRequest"

    settings: DeepLinkingSettings = Field(validation_alias=DEEP_LINKING + "deep_linking_settings")


class SubmissionReviewRequest(Message):
    """A teacher opens one learner's submission from the gradebook (Submission Review 1.0)."""

    message_type: ClassVar[str] = "LtiSubmissionReviewRequest"

    resource_link: ResourceLink = Field(validation_alias=LTI + "resource_link")
    target_link_uri: WebUrl = Field(validation_alias=LTI + "target_link_uri")
    for_user: ForUser = Field(validation_alias=LTI + "for_user")


class DataPrivacyLaunchRequest(Message):
    """Someone asks what the tool keeps about people (Data Privacy Launch 1.0); without `for_user`, about
    themselves."""

    message_type: ClassVar[str] = "LtiDataPrivacyLaunchRequest"

    for_user: Forgiving[ForUser] = Field(default=None, validation_alias=LTI + "for_user")


MESSAGES: Mapping[str, type[Message]] = MappingProxyType(
    {
        message.message_type: message
        for message in (
            ResourceLinkRequest,
            DeepLinkingRequest,
            SubmissionReviewRequest,
            DataPrivacyLaunchRequest,
        )
    }
)
"""`message_type` → its model."""
