"""Making an installation ready: the schema, the job engine's tables, the tool's first keys. Safe to run again."""

from lms_plc import jobs, migrations
from lms_plc.house import House
from lms_plc.searching.reindexing import reindex_what_is_old
from lms_plc.sites.stores import StoredToolKeys
from lti.toolkeys import first_ring


def prepare(house: House) -> None:
    """Brings the database to the version of this code and gives the tool its first key ring; what is older than the
    search is put into it by a worker. Raises CannotUnseal."""
    migrations.upgrade(house.database)
    jobs.prepare(house.database)
    StoredToolKeys(house.database, house.seal, house.clock).change(lambda ring: ring or first_ring(house.clock()))
    reindex_what_is_old(house.database)
