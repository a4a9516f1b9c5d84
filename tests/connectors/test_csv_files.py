"""Is a table that people saved in a spreadsheet read as they meant it?"""

import tracemalloc

import pytest

from connectors import BadAnswer, NotFound, Person, Unavailable, open_source
from connectors import source as sources
from connectors.csv_files.headings import post_type_of
from connectors.csv_files.source import REASONS, CsvSource, Problem
from connectors.roster import POST_TYPES, Enrolment
from connectors.scratch import Scratch
from connectors.source import BrokenSource, installed_sources

HEAD = "id,name,course,post,role,group,status\n"


@pytest.fixture
def table(tmp_path):
    """A source over this text, saved as these bytes."""

    def save(text, encoding="utf-8", declared=None, **options):
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return CsvSource(path, declared, **options)

    return save


def rows_of(source, course_id):
    return [row for page in source.enrolment_pages(course_id) for row in page.rows]


class TestReading:
    def test_a_row_becomes_an_enrolment_with_its_post_role_and_group(self, table):
        source = table(HEAD + "7,Ana Ilieva,M1,Teacher,mentor,Red,\n9,Bo Li,M1,principal,,Red,suspended\n")
        assert rows_of(source, "M1") == [
            Enrolment("M1", Person("7", "Ana Ilieva", "teacher"), ("mentor",), suspended=False),
            Enrolment("M1", Person("9", "Bo Li", "leader"), (), suspended=True),
        ]
        assert [(group.name, group.member_ids) for group in source.groups("M1")] == [("Red", ("7", "9"))]
        assert [course.id for course in source.courses()] == ["M1"]
        assert source.probe().ready
        assert list(source.cohorts()) == []

    def test_columns_come_in_any_order_and_an_address_is_not_kept(self, table):
        source = table("E-mail;Course;Surname;First name;ID\na@example.org;M1;Ilieva;Ana;7\n")
        (row,) = rows_of(source, "M1")
        assert row.person == Person("7", "Ana Ilieva")

    def test_a_number_of_a_register_stands_in_any_row_of_a_person(self, table):
        source = table("id;name;course;ID number\n7;Ana;M1;\n7;Ana;M2;T-7\n7;Ana;M3;T-7\n8;Ben;M1;\n")
        assert [row.person for row in rows_of(source, "M1")] == [
            Person("7", "Ana", id_number="T-7"),
            Person("8", "Ben"),
        ]

    def test_another_number_for_the_same_person_is_a_bad_row(self, table):
        source = table("id;name;course;матичен број\n7;Ana;M1;T-7\n7;Ana;M2;T-8\n")
        assert list(source.problems()) == [Problem(3, 3, "other_number")]

    def test_two_persons_with_one_address_stay_two(self, table):
        source = table("id,name,email,course\n7,Ana,x@example.org,M1\n8,Ben,x@example.org,M1\n")
        assert [row.person.id for row in rows_of(source, "M1")] == ["7", "8"]

    def test_one_person_in_several_rows_is_one(self, table):
        source = table(HEAD + "7,Ana  Ilieva,M1,,b,,\n7,ana ilieva,M1,teacher,a,,\n7,Ana Ilieva,M2,,,,\n")
        assert rows_of(source, "M1") == [
            Enrolment("M1", Person("7", "Ana Ilieva", "teacher"), ("a", "b"), suspended=False)
        ]
        assert len(rows_of(source, "M2")) == 1

    def test_somebody_active_in_one_row_and_suspended_in_another_is_active_with_the_active_role(self, table):
        source = table(HEAD + "7,Ana,M1,,lead,,suspended\n7,Ana,M1,,member,,active\n")
        (row,) = rows_of(source, "M1")
        assert (row.suspended, row.roles) == (False, ("member",))

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_recognised(self, table, delimiter):
        source = table(delimiter.join(["id", "name", "course"]) + "\n" + delimiter.join(["7", "Ana", "M1"]) + "\n")
        assert len(rows_of(source, "M1")) == 1

    def test_a_delimiter_said_by_excel_counts(self, table):
        assert len(rows_of(table("sep=;\r\nid;name;course\r\n7;Ilieva, Ana;M1\r\n"), "M1")) == 1

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_lines_end_as_on_any_machine(self, table, ending):
        source = table(ending.join(["id,name,course", "7,Ana,M1", "8,Ben,M1", ""]))
        assert len(rows_of(source, "M1")) == 2

    @pytest.mark.parametrize(
        "headings",
        [
            "шифра;име и презиме;заедница;работно место",
            "kimlik no;adı soyadı;topluluk;görevi",
            "KİMLİK NO;ADI SOYADI;TOPLULUK;GÖREVİ",
            "шифра;име и презиме;заједница;радно место",
            "šifra;ime i prezime;zajednica;radno mjesto",
            "идентификатор;ФИО;сообщество;должность",
            "сәйкестендіргіш;аты-жөні;қауымдастық;лауазымы",
            "personeelsnummer;naam;gemeenschap;functie",
        ],
    )
    def test_headings_are_understood_in_the_languages_of_the_tool(self, table, headings):
        (row,) = rows_of(table(headings + "\n7;Ана;M1;teacher\n"), "M1")
        assert row.person == Person("7", "Ана", "teacher")


