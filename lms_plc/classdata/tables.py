"""What came, read as a table of totals: pasted from a spreadsheet, or a small CSV or XLSX file. Pure functions.

Nothing of what came is stored or logged. What looks like a list of pupils is refused before anybody sees it again.
"""

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from statistics import median
from typing import Any

from lms_plc.web.i18n import N_

MOST_ROWS = 200
MOST_COLUMNS = 30
LONGEST_CELL = 80
LONGEST_TEXT = 100_000
LARGEST_FILE = 1024 * 1024
LARGEST_UNPACKED = 20 * 1024 * 1024
MOST_PARTS = 200
LARGEST_GROUP = 100_000
MOST_TITLES = 5
MOST_SHEETS = 10

Grid = list[list[str]]


class Refused(ValueError):
    """What came cannot be taken. ``words`` is a message id that says what to do, ``values`` what it names."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words)
        self.words, self.values = words, values


class Use(StrEnum):
    """What a column is."""

    GROUP = "group"
    PUPILS = "pupils"
    MEAN = "mean"
    PERCENT = "percent"
    LEVEL = "level"
    LEAVE = "leave"


USES = {
    Use.GROUP: N_("Which group"),
    Use.PUPILS: N_("How many pupils"),
    Use.MEAN: N_("Average (points, grade)"),
    Use.PERCENT: N_("Percent of the group"),
    Use.LEVEL: N_("How many pupils reached this level"),
    Use.LEAVE: N_("Leave it out"),
}

MEASURES, LEVELS = "measures", "levels"


@dataclass(frozen=True, slots=True)
class Column:
    """A measure or a level; ``use`` is MEAN, PERCENT or LEVEL."""

    name: str
    use: Use


@dataclass(frozen=True, slots=True)
class Table:
    """Totals of groups, before anything is hidden: never stored, never logged. ``values`` has a row for each group and
    in it a value for each column: a measure, or how many pupils of the group stand at a level."""

    groups: tuple[str, ...]
    pupils: tuple[int, ...]
    columns: tuple[Column, ...]
    values: tuple[tuple[float | None, ...], ...]

    @property
    def shape(self) -> str:
        return LEVELS if any(one.use is Use.LEVEL for one in self.columns) else MEASURES

    def __repr__(self) -> str:
        return f"Table({len(self.groups)} groups, {len(self.columns)} columns)"


def read_paste(text: str) -> Grid:
    """A table as a spreadsheet puts it on the clipboard, or as CSV with ``,``, ``;`` or tab. Raises Refused."""
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip(" \t;,")]
    sign = None
    if lines and (told := _SEPARATOR.fullmatch(lines[0].strip("\ufeff \t"))):
        sign, lines = told[1].replace("\\t", "\t"), lines[1:]
    if not lines:
        raise Refused(N_("There is no table in it yet. Copy the cells in your spreadsheet, and paste them here."))
    sign = sign or _parted_by(lines)
    if sign is None:
        rows = [re.split(r"\s{2,}", line.strip()) for line in lines]
    else:
        try:
            rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=sign))
        except csv.Error as cause:
            raise Refused(_UNREADABLE) from cause
    return _tidy(rows)


def read_file(content: bytes, language: str = "") -> Grid:
    """A CSV or XLSX file; formulas are never worked out, their last result is read. Raises Refused."""
    if len(content) > LARGEST_FILE:
        raise Refused(
            N_(
                "The file is too large: it may have up to %(limit)s MB. A table of totals is small: copy its cells and"
                " paste them here."
            ),
            limit=LARGEST_FILE // (1024 * 1024),
        )
    if content.startswith(b"PK\x03\x04"):
        return _tidy(_sheet(content))
    if content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Refused(N_("This kind of file cannot be read. Save it as XLSX or CSV, or copy its cells and paste them."))
    return read_paste(_decoded(content, language))


def write_grid(grid: Grid) -> str:
    """As it travels in a form while somebody says what its columns are."""
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(grid)
    return out.getvalue()


_UNREADABLE = N_("This could not be read as a table. Copy the cells in your spreadsheet, and paste them here.")


_SEPARATOR = re.compile(r"(?i)[\"']?sep=(;|,|\t|\\t)[\"']?")
"""What some spreadsheets write before a CSV, to tell others how it is parted."""


def _parted_by(lines: Sequence[str]) -> str | None:
    """By what the cells of every line are parted, but for titles above the headings."""
    if any("\t" in line for line in lines):
        return "\t"
    for sign in ";,":
        if all(sign in line for line in lines[min(MOST_TITLES, len(lines) - 2) if len(lines) > 2 else 0 :]):
            return sign
    return None


def _tidy(rows: Iterable[Sequence[object]]) -> Grid:
    grid = [[_cell(one) for one in row] for row in rows]
    grid = _without_titles([row for row in grid if any(row)])
    width = max(map(_width, grid), default=0)
    if len(grid) < 2 or width < 2:
        raise Refused(N_("A table has a line of headings, a line for each group, and at least two columns."))
    if len(grid) > MOST_ROWS + 1 or width > MOST_COLUMNS:
        raise Refused(
            N_("This is too much for a table of totals: at most %(rows)s groups and %(columns)s columns."),
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )
    grid = [(row + [""] * width)[:width] for row in grid]
    if any(len(one) > LONGEST_CELL for row in grid for one in row) or len(write_grid(grid)) > LONGEST_TEXT:
        raise Refused(N_("There are long texts in it. A table of totals has short headings and numbers."))
    return grid


def _without_titles(grid: Grid) -> Grid:
    """What stands above the line of headings has one cell, or fewer than a line of words below it."""
    for place, row in enumerate(grid[: MOST_TITLES + 1]):
        below = grid[place + 1] if place + 1 < len(grid) else []
        is_wider = _width(below) > _width(row) and not any(number(one) is not None for one in below)
        if sum(map(bool, row)) > 1 and not is_wider:
            return grid[place:]
    return grid


def _width(row: Sequence[str]) -> int:
    return max((index + 1 for index, one in enumerate(row) if one), default=0)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        value = f"{value:.6f}".rstrip("0").rstrip(".")
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\ufeff]", " ", str(value)).split())


def _decoded(content: bytes, language: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_page_of(content, language), errors="replace")


_PAGES = {"bs": "cp1250", "tr": "cp1254", "nl": "cp1252", "en": "cp1252"}


def _page_of(content: bytes, language: str) -> str:
    """Cyrillic words are foreign letters throughout; in others they stand one by one between plain ones."""
    together = len(re.findall(rb"[\xc0-\xff]{3,}", content))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", content))
    return "cp1251" if together > alone else _PAGES.get(language[:2], "cp1250")


def _sheet(content: bytes) -> list[list[object]]:
    """The first sheet of a workbook that has a table, after a look at what it would unpack to."""
    from openpyxl import load_workbook  # seldom needed, and slow to import

    try:
        _look_inside(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        found: list[list[object]] = []
        for sheet in book.worksheets[:MOST_SHEETS]:
            sheet.reset_dimensions()  # what the file says of its size is not to be believed
            rows = sheet.iter_rows(max_row=MOST_ROWS + MOST_TITLES + 2, max_col=MOST_COLUMNS + 1)
            cells = [[_of_sheet(cell) for cell in row] for row in rows]
            found = found or cells
            if sum(len([one for one in row if one not in (None, "")]) > 1 for row in cells) > 1:
                found = cells
                break
        book.close()
    except Refused:
        raise
    except Exception as cause:  # whatever is wrong with a stranger's file
        raise Refused(_UNREADABLE) from cause
    return found


def _look_inside(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        listed = parts.infolist()
        if len(listed) > MOST_PARTS:
            raise Refused(_UNREADABLE)
        left = LARGEST_UNPACKED
        for one in listed:
            before, text = b"", b""
            with parts.open(one) as part:
                while text := part.read(64 * 1024):
                    left -= len(text)
                    if left < 0:
                        raise Refused(N_("This file is larger than it looks. Copy its cells and paste them here."))
                    # entities could make it larger still; no spreadsheet declares any
                    if b"<!" in (before + text) and re.search(rb"<!(DOCTYPE|ENTITY)", before + text):
                        raise Refused(_UNREADABLE)
                    if not before and text[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                        raise Refused(_UNREADABLE)
                    before = text[-16:]


def _of_sheet(cell: Any) -> object:
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in str(cell.number_format):
        return f"{value * 100:.4f}".rstrip("0").rstrip(".") + " %"
    return value


# -- what each column is ------------------------------------------------------------------------------------------


def guess(grid: Grid) -> list[Use]:
    """What the columns seem to be; whoever brought the table says whether that is right."""
    heads, rows = grid[0], without_total(grid)[0]
    has_names = any(_is_text([row[index] for row in rows]) for index in range(1, len(heads)))
    uses: list[Use] = []
    for index, head in enumerate(heads):
        cells = [row[index] for row in rows]
        if _is_text(cells) or not any(cells):
            uses.append(Use.LEAVE if Use.GROUP in uses else Use.GROUP)
        elif not index and has_names and _says(head, _NUMBERED):
            uses.append(Use.LEAVE)
        elif not index and len(heads) > 2 and not _says_pupils(head):
            uses.append(Use.GROUP)
        elif _says_pupils(head) and Use.PUPILS not in uses:
            uses.append(Use.PUPILS)
        elif "%" in head or _says(head, _PERCENT) or any("%" in one for one in cells):
            uses.append(Use.PERCENT)
        else:
            uses.append(Use.MEAN)
    if Use.GROUP not in uses:
        uses[0] = Use.GROUP
    uses = _levels_or_means(heads, rows, uses)
    if Use.PUPILS in uses:
        pupils = [number(row[uses.index(Use.PUPILS)]) or 0 for row in rows]
        uses = [
            _share_or_mean(heads[index], [row[index] for row in rows], pupils) if use is Use.MEAN else use
            for index, use in enumerate(uses)
        ]
    return uses


def _levels_or_means(heads: Sequence[str], rows: Grid, uses: list[Use]) -> list[Use]:
    """Whole numbers that add up to the pupils are levels. Where no heading says how many pupils there are, only what
    its headings call so is taken for levels: marks and points are whole numbers too."""
    means = [index for index, use in enumerate(uses) if use is Use.MEAN]
    whole = [index for index in means if all(_is_whole(row[index]) for row in rows)]
    if Use.PUPILS in uses:
        of = uses.index(Use.PUPILS)
        if whole and all(sum(number(row[i]) or 0 for i in whole) == (number(row[of]) or 0) for row in rows):
            return [Use.LEVEL if index in whole else use for index, use in enumerate(uses)]
        return uses
    if any(_is_of_marks(heads[index]) for index in whole):
        return uses
    for of in whole:
        parts = [index for index in whole if index != of]
        if len(parts) > 1 and all(sum(number(row[i]) or 0 for i in parts) == (number(row[of]) or 0) for row in rows):
            return [
                Use.PUPILS if index == of else Use.LEVEL if index in parts else use for index, use in enumerate(uses)
            ]
    if len(whole) > 1 and whole == means and all(_names_level(heads[index]) for index in whole):
        return [Use.LEVEL if index in whole else use for index, use in enumerate(uses)]
    if len(whole) == 1 and (len(means) > 1 or Use.PERCENT in uses):
        uses[whole[0]] = Use.PUPILS
    return uses


def _share_or_mean(head: str, cells: Sequence[str], pupils: Sequence[float]) -> Use:
    """A number in a hundred of the pupils is a percentage, whether it has the sign or not: as an average it would tell
    of all, or nearly all. A heading that speaks of passing is one of shares, unless what is under it are grades."""
    said = [(one, n) for cell, n in zip(cells, pupils, strict=True) if (one := number(cell)) is not None]
    if not said or any(not 0 <= one <= 100 for one, _ in said) or _says(head, _AVERAGE) or _says(head, _POINTS):
        return Use.MEAN
    shares = sum(_is_share(cell, n) for cell, n in zip(cells, pupils, strict=True) if number(cell) is not None)
    are_shares = shares >= len(said) - (len(said) > 3)
    are_grades = all(_LOWEST_GRADE <= one <= _HIGHEST_GRADE for one, _ in said)
    if _says(head, _PASSING):
        if all(map(_is_whole, cells)) and all(one <= n for one, n in said) and not are_shares:
            return Use.LEVEL
        return Use.MEAN if are_grades and not are_shares else Use.PERCENT
    return Use.PERCENT if are_shares and not are_grades else Use.MEAN


def _is_share(cell: str, pupils: float) -> bool:
    """Whether so many in a hundred are a whole number of pupils, as far as it was rounded or cut."""
    said = number(cell)
    if said is None or pupils <= 0:
        return False
    exact = round(said * pupils / 100) * 100 / pupils
    decimals = re.search(r"[.,](\d+)\s*%?$", cell)
    off = 0.5 if decimals is None else 10.0 ** -len(decimals[1])
    return abs(exact - said) <= off + 1e-9


def _is_of_marks(head: str) -> bool:
    """A subject, a task or points: what stands there are marks, and not how many pupils."""
    return bool(_SUBJECT.search(_folded(head)) or _TASK.search(_folded(head)) or _says(head, _POINTS))


def _names_level(head: str) -> bool:
    return _says(head, _LEVEL) or bool(_RANGE.search(head))


def without_total(grid: Grid) -> tuple[Grid, list[str] | None]:
    """The groups' rows, and the row of the total if the last one is it: we add up ourselves."""
    rows = grid[1:]
    if len(rows) > 1 and any(_says(one, _TOTAL) for one in rows[-1][:2]):
        return rows[:-1], rows[-1]
    return rows, None


