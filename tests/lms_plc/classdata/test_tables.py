"""Is what people bring read as they mean it, and is a list of pupils refused?"""

import io
import zipfile

import pytest
from openpyxl import Workbook

from lms_plc.classdata.tables import (
    LARGEST_FILE,
    LEVELS,
    MEASURES,
    Grid,
    Refused,
    Use,
    guess,
    number,
    read_file,
    read_paste,
    table_of,
    write_grid,
)

G, N, M, P, L, X = Use.GROUP, Use.PUPILS, Use.MEAN, Use.PERCENT, Use.LEVEL, Use.LEAVE


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("Class\tPupils\tAverage\n8a\t28\t7,4\n8b\t12\t6,1", [G, N, M]),
        ("Class;N;Percent\r\n8a;28;71 %\r\n8b;12;50 %", [G, N, P]),
        ("Class,Average,Students\n8a,7.4,28\n8b,6.1,12", [G, M, N]),
        ("class  n  mean\n8a  28  7.4\n8b  12  6", [G, N, M]),
        ("Sınıf\tMevcut\tOrtalama\n8a\t28\t7,4\n8b\t12\t6,1", [G, N, M]),
        ("Разред\tБрој ученика\tПросек\tНапомена\n8а\t28\t4,1\tjedan\n8б\t12\t3,9\tdva", [G, N, M, X]),
        ("Razred\tnije\tdjelimično\tjeste\n8a\t3\t10\t15\n8b\t2\t5\t5", [G, L, L, L]),
        ("Razred\tukupno\tnije\tjeste\n8a\t25\t10\t15\n8b\t10\t5\t5", [G, N, L, L]),
        ("Class\tPupils\tnot yet\treached\n8a\t25\t10\t15\n8b\t10\t5\t5\nTotal\t35\t15\t20", [G, N, L, L]),
        ("Group\tSize\n8a\t28\n8b\t12", [G, N]),
        ("Razred\tBroj bodova\tKoliko ih je\n8a\t70\t28\n8b\t61\t12", [G, M, N]),
        ("№ п/п\tКласс\tПисали\tСреднее\n1\t8а\t28\t7,4\n2\t8б\t12\t6,1", [X, G, N, M]),
    ],
)
def test_a_table_is_read_as_it_is_meant(text: str, uses: list[Use]) -> None:
    grid = read_paste(text)
    assert guess(grid) == uses
    table = table_of(grid, uses)
    assert table.pupils[0] in (28, 25)
    assert table.shape == (LEVELS if L in uses else MEASURES)
    assert read_paste(write_grid(grid)) == grid
    assert "28" not in repr(table)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7,4", 7.4), ("1 234", 1234), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("71 %", 71), ("−2", -2), ("x", None)]
    + [("1.2.3", None), ("", None)],
)
def test_a_number_is_read_as_people_write_it(text: str, value: float | None) -> None:
    assert number(text) == value


CODED = (
    *(("Nr", "Points"), ("No.", "Score"), ("#", "Points"), ("Code", "Points"), ("Pupil number", "Pupils")),
    *(("Volgnummer", "Punten"), ("Leerlingnummer", "n"), ("Šifra", "Bodovi"), ("R. br.", "Broj bodova")),
    *(("Broj", "Bodovi"), ("Шифра", "Поени"), ("Реден број", "Поени"), ("Шифра ученика", "Поени")),
    *(("Редни број", "Број тачних"), ("№ п/п", "Баллы"), ("Шифр", "Балл"), ("Номер", "Количество баллов")),
    *(("Sıra no", "Puan"), ("Okul No", "Doğru sayısı"), ("Kod", "Puan"), ("Нөмірі", "Ұпай"), ("Р/с", "Балл саны")),
)


