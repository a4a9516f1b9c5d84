"""Which kinds of rosters are there, and how is that of a site opened? The one place where its token is unsealed."""

import csv
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from uuid import UUID

from sqlalchemy import select

from connectors.csv_files.headings import COLUMN_OF, folded
from connectors.csv_files.tables import read_table
from connectors.source import Installed, RosterSource, installed_sources, open_source
from connectors.transport import Transport
from lms_plc.config import Settings
from lms_plc.house import House
from lms_plc.sites import names_and_roles
from lms_plc.sites.actions import LONGEST_ADDRESS, SiteProblem, is_file, site_address
from lms_plc.sites.models import Site
from lms_plc.sites.names_and_roles import NamesAndRoles
from lms_plc.sites.services import open_services

FILES = frozenset({"csv", "oneroster-csv"})
"""Kinds that read a file. Of a kind that another package brought, a ``file:`` address says it."""


def known_sources() -> tuple[Installed, ...]:
    """Every kind that a site can be connected by: the installed connectors, and the launches' own service."""
    taken = f"{names_and_roles.KIND} is already taken"
    others = (replace(one, problem=taken) if one.kind == names_and_roles.KIND else one for one in installed_sources())
    return (*others, Installed(names_and_roles.KIND, "lms-plc", None))


def roster_address(kind: str, given: str, *, encoding: str | None = None, allow_http: bool) -> str:
    """Where a roster of this kind is, in its one spelling: a web address, or the whole path of a file as ``file:``.

    ``encoding`` is that of a table. Raises SiteProblem.
    """
    if kind not in FILES and not given.startswith("file:"):
        if encoding is not None:
            raise SiteProblem("--encoding is for a table in a file.")
        return site_address(given, allow_http=allow_http)
    path, said = _path(given)
    if not path.is_file():
        raise SiteProblem(f"There is no file {path}. Check its path and who may read it.")
    if encoding is not None and kind != "csv":
        raise SiteProblem("--encoding is for a table: --connector csv")
    said = f"encoding={quote(encoding)}" if encoding is not None else said
    # a link stays one: whoever renews the file every term lets it point to the new one
    address = Path(os.path.abspath(path)).as_uri() + (f"?{said}" if said else "")
    if len(address) > LONGEST_ADDRESS:
        raise SiteProblem(f"The path of {path.name} is too long to be kept; move the file to a shorter one.")
    return address


@contextmanager
def open_transport(settings: Settings) -> Iterator[Transport]:
    """The line that connectors call an LMS by, as the settings want it."""
    ca_bundle = str(settings.ca_bundle) if settings.ca_bundle is not None else None
    private = settings.allow_private_hosts
    with Transport(allow_private_hosts=private, proxy=settings.proxy, ca_bundle=ca_bundle) as transport:
        yield transport


@dataclass(frozen=True, slots=True)
class Connected:
    """How a site is called: by which connector (None for one that is not connected), where, and with which token."""

    name: str
    url: str
    connector: str | None
    token: str | None = field(repr=False)


def connected(house: House, site_id: UUID) -> Connected:
    """The site with its token unsealed. Raises CannotUnseal when PLC_SECRET_KEY changed."""
    with house.database.read() as connection:
        site = connection.execute(
            select(Site.name, Site.url, Site.connector, Site.ws_token).where(Site.id == site_id)
        ).one()
    token = house.seal.open(site.ws_token) if site.ws_token is not None else None
    return Connected(site.name, site.url, site.connector, token)


@contextmanager
def open_roster(house: House, site_id: UUID) -> Iterator[RosterSource]:
    """The site's rosters, over one connection that ends with the block.

    Raises SiteProblem for a site without any and for a kind that cannot be read here any more, CannotUnseal when
    PLC_SECRET_KEY changed.
    """
    site = connected(house, site_id)
    if site.connector is None:
        raise SiteProblem(f"{site.name} has no rosters connected. Connect them with: lms-plc sites connect {site.url}")
    if site.connector == names_and_roles.KIND:
        yield NamesAndRoles(house, site_id, open_services(house))
        return
    if site.token is None and not is_file(site.url):
        raise SiteProblem(f"The token of {site.name} is missing. Connect it again: lms-plc sites connect {site.url}")
    with open_transport(house.settings) as transport:
        yield opened(site.connector, site.url, site.token or "", transport)


def opened(kind: str, address: str, token: str, transport: Transport) -> RosterSource:
    """A connector's source; nothing is asked yet. Raises SiteProblem for a kind that cannot be read here."""
    try:
        return open_source(kind, address, token, transport)
    except ValueError as unknown:
        raise SiteProblem(f"{unknown}. See: lms-plc sites connectors") from None


def write_good_rows(address: str, bad_lines: Collection[int], target: Path) -> int:
    """Writes a new table with the rows of the one at ``address`` but those that begin at these lines, as they were.

    In UTF-8 with its mark, so that every spreadsheet knows it. The number of rows; raises SiteProblem.
    """
    path, said = _path(address)
    encoding = parse_qs(said).get("encoding", [None])[0]
    count = 0
    try:
        with path.open("rb") as file, open(target, "x", encoding="utf-8-sig", newline="", opener=_for_us_alone) as new:
            table = read_table(file, lambda heading: folded(heading) in COLUMN_OF, encoding)
            writer = csv.writer(new)
            writer.writerow(table.headings)
            for row in table.rows:
                if row.line not in bad_lines and row.cells is not None:
                    writer.writerow(row.cells)
                    count += 1
    except FileExistsError:
        raise SiteProblem(f"{target} is there already. Nothing was written; choose another file.") from None
    except OSError:
        raise SiteProblem(f"{target} cannot be written. Check the folder and who may write there.") from None
    return count


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _path(given: str) -> tuple[Path, str]:
    """The path of a file and the query behind it, of a path or of a ``file:`` address."""
    if not given.startswith("file:"):
        return Path(given).expanduser(), ""
    parts = urlsplit(given)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise SiteProblem(f"{given} is no address of a file on this machine; it looks like file:///home/me/people.csv")
    return Path(unquote(parts.path)), parts.query
