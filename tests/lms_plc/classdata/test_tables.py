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
    look_for_people,
    number,
    read_file,
    read_paste,
    says_how_many,
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
    table = table_of(grid, uses, is_count=True)
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


PUPILS = (
    "Initials|Task 1|Task 2|Task 3 / A.P.|5|4|3 / B.K.|4|4|2 / Dž. M.|3|5|5 / L.T.|2|2|4",
    "Р.бр.|Дете|Математика|Јазик|Историја / 1|Ана|8|7|6 / 2|Иво|9|9|8 / 3|Мила|6|7|7 / 4|Петар|10|9|9",
    "SIRA NO|ADI|SOYADI|MATEMATİK|TÜRKÇE|FEN / 1|AYŞE|YILMAZ|80|70|50 / 2|MEHMET|KAYA|60|75|90",
    "Sıra|Ad|Soyad|Puan / 1|ayşe|yılmaz|80 / 2|mehmet|kaya|60",
    "x|Task 1|Task 2|Task 3 / U01|5|4|3 / U02|4|4|2 / U03|3|5|5",
    "Class|Maths|Reading|Science / 8a-01|5|4|3 / 8a-02|4|4|2 / 8a-03|3|5|5 / 8a-04|3|5|5",
    "Group|a|b|c / 8a-1|5|4|3 / 8a-2|4|4|2 / 8a-3|3|5|5",
    "x|Task 1|Task 2|Task 3 / Pupil 1|5|4|3 / Pupil 2|4|4|2",
    "x|n|Task 2 / Pupil 1|15|4 / Pupil 2|14|4 / Pupil 3|17|3",
    "Група|З1|З2|З3 / Ученик 1|5|4|3 / Ученик 2|4|4|2",
    "Група|З1|З2|З3 / УЧЕНИК 1|5|4|3 / УЧЕНИК 2|4|4|2",
    "x|1|2|3 / St. 3|5|4|3 / St. 7|4|4|2 / St. 9|1|1|1",
    "ÖĞRENCİLER|1|2|3 / ÖĞRENCİ 1|5|4|3 / ÖĞRENCİ 2|4|4|2",
    "x|1|2|3 / Leerling 1|5|4|3 / Leerling 2|4|4|2 / Leerling 3|1|1|1",
    "x|1|2|3 / Оқушы 1|5|4|3 / Оқушы 2|4|4|2",
    "Who|1|2|3 / Ana|5|4|3 / Ivo|4|4|2 / Mia|1|1|1 / Jan|3|3|3",
    "Group|1|2|3 / ANA|5|4|3 / IVO|4|4|2 / MIA|1|1|1 / JAN|3|3|3",
    "group|1|2|3 / ana|5|4|3 / ivo|4|4|2 / mia|1|1|1 / jan|3|3|3",
    "Group|Reached|Not reached / Ana Kovač|12|14 / Ivo Marić|14|11",
    "Group|N|Average / Ana Kovač|12|14 / Ivo Marić|14|11",
    "Subject|n|Points / Ana|1|7 / Ivo|1|5 / Mia|1|6 / Jan|1|9 / Eva|1|3 / Leo|1|8",
    "Team|Pupils|Points / Ana|1|7 / Ivo|1|5",
    "Razred|1|2|3 / Kovač Ana|5|4|3 / Marić Ivo|4|4|2",
    "razred|1|2|3 / kovač, ana|5|4|3 / marić, ivo|4|4|2",
    "Inicijali|Z1|Z2|Z3 / AK|5|4|3 / IM|4|4|2 / LP|1|2|3",
    "x|Z1|Z2|Z3 / AK|5|4|3 / IM|4|4|2 / LP|1|2|3",
    "Иницијали|Б1|Б2 / А.П.|5|4 / Б.К.|4|4 / В.М.|2|2",
    "Класс|Русский|Алгебра|История / Иванов А.П.|5|4|3 / Петров Б.К.|4|4|2 / Сидорова В.М.|5|5|5",
    "Класс|Русский|Алгебра|История / А.П. Иванов|5|4|3 / Б.К. Петров|4|4|2 / В. М. Сидорова|5|5|5",
    "Ребёнок|Чтение|Письмо / Маша|5|4 / Петя|4|4 / Оля|3|3",
    "№|Бала|Математика|Тіл / 1|Айгерім|5|4 / 2|Нұрлан|4|4 / 3|Елена|3|3",
    "Сынып|Математика|Тарих|Тіл / Айгерім Сәтбаева|5|4|3 / Нұрлан Ахметов|4|4|2",
    "Çocuk|Okuma|Yazma / Elif|5|4 / Can|4|4 / Deniz|3|3",
    "ÖĞRENCİNİN ADI|OKUMA|YAZMA / ELİF|5|4 / CAN|4|4",
    "Kind|Rekenen|Taal|Lezen / Sanne|5|4|3 / Daan|4|4|2 / Emma|3|3|3",
    "Groep|Rekenen|Taal|Lezen / Sanne de Vries|5|4|3 / Daan van Dijk|4|4|2 / Emma Jansen|3|3|3",
    "Voorletters|Rekenen|Taal / S.V.|5|4 / D.D.|4|4 / E.J.|3|3",
    "Klas|Naam|Rekenen|Taal / 8a|Sanne|5|4 / 8a|Daan|4|4 / 8b|Emma|3|3",
    "Klas|x|Rekenen|Taal / 8a|Sanne|5|4 / 8b|Daan|4|4 / 8c|Emma|3|3",
    "Razred|Dijete|Čitanje|Pisanje / 8a|Ana|5|4 / 8a|Ivo|4|4 / 8b|Mia|3|3",
    "Разред|Дете|Читање|Писање / 8а|Ана|5|4 / 8а|Иво|4|4 / 8б|Мија|3|3",
    "Ime ucenika|Bodovi / Ana|5 / Ivo|4",
    "Име ученика|Поени|Задатак / Ана|5|4 / Иво|4|4",
    "Имя учеников|n|Балл / Маша|12|4 / Петя|14|4",
    "first_name|last_name|Score|Task / Ana|Kovac|5|5 / Ivo|Maric|4|4",
    "Group|Task 1|Task 2|Task 3 / 1. Ana Kovač|5|4|3 / 2. Ivo Marić|4|4|2",
    "Group|Task 1|Task 2|Task 3 / Ana Kovač (8a)|5|4|3 / Ivo Marić (8b)|4|4|2",
    "Group|Task 1|Task 2|Task 3 / 8a Ana Kovač|5|4|3 / 8b Ivo Marić|4|4|2",
    "Group|Task 1|Task 2|Task 3 / Ana 8a|5|4|3 / Ivo 8b|4|4|2",
    "x|Task 1|Task 2|Task 3 / 1|5|4|3 / 2|4|4|2 / 3|1|1|1",
    "Ученик|1|2|3 / 1|5|4|3 / 2|4|4|2",
    "Initials|Total|Task 1|Task 2 / A.P.|9|5|4 / B.K.|8|4|4 / L.T.|4|2|2",
    "x|Task 1|Task 2|Task 3 / Ana|5|4|3",
    "Group|1|2|3 / Iva|5|4|3 / Ivan|4|4|2 / Ivo|1|1|1 / Vida|2|2|2",
    "Group|1|2|3 / IVA|5|4|3 / IVAN|4|4|2 / IVO|1|1|1 / VIDA|2|2|2",
    "x|a|b|c / A|5|4|3 / B|4|4|2 / C|1|1|1 / D|2|2|2 / E|3|3|3",
)
"""As teachers have them, parted by “|” and “/”: by name, number, initials and code, in the eight languages."""