@pytest.mark.parametrize(
    "text",
    [
        "Name\tPoints\nAna\t7\nIvo\t5",
        "Ime i prezime\tBodovi\nx\t7\ny\t5",
        "Фамилия\tБаллы\nx\t7\ny\t5",
        "Оқушы\tБалл\nx\t7\ny\t5",
        "Adı Soyadı\tPuan\nx\t7\ny\t5",
        "Achternaam\tPunten\nx\t7\ny\t5",
        "Презиме\tБодови\nx\t7\ny\t5",
        "Јмбг\tБодови\nx\t7\ny\t5",
        "Matični broj\tBodovi\nx\t7\ny\t5",
        "Class\tN\tContact\n8a\t28\ta@example.org\n8b\t12\tb@example.org",
        "What\tN\n0101990123456\t12\n0202991654321\t14",
        "What\tN\n03.04.2013.\t12\n05.06.2013.\t14",
        "Who\tN\nAna Kovač\t12\nIvo Marić\t14\nMia Horvat\t11",
        "Кто\tN\nАйгерим Сатпаева\t12\nНурлан Ахметов\t14\nЕлена Ким\t11",
        "Who\tPoints\nAna\t12\nIvo\t14\nMia\t11\nJan\t3\nEva\t5",
        "Class\tPoints\n8a\t12\n8a\t14\n8b\t11",
        "Who\tBroj bodova\nAna\t12\nIvo\t14\nMia\t11\nJan\t3\nEva\t5",
        # pupils by a number or a code, in the eight languages
        *(f"{head}\t{points}\nA1\t17\nA2\t12" for head, points in CODED),
        "x\tPoints\n10234\t17\n10235\t12\n10240\t14\n10251\t11\n10260\t18",
        "Class nr\tPoints\n10234\t17\n10235\t12",
        "x\tBroj tačnih\n2031\t17\n4\t12\n2033\t14",
        "x\tAantal goed\n" + "\n".join(f"{place}\t{place % 9 + 10}" for place in range(1, 26)),
        "x\ty\tz\n" + "\n".join(f"{place}.\t{place % 9 + 10}\t3" for place in range(1, 6)),
        "Class\tPoints\n" + "\n".join(f"{place}\t{place % 9 + 10}" for place in range(1, 26)),
        "x\tPoints\n" + "\n".join(f"{place}\t{place % 9 + 10}" for place in range(2001, 2026)),
        "Points\tNr\n17\t11\n12\t12\n14\t13\n19\t14\n30\t15",
    ],
)
def test_what_looks_like_a_list_of_pupils_is_refused(text: str) -> None:
    grid = read_paste(text)
    with pytest.raises(Refused) as refused:
        table_of(grid, guess(grid))
    assert "Nothing was kept" in refused.value.words


@pytest.mark.parametrize(
    "text",
    [
        "Class name\tNumber of pupils\tAverage\n8a\t28\t7\n8b\t12\t6",
        "Sınıf adı\tÖğrenci sayısı\tOrtalama\n8a\t28\t7\n8b\t12\t6",
        "Сынып аты\tОқушы саны\tОрташа\n8а\t28\t4\n8б\t12\t3",
        "School\tPupils\tAverage\nSchool Vuk Karadžić\t28\t7\nSchool Sveti Sava\t12\t6\nSchool Meša Selimović\t30\t5",
        "Nr\tPupils\tAverage\n101\t28\t7\n102\t12\t6\n103\t30\t5\n104\t30\t5\n105\t30\t5",
        "Task\tTested\tRight %\n1\t28\t70\n2\t12\t60\n3\t30\t50\n4\t30\t50\n5\t30\t50",
        "Year\tTook part\tPassed %\n2021\t28\t70\n2022\t12\t60\n2023\t30\t50\n2024\t30\t50\n2025\t30\t50",
        "x\tTook part\tPassed %\n2021\t28\t70\n2022\t12\t60\n2023\t30\t50\n2024\t30\t50\n2025\t30\t50",
        "x\tTook part\tPassed %\n5\t28\t70\n6\t12\t60\n7\t30\t50\n8\t30\t50\n9\t30\t50",
        "Grade\tTook part\tPassed %\n1\t28\t70\n2\t12\t60\n3\t30\t50\n4\t30\t50\n5\t30\t50",
        "Okul kodu\tKatılan\tOrtalama\n1\t28\t70\n2\t12\t60\n3\t30\t50",
        "Team\tChildren\tAverage\n1\t28\t7\n2\t12\t6\n3\t30\t5\n4\t30\t5",
        "Subject\tPupils\tAverage\nMaths\t28\t7\nPhysics\t12\t6\nFrench\t30\t5\nDutch\t30\t5\nArt\t30\t5",
    ],
)
def test_names_of_classes_schools_and_subjects_are_no_names_of_pupils(text: str) -> None:
    grid = read_paste(text)
    assert table_of(grid, guess(grid)).pupils[:2] == (28, 12)


