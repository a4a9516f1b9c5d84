"""Who may do what? One table of every route; a route that is not in it fails the suite."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from lms_plc.communities.memberships import Because, end, pause
from lms_plc.communities.models import PlacedLink, Placement
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Role
from lms_plc.sites.models import DeepLinkRequest

TOOL = "https://plc.example.org"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
WATCHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"

NOBODY = "no seat"
STRANGER = "in another course, without a community"
NEIGHBOUR = "a member of another community"
PAUSED = "paused"
LEFT = "left"
MEMBER = "member"
MENTOR = "mentor by role"
FORMER_MENTOR = "mentor whose date has passed"
ADMIN = "LMS administrator"
EVERYBODY = (NOBODY, STRANGER, NEIGHBOUR, PAUSED, LEFT, MEMBER, MENTOR, FORMER_MENTOR, ADMIN)


def only(**allowed: int) -> dict[str, int]:
    """These people get this answer; others who are seated do not learn that there is anything; nobody gets 401."""
    named = {"member": MEMBER, "mentor": MENTOR, "stranger": STRANGER, "admin": ADMIN, "former_mentor": FORMER_MENTOR}
    return dict.fromkeys(EVERYBODY, 404) | {NOBODY: 401} | {named[name]: code for name, code in allowed.items()}


def every(code: int, **others: int) -> dict[str, int]:
    named = {"neighbour": NEIGHBOUR, "member": MEMBER, "mentor": MENTOR, "nobody": NOBODY}
    return dict.fromkeys(EVERYBODY, code) | {named[name]: other for name, other in others.items()}


INSIDE = only(member=200, mentor=200)
DOES = only(member=303, mentor=303)
"""The thing belongs to somebody else inside; what a mentor may that a member may not is told below."""

DESK = every(403)
"""The operator's desk is closed to everybody who comes from an LMS, whoever they are there."""

TABLE: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "web.static_file"): every(200),
    ("GET", "health.healthz"): every(200),
    ("GET", "metrics.figures"): every(404),
    ("GET", "lti.about"): every(200),
    ("GET", "lti.keys"): every(200),
    ("GET", "lti.register"): every(403),
    ("GET", "lti.register_by_link"): every(403),
    ("POST", "lti.register_by_link"): every(403),
    ("GET", "lti.login"): every(400),
    ("POST", "lti.login"): every(400),
    ("POST", "lti.launch"): every(400),
    ("POST", "lti.go_on"): every(400),
    ("POST", "lti.notices"): every(400),
    ("GET", "admin.entrance"): DESK,
    ("POST", "admin.enter"): DESK,
    ("POST", "admin.leave"): DESK,
    ("GET", "admin.overview"): DESK,
    ("GET", "admin.connect"): DESK,
    ("POST", "admin.make_link"): DESK,
    ("POST", "admin.withdraw_link"): DESK,
    ("GET", "admin.by_hand"): DESK,
    ("POST", "admin.register_by_hand"): DESK,
    ("GET", "admin.guide"): DESK,
    ("GET", "admin.registration"): DESK,
    ("POST", "admin.change_audience"): DESK,
    ("GET", "admin.removal"): DESK,
    ("POST", "admin.remove"): DESK,
    ("POST", "admin.approve"): DESK,
    ("POST", "admin.take_back"): DESK,
    ("GET", "explaining.ask"): DESK,
    ("POST", "explaining.find"): DESK,
    ("GET", "twins.pairs"): DESK,
    ("GET", "twins.pair"): DESK,
    ("POST", "twins.join"): DESK,
    ("POST", "twins.apart"): DESK,
    ("GET", "mapping.rules"): DESK,
    ("POST", "mapping.change_others"): DESK,
    ("GET", "mapping.new_rule"): DESK,
    ("POST", "mapping.add_rule"): DESK,
    ("GET", "mapping.rule"): DESK,
    ("POST", "mapping.change_rule"): DESK,
    ("POST", "mapping.move_rule"): DESK,
    ("GET", "mapping.removal"): DESK,
    ("POST", "mapping.remove_rule"): DESK,
    ("GET", "connection.check"): DESK,
    ("POST", "connection.change_token"): DESK,
    ("GET", "switches.show"): DESK,
    ("POST", "switches.change"): DESK,
    ("GET", "syncs.site"): DESK,
    ("POST", "syncs.ask"): DESK,
    ("POST", "syncs.ask_for_course"): DESK,
    ("GET", "syncs.run"): DESK,
    ("POST", "syncs.again"): DESK,
    ("GET", "syncs.communities"): DESK,
    ("POST", "syncs.keep_ticks"): DESK,
    ("POST", "syncs.apply"): DESK,
    ("POST", "syncs.go_on"): DESK,
    ("GET", "syncs.confirm_undo"): DESK,
    ("POST", "syncs.undo"): DESK,
    ("GET", "syncs.plan_as_json"): DESK,
    ("GET", "writing.site"): DESK,
    ("POST", "writing.look"): DESK,
    ("POST", "writing.withdraw"): DESK,
    ("GET", "writing.check"): DESK,
    ("GET", "writing.plan"): DESK,
    ("POST", "writing.keep_ticks"): DESK,
    ("POST", "writing.apply"): DESK,
    ("POST", "sites.new_window"): every(200, nobody=401),
    ("POST", "people.leave_seat"): every(200, nobody=401),
    ("GET", "people.kept"): every(200, nobody=401),
    ("GET", "communities.mine"): every(200, nobody=401, member=302, mentor=302, neighbour=302),
    ("GET", "sites.found"): every(303, nobody=401) | {STRANGER: 404, NEIGHBOUR: 404, LEFT: 404, PAUSED: 404},
    ("GET", "sites.waiting"): every(303, nobody=401) | {STRANGER: 404, NEIGHBOUR: 404, LEFT: 404, PAUSED: 404},
    ("GET", "sites.outside"): every(200, nobody=401) | {STRANGER: 404, NEIGHBOUR: 404, LEFT: 404, PAUSED: 404},
    ("POST", "sites.found_community"): every(403, nobody=401) | {STRANGER: 404, NEIGHBOUR: 404, LEFT: 404, PAUSED: 404},
    ("POST", "sites.take_up"): every(403, nobody=401) | {STRANGER: 404, NEIGHBOUR: 404, LEFT: 404, PAUSED: 404},
    ("GET", "sites.technical"): only(admin=200),
    ("GET", "placed.by_hand"): every(200),
    ("GET", "placing.pick"): only(),
    ("POST", "placing.answer_choice"): only(),
    ("GET", "placing.completions"): only(member=200, mentor=200),
    ("POST", "placing.confirm_completion"): only(member=403, mentor=303),
    ("GET", "communities.community_home"): INSIDE,
    ("GET", "communities.member_list"): INSIDE,
    ("GET", "communities.charter"): INSIDE,
    ("GET", "communities.charter_form"): INSIDE,
    ("POST", "communities.save_charter"): DOES,
    ("GET", "discussions.topic_list"): INSIDE,
    ("GET", "discussions.new_topic"): INSIDE,
    ("POST", "discussions.start_topic"): DOES,
    ("GET", "discussions.topic"): INSIDE,
    ("POST", "discussions.write_post"): DOES,
    ("POST", "discussions.keep_draft"): only(member=204, mentor=204),
    ("GET", "discussions.post_history"): INSIDE,
    ("POST", "discussions.react"): DOES,
    ("GET", "discussions.edit_form"): only(member=403, mentor=403),
    ("POST", "discussions.edit_post"): only(member=403, mentor=403),
    ("GET", "discussions.delete_form"): only(member=403, mentor=200),
    ("POST", "discussions.delete_post"): only(member=403, mentor=303),
}


