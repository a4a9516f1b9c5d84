"""How a thing of the library is shown: its parts with their labels, what was changed, who reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lms_plc.communities.audiences import Audience
from lms_plc.core.differences import Piece, compared
from lms_plc.core.text import shown
from lms_plc.library.queries import ItemListed, ItemSeen
from lms_plc.library.shapes import LABELS, LANGUAGES, LICENCES, SHAPES, STORY_KINDS, SUBJECTS, Licence, Shape, StoryKind
from lms_plc.web.i18n import gettext, pgettext


@dataclass(frozen=True, slots=True)
class Part:
    """One field of an item: rendered, if it is a long one."""

    label: str
    html: Markup | None
    text: str


def parts(item: ItemSeen | ItemListed, *, long: bool) -> list[Part]:
    """The long or the short fields that say something, in the order of the shape; a link stands by itself."""
    fields = [field for field in SHAPES[Shape(item.shape)].fields if field.long is long and field.name != "link"]
    return [
        Part(
            gettext(field.label),
            shown(item.texts[field.name], item.html[field.name], item.renderer) if long else None,
            item.texts[field.name],
        )
        for field in fields
        if item.texts.get(field.name)
    ]


@dataclass(frozen=True, slots=True)
class Changed:
    label: str
    pieces: Sequence[Piece]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    """Field by field what one version says and the other does not."""
    old, new = _lines(before), _lines(after)
    return [
        Changed(label, compared(old.get(label, ""), new.get(label, "")))
        for label in dict.fromkeys([*old, *new])
        if old.get(label, "") != new.get(label, "")
    ]


def _lines(content: Mapping[str, Any]) -> dict[str, str]:
    """Label → words, as a person reads them on the page."""
    said = {pgettext("library", "Title"): content["title"]}
    said |= {gettext(LABELS[name]): text for name, text in content["texts"].items() if name in LABELS}
    if kind := content.get("story_kind"):
        said[gettext("Kind of story")] = story_kind(kind) or ""
    if subject := content.get("subject"):
        said[gettext("Subject")] = gettext(SUBJECTS[subject])
    said[gettext("Language")] = LANGUAGES.get(content["language"], content["language"])
    if licence := content.get("licence"):
        said[gettext("Licence")] = gettext(LICENCES[Licence(licence)][0])
    said[gettext("Words to find it by")] = ", ".join(content.get("tags") or ())
    return said


def content_of(item: ItemSeen) -> dict[str, Any]:
    """An item as its newest version keeps it."""
    names = ("title", "texts", "story_kind", "subject", "language", "licence", "tags")
    return {name: getattr(item, name) for name in names}


def as_given(content: Mapping[str, Any]) -> dict[str, str]:
    """A version as the fields of its form."""
    names = ("story_kind", "subject", "language", "licence")
    given = {"title": content["title"], **content["texts"], "tags": ", ".join(content["tags"])}
    return given | {name: content.get(name) or "" for name in names}


def story_kind(kind: str | None) -> str | None:
    """None also for what came in and is no kind."""
    return gettext(STORY_KINDS[StoryKind(kind)][0]) if kind and kind in STORY_KINDS else None


def name_of(item: ItemSeen | ItemListed) -> str:
    return what_it_is(item.story_kind or item.shape)


def what_it_is(kind: str) -> str:
    """What people call such a thing: a flop is called so."""
    return gettext(STORY_KINDS[StoryKind(kind)][0] if kind in STORY_KINDS else SHAPES[Shape(kind)].name)


def html_lang(language: str) -> str:
    """As HTML's ``lang`` wants it."""
    return language.replace("_", "-")


def read_by(item: ItemSeen | ItemListed) -> str:
    """Who can read it, as any reader may know."""
    return {
        Audience.ONLY_ME: gettext("Only you"),
        Audience.NAMED_PEOPLE: gettext("People its author chose"),
        Audience.FACILITATOR: gettext("Who leads “%(community)s”", community=item.community),
        Audience.COMMUNITY: gettext("Everybody in “%(community)s”", community=item.community),
        Audience.PLATFORM: gettext("Everybody in a community of this learning platform"),
        Audience.WORLD: gettext("Anybody who has the address"),
    }[Audience(item.audience)]


def labels(shape: Shape) -> dict[str, str]:
    """What the form calls its fields."""
    words = SHAPES[shape]
    known = {
        "title": gettext(words.title),
        "subject": gettext("Subject"),
        "language": gettext("Language it is written in"),
        "licence": gettext("What may others do with it?"),
        "tags": gettext("Words to find it by"),
        "audience": gettext("Who may read it?"),
        "community_id": gettext("For which community?"),
        "files": gettext("Photos or files"),
        "story_kind": gettext("Kind of story"),
    }
    return known | {field.name: gettext(field.label) for field in words.fields}
