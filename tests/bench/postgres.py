"""A PostgreSQL server of our own for measuring: in a new folder, on a socket, with its settings as they come."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from lms_plc.core.ids import new_id


def tools() -> Path | None:
    """Where PostgreSQL's programs are, if there are any."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Gives its URL up to the name of the database, which is to be filled in."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    as_postgres: list[str] = []
    if os.geteuid() == 0:  # the server refuses to be root
        shutil.chown(folder, "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", str(20000 + os.getpid() % 20000)

    def run(name: str, *arguments: str) -> None:
        command = [*as_postgres, str(programs / name), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-k {folder} -p {port} -c listen_addresses=''"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}&port={port}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def on_both(measure: Callable[[str, str, str | None], None]) -> None:
    """``measure(name, folder, database URL)`` on SQLite (None) and, where it is installed, on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", folder, None)
    programs = tools()
    if programs is None:
        print("PostgreSQL is missing and not measured; apt-get install postgresql")
        return
    with tempfile.TemporaryDirectory() as folder, server(programs) as url:
        measure("PostgreSQL", folder, new_database(url))


def new_database(server_url: str) -> str:
    """The URL of an empty database."""
    name = f"bench{new_id().hex}"
    engine = create_engine(server_url.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server_url.format(name)
