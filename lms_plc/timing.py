"""How long did the server take for a page, and how much of it the database? Said in ``Server-Timing`` (W3C), which
browsers show beside the request, and only to a browser where an operator is at the desk: times tell of others.

Inside the LMS's frame a browser does not send the desk's cookie, so an operator looks from a window of its own.
"""

import time

from flask import Flask, Response, g

from lms_plc.admin.guards import is_at_the_desk
from lms_plc.core.database import Watch, watched


def tell_times(app: Flask) -> None:
    """Measures every request of a browser that carries the desk's cookie; it costs the others nothing."""

    @app.before_request
    def begin() -> None:
        if is_at_the_desk(may_be=True):
            g.timing = (time.perf_counter(), Watch())
            g.timing_ends = watched(g.timing[1])

    @app.after_request
    def tell(response: Response) -> Response:
        if "timing" in g and is_at_the_desk():
            began, database = g.timing
            total = 1000 * (time.perf_counter() - began)
            response.headers["Server-Timing"] = (
                f'total;dur={total:.1f}, db;dur={1000 * database.seconds:.1f};desc="{database.statements} statements"'
            )
        return response

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        if "timing_ends" in g:
            g.timing_ends()
