"""Is OneRoster read whole, over REST and from a bundle, and is a bad bundle refused before it does harm?"""

import base64
import json
import re
import zipfile
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from connectors import BadAnswer, Category, NotAllowed, NotFound, Person, Refused, Unavailable, open_source
from connectors.oneroster.bundle import BundleSource
from connectors.oneroster.rest import OneRosterSource, UserRecord
from connectors.roster import Enrolment

SIS = "https://sis.example.org/ims/oneroster/v1p1"
TODAY = date(2026, 3, 1)


def enrolment(number, user, role="student", **more):
    return {
        "sourcedId": f"e{number}",
        "status": "active",
        "role": role,
        "user": {"href": "…", "sourcedId": user, "type": "user"},
        "class": {"sourcedId": "c1"},
    } | more


def user(one, **more):
    return {"sourcedId": one, "status": "active", "givenName": "Person", "familyName": one} | more


class Service:
    """A stubbed OneRoster service: path → records, or a function that gives (status, headers, body)."""

    def __init__(self, http):
        self.http = http
        self.total = True
        self.links = False
        self.token = "bearer-secret"
        self.lists = {
            "/classes": ("classes", [{"sourcedId": "c1", "title": "Lesson study", "classCode": "LS"}]),
            "/enrollments": ("enrollments", []),
            "/classes/c1/students": ("users", []),
            "/classes/c1/teachers": ("users", []),
        }
        self.ones = {"/classes/c1": {"class": {"sourcedId": "c1", "title": "Lesson study"}}}
        self.odd = {}
        http.add_callback(responses.GET, re.compile(re.escape(SIS) + "/.*"), self.reply)

    def reply(self, request):
        assert self.token not in request.url
        if request.headers["Authorization"] != f"Bearer {self.token}":
            return 401, {}, "{}"
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/ims/oneroster/v1p1")
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if path in self.odd:
            return self.odd[path](query)
        if path in self.ones:
            return 200, {}, json.dumps(self.ones[path])
        if path not in self.lists:
            return 404, {}, "{}"
        return self.page(path, query)

    def page(self, path, query, total=None):
        key, records = self.lists[path]
        first, size = int(query["offset"]), min(int(query["limit"]), 2)
        headers = {"X-Total-Count": str(len(records) if total is None else total)} if self.total else {}
        if self.links:
            url = f"{SIS}{path}?offset={first + size}&limit={size}"
            more = first + size < len(records)
            headers["Link"] = f'<{url}>; rel="next"' if more else f'<{url}>; rel="last"'
        return 200, headers, json.dumps({key: records[first : first + size]})

    def enrol(self, *records, users=()):
        self.lists["/enrollments"] = ("enrollments", list(records))
        self.lists["/classes/c1/students"] = ("users", list(users))

    def urls(self, part=""):
        return [call.request.url for call in self.http.calls if part in call.request.url]


@pytest.fixture
def service():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as http:
        yield Service(http)


@pytest.fixture
def source(service, transport):
    return OneRosterSource(SIS, service.token, transport, today=lambda: TODAY)


def rows_of(source, course_id="c1"):
    return [row for page in source.enrolment_pages(course_id) for row in page.rows]


def ids_of(source):
    return [row.person.id for row in rows_of(source)]


