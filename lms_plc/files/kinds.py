"""Which kinds of files may come in? Told by what is inside, never by what the name or the browser says.

What could run something when it is opened stays out: programs, web pages, drawings in SVG, documents with macros.
"""

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from lms_plc.files.models import LONGEST_NAME
from lms_plc.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """``endings`` are those a name may keep, the usual one first; ``label`` is a message id."""

    media_type: str
    endings: tuple[str, ...]
    label: str
    is_picture: bool = False


PNG = Kind("image/png", ("png",), N_("Picture"), is_picture=True)
JPEG = Kind("image/jpeg", ("jpg", "jpeg"), N_("Picture"), is_picture=True)
GIF = Kind("image/gif", ("gif",), N_("Picture"), is_picture=True)
WEBP = Kind("image/webp", ("webp",), N_("Picture"), is_picture=True)
PDF = Kind("application/pdf", ("pdf",), N_("PDF"))
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",), N_("Word document"))
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), N_("Excel table"))
PPTX = Kind(
    "application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",), N_("PowerPoint slides")
)
ODT = Kind("application/vnd.oasis.opendocument.text", ("odt",), N_("Text document"))
ODS = Kind("application/vnd.oasis.opendocument.spreadsheet", ("ods",), N_("Table"))
ODP = Kind("application/vnd.oasis.opendocument.presentation", ("odp",), N_("Slides"))
TEXT = Kind("text/plain", ("txt",), N_("Text"))
CSV = Kind("text/csv", ("csv",), N_("Table"))
MARKDOWN = Kind("text/markdown", ("md", "markdown"), N_("Text"))
MP3 = Kind("audio/mpeg", ("mp3",), N_("Sound"))
M4A = Kind("audio/mp4", ("m4a",), N_("Sound"))
OGG = Kind("audio/ogg", ("ogg", "oga", "opus"), N_("Sound"))
WAV = Kind("audio/wav", ("wav",), N_("Sound"))
WEBM = Kind("video/webm", ("webm",), N_("Sound or film"))
MP4 = Kind("video/mp4", ("mp4",), N_("Film"))

KINDS = (PNG, JPEG, GIF, WEBP, PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TEXT, CSV, MARKDOWN, MP3, M4A, OGG, WAV, WEBM, MP4)
BY_TYPE = {kind.media_type: kind for kind in KINDS}
ACCEPTED = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)
"""For the chooser of the browser, which then shows what fits."""

ONLY_THESE = N_(
    "“%(name)s” is of a kind we cannot take. Photos, PDF, Word, Excel, PowerPoint, OpenDocument, plain text, sound and"
    " film (MP4, WebM) are fine."
)
NO_PROGRAM = N_(
    "“%(name)s” is a program, or has one inside (macros). Save it without macros, or as PDF, and try again."
)
NO_PAGE = N_("“%(name)s” is a web page or a drawing that could run something. Save it as PDF or as a picture.")
NO_HEIC = N_("“%(name)s” is a photo in Apple's own form (HEIC). Save or share it as JPEG, and try again.")
NO_QUICKTIME = N_("“%(name)s” is a film in Apple's own form. Save or share it as MP4, and try again.")
OLD_OFFICE = N_("“%(name)s” is in an old Office form. Save it as .docx, .xlsx, .pptx or PDF, and try again.")
NOT_UTF8 = N_("The letters of “%(name)s” are in a code we cannot read. Save it as UTF-8, or as PDF, and try again.")
IS_EMPTY = N_("“%(name)s” is empty. Perhaps it was not saved yet.")


class Refused(Exception):
    """A file that does not come in; ``words`` is a message id with a place for its name."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


_PROGRAMS = (
    *(b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"),
    b"L\0\0\0\1\x14\2",
)
_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"OggS", OGG),
    (b"ID3", MP3),
)
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV}
_OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_MACROS = re.compile(r"vbaProject|^xl/macrosheets/|^Basic/|^Scripts/|/activeX/", re.IGNORECASE)
_PAGE = re.compile(rb"^\s*<[!?a-z]|<(?:script|html|svg|iframe)\b", re.IGNORECASE)
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"})
_MP4 = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"MSNV", b"M4V "})
_SOUND = frozenset({b"M4A ", b"M4B "})
LARGEST_LIST = 2 * 1024 * 1024
"""Bytes of a document's list of contents: some twenty thousand parts."""

_LEAD = 1024
"""Bytes in which browsers look for what makes a text a page."""


