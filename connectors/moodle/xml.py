"""What does a reply in Moodle's XML say, as plain values?

Moodle answers in XML wherever JSON was not asked for or did not arrive. Everything in it is text, and every
key of a structure is there: an absent value is marked `null="null"` and left out here, as JSON leaves it out.
The tree is thrown away while it is read, so memory grows with the values and not with the markup.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from lxml import etree

from connectors.moodle.records import Fault


class BrokenXml(ValueError):
    """The reply stops in the middle or is not well-formed."""


class ForeignXml(ValueError):
    """Well-formed, but no reply of a Moodle web service: a web page, say."""


def _value(element: etree._Element, _: list[Any]) -> str | None:
    return None if element.get("null") is not None else element.text or ""


def _single(_: etree._Element, items: list[Any]) -> dict[str, Any]:
    return {name: value for name, value in items if value is not None}


def _exception(_: etree._Element, items: list[Any]) -> Fault:
    return Fault(exception="exception", **dict(items))


_BUILDERS: dict[str, Callable[[etree._Element, list[Any]], Any]] = {
    "RESPONSE": lambda _, items: items[0] if items else None,
    "MULTIPLE": lambda _, items: items,
    "SINGLE": _single,
    "KEY": lambda element, items: (element.get("name"), items[0] if items else None),
    "VALUE": _value,
    "EXCEPTION": _exception,
    "ERRORCODE": lambda element, _: ("errorcode", element.text),
    "MESSAGE": lambda element, _: ("message", element.text),
    "DEBUGINFO": lambda *_: ("debuginfo", None),
}
"""Element → how its value is built from itself and from the values inside it."""

_ROOTS = ("RESPONSE", "EXCEPTION")


def read_xml(body: bytes) -> Any:
    """The reply as nested dicts, lists, texts and None, or a `Fault` for a reported error.

    Raises `BrokenXml` or `ForeignXml`. Entities are not resolved and nothing is fetched; a document type is
    foreign.
    """
    open_items: list[list[Any]] = [[]]
    try:
        for event, element in etree.iterparse(
            BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False
        ):
            if event == "start":
                is_root = len(open_items) == 1
                if is_root and (element.tag not in _ROOTS or element.getroottree().docinfo.doctype):
                    raise ForeignXml
                open_items.append([])
                continue
            items = open_items.pop()
            open_items[-1].append(_build(element, items))
            _forget(element)
    except etree.XMLSyntaxError:
        pass
    else:
        return open_items[0][0]
    raise BrokenXml


def _build(element: etree._Element, items: list[Any]) -> Any:
    try:
        return _BUILDERS[element.tag](element, items)
    except (KeyError, TypeError, ValueError):
        raise ForeignXml from None


def _forget(element: etree._Element) -> None:
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
