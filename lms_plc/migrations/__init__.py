"""The schema: which version the code needs, which one the database has, and the way from one to the other."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms_plc.actionitems import models as actionitems
from lms_plc.admin import models as admin
from lms_plc.agreements import models as agreements
from lms_plc.attendance import models as attendance
from lms_plc.board import models as board
from lms_plc.classdata import models as classdata
from lms_plc.communities import audiences
from lms_plc.communities import models as communities
from lms_plc.core import activity, exports
from lms_plc.core.database import Database, Row
from lms_plc.cycles import models as cycles
from lms_plc.discussions import models as discussions
from lms_plc.evidence import models as evidence
from lms_plc.feedback import models as feedback
from lms_plc.files import models as files
from lms_plc.innovations import models as innovations
from lms_plc.inquiry import models as inquiry
from lms_plc.journal import models as journal
from lms_plc.library import models as library
from lms_plc.meetings import models as meetings
from lms_plc.messages import models as messages
from lms_plc.minutes import models as minutes
from lms_plc.moderation import models as moderation
from lms_plc.notifications import models as notifications
from lms_plc.peers import models as peers
from lms_plc.people import models as people
from lms_plc.placing import models as placing
from lms_plc.portfolios import models as portfolios
from lms_plc.practicechanges import models as practicechanges
from lms_plc.protocols import models as protocols
from lms_plc.rhythm import models as rhythm
from lms_plc.rostersync import models as rostersync
from lms_plc.running import models as running
from lms_plc.schoolnews import models as schoolnews
from lms_plc.searching import models as searching
from lms_plc.series import models as series
from lms_plc.sites import models as sites
from lms_plc.visits import models as visits
from lms_plc.writeback import models as writeback

ROOMS = (
    activity,
    exports,
    people,
    sites,
    communities,
    audiences,
    discussions,
    files,
    actionitems,
    evidence,
    classdata,
    cycles,
    feedback,
    innovations,
    inquiry,
    portfolios,
    practicechanges,
    visits,
    protocols,
    messages,
    peers,
    agreements,
    board,
    meetings,
    series,
    attendance,
    running,
    minutes,
    rhythm,
    library,
    journal,
    searching,
    schoolnews,
    moderation,
    notifications,
    rostersync,
    writeback,
    placing,
    admin,
)
"""Every room that stores something; importing it puts its tables into the metadata."""

METADATA = Row.metadata
VERSION_TABLE = "plc_schema_version"
WORDS = "plc_search_words"
"""How the tables begin that stand in no model: each engine has its own index of words."""


class SchemaOutdated(Exception):
    """The database is older (or newer) than the code. ``found`` is its version, None for an empty database."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(f"the database is at version {found or 'none'}, the code needs {needed}")
        self.found, self.needed = found, needed


def upgrade(database: Database) -> None:
    """Brings the database to the version of the code. Safe to run twice, and from two machines at once."""
    config = _config()
    with database.altering() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(database: Database) -> None:
    """Raises SchemaOutdated unless the database is exactly what this code was written for."""
    needed = _needed()
    with database.read() as connection:
        found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if found != needed:
        raise SchemaOutdated(found, needed)


@cache
def _needed() -> str:
    """The version this code was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
