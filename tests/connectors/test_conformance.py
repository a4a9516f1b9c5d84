"""Does every source keep the promises that any source makes?"""

import io
import json
import re
import zipfile
from datetime import date
from functools import partial
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import responses

from connectors.canvas.source import CanvasSource
from connectors.csv_files.source import CsvSource
from connectors.moodle.client import MoodleClient
from connectors.moodle.source import MoodleSource
from connectors.oneroster.bundle import BundleSource
from connectors.oneroster.rest import OneRosterSource

from .conformance import FileConformance, NetworkConformance, School, Stand, order

LMS = "https://lms.example.org"
TODAY = date(2026, 3, 1)


@pytest.fixture
def http():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def school():
    return School()


class TestMoodle(NetworkConformance):
    good = json.dumps({"sitename": "M", "siteurl": LMS, "userid": 3}).encode()
    refusal = (200, b'{"exception":"moodle_exception","errorcode":"invalidtoken","message":"Ana"}')

    def opened(self, url, transport):
        return MoodleSource(MoodleClient(url, "s3cr3t-token", transport), 5)

    @pytest.fixture
    def stand(self, school, http, transport, token):
        asked = []

        def courses(form):
            wanted = [form["value"]] if form.get("field") == "id" else school.courses
            rows = [
                {"id": int(one), "shortname": one, "fullname": school.courses[one]}
                for one in wanted
                if one in school.courses
            ]
            return {"courses": rows, "warnings": []}

        def person(one):
            return {"id": int(one), "fullname": school.people[one], "idnumber": school.numbers.get(one, "")}

        def by_field(form):
            assert form["field"] == "id"
            wanted = [value for key, value in form.items() if key.startswith("values[")]
            assert len(wanted) <= 900
            return [person(one) for one in wanted if one in school.people]

        def categories(form):
            return [
                {"id": int(one), "name": name, "parent": int(above or 0), "depth": 1, "path": "/"}
                for one, (name, above) in school.categories.items()
            ]

        def course_groupings(form):
            if form["courseid"] not in school.courses:
                return {"exception": "x", "errorcode": "invalidrecord", "message": "no"}
            return [{"id": int(one), "courseid": 5, "name": name} for one, (name, _) in school.groupings.items()]

        def groupings(form):
            assert form["returngroups"] == "1"
            wanted = [value for key, value in form.items() if key.startswith("groupingids[")]
            rows = [(one, *school.groupings[one]) for one in wanted]
            return [
                {"id": int(one), "courseid": 5, "name": name}
                | ({"groups": [{"id": int(group), "name": "G"} for group in groups]} if groups else {})
                for one, name, groups in rows
            ]

        def users(form):
            if form["courseid"] not in school.courses:
                return {"exception": "x", "errorcode": "invalidrecord", "message": "no"}
            options = {
                form[f"options[{n}][name]"]: form[f"options[{n}][value]"]
                for n in range(9)
                if f"options[{n}][name]" in form
            }
            suspended = options.get("onlysuspended") == "1"
            ids = sorted((int(one) for one, state in school.enrolled[form["courseid"]].items() if state is suspended))
            first, number = int(options["limitfrom"]), int(options["limitnumber"])
            return [
                person(str(one)) | {"roles": [{"shortname": "student"}]}
                for one in ids[first : first + number if number else None]
            ]

        def reply(request):
            asked.append(request.url)
            # The stub keeps every reply; a source must not pay for that.
            http.calls.reset()
            form = dict(parse_qsl(request.body, keep_blank_values=True))
            answer = {
                "core_course_get_courses_by_field": courses,
                "core_enrol_get_enrolled_users": users,
                "core_user_get_users_by_field": by_field,
                "core_course_get_categories": categories,
                "core_group_get_course_groupings": course_groupings,
                "core_group_get_groupings": groupings,
            }
            return 200, {}, json.dumps(answer[form["wsfunction"]](form))

        http.add_callback(responses.POST, f"{LMS}/webservice/rest/server.php", reply)
        return Stand(
            school,
            lambda: MoodleSource(MoodleClient(LMS, token, transport), 5),
            token,
            lambda: asked,
            knows_groupings=True,
        )