def look_for_people(grid: Grid, uses: Sequence[Use] = ()) -> None:
    """Raises Refused for what looks like a list of pupils, by its headings or by what stands under them. ``uses`` is
    what its columns are, where somebody has said so. Where no heading says how many pupils a group has, whatever may
    name, number or code one pupil is refused; where one does, what can be a subject or a class passes."""
    heads, (rows, _) = grid[0], without_total(grid)
    uses = uses or guess(grid)
    group = uses.index(Use.GROUP) if Use.GROUP in uses else 0
    is_counted = _is_counted(heads, rows, group)
    for index, head in enumerate(heads):
        cells = [row[index] for row in rows if row[index]]
        shown = head or str(index + 1)
        if _says_who(head) or any("@" in one for one in cells):
            raise Refused(_LOOKS_LIKE_PUPILS, column=shown)
        if any(_mostly(cells, sort) for sort in (_LONG_NUMBER, _BIRTHDAY)) or _mostly(
            [_folded(one) for one in cells], _ONE_PUPIL
        ):
            raise Refused(_LOOKS_LIKE_PUPILS, column=shown)
        if _are_names(cells, is_counted=is_counted):
            raise Refused(_LOOKS_LIKE_NAMES, column=shown)
        if not is_counted and _may_be_pupils(head, cells, is_first=index in (0, group)):
            raise Refused(_MAY_BE_PUPILS, column=shown)
    if not is_counted:
        _look_for_numbers(heads, rows, group)
        if not any(_is_text([row[index] for row in rows]) for index in range(len(heads))):
            _look_for_numbers(heads, rows, 0)


