"""Short signs people read from a board or a sheet: the code of a meeting's attendance, the word of its sheet."""

import secrets
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from lms_plc.meetings.queries import MeetingSeen
from lms_plc.meetings.states import COMING, TOOK_PLACE, State

SIGNS = 6
_DIGITS = "23456789"
"""Digits are the same on every keyboard and in every script; 0 and 1 are taken for letters."""
_ON_PAPER = "ACDEFHJKMNPRTWXY3479"

OPENS_BEFORE = timedelta(minutes=30)
OPEN_AFTERWARDS = timedelta(hours=2)


def new_code() -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(SIGNS))


def as_typed(typed: str) -> str:
    """The digits of what somebody typed, whatever stands between them and whichever script they are of."""
    return "".join(str(unicodedata.digit(sign)) for sign in typed if unicodedata.digit(sign, None) is not None)


def as_shown(code: str) -> str:
    """In two groups, as people say it."""
    return f"{code[:3]}\u2009{code[3:]}"


def is_open(meeting: MeetingSeen, at: datetime) -> bool:
    """Whether its code is taken now: from half an hour before it begins until two hours after it was closed."""
    if State(meeting.state) not in COMING | TOOK_PLACE | {State.RUNNING}:
        return False
    begins = min(meeting.starts_at - OPENS_BEFORE, meeting.begun_at or meeting.starts_at)
    ends = meeting.closed_at or meeting.ends_at
    return begins <= at <= ends + OPEN_AFTERWARDS


def sheet_code(meeting_id: UUID) -> str:
    """Five signs on the paper and on the page where it is entered: do the two belong together?"""
    number, signs = meeting_id.int & ((1 << 62) - 1), ""
    for _ in range(5):
        number, place = divmod(number, len(_ON_PAPER))
        signs += _ON_PAPER[place]
    return signs
