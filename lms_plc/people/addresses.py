"""Addresses that stand on every page, without asking Flask for each anew: twenty of them cost as much as the posts."""

from functools import cache
from typing import Any
from uuid import UUID

from flask import g, url_for

_SEAT = "seat0mark"
_ID = UUID(int=0xFACE)


def address(endpoint: str) -> str:
    """The address of a page of one's own, whose route takes nothing but the seat; only behind ``seated``."""
    return _pattern(endpoint, None).replace(_SEAT, g.seat.address)


def address_in(endpoint: str, community_id: UUID) -> str:
    """The address of a page of a community, whose route takes its id besides the seat; only behind ``seated``."""
    return _pattern(endpoint, "community_id").replace(_SEAT, g.seat.address).replace(str(_ID), str(community_id))


@cache
def _pattern(endpoint: str, name: str | None) -> str:
    values: dict[str, Any] = {"seat": _SEAT, **({name: _ID} if name else {})}
    return url_for(endpoint, **values)