def _is_counted(heads: Sequence[str], rows: Grid, group: int) -> bool:
    """Whether a column says how many pupils the groups have, and not one of each."""
    for index, head in enumerate(heads):
        if index == group or (not index and _says(head, _NUMBERED)) or not _surely_says_pupils(head):
            continue
        cells = [row[index] for row in rows if row[index]]
        if cells and all(map(_is_whole, cells)) and median(number(one) or 0 for one in cells) > 1:
            return True
    return False


def _says_who(head: str) -> bool:
    """A heading that announces names or pupils, and neither counts them nor names a class, a school or a task."""
    if _says(head, _SURELY):
        return True
    is_other = bool(_PLACE.search(_folded(head)) or _TASK.search(_folded(head)))
    return not is_other and (_says(head, _NAMED) or (_says(head, _PERSON) and not _says(head, _PUPILS)))


def _are_names(cells: Sequence[str], *, is_counted: bool) -> bool:
    """Names and surnames, or initials. Of groups that are counted, only what is written like a name."""
    bared = [_BARED.sub("", one) for one in cells if not _is_place(one)]
    if _mostly(bared, _INITIALS, of=len(cells), least=2 if is_counted else 1):
        return True
    if is_counted:
        bared = [one for one in bared if one[:1].isupper() and one.split()[-1][:1].isupper()]
    return _mostly(bared, _FULL_NAME, of=len(cells), least=2 if is_counted else 1)


def _may_be_pupils(head: str, cells: Sequence[str], *, is_first: bool) -> bool:
    """First names, initials without points, or codes of letters and numbers. In a column that names no row, notes in
    small letters are none."""
    others = [one for one in cells if not _is_place(one)]
    names = [one for one in (_BARED.sub("", one) for one in others) if is_first or one[:1].isupper()]
    if _mostly(names, _FIRST_NAME, of=len(cells), least=1 if is_first else 3):
        return True
    if not is_first:
        return _mostly(others, _CODE, of=len(cells), least=3)
    if _PLACE.search(_folded(head)):
        others = [one for one in others if len(cells) > _GRADES or re.search(r"^\d.*[\s._/-]\d|(?<!\d)0\d|\d{3}", one)]
    elif len(cells) >= 5 and _mostly(others, _LETTER, of=len(cells)):
        return True
    return _mostly(others, _CODE, of=len(cells), least=1)


def _is_place(cell: str) -> bool:
    """The name of a class, a school, a subject, a task or a time, and of nobody."""
    said = _folded(cell)
    return bool(_CLASS.fullmatch(cell) or any(sort.search(said) for sort in (_PLACE, _SUBJECT, _TASK, _TIME, _OTHER)))


def _look_for_numbers(heads: Sequence[str], rows: Grid, group: int) -> None:
    """Raises Refused where what names the groups may be pupils' numbers. Only for tables that do not say how many
    pupils a group has: in others these are tasks, or rows that were numbered."""
    head, cells = heads[group], [row[group] for row in rows]
    if _TASK.search(_folded(head)):
        return
    is_place = bool(_PLACE.search(_folded(head))) or _says(head, _YEAR)
    bare = {int(found[1]) for one in cells if (found := _BARE_NUMBER.fullmatch(_folded(one)))}
    numbered = len(bare) >= max(2, 0.6 * len(cells)) and not _are_grades_or_years(bare, is_place=is_place)
    if (numbered and (len(cells) >= 3 or max(bare) > 99)) or (_says(head, _NUMBERED) and not is_place):
        raise Refused(_LOOKS_LIKE_PUPILS, column=head or str(group + 1))


def _are_grades_or_years(numbers: Collection[int], *, is_place: bool) -> bool:
    """2024, 2025 or 5, 6, 7. Whoever numbers pupils begins with 1: there the heading has to say that it is a grade."""
    first, last = min(numbers), max(numbers)
    if first >= _FIRST_YEAR and last <= _LAST_YEAR and len(numbers) <= _GRADES:
        return True
    return last <= _GRADES and (is_place or (first > 1 and last - first == len(numbers) - 1))


