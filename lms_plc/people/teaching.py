"""What do people teach, in which languages, and in which post? The keys that are stored, and their words."""

from collections.abc import Iterable, Mapping

from lms_plc.web.i18n import N_, gettext

SUBJECTS: Mapping[str, str] = {
    "mathematics": N_("Mathematics"),
    "first_language": N_("First language and literature"),
    "foreign_languages": N_("Foreign languages"),
    "second_language": N_("Language of the country as a second one"),
    "biology": N_("Biology"),
    "chemistry": N_("Chemistry"),
    "physics": N_("Physics"),
    "science": N_("Science"),
    "geography": N_("Geography"),
    "history": N_("History"),
    "civic_education": N_("Civic education"),
    "ethics_religion": N_("Ethics and religion"),
    "philosophy": N_("Philosophy"),
    "psychology": N_("Psychology"),
    "economics": N_("Economics and business"),
    "computing": N_("Computing"),
    "technology": N_("Technology and crafts"),
    "art": N_("Art"),
    "music": N_("Music"),
    "physical_education": N_("Physical education"),
    "primary": N_("Primary classes, all subjects"),
    "early_years": N_("Early years"),
    "special_needs": N_("Inclusion and special needs"),
    "vocational": N_("Vocational subjects"),
    "other": N_("Another subject"),
}

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "mk": "Македонски",
    "sq": "Shqip",
    "tr": "Türkçe",
    "sr": "Српски / Srpski",
    "bs": "Bosanski",
    "hr": "Hrvatski",
    "sl": "Slovenščina",
    "cnr": "Crnogorski",
    "rom": "Romani čhib",
    "bg": "Български",
    "ro": "Română",
    "hu": "Magyar",
    "kk": "Қазақша",
    "ru": "Русский",
    "nl": "Nederlands",
    "de": "Deutsch",
    "fr": "Français",
}
"""With their names in themselves, as people look for them."""

POSTS: Mapping[str, str] = {
    "teacher": N_("Teacher"),
    "support_service": N_("Support service"),
    "leader": N_("School leader"),
    "teacher_educator": N_("Teacher educator"),
    "official": N_("Official"),
    "other": N_("Another post"),
}
"""`connectors.roster.POST_TYPES`. Posts are shown and counted; no right comes from one."""


def subject_names(keys: Iterable[str]) -> list[str]:
    """In the order of the list, in the bound language; a key that is no longer one is left out."""
    known = set(keys)
    return [gettext(label) for key, label in SUBJECTS.items() if key in known]


def language_names(keys: Iterable[str]) -> list[str]:
    known = set(keys)
    return [label for key, label in LANGUAGES.items() if key in known]


def post_name(key: str | None) -> str | None:
    return gettext(POSTS[key]) if key is not None and key in POSTS else None
