"""How PHP reads a form: ``options[0][name]=x`` and ``values[]=x`` become lists and records."""

import re
from collections.abc import Iterable
from typing import Any

MAX_FIELDS = 5_000
"""PHP's ``max_input_vars`` as many sites set it; what comes after is dropped without a word."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def form_tree(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested dicts with text keys; a list is a dict of its indexes in the order they came."""
    tree: dict[str, Any] = {}
    for number, (name, value) in enumerate(fields):
        if number == MAX_FIELDS:
            break
        match = _NAME.fullmatch(name)
        if match is None:
            tree[name] = value
            continue
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        place = tree
        for step in path[:-1]:
            key = step or str(len(place))
            inner = place.get(key)
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        place[path[-1] or str(len(place))] = value
    return tree
