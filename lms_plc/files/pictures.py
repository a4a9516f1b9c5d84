"""Pictures are drawn anew: small enough for a slow line, and without anything the camera wrote beside the picture."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from lms_plc.files.kinds import GIF, JPEG, PNG, WEBP, Kind, Refused
from lms_plc.web.i18n import N_

LARGEST_SIDE = 2048
SMALL_SIDE = 480
MOST_PIXELS = 50_000_000
"""Looked at before anything is decoded: a small file can unfold into gigabytes."""

TOO_MANY_PIXELS = N_("“%(name)s” has too many pixels for us. Make the picture smaller, and try again.")
BROKEN = N_("“%(name)s” cannot be opened as a picture. Perhaps it was not copied to its end; try again.")

_FORMATS = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP"}
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew. ``small`` is None where it is small already."""

    kind: Kind
    content: bytes
    small: bytes | None
    width: int
    height: int


def redraw(content: bytes, kind: Kind) -> Picture:
    """The picture upright, its longer side at most 2048 pixels, its first frame if it moves. Raises Refused."""
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[kind]]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Refused(TOO_MANY_PIXELS)
            if kind is JPEG:
                opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
            image = _plain(ImageOps.exif_transpose(opened))
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(TOO_MANY_PIXELS) from None
    except Exception:  # noqa: BLE001 - decoders raise whatever comes to their mind at a broken picture
        raise Refused(BROKEN) from None
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    made, drawn = _smallest(image, kind)
    small = image.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    thumbnail = _encoded(small, made) if small.size != image.size else None
    if thumbnail is not None and len(thumbnail) >= len(drawn):
        thumbnail = None
    return Picture(made, drawn, thumbnail, image.width, image.height)


def _plain(image: Image.Image) -> Image.Image:
    """Colours alone: writers of some formats take along what they find in ``info`` (comments, profiles, places)."""
    clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    plain = image.convert("RGBA" if clear else "RGB")
    if clear and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    plain.info = {}
    return plain


def _smallest(image: Image.Image, kind: Kind) -> tuple[Kind, bytes]:
    """What can be seen through stays so. A drawing or a picture of a screen is smaller and sharper as PNG, a photo as
    JPEG."""
    if image.mode == "RGBA":
        stays = WEBP if kind is WEBP else PNG
        return stays, _encoded(image, stays)
    photo = _encoded(image, JPEG)
    if kind in (PNG, GIF):
        drawing = _encoded(image, PNG)
        if len(drawing) <= len(photo):
            return PNG, drawing
    return JPEG, photo


_HOW: dict[Kind, dict[str, Any]] = {
    JPEG: {"quality": _QUALITY, "progressive": True, "optimize": True},
    PNG: {"optimize": True},
    WEBP: {"quality": _QUALITY},
}


def _encoded(image: Image.Image, kind: Kind) -> bytes:
    out = BytesIO()
    image.save(out, _FORMATS[kind], **_HOW[kind])
    return out.getvalue()