class TestRest:
    def five(self, service):
        people = [f"u{n}" for n in range(5)]
        service.enrol(*(enrolment(n, one) for n, one in enumerate(people)), users=[user(one) for one in people])
        return people

    @pytest.mark.parametrize(("total", "links"), [(True, False), (False, True), (False, False), (True, True)])
    def test_pages_are_walked_by_total_by_links_or_to_the_empty_one(self, service, source, total, links):
        people = self.five(service)
        service.total, service.links = total, links
        assert ids_of(source) == people

    def test_without_a_total_the_list_is_walked_twice(self, service, source):
        self.five(service)
        service.total = False
        ids_of(source)
        assert len(service.urls("/enrollments")) == 8

    def test_a_total_that_moves_begins_the_list_anew(self, service, source):
        people = self.five(service)
        moves = iter([4])
        service.odd["/enrollments"] = lambda query: service.page("/enrollments", query, total=next(moves, None))
        assert ids_of(source) == people
        assert len(service.urls("/enrollments")) == 5

    def test_a_total_that_always_moves_is_given_up_after_three_restarts(self, service, source):
        self.five(service)
        totals = iter(range(100, 200))
        service.odd["/enrollments"] = lambda query: service.page("/enrollments", query, total=next(totals))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "moving"
        assert len(service.urls("/enrollments")) == 8

    @pytest.mark.parametrize("total", [3, 6])
    def test_a_total_that_was_not_met_is_no_roster(self, service, source, total):
        self.five(service)
        service.odd["/enrollments"] = lambda query: service.page("/enrollments", query, total=total)
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "moving"

    def test_a_service_that_ignores_the_offset_is_noticed(self, service, source):
        self.five(service)
        service.odd["/enrollments"] = lambda query: service.page("/enrollments", query | {"offset": "0"})
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "no_paging"

    def test_a_service_that_ignores_the_filter_gives_no_strangers(self, service, source):
        service.enrol(
            enrolment(1, "u1"), enrolment(2, "u2", **{"class": {"sourcedId": "c2"}}), users=[user("u1"), user("u2")]
        )
        assert ids_of(source) == ["u1"]
        assert "filter=class.sourcedId%3D%27c1%27" in service.urls("/enrollments")[0]

    def test_what_is_to_be_deleted_is_gone_and_time_and_account_suspend(self, service, source):
        service.enrol(
            enrolment(1, "u1", beginDate="2026-03-01", endDate="2026-03-02"),
            enrolment(2, "u2", status="tobedeleted"),
            enrolment(3, "u3", beginDate="2026-03-02"),
            enrolment(4, "u4", endDate="2026-03-01"),
            enrolment(5, "u5"),
            enrolment(6, "u6"),
            users=[
                *(user(f"u{n}") for n in range(1, 5)),
                user("u5", enabledUser="false"),
                user("u6", status="tobedeleted"),
            ],
        )
        assert {row.person.id: row.suspended for row in rows_of(source)} == {
            "u1": False,
            "u3": True,
            "u4": True,
            "u5": True,
        }

    def test_of_two_versions_of_a_record_the_later_counts(self, service, source):
        later, earlier = "2026-02-02T00:00:00+01:00", "2026-02-01T23:30:00Z"
        service.total = False
        service.enrol(
            enrolment(1, "u1", status="active", dateLastModified=earlier),
            enrolment(1, "u1", status="tobedeleted", dateLastModified=later),
            enrolment(2, "u2"),
            users=[user("u1"), user("u2")],
        )
        # An hour east of UTC, the one that looks later is the earlier.
        assert ids_of(source) == ["u1", "u2"]

    def test_whoever_is_neither_student_nor_teacher_is_asked_for_by_id(self, service, source):
        service.enrol(enrolment(1, "u1", "aide"), enrolment(2, "u1", "proctor"))
        service.ones["/users/u1"] = {"user": user("u1", middleName="M", preferredFirstName="P")}
        assert rows_of(source) == [
            Enrolment("c1", Person("u1", "P M u1", id_number="u1"), ("aide", "proctor"), suspended=False)
        ]

    def test_somebody_enrolled_whom_nobody_knows_is_no_roster(self, service, source):
        service.enrol(enrolment(1, "u1"))
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "dangling"

    def test_somebody_to_be_deleted_is_nobody(self, service, source):
        service.ones["/users/u1"] = {"user": user("u1", status="tobedeleted")}
        service.ones["/users/u2"] = {"user": user("u2")}
        assert [person.id for person in source.people(["u1", "u2", "u3"])] == ["u2"]

    def test_an_organisation_to_be_deleted_is_no_category(self, service, source):
        orgs = [
            {"sourcedId": "o1", "name": "District"},
            {"sourcedId": "o2", "name": "School", "parent": {"sourcedId": "o1"}},
            {"sourcedId": "o3", "name": "Closed", "status": "tobedeleted"},
        ]
        service.lists["/orgs"] = ("orgs", orgs)
        assert list(source.categories()) == [Category("o1", "District", None), Category("o2", "School", "o1")]

    def test_a_class_to_be_deleted_is_none(self, service, source):
        service.ones["/classes/c1"]["class"]["status"] = "tobedeleted"
        service.lists["/classes"][1][0]["status"] = "tobedeleted"
        assert source.course("c1") is None
        assert list(source.courses()) == []
        for walk in (source.enrolment_pages("c1"), source.groups("c1")):
            with pytest.raises(NotFound):
                list(walk)

    def test_an_id_cannot_lead_to_another_path_or_out_of_the_filter(self, service, source):
        assert source.course("../users/u1") is None
        assert service.urls()[-1] == f"{SIS}/classes/..%2Fusers%2Fu1"
        service.ones["/classes/c'%20OR%20'1"] = service.ones["/classes/c%27%20OR%20%271"] = {
            "class": {"sourcedId": "x", "title": "t"}
        }
        assert rows_of(source, "c' OR '1") == []
        assert "c%27%27+OR+%27%271" in service.urls("/enrollments")[0]
        assert source.course("..") is None

    def test_the_probe_reads_the_first_class(self, service, source):
        service.odd["/orgs"] = lambda query: (200, {}, '{"orgs": []}')
        assert source.probe().ready
        assert source.probe().site.release == "OneRoster 1.1"
        service.odd["/enrollments"] = lambda query: (403, {}, "{}")
        assert [type(error) for error in source.probe().refused] == [NotAllowed]

    def test_a_class_has_no_groups_and_an_unknown_one_is_not_found(self, service, source):
        assert list(source.groups("c1")) == list(source.cohorts()) == []
        with pytest.raises(NotFound):
            list(source.groups("c9"))

    def test_a_list_that_never_ends_is_noticed(self, service, source, monkeypatch):
        monkeypatch.setattr("connectors.oneroster.rest.MOST_PAGES", 2)
        self.five(service)
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "no_paging"

    def test_a_record_shows_nothing_of_itself(self):
        assert "Ana" not in repr(UserRecord(sourcedId="u1", givenName="Ana"))

    def test_a_list_under_another_name_is_no_list(self, service, source):
        service.odd["/classes"] = lambda query: (200, {}, '{"courses": []}')
        with pytest.raises(BadAnswer) as caught:
            list(source.courses())
        assert (caught.value.code, caught.value.params) == ("odd_shape", {"place": "classes"})

    def test_an_address_without_a_version_is_that_of_1_2(self, transport):
        assert "/ims/oneroster/rostering/v1p2" in repr(
            open_source("oneroster", "https://sis.example.org/", "t", transport)
        )


