"""What somebody says into a page instead of writing: one recording a form, looked at before any transaction begins.

It is no file of the house: files are read by whoever may read what they hang on, this by its author alone, and its
bytes lie sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from lms_plc.files.kinds import M4A, MP3, MP4, OGG, WAV, WEBM, Kind, Refused, clean_name, kind_of
from lms_plc.files.scanning import scan
from lms_plc.house import house
from lms_plc.web.i18n import N_, format_number, gettext

_MEGA = 1024 * 1024
LARGEST = 10 * _MEGA
"""Bytes of one recording: some ten minutes as phones make them."""

SOUNDS: Mapping[Kind, str] = {
    **{MP3: "audio/mpeg", M4A: "audio/mp4", MP4: "audio/mp4"},
    **{OGG: "audio/ogg", WAV: "audio/wav", WEBM: "audio/webm"},
}
"""What phones and computers record → what it is played as. Recorders put mere sound into film's boxes too."""

TOO_LONG = N_("“%(name)s” is too long. A recording may have up to %(limit)s MB.")
NO_SOUND = N_("“%(name)s” is no recording we can play. MP3, M4A, OGG, WAV and WebM are fine.")
NO_ROOM = N_("There is no room left for recordings. Delete one you no longer need, and try again.")


@dataclass(frozen=True, slots=True)
class Voice:
    """A recording that may come in."""

    media_type: str
    content: bytes = field(repr=False)


def brought() -> tuple[Voice | None, list[dict[str, str]]]:
    """The recording of the form under way, if there is one, and what is wrong with it."""
    chosen = request.files.get("voice")
    if chosen is None or not chosen.filename:
        return None, []
    name, content = clean_name(chosen.filename), chosen.stream.read(LARGEST + 1)
    chosen.close()
    if len(content) > LARGEST:
        return None, [_wrong(gettext(TOO_LONG, name=name, limit=format_number(LARGEST // _MEGA)))]
    try:
        kind = kind_of(content, name)
        if kind not in SOUNDS:
            raise Refused(NO_SOUND)
        scan(content, house().settings.scan_command)
    except Refused as refused:
        return None, [_wrong(gettext(refused.words, name=name))]
    return Voice(SOUNDS[kind], content), []


def no_room() -> dict[str, str]:
    return _wrong(gettext(NO_ROOM))


def room() -> int:
    """Bytes one person may keep."""
    return house().settings.files_quota_mb * _MEGA


def _wrong(message: str) -> dict[str, str]:
    return {"field": "voice", "message": message}