def says_how_many(grid: Grid, uses: Sequence[Use]) -> bool:
    """Whether the column that is taken for the number of pupils is headed so. Where not, somebody has to say that these
    numbers count pupils."""
    return any(use is Use.PUPILS and _surely_says_pupils(head) for head, use in zip(grid[0], uses, strict=False))


def table_of(grid: Grid, uses: Sequence[Use], *, is_count: bool = False) -> Table:
    """The table, with its columns being what somebody said they are. ``is_count``: they said that its numbers count
    pupils, which is needed where no heading does. Raises Refused."""
    heads = grid[0]
    rows, total = without_total(grid)
    uses = [*uses, *[Use.LEAVE] * len(heads)][: len(heads)]
    look_for_people(grid, uses)
    if uses.count(Use.GROUP) != 1:
        raise Refused(N_("Say of one column that it names the group."))
    if uses.count(Use.PUPILS) > 1:
        raise Refused(N_("Only one column can say how many pupils there are."))
    groups = _groups(rows, uses.index(Use.GROUP))
    taken = [index for index, use in enumerate(uses) if use in (Use.MEAN, Use.PERCENT, Use.LEVEL)]
    levels = [index for index in taken if uses[index] is Use.LEVEL]
    if not levels and Use.PUPILS not in uses:
        raise Refused(N_("How many pupils stand behind each number? A column must say it: small groups are hidden."))
    if levels and len(levels) != len(taken):
        raise Refused(N_("Averages and levels do not go into one table. Leave one of them out, and add it by itself."))
    if len(levels) == 1:
        raise Refused(N_("Levels need at least two columns, for instance “reached” and “not yet”."))
    if not says_how_many(grid, uses):
        for index, use in enumerate(uses):
            if use in (Use.PUPILS, Use.LEVEL) and _is_of_marks(heads[index]) and not _RANGE.search(heads[index]):
                raise Refused(_MARKS, column=heads[index])
    values = tuple(tuple(_value(row, index, uses[index], heads) for index in taken) for row in rows)
    if Use.PUPILS in uses:
        pupils = tuple(_count(row, uses.index(Use.PUPILS), heads) for row in rows)
    else:
        pupils = tuple(int(sum(one or 0 for one in row)) for row in values)
    _add_up(groups, pupils, values, levels=bool(levels))
    if total is not None and Use.PUPILS in uses:
        said = number(total[uses.index(Use.PUPILS)])
        if said is not None and said != sum(pupils):
            raise Refused(
                N_("The last row says %(said)s pupils, and the groups make %(sum)s. Take that row out: we add up."),
                said=int(said),
                sum=sum(pupils),
            )
    if max(pupils) <= 1 < len(rows) or (len(rows) > 2 and median(pupils) <= 1):
        raise Refused(_LOOKS_LIKE_ROWS)
    columns = tuple(Column(heads[index] or f"{index + 1}", uses[index]) for index in taken)
    _percents_are_out_of_a_hundred(columns, values)
    _percents_are_no_levels(columns, values, pupils)
    if not is_count and not says_how_many(grid, uses):
        raise Refused(NOT_SAID)
    return Table(groups, pupils, columns, values)


def _groups(rows: Grid, index: int) -> tuple[str, ...]:
    groups = tuple(row[index] for row in rows)
    if not all(groups):
        raise Refused(
            N_(
                "A row has no name of a group. Each row is one group, for instance a class. Where a school stands once"
                " for several classes, write it to each of them: “School North 8a”, “School North 8b”."
            )
        )
    if len({one.casefold() for one in groups}) < len(groups):
        raise Refused(_LOOKS_LIKE_ROWS)
    return groups


def _count(row: Sequence[str], index: int, heads: Sequence[str]) -> int:
    said = number(row[index])
    if said is None or said != int(said) or not 0 <= said <= LARGEST_GROUP:
        raise Refused(
            N_("“%(value)s” under “%(column)s” is no number of pupils."), value=row[index] or "–", column=heads[index]
        )
    return int(said)


def _value(row: Sequence[str], index: int, use: Use, heads: Sequence[str]) -> float | None:
    if use is Use.LEVEL:
        return _count([one or "0" for one in row], index, heads)
    said = number(row[index])
    if row[index] and row[index] not in _NOTHING and said is None:
        raise Refused(N_("“%(value)s” under “%(column)s” is no number."), value=row[index], column=heads[index])
    if said is not None and use is Use.PERCENT and not 0 <= said <= 100:
        raise Refused(
            N_("“%(value)s” under “%(column)s” is no percentage between 0 and 100."),
            value=row[index],
            column=heads[index],
        )
    return said


def _add_up(
    groups: Sequence[str], pupils: Sequence[int], values: Sequence[Sequence[float | None]], *, levels: bool
) -> None:
    for group, n, row in zip(groups, pupils, values, strict=True):
        if levels and sum(one or 0 for one in row) != n:
            raise Refused(
                N_("In “%(group)s” the levels add up to %(sum)s, and it says %(pupils)s pupils."),
                group=group,
                sum=int(sum(one or 0 for one in row)),
                pupils=n,
            )


def _percents_are_out_of_a_hundred(columns: Sequence[Column], values: Sequence[Sequence[float | None]]) -> None:
    """A spreadsheet that is not told to show percent writes 0.96."""
    for index, column in enumerate(columns):
        said = [one for row in values if (one := row[index]) is not None]
        if column.use is Use.PERCENT and said and max(said) <= 1 and any(one != int(one) for one in said):
            raise Refused(
                N_("Write the percentages under “%(column)s” from 0 to 100: 96 and not 0.96."), column=column.name
            )


def _percents_are_no_levels(
    columns: Sequence[Column], values: Sequence[Sequence[float | None]], pupils: Sequence[int]
) -> None:
    """Percentages that make 100 together would give away those that are shown as “or more”; as averages they would be
    shown as they are. One row of averages may make 100 by chance, unless each is a share of its pupils."""
    measures = [index for index, one in enumerate(columns) if one.use is not Use.LEVEL]
    for start, end in combinations(range(len(measures) + 1), 2):
        some = measures[start:end]
        sums = [sum(row[index] or 0 for index in some) for row in values]
        if len(some) < 2 or any(abs(one - 100) > 2 for one in sums):
            continue
        if len(values) > 1 or all(
            columns[index].use is Use.PERCENT or _is_share(f"{row[index] or 0:.2f}", n)
            for row, n in zip(values, pupils, strict=True)
            for index in some
        ):
            raise Refused(
                N_(
                    "“%(first)s” to “%(last)s” make a hundred together: these are levels. Give how many pupils reached"
                    " each instead of percentages."
                ),
                first=columns[some[0]].name,
                last=columns[some[-1]].name,
            )