TOTALS = (
    ("Class|Pupils|Average / 8a|28|7.4 / 8b|12|6.1", [G, N, M]),
    ("Class|n|Passed % / VIII-1|28|71 / VIII-2|12|50", [G, N, P]),
    ("Class|Boys|Girls / 8a|12|14 / 8b|11|13", [G, L, L]),
    ("Year|Pupils|Average / 2023|28|7.4 / 2024|12|6.1", [G, N, M]),
    ("Term|Pupils|Average / First term|28|7.4 / Second term|27|6.1", [G, N, M]),
    ("Task|Pupils|Right % / Task 1|28|71 / Task 2|28|40", [G, N, P]),
    ("Class|below|above / IVa|20|8 / IVb|15|13 / IVc|9|19", [G, L, L]),
    ("Class|below|above / VI|20|8 / VII|15|13 / VIII-A|9|19", [G, L, L]),
    ("Task|reached|not yet / 1|20|8 / 2|15|13 / 3|9|19", [G, L, L]),
    ("Group|Tested|Mean / Boys|28|7.4 / Girls|12|6.1", [G, N, M]),
    ("Group|below|above / Before|20|8 / After|15|13", [G, L, L]),
    ("Subject|reached|not yet / Maths|20|8 / Physics|15|13 / Art|9|19", [G, L, L]),
    ("Grade|Size|Average / 1|28|7.4 / 2|12|6.1 / 3|14|6", [G, N, M]),
    ("Razred|Broj učenika|Prosjek / VIII-a|28|4.1 / VIII-b|12|3.9", [G, N, M]),
    ("Odjeljenje|Broj ucenika|Prosjek / VIII 1|28|4.1 / VIII 2|12|3.9", [G, N, M]),
    ("Predmet|Broj učenika|Prolaznost / Matematika|28|96,43 / Jezik|30|100", [G, N, P]),
    ("Razred|nije|djelimično|jeste / 5a|3|10|15 / 5b|2|5|8", [G, L, L, L]),
    ("Škola|Učenika|Prosjek / OŠ Vuk Karadžić|28|4.1 / OŠ Sveti Sava|30|3.9", [G, N, M]),
    ("Разред|Број ученика|Просек / 8-1|28|4,1 / 8-2|12|3,9", [G, N, M]),
    ("Одељење|Број ученика|Пролазност / 5-а|28|96,43 / 5-б|12|100", [G, N, P]),
    ("Смена|Ученика|Просек / Прва смена|128|4,1 / Друга смена|112|3,9", [G, N, M]),
    ("Предмет|положили|нису положили / Математика|20|8 / Физика|22|6", [G, L, L]),
    ("Име на паралелка|Број на ученици|Просек / IX а|28|4,1 / IX б|12|3,9", [G, N, M]),
    ("Паралелка|Ученици|Положиле / IX-а|28|96,43 / IX-б|12|100", [G, N, P]),
    ("Одделение|Број на деца|Успешност / 5-б|28|96,43 / 5-в|25|0", [G, N, P]),
    ("Група|Ученици|Просек / Група 1|28|4,1 / Група 2|12|3,9", [G, N, M]),
    ("Група|Момчиња|Девојчиња / Група 1|14|12 / Група 2|12|10", [G, L, L]),
    ("Предмет|Број на ученици|Просек / Македонски јазик|28|4,1 / Ликовно|12|3,9 / Хемија|20|4", [G, N, M]),
    ("Класс|Учеников|Средний балл / 8 «А»|28|4,1 / 8 «Б»|12|3,9", [G, N, M]),
    ("Название класса|Писали|Сдали / 9а|28|96,43 / 9б|30|100 / 9в|25|0", [G, N, P]),
    ("№ п/п|Класс|Писали|Среднее / 1|8а|28|7,4 / 2|8б|12|6,1", [X, G, N, M]),
    ("Предмет|справились|не справились / Русский язык|20|8 / Алгебра|22|6", [G, L, L]),
    ("Класс|Всего учеников|5|4|3|2 / 8а|28|5|10|12|1 / 8б|20|5|5|9|1", [G, N, L, L, L, L]),
    ("Полугодие|Учащихся|Успеваемость / I полугодие|28|96,43 / II полугодие|28|100", [G, N, P]),
    ("Сынып|Оқушы саны|Орташа / 8 А|28|4,1 / 8 Ә|12|3,9", [G, N, M]),
    ("Сынып атауы|Оқушылар саны|Өтті / 9А|28|96,43 / 9Б|30|100", [G, N, P]),
    ("Тоқсан|Оқушылар|Орташа / 1-тоқсан|28|4,1 / 2-тоқсан|28|3,9", [G, N, M]),
    ("SINIF|ÖĞRENCİ SAYISI|ORTALAMA / 8/A|28|71,4 / 8/B|12|64,9", [G, N, M]),
    ("ŞUBE|MEVCUT|BAŞARI / 8-A|28|96,43 / 8-B|30|100 / 8-C|25|0", [G, N, P]),
    ("Ders adı|Öğrenci sayısı|Ortalama / Türkçe|28|71,4 / Fen Bilimleri|28|64,9 / Tarih|28|50,1", [G, N, M]),
    ("Okul|Katılan|Ortalama / Atatürk Ortaokulu|28|71,4 / Gazi İlkokulu|12|64,9", [G, N, M]),
    ("Klas|Leerlingen|Gemiddelde / H4a|28|6,4 / V5b|12|6,1", [G, N, M]),
    ("Klas|Aantal leerlingen|geslaagd / 4HA|28|96,43 / 4HB|30|100", [G, N, P]),
    ("Klas|niet|deels|wel / 1HV1|3|10|15 / 1HV2|2|5|8", [G, L, L, L]),
    ("Vak|Aantal|Gemiddelde / Nederlands|28|6,4 / Wiskunde A|12|6,1", [G, N, M]),
    ("Klas|Aantal leerlingen|Gemiddelde|Docent / 4a|28|6,4|jansen / 4b|12|6,1|pietersen", [G, N, M, X]),
)


