"""What came, read as a table of totals: pasted from a spreadsheet, or a small CSV or XLSX file. Pure functions.

Nothing of what came is stored or logged. What looks like a list of pupils is refused before anybody sees it again.
"""

import codecs
import csv
import io
import re
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
    if not lines:
        raise Refused(N_("There is no table in it yet. Copy the cells in your spreadsheet, and paste them here."))
    sign = _parted_by(lines)
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
        raise Refused(N_("The file is too large. A table of totals is small: copy its cells and paste them here."))
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


def _parted_by(lines: Sequence[str]) -> str | None:
    if any("\t" in line for line in lines):
        return "\t"
    if all(";" in line for line in lines):
        return ";"
    return "," if all("," in line for line in lines) else None


def _tidy(rows: Iterable[Sequence[object]]) -> Grid:
    grid = [[_cell(one) for one in row] for row in rows]
    grid = [row for row in grid if any(row)]
    width = max((index + 1 for row in grid for index, one in enumerate(row) if one), default=0)
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
    """The first sheet of a workbook, after a look at what it would unpack to."""
    from openpyxl import load_workbook  # seldom needed, and slow to import

    try:
        _look_inside(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is not to be believed
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1)
        found = [[_of_sheet(cell) for cell in row] for row in rows]
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
    return _levels_or_means(heads, rows, uses)


def _levels_or_means(heads: Sequence[str], rows: Grid, uses: list[Use]) -> list[Use]:
    """Whole numbers that add up to the pupils are levels; without a column of pupils, the first whole one is it."""
    means = [index for index, use in enumerate(uses) if use is Use.MEAN]
    whole = [index for index in means if all(_is_whole(row[index]) for row in rows)]
    if Use.PUPILS in uses:
        of = uses.index(Use.PUPILS)
        if whole and all(sum(number(row[i]) or 0 for i in whole) == (number(row[of]) or 0) for row in rows):
            return [Use.LEVEL if index in whole else use for index, use in enumerate(uses)]
        return uses
    for of in whole:
        parts = [index for index in whole if index != of]
        if len(parts) > 1 and all(sum(number(row[i]) or 0 for i in parts) == (number(row[of]) or 0) for row in rows):
            return [
                Use.PUPILS if index == of else Use.LEVEL if index in parts else use for index, use in enumerate(uses)
            ]
    if len(whole) > 2 and whole == means:
        return [Use.LEVEL if index in whole else use for index, use in enumerate(uses)]
    counts = [index for index in whole if not _says(heads[index], _POINTS)]
    if counts:
        uses[counts[0]] = Use.PUPILS
    return uses


def without_total(grid: Grid) -> tuple[Grid, list[str] | None]:
    """The groups' rows, and the row of the total if the last one is it: we add up ourselves."""
    rows = grid[1:]
    if len(rows) > 1 and any(_says(one, _TOTAL) for one in rows[-1][:2]):
        return rows[:-1], rows[-1]
    return rows, None


def look_for_people(grid: Grid, uses: Sequence[Use] = ()) -> None:
    """Raises Refused for what looks like a list of pupils, by its headings or by what stands under them. ``uses`` is
    what its columns are, where somebody has said so."""
    heads, (rows, _) = grid[0], without_total(grid)
    for index, head in enumerate(heads):
        cells = [row[index] for row in rows if row[index]]
        if _says(head, _SURELY) or (_says(head, _PERSON) and not _says(head, _PUPILS) and not _PLACE.search(head)):
            raise Refused(_LOOKS_LIKE_PUPILS, column=head)
        if any("@" in one for one in cells) or _mostly(cells, _LONG_NUMBER):
            raise Refused(_LOOKS_LIKE_PUPILS, column=head or str(index + 1))
        if _mostly(cells, _BIRTHDAY):
            raise Refused(_LOOKS_LIKE_PUPILS, column=head or str(index + 1))
        if len(cells) >= 3 and _mostly([one for one in cells if not _PLACE.search(one)], _FULL_NAME, of=len(cells)):
            raise Refused(_LOOKS_LIKE_NAMES, column=head or str(index + 1))
    counts = [number(row[i]) for row in rows for i, head in enumerate(heads) if _surely_says_pupils(head)]
    firsts = [row[0] for row in rows]
    if len(rows) >= 5 and not any(counts) and len(set(firsts)) == len(rows) and _mostly(firsts, _FIRST_NAME):
        raise Refused(_LOOKS_LIKE_NAMES, column=heads[0] or "1")
    uses = uses or guess(grid)
    if Use.GROUP in uses:
        _look_for_numbers(heads, rows, uses.index(Use.GROUP))


def _look_for_numbers(heads: Sequence[str], rows: Grid, group: int) -> None:
    """Raises Refused where what names the groups may be pupils' numbers. A table that says how many pupils a group has
    is one of totals: there these are tasks, or rows that were numbered."""
    counted = (index for index, head in enumerate(heads) if index != group and _surely_says_pupils(head))
    if any(number(row[index]) for index in counted for row in rows):
        return
    head, cells = heads[group], [row[group] for row in rows]
    is_place = bool(_PLACE.search(head)) or _says(head, _YEAR)
    bare = {int(found[1]) for one in cells if (found := _BARE_NUMBER.fullmatch(one.casefold()))}
    numbered = len(bare) >= max(2, 0.6 * len(cells)) and not _are_grades_or_years(bare, is_place=is_place)
    if (numbered and (len(cells) >= 5 or max(bare) > 99)) or (_says(head, _NUMBERED) and not is_place):
        raise Refused(_LOOKS_LIKE_PUPILS, column=head or str(group + 1))


