"""What people write: Markdown in, sanitised HTML out, with mentions found.

Rendered once when it is written, and stored beside the source with ``RENDERER``; whoever shows a text rendered by an
older one renders it again. Sanitising is the last step and allow-listed, so a flaw in the Markdown parser stays
harmless. Pictures from other hosts are left out: opening a post must not call a third party.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markupsafe import Markup

RENDERER = 3
"""Raise it when rendering changes."""

LONGEST = 20_000
"""Characters in one text; some fifteen pages."""

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}).enable(
    ["linkify", "strikethrough", "table"]
)
# A table's missing cells are filled in, by default up to 65,536 of them: twenty kilobytes would become megabytes.
sys.modules["markdown_it.rules_block.table"].MAX_AUTOCOMPLETED_CELLS = 100  # type: ignore[attr-defined]
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title", "target"}, "ol": {"start"}}
_HEADING = re.compile(r"(</?)h([1-6])>")
_SKIPPED = re.compile(r"<(a|code|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rendered:
    """``html`` is safe to show as it is; ``mentions`` are the persons named with an @, in the order of their ids."""

    html: str
    mentions: tuple[UUID, ...]


def render(source: str, people: Mapping[str, UUID] | None = None) -> Rendered:
    """Renders Markdown (CommonMark, plus tables, ~~strike~~ and bare addresses as links).

    ``people`` maps display names to persons who may be mentioned; ``@Name Surname`` becomes a mention of the longest
    name that fits. Headings are lowered so that the page keeps its one ``h1``, and none leaves a level out.
    """
    html = _markdown.render(source.replace("\x00", ""))
    html = _lowered(html)
    html = html.replace("<a href", '<a target="_blank" href')
    html, mentions = _mention(html, people or {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"span": {"mention"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Rendered(clean, mentions)


def shown(source: str, html: str, renderer: int) -> Markup:
    """The stored HTML, rendered anew if an older renderer made it."""
    return Markup(html if renderer == RENDERER else render(source).html)  # noqa: S704 - sanitised by render


def excerpt(source: str, length: int = 180) -> str:
    """The beginning of a text as one plain line, for lists; cut at a word."""
    plain = nh3.clean(_markdown.render(source[: 8 * length]), tags=set())
    line = " ".join(Markup(plain).unescape().split())  # noqa: S704 - no tag is left in it
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",;:.–-") + "…"


def _lowered(html: str) -> str:
    """Headings begin below the page's own and skip no level; those that were alike stay alike."""
    above: list[int] = []

    def lower(tag: re.Match[str]) -> str:
        if tag[1] == "<":
            while above and above[-1] >= int(tag[2]):
                above.pop()
            above.append(int(tag[2]))
        return f"{tag[1]}h{min(2 + len(above), 6)}>"

    return _HEADING.sub(lower, html)


def _mention(html: str, people: Mapping[str, UUID]) -> tuple[str, tuple[UUID, ...]]:
    if "@" not in html or not people:
        return html, ()
    by_escaped_name = {escapeHtml(name): person for name, person in people.items() if name}
    names = sorted(by_escaped_name, key=len, reverse=True)
    pattern = re.compile(r"(?<![\w@])@(" + "|".join(map(re.escape, names)) + r")(?!\w)")
    found: set[UUID] = set()

    def mark(match: re.Match[str]) -> str:
        found.add(by_escaped_name[match[1]])
        return f'<span class="mention">@{match[1]}</span>'

    parts, end = [], 0
    for tag in _SKIPPED.finditer(html):
        parts += [pattern.sub(mark, html[end : tag.start()]), tag[0]]
        end = tag.end()
    parts.append(pattern.sub(mark, html[end:]))
    return "".join(parts), tuple(sorted(found))
