"""Does a teacher lead a project of her own from a private concern to what stays, and does nobody read too much?"""

import html
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lms_plc.core.activity import Reference
from lms_plc.core.hearing import Heard, hearings
from lms_plc.core.ids import new_id
from lms_plc.core.policy import Actor, NotThere, Role, load
from lms_plc.core.sealing import Seal
from lms_plc.core.search import SearchEntry
from lms_plc.core.things import keeper_of, shown
from lms_plc.cycles.content import shipped
from lms_plc.inquiry import written
from lms_plc.inquiry.exits import CHECKS
from lms_plc.inquiry.models import (
    Consultation,
    EvidencePlan,
    Inquiry,
    InquiryNote,
    InquiryPerson,
    InquiryRound,
    InquiryStage,
)
from lms_plc.inquiry.telling import FOUND
from lms_plc.inquiry.ways import MET_BY
from lms_plc.inquiry.written import all_notes
from lms_plc.people.models import PersonSchool, School
from tests.lms_plc.conftest import INSTRUCTOR, new_key

SECRET = "I shout at Krakatoa when I am tired. I do not want to."


def begin(circle: Any, who: Any, title: str = "Quiet pupils", cycle: str = "tldw", **more: str) -> str:
    """Begins one as the page's form would; answers its address."""
    form = {"title": title, "cycle": cycle, "form_key": new_key(), **more}
    answer = who.post(f"{circle.home}/projects/new", form)
    assert answer.status_code == 303, answer.text
    found = re.search(r"(/projects/[0-9a-f-]{36})/stages/", answer.location)
    assert found is not None
    return found[1]


def its_id(project: str) -> UUID:
    return UUID(project.rpartition("/")[2])


def put(who: Any, path: str, code: int = 303, /, **form: str) -> Any:
    answer = who.post(path, form)
    assert answer.status_code == code, (path, answer.status_code, answer.text[:2000])
    return answer


def write(who: Any, project: str, stage: str, text: str, prompt: str = "0") -> None:
    put(who, f"{project}/stages/{stage}/notes", text=text, prompt=prompt, form_key=new_key())


def based_on(who: Any, path: str) -> str:
    """What the form at this address was written on."""
    found = re.search(r'name="based_on" value="([^"]*)"', who.get(path).text)
    assert found is not None
    return found[1]


def share(who: Any, project: str, *shown: str) -> None:
    """``shown`` are stages of its first round."""
    answer = who.post(f"{project}/open", {"shown": [f"1-{stage}" for stage in shown]})
    assert answer.status_code == 303


def bring_in(circle: Any, lead: Any, project: str, subject: str, somebody: Any, part: str) -> None:
    put(lead, f"{project}/people", person_id=str(circle.person(subject)), part=part)
    put(somebody, f"{project}/answer", yes="yes")


def test_it_begins_private_and_nobody_else_learns_of_it_anywhere(
    circle: Any, said: Any, stored: Any, events: Any, house: Any, clock: Any
) -> None:
    key = new_key()
    project = begin(circle, circle.member, form_key=key)
    assert begin(circle, circle.member, form_key=key) == project
    write(circle.member, project, "concerns", SECRET)
    page = said(circle.member.get(f"{project}/stages/concerns"))
    assert SECRET in page
    assert "Nobody else can open it, also no administrator" in page
    assert "Quiet pupils" in said(circle.member.get(project))
    mentor = circle.joined("7")
    circle.give_role("7", Role.MENTOR)
    for somebody in (circle.facilitator, mentor, circle.joined("8")):
        for path in ("", "/stages/concerns", "/people", "/rounds", "/open", "/end", "/edit", "/round"):
            assert somebody.get(f"{project}{path}").status_code == 404
        put(somebody, f"{project}/stages/concerns/notes", 404, text="Hm", form_key=new_key())
        assert "Quiet pupils" not in somebody.get(f"{circle.home}/projects").text
    row = stored(select(Inquiry.title, Inquiry.state, InquiryNote.text).join(InquiryNote))[0]
    assert "Quiet" not in row.title
    assert "Krakatoa" not in row.text
    assert stored(select(SearchEntry.title).where(SearchEntry.kind == "inquiry")) == []
    told = [event for event in events() if event.verb.startswith("inquiry.")]
    assert {event.community_id for event in told} == {None}
    assert "Krakatoa" not in str([event.facts for event in told])
    reference = Reference("inquiry", its_id(project))
    with house.database.read() as connection:
        me = Actor(circle.person("2"), circle.site_id, "", clock())
        other = Actor(circle.person("1"), circle.site_id, "", clock())
        assert shown(connection, other, [reference]) == {}
        assert "Quiet" not in shown(connection, me, [reference])[reference].title
        assert "Quiet" not in load(connection, me, "inquiry", reference.id, "inquiry.lead").title
        with pytest.raises(NotThere):
            load(connection, other, "inquiry", reference.id, "inquiry.read")
        assert FOUND.some(connection, None) == []