def test_a_cell_with_a_line_separator_of_unicode_is_one_bad_row(table):
    source = table("id,name,course\r7,A\u2028B,M1\r8,Ben,M1\r")
    assert list(source.problems()) == [Problem(2, 2, "control")]


class TestEncodings:
    TEXT = "id;name;course\n7;Ана Илиева Žarko;M1\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_is_recognised(self, table, encoding):
        assert rows_of(table(self.TEXT, encoding), "M1")[0].person.name == "Ана Илиева Žarko"

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_without_a_mark_needs_to_be_said(self, table, encoding):
        with pytest.raises(BadAnswer) as caught:
            table(self.TEXT, encoding).site()
        assert caught.value.code == "no_text"
        assert len(rows_of(table(self.TEXT, encoding, declared="utf-16"), "M1")) == 1

    def test_an_old_encoding_is_read_when_declared(self, table):
        source = table("id;name;course\n7;Ана;M1\n", "windows-1251", declared="Windows-1251")
        assert rows_of(source, "M1")[0].person.name == "Ана"

    def test_an_old_encoding_is_never_guessed(self, table):
        with pytest.raises(BadAnswer) as caught:
            table("id;name;course\n7;Ана;M1\n", "windows-1251").site()
        assert caught.value.code == "encoding"
        assert caught.value.params["line"] == "2"
        assert "windows-1251" in str(caught.value)
        assert caught.value.__context__ is None

    def test_half_a_letter_at_the_end_of_utf_16_is_an_error(self, table):
        with pytest.raises(BadAnswer) as caught:
            table(self.TEXT.encode("utf-16") + b"\x41").site()
        assert caught.value.code == "encoding"

    def test_a_mark_outweighs_a_wrong_declaration(self, table):
        source = table(self.TEXT, "utf-8-sig", declared="windows-1252")
        assert rows_of(source, "M1")[0].person.name == "Ана Илиева Žarko"

    def test_an_encoding_that_is_no_choice_is_refused(self, table):
        with pytest.raises(ValueError, match="no such choice"):
            table(self.TEXT, declared="rot13").site()

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty_file"),
            (b"\n;;;\n", "empty_file"),
            (b"<!DOCTYPE html><p>Log in", "web_page"),
            (b"PK\x03\x04xl/workbook", "no_text"),
            (b"id,name,course\n" + b"x" * 300_000, "long_line"),
            ("id,name,course\n".encode("utf-16") + ("x" * 300_000).encode("utf-16-le"), "long_line"),
            (b"id,name,course,course\n", "twice"),
            (b"first,colour\n", "columns"),
            (b"id,course\n7,M1\n", "columns"),
            (b"colour\n", "columns"),
            (b"n" * 200_000 + b"\n", "columns"),
            ("id,name\0,course\n".encode("utf-16"), "no_text"),
        ],
    )
    def test_what_is_no_such_table_is_said(self, table, data, code):
        with pytest.raises(BadAnswer) as caught:
            table(data).site()
        assert caught.value.code == code


