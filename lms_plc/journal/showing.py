"""How a notebook reads: its words for days, questions, readers, and for what has left the tool."""

import re
from collections.abc import Sequence

from flask import request

from lms_plc.communities.audiences import AUDIENCE_NAMES, Audience
from lms_plc.core.exports import Left, LeftSeen
from lms_plc.journal.forms import MOODS, PROMPTS
from lms_plc.journal.queries import Entry, PartSeen
from lms_plc.web.i18n import format_date, gettext, ngettext


def prompts() -> dict[str, str]:
    return {prompt.value: gettext(words) for prompt, words in PROMPTS.items()}


def day_and_prompt(seen: Entry) -> tuple[str, str | None]:
    return format_date(seen.day, "long"), prompts().get(seen.prompt or "")


def mood(seen: Entry) -> str | None:
    return next((gettext(word) for one, word in MOODS.items() if one.value == seen.mood), None)


def audience(part: PartSeen) -> str:
    return gettext(AUDIENCE_NAMES[Audience(part.audience)][0])


def left(exports: Sequence[LeftSeen]) -> list[str]:
    """How something has left, a sentence each."""
    return [_left(one) for one in exports]


def _left(one: LeftSeen) -> str:
    day = format_date(one.last_at.date(), "long")
    if one.way is Left.LETTER:
        words = ngettext(
            "%(num)s letter spoke of it, on %(day)s.",
            "%(num)s letters spoke of it, the last on %(day)s.",
            one.times,
            day=day,
        )
    elif one.way is Left.LMS:
        words = ngettext(
            "%(num)s message in the learning platform spoke of it, on %(day)s.",
            "%(num)s messages in the learning platform spoke of it, the last on %(day)s.",
            one.times,
            day=day,
        )
    else:
        words = ngettext(
            "Its page was opened for printing %(num)s time, on %(day)s.",
            "Its page was opened for printing %(num)s times, the last on %(day)s.",
            one.times,
            day=day,
        )
    return words


def paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", text) if part.strip()]


def numbers(name: str) -> list[int]:
    given = (one for one in request.args.getlist(name) if one.isascii() and one.isdigit() and len(one) < 6)
    return sorted({int(one) for one in given})[:500]