def test_a_critical_friend_reads_what_is_opened_and_a_concern_is_seen_in_its_words(circle: Any, said: Any) -> None:
    project, friend = begin(circle, circle.member), circle.joined("3")
    write(circle.member, project, "concerns", "One sentence")
    page = said(circle.member.get(f"{project}/stages/concerns"))
    assert page.count("still missing") == 3
    write(circle.member, project, "concerns", SECRET, "")
    assert said(circle.member.get(f"{project}/stages/concerns")).count("· still missing") == 1
    put(circle.member, f"{project}/people", person_id=str(circle.person("3")), part="critical_friend")
    asked = said(friend.get(project))
    assert "You are asked into this project" in asked
    assert friend.get(f"{project}/stages/concerns").status_code == 404
    put(friend, f"{project}/answer", yes="yes")
    assert friend.get(f"{project}/stages/concerns").status_code == 404
    assert "Krakatoa" not in friend.get(f"{project}/rounds").text
    put(circle.member, f"{project}/stages/concerns/audience", audience="named_people")
    assert "Krakatoa" in friend.get(f"{project}/stages/concerns").text
    assert circle.facilitator.get(project).status_code == 404
    put(friend, f"{project}/stages/concerns/notes", text="What happens just before?", form_key=new_key())
    page = said(circle.member.get(f"{project}/stages/concerns"))
    assert "What happens just before?" in page
    assert "still missing" not in page
    put(friend, f"{project}/stages/concerns/leave", 403)
    put(friend, f"{project}/people/leave")
    assert friend.get(project).status_code == 404


def test_opening_says_what_becomes_visible_and_shows_no_more_than_that(
    circle: Any, said: Any, stored: Any, events: Any
) -> None:
    project = begin(circle, circle.member)
    write(circle.member, project, "concerns", SECRET)
    put(circle.member, f"{project}/stages/concerns/leave")
    write(circle.member, project, "priority", "Waiting time")
    put(circle.member, f"{project}/stages/priority/leave")
    write(circle.member, project, "consult", "The head agrees")
    page = said(circle.member.get(f"{project}/open"))
    assert "Quiet pupils" in page
    assert "nobody else can open it: What matters and what troubles me" in page
    share(circle.member, project, "consult")
    share(circle.member, project, "priority")  # once is once
    assert circle.facilitator.get(f"{project}/stages/consult").status_code == 200
    for closed in ("concerns", "priority"):
        assert circle.facilitator.get(f"{project}/stages/{closed}").status_code == 404
    assert "The head agrees" in circle.facilitator.get(f"{project}/rounds").text
    for hidden in ("Waiting time", "Krakatoa"):
        assert hidden not in circle.facilitator.get(f"{project}/rounds").text
        assert hidden not in circle.facilitator.get(project).text
    assert stored(select(Inquiry.title, Inquiry.state, Inquiry.sealed)) == [("Quiet pupils", "open", False)]
    sealed = {row.stage: row.sealed for row in stored(select(InquiryNote.stage, InquiryNote.sealed))}
    assert sealed == {"concerns": True, "priority": False, "consult": False}
    assert [event.community_id for event in events("inquiry.opened")] == [circle.id]
    assert stored(select(SearchEntry.title).where(SearchEntry.kind == "inquiry")) == [("Quiet pupils",)]
    put(circle.facilitator, f"{project}/stages/consult/notes", 403, text="Mine", form_key=new_key())
    assert "Person 2" in said(circle.facilitator.get(f"{circle.home}/projects"))
    put(circle.member, f"{project}/stages/priority/audience", audience="community")
    assert "Waiting time" in circle.facilitator.get(f"{project}/stages/priority").text
    put(circle.member, f"{project}/stages/priority/audience", 422, audience="only_me")
    assert circle.member.get(f"{project}/open").status_code == 303


def test_talks_plans_and_thoughts_meet_what_a_stage_asks_for(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member)
    for stage in ("concerns", "priority"):
        put(circle.member, f"{project}/stages/{stage}/skip", 422, reason=" ")
        put(circle.member, f"{project}/stages/{stage}/skip", reason="Clear already")
    talks = f"{project}/stages/consult/talks"
    assert put(circle.member, talks, 422, need="agree", said="Kept words", form_key=new_key()).text.count("Kept words")
    put(circle.member, talks, who="Parents of 6b", need="know", form_key=new_key())
    talk = {"who": "The head", "need": "agree", "holds": "yes", "day": "2026-11-20", "changed": "Only 6b"}
    key = new_key()
    for _ in range(2):
        put(circle.member, talks, **talk, form_key=key)
    page = said(circle.member.get(f"{project}/stages/consult"))
    assert "With whom I mean to talk" in page
    assert page.count("· still missing") == 1
    talked, opened = stored(select(Consultation.id, Consultation.who)), circle.house.seal.open
    one = next(row.id for row in talked if opened(row.who) == "Parents of 6b")
    assert "Parents of 6b" in circle.member.get(f"{project}/talks/{one}").text
    put(circle.member, f"{project}/talks/{one}", 422, who="")
    now = {"based_on": based_on(circle.member, f"{project}/talks/{one}")}
    put(circle.member, f"{project}/talks/{one}", who="Parents", need="know", day="2026-11-21", said="Good", **now)
    assert "still missing" not in said(circle.member.get(f"{project}/stages/consult"))
    put(circle.member, f"{project}/stages/consult/leave")
    plans = f"{project}/stages/plan/evidence-plan"
    put(circle.member, plans, 422, what="Slips", form_key=new_key())
    put(circle.member, plans, what="Slips", protection="No names", due="2026-12-01", form_key=new_key())
    plan = stored(select(EvidencePlan.id))[0].id
    check = f"{project}/evidence-plan/{plan}"
    assert "do not collect it like this" in put(circle.member, check, 422, nobody="yes").text
    put(circle.member, check, nobody="yes", names="yes", asked="yes")
    assert "It was checked" in said(circle.member.get(check))
    action = {"text": "Ask the head", "owner_id": str(circle.person("2")), "due": "2026-12-03"}
    put(
        circle.member,
        f"{circle.home}/actions/new",
        **action,
        from_kind="inquiry",
        from_id=project.rpartition("/")[2],
        form_key=new_key(),
    )
    page = said(circle.member.get(f"{project}/stages/plan"))
    assert "Ask the head" in page
    assert "still missing" not in page
    put(circle.member, f"{check}/take-back")
    assert "Slips" not in circle.member.get(f"{project}/stages/plan").text
    for path in (f"{project}/talks/{plan}", f"{project}/evidence-plan/{plan}", f"{project}/notes/{plan}"):
        assert circle.member.get(path).status_code == 404