class TestBadRows:
    BAD = HEAD + (
        "7,Ana,M1,teacher,,,\n"
        ",Ben,M1,,,,\n"
        "8,,M1,,,,\n"
        "9,Cy,,,,,\n"
        "10,Di,M1,wizard,,,\n"
        "11,Ed,M1,,,,perhaps\n"
        '12,=HYPERLINK("x"),M1,,,,\n'
        "7,Somebody Else,M1,,,,\n"
        "7,Ana,M1,leader,,,\n"
        '13,"Flo\nGee",M1,,,,\n'
        '14,"H"i,M1,,,,\n'
        "15,Jo,M1,,,,,surplus\n"
        "16,K\x07,M1,,,,\n"
        f"17,{'L' * 1001},M1,,,,\n"
        "18,Mo,M1,other,,,\n"
    )

    def test_all_are_reported_at_once_with_line_and_reason(self, table):
        found = [(problem.line, problem.reason) for problem in table(self.BAD).problems()]
        assert found == [
            (3, "no_id"),
            (4, "no_name"),
            (5, "no_course"),
            (6, "post"),
            (7, "status"),
            (8, "formula"),
            (9, "other_name"),
            (10, "other_post"),
            (11, "line_break"),
            (13, "quotes"),
            (14, "cells"),
            (15, "control"),
            (16, "too_long"),
        ]
        assert {reason for _, reason in found} <= REASONS.keys()

    def test_good_rows_are_given_and_then_the_walk_raises(self, table):
        pages = table(self.BAD).enrolment_pages("M1")
        page = next(pages)
        assert [row.person.id for row in page.rows] == ["7", "18"]
        assert page.next is not None
        with pytest.raises(BadAnswer) as caught:
            next(pages)
        assert (caught.value.code, caught.value.params) == ("bad_rows", {"count": "13", "line": "3"})

    def test_courses_and_groups_raise_too_and_the_probe_says_why(self, table):
        source = table(self.BAD)
        for walk in (source.courses(), source.groups("M1"), source.groups("M2"), source.enrolment_pages("M2")):
            with pytest.raises(BadAnswer):
                list(walk)
        assert not source.probe().ready

    def test_whoever_saw_them_may_leave_them_out(self, table):
        source = table(self.BAD, leave_out_bad_rows=True)
        assert [row.person.id for row in rows_of(source, "M1")] == ["7", "18"]
        assert len(list(source.problems())) == 13

    def test_a_thousand_are_all_reported_at_once_and_the_good_rows_among_them_are_kept(self, table):
        rows = [f"{n},,M1,,,," if n % 3 else f"{n},Person {n} 🌻 ليلى,M1,,,," for n in range(2, 1502)]
        source = table(HEAD + "\n".join(rows) + "\n")
        assert [(one.line, one.reason) for one in source.problems()] == [
            (n, "no_name") for n in range(2, 1502) if n % 3
        ]
        assert len(list(source.problems())) == 1000
        good = source.without_bad_rows()
        assert [row.person.id for row in rows_of(good, "M1")] == [str(n) for n in range(2, 1502) if n % 3 == 0]
        with pytest.raises(BadAnswer) as caught:
            rows_of(source, "M1")
        assert caught.value.params == {"count": "1000", "line": "2"}

    def test_the_table_is_given_back_with_good_rows_and_bad_ones_told_apart(self, table):
        source = table('sep=;\nID;Name;Course\n7;"Ana; Dr";M1\n;Ben;M1\n8;"H"i;M1\n')
        rows = list(source.rows())
        assert [(row.line, row.cells, row.reason) for row in rows] == [
            (2, ("ID", "Name", "Course"), None),
            (3, ("7", "Ana; Dr", "M1"), None),
            (4, ("", "Ben", "M1"), "no_id"),
            (5, (), "quotes"),
        ]
        assert "Ana" not in repr(rows)
        again = table("\n".join(";".join(f'"{cell}"' for cell in row.cells) for row in rows if row.reason is None))
        assert [row.person.name for row in rows_of(again, "M1")] == ["Ana; Dr"]

    def test_a_walk_that_goes_on_behind_the_last_good_row_says_at_once_that_others_are_bad(self, table):
        source = table(self.BAD)
        page = next(source.enrolment_pages("M1"))
        with pytest.raises(BadAnswer) as caught:
            next(source.enrolment_pages("M1", page.next))
        assert caught.value.code == "bad_rows"

    def test_an_empty_row_is_none(self, table):
        source = table("id,name,course\n7,Ana,M1\n,,\n\n8,Ben,M1\n")
        assert list(source.problems()) == []
        assert len(rows_of(source, "M1")) == 2

    def test_a_quotation_mark_never_closed_takes_the_rest_and_says_so(self, table):
        source = table('id,name,course\n7,Ana,M1\n8,"Ben,M1\n9,Cy,M1\n')
        assert list(source.problems()) == [Problem(3, 4, "quotes")]

    @pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "＝1", "  =1"])
    @pytest.mark.parametrize("column", ["id", "name", "course", "group", "role"])
    def test_a_formula_is_no_word(self, table, name, column):
        cells = {"id": "7", "name": "Ana", "course": "M1", "post": "", "role": "", "group": "", "status": ""}
        line = ",".join((cells | {column: name}).values())
        assert [problem.reason for problem in table(HEAD + line + "\n").problems()] == ["formula"]

    def test_a_signed_number_is_an_id(self, table):
        assert rows_of(table("id,name,course\n+77011234567,Ana,M1\n"), "M1")[0].person.id == "+77011234567"

    def test_no_error_shows_what_stands_in_the_table(self, table):
        source = table(self.BAD)
        with pytest.raises(BadAnswer) as caught:
            rows_of(source, "M1")
        shown = f"{caught.value} {caught.value!r} {list(source.problems())} {source!r}"
        assert not any(name in shown for name in ("Ana", "HYPERLINK", "wizard", "Somebody"))


