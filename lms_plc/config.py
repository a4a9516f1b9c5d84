"""Settings: from the environment, or from one file of ``NAME=value`` lines.

``PLC_ENV_FILE`` names the file (default ``plc.env``).
A half-set installation refuses to start and says which setting is missing, what it is for and what it looks like.
"""

import os
import shlex
import shutil
import ssl
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from lms_plc.web.languages import LOCALES, normalise

ENV_FILE = "plc.env"


class SettingsError(Exception):
    """A setting is missing or wrong. The text tells which, what it is for, and an example."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no web address")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be only scheme, host and port")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise ValueError("must have 32 characters or more")
    return value


def _host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("is no address and port")
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone") from None
    return value


def _known_locale(value: str) -> str:
    known = normalise(value)
    if known is None:
        raise ValueError("is no language we have; there is " + ", ".join(LOCALES))
    return known


def _known_database(value: str) -> str:
    from sqlalchemy import make_url

    try:
        backend = make_url(value).get_backend_name()
    except ArgumentError:
        raise ValueError("is no database URL") from None
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("must be sqlite or postgresql")
    if backend != "sqlite" and find_spec("psycopg") is None:
        raise ValueError("needs the PostgreSQL driver: pip install 'lms-plc[postgres]'")
    return value


def _mail_address(value: str) -> str:
    name, _, host = value.strip().partition("@")
    if not name or not host or any(letter.isspace() or letter in '@,;:<>"' for letter in name + host):
        raise ValueError("is no e-mail address")
    if not value.isascii():
        raise ValueError("must be in ASCII; a domain in other letters has an xn-- form")
    return f"{name}@{host}"


def _mail_addresses(value: Any) -> Any:
    return [one for one in value.split(",") if one.strip()] if isinstance(value, str) else value


def _mail_server(value: str) -> str:
    try:
        parts = urlsplit(value)
        named = parts.hostname and parts.port != 0
    except ValueError:  # its text may quote the password
        raise ValueError("is no mail server") from None
    if parts.scheme not in ("smtp", "smtps") or not named or parts.path.strip("/") or parts.fragment:
        raise ValueError("is no mail server")
    if parts.query not in ("", "starttls=1") or (parts.query and parts.scheme == "smtps"):
        raise ValueError("takes ?starttls=1 behind smtp://, and nothing else")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("needs user name and password, or neither")
    clear = parts.scheme == "smtp" and not parts.query
    if parts.password and clear and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("would send its password in clear; add ?starttls=1, or use smtps://")
    return value


def _proxy_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # not from within: the error of a bad port holds the value, and with it a password
    if not usable:
        raise ValueError("is no address of a proxy")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be only scheme, host and port, with a name and password where the proxy asks for them")
    return value.rstrip("/")


def _program(value: str) -> str:
    try:
        words = shlex.split(value)
    except ValueError:
        raise ValueError("is no command: a quotation mark is missing") from None
    if not words or shutil.which(words[0]) is None:
        raise ValueError("names no program of this machine")
    return value


def _authorities(value: Path) -> Path:
    if not value.is_file():
        raise ValueError("names no file")
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise ValueError("names a file that holds no certificate in PEM") from None
    return value.resolve()


class Settings(BaseSettings):
    """Every setting; ``description`` says what it is for and ``examples`` what it looks like."""

    model_config = SettingsConfigDict(env_prefix="PLC_", extra="ignore", env_ignore_empty=True)

    base_url: Annotated[str, AfterValidator(_web_address)] = Field(
        description="where browsers reach this tool; the LMS is told the same address",
        examples=["https://plc.example.org"],
    )
    secret_key: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        description="signs forms and seals LMS tokens and private keys in the database; keep it with your backups",
        examples=["(64 random characters; `lms-plc init` writes one)"],
    )
    data_dir: Path = Field(
        default=Path("plc-data"),
        description="folder for the embedded database and what belongs to this machine",
        examples=["/var/lib/lms-plc"],
    )
    database_url: Annotated[str, AfterValidator(_known_database)] | None = Field(
        default=None,
        repr=False,  # it may hold a password
        description="one database for several machines; without it an SQLite file in PLC_DATA_DIR",
        examples=["postgresql://plc:password@db.example.org/plc"],
    )
    allow_private_hosts: bool = Field(
        default=False,
        description="allow an LMS on a private or loopback address, and over plain http",
        examples=["1"],
    )
    proxy: Annotated[str, AfterValidator(_proxy_address)] | None = Field(
        default=None,
        repr=False,  # it may hold a password
        description="the proxy through which every LMS is called, where this machine may not call out by itself",
        examples=["http://proxy.example.org:3128"],
    )
    ca_bundle: Annotated[Path, AfterValidator(_authorities)] | None = Field(
        default=None,
        description="PEM file of all authorities to trust when an LMS is called, in place of the public ones; for a"
        " school with an authority of its own",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    lms_administrators: str = Field(
        default="technical",
        pattern="^(technical|member|nothing)$",
        description="what an unenrolled LMS administrator gets: the technical side, membership, or nothing",
        examples=["technical"],
    )
    anonymous_launches: bool = Field(
        default=False,
        description="show visitors whom the LMS does not name what a community is for; they never take part",
        examples=["1"],
    )
    sync_every_minutes: int = Field(
        default=60,
        ge=5,
        le=7 * 24 * 60,
        description="how often the worker reads the rosters of connected sites",
        examples=["60"],
    )
    default_locale: Annotated[str, AfterValidator(_known_locale)] = Field(
        default="en", description="language of pages for people whose LMS names none we have", examples=["mk"]
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC",
        description="time zone of pages for people whose LMS names none",
        examples=["Europe/Skopje"],
    )
    listen: Annotated[str, AfterValidator(_host_and_port)] = Field(
        default="127.0.0.1:8000",
        description="address and port the server listens on",
        examples=["0.0.0.0:8000"],
    )
    web_workers: int = Field(default=1, ge=1, le=64, description="server processes on this machine", examples=["2"])
    log_format: Annotated[str, NoDecode] = Field(
        default="text",
        pattern="^(text|json)$",
        description="log lines for people or for machines",
        examples=["json"],
    )
    alarm_webhook: str | None = Field(
        default=None,
        repr=False,  # chat programs put a secret into it
        description="address that is told of alarms, by a signed POST",
        examples=["https://alarms.example.org/plc"],
    )
    alarm_email: Annotated[
        tuple[Annotated[str, AfterValidator(_mail_address)], ...], NoDecode, BeforeValidator(_mail_addresses)
    ] = Field(
        default=(),
        repr=False,  # people's
        description="who gets alarms by mail, with commas between; needs PLC_SMTP_URL and PLC_MAIL_FROM",
        examples=["it@example.org,help@example.org"],
    )
    smtp_url: Annotated[str, AfterValidator(_mail_server)] | None = Field(
        default=None,
        validate_default=True,
        repr=False,  # it may hold a password
        description="mail server that takes our mail; what is special in a password is percent-encoded",
        examples=["smtp://user:password@mail.example.org:587?starttls=1"],
    )
    mail_from: Annotated[str, AfterValidator(_mail_address)] | None = Field(
        default=None,
        validate_default=True,
        description="sender of our mail",
        examples=["plc@example.org"],
    )
    file_limit_mb: int = Field(
        default=10, ge=1, le=100, description="how large one attached file may be, in megabytes", examples=["10"]
    )
    files_quota_mb: int = Field(
        default=500,
        ge=1,
        description="how much room the files of one community may take in the database, in megabytes",
        examples=["500"],
    )
    scan_command: Annotated[str, AfterValidator(_program)] | None = Field(
        default=None,
        description="virus scanner every file is given to on its input; it answers 0 for clean and 1 for infected",
        examples=["clamdscan --no-summary -"],
    )
    paperwork_ceiling: int = Field(
        default=15,
        ge=1,
        le=600,
        description="minutes a month that forms may take each member before whoever organises is warned",
        examples=["15"],
    )
    metrics_token: Annotated[SecretStr, AfterValidator(_long_enough)] | None = Field(
        default=None,
        description="opens /metrics to a machine that sends it as Bearer token; without it there is no such page",
        examples=["(64 random characters)"],
    )

    @field_validator("alarm_webhook")
    @classmethod
    def _callable(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            named = parts.hostname and parts.port != 0
        except ValueError:
            raise ValueError("is no web address") from None
        if parts.scheme not in ("http", "https") or not named:
            raise ValueError("is no web address")
        if parts.username or parts.fragment:
            raise ValueError("must have no user name and no #")
        if parts.scheme != "https" and not others.data.get("allow_private_hosts"):
            raise ValueError("must be https")
        return value

    @field_validator("smtp_url", "mail_from")
    @classmethod
    def _complete(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None and others.data.get("alarm_email"):
            raise ValueError("is not set, and PLC_ALARM_EMAIL needs it")
        return value

    @model_validator(mode="after")
    def _https_outside(self) -> Self:
        host = urlsplit(self.base_url).hostname
        if not self.https and not self.allow_private_hosts and host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("must be https: browsers drop the cookies of an http tool inside an LMS")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'plc.db').resolve()}"

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")


def read_settings(*, from_file: bool = True, **given: object) -> Settings:
    """The settings in force. ``given`` overrides the environment, which overrides the file.

    ``from_file=False`` is for whoever is about to write that file. Raises SettingsError naming every missing or wrong
    setting at once.
    """
    file = Path(os.environ.get("PLC_ENV_FILE") or ENV_FILE)
    if from_file and os.environ.get("PLC_ENV_FILE") and not file.is_file():
        raise SettingsError(f"PLC_ENV_FILE names {file}, and there is no such file.")
    try:
        return Settings(_env_file=file if from_file else None, **given)  # type: ignore[call-arg,arg-type]
    except ValidationError as wrong:
        raise SettingsError(_explain(wrong)) from None


def _explain(wrong: ValidationError) -> str:
    lines = []
    for error in wrong.errors(include_url=False, include_input=False):
        name = str(error["loc"][0]) if error["loc"] else "base_url"
        field = Settings.model_fields[name]
        problem = "is not set" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
        example = field.examples[0] if field.examples else ""
        lines.append(f"PLC_{name.upper()} {problem}.\n  It is for: {field.description}.\n  Example: {example}")
    lines.append(
        "Set it in the environment, or in the file named by PLC_ENV_FILE (default: plc.env here).\n"
        "`lms-plc init` writes such a file."
    )
    return "\n".join(lines)
