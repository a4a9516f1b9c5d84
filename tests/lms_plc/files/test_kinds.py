"""What comes in is what it is inside, under a name that harms nobody."""

import pytest

from lms_plc.files import kinds
from lms_plc.files.kinds import Refused, clean_name, kind_of

from .conftest import archive, document, picture

ODF = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (picture(), "a", kinds.PNG),
        (picture(form="JPEG"), "a", kinds.JPEG),
        (picture(form="GIF"), "a", kinds.GIF),
        (picture(form="WEBP"), "a", kinds.WEBP),
        (b"%PDF-1.7\n%\xe2\xe3", "a", kinds.PDF),
        (document(), "a", kinds.DOCX),
        (document("xl/workbook.xml"), "a", kinds.XLSX),
        (document("ppt/presentation.xml"), "a", kinds.PPTX),
        (archive(mimetype=ODF + "text"), "a", kinds.ODT),
        (archive(mimetype=ODF + "spreadsheet"), "a", kinds.ODS),
        (archive(mimetype=ODF + "presentation\n"), "a", kinds.ODP),
        ("Здраво 👋\r\n".encode(), "a.py", kinds.TEXT),
        (b"\xef\xbb\xbfname;class\n", "a.CSV", kinds.CSV),
        (b"# Plan\n\n2 < 3 <3", "a.md", kinds.MARKDOWN),
        (b"MZ is how my notes begin", "a.txt", kinds.TEXT),
        (b"ID3\x04\x00", "a", kinds.MP3),
        (b"\xff\xfb\x90\x64\x00", "a", kinds.MP3),
        (b"\0\0\0\x20ftypM4A \0\0", "a", kinds.M4A),
        (b"\0\0\0\x20ftypisom\0\0", "a", kinds.MP4),
        (b"OggS\0\2", "a", kinds.OGG),
        (b"RIFF\1\0\0\0WAVEfmt ", "a", kinds.WAV),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "a", kinds.WEBM),
    ],
    ids=lambda value: value.endings[0] if isinstance(value, kinds.Kind) else "",
)
def test_a_file_is_what_is_inside_whatever_its_name_says(content: bytes, name: str, kind: kinds.Kind) -> None:
    assert kind_of(content, name) == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", kinds.IS_EMPTY),
        (b"MZ\x90\x00\x03\x00", kinds.NO_PROGRAM),
        (b"\x7fELF\x02", kinds.NO_PROGRAM),
        (b"#!/bin/sh\nrm -rf", kinds.NO_PROGRAM),
        (document("word/document.xml", "word/vbaProject.bin"), kinds.NO_PROGRAM),
        (archive(**{"mimetype": ODF + "text", "Basic/Standard/script-lb.xml": "x"}), kinds.NO_PROGRAM),
        (b"<!DOCTYPE html><p>", kinds.NO_PAGE),
        (b"\xef\xbb\xbf \n<svg onload=alert(1)>", kinds.NO_PAGE),
        (b"hello <script>alert(1)</script>", kinds.NO_PAGE),
        (b"<?xml version='1.0'?><x/>", kinds.NO_PAGE),
        (archive(**{"readme.txt": "x"}), kinds.ONLY_THESE),
        (archive(**{"word/document.xml": "x"}), kinds.ONLY_THESE),
        (archive(mimetype="application/epub+zip"), kinds.ONLY_THESE),
        (b"PK\x03\x04 cut short", kinds.ONLY_THESE),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", kinds.ONLY_THESE),
        (b"\0\0\0\x18ftyp3gp4", kinds.ONLY_THESE),
        (b"\0\0\0\x18ftypheic", kinds.NO_HEIC),
        (b"\0\0\0\x18ftypqt  ", kinds.NO_QUICKTIME),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kinds.OLD_OFFICE),
        ("Име;Клас".encode("cp1251"), kinds.NOT_UTF8),
        ("Name".encode("utf-16"), kinds.NOT_UTF8),
        (b"RIFF\1\0\0\0AVI ", kinds.ONLY_THESE),
        (b"bell\x07", kinds.ONLY_THESE),
        (b"\0\1\2\3", kinds.ONLY_THESE),
    ],
)
def test_what_could_run_or_nobody_can_open_stays_out_with_a_word_that_helps(content: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        kind_of(content, "a.pdf")
    assert refused.value.words == words


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("plan.pdf", kinds.PDF, "plan.pdf"),
        ("plan.PDF", kinds.PDF, "plan.pdf"),
        ("photo.jpeg", kinds.JPEG, "photo.jpeg"),
        ("photo.png", kinds.JPEG, "photo.jpg"),
        ("run.exe", kinds.PDF, "run.exe.pdf"),
        ("my.final.version", kinds.DOCX, "my.final.version.docx"),
        ("../../etc/passwd", kinds.TEXT, "passwd.txt"),
        ("C:\\Users\\me\\plan.pdf", kinds.PDF, "plan.pdf"),
        ('a"b<c>\r\nd\x00.pdf', kinds.PDF, "a_b_c_ d.pdf"),
        ("gnp\u202efdp.exe", kinds.PDF, "gnpfdp.exe.pdf"),
        ("час по\u00a0математика.pdf", kinds.PDF, "час по математика.pdf"),
        ("नमस्\u200dते.pdf", kinds.PDF, "नमस्\u200dते.pdf"),
        ("\ud800.pdf", kinds.PDF, "_.pdf"),
        (".pdf", kinds.PDF, "pdf.pdf"),
        ("...", kinds.PDF, "file.pdf"),
        ("é" * 300 + ".pdf", kinds.PDF, "é" * 116 + ".pdf"),
        ("x" * 300, None, "x" * 120),
        ("\u202e", None, "?"),
    ],
)
def test_a_name_is_fit_for_every_disk_and_every_page(name: str, kind: kinds.Kind | None, clean: str) -> None:
    assert clean_name(name, kind) == clean


def test_an_archive_of_a_million_parts_is_refused_before_its_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "LARGEST_LIST", 200)
    assert kind_of(document(), "a") == kinds.DOCX
    many = document("word/document.xml", *(f"word/{number}.xml" for number in range(9)))
    with_zip64 = many.replace(b"PK\x05\x06", b"PK\x06\x07" + bytes(16) + b"PK\x05\x06")
    for content in (many, with_zip64, b"PK\x03\x04 and no end"):
        monkeypatch.setattr(kinds, "ZipFile", None)
        with pytest.raises(Refused, match="of a kind we cannot take"):
            kind_of(content, "a")
