"""Lists in pages: Link headers as platforms write them, and lists that lead astray."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.services.errors import BadAnswer
from lti.services.pages import follow, links, same_origin, with_query
from tests.lti.services.conftest import recorded

URL = "https://lms.example.org/list?type_id=1"
NEXT = "https://lms.example.org/list?type_id=1&from=2"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, {}),
        ("", {}),
        ("no link at all", {}),
        ("<https://a.example.org/", {}),
        ("<https://a.example.org/>", {}),
        ("<https://a.example.org/>; rel", {}),
        ("<https://a.example.org/>; title=next", {}),
        ('<https://a.example.org/?x=1&from=5>; rel="next"', {"next": "https://a.example.org/?x=1&from=5"}),
        ("<https://a.example.org/>;rel=next", {"next": "https://a.example.org/"}),
        ("< https://a.example.org/ > ; REL = NEXT ", {"next": "https://a.example.org/"}),
        ("<https://a.example.org/>; rel='next'", {"next": "https://a.example.org/"}),
        ("<https://a.example.org/>; rel=“next”", {"next": "https://a.example.org/"}),
        ("<https://a.example.org/>; rel=«next»", {"next": "https://a.example.org/"}),
        ("<?a=1&amp;b=2&amp;copy=3>; rel=next", {"next": "?a=1&b=2&copy=3"}),
        ("<?a=1&copy=2>; rel=next", {"next": "?a=1&copy=2"}),
        (
            "<https://a.example.org/1,2;3>; rel=next, <b>; rel=last",
            {"next": "https://a.example.org/1,2;3", "last": "b"},
        ),
        ('<a>; title="x, <y>; rel=next"; rel="last"', {"last": "a"}),
        ('<a>; title="say \\"next\\", <y>"; rel="last"', {"last": "a"}),
        ('<a>; rel="next last"', {"next": "a", "last": "a"}),
        ("<a>; rel=next; rel=last", {"next": "a"}),
        ("<a>; rel=next, <b>; rel=next", {"next": "a"}),
        (", ,<a>; rel=next,", {"next": "a"}),
        ('<a>; rel="next', {"next": "a"}),
        ("<https://a.example.org/ü>; rel=next", {"next": "https://a.example.org/ü"}),
    ],
)
def test_links_are_read_as_platforms_write_them(header, found):
    assert dict(links(header)) == found


def test_recorded_link_headers_of_moodle_say_where_the_list_goes_on():
    found = links(recorded("ags.json")["lineitems_limit2"]["headers"]["Link"])

    start = "http://127.0.0.1:8080/mod/lti/services.php/5/lineitems?type_id=1&limit=2&from="
    assert dict(found) == {"first": start + "0", "canonical": start + "0", "next": start + "2", "last": start + "5"}


RELS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8)
TARGETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<>"), max_size=30)
QUOTES = st.sampled_from(["{}", '"{}"', "“{}”", "'{}'", '" {} "', "”{}”"])
SPACES = st.sampled_from(["", " ", "\t", "  "])
EXTRAS = st.sampled_from(["", '; title="a, <b>; c"', "; hreflang=de", ";", "; title*=UTF-8''n%c3%a4chste"])


@given(data=st.data(), targets=st.dictionaries(RELS, TARGETS, max_size=5), is_escaped=st.booleans())
def test_every_way_of_writing_links_gives_the_links(data, targets, is_escaped):
    targets = {rel: target.replace("&amp;", "") for rel, target in targets.items()}
    written = []
    for rel, target in targets.items():
        spaces = [data.draw(SPACES) for _ in range(4)]
        shown = target.replace("&", "&amp;") if is_escaped else target
        value = data.draw(QUOTES).format(rel)
        parameter = f"{spaces[0]};{spaces[1]}rel{spaces[2]}={spaces[3]}{value}"
        written.append(f"<{shown}>{data.draw(EXTRAS)}{parameter}{data.draw(EXTRAS)}")
    header = data.draw(st.sampled_from([",", ", ", " ,\t"])).join(written)
    if data.draw(st.booleans()):
        header = header.encode().decode("latin-1")

    assert dict(links(header)) == targets


@given(st.text(max_size=200) | st.text("<>;,=\"\\' rel=next&amp;", max_size=60))
def test_no_text_at_all_breaks_the_reader_of_links(text):
    for rel, target in links(text).items():
        assert rel == rel.lower() != ""
        assert isinstance(target, str)


def pages_of(services, caller, platform, **options):
    return list(follow(caller, platform, ["scope"], URL, accept="application/x-list", **options))


def test_a_list_is_followed_to_its_end_one_call_a_page(services, caller, platform):
    services.answers((200, {"Link": f'<{NEXT}>; rel="next"'}, {}), (200, {"link": "<a>; rel=prev"}, {}))

    reading = follow(caller, platform, ["scope"], URL, accept="application/x-list")
    assert next(reading).next_url == NEXT
    assert len(services.calls) == 1
    last = next(reading)
    assert (last.next_url, dict(last.links)) == (None, {"prev": "a"})
    assert [asked.url for asked in services.calls] == [URL, NEXT]
    assert {asked.headers["Accept"] for asked in services.calls} == {"application/x-list"}


def test_a_relative_link_counts_from_its_page(services, caller, platform):
    services.answers((200, {"Link": "<?from=2#top>; rel=next"}, {}), (200, {}, {}))

    assert pages_of(services, caller, platform)[0].next_url == "https://lms.example.org/list?from=2"


def test_what_a_next_link_drops_is_put_back_and_what_it_says_stays(services, caller, platform):
    services.answers((200, {"Link": "<?from=2&role=Mentor&x=%2f>; rel=next"}, {}), (200, {}, {}))

    kept = {"role": "Learner", "rlid": "a/b c&d"}
    pages_of(services, caller, platform, kept=kept)
    assert services.calls[1].url == "https://lms.example.org/list?from=2&role=Mentor&x=%2f&rlid=a%2Fb%20c%26d"


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example.net/list?from=2",
        "http://lms.example.org/list?from=2",
        "https://lms.example.org:8443/list?from=2",
        "//elsewhere.example.net/list",
        "https://[/",
        "javascript:alert(1)",
    ],
)
def test_a_next_link_to_another_place_ends_the_reading(services, caller, platform, link):
    services.answers((200, {"Link": f"<{link}>; rel=next"}, {}))

    with pytest.raises(BadAnswer, match="sends us on to another host") as caught:
        pages_of(services, caller, platform)
    assert (caught.value.code, len(services.calls)) == ("foreign", 1)


def test_a_next_link_that_leads_back_ends_the_reading(services, caller, platform):
    services.answers((200, {"Link": f"<{NEXT}>; rel=next"}, {}), (200, {"Link": f"<{URL}>; rel=next"}, {}))

    with pytest.raises(BadAnswer, match="have no end") as caught:
        pages_of(services, caller, platform)
    assert (caught.value.code, len(services.calls)) == ("endless", 2)


def test_a_list_with_always_one_more_page_ends_at_the_bound(services, caller, platform, monkeypatch):
    monkeypatch.setattr("lti.services.pages.MOST_PAGES", 25)
    services.answer = lambda asked: (200, {"Link": f"<?from={len(services.calls)}>; rel=next"}, {})

    with pytest.raises(BadAnswer, match="have no end"):
        pages_of(services, caller, platform)
    assert len(services.calls) == 25


@pytest.mark.parametrize(
    ("url", "other", "is_same"),
    [
        ("https://lms.example.org/a", "https://LMS.example.org:443/b?c", True),
        ("http://lms.example.org/a", "https://lms.example.org/a", False),
        ("https://[", "https://[", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, other, is_same):
    assert same_origin(url, other) is is_same


@pytest.mark.parametrize(
    ("url", "parameters", "whole"),
    [
        ("https://a.example.org/l", {}, "https://a.example.org/l"),
        ("https://a.example.org/l", {"limit": None}, "https://a.example.org/l"),
        ("https://a.example.org/l", {"limit": 5}, "https://a.example.org/l?limit=5"),
        ("https://a.example.org/l?x=%2F&y", {"limit": 5}, "https://a.example.org/l?x=%2F&y&limit=5"),
        ("https://a.example.org/l?limit=9&x=1", {"limit": 5}, "https://a.example.org/l?x=1&limit=5"),
        ("https://[", {"limit": 5}, "https://["),
    ],
)
def test_a_query_is_added_to_and_otherwise_stays_as_it_is(url, parameters, whole):
    assert with_query(url, **parameters) == whole
