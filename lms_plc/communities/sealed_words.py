"""What is said of words that were sealed under a key this house no longer has?"""

from lms_plc.core.sealing import CannotUnseal, Seal
from lms_plc.web.i18n import gettext


def lost() -> str:
    """Stands where the words were."""
    return gettext("(sealed with another key, and cannot be opened any more)")


def unsealed(seal: Seal, text: str) -> str:
    """What somebody wrote, or that nobody can open it any more."""
    try:
        return seal.open(text)
    except CannotUnseal:
        return lost()