def test_what_a_stage_brings_forth_is_kept_and_what_the_tool_cannot_see_is_ticked(circle: Any, said: Any) -> None:
    project = begin(circle, circle.member)
    stage = f"{project}/stages/concerns"
    put(circle.member, f"{stage}/thoughts", kind="Concern", thought=SECRET, form_key=new_key())
    put(circle.member, f"{stage}/thoughts", 422, kind="Hunch", thought="Elsewhere", form_key=new_key())
    assert "Krakatoa" in circle.member.get(stage).text
    assert "Krakatoa" not in circle.facilitator.get(f"{circle.home}/thoughts").text
    put(circle.member, f"{stage}/leave")
    exits = f"{project}/stages/priority/exits"
    put(circle.member, f"{exits}/0", met="yes")
    assert "so it is" in said(circle.member.get(f"{project}/stages/priority"))
    put(circle.member, f"{exits}/0", met="no")
    assert "still missing" in said(circle.member.get(f"{project}/stages/priority"))
    put(circle.member, f"{exits}/7", 404, met="yes")
    put(circle.member, f"{project}/stages/concerns/exits/1", 404, met="yes")
    assert circle.member.get(f"{project}/stages/nonsense").status_code == 404


def test_a_stage_is_left_skipped_and_opened_again_and_a_note_is_ones_own(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member)
    put(circle.member, f"{project}/stages/concerns/notes", 422, text=" ", prompt="0", form_key=new_key())
    write(circle.member, project, "concerns", "First words")
    note = stored(select(InquiryNote.id))[0].id
    assert "First words" in circle.member.get(f"{project}/notes/{note}").text
    form = f"{project}/notes/{note}"
    put(circle.member, form, text="Other words", based_on=based_on(circle.member, form))
    put(circle.member, f"{project}/notes/{note}", 422, text="x" * 9000)
    assert "Other words" in circle.member.get(f"{project}/stages/concerns").text
    put(circle.member, form, text="", based_on=based_on(circle.member, form))
    assert stored(select(InquiryNote.id)) == []
    assert put(circle.member, f"{project}/stages/concerns/leave").location.endswith("/stages/priority")
    late = put(circle.member, f"{project}/stages/concerns/notes", 409, text="Too late", form_key=new_key())
    assert "Too late" in late.text
    assert "Not now" in put(circle.member, f"{project}/stages/concerns/skip", 409, reason="Not now").text
    for _ in range(2):
        put(circle.member, f"{project}/stages/plan/skip", reason="The same form, sent twice")
    put(circle.member, f"{project}/stages/plan/enter")
    put(circle.member, f"{project}/stages/concerns/enter")
    states = {row.stage: row.state for row in stored(select(InquiryStage.stage, InquiryStage.state))}
    assert (states["concerns"], states["priority"], states["plan"]) == ("reopened", "open", "reopened")
    put(circle.member, f"{project}/stages/concerns/enter")
    put(circle.member, f"{project}/stages/lead/enter")
    states = {row.stage: row.state for row in stored(select(InquiryStage.stage, InquiryStage.state))}
    assert states["portfolio"] == "open"
    assert "here we are" in said(circle.member.get(project))


