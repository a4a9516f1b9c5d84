"""How two answers of a web service are compared by their form."""

from typing import Any


def shape(value: Any) -> Any:
    """Key → kind, to compare answers by form; bool and int are told apart."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in names}


def xml_keys(element: Any) -> Any:
    """Key → keys inside, of the first record."""
    single = element if element.tag == "SINGLE" else element.find(".//SINGLE")
    return [key.get("name") for key in single.findall("KEY")]