def _are_grades_or_years(numbers: Collection[int], *, is_place: bool) -> bool:
    """2024, 2025 or 5, 6, 7. Whoever numbers pupils begins with 1: there the heading has to say that it is a grade."""
    first, last = min(numbers), max(numbers)
    if first >= _FIRST_YEAR and last <= _LAST_YEAR and len(numbers) <= _GRADES:
        return True
    return last <= _GRADES and (is_place or (first > 1 and last - first == len(numbers) - 1))


def table_of(grid: Grid, uses: Sequence[Use]) -> Table:
    """The table, with its columns being what somebody said they are. Raises Refused."""
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
    if len(rows) > 30 and median(pupils) <= 1:
        raise Refused(_LOOKS_LIKE_ROWS)
    columns = tuple(Column(heads[index] or f"{index + 1}", uses[index]) for index in taken)
    _percents_are_no_levels(columns, values)
    return Table(groups, pupils, columns, values)


def _groups(rows: Grid, index: int) -> tuple[str, ...]:
    groups = tuple(row[index] for row in rows)
    if not all(groups):
        raise Refused(N_("A row has no name of a group. Each row is one group, for instance a class."))
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


def _percents_are_no_levels(columns: Sequence[Column], values: Sequence[Sequence[float | None]]) -> None:
    """Percentages that make 100 together would give away those that are shown as “or more”."""
    percents = [index for index, one in enumerate(columns) if one.use is Use.PERCENT]
    for start, end in combinations(range(len(percents) + 1), 2):
        some = percents[start:end]
        sums = [sum(row[index] or 0 for index in some) for row in values]
        if len(some) > 1 and all(abs(one - 100) <= 2 for one in sums):
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
    """How many pupils, and not how many points."""
    return _says(head, _PUPILS) and not _says(head, _POINTS)


def _surely_says_pupils(head: str) -> bool:
    """Pupils are named, or “how many” stands alone: how many right answers is something else."""
    return _says_pupils(head) and bool(_says(head, _OF_PUPILS) or _PUPILS.fullmatch(_folded(head).strip(" .:")))


def _mostly(cells: Sequence[str], sort: re.Pattern[str], of: int | None = None) -> bool:
    """At least three in five, and different ones."""
    found = {one for one in cells if sort.fullmatch(one)}
    return len(found) >= max(2, 0.6 * (len(cells) if of is None else of))


def _says(head: str, words: re.Pattern[str]) -> bool:
    return bool(words.search(_folded(head)))


def _folded(head: str) -> str:
    return head.casefold().replace("i̇", "i")


_LOOKS_LIKE_PUPILS = N_(
    "“%(column)s” looks as if it said who the pupils are. Only totals of groups come here: a line for each class or"
    " group, and how many pupils it has. Nothing was kept."
)
_LOOKS_LIKE_NAMES = N_(
    "Under “%(column)s” there seem to be names of people. Only totals of groups come here. If they are schools or"
    " classes, write so: “School …”, “Class …”. Nothing was kept."
)
_LOOKS_LIKE_ROWS = N_(
    "This looks like a row for each pupil, or a group stands there twice. Give one row for each group, with how many"
    " pupils it has. Nothing was kept."
)


def _words(*words: str) -> re.Pattern[str]:
    """Any of these words, as words of a heading; a star stands for an ending."""
    parts = (re.escape(one).replace(r"\*", r"\w*") for one in words)
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

_PERSON = _words(
    *("name", "names", "student", "pupil", "user", "mail", "born", "address"),
    *("ime", "imena", "učenik", "učenica", "adresa", "rođen", "rođena"),
    *("аты", "оқушы", "пошта", "мекенжай"),
    *("име", "имиња", "имена", "ученик", "ученичка", "адреса", "роден", "родена"),
    *("naam", "namen", "leerling", "adres", "имя", "ученица", "адрес", "рођен"),
    *("ad", "adı", "isim", "öğrenci", "numarası", "adresi"),
)
"""Unless it says how many, or of a class or a school."""

_PUPILS = _words(
    *("n", "pupils", "students", "number of pupils", "number of students", "count", "how many", "size", "tested"),
    *("učenika", "broj učenika", "broj", "оқушылар", "оқушы саны", "саны", "ученици", "број на ученици", "број"),
    *("leerlingen", "aantal", "учеников", "количество", "число учеников", "кол-во", "ученика", "број ученика"),
    *("öğrenci sayısı", "sayı", "sayısı", "mevcut"),
)
_OF_PUPILS = re.compile(
    r"pupil|student|child|size|test|тест|pisal|писал|učeni|uč\.|djec|đak|ученик|ученици|учениц|уч\.|учащ|дет|дец|ђак|оқушы|бала"
    r"|leerling|kinderen|öğrenci|çocuk|mevcut"
)
_POINTS = _words(
    *("point*", "score*", "mark", "marks", "pts", "bod", "bodovi", "bodova", "poen*", "punten", "punt", "балл*"),
    *("бод", "бодови", "бодова", "поен*", "ұпай*", "puan*"),
)
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
_FULL_NAME = re.compile(rf"{_NAME},? {_NAME}(?: {_NAME})?")
_FIRST_NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)?")
_PLACE = re.compile(
    r"(?i)school|class|group|grade|year|level|boys|girls|škol|razred|odjelj|grupa|dječac|djevojč|мектеп|сынып|топ|ұлдар"
    r"|қыздар|училишт|одделени|група|момчиња|девојчиња|klas|groep|jongens|meisjes|школ|класс|групп|мальчик|девочк"
    r"|разред|одељењ|дечац|девојчиц|okul|sınıf|grup|şube|kız|erkek|lise|gimnazi|гимнази"
)