def test_a_loop_goes_round_again_and_both_rounds_stand_beside_each_other(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    write(circle.member, project, "notice", "Nobody asked")
    assert "still missing" not in said(circle.member.get(f"{project}/stages/notice"))
    for stage in ("notice", "unpack", "improve", "compare"):
        put(circle.member, f"{project}/stages/{stage}/leave")
    assert "Again, tell others, or leave it?" in said(circle.member.get(f"{project}/stages/repeat"))
    assert circle.member.get(f"{project}/round").status_code == 200
    put(circle.member, f"{project}/round", 422, decision="again")
    put(circle.member, f"{project}/round", decision="again", changes="Longer waiting")
    assert "Longer" not in str(stored(select(InquiryRound.changes)))
    write(circle.member, project, "notice", "Three asked")
    page = said(circle.member.get(f"{project}/rounds"))
    for words in ("Round 1", "Round 2", "Longer waiting", "Nobody asked", "Three asked"):
        assert words in page
    share(circle.member, project)
    assert "Longer waiting" in circle.facilitator.get(f"{project}/rounds").text
    assert "Nobody asked" not in circle.facilitator.get(f"{project}/rounds").text
    for stage in ("notice", "unpack", "improve", "compare"):
        put(circle.member, f"{project}/stages/{stage}/leave")
    assert stored(select(Inquiry.state)) == [("sharing",)]
    put(circle.member, f"{project}/round", decision="again", changes="With a neighbour first")
    assert stored(select(Inquiry.state)) == [("open",)], "what was told was the round before"
    for _ in range(2):  # once is once
        put(circle.member, f"{project}/round", decision="again", changes="With a neighbour first", round="2")
        put(circle.member, f"{project}/round", decision="share", changes="Worth telling", round="3")
    for late in ({"round": "2"}, {"round": "3"}, {}):
        page = put(circle.member, f"{project}/round", 409, decision="drop", changes="Later words", **late)
        assert "Later words" in page.text
        assert "Somebody moved it on meanwhile." in said(page)
    assert stored(select(Inquiry.state, Inquiry.round)) == [("sharing", 3)]
    tldw = begin(circle, circle.member)
    assert circle.member.get(f"{tldw}/round").status_code == 303
    put(circle.member, f"{tldw}/round", decision="share", changes="No loop")


def test_a_round_that_was_left_is_decided_anew_when_it_goes_on(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    for stage in ("notice", "unpack", "improve", "compare"):
        put(circle.member, f"{project}/stages/{stage}/leave")
    put(circle.member, f"{project}/round", decision="drop", changes="Too much paper", round="1")
    page = put(circle.member, f"{project}/round", 409, decision="again", changes="Smaller slips", round="1")
    assert "Smaller slips" in page.text
    put(circle.member, f"{project}/resume")
    assert stored(select(InquiryRound.decision, InquiryRound.ended_at)) == [(None, None)]
    assert "Again, tell others, or leave it?" in said(circle.member.get(project))
    put(circle.member, f"{project}/round", decision="again", changes="Smaller slips", round="1")
    assert stored(select(Inquiry.state, Inquiry.round)) == [("private_draft", 2)]


@pytest.mark.parametrize("opened", [False, True])
def test_it_rests_is_left_with_what_was_learned_and_goes_on(circle: Any, said: Any, stored: Any, opened: bool) -> None:
    project = begin(circle, circle.member)
    if opened:
        share(circle.member, project, "concerns")

    def state() -> str:
        return str(stored(select(Inquiry.state))[0].state)

    began_as = state()
    for path, became in (("pause", "paused"), ("resume", began_as)):
        put(circle.member, f"{project}/{path}")
        assert state() == became
    put(circle.member, f"{project}/stages/concerns/enter")
    put(circle.member, f"{project}/drop", 422, learned=" ")
    put(circle.member, f"{project}/drop", learned="Too big for one year")
    assert state() == "dropped"
    page = said(circle.member.get(project))
    assert "Too big for one year" in page
    assert "left aside" in page, "in no language the words for a member who has left"
    assert ("Too big" in str(stored(select(Inquiry.learned)))) is opened
    put(circle.member, f"{project}/conclude", decision="keep")
    put(circle.member, f"{project}/drop", learned="Too big for one year")
    for path, name in (("drop", "learned"), ("conclude", "learned"), ("conclude", "successor")):
        page = put(circle.member, f"{project}/{path}", 409, **{"decision": "keep", "learned": "", name: "Later words"})
        assert "Later words" in page.text
        assert "Somebody closed it meanwhile." in said(page)
    assert state() == "dropped"
    assert "Go on with it" in said(circle.member.get(f"{project}/end"))
    put(circle.member, f"{project}/resume")
    put(circle.member, f"{project}/conclude", 422, learned="Kept words")
    put(circle.member, f"{project}/conclude", decision="adapt", learned="Silence helps", successor="Ana")
    page = said(circle.member.get(project))
    assert "We keep it, but differently" in page
    assert "Carries on: Ana" in page
    assert ("Quiet pupils" in circle.facilitator.get(f"{circle.home}/projects?show=ended").text) is opened
    if not opened:
        share(circle.member, project)
        assert stored(select(Inquiry.learned)) == [("Silence helps",)]


def test_people_are_asked_say_yes_or_no_and_the_last_lead_stays(
    circle: Any, said: Any, stored: Any, events: Any, house: Any
) -> None:
    project, third = begin(circle, circle.member), circle.joined("3")
    put(circle.member, f"{project}/people", 422, part="lead")
    put(circle.member, f"{project}/people", person_id=str(circle.person("1")), part="co_worker")
    put(circle.member, f"{project}/people", person_id=str(circle.person("1")), part="lead")
    stranger = circle.joined("9", context={"id": "99", "title": "Elsewhere"})
    put(circle.member, f"{project}/people", person_id=str(circle.person("9")), part="lead")
    assert stranger.get(project).status_code == 404
    assert "A colleague asks you into a project" in said(circle.facilitator.get(circle.home))
    assert "Your project, still private. Next: What matters and what troubles me" in said(
        circle.member.get(circle.home)
    )
    assert "you are asked" in said(circle.facilitator.get(f"{circle.home}/projects"))
    put(circle.facilitator, f"{project}/answer")
    assert circle.facilitator.get(project).status_code == 404
    put(circle.facilitator, f"{project}/answer", 404, yes="yes")
    bring_in(circle, circle.member, project, "3", third, "lead")
    assert "Person 3" in said(circle.member.get(f"{project}/people"))
    put(circle.member, f"{project}/people/take-off", person_id=str(circle.person("2")))
    put(circle.member, f"{project}/people/take-off")
    put(circle.member, f"{project}/people/leave")
    assert circle.member.get(project).status_code == 404
    assert "Somebody has to lead it" in put(third, f"{project}/people/leave", 409).text
    bring_in(circle, third, project, "2", circle.member, "co_worker")
    put(third, f"{project}/people/take-off", person_id=str(circle.person("2")))
    assert {row.state for row in stored(select(InquiryPerson.state).where(InquiryPerson.part != "lead"))} == {"left"}
    asked = events("inquiry.person_asked", "inquiry.person_joined")
    with house.database.read() as connection:
        heard = hearings(connection, [_heard(event) for event in asked])
    assert (circle.person("1"), "asked") in {(one.person_id, one.why.value) for one in heard}


def _heard(event: Any) -> Heard:
    thing = Reference(event.thing_kind, event.thing_id)
    at = (event.id, event.at, event.verb, event.site_id, event.community_id, event.actor_id)
    return Heard(*at, thing, event.facts)


def teach_at(circle: Any, name: str, *subjects: str) -> None:
    with circle.house.database.write() as session:
        school = School(id=new_id(), site_id=circle.site_id, name=name, folded=name.lower())
        session.add(school)
        session.flush()
        session.add_all(PersonSchool(person_id=circle.person(one), school_id=school.id, place=0) for one in subjects)


def test_the_school_sees_a_title_when_its_people_say_so_and_nothing_else(
    circle: Any, said: Any, statements: list[str]
) -> None:
    """Also who is in no community, a head for one: on the page of the school, and at its address."""
    project = begin(circle, circle.member)
    head, stranger = (circle.joined(one, course="99", roles=[INSTRUCTOR]) for one in ("9", "10"))
    teach_at(circle, "Goce Delčev", "2", "9")
    teach_at(circle, "Another", "1", "10")
    news = "Your school has not been told anything yet"
    put(circle.member, f"{project}/school", told="yes")
    assert head.get(project).status_code == 404
    share(circle.member, project)
    assert head.get(project).status_code == 404
    assert news in said(head.get("/school"))
    way = re.compile(r'class="button quiet" href="[^"]*/school"')
    assert not way.search(circle.member.get(project).text)
    put(circle.member, f"{project}/school", told="yes")
    assert way.search(circle.member.get(project).text), "the way to where it stands"
    statements.clear()
    page = head.get("/school")
    assert len(statements) <= 5
    assert f'{project}" dir="auto">Quiet pupils</a>' in page.text
    assert "Projects" in said(page)
    for told in (said(page), said(head.get(project))):
        assert "Quiet pupils" in told
        assert "Person 2" not in told
        assert news not in told
    assert head.get(f"{project}/stages/consult").status_code == 404
    assert "Quiet pupils" not in said(stranger.get("/school"))
    assert stranger.get(project).status_code == 404, "of another school"
    put(circle.member, f"{project}/school", told="no")
    assert head.get(project).status_code == 404
    assert news in said(head.get("/school"))


def test_it_begins_with_what_was_there_and_a_form_keeps_its_words(circle: Any, said: Any) -> None:
    topic = circle.start(circle.member, "An aha about silence", purpose="aha")
    assert "Begin a project with it" in circle.member.get(f"/topics/{topic}").text
    page = said(circle.member.get(f"{circle.home}/projects/new?from_kind=topic&from={topic}&cycle=inquiry_spiral"))
    assert "An aha about silence" in page
    project = begin(circle, circle.member, cycle="inquiry_spiral", from_kind="topic", from_id=str(topic))
    assert "It began with An aha about silence" in said(circle.member.get(project))
    assert "Always ask:" in said(circle.member.get(f"{project}/stages/scan"))
    for wrong in ({"title": ""}, {"cycle": "nonsense"}, {"form_key": "short"}):
        form = {"title": "Kept words", "cycle": "tldw", "form_key": new_key(), **wrong}
        assert put(circle.member, f"{circle.home}/projects/new", 422, **form)
    begin(circle, circle.member, from_kind="nonsense", from_id=str(topic))
    put(circle.member, f"{project}/edit", 422, title="")
    put(circle.member, f"{project}/edit", title="Silence")
    assert "Silence" in said(circle.member.get(f"{project}/edit"))


def test_a_hidden_one_is_there_for_who_leads_and_nobody_else(circle: Any, house: Any, clock: Any) -> None:
    project = begin(circle, circle.member)
    share(circle.member, project)
    keeper, inquiry_id = keeper_of("inquiry"), its_id(project)
    assert keeper is not None

    def codes() -> tuple[int, int]:
        return circle.member.get(project).status_code, circle.facilitator.get(project).status_code

    for verb, expected in ((keeper.hide, (404, 200)), (keeper.restore, (200, 200)), (keeper.remove, (404, 404))):
        with house.database.write() as session:
            verb(session, inquiry_id, clock())
        assert codes() == expected


def test_what_is_missing_leads_to_where_it_is_done_and_knows_the_project(circle: Any) -> None:
    def missing(project: str, stage: str) -> list[str]:
        put(circle.member, f"{project}/stages/{stage}/enter")
        page = circle.member.get(f"{project}/stages/{stage}").text
        found = re.findall(r'<a href="([^"]*)">', page.partition('class="exits"')[2].partition("</ul>")[0])
        return [re.sub(r"^/s/[^/]*", "", html.unescape(one)) for one in found]

    long, short = begin(circle, circle.member), begin(circle, circle.member, "Loop", "reflect_improve_repeat")
    origin = f"from_kind=inquiry&from={its_id(short)}"
    assert missing(long, "concerns") == [f"{long}/stages/concerns?write=thought#kept", f"{long}/people"]
    assert missing(long, "consult") == [f"{long}/stages/consult?write=talk#talks"] * 2
    assert missing(long, "portfolio") == [f"{long}#portfolio"] * 3
    assert missing(short, "unpack") == [f"{short}/stages/unpack?write=thought#kept", f"{short}/people"]
    assert missing(short, "improve") == [f"{circle.home}/changes/new?{origin}&round=1"]
    assert missing(short, "compare") == [f"{circle.home}/outcomes/new?{origin}"]
    assert missing(short, "repeat") == [f"{short}/round"]
    plan = {"what": "Slips", "protection": "No names", "form_key": new_key()}
    put(circle.member, f"{long}/stages/plan/enter")
    put(circle.member, f"{long}/stages/plan/evidence-plan", **plan)
    steps, plans = missing(long, "plan")
    assert steps == f"{circle.home}/actions/new?from_kind=inquiry&from={its_id(long)}"
    assert plans == f"{long}/stages/plan#plans"
    for address in (steps, f"{circle.home}/changes/new?{origin}&round=1"):
        assert circle.member.get(address).status_code == 200
    closed = circle.member.get(f"{short}/stages/unpack").text
    opened = circle.member.get(f"{short}/stages/unpack?write=thought").text
    assert closed.count("<details open>") + 1 == opened.count("<details open>")
    bring_in(circle, circle.member, long, "1", circle.facilitator, "critical_friend")
    assert "/people" not in circle.facilitator.get(f"{long}/stages/consult").text.partition('class="exits"')[2]


def test_every_way_to_what_is_missing_belongs_to_an_exit_that_is_shipped() -> None:
    exits = {sentence for one in shipped().values() for stage in one.content.stages for sentence in stage.exit}
    assert set(MET_BY) <= exits


def test_every_check_belongs_to_an_exit_that_is_shipped() -> None:
    written = {line for one in shipped().values() for stage in one.content.stages for line in stage.exit}
    assert set(CHECKS) <= written


def test_the_list_pages_through_what_the_community_knows(circle: Any, said: Any) -> None:
    assert "Nobody has begun a project yet" in said(circle.member.get(f"{circle.home}/projects"))
    for number in range(22):
        share(circle.facilitator, begin(circle, circle.facilitator, f"Project {number:02}"))
    page = circle.member.get(f"{circle.home}/projects").text
    assert page.count("topic-title") == 20
    way_on = re.search(r'href="/s/[^/]+([^"]+before=[^"]+)"', page)
    assert way_on is not None
    assert "Project 00" in circle.member.get(urlsplit(way_on[1].replace("&amp;", "&")).geturl()).text
    page = circle.facilitator.get(f"{circle.home}/projects").text
    assert page.count("topic-title") == 20, "nor are one's own lost"
    way_on = re.search(r'href="/s/[^/]+([^"]+mine=[^"]+)"', page)
    assert way_on is not None
    page = circle.facilitator.get(urlsplit(way_on[1].replace("&amp;", "&")).geturl()).text
    assert "Project 00" in page
    assert page.count("topic-title") == 2


def test_much_that_was_written_is_several_pages_and_the_first_has_the_newest(
    circle: Any, said: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(all_notes.__kwdefaults__, "size", 3)
    monkeypatch.setattr(written, "NOTES", 3)
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    for number in (1, 2):
        write(circle.member, project, "notice", f"Slip {number}")
    put(circle.member, f"{project}/round", decision="again", changes="Longer waiting")
    for number in (3, 4, 5, 6):
        write(circle.member, project, "notice", f"Slip {number}")
    pages, path = [], f"{project}/rounds"
    for _ in range(2):
        page = circle.member.get(path)
        pages.append(re.findall(r"Round \d|Slip \d", said(page)))
        way_on = re.search(r'href="/s/[^/]+([^"]+before=[^"]+)"', page.text)
        path = way_on[1] if way_on else ""
    assert pages == [
        ["Round 2", "Slip 4", "Slip 5", "Slip 6", "Round 1"],
        ["Round 2", "Slip 3", "Round 1", "Slip 1", "Slip 2"],
    ]
    assert path == ""
    assert re.findall(r"Slip \d", said(circle.member.get(f"{project}/stages/notice"))) == ["Slip 4", "Slip 5", "Slip 6"]


def test_nothing_goes_along_that_was_not_ticked_and_earlier_rounds_are_asked_for_too(circle: Any, said: Any) -> None:
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    for number, word in ((1, "Quince"), (2, "Medlar")):
        put(circle.member, f"{project}/stages/notice/leave")
        for stage in ("unpack", "improve"):
            write(circle.member, project, stage, f"{word} {stage}")
            put(circle.member, f"{project}/stages/{stage}/leave")
        if number == 1:
            put(circle.member, f"{project}/round", decision="again", changes="Longer waiting")
    page = circle.member.get(f"{project}/open").text
    assert re.findall(r'<input type="checkbox"[^>]* value="([^"]*)"', page) == [
        *("2-unpack", "2-improve", "2-compare", "1-unpack", "1-improve", "1-compare", "1-repeat")
    ]
    assert "checked" not in page
    assert "what you said at the end of each round" in page
    assert circle.member.post(f"{project}/open", {"shown": ["1-improve", "2-unpack"]}).status_code == 303
    read = circle.facilitator.get(f"{project}/rounds").text
    assert re.findall(r"(?:Quince|Medlar) \w+", read) == ["Medlar unpack", "Quince improve"]
    assert circle.facilitator.get(f"{project}/stages/improve").status_code == 404


def test_of_two_who_change_a_talk_none_writes_over_the_other_unseen(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member)
    bring_in(circle, circle.member, project, "1", circle.facilitator, "co_worker")
    talk = {"who": "The head", "need": "agree", "day": "2026-11-20", "said": "Perhaps"}
    put(circle.member, f"{project}/stages/consult/talks", **talk, form_key=new_key())
    form = f"{project}/talks/{stored(select(Consultation.id))[0].id}"
    seen = based_on(circle.member, form)
    put(circle.facilitator, form, **talk | {"promised": "A room", "based_on": seen})
    mine = talk | {"said": "Yes, in May"}
    for _ in range(2):
        page = put(circle.member, form, 409, **mine, based_on=seen)
        for words in ("Yes, in May", "Something changed meanwhile", "What the others wrote meanwhile", "A room"):
            assert words in said(page)
    opened = circle.house.seal.open
    [kept] = stored(select(Consultation.said, Consultation.promised))
    assert (opened(kept.said), opened(kept.promised)) == ("Perhaps", "A room")
    share(circle.member, project)
    assert based_on(circle.member, form) != seen
    now = re.search(r'name="based_on" value="([^"]*)"', page.text)
    assert now is not None
    for _ in range(2):  # the same form sent twice
        put(circle.member, form, **mine, promised="A room", based_on=now[1])
    assert stored(select(Consultation.said, Consultation.promised)) == [("Yes, in May", "A room")]


def test_a_note_written_in_two_windows_keeps_the_words_of_both(circle: Any, said: Any, stored: Any) -> None:
    project = begin(circle, circle.member)
    write(circle.member, project, "concerns", "First words")
    form = f"{project}/notes/{stored(select(InquiryNote.id))[0].id}"
    seen = based_on(circle.member, form)
    put(circle.member, form, text="Second words", based_on=seen)
    for late in ("Third words", ""):
        page = said(put(circle.member, form, 409, text=late, based_on=seen))
        assert late in page
        assert "What stands there now Second words" in page
    assert "Second words" in circle.member.get(f"{project}/stages/concerns").text


def test_the_next_round_says_what_is_done_differently_and_thoughts_stand_in_theirs(
    circle: Any, said: Any, clock: Any
) -> None:
    project = begin(circle, circle.member, "Exit tickets", "reflect_improve_repeat")
    put(circle.member, f"{project}/stages/notice/leave")
    thought = {"kind": "Hunch", "thought": "They fear to be wrong", "form_key": new_key()}
    put(circle.member, f"{project}/stages/unpack/thoughts", **thought)
    for path in ("", "/stages/notice"):
        assert "differently this time" not in said(circle.member.get(project + path))
    clock.move(minutes=1)
    put(circle.member, f"{project}/round", decision="again", changes="Longer waiting")
    mine = "What you do differently this time: Longer waiting"
    for path in ("", "/stages/notice"):
        page = circle.member.get(project + path)
        assert mine in said(page)
        assert f"{project}/rounds#round-1" in page.text
    put(circle.member, f"{project}/stages/notice/leave")
    assert mine not in said(circle.member.get(f"{project}/stages/unpack"))
    second, _, first = said(circle.member.get(f"{project}/rounds")).partition("Round 1")
    assert mine in second.partition("Round 2")[2]
    assert "They fear to be wrong" not in second
    assert "What we thought Hunch: They fear to be wrong" in first
    put(circle.member, f"{project}/people", person_id=str(circle.person("1")), part="co_worker")
    for path in ("", "/rounds"):
        asked = circle.facilitator.get(project + path)
        assert (asked.status_code, "Longer waiting" in asked.text) == (200, False)
    put(circle.member, f"{project}/open")
    theirs = "What is done differently this time: Longer waiting"
    for path in ("", "/rounds"):
        assert theirs in said(circle.facilitator.get(project + path))


@pytest.mark.parametrize("many", [1, 6])
def test_pages_cost_the_same_however_much_is_written(circle: Any, statements: list[str], many: int) -> None:
    project = begin(circle, circle.member)
    bring_in(circle, circle.member, project, "1", circle.facilitator, "co_worker")
    for stage in ("concerns", "priority", "consult", "plan", "lead"):
        for number in range(many):
            write(circle.member, project, stage, f"Words {number}", str(number % 3))
        put(circle.member, f"{project}/stages/{stage}/leave")
        put(circle.member, f"{project}/stages/{stage}/enter")
    share(circle.member, project, "consult", "lead")
    for path, most in (("", 7), ("/stages/concerns", 6), ("/stages/plan", 7), ("/stages/lead", 8), ("/rounds", 8)):
        statements.clear()
        assert circle.member.get(f"{project}{path}").status_code == 200
        assert len(statements) <= most, (path, len(statements), statements)
    statements.clear()
    circle.member.get(f"{circle.home}/projects")
    assert len(statements) == 4


def test_what_is_said_around_a_private_project_is_sealed_until_it_is_opened(
    circle: Any, said: Any, stored: Any
) -> None:
    project = begin(circle, circle.member)
    put(circle.member, f"{project}/stages/concerns/skip", reason="Quince reason")
    talk = {"who": "Quince who", "need": "agree", "said": "Quince said", "form_key": new_key()}
    put(circle.member, f"{project}/stages/consult/talks", **talk)
    plan = {"what": "Quince what", "how": "Quince how", "protection": "Quince care", "form_key": new_key()}
    put(circle.member, f"{project}/stages/plan/evidence-plan", **plan)
    put(circle.member, f"{project}/conclude", decision="keep", successor="Quince next", learned="Quince learned")

    def rows() -> str:
        tables = (Inquiry, InquiryStage, Consultation, EvidencePlan)
        return str([tuple(row) for table in tables for row in stored(select(table.__table__))])

    assert "Quince" not in rows()
    assert "Quince next" in said(circle.member.get(project))
    assert "Quince reason" in said(circle.member.get(f"{project}/stages/concerns"))
    put(circle.member, f"{project}/open")
    for words in ("Quince who", "Quince said", "Quince what", "Quince care", "Quince next", "Quince learned"):
        assert words in rows()
    assert "Quince who" in said(circle.member.get(f"{project}/stages/consult"))
    assert "Quince what" in said(circle.member.get(f"{project}/stages/plan"))


def test_what_was_sealed_under_another_key_is_said_to_be_and_never_written_over(
    circle: Any, said: Any, stored: Any, house: Any
) -> None:
    project = begin(circle, circle.member)
    write(circle.member, project, "concerns", SECRET)
    talk = {"who": "Ms Quince", "need": "agree", "said": "Yes", "form_key": new_key()}
    put(circle.member, f"{project}/stages/consult/talks", **talk)
    lost = Seal("another key, as long as it has to be").close("x")
    with house.database.write() as session:
        session.execute(update(Inquiry).values(title=lost, learned=lost))
        session.execute(update(InquiryNote).values(text=lost))
        session.execute(update(Consultation).values(who=lost))
    note, asked = stored(select(InquiryNote.id))[0][0], stored(select(Consultation.id))[0][0]
    for path in ("", "/open", "/stages/concerns", "/stages/consult", "/rounds"):
        assert "sealed with another key" in said(circle.member.get(project + path))
    assert "sealed with another key" in said(circle.member.get(f"{circle.home}/projects"))
    for path, form in (
        ("/edit", {"title": "New"}),
        (f"/notes/{note}", {"text": "New"}),
        (f"/talks/{asked}", talk),
        ("/end", {}),
    ):
        refused = circle.member.get(project + path)
        assert refused.status_code == 409
        assert "Nobody can open it." in said(refused)
        if form:
            put(circle.member, project + path, 409, **form)
    put(circle.member, f"{project}/open", 409)
    put(circle.member, f"{project}/stages/concerns/audience", 303, audience="named_people")
    put(circle.member, f"{project}/conclude", 409, decision="keep", learned="New")
    assert stored(select(Inquiry.title, Inquiry.learned, Inquiry.opened_at)) == [(lost, lost, None)]
    assert stored(select(InquiryNote.text)) == stored(select(Consultation.who)) == [(lost,)]
