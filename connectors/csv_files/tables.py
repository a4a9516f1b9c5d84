"""How does a file of bytes become rows of text, line by line, whatever program saved it?"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from connectors.errors import N_, BadAnswer

ENCODINGS = ("utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "windows-1254")
"""What a person may declare. One byte a letter fits many languages, so no such encoding is guessed."""

DELIMITERS = (",", ";", "\t", "|")

LONGEST_LINE = 256 * 1024
"""Characters. A longer line is no line of a table."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_OLD_LINES = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, from `line` to `last_line`; `cells` is None where the row cannot be told apart."""

    line: int
    last_line: int
    cells: list[str] | None


@dataclass(frozen=True, slots=True)
class Table:
    """The headings as they were written, the line they stand in, and the rows still to be read."""

    line: int
    headings: list[str]
    rows: Iterator[Row]


def read_table(file: BinaryIO, known: Callable[[str], bool], encoding: str | None = None) -> Table:
    """The table in `file`; its delimiter is the one that yields the most headings that are `known`.

    Raises ValueError for an `encoding` outside of `ENCODINGS`, and `BadAnswer` with the code `encoding`, `web_page`,
    `no_text`, `long_line` or `empty_file`, also while the rows are read.
    """
    lines = _Lines(_decoded(file, encoding))
    heading, delimiter = "", None
    for line in lines:
        heading = line.strip("\r\n")
        if heading.lower().startswith("sep=") and len(heading) == 5:
            delimiter = heading[4:]
        elif heading.strip(" \t,;|"):
            break
    else:
        raise BadAnswer(
            N_("The file is empty."), N_("Save the table again, with its headings in the first row."), code="empty_file"
        )
    if heading.lstrip().lower().startswith(("<!doctype", "<html", "<?xml")):
        raise BadAnswer(
            N_("The file is a web page, not a table."),
            N_("Download it again while logged in, as CSV."),
            code="web_page",
        )
    if heading.startswith("PK\x03\x04"):
        raise _no_text()
    delimiter = delimiter or max(DELIMITERS, key=lambda one: sum(map(known, _cells(heading, one))))
    return Table(lines.number, _cells(heading, delimiter), _rows(lines, delimiter))


def _cells(line: str, delimiter: str) -> list[str]:
    with suppress(csv.Error):
        return next(csv.reader([line], delimiter=delimiter), [])
    return [line]


def _rows(lines: "_Lines", delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        first = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(first, lines.number, None)
        else:
            if any(cell.strip() for cell in cells):
                yield Row(first, lines.number, cells)


class _Lines:
    """Lines, and the number of the last one given."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line


def _decoded(file: BinaryIO, encoding: str | None) -> Iterator[str]:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise ValueError(f"no such choice of encoding; there is: {', '.join(ENCODINGS)}")
    begin = file.read(4)
    mark, marked = next(((mark, name) for mark, name in _MARKS if begin.startswith(mark)), (b"", None))
    # A mark in the file is proof, a choice only what somebody believed.
    name = marked or (encoding or "utf-8").lower()
    if name == "utf-16":
        name = "utf-16-be" if begin[:1] == b"\0" else "utf-16-le"
    rest = _Joined(begin[len(mark) :], file)
    return _wide_lines(rest, name) if name.startswith("utf-16") else _byte_lines(rest, name)


class _Joined(io.RawIOBase):
    """Bytes already read, and then the file."""

    def __init__(self, begin: bytes, file: BinaryIO) -> None:
        self._begin = begin
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._begin[: len(buffer)] or self._file.read(len(buffer))
        self._begin = self._begin[len(chunk) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _byte_lines(file: io.RawIOBase, name: str) -> Iterator[str]:
    number = 0
    data = io.BufferedReader(file, 256 * 1024)
    while line := data.readline(LONGEST_LINE):
        number += 1
        if b"\0" in line:
            raise _no_text()
        if len(line) == LONGEST_LINE:
            raise _long_line(number)
        broken = False
        try:
            text = line.decode(name)
        except UnicodeDecodeError:
            broken = True
        # Outside of the except block: a decoding error holds the line, and a line holds names.
        if broken:
            raise _wrong_encoding(number, name)
        # A line of old Macs ends in a carriage return alone.
        yield from _OLD_LINES.findall(text) if "\r" in text.rstrip("\r\n") else (text,)


def _wide_lines(file: io.RawIOBase, name: str) -> Iterator[str]:
    number = 0
    text = io.TextIOWrapper(io.BufferedReader(file), name, newline="")
    while True:
        broken = False
        try:
            line = text.readline(LONGEST_LINE)
        except UnicodeDecodeError:
            broken = True
        if broken:
            raise _wrong_encoding(number + 1, "utf-16")
        if not line:
            return
        number += 1
        if "\0" in line:
            raise _no_text()
        if len(line) == LONGEST_LINE:
            raise _long_line(number)
        yield line


def _wrong_encoding(line: int, encoding: str) -> BadAnswer:
    return BadAnswer(
        N_("Line %(line)s cannot be read as %(encoding)s."),
        N_("Save the file as UTF-8, or say which encoding it has: %(choices)s."),
        code="encoding",
        params={"line": str(line), "encoding": encoding, "choices": ", ".join(ENCODINGS)},
    )


def _no_text() -> BadAnswer:
    return BadAnswer(
        N_("The file is no text."),
        N_("Save the table as CSV; if it already is one, say that its encoding is utf-16."),
        code="no_text",
    )


def _long_line(line: int) -> BadAnswer:
    return BadAnswer(
        N_("Line %(line)s is far too long for a row of a table."),
        N_("Save the table as CSV, one person a line."),
        code="long_line",
        params={"line": str(line)},
    )
