"""Does the way the schema is built lead to what the code expects, and does old or new keep the house shut?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from lms_plc import migrations
from lms_plc.app import create_app
from lms_plc.config import Settings
from lms_plc.core.database import Database
from lms_plc.house import open_house
from lms_plc.migrations import METADATA, SchemaOutdated, require_current, upgrade
from lms_plc.preparation import prepare
from lms_plc.sites.stores import StoredToolKeys


def settings_of(url: str, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        base_url="https://plc.example.org",
        secret_key="a key for tests, long enough to be one",
        data_dir=folder,
        database_url=url,
    )


def is_ours(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:
    if kind != "table":
        return True
    apart = (migrations.VERSION_TABLE, migrations.WORDS)
    return bool(name and name.startswith("plc_") and not name.startswith(apart))


def test_the_migrated_schema_is_what_the_models_say(prepared_url: str) -> None:
    database = Database(prepared_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
        assert compare_metadata(context, METADATA) == []
        assert set(METADATA.tables) <= set(inspect(connection).get_table_names())
    database.dispose()


def test_an_empty_database_keeps_the_house_shut_until_it_is_upgraded(database_url: str, tmp_path: Path) -> None:
    database, settings = Database(database_url), settings_of(database_url, tmp_path)
    with pytest.raises(SchemaOutdated) as refused:
        create_app(settings)
    assert refused.value.found is None
    assert "the database is at version none" in str(refused.value)
    for _ in range(2):
        upgrade(database)
    require_current(database)
    create_app(settings).extensions["plc"].database.dispose()
    database.dispose()


def test_a_database_of_another_version_keeps_the_house_shut(prepared_url: str, tmp_path: Path) -> None:
    database = Database(prepared_url)
    with database.write() as session:
        session.execute(text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(SchemaOutdated) as refused:
        create_app(settings_of(prepared_url, tmp_path))
    assert refused.value.found == "9999"
    database.dispose()


def test_two_machines_may_upgrade_at_once(database_url: str) -> None:
    def run(_: int) -> None:
        database = Database(database_url)
        upgrade(database)
        require_current(database)
        database.dispose()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))


def test_preparing_again_keeps_the_keys(prepared_url: str, tmp_path: Path) -> None:
    house = open_house(settings_of(prepared_url, tmp_path))
    keys = StoredToolKeys(house.database, house.seal, house.clock)
    before = [key.kid for key in keys.load()]
    prepare(house)
    assert [key.kid for key in keys.load()] == before
    assert before
    house.database.dispose()


def test_a_database_that_does_not_answer_is_no_old_database(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        require_current(Database(f"sqlite:///{tmp_path / 'nowhere' / 'plc.db'}"))