def grid_of(*rows: str) -> Grid:
    return [row.split(",") for row in rows]


@pytest.mark.parametrize(
    ("grid", "uses", "words"),
    [
        (grid_of("a,b", "8a,28"), [N, N], "names the group"),
        (grid_of("a,b,c", "8a,28,28"), [G, N, N], "Only one column"),
        (grid_of("a,b", "8a,28"), [G, M], "How many pupils stand behind"),
        (grid_of("a,b,c,d", "8a,28,5,6"), [G, N, L, M], "Leave one of them out"),
        (grid_of("a,b,c", "8a,28,28"), [G, N, L], "at least two columns"),
        (grid_of("a,b,c", "8a,28.5,1"), [G, N, M], "no number of pupils"),
        (grid_of("a,b,c", "8a,28,so"), [G, N, M], "is no number"),
        (grid_of("a,b,c", "8a,28,171"), [G, N, P], "no percentage"),
        (grid_of("a,b,c", ",28,71"), [G, N, P], "no name of a group"),
        (grid_of("a,b,c,d", "8a,28,5,6"), [G, N, L, L], "levels add up"),
        (grid_of("a,b,c,d", "8a,28,50,50", "8b,28,29,71"), [G, N, P, P], "make a hundred"),
        (grid_of("a,b", "8a,28", "8b,12", "Total,41"), [G, N], "The last row says"),
        (grid_of("a,b", *(f"g{place},1" for place in range(31))), [G, N], "a row for each pupil"),
    ],
)
def test_a_table_that_does_not_fit_says_what_to_do(grid: Grid, uses: list[Use], words: str) -> None:
    with pytest.raises(Refused) as refused:
        table_of(grid, uses)
    assert words in refused.value.words
    assert refused.value.words % refused.value.values if refused.value.values else True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no table in it"),
        ("a\tb", "at least two columns"),
        ("abc\ndef", "at least two columns"),
        ("a\tb\n" + "x\t1\n" * 300, "too much"),
        ("a\tb\n" + "x" * 100 + "\t1", "long texts"),
    ],
)
def test_what_is_no_small_table_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_paste(text)
    assert words in refused.value.words


def test_the_total_of_a_table_and_what_is_left_out_do_not_count() -> None:
    grid = grid_of("Class,N,Average,Note", "8a,28,7.4,x", "8b,12,-,y", "Ukupno,40,7,z")
    table = table_of(grid, [G, N, M, X])
    assert (table.groups, table.pupils, table.values) == (("8a", "8b"), (28, 12), ((7.4,), (None,)))


WORDS = "Класс;Учеников;Средний балл\n8а;28;4,1\n8б;12;3,9\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_file_of_any_spreadsheet_is_read_in_its_letters(encoding: str) -> None:
    assert read_file(WORDS.encode(encoding), "ru")[1] == ["8а", "28", "4,1"]


def test_letters_of_other_pages_are_read_by_the_language() -> None:
    assert read_file("Šk.;N\nČ1;28\n".encode("cp1250"), "bs")[1] == ["Č1", "28"]
    assert read_file("Şube;N\nİ1;28\n".encode("cp1254"), "tr")[1] == ["İ1", "28"]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    for cell in book.active["C"]:
        cell.number_format = "0%"
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_and_its_formulas_are_not_worked_out() -> None:
    content = workbook(("Class", "N", "Passed"), ("8a", 28, 0.71), ("8b", 12.0, 0.5), ("=1+1", "=A1", None))
    assert read_file(content) == [["Class", "N", "Passed"], ["8a", "28", "71 %"], ["8b", "12", "50 %"]]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x" * (LARGEST_FILE + 1), "too large"),
        (b"\xd0\xcf\x11\xe0 old", "cannot be read"),
        (packed(sheet=b"0" * (21 * 1024 * 1024)), "larger than it looks"),
        (packed(sheet=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'), "could not be read"),
        (packed(sheet="<a/>".encode("utf-16")), "could not be read"),
        (packed(**{f"p{place}": b"" for place in range(300)}), "could not be read"),
        (packed(sheet=b"<a/>"), "could not be read"),
        (b"PK\x03\x04 broken", "could not be read"),
    ],
)
def test_a_file_that_would_do_harm_or_is_none_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_file(content)
    assert words in refused.value.words
