"""What may come in at the desk, and what is wrong with an address in words that help."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from lms_plc.sites.actions import LONGEST_NAME
from lms_plc.web.form_errors import Answer
from lms_plc.web.form_fields import TypedForm
from lms_plc.web.i18n import N_, gettext
from lti.claims import is_identifier, is_web_url


def _none_if_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Optional = BeforeValidator(_none_if_empty)
Address = Annotated[str, Field(min_length=1, max_length=1000)]
Audience = Annotated[Annotated[str, Field(max_length=1000)] | None, Optional]


class LinkForm(TypedForm):
    site_name: Annotated[Annotated[str, Field(max_length=LONGEST_NAME)] | None, Optional] = None


class RegistrationForm(TypedForm):
    """The values a platform shows for a tool that was set up by hand (LTI 1.3 core §3.1.3)."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    issuer: Annotated[str, Field(min_length=1, max_length=500)]
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    deployment_id: Annotated[Annotated[str, Field(max_length=255)] | None, Optional] = None
    auth_url: Address
    token_url: Address
    jwks_url: Address
    token_audience: Audience = None


class AudienceForm(TypedForm):
    token_audience: Audience = None


ADDRESSES = ("issuer", "auth_url", "token_url", "jwks_url")
_IDS = ("client_id", "deployment_id")

LABELS = {
    "name": N_("What to call the platform here"),
    "issuer": N_("Issuer"),
    "client_id": N_("Client ID"),
    "deployment_id": N_("Deployment ID"),
    "auth_url": N_("Sign-in URL"),
    "token_url": N_("Token URL"),
    "jwks_url": N_("Key set URL"),
    "token_audience": N_("Token audience"),
}

NO_ADDRESS = N_("This is no web address; it looks like https://moodle.example.org/…")
NOT_HTTPS = N_("This address is not https, so tokens would cross the network in the clear.")
NO_ID = N_("This holds characters that no such number or code has. Copy it again, without what stands around it.")


def with_addresses_checked(answer: Answer[RegistrationForm], *, allow_http: bool) -> Answer[RegistrationForm]:
    """The same answer, or one in which addresses and ids that cannot be are said at their fields too."""
    said = {error["field"]: error["message"] for error in answer.errors}
    for field in (*ADDRESSES, *_IDS):
        wrong = _wrong(field, answer.given.get(field, "").strip(), allow_http)
        if wrong is not None:
            said.setdefault(field, gettext(wrong))
    if not said:
        return answer
    errors = [{"field": field, "message": said[field]} for field in RegistrationForm.model_fields if field in said]
    return Answer(None, errors, answer.given)


def _wrong(field: str, value: str, allow_http: bool) -> str | None:
    """What is wrong with a value that was given; an absent one is the model's affair."""
    if not value:
        return None
    if field in _IDS:
        return None if is_identifier(value) else NO_ID
    if not is_web_url(value) or urlsplit(value).username is not None:
        return NO_ADDRESS
    return None if allow_http or value.startswith("https://") else NOT_HTTPS
