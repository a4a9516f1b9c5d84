"""Posts as HTML, kept for the next reader who sees them alike.

Most of a topic's page is posts, and most readers see a post alike: the same words, the same buttons. So a post's HTML
is made once and kept in memory under everything it depends on; whatever passes or belongs to one sitting (how long ago
it was, the seat in the addresses, the form's token, files) is put in afterwards, where a mark stands. The marks are
random and known to this process alone: no writer can write one.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from flask import current_app
from markupsafe import Markup, escape

from lms_plc.core.text import shown
from lms_plc.discussions.queries import PostSeen
from lms_plc.web.i18n import format_ago, html_language

KEPT = 2000
LARGEST = 12_000
"""So many posts are kept, none of more characters than that."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where something is put in afterwards."""

    seat: str
    token: str
    ago: str
    files: str


MARKS = Marks(*(f"plc{name}{secrets.token_hex(12)}" for name in ("seat", "token", "ago", "files")))


@dataclass(frozen=True, slots=True)
class Look:
    """What of a reader a post's HTML depends on. ``mine`` are the reactions they gave, ``reacted`` those that stand
    there: (symbol, name of the kind, names of people)."""

    own: bool
    new: bool
    readable: bool
    stands: bool
    is_answer: bool
    may_answer: bool
    may_edit: bool
    may_delete: bool
    may_split: bool
    may_report: bool
    may_unmark: bool
    marks_first: bool
    marks_later: bool
    mine: frozenset[str]
    reacted: tuple[tuple[str, str, tuple[str, ...]], ...]
    reactions: tuple[tuple[str, str, str], ...]

    @property
    def has_more(self) -> bool:
        """Whether anything is behind the dots."""
        return (
            (self.stands and (self.may_answer or self.may_report or self.may_split))
            or self.may_unmark
            or self.marks_later
            or self.may_edit
            or self.may_delete
        )


class _Kept:
    """The least lately used goes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: OrderedDict[object, str] = OrderedDict()

    def get(self, key: object, make: Callable[[], str]) -> str:
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                self._rows.move_to_end(key)
                return found
        made = make()
        if len(made) <= LARGEST:
            with self._lock:
                self._rows[key] = made
                if len(self._rows) > KEPT:
                    self._rows.popitem(last=False)
        return made


_kept = _Kept()


def posts_shown(
    posts: Iterable[tuple[PostSeen, Look]], *, seat: str, token: str, files: Mapping[UUID, Markup]
) -> Markup:
    """The posts of a page, one after the other."""
    language = html_language()
    parts = []
    for post, look in posts:
        key = (language, post, look)
        html = _kept.get(key, lambda post=post, look=look: _render(post, look))  # type: ignore[misc]
        html = html.replace(MARKS.ago, str(escape(format_ago(post.created_at))), 1)
        parts.append(html.replace(MARKS.files, files.get(post.id, ""), 1) if post.has_files else html)
    return Markup("".join(parts).replace(MARKS.seat, seat).replace(MARKS.token, token))  # noqa: S704 - made by templates


def _render(post: PostSeen, look: Look) -> str:
    html = shown(post.body, post.html, post.renderer) if look.readable else None
    # the template itself: the layout's part of every page is none of a post's
    template = current_app.jinja_env.get_template("discussions/post.html")
    return template.render(post=post, one=look, html=html, marks=MARKS)
