"""Serve a practice LMS: ``python -m lms_plc.practice_lms --port 8001 --data DIR --tool http://localhost:8000``."""

import os
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from lms_plc.practice_lms.app import environment
from lms_plc.practice_lms.settings import Settings
from lms_plc.practice_lms.state import State
from lms_plc.practice_lms.switches import SWITCHES

_THREADS = 4


@click.command()
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--data", required=True, type=click.Path(file_okay=False, path_type=Path), help="folder to keep")
@click.option("--tool", default="http://localhost:8000", show_default=True, help="origin of the tool")
@click.option("--base", default=None, help="origin browsers use; default http://HOST:PORT")
@click.option("--big-course", default=0, type=click.IntRange(0, 200_000), help="add a course of so many people")
@click.option("--preset-tool/--no-preset-tool", default=True, help="know the tool from the start, or let it register")
@click.option("--beyond", multiple=True, type=click.Choice(list(SWITCHES)), help="switch on what Moodle has not")
def main(
    port: int,
    host: str,
    data: Path,
    tool: str,
    base: str | None,
    big_course: int,
    preset_tool: bool,
    beyond: tuple[str, ...],
) -> None:
    """A small LMS to try the tool with. Stop it with Ctrl-C."""
    try:
        settings = Settings(
            data,
            base or f"http://{host}:{port}",
            tool,
            big_course=big_course,
            preset_tool=preset_tool,
            beyond=frozenset(beyond),
        )
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    State(settings.data_dir)
    os.environ |= environment(settings)
    known = f"for the tool at {settings.tool_url}" if preset_tool else "without a tool"
    click.echo(f"Practice LMS on {settings.base_url} {known}")
    Granian(
        "lms_plc.practice_lms.app:app_from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