class TestCanvas(NetworkConformance):
    good = b'{"id": 3, "name": "R"}'
    refusal = (401, b'{"errors":[{"message":"Invalid access token."}]}')

    def opened(self, url, transport):
        return CanvasSource(url, "s3cr3t-token", transport, page_size=5)

    @pytest.fixture
    def stand(self, school, http, transport, token):
        asked = []

        def enrolment(pair):
            one, suspended = pair
            return {
                "id": int(one) + 1_000_000,
                "user_id": int(one),
                "type": "StudentEnrollment",
                "role": "StudentEnrollment",
                "enrollment_state": "inactive" if suspended else "active",
                "user": user(one),
            }

        def user(one):
            sis = {"sis_user_id": school.numbers[one]} if one in school.numbers else {}
            return {"id": int(one), "name": school.people[one], "login_id": "x@example.org", **sis}

        def account(one):
            name, above = school.categories[one]
            return {"id": int(one), "name": name, "parent_account_id": above and int(above)}

        def group_set(one):
            return {"id": int(one), "name": school.groupings[one][0]}

        def group(pair):
            return {"id": int(pair[1]), "name": "G", "group_category_id": int(pair[0])}

        def course(one):
            return {"id": int(one), "name": school.courses[one], "course_code": one}

        def reply(request):
            asked.append(request.url)
            # The stub keeps every reply; a source must not pay for that.
            http.calls.reset()
            assert request.headers["Authorization"] == f"Bearer {token}"
            parts = urlsplit(request.url)
            query = parse_qs(parts.query)
            path = parts.path.removeprefix("/api/v1")
            if path == "/accounts/self/courses":
                rows, make = list(school.courses), course
            elif (found := re.fullmatch(r"/courses/(\d+)", path)) and found[1] in school.courses:
                return 200, {}, json.dumps(course(found[1]))
            elif (found := re.fullmatch(r"/courses/(\d+)/enrollments", path)) and found[1] in school.courses:
                rows, make = list(school.enrolled[found[1]].items()), enrolment
            elif (found := re.fullmatch(r"/users/(\d+)", path)) and found[1] in school.people:
                return 200, {}, json.dumps(user(found[1]))
            elif path == "/accounts/self":
                return 200, {}, json.dumps(account("3"))
            elif path == "/accounts/3/sub_accounts":
                assert query["recursive"] == ["true"]
                rows, make = [one for one in school.categories if one != "3"], account
            elif path == "/courses/5/group_categories":
                rows, make = list(school.groupings), group_set
            elif path == "/courses/5/groups":
                rows = [(one, number) for one, (_, groups) in school.groupings.items() for number in groups]
                make = group
            else:
                return 404, {}, '{"errors":[{"message":"The specified resource does not exist."}]}'
            first, size = int(query.get("page", ["0"])[0]), int(query["per_page"][0])
            headers = {"Link": f'<{LMS}{parts.path}?page={first}>; rel="current"'}
            if first + size < len(rows):
                headers["Link"] += f', <{LMS}{parts.path}?page={first + size}&per_page={size}>; rel="next"'
            return 200, headers, json.dumps([make(row) for row in rows[first : first + size]])

        http.add_callback(responses.GET, re.compile(re.escape(LMS) + "/api/v1/.*"), reply)
        return Stand(
            school,
            lambda: CanvasSource(LMS, token, transport, page_size=5),
            token,
            lambda: asked,
            knows_groupings=True,
        )