@dataclass
class Town:
    """One of everybody, and one of everything."""

    app: Any
    circle: Any
    people: dict[str, Any]
    values: dict[str, Any]

    def ask(self, who: str, method: str, endpoint: str) -> int:
        rule = next(r for r in self.app.url_map.iter_rules(endpoint) if method in (r.methods or ()))
        person = self.people[who]
        seat = person.seat or "abcdefgh"
        with self.app.test_request_context(base_url=TOOL):
            path = self.app.url_for(endpoint, _method=method, **self.needed(rule, seat))
        path = path.removeprefix(TOOL)
        if method == "GET":
            return int(person.client.get(path, base_url=TOOL).status_code)
        form: dict[str, Any] = {
            "title": "T",
            "body": "B",
            "purpose": "aha",
            "form_key": "k" * 24,
            "reaction": "tried",
            "charter": "C",
            "based_on": "0",
            "name": "N",
            "text": "D",
            "person_id": str(self.circle.person("2")),
            "done": "yes",
            "which": "own",
            "parts": "communities.community_home",
        }
        if person.seat:
            subject = self.people_subjects[who]
            form["key"] = f"{self.circle.person(subject)}/topic:{self.values['topic_id']}"
            form["csrf_token"] = person.token()
        headers = {"Origin": TOOL, "Sec-Fetch-Site": "same-origin"}
        return int(person.client.post(path, data=form, base_url=TOOL, headers=headers).status_code)

    def needed(self, rule: Rule, seat: str) -> dict[str, Any]:
        return {name: value for name, value in {**self.values, "seat": seat}.items() if name in rule.arguments}

    @property
    def people_subjects(self) -> dict[str, str]:
        return dict(zip(EVERYBODY[1:], ["30", "31", "32", "33", "34", "35", "36", "37"], strict=True))


