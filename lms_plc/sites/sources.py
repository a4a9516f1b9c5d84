"""Opening the rosters of a connected site: the one place where its token is unsealed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import select

from connectors.source import RosterSource, open_source
from connectors.transport import Transport
from lms_plc.house import House
from lms_plc.sites.actions import SiteProblem
from lms_plc.sites.models import Site


@contextmanager
def open_roster(house: House, site_id: UUID) -> Iterator[RosterSource]:
    """The site's rosters, over one connection that ends with the block.

    Raises SiteProblem for a site without web services, CannotUnseal when PLC_SECRET_KEY changed.
    """
    with house.database.read() as connection:
        site = connection.execute(
            select(Site.name, Site.url, Site.connector, Site.ws_token).where(Site.id == site_id)
        ).one()
    if site.connector is None or site.ws_token is None:
        raise SiteProblem(
            f"{site.name} has no web services connected. Connect them with: lms-plc sites connect {site.url}"
        )
    token = house.seal.open(site.ws_token)
    with Transport(allow_private_hosts=house.settings.allow_private_hosts) as transport:
        yield open_source(site.connector, site.url, token, transport)