_NOTHING = frozenset({"-", "–", "—", "*", ".", "/", "n/a"})


def number(text: str) -> float | None:
    """A number as people write it: a comma or a point before decimals, spaces or the other sign between thousands."""
    text = re.sub(r"[\s\u00a0\u202f'’]", "", text).removesuffix("%")
    if not re.fullmatch(r"[-−]?\d+([.,]\d+)*", text):
        return None
    text = text.replace("−", "-")
    if "," in text and "." in text:
        thousands, point = (",", ".") if text.rfind(".") > text.rfind(",") else (".", ",")
        text = text.replace(thousands, "").replace(point, ".")
    else:
        text = text.replace(",", ".")
    return float(text) if text.count(".") < 2 and len(text) <= 20 else None


def _is_whole(text: str) -> bool:
    said = number(text or "0")
    return said is not None and said == int(said) >= 0 and "%" not in text


def _is_text(cells: Sequence[str]) -> bool:
    """Something other than numbers stands there."""
    return any(one and number(one) is None for one in cells)


def _says_pupils(head: str) -> bool:
    """How many pupils, and not how many points or in a hundred."""
    return _says(head, _PUPILS) and not _says(head, _POINTS) and "%" not in head


def _surely_says_pupils(head: str) -> bool:
    """Pupils are named, or “how many” stands alone: how many right answers is something else."""
    said = _folded(head)
    return _says_pupils(head) and bool(_OF_PUPILS.search(said) or _PUPILS.fullmatch(said.strip(" .:()")))


def _mostly(cells: Sequence[str], sort: re.Pattern[str], of: int | None = None, least: int = 2) -> bool:
    """At least three in five, and different ones."""
    found = {one for one in cells if sort.fullmatch(one)}
    return len(found) >= max(least, 0.6 * (len(cells) if of is None else of))


def _says(head: str, words: re.Pattern[str]) -> bool:
    return bool(words.search(_folded(head)))


def _folded(text: str) -> str:
    """As words are compared: small letters without their marks, for who types “ucenik”; and one i for the four of
    Turkish, of which capitals and small ones do not belong together elsewhere."""
    marked = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(one for one in marked if not unicodedata.combining(one))
    return plain.replace("ı", "i").replace("đ", "d").replace("_", " ")


_LOOKS_LIKE_PUPILS = N_(
    "“%(column)s” looks as if it said who the pupils are. Only totals of groups come here: a line for each class or"
    " group, and how many pupils it has. Nothing was kept."
)
_LOOKS_LIKE_NAMES = N_(
    "Under “%(column)s” there seem to be names of people. Only totals of groups come here. If they are schools or"
    " classes, write so: “School …”, “Class …”. Nothing was kept."
)
_MAY_BE_PUPILS = N_(
    "Under “%(column)s” there may be names, initials or codes of pupils. Only totals of groups come here: add a column"
    " that says how many pupils each group has, or write “Class …”, “School …”, “Task …”. Nothing was kept."
)
_LOOKS_LIKE_ROWS = N_(
    "This looks like a row for each pupil, or a group stands there twice. Give one row for each group, with how many"
    " pupils it has. Nothing was kept."
)
_MARKS = N_(
    "“%(column)s” seems to be marks or points, and no number of pupils. Add a column that says how many pupils each"
    " group has."
)
NOT_SAID = N_("No heading says how many pupils there are. Please say that these numbers count pupils, or leave it.")


def _stems(*words: str) -> str:
    """Any of these, wherever they stand in what was folded; the last may end with the text."""
    parts = (re.escape(_folded(one.removesuffix("$"))) + ("$" if one.endswith("$") else "") for one in words)
    return f"(?:{'|'.join(parts)})"