class TestClientCredentials:
    TOKENS = "https://login.example.org/token"
    SECRET = "cl1ent-s3cret"

    @pytest.fixture
    def grants(self, service):
        """Every token request; each is answered with the token that the service takes."""
        seen = []

        def grant(request):
            seen.append(request)
            return 200, {}, json.dumps({"access_token": service.token, "token_type": "bearer", "expires_in": 3600})

        service.http.add_callback(responses.POST, self.TOKENS, grant)
        service.odd["/orgs"] = lambda query: (200, {}, '{"orgs": []}')
        return seen

    @pytest.fixture
    def source(self, transport):
        return OneRosterSource(SIS, f"{self.TOKENS} client {self.SECRET}", transport, today=lambda: TODAY)

    def test_are_exchanged_once_for_a_token(self, grants, source):
        assert source.site().user_id == "client"
        list(source.courses())
        (request,) = grants
        basic = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        assert basic == f"client:{self.SECRET}"
        assert parse_qs(request.body)["grant_type"] == ["client_credentials"]
        assert "roster-core.readonly" in request.body
        assert self.SECRET not in request.body + request.url

    def test_a_token_that_ran_out_is_renewed_once(self, service, grants, source):
        source.site()
        service.token = "another"
        assert source.site()
        assert len(grants) == 2

    def test_a_service_that_takes_no_token_is_asked_twice_and_no_more(self, service, grants, source):
        service.odd["/orgs"] = lambda query: (401, {}, "{}")
        with pytest.raises(Refused):
            source.site()
        assert len(grants) == 2

    def test_a_wrong_secret_is_said_without_it(self, service, source):
        service.http.add(responses.POST, self.TOKENS, status=401, json={"error": "invalid_client"})
        with pytest.raises(Refused) as caught:
            source.site()
        assert caught.value.code == "no_token"
        assert self.SECRET not in f"{caught.value} {caught.value!r} {source!r}"

    def test_a_place_of_tokens_that_does_not_work_is_tried_as_often_as_any_other(self, service, source, limits):
        service.http.add(responses.POST, self.TOKENS, status=500)
        with pytest.raises(Unavailable) as caught:
            source.site()
        assert caught.value.code == "http_500"
        assert len(service.urls("/token")) == limits.tries

    @pytest.mark.parametrize("token", ["two words", "", "one two three four"])
    def test_another_number_of_words_is_refused(self, transport, token):
        with pytest.raises(Refused) as caught:
            OneRosterSource(SIS, token, transport)
        assert caught.value.code == "odd_token"

    def test_a_secret_is_not_sent_in_the_open(self, transport):
        with pytest.raises(Unavailable) as caught:
            OneRosterSource(SIS, f"http://login.example.org/token client {self.SECRET}", transport)
        assert caught.value.code == "not_https"