def kind_of(content: bytes, name: str) -> Kind:
    """What the content is; the name only tells one plain text from another. Raises Refused."""
    if not content:
        raise Refused(IS_EMPTY)
    if content.startswith(_PROGRAMS) or (content.startswith(b"MZ") and b"\0" in content[:256]):
        raise Refused(NO_PROGRAM)
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    for recognise in (_riff, _media_box, _matroska, _zip):
        found = recognise(content)
        if found is not None:
            return found
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(OLD_OFFICE)
    if _is_mpeg_frame(content):
        return MP3
    return _text(content, name)


def _riff(content: bytes) -> Kind | None:
    return _RIFF.get(content[8:12]) if content.startswith(b"RIFF") else None


def _media_box(content: bytes) -> Kind | None:
    if content[4:8] != b"ftyp":
        return None
    brand = content[8:12]
    if brand in _HEIC:
        raise Refused(NO_HEIC)
    if brand == b"qt  ":
        raise Refused(NO_QUICKTIME)
    if brand in _SOUND:
        return M4A
    if brand in _MP4:
        return MP4
    raise Refused(ONLY_THESE)


def _matroska(content: bytes) -> Kind | None:
    if not content.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    if b"\x42\x82\x84webm" not in content[:64]:
        raise Refused(ONLY_THESE)
    return WEBM


def _zip(content: bytes) -> Kind | None:
    """Office documents are archives: their list of contents tells which. Nothing is unpacked but one short word."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    if _list_of_contents(content) > LARGEST_LIST:
        raise Refused(ONLY_THESE)
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            word = ""
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= 100:
                word = archive.read("mimetype").decode("ascii", "replace").strip()
    except (BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError, EOFError):
        raise Refused(ONLY_THESE) from None
    if any(_MACROS.search(name) for name in names):
        raise Refused(NO_PROGRAM)
    if word:
        found = next((kind for kind in (ODT, ODS, ODP) if kind.media_type == word), None)
    else:
        found = next((kind for part, kind in _OFFICE.items() if part in names), None)
        found = found if "[Content_Types].xml" in names else None
    if found is None:
        raise Refused(ONLY_THESE)
    return found


def _list_of_contents(content: bytes) -> int:
    """Bytes of an archive's list of contents, as its end says: reading it takes twenty times as many. One that is told
    in the way of very large archives (ZIP64) is larger than any document's."""
    end = content.rfind(b"PK\x05\x06")
    if end < 0 or b"PK\x06\x07" in content[max(0, end - 20) : end]:
        return LARGEST_LIST + 1
    return int.from_bytes(content[end + 12 : end + 16], "little")


def _is_mpeg_frame(content: bytes) -> bool:
    """The head of an MP3 without a tag: eleven ones, layer III, and a rate of bits and of samples there is."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE6 != 0xE2:
        return False
    return content[2] >> 4 not in (0, 15) and content[2] & 0x0C != 0x0C


def _text(content: bytes, name: str) -> Kind:
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(ONLY_THESE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(NOT_UTF8) from None
    if any(unicodedata.category(letter) == "Cc" and letter not in "\t\n\r\f" for letter in set(text)):
        raise Refused(ONLY_THESE)
    if _PAGE.search(content[:_LEAD].removeprefix(b"\xef\xbb\xbf")):
        raise Refused(NO_PAGE)
    ending = _ending(name)
    return next((kind for kind in (CSV, MARKDOWN) if ending in kind.endings), TEXT)


_WEIRD = re.compile(r'[\\/:*?"<>|]')
_DOTS = re.compile(r"\.{2,}")


def clean_name(name: str, kind: Kind | None = None) -> str:
    """A name fit for every disk and every page: no path, no control or turning marks, not too long, and with the ending
    of what the file is."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = name.replace("\\", "/").rpartition("/")[2]
    visible = (" " if letter.isspace() else letter for letter in name if not _is_unseen(letter))
    name = _DOTS.sub(".", _WEIRD.sub("_", "".join(visible)))
    name = " ".join(name.split()).strip(". ")
    if kind is None:
        return name[:LONGEST_NAME] or "?"
    stem, ending = _parts(name)
    if ending in kind.endings:
        new = ending
    else:
        new = kind.endings[0]
        if ending not in _OURS:
            stem = name
    return f"{stem[: LONGEST_NAME - len(new) - 1].strip('. ') or 'file'}.{new}"


_OURS = frozenset(ending for kind in KINDS for ending in kind.endings)


def _parts(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, ending.lower()) if dot else (name, "")


def _ending(name: str) -> str:
    return _parts(name)[1]


def _is_unseen(letter: str) -> bool:
    """Control, formatting (among them the marks that turn the direction round) and unassigned signs; but a joiner
    belongs to the spelling of some languages."""
    category = unicodedata.category(letter)
    if letter.isspace():
        return False
    return category in ("Cc", "Cf", "Cs", "Co", "Cn") and letter not in "\u200c\u200d"