class TestPosts:
    @pytest.mark.parametrize("code", POST_TYPES)
    def test_every_post_type_is_read_by_its_own_name(self, code):
        assert post_type_of(code) == code

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("Öğretmen", "teacher"),
            ("ÖĞRETMEN", "teacher"),
            ("Мұғалім", "teacher"),
            ("психолог", "support_service"),
            ("директор", "leader"),
            ("docent", "teacher"),
            ("School Leader", "leader"),
            ("wizard", None),
        ],
    )
    def test_words_of_the_languages_are_understood(self, word, code):
        assert post_type_of(word) == code

    def test_a_word_for_teacher_that_means_mentor_in_russian_is_read_by_the_headings(self, table):
        macedonian = table("шифра;име;презиме;заедница;работно место\n7;Ана;И;M1;наставник\n")
        assert rows_of(macedonian, "M1")[0].person.post_type == "teacher"
        russian = table("ид;имя;фамилия;сообщество;должность\n7;Анна;И;M1;наставник\n")
        assert [problem.reason for problem in russian.problems()] == ["post"]


class TestWalking:
    def people(self, *numbers):
        return "id,name,course\n" + "".join(f"{one},P{one},M1\n" for one in numbers)

    def test_numbers_count_up_however_they_stand(self, table):
        assert [row.person.id for row in rows_of(table(self.people(10, 9, 100, 2)), "M1")] == ["2", "9", "10", "100"]

    def test_a_walk_goes_on_from_every_page(self, table):
        source = table(self.people(*range(1, 24)), page_size=5)
        pages = list(source.enrolment_pages("M1"))
        assert len(pages) == 5
        for n, page in enumerate(pages[:-1]):
            assert list(source.enrolment_pages("M1", page.next)) == pages[n + 1 :]

    def test_a_walk_over_another_file_begins_anew_where_somebody_would_be_missed(self, table):
        first = next(table(self.people(*range(10, 30)), page_size=5).enrolment_pages("M1"))
        changed = table(self.people(1, *range(10, 30)), page_size=5)
        rows = [row.person.id for page in changed.enrolment_pages("M1", first.next) for row in page.rows]
        assert rows[0] == "1"
        assert len(rows) == 21

    def test_an_unknown_course_is_not_found(self, table):
        source = table(self.people(1))
        assert source.course("M2") is None
        for walk in (source.enrolment_pages("M2"), source.groups("M2")):
            with pytest.raises(NotFound):
                list(walk)

    def test_twenty_thousand_rows_take_little_memory(self, tmp_path):
        path = tmp_path / "many.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("id,name,course\n")
            file.writelines(f"{one},Person number {one},M{one % 7}\n" for one in range(20_000))
        source = CsvSource(path)
        tracemalloc.start()
        count = sum(len(page.rows) for page in source.enrolment_pages("M3"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == len(range(3, 20_000, 7))
        assert peak < 4 * 1024 * 1024


class TestOpening:
    def test_a_file_is_opened_by_its_address_with_its_encoding(self, table, transport):
        path = table("id;name;course\n7;Ана;M1\n", "windows-1251")._path
        source = open_source("csv", f"file://{path}?encoding=windows-1251", "", transport)
        assert rows_of(source, "M1")[0].person.name == "Ана"
        assert source.site().name == "people.csv"

    @pytest.mark.parametrize("url", ["https://lms.example.org/x.csv", "file://elsewhere/x.csv", "/x.csv", "file:"])
    def test_another_address_is_refused(self, transport, url):
        with pytest.raises(Unavailable):
            open_source("csv", url, "", transport)

    def test_a_file_that_is_not_there_is_said_without_its_path(self, tmp_path):
        with pytest.raises(Unavailable) as caught:
            CsvSource(tmp_path / "none.csv").site()
        assert caught.value.code == "no_file"
        assert str(tmp_path) not in str(caught.value)
        assert caught.value.__context__ is None


class TestPackagesThatAddASource:
    class Dist:
        name = "lms-plc-sakai"

    @pytest.fixture
    def plugged(self, monkeypatch):
        """Entry points as if packages had brought them: kind → target."""

        def plug(*pairs):
            entries = [
                sources.EntryPoint(kind, target, sources.ENTRY_POINTS)._for(self.Dist()) for kind, target in pairs
            ]
            monkeypatch.setattr(sources, "entry_points", lambda group: entries)

        return plug

    def test_a_foreign_one_is_opened(self, plugged, transport, table):
        path = table("id,name,course\n7,Ana,M1\n")._path
        plugged(("sakai", "connectors.csv_files.source:open_csv"))
        assert open_source("sakai", f"file://{path}", "", transport).site()

    def test_a_broken_one_is_named_and_stops_no_other(self, plugged, transport, table):
        path = table("id,name,course\n7,Ana,M1\n")._path
        plugged(("broken", "nowhere.at_all:open"), ("sakai", "connectors.csv_files.source:open_csv"))
        with pytest.raises(BrokenSource, match="'broken' of lms-plc-sakai cannot be loaded: ModuleNotFoundError"):
            open_source("broken", "https://lms.example.org", "t", transport)
        assert open_source("sakai", f"file://{path}", "", transport).site()
        problems = {one.kind: one.problem for one in installed_sources()}
        assert problems.pop("broken") == "ModuleNotFoundError"
        assert set(problems.values()) == {None}
        assert {*sources.SOURCES, "sakai"} == problems.keys()

    def test_ours_cannot_be_taken_over(self, plugged, moodle, transport, token):
        plugged(("moodle", "nowhere:open"))
        assert open_source("moodle", moodle.url, token, transport)
        assert [one.problem for one in installed_sources() if one.package == "lms-plc-sakai"] == [
            "moodle is already taken"
        ]

    def test_two_packages_with_one_kind_are_named_and_none_is_chosen(self, plugged, transport, monkeypatch):
        plugged(("sakai", "a:open"), ("sakai", "b:open"))
        names = iter(["one", "two"])
        monkeypatch.setattr(sources, "_package", lambda entry: next(names))
        with pytest.raises(BrokenSource, match="two packages bring a connector 'sakai': one, two"):
            open_source("sakai", "https://lms.example.org", "t", transport)

    def test_an_unknown_kind_names_the_foreign_ones_too(self, plugged, transport):
        plugged(("sakai", "nowhere:open"))
        with pytest.raises(ValueError, match="no connector for 'x'; there is one for: moodle, .*sakai"):
            open_source("x", "https://lms.example.org", "t", transport)

    def test_our_own_entry_points_are_those_of_the_table(self):
        from configparser import ConfigParser
        from pathlib import Path

        setup = ConfigParser()
        setup.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
        lines = setup["options.entry_points"][sources.ENTRY_POINTS].strip().splitlines()
        assert dict(line.split(" = ") for line in lines) == sources.SOURCES


def test_somebody_enrolled_but_nowhere_described_is_no_roster():
    scratch = Scratch()
    assert repr(scratch) == "Scratch()"
    scratch.add_enrolment("1", "M1", "7", "", suspended=False)
    with pytest.raises(BadAnswer) as caught:
        list(scratch.pages("M1", None))
    assert caught.value.code == "dangling"
    assert list(scratch.nameless()) == ["7"]