MANIFEST = "propertyName,value\noneroster.version,1.2\nfile.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk\n"
GOOD = {
    "manifest.csv": MANIFEST,
    "users.csv": "sourcedId,status,dateLastModified,enabledUser,givenName,familyName,email\n"
    'u1,,,true,Ana,"Ilieva, Dr",a@example.org\nu2,,,false,=1+1,X,\nu3,,,,Cy,Z,\n',
    "classes.csv": "sourcedId,status,title,classCode,schoolSourcedId\nc1,,Lesson study,LS,s1\nc2,tobedeleted,Old,,\n",
    "enrollments.csv": "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate\n"
    "e1,,c1,u1,teacher,2026-01-01,2026-06-01\ne2,,c1,u2,student,,\ne3,tobedeleted,c1,u3,student,,\n",
    "orgs.csv": "sourcedId\ns1\n",
}


class TestBundle:
    @pytest.fixture
    def bundle(self, tmp_path):
        """A source over a bundle of these files."""

        def make(files, **options):
            path = tmp_path / "b.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in files if isinstance(files, list) else files.items():
                    archive.writestr(name, text)
            return BundleSource(path, today=lambda: TODAY, **options)

        return make

    def refused(self, source):
        with pytest.raises(BadAnswer) as caught:
            source.site()
        assert caught.value.__context__ is None or caught.value.code != "no_zip"
        return caught.value.code

    def test_it_becomes_a_roster(self, bundle):
        source = bundle(GOOD)
        assert source.site().release == "OneRoster 1.2"
        (course,) = source.courses()
        assert (course.id, course.title, course.short_name, course.category_id) == ("c1", "Lesson study", "LS", "s1")
        assert [(row.person.name, row.roles, row.suspended) for row in rows_of(source)] == [
            ("Ana Ilieva, Dr", ("teacher",), False),
            ("=1+1 X", ("student",), True),
        ]
        assert source.probe().ready
        assert list(source.groups("c1")) == list(source.cohorts()) == []

    def test_an_unknown_class_has_no_groups_but_is_not_found(self, bundle):
        with pytest.raises(NotFound):
            list(bundle(GOOD).groups("c9"))

    def test_organisations_count_where_they_are_there_in_bulk(self, bundle):
        assert list(bundle(GOOD).categories()) == []
        orgs = "sourcedId,status,name,parentSourcedId\no1,,District,\no2,,School,o1\no3,tobedeleted,Closed,o1\n"
        named = GOOD | {"manifest.csv": MANIFEST + "file.orgs,bulk\n", "orgs.csv": orgs}
        assert list(bundle(named).categories()) == [Category("o1", "District", None), Category("o2", "School", "o1")]

    def test_people_to_be_deleted_are_nobody(self, bundle):
        users = "sourcedId,status,givenName,familyName\nu1,,Ana,Ilieva\nu2,tobedeleted,Bo,Li\n"
        source = bundle(GOOD | {"users.csv": users})
        assert list(source.people(["u2", "u1", "u9"])) == [Person("u1", "Ana Ilieva", id_number="u1")]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"manifest.csv": MANIFEST.replace("file.users,bulk", "file.users,delta")}, "delta"),
            ({"manifest.csv": MANIFEST.replace("file.users,bulk", "file.users,absent")}, "no_table"),
            ({"manifest.csv": MANIFEST.replace("file.users,bulk\n", "")}, "no_table"),
            ({"users.csv": "sourcedId,givenName\n"}, "columns"),
            ({"users.csv": "sourcedId,givenName,familyName\nu1,Ana\n"}, "bad_rows"),
            ({"users.csv": "sourcedId,givenName,familyName\n,Ana,I\n"}, "no_id"),
            ({"users.csv": b"sourcedId,givenName,familyName\nu1,\xe4,I\n"}, "encoding"),
            ({"enrollments.csv": GOOD["enrollments.csv"].replace("2026-06-01", "June")}, "bad_date"),
            ({"../users.csv": ""}, "odd_names"),
            ({"/etc/passwd": ""}, "odd_names"),
            ({"a\\b.csv": ""}, "odd_names"),
            ({"C:x.csv": ""}, "odd_names"),
            ({f"{n}.csv": "" for n in range(101)}, "too_many"),
        ],
    )
    def test_what_is_no_whole_bundle_is_refused(self, bundle, change, code):
        assert self.refused(bundle(GOOD | change)) == code

    @pytest.mark.parametrize("name", ["manifest.csv", "users.csv", "classes.csv", "enrollments.csv"])
    def test_a_missing_file_is_said(self, bundle, name):
        files = {key: text for key, text in GOOD.items() if key != name}
        assert self.refused(bundle(files)) == ("no_manifest" if name == "manifest.csv" else "no_table")

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_two_files_of_one_name_are_refused(self, bundle):
        assert self.refused(bundle([*GOOD.items(), ("users.csv", "")])) == "odd_names"

    def test_a_bomb_is_stopped_while_it_unfolds(self, bundle):
        bomb = "sourcedId,givenName,familyName\n" + "u1,A,B\n" * 3_000_000
        source = bundle(GOOD | {"users.csv": bomb}, most_bytes=1024 * 1024)
        assert source._path.stat().st_size < 100_000
        assert self.refused(source) == "too_big"

    def test_a_file_that_says_too_small_a_size_is_refused(self, bundle):
        source = bundle(GOOD)
        data = bytearray(source._path.read_bytes())
        at = data.rindex(b"users.csv") - 46
        assert data[at : at + 4] == b"PK\x01\x02"
        data[at + 24 : at + 28] = (40).to_bytes(4, "little")
        source._path.write_bytes(data)
        assert self.refused(source) in ("no_zip", "bad_rows", "columns")

    def test_a_locked_one_is_refused(self, bundle):
        source = bundle(GOOD)
        data = bytearray(source._path.read_bytes())
        at = -1
        for _ in range(len(GOOD)):
            at = data.index(b"PK\x01\x02", at + 1)
            data[at + 8] |= 1
        source._path.write_bytes(data)
        assert self.refused(source) == "no_zip"

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
    def test_half_a_bundle_is_no_bundle(self, bundle, share):
        source = bundle(GOOD)
        data = source._path.read_bytes()
        source._path.write_bytes(data[: int(len(data) * share)])
        assert self.refused(source) == "no_zip"

    def test_somebody_enrolled_but_not_among_the_users_is_no_roster(self, bundle):
        source = bundle(GOOD | {"users.csv": "sourcedId,givenName,familyName\nu1,A,B\n"})
        with pytest.raises(BadAnswer) as caught:
            rows_of(source)
        assert caught.value.code == "dangling"

    def test_it_is_opened_by_its_address(self, bundle, transport, tmp_path):
        bundle(GOOD)
        assert open_source("oneroster-csv", f"file://{tmp_path}/b.zip", "", transport).course("c1")
        with pytest.raises(Unavailable):
            open_source("oneroster-csv", "https://sis.example.org/b.zip", "", transport)
        with pytest.raises(Unavailable) as caught:
            open_source("oneroster-csv", f"file://{tmp_path}/none.zip", "", transport).site()
        assert str(tmp_path) not in str(caught.value)
