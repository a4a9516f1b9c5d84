"""Reading a form: the checked values, or what is wrong with each field in words that help."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from lms_plc.web.form_fields import new_form_key
from lms_plc.web.i18n import N_, gettext, ngettext

Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Form]):
    """``form`` when all is well, else ``errors`` as the page shows them, and what was typed in ``given``."""

    form: Form | None
    errors: list[dict[str, str]]
    given: Mapping[str, str]

    def error(self, field: str) -> str | None:
        return next((error["message"] for error in self.errors if error["field"] == field), None)

    @property
    def form_key(self) -> str:
        """As it was sent, so that the same form sent twice is one thing; a new one for a form not sent yet."""
        return self.given.get("form_key") or new_form_key()

    def refused(self, field: str, message: str = "") -> Self:
        """The same, refused for what its form cannot see by itself; without a message as no choice that was offered."""
        no_choice = _WORDS["enum"]
        return replace(self, form=None, errors=[{"field": field, "message": message or gettext(no_choice)}])

    def worded(self, words: Mapping[str, str]) -> Self:
        """The same, with words for these fields that say more than what was wrong."""
        errors = [{**error, "message": words.get(error["field"], error["message"])} for error in self.errors]
        return replace(self, errors=errors)


_CARRIED = re.compile(r"(/s/[2-9a-z]{1,16})\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", re.ASCII)
_STEERING: dict[int, str | None] = {
    **dict.fromkeys((*range(9), *range(14, 32), *range(127, 160))),
    **dict.fromkeys((11, 12, 0x85), " "),
    13: "\n",
}
"""Control signs; those that break a line in a word processor still part words."""

_WORDS = {
    "missing": N_("Please fill this in."),
    "string_too_short": N_("Please fill this in."),
    "enum": N_("Please choose one of these."),
    "too_short": N_("Please choose at least one."),
}
_OTHERWISE = N_("This could not be understood. Please check it.")


def read_form(model: type[Form], given: Mapping[str, str]) -> Answer[Form]:
    """Checks what came in. ``given`` is the request's form; unknown fields are ignored."""
    given = {name: _as_typed(given[name]) for name in given}
    try:
        return Answer(model.model_validate(given), [], given)
    except ValidationError as wrong:
        errors = {
            str(error["loc"][0]): _say(error["type"], error.get("ctx") or {})
            for error in reversed(wrong.errors(include_url=False, include_input=False))
            if error["loc"]
        }
        return Answer(None, [{"field": field, "message": errors[field]} for field in reversed(errors)], given)


def with_lists(form: MultiDict[str, str], *names: str) -> dict[str, str]:
    """What came in, flat: what can be ticked more than once is one value, with a blank between."""
    return {**form.to_dict(), **{name: " ".join(form.getlist(name)) for name in names}}


def _as_typed(value: str) -> str:
    """Line breaks as the text area counted them: a form sends two characters for each. Control signs are left out:
    nobody types them, NUL fits no database, and the others no letter and no calendar. An address of ours that carries a
    sitting is kept without its secret: people paste what stands in the bar."""
    return _CARRIED.sub(r"\1", value.replace("\r\n", "\n").translate(_STEERING))


def _say(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "string_too_long":
        most = int(context["max_length"])
        return ngettext(
            "This is too long: at most %(num)s character.",
            "This is too long: at most %(num)s characters.",
            most,
        )
    return gettext(_WORDS.get(kind, _OTHERWISE))