def _words(*words: str) -> re.Pattern[str]:
    """Any of these words, as words of a heading; a star stands for an ending or a beginning."""
    parts = (re.escape(_folded(one)).replace(r"\*", r"\w*") for one in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


# headings in the languages of the interface: English, Bosnian, Kazakh, Macedonian, Dutch, Russian, Serbian, Turkish
_SURELY = _words(
    *("first name", "firstname", "last name", "lastname", "surname", "full name", "fullname", "student name"),
    *("pupil name", "student id", "pupil id", "studentid", "userid", "user id", "username", "id", "id number"),
    *("e-mail", "email", "birthday", "birthdate", "date of birth", "dob", "phone", "telephone"),
    *("prezime", "jmbg", "matični broj", "id broj", "datum rođenja", "korisničko ime", "telefon"),
    *("тегі", "аты-жөні", "аты жөні", "оқушының аты", "жсн", "туған күні"),
    *("презиме", "ембг", "матичен број", "датум на раѓање", "е-пошта", "корисничко име", "телефон"),
    *("voornaam", "achternaam", "leerlingnaam", "leerlingnummer", "studentnummer", "geboortedatum", "telefoon", "bsn"),
    *("фамилия", "отчество", "фио", "ф.и.о.", "ф.и.о", "дата рождения", "почта", "логин", "снилс", "номер ученика"),
    *("јмбг", "матични број", "датум рођења", "имејл", "е-маил"),
    *("soyad", "soyadı", "öğrenci no", "öğrenci adı", "öğrenci numarası", "tc", "tckn", "t.c.", "doğum tarihi"),
    *("e-posta", "eposta"),
    *("pupil number", "student number", "pupil no", "student no", "pupil code", "student code", "candidate number"),
    *("candidate no", "roll no", "roll number", "register number", "broj u dnevniku", "redni broj učenika"),
    *("šifra učenika", "kod učenika", "број у дневнику", "редни број ученика", "шифра ученика", "код ученика"),
    *("број во дневник", "реден број на ученик*", "шифра на ученик*", "код на ученик*", "номер учащегося"),
    *("шифр ученика", "номер в журнале", "kandidaatnummer", "klasnummer", "klasnr", "leerlingnr", "leerlingcode"),
    *("öğrenci kodu", "okul no", "okul numarası", "aday no", "оқушы нөмірі", "оқушы коды", "оқушының нөмірі"),
)
"""Whatever else stands beside them."""

_NAMED = _words(
    *("name", "names", "user", "mail", "born", "address", "initials", "nickname", "ime", "imena", "adresa", "rođen"),
    *("rođena", "inicijali", "inicijal", "nadimak", "аты", "есімі", "есім", "пошта", "мекенжай", "инициалдары"),
    *("лақап", "име", "имиња", "имена", "адреса", "роден", "родена", "иницијали", "иницијал", "прекар", "надимак"),
    *("рођен", "naam", "namen", "adres", "initialen", "voorletters", "имя", "адрес", "инициалы", "ф. и. о.", "кличка"),
    *("ad", "adı", "isim", "ismi", "isimler", "adresi", "numarası", "baş harfler", "baş harfleri"),
)
"""Unless of a class, a school, a task."""

_PERSON = _words(
    *("student", "pupil", "child", "learner", "candidate", "participant", "učenik", "učenica", "dijete", "dete", "đak"),
    *("kandidat", "polaznik", "оқушы", "бала", "ученик", "ученичка", "ученица", "дете", "ђак", "кандидат", "ребёнок"),
    *("учащийся", "обучающийся", "leerling", "kind", "kandidaat", "deelnemer", "öğrenci", "çocuk", "aday"),
)
"""Unless it says how many, too."""

_PUPILS = _words(
    *("n", "pupils", "students", "children", "learners", "number of pupils", "number of students"),
    *("number of children", "no. of pupils", "no. of students", "count", "how many", "size", "tested", "took part"),
    *("participants", "učenika", "broj učenika", "broj djece", "broj dece", "broj đaka", "broj", "br. učenika"),
    *("koliko", "koliko ih je", "pisalo", "pisali", "pristupilo", "testirano", "učestvovalo", "učestvovali", "djece"),
    *("dece", "đaka", "оқушылар", "оқушы саны", "оқушылар саны", "бала саны", "саны", "қатысты", "қатысқан"),
    *("қатысқандар", "ученици", "број на ученици", "број на деца", "број", "бр. ученици", "деца", "колку", "пишувале"),
    *("полагале", "leerlingen", "aantal", "aantal leerlingen", "aantal kinderen", "kinderen", "deelnemers", "hoeveel"),
    *("getest", "учеников", "учащихся", "детей", "количество", "число учеников", "кол-во", "сколько", "писали"),
    *("писало", "участвовали", "сдавали", "выполняли", "ученика", "број ученика", "број деце", "деце", "ђака"),
    *("учествовало", "öğrenci sayısı", "öğrenci say.", "sayı", "sayısı", "mevcut", "mevcudu", "katılan"),
    *("kaç öğrenci", "katılım sayısı"),
)
_OF_PUPILS = re.compile(
    _stems(
        *("pupil", "student", "child", "learner", "size", "tested", "took part", "participa", "testiran", "тестиран"),
        *("getest", "pisal", "писал", "писувал", "пишувал", "pristupil", "učestvoval", "участвова", "учествова"),
        *("полагал", "сдавал", "выполнял", "koliko ih", "učeni", "uč.", "djec", "dece", "đak", "ученик", "ученици"),
        *("учениц", "уч.", "учащ", "дет", "дец", "ђак", "оқушы", "бала", "қатыс", "leerling", "kinderen", "deelnemers"),
        *("öğrenci", "çocuk", "mevcu", "katılan"),
    )
)
_POINTS = _words(
    *("point*", "score*", "mark", "marks", "pts", "bod", "bodovi", "bodova", "poen*", "punten", "punt", "балл*"),
    *("бод", "бодови", "бодова", "поен*", "ұпай*", "puan*"),
    *("tačnih", "точни", "тачних", "right answers", "correct answers", "верных", "goed", "doğru"),
)
_AVERAGE = _words(
    *("average*", "mean", "avg", "ø", "prosjek*", "prosek*", "prosječn*", "prosečn*", "srednj*", "просек*", "просечн*"),
    *("средн*", "среднa", "орташа", "gemiddeld*", "gem", "ortalama*", "medijan*", "median*", "медијан*", "медиан*"),
)
_PASSING = _words(
    *("pass", "passed", "pass rate", "passing", "success", "success rate", "reached", "achieved", "attainment"),
    *("prolaznost*", "uspješnost*", "uspešnost*", "položil*", "prošl*", "dostig*", "пролазност*", "успешност*"),
    *("положи*", "преодност*", "проодност*", "прошл*", "достиг*", "успеваемость", "успешность", "качество*", "сдал*"),
    *("справил*", "өтті", "өткен*", "үлгерім*", "сапа*", "білім сапасы", "geslaagd*", "slaagpercentage", "gehaald"),
    *("slagingspercentage", "bereikt", "başarı*", "geçen*", "geçti", "geçme*"),
)
"""A heading under which there is the share of who passed."""

_LOWEST_GRADE, _HIGHEST_GRADE = 1, 10
_LEVEL = _words(
    *("boys", "girls", "dječaci", "djevojčice", "dječaka", "djevojčica", "dečaci", "devojčice", "дечаци", "девојчице"),
    *("момчиња", "девојчиња", "мальчики", "девочки", "ұлдар", "қыздар", "jongens", "meisjes", "erkek", "kız"),
    *("reached", "met", "achieved", "pass", "passed", "fail", "failed", "not *", "yet", "partly", "partially"),
    *("fully", "below*", "above*", "basic", "advanced", "proficient", "level*", "low", "middle", "medium", "high"),
    *("good", "excellent", "sufficient", "insufficient", "weak", "beginning", "developing", "secure", "nije", "jeste"),
    *("nisu", "djelimično", "delimično", "dostig*", "dosegl*", "položil*", "prošl*", "pal*", "nivo*", "razina"),
    *("osnovn*", "srednj*", "napredn*", "odličn*", "odličan", "vrlo dobr*", "dobr*", "dobar", "dovolj*", "nedovolj*"),
    *("nizak*", "visok*", "није", "јесте", "нису", "делимично", "делумно", "достигн*", "положи*", "прошл*", "прошо"),
    *("не *", "ниво*", "основн*", "средњ*", "средн*", "напредн*", "одличн*", "одличан", "врло добр*", "многу добр*"),
    *("добр*", "добар", "довољн*", "недовољн*", "доволн*", "недоволн*", "низок", "ниск*", "висок*", "отличн*"),
    *("хорош*", "удовл*", "неуд*", "сдал*", "справил*", "частично", "уровень*", "уровн*", "базов*", "повышен*"),
    *("низк*", "высок*", "жетті", "жеткен", "жеткен жоқ", "жартылай", "деңгей*", "төмен*", "орта", "жоғары*", "өтті"),
    *("өтпеді", "жоқ", "niet*", "wel", "gehaald", "bereikt", "deels", "niveau*", "onvoldoende", "voldoende", "goed"),
    *("zwak", "geslaagd", "gezakt", "laag", "midden", "hoog", "ulaştı", "ulaşmadı", "ulaşan", "ulaşmayan", "kısmen"),
    *("düzey*", "seviye*", "geçti", "kaldı", "geçen", "kalan", "düşük", "orta", "yüksek", "temel", "ileri", "iyi"),
    *("zayıf", "pekiyi", "geçer", "başarılı", "başarısız", "petice", "četvorke", "trojke", "dvojke", "jedinice"),
    *("пятёрки", "четвёрки", "тройки", "grade *", "ocjena *", "ocena *", "оценка *", "оцена *", "баға *", "cijfer *"),
    *("двойки", "петке", "четворке", "тројке", "двојке", "јединице", "петки", "четворки", "тројки", "единици"),
)
"""A heading under which there is how many reached something, or how well."""

_RANGE = re.compile(r"\d\s?%?\s?[–-]\s?\d|[<>≤≥]\s?\d|^[1-5]$")
_NUMBERED = _words(
    *("nr", "no", "num", "number", "#", "№", "code", "codes", "serial", "redni broj", "r.br", "r. br", "rb", "rbr"),
    *("br", "broj", "šifra", "kod", "indeks", "broj indeksa", "реден број", "редни број", "р.бр", "р. бр", "рб", "бр"),
    *("број", "шифра", "код", "индекс", "nummer", "volgnummer", "volgnr", "номер", "номера", "п/п", "шифр"),
    *("нөмір", "нөмірі", "рет", "р/с", "р/н", "коды", "numara", "numarası", "sıra", "sıra no", "kodu"),
)
"""Of what names a group: that it is numbered or coded, as pupils are where their names are to stay out."""

_YEAR = _words(
    *("godina", "godište", "šk. god", "година", "уч. година", "год", "года", "годы", "жыл", "жылы", "оқу жылы"),
    *("jaar", "schooljaar", "leerjaar", "yıl", "yılı", "öğretim yılı", "razr", "разр", "кл", "одд", "сын"),
)
_BARE_NUMBER = re.compile(r"(?:(?:nr|no|br|бр|#|№)\.?)?\s*(\d{1,9})[.)]?")
_FIRST_YEAR, _LAST_YEAR, _GRADES = 1980, 2060, 13
_PERCENT = _words(
    *("percent", "percentage", "pct", "postotak", "procenat", "procent", "пайыз", "процент", "проценти", "проценат"),
    *("yüzde", "oran"),
)
_TOTAL = _words(
    *("total", "totals", "sum", "all", "all groups", "together", "ukupno", "zbir", "svi", "барлығы", "жиыны"),
    *("вкупно", "сите", "totaal", "allen", "samen", "итого", "всего", "все", "сумма", "укупно", "збир", "сви"),
    *("toplam", "hepsi"),
)
_LONG_NUMBER = re.compile(r"\d[\d -]{6,}\d")
_BIRTHDAY = re.compile(r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?(19|20)\d\d\.?|(19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}( 00:00:00)?")
_NAME = r"[^\W\d_][^\W\d_]*(?:['’-][^\W\d_]+)*\.?"
_FULL_NAME = re.compile(
    rf"{_NAME},? {_NAME}(?: {_NAME})?|{_NAME},? (?:[^\W\d_]\.[\s-]?){{1,3}}|(?:[^\W\d_]\.[\s-]?){{1,3}}{_NAME}"
)
_FIRST_NAME = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*\.?")
_BARED = re.compile(
    r"^\d{1,3}[^\W\d_]?[.)]?\s+(?=[^\W\d_]{2})|^\d{1,3}[.)](?=[^\W\d_]{2})"
    r"|[\s,]*\(.{1,20}\)$|[\s,]+\d{1,2}[\s-]?[^\W\d_]?$"
)
"""What stands before or after a name: its number in a list, its class."""

_INITIALS = re.compile(r"[^\W\d_]{1,2}\.(?:[\s-]*[^\W\d_]{1,2}\.){0,3}[\s-]*[^\W\d_]?")
_LETTER = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"[^\W\d_]{1,4}[\s._-]?\d{1,6}|\d{1,2}[\s._-]?[^\W\d_]{1,2}[\s._/-]?\d{1,4}")
_IN_CLASS = r"[\s./-]*[«\"“„]?[^\W\d_]{1,2}[»\"”]?|[\s./-]+[1-9]\d?"
_CLASS = re.compile(
    rf"1?\d(?:{_IN_CLASS})?|[IVXІХ]{{1,5}}(?:[\s./-]+(?:{_IN_CLASS})|[^\W\d_A-ZА-Я]|[\s./-]*[1-9]\d?)?|[IVXІХ]{{3,5}}[A-ZА-Я]"
)
"""8a, VIII-2, 5-б, 9 «А». Capitals tell IVa from Iva, who is somebody; IVA may be both, and passes only with a sign."""

_ONE_PUPIL = re.compile(
    _stems(
        *("pupil", "student", "learner", "child", "candidate", "participant", "st", "stud", "uč", "učenik", "učenica"),
        *("dijete", "dete", "đak", "kandidat", "ученик", "ученичка", "ученица", "дете", "ђак", "уч", "кандидат"),
        *("ребёнок", "учащийся", "оқушы", "бала", "leerling", "kind", "lln", "kandidaat", "öğrenci", "çocuk", "aday"),
    )
    + r"(?:\.?\s*[-#№]?\s*\d{1,6}|[.\s]+[^\W\d_])\.?"
)
_PLACE = re.compile(
    _stems(
        *("school", "class", "grade", "boys", "girls", "škol", "razred", "odjelj", "odelj", "dječac", "dečac"),
        *(
            "djevojč",
            "devojč",
            "мектеп",
            "мектеб",
            "сынып",
            "сыныб",
            "ұлдар",
            "қыздар",
            "училишт",
            "одделени",
            "паралелк",
            "паралел",
        ),
        *("момчиња", "девојчиња", "meisjes", "jongens", "groep", "школ", "класс", "параллел", "групп", "мальчик"),
        *("девочк", "разред", "одељењ", "дечац", "девојчиц", "okul", "sınıf", "gimnazi", "гимнази", "gymnas"),
        *("department", "paralelk", "лицей", "лицеј", "gimnaz"),
    )
    + r"|(?<!\w)"
    + _stems(
        *("group", "year", "level", "grupa", "grupe", "група", "групе", "топ ", "топтар", "топ$", "klas", "brugklas"),
        *("stream", "set ", "section", "form ", "team", "tim ", "тим ", "команда", "grup", "şube", "kız", "erkek"),
        *("lise", "смена", "смени", "smjena", "smena", "ауысым", "shift", "одд", "odd.", "female", "male", "bölüm"),
        *("oš ", "ош ", "оу ", "ооу ", "соу ", "мбоу ", "моу ", "сш ", "ss ", "ju oš", "ју ", "obs "),
        *("ekip", "licej", "liceum", "academy", "college", "kind of", "женск", "мужск", "машк", "мушк"),
        *("žensk", "mušk", "stroomgroep", "afdeling", "leerjaar", "onderbouw", "bovenbouw", "колледж", "cohort", "кл."),
    )
    + r"|(?<!ni)klas(?:sen)?(?!\w)"
)
_SUBJECT = _words(
    *("math*", "english", "physics", "chemistry", "biology", "history", "geography", "science*", "art", "arts"),
    *("music", "language*", "reading", "writing", "literature", "pe", "sport*", "informatics", "computing"),
    *("religion", "french", "german", "spanish", "dutch", "russian", "turkish", "kazakh", "spelling", "grammar"),
    *("algebra*", "geometr*", "matematik*", "jezik*", "fizik*", "hemij*", "kemij*", "biologi*", "historij*"),
    *("istorij*", "povijest*", "geografij*", "engleski*", "njemački*", "nemački*", "francuski*", "bosanski*"),
    *("srpski*", "hrvatski*", "likovn*", "muzičk*", "tjelesn*", "fizičk*", "informatik*", "vjeronauk*", "priroda"),
    *("društvo", "čitanje", "pisanje", "математик*", "јазик*", "језик*", "язык*", "физик*", "хеми*", "хими*"),
    *("биологи*", "истори*", "географи*", "англиск*", "енглеск*", "английск*", "немачк*", "германск*", "немецк*"),
    *("француск*", "французск*", "русск*", "македонск*", "српск*", "казахск*", "қазақ*", "ликовн*", "музичк*"),
    *("музык*", "информатик*", "природа*", "општество", "друштво", "обществознание", "литератур*", "књижевност*"),
    *("алгебр*", "геометр*", "чтение", "письмо", "физкультура", "физическ*", "физичк*", "тілі", "тіл", "әдебиет*"),
    *("тарих*", "жаратылыстану", "читање", "писање", "nederlands*", "engels", "duits", "frans", "wiskunde", "rekenen"),
    *("taal", "natuurkunde", "scheikunde", "biologie", "geschiedenis", "aardrijkskunde", "economie", "lezen"),
    *("begrijpend lezen", "gym", "muziek", "tekenen", "latijn", "türkçe", "fen", "fen *", "tarih", "coğrafya"),
    *("kimya", "biyoloji", "ingilizce", "almanca", "sosyal *", "müzik", "resim", "beden eğitimi"),
    *("edebiyat*", "din kültürü"),
)
_TASK = _words(
    *("task*", "question*", "exercise*", "item*", "subject*", "zadat*", "zadać*", "zadač*", "pitanj*", "predmet*"),
    *("задат*", "задач*", "задани*", "вопрос*", "прашањ*", "питањ*", "предмет*", "тапсырма*", "сұрақ*", "пән*"),
    *("opgave*", "opdracht*", "vraag*", "vak", "vakken", "soru*", "görev*", "ders", "dersler", "dersin", "test"),
    *("tests", "тест*", "quiz*", "exam*", "ispit*", "испит*", "экзамен*", "toets*", "sınav*", "unit*", "chapter*"),
    *("тема*", "tema*", "theme*", "topic*", "kontroln*", "контрольн*", "домашн*", "квиз*"),
)
_TIME = _words(
    *("term*", "semest*", "polugod*", "полугод*", "четверт*", "тоқсан*", "dönem*", "yarıyıl*", "kwartaal*", "periode*"),
    *("quarter*", "tromjesečj*", "tromeseč*", "тромесеч*", "autumn", "spring", "winter", "summer", "before*", "after*"),
    *("prije*", "poslije*", "пре", "после*", "пред", "потоа", "voor", "voormeting", "nameting", "önce*", "sonra*"),
    *("дейін", "кейін", "start", "end", "početak", "kraj", "почеток", "крај", "начало", "конец", "begin", "eind*"),
    *("pre-test", "post-test", "pretest", "posttest", "week*", "sedmica*", "недела*", "неделя*", "апта*", "hafta*"),
    *("januar*", "februar*", "mart", "april", "maj", "juni", "juli", "avgust*", "septemb*", "oktob*", "novemb*"),
    *("decemb*", "january", "february", "march", "june", "july", "august", "october", "december", "jesen", "proljeće"),
    *("јануар*", "фебруар*", "март*", "април*", "мај", "јун*", "септемв*", "септемб*", "октомв*", "октоб*", "ноемв*"),
    *("декемв*", "январь", "февраль", "апрель", "май", "сентябрь", "октябрь", "ноябрь", "декабрь", "eylül", "ekim"),
    *("kasım", "aralık", "ocak", "şubat", "nisan", "mayıs", "haziran", "қыркүйек", "қазан", "қараша", "желтоқсан"),
    *("mei", "morning*", "afternoon*", "ochtend*", "middag*", "sabah*", "öğle*", "maart", "year*", "годин*", "godin*"),
)
_OTHER = _words(
    *("all", "others", "rest", "svi", "ostali", "сите", "остали", "сви", "все", "остальные", "overige", "allen"),
    *("diğer", "diğerleri", "барлығы", "control", "experimental", "kontrola", "eksperiment*", "эксперимент*"),
    *("контрола", "controle*", "бақылау*", "deney*", "kontrol", "rural", "urban", "village", "town", "city", "selo"),
    *("grad", "село", "град", "город", "ауыл", "қала", "köy", "şehir", "beginners", "advanced", "početni*"),
    *("napredni*", "learners", "pupils", "students", "ученици", "učenici", "učenice", "ученички", "ученице"),
    *("ученики", "ученицы", "оқушылар", "öğrenciler", "leerlingen", "yes", "no", "da", "ne", "да", "не", "нет", "иә"),
    *("жоқ", "evet", "hayır"),
)
