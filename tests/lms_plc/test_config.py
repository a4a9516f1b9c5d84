"""Is every setting that is missing or wrong named, with what it is for and what it looks like?"""

import os
from pathlib import Path

import certifi
import pytest

from lms_plc.config import Settings, SettingsError, read_settings

GOOD = {"PLC_BASE_URL": "https://plc.example.org", "PLC_SECRET_KEY": "k" * 32}


@pytest.fixture(autouse=True)
def _an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PLC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings()
    return str(refused.value)


def test_two_settings_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **GOOD)
    settings = read_settings()
    assert settings.base_url == "https://plc.example.org"
    assert settings.https
    assert settings.database == f"sqlite:///{Path('plc-data/plc.db').resolve()}"
    assert "kkk" not in repr(settings)


@pytest.mark.parametrize("missing", GOOD)
def test_what_is_missing_is_named_with_purpose_and_example(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    set_all(monkeypatch, **GOOD)
    monkeypatch.delenv(missing)
    said = refusal()
    assert f"{missing} is not set." in said
    field = Settings.model_fields[missing.removeprefix("PLC_").lower()]
    assert f"It is for: {field.description}." in said
    assert field.examples is not None
    assert f"Example: {field.examples[0]}" in said
    assert "lms-plc init" in said
    other = next(name for name in GOOD if name != missing)
    assert f"{other} is" not in said


def test_everything_missing_is_told_at_once() -> None:
    said = refusal()
    assert all(f"{name} is not set." in said for name in GOOD)


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **GOOD, PLC_DATABASE_URL="", PLC_SYNC_EVERY_MINUTES="")
    assert read_settings().sync_every_minutes == 60
    monkeypatch.setenv("PLC_SECRET_KEY", "")
    assert "PLC_SECRET_KEY is not set." in refusal()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("PLC_BASE_URL", "plc.example.org", "is no web address"),
        ("PLC_BASE_URL", "ftp://plc.example.org", "is no web address"),
        ("PLC_BASE_URL", "https://plc.example.org/path", "only scheme, host and port"),
        ("PLC_BASE_URL", "https://plc.example.org/?a", "only scheme, host and port"),
        ("PLC_BASE_URL", "https://me@plc.example.org", "only scheme, host and port"),
        ("PLC_BASE_URL", "http://plc.example.org", "must be https"),
        ("PLC_SECRET_KEY", "secret-canary", "32 characters or more"),
        ("PLC_DATABASE_URL", "secret-canary", "is no database URL"),
        ("PLC_DATABASE_URL", "mysql://u:secret-canary@h/d", "must be sqlite or postgresql"),
        ("PLC_SYNC_EVERY_MINUTES", "1", "greater than or equal to 5"),
        ("PLC_SYNC_EVERY_MINUTES", "often", "valid integer"),
        ("PLC_WEB_WORKERS", "0", "greater than or equal to 1"),
        ("PLC_LOG_FORMAT", "xml", "match pattern"),
        ("PLC_ALLOW_PRIVATE_HOSTS", "perhaps", "valid boolean"),
        ("PLC_PROXY", "secret-canary", "is no address of a proxy"),
        ("PLC_PROXY", "socks5://secret-canary@proxy.example.org", "is no address of a proxy"),
        ("PLC_PROXY", "http://me:secret-canary@proxy.example.org:port", "is no address of a proxy"),
        ("PLC_PROXY", "http://me:secret-canary@proxy.example.org:0", "is no address of a proxy"),
        ("PLC_PROXY", "http://proxy.example.org/secret-canary", "must be only scheme, host and port"),
        ("PLC_CA_BUNDLE", "secret-canary.pem", "names no file"),
        ("PLC_FILE_LIMIT_MB", "0", "greater than or equal to 1"),
        ("PLC_FILES_QUOTA_MB", "much", "valid integer"),
        ("PLC_SCAN_COMMAND", "secret-canary --now", "names no program of this machine"),
        ("PLC_SCAN_COMMAND", "cat 'secret-canary", "a quotation mark is missing"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    set_all(monkeypatch, **GOOD)
    read_settings()
    monkeypatch.setenv(name, value)
    said = refusal()
    assert said.startswith(name)
    assert problem in said
    assert "canary" not in said


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_http_is_for_this_machine_or_an_allowed_network(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    set_all(monkeypatch, **{**GOOD, "PLC_BASE_URL": address})
    assert read_settings().base_url == address
    set_all(monkeypatch, PLC_BASE_URL="http://plc.intern", PLC_ALLOW_PRIVATE_HOSTS="1")
    assert not read_settings().https


def test_an_address_has_one_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **{**GOOD, "PLC_BASE_URL": "https://PLC.Example.org/"})
    assert read_settings().base_url == "https://plc.example.org"


def test_a_proxy_is_kept_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **GOOD, PLC_PROXY="http://me:secret-canary@proxy.example.org:3128/")
    settings = read_settings()
    assert settings.proxy == "http://me:secret-canary@proxy.example.org:3128"
    assert "canary" not in repr(settings)


def test_a_file_of_authorities_holds_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    odd = tmp_path / "ca.pem"
    odd.write_text("secret-canary")
    set_all(monkeypatch, **GOOD, PLC_CA_BUNDLE="ca.pem")
    said = refusal()
    assert said.startswith("PLC_CA_BUNDLE names a file that holds no certificate in PEM.")
    assert "canary" not in said
    odd.write_bytes(Path(certifi.where()).read_bytes())
    assert read_settings().ca_bundle == odd.resolve()


def test_a_file_is_read_and_the_environment_beats_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    (tmp_path / "plc.env").write_text("\n".join([*lines, "PLC_TIMEZONE=Europe/Skopje", "OTHER=1"]))
    assert read_settings().timezone == "Europe/Skopje"
    monkeypatch.setenv("PLC_TIMEZONE", "Asia/Almaty")
    assert read_settings().timezone == "Asia/Almaty"
    assert read_settings(timezone="UTC").timezone == "UTC"


def test_the_file_may_be_called_otherwise_but_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.env"
    monkeypatch.setenv("PLC_ENV_FILE", str(other))
    assert f"PLC_ENV_FILE names {other}, and there is no such file." in refusal()
    other.write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()))
    assert read_settings().base_url == "https://plc.example.org"