def parted(text: str) -> Grid:
    return [[cell.strip() for cell in row.split("|")] for row in text.split(" / ")]


def all_uses(grid: Grid) -> list[list[Use]]:
    """Each column in turn as the group; the others as levels, as averages, or with one of them as the pupils."""
    found = [guess(grid)]
    places = range(len(grid[0]))
    for group in places:
        found += [[G if place == group else other for place in places] for other in (L, M)]
        for pupils in places:
            if pupils != group:
                found.append([G if place == group else N if place == pupils else M for place in places])
                found.append([G if place == group else N if place == pupils else X for place in places])
        for left in places:
            found.append([G if place == group else X if place == left else L for place in places])
    return found


@pytest.mark.parametrize("text", PUPILS)
def test_a_list_of_pupils_is_refused_whatever_its_columns_are_said_to_be(text: str) -> None:
    grid = parted(text)
    with pytest.raises(Refused) as refused:
        look_for_people(grid)
    assert "Nothing was kept" in refused.value.words
    for uses in all_uses(grid):
        with pytest.raises(Refused):
            table_of(grid, uses, is_count=True)


@pytest.mark.parametrize(("text", "uses"), TOTALS)
def test_tables_of_totals_as_schools_have_them_are_taken_as_they_are_meant(text: str, uses: list[Use]) -> None:
    grid = parted(text)
    assert guess(grid) == uses
    table = table_of(grid, uses, is_count=True)
    assert len(table.groups) == len(grid) - 1
    assert min(table.pupils) >= 12


