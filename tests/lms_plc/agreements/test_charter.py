"""Is everything a charter says kept, also how it read before, and how a community began?"""

import json
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from lms_plc.agreements.models import CharterVersion
from lms_plc.communities.founding import found_twin, founded_by
from lms_plc.communities.models import Community, Founding
from lms_plc.core.ids import new_id

WORDS = {"charter": "We *listen*.", "rhythm": "Every second Wednesday", "photos": "We ask first.", "based_on": "0"}


def test_every_part_is_shown_and_earlier_words_stay_to_be_read(circle: Any, said: Any, events: Any) -> None:
    assert circle.member.post(f"{circle.home}/charter/edit", WORDS).status_code == 303
    later = {**WORDS, "rhythm": "Every Monday", "based_on": "1"}
    assert circle.facilitator.post(f"{circle.home}/charter/edit", later).status_code == 303
    page = said(circle.member.get(f"{circle.home}/charter"))
    for words in ("We listen.", "Every Monday", "We ask first.", "Person 1"):
        assert words in page
    assert "Every second Wednesday" not in page
    assert "Every Monday</textarea>" in circle.member.get(f"{circle.home}/charter/edit").text
    history = said(circle.member.get(f"{circle.home}/charter/history"))
    assert history.index("Every Monday") < history.index("Every second Wednesday")
    assert [event.facts for event in events("charter.written")] == [{"version": 1}, {"version": 2}]


def test_a_text_from_before_versions_were_kept_is_the_first_of_them(
    circle: Any, house: Any, said: Any, clock: Any
) -> None:
    old = {"charter": "As ever.", "charter_html": "<p>As ever.</p>", "charter_renderer": 1, "charter_version": 4}
    with house.database.write() as session:
        session.execute(update(Community).values(**old, charter_changed_at=clock()))
    assert "As ever." in said(circle.member.get(f"{circle.home}/charter"))
    clock.move(hours=1)
    assert circle.member.post(f"{circle.home}/charter/edit", {**WORDS, "based_on": "4"}).status_code == 303
    assert "As ever." in said(circle.member.get(f"{circle.home}/charter/history"))


def test_three_write_by_consent_and_on_an_old_version_nothing_is_overwritten(
    circle: Any, said: Any, stored: Any
) -> None:
    third = circle.joined("3")
    form = {**WORDS, "form_key": "f" * 24}
    assert third.post(f"{circle.home}/charter/edit", form).status_code == 422  # what changes, and why?
    rounds = []
    for key in ("f" * 24, "g" * 24):
        answer = third.post(f"{circle.home}/charter/edit", {**form, "text": "A first wording", "form_key": key})
        rounds.append(urlsplit(answer.location).path.partition("/rounds/")[2])
    assert stored(select(CharterVersion.id)) == []
    assert "Every second Wednesday" in said(circle.member.get(f"/rounds/{rounds[0]}"))
    for one in rounds:
        for who in (third, circle.member):
            who.post(f"/rounds/{one}/answer", {"stand": "yes_with_worry", "text": "Is it enough?"})
    assert third.post(f"/rounds/{rounds[0]}/adopt").status_code == 303
    late = third.post(f"/rounds/{rounds[1]}/adopt")
    assert late.status_code == 409
    assert "Please propose the new words once more" in said(late)
    assert [row.version for row in stored(select(CharterVersion.version))] == [1]
    assert "Is it enough?" in said(circle.facilitator.get(f"{circle.home}/charter"))
    assert third.post(f"{circle.home}/charter/edit", {**form, "text": "Again"}).status_code == 409


def test_a_twin_begins_with_all_of_it(circle: Any, house: Any, stored: Any, clock: Any) -> None:
    from lms_plc.sites.models import Course

    circle.member.post(f"{circle.home}/charter/edit", WORDS)
    circle.member.post(f"{circle.home}/propose", {"kind": "norm", "text": "We listen", "form_key": "k" * 24})
    with house.database.write() as session:
        course = new_id()
        session.add(Course(id=course, site_id=circle.site_id, lms_id="copy", title="Copy", created_at=clock()))
        session.flush()
        twin = found_twin(
            session,
            original_id=circle.id,
            with_charter=True,
            course_id=course,
            site_id=circle.site_id,
            name="Copy",
            at=clock(),
            via="launch",
        )
    rows = stored(select(CharterVersion.rhythm, CharterVersion.written_by).where(CharterVersion.community_id == twin))
    assert rows == [("Every second Wednesday", None)]


class TestTheFounding:
    def test_it_is_asked_when_a_community_is_opened(
        self, circle: Any, visitor: Any, house: Any, stored: Any, said: Any
    ) -> None:
        from lms_plc.communities.forms import FoundedBy

        newcomer = visitor()
        found = newcomer.launch("40", course="12", roles=circle_roles()).location
        assert "How does it begin?" in said(newcomer.get(found))
        assert newcomer.post(found, {"name": "N", "founded_by": "by chance"}).status_code == 422
        form = {"name": "Ours", "founded_by": "own_need", "by_whom": "Three of us", "first_purpose": "To read."}
        home = newcomer.post(found, form).location
        page = said(newcomer.get(f"{home}/charter"))
        for words in ("From our own need", "Three of us", "To read."):
            assert words in page
        assert "How did this community begin?" not in said(newcomer.get(home))
        with house.database.read() as connection:
            assert founded_by(connection, circle.site_id) == {None: 1, FoundedBy.OWN_NEED.value: 1}

    def test_it_can_be_said_later_and_the_list_of_communities_tells_it(
        self, circle: Any, stored: Any, said: Any, events: Any, installed: Any, typed: Any
    ) -> None:
        assert "How did this community begin?" in said(circle.member.get(circle.home))
        form = {"founded_by": "mandate", "by_whom": "The school", "founded_on": "2024-09-01"}
        for more in ({}, {"first_purpose": "Better lessons"}):
            assert circle.member.post(f"{circle.home}/founding", {**form, **more}).status_code == 303
        assert circle.member.post(f"{circle.home}/founding", {"founded_on": "soon"}).status_code == 422
        assert len(stored(select(Founding.community_id))) == 1
        assert [event.facts for event in events("founding.recorded")] == [{"founded_by": "mandate"}] * 2
        assert 'value="2024-09-01"' in circle.member.get(f"{circle.home}/founding").text
        assert "Better lessons" in said(circle.facilitator.get(f"{circle.home}/charter"))
        rows = json.loads(typed("communities", "list", "--json").out)
        assert rows[0]["founded_by"] == "mandate"
        assert "mandate" in typed("communities", "list").out


def circle_roles() -> list[str]:
    return ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]
