"""What may come in about oneself."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from lms_plc.people.teaching import LANGUAGES, POSTS, SUBJECTS
from lms_plc.web.form_fields import TypedForm, several

SCHOOLS = ("school", "school_2", "school_3")


def _among(known: object) -> AfterValidator:
    """What is no key of ours was never offered; it is left out."""
    return AfterValidator(lambda keys: [key for key in dict.fromkeys(keys) if key in known])  # type: ignore[operator]


School = Annotated[str, Field(max_length=200)]


class ProfileForm(TypedForm):
    """``subjects`` and ``languages`` come as keys parted by spaces."""

    school: School = ""
    school_2: School = ""
    school_3: School = ""
    subjects: Annotated[list[str], BeforeValidator(several), _among(SUBJECTS)] = []
    languages: Annotated[list[str], BeforeValidator(several), _among(LANGUAGES)] = []
    post_type: Annotated[str, AfterValidator(lambda key: key if key in POSTS else "")] = ""
    about: str = Field(default="", max_length=2000)
    may_be_found: bool = False

    @property
    def schools(self) -> list[str]:
        return [getattr(self, name) for name in SCHOOLS]
