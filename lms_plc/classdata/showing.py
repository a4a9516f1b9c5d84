"""How a table of totals is shown, stored or not yet."""

from collections.abc import Sequence
from typing import Any

from lms_plc.classdata.charts import charts, of_shown, said
from lms_plc.classdata.queries import Row, Shape


def shown_table(shape: Shape, rows: Sequence[Row]) -> dict[str, Any]:
    """A table with its words: hidden rows say so, and the last row is of those that are shown."""
    return {
        "columns": [name for name, _ in shape.columns],
        "rows": [
            (row, [said(value, use, row.pupils) for value, (_, use) in zip(row.values, shape.columns, strict=True)])
            for row in rows
        ],
        "of_shown": of_shown(shape, rows) if len([row for row in rows if row.pupils]) > 1 else None,
        "pupils_shown": sum(row.pupils or 0 for row in rows),
        "has_hidden": bool(shape.hidden),
        "charts": charts(shape, rows),
    }