class TestOneRosterRest(NetworkConformance):
    good = b'{"orgs": []}'
    refusal = (401, b'{"imsx_codeMajor": "failure"}')

    def opened(self, url, transport):
        return OneRosterSource(url, "s3cr3t-token", transport, page_size=5, today=lambda: TODAY)

    @pytest.fixture
    def stand(self, school, http, transport, token):
        asked = []

        def user(one):
            return {"sourcedId": one, "status": "active", "givenName": school.people[one], "familyName": ""}

        def enrolment(course_id, one):
            suspended = school.enrolled[course_id][one]
            return {
                "sourcedId": f"e{one}",
                "status": "active",
                "role": "student",
                "user": {"sourcedId": one},
                "class": {"sourcedId": course_id},
                "endDate": "2026-02-01" if suspended else "2026-12-31",
            }

        def klass(one):
            return {"sourcedId": one, "status": "active", "title": school.courses[one]}

        def org(one):
            name, above = school.categories[one]
            return {"sourcedId": one, "name": name, "parent": {"sourcedId": above} if above else None}

        def reply(request):
            asked.append(request.url)
            # The stub keeps every reply; a source must not pay for that.
            http.calls.reset()
            assert request.headers["Authorization"] == f"Bearer {token}"
            parts = urlsplit(request.url)
            path = parts.path.partition("/v1p2")[2]
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            if (found := re.fullmatch(r"/classes/(\d+)", path)) and found[1] in school.courses:
                return 200, {}, json.dumps({"class": klass(found[1])})
            if (found := re.fullmatch(r"/users/(\d+)", path)) and found[1] in school.people:
                return 200, {}, json.dumps({"user": user(found[1])})
            if path == "/orgs":
                key, rows, make = "orgs", school.categories, org
            elif path == "/classes":
                key, rows, make = "classes", school.courses, klass
            elif path == "/enrollments":
                key = "enrollments"
                course_id = re.fullmatch(r"class\.sourcedId='(\d+)'", query["filter"])[1]
                rows, make = school.enrolled[course_id], partial(enrolment, course_id)
            elif found := re.fullmatch(r"/classes/(\d+)/(students|teachers)", path):
                key, make = "users", user
                rows = school.enrolled[found[1]] if found[2] == "students" else []
            else:
                return 404, {}, "{}"
            rows = sorted(rows)
            first, size = int(query["offset"]), int(query["limit"])
            return (
                200,
                {"X-Total-Count": str(len(rows))},
                json.dumps({key: [make(row) for row in rows[first : first + size]]}),
            )

        http.add_callback(responses.GET, re.compile(re.escape(LMS) + "/.*"), reply)
        return Stand(
            school,
            lambda: OneRosterSource(LMS, token, transport, page_size=5, today=lambda: TODAY),
            token,
            lambda: asked,
            number=str,
        )


def bundle_of(school):
    tables = {
        "manifest": ["propertyName,value", "oneroster.version,1.1"]
        + [f"file.{name},bulk" for name in ("orgs", "users", "classes", "enrollments")],
        "orgs": [
            "sourcedId,name,parentSourcedId",
            *(f"{one},{name},{above or ''}" for one, (name, above) in school.categories.items()),
        ],
        "users": ["sourcedId,givenName,familyName", *(f"{one},{name}," for one, name in school.people.items())],
        "classes": ["sourcedId,title", *(f"{one},{title}" for one, title in school.courses.items())],
        "enrollments": [
            "sourcedId,classSourcedId,userSourcedId,role,endDate",
            *(
                f"{course}-{one},{course},{one},student,{'2026-02-01' if suspended else ''}"
                for course, people in school.enrolled.items()
                for one, suspended in people.items()
            ),
        ],
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, lines in tables.items():
            bundle.writestr(f"{name}.csv", "\r\n".join(lines) + "\r\n")
    return data.getvalue()


class TestOneRosterBundle(FileConformance):
    def over(self, path):
        return BundleSource(path, page_size=5, today=lambda: TODAY)

    @pytest.fixture
    def stand(self, school, tmp_path):
        def opened():
            (tmp_path / "roster.zip").write_bytes(bundle_of(school))
            return self.over(tmp_path / "roster.zip")

        return Stand(school, opened, number=str)


class TestTable(FileConformance):
    def over(self, path):
        return CsvSource(path, page_size=5)

    @pytest.fixture
    def stand(self, school, tmp_path):
        def opened():
            lines = [
                f"{one};{school.people[one]};{school.numbers.get(one, '')};{course};{school.courses[course]}"
                f";{'suspended' if suspended else ''}\n"
                for course, people in school.enrolled.items()
                if course in school.courses
                for one, suspended in people.items()
            ]
            text = "id;name;ID number;course;course title;status\n" + "".join(lines)
            (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
            return self.over(tmp_path / "roster.csv")

        return Stand(school, opened, lists_empty_courses=False, knows_categories=False)


def test_the_order_of_ids_is_that_of_numbers():
    assert sorted(["10", "9", "100"], key=order) == ["9", "10", "100"]
