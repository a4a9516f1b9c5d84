"""Does the command line end with the right code and one sentence, whatever is the matter?"""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lms_plc import __version__


def everything_off(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PLC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(folder)


class TestCodes:
    def test_done_is_zero(self, installed: Path, typed: Any) -> None:
        assert typed("sites", "list").code == 0
        assert typed("--help").code == 0
        assert __version__ in typed("--version").out

    def test_refused_is_one_with_a_sentence_on_stderr(
        self, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        everything_off(monkeypatch, tmp_path)
        refused = typed("sites", "list")
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith("PLC_BASE_URL is not set.")
        assert "Traceback" not in refused.err

    def test_wrong_usage_is_two(self, installed: Path, typed: Any) -> None:
        for words in (("sights",), ("sites", "list", "--colour"), ("sites", "approve")):
            wrong = typed(*words)
            assert (wrong.code, wrong.out) == (2, "")
            assert "Usage: " in wrong.err

    def test_breaking_off_is_a_hundred_and_thirty(
        self, installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(_: str) -> str:
            raise KeyboardInterrupt

        monkeypatch.setattr("click.termui.hidden_prompt_func", interrupted)
        assert typed("sites", "connect", "https://moodle.example.org").code == 130

    def test_a_process_ends_the_same_way(self, installed: Path) -> None:
        def run(*words: str) -> tuple[int, str, str]:
            done = subprocess.run(
                [sys.executable, "-m", "lms_plc", *words], capture_output=True, text=True, timeout=60, check=False
            )
            return done.returncode, done.stdout, done.stderr

        assert run("sites", "list") == (
            0,
            "No site yet. Begin with: lms-plc sites connect https://moodle.example.org\n",
            "",
        )
        code, out, err = run("sites", "show", "nowhere")
        assert (code, out, err) == (1, "", "There is no site called nowhere. See: lms-plc sites list\n")


class TestTheDatabase:
    def test_an_old_database_is_told_and_can_be_upgraded(
        self, installed: Path, typed: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLC_DATABASE_URL", f"sqlite:///{installed / 'empty.db'}")
        refused = typed("sites", "list")
        assert refused.code == 1
        assert re.fullmatch(
            r"The database is at version none, the code needs \d+\. Run: lms-plc db upgrade\n", refused.err
        )
        for _ in range(2):
            assert typed("db", "upgrade").out == "The database is up to date.\n"
        assert typed("sites", "list").code == 0

    def test_one_that_does_not_answer_is_told_without_its_address(
        self, installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for url in (
            f"sqlite:///{installed / 'no' / 'plc.db'}",
            "postgresql://plc:canary@/plc?host=/nonexistent&connect_timeout=2",
        ):
            monkeypatch.setenv("PLC_DATABASE_URL", url)
            for words in (("sites", "list"), ("db", "upgrade")):
                refused = typed(*words)
                assert (refused.code, refused.out) == (1, "")
                assert refused.err.startswith("The database does not answer.")
                assert "canary" not in refused.err

    def test_secrets_sealed_with_another_key_are_told(
        self, installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert typed("lti", "keys", "list").code == 0
        monkeypatch.setenv("PLC_SECRET_KEY", "another key for tests, also long enough")
        refused = typed("lti", "keys", "list")
        assert (refused.code, refused.out) == (1, "")
        assert "sealed with another PLC_SECRET_KEY" in refused.err


class TestInit:
    def test_it_writes_a_file_for_its_owner_alone_and_the_tool_runs_with_it(
        self, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        everything_off(monkeypatch, tmp_path)
        done = typed("init", "--base-url", "https://plc.example.org")
        assert done.code == 0, done.err
        file = tmp_path / "plc.env"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        key = re.search("PLC_SECRET_KEY=(.{60,})", file.read_text())
        assert key is not None
        assert key[1] not in done.out + done.err
        assert typed("sites", "list").code == 0
        assert (tmp_path / "plc-data" / "plc.db").is_file()

    def test_it_overwrites_nothing(self, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        everything_off(monkeypatch, tmp_path)
        (tmp_path / "plc.env").write_text("mine")
        refused = typed("init", "--base-url", "https://plc.example.org")
        assert (refused.code, "is there already" in refused.err) == (1, True)
        assert (tmp_path / "plc.env").read_text() == "mine"

    def test_the_file_may_be_called_otherwise(
        self, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
    ) -> None:
        everything_off(monkeypatch, tmp_path)
        monkeypatch.setenv("PLC_ENV_FILE", str(tmp_path / "other.env"))
        done = typed("init", "--base-url", "https://plc.example.org", "--database-url", database_url)
        assert done.code == 0, done.err
        assert f"PLC_DATABASE_URL={database_url}\n" in (tmp_path / "other.env").read_text()
        assert typed("sites", "list").code == 0

    def test_a_wrong_address_leaves_nothing_behind(
        self, typed: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        everything_off(monkeypatch, tmp_path)
        refused = typed("init", "--base-url", "plc.example.org")
        assert (refused.code, "PLC_BASE_URL is no web address" in refused.err) == (1, True)
        assert list(tmp_path.iterdir()) == []


def test_commands_that_run_are_handed_to_their_rooms(
    installed: Path, typed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    monkeypatch.setattr("lms_plc.serving.serve", lambda with_worker: called.append(("serve", with_worker)))
    monkeypatch.setattr("lms_plc.serving.work", lambda house: called.append(("work", house.settings.base_url)))
    monkeypatch.setattr("lms_plc.demo.run_demo", lambda demo, fresh: called.append((demo.folder.name, fresh)))
    for words in (("serve",), ("serve", "--no-worker"), ("worker",), ("demo", "--fresh", "--dir", "there")):
        assert typed(*words).code == 0
    assert called == [("serve", True), ("serve", False), ("work", "https://plc.example.org"), ("there", True)]
