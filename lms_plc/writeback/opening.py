"""Which LMS can be written to, and how is that of a site opened?"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, select

from connectors.moodle.client import MoodleClient
from lms_plc.house import House
from lms_plc.sites.models import Site
from lms_plc.sites.sources import connected, open_transport
from lms_plc.web.i18n import N_
from lms_plc.writeback.lms import WritableLms
from lms_plc.writeback.moodle import MoodleWriter
from lms_plc.writeback.problems import CannotWrite

WRITABLE = frozenset({"moodle"})
"""Connectors that can write."""


def require_writable(name: str, connector: str | None) -> None:
    """Raises CannotWrite with the reason, for a site that nothing can be written to."""
    if connector is None:
        raise CannotWrite(
            N_("%(site)s has no web services connected. Connect them with: lms-plc sites connect") % {"site": name}
        )
    if connector not in WRITABLE:
        raise CannotWrite(
            N_("Only a Moodle can be written to so far; %(site)s is connected by %(connector)s.")
            % {"site": name, "connector": connector}
        )


def is_writable(connection: Connection, site_id: UUID) -> bool:
    """Whether anything could be written to the site."""
    return connection.execute(select(Site.connector).where(Site.id == site_id)).scalar_one_or_none() in WRITABLE


@contextmanager
def open_writable(house: House, site_id: UUID) -> Iterator[WritableLms]:
    """The site's LMS, over one connection that ends with the block; nothing is asked yet.

    Raises CannotWrite, and CannotUnseal when PLC_SECRET_KEY changed.
    """
    site = connected(house, site_id)
    require_writable(site.name, site.connector)
    if site.token is None:
        raise CannotWrite(
            N_("The token of %(site)s is missing. Connect it again with: lms-plc sites connect") % {"site": site.name}
        )
    with open_transport(house.settings) as transport:
        yield MoodleWriter(MoodleClient(site.url, site.token, transport))