def placed_by_the_facilitator(circle: Any, course_id: UUID, house: Any) -> UUID:
    link = PlacedLink(
        id=new_id(),
        course_id=course_id,
        part="communities.community_home",
        title="Ours",
        counts=True,
        placed_by=circle.person("1"),
        created_at=house.clock(),
    )
    with house.database.write() as session:
        session.add(link)
        session.flush()
        return link.id


def choice_of_the_facilitator(circle: Any, stored: Any) -> UUID:
    """Known to nobody else; what the facilitator may do with it is told beside the choice itself."""
    circle.facilitator.choose("1")
    return UUID(str(stored(select(DeepLinkRequest.id))[0].id))


@pytest.fixture
def town(app: Any, circle: Any, stored: Any, house: Any, clock: Any, first_post: Callable[[UUID], UUID]) -> Town:
    topic = circle.start(circle.facilitator)
    course = stored(select(Placement.course_id))[0].course_id
    placed = placed_by_the_facilitator(circle, course, house)
    values = {
        "name": "plc.css",
        "request_id": choice_of_the_facilitator(circle, stored),
        "secret": "s" * 43,
        "link": "l" * 43,
        "family": "moodle",
        **dict.fromkeys(
            ("platform_id", "deployment", "site_id", "run_id", "rule_id", "person_id", "other_id", "plan_id"),
            circle.site_id,
        ),
        "link_id": placed,
        "community_id": circle.id,
        "course_id": course,
        "topic_id": topic,
        "post_id": first_post(topic),
    }
    people = {NOBODY: circle.visitor()}
    town = Town(app, circle, people, values)
    launches: dict[str, dict[str, Any]] = {
        STRANGER: {"course": "8"},
        NEIGHBOUR: {"course": "9", "roles": [INSTRUCTOR]},
        PAUSED: {},
        LEFT: {},
        MEMBER: {},
        MENTOR: {"roles": [WATCHER]},
        FORMER_MENTOR: {"roles": [WATCHER]},
        ADMIN: {"roles": [ADMINISTRATOR, INSTRUCTOR]},
    }
    for who, how in launches.items():
        people[who] = circle.joined(town.people_subjects[who], **how)
    neighbour = people[NEIGHBOUR]
    neighbour.post(neighbour.launch("31", **launches[NEIGHBOUR]).location, {"name": "Next door"})
    subject = town.people_subjects
    circle.give_role(subject[MENTOR], Role.MENTOR, until=clock() + timedelta(days=1))
    circle.give_role(subject[FORMER_MENTOR], Role.MENTOR, until=clock() + timedelta(minutes=1))
    clock.move(minutes=1)
    because = Because(clock(), "sync")
    with house.database.write() as session:
        pause(session, circle.site_id, circle.id, [circle.person(subject[PAUSED])], because)
        end(session, circle.site_id, circle.id, [circle.person(subject[LEFT])], because)
        from lms_plc.sites.models import Enrolment

        for who, state in ((PAUSED, "suspended"), (LEFT, "gone")):
            session.execute(
                Enrolment.__table__.update()  # type: ignore[attr-defined]
                .where(Enrolment.person_id == circle.person(subject[who]))
                .values(state=state)
            )
    return town


def routes(app: Any) -> set[tuple[str, str]]:
    return {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_its_row_and_every_row_its_route(app: Any) -> None:
    assert routes(app) == set(TABLE)
    assert all(set(row) == set(EVERYBODY) for row in TABLE.values())


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_gets_what_the_table_says(town: Town, who: str) -> None:
    # what removes the thing, and then the seat itself, comes last
    last = ("discussions.delete_post", "people.leave_seat")
    order = sorted(TABLE, key=lambda row: (row[0] == "POST", last.index(row[1]) if row[1] in last else -1))
    said = {row: town.ask(who, *row) for row in order}
    assert said == {row: TABLE[row][who] for row in order}


def test_a_thing_that_is_not_there_looks_the_same_as_one_that_may_not_be_known(town: Town) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    for path, real in (
        ("/communities/{}", town.values["community_id"]),
        ("/topics/{}", town.values["topic_id"]),
        ("/posts/{}/history", town.values["post_id"]),
        ("/placed/{}/completions", town.values["link_id"]),
    ):
        stranger = town.people[STRANGER]
        answers = [stranger.get(path.format(thing)) for thing in (nowhere, real)]
        pages = [page.text.split("reference")[0] for page in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert pages[0] == pages[1]
        assert town.people[MEMBER].get(path.format(real)).status_code == 200


def test_an_author_who_is_out_has_no_right_left_over_their_own_words(town: Town, house: Any) -> None:
    circle = town.circle
    topic = circle.start(town.people[MEMBER], body="Mine")
    with house.database.write() as session:
        subject = circle.person(town.people_subjects[MEMBER])
        end(session, circle.site_id, circle.id, [subject], Because(house.clock(), "sync"))
    assert town.people[MEMBER].get(f"/topics/{topic}").status_code == 404
    assert "Mine" in circle.facilitator.get(f"/topics/{topic}").text
