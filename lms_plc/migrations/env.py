"""How Alembic runs our migrations: on the connection it is given, in that connection's transaction."""

from typing import Literal

from alembic import context

from lms_plc.core.database import Moment
from lms_plc.migrations import METADATA, VERSION_TABLE, WORDS


def ours(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """The job engine keeps tables in the same database; they are none of our business. Nor are those an engine makes of
    its own for the index of words."""
    return kind != "table" or bool(name and name.startswith("plc_") and not name.startswith(WORDS))


def in_short(kind: str, thing: object, _: object) -> str | Literal[False]:
    return "Moment()" if kind == "type" and isinstance(thing, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=ours,
    compare_type=True,
    render_item=in_short,
)
context.run_migrations()
