"""What does a thing of the library consist of? Three shapes, each a list of fields: forms, pages and differences are
made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lms_plc.communities.audiences import Audience
from lms_plc.web.i18n import LOCALES, N_


class Shape(StrEnum):
    RESOURCE = "resource"
    PRACTICE = "practice"
    STORY = "story"


class StoryKind(StrEnum):
    SUCCESS = "success"
    FLOP = "flop"
    MIXED = "mixed"
    AHA = "aha"


class Licence(StrEnum):
    BY = "cc-by"
    BY_SA = "cc-by-sa"
    BY_NC = "cc-by-nc"
    BY_NC_SA = "cc-by-nc-sa"
    CC0 = "cc0"
    WITHIN = "within"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a shape. A long one is Markdown; ``rows`` is its height in the form."""

    name: str
    label: str
    hint: str | None = None
    rows: int = 0
    required: bool = False
    context: bool = False
    """Says for whom it was: folded in the form, as somebody in a hurry leaves it out."""

    @property
    def long(self) -> bool:
        return self.rows > 0


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages call a shape. ``room`` stands in the address of its form."""

    room: str
    name: str
    meaning: str
    write: str
    change: str
    title: str
    fields: tuple[Field, ...]
    filed: bool = True
    """Has a subject, and a licence: may be taken on and changed by others. A story is somebody's own."""


_AGES = Field("ages", N_("Age or grade"), N_("For example: grade 5, or 10–12 years"), context=True)

SHAPES: Mapping[Shape, Words] = {
    Shape.RESOURCE: Words(
        "resources",
        N_("Resource"),
        N_("A task sheet, a link, a file that others can use"),
        N_("Add a resource"),
        N_("Change your resource"),
        N_("What is it called?"),
        (
            Field("about", N_("What is it, and how do you use it?"), rows=6),
            Field("link", N_("Link"), N_("The address of a page, if it is one: https://…")),
            _AGES,
        ),
    ),
    Shape.PRACTICE: Words(
        "practices",
        N_("Practice card"),
        N_("How you do something in class, so that others can do it too"),
        N_("Write a practice card"),
        N_("Change your practice card"),
        N_("What do you call this practice?"),
        (
            Field("what", N_("What is it?"), N_("In two or three sentences"), rows=3, required=True),
            _AGES,
            Field(
                "school", N_("Kind of school"), N_("For example: village school with combined classes"), context=True
            ),
            Field("size", N_("Size of the class"), context=True),
            Field("languages", N_("Languages of the pupils"), context=True),
            Field(
                "before",
                N_("What was there already?"),
                N_("What the class knew, what you had at hand"),
                rows=2,
                context=True,
            ),
            Field("how", N_("How do you do it?"), N_("Step by step"), rows=6, required=True),
            Field("happened", N_("What happened?"), rows=4),
            Field("watch", N_("What should others watch out for?"), rows=3),
        ),
    ),
    Shape.STORY: Words(
        "stories",
        N_("Story"),
        N_("Something that happened: a success, a flop, something in between, an aha"),
        N_("Tell a story"),
        N_("Change your story"),
        N_("A title"),
        (Field("page", N_("What happened?"), N_("About one page. Leave pupils' names out."), rows=12, required=True),),
        filed=False,
    ),
}

SHAPE_OF_ROOM: Mapping[str, Shape] = {words.room: shape for shape, words in SHAPES.items()}
ROOMS = "any(" + ", ".join(SHAPE_OF_ROOM) + ")"

LABELS: Mapping[str, str] = {field.name: field.label for words in SHAPES.values() for field in words.fields}

STORY_KINDS: Mapping[StoryKind, tuple[str, str]] = {
    StoryKind.SUCCESS: (N_("It worked"), N_("Something went well, and others may like to know how")),
    StoryKind.FLOP: (N_("It flopped"), N_("It went wrong; you say first who may read it")),
    StoryKind.MIXED: (N_("Both at once"), N_("Some of it worked and some did not")),
    StoryKind.AHA: (N_("Aha!"), N_("Something you suddenly saw")),
}

LICENCES: Mapping[Licence, tuple[str, str]] = {
    Licence.BY: (N_("CC BY"), N_("Others may use and change it, anywhere, and say whose it is")),
    Licence.BY_SA: (N_("CC BY-SA"), N_("The same, and what they make of it must be as free")),
    Licence.BY_NC: (N_("CC BY-NC"), N_("Others may use and change it and say whose it is, but not sell it")),
    Licence.BY_NC_SA: (N_("CC BY-NC-SA"), N_("The same, and what they make of it must be as free")),
    Licence.CC0: (N_("CC0"), N_("Anybody may do anything with it, without naming you")),
    Licence.WITHIN: (N_("Only within our community"), N_("Nobody takes it on to another community")),
    Licence.ASK: (N_("Ask me"), N_("Whoever wants to use it elsewhere asks you first")),
}

STAYS_INSIDE = frozenset({Licence.WITHIN.value, Licence.ASK.value})
SHARED_ALIKE = frozenset({Licence.BY_SA.value, Licence.BY_NC_SA.value})
LICENCE_PAGES: Mapping[str, str] = {
    Licence.BY.value: "https://creativecommons.org/licenses/by/4.0/",
    Licence.BY_SA.value: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.BY_NC.value: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.BY_NC_SA.value: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    Licence.CC0.value: "https://creativecommons.org/publicdomain/zero/1.0/",
}

SUBJECTS: Mapping[str, str] = {
    "mother_tongue": N_("Mother tongue"),
    "languages": N_("Other languages"),
    "maths": N_("Mathematics"),
    "science": N_("Science"),
    "biology": N_("Biology"),
    "chemistry": N_("Chemistry"),
    "physics": N_("Physics"),
    "geography": N_("Geography"),
    "history": N_("History"),
    "civics": N_("Civics and ethics"),
    "computing": N_("Computing"),
    "technology": N_("Technology"),
    "art": N_("Art"),
    "music": N_("Music"),
    "sport": N_("Physical education"),
    "class": N_("Class and school life"),
    "other": N_("Something else"),
}

LANGUAGES: Mapping[str, str] = {**LOCALES, "sq": "Shqip", "rom": "Romani", "hr": "Hrvatski", "de": "Deutsch"}
"""What items are written in: the languages of the pages, and some more."""

WIDENING = tuple(Audience)
"""Audiences, each reaching further than the one before it."""


def reaches(audience: str) -> int:
    return WIDENING.index(Audience(audience))


def within(reach: str | None) -> tuple[Audience, ...]:
    """The audiences that reach no further than this one; all, where nothing bounds them."""
    return WIDENING if reach is None else WIDENING[: reaches(reach) + 1]