@pytest.mark.parametrize(
    "text",
    [
        "Class|Maths|Language|History / 8a|4|3|5 / 8b|3|3|4",
        "Class|Task 1|Task 2|Task 3 / 8a|14|13|15 / 8b|13|13|14",
        "Class|Points|More points|Most points / 8a|14|13|15 / 8b|13|13|14",
        "Class|x|y|z / 8a|14|13|15 / 8b|13|13|14",
        "Class|Broj tačnih|z / 8a|14|15 / 8b|13|14",
    ],
)
def test_whole_numbers_are_no_levels_and_no_pupils_where_no_heading_says_so(text: str) -> None:
    grid = parted(text)
    assert L not in guess(grid)
    with pytest.raises(Refused) as refused:
        table_of(grid, guess(grid))
    assert "How many pupils" in refused.value.words or "No heading says" in refused.value.words


@pytest.mark.parametrize("use", [N, L])
def test_marks_of_a_subject_never_say_how_many_pupils_there_are(use: Use) -> None:
    grid = parted("Class|Maths|Language|History / 8a|14|13|15 / 8b|13|13|14")
    with pytest.raises(Refused) as refused:
        table_of(grid, [G, use, L, L], is_count=True)
    assert "seems to be marks" in refused.value.words


def test_numbers_that_no_heading_calls_pupils_count_them_when_somebody_says_so() -> None:
    grid, uses = parted("Class|nije|jeste / 8a|14|13 / 8b|13|13"), [G, L, L]
    assert not says_how_many(grid, uses)
    with pytest.raises(Refused) as refused:
        table_of(grid, uses)
    assert "No heading says how many pupils there are" in refused.value.words
    assert table_of(grid, uses, is_count=True).pupils == (27, 26)
    counted = parted("Class|Pupils|Average / 8a|14|6,3")
    assert says_how_many(counted, guess(counted))
    assert table_of(counted, guess(counted)).pupils == (14,)


SHARES = (
    *("Passed", "Prolaznost", "Өтті", "Положиле", "geslaagd", "сдали", "Пролазност", "Успешност", "Başarı", "BAŞARI"),
    *("Uspješnost", "Success rate", "Успеваемость", "Geçme", "Үлгерім"),
)


@pytest.mark.parametrize("head", [*SHARES, "May", "Прв дел"])
def test_shares_of_the_pupils_are_percentages_without_a_sign(head: str) -> None:
    assert guess(parted(f"Class|n|{head} / 8a|28|96,43 / 8b|30|100 / 8c|25|0"))[2] is P
    assert guess(parted(f"Class|n|{head} / 8a|28|96,42 / 8b|30|100 / 8c|25|0"))[2] is P, "cut, not rounded"


