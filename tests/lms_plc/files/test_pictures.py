"""Pictures come out upright, small, and without a word of the camera."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from lms_plc.files import kinds, pictures
from lms_plc.files.kinds import Kind, Refused

from .conftest import picture

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def from_a_phone() -> bytes:
    """A photo taken on its side in the school yard of Veles."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[MAKER] = "CANARY-PHONE"
    exif.get_ifd(GPS).update({1: "N", 2: (41.0, 42.0, 56.0), 3: "E", 4: (21.0, 46.0, 31.0)})
    return picture((3000, 1000), "JPEG", exif=exif.tobytes(), comment=b"CANARY-COMMENT")


def test_a_photo_loses_the_place_and_all_else_the_camera_wrote_and_stands_upright() -> None:
    content = from_a_phone()
    assert Image.open(BytesIO(content)).getexif().get_ifd(GPS)
    made = pictures.redraw(content, kinds.JPEG)
    assert (made.width, made.height) == (683, 2048)
    assert made.small is not None
    for one in (made.content, made.small):
        again = Image.open(BytesIO(one))
        assert dict(again.getexif()) == {}
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(again.info)
        assert b"CANARY" not in one
    assert max(Image.open(BytesIO(made.small)).size) == 480
    assert Image.open(BytesIO(made.content)).info.get("progressive")


@pytest.mark.parametrize(
    ("content", "kind", "becomes"),
    [
        (picture(mode="RGBA"), kinds.PNG, "PNG"),
        (picture(mode="RGBA", form="WEBP"), kinds.WEBP, "WEBP"),
        (picture(form="WEBP"), kinds.WEBP, "JPEG"),
        (picture(mode="L", form="JPEG"), kinds.JPEG, "JPEG"),
        (picture(mode="CMYK", form="JPEG"), kinds.JPEG, "JPEG"),
        (picture((500, 500)), kinds.PNG, "PNG"),
        (Image.effect_noise((300, 300), 90), kinds.PNG, "JPEG"),
        (picture(mode="P", form="GIF", transparency=3), kinds.GIF, "PNG"),
    ],
)
def test_what_can_be_seen_through_stays_so_and_a_photo_becomes_a_jpeg(
    content: bytes | Image.Image, kind: Kind, becomes: str
) -> None:
    if isinstance(content, Image.Image):
        out = BytesIO()
        content.save(out, "PNG")
        content = out.getvalue()
    made = pictures.redraw(content, kind)
    again = Image.open(BytesIO(made.content))
    assert again.format == becomes == pictures._FORMATS[made.kind]
    assert again.size == (made.width, made.height)


def test_of_a_moving_picture_the_first_frame_stays() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    again = Image.open(BytesIO(pictures.redraw(out.getvalue(), kinds.GIF).content)).convert("RGB")
    assert getattr(again, "n_frames", 1) == 1
    assert again.getpixel((5, 5)) == (255, 0, 0)


def bomb(side: int) -> bytes:
    """A picture of a few bytes that says it has ``side`` × ``side`` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (bomb(8_000), kinds.PNG, pictures.TOO_MANY_PIXELS),
        (bomb(10_000), kinds.PNG, pictures.TOO_MANY_PIXELS),
        (bomb(60_000), kinds.PNG, pictures.TOO_MANY_PIXELS),
        (bomb(100), kinds.PNG, pictures.BROKEN),
        (from_a_phone()[:2000], kinds.JPEG, pictures.BROKEN),
        (b"GIF89a", kinds.GIF, pictures.BROKEN),
    ],
)
def test_a_bomb_and_a_broken_picture_stay_out(content: bytes, kind: Kind, words: str) -> None:
    with pytest.raises(Refused) as refused:
        pictures.redraw(content, kind)
    assert refused.value.words == words
