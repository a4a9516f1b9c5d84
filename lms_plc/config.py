"""Settings: from the environment, or from one file of ``NAME=value`` lines.

``PLC_ENV_FILE`` names the file (default ``plc.env``).
A half-set installation refuses to start and says which setting is missing, what it is for and what it looks like.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
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