@pytest.mark.parametrize(
    "text",
    [
        "Class|n|Оценка / 8a|20|4,1 / 8b|20|3,95",
        "Class|n|Успешност / 8a|28|4,1 / 8b|30|3,9",
        "Class|n|x / 8a|28|71,9 / 8b|30|64,2",
        "Class|n|Average points / 8a|25|72 / 8b|20|65",
        "Class|n|Bodovi / 8a|25|72 / 8b|20|65",
        "Class|n|x / 8a|25|172 / 8b|20|65",
        "Class|n|x / 8a|10|5 / 8b|10|4",
    ],
)
def test_grades_and_points_stay_averages(text: str) -> None:
    assert guess(parted(text))[2] is M


def test_how_many_passed_is_a_level_that_lacks_another() -> None:
    grid = parted("Class|Pupils|Passed / 8a|28|27 / 8b|30|29")
    with pytest.raises(Refused) as refused:
        table_of(grid, guess(grid))
    assert "Levels need at least two columns" in refused.value.words


@pytest.mark.parametrize("use", [M, P])
def test_percentages_that_make_a_hundred_are_levels_whatever_they_were_called(use: Use) -> None:
    for text in ("8a|28|3,57|96,43", "8a|28|3,57|96,43 / 8b|30|0|100"):
        with pytest.raises(Refused) as refused:
            table_of(parted(f"Class|n|a|b / {text}"), [G, N, use, use])
        assert "make a hundred" in refused.value.words
    assert table_of(parted("Class|n|a|b / 8a|28|35,1|64,2"), [G, N, M, M]).groups == ("8a",), "by chance"


def test_percentages_out_of_one_are_asked_for_out_of_a_hundred() -> None:
    with pytest.raises(Refused) as refused:
        table_of(parted("Class|n|Passed / 8a|28|0,96 / 8b|30|1"), [G, N, P])
    assert "96 and not 0.96" in refused.value.words


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
        (grid_of("a,b", *(f"Class {place},1" for place in range(31))), [G, N], "a row for each pupil"),
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


@pytest.mark.parametrize(
    "text",
    [
        "Results of May\nClass\tPupils\tAverage\n8a\t28\t7.4",
        "Results of May;;\n;;\nClass;Pupils;Average\n8a;28;7,4",
        "Results of May\nSchool North\nClass;Pupils;Average\n8a;28;7,4",
        "School:;North\nClass;Pupils;Average\n8a;28;7,4",
        "Results, May\nClass;Pupils;Average\n8a;28;7,4",
        "sep=;\nClass;Pupils;Average\n8a;28;7,4",
        "\ufeffsep=,\nClass,Pupils,Average\n8a,28,7.4",
        "Results of May\nClass,Pupils,Average\n8a,28,7.4\n",
    ],
)
def test_titles_above_the_headings_and_the_sign_that_parts_are_no_part_of_the_table(text: str) -> None:
    grid = read_paste(text)
    assert grid[0] == ["Class", "Pupils", "Average"]
    assert len(grid) == 2
    assert table_of(grid, guess(grid)).pupils == (28,)


@pytest.mark.parametrize("text", ["\tn\tx\n8a\t28\t7", "Class\tn\n8a\t28\tgood", "Class\tn\tx\n8a\t28"])
def test_a_line_of_headings_is_none_of_the_titles_although_one_is_missing(text: str) -> None:
    assert len(read_paste(text)) == 2


def test_a_school_that_stands_once_for_several_classes_is_to_be_written_to_each() -> None:
    grid = read_paste("School\tClass\tPupils\tAverage\nSchool North\t8a\t28\t7.4\n\t8b\t30\t6")
    with pytest.raises(Refused) as refused:
        table_of(grid, guess(grid))
    assert "write it to each of them" in refused.value.words


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


def test_of_a_workbook_the_first_sheet_that_has_a_table_is_read_without_its_title() -> None:
    book, out = Workbook(), io.BytesIO()
    book.create_sheet("notes").append(("Made in May",))
    results = book.create_sheet("results")
    for row in (("Results of May",), ("Class", "N", "Average"), ("8a", 28, 7.4)):
        results.append(row)
    results.merge_cells("A1:C1")
    book.create_sheet("more").append(("Class", "N"))
    book.save(out)
    assert read_file(out.getvalue()) == [["Class", "N", "Average"], ["8a", "28", "7.4"]]


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
